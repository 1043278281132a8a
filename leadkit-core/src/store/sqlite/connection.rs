//! Connections: one that writes, a few that read, each call checked against forks and closing.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::{View, health, privacy, schema};
use crate::error::{Error, ErrorCode, Result};
use crate::store::{Attempts, Capabilities, Condition, ReadWork, Store, WriteWork};

/// How a store is opened.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// How long to wait for another process's writing.
    pub busy_timeout: Duration,
    /// Whether an existing file is only read.
    pub read_only: bool,
}

/// A SQLite store.
pub struct SqliteStore {
    path: Option<PathBuf>,
    options: StoreOptions,
    process: u32,
    writer: Mutex<Option<Connection>>,
    /// The thread inside a write transaction: its callbacks must not wait for themselves.
    writing: Mutex<Option<ThreadId>>,
    closed: AtomicBool,
    /// Idle readers; none for a store in memory, which has one connection only.
    readers: Mutex<Vec<Connection>>,
}

impl SqliteStore {
    /// Opens or makes the file and brings it to this build's schema; without a path the store
    /// lives in memory.
    ///
    /// # Errors
    /// `is_directory`, `permission_denied`, `read_only`, `not_a_database`, `corrupt`,
    /// `schema_too_new`, `busy`, `io`.
    pub fn open(path: Option<&Path>, options: StoreOptions) -> Result<SqliteStore> {
        let at = |error: Error| match path {
            Some(path) => error.at_path(path),
            None => error,
        };
        let mut connection = connect(path, &options).map_err(at)?;
        if options.read_only {
            schema::check_current(&connection).map_err(at)?;
        } else {
            prepare_writer(&mut connection, path, options.busy_timeout).map_err(at)?;
        }
        Ok(SqliteStore {
            path: path.map(Path::to_path_buf),
            options,
            process: std::process::id(),
            writer: Mutex::new(Some(connection)),
            writing: Mutex::new(None),
            closed: AtomicBool::new(false),
            readers: Mutex::new(Vec::new()),
        })
    }

    /// Runs work on an idle reader, or on a new one.
    fn with_reader<T>(&self, work: impl FnOnce(&mut Connection) -> Result<T>) -> Result<T> {
        // Not by the writer's lock: an import holds it for as long as its transaction takes.
        if self.closed.load(Ordering::SeqCst) {
            return Err(closed());
        }
        let idle = lock(&self.readers).pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => reader(self.path.as_deref(), &self.options).map_err(|error| self.place(error))?,
        };
        let result = work(&mut connection).map_err(|error| self.place(error));
        let mut readers = lock(&self.readers);
        if !self.closed.load(Ordering::SeqCst) {
            readers.push(connection);
        }
        result
    }

    /// Names the file in errors that are about it and not about what is done with it.
    fn place(&self, error: Error) -> Error {
        use ErrorCode::{Busy, Corrupt, DiskFull, Io, NotADatabase, PermissionDenied, ReadOnly};
        let ours = [Busy, Corrupt, DiskFull, Io, NotADatabase, PermissionDenied, ReadOnly];
        match &self.path {
            Some(path) if error.path().is_none() && ours.contains(&error.error_code()) => error.at_path(path),
            _ => error,
        }
    }

    /// The writer's connection, unless this very thread is in a transaction of it.
    fn writer(&self) -> Result<MutexGuard<'_, Option<Connection>>> {
        if *lock(&self.writing) == Some(std::thread::current().id()) {
            return Err(Error::new(
                ErrorCode::Busy,
                "this call is inside a transaction of the same database",
            )
            .hint("from a progress callback, only read, and only a database in a file"));
        }
        let mut guard = lock(&self.writer);
        if self.closed.load(Ordering::SeqCst) {
            close(&mut guard);
        }
        Ok(guard)
    }

    /// SQLite connections do not survive a fork (https://www.sqlite.org/howtocorrupt.html, 2.6).
    fn check_process(&self) -> Result<()> {
        if self.process == std::process::id() {
            return Ok(());
        }
        Err(Error::new(ErrorCode::Closed, "this database was opened before the process forked")
            .hint("open it again in the child process"))
    }
}

