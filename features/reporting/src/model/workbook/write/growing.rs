//! Tables that grow: what stands there, and room for as many rows again as the table may have.

use kernel::clock::Day;
use rust_xlsxwriter::{DataValidation, ExcelDateTime, Format, Worksheet, XlsxError};

use super::{HEAD_MARK, Style, Writer, complaint, open_text, protect};
use crate::model::{
    amount::{plain_amount, unit},
    form::{ColumnKind, RowColumn, RowTable, Section},
    row_cells::stored_amount,
    workbook::{
        StandingRow, address,
        grown::{choices, hash, shown},
        manifest::{Entry, Kind},
    },
};

const GUIDE: &str =
    "Mỗi dòng một mục; thêm dòng ở dưới cùng hoặc chèn giữa bảng. Xóa cả dòng nghĩa là bỏ mục đó.";
/// Empty rows that are drawn; below them the columns stay open all the same.
const DRAWN: u32 = 200;

impl Writer<'_, '_> {
    pub(super) fn growing(
        &mut self,
        sheet: &mut Worksheet,
        section: &Section,
        table: &RowTable,
    ) -> Result<(), XlsxError> {
        let top = self.head(sheet, section, GUIDE)?;
        sheet.write_string_with_format(top, 0, HEAD_MARK, &self.style.label)?;
        sheet.set_column_format(0, &self.style.key)?;
        let rows: Vec<StandingRow> = self
            .report
            .standing
            .rows
            .iter()
            .filter(|row| row.section == section.code)
            .cloned()
            .collect();
        let taken = u32::try_from(rows.len()).unwrap_or(u32::MAX / 2);
        let free = table.max_rows.saturating_sub(taken).min(DRAWN);
        let last = top + taken + free.max(1);
        for (column, one) in (1..).zip(&table.columns) {
            self.column(sheet, (top, last), column, one)?;
        }
        let formats: Vec<Format> = table.columns.iter().map(|one| self.format(&one.kind)).collect();
        for (row, one) in (top + 1..).zip(&rows) {
            sheet.write_string_with_format(row, 0, &one.id, &self.style.key)?;
            for (column, (about, format)) in (1..).zip(table.columns.iter().zip(&formats)) {
                let text = one.cells.get(&about.code).map_or("", String::as_str);
                self.cell(sheet, (row, column), (about, format), text)?;
            }
            self.entries.push(Entry {
                kind: Kind::Row,
                section: section.code.clone(),
                address: address(row, 1),
                row: one.id.clone(),
                column: String::new(),
                cell: String::new(),
                base: one.version,
                state: hash(table, &one.cells),
            });
        }
        for row in top + 1 + taken..=last {
            for (column, format) in (1..).zip(&formats) {
                sheet.write_blank(row, column, format)?;
            }
        }
        sheet.set_freeze_panes(top + 1, 1)?;
        protect(sheet, true);
        Ok(())
    }

    fn column(
        &mut self,
        sheet: &mut Worksheet,
        (top, last): (u32, u32),
        column: u16,
        about: &RowColumn,
    ) -> Result<(), XlsxError> {
        sheet.write_string(0, column, &about.code)?;
        sheet.set_column_width(column, width(&about.kind))?;
        sheet.set_column_format(column, &self.bare(&about.kind))?;
        let mut title = about.title.clone();
        if let ColumnKind::Number { unit: code, .. } = &about.kind {
            title = format!(
                "{title} ({})",
                unit(code).map_or(code.as_str(), |unit| unit.name.as_str())
            );
        }
        if about.required {
            title.push_str(" *");
        }
        sheet.write_string_with_format(top, column, title, &self.style.heading)?;
        let choices = choices(&about.kind, self.report.components);
        if let Some(list) = self.list(choices) {
            let check = DataValidation::new().allow_list_formula(list);
            let check = complaint(check, "Chọn một mục trong danh sách.")?;
            sheet.add_data_validation(top + 1, column, last.max(top + 1), column, &check)?;
        }
        Ok(())
    }

    fn cell(
        &self,
        sheet: &mut Worksheet,
        (row, column): (u32, u16),
        (about, format): (&RowColumn, &Format),
        text: &str,
    ) -> Result<(), XlsxError> {
        let number = match &about.kind {
            ColumnKind::Number { unit: code, decimals, .. } => stored_amount(text, code, *decimals)
                .and_then(|amount| plain_amount(amount, *decimals).parse::<f64>().ok()),
            _ => None,
        };
        if let Some(number) = number {
            sheet.write_number_with_format(row, column, number, format)?;
        } else if about.kind == ColumnKind::Day
            && let Some(day) =
                Day::parse(text).and_then(|day| ExcelDateTime::parse_from_str(&day.iso()).ok())
        {
            sheet.write_datetime_with_format(row, column, &day, format)?;
        } else {
            let told = shown(&about.kind, text, self.report.components);
            open_text(sheet, (row, column), &told, format)?;
        }
        Ok(())
    }

    /// Open without a frame: the column below the rows that are drawn.
    fn bare(&self, kind: &ColumnKind) -> Format {
        let open = self.style.key.clone();
        match kind {
            ColumnKind::Number { .. } => open,
            ColumnKind::Day => open.set_num_format("dd/mm/yyyy"),
            _ => open.set_num_format("@"),
        }
    }

    fn format(&self, kind: &ColumnKind) -> Format {
        match kind {
            ColumnKind::Number { decimals, .. } => Style::open_number(*decimals),
            ColumnKind::Day => self.style.open_day.clone(),
            _ => self.style.open_text.clone(),
        }
    }
}

fn width(kind: &ColumnKind) -> f64 {
    match kind {
        ColumnKind::Text | ColumnKind::Component => 32.0,
        ColumnKind::Number { .. } | ColumnKind::Choice(_) | ColumnKind::Work => 18.0,
        ColumnKind::Day => 13.0,
    }
}
