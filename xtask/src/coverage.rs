//! `cargo xtask coverage`: which lines of the core its tests run.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::steps::quiet;
use crate::test::Environment;
use crate::{Failure, call, cargo, postgres, root, target};

/// Lines by file: run, and in all.
type Lines = BTreeMap<String, (u64, u64)>;

/// The lines, and whether the tests passed while they were measured.
type Measured = (Lines, Result<(), Failure>);

/// Suites that are left out: they do what others do, in processes that are killed or a great many times.
const LEFT_OUT: [&str; 8] = [
    "automation_kill",
    "bulk_kill",
    "concurrency",
    "kill",
    "outbox_kill",
    "privacy_kill",
    "simulated_year",
    "state_machine",
];

/// Measures with the core's own tests and the `tests` crate; fails below `min` per cent.
///
/// cargo-llvm-cov is taken where it and LLVM's tools are installed; they are no part of a plain
/// toolchain, and then cargo-tarpaulin, which reads LLVM's figures by itself, is used and installed
/// under the target folder if need be.
pub fn run(min: f64) -> Result<(), Failure> {
    postgres::build()?;
    let server = postgres::start()?;
    let environment = &server.environment;
    let (lines, tests) = if llvm_cov_works() { llvm_cov(environment)? } else { tarpaulin(environment)? };
    drop(server);
    let (mut run, mut all) = (0, 0);
    let mut files: Vec<_> = lines.into_iter().filter(|(_, (_, all))| *all > 0).collect();
    files.sort_by(|a, b| missed(&b.1).cmp(&missed(&a.1)).then_with(|| a.0.cmp(&b.0)));
    println!("{:>8}  {:>6}  {:>6}", "lines", "missed", "run");
    for (name, counts) in &files {
        let (covered, total) = *counts;
        println!("{total:>8}  {:>6}  {:>5.1} %  {name}", missed(counts), share(covered, total));
        run += covered;
        all += total;
    }
    let percent = share(run, all);
    println!("{percent:.1} % of {all} lines of leadkit-core/src are run by tests; {min} % are asked for");
    // Tests are judged by `cargo xtask test`, at their own pace. Measured they run several times slower, and
    // what fails for that is told and does not count: the lines that it ran do.
    if let Err(error) = tests {
        println!("tests failed while they were measured: {error}");
    }
    if files.is_empty() || percent < min { Err("coverage: too low".into()) } else { Ok(()) }
}

fn missed((covered, total): &(u64, u64)) -> u64 {
    total - covered
}

fn share(part: u64, all: u64) -> f64 {
    if all == 0 { 0.0 } else { part as f64 * 100.0 / all as f64 }
}

/// The file's name inside the core, unless it holds only tests.
fn core_file(path: &Path) -> Option<String> {
    let source = root().join("leadkit-core/src");
    let inside = path.strip_prefix(&source).ok()?.to_string_lossy().replace('\\', "/");
    let only_tests = inside.ends_with("tests.rs") || inside.ends_with("/samples.rs");
    (!only_tests).then_some(inside)
}

fn llvm_cov_works() -> bool {
    let installed = || {
        let list =
            quiet(Command::new("rustup").args(["component", "list", "--installed"])).unwrap_or_default();
        list.contains("llvm-tools")
    };
    quiet(cargo().args(["llvm-cov", "--version"])).is_ok()
        && (std::env::var_os("LLVM_COV").is_some() || installed())
}

fn llvm_cov(environment: &Environment) -> Result<Measured, Failure> {
    let report = target().join("coverage.json");
    let mut command = cargo();
    command.args(["llvm-cov", "--no-fail-fast", "--package", "leadkit-core", "--package", "leadkit-tests"]);
    command.envs(environment.iter().cloned());
    let _ = fs::remove_file(&report);
    command.args(suites()?).args(["--json", "--summary-only", "--output-path"]).arg(&report);
    let tests = call(&mut command);
    let report = read(&report).map_err(|error| tests.clone().err().unwrap_or(error))?;
    let mut lines = Lines::new();
    for file in report["data"][0]["files"].as_array().into_iter().flatten() {
        let count = |key: &str| file["summary"]["lines"][key].as_u64().unwrap_or(0);
        if let Some(name) = file["filename"].as_str().and_then(|path| core_file(Path::new(path))) {
            lines.insert(name, (count("covered"), count("count")));
        }
    }
    Ok((lines, tests))
}

fn tarpaulin(environment: &Environment) -> Result<Measured, Failure> {
    let program = tarpaulin_program()?;
    let folder = target().join("coverage");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut command = Command::new(program);
    command.current_dir(root());
    command.args([
        "tarpaulin",
        "--engine",
        "llvm",
        "--skip-clean",
        "--no-fail-fast",
        "--timeout",
        "900",
        "--color",
        "never",
    ]);
    // Instrumented code is other code: a target folder of its own, or each run would build all anew.
    command.arg("--target-dir").arg(&folder).args(["--out", "Json", "--output-dir"]).arg(&folder);
    command.args(["--package", "leadkit-core", "--package", "leadkit-tests"]).args(suites()?);
    command.args(["--include-files", "leadkit-core/src/*"]);
    let report = folder.join("tarpaulin-report.json");
    command.envs(environment.iter().cloned());
    let _ = fs::remove_file(&report);
    let tests = call(&mut command);
    let report = read(&report).map_err(|error| tests.clone().err().unwrap_or(error))?;
    let mut lines = Lines::new();
    for file in report["files"].as_array().into_iter().flatten() {
        let parts = file["path"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let path: PathBuf = parts.collect();
        let count = |key: &str| file[key].as_u64().unwrap_or(0);
        if let Some(name) = core_file(&path) {
            lines.insert(name, (count("covered"), count("coverable")));
        }
    }
    Ok((lines, tests))
}

/// The suites that are run, as cargo names them.
fn suites() -> Result<Vec<String>, Failure> {
    let manifest = fs::read_to_string(root().join("tests/Cargo.toml")).map_err(|error| error.to_string())?;
    let names = manifest.split("[[test]]\nname = \"").skip(1).filter_map(|part| part.split('"').next());
    let kept = names.filter(|name| !LEFT_OUT.contains(name)).flat_map(|name| ["--test", name]);
    Ok(["--lib"].into_iter().chain(kept).map(String::from).collect())
}

/// The program on the path, or one of our own under the target folder.
fn tarpaulin_program() -> Result<PathBuf, Failure> {
    let name = format!("cargo-tarpaulin{}", std::env::consts::EXE_SUFFIX);
    if quiet(Command::new(&name).args(["tarpaulin", "--version"])).is_ok() {
        return Ok(name.into());
    }
    let tools = target().join("tools");
    let program = tools.join("bin").join(name);
    if !program.exists() {
        println!("installing cargo-tarpaulin under {}", tools.display());
        let mut install = cargo();
        install.args(["install", "--quiet", "--locked", "cargo-tarpaulin", "--root"]).arg(&tools);
        call(&mut install)?;
    }
    Ok(program)
}

fn read(path: &Path) -> Result<Value, Failure> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}
