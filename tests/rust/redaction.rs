//! Whatever leadkit and its libraries log, at their most talkative, holds nothing of people's and no secret.

use std::io::Write;
use std::sync::{Arc, Mutex};

use leadkit_core::model::communication::SmsOptions;
use leadkit_core::model::consent::{ConsentKind, ConsentOptions, Purpose};
use leadkit_core::model::history::{ContactChannel, LogOptions, SearchOptions};
use leadkit_core::model::settings::SettingsChange;
use leadkit_core::testing::{FakeOptions, FakeTwilio, Fault};
use leadkit_core::*;
use leadkit_tests::*;
use tracing_subscriber::fmt::MakeWriter;

/// All that is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Log;

    fn make_writer(&'a self) -> Log {
        self.clone()
    }
}

/// What must be in no log: people's data, texts, secrets.
const SECRET: &str = "7c1f2e6a9d3b4c58";
const PRIVATE: [&str; 10] = [
    "Quintessa",
    "Featherstonehaugh",
    "quintessa@lovelace.org",
    "2127365000",
    "212-736-5000",
    "736 5000",
    "Rhubarb Works",
    "a text of nobody's business",
    "please leave me alone",
    SECRET,
];

#[test]
fn logs_hold_nothing_of_people_and_no_secret() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let mut said = String::new();
    let place = Place::new();
    for (name, options) in [("leads.db", None), ("server", Some(leadkit_tests::home::Home::tenant()))] {
        let db = match &options {
            Some(home) => home.db(1),
            None => place.fixed_db(name),
        };
        work(&db, &place, &mut said);
    }

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("outbox dispatched") && log.contains("import finished"), "{log}");
    for text in PRIVATE {
        assert!(!log.contains(text), "the log holds `{text}`: {}", line_of(&log, text));
        assert!(!said.contains(text), "an error holds `{text}`: {}", line_of(&said, text));
    }
}

fn line_of<'a>(log: &'a str, text: &str) -> &'a str {
    log.lines().find(|line| line.contains(text)).unwrap_or_default()
}

/// A day at work, with whatever goes wrong; errors are collected as a host would log them.
fn work(db: &Database, place: &Place, said: &mut String) {
    let mut say = |error: Error| said.push_str(&format!("{error} {error:?}\n"));
    let csv = "first name,last name,email,phone,company\n\
               Quintessa,Featherstonehaugh,quintessa@lovelace.org,212-736-5000,Rhubarb Works\n\
               Quintessa,Featherstonehaugh,quintessa@@lovelace.org,736 5000 2127365000 99,Rhubarb Works\n";
    let options = ImportOptions { default_country: Some("US".into()), ..ImportOptions::default() };
    let report = db.import_leads(csv.as_bytes().to_vec(), options).unwrap();
    assert_eq!(report.created, 1, "{report:?}");
    say(db.leads().add([("email", "quintessa@lovelace.org")]).unwrap_err());
    say(db.leads().update(1, [("email", "Quintessa at Featherstonehaugh")]).unwrap_err());
    say(db.leads().find(&Filter::field("first_nam").eq("Quintessa"), Default::default()).unwrap_err());
    db.export_leads(place.path("out.csv"), Default::default()).unwrap();

    let fake = FakeTwilio::start_with(
        FakeOptions { auth_token: SECRET.into(), ..FakeOptions::default() },
        testing::clock(db),
    )
    .unwrap();
    let twilio = Twilio::new(TwilioConfig { timeout: 0.3, ..fake.config() }).unwrap();
    let on = SettingsChange {
        sending: Some(true),
        public_url: Some("https://crm.example/hook".into()),
        ..SettingsChange::default()
    };
    db.settings().set(&on).unwrap();
    let agreed = ConsentOptions {
        lead: Some(1),
        wording: Some("Quintessa agrees".into()),
        ..ConsentOptions::default()
    };
    db.consent().record(ConsentKind::Grant, "web form", agreed).unwrap();
    let text = SmsOptions {
        body: Some("a text of nobody's business".into()),
        purpose: Some(Purpose::Informational),
        ..SmsOptions::default()
    };
    let faults = [
        Fault::Dropped { accepted: true },
        Fault::Silence { accepted: false },
        Fault::Refusal { status: 400, code: 21614 },
        Fault::TooManyRequests { retry_after: None },
        Fault::HalfAnAnswer,
    ];
    for fault in faults {
        fake.fault(fault);
        db.comms().queue_sms(1, &text).unwrap();
        db.comms().dispatch(&twilio, &Default::default()).unwrap();
    }
    db.comms().queue_sms(1, &text).unwrap();
    db.comms().dispatch(&twilio, &Default::default()).unwrap();
    db.comms().reconcile(&twilio).unwrap();
    testing::advance(db, 60.0);
    for request in fake.callbacks() {
        db.comms().receive(&twilio, &request).unwrap();
    }
    let inbound =
        fake.inbound("+12127365000", FakeTwilio::NUMBER, "please leave me alone", "https://crm.example/hook");
    let mut inbound = inbound.unwrap();
    db.comms().receive(&twilio, &inbound).unwrap();
    inbound.body.push(b'x');
    say(db.comms().receive(&twilio, &inbound).unwrap_err());
    let entry = LogOptions {
        subject: Some("Rhubarb Works".into()),
        body: "a text of nobody's business".into(),
        ..LogOptions::default()
    };
    let entry = db.comms().log(1, ContactChannel::Voice, &entry).unwrap();
    let find = |text: &str| SearchOptions { text: Some(text.into()), ..SearchOptions::default() };
    assert!(!db.comms().search(&find("rhubarb")).unwrap().items.is_empty());
    db.comms().export(place.path("contacts.csv"), Default::default()).unwrap();
    say(db.comms().search(&find("-Featherstonehaugh")).unwrap_err());
    let lost = LogOptions { corrects: Some(1), body: "Featherstonehaugh".into(), ..LogOptions::default() };
    say(db.comms().log(1, ContactChannel::Note, &lost).unwrap_err());
    say(db
        .comms()
        .log(9, ContactChannel::Note, &LogOptions { corrects: Some(entry.id), ..lost })
        .unwrap_err());
    let wrong = SmsOptions { to: Some("736 5000".into()), ..text };
    say(db.comms().queue_sms(1, &wrong).unwrap_err());
}
