//! Views with an access profile: nothing comes back that the profile does not show, whichever way it is
//! asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use leadkit_core::model::history::{ContactChannel, SearchOptions};
use leadkit_core::model::options::ActorOptions;
use leadkit_core::model::read::from_json;
use leadkit_core::model::settings::SettingsChange;
use leadkit_core::model::transport::{Capabilities, Outcome, SmsRequest};
use leadkit_core::*;
use leadkit_tests::home::Home;
use leadkit_tests::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Stands in every value that the profile does not show.
const MARKER: &str = "zqx";
/// Ends of the numbers of leads, in every way of writing them.
const NUMBERS: [&str; 3] = ["5550143", "555-0143", "5550144"];
/// Classes of the contract behind which there is no database, or which hold only what was shown before.
const OUTSIDE: [&str; 13] = [
    "AutomationBuilder",
    "ErasureCertificate",
    "FakeTwilio",
    "ImportReport",
    "LeadExplanation",
    "LeadkitError",
    "LegalHours",
    "Page",
    "PersonExport",
    "StatsReport",
    "Table",
    "TestingDatabase",
    "Twilio",
];
/// Methods of the contract that give no data.
const SILENT: [&str; 2] = ["Database.as_actor", "Database.close"];

fn of<T: DeserializeOwned>(value: Value) -> T {
    from_json(value).unwrap()
}

/// A transport that must not be reached.
struct Nobody;

impl Transport for Nobody {
    fn capabilities(&self) -> Capabilities {
        Capabilities { provider: "nobody".into(), sms: true, ..Capabilities::default() }
    }

    fn send_sms(&self, _: &SmsRequest) -> Outcome {
        panic!("a view hands nothing to a provider")
    }
}

/// A database full of markers, and what there is in it to ask for.
struct Full {
    db: Database,
    place: Place,
    lead: i64,
    contact: i64,
    queued: i64,
    /// Tokens of plans that nobody ran yet: of an update, of messages, of a purge.
    plans: [String; 3],
    /// A bulk operation, and its undo that left something alone.
    operations: [i64; 2],
}

impl Full {
    fn at(db: Database) -> Full {
        let place = Place::new();
        let custom: CustomField = of(json!({"key": "secret", "label": "Secret", "kind": "text"}));
        db.fields().define(custom).unwrap();
        let values = json!({
            "external_id": "zqx-1", "salutation": "Zqxms", "first_name": "Zqxada", "middle_name": "Zqxmid",
            "last_name": "Zqxlove", "full_name": "Zqxada Zqxmid Zqxlove", "email": " ZQXada@example.org",
            "emails": ["zqxtwo@example.org"], "phone": "(202) 555-0143", "phones": ["+12025550144"],
            "phone_extension": "zqx9", "company": "Zqxcorp", "job_title": "Zqxboss",
            "website": "https://zqx.example.org", "street": "Zqxlane", "city": "Zqxtown", "state": "Zqxstate",
            "postal_code": "ZQX1", "country": "US", "source": "zqxfair", "owner": "zqxmia",
            "tags": ["zqxtag"], "notes": "zqxnote", "custom.secret": "zqxsecret",
        });
        let lead = db.leads().add(of::<model::lead::Values>(values)).unwrap().id;
        let twin = json!({"email": "zqxtwin@example.org", "first_name": "Zqxtwin", "city": "Zqxcity"});
        let twin = db.leads().add(of::<model::lead::Values>(twin)).unwrap().id;
        db.leads().update(lead, [("job_title", "Zqxchief"), ("city", "Zqxville")]).unwrap();

        let call = json!({
            "subject": "zqxsubject", "body": "zqxbody", "outcome": "zqxoutcome", "to": "+12025550143",
            "participants": ["Zqxguest <zqxguest@example.org>"], "owner": "zqxmia", "key": "zqxkey",
            "attachments": [{"name": "zqx.pdf", "url": "https://example.org/zqx.pdf"}], "thread": "zqxthread",
            "price": {"amount": "3.14159", "currency": "USD"}, "provider_id": "zqxprovider",
        });
        let contact = db.comms().log(lead, ContactChannel::Voice, &of(call)).unwrap().id;
        let consent = json!({"lead": lead, "wording": "zqxwording", "proof": "zqxproof", "channel": "sms"});
        db.consent().record(model::consent::ConsentKind::Grant, "web form", of(consent)).unwrap();
        db.templates().save("hello", "Hi {{ lead.first_name }}!", of(json!({}))).unwrap();
        let sms = json!({"template": "hello", "key": "zqxsms"});
        let queued = db.comms().queue_sms(lead, &of(sms)).unwrap().id;

        let bulk = db.bulk();
        let template = json!({"set": {"notes": {"template": "zqx {{ lead.email }}"}}});
        let filter = Filter::field("city").starts_with("zqx");
        let update = bulk.plan_update(&filter, of(template.clone()), Default::default()).unwrap();
        let sms = json!({"template": "hello"});
        let sms = db.comms().plan_sms(&Filter::field("email").contains("zqx"), &of(sms)).unwrap();
        let purge = bulk.plan_purge(&Filter::field("id").eq(twin), Default::default()).unwrap();

        let run = bulk.plan_update(&filter, of(template), Default::default()).unwrap();
        let run = bulk.run(&run.token, Default::default()).unwrap();
        db.leads().update(lead, [("notes", "zqxlater")]).unwrap();
        let undo = db.operations().undo(run.id, Default::default(), Default::default()).unwrap();
        assert_eq!(undo.conflicts, 1);

        let profiles = json!({"profiles": {
            "blind": {"others": "hide"},
            "hints": {"others": "mask"},
        }});
        db.settings().set(&of::<SettingsChange>(profiles)).unwrap();
        let plans = [update.token, sms.token, purge.token];
        Full { db, place, lead, contact, queued, plans, operations: [run.id, undo.id] }
    }

