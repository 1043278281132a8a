//! What Twilio answers, and what silence means.

use jiff::fmt::rfc2822;
use serde::Deserialize;
use serde_json::Value;

use crate::clock::{Clock, Timestamp};
use crate::error::{Error, ErrorCode, Result};
use crate::model::money::Money;
use crate::model::transport::{
    Accepted, CallStatus, Direction, MessageStatus, Outcome, ProviderCall, ProviderMessage, RefusalClass,
    RetryLater,
};
use crate::transport::codes;

/// What came of a request.
#[derive(Debug)]
pub(super) enum Answer {
    /// An answer.
    Got { status: u16, retry_after: Option<String>, body: Vec<u8> },
    /// The beginning of an answer.
    Cut { status: u16, why: String },
    /// Nothing was written to the network.
    NotSent(String),
    /// Something was, or may have been; no answer came.
    Lost(String),
}

impl Answer {
    /// What became of a request that creates something.
    pub(super) fn outcome(self, clock: &Clock) -> Outcome {
        match self {
            Answer::NotSent(why) => Outcome::Retry(RetryLater { why, ..RetryLater::default() }),
            Answer::Lost(why) => Outcome::Unknown { why },
            // A refusal is one however little of its reason was read.
            Answer::Cut { status, .. } if (400..500).contains(&status) && status != 408 => {
                refused(status, None, &[], clock)
            }
            Answer::Cut { why, .. } => Outcome::Unknown { why },
            Answer::Got { status: 200..=299, body, .. } => match serde_json::from_slice::<Made>(&body) {
                Ok(made) if !made.sid.is_empty() => Outcome::Accepted(made.into()),
                _ => Outcome::Unknown { why: "Twilio took it, but its answer cannot be read".into() },
            },
            Answer::Got { status: status @ 500.., body, .. } => {
                let code = Refused::read(&body).code.map(|code| format!(", code {code}"));
                Outcome::Unknown { why: format!("status {status} of Twilio{}", code.unwrap_or_default()) }
            }
            Answer::Got { status: 408, .. } => {
                Outcome::Unknown { why: "Twilio did not read the request in time".into() }
            }
            Answer::Got { status, retry_after, body } => refused(status, retry_after, &body, clock),
        }
    }

    /// What was asked for; nothing is created by asking.
    pub(super) fn read<T>(self, of: impl FnOnce(&[u8]) -> Option<T>) -> Result<T> {
        match self {
            Answer::NotSent(why) | Answer::Lost(why) | Answer::Cut { why, .. } => Err(unreachable(&why)),
            Answer::Got { status: 200..=299, body, .. } => {
                of(&body).ok_or_else(|| unreachable("the answer cannot be read"))
            }
            Answer::Got { status: status @ (429 | 408 | 500..), .. } => {
                Err(unreachable(&format!("status {status}")))
            }
            Answer::Got { status: 404, .. } => {
                Err(Error::new(ErrorCode::NotFound, "Twilio has no such thing in this account"))
            }
            Answer::Got { status, body, .. } => {
                let refusal = refusal(status, Refused::read(&body).code);
                let code = refusal.code.map(|code| format!(" (code {code})")).unwrap_or_default();
                let message = format!("Twilio refuses: {}{code}", refusal.message);
                Err(Error::new(ErrorCode::ProviderRefused, message).hint(refusal.advice))
            }
        }
    }

    /// Whether it says that the thing is in a state in which this cannot be done.
    pub(super) fn is_bad_state(&self) -> bool {
        let Answer::Got { status: status @ 400..=499, body, .. } = self else { return false };
        *status == 409 || refusal(*status, Refused::read(body).code).class == RefusalClass::BadState
    }
}

fn refused(status: u16, retry_after: Option<String>, body: &[u8], clock: &Clock) -> Outcome {
    let code = Refused::read(body).code;
    let refusal = refusal(status, code);
    match status == 429 || refusal.class.retry() {
        true => Outcome::Retry(RetryLater {
            after: retry_after.and_then(|text| wait(&text, clock)),
            code,
            why: refusal.message.into_owned(),
        }),
        false => Outcome::Refused(refusal),
    }
}

fn refusal(status: u16, code: Option<u32>) -> crate::model::transport::Refusal {
    if let Some(code) = code.filter(|code| codes::meaning(*code).is_some()) {
        return codes::refusal(code);
    }
    let class = match status {
        300..=399 | 404 => RefusalClass::NotFound,
        401 | 403 | 407 => RefusalClass::Auth,
        409 => RefusalClass::BadState,
        413 => RefusalClass::ContentTooLarge,
        429 => RefusalClass::RateLimit,
        _ if code.is_some() => RefusalClass::Other,
        _ => RefusalClass::BadRequest,
    };
    class.refusal(code, format!("status {status} of Twilio"))
}

