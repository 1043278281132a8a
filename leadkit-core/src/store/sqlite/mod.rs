//! The embedded store: one SQLite file, one writer, several readers.

mod connection;
mod error;
mod field;
mod lead;
mod log;
mod query;
mod schema;

pub use connection::{Reader, Store, StoreOptions, Writer};
pub use lead::LeadInserter;
pub use log::{NewOperation, OperationUpdate, StoredImport};
pub use query::{OrderKey, Query};
