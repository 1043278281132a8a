//! Where an import finds and writes leads: the store, or, in a dry run, a store of its own laid
//! over it.

use super::filter::KeyFilter;
use super::pending::Pending;
use super::rejects::RejectsFile;
use crate::error::Result;
use crate::ledger::matching::Candidates;
use crate::model::issue::Issue;
use crate::model::lead::Lead;
use crate::store::sqlite::{LeadInserter, Reader, Writer};
use crate::store::{LeadKey, LeadRow};
use crate::table::Row;

/// One transaction's view of the leads.
pub(super) struct Target<'a> {
    writer: &'a Writer<'a>,
    inserter: LeadInserter<'a>,
    /// The store below, which a dry run reads and never writes.
    base: Option<&'a Reader<'a>>,
    filter: Option<&'a mut KeyFilter>,
    /// Keys of this transaction that wait to be written in order.
    pending: Pending,
    /// The operation; a dry run has none.
    operation: Option<i64>,
    rev: i64,
    /// The ids that this transaction allots begin here.
    first_id: i64,
    next_id: i64,
    changed: u64,
}

impl<'a> Target<'a> {
    pub(super) fn new(
        writer: &'a Writer<'a>,
        base: Option<&'a Reader<'a>>,
        filter: Option<&'a mut KeyFilter>,
        operation: Option<i64>,
        rev: i64,
    ) -> Result<Self> {
        let inserter = writer.lead_inserter()?;
        let pending = Pending::default();
        let first_id = writer.reader().lead_bound()?.cast_signed() + 1;
        Ok(Target {
            writer,
            inserter,
            base,
            filter,
            pending,
            operation,
            rev,
            first_id,
            next_id: first_id,
            changed: 0,
        })
    }

    /// About how many leads there were before this transaction.
    pub(super) fn stored(&self) -> u64 {
        (self.first_id - 1).unsigned_abs()
    }

    /// Stores a new lead and gives its id.
    pub(super) fn create(&mut self, mut row: LeadRow) -> Result<i64> {
        let id = self.next_id;
        self.next_id += 1;
        row.lead.id = id;
        row.lead.rev = self.rev;
        self.inserter.insert(&row)?;
        self.remember(&row.keys, id);
        Ok(id)
    }

    /// Stores a lead's new state.
    pub(super) fn change(&mut self, before: &Lead, mut after: LeadRow) -> Result<()> {
        let id = before.id;
        after.lead.rev = self.rev;
        let old_keys = crate::store::keys_of(before);
        let gone: Vec<(LeadKey, i64)> =
            old_keys.iter().filter(|k| !after.keys.contains(k)).map(|k| (*k, id)).collect();
        gone.iter().for_each(|(key, id)| self.pending.remove(*key, *id));
        if self.base.is_some() && self.writer.reader().lead(id)?.is_none() {
            self.inserter.insert(&after)?;
        } else {
            let created_here = id >= self.first_id;
            self.writer.update_lead(before, &after, created_here)?;
            self.changed += u64::from(!created_here && before.rev != self.rev);
        }
        self.writer.remove_keys(&gone)?;
        let new: Vec<LeadKey> = after.keys.iter().filter(|k| !old_keys.contains(k)).copied().collect();
        self.remember(&new, id);
        Ok(())
    }

    /// Keeps a rejected row; a dry run keeps none.
    pub(super) fn keep_reject(
        &self,
        rejects: &RejectsFile,
        seq: u64,
        row: Row<'_>,
        issues: &[Issue],
    ) -> Result<()> {
        match self.operation {
            Some(operation) => rejects.keep(self.writer, operation, seq, row, issues),
            None => Ok(()),
        }
    }

    /// Writes what waits; gives the ids created, from and to, and how many leads were changed.
    pub(super) fn finish(self) -> Result<(Option<(i64, i64)>, u64)> {
        self.writer.add_keys(&self.pending.into_sorted())?;
        self.writer.allot(self.next_id - self.first_id)?;
        let created = (self.next_id > self.first_id).then_some((self.first_id, self.next_id - 1));
        Ok((created, self.changed))
    }

    fn remember(&mut self, keys: &[LeadKey], id: i64) {
        for key in keys {
            if let Some(filter) = &mut self.filter {
                filter.insert(*key);
            }
            self.pending.insert(*key, id);
        }
    }
}

impl Candidates for Target<'_> {
    fn by_key(&mut self, key: LeadKey, out: &mut Vec<i64>) -> Result<()> {
        if self.filter.as_ref().is_some_and(|filter| !filter.may_contain(key)) {
            return Ok(());
        }
        self.pending.find(key, out);
        self.writer.reader().leads_by_key(key, out)?;
        match self.base {
            Some(base) => base.leads_by_key(key, out),
            None => Ok(()),
        }
    }

    fn lead(&mut self, id: i64) -> Result<Option<Lead>> {
        match (self.writer.reader().lead(id)?, self.base) {
            (None, Some(base)) => base.lead(id),
            (lead, _) => Ok(lead),
        }
    }
}
