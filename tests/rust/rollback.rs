//! A database that was put back: nobody gets a message twice, nobody after a STOP.

use std::path::Path;

use leadkit_core::model::communication::{CommunicationState, DispatchOptions, SmsOptions};
use leadkit_core::model::consent::{Channel, ConsentKind, ConsentOptions, ConsentQuestion, Purpose};
use leadkit_core::model::settings::SettingsChange;
use leadkit_core::testing::{FakeOptions, FakeTwilio};
use leadkit_core::*;
use leadkit_tests::*;

const HOOK: &str = "https://crm.example/hook";

fn on(db: &Database) {
    db.settings().set(&SettingsChange { sending: Some(true), ..SettingsChange::default() }).unwrap();
}

fn lead(db: &Database, phone: &str) -> i64 {
    let email = format!("a{}@lovelace.org", &phone[1..]);
    let lead = db.leads().add([("email", email.as_str()), ("phone", phone)]).unwrap().id;
    let options =
        ConsentOptions { lead: Some(lead), wording: Some("Yes".into()), ..ConsentOptions::default() };
    db.consent().record(ConsentKind::Grant, "web form", options).unwrap();
    lead
}

fn queue(db: &Database, lead: i64, body: &str) -> i64 {
    let options = SmsOptions { body: Some(body.into()), ..SmsOptions::default() };
    db.comms().queue_sms(lead, &options).unwrap().id
}

/// How the database comes back.
#[derive(Clone, Copy, Debug)]
enum Way {
    Backup,
    Copy,
    /// The file itself, by other means than leadkit's.
    File,
}

#[test]
fn put_back_it_sends_nothing_twice_and_nothing_after_a_stop() {
    for way in [Way::Backup, Way::Copy, Way::File] {
        let place = Place::new();
        let db = place.fixed_db("leads.db");
        testing::advance(&db, 24.0 * 3_600.0 + 5.0 * 3_600.0);
        let fake = FakeTwilio::start_with(FakeOptions::default(), testing::clock(&db)).unwrap();
        let twilio = fake.twilio().unwrap();
        on(&db);
        let [ada, bob, cleo] = ["+12127365000", "+12127365001", "+12127365002"].map(|n| lead(&db, n));
        let [sent, stopped, waits] =
            [(ada, "one"), (bob, "two"), (cleo, "three")].map(|(lead, body)| queue(&db, lead, body));
        let kept = place.path("kept.db");
        match way {
            Way::Backup => drop(db.backup(&kept).unwrap()),
            Way::Copy => drop(db.copy_to(kept.to_str().unwrap(), Default::default()).unwrap()),
            Way::File => file(&place.path("leads.db"), &kept),
        }

        // The original goes on: it sends one message, and is told STOP by another person.
        let one = DispatchOptions { limit: 1, ..DispatchOptions::default() };
        assert_eq!(db.comms().dispatch(&twilio, &one).unwrap().sent, 1, "{way:?}");
        let stop = fake.inbound("+12127365001", FakeTwilio::NUMBER, "STOP", HOOK).unwrap();
        db.comms().receive(&twilio, &stop).unwrap();
        let list = place.path("suppressions.csv");
        assert_eq!(db.consent().export_suppressions(&list).unwrap(), 1);
        let now = testing::now(&db);
        db.close();

        // It is lost, and the older one takes its place.
        let back = testing::open(kept.to_str().unwrap(), now, 7).unwrap();
        if let Way::File = way {
            let put_back =
                SettingsChange { sending: Some(false), restored: Some(true), ..SettingsChange::default() };
            back.settings().set(&put_back).unwrap();
        }
        let settings = back.settings().get().unwrap();
        assert!(!settings.sending && settings.restored, "{way:?}");
        assert!(!back.comms().dispatch(&twilio, &Default::default()).unwrap().sending);
        assert_eq!(back.consent().apply_suppressions(&list).unwrap(), 1);
        on(&back);
        assert!(!back.settings().get().unwrap().restored);
        for id in [sent, stopped, waits] {
            assert_eq!(back.comms().get(id).unwrap().state, CommunicationState::Unknown, "{way:?}");
        }
        assert_eq!(back.comms().dispatch(&twilio, &Default::default()).unwrap().sent, 0);
        let found = back.comms().reconcile(&twilio).unwrap();
        assert_eq!((found.found, found.unknown), (1, 2), "{way:?}");
        testing::advance(&back, 16.0 * 60.0);
        assert_eq!(back.comms().reconcile(&twilio).unwrap().lost, 2);
        for id in [stopped, waits] {
            back.comms().requeue(id).unwrap();
        }
        // The fake's clock is the original's.
        let report = back.comms().dispatch(&twilio, &Default::default()).unwrap();
        assert_eq!((report.sent, report.refusals["opted_out"]), (1, 1), "{way:?}");
        for (to, body, count) in fake.accepted_all() {
            assert_eq!(count, 1, "{way:?}: {to} {body}");
        }
        assert_eq!(fake.accepted("+12127365001", "two"), 0);
        assert_eq!(fake.accepted("+12127365002", "three"), 1);
    }
}

