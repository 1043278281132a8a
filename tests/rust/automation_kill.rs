//! Two processes that work automations off, killed at random moments: every step of every run is done once.
//!
//! 400 events and 16 kills on each kind of store; 10,000 and 200 with LEADKIT_LONG.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Stdio};
use std::time::Duration;

use leadkit_core::model::automation::{EventListOptions, RunListOptions, RunState, TickOptions};
use leadkit_core::model::history::SearchOptions;
use leadkit_core::model::read::from_json;
use leadkit_core::*;
use leadkit_tests::home::Home;
use leadkit_tests::*;
use serde_json::json;

fn size() -> (u64, u64) {
    if std::env::var_os("LEADKIT_LONG").is_some() { (10_000, 200) } else { (400, 16) }
}

fn seed() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(100);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// The other side: a process that works off whatever is due, again and again.
#[test]
fn child() {
    let Some(db) = Home::db_of_parent(u64::from(std::process::id())) else { return };
    println!("\nGO");
    loop {
        match db.tick(None, &TickOptions { limit: 40, ..TickOptions::default() }) {
            Ok(_) => {}
            Err(error) if error.is_retryable() => {}
            Err(error) => panic!("{error}"),
        }
    }
}

/// A worker, and what it says, which must stay open while it lives.
struct Worker(Child, #[allow(dead_code, reason = "closing it would kill the worker")] BufReader<ChildStdout>);

fn spawn(home: &Home) -> Worker {
    let mut child = victim()
        .args(["--exact", "child", "--nocapture"])
        .envs(home.environment())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while line.trim() != "GO" {
        line.clear();
        assert!(lines.read_line(&mut line).unwrap() > 0, "the worker did not begin");
    }
    Worker(child, lines)
}

fn worked_off(home: &Home) {
    let (events, kills) = size();
    let db = home.db(seed());
    let spec = from_json(json!({
        "trigger": {"on": "lead_imported"},
        "steps": [
            {"do": "host", "event": "came"}, {"do": "wait", "for": "0s"},
            {"do": "task", "subject": "Call them"}, {"do": "wait", "for": "0s"},
            {"do": "tag", "add": ["done"]}, {"do": "status", "to": "contacted"},
        ],
    }))
    .unwrap();
    db.automations().save("welcome", &spec, Default::default()).unwrap();
    db.automations().enable("welcome").unwrap();
    let mut workers: Vec<Worker> = (0..2).map(|_| spawn(home)).collect();
    let mut dice = Dice::new(11);
    let (parts, mut imported) = (8, 0);
    for kill in 0..kills {
        if kill * parts / kills * events / parts >= imported && imported < events {
            let rows: String =
                (imported..imported + events / parts).map(|n| format!("p{n}@fair.example\n")).collect();
            let options = ImportOptions { automations: true, ..ImportOptions::default() };
            let report = db.import_leads(format!("email\n{rows}").into_bytes(), options).unwrap();
            assert_eq!(report.automations, events / parts);
            imported += events / parts;
        }
        std::thread::sleep(Duration::from_micros(dice.below(60_000) as u64));
        let unlucky = dice.below(2);
        workers[unlucky].0.kill().unwrap();
        workers[unlucky].0.wait().unwrap();
        workers[unlucky] = spawn(home);
    }
    for worker in &mut workers {
        worker.0.kill().unwrap();
        worker.0.wait().unwrap();
    }
    home.assert_sound();
    assert_eq!(imported, events);
    db.tick(None, &TickOptions::default()).unwrap();

    // One run for each lead, and each step of it once.
    let runs = db.automations().runs(&RunListOptions { limit: events * 2, ..Default::default() }).unwrap();
    assert_eq!(runs.items.len() as u64, events);
    assert!(runs.items.iter().all(|run| run.state == RunState::Finished && run.log.len() == 6));
    let told =
        db.automations().events(&EventListOptions { limit: events * 2, ..Default::default() }).unwrap();
    let mut leads: Vec<i64> = told.iter().map(|event| event.lead).collect();
    leads.sort_unstable();
    assert_eq!(leads, (1..=events.cast_signed()).collect::<Vec<_>>());
    let ids: Vec<i64> = told.iter().map(|event| event.id).collect();
    assert_eq!(ids, (1..=events.cast_signed()).collect::<Vec<_>>(), "numbers without gaps");
    let tasks = SearchOptions { limit: events * 2, ..SearchOptions::default() };
    let mut each: BTreeMap<i64, u64> = BTreeMap::new();
    for contact in db.comms().search(&tasks).unwrap().items {
        *each.entry(contact.contact.lead.unwrap()).or_default() += 1;
    }
    assert!(each.len() as u64 == events && each.values().all(|times| *times == 1));
    for lead in [1, events.cast_signed() / 2, events.cast_signed()] {
        assert_eq!(db.leads().history(lead).unwrap().len(), 3, "added, tagged, moved");
    }
    assert!(db.audit().verify(Default::default()).unwrap().ok);
}

#[test]
fn every_step_is_done_once_in_a_file() {
    worked_off(&Home::file());
}

#[test]
fn every_step_is_done_once_on_a_server() {
    worked_off(&Home::tenant());
}
