//! A report as an administrative document: a DOCX file laid out after NĐ 30/2020/NĐ-CP Phụ lục I (quốc hiệu,
//! tiêu ngữ, tên cơ quan, số và ký hiệu, địa danh và ngày, tên loại và trích yếu, nội dung, chữ ký, nơi nhận):
//! A4, margins 20/20/30/15 mm, Times New Roman 13–14. Number, place of the seal and signature stay open for
//! the office. Pure.

mod docx;
#[cfg(test)]
mod tests;

use kernel::clock::Day;

use super::{
    amount::unit,
    cell::{CellState, Life},
    form::{FixedTable, RowTable, Section, SectionBody},
    workbook::{Report, print_state},
};
use docx::{Docx, Mark, Paragraph, Table};

/// What a document says besides the report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Letter {
    /// The office above, as it heads a document: *ỦY BAN NHÂN DÂN TỈNH THÁI NGUYÊN*; empty for none.
    pub above: String,
    /// The office that reports: *ỦY BAN NHÂN DÂN XÃ PHỦ THÔNG*.
    pub office: String,
    /// The short name in its numbers: *UBND*.
    pub mark: String,
    /// Where it is written: *Phủ Thông*.
    pub place: String,
    /// The day it is written.
    pub on: Option<Day>,
    /// In whose name it is signed: *TM. ỦY BAN NHÂN DÂN*.
    pub in_name_of: String,
    /// The office of who signs: *CHỦ TỊCH*.
    pub office_of_signer: String,
    /// Who signed; empty before anybody did.
    pub signer: String,
    /// To whom it goes.
    pub recipients: Vec<String>,
    /// True while the report is not signed: it says *DỰ THẢO*.
    pub draft: bool,
}

/// Why a document could not be written.
pub type Unwritten = zip::result::ZipError;

/// Writes a report as a DOCX file.
///
/// # Errors
///
/// When the archive cannot be written: more than it can hold.
pub fn write(report: &Report<'_>, letter: &Letter) -> Result<Vec<u8>, Unwritten> {
    let mut doc = Docx::new();
    head(&mut doc, letter);
    title(&mut doc, report, letter);
    for (number, section) in (1..).zip(shown(report)) {
        doc.add(Paragraph::body(&format!("{}. {}", roman(number), section.title)).bold());
        match &section.body {
            SectionBody::Table(table) => fixed(&mut doc, report, table),
            SectionBody::Rows(table) => growing(&mut doc, report, section, table),
            SectionBody::Narrative { .. } => words(&mut doc, report, section),
            SectionBody::Attachments { .. } => {}
        }
    }
    foot(&mut doc, letter);
    doc.finish(&report.head.title)
}

fn shown<'r>(report: &Report<'r>) -> impl Iterator<Item = &'r Section> {
    let sections = report.form.sections.iter();
    sections.filter(|section| !matches!(section.body, SectionBody::Attachments { .. }))
}

