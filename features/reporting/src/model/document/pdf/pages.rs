//! Pages being filled with strips, one page at a time: what is full is compressed and waits for the file. A4 with
//! the margins of NĐ 30/2020/NĐ-CP, upright or turned; the number of the page above its text from the second on.

use std::{io::Write as _, rc::Rc};

use flate2::{Compression, write::ZlibEncoder};
use pdf_writer::{Content, Name, Str, TextStr};

use super::{
    letters::{Glyph, Letters, Style},
    lines::Line,
    setting::{Item, Strip, Words, length},
    table::{Frame, Room},
    tags::Tag,
};

/// Points in a millimetre.
const MM: f32 = 72.0 / 25.4;
const SHORT: f32 = 210.0 * MM;
const LONG: f32 = 297.0 * MM;
const TOP: f32 = 20.0 * MM;
const BOTTOM: f32 = 20.0 * MM;
const LEFT: f32 = 30.0 * MM;
const RIGHT: f32 = 15.0 * MM;
/// From the top of the page to the foot of its number, and how large that is.
const NUMBER: (f32, f32) = (14.0 * MM, 13.0);
/// How strong lines are.
const LINE: f32 = 0.5;
/// Half a point more than a page has is no reason for another.
const SLACK: f32 = 0.5;
/// Groups of strips that wait for what follows.
const WAITING: usize = 2;

/// The room for text on a page.
pub(super) fn room(turned: bool) -> Room {
    let (width, height) = paper(turned);
    Room { width: width - LEFT - RIGHT, height: height - TOP - BOTTOM }
}

fn paper(turned: bool) -> (f32, f32) {
    if turned { (LONG, SHORT) } else { (SHORT, LONG) }
}

/// A full page.
#[derive(Debug)]
pub(super) struct Page {
    pub width: f32,
    pub height: f32,
    /// What draws it, compressed.
    pub content: Vec<u8>,
    /// What each numbered stretch of it belongs to.
    pub tags: Vec<Tag>,
}

/// Pages, the last one open.
pub(super) struct Pages {
    done: Vec<Page>,
    sheet: Sheet,
    waiting: Vec<Strip>,
}

/// The page that is being filled.
struct Sheet {
    turned: bool,
    content: Content,
    tags: Vec<Tag>,
    /// What the stretch belongs to that is open.
    open: Open,
    /// How much is filled.
    down: f32,
    /// Lines to be drawn: from here to there.
    lines: Vec<[f32; 4]>,
    /// The table whose columns go on downwards, from where to where, and whether its last row is closed.
    ladder: Option<Ladder>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Nothing,
    Decoration,
    Part(Tag),
}

struct Ladder {
    frame: Rc<Frame>,
    from: f32,
    to: f32,
    closed: bool,
}

impl Pages {
    pub fn new() -> Self {
        Self { done: Vec::new(), sheet: Sheet::new(false), waiting: Vec::new() }
    }

    pub fn is_turned(&self) -> bool {
        self.sheet.turned
    }

    /// Adds a strip below the others; the last ones wait to see what follows.
    pub fn push(&mut self, letters: &mut Letters, strip: Strip) {
        self.waiting.push(strip);
        while self.waiting.iter().filter(|strip| !strip.keep).count() > WAITING {
            self.settle(letters);
        }
    }

    /// What follows stands with at least two lines of what is there.
    pub fn join(&mut self) {
        self.waiting.iter_mut().rev().take(2).for_each(|strip| strip.keep = true);
    }

    /// From here on pages are upright or turned.
    pub fn turn(&mut self, letters: &mut Letters, turned: bool) {
        if self.sheet.turned == turned {
            return;
        }
        self.settle_all(letters);
        if self.sheet.down > 0.0 {
            self.next_page(letters);
        }
        self.sheet.turned = turned;
    }

    /// All pages.
    pub fn finish(mut self, letters: &mut Letters) -> Vec<Page> {
        self.settle_all(letters);
        if self.sheet.down > 0.0 || self.done.is_empty() {
            self.next_page(letters);
        }
        self.done
    }

    fn settle_all(&mut self, letters: &mut Letters) {
        while !self.waiting.is_empty() {
            self.settle(letters);
        }
    }

