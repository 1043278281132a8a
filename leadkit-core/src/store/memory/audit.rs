//! The audit.

use std::ops::Bound::{Excluded, Unbounded};
use std::sync::Arc;

use super::View;
use super::read::size;
use super::state::enter;
use crate::error::Result;
use crate::store::{AuditQuery, AuditRecord, ReadAudit, WriteAudit};

impl ReadAudit for View {
    fn audit(&self, query: &AuditQuery) -> Result<Vec<AuditRecord>> {
        let state = self.state.borrow();
        let found = state.audit.values().rev().filter(|record| {
            query.kind.as_ref().is_none_or(|kind| record.kind == *kind)
                && (query.actor.is_none() || query.actor == record.actor)
                && query.since.is_none_or(|since| record.at >= since)
                && query.until.is_none_or(|until| record.at < until)
                && query.before.is_none_or(|before| record.seq < before)
        });
        Ok(found.take(size(query.limit)).map(|record| (**record).clone()).collect())
    }

    fn audit_after(&self, seq: i64, limit: u64) -> Result<Vec<AuditRecord>> {
        let state = self.state.borrow();
        let behind = state.audit.range((Excluded(seq), Unbounded));
        Ok(behind.take(size(limit)).map(|(_, record)| (**record).clone()).collect())
    }
}

impl WriteAudit for View {
    fn add_audit(&self, record: &AuditRecord) -> Result<()> {
        enter(&mut self.state.borrow_mut().audit, record.seq, Arc::new(record.clone()))
    }
}
