//! Messages and calls into the outbox, and out of it again.

use std::collections::BTreeSet;

use super::{budget, note, settle, store, switches};
use crate::clock::Timestamp;
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::{Session, message};
use crate::model::calls::CallOptions;
use crate::model::communication::{Communication, CommunicationState, SendRefusal, SmsOptions};
use crate::model::lead::Lead;
use crate::model::read::without_nuls;
use crate::model::settings::{Settings, SettingsChange};
use crate::store::{CommunicationKey, Writer};

/// Puts a message for a lead into the outbox; nothing is sent yet. A repeated call with the same key
/// gives the first one's message.
///
/// # Errors
/// `not_found` for the lead and the template; `invalid_argument` for a lead without a number, for a text
/// and a template at once, for a text that is empty or longer than 1,600 characters; `invalid_value` for a
/// number that is none; `template_value_missing`.
pub fn queue_sms(session: &Session, lead: i64, options: &SmsOptions) -> Result<Communication> {
    let options = &without_nuls(options)?;
    queue(session, lead, options.key.as_deref(), |writer, lead, settings| {
        compose_sms(writer, lead, options, settings)
    })
}

/// [`queue_sms`] within a transaction that goes on, unless `refuse` says why it must not be; then nothing
/// is entered.
///
/// # Errors
/// As [`queue_sms`].
pub(crate) fn queue_sms_in(
    session: &Session,
    writer: &dyn Writer,
    lead: &Lead,
    options: &SmsOptions,
    refuse: impl FnOnce(&Communication) -> Result<Option<SendRefusal>>,
) -> Result<std::result::Result<Communication, SendRefusal>> {
    let settings = writer.settings()?.unwrap_or_default();
    let mut message = compose_sms(writer, lead, options, &settings)?;
    if let Some(refusal) = refuse(&message)? {
        return Ok(Err(refusal));
    }
    enter(session, writer, &mut message)?;
    Ok(Ok(message))
}

fn compose_sms(
    writer: &dyn Writer,
    lead: &Lead,
    options: &SmsOptions,
    settings: &Settings,
) -> Result<Communication> {
    let template = message::template(writer, options.template.as_deref(), options.body.as_deref(), None)?;
    message::sms(lead, template.as_ref(), options, &settings.price_table())
}

/// Puts a call to a lead into the outbox, as [`queue_sms`] does a message.
///
/// # Errors
/// As [`queue_sms`]; `invalid_argument` for a call without an agent or an announcement, and for a
/// recording without a notice or consent.
pub fn queue_call(session: &Session, lead: i64, options: &CallOptions) -> Result<Communication> {
    let options = &without_nuls(options)?;
    queue(session, lead, options.key.as_deref(), |writer, lead, settings| {
        let (name, body) = (options.template.as_deref(), options.body.as_deref());
        let template = match (name, body) {
            (None, None) => None,
            _ => message::template(writer, name, body, None)?,
        };
        message::call(lead, template.as_ref(), options, &settings.price_table())
    })
}

fn queue(
    session: &Session,
    lead: i64,
    key: Option<&str>,
    compose: impl Fn(&dyn Writer, &Lead, &Settings) -> Result<Communication>,
) -> Result<Communication> {
    session.store.writing(|writer| {
        if let Some(key) = key
            && let Some(first) = writer.communications_by(&CommunicationKey::Key(key))?.pop()
        {
            return Ok(first);
        }
        let lead = writer
            .lead(lead)?
            .filter(|lead| lead.deleted_at.is_none())
            .ok_or_else(|| Error::new(ErrorCode::NotFound, format!("there is no lead {lead}")))?;
        let settings = writer.settings()?.unwrap_or_default();
        let mut message = compose(writer, &lead, &settings)?;
        enter(session, writer, &mut message)?;
        Ok(message)
    })
}

/// Enters a message that is new.
fn enter(session: &Session, writer: &dyn Writer, message: &mut Communication) -> Result<()> {
    let now = session.clock.now();
    (message.created_at, message.at) = (now, now);
    message.due_at = Some(message.send_at.map_or(now, |at| at.max(now)));
    message.actor = session.actor.clone();
    message.reason = session.reason.clone();
    message.id = writer.add_communications(std::slice::from_ref(message))?;
    note(writer, message, "queued", now)
}

