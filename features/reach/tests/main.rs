//! Reach from the outside: pages and actions on both engines, records between two nodes, laws.

mod cards;
mod cast;
mod country;
mod inspections;
mod ladder;
mod laws;
mod meetings;
mod records;
mod refusals;
mod roster;
mod words;
