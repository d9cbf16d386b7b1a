//! Decrees' tables made from the shipped lists: what an office would have prepared in a spreadsheet. What the lists of
//! 2021 and 2024 show to have stayed what it was is offered to whoever manages decrees; the reorganisation of 2025-07-01
//! is for tests and measurements.

use std::collections::{BTreeMap, BTreeSet, HashMap};

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

/// The day on which units of the list of 2021 that stayed what they were go on in the list of 2024.
pub const JOINED_ON: &str = "2024-06-30";

/// One decree that joins the list of 2021 with that of 2024: the provinces, and the communes of every district that has
/// the same communes in both, code for code. None of these was merged, divided or founded between, for each of that
/// would have changed the district's list; that no border was moved without it the lists cannot show. Of the other
/// districts the decrees between must be brought.
pub fn unchanged(tables: &Tables) -> Table {
    let new = by_code(&tables.y2024);
    let (before, after) = (communes(&tables.y2021), communes(&tables.y2024));
    let is_same = |district: &str| {
        before.get(district).is_some_and(|codes| after.get(district) == Some(codes))
    };
    let stays = |row: &&UnitRow| match row.code.len() {
        2 => true,
        3 => is_same(&row.code),
        _ => is_same(&row.parent_code),
    };
    let stayed =
        tables.y2021.iter().filter(stays).filter(|row| new.contains_key(row.code.as_str()));
    let empty = String::new;
    Table::of_rows(stayed.map(|row| {
        let name = row.area_type.full_name(&row.name);
        let kind = "giữ nguyên".to_owned();
        let code = row.code.clone();
        [code.clone(), name, kind, code, empty(), empty(), empty(), empty(), empty()]
    }))
}

/// The codes of each district's communes.
fn communes(rows: &[UnitRow]) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut all: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.code.len() == 5) {
        all.entry(&row.parent_code).or_default().insert(&row.code);
    }
    all
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
