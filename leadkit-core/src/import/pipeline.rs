//! One thread reads, several clean, the caller's thread takes batches in the order of the file.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::clean::{CleanBatch, Cleaner};
use crate::error::{Error, Result};
use crate::table::{RecordBatch, Records};

/// Rows in a batch: a dozen batches may be on their way at once, and a cleaned row weighs some
/// kilobytes, while handing a batch over costs next to nothing.
const BATCH: usize = 500;

/// A batch on its way, with where the reader stood behind it.
pub(super) struct Step {
    pub(super) batch: CleanBatch,
    pub(super) bytes: u64,
    pub(super) ignored: u64,
}

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
    threads: usize,
    skip: u64,
    limit: Option<u64>,
    consume: impl FnOnce(&mut Steps) -> Result<T>,
) -> Result<T> {
    std::thread::scope(|scope| {
        let (raw_in, raw_out) = bounded::<(u64, Read)>(threads);
        let (clean_in, clean_out) = bounded::<(u64, Result<Cleaned>)>(threads);
        let reader_errors = clean_in.clone();
        scope.spawn(move || read(records, skip, limit, &raw_in, &reader_errors));
        for _ in 0..threads {
            let (raw_out, clean_in) = (raw_out.clone(), clean_in.clone());
            scope.spawn(move || clean(cleaner, &raw_out, &clean_in));
        }
        drop((raw_out, clean_in));
        // Dropping `steps` closes the channels, which ends the threads, whatever `consume` did.
        let mut steps = Steps { incoming: clean_out, waiting: BTreeMap::new(), next: 0, end: None };
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

    /// What the reader said at the end.
    pub(super) fn end(&self) -> End {
        self.end.unwrap_or_default()
    }
}

fn read(
    mut records: Records,
    skip: u64,
    limit: Option<u64>,
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
            let Some(batch) = records.next_batch(most)? else { break };
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

fn clean(cleaner: &Cleaner, batches: &Receiver<(u64, Read)>, out: &Sender<(u64, Result<Cleaned>)>) {
    while let Ok((number, read)) = batches.recv() {
        let cleaned = catch_unwind(AssertUnwindSafe(|| cleaner.clean(read.batch)))
            .map(|batch| Cleaned::Step(Box::new(Step { batch, bytes: read.bytes, ignored: read.ignored })))
            .map_err(|_| Error::internal("cleaning a row panicked"));
        if out.send((number, cleaned)).is_err() {
            return;
        }
    }
}