/// Queues a message once more that came to nothing, as a new one.
///
/// # Errors
/// `not_found`; `conflict` for one that waits, went out, or may have.
pub fn requeue(session: &Session, id: i64) -> Result<Communication> {
    session.store.writing(|writer| {
        let old = find(writer, id)?;
        let ended = matches!(
            old.state,
            CommunicationState::Failed | CommunicationState::Refused | CommunicationState::Cancelled
        );
        if !ended {
            return Err(Error::new(ErrorCode::Conflict, "this message waits, went out, or may have")
                .hint("only one that failed, was refused or taken back is queued anew"));
        }
        // Asked for twice, it goes out once.
        let key = format!("requeue-{id}");
        if let Some(first) = writer.communications_by(&CommunicationKey::Key(&key))?.pop() {
            return Ok(first);
        }
        let now = session.clock.now();
        let prices = writer.settings()?.unwrap_or_default().price_table();
        let mut new = Communication {
            lead: old.lead,
            owner: old.owner.clone(),
            purpose: old.purpose,
            sender: old.sender.clone(),
            body: old.body.clone(),
            template: old.template.clone(),
            template_version: old.template_version,
            campaign: old.campaign.clone(),
            variant: old.variant.clone(),
            country: old.country.clone(),
            time_zone: old.time_zone.clone(),
            key: Some(key),
            operation: old.operation,
            expires_at: old.expires_at.filter(|until| *until > now),
            segments: old.segments,
            call: old.call.clone(),
            ..Communication::new(old.channel, old.direction, old.to.clone())
        };
        if let Some(call) = &mut new.call {
            (call.outcome, call.duration, call.answered_by) = (None, None, None);
            (call.recording_url, call.lead_leg) = (None, None);
        }
        // By the prices of today: that there was none may be why it was refused.
        new.predicted = message::predict(&new, &prices);
        enter(session, writer, &mut new)?;
        note(writer, &old, &format!("requeued as {}", new.id), new.created_at)?;
        Ok(new)
    })
}

/// Takes a message back that has not gone out.
///
/// # Errors
/// `not_found`; `conflict` for one that was handed over already.
pub fn cancel(session: &Session, id: i64) -> Result<Communication> {
    session.store.writing(|writer| {
        let mut message = find(writer, id)?;
        match message.state {
            CommunicationState::Cancelled => Ok(message),
            CommunicationState::Queued => {
                settle(&mut message, CommunicationState::Cancelled);
                budget::release(writer, &mut message)?;
                store(writer, &message, "cancelled", session.clock.now())?;
                Ok(message)
            }
            _ => Err(Error::new(ErrorCode::Conflict, "this message does not wait any more")
                .hint("its state says what became of it")),
        }
    })
}

/// Gives a message that waits another time.
///
/// # Errors
/// `not_found`; `conflict` for one that was handed over already.
pub fn reschedule(session: &Session, id: i64, send_at: Timestamp) -> Result<Communication> {
    session.store.writing(|writer| {
        let mut message = find(writer, id)?;
        if message.state != CommunicationState::Queued {
            return Err(Error::new(ErrorCode::Conflict, "this message does not wait any more")
                .hint("its state says what became of it"));
        }
        let now = session.clock.now();
        message.send_at = Some(send_at);
        message.due_at = Some(send_at.max(now));
        (message.slot, message.refusal) = (None, None);
        store(writer, &message, "rescheduled", now)?;
        Ok(message)
    })
}

/// Lets the messages of a campaign wait.
///
/// # Errors
/// `invalid_argument` for an empty name; those of the store.
pub fn pause(session: &Session, campaign: &str) -> Result<Settings> {
    turn_campaign(session, campaign, |paused| {
        paused.insert(campaign.to_string());
    })
}

/// Lets the messages of a campaign go on.
///
/// # Errors
/// As [`pause`].
pub fn resume(session: &Session, campaign: &str) -> Result<Settings> {
    turn_campaign(session, campaign, |paused| {
        paused.remove(campaign);
    })
}

fn turn_campaign(
    session: &Session,
    campaign: &str,
    change: impl Fn(&mut BTreeSet<String>),
) -> Result<Settings> {
    if campaign.trim().is_empty() {
        return Err(Error::new(ErrorCode::InvalidArgument, "a campaign has a name").at_field("campaign"));
    }
    switches::turn_by(session, |settings| {
        let mut paused = settings.paused.clone();
        change(&mut paused);
        SettingsChange { paused: Some(paused), ..SettingsChange::default() }
    })
}

fn find(writer: &dyn Writer, id: i64) -> Result<Communication> {
    writer
        .communication(id)?
        .ok_or_else(|| Error::new(ErrorCode::NotFound, format!("there is no message {id}")))
}
