//! A history of contacts from a file: every row is accounted for, entered once, and handed back where nobody
//! knows whose it is.

use std::sync::Arc;

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
        let mut bodies = std::collections::BTreeSet::new();
        let mut asked = TimelineOptions { limit: 1_000, ..Default::default() };
        let mut seen = 0;
        loop {
            let page = db.comms().timeline(ada, &asked).unwrap();
            seen += page.items.len();
            bodies.extend(page.items.into_iter().map(|contact| contact.body));
            asked.cursor = page.next_cursor;
            if asked.cursor.is_none() {
                break;
            }
        }
        assert_eq!((seen, bodies.len()), (7_000, 7_000), "each once");
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
