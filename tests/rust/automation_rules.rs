//! What automations keep to: clocks, versions, limits, switches, copies, and what is wrong.

use leadkit_core::model::automation::{
    AutomationSpec, EventListOptions, RunState, SaveAutomationOptions, TickOptions,
};
use leadkit_core::model::history::ContactChannel;
use leadkit_core::model::read::from_json;
use leadkit_core::model::settings::SettingsChange;
use leadkit_core::*;
use leadkit_tests::automations::*;
use leadkit_tests::desk::*;
use leadkit_tests::home::Home;
use serde_json::{Value, json};

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

#[test]
fn another_trigger_counts_from_when_it_is_saved() {
    everywhere(|desk| {
        let db = &desk.db;
        let schedule = json!({"on": "schedule", "schedule": {"zone": "UTC", "start": "2026-03-02T08:00", "rrule": "FREQ=DAILY"}});
        let of = |trigger: Value| spec(json!({"trigger": trigger, "steps": [{"do": "tag", "add": ["x"]}]}));
        let save = |trigger: Value| db.automations().save("one", &of(trigger), Default::default()).unwrap();
        save(schedule.clone());
        db.automations().enable("one").unwrap();
        let ada = desk.lead("ada@lovelace.org", ADA);
        db.leads().update(ada, [("city", "Oslo")]).unwrap();
        desk.pass(3_600.0);
        save(json!({"on": "field_changed", "fields": ["city"]}));
        assert_eq!(tick(desk).started, 0, "what was before is not its own");
        db.leads().update(ada, [("city", "Rome")]).unwrap();
        assert_eq!(tick(desk).started, 1);
        desk.pass(3.0 * 86_400.0);
        let again = save(schedule);
        assert!(again.next_at > Some(testing::now(db)), "{again:?}");
        assert_eq!(tick(desk).started, 0);
    });
}

#[test]
fn a_cancelled_tick_does_nothing_and_turns_go_on_when_disabled() {
    everywhere(|desk| {
        let db = &desk.db;
        start(
            db,
            "turns",
            json!({"trigger": {"on": "field_changed", "fields": ["city"]},
                "steps": [{"do": "wait", "for": "1h"}, {"do": "assign", "owners": ["eve", "ann"]}]}),
        );
        let leads: Vec<i64> = (0..4)
            .map(|number| desk.lead(&format!("l{number}@lovelace.org"), &format!("+1212736500{number}")))
            .collect();
        for lead in &leads {
            db.leads().update(*lead, [("city", "Oslo")]).unwrap();
        }
        assert_eq!(tick(desk).started, 4);
        db.automations().disable("turns").unwrap();
        desk.pass(3_600.0);
        let rules =
            json!({"automations": false, "retention": [{"name": "notes", "data": "contacts", "days": 365}]});
        let cancel = CancelToken::default();
        cancel.cancel();
        let cancelled = TickOptions { cancel, ..TickOptions::default() };
        for switches in [json!({}), rules, json!({"automations": true})] {
            db.settings().set(&from_json(switches).unwrap()).unwrap();
            assert_eq!(db.tick(None, &cancelled).unwrap_err().code(), "cancelled");
        }
        let report = tick(desk);
        assert_eq!((report.finished, report.retention.unwrap().erased), (4, false));
        let owners: Vec<String> =
            leads.iter().map(|lead| db.leads().get(*lead).unwrap().unwrap().owner.unwrap()).collect();
        assert_eq!(owners, ["eve", "ann", "eve", "ann"]);
    });
}
