//! All SQL of reporting, and nothing but SQL.

pub mod analysis;
pub mod conflicts;
pub mod consolidations;
pub mod definitions;
pub mod drafts;
pub mod exchange;
pub mod excuses;
pub mod exports;
pub mod lying;
pub mod numbers;
pub mod obligations;
pub mod openrosa;
pub mod outbox;
pub mod outward;
pub mod parts;
pub mod phone_keys;
pub mod remarks;
pub mod reminders;
pub mod review;
pub mod rollups;
pub mod seats;
pub mod submissions;
pub mod travelling;
pub mod values;
pub mod words;
pub mod works;
