//! The embedded store: one SQLite file, one writer, several readers.

mod audit;
mod automation;
mod comms;
mod connection;
mod error;
mod field;
mod health;
mod history;
mod lead;
mod log;
mod outbox;
mod privacy;
mod query;
mod schema;
mod set;
mod snapshot;
mod stats;
mod view;

pub use connection::{SqliteStore, StoreOptions};
use view::View;
