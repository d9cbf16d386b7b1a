//! Writing the workbook: one sheet for each part of the form, laid out as it is printed, everything locked but
//! the cells to be filled in. The protection has no password: it guards against slips, not against people.

mod fixed;
mod growing;
mod style;

use kernel::clock::Day;
use rust_xlsxwriter::{
    DataValidation, DocProperties, ExcelDateTime, Format, Formula, ProtectionOptions, Workbook,
    Worksheet, XlsxError,
};

use super::{
    Report, address,
    manifest::{self, Entry, Kind},
};
use crate::model::{
    cell::Life,
    form::{Section, SectionBody},
};
use style::Style;

/// What stands in the hidden column beside a part's column keys.
pub(super) const SECTION_MARK: &str = "nhipcau:";
/// What stands in the hidden column beside visible headings: below it the rows begin.
pub(super) const HEAD_MARK: &str = "#";
/// The hidden sheet with everything that is chosen from.
pub(super) const LISTS: &str = "_danhmuc";
/// Most characters of a narrative that a spreadsheet's cell carries (ECMA-376 limits of Excel).
pub(super) const CELL_TEXT_MOST: usize = 32_000;

/// Writes a report as an XLSX workbook.
///
/// # Errors
///
/// When the writer refuses a part: more rows than a spreadsheet has.
pub fn write(report: &Report<'_>) -> Result<Vec<u8>, XlsxError> {
    let mut writer = Writer {
        report,
        style: Style::new(),
        entries: Vec::new(),
        lists: Vec::new(),
        names: vec![LISTS.to_lowercase(), manifest::SHEET.to_lowercase()],
    };
    let mut book = Workbook::new();
    book.set_properties(&properties(report)?);
    for section in &report.form.sections {
        if let Some(sheet) = writer.section(section)? {
            book.push_worksheet(sheet);
        }
    }
    book.push_worksheet(writer.lists_sheet()?);
    book.push_worksheet(writer.manifest_sheet()?);
    book.save_to_buffer()
}

fn properties(report: &Report<'_>) -> Result<DocProperties, XlsxError> {
    let mut all = DocProperties::new()
        .set_title(report.head.title.as_str())
        .set_subject(report.head.period.as_str())
        .set_company(report.head.area.as_str());
    if let Some(day) = Day::parse(&report.head.made_on) {
        // Told, so that the same content gives the same bytes.
        all = all.set_creation_datetime(&ExcelDateTime::parse_from_str(&day.iso())?);
    }
    for (name, value) in report.stamp.parts() {
        all = all.set_custom_property(format!("nhipcau-{name}"), value.as_str());
    }
    Ok(all)
}

struct Writer<'r, 'a> {
    report: &'r Report<'a>,
    style: Style,
    entries: Vec<Entry>,
    lists: Vec<Vec<String>>,
    names: Vec<String>,
}

impl Writer<'_, '_> {
    fn section(&mut self, section: &Section) -> Result<Option<Worksheet>, XlsxError> {
        let mut sheet = Worksheet::new();
        sheet.set_name(self.name(&section.title))?;
        match &section.body {
            SectionBody::Table(table) => self.fixed(&mut sheet, section, table)?,
            SectionBody::Rows(table) => self.growing(&mut sheet, section, table)?,
            SectionBody::Narrative { .. } => self.narrative(&mut sheet, section)?,
            // Files do not fit into a spreadsheet; they are added on the report's page.
            SectionBody::Attachments { .. } => return Ok(None),
        }
        sheet.set_column_hidden(0)?;
        sheet.set_row_hidden(0)?;
        sheet.set_paper_size(9).set_landscape().set_print_fit_to_pages(1, 0);
        Ok(Some(sheet))
    }

    /// A name that spreadsheets take: 31 characters without `[]:*?/\`, different from all others.
    fn name(&mut self, title: &str) -> String {
        let plain: String =
            title.chars().map(|c| if "[]:*?/\\".contains(c) { ' ' } else { c }).collect();
        let plain = kernel::text::tidy(&plain);
        let plain = plain.trim_matches('\'');
        for number in 1..=self.names.len() + 1 {
            let tail = if number == 1 { String::new() } else { format!(" {number}") };
            let room = 31 - tail.chars().count();
            let kept: String = plain.chars().take(room).collect();
            let name = format!("{}{tail}", kept.trim());
            let name = if name.is_empty() { format!("Phần {number}") } else { name };
            if !self.names.contains(&name.to_lowercase()) {
                self.names.push(name.to_lowercase());
                return name;
            }
        }
        format!("Phần {}", self.names.len())
    }

