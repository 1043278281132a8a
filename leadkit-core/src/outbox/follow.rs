//! Follows what the provider took: what it cost, reports that got lost, and what is to be taken back.

use super::{budget, note, receive, store};
use crate::clock::Timestamp;
use crate::error::{ErrorCode, Result};
use crate::ledger::Session;
use crate::ledger::consent::{Contact, decide, entries};
use crate::model::communication::{Communication, CommunicationState, ReconcileReport};
use crate::model::consent::{Channel, ConsentCode};
use crate::model::transport::{
    CallStatus, Cancellation, Direction, MessageStatus, ProviderCall, ProviderMessage,
};
use crate::store::{CommunicationQuery, Reader, Writer};
use crate::transport::Transport;

/// Milliseconds until the provider is asked for the first time.
const FIRST: i64 = 60_000;
/// Milliseconds after which nobody asks any more: prices come within a day.
const LAST: i64 = 3 * 24 * 60 * 60 * 1_000;
/// Messages asked about in one call.
const AT_ONCE: u64 = 500;
/// Messages of a number that are looked at.
const LOOKED_AT: u64 = 1_000;

/// Whether the provider has more to tell of a message: how it ended, or what it cost.
fn is_open(message: &Communication) -> bool {
    message.direction == Direction::Outbound
        && message.provider_id.is_some()
        && match message.state {
            CommunicationState::Accepted => true,
            CommunicationState::Delivered | CommunicationState::Failed => message.price.is_none(),
            _ => false,
        }
}

/// Sets when the provider is asked about a message again: the later, the older it is.
pub(super) fn later(message: &mut Communication, now: Timestamp) {
    let age = now.0 - message.sent_at.unwrap_or(now).0;
    let open = is_open(message) && age < LAST;
    message.due_at = open.then(|| Timestamp(now.0 + FIRST.max(age / 2)));
}

/// Lets the next look be now for all that the provider has not sent yet: the person wants no more.
pub(super) fn at_once(writer: &dyn Writer, address: &str, now: Timestamp) -> Result<()> {
    let query = CommunicationQuery {
        address: Some(address.to_string()),
        state: Some(CommunicationState::Accepted),
        limit: LOOKED_AT,
        ..CommunicationQuery::default()
    };
    for message in writer.communications(&query)?.into_iter().filter(waits) {
        writer.put_communications(&[Communication { due_at: Some(now), ..message }])?;
    }
    Ok(())
}

/// Whether the provider holds a message and has not given it to a carrier.
fn waits(message: &Communication) -> bool {
    message.channel == Channel::Sms
        && matches!(
            message.status.as_deref().map(MessageStatus::parse),
            Some(MessageStatus::Scheduled | MessageStatus::Accepted | MessageStatus::Queued)
        )
}

/// Asks the provider about what it took and has not told the end or the price of.
pub(super) fn follow(
    session: &Session,
    transport: &dyn Transport,
    report: &mut ReconcileReport,
) -> Result<()> {
    let now = session.clock.now();
    let open = session.store.reading(|reader| {
        let mut open = Vec::new();
        for state in [CommunicationState::Accepted, CommunicationState::Delivered, CommunicationState::Failed]
        {
            open.extend(reader.due(state, now, AT_ONCE)?);
        }
        Ok(open)
    })?;
    for message in open {
        let Some(sid) = message.provider_id.clone() else { continue };
        if waits(&message) && session.store.reading(|reader| opted_out(session, reader, &message, now))? {
            take_back(session, transport, &message, &sid, report)?;
        }
        let told = match message.channel.sent_by() {
            None => continue,
            Some(Channel::Sms) => transport.fetch_message(&sid).map(Told::Message),
            Some(Channel::Voice) => call(transport, &message, &sid).map(Told::Call),
        };
        let told = match told {
            Ok(told) => Some(told),
            Err(error) if error.is_retryable() => continue,
            Err(error) if matches!(error.code(), "not_found" | "unsupported") => None,
            Err(_) => {
                // It must not stand in the way of all others for ever.
                session.store.writing(|writer| put_off(session, writer, message.id))?;
                continue;
            }
        };
        session.store.writing(|writer| enter(session, writer, message.id, told.as_ref()))?;
        report.followed += 1;
    }
    Ok(())
}

