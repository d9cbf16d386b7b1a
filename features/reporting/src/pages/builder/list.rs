//! The list of data sets and drafts, and beginning a new one.

use kernel::{
    axum::extract::Query,
    clock::Day,
    db::Tx,
    problem::{FormProblems, OrMissing, Outcome},
    text::fold,
    web::{Answer, FieldError, Posted, Template, Visit, see_other},
};
use serde::{Deserialize, Serialize};

use super::{Choice, Line, choice, href, short, words};
use crate::{
    actions::{
        DATASET_NOT_FOUND, DEFINE, SEE,
        builder::{self, must_be_hub},
        catalogue,
    },
    model::{
        Dataset, DatasetId, Life, Tier,
        bundle::{Bundle, is_dataset_code, is_template},
        dataset::{Deadline, DueRule, DueWhat},
        element::Mark,
        form::Form,
    },
    store::drafts::DraftRow,
};

pub(super) const LIST: Template<ListPage> = Template::new("reporting/build_list.html");
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
    all.sort_by_key(|one| (one.until <= today || one.ended.is_some(), &one.code));
    let rows = all.into_iter().map(|one| set_line(&visit, one, today)).collect();
    let drafts = visit.app.db.view(async |tx| builder::list(tx, &visit.caller).await).await?;
    let drafts = drafts.into_iter().map(|row| draft_line(&visit, row));
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

/// A draft in a list.
pub(super) fn draft_line(visit: &Visit, row: DraftRow) -> DraftLine {
    DraftLine {
        href: href(&row.id),
        title: row.title,
        code: row.dataset.to_string(),
        by: visit.say("reporting-build-by", &[("name", row.changed_by), ("at", row.at.short())]),
    }
}

/// A data set in a list.
pub(super) fn set_line(visit: &Visit, one: &Dataset, today: Day) -> SetLine {
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

/// True for what is reported these days.
pub(super) fn is_running(one: &Dataset, today: Day) -> bool {
    state(one, today).0 == RUNNING
}

const RUNNING: &str = "reporting-set-running";

fn state(one: &Dataset, today: Day) -> (&'static str, &'static str) {
    if one.ended.is_some() {
        ("reporting-set-ended", "")
    } else if is_template(one) {
        ("reporting-set-template", "")
    } else if one.from > today {
        ("reporting-set-coming", "warn")
    } else if one.until <= today {
        ("reporting-set-over", "")
    } else {
        (RUNNING, "done")
    }
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
    let keep = async |tx: &mut Tx| builder::keep_draft(tx, &visit.caller, None, bundle).await;
    visit.app.db.change(keep).await
}

/// A quarterly data set of communes without any section.
fn blank(code: DatasetId, title: &str, today: Day) -> Bundle {
    let deadline = Deadline {
        tier: Tier::Commune,
        life: Life::Final,
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
            ended: None,
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
