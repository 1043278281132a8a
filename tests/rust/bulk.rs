//! Operations on many leads: what a plan says, what a run does, what an undo brings back.

use std::collections::BTreeMap;

use leadkit_core::model::bulk::{Territory, TerritoryRule, WarningCode};
use leadkit_core::testing;
use leadkit_core::*;
use serde_json::{Value, json};

fn open() -> Database {
    testing::open(":memory:", "2026-03-01T09:00:00Z".parse().unwrap(), 1).unwrap()
}

/// Leads 1 to n: n%d@fair.example, status new, country DE or AT in turn.
fn filled(count: usize) -> Database {
    let db = open();
    fill(&db, count);
    db
}

fn fill(db: &Database, count: usize) {
    let mut csv = String::from("email,first_name,last_name,company,status,country,source\n");
    for i in 1..=count {
        let country = if i % 2 == 0 { "DE" } else { "AT" };
        csv.push_str(&format!("n{i}@fair-{i}.org,Ann{i},Smith,Company {i},new,{country},fair\n"));
    }
    let report = db.import_leads(csv.into_bytes(), ImportOptions::default()).unwrap();
    assert_eq!(report.created, count as u64);
}

fn filter(value: Value) -> Filter {
    Filter::from_json(value).unwrap()
}

fn chunk(size: u64) -> RunOptions {
    RunOptions { chunk: size, ..RunOptions::default() }
}

/// All leads as they are, without revisions and times.
fn state(db: &Database) -> Vec<Lead> {
    let options = FindOptions { include_deleted: true, ..FindOptions::default() };
    let leads = db.leads().iterate(&Filter::default(), options).unwrap().map(Result::unwrap);
    leads.map(|lead| Lead { rev: 0, updated_at: Timestamp::default(), ..lead }).collect()
}

fn run(db: &Database, plan: &Plan) -> Operation {
    db.bulk().run(&plan.token, chunk(7)).unwrap()
}

fn undo(db: &Database, id: i64) -> Operation {
    db.operations().undo(id, UndoOptions::default(), chunk(7)).unwrap()
}

fn conflicts(db: &Database, id: i64) -> Vec<(i64, ConflictCode, Option<String>)> {
    let page = db.operations().conflicts(id, Default::default()).unwrap();
    page.items.into_iter().map(|c| (c.lead, c.code, c.field)).collect()
}

fn adds_up(operation: &Operation) {
    let count = |name: &str| operation.counts.get(name).copied().unwrap_or(0);
    assert_eq!(
        operation.planned,
        count("changed") + count("unchanged") + count("skipped"),
        "{:?}",
        operation.counts
    );
}

#[test]
fn a_plan_shows_and_changes_nothing() {
    let db = filled(20);
    let before = state(&db);
    db.leads().update(4, [("owner", "mia")]).unwrap();
    let with_mia = state(&db);
    let update = BulkUpdate::default().set("owner", "mia");
    let options = PlanOptions { name: Some("fair".into()), sample: 3, ..PlanOptions::default() };
    let plan = db.bulk().plan_update(&filter(json!({"country": "DE"})), update, options).unwrap();
    assert_eq!((plan.count, plan.changes, plan.sample.len()), (10, 9, 3));
    assert_eq!(plan.sample[0].fields["owner"].after, json!("mia"));
    assert_eq!(plan.sample[0].fields["owner"].before, Value::Null);
    assert_eq!(plan.warnings.len(), 1);
    assert_eq!((plan.warnings[0].code, plan.warnings[0].count), (WarningCode::Unchanged, 1));
    assert_eq!(plan.warnings[0].examples, [4]);
    assert!(!plan.needs_confirmation && plan.irreversible.is_empty());
    assert_eq!(state(&db), with_mia);
    assert_ne!(before, with_mia);
    assert_eq!(db.bulk().plan_of(&plan.token).unwrap(), plan);
    let entry = db.operations().get(plan.operation_id).unwrap();
    assert_eq!(
        (entry.state, entry.planned, entry.name.as_deref()),
        (OperationState::Planned, 10, Some("fair"))
    );

    let done = run(&db, &plan);
    assert_eq!((done.changed, done.skipped, done.state), (9, 0, OperationState::Finished));
    adds_up(&done);
    assert_eq!(db.leads().count(&filter(json!({"owner": "mia"}))).unwrap(), 10);
    // Again is the same result, not the same work.
    assert_eq!(run(&db, &plan), done);
    assert_eq!(db.bulk().plan_of(&plan.token).unwrap_err().code(), "not_found");
}

