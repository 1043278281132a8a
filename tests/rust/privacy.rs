//! What the law asks about a person's data, on all three stores.

use std::path::Path;

use leadkit_core::model::consent::{ConsentKind, ConsentOptions, ConsentQuestion};
use leadkit_core::model::history::{
    Attachment, ContactChannel, ContactExportOptions, LogOptions, SearchOptions, TimelineOptions,
};
use leadkit_core::model::options::ImportOptions;
use leadkit_core::model::privacy::{
    ErasureListOptions, ErasureOptions, PersonOptions, RetentionData, RetentionOptions, RetentionRule,
};
use leadkit_core::model::settings::SettingsChange;
use leadkit_core::*;
use leadkit_tests::desk::{ADA, Desk, HOOK, everywhere, text};
use leadkit_tests::home::{Home, with_keys};
use leadkit_tests::*;

const BASIS: &str = "GDPR Art. 17(1)(b)";
const NUMBER: &str = "+12127365009";
/// What must not be found any more, in any case: names, addresses, numbers, however they were written.
const MARKERS: [&str; 14] = [
    "xaverine",
    "quastenfloh",
    "xq@zweitpost.example",
    "12127365009",
    "2127365009",
    "736-5009",
    "zwirbelgasse",
    "zopfweg",
    "glimmerwerk",
    "velvet umbrella",
    "crm-778899-x",
    "jellyfish",
    "hedgehog",
    "zitrusfalter",
];

const FILE: &str = "First name,Last name,E-mail,Phone,Company,Street,Notes,Customer no.\n\
    Xaverine,Quastenfloh,Xaverine@Quastenfloh.example,(212) 736-5009,Glimmerwerk AG,Zwirbelgasse 77,\
    buys one velvet umbrella a year,crm-778899-x\n\
    Bob,Brown,bob@brown.example,(212) 736-5001,Brown Inc,Main Street 1,,crm-1\n";

fn import(db: &Database) -> i64 {
    let place = Place::new();
    let file = place.file("people.csv", FILE);
    let options = ImportOptions {
        default_country: Some("US".into()),
        mapping: [("Customer no.".to_string(), serde_json::from_value("external_id".into()).unwrap())].into(),
        ..ImportOptions::default()
    };
    let report = db.import_leads(file, options).unwrap();
    assert_eq!((report.rejected, report.skipped), (0, 0), "{}", report.to_json());
    report.operation_id.unwrap()
}

fn lead(id: i64) -> ErasureOptions {
    ErasureOptions { lead: Some(id), ..ErasureOptions::default() }
}

fn person(id: i64) -> PersonOptions {
    PersonOptions { lead: Some(id), ..PersonOptions::default() }
}

