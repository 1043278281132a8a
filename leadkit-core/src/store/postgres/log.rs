//! Operations and commits: who did what, when and why.

use serde_json::Value;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::View;
use super::lead::parse;
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::model::operation::{Conflict, Operation, OperationState};
use crate::store::{
    Change, Commit, NewOperation, OperationQuery, OperationUpdate, RejectedRow, StoredOperation,
};

pub(super) const OPERATION: &str = "id, kind, state, name, actor, reason, started_at, finished_at, millis, \
     file, file_hash, mapping, counts, options, undo_of, expires_at, progress, lease_until, lease_owner, \
     import_key, token, plan_rev, idempotency_key";
pub(super) const COMMIT: &str = "rev, operation, at, actor, reason, created_from, created_to, changed";
pub(super) const CHANGE: &str = "rev, lead, prev_rev, before";
pub(super) const CONFLICT: &str = "lead, code, field, wanted, found";

impl View<'_> {
    pub(super) fn find_operation(
        &self,
        condition: &str,
        value: &(dyn ToSql + Sync),
    ) -> Result<Option<StoredOperation>> {
        let sql = format!("SELECT {OPERATION} FROM operation WHERE {condition} ORDER BY id DESC LIMIT 1");
        self.rows(&sql, &[value])?.first().map(read_operation).transpose()
    }

    pub(super) fn list_operations(&self, query: &OperationQuery) -> Result<Vec<Operation>> {
        let sql = format!(
            "SELECT {OPERATION} FROM operation WHERE ($1::text IS NULL OR kind = $1) \
             AND ($2::text IS NULL OR state = $2) AND ($3::text IS NULL OR actor = $3) \
             AND started_at >= $4 AND started_at < $5 AND id < $6 ORDER BY id DESC LIMIT $7"
        );
        let rows = self.rows(
            &sql,
            &[
                &query.kind.map(|k| k.as_str()),
                &query.state.map(|s| s.as_str()),
                &query.actor,
                &query.since.map_or(i64::MIN, |t| t.0),
                &query.until.map_or(i64::MAX, |t| t.0),
                &query.before.unwrap_or(i64::MAX),
                &limited(query.limit),
            ],
        )?;
        rows.iter().map(|row| Ok(read_operation(row)?.operation)).collect()
    }

    pub(super) fn walk_rejects(
        &self,
        operation: i64,
        each: &mut dyn FnMut(Vec<String>) -> Result<()>,
    ) -> Result<()> {
        let sql = "SELECT cells FROM reject WHERE operation = $1 ORDER BY seq";
        self.walk(sql, &[&operation], &mut |row| each(parse(row.try_get(0)?)?).map(|()| true))
    }

    pub(super) fn read_conflicts(&self, operation: i64, skip: u64, limit: u64) -> Result<Vec<Conflict>> {
        let sql = format!(
            "SELECT {CONFLICT} FROM conflict WHERE operation = $1 AND seq >= $2 ORDER BY seq LIMIT $3"
        );
        let rows = self.rows(&sql, &[&operation, &limited(skip), &limited(limit)])?;
        rows.iter().map(|row| read_conflict(row, 0)).collect()
    }

    pub(super) fn read_commits(&self, condition: &str, value: i64, limit: u64) -> Result<Vec<Commit>> {
        let sql = format!("SELECT {COMMIT} FROM commit_log WHERE {condition} ORDER BY rev LIMIT $2");
        self.rows(&sql, &[&value, &limited(limit)])?.iter().map(read_commit).collect()
    }

    pub(super) fn find_change(&self, rev: i64, lead: i64) -> Result<Option<Change>> {
        let sql = format!("SELECT {CHANGE} FROM change WHERE rev = $1 AND lead = $2");
        self.rows(&sql, &[&rev, &lead])?.first().map(read_change).transpose()
    }

    pub(super) fn read_changes(&self, rev: i64, after: i64, limit: u64) -> Result<Vec<Change>> {
        let sql = format!("SELECT {CHANGE} FROM change WHERE rev = $1 AND lead > $2 ORDER BY lead LIMIT $3");
        self.rows(&sql, &[&rev, &after, &limited(limit)])?.iter().map(read_change).collect()
    }

    pub(super) fn find_overtaken(&self, rev: i64, after: i64, limit: u64) -> Result<Vec<i64>> {
        let sql = "SELECT c.lead FROM change c JOIN lead l ON l.id = c.lead \
             WHERE c.rev = $1 AND c.lead > $2 AND l.rev <> $1 ORDER BY c.lead LIMIT $3";
        let rows = self.rows(sql, &[&rev, &after, &limited(limit)])?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    pub(super) fn insert_operation(&self, new: &NewOperation) -> Result<i64> {
        let (mapping, counts) = (text(&new.mapping)?, text(&new.counts)?);
        // Whatever is entered as finished ended as it began.
        let finished = (new.state == OperationState::Finished).then_some(new.at.0);
        // Writers come one after the other: no other takes the same id.
        let row = self.row(
            "INSERT INTO operation (id, kind, state, name, actor, reason, started_at, finished_at, file, \
             file_hash, import_key, mapping, counts, options, token, plan_rev, expires_at, undo_of) \
             VALUES ((SELECT coalesce(max(id), 0) + 1 FROM operation), \
             $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) RETURNING id",
            &[
                &new.kind.as_str(),
                &new.state.as_str(),
                &new.name,
                &new.actor,
                &new.reason,
                &new.at.0,
                &finished,
                &new.file,
                &new.file_hash,
                &new.import_key,
                &mapping,
                &counts,
                &new.options.to_string(),
                &new.token,
                &new.plan_rev,
                &new.expires_at.map(|t| t.0),
                &new.undo_of,
            ],
        )?;
        let id = row.try_get(0)?;
        if let Some(key) = &new.idempotency_key {
            self.name_operation(id, key)?;
        }
        Ok(id)
    }

    fn name_operation(&self, id: i64, key: &str) -> Result<()> {
        // Looked for first: a broken constraint would end the transaction.
        let taken = "SELECT 1 FROM operation WHERE idempotency_key = $1 AND id <> $2";
        if !self.rows(taken, &[&key, &id])?.is_empty() {
            return Err(Error::new(ErrorCode::Conflict, "another operation has this idempotency key"));
        }
        self.execute("UPDATE operation SET idempotency_key = $1 WHERE id = $2", &[&key, &id])?;
        Ok(())
    }

    pub(super) fn write_operation(&self, id: i64, update: &OperationUpdate) -> Result<()> {
        let counts = text(&update.counts)?;
        self.execute(
            "UPDATE operation SET state = $2, finished_at = $3, millis = $4, counts = $5, progress = $6, \
             lease_until = $7, lease_owner = $8 WHERE id = $1",
            &[
                &id,
                &update.state.as_str(),
                &update.finished_at.map(|t| t.0),
                &update.millis,
                &counts,
                &update.progress,
                &update.lease.as_ref().map(|l| l.0.0),
                &update.lease.as_ref().map(|l| &l.1),
            ],
        )?;
        match &update.idempotency_key {
            Some(key) => self.name_operation(id, key),
            None => Ok(()),
        }
    }

    pub(super) fn delete_plans(&self, expired_before: Timestamp, limit: u64) -> Result<u64> {
        // By the index of tokens, which only plans have: a log may be long.
        let sql = "DELETE FROM operation WHERE id IN (SELECT id FROM operation o \
             WHERE token IS NOT NULL AND state IN ('planned', 'cancelled') AND expires_at < $1 \
             AND NOT EXISTS (SELECT 1 FROM commit_log c WHERE c.operation = o.id) ORDER BY id LIMIT $2)";
        self.execute(sql, &[&expired_before.0, &limited(limit)])
    }

    pub(super) fn insert_conflicts(&self, operation: i64, conflicts: &[Conflict]) -> Result<()> {
        if conflicts.is_empty() {
            return Ok(());
        }
        let column = |value: fn(&Conflict) -> String| conflicts.iter().map(value).collect::<Vec<String>>();
        let leads: Vec<i64> = conflicts.iter().map(|c| c.lead).collect();
        let fields: Vec<Option<&str>> = conflicts.iter().map(|c| c.field.as_deref()).collect();
        let sql = format!(
            "INSERT INTO conflict (operation, seq, {CONFLICT}) \
             SELECT $1, place - 1 + (SELECT coalesce(max(seq), -1) + 1 FROM conflict WHERE operation = $1), \
             lead, code, field, wanted, found \
             FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[]) \
             WITH ORDINALITY AS n ({CONFLICT}, place)"
        );
        self.execute(
            &sql,
            &[
                &operation,
                &leads,
                &column(|c| c.code.as_str().to_string()),
                &fields,
                &column(|c| c.wanted.to_string()),
                &column(|c| c.found.to_string()),
            ],
        )?;
        Ok(())
    }

    pub(super) fn insert_rejects(&self, operation: i64, rows: &[RejectedRow]) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let places: Vec<i64> = rows.iter().map(|row| row.seq.cast_signed()).collect();
        let cells = rows.iter().map(|row| text(&row.cells)).collect::<Result<Vec<String>>>()?;
        let sql = "INSERT INTO reject (operation, seq, cells) \
             SELECT $1, seq, cells FROM unnest($2::bigint[], $3::text[]) AS n (seq, cells)";
        self.execute(sql, &[&operation, &places, &cells])?;
        Ok(())
    }

    pub(super) fn insert_commit(&self, commit: &Commit) -> Result<()> {
        let sql = format!("INSERT INTO commit_log ({COMMIT}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
        self.execute(
            &sql,
            &[
                &commit.rev,
                &commit.operation,
                &commit.at.0,
                &commit.actor,
                &commit.reason,
                &commit.created.map(|c| c.0),
                &commit.created.map(|c| c.1),
                &limited(commit.changed),
            ],
        )?;
        Ok(())
    }

    /// Stores an operation as it is, its id included.
    pub(super) fn put_operation(&self, stored: &StoredOperation) -> Result<()> {
        let operation = &stored.operation;
        let marks: Vec<String> = (1..=OPERATION.split(", ").count()).map(|n| format!("${n}")).collect();
        let sql = format!("INSERT INTO operation ({OPERATION}) VALUES ({})", marks.join(", "));
        self.execute(
            &sql,
            &[
                &operation.id,
                &operation.kind.as_str(),
                &operation.state.as_str(),
                &operation.name,
                &operation.actor,
                &operation.reason,
                &operation.started_at.0,
                &operation.finished_at.map(|t| t.0),
                &stored.millis,
                &operation.file,
                &operation.file_hash,
                &text(&operation.mapping)?,
                &text(&operation.counts)?,
                &operation.options.to_string(),
                &operation.undo_of,
                &operation.expires_at.map(|t| t.0),
                &stored.progress,
                &stored.lease.as_ref().map(|l| l.0.0),
                &stored.lease.as_ref().map(|l| &l.1),
                &stored.import_key,
                &stored.token,
                &stored.plan_rev,
                &stored.idempotency_key,
            ],
        )?;
        Ok(())
    }
}