impl Store for SqliteStore {
    fn kind(&self) -> &'static str {
        "sqlite"
    }

    fn capabilities(&self) -> Capabilities {
        let file = self.path.is_some();
        Capabilities { durable: file, shared: file, concurrent_reads: file, tenants: false, backup: true }
    }

    fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    fn busy_timeout(&self) -> Duration {
        self.options.busy_timeout
    }

    fn check_writable(&self) -> Result<()> {
        match self.options.read_only {
            false => Ok(()),
            true => Err(Error::new(ErrorCode::ReadOnly, "the database was opened for reading only")
                .hint("open it without read_only")),
        }
    }

    /// A file is read beside a write transaction that goes on; a store in memory waits for it, and
    /// is `busy` when called from inside one.
    fn read(&self, work: &mut ReadWork<'_>) -> Result<()> {
        self.check_process()?;
        if self.path.is_none() {
            let guard = self.writer()?;
            return work(&View { connection: guard.as_ref().ok_or_else(closed)? });
        }
        self.with_reader(|connection| {
            let transaction = connection.transaction()?;
            work(&View { connection: &transaction })
        })
    }

    /// `busy` when another process holds the file longer than the time limit, and when called from
    /// inside a write transaction, by a progress callback.
    fn write(&self, _attempts: Attempts, work: &mut WriteWork<'_>) -> Result<()> {
        self.check_process()?;
        self.check_writable()?;
        let mut guard = self.writer()?;
        let connection = guard.as_mut().ok_or_else(closed)?;
        let _writing = Writing::begin(&self.writing);
        let mut write = || {
            // Immediate: a deferred transaction that turns to writing fails under any contention.
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            work(&View { connection: &transaction })?;
            transaction.commit()?;
            Ok(())
        };
        let result = write().map_err(|error| self.place(error));
        if self.closed.load(Ordering::SeqCst) {
            close(&mut guard);
        }
        result
    }

    fn condition(&self, thorough: bool) -> Result<Condition> {
        self.check_process()?;
        let look = |connection: &mut Connection| health::look(connection, thorough);
        let mut condition = match &self.path {
            Some(_) => self.with_reader(look)?,
            None => look(self.writer()?.as_mut().ok_or_else(closed)?)?,
        };
        if let Some(path) = &self.path {
            condition.log_bytes = std::fs::metadata(beside(path, "-wal")).map_or(0, |meta| meta.len());
        }
        Ok(condition)
    }

    fn backup(&self, target: &Path) -> Result<()> {
        self.check_process()?;
        let copy = |connection: &mut Connection| health::backup(connection, target);
        match &self.path {
            Some(_) => self.with_reader(copy),
            None => copy(self.writer()?.as_mut().ok_or_else(closed)?),
        }
    }

    fn compact(&self) -> Result<()> {
        self.check_process()?;
        self.check_writable()?;
        let guard = self.writer()?;
        let result = privacy::compact(guard.as_ref().ok_or_else(closed)?);
        result.map_err(|error| self.place(error))
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
            close(&mut writer);
        }
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        if self.process != std::process::id() {
            // Closing in the child would release the parent's locks: leave them to the parent.
            if let Some(connection) = lock(&self.writer).take() {
                std::mem::forget(connection);
            }
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

fn connect(path: Option<&Path>, options: &StoreOptions) -> Result<Connection> {
    let Some(path) = path else { return settle(Connection::open_in_memory()?) };
    let existing = std::fs::metadata(path);
    match &existing {
        Ok(meta) if meta.is_dir() => {
            return Err(Error::new(ErrorCode::IsDirectory, "this is a directory, not a database file")
                .hint("name a file inside it, such as leads.db"));
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            if options.read_only {
                return Err(Error::io(error, path));
            }
            create_private(path)?;
        }
        Err(error) => return Err(Error::io(error, path)),
        Ok(_) => {}
    }
    let mode =
        if options.read_only { OpenFlags::SQLITE_OPEN_READ_ONLY } else { OpenFlags::SQLITE_OPEN_READ_WRITE };
    let flags = mode | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection =
        Connection::open_with_flags(path, flags).map_err(|error| match std::fs::File::open(path) {
            Err(io) => Error::io(&io, path),
            Ok(_) => error.into(),
        })?;
    if options.read_only && needs_writing(&connection) && !beside(path, "-wal").exists() {
        // In a folder where nothing can be made, SQLite cannot make its index of the log. There is
        // no log: nobody has the file open for writing, and it is read as it is.
        let uri = format!("file:{}?immutable=1", percent_encoded(path));
        connection = Connection::open_with_flags(uri, flags | OpenFlags::SQLITE_OPEN_URI)?;
    }
    connection.busy_timeout(options.busy_timeout)?;
    settle(connection)
}

/// What holds for every connection.
fn settle(connection: Connection) -> Result<Connection> {
    connection.set_prepared_statement_cache_capacity(128);
    // Plans do not depend on what is bound. Otherwise SQLite prepares many a statement anew for each
    // execution, in case another value wants another plan.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(connection)
}

/// Whether even reading fails because the folder cannot be written.
fn needs_writing(connection: &Connection) -> bool {
    use rusqlite::ErrorCode::{CannotOpen, ReadOnly};
    let read = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()));
    read.is_err_and(|error| matches!(error.sqlite_error_code(), Some(CannotOpen | ReadOnly)))
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_os_string();
    name.push(ending);
    name.into()
}

