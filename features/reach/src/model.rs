//! The nouns of reach and their rules: rungs and channels, who is counted how, cards, the roster,
//! village meetings. Pure: no SQL, no HTTP, no clock.

pub mod card;
pub mod handed;
mod ids;
pub mod inspection;
pub mod ladder;
pub mod list;
pub mod meeting;
pub mod person;
pub mod suppression;
pub mod table;

pub use ladder::{Channel, Evidence, Rung};

use kernel::{clock::Day, scope::ScopePath};

/// The audience of recognised prestigious persons (*người có uy tín*, QĐ 12/2018/QĐ-TTg).
pub const PRESTIGIOUS_PERSON: &str = "prestigious_person";
/// The audience of all residents of a village (*đồng bào*).
pub const PEOPLE: &str = "people";
/// Devices and taps without a name: counted beside the persons, never among them.
pub const DEVICE: &str = "device";
/// Persons who were recognised after the denominator was frozen: told, but in no percentage.
pub const OUTSIDE: &str = "outside";
/// Heads of village meetings in places whose people nobody had counted: told beside [`PEOPLE`], in no percentage.
pub const UNMEASURED: &str = "unmeasured";
/// Heads of a village meeting above the frozen number of its village: told beside [`PEOPLE`], in no percentage.
pub const SURPLUS: &str = "surplus";
/// Audiences that have a denominator made of persons.
pub const COUNTED: [&str; 2] = [PRESTIGIOUS_PERSON, PEOPLE];

/// A point that was silent for longer than this is *chưa biết* (milliseconds).
pub const SILENT_AFTER_MS: i64 = 7 * 24 * 3600 * 1000;

/// A village (or a commune whose villages nobody has listed) with the units above it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The province's id; empty when the place is the country.
    pub province: String,
    /// The commune's id; empty above the commune.
    pub commune: String,
    /// The unit itself.
    pub unit: String,
    /// Its path.
    pub path: ScopePath,
}

impl Place {
    /// Reads a path `/vn/<province>/<commune>/<village>/`; deeper steps are ignored.
    pub fn of(path: &ScopePath) -> Self {
        let steps: Vec<&str> = path.as_str().split('/').filter(|step| !step.is_empty()).collect();
        let step = |at: usize| steps.get(at).map_or_else(String::new, |id| (*id).to_owned());
        let kept = &steps[..steps.len().min(4)];
        let short = kept.iter().fold(ScopePath::root(), |path, id| path.child(id));
        Self {
            province: step(1),
            commune: step(2),
            unit: kept.last().map_or_else(|| "vn".to_owned(), |id| (*id).to_owned()),
            path: short,
        }
    }

    /// The commune as a place of its own.
    pub fn commune_path(&self) -> ScopePath {
        self.path
            .as_str()
            .split('/')
            .filter(|step| !step.is_empty())
            .take(3)
            .fold(ScopePath::root(), |p, id| p.child(id))
    }
}

/// One denominator: how many persons of an audience live in a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denominator {
    /// Where.
    pub place: Place,
    /// Which audience.
    pub audience: &'static str,
    /// How many; `None` when nobody has counted them.
    pub people: Option<i64>,
    /// For prestigious persons: who they are.
    pub serials: Vec<Numbered>,
}

/// A person on a roster: their number, and the register it is counted in. That is the commune that gave
/// the number, also when it has become part of another since.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Numbered {
    /// The id of the commune that gave the number.
    pub register: String,
    /// The number.
    pub serial: u32,
}

impl Numbered {
    /// As a frozen roster of a commune says it: the bare number in the commune's own register.
    pub fn within(&self, commune: &str) -> String {
        if self.register == commune {
            self.serial.to_string()
        } else {
            format!("{}:{}", self.register, self.serial)
        }
    }
}

/// Persons as a frozen roster of a commune stores them.
pub fn join_numbered(people: &[Numbered], commune: &str) -> String {
    if people.is_empty() {
        return String::new();
    }
    let mut sorted = people.to_vec();
    sorted.sort_by_key(|one| (one.register != commune, one.register.clone(), one.serial));
    sorted.dedup();
    let words: Vec<String> = sorted.iter().map(|one| one.within(commune)).collect();
    format!(" {} ", words.join(" "))
}

