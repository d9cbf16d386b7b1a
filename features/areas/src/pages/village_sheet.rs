//! The table a commune fills in: XLSX and CSV, with its present villages already in it.

use kernel::problem::{Failure, Outcome};
use rust_xlsxwriter::{
    DataValidation, DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet,
    XlsxError,
};

use crate::model::{Area, AreaType, capitalised, ethnic};

/// The headings, each with the width of its column in characters.
const COLUMNS: [(&str, f64); 12] = [
    ("STT", 6.0),
    ("Mã xã", 9.0),
    ("Tên xã", 24.0),
    ("Mã thôn trong hệ thống", 20.0),
    ("Loại", 14.0),
    ("Tên thôn", 28.0),
    ("Số hộ", 9.0),
    ("Số dân", 9.0),
    ("Tính đến ngày", 14.0),
    ("ĐBKK", 8.0),
    ("Biên giới", 10.0),
    ("ATK", 8.0),
];

const GUIDE: &[&str] = &[
    "Mỗi dòng là một thôn, bản, tổ dân phố. Không gộp ô, không chèn dòng tiêu đề phụ.",
    "Giữ nguyên cột “Mã thôn trong hệ thống”; để trống nếu là thôn mới.",
    "Số hộ, số dân: số nguyên. Chưa có số liệu thì để trống cả hai ô, không ghi 0.",
    "Tính đến ngày: chỉ ghi khi khác ngày chung của cả bảng, ví dụ 01/10/2026.",
    "ĐBKK, Biên giới, ATK: ghi x nếu có, ghi 0 nếu không; để trống nếu không thay đổi. Chỉ cấp tỉnh ghi được.",
    "Muốn nhập theo dân tộc: thêm cột mang tên dân tộc (số người) hoặc “Số hộ” kèm tên dân tộc, theo danh mục dưới đây.",
];

/// One line of the prefilled table: a village with its commune.
pub struct Filled<'a> {
    /// The commune.
    pub commune: &'a Area,
    /// The village; none for a commune that has none yet.
    pub village: Option<&'a Area>,
}

impl Filled<'_> {
    fn cells(&self, line: usize) -> [String; 12] {
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let village = self.village;
        let [empty, day, hardship, border, zone, people] = std::array::from_fn(|_| String::new());
        [
            (line + 1).to_string(),
            text(self.commune.code.as_deref()),
            self.commune.title(),
            text(village.map(|one| one.id.as_str())),
            village.map(|one| capitalised(one.area_type.label())).unwrap_or_default(),
            text(village.map(|one| one.name.as_str())),
            empty,
            people,
            day,
            hardship,
            border,
            zone,
        ]
    }
}

/// The table as CSV with a mark, so that a spreadsheet reads it as Unicode. A cell that a spreadsheet would
/// take for a formula is led by an apostrophe, which reading takes away again.
pub fn csv(lines: &[Filled<'_>]) -> Outcome<Vec<u8>> {
    let fault = |error: csv::Error| Failure::fault("write a table", error);
    let mut out = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    out.write_record(COLUMNS.map(|(heading, _)| heading)).map_err(fault)?;
    for (line, filled) in lines.iter().enumerate() {
        let safe = filled.cells(line).map(|cell| match cell.chars().next() {
            Some('=' | '+' | '-' | '@') => format!("'{cell}"),
            _ => cell,
        });
        out.write_record(safe).map_err(fault)?;
    }
    out.into_inner().map_err(|error| Failure::fault("write a table", error))
}

/// The table as a workbook: codes are text, kinds and flags are chosen from lists.
pub fn xlsx(lines: &[Filled<'_>]) -> Outcome<Vec<u8>> {
    workbook(lines).map_err(|error| Failure::fault("write a workbook", error))
}

fn workbook(lines: &[Filled<'_>]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    // The same villages give the same bytes, whenever they are asked for.
    let made = ExcelDateTime::from_ymd(2026, 1, 1)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&made));
    fill(book.add_worksheet(), lines)?;
    explain(book.add_worksheet())?;
    book.save_to_buffer()
}

fn fill(sheet: &mut Worksheet, lines: &[Filled<'_>]) -> Result<(), XlsxError> {
    let text = Format::new().set_num_format("@");
    let number = Format::new().set_num_format("#,##0");
    let head = Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Top);
    sheet.set_name("Thôn bản")?.set_freeze_panes(1, 0)?;
    for (column, (heading, width)) in (0_u16..).zip(COLUMNS) {
        sheet.set_column_width(column, width)?;
        let format = if (6..8).contains(&column) { &number } else { &text };
        sheet.set_column_format(column, format)?;
        sheet.write_string_with_format(0, column, heading, &head)?;
    }
    for (line, filled) in lines.iter().enumerate() {
        let row = u32::try_from(line + 1).unwrap_or(u32::MAX);
        for (column, cell) in (0_u16..).zip(filled.cells(line)) {
            if !cell.is_empty() {
                sheet.write_string_with_format(row, column, &cell, &text)?;
            }
        }
    }
    let last = u32::try_from(lines.len()).unwrap_or(0).saturating_add(200);
    let kinds: Vec<String> =
        AreaType::of_villages().map(|kind| capitalised(kind.label())).collect();
    let kinds = DataValidation::new().allow_list_strings(&kinds)?;
    sheet.add_data_validation(1, 4, last, 4, &kinds)?;
    let flags = DataValidation::new().allow_list_strings(&["x", "0"])?;
    sheet.add_data_validation(1, 9, last, 11, &flags)?;
    Ok(())
}

fn explain(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let text = Format::new().set_num_format("@");
    sheet.set_name("Hướng dẫn")?;
    sheet.set_column_width(0, 8)?.set_column_width(1, 90)?;
    for (row, line) in (0_u32..).zip(GUIDE) {
        sheet.write_string(row, 1, *line)?;
    }
    let first = u32::try_from(GUIDE.len()).unwrap_or(0) + 1;
    for (row, group) in (first..).zip(ethnic::groups()) {
        sheet.write_string_with_format(row, 0, &group.code, &text)?;
        sheet.write_string(row, 1, &group.name)?;
    }
    Ok(())
}
