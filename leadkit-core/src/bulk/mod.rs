//! Operations on many leads: planned first, run in chunks, taken back.
//!
//! A plan is stored with the revision it saw. Its run takes the leads that are still as they were
//! then, a chunk to a transaction; each chunk is a commit with before-images and carries where the
//! run stands. An undo is an operation like any other, and can be undone.

mod action;
mod assign;
mod keys;
mod merge;
mod plan;
mod remove;
mod run;
mod sms;
mod status;
mod undo;
mod update;

use crate::error::Result;
use crate::ledger::Session;
use crate::model::bulk::{BulkSpec, Plan, PlanOptions, RunOptions, UndoOptions};
use crate::model::operation::Operation;

/// Makes a plan; nothing is changed yet.
///
/// # Errors
/// `unknown_field`, `invalid_filter`, `invalid_value`, `invalid_argument`, `invalid_template`; of an
/// undo also `not_found`, `not_undoable`, `already_undone`, `undo_expired`, `operation_running`.
pub fn plan(session: &Session, spec: BulkSpec, options: &PlanOptions) -> Result<Plan> {
    session.check_request(&spec)?;
    plan::plan(session, spec, options, true)
}

/// A plan that was made before and not run yet.
///
/// # Errors
/// `not_found`.
pub fn stored_plan(session: &Session, token: &str) -> Result<Plan> {
    plan::stored(session, token)
}

/// Runs a plan, goes on with one that was interrupted, or gives the result of one that is done.
///
/// # Errors
/// `not_found`, `plan_expired`, `confirmation_needed`, `operation_running`, `conflict`,
/// `undo_conflict`, `cancelled`; those of the store. What was committed stays, and the same call
/// goes on from there.
pub fn run(session: &Session, token: &str, options: &RunOptions) -> Result<Operation> {
    run::run(session, token, options)
}

/// Takes an operation back at once.
///
/// # Errors
/// As [`plan`] and [`run`].
pub fn undo(session: &Session, of: i64, undo: UndoOptions, options: RunOptions) -> Result<Operation> {
    let spec = BulkSpec::Undo { of, options: undo };
    let plan = plan::plan(session, spec, &PlanOptions::default(), false)?;
    // Asked for by its id, it needs no number typed: what is taken back was confirmed before.
    run(session, &plan.token, &RunOptions { confirm: Some(plan.count), ..options })
}

/// Goes on with an operation that was interrupted.
///
/// # Errors
/// As [`run`].
pub fn resume(session: &Session, id: i64, options: &RunOptions) -> Result<Operation> {
    run::resume(session, id, options)
}

/// Withdraws a plan, or asks the process that runs an operation to stop after its chunk.
///
/// # Errors
/// `not_found`; `conflict` when it is over.
pub fn cancel(session: &Session, id: i64) -> Result<Operation> {
    run::cancel(session, id)
}
