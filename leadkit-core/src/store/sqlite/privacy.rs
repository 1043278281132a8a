//! Erasing: what is only ever added elsewhere is rewritten in place, and the file as a whole after it.

use rusqlite::{Connection, OptionalExtension};
use serde_json::Value;

use super::View;
use super::log::{OPERATION, json, read_operation, text};
use crate::error::{Error, ErrorCode, Result};
use crate::model::consent::ConsentEntry;
use crate::model::lead::Lead;
use crate::model::privacy::{ErasureCertificate, Hold};
use crate::store::{EachReject, ReadPrivacy, StoredOperation, WritePrivacy};

impl ReadPrivacy for View<'_> {
    fn each_operation(&self, each: &mut dyn FnMut(StoredOperation) -> Result<()>) -> Result<()> {
        let sql = format!("SELECT {OPERATION} FROM operation ORDER BY id");
        let mut statement = self.connection.prepare(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            each(read_operation(row)?)?;
        }
        Ok(())
    }

    fn each_waiting_reject(&self, each: &mut EachReject<'_>) -> Result<()> {
        let sql = "SELECT operation, seq, cells FROM reject ORDER BY operation, seq";
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            each(row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs(), json(row, 2)?)?;
        }
        Ok(())
    }

    fn erasures(&self, before: Option<i64>, limit: u64) -> Result<Vec<ErasureCertificate>> {
        let sql = "SELECT value FROM erasure WHERE id < ? ORDER BY id DESC LIMIT ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let values = (before.unwrap_or(i64::MAX), i64::try_from(limit).unwrap_or(i64::MAX));
        let rows = statement.query_map(values, |row| json(row, 0))?;
        rows.map(|row| row.map_err(Error::from)).collect()
    }

    fn erased(&self, leads: &[i64]) -> Result<Vec<i64>> {
        let mut statement = self.connection.prepare_cached("SELECT lead FROM erased_lead WHERE lead = ?")?;
        let mut erased = Vec::new();
        for lead in leads {
            erased.extend(statement.query_row([lead], |row| row.get::<_, i64>(0)).optional()?);
        }
        Ok(erased)
    }

    fn erasure_keys(&self) -> Result<Vec<String>> {
        let sql = "SELECT DISTINCT key_id FROM erasure WHERE key_id IS NOT NULL ORDER BY key_id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn holds(&self) -> Result<Vec<Hold>> {
        let mut statement = self.connection.prepare_cached("SELECT value FROM hold ORDER BY lead")?;
        let rows = statement.query_map([], |row| json(row, 0))?;
        rows.map(|row| row.map_err(Error::from)).collect()
    }
}

