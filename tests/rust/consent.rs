//! Consent that outlives leads, switches that the log knows, templates by version.

use leadkit_core::model::consent::{
    Channel, ConsentCode, ConsentHistoryOptions, ConsentKind, ConsentOptions, ConsentQuestion, Purpose,
};
use leadkit_core::model::message_template::{RenderOptions, TemplateOptions, TemplateVersion};
use leadkit_core::model::settings::SettingsChange;
use leadkit_core::model::transport::{InboundMessage, WebhookEvent};
use leadkit_core::*;
use leadkit_tests::home::Home;
use leadkit_tests::*;

const ADA: &str = "+493023125014";

fn about(address: &str) -> ConsentOptions {
    ConsentOptions { address: Some(address.into()), ..ConsentOptions::default() }
}

fn agreed(lead: i64) -> ConsentOptions {
    let wording = Some("Yes, text me offers".to_string());
    ConsentOptions { lead: Some(lead), wording, ..ConsentOptions::default() }
}

/// Why a lead may not be texted for marketing.
fn code(db: &Database, lead: i64) -> Option<ConsentCode> {
    let question = ConsentQuestion { lead: Some(lead), ..ConsentQuestion::default() };
    db.consent().status(&question).unwrap().code
}

fn add(db: &Database, email: &str) -> i64 {
    db.leads().add([("email", email), ("phone", ADA)]).unwrap().id
}

fn run(db: &Database, plan: Plan) -> Operation {
    let options = RunOptions { confirm: Some(plan.count), ..RunOptions::default() };
    db.bulk().run(&plan.token, options).unwrap()
}

/// The stores that the same must hold on.
fn everywhere(work: impl Fn(&Database)) {
    for home in [Home::file(), Home::tenant()] {
        work(&home.db(1));
    }
    work(&testing::open("memory:", now(), 1).unwrap());
}

#[test]
fn a_withdrawal_outlives_every_lead() {
    everywhere(|db| {
        let (ada, twin) = (add(db, "ada@lovelace.org"), add(db, "ada@work.example"));
        db.consent().record(ConsentKind::Grant, "web form", agreed(ada)).unwrap();
        assert_eq!((code(db, ada), code(db, twin)), (None, Some(ConsentCode::NoConsent)));
        db.consent().record(ConsentKind::Withdrawal, "keyword", about("+49 30 23125014")).unwrap();
        let out = Some(ConsentCode::OptedOut);
        assert_eq!((code(db, ada), code(db, twin)), (out, out));

        // Deleted and restored, merged and taken back, purged, imported once more.
        let all = Filter::all();
        let delete = db.bulk().plan_delete(&all, PlanOptions::default()).unwrap();
        let deleted = run(db, delete);
        db.operations().undo(deleted.id, Default::default(), Default::default()).unwrap();
        assert_eq!(code(db, ada), out);
        let group = MergeGroup { keep: twin, merge: vec![ada] };
        let merged = run(db, db.bulk().plan_merge(vec![group], PlanOptions::default()).unwrap());
        assert_eq!(code(db, twin), out);
        db.operations().undo(merged.id, Default::default(), Default::default()).unwrap();
        assert_eq!((code(db, ada), code(db, twin)), (out, out));
        run(db, db.bulk().plan_purge(&all, PlanOptions::default()).unwrap());
        assert_eq!(db.leads().count(&Filter::default()).unwrap(), 0);
        let file = format!("email,phone\nada@lovelace.org,{ADA}\n");
        db.import_leads(file.into_bytes(), ImportOptions::default()).unwrap();
        let again = db.leads().first(&Filter::default(), FindOptions::default()).unwrap().unwrap();
        assert!(again.id > twin);
        assert_eq!(code(db, again.id), out);
        // By whoever the number belongs to, for every purpose.
        let question = ConsentQuestion {
            address: Some(ADA.into()),
            purpose: Some(Purpose::Informational),
            channel: Some(Channel::Voice),
            ..ConsentQuestion::default()
        };
        assert_eq!(db.consent().status(&question).unwrap().code, out);
    });
}

#[test]
fn a_merge_carries_no_grant() {
    everywhere(|db| {
        let (ada, twin) = (add(db, "ada@lovelace.org"), add(db, "ada@work.example"));
        db.consent().record(ConsentKind::Grant, "web form", agreed(ada)).unwrap();
        let group = MergeGroup { keep: twin, merge: vec![ada] };
        run(db, db.bulk().plan_merge(vec![group], PlanOptions::default()).unwrap());
        assert_eq!(code(db, twin), Some(ConsentCode::NoConsent));
    });
}

