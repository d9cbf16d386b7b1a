//! A report as an administrative document: a DOCX or PDF file laid out after NĐ 30/2020/NĐ-CP Phụ lục I (quốc
//! hiệu, tiêu ngữ, tên cơ quan, số và ký hiệu, địa danh và ngày, tên loại và trích yếu, nội dung, chữ ký, nơi
//! nhận): A4, margins 20/20/30/15 mm, Times New Roman 13–14. Number, place of the seal and signature stay open
//! for the office. Pure.

mod blocks;
mod docx;
mod pdf;
#[cfg(test)]
mod tests;

use kernel::clock::Day;

use super::{
    amount::unit,
    cell::{CellState, Life},
    form::{ColumnKind, FixedTable, RowTable, Section, SectionBody},
    workbook::{Report, print_state},
};
use blocks::{Block, Document, Mark, Paragraph, Role, Table};

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

/// What kind of file a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// To be worked on in a word processor.
    Docx,
    /// To be printed and signed: it looks the same everywhere and brings its letters along.
    Pdf,
}

/// Why a document could not be written.
#[derive(Debug, thiserror::Error)]
pub enum Unwritten {
    /// It is more than an archive can hold.
    #[error(transparent)]
    Archive(#[from] zip::result::ZipError),
    /// The letters that the program brings along cannot be used.
    #[error("letters: {0}")]
    Letters(String),
}

/// Writes a report as a document.
///
/// # Errors
///
/// When the file cannot be written: more than it can hold.
pub fn write(report: &Report<'_>, letter: &Letter, format: Format) -> Result<Vec<u8>, Unwritten> {
    let document = composed(report, letter);
    match format {
        Format::Docx => Ok(docx::write(&document)?),
        Format::Pdf => pdf::write(&document),
    }
}

fn composed(report: &Report<'_>, letter: &Letter) -> Document {
    let mut first = vec![head(letter)];
    first.extend(title(report, letter).map(Block::Paragraph));
    let mut parts = vec![first];
    for (number, section) in (1..).zip(shown(report)) {
        let heading = Paragraph::body(&format!("{}. {}", roman(number), section.title));
        let mut part = vec![Block::Paragraph(heading.bold().above(6).role(Role::Heading))];
        match &section.body {
            SectionBody::Table(table) => {
                part.push(Block::Table(fixed(report, table)));
                part.extend(reasons(report, table).map(Block::Paragraph));
            }
            SectionBody::Rows(table) => part.push(growing(report, section, table)),
            SectionBody::Narrative { .. } => {
                part.extend(words(report, section).into_iter().map(Block::Paragraph));
            }
            SectionBody::Attachments { .. } => {}
        }
        parts.push(part);
    }
    Document {
        title: report.head.title.clone(),
        author: letter.office.clone(),
        parts,
        foot: foot(letter),
    }
}

fn shown<'r>(report: &Report<'r>) -> impl Iterator<Item = &'r Section> {
    let sections = report.form.sections.iter();
    sections.filter(|section| !matches!(section.body, SectionBody::Attachments { .. }))
}

/// Ô số 1, 2, 3 and 4 of the annex.
fn head(letter: &Letter) -> Block {
    let centred = |text: &str, size: u32| Paragraph::centred(text, size);
    let mut left = Vec::new();
    if !letter.above.is_empty() {
        left.push(centred(&letter.above.to_uppercase(), 12));
    }
    left.push(centred(&letter.office.to_uppercase(), 12).bold().ruled(57, 40));
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
        centred("Độc lập - Tự do - Hạnh phúc", 13).bold().ruled(47, 100),
        centred(&format!("{}, {date}", letter.place), 13).italic(),
    ];
    Block::Table(Table::bare(vec![40, 60]).row(vec![left, right]))
}

