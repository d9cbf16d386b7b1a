//! Consolidation: the sums as they stand, closing them, a closed copy and what differs from it now. Their papers are
//! made in `paper`.

mod paper;

use std::collections::{BTreeSet, HashMap};

use kernel::{
    app::AppRef,
    axum::{
        Router,
        extract::{Path, Query},
        routing::{get, post},
    },
    db::Tx,
    problem::{BAD_REQUEST, OrMissing, Outcome},
    web::{Answer, FieldError, Posted, Template, Visit},
};
use serde::{Deserialize, Serialize};

use super::{
    builder::ended,
    entry::signer,
    review::{cell_name, dataset_of, decimals, period_label, unit_name},
};
use crate::{
    actions::{
        APPROVE, REVIEW, SEE, SUBMISSION_NOT_FOUND,
        catalogue::{self, Catalogue},
        consolidation::{self as actions, Corrected, Differences, Summary, Wanted},
        map::register_key,
        review::place_of,
    },
    model::{Capacity, CellKey, ConsolidationId, Life, Tier, amount::print_amount, form::Form},
    store::consolidations::{self as store, Consolidation},
};

/// The addresses of this page.
pub(crate) fn routes() -> Router<AppRef> {
    Router::new()
        .route("/bao-cao/tong-hop/{dataset}/{period}/{life}", get(show).post(close))
        .route("/bao-cao/tong-hop/ban/{id}", get(closed))
        .route("/bao-cao/tong-hop/ban/{id}/duyet", post(approve))
        .merge(paper::routes())
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    dia_ban: String,
}

/// A summed cell.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct SumRow {
    pub(crate) label: String,
    pub(crate) unit: String,
    pub(crate) sum: Option<String>,
    /// The key of the words why there is none.
    pub(crate) gap: &'static str,
    pub(crate) count: i64,
    pub(crate) no_data: i64,
}

/// Where the papers of a summary are.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Papers {
    /// What they are of: a key of words.
    pub(crate) of: &'static str,
    pub(crate) docx: String,
    pub(crate) pdf: String,
    pub(crate) xlsx: String,
}

impl Papers {
    /// Of the sums as they stand.
    fn standing(action: &str, area: &areas::AreaId) -> Self {
        let at = |ending: &str| format!("{action}/tong-hop.{ending}?dia_ban={area}");
        let of = "reporting-papers-standing";
        Self { of, docx: at("docx"), pdf: at("pdf"), xlsx: at("xlsx") }
    }

    /// Of a closed copy.
    fn of(one: &Consolidation) -> Self {
        let at = |ending: &str| format!("/bao-cao/tong-hop/ban/{}/tong-hop.{ending}", one.id);
        let of = match one.approved_at {
            Some(_) => "reporting-papers-approved",
            None => "reporting-papers-closed",
        };
        Self { of, docx: at("docx"), pdf: at("pdf"), xlsx: at("xlsx") }
    }
}

/// A closed copy in a list.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ClosedRow {
    pub(crate) href: String,
    pub(crate) area: String,
    pub(crate) number: i64,
    pub(crate) at: String,
    pub(crate) by: String,
    pub(crate) included: i64,
    pub(crate) expected: i64,
    pub(crate) approved: Option<String>,
    pub(crate) hash: String,
}

/// A difference.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ChangeRow {
    pub(crate) label: String,
    pub(crate) then: Option<String>,
    pub(crate) now: Option<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct ShowContext {
    pub(crate) title: String,
    pub(crate) area: String,
    pub(crate) area_id: String,
    pub(crate) period: String,
    pub(crate) action: String,
    pub(crate) back: String,
    /// That the campaign was ended early; empty when it was not.
    pub(crate) ended: String,
    pub(crate) as_of: String,
    pub(crate) included: usize,
    pub(crate) expected: usize,
    pub(crate) missing: Vec<String>,
    pub(crate) sums: Vec<SumRow>,
    pub(crate) closed: Vec<ClosedRow>,
    /// Newest copies of the areas below.
    pub(crate) below: Vec<ClosedRow>,
    /// Where its papers are; none while nothing is in it.
    pub(crate) papers: Option<Papers>,
    pub(crate) may_close: bool,
    pub(crate) same_as_newest: bool,
}

pub(crate) const SHOW: Template<ShowContext> = Template::new("reporting/consolidation.html");

