//! Erasing: what is only ever added elsewhere is rewritten in place, and the tables as a whole after it.

use tokio_postgres::Client;

use super::View;
use super::driver::wait;
use super::lead::parse;
use super::log::{OPERATION, limited, read_operation, text};
use crate::error::{Error, ErrorCode, Result};
use crate::model::consent::ConsentEntry;
use crate::model::lead::Lead;
use crate::model::privacy::{ErasureCertificate, Hold};
use crate::store::{EachReject, ReadPrivacy, StoredOperation, WritePrivacy};

impl ReadPrivacy for View<'_> {
    fn each_operation(&self, each: &mut dyn FnMut(StoredOperation) -> Result<()>) -> Result<()> {
        let sql = format!("SELECT {OPERATION} FROM operation ORDER BY id");
        self.walk(&sql, &[], &mut |row| each(read_operation(row)?).map(|()| true))
    }

    fn each_waiting_reject(&self, each: &mut EachReject<'_>) -> Result<()> {
        let sql = "SELECT operation, seq, cells FROM reject ORDER BY operation, seq";
        self.walk(sql, &[], &mut |row| {
            let seq: i64 = row.try_get(1)?;
            each(row.try_get(0)?, seq.unsigned_abs(), parse(row.try_get(2)?)?).map(|()| true)
        })
    }

    fn erasures(&self, before: Option<i64>, limit: u64) -> Result<Vec<ErasureCertificate>> {
        let sql = "SELECT value FROM erasure WHERE id < $1 ORDER BY id DESC LIMIT $2";
        let rows = self.rows(sql, &[&before.unwrap_or(i64::MAX), &limited(limit)])?;
        rows.iter().map(|row| parse(row.try_get(0)?)).collect()
    }

    fn erased(&self, leads: &[i64]) -> Result<Vec<i64>> {
        let rows = self.rows("SELECT lead FROM erased_lead WHERE lead = ANY($1)", &[&leads])?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    fn erasure_keys(&self) -> Result<Vec<String>> {
        let sql = "SELECT DISTINCT key_id FROM erasure WHERE key_id IS NOT NULL ORDER BY key_id";
        self.rows(sql, &[])?.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    fn holds(&self) -> Result<Vec<Hold>> {
        let rows = self.rows("SELECT value FROM hold ORDER BY lead", &[])?;
        rows.iter().map(|row| parse(row.try_get(0)?)).collect()
    }
}

impl WritePrivacy for View<'_> {
    fn rewrite_operation(&self, stored: &StoredOperation) -> Result<()> {
        let operation = &stored.operation;
        self.execute(
            "UPDATE operation SET state = $2, name = $3, reason = $4, mapping = $5, options = $6, \
             progress = $7, idempotency_key = $8, file = $9 WHERE id = $1",
            &[
                &operation.id,
                &operation.state.as_str(),
                &operation.name,
                &operation.reason,
                &text(&operation.mapping)?,
                &operation.options.to_string(),
                &stored.progress,
                &stored.idempotency_key,
                &operation.file,
            ],
        )?;
        Ok(())
    }

    fn rewrite_reason(&self, rev: i64, reason: &str) -> Result<()> {
        self.execute("UPDATE commit_log SET reason = $2 WHERE rev = $1", &[&rev, &reason])?;
        Ok(())
    }

    fn rewrite_consent(&self, entry: &ConsentEntry) -> Result<()> {
        self.execute("DELETE FROM consent WHERE id = $1", &[&entry.id])?;
        self.insert_consent(entry.id, entry)
    }

    fn rewrite_communication_key(&self, id: i64, key: &str) -> Result<()> {
        // Looked for first: a broken constraint would end the transaction.
        let taken = "SELECT 1 FROM communication WHERE key = $1 AND id <> $2";
        if !self.rows(taken, &[&key, &id])?.is_empty() {
            return Err(Error::new(ErrorCode::Conflict, "another message has this key").at_field("key"));
        }
        let Some(mut message) = self.read_communication(id)? else { return Ok(()) };
        message.key = Some(key.to_string());
        let sql = "UPDATE communication SET key = $2, value = $3 WHERE id = $1";
        self.execute(sql, &[&id, &key, &text(&message)?])?;
        Ok(())
    }

    fn empty_changes(&self, lead: &Lead) -> Result<u64> {
        let (mut rev, mut emptied) = (lead.rev, 0);
        while let Some(change) = self.find_change(rev, lead.id)? {
            let sql = "UPDATE change SET before = '{}' WHERE rev = $1 AND lead = $2";
            self.execute(sql, &[&rev, &lead.id])?;
            emptied += u64::from(!change.before.is_empty());
            rev = change.prev_rev;
        }
        Ok(emptied)
    }

    fn empty_conflicts(&self, leads: &[i64]) -> Result<u64> {
        let sql = "UPDATE conflict SET wanted = 'null', found = 'null' \
             WHERE lead = ANY($1) AND (wanted <> 'null' OR found <> 'null')";
        self.execute(sql, &[&leads])
    }

    fn drop_reject(&self, operation: i64, seq: u64) -> Result<()> {
        let sql = "DELETE FROM reject WHERE operation = $1 AND seq = $2";
        self.execute(sql, &[&operation, &seq.cast_signed()])?;
        Ok(())
    }

    fn add_erasure(&self, certificate: &ErasureCertificate) -> Result<i64> {
        let id = self.row("SELECT coalesce(max(id), 0) + 1 FROM erasure", &[])?.try_get(0)?;
        self.insert_erasure(&ErasureCertificate { id, ..certificate.clone() })?;
        Ok(id)
    }

    fn put_erasure(&self, certificate: &ErasureCertificate) -> Result<()> {
        let sql = "UPDATE erasure SET value = $2 WHERE id = $1";
        self.execute(sql, &[&certificate.id, &text(certificate)?])?;
        Ok(())
    }

    fn put_hold(&self, hold: &Hold) -> Result<()> {
        self.execute(
            "INSERT INTO hold (lead, value) VALUES ($1, $2) \
             ON CONFLICT (lead) DO UPDATE SET value = excluded.value",
            &[&hold.lead, &text(hold)?],
        )?;
        Ok(())
    }

    fn drop_hold(&self, lead: i64) -> Result<bool> {
        Ok(self.execute("DELETE FROM hold WHERE lead = $1", &[&lead])? > 0)
    }
}

