//! All SQL of this feature: codes and nodes and their inbox at the hub, the road at a point.

pub mod codes;
pub mod handover;
pub mod heirs;
pub mod inbox;
pub mod nodes;
pub mod passings;
pub mod road;
pub mod succession;
