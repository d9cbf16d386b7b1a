//! Where lines end. Lengths are thousandths of the size of the letters.

use super::letters::{Shaped, Word};

/// A line of a text: glyphs from here to there, without the blanks behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub from: u32,
    pub to: u32,
    pub width: u32,
    /// Blanks within it, which can be stretched.
    pub blanks: u32,
    /// True when a blank follows: it is written for who copies the text, and is not seen.
    pub blank_after: bool,
    /// True for the last line of its text.
    pub last: bool,
}

/// A line that is being filled.
struct Open {
    line: Line,
    /// Blanks behind its last word, and how wide they are.
    blanks: u32,
    blank: u32,
}

impl Open {
    fn new(word: &Word) -> Self {
        let line = Line {
            from: word.from,
            to: word.to,
            width: word.width,
            blanks: 0,
            blank_after: false,
            last: false,
        };
        Self { line, blanks: word.blanks, blank: word.blank }
    }

    fn add(&mut self, word: &Word) {
        self.line.width += self.blank + word.width;
        self.line.blanks += self.blanks;
        self.line.to = word.to;
        (self.blanks, self.blank) = (word.blanks, word.blank);
    }

    fn close(self) -> Line {
        Line { blank_after: self.blanks > 0, ..self.line }
    }
}

/// A text in lines: the first so wide, the others so wide. A word wider than a line is divided.
pub(super) fn broken(shaped: &Shaped, first: u32, others: u32) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut open: Option<Open> = None;
    for word in &shaped.words {
        if let Some(mut line) = open.take() {
            let room = if lines.is_empty() { first } else { others };
            if line.line.width + line.blank + word.width <= room {
                line.add(word);
                open = Some(line);
                continue;
            }
            lines.push(line.close());
        }
        let mut rest = *word;
        loop {
            let room = if lines.is_empty() { first } else { others };
            let Some((head, tail)) = divided(shaped, &rest, room) else { break };
            lines.push(Open::new(&head).close());
            rest = tail;
        }
        open = Some(Open::new(&rest));
    }
    lines.extend(open.map(Open::close));
    if let Some(last) = lines.last_mut() {
        last.last = true;
    }
    lines
}

/// As much of a word as has room, and the rest; none when it has room or cannot be divided.
fn divided(shaped: &Shaped, word: &Word, room: u32) -> Option<(Word, Word)> {
    if word.width <= room {
        return None;
    }
    let (mut at, mut width) = (word.from, 0);
    for glyph in shaped.glyphs.get(word.from as usize..word.to as usize)? {
        let next = width + u32::from(glyph.advance);
        // A mark stays with its letter, and a line holds one letter at least.
        if next > room && at > word.from && glyph.over.is_none() {
            break;
        }
        (at, width) = (at + 1, next);
    }
    (at < word.to).then(|| {
        let head = Word { from: word.from, to: at, width, blanks: 0, blank: 0 };
        (head, Word { from: at, width: word.width - width, ..*word })
    })
}

/// As many lines as are needed, of about the same length: for names that stand in the middle.
pub(super) fn balanced(shaped: &Shaped, room: u32) -> Vec<Line> {
    let lines = broken(shaped, room, room);
    if lines.len() < 2 || lines.len() > 6 {
        return lines;
    }
    let (mut least, mut most) = (0, room);
    while least + 50 < most {
        let middle = u32::midpoint(least, most);
        if broken(shaped, middle, middle).len() > lines.len() {
            least = middle;
        } else {
            most = middle;
        }
    }
    // A word that only a narrower line divides is left whole.
    if shaped.widest() > most { lines } else { broken(shaped, most, most) }
}
