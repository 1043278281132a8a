//! What Twilio's description of its API does not say and its servers would refuse: found out before
//! anything is sent, and answered with the code that Twilio would give.

use reqwest::Url;

use crate::clock::Timestamp;
use crate::model::transport::{CallRequest, Refusal, RefusalClass, SmsRequest};
use crate::transport::codes;

const LONGEST_TEXT: usize = 1600;
const LONGEST_TWIML: usize = 4000;
const MOST_MEDIA: usize = 10;
/// Milliseconds.
const SOONEST: i64 = 300 * 1000;
const LATEST: i64 = 35 * 24 * 3600 * 1000;
const LONGEST_VALIDITY: u32 = 36_000;
const LONGEST_RINGING: u32 = 600;
const MOST_DIGITS: usize = 32;

/// Whether a text is an id of Twilio's with one of these beginnings.
pub(super) fn is_sid(text: &str, beginnings: &[&str]) -> bool {
    let rest = beginnings.iter().find_map(|beginning| text.strip_prefix(beginning));
    rest.is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// # Errors
/// The first reason why Twilio would refuse the message.
pub(super) fn message(request: &SmsRequest, now: Timestamp) -> Result<(), Refusal> {
    recipient(&request.to)?;
    sender(request)?;
    content(request)?;
    schedule(request, now)?;
    callback("status_callback", request.status_callback.as_deref())?;
    for (field, sid, beginning) in
        [("application_sid", &request.application_sid, "AP"), ("content_sid", &request.content_sid, "HX")]
    {
        id(field, sid.as_deref(), beginning)?;
    }
    match request.validity_period {
        Some(seconds) if !(1..=LONGEST_VALIDITY).contains(&seconds) => {
            Err(bad("`validity_period` is 1 to 36,000 seconds"))
        }
        _ => Ok(()),
    }
}

/// # Errors
/// The first reason why Twilio would refuse the call.
pub(super) fn call(request: &CallRequest) -> Result<(), Refusal> {
    let reachable = |to: &str| is_e164(to) || to.starts_with("sip:") || to.starts_with("client:");
    if request.to.is_empty() {
        return Err(codes::refusal(21201));
    }
    if !reachable(&request.to) {
        return Err(codes::refusal(21211));
    }
    match request.from.as_deref() {
        None | Some("") => return Err(codes::refusal(21213)),
        Some(from) if !reachable(from) => return Err(codes::refusal(21212)),
        Some(_) => {}
    }
    let ways = [&request.url, &request.twiml, &request.application_sid];
    match ways.into_iter().flatten().count() {
        0 => return Err(codes::refusal(21205)),
        1 => {}
        _ => return Err(bad("a call takes one of `url`, `twiml`, `application_sid`")),
    }
    if let Some(twiml) = &request.twiml {
        let whole = twiml.trim_start().starts_with('<') && twiml.trim_end().ends_with('>');
        if !whole || twiml.chars().count() > LONGEST_TWIML {
            return Err(bad("`twiml` is XML of at most 4,000 characters"));
        }
    }
    if request.url.as_deref().is_some_and(|url| web(url).is_none()) {
        return Err(codes::refusal(21205));
    }
    if request.application_sid.as_deref().is_some_and(|sid| !is_sid(sid, &["AP"])) {
        return Err(codes::refusal(21218));
    }
    for (field, url) in [
        ("fallback_url", &request.fallback_url),
        ("status_callback", &request.status_callback),
        ("async_amd_status_callback", &request.async_amd_status_callback),
        ("recording_status_callback", &request.recording_status_callback),
    ] {
        callback(field, url.as_deref())?;
    }
    if request.timeout.is_some_and(|seconds| !(1..=LONGEST_RINGING).contains(&seconds)) {
        return Err(bad("`timeout` is 1 to 600 seconds"));
    }
    let digits = request.send_digits.as_deref().unwrap_or_default();
    if digits.len() > MOST_DIGITS || !digits.chars().all(|c| "0123456789ABCD#*wW".contains(c)) {
        return Err(bad("`send_digits` is at most 32 of 0-9, A-D, #, *, w, W"));
    }
    Ok(())
}

fn recipient(to: &str) -> Result<(), Refusal> {
    match channel(to) {
        _ if to.is_empty() => Err(codes::refusal(21604)),
        Some((_, address)) if !address.is_empty() => Ok(()),
        None if is_e164(to) || is_sid(to, &["DE"]) => Ok(()),
        _ => Err(codes::refusal(21211)),
    }
}

fn sender(request: &SmsRequest) -> Result<(), Refusal> {
    let service = request.messaging_service_sid.as_deref();
    if service.is_some_and(|sid| !is_sid(sid, &["MG"])) {
        return Err(codes::refusal(21705));
    }
    let from = match request.from.as_deref() {
        None | Some("") if service.is_some() => return Ok(()),
        None | Some("") => return Err(codes::refusal(21603)),
        Some(from) => from,
    };
    if from == request.to {
        return Err(codes::refusal(21266));
    }
    let named = match channel(from) {
        Some((_, address)) => !address.is_empty(),
        None => is_e164(from) || is_short_code(from) || is_name(from) || is_sid(from, &["DE"]),
    };
    let same_channel = channel(from).map(|(name, _)| name) == channel(&request.to).map(|(name, _)| name);
    // A service has senders of several channels.
    if !named || !same_channel && service.is_none() {
        return Err(codes::refusal(21212));
    }
    match is_name(from) && !request.media_urls.is_empty() {
        true => Err(bad("an alphanumeric sender sends no media")),
        false => Ok(()),
    }
}

fn content(request: &SmsRequest) -> Result<(), Refusal> {
    let text = request.body.as_deref().unwrap_or_default();
    if text.is_empty() && request.media_urls.is_empty() && request.content_sid.is_none() {
        return Err(codes::refusal(21619));
    }
    if text.chars().count() > LONGEST_TEXT {
        return Err(codes::refusal(21617));
    }
    if request.media_urls.len() > MOST_MEDIA {
        return Err(codes::refusal(21623));
    }
    if request.media_urls.iter().any(|url| web(url).is_none()) {
        return Err(codes::refusal(21620));
    }
    match !request.content_variables.is_empty() && request.content_sid.is_none() {
        true => Err(codes::refusal(21654)),
        false => Ok(()),
    }
}

fn schedule(request: &SmsRequest, now: Timestamp) -> Result<(), Refusal> {
    let Some(at) = request.send_at else {
        return match request.schedule_type {
            Some(_) => Err(codes::refusal(35111)),
            None => Ok(()),
        };
    };
    if request.messaging_service_sid.is_none() {
        return Err(codes::refusal(35118));
    }
    // What goes over the wire is whole seconds.
    let ahead = at.0.div_euclid(1000) * 1000 - now.0;
    match (SOONEST..=LATEST).contains(&ahead) {
        true => Ok(()),
        false => Err(codes::refusal(35114)),
    }
}

fn callback(field: &str, url: Option<&str>) -> Result<(), Refusal> {
    let Some(url) = url else { return Ok(()) };
    match web(url) {
        Some(url) if !url.host_str().unwrap_or_default().contains('_') => Ok(()),
        _ => Err(bad(format!("`{field}` is no http(s) URL with a valid host"))),
    }
}

fn id(field: &str, sid: Option<&str>, beginning: &str) -> Result<(), Refusal> {
    match sid.is_none_or(|sid| is_sid(sid, &[beginning])) {
        true => Ok(()),
        false => Err(bad(format!("`{field}` is {beginning} and 32 hexadecimal digits"))),
    }
}

fn bad(message: impl Into<std::borrow::Cow<'static, str>>) -> Refusal {
    RefusalClass::BadRequest.refusal(None, message)
}

fn web(url: &str) -> Option<Url> {
    Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// The channel of an address such as `whatsapp:+15558675310`.
fn channel(address: &str) -> Option<(&str, &str)> {
    let (name, rest) = address.split_once(':')?;
    let word = !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    word.then_some((name, rest))
}

fn is_e164(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default().as_bytes();
    (7..=15).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit) && digits.first() != Some(&b'0')
}

fn is_short_code(text: &str) -> bool {
    (3..=8).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

/// An alphanumeric sender.
fn is_name(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b" &+-_".contains(&b);
    (1..=11).contains(&text.len())
        && text.bytes().all(allowed)
        && text.bytes().any(|b| b.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::model::transport::ScheduleType;

    const NOW: Timestamp = Timestamp(1_772_355_600_000);

    fn sms() -> SmsRequest {
        let (from, body) = (Some("+15005550006".into()), Some("Hello".into()));
        SmsRequest { from, body, ..SmsRequest::to("+15558675310") }
    }

    fn service() -> SmsRequest {
        let messaging_service_sid = Some(format!("MG{}", "0".repeat(32)));
        SmsRequest { from: None, messaging_service_sid, ..sms() }
    }

    fn code(request: &SmsRequest) -> Option<u32> {
        message(request, NOW).map_or_else(|refusal| refusal.code.or(Some(0)), |()| None)
    }

    #[test]
    fn good_messages() {
        let url = Some("https://x.example/a?b=c".to_string());
        for request in [
            sms(),
            service(),
            SmsRequest { from: Some("LEADKIT".into()), ..sms() },
            SmsRequest { from: Some("72345".into()), ..sms() },
            SmsRequest { from: Some("+15005550006".into()), ..service() },
            SmsRequest { body: None, media_urls: vec!["https://x.example/a.png".into(); 10], ..sms() },
            SmsRequest { body: None, content_sid: Some(format!("HX{}", "0".repeat(32))), ..sms() },
            SmsRequest { body: Some("é".repeat(1600)), ..sms() },
            SmsRequest { status_callback: url, validity_period: Some(36_000), ..sms() },
            SmsRequest { to: "whatsapp:+15558675310".into(), ..service() },
            SmsRequest { send_at: Some(Timestamp(NOW.0 + 300_000)), ..service() },
            SmsRequest { send_at: Some(Timestamp(NOW.0 + LATEST)), ..service() },
        ] {
            assert_eq!(code(&request), None, "{request:?}");
        }
    }

    #[test]
    fn bad_messages_get_twilios_code() {
        let at = |ahead: i64| Some(Timestamp(NOW.0 + ahead));
        let cases = [
            (21604, SmsRequest { to: String::new(), ..sms() }),
            (21211, SmsRequest { to: "5558675310".into(), ..sms() }),
            (21211, SmsRequest { to: "+05558675310".into(), ..sms() }),
            (21211, SmsRequest { to: "whatsapp:".into(), ..sms() }),
            (21603, SmsRequest { from: None, ..sms() }),
            (21212, SmsRequest { from: Some("much too long a name".into()), ..sms() }),
            (21212, SmsRequest { from: Some("whatsapp:+15005550006".into()), ..sms() }),
            (21705, SmsRequest { messaging_service_sid: Some("MG1".into()), ..sms() }),
            (21266, SmsRequest { from: Some("+15558675310".into()), ..sms() }),
            (21619, SmsRequest { body: None, ..sms() }),
            (21619, SmsRequest { body: Some(String::new()), ..sms() }),
            (21617, SmsRequest { body: Some("é".repeat(1601)), ..sms() }),
            (21623, SmsRequest { media_urls: vec!["https://x.example/a.png".into(); 11], ..sms() }),
            (21620, SmsRequest { media_urls: vec!["file:///etc/passwd".into()], ..sms() }),
            (21654, SmsRequest { content_variables: [("1".into(), "a".into())].into(), ..sms() }),
            (35111, SmsRequest { schedule_type: Some(ScheduleType::Fixed), ..service() }),
            (35118, SmsRequest { send_at: at(600_000), ..sms() }),
            (35114, SmsRequest { send_at: at(299_999), ..service() }),
            (35114, SmsRequest { send_at: at(LATEST + 1000), ..service() }),
            (0, SmsRequest { validity_period: Some(0), ..sms() }),
            (0, SmsRequest { validity_period: Some(36_001), ..sms() }),
            (0, SmsRequest { status_callback: Some("https://a_b.example/".into()), ..sms() }),
            (0, SmsRequest { status_callback: Some("/here".into()), ..sms() }),
            (0, SmsRequest { content_sid: Some("HX1".into()), ..sms() }),
        ];
        for (expected, request) in cases {
            assert_eq!(code(&request), Some(expected), "{request:?}");
        }
    }

    #[test]
    fn calls_say_what_happens_in_one_way() {
        let twiml = || Some("<Response/>".to_string());
        let good = || CallRequest {
            from: Some("+15005550006".into()),
            twiml: twiml(),
            ..CallRequest::to("+15558675310")
        };
        assert_eq!(call(&good()), Ok(()));
        let cases = [
            (21201, CallRequest { to: String::new(), ..good() }),
            (21211, CallRequest { to: "12".into(), ..good() }),
            (21213, CallRequest { from: None, ..good() }),
            (21212, CallRequest { from: Some("LEADKIT".into()), ..good() }),
            (21205, CallRequest { twiml: None, ..good() }),
            (21205, CallRequest { twiml: None, url: Some("ftp://x.example".into()), ..good() }),
            (21218, CallRequest { twiml: None, application_sid: Some("AP1".into()), ..good() }),
            (0, CallRequest { url: Some("https://x.example".into()), ..good() }),
            (0, CallRequest { twiml: Some("Hello".into()), ..good() }),
            (0, CallRequest { twiml: Some(format!("<R>{}</R>", "x".repeat(4000))), ..good() }),
            (0, CallRequest { timeout: Some(601), ..good() }),
            (0, CallRequest { send_digits: Some("12x".into()), ..good() }),
            (0, CallRequest { status_callback: Some("x".into()), ..good() }),
        ];
        for (expected, request) in cases {
            assert_eq!(call(&request).unwrap_err().code.unwrap_or(0), expected, "{request:?}");
        }
    }
}
