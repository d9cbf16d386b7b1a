//! How a name is looked for: reading what was typed, and judging what the index gives back. Pure.
//!
//! What people type is an address fragment in any spelling: `luc binh bach thong bac kan`, `Xã Lục
//! Bình, H. Bạch Thông`, `thon na pai xa luc binh`, `01969`. Every run of its words may be the unit's
//! own name; the other words must name what lies above it, or the kind of unit.

use kernel::{
    clock::Day,
    problem::{FormProblems, Outcome},
    text::{fold, same_name, tidy},
};
use serde::{Deserialize, Serialize};

use super::{Area, AreaLevel};

/// Longest query that is looked at, in characters.
pub const QUERY_CHARS_MAX: usize = 200;
/// Most hits given at once.
pub const HITS_MAX: usize = 50;
const TOKENS_MAX: usize = 14;
/// The longest official name has five words ("Văn Miếu - Quốc Tử Giám").
const NAME_WORDS_MAX: usize = 5;
/// Words looked up, and spellings tried, when nothing fits as it was typed.
const CLUES_MAX: usize = 8;
const MENDED_MAX: usize = 4;
/// Runs of words looked up in one statement.
pub const RUNS_MAX: usize = TOKENS_MAX * NAME_WORDS_MAX;

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// What was typed.
    pub text: String,
    /// Only this rung.
    pub level: Option<AreaLevel>,
    /// Only units of this day; without it, everything from the frame of 2024 on.
    pub at: Option<Day>,
    /// Most hits wanted; 0 means [`HITS_MAX`].
    pub limit: usize,
}

impl Query {
    /// Looks for this text over old and new names of every rung.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

/// Parameters of a search, as they came.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Wanted {
    /// What was typed.
    pub q: Option<String>,
    /// A day, `2025-06-30` or `30/06/2025`.
    pub at: Option<String>,
    /// A level's code.
    pub level: Option<String>,
    /// How many hits.
    pub limit: Option<String>,
}

impl Wanted {
    /// Reads the parameters, or says which of them cannot be read.
    pub fn query(&self) -> Outcome<Query> {
        let mut wrong = FormProblems::new();
        let text = self.q.clone().unwrap_or_default();
        if text.chars().count() > QUERY_CHARS_MAX {
            wrong.add_with("q", "areas-query-long", vec![("most", QUERY_CHARS_MAX.to_string())]);
        }
        let at = given(self.at.as_ref()).map(Day::parse);
        wrong.require(at != Some(None), "at", "areas-query-at");
        let level = given(self.level.as_ref()).map(AreaLevel::from_code);
        wrong.require(level != Some(None), "level", "areas-query-level");
        let limit = given(self.limit.as_ref()).map(|limit| limit.parse::<usize>().ok());
        let most = ("most", HITS_MAX.to_string());
        if limit.is_some_and(|limit| limit.is_none_or(|limit| !(1..=HITS_MAX).contains(&limit))) {
            wrong.add_with("limit", "areas-query-limit", vec![most]);
        }
        wrong.check()?;
        Ok(Query {
            text,
            at: at.flatten(),
            level: level.flatten(),
            limit: limit.flatten().unwrap_or(20),
        })
    }
}

fn given(parameter: Option<&String>) -> Option<&str> {
    parameter.map(|value| value.trim()).filter(|value| !value.is_empty())
}

/// Something found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hit {
    /// The area, in the validity that matched.
    pub area: Area,
    /// Where it lies: `huyện Bạch Thông, tỉnh Bắc Kạn`.
    pub within: String,
    /// What became of it, followed to today; empty while it lives and where nothing is known.
    pub became: Vec<Became>,
}

/// What an ended area became.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Became {
    /// The unit of today.
    pub area: Area,
    /// Where it lies.
    pub within: String,
    /// True when the whole old area is in it.
    pub whole: bool,
    /// The day of the change (of the last one, where there were several).
    pub on: Day,
    /// By which instrument, as it is cited; empty when none is known.
    pub instrument: String,
}

