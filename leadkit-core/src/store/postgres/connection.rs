//! Connections: one that writes, a few that read, each call checked against forks and closing.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;
use std::time::{Duration, Instant};

use tokio_postgres::IsolationLevel;

use super::View;
use super::address::{Address, check_tenant};
use super::driver::{Driver, wait};
use super::error::is_given_up;
use super::transaction::Connection;
use super::{health, privacy, schema};
use crate::error::{Error, ErrorCode, Result};
use crate::store::{Attempts, Capabilities, Condition, ReadWork, Store, WriteWork};

/// The tenant of whoever names none.
const TENANT: &str = "leadkit";
/// Idle readers that are kept.
const READERS: usize = 4;
/// The least time for which a connection is waited for.
const CONNECTING: Duration = Duration::from_secs(10);

/// How a store is opened.
#[derive(Clone, Debug)]
pub struct PostgresOptions {
    /// Whose leads: the name of a schema; none takes `leadkit`.
    pub tenant: Option<String>,
    /// How long to wait for others that write.
    pub busy_timeout: Duration,
    /// Whether the store is only read.
    pub read_only: bool,
}

/// A store in one schema of a PostgreSQL database.
pub struct PostgresStore {
    address: Address,
    tenant: String,
    busy_timeout: Duration,
    read_only: bool,
    driver: Driver,
    process: u32,
    writer: Mutex<Option<Connection>>,
    /// The thread inside a write transaction: its callbacks must not wait for themselves.
    writing: Mutex<Option<ThreadId>>,
    closed: AtomicBool,
    readers: Mutex<Vec<Connection>>,
}

/// How far a transaction came.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The work was not begun.
    Waiting,
    /// The work was begun.
    Begun,
    /// The server gave the transaction up.
    GivenUp,
}

impl PostgresStore {
    /// Connects, makes the tenant's schema and tables, or brings them to this build's.
    ///
    /// # Errors
    /// `invalid_argument` for the URL or the tenant, `unreachable`, `permission_denied`, `not_found`
    /// (the database, or the tenant of a store that is only read), `unsupported_store` (a database
    /// whose encoding is not UTF-8), `not_a_database`, `schema_too_new`, `busy`.
    pub fn open(url: &str, options: PostgresOptions) -> Result<PostgresStore> {
        let tenant = options.tenant.unwrap_or_else(|| TENANT.to_string());
        check_tenant(&tenant)?;
        let store = PostgresStore {
            address: Address::parse(url)?,
            tenant,
            busy_timeout: options.busy_timeout,
            read_only: options.read_only,
            driver: Driver::start()?,
            process: std::process::id(),
            writer: Mutex::new(None),
            writing: Mutex::new(None),
            closed: AtomicBool::new(false),
            readers: Mutex::new(Vec::new()),
        };
        let mut connection = store.connect()?;
        schema::check_encoding(&connection)?;
        if store.read_only {
            schema::check(&connection, &store.tenant)?;
            lock(&store.readers).push(connection);
        } else {
            schema::migrate(&mut connection, &store.tenant, store.busy_timeout)?;
            *lock(&store.writer) = Some(connection);
        }
        Ok(store)
    }

    fn connect(&self) -> Result<Connection> {
        let config = &self.address.config;
        let limit = config.get_connect_timeout().copied().unwrap_or(CONNECTING).max(Duration::from_secs(2));
        let client = self.driver.connect(config, self.address.tls.clone(), limit)?;
        // 0 would be no limit at all.
        let lock_timeout = self.busy_timeout.as_millis().clamp(1, i32::MAX as u128);
        // The one schema and no other: no statement reads another tenant's rows. Plans are made for
        // the values at hand: tables grow from nothing within one transaction.
        wait(client.batch_execute(&format!(
            "SET search_path TO \"{}\"; SET lock_timeout = {lock_timeout}; SET statement_timeout = 0; \
             SET idle_in_transaction_session_timeout = 0; SET plan_cache_mode = force_custom_plan; \
             SET client_min_messages = warning; SET default_transaction_read_only = {}",
            self.tenant,
            if self.read_only { "on" } else { "off" },
        )))?;
        Ok(Connection::new(client))
    }

    /// Runs work on an idle reader, or on a new one.
    fn with_reader(&self, work: &mut dyn FnMut(&View<'_>) -> Result<()>) -> Result<()> {
        self.check_process()?;
        if self.closed.load(Ordering::SeqCst) {
            return Err(closed());
        }
        let mut idle = lock(&self.readers).pop();
        let mut stage = Stage::Waiting;
        if let Some(connection) = &mut idle {
            let result = read_on(connection, &mut stage, work);
            if stage != Stage::Waiting || !is_lost(connection, &result) {
                self.give_back(idle);
                return result;
            }
            // It was lost while it lay idle; nothing is done yet.
        }
        let mut connection = self.connect()?;
        let result = read_on(&mut connection, &mut stage, work);
        self.give_back(Some(connection));
        result
    }

    fn give_back(&self, connection: Option<Connection>) {
        let mut readers = lock(&self.readers);
        let connection = connection.filter(|connection| !connection.is_closed());
        if readers.len() < READERS && !self.closed.load(Ordering::SeqCst) {
            readers.extend(connection);
        }
    }

    fn write_once(
        &self,
        writer: &mut Option<Connection>,
        stage: &mut Stage,
        work: &mut WriteWork<'_>,
    ) -> Result<()> {
        if let Some(connection) = writer {
            let result = write_on(connection, stage, work);
            if *stage != Stage::Waiting || !is_lost(connection, &result) {
                return result;
            }
        }
        write_on(writer.insert(self.connect()?), stage, work)
    }

    /// The writer's connection, unless this very thread is in a transaction of it.
    fn writer(&self) -> Result<MutexGuard<'_, Option<Connection>>> {
        if *lock(&self.writing) == Some(std::thread::current().id()) {
            return Err(Error::new(
                ErrorCode::Busy,
                "this call is inside a transaction of the same database",
            )
            .hint("from a progress callback, only read"));
        }
        Ok(lock(&self.writer))
    }