/// The reverse of [`join_numbered`].
pub fn split_numbered(joined: &str, commune: &str) -> Vec<Numbered> {
    let read = |word: &str| {
        let (register, serial) = word.rsplit_once(':').unwrap_or((commune, word));
        Some(Numbered { register: register.to_owned(), serial: serial.parse().ok()? })
    };
    joined.split(' ').filter_map(read).collect()
}

/// Who sat in a meeting, as its record stores them: the numbers of its own register, then those of others.
pub fn join_attendants(register: &str, serials: &[u32], others: &[Numbered]) -> String {
    let own =
        serials.iter().map(|serial| Numbered { register: register.to_owned(), serial: *serial });
    let all: Vec<Numbered> = own.chain(others.iter().cloned()).collect();
    join_numbered(&all, register)
}

/// What is to be reached for a theme and an audience, and who said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Theme code.
    pub theme: String,
    /// Audience code.
    pub audience: String,
    /// Percent of the audience.
    pub percent: i64,
    /// The legal document.
    pub source: String,
}

/// Reads an item as forms say it, `publication:version`.
pub(crate) fn read_item(item: &str) -> Option<(String, u32)> {
    let (id, version) = item.rsplit_once(':')?;
    kernel::ids::is_well_formed(id).then_some(())?;
    Some((id.to_owned(), version.parse().ok()?))
}

/// The first day of a board's period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// The last 30 days.
    Month,
    /// The last 90 days.
    Quarter,
    /// The last 365 days.
    Year,
}

impl Period {
    /// All of them, shortest first.
    pub const ALL: [Self; 3] = [Self::Month, Self::Quarter, Self::Year];

    /// The word in URLs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Month => "30",
            Self::Quarter => "90",
            Self::Year => "365",
        }
    }

    /// Reads [`Period::code`]; a year when it is anything else.
    pub fn read(code: &str) -> Self {
        Self::ALL.into_iter().find(|period| period.code() == code).unwrap_or(Self::Year)
    }

    /// The first day, counted back from `today`.
    pub fn from(self, today: Day) -> Day {
        today.plus_days(match self {
            Self::Month => -30,
            Self::Quarter => -90,
            Self::Year => -365,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_knows_the_units_above_it() {
        let village = ScopePath::parse("/vn/19.2025/01969.2025/abc/").expect("a path");
        let place = Place::of(&village);
        assert_eq!(
            (place.province.as_str(), place.commune.as_str(), place.unit.as_str()),
            ("19.2025", "01969.2025", "abc")
        );
        assert_eq!(place.commune_path().as_str(), "/vn/19.2025/01969.2025/");
        assert_eq!(Place::of(&ScopePath::root()).unit, "vn");
        let deeper = village.child("x").child("y");
        assert_eq!(Place::of(&deeper).unit, "abc");
    }

    #[test]
    fn a_serial_is_found_whole_or_not_at_all() {
        let joined = join_attendants("a", &[17, 3, 3], &[]);
        assert_eq!(joined, " 3 17 ");
        assert!(joined.contains(" 17 ") && !joined.contains(" 7 ") && !joined.contains(" 1 "));
        let one = |serial| Numbered { register: "a".to_owned(), serial };
        assert_eq!(split_numbered(&joined, "a"), [one(3), one(17)]);
        assert_eq!(split_numbered("", "a"), Vec::new());
    }

    #[test]
    fn people_of_two_registers_in_one_village_are_told_apart() {
        let one = |register: &str, serial| Numbered { register: register.to_owned(), serial };
        let people = [one("b", 3), one("a", 3), one("a", 12), one("a", 3)];
        let joined = join_numbered(&people, "a");
        assert_eq!(joined, " 3 12 b:3 ");
        assert_eq!(split_numbered(&joined, "a"), [one("a", 3), one("a", 12), one("b", 3)]);
        assert_eq!(join_numbered(&[one("a", 3)], "h"), " a:3 ");
        assert_eq!(join_numbered(&[], "a"), "");
    }
}
