//! What happens by itself: set off, done in steps, each once, and told why.

use leadkit_core::model::automation::{
    AutomationRun, AutomationSpec, EventListOptions, RehearseOptions, RunListOptions, RunState,
    SaveAutomationOptions, TickOptions, TickReport,
};
use leadkit_core::model::communication::CommunicationState;
use leadkit_core::model::consent::{ConsentKind, ConsentOptions};
use leadkit_core::model::history::{ContactChannel, TimelineOptions};
use leadkit_core::model::read::from_json;
use leadkit_core::model::settings::SettingsChange;
use leadkit_core::testing::{FakeTwilio, Fate};
use leadkit_core::*;
use leadkit_tests::desk::*;
use leadkit_tests::home::Home;
use serde_json::{Value, json};

fn spec(value: Value) -> AutomationSpec {
    from_json(value).unwrap()
}

fn start(db: &Database, name: &str, value: Value) {
    db.automations().save(name, &spec(value), SaveAutomationOptions::default()).unwrap();
    db.automations().enable(name).unwrap();
}

fn tick(desk: &Desk) -> TickReport {
    desk.db.tick(Some(&desk.twilio), &TickOptions::default()).unwrap()
}

fn runs(db: &Database, automation: &str) -> Vec<AutomationRun> {
    let options = RunListOptions { automation: Some(automation.into()), ..RunListOptions::default() };
    db.automations().runs(&options).unwrap().items
}

fn reasons(db: &Database, automation: &str) -> Vec<(RunState, Option<String>)> {
    runs(db, automation).into_iter().rev().map(|run| (run.state, run.reason)).collect()
}

/// A lead writes.
fn wrote(desk: &Desk, from: &str, body: &str) {
    let request = desk.fake.inbound(from, FakeTwilio::NUMBER, body, HOOK).unwrap();
    desk.db.comms().receive(&desk.twilio, &request).unwrap();
}

/// How many messages went out.
fn sent(desk: &Desk) -> u64 {
    desk.fake.accepted_all().iter().map(|(_, _, times)| times).sum()
}

fn bodies(desk: &Desk) -> Vec<String> {
    desk.fake.messages().into_iter().map(|message| message.body).collect()
}

#[test]
fn a_sequence_waits_for_an_answer_and_goes_its_way() {
    everywhere(|desk| {
        let db = &desk.db;
        db.templates()
            .save("hello", "Hi {{ lead.first_name }}! Reply STOP to end.", Default::default())
            .unwrap();
        start(
            db,
            "welcome",
            json!({
                "trigger": {"on": "assigned", "to": ["tom"]},
                "steps": [
                    {"do": "sms", "template": "hello"},
                    {"do": "tag", "add": ["greeted"], "remove": ["new"]},
                    {"do": "await_reply", "for": "2d"},
                    {"do": "if", "condition": {"replied": true},
                     "then": [{"do": "host", "event": "call_back", "data": {"queue": "inbound"}}],
                     "else": [{"do": "task", "subject": "Call them"}]},
                    {"do": "set", "values": {"source": "welcomed"}},
                ],
            }),
        );
        let (ada, bob) = (desk.lead("ada@lovelace.org", ADA), desk.lead("bob@lovelace.org", BOB));
        for (lead, name) in [(ada, "Ada"), (bob, "Bob")] {
            db.leads().update(lead, [("first_name", name), ("owner", "tom")]).unwrap();
        }
        let report = tick(desk);
        assert_eq!((report.started, report.queued, report.dispatch.map(|d| d.sent)), (2, 2, Some(2)));
        assert_eq!(bodies(desk), ["Hi Ada! Reply STOP to end.", "Hi Bob! Reply STOP to end."]);
        assert_eq!(db.leads().get(ada).unwrap().unwrap().tags, ["greeted"]);
        assert_eq!(db.automations().get("welcome").unwrap().unwrap().waiting, 2);
        let nothing = tick(desk);
        assert_eq!((nothing.started, nothing.steps), (0, 0));

        // Ada answers, and goes on at once; Bob does not.
        desk.pass(3_600.0);
        wrote(desk, ADA, "Sounds good");
        desk.pass(1.0);
        let report = tick(desk);
        assert_eq!((report.finished, report.events), (1, 1));
        let events = db.automations().events(&EventListOptions::default()).unwrap();
        assert_eq!(
            (events[0].event.as_str(), events[0].lead, &events[0].data["queue"]),
            ("call_back", ada, &json!("inbound"))
        );
        assert_eq!(db.automations().acknowledge(events[0].id).unwrap(), 1);
        assert!(db.automations().events(&EventListOptions::default()).unwrap().is_empty());
        let waits = runs(db, "welcome").into_iter().find(|run| run.lead == bob).unwrap();
        assert!(report.next_at <= waits.due_at);

        desk.pass(2.0 * 86_400.0);
        assert_eq!(tick(desk).finished, 1);
        let timeline = db.comms().timeline(bob, &TimelineOptions::default()).unwrap().items;
        let task = timeline.iter().find(|contact| contact.channel == ContactChannel::Task).unwrap();
        assert_eq!(
            (task.subject.as_deref(), task.actor.as_deref()),
            (Some("Call them"), Some("automation:welcome"))
        );
        let run = runs(db, "welcome").into_iter().find(|run| run.lead == bob).unwrap();
        let log: Vec<(&str, &str)> = run.log.iter().map(|s| (s.did.as_str(), s.result.as_str())).collect();
        assert_eq!(
            log,
            [
                ("sms", "done"),
                ("tag", "done"),
                ("await_reply", "done"),
                ("if", "else"),
                ("task", "done"),
                ("set", "done")
            ]
        );
        // Every change names who and why.
        let history = db.leads().history(bob).unwrap();
        assert_eq!(history[0].actor.as_deref(), Some("automation:welcome"));
        assert_eq!(history[0].reason, Some(format!("run {}", run.id)));
    });
}

