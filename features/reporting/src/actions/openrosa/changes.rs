//! What an instance changes, on the versions that its sender knew: figures, narratives, rows.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{db::Tx, problem::Outcome};

use super::{
    super::{
        catalogue::Catalogue,
        entry::{RowEdit, is_cell},
        figures::{Edit, Ground},
    },
    Left, Wrote,
    receive::told,
};
use crate::{
    model::{
        CellKey, CellState,
        form::{Form, Places, SectionBody},
        xform::Filled,
    },
    store::{
        numbers,
        words::{self, RowId},
    },
};

/// Figures on the versions that the sender knew: those of the earlier version of the instance; where nothing
/// stands, whatever stood there before.
pub(super) async fn edits(
    tx: &mut Tx,
    catalogue: &Catalogue,
    (form, ground): (&Form, &Ground),
    filled: &Filled,
    before: &Wrote,
    left: &mut Vec<Left>,
) -> Outcome<Vec<Edit>> {
    let said: BTreeSet<CellKey> = filled.figures.iter().map(|(key, _)| key.clone()).collect();
    let gone = before.cells.keys().filter_map(|text| CellKey::parse(text));
    let gone: Vec<CellKey> = gone.filter(|key| !said.contains(key)).collect();
    let mut all = said;
    all.extend(gone.iter().cloned());
    let nos = numbers::known_cells(tx, &all).await?;
    let base = |key: &CellKey| match before.cells.get(&key.text()) {
        Some(version) => *version,
        None if ground.held.contains_key(key) => 0,
        None => nos.get(key).map_or(0, |no| ground.version(*no, key)),
    };
    let mut edits = Vec::new();
    let places = Places::of(form);
    for (key, state) in figures_asked(catalogue, form, filled, left) {
        edits.push(Edit { base: base(key), key: key.clone(), state: Some(state.clone()) });
    }
    let emptied = gone.into_iter().filter(|key| places.section_of(key).is_some());
    edits.extend(emptied.map(|key| Edit { base: base(&key), key, state: None }));
    Ok(edits)
}

/// The figures that the form asks for; of the others is told that they were left.
pub(super) fn figures_asked<'f>(
    catalogue: &Catalogue,
    form: &Form,
    filled: &'f Filled,
    left: &mut Vec<Left>,
) -> impl Iterator<Item = &'f (CellKey, CellState)> {
    let places = Places::of(form);
    let (asked, others): (Vec<_>, Vec<_>) = filled
        .figures
        .iter()
        .partition(|(key, _)| places.section_of(key).is_some() && is_cell(catalogue, key));
    left.extend(others.iter().map(|(key, _)| told(key.text(), "reporting-openrosa-not-asked-now")));
    asked.into_iter()
}

pub(super) async fn narratives(
    tx: &mut Tx,
    report: &crate::model::SubmissionId,
    form: &Form,
    filled: &Filled,
    before: &Wrote,
    left: &mut Vec<Left>,
) -> Outcome<Vec<(String, String, i64)>> {
    let mut said: BTreeMap<&str, &str> =
        filled.words.iter().map(|(section, words)| (section.as_str(), words.as_str())).collect();
    for section in before.words.keys() {
        said.entry(section).or_insert("");
    }
    if said.is_empty() {
        return Ok(Vec::new());
    }
    let stand = words::narratives(tx, report).await?;
    let mut all = Vec::new();
    for (section, text) in said {
        let most =
            form.sections.iter().find(|one| one.code == section).and_then(|one| match one.body {
                SectionBody::Narrative { max_chars, .. } => Some(max_chars as usize),
                _ => None,
            });
        let Some(most) = most else {
            left.push(told(section.to_owned(), "reporting-openrosa-not-asked-now"));
            continue;
        };
        if text.chars().count() > most {
            left.push(told(section.to_owned(), "reporting-openrosa-too-long"));
            continue;
        }
        let there = stand.iter().find(|one| one.section == section);
        if there.is_some_and(|one| one.words == text) {
            continue;
        }
        let base = match (before.words.get(section), there) {
            (Some(version), _) => *version,
            (None, Some(one)) if one.words.is_empty() => one.version,
            (None, _) => 0,
        };
        all.push((section.to_owned(), text.to_owned(), base));
    }
    Ok(all)
}

/// Rows of an edit keep the ids of the rows they were, by their order; what an edit no longer has is taken out
/// unless somebody changed it meanwhile.
pub(super) async fn rows(
    tx: &mut Tx,
    report: &crate::model::SubmissionId,
    form: &Form,
    filled: &Filled,
    before: &Wrote,
    left: &mut Vec<Left>,
) -> Outcome<Vec<RowEdit>> {
    if filled.rows.is_empty() && before.rows.is_empty() {
        return Ok(Vec::new());
    }
    let stand = words::rows(tx, report).await?;
    let mut last: BTreeMap<&str, i64> = BTreeMap::new();
    for row in &stand {
        let at = last.entry(row.section.as_str()).or_default();
        *at = (*at).max(row.position);
    }
    let mut was: BTreeMap<&str, Vec<(&str, i64)>> = BTreeMap::new();
    for (section, id, version) in before.rows.iter().rev() {
        was.entry(section.as_str()).or_default().push((id.as_str(), *version));
    }
    let mut all = Vec::new();
    for row in &filled.rows {
        let asked = form
            .sections
            .iter()
            .any(|one| one.code == row.section && matches!(one.body, SectionBody::Rows(_)));
        if !asked {
            left.push(told(row.section.clone(), "reporting-openrosa-not-asked-now"));
            continue;
        }
        let known = was.get_mut(row.section.as_str()).and_then(Vec::pop);
        let there = known.and_then(|(id, _)| stand.iter().find(|one| one.id.as_str() == id));
        if known.is_some() && there.is_none() {
            left.push(told(row.section.clone(), "reporting-openrosa-row-anew"));
        }
        let next = last.entry(row.section.as_str()).or_default();
        let position = there.map_or_else(
            || {
                *next += 1;
                *next
            },
            |one| one.position,
        );
        all.push(RowEdit {
            section: row.section.clone(),
            id: there.map(|one| one.id.clone()),
            position,
            cells: Some(row.cells.clone()),
            base: if there.is_some() { known.map_or(0, |(_, version)| version) } else { 0 },
        });
    }
    for (section, ids) in was {
        for (id, version) in ids {
            let there = stand.iter().find(|one| one.id.as_str() == id);
            match there {
                Some(one) if one.version == version => all.push(RowEdit {
                    section: section.to_owned(),
                    id: RowId::parse(id),
                    position: one.position,
                    cells: None,
                    base: version,
                }),
                Some(_) => left.push(told(section.to_owned(), "reporting-openrosa-stale")),
                None => {}
            }
        }
    }
    Ok(all)
}
