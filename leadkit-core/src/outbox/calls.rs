//! What the provider tells of calls: ours, and those that come in.

use super::receive::{Received, enter_call};
use super::{budget, follow, note, settle};
use crate::error::Result;
use crate::ledger::Session;
use crate::ledger::consent::normal;
use crate::ledger::permission::refusal;
use crate::model::communication::{Communication, CommunicationState};
use crate::model::consent::Channel;
use crate::model::transport::{CallEvent, CallStatus, Direction, MachineEvent, RecordingEvent};
use crate::store::{CommunicationKey, Writer};

/// The refusal of a call of which nobody knows more.
pub(super) const UNRESOLVED: &str = "unresolved";
/// What stands before the word of the lead's side of an agent's call, among the events.
const LEAD: &str = "lead ";

/// Enters how far a call of ours has come. An agent's call has two sides, and each reports by itself.
pub(super) fn status(
    session: &Session,
    writer: &dyn Writer,
    event: &CallEvent,
    token: Option<&str>,
) -> Result<Received> {
    let main = event.parent_sid.as_deref().unwrap_or(&event.sid);
    let mut received = Received::default();
    for mut message in of(writer, main, token)? {
        let side = if event.parent_sid.is_some() { LEAD } else { "" };
        let word = format!("{side}{}", event.status.as_str());
        if repeated(writer, &message, &word)? {
            received.repeated = true;
            received.messages.push(message);
            continue;
        }
        let now = session.clock.now();
        message.provider_id = Some(main.to_string());
        message.went_out(now);
        let conflict = apply(&mut message, event);
        if message.state == CommunicationState::Cancelled {
            budget::release(writer, &mut message)?;
        }
        follow::later(&mut message, now);
        writer.put_communications(std::slice::from_ref(&message))?;
        let what = if conflict { "conflict" } else { "status" };
        note(writer, &Communication { status: Some(word), ..message.clone() }, what, now)?;
        received.messages.push(message);
    }
    Ok(received)
}

/// Brings a call to where a report leaves it; the order in which they come does not matter. Gives
/// whether it contradicts an earlier one.
fn apply(message: &mut Communication, event: &CallEvent) -> bool {
    let mut call = message.call.take().unwrap_or_default();
    let before = match event.parent_sid {
        Some(_) => call.outcome.as_deref(),
        None => message.status.as_deref(),
    };
    let before = before.map_or(CallStatus::Unknown, CallStatus::parse);
    let merged = before.merge(event.status);
    if event.parent_sid.is_some() {
        call.lead_leg = Some(event.sid.clone());
        call.outcome = Some(merged.as_str().to_string());
    } else {
        message.status = Some(merged.as_str().to_string());
        if call.agent.is_none() {
            call.outcome = merged.is_final().then(|| merged.as_str().to_string());
        }
    }
    // Of an agent's call the lead's side counts.
    if event.parent_sid.is_some() == call.agent.is_some() {
        call.duration = event.duration.or(call.duration);
    }
    call.answered_by = event.answered_by.clone().or(call.answered_by);
    call.recording_url = event.recording_url.clone().or(call.recording_url);
    message.call = Some(call);
    conclude(message);
    before.conflicts(event.status)
}

/// Where a call stands, by what both its sides reported.
pub(super) fn conclude(message: &mut Communication) {
    let Some(call) = &message.call else { return };
    let main = message.status.as_deref().map_or(CallStatus::Unknown, CallStatus::parse);
    let lead = match call.agent {
        Some(_) => call.outcome.as_deref().map_or(CallStatus::Unknown, CallStatus::parse),
        None => main,
    };
    let (state, why) = match (lead, main) {
        (CallStatus::Completed, _) => (CommunicationState::Delivered, None),
        (CallStatus::Busy, _) => (CommunicationState::Failed, Some(("busy", "the line was busy"))),
        (CallStatus::NoAnswer, _) => (CommunicationState::Failed, Some(("no_answer", "nobody answered"))),
        (CallStatus::Failed, _) => {
            (CommunicationState::Failed, Some(("failed", "it could not be connected")))
        }
        (CallStatus::Canceled, _) => (CommunicationState::Cancelled, None),
        // Nobody answered at the agent's side, so the lead was never dialled. When somebody did, only the
        // lead's side tells more.
        (CallStatus::Unknown, main) if main.is_final() && main != CallStatus::Completed => {
            (CommunicationState::Failed, Some(("agent_not_reached", "the lead was not dialled")))
        }
        _ => (CommunicationState::Accepted, None),
    };
    message.refusal = why.map(|(code, text)| refusal(code, text, ""));
    settle(message, state);
}