impl WritePrivacy for View<'_> {
    fn rewrite_operation(&self, stored: &StoredOperation) -> Result<()> {
        let operation = &stored.operation;
        self.connection
            .prepare_cached(
                "UPDATE operation SET state = ?2, name = ?3, reason = ?4, mapping = ?5, options = ?6, \
                 progress = ?7, idempotency_key = ?8 WHERE id = ?1",
            )?
            .execute((
                operation.id,
                operation.state.as_str(),
                &operation.name,
                &operation.reason,
                text(&operation.mapping)?,
                operation.options.to_string(),
                &stored.progress,
                &stored.idempotency_key,
            ))?;
        Ok(())
    }

    fn rewrite_reason(&self, rev: i64, reason: &str) -> Result<()> {
        let sql = "UPDATE commit_log SET reason = ?2 WHERE rev = ?1";
        self.connection.prepare_cached(sql)?.execute((rev, reason))?;
        Ok(())
    }

    fn rewrite_consent(&self, entry: &ConsentEntry) -> Result<()> {
        self.connection.prepare_cached("DELETE FROM consent WHERE id = ?")?.execute([entry.id])?;
        self.insert_consent(entry.id, entry)
    }

    fn rewrite_communication_key(&self, id: i64, key: &str) -> Result<()> {
        let Some(mut message) = self.read_communication(id)? else { return Ok(()) };
        message.key = Some(key.to_string());
        let sql = "UPDATE communication SET key = ?2, value = ?3 WHERE id = ?1";
        match self.connection.prepare_cached(sql)?.execute((id, key, text(&message)?)) {
            Err(error) if error.to_string().contains("communication.key") => {
                Err(Error::new(ErrorCode::Conflict, "another message has this key").at_field("key"))
            }
            result => Ok(result.map(|_| ())?),
        }
    }

    fn empty_changes(&self, lead: &Lead) -> Result<u64> {
        let (mut rev, mut emptied) = (lead.rev, 0);
        while let Some(change) = self.find_change(rev, lead.id)? {
            let sql = "UPDATE change SET before = '{}' WHERE rev = ? AND lead = ?";
            self.connection.prepare_cached(sql)?.execute((rev, lead.id))?;
            emptied += u64::from(!change.before.is_empty());
            rev = change.prev_rev;
        }
        Ok(emptied)
    }

    fn empty_conflicts(&self, leads: &[i64]) -> Result<u64> {
        let sql = "UPDATE conflict SET wanted = 'null', found = 'null' \
             WHERE lead IN (SELECT value FROM json_each(?)) AND (wanted <> 'null' OR found <> 'null')";
        Ok(self.connection.prepare_cached(sql)?.execute([Value::from(leads).to_string()])? as u64)
    }

    fn drop_reject(&self, operation: i64, seq: u64) -> Result<()> {
        let sql = "DELETE FROM reject WHERE operation = ? AND seq = ?";
        self.connection.prepare_cached(sql)?.execute((operation, seq.cast_signed()))?;
        Ok(())
    }

    fn add_erasure(&self, certificate: &ErasureCertificate) -> Result<i64> {
        let next = "SELECT coalesce(max(id), 0) + 1 FROM erasure";
        let id = self.connection.prepare_cached(next)?.query_row([], |row| row.get(0))?;
        self.insert_erasure(&ErasureCertificate { id, ..certificate.clone() })?;
        Ok(id)
    }

    fn put_erasure(&self, certificate: &ErasureCertificate) -> Result<()> {
        let sql = "UPDATE erasure SET value = ?2 WHERE id = ?1";
        self.connection.prepare_cached(sql)?.execute((certificate.id, text(certificate)?))?;
        Ok(())
    }

    fn put_hold(&self, hold: &Hold) -> Result<()> {
        let sql = "INSERT OR REPLACE INTO hold (lead, value) VALUES (?, ?)";
        self.connection.prepare_cached(sql)?.execute((hold.lead, text(hold)?))?;
        Ok(())
    }

    fn drop_hold(&self, lead: i64) -> Result<bool> {
        Ok(self.connection.prepare_cached("DELETE FROM hold WHERE lead = ?")?.execute([lead])? > 0)
    }
}

impl View<'_> {
    pub(super) fn insert_erasure(&self, certificate: &ErasureCertificate) -> Result<()> {
        let sql = "INSERT INTO erasure (id, key_id, value) VALUES (?, ?, ?)";
        let values = (certificate.id, certificate.key_id(), text(certificate)?);
        self.connection.prepare_cached(sql)?.execute(values)?;
        let sql = "INSERT OR REPLACE INTO erased_lead (lead, erasure) VALUES (?, ?)";
        let mut statement = self.connection.prepare_cached(sql)?;
        for lead in &certificate.leads {
            statement.execute((lead, certificate.id))?;
        }
        Ok(())
    }
}

/// Writes the whole file anew, so that what was freed is in it no more, and empties the log.
pub(super) fn compact(connection: &Connection) -> Result<()> {
    // Merges the segments of the index, which until then hold the words of what was removed.
    connection.execute("INSERT INTO communication_text (communication_text) VALUES ('optimize')", [])?;
    // The copy of a large file would not fit into memory.
    connection.pragma_update(None, "temp_store", "FILE")?;
    let vacuumed = connection.execute_batch("VACUUM");
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    vacuumed?;
    let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    match busy {
        0 => Ok(()),
        _ => {
            Err(Error::new(ErrorCode::Busy, "somebody reads the database, so that its log cannot be emptied")
                .hint("call privacy.compact when nobody does"))
        }
    }
}