#[test]
fn an_update_is_taken_back_to_the_last_value() {
    for update in [
        BulkUpdate::default().set("status", "contacted").set("owner", "Mía").clear("source"),
        BulkUpdate::default().add_tag("fair").set("score", 5),
        BulkUpdate::default().template("notes", "Met {{ lead.first_name }} of {{ lead.company }}"),
        BulkUpdate::default().set("company", "One").template("job_title", "CEO"),
    ] {
        let db = filled(30);
        db.leads().update(3, [("source", json!("Web")), ("tags", json!(["old"]))]).unwrap();
        let before = state(&db);
        let plan = db.bulk().plan_update(&Filter::default(), update.clone(), Default::default()).unwrap();
        let done = run(&db, &plan);
        assert_eq!((done.changed, done.conflicts), (30, 0), "{update:?}");
        let after = state(&db);
        assert_ne!(before, after);
        let undone = undo(&db, done.id);
        assert_eq!((undone.changed, undone.undo_of), (30, Some(done.id)));
        assert_eq!(state(&db), before, "{update:?}");
        // Undo of an undo is redo, and that can be undone as well.
        let redone = undo(&db, undone.id);
        assert_eq!(state(&db), after, "{update:?}");
        undo(&db, redone.id);
        assert_eq!(state(&db), before);
    }
}

#[test]
fn a_value_is_never_rendered_and_a_template_once() {
    let db = filled(2);
    db.leads().update(1, [("company", "{{ lead.email }}")]).unwrap();
    let update = BulkUpdate::default()
        .set("job_title", "{{ lead.first_name }}")
        .template("notes", "At {{ lead.company }}");
    let plan = db.bulk().plan_update(&Filter::default(), update, Default::default()).unwrap();
    run(&db, &plan);
    let lead = db.leads().get(1).unwrap().unwrap();
    assert_eq!(lead.job_title.as_deref(), Some("{{ lead.first_name }}"));
    assert_eq!(lead.notes.as_deref(), Some("At {{ lead.email }}"));
}

#[test]
fn what_cannot_be_done_to_a_lead_is_left_and_listed() {
    let db = filled(4);
    db.leads().update(2, [("city", "Graz")]).unwrap();
    let update = BulkUpdate::default().template("street", "{{ lead.city }}").set("source", "x");
    let plan = db.bulk().plan_update(&Filter::default(), update, Default::default()).unwrap();
    assert_eq!((plan.count, plan.changes), (4, 1));
    assert_eq!(plan.warnings[0].code, WarningCode::Left(ConflictCode::TemplateValueMissing));
    let done = run(&db, &plan);
    assert_eq!((done.changed, done.skipped, done.conflicts), (1, 3, 3));
    adds_up(&done);
    let missing = (1, ConflictCode::TemplateValueMissing, Some("street".to_string()));
    assert_eq!(conflicts(&db, done.id)[0], missing);

    // One external id for several leads: the first gets it.
    let update = BulkUpdate::default().set("external_id", "c-1");
    let plan = db.bulk().plan_update(&Filter::default(), update, Default::default()).unwrap();
    let done = run(&db, &plan);
    assert_eq!((done.changed, done.skipped), (1, 3));
    assert_eq!(conflicts(&db, done.id)[0].1, ConflictCode::KeyTaken);

    let update = BulkUpdate::default().template("website", "{{ lead.first_name }} at home");
    let plan = db.bulk().plan_update(&Filter::default(), update, Default::default()).unwrap();
    assert_eq!(plan.warnings[0].code, WarningCode::Left(ConflictCode::InvalidValue));
}

