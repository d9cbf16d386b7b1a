//! A village meeting at which items were read or played: what must be true of its record.

use std::collections::BTreeMap;

use kernel::{
    clock::Day,
    problem::{FormProblems, Outcome},
    text,
};

use super::Numbered;
pub use super::ids::MeetingId;
use super::read_item;

/// Most items that one evening can carry.
pub const ITEMS_MAX: usize = 12;
/// A record is written within this many days after the meeting.
const LATE_DAYS: i32 = 90;
/// More people than live in any village: what is refused where nobody has counted its people.
const HEADS_MAX: i64 = 5_000;

/// What the form says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MeetingDraft {
    /// The village's area id.
    pub village: String,
    /// When it was held.
    pub held_on: String,
    /// The language in which the items were told.
    pub language: String,
    /// Persons present.
    pub head_count: Option<i64>,
    /// Items as `publication:version`.
    pub items: Vec<String>,
    /// Serials of prestigious persons who were there.
    pub serials: Vec<u32>,
    /// Those who were there of registers that this node has taken from another.
    pub others: Vec<Numbered>,
    /// Who attests it, besides the officer who signs in.
    pub witness: String,
    /// What the witness is in the village.
    pub witness_standing: String,
    /// Questions and opinions raised.
    pub note: String,
    /// To be recorded though the very same record stands already.
    pub again: bool,
}

/// A record that passed the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meeting {
    /// When it was held.
    pub held_on: Day,
    /// The language.
    pub language: String,
    /// Persons present.
    pub head_count: i64,
    /// Items: publication and version.
    pub items: Vec<(String, u32)>,
    /// Serials of prestigious persons who were there.
    pub serials: Vec<u32>,
    /// Those who were there of registers that this node has taken from another.
    pub others: Vec<Numbered>,
    /// Who attests it.
    pub witness: String,
    /// What the witness is in the village.
    pub witness_standing: String,
    /// Questions and opinions raised.
    pub note: String,
}

/// What is known about the village on the day of the meeting.
#[derive(Clone, Debug, Default)]
pub struct Village {
    /// Residents; `None` when they were never counted.
    pub people: Option<i64>,
    /// Serials of the prestigious persons of the commune.
    pub serials: Vec<u32>,
    /// Those of registers that this node has taken from another.
    pub others: Vec<Numbered>,
    /// Residents of its whole commune; `None` when they were never counted.
    pub commune_people: Option<i64>,
    /// What persons who may not be ticked are called here, by the number that the form gave them.
    pub names: BTreeMap<String, String>,
}

impl Village {
    /// Nobody has counted the village: there cannot come more than live in its commune.
    fn limit_by_commune(&self) -> Option<i64> {
        self.commune_people.filter(|_| self.people.is_none())
    }
}

/// An item as the record names it, with all its versions.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its title.
    pub title: String,
    /// Versions up to the one that was ticked, newest first, each with the day it was published.
    pub versions: Vec<(u32, Day)>,
}

impl Item {
    /// The version that could be told on a day: what was published later was not what the meeting heard. Without
    /// one, the form is told which item came after the meeting.
    pub fn told_on(&self, day: Day, wrong: &mut FormProblems) -> Option<u32> {
        let told = self.versions.iter().find(|(_, published)| *published <= day);
        if let (None, Some((_, first))) = (told, self.versions.last()) {
            let args = vec![("item", self.title.clone()), ("day", first.short())];
            wrong.add_with("held_on", "reach-error-held-before-item", args);
        }
        told.map(|(version, _)| *version)
    }
}

