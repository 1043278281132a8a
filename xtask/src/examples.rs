//! The examples: the same stories by the same names in three languages, each run as a reader would.
//!
//! Servers, named after a framework (`webhooks_axum`), never end by themselves: the tests of
//! their language run them.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use crate::steps::{Tally, quiet};
use crate::{Failure, python, root, target};

const LANGUAGES: [(&str, &str); 3] = [("rust", "rs"), ("python", "py"), ("node", "mjs")];
/// What each language has a server for.
const SERVERS: [&str; 1] = ["webhooks"];

/// The names of the Rust examples that run to an end.
pub fn names() -> Result<BTreeSet<String>, Failure> {
    let mut names = stories("rust", "rs")?;
    names.retain(|name| !SERVERS.contains(&name.as_str()));
    Ok(names)
}

/// Every example is there in every language.
pub fn complete() -> Result<(), Failure> {
    let wanted = stories("rust", "rs")?;
    for (language, ending) in LANGUAGES {
        let there = stories(language, ending)?;
        if there != wanted || there.is_empty() {
            return Err(format!("examples/{language} has {there:?}, examples/rust has {wanted:?}"));
        }
    }
    Ok(())
}

/// What the examples of a language tell: their names, those of servers without the framework's.
fn stories(language: &str, ending: &str) -> Result<BTreeSet<String>, Failure> {
    let folder = root().join("examples").join(language);
    let entries = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let paths = entries.flatten().map(|entry| entry.path());
    let files = paths.filter(|path| path.extension().is_some_and(|found| found == ending));
    Ok(files.filter_map(|path| Some(story(&path.file_stem()?.to_string_lossy()).to_string())).collect())
}

fn story(stem: &str) -> &str {
    match stem.split_once('_') {
        Some((server, _)) if SERVERS.contains(&server) => server,
        _ => stem,
    }
}

/// Runs one example in each language, without arguments, and compares the figures it prints.
pub fn run(name: &str) -> Result<Tally, (Tally, Failure)> {
    let mut tally = Tally::default();
    let mut failures = Vec::new();
    let mut first: Option<Vec<String>> = None;
    for (language, ending) in LANGUAGES {
        let script = root().join("examples").join(language).join(format!("{name}.{ending}"));
        let mut command = match language {
            "rust" => Command::new(target().join("debug/examples").join(name)),
            "python" => python::command(),
            _ => Command::new("node"),
        };
        if language != "rust" {
            command.arg(script);
        }
        let result = output_of(command, language, name).and_then(|out| {
            let figures = figures(&out);
            match &first {
                None if out.trim().is_empty() => Err("printed nothing".to_string()),
                None => {
                    first = Some(figures);
                    Ok(())
                }
                Some(first) if *first == figures => Ok(()),
                Some(first) => Err(format!("printed {figures:#?}\nwhere Rust printed {first:#?}")),
            }
        });
        match result {
            Ok(()) => tally.passed += 1,
            Err(what) => {
                tally.failed += 1;
                failures.push(format!("examples/{language}/{name}.{ending}: {what}"));
            }
        }
    }
    if failures.is_empty() { Ok(tally) } else { Err((tally, failures.join("\n"))) }
}

/// Runs it with a folder for temporary files of its own.
fn output_of(mut command: Command, language: &str, name: &str) -> Result<String, Failure> {
    let folder = target().join("examples").join(format!("{name}-{language}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for variable in ["TMPDIR", "TEMP", "TMP"] {
        command.env(variable, &folder);
    }
    quiet(command.env("PYTHONIOENCODING", "utf-8").current_dir(&folder))
}

/// The lines that are a number and words, `2,000  became new leads`, without thousands separators
/// and times.
fn figures(out: &str) -> Vec<String> {
    let line = |line: &str| {
        let (number, words) = line.trim().split_once("  ")?;
        let number: u64 = number.replace(',', "").parse().ok()?;
        let words = words.trim().split(" in ").next().unwrap_or_default();
        Some(format!("{number} {words}"))
    };
    out.lines().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_named_after_a_framework() {
        assert_eq!([story("webhooks_axum"), story("bulk_update")], ["webhooks", "bulk_update"]);
        let names = names().unwrap();
        assert!(names.contains("bulk_update") && !names.iter().any(|name| name.starts_with("webhooks")));
        complete().unwrap();
    }

    #[test]
    fn figures_are_read() {
        let out = "a.csv: UTF-8\n\n    2,000  rows in 0.25 s\n        7  became new leads\n  12 x  email  is wrong\n";
        assert_eq!(figures(out), ["2000 rows", "7 became new leads"]);
    }
}
