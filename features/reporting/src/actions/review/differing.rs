//! What differs between two contents of a report: figures, rows, words, files, and whether anything occurred at all.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    actions::content::Content,
    model::{CellKey, CellState},
    store::submissions::Snapshot,
};

/// What a report says, beside a copy of what it said.
pub struct Compared {
    /// The copy.
    pub copy: Snapshot,
    /// The cells that differ.
    pub cells: Vec<Changed>,
    /// What differs besides them.
    pub besides: Vec<Besides>,
}

impl Compared {
    /// True when nothing differs.
    pub fn is_same(&self) -> bool {
        self.cells.is_empty() && self.besides.is_empty()
    }
}

/// What a cell was and is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The cell.
    pub key: CellKey,
    /// Before.
    pub before: Option<CellState>,
    /// Now.
    pub now: Option<CellState>,
}

/// The cells of a row of a growing table, by column; none of them is empty.
pub type RowCells = BTreeMap<String, String>;

/// What a row of a growing table was and is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedRow {
    /// Which row of the table it is now, counted from one.
    pub number: usize,
    /// Before.
    pub before: RowCells,
    /// Now.
    pub now: RowCells,
}

/// What differs besides cells. Sections go by their codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Besides {
    /// Why the whole report says that nothing occurred; none when it does not say so.
    Nil {
        /// Before.
        before: Option<String>,
        /// Now.
        now: Option<String>,
    },
    /// Rows of a growing table.
    Rows {
        /// The section.
        section: String,
        /// Rows that are new.
        added: Vec<RowCells>,
        /// Rows that are there no more, as they were.
        removed: Vec<RowCells>,
        /// Rows that say something else.
        changed: Vec<ChangedRow>,
    },
    /// A narrative; empty words are none.
    Words {
        /// The section.
        section: String,
        /// What stood there.
        before: String,
        /// What stands there.
        now: String,
    },
    /// A file that came or went.
    File {
        /// The section.
        section: String,
        /// What it shows, in words.
        caption: String,
        /// True when it is new, false when it is there no more.
        is_new: bool,
    },
}

/// The cells that differ.
pub fn difference(
    before: &BTreeMap<CellKey, CellState>,
    now: &BTreeMap<CellKey, CellState>,
) -> Vec<Changed> {
    let keys: BTreeSet<&CellKey> = before.keys().chain(now.keys()).collect();
    keys.into_iter()
        .filter(|key| before.get(*key) != now.get(*key))
        .map(|key| Changed {
            key: key.clone(),
            before: before.get(key).cloned(),
            now: now.get(key).cloned(),
        })
        .collect()
}

/// What differs besides the cells.
pub fn difference_besides(before: &Content, now: &Content) -> Vec<Besides> {
    let mut all = Vec::new();
    if before.nil != now.nil {
        all.push(Besides::Nil { before: before.nil.clone(), now: now.nil.clone() });
    }
    all.extend(rows(before, now));
    all.extend(words(before, now));
    all.extend(files(before, now));
    all
}

/// Rows go by their ids; where they stand in the table says nothing.
fn rows(before: &Content, now: &Content) -> Vec<Besides> {
    let (was, is) = (rows_of(before), rows_of(now));
    let sections: BTreeSet<&str> = was.keys().chain(is.keys()).copied().collect();
    sections.into_iter().filter_map(|section| rows_of_one(section, &was, &is)).collect()
}

fn rows_of_one(section: &str, was: &Tables<'_>, is: &Tables<'_>) -> Option<Besides> {
    let (was, is) = (was.get(section), is.get(section));
    let (was, is) = (was.into_iter().flatten(), is.into_iter().flatten());
    let before: BTreeMap<&str, &RowCells> = was.clone().map(|(id, cells)| (*id, cells)).collect();
    let kept: BTreeSet<&str> = is.clone().map(|(id, _)| *id).collect();
    let (mut added, mut changed) = (Vec::new(), Vec::new());
    for (number, (id, now)) in (1..).zip(is) {
        match before.get(id) {
            None => added.push(now.clone()),
            Some(before) if *before != now => {
                let (before, now) = ((*before).clone(), now.clone());
                changed.push(ChangedRow { number, before, now });
            }
            Some(_) => {}
        }
    }
    let gone = was.filter(|(id, _)| !kept.contains(id));
    let removed: Vec<RowCells> = gone.map(|(_, cells)| cells.clone()).collect();
    let differs = !(added.is_empty() && removed.is_empty() && changed.is_empty());
    differs.then(|| Besides::Rows { section: section.to_owned(), added, removed, changed })
}

