//! Totals of growing tables: what the rows of a report add up to stands as a figure like any other, and is written in
//! the transaction that writes the rows. The form says which columns add up to what ([`Form::totals`]).

use std::collections::{BTreeMap, BTreeSet};

use kernel::{db::Tx, problem::Outcome};

use super::{
    catalogue::Catalogue,
    figures::{self, Edit, Ground, Pen},
};
use crate::{
    model::{
        CellKey, CellState, DataElement,
        amount::unit,
        form::{ColumnKind, Form, RowColumn},
    },
    store::{
        numbers,
        submissions::Submission,
        words::{self, GrowingRow},
    },
};

/// Writes what the rows of a report add up to now. Nobody typed it, so nobody has to have seen what it replaces.
pub(crate) async fn write(
    tx: &mut Tx,
    catalogue: &Catalogue,
    (one, form): (&Submission, &Form),
    (ground, pen): (&Ground, Pen),
) -> Outcome<()> {
    let totals = form.totals();
    if totals.is_empty() {
        return Ok(());
    }
    let rows = words::rows(tx, &one.id).await?;
    let keys: BTreeSet<CellKey> = totals.keys().cloned().collect();
    let nos = numbers::cell_nos(tx, &keys).await?;
    let mut edits = Vec::new();
    for (key, columns) in totals {
        let Some(element) = catalogue.elements.get(&key.element) else { continue };
        let own = columns.iter().flat_map(|(section, column)| {
            let of = rows.iter().filter(|row| row.section == section.code);
            of.filter_map(|row| amount(row, column, element))
        });
        let sum =
            own.fold(None, |sum: Option<i64>, one| Some(sum.unwrap_or(0).saturating_add(one)));
        let base = ground.version(nos.get(&key).copied().unwrap_or(0), &key);
        edits.push(Edit { key, base, state: sum.map(CellState::Value) });
    }
    figures::apply_numbered(tx, ground, pen, &edits, &nos).await?;
    Ok(())
}

/// What a row says in a column, in the element's unit with its decimals; none for an empty cell.
fn amount(row: &GrowingRow, column: &RowColumn, element: &DataElement) -> Option<i64> {
    let ColumnKind::Number { unit: code, decimals, .. } = &column.kind else { return None };
    let cells: BTreeMap<String, String> = serde_json::from_str(&row.body).ok()?;
    let amount = column.amount(cells.get(&column.code)?)?;
    in_unit(amount, (code, *decimals), (&element.unit, element.decimals))
}

/// An amount in another unit of the same kind, rounded half away from zero; none between units of two kinds.
fn in_unit(
    amount: i64,
    (from, from_decimals): (&str, u32),
    (to, to_decimals): (&str, u32),
) -> Option<i64> {
    let (from, to) = (unit(from)?, unit(to)?);
    if from.kind != to.kind {
        return None;
    }
    let up = from.num.checked_mul(to.den)?.checked_mul(10_i128.checked_pow(to_decimals)?)?;
    let down = from.den.checked_mul(to.num)?.checked_mul(10_i128.checked_pow(from_decimals)?)?;
    let twice = i128::from(amount).checked_mul(up)?.checked_mul(2)?;
    let half = if amount < 0 { -down } else { down };
    i64::try_from(twice.checked_add(half)?.checked_div(down.checked_mul(2)?)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_turned_into_the_units_of_their_elements() {
        let (million, dong) = (("trieu-dong", 3), ("dong", 0));
        assert_eq!(in_unit(12_500, million, dong), Some(12_500_000));
        assert_eq!(in_unit(12_500_499, dong, million), Some(12_500));
        assert_eq!(in_unit(-12_500_500, dong, million), Some(-12_501));
        assert_eq!(in_unit(7, ("nguoi", 0), ("nguoi", 0)), Some(7));
        assert_eq!(in_unit(7, ("nguoi", 0), dong), None);
    }
}
