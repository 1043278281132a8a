//! Whether a message or call may go out now: the switches, the number, consent, the hour.

use serde_json::{Value, json};

use crate::clock::Timestamp;
use crate::compliance::{Contact as Where, LegalHours, WindowRefusal};
use crate::error::Result;
use crate::keys::Keys;
use crate::ledger::consent::{Contact, check_keys, decide, entries};
use crate::model::communication::{Communication, CommunicationState, SendRefusal};
use crate::model::consent::{Channel, ConsentCode, Purpose};
use crate::model::lead::Lead;
use crate::model::settings::Settings;
use crate::model::transport::Direction;
use crate::normalize::{PhoneType, phone_facts};
use crate::store::{CommunicationQuery, Reader};

/// Milliseconds of a day, for which messages are counted.
const DAY: i64 = 24 * 60 * 60 * 1_000;
/// Messages of a number that are looked at for that.
const LOOKED_AT: u64 = 1_000;
/// Digits behind the country's code below which a number that is not in use is an emergency or service
/// number.
const SUBSCRIBER: usize = 6;

/// What is done with a message whose time has come.
pub enum Verdict {
    /// It goes out.
    Send {
        /// The instant after which it may not be delivered any more.
        legal_until: Option<Timestamp>,
        /// What the decision rests on.
        evidence: Value,
    },
    /// It waits.
    Wait {
        /// Until when; none: until somebody lets it go on.
        until: Option<Timestamp>,
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
pub fn refusal(code: &str, message: &str, advice: &str) -> SendRefusal {
    SendRefusal {
        code: code.to_string(),
        message: message.to_string(),
        advice: (!advice.is_empty()).then(|| advice.to_string()),
        provider_code: None,
    }
}

fn refuse(code: &str, message: &str, advice: &str, evidence: Value) -> Verdict {
    Verdict::Refuse { refusal: refusal(code, message, advice), evidence }
}

/// The settings that decide, with their rules read.
pub struct Terms {
    /// The settings.
    pub settings: Settings,
    keys: Keys,
    hours: Option<LegalHours>,
}

impl Terms {
    /// The terms of a store, by its settings and the host's keys.
    ///
    /// # Errors
    /// `invalid_argument` for rules that cannot be read; `key_missing` where erased people could not be
    /// recognised; those of the store.
    pub fn of(reader: &dyn Reader, keys: &Keys) -> Result<Terms> {
        check_keys(keys, reader)?;
        let settings = reader.settings()?.unwrap_or_default();
        let own = settings.rules != Default::default();
        let hours = own.then(|| LegalHours::built_in().with(&settings.rules)).transpose()?;
        Ok(Terms { settings, keys: keys.clone(), hours })
    }

    fn hours(&self) -> &LegalHours {
        self.hours.as_ref().unwrap_or(LegalHours::built_in())
    }

    /// Decides on a message, inside the transaction that marks it as being sent.
    ///
    /// # Errors
    /// Those of the store.
    pub fn verdict(&self, reader: &dyn Reader, message: &Communication, now: Timestamp) -> Result<Verdict> {
        if message.expires_at.is_some_and(|until| until <= now) {
            return Ok(refuse("expired", "its time was over before it could go out", "", Value::Null));
        }
        if let Some(wait) = self.switched_off(message, now) {
            return Ok(wait);
        }
        let lead = match message.lead {
            Some(id) => match reader.lead(id)?.filter(|lead| lead.deleted_at.is_none()) {
                Some(lead) => Some(lead),
                None => {
                    let why = "the lead was deleted or merged into another";
                    return Ok(refuse("lead_gone", why, "", Value::Null));
                }
            },
            None => None,
        };
        self.permission(reader, message, lead.as_ref(), now)
    }

    fn switched_off(&self, message: &Communication, now: Timestamp) -> Option<Verdict> {
        let on = match message.channel.sent_by() {
            Some(Channel::Sms) => self.settings.sms,
            Some(Channel::Voice) => self.settings.voice,
            None => false,
        };
        let wait = |until, refusal| Some(Verdict::Wait { until, refusal, evidence: Value::Null });
        if message.campaign.as_ref().is_some_and(|name| self.settings.paused.contains(name)) {
            return wait(None, refusal("paused", "its campaign is paused", "let it go on by comms.resume"));
        }
        if !on {
            let advice = "turn it on by settings.set";
            return wait(Some(now), refusal("channel_off", "this channel is switched off", advice));
        }
        None
    }

    /// Whether a lead may be contacted as a message would, whatever the switches say.
    ///
    /// # Errors
    /// Those of the store.
    pub fn permission(
        &self,
        reader: &dyn Reader,
        message: &Communication,
        lead: Option<&Lead>,
        now: Timestamp,
    ) -> Result<Verdict> {
        let Some(channel) = message.channel.sent_by() else {
            return Ok(refuse("not_sent", "nothing is sent by this channel", "", Value::Null));
        };
        if let Some(no) = self.number(&message.to) {
            return Ok(no);
        }
        let purpose = message.purpose.unwrap_or_default();
        let contact = Contact { address: &message.to, lead: message.lead, channel, purpose };
        let status = decide(&entries(&self.keys, reader, &[&message.to])?, contact, now);
        let granted = status.entry.as_ref().is_some_and(|entry| entry.channel == Some(channel));
        let code = match status.code {
            // A machine that talks needs consent to calls of its own, for any purpose: 47 CFR
            // 64.1200(a)(1), (a)(3).
            None if is_announcement(message) && !granted => Some(ConsentCode::NoConsent),
            code => code,
        };
        let entry = status.entry.as_ref().map(|entry| entry.id);
        if let Some(code) = code {
            let advice = "see consent.status for the entry that says so";
            let evidence = json!({ "consent": entry, "at": now });
            return Ok(refuse(code.as_str(), "consent forbids it", advice, evidence));
        }
        if let Some(wait) = self.enough(reader, message, now)? {
            return Ok(wait);
        }
        let place = Where {
            channel,
            purpose,
            phone: Some(message.to.clone()),
            time_zone: lead.and_then(|lead| lead.time_zone.clone()),
            country: lead.and_then(|lead| lead.country.clone()),
            state: lead.and_then(|lead| lead.state.clone()),
            holidays: self.settings.holidays.clone(),
            quiet_hours: self.settings.quiet_hours.clone(),
        };
        let hours = self.hours().decide(&place, now)?;
        let evidence = json!({ "consent": entry, "hours": hours });
        Ok(match (hours.refusal, hours.next_legal) {
            (None, _) => Verdict::Send { legal_until: hours.legal_until, evidence },
            (Some(WindowRefusal::OutsideHours), Some(until))
                if message.expires_at.is_none_or(|end| until < end) =>
            {
                let advice = "it goes out by itself when dispatch is called then";
                let refusal = refusal("outside_hours", "its hour has not come", advice);
                Verdict::Wait { until: Some(until), refusal, evidence }
            }
            (Some(WindowRefusal::OutsideHours), Some(_)) => {
                refuse("expired", "no legal hour comes before its time is over", "", evidence)
            }
            (Some(_), _) => {
                let advice = "give the lead a time zone or an address";
                refuse("no_legal_hour", "no hour is legal everywhere the person may be", advice, evidence)
            }
        })
    }

    /// Numbers that would cost too much, or are nobody's.
    fn number(&self, to: &str) -> Option<Verdict> {
        let no = |code, message, advice| Some(refuse(code, message, advice, Value::Null));
        let phone = phone_facts(to);
        if phone.digits < SUBSCRIBER && !phone.valid {
            return no("short_number", "emergency and service numbers are not contacted", "");
        }
        if matches!(phone.r#type, Some(PhoneType::PremiumRate | PhoneType::SharedCost)) {
            return no("premium_number", "numbers that cost more than others are not contacted", "");
        }
        let allowed = &self.settings.countries;
        if !allowed.is_empty() && phone.country.is_none_or(|country| !allowed.contains(&country)) {
            let advice = "name it in settings.countries, if it is wanted";
            return no("country_not_allowed", "nothing is sent to this country", advice);
        }
        None
    }

    /// Whether a number has had enough marketing for a day.
    fn enough(
        &self,
        reader: &dyn Reader,
        message: &Communication,
        now: Timestamp,
    ) -> Result<Option<Verdict>> {
        let most = self.settings.marketing_per_day as usize;
        if most == 0 || message.purpose.unwrap_or_default() != Purpose::Marketing {
            return Ok(None);
        }
        let query =
            CommunicationQuery { address: Some(message.to.clone()), limit: LOOKED_AT, ..Default::default() };
        let counts = |other: &Communication| {
            other.id != message.id
                && other.direction == Direction::Outbound
                && other.purpose == Some(Purpose::Marketing)
                && match other.state {
                    CommunicationState::Queued
                    | CommunicationState::Refused
                    | CommunicationState::Cancelled => false,
                    // What the provider never had reached nobody.
                    CommunicationState::Failed => other.provider_id.is_some(),
                    _ => true,
                }
        };
        let handed_over = |other: &Communication| match other.state {
            CommunicationState::Logged => other.at.0,
            _ => other.sent_at.unwrap_or(now).0,
        };
        let others = reader.communications(&query)?;
        let mut times: Vec<i64> = others
            .iter()
            .filter(|other| counts(other))
            .map(handed_over)
            .filter(|at| now.0 - at < DAY)
            .collect();
        times.sort_unstable();
        // When the last but so many falls out of the day, there is room for one more.
        let room = times.len().checked_sub(most).and_then(|index| times.get(index));
        Ok(room.map(|at| Verdict::Wait {
            until: Some(Timestamp(at + DAY)),
            refusal: refusal(
                "enough_for_a_day",
                "this number had as much marketing within 24 hours as settings.marketing_per_day allows",
                "it goes out by itself when dispatch is called then",
            ),
            evidence: Value::Null,
        }))
    }
}

/// Whether nobody talks on this call but a machine.
fn is_announcement(message: &Communication) -> bool {
    message.call.as_ref().is_some_and(|call| call.agent.is_none())
}
