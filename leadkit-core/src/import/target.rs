//! Where an import finds and writes leads: the store, or, in a dry run, a store of its own laid
//! over it.

use std::collections::{BTreeMap, HashMap};

use super::filter::KeyFilter;
use super::pending::Pending;
use super::rejects::RejectsFile;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::keys::Keys;
use crate::ledger::audit::AddedConsent;
use crate::ledger::consent;
use crate::ledger::matching::{self, Candidates};
use crate::model::consent::ConsentEntry;
use crate::model::issue::Issue;
use crate::model::lead::Lead;
use crate::model::options::MatchKey;
use crate::store::{LeadBatch, LeadKey, LeadRow, LeadUpdate, Reader, RejectedRow, Writer, keys_of};
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
    /// The leads of this batch, and the places in it of those that were created, which have the last
    /// ids.
    batch: LeadBatch,
    created: Vec<u32>,
    /// Leads that it created and changed.
    replaced: BTreeMap<i64, LeadRow>,
    /// Stored leads that it changed.
    updated: BTreeMap<i64, LeadUpdate>,
    /// Keys that leads of this batch lost.
    gone: Vec<(LeadKey, i64)>,
    rejected: Vec<RejectedRow>,
    /// The operation; a dry run has none.
    operation: Option<i64>,
    rev: i64,
    /// By which the ledger knows erased people.
    keys: &'a Keys,
    /// The ids that this transaction allots begin here.
    first_id: i64,
    next_id: i64,
    changed: u64,
    /// What it added to the consent ledger.
    pub(super) consent: AddedConsent,
}

impl<'a> Target<'a> {
    pub(super) fn new(
        writer: &'a dyn Writer,
        base: Option<&'a dyn Reader>,
        filter: Option<&'a mut KeyFilter>,
        operation: Option<i64>,
        rev: i64,
        keys: &'a Keys,
    ) -> Result<Self> {
        let first_id = writer.next_lead()?;
        Ok(Target {
            writer,
            base,
            filter,
            pending: Pending::default(),
            found: HashMap::new(),
            stored: HashMap::new(),
            batch: LeadBatch::default(),
            created: Vec::new(),
            replaced: BTreeMap::new(),
            updated: BTreeMap::new(),
            gone: Vec::new(),
            rejected: Vec::new(),
            operation,
            rev,
            keys,
            first_id,
            next_id: first_id,
            changed: 0,
            consent: AddedConsent::default(),
        })
    }