    /// Draws the first strips that stay together, on this page or the next.
    fn settle(&mut self, letters: &mut Letters) {
        let many = self.waiting.iter().position(|strip| !strip.keep);
        let many = many.map_or(self.waiting.len(), |last| last + 1);
        let group: Vec<Strip> = self.waiting.drain(..many).collect();
        let tall: f32 = group.iter().map(|strip| strip.before + strip.height).sum();
        if !self.sheet.has_room(tall) {
            self.next_page(letters);
        }
        for strip in group {
            if !self.sheet.has_room(strip.before + strip.height) {
                self.next_page(letters);
            }
            self.sheet.place(strip);
        }
    }

    fn next_page(&mut self, letters: &mut Letters) {
        let turned = self.sheet.turned;
        let sheet = std::mem::replace(&mut self.sheet, Sheet::new(turned));
        let number = self.done.len() + 1;
        self.done.push(sheet.finish(letters, number));
    }
}

impl Sheet {
    fn new(turned: bool) -> Self {
        Self {
            turned,
            content: Content::new(),
            tags: Vec::new(),
            open: Open::Nothing,
            down: 0.0,
            lines: Vec::new(),
            ladder: None,
        }
    }

    /// An empty page has room for everything: else it would never be drawn.
    fn has_room(&self, tall: f32) -> bool {
        self.down == 0.0 || self.down + tall <= room(self.turned).height + SLACK
    }

    fn place(&mut self, strip: Strip) {
        if self.down > 0.0 {
            self.down += strip.before;
        } else if let Some(head) =
            strip.frame.as_ref().and_then(|frame| frame.head.clone()).filter(|_| !strip.heads)
        {
            let head = Strip { frame: strip.frame.clone(), ..head };
            self.draw(head);
        }
        self.draw(strip);
    }

    fn draw(&mut self, strip: Strip) {
        let from = self.down;
        self.down += strip.height;
        self.rule(&strip, from);
        for item in strip.items {
            match item {
                Item::Words(words) => self.show(&words, from),
                Item::Rule { x, down, width } => {
                    self.lines.push([x, from + down, x + width, from + down]);
                }
            }
        }
    }

    /// The lines of a table around a strip. Those between columns are drawn when they end.
    fn rule(&mut self, strip: &Strip, from: f32) {
        let Some(frame) = &strip.frame else {
            self.end_ladder();
            return;
        };
        let goes_on = self.ladder.as_ref().is_some_and(|ladder| Rc::ptr_eq(&ladder.frame, frame));
        if !goes_on {
            self.end_ladder();
            self.ladder = Some(Ladder { frame: frame.clone(), from, to: from, closed: true });
            self.across(frame, from);
        } else if strip.opens && self.ladder.as_ref().is_some_and(|ladder| !ladder.closed) {
            self.across(frame, from);
        }
        if let Some(ladder) = &mut self.ladder {
            (ladder.to, ladder.closed) = (self.down, strip.closes);
        }
        if strip.closes {
            self.across(frame, self.down);
        }
    }

    fn across(&mut self, frame: &Frame, down: f32) {
        if let (Some(left), Some(right)) = (frame.edges.first(), frame.edges.last()) {
            self.lines.push([*left, down, *right, down]);
        }
    }

    fn end_ladder(&mut self) {
        let Some(ladder) = self.ladder.take() else { return };
        for edge in &ladder.frame.edges {
            self.lines.push([*edge, ladder.from, *edge, ladder.to]);
        }
        if !ladder.closed {
            self.across(&ladder.frame, ladder.to);
        }
    }

    fn above(&self, down: f32) -> f32 {
        paper(self.turned).1 - TOP - down
    }

    /// Opens the stretch of the page that belongs to a part, unless it is open.
    fn enter(&mut self, open: Open) {
        if self.open == open {
            return;
        }
        if self.open != Open::Nothing {
            self.content.end_marked_content();
        }
        match open {
            Open::Nothing => {}
            Open::Decoration => {
                self.content.begin_marked_content(Name(b"Artifact"));
            }
            Open::Part(tag) => {
                let number = i32::try_from(self.tags.len()).unwrap_or(i32::MAX);
                self.tags.push(tag);
                self.content
                    .begin_marked_content_with_properties(Name(tag.kind.name()))
                    .properties()
                    .identify(number);
            }
        }
        self.open = open;
    }

    fn show(&mut self, words: &Words, from: f32) {
        self.enter(words.tag.map_or(Open::Decoration, Open::Part));
        let y = self.above(from + words.down);
        self.write(words, (LEFT + words.x, y));
    }