/// A life in the database: each way by which a person gets into it. Gives the import, the bulk operation that
/// changed her, and the plan that waits for her.
fn live(desk: &Desk, files: &Place) -> (i64, i64, Plan) {
    let db = &desk.db;
    let imported = import(db);
    let mia = db.as_actor("mia", Some("Xaverine Quastenfloh asked for it by phone"));
    mia.leads().update(1, [("street", "Zopfweg 5")]).unwrap();
    db.leads().update(1, [("city", "Zitrusfalter")]).unwrap();
    // Another lead of hers, merged into the first.
    let second = db.leads().add([("email", "xq@zweitpost.example"), ("last_name", "Quastenfloh")]).unwrap();
    let groups = vec![MergeGroup { keep: 1, merge: vec![second.id] }];
    let merge = db.bulk().plan_merge(groups, PlanOptions::default()).unwrap();
    db.bulk().run(&merge.token, RunOptions::default()).unwrap();

    // Bulk operations that ask for her: one run by a key that names her, one that waits, one taken back.
    let her = Filter::field("email").eq("xaverine@quastenfloh.example");
    let update = |value: &str| BulkUpdate::default().set("job_title", value);
    let plan = db.bulk().plan_update(&her, update("Clerk"), PlanOptions::default()).unwrap();
    let key = Some("promote Xaverine@Quastenfloh.example".to_string());
    let run = RunOptions { idempotency_key: key, ..RunOptions::default() };
    let done = db.bulk().run(&plan.token, run).unwrap();
    let waiting = db.bulk().plan_update(&her, update("Queen"), PlanOptions::default()).unwrap();
    db.leads().update(1, [("job_title", "Hedgehog keeper")]).unwrap();
    let undone = db.operations().undo(done.id, UndoOptions::default(), RunOptions::default()).unwrap();
    assert_eq!(undone.conflicts, 1, "the values of a conflict are in the log");

    // Contacts: sent, answered, entered, exported.
    let words = ConsentOptions {
        lead: Some(1),
        wording: Some("I, Xaverine Quastenfloh, agree".into()),
        proof: Some("xaverine.pdf".into()),
        ..ConsentOptions::default()
    };
    db.consent().record(ConsentKind::Grant, "web form", words).unwrap();
    let sms = model::communication::SmsOptions {
        key: Some("hello Xaverine Quastenfloh".into()),
        ..text("Dear Xaverine")
    };
    let sent = db.comms().queue_sms(1, &sms).unwrap();
    assert_eq!(desk.dispatch().sent, 1);
    desk.pass(60.0);
    assert_eq!(desk.state(sent.id).0.as_str(), "delivered");
    let reply = desk.fake.inbound(NUMBER, "+15005550006", "I like jellyfish", HOOK).unwrap();
    db.comms().receive(&desk.twilio, &reply).unwrap();
    let note = LogOptions {
        body: "Quastenfloh wants a velvet umbrella".into(),
        participants: vec!["xaverine@quastenfloh.example".into()],
        attachments: vec![Attachment { name: "xaverine.jpg".into(), ..Attachment::default() }],
        outcome: Some("Xaverine is happy".into()),
        ..LogOptions::default()
    };
    db.comms().log(1, ContactChannel::Meeting, &note).unwrap();
    let search = SearchOptions { text: Some("Quastenfloh".into()), ..SearchOptions::default() };
    let export = ContactExportOptions { search, ..ContactExportOptions::default() };
    db.comms().export(files.path("contacts.csv"), export).unwrap();
    (imported, done.id, waiting)
}

/// Panics where a marker is in some bytes.
fn assert_clean(what: &str, bytes: &[u8]) {
    let bytes = bytes.to_ascii_lowercase();
    for marker in MARKERS {
        let found = bytes.windows(marker.len()).position(|window| window == marker.as_bytes());
        if let Some(at) = found {
            let around = &bytes[at.saturating_sub(80)..(at + 80).min(bytes.len())];
            panic!("{what} holds `{marker}`: {}", String::from_utf8_lossy(around));
        }
    }
}

fn assert_files_clean(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        assert_clean(&path.display().to_string(), &std::fs::read(&path).unwrap());
    }
}

/// Every row of every table, as text.
fn tables(home: &Home) -> String {
    let mut client = home.client();
    let sql = "SELECT tablename::text FROM pg_catalog.pg_tables WHERE schemaname = current_schema()";
    let names: Vec<String> = client.query(sql, &[]).unwrap().iter().map(|row| row.get(0)).collect();
    assert!(names.len() > 12, "{names:?}");
    let mut all = String::new();
    for name in names {
        for row in client.query(&format!("SELECT t::text FROM {name} t"), &[]).unwrap() {
            all.push_str(row.get(0));
            all.push('\n');
        }
    }
    all
}

