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
        }
    }
}

/// Where an operation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OperationState {
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
            OperationState::Running => "running",
            OperationState::Finished => "finished",
            OperationState::Cancelled => "cancelled",
            OperationState::Failed => "failed",
        }
    }
}

/// One entry of `db.operations`.
#[derive(Clone, Debug, PartialEq, Serialize)]
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
}
