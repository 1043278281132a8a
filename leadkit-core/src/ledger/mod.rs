//! Every write to leads is a commit: single edits here, imports and bulk operations above.

pub mod access;
pub mod audit;
pub mod consent;
pub(crate) mod edit;
pub(crate) mod lease;
pub mod lint;
pub mod matching;
pub mod merge;
pub mod message;
pub mod permission;
mod prune;
mod query;
pub mod settings;
pub mod suppressions;
pub mod templates;
pub(crate) mod values;

use std::sync::Arc;

pub use prune::prune;

use crate::clock::{Clock, Random};
use crate::error::Result;
use crate::keys::Keys;
use crate::model::field::{Field, FieldName};
use crate::model::lead::Lead;
use crate::model::operation::OperationKind;
use crate::store::{NewOperation, Reader, Store, image};

/// A store with who acts on it, by which clock.
#[derive(Clone)]
pub struct Session {
    /// The store as this session sees it: reading it shows what its profiles show.
    pub store: Arc<dyn Store>,
    /// The store as it is, for what decides and does not show.
    pub whole: Arc<dyn Store>,
    /// The access profiles of a view; none: everything is seen.
    pub profiles: Vec<String>,
    /// The source of "now".
    pub clock: Clock,
    /// The source of randomness.
    pub random: Random,
    /// The host's keys.
    pub keys: Keys,
    /// Threads of a pool of our own; 0 takes one for each core but the writer's.
    pub threads: usize,
    /// Who acts.
    pub actor: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// What bulk operations and undos keep to.
    pub limits: Limits,
}

/// What bulk operations and undos keep to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Days for which an operation can be taken back.
    pub undo_days: f64,
    /// Changed leads behind an operation until which it can be taken back.
    pub undo_changes: u64,
    /// Leads above which a bulk operation wants their number typed.
    pub confirm_above: u64,
}

impl Session {
    /// An operation of this actor's that is over as it begins, to be refined.
    pub fn new_operation(&self, kind: OperationKind) -> NewOperation {
        NewOperation {
            actor: self.actor.clone(),
            reason: self.reason.clone(),
            ..NewOperation::new(kind, self.clock.now())
        }
    }
}

/// A lead as it was at a revision; none when it came later, or the log does not reach so far back.
///
/// # Errors
/// Those of the store.
pub fn state_at(reader: &dyn Reader, mut lead: Lead, rev: i64) -> Result<Option<Lead>> {
    while lead.rev > rev {
        let Some(change) = reader.change(lead.rev, lead.id)? else { return Ok(None) };
        for (name, value) in &change.before {
            image::put(&mut lead, name, value)?;
        }
        lead.rev = change.prev_rev;
    }
    Ok(Some(lead))
}

/// All fields of a lead: the standard ones and those of its custom ones that hold something.
pub(crate) fn field_names(lead: &Lead) -> impl Iterator<Item = FieldName> {
    let standard = Field::ALL.iter().copied().map(FieldName::Standard);
    standard.chain(lead.custom.keys().cloned().map(FieldName::Custom))
}
