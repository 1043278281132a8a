//! From texts to a lead: values normalised, rules applied, everything noticed said.

mod draft;
mod identity;
mod rules;
mod value;

pub(crate) use draft::Spare;
pub use draft::{Draft, Outcome};
pub use identity::{has_identity, promote_further, split_full_name};
pub use rules::{Rules, parse_custom};
