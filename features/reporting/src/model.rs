//! Nouns and rules of reporting: no database, network, clock or waiting.

pub mod amount;
pub mod analysis;
pub mod bundle;
pub mod cell;
pub mod collect;
pub mod dataset;
pub mod definition;
pub mod dimension;
pub mod document;
pub mod element;
pub mod exchange;
pub mod export;
pub mod file_kind;
pub mod form;
pub mod formula;
pub mod ids;
pub mod moving;
pub mod outlier;
pub mod outward;
pub mod period;
pub mod programme;
pub mod rule;
pub mod submission;
pub mod suppress;
pub mod target;
pub mod work;
pub mod workbook;
pub mod xform;
pub mod xlsform;
pub mod xml;

pub use cell::{CellKey, CellState, Figure, Life};
pub use dataset::{Dataset, Tier};
pub use dimension::{Coords, Dimension};
pub use element::{DataElement, Indicator};
pub use ids::*;
pub use period::{Period, PeriodPart, Scheme};
