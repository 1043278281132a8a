//! What the fake tells its host, signed as Twilio signs it.

use form_urlencoded::Serializer;

use super::account::{Account, Form};
use super::call::{FakeCall, LASTS};
use super::json::rfc2822;
use super::message::FakeMessage;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::model::transport::{CallStatus, MessageStatus, WebhookRequest};
use crate::transport::twilio::sign_twilio_request;

/// A request that falls due.
#[derive(Clone, Debug)]
pub(super) struct Callback {
    pub sid: String,
    pub due: Timestamp,
    pub url: String,
    get: bool,
    fields: Vec<(&'static str, String)>,
}

impl Account {
    /// What is due, each as often as asked, in the order asked.
    pub(super) fn take_due(&mut self) -> Vec<WebhookRequest> {
        let now = self.clock.now();
        let (mut due, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.callbacks).into_iter().partition(|callback| callback.due <= now);
        self.callbacks = later;
        due.sort_by_key(|callback| callback.due);
        let mut due: Vec<Callback> = due
            .into_iter()
            .flat_map(|callback| std::iter::repeat_n(callback, self.repeated as usize))
            .collect();
        if self.shuffled {
            for place in (1..due.len()).rev() {
                due.swap(place, (self.random.next() % (place as u64 + 1)) as usize);
            }
        }
        due.iter().filter_map(|callback| self.signed(callback).ok()).collect()
    }

    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.callbacks.iter().map(|callback| callback.due).min()
    }

    /// All statuses after the first, which Twilio does not report.
    pub(super) fn report_message(&mut self, message: &FakeMessage, url: &str) {
        let cancelled = message.life.last().is_some_and(|(_, status)| *status == MessageStatus::Canceled);
        let skip = if cancelled { message.life.len() - 1 } else { 1 };
        for (due, status) in message.life.iter().skip(skip) {
            let word = status.as_str().to_string();
            let failed = matches!(status, MessageStatus::Failed | MessageStatus::Undelivered);
            let service = message.messaging_service_sid.clone();
            let from = message.from.clone().unwrap_or_else(|| super::FakeTwilio::NUMBER.into());
            let mut fields = vec![
                ("AccountSid", self.options.account_sid.clone()),
                ("ApiVersion", "2010-04-01".into()),
                ("From", from),
                ("MessageSid", message.sid.clone()),
                ("MessageStatus", word.clone()),
                ("SmsSid", message.sid.clone()),
                ("SmsStatus", word),
                ("To", message.to.clone()),
            ];
            fields.extend(service.map(|sid| ("MessagingServiceSid", sid)));
            fields.extend(message.error_code.filter(|_| failed).map(|code| ("ErrorCode", code.to_string())));
            let (sid, url) = (message.sid.clone(), url.to_string());
            self.callbacks.push(Callback { sid, due: *due, url, get: false, fields });
        }
    }

    /// The events of a call that were asked for, and the question what to do when it is answered.
    pub(super) fn report_call(&mut self, call: &FakeCall, form: &Form) {
        let wanted: Vec<&str> = form.all("StatusCallbackEvent").collect();
        let wanted = if wanted.is_empty() { vec!["completed"] } else { wanted };
        let mut sequence = 0;
        for (due, status) in call.life.iter().skip(1) {
            let event = match status {
                CallStatus::Initiated => "initiated",
                CallStatus::Ringing => "ringing",
                CallStatus::InProgress => "answered",
                _ => "completed",
            };
            if let Some(url) = form.get("StatusCallback").filter(|_| wanted.contains(&event)) {
                let mut fields = self.call_fields(call, *status);
                fields.push(("CallbackSource", "call-progress-events".into()));
                fields.push(("SequenceNumber", sequence.to_string()));
                fields.push(("Timestamp", rfc2822(*due)));
                if *status == CallStatus::Completed {
                    fields.push(("CallDuration", LASTS.to_string()));
                }
                sequence += 1;
                self.call_callback(call, *due, url, form.get("StatusCallbackMethod"), fields);
            }
            if let Some(url) = form.get("Url").filter(|_| *status == CallStatus::InProgress) {
                let fields = self.call_fields(call, *status);
                self.call_callback(call, *due, url, form.get("Method"), fields);
            }
        }
    }

    pub(super) fn inbound_message_webhook(&self, message: &FakeMessage, url: &str) -> Result<WebhookRequest> {
        let fields = vec![
            ("AccountSid", self.options.account_sid.clone()),
            ("ApiVersion", "2010-04-01".into()),
            ("Body", message.body.clone()),
            ("From", message.from.clone().unwrap_or_default()),
            ("MessageSid", message.sid.clone()),
            ("NumMedia", "0".into()),
            ("NumSegments", "1".into()),
            ("SmsMessageSid", message.sid.clone()),
            ("SmsSid", message.sid.clone()),
            ("SmsStatus", "received".into()),
            ("To", message.to.clone()),
        ];
        let (sid, due, url) = (message.sid.clone(), message.created_at, url.to_string());
        self.signed(&Callback { sid, due, url, get: false, fields })
    }

    pub(super) fn inbound_call_webhook(&self, call: &FakeCall, url: &str) -> Result<WebhookRequest> {
        let fields = self.call_fields(call, CallStatus::Ringing);
        let (sid, due, url) = (call.sid.clone(), call.created_at, url.to_string());
        self.signed(&Callback { sid, due, url, get: false, fields })
    }

    fn call_fields(&self, call: &FakeCall, status: CallStatus) -> Vec<(&'static str, String)> {
        let mut fields = vec![
            ("AccountSid", self.options.account_sid.clone()),
            ("ApiVersion", "2010-04-01".into()),
            ("CallSid", call.sid.clone()),
            ("CallStatus", status.as_str().into()),
            ("Called", call.to.clone()),
            ("Caller", call.from.clone()),
            ("Direction", call.direction().into()),
            ("From", call.from.clone()),
            ("To", call.to.clone()),
        ];
        fields.extend(call.parent.clone().map(|sid| ("ParentCallSid", sid)));
        let known = matches!(status, CallStatus::InProgress | CallStatus::Completed);
        fields.extend(call.answered_by.filter(|_| known).map(|who| ("AnsweredBy", who.to_string())));
        fields
    }

    fn call_callback(
        &mut self,
        call: &FakeCall,
        due: Timestamp,
        url: &str,
        method: Option<&str>,
        fields: Vec<(&'static str, String)>,
    ) {
        let (sid, url, get) = (call.sid.clone(), url.to_string(), method == Some("GET"));
        self.callbacks.push(Callback { sid, due, url, get, fields });
    }

    fn signed(&self, callback: &Callback) -> Result<WebhookRequest> {
        let mut form = Serializer::new(String::new());
        form.extend_pairs(&callback.fields);
        let form = form.finish();
        let mut request = WebhookRequest { url: callback.url.clone(), ..WebhookRequest::default() };
        if callback.get {
            request.method = "GET".into();
            request.url.push(if callback.url.contains('?') { '&' } else { '?' });
            request.url.push_str(&form);
        } else {
            request.method = "POST".into();
            let kind = "application/x-www-form-urlencoded; charset=UTF-8";
            request.headers.insert("Content-Type".into(), kind.into());
            request.body = form.into_bytes();
        }
        let signature = sign_twilio_request(&self.options.auth_token, &request)?;
        request.headers.insert("X-Twilio-Signature".into(), signature);
        Ok(request)
    }
}
