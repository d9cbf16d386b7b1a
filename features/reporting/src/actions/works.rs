//! Works: taken out of reports as they are handed in, shown once in a register, decided about where reports
//! contradict each other.

use std::collections::{BTreeMap, HashMap};

use areas::Area;
use identity::audit;
use kernel::{
    app::App,
    caller::Caller,
    db::Tx,
    problem::{FormProblems, Outcome, ProblemKind},
    tracing::warn,
};

use super::{REVIEW, catalogue::Catalogue};
use crate::{
    model::{
        Life,
        amount::unit,
        form::{ColumnKind, Form, RowTable, SectionBody},
        row_cells::stored_amount,
        work::{Choice, Standing, Told, basis, reconcile, work_key},
    },
    store::{
        submissions::Submission,
        words,
        works::{self as store, Decision, WorkRow},
    },
};

/// Nobody tells of this work.
pub static WORK_NOT_FOUND: ProblemKind =
    ProblemKind { code: "reporting-work-not-found", status: 404 };

/// Takes the works out of a report that was handed in or arrived. Called in the transaction that does it.
pub async fn refresh(tx: &mut Tx, one: &Submission) -> Outcome<()> {
    let told = words::rows(tx, &one.id).await?;
    let mut rows = Vec::new();
    if !told.is_empty() {
        let body = store::form(tx, one.dataset.as_str(), one.form_version).await?;
        let form = body.and_then(|body| serde_json::from_str::<Form>(&body).ok());
        let Some(form) = form else {
            // The hub does not know the form yet; what it knows comes with the next revision.
            warn!(submission = %one.id, "works of an unknown form are passed over");
            return Ok(());
        };
        for row in told {
            let Some(column) = table(&form, &row.section).and_then(work_column) else { continue };
            let cells: BTreeMap<String, String> =
                serde_json::from_str(&row.body).unwrap_or_default();
            let shown = cells.get(column).cloned().unwrap_or_default();
            let work = work_key(&shown);
            if work.is_empty() {
                continue;
            }
            rows.push(WorkRow {
                submission: one.id.clone(),
                section: row.section,
                row_id: row.id,
                work,
                shown: shown.chars().take(200).collect(),
                dataset: one.dataset.clone(),
                period: one.period.clone(),
                life: one.life.code(),
                tier: one.tier.clone(),
                area: one.area.clone(),
                path: one.path.clone(),
                revision: one.revision,
                position: row.position,
                body: row.body,
                at: tx.now(),
            });
        }
    }
    store::replace(tx, &one.id, &rows).await?;
    Ok(())
}

fn table<'f>(form: &'f Form, section: &str) -> Option<&'f RowTable> {
    let found = form.sections.iter().find(|one| one.code == section)?;
    match &found.body {
        SectionBody::Rows(table) => Some(table),
        _ => None,
    }
}

fn work_column(table: &RowTable) -> Option<&str> {
    table.columns.iter().find(|one| one.kind == ColumnKind::Work).map(|one| one.code.as_str())
}

/// A column of figures that can be added over works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FigureColumn {
    /// Its code.
    pub code: String,
    /// Its heading.
    pub title: String,
    /// Its unit's code.
    pub unit: String,
    /// Decimals that are kept.
    pub decimals: u32,
}

/// The columns of works' tables that can be added: numbers that are no shares.
pub fn figure_columns(catalogue: &Catalogue) -> Vec<FigureColumn> {
    let mut all: Vec<FigureColumn> = Vec::new();
    for dataset in catalogue.datasets.keys() {
        let Ok(form) = catalogue.form(dataset) else { continue };
        for section in &form.sections {
            let Some(table) =
                table(form, &section.code).filter(|table| work_column(table).is_some())
            else {
                continue;
            };
            for column in &table.columns {
                let ColumnKind::Number { unit: code, decimals, .. } = &column.kind else {
                    continue;
                };
                let adds = unit(code).is_some_and(|unit| !unit.is_share());
                if adds && !all.iter().any(|known| known.code == column.code) {
                    all.push(FigureColumn {
                        code: column.code.clone(),
                        title: column.title.clone(),
                        unit: code.clone(),
                        decimals: *decimals,
                    });
                }
            }
        }
    }
    all
}

