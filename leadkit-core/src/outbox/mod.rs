//! Messages on their way: queued, decided on, handed over once, and followed to their end.
//!
//! No provider of text messages knows "send this once": a request whose answer was lost may have been
//! taken or not. So a message is marked `sending`, with a token of the attempt, in a transaction that
//! decides once more whether it may go; then it is handed over, exactly once; then the answer is
//! entered. Whatever gets lost in between leaves it `sending`, which becomes `unknown` and is found out
//! about ([`reconcile`]) and never handed over again before that.

mod budget;
mod calls;
mod costs;
mod dispatch;
mod drain;
mod follow;
mod health;
mod queue;
mod rate;
mod receive;
mod reconcile;
mod request;
mod switches;

pub use costs::costs;
pub use dispatch::{dispatch, send_sms};
pub use drain::drain;
pub use health::health;
pub(crate) use queue::queue_sms_in;
pub use queue::{cancel, pause, queue_call, queue_sms, requeue, reschedule, resume};
pub use receive::{Received, receive};
pub use reconcile::{reconcile, reconcile_with};
pub use switches::turn;

use crate::clock::Timestamp;
use crate::error::Result;
use crate::model::automation::Signal;
use crate::model::communication::{Communication, CommunicationState};
use crate::model::transport::WebhookRequest;
use crate::store::Writer;

/// The token of the attempt that a callback's URL carries.
pub fn token_of(request: &WebhookRequest) -> Option<&str> {
    request.query().split('&').find_map(|pair| pair.strip_prefix(request::TOKEN)?.strip_prefix('='))
}

/// The meter of automations that are enabled: without any, nothing is kept for them.
pub const LISTENERS: &str = "automation.listeners";
/// The meter of the last signal.
const SIGNALS: &str = "automation.signals";

/// Enters what happened to a message, with where it stands now.
fn note(writer: &dyn Writer, message: &Communication, what: &str, at: Timestamp) -> Result<()> {
    writer.add_communication_events(&[message.event(what, at)])?;
    let told = matches!(
        message.state,
        CommunicationState::Received
            | CommunicationState::Accepted
            | CommunicationState::Delivered
            | CommunicationState::Failed
            | CommunicationState::Refused
    );
    if !told || message.lead.is_none() || writer.meter(LISTENERS)? == 0 {
        return Ok(());
    }
    let id = writer.meter(SIGNALS)? + 1;
    writer.put_meter(SIGNALS, id)?;
    writer.add_signals(&[Signal { id, at, communication: message.id, state: message.state }])
}

/// Stores a message's new state and what happened.
fn store(writer: &dyn Writer, message: &Communication, what: &str, at: Timestamp) -> Result<()> {
    writer.put_communications(std::slice::from_ref(message))?;
    note(writer, message, what, at)
}

/// Ends a message, or lets it wait for a word of the provider's.
fn settle(message: &mut Communication, state: CommunicationState) {
    message.state = state;
    message.due_at = None;
}
