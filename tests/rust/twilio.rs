//! Twilio's client against a Twilio of our own: every fault gives its outcome, and nothing is made twice.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use leadkit_core::model::transport::{
    CallProgress, CallRequest, CallStatus, CallbackMethod, Cancellation, Direction, MessageQuery,
    MessageStatus, Outcome, RefusalClass, SmsRequest, WebhookEvent,
};
use leadkit_core::testing::{FakeOptions, FakeTwilio, Fate, Fault};
use leadkit_core::transport::Transport;
use leadkit_core::transport::twilio::parse_twilio_webhook;
use leadkit_core::{Clock, Timestamp, Twilio, TwilioConfig, verify_twilio_request};

const TO: &str = "+15558675310";
const TEXT: &str = "Hello Ada";

fn fake() -> (FakeTwilio, Clock) {
    let clock = Clock::fixed(leadkit_tests::now());
    (FakeTwilio::start_with(FakeOptions::default(), clock.clone()).unwrap(), clock)
}

fn sms() -> SmsRequest {
    let status_callback = Some("https://leads.example/status?attempt=1".to_string());
    SmsRequest { body: Some(TEXT.into()), status_callback, ..SmsRequest::to(TO) }
}

/// A client whose patience is short.
fn hasty(fake: &FakeTwilio) -> Twilio {
    Twilio::new(TwilioConfig { timeout: 0.3, ..fake.config() }).unwrap()
}

#[test]
fn each_fault_gives_its_outcome() {
    let (fake, _) = fake();
    let twilio = hasty(&fake);
    let cases = [
        (Fault::TooManyRequests { retry_after: Some(7) }, "retry"),
        (Fault::TooManyRequests { retry_after: None }, "retry"),
        (Fault::Refusal { status: 400, code: 21610 }, "refused"),
        (Fault::Refusal { status: 400, code: 21611 }, "retry"),
        (Fault::Refusal { status: 401, code: 20003 }, "refused"),
        (Fault::ServerError { status: 500, accepted: false }, "unknown"),
        (Fault::ServerError { status: 503, accepted: true }, "unknown"),
        (Fault::Dropped { accepted: false }, "unknown"),
        (Fault::Dropped { accepted: true }, "unknown"),
        (Fault::Silence { accepted: false }, "unknown"),
        (Fault::Silence { accepted: true }, "unknown"),
        (Fault::HalfAnAnswer, "unknown"),
        (Fault::Slow { millis: 20 }, "accepted"),
    ];
    for (at, (fault, expected)) in cases.iter().enumerate() {
        fake.fault(fault.clone());
        let text = format!("{TEXT} {at}");
        fake.forget_requests();
        let outcome = twilio.send_sms(&SmsRequest { body: Some(text.clone()), ..sms() });
        let found = match &outcome {
            Outcome::Accepted(_) => "accepted",
            Outcome::Refused(_) => "refused",
            Outcome::Retry(_) => "retry",
            Outcome::Unknown { .. } => "unknown",
        };
        assert_eq!(found, *expected, "{fault:?}: {outcome:?}");
        assert_eq!(fake.accepted(TO, &text), u64::from(fault.accepts()), "{fault:?}");
        assert_eq!(fake.requests().len(), 1, "{fault:?} was asked once");
        match outcome {
            Outcome::Retry(retry) if at == 0 => {
                assert_eq!((retry.after, retry.code), (Some(7.0), Some(20429)))
            }
            Outcome::Refused(refusal) if at == 2 => {
                assert_eq!((refusal.class, refusal.suppress), (RefusalClass::OptedOut, true));
            }
            _ => {}
        }
    }
    // The same connection is good after all of it.
    assert!(matches!(twilio.send_sms(&sms()), Outcome::Accepted(_)));
}

#[test]
fn nobody_there_is_tried_again_later() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = Some(format!("http://{}", listener.local_addr().unwrap()));
    drop(listener);
    let (fake, _) = fake();
    let twilio = Twilio::new(TwilioConfig { base_url, ..fake.config() }).unwrap();
    let Outcome::Retry(retry) = twilio.send_sms(&sms()) else { panic!() };
    assert_eq!(retry.why, "no connection: connection refused");
    let error = twilio.fetch_message(&format!("SM{}", "0".repeat(32))).unwrap_err();
    assert!(error.code() == "unreachable" && error.is_retryable());
}

