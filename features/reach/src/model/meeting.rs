//! A village meeting at which items were read or played: what must be true of its record.

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
        let known = self.serials.iter().all(|serial| village.serials.contains(serial))
            && self.others.iter().all(|one| village.others.contains(one));
        wrong.require(known, "people", "reach-error-attendance");
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
            Some(heads) if heads > 20_000 => {
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
        let village = Village { people, serials: vec![1, 2], others: Vec::new() };
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
