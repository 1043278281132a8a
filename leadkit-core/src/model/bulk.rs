//! Operations on many leads: what is asked for, what a plan says, how it is run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::communication::{MessagePlan, SmsOptions};
use super::filter::Filter;
use super::lead::ValueChange;
use super::operation::{ConflictCode, OperationKind};
use super::options::Progressing;
use crate::clock::Timestamp;
use crate::progress::CancelToken;

/// What a bulk update does to each lead.
///
/// ```
/// use leadkit_core::model::bulk::BulkUpdate;
/// let update = BulkUpdate::default()
///     .set("source", "fair")
///     .template("notes", "Met {{ lead.first_name }} at the fair")
///     .clear("job_title")
///     .add_tag("fair-2026");
/// assert_eq!(update.set.len(), 3);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct BulkUpdate {
    /// New values by field: a value, `null` to clear, or `{"template": "..."}` to compute it from the
    /// lead. A value is never read as a template, and what a template gives is not rendered again.
    pub set: BTreeMap<String, Value>,
    /// Tags to add.
    pub add_tags: Vec<String>,
    /// Tags to remove.
    pub remove_tags: Vec<String>,
}

impl BulkUpdate {
    /// Sets a field.
    #[must_use]
    pub fn set(mut self, field: impl Into<String>, value: impl Into<Value>) -> Self {
        self.set.insert(field.into(), value.into());
        self
    }

    /// Clears a field.
    #[must_use]
    pub fn clear(self, field: impl Into<String>) -> Self {
        self.set(field, Value::Null)
    }

    /// Computes a field from the lead.
    #[must_use]
    pub fn template(self, field: impl Into<String>, template: impl Into<String>) -> Self {
        self.set(field, serde_json::json!({ "template": template.into() }))
    }

    /// Adds a tag.
    #[must_use]
    pub fn add_tag(mut self, tag: impl Into<String>) -> Self {
        self.add_tags.push(tag.into());
        self
    }

    /// Removes a tag.
    #[must_use]
    pub fn remove_tag(mut self, tag: impl Into<String>) -> Self {
        self.remove_tags.push(tag.into());
        self
    }
}

/// Who gets the leads. As data it is `{"round_robin": [...]}` and so on; an owner's bare name is
/// [`Assignment::To`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = or_a_name))]
#[serde(rename_all = "snake_case")]
pub enum Assignment {
    /// One owner gets all.
    To(String),
    /// Owners in turn, in the order of the leads' ids.
    RoundRobin(Vec<String>),
    /// Owners in turn, each as often as its weight says: `{"mia": 3, "tom": 1}`.
    Weighted(BTreeMap<String, u32>),
    /// The owner of the first rule whose filter finds the lead.
    Territory(Territory),
}

#[cfg(feature = "schema")]
fn or_a_name(schema: &mut schemars::Schema) {
    if let Some(Value::Array(ways)) = schema.get_mut("oneOf") {
        ways.insert(0, serde_json::json!({ "type": "string", "description": "One owner gets all." }));
    }
}

/// Rules that give a lead to the owner of its territory.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Territory {
    /// The rules, the first that fits wins.
    pub rules: Vec<TerritoryRule>,
    /// Who gets leads that no rule finds; without it they are left alone, as `no_owner`.
    #[serde(default)]
    pub otherwise: Option<String>,
}

/// One rule of a [`Territory`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TerritoryRule {
    /// Which leads.
    pub filter: Filter,
    /// Whose they are.
    pub owner: String,
}

/// Leads that are one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MergeGroup {
    /// The lead that stays.
    pub keep: i64,
    /// The leads that become part of it; their ids stay as aliases.
    pub merge: Vec<i64>,
}

/// What an undo does with values that others changed since.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnConflict {
    /// Leaves them as they are and lists them.
    #[default]
    Skip,
    /// Takes them back all the same, as far as that is lawful: a key that another lead has by now,
    /// and a person who was erased, stay conflicts.
    Force,
    /// Changes nothing at all when there is one.
    Abort,
}

/// What an undo takes back.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct UndoOptions {
    /// Only these leads.
    pub leads: Option<Vec<i64>>,
    /// Only these fields.
    pub fields: Option<Vec<String>>,
    /// What happens to values that others changed since.
    pub on_conflict: OnConflict,
}