impl MeetingDraft {
    /// Checks the record against what is known about the village.
    pub fn check(&self, village: &Village, today: Day) -> Outcome<Meeting> {
        let mut wrong = FormProblems::new();
        wrong.require(!self.village.is_empty(), "village", "reach-error-village-missing");
        let held_on = Day::parse(&self.held_on);
        match held_on {
            None => wrong.add("held_on", "reach-error-held-on-missing"),
            Some(day) if day > today => wrong.add("held_on", "reach-error-held-on-future"),
            Some(day) if today.days_since(day) > LATE_DAYS => {
                wrong.add("held_on", "reach-error-held-on-late")
            }
            Some(_) => &mut wrong,
        };
        let language =
            (2..=12).contains(&self.language.len()) && kernel::ids::is_well_formed(&self.language);
        wrong.require(language, "language", "reach-error-language");
        self.check_heads(village, &mut wrong);
        let items: Vec<_> = self.items.iter().filter_map(|item| read_item(item)).collect();
        if items.is_empty() {
            wrong.add("items", "reach-error-items-missing");
        } else if items.len() > ITEMS_MAX || items.len() != self.items.len() {
            wrong.add("items", "reach-error-items");
        }
        let strangers = self.strangers(village);
        if !strangers.is_empty() {
            let args = vec![("people", strangers.join(", "))];
            wrong.add_with("people", "reach-error-attendance", args);
        }
        let witness = text::tidy(&self.witness);
        let named = witness.chars().any(char::is_alphabetic) && witness.chars().count() <= 80;
        wrong.require(named, "witness", "reach-error-witness");
        let standing = text::tidy(&self.witness_standing);
        wrong.require(standing.chars().count() <= 80, "witness_standing", "reach-error-too-long");
        let note = text::tidy_lines(&self.note);
        wrong.require(note.chars().count() <= 2000, "note", "reach-error-too-long");
        wrong.check()?;
        let (Some(held_on), Some(head_count)) = (held_on, self.head_count) else {
            return Err(kernel::problem::Failure::fault(
                "read a meeting",
                "a field that was checked",
            ));
        };
        Ok(Meeting {
            held_on,
            language: self.language.clone(),
            head_count,
            items,
            serials: self.serials.clone(),
            others: self.others.clone(),
            witness,
            witness_standing: standing,
            note,
        })
    }

    /// Who was ticked and may not be, by name where the name is known here.
    fn strangers(&self, village: &Village) -> Vec<String> {
        let own = self.serials.iter().filter(|serial| !village.serials.contains(serial));
        let others = self.others.iter().filter(|one| !village.others.contains(one));
        let numbers = own.map(ToString::to_string).chain(others.map(|one| one.within("")));
        let called = |number: String| village.names.get(&number).cloned().unwrap_or(number);
        numbers.map(called).collect()
    }

