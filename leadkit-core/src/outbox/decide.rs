//! Whether a message may go out now: the switches, consent, the hour.

use serde_json::{Value, json};

use crate::clock::Timestamp;
use crate::compliance::{Contact as Where, LegalHours, WindowRefusal};
use crate::error::Result;
use crate::ledger::consent::{Contact, decide};
use crate::model::communication::{Communication, SendRefusal};
use crate::model::consent::Channel;
use crate::model::settings::Settings;
use crate::store::Reader;

/// What is done with a message whose time has come.
pub(super) enum Verdict {
    /// It goes out.
    Send {
        /// The instant after which it may not be delivered any more.
        legal_until: Option<Timestamp>,
        /// What the decision rests on.
        evidence: Value,
    },
    /// It waits.
    Wait {
        /// Until when.
        until: Timestamp,
        /// What for.
        refusal: SendRefusal,
        /// What the decision rests on.
        evidence: Value,
    },
    /// It never goes out.
    Refuse {
        /// Why.
        refusal: SendRefusal,
        /// What the decision rests on.
        evidence: Value,
    },
}

/// A refusal in our own words.
pub(super) fn refusal(code: &str, message: &str, advice: &str) -> SendRefusal {
    SendRefusal {
        code: code.to_string(),
        message: message.to_string(),
        advice: (!advice.is_empty()).then(|| advice.to_string()),
        provider_code: None,
    }
}

/// Decides on a message, inside the transaction that marks it as being sent.
pub(super) fn verdict(
    reader: &dyn Reader,
    settings: &Settings,
    message: &Communication,
    now: Timestamp,
) -> Result<Verdict> {
    let refuse = |refusal| Ok(Verdict::Refuse { refusal, evidence: Value::Null });
    if message.expires_at.is_some_and(|until| until <= now) {
        return refuse(refusal("expired", "its time was over before it could go out", ""));
    }
    let on = match message.channel {
        Channel::Sms => settings.sms,
        Channel::Voice => settings.voice,
    };
    if !on {
        let refusal = refusal("channel_off", "this channel is switched off", "turn it on by settings.set");
        return Ok(Verdict::Wait { until: now, refusal, evidence: Value::Null });
    }
    let lead = match message.lead {
        Some(id) => match reader.lead(id)?.filter(|lead| lead.deleted_at.is_none()) {
            Some(lead) => Some(lead),
            None => return refuse(refusal("lead_gone", "the lead was deleted or merged into another", "")),
        },
        None => None,
    };
    let purpose = message.purpose.unwrap_or_default();
    let contact = Contact { address: &message.to, lead: message.lead, channel: message.channel, purpose };
    let status = decide(&reader.consent(&[&message.to])?, contact, now);
    let by = json!({ "consent": status.entry.as_ref().map(|entry| entry.id), "at": now });
    if let Some(code) = status.code {
        let advice = "see consent.status for the entry that says so";
        let refusal = refusal(code.as_str(), "consent forbids it", advice);
        return Ok(Verdict::Refuse { refusal, evidence: by });
    }
    let place = Where {
        channel: message.channel,
        purpose,
        phone: Some(message.to.clone()),
        time_zone: lead.as_ref().and_then(|lead| lead.time_zone.clone()),
        country: lead.as_ref().and_then(|lead| lead.country.clone()),
        state: lead.as_ref().and_then(|lead| lead.state.clone()),
        ..Where::default()
    };
    let hours = LegalHours::built_in().decide(&place, now)?;
    let evidence = json!({
        "consent": status.entry.as_ref().map(|entry| entry.id),
        "hours": hours,
    });
    match (hours.refusal, hours.next_legal) {
        (None, _) => Ok(Verdict::Send { legal_until: hours.legal_until, evidence }),
        (Some(WindowRefusal::OutsideHours), Some(until))
            if message.expires_at.is_none_or(|end| until < end) =>
        {
            let refusal = refusal(
                "outside_hours",
                "its hour has not come",
                "it goes out by itself when dispatch is called then",
            );
            Ok(Verdict::Wait { until, refusal, evidence })
        }
        (Some(WindowRefusal::OutsideHours), Some(_)) => {
            let refusal = refusal("expired", "no legal hour comes before its time is over", "");
            Ok(Verdict::Refuse { refusal, evidence })
        }
        (Some(_), _) => {
            let advice = "give the lead a time zone or an address";
            let refusal = refusal("no_legal_hour", "no hour is legal everywhere the person may be", advice);
            Ok(Verdict::Refuse { refusal, evidence })
        }
    }
}
