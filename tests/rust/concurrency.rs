//! Several writers at once, in threads of one handle and in processes: nothing is lost, revisions
//! have no gaps, and readers go on.
//!
//! 4 writers with 100 operations each, 2,500 with LEADKIT_LONG.

use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use leadkit_core::*;
use leadkit_tests::home::Home;

const WRITERS: i64 = 4;
/// Leads of each writer; the first lead is everybody's.
const OWN: i64 = 10;
/// How long a store is waited for by default.
const PATIENCE: Duration = Duration::from_secs(10);

fn operations() -> i64 {
    if std::env::var_os("LEADKIT_LONG").is_some() { 2_500 } else { 100 }
}

fn owner(writer: i64) -> String {
    format!("writer{writer}")
}

fn fill(db: &Database) {
    let mut text = String::from("email,owner\nshared@lovelace.org,nobody\n");
    for n in 0..WRITERS * OWN {
        text.push_str(&format!("n{n}@lovelace.org,{}\n", owner(n / OWN)));
    }
    db.import_leads(text.into_bytes(), Default::default()).unwrap();
}

/// What one writer does: changes of its own leads and of the shared one, and operations on all of
/// its leads by both ways. Each is one commit.
fn write(db: &Database, writer: i64) {
    for n in 0..operations() {
        let value = format!("{writer}.{n}");
        let update = match n % 25 {
            10 => BulkUpdate::default().set("source", value),
            20 => BulkUpdate::default().template("job_title", format!("{value} {{{{ lead.owner }}}}")),
            k if k % 5 == 0 => {
                db.leads().update(1, [("notes", value)]).unwrap();
                continue;
            }
            _ => {
                db.leads().update(2 + writer * OWN + n % OWN, [("notes", value)]).unwrap();
                continue;
            }
        };
        let filter = Filter::field("owner").eq(owner(writer));
        let plan = db.bulk().plan_update(&filter, update, Default::default()).unwrap();
        let done = db.bulk().run(&plan.token, Default::default()).unwrap();
        assert_eq!((done.changed, done.conflicts), (OWN as u64, 0));
    }
}

/// The other side of the tests below: a process that writes.
#[test]
fn child() {
    let Some(writer) = std::env::var("LEADKIT_TEST_WRITER").ok().and_then(|text| text.parse().ok()) else {
        return;
    };
    write(&Home::db_of_parent(100 + writer as u64).unwrap(), writer);
}

fn count(n: impl Fn(i64) -> bool) -> usize {
    (0..operations()).filter(|i| n(*i)).count()
}

/// Everything that was written is there.
fn check(home: &Home, db: &Database) {
    home.assert_sound();
    assert_eq!(home.number("SELECT rev FROM head"), 1 + WRITERS * operations());
    // The log has a state of a shared lead for every change but the last, which the lead has.
    let mut notes: Vec<String> = Vec::new();
    for change in db.leads().history(1).unwrap() {
        notes.extend(change.fields.get("notes").and_then(|v| v.after.as_str()).map(str::to_string));
    }
    let shared = count(|n| n % 5 == 0 && ![10, 20].contains(&(n % 25)));
    assert_eq!(notes.len(), shared * WRITERS as usize);
    notes.sort();
    notes.dedup();
    assert_eq!(notes.len(), shared * WRITERS as usize, "one change twice");
    for writer in 0..WRITERS {
        for lead in 0..OWN {
            let (last, mine) = ((0..operations()).rev(), |n: &i64| n % 5 != 0 && n % OWN == lead);
            let lead = db.leads().get(2 + writer * OWN + lead).unwrap().unwrap();
            let wanted = last.clone().find(mine).map(|n| format!("{writer}.{n}"));
            assert_eq!(lead.notes, wanted);
            let source = last.clone().find(|n| n % 25 == 10).map(|n| format!("{writer}.{n}"));
            assert_eq!(lead.source, source);
        }
    }
    assert!(db.health(Default::default()).unwrap().ok);
}

