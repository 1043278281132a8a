//! Drafts into the store: matched, created, merged or handed back, and counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::consent::Book;
use super::pipeline::{CleanRow, Spent, Step, Steps};
use super::plan::Prepared;
use super::rejects::RejectsFile;
use super::tally::Tally;
use super::target::Target;
use crate::clean::{RowConsent, quality_fields};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::ledger::Session;
use crate::ledger::matching::{self, Found};
use crate::ledger::merge::{merge, same_values};
use crate::model::field::{Field, FieldName};
use crate::model::issue::{Issue, IssueCode, Severity};
use crate::model::lead::Lead;
use crate::model::options::{ImportOptions, MatchKey, OnMatch};
use crate::progress::Reporter;
use crate::store::LeadRow;

/// Rows of one transaction: a tenth of a million.
///
/// Each transaction flushes the log once and walks the index of keys once, whose length grows with the
/// store; few of them keep both from mattering. What is interrupted is repeated.
static TRANSACTION_ROWS: AtomicU64 = AtomicU64::new(100_000);

/// Other transactions for all imports of this process: tests that interrupt many need not import as much.
#[cfg(feature = "testing")]
pub(crate) fn set_transaction_rows(rows: u64) {
    TRANSACTION_ROWS.store(rows, Ordering::Relaxed);
}

/// Leads that a preview shows.
const SHOWN: usize = 10;

/// Matches and writes drafts, and counts.
pub(super) struct Importer {
    match_on: Vec<MatchKey>,
    on_match: OnMatch,
    slots: Vec<FieldName>,
    pub(super) fields: Arc<[FieldName]>,
    filled: Vec<u64>,
    /// The bits of the fields that a new lead has whether its row said them or not.
    times: u64,
    pub(super) tally: Tally,
    pub(super) ignored: u64,
    pub(super) show: bool,
    pub(super) shown: Vec<Lead>,
    /// What the columns about consent say; none where the file has no such column.
    book: Option<Book>,
}

