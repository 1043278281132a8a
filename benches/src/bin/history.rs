//! What it takes to keep and to find every contact.
//!
//! ```text
//! cargo xtask bench history [-- --rows N] [--leads N]
//! ```
//!
//! A million contacts with a hundred thousand leads, the same ones each time: what it costs to write them
//! beside a bare insert of the same values, and how long it takes to find one lead's, and those that have some
//! words. On SQLite, and on PostgreSQL where `LEADKIT_TEST_POSTGRES` names a server:
//! `cargo xtask postgres cargo xtask bench history`.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, clippy::panic)]

use std::path::Path;
use std::time::{Duration, Instant};

use leadkit_benches::contacts::{Contacts, name};
use leadkit_benches::{Stopwatch, target_dir};
use leadkit_core::clock::Random;
use leadkit_core::model::communication::Communication;
use leadkit_core::model::history::{Facet, SearchOptions, SearchOrder, TimelineOptions};
use leadkit_core::store::Store;
use leadkit_core::store::postgres::{PostgresOptions, PostgresStore};
use leadkit_core::store::sqlite::{SqliteStore, StoreOptions};
use leadkit_core::{Database, OpenOptions};
use rusqlite::Connection;

const SEED: u64 = 5;
/// Contacts of a transaction.
const BATCH: u64 = 5_000;
/// Contacts whose writing is measured, at the end of all.
const MEASURED: u64 = 50_000;
/// How often each thing is looked for.
const TIMES: usize = 400;
const TENANT: &str = "bench_history";

fn main() {
    let (mut rows, mut leads) = (1_000_000_u64, 100_000_u64);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let number = words.next().and_then(|n| n.replace('_', "").parse().ok());
        match (word.as_str(), number) {
            ("--rows", Some(n)) => rows = n,
            ("--leads", Some(n)) => leads = n,
            _ => panic!("cargo xtask bench history [-- --rows N] [--leads N]"),
        }
    }
    println!("{rows} contacts with {leads} leads\n");
    let sqlite = on_sqlite(rows, leads);
    match std::env::var("LEADKIT_TEST_POSTGRES") {
        Ok(url) => {
            let postgres = on_postgres(&url, rows, leads);
            println!("PostgreSQL against SQLite, p50");
            for ((what, here), (_, there)) in sqlite.iter().zip(&postgres) {
                println!("  {what:<44} {:8.2}x", there.as_secs_f64() / here.as_secs_f64());
            }
        }
        Err(_) => println!("no PostgreSQL: LEADKIT_TEST_POSTGRES names no server"),
    }
}

type Times = Vec<(&'static str, Duration)>;

fn on_sqlite(rows: u64, leads: u64) -> Times {
    let path = target_dir("bench-data").join("history.db");
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{ending}", path.display()));
    }
    let text = path.to_str().unwrap();
    make_leads(&leadkit_core::open(text).unwrap(), leads);
    let options = StoreOptions { busy_timeout: Duration::from_secs(10), read_only: false };
    let store = SqliteStore::open(Some(&path), options).unwrap();
    let (all, last) = fill(&store, rows, leads);
    let bare = bare_insert(&path, rows, leads);
    let index = bare_insert_with_indexes(&path, rows, leads);
    println!("SQLite: writing, processor time of the last {} contacts", rows.min(MEASURED));
    let each = |seconds: f64| seconds * 1e6 / rows.min(MEASURED) as f64;
    println!("  bare insert of the same values, no indexes     {:8.2} us", each(bare));
    println!(
        "  the same with all indexes but that of words    {:8.2} us  {:5.2}x",
        each(index),
        index / bare
    );
    println!(
        "  as leadkit writes them                         {:8.2} us  {:5.2}x  target 2.5",
        each(last),
        last / bare
    );
    println!("  all of them by the clock                       {all:8.1} s");
    drop(store);
    println!(
        "  the file                                       {:8.1} MB\n",
        std::fs::metadata(&path).unwrap().len() as f64 / 1e6
    );
    find(&leadkit_core::open(text).unwrap(), rows, leads, "SQLite")
}

