//! The letters of a PDF file: four faces with the measures of Times New Roman, of which a file carries only what
//! it shows, and the way from text to their glyphs. Every letter with its marks is one precomposed glyph in
//! Vietnamese; marks that other languages of the country set over a letter are placed over its middle. Nothing
//! here shapes other scripts: what the faces lack is a box that still says, when it is copied, what it stands for.

use std::collections::HashMap;

use subsetter::GlyphRemapper;
use ttf_parser::{Face, GlyphId};
use unicode_normalization::{
    UnicodeNormalization,
    char::{canonical_combining_class, is_combining_mark},
};

use super::super::{Unwritten, blocks::Paragraph};

/// Upright, bold, slanted, both.
static FILES: [(&str, &[u8]); 4] = [
    ("Tinos", include_bytes!("../../../../data/fonts/serif-regular.ttf")),
    ("Tinos-Bold", include_bytes!("../../../../data/fonts/serif-bold.ttf")),
    ("Tinos-Italic", include_bytes!("../../../../data/fonts/serif-italic.ttf")),
    ("Tinos-BoldItalic", include_bytes!("../../../../data/fonts/serif-bold-italic.ttf")),
];

/// What is shown for a letter that the faces lack: the first of these that a face has.
const INSTEAD: [char; 3] = ['\u{25a1}', '\u{fffd}', '?'];
/// A mark keeps so far from the letter below it, in thousandths of the size.
const ABOVE: i32 = 40;
/// Marks that are drawn over one letter, and bytes that it may gather in what is copied of it; a longer heap is
/// nobody's name.
const MARKS: u8 = 3;
const HEAP: u32 = 64;

/// Which of the four faces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Style(usize);

impl Style {
    pub const PLAIN: Self = Self(0);

    pub fn of(paragraph: &Paragraph) -> Self {
        Self(usize::from(paragraph.bold) + 2 * usize::from(paragraph.italic))
    }

    pub fn index(self) -> usize {
        self.0
    }
}

/// A glyph in its place in a text. Lengths are thousandths of the size.
#[derive(Clone, Copy, Debug)]
pub(super) struct Glyph {
    /// Its number among the glyphs that the file carries.
    pub number: u16,
    /// How far the next one stands.
    pub advance: u16,
    /// The bytes of the text that it stands for.
    pub from: u32,
    pub to: u32,
    /// True when its number alone says which letter it is.
    pub plain: bool,
    /// For a mark over the letter before.
    pub over: Option<Over>,
}

/// Where a mark stands, from the end of the letter before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Over {
    pub right: i16,
    pub up: i16,
    /// How far the glyph itself would move on.
    pub own: u16,
}

/// What is not divided unless it must be, and the blanks behind it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word {
    pub from: u32,
    pub to: u32,
    pub width: u32,
    /// Blanks behind it, and how wide they are together.
    pub blanks: u32,
    pub blank: u32,
}

/// A text in glyphs of one face.
#[derive(Clone, Debug)]
pub(super) struct Shaped {
    pub text: String,
    pub style: Style,
    pub glyphs: Vec<Glyph>,
    pub words: Vec<Word>,
}

impl Shaped {
    /// How wide it is in one line.
    pub fn width(&self) -> u32 {
        let all: u32 = self.words.iter().map(|word| word.width + word.blank).sum();
        all - self.words.last().map_or(0, |word| word.blank)
    }

    /// How wide its widest word is.
    pub fn widest(&self) -> u32 {
        self.words.iter().map(|word| word.width).max().unwrap_or(0)
    }
}

/// The four faces, and what was used of them.
pub(super) struct Letters([Loaded; 4]);

struct Loaded {
    face: Face<'static>,
    used: GlyphRemapper,
    /// By number: the letter that a reader takes the glyph for, and its advance.
    numbered: Vec<(char, u16)>,
    known: HashMap<char, Known>,
}

#[derive(Clone, Copy)]
struct Known {
    glyph: GlyphId,
    number: u16,
    advance: u16,
    plain: bool,
    lacking: bool,
}

