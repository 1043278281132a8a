//! Processes killed at any moment of an operation on many leads: what is committed is whole, what
//! is counted is in the log, and the operation is gone on with, once, or taken back.
//!
//! 50 kills in all, 1,000 with LEADKIT_LONG.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use leadkit_core::model::options::Progressing;
use leadkit_core::*;
use leadkit_tests::home::Home;
use leadkit_tests::*;

const LEADS: usize = 600;
/// Leads of one transaction: a run is a dozen commits.
const CHUNK: u64 = 50;
/// Rounds on one database, before its log makes looking at it slow.
const ROUNDS: u32 = 10;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Work {
    /// By a template, lead by lead.
    Rows,
    /// By the store's own means.
    Set,
    Merge,
}

/// What is killed: some work, or its undo.
#[derive(Clone, Copy, Debug)]
struct Case {
    work: Work,
    undo: bool,
}

/// Every handle's tokens are others.
fn seed() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// All leads as they are, without revisions and times of change.
fn state(db: &Database) -> Vec<Lead> {
    let options = FindOptions { include_deleted: true, ..FindOptions::default() };
    let leads = db.leads().iterate(&Filter::default(), options).unwrap().map(Result::unwrap);
    leads.map(|lead| Lead { rev: 0, updated_at: Timestamp::default(), ..lead }).collect()
}

fn fill(db: &Database) {
    let mut text = String::from("email,first_name,company,source\n");
    for n in 0..LEADS {
        text.push_str(&format!("n{n}@fair{n}.org,Ann,Harbor {n},Fair {}\n", n % 7));
    }
    assert_eq!(db.import_leads(text.into_bytes(), Default::default()).unwrap().created, LEADS as u64);
}

fn plan(db: &Database, work: Work) -> Plan {
    let (bulk, all) = (db.bulk(), Filter::default());
    let plan = match work {
        Work::Rows => {
            let update = BulkUpdate::default().template("notes", "Met {{ lead.company }}").add_tag("fair");
            bulk.plan_update(&all, update, Default::default())
        }
        Work::Set => {
            let update = BulkUpdate::default().set("owner", "Mía").set("source", "web");
            bulk.plan_update(&all, update, Default::default())
        }
        Work::Merge => {
            let groups = (1..LEADS as i64).step_by(3);
            let groups = groups.map(|keep| MergeGroup { keep, merge: vec![keep + 1, keep + 2] }).collect();
            bulk.plan_merge(groups, Default::default())
        }
    };
    plan.unwrap()
}

fn options() -> RunOptions {
    RunOptions { chunk: CHUNK, ..RunOptions::default() }
}

fn number_of(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// The other side of the tests below: a process that runs a plan.
#[test]
fn child() {
    let Some(db) = Home::db_of_parent(seed()) else { return };
    testing::set_lease(Duration::from_millis(number_of("LEADKIT_TEST_LEASE").unwrap()));
    let progress = Progressing(Arc::new(|progress: &Progress| println!("\nAT {}", progress.done)));
    let options = RunOptions { progress: Some(progress), ..options() };
    println!("\nGO");
    db.bulk().run(&std::env::var("LEADKIT_TEST_TOKEN").unwrap(), options).unwrap();
}

/// A process that has begun to run a plan, and the lines it says.
fn spawn(home: &Home, token: &str, lease: u64) -> (Child, impl Iterator<Item = String>) {
    let mut child = leadkit_tests::victim()
        .args(["--exact", "child", "--nocapture"])
        .envs(home.environment())
        .envs([("LEADKIT_TEST_TOKEN", token), ("LEADKIT_TEST_LEASE", &lease.to_string())])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line == "GO"));
    (child, lines)
}

/// An operation that is ready to be run: from one state to another.
struct Ready {
    plan: Plan,
    start: Vec<Lead>,
    goal: Vec<Lead>,
}

/// The states before and after the work, and how long a process needs for what is killed.
struct Reference {
    before: Vec<Lead>,
    after: Vec<Lead>,
    counts: std::collections::BTreeMap<String, u64>,
    duration: Duration,
}