#[test]
fn the_ledger_is_read_in_pages() {
    everywhere(|db| {
        let ada = add(db, "ada@lovelace.org");
        let mia = db.as_actor("mia", Some("call back"));
        for n in 0..5 {
            mia.consent()
                .record(ConsentKind::Withdrawal, "letter", about(&format!("+4930231250{n}0")))
                .unwrap();
        }
        mia.consent().record(ConsentKind::Grant, "web form", agreed(ada)).unwrap();
        let first = ConsentHistoryOptions { limit: 4, ..ConsentHistoryOptions::default() };
        let page = db.consent().history(first.clone()).unwrap();
        let rest = ConsentHistoryOptions { cursor: page.next_cursor.clone(), ..first.clone() };
        let rest = db.consent().history(rest).unwrap();
        let ids: Vec<i64> = page.items.iter().chain(&rest.items).map(|entry| entry.id).collect();
        assert_eq!((ids, rest.next_cursor), (vec![6, 5, 4, 3, 2, 1], None));
        assert_eq!((page.items[0].actor.as_deref(), page.items[0].lead), (Some("mia"), Some(ada)));
        let of = ConsentHistoryOptions { lead: Some(ada), ..ConsentHistoryOptions::default() };
        assert_eq!(db.consent().history(of).unwrap().items.len(), 1);
        let wrong = ConsentHistoryOptions { cursor: Some("x".into()), ..first };
        assert_eq!(db.consent().history(wrong).unwrap_err().code(), "invalid_argument");
    });
}

#[test]
fn all_numbers_of_a_lead_are_withdrawn() {
    let db = testing::open("memory:", now(), 1).unwrap();
    let values = r#"{"email": "a@x.org", "phone": "+493023125014", "phones": ["+493023125015"]}"#;
    let lead = db.leads().add(serde_json::from_str::<Values>(values).unwrap()).unwrap();
    let options = ConsentOptions { lead: Some(lead.id), ..ConsentOptions::default() };
    let entries = db.consent().record(ConsentKind::Withdrawal, "letter", options).unwrap();
    let addresses: Vec<&str> = entries.iter().map(|entry| entry.address.as_str()).collect();
    assert_eq!(addresses, ["+493023125014", "+493023125015"]);
}

#[test]
fn copies_know_who_said_no_and_send_nothing() {
    let place = Place::new();
    let db = place.fixed_db("leads.db");
    let ada = add(&db, "ada@lovelace.org");
    db.consent().record(ConsentKind::Withdrawal, "keyword", about(ADA)).unwrap();
    db.templates().save("hello", "Hi {{ lead.email }}", TemplateOptions::default()).unwrap();
    let on = SettingsChange { sending: Some(true), voice: Some(false), ..SettingsChange::default() };
    db.settings().set(&on).unwrap();
    db.backup(place.path("backup.db")).unwrap();
    db.copy_to(&place.text("copy.db"), Default::default()).unwrap();
    let tenant = Home::tenant();
    let (url, options) = tenant.address();
    let copy = database::CopyOptions { tenant: options.tenant, ..Default::default() };
    db.copy_to(&url, copy).unwrap();
    for copy in [open(&place.text("backup.db")).unwrap(), open(&place.text("copy.db")).unwrap(), tenant.db(1)]
    {
        let settings = copy.settings().get().unwrap();
        assert_eq!((settings.sending, settings.voice, settings.sms), (false, false, true));
        assert_eq!(code(&copy, ada), Some(ConsentCode::OptedOut));
        assert_eq!(copy.templates().list().unwrap(), db.templates().list().unwrap());
        // It holds something: nothing is copied on top of it.
        assert!(copy.settings().set(&SettingsChange::default()).is_ok());
    }
    assert!(db.settings().get().unwrap().sending);
    let again = db.copy_to(&place.text("copy.db"), Default::default()).unwrap_err();
    assert_eq!(again.code(), "already_exists");
}