/// A row of a report about a work.
#[derive(Clone, Debug)]
pub struct Source {
    /// The row as it is kept.
    pub row: WorkRow,
    /// Its cells.
    pub cells: BTreeMap<String, String>,
    /// The unit's name.
    pub unit: String,
    /// The chosen figure; none when it is empty or cannot be read.
    pub amount: Option<i64>,
    /// True when it counts.
    pub counts: bool,
}

/// A work, once.
#[derive(Clone, Debug)]
pub struct Work {
    /// Its id as compared.
    pub key: String,
    /// Its id as written.
    pub shown: String,
    /// Its name.
    pub name: String,
    /// The programme's component, as written.
    pub component: String,
    /// How the reports about it stand to each other.
    pub standing: Standing,
    /// The sum of what counts; none while nothing does.
    pub amount: Option<i64>,
    /// True when owner and territory tell different figures.
    pub differs: bool,
    /// Who tells of it.
    pub sources: Vec<Source>,
    /// What was decided.
    pub decided: Option<Decision>,
}

/// The works of an area in a period.
pub struct Register {
    /// The area.
    pub area: Area,
    /// The works, by id.
    pub works: Vec<Work>,
    /// By component: its code as written, works, sum of the chosen figure.
    pub sums: Vec<(String, i64, i64)>,
    /// Works that several tell of and nobody decided about.
    pub conflicts: usize,
}

/// Reads the register.
pub async fn register(
    tx: &mut Tx,
    area: Area,
    period: &str,
    life: Life,
    column: Option<&FigureColumn>,
) -> Outcome<Register> {
    let rows = store::under(tx, &area.path, period, life).await?;
    let decisions: HashMap<String, Decision> = store::decisions(tx, period, life)
        .await?
        .into_iter()
        .map(|one| (one.work.clone(), one))
        .collect();
    let units: Vec<areas::AreaId> = rows.iter().map(|row| row.area.clone()).collect();
    let names = areas::find_many(tx, &units).await?;
    let mut groups: BTreeMap<String, Vec<WorkRow>> = BTreeMap::new();
    for row in rows {
        groups.entry(row.work.clone()).or_default().push(row);
    }
    let mut works = Vec::with_capacity(groups.len());
    for (key, rows) in groups {
        let title =
            |row: &WorkRow| names.get(&row.area).map_or_else(|| row.area.to_string(), Area::title);
        let told: Vec<(WorkRow, String)> =
            rows.into_iter().map(|row| (row.clone(), title(&row))).collect();
        let decided = decisions.get(&key);
        works.push(one_work(key, &told, decided, column));
    }
    let mut sums: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for work in &works {
        let (count, sum) = sums.entry(work.component.clone()).or_default();
        *count += 1;
        *sum = sum.saturating_add(work.amount.unwrap_or(0));
    }
    let conflicts = works.iter().filter(|work| work.standing == Standing::Conflict).count();
    let sums = sums.into_iter().map(|(component, (count, sum))| (component, count, sum)).collect();
    Ok(Register { area, works, sums, conflicts })
}

fn told(rows: &[(WorkRow, String)]) -> Vec<Told<'_>> {
    rows.iter()
        .map(|(row, _)| Told {
            submission: row.submission.as_str(),
            revision: row.revision,
            area: row.area.as_str(),
            is_territory: row.tier == "commune",
            at: row.at.millis(),
        })
        .collect()
}

