//! Messages and calls as they are to go out: their text and number are fixed when they are queued.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::clock::Timestamp;
use crate::compliance::whereabouts;
use crate::error::{Error, ErrorCode, Result};
use crate::ledger::permission::refusal;
use crate::ledger::templates::Compiled;
use crate::ledger::{consent, templates};
use crate::model::calls::{CallDetails, CallOptions};
use crate::model::communication::{Communication, CommunicationState, SmsOptions};
use crate::model::consent::Channel;
use crate::model::cost::PriceTable;
use crate::model::lead::Lead;
use crate::model::message_template::RenderOptions;
use crate::model::money::Money;
use crate::model::transport::Direction;
use crate::normalize::phone_facts;
use crate::store::{CommunicationQuery, Reader, Writer};
use crate::template::sms_segments;

/// The longest text that goes out as one message, in characters.
const LONGEST: usize = 1_600;
/// The longest text that is read out: what it becomes must fit into TwiML of 4,000 characters.
const LONGEST_SPEECH: usize = 3_000;
/// For how many seconds it rings when nobody says so, and at most.
const RING: u32 = 25;
const LONGEST_RING: u32 = 600;
/// Minutes for which a call is predicted: nobody knows how long it will last.
const PREDICTED_MINUTES: u32 = 1;

/// The template that some options name, if it may be used: a version of it, or the last.
///
/// # Errors
/// `not_found`; `invalid_argument` for one that was put away, and for a template and a text at once.
pub fn template(
    reader: &dyn Reader,
    name: Option<&str>,
    body: Option<&str>,
    version: Option<u32>,
) -> Result<Option<Compiled>> {
    match (name, body) {
        (Some(name), None) => {
            let template = templates::find(reader, name, version)?;
            // Whichever version is meant: a template is put away as a whole, by its last one.
            if templates::find(reader, name, None)?.archived {
                return Err(wrong("template", "this template was put away").hint("save it again to use it"));
            }
            Compiled::new(template).map(Some)
        }
        (None, Some(_)) => Ok(None),
        _ => Err(wrong("template", "a message has either a template or a body")),
    }
}

/// A text message for a lead. What is looked at is what goes out.
///
/// # Errors
/// `invalid_argument` for a lead without a number, and for a text that is empty or longer than 1,600
/// characters; `invalid_value` for a number that is none; `template_value_missing`.
pub fn sms(
    lead: &Lead,
    template: Option<&Compiled>,
    options: &SmsOptions,
    prices: &PriceTable,
) -> Result<Communication> {
    let how = how(&options.vars, options.locale.as_deref());
    let body = text(lead, template, options.body.as_deref(), &how)?;
    if body.trim().is_empty() || body.chars().count() > LONGEST {
        return Err(wrong("body", "a text message has 1 to 1,600 characters"));
    }
    let to = number(lead, options.to.as_deref())?;
    let segments = sms_segments(&body, false).segments;
    let message = Communication {
        purpose: Some(options.purpose.unwrap_or_default()),
        sender: options.sender.clone(),
        segments,
        body,
        campaign: options.campaign.clone(),
        variant: options.variant.clone(),
        key: options.key.clone(),
        send_at: options.send_at,
        expires_at: options.expires_at,
        ..outbound(Channel::Sms, to, lead, template)
    };
    Ok(Communication { predicted: predict(&message, prices), ..message })
}

/// A call to a lead.
///
/// # Errors
/// `invalid_argument` for a call without an agent or an announcement, for a recording without a notice
/// or consent, and as [`sms`].
pub fn call(
    lead: &Lead,
    template: Option<&Compiled>,
    options: &CallOptions,
    prices: &PriceTable,
) -> Result<Communication> {
    let how = how(&options.vars, options.locale.as_deref());
    let said = template.is_some() || options.body.is_some();
    let body = if said { text(lead, template, options.body.as_deref(), &how)? } else { String::new() };
    if body.chars().count() > LONGEST_SPEECH {
        return Err(wrong("body", "what is read out has at most 3,000 characters"));
    }
    check_call(options, &body)?;
    let to = number(lead, options.to.as_deref())?;
    let agent = options.agent.as_deref().map(|agent| consent::normal(agent, None)).transpose();
    let agent = agent.map_err(|error| error.at_field("agent"))?;
    let message = Communication {
        purpose: Some(options.purpose.unwrap_or_default()),
        sender: options.sender.clone(),
        body,
        campaign: options.campaign.clone(),
        variant: options.variant.clone(),
        key: options.key.clone(),
        send_at: options.send_at,
        expires_at: options.expires_at,
        call: Some(CallDetails {
            agent,
            play: options.play.clone(),
            language: options.language.clone(),
            record: options.record,
            recording_notice: options.recording_notice.clone(),
            recording_consent: options.recording_consent.clone(),
            ring: if options.ring == 0 { RING } else { options.ring },
            ..CallDetails::default()
        }),
        ..outbound(Channel::Voice, to, lead, template)
    };
    Ok(Communication { predicted: predict(&message, prices), ..message })
}

