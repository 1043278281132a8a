//! Operations and commits: who did what, when and why.

use rusqlite::types::Value as Sql;
use rusqlite::{OptionalExtension, Row};
use serde_json::Value;

use super::View;
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::model::operation::{Conflict, Operation};
use crate::store::{
    Change, Commit, NewOperation, OperationKey, OperationQuery, OperationUpdate, RejectedRow, StoredOperation,
};

pub(super) const OPERATION: &str = "id, kind, state, name, actor, reason, started_at, finished_at, millis, \
     file, file_hash, mapping, counts, options, undo_of, expires_at, progress, lease_until, lease_owner, \
     import_key, token, plan_rev, idempotency_key";
pub(super) const COMMIT: &str = "rev, operation, at, actor, reason, created_from, created_to, changed";
pub(super) const CHANGE: &str = "rev, lead, prev_rev, before";
pub(super) const CONFLICT: &str = "lead, code, field, wanted, found";

/// The condition of a key, whose value is `?1`.
pub(super) fn condition(key: &OperationKey<'_>) -> (&'static str, Sql) {
    match key {
        OperationKey::Import(key) => ("import_key = ?1", Sql::Text((*key).into())),
        OperationKey::Token(token) => ("token = ?1", Sql::Text((*token).into())),
        OperationKey::Idempotency(key) => ("idempotency_key = ?1", Sql::Text((*key).into())),
        OperationKey::UndoOf(id) => ("undo_of = ?1", Sql::Integer(*id)),
    }
}