/// A server that takes the request and resets the connection.
#[test]
fn a_reset_after_the_request_is_unknown() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = Some(format!("http://{}", listener.local_addr().unwrap()));
    let server = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut byte = [0];
        std::io::Read::read(&mut &stream, &mut byte).unwrap();
        // What was not read makes the close a reset.
        drop(stream);
        listener.set_nonblocking(true).unwrap();
        std::thread::sleep(Duration::from_millis(200));
        listener.accept().is_err()
    });
    let (fake, _) = fake();
    let twilio = Twilio::new(TwilioConfig { base_url, ..fake.config() }).unwrap();
    let outcome = twilio.send_sms(&sms());
    assert!(matches!(outcome, Outcome::Unknown { .. }), "{outcome:?}");
    assert!(server.join().unwrap(), "no second connection was made");
}

#[test]
fn wrong_credentials() {
    let (fake, _) = fake();
    let config = TwilioConfig { auth_token: Some("another token".into()), ..fake.config() };
    let twilio = Twilio::new(config).unwrap();
    let Outcome::Refused(refusal) = twilio.send_sms(&sms()) else { panic!() };
    assert!(refusal.class == RefusalClass::Auth && refusal.class.is_account_wide());
    let error = twilio.list_messages(&MessageQuery::default()).unwrap_err();
    assert_eq!(error.code(), "provider_refused");
    let shown = format!("{twilio:?} {refusal:?} {error:?} {error}");
    assert!(!shown.contains("another token") && shown.contains("[secret]"), "{shown}");

    let (key, secret) = (format!("SK{}", "1".repeat(32)), "the key's secret");
    let options =
        FakeOptions { api_key: Some(key.clone()), api_secret: Some(secret.into()), ..FakeOptions::default() };
    let fake = FakeTwilio::start_with(options, Clock::fixed(leadkit_tests::now())).unwrap();
    let (api_key, api_secret) = (Some(key), Some(secret.into()));
    let twilio = Twilio::new(TwilioConfig { api_key, api_secret, ..fake.config() }).unwrap();
    assert!(matches!(twilio.send_sms(&sms()), Outcome::Accepted(_)));
}

#[test]
fn a_message_from_its_request_to_its_price() {
    let (fake, clock) = fake();
    let twilio = fake.twilio().unwrap();
    let Outcome::Accepted(accepted) = twilio.send_sms(&sms()) else { panic!() };
    assert_eq!((accepted.status.as_str(), accepted.price), ("queued", None));
    let message = twilio.fetch_message(&accepted.sid).unwrap();
    assert_eq!((message.status, message.price, message.sent_at), (MessageStatus::Queued, None, None));
    assert!(fake.callbacks().is_empty(), "the first status is not reported");

    let mut seen = Vec::new();
    while let Some(due) = fake.next_callback() {
        clock.advance((due.0 - clock.now().0) as f64 / 1000.0);
        for request in fake.callbacks() {
            assert!(verify_twilio_request(fake.auth_token(), &request));
            let WebhookEvent::MessageStatus(event) = parse_twilio_webhook(&request).unwrap() else {
                panic!()
            };
            assert_eq!((&event.sid, event.account_sid), (&accepted.sid, fake.account_sid()));
            seen.push(event.status);
        }
    }
    assert_eq!(seen, [MessageStatus::Sent, MessageStatus::Delivered]);
    assert_eq!(twilio.fetch_message(&accepted.sid).unwrap().price, None, "prices come late");
    clock.advance(5.0);
    let message = twilio.fetch_message(&accepted.sid).unwrap();
    assert_eq!(message.price.unwrap().to_string(), "0.0079 USD");
    assert_eq!((message.segments, message.direction), (Some(1), Direction::Outbound));

    let redacted = twilio.redact_message(&accepted.sid).unwrap();
    assert_eq!(redacted.body.as_deref(), Some(""));
    twilio.delete_message(&accepted.sid).unwrap();
    assert_eq!(twilio.fetch_message(&accepted.sid).unwrap_err().code(), "not_found");
    assert_eq!(twilio.fetch_message("../../evil").unwrap_err().code(), "invalid_argument");
}

#[test]
fn what_was_not_delivered_says_why() {
    let (fake, clock) = fake();
    let twilio = fake.twilio().unwrap();
    fake.fate(TO, Fate::Undelivered { code: 30003 });
    let sid = twilio.send_sms(&sms()).sid().unwrap().to_string();
    clock.advance(60.0);
    let last = fake.callbacks().pop().unwrap();
    let WebhookEvent::MessageStatus(event) = parse_twilio_webhook(&last).unwrap() else { panic!() };
    assert_eq!((event.status, event.error_code), (MessageStatus::Undelivered, Some(30003)));
    let message = twilio.fetch_message(&sid).unwrap();
    assert_eq!((message.status, message.error_code), (MessageStatus::Undelivered, Some(30003)));
}

