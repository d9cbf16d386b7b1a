//! The tests of this house, one module for each room.

mod media;

mod deciding;
mod desk;
mod hostile;
mod keeping;
mod point;
mod readers;
mod reference;
mod samples;
mod session;
mod stage;
mod uploads;
