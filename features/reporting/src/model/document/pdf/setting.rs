//! Paragraphs in lines, at their places: what the pages are filled with. Lengths are points.

use std::rc::Rc;

use super::{
    super::blocks::{Align, Paragraph, Role},
    letters::{Letters, Shaped, Style},
    lines::{Line, balanced, broken},
    table::Frame,
    tags::{Kind, Tag},
};

/// From one line to the next, in sizes of the letters: what a word processor calls single.
const SINGLE: f32 = 1.15;
/// From the top of a line to the foot of its letters, in sizes.
const BASE: f32 = 0.92;
/// The first line of a paragraph begins 12,7 mm further in.
const INDENT: f32 = 36.0;
/// From the foot of the words to the line below them.
const RULE: f32 = 5.0;

/// What is drawn, from the left edge and the top of what holds it.
#[derive(Clone, Debug)]
pub(super) enum Item {
    Words(Words),
    Rule { x: f32, down: f32, width: f32 },
}

/// A line of words.
#[derive(Clone, Debug)]
pub(super) struct Words {
    pub shaped: Rc<Shaped>,
    pub line: Line,
    pub x: f32,
    /// To the foot of the letters.
    pub down: f32,
    pub size: f32,
    /// What each blank is wider.
    pub stretch: f32,
    /// What it is; none for what only decorates.
    pub tag: Option<Tag>,
}

/// What is never divided between pages.
#[derive(Clone, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says one thing, and any may stand with any"
)]
pub(super) struct Strip {
    /// What is left free above, except at the top of a page.
    pub before: f32,
    pub height: f32,
    pub items: Vec<Item>,
    /// True when what follows stands on the same page.
    pub keep: bool,
    /// The table it belongs to.
    pub frame: Option<Rc<Frame>>,
    /// The lines of its table above and below it.
    pub opens: bool,
    pub closes: bool,
    /// True for the heading of its table.
    pub heads: bool,
}

impl Strip {
    /// The same, further right and down.
    pub fn moved(self, right: f32, below: f32) -> impl Iterator<Item = Item> {
        self.items.into_iter().map(move |item| match item {
            Item::Words(words) => {
                Item::Words(Words { x: words.x + right, down: words.down + below, ..words })
            }
            Item::Rule { x, down, width } => Item::Rule { x: x + right, down: down + below, width },
        })
    }

    /// The same as mere decoration.
    pub fn untold(&self) -> Self {
        let mut it = self.clone();
        for item in &mut it.items {
            if let Item::Words(words) = item {
                words.tag = None;
            }
        }
        it
    }
}

/// What a paragraph is in the tree.
pub(super) fn kind(paragraph: &Paragraph) -> Kind {
    match paragraph.role {
        Role::Title => Kind::Title,
        Role::Heading => Kind::Heading,
        Role::Text => Kind::Paragraph,
    }
}

/// The lines of a paragraph in a width, its letters so many times as large as they are.
pub(super) fn set(
    letters: &mut Letters,
    paragraph: &Paragraph,
    (width, scale): (f32, f32),
    tag: Option<Tag>,
) -> Vec<Strip> {
    let size = points(paragraph.size) * scale;
    let height = size * SINGLE;
    let shaped = letters.shape(&paragraph.text, Style::of(paragraph));
    let before = points(paragraph.before);
    if shaped.words.is_empty() {
        return vec![Strip { before, height, ..Strip::default() }];
    }
    let indented = paragraph.indented && paragraph.align != Align::Centre;
    let indent = if indented { INDENT.min(width / 2.0) } else { 0.0 };
    let lines = match paragraph.align {
        Align::Centre => balanced(&shaped, thousandths(width, size)),
        _ => broken(&shaped, thousandths(width - indent, size), thousandths(width, size)),
    };
    let shaped = Rc::new(shaped);
    let mut strips = Vec::with_capacity(lines.len());
    for (at, line) in lines.into_iter().enumerate() {
        let left = if at == 0 { indent } else { 0.0 };
        let long = length(line.width, size);
        let free = (width - left - long).max(0.0);
        let (x, stretch) = match paragraph.align {
            Align::Left => (left, 0.0),
            Align::Right => (left + free, 0.0),
            Align::Centre => (left + free / 2.0, 0.0),
            Align::Both if line.last || line.blanks == 0 => (left, 0.0),
            Align::Both => (left, free / count(line.blanks)),
        };
        let words =
            Words { shaped: shaped.clone(), line, x, down: size * BASE, size, stretch, tag };
        let before = if at == 0 { before } else { 0.0 };
        strips.push(Strip { before, height, items: vec![Item::Words(words)], ..Strip::default() });
        if let Some(rule) = paragraph.ruled.filter(|_| line.last) {
            let ruled = long * points(rule.percent) / 100.0;
            let x = (width - ruled) / 2.0;
            if let Some(strip) = strips.last_mut() {
                strip.items.push(Item::Rule { x, down: size * BASE + RULE, width: ruled });
                strip.height += RULE;
            }
        }
    }
    strips
}

/// A length in sizes of the letters.
pub(super) fn length(thousandths: u32, size: f32) -> f32 {
    count(thousandths) * size / 1_000.0
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a width between margins, and not below nothing"
)]
fn thousandths(length: f32, size: f32) -> u32 {
    // Half a thousandth more: what was measured to have room has room.
    (length.max(0.0) * 1_000.0 / size.max(0.1) + 0.5) as u32
}

#[expect(clippy::cast_precision_loss, reason = "a line is no longer than a few thousand letters")]
fn count(number: u32) -> f32 {
    number as f32
}

/// Whole points, and hundredths.
pub(super) fn points(number: u32) -> f32 {
    f32::from(u16::try_from(number).unwrap_or(u16::MAX))
}
