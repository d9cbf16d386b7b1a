//! The program `nhipcau`: command line, configuration, wiring. What the product *does* lives in the
//! features; what it *is* stands on one screen in [`modules`], and what follows from what in
//! [`reactions`].

pub mod bench;
pub mod bridges;
pub mod cli;
pub mod config;
pub mod demo;
pub mod figures;
pub mod keeping;
pub mod link;
pub mod logging;
pub mod modules;
pub mod outward;
pub mod reactions;
pub mod serve;
pub mod start;
pub mod trouble;
pub mod worker;