impl View<'_> {
    pub(super) fn find_operation(&self, condition: &str, value: Sql) -> Result<Option<StoredOperation>> {
        let sql = format!("SELECT {OPERATION} FROM operation WHERE {condition} ORDER BY id DESC LIMIT 1");
        Ok(self.connection.prepare_cached(&sql)?.query_row([value], read_operation).optional()?)
    }

    pub(super) fn list_operations(&self, query: &OperationQuery) -> Result<Vec<Operation>> {
        let sql = format!(
            "SELECT {OPERATION} FROM operation WHERE (?1 IS NULL OR kind = ?1) AND (?2 IS NULL OR state = ?2) \
             AND (?3 IS NULL OR actor = ?3) AND started_at >= ?4 AND started_at < ?5 AND id < ?6 \
             ORDER BY id DESC LIMIT ?7"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map(
            (
                query.kind.map(|k| k.as_str()),
                query.state.map(|s| s.as_str()),
                query.actor.as_deref(),
                query.since.map_or(i64::MIN, |t| t.0),
                query.until.map_or(i64::MAX, |t| t.0),
                query.before.unwrap_or(i64::MAX),
                i64::try_from(query.limit).unwrap_or(i64::MAX),
            ),
            read_operation,
        )?;
        rows.map(|r| r.map(|stored| stored.operation).map_err(Error::from)).collect()
    }

    pub(super) fn walk_rejects(
        &self,
        operation: i64,
        each: &mut dyn FnMut(Vec<String>) -> Result<()>,
    ) -> Result<()> {
        let mut statement =
            self.connection.prepare_cached("SELECT cells FROM reject WHERE operation = ? ORDER BY seq")?;
        let mut rows = statement.query([operation])?;
        while let Some(row) = rows.next()? {
            each(json(row, 0)?)?;
        }
        Ok(())
    }

    pub(super) fn read_conflicts(&self, operation: i64, skip: u64, limit: u64) -> Result<Vec<Conflict>> {
        let sql =
            format!("SELECT {CONFLICT} FROM conflict WHERE operation = ? AND seq >= ? ORDER BY seq LIMIT ?");
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let skip = i64::try_from(skip).unwrap_or(i64::MAX);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map((operation, skip, limit), |row| read_conflict(row, 0))?;
        rows.map(|r| r.map_err(Error::from)).collect()
    }

    pub(super) fn read_commits(&self, condition: &str, value: i64, limit: u64) -> Result<Vec<Commit>> {
        let sql = format!("SELECT {COMMIT} FROM commit_log WHERE {condition} ORDER BY rev LIMIT ?2");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = statement.query_map((value, limit), read_commit)?;
        rows.map(|r| r.map_err(Error::from)).collect()
    }

    pub(super) fn find_change(&self, rev: i64, lead: i64) -> Result<Option<Change>> {
        let sql = format!("SELECT {CHANGE} FROM change WHERE rev = ? AND lead = ?");
        Ok(self.connection.prepare_cached(&sql)?.query_row((rev, lead), read_change).optional()?)
    }

    pub(super) fn read_changes(&self, rev: i64, after: i64, limit: u64) -> Result<Vec<Change>> {
        let sql = format!("SELECT {CHANGE} FROM change WHERE rev = ? AND lead > ? ORDER BY lead LIMIT ?");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = statement.query_map((rev, after, limit), read_change)?;
        rows.map(|r| r.map_err(Error::from)).collect()
    }

    pub(super) fn find_overtaken(&self, rev: i64, after: i64, limit: u64) -> Result<Vec<i64>> {
        self.ids(
            "SELECT c.lead FROM change c JOIN lead l ON l.id = c.lead \
             WHERE c.rev = ?1 AND c.lead > ?2 AND l.rev <> ?1 ORDER BY c.lead LIMIT ?3",
            rev,
            after,
            limit,
        )
    }

    fn ids(&self, sql: &str, rev: i64, after: i64, limit: u64) -> Result<Vec<i64>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = statement.query_map((rev, after, limit), |row| row.get(0))?;
        rows.map(|r| r.map_err(Error::from)).collect()
    }

    pub(super) fn insert_operation(&self, new: &NewOperation) -> Result<i64> {
        let (mapping, counts) = (text(&new.mapping)?, text(&new.counts)?);
        // Whatever is entered as finished ended as it began.
        let finished = (new.state == crate::model::operation::OperationState::Finished).then_some(new.at.0);
        let result = self
            .connection
            .prepare_cached(
                "INSERT INTO operation (kind, state, name, actor, reason, started_at, finished_at, file, \
                 file_hash, import_key, mapping, counts, options, token, plan_rev, expires_at, undo_of, \
                 idempotency_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )?
            .execute(rusqlite::params![
                new.kind.as_str(),
                new.state.as_str(),
                new.name,
                new.actor,
                new.reason,
                new.at.0,
                finished,
                new.file,
                new.file_hash,
                new.import_key,
                mapping,
                counts,
                new.options.to_string(),
                new.token,
                new.plan_rev,
                new.expires_at.map(|t| t.0),
                new.undo_of,
                new.idempotency_key,
            ]);
        named(result)?;
        Ok(self.connection.last_insert_rowid())
    }

    fn name_operation(&self, id: i64, key: &str) -> Result<()> {
        let result = self
            .connection
            .prepare_cached("UPDATE operation SET idempotency_key = ?2 WHERE id = ?1")?
            .execute((id, key));
        named(result)
    }

    pub(super) fn write_operation(&self, id: i64, update: &OperationUpdate) -> Result<()> {
        let counts = text(&update.counts)?;
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
                update.progress.as_deref(),
                update.lease.as_ref().map(|l| l.0.0),
                update.lease.as_ref().map(|l| &l.1),
            ))?;
        match &update.idempotency_key {
            Some(key) => self.name_operation(id, key),
            None => Ok(()),
        }
    }

    pub(super) fn delete_plans(&self, expired_before: Timestamp, limit: u64) -> Result<u64> {
        // By the index of tokens, which only plans have: a log may be long.
        let sql = "DELETE FROM operation WHERE id IN (SELECT id FROM operation o \
             WHERE token IS NOT NULL AND state IN ('planned', 'cancelled') AND expires_at < ? \
             AND NOT EXISTS (SELECT 1 FROM commit_log c WHERE c.operation = o.id) ORDER BY id LIMIT ?)";
        let values = (expired_before.0, i64::try_from(limit).unwrap_or(i64::MAX));
        Ok(self.connection.prepare_cached(sql)?.execute(values)? as u64)
    }

    pub(super) fn insert_conflicts(&self, operation: i64, conflicts: &[Conflict]) -> Result<()> {
        if conflicts.is_empty() {
            return Ok(());
        }
        let first: i64 = self
            .connection
            .prepare_cached("SELECT coalesce(max(seq), -1) + 1 FROM conflict WHERE operation = ?")?
            .query_row([operation], |row| row.get(0))?;
        let sql = format!("INSERT INTO conflict (operation, seq, {CONFLICT}) VALUES (?, ?, ?, ?, ?, ?, ?)");
        let mut statement = self.connection.prepare_cached(&sql)?;
        for (seq, conflict) in (first..).zip(conflicts) {
            statement.execute((
                operation,
                seq,
                conflict.lead,
                conflict.code.as_str(),
                &conflict.field,
                conflict.wanted.to_string(),
                conflict.found.to_string(),
            ))?;
        }
        Ok(())
    }

    pub(super) fn insert_rejects(&self, operation: i64, rows: &[RejectedRow]) -> Result<()> {
        let sql = "INSERT INTO reject (operation, seq, cells) VALUES (?, ?, ?)";
        let mut statement = self.connection.prepare_cached(sql)?;
        for row in rows {
            statement.execute((operation, row.seq.cast_signed(), text(&row.cells)?))?;
        }
        Ok(())
    }

    pub(super) fn insert_commit(&self, commit: &Commit) -> Result<()> {
        let sql = format!("INSERT INTO commit_log ({COMMIT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
        self.connection.prepare_cached(&sql)?.execute((
            commit.rev,
            commit.operation,
            commit.at.0,
            commit.actor.as_deref(),
            commit.reason.as_deref(),
            commit.created.map(|c| c.0),
            commit.created.map(|c| c.1),
            i64::try_from(commit.changed).unwrap_or(i64::MAX),
        ))?;
        Ok(())
    }
}