#[test]
fn an_opt_out_a_status_and_a_deletion_end_it() {
    everywhere(|desk| {
        let db = &desk.db;
        start(
            db,
            "drip",
            json!({
                "trigger": {"on": "field_changed", "fields": ["city"]},
                "steps": [{"do": "wait", "for": "1d"}, {"do": "sms", "body": "Still there? Reply STOP to end."}],
                "stop": {"reply": true, "status": ["won"]},
            }),
        );
        let lead =
            |number: usize| desk.lead(&format!("l{number}@lovelace.org"), &format!("+1212736500{number}"));
        let leads: Vec<i64> = (0..5).map(lead).collect();
        for lead in &leads {
            db.leads().update(*lead, [("city", "Oslo")]).unwrap();
        }
        assert_eq!(tick(desk).started, 5);
        wrote(desk, "+12127365000", "STOP");
        wrote(desk, "+12127365001", "who is this?");
        desk.pass(1.0);
        db.leads().update(leads[2], [("status", "won")]).unwrap();
        let one = Filter::field("id").eq(leads[3]);
        let plan = db.bulk().plan_delete(&one, PlanOptions::default()).unwrap();
        db.bulk().run(&plan.token, RunOptions::default()).unwrap();
        desk.pass(86_400.0);
        let report = tick(desk);
        let stopped: Vec<(&str, u64)> =
            report.stopped.iter().map(|(reason, n)| (reason.as_str(), *n)).collect();
        assert_eq!(stopped, [("lead_gone", 1), ("opted_out", 1), ("replied", 1), ("status", 1)]);
        assert_eq!((report.queued, report.finished), (1, 1));
        assert_eq!(sent(desk), 1);
    });
}

#[test]
fn a_refused_message_ends_the_run_and_says_why() {
    everywhere(|desk| {
        let db = &desk.db;
        start(
            db,
            "offer",
            json!({"trigger": {"on": "lead_created"}, "steps": [
                {"do": "sms", "body": "Offer! Reply STOP to end."}, {"do": "status", "to": "offered"}]}),
        );
        let silent = db.leads().add([("email", "no@lovelace.org"), ("phone", ADA)]).unwrap();
        let mute = db.leads().add([("email", "mute@lovelace.org")]).unwrap();
        tick(desk);
        assert_eq!(
            reasons(db, "offer"),
            [
                (RunState::Refused, Some("no_consent".into())),
                (RunState::Failed, Some("invalid_argument".into())),
            ]
        );
        assert!(db.comms().list(Default::default()).unwrap().items.is_empty(), "nothing waits in the outbox");
        for lead in [silent, mute] {
            assert_eq!(db.leads().get(lead.id).unwrap().unwrap().status, lead.status);
        }
    });
}