fn on_postgres(url: &str, rows: u64, leads: u64) -> Times {
    let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
    client.batch_execute(&format!("DROP SCHEMA IF EXISTS {TENANT} CASCADE")).unwrap();
    let options = OpenOptions { tenant: Some(TENANT.into()), ..Default::default() };
    let db = leadkit_core::open_with(url, options).unwrap();
    make_leads(&db, leads);
    let options = PostgresOptions {
        tenant: Some(TENANT.into()),
        busy_timeout: Duration::from_secs(10),
        read_only: false,
    };
    let store = PostgresStore::open(url, options).unwrap();
    let (all, _) = fill(&store, rows, leads);
    println!("PostgreSQL: all written by the clock in {all:.1} s\n");
    client.batch_execute(&format!("SET search_path TO {TENANT}; ANALYZE")).unwrap();
    let found = find(&db, rows, leads, "PostgreSQL");
    db.close();
    client.batch_execute(&format!("DROP SCHEMA {TENANT} CASCADE")).unwrap();
    found
}

fn make_leads(db: &Database, leads: u64) {
    let mut csv = String::from("external_id,first_name\n");
    (1..=leads).for_each(|n| csv.push_str(&format!("{n},Ada\n")));
    db.import_leads(csv.into_bytes(), Default::default()).unwrap();
}

/// Writes all, and gives the seconds by the clock, and those of the processor for the last of them.
fn fill(store: &dyn Store, rows: u64, leads: u64) -> (f64, f64) {
    let contacts = Contacts::new(leads, SEED);
    let (began, mut last) = (Instant::now(), 0.0);
    let mut written = 0;
    while written < rows {
        let batch: Vec<Communication> =
            (written..rows.min(written + BATCH)).map(|_| contacts.next()).collect();
        let watch = Stopwatch::start();
        store.writing(|w| w.add_communications(&batch)).unwrap();
        written += batch.len() as u64;
        if written > rows.saturating_sub(MEASURED) {
            last += watch.stop().cpu;
        }
        if written.is_multiple_of(200_000) {
            eprintln!("{written} written");
        }
    }
    (began.elapsed().as_secs_f64(), last)
}

/// The same values as leadkit's rows, by one prepared statement, into a table with nothing but a key.
fn bare_insert(path: &Path, rows: u64, leads: u64) -> f64 {
    insert_into(path, rows, leads, &[])
}

fn bare_insert_with_indexes(path: &Path, rows: u64, leads: u64) -> f64 {
    let source = Connection::open(path).unwrap();
    let sql = "SELECT sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'communication' AND sql IS NOT NULL";
    let mut statement = source.prepare(sql).unwrap();
    let indexes: Vec<String> =
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    insert_into(path, rows, leads, &indexes)
}

/// Writes into a copy of the table as it was before the last contacts, and gives what these cost.
fn insert_into(path: &Path, rows: u64, leads: u64, indexes: &[String]) -> f64 {
    let work = path.with_file_name("history-bare.db");
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{ending}", work.display()));
    }
    let connection = Connection::open(&work).unwrap();
    connection
        .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -32768;")
        .unwrap();
    connection.execute("ATTACH ? AS full", [path.to_str().unwrap()]).unwrap();
    let create: String = connection
        .query_row("SELECT sql FROM full.sqlite_schema WHERE name = 'communication'", [], |row| row.get(0))
        .unwrap();
    connection.execute_batch(&create).unwrap();
    let first = rows.saturating_sub(MEASURED) as i64;
    connection
        .execute("INSERT INTO main.communication SELECT * FROM full.communication WHERE id <= ?", [first])
        .unwrap();
    indexes.iter().for_each(|sql| connection.execute_batch(sql).unwrap());
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let values: Vec<Vec<rusqlite::types::Value>> = {
        let mut statement = connection.prepare("SELECT * FROM full.communication WHERE id > ?").unwrap();
        let count = statement.column_count();
        let found = statement.query_map([first], |row| (0..count).map(|at| row.get(at)).collect()).unwrap();
        found.collect::<Result<_, _>>().unwrap()
    };
    // What it takes to make the values is the same on both sides.
    let contacts = Contacts::new(leads, SEED);
    let like: Vec<Communication> = (0..values.len()).map(|_| contacts.next()).collect();
    let marks = vec!["?"; values[0].len()].join(", ");
    let sql = format!("INSERT INTO main.communication VALUES ({marks})");
    let watch = Stopwatch::start();
    for (batch, contacts) in values.chunks(BATCH as usize).zip(like.chunks(BATCH as usize)) {
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        let mut statement = connection.prepare_cached(&sql).unwrap();
        for (row, contact) in batch.iter().zip(contacts) {
            std::hint::black_box(serde_json::to_string(contact).unwrap());
            statement.execute(rusqlite::params_from_iter(row)).unwrap();
        }
        drop(statement);
        connection.execute_batch("COMMIT").unwrap();
    }
    watch.stop().cpu
}