/// Counts while something else goes on, by the same handle: always, and never after a long wait.
fn counting<T>(db: &Database, owner: &str, may_be: impl Fn(u64) -> bool + Sync, work: impl FnOnce() -> T) {
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let (mut counts, mut longest) = (0, Duration::ZERO);
            while !over.load(Ordering::Relaxed) {
                let began = Instant::now();
                let count = db.leads().count(&Filter::field("owner").eq(owner)).unwrap();
                assert!(may_be(count), "{count} leads of {owner}");
                longest = longest.max(began.elapsed());
                counts += 1;
                // Writers want some of the machine, too.
                std::thread::sleep(Duration::from_millis(1));
            }
            (counts, longest)
        });
        // Ends the reader when the work panics, too.
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
        over.store(true, Ordering::Relaxed);
        let (counts, longest) = reader.join().unwrap();
        assert!(done.is_ok(), "the writing failed");
        println!("{counts} counts beside it, the longest of {longest:?}");
        assert!(counts > 0 && longest < PATIENCE);
    });
}

fn threads(home: Home) {
    let db = home.db(1);
    fill(&db);
    let began = Instant::now();
    counting(
        &db,
        "writer2",
        |count| count == OWN as u64,
        || {
            std::thread::scope(|scope| {
                for writer in 0..WRITERS {
                    let db = db.clone();
                    scope.spawn(move || write(&db, writer));
                }
            });
        },
    );
    println!("{} operations in {:?}", WRITERS * operations(), began.elapsed());
    check(&home, &db);
}

fn processes(home: Home) {
    let db = home.db(1);
    fill(&db);
    let began = Instant::now();
    counting(
        &db,
        "writer2",
        |count| count == OWN as u64,
        || {
            let spawn = |writer: i64| {
                Command::new(std::env::current_exe().unwrap())
                    .args(["--exact", "child", "--nocapture"])
                    .envs(home.environment())
                    .env("LEADKIT_TEST_WRITER", writer.to_string())
                    .stdout(std::process::Stdio::null())
                    .spawn()
                    .unwrap()
            };
            let children: Vec<_> = (0..WRITERS).map(spawn).collect();
            let ends: Vec<bool> = children.into_iter().map(|mut c| c.wait().unwrap().success()).collect();
            assert!(ends.iter().all(|end| *end), "{ends:?}");
        },
    );
    println!("{} operations of processes in {:?}", WRITERS * operations(), began.elapsed());
    check(&home, &db);
}

/// Readers see whole chunks only, and wait for none.
fn beside_a_run(home: Home) {
    const LEADS: u64 = 2_000;
    const CHUNK: u64 = 100;
    let db = home.db(1);
    let text: String = (0..LEADS).map(|n| format!("n{n}@lovelace.org,Harbor {n}\n")).collect();
    db.import_leads(format!("email,company\n{text}").into_bytes(), Default::default()).unwrap();
    for update in [
        BulkUpdate::default().set("owner", "mia"),
        BulkUpdate::default().template("owner", "{{ 'mia' }}").add_tag("fair"),
    ] {
        let plan = db.bulk().plan_update(&Filter::default(), update, Default::default()).unwrap();
        let options = || RunOptions { chunk: CHUNK, ..RunOptions::default() };
        let run = || {
            let done = db.bulk().run(&plan.token, options()).unwrap();
            db.operations().undo(done.id, Default::default(), options()).unwrap()
        };
        counting(&db, "mia", |count| count % CHUNK == 0, run);
    }
    home.assert_sound();
}

#[test]
fn four_threads_on_a_file() {
    threads(Home::file());
}

#[test]
fn four_threads_on_a_server() {
    threads(Home::tenant());
}

#[test]
fn four_processes_on_a_file() {
    processes(Home::file());
}

#[test]
fn four_processes_on_a_server() {
    processes(Home::tenant());
}

#[test]
fn readers_of_a_file_go_on() {
    beside_a_run(Home::file());
}

#[test]
fn readers_of_a_server_go_on() {
    beside_a_run(Home::tenant());
}
