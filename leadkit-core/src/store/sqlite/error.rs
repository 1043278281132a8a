//! SQLite's result codes as leadkit's errors.

use rusqlite::ErrorCode as Sqlite;

use crate::error::{Error, ErrorCode};

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        let code = match error.sqlite_error_code() {
            Some(Sqlite::DatabaseBusy | Sqlite::DatabaseLocked) => {
                return Error::new(ErrorCode::Busy, "the database is being written by somebody else")
                    .hint("try again, or open it with a larger busy_timeout");
            }
            Some(Sqlite::DiskFull) => {
                return Error::new(ErrorCode::DiskFull, "the disk is full; nothing of this batch was stored")
                    .hint("free some space and make the same call again");
            }
            Some(Sqlite::DatabaseCorrupt) => {
                return Error::new(ErrorCode::Corrupt, "the database is damaged")
                    .hint("restore a backup, or recover what can be read with `sqlite3 FILE .recover`");
            }
            Some(Sqlite::NotADatabase) => {
                return Error::new(ErrorCode::NotADatabase, "this file is no SQLite database")
                    .hint("give the path of a new file or of a leadkit database");
            }
            Some(Sqlite::ReadOnly) => ErrorCode::ReadOnly,
            Some(Sqlite::PermissionDenied) => ErrorCode::PermissionDenied,
            Some(Sqlite::CannotOpen | Sqlite::SystemIoFailure) => ErrorCode::Io,
            _ => ErrorCode::Internal,
        };
        Error::new(code, error.to_string())
    }
}