#[test]
fn operations_on_many_set_off_only_what_they_were_asked_to() {
    everywhere(|desk| {
        let db = &desk.db;
        start(
            db,
            "imported",
            json!({"trigger": {"on": "lead_imported"}, "steps": [{"do": "tag", "add": ["from-file"]}]}),
        );
        start(
            db,
            "won",
            json!({"trigger": {"on": "status_changed", "to": ["won"]}, "steps": [{"do": "tag", "add": ["party"]}]}),
        );
        let file = |from: usize| {
            let rows: String = (from..from + 1_200).map(|n| format!("p{n}@lovelace.org,new\n")).collect();
            format!("email,status\n{rows}").into_bytes()
        };
        let quiet = db.import_leads(file(0), ImportOptions::default()).unwrap();
        assert_eq!((quiet.created, quiet.automations), (1_200, 0));
        assert_eq!(tick(desk).started, 0);

        let asking = ImportOptions { automations: true, ..ImportOptions::default() };
        let dry = ImportOptions { dry_run: true, ..asking.clone() };
        assert_eq!(db.import_leads(file(5_000), dry).unwrap().automations, 1_200, "told before");
        let loud = db.import_leads(file(5_000), asking).unwrap();
        assert_eq!(loud.automations, 1_200);
        let report = tick(desk);
        assert_eq!((report.started, report.finished), (1_200, 1_200));
        let tagged = Filter::from_json(json!({"tags": {"has": "from-file"}})).unwrap();
        assert_eq!(db.leads().count(&tagged).unwrap(), 1_200);

        let change = |automations: bool, filter: &Filter| {
            let options = PlanOptions { automations, ..PlanOptions::default() };
            let plan = db.bulk().plan_status(filter, "won", options).unwrap();
            let told = plan.automations;
            db.bulk().run(&plan.token, RunOptions::default()).unwrap();
            (told, tick(desk).started)
        };
        let tenth = Filter::field("email").starts_with("p10");
        let found = db.leads().count(&tenth).unwrap();
        assert_eq!(change(false, &tenth), (None, 0));
        let eleventh = Filter::field("email").starts_with("p11");
        let found_too = db.leads().count(&eleventh).unwrap();
        assert_eq!(found, found_too);
        assert_eq!(change(true, &eleventh), (Some(found_too), found_too));
    });
}

#[test]
fn loops_end_and_limits_hold() {
    everywhere(|desk| {
        let db = &desk.db;
        for (name, from, to) in [("ping", "a", "b"), ("pong", "b", "a")] {
            start(
                db,
                name,
                json!({"trigger": {"on": "status_changed", "to": [from]}, "steps": [{"do": "status", "to": to}]}),
            );
        }
        let ada = desk.lead("ada@lovelace.org", ADA);
        db.leads().update(ada, [("status", "a")]).unwrap();
        let report = tick(desk);
        assert_eq!(report.started, 6, "{report:?}");
        assert_eq!(report.refused["loop"], 1);

        start(
            db,
            "few",
            json!({"trigger": {"on": "field_changed", "fields": ["city"]}, "steps": [{"do": "tag", "add": ["x"]}],
                "limit": {"runs": 2, "per": "1h"}, "again": "2h"}),
        );
        let leads: Vec<i64> = (1..4)
            .map(|number| desk.lead(&format!("l{number}@lovelace.org"), &format!("+1212736501{number}")))
            .collect();
        let move_to = |city: &str| {
            leads.iter().for_each(|lead| drop(db.leads().update(*lead, [("city", city)]).unwrap()));
            let report = tick(desk);
            (report.started, report.refused.into_iter().collect::<Vec<_>>())
        };
        assert_eq!(move_to("Oslo"), (2, vec![("limit".into(), 1)]));
        desk.pass(3_600.0);
        assert_eq!(move_to("Rome"), (1, vec![("again".into(), 2)]));
        // Switched off, nothing starts; what is too old by then is told, not done.
        desk.set(SettingsChange { automations: Some(false), ..SettingsChange::default() });
        assert_eq!(move_to("Bern"), (0, vec![]));
        desk.pass(26.0 * 3_600.0);
        desk.set(SettingsChange { automations: Some(true), ..SettingsChange::default() });
        let report = tick(desk);
        assert_eq!((report.started, report.refused["too_late"]), (0, 3));
    });
}