    fn check_heads(&self, village: &Village, wrong: &mut FormProblems) {
        let ticked = i64::try_from(self.serials.len() + self.others.len()).unwrap_or(i64::MAX);
        match self.head_count {
            None => wrong.add("head_count", "reach-error-head-count-missing"),
            Some(..=0) => wrong.add("head_count", "reach-error-head-count-zero"),
            Some(heads) if village.people.is_some_and(|people| heads > people) => {
                let people = village.people.unwrap_or_default().to_string();
                wrong.add_with(
                    "head_count",
                    "reach-error-head-count-population",
                    vec![("people", people)],
                )
            }
            Some(heads) if village.limit_by_commune().is_some_and(|people| heads > people) => {
                let people = village.limit_by_commune().unwrap_or_default().to_string();
                wrong.add_with(
                    "head_count",
                    "reach-error-head-count-commune",
                    vec![("people", people)],
                )
            }
            Some(heads) if village.people.is_none() && heads > HEADS_MAX => {
                wrong.add("head_count", "reach-error-head-count-large")
            }
            Some(heads) if heads < ticked => wrong.add_with(
                "head_count",
                "reach-error-head-count-ticked",
                vec![("ticked", ticked.to_string())],
            ),
            Some(_) => wrong,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> MeetingDraft {
        MeetingDraft {
            village: "v1".to_owned(),
            held_on: "20/11/2026".to_owned(),
            language: "tyz".to_owned(),
            head_count: Some(62),
            items: vec!["p1:1".to_owned()],
            serials: vec![1],
            witness: "Nông Văn Tài".to_owned(),
            ..MeetingDraft::default()
        }
    }

    fn fields(draft: &MeetingDraft, people: Option<i64>) -> Vec<&'static str> {
        let names = BTreeMap::from([("9".to_owned(), "Lý A Sùng".to_owned())]);
        let village = Village { people, serials: vec![1, 2], names, ..Village::default() };
        let today = Day::new(2026, 11, 22).expect("a day");
        match draft.check(&village, today) {
            Ok(_) => Vec::new(),
            Err(failure) => {
                failure.problem().expect("a problem").fields.iter().map(|at| at.key).collect()
            }
        }
    }

    #[test]
    fn more_heads_than_people_are_refused_and_unknown_people_are_not() {
        assert_eq!(fields(&draft(), Some(180)), [""; 0]);
        assert_eq!(fields(&draft(), None), [""; 0]);
        assert_eq!(fields(&draft(), Some(61)), ["reach-error-head-count-population"]);
    }

    #[test]
    fn the_ticked_persons_are_among_the_heads() {
        let few = MeetingDraft { head_count: Some(1), serials: vec![1, 2], ..draft() };
        assert_eq!(fields(&few, None), ["reach-error-head-count-ticked"]);
        let stranger = MeetingDraft { serials: vec![9], ..draft() };
        assert_eq!(fields(&stranger, None), ["reach-error-attendance"]);
        let names = BTreeMap::from([("9".to_owned(), "Lý A Sùng".to_owned())]);
        let village = Village { serials: vec![1], names, ..Village::default() };
        let several = MeetingDraft { serials: vec![1, 9, 12], ..draft() };
        assert_eq!(several.strangers(&village), ["Lý A Sùng", "12"], "named where a name is known");
    }

    #[test]
    fn where_nobody_has_counted_a_village_there_are_no_more_heads_than_can_be() {
        let many = |heads| MeetingDraft { head_count: Some(heads), ..draft() };
        assert_eq!(fields(&many(1_900), None), [""; 0]);
        assert_eq!(fields(&many(5_001), None), ["reach-error-head-count-large"]);
        assert_eq!(fields(&many(5_001), Some(6_000)), [""; 0]);
        let village =
            Village { commune_people: Some(1_200), serials: vec![1], ..Village::default() };
        let today = Day::new(2026, 11, 22).expect("a day");
        let failure = many(1_900).check(&village, today).expect_err("refused");
        let key = failure.problem().expect("a problem").fields[0].key;
        assert_eq!(key, "reach-error-head-count-commune");
    }

    #[test]
    fn a_meeting_proves_the_version_that_was_there_on_its_day() {
        let day = |of| Day::new(2026, 11, of).expect("a day");
        let item = Item { title: "Nước".to_owned(), versions: vec![(2, day(21)), (1, day(10))] };
        let told = |on| {
            let mut wrong = FormProblems::new();
            (item.told_on(day(on), &mut wrong), wrong.check().is_ok())
        };
        assert_eq!(told(21), (Some(2), true), "on the very day");
        assert_eq!(told(20), (Some(1), true));
        assert_eq!(told(9), (None, false), "before there was anything to tell");
    }

    #[test]
    fn a_meeting_has_been_held_has_items_and_a_witness() {
        for (wrong, key) in [
            (
                MeetingDraft { held_on: "23/11/2026".to_owned(), ..draft() },
                "reach-error-held-on-future",
            ),
            (
                MeetingDraft { held_on: "01/01/2026".to_owned(), ..draft() },
                "reach-error-held-on-late",
            ),
            (
                MeetingDraft { held_on: "hôm qua".to_owned(), ..draft() },
                "reach-error-held-on-missing",
            ),
            (MeetingDraft { items: Vec::new(), ..draft() }, "reach-error-items-missing"),
            (MeetingDraft { items: vec!["p1".to_owned()], ..draft() }, "reach-error-items-missing"),
            (MeetingDraft { witness: " ".to_owned(), ..draft() }, "reach-error-witness"),
            (
                MeetingDraft { head_count: None, serials: Vec::new(), ..draft() },
                "reach-error-head-count-missing",
            ),
        ] {
            assert_eq!(fields(&wrong, None), [key]);
        }
    }
}
