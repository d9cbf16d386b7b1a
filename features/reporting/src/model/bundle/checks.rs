//! What must hold of a bundle before it can be published. Counts are looked at first, so that hostile input costs
//! no more than its length.

mod growing;

use std::collections::{BTreeSet, HashSet};

use kernel::{clock::Day, scope::ScopePath};

use super::{Flaw, Ground, Known, is_dataset_code, is_template, most, no_option, no_unit};
use crate::model::{
    CellKey, DataElement, Dataset, Dimension, ElementId, Scheme,
    dataset::{Deadline, DueRule, DueWhat},
    dimension::is_code,
    element::{LAWS, Sheet},
    form::{FixedTable, Form, Rule, Section, SectionBody},
    formula::{Formula, Input, Kind},
};

/// Decimals of an element: more are not measured.
const DECIMALS_MOST: u32 = 6;
/// Characters of a narrative.
const NARRATIVE_MOST: u32 = 50_000;
/// Files of a section.
const FILES_MOST: u32 = 50;
/// Days of a campaign.
const CAMPAIGN_MOST: i32 = 400;

struct Found(Vec<Flaw>);

impl Found {
    fn add(&mut self, at: &str, what: &'static str, args: Vec<(&'static str, String)>) {
        if self.0.len() < most::FLAWS {
            self.0.push(Flaw { at: at.to_owned(), what, args });
        }
    }

    fn require(&mut self, holds: bool, at: &str, what: &'static str) {
        if !holds {
            self.add(at, what, Vec::new());
        }
    }

    fn code(&mut self, holds: bool, at: &str, code: &str) {
        if !holds {
            self.add(at, "reporting-flaw-code", vec![("code", shortened(code))]);
        }
    }

    /// Words that must be there and may not be longer than that.
    fn words(&mut self, at: &str, text: &str, most: usize) {
        self.require(!text.trim().is_empty(), at, "reporting-flaw-no-words");
        self.length(at, text, most);
    }

    fn length(&mut self, at: &str, text: &str, most: usize) {
        if text.len() > most && text.chars().count() > most {
            self.add(at, "reporting-flaw-long", vec![("most", most.to_string())]);
        }
    }

    fn count(&mut self, at: &str, count: usize, most: usize) -> bool {
        if count > most {
            self.add(at, "reporting-flaw-many", vec![("most", most.to_string())]);
        }
        count <= most
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

pub(super) fn all<K: Known>(ground: &Ground<'_, K>) -> Vec<Flaw> {
    let mut found = Found(Vec::new());
    let bundle = ground.bundle;
    let form = &bundle.form;
    let mut fits = found.count("dataset", bundle.elements.len(), most::ELEMENTS);
    fits &= found.count("dataset", bundle.dimensions.len(), most::DIMENSIONS);
    fits &= found.count("form", form.sections.len(), most::SECTIONS);
    fits &= found.count("form", form.rules.len(), most::RULES);
    fits &= found.count("dataset", bundle.dataset.areas.len(), most::AREAS);
    fits &= found.count("dataset", bundle.dataset.deadlines.len(), most::DEADLINES);
    let mut cells = 0_usize;
    for section in &form.sections {
        let at = format!("section/{}", shortened(&section.code));
        let (rows, columns) = match &section.body {
            SectionBody::Table(table) => (table.rows.len(), table.columns.len()),
            SectionBody::Rows(table) => (0, table.columns.len()),
            _ => (0, 0),
        };
        fits &= found.count(&at, rows, most::ROWS) && found.count(&at, columns, most::COLUMNS);
        cells = cells.saturating_add(rows.saturating_mul(columns));
    }
    fits &= found.count("form", cells, most::CELLS);
    if !fits {
        return found.0;
    }
    dataset(&mut found, ground);
    for one in &bundle.dimensions {
        dimension(&mut found, ground, one);
    }
    let mut codes = HashSet::new();
    for one in &bundle.elements {
        let at = format!("element/{}", one.code);
        found.require(codes.insert(&one.code), &at, "reporting-flaw-twice");
        element(&mut found, ground, one, &at);
    }
    sections(&mut found, ground, form);
    rules(&mut found, ground, form);
    found.0
}

fn dataset<K: Known>(found: &mut Found, ground: &Ground<'_, K>) {
    let one = &ground.bundle.dataset;
    let at = "dataset";
    found.code(is_dataset_code(one.code.as_str()), at, one.code.as_str());
    found.require(ground.bundle.form.dataset == one.code, at, "reporting-flaw-other-dataset");
    found.words(at, &one.title, most::TITLE);
    found.length(at, &one.basis, most::WORDS);
    let scheme = Scheme::parse(&one.scheme);
    found.require(scheme.is_some(), at, "reporting-flaw-scheme");
    found.require(one.from <= one.until, at, "reporting-flaw-days");
    if one.component.as_ref().is_some_and(|code| !ground.known.component(code)) {
        found.add(at, "reporting-flaw-component", Vec::new());
    }
    let country = ScopePath::root().child("vn");
    for area in &one.areas {
        if !ScopePath::parse(area).is_some_and(|path| country.contains(&path)) {
            found.add(at, "reporting-flaw-area", vec![("area", shortened(area))]);
        }
    }
    if scheme.is_some_and(Scheme::is_campaign) && !is_template(one) {
        let length = one.until.days_since(one.from);
        let bounded = one.until != Day::FOREVER && length <= CAMPAIGN_MOST;
        found.require(bounded, at, "reporting-flaw-campaign-days");
    }
    deadlines(found, one);
    stays(found, ground, one);
}

fn deadlines(found: &mut Found, one: &Dataset) {
    let at = "dataset";
    let mut seen = Vec::new();
    for deadline in &one.deadlines {
        let key = (deadline.tier, deadline.life, deadline.what);
        found.require(!seen.contains(&key), at, "reporting-flaw-deadline-twice");
        seen.push(key);
        found.require(is_day(deadline), at, "reporting-flaw-deadline");
        if let DueRule::On { day } = deadline.due {
            found.require(day >= one.from, at, "reporting-flaw-deadline-early");
        }
    }
    if is_template(one) {
        return;
    }
    for life in one.lives() {
        let by = |what| one.deadline(one.tier, *life, what);
        let (sign, send) = (by(DueWhat::Certification), by(DueWhat::Submission));
        found.require(sign.is_some() || send.is_some(), at, "reporting-flaw-no-deadline");
        let both = (sign.and_then(place_in_time), send.and_then(place_in_time));
        if let (Some(sign), Some(send)) = both
            && sign.0 == send.0
        {
            found.require(sign.1 <= send.1, at, "reporting-flaw-deadline-order");
        }
    }
}

fn is_day(deadline: &Deadline) -> bool {
    match deadline.due {
        DueRule::AfterClose { days } => (-366..=366).contains(&days),
        // 2025 is no leap year: a deadline is a day that every year has.
        DueRule::OnDayOfYear { years_later, month, day } => {
            (0..=3).contains(&years_later) && Day::new(2025, month, day).is_some()
        }
        DueRule::On { day } => day < Day::FOREVER,
    }
}

/// Rules of one kind compare with each other: the kind, and something that grows as time does.
fn place_in_time(rule: DueRule) -> Option<(u8, i64)> {
    match rule {
        DueRule::AfterClose { days } => Some((0, days.into())),
        DueRule::OnDayOfYear { years_later, month, day } => {
            let place = (i64::from(years_later) * 12 + i64::from(month)) * 31 + i64::from(day);
            Some((1, place))
        }
        DueRule::On { day } => Some((2, day.days_since(Day::new(2000, 1, 1)?).into())),
    }
}

/// What may not change about a data set: reports of the past are found by it.
fn stays<K: Known>(found: &mut Found, ground: &Ground<'_, K>, one: &Dataset) {
    let Some(before) = ground.known.dataset(&one.code) else { return };
    // Whoever reported, and whoever did not have to, was told that it is over.
    found.require(before.ended.is_none(), "dataset", "reporting-flaw-ended");
    let same = before.scheme == one.scheme && before.tier == one.tier;
    found.require(same, "dataset", "reporting-flaw-dataset-stays");
    // A campaign's days are its period: reports that were begun are found by them.
    let campaign = same && one.scheme == "campaign" && !is_template(before);
    let days = (one.from, one.until) == (before.from, before.until);
    found.require(days || !campaign, "dataset", "reporting-flaw-campaign-stays");
    let lives = one.estimated || !before.estimated;
    found.require(lives, "dataset", "reporting-flaw-lives-stay");
}

fn dimension<K: Known>(found: &mut Found, ground: &Ground<'_, K>, one: &Dimension) {
    let at = format!("dimension/{}", shortened(&one.code));
    found.code(is_code(&one.code), &at, &one.code);
    found.words(&at, &one.name, most::TITLE);
    let again = ground.bundle.dimensions.iter().filter(|other| other.code == one.code).count();
    found.require(again == 1, &at, "reporting-flaw-twice");
    if !found.count(&at, one.options.len(), most::OPTIONS) {
        return;
    }
    found.require(!one.options.is_empty(), &at, "reporting-flaw-no-options");
    let mut codes = HashSet::new();
    for option in &one.options {
        found.code(is_code(&option.code) && codes.insert(&option.code), &at, &option.code);
        found.words(&at, &option.name, most::TITLE);
    }
    // Figures stand at these options, also where nobody here can see them yet.
    let Some(before) = ground.known.dimension(&one.code) else { return };
    let kept = before.options.iter().all(|option| one.option(&option.code).is_some());
    let same = one.partition == before.partition && (one.sensitive || !before.sensitive);
    found.require(kept && same, &at, "reporting-flaw-dimension-stays");
}

fn element<K: Known>(found: &mut Found, ground: &Ground<'_, K>, one: &DataElement, at: &str) {
    // A formula must be able to name it.
    let named = Formula::parse(&format!("[{}] >= 0", one.code)).is_ok();
    let code = one.code.as_str();
    let is_ours = !code.starts_with("td.") && !code.contains('@') && code.len() <= 40;
    found.code(named && is_ours, at, code);
    found.words(at, &one.name, most::TITLE);
    if let Some((what, args)) = no_unit(&one.unit) {
        found.add(at, what, args);
    }
    found.require(one.decimals <= DECIMALS_MOST, at, "reporting-flaw-decimals");
    found.require(LAWS.contains(&one.law), at, "reporting-flaw-law");
    let Sheet { concept, method, periodicity, source, owner } = &one.sheet;
    for text in [concept, method, periodicity, source, owner] {
        found.length(at, text, most::WORDS);
    }
    let mut divided = BTreeSet::new();
    found.count(at, one.dimensions.len(), most::DIMENSIONS);
    for dimension in one.dimensions.iter().take(most::DIMENSIONS) {
        found.require(divided.insert(dimension), at, "reporting-flaw-twice");
        if ground.dimension(dimension).is_none() {
            let code = shortened(dimension);
            found.add(at, "reporting-flaw-dimension", vec![("code", code)]);
        }
    }
    if one.component.as_ref().is_some_and(|code| !ground.known.component(code)) {
        found.add(at, "reporting-flaw-component", Vec::new());
    }
    // Points may hold figures that nobody here has seen: what a figure means never changes under its code.
    let Some(before) = ground.known.element(&one.code) else { return };
    let same = before.unit == one.unit && before.decimals == one.decimals && before.law == one.law;
    let divided = before.dimensions.iter().all(|code| one.dimensions.contains(code));
    found.require(same && divided, at, "reporting-flaw-element-stays");
}

fn sections<K: Known>(found: &mut Found, ground: &Ground<'_, K>, form: &Form) {
    found.words("form", &form.title, most::TITLE);
    found.length("form", &form.basis, most::WORDS);
    found.require(!form.sections.is_empty(), "form", "reporting-flaw-no-sections");
    let mut codes = HashSet::new();
    let mut asked = HashSet::new();
    for section in &form.sections {
        let at = format!("section/{}", shortened(&section.code));
        let fresh = codes.insert(&section.code);
        found.code(is_code(&section.code), &at, &section.code);
        found.require(fresh, &at, "reporting-flaw-twice");
        found.words(&at, &section.title, most::TITLE);
        found.length(&at, &section.hint, most::WORDS);
        match &section.body {
            SectionBody::Table(table) => {
                fixed(found, ground, section, table);
                twice(found, ground, &at, table, &mut asked);
            }
            SectionBody::Rows(table) => growing::table(found, ground, &at, table),
            SectionBody::Narrative { max_chars, .. } => {
                let fits = (1..=NARRATIVE_MOST).contains(max_chars);
                found.require(fits, &at, "reporting-flaw-max-chars");
            }
            SectionBody::Attachments { max_files } => {
                let fits = (1..=FILES_MOST).contains(max_files);
                found.require(fits, &at, "reporting-flaw-max-files");
            }
        }
    }
}

fn fixed<K: Known>(
    found: &mut Found,
    ground: &Ground<'_, K>,
    section: &Section,
    table: &FixedTable,
) {
    let at = format!("section/{}", shortened(&section.code));
    found.require(!table.columns.is_empty(), &at, "reporting-flaw-no-columns");
    let figures = table.rows.iter().any(|row| row.element.is_some());
    found.require(figures, &at, "reporting-flaw-no-rows");
    for (c, column) in table.columns.iter().enumerate() {
        let at = format!("{at}/column/{}", c + 1);
        found.words(&at, &column.title, most::TITLE);
        coords(found, ground, &at, column.coords.iter());
    }
    for code in &table.details {
        if ground.dimension(code).is_none() {
            found.add(&at, "reporting-flaw-dimension", vec![("code", shortened(code))]);
        }
    }
    let placed = table.cells();
    let mut cells = placed.iter().peekable();
    for (r, row) in table.rows.iter().enumerate() {
        let at = format!("{at}/row/{}", r + 1);
        found.length(&at, &row.number, most::NUMBER);
        found.length(&at, &row.label, most::TITLE);
        let known = row.without.iter().all(|c| *c < table.columns.len());
        found.require(known, &at, "reporting-flaw-without");
        let Some(code) = &row.element else {
            found.require(!row.label.trim().is_empty(), &at, "reporting-flaw-no-words");
            continue;
        };
        if ground.element(code).is_none() {
            found.add(&at, "reporting-flaw-element", vec![("code", code.to_string())]);
        }
        coords(found, ground, &at, row.coords.iter());
        let mut any = false;
        while let Some(one) = cells.next_if(|one| one.row == r) {
            any = true;
            if ground.element(code).is_some()
                && let Some((what, args)) = ground.unfit(&one.key)
                && what == "reporting-flaw-not-divided"
            {
                found.add(&format!("{at}/column/{}", one.column + 1), what, args);
            }
        }
        found.require(any || table.columns.is_empty(), &at, "reporting-flaw-no-cells");
    }
}

/// Coordinates that name what does not exist.
fn coords<'c, K: Known>(
    found: &mut Found,
    ground: &Ground<'_, K>,
    at: &str,
    coords: impl Iterator<Item = (&'c str, &'c str)>,
) {
    for (dimension, option) in coords {
        match ground.dimension(dimension) {
            None => {
                let code = vec![("code", shortened(dimension))];
                found.add(at, "reporting-flaw-dimension", code);
            }
            Some(known) => {
                if let Some((what, args)) = no_option(known, option) {
                    found.add(at, what, args);
                }
            }
        }
    }
}