#[test]
fn wrong_requests_are_refused_when_planned() {
    let db = filled(1);
    let plan = |update| db.bulk().plan_update(&Filter::default(), update, Default::default()).unwrap_err();
    for (update, code) in [
        (BulkUpdate::default(), "invalid_argument"),
        (BulkUpdate::default().set("emial", "x"), "unknown_field"),
        (BulkUpdate::default().set("email", "not one"), "invalid_value"),
        (BulkUpdate::default().template("notes", "{{ lead.frist_name }}"), "invalid_template"),
        (BulkUpdate::default().set("notes", json!({"tmpl": "x"})), "invalid_value"),
    ] {
        assert_eq!(plan(update.clone()).code(), code, "{update:?}");
    }
    let bulk = db.bulk();
    let delete = |f: Value| bulk.plan_delete(&filter(f), Default::default());
    for everything in [json!({}), json!({"and": []}), json!({"not": {"or": []}})] {
        assert_eq!(delete(everything.clone()).unwrap_err().code(), "invalid_filter", "{everything}");
    }
    assert_eq!(delete(json!({"all": true})).unwrap().count, 1);
    assert_eq!(
        bulk.plan_status(&Filter::default(), "", Default::default()).unwrap_err().code(),
        "invalid_argument"
    );
    let empty = Assignment::RoundRobin(Vec::new());
    assert_eq!(
        bulk.plan_assign(&Filter::default(), empty, Default::default()).unwrap_err().code(),
        "invalid_argument"
    );
    let twice = vec![MergeGroup { keep: 1, merge: vec![2] }, MergeGroup { keep: 3, merge: vec![2] }];
    assert_eq!(bulk.plan_merge(twice, Default::default()).unwrap_err().code(), "invalid_argument");
    let long = PlanOptions { expires_in: 1e9, ..PlanOptions::default() };
    assert_eq!(bulk.plan_delete(&Filter::all(), long).unwrap_err().code(), "invalid_argument");
    assert_eq!(bulk.run("no-such-token", chunk(0)).unwrap_err().code(), "not_found");
}

#[test]
fn leads_changed_since_the_plan_are_skipped_and_listed() {
    let db = filled(20);
    let update = BulkUpdate::default().set("owner", "mia");
    let plan = db.bulk().plan_update(&filter(json!({"status": "new"})), update, Default::default()).unwrap();
    let tom = db.as_actor("tom", Some("called them"));
    tom.leads().update(5, [("status", "contacted")]).unwrap();
    tom.leads().update(6, [("notes", "hello")]).unwrap();
    tom.leads().update(6, [("notes", "hello again")]).unwrap();
    tom.leads().add([("email", "late@fair.org"), ("status", "new")]).unwrap();
    let done = run(&db, &plan);
    assert_eq!((done.planned, done.changed, done.skipped), (20, 18, 2));
    adds_up(&done);
    let changed = |lead| (lead, ConflictCode::Changed, None);
    assert_eq!(conflicts(&db, done.id), [changed(5), changed(6)]);
    assert_eq!(db.leads().get(6).unwrap().unwrap().owner, None);
    assert_eq!(db.leads().get(21).unwrap().unwrap().owner, None);
}