/// The rows of each section with their ids, in order.
type Tables<'c> = BTreeMap<&'c str, Vec<(&'c str, RowCells)>>;

fn rows_of(content: &Content) -> Tables<'_> {
    let mut all = Tables::new();
    for (section, id, _, body) in &content.rows {
        let mut cells: RowCells = serde_json::from_str(body).unwrap_or_default();
        cells.retain(|_, text| !text.is_empty());
        all.entry(section).or_default().push((id, cells));
    }
    all
}

fn words(before: &Content, now: &Content) -> Vec<Besides> {
    let (was, is) = (words_of(before), words_of(now));
    let sections: BTreeSet<&str> = was.keys().chain(is.keys()).copied().collect();
    sections
        .into_iter()
        .map(|section| (section, was.get(section), is.get(section)))
        .filter(|(_, before, now)| before != now)
        .map(|(section, before, now)| Besides::Words {
            section: section.to_owned(),
            before: before.copied().unwrap_or_default().to_owned(),
            now: now.copied().unwrap_or_default().to_owned(),
        })
        .collect()
}

/// The narratives of a content by section; one without words is none.
fn words_of(content: &Content) -> BTreeMap<&str, &str> {
    let written = content.narratives.iter().filter(|(_, words)| !words.is_empty());
    written.map(|(section, words)| (section.as_str(), words.as_str())).collect()
}

/// The same file with other words beside it is another one to whoever reads the report.
fn files(before: &Content, now: &Content) -> Vec<Besides> {
    let (was, is) = (files_of(before), files_of(now));
    let told = |is_new: bool| {
        move |(section, _, caption): &(&str, &str, &str)| Besides::File {
            section: (*section).to_owned(),
            caption: (*caption).to_owned(),
            is_new,
        }
    };
    let added = is.difference(&was).map(told(true));
    added.chain(was.difference(&is).map(told(false))).collect()
}

/// The files of a content: section, hash, caption.
fn files_of(content: &Content) -> BTreeSet<(&str, &str, &str)> {
    let all = content.files.iter();
    all.map(|(section, file, _, caption, _)| (section.as_str(), file.as_str(), caption.as_str()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(nil: Option<&str>, rows: &[(&str, &str)], words: &str, files: &[&str]) -> Content {
        let text = |text: &str| text.to_owned();
        Content {
            nil: nil.map(text),
            rows: rows
                .iter()
                .zip(0..)
                .map(|((id, name), at)| {
                    let body = format!(r#"{{"ten":"{name}","ghichu":""}}"#);
                    (text("congtrinh"), text(id), at, body)
                })
                .collect(),
            narratives: vec![(text("khokhan"), text(words))],
            files: files
                .iter()
                .map(|one| (text("minhchung"), text("af"), text("a.pdf"), text(one), 9))
                .collect(),
            ..Content::default()
        }
    }

    #[test]
    fn rows_words_files_and_that_nothing_occurred_are_told_apart() {
        let section = |code: &str| code.to_owned();
        let before = content(Some("Mưa lũ"), &[("a", "1"), ("b", "2"), ("c", "3")], "", &["Ảnh"]);
        let now =
            content(None, &[("b", "2"), ("c", "4"), ("d", "5")], "Thiếu người", &["Biên bản"]);
        let file = |caption: &str, is_new| Besides::File {
            section: section("minhchung"),
            caption: caption.to_owned(),
            is_new,
        };
        let row = |name: &str| RowCells::from([("ten".to_owned(), name.to_owned())]);
        assert_eq!(
            difference_besides(&before, &now),
            [
                Besides::Nil { before: Some("Mưa lũ".to_owned()), now: None },
                Besides::Rows {
                    section: section("congtrinh"),
                    added: vec![row("5")],
                    removed: vec![row("1")],
                    changed: vec![ChangedRow { number: 2, before: row("3"), now: row("4") }],
                },
                Besides::Words {
                    section: section("khokhan"),
                    before: String::new(),
                    now: "Thiếu người".to_owned(),
                },
                file("Biên bản", true),
                file("Ảnh", false),
            ]
        );
    }

    #[test]
    fn a_content_does_not_differ_from_itself_wherever_its_rows_stand() {
        let before = content(None, &[("a", "1"), ("b", "2")], "Thiếu người", &["Ảnh"]);
        let now = content(None, &[("b", "2"), ("a", "1")], "Thiếu người", &["Ảnh"]);
        assert_eq!(difference_besides(&before, &now), []);
        assert_eq!(difference_besides(&content(None, &[], "", &[]), &Content::default()), []);
    }
}
