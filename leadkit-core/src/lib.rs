#![forbid(unsafe_code)]
//! The embeddable lead-data engine: a messy file of leads comes in, leads go into SQLite, and what
//! is wrong comes back with reasons.
//!
//! [`open`] gives a [`Database`]; its rooms are [`Database::leads`], [`Database::fields`] and
//! [`Database::operations`]. [`Database::import_leads`] does the main job, and its
//! [`ImportReport`] says all about it.
//!
//! ```
//! use leadkit_core::{Filter, FindOptions, ImportOptions};
//!
//! let db = leadkit_core::open(":memory:")?;
//! let file = "Vorname;E-Mail;Telefon\nAda;ada@lovelace.org;030 2312 5014\nBob;bob at x;\n";
//! let options = ImportOptions { default_country: Some("DE".into()), ..Default::default() };
//! let report = db.import_leads(file.as_bytes().to_vec(), options)?;
//! assert_eq!((report.created, report.rejected), (1, 1));
//!
//! let ada = db.leads().first(&Filter::field("first_name").eq("ada"), FindOptions::default())?;
//! assert_eq!(ada.and_then(|lead| lead.phone).as_deref(), Some("+493023125014"));
//! # Ok::<(), leadkit_core::Error>(())
//! ```
//!
//! The core is synchronous and makes the threads of a call for that call only; it may be used from
//! any thread, inside async hosts best by their way to run blocking work.
//!
//! Without the feature `sqlite` all of it works on the store in memory: `memory:`, which is also what
//! `:memory:` then means.

mod atomic;
pub mod automation;
pub mod bulk;
pub mod clean;
pub mod clock;
pub mod compliance;
pub mod database;
pub mod error;
pub mod export;
pub mod history;
pub mod import;
pub mod keys;
pub mod ledger;
pub mod mapping;
mod measure;
pub mod model;
pub mod normalize;
pub mod outbox;
pub mod privacy;
pub mod progress;
pub mod report;
pub mod schedule;
pub mod search;
mod secret;
pub mod stats;
pub mod store;
pub mod table;
pub mod template;
#[cfg(feature = "testing")]
pub mod testing;
pub mod text;
pub mod transport;
pub mod validate;

pub use clock::{Clock, Random, Timestamp};
pub use database::{Database, open, open_with};
pub use error::{Error, ErrorCode, ErrorKind, Result};
pub use keys::Key;
pub use model::bulk::{
    Assignment, BulkUpdate, MergeGroup, OnConflict, Plan, PlanOptions, RunOptions, UndoOptions,
};
pub use model::field::{CustomField, Field, FieldKind, FieldName};
pub use model::filter::Filter;
pub use model::issue::{Issue, IssueCode, Severity};
pub use model::lead::{Lead, LeadChange, Values};
pub use model::operation::{Conflict, ConflictCode, Operation, OperationKind, OperationState};
pub use model::options::{ExportOptions, FindOptions, ImportOptions, OnMatch, OpenOptions};
pub use model::report::{ExportReport, ImportPreview, ImportReport, Page};
pub use model::status::Status;
pub use progress::{CancelToken, Progress, ProgressFn};
pub use secret::Secret;
pub use transport::Transport;
#[cfg(feature = "twilio")]
pub use transport::twilio::{Twilio, TwilioConfig, verify_twilio_request};
