//! What is committed in `contract/` is what the core says.

use leadkit_tests::{contract, root};

#[test]
fn the_committed_contract_is_that_of_the_core() {
    for (name, text) in contract::files() {
        let committed = std::fs::read_to_string(root().join("contract").join(name)).unwrap_or_default();
        assert!(committed == text, "contract/{name} differs; run `cargo xtask contract` and commit");
    }
}

#[test]
fn options_of_the_api_are_in_the_schema() {
    let files = contract::files();
    let parse = |i: usize| serde_json::from_str::<serde_json::Value>(&files[i].1).unwrap();
    let (schema, api) = (parse(0), parse(1));
    let mut calls: Vec<_> = ["functions", "testing"].iter().map(|key| &api[key]).collect();
    calls.extend(api["classes"].as_object().unwrap().values().map(|class| &class["methods"]));
    let mut seen = 0;
    for call in calls.iter().flat_map(|calls| calls.as_object().unwrap().values()) {
        if let Some(name) = call["options"].as_str() {
            assert!(schema["options"][name]["properties"].is_object(), "{name} is not in the schema");
            seen += 1;
        }
    }
    assert!(seen > 8);
}
