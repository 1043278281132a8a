//! Steps one after the other, each with its duration, and what they came to in the end.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::Failure;

/// How many tests passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed.
    pub failed: u64,
    /// Tests that were not run; they are shown, for a test nobody runs protects nothing.
    pub skipped: u64,
}

/// What a step came to.
struct Step {
    name: String,
    seconds: f64,
    tally: Tally,
    failure: Option<Failure>,
}

/// The steps so far.
#[derive(Default)]
pub struct Steps(Vec<Step>);

impl Steps {
    /// Does one step and prints a line about it.
    pub fn step(&mut self, name: &str, work: impl FnOnce() -> Result<Tally, (Tally, Failure)>) -> bool {
        eprintln!("-- {name}");
        let began = Instant::now();
        let (mut tally, failure) = match work() {
            Ok(tally) => (tally, None),
            Err((tally, failure)) => (tally, Some(failure)),
        };
        if failure.is_some() && tally.failed == 0 {
            tally.failed = 1;
        }
        let step = Step { name: name.to_string(), seconds: began.elapsed().as_secs_f64(), tally, failure };
        println!("{}", step.line());
        if let Some(failure) = &step.failure {
            println!("{}", failure.trim_end());
        }
        let good = step.failure.is_none();
        self.0.push(step);
        good
    }

    /// A suite that cannot run is a suite that fails.
    pub fn cannot(&mut self, name: &str, why: &str) {
        self.step(name, || Err((Tally::default(), format!("not run: {why}"))));
    }

    /// Prints the summary, the line of figures last.
    pub fn finish(self) -> Result<(), Failure> {
        let sum = |of: fn(&Tally) -> u64| self.0.iter().map(|step| of(&step.tally)).sum::<u64>();
        println!("\nSummary");
        for step in &self.0 {
            println!("{}", step.line());
        }
        let seconds: f64 = self.0.iter().map(|step| step.seconds).sum();
        println!("{:>8}  {}", "", duration(seconds));
        let (passed, failed, skipped) = (sum(|t| t.passed), sum(|t| t.failed), sum(|t| t.skipped));
        if skipped > 0 {
            println!("{skipped} skipped or ignored");
        }
        println!("{passed} passed, {failed} failed");
        if failed == 0 && passed > 0 { Ok(()) } else { Err(String::new()) }
    }
}

impl Step {
    fn line(&self) -> String {
        let state = if self.failure.is_some() { "FAILED" } else { "ok" };
        let Tally { passed, failed, skipped } = self.tally;
        let mut line = format!("{state:>8}  {:>8}  {}", duration(self.seconds), self.name);
        if passed + failed > 0 {
            line += &format!(": {passed} passed, {failed} failed");
        }
        if skipped > 0 {
            line += &format!(", {skipped} skipped");
        }
        line
    }
}

fn duration(seconds: f64) -> String {
    let whole = Duration::from_secs_f64(seconds).as_secs();
    if whole < 60 { format!("{seconds:.1} s") } else { format!("{} min {:02} s", whole / 60, whole % 60) }
}

/// Runs a command; its standard output is returned, with whether it succeeded.
pub fn output(command: &mut Command) -> Result<(bool, String), Failure> {
    let shown = format!("{command:?}");
    let done = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let done = done.map_err(|error| format!("{shown}: {error}"))?;
    Ok((done.status.success(), String::from_utf8_lossy(&done.stdout).into_owned()))
}

/// Runs a command that either works or does not; both outputs are shown when it does not.
pub fn quiet(command: &mut Command) -> Result<String, Failure> {
    let shown = format!("{command:?}");
    let done = command.stdin(Stdio::null()).output().map_err(|error| format!("{shown}: {error}"))?;
    let out = String::from_utf8_lossy(&done.stdout).into_owned();
    if done.status.success() {
        return Ok(out);
    }
    let errors = String::from_utf8_lossy(&done.stderr);
    Err(format!("{shown}: {}\n{out}{errors}", done.status))
}

/// A failure before any test ran.
pub fn broken(failure: Failure) -> (Tally, Failure) {
    (Tally::default(), failure)
}

/// A check that is one test.
pub fn single(result: Result<(), Failure>) -> Result<Tally, (Tally, Failure)> {
    result.map(|()| Tally { passed: 1, ..Tally::default() }).map_err(broken)
}

/// The verdict of a suite that reports figures: some test ran, and none failed.
pub fn verdict(succeeded: bool, tally: Tally, output: String) -> Result<Tally, (Tally, Failure)> {
    if !succeeded || tally.failed > 0 {
        Err((tally, output))
    } else if tally.passed == 0 {
        Err((tally, format!("not one test was run\n{output}")))
    } else {
        Ok(tally)
    }
}
