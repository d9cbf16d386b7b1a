//! An indicator made ready: one formula for what is above and below the line, in the indicator's unit. Its
//! operands are rolled up first and the ratio is computed from the sums; ratios are never averaged.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    CellKey, DataElement, ElementId, Indicator, IndicatorId,
    amount::unit,
    formula::{Formula, Input, Measure, Rational, Units},
};

/// What a unit measures, by its code; shares are pure numbers.
pub fn measure(code: &str) -> Option<Measure> {
    let unit = unit(code)?;
    if unit.is_share() {
        return Some(Measure::pure(Rational::new(unit.num, unit.den.checked_mul(100)?)?));
    }
    Some(Measure::of(&unit.kind, Rational::new(unit.num, unit.den)?))
}

/// What elements and indicators are measured in.
pub struct Measures<'c> {
    elements: &'c BTreeMap<ElementId, DataElement>,
    indicators: &'c BTreeMap<IndicatorId, Indicator>,
}

impl<'c> Measures<'c> {
    /// As they are defined.
    pub const fn of(
        elements: &'c BTreeMap<ElementId, DataElement>,
        indicators: &'c BTreeMap<IndicatorId, Indicator>,
    ) -> Self {
        Self { elements, indicators }
    }
}

impl Units for Measures<'_> {
    fn element(&self, id: &ElementId) -> Option<Measure> {
        measure(&self.elements.get(id)?.unit)
    }

    fn indicator(&self, id: &IndicatorId) -> Option<Measure> {
        measure(&self.indicators.get(id)?.unit)
    }
}

/// An indicator, ready to be computed.
#[derive(Clone, Debug)]
pub struct Computation {
    /// Numerator over denominator, in the indicator's unit.
    pub formula: Formula,
}

impl Computation {
    /// Reads an indicator's formulas. None when they cannot be read; one whose units do not fit its own is
    /// computed as written (*lần*, how many times as much, is a pure number).
    pub fn of(
        indicator: &Indicator,
        elements: &BTreeMap<ElementId, DataElement>,
        indicators: &BTreeMap<IndicatorId, Indicator>,
    ) -> Option<Self> {
        let text = if indicator.denominator.trim().is_empty() {
            indicator.numerator.clone()
        } else {
            format!("({}) / ({})", indicator.numerator, indicator.denominator)
        };
        let formula = Formula::parse(&text).ok()?;
        let known = Measures::of(elements, indicators);
        let wanted = measure(&indicator.unit);
        let converted = wanted.and_then(|wanted| formula.in_unit(&known, &wanted).ok());
        let converted =
            converted.or_else(|| Some(formula.with_units(&known).ok()?.0)).unwrap_or(formula);
        Some(Self { formula: converted })
    }

    /// Cells it needs of the period itself.
    pub fn cells(&self) -> BTreeSet<CellKey> {
        self.named(|input| match input {
            Input::Cell(key) => Some(key.clone()),
            _ => None,
        })
    }

    /// Cells it needs of the period before.
    pub fn previous(&self) -> BTreeSet<CellKey> {
        self.named(|input| match input {
            Input::Previous(key) => Some(key.clone()),
            _ => None,
        })
    }

    fn named(&self, pick: impl Fn(&Input) -> Option<CellKey>) -> BTreeSet<CellKey> {
        self.formula.inputs().into_iter().filter_map(pick).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::formula::{Outcome, Reading},
        reference::shipped,
    };

    fn computed(code: &str, known: &[(&str, i64)]) -> Option<String> {
        let elements: BTreeMap<_, _> =
            shipped().elements.iter().map(|one| (one.code.clone(), one.clone())).collect();
        let indicators: BTreeMap<_, _> =
            shipped().indicators.iter().map(|one| (one.code.clone(), one.clone())).collect();
        let indicator = shipped().indicators.iter().find(|one| one.code.as_str() == code)?;
        let it = Computation::of(indicator, &elements, &indicators)?;
        let outcome = it.formula.compile().run(|input| {
            let text = input.cell().map(CellKey::text).unwrap_or_default();
            let found = known.iter().find(|(key, _)| *key == text);
            found.map_or(Reading::Missing, |(_, amount)| {
                Reading::Known(Rational::scaled(*amount, 0).expect("a number"))
            })
        });
        match outcome {
            Outcome::Number(number) => Some(number.words(2)),
            _ => None,
        }
    }

    #[test]
    fn a_share_is_told_in_percent_and_a_multiple_as_it_is() {
        assert_eq!(
            computed("TD-diem", &[("td.diem", 80), ("td.diem.hoatdong", 60)]).as_deref(),
            Some("75")
        );
        assert_eq!(computed("TD-diem", &[("td.diem", 80)]), None, "a missing operand is no zero");
        let income = [
            ("tn.tong:dtts=dtts", 600),
            ("tn.nguoi:dtts=dtts", 10),
            ("tn.goc2020.tong:dtts=dtts", 240),
            ("tn.goc2020.nguoi:dtts=dtts", 10),
        ];
        assert_eq!(computed("MT01", &income).as_deref(), Some("2,5"));
    }

    #[test]
    fn every_shipped_indicator_can_be_made_ready() {
        let elements: BTreeMap<_, _> =
            shipped().elements.iter().map(|one| (one.code.clone(), one.clone())).collect();
        let indicators: BTreeMap<_, _> =
            shipped().indicators.iter().map(|one| (one.code.clone(), one.clone())).collect();
        for one in &shipped().indicators {
            let made = Computation::of(one, &elements, &indicators);
            assert!(made.is_some(), "{}", one.code);
        }
    }
}
