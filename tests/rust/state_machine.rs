//! Random operations, interruptions, undos and edits by others, done on a real store and on the
//! one in memory, which is the model: after every step both must hold the same, byte for byte, and
//! answer the same.
//!
//! 256 cases for each store, 10,000 with LEADKIT_LONG; LEADKIT_CASES names another number.

use std::collections::BTreeMap;
use std::sync::Mutex;

use leadkit_core::model::bulk::{Territory, TerritoryRule};
use leadkit_core::testing;
use leadkit_core::*;
use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use serde_json::json;

/// One step; numbers pick among what is there when it is taken.
#[derive(Clone, Debug)]
enum Step {
    Import {
        first: u8,
        rows: u8,
    },
    Add(u8),
    Edit {
        lead: u8,
        kind: u8,
    },
    Restore(u8),
    /// A bulk operation, with edits by somebody else between plan and run, stopped after some
    /// chunks, or not.
    Bulk {
        what: u8,
        which: u8,
        chunk: u8,
        meanwhile: Option<(u8, u8)>,
        stop: Option<u8>,
    },
    Resume(u8),
    Undo {
        which: u8,
        force: u8,
        part: u8,
        chunk: u8,
        stop: Option<u8>,
    },
    /// Takes back what was done last and nobody touched since: everything is as before it.
    DoAndUndo {
        what: u8,
        which: u8,
    },
    Define(u8),
    Reopen,
}

struct Steps;

impl ReferenceStateMachine for Steps {
    type State = ();
    type Transition = Step;

    fn init_state() -> BoxedStrategy<()> {
        Just(()).boxed()
    }

    fn transitions((): &()) -> BoxedStrategy<Step> {
        let n = any::<u8>;
        let stop = || prop_oneof![3 => Just(None), 1 => (0..3_u8).prop_map(Some)];
        let meanwhile = prop_oneof![2 => Just(None), 1 => (n(), n()).prop_map(Some)];
        prop_oneof![
            3 => (n(), 1..12_u8).prop_map(|(first, rows)| Step::Import { first, rows }),
            1 => n().prop_map(Step::Add),
            3 => (n(), n()).prop_map(|(lead, kind)| Step::Edit { lead, kind }),
            1 => n().prop_map(Step::Restore),
            6 => (n(), n(), 1..6_u8, meanwhile, stop()).prop_map(|(what, which, chunk, meanwhile, stop)| {
                Step::Bulk { what, which, chunk, meanwhile, stop }
            }),
            1 => n().prop_map(Step::Resume),
            4 => (n(), n(), n(), 1..6_u8, stop()).prop_map(|(which, force, part, chunk, stop)| {
                Step::Undo { which, force, part, chunk, stop }
            }),
            2 => (n(), n()).prop_map(|(what, which)| Step::DoAndUndo { what, which }),
            1 => n().prop_map(Step::Define),
            1 => Just(Step::Reopen),
        ]
        .boxed()
    }

    fn apply((): (), _: &Step) {}
}

/// A database beside its model.
struct Pair {
    model: Database,
    real: Database,
    place: Place,
}

enum Place {
    File(tempfile::TempDir),
    Server(Tenant),
}

/// A tenant of one case's own while it lasts. To make one takes the server longer than many a case:
/// it is emptied for the next case, and made anew before what was deleted there slows it down.
struct Tenant {
    name: String,
    cases: u32,
}

/// Empty tenants.
static IDLE: Mutex<Vec<Tenant>> = Mutex::new(Vec::new());
/// Cases that a tenant is used for.
const CASES: u32 = 30;
const EMPTY: &str = "DELETE FROM change; DELETE FROM reject; DELETE FROM conflict; DELETE FROM commit_log; \
     DELETE FROM operation; DELETE FROM lead; DELETE FROM lead_key; DELETE FROM custom_field; \
     DELETE FROM status; DELETE FROM audit; UPDATE head SET rev = 0, next_lead = 1";

impl Tenant {
    fn new() -> Tenant {
        use std::hash::{BuildHasher, RandomState};
        let name = || format!("m_{:016x}", RandomState::new().hash_one(0_u8));
        let idle = IDLE.lock().unwrap().pop();
        idle.unwrap_or_else(|| Tenant { name: name(), cases: 0 })
    }