/// A face as a file carries it. Lengths are thousandths of the size.
pub(super) struct Carried {
    pub name: &'static str,
    /// A TrueType file with the glyphs that are used.
    pub file: Vec<u8>,
    pub numbered: Vec<(char, u16)>,
    pub bounds: [f32; 4],
    pub slant: f32,
    pub ascent: f32,
    pub descent: f32,
    pub capitals: f32,
    pub bold: bool,
    pub italic: bool,
}

impl Letters {
    /// # Errors
    ///
    /// When a file that the program carries is damaged.
    pub fn load() -> Result<Self, Unwritten> {
        let [plain, bold, italic, both] = FILES.map(|(_, file)| Loaded::parse(file));
        Ok(Self([plain?, bold?, italic?, both?]))
    }

    /// A text in glyphs.
    pub fn shape(&mut self, text: &str, style: Style) -> Shaped {
        let text = cleaned(text);
        let loaded = &mut self.0[style.0 % FILES.len()];
        let mut glyphs: Vec<Glyph> = Vec::with_capacity(text.len());
        let mut below: Option<Below> = None;
        for (from, c) in text.char_indices() {
            let known = loaded.know(c);
            let (start, end) = (narrow(from), narrow(from + c.len_utf8()));
            if is_combining_mark(c)
                && let Some(letter) = glyphs.last_mut()
            {
                let heap = below.as_ref().is_some_and(|below| below.marks == MARKS);
                if known.lacking || heap {
                    letter.plain = false;
                    if end - letter.from < HEAP {
                        letter.to = end;
                    }
                    continue;
                }
                if let Some(below) = &mut below {
                    glyphs.push(Glyph {
                        advance: 0,
                        over: Some(loaded.over(below, c, known)),
                        ..known.at(start, end)
                    });
                    continue;
                }
            }
            let glyph = known.at(start, end);
            below = (!known.lacking && !is_blank(c)).then(|| loaded.below(known));
            glyphs.push(glyph);
        }
        let words = words(&text, &glyphs);
        Shaped { text, style, glyphs, words }
    }

    /// What the file must carry of each face; none of a face that shows nothing.
    pub fn carried(self) -> Result<Vec<Option<Carried>>, Unwritten> {
        let loaded = self.0.into_iter().zip(FILES).enumerate();
        loaded.map(|(index, (one, (name, file)))| one.carried(index, name, file)).collect()
    }
}

/// The letter below a mark.
struct Below {
    middle: i32,
    top: i32,
    bottom: i32,
    advance: i32,
    marks: u8,
}

impl Known {
    fn at(self, from: u32, to: u32) -> Glyph {
        let Self { number, advance, plain, .. } = self;
        Glyph { number, advance, from, to, plain, over: None }
    }
}

impl Loaded {
    fn parse(file: &'static [u8]) -> Result<Self, Unwritten> {
        let face = Face::parse(file, 0).map_err(|error| Unwritten::Letters(error.to_string()))?;
        Ok(Self {
            face,
            used: GlyphRemapper::new(),
            numbered: vec![('\u{fffd}', 0)],
            known: HashMap::new(),
        })
    }

    fn thousandths(&self, length: i32) -> i32 {
        let whole = i32::from(self.face.units_per_em()).max(1);
        (length * 1_000 + whole / 2).div_euclid(whole)
    }

    fn know(&mut self, c: char) -> Known {
        // A blank that does not break is a blank.
        let c = if c == '\u{a0}' { ' ' } else { c };
        if let Some(known) = self.known.get(&c) {
            return *known;
        }
        let found = |c: &char| self.face.glyph_index(*c).filter(|glyph| glyph.0 != 0);
        let own = found(&c);
        let instead = INSTEAD.iter().find_map(|c| Some((*c, found(c)?)));
        let (letter, glyph) = own.map(|glyph| (c, glyph)).or(instead).unwrap_or((c, GlyphId(0)));
        let number = self.used.remap(glyph.0);
        let advance = self.face.glyph_hor_advance(glyph).unwrap_or(0);
        let advance = u16::try_from(self.thousandths(i32::from(advance))).unwrap_or(0);
        if usize::from(number) == self.numbered.len() {
            self.numbered.push((letter, advance));
        }
        // Two letters may share a glyph: Đ and Ð.
        let taken = self.numbered.get(usize::from(number)).map(|of| of.0);
        let known =
            Known { glyph, number, advance, plain: taken == Some(c), lacking: own.is_none() };
        self.known.insert(c, known);
        known
    }

