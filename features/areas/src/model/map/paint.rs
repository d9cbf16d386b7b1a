//! A map as a PNG: for letters, slides and whoever cannot use SVG. Rendered here, without a browser.

use image::{
    ExtendedColorType, ImageEncoder,
    codecs::png::{CompressionType, FilterType, PngEncoder},
};
use tiny_skia::{Color, FillRule, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, Transform};

use super::{
    ChoroplethMap, Drawing,
    ground::{HEIGHT, WIDTH},
    letters::{Anchor, Letters, Line, fill},
};

/// Words around the map, in the reader's language.
#[derive(Clone, Debug)]
pub struct PictureWords {
    /// What is shown.
    pub title: String,
    /// What the figures count: `xã, phường, đặc khu`.
    pub unit: String,
    /// "No figure".
    pub missing: String,
    /// Where figures and outlines are from, and what they are good for.
    pub notes: Vec<String>,
}

/// Pixels a map unit.
const ZOOM: f32 = 1.6;
const MARGIN: f32 = 24.0;
const TITLE: f32 = 30.0;
const TEXT: f32 = 19.0;

/// The five colours, from few to many: one hue, so that grey print and colour-blind eyes see the same order.
/// The stylesheet has the same.
const RAMP: [[u8; 3]; 5] = [
    [0xe4, 0xe8, 0xf4],
    [0xb4, 0xc0, 0xe0],
    [0x7f, 0x92, 0xc8],
    [0x4a, 0x60, 0xa6],
    [0x1d, 0x2a, 0x57],
];
const INK: [u8; 3] = [0x1c, 0x1b, 0x19];
const WHITE: [u8; 3] = [0xff, 0xff, 0xff];
const LINE: [u8; 3] = [0x57, 0x53, 0x4a];

fn paint([red, green, blue]: [u8; 3]) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(red, green, blue, 255);
    paint
}

/// The first two colours are light: dark letters stand on them.
fn ink_on(class: usize) -> [u8; 3] {
    if class >= 4 { WHITE } else { INK }
}

impl ChoroplethMap<'_> {
    /// The map as a PNG, or why it could not be made.
    pub fn png(&self, words: &PictureWords) -> Result<Vec<u8>, String> {
        let letters = Letters::load().ok_or("the bundled letters cannot be read")?;
        let mut sheet = Sheet::new(letters, words)?;
        let drawing = self.drawing();
        sheet.provinces(self, &drawing);
        sheet.names(&drawing);
        sheet.legend(&drawing, words);
        sheet.words(words);
        sheet.encode()
    }
}

struct Sheet {
    pixels: Pixmap,
    letters: Letters,
    title: Vec<String>,
    notes: Vec<String>,
    top: f32,
}

#[expect(
    clippy::cast_precision_loss,
    reason = "map units and lines of text are small whole numbers"
)]
fn units(value: i32) -> f32 {
    value as f32 * ZOOM
}

#[expect(clippy::cast_precision_loss, reason = "a few lines of text")]
fn lines(count: usize, height: f32) -> f32 {
    count as f32 * height
}

