//! Every write to leads is a commit: single edits here, imports and bulk operations above.

mod query;

use crate::clock::{Clock, Random};
use crate::error::{Error, Result};
use crate::model::lead::{Lead, LeadChange, Values};
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

/// x
pub(crate) fn add(_: &Session, _: &Values) -> Result<Lead> {
    Err(Error::internal("stub"))
}
/// x
pub(crate) fn update(_: &Session, _: i64, _: &Values) -> Result<Lead> {
    Err(Error::internal("stub"))
}
/// x
pub(crate) fn history(_: &Session, _: i64) -> Result<Vec<LeadChange>> {
    Err(Error::internal("stub"))
}
