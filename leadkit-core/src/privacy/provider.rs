//! The provider's own copy of a person's messages and calls.

use std::collections::BTreeSet;

use crate::error::ErrorCode;
use crate::model::communication::Communication;
use crate::transport::Transport;

/// What became of the provider's copies.
#[derive(Default)]
pub(super) struct AtProvider {
    /// Ids of what is there no more.
    pub deleted: BTreeSet<String>,
    /// Ids of what could not be deleted.
    pub left: Vec<String>,
}

/// The provider's ids of contacts: of a call through a representative there are two.
pub(super) fn ids(contacts: &[Communication]) -> BTreeSet<&str> {
    let own = contacts.iter().filter_map(|contact| contact.provider_id.as_deref());
    let calls = contacts.iter().filter_map(|contact| contact.call.as_ref());
    own.chain(calls.filter_map(|call| call.lead_leg.as_deref())).collect()
}

/// Deletes contacts at the provider, one by one; what fails is told and does not stop the rest.
pub(super) fn delete(transport: &dyn Transport, contacts: &[Communication]) -> AtProvider {
    let mut done = AtProvider::default();
    for id in ids(contacts) {
        match transport.erase(id) {
            Err(error) if error.error_code() != ErrorCode::NotFound => {
                tracing::warn!(id, code = error.code(), "a provider's copy was not deleted");
                done.left.push(id.to_string());
            }
            // What is not there needs no deleting.
            _ => {
                done.deleted.insert(id.to_string());
            }
        }
    }
    done
}