#[test]
fn times_set_it_off_by_everybodys_own_clock() {
    everywhere(|desk| {
        let db = &desk.db;
        let field = CustomField::new("renewal", FieldKind::Date);
        db.fields().define(field).unwrap();
        // It is Monday, 15:00 UTC: 10:00 in New York, 16:00 in Berlin.
        let daily = from_json(json!({
            "zone": "recipient", "start": "2026-03-01T17:30", "rrule": "FREQ=DAILY",
        }))
        .unwrap();
        db.schedules().save("evenings", &daily).unwrap();
        start(
            db,
            "evening",
            json!({"trigger": {"on": "schedule", "schedule": "evenings"},
                "condition": {"lead": {"city": {"in": ["Berlin", "New York"]}}},
                "steps": [{"do": "tag", "add": ["evening"]}]}),
        );
        start(
            db,
            "renewal",
            json!({"trigger": {"on": "date_reached", "field": "custom.renewal", "days": -7, "time": "09:00", "zone": "Europe/Berlin"},
                "steps": [{"do": "task", "subject": "Talk about the renewal"}]}),
        );
        let ada = db
            .leads()
            .add([("email", "ada@lovelace.org"), ("phone", "+493023125014"), ("city", "Berlin")])
            .unwrap()
            .id;
        let bob = db
            .leads()
            .add([("email", "bob@lovelace.org"), ("time_zone", "America/New_York"), ("city", "New York")])
            .unwrap()
            .id;
        db.leads().add([("email", "eve@lovelace.org"), ("city", "Rome")]).unwrap();
        db.leads().update(bob, [("custom.renewal", "2026-03-10")]).unwrap();
        let tagged = |lead: i64| db.leads().get(lead).unwrap().unwrap().tags == ["evening"];

        // Tomorrow's evening begins today, far in the east; nobody here is there yet.
        let report = tick(desk);
        desk.pass(60.0);
        assert!(!tagged(ada) && !tagged(bob), "{report:?}");
        let next = report.next_at.unwrap();
        assert!(next > testing::now(db), "{next} {}", testing::now(db));
        let mut seen = Vec::new();
        for hour in 0..36 {
            tick(desk);
            seen.extend(
                tagged(ada).then_some(("ada", hour)).filter(|_| !seen.iter().any(|(who, _)| *who == "ada")),
            );
            seen.extend(
                tagged(bob).then_some(("bob", hour)).filter(|_| !seen.iter().any(|(who, _)| *who == "bob")),
            );
            desk.pass(3_600.0);
        }
        // From 15:01 UTC on Monday: 17:30 in Berlin on Tuesday is 25.5 h away, in New York 31.5.
        assert_eq!(seen, [("ada", 26), ("bob", 32)]);
        let tasks = runs(db, "renewal");
        assert_eq!(
            (tasks.len(), tasks[0].lead, tasks[0].event.at.to_string()),
            (1, bob, "2026-03-03T08:00:00.000Z".to_string())
        );

        db.schedules().pause("evenings").unwrap();
        let before = runs(db, "evening").len();
        desk.pass(3.0 * 86_400.0);
        tick(desk);
        assert_eq!(runs(db, "evening").len(), before, "a paused schedule sets nothing off");
        let resumed = db.schedules().resume("evenings").unwrap();
        assert_eq!(resumed.automations, ["evening"]);
        assert!(db.automations().get("evening").unwrap().unwrap().next_at > Some(testing::now(db)));
    });
}

#[test]
fn messages_set_it_off_by_what_they_say_and_by_silence() {
    everywhere(|desk| {
        let db = &desk.db;
        start(
            db,
            "prices",
            json!({"trigger": {"on": "message_received", "words": ["price", "\"how much\""]},
                "steps": [{"do": "host", "event": "asked_for_prices"}]}),
        );
        start(
            db,
            "silence",
            json!({"trigger": {"on": "not_answered", "after": "3d", "campaign": "spring"},
                "steps": [{"do": "tag", "add": ["silent"]}]}),
        );
        start(
            db,
            "broken",
            json!({"trigger": {"on": "failed"}, "steps": [{"do": "task", "subject": "Find another number"}]}),
        );
        let (ada, bob) = (desk.lead("ada@lovelace.org", ADA), desk.lead("bob@lovelace.org", BOB));
        let mut sent = text("Spring! Reply STOP to end.");
        sent.campaign = Some("spring".into());
        for lead in [ada, bob] {
            db.comms().queue_sms(lead, &sent).unwrap();
        }
        tick(desk);
        wrote(desk, ADA, "How MUCH is it?");
        wrote(desk, BOB, "unrelated");
        desk.pass(5.0);
        assert_eq!(tick(desk).events, 1);
        // Both wrote: neither is silent.
        desk.pass(4.0 * 86_400.0);
        tick(desk);
        assert_eq!(reasons(db, "silence"), vec![(RunState::Refused, Some("replied".to_string())); 2]);
        for lead in [ada, bob] {
            db.comms().queue_sms(lead, &sent).unwrap();
        }
        tick(desk);
        desk.pass(4.0 * 86_400.0);
        tick(desk);
        assert_eq!(db.leads().get(bob).unwrap().unwrap().tags, ["silent"]);

        desk.fake.fate(BOB, Fate::Undelivered { code: 30_003 });
        db.comms().queue_sms(bob, &text("Hello? Reply STOP to end.")).unwrap();
        tick(desk);
        desk.pass(60.0);
        tick(desk);
        assert_eq!(reasons(db, "broken"), [(RunState::Finished, None)]);
    });
}

