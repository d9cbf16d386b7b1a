//! The command `cargo xtask`: hands its words to the library and leaves with the code it returns.

use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    xtask::run(&words)
}
