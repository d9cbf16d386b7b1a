//! Classes and flags of places, each dated: region I, II, III of a commune, extremely hard-pressed villages,
//! the border, safe zones. Who may say so is decided in `actions`.
//!
//! Statements are only added. On a given day the statement recorded last among those that cover the day
//! counts, so two nodes that heard the same statements in any order agree.

use kernel::{
    clock::{Day, Timestamp},
    db::{Column, DbError, FromRow, Row, Value},
    problem::{FormProblems, Outcome},
    text, typed_ids,
};
use serde::{Deserialize, Serialize};

use super::{Area, AreaId, AreaLevel, Life};

typed_ids! {
    /// One statement on a class or flag.
    ClassingId
}

/// Longest citation of an instrument, in characters.
pub const INSTRUMENT_CHARS_MAX: usize = 200;

/// What a statement is about. A village may be hard-pressed while its commune is in no region, and the
/// other way round: the marks are independent (NĐ 272/2025/NĐ-CP, NĐ 124/2025/NĐ-CP).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Xã khu vực I, II, III.
    Region,
    /// Thôn đặc biệt khó khăn.
    Hardship,
    /// Biên giới.
    Border,
    /// An toàn khu (ATK).
    SafeZone,
}

impl Mark {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Region, Self::Hardship, Self::Border, Self::SafeZone];

    /// As stored and sent.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Region => "region",
            Self::Hardship => "hardship",
            Self::Border => "border",
            Self::SafeZone => "safe_zone",
        }
    }

    /// From its code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mark| mark.code() == code)
    }

    /// True when places of the level can bear it.
    pub fn fits(self, level: AreaLevel) -> bool {
        match self {
            Self::Region => level == AreaLevel::Commune,
            Self::Hardship => level == AreaLevel::Village,
            Self::Border | Self::SafeZone => {
                matches!(level, AreaLevel::Commune | AreaLevel::Village)
            }
        }
    }

    /// The classes to choose from.
    pub fn classes(self) -> &'static [Class] {
        match self {
            Self::Region => &[Class::RegionI, Class::RegionII, Class::RegionIII],
            Self::Hardship => &[Class::Hardship],
            Self::Border => &[Class::Border],
            Self::SafeZone => &[Class::SafeZone],
        }
    }
}

/// What a place can be. "In none" is the absence of a class, said by a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Xã khu vực I.
    #[serde(rename = "region_1")]
    RegionI,
    /// Xã khu vực II.
    #[serde(rename = "region_2")]
    RegionII,
    /// Xã khu vực III.
    #[serde(rename = "region_3")]
    RegionIII,
    /// Thôn đặc biệt khó khăn.
    Hardship,
    /// Biên giới.
    Border,
    /// An toàn khu.
    SafeZone,
}

impl Class {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::RegionI,
        Self::RegionII,
        Self::RegionIII,
        Self::Hardship,
        Self::Border,
        Self::SafeZone,
    ];

    /// As stored, sent and told to programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::RegionI => "region_1",
            Self::RegionII => "region_2",
            Self::RegionIII => "region_3",
            Self::Hardship => "hardship",
            Self::Border => "border",
            Self::SafeZone => "safe_zone",
        }
    }

    /// From its code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.code() == code)
    }

    /// What it is a value of.
    pub const fn mark(self) -> Mark {
        match self {
            Self::RegionI | Self::RegionII | Self::RegionIII => Mark::Region,
            Self::Hardship => Mark::Hardship,
            Self::Border => Mark::Border,
            Self::SafeZone => Mark::SafeZone,
        }
    }
}

/// A class as an officer enters it.
#[derive(Clone, Debug)]
pub struct NewClassing {
    /// The commune or village.
    pub area: AreaId,
    /// What it is about; none when nothing readable was chosen.
    pub mark: Option<Mark>,
    /// The class; none says "in none of them".
    pub class: Option<Class>,
    /// First day; none when it could not be read.
    pub from: Option<Day>,
    /// Last day it holds; none when no end is known.
    pub last: Option<Day>,
    /// The instrument as it is cited.
    pub instrument: String,
    /// True when the instrument itself was seen.
    pub confirmed: bool,
}

