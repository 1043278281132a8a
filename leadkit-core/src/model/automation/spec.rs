//! An automation as it is written.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::communication::CommunicationState;
use crate::model::consent::{Channel, Purpose};
use crate::model::filter::Filter;
use crate::model::history::ContactChannel;
use crate::model::schedule::{BusinessCalendar, Schedule};
use crate::model::transport::Direction;

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
#[derive(Clone, Debug, PartialEq, Serialize)]
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
