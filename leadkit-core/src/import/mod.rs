//! A file of leads into the store: read, map, clean, match, write, report.
//!
//! One thread reads records, several of our own clean them, and the caller's thread matches and
//! writes, in transactions of a hundred thousand rows. Each transaction is a commit of its own and
//! carries where the import stands, so that whatever interrupts it, the same call goes on exactly
//! there.
//!
//! Claiming, counting and handing back rows know nothing of leads: a history of contacts comes in by them too.

pub(crate) mod claim;
mod consent;
mod filter;
mod pending;
mod pipeline;
mod plan;
pub(crate) mod rejects;
mod run;
pub(crate) mod tally;
mod target;
mod write;

pub(crate) use run::done_already;
pub use run::{preview, run};
#[cfg(feature = "testing")]
pub(crate) use write::set_transaction_rows;
