//! `cargo xtask bump VERSION`: one version in all manifests. The Python package takes its version
//! from its crate.

use std::fs;

use crate::{Failure, call, cargo, root};

/// Sets the version.
pub fn run(version: &str) -> Result<(), Failure> {
    let parts: Vec<&str> = version.split('-').next().unwrap_or_default().split('.').collect();
    if parts.len() != 3 || parts.iter().any(|part| part.parse::<u32>().is_err()) {
        return Err(format!("{version} is no version such as 1.2.3"));
    }
    edit("Cargo.toml", |text| cargo_toml(text, version))?;
    for name in
        ["leadkit-node/package.json", "tests/node/package-lock.json", "examples/node/package-lock.json"]
    {
        edit(name, |text| package_json(name, text, version))?;
    }
    call(cargo().args(["update", "--workspace", "--offline", "--quiet"]))?;
    println!("Cargo.lock");
    println!("all manifests are at {version}; write CHANGELOG.md, then run cargo xtask test");
    Ok(())
}

fn edit(name: &str, change: impl FnOnce(&str) -> Result<String, Failure>) -> Result<(), Failure> {
    let path = root().join(name);
    let at = |error| format!("{name}: {error}");
    let text = fs::read_to_string(&path).map_err(at)?;
    fs::write(&path, change(&text)?).map_err(at)?;
    println!("{name}");
    Ok(())
}

/// The workspace's version and the pins of its own crates; all else stays as written.
fn cargo_toml(text: &str, version: &str) -> Result<String, Failure> {
    let (mut section, mut changed) = ("", 0);
    let lines = text.lines().map(|line| {
        if line.starts_with('[') {
            section = line.trim();
        }
        if section == "[workspace.package]" && line.starts_with("version = ") {
            changed += 1;
            return format!("version = \"{version}\"");
        }
        match line.split_once("version = \"=") {
            Some((before, rest)) if line.starts_with("leadkit-") => {
                changed += 1;
                let after = rest.split_once('"').map_or("", |(_, after)| after);
                format!("{before}version = \"={version}\"{after}")
            }
            _ => line.to_string(),
        }
    });
    let text = lines.collect::<Vec<_>>().join("\n") + "\n";
    if changed < 2 { Err("Cargo.toml: version or pins were not found".into()) } else { Ok(text) }
}

/// The version of our package: the first one of its manifest, or the one under its folder's key in a
/// lock.
fn package_json(name: &str, text: &str, version: &str) -> Result<String, Failure> {
    let missing = || format!("{name}: no version of ours was found");
    let begin = if name.ends_with("-lock.json") {
        text.find("\"../../leadkit-node\": {").ok_or_else(missing)?
    } else {
        0
    };
    let key = "\"version\": \"";
    let from = begin + text[begin..].find(key).ok_or_else(missing)? + key.len();
    let to = from + text[from..].find('"').ok_or_else(missing)?;
    Ok(format!("{}{version}{}", &text[..from], &text[to..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_versions_change() {
        let toml = "[workspace.package]\nversion = \"0.1.0\"\n\n[workspace.dependencies]\n\
                    leadkit-core = { path = \"leadkit-core\", version = \"=0.1.0\" }\nx = { version = \"1.8\" }\n";
        let changed = cargo_toml(toml, "0.2.0").unwrap();
        assert_eq!(changed, toml.replace("0.1.0", "0.2.0"));
        assert!(cargo_toml("[package]\n", "0.2.0").is_err());

        let lock = "{\"version\": \"9\", \"packages\": {\"../../leadkit-node\": {\"name\": \"leadkit\", \"version\": \"0.1.0\"}}}";
        assert_eq!(package_json("x-lock.json", lock, "0.2.0").unwrap(), lock.replace("0.1.0", "0.2.0"));
        assert!(package_json("package.json", "{}", "0.2.0").is_err());
    }
}
