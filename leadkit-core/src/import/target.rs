//! Where an import finds and writes leads: the store, or, in a dry run, a store of its own laid
//! over it.

use std::collections::{BTreeMap, HashMap};

use super::filter::KeyFilter;
use super::pending::Pending;
use super::rejects::RejectsFile;
use crate::error::Result;
use crate::ledger::matching::Candidates;
use crate::model::issue::Issue;
use crate::model::lead::Lead;
use crate::store::{LeadKey, LeadRow, LeadUpdate, Reader, RejectedRow, Writer, keys_of};
use crate::table::Row;

/// One transaction's view of the leads. A batch of rows is looked up at once and written at once:
/// a store behind a network is asked a few times a batch, not a few times a row.
pub(super) struct Target<'a> {
    writer: &'a dyn Writer,
    /// The store below, which a dry run reads and never writes.
    base: Option<&'a dyn Reader>,
    filter: Option<&'a mut KeyFilter>,
    /// Keys of this transaction that wait to be written in order.
    pending: Pending,
    /// What the store knows of this batch's keys and leads.
    found: HashMap<LeadKey, Vec<i64>>,
    stored: HashMap<i64, Lead>,
    /// Leads that this batch created or changed.
    fresh: BTreeMap<i64, Fresh>,
    /// Keys that leads of this batch lost.
    gone: Vec<(LeadKey, i64)>,
    rejected: Vec<RejectedRow>,
    /// The operation; a dry run has none.
    operation: Option<i64>,
    rev: i64,
    /// The ids that this transaction allots begin here.
    first_id: i64,
    next_id: i64,
    changed: u64,
}

/// A lead that waits to be written.
struct Fresh {
    row: LeadRow,
    /// As it is stored; none for a lead of this batch.
    before: Option<Lead>,
}

impl<'a> Target<'a> {
    pub(super) fn new(
        writer: &'a dyn Writer,
        base: Option<&'a dyn Reader>,
        filter: Option<&'a mut KeyFilter>,
        operation: Option<i64>,
        rev: i64,
    ) -> Result<Self> {
        let first_id = writer.next_lead()?;
        Ok(Target {
            writer,
            base,
            filter,
            pending: Pending::default(),
            found: HashMap::new(),
            stored: HashMap::new(),
            fresh: BTreeMap::new(),
            gone: Vec::new(),
            rejected: Vec::new(),
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

    /// Looks up what a batch of rows may match.
    pub(super) fn look_up(&mut self, keys: impl Iterator<Item = LeadKey>) -> Result<()> {
        let mut keys: Vec<LeadKey> =
            keys.filter(|key| self.filter.as_ref().is_none_or(|filter| filter.may_contain(*key))).collect();
        keys.sort_unstable();
        keys.dedup();
        let mut ids = Vec::new();
        keys.iter().for_each(|key| self.pending.find(*key, &mut ids));
        for reader in self.readers() {
            for (key, id) in reader.leads_by_keys(&keys)? {
                self.found.entry(key).or_default().push(id);
                ids.push(id);
            }
        }
        ids.sort_unstable();
        ids.dedup();
        // A dry run's changed state lies above the stored one.
        for reader in self.readers() {
            for lead in reader.leads(&ids)? {
                self.stored.entry(lead.id).or_insert(lead);
            }
        }
        Ok(())
    }

    fn readers(&self) -> impl Iterator<Item = &'a dyn Reader> + use<'a> {
        let writer: &'a dyn Reader = self.writer;
        [Some(writer), self.base].into_iter().flatten()
    }

    /// Takes a new lead and gives its id.
    pub(super) fn create(&mut self, mut row: LeadRow) -> i64 {
        let id = self.next_id;
        self.next_id += 1;
        row.lead.id = id;
        row.lead.rev = self.rev;
        self.remember(&row.keys, id);
        self.fresh.insert(id, Fresh { row, before: None });
        id
    }

    /// Takes a lead's new state.
    pub(super) fn change(&mut self, before: Lead, mut after: LeadRow) -> Result<()> {
        let id = before.id;
        after.lead.rev = self.rev;
        let old_keys = keys_of(&before);
        let gone: Vec<(LeadKey, i64)> =
            old_keys.iter().filter(|k| !after.keys.contains(k)).map(|k| (*k, id)).collect();
        gone.iter().for_each(|(key, id)| self.pending.remove(*key, *id));
        self.gone.extend(gone);
        let new: Vec<LeadKey> = after.keys.iter().filter(|k| !old_keys.contains(k)).copied().collect();
        self.remember(&new, id);
        match self.fresh.get_mut(&id) {
            Some(fresh) => fresh.row = after,
            None => {
                self.changed += u64::from(id < self.first_id && before.rev != self.rev);
                self.fresh.insert(id, Fresh { row: after, before: Some(before) });
            }
        }
        Ok(())
    }

    /// Writes what the batch created, changed and rejected.
    pub(super) fn flush(&mut self) -> Result<()> {
        let (mut created, mut updates) = (Vec::with_capacity(self.fresh.len()), Vec::new());
        for Fresh { row, before } in std::mem::take(&mut self.fresh).into_values() {
            match before {
                Some(before) => updates.push(LeadUpdate { before, after: row }),
                None => created.push(row),
            }
        }
        if self.base.is_some() {
            // Leads of the store below appear in the store above when they first change.
            let mut above = Vec::new();
            for update in updates {
                match self.writer.lead(update.before.id)? {
                    Some(_) => above.push(update),
                    None => created.push(update.after),
                }
            }
            updates = above;
        }
        self.writer.insert_leads(&created)?;
        self.writer.update_leads(&updates)?;
        // Before the new keys, which come with the transaction's end: one may be there again.
        let mut gone = std::mem::take(&mut self.gone);
        gone.sort_unstable();
        gone.dedup();
        self.writer.remove_keys(&gone)?;
        if let Some(operation) = self.operation {
            self.writer.add_rejects(operation, &std::mem::take(&mut self.rejected))?;
        }
        self.found.clear();
        self.stored.clear();
        Ok(())
    }

    /// Keeps a rejected row; a dry run keeps none.
    pub(super) fn keep_reject(&mut self, rejects: &RejectsFile, seq: u64, row: Row<'_>, issues: &[Issue]) {
        if self.operation.is_some() {
            self.rejected.extend(rejects.row(seq, row, issues));
        }
    }

    /// Writes what waits; gives the ids created, from and to, and how many leads were changed.
    pub(super) fn finish(mut self) -> Result<(Option<(i64, i64)>, u64)> {
        self.flush()?;
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
        self.pending.find(key, out);
        out.extend(self.found.get(&key).into_iter().flatten());
        Ok(())
    }

    fn lead(&mut self, id: i64) -> Result<Option<Lead>> {
        let fresh = self.fresh.get(&id).map(|fresh| &fresh.row.lead);
        Ok(fresh.or_else(|| self.stored.get(&id)).cloned())
    }
}
