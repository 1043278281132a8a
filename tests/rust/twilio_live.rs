//! Twilio itself, by the test credentials of an account: nothing is sent and nothing is charged.
//! <https://www.twilio.com/docs/iam/test-credentials>

use leadkit_core::model::transport::{CallRequest, Outcome, RefusalClass, SmsRequest};
use leadkit_core::transport::Transport;
use leadkit_core::{Twilio, TwilioConfig};

const SID: &str = "LEADKIT_TWILIO_TEST_SID";
const TOKEN: &str = "LEADKIT_TWILIO_TEST_TOKEN";
/// The sender that test credentials may use.
const SENDER: &str = "+15005550006";

fn twilio() -> Twilio {
    let variable =
        |name| std::env::var(name).unwrap_or_else(|_| panic!("not run: {SID} and {TOKEN} are not set"));
    let config = TwilioConfig {
        account_sid: variable(SID),
        auth_token: Some(variable(TOKEN).into()),
        sender: Some(SENDER.into()),
        ..TwilioConfig::default()
    };
    Twilio::new(config).unwrap()
}

#[test]
#[ignore = "talks to Twilio: set LEADKIT_TWILIO_TEST_SID and LEADKIT_TWILIO_TEST_TOKEN, run with --ignored"]
fn twilio_takes_and_refuses_as_the_fake_does() {
    let twilio = twilio();
    let text = |to: &str| SmsRequest { body: Some("Hello".into()), ..SmsRequest::to(to) };
    let taken = twilio.send_sms(&text("+14108675310"));
    assert!(matches!(&taken, Outcome::Accepted(accepted) if accepted.sid.starts_with("SM")), "{taken:?}");
    for (to, code) in [
        ("+15005550001", 21211),
        ("+15005550002", 21612),
        ("+15005550003", 21408),
        ("+15005550004", 21610),
        ("+15005550009", 21614),
    ] {
        match twilio.send_sms(&text(to)) {
            Outcome::Refused(refusal) => assert_eq!(refusal.code, Some(code), "{to}"),
            other => panic!("{to}: {other:?}"),
        }
    }
    let call = |to: &str| CallRequest {
        twiml: Some("<Response><Say>Hello</Say></Response>".into()),
        ..CallRequest::to(to)
    };
    assert!(matches!(twilio.start_call(&call("+14108675310")), Outcome::Accepted(_)));
    assert!(matches!(twilio.start_call(&call("+15005550001")), Outcome::Refused(_)));

    let wrong = TwilioConfig {
        account_sid: std::env::var(SID).unwrap(),
        auth_token: Some("0123456789abcdef0123456789abcdef".into()),
        sender: Some(SENDER.into()),
        ..TwilioConfig::default()
    };
    match Twilio::new(wrong).unwrap().send_sms(&text("+14108675310")) {
        Outcome::Refused(refusal) => assert_eq!(refusal.class, RefusalClass::Auth, "{refusal:?}"),
        other => panic!("{other:?}"),
    }
}
