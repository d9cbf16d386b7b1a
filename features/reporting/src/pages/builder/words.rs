//! Flaws, changes, deadlines, schemes and laws in words.

use areas::view::Law;
use kernel::{clock::Day, web::Visit};

use super::{Choice, Line, choice};
use crate::{
    actions::catalogue::Catalogue,
    model::{
        DataElement, Dimension, Life, Scheme, Tier,
        amount::{unit_said, units},
        bundle::{Bundle, Change, Flaw},
        dataset::{Deadline, DueRule, DueWhat},
        dimension::DimensionOption,
        element::LAWS,
    },
    pages::entry::cell_words,
};

/// More changes of one kind than this are counted, not listed.
const LISTED: usize = 40;

/// A flaw with its place, leading to the page on which it is mended.
pub(super) fn flaw(visit: &Visit, bundle: &Bundle, base: &str, flaw: &Flaw) -> Line {
    let parts: Vec<&str> = flaw.at.split('/').collect();
    let after = |word: &str| {
        parts.iter().position(|part| *part == word).and_then(|at| parts.get(at + 1)).copied()
    };
    let named = |key: &str, name: &str| visit.say(key, &[("name", name.to_owned())]);
    let (page, mut place) = match parts[..] {
        ["section", code, ..] => {
            let section = bundle.form.sections.iter().find(|one| one.code == code);
            let title = section.map_or(code, |one| one.title.as_str());
            (format!("/muc/{code}"), named("reporting-flaw-at-section", title))
        }
        ["rule", code, ..] => ("/rang-buoc".to_owned(), named("reporting-flaw-at-rule", code)),
        ["element", code, ..] => ("/chi-tieu".to_owned(), named("reporting-flaw-at-element", code)),
        ["dimension", code, ..] => {
            (format!("/phan-to?ma={code}"), named("reporting-flaw-at-dimension", code))
        }
        _ => ("/chung".to_owned(), visit.say("reporting-flaw-at-head", &[])),
    };
    for (word, key) in [("row", "reporting-flaw-at-row"), ("column", "reporting-flaw-at-column")] {
        if let Some(number) = after(word).filter(|_| parts[0] == "section") {
            place.push_str(", ");
            place.push_str(&visit.say(key, &[("number", number.to_owned())]));
        }
    }
    Line {
        href: format!("{base}{page}"),
        text: format!("{place}: {}", visit.say(flaw.what, &flaw.args)),
    }
}

/// What publishing would change, in words.
pub(crate) fn changes(visit: &Visit, known: &Catalogue, all: &[Change]) -> Vec<String> {
    let mut told = Vec::new();
    let mut rest = [0_usize; 2];
    let mut listed = [0_usize; 2];
    for one in all {
        let kind = match one {
            Change::Asked(_) => Some(0),
            Change::Dropped(_) => Some(1),
            _ => None,
        };
        if let Some(kind) = kind {
            listed[kind] += 1;
            if listed[kind] > LISTED {
                rest[kind] += 1;
                continue;
            }
        }
        told.push(change(visit, known, one));
    }
    let keys = ["reporting-change-asked-more", "reporting-change-dropped-more"];
    for (count, key) in rest.into_iter().zip(keys).filter(|(count, _)| *count > 0) {
        told.push(visit.say(key, &[("count", count.to_string())]));
    }
    told
}

/// How much there is of several things, in words: `2 ô số liệu, 1 tệp`. What there is none of is left out.
pub(crate) fn parts(visit: &Visit, all: &[(&str, usize)]) -> String {
    let some = all.iter().filter(|(_, count)| *count > 0);
    let told = some.map(|(key, count)| visit.say(key, &[("count", count.to_string())]));
    told.collect::<Vec<_>>().join(", ")
}

