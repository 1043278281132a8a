//! A process that is killed while it hands messages over: none is sent twice, none is lost without a word.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::Duration;

use leadkit_core::model::communication::{
    Communication, CommunicationListOptions, CommunicationState, DispatchOptions, SmsOptions,
};
use leadkit_core::model::consent::Purpose;
use leadkit_core::model::settings::SettingsChange;
use leadkit_core::testing::{FakeOptions, FakeTwilio};
use leadkit_core::transport::twilio::{Twilio, TwilioConfig};
use leadkit_core::{Clock, Database, testing};
use leadkit_tests::home::Home;
use leadkit_tests::{Dice, now, victim};

/// What people must know goes out on any day.
const ADA: &str = "+493023125014";
const MESSAGES: usize = 60;
const URL: &str = "LEADKIT_TEST_TWILIO";

/// Kills on each kind of store; the long mode has a thousand in all.
fn kills() -> usize {
    if std::env::var_os("LEADKIT_LONG").is_some() { 500 } else { 25 }
}

/// The work of the process that is killed: does nothing unless a test has spawned it.
#[test]
fn child() {
    let (Some(db), Ok(url)) = (Home::db_of_parent(7), std::env::var(URL)) else { return };
    let FakeOptions { account_sid, auth_token, .. } = FakeOptions::default();
    let twilio = Twilio::new(TwilioConfig {
        account_sid,
        auth_token: Some(auth_token),
        sender: Some(FakeTwilio::NUMBER.into()),
        base_url: Some(url),
        ..TwilioConfig::default()
    });
    let options = DispatchOptions { batch: 5, ..DispatchOptions::default() };
    println!("\nGO");
    db.comms().dispatch(&twilio.unwrap(), &options).unwrap();
}

fn queue(db: &Database, lead: i64, round: usize) {
    for n in 0..MESSAGES {
        let told = SmsOptions {
            body: Some(format!("round {round}, message {n}")),
            purpose: Some(Purpose::Informational),
            ..SmsOptions::default()
        };
        db.comms().queue_sms(lead, &told).unwrap();
    }
}

fn all(db: &Database) -> Vec<Communication> {
    let options = CommunicationListOptions { limit: 1_000_000, ..CommunicationListOptions::default() };
    db.comms().list(options).unwrap().items
}

fn killed(home: &Home) {
    let fake = FakeTwilio::start_with(FakeOptions::default(), Clock::fixed(now())).unwrap();
    let db = home.db(1);
    db.settings().set(&SettingsChange { sending: Some(true), ..SettingsChange::default() }).unwrap();
    let lead = db.leads().add([("email", "ada@lovelace.org"), ("phone", ADA)]).unwrap().id;
    let mut dice = Dice::new(19);
    let (mut caught, mut round) = (0, 0);
    for _ in 0..kills() {
        let waiting = all(&db).iter().filter(|message| message.state == CommunicationState::Queued).count();
        if waiting < MESSAGES / 2 {
            queue(&db, lead, round);
            round += 1;
        }
        fake.forget_requests();
        let mut child = victim()
            .args(["--exact", "child", "--nocapture"])
            .envs(home.environment())
            .env(URL, fake.url())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        assert!(lines.into_iter().any(|line| line == "GO"));
        // Some requests into its work, and a little on: between a request, its answer and the entry of that.
        let requests = 1 + dice.below(20);
        while fake.requests().len() < requests && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_micros(100));
        }
        std::thread::sleep(Duration::from_micros(dice.below(3_000) as u64));
        child.kill().unwrap();
        caught += usize::from(!child.wait().unwrap().success());
    }
    assert!(caught * 2 > kills(), "only {caught} of {} were killed at work", kills());
    home.assert_sound();

    // Whoever comes next sends the rest, and finds out about what was under way.
    let twilio = fake.twilio().unwrap();
    db.comms().dispatch(&twilio, &DispatchOptions::default()).unwrap();
    let mut resolved = 0;
    for seconds in [121.0, 16.0 * 60.0] {
        testing::advance(&db, seconds);
        let report = db.comms().reconcile(&twilio).unwrap();
        resolved += report.found + report.lost;
    }
    let all = all(&db);
    assert_eq!(all.len(), round * MESSAGES);
    let (mut sent, mut lost) = (0, 0);
    for message in &all {
        let taken = fake.accepted(ADA, &message.body);
        match message.state {
            CommunicationState::Accepted => assert_eq!(taken, 1, "{}", message.body),
            CommunicationState::Failed => {
                assert_eq!((taken, message.refusal.as_ref().unwrap().code.as_str()), (0, "not_taken"));
            }
            state => panic!("{} is {state:?}, taken {taken} times", message.body),
        }
        if taken == 1 { sent += 1 } else { lost += 1 }
    }
    println!(
        "{caught} kills: {sent} messages sent once, {lost} reported as not taken, {resolved} found out about"
    );
    assert!(resolved > 0, "no kill fell between handing over and the answer");
}

#[test]
fn killed_while_sending_from_a_file() {
    killed(&Home::file());
}

#[test]
fn killed_while_sending_from_a_server() {
    killed(&Home::tenant());
}
