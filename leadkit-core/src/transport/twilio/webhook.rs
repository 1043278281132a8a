//! Webhooks of messages and calls, read.

use crate::error::{Error, ErrorCode, Result};
use crate::model::transport::{
    CallEvent, CallStatus, Direction, InboundMessage, MachineEvent, Media, MessageEvent, MessageStatus,
    RecordingEvent, WebhookEvent, WebhookRequest,
};

/// Reads a webhook that [`super::verify_twilio_request`] has found to be Twilio's. That its account is
/// ours remains to be checked.
///
/// # Errors
/// `invalid_argument` for what is no webhook about a message or call.
///
/// ```
/// use leadkit_core::model::transport::{MessageStatus, WebhookEvent, WebhookRequest};
/// use leadkit_core::transport::twilio::parse_twilio_webhook;
/// let request = WebhookRequest {
///     method: "POST".into(),
///     url: "https://x.example/status".into(),
///     body: b"AccountSid=AC1&MessageSid=SM1&MessageStatus=delivered&To=%2B15558675310".to_vec(),
///     ..WebhookRequest::default()
/// };
/// let WebhookEvent::MessageStatus(event) = parse_twilio_webhook(&request)? else { panic!() };
/// assert_eq!((event.status, event.to.as_deref()), (MessageStatus::Delivered, Some("+15558675310")));
/// # Ok::<(), leadkit_core::Error>(())
/// ```
pub fn parse_twilio_webhook(request: &WebhookRequest) -> Result<WebhookEvent> {
    let p = Parameters::of(request);
    let account_sid = p.must("AccountSid")?;
    let message = p.get("MessageSid").or_else(|| p.get("SmsSid"));
    if let Some(sid) = message {
        return match p.get("MessageStatus") {
            Some(status) => Ok(WebhookEvent::MessageStatus(p.message(account_sid, sid, &status))),
            None => Ok(WebhookEvent::MessageInbound(p.inbound(account_sid, sid)?)),
        };
    }
    let sid = p.must("CallSid")?;
    if let (Some(recording_sid), Some(status)) = (p.get("RecordingSid"), p.get("RecordingStatus")) {
        let (url, duration) = (p.get("RecordingUrl"), p.number("RecordingDuration"));
        let event = RecordingEvent { account_sid, sid, recording_sid, status, url, duration };
        return Ok(WebhookEvent::Recording(event));
    }
    match (p.get("CallStatus"), p.get("AnsweredBy")) {
        (Some(status), _) => Ok(p.call(account_sid, sid, CallStatus::parse(&status))),
        (None, Some(answered_by)) => {
            Ok(WebhookEvent::MachineDetected(MachineEvent { account_sid, sid, answered_by }))
        }
        (None, None) => Err(foreign("CallStatus")),
    }
}

/// Of the form in the body, or of the query when there is none.
struct Parameters(Vec<(String, String)>);

impl Parameters {
    fn of(request: &WebhookRequest) -> Parameters {
        let bytes = match request.body.is_empty() {
            true => request.query().as_bytes(),
            false => &request.body,
        };
        Parameters(form_urlencoded::parse(bytes).into_owned().collect())
    }

    /// A parameter that holds something.
    fn get(&self, name: &str) -> Option<String> {
        self.any(name).filter(|value| !value.is_empty())
    }

    fn any(&self, name: &str) -> Option<String> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
    }

    fn number(&self, name: &str) -> Option<u32> {
        self.get(name).and_then(|text| text.parse().ok())
    }

    fn must(&self, name: &str) -> Result<String> {
        self.get(name).ok_or_else(|| foreign(name))
    }

    fn message(&self, account_sid: String, sid: String, status: &str) -> MessageEvent {
        MessageEvent {
            account_sid,
            sid,
            status: MessageStatus::parse(status),
            to: self.get("To"),
            from: self.get("From"),
            messaging_service_sid: self.get("MessagingServiceSid"),
            error_code: self.number("ErrorCode"),
        }
    }

    fn inbound(&self, account_sid: String, sid: String) -> Result<InboundMessage> {
        let media = (0..self.number("NumMedia").unwrap_or(0).min(100)).filter_map(|n| {
            let content_type = self.get(&format!("MediaContentType{n}"));
            Some(Media { url: self.get(&format!("MediaUrl{n}"))?, content_type })
        });
        Ok(InboundMessage {
            account_sid,
            sid,
            from: self.must("From")?,
            to: self.must("To")?,
            body: self.any("Body").unwrap_or_default(),
            messaging_service_sid: self.get("MessagingServiceSid"),
            segments: self.number("NumSegments"),
            media: media.collect(),
            opt_out_type: self.get("OptOutType"),
            from_country: self.get("FromCountry"),
        })
    }

    fn call(&self, account_sid: String, sid: String, status: CallStatus) -> WebhookEvent {
        let direction = self.get("Direction").map(|word| match word.as_str() {
            "inbound" => Direction::Inbound,
            _ => Direction::Outbound,
        });
        let event = CallEvent {
            account_sid,
            sid,
            status,
            direction,
            from: self.get("From"),
            to: self.get("To"),
            parent_sid: self.get("ParentCallSid"),
            duration: self.number("CallDuration"),
            sequence: self.number("SequenceNumber"),
            answered_by: self.get("AnsweredBy"),
            digits: self.get("Digits"),
            recording_url: self.get("RecordingUrl"),
            dial_status: self.get("DialCallStatus").map(|word| CallStatus::parse(&word)),
            dial_sid: self.get("DialCallSid"),
            dial_duration: self.number("DialCallDuration"),
        };
        // Reports say that they are some; a call that has ended asks nothing.
        let report = self.get("CallbackSource").is_some() || event.sequence.is_some();
        match (report || status.is_final(), direction) {
            (true, _) => WebhookEvent::CallStatus(event),
            (false, Some(Direction::Inbound)) if status == CallStatus::Ringing => {
                WebhookEvent::CallInbound(event)
            }
            (false, _) => WebhookEvent::CallTwiml(event),
        }
    }
}

