//! The list of data sets, one data set with its versions, beginning a new one.

use kernel::{
    axum::extract::{Path, Query},
    clock::Day,
    problem::{FormProblems, OrMissing, Outcome},
    scope::ScopePath,
    text::fold,
    web::{Answer, FieldError, Posted, Template, Visit, see_other},
};
use serde::{Deserialize, Serialize};

use super::{Choice, Line, choice, href, short, words};
use crate::{
    actions::{
        DATASET_NOT_FOUND, DEFINE, SEE,
        builder::{self, must_be_hub},
        catalogue::{self, Catalogue, kind},
    },
    model::{
        Dataset, DatasetId, Period, Tier,
        bundle::{Bundle, is_dataset_code, is_template},
        dataset::{Deadline, DueRule, DueWhat},
        element::Mark,
        form::{ColumnKind, Form, SectionBody},
    },
    store::{definitions, obligations},
};

pub(super) const LIST: Template<ListPage> = Template::new("reporting/build_list.html");
pub(super) const ONE: Template<OnePage> = Template::new("reporting/build_one.html");
pub(super) const NEW: Template<NewPage> = Template::new("reporting/build_new.html");

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    q: String,
}

/// The list.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct ListPage {
    pub(super) q: String,
    pub(super) rows: Vec<SetLine>,
    pub(super) drafts: Vec<DraftLine>,
    pub(super) may_define: bool,
    /// Definitions are made here; a point only shows what arrived.
    pub(super) is_hub: bool,
}

/// A data set.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct SetLine {
    pub(super) href: String,
    pub(super) code: String,
    pub(super) title: String,
    pub(super) scheme: String,
    pub(super) tier: String,
    pub(super) state: String,
    pub(super) kind: &'static str,
}

/// A draft.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct DraftLine {
    pub(super) href: String,
    pub(super) title: String,
    pub(super) code: String,
    pub(super) by: String,
}

pub(crate) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    visit.caller.must_somewhere(&SEE)?;
    let known = catalogue::current(&visit.app).await?;
    let wanted = fold(&short(&asked.q, 100));
    let today = visit.app.now().day();
    let mut all: Vec<&Dataset> = known
        .datasets
        .values()
        .filter(|one| fold(&format!("{} {}", one.code, one.title)).contains(wanted.trim()))
        .collect();
    all.sort_by_key(|one| (one.until <= today, &one.code));
    let rows = all.into_iter().map(|one| set_line(&visit, one, today)).collect();
    let drafts = visit.app.db.view(async |tx| builder::list(tx, &visit.caller).await).await?;
    let drafts = drafts.into_iter().map(|row| DraftLine {
        href: href(&row.id),
        title: row.title,
        code: row.dataset.to_string(),
        by: visit.say("reporting-build-by", &[("name", row.changed_by), ("at", row.at.short())]),
    });
    let is_hub = must_be_hub(&visit.app).is_ok();
    let page = ListPage {
        q: short(&asked.q, 100),
        rows,
        drafts: drafts.collect(),
        may_define: is_hub && visit.caller.may_somewhere(&DEFINE),
        is_hub,
    };
    visit.page(&LIST, &page)
}

fn set_line(visit: &Visit, one: &Dataset, today: Day) -> SetLine {
    let (state, kind) = state(one, today);
    SetLine {
        href: format!("/bao-cao/bieu/{}", one.code),
        code: one.code.to_string(),
        title: one.title.clone(),
        scheme: words::scheme_name(visit, &one.scheme),
        tier: words::tier_name(visit, one.tier),
        state: visit.say(state, &[]),
        kind,
    }
}

fn state(one: &Dataset, today: Day) -> (&'static str, &'static str) {
    if is_template(one) {
        ("reporting-set-template", "")
    } else if one.from > today {
        ("reporting-set-coming", "warn")
    } else if one.until <= today {
        ("reporting-set-over", "")
    } else {
        ("reporting-set-running", "done")
    }
}

/// One data set.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct OnePage {
    pub(super) set: SetLine,
    pub(super) basis: String,
    pub(super) from: String,
    pub(super) until: String,
    pub(super) areas: Vec<String>,
    pub(super) deadlines: Vec<String>,
    pub(super) versions: Vec<VersionLine>,
    pub(super) owed: Vec<OwedLine>,
    pub(super) sheets: Vec<SheetLine>,
    pub(super) drafts: Vec<DraftLine>,
    pub(super) may_define: bool,
}

