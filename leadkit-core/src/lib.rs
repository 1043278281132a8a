#![forbid(unsafe_code)]
//! The embeddable lead-data engine.
//!
//! Without the feature `sqlite` there is no store, and the pure parts remain: tables, normalisers,
//! mapping, rules and cleaning.

mod atomic;
pub mod clean;
pub mod clock;
#[cfg(feature = "sqlite")]
pub mod database;
pub mod error;
#[cfg(feature = "sqlite")]
pub mod export;
#[cfg(feature = "sqlite")]
pub mod import;
#[cfg(feature = "sqlite")]
pub mod ledger;
pub mod mapping;
pub mod model;
pub mod normalize;
pub mod progress;
pub mod report;
pub mod store;
pub mod table;
#[cfg(feature = "testing")]
pub mod testing;
pub mod text;
pub mod validate;

pub use clock::{Clock, Random, Timestamp};
#[cfg(feature = "sqlite")]
pub use database::{Database, open, open_with};
pub use error::{Error, ErrorCode, ErrorKind, Result};
pub use model::field::{CustomField, Field, FieldKind, FieldName};
pub use model::filter::Filter;
pub use model::issue::{Issue, IssueCode, Severity};
pub use model::lead::{Lead, LeadChange, Values};
pub use model::operation::{Operation, OperationKind, OperationState};
pub use model::options::{ExportOptions, FindOptions, ImportOptions, OnMatch, OpenOptions};
pub use model::report::{ExportReport, ImportPreview, ImportReport, Page};
pub use progress::{CancelToken, Progress, ProgressFn};