    fn below(&self, known: Known) -> Below {
        let advance = i32::from(known.advance);
        let bounds = self.face.glyph_bounding_box(known.glyph);
        let [left, right, bottom, top] = bounds.map_or([0, advance, 0, 0], |it| {
            [it.x_min, it.x_max, it.y_min, it.y_max].map(|at| self.thousandths(i32::from(at)))
        });
        Below { middle: i32::midpoint(left, right), top, bottom, advance, marks: 0 }
    }

    fn over(&self, below: &mut Below, c: char, mark: Known) -> Over {
        let own = self.below(mark);
        let lift = match canonical_combining_class(c) {
            230 => (below.top + ABOVE - own.bottom).max(0),
            220 => (below.bottom - ABOVE - own.top).min(0),
            _ => 0,
        };
        below.marks += 1;
        below.top = below.top.max(own.top + lift);
        below.bottom = below.bottom.min(own.bottom + lift);
        let short = |length: i32| i16::try_from(length).unwrap_or(0);
        Over {
            right: short(below.middle - below.advance - own.middle),
            up: short(lift),
            own: mark.advance,
        }
    }

    fn carried(
        self,
        index: usize,
        name: &'static str,
        file: &[u8],
    ) -> Result<Option<Carried>, Unwritten> {
        if self.numbered.len() < 2 {
            return Ok(None);
        }
        let part = subsetter::subset(file, 0, &self.used)
            .map_err(|error| Unwritten::Letters(error.to_string()))?;
        let length = |length: i16| {
            f32::from(i16::try_from(self.thousandths(i32::from(length))).unwrap_or(0))
        };
        let bounds = self.face.global_bounding_box();
        Ok(Some(Carried {
            name,
            file: part,
            bounds: [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max].map(length),
            slant: self.face.italic_angle(),
            ascent: length(self.face.ascender()),
            descent: length(self.face.descender()),
            capitals: length(self.face.capital_height().unwrap_or(1_341)),
            numbered: self.numbered,
            bold: index % 2 == 1,
            italic: index > 1,
        }))
    }
}

/// Text as it is set: composed (NFC), every kind of blank a blank, and nothing that only steers a screen.
pub(super) fn cleaned(text: &str) -> String {
    let visible = text.chars().filter_map(|c| match c {
        '\u{a0}' | '\u{2007}' | '\u{202f}' => Some('\u{a0}'),
        c if c.is_whitespace() => Some(' '),
        c if c.is_control() || is_invisible(c) => None,
        c => Some(c),
    });
    visible.nfc().collect()
}

/// Joiners, marks of direction, soft hyphens, selectors of variants, noncharacters.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e0fff}')
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}')
}

/// A line may end behind these, before a letter.
fn divides(c: char) -> bool {
    matches!(c, '-' | '–' | '—' | '/')
}

/// Vietnamese is divided at blanks, and behind a hyphen or a stroke between words; never within a number, and no line
/// begins with the dash of a span (15/9 – 14/12).
fn words(text: &str, glyphs: &[Glyph]) -> Vec<Word> {
    let mut all: Vec<Word> = Vec::new();
    let mut open: Option<Word> = None;
    let letter = |glyph: &Glyph| text.get(glyph.from as usize..).and_then(|at| at.chars().next());
    for (at, glyph) in (0..).zip(glyphs) {
        let c = letter(glyph).unwrap_or(' ');
        let width = u32::from(glyph.advance);
        let mut word =
            open.take().unwrap_or(Word { from: at, to: at, width: 0, blanks: 0, blank: 0 });
        let next = glyphs.get(at as usize + 1).and_then(letter);
        if c == ' ' && next != Some('–') {
            word.blanks += 1;
            word.blank += width;
        } else {
            if word.blanks > 0 {
                all.push(word);
                word = Word { from: at, to: at, width: 0, blanks: 0, blank: 0 };
            }
            word.to = at + 1;
            word.width += width;
        }
        if divides(c) && word.to - word.from > 1 && next.is_some_and(char::is_alphabetic) {
            all.push(word);
        } else {
            open = Some(word);
        }
    }
    all.extend(open);
    all
}

/// Texts are far below four thousand million bytes; what lay beyond would be set as its end.
fn narrow(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