fn erase_and_look(home: Option<Home>) {
    let desk = Desk::at(home);
    let files = Place::new();
    let (imported, bulk, waiting) = live(&desk, &files);
    let db = &desk.db;
    let dump = testing::dump(db).unwrap().to_lowercase();
    for marker in MARKERS {
        assert!(dump.contains(marker), "{marker} is to be erased, so it must be there first");
    }

    let reason = db.as_actor("dpo", Some("request of Xaverine Quastenfloh"));
    let certificate = reason.privacy().erase_person(BASIS, &lead(1), Some(&desk.twilio)).unwrap();
    assert_eq!((certificate.leads.clone(), certificate.compacted), (vec![1, 3], true));
    for (what, count) in [("leads", 2), ("contacts", 3), ("consent_entries", 1)] {
        assert!(certificate.erased[what] >= count, "{what}: {:?}", certificate.erased);
    }
    for what in ["changes", "operations", "conflicts"] {
        assert!(certificate.erased[what] > 0, "{what}: {:?}", certificate.erased);
    }
    assert_eq!(certificate.suppressed.len(), 1);
    let beyond: Vec<&str> = certificate.beyond.iter().map(|beyond| beyond.what.as_str()).collect();
    assert!(
        beyond.contains(&"backups") && beyond.contains(&"files") && beyond.contains(&"provider"),
        "{beyond:?}"
    );
    assert_clean("the certificate", certificate.to_html().as_bytes());
    assert_eq!(desk.fake.messages().len(), 0, "Twilio's copies are gone");

    assert_clean("the dump", testing::dump(db).unwrap().as_bytes());
    if let Some(Home::File(place)) = desk.home() {
        // While it is open, its log included, and when it is closed.
        assert_files_clean(&place.path("."));
    }
    if let Some(home @ Home::Tenant { .. }) = desk.home() {
        assert_clean("the tables", tables(home).as_bytes());
    }

    // The books still balance, and nothing comes back.
    if let Some(home) = desk.home() {
        home.assert_sound();
    }
    let left =
        db.comms().timeline(1, &TimelineOptions { corrected: true, ..TimelineOptions::default() }).unwrap();
    assert_eq!(left.items.len(), 3);
    assert!(left.items.iter().all(|contact| contact.body.is_empty() && contact.lead == Some(1)));
    assert_eq!(db.leads().restore(1).unwrap_err().code(), "erased");
    assert_eq!(db.privacy().erase_person(BASIS, &lead(1), None).unwrap_err().code(), "erased");
    assert_eq!(db.bulk().run(&waiting.token, RunOptions::default()).unwrap_err().code(), "plan_expired");
    let undone = db
        .operations()
        .undo(
            imported,
            UndoOptions { on_conflict: OnConflict::Force, ..UndoOptions::default() },
            RunOptions::default(),
        )
        .unwrap();
    let conflicts = db.operations().conflicts(undone.id, Default::default()).unwrap();
    let erased: Vec<i64> =
        conflicts.items.iter().filter(|c| c.code == ConflictCode::Erased).map(|c| c.lead).collect();
    assert_eq!(erased, [1], "the import is taken back but for her");
    assert!(db.operations().undo(bulk, UndoOptions::default(), RunOptions::default()).is_err());
    let erasure = db
        .operations()
        .undo(certificate.operation_id, UndoOptions::default(), RunOptions::default())
        .unwrap_err();
    assert_eq!(erasure.code(), "not_undoable");

    // She comes back by the next file, and stays blocked.
    db.import_leads(
        FILE.as_bytes().to_vec(),
        ImportOptions { default_country: Some("US".into()), again: true, ..ImportOptions::default() },
    )
    .unwrap();
    let again =
        db.leads().first(&Filter::field("phone").eq(NUMBER), FindOptions::default()).unwrap().unwrap();
    let question = ConsentQuestion { lead: Some(again.id), ..ConsentQuestion::default() };
    let status = db.consent().status(&question).unwrap();
    assert_eq!(status.code.map(|code| code.as_str()), Some("opted_out"));
    let history = db
        .consent()
        .history(serde_json::from_value(serde_json::json!({"address": NUMBER})).unwrap())
        .unwrap();
    assert_eq!(history.items.first().map(|entry| entry.source.as_str()), Some("erasure"));
    desk.grant(again.id, model::consent::Channel::Sms);
    let sms = db.comms().queue_sms(again.id, &text("hello again")).unwrap();
    desk.dispatch();
    assert_eq!(desk.state(sms.id).1.as_deref(), Some("opted_out"));
    let listed = db.privacy().erasures(ErasureListOptions::default()).unwrap();
    assert_eq!(listed.items, [certificate]);
}

#[test]
fn nothing_of_an_erased_person_is_left_in_memory() {
    erase_and_look(None);
}

