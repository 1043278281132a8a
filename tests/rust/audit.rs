//! The audit: whatever is done stands there, nothing of people's does, and whatever is done to it is found.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use leadkit_core::model::audit::{
    AuditCheckpoint, AuditEntry, AuditKind, AuditListOptions, AuditProblemKind, AuditReport, AuditState,
    AuditVerifyOptions,
};
use leadkit_core::model::consent::{ConsentKind, ConsentOptions, ImportConsent};
use leadkit_core::model::history::{ContactChannel, ContactExportOptions, LogOptions};
use leadkit_core::model::settings::SettingsChange;
use leadkit_core::*;
use leadkit_tests::desk::{ADA, Desk, text};
use leadkit_tests::home::Home;
use leadkit_tests::*;
use rusqlite::Connection;

/// Entries of the chain that is tampered with.
const ENTRIES: i64 = 1_000;
const COLUMNS: [&str; 8] = ["seq", "at", "kind", "actor", "detail", "key_id", "previous", "mac"];

fn keys(ids: &[&str]) -> Vec<Key> {
    ids.iter().map(|id| Key::new(*id, id.repeat(32))).collect()
}

fn opened(home: Option<&Home>, keys: Vec<Key>) -> Database {
    let (url, options) = home.map_or(("memory:".to_string(), OpenOptions::default()), Home::address);
    testing::open_with(&url, OpenOptions { keys, ..options }, now(), 1).unwrap()
}

fn verify(db: &Database, checkpoint: Option<&AuditCheckpoint>) -> AuditReport {
    db.audit().verify(AuditVerifyOptions { checkpoint: checkpoint.cloned() }).unwrap()
}

fn entries(db: &Database) -> Vec<AuditEntry> {
    db.audit().entries(AuditListOptions { limit: 10_000, ..Default::default() }).unwrap().items
}

fn kinds(db: &Database) -> Vec<String> {
    entries(db).into_iter().rev().map(|entry| entry.kind).collect()
}

fn everywhere(work: impl Fn(Database, Option<Home>)) {
    for home in [None, Some(Home::file()), Some(Home::tenant())] {
        work(opened(home.as_ref(), keys(&["b", "a"])), home);
    }
}

