//! Databases of earlier schemas open, keep everything, and are never left half migrated.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use leadkit_core::model::consent::{ConsentKind, ConsentOptions};
use leadkit_core::store::Store;
use leadkit_core::store::conformance;
use leadkit_core::store::sqlite::{SqliteStore, StoreOptions};
use leadkit_core::{Filter, OpenOptions, OperationKind, open, open_with};
use leadkit_tests::*;
use serde_json::{Value, json};

/// The schema that this build writes.
const SCHEMA: i64 = 10;
/// Databases that one process migrates before it is killed.
const COPIES: usize = 40;
const KILLS: u32 = 20;
const FOLDER: &str = "LEADKIT_TEST_FOLDER";

fn schema_1() -> PathBuf {
    root().join("tests/data/schema/schema-1.db")
}

fn schema_2() -> PathBuf {
    root().join("tests/data/schema/schema-2.db")
}

fn schema_4() -> PathBuf {
    root().join("tests/data/schema/schema-4.db")
}

fn version(path: impl AsRef<Path>) -> i64 {
    number(path, "SELECT user_version FROM pragma_user_version")
}

/// What a database holds beside what this schema made, table by table.
fn content(path: impl AsRef<Path>) -> Vec<String> {
    let tables = ["head", "lead", "lead_key", "commit_log", "change", "custom_field", "reject"];
    let connection = sqlite(path);
    let mut rows = Vec::new();
    let columns = "id, kind, state, name, actor, reason, started_at, finished_at, millis, file, file_hash, \
                   import_key, progress, lease_until, lease_owner, mapping, counts, options";
    let selects = tables.iter().map(|table| format!("SELECT * FROM {table}"));
    for select in selects.chain([format!("SELECT {columns} FROM operation")]) {
        let mut statement = connection.prepare(&select).unwrap();
        let count = statement.column_count();
        let found = statement
            .query_map([], |row| {
                let values = (0..count).map(|at| row.get_ref(at).map(|value| format!("{value:?}")));
                Ok(values.collect::<Result<Vec<_>, _>>()?.join(" "))
            })
            .unwrap();
        rows.extend(found.map(|row| format!("{select}: {}", row.unwrap())));
    }
    rows
}

#[test]
fn a_database_of_schema_1_keeps_everything() {
    let place = Place::new();
    let path = place.path("leads.db");
    std::fs::copy(schema_1(), &path).unwrap();
    assert_eq!(version(&path), 1);
    let before = content(&path);
    let db = place.fixed_db("leads.db");
    assert_eq!(version(&path), SCHEMA);
    assert_eq!(content(&path), before);
    assert_sound(&path);

    let ada = db.leads().get(1).unwrap().unwrap();
    assert_eq!((ada.email.as_deref(), ada.job_title.as_deref()), (Some("ada@lovelace.org"), Some("Analyst")));
    assert_eq!((ada.tags, ada.original["phone"].as_str()), (vec!["vip".to_string()], "+49 30 901820"));
    let fields = db.fields().list().unwrap();
    assert_eq!((fields.len(), fields[0].key.as_str(), fields[0].choices.len()), (1, "plan", 2));
    let pro = Filter::field("custom.plan").eq("pro");
    assert_eq!(db.leads().first(&pro, Default::default()).unwrap().unwrap().id, 2);

    // Newest first: what was done, by whom, and each value before and after.
    let changes = db.leads().history(2).unwrap();
    let kinds: Vec<(OperationKind, bool)> = changes.iter().map(|c| (c.kind, c.created)).collect();
    assert_eq!(kinds, [(OperationKind::Update, false), (OperationKind::Import, true)]);
    assert_eq!(changes[0].actor.as_deref(), Some("mia"));
    let status = &changes[0].fields["status"];
    assert_eq!((&status.before, &status.after), (&json!("contacted"), &json!("won")));
    assert_eq!(changes[0].fields["custom.plan"].before, Value::Null);
    let merged = &db.leads().history(1).unwrap()[0];
    assert_eq!(merged.fields["job_title"].after, json!("Analyst"));
    let log: Vec<OperationKind> =
        db.operations().list(Default::default()).unwrap().items.iter().map(|o| o.kind).collect();
    let import = OperationKind::Import;
    assert_eq!(log, [OperationKind::Update, import, import, OperationKind::DefineField]);

    // It goes on where it was.
    assert_eq!(db.leads().add([("email", "edsger@dijkstra.org")]).unwrap().id, 4);
    assert_eq!(db.leads().update(1, [("owner", "tom")]).unwrap().rev, 5);
    assert_eq!(db.leads().add([("email", "ada@lovelace.org")]).unwrap_err().code(), "already_exists");
    assert_sound(&path);
}

