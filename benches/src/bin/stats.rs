//! What it takes to know contacts in numbers.
//!
//! ```text
//! cargo xtask bench stats [-- --rows N] [--leads N]
//! ```
//!
//! A million contacts with a hundred thousand leads, the same ones each time: what it costs to write them and to
//! count them beside a bare insert, and how long dashboards take on the counts, beside DuckDB on the same rows as
//! columns. Whatever DuckDB counts must be what leadkit counts, to the row.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, clippy::panic)]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use leadkit_benches::contacts::Talks;
use leadkit_benches::{Stopwatch, crate_dir, median, peers_python, run_json, target_dir};
use leadkit_core::Database;
use leadkit_core::model::communication::Communication;
use leadkit_core::model::stats::{StatsBy, StatsOptions};
use leadkit_core::store::Store;
use leadkit_core::store::sqlite::{SqliteStore, StoreOptions};
use rusqlite::Connection;
use serde_json::{Map, Value, json};

const SEED: u64 = 5;
/// Contacts of a transaction.
const BATCH: u64 = 5_000;
/// How often each question is asked.
const TIMES: usize = 15;

/// Questions: a name, the groups, and more options.
fn questions() -> Vec<(&'static str, Vec<StatsBy>, StatsOptions)> {
    use StatsBy as By;
    let all = StatsOptions::default;
    let in_zone = |zone: &str| StatsOptions { time_zone: Some(zone.into()), ..all() };
    let month = StatsOptions {
        since: "2026-11-01T00:00:00Z".parse().ok(),
        until: "2026-12-01T00:00:00Z".parse().ok(),
        ..all()
    };
    let sms = StatsOptions { channels: serde_json::from_value(json!(["sms"])).unwrap(), ..all() };
    vec![
        ("headline figures of the year", vec![], all()),
        ("by month and channel", vec![By::Month, By::Channel], all()),
        ("by day", vec![By::Day], all()),
        ("by day of Berlin", vec![By::Day], in_zone("Europe/Berlin")),
        ("by owner", vec![By::Owner], all()),
        ("by campaign and state", vec![By::Campaign, By::State], all()),
        ("by template, of texts only", vec![By::Template], sms),
        ("by variant and country", vec![By::Variant, By::Country], all()),
        ("by weekday and hour where the people are", vec![By::Weekday, By::HourOfDay], all()),
        ("by owner, of one month", vec![By::Owner], month),
        ("by owner and campaign", vec![By::Owner, By::Campaign], all()),
    ]
}

fn main() {
    let (mut rows, mut leads) = (1_000_000_u64, 100_000_u64);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let number = words.next().and_then(|n| n.replace('_', "").parse().ok());
        match (word.as_str(), number) {
            ("--rows", Some(n)) => rows = n,
            ("--leads", Some(n)) => leads = n,
            _ => panic!("cargo xtask bench stats [-- --rows N] [--leads N]"),
        }
    }
    println!("{rows} contacts with {leads} leads\n");
    let path = target_dir("bench-data").join("stats.db");
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{ending}", path.display()));
    }
    let db = leadkit_core::open(path.to_str().unwrap()).unwrap();
    let mut csv = String::from("external_id,first_name\n");
    (1..=leads).for_each(|n| csv.push_str(&format!("{n},Ada\n")));
    db.import_leads(csv.into_bytes(), Default::default()).unwrap();
    let columns = write(&path, &db, rows, leads);
    let ours: Vec<(Value, f64)> = questions().iter().map(|(_, by, more)| ask(&db, by, more)).collect();
    let slow = StatsOptions { by: vec![StatsBy::Owner], count_leads: true, ..StatsOptions::default() };
    let watch = Instant::now();
    db.comms().stats(&slow).unwrap();
    println!(
        "by owner with leads, through the contacts themselves  {:8.1} s\n",
        watch.elapsed().as_secs_f64()
    );
    match peers_python() {
        Some(python) => beside_duckdb(&python, &columns, &ours),
        None => println!("no DuckDB: the Python peers cannot be had"),
    }
}

