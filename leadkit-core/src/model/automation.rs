//! What happens by itself: triggers, conditions and steps as data, and the runs that came of them.
//!
//! The names are single words on purpose: an automation is one and the same JSON in all languages.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::communication::{CommunicationState, DispatchReport, ReconcileReport};
use super::consent::{Channel, Purpose};
use super::filter::Filter;
use super::history::ContactChannel;
use super::privacy::RetentionReport;
use super::schedule::{BusinessCalendar, Occurrence, Schedule};
use super::transport::Direction;
use crate::clock::Timestamp;
use crate::progress::CancelToken;

/// What happens by itself: when something happened to a lead, for leads that pass, in steps.
///
/// ```
/// use leadkit_core::model::automation::AutomationSpec;
/// use leadkit_core::model::read::from_json;
/// let spec: AutomationSpec = from_json(serde_json::json!({
///     "trigger": {"on": "lead_created"},
///     "condition": {"lead": {"country": "DE"}},
///     "steps": [
///         {"do": "sms", "template": "welcome"},
///         {"do": "await_reply", "for": "3d"},
///         {"do": "if", "condition": {"replied": false}, "then": [{"do": "task", "subject": "Call them"}]},
///     ],
/// }))?;
/// assert_eq!(spec.steps.len(), 3);
/// # Ok::<(), leadkit_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AutomationSpec {
    /// What sets it off.
    pub trigger: Trigger,
    /// Which leads it is for, looked at when it is set off.
    #[serde(default)]
    pub condition: Condition,
    /// What is done, one after the other.
    pub steps: Vec<Step>,
    /// What ends it early; looked at before each step.
    #[serde(default)]
    pub stop: StopWhen,
    /// When it starts once more for the same lead: `never`, or so long after the last start (`30d`); none:
    /// each time that it is set off. While one is under way for a lead, no second one starts.
    #[serde(default)]
    pub again: Option<String>,
    /// By how much it may start late, as after a downtime; a day when none is given. What was set off earlier
    /// is noted as `too_late`.
    #[serde(default)]
    pub late: Option<String>,
    /// How many start within a span of time, at most; what is more is noted as `limit`.
    #[serde(default)]
    pub limit: Option<RunLimit>,
    /// What it is good for, for people.
    #[serde(default)]
    pub description: Option<String>,
}

impl AutomationSpec {
    /// One that something sets off, and that does nothing yet.
    ///
    /// ```
    /// use leadkit_core::Filter;
    /// use leadkit_core::model::automation::{AutomationSpec, Condition, Step, Trigger};
    /// let silent = Condition { replied: Some(false), ..Condition::default() };
    /// let spec = AutomationSpec::on(Trigger::LeadCreated {})
    ///     .for_leads(Filter::field("country").eq("DE"))
    ///     .step(Step::sms("welcome"))
    ///     .step(Step::await_reply("3d"))
    ///     .step(Step::when(silent, [Step::task("Call them")], []));
    /// assert_eq!(spec.steps.len(), 3);
    /// ```
    #[must_use]
    pub fn on(trigger: Trigger) -> AutomationSpec {
        AutomationSpec {
            trigger,
            condition: Condition::default(),
            steps: Vec::new(),
            stop: StopWhen::default(),
            again: None,
            late: None,
            limit: None,
            description: None,
        }
    }

    /// Only for leads that pass a filter.
    #[must_use]
    pub fn for_leads(mut self, filter: Filter) -> AutomationSpec {
        self.condition.lead = Some(filter);
        self
    }

    /// And then this.
    #[must_use]
    pub fn step(mut self, step: Step) -> AutomationSpec {
        self.steps.push(step);
        self
    }
}

