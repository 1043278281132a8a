//! What a message costs in processor time, from the lead to the provider's answer.
//!
//! ```text
//! cargo run --release -p leadkit-benches --bin sending -- [MESSAGES] [--rounds N]
//! ```
//!
//! All send to the same Twilio of leadkit's own, an HTTP server in a process of its own, which is not
//! measured. leadkit plans messages to all leads, queues them, decides on each by consent and hour, marks
//! it, hands it over and enters the answer, on SQLite; Twilio's own libraries for Python and Node only
//! make the request, one after the other. What durability costs is measured by the same work without a
//! network: a transport that takes everything.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::print_stderr)]

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use leadkit_benches::{Cost, Stopwatch, crate_dir, median, myself, peers_python, run_json, target_dir};
use leadkit_core::model::communication::{DispatchOptions, SmsPlanOptions};
use leadkit_core::model::consent::{ConsentKind, ConsentOptions};
use leadkit_core::model::settings::SettingsChange;
use leadkit_core::model::transport::{Accepted, Capabilities, Outcome, SmsRequest};
use leadkit_core::testing::FakeTwilio;
use leadkit_core::transport::Transport;
use leadkit_core::{Database, Filter, Twilio, TwilioConfig, testing};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Messages of a round, unless said otherwise.
const MESSAGES: u64 = 2_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["--work", "fake"] => fake(),
        ["--work", "leadkit", url, messages, folder] => {
            let config = TwilioConfig { base_url: Some(url.into()), ..config() };
            leadkit(&Twilio::new(config).unwrap(), messages.parse().unwrap(), Path::new(folder));
        }
        ["--work", "requests", url, messages] => {
            let config = TwilioConfig { base_url: Some(url.into()), ..config() };
            requests(&Twilio::new(config).unwrap(), messages.parse().unwrap());
        }
        ["--work", "paper", messages, folder] => {
            leadkit(&Paper, messages.parse().unwrap(), Path::new(folder))
        }
        _ => compare(&arguments),
    }
}

/// The account of all that send here.
fn config() -> TwilioConfig {
    TwilioConfig {
        account_sid: format!("AC{}", "f".repeat(32)),
        auth_token: Some("the fake's auth token".into()),
        sender: Some(FakeTwilio::NUMBER.into()),
        ..TwilioConfig::default()
    }
}

/// Serves until its input ends.
fn fake() {
    let fake = FakeTwilio::start().unwrap();
    println!("{}", fake.url());
    std::io::stdout().flush().unwrap();
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
    drop(fake);
}

/// Takes everything and sends nothing.
struct Paper;

impl Transport for Paper {
    fn capabilities(&self) -> Capabilities {
        Capabilities { provider: "paper".into(), sms: true, ..Capabilities::default() }
    }

    fn send_sms(&self, request: &SmsRequest) -> Outcome {
        let sid = format!("SM{}", request.to);
        Outcome::Accepted(Accepted { sid, status: "queued".into(), ..Accepted::default() })
    }
}

/// Leads who agreed, at ten in the morning where they are.
fn ready(messages: u64, folder: &Path) -> Database {
    let path = folder.join("leadkit.db");
    let db = testing::open(path.to_str().unwrap(), "2026-03-02T15:00:00Z".parse().unwrap(), 1).unwrap();
    let mut csv = String::from("external_id,first_name,phone\n");
    for n in 0..messages {
        csv.push_str(&format!("{n},Ada,+1212736{:04}\n", 1_000 + n % 9_000));
    }
    db.import_leads(csv.into_bytes(), Default::default()).unwrap();
    for lead in 1..=messages as i64 {
        let options = ConsentOptions {
            lead: Some(lead),
            wording: Some("Yes, text me".into()),
            ..ConsentOptions::default()
        };
        db.consent().record(ConsentKind::Grant, "web form", options).unwrap();
    }
    let on = SettingsChange { sending: Some(true), ..SettingsChange::default() };
    db.settings().set(&on).unwrap();
    db.templates()
        .save("spring", "Hi {{ lead.first_name }}, it is spring. Reply STOP to opt out", Default::default())
        .unwrap();
    db
}