    /// No power is cut here: nobody waits for the disk.
    fn url() -> String {
        format!("{}?options=-c%20synchronous_commit%3Doff", leadkit_tests::postgres::url())
    }
}

impl Drop for Tenant {
    fn drop(&mut self) {
        let Ok(mut client) = ::postgres::Client::connect(&Tenant::url(), ::postgres::NoTls) else { return };
        let (name, cases) = (std::mem::take(&mut self.name), self.cases + 1);
        let emptied = client.batch_execute(&format!("SET search_path TO {name}; {EMPTY}")).is_ok();
        if emptied && cases < CASES && !std::thread::panicking() {
            IDLE.lock().unwrap().push(Tenant { name, cases });
        } else {
            let _ = client.batch_execute(&format!("DROP SCHEMA IF EXISTS {name} CASCADE"));
        }
    }
}

impl Place {
    fn open(&self) -> Database {
        let now = "2026-03-01T09:00:00Z".parse().unwrap();
        match self {
            Place::File(folder) => {
                testing::open(folder.path().join("leads.db").to_str().unwrap(), now, 1).unwrap()
            }
            Place::Server(tenant) => {
                let options = OpenOptions { tenant: Some(tenant.name.clone()), ..OpenOptions::default() };
                testing::open_with(&Tenant::url(), options, now, 1).unwrap()
            }
        }
    }
}

impl Pair {
    fn new(place: Place) -> Pair {
        let model = testing::open("memory:", "2026-03-01T09:00:00Z".parse().unwrap(), 1).unwrap();
        Pair { model, real: place.open(), place }
    }

    /// Does the same to both, which must give the same.
    fn both<T: PartialEq + std::fmt::Debug>(&self, work: impl Fn(&Database) -> T) -> T {
        let (model, real) = (work(&self.model), work(&self.real));
        assert_eq!(model, real, "the model first, then the real store");
        model
    }

    fn take(&mut self, step: Step) {
        [&self.model, &self.real].into_iter().for_each(|db| testing::advance(db, 60.0));
        match step {
            Step::Import { first, rows } => {
                let csv = csv(first, rows);
                self.both(|db| {
                    let report = db.import_leads(csv.clone(), ImportOptions::default()).map_err(code)?;
                    Ok::<_, String>((report.created, report.merged, report.skipped, report.rejected))
                })
                .ok();
            }
            Step::Add(n) => drop(self.both(|db| {
                let lead = [("email", format!("p{}@x{}.org", n % 24, n % 3)), ("status", "new".into())];
                db.leads().add(lead).map_err(code)
            })),
            Step::Edit { lead, kind } => drop(self.both(|db| edit(db, pick(db, lead), kind))),
            Step::Restore(n) => drop(self.both(|db| db.leads().restore(pick(db, n)).map_err(code))),
            Step::Define(n) => drop(self.both(|db| {
                let won = if n % 2 == 0 { Status::new("won").to(["lost"]) } else { Status::new("won") };
                let list = vec![
                    Status::new("new").to(["contacted"]),
                    Status::new("contacted"),
                    won,
                    Status::new("lost"),
                ];
                db.statuses().define(list).map_err(code)
            })),
            Step::Bulk { what, which, chunk, meanwhile, stop } => drop(self.both(|db| {
                let plan = plan(db, what, which)?;
                if let Some((lead, kind)) = meanwhile {
                    let _ = edit(db, pick(db, lead), kind);
                }
                let done = run(db, &plan, chunk, stop)?;
                // Once more changes nothing.
                assert_eq!(db.bulk().run(&plan.token, RunOptions::default()).unwrap(), done);
                Ok::<_, String>(done)
            })),
            Step::Resume(n) => drop(self.both(|db| {
                let id = pick_operation(db, n);
                db.operations().resume(id, RunOptions { chunk: 3, ..RunOptions::default() }).map_err(code)
            })),
            Step::Undo { which, force, part, chunk, stop } => drop(self.both(|db| {
                let id = pick_operation(db, which);
                let later = later_edits(db, id);
                let on_conflict = match force % 4 {
                    0 => OnConflict::Force,
                    1 => OnConflict::Abort,
                    _ => OnConflict::Skip,
                };
                let undo = UndoOptions {
                    on_conflict,
                    leads: (part % 5 == 0).then(|| vec![1, 2, 3, 5, 8]),
                    fields: (part % 7 == 0).then(|| vec!["owner".into(), "notes".into()]),
                };
                let stop = if on_conflict == OnConflict::Abort { None } else { stop };
                let done = db.operations().undo(id, undo, options(chunk, stop)).map_err(code);
                if on_conflict == OnConflict::Skip {
                    assert_eq!(later, values_of(db, &later), "an undo overwrote a later edit of {id}");
                }
                done
            })),
            Step::DoAndUndo { what, which } => drop(self.both(|db| {
                let plan = plan(db, what, which)?;
                let before = values(db);
                let done = run(db, &plan, 4, None)?;
                let undone = db.operations().undo(done.id, UndoOptions::default(), options(3, None));
                let undone = undone.map_err(code)?;
                assert_eq!(undone.conflicts, 0, "nobody interfered");
                assert_eq!(values(db), before, "an undo brings everything back");
                Ok::<_, String>(undone)
            })),
            Step::Reopen => {
                // Without closing, as after a crash between two commits.
                let (now, real) = (testing::now(&self.real), self.place.open());
                let then = testing::now(&real);
                testing::advance(&real, (now.as_millis() - then.as_millis()) as f64 / 1000.0);
                self.real = real;
                // The model draws from the same beginning again.
                self.model = testing::reseeded(&self.model, 1);
            }
        }
    }

