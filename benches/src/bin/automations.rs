//! What it takes to know that nothing is due, and what is.
//!
//! ```text
//! cargo xtask bench automations [-- --leads N]
//! ```
//!
//! A million leads in a file, each with a run of an automation that waits: a tick with nothing due, beside its
//! limit of a millisecond; finding the runs that are due, beside one query by the index that gives the same rows;
//! and a time of a schedule that is for the leads of one owner in a hundred, beside the query that finds them.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, clippy::panic)]

use std::time::{Duration, Instant};

use leadkit_benches::{Stopwatch, median, target_dir};
use leadkit_core::model::automation::{AutomationRun, RunState, TickOptions, TriggerEvent};
use leadkit_core::model::read::from_json;
use leadkit_core::store::Store;
use leadkit_core::store::sqlite::{SqliteStore, StoreOptions};
use leadkit_core::{Database, Filter, Timestamp, testing};
use rusqlite::Connection;
use serde_json::json;

const TIMES: usize = 200;
/// Runs that are due at once.
const DUE: i64 = 10_000;
/// Runs of a transaction.
const BATCH: i64 = 10_000;

fn main() {
    let mut leads = 1_000_000_i64;
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match (word.as_str(), words.next().and_then(|n| n.replace('_', "").parse().ok())) {
            ("--leads", Some(n)) => leads = n,
            _ => panic!("cargo xtask bench automations [-- --leads N]"),
        }
    }
    let path = target_dir("bench-data").join("automations.db");
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{ending}", path.display()));
    }
    let now: Timestamp = "2026-03-02T08:00:00Z".parse().unwrap();
    let db = testing::open(path.to_str().unwrap(), now, 1).unwrap();
    let mut csv = String::from("external_id,first_name,owner,email\n");
    (1..=leads).for_each(|n| csv.push_str(&format!("{n},Ada,Owner {},p{n}@fair.example\n", n % 100)));
    db.import_leads(csv.into_bytes(), Default::default()).unwrap();
    waiting(&db, &path, leads, now);
    println!("{leads} leads, each with a run that waits\n");

    let nothing = |name: &str| {
        let times: Vec<f64> = (0..TIMES)
            .map(|_| {
                let watch = Instant::now();
                let report = db.tick(None, &TickOptions::default()).unwrap();
                assert_eq!((report.started, report.steps), (0, 0));
                watch.elapsed().as_secs_f64() * 1e3
            })
            .collect();
        println!("{name:<55} {:8.3} ms   limit 1", median(times));
    };
    nothing("a tick with nothing due");
    due(&db, &path);
    nothing("a tick with nothing due, after these");
    scheduled(&db, &path);
}

/// Enters the automation, and a run of each lead, an hour and more away; the first of them in half an hour.
fn waiting(db: &Database, path: &std::path::Path, leads: i64, now: Timestamp) {
    let spec = json!({
        "trigger": {"on": "lead_created"},
        "steps": [{"do": "wait", "for": "1h"}, {"do": "wait", "for": "1000d"}],
    });
    db.automations().save("waits", &from_json(spec).unwrap(), Default::default()).unwrap();
    db.automations().enable("waits").unwrap();
    let store = SqliteStore::open(
        Some(path),
        StoreOptions { busy_timeout: Duration::from_secs(10), read_only: false },
    )
    .unwrap();
    let store: &dyn Store = &store;
    let run = |lead: i64| AutomationRun {
        id: 0,
        automation: "waits".into(),
        version: 1,
        lead,
        event: TriggerEvent { on: "lead_created".into(), at: now, ..TriggerEvent::default() },
        key: format!("rev:1:{lead}"),
        state: RunState::Waiting,
        step: 1,
        due_at: Some(Timestamp(now.0 + if lead <= DUE { 1_800_000 } else { 3_600_000 * (2 + lead % 5_000) })),
        awaits: false,
        started_at: now,
        ended_at: None,
        reason: None,
        log: Vec::new(),
    };
    let watch = Stopwatch::start();
    for first in (1..=leads).step_by(BATCH as usize) {
        let runs: Vec<_> = (first..(first + BATCH).min(leads + 1)).map(run).collect();
        store.writing(|writer| writer.add_runs(&runs)).unwrap();
    }
    eprintln!("runs entered, {:.1} us of processor time each", watch.stop().cpu * 1e6 / leads as f64);
}

