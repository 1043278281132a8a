//! Writes `contract/`, or with `--check` fails when it is not what the core says.

use std::error::Error;
use std::fs;
use std::process::ExitCode;

use leadkit_tests::{contract, root};

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let check = std::env::args().skip(1).any(|word| word == "--check");
    let folder = root().join("contract");
    let mut stale = false;
    for (name, text) in contract::files() {
        let path = folder.join(name);
        let same = fs::read_to_string(&path).is_ok_and(|committed| committed == text);
        match (same, check) {
            (true, _) => println!("contract/{name}: up to date"),
            (false, true) => {
                stale = true;
                println!("contract/{name}: differs; run `cargo xtask contract` and commit");
            }
            (false, false) => {
                fs::create_dir_all(&folder)?;
                fs::write(&path, text)?;
                println!("contract/{name}: written");
            }
        }
    }
    Ok(if stale { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
