//! What passes from a point to its successor by hand: registers with their persons, what these agreed to
//! and the cards they hold. Everything is checked here before it is believed: the file is signed, but the
//! machine that made it may have been anybody's.

use std::collections::BTreeSet;

use kernel::{clock::Day, ids, text};
use serde::{Deserialize, Serialize};

use super::person::{CONSENT_ETHNIC, CardId, END_REASONS, PURPOSES, PersonId, STANDINGS};

const FORMAT: u8 = 2;
/// More persons than any commune's list has.
const PERSONS_MAX: usize = 5_000;

/// The content of a handover file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handed {
    format: u8,
    /// The name of the order under which it was made.
    pub order: String,
    /// The registers that pass on, also those with nobody in them.
    pub registers: Vec<String>,
    /// Everybody who is or was on one of them.
    pub persons: Vec<HandedPerson>,
    /// The ids of everybody whose keeping the giver ever took or gave: whom it never had, it cannot give back.
    pub had: Vec<String>,
}

/// A person, as the predecessor knew them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandedPerson {
    /// The person's id.
    pub id: String,
    /// The register they are numbered in.
    pub register: String,
    /// Their number in it.
    pub serial: u32,
    /// How often their keeping has passed from node to node, this time included.
    pub hand: u32,
    /// Their village's id.
    pub village: String,
    /// First day on the list.
    pub from: String,
    /// First day no longer on it.
    pub until: String,
    /// Full name.
    pub name: String,
    /// `nam` or `nu`.
    pub gender: Option<String>,
    /// Year of birth.
    pub birth_year: Option<i64>,
    /// Ethnic group, where the person agreed that it is kept.
    pub ethnic_group: Option<String>,
    /// Standing in the community.
    pub standing: Option<String>,
    /// Language tags.
    pub languages: Vec<String>,
    /// Reads Vietnamese.
    pub reads_vietnamese: bool,
    /// Phone number.
    pub phone: Option<String>,
    /// Why they left the list.
    pub end_reason: Option<String>,
    /// What they agreed to: purpose, given on, withdrawn on.
    pub consents: Vec<(String, String, Option<String>)>,
    /// Their cards, the oldest first.
    pub cards: Vec<HandedCard>,
}

/// A card: never what is printed on it, only its hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandedCard {
    /// The card's id.
    pub id: String,
    /// The number printed on it.
    pub number: String,
    /// The BLAKE3 hash of its code.
    pub code_hash: String,
    /// When it was given out, in milliseconds since 1970.
    pub issued_at: i64,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
    /// Why.
    pub revoked_why: Option<String>,
}

impl Handed {
    /// The content of a file.
    pub fn new(
        order: String,
        registers: Vec<String>,
        persons: Vec<HandedPerson>,
        had: Vec<String>,
    ) -> Self {
        Self { format: FORMAT, order, registers, persons, had }
    }

    /// As bytes (CBOR).
    ///
    /// # Errors
    /// None in practice; ciborium can fail on a writer that fails.
    pub fn encode(&self) -> Result<Vec<u8>, String> {
        let mut out = Vec::new();
        ciborium::into_writer(self, &mut out).map_err(|error| error.to_string())?;
        Ok(out)
    }

    /// Reads and checks a file's content; `None` when anything of it makes no sense.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let handed: Self = ciborium::from_reader(bytes).ok()?;
        let known: BTreeSet<&str> = handed.registers.iter().map(String::as_str).collect();
        let mut numbers = BTreeSet::new();
        let fits = handed.format == FORMAT
            && handed.persons.len() <= PERSONS_MAX
            && handed.had.len() <= PERSONS_MAX
            && handed.order.len() <= 64
            && handed.registers.iter().all(|register| ids::is_well_formed(register))
            && handed.persons.iter().all(|person| {
                known.contains(person.register.as_str())
                    && numbers.insert((person.register.as_str(), person.serial))
                    && person.makes_sense()
            });
        fits.then_some(handed)
    }
}

impl HandedPerson {
    fn makes_sense(&self) -> bool {
        let one_of = |value: &Option<String>, all: &[&str]| {
            value.as_deref().is_none_or(|value| all.contains(&value))
        };
        let short = |value: &Option<String>, most: usize| {
            value
                .as_deref()
                .is_none_or(|value| text::tidy(value) == value && value.chars().count() <= most)
        };
        let named = !self.name.is_empty()
            && text::tidy(&self.name) == self.name
            && self.name.chars().count() <= 80;
        let days = Day::parse(&self.from).is_some() && Day::parse(&self.until).is_some();
        let tags = self.languages.iter().all(|tag| tag.len() <= 12 && ids::is_well_formed(tag));
        let consents = self.consents.iter().all(|(purpose, given, withdrawn)| {
            PURPOSES.contains(&purpose.as_str())
                && Day::parse(given).is_some()
                && withdrawn.as_deref().is_none_or(|day| Day::parse(day).is_some())
        });
        PersonId::parse(&self.id).is_some()
            && self.serial > 0
            && self.hand > 0
            && ids::is_well_formed(&self.village)
            && named
            && days
            && tags
            && self.languages.len() <= 12
            && one_of(&self.gender, &["nam", "nu"])
            && one_of(&self.standing, &STANDINGS)
            && one_of(&self.end_reason, &END_REASONS)
            && short(&self.ethnic_group, 40)
            && short(&self.phone, 20)
            && consents
            && self.cards.len() <= 1_000
            && self.cards.iter().all(HandedCard::makes_sense)
    }

