//! Whose import it is: a new one, one to go on with, or one that is done already.

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime};

use serde::{Deserialize, Serialize};

use super::plan::Prepared;
use super::tally::Tally;
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::Session;
use crate::model::operation::{OperationKind, OperationState};
use crate::model::options::ImportOptions;
use crate::store::sqlite::{NewOperation, OperationUpdate, StoredImport};

/// How long a process that went silent keeps its operation.
const LEASE: Duration = Duration::from_secs(5);

/// Where an import stands, stored with each commit.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Progressed {
    pub(super) rows: u64,
    /// Milliseconds of work so far, over all runs.
    pub(super) millis: i64,
    pub(super) tally: Tally,
}

/// What claiming the operation found.
pub(super) enum Claim {
    New(i64),
    Resume(i64, Progressed),
    Done(Box<StoredImport>),
}

/// Takes the operation, waiting for a process that holds it as long as for a busy database;
/// `before_new` may refuse a new one.
pub(super) fn claim(
    session: &Session,
    prepared: &Prepared,
    options: &ImportOptions,
    holder: &str,
    before_new: impl Fn() -> Result<()>,
) -> Result<Claim> {
    let waited = Instant::now();
    loop {
        let claim = session.store.write(|writer| {
            // Once more means once more: an interrupted import goes on even then.
            let finished = |import: &StoredImport| import.operation.state == OperationState::Finished;
            let found = writer.reader().import_by_key(&prepared.key)?;
            let found = found.filter(|import| !(options.again && finished(import)));
            let lease = Some((lease_until(), holder));
            match found {
                Some(import) if finished(&import) => Ok(Some(Claim::Done(Box::new(import)))),
                Some(import) if is_held(&import) => Ok(None),
                Some(import) => {
                    let progressed = match &import.progress {
                        Some(text) => serde_json::from_str(text).map_err(|e| {
                            Error::new(ErrorCode::Corrupt, format!("the import's state: {e}"))
                        })?,
                        None => Progressed { rows: 0, millis: 0, tally: Tally::default() },
                    };
                    writer.update_operation(
                        import.operation.id,
                        &OperationUpdate {
                            state: OperationState::Running,
                            finished_at: None,
                            millis: (import.operation.seconds * 1000.0) as i64,
                            counts: &import.operation.counts,
                            progress: import.progress.as_deref(),
                            lease,
                        },
                    )?;
                    Ok(Some(Claim::Resume(import.operation.id, progressed)))
                }
                None => {
                    before_new()?;
                    let id = writer.add_operation(&new_operation(
                        session,
                        prepared,
                        options,
                        OperationState::Running,
                        Some(&prepared.key),
                    ))?;
                    let counts = BTreeMap::new();
                    let update = OperationUpdate {
                        state: OperationState::Running,
                        finished_at: None,
                        millis: 0,
                        counts: &counts,
                        progress: None,
                        lease,
                    };
                    writer.update_operation(id, &update)?;
                    Ok(Some(Claim::New(id)))
                }
            }
        })?;
        match claim {
            Some(claim) => return Ok(claim),
            None if waited.elapsed() > session.store.busy_timeout() => {
                return Err(Error::new(
                    ErrorCode::OperationRunning,
                    "another process is importing this file right now",
                )
                .hint("wait for it to end, then call again"));
            }
            None => {
                options.cancel.check()?;
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    }
}

pub(super) fn new_operation<'a>(
    session: &'a Session,
    prepared: &'a Prepared,
    options: &'a ImportOptions,
    state: OperationState,
    import_key: Option<&'a str>,
) -> NewOperation<'a> {
    NewOperation {
        kind: OperationKind::Import,
        state,
        name: options.name.as_deref(),
        actor: session.actor.as_deref(),
        reason: session.reason.as_deref(),
        at: session.clock.now(),
        file: prepared.input.name.as_deref(),
        file_hash: Some(&prepared.input.hash),
        import_key,
        mapping: &prepared.mapping,
        options: &prepared.options,
    }
}

/// Leases are about processes that live or died, so they go by the machine's clock, whatever
/// clock the session has.
pub(super) fn lease_until() -> Timestamp {
    Timestamp(real_now().0 + LEASE.as_millis() as i64)
}

fn real_now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

fn is_held(import: &StoredImport) -> bool {
    import.operation.state == OperationState::Running
        && import.lease.as_ref().is_some_and(|(until, _)| *until > real_now())
}

/// Leaves an operation as it stands; best effort, since an error is on its way already.
pub(super) fn release(session: &Session, operation: i64, holder: &str, state: OperationState) {
    let _ = session.store.write(|writer| {
        writer.check_lease(operation, holder)?;
        writer.release_operation(operation, state)
    });
}
