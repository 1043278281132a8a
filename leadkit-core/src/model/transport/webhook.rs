//! What a provider tells us by asking a URL of ours.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::provider::Direction;
use super::status::{CallStatus, MessageStatus};

/// A request that came in, as the host's server had it.
///
/// `url` is the public one that the provider was given, with the query as it came in: build it from
/// your own configuration, never from forwarded headers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct WebhookRequest {
    /// `GET` or `POST`.
    pub method: String,
    /// The public URL, complete.
    pub url: String,
    /// The headers; names in any case. Read from names with values, or from a list of pairs; of one that
    /// is there several times the values are joined by a comma.
    #[serde(deserialize_with = "headers")]
    pub headers: BTreeMap<String, String>,
    /// The body's bytes, unchanged; a text stands for its bytes in UTF-8.
    #[serde(serialize_with = "as_bytes", deserialize_with = "bytes")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub body: Vec<u8>,
}

impl WebhookRequest {
    /// A header, by its name in any case; none when it is there twice.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        match (found.next(), found.next()) {
            (Some((_, value)), None) => Some(value),
            _ => None,
        }
    }

    /// What stands between the first `?` and the fragment; empty without.
    pub fn query(&self) -> &str {
        let url = self.url.split('#').next().unwrap_or_default();
        url.split_once('?').map_or("", |(_, query)| query)
    }
}

/// What a webhook says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum WebhookEvent {
    /// A message of ours stands elsewhere now.
    MessageStatus(MessageEvent),
    /// Somebody wrote.
    MessageInbound(InboundMessage),
    /// A call stands elsewhere now.
    CallStatus(CallEvent),
    /// Somebody calls: the answer is TwiML.
    CallInbound(CallEvent),
    /// A call that is on asks what to do next: the answer is TwiML.
    CallTwiml(CallEvent),
    /// It is known now whether a person or a machine answered.
    MachineDetected(MachineEvent),
    /// A recording is ready, or failed.
    Recording(RecordingEvent),
}

impl WebhookEvent {
    /// The account it belongs to.
    pub fn account_sid(&self) -> &str {
        match self {
            WebhookEvent::MessageStatus(event) => &event.account_sid,
            WebhookEvent::MessageInbound(event) => &event.account_sid,
            WebhookEvent::CallStatus(event)
            | WebhookEvent::CallInbound(event)
            | WebhookEvent::CallTwiml(event) => &event.account_sid,
            WebhookEvent::MachineDetected(event) => &event.account_sid,
            WebhookEvent::Recording(event) => &event.account_sid,
        }
    }

    /// The message or call it is about.
    pub fn sid(&self) -> &str {
        match self {
            WebhookEvent::MessageStatus(event) => &event.sid,
            WebhookEvent::MessageInbound(event) => &event.sid,
            WebhookEvent::CallStatus(event)
            | WebhookEvent::CallInbound(event)
            | WebhookEvent::CallTwiml(event) => &event.sid,
            WebhookEvent::MachineDetected(event) => &event.sid,
            WebhookEvent::Recording(event) => &event.sid,
        }
    }
}

/// The status of a message of ours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MessageEvent {
    /// The account.
    pub account_sid: String,
    /// The message.
    pub sid: String,
    /// Where it stands.
    pub status: MessageStatus,
    /// The recipient.
    pub to: Option<String>,
    /// The sender.
    pub from: Option<String>,
    /// The messaging service.
    pub messaging_service_sid: Option<String>,
    /// Why it was not delivered.
    pub error_code: Option<u32>,
}

/// A message that somebody wrote to us.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InboundMessage {
    /// The account.
    pub account_sid: String,
    /// The message.
    pub sid: String,
    /// Who wrote.
    pub from: String,
    /// The number of ours, or the messaging channel's address.
    pub to: String,
    /// The text.
    pub body: String,
    /// The messaging service that the number belongs to.
    pub messaging_service_sid: Option<String>,
    /// Segments billed.
    pub segments: Option<u32>,
    /// Pictures and other media.
    #[serde(default)]
    pub media: Vec<Media>,
    /// What the provider itself took it for: `STOP`, `START` or `HELP`.
    pub opt_out_type: Option<String>,
    /// The sender's country as the provider sees it.
    pub from_country: Option<String>,
}

/// A picture or other thing that came with a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Media {
    /// Where it is.
    pub url: String,
    /// Its MIME type.
    pub content_type: Option<String>,
}

/// Where a call stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CallEvent {
    /// The account.
    pub account_sid: String,
    /// The call.
    pub sid: String,
    /// Where it stands.
    pub status: CallStatus,
    /// Which way it went.
    pub direction: Option<Direction>,
    /// The caller.
    pub from: Option<String>,
    /// Who is called.
    pub to: Option<String>,
    /// The call of which this is a leg.
    pub parent_sid: Option<String>,
    /// Seconds, at the end.
    pub duration: Option<u32>,
    /// The place of this report among those of the call, from 0.
    pub sequence: Option<u32>,
    /// Who answered, where that was looked at.
    pub answered_by: Option<String>,
    /// Keys pressed, where they were asked for.
    pub digits: Option<String>,
    /// A recording, where there is one at the end.
    pub recording_url: Option<String>,
    /// What became of the leg that TwiML dialled.
    pub dial_status: Option<CallStatus>,
    /// That leg.
    pub dial_sid: Option<String>,
    /// Its seconds.
    pub dial_duration: Option<u32>,
}

