//! One version: all manifests agree.

use std::fs;

use leadkit_tests::root;
use serde_json::Value;

#[test]
fn all_manifests_have_one_version() {
    let version = env!("CARGO_PKG_VERSION");
    let workspace = read("Cargo.toml");
    for pin in workspace.lines().filter(|line| line.starts_with("leadkit-")) {
        assert!(pin.contains(&format!("version = \"={version}\"")), "Cargo.toml: {pin}");
    }
    for entry in fs::read_dir(root()).unwrap() {
        let path = entry.unwrap().path().join("Cargo.toml");
        if let Ok(text) = fs::read_to_string(&path) {
            assert!(text.contains("version.workspace = true"), "{} has a version of its own", path.display());
        }
    }
    let lock = read("Cargo.lock");
    for package in lock.split("[[package]]").filter(|package| !package.contains("source = ")) {
        if let Some(found) =
            package.lines().find_map(|line| line.strip_prefix("version = ")).filter(|f| f.len() < 30)
        {
            let name = package.lines().find(|line| line.starts_with("name")).unwrap_or_default();
            assert!(name.is_empty() || found == format!("\"{version}\""), "Cargo.lock: {name} is {found}");
        }
    }
    let python = read("leadkit-py/pyproject.toml");
    assert!(python.contains("dynamic = [\"version\"]"), "the wheel takes its version from the crate");
    for name in
        ["leadkit-node/package.json", "tests/node/package-lock.json", "examples/node/package-lock.json"]
    {
        if let Ok(text) = fs::read_to_string(root().join(name)) {
            let json: Value = serde_json::from_str(&text).unwrap();
            let found = if name.ends_with("-lock.json") {
                &json["packages"]["../../leadkit-node"]["version"]
            } else {
                &json["version"]
            };
            assert_eq!(found, version, "{name}");
        }
    }
}

#[test]
fn locks_name_no_registry() {
    for name in ["tests/node", "examples/node", "tests/postgres"] {
        let name = format!("{name}/package-lock.json");
        let text = fs::read_to_string(root().join(&name)).unwrap_or_default();
        // Other addresses, such as those of a package's sponsors, are the package's own words.
        let named = text.lines().find(|line| line.contains("\"resolved\"") && line.contains("://"));
        assert_eq!(named, None, "{name}: omit-lockfile-registry-resolved is set in .npmrc");
    }
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap()
}