#[test]
fn a_database_of_schema_2_keeps_everything() {
    let place = Place::new();
    let path = place.path("leads.db");
    std::fs::copy(schema_2(), &path).unwrap();
    assert_eq!(version(&path), 2);
    let before = content(&path);
    let db = place.fixed_db("leads.db");
    assert_eq!(version(&path), SCHEMA);
    assert_eq!(content(&path), before);
    assert_sound(&path);

    // What it knew it knows, and goes on with: conflicts, ways between statuses, undo, a plan.
    let conflict = &db.operations().conflicts(6, Default::default()).unwrap().items[0];
    assert_eq!((conflict.lead, &conflict.wanted, &conflict.found), (1, &json!("tom"), &json!("eve")));
    assert_eq!(db.statuses().list().unwrap()[1].next, Some(Vec::new()));
    db.operations().undo(6, Default::default(), Default::default()).unwrap();
    assert_eq!(db.leads().get(3).unwrap().unwrap().owner.as_deref(), Some("tom"));
    assert_eq!(db.operations().get(7).unwrap().state, leadkit_core::OperationState::Planned);

    // And what is new: consent, switches, templates.
    assert!(!db.settings().get().unwrap().sending);
    assert!(db.templates().list().unwrap().is_empty());
    let options = ConsentOptions { lead: Some(1), ..ConsentOptions::default() };
    let entries = db.consent().record(ConsentKind::Withdrawal, "letter", options).unwrap();
    assert_eq!(entries[0].address, "+4930901820");
    assert_sound(&path);
}

#[test]
fn a_database_of_schema_4_keeps_what_it_was_to_send() {
    let place = Place::new();
    let path = place.path("leads.db");
    std::fs::copy(schema_4(), &path).unwrap();
    assert_eq!(version(&path), 4);
    let before = content(&path);
    let db = place.fixed_db("leads.db");
    assert_eq!(version(&path), SCHEMA);
    assert_eq!(content(&path), before);
    assert_sound(&path);

    let messages = db.comms().list(Default::default()).unwrap().items;
    let [spring, welcome] = &messages[..] else { panic!("{messages:?}") };
    assert_eq!((spring.state.as_str(), spring.campaign.as_deref()), ("cancelled", Some("spring")));
    assert_eq!((welcome.state.as_str(), welcome.key.as_deref()), ("queued", Some("welcome")));
    assert_eq!(welcome.body, "Hi Ada, reply STOP to opt out");
    assert_eq!((&welcome.predicted, &welcome.reserved, &welcome.call), (&None, &None, &None));
    let settings = db.settings().get().unwrap();
    assert_eq!((settings.voice, settings.public_url.as_deref()), (false, Some("https://crm.example/hook")));
    assert!(settings.budgets.is_empty() && settings.countries.is_empty() && settings.prices.is_empty());
    let entries = db.consent().history(Default::default()).unwrap().items;
    assert_eq!(
        entries.iter().map(|e| e.kind).collect::<Vec<_>>(),
        [ConsentKind::Withdrawal, ConsentKind::Grant]
    );
    assert_eq!(db.comms().requeue(spring.id).unwrap().id, 3);
    assert_sound(&path);
}

#[test]
fn a_database_of_schema_5_comes_to_have_a_history() {
    let place = Place::new();
    let path = place.path("leads.db");
    std::fs::copy(root().join("tests/data/schema/schema-5.db"), &path).unwrap();
    assert_eq!(version(&path), 5);
    let before = content(&path);
    let db = place.fixed_db("leads.db");
    assert_eq!(version(&path), SCHEMA);
    assert_eq!(content(&path), before);
    let damage = "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'";
    assert_eq!(number(&path, damage), 0);

    spring_is_found(&db);
    let view = "SELECT count(*) FROM contacts_v1 WHERE channel = 'sms' AND at LIKE '2026-03-02T15:%' AND cost = 0.0083 \
                AND currency = 'USD' AND body LIKE 'Hi Ada%' AND reply_to IS NULL AND NOT corrected";
    assert_eq!(number(&path, view), 6);
    let timeline = db.comms().timeline(3, &Default::default()).unwrap().items;
    assert_eq!(timeline.iter().map(|contact| contact.id).collect::<Vec<_>>(), [3]);
}

