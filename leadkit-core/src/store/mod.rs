//! Where leads live. Layers above speak of leads, keys, commits and operations, never of SQL.
//!
//! A store is a [`Store`]: it runs transactions, in which a [`Reader`] reads and a [`Writer`] writes.
//! What they do is in fourteen traits: [`ReadLeads`] and [`WriteLeads`], [`ReadJournal`] and
//! [`WriteJournal`], [`ReadComms`] and [`WriteComms`], [`ReadAudit`] and [`WriteAudit`], [`ReadStats`] and [`WriteStats`], [`ReadPrivacy`] and
//! [`WritePrivacy`], [`ReadAutomations`] and [`WriteAutomations`]; two more, [`ReadAll`] and [`WriteAll`], copy a store as a whole. Stores of other
//! makers implement the same traits, and show by `conformance`, a part of the feature `testing`, that
//! they do it right.
//!
//! [`MemoryStore`] is always there; the others come with features.

mod audit;
mod automation;
mod batch;
mod comms;
#[cfg(feature = "testing")]
pub mod conformance;
pub mod image;
mod journal;
mod key;
mod leads;
mod memory;
#[cfg(feature = "postgres")]
pub mod postgres;
mod privacy;
mod query;
mod row;
mod snapshot;
#[cfg(feature = "sqlite")]
pub mod sqlite;
mod stats;

use std::path::Path;
use std::time::Duration;

pub use audit::{AuditQuery, AuditRecord, ReadAudit, WriteAudit};
pub use automation::{ReadAutomations, RunQuery, WriteAutomations};
pub use batch::{BatchColumn, BatchRow, LeadBatch, batch_columns};
pub use comms::{
    CommunicationKey, CommunicationQuery, ConsentQuery, FacetCounts, HistoryQuery, ReadComms, WriteComms,
    first_place, is_place_of, place_of, tally,
};
pub use image::{Image, before_image};
pub use journal::{
    Commit, NewOperation, OperationKey, OperationQuery, OperationUpdate, ReadJournal, RejectedRow,
    StoredOperation, WriteJournal,
};
pub use key::{KeyKind, LeadKey, keys_of};
pub use leads::{Change, LeadUpdate, ReadLeads, RestoreFields, SetFields, SetValue, Touched, WriteLeads};
pub use memory::MemoryStore;
pub use privacy::{EachReject, ReadPrivacy, WritePrivacy};
pub use query::{OrderKey, Position, Query};
pub use row::{Folds, LeadRow, differing_fold, folded_fields, is_folded};
pub use snapshot::{ReadAll, Record, WriteAll};
pub use stats::{Fact, FactQuery, HOUR, ReadStats, Span, WriteStats, hour_of, instant_of, is_opt_out};

use crate::error::{Error, ErrorCode, Result};
use crate::measure::{Began, count};

/// What is done inside a read transaction: all of it sees one state.
pub trait Reader:
    ReadLeads + ReadJournal + ReadComms + ReadAudit + ReadStats + ReadPrivacy + ReadAutomations + ReadAll
{
}

impl<T> Reader for T where
    T: ReadLeads + ReadJournal + ReadComms + ReadAudit + ReadStats + ReadPrivacy + ReadAutomations + ReadAll
{
}

/// What is done inside a write transaction: reads see its own writes.
pub trait Writer:
    Reader
    + WriteLeads
    + WriteJournal
    + WriteComms
    + WriteAudit
    + WriteStats
    + WritePrivacy
    + WriteAutomations
    + WriteAll
{
}

impl<T> Writer for T where
    T: Reader
        + WriteLeads
        + WriteJournal
        + WriteComms
        + WriteAudit
        + WriteStats
        + WritePrivacy
        + WriteAutomations
        + WriteAll
{
}

/// Work of a read transaction.
pub type ReadWork<'a> = dyn FnMut(&dyn Reader) -> Result<()> + 'a;

/// Work of a write transaction.
pub type WriteWork<'a> = dyn FnMut(&dyn Writer) -> Result<()> + 'a;

/// Whether a transaction's work may be done again when the store had to give it up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempts {
    /// The work has effects of its own: a second run would do them twice.
    One,
    /// The work depends on the store alone.
    Several,
}

/// What a store can do beyond what all can.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// What was committed is there after a crash of the machine.
    pub durable: bool,
    /// Several processes may use it at once.
    pub shared: bool,
    /// Reading goes on while somebody writes.
    pub concurrent_reads: bool,
    /// It keeps tenants apart.
    pub tenants: bool,
    /// It makes a copy of itself while it is used.
    pub backup: bool,
}