#[test]
fn whatever_is_done_is_there_and_nothing_of_peoples() {
    everywhere(|db, home| {
        let place = Place::new();
        let desk = Desk::of(db.as_actor("mia", Some("T-17")), home);
        let db = &desk.db;
        let file = "email,first_name,phone,opt_out,opt_in\nquintessa@lovelace.org,Quintessa,+12127365009,yes,\n\
                    rhubarb@lovelace.org,Rhubarb,+12127365008,,yes\n";
        let consent = ImportConsent {
            source: "fair".into(),
            wording: "Yes, text me".into(),
            given_at: now(),
            purpose: Default::default(),
            proof: None,
        };
        let options = ImportOptions { consent: Some(consent), ..Default::default() };
        db.import_leads(file.as_bytes().to_vec(), options).unwrap();
        let ada = desk.lead("ada@lovelace.org", ADA);
        db.leads().update(ada, [("notes", "a text of nobody's business")]).unwrap();
        db.templates().save("hello", "Hi Quintessa", Default::default()).unwrap();
        let update = BulkUpdate::default().set("owner", "tom");
        let plan = db.bulk().plan_update(&Filter::default(), update, Default::default()).unwrap();
        db.bulk().run(&plan.token, Default::default()).unwrap();
        db.operations().undo(plan.operation_id, Default::default(), Default::default()).unwrap();
        db.comms().send_sms(ada, &text("a text of nobody's business"), &desk.twilio).unwrap();
        let request = desk.fake.inbound(ADA, testing::FakeTwilio::NUMBER, "STOP", desk_hook()).unwrap();
        db.comms().receive(&desk.twilio, &request).unwrap();
        db.comms()
            .log(ada, ContactChannel::Note, &LogOptions { body: "STOP".into(), ..Default::default() })
            .unwrap();
        db.export_leads(place.path("leads.csv"), ExportOptions::default()).unwrap();
        db.comms().export(place.path("contacts.csv"), ContactExportOptions::default()).unwrap();
        db.consent().export_suppressions(place.path("list.csv")).unwrap();
        db.copy_to(&place.text("copy.db"), Default::default()).unwrap();

        let wanted = [
            "setting", // sending on, by the desk
            "operation",
            "consent", // the import
            "operation",
            "consent",   // Ada, and that she agreed
            "operation", // changed
            "template",
            "operation",
            "operation",
            "operation", // saved; run; taken back, of which the last chunk found nothing more
            "setting",
            "send",    // bound to the account; handed over
            "consent", // STOP
            "export",
            "export",
            "export",
            "export",
        ];
        assert_eq!(kinds(db), wanted);
        let all = entries(db);
        assert!(all.iter().all(|e| e.actor.as_deref() == Some("mia") && e.key_id.as_deref() == Some("b")));
        let of = |kind| all.iter().find(|e| e.kind == kind).unwrap().detail.to_string();
        assert_eq!(of("send"), r#"{"messages":[1]}"#);
        assert_eq!(of("setting"), r#"{"changed":["account"],"kind":"change_settings","operation":8}"#);
        let stop = all.iter().find(|e| e.kind == "consent").unwrap();
        assert_eq!((&stop.detail["kinds"]["withdrawal"], &stop.detail["leads"][0]), (&1.into(), &ada.into()));
        let fingerprint = keys::Keys::new(&keys(&["b"])).unwrap().fingerprint("audit address", ADA).unwrap();
        assert_eq!(stop.detail["addresses"][0], fingerprint.mac.as_str());
        let report = verify(db, None);
        assert_eq!((report.state, report.entries), (AuditState::Verified, wanted.len() as u64));

        let shown = serde_json::to_string(&all).unwrap();
        for private in ["uintessa", "hubarb", "lovelace", "2127365", "nobody", "STOP", "Hi "] {
            assert!(!shown.contains(private), "the audit holds `{private}`");
        }
        let exports = AuditListOptions { kind: Some(AuditKind::Export), limit: 3, ..Default::default() };
        let page = db.audit().entries(exports.clone()).unwrap();
        let next = AuditListOptions { cursor: page.next_cursor, ..exports };
        assert_eq!((page.items.len(), db.audit().entries(next).unwrap().items.len()), (3, 1));
        let nobody = AuditListOptions { actor: Some("tom".into()), ..Default::default() };
        assert!(db.audit().entries(nobody).unwrap().items.is_empty());
    });
}

fn desk_hook() -> &'static str {
    "https://crm.example/in"
}

#[test]
fn a_chain_goes_along_with_copies_and_backups() {
    everywhere(|db, home| {
        let place = Place::new();
        (0..5).for_each(|n| drop(db.leads().add([("email", format!("a{n}@x.org"))]).unwrap()));
        let checkpoint = db.audit().checkpoint().unwrap();
        db.copy_to(&place.text("copy.db"), Default::default()).unwrap();
        let copy = testing::open_with(
            &place.text("copy.db"),
            OpenOptions { keys: keys(&["b"]), ..Default::default() },
            now(),
            1,
        )
        .unwrap();
        copy.leads().update(1, [("owner", "mia")]).unwrap();
        let report = verify(&copy, Some(&checkpoint));
        assert_eq!((report.state, report.entries), (AuditState::Verified, 7));
        if matches!(home, Some(Home::File(_))) {
            db.backup(place.path("backup.db")).unwrap();
            let options = OpenOptions { keys: keys(&["b"]), read_only: true, ..Default::default() };
            let backup = open_with(&place.text("backup.db"), options).unwrap();
            assert_eq!(verify(&backup, Some(&checkpoint)).state, AuditState::Verified);
            assert_eq!(kinds(&backup)[6..], ["export"], "it says itself that it was made");
            // Nothing is entered where nothing is written.
            assert_eq!(backup.consent().export_suppressions(place.path("list.csv")).unwrap(), 0);
            assert_eq!(entries(&backup).len(), 7);
        }
    });
}

#[test]
fn keys_rotate_and_are_missed() {
    everywhere(|db, home| {
        let Some(home) = home else { return };
        db.leads().add([("email", "ada@x.org")]).unwrap();
        let newer = opened(Some(&home), keys(&["c", "b"]));
        newer.leads().add([("email", "bob@x.org")]).unwrap();
        let ids: Vec<Option<String>> = entries(&newer).into_iter().map(|e| e.key_id).collect();
        assert_eq!(ids, [Some("c".to_string()), Some("b".to_string())]);
        assert!(verify(&newer, None).ok);

        let lost = verify(&opened(Some(&home), keys(&["c"])), None);
        assert_eq!((lost.ok, lost.state), (false, AuditState::KeyMissing));
        assert_eq!(lost.missing_keys, ["b"]);
        let other = vec![Key::new("c", "another secret of the same name!"), Key::new("b", "b".repeat(32))];
        let wrong = verify(&opened(Some(&home), other), None);
        assert_eq!((wrong.state, wrong.problems.len()), (AuditState::Broken, 1));
        assert_eq!((wrong.problems[0].seq, wrong.problems[0].kind), (2, AuditProblemKind::Altered));
        let none = verify(&opened(Some(&home), Vec::new()), None);
        assert_eq!((none.state, none.missing_keys.len()), (AuditState::KeyMissing, 2));
    });
}

#[test]
fn without_keys_it_says_so() {
    let home = Home::file();
    let db = opened(Some(&home), Vec::new());
    assert_eq!(verify(&db, None).state, AuditState::Unkeyed);
    let withdrawal = ConsentOptions { address: Some(ADA.into()), ..Default::default() };
    db.consent().record(ConsentKind::Withdrawal, "letter", withdrawal).unwrap();
    let entry = &entries(&db)[0];
    assert_eq!((&entry.key_id, &entry.detail["addresses"]), (&None, &serde_json::json!([])));
    let report = verify(&db, None);
    assert_eq!((report.ok, report.state, report.unkeyed), (false, AuditState::Unkeyed, 1));

    // What came before the first key is held by it.
    let keyed = opened(Some(&home), keys(&["a"]));
    keyed.leads().add([("email", "ada@x.org")]).unwrap();
    let report = verify(&keyed, None);
    assert_eq!((report.state, report.entries, report.unkeyed), (AuditState::Verified, 2, 1));
    // Whoever comes without the key leaves an entry that anybody could have made.
    db.leads().add([("email", "bob@x.org")]).unwrap();
    assert_eq!(verify(&keyed, None).state, AuditState::Unkeyed);

    let Home::File(place) = &home else { return };
    sqlite_writer(&place.path("leads.db"))
        .execute("UPDATE audit SET actor = 'eve' WHERE seq = 1", [])
        .unwrap();
    let report = verify(&keyed, None);
    assert_eq!((report.state, report.problems[0].seq), (AuditState::Broken, 1));
    let odd = AuditCheckpoint { seq: 1, mac: String::new(), ..report.head };
    let error = keyed.audit().verify(AuditVerifyOptions { checkpoint: Some(odd) }).unwrap_err();
    assert_eq!((error.code(), error.field()), ("invalid_argument", Some("checkpoint")));
}

#[test]
fn several_who_write_make_one_chain() {
    for home in [Home::file(), Home::tenant()] {
        let handles: Vec<Database> = (0..3).map(|_| opened(Some(&home), keys(&["a"]))).collect();
        std::thread::scope(|scope| {
            for (n, db) in handles.iter().enumerate() {
                scope.spawn(move || {
                    (0..20)
                        .for_each(|i| drop(db.leads().add([("email", format!("{n}-{i}@x.org"))]).unwrap()));
                });
            }
        });
        let report = verify(&handles[0], None);
        assert_eq!((report.state, report.entries, report.head.seq), (AuditState::Verified, 60, 60));
    }
}

/// A chain of a thousand entries in a file, and where it stands.
fn thousand(place: &Place) -> (Database, AuditCheckpoint) {
    let options = OpenOptions { keys: keys(&["a"]), actor: Some("mia".into()), ..Default::default() };
    let options = OpenOptions { reason: Some("T-1".into()), ..options };
    let db = testing::open_with(&place.text("leads.db"), options, now(), 1).unwrap();
    for n in 1..=ENTRIES {
        testing::advance(&db, 1.0);
        match n % 10 {
            0 => drop(db.settings().set(&SettingsChange { sms: Some(n % 20 == 0), ..Default::default() })),
            1 => drop(db.leads().add([("email", format!("a{n}@x.org"))]).unwrap()),
            _ => drop(db.leads().update(1, [("owner", format!("owner {n}"))]).unwrap()),
        }
    }
    let checkpoint = db.audit().checkpoint().unwrap();
    assert_eq!(checkpoint.seq, ENTRIES);
    (db, checkpoint)
}

fn sqlite_writer(path: &Path) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA busy_timeout = 5000").unwrap();
    connection
}

