//! The audit.

use rusqlite::{Row, ToSql};

use super::View;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::store::{AuditQuery, AuditRecord, ReadAudit, WriteAudit};

pub(super) const AUDIT: &str = "seq, at, kind, actor, detail, key_id, previous, mac";

impl ReadAudit for View<'_> {
    fn audit(&self, query: &AuditQuery) -> Result<Vec<AuditRecord>> {
        let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
        let before = query.before.unwrap_or(i64::MAX);
        let (since, until) = (query.since.map(|t| t.0), query.until.map(|t| t.0));
        let mut values: Vec<&dyn ToSql> = vec![&before, &limit];
        let mut sql = format!("SELECT {AUDIT} FROM audit WHERE seq < ?1");
        let asked: [(&str, Option<&dyn ToSql>); 4] = [
            ("kind =", query.kind.as_ref().map(|kind| kind as _)),
            ("actor =", query.actor.as_ref().map(|actor| actor as _)),
            ("at >=", since.as_ref().map(|at| at as _)),
            ("at <", until.as_ref().map(|at| at as _)),
        ];
        for (condition, value) in asked {
            if let Some(value) = value {
                values.push(value);
                sql.push_str(&format!(" AND {condition} ?{}", values.len()));
            }
        }
        sql.push_str(" ORDER BY seq DESC LIMIT ?2");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map(&values[..], read_audit)?;
        rows.map(|row| row.map_err(Error::from)).collect()
    }

    fn audit_after(&self, seq: i64, limit: u64) -> Result<Vec<AuditRecord>> {
        let sql = format!("SELECT {AUDIT} FROM audit WHERE seq > ? ORDER BY seq LIMIT ?");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map((seq, i64::try_from(limit).unwrap_or(i64::MAX)), read_audit)?;
        rows.map(|row| row.map_err(Error::from)).collect()
    }
}

impl WriteAudit for View<'_> {
    fn add_audit(&self, record: &AuditRecord) -> Result<()> {
        let sql = format!("INSERT INTO audit ({AUDIT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
        self.connection.prepare_cached(&sql)?.execute((
            record.seq,
            record.at.0,
            &record.kind,
            record.actor.as_deref(),
            &record.detail,
            record.key_id.as_deref(),
            &record.previous,
            &record.mac,
        ))?;
        Ok(())
    }
}

pub(super) fn read_audit(row: &Row<'_>) -> rusqlite::Result<AuditRecord> {
    Ok(AuditRecord {
        seq: row.get(0)?,
        at: Timestamp(row.get(1)?),
        kind: row.get(2)?,
        actor: row.get(3)?,
        detail: row.get(4)?,
        key_id: row.get(5)?,
        previous: row.get(6)?,
        mac: row.get(7)?,
    })
}
