//! Bytes to records and back; knows nothing of leads.
mod format;
pub use format::{FormatOptions, TableFormat};
