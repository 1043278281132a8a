//! Connections: one that writes, a few that read, each call checked against forks and closing.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::schema;
use crate::error::{Error, ErrorCode, Result};

/// How a store is opened.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// How long to wait for another process's writing.
    pub busy_timeout: Duration,
    /// Whether an existing file is only read.
    pub read_only: bool,
}

/// A SQLite store; clones share its connections.
#[derive(Clone)]
pub struct Store(Arc<Shared>);

struct Shared {
    path: Option<PathBuf>,
    options: StoreOptions,
    process: u32,
    writer: Mutex<Option<Connection>>,
    /// Idle readers; none for a store in memory, which has one connection only.
    readers: Mutex<Vec<Connection>>,
}

impl Store {
    /// Opens or makes the file and brings it to this build's schema; without a path the store
    /// lives in memory.
    ///
    /// # Errors
    /// `is_directory`, `permission_denied`, `read_only`, `not_a_database`, `corrupt`,
    /// `schema_too_new`, `busy`, `io`.
    pub fn open(path: Option<&Path>, options: StoreOptions) -> Result<Store> {
        let at = |error: Error| match path {
            Some(path) => error.at_path(path),
            None => error,
        };
        let mut connection = connect(path, &options).map_err(at)?;
        if options.read_only {
            schema::check(&connection).map_err(at)?;
        } else {
            prepare_writer(&mut connection, path).map_err(at)?;
        }
        Ok(Store(Arc::new(Shared {
            path: path.map(Path::to_path_buf),
            options,
            process: std::process::id(),
            writer: Mutex::new(Some(connection)),
            readers: Mutex::new(Vec::new()),
        })))
    }

    /// The file; none for a store in memory.
    pub fn path(&self) -> Option<&Path> {
        self.0.path.as_deref()
    }

    /// How long calls wait for another process's writing.
    pub fn busy_timeout(&self) -> Duration {
        self.0.options.busy_timeout
    }

    /// Runs one write transaction: all of it is stored, or nothing.
    ///
    /// # Errors
    /// `busy` when another process holds the file longer than the time limit; what `work` returns.
    pub fn write<T>(&self, work: impl FnOnce(&Writer<'_>) -> Result<T>) -> Result<T> {
        self.check_process()?;
        if self.0.options.read_only {
            return Err(Error::new(ErrorCode::ReadOnly, "the database was opened for reading only"));
        }
        let mut guard = lock(&self.0.writer);
        let connection = guard.as_mut().ok_or_else(closed)?;
        // Immediate: a deferred transaction that turns to writing fails under any contention.
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let result = work(&Writer { connection: &transaction })?;
        transaction.commit()?;
        Ok(result)
    }

    /// Runs one read transaction: all its reads see one state.
    ///
    /// # Errors
    /// What `work` returns.
    pub fn read<T>(&self, work: impl FnOnce(&Reader<'_>) -> Result<T>) -> Result<T> {
        self.check_process()?;
        if self.0.path.is_none() {
            let guard = lock(&self.0.writer);
            return work(&Reader { connection: guard.as_ref().ok_or_else(closed)? });
        }
        if lock(&self.0.writer).is_none() {
            return Err(closed());
        }
        let idle = lock(&self.0.readers).pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => reader(self.0.path.as_deref(), &self.0.options)?,
        };
        let result = {
            let transaction = connection.transaction()?;
            work(&Reader { connection: &transaction })
        };
        lock(&self.0.readers).push(connection);
        result
    }

    /// Closes all connections; later calls answer `closed`.
    pub fn close(&self) {
        if self.0.process != std::process::id() {
            return;
        }
        // The last connection folds the write-ahead log into the file as it closes.
        lock(&self.0.readers).clear();
        lock(&self.0.writer).take();
    }

    /// SQLite connections do not survive a fork (https://www.sqlite.org/howtocorrupt.html, 2.6).
    fn check_process(&self) -> Result<()> {
        if self.0.process == std::process::id() {
            return Ok(());
        }
        Err(Error::new(ErrorCode::Closed, "this database was opened before the process forked")
            .hint("open it again in the child process"))
    }
}

impl Drop for Shared {
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

/// What can be done inside a write transaction.
pub struct Writer<'a> {
    pub(super) connection: &'a Connection,
}

/// What can be done inside a read transaction.
pub struct Reader<'a> {
    pub(super) connection: &'a Connection,
}

impl<'a> Writer<'a> {
    /// Reads inside the transaction see its own writes.
    pub fn reader(&self) -> Reader<'a> {
        Reader { connection: self.connection }
    }
}

fn connect(path: Option<&Path>, options: &StoreOptions) -> Result<Connection> {
    let Some(path) = path else { return Ok(Connection::open_in_memory()?) };
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
    let connection =
        Connection::open_with_flags(path, flags).map_err(|error| match std::fs::File::open(path) {
            Err(io) => Error::io(&io, path),
            Ok(_) => error.into(),
        })?;
    connection.busy_timeout(options.busy_timeout)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
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

fn prepare_writer(connection: &mut Connection, path: Option<&Path>) -> Result<()> {
    // Before anything is written: a file of somebody else's stays as it is.
    schema::check(connection)?;
    if path.is_some() {
        // Readers go on while an import writes; FULL because a stored row must survive a power cut.
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
    }
    connection.pragma_update(None, "cache_size", -64 * 1024)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    schema::migrate(connection)
}

fn reader(path: Option<&Path>, options: &StoreOptions) -> Result<Connection> {
    let connection = connect(path, options)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "cache_size", -16 * 1024)?;
    Ok(connection)
}

fn closed() -> Error {
    Error::new(ErrorCode::Closed, "the database was closed").hint("open it again")
}

/// A panic in a caller's closure leaves a rolled-back transaction, so the data behind the lock is
/// sound.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
