//! How fast an import is, and how much memory it takes.
//!
//! ```text
//! cargo run --release -p leadkit-benches --bin import -- [ROWS] [--rounds N] [--no-peers]
//! ```
//!
//! One run measures leadkit's whole import (map, clean, match, store, rejects, report), the bare
//! limit (the csv crate and rusqlite on the same rows, no logic) and what Python users write today
//! (pandas and friends), each in a process of its own, taking turns, so that a busy machine spoils
//! all alike. The main figure is processor time, the medians of the rounds, and their ratios.
//! Missed targets are shown, never an error.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::print_stderr)]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use leadkit_benches::bare::{self, Strategy};
use leadkit_benches::{
    Cost, Stopwatch, crate_dir, leads_csv, median, myself, peak_mb, peers_python, run_json, target_dir,
};
use leadkit_core::ImportOptions;
use leadkit_core::model::options::Rejects;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Rows of the smaller size, against which memory is compared.
const SMALL: u64 = 100_000;
/// Rows on which the Python peer runs; it needs a minute for a quarter of a million.
const PEER: u64 = 50_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["--work", "leadkit", csv, folder] => leadkit(Path::new(csv), Path::new(folder)),
        ["--work", "dump", database, to] => bare::dump(Path::new(database), Path::new(to)),
        ["--work", "bare", strategy, csv, folder] => limit(strategy, Path::new(csv), Path::new(folder)),
        _ => compare(&arguments),
    }
}

/// What a measured process says.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Run {
    cost: Cost,
    peak_mb: f64,
    rows: u64,
    detail: Value,
}

impl Run {
    fn say(cost: Cost, rows: u64, detail: Value) {
        println!("{}", json!(Run { cost, peak_mb: peak_mb(), rows, detail }));
    }
}

fn leadkit(csv: &Path, folder: &Path) {
    let database = folder.join("leadkit.db");
    let rejects = folder.join("rejects.csv");
    let watch = Stopwatch::start();
    let db = leadkit_core::open(database.to_str().unwrap()).unwrap();
    let options = ImportOptions {
        allow_reserved_domains: true,
        rejects: Rejects::Path(rejects),
        ..ImportOptions::default()
    };
    let report = db.import_leads(csv, options).unwrap();
    report.save_html(folder.join("report.html")).unwrap();
    db.close();
    let cost = watch.stop();
    let counts = json!({
        "created": report.created, "merged": report.merged, "skipped": report.skipped,
        "rejected": report.rejected,
    });
    Run::say(cost, report.rows, counts);
}

fn limit(strategy: &str, csv: &Path, folder: &Path) {
    let strategy: Strategy = serde_json::from_value(json!(strategy)).unwrap();
    let (rows, parse) = bare::parse(csv);
    let insert = bare::insert(
        &folder.join("leadkit.dump"),
        &folder.join("leadkit.db"),
        &folder.join("bare.db"),
        strategy,
    );
    let mut cost = parse;
    cost += insert;
    Run::say(cost, rows, json!({ "parse_cpu": parse.cpu, "insert_cpu": insert.cpu }));
}

/// All runs of one size.
struct Size {
    rows: u64,
    leadkit: Vec<Run>,
    limits: Vec<(Strategy, Vec<Run>)>,
}

fn compare(arguments: &[&str]) {
    // The number behind `--rounds` is none of rows.
    let rounds = arguments.iter().position(|a| *a == "--rounds");
    let rows = arguments.iter().enumerate().filter(|(at, _)| rounds.is_none_or(|rounds| *at != rounds + 1));
    let rows = rows.filter_map(|(_, a)| a.parse::<u64>().ok()).next().unwrap_or(1_000_000);
    let rounds = rounds.and_then(|at| arguments.get(at + 1)?.parse().ok());
    let mut sizes = vec![rows.min(SMALL), rows];
    sizes.dedup();
    let sizes: Vec<Size> = sizes
        .into_iter()
        .map(|rows| measure(rows, rounds.unwrap_or(if rows > SMALL { 2 } else { 3 })))
        .collect();
    let peer = if arguments.contains(&"--no-peers") { None } else { peer() };
    let result = summary(&sizes, peer.as_ref());
    println!("{}", table(&result));
    let path = target_dir("bench").join("import.json");
    std::fs::write(&path, serde_json::to_string_pretty(&result).unwrap()).unwrap();
    println!("written to {}", path.display());
}

