//! What a figure is of: a cell, an indicator, a reporting rate; one way of naming all three.

use crate::model::{CellKey, DatasetId, IndicatorId};

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dx {
    /// A cell: `10.6:gt=nu`.
    Cell(CellKey),
    /// An indicator: `*MT02`.
    Indicator(IndicatorId),
    /// The reporting rate of a data set, in percent: `~diem-ho-tro~nop`.
    Rate(DatasetId, RateKind),
}

/// Which share of what is owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RateKind {
    /// Handed in.
    Reported,
    /// Handed in in time.
    OnTime,
    /// Approved.
    Approved,
}

impl RateKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Reported, Self::OnTime, Self::Approved];

    /// In addresses, and in the names of words.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Reported => "nop",
            Self::OnTime => "dung-han",
            Self::Approved => "duyet",
        }
    }
}

impl Dx {
    /// Its one spelling.
    pub fn text(&self) -> String {
        match self {
            Self::Cell(key) => key.text(),
            Self::Indicator(id) => format!("*{id}"),
            Self::Rate(dataset, kind) => format!("~{dataset}~{}", kind.code()),
        }
    }

    /// Reads [`Dx::text`].
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(id) = text.strip_prefix('*') {
            return IndicatorId::parse(id).map(Self::Indicator);
        }
        if let Some(rate) = text.strip_prefix('~') {
            let (dataset, kind) = rate.split_once('~')?;
            let kind = RateKind::ALL.into_iter().find(|one| one.code() == kind)?;
            return Some(Self::Rate(DatasetId::parse(dataset)?, kind));
        }
        // One spelling: `10.6:` would be a second one of `10.6`.
        CellKey::parse(text).filter(|key| key.text() == text).map(Self::Cell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_can_be_asked_for_has_one_spelling() {
        for text in ["10.6", "10.6:dt=tay,gt=nu", "*MT02", "~diem-ho-tro~dung-han"] {
            let dx = Dx::parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(dx.text(), text);
        }
        for wrong in ["", "*", "~", "~x", "~x~y", "10.6:", "10.6:gt", "a b", "*a b", "<i>"] {
            assert_eq!(Dx::parse(wrong), None, "{wrong}");
        }
    }
}
