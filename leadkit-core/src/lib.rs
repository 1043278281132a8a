#![forbid(unsafe_code)]
//! The embeddable lead-data engine.

pub mod clock;
pub mod error;
pub mod mapping;
pub mod model;
pub mod normalize;
pub mod progress;
pub mod table;
pub mod text;

pub use clock::{Clock, Timestamp};
pub use error::{Error, ErrorCode, ErrorKind, Result};
pub use model::filter::Filter;
pub use progress::{CancelToken, Progress, ProgressFn};
