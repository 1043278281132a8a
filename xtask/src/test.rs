//! `cargo xtask test`: everything, in three languages.

use crate::steps::{Steps, Tally, broken, output, quiet, single, verdict};
use crate::{Failure, cargo, examples, native, node, postgres, python, root, target, tools};

/// Environment variables, each with its value.
pub type Environment = Vec<(String, String)>;

/// What to run.
#[derive(Debug, Default)]
pub struct Options {
    long: bool,
    only: Option<String>,
}

impl Options {
    /// Reads the words after `test`.
    pub fn parse(words: &[&str]) -> Result<Self, Failure> {
        let mut options = Options::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match (*word, words.as_slice().first()) {
                ("--long", _) => options.long = true,
                ("--only", Some(only @ (&"rust" | &"python" | &"node"))) => {
                    options.only = Some((*only).to_string());
                    words.next();
                }
                _ => return Err("cargo xtask test [--long] [--only rust|python|node]".into()),
            }
        }
        Ok(options)
    }

    fn wants(&self, language: &str) -> bool {
        self.only.as_deref().is_none_or(|only| only == language)
    }
}

/// Runs the tests. Every suite that cannot run counts as failed.
pub fn run(options: &Options) -> Result<(), Failure> {
    let mut steps = Steps::default();
    let python = tools::python();
    let node = tools::node();
    for (language, missing) in [("python", python.as_ref().err()), ("node", node.as_ref().err())] {
        if let Some(missing) = missing.filter(|_| options.wants(language)) {
            println!("missing: {missing}");
        }
    }
    // One build of the whole workspace: built by themselves, crates may get other features of
    // their dependencies, and everything compiles twice.
    let mut build = cargo();
    build.args(["build", "--workspace", "--lib", "--bins", "--examples"]);
    if options.wants("rust") {
        build.arg("--tests");
    }
    if !steps.step("build", || output(&mut build).map_err(broken).and_then(built)) {
        return steps.finish();
    }
    let (environment, _server) = environment(&mut steps, options);
    if options.wants("rust") {
        steps.step("rust: unit, integration and doc tests", || rust(options, &environment));
    }
    if options.wants("python") {
        match &python {
            Ok(python) => python_suite(&mut steps, python, &environment),
            Err(missing) => steps.cannot("python", missing),
        }
    }
    if options.wants("node") {
        match &node {
            Ok(()) => node_suite(&mut steps, &environment),
            Err(missing) => steps.cannot("node", missing),
        }
    }
    if options.only.is_none() {
        match (&python, &node) {
            (Ok(_), Ok(())) => {
                for name in examples::names().unwrap_or_default() {
                    steps.step(&format!("example {name}, in three languages"), || examples::run(&name));
                }
                steps.step("examples are the same in all languages", || single(examples::complete()));
            }
            (Err(missing), _) | (_, Err(missing)) => steps.cannot("examples", missing),
        }
    }
    steps.finish()
}

/// What all suites are told, and the server that it names. Without one the other tests still run.
fn environment(steps: &mut Steps, options: &Options) -> (Environment, Option<postgres::Server>) {
    let mut server = None;
    steps.step("postgres: server", || {
        let started = postgres::start();
        server = Some(started.map_err(|why| broken(format!("PostgreSQL suite did not run: {why}")))?);
        Ok(Tally::default())
    });
    let mut environment = server.as_ref().map(|server| server.environment.clone()).unwrap_or_default();
    if options.long {
        environment.push(("LEADKIT_LONG".into(), "1".into()));
    }
    (environment, server)
}

fn built((succeeded, _): (bool, String)) -> Result<Tally, (Tally, Failure)> {
    if succeeded { Ok(Tally::default()) } else { Err(broken("the build failed; see above".into())) }
}

/// The account of Twilio's test credentials, which somebody has or has not.
const TWILIO: &str = "LEADKIT_TWILIO_TEST_SID";

fn rust(options: &Options, environment: &Environment) -> Result<Tally, (Tally, Failure)> {
    let mut command = cargo();
    command.args(["test", "--workspace", "--no-fail-fast"]).envs(environment.iter().cloned());
    if options.long {
        command.args(["--", "--include-ignored"]);
        if std::env::var_os(TWILIO).is_none() {
            println!("not run: the test against Twilio itself, since {TWILIO} is not set");
            command.args(["--skip", "twilio_takes_and_refuses_as_the_fake_does"]);
        }
    }
    let (succeeded, out) = output(&mut command).map_err(broken)?;
    verdict(succeeded, rust_tally(&out), out)
}

/// Adds up the lines `test result: ok. 12 passed; 0 failed; 1 ignored; ...`.
fn rust_tally(out: &str) -> Tally {
    let mut tally = Tally::default();
    for line in out.lines().filter_map(|line| line.strip_prefix("test result: ")) {
        let words: Vec<&str> = line.split_whitespace().collect();
        for pair in words.windows(2) {
            let Ok(count) = pair[0].parse::<u64>() else { continue };
            match pair[1] {
                "passed;" => tally.passed += count,
                "failed;" => tally.failed += count,
                "ignored;" => tally.skipped += count,
                _ => {}
            }
        }
    }
    tally
}

fn python_suite(steps: &mut Steps, python: &str, environment: &Environment) {
    let ready = steps.step("python: environment", || {
        let ready = python::environment(python)
            .and_then(|()| native::place(&target().join("debug"), "leadkit_py", &native::python_library()));
        ready.map(|()| Tally::default()).map_err(broken)
    });
    if ready {
        steps.step("python: tests, stubs and types", || python::tests(environment));
    }
}

fn node_suite(steps: &mut Steps, environment: &Environment) {
    let ready = steps.step("node: packages", || {
        let ready = node::packages(&root().join("tests/node"))
            // The tests run the examples too.
            .and_then(|()| node::packages(&root().join("examples/node")))
            .and_then(|()| native::place(&target().join("debug"), "leadkit_node", &native::node_library()));
        ready.map(|()| Tally::default()).map_err(broken)
    });
    if ready {
        steps.step("node: tests", || node::tests(environment));
        steps.step("node: types", || single(quiet(&mut node::tsc()).map(|_| ())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_added_up() {
        let out = "running 2 tests\ntest result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out\n\
                   test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1 s\n";
        assert_eq!(rust_tally(out), Tally { passed: 5, failed: 1, skipped: 1 });
    }

    #[test]
    fn words_are_read() {
        let options = Options::parse(&["--only", "node", "--long"]).unwrap();
        assert!(options.long && options.wants("node") && !options.wants("rust"));
        assert!(Options::parse(&["--only"]).is_err() && Options::parse(&["--onyl", "node"]).is_err());
    }
}