fn measure(rows: u64, rounds: usize) -> Size {
    let csv = leads_csv(rows);
    let mut size = Size { rows, leadkit: Vec::new(), limits: Strategy::ALL.map(|s| (s, Vec::new())).into() };
    for round in 1..=rounds {
        eprintln!("{rows} rows, round {round} of {rounds}");
        let folder = fresh_folder();
        size.leadkit.push(run("leadkit", &[], &csv, &folder));
        // What was stored tells the limit what to store.
        let (database, dump) = (folder.join("leadkit.db"), folder.join("leadkit.dump"));
        let dumped =
            myself(&["--work", "dump", database.to_str().unwrap(), dump.to_str().unwrap()]).status().unwrap();
        assert!(dumped.success());
        for (strategy, runs) in &mut size.limits {
            runs.push(run("bare", &[strategy.name()], &csv, &folder));
            remove_database(&folder.join("bare.db"));
        }
    }
    size
}

fn run(work: &str, arguments: &[&str], csv: &Path, folder: &Path) -> Run {
    let mut command = myself(&["--work", work]);
    command.args(arguments).arg(csv).arg(folder);
    serde_json::from_value(run_json(&mut command)).unwrap()
}

fn fresh_folder() -> PathBuf {
    let folder = target_dir("bench").join("run");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn remove_database(path: &Path) {
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", path.display()));
    }
}

/// The Python peer, and leadkit on the very same file: both runs, in this order.
fn peer() -> Option<(Run, Run)> {
    let Some(python) = peers_python() else {
        eprintln!("no Python packages: the peer is left out");
        return None;
    };
    let csv = leads_csv(PEER);
    let folder = fresh_folder();
    let mut ours: Vec<Run> = Vec::new();
    for _ in 0..3 {
        ours.push(run("leadkit", &[], &csv, &fresh_folder()));
    }
    ours.sort_by(|a, b| a.cost.cpu.total_cmp(&b.cost.cpu));
    eprintln!("{PEER} rows with pandas and friends");
    let script = crate_dir().join("peers/python_import.py");
    let run = run_json(Command::new(python).arg(script).arg(&csv).arg(&folder));
    Some((serde_json::from_value(run).unwrap(), ours.swap_remove(1)))
}

