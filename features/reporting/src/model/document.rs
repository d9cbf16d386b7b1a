//! A report, or the summary of many, as an administrative document: a DOCX, PDF or XLSX file laid out after
//! NĐ 30/2020/NĐ-CP Phụ lục I (quốc hiệu, tiêu ngữ, tên cơ quan, số và ký hiệu, địa danh và ngày, tên loại và trích
//! yếu, nội dung, chữ ký, nơi nhận): A4, margins 20/20/30/15 mm, Times New Roman 13–14. Number, place of the seal and
//! signature stay open for the office. Pure.

mod blocks;
mod docx;
mod gathered;
mod pdf;
mod rows;
mod table;
#[cfg(test)]
mod tests;
mod xlsx;

use std::collections::BTreeSet;

use kernel::clock::Day;

use super::{
    cell::{CellKey, Life},
    form::{Section, SectionBody},
    period::Period,
    workbook::Report,
};
use blocks::{Block, Document, Paragraph, Role, Table};

pub use gathered::{Gathered, Missing, Summed};

/// What a document says besides the report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Letter {
    /// The office that reports: *Ủy ban nhân dân xã Phủ Thông*. It heads the document alone: a people's committee and a
    /// ministry belong to no other office (*cơ quan chủ quản*).
    pub office: String,
    /// The short name in its numbers: *UBND*.
    pub mark: String,
    /// Where it is written: *Phủ Thông*.
    pub place: String,
    /// The day it is written.
    pub on: Option<Day>,
    /// The lines above the signature: in whose name it is signed, in which capacity, the post of who signs.
    pub signed_as: Vec<String>,
    /// Who signed; empty before anybody did.
    pub signer: String,
    /// To whom it is addressed (*Kính gửi*); empty for nobody.
    pub to: String,
    /// True while the report is not signed: it says *DỰ THẢO*.
    pub draft: bool,
    /// That it was handed in before, and whether it corrects that; empty the first time.
    pub again: String,
    /// That nothing occurred in the whole period, and why; empty when something did.
    pub nil: String,
    /// Why it is late; empty when it is not.
    pub late: String,
    /// From which paper of the unit it was typed in for it; empty when the unit typed it.
    pub behalf: String,
    /// What stands where nothing was filled in.
    pub empty: String,
    /// The files that belong to it, each with its caption.
    pub enclosures: Vec<String>,
    /// From which reports its figures are summed up; none for the report of one unit.
    pub gathered: Option<Gathered>,
}

/// What kind of file a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// To be worked on in a word processor.
    Docx,
    /// To be printed and signed: it looks the same everywhere and brings its letters along.
    Pdf,
    /// To be counted on with: its figures are numbers.
    Xlsx,
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
    /// It is more than a sheet can hold.
    #[error(transparent)]
    Sheet(#[from] rust_xlsxwriter::XlsxError),
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
        Format::Xlsx => Ok(xlsx::write(&document)?),
    }
}

fn composed(report: &Report<'_>, letter: &Letter) -> Document {
    let mut first = vec![head(letter)];
    first.extend(title(report, letter).map(Block::Paragraph));
    let mut parts = vec![first];
    let mut shown: BTreeSet<CellKey> = BTreeSet::new();
    for section in sections(report, letter) {
        let mut part = vec![heading(parts.len(), &section.title)];
        match &section.body {
            SectionBody::Table(table) => {
                let lines = table::lines(report, letter, table);
                shown.extend(lines.iter().flat_map(table::Line::keys).cloned());
                part.push(Block::Table(table::drawn(report, letter, table, &lines)));
                if letter.gathered.is_none() {
                    part.extend(table::reasons(report, &lines).into_iter().map(Block::Paragraph));
                }
            }
            SectionBody::Rows(table) => {
                let drawn = rows::drawn(report, section, table);
                let none = || Block::Paragraph(Paragraph::body(&letter.empty));
                part.push(drawn.map_or_else(none, Block::Table));
            }
            SectionBody::Narrative { .. } => {
                part.extend(
                    words(report, section, &letter.empty).into_iter().map(Block::Paragraph),
                );
            }
            SectionBody::Attachments { .. } => {}
        }
        parts.push(part);
    }
    if let Some(gathered) = &letter.gathered {
        gathered::add(&mut parts, gathered, &shown);
    }
    let last: Vec<Block> = after(letter).into_iter().map(Block::Paragraph).collect();
    if !last.is_empty() {
        parts.push(last);
    }
    Document {
        title: report.head.title.clone(),
        author: letter.office.clone(),
        parts,
        foot: foot(letter),
    }
}

/// The sections that are printed. Words, rows and files of many reports are not summed up.
fn sections<'r>(report: &Report<'r>, letter: &Letter) -> impl Iterator<Item = &'r Section> {
    let is_summary = letter.gathered.is_some();
    report.form.sections.iter().filter(move |section| match &section.body {
        SectionBody::Table(_) => true,
        SectionBody::Attachments { .. } => false,
        _ => !is_summary,
    })
}

/// The heading of a section; so many parts stand before it.
fn heading(before: usize, title: &str) -> Block {
    let heading = Paragraph::body(&format!("{}. {title}", roman(before)));
    Block::Paragraph(heading.bold().above(6).role(Role::Heading))
}