/// A message or call to a lead, made of a template or not.
fn outbound(channel: Channel, to: String, lead: &Lead, template: Option<&Compiled>) -> Communication {
    let (country, time_zone) = whereabouts(Some(&to), lead.country.as_deref(), lead.time_zone.as_deref());
    Communication {
        lead: Some(lead.id),
        owner: lead.owner.clone(),
        country,
        time_zone,
        template: template.map(|compiled| compiled.template.name.clone()),
        template_version: template.map(|compiled| compiled.template.version),
        ..Communication::new(channel, Direction::Outbound, to)
    }
}

fn how(vars: &BTreeMap<String, Value>, locale: Option<&str>) -> RenderOptions {
    RenderOptions { vars: vars.clone(), locale: locale.map(str::to_string), ..RenderOptions::default() }
}

fn check_call(options: &CallOptions, body: &str) -> Result<()> {
    let blank = |text: &Option<String>| text.as_ref().is_none_or(|text| text.trim().is_empty());
    if options.agent.is_none() && body.trim().is_empty() && options.play.is_none() {
        return Err(wrong("agent", "a call needs somebody who talks, or an announcement")
            .hint("give an agent's number, or a template, body or recording to play"));
    }
    if options.agent.is_some() && options.play.is_some() {
        return Err(wrong("play", "with an agent on the line nothing is played to the lead"));
    }
    if options.play.as_ref().is_some_and(|url| !url.starts_with("https://")) {
        return Err(wrong("play", "a recording is fetched by https"));
    }
    if options.ring > LONGEST_RING {
        return Err(wrong("ring", "it rings for 600 seconds at most"));
    }
    let notice = options.agent.is_none() && !blank(&options.recording_notice);
    if options.record && !notice && blank(&options.recording_consent) {
        return Err(wrong("record", "a recording needs the lead's consent, or an announcement of it")
            .hint("give recording_consent; a call without an agent may give recording_notice instead"));
    }
    Ok(())
}

fn text(lead: &Lead, template: Option<&Compiled>, body: Option<&str>, how: &RenderOptions) -> Result<String> {
    match template {
        Some(template) => Ok(templates::render_for(template, lead, how)?.text),
        None => Ok(body.unwrap_or_default().to_string()),
    }
}

fn number(lead: &Lead, to: Option<&str>) -> Result<String> {
    match (to, &lead.phone) {
        (Some(to), _) => consent::normal(to, lead.country.as_deref()),
        (None, Some(phone)) => Ok(phone.clone()),
        (None, None) => Err(wrong("to", "this lead has no phone number").hint("give it one, or say `to`")),
    }
}

/// Gives back what was reserved for a message that did not go out.
///
/// # Errors
/// Those of the store.
pub fn release(writer: &dyn Writer, message: &mut Communication) -> Result<()> {
    let Some(reserved) = message.reserved.take() else { return Ok(()) };
    for meter in &reserved.budgets {
        writer.put_meter(meter, writer.meter(meter)?.saturating_sub(reserved.price.micros))?;
    }
    Ok(())
}

/// Takes back what waits for a lead that is deleted, or merged into another, in the very transaction that
/// does so: whoever brings the lead back does not send it.
///
/// # Errors
/// Those of the store.
pub(crate) fn take_back(writer: &dyn Writer, lead: i64, at: Timestamp) -> Result<()> {
    let query = CommunicationQuery {
        lead: Some(lead),
        state: Some(CommunicationState::Queued),
        limit: u64::MAX,
        ..CommunicationQuery::default()
    };
    for mut message in writer.communications(&query)? {
        message.state = CommunicationState::Cancelled;
        message.due_at = None;
        message.refusal = Some(refusal("lead_gone", "the lead was deleted or merged into another", ""));
        release(writer, &mut message)?;
        writer.put_communications(std::slice::from_ref(&message))?;
        writer.add_communication_events(&[message.event("cancelled", at)])?;
    }
    Ok(())
}

/// What a message or call is expected to cost; none where the table does not say. Both legs of an
/// agent's call are billed.
pub fn predict(message: &Communication, prices: &PriceTable) -> Option<Money> {
    let minute = |number: &str| prices.call(&country(number)?, PREDICTED_MINUTES);
    match &message.call {
        None => prices.sms(&country(&message.to)?, message.segments),
        Some(call) => match &call.agent {
            Some(agent) => minute(agent)?.checked_add(&minute(&message.to)?),
            None => minute(&message.to),
        },
    }
}

/// The country of a number.
pub fn country(number: &str) -> Option<String> {
    phone_facts(number).country
}

fn wrong(field: &str, message: &str) -> Error {
    Error::new(ErrorCode::InvalidArgument, message.to_string()).at_field(field)
}
