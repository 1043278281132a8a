//! What the provider tells: how far messages of ours have come, and what people write.

use serde::Serialize;

use super::{budget, calls, follow, note, settle};
use crate::clock::Timestamp;
use crate::compliance::{Reply, classify_reply, whereabouts};
use crate::error::Result;
use crate::history::answered;
use crate::ledger::consent::{entries, normal};
use crate::ledger::permission::refusal;
use crate::ledger::{Session, audit};
use crate::measure::{Began, count};
use crate::model::communication::{Communication, CommunicationState, SendRefusal};
use crate::model::consent::{Channel, ConsentEntry, ConsentKind};
use crate::model::lead::Lead;
use crate::model::read::without_nuls;
use crate::model::transport::{Direction, InboundMessage, MessageEvent, MessageStatus, WebhookEvent};
use crate::store::{CommunicationKey, KeyKind, LeadKey, Reader, Writer};
use crate::transport::codes;

/// Milliseconds for which somebody may look at what may have been an opt-out.
const REVIEW: i64 = 10 * 24 * 60 * 60 * 1_000;

/// What came of a report or a message.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Received {
    /// The messages that it is about, as they stand now: one of ours, or one that came in, for each lead
    /// whose number it came from.
    pub messages: Vec<Communication>,
    /// What it changed about consent.
    pub consent: Vec<ConsentEntry>,
    /// Whether it had been told before: nothing changed.
    pub repeated: bool,
}

/// Enters an event that is known to be the provider's. `token` is the one of the attempt, from the
/// callback's URL. Told once more, it changes nothing; told in another order, the end is the same.
///
/// # Errors
/// Those of the store.
pub fn receive(session: &Session, event: &WebhookEvent, token: Option<&str>) -> Result<Received> {
    let event = &without_nuls(event)?;
    let began = Began::now();
    let received = session.store.writing(|writer| match event {
        WebhookEvent::MessageStatus(event) => status(session, writer, event, token),
        WebhookEvent::MessageInbound(message) => inbound(session, writer, message),
        WebhookEvent::CallStatus(event) => calls::status(session, writer, event, token),
        WebhookEvent::CallInbound(event) => calls::inbound(session, writer, event),
        WebhookEvent::MachineDetected(event) => calls::machine(session, writer, event, token),
        WebhookEvent::Recording(event) => calls::recording(session, writer, event, token),
        // What is to be done next is the host's to say.
        WebhookEvent::CallTwiml(_) => Ok(Received::default()),
    })?;
    let kind = match event {
        WebhookEvent::MessageStatus(_) => "message_status",
        WebhookEvent::MessageInbound(_) => "message_inbound",
        WebhookEvent::CallStatus(_) => "call_status",
        WebhookEvent::CallInbound(_) => "call_inbound",
        WebhookEvent::MachineDetected(_) => "machine_detected",
        WebhookEvent::Recording(_) => "recording",
        WebhookEvent::CallTwiml(_) => "call_twiml",
    };
    count("leadkit_webhooks_total", "kind", kind, 1);
    let (seconds, repeated) = (began.end("leadkit_webhook_seconds"), received.repeated);
    tracing::debug!(kind, repeated, seconds, "webhook entered");
    Ok(received)
}

fn status(
    session: &Session,
    writer: &dyn Writer,
    event: &MessageEvent,
    token: Option<&str>,
) -> Result<Received> {
    let mut found = writer.communications_by(&CommunicationKey::Provider(&event.sid))?;
    if let (true, Some(token)) = (found.is_empty(), token) {
        found = writer.communications_by(&CommunicationKey::Token(token))?;
        found.retain(|message| message.provider_id.is_none());
    }
    let mut received = Received::default();
    // What was entered by hand stays as it was entered, whatever id it has.
    found.retain(|message| {
        message.direction == Direction::Outbound && message.state != CommunicationState::Logged
    });
    for mut message in found {
        let now = session.clock.now();
        let word = event.status.as_str();
        let told = writer.communication_events(message.id)?;
        if told.iter().any(|old| old.status.as_deref() == Some(word) && old.what != "sending") {
            received.repeated = true;
            received.messages.push(message);
            continue;
        }
        message.provider_id = Some(event.sid.clone());
        message.went_out(now);
        let before = message.status.as_deref().map(MessageStatus::parse);
        apply(&mut message, event.status, event.error_code);
        if message.state == CommunicationState::Cancelled {
            budget::release(writer, &mut message)?;
        }
        follow::later(&mut message, now);
        writer.put_communications(std::slice::from_ref(&message))?;
        let what = match before.is_some_and(|before| before.conflicts(event.status)) {
            true => "conflict",
            false => "status",
        };
        // The word as it was told, whatever the message made of it.
        note(writer, &Communication { status: Some(word.to_string()), ..message.clone() }, what, now)?;
        received.messages.push(message);
    }
    Ok(received)
}