/// A number as the server takes it.
pub(super) fn limited(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn text<T: serde::Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|e| Error::internal(e.to_string()))
}

pub(super) fn read_operation(row: &Row) -> Result<StoredOperation> {
    let counts: std::collections::BTreeMap<String, u64> = parse(row.try_get(12)?)?;
    let count = |name: &str| counts.get(name).copied().unwrap_or(0);
    let lease: (Option<i64>, Option<String>) = (row.try_get(17)?, row.try_get(18)?);
    let millis: i64 = row.try_get(8)?;
    Ok(StoredOperation {
        operation: Operation {
            id: row.try_get(0)?,
            kind: word(row.try_get(1)?)?,
            state: word(row.try_get(2)?)?,
            name: row.try_get(3)?,
            actor: row.try_get(4)?,
            reason: row.try_get(5)?,
            started_at: Timestamp(row.try_get(6)?),
            finished_at: row.try_get::<_, Option<i64>>(7)?.map(Timestamp),
            seconds: millis as f64 / 1000.0,
            file: row.try_get(9)?,
            file_hash: row.try_get(10)?,
            mapping: parse(row.try_get(11)?)?,
            planned: count("planned"),
            changed: count("changed"),
            skipped: count("skipped"),
            conflicts: count("conflicts"),
            options: parse(row.try_get(13)?)?,
            undo_of: row.try_get(14)?,
            expires_at: row.try_get::<_, Option<i64>>(15)?.map(Timestamp),
            counts,
        },
        millis,
        progress: row.try_get(16)?,
        lease: lease.0.map(Timestamp).zip(lease.1),
        import_key: row.try_get(19)?,
        token: row.try_get(20)?,
        plan_rev: row.try_get(21)?,
        idempotency_key: row.try_get(22)?,
    })
}

