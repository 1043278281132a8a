//! Requests as forms, field by field as Twilio's own libraries write them.

use form_urlencoded::Serializer;

use crate::clock::Timestamp;
use crate::model::transport::{CallRequest, MessageQuery, SmsRequest};

/// The body that creates a message.
pub(super) fn message(request: &SmsRequest) -> String {
    let r = request;
    let mut form = Form::new();
    form.text("To", Some(&r.to));
    form.text("From", r.from.as_deref());
    form.text("MessagingServiceSid", r.messaging_service_sid.as_deref());
    form.text("FallbackFrom", r.fallback_from.as_deref());
    form.text("Body", r.body.as_deref());
    form.each("MediaUrl", r.media_urls.iter().map(String::as_str));
    form.text("ContentSid", r.content_sid.as_deref());
    if !r.content_variables.is_empty() {
        // Texts by texts always make JSON.
        let variables = serde_json::to_string(&r.content_variables).unwrap_or_default();
        form.text("ContentVariables", Some(&variables));
    }
    form.text("StatusCallback", r.status_callback.as_deref());
    form.text("ApplicationSid", r.application_sid.as_deref());
    form.text("ScheduleType", r.schedule_type.map(|kind| kind.as_str()));
    form.text("SendAt", r.send_at.map(seconds).as_deref());
    form.number("ValidityPeriod", r.validity_period);
    form.flag("SmartEncoded", r.smart_encoded);
    form.flag("ShortenUrls", r.shorten_urls);
    form.flag("SendAsMms", r.send_as_mms);
    form.flag("ProvideFeedback", r.provide_feedback);
    form.flag("ForceDelivery", r.force_delivery);
    form.number("Attempt", r.attempt);
    form.text("ContentRetention", r.content_retention.map(|word| word.as_str()));
    form.text("AddressRetention", r.address_retention.map(|word| word.as_str()));
    form.text("RiskCheck", r.risk_check.map(|word| word.as_str()));
    form.text("TrafficType", r.traffic_type.map(|word| word.as_str()));
    form.each("PersistentAction", r.persistent_actions.iter().map(String::as_str));
    form.finish()
}

/// The body that creates a call.
pub(super) fn call(request: &CallRequest) -> String {
    let r = request;
    let mut form = Form::new();
    form.text("To", Some(&r.to));
    form.text("From", r.from.as_deref());
    form.text("Url", r.url.as_deref());
    form.text("Twiml", r.twiml.as_deref());
    form.text("ApplicationSid", r.application_sid.as_deref());
    form.text("Method", r.method.map(|word| word.as_str()));
    form.text("FallbackUrl", r.fallback_url.as_deref());
    form.text("FallbackMethod", r.fallback_method.map(|word| word.as_str()));
    form.text("StatusCallback", r.status_callback.as_deref());
    form.each("StatusCallbackEvent", r.status_callback_events.iter().map(|event| event.as_str()));
    form.text("StatusCallbackMethod", r.status_callback_method.map(|word| word.as_str()));
    form.text("SendDigits", r.send_digits.as_deref());
    form.number("Timeout", r.timeout);
    form.number("TimeLimit", r.time_limit);
    form.text("MachineDetection", r.machine_detection.map(|word| word.as_str()));
    form.number("MachineDetectionTimeout", r.machine_detection_timeout);
    form.number("MachineDetectionSpeechThreshold", r.machine_detection_speech_threshold);
    form.number("MachineDetectionSpeechEndThreshold", r.machine_detection_speech_end_threshold);
    form.number("MachineDetectionSilenceTimeout", r.machine_detection_silence_timeout);
    form.flag("AsyncAmd", r.async_amd);
    form.text("AsyncAmdStatusCallback", r.async_amd_status_callback.as_deref());
    form.text("AsyncAmdStatusCallbackMethod", r.async_amd_status_callback_method.map(|word| word.as_str()));
    form.flag("Record", r.record);
    form.text("RecordingChannels", r.recording_channels.as_deref());
    form.text("RecordingTrack", r.recording_track.as_deref());
    form.text("RecordingStatusCallback", r.recording_status_callback.as_deref());
    form.text("RecordingStatusCallbackMethod", r.recording_status_callback_method.map(|word| word.as_str()));
    let events = r.recording_status_callback_events.iter().map(String::as_str);
    form.each("RecordingStatusCallbackEvent", events);
    form.text("Trim", r.trim.as_deref());
    form.text("CallerId", r.caller_id.as_deref());
    form.text("CallReason", r.call_reason.as_deref());
    form.finish()
}

/// The query that lists messages.
pub(super) fn listing(query: &MessageQuery) -> String {
    let mut form = Form::new();
    form.text("To", query.to.as_deref());
    form.text("From", query.from.as_deref());
    form.text("DateSent>", query.sent_from.map(seconds).as_deref());
    form.text("DateSent<", query.sent_until.map(seconds).as_deref());
    form.number("PageSize", Some(query.page_size).filter(|size| *size > 0));
    form.finish()
}

/// One field.
pub(super) fn single(name: &str, value: &str) -> String {
    let mut form = Form::new();
    form.text(name, Some(value));
    form.finish()
}

/// ISO 8601 to the second, as Twilio wants it.
fn seconds(at: Timestamp) -> String {
    let text = at.to_string();
    format!("{}Z", text.split('.').next().unwrap_or_default())
}

struct Form(Serializer<'static, String>);

impl Form {
    fn new() -> Form {
        Form(Serializer::new(String::with_capacity(256)))
    }

    fn text(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.0.append_pair(name, value);
        }
    }

    fn number(&mut self, name: &str, value: Option<u32>) {
        self.text(name, value.map(|value| value.to_string()).as_deref());
    }

    fn flag(&mut self, name: &str, value: Option<bool>) {
        self.text(name, value.map(|value| if value { "true" } else { "false" }));
    }

    fn each<'a>(&mut self, name: &str, values: impl Iterator<Item = &'a str>) {
        for value in values {
            self.0.append_pair(name, value);
        }
    }

    fn finish(mut self) -> String {
        self.0.finish()
    }
}