#[test]
fn an_undo_never_overwrites_a_later_edit() {
    let db = filled(10);
    let update = BulkUpdate::default().set("owner", "mia").set("source", "list");
    let plan = db.bulk().plan_update(&Filter::default(), update, Default::default()).unwrap();
    let done = run(&db, &plan);
    db.leads().update(3, [("owner", "tom")]).unwrap();
    db.leads().update(4, [("notes", "another field")]).unwrap();
    db.leads().update(5, [("owner", "tom")]).unwrap();
    db.leads().update(5, [("owner", "mia")]).unwrap();

    let abort = UndoOptions { on_conflict: OnConflict::Abort, ..UndoOptions::default() };
    let before = state(&db);
    assert_eq!(db.operations().undo(done.id, abort, chunk(2)).unwrap_err().code(), "undo_conflict");
    assert_eq!(state(&db), before);

    let look = db.bulk().plan_undo(done.id, UndoOptions::default(), Default::default()).unwrap();
    assert_eq!((look.count, look.changes), (10, 10));
    assert_eq!(
        (look.warnings[0].code, look.warnings[0].count),
        (WarningCode::Left(ConflictCode::Changed), 1)
    );

    let undone = undo(&db, done.id);
    assert_eq!((undone.changed, undone.conflicts), (10, 1));
    assert_eq!(conflicts(&db, undone.id), [(3, ConflictCode::Changed, Some("owner".into()))]);
    let entry = &db.operations().conflicts(undone.id, Default::default()).unwrap().items[0];
    assert_eq!((&entry.wanted, &entry.found), (&json!("mia"), &json!("tom")));
    let lead = |id| db.leads().get(id).unwrap().unwrap();
    assert_eq!((lead(3).owner.as_deref(), lead(3).source.as_deref()), (Some("tom"), Some("fair")));
    assert_eq!((lead(4).owner, lead(4).notes.as_deref()), (None, Some("another field")));
    // Changed and changed back: the value is what the operation wrote.
    assert_eq!(lead(5).owner, None);

    assert_eq!(
        db.operations().undo(done.id, UndoOptions::default(), chunk(0)).unwrap_err().code(),
        "already_undone"
    );
}

#[test]
fn an_undo_by_force_and_of_a_part() {
    let db = filled(6);
    let update = BulkUpdate::default().set("owner", "mia").set("source", "list");
    let plan = db.bulk().plan_update(&Filter::default(), update, Default::default()).unwrap();
    let done = run(&db, &plan);
    let part =
        UndoOptions { leads: Some(vec![1, 2]), fields: Some(vec!["owner".into()]), ..UndoOptions::default() };
    let undone = db.operations().undo(done.id, part, chunk(0)).unwrap();
    assert_eq!(undone.changed, 2);
    let lead = |id| db.leads().get(id).unwrap().unwrap();
    assert_eq!((lead(1).owner, lead(1).source.as_deref()), (None, Some("list")));
    assert_eq!(lead(3).owner.as_deref(), Some("mia"));

    db.leads().update(4, [("owner", "tom")]).unwrap();
    let force = UndoOptions { on_conflict: OnConflict::Force, ..UndoOptions::default() };
    let forced = db.operations().undo(done.id, force, chunk(0)).unwrap();
    assert_eq!(forced.conflicts, 0);
    assert!((1..=6).all(|id| lead(id).owner.is_none() && lead(id).source.as_deref() == Some("fair")));
    let wrong = UndoOptions { fields: Some(vec!["onwer".into()]), ..UndoOptions::default() };
    assert_eq!(db.operations().undo(forced.id, wrong, chunk(0)).unwrap_err().code(), "unknown_field");
}

#[test]
fn deleted_leads_come_back_unless_their_key_is_taken() {
    let db = filled(10);
    let before = state(&db);
    let plan = db.bulk().plan_delete(&filter(json!({"country": "DE"})), Default::default()).unwrap();
    let done = run(&db, &plan);
    assert_eq!((done.changed, db.leads().count(&Filter::default()).unwrap()), (5, 5));
    assert_eq!(db.leads().get(2).unwrap(), None);
    // The address is free: somebody else comes with it.
    let new = db.leads().add([("email", "n4@fair-4.org"), ("first_name", "Ann4")]).unwrap();
    let undone = undo(&db, done.id);
    assert_eq!((undone.changed, undone.skipped), (4, 1));
    assert_eq!(conflicts(&db, undone.id), [(4, ConflictCode::KeyTaken, Some("email".into()))]);
    assert_eq!(db.leads().restore(4).unwrap_err().code(), "already_exists");
    let force = UndoOptions { on_conflict: OnConflict::Force, ..UndoOptions::default() };
    let error = db.operations().undo(done.id, force, chunk(0)).unwrap_err();
    assert_eq!(error.code(), "already_undone");

    db.leads().update(new.id, [("email", "other@fair.org")]).unwrap();
    let restored = db.leads().restore(4).unwrap();
    assert_eq!(restored.email.as_deref(), Some("n4@fair-4.org"));
    assert_eq!(state(&db)[..10], before[..]);
    // Its keys are found again.
    let report =
        db.import_leads(b"email,first_name\nn4@fair-4.org,Ann4\n".to_vec(), ImportOptions::default());
    assert_eq!(report.unwrap().created, 0);
}