/// What is done to one entry's column, always to something else than it was.
fn edited(column: &str) -> String {
    let value = match column {
        "seq" => "seq + 100000".to_string(),
        "at" => "at + 1".into(),
        "actor" | "key_id" => format!("CASE seq % 2 WHEN 0 THEN NULL ELSE {column} || 'x' END"),
        // One digit of the 64, so that it looks as it should.
        "mac" | "previous" => format!(
            "CASE substr({column}, 7, 1) WHEN '0' THEN substr({column}, 1, 6) || '1' || substr({column}, 8) \
             ELSE substr({column}, 1, 6) || '0' || substr({column}, 8) END"
        ),
        _ => format!("{column} || ' '"),
    };
    format!("UPDATE audit SET {column} = {value} WHERE seq = ?1")
}

/// Does something to the chain, verifies, and puts everything back.
fn tampered(
    raw: &Connection,
    db: &Database,
    checkpoint: Option<&AuditCheckpoint>,
    work: impl FnOnce(&Connection),
) -> AuditReport {
    work(raw);
    let report = verify(db, checkpoint);
    raw.execute_batch("DELETE FROM audit; INSERT INTO audit SELECT * FROM kept").unwrap();
    report
}

#[test]
fn every_edit_removal_and_swap_in_a_thousand_entries_is_found() {
    let place = Place::in_memory();
    let (db, checkpoint) = thousand(&place);
    let raw = sqlite_writer(&place.path("leads.db"));
    raw.execute_batch("CREATE TEMP TABLE kept AS SELECT * FROM audit").unwrap();
    assert!(verify(&db, Some(&checkpoint)).ok);
    let long = std::env::var_os("LEADKIT_LONG").is_some();
    let broken = |report: AuditReport, seq: i64, what: &str| {
        assert_eq!(report.state, AuditState::Broken, "{what} of {seq} is not found");
        // The place is told, at most one entry off.
        let first = report.problems[0].seq;
        assert!((seq..=seq + 1).contains(&first), "{what} of {seq} is told of {first}");
    };
    for seq in 1..=ENTRIES {
        // The last one has none behind it that would tell: there the checkpoint does.
        let known = (seq == ENTRIES).then_some(&checkpoint);
        // Without LEADKIT_LONG one column in turn: then each is edited in more than a hundred rows.
        for (at, column) in COLUMNS.into_iter().enumerate() {
            if !long && seq % COLUMNS.len() as i64 != at as i64 {
                continue;
            }
            let report = tampered(&raw, &db, known, |raw| {
                assert_eq!(raw.execute(&edited(column), [seq]).unwrap(), 1, "{column} of {seq}");
            });
            // An entry that loses its key says so, or is taken for another's.
            match (column, report.state) {
                ("key_id", AuditState::KeyMissing) => assert_eq!(report.missing_keys, ["ax"]),
                _ => broken(report, seq, column),
            }
        }
        broken(
            tampered(&raw, &db, known, |raw| drop(raw.execute("DELETE FROM audit WHERE seq = ?1", [seq]))),
            seq,
            "the removal",
        );
        if seq < ENTRIES {
            let swapped = tampered(&raw, &db, None, |raw| {
                for (from, to) in [(seq, -1), (seq + 1, seq), (-1, seq + 1)] {
                    raw.execute("UPDATE audit SET seq = ?2 WHERE seq = ?1", [from, to]).unwrap();
                }
            });
            broken(swapped, seq, "the swap");
            let cut = tampered(&raw, &db, Some(&checkpoint), |raw| {
                raw.execute("DELETE FROM audit WHERE seq > ?1", [seq]).unwrap();
            });
            assert_eq!(cut.state, AuditState::Broken, "cut behind {seq}");
            let problem = cut.problems.last().unwrap();
            assert_eq!((problem.seq, problem.kind), (seq + 1, AuditProblemKind::Truncated));
        }
    }
    // Everything at once, and a chain made anew without the key.
    let gone = tampered(&raw, &db, Some(&checkpoint), |raw| drop(raw.execute("DELETE FROM audit", [])));
    assert_eq!(gone.problems[0].kind, AuditProblemKind::Truncated);
    assert!(verify(&db, Some(&checkpoint)).ok, "everything was put back");
    assert_eq!(entries(&db).len() as i64, ENTRIES);
}

