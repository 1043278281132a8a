//! A module of the core imports only from layers below its own, never from a sibling.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use leadkit_tests::root;

/// The layers of DESIGN.md, from the ground up. Where one module of a layer stands on another, the
/// layer is split by a line of its own.
const LAYERS: &[&[&str]] = &[
    // 0
    &["text", "secret", "measure"],
    &["error"],
    &["clock", "atomic", "keys"],
    // 1
    &["progress"],
    &["model"],
    // 2
    &["table", "normalize", "report", "template", "transport", "search"],
    // 3
    &["mapping", "validate", "compliance"],
    // 4
    &["clean", "schedule"],
    // 5
    &["store"],
    // 6
    &["ledger"],
    // 7
    &["import", "export", "bulk"],
    &["history", "stats"],
    // 8
    &["outbox"],
    // 9
    &["privacy"],
    // 10
    &["automation"],
    // 11
    &["database"],
    &["testing"],
];

#[test]
fn imports_point_down() {
    let source = root().join("leadkit-core/src");
    let layers: BTreeMap<&str, usize> = LAYERS
        .iter()
        .enumerate()
        .flat_map(|(height, modules)| modules.iter().map(move |module| (*module, height)))
        .collect();
    let tops = exported(&fs::read_to_string(source.join("lib.rs")).unwrap());
    let (mut wrong, mut paths) = (Vec::new(), 0);
    for file in rust_files(&source) {
        let inside = file.strip_prefix(&source).unwrap();
        let module = module_of(inside);
        let tests = inside.file_stem().is_some_and(|stem| stem == "tests" || stem == "samples");
        if module == "lib" || tests {
            continue;
        }
        let shown = inside.display();
        let Some(own) = layers.get(module.as_str()) else {
            wrong.push(format!("{shown}: the module `{module}` has no layer"));
            continue;
        };
        let text = fs::read_to_string(&file).unwrap();
        // Unit tests stand at the end of a file, one module deeper, and may use what they like.
        let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        for (line, target) in targets(text, depth(inside)) {
            paths += 1;
            let target = tops.get(&target).unwrap_or(&target).clone();
            match layers.get(target.as_str()) {
                _ if target == module => {}
                Some(height) if height < own => {}
                Some(_) => wrong.push(format!("{shown}:{line}: `{module}` imports from `{target}`")),
                None => wrong.push(format!("{shown}:{line}: `crate::{target}` names no module")),
            }
        }
    }
    assert!(wrong.is_empty(), "imports that do not point down:\n  {}", wrong.join("\n  "));
    assert!(paths > 200, "only {paths} paths were found");
}

#[test]
fn paths_are_found_wherever_they_stand() {
    let text = "use crate::{error::Error, model::{lead::Lead, field},\n    text};\n// crate::comment\n\
                fn f() -> crate::clock::Clock { super::super::table::x() }\nlet s = \"crate::no\"; /// [`crate::doc`]\n\
                pub(crate) fn g() { $crate::store::x() }\n";
    let found: Vec<String> = targets(text, 2).into_iter().map(|(_, target)| target).collect();
    assert_eq!(found, ["error", "model", "text", "clock", "table", "store"]);
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn module_of(inside: &Path) -> String {
    let first = inside.components().next().unwrap().as_os_str();
    Path::new(first).with_extension("").to_string_lossy().into_owned()
}

/// How many `super` lead from a file's module to the crate.
fn depth(inside: &Path) -> usize {
    let parts = inside.components().count();
    if inside.file_stem().is_some_and(|stem| stem == "mod") { parts - 1 } else { parts }
}

/// The modules of the crate that a file's paths lead to, with their lines: `crate::x`,
/// `crate::{x::.., y}`, and as many `super::` as lead out of the file's own module, one more in the
/// tests at its end.
fn targets(text: &str, depth: usize) -> Vec<(usize, String)> {
    let code = without_comments(text);
    let tests = code.find("\nmod tests {").unwrap_or(code.len());
    let mut found = Vec::new();
    let mut look = |start: &str, from: usize, to: usize| {
        for (at, _) in code[from..to].match_indices(start) {
            let at = from + at;
            if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            let line = code[..at].matches('\n').count() + 1;
            found.extend(heads(&code[at + start.len()..]).into_iter().map(|head| (line, head)));
        }
    };
    look("crate::", 0, code.len());
    look(&"super::".repeat(depth), 0, tests);
    look(&"super::".repeat(depth + 1), tests, code.len());
    found.retain(|(_, head)| !["", "super", "self"].contains(&head.as_str()));
    found.sort_by_key(|(line, _)| *line);
    found
}

/// The names that `lib.rs` exports at the top, each with its module.
fn exported(lib: &str) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for path in without_comments(lib).split("pub use ").skip(1).filter_map(|rest| rest.split(';').next()) {
        let module = heads(path).remove(0);
        let words = path.split(|c: char| !c.is_alphanumeric() && c != '_');
        names.extend(words.filter(|word| *word != module).map(|word| (word.to_string(), module.clone())));
    }
    names
}

/// The first names of a path, several where it opens a brace.
fn heads(path: &str) -> Vec<String> {
    let name = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let Some(group) = path.strip_prefix('{') else {
        return vec![name(path)];
    };
    let (mut open, mut names, mut begins) = (0, Vec::new(), 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => open += 1,
            '}' if open > 0 => open -= 1,
            ',' | '}' if open == 0 => {
                names.push(name(group[begins..at].trim_start()));
                begins = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

/// Comments and the content of plain strings become blanks, line by line.
fn without_comments(text: &str) -> String {
    let line = |line: &str| {
        let mut kept = String::new();
        let (mut quoted, mut previous) = (false, ' ');
        for (at, c) in line.char_indices() {
            if !quoted && line[at..].starts_with("//") {
                break;
            }
            if c == '"' && previous != '\\' && !(previous == '\'' && line[at + 1..].starts_with('\'')) {
                quoted = !quoted;
            }
            kept.push(if quoted { ' ' } else { c });
            previous = if c == '\\' && previous == '\\' { ' ' } else { c };
        }
        kept.push('\n');
        kept
    };
    text.lines().map(line).collect()
}
