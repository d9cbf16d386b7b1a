//! The register of works: each once, whoever tells of it; what contradicts itself waits for a decision.

use kernel::{
    app::AppRef,
    axum::{Router, extract::Query, routing::get},
    minijinja::Value,
    problem::{NOT_FOUND, OrMissing, Outcome},
    web::{Answer, Fields, PAGE_SIZE, Paging, Posted, Template, Visit},
};
use serde::{Deserialize, Serialize};

use super::review::{Choice, as_values, period_label, period_value, read_period};
use crate::{
    actions::{
        REVIEW, SEE, catalogue,
        review::place_of,
        works::{self as actions, FigureColumn, Verdict, Work},
    },
    model::{
        Life,
        amount::{print_amount, unit},
        work::Standing,
    },
    store::works as store,
};

/// The addresses of this page.
pub(crate) fn routes() -> Router<AppRef> {
    Router::new().route("/bao-cao/cong-trinh", get(show).post(decide))
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    dia_ban: String,
    #[serde(default)]
    ky: String,
    #[serde(default)]
    cot: String,
    #[serde(default)]
    trang: Option<usize>,
}

/// Who tells of a work.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct SourceRow {
    pub(crate) submission: String,
    pub(crate) href: String,
    pub(crate) unit: String,
    pub(crate) owner: String,
    pub(crate) revision: i64,
    pub(crate) amount: Option<String>,
    pub(crate) counts: bool,
}

/// A work.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct WorkLine {
    pub(crate) key: String,
    pub(crate) shown: String,
    pub(crate) name: String,
    pub(crate) component: String,
    pub(crate) standing: &'static str,
    pub(crate) standing_label: String,
    pub(crate) amount: Option<String>,
    pub(crate) differs: bool,
    pub(crate) decided: Option<String>,
    pub(crate) may_decide: bool,
    pub(crate) sources: Vec<SourceRow>,
}

/// A component's sum.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct SumLine {
    pub(crate) component: String,
    pub(crate) works: i64,
    pub(crate) sum: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct Context {
    pub(crate) area: String,
    pub(crate) area_id: String,
    pub(crate) periods: Vec<Choice>,
    pub(crate) period: String,
    pub(crate) columns: Vec<Choice>,
    pub(crate) column: String,
    pub(crate) column_title: String,
    pub(crate) unit: String,
    pub(crate) works: Vec<WorkLine>,
    pub(crate) sums: Vec<SumLine>,
    pub(crate) conflicts: usize,
    pub(crate) paging: Paging,
    /// Which page of the list.
    pub(crate) at: usize,
    pub(crate) as_of: String,
    pub(crate) deciding: String,
    pub(crate) why: String,
    pub(crate) errors: Vec<Value>,
}

pub(crate) const PAGE: Template<Context> = Template::new("reporting/works.html");

const fn standing(of: &Standing) -> &'static str {
    match of {
        Standing::Once => "once",
        Standing::BothChains => "both",
        Standing::Conflict => "conflict",
        Standing::Chosen => "chosen",
        Standing::Shared => "shared",
    }
}

async fn show(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    let context = context(&visit, &asked).await?;
    visit.page(&PAGE, &context)
}

