//! `postgres_server FOLDER`: a server with the programs of the folder, for as long as the input lasts.
//!
//! `cargo xtask` holds the other end. However it ends, even by `kill -9`, the server ends too.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use leadkit_tests::postgres::{Failure, Server};

fn main() -> ExitCode {
    match serve(std::env::args_os().nth(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            println!("{failure}");
            ExitCode::FAILURE
        }
    }
}

/// Prints the environment that tests need, a variable a line; an empty line says that this is all.
fn serve(bin: Option<OsString>) -> Result<(), Failure> {
    let bin = bin.ok_or("postgres_server FOLDER")?;
    let server = Server::start(Path::new(&bin))?;
    let lines: String =
        server.environment().into_iter().map(|(name, value)| format!("{name}={value}\n")).collect();
    let mut out = io::stdout().lock();
    // Nobody may listen any more; then the input has ended as well.
    let _ = out.write_all(format!("{lines}\n").as_bytes()).and_then(|()| out.flush());
    let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
    Ok(())
}
