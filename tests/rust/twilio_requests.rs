//! What goes over the wire, field by field as Twilio's own library for Python sends it
//! (`data/twilio/requests.jsonl`). `tests/python/test_twilio_description.py` holds the same requests
//! against Twilio's published description.

use std::collections::BTreeSet;
use std::fs;

use leadkit_core::Clock;
use leadkit_core::model::transport::{CallRequest, MessageQuery, Outcome, SmsRequest};
use leadkit_core::testing::{FakeOptions, FakeTwilio};
use leadkit_core::transport::Transport;
use leadkit_tests::root;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Row {
    name: String,
    kind: String,
    request: Value,
    method: String,
    path: String,
    query: Vec<(String, String)>,
    form: Vec<(String, String)>,
}

fn rows() -> Vec<Row> {
    let text = fs::read_to_string(root().join("tests/data/twilio/requests.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn requests_are_those_of_twilios_own_library() {
    let clock = Clock::fixed(leadkit_tests::now());
    let fake = FakeTwilio::start_with(FakeOptions::default(), clock).unwrap();
    let twilio = fake.twilio().unwrap();
    for row in rows() {
        fake.forget_requests();
        let sid = row.request.as_str().unwrap_or_default().to_string();
        let outcome = match row.kind.as_str() {
            "message" => Some(twilio.send_sms(&serde_json::from_value(row.request).unwrap())),
            "call" => Some(twilio.start_call(&serde_json::from_value(row.request).unwrap())),
            // There is no such message or call; that it was asked for is enough.
            "fetch_message" => twilio.fetch_message(&sid).err().and(None),
            "fetch_call" => twilio.fetch_call(&sid).err().and(None),
            "cancel" => twilio.cancel(&sid).err().and(None),
            "hang_up" => twilio.hang_up(&sid).err().and(None),
            "redact_message" => twilio.redact_message(&sid).err().and(None),
            "delete_message" => twilio.delete_message(&sid).err().and(None),
            "delete_call" => twilio.delete_call(&sid).err().and(None),
            "list" => {
                let query: MessageQuery = serde_json::from_value(row.request).unwrap();
                twilio.list_messages(&query).err().and(None)
            }
            other => panic!("{other}"),
        };
        assert!(matches!(outcome, None | Some(Outcome::Accepted(_))), "{}: {outcome:?}", row.name);
        let received = fake.requests().remove(0);
        assert_eq!((&received.method, &received.path), (&row.method, &row.path), "{}", row.name);
        assert_eq!(sorted(received.query), sorted(row.query), "{}", row.name);
        assert_eq!(sorted(received.form), sorted(row.form), "{}", row.name);
        let header = |name: &str| received.headers.get(name).map(String::as_str);
        assert_eq!(header("user-agent"), Some(concat!("leadkit/", env!("CARGO_PKG_VERSION"))));
        if row.method == "POST" {
            assert_eq!(header("content-type"), Some("application/x-www-form-urlencoded"));
        }
    }
}

/// Whatever is offered is in those requests.
#[test]
fn every_parameter_is_tried() {
    let rows = rows();
    for (kind, fields) in [
        ("message", serde_json::to_value(SmsRequest::default()).unwrap()),
        ("call", serde_json::to_value(CallRequest::default()).unwrap()),
    ] {
        let mut tried = BTreeSet::new();
        for row in rows.iter().filter(|row| row.kind == kind) {
            tried.extend(row.request.as_object().unwrap().keys().cloned());
        }
        let offered: BTreeSet<String> = fields.as_object().unwrap().keys().cloned().collect();
        assert_eq!(offered, tried);
    }
}

/// Fields in order; JSON within them without its spaces.
fn sorted(fields: Vec<(String, String)>) -> Vec<(String, Value)> {
    let of = |(name, text): (String, String)| match name == "ContentVariables" {
        true => (name, serde_json::from_str(&text).unwrap()),
        false => (name, json!(text)),
    };
    let mut fields: Vec<_> = fields.into_iter().map(of).collect();
    fields.sort_by_key(|(name, value)| format!("{name}={value}"));
    fields
}