#[test]
fn versions_end_as_they_began_unless_they_go_over() {
    everywhere(|desk| {
        let db = &desk.db;
        let with = |tag: &str| {
            json!({"trigger": {"on": "field_changed", "fields": ["city"]},
                "steps": [{"do": "wait", "for": "1h"}, {"do": "tag", "add": [tag]}]})
        };
        start(db, "tags", with("one"));
        let (ada, bob) = (desk.lead("ada@lovelace.org", ADA), desk.lead("bob@lovelace.org", BOB));
        let tags = |lead| db.leads().get(lead).unwrap().unwrap().tags;
        db.leads().update(ada, [("city", "Oslo")]).unwrap();
        tick(desk);
        let second = db.automations().save("tags", &spec(with("two")), Default::default()).unwrap();
        assert_eq!((second.version, second.enabled, second.waiting), (2, true, 1));
        db.leads().update(bob, [("city", "Oslo")]).unwrap();
        tick(desk);
        desk.pass(3_600.0);
        tick(desk);
        assert_eq!((tags(ada), tags(bob)), (vec!["one".to_string()], vec!["two".to_string()]));
        db.leads().update(ada, [("city", "Rome")]).unwrap();
        tick(desk);
        db.automations().save("tags", &spec(with("three")), SaveAutomationOptions { migrate: true }).unwrap();
        db.leads().update(bob, [("city", "Rome")]).unwrap();
        tick(desk);
        assert_eq!(db.automations().cancel("tags", Some(bob)).unwrap(), 1);
        desk.pass(3_600.0);
        tick(desk);
        assert_eq!(
            (tags(ada), tags(bob)),
            (vec!["one".to_string(), "three".into()], vec!["two".to_string()])
        );
        // Disabled, it is set off no more, and what was before it is enabled again does not count.
        db.automations().disable("tags").unwrap();
        db.leads().update(ada, [("city", "Bern")]).unwrap();
        db.automations().enable("tags").unwrap();
        assert_eq!(tick(desk).started, 0);
    });
}

#[test]
fn a_rehearsal_foresees_what_then_happens() {
    everywhere(|desk| {
        let db = &desk.db;
        let value = json!({
            "trigger": {"on": "field_changed", "fields": ["city"]},
            "condition": {"lead": {"city": {"ne": "Rome"}}},
            "steps": [
                {"do": "sms", "body": "Welcome! Reply STOP to end."},
                {"do": "await_reply", "for": "1d"},
                {"do": "if", "condition": {"replied": true}, "then": [{"do": "status", "to": "hot"}],
                    "else": [{"do": "stop"}]},
            ],
        });
        start(db, "welcome", value.clone());
        let since = testing::now(db);
        let lead =
            |number: usize| desk.lead(&format!("l{number}@lovelace.org"), &format!("+1212736500{number}"));
        let leads: Vec<i64> = (0..4).map(lead).collect();
        let silent = db.leads().add([("email", "no@lovelace.org"), ("phone", "+12127365009")]).unwrap().id;
        for (number, lead) in leads.iter().chain([&silent]).enumerate() {
            desk.pass(60.0);
            db.leads().update(*lead, [("city", if number == 1 { "Rome" } else { "Oslo" })]).unwrap();
        }
        tick(desk);
        desk.pass(600.0);
        wrote(desk, "+12127365000", "yes please");
        desk.pass(3.0 * 86_400.0);
        tick(desk);
        let options = RehearseOptions { since: Some(since), ..RehearseOptions::default() };
        let rehearsal = db.automations().rehearse(&spec(value), &options).unwrap();
        assert_eq!((rehearsal.events, rehearsal.runs), (5, 4));
        assert_eq!(rehearsal.refused["condition"], 1);
        let ended: Vec<(&str, u64)> = rehearsal.ended.iter().map(|(how, n)| (how.as_str(), *n)).collect();
        assert_eq!(ended, [("finished", 1), ("no_consent", 1), ("stop", 2)]);
        let mut real: Vec<String> = runs(db, "welcome")
            .into_iter()
            .map(|run| run.reason.unwrap_or_else(|| run.state.as_str().to_string()))
            .collect();
        real.sort_unstable();
        assert_eq!(real, ["finished", "no_consent", "stop", "stop"]);
        assert_eq!(rehearsal.steps["sms"], 4);
        assert_eq!(sent(desk), 3, "a rehearsal sends nothing");
    });
}

