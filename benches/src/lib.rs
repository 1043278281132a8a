//! What the benchmarks share: measuring a process, generating data, a Python with packages.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

pub mod bare;
pub mod contacts;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a piece of work cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Seconds of processor, user and system together, over all threads.
    pub cpu: f64,
    /// Seconds by the clock.
    pub wall: f64,
}

impl std::ops::AddAssign for Cost {
    fn add_assign(&mut self, other: Cost) {
        self.cpu += other.cpu;
        self.wall += other.wall;
    }
}

/// Takes the time of this process from here on.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch {
    cpu: f64,
    began: Instant,
}

impl Stopwatch {
    /// Starts.
    pub fn start() -> Self {
        Stopwatch { cpu: cpu_seconds(), began: Instant::now() }
    }

    /// What was spent since the start.
    pub fn stop(&self) -> Cost {
        Cost { cpu: cpu_seconds() - self.cpu, wall: self.began.elapsed().as_secs_f64() }
    }
}

fn cpu_seconds() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_SELF).unwrap();
    let seconds = |t: TimeVal| t.tv_sec() as f64 + t.tv_usec() as f64 / 1e6;
    seconds(usage.user_time()) + seconds(usage.system_time())
}

/// The most memory that this process ever held, in MB (10^6 bytes).
///
/// A child begins with the peak of the process that forked it, so whoever starts measured
/// processes must stay small itself.
pub fn peak_mb() -> f64 {
    let unit = if cfg!(target_vendor = "apple") { 1.0 } else { 1024.0 };
    getrusage(UsageWho::RUSAGE_SELF).unwrap().max_rss() as f64 * unit / 1e6
}

/// Runs a command that prints one JSON value as its last line.
pub fn run_json(command: &mut Command) -> Value {
    let output = command.stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "{command:?} failed");
    let text = String::from_utf8(output.stdout).unwrap();
    serde_json::from_str(text.lines().last().unwrap_or_default()).unwrap()
}

/// Calls this same program again, with other arguments.
pub fn myself(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(arguments);
    command
}

/// `target/NAME`, made when it is missing.
pub fn target_dir(name: &str) -> PathBuf {
    let target = match std::env::var_os("CARGO_TARGET_DIR") {
        Some(path) => PathBuf::from(path),
        None => crate_dir().parent().unwrap().join("target"),
    };
    let path = target.join(name);
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// This crate's folder.
pub fn crate_dir() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// `target/bench-data/leads-ROWS.csv`, generated once.
pub fn leads_csv(rows: u64) -> PathBuf {
    let path = target_dir("bench-data").join(format!("leads-{rows}.csv"));
    if !path.exists() {
        eprintln!("generating {}", path.display());
        let part = path.with_extension("part");
        generate("gen_leads.py", &[&rows.to_string(), part.to_str().unwrap()]);
        std::fs::rename(part, &path).unwrap();
    }
    path
}

/// `target/bench-data/dupes-ROWS-SEED.csv` and its truth, generated once.
pub fn dupes_csv(rows: u64, seed: u64) -> (PathBuf, PathBuf) {
    let prefix = target_dir("bench-data").join(format!("dupes-{rows}-{seed}"));
    let prefix = prefix.to_str().unwrap();
    let (leads, truth) =
        (PathBuf::from(format!("{prefix}.csv")), PathBuf::from(format!("{prefix}.truth.csv")));
    if !leads.exists() {
        eprintln!("generating {}", leads.display());
        let part = format!("{prefix}.part");
        generate("gen_dupes.py", &[&rows.to_string(), &part, "--seed", &seed.to_string()]);
        std::fs::rename(format!("{part}.truth.csv"), &truth).unwrap();
        std::fs::rename(format!("{part}.csv"), &leads).unwrap();
    }
    (leads, truth)
}

fn generate(script: &str, arguments: &[&str]) {
    let status =
        Command::new("python3").arg(crate_dir().join("data").join(script)).args(arguments).status().unwrap();
    assert!(status.success(), "{script} failed");
}

/// A Python that has the packages of `peers/requirements.txt`, in a folder of its own; none when
/// they cannot be had.
pub fn peers_python() -> Option<PathBuf> {
    let folder = target_dir("bench-venv");
    let python = folder.join("bin/python");
    let requirements = crate_dir().join("peers/requirements.txt");
    let wanted = std::fs::read_to_string(&requirements).unwrap();
    let installed = folder.join("installed.txt");
    if std::fs::read_to_string(&installed).is_ok_and(|text| text == wanted) {
        return Some(python);
    }
    eprintln!("installing the Python peers");
    let run = |command: &mut Command| command.stdout(Stdio::null()).status().is_ok_and(|s| s.success());
    let ready = run(Command::new("python3").args(["-m", "venv"]).arg(&folder))
        && run(Command::new(&python).args(["-m", "pip", "install", "-q", "-r"]).arg(&requirements));
    ready.then(|| {
        std::fs::write(installed, wanted).unwrap();
        python
    })
}

/// The middle of some numbers.
pub fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    match numbers.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => numbers[n / 2],
        n => (numbers[n / 2 - 1] + numbers[n / 2]) / 2.0,
    }
}
