//! Answering questions about figures. Provinces and the country come from the live counts, communes from
//! their figures by index, other geographies through the conversions of areas; indicators are computed from
//! rolled-up operands. Nothing is prepared overnight: what is saved is in the next answer.

pub mod ask;
mod book;
mod by_unit;
pub mod computed;
pub mod dashboards;
mod expected;
pub mod explain;
mod gather;
mod ground;
pub mod outliers;
pub mod public;

/// Which data sets report which elements.
pub(crate) fn owners(catalogue: &super::catalogue::Catalogue) -> gather::Owners {
    gather::Owners::of(catalogue)
}