pub(super) fn read_commit(row: &Row) -> Result<Commit> {
    let created: (Option<i64>, Option<i64>) = (row.try_get(5)?, row.try_get(6)?);
    Ok(Commit {
        rev: row.try_get(0)?,
        operation: row.try_get(1)?,
        at: Timestamp(row.try_get(2)?),
        actor: row.try_get(3)?,
        reason: row.try_get(4)?,
        created: created.0.zip(created.1),
        changed: row.try_get::<_, i64>(7)?.unsigned_abs(),
    })
}

pub(super) fn read_change(row: &Row) -> Result<Change> {
    Ok(Change {
        rev: row.try_get(0)?,
        lead: row.try_get(1)?,
        prev_rev: row.try_get(2)?,
        before: parse(row.try_get(3)?)?,
    })
}

pub(super) fn read_conflict(row: &Row, first: usize) -> Result<Conflict> {
    Ok(Conflict {
        lead: row.try_get(first)?,
        code: word(row.try_get(first + 1)?)?,
        field: row.try_get(first + 2)?,
        wanted: parse(row.try_get(first + 3)?)?,
        found: parse(row.try_get(first + 4)?)?,
    })
}

/// A stored word, such as an operation's kind.
pub(super) fn word<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_value(Value::from(text))
        .map_err(|e| Error::new(ErrorCode::Corrupt, format!("a stored word cannot be read: {e}")))
}
