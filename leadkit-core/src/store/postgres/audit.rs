//! The audit.

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::View;
use super::log::limited;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::store::{AuditQuery, AuditRecord, ReadAudit, WriteAudit};

pub(super) const AUDIT: &str = "seq, at, kind, actor, detail, key_id, previous, mac";

impl ReadAudit for View<'_> {
    fn audit(&self, query: &AuditQuery) -> Result<Vec<AuditRecord>> {
        let (before, limit) = (query.before.unwrap_or(i64::MAX), limited(query.limit));
        let (since, until) = (query.since.map(|t| t.0), query.until.map(|t| t.0));
        let mut values: Vec<&(dyn ToSql + Sync)> = vec![&before, &limit];
        let mut sql = format!("SELECT {AUDIT} FROM audit WHERE seq < $1");
        let asked: [(&str, Option<&(dyn ToSql + Sync)>); 4] = [
            ("kind =", query.kind.as_ref().map(|kind| kind as _)),
            ("actor =", query.actor.as_ref().map(|actor| actor as _)),
            ("at >=", since.as_ref().map(|at| at as _)),
            ("at <", until.as_ref().map(|at| at as _)),
        ];
        for (condition, value) in asked {
            if let Some(value) = value {
                values.push(value);
                sql.push_str(&format!(" AND {condition} ${}", values.len()));
            }
        }
        sql.push_str(" ORDER BY seq DESC LIMIT $2");
        self.rows(&sql, &values)?.iter().map(read_audit).collect()
    }

    fn audit_after(&self, seq: i64, limit: u64) -> Result<Vec<AuditRecord>> {
        let sql = format!("SELECT {AUDIT} FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2");
        self.rows(&sql, &[&seq, &limited(limit)])?.iter().map(read_audit).collect()
    }
}

impl WriteAudit for View<'_> {
    fn add_audit(&self, record: &AuditRecord) -> Result<()> {
        let sql = format!("INSERT INTO audit ({AUDIT}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
        self.execute(
            &sql,
            &[
                &record.seq,
                &record.at.0,
                &record.kind,
                &record.actor,
                &record.detail,
                &record.key_id,
                &record.previous,
                &record.mac,
            ],
        )?;
        Ok(())
    }
}

pub(super) fn read_audit(row: &Row) -> Result<AuditRecord> {
    Ok(AuditRecord {
        seq: row.try_get(0)?,
        at: Timestamp(row.try_get(1)?),
        kind: row.try_get(2)?,
        actor: row.try_get(3)?,
        detail: row.try_get(4)?,
        key_id: row.try_get(5)?,
        previous: row.try_get(6)?,
        mac: row.try_get(7)?,
    })
}