#[test]
fn nothing_of_an_erased_person_is_left_in_a_file() {
    erase_and_look(Some(Home::file()));
}

#[test]
fn nothing_of_an_erased_person_is_left_on_a_server() {
    erase_and_look(Some(Home::tenant()));
}

#[test]
fn a_copy_knows_whom_it_must_not_contact_and_asks_for_the_key() {
    let desk = Desk::at(Some(Home::file()));
    let files = Place::new();
    import(&desk.db);
    desk.db.privacy().erase_person(BASIS, &lead(1), None).unwrap();
    desk.db.privacy().hold("lawsuit 12/2026", &person(2)).unwrap();
    let copy = files.text("copy.db");
    desk.db.copy_to(&copy, Default::default()).unwrap();
    assert_files_clean(&files.path("."));
    let question = ConsentQuestion { address: Some(NUMBER.into()), ..ConsentQuestion::default() };
    let with = testing::open_with(&copy, with_keys(), now(), 2).unwrap();
    assert_eq!(with.consent().status(&question).unwrap().code.map(|code| code.as_str()), Some("opted_out"));
    assert_eq!(with.privacy().holds().unwrap().len(), 1);
    // Rotated: the old key still recognises.
    let keys = vec![Key::new("next", [8; 32]), Key::new("test", [7; 32])];
    let rotated =
        testing::open_with(&copy, OpenOptions { keys, ..OpenOptions::default() }, now(), 2).unwrap();
    assert!(!rotated.consent().status(&question).unwrap().allowed);
    // Without it nobody could be recognised, so nobody is decided on.
    let without = testing::open(&copy, now(), 2).unwrap();
    assert_eq!(without.consent().status(&question).unwrap_err().code(), "key_missing");
    without.settings().set(&SettingsChange { sending: Some(true), ..SettingsChange::default() }).unwrap();
    let error = without.comms().dispatch(&desk.twilio, &Default::default()).unwrap_err();
    assert_eq!((error.code(), error.field()), ("key_missing", Some("keys")));
    // A list of who is blocked carries the fingerprint, and blocks where it is applied.
    let list = files.path("blocked.csv");
    assert_eq!(with.consent().export_suppressions(&list).unwrap(), 2);
    let other = testing::open_with(":memory:", with_keys(), now(), 2).unwrap();
    assert_eq!(other.consent().apply_suppressions(&list).unwrap(), 2);
    assert!(!other.consent().status(&question).unwrap().allowed);
}

#[test]
fn a_hold_refuses_and_says_why() {
    everywhere(|desk| {
        let db = &desk.db;
        let id = desk.lead("ada@lovelace.example", ADA);
        let held = db.as_actor("jo", None).privacy().hold("lawsuit 12/2026", &person(id)).unwrap();
        assert_eq!((held.len(), held[0].actor.as_deref()), (1, Some("jo")));
        let error = db.privacy().erase_person(BASIS, &lead(id), None).unwrap_err();
        assert_eq!(error.code(), "on_hold");
        assert!(error.to_string().contains("lawsuit 12/2026"), "{error}");
        // By her address too, and by a rule.
        let by = ErasureOptions { address: Some(ADA.into()), ..ErasureOptions::default() };
        assert_eq!(db.privacy().erase_person(BASIS, &by, None).unwrap_err().code(), "on_hold");
        assert_eq!(db.privacy().release(&person(id)).unwrap(), 1);
        assert_eq!(db.privacy().release(&person(id)).unwrap(), 0);
        assert_eq!(db.privacy().erase_person(BASIS, &by, None).unwrap().leads, [id]);
    });
}