fn find(db: &Database, rows: u64, leads: u64, store: &str) -> Times {
    let random = Random::fixed(SEED + 1);
    let below = |limit: u64| random.next() % limit;
    let mut times = Times::new();
    println!("{store}: finding, {TIMES} times each{:>22}{:>12}", "p50", "p99");
    let mut take = |what: &'static str, note: &str, work: &mut dyn FnMut()| {
        work();
        let mut all: Vec<Duration> = (0..TIMES)
            .map(|_| {
                let began = Instant::now();
                work();
                began.elapsed()
            })
            .collect();
        all.sort_unstable();
        let (half, most) = (all[TIMES / 2], all[TIMES * 99 / 100]);
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        println!("  {what:<44} {:8.3} ms {:8.3} ms   {note}", ms(half), ms(most));
        times.push((what, half));
    };
    take("one contact by its id", "", &mut || {
        db.comms().get(1 + below(rows) as i64).unwrap();
    });
    take("a lead's timeline", "target p50 20x of the above, p99 15 ms", &mut || {
        db.comms().timeline(1 + below(leads) as i64, &TimelineOptions::default()).unwrap();
    });
    let search = |text: String, limit: u64, order: SearchOrder| {
        let asked = SearchOptions { text: Some(text), limit, order, ..Default::default() };
        db.comms().search(&asked).unwrap().items.len()
    };
    let newest = SearchOrder::Newest;
    // Ranks of words: the first stand in a third of all contacts, the last in a few dozen.
    take("a rare word, the newest 20", "target p99 15 ms", &mut || {
        search(name(15_000 + below(4_000)), 20, newest);
    });
    take("a common word, the newest 20", "target p99 15 ms", &mut || {
        search(name(1 + below(20)), 20, newest);
    });
    take("two common words, the newest 20", "target p99 15 ms", &mut || {
        search(format!("{} {}", name(1 + below(20)), name(20 + below(100))), 20, newest);
    });
    take("a common and a rare word, the newest 20", "target p99 15 ms", &mut || {
        search(format!("{} {}", name(1 + below(20)), name(15_000 + below(4_000))), 20, newest);
    });
    take("a common word, the newest 100", "", &mut || {
        search(name(1 + below(20)), 100, newest);
    });
    take("a common word of one lead", "", &mut || {
        let asked = SearchOptions {
            text: Some(name(1 + below(20))),
            lead: Some(1 + below(leads) as i64),
            ..Default::default()
        };
        db.comms().search(&asked).unwrap();
    });
    take("a common word by relevance, of 1,000", "", &mut || {
        search(name(1 + below(20)), 20, SearchOrder::Relevance);
    });
    take("a word of the middle, counted by channel", "", &mut || {
        let asked = SearchOptions {
            text: Some(name(2_000 + below(1_000))),
            facets: vec![Facet::Channel],
            limit: 20,
            ..Default::default()
        };
        db.comms().search(&asked).unwrap();
    });
    println!();
    let (id, timeline) = (times[0].1, times[1].1);
    println!(
        "  a timeline takes {:.1}x of one contact by its id, target 20\n",
        timeline.as_secs_f64() / id.as_secs_f64()
    );
    times
}