fn title(report: &Report<'_>, letter: &Letter) -> impl Iterator<Item = Paragraph> {
    let head = report.head;
    let life = match report.stamp.life {
        Life::Final => "",
        Life::Estimate => " (số ước thực hiện)",
    };
    let named = |text: &str| Paragraph::centred(text, 14).bold().role(Role::Title);
    let basis = (!head.basis.is_empty())
        .then(|| Paragraph::centred(&format!("({})", head.basis), 13).italic());
    let to = letter.recipients.first().map_or("", String::as_str);
    let to = (!to.is_empty())
        .then(|| Paragraph::centred(&format!("Kính gửi: {to}"), 14).spaced().apart());
    let opening = format!("{} báo cáo số liệu {} như sau:", letter.office, head.period);
    [
        Some(named("BÁO CÁO").spaced()),
        Some(named(&head.title)),
        Some(named(&format!("{}{life}", head.period)).ruled(180, 40)),
        basis,
        to,
        Some(Paragraph::body(&opening)),
    ]
    .into_iter()
    .flatten()
}

fn fixed(report: &Report<'_>, table: &FixedTable) -> Table {
    let figures = table.columns.len().max(1);
    let width = 46 / u32::try_from(figures).unwrap_or(1).max(1);
    let mut widths = vec![7, 33, 14];
    widths.extend(std::iter::repeat_n(width.max(4), figures));
    let mut heading = vec!["TT", "Nội dung", "Đơn vị tính"];
    heading.extend(table.columns.iter().map(|column| column.title.as_str()));
    let cell = |text: &str, mark: Mark| vec![Paragraph::cell(text, mark)];
    let mut it = Table::ruled(widths)
        .head(heading.iter().map(|text| cell(text, Mark::Heading)).collect())
        .stub(3);
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
    it
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
fn reasons(report: &Report<'_>, table: &FixedTable) -> impl Iterator<Item = Paragraph> {
    table.cells().into_iter().filter_map(|placed| {
        let said = match report.standing.state(&placed.key)? {
            CellState::Nil(why) if !why.is_empty() => format!("không phát sinh: {why}"),
            CellState::NoData(why) if !why.is_empty() => format!("không có số liệu: {why}"),
            _ => return None,
        };
        Some(Paragraph::note(&format!("{} – {said}.", report.label(&placed.key))))
    })
}

fn growing(report: &Report<'_>, section: &Section, table: &RowTable) -> Block {
    let rows: Vec<_> =
        report.standing.rows.iter().filter(|row| row.section == section.code).collect();
    if rows.is_empty() {
        return Block::Paragraph(Paragraph::body("Không có."));
    }
    let width = 93 / u32::try_from(table.columns.len().max(1)).unwrap_or(1);
    let mut widths = vec![7];
    widths.extend(std::iter::repeat_n(width, table.columns.len()));
    let cell = |text: &str, mark: Mark| vec![Paragraph::cell(text, mark)];
    let mut heading = vec![cell("TT", Mark::Heading)];
    heading.extend(table.columns.iter().map(|column| cell(&column.title, Mark::Heading)));
    let mut it = Table::ruled(widths).head(heading);
    let mut told = Vec::new();
    for (number, row) in (1..).zip(rows) {
        let mut cells = vec![cell(&number.to_string(), Mark::Centred)];
        let mut said = Vec::new();
        for column in &table.columns {
            let stored = row.cells.get(&column.code).map_or("", String::as_str);
            let text = report.shown(column, stored);
            let mark = match column.kind {
                ColumnKind::Number { .. } => Mark::Figure,
                ColumnKind::Day => Mark::Centred,
                _ => Mark::Plain,
            };
            cells.push(cell(&text, mark));
            if !text.is_empty() {
                said.push(format!("{}: {text}", column.title));
            }
        }
        it = it.row(cells);
        told.push(Paragraph::body(&format!("{number}. {}.", said.join("; "))));
    }
    // An upright page carries few columns; a row with more can be told in words.
    Block::Table(if table.columns.len() > 7 { it.told(told) } else { it })
}

fn words(report: &Report<'_>, section: &Section) -> Vec<Paragraph> {
    let text = report.standing.words.get(&section.code).map_or("", |words| words.0.as_str());
    let lines: Vec<Paragraph> =
        text.lines().filter(|line| !line.trim().is_empty()).map(Paragraph::body).collect();
    if lines.is_empty() { vec![Paragraph::body("Không có.")] } else { lines }
}

/// Ô số 7 and 9: who signs, and to whom it goes.
fn foot(letter: &Letter) -> Vec<Block> {
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
    vec![
        Block::Paragraph(Paragraph::left("", 14)),
        Block::Table(Table::bare(vec![50, 50]).row(vec![left, right])),
    ]
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