fn file(from: &Path, to: &Path) {
    std::fs::copy(from, to).unwrap();
    for end in ["-wal", "-shm"] {
        let side = |path: &Path| format!("{}{end}", path.display());
        if Path::new(&side(from)).exists() {
            std::fs::copy(side(from), side(to)).unwrap();
        }
    }
}

#[test]
fn a_list_that_cannot_be_read_changes_nothing() {
    let place = Place::new();
    let db = place.fixed_db("leads.db");
    let path = place.path("list.csv");
    let head = "address,channel,kind,given_at,source\n+12127365000,sms,withdrawal,2026-03-01T00:00:00Z,x\n";
    for (line, field) in [
        ("12,sms,withdrawal,2026-03-01T00:00:00Z,x", Some("address")),
        ("+12127365001,fax,withdrawal,2026-03-01T00:00:00Z,x", Some("channel")),
        ("+12127365001,sms,grant,2026-03-01T00:00:00Z,x", Some("kind")),
        ("+12127365001,sms,withdrawal,yesterday,x", Some("given_at")),
    ] {
        std::fs::write(&path, format!("{head}{line}\n")).unwrap();
        let error = db.consent().apply_suppressions(&path).unwrap_err();
        assert_eq!((error.code(), error.row(), error.field()), ("invalid_value", Some(3), field), "{error}");
        assert!(db.consent().history(Default::default()).unwrap().items.is_empty());
    }
    let missing = db.consent().apply_suppressions(place.path("none.csv")).unwrap_err();
    assert_eq!(missing.code(), "file_not_found");
}

#[test]
fn what_waited_before_any_switch_was_turned_is_doubtful_too() {
    for way in [Way::Backup, Way::Copy] {
        let place = Place::new();
        let db = place.fixed_db("leads.db");
        let ada = lead(&db, "+12127365000");
        let waits = queue(&db, ada, "one");
        let kept = place.path("kept.db");
        match way {
            Way::Backup => drop(db.backup(&kept).unwrap()),
            _ => drop(db.copy_to(kept.to_str().unwrap(), Default::default()).unwrap()),
        }
        let back = testing::open(kept.to_str().unwrap(), testing::now(&db), 2).unwrap();
        assert!(back.settings().get().unwrap().restored, "{way:?}");
        on(&back);
        assert_eq!(back.comms().get(waits).unwrap().state, CommunicationState::Unknown, "{way:?}");
        on(&db);
        assert_eq!(db.comms().get(waits).unwrap().state, CommunicationState::Queued);
    }
}

#[test]
fn a_list_hides_no_word_behind_another() {
    let place = Place::new();
    let (db, path) = (place.fixed_db("leads.db"), place.path("list.csv"));
    let about = |address: &str| ConsentOptions {
        address: Some(address.into()),
        channel: Some(Channel::Sms),
        ..ConsentOptions::default()
    };
    let [both, doubtful] = ["+12127365000", "+12127365001"];
    db.consent().record(ConsentKind::WrongNumber, "call", about(both)).unwrap();
    db.consent().record(ConsentKind::Withdrawal, "letter", about(both)).unwrap();
    db.consent().record(ConsentKind::Withdrawal, "letter", about(doubtful)).unwrap();
    // A short code that wrote STOP stands in the ledger as it is.
    let fake = FakeTwilio::start_with(FakeOptions::default(), testing::clock(&db)).unwrap();
    let stop = fake.inbound("72345", FakeTwilio::NUMBER, "STOP", HOOK).unwrap();
    db.comms().receive(&fake.twilio().unwrap(), &stop).unwrap();
    // So does a name, and nothing can be sent there.
    let stop = fake.inbound("BANK", FakeTwilio::NUMBER, "STOP", HOOK).unwrap();
    db.comms().receive(&fake.twilio().unwrap(), &stop).unwrap();
    assert_eq!(db.consent().export_suppressions(&path).unwrap(), 4);

    let back = place.fixed_db("back.db");
    back.consent().record(ConsentKind::Suspected, "message", about(doubtful)).unwrap();
    assert_eq!(back.consent().apply_suppressions(&path).unwrap(), 4);
    assert_eq!(back.consent().apply_suppressions(&path).unwrap(), 0, "known by now");
    let code = |address: &str| {
        let asked = ConsentQuestion {
            address: Some(address.into()),
            purpose: Some(Purpose::Informational),
            ..ConsentQuestion::default()
        };
        back.consent().status(&asked).unwrap().code.map(|code| code.as_str())
    };
    // The doubt is cleared, and the withdrawal stands; START lifts it, and the number stays a stranger's.
    back.consent().record(ConsentKind::Cleared, "mia", about(doubtful)).unwrap();
    assert_eq!(code(doubtful), Some("opted_out"));
    back.consent().record(ConsentKind::Lift, "keyword", about(both)).unwrap();
    assert_eq!(code(both), Some("wrong_number"));
}
