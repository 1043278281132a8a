//! Bytes to records and back; knows nothing of leads.
//!
//! Data flows one way: a [`Source`] is opened once into an [`Input`] (hashed, measured, readable
//! again), the encoding, dialect and header are worked out from it ([`sniff`]), and [`Records`]
//! streams batches of rows in bounded memory. [`CsvWriter`] is the way back.
//!
//! ```
//! use leadkit_core::table::{FormatOptions, read_table};
//! let mut table = read_table(b"name;city\nM\xfcller;K\xf6ln\n".to_vec(), &FormatOptions::default())?;
//! assert_eq!(table.header(), ["name", "city"]);
//! assert_eq!(table.next().transpose()?, Some(vec!["Müller".to_string(), "Köln".to_string()]));
//! # Ok::<(), leadkit_core::Error>(())
//! ```

mod batch;
mod content;
mod dialect;
mod encoding;
mod format;
mod guard;
mod header;
mod parse;
mod read;
mod resolve;
mod rows;
mod score;
mod source;
mod write;

#[cfg(test)]
mod tests;

pub use crate::model::format::{FormatOptions, TableFormat};
pub use batch::{RawIssues, RecordBatch, Row};
pub use guard::{guard, unguard};
pub use read::{Ignored, Records};
pub use resolve::{sniff, sniff_with};
pub use rows::{LineIssue, Table, read_table};
pub use source::{Input, Source};
pub use write::{CsvWriter, WriteOptions};
