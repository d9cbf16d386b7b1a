//! What a document is made of before it is a file: paragraphs of one look, and tables. Lengths are in points.
//! How DOCX, PDF and XLSX write them is not here.

use crate::model::amount::print_amount;

/// A document of an office.
#[derive(Clone, Debug, Default)]
pub(super) struct Document {
    /// What it is called in a list of files.
    pub title: String,
    /// The office that writes it.
    pub author: String,
    /// Its parts, in order. A part is printed on upright or on turned pages, never on both.
    pub parts: Vec<Vec<Block>>,
    /// Who signs, and to whom it goes: never alone on a page.
    pub foot: Vec<Block>,
}

/// What stands below something else.
#[derive(Clone, Debug)]
pub(super) enum Block {
    Paragraph(Paragraph),
    Table(Table),
}

/// Where the words of a paragraph stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Centre,
    Right,
    Both,
}

/// What a cell of a table is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Heading,
    Bold,
    Plain,
    Centred,
    Figure,
}

/// What a paragraph is to somebody who hears the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Title,
    Heading,
    Text,
}

/// A short line below a paragraph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ruled {
    /// How far it stays from both sides of what the paragraph stands in, for a file that does not know how wide
    /// words are.
    pub aside: u32,
    /// How long it is, in hundredths of the last line of words.
    pub percent: u32,
}

/// A paragraph of one run.
#[derive(Clone, Debug)]
pub(super) struct Paragraph {
    pub text: String,
    /// The number that the text says, with how many decimals, for a file that can count.
    pub amount: Option<(i64, u32)>,
    pub align: Align,
    pub size: u32,
    pub bold: bool,
    pub italic: bool,
    pub ruled: Option<Ruled>,
    /// First line indented by 12,7 mm.
    pub indented: bool,
    pub before: u32,
    pub after: u32,
    pub role: Role,
}

impl Paragraph {
    fn of(text: &str, align: Align, size: u32) -> Self {
        Self {
            text: text.to_owned(),
            amount: None,
            align,
            size,
            bold: false,
            italic: false,
            ruled: None,
            indented: false,
            before: 0,
            after: 0,
            role: Role::Text,
        }
    }

    pub fn centred(text: &str, size: u32) -> Self {
        Self::of(text, Align::Centre, size)
    }

    pub fn left(text: &str, size: u32) -> Self {
        Self::of(text, Align::Left, size)
    }

    /// Running text: 14 points, justified, 6 points below.
    pub fn body(text: &str) -> Self {
        Self { indented: true, after: 6, ..Self::of(text, Align::Both, 14) }
    }

    pub fn note(text: &str) -> Self {
        Self { italic: true, after: 2, ..Self::of(text, Align::Both, 12) }
    }

    pub fn cell(text: &str, mark: Mark) -> Self {
        let align = match mark {
            Mark::Heading | Mark::Centred => Align::Centre,
            Mark::Figure => Align::Right,
            Mark::Bold | Mark::Plain => Align::Left,
        };
        Self { bold: matches!(mark, Mark::Heading | Mark::Bold), ..Self::of(text, align, 12) }
    }

    /// A number in a table.
    pub fn amount(amount: i64, decimals: u32) -> Self {
        let text = print_amount(amount, decimals);
        Self { amount: Some((amount, decimals)), ..Self::cell(&text, Mark::Figure) }
    }

    /// Words where a number would stand, so small that they do not widen its column.
    pub fn gap(words: &str) -> Self {
        Self::of(words, Align::Centre, 10).italic()
    }

    pub fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    pub fn italic(self) -> Self {
        Self { italic: true, ..self }
    }

    pub fn ruled(self, aside: u32, percent: u32) -> Self {
        Self { ruled: Some(Ruled { aside, percent }), ..self }
    }

    pub fn spaced(self) -> Self {
        self.above(12)
    }

    pub fn above(self, before: u32) -> Self {
        Self { before, ..self }
    }

    pub fn apart(self) -> Self {
        Self { after: 6, ..self }
    }

    pub fn role(self, role: Role) -> Self {
        Self { role, ..self }
    }
}

/// A cell of a table.
pub(super) type Cell = Vec<Paragraph>;

/// A table.
#[derive(Clone, Debug)]
pub(super) struct Table {
    /// With lines around its cells; without them it only sets things side by side.
    pub ruled: bool,
    /// How wide its columns are in hundredths of the whole, for a file that does not know how wide words are.
    pub widths: Vec<u32>,
    /// The heading, shown again on every page.
    pub head: Option<Vec<Cell>>,
    pub rows: Vec<Vec<Cell>>,
    /// So many columns from the left name the row: they come again when the others need a second table.
    pub stub: usize,
    /// The same in words, row by row, for where so many columns have no room.
    pub told: Option<Vec<Paragraph>>,
}

impl Table {
    pub fn ruled(widths: Vec<u32>) -> Self {
        Self { ruled: true, widths, head: None, rows: Vec::new(), stub: 1, told: None }
    }

    pub fn bare(widths: Vec<u32>) -> Self {
        Self { ruled: false, ..Self::ruled(widths) }
    }

    pub fn head(self, cells: Vec<Cell>) -> Self {
        Self { head: Some(cells), ..self }
    }

    pub fn stub(self, stub: usize) -> Self {
        Self { stub, ..self }
    }

    pub fn told(self, told: Vec<Paragraph>) -> Self {
        Self { told: Some(told), ..self }
    }

    pub fn row(mut self, cells: Vec<Cell>) -> Self {
        self.rows.push(cells);
        self
    }
}