#[test]
fn owners_by_turn_weight_and_territory() {
    let db = filled(8);
    let owners = |db: &Database| {
        let leads = db.leads().iterate(&Filter::default(), FindOptions::default()).unwrap();
        leads.map(|lead| lead.unwrap().owner.unwrap_or_default()).collect::<Vec<_>>()
    };
    let assign = |to| {
        let plan = db.bulk().plan_assign(&Filter::default(), to, Default::default()).unwrap();
        let done = db.bulk().run(&plan.token, chunk(3)).unwrap();
        adds_up(&done);
        done
    };
    assign(Assignment::RoundRobin(vec!["mia".into(), "tom".into()]));
    assert_eq!(owners(&db), ["mia", "tom", "mia", "tom", "mia", "tom", "mia", "tom"]);
    let weights = BTreeMap::from([("mia".to_string(), 3), ("tom".to_string(), 1)]);
    assign(Assignment::Weighted(weights));
    assert_eq!(owners(&db).iter().filter(|o| *o == "mia").count(), 6);
    let rule =
        |filter: Value, owner: &str| TerritoryRule { filter: self::filter(filter), owner: owner.into() };
    let rules = vec![rule(json!({"country": "DE"}), "dora")];
    let done = assign(Assignment::Territory(Territory { rules: rules.clone(), otherwise: None }));
    assert_eq!((done.changed, done.skipped), (4, 4));
    assert_eq!(conflicts(&db, done.id)[0].1, ConflictCode::NoOwner);
    assign(Assignment::Territory(Territory { rules, otherwise: Some("otto".into()) }));
    assert_eq!(owners(&db), ["otto", "dora", "otto", "dora", "otto", "dora", "otto", "dora"]);
    assign(Assignment::To("eva".into()));
    assert!(owners(&db).iter().all(|owner| owner == "eva"));
}

#[test]
fn statuses_go_the_ways_that_the_list_allows() {
    let db = filled(6);
    db.statuses()
        .define(vec![
            Status::new("new").to(["contacted"]),
            Status::new("contacted").to(["won", "lost"]),
            Status::new("won").to(Vec::<String>::new()),
            Status::new("lost"),
        ])
        .unwrap();
    db.leads().update(1, [("status", "contacted")]).unwrap();
    db.leads().update(2, [("status", "contacted")]).unwrap();
    let way = db.leads().update(3, [("status", "won")]).unwrap_err();
    assert_eq!((way.code(), way.field()), ("invalid_value", Some("status")));
    let plan = db.bulk().plan_status(&Filter::default(), "Won", Default::default()).unwrap();
    assert_eq!((plan.count, plan.changes), (6, 2));
    assert_eq!(plan.warnings[0].code, WarningCode::Left(ConflictCode::ForbiddenTransition));
    let done = run(&db, &plan);
    assert_eq!((done.changed, done.skipped, done.conflicts), (2, 4, 4));
    adds_up(&done);
    assert_eq!(db.leads().get(1).unwrap().unwrap().status.as_deref(), Some("won"));
    let unknown = db.bulk().plan_status(&Filter::default(), "wonn", Default::default()).unwrap_err();
    assert_eq!(unknown.code(), "invalid_value");
    undo(&db, done.id);
    assert_eq!(db.leads().count(&filter(json!({"status": "won"}))).unwrap(), 0);
    assert_eq!(db.statuses().list().unwrap().len(), 4);
    assert_eq!(db.statuses().define(Vec::new()).unwrap_err().code(), "invalid_argument");
}

