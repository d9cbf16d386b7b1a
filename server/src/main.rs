//! The entry point: reads the command line and does what it says.

use std::process::ExitCode;

fn main() -> ExitCode {
    nhipcau::cli::run()
}