    fn check(&self) {
        let (model, real) = (testing::dump(&self.model).unwrap(), testing::dump(&self.real).unwrap());
        assert_eq!(model, real, "dumps: the model first, then the real store");
        counted_is_journaled(&model);
        assert!(self.real.health(Default::default()).unwrap().damage.is_empty());
    }
}

/// Everything a bulk operation counted as changed has an image in one of its commits, and the other
/// way round; revisions have no gaps.
fn counted_is_journaled(dump: &str) {
    let (mut commits, mut images, mut counted) =
        (BTreeMap::new(), BTreeMap::<i64, u64>::new(), BTreeMap::new());
    let mut purges = Vec::new();
    for line in dump.lines() {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        if let Some(commit) = record.get("commit") {
            let of = (commit["operation"].as_i64().unwrap(), commit["changed"].as_u64().unwrap());
            commits.insert(commit["rev"].as_i64().unwrap(), of);
        } else if let Some(change) = record.get("change") {
            *images.entry(change["rev"].as_i64().unwrap()).or_default() += 1;
        } else if let Some(stored) = record.get("operation") {
            let operation = &stored["operation"];
            let id = operation["id"].as_i64().unwrap();
            if operation["kind"] == "purge" {
                purges.push(id);
            } else if stored["token"].is_string() {
                counted.insert(id, operation["changed"].as_u64().unwrap());
                let counts = &operation["counts"];
                let count = |name: &str| counts[name].as_u64().unwrap_or(0);
                if operation["state"] == "finished" {
                    let sum = count("changed") + count("unchanged") + count("skipped");
                    assert_eq!(count("planned"), sum, "{operation}");
                }
            }
        }
    }
    let revs: Vec<i64> = commits.keys().copied().collect();
    assert_eq!(revs, (1..=revs.len() as i64).collect::<Vec<_>>(), "revisions have gaps");
    let mut changed = BTreeMap::<i64, u64>::new();
    for (rev, (operation, count)) in &commits {
        *changed.entry(*operation).or_default() += count;
        if purges.is_empty() {
            assert_eq!(*count, images.get(rev).copied().unwrap_or(0), "images of commit {rev}");
        }
    }
    for (id, count) in counted {
        assert_eq!(count, changed.get(&id).copied().unwrap_or(0), "operation {id}");
    }
}

fn code(error: Error) -> String {
    error.code().to_string()
}

