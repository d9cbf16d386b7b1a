//! The three sheets as rows by heading: which language of several is read, which choices a list has.

use std::collections::{BTreeMap, BTreeSet};

use kernel::text::{fold, tidy};

use super::{ROWS_MOST, Telling, Told};
use crate::model::{
    form::Choice,
    workbook::{Book, Grid},
};

/// Most choices of one list.
const CHOICES_MOST: usize = 300;
/// Most rows of choices.
const CHOICE_ROWS_MOST: usize = 20_000;
/// Most characters of a cell.
const TEXT_MOST: usize = 4_000;

/// One row of the survey: cells by heading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    /// As a spreadsheet numbers it.
    pub row: u32,
    cells: BTreeMap<String, String>,
}

impl Line {
    /// A cell; empty when nothing stands there.
    pub fn get(&self, heading: &str) -> &str {
        self.cells.get(heading).map_or("", String::as_str)
    }

    /// Something about one of its cells.
    pub fn told(&self, column: &str, what: &'static str) -> Told {
        Told::new("survey", self.row, column, what)
    }

    /// Something about all of it.
    pub fn told_whole(&self, what: &'static str) -> Told {
        self.told("", what).with("name", self.get("name")).with("label", self.get("label"))
    }
}

/// The workbook's sheets.
#[derive(Debug, Default)]
pub(super) struct Sheets {
    pub survey: Vec<Line>,
    /// Lists of choices by name.
    pub choices: BTreeMap<String, Vec<Choice>>,
    pub settings: Line,
}

impl Sheets {
    /// Reads them; none when there is no survey.
    pub fn read(book: &Book, telling: &mut Telling) -> Option<Self> {
        let grid = |wanted: &str| {
            book.grids.iter().find(|grid| grid.name.trim().eq_ignore_ascii_case(wanted))
        };
        let Some(survey) = grid("survey") else {
            telling.trouble(Told::new("survey", 0, "", "reporting-xlsform-no-survey"));
            return None;
        };
        let settings = grid("settings").map(|grid| lines(grid, "", 10)).unwrap_or_default();
        let settings = settings.into_iter().next().unwrap_or_default();
        let language = settings.get("default_language").to_owned();
        let all = lines(survey, &language, ROWS_MOST + 1);
        if all.len() > ROWS_MOST {
            let told = Told::new("survey", 0, "", "reporting-xlsform-too-many-rows");
            telling.trouble(told.with("most", ROWS_MOST.to_string()));
            return None;
        }
        if all.iter().all(|line| line.get("type").is_empty()) {
            telling.trouble(Told::new("survey", 1, "type", "reporting-xlsform-no-type"));
            return None;
        }
        unused_columns(survey, telling);
        let choices = grid("choices").map(|grid| choices(grid, &language, telling));
        Some(Self { survey: all, choices: choices.unwrap_or_default(), settings })
    }
}

/// Headings with meaning, and others that XLSForm allows for them.
fn heading(text: &str) -> (String, String) {
    let (base, language) = text.split_once("::").unwrap_or((text, ""));
    let base = base.trim().to_lowercase().replace(' ', "_");
    if base == "nhipcau" {
        return (format!("nhipcau::{}", language.trim().to_lowercase()), String::new());
    }
    let base = match base.as_str() {
        "relevance" => "relevant",
        "calculate" => "calculation",
        "list" => "list_name",
        "value" => "name",
        "constraint_msg" => "constraint_message",
        "caption" => "label",
        "id_string" => "form_id",
        "title" => "form_title",
        other => other,
    };
    (base.to_owned(), language.trim().to_owned())
}

/// How well a language suits: Vietnamese first, then the form's own, then none, then any.
fn rank(language: &str, own: &str) -> u8 {
    let folded = fold(language);
    if folded.contains("tieng viet")
        || folded.contains("vietnamese")
        || folded.contains("(vi)")
        || folded == "vi"
    {
        0
    } else if !own.is_empty() && language == own {
        1
    } else if language.is_empty() {
        2
    } else {
        3
    }
}

