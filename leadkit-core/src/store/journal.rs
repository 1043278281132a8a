//! What a store does with the log: operations, commits, before-images.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::leads::Change;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::model::operation::{Conflict, Operation, OperationKind, OperationState};

/// Reading the log, inside one transaction.
pub trait ReadJournal {
    /// The last revision; 0 before the first commit.
    ///
    /// # Errors
    /// Those of the store.
    fn head(&self) -> Result<i64>;

    /// The operation of an id.
    ///
    /// # Errors
    /// Those of the store.
    fn operation(&self, id: i64) -> Result<Option<StoredOperation>>;

    /// The newest operation that carries a key.
    ///
    /// # Errors
    /// Those of the store.
    fn operation_by(&self, key: &OperationKey<'_>) -> Result<Option<StoredOperation>>;

    /// Operations, the newest first.
    ///
    /// # Errors
    /// Those of the store.
    fn operations(&self, query: &OperationQuery) -> Result<Vec<Operation>>;

    /// Calls `each` with the rejected rows of an import, in the order of the file.
    ///
    /// # Errors
    /// Those of the store and of `each`.
    fn each_reject(&self, operation: i64, each: &mut dyn FnMut(Vec<String>) -> Result<()>) -> Result<()>;

    /// What an operation left alone, in the order of its entry, behind the first `skip` ones.
    ///
    /// # Errors
    /// Those of the store.
    fn conflicts(&self, operation: i64, skip: u64, limit: u64) -> Result<Vec<Conflict>>;

    /// The commit of a revision.
    ///
    /// # Errors
    /// Those of the store.
    fn commit(&self, rev: i64) -> Result<Option<Commit>>;

    /// The commits of an operation, in order.
    ///
    /// # Errors
    /// Those of the store.
    fn commits_of(&self, operation: i64) -> Result<Vec<Commit>>;

    /// The before-image that a commit kept of a lead.
    ///
    /// # Errors
    /// Those of the store.
    fn change(&self, rev: i64, lead: i64) -> Result<Option<Change>>;

    /// The before-images of a commit, by lead, behind a lead.
    ///
    /// # Errors
    /// Those of the store.
    fn changes(&self, rev: i64, after: i64, limit: u64) -> Result<Vec<Change>>;

    /// Leads that a commit changed and another one after it, by id, behind a lead.
    ///
    /// # Errors
    /// Those of the store.
    fn overtaken(&self, rev: i64, after: i64, limit: u64) -> Result<Vec<i64>>;

    /// The commits behind a revision, in order.
    ///
    /// # Errors
    /// Those of the store.
    fn commits_after(&self, rev: i64, limit: u64) -> Result<Vec<Commit>>;
}

/// Writing the log, inside one transaction.
pub trait WriteJournal {
    /// Takes the next revision; first thing in a transaction that changes leads.
    ///
    /// # Errors
    /// Those of the store.
    fn next_rev(&self) -> Result<i64>;

    /// Enters an operation and gives its id.
    ///
    /// # Errors
    /// Those of the store; `conflict` when another one has its idempotency key.
    fn add_operation(&self, new: &NewOperation) -> Result<i64>;

    /// Brings an operation up to date.
    ///
    /// # Errors
    /// Those of the store.
    fn update_operation(&self, id: i64, update: &OperationUpdate) -> Result<()>;

    /// Removes plans that expired before an instant and changed nothing, never run or withdrawn,
    /// the oldest first and at most so many; gives their number.
    ///
    /// # Errors
    /// Those of the store.
    fn drop_plans(&self, expired_before: Timestamp, limit: u64) -> Result<u64>;

    /// Keeps what an operation leaves alone.
    ///
    /// # Errors
    /// Those of the store.
    fn add_conflicts(&self, operation: i64, conflicts: &[Conflict]) -> Result<()>;

    /// Keeps rejected rows until their import ends.
    ///
    /// # Errors
    /// Those of the store.
    fn add_rejects(&self, operation: i64, rows: &[RejectedRow]) -> Result<()>;

    /// Drops the rejected rows of an import, once they are in their file.
    ///
    /// # Errors
    /// Those of the store.
    fn drop_rejects(&self, operation: i64) -> Result<()>;

    /// Enters a commit.
    ///
    /// # Errors
    /// Those of the store.
    fn add_commit(&self, commit: &Commit) -> Result<()>;