/// A statement that may be written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Classing {
    /// What it is about.
    pub mark: Mark,
    /// The class; none says "in none of them".
    pub class: Option<Class>,
    /// First day.
    pub from: Day,
    /// First day on which it holds no more; [`Day::FOREVER`] when no end is known.
    pub until: Day,
    /// The instrument as it is cited.
    pub instrument: String,
    /// True when the instrument itself was seen.
    pub confirmed: bool,
}

impl NewClassing {
    /// Checks that it can be true of the place.
    pub fn check(&self, area: &Area, life: &Life) -> Outcome<Classing> {
        let mut wrong = FormProblems::new();
        let mark = self.mark.filter(|mark| mark.fits(area.level));
        wrong.require(mark.is_some(), "mark", "areas-class-mark-missing");
        if let (Some(mark), Some(class)) = (mark, self.class) {
            wrong.require(class.mark() == mark, "class", "areas-class-missing");
        }
        wrong.require(self.from.is_some(), "from", "areas-class-from-missing");
        let from = self.from.unwrap_or(life.born_on);
        let until = self.last.map_or(Day::FOREVER, |last| last.plus_days(1));
        if until <= from {
            wrong.add("last", "areas-class-last-early");
        } else if self.from.is_some() && (from >= life.ended_on || until <= life.born_on) {
            wrong.add("from", "areas-class-outside-life");
        }
        let instrument = text::tidy(&self.instrument);
        wrong.require(!instrument.is_empty(), "instrument", "areas-instrument-missing");
        if instrument.chars().count() > INSTRUMENT_CHARS_MAX {
            wrong.add_with(
                "instrument",
                "areas-instrument-long",
                vec![("most", INSTRUMENT_CHARS_MAX.to_string())],
            );
        }
        wrong.check()?;
        Ok(Classing {
            mark: mark.unwrap_or(Mark::Border),
            class: self.class,
            from,
            until,
            instrument,
            confirmed: self.confirmed,
        })
    }
}

/// A statement as it stands in the book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClassFact {
    /// Which.
    #[serde(skip)]
    pub id: ClassingId,
    /// The place.
    #[serde(skip)]
    pub unit: AreaId,
    /// What was said.
    #[serde(flatten)]
    pub said: Classing,
    /// When it was recorded.
    #[serde(skip)]
    pub recorded_at: Timestamp,
}

impl FromRow for ClassFact {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        let class: String = row.get("class")?;
        Ok(Self {
            id: row.get("id")?,
            unit: row.get("unit")?,
            said: Classing {
                mark: row.get("mark")?,
                class: Class::from_code(&class),
                from: row.get("valid_from")?,
                until: row.get("valid_to")?,
                instrument: row.get("instrument")?,
                confirmed: row.get("confirmed")?,
            },
            recorded_at: row.get("recorded_at")?,
        })
    }
}

/// What holds from when to when, by all that was said so far, oldest first; days nobody spoke of are left
/// out. Neighbouring days under one statement are one span.
pub fn spans(statements: &[ClassFact], mark: Mark) -> Vec<ClassFact> {
    let mut said: Vec<&ClassFact> = statements.iter().filter(|one| one.said.mark == mark).collect();
    said.sort_by_key(|one| (one.recorded_at, &one.id));
    let mut edges: Vec<Day> = said.iter().flat_map(|one| [one.said.from, one.said.until]).collect();
    edges.sort_unstable();
    edges.dedup();
    let mut spans: Vec<ClassFact> = Vec::new();
    for edge in edges.windows(2) {
        let covers = |one: &&&ClassFact| one.said.from <= edge[0] && edge[0] < one.said.until;
        let Some(best) = said.iter().rev().find(covers) else { continue };
        match spans.last_mut() {
            Some(last) if last.id == best.id && last.said.until == edge[0] => {
                last.said.until = edge[1];
            }
            _ => {
                let mut span = (*best).clone();
                (span.said.from, span.said.until) = (edge[0], edge[1]);
                spans.push(span);
            }
        }
    }
    spans
}

impl Column for Mark {
    fn read(row: &Row, name: &str) -> Result<Self, DbError> {
        let code: String = row.get(name)?;
        Self::from_code(&code).ok_or_else(|| DbError::unreadable(name, "not a mark"))
    }
}

impl From<Mark> for Value {
    fn from(mark: Mark) -> Self {
        mark.code().into()
    }
}