/// Rows below the first row that holds something, by heading. Empty rows are left out.
fn lines(grid: &Grid, language: &str, most: usize) -> Vec<Line> {
    let Some(first) = grid.cells.keys().next().map(|at| at.0) else { return Vec::new() };
    // A language that says nothing in a row leaves it to the next best one.
    let mut columns: BTreeMap<u32, (String, u8)> = BTreeMap::new();
    for (at, seen) in grid.cells.range((first, 0)..(first + 1, 0)) {
        let (base, of) = heading(&seen.text());
        columns.insert(at.1, (base, rank(&of, language)));
    }
    let mut all: Vec<Line> = Vec::new();
    let mut ranks: BTreeMap<String, u8> = BTreeMap::new();
    for (at, seen) in grid.cells.range((first + 1, 0)..) {
        if all.last().is_none_or(|line| line.row != at.0 + 1) {
            if all.len() >= most {
                break;
            }
            all.push(Line { row: at.0 + 1, cells: BTreeMap::new() });
            ranks.clear();
        }
        let (Some((base, rank)), Some(line)) = (columns.get(&at.1), all.last_mut()) else {
            continue;
        };
        let better = ranks.get(base).is_none_or(|known| rank < known);
        let text: String = tidy(&seen.text()).chars().take(TEXT_MOST).collect();
        if better && !text.is_empty() {
            ranks.insert(base.clone(), *rank);
            line.cells.insert(base.clone(), text);
        }
    }
    all
}

/// Columns that say nothing about a form of ours are named once.
fn unused_columns(grid: &Grid, telling: &mut Telling) {
    const READ: [&str; 15] = [
        "type",
        "name",
        "label",
        "hint",
        "required",
        "constraint",
        "constraint_message",
        "relevant",
        "calculation",
        "repeat_count",
        "default",
        "choice_filter",
        "nhipcau::element",
        "nhipcau::unit",
        "nhipcau::coords",
    ];
    const ALSO: [&str; 4] = ["nhipcau::decimals", "disabled", "#", "notes"];
    let Some(first) = grid.cells.keys().next().map(|at| at.0) else { return };
    let mut seen = BTreeSet::new();
    for (at, cell) in grid.cells.range((first, 0)..(first + 1, 0)) {
        let (base, _) = heading(&cell.text());
        let known = READ.contains(&base.as_str()) || ALSO.contains(&base.as_str());
        if !known && seen.insert(base) {
            telling.note(Told::new(
                "survey",
                at.0 + 1,
                &cell.text(),
                "reporting-xlsform-column-unused",
            ));
        }
    }
}

fn choices(grid: &Grid, language: &str, telling: &mut Telling) -> BTreeMap<String, Vec<Choice>> {
    let mut all: BTreeMap<String, Vec<Choice>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let lines = lines(grid, language, CHOICE_ROWS_MOST + 1);
    if lines.len() > CHOICE_ROWS_MOST {
        let told = Told::new("choices", 0, "", "reporting-xlsform-too-many-rows");
        telling.trouble(told.with("most", CHOICE_ROWS_MOST.to_string()));
    }
    for line in lines {
        let (list, code) = (line.get("list_name").to_owned(), line.get("name").to_owned());
        if list.is_empty() {
            continue;
        }
        let told =
            |column, what| Told::new("choices", line.row, column, what).with("name", code.as_str());
        if code.is_empty() {
            telling.trouble(told("name", "reporting-xlsform-choice-no-name"));
            continue;
        }
        if !seen.insert((list.clone(), code.clone())) {
            telling.trouble(told("name", "reporting-xlsform-choice-twice"));
            continue;
        }
        let name =
            if line.get("label").is_empty() { code.clone() } else { line.get("label").to_owned() };
        let list = all.entry(list).or_default();
        if list.len() == CHOICES_MOST {
            telling.trouble(
                told("list_name", "reporting-xlsform-too-many-choices")
                    .with("most", CHOICES_MOST.to_string()),
            );
        }
        if list.len() <= CHOICES_MOST {
            list.push(Choice { code, name });
        }
    }
    all
}