    /// Removes the before-images of commits up to a revision and gives their number; histories
    /// then begin behind it.
    ///
    /// # Errors
    /// Those of the store.
    fn prune_changes(&self, up_to: i64) -> Result<u64>;
}

/// A rejected row of an import.
#[derive(Clone, Debug, PartialEq)]
pub struct RejectedRow {
    /// Its place among those of the import.
    pub seq: u64,
    /// Why, and what it held.
    pub cells: Vec<String>,
}

/// A commit: the leads `created` came into being, `changed` others were changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Commit {
    /// Its gapless number.
    pub rev: i64,
    /// The operation that made it.
    pub operation: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// The ids that came into being, from and to.
    pub created: Option<(i64, i64)>,
    /// How many leads that were there before were changed.
    pub changed: u64,
}

/// What tells an operation from others beside its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationKey<'a> {
    /// Content and options of an import.
    Import(&'a str),
    /// A plan's token.
    Token(&'a str),
    /// The caller's own key.
    Idempotency(&'a str),
    /// The operation that it takes back.
    UndoOf(i64),
}

/// Which operations are listed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OperationQuery {
    /// Only of this kind.
    pub kind: Option<OperationKind>,
    /// Only in this state.
    pub state: Option<OperationState>,
    /// Only by this actor.
    pub actor: Option<String>,
    /// Only those that began at this instant or later.
    pub since: Option<Timestamp>,
    /// Only those that began before this instant.
    pub until: Option<Timestamp>,
    /// Only those before this id.
    pub before: Option<i64>,
    /// How many at most.
    pub limit: u64,
}

/// An operation to be entered.
#[derive(Clone, Debug, PartialEq)]
pub struct NewOperation {
    /// What is done.
    pub kind: OperationKind,
    /// Where it stands.
    pub state: OperationState,
    /// A name given by the caller.
    pub name: Option<String>,
    /// Who does it.
    pub actor: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// When it begins.
    pub at: Timestamp,
    /// The file's name.
    pub file: Option<String>,
    /// The file's hash.
    pub file_hash: Option<String>,
    /// Content and options of an import.
    pub import_key: Option<String>,
    /// Column to field.
    pub mapping: BTreeMap<String, Option<String>>,
    /// The options it runs with.
    pub options: Value,
    /// The token of a plan.
    pub token: Option<String>,
    /// The revision that a plan froze.
    pub plan_rev: Option<i64>,
    /// Until when a plan may be run.
    pub expires_at: Option<Timestamp>,
    /// The caller's own key.
    pub idempotency_key: Option<String>,
    /// The operation that this one takes back.
    pub undo_of: Option<i64>,
    /// What it counted so far.
    pub counts: BTreeMap<String, u64>,
}

impl NewOperation {
    /// An operation that is just finished, to be refined.
    pub fn new(kind: OperationKind, at: Timestamp) -> Self {
        NewOperation {
            kind,
            state: OperationState::Finished,
            name: None,
            actor: None,
            reason: None,
            at,
            file: None,
            file_hash: None,
            import_key: None,
            mapping: BTreeMap::new(),
            options: Value::Object(serde_json::Map::new()),
            token: None,
            plan_rev: None,
            expires_at: None,
            idempotency_key: None,
            undo_of: None,
            counts: BTreeMap::new(),
        }
    }
}

/// What changes about an operation while it runs.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationUpdate {
    /// Where it stands.
    pub state: OperationState,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Milliseconds of work so far.
    pub millis: i64,
    /// What it counted so far.
    pub counts: BTreeMap<String, u64>,
    /// Where it goes on.
    pub progress: Option<String>,
    /// Until when a process holds it, and the holder.
    pub lease: Option<(Timestamp, String)>,
    /// The caller's own key.
    pub idempotency_key: Option<String>,
}

impl OperationUpdate {
    /// As the operation stands.
    pub fn of(stored: &StoredOperation) -> Self {
        OperationUpdate {
            state: stored.operation.state,
            finished_at: stored.operation.finished_at,
            millis: stored.millis,
            counts: stored.operation.counts.clone(),
            progress: stored.progress.clone(),
            lease: stored.lease.clone(),
            idempotency_key: stored.idempotency_key.clone(),
        }
    }
}

/// An operation with what only its own kind reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredOperation {
    /// What people see.
    pub operation: Operation,
    /// Milliseconds of work so far.
    pub millis: i64,
    /// Where it goes on.
    pub progress: Option<String>,
    /// Until when a process holds it, and the holder.
    pub lease: Option<(Timestamp, String)>,
    /// Content and options of an import.
    pub import_key: Option<String>,
    /// The token of a plan.
    pub token: Option<String>,
    /// The revision that a plan froze.
    pub plan_rev: Option<i64>,
    /// The caller's own key.
    pub idempotency_key: Option<String>,
}
