//! The tests of reporting that go through its front door.

mod analysis;
mod cast;
mod entry_page;
mod exchange;
mod foreign;
mod formula_vectors;
mod laws;
mod life;
mod pages;
mod review;
mod samples;
mod webdriver;
mod workbook;