#[test]
fn scheduled_and_taken_back() {
    let (fake, clock) = fake();
    let sender = Some(FakeTwilio::SERVICE.to_string());
    let twilio = Twilio::with_clock(TwilioConfig { sender, ..fake.config() }, clock.clone()).unwrap();
    let send_at = Some(Timestamp(clock.now().0 + 3_600_000));
    let request = SmsRequest { send_at, ..sms() };
    let Outcome::Accepted(accepted) = twilio.send_sms(&request) else { panic!() };
    assert_eq!((accepted.status.as_str(), accepted.from), ("scheduled", None));
    let form = &fake.requests()[0].form;
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    assert_eq!(field("SendAt"), Some("2026-03-01T10:00:00Z"));
    assert_eq!(
        (field("ScheduleType"), field("MessagingServiceSid")),
        (Some("fixed"), Some(FakeTwilio::SERVICE))
    );
    assert_eq!(twilio.cancel(&accepted.sid).unwrap(), Cancellation::Cancelled);
    clock.advance(7200.0);
    let reports = fake.callbacks();
    assert!(reports.len() == 1 && reports[0].body.windows(8).any(|w| w == b"canceled"), "{reports:?}");

    let sid = twilio.send_sms(&sms()).sid().unwrap().to_string();
    clock.advance(60.0);
    let late = twilio.cancel(&sid).unwrap();
    assert_eq!(late, Cancellation::TooLate { status: "delivered".into() });
}

