//! Running a plan: in chunks, each one commit that carries where the run stands, so that whatever
//! interrupts it, the same call goes on exactly there.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::action::{Action, Chunk, Cursor, Done, Selection};
use super::plan::{Request, action};
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::lease::{check_lease, is_held, lease};
use crate::ledger::{Session, audit, state_at};
use crate::measure;
use crate::model::bulk::{BulkSpec, OnConflict, RunOptions};
use crate::model::operation::{Conflict, ConflictCode, Operation, OperationKind, OperationState};
use crate::progress::Reporter;
use crate::store::{Commit, OperationKey, OperationUpdate, Reader, StoredOperation, Writer};

/// Leads of one transaction.
const CHUNK: u64 = 5_000;

/// Where a run stands, stored with each commit.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Progressed {
    cursor: Cursor,
    /// Whether the action itself is done, and only the end is missing.
    done: bool,
    millis: i64,
}

/// Runs a plan by its token, or goes on with it.
pub(super) fn run(session: &Session, token: &str, options: &RunOptions) -> Result<Operation> {
    if !session.profiles.is_empty() {
        let plan = session.whole.reading(|reader| reader.operation_by(&OperationKey::Token(token)))?;
        if plan.is_some_and(|stored| stored.operation.kind == OperationKind::Purge) {
            session.check_whole("removes nothing for good")?;
        }
    }
    let holder = session.holder();
    let claimed = session.store.writing(|writer| {
        if let Some(key) = &options.idempotency_key
            && let Some(first) = writer.operation_by(&OperationKey::Idempotency(key))?
            && first.token.as_deref() != Some(token)
        {
            // The same call as before, with a plan of its own: the first one's result stands.
            let first = same_request(writer, first, token)?;
            return claim(session, writer, first, options, &holder);
        }
        let stored = writer.operation_by(&OperationKey::Token(token))?.ok_or_else(no_plan)?;
        claim(session, writer, stored, options, &holder)
    })?;
    match claimed {
        Claim::Over(operation) => Ok(*operation),
        Claim::Ours(stored) => go_on(session, *stored, &holder, options),
    }
}

/// Goes on with an operation that was interrupted.
pub(super) fn resume(session: &Session, id: i64, options: &RunOptions) -> Result<Operation> {
    let stored = session.whole.reading(|reader| reader.operation(id))?;
    let stored = stored.ok_or_else(|| no_operation(id))?;
    match (&stored.token, stored.operation.state) {
        (Some(_), OperationState::Planned) => {
            Err(Error::new(ErrorCode::InvalidArgument, "this operation was planned and never begun")
                .hint("run its plan"))
        }
        (Some(token), _) => run(session, token, options),
        (None, _) => {
            Err(Error::new(ErrorCode::InvalidArgument, "only bulk operations and undos are resumed")
                .hint("an import goes on by importing the same file again"))
        }
    }
}

/// Withdraws a plan, or asks the process that runs an operation to stop.
pub(super) fn cancel(session: &Session, id: i64) -> Result<Operation> {
    session.store.writing(|writer| {
        let stored = writer.operation(id)?.ok_or_else(|| no_operation(id))?;
        if stored.operation.state == OperationState::Finished {
            return Err(Error::new(ErrorCode::Conflict, "this operation is over")
                .hint("what it did can be taken back: operations.undo"));
        }
        let update =
            OperationUpdate { state: OperationState::Cancelled, lease: None, ..OperationUpdate::of(&stored) };
        writer.update_operation(id, &update)?;
        Ok(writer.operation(id)?.ok_or_else(lost)?.operation)
    })
}

enum Claim {
    Ours(Box<StoredOperation>),
    Over(Box<Operation>),
}