fn foreign(missing: &str) -> Error {
    Error::new(
        ErrorCode::InvalidArgument,
        format!("no webhook about a message or call: it lacks `{missing}`"),
    )
    .at_field(missing)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    fn parsed(form: &str) -> Result<WebhookEvent> {
        parse_twilio_webhook(&WebhookRequest {
            method: "POST".into(),
            url: "https://x.example/in?AccountSid=other".into(),
            body: form.as_bytes().to_vec(),
            ..WebhookRequest::default()
        })
    }

    #[test]
    fn somebody_writes() {
        let form = "ToCountry=US&SmsMessageSid=MM1&NumMedia=2&FromCountry=DE&SmsSid=MM1&SmsStatus=received\
                    &Body=Stop+%F0%9F%98%80&To=%2B15005550006&NumSegments=1&MessageSid=MM1&AccountSid=AC1\
                    &From=%2B4915112345678&MediaUrl0=https%3A%2F%2Fx.example%2F0&MediaContentType0=image%2Fpng\
                    &MediaUrl1=https%3A%2F%2Fx.example%2F1&OptOutType=STOP";
        let WebhookEvent::MessageInbound(event) = parsed(form).unwrap() else { panic!() };
        assert_eq!((event.body.as_str(), event.media.len()), ("Stop 😀", 2));
        assert_eq!(event.media[0].content_type.as_deref(), Some("image/png"));
        assert_eq!((event.segments, event.opt_out_type.as_deref()), (Some(1), Some("STOP")));
        let empty = "AccountSid=AC1&MessageSid=SM1&From=%2B49151&To=%2B1500&Body=";
        assert!(matches!(parsed(empty), Ok(WebhookEvent::MessageInbound(event)) if event.body.is_empty()));
    }

    #[test]
    fn a_message_was_not_delivered() {
        let form = "SmsSid=SM1&SmsStatus=undelivered&MessageStatus=undelivered&To=%2B15558675310\
                    &MessageSid=SM1&AccountSid=AC1&From=%2B15005550006&ErrorCode=30003";
        let event = parsed(form).unwrap();
        assert_eq!((event.account_sid(), event.sid()), ("AC1", "SM1"));
        let WebhookEvent::MessageStatus(event) = event else { panic!() };
        assert_eq!((event.status, event.error_code), (MessageStatus::Undelivered, Some(30003)));
    }

    #[test]
    fn calls_report_and_ask() {
        let call = |rest: &str| parsed(&format!("AccountSid=AC1&CallSid=CA1&{rest}")).unwrap();
        let inbound = call("CallStatus=ringing&Direction=inbound&From=%2B4915112345678&To=%2B15005550006");
        assert!(matches!(inbound, WebhookEvent::CallInbound(_)));
        let asks = call("CallStatus=in-progress&Direction=outbound-api&AnsweredBy=human");
        assert!(matches!(asks, WebhookEvent::CallTwiml(e) if e.answered_by.as_deref() == Some("human")));
        let asks = call("CallStatus=in-progress&Direction=inbound&Digits=1&DialCallStatus=no-answer");
        let WebhookEvent::CallTwiml(event) = asks else { panic!() };
        assert_eq!((event.digits.as_deref(), event.dial_status), (Some("1"), Some(CallStatus::NoAnswer)));
        let rings = call(
            "CallStatus=ringing&Direction=outbound-api&CallbackSource=call-progress-events&SequenceNumber=1",
        );
        assert!(matches!(rings, WebhookEvent::CallStatus(event) if event.sequence == Some(1)));
        let ended = call("CallStatus=completed&Direction=inbound&CallDuration=12");
        assert!(matches!(ended, WebhookEvent::CallStatus(event) if event.duration == Some(12)));
        let machine = call("AnsweredBy=machine_start&MachineDetectionDuration=2100");
        assert!(matches!(machine, WebhookEvent::MachineDetected(e) if e.answered_by == "machine_start"));
        let recording = call(
            "RecordingSid=RE1&RecordingStatus=completed&RecordingUrl=https%3A%2F%2Fx&RecordingDuration=3",
        );
        assert!(matches!(recording, WebhookEvent::Recording(event) if event.duration == Some(3)));
    }

    #[test]
    fn a_get_has_its_parameters_in_the_url() {
        let url = "https://x.example/?AccountSid=AC1&MessageSid=SM1&MessageStatus=sent";
        let request = WebhookRequest { method: "GET".into(), url: url.into(), ..WebhookRequest::default() };
        assert_eq!(parse_twilio_webhook(&request).unwrap().sid(), "SM1");
    }

    #[test]
    fn anything_else_is_refused() {
        for (form, field) in [
            ("x=1", "AccountSid"),
            ("AccountSid=AC1", "CallSid"),
            ("AccountSid=AC1&CallSid=CA1", "CallStatus"),
            ("AccountSid=AC1&MessageSid=SM1&Body=x", "From"),
        ] {
            assert_eq!(parsed(form).unwrap_err().field(), Some(field), "{form}");
        }
    }
}
