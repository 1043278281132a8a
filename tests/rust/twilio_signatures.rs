//! Webhooks' signatures: the vectors of `data/twilio/signatures.jsonl`, made with Python's own `hmac` by
//! Twilio's rules.

use std::fs;

use leadkit_core::model::transport::WebhookRequest;
use leadkit_core::{Secret, verify_twilio_request};
use leadkit_tests::root;
use serde::Deserialize;

#[derive(Deserialize)]
struct Key {
    secret: Secret,
}

#[derive(Deserialize)]
struct Row {
    name: String,
    valid: bool,
    #[serde(flatten)]
    rest: serde_json::Value,
}

#[test]
fn vectors() {
    let text = fs::read_to_string(root().join("tests/data/twilio/signatures.jsonl")).unwrap();
    let mut lines = text.lines();
    let key: Key = serde_json::from_str(lines.next().unwrap()).unwrap();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for line in lines {
        let row: Row = serde_json::from_str(line).unwrap();
        let request: WebhookRequest = serde_json::from_value(row.rest).unwrap();
        count += 1;
        if verify_twilio_request(&key.secret, &request) != row.valid {
            wrong.push(format!("{}: should be {}", row.name, row.valid));
        }
        assert!(!verify_twilio_request(&Secret::new("not the secret"), &request), "{}", row.name);
        assert!(!verify_twilio_request(&Secret::new(""), &request), "{}", row.name);
    }
    assert!(wrong.is_empty() && count > 60, "{count} vectors\n{}", wrong.join("\n"));
}

/// Any one byte of a signed request that changes makes it false.
#[test]
fn any_change_is_noticed() {
    let secret = Secret::new("12345");
    let mut request = WebhookRequest {
        method: "POST".into(),
        url: "https://mycompany.com/in?foo=1&bar=2".into(),
        body: b"Body=Hello+there&From=%2B14158675309".to_vec(),
        ..WebhookRequest::default()
    };
    request.headers.insert("content-type".into(), "application/x-www-form-urlencoded".into());
    let signature = leadkit_core::transport::twilio::sign_twilio_request(&secret, &request).unwrap();
    request.headers.insert("x-twilio-signature".into(), signature.clone());
    assert!(verify_twilio_request(&secret, &request));
    for at in 0..request.body.len() {
        let mut changed = request.clone();
        changed.body[at] = if changed.body[at] == b'x' { b'y' } else { b'x' };
        assert!(!verify_twilio_request(&secret, &changed), "byte {at} of the body");
    }
    for at in 0..request.url.len() {
        let mut changed = request.clone();
        changed.url.replace_range(at..=at, if &request.url[at..=at] == "x" { "y" } else { "x" });
        assert!(!verify_twilio_request(&secret, &changed), "byte {at} of the URL");
    }
    for at in 0..signature.len() {
        let mut changed = signature.clone();
        changed.replace_range(at..=at, if &signature[at..=at] == "A" { "B" } else { "A" });
        let mut other = request.clone();
        other.headers.insert("x-twilio-signature".into(), changed);
        assert!(!verify_twilio_request(&secret, &other), "byte {at} of the signature");
    }
    // Which of two is Twilio's cannot be known.
    request.headers.insert("X-Twilio-Signature".into(), signature);
    assert!(!verify_twilio_request(&secret, &request));
}