/// Ô số 1, 2, 3 and 4 of the annex.
fn head(doc: &mut Docx, letter: &Letter) {
    let centred = |text: &str, size: u32| Paragraph::centred(text, size);
    let mut left = Vec::new();
    if !letter.above.is_empty() {
        left.push(centred(&letter.above.to_uppercase(), 12));
    }
    left.push(centred(&letter.office.to_uppercase(), 12).bold().ruled(1_150));
    left.push(centred(&format!("Số:       /BC-{}", letter.mark), 13));
    if letter.draft {
        left.push(centred("DỰ THẢO", 13).bold());
    }
    let date = letter.on.map_or_else(
        || "ngày      tháng      năm      ".to_owned(),
        |day| {
            let iso = day.iso();
            let mut parts = iso.split('-');
            let year = parts.next().unwrap_or_default();
            let month = parts.next().unwrap_or_default();
            let day = parts.next().unwrap_or_default();
            // One-digit days, and January and February, carry a zero; other months do not (Phụ lục I mục II.4).
            let month =
                if matches!(month, "01" | "02") { month } else { month.trim_start_matches('0') };
            format!("ngày {day} tháng {month} năm {year}")
        },
    );
    let right = vec![
        centred("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 12).bold(),
        centred("Độc lập - Tự do - Hạnh phúc", 13).bold().ruled(950),
        centred(&format!("{}, {date}", letter.place), 13).italic(),
    ];
    doc.table(Table::bare(vec![40, 60]).row(vec![left, right]));
}

fn title(doc: &mut Docx, report: &Report<'_>, letter: &Letter) {
    let head = report.head;
    let life = match report.stamp.life {
        Life::Final => "",
        Life::Estimate => " (số ước thực hiện)",
    };
    doc.add(Paragraph::centred("BÁO CÁO", 14).bold().spaced());
    doc.add(Paragraph::centred(&head.title, 14).bold());
    doc.add(Paragraph::centred(&format!("{}{life}", head.period), 14).bold().ruled(3_600));
    if !head.basis.is_empty() {
        doc.add(Paragraph::centred(&format!("({})", head.basis), 13).italic());
    }
    let to = letter.recipients.first().map_or("", String::as_str);
    if !to.is_empty() {
        doc.add(Paragraph::centred(&format!("Kính gửi: {to}"), 14).spaced());
    }
    let opening = format!("{} báo cáo số liệu {} như sau:", letter.office, head.period);
    doc.add(Paragraph::body(&opening));
}

fn fixed(doc: &mut Docx, report: &Report<'_>, table: &FixedTable) {
    let figures = table.columns.len().max(1);
    let width = 46 / u32::try_from(figures).unwrap_or(1).max(1);
    let mut widths = vec![7, 33, 14];
    widths.extend(std::iter::repeat_n(width.max(4), figures));
    let mut heading = vec!["TT", "Nội dung", "Đơn vị tính"];
    heading.extend(table.columns.iter().map(|column| column.title.as_str()));
    let cell = |text: &str, mark: Mark| vec![Paragraph::cell(text, mark)];
    let mut it =
        Table::ruled(widths).head(heading.iter().map(|text| cell(text, Mark::Heading)).collect());
    let placed = table.cells();
    for (r, row) in table.rows.iter().enumerate() {
        let element = row.element.as_ref().and_then(|code| report.elements.get(code));
        let name = element.map_or("", |element| element.name.as_str());
        let label = if row.label.is_empty() { name } else { &row.label };
        let code = element.map_or("", |element| element.unit.as_str());
        let of = unit(code).map_or(code, |unit| unit.name.as_str());
        let mark = if element.is_none() { Mark::Bold } else { Mark::Plain };
        let mut cells =
            vec![cell(&row.number, Mark::Centred), cell(label, mark), cell(of, Mark::Plain)];
        for c in 0..table.columns.len() {
            let key = placed.iter().find(|one| (one.row, one.column) == (r, c)).map(|one| &one.key);
            let state = key.and_then(|key| report.standing.state(key));
            let decimals = element.map_or(0, |element| element.decimals);
            cells.push(cell(&figure(state, decimals), Mark::Figure));
        }
        it = it.row(cells);
    }
    doc.table(it);
    reasons(doc, report, table);
}

/// As statistical tables write it: `-` for nothing, `...` for what nobody knows.
fn figure(state: Option<&CellState>, decimals: u32) -> String {
    match state {
        None => String::new(),
        Some(CellState::Nil(_)) => "-".to_owned(),
        Some(CellState::NoData(_)) => "...".to_owned(),
        Some(state) => print_state(state, decimals),
    }
}

/// Why cells hold no number, below the table.
fn reasons(doc: &mut Docx, report: &Report<'_>, table: &FixedTable) {
    for placed in table.cells() {
        let said = match report.standing.state(&placed.key) {
            Some(CellState::Nil(why)) if !why.is_empty() => format!("không phát sinh: {why}"),
            Some(CellState::NoData(why)) if !why.is_empty() => format!("không có số liệu: {why}"),
            _ => continue,
        };
        doc.add(Paragraph::note(&format!("{} – {said}.", report.label(&placed.key))));
    }
}

fn growing(doc: &mut Docx, report: &Report<'_>, section: &Section, table: &RowTable) {
    let rows: Vec<_> =
        report.standing.rows.iter().filter(|row| row.section == section.code).collect();
    if rows.is_empty() {
        doc.add(Paragraph::body("Không có."));
        return;
    }
    // A page carries few columns; a row with more is told line by line.
    if table.columns.len() > 7 {
        for (number, row) in (1..).zip(rows) {
            let told = table.columns.iter().filter_map(|column| {
                let text = report.shown(column, row.cells.get(&column.code)?);
                (!text.is_empty()).then(|| format!("{}: {text}", column.title))
            });
            let told = told.collect::<Vec<_>>().join("; ");
            doc.add(Paragraph::body(&format!("{number}. {told}.")));
        }
        return;
    }
    let width = 93 / u32::try_from(table.columns.len().max(1)).unwrap_or(1);
    let mut widths = vec![7];
    widths.extend(std::iter::repeat_n(width, table.columns.len()));
    let cell = |text: &str, mark: Mark| vec![Paragraph::cell(text, mark)];
    let mut heading = vec![cell("TT", Mark::Heading)];
    heading.extend(table.columns.iter().map(|column| cell(&column.title, Mark::Heading)));
    let mut it = Table::ruled(widths).head(heading);
    for (number, row) in (1..).zip(rows) {
        let mut cells = vec![cell(&number.to_string(), Mark::Centred)];
        for column in &table.columns {
            let text = row.cells.get(&column.code).map_or("", String::as_str);
            cells.push(cell(&report.shown(column, text), Mark::Plain));
        }
        it = it.row(cells);
    }
    doc.table(it);
}

fn words(doc: &mut Docx, report: &Report<'_>, section: &Section) {
    let text = report.standing.words.get(&section.code).map_or("", |words| words.0.as_str());
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    if lines.is_empty() {
        doc.add(Paragraph::body("Không có."));
    }
    for line in lines {
        doc.add(Paragraph::body(line));
    }
}

/// Ô số 7 and 9: who signs, and to whom it goes.
fn foot(doc: &mut Docx, letter: &Letter) {
    let mut left = vec![Paragraph::left("Nơi nhận:", 12).bold().italic()];
    for one in &letter.recipients {
        left.push(Paragraph::left(&format!("- {one};"), 11));
    }
    left.push(Paragraph::left("- Lưu: VT.", 11));
    let mut right = Vec::new();
    if !letter.in_name_of.is_empty() {
        right.push(Paragraph::centred(&letter.in_name_of.to_uppercase(), 14).bold());
    }
    right.push(Paragraph::centred(&letter.office_of_signer.to_uppercase(), 14).bold());
    // Room for the signature and the seal.
    right.extend((0..4).map(|_| Paragraph::centred("", 14)));
    right.push(Paragraph::centred(&letter.signer, 14).bold());
    doc.add(Paragraph::left("", 14));
    doc.table(Table::bare(vec![50, 50]).row(vec![left, right]));
}

fn roman(number: u32) -> String {
    let signs = [(10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")];
    let (mut left, mut text) = (number, String::new());
    for (worth, sign) in signs {
        while left >= worth {
            text.push_str(sign);
            left -= worth;
        }
    }
    text
}