/// What came of giving an operation its idempotency key, which another one may have.
fn named(result: rusqlite::Result<usize>) -> Result<()> {
    match result {
        Err(error) if error.to_string().contains("operation.idempotency_key") => {
            Err(Error::new(ErrorCode::Conflict, "another operation has this idempotency key"))
        }
        result => Ok(result.map(|_| ())?),
    }
}

pub(super) fn text<T: serde::Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|e| Error::internal(e.to_string()))
}

pub(super) fn read_operation(row: &Row<'_>) -> rusqlite::Result<StoredOperation> {
    let (kind, state): (String, String) = (row.get(1)?, row.get(2)?);
    let counts: std::collections::BTreeMap<String, u64> = json(row, 12)?;
    let count = |name: &str| counts.get(name).copied().unwrap_or(0);
    let lease: (Option<i64>, Option<String>) = (row.get(17)?, row.get(18)?);
    let millis: i64 = row.get(8)?;
    Ok(StoredOperation {
        operation: Operation {
            id: row.get(0)?,
            kind: word(1, &kind)?,
            state: word(2, &state)?,
            name: row.get(3)?,
            actor: row.get(4)?,
            reason: row.get(5)?,
            started_at: Timestamp(row.get(6)?),
            finished_at: row.get::<_, Option<i64>>(7)?.map(Timestamp),
            seconds: millis as f64 / 1000.0,
            file: row.get(9)?,
            file_hash: row.get(10)?,
            mapping: json(row, 11)?,
            planned: count("planned"),
            changed: count("changed"),
            skipped: count("skipped"),
            conflicts: count("conflicts"),
            options: json(row, 13)?,
            undo_of: row.get(14)?,
            expires_at: row.get::<_, Option<i64>>(15)?.map(Timestamp),
            counts,
        },
        millis,
        progress: row.get(16)?,
        lease: lease.0.map(Timestamp).zip(lease.1),
        import_key: row.get(19)?,
        token: row.get(20)?,
        plan_rev: row.get(21)?,
        idempotency_key: row.get(22)?,
    })
}

pub(super) fn read_commit(row: &Row<'_>) -> rusqlite::Result<Commit> {
    let created: (Option<i64>, Option<i64>) = (row.get(5)?, row.get(6)?);
    Ok(Commit {
        rev: row.get(0)?,
        operation: row.get(1)?,
        at: Timestamp(row.get(2)?),
        actor: row.get(3)?,
        reason: row.get(4)?,
        created: created.0.zip(created.1),
        changed: row.get::<_, i64>(7)?.unsigned_abs(),
    })
}

pub(super) fn read_change(row: &Row<'_>) -> rusqlite::Result<Change> {
    Ok(Change { rev: row.get(0)?, lead: row.get(1)?, prev_rev: row.get(2)?, before: json(row, 3)? })
}

pub(super) fn read_conflict(row: &Row<'_>, first: usize) -> rusqlite::Result<Conflict> {
    let code: String = row.get(first + 1)?;
    Ok(Conflict {
        lead: row.get(first)?,
        code: word(first + 1, &code)?,
        field: row.get(first + 2)?,
        wanted: json(row, first + 3)?,
        found: json(row, first + 4)?,
    })
}

pub(super) fn word<T: serde::de::DeserializeOwned>(column: usize, text: &str) -> rusqlite::Result<T> {
    serde_json::from_value(Value::from(text)).map_err(|e| conversion(column, e))
}

pub(super) fn json<T: serde::de::DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    serde_json::from_str(row.get_ref(column)?.as_str()?).map_err(|e| conversion(column, e))
}

fn conversion(column: usize, error: serde_json::Error) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
}
