//! A history of contacts from a file: every row is accounted for, entered once, and handed back where nobody
//! knows whose it is.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use leadkit_core::model::bulk::MergeGroup;
use leadkit_core::model::history::{
    ContactChannel, ContactImportOptions, LogOptions, SearchOptions, TimelineOptions,
};
use leadkit_core::model::operation::{OperationKind, OperationState};
use leadkit_core::model::options::{Progressing, Rejects};
use leadkit_core::model::transport::Direction;
use leadkit_core::{CancelToken, Database, ImportReport, Progress, Values, open, testing};
use leadkit_tests::home::Home;
use leadkit_tests::*;

/// The same on each store; PostgreSQL in a schema of its own.
fn on_all_stores(test: impl Fn(&Database, &Place)) {
    test(&testing::open(":memory:", now(), 1).unwrap(), &Place::new());
    for home in [Home::file(), Home::tenant()] {
        test(&home.db(1), &Place::new());
    }
}

fn of(mapping: &[(&str, Option<&str>)]) -> ContactImportOptions {
    let mapping = mapping.iter().map(|(a, b)| (a.to_string(), b.map(str::to_string))).collect();
    ContactImportOptions { mapping, time_zone: Some("Europe/Berlin".into()), ..Default::default() }
}

fn berlin() -> ContactImportOptions {
    ContactImportOptions { default_country: Some("DE".into()), ..of(&[]) }
}

fn add_up(report: &ImportReport) {
    assert_eq!(report.rows, report.created + report.skipped + report.rejected, "{report:?}");
}

fn codes(report: &ImportReport) -> Vec<(&str, Option<&str>, u64)> {
    report.issues.iter().map(|i| (i.code.as_str(), i.field.as_deref(), i.count)).collect()
}

/// Three leads: Ada, whom Mia owns; Bob and Cy, who share a telephone.
fn people(db: &Database) -> [i64; 3] {
    let add = |values: &[(&str, &str)]| {
        let values = values.iter().map(|(field, value)| (field.to_string(), (*value).into()));
        db.leads().add(Values(values.collect())).unwrap().id
    };
    [
        add(&[
            ("external_id", "K-1"),
            ("email", "ada@lovelace.org"),
            ("phone", "+49 30 23125014"),
            ("owner", "mia"),
        ]),
        add(&[("external_id", "K-2"), ("email", "bob@lovelace.org"), ("phone", "+49 30 23125018")]),
        add(&[("email", "cy@lovelace.org"), ("phone", "+49 30 23125018")]),
    ]
}