/// How a store is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Condition {
    /// What a check of its structure found; empty when it is sound.
    pub damage: Vec<String>,
    /// The version of its schema.
    pub schema: i64,
    /// How many bytes it takes, as far as it knows.
    pub bytes: u64,
    /// How many bytes of a log wait to be folded in.
    pub log_bytes: u64,
}

/// Where leads live.
pub trait Store: Send + Sync {
    /// The name of its kind, such as `sqlite`.
    fn kind(&self) -> &'static str;

    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// Its file, where it is one.
    fn path(&self) -> Option<&Path> {
        None
    }

    /// How long calls wait for others that write.
    fn busy_timeout(&self) -> Duration;

    /// Refuses a store that may not be written.
    ///
    /// # Errors
    /// `read_only`.
    fn check_writable(&self) -> Result<()>;

    /// Runs one read transaction.
    ///
    /// # Errors
    /// Those of the work; `busy`, `closed`, `corrupt`, `unreachable`.
    fn read(&self, work: &mut ReadWork<'_>) -> Result<()>;

    /// Runs one write transaction: all of it is stored, or, when the work fails, nothing. Two never
    /// go on at once.
    ///
    /// # Errors
    /// Those of the work; `busy`, `conflict`, `closed`, `corrupt`, `disk_full`, `read_only`,
    /// `unreachable`.
    fn write(&self, attempts: Attempts, work: &mut WriteWork<'_>) -> Result<()>;

    /// Looks at itself; `thorough` reads everything.
    ///
    /// # Errors
    /// Those of reading.
    fn condition(&self, thorough: bool) -> Result<Condition>;

    /// Writes a copy of itself, as of one moment, to a new file, while others go on. In the copy
    /// sending is switched off: what the original sends meanwhile must not be sent again from there.
    ///
    /// # Errors
    /// `unsupported_store` where it cannot; `file_exists`, `disk_full`, `io`.
    fn backup(&self, target: &Path) -> Result<()> {
        let _ = target;
        Err(Error::new(
            ErrorCode::UnsupportedStore,
            format!("a {} store makes no copy of itself", self.kind()),
        )
        .hint("copy it with copy_to, or use the store's own tools"))
    }

    /// Writes its files anew, so that what was removed is in them no more; others may have to wait for it.
    /// A store that keeps no files does nothing.
    ///
    /// # Errors
    /// `busy` when others use it; `disk_full`, `read_only`, `io`.
    fn compact(&self) -> Result<()> {
        self.check_writable()
    }

    /// Closes it; later calls answer `closed`.
    fn close(&self);
}

impl dyn Store + '_ {
    /// [`Store::read`] with a result.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub fn reading<T>(&self, mut work: impl FnMut(&dyn Reader) -> Result<T>) -> Result<T> {
        let mut result = None;
        self.read(&mut |reader| {
            result = Some(work(reader)?);
            Ok(())
        })?;
        result.ok_or_else(no_work)
    }

    /// [`Store::write`] with a result; the work may be run several times.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub fn writing<T>(&self, mut work: impl FnMut(&dyn Writer) -> Result<T>) -> Result<T> {
        let mut result = None;
        measured(|| {
            self.write(Attempts::Several, &mut |writer| {
                result = Some(work(writer)?);
                Ok(())
            })
        })?;
        result.ok_or_else(no_work)
    }

    /// [`Store::write`] with a result, run once.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub fn writing_once<T>(&self, work: impl FnOnce(&dyn Writer) -> Result<T>) -> Result<T> {
        let (mut work, mut result) = (Some(work), None);
        measured(|| {
            self.write(Attempts::One, &mut |writer| {
                let work = work.take().ok_or_else(no_work)?;
                result = Some(work(writer)?);
                Ok(())
            })
        })?;
        result.ok_or_else(no_work)
    }
}

/// A write transaction, waiting for others included.
fn measured(write: impl FnOnce() -> Result<()>) -> Result<()> {
    let began = Began::now();
    let result = write();
    began.end("leadkit_write_seconds");
    if let Err(error) = &result {
        count("leadkit_errors_total", "code", error.code(), 1);
    }
    result
}

fn no_work() -> Error {
    Error::internal("a store did not run a transaction's work as often as it should")
}
