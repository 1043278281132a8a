//! SQLite's result codes as leadkit's errors.

use rusqlite::ErrorCode as Sqlite;

use crate::error::{Error, ErrorCode};

/// The file that coordinates readers and writers cannot grow: its disk is full.
const SHARED_MEMORY_SIZE: i32 = rusqlite::ffi::SQLITE_IOERR_SHMSIZE;

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        let extended = error.sqlite_error().map(|e| e.extended_code);
        let code = match error.sqlite_error_code() {
            Some(Sqlite::SystemIoFailure) if extended == Some(SHARED_MEMORY_SIZE) => {
                return disk_full();
            }
            Some(Sqlite::DatabaseBusy | Sqlite::DatabaseLocked) => {
                return Error::new(ErrorCode::Busy, "the database is being written by somebody else")
                    .hint("try again, or open it with a larger busy_timeout");
            }
            Some(Sqlite::DiskFull) => return disk_full(),
            Some(Sqlite::DatabaseCorrupt) => return damaged(),
            // A stored value of another type or text than was ever written.
            None if is_conversion(&error) => return damaged(),
            Some(Sqlite::Unknown) | None if is_changed(&error) => return damaged(),
            Some(Sqlite::NotADatabase) => {
                return Error::new(ErrorCode::NotADatabase, "this file is no SQLite database")
                    .hint("give the path of a new file or of a leadkit database");
            }
            Some(Sqlite::ReadOnly) => {
                return Error::new(
                    ErrorCode::ReadOnly,
                    "the database, a file beside it (-wal, -shm) or its folder may not be written",
                )
                .hint("change the permissions, or open it with read_only");
            }
            Some(Sqlite::PermissionDenied) => ErrorCode::PermissionDenied,
            Some(Sqlite::CannotOpen | Sqlite::SystemIoFailure) => ErrorCode::Io,
            _ => ErrorCode::Internal,
        };
        Error::new(code, error.to_string())
    }
}

fn disk_full() -> Error {
    Error::new(ErrorCode::DiskFull, "the disk is full; nothing of this batch was stored")
        .hint("free some space and make the same call again")
}

pub(super) fn damaged() -> Error {
    Error::new(ErrorCode::Corrupt, "the database is damaged")
        .hint("restore a backup, or recover what can be read with `sqlite3 FILE .recover`")
}

/// The statements are ours and the schema's version was checked: tables, columns and JSON that
/// SQLite does not find in it are no longer what was written, nor is a format that no SQLite has, nor a
/// version by which tables would have to be made that are there already.
fn is_changed(error: &rusqlite::Error) -> bool {
    let text = error.to_string();
    let signs = [
        "no such column",
        "no such table",
        "has no column named",
        "malformed JSON",
        "already exists",
        "unsupported file format",
    ];
    signs.iter().any(|sign| text.contains(sign))
}

fn is_conversion(error: &rusqlite::Error) -> bool {
    use rusqlite::Error as E;
    matches!(
        error,
        E::FromSqlConversionFailure(..)
            | E::InvalidColumnType(..)
            | E::IntegralValueOutOfRange(..)
            | E::Utf8Error(..)
            | E::QueryReturnedNoRows
    )
}
