//! What automations did, tell, and would have done.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Timestamp;
use crate::model::communication::{CommunicationState, DispatchReport, ReconcileReport};
use crate::model::privacy::RetentionReport;
use crate::progress::CancelToken;

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// It has steps to do, now or later.
    Waiting,
    /// All steps were done.
    Finished,
    /// Something ended it early; `reason` says what.
    Stopped,
    /// It did not start, or could not go on; `reason` says why.
    Refused,
    /// A step had an error; `reason` is its code.
    Failed,
}

impl RunState {
    /// The word for it in data.
    pub fn as_str(self) -> &'static str {
        match self {
            RunState::Waiting => "waiting",
            RunState::Finished => "finished",
            RunState::Stopped => "stopped",
            RunState::Refused => "refused",
            RunState::Failed => "failed",
        }
    }
}

/// One lead's way through an automation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AutomationRun {
    /// Its number.
    pub id: i64,
    /// The automation.
    pub automation: String,
    /// The version that it goes by.
    pub version: u32,
    /// The lead.
    pub lead: i64,
    /// What set it off.
    pub event: TriggerEvent,
    /// Tells what set it off from all else: an automation starts once for it.
    pub key: String,
    /// Where it stands.
    pub state: RunState,
    /// The place of its next step, among all of the automation's, those of branches included.
    pub step: u32,
    /// When that is done; none when nothing is left.
    pub due_at: Option<Timestamp>,
    /// Whether it goes on at once when the lead writes or calls.
    pub awaits: bool,
    /// When it started; of one that waits for its time (an answer that does not come, a date, a schedule) until
    /// then: when it was entered.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Why it did not start, or ended: `replied`, `opted_out`, `status`, `lead_gone`, `too_late`,
    /// `condition`, `running`, `again`, `limit`, `loop`, `stop`, `cancelled`, a code of consent, or an error's.
    pub reason: Option<String>,
    /// What it did so far.
    pub log: Vec<RunStep>,
}

/// What set a run off.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TriggerEvent {
    /// The trigger's word.
    pub on: String,
    /// When it happened.
    pub at: Timestamp,
    /// The commit, of a change.
    pub rev: Option<i64>,
    /// The message.
    pub communication: Option<i64>,
    /// How many automations set each other off before this one.
    pub depth: u32,
}

/// One step that a run did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RunStep {
    /// When.
    pub at: Timestamp,
    /// Its place; see [`AutomationRun::step`].
    pub step: u32,
    /// The step's word.
    pub did: String,
    /// What came of it: `done`, `unchanged`, `then`, `else`, or a code.
    pub result: String,
    /// The message or entry that it made.
    pub communication: Option<i64>,
    /// The commit that it made.
    pub rev: Option<i64>,
}

/// Which runs are listed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RunListOptions {
    /// Only of this automation.
    pub automation: Option<String>,
    /// Only of this lead.
    pub lead: Option<i64>,
    /// Only in this state.
    pub state: Option<RunState>,
    /// Runs of a page; 0 takes 100.
    pub limit: u64,
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// Something that an automation tells the host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HostEvent {
    /// Its number: whoever acknowledges it acknowledges those before it.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// What it is called.
    pub event: String,
    /// What goes with it.
    pub data: BTreeMap<String, Value>,
    /// The automation.
    pub automation: String,
    /// The run.
    pub run: i64,
    /// The lead.
    pub lead: i64,
}

/// Which events are read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct EventListOptions {
    /// Only those behind this number.
    pub after: i64,
    /// How many at most; 0 takes 100.
    pub limit: u64,
}

/// Something that happened to a message, for automations to look at, as a store keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Signal {
    /// Its number.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// The message.
    pub communication: i64,
    /// Where the message stood then.
    pub state: CommunicationState,
}

/// How an automation is tried on what was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RehearseOptions {
    /// From this instant on; 30 days ago when none is given.
    pub since: Option<Timestamp>,
    /// Before this instant; now when none is given.
    pub until: Option<Timestamp>,
    /// Runs that are shown; 10 when 0, 100 at most.
    pub sample: u64,
}

/// What an automation would have done.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Rehearsal {
    /// From when on.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// How often it would have been set off.
    pub events: u64,
    /// How often it would have started.
    pub runs: u64,
    /// Why it would not have started, by reason.
    pub refused: BTreeMap<String, u64>,
    /// What it would have done, by the step's word.
    pub steps: BTreeMap<String, u64>,
    /// How runs would have ended, by reason; those still under way then are `waiting`.
    pub ended: BTreeMap<String, u64>,
    /// Some of the runs; nothing was entered, so they have neither number, automation, version nor key.
    pub sample: Vec<AutomationRun>,
}

/// Whether runs under way go over to a version that is saved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct SaveAutomationOptions {
    /// Whether they go over, at the place where they stand; they end by their own version otherwise.
    pub migrate: bool,
}

/// What is done at once.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct TickOptions {
    /// Runs that are started and taken further, at most, each; 0: all that are due.
    pub limit: u64,
    /// Asks to stop between transactions.
    #[serde(skip)]
    pub cancel: CancelToken,
}

/// What was due, and what was done of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TickReport {
    /// Whether automations are switched on; if not, none was looked at.
    pub automations: bool,
    /// Runs that started.
    pub started: u64,
    /// Runs that did not start, by reason.
    pub refused: BTreeMap<String, u64>,
    /// Steps that were done.
    pub steps: u64,
    /// Messages that were queued by them.
    pub queued: u64,
    /// Runs that came to their end.
    pub finished: u64,
    /// Runs that were ended early, by reason.
    pub stopped: BTreeMap<String, u64>,
    /// Events that wait for the host in `automations.events`.
    pub events: u64,
    /// What became of the outbox; none without a transport, while sending is off, and when nothing was due.
    pub dispatch: Option<DispatchReport>,
    /// What was found out about messages; none without a transport, while sending is off, and when nothing was due.
    pub reconcile: Option<ReconcileReport>,
    /// What was erased by the rules of the settings, where that was due: once a day.
    pub retention: Option<RetentionReport>,
    /// When to call again; none when nothing waits for a time. Whatever changes the data may bring it
    /// forward.
    pub next_at: Option<Timestamp>,
}