/// Ô số 1, 2, 3 and 4 of the annex.
fn head(letter: &Letter) -> Block {
    let centred = |text: &str, size: u32| Paragraph::centred(text, size);
    let mut left = vec![
        centred(&letter.office.to_uppercase(), 12).bold().ruled(57, 40),
        centred(&format!("Số:       /BC-{}", letter.mark), 13),
    ];
    if letter.draft {
        left.push(centred("DỰ THẢO", 13).bold());
    }
    let blank = "ngày      tháng      năm      ";
    let date = letter.on.map_or_else(|| blank.to_owned(), dated);
    let right = vec![
        centred("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 12).bold(),
        centred("Độc lập - Tự do - Hạnh phúc", 13).bold().ruled(47, 100),
        centred(&format!("{}, {date}", letter.place), 13).italic(),
    ];
    Block::Table(Table::bare(vec![40, 60]).row(vec![left, right]))
}

/// A day as documents write it: *ngày 05 tháng 02 năm 2026*. One-digit days, and January and February, carry a zero;
/// other months do not (Phụ lục I mục II.4).
pub fn dated(day: Day) -> String {
    let iso = day.iso();
    let mut parts = iso.split('-');
    let year = parts.next().unwrap_or_default();
    let month = parts.next().unwrap_or_default();
    let day = parts.next().unwrap_or_default();
    let month = if matches!(month, "01" | "02") { month } else { month.trim_start_matches('0') };
    format!("ngày {day} tháng {month} năm {year}")
}

/// What a report is about (*trích yếu*), which stands below what kind of document it is: a title that begins with
/// *Báo cáo* would say that twice.
pub fn subject(title: &str) -> String {
    let title = kernel::text::tidy(title);
    let mut words = title.splitn(3, ' ');
    let kind = [words.next(), words.next()].map(|word| word.unwrap_or_default().to_lowercase());
    let rest = words.next().unwrap_or_default();
    // *Báo cáo viên* is a person.
    let person = rest.split(|c: char| !c.is_alphabetic()).next() == Some("viên");
    if kind != ["báo", "cáo"] || person {
        return title;
    }
    let mut letters = rest.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn title(report: &Report<'_>, letter: &Letter) -> impl Iterator<Item = Paragraph> {
    let head = report.head;
    let life = match report.stamp.life {
        Life::Final if letter.gathered.as_ref().is_some_and(|one| one.twice) => " (số chính thức)",
        Life::Final => "",
        Life::Estimate => " (số ước thực hiện)",
    };
    let named = |text: &str| Paragraph::centred(text, 14).bold().role(Role::Title);
    let basis = (!head.basis.is_empty())
        .then(|| Paragraph::centred(&format!("({})", head.basis), 13).italic());
    let to = (!letter.to.is_empty())
        .then(|| Paragraph::centred(&format!("Kính gửi: {}", letter.to), 14).spaced().apart());
    let said = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let subject = said(&subject(&head.title)).map(|text| named(&text));
    let again = said(&letter.again).map(|text| Paragraph::centred(&text, 13));
    let nil = said(&letter.nil).map(|text| Paragraph::body(&text));
    let note = letter.gathered.as_ref().and_then(|one| said(&one.note));
    let period = Period::parse(&report.stamp.period);
    let period = period.map_or_else(|| head.period.clone(), |period| period.within_vi());
    let (kind, opening) = match &letter.gathered {
        None => ("BÁO CÁO", format!("{} báo cáo số liệu {period} như sau:", letter.office)),
        Some(one) => (
            "BÁO CÁO TỔNG HỢP",
            format!("{} tổng hợp số liệu {period}. {} Kết quả như sau:", letter.office, one.from),
        ),
    };
    [
        Some(named(kind).spaced()),
        subject,
        Some(named(&format!("{}{life}", head.period)).ruled(180, 40)),
        basis,
        again,
        to,
        Some(Paragraph::body(&opening)),
        note.map(|text| Paragraph::body(&text)),
        nil,
    ]
    .into_iter()
    .flatten()
}

fn words(report: &Report<'_>, section: &Section, empty: &str) -> Vec<Paragraph> {
    let text = report.standing.words.get(&section.code).map_or("", |words| words.0.as_str());
    let lines: Vec<Paragraph> =
        text.lines().filter(|line| !line.trim().is_empty()).map(Paragraph::body).collect();
    if lines.is_empty() { vec![Paragraph::body(empty)] } else { lines }
}

/// What is said below everything: why it is late, from which paper it was typed in, and which files belong to it.
fn after(letter: &Letter) -> Vec<Paragraph> {
    let said = [&letter.late, &letter.behalf].into_iter().filter(|text| !text.is_empty());
    let mut all: Vec<Paragraph> = said.map(|text| Paragraph::body(text).above(6)).collect();
    if !letter.enclosures.is_empty() {
        let heading = Paragraph::body("Tài liệu kèm theo:");
        all.push(heading.bold().above(6).role(Role::Heading));
    }
    let numbered = (1..).zip(&letter.enclosures);
    all.extend(numbered.map(|(number, file)| Paragraph::body(&format!("{number}. {file}"))));
    all
}

/// Ô số 7 and 9: who signs, and to whom it goes.
fn foot(letter: &Letter) -> Vec<Block> {
    let mut left = vec![Paragraph::left("Nơi nhận:", 12).bold().italic()];
    // Whom it is addressed to stands there already (Phụ lục I mục II.9).
    if !letter.to.is_empty() {
        left.push(Paragraph::left("- Như trên;", 11));
    }
    left.push(Paragraph::left("- Lưu: VT.", 11));
    let lines = letter.signed_as.iter();
    let mut right: Vec<_> = lines.map(|line| Paragraph::centred(line, 14).bold()).collect();
    // Room for the signature and the seal.
    right.extend((0..4).map(|_| Paragraph::centred("", 14)));
    right.push(Paragraph::centred(&letter.signer, 14).bold());
    vec![
        Block::Paragraph(Paragraph::left("", 14)),
        Block::Table(Table::bare(vec![50, 50]).row(vec![left, right])),
    ]
}

fn roman(number: usize) -> String {
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