#[test]
fn merged_leads_are_aliases_and_come_apart_again() {
    let db = open();
    let leads = db.leads();
    leads.add([("email", "ada@one.org"), ("first_name", "Ada")]).unwrap();
    leads.add([("email", "ada@two.org"), ("phone", "+493023125014"), ("last_name", "Lovelace")]).unwrap();
    leads.add([("external_id", "x3"), ("tags", "vip"), ("email", "ada@three.org")]).unwrap();
    leads.add([("email", "bob@one.org")]).unwrap();
    let before = state(&db);
    let groups = vec![MergeGroup { keep: 2, merge: vec![1, 3] }, MergeGroup { keep: 4, merge: vec![99] }];
    let plan = db.bulk().plan_merge(groups, Default::default()).unwrap();
    assert_eq!((plan.count, plan.changes), (5, 3));
    let done = run(&db, &plan);
    assert_eq!((done.changed, done.skipped), (3, 2));
    assert_eq!(conflicts(&db, done.id), [(99, ConflictCode::Purged, None)]);
    let kept = leads.get(2).unwrap().unwrap();
    assert_eq!(kept.first_name.as_deref(), Some("Ada"));
    assert_eq!(
        (kept.emails.as_slice(), kept.tags.as_slice()),
        (["ada@one.org".to_string(), "ada@three.org".into()].as_slice(), ["vip".to_string()].as_slice())
    );
    let loser = &state(&db)[0];
    assert_eq!((loser.merged_into, loser.deleted_at.is_some()), (Some(2), true));
    // The address leads to the one that stayed.
    let report =
        db.import_leads(b"email,job_title\nada@one.org,CEO\n".to_vec(), ImportOptions::default()).unwrap();
    assert_eq!(report.merged, 1);
    let undone = undo(&db, done.id);
    assert_eq!((undone.changed, undone.conflicts), (3, 0));
    let after = state(&db);
    assert_eq!((&after[0], &after[2], &after[3]), (&before[0], &before[2], &before[3]));
    assert_eq!(Lead { job_title: None, ..after[1].clone() }, before[1]);
}

#[test]
fn an_import_is_taken_back() {
    let db = open();
    db.leads().add([("email", "ada@lovelace.org")]).unwrap();
    let before = state(&db);
    let csv = "email,first_name,company\nada@lovelace.org,Ada,Analytical\nbob@x.org,Bob,X\nbob@x.org,Bob,\ncy@y.org,Cy,Y\n";
    let report = db.import_leads(csv.as_bytes().to_vec(), ImportOptions::default()).unwrap();
    db.leads().update(3, [("notes", "called")]).unwrap();
    let undone = undo(&db, report.operation_id.unwrap());
    assert_eq!(undone.changed, 2);
    assert_eq!(conflicts(&db, undone.id), [(3, ConflictCode::Changed, Some("notes".into()))]);
    assert_eq!(state(&db)[0], before[0]);
    assert_eq!(db.leads().count(&Filter::default()).unwrap(), 2);
    undo(&db, undone.id);
    assert_eq!(db.leads().get(1).unwrap().unwrap().company.as_deref(), Some("Analytical"));
    assert_eq!(db.leads().count(&Filter::default()).unwrap(), 3);
}

#[test]
fn purge_is_final_and_says_so() {
    let db = filled(4);
    let plan = db.bulk().plan_purge(&filter(json!({"id": {"in": [1, 2]}})), Default::default()).unwrap();
    assert!(plan.needs_confirmation && plan.irreversible.len() == 1);
    let run = |confirm| db.bulk().run(&plan.token, RunOptions { confirm, ..RunOptions::default() });
    assert_eq!(run(None).unwrap_err().code(), "confirmation_needed");
    assert_eq!(run(Some(3)).unwrap_err().code(), "confirmation_needed");
    let done = run(Some(2)).unwrap();
    assert_eq!((done.changed, state(&db).len()), (2, 2));
    assert_eq!(
        db.operations().undo(done.id, UndoOptions::default(), chunk(0)).unwrap_err().code(),
        "not_undoable"
    );
    assert_eq!(db.leads().history(1).unwrap_err().code(), "not_found");
}

