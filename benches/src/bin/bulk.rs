//! One field of all leads changed, journaled and taken back, beside a bare UPDATE of the same rows.
//!
//! `cargo xtask bench bulk [-- --rows N] [--repeat N]`. Ratios are of medians of one run: on SQLite of
//! processor time, since the disk of a shared machine is anybody's; on PostgreSQL of time by the
//! clock, since the work is another process's. The latter runs where `LEADKIT_TEST_POSTGRES` names a
//! server: `cargo xtask postgres cargo xtask bench bulk`.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::panic)]

use std::path::{Path, PathBuf};

use leadkit_benches::{Cost, Stopwatch, leads_csv, median, target_dir};
use leadkit_core::{BulkUpdate, Database, Filter, ImportOptions, RunOptions};
use rusqlite::Connection;

fn main() {
    let (mut rows, mut repeat) = (200_000_u64, 5_usize);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let number = words.next().and_then(|n| n.replace('_', "").parse().ok());
        match (word.as_str(), number) {
            ("--rows", Some(n)) => rows = n,
            ("--repeat", Some(n)) => repeat = n as usize,
            _ => panic!("cargo xtask bench bulk [-- --rows N] [--repeat N]"),
        }
    }
    let base = prepared(rows);
    println!("{rows} leads, SQLite, medians of {repeat} runs, processor time\n");
    for (field, indexed) in [("owner", true), ("source", false)] {
        let (mut bare, mut single, mut chunked, mut undo) = (vec![], vec![], vec![], vec![]);
        let (mut bytes, mut walls) = (0.0, vec![]);
        for round in 0..repeat {
            bare.push(cost_of_bare(&base, field).cpu);
            let (run, undone, journal) = cost_of_ours(&base, field, rows, rows, round);
            single.push(run.cpu);
            bytes = journal;
            let _ = undone;
            let (run, undone, _) = cost_of_ours(&base, field, rows, 5_000, round);
            chunked.push(run.cpu);
            walls.push(run.wall);
            undo.push(undone.cpu);
        }
        let bare = median(bare);
        let per_row = |seconds: f64| seconds * 1e6 / rows as f64;
        println!("{field} ({})", if indexed { "indexed" } else { "not indexed" });
        println!("  bare UPDATE, one transaction     {:7.2} us/row", per_row(bare));
        let line = |name: &str, cpu: f64, target: &str| {
            println!("  {name:<32} {:7.2} us/row   {:5.2}x   {target}", per_row(cpu), cpu / bare);
        };
        let goal = |text: &'static str| if indexed { text } else { "" };
        line("plan and run, one transaction", median(single), goal("target 1.4"));
        line("plan and run, chunks of 5,000", median(chunked), goal("target 1.5"));
        line("undo, chunks of 5,000", median(undo), goal("target 2.0"));
        println!("  plan and run by the clock        {:7.2} s", median(walls));
        println!("  journal                          {bytes:7.1} bytes/row   {}\n", goal("target 65"));
    }
    match std::env::var("LEADKIT_TEST_POSTGRES") {
        Ok(url) => on_postgres(&url, rows, repeat),
        Err(_) => println!("no PostgreSQL: LEADKIT_TEST_POSTGRES names no server"),
    }
}

