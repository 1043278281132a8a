//! What the fake knows: messages, calls, who opted out, what is to go wrong.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use super::call::{self, FakeCall};
use super::callback::Callback;
use super::dial::{Dialled, dialled};
use super::fault::{Fate, Fault};
use super::message::{self, FakeMessage, later};
use super::server::FakeRequest;
use super::{FakeOptions, FakeTwilio};
use crate::clock::{Clock, Random, Timestamp};
use crate::error::Result;
use crate::model::transport::{CallStatus, MessageStatus, WebhookRequest};

const STOP: &[&str] =
    &["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "OPT OUT", "REVOKE"];
const START: &[&str] = &["START", "YES", "UNSTOP"];
/// What stands for the messaging service in the list of those who opted out.
const SERVICE: &str = "MG";

/// Twilio's form of a refusal: HTTP status, code, sentence.
pub(super) type Refused = (u16, u32, String);

pub(super) struct Account {
    pub options: FakeOptions,
    pub clock: Clock,
    pub random: Random,
    pub messages: Vec<FakeMessage>,
    /// Their places, by id.
    pub places: HashMap<String, usize>,
    pub calls: Vec<FakeCall>,
    pub callbacks: Vec<Callback>,
    pub faults: VecDeque<Fault>,
    pub chance: Option<(u32, Fault)>,
    pub fates: BTreeMap<String, Fate>,
    pub shuffled: bool,
    pub repeated: u32,
    pub accepted: BTreeMap<(String, String), u64>,
    pub requests: Vec<FakeRequest>,
    /// By sender, who wants nothing from it.
    blocked: BTreeSet<(String, String)>,
}

impl Account {
    pub(super) fn new(options: FakeOptions, clock: Clock, random: Random) -> Account {
        Account {
            options,
            clock,
            random,
            messages: Vec::new(),
            places: HashMap::new(),
            calls: Vec::new(),
            callbacks: Vec::new(),
            faults: VecDeque::new(),
            chance: None,
            fates: BTreeMap::new(),
            shuffled: false,
            repeated: 1,
            accepted: BTreeMap::new(),
            requests: Vec::new(),
            blocked: BTreeSet::new(),
        }
    }

    /// What goes wrong this time.
    pub(super) fn next_fault(&mut self) -> Option<Fault> {
        if let Some(fault) = self.faults.pop_front() {
            return Some(fault);
        }
        let (one_in, fault) = self.chance.as_ref()?;
        self.random.next().is_multiple_of(u64::from(*one_in)).then(|| fault.clone())
    }

    pub(super) fn create_message(&mut self, form: &Form) -> Result<FakeMessage, Refused> {
        let now = self.clock.now();
        let at = self.check_message(form, now)?;
        let service = form.get("MessagingServiceSid");
        let first = match (at, service) {
            (Some(_), _) => MessageStatus::Scheduled,
            (None, Some(_)) => MessageStatus::Accepted,
            (None, None) => MessageStatus::Queued,
        };
        let to = form.get("To").unwrap_or_default();
        let fate = self.fates.get(to).copied().unwrap_or_default();
        let (life, error_code) = message::life(first, now, at.unwrap_or(now), self.options.pace, fate);
        let end = life.last().map_or(now, |(at, _)| *at);
        let media: Vec<String> = form.all("MediaUrl").map(str::to_string).collect();
        let message = FakeMessage {
            sid: self.sid(if media.is_empty() { "SM" } else { "MM" }),
            to: to.to_string(),
            from: form.get("From").map(str::to_string),
            messaging_service_sid: service.map(str::to_string),
            body: form.get("Body").unwrap_or_default().to_string(),
            media_urls: media,
            inbound: false,
            created_at: now,
            life,
            error_code,
            priced_at: Some(later(end, self.options.price_after)),
        };
        if let Some(url) = form.get("StatusCallback") {
            self.report_message(&message, url);
        }
        *self.accepted.entry((message.to.clone(), message.body.clone())).or_default() += 1;
        self.keep(message.clone());
        Ok(message)
    }

    pub(super) fn create_call(&mut self, form: &Form) -> Result<FakeCall, Refused> {
        let now = self.clock.now();
        let to = form.get("To").ok_or_else(|| refused(21201))?.to_string();
        let from = form.get("From").ok_or_else(|| refused(21213))?.to_string();
        if form.get("Url").or(form.get("Twiml")).or(form.get("ApplicationSid")).is_none() {
            return Err(refused(21205));
        }
        recipient(&to)?;
        let fate = self.fates.get(&to).copied().unwrap_or_default();
        let mut life = call::life(now, self.options.pace, fate);
        let leg =
            form.get("Twiml").and_then(dialled).and_then(|dialled| self.leg(&from, &dialled, &mut life));
        let end = life.last().map_or(now, |(at, _)| *at);
        let answered = life.iter().any(|(_, status)| *status == CallStatus::InProgress);
        let detected = form.get("MachineDetection").filter(|_| answered);
        let call = FakeCall {
            sid: self.sid("CA"),
            to,
            from,
            inbound: false,
            created_at: now,
            life,
            answered_by: detected.map(|_| if fate == Fate::Read { "machine_start" } else { "human" }),
            priced_at: answered.then(|| later(end, self.options.price_after)),
            parent: None,
        };
        self.report_call(&call, form);
        if let Some((mut leg, callback)) = leg {
            leg.parent = Some(call.sid.clone());
            let events = ["initiated", "ringing", "answered", "completed"];
            let mut form: Vec<(String, String)> =
                events.map(|event| ("StatusCallbackEvent".to_string(), event.to_string())).into();
            form.extend(callback.map(|url| ("StatusCallback".to_string(), url)));
            self.report_call(&leg, &Form(form));
            *self.accepted.entry((leg.to.clone(), String::new())).or_default() += 1;
            self.calls.push(leg);
        }
        *self.accepted.entry((call.to.clone(), String::new())).or_default() += 1;
        self.calls.push(call.clone());
        Ok(call)
    }

    /// The leg that an answered call dials; the call itself ends with it.
    fn leg(
        &self,
        from: &str,
        dialled: &Dialled,
        life: &mut Vec<(Timestamp, CallStatus)>,
    ) -> Option<(FakeCall, Option<String>)> {
        let answered =
            life.iter().find(|(_, status)| *status == CallStatus::InProgress).map(|(at, _)| *at)?;
        let fate = self.fates.get(&dialled.number).copied().unwrap_or_default();
        let of_leg = call::life(answered, self.options.pace, fate);
        let end = of_leg.last().map_or(answered, |(at, _)| *at);
        life.retain(|(_, status)| *status != CallStatus::Completed);
        life.push((end, CallStatus::Completed));
        let talked = of_leg.iter().any(|(_, status)| *status == CallStatus::InProgress);
        let leg = FakeCall {
            sid: self.sid("CA"),
            to: dialled.number.clone(),
            from: dialled.caller_id.clone().unwrap_or_else(|| from.to_string()),
            inbound: false,
            created_at: answered,
            life: of_leg,
            answered_by: None,
            priced_at: talked.then(|| later(end, self.options.price_after)),
            parent: None,
        };
        Some((leg, dialled.callback.clone()))
    }

    /// Redacts a message or takes it back.
    pub(super) fn update_message(&mut self, sid: &str, form: &Form) -> Result<FakeMessage, Refused> {
        let now = self.clock.now();
        let place = *self.places.get(sid).ok_or_else(not_found)?;
        let message = self.messages.get_mut(place).ok_or_else(not_found)?;
        let status = message.status(now);
        match (form.get("Status"), form.raw("Body")) {
            (Some("canceled"), _) => {
                use MessageStatus::{Accepted, Queued, Scheduled};
                if !matches!(status, Scheduled | Accepted | Queued) {
                    return Err((409, 30409, "the message has gone out".into()));
                }
                message.cancel(now);
                let url = self.callbacks.iter().find(|c| c.sid == sid).map(|c| c.url.clone());
                self.callbacks.retain(|callback| callback.sid != sid || callback.due <= now);
                let message = message.clone();
                if let Some(url) = url {
                    self.report_message(&message, &url);
                }
                Ok(message)
            }
            (None, Some("")) if status.is_final() || status == MessageStatus::Sent => {
                message.body.clear();
                message.media_urls.clear();
                Ok(message.clone())
            }
            (None, Some("")) => Err((409, 20009, "the message is in progress".into())),
            _ => Err((400, 20001, "only cancelling and redacting are possible".into())),
        }
    }

    /// Ends a call.
    pub(super) fn update_call(&mut self, sid: &str, form: &Form) -> Result<FakeCall, Refused> {
        let now = self.clock.now();
        let call = self.calls.iter_mut().find(|call| call.sid == sid).ok_or_else(not_found)?;
        let status = call.status(now);
        let end = match form.get("Status") {
            _ if status.is_final() => return Err(refused(21220)),
            Some("canceled") if status == CallStatus::InProgress => return Err(refused(21220)),
            Some("canceled") => CallStatus::Canceled,
            Some("completed") if status == CallStatus::InProgress => CallStatus::Completed,
            Some("completed") => CallStatus::Canceled,
            _ => return Err((400, 20001, "only ending a call is possible".into())),
        };
        call.end(now, end);
        self.callbacks.retain(|callback| callback.sid != sid || callback.due <= now);
        Ok(call.clone())
    }

    pub(super) fn delete_message(&mut self, sid: &str) -> Result<(), Refused> {
        let now = self.clock.now();
        let place = *self.places.get(sid).ok_or_else(not_found)?;
        let ended = self.messages.get(place).map(|message| message.status(now).is_final());
        if ended != Some(true) {
            return Err((409, 20009, "the message is in progress".into()));
        }
        self.messages.remove(place);
        self.places = self.messages.iter().enumerate().map(|(at, m)| (m.sid.clone(), at)).collect();
        Ok(())
    }

    pub(super) fn delete_call(&mut self, sid: &str) -> Result<(), Refused> {
        let now = self.clock.now();
        let at = self.calls.iter().position(|call| call.sid == sid).ok_or_else(not_found)?;
        if !self.calls.get(at).is_some_and(|call| call.status(now).is_final()) {
            return Err((409, 20009, "the call is in progress".into()));
        }
        self.calls.remove(at);
        Ok(())
    }

    pub(super) fn inbound(&mut self, from: &str, to: &str, body: &str, url: &str) -> Result<WebhookRequest> {
        let now = self.clock.now();
        let word = body.trim().to_ascii_uppercase();
        let senders = [to.to_string(), SERVICE.to_string()];
        let senders = senders.iter().filter(|s| *s == to || to == FakeTwilio::NUMBER);
        for sender in senders {
            let pair = (sender.clone(), from.to_string());
            if STOP.contains(&word.as_str()) {
                self.blocked.insert(pair);
            } else if START.contains(&word.as_str()) {
                self.blocked.remove(&pair);
            }
        }
        let message = FakeMessage {
            sid: self.sid("SM"),
            to: to.to_string(),
            from: Some(from.to_string()),
            messaging_service_sid: None,
            body: body.to_string(),
            media_urls: Vec::new(),
            inbound: true,
            created_at: now,
            life: vec![(now, MessageStatus::Received)],
            error_code: None,
            priced_at: Some(later(now, self.options.price_after)),
        };
        let request = self.inbound_message_webhook(&message, url);
        self.keep(message);
        request
    }

    pub(super) fn inbound_call(&mut self, from: &str, to: &str, url: &str) -> Result<WebhookRequest> {
        let now = self.clock.now();
        let call = FakeCall {
            sid: self.sid("CA"),
            to: to.to_string(),
            from: from.to_string(),
            inbound: true,
            created_at: now,
            life: vec![(now, CallStatus::Ringing)],
            answered_by: None,
            priced_at: None,
            parent: None,
        };
        let request = self.inbound_call_webhook(&call, url);
        self.calls.push(call);
        request
    }

    fn keep(&mut self, message: FakeMessage) {
        self.places.insert(message.sid.clone(), self.messages.len());
        self.messages.push(message);
    }

    fn sid(&self, beginning: &str) -> String {
        format!("{beginning}{:016x}{:016x}", self.random.next(), self.random.next())
    }

    /// What Twilio would refuse; the time of a scheduled message.
    fn check_message(&self, form: &Form, now: Timestamp) -> Result<Option<Timestamp>, Refused> {
        let to = form.get("To").ok_or_else(|| refused(21604))?;
        let (from, service) = (form.get("From"), form.get("MessagingServiceSid"));
        match from {
            None if service.is_none() => return Err(refused(21603)),
            Some("+15005550001") => return Err(refused(21212)),
            Some("+15005550007") => return Err(refused(21606)),
            Some("+15005550008") => return Err(refused(21611)),
            _ => {}
        }
        if service.is_some_and(|sid| !sid.starts_with("MG") || sid.len() != 34) {
            return Err(refused(21705));
        }
        recipient(to)?;
        let sender = if service.is_some() { SERVICE } else { from.unwrap_or_default() };
        if to == "+15005550004" || self.blocked.contains(&(sender.to_string(), to.to_string())) {
            return Err(refused(21610));
        }
        let text = form.get("Body").unwrap_or_default();
        if text.is_empty() && form.get("MediaUrl").or(form.get("ContentSid")).is_none() {
            return Err(refused(21619));
        }
        if text.chars().count() > 1600 {
            return Err(refused(21617));
        }
        let Some(at) = form.get("SendAt") else {
            return form.get("ScheduleType").map_or(Ok(None), |_| Err(refused(35111)));
        };
        let at: Timestamp = at.parse().map_err(|_| refused(35114))?;
        match (service, at.0 - now.0) {
            (None, _) => Err(refused(35118)),
            // A second's grace for what was on its way.
            (Some(_), 299_000..=3_024_000_000) if form.get("ScheduleType") == Some("fixed") => Ok(Some(at)),
            (Some(_), _) => Err(refused(35114)),
        }
    }
}

/// The numbers for which Twilio's test credentials answer with an error, and what is no number.
fn recipient(to: &str) -> Result<(), Refused> {
    let number = to
        .strip_prefix('+')
        .is_some_and(|digits| (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()));
    match to {
        "+15005550001" => Err(refused(21211)),
        "+15005550002" => Err(refused(21612)),
        "+15005550003" => Err(refused(21408)),
        "+15005550009" => Err(refused(21614)),
        _ if number || to.contains(':') => Ok(()),
        _ => Err(refused(21211)),
    }
}

pub(super) fn refused(code: u32) -> Refused {
    (400, code, crate::transport::codes::meaning(code).unwrap_or("refused").to_string())
}

pub(super) fn not_found() -> Refused {
    (404, 20404, "The requested resource was not found".into())
}

/// The fields of a form or query.
#[derive(Clone, Debug, Default)]
pub(super) struct Form(pub Vec<(String, String)>);

impl Form {
    pub(super) fn parse(bytes: &[u8]) -> Form {
        Form(form_urlencoded::parse(bytes).into_owned().collect())
    }

    /// A field that holds something.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.raw(name).filter(|value| !value.is_empty())
    }

    pub(super) fn raw(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}
