//! The build scripts: `cargo xtask test | postgres | contract | coverage | bench | bump | dist`.

mod bump;
mod coverage;
mod dist;
mod examples;
mod native;
mod node;
mod postgres;
mod python;
mod steps;
mod test;
mod tools;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const USAGE: &str = "\
cargo xtask test [--long] [--only rust|python|node]   all tests of the three languages
cargo xtask postgres [COMMAND...]                     a server for single tests, until Ctrl-C or the command's end
cargo xtask contract [--check]                        writes contract/, or checks it
cargo xtask coverage [--min 90]                       line coverage of leadkit-core/src
cargo xtask bench [NAME] [-- ARGUMENTS]               a benchmark of benches/, `import` by default
cargo xtask bump VERSION                              one version in all manifests
cargo xtask dist                                      libraries and packages as they are released";

/// What went wrong, in words for the terminal.
type Failure = String;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["test", rest @ ..] => test::Options::parse(rest).and_then(|options| test::run(&options)),
        ["postgres", command @ ..] => postgres::run(command),
        ["contract"] => contract(&[]),
        ["contract", "--check"] => contract(&["--check"]),
        ["coverage"] => coverage::run(90.0),
        ["coverage", "--min", min] => {
            min.parse().map_err(|_| format!("--min {min} is no number")).and_then(coverage::run)
        }
        ["bench", rest @ ..] => bench(rest),
        ["bump", version] => bump::run(version),
        ["dist"] => dist::run(),
        _ => Err(USAGE.to_string()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(what) => {
            if !what.is_empty() {
                eprintln!("{what}");
            }
            ExitCode::FAILURE
        }
    }
}

/// The repository's top folder.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(".")).to_path_buf()
}

/// Where cargo builds.
fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(path) => root().join(path),
        None => root().join("target"),
    }
}

fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// Runs a command with its output on the terminal.
fn call(command: &mut Command) -> Result<(), Failure> {
    let shown = format!("{command:?}");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{shown}: {status}")),
        Err(error) => Err(format!("{shown}: {error}")),
    }
}

/// The generator lives in the tests, so that this program need not build the core. Building it as
/// a part of the workspace takes the very core that the tests use.
fn contract(arguments: &[&str]) -> Result<(), Failure> {
    call(cargo().args(["build", "--quiet", "--workspace", "--bin", "contract"]))?;
    let program = target().join("debug").join(format!("contract{}", std::env::consts::EXE_SUFFIX));
    match Command::new(program).args(arguments).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(String::new()),
        Err(error) => Err(format!("contract: {error}")),
    }
}

fn bench(words: &[&str]) -> Result<(), Failure> {
    let (name, rest) = match words {
        ["--", rest @ ..] => ("import", rest),
        [name, "--", rest @ ..] => (*name, rest),
        [name, rest @ ..] => (*name, rest),
        [] => ("import", &[][..]),
    };
    call(cargo().args(["run", "--release", "--package", "leadkit-benches", "--bin", name, "--"]).args(rest))
}