    /// The ethnic group, unless the person does not (or no longer) agree that it is kept.
    pub fn agreed_ethnic_group(&self) -> Option<&str> {
        let agreed = self
            .consents
            .iter()
            .any(|(purpose, _, withdrawn)| purpose == CONSENT_ETHNIC && withdrawn.is_none());
        self.ethnic_group.as_deref().filter(|_| agreed)
    }
}

impl HandedCard {
    fn makes_sense(&self) -> bool {
        let hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
        let plain = |text: &str, most: usize| text::tidy(text) == text && text.len() <= most;
        CardId::parse(&self.id).is_some()
            && !self.number.is_empty()
            && plain(&self.number, 80)
            && self.code_hash.len() == 64
            && self.code_hash.chars().all(hex)
            && self.revoked_why.as_deref().is_none_or(|why| plain(why, 40))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person() -> HandedPerson {
        HandedPerson {
            id: "p-1".to_owned(),
            register: "01969.2025".to_owned(),
            serial: 1,
            hand: 1,
            village: "v1".to_owned(),
            from: "2025-03-01".to_owned(),
            until: "9999-12-31".to_owned(),
            name: "Lý Văn Páo".to_owned(),
            gender: Some("nam".to_owned()),
            birth_year: Some(1958),
            ethnic_group: Some("Dao".to_owned()),
            standing: None,
            languages: vec!["ium".to_owned()],
            reads_vietnamese: true,
            phone: None,
            end_reason: None,
            consents: vec![("receipts".to_owned(), "2025-03-01".to_owned(), None)],
            cards: vec![HandedCard {
                id: "c-1".to_owned(),
                number: "01969-0001-1".to_owned(),
                code_hash: "ab".repeat(32),
                issued_at: 1,
                revoked_at: None,
                revoked_why: None,
            }],
        }
    }

    fn read(persons: Vec<HandedPerson>) -> Option<Handed> {
        let registers = vec!["01969.2025".to_owned()];
        let handed = Handed::new("o1".to_owned(), registers, persons, vec!["p-9".to_owned()]);
        Handed::decode(&handed.encode().expect("written"))
    }

    #[test]
    fn what_was_written_is_read() {
        let back = read(vec![person()]).expect("it makes sense");
        assert_eq!(back.persons, [person()]);
        assert_eq!(Handed::decode(b"nonsense"), None);
    }

    #[test]
    fn one_line_that_makes_no_sense_spoils_the_whole_file() {
        let wrong = [
            HandedPerson { id: "a/b".to_owned(), ..person() },
            HandedPerson { register: "01942.2025".to_owned(), ..person() },
            HandedPerson { serial: 0, ..person() },
            HandedPerson { hand: 0, ..person() },
            HandedPerson { serial: 1, id: "p-2".to_owned(), ..person() },
            HandedPerson { name: " ".to_owned(), ..person() },
            HandedPerson { name: "x".repeat(81), ..person() },
            HandedPerson { from: "hôm qua".to_owned(), ..person() },
            HandedPerson { standing: Some("vua".to_owned()), ..person() },
            HandedPerson {
                consents: vec![("quảng cáo".to_owned(), "2025-03-01".to_owned(), None)],
                ..person()
            },
            HandedPerson {
                cards: vec![HandedCard { code_hash: "zz".repeat(32), ..person().cards[0].clone() }],
                ..person()
            },
        ];
        for (at, wrong) in wrong.into_iter().enumerate() {
            assert_eq!(read(vec![person(), wrong]), None, "case {at}");
        }
    }

    #[test]
    fn an_ethnic_group_without_consent_is_left_behind() {
        assert_eq!(person().agreed_ethnic_group(), None);
        let mut agreed = person();
        agreed.consents.push((CONSENT_ETHNIC.to_owned(), "2025-03-01".to_owned(), None));
        assert_eq!(agreed.agreed_ethnic_group(), Some("Dao"));
        agreed.consents[1].2 = Some("2026-01-01".to_owned());
        assert_eq!(agreed.agreed_ethnic_group(), None);
    }
}