#[test]
fn a_messy_german_file_is_entered_and_its_rejects_come_in_once_fixed() {
    on_all_stores(|db, place| {
        let [ada, bob, cy] = people(db);
        let text = "Kundennr;E-Mail;Telefon;Art;Richtung;Datum;Uhrzeit egal;Betreff;Notiz;Dauer (Min.);Preis;W\u{e4}hrung;Aktivit\u{e4}ts-ID\r\n\
            K-1;;;Anruf;ausgehend;02.03.2026 10:00;;;R\u{fc}ckruf w\u{fc}nscht Preisliste;4,5;0,05;EUR;a1\r\n\
            ;ADA@lovelace.org;;E-Mail;eingehend;01.03.2026;;Preise?;Bitte schicken;;;;a2\r\n\
            ;;030 23125014;SMS;;03.03.2026 08:30;;;STOP;;;;a3\r\n\
            ;;030 23125018;Notiz;;03.03.2026;;;Wessen?;;;;a4\r\n\
            ;eve@lovelace.org;;Notiz;;03.03.2026;;;Wer?;;;;a5\r\n\
            K-1;bob@lovelace.org;;Notiz;;03.03.2026;;;Widerspruch;;;;a6\r\n\
            K-2;;;Termin;;kein Datum;;;Wann?;;;;a7\r\n\
            K-2;;;LinkedIn;;04.03.2026;;;Vernetzt;;;;a8\r\n\
            K-1;;;Anruf;ausgehend;02.03.2026 10:00;;;Noch einmal;;;;a1\r\n\
            K-1;;;Notiz;;04.03.2026;;;;;;;a9\r\n";
        // All of these characters are one byte of the same number there.
        let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(c).unwrap()).collect();
        let file = place.file("verlauf.csv", &bytes);

        let tried = db
            .comms()
            .import_log(file.as_path(), ContactImportOptions { dry_run: true, ..berlin() })
            .unwrap();
        assert_eq!((tried.rows, tried.created, tried.skipped, tried.rejected), (10, 4, 1, 5));
        assert!(db.comms().list(Default::default()).unwrap().items.is_empty(), "a dry run writes nothing");

        let report = db.comms().import_log(file.as_path(), berlin()).unwrap();
        add_up(&report);
        assert_eq!((report.rows, report.created, report.skipped, report.rejected), (10, 4, 1, 5));
        assert_eq!(
            (report.format.encoding.as_str(), report.format.delimiter.as_str()),
            ("windows-1252", ";")
        );
        let mut noted = codes(&report);
        noted.sort_unstable();
        assert_eq!(
            noted,
            [
                ("choice_unknown", Some("channel"), 1),
                ("date_invalid", Some("at"), 1),
                ("lead_not_found", Some("lead_email"), 1),
                ("match_conflict", Some("row"), 2),
                ("required_missing", Some("body"), 1),
            ]
        );

        let seen = db.comms().timeline(ada, &TimelineOptions::default()).unwrap().items;
        let told: Vec<_> = seen
            .iter()
            .map(|c| (c.channel, c.direction, c.at.to_string(), c.owner.as_deref(), c.state.as_str()))
            .collect();
        let out = Direction::Outbound;
        let at = |text: &str| format!("2026-{text}:00.000Z");
        assert_eq!(
            told,
            [
                (ContactChannel::Sms, out, at("03-03T07:30"), Some("mia"), "logged"),
                (ContactChannel::Voice, out, at("03-02T09:00"), Some("mia"), "logged"),
                (ContactChannel::Email, Direction::Inbound, at("02-28T23:00"), Some("mia"), "logged"),
            ]
        );
        assert_eq!((seen[1].seconds, seen[1].key.as_deref()), (Some(270), Some("a1")));
        assert_eq!(seen[1].price.as_ref().map(|p| p.to_string()).unwrap(), "0.05 EUR");
        assert_eq!(db.comms().events(seen[1].id).unwrap().len(), 1);
        let linked = &db.comms().timeline(bob, &TimelineOptions::default()).unwrap().items[0];
        assert_eq!((linked.channel, linked.label.as_deref()), (ContactChannel::Custom, Some("LinkedIn")));
        assert!(db.comms().timeline(cy, &TimelineOptions::default()).unwrap().items.is_empty());

        // Words, hours and consent.
        let asked = SearchOptions { text: Some("ruckruf preisliste".into()), ..Default::default() };
        assert_eq!(db.comms().search(&asked).unwrap().items.len(), 1);
        assert!(db.comms().check_stats(&Default::default()).unwrap().wrong == 0);
        assert!(
            db.consent().history(Default::default()).unwrap().items.is_empty(),
            "STOP of the past is a text"
        );

        // The rejects, put right.
        let path = report.rejects.clone().unwrap();
        let rejected = std::fs::read_to_string(&path).unwrap();
        assert!(rejected.contains("lead_not_found") && rejected.contains("among them"), "{rejected}");
        let fixed = rejected
            .replace("eve@lovelace.org", "cy@lovelace.org")
            .replace("kein Datum", "05.03.2026 09:00")
            .replace("K-1,bob@lovelace.org", "K-1,");
        let again = db.comms().import_log(fixed.into_bytes(), berlin()).unwrap();
        add_up(&again);
        assert_eq!((again.rows, again.created, again.rejected), (5, 3, 2), "{:?}", codes(&again));

        // Once more: the file is known, and so are the keys.
        let known = db.comms().import_log(file.as_path(), berlin()).unwrap();
        assert_eq!((known.created, known.skipped_by["already_imported"]), (0, 10));
        let more =
            db.comms().import_log(file.as_path(), ContactImportOptions { again: true, ..berlin() }).unwrap();
        assert_eq!((more.created, more.skipped_by["unchanged"], more.rejected), (0, 5, 5));
        let kinds: Vec<_> = db.operations().list(Default::default()).unwrap().items;
        let kinds = kinds.iter().filter(|o| o.kind == OperationKind::ImportContacts);
        assert_eq!(kinds.map(|o| o.state).collect::<Vec<_>>(), [OperationState::Finished; 4]);
    });
}

