//! An independent inspection: somebody who does not work for the commune asks a sample of its people whether
//! they know of an item. What must be true of its record.

use kernel::{
    clock::Day,
    problem::{FormProblems, Outcome},
    text,
};

pub use super::ids::InspectionId;
use super::{COUNTED, read_item};

/// A record is written within this many days after the asking.
const LATE_DAYS: i32 = 180;
/// More people than that nobody asks in one commune.
pub(crate) const ASKED_MAX: i64 = 20_000;
/// How the people who were asked can have been chosen, by code; the words are in the locales.
pub const METHODS: [&str; 4] = ["by_list", "by_household", "by_phone", "other"];
/// Most characters of a team's name.
pub(crate) const TEAM_MAX: usize = 120;

/// What the form says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InspectionDraft {
    /// The item, as `publication:version`.
    pub item: String,
    /// The area id of the village, or of the commune.
    pub unit: String,
    /// Which audience was asked.
    pub audience: String,
    /// On which day.
    pub asked_on: String,
    /// How many were asked.
    pub asked: Option<i64>,
    /// How many of them knew of it.
    pub knew: Option<i64>,
    /// How they were chosen: one of [`METHODS`].
    pub method: String,
    /// The office or team that asked; no person's name.
    pub team: String,
    /// Remarks.
    pub note: String,
}

/// A record that passed the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// On which day.
    pub asked_on: Day,
    /// How many were asked.
    pub asked: i64,
    /// How many of them knew of it.
    pub knew: i64,
    /// How they were chosen.
    pub method: &'static str,
    /// Who asked.
    pub team: String,
    /// Remarks.
    pub note: String,
}

/// What is known about the item in that place.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// When it was published.
    pub published_on: Day,
    /// The frozen denominator; `None` when it is not known in full.
    pub people: Option<i64>,
    /// Whether the item was meant for this audience there.
    pub is_meant: bool,
}

impl InspectionDraft {
    /// The item that was asked about: publication and version.
    pub fn item(&self) -> Option<(String, u32)> {
        read_item(&self.item)
    }

    /// Checks the record against what is known.
    pub fn check(&self, known: &Known, today: Day) -> Outcome<Inspection> {
        let mut wrong = FormProblems::new();
        wrong.require(known.is_meant, "item", "reach-error-inspected-item");
        wrong.require(
            COUNTED.contains(&self.audience.as_str()),
            "audience",
            "reach-error-inspected-audience",
        );
        let asked_on = Day::parse(&self.asked_on);
        let day = match asked_on {
            None => Err("reach-error-asked-on-missing"),
            Some(day) if day > today => Err("reach-error-asked-on-future"),
            Some(day) if known.is_meant && day < known.published_on => {
                Err("reach-error-asked-on-early")
            }
            Some(day) if today.days_since(day) > LATE_DAYS => Err("reach-error-asked-on-late"),
            Some(day) => Ok(day),
        };
        if let Err(key) = day {
            wrong.add("asked_on", key);
        }
        self.check_sample(known, &mut wrong);
        let method = METHODS.into_iter().find(|code| *code == self.method);
        wrong.require(method.is_some(), "method", "reach-error-method");
        let team = text::tidy(&self.team);
        let named = team.chars().any(char::is_alphabetic) && team.chars().count() <= TEAM_MAX;
        wrong.require(named, "team", "reach-error-team");
        let note = text::tidy_lines(&self.note);
        wrong.require(note.chars().count() <= 2000, "note", "reach-error-too-long");
        wrong.check()?;
        let (Ok(asked_on), Some(asked), Some(knew), Some(method)) =
            (day, self.asked, self.knew, method)
        else {
            return Err(kernel::problem::Failure::fault(
                "read an inspection",
                "a field that was checked",
            ));
        };
        Ok(Inspection { asked_on, asked, knew, method, team, note })
    }

    fn check_sample(&self, known: &Known, wrong: &mut FormProblems) {
        match self.asked {
            None => wrong.add("asked", "reach-error-asked-missing"),
            Some(..=0) => wrong.add("asked", "reach-error-asked-zero"),
            Some(asked) if known.people.is_some_and(|people| asked > people) => {
                let people = known.people.unwrap_or_default().to_string();
                wrong.add_with("asked", "reach-error-asked-people", vec![("people", people)])
            }
            Some(asked) if asked > ASKED_MAX => wrong.add("asked", "reach-error-asked-large"),
            Some(_) => &mut *wrong,
        };
        match (self.knew, self.asked) {
            (None | Some(..0), _) => wrong.add("knew", "reach-error-knew-missing"),
            (Some(knew), Some(asked)) if knew > asked => wrong.add("knew", "reach-error-knew-more"),
            _ => wrong,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> InspectionDraft {
        InspectionDraft {
            item: "p1:1".to_owned(),
            unit: "v1".to_owned(),
            audience: "people".to_owned(),
            asked_on: "20/11/2026".to_owned(),
            asked: Some(30),
            knew: Some(24),
            method: "by_household".to_owned(),
            team: "Đoàn kiểm tra của Sở Dân tộc và Tôn giáo".to_owned(),
            note: String::new(),
        }
    }

    fn fields(draft: &InspectionDraft, people: Option<i64>) -> Vec<&'static str> {
        let day = |at| Day::new(2026, 11, at).expect("a day");
        let known = Known { published_on: day(10), people, is_meant: true };
        match draft.check(&known, day(22)) {
            Ok(_) => Vec::new(),
            Err(failure) => {
                failure.problem().expect("a problem").fields.iter().map(|at| at.key).collect()
            }
        }
    }

    #[test]
    fn a_sample_is_not_larger_than_the_people_nor_the_knowing_than_the_asked() {
        assert_eq!(fields(&draft(), Some(30)), [""; 0]);
        assert_eq!(fields(&draft(), None), [""; 0]);
        assert_eq!(fields(&draft(), Some(29)), ["reach-error-asked-people"]);
        let more = InspectionDraft { knew: Some(31), ..draft() };
        assert_eq!(fields(&more, None), ["reach-error-knew-more"]);
        let nobody = InspectionDraft { asked: Some(0), knew: Some(-1), ..draft() };
        assert_eq!(fields(&nobody, None), ["reach-error-asked-zero", "reach-error-knew-missing"]);
        let none = InspectionDraft { knew: Some(0), ..draft() };
        assert_eq!(fields(&none, None), [""; 0], "that nobody knew is a finding too");
    }

    #[test]
    fn an_inspection_was_done_after_the_publishing_by_a_named_team_in_a_named_way() {
        for (wrong, key) in [
            (
                InspectionDraft { asked_on: "09/11/2026".to_owned(), ..draft() },
                "reach-error-asked-on-early",
            ),
            (
                InspectionDraft { asked_on: "23/11/2026".to_owned(), ..draft() },
                "reach-error-asked-on-future",
            ),
            (
                InspectionDraft { asked_on: "nay".to_owned(), ..draft() },
                "reach-error-asked-on-missing",
            ),
            (InspectionDraft { method: "guess".to_owned(), ..draft() }, "reach-error-method"),
            (InspectionDraft { team: " 12 ".to_owned(), ..draft() }, "reach-error-team"),
            (
                InspectionDraft { audience: "official".to_owned(), ..draft() },
                "reach-error-inspected-audience",
            ),
        ] {
            assert_eq!(fields(&wrong, None), [key]);
        }
    }
}
