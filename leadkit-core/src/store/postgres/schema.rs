//! Numbered migrations, forward only; the table `leadkit_schema` says how far a schema has come.

use std::time::{Duration, Instant};

use tokio_postgres::Transaction;

use super::driver::wait;
use super::error::is_race;
use super::transaction::Connection;
use crate::error::{Error, ErrorCode, Result};

/// Old files are never edited; a change of the schema is a new file. The numbers begin where those
/// of SQLite were when this store came into being.
const MIGRATIONS: [(i64, &str); 9] = [
    (2, include_str!("migrations/0001_init.sql")),
    (3, include_str!("migrations/0002_comms.sql")),
    (4, include_str!("migrations/0003_outbox.sql")),
    (5, include_str!("migrations/0004_meters.sql")),
    (6, include_str!("migrations/0005_history.sql")),
    (7, include_str!("migrations/0006_stats.sql")),
    (8, include_str!("migrations/0007_audit.sql")),
    (9, include_str!("migrations/0008_privacy.sql")),
    (10, include_str!("migrations/0009_automations.sql")),
];
/// The version that came to index the words of contacts, which only the core can read.
const WITH_WORDS: i64 = 6;
/// The version that came to hold all that contacts are counted by.
const WITH_STATS: i64 = 7;
/// The version of this build.
const VERSION: i64 = MIGRATIONS[MIGRATIONS.len() - 1].0;

/// Brings the schema to this build's. Several may come at once: each waits for the one before, and
/// finds its work done.
pub(super) fn migrate(connection: &mut Connection, tenant: &str, limit: Duration) -> Result<()> {
    if version(connection, tenant)? == Some(VERSION) {
        return Ok(());
    }
    let began = Instant::now();
    loop {
        let transaction = wait(connection.client.transaction())?;
        match migrate_within(&transaction, tenant)? {
            Some(_) => return Ok(wait(transaction.commit())?),
            None if began.elapsed() < limit => {
                drop(transaction);
                std::thread::sleep(Duration::from_millis(20));
            }
            None => {
                return Err(Error::new(ErrorCode::Busy, "somebody else is making the same tenant")
                    .hint("try again, or open it with a larger busy_timeout"));
            }
        }
    }
}

/// None when somebody else made the same thing just now.
fn migrate_within(transaction: &Transaction<'_>, tenant: &str) -> Result<Option<()>> {
    let make = |sql: &str| match wait(transaction.batch_execute(sql)) {
        Err(error) if is_race(&error) => Ok(None),
        result => Ok::<_, Error>(Some(result?)),
    };
    // Making what is there already needs rights that whoever only uses it may not have.
    let schema = "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1::text)";
    if !wait(transaction.query_one(schema, &[&tenant]))?.try_get::<_, bool>(0)?
        && make(&format!("CREATE SCHEMA IF NOT EXISTS \"{tenant}\""))?.is_none()
    {
        return Ok(None);
    }
    if !has_mark(transaction, tenant)? {
        let others = "SELECT count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             WHERE n.nspname = $1::text AND c.relname IN ('lead', 'lead_key', 'head', 'operation')";
        if wait(transaction.query_one(others, &[&tenant]))?.try_get::<_, i64>(0)? > 0
            && !has_mark(transaction, tenant)?
        {
            return Err(Error::new(ErrorCode::NotADatabase, "this schema belongs to another program")
                .hint("give another name as tenant"));
        }
        let mark = "CREATE TABLE IF NOT EXISTS leadkit_schema \
             (one INTEGER PRIMARY KEY CHECK (one = 1), version BIGINT NOT NULL)";
        if make(mark)?.is_none() {
            return Ok(None);
        }
    }
    wait(transaction.batch_execute("LOCK TABLE leadkit_schema IN EXCLUSIVE MODE"))?;
    let rows = wait(transaction.query("SELECT version FROM leadkit_schema", &[]))?;
    let done: i64 = rows.first().map_or(Ok(0), |row| row.try_get(0))?;
    check_version(done)?;
    for (version, migration) in MIGRATIONS {
        if version > done {
            wait(transaction.batch_execute(migration))?;
        }
    }
    let statements = super::transaction::Statements::default();
    let view = super::View::new(transaction, &statements);
    if done < WITH_WORDS {
        super::history::index_all(&view)?;
    }
    if done < WITH_STATS {
        super::stats::fill_all(&view)?;
    }
    let note = "INSERT INTO leadkit_schema (one, version) VALUES (1, $1) \
         ON CONFLICT (one) DO UPDATE SET version = excluded.version";
    wait(transaction.execute(note, &[&VERSION]))?;
    Ok(Some(()))
}

fn has_mark(transaction: &Transaction<'_>, tenant: &str) -> Result<bool> {
    Ok(wait(transaction.query_one(MARK, &[&tenant]))?.try_get(0)?)
}

const MARK: &str = "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n \
     ON n.oid = c.relnamespace WHERE n.nspname = $1::text AND c.relname = 'leadkit_schema')";

/// Refuses tenants that are not there, or newer than this build.
pub(super) fn check(connection: &Connection, tenant: &str) -> Result<()> {
    match version(connection, tenant)? {
        Some(_) => Ok(()),
        None => Err(Error::new(ErrorCode::NotFound, "there is no such tenant in this database")
            .hint("open it without read_only once, which makes it")
            .at_field("tenant")),
    }
}

/// How far the schema has come; none when there is none of ours.
fn version(connection: &Connection, tenant: &str) -> Result<Option<i64>> {
    let client = &connection.client;
    if !wait(client.query_one(MARK, &[&tenant]))?.try_get::<_, bool>(0)? {
        return Ok(None);
    }
    let rows = wait(client.query("SELECT version FROM leadkit_schema", &[]))?;
    let version = rows.first().map(|row| row.try_get::<_, i64>(0)).transpose()?;
    version.map_or(Ok(()), check_version)?;
    Ok(version)
}

fn check_version(version: i64) -> Result<()> {
    if version <= VERSION {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::SchemaTooNew,
        format!("the database has schema {version}; this build knows up to {VERSION}"),
    )
    .hint("update leadkit; the database was left as it is"))
}

/// Texts of all languages must fit, and compare as their bytes do.
pub(super) fn check_encoding(connection: &Connection) -> Result<()> {
    let row = wait(connection.client.query_one("SELECT current_setting('server_encoding')", &[]))?;
    match row.try_get(0)? {
        "UTF8" => Ok(()),
        other => Err(Error::new(
            ErrorCode::UnsupportedStore,
            format!("the database's encoding is {other}; leads need UTF8"),
        )
        .hint("make a database with ENCODING 'UTF8' TEMPLATE template0")),
    }
}

/// The version of this build, which all open stores have.
pub(super) fn current() -> i64 {
    VERSION
}