/// Writes all contacts, and gives a file of the same rows as columns.
fn write(path: &Path, db: &Database, rows: u64, leads: u64) -> PathBuf {
    let options = StoreOptions { busy_timeout: Duration::from_secs(10), read_only: false };
    let store = SqliteStore::open(Some(path), options).unwrap();
    let (mut talks, mut written, mut ours) = (Talks::new(leads, SEED), 0, 0.0);
    while written < rows {
        let batch: Vec<Communication> = (written..rows.min(written + BATCH)).map(|_| talks.draw()).collect();
        let watch = Stopwatch::start();
        (&store as &dyn Store).writing(|w| w.add_communications(&batch)).unwrap();
        ours += watch.stop().cpu;
        written += batch.len() as u64;
        if written.is_multiple_of(200_000) {
            eprintln!("{written} written");
        }
    }
    drop(store);
    let watch = Stopwatch::start();
    db.comms().stats(&StatsOptions::default()).unwrap();
    let counted = watch.stop().cpu;
    let (bare, indexed) = (insert_into(path, rows, false), insert_into(path, rows, true));
    let each = |seconds: f64| seconds * 1e6 / rows as f64;
    println!("SQLite: writing, processor time of each contact");
    println!("  bare insert of the same values, no indexes     {:8.2} us", each(bare));
    println!(
        "  the same with all indexes but that of words    {:8.2} us  {:5.2}x",
        each(indexed),
        indexed / bare
    );
    println!("  as leadkit writes them                         {:8.2} us  {:5.2}x", each(ours), ours / bare);
    println!(
        "  counting them, all at once                     {:8.2} us  {:5.2}x",
        each(counted),
        counted / bare
    );
    println!(
        "  both                                           {:8.2} us  {:5.2}x  target 2.5; {:.2}x with the indexes",
        each(ours + counted),
        (ours + counted) / bare,
        (ours + counted) / indexed
    );
    let connection = Connection::open(path).unwrap();
    let of = |what: &str| -> f64 {
        connection.query_row(&format!("SELECT {what} FROM contact_count"), [], |row| row.get(0)).unwrap()
    };
    println!(
        "  the counts: {:.0} of them, {:.1} MB\n",
        of("count(*) * 1.0"),
        of("sum(length(counts)) / 1e6")
    );
    let columns = path.with_extension("columns.csv");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&columns).unwrap());
    let sql = "SELECT c.place >> 20, c.lead, c.channel, c.direction, c.state, c.owner, c.template, c.campaign, \
         c.variant, c.country, c.time_zone, c.cost, c.currency, c.seconds, \
         (SELECT min(r.reply_after) FROM communication r WHERE r.reply_to = c.id AND NOT r.corrected), \
         c.opt_out OR EXISTS (SELECT 1 FROM communication r WHERE r.reply_to = c.id AND r.opt_out AND NOT r.corrected) \
         FROM communication c WHERE NOT c.corrected";
    let mut statement = connection.prepare(sql).unwrap();
    let mut rows = statement.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let cells: Vec<String> = (0..16)
            .map(|column| match row.get_ref(column).unwrap() {
                rusqlite::types::ValueRef::Null => String::new(),
                rusqlite::types::ValueRef::Integer(number) => number.to_string(),
                other => other.as_str().unwrap().to_string(),
            })
            .collect();
        writeln!(file, "{}", cells.join(",")).unwrap();
    }
    file.flush().unwrap();
    columns
}

/// Processor seconds of writing the same values as leadkit's rows, by one prepared statement, into a table with
/// nothing but a key, or with leadkit's indexes.
fn insert_into(path: &Path, rows: u64, indexes: bool) -> f64 {
    let bare = path.with_extension("bare.db");
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{ending}", bare.display()));
    }
    let source = Connection::open(path).unwrap();
    let mut columns: Vec<String> = Vec::new();
    let mut names = source.prepare("SELECT name FROM pragma_table_info('communication')").unwrap();
    columns.extend(names.query_map([], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap));
    let target = Connection::open(&bare).unwrap();
    target.pragma_update(None, "journal_mode", "wal").unwrap();
    target.pragma_update(None, "synchronous", "normal").unwrap();
    let list = columns.join(", ");
    let others = list.replacen("id, ", "id INTEGER PRIMARY KEY, ", 1);
    target.execute_batch(&format!("CREATE TABLE communication ({others})")).unwrap();
    if indexes {
        let sql = "SELECT sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'communication' AND sql IS NOT NULL";
        let mut made = source.prepare(sql).unwrap();
        for sql in made.query_map([], |row| row.get::<_, String>(0)).unwrap() {
            target.execute_batch(&sql.unwrap()).unwrap();
        }
    }
    let marks = vec!["?"; columns.len()].join(", ");
    let (mut after, mut spent) = (0_i64, 0.0);
    while (after as u64) < rows {
        let mut read = source
            .prepare_cached(&format!(
                "SELECT {list} FROM communication WHERE id > ? ORDER BY id LIMIT {BATCH}"
            ))
            .unwrap();
        let width = columns.len();
        let batch: Vec<Vec<rusqlite::types::Value>> = read
            .query_map([after], |row| (0..width).map(|column| row.get(column)).collect())
            .unwrap()
            .map(Result::unwrap)
            .collect();
        let watch = Stopwatch::start();
        let transaction = target.unchecked_transaction().unwrap();
        {
            let sql = format!("INSERT INTO communication ({list}) VALUES ({marks})");
            let mut insert = transaction.prepare_cached(&sql).unwrap();
            for row in &batch {
                insert.execute(rusqlite::params_from_iter(row)).unwrap();
            }
        }
        transaction.commit().unwrap();
        spent += watch.stop().cpu;
        after += batch.len() as i64;
    }
    drop(target);
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{ending}", bare.display()));
    }
    spent
}