impl View<'_> {
    pub(super) fn insert_erasure(&self, certificate: &ErasureCertificate) -> Result<()> {
        let sql = "INSERT INTO erasure (id, key_id, value) VALUES ($1, $2, $3)";
        self.execute(sql, &[&certificate.id, &certificate.key_id(), &text(certificate)?])?;
        self.execute(
            "INSERT INTO erased_lead (lead, erasure) SELECT DISTINCT unnest($1::bigint[]), $2::bigint \
             ON CONFLICT (lead) DO UPDATE SET erasure = excluded.erasure",
            &[&certificate.leads, &certificate.id],
        )?;
        Ok(())
    }
}

/// Writes every table anew, so that what was freed is in none of its files any more. The server's log
/// (WAL), its archives and its standbys are beyond it.
pub(super) fn compact(client: &Client, tenant: &str) -> Result<()> {
    let tables = wait(client.query(
        "SELECT c.relname::text FROM pg_catalog.pg_class c \
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = $1::text AND c.relkind = 'r' ORDER BY 1",
        &[&tenant],
    ))?;
    for table in &tables {
        let name: &str = table.try_get(0)?;
        let name = name.replace('"', "\"\"");
        // With new figures for its plans: the old ones may name values that were erased.
        wait(client.batch_execute(&format!("VACUUM (FULL, ANALYZE) \"{name}\"")))?;
    }
    Ok(())
}
