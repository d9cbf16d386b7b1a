//! DHIS2's relative periods (`LAST_12_MONTHS`, `THIS_YEAR`), in whichever schemes the figures are reported:
//! the last four quarters of a data set with legal quarters are legal quarters. Pure.

use kernel::clock::Day;

use crate::model::{Period, Scheme};

/// What a scheme's periods are called in relative periods; none for school years and campaigns.
fn size(scheme: Scheme) -> Option<&'static str> {
    match &*scheme.code() {
        "m" | "nd09m" => Some("MONTH"),
        "q" | "nd09q" => Some("QUARTER"),
        "h" | "nd09h" => Some("SIX_MONTH"),
        "y" | "nd09y" | "budget" => Some("YEAR"),
        "week" => Some("WEEK"),
        "day" => Some("DAY"),
        code if code.starts_with("school") => Some("YEAR"),
        _ => None,
    }
}

/// The periods of a scheme that a relative period means today; `None` when it is none that is known.
pub fn periods(word: &str, scheme: Scheme, today: Day) -> Option<Vec<Period>> {
    let now = scheme.containing(today);
    let own = size(scheme);
    match word {
        "TODAY" | "YESTERDAY" => {
            let of = (own == Some("DAY")).then_some(now).flatten();
            let day = if word == "TODAY" { of } else { of.and_then(|now| now.previous()) };
            return Some(day.into_iter().collect());
        }
        "MONTHS_THIS_YEAR" | "QUARTERS_THIS_YEAR" | "MONTHS_LAST_YEAR" | "QUARTERS_LAST_YEAR" => {
            let (kind, rest) = word.split_once("S_")?;
            let Some(now) = now.filter(|_| own == Some(kind)) else { return Some(Vec::new()) };
            let back = i32::from(rest == "LAST_YEAR");
            let around = now
                .last_n(30)
                .into_iter()
                .chain(std::iter::successors(now.next(), Period::next).take(12));
            let year = now.year() - back;
            return Some(around.filter(|period| period.year() == year).collect());
        }
        _ => {}
    }
    let (which, rest) = word.split_once('_')?;
    let (count, kind) = match (which, rest.split_once('_')) {
        ("LAST", Some((number, kind))) if number.bytes().all(|b| b.is_ascii_digit()) => (
            number.parse::<u16>().ok().filter(|count| (1..=400).contains(count))?,
            kind.strip_suffix('S').unwrap_or(kind),
        ),
        ("LAST", _) => (1, rest),
        ("THIS", _) => (0, rest),
        _ => return None,
    };
    let kinds =
        ["DAY", "WEEK", "MONTH", "QUARTER", "SIX_MONTH", "YEAR", "FINANCIAL_YEAR", "BIMONTH"];
    if !kinds.contains(&kind) {
        return None;
    }
    if own != Some(kind) {
        return Some(Vec::new());
    }
    Some(match (count, now) {
        (_, None) => Vec::new(),
        (0, Some(now)) => vec![now],
        (count, Some(now)) => now.previous().map_or_else(Vec::new, |last| last.last_n(count)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(word: &str, scheme: &str) -> Vec<String> {
        let today = Day::new(2026, 11, 22).expect("a day");
        let scheme = Scheme::parse(scheme).expect("a scheme");
        let all = periods(word, scheme, today).expect("a relative period");
        all.iter().map(|period| period.id().to_owned()).collect()
    }

    #[test]
    fn relative_periods_are_those_of_the_figures_own_scheme() {
        assert_eq!(ids("LAST_2_QUARTERS", "q"), ["q-2026-2", "q-2026-3"]);
        assert_eq!(ids("LAST_2_QUARTERS", "nd09q"), ["nd09q-2026-2", "nd09q-2026-3"]);
        assert_eq!(ids("THIS_QUARTER", "nd09q"), ["nd09q-2026-4"]);
        assert_eq!(ids("LAST_12_MONTHS", "m").len(), 12);
        assert_eq!(ids("LAST_12_MONTHS", "q"), [""; 0]);
        assert_eq!(ids("LAST_YEAR", "y"), ["y-2025"]);
        assert_eq!(ids("LAST_5_YEARS", "y").len(), 5);
        assert_eq!(ids("QUARTERS_THIS_YEAR", "q").len(), 4);
        assert_eq!(ids("MONTHS_LAST_YEAR", "m")[0], "m-2025-01");
        let scheme = Scheme::parse("m").expect("a scheme");
        let today = Day::new(2026, 11, 22).expect("a day");
        for wrong in [
            "LAST_0_MONTHS",
            "LAST_9999_MONTHS",
            "NEXT_MONTH",
            "",
            "LAST",
            "202601",
            "LAST_3_MOONS",
        ] {
            assert_eq!(periods(wrong, scheme, today), None, "{wrong}");
        }
    }
}
