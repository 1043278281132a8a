//! A history of contacts from a file: read, map, find whose each is, enter, report.
//!
//! Claiming the operation, counting rows and handing back are the import of leads' own. Rows are read and
//! entered on the caller's thread, a transaction for every two thousand, which carries where the import stands:
//! the same call goes on exactly there.

mod columns;
mod contacts;
mod row;
mod run;

pub use run::import;