/// Words that say what kind of unit follows, folded, with what people write instead.
const TYPE_WORDS: &[&str] = &[
    "x", "xa", "p", "phuong", "tt", "thi", "tran", "dac", "khu", "q", "quan", "h", "huyen", "tx",
    "tp", "thanh", "pho", "t", "tinh", "thon", "ban", "buon", "ap", "phum", "soc", "xom", "lang",
    "khom", "plei", "bon", "to", "dan", "tieu", "so",
];

/// What was typed, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// As typed, syllable by syllable.
    spoken: Vec<String>,
    /// The same, folded.
    tokens: Vec<String>,
    marked: bool,
}

/// A row of the index: a name that may be what was meant.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The area in the validity whose name matched.
    pub area: Area,
    /// Folded names of everything above it.
    pub context: String,
    /// Its own folded name.
    pub name_search: String,
    /// Its key in dictionary order.
    pub name_sort: String,
}

/// How well a candidate fits; smaller is better.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    missed: usize,
    own: u8,
    kind: u8,
    marks: u8,
    ended: bool,
    level: AreaLevel,
    name_sort: String,
    newest_first: std::cmp::Reverse<Day>,
    id: String,
}

impl Asked {
    /// Reads what was typed; `None` when there is no word in it.
    pub fn read(text: &str) -> Option<Self> {
        let text: String = tidy(text).chars().take(QUERY_CHARS_MAX).collect();
        let apart = |c: char| !(c.is_alphanumeric() || matches!(c, '\'' | '’' | 'ʼ') || is_mark(c));
        let mut asked = Self { spoken: Vec::new(), tokens: Vec::new(), marked: false };
        for word in text.split(apart) {
            let folded = fold(word);
            for token in folded.split(' ').filter(|token| !token.is_empty()).take(TOKENS_MAX) {
                if asked.tokens.len() < TOKENS_MAX {
                    asked.spoken.push(word.to_owned());
                    asked.tokens.push(token.to_owned());
                }
            }
        }
        asked.marked = asked.spoken.iter().any(|word| !word.is_ascii());
        (!asked.tokens.is_empty()).then_some(asked)
    }

    /// The code that was typed, when it can be one.
    pub fn code(&self) -> Option<&str> {
        match &self.tokens[..] {
            [one] if (2..=5).contains(&one.len()) && one.bytes().all(|b| b.is_ascii_digit()) => {
                Some(one)
            }
            _ => None,
        }
    }

    /// Every run of words that may be a whole name.
    pub fn runs(&self) -> Vec<String> {
        let mut runs = Vec::new();
        for from in 0..self.tokens.len() {
            for to in from + 1..=self.tokens.len().min(from + NAME_WORDS_MAX) {
                runs.push(self.tokens[from..to].join(" "));
            }
        }
        runs.sort_unstable();
        runs.dedup();
        runs
    }

    /// What may be the beginning of a name still being typed: everything, and everything after
    /// leading words for the kind of unit.
    pub fn beginnings(&self) -> Vec<String> {
        let kinds = self.tokens.iter().take_while(|token| is_type_word(token)).count();
        let mut starts = vec![self.tokens.join(" ")];
        if (1..self.tokens.len()).contains(&kinds) {
            starts.push(self.tokens[kinds..].join(" "));
        }
        starts
    }

    /// The words by which a misspelt name may be recognised: those that are no word for a kind of unit.
    pub fn clues(&self) -> impl Iterator<Item = &str> {
        self.tokens.iter().map(String::as_str).filter(|token| !is_type_word(token)).take(CLUES_MAX)
    }

