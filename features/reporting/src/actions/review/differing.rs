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
    /// How many rows of a growing table.
    Rows {
        /// The section.
        section: String,
        /// Rows that are new.
        added: usize,
        /// Rows that are there no more.
        removed: usize,
        /// Rows that say something else.
        changed: usize,
    },
    /// A narrative.
    Words {
        /// The section.
        section: String,
        /// True when nothing stood there.
        was_empty: bool,
        /// True when nothing stands there.
        is_empty: bool,
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
    let mut sections: BTreeMap<&str, (usize, usize, usize)> = BTreeMap::new();
    for (key, body) in &is {
        let (added, _, changed) = sections.entry(key.0).or_default();
        match was.get(key) {
            None => *added += 1,
            Some(before) => *changed += usize::from(before != body),
        }
    }
    for key in was.keys().filter(|key| !is.contains_key(*key)) {
        sections.entry(key.0).or_default().1 += 1;
    }
    let told = |(section, (added, removed, changed)): (&str, (usize, usize, usize))| {
        let section = section.to_owned();
        (added + removed + changed > 0).then_some(Besides::Rows {
            section,
            added,
            removed,
            changed,
        })
    };
    sections.into_iter().filter_map(told).collect()
}

/// The rows of a content by section and id.
fn rows_of(content: &Content) -> BTreeMap<(&str, &str), &str> {
    let all = content.rows.iter();
    all.map(|(section, id, _, body)| ((section.as_str(), id.as_str()), body.as_str())).collect()
}

fn words(before: &Content, now: &Content) -> Vec<Besides> {
    let (was, is) = (words_of(before), words_of(now));
    let sections: BTreeSet<&str> = was.keys().chain(is.keys()).copied().collect();
    sections
        .into_iter()
        .filter(|section| was.get(section) != is.get(section))
        .map(|section| Besides::Words {
            section: section.to_owned(),
            was_empty: !was.contains_key(section),
            is_empty: !is.contains_key(section),
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
                .map(|((id, body), at)| (text("congtrinh"), text(id), at, text(body)))
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
        assert_eq!(
            difference_besides(&before, &now),
            [
                Besides::Nil { before: Some("Mưa lũ".to_owned()), now: None },
                Besides::Rows { section: section("congtrinh"), added: 1, removed: 1, changed: 1 },
                Besides::Words { section: section("khokhan"), was_empty: true, is_empty: false },
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
