//! The reorganisation of 2025-07-01 as a decree's table, made from the shipped lists: what an office would
//! have prepared in a spreadsheet. For tests and measurements.

use std::collections::HashMap;

use super::table::Table;
use crate::model::{
    AreaType,
    plan::{SuccessionRow, Tables, UnitRow},
};

/// The first day of the new order.
pub const EFFECTIVE_ON: &str = "2025-07-01";

/// The tables as they were before anybody knew of the reorganisation.
pub fn before(mut tables: Tables) -> Tables {
    tables.y2025.clear();
    tables.y2026.clear();
    tables.successions.clear();
    tables
}

/// One decree for all that happened on 2025-07-01.
pub fn reorganisation(tables: &Tables) -> Table {
    let old: HashMap<&str, &UnitRow> = by_code(&tables.y2024);
    let new: HashMap<&str, &UnitRow> = by_code(&tables.y2025);
    let steps = tables.successions.iter().filter(|step| step.on.iso() == EFFECTIVE_ON);
    Table::of_rows(steps.filter_map(|step| row(step, &old, &new)))
}

fn by_code(rows: &[UnitRow]) -> HashMap<&str, &UnitRow> {
    rows.iter().map(|row| (row.code.as_str(), row)).collect()
}

fn row(
    step: &SuccessionRow,
    old: &HashMap<&str, &UnitRow>,
    new: &HashMap<&str, &UnitRow>,
) -> Option<[String; 9]> {
    let before = old.get(step.old_code.as_str())?;
    let after = new.get(step.new_code.as_str());
    let kind = match step.kind.as_str() {
        "abolish" => "giải thể",
        "convert" => "chuyển thành đặc khu",
        "merge" => "nhập",
        "split" => "chia",
        "rename" => "đổi tên",
        "reclass" => "đổi loại",
        // A province that stayed what it was needs no row.
        _ if after.is_some_and(|after| after.parent_code.is_empty()) => return None,
        _ => "đổi cấp trên",
    };
    let say = |tell: fn(&UnitRow) -> &str| after.map_or("", |after| tell(after)).to_owned();
    let province = after.is_some_and(|after| after.parent_code.is_empty());
    Some([
        before.code.clone(),
        before.area_type.full_name(&before.name),
        kind.to_owned(),
        if step.keeps_identity() { String::new() } else { step.new_code.clone() },
        say(|after| &after.name),
        say(|after| AreaType::code(after.area_type)),
        if province { "vn".to_owned() } else { say(|after| &after.parent_code) },
        String::new(),
        String::new(),
    ])
}
