//! Whose import it is: a new one, one to go on with, or one that is done already.

use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::plan::Prepared;
use super::tally::Tally;
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::lease::{is_held, lease};
use crate::ledger::{Session, audit};
use crate::model::operation::{OperationKind, OperationState};
use crate::model::options::ImportOptions;
use crate::progress::CancelToken;
use crate::store::{NewOperation, OperationKey, OperationUpdate, StoredOperation};

/// Where an import stands, stored with each commit.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Progressed {
    pub(crate) rows: u64,
    /// Milliseconds of work so far, over all runs.
    pub(crate) millis: i64,
    pub(crate) tally: Tally,
}

impl Progressed {
    /// The operation of an import that stands here: it goes on under the holder's lease, or is finished.
    pub(crate) fn update(
        self,
        ignored: u64,
        holder: &str,
        finished: Option<Timestamp>,
    ) -> Result<OperationUpdate> {
        let running = finished.is_none();
        let progress = serde_json::to_string(&self).map_err(|e| Error::internal(e.to_string()))?;
        Ok(OperationUpdate {
            state: if running { OperationState::Running } else { OperationState::Finished },
            finished_at: finished,
            millis: self.millis,
            counts: self.tally.counts(ignored),
            progress: running.then_some(progress),
            lease: if running { lease(holder) } else { None },
            idempotency_key: None,
        })
    }
}

/// What claiming the operation found.
pub(crate) enum Claim {
    New(i64),
    Resume(i64, Progressed),
    Done(Box<StoredOperation>),
}

/// What is claimed: an import of leads or of contacts.
pub(crate) struct Claimed<'a> {
    /// Content and options: equal keys are the same import.
    pub(crate) key: &'a str,
    /// Whether a finished one is done once more.
    pub(crate) again: bool,
    pub(crate) cancel: &'a CancelToken,
    pub(crate) holder: &'a str,
}

/// Takes the operation, waiting for a process that holds it as long as for a busy database;
/// `before_new` may refuse a new one, which is `new` otherwise.
pub(crate) fn claim(
    session: &Session,
    claimed: &Claimed<'_>,
    new: impl Fn() -> NewOperation,
    before_new: impl Fn() -> Result<()>,
) -> Result<Claim> {
    let holder = claimed.holder;
    let waited = Instant::now();
    loop {
        let claim = session.store.writing(|writer| {
            // Once more means once more: an interrupted import goes on even then.
            let finished = |import: &StoredOperation| import.operation.state == OperationState::Finished;
            let found = writer.operation_by(&OperationKey::Import(claimed.key))?;
            let found = found.filter(|import| !(claimed.again && finished(import)));
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
                    let update = OperationUpdate {
                        state: OperationState::Running,
                        finished_at: None,
                        lease: lease(holder),
                        ..OperationUpdate::of(&import)
                    };
                    writer.update_operation(import.operation.id, &update)?;
                    Ok(Some(Claim::Resume(import.operation.id, progressed)))
                }
                None => {
                    before_new()?;
                    let id = audit::operation(
                        session,
                        writer,
                        &NewOperation {
                            state: OperationState::Running,
                            import_key: Some(claimed.key.to_string()),
                            ..new()
                        },
                    )?;
                    let stored =
                        writer.operation(id)?.ok_or_else(|| Error::internal("an operation is lost"))?;
                    let update = OperationUpdate { lease: lease(holder), ..OperationUpdate::of(&stored) };
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
                claimed.cancel.check()?;
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
        }
    }
}

/// An import that is over, as the log has it.
pub(super) fn new_operation(session: &Session, prepared: &Prepared, options: &ImportOptions) -> NewOperation {
    NewOperation {
        name: options.name.clone(),
        file: prepared.input.name.clone(),
        file_hash: Some(prepared.input.hash.clone()),
        mapping: prepared.mapping.clone(),
        options: prepared.options.clone(),
        ..session.new_operation(OperationKind::Import)
    }
}