#[derive(Debug, Serialize)]
pub(crate) struct ClosedContext {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) area: String,
    pub(crate) period: String,
    pub(crate) back: String,
    /// That the campaign was ended early; empty when it was not.
    pub(crate) ended: String,
    pub(crate) one: ClosedRow,
    pub(crate) sums: Vec<SumRow>,
    pub(crate) included: Vec<String>,
    pub(crate) missing: Vec<String>,
    pub(crate) cells: Vec<ChangeRow>,
    pub(crate) reports: Vec<ChangeRow>,
    pub(crate) now: String,
    pub(crate) newest: bool,
    pub(crate) papers: Papers,
    pub(crate) may_approve: bool,
    pub(crate) draft: Draft,
    pub(crate) errors: Vec<FieldError>,
}

/// In which capacity somebody wants to approve.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Draft {
    pub(crate) capacity: String,
    pub(crate) post: String,
}

pub(crate) const CLOSED: Template<ClosedContext> =
    Template::new("reporting/consolidation_closed.html");

fn sum_rows(catalogue: &Catalogue, form: Option<&Form>, summary: &Summary) -> Vec<SumRow> {
    let row = |sum: &actions::Sum| {
        let key = CellKey::parse(&sum.cell)?;
        let shown = sum.shown();
        Some(SumRow {
            label: cell_name(catalogue, &key),
            unit: unit_name(catalogue, &key),
            sum: shown.ok().map(|amount| print_amount(amount, decimals(catalogue, &key))),
            gap: shown.err().unwrap_or_default(),
            count: sum.count,
            no_data: sum.no_data,
        })
    };
    let mut sums: Vec<&actions::Sum> = summary.sums.iter().collect();
    sums.sort_by_cached_key(|sum| CellKey::parse(&sum.cell).map(|key| place_in(form, &key)));
    sums.into_iter().filter_map(row).collect()
}

/// Where a cell stands in its form: table, row, column. What was added below a row follows it, what the form has no
/// cell for stands last.
fn place_in(form: Option<&Form>, key: &CellKey) -> [usize; 3] {
    let tables = form.into_iter().flat_map(Form::tables).enumerate();
    let mut held = tables.filter(|(_, (_, table))| table.holds(key));
    let Some((at, (_, table))) = held.next() else { return [usize::MAX; 3] };
    let cells = table.cells();
    if let Some(own) = cells.iter().find(|one| one.key == *key) {
        return [at, own.row, own.column];
    }
    let row = cells.iter().find(|one| one.key.element == key.element);
    [at, row.map_or(usize::MAX, |one| one.row), usize::MAX]
}

/// Where a place stands in a list.
type Key = (String, String);

/// The places with these ids, as far as the map knows them.
async fn names_of(
    tx: &mut Tx,
    ids: impl Iterator<Item = &str>,
) -> Outcome<HashMap<areas::AreaId, areas::Area>> {
    let ids: BTreeSet<areas::AreaId> = ids.filter_map(areas::AreaId::parse).collect();
    Ok(areas::find_many(tx, &ids).await?)
}

/// What is told of places, in the order of the register. `of` gives the id of a place and what it is called.
fn in_order<'l, T>(
    all: &'l [T],
    names: &HashMap<areas::AreaId, areas::Area>,
    of: impl Fn(&T) -> (&String, &String),
) -> Vec<&'l T> {
    let mut all: Vec<&T> = all.iter().collect();
    all.sort_by_cached_key(|one| {
        let (id, title) = of(one);
        let area = areas::AreaId::parse(id).and_then(|id| names.get(&id));
        register_key(area, id, title)
    });
    all
}

fn closed_row(visit: &Visit, one: &Consolidation, area: String) -> ClosedRow {
    let approved = one.approved();
    ClosedRow {
        href: format!("/bao-cao/tong-hop/ban/{}", one.id),
        area,
        number: one.number,
        at: one.at.short(),
        by: one.by_name.clone(),
        included: one.included,
        expected: one.expected,
        approved: approved.map(|it| format!("{} – {}", signer(visit, &it), it.at.short())),
        hash: kernel::chance::hex(&one.hash),
    }
}

async fn wanted(
    visit: &Visit,
    path: &(String, String, String),
) -> Outcome<(std::sync::Arc<Catalogue>, Wanted)> {
    let catalogue = catalogue::current(&visit.app).await?;
    let code = dataset_of(&path.0)?;
    let period = catalogue.period(catalogue.dataset(&code)?, &path.1)?;
    let wanted = Wanted { dataset: code, period, life: Life::from_slug(&path.2) };
    Ok((catalogue, wanted))
}