impl Importer {
    pub(super) fn new(session: &Session, prepared: &Prepared, options: &ImportOptions, tally: Tally) -> Self {
        let fields = quality_fields(prepared.cleaner.plan(), &options.set);
        let is_time =
            |field: &FieldName| matches!(field, FieldName::Standard(Field::CreatedAt | Field::UpdatedAt));
        Importer {
            match_on: if options.on_match == OnMatch::Create { Vec::new() } else { options.match_on.clone() },
            on_match: options.on_match,
            slots: prepared.cleaner.plan().slots().to_vec(),
            filled: vec![0; fields.len()],
            times: (0..).zip(fields.iter().take(64)).map(|(i, f)| u64::from(is_time(f)) << i).sum(),
            fields: fields.into(),
            tally,
            ignored: 0,
            show: false,
            shown: Vec::new(),
            book: prepared.cleaner.plan().has_consent().then(|| Book::new(session, prepared, options)),
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
        let until = self.tally.rows + TRANSACTION_ROWS.load(Ordering::Relaxed);
        let mut done = false;
        while self.tally.rows < until && !options.cancel.is_cancelled() {
            let Some(step) = steps.next()? else {
                self.ignored = steps.end().ignored;
                done = true;
                break;
            };
            let (bytes, ignored) = (step.bytes, step.ignored);
            steps.give_back(self.step(step, target, rejects, now)?);
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
    ) -> Result<Spent> {
        let Step { records, leads, mut rows, slots, .. } = step;
        self.tally.add_slots(&self.slots, &slots);
        // The keys of the whole batch are looked up first, so that the store is asked once.
        target.begin(leads, &self.match_on)?;
        for (index, CleanRow { accepted, issues, filled, consent }) in rows.iter_mut().enumerate() {
            self.tally.rows += 1;
            let mut consent = consent.take();
            let lead = match *accepted {
                true => self.take(index, *filled, issues, consent.as_deref_mut(), target, now)?,
                false => None,
            };
            if let (Some(book), Some(consent)) = (&mut self.book, consent) {
                book.note(records.row(index).line(), *consent, lead, issues);
            }
            if !issues.is_empty() {
                let row = records.row(index);
                self.tally.note(row.line(), issues);
                if issues.iter().any(|issue| issue.severity == Severity::Error) {
                    self.tally.rejected += 1;
                    target.keep_reject(rejects, self.tally.rows, row, issues);
                }
            }
        }
        if let Some(book) = &mut self.book {
            book.enter(target, &mut self.tally, now)?;
        }
        let leads = target.flush()?;
        Ok(Spent { records, leads, rows })
    }

    /// Creates, merges or skips, and gives the lead that the row is now; a row that must be rejected is
    /// given its issue. Consent of a row without a number is about those of the lead that it matches.
    fn take(
        &mut self,
        index: usize,
        filled: u64,
        issues: &mut Vec<Issue>,
        consent: Option<&mut RowConsent>,
        target: &mut Target<'_>,
        now: Timestamp,
    ) -> Result<Option<i64>> {
        // Most rows of most files are new: their leads stay where they are.
        if !target.may_match(index, &self.match_on) {
            return self.create(index, filled, target, now);
        }
        let row = target.lead_of(index)?;
        let found = matching::find(&self.match_on, &row.lead, &row.keys, target)?;
        match found {
            Found::Nothing => self.create(index, filled, target, now),
            Found::SharedEmail => {
                let email = row.lead.email.clone().unwrap_or_default();
                issues.push(Issue::new(IssueCode::SharedEmail).field("email").value(email));
                self.create(index, filled, target, now)
            }
            Found::Conflict => {
                issues.push(Issue::new(IssueCode::MatchConflict));
                Ok(None)
            }
            Found::Lead(stored) => {
                if let Some(consent) = consent.filter(|consent| consent.phones.is_empty()) {
                    consent.phones.extend(stored.phone.iter().chain(&stored.phones).cloned());
                }
                match self.on_match {
                    OnMatch::Skip => {
                        self.tally.skip(IssueCode::MatchSkipped);
                        Ok(None)
                    }
                    OnMatch::Reject => {
                        issues.push(Issue::new(IssueCode::AlreadyExists));
                        Ok(None)
                    }
                    _ => self.join(*stored, *row.lead, filled, issues, target, now).map(Some),
                }
            }
        }
    }

    fn create(
        &mut self,
        index: usize,
        filled: u64,
        target: &mut Target<'_>,
        now: Timestamp,
    ) -> Result<Option<i64>> {
        self.count_filled(filled | self.times);
        self.tally.created += 1;
        let id = target.create(index, now);
        if self.fields.len() > 64 || self.show && self.shown.len() < SHOWN {
            let lead = *target.lead_of(index)?.lead;
            self.count_further(&lead);
            if self.show && self.shown.len() < SHOWN {
                self.shown.push(lead);
            }
        }
        Ok(Some(id))
    }

    fn count_filled(&mut self, mut filled: u64) {
        while filled != 0 {
            if let Some(count) = self.filled.get_mut(filled.trailing_zeros() as usize) {
                *count += 1;
            }
            filled &= filled - 1;
        }
    }

    /// Counts the fields that have no bit.
    fn count_further(&mut self, lead: &Lead) {
        for (field, count) in self.fields.iter().zip(&mut self.filled).skip(64) {
            *count += u64::from(!lead.is_empty(field));
        }
    }

    fn join(
        &mut self,
        stored: Lead,
        row: Lead,
        filled: u64,
        issues: &mut Vec<Issue>,
        target: &mut Target<'_>,
        now: Timestamp,
    ) -> Result<i64> {
        let id = stored.id;
        self.count_filled(filled);
        self.count_further(&row);
        let (mut merged, kept) = merge(&stored, &row, self.on_match);
        for field in kept {
            issues.push(Issue::new(IssueCode::KeptExisting).field(field.name()).value(row.cell(&field)));
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
            return Ok(id);
        }
        match self.on_match {
            OnMatch::Update => self.tally.updated += 1,
            _ => self.tally.merged += 1,
        }
        merged.updated_at = now;
        target.change(stored, LeadRow::of(merged))?;
        Ok(id)
    }
}
