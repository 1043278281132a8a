//! One thread reads, several clean, the caller's thread takes batches in the order of the file.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::clean::{Cleaner, RowConsent, SlotCount};
use crate::error::{Error, Result};
use crate::mapping::RawValues;
use crate::model::field::FieldName;
use crate::model::issue::Issue;
use crate::model::lead::Lead;
use crate::store::{LeadBatch, LeadRow};
use crate::table::{RecordBatch, Records};
use crate::validate::{Draft, Spare};

/// Rows in a batch: a dozen batches may be on their way at once, and a cleaned row weighs some
/// kilobytes, while handing a batch over costs next to nothing.
const BATCH: usize = 500;

/// A batch on its way, with where the reader stood behind it.
pub(super) struct Step {
    /// The rows as they were read, for those that are handed back.
    pub(super) records: RecordBatch,
    /// The leads, in the same order; nothing for a rejected row.
    pub(super) leads: LeadBatch,
    /// What was noticed of each row, and which fields it fills.
    pub(super) rows: Vec<CleanRow>,
    /// By slot of the plan.
    pub(super) slots: Vec<SlotCount>,
    pub(super) bytes: u64,
    pub(super) ignored: u64,
}

/// One row, cleaned.
#[derive(Default)]
pub(super) struct CleanRow {
    pub(super) accepted: bool,
    pub(super) issues: Vec<Issue>,
    /// Which of the report's first 64 fields the lead fills, a bit for each.
    pub(super) filled: u64,
    /// What it says about consent; boxed, for most rows say nothing.
    pub(super) consent: Option<Box<RowConsent>>,
}

/// What a batch leaves behind. Its memory goes back to the threads that filled it: asked for on one
/// thread and freed on another, it would cost more than all that is written into it.
pub(super) struct Spent {
    pub(super) records: RecordBatch,
    pub(super) leads: LeadBatch,
    pub(super) rows: Vec<CleanRow>,
}

/// The part of [`Spent`] that the cleaning threads fill.
type Sheet = (LeadBatch, Vec<CleanRow>);

/// The end of the file, as the reader saw it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct End {
    pub(super) ignored: u64,
}

/// Runs `consume` over all cleaned batches in order, from record `skip` on. The threads are made
/// here and end here: nothing outlives the call, so a fork finds no lost thread.
pub(super) fn run<T>(
    records: Records,
    cleaner: &Cleaner,
    fields: &[FieldName],
    threads: usize,
    skip: u64,
    limit: Option<u64>,
    consume: impl FnOnce(&mut Steps) -> Result<T>,
) -> Result<T> {
    std::thread::scope(|scope| {
        let (raw_in, raw_out) = bounded::<(u64, Read)>(threads);
        let (clean_in, clean_out) = bounded::<(u64, Result<Cleaned>)>(threads);
        // As many as can be on their way: one more finds no place and is dropped where it is.
        let (records_in, records_out) = bounded::<RecordBatch>(2 * threads + 2);
        let (sheets_in, sheets_out) = bounded::<Sheet>(2 * threads + 2);
        let reader_errors = clean_in.clone();
        scope.spawn(move || read(records, skip, limit, &records_out, &raw_in, &reader_errors));
        for _ in 0..threads {
            let (raw_out, sheets_out, clean_in) = (raw_out.clone(), sheets_out.clone(), clean_in.clone());
            scope.spawn(move || clean(cleaner, fields, &raw_out, &sheets_out, &clean_in));
        }
        drop((raw_out, sheets_out, clean_in));
        // Dropping `steps` closes the channels, which ends the threads, whatever `consume` did.
        let mut steps = Steps {
            incoming: clean_out,
            waiting: BTreeMap::new(),
            next: 0,
            end: None,
            records: records_in,
            sheets: sheets_in,
        };
        consume(&mut steps)
    })
}

struct Read {
    batch: RecordBatch,
    bytes: u64,
    ignored: u64,
}

enum Cleaned {
    Step(Box<Step>),
    End(End),
}

/// Cleaned batches in the order of the file.
pub(super) struct Steps {
    incoming: Receiver<(u64, Result<Cleaned>)>,
    /// Batches that overtook others; never more than there are threads and places in the channel.
    waiting: BTreeMap<u64, Result<Cleaned>>,
    next: u64,
    end: Option<End>,
    records: Sender<RecordBatch>,
    sheets: Sender<Sheet>,
}

impl Steps {
    /// The next batch; none at the end of the file.
    ///
    /// # Errors
    /// Those of reading.
    pub(super) fn next(&mut self) -> Result<Option<Step>> {
        if self.end.is_some() {
            return Ok(None);
        }
        loop {
            if let Some(cleaned) = self.waiting.remove(&self.next) {
                self.next += 1;
                return match cleaned? {
                    Cleaned::Step(step) => Ok(Some(*step)),
                    Cleaned::End(end) => {
                        self.end = Some(end);
                        Ok(None)
                    }
                };
            }
            match self.incoming.recv() {
                Ok((number, cleaned)) => {
                    self.waiting.insert(number, cleaned);
                }
                Err(_) => return Err(Error::internal("a thread of the import ended early")),
            }
        }
    }