async fn show(
    visit: Visit,
    Path(path): Path<(String, String, String)>,
    Query(asked): Query<Asked>,
) -> Answer {
    let (catalogue, wanted) = wanted(&visit, &path).await?;
    let context = visit
        .app
        .db
        .view(async |tx| context(tx, &visit, &catalogue, &wanted, &asked.dia_ban).await)
        .await?;
    visit.page(&SHOW, &context)
}

async fn context(
    tx: &mut Tx,
    visit: &Visit,
    catalogue: &Catalogue,
    wanted: &Wanted,
    asked: &str,
) -> Outcome<ShowContext> {
    let area = place_of(tx, &visit.caller, &SEE, asked).await?;
    let dataset = catalogue.dataset(&wanted.dataset)?;
    let summary = actions::sum_up(tx, catalogue, wanted, &area).await?;
    let key = (wanted.dataset.as_str(), wanted.period.id(), wanted.life);
    let known = store::of_area(tx, key, &area.id).await?;
    let country = area.level == areas::AreaLevel::Country && dataset.tier == Tier::Commune;
    let mut below = Vec::new();
    if country {
        let all = store::newest_under(tx, key, &area.path).await?;
        let others: Vec<Consolidation> =
            all.into_iter().filter(|one| one.area != area.id).collect();
        let ids: Vec<areas::AreaId> = others.iter().map(|one| one.area.clone()).collect();
        let names = areas::find_many(tx, &ids).await?;
        let mut rows: Vec<(Key, ClosedRow)> = Vec::with_capacity(others.len());
        for one in &others {
            let area = names.get(&one.area);
            let name = area.map_or_else(|| one.area.to_string(), areas::Area::title);
            rows.push((register_key(area, one.area.as_str(), &name), closed_row(visit, one, name)));
        }
        rows.sort_by(|a, b| a.0.cmp(&b.0));
        below.extend(rows.into_iter().map(|(_, row)| row));
    }
    let newest = known.first().and_then(|one| Some((one, Summary::decode(&one.body)?)));
    // What says the same as the newest copy is printed as that copy.
    let same = newest.filter(|(_, then)| then.says_the_same(&summary)).map(|(one, _)| one);
    let names = names_of(tx, summary.missing.iter().map(|one| one.0.as_str())).await?;
    let missing = in_order(&summary.missing, &names, |one| (&one.0, &one.1));
    let (dataset_code, period) = (&wanted.dataset, wanted.period.id());
    let action = format!("/bao-cao/tong-hop/{dataset_code}/{period}/{}", wanted.life.slug());
    Ok(ShowContext {
        title: dataset.title.clone(),
        area: area.title(),
        area_id: area.id.to_string(),
        period: period_label(visit, wanted.period.id(), wanted.life.code(), dataset.estimated),
        back: format!("/bao-cao/duyet?bo={}&dia_ban={}", wanted.dataset, area.id),
        ended: ended(visit, dataset),
        as_of: tx.now().short(),
        included: summary.included.len(),
        expected: summary.expected(),
        missing: missing.into_iter().map(|one| one.1.clone()).collect(),
        sums: sum_rows(catalogue, catalogue.form(&wanted.dataset).ok(), &summary),
        closed: known.iter().map(|one| closed_row(visit, one, area.title())).collect(),
        below,
        may_close: visit.caller.may(&REVIEW, &area.path) && !summary.included.is_empty(),
        same_as_newest: same.is_some(),
        papers: (!summary.included.is_empty())
            .then(|| same.map_or_else(|| Papers::standing(&action, &area.id), Papers::of)),
        action,
    })
}

async fn close(visit: Visit, Path(path): Path<(String, String, String)>, posted: Posted) -> Answer {
    let (_, wanted) = wanted(&visit, &path).await?;
    let area = areas::AreaId::parse(posted.fields.raw("dia_ban")).or_missing(&areas::NOT_FOUND)?;
    let one = actions::close(&visit.app, &visit.caller, &wanted, &area).await?;
    visit.done(&format!("/bao-cao/tong-hop/ban/{}", one.id), "reporting-done-closed")
}

async fn closed(visit: Visit, Path(id): Path<String>) -> Answer {
    let id = ConsolidationId::parse(&id).or_missing(&SUBMISSION_NOT_FOUND)?;
    visit.page(&CLOSED, &page_of(&visit, &id).await?)
}

async fn page_of(visit: &Visit, id: &ConsolidationId) -> Outcome<ClosedContext> {
    let catalogue = catalogue::current(&visit.app).await?;
    visit.app.db.view(async |tx| closed_context(tx, visit, &catalogue, id).await).await
}