/// What all contacts of a lead said.
fn bodies(db: &Database, lead: i64) -> Vec<String> {
    let mut bodies = Vec::new();
    let mut asked = TimelineOptions { limit: 1_000, ..Default::default() };
    loop {
        let page = db.comms().timeline(lead, &asked).unwrap();
        bodies.extend(page.items.into_iter().map(|contact| contact.body));
        asked.cursor = page.next_cursor;
        if asked.cursor.is_none() {
            return bodies;
        }
    }
}

/// The other side of the test below: a process that imports.
#[test]
fn child() {
    let Some(db) = Home::db_of_parent(seed()) else { return };
    testing::set_lease(Duration::from_millis(200));
    let file = std::env::var_os("LEADKIT_TEST_FILE").unwrap();
    println!("\nGO");
    db.comms().import_log(std::path::Path::new(&file), of(&[])).unwrap();
}

fn seed() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

#[test]
fn killed_at_any_moment_it_enters_whole_batches_and_each_row_once() {
    testing::set_lease(Duration::from_millis(200));
    let mut dice = Dice::new(12);
    let mut caught = Vec::new();
    for home in [Home::file(), Home::tenant()] {
        let place = Place::new();
        let mut text = String::from("external_id,channel,at,body\n");
        (0..9_000).for_each(|n| text.push_str(&format!("K-1,note,2026-01-{:02},number {n}\n", 1 + n % 28)));
        let file = place.file("many.csv", text);
        let ada = people(&home.db(seed()))[0];
        let mut span = 300;
        for _ in 0..6 {
            let mut child = leadkit_tests::victim()
                .args(["--exact", "child", "--nocapture"])
                .envs(home.environment())
                .env("LEADKIT_TEST_FILE", &file)
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
            assert!(lines.any(|line| line == "GO"));
            std::thread::sleep(Duration::from_millis(dice.below(span) as u64));
            child.kill().unwrap();
            child.wait().unwrap();
            let entered = bodies(&home.db(seed()), ada).len();
            assert!(entered.is_multiple_of(2_000) || entered == 9_000, "{entered} are no whole batches");
            caught.push(entered);
            // A slow machine has not begun: the next is given more time.
            span *= 2;
        }
        let db = home.db(seed());
        let report = db.comms().import_log(file.as_path(), of(&[])).unwrap();
        add_up(&report);
        let bodies = bodies(&db, ada);
        assert_eq!(bodies.len(), 9_000);
        assert_eq!(bodies.into_iter().collect::<BTreeSet<_>>().len(), 9_000, "each once");
        assert_eq!(db.comms().check_stats(&Default::default()).unwrap().wrong, 0);
        drop(db);
        home.assert_sound();
    }
    println!("entered when killed: {caught:?}");
    assert!(caught.iter().any(|entered| *entered < 9_000), "no kill fell before the end: {caught:?}");
}

#[test]
fn an_interrupted_import_goes_on_and_enters_each_row_once() {
    on_all_stores(|db, place| {
        let [ada, ..] = people(db);
        let mut text = String::from("external_id,channel,at,body\n");
        for n in 0..7_000 {
            text.push_str(&format!("K-1,note,2026-01-{:02} 10:00,number {n}\n", 1 + n % 28));
        }
        let file = place.file("many.csv", text);
        let cancel = CancelToken::default();
        let stop = cancel.clone();
        // In the middle: after the first transaction, before the last.
        let progress = Progressing(Arc::new(move |p: &Progress| {
            if p.stage == "import" && p.done > 0 {
                stop.cancel();
            }
        }));
        let options = ContactImportOptions {
            progress: Some(progress),
            cancel,
            rejects: Rejects::Write(false),
            ..of(&[])
        };
        assert_eq!(db.comms().import_log(file.as_path(), options).unwrap_err().code(), "cancelled");
        let begun = db.operations().list(Default::default()).unwrap().items.remove(0);
        assert_eq!((begun.kind, begun.state), (OperationKind::ImportContacts, OperationState::Cancelled));
        assert!((1..7_000).contains(&begun.counts["rows"]), "{:?}", begun.counts);

        let report = db.comms().import_log(file.as_path(), of(&[])).unwrap();
        add_up(&report);
        assert_eq!((report.rows, report.created, report.resumed), (7_000, 7_000, true));
        assert_eq!(report.operation_id, Some(begun.id));
        let bodies = bodies(db, ada);
        assert_eq!(bodies.len(), 7_000);
        assert_eq!(bodies.into_iter().collect::<BTreeSet<_>>().len(), 7_000, "each once");
        assert!(db.comms().check_stats(&Default::default()).unwrap().wrong == 0);
    });
}

