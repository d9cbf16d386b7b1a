//! Sound and pictures: what people upload becomes what a weak link can carry.
//!
//! Pure functions over bytes. No file, no database, no clock, no chance: the caller passes all of
//! it in, and keeps what comes out. Everything an upload holds is taken to be hostile.

pub mod audio;
pub mod picture;