async fn closed_context(
    tx: &mut Tx,
    visit: &Visit,
    catalogue: &Catalogue,
    id: &ConsolidationId,
) -> Outcome<ClosedContext> {
    let one = actions::read(tx, &visit.caller, id).await?;
    let then = Summary::decode(&one.body).or_missing(&SUBMISSION_NOT_FOUND)?;
    let dataset = catalogue.dataset(&one.dataset)?;
    let life = Life::from_code(one.life);
    let period = catalogue.period(dataset, &one.period)?;
    let wanted = Wanted { dataset: one.dataset.clone(), period, life };
    let area = areas::find(tx, &one.area).await?.or_missing(&areas::NOT_FOUND)?;
    let now = actions::sum_up(tx, catalogue, &wanted, &area).await?;
    let Differences { cells, reports } = actions::differences(&then, &now);
    let key = (one.dataset.as_str(), one.period.as_str(), life);
    let newest = store::of_area(tx, key, &one.area).await?;
    let newest = newest.first().is_some_and(|newest| newest.id == one.id);
    let amount = |cell: &str, amount: Option<i64>| {
        let key = CellKey::parse(cell)?;
        amount.map(|amount| print_amount(amount, decimals(catalogue, &key)))
    };
    let cell_row = |(cell, then, now): &(String, Option<i64>, Option<i64>)| ChangeRow {
        label: CellKey::parse(cell).map_or_else(|| cell.clone(), |key| cell_name(catalogue, &key)),
        then: amount(cell, *then),
        now: amount(cell, *now),
    };
    let revision = |one: Option<i64>| {
        one.map(|one| visit.say("reporting-revision", &[("revision", one.to_string())]))
    };
    let report_row = |one: &Corrected| ChangeRow {
        label: one.name.clone(),
        then: revision(one.then),
        now: revision(one.now),
    };
    let units = then.included.iter().map(|one| &one.area);
    let units = units.chain(then.missing.iter().map(|one| &one.0));
    let units = units.chain(reports.iter().map(|one| &one.area)).map(String::as_str);
    let names = names_of(tx, units).await?;
    let own = one.by_account == visit.caller.id();
    Ok(ClosedContext {
        id: one.id.to_string(),
        title: dataset.title.clone(),
        area: area.title(),
        period: period_label(visit, &one.period, one.life, dataset.estimated),
        back: format!(
            "/bao-cao/tong-hop/{}/{}/{}?dia_ban={}",
            one.dataset,
            one.period,
            life.slug(),
            one.area
        ),
        ended: ended(visit, dataset),
        sums: sum_rows(catalogue, catalogue.form(&one.dataset).ok(), &then),
        included: in_order(&then.included, &names, |one| (&one.area, &one.name))
            .into_iter()
            .map(|one| {
                let words = if one.approved {
                    "reporting-included-approved"
                } else {
                    "reporting-included-accepted"
                };
                visit.say(
                    words,
                    &[("name", one.name.clone()), ("revision", one.revision.to_string())],
                )
            })
            .collect(),
        missing: in_order(&then.missing, &names, |one| (&one.0, &one.1))
            .into_iter()
            .map(|one| one.1.clone())
            .collect(),
        cells: cells.iter().map(cell_row).collect(),
        reports: in_order(&reports, &names, |one| (&one.area, &one.name))
            .into_iter()
            .map(report_row)
            .collect(),
        now: tx.now().short(),
        may_approve: newest
            && !own
            && one.approved_at.is_none()
            && visit.caller.may(&APPROVE, &one.path),
        newest,
        papers: Papers::of(&one),
        draft: Draft::default(),
        errors: Vec::new(),
        one: closed_row(visit, &one, area.title()),
    })
}

async fn approve(visit: Visit, Path(id): Path<String>, posted: Posted) -> Answer {
    let id = ConsolidationId::parse(&id).or_missing(&SUBMISSION_NOT_FOUND)?;
    let draft =
        Draft { capacity: posted.fields.line("capacity"), post: posted.fields.line("post") };
    let capacity = Capacity::of(&draft.capacity, &draft.post).or_missing(&BAD_REQUEST)?;
    let failure = match actions::approve(&visit.app, &visit.caller, &id, &capacity).await {
        Ok(one) => {
            let page = format!("/bao-cao/tong-hop/ban/{}", one.id);
            return visit.done(&page, "reporting-done-approved");
        }
        Err(failure) => failure,
    };
    if failure.problem().is_none_or(|problem| problem.fields.is_empty()) {
        return Err(failure);
    }
    let context = page_of(&visit, &id).await?;
    visit.form_again(failure, &CLOSED, |errors| ClosedContext { draft, errors, ..context })
}