    /// Begins with a batch of leads and looks up what they may match.
    pub(super) fn begin(&mut self, batch: LeadBatch, match_on: &[MatchKey]) -> Result<()> {
        self.batch = batch;
        let mut keys = Vec::new();
        for index in 0..self.batch.len() {
            let row = self.batch.row(index);
            keys.extend(row.keys().iter().filter(|key| {
                matches(key, match_on) && self.filter.as_ref().is_none_or(|filter| filter.may_contain(**key))
            }));
        }
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

    /// Whether a row of the batch may match anything.
    pub(super) fn may_match(&self, index: usize, match_on: &[MatchKey]) -> bool {
        let keys = self.batch.row(index).keys().iter().filter(|key| matches(key, match_on));
        keys.into_iter().any(|key| self.pending.has(*key) || self.found.contains_key(key))
    }

    /// The lead of a row on its own.
    pub(super) fn lead_of(&self, index: usize) -> Result<LeadRow> {
        self.batch.row(index).to_row()
    }

    /// Makes a row of the batch a new lead, and gives its id.
    pub(super) fn create(&mut self, index: usize, now: Timestamp) -> i64 {
        let id = self.next_id;
        self.next_id += 1;
        self.batch.name(index, id, self.rev, now);
        for key in self.batch.row(index).keys() {
            if let Some(filter) = &mut self.filter {
                filter.insert(*key);
            }
            self.pending.insert(*key, id);
        }
        self.created.push(index as u32);
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
        if let Some(index) = self.index_of(id) {
            self.batch.leave_out(index);
            self.replaced.insert(id, after);
        } else if let Some(update) = self.updated.get_mut(&id) {
            update.after = after;
        } else {
            self.changed += u64::from(id < self.first_id && before.rev != self.rev);
            self.updated.insert(id, LeadUpdate { before, after });
        }
        Ok(())
    }

    /// Where in the batch a lead stands that the batch created.
    fn index_of(&self, id: i64) -> Option<usize> {
        let behind = usize::try_from(self.next_id - id).ok()?;
        let place = self.created.len().checked_sub(behind)?;
        self.created.get(place).map(|index| *index as usize)
    }

    /// Writes what the batch created, changed and rejected; gives the batch, whose memory may be used again.
    pub(super) fn flush(&mut self) -> Result<LeadBatch> {
        let mut replaced: Vec<LeadRow> = std::mem::take(&mut self.replaced).into_values().collect();
        let mut updates: Vec<LeadUpdate> = std::mem::take(&mut self.updated).into_values().collect();
        if self.base.is_some() {
            // Leads of the store below appear in the store above when they first change.
            let (mut above, mut first) = (Vec::new(), Vec::new());
            for update in updates {
                match self.writer.lead(update.before.id)? {
                    Some(_) => above.push(update),
                    None => first.push(update.after),
                }
            }
            updates = above;
            // In the order of their ids.
            first.append(&mut replaced);
            replaced = first;
        }
        let batch = std::mem::take(&mut self.batch);
        self.created.clear();
        self.writer.insert_batch(&batch)?;
        self.writer.insert_leads(&replaced)?;
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
        Ok(batch)
    }

    /// Keeps a rejected row; a dry run keeps none.
    pub(super) fn keep_reject(&mut self, rejects: &RejectsFile, seq: u64, row: Row<'_>, issues: &[Issue]) {
        if self.operation.is_some() {
            self.rejected.extend(rejects.row(seq, row, issues));
        }
    }

    /// What the ledger says about some addresses, in the order of entry.
    pub(super) fn consent(&self, addresses: &[&str]) -> Result<Vec<ConsentEntry>> {
        // What a dry run would have entered comes after what there is.
        let mut entries = match self.base {
            Some(base) => consent::entries(self.keys, base, addresses)?,
            None => Vec::new(),
        };
        entries.extend(consent::entries(self.keys, self.writer, addresses)?);
        Ok(entries)
    }

    /// Adds to the ledger.
    pub(super) fn add_consent(&mut self, entries: &[ConsentEntry]) -> Result<()> {
        if !entries.is_empty() {
            let first = self.writer.add_consent(entries)?;
            self.consent.note(first, entries);
        }
        Ok(())
    }

    /// The operation; a dry run has none.
    pub(super) fn operation(&self) -> Option<i64> {
        self.operation
    }

    /// Writes what waits; gives the ids created, from and to, and how many leads were changed.
    pub(super) fn finish(mut self) -> Result<(Option<(i64, i64)>, u64)> {
        self.flush()?;
        self.pending.each_sorted(|keys| self.writer.add_keys(keys))?;
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

fn matches(key: &LeadKey, match_on: &[MatchKey]) -> bool {
    match_on.iter().any(|by| matching::kind(*by) == key.kind)
}

impl Candidates for Target<'_> {
    fn by_key(&mut self, key: LeadKey, out: &mut Vec<i64>) -> Result<()> {
        self.pending.find(key, out);
        out.extend(self.found.get(&key).into_iter().flatten());
        Ok(())
    }

    fn lead(&mut self, id: i64) -> Result<Option<Lead>> {
        let changed = self.replaced.get(&id).or_else(|| self.updated.get(&id).map(|update| &update.after));
        if let Some(row) = changed {
            return Ok(Some(row.lead.as_ref().clone()));
        }
        match self.index_of(id) {
            Some(index) => Ok(Some(*self.lead_of(index)?.lead)),
            None => Ok(self.stored.get(&id).cloned()),
        }
    }
}
