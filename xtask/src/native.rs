//! The libraries of the bindings, copied to where their packages load them.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::fs;
use std::path::{Path, PathBuf};

use crate::{Failure, root};

/// Where Python looks for the compiled half.
pub fn python_library() -> PathBuf {
    let ending = if cfg!(windows) { "pyd" } else { "abi3.so" };
    root().join("leadkit-py/python/leadkit").join(format!("_native.{ending}"))
}

/// Where Node looks for the addon.
pub fn node_library() -> PathBuf {
    root().join("leadkit-node/leadkit.node")
}

/// Copies the library of a crate that was built in `folder`.
pub fn place(folder: &Path, crate_name: &str, to: &Path) -> Result<(), Failure> {
    let from = folder.join(format!("{DLL_PREFIX}{crate_name}{DLL_SUFFIX}"));
    let at = |error| format!("{} to {}: {error}", from.display(), to.display());
    // A process that has the old file open keeps it: the new one is another file.
    let new = to.with_extension("new");
    fs::copy(&from, &new).map_err(at)?;
    fs::rename(&new, to).map_err(at)
}
