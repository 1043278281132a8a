//! The store on a PostgreSQL server: one schema for each tenant, one writer at a time, several
//! readers.
//!
//! The connections live on a thread of the store's own, and calls talk to them by channels: so a
//! call may come from anywhere, from inside an async runtime too.

mod address;
mod audit;
mod automation;
mod comms;
mod connection;
mod copy;
mod driver;
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
mod tls;
mod transaction;
mod update;
mod view;

pub use connection::{PostgresOptions, PostgresStore};
use transaction::View;
