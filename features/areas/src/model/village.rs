//! What communes know and no official list has: their villages, and how many people live there.

use kernel::{
    clock::Day,
    problem::{FormProblems, Outcome},
    text,
};

use super::{Area, AreaId, AreaType};

/// Longest name of a village, in characters.
pub const NAME_CHARS_MAX: usize = 80;
/// Longest source of a head count, in characters.
pub const SOURCE_CHARS_MAX: usize = 200;
/// More people than the largest commune-level unit of the country has.
pub const PEOPLE_MAX: i64 = 1_000_000;

/// A village as an officer enters it.
#[derive(Clone, Debug)]
pub struct NewVillage {
    /// The commune it belongs to.
    pub commune: AreaId,
    /// Thôn, bản, buôn, …; none when nothing readable was chosen.
    pub kind: Option<AreaType>,
    /// Its name, with or without the kind before it.
    pub name: String,
}

/// A head count as an officer enters it.
#[derive(Clone, Debug)]
pub struct NewPopulation {
    /// The village (or commune) counted.
    pub area: AreaId,
    /// The day of the count; none when it could not be read.
    pub on: Option<Day>,
    /// People; none when it could not be read.
    pub people: Option<i64>,
    /// Households; none when it could not be read.
    pub households: Option<i64>,
    /// Who counted, or which document says so.
    pub source: String,
}

/// A village that may be written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Village {
    /// Its kind.
    pub kind: AreaType,
    /// Its bare name.
    pub name: String,
}

/// A head count that may be written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// The day of the count.
    pub on: Day,
    /// People.
    pub people: i64,
    /// Households.
    pub households: i64,
    /// Who counted.
    pub source: String,
}

impl NewVillage {
    /// Checks the name and kind, and that the commune has no such village yet.
    pub fn check(&self, known: &[Area]) -> Outcome<Village> {
        let mut wrong = FormProblems::new();
        let kind = self.kind.filter(|kind| AreaType::of_villages().any(|one| one == *kind));
        wrong.require(kind.is_some(), "kind", "areas-village-kind-missing");
        let kind = kind.unwrap_or(AreaType::Thon);
        let name = bare_name(kind, &self.name);
        if !name.chars().any(char::is_alphanumeric) {
            wrong.add("name", "areas-village-name-missing");
        } else if name.chars().count() > NAME_CHARS_MAX {
            wrong.add_with(
                "name",
                "areas-village-name-long",
                vec![("most", NAME_CHARS_MAX.to_string())],
            );
        } else if known
            .iter()
            .any(|area| area.area_type == kind && text::same_name(&area.name, &name))
        {
            wrong.add_with("name", "areas-village-known", vec![("name", kind.full_name(&name))]);
        }
        wrong.check()?;
        Ok(Village { kind, name })
    }
}

/// The name without the kind that people write before it: `Thôn Nà Pài` is named `Nà Pài`.
fn bare_name(kind: AreaType, name: &str) -> String {
    let name = text::tidy(name);
    let words = kind.label().split(' ').count();
    let mut parts = name.splitn(words + 1, ' ');
    let head: Vec<&str> = parts.by_ref().take(words).collect();
    match parts.next() {
        Some(rest) if text::same_name(&head.join(" "), kind.label()) => rest.to_owned(),
        _ => name,
    }
}

impl NewPopulation {
    /// Checks that the figures can be true.
    pub fn check(&self, today: Day) -> Outcome<Count> {
        let mut wrong = FormProblems::new();
        let earliest = Day::new(1975, 4, 30).unwrap_or(today);
        match self.on {
            None => drop(wrong.add("on", "areas-population-day-missing")),
            Some(on) if on > today => drop(wrong.add("on", "areas-population-day-future")),
            Some(on) if on < earliest => drop(wrong.add("on", "areas-population-day-missing")),
            Some(_) => {}
        }
        let people = self.people.filter(|people| (0..=PEOPLE_MAX).contains(people));
        let households = self.households.filter(|households| (0..=PEOPLE_MAX).contains(households));
        wrong.require(people.is_some(), "people", "areas-population-people-missing");
        wrong.require(households.is_some(), "households", "areas-population-households-missing");
        if let (Some(people), Some(households)) = (people, households) {
            let plausible = households <= people && (households > 0 || people == 0);
            wrong.require(plausible, "households", "areas-population-households-odd");
        }
        let source = text::tidy(&self.source);
        wrong.require(!source.is_empty(), "source", "areas-population-source-missing");
        if source.chars().count() > SOURCE_CHARS_MAX {
            wrong.add_with(
                "source",
                "areas-population-source-long",
                vec![("most", SOURCE_CHARS_MAX.to_string())],
            );
        }
        wrong.check()?;
        Ok(Count {
            on: self.on.unwrap_or(today),
            people: people.unwrap_or(0),
            households: households.unwrap_or(0),
            source,
        })
    }
}