fn leadkit(transport: &dyn Transport, messages: u64, folder: &Path) {
    let db = ready(messages, folder);
    let watch = Stopwatch::start();
    let options = SmsPlanOptions { template: Some("spring".into()), ..SmsPlanOptions::default() };
    let plan = db.comms().plan_sms(&Filter::all(), &options).unwrap();
    let queued = db.bulk().run(&plan.token, Default::default()).unwrap();
    let queueing = watch.stop();
    let report = db.comms().dispatch(transport, &DispatchOptions::default()).unwrap();
    let cost = watch.stop();
    assert_eq!((queued.changed, report.sent), (messages, messages), "{report:?}");
    println!(
        "{}",
        json!(Run {
            cost,
            sent: report.sent,
            detail: json!({ "queueing_cpu": queueing.cpu, "dispatch_wall": cost.wall - queueing.wall })
        })
    );
}

/// The requests alone, as dispatch makes them: what the outbox adds is the rest.
fn requests(transport: &dyn Transport, messages: u64) {
    let body = "Hi Ada, it is spring. Reply STOP to opt out";
    let all: Vec<SmsRequest> = (0..messages)
        .map(|n| SmsRequest {
            body: Some(body.into()),
            ..SmsRequest::to(format!("+1212736{:04}", 1_000 + n % 9_000))
        })
        .collect();
    let watch = Stopwatch::start();
    let mut sent = 0;
    for batch in all.chunks(50) {
        let accepted = |outcome: &Outcome| matches!(outcome, Outcome::Accepted(_));
        sent += transport.send_many(batch).iter().filter(|outcome| accepted(outcome)).count() as u64;
    }
    println!("{}", json!(Run { cost: watch.stop(), sent, detail: Value::Null }));
}

/// What a measured process says.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Run {
    cost: Cost,
    sent: u64,
    #[serde(default)]
    detail: Value,
}

/// The server, and its address.
struct Server(Child, String);

