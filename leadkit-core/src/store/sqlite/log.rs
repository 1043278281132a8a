//! Operations and commits: who did what, when and why.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, Row};
use serde_json::Value;

use super::{Reader, Writer};
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::model::operation::{Operation, OperationKind, OperationState};

/// An operation to be entered.
#[derive(Clone, Debug)]
pub struct NewOperation<'a> {
    /// What is done.
    pub kind: OperationKind,
    /// Where it stands.
    pub state: OperationState,
    /// A name given by the caller.
    pub name: Option<&'a str>,
    /// Who does it.
    pub actor: Option<&'a str>,
    /// Why.
    pub reason: Option<&'a str>,
    /// When it begins.
    pub at: Timestamp,
    /// The file's name.
    pub file: Option<&'a str>,
    /// The file's hash.
    pub file_hash: Option<&'a str>,
    /// Content and options of an import.
    pub import_key: Option<&'a str>,
    /// Column to field.
    pub mapping: &'a BTreeMap<String, Option<String>>,
    /// The options it runs with.
    pub options: &'a Value,
}

/// What changes about an operation while it runs.
#[derive(Clone, Debug)]
pub struct OperationUpdate<'a> {
    /// Where it stands.
    pub state: OperationState,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Milliseconds of work so far.
    pub millis: i64,
    /// What it counted so far.
    pub counts: &'a BTreeMap<String, u64>,
    /// Where it goes on.
    pub progress: Option<&'a str>,
    /// Until when this process holds it, and the holder.
    pub lease: Option<(Timestamp, &'a str)>,
}

/// An earlier import of the same content with the same options.
#[derive(Clone, Debug)]
pub struct StoredImport {
    /// The operation.
    pub operation: Operation,
    /// Where it goes on.
    pub progress: Option<String>,
    /// Until when a process holds it, and the holder.
    pub lease: Option<(Timestamp, String)>,
}

const COLUMNS: &str = "id, kind, state, name, actor, reason, started_at, finished_at, millis, file, file_hash, \
                       mapping, counts, options";

impl Reader<'_> {
    /// The operation of an id.
    pub fn operation(&self, id: i64) -> Result<Option<Operation>> {
        let sql = format!("SELECT {COLUMNS} FROM operation WHERE id = ?");
        Ok(self.connection.prepare_cached(&sql)?.query_row([id], read).optional()?)
    }

    /// Operations, the newest first, before an id.
    pub fn operations(
        &self,
        kind: Option<OperationKind>,
        before: Option<i64>,
        limit: u64,
    ) -> Result<Vec<Operation>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM operation WHERE (?1 IS NULL OR kind = ?1) AND id < ?2 ORDER BY id DESC LIMIT ?3"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows =
            statement.query_map((kind.map(|k| k.as_str()), before.unwrap_or(i64::MAX), limit), read)?;
        rows.map(|r| r.map_err(Error::from)).collect()
    }

    /// The newest import of a key, whatever its state.
    pub fn import_by_key(&self, key: &str) -> Result<Option<StoredImport>> {
        let sql = format!(
            "SELECT {COLUMNS}, progress, lease_until, lease_owner FROM operation WHERE import_key = ? ORDER BY id DESC LIMIT 1"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let found = statement.query_row([key], |row| {
            let lease: (Option<i64>, Option<String>) = (row.get("lease_until")?, row.get("lease_owner")?);
            Ok(StoredImport {
                operation: read(row)?,
                progress: row.get("progress")?,
                lease: lease.0.map(Timestamp).zip(lease.1),
            })
        });
        Ok(found.optional()?)
    }

    /// Calls `each` with the rejected rows of an import, in the order of the file.
    pub fn each_reject(&self, operation: i64, mut each: impl FnMut(Vec<String>) -> Result<()>) -> Result<()> {
        let mut statement =
            self.connection.prepare_cached("SELECT cells FROM reject WHERE operation = ? ORDER BY seq")?;
        let mut rows = statement.query([operation])?;
        while let Some(row) = rows.next()? {
            each(json(row, 0)?)?;
        }
        Ok(())
    }

    /// The operation and instant of a revision.
    pub fn commit(&self, rev: i64) -> Result<Option<(i64, Timestamp)>> {
        let mut statement =
            self.connection.prepare_cached("SELECT operation, at FROM commit_log WHERE rev = ?")?;
        Ok(statement.query_row([rev], |row| Ok((row.get(0)?, Timestamp(row.get(1)?)))).optional()?)
    }
}