    fn write(&mut self, words: &Words, (x, y): (f32, f32)) {
        let Line { from, to, blank_after, .. } = words.line;
        let end = to as usize + usize::from(blank_after);
        let Some(glyphs) = words.shaped.glyphs.get(from as usize..end) else { return };
        let style = words.shaped.style;
        self.content.begin_text();
        self.content.set_font(Name(face(style)), words.size);
        self.content.set_text_matrix([1.0, 0.0, 0.0, 1.0, x, y]);
        let mut run = Run::default();
        for (at, glyph) in (from..).zip(glyphs) {
            let text = || words.shaped.text.get(glyph.from as usize..glyph.to as usize);
            if let Some(over) = glyph.over {
                run.flush(&mut self.content);
                self.content.set_rise(f32::from(over.up) * words.size / 1_000.0);
                run.aside(-f32::from(over.right));
                run.add(glyph);
                run.aside(f32::from(over.right) + f32::from(over.own));
                run.told(&mut self.content, glyph, text());
                self.content.set_rise(0.0);
                continue;
            }
            if !glyph.plain {
                run.flush(&mut self.content);
                run.add(glyph);
                run.told(&mut self.content, glyph, text());
                continue;
            }
            run.add(glyph);
            if words.stretch > 0.0 && at < to && text() == Some(" ") {
                run.aside(-words.stretch * 1_000.0 / words.size);
            }
        }
        run.flush(&mut self.content);
        self.content.end_text();
    }

    fn finish(mut self, letters: &mut Letters, number: usize) -> Page {
        self.end_ladder();
        if number > 1 {
            self.number(letters, number);
        }
        if !self.lines.is_empty() {
            self.enter(Open::Decoration);
            self.content.set_line_width(LINE);
            for [x, down, to, end] in std::mem::take(&mut self.lines) {
                self.content.move_to(LEFT + x, self.above(down));
                self.content.line_to(LEFT + to, self.above(end));
            }
            self.content.stroke();
        }
        self.enter(Open::Nothing);
        let (width, height) = paper(self.turned);
        Page { width, height, content: deflated(&self.content.finish()), tags: self.tags }
    }

    fn number(&mut self, letters: &mut Letters, number: usize) {
        let (down, size) = NUMBER;
        let shaped = Rc::new(letters.shape(&number.to_string(), Style::PLAIN));
        let width = shaped.width();
        let x = (room(self.turned).width - length(width, size)) / 2.0;
        let Some(line) = super::lines::broken(&shaped, width, width).into_iter().next() else {
            return;
        };
        let words = Words { shaped, line, x, down: down - TOP, size, stretch: 0.0, tag: None };
        self.show(&words, 0.0);
    }
}

/// The name of a face within the file.
pub(super) fn face(style: Style) -> &'static [u8] {
    [b"F0", b"F1", b"F2", b"F3"][style.index() % 4]
}

pub(super) fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    // Writing into memory does not fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

/// Glyphs that are written in one go.
#[derive(Default)]
struct Run(Vec<Piece>);

enum Piece {
    Glyphs(Vec<u8>),
    /// Thousandths of the size to the left.
    Aside(f32),
}

impl Run {
    fn add(&mut self, glyph: &Glyph) {
        let bytes = glyph.number.to_be_bytes();
        match self.0.last_mut() {
            Some(Piece::Glyphs(all)) => all.extend(bytes),
            _ => self.0.push(Piece::Glyphs(bytes.to_vec())),
        }
    }

    fn aside(&mut self, thousandths: f32) {
        self.0.push(Piece::Aside(thousandths));
    }

    fn flush(&mut self, content: &mut Content) {
        if self.0.is_empty() {
            return;
        }
        let mut shown = content.show_positioned();
        let mut items = shown.items();
        for piece in self.0.drain(..) {
            match piece {
                Piece::Glyphs(bytes) => items.show(Str(&bytes)),
                Piece::Aside(thousandths) => items.adjust(thousandths),
            };
        }
    }

    /// Writes a glyph that does not say itself what it stands for.
    fn told(&mut self, content: &mut Content, glyph: &Glyph, text: Option<&str>) {
        if glyph.plain {
            self.flush(content);
            return;
        }
        content
            .begin_marked_content_with_properties(Name(b"Span"))
            .properties()
            .actual_text(TextStr(text.unwrap_or("\u{fffd}")));
        self.flush(content);
        content.end_marked_content();
    }
}