fn one_work(
    key: String,
    rows: &[(WorkRow, String)],
    decided: Option<&Decision>,
    column: Option<&FigureColumn>,
) -> Work {
    let told = told(rows);
    let valid = decided.filter(|one| one.basis == basis(&told));
    let choice = valid.map(|one| match one.mode.as_str() {
        "one" => Choice::One(one.submission.as_str()),
        _ => Choice::Shares,
    });
    let (standing, counted) = reconcile(&told, choice);
    let sources: Vec<Source> = rows
        .iter()
        .enumerate()
        .map(|(at, (row, unit_name))| {
            let cells: BTreeMap<String, String> =
                serde_json::from_str(&row.body).unwrap_or_default();
            Source {
                amount: column.and_then(|column| amount_of(&cells, column)),
                cells,
                unit: unit_name.clone(),
                counts: counted.contains(&at),
                row: row.clone(),
            }
        })
        .collect();
    let counting: Vec<i64> =
        sources.iter().filter(|one| one.counts).filter_map(|one| one.amount).collect();
    let amounts: std::collections::BTreeSet<Option<i64>> =
        sources.iter().map(|one| one.amount).collect();
    let first = sources.iter().find(|one| one.counts).or_else(|| sources.first());
    let cell = |code: &str| first.and_then(|one| one.cells.get(code)).cloned().unwrap_or_default();
    Work {
        shown: first.map_or_else(|| key.clone(), |one| one.row.shown.clone()),
        name: cell("ten"),
        component: cell("noidung"),
        amount: (!counting.is_empty())
            .then(|| counting.iter().fold(0_i64, |sum, one| sum.saturating_add(*one))),
        differs: standing == Standing::BothChains && amounts.len() > 1,
        standing,
        decided: valid.cloned(),
        sources,
        key,
    }
}

fn amount_of(cells: &BTreeMap<String, String>, column: &FigureColumn) -> Option<i64> {
    let typed = cells.get(&column.code)?;
    stored_amount(typed, &column.unit, column.decimals)
}

/// What somebody decides about a work.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// The report that counts; none when each tells a share.
    pub submission: Option<String>,
    /// Why.
    pub why: String,
}

/// Decides about a work that several reports tell of. Whoever decides must review all of them.
pub async fn decide(
    app: &App,
    caller: &Caller,
    (period, life): (&str, Life),
    work: &str,
    verdict: &Verdict,
) -> Outcome<()> {
    app.db
        .change(async |tx| {
            let rows = store::of_work(tx, period, life, work).await?;
            if rows.is_empty() {
                return Err((&WORK_NOT_FOUND).into());
            }
            for row in &rows {
                caller.must(&REVIEW, &row.path)?;
            }
            let why = kernel::text::tidy(&verdict.why);
            let known = |id: &String| rows.iter().any(|row| row.submission.as_str() == id);
            let mut wrong = FormProblems::new();
            wrong.require(why.chars().count() >= 5, "why", "reporting-work-why-needed");
            wrong.require(
                verdict.submission.as_ref().is_none_or(known),
                "choice",
                "reporting-work-choice-unknown",
            );
            wrong.check()?;
            let named: Vec<(WorkRow, String)> =
                rows.into_iter().map(|row| (row, String::new())).collect();
            let one = Decision {
                work: work.to_owned(),
                mode: if verdict.submission.is_some() { "one" } else { "shares" }.to_owned(),
                submission: verdict.submission.clone().unwrap_or_default(),
                basis: basis(&told(&named)),
                why: why.chars().take(300).collect(),
                by_account: caller.id().to_owned(),
                by_name: caller.who().map(|person| person.name.clone()).unwrap_or_default(),
                at: tx.now(),
            };
            store::decide(tx, period, life, &one).await?;
            audit(tx, caller, "reporting.work-decided", work, &one.why).await
        })
        .await
}

/// The title of a component, by its code as written in a report.
pub fn component_title(catalogue: &Catalogue, code: &str) -> String {
    let node =
        crate::model::ProgrammeNodeId::parse(code).and_then(|id| catalogue.programme.get(&id));
    node.map_or_else(|| code.to_owned(), |node| node.name.clone())
}