fn percent_encoded(path: &Path) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/._-".contains(&b);
    let bytes = path.as_os_str().as_encoded_bytes();
    bytes.iter().map(|&b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// Personal data: nobody but the owner reads the file.
fn create_private(path: &Path) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(Error::new(ErrorCode::FileNotFound, "the folder for the database does not exist")
                .hint("make the folder first"))
        }
        // Another process was quicker: then it is there, which is all we need.
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(Error::io(&error, path)),
        _ => Ok(()),
    }
}

fn prepare_writer(connection: &mut Connection, path: Option<&Path>, busy_timeout: Duration) -> Result<()> {
    // Before anything is written: a file of somebody else's stays as it is.
    schema::check(connection)?;
    if path.is_some() {
        // Readers go on while an import writes; FULL because a stored row must survive a power cut.
        write_ahead(connection, busy_timeout)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
    }
    connection.pragma_update(None, "cache_size", -32 * 1024)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    schema::migrate(connection)
}

/// Turns the write-ahead log on. SQLite does not wait for others here, whatever its busy timeout:
/// several processes that open a new file at once meet in this place, so we wait ourselves.
fn write_ahead(connection: &Connection, busy_timeout: Duration) -> Result<()> {
    let began = std::time::Instant::now();
    loop {
        let result: Result<()> = connection.pragma_update(None, "journal_mode", "WAL").map_err(Error::from);
        match result {
            Err(error) if error.is_retryable() && began.elapsed() < busy_timeout => {
                std::thread::sleep(Duration::from_millis(5));
            }
            result => return result,
        }
    }
}

fn reader(path: Option<&Path>, options: &StoreOptions) -> Result<Connection> {
    let connection = connect(path, options)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "cache_size", -16 * 1024)?;
    Ok(connection)
}

fn close(writer: &mut Option<Connection>) {
    // The last connection folds the write-ahead log into the file as it closes.
    writer.take();
}

fn closed() -> Error {
    Error::new(ErrorCode::Closed, "the database was closed").hint("open it again")
}

/// A panic in a caller's closure leaves a rolled-back transaction, so the data behind the lock is
/// sound.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
