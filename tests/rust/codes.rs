//! Every code that the documentation lists is raised by a scenario, or by a test that is named with
//! the reason why no scenario can raise it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use leadkit_core::{ErrorCode, IssueCode};
use leadkit_tests::root;
use serde_json::Value;

#[test]
fn every_error_code_is_raised() {
    let mut raised = BTreeSet::new();
    each(&scenarios(), &mut |key, value| {
        if key == "error" {
            raised.extend(value["code"].as_str().map(str::to_string));
        }
    });
    check("error", &raised, ErrorCode::ALL.iter().map(|code| code.as_str()));
}

#[test]
fn every_issue_code_is_reported() {
    let mut reported = BTreeSet::new();
    each(&scenarios(), &mut |key, value| {
        if key == "expect" {
            each(value, &mut |key, value| {
                // Warnings of a plan and conflicts of an operation have codes of their own.
                if key == "issues" {
                    let codes = value.as_array().into_iter().flatten().filter_map(|i| i["code"].as_str());
                    reported.extend(codes.map(str::to_string));
                }
                if key == "skipped_by" {
                    reported.extend(value.as_object().into_iter().flat_map(|by| by.keys().cloned()));
                }
            });
        }
    });
    check("issue", &reported, IssueCode::ALL.iter().map(|code| code.as_str()));
}

/// `fault_codes.json`: by kind and code, `{reason, test}`; `test` is `path::function`, the path from
/// the repository's top.
fn check(kind: &str, raised: &BTreeSet<String>, all: impl Iterator<Item = &'static str>) {
    let text = fs::read_to_string(root().join("tests/fault_codes.json")).unwrap();
    let faults: BTreeMap<String, BTreeMap<String, Fault>> = serde_json::from_str(&text).unwrap();
    let faults = &faults[kind];
    let all: BTreeSet<&str> = all.collect();
    let mut wrong = Vec::new();
    for code in &all {
        match (raised.contains(*code), faults.get(*code)) {
            (false, None) => wrong.push(format!("{code} is raised by no scenario and no listed test")),
            (true, Some(_)) => wrong.push(format!("{code} is raised by a scenario: take it from the list")),
            (false, Some(fault)) => wrong.extend(fault.missing(code)),
            (true, None) => {}
        }
    }
    let unknown = faults.keys().chain(raised).filter(|code| !all.contains(code.as_str()));
    wrong.extend(unknown.map(|code| format!("{code} is no {kind} code")));
    assert!(wrong.is_empty(), "{kind} codes:\n  {}", wrong.join("\n  "));
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Fault {
    reason: String,
    test: String,
}

impl Fault {
    /// What is wrong with the entry: the test must exist.
    fn missing(&self, code: &str) -> Option<String> {
        let (path, function) = self.test.rsplit_once("::")?;
        let text = fs::read_to_string(root().join(path)).unwrap_or_default();
        let defined =
            ["fn ", "def ", "test(\""].iter().any(|word| text.contains(&format!("{word}{function}")));
        if self.reason.is_empty() || !defined {
            return Some(format!("{code}: there is no test {}, or no reason", self.test));
        }
        None
    }
}

fn scenarios() -> Value {
    let folder = fs::read_dir(root().join("tests/scenarios")).unwrap();
    let read = |path| serde_json::from_str::<Value>(&fs::read_to_string(path).unwrap()).unwrap();
    folder.map(|entry| read(entry.unwrap().path())).collect()
}

/// Every key and value of a document.
fn each(value: &Value, seen: &mut dyn FnMut(&str, &Value)) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                seen(key, value);
                each(value, seen);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| each(item, seen)),
        _ => {}
    }
}
