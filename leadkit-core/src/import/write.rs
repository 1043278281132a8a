//! Drafts into the store: matched, created, merged or handed back, and counted.

use super::pipeline::{Step, Steps};
use super::plan::Prepared;
use super::rejects::RejectsFile;
use super::tally::Tally;
use super::target::Target;
use crate::clean::quality_fields;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::ledger::matching::{self, Found};
use crate::ledger::merge::{merge, same_values};
use crate::model::field::FieldName;
use crate::model::issue::{Issue, IssueCode};
use crate::model::lead::Lead;
use crate::model::options::{ImportOptions, MatchKey, OnMatch};
use crate::progress::Reporter;
use crate::store::LeadRow;
use crate::validate::Draft;

/// Rows of one transaction: a tenth of the leads there are, between twenty and forty thousand.
///
/// Each transaction flushes the log once and walks the index of keys once, whose length grows with
/// the store: growing along keeps both from mattering. What is interrupted is repeated.
fn transaction_rows(stored: u64) -> u64 {
    (stored / 10).clamp(20_000, 40_000)
}

/// Leads that a preview shows.
const SHOWN: usize = 10;

/// Matches and writes drafts, and counts.
pub(super) struct Importer {
    match_on: Vec<MatchKey>,
    on_match: OnMatch,
    slots: Vec<FieldName>,
    fields: Vec<FieldName>,
    filled: Vec<u64>,
    pub(super) tally: Tally,
    pub(super) ignored: u64,
    pub(super) show: bool,
    pub(super) shown: Vec<Lead>,
}

impl Importer {
    pub(super) fn new(prepared: &Prepared, options: &ImportOptions, tally: Tally) -> Self {
        let fields = quality_fields(prepared.cleaner.plan(), &options.set);
        Importer {
            match_on: if options.on_match == OnMatch::Create { Vec::new() } else { options.match_on.clone() },
            on_match: options.on_match,
            slots: prepared.cleaner.plan().slots().to_vec(),
            filled: vec![0; fields.len()],
            fields,
            tally,
            ignored: 0,
            show: false,
            shown: Vec::new(),
        }
    }

    /// Takes batches until the transaction is large enough; true at the end of the file.
    #[allow(clippy::too_many_arguments, reason = "the parts of one transaction, each with its owner")]
    pub(super) fn transaction(
        &mut self,
        steps: &mut Steps,
        target: &mut Target<'_>,
        rejects: &RejectsFile,
        progress: &mut Reporter<'_>,
        options: &ImportOptions,
        now: Timestamp,
    ) -> Result<bool> {
        let until = self.tally.rows + transaction_rows(target.stored());
        let mut done = false;
        while self.tally.rows < until && !options.cancel.is_cancelled() {
            let Some(step) = steps.next()? else {
                self.ignored = steps.end().ignored;
                done = true;
                break;
            };
            let (bytes, ignored) = (step.bytes, step.ignored);
            self.step(step, target, rejects, now)?;
            self.ignored = ignored;
            progress.at(bytes);
        }
        let filled = std::mem::take(&mut self.filled);
        self.tally.add_filled(&self.fields, &filled);
        self.filled = vec![0; self.fields.len()];
        Ok(done)
    }

    fn step(
        &mut self,
        step: Step,
        target: &mut Target<'_>,
        rejects: &RejectsFile,
        now: Timestamp,
    ) -> Result<()> {
        let Step { mut batch, .. } = step;
        self.tally.add_slots(&self.slots, &batch.slots);
        let matched: Vec<_> = self.match_on.iter().map(|by| matching::kind(*by)).collect();
        // Keys and folded texts of the whole batch, so that the store is asked once.
        let rows: Vec<Option<LeadRow>> = batch.drafts.iter_mut().map(derive).collect();
        let keys = rows.iter().flatten().flat_map(|row| &row.keys);
        target.look_up(keys.filter(|key| matched.contains(&key.kind)).copied())?;
        for ((index, mut draft), derived) in batch.drafts.into_iter().enumerate().zip(rows) {
            self.tally.rows += 1;
            let row = batch.records.row(index);
            if let Some(derived) = derived {
                self.take(derived, &mut draft, target, now)?;
            }
            self.tally.note(row.line(), &draft.issues);
            if draft.is_rejected() {
                self.tally.rejected += 1;
                target.keep_reject(rejects, self.tally.rows, row, &draft.issues);
            }
        }
        target.flush()
    }

    /// Creates, merges or skips; a row that must be rejected is given its issue.
    fn take(
        &mut self,
        row: LeadRow,
        draft: &mut Draft,
        target: &mut Target<'_>,
        now: Timestamp,
    ) -> Result<()> {
        let found = match self.match_on.is_empty() {
            true => Found::Nothing,
            false => matching::find(&self.match_on, &row.lead, &row.keys, target)?,
        };
        match found {
            Found::Nothing => {
                self.create(row, target, now);
                Ok(())
            }
            Found::SharedEmail => {
                let email = row.lead.email.clone().unwrap_or_default();
                draft.issues.push(Issue::new(IssueCode::SharedEmail).field("email").value(email));
                self.create(row, target, now);
                Ok(())
            }
            Found::Conflict => {
                draft.note_row(IssueCode::MatchConflict);
                Ok(())
            }
            Found::Lead(stored) => match self.on_match {
                OnMatch::Skip => {
                    self.tally.skip(IssueCode::MatchSkipped);
                    Ok(())
                }
                OnMatch::Reject => {
                    draft.note_row(IssueCode::AlreadyExists);
                    Ok(())
                }
                _ => self.join(*stored, row.lead, draft, target, now),
            },
        }
    }

    fn create(&mut self, mut row: LeadRow, target: &mut Target<'_>, now: Timestamp) {
        let lead = &mut row.lead;
        if lead.created_at == Timestamp::default() {
            lead.created_at = now;
        }
        if lead.updated_at == Timestamp::default() {
            lead.updated_at = now;
        }
        self.tally.add_lead(&self.fields, &mut self.filled, lead);
        self.tally.created += 1;
        let shown = (self.show && self.shown.len() < SHOWN).then(|| row.lead.clone());
        let id = target.create(row);
        self.shown.extend(shown.map(|lead| Lead { id, ..lead }));
    }

    fn join(
        &mut self,
        stored: Lead,
        row: Lead,
        draft: &mut Draft,
        target: &mut Target<'_>,
        now: Timestamp,
    ) -> Result<()> {
        self.tally.add_lead(&self.fields, &mut self.filled, &row);
        let (mut merged, kept) = merge(&stored, &row, self.on_match);
        for field in kept {
            draft.note(IssueCode::KeptExisting, &field, row.cell(&field).as_ref());
        }
        if self.show {
            match self.shown.iter().position(|lead| lead.id == merged.id) {
                Some(index) => self.shown[index] = merged.clone(),
                None if self.shown.len() < SHOWN => self.shown.push(merged.clone()),
                None => {}
            }
        }
        if same_values(&stored, &merged) {
            self.tally.skip(IssueCode::Unchanged);
            return Ok(());
        }
        match self.on_match {
            OnMatch::Update => self.tally.updated += 1,
            _ => self.tally.merged += 1,
        }
        merged.updated_at = now;
        target.change(stored, LeadRow::of(merged))
    }
}

/// What a store derives from an accepted draft, whose lead it takes.
fn derive(draft: &mut Draft) -> Option<LeadRow> {
    (!draft.is_rejected()).then(|| LeadRow::of(std::mem::take(&mut draft.lead)))
}
