//! Contacts that are entered: by hand, or by a host that had them elsewhere.

use super::timeline::survivor;
use crate::compliance::whereabouts;
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::Session;
use crate::ledger::consent::normal;
use crate::model::communication::{Communication, CommunicationState};
use crate::model::history::{ContactChannel, LogOptions};
use crate::model::lead::Lead;
use crate::model::read::without_nuls;
use crate::model::transport::Direction;
use crate::store::{CommunicationKey, HistoryQuery, Writer};

/// The longest text that is entered, in characters.
const LONGEST: usize = 1_000_000;
/// 1900-01-01 and 2200-01-01, in milliseconds from 1970 on: what is outside of it is a slip.
const FIRST: i64 = -2_208_988_800_000;
const LAST: i64 = 7_258_118_400_000;
/// Contacts that are looked through for an earlier answer.
const LOOKED_AT: u64 = 1_000;

/// Enters a contact with a lead. A repeated call with the same key gives the first one's entry.
///
/// # Errors
/// `not_found` for the lead, the contact that it answers, and the entry that it puts right;
/// `invalid_argument` for a custom channel without a label and a label of any other, for a time outside of
/// 1900 to 2200, and for an entry that says nothing; `conflict` for putting right what was not entered, or
/// was put right already.
pub fn log(
    session: &Session,
    lead: i64,
    channel: ContactChannel,
    options: &LogOptions,
) -> Result<Communication> {
    let options = &without_nuls(options)?;
    check(channel, options)?;
    session.store.writing(|writer| log_in(session, writer, lead, channel, options))
}

/// [`log`] within a transaction that goes on, of what was checked.
pub(crate) fn log_in(
    session: &Session,
    writer: &dyn Writer,
    lead: i64,
    channel: ContactChannel,
    options: &LogOptions,
) -> Result<Communication> {
    if let Some(key) = &options.key
        && let Some(first) = writer.communications_by(&CommunicationKey::Key(key))?.pop()
    {
        return Ok(first);
    }
    let missing = || Error::new(ErrorCode::NotFound, format!("there is no lead {lead}"));
    let lead = writer.lead(survivor(writer, lead)?)?.ok_or_else(missing)?;
    if lead.deleted_at.is_some() {
        return Err(missing().hint("it was deleted; restore it first"));
    }
    let mut contact = contact(session, &lead, channel, options);
    if let Some(id) = options.reply_to {
        contact.reply_after = first_answer(writer, &contact, id)?;
    }
    let corrected = options.corrects.map(|id| to_correct(writer, id)).transpose()?;
    contact.id = writer.add_communications(std::slice::from_ref(&contact))?;
    let now = contact.created_at;
    writer.add_communication_events(&[contact.event("logged", now)])?;
    if let Some(old) = corrected {
        let old = Communication { corrected_by: Some(contact.id), ..old };
        writer.put_communications(std::slice::from_ref(&old))?;
        writer.add_communication_events(&[old.event("corrected", now)])?;
    }
    Ok(contact)
}

pub(super) fn check(channel: ContactChannel, options: &LogOptions) -> Result<()> {
    let wrong = |field: &str, message: &str| {
        Err(Error::new(ErrorCode::InvalidArgument, message.to_string()).at_field(field))
    };
    let blank = |text: Option<&String>| text.is_none_or(|text| text.trim().is_empty());
    if (channel == ContactChannel::Custom) == blank(options.label.as_ref()) {
        return wrong("label", "a custom channel has a label, and no other one has");
    }
    if options.at.is_some_and(|at| !(FIRST..LAST).contains(&at.0)) {
        return wrong("at", "a contact is between the years 1900 and 2200");
    }
    if options.body.chars().count() > LONGEST {
        return wrong("body", "a text has at most 1,000,000 characters");
    }
    let says = !options.body.trim().is_empty()
        || !blank(options.subject.as_ref())
        || !blank(options.outcome.as_ref())
        || !options.attachments.is_empty()
        || options.seconds.is_some();
    if !says {
        return wrong("body", "an entry says something: a body, a subject, an outcome, seconds or a file");
    }
    Ok(())
}

