//! Who runs an operation right now: a lease of some seconds, renewed with every commit, so that two
//! processes never run one operation, and what a dead process left is taken up soon.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::SystemTime;

use super::Session;
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::model::operation::OperationState;
use crate::store::{OperationUpdate, StoredOperation, Writer};

/// How long a process that went silent keeps its operation, in milliseconds.
static LEASE: AtomicI64 = AtomicI64::new(5_000);

/// Another lease for all operations of this process: tests that kill many need not wait as long.
#[cfg(feature = "testing")]
pub(crate) fn set_lease(lease: std::time::Duration) {
    LEASE.store(i64::try_from(lease.as_millis()).unwrap_or(i64::MAX), Ordering::Relaxed);
}

/// A holder's lease from now on. Leases are about processes that live or died, so they go by the
/// machine's clock, whatever clock the session has.
pub(crate) fn lease(holder: &str) -> Option<(Timestamp, String)> {
    Some((Timestamp(real_now().0.saturating_add(LEASE.load(Ordering::Relaxed))), holder.to_string()))
}

fn real_now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Whether some process is at work on the operation.
pub(crate) fn is_held(stored: &StoredOperation) -> bool {
    stored.operation.state == OperationState::Running
        && stored.lease.as_ref().is_some_and(|(until, _)| *until > real_now())
}

/// Checks that a holder still has an operation, inside the transaction that goes on with it.
///
/// # Errors
/// `operation_running` when another holder has it.
pub(crate) fn check_lease(writer: &dyn Writer, id: i64, holder: &str) -> Result<StoredOperation> {
    let stored = writer.operation(id)?;
    if stored.as_ref().is_some_and(|s| s.operation.state == OperationState::Cancelled) {
        return Err(Error::new(ErrorCode::Cancelled, "the operation was cancelled by another call")
            .hint("what was committed stays; resume it, or take it back"));
    }
    stored
        .filter(|s| s.lease.as_ref().is_some_and(|(_, owner)| owner == holder))
        .ok_or_else(|| Error::new(ErrorCode::OperationRunning, "another process took over this operation"))
}

impl Session {
    /// A name for this call among all that may run an operation.
    pub(crate) fn holder(&self) -> String {
        format!("{}-{:016x}", std::process::id(), self.random.next())
    }

    /// Leaves an operation as it stands, for the same call to go on with; best effort, since an
    /// error is on its way already.
    pub(crate) fn release(&self, operation: i64, holder: &str, error: &Error) {
        let state = match error.error_code() {
            ErrorCode::Cancelled => OperationState::Cancelled,
            _ => OperationState::Failed,
        };
        let _ = self.store.writing(|writer| {
            let stored = check_lease(writer, operation, holder)?;
            let update = OperationUpdate { state, lease: None, ..OperationUpdate::of(&stored) };
            writer.update_operation(operation, &update)
        });
    }
}
