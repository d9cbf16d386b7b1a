//! Sound and pictures: good uploads come out right, and bad ones come out as a named problem.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "samples and lengths made here are small, and known to be"
)]

mod audio;
mod hostile_audio;
pub mod hostile_picture;
mod listening;
mod picture;