/// The answer in a form that both sides share, and the median of the seconds it took.
fn ask(db: &Database, by: &[StatsBy], more: &StatsOptions) -> (Value, f64) {
    let options = StatsOptions { by: by.to_vec(), ..more.clone() };
    let mut seconds = Vec::new();
    let mut found = None;
    for _ in 0..TIMES {
        let watch = Instant::now();
        found = Some(db.comms().stats(&options).unwrap());
        seconds.push(watch.elapsed().as_secs_f64());
    }
    let found = found.unwrap();
    let groups = match by.is_empty() {
        true => vec![(Vec::new(), &found.total)],
        false => found
            .groups
            .iter()
            .map(|group| {
                let key = by.iter().map(|by| group.key[by.as_str()].clone().unwrap_or_default());
                (key.collect::<Vec<String>>(), &group.figures)
            })
            .collect(),
    };
    let mut shared: Map<String, Value> = Map::new();
    for (key, figures) in groups {
        let times = figures.reply_times.map(|times| [times.median, times.p90]);
        let cost = figures.cost.get("USD").map_or(0.0, |cost| cost.parse::<f64>().unwrap());
        let row = json!([
            figures.contacts,
            figures.sent,
            figures.delivered,
            figures.failed,
            figures.reached,
            figures.answered,
            figures.opted_out,
            figures.received,
            (cost * 1e6).round() as i64,
            times.map(|times| times.map(|seconds| (seconds * 1e6).round() as i64)),
        ]);
        shared.insert(key.join("|"), row);
    }
    (Value::Object(shared), median(seconds))
}

fn beside_duckdb(python: &Path, columns: &Path, ours: &[(Value, f64)]) {
    let asked: Vec<Value> = questions()
        .iter()
        .map(|(_, by, more)| {
            let more = serde_json::to_value(more).unwrap();
            json!({ "by": by, "time_zone": more["time_zone"], "channels": more["channels"],
                    "since": more["since"], "until": more["until"] })
        })
        .collect();
    let script = crate_dir().join("peers/duckdb_stats.py");
    let mut command = Command::new(python);
    command.arg(script).arg(columns).arg(json!(asked).to_string()).arg(TIMES.to_string());
    let theirs = run_json(&mut command);
    println!(
        "Dashboards, median of {TIMES}; DuckDB {} on {} threads",
        theirs["version"].as_str().unwrap(),
        theirs["threads"]
    );
    println!("  {:<44} {:>11} {:>11}", "", "leadkit", "DuckDB");
    let mut ratios = Vec::new();
    for (((name, ..), (found, seconds)), theirs) in
        questions().iter().zip(ours).zip(theirs["answers"].as_array().unwrap())
    {
        let wanted = &theirs["groups"];
        for (key, row) in wanted.as_object().unwrap() {
            assert_eq!(&found[key], row, "{name}: `{key}`");
        }
        assert_eq!(found.as_object().unwrap().len(), wanted.as_object().unwrap().len(), "{name}");
        let duck = theirs["seconds"].as_f64().unwrap();
        ratios.push(seconds / duck);
        println!("  {name:<44} {:8.2} ms {:8.2} ms {:6.2}x", seconds * 1e3, duck * 1e3, seconds / duck);
    }
    println!(
        "  all answers are equal to the row; the largest ratio {:.2}x, target 2",
        ratios.iter().copied().fold(0.0, f64::max)
    );
}
