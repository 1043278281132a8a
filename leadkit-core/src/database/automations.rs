//! The rooms of automations and schedules, and the tick that lets them happen.

use super::Database;
use crate::automation;
use crate::error::Result;
use crate::ledger::Session;
use crate::model::automation::{
    Automation, AutomationRun, AutomationSpec, EventListOptions, HostEvent, NamedSchedule, Rehearsal,
    RehearseOptions, RunListOptions, SaveAutomationOptions, TickOptions, TickReport,
};
use crate::model::report::Page;
use crate::model::schedule::Schedule;
use crate::transport::Transport;

/// What happens by itself: saved as data, set off by events and times, with a record of every run.
#[derive(Clone, Copy)]
pub struct Automations<'a> {
    pub(super) session: &'a Session,
}

impl Automations<'_> {
    /// Saves an automation under a name, as the name's next version. A new one does nothing until it is
    /// enabled; runs under way end by the version that they began with, unless `migrate` says otherwise.
    ///
    /// # Errors
    /// `invalid_argument`, `invalid_filter`, `unknown_field`, `invalid_value`, `not_found` for what is wrong
    /// with it: the error's `field` names the place, such as `steps[2].for`; `access_denied` for a view.
    ///
    /// ```
    /// use leadkit_core::model::automation::TickOptions;
    /// use leadkit_core::model::read::from_json;
    /// use serde_json::json;
    /// let db = leadkit_core::open(":memory:")?;
    /// let spec = from_json(json!({
    ///     "trigger": {"on": "lead_created"},
    ///     "condition": {"lead": {"country": "DE"}},
    ///     "steps": [{"do": "assign", "owners": ["mia"]}, {"do": "task", "subject": "Say hello"}],
    /// }))?;
    /// let saved = db.automations().save("welcome", &spec, Default::default())?;
    /// assert_eq!((saved.version, saved.enabled), (1, false));
    /// db.automations().enable("welcome")?;
    ///
    /// let ada = db.leads().add([("email", "ada@lovelace.org"), ("country", "DE")])?;
    /// let report = db.tick(None, &TickOptions::default())?;
    /// assert_eq!((report.started, report.finished), (1, 1));
    /// assert_eq!(db.leads().get(ada.id)?.unwrap().owner.as_deref(), Some("mia"));
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn save(
        &self,
        name: &str,
        spec: &AutomationSpec,
        options: SaveAutomationOptions,
    ) -> Result<Automation> {
        automation::save_with(self.session, name, spec, options)
    }

    /// The last version of an automation; none when there is no such.
    ///
    /// # Errors
    /// `access_denied` for a view; those of the store.
    pub fn get(&self, name: &str) -> Result<Option<Automation>> {
        automation::get(self.session, name)
    }

    /// All automations by name, each by its last version: what it does, the next of its times, and how many
    /// runs are under way. As data they can be kept in files and saved elsewhere.
    ///
    /// # Errors
    /// `access_denied` for a view; those of the store.
    pub fn list(&self) -> Result<Vec<Automation>> {
        automation::list(self.session)
    }

    /// Lets an automation be set off, by what happens from now on.
    ///
    /// # Errors
    /// `not_found`; as [`Automations::save`] where what it names is gone by now; `access_denied` for a view.
    pub fn enable(&self, name: &str) -> Result<Automation> {
        automation::enable(self.session, name, true)
    }

    /// Lets an automation be set off no more; runs under way go on, and [`Automations::cancel`] ends them.
    ///
    /// # Errors
    /// `not_found`; `access_denied` for a view.
    pub fn disable(&self, name: &str) -> Result<Automation> {
        automation::enable(self.session, name, false)
    }

    /// Runs, the newest first: what set each off, every step with what came of it, why it ended or did not
    /// start.
    ///
    /// # Errors
    /// `invalid_argument` for a cursor that no page gave; `access_denied` for a view.
    pub fn runs(&self, options: &RunListOptions) -> Result<Page<AutomationRun>> {
        automation::runs(self.session, options)
    }

    /// Ends runs under way of an automation, all or those of one lead, and gives their number. What they did
    /// stays; messages that wait are taken back by `comms.cancel`.
    ///
    /// # Errors
    /// `not_found`; `access_denied` for a view.
    pub fn cancel(&self, name: &str, lead: Option<i64>) -> Result<u64> {
        automation::cancel(self.session, name, lead)
    }

    /// What an automation would have done with what was: how often it would have started, for whom, and how it
    /// would have ended. Nothing is changed, and it need not be saved. Leads, messages and consent are taken as
    /// they were then; replies are those that came.
    ///
    /// # Errors
    /// As [`Automations::save`].
    ///
    /// ```
    /// use leadkit_core::model::read::from_json;
    /// use serde_json::json;
    /// let db = leadkit_core::open(":memory:")?;
    /// db.leads().add([("email", "ada@lovelace.org")])?;
    /// let spec = from_json(json!({
    ///     "trigger": {"on": "lead_created"}, "steps": [{"do": "task", "subject": "Say hello"}],
    /// }))?;
    /// let until = leadkit_core::Timestamp(db.leads().get(1)?.unwrap().created_at.0 + 1);
    /// let options = leadkit_core::model::automation::RehearseOptions { until: Some(until), ..Default::default() };
    /// let rehearsal = db.automations().rehearse(&spec, &options)?;
    /// assert_eq!((rehearsal.runs, rehearsal.steps["task"]), (1, 1));
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn rehearse(&self, spec: &AutomationSpec, options: &RehearseOptions) -> Result<Rehearsal> {
        automation::rehearse(self.session, spec, options)
    }

    /// The last version of an automation as a picture: an SVG document, for a page or a file of its own.
    ///
    /// # Errors
    /// `not_found`; `access_denied` for a view.
    pub fn picture(&self, name: &str) -> Result<String> {
        automation::picture(self.session, name)
    }

    /// What automations tell the host, in order: it deals with them and acknowledges the last. One that the
    /// host died over is there again.
    ///
    /// # Errors
    /// `access_denied` for a view; those of the store.
    pub fn events(&self, options: &EventListOptions) -> Result<Vec<HostEvent>> {
        automation::events(self.session, options)
    }

    /// Removes events that the host has dealt with, up to a number, and gives how many they were.
    ///
    /// # Errors
    /// `access_denied` for a view; those of the store.
    pub fn acknowledge(&self, up_to: i64) -> Result<u64> {
        automation::acknowledge(self.session, up_to)
    }
}