impl Case {
    /// Does the work where its undo is to be killed, and plans.
    fn ready(self, db: &Database, reference: &Reference) -> Ready {
        let plan = plan(db, self.work);
        let (before, after) = (reference.before.clone(), reference.after.clone());
        if !self.undo {
            return Ready { plan, start: before, goal: after };
        }
        let id = db.bulk().run(&plan.token, options()).unwrap().id;
        let plan = db.bulk().plan_undo(id, Default::default(), Default::default()).unwrap();
        Ready { plan, start: after, goal: before }
    }

    /// Runs it undisturbed, in a process like those that are killed.
    fn reference(self, home: &Home) -> Reference {
        let db = home.db(seed());
        let before = state(&db);
        let done = db.bulk().run(&plan(&db, self.work).token, options()).unwrap();
        let after = state(&db);
        assert!(before.iter().zip(&after).all(|(before, after)| before != after));
        undo(&db, done.id);
        assert!(state(&db) == before);
        let mut reference =
            Reference { before, after, counts: Default::default(), duration: Default::default() };
        let ready = self.ready(&db, &reference);
        let (mut child, _lines) = spawn(home, &ready.plan.token, 1);
        let began = Instant::now();
        assert!(child.wait().unwrap().success());
        reference.duration = began.elapsed();
        reference.counts = db.operations().get(ready.plan.operation_id).unwrap().counts;
        assert!(state(&db) == ready.goal);
        reference
    }

    /// Kills a process at a moment between 0 and 1 of its run, or as soon as it tells of progress, and
    /// does what its heirs do. Gives how many leads it had changed.
    fn kill(self, home: &Home, reference: &Reference, moment: Option<f64>, go_on: bool) -> u64 {
        let db = home.db(seed());
        let Ready { plan, start, goal } = self.ready(&db, reference);
        let id = plan.operation_id;
        db.close();
        let (mut child, mut lines) = spawn(home, &plan.token, 1);
        match moment {
            Some(moment) => std::thread::sleep(reference.duration.mul_f64(moment)),
            None => drop(lines.find(|line| line.starts_with("AT "))),
        }
        child.kill().unwrap();
        child.wait().unwrap();

        let db = home.db(seed());
        home.assert_sound();
        let (found, operation) = (state(&db), db.operations().get(id).unwrap());
        assert_eq!(found.len(), start.len());
        let at = |lead: usize| found[lead] == goal[lead];
        assert!((0..found.len()).all(|lead| at(lead) || found[lead] == start[lead]), "half a lead");
        let changed = (0..found.len()).filter(|lead| at(*lead)).count() as u64;
        assert_eq!(operation.changed, changed);
        assert_eq!(home.journaled(id), changed.cast_signed());
        if self.work == Work::Merge {
            let groups = (0..found.len()).step_by(3);
            assert!(groups.into_iter().all(|n| at(n) == at(n + 1) && at(n) == at(n + 2)), "half a merge");
        }
        let waits = db.health(Default::default()).unwrap().unfinished.contains(&id);
        assert_eq!(waits, operation.state == OperationState::Running);

        if go_on || changed == 0 {
            let done = match operation.state {
                OperationState::Planned => db.bulk().run(&plan.token, options()),
                _ => db.operations().resume(id, options()),
            };
            let done = done.unwrap();
            assert_eq!(done.counts, reference.counts);
            assert!(state(&db) == goal, "another end than undisturbed");
            // Each lead once, and a repeated call changes nothing.
            assert_eq!(home.journaled(id), LEADS as i64);
            let distinct = "SELECT count(DISTINCT lead) FROM change WHERE rev IN \
                            (SELECT rev FROM commit_log WHERE operation = ";
            assert_eq!(home.number(&format!("{distinct}{id})")), LEADS as i64);
            assert_eq!(db.bulk().run(&plan.token, options()).unwrap(), done);
            undo(&db, id);
        } else {
            undo(&db, id);
            if operation.state == OperationState::Running {
                assert_eq!(db.operations().resume(id, options()).unwrap_err().code(), "conflict");
            }
        }
        assert!(state(&db) == start, "an undo brings back the start");
        assert!(db.health(Default::default()).unwrap().ok);
        home.assert_sound();
        if self.undo {
            // The work itself is there again.
            let done = db.operations().list(Default::default()).unwrap().items;
            undo(&db, done.iter().find(|operation| operation.kind != OperationKind::Undo).unwrap().id);
            assert!(state(&db) == reference.before);
        }
        changed
    }
}

