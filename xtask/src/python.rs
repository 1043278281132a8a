//! The Python tests, in a virtual environment of their own.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::steps::{Tally, broken, output, quiet, verdict};
use crate::test::Environment;
use crate::{Failure, root, target};

fn venv() -> PathBuf {
    target().join("venv")
}

fn interpreter() -> PathBuf {
    venv().join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" })
}

/// A Python with the test tools and our package.
pub fn command() -> Command {
    let mut command = Command::new(interpreter());
    command.env("PYTHONPATH", root().join("leadkit-py/python"));
    command
}

/// Makes the environment, or brings it up to date; it is kept while the requirements and Python
/// stay the same.
pub fn environment(python: &str) -> Result<(), Failure> {
    let path = root().join("tests/python/requirements.txt");
    let requirements = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let version = quiet(Command::new(python).args(["-c", "import sys; print(sys.executable, sys.version)"]))?;
    let wanted = format!("{version}{requirements}");
    let stamp = venv().join("requirements.stamp");
    if fs::read_to_string(&stamp).is_ok_and(|there| there == wanted) && interpreter().exists() {
        return Ok(());
    }
    quiet(Command::new(python).args(["-m", "venv", "--clear"]).arg(venv()))?;
    let mut pip = Command::new(interpreter());
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]);
    quiet(pip.arg(&path))?;
    fs::write(&stamp, wanted).map_err(|error| format!("{}: {error}", stamp.display()))
}

/// pytest; the suite checks stubs (stubtest, empty allowlist) and types (mypy --strict) too.
pub fn tests(environment: &Environment) -> Result<Tally, (Tally, Failure)> {
    let results = target().join("pytest.xml");
    let _ = fs::remove_file(&results);
    let mut pytest = command();
    pytest.current_dir(root().join("tests/python"));
    pytest.args(["-m", "pytest", "--color=no", "-p", "no:cacheprovider", "--junitxml"]).arg(&results);
    pytest.envs(environment.iter().cloned());
    let (succeeded, out) = output(&mut pytest).map_err(broken)?;
    let xml = fs::read_to_string(&results).unwrap_or_default();
    verdict(succeeded, tally(&xml), out)
}

/// The figures of JUnit's first `<testsuite ...>`.
fn tally(xml: &str) -> Tally {
    let suite = xml.split("<testsuite ").nth(1).and_then(|rest| rest.split('>').next()).unwrap_or_default();
    let figure = |name: &str| -> u64 {
        let rest = suite.split(&format!("{name}=\"")).nth(1);
        rest.and_then(|rest| rest.split('"').next()).and_then(|text| text.parse().ok()).unwrap_or(0)
    };
    let (failed, skipped) = (figure("failures") + figure("errors"), figure("skipped"));
    Tally { passed: figure("tests").saturating_sub(failed + skipped), failed, skipped }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read() {
        let xml = r#"<?xml?><testsuites name="all"><testsuite name="pytest" errors="1" failures="2" skipped="3" tests="10" time="1">"#;
        assert_eq!(tally(xml), Tally { passed: 4, failed: 3, skipped: 3 });
        assert_eq!(tally(""), Tally::default());
    }
}