/// The same on PostgreSQL, each time on tables without dead rows.
fn on_postgres(url: &str, rows: u64, repeat: usize) {
    const TENANT: &str = "bench_bulk";
    let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
    client.batch_execute(&format!("DROP SCHEMA IF EXISTS {TENANT} CASCADE")).unwrap();
    let options = leadkit_core::OpenOptions { tenant: Some(TENANT.into()), ..Default::default() };
    let db = leadkit_core::open_with(url, options).unwrap();
    db.import_leads(leads_csv(rows).as_path(), import_options()).unwrap();
    client.batch_execute(&format!("SET search_path TO {TENANT}")).unwrap();
    let stored = db.leads().count(&Filter::default()).unwrap();
    let mut clean = || {
        for sql in ["VACUUM FULL lead", "VACUUM FULL change", "ANALYZE lead", "CHECKPOINT"] {
            client.batch_execute(sql).unwrap();
        }
    };
    let mut bare_client = postgres::Client::connect(url, postgres::NoTls).unwrap();
    bare_client.batch_execute(&format!("SET search_path TO {TENANT}")).unwrap();
    let (mut bare, mut single, mut chunked, mut undo) = (vec![], vec![], vec![], vec![]);
    for round in 0..repeat {
        clean();
        let clock = Stopwatch::start();
        let owner = format!("Bare {round}");
        let sql = "UPDATE lead SET owner = $1, owner_fold = lower($1), updated_at = $2";
        bare_client.execute(sql, &[&owner, &1_767_225_600_000_i64]).unwrap();
        bare.push(clock.stop().wall);
        for (chunk, name, walls) in [(rows, "One", &mut single), (5_000, "Many", &mut chunked)] {
            clean();
            let options = || RunOptions { chunk, confirm: Some(stored), ..RunOptions::default() };
            let clock = Stopwatch::start();
            let update = BulkUpdate::default().set("owner", format!("{name} {round}"));
            let plan = db.bulk().plan_update(&Filter::default(), update, Default::default()).unwrap();
            let done = db.bulk().run(&plan.token, options()).unwrap();
            walls.push(clock.stop().wall);
            assert_eq!(done.changed, stored);
            if chunk == 5_000 {
                clean();
                let clock = Stopwatch::start();
                let undone = db.operations().undo(done.id, Default::default(), options()).unwrap();
                undo.push(clock.stop().wall);
                assert_eq!(undone.changed, stored);
            }
        }
    }
    db.close();
    client.batch_execute(&format!("DROP SCHEMA {TENANT} CASCADE")).unwrap();
    let bare = median(bare);
    let per_row = |seconds: f64| seconds * 1e6 / rows as f64;
    println!("owner (indexed), PostgreSQL, by the clock");
    println!("  bare UPDATE, one transaction     {:7.2} us/row", per_row(bare));
    for (name, walls, target) in [
        ("plan and run, one transaction", single, "target 1.5"),
        ("plan and run, chunks of 5,000", chunked, "target 1.8"),
        ("undo, chunks of 5,000", undo, ""),
    ] {
        let wall = median(walls);
        println!("  {name:<32} {:7.2} us/row   {:5.2}x   {target}", per_row(wall), wall / bare);
    }
}

fn import_options() -> ImportOptions {
    ImportOptions {
        allow_reserved_domains: true,
        on_match: leadkit_core::OnMatch::Create,
        rejects: leadkit_core::model::options::Rejects::Write(false),
        ..ImportOptions::default()
    }
}

/// A database of so many leads, made once.
fn prepared(rows: u64) -> PathBuf {
    let path = target_dir("bench-data").join(format!("bulk-{rows}.db"));
    if !path.exists() {
        let part = path.with_extension("part");
        let _ = std::fs::remove_file(&part);
        let db = leadkit_core::open(part.to_str().unwrap()).unwrap();
        db.import_leads(leads_csv(rows).as_path(), import_options()).unwrap();
        db.close();
        std::fs::rename(part, &path).unwrap();
    }
    path
}

/// A copy to work on, with an empty log.
fn copy(base: &Path) -> PathBuf {
    let path = target_dir("bench-data").join("bulk-work.db");
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{ending}", path.display()));
    }
    std::fs::copy(base, &path).unwrap();
    path
}

fn cost_of_bare(base: &Path, field: &str) -> Cost {
    let connection = Connection::open(copy(base)).unwrap();
    // As the store opens its file.
    connection
        .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -32768;")
        .unwrap();
    let sql = format!("UPDATE lead SET {field} = ?1, {field}_fold = ?2, updated_at = ?3");
    let clock = Stopwatch::start();
    connection.execute(&sql, ("Mia", "mia", 1_767_225_600_000_i64)).unwrap();
    clock.stop()
}

/// What planning and running cost, what the undo cost, and the journal's bytes a row.
fn cost_of_ours(base: &Path, field: &str, rows: u64, chunk: u64, round: usize) -> (Cost, Cost, f64) {
    let path = copy(base);
    let db: Database = leadkit_core::open(path.to_str().unwrap()).unwrap();
    let stored = db.leads().count(&Filter::default()).unwrap();
    let journal = journal_bytes(&path);
    let options = || RunOptions { chunk, confirm: Some(stored), ..RunOptions::default() };
    let clock = Stopwatch::start();
    let update = BulkUpdate::default().set(field, "Mia");
    let plan = db.bulk().plan_update(&Filter::default(), update, Default::default()).unwrap();
    let done = db.bulk().run(&plan.token, options()).unwrap();
    let run = clock.stop();
    assert_eq!(done.changed, stored, "round {round}");
    let bytes = (journal_bytes(&path) - journal) / rows as f64;
    let clock = Stopwatch::start();
    let undone = db.operations().undo(done.id, Default::default(), options()).unwrap();
    let undo = clock.stop();
    assert_eq!(undone.changed, stored, "round {round}");
    (run, undo, bytes)
}

fn journal_bytes(path: &Path) -> f64 {
    let connection = Connection::open(path).unwrap();
    let sql = "SELECT coalesce(sum(pgsize), 0) FROM dbstat WHERE name = 'change'";
    connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap() as f64
}
