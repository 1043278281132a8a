//! What was done to a database: who, when, why, from which file, with what result.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Timestamp;

/// What an operation did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OperationKind {
    /// Leads came in from a file.
    Import,
    /// Leads went out to a file.
    Export,
    /// One lead was added.
    Add,
    /// One lead was changed.
    Update,
    /// A custom field was defined, changed or archived.
    DefineField,
    /// The list of statuses was defined.
    DefineStatuses,
    /// Fields of many leads were changed.
    BulkUpdate,
    /// Many leads were given to owners.
    BulkAssign,
    /// Many leads were moved to another status.
    BulkStatus,
    /// Many leads were deleted; they can be restored.
    BulkDelete,
    /// Leads were merged into others.
    BulkMerge,
    /// Leads were removed for good.
    Purge,
    /// A person, or what a rule of retention found, was erased.
    Erase,
    /// A person was put on hold, or a hold was lifted.
    Hold,
    /// One deleted lead was restored.
    Restore,
    /// An operation was taken back.
    Undo,
    /// Before-images older than the history rule were removed.
    Prune,
    /// Switches were turned.
    ChangeSettings,
    /// A template for messages was saved or put away.
    SaveTemplate,
    /// Text messages to many leads were queued.
    QueueSms,
    /// A history of contacts came in from a file.
    ImportContacts,
    /// An automation or a schedule was saved, switched, or its runs were ended.
    SaveAutomation,
}

impl OperationKind {
    /// The kind as hosts see it.
    pub fn as_str(self) -> &'static str {
        match self {
            OperationKind::Import => "import",
            OperationKind::Export => "export",
            OperationKind::Add => "add",
            OperationKind::Update => "update",
            OperationKind::DefineField => "define_field",
            OperationKind::DefineStatuses => "define_statuses",
            OperationKind::BulkUpdate => "bulk_update",
            OperationKind::BulkAssign => "bulk_assign",
            OperationKind::BulkStatus => "bulk_status",
            OperationKind::BulkDelete => "bulk_delete",
            OperationKind::BulkMerge => "bulk_merge",
            OperationKind::Purge => "purge",
            OperationKind::Erase => "erase",
            OperationKind::Hold => "hold",
            OperationKind::Restore => "restore",
            OperationKind::Undo => "undo",
            OperationKind::Prune => "prune",
            OperationKind::ChangeSettings => "change_settings",
            OperationKind::SaveTemplate => "save_template",
            OperationKind::QueueSms => "queue_sms",
            OperationKind::ImportContacts => "import_contacts",
            OperationKind::SaveAutomation => "save_automation",
        }
    }
}

/// Where an operation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OperationState {
    /// Planned and not begun; it may be run until `expires_at`.
    Planned,
    /// Begun and not ended: at work right now, or interrupted and ready to go on.
    Running,
    /// Done.
    Finished,
    /// Stopped by the caller; the same call goes on from there.
    Cancelled,
    /// Ended by an error; the same call goes on from there.
    Failed,
}

impl OperationState {
    /// The state as hosts see it.
    pub fn as_str(self) -> &'static str {
        match self {
            OperationState::Planned => "planned",
            OperationState::Running => "running",
            OperationState::Finished => "finished",
            OperationState::Cancelled => "cancelled",
            OperationState::Failed => "failed",
        }
    }
}

/// One entry of `db.operations`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Operation {
    /// The key in this database.
    pub id: i64,
    /// What was done.
    pub kind: OperationKind,
    /// Where it stands.
    pub state: OperationState,
    /// A name given by the caller.
    pub name: Option<String>,
    /// Who did it.
    pub actor: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Seconds of work, over all its runs.
    pub seconds: f64,
    /// The file's name, without its folder.
    pub file: Option<String>,
    /// BLAKE3 of the file's content, in hexadecimal.
    pub file_hash: Option<String>,
    /// Column to field, as it was used.
    pub mapping: BTreeMap<String, Option<String>>,
    /// What it counted: `rows`, `created`, `updated` ...
    pub counts: BTreeMap<String, u64>,
    /// The options it ran with.
    pub options: Value,
    /// Leads that its plan found.
    pub planned: u64,
    /// Leads that it changed.
    pub changed: u64,
    /// Leads that it left alone, with the reason in `operations.conflicts`.
    pub skipped: u64,
    /// Entries of `operations.conflicts`: leads, or single fields of them, left alone.
    pub conflicts: u64,
    /// The operation that it took back.
    pub undo_of: Option<i64>,
    /// Until when a plan may be run.
    pub expires_at: Option<Timestamp>,
}

/// Why an operation left a lead, or one field of it, alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ConflictCode {
    /// Somebody changed it since.
    Changed,
    /// Another lead has its external id or email by now.
    KeyTaken,
    /// The person was erased.
    Erased,
    /// The lead was purged.
    Purged,
    /// The status list does not allow the way.
    ForbiddenTransition,
    /// The value is not valid for the field.
    InvalidValue,
    /// The template found no value for one of its variables.
    TemplateValueMissing,
    /// No rule names an owner.
    NoOwner,
    /// The lead carries the tag `protected`.
    Protected,
    /// The lead is deleted, or merged into another.
    Deleted,
    /// The lead may not be contacted, or has no number; `found` says the reason.
    NotContacted,
    /// The message was handed over already.
    Sent,
}

impl ConflictCode {
    /// The code as hosts see it.
    pub fn as_str(self) -> &'static str {
        match self {
            ConflictCode::Changed => "changed",
            ConflictCode::KeyTaken => "key_taken",
            ConflictCode::Erased => "erased",
            ConflictCode::Purged => "purged",
            ConflictCode::ForbiddenTransition => "forbidden_transition",
            ConflictCode::InvalidValue => "invalid_value",
            ConflictCode::TemplateValueMissing => "template_value_missing",
            ConflictCode::NoOwner => "no_owner",
            ConflictCode::Protected => "protected",
            ConflictCode::Deleted => "deleted",
            ConflictCode::NotContacted => "not_contacted",
            ConflictCode::Sent => "sent",
        }
    }
}

/// What an operation left alone, and why; one entry of `operations.conflicts`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Conflict {
    /// The lead.
    pub lead: i64,
    /// Why.
    pub code: ConflictCode,
    /// The field; none for the whole lead.
    pub field: Option<String>,
    /// The value that the operation would write, or wrote and now takes back.
    pub wanted: Value,
    /// The value that is there now.
    pub found: Value,
}
