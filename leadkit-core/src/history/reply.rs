//! What answers what.

use crate::clock::Timestamp;
use crate::error::Result;
use crate::model::communication::{Communication, CommunicationState};
use crate::model::consent::Channel;
use crate::model::transport::Direction;
use crate::store::{CommunicationQuery, Reader};

/// Contacts of an address that are looked at.
const LOOKED_AT: u64 = 100;

/// The contact that something from an address, at an instant, answers: the last that went there, to this
/// lead where it is known. With it the milliseconds between them, if nothing came back before.
///
/// # Errors
/// Those of the store.
pub fn answered(
    reader: &dyn Reader,
    channel: Channel,
    address: &str,
    lead: Option<i64>,
    at: Timestamp,
) -> Result<(Option<i64>, Option<i64>)> {
    let query = CommunicationQuery {
        address: Some(address.to_string()),
        lead,
        limit: LOOKED_AT,
        ..CommunicationQuery::default()
    };
    let mut first = true;
    for other in reader.communications(&query)?.into_iter().filter(|other| other.channel == channel) {
        match other.direction {
            Direction::Inbound => first = false,
            Direction::Outbound if went_out(&other) => {
                return Ok((Some(other.id), first.then(|| (at.0 - other.at.0).max(0))));
            }
            Direction::Outbound => {}
        }
    }
    Ok((None, None))
}

/// Whether the other side may have it.
fn went_out(contact: &Communication) -> bool {
    matches!(
        contact.state,
        CommunicationState::Sending
            | CommunicationState::Unknown
            | CommunicationState::Accepted
            | CommunicationState::Delivered
            | CommunicationState::Logged
    )
}