/// Who answered a call, found out while it went on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MachineEvent {
    /// The account.
    pub account_sid: String,
    /// The call.
    pub sid: String,
    /// `human`, `machine_start`, `machine_end_beep`, `fax`, `unknown`, …
    pub answered_by: String,
}

/// A recording of a call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecordingEvent {
    /// The account.
    pub account_sid: String,
    /// The call.
    pub sid: String,
    /// The recording.
    pub recording_sid: String,
    /// `in-progress`, `completed` or `absent`.
    pub status: String,
    /// Where it is.
    pub url: Option<String>,
    /// Seconds.
    pub duration: Option<u32>,
}

/// Headers, as servers have them: names with a text or several, or a list of pairs.
fn headers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    struct Headers;
    impl<'de> Visitor<'de> for Headers {
        type Value = BTreeMap<String, String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("headers: names with values, or a list of pairs")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
            let mut headers = BTreeMap::new();
            while let Some((name, Values(values))) = entries.next_entry::<String, Values>()? {
                values.into_iter().for_each(|value| join(&mut headers, name.clone(), &value));
            }
            Ok(headers)
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut pairs: A) -> Result<Self::Value, A::Error> {
            let mut headers = BTreeMap::new();
            while let Some((Word(name), Word(value))) = pairs.next_element::<(Word, Word)>()? {
                join(&mut headers, name, &value);
            }
            Ok(headers)
        }
    }
    deserializer.deserialize_any(Headers)
}

/// Several of one name are one with a list (RFC 9110, 5.2). A signature that came twice is none then.
fn join(headers: &mut BTreeMap<String, String>, name: String, value: &str) {
    headers
        .entry(name)
        .and_modify(|all| {
            all.push_str(", ");
            all.push_str(value);
        })
        .or_insert_with(|| value.to_string());
}

/// The values of one header: none, one, or several.
struct Values(Vec<String>);

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Values, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Values;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a header's text, or a list of texts")
            }

            fn visit_unit<E>(self) -> Result<Values, E> {
                Ok(Values(Vec::new()))
            }

            fn visit_str<E>(self, text: &str) -> Result<Values, E> {
                Ok(Values(vec![text.to_string()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Values, A::Error> {
                let mut values = Vec::new();
                while let Some(Word(value)) = items.next_element()? {
                    values.push(value);
                }
                Ok(Values(values))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

/// A name or value of a header, as text or as the bytes of one: ASGI has bytes of Latin-1.
struct Word(String);

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Word, D::Error> {
        struct TextOrBytes;
        impl Visitor<'_> for TextOrBytes {
            type Value = Word;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a header's text")
            }

            fn visit_str<E>(self, text: &str) -> Result<Word, E> {
                Ok(Word(text.to_string()))
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Word, E> {
                Ok(Word(bytes.iter().copied().map(char::from).collect()))
            }
        }
        deserializer.deserialize_byte_buf(TextOrBytes)
    }
}

fn as_bytes<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(bytes)
}

/// Bytes, given as bytes, as text or as a list of numbers.
fn bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    struct Bytes;
    impl<'de> Visitor<'de> for Bytes {
        type Value = Vec<u8>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("bytes")
        }

        fn visit_str<E>(self, text: &str) -> Result<Vec<u8>, E> {
            Ok(text.as_bytes().to_vec())
        }

        fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
            Ok(bytes.to_vec())
        }

        fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Vec<u8>, E> {
            Ok(bytes)
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<u8>, A::Error> {
            let mut bytes = Vec::new();
            while let Some(byte) = items.next_element()? {
                bytes.push(byte);
            }
            Ok(bytes)
        }
    }
    deserializer.deserialize_byte_buf(Bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::model::read::from_json;
    use serde_json::{Value, json};

    fn read(headers: Value, body: Value) -> crate::error::Result<WebhookRequest> {
        from_json(json!({"method": "POST", "url": "https://x.example/", "headers": headers, "body": body}))
    }

    #[test]
    fn requests_are_read_as_servers_have_them() {
        let map = read(json!({"Host": "x", "via": ["a", "b"], "dnt": null}), json!("ä=1")).unwrap();
        assert_eq!(
            (map.header("host"), map.header("Via"), map.header("dnt")),
            (Some("x"), Some("a, b"), None)
        );
        assert_eq!(map.body, "ä=1".as_bytes());
        let pairs = read(json!([["host", "x"], ["via", "a"], ["via", "b"]]), json!([97, 61, 49])).unwrap();
        assert_eq!((pairs.header("Host"), pairs.header("via")), (Some("x"), Some("a, b")));
        assert_eq!(pairs.body, b"a=1");
        assert_eq!(read(serde_json::to_value(&pairs.headers).unwrap(), json!([97, 61, 49])).unwrap(), pairs);
        for (headers, body) in [(json!("x"), json!("")), (json!([["a"]]), json!("")), (json!({}), json!({}))]
        {
            assert_eq!(read(headers, body).unwrap_err().code(), "invalid_argument");
        }
    }
}