/// The operation of an idempotency key, for a call with another plan of the same request.
fn same_request(writer: &dyn Writer, first: StoredOperation, token: &str) -> Result<StoredOperation> {
    let second = writer.operation_by(&OperationKey::Token(token))?.ok_or_else(no_plan)?;
    if request(&first)?.asks() != request(&second)?.asks() {
        return Err(Error::new(ErrorCode::Conflict, "this idempotency key belongs to another request")
            .hint("take a new key for a new request")
            .at_field("idempotency_key"));
    }
    Ok(first)
}

/// Takes an operation, if it may be run.
fn claim(
    session: &Session,
    writer: &dyn Writer,
    stored: StoredOperation,
    options: &RunOptions,
    holder: &str,
) -> Result<Claim> {
    let operation = &stored.operation;
    // Until it begins, the plan itself stands there.
    let begun = stored.progress.as_deref().and_then(|text| serde_json::from_str::<Progressed>(text).ok());
    let is_begun = begun.is_some();
    match operation.state {
        OperationState::Finished => return Ok(Claim::Over(Box::new(operation.clone()))),
        _ if is_held(&stored) => {
            return Err(Error::new(ErrorCode::OperationRunning, "another process runs this plan right now")
                .hint("wait for its end, then ask again"));
        }
        OperationState::Cancelled if !is_begun => {
            return Err(Error::new(ErrorCode::PlanExpired, "this plan was withdrawn").hint("plan again"));
        }
        _ => {}
    }
    if !is_begun {
        if operation.expires_at.is_some_and(|until| until < session.clock.now()) {
            return Err(Error::new(ErrorCode::PlanExpired, "this plan is too old to be run")
                .hint("plan again: leads may have changed since"));
        }
        confirm(session, operation, options)?;
    } else if writer.operation_by(&OperationKey::UndoOf(operation.id))?.is_some_and(|undo| {
        // A plan of an undo changes nothing yet, nor did one that was withdrawn.
        !matches!(undo.operation.state, OperationState::Planned) && undo.operation.changed > 0
    }) {
        return Err(
            Error::new(ErrorCode::Conflict, "what this operation had done was taken back").hint("plan again")
        );
    }
    let update = OperationUpdate {
        state: OperationState::Running,
        lease: lease(holder),
        progress: Some(written(&begun.unwrap_or_default())?),
        idempotency_key: options.idempotency_key.clone().or_else(|| stored.idempotency_key.clone()),
        ..OperationUpdate::of(&stored)
    };
    writer.update_operation(operation.id, &update)?;
    Ok(Claim::Ours(Box::new(writer.operation(operation.id)?.ok_or_else(lost)?)))
}

/// Above a number of leads, somebody has to type it; for a purge always.
fn confirm(session: &Session, operation: &Operation, options: &RunOptions) -> Result<()> {
    let needed = operation.kind == OperationKind::Purge || operation.planned > session.limits.confirm_above;
    let count = operation.planned;
    match options.confirm {
        Some(typed) if typed != count => Err(Error::new(
            ErrorCode::ConfirmationNeeded,
            format!("the plan is for {count} leads, not {typed}"),
        )
        .at_field("confirm")),
        None if needed => Err(Error::new(
            ErrorCode::ConfirmationNeeded,
            format!("this plan wants its count typed, which is {count}"),
        )
        .hint(format!("run it with confirm={count}"))
        .at_field("confirm")),
        _ => Ok(()),
    }
}

fn go_on(
    session: &Session,
    stored: StoredOperation,
    holder: &str,
    options: &RunOptions,
) -> Result<Operation> {
    let id = stored.operation.id;
    let result = run_chunks(session, stored, holder, options);
    if let Err(error) = &result {
        session.release(id, holder, error);
    }
    result
}