    /// What is printed above a part; gives the row below it.
    fn head(
        &self,
        sheet: &mut Worksheet,
        section: &Section,
        guide: &str,
    ) -> Result<u32, XlsxError> {
        let (head, style) = (self.report.head, &self.style);
        sheet.write_string(0, 0, format!("{SECTION_MARK}{}", section.code))?;
        sheet.write_string_with_format(1, 1, &head.title, &style.title)?;
        sheet.write_string_with_format(2, 1, &section.title, &style.bold)?;
        let life = match self.report.stamp.life {
            Life::Final => "số chính thức",
            Life::Estimate => "số ước thực hiện",
        };
        let mut lines = vec![
            head.basis.clone(),
            format!("Đơn vị báo cáo: {}", head.area),
            format!("Kỳ báo cáo: {} – {life}", head.period),
        ];
        if !head.due.is_empty() {
            lines.push(format!("Hạn gửi: {}", head.due));
        }
        lines.push(section.hint.clone());
        lines.push(guide.to_owned());
        let mut row = 3;
        for line in lines.iter().filter(|line| !line.is_empty()) {
            sheet.write_string_with_format(row, 1, line, &style.note)?;
            row += 1;
        }
        Ok(row + 1)
    }

    fn narrative(&mut self, sheet: &mut Worksheet, section: &Section) -> Result<(), XlsxError> {
        let guide = "Viết vào ô nền vàng; xuống dòng trong ô bằng Alt + Enter.";
        let row = self.head(sheet, section, guide)?;
        let (words, base) =
            self.report.standing.words.get(&section.code).cloned().unwrap_or_default();
        sheet.write_string(0, 1, "words")?;
        sheet.write_string(row, 0, "words")?;
        sheet.set_column_width(1, 110)?.set_row_height(row, 320)?;
        let fits = words.chars().count() <= CELL_TEXT_MOST;
        if fits {
            open_text(sheet, (row, 1), &words, &self.style.words)?;
            self.entries.push(Entry {
                kind: Kind::Words,
                section: section.code.clone(),
                address: address(row, 1),
                row: "words".to_owned(),
                column: "words".to_owned(),
                cell: String::new(),
                base,
                state: words_hash(&words),
            });
        } else {
            sheet.write_string_with_format(
                row,
                1,
                "(Phần này dài quá một ô; xin sửa trên trang báo cáo.)",
                &self.style.note,
            )?;
        }
        protect(sheet, false);
        Ok(())
    }

    /// The range of a list to choose from, as a formula.
    fn list(&mut self, choices: Vec<String>) -> Option<Formula> {
        let last = choices.len();
        if last == 0 {
            return None;
        }
        let column = self.lists.iter().position(|known| *known == choices).unwrap_or_else(|| {
            self.lists.push(choices);
            self.lists.len() - 1
        });
        let letters = kernel::sheet::column_letters(column);
        Some(Formula::new(format!("={LISTS}!${letters}$1:${letters}${last}")))
    }

    fn lists_sheet(&self) -> Result<Worksheet, XlsxError> {
        let mut sheet = Worksheet::new();
        sheet.set_name(LISTS)?.set_hidden(true);
        for (column, choices) in (0..).zip(&self.lists) {
            for (row, choice) in (0..).zip(choices) {
                sheet.write_string(row, column, choice)?;
            }
        }
        sheet.protect();
        Ok(sheet)
    }

    fn manifest_sheet(&self) -> Result<Worksheet, XlsxError> {
        let mut sheet = Worksheet::new();
        sheet.set_name(manifest::SHEET)?.set_very_hidden(true);
        sheet.write_string(0, 0, manifest::MARK)?;
        sheet.write_string(0, 1, manifest::LAYOUT)?;
        let mut row = 1;
        for (name, value) in self.report.stamp.parts() {
            sheet.write_string(row, 0, name)?;
            sheet.write_string(row, 1, value)?;
            row += 1;
        }
        for one in &self.entries {
            let base = one.base.to_string();
            let texts = [
                one.kind.code(),
                &one.section,
                &one.address,
                &one.row,
                &one.column,
                &one.cell,
                &base,
                &one.state,
            ];
            for (column, text) in (0..).zip(texts) {
                if !text.is_empty() {
                    sheet.write_string(row, column, text)?;
                }
            }
            row += 1;
        }
        sheet.protect();
        Ok(sheet)
    }
}

/// A hash of words: tells whether their owner changed them.
pub(super) fn words_hash(words: &str) -> String {
    blake3::hash(kernel::text::tidy_lines(words).as_bytes()).to_hex()[..24].to_owned()
}

/// Text in an open cell; an empty one is written too, or it would stay locked.
fn open_text(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    text: &str,
    format: &Format,
) -> Result<(), XlsxError> {
    if text.is_empty() {
        sheet.write_blank(row, column, format)?;
    } else {
        sheet.write_string_with_format(row, column, text, format)?;
    }
    Ok(())
}

fn protect(sheet: &mut Worksheet, grows: bool) {
    // Sorting is left out: it would part the rows from their hidden keys.
    sheet.protect_with_options(&ProtectionOptions {
        format_columns: true,
        format_rows: true,
        insert_rows: grows,
        delete_rows: grows,
        ..ProtectionOptions::default()
    });
}

/// Said when a cell does not take what was typed.
fn complaint(validation: DataValidation, text: &str) -> Result<DataValidation, XlsxError> {
    validation.set_error_title("Chưa đúng")?.set_error_message(text)
}