/// Ends an agent's call that is over and of whose lead's side no report came: they may have talked.
pub(super) fn give_up_on_the_lead(message: &mut Communication) {
    let over = message.status.as_deref().map(CallStatus::parse) == Some(CallStatus::Completed);
    let silent = message.call.as_ref().is_some_and(|call| call.agent.is_some() && call.outcome.is_none());
    if over && silent {
        let advice = "set public_url, so that the provider reports; ask the agent before it is queued anew";
        message.refusal =
            Some(refusal(UNRESOLVED, "the agent answered, and nobody reported whether the lead did", advice));
        settle(message, CommunicationState::Failed);
    }
}

/// Enters who answered.
pub(super) fn machine(
    session: &Session,
    writer: &dyn Writer,
    event: &MachineEvent,
    token: Option<&str>,
) -> Result<Received> {
    change(session, writer, &event.sid, token, &format!("answered by {}", event.answered_by), |message| {
        if let Some(call) = &mut message.call {
            call.answered_by = Some(event.answered_by.clone());
        }
    })
}

/// Enters where a recording is.
pub(super) fn recording(
    session: &Session,
    writer: &dyn Writer,
    event: &RecordingEvent,
    token: Option<&str>,
) -> Result<Received> {
    let word = format!("recording {} {}", event.recording_sid, event.status);
    change(session, writer, &event.sid, token, &word, |message| {
        if let (Some(call), Some(url)) = (&mut message.call, &event.url) {
            call.recording_url = Some(url.clone());
        }
    })
}

fn change(
    session: &Session,
    writer: &dyn Writer,
    sid: &str,
    token: Option<&str>,
    word: &str,
    put: impl Fn(&mut Communication),
) -> Result<Received> {
    let mut received = Received::default();
    for mut message in of(writer, sid, token)? {
        if repeated(writer, &message, word)? {
            received.repeated = true;
        } else {
            put(&mut message);
            writer.put_communications(std::slice::from_ref(&message))?;
            let told = Communication { status: Some(word.to_string()), ..message.clone() };
            note(writer, &told, "status", session.clock.now())?;
        }
        received.messages.push(message);
    }
    Ok(received)
}

/// The calls of ours that a report is about.
fn of(writer: &dyn Writer, sid: &str, token: Option<&str>) -> Result<Vec<Communication>> {
    let mut found = writer.communications_by(&CommunicationKey::Provider(sid))?;
    if let (true, Some(token)) = (found.is_empty(), token) {
        found = writer.communications_by(&CommunicationKey::Token(token))?;
        found.retain(|message| message.provider_id.is_none());
    }
    found.retain(|message| message.direction == Direction::Outbound && message.call.is_some());
    Ok(found)
}

fn repeated(writer: &dyn Writer, message: &Communication, word: &str) -> Result<bool> {
    let told = writer.communication_events(message.id)?;
    Ok(told.iter().any(|old| old.status.as_deref() == Some(word) && old.what != "sending"))
}

/// Enters a call that comes in, once for each lead whose number it comes from.
pub(super) fn inbound(session: &Session, writer: &dyn Writer, event: &CallEvent) -> Result<Received> {
    let known = writer.communications_by(&CommunicationKey::Provider(&event.sid))?;
    if !known.is_empty() {
        return Ok(Received { messages: known, repeated: true, ..Received::default() });
    }
    let now = session.clock.now();
    let from = event.from.clone().unwrap_or_default();
    let from = normal(&from, None).unwrap_or(from);
    let messages = enter_call(writer, &from, now, || came_in(event))?;
    Ok(Received { messages, ..Received::default() })
}

fn came_in(event: &CallEvent) -> Communication {
    Communication {
        provider_id: Some(event.sid.clone()),
        status: Some(event.status.as_str().to_string()),
        call: Some(Default::default()),
        ..Communication::new(Channel::Voice, Direction::Inbound, event.to.clone().unwrap_or_default())
    }
}
