//! Messages into the outbox, and out of it again.

use serde_json::Value;

use super::{note, settle, store};
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::{Session, consent, templates};
use crate::model::communication::{Communication, CommunicationState, SmsOptions};
use crate::model::consent::Channel;
use crate::model::lead::Lead;
use crate::model::message_template::RenderOptions;
use crate::model::transport::Direction;
use crate::store::{CommunicationKey, Reader};
use crate::template::sms_segments;

/// The longest text that goes out as one message, in characters.
const LONGEST: usize = 1_600;

/// Puts a message for a lead into the outbox; nothing is sent yet. A repeated call with the same key
/// gives the first one's message.
///
/// # Errors
/// `not_found` for the lead and the template; `invalid_argument` for a lead without a number, for a text
/// and a template at once, for a text that is empty or longer than 1,600 characters; `invalid_value` for a
/// number that is none; `template_value_missing`.
pub fn queue_sms(session: &Session, lead: i64, options: &SmsOptions) -> Result<Communication> {
    session.store.writing(|writer| {
        if let Some(key) = &options.key
            && let Some(first) = writer.communications_by(&CommunicationKey::Key(key))?.pop()
        {
            return Ok(first);
        }
        let lead = writer
            .lead(lead)?
            .filter(|lead| lead.deleted_at.is_none())
            .ok_or_else(|| Error::new(ErrorCode::NotFound, format!("there is no lead {lead}")))?;
        let mut message = written(writer, &lead, options)?;
        let now = session.clock.now();
        message.created_at = now;
        message.due_at = Some(options.send_at.map_or(now, |at| at.max(now)));
        message.actor = session.actor.clone();
        message.reason = session.reason.clone();
        message.id = writer.add_communications(std::slice::from_ref(&message))?;
        note(writer, &message, "queued", now)?;
        Ok(message)
    })
}

/// The message with its text, which is fixed here: what is looked at is what goes out.
fn written(reader: &dyn Reader, lead: &Lead, options: &SmsOptions) -> Result<Communication> {
    let (body, template, version) = text(reader, lead, options)?;
    if body.trim().is_empty() || body.chars().count() > LONGEST {
        return Err(Error::new(ErrorCode::InvalidArgument, "a text message has 1 to 1,600 characters")
            .at_field("body"));
    }
    let to = match (&options.to, &lead.phone) {
        (Some(to), _) => consent::normal(to, lead.country.as_deref())?,
        (None, Some(phone)) => phone.clone(),
        (None, None) => {
            return Err(Error::new(ErrorCode::InvalidArgument, "this lead has no phone number")
                .hint("give it one, or say `to`")
                .at_field("to"));
        }
    };
    Ok(Communication {
        id: 0,
        lead: Some(lead.id),
        channel: Channel::Sms,
        direction: Direction::Outbound,
        state: CommunicationState::Queued,
        purpose: Some(options.purpose.unwrap_or_default()),
        to,
        sender: options.sender.clone(),
        segments: sms_segments(&body, false).segments,
        body,
        template,
        template_version: version,
        campaign: options.campaign.clone(),
        key: options.key.clone(),
        actor: None,
        reason: None,
        created_at: Default::default(),
        send_at: options.send_at,
        expires_at: options.expires_at,
        due_at: None,
        sent_at: None,
        attempts: 0,
        token: None,
        provider_id: None,
        status: None,
        refusal: None,
        billed_segments: None,
        price: None,
        evidence: Value::Null,
    })
}

fn text(
    reader: &dyn Reader,
    lead: &Lead,
    options: &SmsOptions,
) -> Result<(String, Option<String>, Option<u32>)> {
    match (&options.template, &options.body) {
        (Some(name), None) => {
            let template = templates::find(reader, name, None)?;
            if template.archived {
                return Err(Error::new(ErrorCode::InvalidArgument, "this template was put away")
                    .hint("save it again to use it")
                    .at_field("template"));
            }
            let how = RenderOptions {
                vars: options.vars.clone(),
                locale: options.locale.clone(),
                ..RenderOptions::default()
            };
            let rendered = templates::render_for(&template, lead, &how)?;
            Ok((rendered.text, Some(rendered.name), Some(rendered.version)))
        }
        (None, Some(body)) => Ok((body.clone(), None, None)),
        _ => Err(Error::new(ErrorCode::InvalidArgument, "a message has either a template or a body")
            .at_field("template")),
    }
}

/// Takes a message back that has not gone out.
///
/// # Errors
/// `not_found`; `conflict` for one that was handed over already.
pub fn cancel(session: &Session, id: i64) -> Result<Communication> {
    session.store.writing(|writer| {
        let mut message = writer
            .communication(id)?
            .ok_or_else(|| Error::new(ErrorCode::NotFound, format!("there is no message {id}")))?;
        match message.state {
            CommunicationState::Cancelled => Ok(message),
            CommunicationState::Queued => {
                settle(&mut message, CommunicationState::Cancelled);
                store(writer, &message, "cancelled", session.clock.now())?;
                Ok(message)
            }
            _ => Err(Error::new(ErrorCode::Conflict, "this message does not wait any more")
                .hint("its state says what became of it")),
        }
    })
}