fn csv(first: u8, rows: u8) -> Vec<u8> {
    let mut csv = String::from("external_id,email,first_name,company,status,country,tags\n");
    for i in 0..rows {
        let n = u32::from(first) + u32::from(i) * 7;
        let (id, email) = (n % 40, format!("p{}@x{}.org", n % 24, n % 3));
        let tag = if n.is_multiple_of(11) { "protected" } else { "" };
        let status = ["new", "contacted", ""][n as usize % 3];
        let country = ["Germany", "AT", ""][n as usize % 3];
        let name = ["Ann", "Ben", "Cy", ""][n as usize % 4];
        csv.push_str(&format!("c{id},{email},{name},Company {},{status},{country},{tag}\n", n % 5));
    }
    csv.into_bytes()
}

fn pick(db: &Database, n: u8) -> i64 {
    let all = FindOptions { include_deleted: true, limit: 1_000, ..FindOptions::default() };
    let leads = db.leads().find(&Filter::default(), all).unwrap().items;
    leads.get(usize::from(n) % leads.len().max(1)).map_or(1, |lead| lead.id)
}

fn pick_operation(db: &Database, n: u8) -> i64 {
    let operations = db.operations().list(Default::default()).unwrap().items;
    // Of late ones rather than early ones.
    operations.get(usize::from(n % 16) % operations.len().max(1)).map_or(1, |o| o.id)
}

fn edit(db: &Database, lead: i64, kind: u8) -> Result<Lead, String> {
    let (field, value) = match kind % 6 {
        0 => ("owner", json!("tom")),
        1 => ("status", json!("contacted")),
        2 => ("notes", json!(format!("note {kind}"))),
        3 => ("tags", json!(["protected"])),
        4 => ("tags", json!([])),
        _ => ("email", json!(format!("p{}@x{}.org", kind % 24, kind % 3))),
    };
    db.leads().update(lead, [(field, value)]).map_err(code)
}

fn plan(db: &Database, what: u8, which: u8) -> Result<Plan, String> {
    let filter = Filter::from_json(match which % 5 {
        0 => json!({"all": true}),
        1 => json!({"status": "new"}),
        2 => json!({"country": {"in": ["DE", "AT"]}}),
        3 => json!({"not": {"owner": "mia"}}),
        _ => json!({"id": {"lte": 9}}),
    })
    .unwrap();
    let (bulk, options) =
        (db.bulk(), PlanOptions { include_protected: which.is_multiple_of(3), ..PlanOptions::default() });
    let ids = || [u8::from(what > 99), 1, 2].map(|i| pick(db, which.wrapping_mul(3).wrapping_add(i)));
    match what % 11 {
        0 => bulk.plan_update(&filter, BulkUpdate::default().set("owner", "mia"), options),
        1 => {
            bulk.plan_update(&filter, BulkUpdate::default().set("country", "France").clear("notes"), options)
        }
        2 => bulk.plan_update(
            &filter,
            BulkUpdate::default().add_tag("spring").remove_tag("protected"),
            options,
        ),
        3 => bulk.plan_update(
            &filter,
            BulkUpdate::default().template("notes", "At {{ lead.company }}"),
            options,
        ),
        4 => bulk.plan_update(&filter, BulkUpdate::default().set("external_id", "c7"), options),
        5 => bulk.plan_status(&filter, ["won", "lost", "contacted"][usize::from(which) % 3], options),
        6 => bulk.plan_assign(&filter, Assignment::RoundRobin(vec!["mia".into(), "tom".into()]), options),
        7 => {
            let at = Filter::field("country").eq("AT");
            let rules = vec![TerritoryRule { filter: at, owner: "eva".into() }];
            bulk.plan_assign(&filter, Assignment::Territory(Territory { rules, otherwise: None }), options)
        }
        8 => {
            let [keep, one, two] = ids();
            bulk.plan_merge(vec![MergeGroup { keep, merge: vec![one, two] }], options)
        }
        9 if which.is_multiple_of(16) => bulk.plan_purge(&filter, options),
        _ => bulk.plan_delete(&filter, options),
    }
    .map_err(code)
}

/// Stops after so many chunks.
fn options(chunk: u8, stop: Option<u8>) -> RunOptions {
    let cancel = stop.map_or_else(CancelToken::default, |chunks| testing::cancelled_after(u64::from(chunks)));
    RunOptions { chunk: u64::from(chunk), cancel, ..RunOptions::default() }
}