    /// Gives a batch's memory back.
    pub(super) fn give_back(&self, spent: Spent) {
        // At the end nobody wants it, and a few batches too many are of no use.
        let _ = self.records.try_send(spent.records);
        let _ = self.sheets.try_send((spent.leads, spent.rows));
    }

    /// What the reader said at the end.
    pub(super) fn end(&self) -> End {
        self.end.unwrap_or_default()
    }
}

fn read(
    mut records: Records,
    skip: u64,
    limit: Option<u64>,
    spent: &Receiver<RecordBatch>,
    out: &Sender<(u64, Read)>,
    direct: &Sender<(u64, Result<Cleaned>)>,
) {
    let mut number = 0;
    let mut left = limit.unwrap_or(u64::MAX);
    let result = catch_unwind(AssertUnwindSafe(|| -> Result<()> {
        let mut to_skip = skip;
        while to_skip > 0 {
            let most = usize::try_from(to_skip).unwrap_or(BATCH).min(BATCH);
            let Some(batch) = records.next_batch(most)? else { break };
            to_skip -= batch.len() as u64;
        }
        while left > 0 {
            let most = usize::try_from(left).unwrap_or(BATCH).min(BATCH);
            let mut batch = spent.try_recv().unwrap_or_default();
            if !records.next_batch_into(&mut batch, most)? {
                break;
            }
            left -= batch.len() as u64;
            let read = Read { batch, bytes: records.bytes_read(), ignored: records.ignored().total() };
            if out.send((number, read)).is_err() {
                return Ok(());
            }
            number += 1;
        }
        Ok(())
    }));
    let end = match result {
        Ok(Ok(())) => Ok(Cleaned::End(End { ignored: records.ignored().total() })),
        Ok(Err(error)) => Err(error),
        Err(_) => Err(Error::internal("reading a record panicked")),
    };
    // Nobody listens after a cancel.
    let _ = direct.send((number, end));
}

fn clean(
    cleaner: &Cleaner,
    fields: &[FieldName],
    batches: &Receiver<(u64, Read)>,
    spent: &Receiver<Sheet>,
    out: &Sender<(u64, Result<Cleaned>)>,
) {
    let mut desk = Desk::default();
    while let Ok((number, read)) = batches.recv() {
        let sheet = spent.try_recv().unwrap_or_default();
        let cleaned = catch_unwind(AssertUnwindSafe(|| desk.clean(cleaner, fields, read, sheet)))
            .unwrap_or_else(|_| Err(Error::internal("cleaning a row panicked")))
            .map(|step| Cleaned::Step(Box::new(step)));
        if out.send((number, cleaned)).is_err() {
            return;
        }
    }
}

/// Where one thread cleans: one lead's memory, used again and again.
#[derive(Default)]
struct Desk {
    row: Option<LeadRow>,
    spare: Spare,
    /// For folding.
    buffer: String,
}

impl Desk {
    fn clean(&mut self, cleaner: &Cleaner, fields: &[FieldName], read: Read, sheet: Sheet) -> Result<Step> {
        let Read { batch: records, bytes, ignored } = read;
        let mut slots = vec![SlotCount::default(); cleaner.plan().slots().len()];
        let (mut leads, mut rows) = sheet;
        leads.clear();
        rows.clear();
        let mut raw = RawValues::new();
        for record in records.iter() {
            let mut row = self.row.take().unwrap_or_default();
            let draft = cleaner.draft(record, &mut raw, &mut slots, row.lead, &mut self.spare);
            let accepted = !draft.is_rejected();
            let Draft { lead, mut issues, .. } = draft;
            let consent = cleaner.consent(record, &lead, &mut issues).map(Box::new);
            row.lead = lead;
            if accepted {
                row.derive(&mut self.buffer);
                leads.push(&row)?;
            } else {
                leads.push_nothing();
            }
            rows.push(CleanRow { accepted, issues, filled: filled(&row.lead, fields), consent });
            self.row = Some(row);
        }
        drop(raw);
        Ok(Step { records, leads, rows, slots, bytes, ignored })
    }
}

/// Which of the first 64 fields a lead fills, a bit for each.
fn filled(lead: &Lead, fields: &[FieldName]) -> u64 {
    let filled = |(place, field): (usize, &FieldName)| u64::from(!lead.is_empty(field)) << place;
    fields.iter().take(64).enumerate().map(filled).fold(0, |all, one| all | one)
}