#[test]
fn what_others_share_stays_theirs() {
    everywhere(|desk| {
        let db = &desk.db;
        let ada = desk.lead("ada@lovelace.example", ADA);
        let bob = desk.lead("bob@brown.example", ADA);
        let stop = ConsentOptions { address: Some(ADA.into()), ..ConsentOptions::default() };
        db.consent().record(ConsentKind::Withdrawal, "letter", stop).unwrap();
        let certificate = db.privacy().erase_person(BASIS, &lead(ada), None).unwrap();
        let shared = certificate.kept.iter().find(|kept| kept.what == "shared_addresses").unwrap();
        assert_eq!((shared.ids.clone(), certificate.suppressed.len()), (vec![bob], 0));
        let status = db.consent().status(&ConsentQuestion { lead: Some(bob), ..Default::default() }).unwrap();
        assert_eq!(status.code.map(|code| code.as_str()), Some("opted_out"));
        let hers = serde_json::from_value(serde_json::json!({ "lead": ada })).unwrap();
        assert_eq!(db.consent().history(hers).unwrap().items, [], "her grant names her no more");
        assert_eq!(db.leads().get(bob).unwrap().unwrap().phone.as_deref(), Some(ADA));
    });
}

#[test]
fn who_may_be_contacted_again_is_not_blocked_by_the_erasure_but_by_their_own_no() {
    everywhere(|desk| {
        let db = &desk.db;
        let question = |id| ConsentQuestion {
            lead: Some(id),
            purpose: Some(model::consent::Purpose::Informational),
            ..ConsentQuestion::default()
        };
        for blocked in [false, true] {
            let id = desk.lead("ada@lovelace.example", ADA);
            if blocked {
                let stop = ConsentOptions { address: Some(ADA.into()), ..ConsentOptions::default() };
                db.consent().record(ConsentKind::Withdrawal, "letter", stop).unwrap();
            }
            let again = ErasureOptions { contact_again: true, ..lead(id) };
            let certificate = db.privacy().erase_person(BASIS, &again, None).unwrap();
            assert_eq!(certificate.suppressed.len(), usize::from(blocked));
            let new = db.leads().add([("email", "ada@lovelace.example"), ("phone", ADA)]).unwrap().id;
            assert_eq!(db.consent().status(&question(new)).unwrap().allowed, !blocked);
            db.privacy()
                .erase_person(BASIS, &ErasureOptions { contact_again: true, ..lead(new) }, None)
                .unwrap();
        }
    });
}

#[test]
fn who_waits_for_a_message_is_erased_and_never_gets_it() {
    everywhere(|desk| {
        let db = &desk.db;
        let id = desk.lead("ada@lovelace.example", ADA);
        let queued = db.comms().queue_sms(id, &text("soon")).unwrap();
        db.privacy().erase_person(BASIS, &lead(id), None).unwrap();
        assert_eq!(desk.dispatch().sent, 0);
        assert_eq!(desk.state(queued.id).0.as_str(), "cancelled");
        assert_eq!(desk.fake.messages().len(), 0);
    });
}

#[test]
fn nobody_in_particular_is_nobody() {
    everywhere(|desk| {
        let db = &desk.db;
        let id = desk.lead("ada@lovelace.example", ADA);
        let none = |options: ErasureOptions| db.privacy().erase_person(BASIS, &options, None).unwrap_err();
        assert_eq!(none(ErasureOptions::default()).code(), "invalid_argument");
        assert_eq!(none(lead(99)).code(), "not_found");
        let address = |text: &str| ErasureOptions { address: Some(text.into()), ..ErasureOptions::default() };
        assert_eq!(none(address("nobody@lovelace.example")).code(), "not_found");
        let error = none(address("ada at lovelace"));
        assert_eq!((error.code(), error.value()), ("invalid_value", Some("ada at lovelace")));
        let error = db.privacy().erase_person(" ", &lead(id), None).unwrap_err();
        assert_eq!((error.code(), error.field()), ("invalid_argument", Some("legal_basis")));
        assert_eq!(db.privacy().hold("", &person(id)).unwrap_err().code(), "invalid_argument");
    });
    let db = open(":memory:").unwrap();
    let id = db.leads().add([("phone", ADA), ("email", "ada@lovelace.example")]).unwrap().id;
    assert_eq!(db.privacy().erase_person(BASIS, &lead(id), None).unwrap_err().code(), "key_missing");
    assert!(db.leads().get(id).unwrap().unwrap().phone.is_some(), "nothing was erased");
}

