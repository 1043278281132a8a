//! The Node tests, with the packages that their lock names.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::steps::{Tally, broken, output, quiet, verdict};
use crate::test::Environment;
use crate::{Failure, root, tools};

/// Installs what the folder's lock names, unless that is what is there.
pub fn packages(folder: &Path) -> Result<(), Failure> {
    let lock = folder.join("package-lock.json");
    let wanted = fs::read_to_string(&lock).map_err(|error| format!("{}: {error}", lock.display()))?;
    let stamp = folder.join("node_modules/.leadkit-lock.json");
    if fs::read_to_string(&stamp).is_ok_and(|there| there == wanted) {
        return Ok(());
    }
    quiet(tools::npm().current_dir(folder).args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]))?;
    fs::write(&stamp, wanted).map_err(|error| format!("{}: {error}", stamp.display()))
}

/// `node --test`.
pub fn tests(environment: &Environment) -> Result<Tally, (Tally, Failure)> {
    let mut node = Command::new("node");
    node.current_dir(root().join("tests/node")).args(["--test", "--test-reporter=tap"]);
    node.envs(environment.iter().cloned());
    let (succeeded, out) = output(&mut node).map_err(broken)?;
    verdict(succeeded, tally(&out), out)
}

/// The TypeScript compiler over the tests, the examples and the types.
pub fn tsc() -> Command {
    let mut node = Command::new("node");
    node.current_dir(root().join("tests/node"));
    node.args(["node_modules/typescript/bin/tsc", "--project", "tsconfig.json", "--strict", "--noEmit"]);
    node
}

/// The lines `# pass 12`, `# fail 0` at the end of the report.
fn tally(out: &str) -> Tally {
    let figure = |name: &str| -> u64 {
        let prefix = format!("# {name} ");
        out.lines().rev().find_map(|line| line.strip_prefix(&prefix)?.trim().parse().ok()).unwrap_or(0)
    };
    Tally {
        passed: figure("pass"),
        failed: figure("fail") + figure("cancelled"),
        skipped: figure("skipped") + figure("todo"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read() {
        let out = "ok 1 - x\n# tests 7\n# pass 3\n# fail 1\n# cancelled 1\n# skipped 1\n# todo 1\n";
        assert_eq!(tally(out), Tally { passed: 3, failed: 2, skipped: 2 });
    }
}