/// What sets an automation off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "on", rename_all = "snake_case", deny_unknown_fields)]
pub enum Trigger {
    /// A lead was added, by itself.
    LeadCreated {},
    /// A lead came in by an import that asked for automations.
    LeadImported {},
    /// A field came to hold something else. Imports, bulk operations and undos count only where they ask
    /// for automations; so for all changes of leads.
    FieldChanged {
        /// Any of these fields.
        fields: Vec<String>,
    },
    /// The status changed.
    StatusChanged {
        /// From any of these; none: from any.
        #[serde(default)]
        from: Vec<String>,
        /// To any of these; none: to any.
        #[serde(default)]
        to: Vec<String>,
    },
    /// The owner changed.
    Assigned {
        /// To any of these; none: to anybody.
        #[serde(default)]
        to: Vec<String>,
    },
    /// A message came in from the lead.
    MessageReceived {
        /// With any of these words or phrases, as `comms.search` reads them; none: whatever it says.
        #[serde(default)]
        words: Vec<String>,
        /// Meant as any of these, as `classify_reply` reads it: `yes`, `help`, `opt_out`, `opt_in`,
        /// `maybe_opt_out`, `wrong_number`, `other`; none: whatever it means.
        #[serde(default)]
        intents: Vec<String>,
    },
    /// A message to the lead was delivered.
    Delivered {
        /// Only those of this template.
        #[serde(default)]
        template: Option<String>,
        /// Only those of this campaign.
        #[serde(default)]
        campaign: Option<String>,
    },
    /// A message to the lead failed or was refused.
    Failed {
        /// Only those of this template.
        #[serde(default)]
        template: Option<String>,
        /// Only those of this campaign.
        #[serde(default)]
        campaign: Option<String>,
    },
    /// A message to the lead went out, and nothing came back for so long.
    NotAnswered {
        /// How long, such as `3d`.
        after: String,
        /// Only those of this template.
        #[serde(default)]
        template: Option<String>,
        /// Only those of this campaign.
        #[serde(default)]
        campaign: Option<String>,
    },
    /// A date of the lead's is reached.
    DateReached {
        /// A custom field that holds dates, such as `custom.renewal`.
        field: String,
        /// So many days after it; negative: before it.
        #[serde(default)]
        days: i32,
        /// At this time of day, such as `09:00`.
        time: String,
        /// By whose clock: an IANA name, or `recipient` or `owner`.
        zone: String,
    },
    /// A time of a schedule's has come: for each lead that passes.
    Schedule {
        /// The schedule, or the name of one of `db.schedules`.
        schedule: ScheduleRef,
    },
}

impl Trigger {
    /// The word for it in data.
    pub fn as_str(&self) -> &'static str {
        match self {
            Trigger::LeadCreated {} => "lead_created",
            Trigger::LeadImported {} => "lead_imported",
            Trigger::FieldChanged { .. } => "field_changed",
            Trigger::StatusChanged { .. } => "status_changed",
            Trigger::Assigned { .. } => "assigned",
            Trigger::MessageReceived { .. } => "message_received",
            Trigger::Delivered { .. } => "delivered",
            Trigger::Failed { .. } => "failed",
            Trigger::NotAnswered { .. } => "not_answered",
            Trigger::DateReached { .. } => "date_reached",
            Trigger::Schedule { .. } => "schedule",
        }
    }
}

/// A schedule, or the name of a stored one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum ScheduleRef {
    /// The name of one of `db.schedules`.
    Name(String),
    /// The schedule itself.
    Inline(Box<Schedule>),
}

/// What must hold; all that is given.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Condition {
    /// The lead passes a filter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead: Option<Filter>,
    /// The lead wrote or called since the run began, or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replied: Option<bool>,
    /// There was a contact, or none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactCondition>,
    /// The lead may be contacted, or not, as consent stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent: Option<ConsentCondition>,
}

/// Whether there was a contact with the lead.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ContactCondition {
    /// With `true` that there was none.
    pub none: bool,
    /// By this channel.
    pub channel: Option<ContactChannel>,
    /// Which way.
    pub direction: Option<Direction>,
    /// In any of these states.
    pub states: Vec<CommunicationState>,
    /// Of this template.
    pub template: Option<String>,
    /// Of this campaign.
    pub campaign: Option<String>,
    /// With these words, as `comms.search` reads them.
    pub words: Option<String>,
    /// Within this time before now, such as `30d`.
    pub within: Option<String>,
}

/// Whether a lead may be contacted, as `consent.status` answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ConsentCondition {
    /// By this channel; texts when none is given.
    pub channel: Option<Channel>,
    /// For this purpose; marketing when none is given.
    pub purpose: Option<Purpose>,
    /// Whether it is allowed that must hold, or (`false`) that it is not; allowed when none is given.
    pub allowed: Option<bool>,
}

