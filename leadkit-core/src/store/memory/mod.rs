//! A store of plain maps in memory: always there, and the model that other stores are compared with.
//!
//! ```
//! use leadkit_core::store::{MemoryStore, Store};
//! let store: &dyn Store = &MemoryStore::default();
//! assert_eq!(store.writing(|writer| writer.allot(3))?, 1);
//! assert_eq!(store.reading(|reader| reader.next_lead())?, 4);
//! # Ok::<(), leadkit_core::Error>(())
//! ```

mod audit;
mod automation;
mod comms;
mod privacy;
mod read;
mod state;
mod stats;
mod write;

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;
use std::time::Duration;

use state::State;

use super::{Attempts, Capabilities, Condition, ReadWork, Store, WriteWork};
use crate::error::{Error, ErrorCode, Result};

/// A store in memory, gone with its last handle.
///
/// A write transaction works on a copy of the state, whose tables are shared until they are written
/// to, and its end puts the copy in the state's place. So readers see the last committed state and
/// wait for nobody, even inside a write transaction.
pub struct MemoryStore {
    state: Mutex<Arc<State>>,
    /// Held for as long as a write transaction goes on.
    writer: Mutex<()>,
    /// The thread inside a write transaction, which must not wait for itself.
    writing: Mutex<Option<ThreadId>>,
    closed: AtomicBool,
    process: u32,
    busy_timeout: Duration,
    read_only: bool,
}

impl MemoryStore {
    /// An empty store.
    pub fn new(busy_timeout: Duration, read_only: bool) -> MemoryStore {
        MemoryStore {
            state: Mutex::default(),
            writer: Mutex::default(),
            writing: Mutex::default(),
            closed: AtomicBool::new(false),
            process: std::process::id(),
            busy_timeout,
            read_only,
        }
    }

    /// Refuses a store that was closed, or that a fork took along: its locks may be held by threads
    /// that the child does not have.
    fn check_open(&self) -> Result<()> {
        if self.process != std::process::id() {
            return Err(Error::new(ErrorCode::Closed, "this database was opened before the process forked")
                .hint("open it again in the child process"));
        }
        match self.closed.load(Ordering::SeqCst) {
            false => Ok(()),
            true => Err(Error::new(ErrorCode::Closed, "the database was closed").hint("open it again")),
        }
    }

    fn committed(&self) -> Arc<State> {
        lock(&self.state).clone()
    }

    fn is_writing(&self) -> bool {
        *lock(&self.writing) == Some(std::thread::current().id())
    }

    /// Lets the content go.
    fn clear(&self) {
        *lock(&self.state) = Arc::default();
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        MemoryStore::new(Duration::from_secs(10), false)
    }
}

impl Store for MemoryStore {
    fn kind(&self) -> &'static str {
        "memory"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { concurrent_reads: true, ..Capabilities::default() }
    }

    fn busy_timeout(&self) -> Duration {
        self.busy_timeout
    }

    fn check_writable(&self) -> Result<()> {
        match self.read_only {
            false => Ok(()),
            true => Err(Error::new(ErrorCode::ReadOnly, "the database was opened for reading only")
                .hint("open it without read_only")),
        }
    }

    fn read(&self, work: &mut ReadWork<'_>) -> Result<()> {
        self.check_open()?;
        work(&View::of(&self.committed()))
    }

    fn write(&self, _attempts: Attempts, work: &mut WriteWork<'_>) -> Result<()> {
        self.check_open()?;
        self.check_writable()?;
        if self.is_writing() {
            return Err(Error::new(
                ErrorCode::Busy,
                "this call is inside a transaction of the same database",
            )
            .hint("from a progress callback, only read"));
        }
        let _turn = lock(&self.writer);
        self.check_open()?;
        let view = View::of(&self.committed());
        let writing = Writing::begin(&self.writing);
        let result = work(&view);
        drop(writing);
        if result.is_ok() {
            *lock(&self.state) = Arc::new(view.state.into_inner());
        }
        if self.closed.load(Ordering::SeqCst) {
            self.clear();
        }
        result
    }

    fn condition(&self, _thorough: bool) -> Result<Condition> {
        self.check_open()?;
        Ok(Condition::default())
    }

    /// A write transaction that goes on ends first; called from inside one, its end closes the store.
    fn close(&self) {
        if self.process != std::process::id() {
            return;
        }
        self.closed.store(true, Ordering::SeqCst);
        if !self.is_writing() {
            let _turn = lock(&self.writer);
            self.clear();
        }
    }
}

/// What is done inside a transaction, on a state of its own.
struct View {
    state: RefCell<State>,
}

impl View {
    fn of(state: &State) -> View {
        View { state: RefCell::new(state.clone()) }
    }

    /// The state for reading while a caller's closure runs, which may write.
    fn snapshot(&self) -> State {
        self.state.borrow().clone()
    }
}

/// Notes the thread of a write transaction for as long as its work runs.
struct Writing<'a>(&'a Mutex<Option<ThreadId>>);

impl<'a> Writing<'a> {
    fn begin(writing: &'a Mutex<Option<ThreadId>>) -> Self {
        *lock(writing) = Some(std::thread::current().id());
        Writing(writing)
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        *lock(self.0) = None;
    }
}

/// A panic in a caller's closure leaves the committed state as it was.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