fn run_chunks(
    session: &Session,
    stored: StoredOperation,
    holder: &str,
    options: &RunOptions,
) -> Result<Operation> {
    let id = stored.operation.id;
    let mut request = request(&stored)?;
    let rev = stored.plan_rev.ok_or_else(lost)?;
    let mut progressed = read(&stored)?;
    let (mut counts, worked) = (stored.operation.counts.clone(), progressed.millis);
    // By the request's own instant: `{"ago": "14d"}` means the same leads when the run goes on.
    let at_plan =
        Session { clock: crate::clock::Clock::fixed(stored.operation.started_at), ..session.clone() };
    let action = session.whole.reading(|reader| action(&at_plan, reader, &mut request, rev))?;
    let (kind, planned) = (stored.operation.kind, stored.operation.planned);
    let callback = options.progress.as_ref().map(|p| &p.0);
    let mut progress = Reporter::new(callback, stored.operation.kind.as_str(), "leads", Some(planned));
    let began = session.clock.now();
    let size = if options.chunk == 0 { CHUNK } else { options.chunk };
    let at_once =
        matches!(&request.spec, BulkSpec::Undo { options, .. } if options.on_conflict == OnConflict::Abort);

    while !progressed.done {
        options.cancel.check()?;
        let (after, sums) = session.store.writing(|writer| {
            let (mut progressed, mut counts) = (progressed.clone(), counts.clone());
            check_lease(writer, id, holder)?;
            loop {
                let done =
                    one_chunk(session, writer, &*action, (id, kind), size, &mut progressed, &mut counts)?;
                if !done || !at_once {
                    break;
                }
            }
            progressed.millis = worked + (session.clock.now().0 - began.0).max(0);
            store_state(writer, id, holder, &progressed, &counts, None)?;
            Ok((progressed, counts))
        })?;
        (progressed, counts) = (after, sums);
        progress.at(handled(&counts));
    }
    options.cancel.check()?;
    let operation = session.store.writing(|writer| {
        check_lease(writer, id, holder)?;
        let mut counts = counts.clone();
        if let BulkSpec::Undo { .. } = &request.spec {
            // Only doing it tells which leads it was about.
            counts.insert("planned".into(), handled(&counts));
        }
        if let Some(selection) = action.selection() {
            let missed = missed(writer, id, selection)?;
            add(&mut counts, "skipped", missed.len() as u64);
            add(&mut counts, "conflicts", missed.len() as u64);
            writer.add_conflicts(id, &missed)?;
            // Leads that were as wanted already: all that were planned and nothing happened to.
            let others = count(&counts, "changed") + count(&counts, "skipped");
            counts.insert("unchanged".into(), count(&counts, "planned").saturating_sub(others));
        }
        store_state(writer, id, holder, &progressed, &counts, Some(session.clock.now()))?;
        Ok(writer.operation(id)?.ok_or_else(lost)?.operation)
    })?;
    progress.finish(handled(&counts));
    measure::count("leadkit_bulk_leads_total", "kind", kind.as_str(), operation.changed);
    tracing::info!(
        operation = id,
        kind = operation.kind.as_str(),
        actor = operation.actor.as_deref(),
        changed = operation.changed,
        skipped = operation.skipped,
        "operation finished"
    );
    Ok(operation)
}

/// One chunk with its commit; whether there is more to do.
fn one_chunk(
    session: &Session,
    writer: &dyn Writer,
    action: &dyn Action,
    (operation, kind): (i64, OperationKind),
    limit: u64,
    progressed: &mut Progressed,
    counts: &mut BTreeMap<String, u64>,
) -> Result<bool> {
    let (rev, at) = (writer.next_rev()?, session.clock.now());
    let chunk = Chunk { writer, rev, at, limit, operation };
    let Done { changed, unchanged, skipped, conflicts, more } =
        action.chunk(&chunk, &mut progressed.cursor)?;
    writer.add_conflicts(operation, &conflicts)?;
    let commit = Commit {
        rev,
        operation,
        at,
        actor: session.actor.clone(),
        reason: session.reason.clone(),
        created: None,
        changed,
    };
    audit::commit(session, writer, kind, &commit, &[])?;
    add(counts, "changed", changed);
    add(counts, "unchanged", unchanged);
    add(counts, "skipped", skipped);
    add(counts, "conflicts", conflicts.len() as u64);
    progressed.done = !more;
    Ok(more)
}