fn change(visit: &Visit, known: &Catalogue, one: &Change) -> String {
    let say = |key: &str, name: String| visit.say(key, &[("name", name)]);
    match one {
        Change::Asked(key) => say("reporting-change-asked", cell_words(known, key)),
        Change::Dropped(key) => say("reporting-change-dropped", cell_words(known, key)),
        Change::Label(key, before, after) => visit.say(
            "reporting-change-label",
            &[
                ("name", cell_words(known, key)),
                ("before", before.clone()),
                ("after", after.clone()),
            ],
        ),
        Change::Section(title) => say("reporting-change-section", title.clone()),
        Change::NoSection(title) => say("reporting-change-no-section", title.clone()),
        Change::SectionChanged(title) => say("reporting-change-section-changed", title.clone()),
        Change::Rule(words) => say("reporting-change-rule", words.clone()),
        Change::NoRule(words) => say("reporting-change-no-rule", words.clone()),
        Change::RuleChanged(words) => say("reporting-change-rule-changed", words.clone()),
        Change::Dataset(key) | Change::Form(key) => {
            say("reporting-change-field", visit.say(key, &[]))
        }
    }
}

/// What a draft brings along that others may use too, and what it changes about such things.
pub(super) fn brought(visit: &Visit, known: &Catalogue, bundle: &Bundle) -> Vec<String> {
    let mut told = Vec::new();
    for one in &bundle.dimensions {
        told.extend(dimension(visit, known.dimensions.get(&one.code), one));
    }
    for one in &bundle.elements {
        told.push(element(visit, known, bundle, one));
    }
    told
}

fn dimension(visit: &Visit, before: Option<&Dimension>, one: &Dimension) -> Vec<String> {
    let name = || ("name", one.title(visit.lang()).to_owned());
    let listed = |options: Vec<&DimensionOption>| {
        let names: Vec<&str> = options.iter().map(|one| one.title(visit.lang())).collect();
        ("options", names.join(", "))
    };
    let Some(before) = before else {
        let args = [name(), listed(one.offered().collect())];
        return vec![visit.say("reporting-brought-dimension", &args)];
    };
    let was = |option: &DimensionOption| before.option(&option.code);
    let added = one.options.iter().filter(|option| was(option).is_none()).collect();
    let over = |option: &&DimensionOption| option.ended && was(option).is_some_and(|it| !it.ended);
    let again = |option: &&DimensionOption| !option.ended && was(option).is_some_and(|it| it.ended);
    let mut told = Vec::new();
    for (key, options) in [
        ("reporting-brought-options", added),
        ("reporting-brought-ended", one.options.iter().filter(over).collect::<Vec<_>>()),
        ("reporting-brought-again", one.options.iter().filter(again).collect()),
    ] {
        if !options.is_empty() {
            told.push(visit.say(key, &[name(), listed(options)]));
        }
    }
    if told.is_empty() {
        told.push(visit.say("reporting-brought-words", &[name()]));
    }
    told
}

fn element(visit: &Visit, known: &Catalogue, bundle: &Bundle, one: &DataElement) -> String {
    let name = ("name", format!("{} · {}", one.code, one.name));
    let Some(before) = known.elements.get(&one.code) else {
        return visit.say("reporting-brought-element", &[name]);
    };
    let called = |code: &String| {
        let own = bundle.dimensions.iter().find(|dimension| dimension.code == *code);
        let found = own.or_else(|| known.dimensions.get(code));
        found.map_or_else(|| code.clone(), |found| found.title(visit.lang()).to_owned())
    };
    let added = one.dimensions.iter().filter(|code| !before.dimensions.contains(code));
    let added: Vec<String> = added.map(called).collect();
    if added.is_empty() {
        visit.say("reporting-brought-words", &[name])
    } else {
        visit.say("reporting-brought-divided", &[name, ("options", added.join(", "))])
    }
}

/// The schemes to choose from; a campaign has days of its own.
pub(super) fn schemes(visit: &Visit) -> Vec<Choice> {
    Scheme::known().map(|one| choice(one.code(), visit.say(one.name(), &[]))).collect()
}

pub(super) fn scheme_name(visit: &Visit, code: &str) -> String {
    Scheme::parse(code).map_or_else(|| code.to_owned(), |one| visit.say(one.name(), &[]))
}

pub(super) const TIERS: [(Tier, &str); 3] =
    [(Tier::Commune, "xa"), (Tier::Province, "tinh"), (Tier::Ministry, "bo")];