/// Schedules with names, which automations keep to.
#[derive(Clone, Copy)]
pub struct Schedules<'a> {
    pub(super) session: &'a Session,
}

impl Schedules<'_> {
    /// Saves a schedule under a name, in the place of the one before: automations keep to its times from now
    /// on.
    ///
    /// # Errors
    /// `invalid_argument` for a name that is none and a schedule that has no times; `access_denied` for a
    /// view.
    ///
    /// ```
    /// use leadkit_core::model::read::from_json;
    /// use serde_json::json;
    /// let db = leadkit_core::open(":memory:")?;
    /// let weekly = from_json(json!({
    ///     "zone": "Europe/Berlin", "start": "2026-01-05T09:00", "rrule": "FREQ=WEEKLY;BYDAY=MO",
    /// }))?;
    /// let saved = db.schedules().save("mondays", &weekly)?;
    /// assert!(saved.enabled && saved.next_at.is_some());
    /// assert_eq!(db.schedules().pause("mondays")?.next_at, None);
    /// # Ok::<(), leadkit_core::Error>(())
    /// ```
    pub fn save(&self, name: &str, schedule: &Schedule) -> Result<NamedSchedule> {
        automation::save_schedule(self.session, name, schedule)
    }

    /// The schedule of a name; none when there is no such.
    ///
    /// # Errors
    /// `access_denied` for a view; those of the store.
    pub fn get(&self, name: &str) -> Result<Option<NamedSchedule>> {
        automation::get_schedule(self.session, name)
    }

    /// All schedules by name, with their next times and the automations that keep to them.
    ///
    /// # Errors
    /// `access_denied` for a view; those of the store.
    pub fn list(&self) -> Result<Vec<NamedSchedule>> {
        automation::list_schedules(self.session)
    }

    /// Lets a schedule set nothing off; what it misses is not made up for.
    ///
    /// # Errors
    /// `not_found`; `access_denied` for a view.
    pub fn pause(&self, name: &str) -> Result<NamedSchedule> {
        automation::turn_schedule(self.session, name, false)
    }

    /// Lets a schedule go on.
    ///
    /// # Errors
    /// `not_found`; `access_denied` for a view.
    pub fn resume(&self, name: &str) -> Result<NamedSchedule> {
        automation::turn_schedule(self.session, name, true)
    }
}

impl Database {
    /// What happens by itself.
    pub fn automations(&self) -> Automations<'_> {
        Automations { session: &self.0 }
    }

    /// Schedules with names.
    pub fn schedules(&self) -> Schedules<'_> {
        Schedules { session: &self.0 }
    }

    /// Does all that is due by now: automations and schedules; with a transport, and while sending is on, the
    /// outbox and what is to be found out about messages; once a day the rules of retention, which are only
    /// looked at the first time after they were changed. Says what it did, and in `next_at` when to call it
    /// next.
    ///
    /// Nothing happens between its calls. Several processes may call it at once: each step is done by one of
    /// them.
    ///
    /// # Errors
    /// `access_denied` for a view; `conflict` for a transport of another account; `cancelled`; those of the
    /// store. What was done before stays done, and the next call goes on.
    pub fn tick(&self, transport: Option<&dyn Transport>, options: &TickOptions) -> Result<TickReport> {
        automation::tick(&self.0, transport, options)
    }
}