/// Seconds, from a number of them or a date.
fn wait(text: &str, clock: &Clock) -> Option<f64> {
    match text.trim().parse::<f64>() {
        Ok(seconds) => Some(seconds).filter(|seconds| seconds.is_finite() && *seconds >= 0.0),
        Err(_) => {
            let until = date(text)?;
            Some((until.0 - clock.now().0).max(0) as f64 / 1000.0)
        }
    }
}

fn unreachable(why: &str) -> Error {
    Error::new(ErrorCode::Unreachable, format!("Twilio cannot be asked: {why}")).hint("try again later")
}

/// Twilio's form of a refusal. Its sentence is left alone: it may hold a phone number.
#[derive(Default, Deserialize)]
struct Refused {
    #[serde(default)]
    code: Option<u32>,
}

impl Refused {
    fn read(body: &[u8]) -> Refused {
        serde_json::from_slice(body).unwrap_or_default()
    }
}

/// A message or call just created.
#[derive(Deserialize)]
struct Made {
    sid: String,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    num_segments: Option<String>,
    #[serde(default)]
    price: Option<String>,
    #[serde(default)]
    price_unit: Option<String>,
    #[serde(default)]
    from: Option<String>,
}

impl From<Made> for Accepted {
    fn from(made: Made) -> Accepted {
        Accepted {
            sid: made.sid,
            status: made.status.unwrap_or_default(),
            segments: count(made.num_segments.as_deref()),
            price: cost(made.price.as_deref(), made.price_unit.as_deref()),
            from: made.from,
            direction: Some(Direction::Outbound),
        }
    }
}

/// A message as Twilio writes it.
pub(super) fn message(body: &[u8]) -> Option<ProviderMessage> {
    of_message(&serde_json::from_slice(body).ok()?)
}

/// A call as Twilio writes it.
pub(super) fn call(body: &[u8]) -> Option<ProviderCall> {
    let json: Value = serde_json::from_slice(body).ok()?;
    let text = |key: &str| text(&json, key);
    Some(ProviderCall {
        sid: text("sid")?,
        account_sid: text("account_sid")?,
        status: CallStatus::parse(&text("status").unwrap_or_default()),
        direction: direction(text("direction")),
        from: text("from"),
        to: text("to"),
        parent_sid: text("parent_call_sid"),
        duration: count(text("duration").as_deref()),
        price: cost(text("price").as_deref(), text("price_unit").as_deref()),
        answered_by: text("answered_by"),
        created_at: text("date_created").and_then(|t| date(&t)),
        started_at: text("start_time").and_then(|t| date(&t)),
        ended_at: text("end_time").and_then(|t| date(&t)),
    })
}

/// A page of messages, and the query of the next one.
pub(super) fn messages(body: &[u8]) -> Option<(Vec<ProviderMessage>, Option<String>)> {
    let json: Value = serde_json::from_slice(body).ok()?;
    let items = json.get("messages")?.as_array()?.iter().map(of_message).collect::<Option<_>>()?;
    let next = text(&json, "next_page_uri").and_then(|uri| Some(uri.split_once('?')?.1.to_string()));
    Some((items, next))
}

fn of_message(json: &Value) -> Option<ProviderMessage> {
    let text = |key: &str| text(json, key);
    let price = cost(text("price").as_deref(), text("price_unit").as_deref());
    Some(ProviderMessage {
        sid: text("sid")?,
        account_sid: text("account_sid")?,
        status: MessageStatus::parse(&text("status").unwrap_or_default()),
        direction: direction(text("direction")),
        from: text("from"),
        to: text("to"),
        messaging_service_sid: text("messaging_service_sid"),
        body: text("body"),
        // Until a messaging service has chosen a sender, Twilio says 0.
        segments: count(text("num_segments").as_deref()).filter(|segments| *segments > 0),
        media: count(text("num_media").as_deref()),
        price,
        error_code: json.get("error_code").and_then(Value::as_u64).and_then(|code| code.try_into().ok()),
        created_at: text("date_created").and_then(|t| date(&t)),
        sent_at: text("date_sent").and_then(|t| date(&t)),
        updated_at: text("date_updated").and_then(|t| date(&t)),
    })
}

fn text(json: &Value, key: &str) -> Option<String> {
    json.get(key).and_then(Value::as_str).map(str::to_string)
}

