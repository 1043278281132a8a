//! Progress events and cancellation, one shape for every long call.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;

/// How far a long call has come.
///
/// A callback receives at most 20 of these a second, the last one always.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Progress {
    /// What is being done: `read`, `import`, `export`, `copy`, or a bulk operation's kind.
    pub stage: String,
    /// Units done so far.
    pub done: u64,
    /// Units in all, where known.
    pub total: Option<u64>,
    /// What is counted: `bytes`, `rows`, `leads` or `records`.
    pub unit: String,
    /// Units a second since the stage began.
    pub rate: f64,
    /// Seconds to go, where the total is known.
    pub eta: Option<f64>,
}

/// A callback for progress; it runs on the thread that made the call.
pub type ProgressFn = Arc<dyn Fn(&Progress) + Send + Sync>;

/// Asks a long call to stop at the next safe place; clones share one flag.
///
/// ```
/// use leadkit_core::CancelToken;
/// let token = CancelToken::default();
/// let copy = token.clone();
/// copy.cancel();
/// assert!(token.is_cancelled());
/// ```
#[derive(Clone, Default)]
pub struct CancelToken(Arc<Flag>);

#[derive(Default)]
struct Flag {
    cancelled: AtomicBool,
    /// Questions until it cancels itself; 0 never does.
    left: AtomicU64,
}

impl CancelToken {
    /// A token that cancels itself when it has been asked so many times.
    #[cfg(feature = "testing")]
    pub(crate) fn after(questions: u64) -> Self {
        let flag = Flag::default();
        flag.left.store(questions + 1, Ordering::SeqCst);
        CancelToken(Arc::new(flag))
    }

    /// Asks to stop.
    pub fn cancel(&self) {
        self.0.cancelled.store(true, Ordering::SeqCst);
    }

    /// Whether somebody asked to stop.
    pub fn is_cancelled(&self) -> bool {
        if self.0.left.load(Ordering::SeqCst) > 0 && self.0.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.cancel();
        }
        self.0.cancelled.load(Ordering::SeqCst)
    }

    /// An error once somebody asked to stop.
    ///
    /// # Errors
    /// `cancelled`.
    pub fn check(&self) -> crate::error::Result<()> {
        match self.is_cancelled() {
            false => Ok(()),
            true => {
                Err(crate::error::Error::new(crate::error::ErrorCode::Cancelled, "cancelled by the caller")
                    .hint("what was committed stays; the same call goes on from there"))
            }
        }
    }
}

impl fmt::Debug for CancelToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CancelToken({})", self.is_cancelled())
    }
}

/// Throttles events of one stage on their way to a callback.
pub(crate) struct Reporter<'a> {
    callback: Option<&'a ProgressFn>,
    stage: &'static str,
    unit: &'static str,
    total: Option<u64>,
    began: Instant,
    last: Option<Instant>,
}

impl<'a> Reporter<'a> {
    pub(crate) fn new(
        callback: Option<&'a ProgressFn>,
        stage: &'static str,
        unit: &'static str,
        total: Option<u64>,
    ) -> Self {
        Reporter { callback, stage, unit, total, began: Instant::now(), last: None }
    }

    /// Reports when the last event is old enough.
    pub(crate) fn at(&mut self, done: u64) {
        if self.callback.is_some() && self.last.is_none_or(|t| t.elapsed() >= Duration::from_millis(50)) {
            self.send(done);
        }
    }

    /// Reports the end, whatever came before.
    pub(crate) fn finish(&mut self, done: u64) {
        self.send(done);
    }

    fn send(&mut self, done: u64) {
        let Some(callback) = self.callback else { return };
        self.last = Some(Instant::now());
        let seconds = self.began.elapsed().as_secs_f64();
        let rate = if seconds > 0.0 { done as f64 / seconds } else { 0.0 };
        let eta = self.total.filter(|_| rate > 0.0).map(|total| total.saturating_sub(done) as f64 / rate);
        callback(&Progress {
            stage: self.stage.to_string(),
            done,
            total: self.total,
            unit: self.unit.to_string(),
            rate,
            eta,
        });
    }
}