#[test]
fn protected_leads_are_spared() {
    let db = filled(3);
    db.leads().update(2, [("tags", json!(["Protected"]))]).unwrap();
    let plan = db.bulk().plan_delete(&Filter::all(), Default::default()).unwrap();
    assert_eq!((plan.count, plan.warnings[0].code), (2, WarningCode::Left(ConflictCode::Protected)));
    run(&db, &plan);
    assert_eq!(db.leads().count(&Filter::default()).unwrap(), 1);
    let all = PlanOptions { include_protected: true, ..PlanOptions::default() };
    let plan = db.bulk().plan_delete(&Filter::all(), all).unwrap();
    assert_eq!(plan.count, 1);
}

#[test]
fn plans_expire_are_withdrawn_and_want_their_number() {
    let db = filled(3);
    let update = || BulkUpdate::default().set("owner", "mia");
    let plan = db.bulk().plan_update(&Filter::default(), update(), Default::default()).unwrap();
    testing::advance(&db, 3_601.0);
    assert_eq!(db.bulk().run(&plan.token, chunk(0)).unwrap_err().code(), "plan_expired");
    let plan = db.bulk().plan_update(&Filter::default(), update(), Default::default()).unwrap();
    db.operations().cancel(plan.operation_id).unwrap();
    assert_eq!(db.bulk().run(&plan.token, chunk(0)).unwrap_err().code(), "plan_expired");

    let options = OpenOptions { confirm_above: 2, undo_days: 1.0, ..OpenOptions::default() };
    let db = testing::open_with(":memory:", options, "2026-03-01T09:00:00Z".parse().unwrap(), 1).unwrap();
    fill(&db, 3);
    let plan = db.bulk().plan_update(&Filter::default(), update(), Default::default()).unwrap();
    assert!(plan.needs_confirmation);
    assert_eq!(db.bulk().run(&plan.token, chunk(0)).unwrap_err().code(), "confirmation_needed");
    let done = db.bulk().run(&plan.token, RunOptions { confirm: Some(3), ..chunk(0) }).unwrap();
    testing::advance(&db, 86_401.0);
    let error = db.operations().undo(done.id, UndoOptions::default(), chunk(0)).unwrap_err();
    assert_eq!(error.code(), "undo_expired");
    assert_eq!(db.operations().prune(0.5).unwrap_err().code(), "invalid_argument");
    assert_eq!(db.operations().prune(1.0).unwrap(), 3);
    // What is left of the history is right.
    assert!(db.leads().history(1).unwrap().is_empty());
}

#[test]
fn plans_that_nobody_ran_are_forgotten() {
    let db = filled(3);
    let plan = |value: &str| {
        let filter = Filter::field("email").eq("n1@fair-1.org");
        let update = BulkUpdate::default().set("notes", value);
        let plan = db.bulk().plan_update(&filter, update, Default::default()).unwrap();
        (plan.operation_id, plan.token)
    };
    let ((forgotten, token), (withdrawn, _), (run, run_token)) = (plan("a"), plan("b"), plan("c"));
    db.operations().cancel(withdrawn).unwrap();
    db.bulk().run(&run_token, chunk(0)).unwrap();
    testing::advance(&db, 3_700.0);
    let (later, _) = plan("d");
    testing::advance(&db, 30.0 * 86_400.0 - 3_600.0);
    plan("e");
    assert!(db.operations().get(forgotten).is_ok(), "not yet 30 days behind its end");
    testing::advance(&db, 3_600.0);
    let (last, _) = plan("f");
    for id in [forgotten, withdrawn] {
        assert_eq!(db.operations().get(id).unwrap_err().code(), "not_found");
    }
    assert_eq!(db.bulk().run(&token, chunk(0)).unwrap_err().code(), "not_found");
    assert!(!testing::dump(&db).unwrap().contains(&token));
    assert!([later, run, last].into_iter().all(|id| db.operations().get(id).is_ok()));
}