/// Brings a message to where a status leaves it, by rank: the order in which statuses come does not
/// matter.
pub(super) fn apply(message: &mut Communication, status: MessageStatus, error: Option<u32>) {
    let before = message.status.as_deref().map_or(MessageStatus::Unknown, MessageStatus::parse);
    let merged = before.merge(status);
    message.status = Some(merged.as_str().to_string());
    let state = match merged {
        MessageStatus::Delivered | MessageStatus::Read | MessageStatus::PartiallyDelivered => {
            CommunicationState::Delivered
        }
        MessageStatus::Failed | MessageStatus::Undelivered => CommunicationState::Failed,
        MessageStatus::Canceled => CommunicationState::Cancelled,
        _ => CommunicationState::Accepted,
    };
    if state != CommunicationState::Failed {
        message.refusal = None;
    } else if merged == status {
        message.refusal = Some(failure(error));
    }
    settle(message, state);
}

fn failure(error: Option<u32>) -> SendRefusal {
    match error.map(|code| (code, codes::class(code))) {
        Some((code, class)) => SendRefusal {
            provider_code: Some(code),
            ..refusal(class.as_str(), "the provider could not deliver it", class.advice())
        },
        None => refusal("undelivered", "the provider could not deliver it", ""),
    }
}

fn inbound(session: &Session, writer: &dyn Writer, event: &InboundMessage) -> Result<Received> {
    let mut known = writer.communications_by(&CommunicationKey::Provider(&event.sid))?;
    // Somebody who entered it by hand heard no STOP.
    known.retain(|message| message.state != CommunicationState::Logged);
    if !known.is_empty() {
        return Ok(Received { messages: known, repeated: true, ..Received::default() });
    }
    let now = session.clock.now();
    // A short code or a name is kept as it is.
    let from = normal(&event.from, None).unwrap_or_else(|_| event.from.clone());
    let leads = leads_of(writer, &from)?;
    let mut messages = of_each(writer, Channel::Sms, &from, &leads, now, || came_in(event))?;
    enter_all(writer, &mut messages, now)?;
    let leads: Vec<i64> = leads.iter().map(|lead| lead.id).collect();
    let consent = said(session, writer, event, &from, &leads, now)?;
    if consent.iter().any(|entry| entry.kind == ConsentKind::Withdrawal) {
        follow::at_once(writer, &from, now)?;
    }
    Ok(Received { messages, consent, repeated: false })
}

/// The leads that have a number, deleted ones left out.
fn leads_of(reader: &dyn Reader, number: &str) -> Result<Vec<Lead>> {
    let keys = [LeadKey::new(KeyKind::Phone, number)];
    let ids: Vec<i64> = reader.leads_by_keys(&keys)?.into_iter().map(|(_, id)| id).collect();
    let mut leads = reader.leads(&ids)?;
    leads.retain(|lead| {
        lead.deleted_at.is_none() && lead.phone.iter().chain(&lead.phones).any(|phone| phone == number)
    });
    Ok(leads)
}