#[test]
fn a_database_of_schema_6_comes_to_count() {
    let place = Place::new();
    let path = place.path("leads.db");
    std::fs::copy(root().join("tests/data/schema/schema-6.db"), &path).unwrap();
    assert_eq!(version(&path), 6);
    let before = content(&path);
    let db = place.fixed_db("leads.db");
    assert_eq!(version(&path), SCHEMA);
    assert_eq!(content(&path), before);
    february_is_counted(&db);
    assert_eq!(db.comms().check_stats(&Default::default()).unwrap().wrong, 0);
    // And to let things happen by themselves.
    let schedule =
        leadkit_core::model::read::from_json(serde_json::json!({"zone": "UTC", "at": "2126-06-01T09:00"}))
            .unwrap();
    assert!(db.schedules().save("far", &schedule).unwrap().next_at.is_some());
    assert_eq!(db.tick(None, &Default::default()).unwrap().next_at, None);
}

#[test]
fn its_views_are_there_for_other_tools() {
    let place = Place::new();
    let path = place.path("leads.db");
    std::fs::copy(schema_1(), &path).unwrap();
    let db = open(path.to_str().unwrap()).unwrap();
    let text = |sql: &str| -> String { sqlite(&path).query_row(sql, [], |row| row.get(0)).unwrap() };
    assert_eq!(number(&path, "SELECT count(*) FROM leads_v1"), 3);
    assert_eq!(text("SELECT email FROM leads_v1 WHERE owner = 'mia'"), "ada@lovelace.org");
    assert_eq!(text("SELECT custom ->> 'plan' FROM leads_v1 WHERE id = 2"), "pro");
    let lead = db.leads().get(2).unwrap().unwrap();
    assert_eq!(text("SELECT updated_at FROM leads_v1 WHERE id = 2"), lead.updated_at.to_string());
    assert_eq!(text("SELECT created_at FROM leads_v1 WHERE id = 2"), lead.created_at.to_string());
    assert_eq!(number(&path, "SELECT count(*) FROM operations_v1 WHERE state = 'finished'"), 4);
    let operation = db.operations().get(2).unwrap();
    assert_eq!(text("SELECT started_at FROM operations_v1 WHERE id = 2"), operation.started_at.to_string());
    assert_eq!(text("SELECT counts ->> 'created' || '' FROM operations_v1 WHERE id = 2"), "3");
    assert_eq!(number(&path, "SELECT seconds * 1000 = 76 FROM operations_v1 WHERE id = 2"), 1);
    assert_eq!(number(&path, "SELECT count(*) FROM commits_v1 WHERE actor = 'mia'"), 3);
    assert_eq!(number(&path, "SELECT operation_id FROM commits_v1 WHERE rev = 3"), 4);
    assert_eq!(number(&path, "SELECT created_to FROM commits_v1 WHERE rev = 1"), 3);
}

#[test]
fn a_migrated_database_takes_plans_statuses_and_conflicts() {
    let place = Place::new();
    let path = place.path("leads.db");
    std::fs::copy(schema_1(), &path).unwrap();
    let options = StoreOptions { busy_timeout: Duration::from_secs(10), read_only: false };
    let store = SqliteStore::open(Some(&path), options).unwrap();
    let store: &dyn Store = &store;
    let old = store.reading(|r| r.operation(2)).unwrap().unwrap();
    assert_eq!((old.token, old.plan_rev, old.idempotency_key), (None, None, None));
    assert_eq!(store.condition(true).unwrap().schema, SCHEMA);
    // All of it fits into a store of today, and comes out the same.
    let memory = leadkit_core::store::MemoryStore::default();
    let memory: &dyn Store = &memory;
    let mut records = Vec::new();
    store
        .read(&mut |r| {
            r.each_record(&mut |record| {
                records.push(record);
                Ok(())
            })
        })
        .unwrap();
    memory.writing(|w| w.put_records(records.clone())).unwrap();
    assert_eq!(conformance::dump(memory).unwrap(), conformance::dump(store).unwrap());
}