impl Sheet {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a picture of about a thousand pixels a side"
    )]
    fn new(letters: Letters, words: &PictureWords) -> Result<Self, String> {
        let width = units(WIDTH) + 2.0 * MARGIN;
        let room = width - 2.0 * MARGIN;
        let title = letters.wrapped(&words.title, TITLE, room);
        let notes =
            words.notes.iter().flat_map(|note| letters.wrapped(note, TEXT * 0.85, room)).collect();
        let top = MARGIN + lines(title.len(), TITLE * 1.35) + MARGIN;
        let notes: Vec<String> = notes;
        let height = top + units(HEIGHT) + lines(notes.len(), TEXT * 1.3) + 2.0 * MARGIN;
        let mut pixels = Pixmap::new(width.ceil() as u32, height.ceil() as u32)
            .ok_or("the picture has no size")?;
        pixels.fill(Color::WHITE);
        Ok(Self { pixels, letters, title, notes, top })
    }

    fn place(&self, (x, y): (i32, i32)) -> (f32, f32) {
        (MARGIN + units(x), self.top + units(y))
    }

    fn outline(&self, rings: &[Vec<(i32, i32)>]) -> Option<Path> {
        let mut path = PathBuilder::new();
        for ring in rings {
            for (index, point) in ring.iter().enumerate() {
                let (x, y) = self.place(*point);
                if index == 0 {
                    path.move_to(x, y);
                } else {
                    path.line_to(x, y);
                }
            }
            path.close();
        }
        path.finish()
    }

    fn provinces(&mut self, map: &ChoroplethMap<'_>, drawing: &Drawing) {
        let stroke = Stroke { width: 1.2, ..Stroke::default() };
        for (shape, tile) in map.ground.shapes.iter().zip(&drawing.tiles) {
            let Some(path) = self.outline(&shape.rings) else { continue };
            let colour = tile.class.checked_sub(1).map_or(WHITE, |at| RAMP[at.min(RAMP.len() - 1)]);
            self.pixels.fill_path(
                &path,
                &paint(colour),
                FillRule::EvenOdd,
                Transform::identity(),
                None,
            );
            if tile.class == 0 {
                self.hatch(&path);
            }
            self.pixels.stroke_path(&path, &paint(LINE), &stroke, Transform::identity(), None);
        }
        let letter = units(drawing.letter);
        for tile in drawing.tiles.iter().filter(|tile| tile.class > 0) {
            let (x, y) = self.place((tile.x, tile.y));
            self.write(
                &tile.class.to_string(),
                x,
                y + letter * 0.35,
                letter,
                ink_on(tile.class),
                None,
            );
        }
    }

    /// Slanted lines within an outline: "no figure" is a texture and not a colour.
    fn hatch(&mut self, within: &Path) {
        let Some(mut mask) = tiny_skia::Mask::new(self.pixels.width(), self.pixels.height()) else {
            return;
        };
        mask.fill_path(within, FillRule::EvenOdd, true, Transform::identity());
        let bounds = within.bounds();
        let mut lines = PathBuilder::new();
        let mut x = bounds.left() - bounds.height();
        while x < bounds.right() {
            lines.move_to(x, bounds.bottom());
            lines.line_to(x + bounds.height(), bounds.top());
            x += 9.0;
        }
        let Some(lines) = lines.finish() else { return };
        let stroke = Stroke { width: 1.4, ..Stroke::default() };
        let grey = paint([0x9a, 0x94, 0x88]);
        self.pixels.stroke_path(&lines, &grey, &stroke, Transform::identity(), Some(&mask));
    }

    fn names(&mut self, drawing: &Drawing) {
        for name in &drawing.sea_names {
            let (x, y) = self.place((name.x, name.y));
            self.write(&name.name, x, y, TEXT, INK, Some(WHITE));
            self.write(&format!("({})", name.province), x, y + TEXT * 1.25, TEXT, INK, Some(WHITE));
        }
    }

    /// In the sea east of the north, where the map is empty.
    fn legend(&mut self, drawing: &Drawing, words: &PictureWords) {
        let (x, mut y) = self.place((WIDTH - 235, 20));
        let room = units(235);
        for line in self.letters.wrapped(&words.unit, TEXT, room) {
            self.line(&line, x, y + TEXT, TEXT);
            y += TEXT * 1.4;
        }
        y += 8.0;
        for step in &drawing.legend {
            let span = if step.from == step.to {
                step.from.clone()
            } else {
                format!("{} – {}", step.from, step.to)
            };
            self.key(x, y, step.class);
            self.line(&format!("{span}  ({})", step.count), x + 54.0, y + TEXT, TEXT);
            y += TEXT * 1.7;
        }
        if drawing.missing > 0 {
            self.key(x, y, 0);
            self.line(
                &format!("{}  ({})", words.missing, drawing.missing),
                x + 54.0,
                y + TEXT,
                TEXT,
            );
        }
    }

    fn key(&mut self, x: f32, y: f32, class: usize) {
        let Some(path) = Rect::from_xywh(x, y, 42.0, TEXT * 1.4).map(PathBuilder::from_rect) else {
            return;
        };
        let colour = class.checked_sub(1).map_or(WHITE, |at| RAMP[at.min(RAMP.len() - 1)]);
        fill(&mut self.pixels, &path, &paint(colour));
        if class == 0 {
            self.hatch(&path);
        } else {
            self.write(&class.to_string(), x + 21.0, y + TEXT * 1.05, TEXT, ink_on(class), None);
        }
        let stroke = Stroke { width: 1.2, ..Stroke::default() };
        self.pixels.stroke_path(&path, &paint(LINE), &stroke, Transform::identity(), None);
    }

    fn words(&mut self, _: &PictureWords) {
        let mut y = MARGIN + TITLE;
        for line in self.title.clone() {
            self.line(&line, MARGIN, y, TITLE);
            y += TITLE * 1.35;
        }
        let mut y = self.top + units(HEIGHT) + MARGIN + TEXT;
        for line in self.notes.clone() {
            self.line(&line, MARGIN, y, TEXT * 0.85);
            y += TEXT * 1.3;
        }
    }

    fn line(&mut self, text: &str, x: f32, y: f32, size: f32) {
        let ink = paint(INK);
        let line = Line { x, y, size, anchor: Anchor::Start, ink: &ink, halo: None };
        self.letters.write(&mut self.pixels, text, &line);
    }

    /// Words around their middle.
    fn write(
        &mut self,
        text: &str,
        x: f32,
        y: f32,
        size: f32,
        ink: [u8; 3],
        halo: Option<[u8; 3]>,
    ) {
        let (ink, halo) = (paint(ink), halo.map(paint));
        let line = Line { x, y, size, anchor: Anchor::Middle, ink: &ink, halo: halo.as_ref() };
        self.letters.write(&mut self.pixels, text, &line);
    }

    fn encode(self) -> Result<Vec<u8>, String> {
        let (width, height) = (self.pixels.width(), self.pixels.height());
        // Nothing is translucent on white, so that the colours need no unmixing from their alpha.
        let rgb: Vec<u8> = self
            .pixels
            .data()
            .chunks_exact(4)
            .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]])
            .collect();
        let mut bytes = Vec::new();
        PngEncoder::new_with_quality(&mut bytes, CompressionType::Best, FilterType::Adaptive)
            .write_image(&rgb, width, height, ExtendedColorType::Rgb8)
            .map_err(|error| error.to_string())?;
        Ok(bytes)
    }
}