    /// What was typed with one name in it mended: names that differ from as many typed words in a single
    /// letter. Longer names first, since more of them was right.
    pub fn mended<'n>(&self, names: impl Iterator<Item = &'n str>) -> Vec<String> {
        let mut found: Vec<(std::cmp::Reverse<usize>, &str, usize, usize)> = Vec::new();
        for name in names {
            let length = name.split(' ').count();
            for (at, window) in self.tokens.windows(length).enumerate() {
                if differs_in_one(&window.join(" "), name) {
                    found.push((std::cmp::Reverse(name.len()), name, at, length));
                }
            }
        }
        found.sort_unstable();
        let whole = found.into_iter().take(MENDED_MAX).map(|(_, name, at, length)| {
            let before = self.tokens[..at].iter().map(String::as_str);
            let after = self.tokens[at + length..].iter().map(String::as_str);
            before.chain([name]).chain(after).collect::<Vec<_>>().join(" ")
        });
        whole.collect()
    }

    /// How well a candidate fits; `None` when it does not.
    pub fn rank(&self, candidate: &Candidate, today: Day) -> Option<Rank> {
        let area = &candidate.area;
        let by_code = self.code().is_some_and(|code| area.code.as_deref() == Some(code));
        let fit = if by_code { Some(Fit::exact()) } else { self.fit(candidate) }?;
        Some(Rank {
            missed: fit.missed,
            own: if by_code { 0 } else { fit.own },
            kind: fit.kind,
            marks: fit.marks,
            ended: area.until <= today,
            level: area.level,
            name_sort: candidate.name_sort.clone(),
            newest_first: std::cmp::Reverse(area.from),
            id: area.id.as_str().to_owned(),
        })
    }

    fn fit(&self, candidate: &Candidate) -> Option<Fit> {
        let name: Vec<&str> = candidate.name_search.split(' ').collect();
        let windows = self.tokens.windows(name.len()).enumerate();
        let whole = windows.filter(|(_, window)| window.iter().eq(name.iter()));
        whole
            .filter_map(|(at, _)| self.fit_whole(candidate, at, name.len()))
            .chain(self.fit_beginning(&candidate.area, &name))
            .min_by_key(|fit| (fit.missed, fit.own, fit.kind, fit.marks))
    }

    /// The whole name stands at `at`; the other words must say where it lies or what it is.
    fn fit_whole(&self, candidate: &Candidate, at: usize, length: usize) -> Option<Fit> {
        let context: Vec<&str> = candidate.context.split(' ').collect();
        let last = self.tokens.len() - 1;
        let (mut placed, mut missed) = (0, 0);
        for (index, token) in self.tokens.iter().enumerate() {
            if (at..at + length).contains(&index) {
                continue;
            }
            let known = context.contains(&token.as_str())
                || (index == last && context.iter().any(|word| word.starts_with(token.as_str())));
            if known {
                placed += usize::from(!is_type_word(token));
            } else if !is_type_word(token) {
                missed += 1;
            }
        }
        // Words of a house or village address may be unknown, but then something must place the name.
        if missed > 0 && placed < 2 {
            return None;
        }
        let spoken = self.spoken[at..at + length].join(" ");
        Some(Fit {
            missed,
            own: u8::from(placed + missed > 0),
            kind: self.kind_before(at, &candidate.area),
            marks: u8::from(self.marked && !same_name(&spoken, &candidate.area.name)),
        })
    }

    /// The name begins with what was typed, or holds it from one of its words on.
    fn fit_beginning(&self, area: &Area, name: &[&str]) -> Option<Fit> {
        let kinds = self.tokens.iter().take_while(|token| is_type_word(token)).count();
        let starts = [0, kinds].into_iter().filter(|start| *start < self.tokens.len());
        let fits = starts.filter_map(|start| {
            let typed = &self.tokens[start..];
            let at = (0..name.len()).find(|at| begins(&name[*at..], typed))?;
            let spoken: Vec<_> =
                area.name.split([' ', '-']).filter(|word| !word.is_empty()).collect();
            let same = spoken.get(at..).is_some_and(|rest| {
                rest.iter()
                    .zip(&self.spoken[start..])
                    .rev()
                    .skip(1)
                    .all(|(own, said)| same_name(own, said))
            });
            Some(Fit {
                missed: 0,
                own: if at == 0 { 2 } else { 3 },
                kind: self.kind_before(start, area),
                marks: u8::from(self.marked && !same),
            })
        });
        fits.min_by_key(|fit| (fit.own, fit.kind))
    }

    /// 0 when the words before the name say its kind, 1 when they say nothing, 2 when another kind.
    fn kind_before(&self, at: usize, area: &Area) -> u8 {
        let Some(before) = at.checked_sub(1).map(|before| self.tokens[before].as_str()) else {
            return 1;
        };
        let label = fold(area.area_type.label());
        let initials: String = label.split(' ').filter_map(|word| word.chars().next()).collect();
        match before {
            word if label.split(' ').next_back() == Some(word) || initials == word => 0,
            word if is_type_word(word) => 2,
            _ => 1,
        }
    }
}

