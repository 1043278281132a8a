//! Numbered migrations, forward only; `user_version` says how far a file has come.

use rusqlite::{Connection, TransactionBehavior};

use crate::error::{Error, ErrorCode, Result};

/// Old files are never edited; a change of the schema is a new file.
const MIGRATIONS: [&str; 10] = [
    include_str!("migrations/0001_init.sql"),
    include_str!("migrations/0002_operations.sql"),
    include_str!("migrations/0003_comms.sql"),
    include_str!("migrations/0004_outbox.sql"),
    include_str!("migrations/0005_meters.sql"),
    include_str!("migrations/0006_history.sql"),
    include_str!("migrations/0007_stats.sql"),
    include_str!("migrations/0008_audit.sql"),
    include_str!("migrations/0009_privacy.sql"),
    include_str!("migrations/0010_automations.sql"),
];

/// The schema that came to index the words of contacts, which only the core can read.
const WITH_WORDS: usize = 6;
/// The schema that came to hold all that contacts are counted by.
const WITH_STATS: usize = 7;

/// `LEAD` in ASCII: marks a SQLite file as ours.
const APPLICATION_ID: i64 = 0x4C45_4144;

/// Brings the file to this build's schema, under the writer's lock.
pub(super) fn migrate(connection: &mut Connection) -> Result<()> {
    if version(connection)? == MIGRATIONS.len() as i64 {
        return check(connection);
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    check(&transaction)?;
    let done = usize::try_from(version(&transaction)?).unwrap_or(0);
    for migration in MIGRATIONS.iter().skip(done) {
        transaction.execute_batch(migration)?;
    }
    if done < WITH_WORDS {
        super::history::index_all(&super::View { connection: &transaction })?;
    }
    if done < WITH_STATS {
        super::stats::fill_all(&super::View { connection: &transaction })?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", MIGRATIONS.len() as i64)?;
    transaction.commit()?;
    Ok(())
}

/// Refuses files that are not ours, or newer than this build.
pub(super) fn check(connection: &Connection) -> Result<()> {
    // In this order: another process may make the tables, and the mark with them, in between. A file
    // seen with tables has its mark by then; the other way round, ours would look like another's.
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let application: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if application != APPLICATION_ID && (tables > 0 || application != 0) {
        return Err(Error::new(ErrorCode::NotADatabase, "this SQLite file belongs to another program")
            .hint("give the path of a new file or of a leadkit database"));
    }
    let version = version(connection)?;
    if version > MIGRATIONS.len() as i64 {
        return Err(Error::new(
            ErrorCode::SchemaTooNew,
            format!("the database has schema {version}; this build knows up to {}", MIGRATIONS.len()),
        )
        .hint("update leadkit; the file was left as it is"));
    }
    // The mark comes with the first version, in one transaction.
    if application == APPLICATION_ID && version < 1 {
        return Err(super::error::damaged());
    }
    Ok(())
}

/// Refuses files that must be brought to this build's schema before they can be read.
pub(super) fn check_current(connection: &Connection) -> Result<()> {
    check(connection)?;
    let version = version(connection)?;
    if version == MIGRATIONS.len() as i64 {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::ReadOnly,
        format!("the database has schema {version} and is only read as schema {}", MIGRATIONS.len()),
    )
    .hint("open it once without read_only, which brings it up to date"))
}

pub(super) fn version(connection: &Connection) -> Result<i64> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}