fn direction(word: Option<String>) -> Direction {
    match word.as_deref() {
        Some("inbound") => Direction::Inbound,
        _ => Direction::Outbound,
    }
}

fn count(text: Option<&str>) -> Option<u32> {
    text.and_then(|text| text.parse().ok())
}

/// Twilio writes charges as negative amounts.
fn cost(price: Option<&str>, unit: Option<&str>) -> Option<Money> {
    let charged = Money::parse(price?, unit.unwrap_or("USD")).ok()?;
    Some(Money { micros: -charged.micros, ..charged })
}

/// RFC 2822, as Twilio and HTTP write instants.
fn date(text: &str) -> Option<Timestamp> {
    let zoned = rfc2822::parse(text).ok()?;
    Some(Timestamp(zoned.timestamp().as_millisecond()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    fn got(status: u16, body: &str) -> Outcome {
        let (retry_after, body) = (Some("7".to_string()), body.as_bytes().to_vec());
        Answer::Got { status, retry_after, body }.outcome(&Clock::fixed(Timestamp(0)))
    }

    #[test]
    fn four_outcomes() {
        let clock = Clock::system();
        let refused = r#"{"code": 21610, "message": "+15558675310 has opted out", "status": 400}"#;
        let Outcome::Refused(refusal) = got(400, refused) else { panic!() };
        assert_eq!((refusal.class, refusal.suppress), (RefusalClass::OptedOut, true));
        assert!(!format!("{refusal:?}").contains("15558675310"), "{refusal:?}");
        let Outcome::Retry(retry) = got(429, r#"{"code": 20429}"#) else { panic!() };
        assert_eq!((retry.after, retry.code), (Some(7.0), Some(20429)));
        assert!(matches!(got(400, r#"{"code": 21611}"#), Outcome::Retry(_)), "the sender's queue is full");
        assert!(matches!(got(201, "{}"), Outcome::Unknown { .. }));
        assert!(matches!(got(201, r#"{"sid": "SM1", "status": "queued"}"#), Outcome::Accepted(_)));
        for status in [500, 502, 503, 504, 408] {
            assert!(matches!(got(status, r#"{"code": 20503}"#), Outcome::Unknown { .. }), "{status}");
        }
        for (status, class) in [
            (401, RefusalClass::Auth),
            (404, RefusalClass::NotFound),
            (307, RefusalClass::NotFound),
            (400, RefusalClass::BadRequest),
            (413, RefusalClass::ContentTooLarge),
        ] {
            let Outcome::Refused(refusal) = got(status, "<html>") else { panic!("{status}") };
            assert_eq!(refusal.class, class, "{status}");
        }
        assert!(matches!(Answer::NotSent("x".into()).outcome(&clock), Outcome::Retry(_)));
        assert!(matches!(Answer::Lost("x".into()).outcome(&clock), Outcome::Unknown { .. }));
        let cut = |status| Answer::Cut { status, why: "x".into() }.outcome(&clock);
        assert!(matches!(cut(201), Outcome::Unknown { .. }) && matches!(cut(400), Outcome::Refused(_)));
        assert!(matches!(cut(429), Outcome::Retry(_)));
    }

    #[test]
    fn a_date_to_wait_for() {
        let clock = Clock::fixed("2026-03-01T09:00:00Z".parse().unwrap());
        assert_eq!(wait("Sun, 01 Mar 2026 09:01:30 GMT", &clock), Some(90.0));
        assert_eq!(wait("Sun, 01 Mar 2026 08:00:00 GMT", &clock), Some(0.0));
        assert_eq!((wait("soon", &clock), wait("-1", &clock), wait("1.5", &clock)), (None, None, Some(1.5)));
    }

    #[test]
    fn a_message_as_twilio_writes_it() {
        let json = r#"{"sid": "SM1", "account_sid": "AC1", "status": "a new word", "direction": "outbound-api",
            "from": null, "to": "+15558675310", "body": "Hello", "num_segments": "0", "num_media": "0",
            "price": "-0.00750", "price_unit": "usd", "error_code": 30003,
            "date_created": "Thu, 24 Aug 2023 05:01:45 +0000", "date_sent": null}"#;
        let message = message(json.as_bytes()).unwrap();
        assert_eq!(message.price.unwrap().to_string(), "0.0075 USD");
        assert_eq!((message.status, message.segments), (MessageStatus::Unknown, None));
        assert_eq!((message.error_code, message.sent_at), (Some(30003), None));
        assert_eq!(message.created_at.unwrap().to_string(), "2023-08-24T05:01:45.000Z");
    }
}
