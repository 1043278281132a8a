//! From the columns of a file to the fields of a lead: which column is what, and the raw texts of
//! each row under their fields.
//!
//! [`plan()`] looks at the header, at a sample of rows and at what the caller said, and gives a
//! [`Plan`]; [`Plan::collect`] then runs once for each row and allocates only where a transform or
//! a join changes text.

mod assign;
mod candidates;
mod consent;
mod content;
mod given;
mod header;
mod plan;
mod shapes;
mod synonyms;
mod transform;

#[cfg(test)]
mod tests;

pub use plan::{Plan, PlannedColumn, Targets, plan};
pub use transform::{RawValues, apply};

/// A column whose best field is less sure than this is left out.
pub const MIN_CONFIDENCE: f64 = 0.5;