    /// The thread with the connections is not there in a forked process.
    fn check_process(&self) -> Result<()> {
        if self.process == std::process::id() {
            return Ok(());
        }
        Err(Error::new(ErrorCode::Closed, "this database was opened before the process forked")
            .hint("open it again in the child process"))
    }
}

impl Store for PostgresStore {
    fn kind(&self) -> &'static str {
        "postgresql"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { durable: true, shared: true, concurrent_reads: true, tenants: true, backup: false }
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
        self.with_reader(&mut |view| work(view))
    }

    /// `busy` when somebody else writes longer than the time limit, and when called from inside a
    /// write transaction, by a progress callback. When the connection is lost while the server
    /// commits, `unreachable` leaves open whether it did.
    fn write(&self, attempts: Attempts, work: &mut WriteWork<'_>) -> Result<()> {
        self.check_process()?;
        self.check_writable()?;
        let mut guard = self.writer()?;
        if self.closed.load(Ordering::SeqCst) {
            return Err(closed());
        }
        let _writing = Writing::begin(&self.writing);
        let began = Instant::now();
        let result = loop {
            let mut stage = Stage::Waiting;
            let result = self.write_once(&mut guard, &mut stage, work);
            let again = stage == Stage::GivenUp && attempts == Attempts::Several;
            if result.is_ok() || !again || began.elapsed() >= self.busy_timeout {
                break result;
            }
            // Not in step with whoever it met: some milliseconds more or less.
            std::thread::sleep(Duration::from_millis(2 + RandomState::new().hash_one(0_u8) % 8));
        };
        if self.closed.load(Ordering::SeqCst) || guard.as_ref().is_some_and(Connection::is_closed) {
            guard.take();
        }
        result
    }

    fn condition(&self, thorough: bool) -> Result<Condition> {
        let mut condition = Condition::default();
        self.with_reader(&mut |view| {
            condition = health::look(view, &self.tenant, thorough)?;
            Ok(())
        })?;
        Ok(condition)
    }

    fn backup(&self, _target: &std::path::Path) -> Result<()> {
        Err(Error::new(ErrorCode::UnsupportedStore, "a postgresql store makes no copy of itself")
            .hint(format!("use pg_dump --schema={}", self.tenant)))
    }

    fn compact(&self) -> Result<()> {
        self.check_process()?;
        self.check_writable()?;
        // Held so that nobody of this process waits inside a transaction for what is rewritten.
        let _turn = self.writer()?;
        privacy::compact(&self.connect()?.client, &self.tenant)
    }

    /// A write transaction that goes on ends first; called from inside one, by a progress callback,
    /// its end closes the store.
    fn close(&self) {
        if self.process != std::process::id() {
            return;
        }
        self.closed.store(true, Ordering::SeqCst);
        lock(&self.readers).clear();
        if let Ok(mut writer) = self.writer() {
            writer.take();
        }
    }
}

impl Drop for PostgresStore {
    fn drop(&mut self) {
        if self.process != std::process::id() {
            // The parent's connections: saying goodbye on them is not for the child.
            std::mem::forget(lock(&self.writer).take());
            lock(&self.readers).drain(..).for_each(std::mem::forget);
        }
    }
}

/// Notes the thread of a write transaction for as long as it goes on.
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

fn read_on(
    connection: &mut Connection,
    stage: &mut Stage,
    work: &mut dyn FnMut(&View<'_>) -> Result<()>,
) -> Result<()> {
    let begin = connection.client.build_transaction().isolation_level(IsolationLevel::RepeatableRead);
    // Its end is sent when it is dropped, and not waited for.
    let transaction = wait(begin.read_only(true).start())?;
    *stage = Stage::Begun;
    work(&View::new(&transaction, &connection.statements))
}

fn write_on(connection: &mut Connection, stage: &mut Stage, work: &mut WriteWork<'_>) -> Result<()> {
    let begin = connection.client.build_transaction().isolation_level(IsolationLevel::ReadCommitted);
    let transaction = wait(begin.read_only(false).start())?;
    // Whoever writes holds the one row first: writers come one after the other, and ids and
    // revisions follow the order of commits.
    wait(transaction.batch_execute("SELECT rev FROM head FOR UPDATE"))?;
    *stage = Stage::Begun;
    let view = View::new(&transaction, &connection.statements);
    let result = work(&view).and_then(|()| view.failure());
    if view.is_given_up() {
        *stage = Stage::GivenUp;
    }
    result?;
    wait(transaction.commit()).map_err(|error| {
        if is_given_up(&error) {
            *stage = Stage::GivenUp;
        }
        error.into()
    })
}

/// Whether a connection is of no more use. The server's goodbye may arrive as the answer to a
/// statement, a moment before the connection is seen to be closed.
fn is_lost(connection: &Connection, result: &Result<()>) -> bool {
    let unreachable = |error: &Error| error.error_code() == ErrorCode::Unreachable;
    connection.is_closed() || result.as_ref().is_err_and(unreachable)
}

fn closed() -> Error {
    Error::new(ErrorCode::Closed, "the database was closed").hint("open it again")
}

/// A panic in a caller's closure leaves a rolled-back transaction, so the data behind the lock is
/// sound.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
