//! What goes to the provider.

use crate::clock::Timestamp;
use crate::model::calls::CallDetails;
use crate::model::communication::Communication;
use crate::model::transport::{CallProgress, CallRequest, SmsRequest};
use crate::transport::twiml::{Dial, Twiml};

/// The name under which a callback's URL carries the token of the attempt.
pub(super) const TOKEN: &str = "leadkit_attempt";

/// A text message. It may not be delivered any more when the legal hours are over.
pub(super) fn sms(
    message: &Communication,
    legal_until: Option<Timestamp>,
    public_url: Option<&str>,
    now: Timestamp,
) -> SmsRequest {
    let until = [legal_until, message.expires_at].into_iter().flatten().min();
    let seconds = until.map(|until| ((until.0 - now.0) / 1_000).clamp(1, 36_000) as u32);
    let service = message.sender.as_deref().is_some_and(|from| from.starts_with("MG"));
    SmsRequest {
        body: Some(message.body.clone()),
        from: message.sender.clone().filter(|_| !service),
        messaging_service_sid: message.sender.clone().filter(|_| service),
        validity_period: seconds,
        status_callback: callback(message, public_url),
        ..SmsRequest::to(message.to.clone())
    }
}

/// A call: of the agent, who is connected to the lead then, or of the lead, who hears an announcement.
/// What is read out is escaped: a lead named `</Say><Dial>` is read out, never obeyed.
pub(super) fn call(message: &Communication, call: &CallDetails, public_url: Option<&str>) -> CallRequest {
    let report = callback(message, public_url);
    let language = call.language.as_deref();
    let say = |twiml: Twiml, text: &str| if text.is_empty() { twiml } else { twiml.say(text, language) };
    let (to, twiml) = match &call.agent {
        Some(agent) => {
            let dial = Dial {
                caller_id: message.sender.as_deref(),
                timeout: Some(call.ring),
                record: call.record,
                action: None,
                status_callback: report.as_deref(),
            };
            (agent.clone(), say(Twiml::new(), &message.body).dial(&message.to, &dial))
        }
        None => {
            let notice = call.recording_notice.as_deref().filter(|_| call.record);
            let twiml = say(say(Twiml::new(), notice.unwrap_or_default()), &message.body);
            let twiml = match &call.play {
                Some(url) => twiml.play(url),
                None => twiml,
            };
            (message.to.clone(), twiml.hangup())
        }
    };
    CallRequest {
        from: message.sender.clone(),
        twiml: Some(twiml.to_string()),
        timeout: Some(call.ring),
        status_callback_events: match report {
            Some(_) => vec![
                CallProgress::Initiated,
                CallProgress::Ringing,
                CallProgress::Answered,
                CallProgress::Completed,
            ],
            None => Vec::new(),
        },
        status_callback: report,
        // Of an agent's call the leg to the lead is recorded, by TwiML.
        record: (call.record && call.agent.is_none()).then_some(true),
        ..CallRequest::to(to)
    }
}

fn callback(message: &Communication, public_url: Option<&str>) -> Option<String> {
    let (url, token) = (public_url?, message.token.as_deref()?);
    let sign = if url.contains('?') { '&' } else { '?' };
    Some(format!("{url}{sign}{TOKEN}={token}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::consent::Channel;
    use crate::model::transport::Direction;

    fn voice(call: CallDetails, body: &str) -> Communication {
        Communication {
            body: body.into(),
            sender: Some("+12025550100".into()),
            token: Some("t0k".into()),
            call: Some(CallDetails { ring: 25, ..call }),
            ..Communication::new(Channel::Voice, Direction::Outbound, "+15558675310".into())
        }
    }

    fn twiml(message: &Communication) -> CallRequest {
        let details = message.call.clone().unwrap_or_default();
        call(message, &details, Some("https://x.example/hook?a=1"))
    }

    #[test]
    fn an_agent_is_called_first_and_hears_who_it_is() {
        let details =
            CallDetails { agent: Some("+12025550111".into()), record: true, ..CallDetails::default() };
        let request = twiml(&voice(details, "</Say><Dial>"));
        assert_eq!(request.to, "+12025550111");
        assert_eq!(request.record, None, "the leg to the lead is");
        let text = request.twiml.unwrap_or_default();
        assert!(
            text.contains("<Say>&lt;/Say&gt;&lt;Dial&gt;</Say><Dial callerId=\"+12025550100\""),
            "{text}"
        );
        assert!(text.contains("record=\"record-from-answer-dual\""), "{text}");
        assert!(text.contains("leadkit_attempt=t0k"), "{text}");
    }

    #[test]
    fn an_announcement_says_first_that_it_is_recorded() {
        let details = CallDetails {
            record: true,
            recording_notice: Some("This call is recorded.".into()),
            play: Some("https://x.example/a.mp3".into()),
            ..CallDetails::default()
        };
        let request = twiml(&voice(details, "Hello"));
        assert_eq!((request.to.as_str(), request.record), ("+15558675310", Some(true)));
        assert!(request.twiml.unwrap_or_default().ends_with(
            "<Say>This call is recorded.</Say><Say>Hello</Say><Play>https://x.example/a.mp3</Play><Hangup/></Response>"
        ));
    }
}
