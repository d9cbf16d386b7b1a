//! All SQL of reach, and nothing but SQL.

pub(crate) mod cards;
pub(crate) mod counts;
pub(crate) mod evidence;
pub(crate) mod handover;
pub(crate) mod inspections;
pub(crate) mod meetings;
pub(crate) mod people;
pub(crate) mod publications;
pub(crate) mod succession;