#[test]
fn a_store_that_holds_a_message_alone_is_no_place_for_a_copy() {
    let place = Place::new();
    let wrote = InboundMessage {
        account_sid: "AC1".into(),
        sid: "SM1".into(),
        from: ADA.into(),
        to: "+15558675310".into(),
        body: "Who is this?".into(),
        messaging_service_sid: None,
        segments: None,
        media: Vec::new(),
        opt_out_type: None,
        from_country: None,
    };
    let taken = place.fixed_db("taken.db");
    taken.comms().receive_event(&WebhookEvent::MessageInbound(wrote), None).unwrap();
    taken.close();
    let copied = place.fixed_db("leads.db").copy_to(&place.text("taken.db"), Default::default());
    assert_eq!(copied.unwrap_err().code(), "already_exists");
}

#[test]
fn every_turn_of_a_switch_is_in_the_log() {
    everywhere(|db| {
        let on = SettingsChange { sending: Some(true), ..SettingsChange::default() };
        let mia = db.as_actor("mia", Some("campaign approved"));
        mia.settings().set(&on).unwrap();
        // Turned the way it stands, it is no change.
        mia.settings().set(&on).unwrap();
        let log = db.operations().list(Default::default()).unwrap().items;
        assert_eq!(log.len(), 1);
        assert_eq!((log[0].kind, log[0].actor.as_deref()), (OperationKind::ChangeSettings, Some("mia")));
        assert_eq!(log[0].options["after"]["sending"], true);
        let undo = db.operations().undo(log[0].id, Default::default(), Default::default());
        assert_eq!(undo.unwrap_err().code(), "not_undoable");
    });
}

#[test]
fn templates_have_versions_languages_and_defaults() {
    everywhere(|db| {
        let options = TemplateOptions {
            locales: [("de".to_string(), "Hallo {{ lead.first_name }}, {{ vars.day }}?".to_string())].into(),
            defaults: [("lead.first_name".to_string(), "you".to_string())].into(),
            ..TemplateOptions::default()
        };
        let text = "Hi {{ lead.first_name }}, {{ owner.name }} here";
        assert_eq!(db.templates().save("hello", text, options.clone()).unwrap().version, 1);
        assert_eq!(db.templates().save("hello", text, options.clone()).unwrap().version, 1);
        let second = db.templates().save("hello", &format!("{text}!"), options).unwrap();
        assert_eq!(
            (second.version, second.variables.as_slice()),
            (2, ["lead.first_name", "owner.name", "vars.day"].map(String::from).as_slice(),)
        );
        let first = TemplateVersion { version: Some(1) };
        assert_eq!(db.templates().get("hello", first).unwrap().unwrap().body, text);

        let lead = db.leads().add([("email", "a@x.org"), ("owner", "Mia")]).unwrap();
        let german = db.leads().add([("email", "b@x.org"), ("language", "de-AT")]).unwrap();
        let render = |id: i64| {
            let vars = [("day".to_string(), "{{ lead.email }}".into())].into();
            let options = RenderOptions { lead: Some(id), vars, ..RenderOptions::default() };
            db.templates().render("hello", &options)
        };
        assert_eq!(render(lead.id).unwrap().text, "Hi you, Mia here!");
        // Values are never rendered, whoever gives them.
        let text = render(german.id).unwrap();
        assert_eq!(
            (text.text.as_str(), text.locale.as_deref()),
            ("Hallo you, {{ lead.email }}?", Some("de"))
        );
        let nobody = db.leads().add([("email", "c@x.org")]).unwrap();
        let missing = render(nobody.id).unwrap_err();
        assert_eq!(missing.code(), "template_value_missing");
        assert!(missing.to_string().contains("owner.name"), "{missing}");
        // To look at it, somebody made up is enough.
        assert!(db.templates().render("hello", &RenderOptions::default()).unwrap().text.contains("Ada"));

        assert!(db.templates().archive("hello").unwrap().archived);
        assert!(db.templates().list().unwrap()[0].archived);
        let again = db.templates().save("hello", "Hi", TemplateOptions::default()).unwrap();
        assert_eq!((again.version, again.archived), (3, false));
        for (name, text, wanted) in [
            ("two words", "Hi", "invalid_argument"),
            ("hello", " ", "invalid_template"),
            ("hello", "Hi {{ lead.frist_name }}", "invalid_template"),
            ("hello", "Hi {{ name }}", "invalid_template"),
        ] {
            let error = db.templates().save(name, text, TemplateOptions::default()).unwrap_err();
            assert_eq!(error.code(), wanted, "{name} {text}");
        }
    });
}