impl Writer<'_> {
    /// Enters an operation and gives its id.
    pub fn add_operation(&self, new: &NewOperation<'_>) -> Result<i64> {
        let mapping = serde_json::to_string(new.mapping).map_err(|e| Error::internal(e.to_string()))?;
        self.connection
            .prepare_cached(
                "INSERT INTO operation (kind, state, name, actor, reason, started_at, file, file_hash, import_key, \
                 mapping, options) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )?
            .execute((
                new.kind.as_str(),
                new.state.as_str(),
                new.name,
                new.actor,
                new.reason,
                new.at.0,
                new.file,
                new.file_hash,
                new.import_key,
                mapping,
                new.options.to_string(),
            ))?;
        Ok(self.connection.last_insert_rowid())
    }

    /// Enters an operation that is over already, with what it counted.
    pub fn add_finished(
        &self,
        new: &NewOperation<'_>,
        finished_at: Timestamp,
        counts: &BTreeMap<String, u64>,
    ) -> Result<i64> {
        let id = self.add_operation(new)?;
        let update = OperationUpdate {
            state: OperationState::Finished,
            finished_at: Some(finished_at),
            millis: (finished_at.0 - new.at.0).max(0),
            counts,
            progress: None,
            lease: None,
        };
        self.update_operation(id, &update)?;
        Ok(id)
    }

    /// Brings an operation up to date.
    ///
    /// # Errors
    /// `operation_running` when another holder's lease took it over.
    pub fn update_operation(&self, id: i64, update: &OperationUpdate<'_>) -> Result<()> {
        let counts = serde_json::to_string(update.counts).map_err(|e| Error::internal(e.to_string()))?;
        let lease = update.lease;
        self.connection
            .prepare_cached(
                "UPDATE operation SET state = ?2, finished_at = ?3, millis = ?4, counts = ?5, progress = ?6, \
                 lease_until = ?7, lease_owner = ?8 WHERE id = ?1",
            )?
            .execute((
                id,
                update.state.as_str(),
                update.finished_at.map(|t| t.0),
                update.millis,
                counts,
                update.progress,
                lease.map(|l| l.0.0),
                lease.map(|l| l.1),
            ))?;
        Ok(())
    }

    /// Keeps a rejected row until its import ends.
    pub fn add_reject(&self, operation: i64, seq: u64, cells: &[&str]) -> Result<()> {
        let cells = serde_json::to_string(cells).map_err(|e| Error::internal(e.to_string()))?;
        self.connection
            .prepare_cached("INSERT INTO reject (operation, seq, cells) VALUES (?, ?, ?)")?
            .execute((operation, seq.cast_signed(), cells))?;
        Ok(())
    }

    /// Drops the rejected rows of an import, once they are in their file.
    pub fn drop_rejects(&self, operation: i64) -> Result<()> {
        self.connection.prepare_cached("DELETE FROM reject WHERE operation = ?")?.execute([operation])?;
        Ok(())
    }

    /// Leaves an operation in a state in which the same call can go on with it.
    pub fn release_operation(&self, id: i64, state: OperationState) -> Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE operation SET state = ?, lease_until = NULL, lease_owner = NULL WHERE id = ?",
            )?
            .execute((state.as_str(), id))?;
        Ok(())
    }

    /// Checks that a holder still has an operation, inside the transaction that goes on with it.
    ///
    /// # Errors
    /// `operation_running` when another holder has it.
    pub fn check_lease(&self, id: i64, holder: &str) -> Result<()> {
        let owner: Option<String> = self
            .connection
            .prepare_cached("SELECT lease_owner FROM operation WHERE id = ?")?
            .query_row([id], |row| row.get(0))?;
        match owner.as_deref() == Some(holder) {
            true => Ok(()),
            false => Err(Error::new(ErrorCode::OperationRunning, "another process took over this operation")),
        }
    }

    /// Takes the next revision; first thing in a transaction that changes leads.
    pub fn next_rev(&self) -> Result<i64> {
        let mut statement = self.connection.prepare_cached("UPDATE head SET rev = rev + 1 RETURNING rev")?;
        Ok(statement.query_row([], |row| row.get(0))?)
    }

    /// Enters a commit: the leads `created` came into being, `changed` others were changed.
    #[allow(clippy::too_many_arguments, reason = "one row of a log")]
    pub fn add_commit(
        &self,
        rev: i64,
        operation: i64,
        at: Timestamp,
        actor: Option<&str>,
        reason: Option<&str>,
        created: Option<(i64, i64)>,
        changed: u64,
    ) -> Result<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO commit_log (rev, operation, at, actor, reason, created_from, created_to, changed) \
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            )?
            .execute((
                rev,
                operation,
                at.0,
                actor,
                reason,
                created.map(|c| c.0),
                created.map(|c| c.1),
                i64::try_from(changed).unwrap_or(i64::MAX),
            ))?;
        Ok(())
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Operation> {
    let kind: String = row.get(1)?;
    let state: String = row.get(2)?;
    Ok(Operation {
        id: row.get(0)?,
        kind: word(1, &kind)?,
        state: word(2, &state)?,
        name: row.get(3)?,
        actor: row.get(4)?,
        reason: row.get(5)?,
        started_at: Timestamp(row.get(6)?),
        finished_at: row.get::<_, Option<i64>>(7)?.map(Timestamp),
        seconds: row.get::<_, i64>(8)? as f64 / 1000.0,
        file: row.get(9)?,
        file_hash: row.get(10)?,
        mapping: json(row, 11)?,
        counts: json(row, 12)?,
        options: json(row, 13)?,
    })
}

fn word<T: serde::de::DeserializeOwned>(column: usize, text: &str) -> rusqlite::Result<T> {
    serde_json::from_value(Value::from(text)).map_err(|e| conversion(column, e))
}

fn json<T: serde::de::DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    serde_json::from_str(row.get_ref(column)?.as_str()?).map_err(|e| conversion(column, e))
}

fn conversion(column: usize, error: serde_json::Error) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
}
