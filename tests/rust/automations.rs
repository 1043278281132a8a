//! What happens by itself: set off, done in steps, each once, and told why.

use leadkit_core::model::automation::{EventListOptions, RehearseOptions, RunState};
use leadkit_core::model::communication::CommunicationState;
use leadkit_core::model::consent::{ConsentKind, ConsentOptions};
use leadkit_core::model::history::{ContactChannel, TimelineOptions};
use leadkit_core::testing::Fate;
use leadkit_core::*;
use leadkit_tests::automations::*;
use leadkit_tests::desk::*;
use serde_json::json;

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
fn each_message_has_a_silence_of_its_own() {
    everywhere(|desk| {
        let db = &desk.db;
        start(
            db,
            "silence",
            json!({"trigger": {"on": "not_answered", "after": "3d"}, "steps": [{"do": "host", "event": "silent"}]}),
        );
        let ada = desk.lead("ada@lovelace.org", ADA);
        db.comms().queue_sms(ada, &text("One. Reply STOP to end.")).unwrap();
        tick(desk);
        desk.pass(86_400.0);
        wrote(desk, ADA, "later");
        desk.pass(3_600.0);
        // The first one's silence still waits to be looked at when the second goes out.
        db.comms().queue_sms(ada, &text("Two. Reply STOP to end.")).unwrap();
        tick(desk);
        desk.pass(5.0 * 86_400.0);
        let report = tick(desk);
        assert_eq!((report.events, report.stopped["replied"]), (1, 1), "{report:?}");
        let told = &db.automations().events(&EventListOptions::default()).unwrap()[0];
        let runs = runs(db, "silence");
        assert_eq!((told.run, runs[0].id, runs[0].state), (runs[0].id, 2, RunState::Finished));
        assert_eq!(runs[0].started_at, testing::now(db), "it began when its time had come");
    });
}
