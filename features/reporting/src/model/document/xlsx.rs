//! A document as a sheet of a workbook: the same words and tables one below the other, and figures as numbers, so that
//! somebody can count on with them. It is printed on one page's width.

use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};

use super::blocks::{Align, Block, Cell, Document, Paragraph, Table};
use crate::model::{amount::plain_amount, sheets::shown_as};

/// How wide the columns are that number, name and measure a row, and every other, in characters.
const NAMING: [u32; 3] = [6, 44, 16];
const FIGURES: u32 = 15;
/// The fewest columns: the letterhead stands in two halves.
const COLUMNS_LEAST: usize = 6;
/// An upright page carries so many columns.
const UPRIGHT_MOST: usize = 7;
/// How large the letters are for which a column's width is told.
const WIDTH_SIZE: u32 = 11;
const NAME: &str = "Báo cáo";

/// The file.
pub(super) fn write(document: &Document) -> Result<Vec<u8>, XlsxError> {
    let tables = document.parts.iter().flatten().filter_map(|block| match block {
        Block::Table(table) if table.ruled => Some(table.widths.len()),
        _ => None,
    });
    let columns = tables.max().unwrap_or_default().max(COLUMNS_LEAST);
    let mut sheet = Worksheet::new();
    sheet.set_name(NAME)?.set_paper_size(9).set_print_fit_to_pages(1, 0);
    if columns > UPRIGHT_MOST {
        sheet.set_landscape();
    }
    let mut widths: Vec<u32> = NAMING.to_vec();
    widths.resize(columns, FIGURES);
    for (column, width) in (0..).zip(&widths) {
        sheet.set_column_width(column, *width)?;
    }
    let mut writer = Writer { sheet, widths, row: 0 };
    for block in document.parts.iter().flatten().chain(&document.foot) {
        match block {
            Block::Paragraph(paragraph) => writer.line(paragraph)?,
            Block::Table(table) if table.ruled => writer.ruled(table)?,
            Block::Table(table) => writer.bare(table)?,
        }
    }
    let mut book = Workbook::new();
    book.set_properties(
        &rust_xlsxwriter::DocProperties::new()
            .set_title(document.title.as_str())
            .set_company(document.author.as_str()),
    );
    book.push_worksheet(writer.sheet);
    book.save_to_buffer()
}

struct Writer {
    sheet: Worksheet,
    /// How wide its columns are.
    widths: Vec<u32>,
    /// The row that is written next.
    row: u32,
}

impl Writer {
    /// A paragraph over all columns.
    fn line(&mut self, paragraph: &Paragraph) -> Result<(), XlsxError> {
        let height = self.spread(paragraph, (0, self.widths.len()))?;
        self.sheet.set_row_height(self.row, height)?;
        self.row += 1;
        Ok(())
    }

    /// Two things side by side, the paragraphs of each one below the other.
    fn bare(&mut self, table: &Table) -> Result<(), XlsxError> {
        let whole = self.widths.len();
        let halves = [(0, 2), (2, whole)];
        for cells in &table.rows {
            let count = cells.iter().map(Vec::len).max().unwrap_or_default();
            for at in 0..count {
                let mut height = 0_u32;
                for (cell, place) in cells.iter().zip(halves) {
                    if let Some(paragraph) = cell.get(at) {
                        height = height.max(self.spread(paragraph, place)?);
                    }
                }
                self.sheet.set_row_height(self.row, height)?;
                self.row += 1;
            }
        }
        Ok(())
    }

    /// A paragraph over the columns from and before these; how high it is.
    fn spread(
        &mut self,
        paragraph: &Paragraph,
        (from, until): (usize, usize),
    ) -> Result<u32, XlsxError> {
        let room: u32 = self.widths.get(from..until).unwrap_or_default().iter().sum();
        let room = (room * WIDTH_SIZE / paragraph.size.max(1)).max(1);
        let letters = u32::try_from(paragraph.text.chars().count()).unwrap_or(u32::MAX / 64);
        let lines = letters.div_ceil(room).max(1);
        if !paragraph.text.is_empty() {
            let look = look(paragraph).set_align(FormatAlign::VerticalCenter);
            let (first, last) = (column(from), column(until.saturating_sub(1)));
            self.sheet.merge_range(self.row, first, self.row, last, &paragraph.text, &look)?;
        }
        // No row of a sheet is higher than 409 points.
        Ok((lines * paragraph.size * 4 / 3 + paragraph.before + paragraph.after + 2).min(409))
    }

    fn ruled(&mut self, table: &Table) -> Result<(), XlsxError> {
        for cells in table.head.iter().chain(&table.rows) {
            for (at, cell) in (0..).zip(cells) {
                self.cell(at, cell)?;
            }
            self.row += 1;
        }
        self.row += 1;
        Ok(())
    }

    fn cell(&mut self, at: u16, cell: &Cell) -> Result<(), XlsxError> {
        let Some(first) = cell.first() else { return Ok(()) };
        let look =
            look(first).set_border(FormatBorder::Thin).set_align(FormatAlign::VerticalCenter);
        let number = first
            .amount
            .and_then(|(amount, decimals)| plain_amount(amount, decimals).parse::<f64>().ok());
        match (number, first.amount) {
            (Some(number), Some((_, decimals))) => {
                let decimals = usize::try_from(decimals).unwrap_or(0);
                let look = look.set_num_format(shown_as(decimals));
                self.sheet.write_number_with_format(self.row, at, number, &look)?;
            }
            _ if first.text.is_empty() => {
                self.sheet.write_blank(self.row, at, &look)?;
            }
            _ => {
                self.sheet.write_string_with_format(self.row, at, &first.text, &look)?;
            }
        }
        Ok(())
    }
}

fn column(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}

fn look(paragraph: &Paragraph) -> Format {
    let it = Format::new()
        .set_font_name("Times New Roman")
        .set_font_size(paragraph.size)
        .set_text_wrap()
        .set_align(match paragraph.align {
            Align::Left | Align::Both => FormatAlign::Left,
            Align::Centre => FormatAlign::Center,
            Align::Right => FormatAlign::Right,
        });
    let it = if paragraph.bold { it.set_bold() } else { it };
    if paragraph.italic { it.set_italic() } else { it }
}
