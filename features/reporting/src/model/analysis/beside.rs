//! Which targets stand beside a figure, and which of them judge it: one judges the figures of its own area over its own
//! period, once it is approved. What stands there besides says what it is and judges nothing.

use areas::AreaId;

use crate::model::{Period, target::Target};

/// A year has more days than this, and nothing shorter has.
const DAYS_OF_A_YEAR: i32 = 360;

/// What a target is to the figure that it stands beside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// It is for this area and this period: it judges.
    Judges,
    /// It is only proposed.
    Proposed,
    /// It is for the whole year, and the figure for a part of it.
    PartOfYear,
    /// It is for a later year: the next one that has a target.
    Later,
    /// It is the whole country's, and the figure a part of the country's.
    Nation,
}

/// What is known of the figure.
#[derive(Clone, Copy, Debug)]
pub struct Figure<'f> {
    /// Of which area, by its id.
    pub area: &'f str,
    /// Over which period.
    pub period: &'f Period,
    /// True for shares and rates, which a part of the country can be held against the whole in.
    pub is_share: bool,
}

/// The targets that stand beside a figure, in their order. Those of later years come only where none is for the
/// figure's own time, and of these the next year's.
pub fn beside<'t>(
    targets: impl Iterator<Item = &'t Target>,
    figure: Figure<'_>,
) -> Vec<(&'t Target, Beside)> {
    let year = figure.period.year();
    let mut all: Vec<(&Target, Beside)> =
        targets.filter_map(|one| Some((one, relation(one, figure)?))).collect();
    let now = |one: &Target| i32::from(one.year) <= year;
    if all.iter().any(|(one, _)| now(one)) {
        all.retain(|(one, _)| now(one));
    } else if let Some(next) = all.iter().map(|(one, _)| one.year).min() {
        all.retain(|(one, _)| one.year == next);
    }
    all
}

fn relation(target: &Target, figure: Figure<'_>) -> Option<Beside> {
    let country = AreaId::country();
    let nation = target.area.is_empty() || target.area == country.as_str();
    let own = target.area == figure.area || (nation && figure.area == country.as_str());
    // A number of things for the whole country says nothing about one province.
    let of_the_nation = nation && figure.is_share && target.approved;
    if !own && !of_the_nation {
        return None;
    }
    let when = match &target.period {
        Some(id) => (id == figure.period.id()).then_some(Beside::Judges)?,
        None => of_year(i32::from(target.year), figure.period)?,
    };
    Some(match when {
        _ if !own => Beside::Nation,
        _ if !target.approved => Beside::Proposed,
        when => when,
    })
}

/// What a target of a whole year is to a figure of a period.
fn of_year(year: i32, period: &Period) -> Option<Beside> {
    match year - period.year() {
        0 if period.days() > DAYS_OF_A_YEAR => Some(Beside::Judges),
        0 => Some(Beside::PartOfYear),
        1.. => Some(Beside::Later),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::target::Goal, reference::shipped};

    fn target(area: &str, year: i16, period: Option<&str>, approved: bool) -> Target {
        let like = shipped().targets.iter().find(|one| matches!(one.goal, Goal::Compare { .. }));
        Target {
            area: area.to_owned(),
            year,
            period: period.map(str::to_owned),
            approved,
            ..like.expect("a target").clone()
        }
    }

    fn told(targets: &[Target], area: &str, period: &str, is_share: bool) -> Vec<(i16, Beside)> {
        let period = Period::parse(period).expect("a period");
        let figure = Figure { area, period: &period, is_share };
        beside(targets.iter(), figure).into_iter().map(|(one, how)| (one.year, how)).collect()
    }

    #[test]
    fn a_target_of_the_country_judges_the_country_and_stands_beside_shares_of_its_parts() {
        for nation in ["", "vn"] {
            let targets = [target(nation, 2026, None, true)];
            assert_eq!(told(&targets, "vn", "y-2026", false), [(2026, Beside::Judges)]);
            assert_eq!(told(&targets, "19.2025", "y-2026", true), [(2026, Beside::Nation)]);
            assert_eq!(told(&targets, "19.2025", "y-2026", false), [], "nobody owes 9.000 alone");
        }
        let proposed = [target("", 2026, None, false)];
        assert_eq!(told(&proposed, "19.2025", "y-2026", true), []);
        let province = [target("19.2025", 2026, None, true)];
        assert_eq!(told(&province, "19.2025", "nd09y-2026", false), [(2026, Beside::Judges)]);
        assert_eq!(told(&province, "01969.2025", "y-2026", true), []);
        assert_eq!(told(&province, "vn", "y-2026", true), []);
    }

    #[test]
    fn a_target_judges_its_own_period_only() {
        let quarter = [target("vn", 2026, Some("nd09q-2026-3"), true)];
        assert_eq!(told(&quarter, "vn", "nd09q-2026-3", true), [(2026, Beside::Judges)]);
        for other in ["nd09q-2026-4", "y-2026", "nd09q-2025-3"] {
            assert_eq!(told(&quarter, "vn", other, true), [], "{other}");
        }
        let year = [target("vn", 2026, None, true)];
        assert_eq!(told(&year, "vn", "nd09q-2026-3", true), [(2026, Beside::PartOfYear)]);
        assert_eq!(told(&year, "vn", "y-2027", true), [], "what is over stands beside nothing");
        let later = [2030, 2027, 2026, 2023].map(|year| target("vn", year, None, true));
        assert_eq!(told(&later, "vn", "y-2026", true), [(2026, Beside::Judges)]);
        assert_eq!(told(&later, "vn", "y-2025", true), [(2026, Beside::Later)], "the next one");
    }

    #[test]
    fn what_is_only_proposed_judges_nothing() {
        let both = [target("19.2025", 2026, None, true), target("19.2025", 2026, None, false)];
        let expected = [(2026, Beside::Judges), (2026, Beside::Proposed)];
        assert_eq!(told(&both, "19.2025", "y-2026", true), expected);
        assert_eq!(told(&both[1..], "19.2025", "nd09q-2026-3", true), [(2026, Beside::Proposed)]);
    }
}