#[test]
fn contacts_of_a_merged_lead_are_those_of_the_one_it_was_merged_into() {
    on_all_stores(|db, _| {
        let [ada, bob, _] = people(db);
        let plan = db
            .bulk()
            .plan_merge(vec![MergeGroup { keep: ada, merge: vec![bob] }], Default::default())
            .unwrap();
        db.bulk().run(&plan.token, Default::default()).unwrap();
        let text =
            format!("lead,channel,at,body\n{bob},note,2026-01-01,\"of old, Bob\"\n999,note,2026-01-01,x\n");
        let report = db.comms().import_log(text.into_bytes(), of(&[])).unwrap();
        assert_eq!((report.created, report.rejected), (1, 1));
        assert_eq!(codes(&report), [("lead_not_found", Some("lead"), 1)]);
        let entry = &db.comms().list(Default::default()).unwrap().items[0];
        assert_eq!((entry.lead, entry.body.as_str()), (Some(ada), "of old, Bob"));
        let twice =
            db.comms().log(ada, ContactChannel::Note, &LogOptions { body: "y".into(), ..Default::default() });
        assert!(twice.unwrap().id > entry.id);
    });
}

#[test]
fn addresses_that_are_none_say_why_and_contacts_stay_when_undone() {
    let db = open(":memory:").unwrap();
    people(&db);
    let text = "email,phone,channel,at,body\n\
                ada.lovelace.org,,note,2026-01-01,a\n\
                ada@lovelace,,note,2026-01-01,b\n\
                ,+49 1,note,2026-01-01,c\n\
                ,030 23125014,note,2026-01-01,d\n\
                ada@lovelace.org,,note,2026-01-01,e\n";
    let report = db.comms().import_log(text.as_bytes().to_vec(), of(&[])).unwrap();
    add_up(&report);
    assert_eq!((report.created, report.rejected), (1, 4));
    let codes: BTreeSet<_> = codes(&report).into_iter().map(|(code, field, _)| (code, field)).collect();
    let mail = Some("lead_email");
    let phone = Some("lead_phone");
    let expected = [
        ("email_missing_at", mail),
        ("email_incomplete_domain", mail),
        ("phone_too_short", phone),
        ("phone_no_country", phone),
    ];
    assert_eq!(codes, BTreeSet::from(expected));
    let undone = db.operations().undo(report.operation_id.unwrap(), Default::default(), Default::default());
    assert_eq!(undone.unwrap_err().code(), "not_undoable");
    assert_eq!(db.comms().list(Default::default()).unwrap().items.len(), 1);
}

#[test]
fn what_says_too_little_is_refused_before_anything_is_entered() {
    let db = open(":memory:").unwrap();
    people(&db);
    let refused = |text: &str, options: ContactImportOptions| {
        let error = db.comms().import_log(text.as_bytes().to_vec(), options).unwrap_err();
        (error.code().to_string(), error.field().map(str::to_string))
    };
    let is = |code: &str, field: &str| (code.to_string(), Some(field.to_string()));
    let good = "email,channel,at,body\nada@lovelace.org,note,2026-01-01,x\n";
    assert_eq!(
        refused("email,at,body\na@lovelace.org,2026-01-01,x\n", of(&[])),
        is("no_mappable_column", "mapping")
    );
    assert_eq!(refused(good, of(&[("nope", Some("body"))])), is("unknown_column", "mapping"));
    assert_eq!(refused(good, of(&[("body", Some("bodi"))])), is("unknown_field", "bodi"));
    let twice = of(&[("body", Some("subject")), ("channel", Some("subject"))]);
    assert_eq!(refused(good, twice), is("invalid_argument", "mapping"));
    let nowhere = ContactImportOptions { time_zone: Some("Mars/Base".into()), ..Default::default() };
    assert_eq!(refused(good, nowhere), is("invalid_argument", "time_zone"));
    assert!(
        db.operations().list(Default::default()).unwrap().items.iter().all(|o| o.kind == OperationKind::Add)
    );
    let set =
        ContactImportOptions { set: [("channel".into(), "call".into())].into(), ..of(&[("channel", None)]) };
    assert_eq!(db.comms().import_log(good.as_bytes().to_vec(), set).unwrap().created, 1);
    assert_eq!(db.comms().list(Default::default()).unwrap().items[0].channel, ContactChannel::Voice);
}