#[test]
fn what_is_deleted_is_not_written_to_even_when_it_comes_back() {
    everywhere(|desk| {
        let db = &desk.db;
        let (ada, bob) = (desk.lead("ada@lovelace.org", ADA), desk.lead("bob@lovelace.org", BOB));
        let later = |lead| db.comms().queue_sms(lead, &text("later. Reply STOP to end.")).unwrap().id;
        let (to_ada, to_bob) = (later(ada), later(bob));
        let plan = db.bulk().plan_delete(&Filter::field("id").eq(ada), PlanOptions::default()).unwrap();
        let deleted = db.bulk().run(&plan.token, RunOptions::default()).unwrap();
        assert_eq!(desk.state(to_ada), (CommunicationState::Cancelled, Some("lead_gone".into())));
        db.operations().undo(deleted.id, Default::default(), Default::default()).unwrap();
        assert!(db.leads().get(ada).unwrap().unwrap().deleted_at.is_none());
        let report = tick(desk);
        assert_eq!(report.dispatch.unwrap().sent, 1);
        assert_eq!(desk.state(to_bob).0, CommunicationState::Accepted);
        assert_eq!(desk.state(to_ada).0, CommunicationState::Cancelled);
    });
}

#[test]
fn what_is_wrong_is_refused_with_its_place() {
    let db = testing::open(":memory:", "2026-03-02T15:00:00Z".parse().unwrap(), 1).unwrap();
    let refused = |value: Value| {
        let error = db.automations().save("x", &spec(value), Default::default()).unwrap_err();
        (error.code(), error.field().unwrap_or_default().to_string())
    };
    let of = |trigger: Value, steps: Value| json!({"trigger": trigger, "steps": steps});
    let created = || json!({"on": "lead_created"});
    let stop = || json!([{"do": "stop"}]);
    for (value, code, field) in [
        (of(created(), json!([])), "invalid_argument", "steps"),
        (
            of(created(), json!([{"do": "stop"}, {"do": "wait", "for": "2 moons"}])),
            "invalid_argument",
            "steps[1].for",
        ),
        (
            of(created(), json!([{"do": "wait", "for": "1d", "at": "25:00"}])),
            "invalid_argument",
            "steps[0].at",
        ),
        (of(created(), json!([{"do": "sms"}])), "invalid_argument", "steps[0].template"),
        (of(created(), json!([{"do": "sms", "template": "helo"}])), "not_found", "steps[0].template"),
        (of(created(), json!([{"do": "set", "values": {"emial": "x"}}])), "unknown_field", "steps[0].values"),
        (
            of(created(), json!([{"do": "if", "condition": {"lead": {"city": {"near": "x"}}}, "then": []}])),
            "invalid_filter",
            "steps[0].condition.lead",
        ),
        (
            of(created(), json!([{"do": "if", "condition": {}, "then": []}])),
            "invalid_argument",
            "steps[0].condition",
        ),
        (of(json!({"on": "field_changed", "fields": ["emial"]}), stop()), "unknown_field", "trigger.fields"),
        (
            of(json!({"on": "message_received", "intents": ["yess"]}), stop()),
            "invalid_argument",
            "trigger.intents",
        ),
        (
            of(json!({"on": "date_reached", "field": "city", "time": "09:00", "zone": "UTC"}), stop()),
            "invalid_argument",
            "trigger.field",
        ),
        (of(json!({"on": "schedule", "schedule": "nights"}), stop()), "not_found", "trigger.schedule"),
        (of(json!({"on": "schedule", "schedule": {"zone": "UTC"}}), stop()), "invalid_argument", "schedule"),
        (json!({"trigger": created(), "steps": stop(), "again": "sometimes"}), "invalid_argument", "again"),
    ] {
        assert_eq!(refused(value.clone()), (code, field.to_string()), "{value}");
    }
    let unknown = from_json::<AutomationSpec>(json!({"trigger": {"on": "lead_creatd"}, "steps": []}));
    assert_eq!(unknown.unwrap_err().code(), "invalid_argument");
    assert!(db.automations().list().unwrap().is_empty());
    let profiles =
        from_json(json!({"profiles": {"none": {"fields": {"email": "mask"}, "others": "show"}}})).unwrap();
    db.settings().set(&profiles).unwrap();
    let view = db.as_actor_with(
        "tom",
        model::options::ActorOptions { profile: Some("none".into()), ..Default::default() },
    );
    assert_eq!(view.tick(None, &TickOptions::default()).unwrap_err().code(), "access_denied");
    assert_eq!(view.automations().list().unwrap_err().code(), "access_denied");
}

