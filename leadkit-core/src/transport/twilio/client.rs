//! Twilio's API of messages and calls.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::Method;

use super::answer::{self, Answer};
use super::check::{self, is_sid};
use super::config::{Checked, TwilioConfig};
use super::engine::{Call, Engine};
use super::form;
use crate::clock::Clock;
use crate::error::{Error, ErrorCode, Result};
use crate::model::report::Page;
use crate::model::transport::{
    CallRequest, CallStatus, Cancellation, Capabilities, MessageQuery, MessageStatus, Outcome, ProviderCall,
    ProviderMessage, RetryLater, ScheduleType, SmsRequest,
};
use crate::secret::Secret;
use crate::transport::Transport;

const MESSAGE: &[&str] = &["SM", "MM"];
const CALL: &[&str] = &["CA"];

/// Twilio as a [`Transport`]. Clones share connections and the thread they live on, which is started by
/// the first request, ends with the last clone, and is no part of any runtime of the host's.
///
/// A request is made once. What may have been taken without an answer is
/// [`Outcome::Unknown`], and making it again is the caller's decision.
#[derive(Clone)]
pub struct Twilio(Arc<Inner>);

struct Inner {
    config: TwilioConfig,
    checked: Checked,
    clock: Clock,
    /// With the process that started it: a thread does not survive a fork.
    engine: Mutex<Option<(u32, Arc<Engine>)>>,
}

impl Twilio {
    /// Looks the config over; nothing is started or connected yet.
    ///
    /// # Errors
    /// `invalid_argument`, naming the field.
    pub fn new(config: TwilioConfig) -> Result<Twilio> {
        Twilio::with_clock(config, Clock::system())
    }

    /// [`Twilio::new`] with a clock, by which times to send at are checked.
    ///
    /// # Errors
    /// As [`Twilio::new`].
    pub fn with_clock(config: TwilioConfig, clock: Clock) -> Result<Twilio> {
        let checked = config.check()?;
        if config.sender.as_deref().is_some_and(|sender| sender.starts_with("MG") && !is_service(sender)) {
            return Err(Error::new(
                ErrorCode::InvalidArgument,
                "a messaging service is MG and 32 hexadecimal digits",
            )
            .at_field("sender"));
        }
        Ok(Twilio(Arc::new(Inner { config, checked, clock, engine: Mutex::new(None) })))
    }

    /// The account.
    pub fn account_sid(&self) -> &str {
        &self.0.config.account_sid
    }

    /// The account's token, which verifies webhooks; none when only a key is known.
    pub fn auth_token(&self) -> Option<&Secret> {
        self.0.config.auth_token.as_ref()
    }

    /// The URL under which this host is reached from outside.
    pub fn public_url(&self) -> Option<&str> {
        self.0.config.public_url.as_deref()
    }

    /// Hangs a call up, even one that was answered.
    ///
    /// # Errors
    /// As [`Transport::fetch_message`].
    pub fn hang_up(&self, sid: &str) -> Result<Cancellation> {
        self.end_call(sid, "completed")
    }

    /// Empties a message's text at Twilio. It must have ended.
    ///
    /// # Errors
    /// As [`Transport::fetch_message`].
    pub fn redact_message(&self, sid: &str) -> Result<ProviderMessage> {
        self.post(self.path("Messages", sid, MESSAGE)?, form::single("Body", ""))?.read(answer::message)
    }

    /// Deletes a message at Twilio. It must have ended.
    ///
    /// # Errors
    /// As [`Transport::fetch_message`].
    pub fn delete_message(&self, sid: &str) -> Result<()> {
        self.delete(self.path("Messages", sid, MESSAGE)?)
    }

    /// Deletes the record of a call at Twilio. It must have ended.
    ///
    /// # Errors
    /// As [`Transport::fetch_message`].
    pub fn delete_call(&self, sid: &str) -> Result<()> {
        self.delete(self.path("Calls", sid, CALL)?)
    }