/// What came in from a number, once for each lead that has it, or for none; each with what it answers.
fn of_each(
    reader: &dyn Reader,
    channel: Channel,
    from: &str,
    leads: &[Lead],
    now: Timestamp,
    came_in: impl Fn() -> Communication,
) -> Result<Vec<Communication>> {
    let each = leads.iter().map(Some).chain(leads.is_empty().then_some(None));
    each.map(|lead| {
        let id = lead.map(|lead| lead.id);
        let (reply_to, reply_after) = answered(reader, channel, from, id, now)?;
        let (country, time_zone) = whereabouts(
            Some(from),
            lead.and_then(|lead| lead.country.as_deref()),
            lead.and_then(|lead| lead.time_zone.as_deref()),
        );
        Ok(Communication {
            lead: id,
            country,
            time_zone,
            owner: lead.and_then(|lead| lead.owner.clone()),
            sender: Some(from.to_string()),
            reply_to,
            reply_after,
            at: now,
            created_at: now,
            ..came_in()
        })
    })
    .collect()
}

/// Enters a call that came in; see [`of_each`].
pub(super) fn enter_call(
    writer: &dyn Writer,
    from: &str,
    now: Timestamp,
    came_in: impl Fn() -> Communication,
) -> Result<Vec<Communication>> {
    let leads = leads_of(writer, from)?;
    let mut calls = of_each(writer, Channel::Voice, from, &leads, now, came_in)?;
    enter_all(writer, &mut calls, now)?;
    Ok(calls)
}

fn enter_all(writer: &dyn Writer, messages: &mut [Communication], now: Timestamp) -> Result<()> {
    let first = writer.add_communications(messages)?;
    for (id, message) in (first..).zip(messages) {
        message.id = id;
        note(writer, message, "received", now)?;
    }
    Ok(())
}

fn came_in(event: &InboundMessage) -> Communication {
    Communication {
        body: event.body.clone(),
        provider_id: Some(event.sid.clone()),
        status: Some(MessageStatus::Received.as_str().to_string()),
        segments: event.segments.unwrap_or(1),
        billed_segments: event.segments,
        ..Communication::new(Channel::Sms, Direction::Inbound, event.to.clone())
    }
}

/// What the words of a message mean for consent.
fn said(
    session: &Session,
    writer: &dyn Writer,
    event: &InboundMessage,
    from: &str,
    leads: &[i64],
    now: Timestamp,
) -> Result<Vec<ConsentEntry>> {
    let entry = |kind: ConsentKind, source: &str| ConsentEntry {
        id: 0,
        at: now,
        kind,
        channel: Some(Channel::Sms),
        address: from.to_string(),
        lead: leads.first().copied().filter(|_| leads.len() == 1),
        purpose: None,
        source: source.to_string(),
        wording: Some(event.body.clone()),
        given_at: now,
        proof: Some(event.sid.clone()),
        review_by: (kind == ConsentKind::Suspected).then_some(Timestamp(now.0 + REVIEW)),
        actor: session.actor.clone(),
        reason: session.reason.clone(),
    };
    let mut entries = match classify_reply(&event.body) {
        Reply::OptOut => vec![entry(ConsentKind::Withdrawal, "keyword")],
        Reply::OptIn => vec![entry(ConsentKind::Lift, "keyword")],
        Reply::MaybeOptOut => vec![entry(ConsentKind::Suspected, "message")],
        Reply::WrongNumber => vec![entry(ConsentKind::WrongNumber, "message")],
        Reply::Yes => {
            confirmed(&entries(&session.keys, writer, &[from])?, entry(ConsentKind::Grant, "double opt-in"))
        }
        _ => Vec::new(),
    };
    if entries.is_empty() {
        return Ok(entries);
    }
    let first = audit::consent(session, writer, &entries)?;
    for (id, entry) in (first..).zip(&mut entries) {
        entry.id = id;
    }
    Ok(entries)
}

/// The grant that a YES gives: to the last question that was asked and is not answered yet.
fn confirmed(entries: &[ConsentEntry], grant: ConsentEntry) -> Vec<ConsentEntry> {
    let said = entries.iter().rev().find(|entry| {
        matches!(entry.kind, ConsentKind::Asked | ConsentKind::Withdrawal)
            || (entry.kind == ConsentKind::Grant && entry.source == grant.source)
    });
    match said {
        Some(asked) if asked.kind == ConsentKind::Asked => vec![ConsentEntry {
            channel: asked.channel,
            lead: asked.lead,
            purpose: asked.purpose,
            // What was agreed to is the question's wording, not the word yes.
            wording: asked.wording.clone(),
            ..grant
        }],
        _ => Vec::new(),
    }
}