#[test]
fn the_picture_shows_every_step_and_escapes_it() {
    let db = testing::open(":memory:", "2026-03-02T15:00:00Z".parse().unwrap(), 1).unwrap();
    let value = json!({"trigger": {"on": "lead_created"}, "steps": [
        {"do": "if", "condition": {"replied": true}, "then": [{"do": "tag", "add": ["<b>&\"'"]}], "else": [{"do": "wait", "for": "2d"}]},
        {"do": "task", "subject": "Call them"}]});
    db.automations().save("nice", &spec(value), Default::default()).unwrap();
    let svg = db.automations().picture("nice").unwrap();
    assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""), "{svg}");
    for part in ["a lead is added", "wait 2d", "Call them", "yes", "no", "+&lt;b&gt;&amp;"] {
        assert!(svg.contains(part), "{part}: {svg}");
    }
    assert!(!svg.contains("<b>") && !svg.contains("<script"));
    assert_eq!(db.automations().picture("ncie").unwrap_err().code(), "not_found");
}

#[test]
fn a_withdrawal_by_hand_counts_as_well() {
    everywhere(|desk| {
        let db = &desk.db;
        start(
            db,
            "drip",
            json!({"trigger": {"on": "field_changed", "fields": ["city"]},
                "steps": [{"do": "wait", "for": "1d"}, {"do": "task", "subject": "Call them"}],
                "condition": {"consent": {"purpose": "marketing"}}}),
        );
        let (ada, bob) = (desk.lead("ada@lovelace.org", ADA), desk.lead("bob@lovelace.org", BOB));
        let by = ConsentOptions { address: Some(BOB.into()), ..ConsentOptions::default() };
        db.consent().record(ConsentKind::Withdrawal, "letter", by).unwrap();
        for lead in [ada, bob] {
            db.leads().update(lead, [("city", "Oslo")]).unwrap();
        }
        let report = tick(desk);
        assert_eq!((report.started, report.refused["condition"]), (1, 1));
        let by = ConsentOptions { address: Some(ADA.into()), ..ConsentOptions::default() };
        db.consent().record(ConsentKind::Withdrawal, "letter", by).unwrap();
        desk.pass(86_400.0);
        assert_eq!(tick(desk).stopped["opted_out"], 1);
    });
}

#[test]
fn never_again_is_never_however_often_it_is_refused() {
    let db = testing::open(":memory:", "2026-03-02T15:00:00Z".parse().unwrap(), 1).unwrap();
    start(
        &db,
        "once",
        json!({"trigger": {"on": "field_changed", "fields": ["city"]}, "again": "never",
            "steps": [{"do": "host", "event": "came"}]}),
    );
    let ada = db.leads().add([("email", "ada@lovelace.org")]).unwrap().id;
    for round in 0..60 {
        db.leads().update(ada, [("city", format!("City {round}"))]).unwrap();
    }
    let report = db.tick(None, &TickOptions::default()).unwrap();
    assert_eq!((report.started, report.events), (1, 1), "{report:?}");
    // In the same transaction it is under way; later it has been.
    for round in 0..30 {
        db.leads().update(ada, [("city", format!("Town {round}"))]).unwrap();
        assert_eq!(db.tick(None, &TickOptions::default()).unwrap().refused["again"], 1);
    }
    assert_eq!(db.automations().events(&EventListOptions::default()).unwrap().len(), 1);
}

