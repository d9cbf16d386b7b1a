//! Vietnamese words in pictures: outlines of the bundled letters (Noto Sans, OFL 1.1). Every letter with
//! its marks is one precomposed glyph, so that text must be NFC; nothing here shapes other scripts.

use tiny_skia::{FillRule, Paint, Path, PathBuilder, Pixmap, Transform};
use ttf_parser::{Face, GlyphId, OutlineBuilder};

static FONT: &[u8] = include_bytes!("../../../data/fonts/noto-sans-vi.ttf");

fn face() -> Option<Face<'static>> {
    Face::parse(FONT, 0).ok()
}

/// True when every letter of the text has a glyph of its own.
pub fn covers(text: &str) -> bool {
    face().is_some_and(|face| text.chars().all(|c| face.glyph_index(c).is_some()))
}

/// Where a line of text stands beside its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
}

/// The bundled letters at hand.
pub(super) struct Letters {
    face: Face<'static>,
}

impl Letters {
    pub fn load() -> Option<Self> {
        face().map(|face| Self { face })
    }

    fn glyphs(&self, text: &str) -> Vec<GlyphId> {
        // What the font lacks is shown as its empty box.
        text.chars().map(|c| self.face.glyph_index(c).unwrap_or(GlyphId(0))).collect()
    }

    fn scale(&self, size: f32) -> f32 {
        size / f32::from(self.face.units_per_em())
    }

    fn width(&self, text: &str, size: f32) -> f32 {
        let advance = |glyph| f32::from(self.face.glyph_hor_advance(glyph).unwrap_or(0));
        self.glyphs(text).into_iter().map(advance).sum::<f32>() * self.scale(size)
    }

    /// Writes a line; `y` is its base line. A halo keeps it legible on any colour.
    pub fn write(&self, onto: &mut Pixmap, text: &str, line: &Line<'_>) {
        let scale = self.scale(line.size);
        let mut x = match line.anchor {
            Anchor::Start => line.x,
            Anchor::Middle => line.x - self.width(text, line.size) / 2.0,
        };
        let mut whole = PathBuilder::new();
        for glyph in self.glyphs(text) {
            let mut pen = Pen { path: PathBuilder::new(), x, y: line.y, scale };
            self.face.outline_glyph(glyph, &mut pen);
            if let Some(path) = pen.path.finish() {
                whole.push_path(&path);
            }
            x += f32::from(self.face.glyph_hor_advance(glyph).unwrap_or(0)) * scale;
        }
        let Some(path) = whole.finish() else { return };
        if let Some(halo) = line.halo {
            let stroke = tiny_skia::Stroke { width: line.size / 5.0, ..Default::default() };
            onto.stroke_path(&path, halo, &stroke, Transform::identity(), None);
        }
        fill(onto, &path, line.ink);
    }

    /// The text in lines no wider than so many pixels.
    pub fn wrapped(&self, text: &str, size: f32, width: f32) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for word in text.split_whitespace() {
            match lines.last_mut() {
                Some(line) if self.width(&format!("{line} {word}"), size) <= width => {
                    line.push(' ');
                    line.push_str(word);
                }
                _ => lines.push(word.to_owned()),
            }
        }
        lines
    }
}

/// How and where a line is written.
pub(super) struct Line<'p> {
    pub x: f32,
    pub y: f32,
    pub size: f32,
    pub anchor: Anchor,
    pub ink: &'p Paint<'p>,
    pub halo: Option<&'p Paint<'p>>,
}

pub(super) fn fill(onto: &mut Pixmap, path: &Path, paint: &Paint<'_>) {
    onto.fill_path(path, paint, FillRule::Winding, Transform::identity(), None);
}

/// Draws a glyph, which has its origin at the base line and y upwards.
struct Pen {
    path: PathBuilder,
    x: f32,
    y: f32,
    scale: f32,
}

impl Pen {
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (self.x + x * self.scale, self.y - y * self.scale)
    }
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.at(x1, y1), self.at(x, y));
        self.path.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) = (self.at(x1, y1), self.at(x2, y2), self.at(x, y));
        self.path.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_vietnamese_letter_has_its_own_glyph_with_an_outline() {
        let vowels = "aăâeêioôơuưy";
        let tones = ["", "\u{300}", "\u{309}", "\u{303}", "\u{301}", "\u{323}"];
        let letters = Letters::load().expect("the font is read");
        for vowel in vowels.chars() {
            for tone in tones {
                let text = kernel::text::tidy(&format!("{vowel}{tone}"));
                for spelt in [text.clone(), text.to_uppercase()] {
                    let spelt = kernel::text::tidy(&spelt);
                    assert_eq!(spelt.chars().count(), 1, "{spelt} is precomposed");
                    assert!(covers(&spelt), "{spelt}");
                    let glyph = letters.glyphs(&spelt)[0];
                    assert!(letters.face.glyph_bounding_box(glyph).is_some(), "{spelt}");
                }
            }
        }
        assert!(covers("đĐ 0123456789 .,:–-()%/“”·"));
        assert!(!covers("ꪁ"));
    }

    #[test]
    fn long_titles_are_broken_between_words_and_nothing_is_lost() {
        let letters = Letters::load().expect("the font is read");
        let text = "Số đơn vị hành chính cấp xã của các tỉnh, thành phố";
        let lines = letters.wrapped(text, 20.0, 200.0);
        assert!(lines.len() > 1 && lines.iter().all(|line| letters.width(line, 20.0) <= 200.0));
        assert_eq!(lines.join(" "), text);
    }
}
