//! The build scripts: `cargo xtask test | bench | contract | coverage | dist | bump`.
fn main() {}
