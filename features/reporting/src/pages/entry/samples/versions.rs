//! A report beside a newer version of its form.

use super::{
    super::version::{Ahead, Behind, LeftLine, VersionPage},
    HOSTILE, LONG, head, text,
};

pub(super) fn versions(ahead: bool) -> VersionPage {
    let left = |href: &str| LeftLine { what: text(LONG), value: text(HOSTILE), href: text(href) };
    VersionPage {
        head: head(),
        own: 1,
        ahead: ahead.then(|| Ahead {
            to: 2,
            seen: text("0123456789abcdef"),
            changes: vec![text(HOSTILE), text(LONG)],
            kept: text(LONG),
            left: vec![left("")],
        }),
        may_move: ahead,
        stale: ahead,
        behind: vec![
            Behind { words: text(HOSTILE), left: vec![left("/bao-cao/x/tep/~minhchung/y")] },
            Behind { words: text(LONG), left: Vec::new() },
        ],
    }
}