#[test]
fn an_idempotency_key_gives_the_first_result() {
    let db = filled(3);
    let plan = |owner: &str| {
        let update = BulkUpdate::default().set("owner", owner);
        db.bulk().plan_update(&Filter::default(), update, Default::default()).unwrap()
    };
    let run = |plan: &Plan| {
        let options = RunOptions { idempotency_key: Some("req-7".into()), ..RunOptions::default() };
        db.bulk().run(&plan.token, options)
    };
    let (first, second, other) = (plan("mia"), plan("mia"), plan("tom"));
    let done = run(&first).unwrap();
    assert_eq!(run(&first).unwrap(), done);
    assert_eq!(run(&second).unwrap().id, done.id);
    // The same request, though its plan found a protected lead.
    db.leads().update(1, [("tags", json!(["protected"]))]).unwrap();
    assert_eq!(run(&plan("mia")).unwrap().id, done.id);
    assert_eq!(run(&other).unwrap_err().code(), "conflict");
}

#[test]
fn a_cancelled_run_goes_on_or_is_taken_back() {
    let db = filled(30);
    let before = state(&db);
    let plan = |db: &Database| {
        let update = BulkUpdate::default().set("owner", "mia");
        db.bulk().plan_update(&Filter::default(), update, Default::default()).unwrap()
    };
    let cancelled = |plan: &Plan| {
        let cancel = CancelToken::default();
        let token = cancel.clone();
        let progress: ProgressFn = std::sync::Arc::new(move |_: &Progress| token.cancel());
        let options = RunOptions {
            chunk: 10,
            cancel,
            progress: Some(leadkit_core::model::options::Progressing(progress)),
            ..RunOptions::default()
        };
        db.bulk().run(&plan.token, options).unwrap_err()
    };
    let first = plan(&db);
    assert_eq!(cancelled(&first).code(), "cancelled");
    let stopped = db.operations().get(first.operation_id).unwrap();
    assert_eq!((stopped.state, stopped.changed), (OperationState::Cancelled, 10));
    let done = db.operations().resume(first.operation_id, chunk(0)).unwrap();
    assert_eq!((done.state, done.changed), (OperationState::Finished, 30));
    adds_up(&done);
    undo(&db, done.id);
    assert_eq!(state(&db), before);

    let second = plan(&db);
    cancelled(&second);
    let undone = undo(&db, second.operation_id);
    assert_eq!(undone.changed, 10);
    assert_eq!(state(&db), before);
    assert_eq!(db.operations().resume(second.operation_id, chunk(0)).unwrap_err().code(), "conflict");
    let import = db.operations().list(Default::default()).unwrap().items.pop().unwrap();
    assert_eq!(db.operations().resume(import.id, chunk(0)).unwrap_err().code(), "invalid_argument");
}

#[test]
fn every_change_names_who_and_why() {
    let db = filled(2);
    let mia = db.as_actor("mia", Some("spring clean-up"));
    let plan = mia.bulk().plan_status(&Filter::default(), "lost", Default::default()).unwrap();
    let done = mia.bulk().run(&plan.token, chunk(0)).unwrap();
    assert_eq!((done.actor.as_deref(), done.reason.as_deref()), (Some("mia"), Some("spring clean-up")));
    let history = db.leads().history(1).unwrap();
    assert_eq!(history.len(), 2);
    assert_eq!((history[0].operation_id, history[0].actor.as_deref()), (done.id, Some("mia")));
    assert_eq!(history[0].fields["status"].before, json!("new"));
    assert_eq!(history[0].fields["status"].after, json!("lost"));
    assert!(history[1].created);
    let list = |options| db.operations().list(options).unwrap().items.len();
    use leadkit_core::database::ListOptions;
    assert_eq!(list(ListOptions { actor: Some("mia".into()), ..ListOptions::default() }), 1);
    assert_eq!(list(ListOptions { kind: Some(OperationKind::BulkStatus), ..ListOptions::default() }), 1);
    assert_eq!(list(ListOptions { state: Some(OperationState::Planned), ..ListOptions::default() }), 0);
    let later = Some("2026-03-02T00:00:00Z".parse().unwrap());
    assert_eq!(list(ListOptions { since: later, ..ListOptions::default() }), 0);
    assert_eq!(list(ListOptions { until: later, ..ListOptions::default() }), 2);
}