/// A version of the form.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct VersionLine {
    pub(super) version: u32,
    pub(super) by: String,
    pub(super) at: String,
    pub(super) in_force: bool,
}

/// What is owed for a period.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct OwedLine {
    pub(super) period: String,
    pub(super) count: String,
    pub(super) href: String,
}

/// What a figure means.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct SheetLine {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) unit: String,
    pub(super) law: String,
    pub(super) concept: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Which {
    dataset: String,
}

pub(crate) async fn one(visit: Visit, Path(which): Path<Which>) -> Answer {
    visit.caller.must_somewhere(&SEE)?;
    let code = DatasetId::parse(&which.dataset).or_missing(&DATASET_NOT_FOUND)?;
    let known = catalogue::current(&visit.app).await?;
    let one = known.dataset(&code)?;
    let form = known.form(&code)?;
    let (versions, owed, areas, drafts) = visit
        .app
        .db
        .view(async |tx| {
            let versions = definitions::versions(tx, kind::FORM, code.as_str()).await?;
            let country = ScopePath::root().child("vn");
            let owed = obligations::periods(tx, &country, code.as_str()).await?;
            let mut names = Vec::new();
            for path in one.areas.iter().take(100).filter_map(|path| ScopePath::parse(path)) {
                let area = areas::by_path(tx, &path).await?;
                names.push(area.map_or_else(|| path.as_str().to_owned(), |area| area.title()));
            }
            Ok((versions, owed, names, builder::list(tx, &visit.caller).await?))
        })
        .await?;
    let today = visit.app.now().day();
    let version = |row: definitions::Version| VersionLine {
        version: row.version,
        by: match row.origin.as_str() {
            "shipped" => visit.say("reporting-version-shipped", &[]),
            _ => row.author,
        },
        at: row.at.short(),
        in_force: row.version == form.version,
    };
    let drafts = drafts.into_iter().filter(|row| row.dataset == code).map(|row| DraftLine {
        href: href(&row.id),
        title: row.title,
        code: row.dataset.to_string(),
        by: visit.say("reporting-build-by", &[("name", row.changed_by), ("at", row.at.short())]),
    });
    let drafts = drafts.collect();
    let page = OnePage {
        set: set_line(&visit, one, today),
        basis: one.basis.clone(),
        from: one.from.short(),
        until: if one.until == Day::FOREVER { String::new() } else { one.until.short() },
        areas,
        deadlines: one.deadlines.iter().map(|due| words::deadline(&visit, due)).collect(),
        versions: versions.into_iter().map(version).collect(),
        owed: owed.into_iter().take(24).map(|row| owed_line(&visit, &code, &row)).collect(),
        sheets: sheets(&visit, &known, form),
        drafts,
        may_define: must_be_hub(&visit.app).is_ok()
            && builder::places(one).iter().all(|place| visit.caller.may(&DEFINE, place)),
    };
    visit.page(&ONE, &page)
}

fn owed_line(visit: &Visit, code: &DatasetId, row: &obligations::Owed) -> OwedLine {
    let life = crate::model::Life::from_code(row.life);
    let period = Period::parse(&row.period)
        .map_or_else(|| row.period.clone(), |period| period.label(visit.lang()));
    OwedLine {
        period,
        count: row.count.to_string(),
        href: format!(
            "/bao-cao/duyet?bo={code}&ky={}",
            crate::pages::review::period_value(&row.period, life)
        ),
    }
}

fn sheets(visit: &Visit, known: &Catalogue, form: &Form) -> Vec<SheetLine> {
    let mut codes: Vec<_> = form.elements().into_iter().cloned().collect();
    for section in &form.sections {
        if let SectionBody::Rows(table) = &section.body {
            codes.extend(table.columns.iter().filter_map(|column| match &column.kind {
                ColumnKind::Number { element, .. } => element.clone(),
                _ => None,
            }));
        }
    }
    let line = |one: &crate::model::DataElement| SheetLine {
        code: one.code.to_string(),
        name: one.name.clone(),
        unit: crate::pages::entry::unit_name(&one.unit),
        law: words::law_name(visit, one.law),
        concept: one.sheet.concept.clone(),
    };
    codes.iter().filter_map(|code| known.elements.get(code)).map(line).collect()
}