#[test]
fn tampering_on_a_server_is_found_too() {
    let home = Home::tenant();
    let db = opened(Some(&home), keys(&["a"]));
    let db = db.as_actor("mia", Some("T-1"));
    (0..30).for_each(|n| drop(db.leads().add([("email", format!("a{n}@x.org"))]).unwrap()));
    let checkpoint = db.audit().checkpoint().unwrap();
    let mut client = home.client();
    client.batch_execute("CREATE TABLE kept AS SELECT * FROM audit").unwrap();
    let mut tamper = |sql: &str, what: &str| {
        client.batch_execute(sql).unwrap();
        let report = verify(&db, Some(&checkpoint));
        assert!(!report.ok && report.state != AuditState::Unkeyed, "{what}: {report:?}");
        client.batch_execute("DELETE FROM audit; INSERT INTO audit SELECT * FROM kept").unwrap();
    };
    for seq in [1, 2, 15, 29, 30] {
        for column in COLUMNS {
            tamper(&edited(column).replace("?1", &seq.to_string()), column);
        }
        tamper(&format!("DELETE FROM audit WHERE seq = {seq}"), "a removal");
        tamper(&format!("DELETE FROM audit WHERE seq >= {seq}"), "a cut");
    }
    tamper(
        "UPDATE audit SET seq = -1 WHERE seq = 7; UPDATE audit SET seq = 7 WHERE seq = 8; \
         UPDATE audit SET seq = 8 WHERE seq = -1",
        "a swap",
    );
    assert!(verify(&db, Some(&checkpoint)).ok);
}

/// Whoever writes operations, commits and consent by the store itself passes by the audit.
#[test]
fn nobody_passes_by_the_audit() {
    // The file, and why it may.
    let allowed = [
        "ledger/audit.rs",        // the way itself
        "import/target.rs",       // noted, and entered with the commit
        "privacy/erase.rs",       // entered as an erasure
        "privacy/hold.rs",        // entered as a hold
        "privacy/retention.rs",   // entered as an erasure
        "ledger/suppressions.rs", // noted, and entered at the end of the same transaction
    ];
    let source = root().join("leadkit-core/src");
    let mut found = BTreeSet::new();
    for file in rust_files(&source) {
        let name = file.strip_prefix(&source).unwrap().to_string_lossy().replace('\\', "/");
        if name.starts_with("store/") {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        if ["writer.add_operation(", "writer.add_commit(", "writer.add_consent("]
            .iter()
            .any(|call| text.contains(call))
        {
            found.insert(name);
        }
    }
    assert_eq!(found, allowed.into_iter().map(String::from).collect());
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| match path.is_dir() {
            true => rust_files(&path),
            false => vec![path],
        })
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .collect()
}
