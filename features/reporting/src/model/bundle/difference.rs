//! What publishing a bundle would change about the version in force: cells asked and no longer asked, words,
//! rules, days. A cell is the same wherever it stands on the paper.

use std::collections::{BTreeMap, BTreeSet};

use super::Bundle;
use crate::model::{
    CellKey, Dataset, ElementId,
    form::{Form, Section, SectionBody},
};

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A cell that was not asked for before.
    Asked(CellKey),
    /// A cell that is no longer asked for; what was reported of it stays.
    Dropped(CellKey),
    /// A row that is called otherwise: what is counted, before, after.
    Label(CellKey, String, String),
    /// A section that was not there: its title.
    Section(String),
    /// A section that is gone: its title.
    NoSection(String),
    /// A section without figures that asks for something else: its title.
    SectionChanged(String),
    /// A rule that was not there: what it says.
    Rule(String),
    /// A rule that is gone.
    NoRule(String),
    /// A rule that judges, or says, something else.
    RuleChanged(String),
    /// Who fills it in, or from when to when, by when, where: the key of that field's name.
    Dataset(&'static str),
    /// The title, the basis: the key of that field's name.
    Form(&'static str),
}

/// What a bundle would change; a data set that nobody has yet is nothing but new cells.
pub fn difference(before: Option<(&Dataset, &Form)>, after: &Bundle) -> Vec<Change> {
    let mut all = Vec::new();
    let empty = BTreeMap::new();
    let (old, new) = (before.map(|(_, form)| labels(form)), labels(&after.form));
    let old = old.as_ref().unwrap_or(&empty);
    let only = |one: &BTreeMap<CellKey, String>, other: &BTreeMap<CellKey, String>| {
        let gone: Vec<CellKey> =
            one.keys().filter(|key| !other.contains_key(*key)).cloned().collect();
        gone
    };
    all.extend(only(&new, old).into_iter().map(Change::Asked));
    all.extend(only(old, &new).into_iter().map(Change::Dropped));
    let Some((dataset, form)) = before else { return all };
    all.extend(relabelled(old, &new));
    all.extend(sections(form, &after.form));
    all.extend(rules(form, &after.form));
    all.extend(fields(dataset, form, after));
    all
}

/// What each cell's row is called.
fn labels(form: &Form) -> BTreeMap<CellKey, String> {
    let mut all = BTreeMap::new();
    for (_, table) in form.tables() {
        for one in table.cells() {
            all.insert(one.key, table.rows[one.row].label.clone());
        }
    }
    all
}

/// A row is told once, by its first cell.
fn relabelled(old: &BTreeMap<CellKey, String>, new: &BTreeMap<CellKey, String>) -> Vec<Change> {
    let mut told: BTreeSet<(&ElementId, &str)> = BTreeSet::new();
    let mut all = Vec::new();
    for (key, after) in new {
        if let Some(before) = old.get(key)
            && before != after
            && told.insert((&key.element, after))
        {
            all.push(Change::Label(key.clone(), before.clone(), after.clone()));
        }
    }
    all
}

fn sections(old: &Form, new: &Form) -> Vec<Change> {
    let find = |form: &Form, code: &str| -> Option<Section> {
        form.sections.iter().find(|section| section.code == code).cloned()
    };
    let mut all = Vec::new();
    for section in &new.sections {
        match find(old, &section.code) {
            None => all.push(Change::Section(section.title.clone())),
            Some(before) => {
                let figures = |one: &Section| matches!(one.body, SectionBody::Table(_));
                let words = before.title != section.title || before.hint != section.hint;
                let body = before.body != section.body;
                if words || (body && !(figures(&before) && figures(section))) {
                    all.push(Change::SectionChanged(section.title.clone()));
                }
            }
        }
    }
    let gone = old.sections.iter().filter(|section| find(new, &section.code).is_none());
    all.extend(gone.map(|section| Change::NoSection(section.title.clone())));
    all
}

fn rules(old: &Form, new: &Form) -> Vec<Change> {
    let mut all = Vec::new();
    for rule in &new.rules {
        match old.rules.iter().find(|before| before.code == rule.code) {
            None => all.push(Change::Rule(rule.message.clone())),
            Some(before) if before != rule => all.push(Change::RuleChanged(rule.message.clone())),
            Some(_) => {}
        }
    }
    let gone = old.rules.iter().filter(|rule| !new.rules.iter().any(|one| one.code == rule.code));
    all.extend(gone.map(|rule| Change::NoRule(rule.message.clone())));
    all
}

fn fields(dataset: &Dataset, form: &Form, after: &Bundle) -> Vec<Change> {
    let now = &after.dataset;
    let mut all = Vec::new();
    let mut note = |changed: bool, key: &'static str| {
        if changed {
            all.push(Change::Dataset(key));
        }
    };
    note(dataset.title != now.title, "reporting-build-title");
    note(dataset.basis != now.basis, "reporting-build-basis");
    note(dataset.deadlines != now.deadlines, "reporting-build-deadlines");
    note((dataset.from, dataset.until) != (now.from, now.until), "reporting-build-days");
    note(dataset.areas != now.areas, "reporting-build-areas");
    note(dataset.estimated != now.estimated, "reporting-build-estimated");
    note(dataset.component != now.component, "reporting-build-component");
    if form.title != after.form.title {
        all.push(Change::Form("reporting-build-form-title"));
    }
    if form.basis != after.form.basis {
        all.push(Change::Form("reporting-build-form-basis"));
    }
    all
}
