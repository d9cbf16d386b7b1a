//! Targets: of an indicator that exists, for a year or a period of it, with numbers that can be read.

use kernel::problem::FormProblems;

use super::{Defined, TEXT_MAX};
use crate::model::{
    Period,
    formula::Rational,
    target::{Goal, Target},
};

const YEARS: std::ops::RangeInclusive<i16> = 2000..=2100;

/// What is wrong with a target. Its area is the actions' business.
pub fn check(target: &Target, defined: &Defined<'_>) -> FormProblems {
    let mut problems = FormProblems::new();
    let known = defined.indicators.contains_key(&target.indicator);
    problems.require(known, "chi-tieu", "reporting-definition-no-indicator");
    problems.require(YEARS.contains(&target.year), "nam", "reporting-definition-year");
    if let Some(id) = &target.period {
        let period = Period::parse(id);
        let fits = period.is_some_and(|period| period.year() == i32::from(target.year));
        problems.require(fits, "ky", "reporting-definition-period");
    }
    let long = target.legal_basis.chars().count() <= TEXT_MAX;
    problems.require(long, "van-ban", "reporting-definition-long");
    super::mark(target.mark, &mut problems);
    goal(&target.goal, &mut problems);
    if let Some(baseline) = &target.baseline {
        let read = number(&baseline.value).is_some();
        problems.require(read, "goc", "reporting-definition-number");
        let earlier = YEARS.contains(&baseline.year) && baseline.year <= target.year;
        problems.require(earlier, "nam-goc", "reporting-definition-baseline-year");
    }
    problems
}

fn number(text: &str) -> Option<Rational> {
    Rational::decimal(text.strip_prefix('-').unwrap_or(text))
        .map(|one| if text.starts_with('-') { one.negated() } else { one })
}

fn goal(goal: &Goal, problems: &mut FormProblems) {
    match goal {
        Goal::Compare { value, .. } => {
            problems.require(number(value).is_some(), "gia-tri", "reporting-definition-number");
        }
        Goal::Range { low, high } => {
            let (low, high) = (number(low), number(high));
            problems.require(low.is_some(), "gia-tri", "reporting-definition-number");
            problems.require(high.is_some(), "gia-tri-den", "reporting-definition-number");
            let order = low.zip(high).and_then(|(low, high)| low.compare(high));
            let ordered = order.is_none_or(std::cmp::Ordering::is_lt);
            problems.require(ordered, "gia-tri-den", "reporting-definition-range");
        }
        Goal::Fraction { numerator, denominator, of } => {
            let fits = *numerator > 0 && *denominator > 0;
            problems.require(fits, "gia-tri", "reporting-definition-fraction");
            let told = !of.trim().is_empty() && of.chars().count() <= TEXT_MAX;
            problems.require(told, "loi", "reporting-definition-fraction-of");
        }
        Goal::Qualitative { words } => {
            let told = !words.trim().is_empty() && words.chars().count() <= TEXT_MAX;
            problems.require(told, "loi", "reporting-definition-no-words");
        }
    }
}
