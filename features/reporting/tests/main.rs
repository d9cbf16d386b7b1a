//! The tests of reporting that go through its front door.

mod analysis;
mod builder;
mod cast;
mod definitions;
mod downloads;
mod entry_page;
mod exchange;
mod foreign;
mod formula_vectors;
mod handing_in;
mod laws;
mod life;
mod meanwhile;
mod openrosa;
mod outward;
mod pages;
mod phone_keys;
mod review;
mod samples;
mod signing;
mod standing;
mod tabs;
mod time;
mod totals;
mod workbook;
mod xlsform;