/// Runs a plan to its end, stopped on the way or not.
fn run(db: &Database, plan: &Plan, chunk: u8, stop: Option<u8>) -> Result<Operation, String> {
    let confirm = plan.needs_confirmation.then_some(plan.count);
    let stopped = db.bulk().run(&plan.token, RunOptions { confirm, ..options(chunk, stop) });
    match stopped {
        Err(error) if error.code() == "cancelled" => {
            db.bulk().run(&plan.token, RunOptions { confirm, ..options(chunk, None) }).map_err(code)
        }
        result => result.map_err(code),
    }
}

/// All leads without revisions and times of change.
fn values(db: &Database) -> Vec<Lead> {
    let options = FindOptions { include_deleted: true, ..FindOptions::default() };
    let leads = db.leads().iterate(&Filter::default(), options).unwrap().map(Result::unwrap);
    leads.map(|lead| Lead { rev: 0, updated_at: Timestamp::default(), ..lead }).collect()
}

type Values = Vec<(i64, String, serde_json::Value)>;

/// The values that single edits wrote after an operation and that are still there, where they are
/// not the ones that the operation had written.
fn later_edits(db: &Database, operation: i64) -> Values {
    let mut edited = Values::new();
    for lead in values(db) {
        let history = db.leads().history(lead.id).unwrap();
        for field in ["owner", "notes", "status"] {
            let mut changes = history.iter().filter(|change| change.fields.contains_key(field));
            let Some(last) = changes.next() else { continue };
            let theirs = last.kind == OperationKind::Update && last.operation_id > operation;
            let mut ours = history.iter().filter(|change| change.operation_id == operation);
            let wrote = ours.find_map(|change| change.fields.get(field));
            if theirs && wrote.is_none_or(|wrote| wrote.after != last.fields[field].after) {
                edited.push((lead.id, field.to_string(), json!(null)));
            }
        }
    }
    values_of(db, &edited)
}

fn values_of(db: &Database, of: &Values) -> Values {
    let leads: BTreeMap<i64, Lead> = values(db).into_iter().map(|lead| (lead.id, lead)).collect();
    let value = |id: &i64, field: &str| leads[id].value(&FieldName::parse(field).unwrap());
    of.iter().map(|(id, field, _)| (*id, field.clone(), value(id, field))).collect()
}

fn cases() -> u32 {
    let named = std::env::var("LEADKIT_CASES").ok().and_then(|n| n.parse().ok());
    named.unwrap_or(if std::env::var_os("LEADKIT_LONG").is_some() { 10_000 } else { 256 })
}

fn config() -> ProptestConfig {
    // Failures are told with their steps; nothing is kept in files.
    ProptestConfig {
        cases: cases(),
        failure_persistence: None,
        max_shrink_iters: 400,
        ..ProptestConfig::default()
    }
}

struct OnSqlite;

impl StateMachineTest for OnSqlite {
    type SystemUnderTest = Pair;
    type Reference = Steps;

    fn init_test((): &()) -> Pair {
        // Memory where there is some: thousands of databases, and no power is cut here.
        let shm = std::path::Path::new("/dev/shm");
        let folder = if shm.is_dir() { tempfile::tempdir_in(shm) } else { tempfile::tempdir() };
        Pair::new(Place::File(folder.unwrap()))
    }

    fn apply(mut pair: Pair, (): &(), step: Step) -> Pair {
        pair.take(step);
        pair
    }

    fn check_invariants(pair: &Pair, (): &()) {
        pair.check();
    }
}

struct OnPostgres;

impl StateMachineTest for OnPostgres {
    type SystemUnderTest = Pair;
    type Reference = Steps;

    fn init_test((): &()) -> Pair {
        Pair::new(Place::Server(Tenant::new()))
    }

    fn apply(mut pair: Pair, (): &(), step: Step) -> Pair {
        pair.take(step);
        pair
    }

    fn check_invariants(pair: &Pair, (): &()) {
        pair.check();
    }
}

prop_state_machine! {
    #![proptest_config(config())]
    #[test]
    fn sqlite_does_as_the_model(sequential 1..16 => OnSqlite);

    #[test]
    fn postgresql_does_as_the_model(sequential 1..16 => OnPostgres);
}
