//! All SQL of reporting, and nothing but SQL.

pub mod analysis;
pub mod conflicts;
pub mod consolidations;
pub mod definitions;
pub mod exchange;
pub mod exports;
pub mod numbers;
pub mod obligations;
pub mod parts;
pub mod remarks;
pub mod reminders;
pub mod review;
pub mod rollups;
pub mod submissions;
pub mod values;
pub mod words;
pub mod works;
