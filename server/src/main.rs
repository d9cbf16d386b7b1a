//! The entry point: sets the allocator up, reads the command line and does what it says.

use std::process::ExitCode;

use libmimalloc_sys::{mi_option_set, mi_option_t};

/// Pages, answers and imports come and go: the system's allocator keeps what they took, and a commune's box has little.
/// This one gives it back, SQLite's too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// `mi_option_purge_delay` in the header of mimalloc 3; its binding does not name it.
const PURGE_DELAY: mi_option_t = 15;
/// How long what was freed stays at hand. After one second, as mimalloc would have it, questions about millions of
/// figures wait for the system to take memory back and bring it again.
const AT_HAND_MS: i64 = 10_000;

#[expect(unsafe_code, reason = "sets one number of the allocator, before there is a second thread")]
fn main() -> ExitCode {
    // SAFETY: the option exists in the version that is compiled in, and any number of milliseconds is valid.
    unsafe { mi_option_set(PURGE_DELAY, AT_HAND_MS) };
    nhipcau::cli::run()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(unsafe_code, reason = "reads one number of the allocator")]
    fn the_number_of_the_option_is_the_delays() {
        // SAFETY: reads a number. No other option of mimalloc 3 begins with this one.
        let at_first = unsafe { libmimalloc_sys::mi_option_get(PURGE_DELAY) };
        assert_eq!(at_first, 1_000, "another version of mimalloc counts its options differently");
    }
}