pub(super) fn contact(
    session: &Session,
    lead: &Lead,
    channel: ContactChannel,
    options: &LogOptions,
) -> Communication {
    let now = session.clock.now();
    let direction = options.direction.unwrap_or(Direction::Outbound);
    let theirs = match channel {
        ContactChannel::Sms | ContactChannel::Voice => lead.phone.clone(),
        ContactChannel::Email => lead.email.clone(),
        _ => None,
    };
    // A number as all others are, so that it is found by it.
    let written = |address: &Option<String>| {
        address.as_ref().map(|address| match channel.sent_by() {
            Some(_) => normal(address, lead.country.as_deref()).unwrap_or_else(|_| address.clone()),
            None => address.clone(),
        })
    };
    let (to, sender) = (written(&options.to), written(&options.sender));
    let (to, sender) = match direction {
        Direction::Outbound => (to.or(theirs), sender),
        Direction::Inbound => (to, sender.or(theirs)),
    };
    let other_side = match direction {
        Direction::Outbound => to.as_deref(),
        Direction::Inbound => sender.as_deref(),
    };
    let (country, time_zone) = whereabouts(other_side, lead.country.as_deref(), lead.time_zone.as_deref());
    Communication {
        lead: Some(lead.id),
        state: CommunicationState::Logged,
        country,
        time_zone,
        label: options.label.clone(),
        purpose: options.purpose,
        sender,
        participants: options.participants.clone(),
        subject: options.subject.clone(),
        body: options.body.clone(),
        attachments: options.attachments.clone(),
        template: options.template.clone(),
        template_version: options.template_version,
        campaign: options.campaign.clone(),
        variant: options.variant.clone(),
        key: options.key.clone(),
        owner: options.owner.clone().or_else(|| lead.owner.clone()),
        thread: options.thread.clone(),
        reply_to: options.reply_to,
        outcome: options.outcome.clone(),
        seconds: options.seconds,
        corrects: options.corrects,
        actor: session.actor.clone(),
        reason: session.reason.clone(),
        at: options.at.unwrap_or(now),
        created_at: now,
        provider_id: options.provider_id.clone(),
        price: options.price.clone(),
        ..Communication::new(channel, direction, to.unwrap_or_default())
    }
}

/// The milliseconds between a contact and what it answers, unless something answered that before.
fn first_answer(writer: &dyn Writer, contact: &Communication, id: i64) -> Result<Option<i64>> {
    let asked = writer.communication(id)?.ok_or_else(|| missing(id, "reply_to"))?;
    let Some(lead) = asked.lead else { return Ok(None) };
    let later = HistoryQuery {
        leads: vec![lead],
        since: Some(asked.at),
        limit: LOOKED_AT,
        ..HistoryQuery::default()
    };
    // What it puts right is no answer any more.
    let answers = |other: &Communication| other.reply_to == Some(id) && Some(other.id) != contact.corrects;
    let answered = writer.history(&later)?.iter().any(|(_, other)| answers(other));
    Ok((!answered).then(|| (contact.at.0 - asked.at.0).max(0)))
}

fn to_correct(writer: &dyn Writer, id: i64) -> Result<Communication> {
    let old = writer.communication(id)?.ok_or_else(|| missing(id, "corrects"))?;
    if old.state != CommunicationState::Logged {
        return Err(Error::new(
            ErrorCode::Conflict,
            "only entries are put right, not what was sent or came in",
        )
        .at_field("corrects"));
    }
    if let Some(by) = old.corrected_by {
        return Err(Error::new(ErrorCode::Conflict, format!("entry {by} puts it right already"))
            .hint(format!("put {by} right"))
            .at_field("corrects"));
    }
    Ok(old)
}

fn missing(id: i64, field: &str) -> Error {
    Error::new(ErrorCode::NotFound, format!("there is no contact {id}")).at_field(field)
}