fn store_state(
    writer: &dyn Writer,
    id: i64,
    holder: &str,
    progressed: &Progressed,
    counts: &BTreeMap<String, u64>,
    finished: Option<Timestamp>,
) -> Result<()> {
    let stored = writer.operation(id)?.ok_or_else(lost)?;
    writer.update_operation(
        id,
        &OperationUpdate {
            state: if finished.is_some() { OperationState::Finished } else { OperationState::Running },
            finished_at: finished,
            millis: progressed.millis,
            counts: counts.clone(),
            progress: Some(written(progressed)?),
            lease: if finished.is_some() { None } else { lease(holder) },
            ..OperationUpdate::of(&stored)
        },
    )
}

/// Leads of the plan that somebody else changed before the run came to them: found by their state
/// at the plan's revision, which the log still has.
fn missed(reader: &dyn Reader, operation: i64, selection: &Selection) -> Result<Vec<Conflict>> {
    let (mut seen, mut missed) = (BTreeSet::new(), Vec::new());
    let mut rev = selection.rev;
    loop {
        let commits = reader.commits_after(rev, 1_000)?;
        let Some(last) = commits.last() else { return Ok(missed) };
        rev = last.rev;
        for commit in commits.iter().filter(|c| c.operation != operation && c.changed > 0) {
            let mut after = 0;
            loop {
                let changes = reader.changes(commit.rev, after, 1_000)?;
                let Some(last) = changes.last() else { break };
                after = last.lead;
                // Changed by us before: then its change is not the first one behind the plan.
                for change in changes.iter().filter(|c| c.prev_rev <= selection.rev) {
                    if !seen.insert(change.lead) {
                        continue;
                    }
                    missed.extend(left_behind(reader, change.lead, selection)?);
                }
            }
        }
    }
}

fn left_behind(reader: &dyn Reader, id: i64, selection: &Selection) -> Result<Option<Conflict>> {
    let Some(lead) = reader.lead(id)? else { return Ok(None) };
    let Some(lead) = state_at(reader, lead, selection.rev)? else { return Ok(None) };
    let conflict = Conflict {
        lead: id,
        code: ConflictCode::Changed,
        field: None,
        wanted: Value::Null,
        found: Value::Null,
    };
    Ok(selection.query().finds(&lead).then_some(conflict))
}

fn request(stored: &StoredOperation) -> Result<Request> {
    serde_json::from_value(stored.operation.options.clone())
        .map_err(|e| Error::new(ErrorCode::Corrupt, format!("the plan cannot be read: {e}")))
}

fn read(stored: &StoredOperation) -> Result<Progressed> {
    let text = stored.progress.as_deref().unwrap_or("{}");
    serde_json::from_str(text)
        .map_err(|e| Error::new(ErrorCode::Corrupt, format!("the operation's state cannot be read: {e}")))
}

fn written(progressed: &Progressed) -> Result<String> {
    serde_json::to_string(progressed).map_err(|e| Error::internal(e.to_string()))
}

fn add(counts: &mut BTreeMap<String, u64>, name: &str, more: u64) {
    *counts.entry(name.to_string()).or_default() += more;
}

fn count(counts: &BTreeMap<String, u64>, name: &str) -> u64 {
    counts.get(name).copied().unwrap_or(0)
}

fn handled(counts: &BTreeMap<String, u64>) -> u64 {
    count(counts, "changed") + count(counts, "unchanged") + count(counts, "skipped")
}

pub(super) fn no_plan() -> Error {
    Error::new(ErrorCode::NotFound, "there is no plan with this token").hint("take the `token` of a plan")
}

fn no_operation(id: i64) -> Error {
    Error::new(ErrorCode::NotFound, format!("there is no operation {id}"))
}

pub(super) fn lost() -> Error {
    Error::new(ErrorCode::Corrupt, "an operation is not in the log any more")
}