/// One step of an automation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// Queues a text message. What forbids it now (consent, the number, the law) ends the run as
    /// `refused`; the hour is kept by the outbox.
    Sms {
        /// The template; either it or a `body`.
        #[serde(default)]
        template: Option<String>,
        /// The text as it is.
        #[serde(default)]
        body: Option<String>,
        /// Values for the template's `vars.*`.
        #[serde(default)]
        vars: BTreeMap<String, Value>,
        /// What it is for; marketing when none is given.
        #[serde(default)]
        purpose: Option<Purpose>,
        /// From which number or messaging service.
        #[serde(default)]
        sender: Option<String>,
        /// The campaign; the automation's name when none is given.
        #[serde(default)]
        campaign: Option<String>,
        /// Which of several texts it is, where they are compared.
        #[serde(default)]
        variant: Option<String>,
    },
    /// Sets fields of the lead; a `null` clears.
    Set {
        /// Values by field.
        values: BTreeMap<String, Value>,
    },
    /// Gives the lead to an owner; of several to the next in turn.
    Assign {
        /// Who.
        owners: Vec<String>,
    },
    /// Adds and removes tags.
    Tag {
        /// To add.
        #[serde(default)]
        add: Vec<String>,
        /// To remove.
        #[serde(default)]
        remove: Vec<String>,
    },
    /// Moves the lead to another status, if the list of statuses allows it.
    Status {
        /// Which.
        to: String,
    },
    /// Enters a task into the lead's history, for its owner.
    Task {
        /// What is to be done.
        subject: String,
        /// More about it.
        #[serde(default)]
        body: String,
    },
    /// Tells the host: an entry of `automations.events`, which it reads and acknowledges.
    Host {
        /// What it is called.
        event: String,
        /// What goes with it.
        #[serde(default)]
        data: BTreeMap<String, Value>,
    },
    /// Waits.
    Wait {
        /// How long: `30m`, `2h`, `3d`, `1w`; a day is 24 hours.
        #[serde(rename = "for")]
        time: String,
        /// And then until this time of day, such as `09:00`.
        #[serde(default)]
        at: Option<String>,
        /// By whose clock that is: an IANA name, `recipient` (when none is given) or `owner`.
        #[serde(default)]
        zone: Option<String>,
        /// On a day, and within the hours, of business.
        #[serde(default)]
        calendar: Option<BusinessCalendar>,
    },
    /// Waits for the lead to write or call, so long at most.
    AwaitReply {
        /// How long: `3d`.
        #[serde(rename = "for")]
        time: String,
    },
    /// Goes one way or the other.
    If {
        /// What decides.
        condition: Condition,
        /// What is done when it holds.
        then: Vec<Step>,
        /// What is done when it does not.
        #[serde(default, rename = "else")]
        otherwise: Vec<Step>,
    },
    /// Ends the run.
    Stop {},
}

impl Step {
    /// Queues a text message made of a template.
    pub fn sms(template: impl Into<String>) -> Step {
        Step::Sms {
            template: Some(template.into()),
            body: None,
            vars: BTreeMap::new(),
            purpose: None,
            sender: None,
            campaign: None,
            variant: None,
        }
    }

    /// Sets a field of the lead.
    pub fn set(field: impl Into<String>, value: impl Into<Value>) -> Step {
        Step::Set { values: BTreeMap::from([(field.into(), value.into())]) }
    }

    /// Enters a task.
    pub fn task(subject: impl Into<String>) -> Step {
        Step::Task { subject: subject.into(), body: String::new() }
    }

    /// Waits so long, such as `2d`.
    pub fn wait(time: impl Into<String>) -> Step {
        Step::Wait { time: time.into(), at: None, zone: None, calendar: None }
    }

    /// Waits for an answer, so long at most.
    pub fn await_reply(time: impl Into<String>) -> Step {
        Step::AwaitReply { time: time.into() }
    }

    /// Goes one way or the other.
    pub fn when(
        condition: Condition,
        then: impl IntoIterator<Item = Step>,
        otherwise: impl IntoIterator<Item = Step>,
    ) -> Step {
        Step::If { condition, then: then.into_iter().collect(), otherwise: otherwise.into_iter().collect() }
    }

