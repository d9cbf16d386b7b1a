//! What must hold between the figures of a draft: each rule as its formula, with what it reads in words and what is
//! wrong with it.

use kernel::{
    axum::extract::Path,
    web::{Answer, Fields, Posted, Template, Visit},
};
use serde::Serialize;

use super::{At, Choice, Head, choice, keep, open, short};
use crate::{
    actions::catalogue::{self, Catalogue},
    model::{
        CellKey,
        bundle::{Bundle, most},
        form::{Rule, Severity},
        formula::Formula,
    },
    pages::entry::cell_words,
};

pub(super) const RULES: Template<RulesPage> = Template::new("reporting/build_rules.html");

/// Empty lines below what is there.
const SPARE: usize = 2;
/// Cells whose formula is shown for copying.
const CELLS: usize = 400;

/// The page.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct RulesPage {
    pub(super) head: Head,
    pub(super) rules: Vec<RuleLine>,
    pub(super) severities: Vec<Choice>,
    /// What can be named: how it is written, and what it is.
    pub(super) cells: Vec<Choice>,
}

/// A rule.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct RuleLine {
    pub(super) code: String,
    pub(super) check: String,
    pub(super) message: String,
    pub(super) severity: &'static str,
    /// What it reads, in words.
    pub(super) reads: Vec<String>,
    /// What is wrong with it.
    pub(super) flaws: Vec<String>,
}

pub(crate) async fn show(visit: Visit, Path(at): Path<At>) -> Answer {
    let (known, draft) = open(&visit, &at).await?;
    let current = catalogue::current(&visit.app).await?;
    let flaws = draft.bundle.problems(&*current);
    let line = |one: &Rule| RuleLine {
        code: one.code.clone(),
        check: one.check.clone(),
        message: one.message.clone(),
        severity: severity_code(one.severity),
        reads: reads(&known, one),
        flaws: flaws
            .iter()
            .filter(|flaw| flaw.at == format!("rule/{}", one.code))
            .map(|flaw| visit.say(flaw.what, &flaw.args))
            .collect(),
    };
    let mut rules: Vec<RuleLine> = draft.bundle.form.rules.iter().map(line).collect();
    let spare = RuleLine { severity: "error", ..RuleLine::default() };
    rules.resize(rules.len() + SPARE, spare);
    let page = RulesPage {
        rules,
        severities: vec![
            choice("error", visit.say("reporting-severity-error", &[])),
            choice("warning", visit.say("reporting-severity-warning", &[])),
        ],
        cells: cells(&known, &draft.bundle),
        head: Head::of(&visit, &draft),
    };
    visit.page(&RULES, &page)
}

const fn severity_code(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn reads(known: &Catalogue, rule: &Rule) -> Vec<String> {
    let Ok(formula) = Formula::parse(&rule.check) else { return Vec::new() };
    let cells = formula.inputs().into_iter().filter_map(|input| input.cell());
    cells.map(|key| format!("{} = {}", named(key), cell_words(known, key))).collect()
}

/// A cell as a formula names it.
fn named(key: &CellKey) -> String {
    if key.coords.is_total() {
        format!("[{}]", key.element)
    } else {
        format!("[{}{{{}}}]", key.element, key.coords.text())
    }
}

fn cells(known: &Catalogue, bundle: &Bundle) -> Vec<Choice> {
    let placed = bundle.form.tables().flat_map(|(_, table)| table.cells());
    placed.take(CELLS).map(|one| choice(named(&one.key), cell_words(known, &one.key))).collect()
}

pub(crate) async fn save(visit: Visit, Path(at): Path<At>, posted: Posted) -> Answer {
    let fields = &posted.fields;
    let rules = typed(fields);
    let edit = move |bundle: &mut Bundle| {
        bundle.form.rules = rules;
        Ok(())
    };
    keep(&visit, &at, fields, "/rang-buoc", edit).await
}

/// The rules as they were typed; one without formula and words is taken out, a new one gets a code.
fn typed(fields: &Fields) -> Vec<Rule> {
    let mut all: Vec<Rule> = Vec::new();
    for index in 0..=most::RULES {
        let field = |name: &str| fields.line(&format!("k.{index}.{name}"));
        let (check, message) = (field("check"), field("message"));
        if (check.is_empty() && message.is_empty()) || fields.has(&format!("k.{index}.remove")) {
            continue;
        }
        let severity =
            if field("severity") == "warning" { Severity::Warning } else { Severity::Error };
        let (check, message) = (short(&check, 6_000), short(&message, most::TITLE + 1));
        all.push(Rule { code: short(&field("code"), 40), check, message, severity });
    }
    for index in 0..all.len() {
        if all[index].code.is_empty() {
            let taken = |code: &str| all.iter().any(|one| one.code == code);
            let free =
                (1..10_000).map(|number: u32| format!("k{number}")).find(|code| !taken(code));
            all[index].code = free.unwrap_or_default();
        }
    }
    all
}