#[test]
fn a_file_of_schema_1_is_not_migrated_for_reading_only() {
    let place = Place::new();
    let path = place.path("leads.db");
    std::fs::copy(schema_1(), &path).unwrap();
    let before = std::fs::read(&path).unwrap();
    let options = OpenOptions { read_only: true, ..Default::default() };
    let error = open_with(path.to_str().unwrap(), options).unwrap_err();
    assert_eq!(error.code(), "read_only", "{error}");
    assert!(error.hint_text().is_some_and(|hint| hint.contains("once")), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_newer_schema_is_refused_and_left_alone() {
    let place = Place::new();
    let path = place.path("leads.db");
    drop(place.db());
    let connection = sqlite(&path);
    connection.pragma_update(None, "user_version", SCHEMA + 1).unwrap();
    connection.pragma_update(None, "journal_mode", "DELETE").unwrap();
    drop(connection);
    let before = std::fs::read(&path).unwrap();
    for read_only in [false, true] {
        let options = OpenOptions { read_only, ..Default::default() };
        let error = open_with(path.to_str().unwrap(), options).unwrap_err();
        assert_eq!((error.code(), error.path()), ("schema_too_new", Some(path.as_path())));
        assert_eq!(std::fs::read(&path).unwrap(), before);
        assert_eq!(place.names(), ["leads.db"]);
    }
}

/// The other side of the test below: a process that migrates one database after the other.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    for copy in 0..COPIES {
        let path = Path::new(&folder).join(format!("{copy}.db"));
        drop(open(path.to_str().unwrap()).unwrap());
    }
}

fn copies() -> Place {
    let place = Place::new();
    for copy in 0..COPIES {
        std::fs::copy(schema_1(), place.path(&format!("{copy}.db"))).unwrap();
    }
    place
}

fn spawn(place: &Place) -> std::process::Child {
    leadkit_tests::victim()
        .args(["--exact", "child"])
        .env(FOLDER, place.path(""))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn killed_while_migrating() {
    let whole = copies();
    let began = Instant::now();
    assert!(spawn(&whole).wait().unwrap().success());
    let duration = began.elapsed();
    let schema = |path: &Path| -> String {
        sqlite(path)
            .query_row(
                "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema ORDER BY name)",
                [],
                |row| row.get(0),
            )
            .unwrap()
    };
    let (old, new) = (schema(&schema_1()), schema(&whole.path("0.db")));
    let before = content(schema_1());
    let mut dice = Dice::new(11);
    let mut caught = Vec::new();
    for kill in 0..KILLS {
        let place = copies();
        let mut child = spawn(&place);
        // A random moment in each part of the time that the work takes.
        let moment = (f64::from(kill) + dice.below(1_000) as f64 / 1_000.0) / f64::from(KILLS);
        std::thread::sleep(duration.mul_f64(moment));
        child.kill().unwrap();
        child.wait().unwrap();
        let mut migrated = 0;
        for copy in 0..COPIES {
            let path = place.path(&format!("{copy}.db"));
            let wanted = match version(&path) {
                1 => &old,
                SCHEMA => &new,
                other => panic!("schema {other}"),
            };
            migrated += usize::from(version(&path) == SCHEMA);
            assert_eq!(&schema(&path), wanted, "database {copy} is neither old nor new");
            assert_eq!(content(&path), before);
        }
        // Those around the kill are the ones that may be damaged; the others were left in peace.
        for copy in migrated.saturating_sub(1)..COPIES.min(migrated + 2) {
            let path = place.path(&format!("{copy}.db"));
            assert_eq!(open(path.to_str().unwrap()).unwrap().leads().count(&Filter::default()).unwrap(), 3);
            assert_eq!((version(&path), schema(&path)), (SCHEMA, new.clone()));
            assert_sound(&path);
        }
        caught.push(migrated);
    }
    assert!(caught.iter().any(|n| (1..COPIES).contains(n)), "no kill fell among migrations: {caught:?}");
}
