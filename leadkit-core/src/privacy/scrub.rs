//! What is left of a lead and of a contact: the facts that counts, costs and links need.

use serde_json::Value;

use crate::clock::Timestamp;
use crate::model::calls::CallDetails;
use crate::model::communication::{Communication, CommunicationState};
use crate::model::lead::Lead;
use crate::model::transport::Direction;

/// A lead without anything of the person: its id, its times, and whom it was merged into.
pub(super) fn lead(lead: &Lead, now: Timestamp) -> Lead {
    Lead {
        id: lead.id,
        rev: lead.rev,
        created_at: lead.created_at,
        updated_at: lead.updated_at,
        deleted_at: Some(lead.deleted_at.unwrap_or(now)),
        merged_into: lead.merged_into,
        ..Lead::default()
    }
}

/// A contact without its texts, addresses and participants. By which channel, which way, when, in which
/// state, by whom of ours, for which campaign and at what cost it was stays: none of it names the person.
pub(super) fn contact(contact: &Communication) -> Communication {
    let call = contact.call.as_ref().map(|call| CallDetails {
        recording_url: None,
        recording_consent: None,
        ..call.clone()
    });
    let inbound = contact.direction == Direction::Inbound;
    Communication {
        // Of what came in, the other end is the sender.
        to: if inbound { contact.to.clone() } else { String::new() },
        sender: contact.sender.clone().filter(|_| !inbound),
        participants: Vec::new(),
        subject: None,
        body: String::new(),
        attachments: Vec::new(),
        thread: None,
        outcome: None,
        reason: None,
        evidence: Value::Null,
        // Nobody can look for it in the provider's list any more.
        due_at: contact.due_at.filter(|_| contact.state != CommunicationState::Unknown),
        call,
        ..contact.clone()
    }
}

/// Whether a contact holds anything that [`contact`] would take away.
pub(super) fn is_scrubbed(of: &Communication) -> bool {
    contact(of) == *of
}
