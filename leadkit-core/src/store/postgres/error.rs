//! The server's SQLSTATEs as leadkit's errors.
//!
//! Texts never hold a cell's value: the server's DETAIL is left out, and its message too where it
//! is about data.

use std::error::Error as _;

use tokio_postgres::error::{DbError, SqlState};

use crate::error::{Error, ErrorCode};

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        if let Some(answer) = error.as_db_error() {
            return of_state(answer);
        }
        let text = error.to_string();
        if error.is_closed() || text.starts_with("timeout") || is_io(&error) {
            return lost();
        }
        // What is stored is of another type or number than was ever written.
        if text.starts_with("error deserializing") || text.starts_with("query returned") {
            return damaged();
        }
        Error::internal(format!("PostgreSQL: {text}"))
    }
}

fn of_state(answer: &DbError) -> Error {
    let state = answer.code();
    match state.code() {
        // disk_full; out of memory and of connections is no full disk.
        "53100" => {
            Error::new(ErrorCode::DiskFull, "the server's disk is full; nothing of this batch was stored")
                .hint("free some space and make the same call again")
        }
        "53300" => unreachable("the server has too many connections"),
        "40001" | "40P01" | "55P03" | "57014" => {
            Error::new(ErrorCode::Busy, "the database is being written by somebody else")
                .hint("try again, or open it with a larger busy_timeout")
        }
        "25006" => Error::new(ErrorCode::ReadOnly, "the server takes no writes")
            .hint("connect to the primary server, or open the database with read_only"),
        "42501" | "28000" | "28P01" => Error::new(ErrorCode::PermissionDenied, answer.message()),
        "3D000" => Error::new(ErrorCode::NotFound, answer.message())
            .hint("make the database first: CREATE DATABASE ... ENCODING 'UTF8'"),
        "22021" | "22P05" => {
            Error::new(ErrorCode::InvalidValue, "a text holds a character that the database cannot keep")
                .hint("U+0000 is such a one")
        }
        "XX001" | "XX002" => damaged(),
        code if code.starts_with("08") || code.starts_with("57P") => lost(),
        // Data exceptions and broken constraints quote what they are about.
        code if code.starts_with("22") || code.starts_with("23") => {
            Error::internal(format!("PostgreSQL refused a value (SQLSTATE {code})"))
        }
        code => Error::internal(format!("PostgreSQL: {} (SQLSTATE {code})", answer.message())),
    }
}

/// An error of making a connection.
pub(super) fn of_connecting(error: &tokio_postgres::Error) -> Error {
    if let Some(answer) = error.as_db_error() {
        return of_state(answer);
    }
    // The source is that of the operating system, the resolver or TLS; the password is in none.
    let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
    match error.to_string() {
        text if text.starts_with("authentication") || text.starts_with("invalid configuration") => {
            Error::new(ErrorCode::PermissionDenied, format!("{text}{cause}"))
        }
        text => unreachable(format!("{text}{cause}")),
    }
}

/// Whether the server gave a transaction up that may be run again.
pub(super) fn is_given_up(error: &tokio_postgres::Error) -> bool {
    matches!(error.code(), Some(&SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED))
}

/// Whether somebody else made the same thing at the same time.
pub(super) fn is_race(error: &tokio_postgres::Error) -> bool {
    // Unique violation (of the catalogue), duplicate schema, table and object, and a catalogue row
    // that changed below.
    matches!(error.code().map(SqlState::code), Some("23505" | "42P06" | "42P07" | "42710" | "XX000"))
}

fn is_io(error: &tokio_postgres::Error) -> bool {
    error.source().is_some_and(|cause| cause.is::<std::io::Error>())
}

/// The error of a connection that is gone.
pub(super) fn lost() -> Error {
    unreachable("the connection to the server was lost")
}

pub(super) fn unreachable(message: impl Into<String>) -> Error {
    Error::new(ErrorCode::Unreachable, message).hint("make the same call again once the server is there")
}

pub(super) fn damaged() -> Error {
    Error::new(ErrorCode::Corrupt, "the database is damaged").hint("restore a backup")
}