impl Server {
    fn start() -> Server {
        let mut child =
            myself(&["--work", "fake"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut url).unwrap();
        Server(child, url.trim().to_string())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

fn compare(arguments: &[&str]) {
    let messages = arguments.iter().find_map(|a| a.parse::<u64>().ok()).unwrap_or(MESSAGES);
    let rounds =
        arguments.iter().position(|a| *a == "--rounds").and_then(|i| arguments.get(i + 1)?.parse().ok());
    let server = Server::start();
    let count = messages.to_string();
    let mut runs: Vec<(&str, Vec<Run>)> = Vec::new();
    for round in 1..=rounds.unwrap_or(3_u32) {
        eprintln!("{messages} messages, round {round}");
        for (name, mut command) in senders(&server.1, &count) {
            let run: Run = serde_json::from_value(run_json(&mut command)).unwrap();
            assert_eq!(run.sent, messages, "{name}");
            match runs.iter_mut().find(|(known, _)| *known == name) {
                Some((_, runs)) => runs.push(run),
                None => runs.push((name, vec![run])),
            }
        }
    }
    let micros = |runs: &[Run], of: fn(&Cost) -> f64| {
        median(runs.iter().map(|run| of(&run.cost)).collect()) / messages as f64 * 1e6
    };
    let cpu_of = |name: &str| {
        runs.iter().find(|(known, _)| *known == name).map(|(_, runs)| micros(runs, |cost| cost.cpu))
    };
    println!("\n{:<28}{:>16}{:>16}", "a message, in us", "cpu", "wall");
    for (name, runs) in &runs {
        println!("{name:<28}{:>16.1}{:>16.1}", micros(runs, |cost| cost.cpu), micros(runs, |cost| cost.wall));
    }
    println!();
    let ours = cpu_of("leadkit").unwrap();
    let mut ratios = serde_json::Map::new();
    for (ours_name, ours, target) in
        [("leadkit", Some(ours), 10.0), ("leadkit in Python", cpu_of("leadkit in Python"), 3.0)]
    {
        for peer in ["twilio-python", "twilio-node"] {
            let Some((ours, theirs)) = ours.zip(cpu_of(peer)) else { continue };
            let ratio = theirs / ours;
            let verdict = if ratio >= target { "met" } else { "missed" };
            println!(
                "{peer} against {ours_name}: {ratio:.1} times the processor time, target >= {target} {verdict}"
            );
            ratios.insert(format!("{peer} / {ours_name}"), json!(ratio));
        }
    }
    let paper = runs.iter().find(|(name, _)| *name == "leadkit without a network").unwrap();
    let walls = paper.1.iter().filter_map(|run| run.detail["dispatch_wall"].as_f64()).collect();
    let wall = median(walls) / messages as f64 * 1e6;
    let verdict = if wall < 100.0 { "met" } else { "missed" };
    println!(
        "marked and entered on disk, without a network: {wall:.1} us a message by the clock, target < 100 {verdict}"
    );
    let result = json!({ "messages": messages, "runs": runs, "ratios": ratios });
    let path = target_dir("bench").join("sending.json");
    std::fs::write(&path, serde_json::to_string_pretty(&result).unwrap()).unwrap();
    println!("written to {}", path.display());
}

/// All that send, as commands.
fn senders(url: &str, count: &str) -> Vec<(&'static str, Command)> {
    let folder = target_dir("bench").join("sending");
    let fresh = |name: &str| {
        let folder = folder.join(name);
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        folder.to_str().unwrap().to_string()
    };
    let mut all = vec![
        ("leadkit", myself(&["--work", "leadkit", url, count, &fresh("leadkit")])),
        ("leadkit's requests alone", myself(&["--work", "requests", url, count])),
        ("leadkit without a network", myself(&["--work", "paper", count, &fresh("paper")])),
    ];
    if let Some(python) = peers_python() {
        let mut peer = Command::new(&python);
        peer.arg(crate_dir().join("peers/python_send.py")).args([url, count]);
        all.push(("twilio-python", peer));
        if let Some(module) = python_module() {
            let mut ours = Command::new(python);
            let script = crate_dir().join("peers/leadkit_send.py");
            ours.arg(script).args([url, count, &fresh("python")]).env("PYTHONPATH", module);
            all.push(("leadkit in Python", ours));
        }
    } else {
        eprintln!("no Python packages: that peer is left out");
    }
    match node_peer() {
        Some(folder) => {
            let mut peer = Command::new("node");
            peer.current_dir(folder).arg("node_send.mjs").args([url, count]);
            all.push(("twilio-node", peer));
        }
        None => eprintln!("no Node packages: that peer is left out"),
    }
    all
}

/// A folder with the Python package, its extension built for release.
fn python_module() -> Option<std::path::PathBuf> {
    let root = crate_dir().parent()?;
    let built = Command::new("cargo")
        .current_dir(root)
        .args(["build", "--release", "--quiet", "--package", "leadkit-py"])
        .status();
    let library = target_dir("release").join("libleadkit_py.so");
    if !built.is_ok_and(|status| status.success()) || !library.exists() {
        eprintln!("the Python package cannot be built: it is left out");
        return None;
    }
    let folder = target_dir("bench").join("python");
    let package = folder.join("leadkit");
    std::fs::create_dir_all(&package).unwrap();
    for file in std::fs::read_dir(root.join("leadkit-py/python/leadkit")).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|end| end == "py") {
            std::fs::copy(&path, package.join(path.file_name().unwrap())).unwrap();
        }
    }
    std::fs::copy(library, package.join("_native.abi3.so")).unwrap();
    Some(folder)
}

/// A folder with the Node peer and its package.
fn node_peer() -> Option<std::path::PathBuf> {
    let folder = target_dir("bench-node");
    for file in ["package.json", "package-lock.json", "node_send.mjs"] {
        std::fs::copy(crate_dir().join("peers").join(file), folder.join(file)).unwrap();
    }
    let npm = Command::new("npm")
        .current_dir(&folder)
        .args(["ci", "--silent", "--no-audit"])
        .stdout(Stdio::null())
        .status();
    npm.is_ok_and(|status| status.success()).then_some(folder)
}