/// Ratios and targets as JSON; the table shows the same.
fn summary(sizes: &[Size], peer: Option<&(Run, Run)>) -> Value {
    let middle = |runs: &[Run], of: fn(&Run) -> f64| median(runs.iter().map(of).collect());
    let cpu = |runs: &[Run]| middle(runs, |r| r.cost.cpu);
    let mut measured = Vec::new();
    for size in sizes {
        let best = |a: &&(Strategy, Vec<Run>), b: &&(Strategy, Vec<Run>)| cpu(&a.1).total_cmp(&cpu(&b.1));
        let (strategy, limit) = size.limits.iter().min_by(best).unwrap();
        let seconds = cpu(&size.leadkit);
        let wall = middle(&size.leadkit, |r| r.cost.wall);
        measured.push(json!({
            "rows": size.rows,
            "leadkit": {
                "cpu": seconds, "wall": wall, "peak_mb": middle(&size.leadkit, |r| r.peak_mb),
                "cpu_us_per_row": seconds / size.rows as f64 * 1e6, "rows_per_second": size.rows as f64 / wall,
                "counts": size.leadkit[0].detail, "runs": size.leadkit,
            },
            "limit": {
                "strategy": strategy, "cpu": cpu(limit), "wall": middle(limit, |r| r.cost.wall),
                "parse_cpu": middle(limit, |r| r.detail["parse_cpu"].as_f64().unwrap()),
                "insert_cpu": middle(limit, |r| r.detail["insert_cpu"].as_f64().unwrap()),
                "peak_mb": middle(limit, |r| r.peak_mb),
                "others": size.limits.iter().map(|(s, runs)| (s.name(), json!(cpu(runs)))).collect::<std::collections::BTreeMap<_, _>>(),
            },
            "cpu_ratio": seconds / cpu(limit),
            "wall_ratio": wall / middle(limit, |r| r.cost.wall),
        }));
    }
    let peer = peer.map(|(python, ours)| {
        json!({
            "rows": python.rows, "python": python, "leadkit": ours,
            "cpu_ratio": python.cost.cpu / ours.cost.cpu, "wall_ratio": python.cost.wall / ours.cost.wall,
        })
    });
    let (first, last) = (measured.first().unwrap(), measured.last().unwrap());
    let peak = |size: &Value| size["leadkit"]["peak_mb"].as_f64().unwrap();
    let mut targets = vec![
        target("processor time against the bare limit, times", last["cpu_ratio"].as_f64(), "<=", 2.0),
        target(
            "processor time of pandas and friends against leadkit, times",
            peer.as_ref().and_then(|p| p["cpu_ratio"].as_f64()),
            ">=",
            15.0,
        ),
        target("peak memory, MB", Some(peak(last)), "<", 200.0),
    ];
    if measured.len() > 1 {
        targets.push(target(
            "peak memory of the large file against the small, times",
            Some(peak(last) / peak(first)),
            "<=",
            1.2,
        ));
    }
    json!({ "sizes": measured, "peer": peer, "targets": targets })
}

fn target(what: &str, value: Option<f64>, how: &str, limit: f64) -> Value {
    let met = value.map(|value| if how == ">=" { value >= limit } else { value <= limit });
    json!({ "what": what, "value": value, "target": format!("{how} {limit}"), "met": met })
}

fn table(result: &Value) -> String {
    let mut out = String::new();
    let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
    writeln!(
        out,
        "\n{:<34} {:>9} {:>9} {:>9} {:>9} {:>10}",
        "", "rows", "cpu s", "wall s", "us/row", "peak MB"
    )
    .unwrap();
    let mut line = |name: &str, rows: &Value, of: &Value, peak: &Value| {
        let (rows, cpu) = (number(rows), number(&of["cpu"]));
        writeln!(
            out,
            "{name:<34} {rows:>9} {cpu:>9.2} {:>9.2} {:>9.1} {:>10.0}",
            number(&of["wall"]),
            cpu / rows * 1e6,
            number(peak)
        )
        .unwrap();
    };
    for size in result["sizes"].as_array().unwrap() {
        line("leadkit", &size["rows"], &size["leadkit"], &size["leadkit"]["peak_mb"]);
        let name = format!("limit ({})", size["limit"]["strategy"].as_str().unwrap());
        line(&name, &size["rows"], &size["limit"], &size["limit"]["peak_mb"]);
    }
    if let Some(rows) = result["peer"].get("rows") {
        for (name, key) in [("leadkit", "leadkit"), ("pandas and friends", "python")] {
            let run = &result["peer"][key];
            line(name, rows, &run["cost"], &run["peak_mb"]);
        }
    }
    writeln!(out).unwrap();
    for target in result["targets"].as_array().unwrap() {
        let verdict = match target["met"].as_bool() {
            Some(true) => "met",
            Some(false) => "missed",
            None => "not measured",
        };
        let value = target["value"].as_f64().map_or("-".to_string(), |v| format!("{v:.2}"));
        writeln!(
            out,
            "{:<62} {value:>8}  target {:<7} {verdict}",
            target["what"].as_str().unwrap(),
            target["target"].as_str().unwrap()
        )
        .unwrap();
    }
    out
}