fn undo(db: &Database, id: i64) {
    let undone = db.operations().undo(id, UndoOptions::default(), options()).unwrap();
    assert_eq!(undone.conflicts, 0);
}

fn filled(home: fn() -> Home) -> Home {
    let home = home();
    let db = home.db(seed());
    fill(&db);
    db.close();
    home
}

fn kills(home: fn() -> Home, work: Work, in_short: u32, in_long: u32) {
    testing::set_lease(Duration::from_millis(1));
    let long = std::env::var_os("LEADKIT_LONG").is_some();
    let kills = if long { in_long } else { in_short };
    let mut dice = Dice::new(work as u64);
    let mut between = 0;
    for undo in [false, true] {
        let case = Case { work, undo };
        let reference = case.reference(&filled(home));
        let mut place = filled(home);
        for kill in 0..kills {
            if kill % ROUNDS == ROUNDS - 1 {
                place = filled(home);
            }
            // A random moment in each equal part of the time that the work takes. The first one is
            // between commits for sure, however fast this machine is today.
            let moment = (f64::from(kill) + dice.below(1_000) as f64 / 1_000.0) / f64::from(kills);
            let moment = (kill > 0).then_some(moment);
            let changed = case.kill(&place, &reference, moment, kill % 2 == 0);
            between += u32::from((1..LEADS as u64).contains(&changed));
        }
        println!("{case:?}: {kills} kills of a run of {:?}, {between} between commits", reference.duration);
    }
    assert!(between > 0, "no kill fell between commits");
}

#[test]
fn lead_by_lead_in_a_file() {
    kills(Home::file, Work::Rows, 5, 100);
}

#[test]
fn as_a_set_in_a_file() {
    kills(Home::file, Work::Set, 5, 100);
}

#[test]
fn merges_in_a_file() {
    kills(Home::file, Work::Merge, 5, 100);
}

#[test]
fn lead_by_lead_on_a_server() {
    kills(Home::tenant, Work::Rows, 4, 67);
}

#[test]
fn as_a_set_on_a_server() {
    kills(Home::tenant, Work::Set, 3, 67);
}

#[test]
fn merges_on_a_server() {
    kills(Home::tenant, Work::Merge, 3, 66);
}

/// Nobody takes an operation from a process that may still live.
#[test]
fn a_dead_process_is_waited_for() {
    let home = filled(Home::file);
    let db = home.db(seed());
    let plan = plan(&db, Work::Rows);
    let began = Instant::now();
    let (mut child, mut lines) = spawn(&home, &plan.token, 1_500);
    assert!(lines.any(|line| line.starts_with("AT ")));
    child.kill().unwrap();
    child.wait().unwrap();
    let error = db.operations().resume(plan.operation_id, options()).unwrap_err();
    assert_eq!(error.code(), "operation_running");
    assert!(db.health(Default::default()).unwrap().ok, "somebody seems to be at work");
    let done = loop {
        match db.operations().resume(plan.operation_id, options()) {
            Err(error) if error.code() == "operation_running" => {
                std::thread::sleep(Duration::from_millis(50));
            }
            done => break done.unwrap(),
        }
    };
    assert!(began.elapsed() >= Duration::from_millis(1_500));
    assert_eq!((done.changed, home.journaled(done.id)), (LEADS as u64, LEADS as i64));
}