#[test]
fn everything_about_a_person_is_handed_out() {
    everywhere(|desk| {
        let files = Place::new();
        live(desk, &files);
        let db = &desk.db;
        db.privacy().hold("lawsuit", &person(1)).unwrap();
        for who in
            [person(1), person(3), PersonOptions { address: Some("XQ@zweitpost.example".into()), lead: None }]
        {
            let export = db.privacy().export_person(&who).unwrap();
            assert_eq!(export.leads.iter().map(|lead| lead.id).collect::<Vec<_>>(), [1, 3]);
            assert_eq!((export.contacts.len(), export.holds.len()), (3, 2));
            assert_eq!(export.sources[0].file.as_deref(), Some("people.csv"));
            let (json, html) = (export.to_json().to_lowercase(), export.to_html().to_lowercase());
            for marker in MARKERS.iter().filter(|marker| !["736-5009", "2127365009"].contains(marker)) {
                assert!(json.contains(marker), "{marker}");
                assert!(html.contains(marker), "{marker} in the page");
            }
            assert!(!json.contains("bob@brown.example") && !html.contains("<script"));
        }
    });
}

fn rule(name: &str, data: RetentionData, days: u32) -> RetentionRule {
    RetentionRule { name: name.into(), data, days, filter: None, channels: Vec::new() }
}

#[test]
fn what_is_kept_too_long_is_looked_at_first_and_then_erased() {
    everywhere(|desk| {
        let db = &desk.db;
        let [old, held, met] = ["ada", "bob", "eve"]
            .map(|name| db.leads().add([("email", format!("{name}@lovelace.example"))]).unwrap().id);
        let note = |lead: i64, channel| {
            let note = LogOptions { body: "secret".into(), ..LogOptions::default() };
            db.comms().log(lead, channel, &note).unwrap().id
        };
        let (letter, call) = (note(old, ContactChannel::Email), note(old, ContactChannel::Note));
        db.privacy().hold("audit", &person(held)).unwrap();
        testing::advance(db, 100.0 * 86_400.0);
        let recent = note(met, ContactChannel::Email);
        let new = db.leads().add([("email", "new@lovelace.example")]).unwrap().id;
        let emails = RetentionRule {
            channels: vec![ContactChannel::Email],
            ..rule("emails", RetentionData::Contacts, 60)
        };
        let rules =
            vec![emails, rule("leads", RetentionData::Leads, 90), rule("log", RetentionData::Changes, 90)];
        desk.set(SettingsChange { retention: Some(rules), ..SettingsChange::default() });

        let looked = db.privacy().apply_retention(&RetentionOptions::default()).unwrap();
        let due: Vec<_> =
            looked.rules.iter().map(|rule| (rule.due, rule.held, rule.sample.clone())).collect();
        assert_eq!(due, [(1, 0, vec![letter]), (1, 1, vec![old]), (0, 0, vec![])]);
        assert!(!looked.erased && db.comms().get(letter).unwrap().body == "secret");

        let only = RetentionOptions { erase: true, rule: Some("emails".into()) };
        let done = db.privacy().apply_retention(&only).unwrap();
        assert_eq!((done.erased, done.compacted, done.rules.len()), (true, true, 1));
        assert_eq!(db.comms().get(letter).unwrap().body, "");
        assert_eq!(db.comms().get(call).unwrap().body, "secret");
        assert_eq!(db.comms().get(recent).unwrap().body, "secret");

        let all = RetentionOptions { erase: true, rule: None };
        db.privacy().apply_retention(&all).unwrap();
        assert_eq!(db.comms().get(call).unwrap().body, "");
        assert!(db.leads().get(old).unwrap().is_none());
        for kept in [held, met, new] {
            assert!(db.leads().get(kept).unwrap().unwrap().email.is_some(), "{kept}");
        }
        let again = db.privacy().apply_retention(&all).unwrap();
        assert_eq!(
            (again.erased, again.rules[0].due, again.rules[1].due),
            (false, 0, 0),
            "what is done stays done"
        );
        let error = db
            .privacy()
            .apply_retention(&RetentionOptions { erase: false, rule: Some("email".into()) })
            .unwrap_err();
        assert_eq!(error.code(), "not_found");
        assert!(error.to_string().contains("did you mean `emails`"), "{error}");
    });
}