async fn context(visit: &Visit, asked: &Asked) -> Outcome<Context> {
    let catalogue = catalogue::current(&visit.app).await?;
    let columns = actions::figure_columns(&catalogue);
    let column = columns.iter().find(|one| one.code == asked.cot).or(columns.first()).cloned();
    visit
        .app
        .db
        .view(async |tx| {
            let area = place_of(tx, &visit.caller, &SEE, &asked.dia_ban).await?;
            let periods = store::periods(tx, &area.path).await?;
            let wanted = read_period(&asked.ky);
            let found = periods
                .iter()
                .find(|one| {
                    (one.period.as_str(), Life::from_code(one.life))
                        == (wanted.0.as_str(), wanted.1)
                })
                .or(periods.first());
            let (title, id) = (area.title(), area.id.to_string());
            let (period, life) = found.map_or((String::new(), Life::Final), |one| {
                (one.period.clone(), Life::from_code(one.life))
            });
            let mut register = actions::register(tx, area, &period, life, column.as_ref()).await?;
            // What waits for a decision comes first, on whatever page it would have stood.
            register.works.sort_by_key(|work| work.standing != Standing::Conflict);
            let at = asked.trang.unwrap_or(1).max(1);
            let paging = Paging::new(
                &format!(
                    "/bao-cao/cong-trinh?dia_ban={id}&ky={}&cot={}",
                    period_value(&period, life),
                    column.as_ref().map_or("", |one| one.code.as_str())
                ),
                at,
                register.works.len(),
            );
            let page = register.works.iter().skip(Paging::offset(at)).take(PAGE_SIZE);
            let shown = |work: &Work| work_line(visit, &catalogue, column.as_ref(), work);
            let places = column.as_ref().map_or(0, |one| one.decimals);
            Ok(Context {
                area: title,
                area_id: id,
                periods: periods
                    .iter()
                    .map(|one| Choice {
                        value: period_value(&one.period, Life::from_code(one.life)),
                        label: period_label(visit, &one.period, one.life, true),
                    })
                    .collect(),
                period: period_value(&period, life),
                columns: columns
                    .iter()
                    .map(|one| Choice { value: one.code.clone(), label: one.title.clone() })
                    .collect(),
                column: column.as_ref().map_or_else(String::new, |one| one.code.clone()),
                column_title: column.as_ref().map_or_else(String::new, |one| one.title.clone()),
                unit: column
                    .as_ref()
                    .and_then(|one| unit(&one.unit))
                    .map_or_else(String::new, |unit| unit.name.clone()),
                works: page.map(shown).collect(),
                sums: register
                    .sums
                    .iter()
                    .map(|(code, works, sum)| SumLine {
                        component: actions::component_title(&catalogue, code),
                        works: *works,
                        sum: print_amount(*sum, places),
                    })
                    .collect(),
                conflicts: register.conflicts,
                paging,
                at,
                as_of: tx.now().short(),
                deciding: String::new(),
                why: String::new(),
                errors: Vec::new(),
            })
        })
        .await
}

fn work_line(
    visit: &Visit,
    catalogue: &catalogue::Catalogue,
    column: Option<&FigureColumn>,
    work: &Work,
) -> WorkLine {
    let places = column.map_or(0, |one| one.decimals);
    let print = |amount: i64| print_amount(amount, places);
    let kind = standing(&work.standing);
    let source = |one: &actions::Source| SourceRow {
        submission: one.row.submission.to_string(),
        href: format!("/bao-cao/duyet/{}", one.row.submission),
        unit: one.unit.clone(),
        owner: one.cells.get("chudautu").cloned().unwrap_or_default(),
        revision: one.row.revision,
        amount: one.amount.map(print),
        counts: one.counts,
    };
    let open = matches!(work.standing, Standing::Conflict | Standing::Chosen | Standing::Shared);
    WorkLine {
        key: work.key.clone(),
        shown: work.shown.clone(),
        name: work.name.clone(),
        component: actions::component_title(catalogue, &work.component),
        standing: kind,
        standing_label: visit.say(&format!("reporting-work-{kind}"), &[]),
        amount: work.amount.map(print),
        differs: work.differs,
        decided: work
            .decided
            .as_ref()
            .map(|one| format!("{} – {}: {}", one.by_name, one.at.short(), one.why)),
        may_decide: open && work.sources.iter().all(|one| visit.caller.may(&REVIEW, &one.row.path)),
        sources: work.sources.iter().map(source).collect(),
    }
}

async fn decide(visit: Visit, posted: Posted) -> Answer {
    let fields: &Fields = &posted.fields;
    let (period, life) = read_period(fields.raw("ky"));
    let work = fields.line("cong_trinh");
    let choice = fields.line("choice");
    if choice.is_empty() {
        return Err((&NOT_FOUND).into());
    }
    let verdict = Verdict {
        submission: Some(choice).filter(|choice| choice != "shares"),
        why: fields.line("why"),
    };
    let asked = Asked {
        dia_ban: fields.line("dia_ban"),
        ky: fields.line("ky"),
        cot: fields.line("cot"),
        trang: fields.number("trang").and_then(|page| usize::try_from(page).ok()),
    };
    match actions::decide(&visit.app, &visit.caller, (&period, life), &work, &verdict).await {
        Ok(()) => {
            let area = areas::AreaId::parse(&asked.dia_ban).or_missing(&areas::NOT_FOUND)?;
            let to =
                format!("/bao-cao/cong-trinh?ky={}&dia_ban={area}", period_value(&period, life));
            visit.done(&to, "reporting-done-work")
        }
        Err(failure) if failure.problem().is_some_and(|problem| !problem.fields.is_empty()) => {
            let context = context(&visit, &asked).await?;
            visit.form_again(failure, &PAGE, |errors| Context {
                errors: as_values(&errors),
                deciding: work,
                why: verdict.why,
                ..context
            })
        }
        Err(other) => Err(other),
    }
}
