//! What a store does for what happens by itself: automations, schedules, runs, and what they look at.

use crate::clock::Timestamp;
use crate::error::Result;
use crate::model::automation::{
    AutomationRun, AutomationState, AutomationVersion, HostEvent, NamedSchedule, RunState, Signal,
};

/// Which runs are read; all that is given must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunQuery {
    /// Only of this automation.
    pub automation: Option<String>,
    /// Only of this lead.
    pub lead: Option<i64>,
    /// Only in this state.
    pub state: Option<RunState>,
    /// Only those before this id.
    pub before: Option<i64>,
    /// How many at most.
    pub limit: u64,
}

impl RunQuery {
    /// Whether a run is meant.
    pub fn finds(&self, run: &AutomationRun) -> bool {
        self.automation.as_ref().is_none_or(|name| run.automation == *name)
            && self.lead.is_none_or(|lead| run.lead == lead)
            && self.state.is_none_or(|state| run.state == state)
            && self.before.is_none_or(|before| run.id < before)
    }
}

/// Reading what happens by itself, inside one transaction.
pub trait ReadAutomations {
    /// All versions of an automation, or of all, by name and version.
    ///
    /// # Errors
    /// Those of the store.
    fn automations(&self, name: Option<&str>) -> Result<Vec<AutomationVersion>>;

    /// Where all automations stand, by name.
    ///
    /// # Errors
    /// Those of the store.
    fn automation_states(&self) -> Result<Vec<AutomationState>>;

    /// All schedules, by name.
    ///
    /// # Errors
    /// Those of the store.
    fn schedules(&self) -> Result<Vec<NamedSchedule>>;

    /// Runs, the newest first.
    ///
    /// # Errors
    /// Those of the store.
    fn runs(&self, query: &RunQuery) -> Result<Vec<AutomationRun>>;

    /// How many runs a query finds, whatever its limit.
    ///
    /// # Errors
    /// Those of the store.
    fn count_runs(&self, query: &RunQuery) -> Result<u64>;

    /// Runs whose time has come, by their time and id.
    ///
    /// # Errors
    /// Those of the store.
    fn due_runs(&self, until: Timestamp, limit: u64) -> Result<Vec<AutomationRun>>;

    /// The earliest time of any run.
    ///
    /// # Errors
    /// Those of the store.
    fn next_run(&self) -> Result<Option<Timestamp>>;

    /// Whether an automation has a run of a key.
    ///
    /// # Errors
    /// Those of the store.
    fn has_run(&self, automation: &str, key: &str) -> Result<bool>;

    /// Signals that wait, in order.
    ///
    /// # Errors
    /// Those of the store.
    fn signals(&self, limit: u64) -> Result<Vec<Signal>>;

    /// Events for the host behind a number, in order.
    ///
    /// # Errors
    /// Those of the store.
    fn host_events(&self, after: i64, limit: u64) -> Result<Vec<HostEvent>>;

    /// How many events wait for the host.
    ///
    /// # Errors
    /// Those of the store.
    fn count_host_events(&self) -> Result<u64>;
}

/// Writing what happens by itself, inside one transaction.
pub trait WriteAutomations {
    /// Stores a version of an automation, in the place of the same version.
    ///
    /// # Errors
    /// Those of the store.
    fn put_automation(&self, automation: &AutomationVersion) -> Result<()>;

    /// Stores where an automation stands.
    ///
    /// # Errors
    /// Those of the store.
    fn put_automation_state(&self, state: &AutomationState) -> Result<()>;

    /// Stores a schedule, in the place of the one of its name.
    ///
    /// # Errors
    /// Those of the store.
    fn put_schedule(&self, schedule: &NamedSchedule) -> Result<()>;

    /// Enters runs and gives the first one's id; the ids that they carry are passed over.
    ///
    /// # Errors
    /// Those of the store; `conflict` when the automation has a run of the same key.
    fn add_runs(&self, runs: &[AutomationRun]) -> Result<i64>;

    /// Stores new states of runs; keys, automations and leads stay what they were.
    ///
    /// # Errors
    /// Those of the store.
    fn put_runs(&self, runs: &[AutomationRun]) -> Result<()>;

    /// Keeps signals, by the ids that they carry.
    ///
    /// # Errors
    /// Those of the store.
    fn add_signals(&self, signals: &[Signal]) -> Result<()>;

    /// Removes signals up to an id.
    ///
    /// # Errors
    /// Those of the store.
    fn drop_signals(&self, up_to: i64) -> Result<()>;

    /// Keeps events for the host, by the ids that they carry.
    ///
    /// # Errors
    /// Those of the store.
    fn add_host_events(&self, events: &[HostEvent]) -> Result<()>;

    /// Removes events for the host up to an id and gives their number.
    ///
    /// # Errors
    /// Those of the store.
    fn drop_host_events(&self, up_to: i64) -> Result<u64>;
}