    /// The request as it goes out, or the outcome that needs no request.
    fn prepare(&self, request: &SmsRequest) -> Result<Call, Outcome> {
        let mut request = Cow::Borrowed(request);
        let nobody = request.from.is_none() && request.messaging_service_sid.is_none();
        if let Some(sender) = self.0.config.sender.as_ref().filter(|_| nobody) {
            let request = request.to_mut();
            match is_service(sender) {
                true => request.messaging_service_sid = Some(sender.clone()),
                false => request.from = Some(sender.clone()),
            }
        }
        if request.send_at.is_some() && request.schedule_type.is_none() {
            request.to_mut().schedule_type = Some(ScheduleType::Fixed);
        }
        check::message(&request, self.0.clock.now()).map_err(Outcome::Refused)?;
        let url = format!("{}/Messages.json", self.0.checked.account_url);
        Ok(Call { method: Method::POST, url, form: Some(form::message(&request)) })
    }

    fn cancel_message(&self, sid: &str) -> Result<Cancellation> {
        let answer = self.post(self.path("Messages", sid, MESSAGE)?, form::single("Status", "canceled"))?;
        let status = match answer.is_bad_state() {
            true => self.fetch_message(sid)?.status,
            false => answer.read(answer::message)?.status,
        };
        Ok(match status {
            MessageStatus::Canceled => Cancellation::Cancelled,
            status => Cancellation::TooLate { status: status.as_str().into() },
        })
    }

    fn end_call(&self, sid: &str, word: &str) -> Result<Cancellation> {
        let answer = self.post(self.path("Calls", sid, CALL)?, form::single("Status", word))?;
        if !answer.is_bad_state() {
            // The status that the answer gives may still be the one before.
            let status = answer.read(answer::call)?.status;
            return Ok(match status == CallStatus::InProgress && word == "canceled" {
                true => Cancellation::TooLate { status: status.as_str().into() },
                false => Cancellation::Cancelled,
            });
        }
        Ok(Cancellation::TooLate { status: self.fetch_call(sid)?.status.as_str().into() })
    }

    fn get(&self, url: String) -> Result<Answer> {
        self.one(Call { method: Method::GET, url, form: None })
    }

    fn post(&self, url: String, form: String) -> Result<Answer> {
        self.one(Call { method: Method::POST, url, form: Some(form) })
    }

    fn delete(&self, url: String) -> Result<()> {
        self.one(Call { method: Method::DELETE, url, form: None })?.read(|_| Some(()))
    }

    fn one(&self, call: Call) -> Result<Answer> {
        let answer = self.engine()?.run(vec![call]).pop();
        answer.ok_or_else(|| Error::internal("a request without an answer"))
    }

    /// What came of requests that create something.
    fn create(&self, calls: Vec<Call>) -> Vec<Outcome> {
        match self.engine() {
            Ok(engine) => engine.run(calls).into_iter().map(|answer| answer.outcome(&self.0.clock)).collect(),
            Err(error) => {
                let later = RetryLater { why: error.to_string(), ..RetryLater::default() };
                calls.iter().map(|_| Outcome::Retry(later.clone())).collect()
            }
        }
    }

    fn engine(&self) -> Result<Arc<Engine>> {
        let mut place = self.0.engine.lock().unwrap_or_else(PoisonError::into_inner);
        let process = std::process::id();
        if let Some((_, engine)) = place.as_ref().filter(|(started, _)| *started == process) {
            return Ok(engine.clone());
        }
        let engine = Arc::new(Engine::start(&self.0.checked)?);
        if let Some(dead) = place.replace((process, engine.clone())) {
            // Its thread stayed in the process before the fork; nothing of it may be touched here.
            std::mem::forget(dead);
        }
        Ok(engine)
    }

    /// The URL of one message or call.
    fn path(&self, kind: &str, sid: &str, beginnings: &[&str]) -> Result<String> {
        match is_sid(sid, beginnings) {
            true => Ok(format!("{}/{kind}/{sid}.json", self.0.checked.account_url)),
            false => Err(Error::new(
                ErrorCode::InvalidArgument,
                format!("an id is {} and 32 hexadecimal digits", beginnings.join(" or ")),
            )
            .at_field("sid")
            .with_value(sid)),
        }
    }
}