struct Fit {
    missed: usize,
    own: u8,
    kind: u8,
    marks: u8,
}

impl Fit {
    fn exact() -> Self {
        Self { missed: 0, own: 0, kind: 0, marks: 0 }
    }
}

fn begins(name: &[&str], typed: &[String]) -> bool {
    let Some((last, earlier)) = typed.split_last() else { return false };
    typed.len() <= name.len()
        && earlier.iter().eq(name[..earlier.len()].iter())
        && name[earlier.len()].starts_with(last.as_str())
}

/// True when one letter was left out, added, changed, or two neighbours were exchanged.
fn differs_in_one(one: &str, other: &str) -> bool {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let same = one.iter().zip(&other).take_while(|(one, other)| one == other).count();
    let (one, other) = (&one[same..], &other[same..]);
    match (one, other) {
        ([_, rest @ ..], whole) | (whole, [_, rest @ ..]) if rest == whole => true,
        ([_, one @ ..], [_, other @ ..]) if one == other => true,
        ([a, b, one @ ..], [c, d, other @ ..]) => a == d && b == c && one == other,
        _ => false,
    }
}

fn is_type_word(token: &str) -> bool {
    TYPE_WORDS.contains(&token)
}

/// Marks that stay apart from their letter even in NFC.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// The better hits first; those that leave words unexplained only where nothing explains them all. Gives how
/// many words stayed unexplained, too.
pub fn best(
    asked: &Asked,
    candidates: Vec<Candidate>,
    today: Day,
    limit: usize,
) -> (Vec<Area>, usize) {
    let ranked =
        candidates.into_iter().filter_map(|one| Some((asked.rank(&one, today)?, one.area)));
    let mut ranked: Vec<(Rank, Area)> = ranked.collect();
    ranked.sort_by(|one, other| one.0.cmp(&other.0));
    let least = ranked.first().map_or(0, |(rank, _)| rank.missed);
    let mut seen = std::collections::HashSet::new();
    let kept = ranked.into_iter().filter(|(rank, _)| rank.missed == least).map(|(_, area)| area);
    (kept.filter(|area| seen.insert(area.id.clone())).take(limit).collect(), least)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_letter_may_be_wrong_missing_added_or_exchanged_and_no_more() {
        for typed in ["luc bing", "luc bnh", "luc binhh", "lcu binh", "uc binh", "luc bin"] {
            assert!(differs_in_one(typed, "luc binh"), "{typed}");
            assert!(differs_in_one("luc binh", typed), "{typed}");
        }
        for typed in ["luc binh", "luc bang", "lu bin", "", "binh luc", "xuc bing"] {
            assert!(!differs_in_one(typed, "luc binh"), "{typed}");
        }
    }

    #[test]
    fn a_misspelt_name_is_mended_where_it_stands() {
        let asked = Asked::read("xã Lục Bing, huyện Bạch Thông").expect("words");
        assert_eq!(asked.clues().collect::<Vec<_>>(), ["luc", "bing", "bach", "thong"]);
        let mended = asked.mended(["luc binh", "bach thong", "luc ba"].into_iter());
        assert_eq!(mended, ["xa luc binh huyen bach thong"]);
    }
}