#[test]
fn one_that_cannot_be_read_any_more_fails_and_stops_no_other() {
    let db = testing::open(":memory:", "2026-03-02T15:00:00Z".parse().unwrap(), 1).unwrap();
    db.fields().define(CustomField::new("plan", FieldKind::Text)).unwrap();
    let renamed = |name: &str, condition: Value, steps: Value| {
        start(
            &db,
            name,
            json!({"trigger": {"on": "field_changed", "fields": ["city"]}, "condition": condition, "steps": steps}),
        );
    };
    renamed("by_condition", json!({"lead": {"custom.plan": "pro"}}), json!([{"do": "stop"}]));
    renamed("by_step", json!({}), json!([{"do": "set", "values": {"custom.plan": "pro"}}]));
    renamed(
        "by_branch",
        json!({}),
        json!([{"do": "tag", "add": ["seen"]}, {"do": "if", "condition": {"lead": {"custom.plan": "pro"}}, "then": []}]),
    );
    renamed("sound", json!({}), json!([{"do": "host", "event": "came"}]));
    let ada = db.leads().add([("email", "ada@lovelace.org")]).unwrap().id;
    db.fields().archive("plan").unwrap();
    db.leads().update(ada, [("city", "Oslo")]).unwrap();
    let report = db.tick(None, &TickOptions::default()).unwrap();
    assert_eq!(report.events, 1, "{report:?}");
    // An archived field is still found by, and no longer set.
    assert_eq!(reasons(&db, "by_condition"), []);
    assert_eq!(reasons(&db, "by_step"), [(RunState::Failed, Some("unknown_field".into()))]);
    for name in ["by_branch", "sound"] {
        assert_eq!(reasons(&db, name), [(RunState::Finished, None)]);
    }
}

#[test]
fn retention_is_looked_at_before_it_erases() {
    everywhere(|desk| {
        let db = &desk.db;
        let ada = desk.lead("ada@lovelace.org", ADA);
        let old = json!({"body": "said long ago", "at": "2025-01-01T09:00:00Z"});
        let old = db.comms().log(ada, ContactChannel::Note, &from_json(old).unwrap()).unwrap().id;
        assert_eq!(tick(desk).retention, None);
        let rules = json!({"retention": [{"name": "notes", "data": "contacts", "days": 365}]});
        db.settings().set(&from_json(rules).unwrap()).unwrap();
        let first = tick(desk);
        let report = first.retention.unwrap();
        assert_eq!((report.erased, report.rules[0].due), (false, 1));
        let tomorrow = Timestamp(testing::now(db).0 + 86_400_000);
        assert_eq!((first.next_at, tick(desk).retention), (Some(tomorrow), None));
        assert_eq!(db.comms().get(old).unwrap().body, "said long ago");
        desk.pass(86_400.0);
        let report = tick(desk).retention.unwrap();
        assert_eq!((report.erased, report.rules[0].due), (true, 1));
        assert_eq!(db.comms().get(old).unwrap().body, "");
    });
}

#[test]
fn in_a_backup_and_a_copy_nothing_happens_by_itself() {
    for home in [Home::file(), Home::tenant()] {
        let desk = Desk::at(Some(home));
        let db = &desk.db;
        start(
            db,
            "drip",
            json!({"trigger": {"on": "field_changed", "fields": ["city"]},
                "steps": [{"do": "wait", "for": "1d"}, {"do": "tag", "add": ["seen"]}]}),
        );
        let ada = desk.lead("ada@lovelace.org", ADA);
        db.leads().update(ada, [("city", "Oslo")]).unwrap();
        assert_eq!(tick(&desk).started, 1);
        let place = leadkit_tests::Place::new();
        db.copy_to(&place.text("copy.db"), Default::default()).unwrap();
        let mut copies = vec!["copy.db"];
        if let Home::File(_) = desk.home().unwrap() {
            db.backup(place.path("backup.db")).unwrap();
            copies.push("backup.db");
        }
        for name in copies {
            let (url, options) = (place.text(name), leadkit_tests::home::with_keys());
            let later = Timestamp(testing::now(db).0 + 2 * 86_400_000);
            let copy = testing::open_with(&url, options, later, 9).unwrap();
            let there = copy.automations().get("drip").unwrap().unwrap();
            assert_eq!(
                (there.enabled, there.waiting, copy.settings().get().unwrap().automations),
                (true, 1, false)
            );
            let report = copy.tick(None, &TickOptions::default()).unwrap();
            assert_eq!((report.automations, report.steps, report.next_at), (false, 0, None));
            // Once somebody says so, it goes on where it stood.
            copy.settings().set(&from_json(json!({"automations": true})).unwrap()).unwrap();
            assert_eq!(copy.tick(None, &TickOptions::default()).unwrap().finished, 1);
        }
    }
}