/// What a bulk operation was asked to do, as the log keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "operation", rename_all = "snake_case")]
pub enum BulkSpec {
    /// Changes fields.
    Update {
        /// Which leads.
        filter: Filter,
        /// What is done to them.
        update: BulkUpdate,
    },
    /// Deletes leads; they can be restored.
    Delete {
        /// Which leads.
        filter: Filter,
    },
    /// Gives leads to owners.
    Assign {
        /// Which leads.
        filter: Filter,
        /// To whom.
        to: Assignment,
    },
    /// Moves leads to a status.
    Status {
        /// Which leads.
        filter: Filter,
        /// To which.
        status: String,
    },
    /// Merges leads.
    Merge {
        /// Which leads into which.
        groups: Vec<MergeGroup>,
    },
    /// Removes leads for good, deleted ones included.
    Purge {
        /// Which leads.
        filter: Filter,
    },
    /// Queues a text message for each lead.
    Sms {
        /// Which leads.
        filter: Filter,
        /// What is sent, and how.
        message: SmsOptions,
        /// The template's version, which the plan found: what was looked at is what is sent.
        #[serde(default)]
        template_version: Option<u32>,
    },
    /// Takes an operation back.
    Undo {
        /// The operation.
        of: i64,
        /// What of it, and how.
        #[serde(flatten)]
        options: UndoOptions,
    },
}

impl BulkSpec {
    /// The kind of operation it becomes.
    pub fn kind(&self) -> OperationKind {
        match self {
            BulkSpec::Update { .. } => OperationKind::BulkUpdate,
            BulkSpec::Delete { .. } => OperationKind::BulkDelete,
            BulkSpec::Assign { .. } => OperationKind::BulkAssign,
            BulkSpec::Status { .. } => OperationKind::BulkStatus,
            BulkSpec::Merge { .. } => OperationKind::BulkMerge,
            BulkSpec::Purge { .. } => OperationKind::Purge,
            BulkSpec::Sms { .. } => OperationKind::QueueSms,
            BulkSpec::Undo { .. } => OperationKind::Undo,
        }
    }
}

/// Options of every `plan_*`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct PlanOptions {
    /// A name for the list of operations.
    pub name: Option<String>,
    /// Leads with the tag `protected` are taken too.
    pub include_protected: bool,
    /// Leads that the plan shows before and after; 10 when 0, 100 at most.
    pub sample: u64,
    /// Seconds until the plan may no longer be run; an hour when 0, 30 days at most.
    pub expires_in: f64,
    /// Lets automations be set off by the changes; the plan says how many leads they look at.
    pub automations: bool,
}

/// What an operation would do: nothing has been changed yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Plan {
    /// What `run` takes; it stands for this very request on these very leads.
    pub token: String,
    /// The entry in `operations`.
    pub operation_id: i64,
    /// What would be done.
    pub kind: OperationKind,
    /// How many leads it found. Those that others change before the run are left alone then.
    pub count: u64,
    /// How many of them would change.
    pub changes: u64,
    /// Some of them, before and after.
    pub sample: Vec<PlannedChange>,
    /// What one should know before running it.
    pub warnings: Vec<PlanWarning>,
    /// Whether `run` wants the count typed.
    pub needs_confirmation: bool,
    /// What an undo cannot bring back.
    pub irreversible: Vec<String>,
    /// When it was made.
    pub planned_at: Timestamp,
    /// Until when it may be run.
    pub expires_at: Timestamp,
    /// The messages that it would queue, for a plan of messages.
    #[serde(default)]
    pub messages: Option<MessagePlan>,
    /// Leads that automations would look at, where that was asked for.
    #[serde(default)]
    pub automations: Option<u64>,
}

/// A lead before and after, as a plan shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlannedChange {
    /// The lead.
    pub lead: i64,
    /// Its name.
    pub name: String,
    /// The fields that change.
    pub fields: BTreeMap<String, ValueChange>,
}

/// Why a warning is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WarningCode {
    /// The leads are as wanted already.
    Unchanged,
    /// The leads would be left alone, for this reason.
    #[serde(untagged)]
    Left(ConflictCode),
}

/// Something to know before running a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlanWarning {
    /// Why: `unchanged`, or a conflict's code.
    pub code: WarningCode,
    /// For people.
    pub message: String,
    /// How many leads, or single values of them.
    pub count: u64,
    /// Some of the leads.
    pub examples: Vec<i64>,
}

/// Options of `run`, `resume` and `undo`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RunOptions {
    /// The plan's count, typed by a person: needed above the database's `confirm_above`, and always
    /// for a purge.
    pub confirm: Option<u64>,
    /// Leads of one transaction; 5,000 when 0.
    pub chunk: u64,
    /// A key of the caller's: a repeated call with it gives the first one's operation.
    pub idempotency_key: Option<String>,
    /// A callback for progress.
    #[serde(skip)]
    pub progress: Option<Progressing>,
    /// Asks to stop.
    #[serde(skip)]
    pub cancel: CancelToken,
}
