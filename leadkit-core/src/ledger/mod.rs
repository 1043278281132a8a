//! Every write to leads is a commit: single edits here, imports and bulk operations above.

mod edit;
pub mod matching;
pub mod merge;
mod query;
pub(crate) mod values;

use crate::clock::{Clock, Random};
use crate::model::field::{Field, FieldName};
use crate::model::lead::Lead;
use crate::store::sqlite::Store;

/// A store with who acts on it, by which clock.
#[derive(Clone)]
pub struct Session {
    /// The store.
    pub store: Store,
    /// The source of "now".
    pub clock: Clock,
    /// The source of randomness.
    pub random: Random,
    /// Threads of a pool of our own; 0 takes one for each core.
    pub threads: usize,
    /// Who acts.
    pub actor: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

/// All fields of a lead: the standard ones and those of its custom ones that hold something.
fn field_names(lead: &Lead) -> impl Iterator<Item = FieldName> {
    let standard = Field::ALL.iter().copied().map(FieldName::Standard);
    standard.chain(lead.custom.keys().cloned().map(FieldName::Custom))
}