    fn view(&self, profile: &str) -> Database {
        let options = ActorOptions { profile: Some(profile.into()), ..ActorOptions::default() };
        self.db.as_actor_with("tom", options)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.place.path(name)
    }
}

fn said<T: Serialize>(value: T) -> Result<String> {
    Ok(serde_json::to_string(&value).unwrap())
}

fn file(path: PathBuf, report: impl Serialize) -> Result<String> {
    Ok(said(report)? + &String::from_utf8_lossy(&fs::read(path).unwrap()))
}

type Step = (&'static str, bool, Box<dyn Fn(&Full, &Database) -> Result<String>>);

/// Every function behind which there is a database, whether a view that sees nothing may call it, and how.
fn steps() -> Vec<Step> {
    fn step(
        name: &'static str,
        allowed: bool,
        call: impl Fn(&Full, &Database) -> Result<String> + 'static,
    ) -> Step {
        (name, allowed, Box::new(call))
    }
    let file_of_leads = || b"email,first_name\nzqxada@example.org,Zqxada\n".to_vec();
    vec![
        step("Leads.add", false, |_, v| said(v.leads().add([("email", "bob@example.org")])?)),
        step("Leads.count", true, |_, v| said(v.leads().count(&Filter::default())?)),
        step("Leads.explain", true, |full, v| {
            let why = v.leads().explain(full.lead, &Default::default())?;
            why.save_html(full.path("lead.html"))?;
            assert!(!why.permissions.is_empty() && why.contacts.total == 2);
            file(full.path("lead.html"), why.to_json() + &why.to_html())
        }),
        step("Leads.find", true, |_, v| said(v.leads().find(&Filter::default(), Default::default())?)),
        step("Leads.first", true, |_, v| said(v.leads().first(&Filter::default(), Default::default())?)),
        step("Leads.get", true, |full, v| said(v.leads().get(full.lead)?)),
        step("Leads.history", true, |full, v| said(v.leads().history(full.lead)?)),
        step("Leads.iterate", true, |_, v| {
            let all =
                v.leads().iterate(&Filter::default(), Default::default())?.collect::<Result<Vec<_>>>()?;
            assert_eq!(all.len(), 2);
            said(all)
        }),
        step("Leads.restore", true, |full, v| said(v.leads().restore(full.lead)?)),
        step("Leads.update", false, |full, v| said(v.leads().update(full.lead, [("city", "Bonn")])?)),
        step("Automations.acknowledge", false, |_, v| said(v.automations().acknowledge(1)?)),
        step("Automations.cancel", false, |_, v| said(v.automations().cancel("x", None)?)),
        step("Automations.disable", false, |_, v| said(v.automations().disable("x")?)),
        step("Automations.enable", false, |_, v| said(v.automations().enable("x")?)),
        step("Automations.events", false, |_, v| said(v.automations().events(&Default::default())?)),
        step("Automations.get", false, |_, v| said(v.automations().get("x")?)),
        step("Automations.list", false, |_, v| said(v.automations().list()?)),
        step("Automations.picture", false, |_, v| said(v.automations().picture("x")?)),
        step("Automations.rehearse", false, |_, v| {
            let spec = json!({"trigger": {"on": "lead_created"}, "steps": [{"do": "stop"}]});
            said(v.automations().rehearse(&of(spec), &Default::default())?)
        }),
        step("Automations.runs", false, |_, v| said(v.automations().runs(&Default::default())?)),
        step("Automations.save", false, |_, v| {
            let spec = json!({"trigger": {"on": "lead_created"}, "steps": [{"do": "stop"}]});
            said(v.automations().save("x", &of(spec), Default::default())?)
        }),
        step("Schedules.get", false, |_, v| said(v.schedules().get("x")?)),
        step("Schedules.list", false, |_, v| said(v.schedules().list()?)),
        step("Schedules.pause", false, |_, v| said(v.schedules().pause("x")?)),
        step("Schedules.resume", false, |_, v| said(v.schedules().resume("x")?)),
        step("Schedules.save", false, |_, v| {
            said(v.schedules().save("x", &of(json!({"zone": "UTC", "at": "2026-06-01T09:00"})))?)
        }),
        step("Database.tick", false, |_, v| said(v.tick(None, &Default::default())?)),
        step("Bulk.plan_assign", false, |_, v| {
            let to = Assignment::To("tom".into());
            said(v.bulk().plan_assign(&Filter::all(), to, Default::default())?)
        }),
        step("Bulk.plan_delete", true, |_, v| {
            said(v.bulk().plan_delete(&Filter::all(), Default::default())?)
        }),
        step("Bulk.plan_merge", true, |full, v| {
            let group = of(json!({"keep": full.lead, "merge": [full.lead + 1]}));
            said(v.bulk().plan_merge(vec![group], Default::default())?)
        }),
        step("Bulk.plan_of", true, |full, v| {
            let plans = full.plans.iter().map(|token| v.bulk().plan_of(token)).collect::<Result<Vec<_>>>()?;
            assert!(plans[0].sample.len() == 2 && plans[1].messages.is_some());
            said(plans)
        }),
        step("Bulk.plan_purge", false, |_, v| said(v.bulk().plan_purge(&Filter::all(), Default::default())?)),
        step("Bulk.plan_status", false, |_, v| {
            said(v.bulk().plan_status(&Filter::all(), "lost", Default::default())?)
        }),
        step("Bulk.plan_undo", true, |full, v| {
            let token = &full.plans[0];
            let done = full.db.bulk().run(token, Default::default())?.id;
            said(v.bulk().plan_undo(done, Default::default(), Default::default())?)
        }),
        step("Bulk.plan_update", false, |_, v| {
            let update = BulkUpdate::default().set("city", "Bonn");
            said(v.bulk().plan_update(&Filter::all(), update, Default::default())?)
        }),
        step("Bulk.run", true, |full, v| said(v.bulk().run(&full.plans[1], Default::default())?)),
        step("Comms.cancel", true, |full, v| said(v.comms().cancel(full.queued)?)),
        step("Comms.requeue", true, |full, v| said(v.comms().requeue(full.queued)?)),
        step("Comms.reschedule", true, |full, v| {
            let again = full.db.comms().queue_sms(full.lead, &of(json!({"body": "zqxagain"})))?.id;
            said(v.comms().reschedule(again, "2040-01-01T00:00:00Z".parse()?)?)
        }),
        step("Comms.costs", false, |_, v| said(v.comms().costs(&Default::default())?)),
        step("Comms.dispatch", false, |_, v| said(v.comms().dispatch(&Nobody, &Default::default())?)),
        step("Comms.drain", false, |_, v| said(v.comms().drain(0.0)?)),
        step("Comms.events", true, |full, v| said(v.comms().events(full.queued)?)),
        step("Comms.import_log", false, |_, v| {
            let text = b"lead,channel,at,body\n1,note,2026-01-01,zqxentered\n".to_vec();
            said(v.comms().import_log(text, Default::default())?)
        }),
        step("Comms.export", true, |full, v| {
            let fields = json!([
                "body",
                "to",
                "sender",
                "subject",
                "participants",
                "attachments",
                "outcome",
                "owner",
                "key",
                "price",
                "currency",
                "lead.email",
                "lead.custom.secret",
                "lead.phones"
            ]);
            let path = full.path("contacts.csv");
            let report = v.comms().export(&path, of(json!({ "fields": fields })))?;
            assert!(report.rows >= 2);
            file(path, report)
        }),
        step("Comms.get", true, |full, v| said(v.comms().get(full.contact)?)),
        step("Comms.list", true, |_, v| said(v.comms().list(Default::default())?)),
        step("Comms.log", true, |full, v| {
            said(v.comms().log(full.lead, ContactChannel::Note, &of(json!({"body": "zqxnew"})))?)
        }),
        step("Comms.pause", false, |_, v| said(v.comms().pause("spring")?)),
        step("Comms.plan_sms", true, |_, v| {
            said(v.comms().plan_sms(&Filter::all(), &of(json!({"template": "hello"})))?)
        }),
        step("Comms.queue_call", true, |full, v| {
            said(v.comms().queue_call(full.lead, &of(json!({"template": "hello"})))?)
        }),
        step("Comms.queue_sms", true, |full, v| {
            said(v.comms().queue_sms(full.lead, &of(json!({"template": "hello"})))?)
        }),
        step("Comms.receive", false, |_, v| {
            let config = json!({"account_sid": format!("AC{:032x}", 1), "auth_token": "invented"});
            let twilio = Twilio::new(of(config))?;
            let request = json!({"method": "POST", "url": "https://crm.example/", "headers": {}, "body": ""});
            said(v.comms().receive(&twilio, &of(request))?)
        }),
        step("Comms.receive_event", false, |_, v| {
            let event = json!({"event": "message_inbound", "account_sid": "AC1", "sid": "SM1",
                "from": "+12025550143", "to": "+12025550100", "body": "zqxstop", "messaging_service_sid": null,
                "segments": 1, "opt_out_type": null, "from_country": null});
            said(v.comms().receive_event(&serde_json::from_value(event).unwrap(), None)?)
        }),
        step("Comms.reconcile", false, |_, v| said(v.comms().reconcile(&Nobody)?)),
        step("Comms.resume", false, |_, v| said(v.comms().resume("spring")?)),
        step("Comms.search", true, |_, v| {
            let found = v.comms().search(&of(json!({"facets": ["channel", "state"]})))?;
            assert!(found.items.len() >= 2);
            said(found)
        }),
        step("Comms.send_sms", false, |full, v| {
            said(v.comms().send_sms(full.lead, &of(json!({"body": "hello"})), &Nobody)?)
        }),
        step("Comms.check_stats", false, |_, v| said(v.comms().check_stats(&Default::default())?)),
        step("Comms.cohorts", false, |_, v| said(v.comms().cohorts(&Default::default())?)),
        step("Comms.compare", false, |_, v| said(v.comms().compare(&of(json!({"by": "campaign"})))?)),
        step("Comms.funnel", false, |_, v| said(v.comms().funnel(&Default::default())?)),
        step("Comms.stats", false, |_, v| said(v.comms().stats(&Default::default())?)),
        step("Comms.stats_report", false, |_, v| said(v.comms().stats_report(&Default::default())?)),
        step("Comms.timeline", true, |full, v| said(v.comms().timeline(full.lead, &Default::default())?)),
        step("Consent.apply_suppressions", false, |full, v| {
            said(v.consent().apply_suppressions(full.path("list.csv"))?)
        }),
        step("Consent.export_suppressions", false, |full, v| {
            said(v.consent().export_suppressions(full.path("list.csv"))?)
        }),
        step("Consent.history", true, |_, v| {
            let entries = v.consent().history(Default::default())?;
            assert!(!entries.items.is_empty());
            said(entries)
        }),
        step("Consent.record", true, |full, v| {
            let stop = of(json!({"lead": full.lead, "wording": "zqxstop"}));
            said(v.consent().record(model::consent::ConsentKind::Withdrawal, "letter", stop)?)
        }),
        step("Consent.status", true, |full, v| {
            let status = v.consent().status(&of(json!({"lead": full.lead})))?;
            assert!(status.code.is_some(), "decided by the number as it is");
            said(status)
        }),
        step("Database.backup", false, |full, v| said(v.backup(full.path("backup.db"))?)),
        step("Database.copy_to", false, |full, v| {
            said(v.copy_to(full.path("copy.db").to_str().unwrap(), Default::default())?)
        }),
        step("Database.export_leads", true, |full, v| {
            let path = full.path("leads.csv");
            let some = v.export_leads(&path, ExportOptions::default())?;
            let fields = Field::ALL.iter().map(|field| field.name().to_string());
            let fields = fields.chain(["custom.secret".into()]).collect();
            let options = ExportOptions { fields: Some(fields), ..ExportOptions::default() };
            let all = full.path("all.csv");
            assert_eq!(v.export_leads(&all, options)?.rows, 2);
            Ok(file(path, some)? + &file(all, ())?)
        }),
        step("Database.health", true, |_, v| said(v.health(Default::default())?)),
        step("Database.import_leads", false, move |_, v| {
            said(v.import_leads(file_of_leads(), ImportOptions::default())?)
        }),
        step("Database.preview_import", false, move |_, v| {
            said(v.preview_import(file_of_leads(), ImportOptions::default())?)
        }),
        step("Fields.archive", false, |_, v| said(v.fields().archive("secret")?)),
        step("Fields.define", false, |_, v| {
            said(v.fields().define(CustomField::new("mine", FieldKind::Text))?)
        }),
        step("Fields.list", true, |_, v| said(v.fields().list()?)),
        step("Audit.checkpoint", false, |_, v| said(v.audit().checkpoint()?)),
        step("Audit.entries", false, |_, v| said(v.audit().entries(Default::default())?)),
        step("Audit.verify", false, |_, v| said(v.audit().verify(Default::default())?)),
        step("Privacy.apply_retention", false, |_, v| {
            said(v.privacy().apply_retention(&Default::default())?)
        }),
        step("Privacy.compact", false, |_, v| said(v.privacy().compact()?)),
        step("Privacy.erase_person", false, |full, v| {
            said(v.privacy().erase_person("GDPR Art. 17", &of(json!({"lead": full.lead})), None)?)
        }),
        step("Privacy.erasures", false, |_, v| said(v.privacy().erasures(Default::default())?)),
        step("Privacy.export_person", false, |full, v| {
            said(v.privacy().export_person(&of(json!({"lead": full.lead})))?)
        }),
        step("Privacy.hold", false, |full, v| {
            said(v.privacy().hold("zqxreason", &of(json!({"lead": full.lead})))?)
        }),
        step("Privacy.holds", false, |_, v| said(v.privacy().holds()?)),
        step("Privacy.release", false, |full, v| said(v.privacy().release(&of(json!({"lead": full.lead})))?)),
        step("Operations.cancel", true, |full, v| {
            let plan =
                full.db.bulk().plan_delete(&Filter::field("email").contains("zqx"), Default::default())?;
            said(v.operations().cancel(plan.operation_id)?)
        }),
        step("Operations.conflicts", true, |full, v| {
            let left = v.operations().conflicts(full.operations[1], Default::default())?;
            assert_eq!(left.items.len(), 1);
            said(left)
        }),
        step("Operations.get", true, |full, v| said(v.operations().get(full.operations[0])?)),
        step("Operations.list", true, |_, v| {
            let all = v.operations().list(Default::default())?;
            assert!(all.items.len() > 5);
            said(all)
        }),
        step("Operations.prune", false, |_, v| said(v.operations().prune(365.0)?)),
        step("Operations.resume", true, |full, v| {
            said(v.operations().resume(full.operations[0], Default::default())?)
        }),
        step("Operations.undo", true, |full, v| {
            let update = BulkUpdate::default().set("source", "zqxnew");
            let plan = full.db.bulk().plan_update(&Filter::all(), update, Default::default())?;
            let done = full.db.bulk().run(&plan.token, Default::default())?.id;
            said(v.operations().undo(done, Default::default(), Default::default())?)
        }),
        step("SettingsRoom.get", true, |_, v| said(v.settings().get()?)),
        step("SettingsRoom.set", false, |_, v| said(v.settings().set(&of(json!({"profiles": {}})))?)),
        step("Statuses.define", false, |_, v| {
            said(v.statuses().define(vec![leadkit_core::Status::new("new")])?)
        }),
        step("Statuses.list", true, |_, v| said(v.statuses().list()?)),
        step("Templates.archive", false, |_, v| said(v.templates().archive("hello")?)),
        step("Templates.get", true, |_, v| said(v.templates().get("hello", Default::default())?)),
        step("Templates.list", true, |_, v| said(v.templates().list()?)),
        step("Templates.render", true, |full, v| {
            full.db.templates().save("dear", "Dear {{ lead.first_name | default('you') }}", of(json!({})))?;
            said(v.templates().render("dear", &of(json!({"lead": full.lead})))?)
        }),
        step("Templates.save", false, |_, v| {
            said(v.templates().save("mine", "{{ lead.email }}", Default::default())?)
        }),
    ]
}

/// What must not come back.
fn leaks(text: &str) -> bool {
    let text = text.to_lowercase();
    text.contains(MARKER) || text.contains("3.14") || NUMBERS.iter().any(|number| text.contains(number))
}

fn functions_of_the_contract() -> BTreeSet<String> {
    let text = fs::read_to_string(root().join("contract/api.json")).unwrap();
    let api: Value = serde_json::from_str(&text).unwrap();
    let classes: BTreeMap<String, Value> = serde_json::from_value(api["classes"].clone()).unwrap();
    let inside = classes.into_iter().filter(|(name, _)| !OUTSIDE.contains(&name.as_str()));
    inside
        .flat_map(|(name, class)| {
            let methods = class["methods"].as_object().cloned().unwrap_or_default();
            methods.into_iter().map(move |(method, _)| format!("{name}.{method}"))
        })
        .filter(|name| !SILENT.contains(&name.as_str()))
        .collect()
}

#[test]
fn nothing_comes_back_that_a_profile_does_not_show() {
    let walked: BTreeSet<String> = steps().iter().map(|(name, ..)| name.to_string()).collect();
    assert_eq!(walked, functions_of_the_contract(), "decide what a view gets of each public function");
    for (home, profile) in [
        (None, "blind"),
        (None, "hints"),
        (Some(Home::file()), "blind"),
        (Some(Home::file()), "hints"),
        (Some(Home::tenant()), "blind"),
    ] {
        let db = match &home {
            Some(home) => home.db(1),
            None => testing::open("memory:", now(), 1).unwrap(),
        };
        let full = Full::at(db);
        let whole = said(full.db.leads().get(full.lead).unwrap()).unwrap();
        assert!(leaks(&whole), "the test sees what it looks for");
        let view = full.view(profile);
        let mut wrong = Vec::new();
        for (name, allowed, call) in steps() {
            let text = match (allowed, call(&full, &view)) {
                (true, Ok(text)) => text,
                (false, Err(error)) if error.code() == "access_denied" => {
                    format!("{error} {:?} {:?}", error.value(), error.field())
                }
                (_, Ok(text)) => format!("{MARKER}: not refused: {text}"),
                (_, Err(error)) => format!("{MARKER}: {error} {:?}", error.value()),
            };
            if leaks(&text) {
                wrong.push(format!("{name}: {text}"));
            }
        }
        assert!(wrong.is_empty(), "{profile}:\n  {}", wrong.join("\n  "));
    }
}

#[test]
fn nothing_is_found_sorted_or_counted_by_what_is_not_shown() {
    let full = Full::at(testing::open("memory:", now(), 1).unwrap());
    let profiles = json!({"profiles": {"support": {
        "fields": {"email": "mask", "phone": "mask", "owner": "hide", "custom.secret": "hide",
                   "contact.body": "hide", "contact.price": "hide"},
        "others": "show",
    }}});
    full.db.settings().set(&of::<SettingsChange>(profiles)).unwrap();
    let view = full.view("support");
    let denied = |what: &str, field: &str, result: Result<()>| {
        let error = result.expect_err(what);
        assert_eq!((error.code(), error.field()), ("access_denied", Some(field)), "{what}");
    };
    let filters = [
        ("email", json!({"email": {"starts_with": "z"}})),
        ("emails", json!({"or": [{"city": "x"}, {"not": {"emails": {"has": "zqxtwo@example.org"}}}]})),
        ("phone", json!({"and": [{"city": "x"}, {"phone": {"is_null": false}}]})),
        ("custom.secret", json!({"custom.secret": "zqxsecret"})),
        ("owner", json!({"city": "x", "not": {"owner": {"in": ["zqxmia"]}}})),
    ];
    let leads = view.leads();
    for (field, filter) in filters {
        let filter = Filter::from_json(filter).unwrap();
        denied("find", field, leads.find(&filter, Default::default()).map(drop));
        denied("first", field, leads.first(&filter, Default::default()).map(drop));
        denied("iterate", field, leads.iterate(&filter, Default::default()).map(drop));
        denied("count", field, leads.count(&filter).map(drop));
        let options = ExportOptions { filter: filter.clone(), ..ExportOptions::default() };
        denied("export", field, view.export_leads(full.path("x.csv"), options).map(drop));
        let search = SearchOptions { leads: Some(filter.clone()), ..SearchOptions::default() };
        denied("search", field, view.comms().search(&search).map(drop));
        let bulk = view.bulk();
        let tag = BulkUpdate::default().add_tag("seen");
        denied("plan_update", field, bulk.plan_update(&filter, tag, Default::default()).map(drop));
        denied("plan_delete", field, bulk.plan_delete(&filter, Default::default()).map(drop));
        denied("plan_status", field, bulk.plan_status(&filter, "lost", Default::default()).map(drop));
        let sms = of(json!({"body": "hello"}));
        denied("plan_sms", field, view.comms().plan_sms(&filter, &sms).map(drop));
        let rule = json!({"rules": [{"filter": filter, "owner": "tom"}]});
        let to = Assignment::Territory(of(rule));
        denied("plan_assign", field, bulk.plan_assign(&Filter::all(), to, Default::default()).map(drop));
    }
    for order in ["email", "-phone"] {
        let options = FindOptions { order_by: vec![order.into()], ..FindOptions::default() };
        let field = order.trim_start_matches('-');
        denied("order", field, leads.find(&Filter::default(), options).map(drop));
    }
    let search = |options: Value| view.comms().search(&of(options)).map(drop);
    denied("words", "contact.body", search(json!({"text": "zqxbody"})));
    denied("owner", "owner", search(json!({"owner": "zqxmia"})));
    denied("facet", "owner", search(json!({"facets": ["owner"]})));
    denied("cost", "contact.price", search(json!({"min_cost": 3.0})));
    let by_number = of(json!({"address": "+12025550143"}));
    denied("consent", "contact.address", view.consent().history(by_number).map(drop));
    let by_number = of(json!({"address": "+12025550143"}));
    denied("status", "contact.address", view.consent().status(&by_number).map(drop));
    let by_email = ImportOptions::default();
    let list = b"email,city\nzqxada@example.org,Bonn\n".to_vec();
    denied("import", "email", view.import_leads(list, by_email).map(drop));
    let template = BulkUpdate::default().template("city", "{{ lead.email }}");
    denied(
        "template",
        "email",
        view.bulk().plan_update(&Filter::all(), template, Default::default()).map(drop),
    );
    let all_of_it = BulkUpdate::default().template("city", "{{ debug() }}");
    let error = view.bulk().plan_update(&Filter::all(), all_of_it, Default::default()).unwrap_err();
    assert_eq!(error.code(), "access_denied");

    // What is shown is found, sorted and written as ever.
    let found = leads.find(&Filter::field("city").eq("Zqxville"), Default::default()).unwrap().items;
    assert_eq!(found[0].email.as_deref(), Some("Z…@example.org"));
    assert_eq!(found[0].original.get("email"), None);
    let seen = leads.update(full.lead, [("city", "Bonn")]).unwrap();
    assert_eq!((seen.phone.as_deref(), seen.owner), (Some("…43"), None));
    let stored = full.db.leads().get(full.lead).unwrap().unwrap();
    assert_eq!((stored.phone.as_deref(), stored.city.as_deref()), (Some("+12025550143"), Some("Bonn")));
}

#[test]
fn texts_that_are_shown_are_made_of_what_is_shown() {
    let full = Full::at(testing::open("memory:", now(), 1).unwrap());
    let profiles = json!({"profiles": {"names": {"fields": {"first_name": "hide"}, "others": "show"}}});
    full.db.settings().set(&of::<SettingsChange>(profiles)).unwrap();
    let view = full.view("names");
    let sms = of(json!({"template": "hello"}));
    for error in [
        view.comms().queue_sms(full.lead, &sms).unwrap_err(),
        view.comms().queue_call(full.lead, &of(json!({"template": "hello"}))).unwrap_err(),
        view.comms().plan_sms(&Filter::all(), &of(json!({"template": "hello"}))).unwrap_err(),
    ] {
        assert_eq!((error.code(), error.field()), ("access_denied", Some("first_name")));
    }
    let rendered = view.templates().render("hello", &of(json!({"lead": full.lead})));
    assert_eq!(rendered.unwrap_err().code(), "template_value_missing", "it looks empty");
}

#[test]
fn an_import_shows_leads_as_the_view_sees_them() {
    let full = Full::at(testing::open("memory:", now(), 1).unwrap());
    let profiles = json!({"profiles": {"ids": {
        "fields": {"external_id": "show", "job_title": "show"}, "others": "hide",
    }}});
    full.db.settings().set(&of::<SettingsChange>(profiles)).unwrap();
    let view = full.view("ids");
    let list = || b"external_id,job_title\nzqx-1,Pilot\n".to_vec();
    let options = || ImportOptions { on_match: OnMatch::Update, ..ImportOptions::default() };
    let seen = view.preview_import(list(), options()).unwrap().leads;
    assert_eq!((seen[0].id, seen[0].job_title.as_deref(), &seen[0].email), (full.lead, Some("Pilot"), &None));
    assert_eq!(view.import_leads(list(), options()).unwrap().updated, 1);
    let stored = full.db.leads().get(full.lead).unwrap().unwrap();
    assert_eq!((stored.job_title.as_deref(), stored.city.as_deref()), (Some("Pilot"), Some("Zqxville")));
    // A column that nothing takes becomes no field of the view's making.
    let more = ImportOptions { unmapped: of(json!("custom")), ..options() };
    let list = b"external_id,job_title,Hobby\nzqx-1,Pilot,chess\n".to_vec();
    assert_eq!(view.import_leads(list, more).unwrap_err().code(), "access_denied");
}

#[test]
fn a_view_is_only_narrowed_and_follows_its_profile() {
    let place = Place::in_memory();
    let db = place.db();
    let ada = db.leads().add([("email", "ada@example.org"), ("city", "London")]).unwrap().id;
    let set = |profiles: Value| {
        let change: SettingsChange = of(json!({ "profiles": profiles }));
        db.settings().set(&change).map(drop)
    };
    let as_actor = |db: &Database, profile: &str| {
        let options = ActorOptions { profile: Some(profile.into()), reason: Some("a call".into()) };
        db.as_actor_with("tom", options)
    };
    set(json!({"support": {"fields": {"email": "mask"}, "others": "show"},
               "sales": {"fields": {"city": "hide"}, "others": "show"}}))
    .unwrap();
    let support = as_actor(&db, "support");
    let seen = |view: &Database| {
        let lead = view.leads().get(ada).unwrap().unwrap();
        (lead.email.unwrap_or_default(), lead.city.unwrap_or_default())
    };
    assert_eq!(seen(&support), ("a…@example.org".into(), "London".into()));
    assert_eq!(seen(&support.as_actor("mia", None)), seen(&support), "another actor sees no more");
    assert_eq!(seen(&as_actor(&support, "sales")), ("a…@example.org".into(), String::new()));
    assert_eq!(seen(&as_actor(&as_actor(&db, "sales"), "support")).1, "");

    // Tightened, it holds with the next call; gone, nothing is seen.
    set(json!({"support": {"fields": {"email": "hide"}, "others": "show"}})).unwrap();
    assert_eq!(seen(&support), (String::new(), "London".into()));
    let misspelt = as_actor(&db, "suport").leads().get(ada).unwrap_err();
    assert_eq!((misspelt.code(), misspelt.field()), ("not_found", Some("profile")));
    assert!(misspelt.to_string().contains("did you mean `support`?"), "{misspelt}");
    set(json!({})).unwrap();
    for error in [
        support.leads().get(ada).unwrap_err(),
        support.leads().update(ada, [("city", "Bonn")]).unwrap_err(),
        support.health(Default::default()).unwrap_err(),
    ] {
        assert_eq!(error.code(), "not_found");
    }

    let wrong = set(json!({"support": {"fields": {"emial": "hide"}, "others": "show"}})).unwrap_err();
    assert_eq!((wrong.code(), wrong.field()), ("unknown_field", Some("emial")));
    assert_eq!(set(json!({" ": {"others": "show"}})).unwrap_err().code(), "invalid_argument");
    let change = db.operations().list(Default::default()).unwrap().items;
    assert_eq!(change[0].options["after"]["profiles"], json!({}), "each change of profiles is in the log");
}
