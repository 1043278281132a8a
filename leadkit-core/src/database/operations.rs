//! The room of operations.

use serde::{Deserialize, Serialize};

use super::page::Asked;
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::Session;
use crate::model::bulk::{RunOptions, UndoOptions};
use crate::model::operation::{Conflict, Operation, OperationKind, OperationState};
use crate::model::report::Page;
use crate::store::{OperationKey, OperationQuery};

/// Options of `operations.list`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ListOptions {
    /// Only operations of this kind.
    pub kind: Option<OperationKind>,
    /// Only operations in this state.
    pub state: Option<OperationState>,
    /// Only operations of this actor.
    pub actor: Option<String>,
    /// Only operations that began at this instant or later.
    pub since: Option<Timestamp>,
    /// Only operations that began before this instant.
    pub until: Option<Timestamp>,
    /// How many at most; 100 when 0.
    pub limit: u64,
    /// Goes on after the page that gave this `next_cursor`.
    pub cursor: Option<String>,
}

/// What was done to a database: who, when, from which file, with what result.
#[derive(Clone, Copy)]
pub struct Operations<'a> {
    pub(super) session: &'a Session,
}

impl Operations<'_> {
    /// Operations, the newest first.
    ///
    /// # Errors
    /// `invalid_argument` for a cursor that no page gave.
    pub fn list(&self, options: ListOptions) -> Result<Page<Operation>> {
        let asked = Asked::new(options.cursor.as_deref(), options.limit, "operations")?;
        let query = OperationQuery {
            kind: options.kind,
            state: options.state,
            actor: options.actor,
            since: options.since,
            until: options.until,
            before: asked.cursor,
            limit: asked.read(),
        };
        let items = self.session.store.reading(|r| r.operations(&query))?;
        Ok(asked.page(items, |operation| operation.id.to_string()))
    }

    /// One operation.
    ///
    /// # Errors
    /// `not_found`.
    pub fn get(&self, id: i64) -> Result<Operation> {
        self.session
            .store
            .reading(|r| r.operation(id))?
            .map(|stored| stored.operation)
            .ok_or_else(|| Error::new(ErrorCode::NotFound, format!("there is no operation {id}")))
    }

    /// Takes an operation back: a bulk operation, an import, an edit, or an undo, which is then done
    /// again. Leads that it created are deleted, values that it wrote become what they were.
    ///
    /// A value that somebody has changed since, and a lead whose external id or email another one
    /// has by now, are conflicts: left alone and listed by [`Operations::conflicts`], unless
    /// `on_conflict` says otherwise. A part of it can be taken back by naming leads or fields.
    ///
    /// # Errors
    /// `not_found`, `not_undoable`, `already_undone`, `undo_expired`, `undo_conflict` (when asked
    /// to abort), `operation_running`, `unknown_field`; `cancelled` and those of the store, after
    /// which `resume` goes on.
    pub fn undo(&self, id: i64, undo: UndoOptions, options: RunOptions) -> Result<Operation> {
        if let Some(key) = &options.idempotency_key
            && let Some(first) = self.by_idempotency_key(key)?
        {
            return match first.undo_of == Some(id) {
                true => self.resume(first.id, options),
                false => {
                    Err(Error::new(ErrorCode::Conflict, "this idempotency key belongs to another request")
                        .at_field("idempotency_key"))
                }
            };
        }
        self.session.shown(crate::bulk::undo(self.session, id, undo, options)?)
    }

    fn by_idempotency_key(&self, key: &str) -> Result<Option<Operation>> {
        let key = OperationKey::Idempotency(key);
        Ok(self.session.store.reading(|r| r.operation_by(&key))?.map(|stored| stored.operation))
    }

    /// Goes on with a bulk operation or an undo that was cancelled or interrupted.
    ///
    /// # Errors
    /// `not_found`, `invalid_argument` for other kinds; otherwise as [`super::Bulk::run`].
    pub fn resume(&self, id: i64, options: RunOptions) -> Result<Operation> {
        self.session.shown(crate::bulk::resume(self.session, id, &options)?)
    }

    /// Withdraws a plan, or stops an operation that any process runs, after its current chunk. What
    /// was committed stays, and can be gone on with or taken back.
    ///
    /// # Errors
    /// `not_found`; `conflict` when it is over.
    pub fn cancel(&self, id: i64) -> Result<Operation> {
        self.session.shown(crate::bulk::cancel(self.session, id)?)
    }

    /// What an operation left alone, lead by lead or value by value, and why.
    ///
    /// # Errors
    /// `not_found`; `invalid_argument` for a cursor that no page gave.
    pub fn conflicts(&self, id: i64, options: ConflictOptions) -> Result<Page<Conflict>> {
        self.get(id)?;
        let asked = Asked::<u64>::new(options.cursor.as_deref(), options.limit, "conflicts")?;
        let skip = asked.cursor.unwrap_or(0);
        let items = self.session.store.reading(|r| r.conflicts(id, skip, asked.read()))?;
        // Their places are their numbers.
        let end = skip.saturating_add(asked.read() - 1).to_string();
        Ok(asked.page(items, |_| end.clone()))
    }

    /// Removes the before-images of changes that are older than some days, and tells how many.
    /// Histories then begin later, and what was done before can no longer be taken back.
    ///
    /// # Errors
    /// `invalid_argument` for fewer days than undo is possible for.
    pub fn prune(&self, older_than_days: f64) -> Result<u64> {
        self.session.check_whole("removes nothing of the log")?;
        crate::ledger::prune(self.session, older_than_days)
    }
}

/// Options of `operations.conflicts`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ConflictOptions {
    /// How many at most; 100 when 0.
    pub limit: u64,
    /// Goes on after the page that gave this `next_cursor`.
    pub cursor: Option<String>,
}
