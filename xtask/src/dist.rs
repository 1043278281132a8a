//! `cargo xtask dist`: what is released, built with the `dist` profile in a folder of its own.

use std::fs;
use std::process::Command;

use crate::steps::quiet;
use crate::{Failure, call, cargo, native, root, target, tools};

/// Builds the libraries, then a wheel and an npm package of them.
pub fn run() -> Result<(), Failure> {
    let built = target().join("dist-build");
    let out = target().join("packages");
    fs::create_dir_all(&out).map_err(|error| format!("{}: {error}", out.display()))?;
    let mut build = cargo();
    build.args([
        "build",
        "--profile",
        "dist",
        "--locked",
        "--package",
        "leadkit-py",
        "--package",
        "leadkit-node",
    ]);
    call(build.arg("--target-dir").arg(&built))?;
    println!("built: both libraries, profile dist, in {}", built.join("dist").display());

    native::place(&built.join("dist"), "leadkit_node", &native::node_library())?;
    let mut pack = tools::npm();
    pack.current_dir(root().join("leadkit-node")).args(["pack", "--pack-destination"]).arg(&out);
    let name = quiet(&mut pack)?;
    println!("npm package, for this platform only: {}", out.join(name.trim()).display());

    if quiet(Command::new("maturin").arg("--version")).is_err() {
        println!("wheel: NOT made, maturin is not installed (pip install maturin)");
        return Ok(());
    }
    let mut maturin = Command::new("maturin");
    maturin.current_dir(root().join("leadkit-py")).args(["build", "--profile", "dist", "--locked"]);
    call(maturin.arg("--target-dir").arg(&built).arg("--out").arg(&out))?;
    println!("wheel, for this platform only: in {}", out.display());
    Ok(())
}
