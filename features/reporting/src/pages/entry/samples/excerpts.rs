//! What pages of entry and pages of reviewing show alike: a growing table, a file, what differs.

use super::{
    super::{
        differences::{Differences, Pair, RowDiffers, TableDiffers},
        files::File,
        rows::{Growing, Line, Shown},
    },
    HOSTILE, LONG, text,
};

/// A growing table with a sum.
pub(crate) fn growing(href: &str) -> Growing {
    let cell = |words: &str, number| Shown { text: text(words), number };
    let line =
        || Line { href: text(href), cells: vec![cell(HOSTILE, false), cell("1.234,5", true)] };
    Growing {
        columns: vec![text(LONG), text("Tổng mức (triệu đồng)")],
        rows: vec![line(), line()],
        sums: vec![String::new(), text("2.469")],
        add: text(href),
        ..Growing::default()
    }
}

/// A file that is here.
pub(crate) fn file() -> File {
    File {
        here: true,
        above: false,
        lost: false,
        href: text("/bao-cao/x/tep/minhchung/y"),
        name: text(HOSTILE),
        caption: text(LONG),
        bytes: 1_234_567,
        came_signed: false,
        by: text("Mai"),
        at: text("22/11/2026 14:05"),
    }
}

/// What differs, of every kind.
pub(crate) fn differing() -> Differences {
    let pair =
        |before: &str, now: &str| Pair { label: text(LONG), before: text(before), now: text(now) };
    let row = |columns| RowDiffers { said: text(HOSTILE), columns };
    Differences {
        said: text(HOSTILE),
        nil: text(HOSTILE),
        figures: vec![pair("198", "204"), pair("", HOSTILE)],
        figures_more: 3,
        tables: vec![TableDiffers {
            said: text(LONG),
            rows: vec![row(vec![pair(HOSTILE, ""), pair("1", "2")]), row(Vec::new())],
            more: 5,
        }],
        words: vec![pair(HOSTILE, LONG), pair(LONG, "")],
        files: vec![text(HOSTILE)],
    }
}