/// Finds what is due, and does it.
fn due(db: &Database, path: &std::path::Path) {
    testing::advance(db, 1_800.0);
    let now = testing::now(db);
    let connection = Connection::open(path).unwrap();
    let bare = || {
        let watch = Stopwatch::start();
        let sql = "SELECT value FROM automation_run WHERE due_at <= ? ORDER BY due_at, id";
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([now.0], |row| row.get::<_, String>(0)).unwrap();
        assert_eq!(rows.map(|row| row.unwrap().len()).filter(|length| *length > 0).count() as i64, DUE);
        watch.stop().cpu * 1e3
    };
    let options = StoreOptions { busy_timeout: Duration::from_secs(10), read_only: false };
    let store = SqliteStore::open(Some(path), options).unwrap();
    let store: &dyn Store = &store;
    let ours = || {
        let watch = Stopwatch::start();
        let found = store.reading(|reader| reader.due_runs(now, u64::MAX)).unwrap();
        assert_eq!(found.len() as i64, DUE);
        watch.stop().cpu * 1e3
    };
    let (bare, ours): (Vec<f64>, Vec<f64>) = (0..15).map(|_| (bare(), ours())).unzip();
    let (bare, ours) = (median(bare), median(ours));
    println!("{:<55} {bare:8.1} ms", format!("{DUE} due runs, by one query of the index"));
    println!("{:<55} {ours:8.1} ms   {:.1}x, target 5", "the same, as leadkit decides on them", ours / bare);
    let watch = Stopwatch::start();
    let report = db.tick(None, &TickOptions::default()).unwrap();
    assert_eq!(report.steps as i64, DUE);
    let done = watch.stop().cpu;
    println!("{:<55} {:8.1} us each", "a step of each of them, stored", done * 1e6 / DUE as f64);
}

/// A time of a schedule for the leads of one owner.
fn scheduled(db: &Database, path: &std::path::Path) {
    let spec = json!({
        "trigger": {"on": "schedule", "schedule": {"zone": "UTC", "at": "2026-03-02T09:00"}},
        "condition": {"lead": {"owner": "Owner 7"}},
        "steps": [{"do": "wait", "for": "1000d"}],
    });
    db.automations().save("owner", &from_json(spec).unwrap(), Default::default()).unwrap();
    db.automations().enable("owner").unwrap();
    let connection = Connection::open(path).unwrap();
    let query = |columns: &str| {
        let sql = format!(
            "SELECT {columns} FROM lead WHERE coalesce(owner_fold, owner) = 'owner 7' AND deleted_at IS NULL"
        );
        let watch = Stopwatch::start();
        let mut statement = connection.prepare(&sql).unwrap();
        let (mut rows, width) = (0, statement.column_count());
        let mut cursor = statement.query([]).unwrap();
        while let Some(row) = cursor.next().unwrap() {
            rows += 1;
            (0..width).for_each(|column| assert!(row.get_ref(column).is_ok()));
        }
        (watch.stop().cpu * 1e3, rows)
    };
    query("*");
    let times: Vec<(f64, u64)> = (0..15).map(|_| query("*")).collect();
    let (indexed, leads) = (median(times.iter().map(|time| time.0).collect()), times[0].1);
    println!("{:<55} {indexed:8.1} ms", format!("the {leads} leads of an owner, by one query of the index"));
    let filter = Filter::field("owner").eq("Owner 7");
    let find = || {
        let watch = Stopwatch::start();
        let found = db.leads().iterate(&filter, Default::default()).unwrap().count() as u64;
        assert_eq!(found, leads);
        watch.stop().cpu * 1e3
    };
    let found = median((0..5).map(|_| find()).collect());
    println!("{:<55} {found:8.1} ms   {:.1}x", "the same, as leadkit reads leads", found / indexed);
    testing::advance(db, 1_800.0);
    let watch = Stopwatch::start();
    let report = db.tick(None, &TickOptions::default()).unwrap();
    let ours = watch.stop().cpu * 1e3;
    assert_eq!((report.started, report.steps), (leads, leads));
    println!(
        "{:<55} {ours:8.1} ms   {:.1}x",
        "deciding on each, starting a run, and its first step",
        ours / indexed
    );
}