#[test]
fn pages() {
    let (fake, clock) = fake();
    let twilio = fake.twilio().unwrap();
    let requests: Vec<_> = (0..25).map(|n| SmsRequest { body: Some(format!("{n}")), ..sms() }).collect();
    for request in &requests {
        assert!(matches!(twilio.send_sms(request), Outcome::Accepted(_)));
    }
    twilio.send_sms(&SmsRequest { to: "+15558675311".into(), ..sms() });
    clock.advance(60.0);
    let now = clock.now();
    let query = MessageQuery {
        to: Some(TO.into()),
        sent_from: Some(Timestamp(now.0 - 3_600_000)),
        sent_until: Some(now),
        page_size: 10,
        ..MessageQuery::default()
    };
    let (mut texts, mut pages, mut cursor) = (Vec::new(), 0, None);
    loop {
        let page = twilio.list_messages(&MessageQuery { cursor, ..query.clone() }).unwrap();
        texts.extend(page.items.iter().map(|message| message.body.clone().unwrap()));
        pages += 1;
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    let expected: Vec<String> = (0..25).rev().map(|n| n.to_string()).collect();
    assert_eq!((texts, pages), (expected, 3));
    let later = MessageQuery { sent_from: Some(now), ..query };
    assert!(twilio.list_messages(&later).unwrap().items.is_empty());
    let bad = MessageQuery { cursor: Some("x#y z".into()), ..MessageQuery::default() };
    assert_eq!(twilio.list_messages(&bad).unwrap_err().code(), "invalid_argument");
}

#[test]
fn a_call_is_answered_and_reports() {
    let (fake, clock) = fake();
    let twilio = fake.twilio().unwrap();
    let request = CallRequest {
        url: Some("https://leads.example/voice".into()),
        status_callback: Some("https://leads.example/call".into()),
        status_callback_events: CallProgress::ALL.to_vec(),
        status_callback_method: Some(CallbackMethod::Get),
        machine_detection: Some(leadkit_core::model::transport::AnsweringMachine::Enable),
        ..CallRequest::to(TO)
    };
    let sid = twilio.start_call(&request).sid().unwrap().to_string();
    clock.advance(60.0);
    let mut seen = Vec::new();
    for request in fake.callbacks() {
        assert!(verify_twilio_request(fake.auth_token(), &request), "{request:?}");
        match parse_twilio_webhook(&request).unwrap() {
            WebhookEvent::CallStatus(event) => seen.push(event.status),
            WebhookEvent::CallTwiml(event) => assert_eq!(event.answered_by.as_deref(), Some("human")),
            other => panic!("{other:?}"),
        }
    }
    use CallStatus::{Completed, InProgress, Initiated, Ringing};
    assert_eq!(seen, [Initiated, Ringing, InProgress, Completed]);
    let call = twilio.fetch_call(&sid).unwrap();
    assert_eq!((call.status, call.duration), (Completed, Some(12)));
    assert_eq!(
        (call.price.unwrap().to_string().as_str(), call.answered_by.as_deref()),
        ("0.014 USD", Some("human"))
    );
    assert_eq!(twilio.cancel(&sid).unwrap(), Cancellation::TooLate { status: "completed".into() });
    twilio.delete_call(&sid).unwrap();
    assert_eq!(twilio.fetch_call(&sid).unwrap_err().code(), "not_found");

    fake.fate(TO, Fate::Silence);
    let sid = twilio.start_call(&request).sid().unwrap().to_string();
    assert_eq!(twilio.cancel(&sid).unwrap(), Cancellation::Cancelled);
    let sid = twilio.start_call(&request).sid().unwrap().to_string();
    clock.advance(60.0);
    assert_eq!(twilio.fetch_call(&sid).unwrap().status, CallStatus::Busy);
    let nothing = CallRequest { url: None, ..request };
    assert!(matches!(twilio.start_call(&nothing), Outcome::Refused(refusal) if refusal.code == Some(21205)));
}

#[test]
fn stop_and_start() {
    let (fake, _) = fake();
    let twilio = fake.twilio().unwrap();
    let url = "https://leads.example/in";
    let request = fake.inbound(TO, FakeTwilio::NUMBER, " Stop ", url).unwrap();
    assert!(verify_twilio_request(fake.auth_token(), &request));
    let WebhookEvent::MessageInbound(event) = parse_twilio_webhook(&request).unwrap() else { panic!() };
    assert_eq!((event.from.as_str(), event.body.as_str()), (TO, " Stop "));
    let by_service = SmsRequest { messaging_service_sid: Some(FakeTwilio::SERVICE.into()), ..sms() };
    for request in [sms(), by_service] {
        let Outcome::Refused(refusal) = twilio.send_sms(&request) else { panic!() };
        assert_eq!((refusal.code, refusal.suppress), (Some(21610), true));
    }
    fake.inbound(TO, FakeTwilio::NUMBER, "START", url).unwrap();
    assert!(matches!(twilio.send_sms(&sms()), Outcome::Accepted(_)));
    let call = fake.inbound_call(TO, FakeTwilio::NUMBER, url).unwrap();
    assert!(matches!(parse_twilio_webhook(&call), Ok(WebhookEvent::CallInbound(_))));
}

/// Twilio's own numbers for tests, as its documentation lists them.
#[test]
fn magic_numbers() {
    let (fake, _) = fake();
    let twilio = fake.twilio().unwrap();
    for (to, class) in [
        ("+15005550001", RefusalClass::InvalidRecipient),
        ("+15005550002", RefusalClass::Unroutable),
        ("+15005550003", RefusalClass::GeoPermission),
        ("+15005550004", RefusalClass::OptedOut),
        ("+15005550009", RefusalClass::NotMobile),
    ] {
        let outcome = twilio.send_sms(&SmsRequest { to: to.into(), ..sms() });
        assert!(matches!(&outcome, Outcome::Refused(refusal) if refusal.class == class), "{to} {outcome:?}");
    }
    let full = SmsRequest { from: Some("+15005550008".into()), ..sms() };
    assert!(matches!(twilio.send_sms(&full), Outcome::Retry(retry) if retry.code == Some(21611)));
}

#[test]
fn many_at_a_time_each_once_and_in_order() {
    let (fake, _) = fake();
    let twilio = Twilio::new(TwilioConfig { concurrency: 8, ..fake.config() }).unwrap();
    let mut requests: Vec<_> = (0..400).map(|n| SmsRequest { body: Some(format!("{n}")), ..sms() }).collect();
    requests[7].to = "12".into();
    requests[399].body = None;
    let outcomes = twilio.send_many(&requests);
    let refused: Vec<usize> = (0..400).filter(|at| matches!(outcomes[*at], Outcome::Refused(_))).collect();
    assert_eq!(refused, [7, 399]);
    let messages = fake.messages();
    for (at, outcome) in outcomes.iter().enumerate().filter(|(at, _)| !refused.contains(at)) {
        let message = messages.iter().find(|message| Some(message.sid.as_str()) == outcome.sid()).unwrap();
        assert_eq!(message.body, at.to_string());
    }
    assert!(fake.accepted_all().iter().all(|(.., count)| *count == 1));
    assert!(twilio.send_many(&requests[7..8]).len() == 1 && twilio.send_many(&[]).is_empty());
}

#[test]
fn callbacks_repeated_shuffled_and_posted() {
    let (fake, clock) = fake();
    let twilio = fake.twilio().unwrap();
    let host = tiny_host(6);
    let status_callback = Some(format!("http://{}/status", host.address));
    let request = SmsRequest { status_callback, ..sms() };
    fake.repeat_callbacks(2);
    fake.shuffle_callbacks(true);
    fake.fate(TO, Fate::Read);
    twilio.send_sms(&request);
    clock.advance(60.0);
    assert_eq!(fake.deliver(), [204; 6]);
    let bodies = host.requests.join().unwrap();
    assert!(bodies.iter().all(|body| body.contains("MessageStatus=")), "{bodies:?}");

    let host = tiny_host(1);
    fake.repeat_callbacks(1);
    fake.fate(TO, Fate::Silence);
    fake.deliver_by_itself();
    twilio.send_sms(&SmsRequest { status_callback: Some(format!("http://{}/", host.address)), ..sms() });
    clock.advance(60.0);
    let bodies = host.requests.join().unwrap();
    assert!(bodies[0].contains("MessageStatus=sent"), "{bodies:?}");
}

#[test]
fn equal_seeds_give_equal_fakes() {
    let run = || {
        let (fake, clock) = fake();
        let twilio = fake.twilio().unwrap();
        fake.fault_once_in(3, Fault::ServerError { status: 500, accepted: true });
        fake.shuffle_callbacks(true);
        for n in 0..30 {
            twilio.send_sms(&SmsRequest { body: Some(n.to_string()), ..sms() });
        }
        clock.advance(60.0);
        (format!("{:?}", fake.messages()), format!("{:?}", fake.callbacks()), fake.requests().len())
    };
    let (first, second) = (run(), run());
    assert_eq!(first, second);
    assert_eq!(first.2, 30);
}

/// The account's token and key are in nothing that can be printed: config, client, outcomes, errors,
/// requests as the fake keeps them.
#[test]
fn secrets_are_shown_nowhere() {
    let (token, key) = ("t0ken-in-the-clear", "k3y-in-the-clear");
    let options = FakeOptions {
        auth_token: token.into(),
        api_key: Some(format!("SK{}", "1".repeat(32))),
        api_secret: Some(key.into()),
        ..FakeOptions::default()
    };
    let fake = FakeTwilio::start_with(options, Clock::system()).unwrap();
    let config = TwilioConfig {
        api_key: Some(format!("SK{}", "1".repeat(32))),
        api_secret: Some(key.into()),
        timeout: 0.2,
        ..fake.config()
    };
    let twilio = Twilio::new(config.clone()).unwrap();
    let mut shown = format!("{config:?} {} {twilio:?} {fake:?}", serde_json::to_string(&config).unwrap());
    for fault in [
        Fault::Silence { accepted: false },
        Fault::Dropped { accepted: true },
        Fault::ServerError { status: 500, accepted: true },
        Fault::Refusal { status: 401, code: 20003 },
    ] {
        fake.fault(fault);
        shown += &format!("{:?}", twilio.send_sms(&sms()));
    }
    let wrong =
        Twilio::new(TwilioConfig { base_url: Some("nonsense".into()), ..config.clone() }).unwrap_err();
    let other = TwilioConfig { base_url: Some("http://127.0.0.1:1".into()), ..config };
    let away = Twilio::new(other).unwrap();
    let sid = format!("SM{}", "0".repeat(32));
    shown += &format!("{wrong:?} {wrong} {:?} {:?}", away.fetch_message(&sid), away.send_sms(&sms()));
    shown += &format!("{:?} {:?}", twilio.fetch_message(&sid), fake.requests());
    assert!(shown.contains("[secret]") && shown.len() > 2000, "{shown}");
    let basic = "U0sxMTEx";
    for secret in [token, key, basic] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    // Nor are the numbers and texts of people in what went wrong.
    let errors = format!("{wrong} {:?} {:?}", away.send_sms(&sms()), away.fetch_message(&sid));
    assert!(!errors.contains(TO) && !errors.contains(TEXT), "{errors}");
}

struct Host {
    address: std::net::SocketAddr,
    requests: std::thread::JoinHandle<Vec<String>>,
}

/// Takes so many requests, and answers each with 204.
fn tiny_host(count: usize) -> Host {
    use std::io::{BufRead, BufReader, Read, Write};
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let requests = std::thread::spawn(move || {
        let (mut bodies, began) = (Vec::new(), Instant::now());
        while bodies.len() < count && began.elapsed() < Duration::from_secs(60) {
            let (stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut length, mut line) = (0, String::new());
            loop {
                line.clear();
                reader.read_line(&mut line).unwrap();
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if line.trim().is_empty() {
                    break;
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            bodies.push(String::from_utf8(body).unwrap());
            (&stream).write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").unwrap();
        }
        bodies
    });
    Host { address, requests }
}
