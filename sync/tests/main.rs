//! What the protocol promises, told as claims. One binary, so that it links once.
#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::similar_names,
    clippy::needless_for_each,
    clippy::large_stack_arrays,
    clippy::type_complexity,
    reason = "tests are read for what they claim; a failed unwrap is a failed test"
)]
#![allow(clippy::disallowed_methods, reason = "how long to play is said in the environment")]

mod blobs;
mod cast;
mod codecs;
mod downstream;
mod enrolment;
mod fuzz_replay;
mod golden;
mod sessions;
mod simulation;
mod sizes;
mod time;
mod upstream;
