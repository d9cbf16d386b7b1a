//! The entry point: reads the command line and does what it says.

use std::process::ExitCode;

/// Pages, answers and imports come and go: the system's allocator keeps what they took, and a commune's box has little.
/// This one gives it back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    nhipcau::cli::run()
}
