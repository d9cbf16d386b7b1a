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

/// A reporting rate in tenths of a percent, as every page and interface tells it: rounded half up and never more than
/// all. 100 % is told only when nobody is missing, 0 % only when nobody is there. None when nothing is owed.
pub fn rate_tenths(part: i64, owed: i64) -> Option<i64> {
    if owed <= 0 {
        return None;
    }
    let part = part.clamp(0, owed);
    Some(match (part * 2_000 + owed) / (owed * 2) {
        1_000 if part < owed => 999,
        0 if part > 0 => 1,
        rounded => rounded,
    })
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

    #[test]
    fn a_rate_is_rounded_and_whole_only_when_nobody_is_missing() {
        assert_eq!(rate_tenths(1, 92), Some(11));
        assert_eq!(rate_tenths(1, 8), Some(125));
        assert_eq!(
            (rate_tenths(3_320, 3_321), rate_tenths(3_321, 3_321)),
            (Some(999), Some(1_000))
        );
        assert_eq!((rate_tenths(1, 10_000), rate_tenths(0, 10_000)), (Some(1), Some(0)));
        assert_eq!((rate_tenths(5, 3), rate_tenths(0, 0)), (Some(1_000), None));
    }
}