/// Begins a draft of the next version.
pub(crate) async fn next_version(visit: Visit, Path(which): Path<Which>, _: Posted) -> Answer {
    let code = DatasetId::parse(&which.dataset).or_missing(&DATASET_NOT_FOUND)?;
    let id = builder::copy(&visit.app, &visit.caller, &code, None).await?;
    visit.done(&href(&id), "reporting-build-begun")
}

/// What a new data set begins with.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct NewPage {
    pub(super) title: String,
    pub(super) code: String,
    pub(super) from: String,
    pub(super) sources: Vec<Choice>,
    pub(super) links: Vec<Line>,
    pub(super) errors: Vec<FieldError>,
}

pub(crate) async fn ask(visit: Visit) -> Answer {
    must_be_hub(&visit.app)?;
    visit.caller.must_somewhere(&DEFINE)?;
    let page = new_page(&visit).await?;
    visit.page(&NEW, &page)
}

async fn new_page(visit: &Visit) -> Outcome<NewPage> {
    let known = catalogue::current(&visit.app).await?;
    let sources = known.datasets.values();
    let sources =
        sources.map(|one| choice(one.code.as_str(), format!("{} · {}", one.code, one.title)));
    Ok(NewPage { sources: sources.collect(), ..NewPage::default() })
}

pub(crate) async fn begin(visit: Visit, posted: Posted) -> Answer {
    must_be_hub(&visit.app)?;
    visit.caller.must_somewhere(&DEFINE)?;
    let fields = &posted.fields;
    let typed = NewPage {
        title: short(&fields.line("title"), 500),
        code: short(&fields.line("code"), 40),
        from: fields.line("from"),
        ..NewPage::default()
    };
    match begun(&visit, &typed).await {
        Ok(id) => Ok(see_other(&href(&id))),
        Err(failure) => {
            let page = new_page(&visit).await?;
            visit.form_again(failure, &NEW, |errors| NewPage {
                sources: page.sources,
                errors,
                ..typed
            })
        }
    }
}

async fn begun(visit: &Visit, typed: &NewPage) -> Outcome<crate::model::DraftId> {
    let known = catalogue::current(&visit.app).await?;
    let mut problems = FormProblems::new();
    problems.require(!typed.title.is_empty(), "title", "reporting-build-title-missing");
    let code = DatasetId::parse(&typed.code).filter(|code| is_dataset_code(code.as_str()));
    problems.require(code.is_some(), "code", "reporting-build-code-wrong");
    let taken = code.as_ref().is_some_and(|code| known.datasets.contains_key(code));
    problems.require(!taken, "code", "reporting-build-code-taken");
    problems.check()?;
    let code = code.or_missing(&DATASET_NOT_FOUND)?;
    if !typed.from.is_empty() {
        let from = DatasetId::parse(&typed.from).or_missing(&DATASET_NOT_FOUND)?;
        let new = Some((code, typed.title.clone()));
        return builder::copy(&visit.app, &visit.caller, &from, new).await;
    }
    let today = visit.app.now().day();
    let bundle = blank(code, &typed.title, today);
    let keep =
        async |tx: &mut kernel::db::Tx| builder::keep_draft(tx, &visit.caller, None, bundle).await;
    visit.app.db.change(keep).await
}

/// A quarterly data set of communes without any section.
fn blank(code: DatasetId, title: &str, today: Day) -> Bundle {
    let deadline = Deadline {
        tier: Tier::Commune,
        life: crate::model::Life::Final,
        what: DueWhat::Submission,
        due: DueRule::AfterClose { days: 2 },
    };
    Bundle {
        dataset: Dataset {
            code: code.clone(),
            title: title.to_owned(),
            scheme: "nd09q".to_owned(),
            tier: Tier::Commune,
            component: None,
            estimated: false,
            deadlines: vec![deadline],
            from: today,
            until: Day::FOREVER,
            areas: Vec::new(),
            basis: String::new(),
            mark: Mark::Derived,
        },
        form: Form {
            dataset: code,
            version: 1,
            title: title.to_owned(),
            basis: String::new(),
            sections: Vec::new(),
            rules: Vec::new(),
        },
        elements: Vec::new(),
        dimensions: Vec::new(),
    }
}