pub(super) fn tier_name(visit: &Visit, tier: Tier) -> String {
    visit.say(&format!("reporting-tier-{}", tier_code(tier)), &[])
}

pub(super) fn tier_code(tier: Tier) -> &'static str {
    TIERS.iter().find(|(one, _)| *one == tier).map_or("xa", |(_, code)| code)
}

pub(super) fn tier_of(code: &str) -> Option<Tier> {
    TIERS.iter().find(|(_, one)| *one == code).map(|(tier, _)| *tier)
}

pub(super) fn tiers(visit: &Visit) -> Vec<Choice> {
    TIERS.iter().map(|(tier, code)| choice(*code, tier_name(visit, *tier))).collect()
}

pub(super) fn laws(visit: &Visit) -> Vec<Choice> {
    LAWS.iter().map(|law| choice(law.code(), law_name(visit, *law))).collect()
}

pub(super) fn law_name(visit: &Visit, law: Law) -> String {
    visit.say(&format!("reporting-law-{}", law.code().replace('_', "-")), &[])
}

pub(super) fn unit_choices() -> Vec<Choice> {
    units().iter().map(|unit| choice(unit.code.clone(), unit.name.clone())).collect()
}

/// The code of a unit as people write it; what names none stays, and is told as a flaw.
pub(super) fn unit_code(said: &str) -> String {
    unit_said(said).map_or_else(|| said.to_owned(), |unit| unit.code.clone())
}

/// A deadline as the form of a data set writes it: `2` days after the period closes, `10/9`, `25/1+1` a year later,
/// `30/11/2026`.
pub(super) fn due_text(rule: DueRule) -> String {
    match rule {
        DueRule::AfterClose { days } => days.to_string(),
        DueRule::OnDayOfYear { years_later: 0, month, day } => format!("{day}/{month}"),
        DueRule::OnDayOfYear { years_later, month, day } => format!("{day}/{month}+{years_later}"),
        DueRule::On { day } => day.short(),
    }
}

/// Reads [`due_text`].
pub(super) fn read_due(text: &str) -> Option<DueRule> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if let Some(day) = Day::parse(&text) {
        return Some(DueRule::On { day });
    }
    if let Some((day, rest)) = text.split_once('/') {
        let (month, later) = rest.split_once('+').unwrap_or((rest, "0"));
        let (day, month): (i8, i8) = (day.parse().ok()?, month.parse().ok()?);
        // A year that has no 29 February: a deadline is a day that every year has.
        Day::new(2025, month, day)?;
        return Some(DueRule::OnDayOfYear { years_later: later.parse().ok()?, month, day });
    }
    text.parse().ok().map(|days| DueRule::AfterClose { days })
}

/// A deadline in words.
pub(super) fn deadline(visit: &Visit, one: &Deadline) -> String {
    let when = match one.due {
        DueRule::AfterClose { days } => {
            visit.say("reporting-deadline-after", &[("days", days.to_string())])
        }
        DueRule::OnDayOfYear { years_later, month, day } => {
            let key = if years_later == 0 {
                "reporting-deadline-year"
            } else {
                "reporting-deadline-next-year"
            };
            visit.say(key, &[("day", format!("{day}/{month}")), ("years", years_later.to_string())])
        }
        DueRule::On { day } => day.short(),
    };
    let what = match one.what {
        DueWhat::Certification => "reporting-due-what-certification",
        DueWhat::Submission => "reporting-due-what-submission",
    };
    let life = match one.life {
        Life::Final => String::new(),
        Life::Estimate => format!(" ({})", visit.say("reporting-life-estimate", &[])),
    };
    let (tier, what) = (tier_name(visit, one.tier), visit.say(what, &[]));
    format!("{tier}, {what}{life}: {when}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_is_read_as_it_is_written() {
        for text in ["2", "0", "-3", "10/9", "25/1+1", "30/11/2026"] {
            assert_eq!(due_text(read_due(text).unwrap()), text);
        }
        assert_eq!(read_due(" 25/01 + 1 "), read_due("25/1+1"));
        for wrong in ["", "31/2", "29/2", "hai ngày", "10/13", "1/2/3"] {
            assert_eq!(read_due(wrong), None, "{wrong}");
        }
    }
}