/// A figure is asked for once in a form.
fn twice<K: Known>(
    found: &mut Found,
    ground: &Ground<'_, K>,
    at: &str,
    table: &FixedTable,
    asked: &mut HashSet<CellKey>,
) {
    for one in table.cells() {
        if asked.insert(one.key.clone()) {
            continue;
        }
        let here = format!("{at}/row/{}/column/{}", one.row + 1, one.column + 1);
        let element = ground.element(&one.key.element);
        let name = element.map_or_else(|| one.key.element.to_string(), |it| it.name.clone());
        found.add(&here, "reporting-flaw-asked-twice", vec![("element", name)]);
    }
}

fn rules<K: Known>(found: &mut Found, ground: &Ground<'_, K>, form: &Form) {
    let mut codes = HashSet::new();
    let own = form.elements();
    for rule in &form.rules {
        let at = format!("rule/{}", shortened(&rule.code));
        found.code(is_code(&rule.code), &at, &rule.code);
        found.require(codes.insert(&rule.code), &at, "reporting-flaw-twice");
        found.words(&at, &rule.message, most::TITLE);
        judged(found, ground, &own, rule, &at);
    }
}

/// A rule is a condition in fitting units over cells that exist, at least one of them in this form.
fn judged<K: Known>(
    found: &mut Found,
    ground: &Ground<'_, K>,
    asked: &BTreeSet<&ElementId>,
    rule: &Rule,
    at: &str,
) {
    let formula = match Formula::parse(&rule.check) {
        Ok(formula) => formula,
        Err(error) => {
            found.add(at, error.problem.words(), vec![("at", error.at.to_string())]);
            return;
        }
    };
    if formula.kind() != Kind::Truth {
        found.add(at, "reporting-formula-needs-truth", vec![("at", "1".to_owned())]);
        return;
    }
    let mut own = false;
    let mut fits = true;
    for input in formula.inputs() {
        match input {
            Input::Indicator(_) | Input::Target(_) => {
                fits = false;
                let part = vec![("part", input.to_string())];
                found.add(at, "reporting-flaw-rule-indicator", part);
            }
            Input::Cell(key) | Input::Previous(key) => {
                own |= asked.contains(&key.element);
                if let Some((what, args)) = ground.unfit(key) {
                    fits = false;
                    found.add(at, what, args);
                }
            }
        }
    }
    if !fits {
        return;
    }
    found.require(own, at, "reporting-flaw-rule-elsewhere");
    if let Some(zero) = formula.zero_below() {
        found.add(at, "reporting-definition-zero-below", vec![("below", zero.to_string())]);
    }
    if let Err(problem) = formula.with_units(ground) {
        found.add(at, problem.words(), problem.args());
    }
}
