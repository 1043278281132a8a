//! The room of operations.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::Session;
use crate::model::bulk::{PlanOptions, RunOptions, UndoOptions};
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
        let before = match options.cursor.as_deref().map(str::parse::<i64>) {
            None => None,
            Some(Ok(id)) => Some(id),
            Some(Err(_)) => {
                return Err(Error::new(
                    ErrorCode::InvalidArgument,
                    "this cursor belongs to no page of operations",
                )
                .at_field("cursor"));
            }
        };
        let limit = if options.limit == 0 { 100 } else { options.limit };
        let query = OperationQuery {
            kind: options.kind,
            state: options.state,
            actor: options.actor,
            since: options.since,
            until: options.until,
            before,
            limit: limit.saturating_add(1),
        };
        let mut items = self.session.store.reading(|r| r.operations(&query))?;
        let more = items.len() as u64 > limit;
        items.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let next_cursor = items.last().filter(|_| more).map(|o| o.id.to_string());
        Ok(Page { items, next_cursor })
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
        let bulk = super::Bulk { session: self.session };
        let plan = bulk.plan_undo(id, undo, PlanOptions::default())?;
        // Asked for by its id, it needs no number typed: what is taken back was confirmed before.
        bulk.run(&plan.token, RunOptions { confirm: Some(plan.count), ..options })
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
        crate::bulk::resume(self.session, id, &options)
    }

    /// Withdraws a plan, or stops an operation that any process runs, after its current chunk. What
    /// was committed stays, and can be gone on with or taken back.
    ///
    /// # Errors
    /// `not_found`; `conflict` when it is over.
    pub fn cancel(&self, id: i64) -> Result<Operation> {
        crate::bulk::cancel(self.session, id)
    }

    /// What an operation left alone, lead by lead or value by value, and why.
    ///
    /// # Errors
    /// `not_found`; `invalid_argument` for a cursor that no page gave.
    pub fn conflicts(&self, id: i64, options: ConflictOptions) -> Result<Page<Conflict>> {
        self.get(id)?;
        let skip = match options.cursor.as_deref().map(str::parse::<u64>) {
            None => 0,
            Some(Ok(skip)) => skip,
            Some(Err(_)) => {
                return Err(Error::new(
                    ErrorCode::InvalidArgument,
                    "this cursor belongs to no page of conflicts",
                )
                .at_field("cursor"));
            }
        };
        let limit = if options.limit == 0 { 100 } else { options.limit };
        let mut items = self.session.store.reading(|r| r.conflicts(id, skip, limit.saturating_add(1)))?;
        let more = items.len() as u64 > limit;
        items.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(Page { items, next_cursor: more.then(|| (skip + limit).to_string()) })
    }

    /// Removes the before-images of changes that are older than some days, and tells how many.
    /// Histories then begin later, and what was done before can no longer be taken back.
    ///
    /// # Errors
    /// `invalid_argument` for fewer days than undo is possible for.
    pub fn prune(&self, older_than_days: f64) -> Result<u64> {
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