impl Transport for Twilio {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            provider: "twilio".into(),
            account: self.account_sid().into(),
            environment: self.0.checked.environment.clone(),
            sms: true,
            mms: true,
            voice: true,
            scheduling: true,
            cancel: true,
            list: true,
            status_callbacks: true,
            concurrency: self.0.checked.concurrency,
        }
    }

    fn send_sms(&self, request: &SmsRequest) -> Outcome {
        let outcome = self.send_many(std::slice::from_ref(request)).pop();
        outcome.unwrap_or_else(|| Outcome::Unknown { why: "a request without an answer".into() })
    }

    fn send_many(&self, requests: &[SmsRequest]) -> Vec<Outcome> {
        let (mut calls, mut refused) = (Vec::with_capacity(requests.len()), Vec::new());
        for (at, request) in requests.iter().enumerate() {
            match self.prepare(request) {
                Ok(call) => calls.push(call),
                Err(outcome) => refused.push((at, outcome)),
            }
        }
        if calls.is_empty() {
            return refused.into_iter().map(|(_, outcome)| outcome).collect();
        }
        let mut outcomes = self.create(calls);
        for (at, outcome) in refused {
            // In ascending order, so that each place is right when its turn comes.
            outcomes.insert(at, outcome);
        }
        outcomes
    }

    fn start_call(&self, request: &CallRequest) -> Outcome {
        let mut request = Cow::Borrowed(request);
        let number = self.0.config.sender.as_ref().filter(|sender| !is_service(sender));
        if let Some(sender) = number.filter(|_| request.from.is_none()) {
            request.to_mut().from = Some(sender.clone());
        }
        if let Err(refusal) = check::call(&request) {
            return Outcome::Refused(refusal);
        }
        let url = format!("{}/Calls.json", self.0.checked.account_url);
        let call = Call { method: Method::POST, url, form: Some(form::call(&request)) };
        let outcome = self.create(vec![call]).pop();
        outcome.unwrap_or_else(|| Outcome::Unknown { why: "a request without an answer".into() })
    }

    fn fetch_message(&self, sid: &str) -> Result<ProviderMessage> {
        self.get(self.path("Messages", sid, MESSAGE)?)?.read(answer::message)
    }

    fn fetch_call(&self, sid: &str) -> Result<ProviderCall> {
        self.get(self.path("Calls", sid, CALL)?)?.read(answer::call)
    }

    fn list_messages(&self, query: &MessageQuery) -> Result<Page<ProviderMessage>> {
        let query = match &query.cursor {
            // Twilio's own query for the page, which holds the wishes of the first one.
            Some(cursor) if cursor.bytes().all(|b| b.is_ascii_graphic() && b != b'#') => cursor.clone(),
            Some(_) => {
                return Err(Error::new(ErrorCode::InvalidArgument, "this is no cursor").at_field("cursor"));
            }
            None => form::listing(query),
        };
        let mut url = format!("{}/Messages.json", self.0.checked.account_url);
        if !query.is_empty() {
            url = format!("{url}?{query}");
        }
        let (items, next_cursor) = self.get(url)?.read(answer::messages)?;
        Ok(Page { items, next_cursor })
    }

    fn cancel(&self, sid: &str) -> Result<Cancellation> {
        match is_sid(sid, CALL) {
            true => self.end_call(sid, "canceled"),
            false => self.cancel_message(sid),
        }
    }

    /// A call's recordings are records of their own: Twilio keeps them until they are deleted there.
    fn erase(&self, sid: &str) -> Result<()> {
        match is_sid(sid, CALL) {
            true => self.delete_call(sid),
            false => self.delete_message(sid),
        }
    }
}

impl fmt::Debug for Twilio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Twilio").field(&self.0.config).finish()
    }
}

fn is_service(sender: &str) -> bool {
    is_sid(sender, &["MG"])
}