/// Asks about a message again later.
fn put_off(session: &Session, writer: &dyn Writer, id: i64) -> Result<()> {
    let Some(mut message) = writer.communication(id)? else { return Ok(()) };
    later(&mut message, session.clock.now());
    writer.put_communications(std::slice::from_ref(&message))
}

/// A call as the provider has it. Both legs of an agent's call are billed.
fn call(transport: &dyn Transport, message: &Communication, sid: &str) -> Result<ProviderCall> {
    let mut main = transport.fetch_call(sid)?;
    if let Some(leg) = message.call.as_ref().and_then(|call| call.lead_leg.as_deref()) {
        let leg = transport.fetch_call(leg)?;
        // A leg that nobody answered costs nothing, and no price ever comes for it.
        let free = leg.status.is_final() && leg.status != CallStatus::Completed;
        main.price = match (main.price, leg.price) {
            (Some(main), Some(leg)) => main.checked_add(&leg),
            (main, None) if free => main,
            _ => None,
        };
    }
    Ok(main)
}

/// What the provider says of a message or call.
enum Told {
    Message(ProviderMessage),
    Call(ProviderCall),
}

fn enter(session: &Session, writer: &dyn Writer, id: i64, told: Option<&Told>) -> Result<()> {
    let Some(before) = writer.communication(id)? else { return Ok(()) };
    let (now, mut message) = (session.clock.now(), before.clone());
    let price = match told {
        Some(Told::Message(provider)) => {
            receive::apply(&mut message, provider.status, provider.error_code);
            message.billed_segments = provider.segments.or(message.billed_segments);
            provider.price.clone()
        }
        Some(Told::Call(provider)) => {
            message.status = Some(provider.status.as_str().to_string());
            if let Some(call) = message.call.as_mut().filter(|call| call.agent.is_none()) {
                call.duration = provider.duration.or(call.duration);
                call.outcome = provider.status.is_final().then(|| provider.status.as_str().to_string());
                call.answered_by = provider.answered_by.clone().or(call.answered_by.take());
            }
            super::calls::conclude(&mut message);
            provider.price.clone()
        }
        None => None,
    };
    super::calls::give_up_on_the_lead(&mut message);
    if let Some(price) = price {
        budget::bill(writer, &mut message, price)?;
    }
    if message.state == CommunicationState::Cancelled {
        budget::release(writer, &mut message)?;
    }
    later(&mut message, now);
    if told.is_none() {
        message.due_at = None;
    }
    writer.put_communications(std::slice::from_ref(&message))?;
    let news =
        (message.state, &message.status, &message.price) != (before.state, &before.status, &before.price);
    if news { note(writer, &message, "asked", now) } else { Ok(()) }
}

fn opted_out(
    session: &Session,
    reader: &dyn Reader,
    message: &Communication,
    now: Timestamp,
) -> Result<bool> {
    let Some(channel) = message.channel.sent_by() else { return Ok(false) };
    let contact = Contact {
        address: &message.to,
        lead: message.lead,
        channel,
        purpose: message.purpose.unwrap_or_default(),
    };
    let status = decide(&entries(&session.keys, reader, &[&message.to])?, contact, now);
    Ok(status.code == Some(ConsentCode::OptedOut))
}

/// Takes a message back that the provider holds; that it came too late is told.
fn take_back(
    session: &Session,
    transport: &dyn Transport,
    message: &Communication,
    sid: &str,
    report: &mut ReconcileReport,
) -> Result<()> {
    let what = match transport.cancel(sid) {
        Ok(Cancellation::Cancelled) => {
            report.taken_back += 1;
            "taken_back"
        }
        Ok(Cancellation::TooLate { .. }) => {
            report.too_late += 1;
            "too_late"
        }
        Err(error) if error.is_retryable() || error.code() == ErrorCode::Unsupported.as_str() => {
            report.too_late += 1;
            "too_late"
        }
        Err(error) => return Err(error),
    };
    session.store.writing(|writer| {
        let Some(stands) = writer.communication(message.id)? else { return Ok(()) };
        store(writer, &stands, what, session.clock.now())
    })
}