    /// The word for it in data.
    pub fn as_str(&self) -> &'static str {
        match self {
            Step::Sms { .. } => "sms",
            Step::Set { .. } => "set",
            Step::Assign { .. } => "assign",
            Step::Tag { .. } => "tag",
            Step::Status { .. } => "status",
            Step::Task { .. } => "task",
            Step::Host { .. } => "host",
            Step::Wait { .. } => "wait",
            Step::AwaitReply { .. } => "await_reply",
            Step::If { .. } => "if",
            Step::Stop {} => "stop",
        }
    }
}

/// What ends a run early.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct StopWhen {
    /// The lead wrote or called; `false` when none is given.
    pub reply: bool,
    /// The lead wants no texts any more; `true` when none is given.
    pub optout: bool,
    /// The lead came to any of these statuses.
    pub status: Vec<String>,
}

impl Default for StopWhen {
    fn default() -> Self {
        StopWhen { reply: false, optout: true, status: Vec::new() }
    }
}

/// How many runs start, at most.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RunLimit {
    /// So many.
    pub runs: u64,
    /// Within this time, such as `1d`.
    pub per: String,
}

/// A stored automation. Versions are never changed; what runs goes on by the one that it began with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Automation {
    /// Its name.
    pub name: String,
    /// Its number, counted from 1.
    pub version: u32,
    /// What it does.
    pub spec: AutomationSpec,
    /// Whether it is set off; new ones are not until they are enabled.
    pub enabled: bool,
    /// When this version was saved.
    pub created_at: Timestamp,
    /// By whom.
    pub actor: Option<String>,
    /// The next time of its schedule or of its dates, while it is enabled.
    pub next_at: Option<Timestamp>,
    /// Runs under way.
    pub waiting: u64,
}

/// A version of an automation, as a store keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AutomationVersion {
    /// Its name.
    pub name: String,
    /// Its number, counted from 1.
    pub version: u32,
    /// What it does.
    pub spec: AutomationSpec,
    /// When it was saved.
    pub created_at: Timestamp,
    /// By whom.
    pub actor: Option<String>,
}

/// Where an automation stands, all versions together, as a store keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AutomationState {
    /// Its name.
    pub name: String,
    /// Whether it is set off.
    pub enabled: bool,
    /// The revision at which it was enabled: what was before it does not count.
    pub rev: i64,
    /// When it was enabled.
    pub since: Timestamp,
    /// Up to when its times have been looked at.
    pub until: Timestamp,
    /// The next of its times.
    pub next_at: Option<Timestamp>,
    /// A time whose leads are being taken, and the last lead that was.
    pub taking: Option<Taking>,
    /// When the span of its limit began, and how many have started since.
    pub began: Timestamp,
    /// See `began`.
    pub starts: u64,
    /// Whose turn it is among several owners.
    pub turn: u64,
}

/// A time of a schedule whose leads are being taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Taking {
    /// The time.
    pub occurrence: Occurrence,
    /// The last lead that was taken.
    pub after: i64,
}

/// A schedule with a name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NamedSchedule {
    /// Its name.
    pub name: String,
    /// When it is.
    pub schedule: Schedule,
    /// Whether it is kept; a paused one sets nothing off.
    pub enabled: bool,
    /// When it was saved.
    pub created_at: Timestamp,
    /// By whom.
    pub actor: Option<String>,
    /// The next time; none for one that is over, paused, or kept by each lead's own clock.
    #[serde(default)]
    pub next_at: Option<Timestamp>,
    /// The automations that it sets off.
    #[serde(default)]
    pub automations: Vec<String>,
}

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
    /// When it started.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Why it did not start, or ended: `replied`, `opted_out`, `status`, `lead_gone`, `too_late`,
    /// `condition`, `running`, `again`, `limit`, `loop`, `disabled`, a code of consent, or an error's.
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
    /// Some of the runs.
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
    /// What became of the outbox; none without a transport.
    pub dispatch: Option<DispatchReport>,
    /// What was found out about messages; none without a transport.
    pub reconcile: Option<ReconcileReport>,
    /// What was erased by the rules of the settings, where that was due: once a day.
    pub retention: Option<RetentionReport>,
    /// When to call again; none when nothing waits for a time. Whatever changes the data may bring it
    /// forward.
    pub next_at: Option<Timestamp>,
}
