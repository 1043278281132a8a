//! What the tests need on this machine, and what to do where it is missing.

use std::process::Command;

use crate::steps::quiet;

/// The interpreter that makes the virtual environment.
pub fn python() -> Result<&'static str, String> {
    let wanted = "Python 3.10 or newer is needed (Debian: apt-get install python3 python3-venv)";
    let name = ["python3", "python"]
        .into_iter()
        .find(|name| {
            let test = "import sys; sys.exit(sys.version_info < (3, 10))";
            quiet(Command::new(name).args(["-c", test])).is_ok()
        })
        .ok_or(wanted)?;
    quiet(Command::new(name).args(["-c", "import venv, ensurepip"])).map(|_| name).map_err(|_| {
        "Python has no venv (Debian: apt-get install python3-venv; elsewhere a Python from python.org)".into()
    })
}

/// Whether Node and npm are there and new enough.
pub fn node() -> Result<(), String> {
    let wanted = "Node 20 or newer is needed, with npm (https://nodejs.org)";
    let version = quiet(Command::new("node").arg("--version")).map_err(|_| wanted)?;
    let major = version.trim().trim_start_matches('v').split('.').next().and_then(|n| n.parse::<u32>().ok());
    if major.is_none_or(|major| major < 20) {
        return Err(format!("{wanted}; this is {}", version.trim()));
    }
    quiet(npm().arg("--version")).map(|_| ()).map_err(|_| wanted.into())
}

/// npm, which is a script on Windows.
pub fn npm() -> Command {
    Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" })
}
