//! What a data set is: its name, periods, days, deadlines, areas.

use areas::{
    Area,
    place_field::{self, Place, Wanted},
};
use kernel::{
    axum::extract::Path,
    clock::Day,
    db::Tx,
    problem::{FormProblems, Outcome},
    scope::ScopePath,
    web::{Answer, FieldError, Fields, Posted, Template, Visit},
};
use serde::Serialize;

use super::{At, Choice, Head, choice, keep, open, short, words};
use crate::{
    actions::{DEFINE, catalogue::Catalogue},
    model::{
        Dataset, Life, ProgrammeNodeId,
        bundle::{Bundle, most},
        dataset::{Deadline, DueWhat},
    },
};

pub(super) const HEAD: Template<HeadPage> = Template::new("reporting/build_head.html");

/// Deadlines that can be typed at once.
const DEADLINES: usize = 6;

/// The form.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct HeadPage {
    pub(super) head: Head,
    pub(super) title: String,
    pub(super) basis: String,
    pub(super) form_title: String,
    pub(super) form_basis: String,
    pub(super) scheme: String,
    pub(super) schemes: Vec<Choice>,
    pub(super) tier: String,
    pub(super) tiers: Vec<Choice>,
    pub(super) component: String,
    pub(super) components: Vec<Choice>,
    pub(super) estimated: bool,
    pub(super) from: String,
    pub(super) until: String,
    pub(super) deadlines: Vec<DeadlineLine>,
    pub(super) whats: Vec<Choice>,
    pub(super) lives: Vec<Choice>,
    pub(super) areas: Vec<Choice>,
    pub(super) place: String,
    pub(super) places: Vec<place_field::Choice>,
    pub(super) errors: Vec<FieldError>,
}

/// A deadline as it is typed.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct DeadlineLine {
    pub(super) tier: String,
    pub(super) what: String,
    pub(super) life: String,
    pub(super) due: String,
}

pub(crate) async fn show(visit: Visit, Path(at): Path<At>) -> Answer {
    let page = page(&visit, &at).await?;
    visit.page(&HEAD, &page)
}

async fn page(visit: &Visit, at: &At) -> Outcome<HeadPage> {
    let (known, draft) = open(visit, at).await?;
    let Bundle { dataset, form, .. } = &draft.bundle;
    let areas = visit.app.db.view(async |tx| named(tx, dataset).await).await?;
    Ok(HeadPage {
        title: dataset.title.clone(),
        basis: dataset.basis.clone(),
        form_title: form.title.clone(),
        form_basis: form.basis.clone(),
        scheme: dataset.scheme.clone(),
        schemes: words::schemes(visit),
        tier: words::tier_code(dataset.tier).to_owned(),
        tiers: words::tiers(visit),
        component: dataset.component.as_ref().map_or_else(String::new, ToString::to_string),
        components: components(&known),
        estimated: dataset.estimated,
        from: dataset.from.short(),
        until: last_day(dataset),
        deadlines: deadlines(dataset),
        whats: vec![
            choice("nop", visit.say("reporting-due-what-submission", &[])),
            choice("ky", visit.say("reporting-due-what-certification", &[])),
        ],
        lives: vec![
            choice("", visit.say("reporting-life-final", &[])),
            choice("uoc", visit.say("reporting-life-estimate", &[])),
        ],
        areas,
        head: Head::of(visit, &draft),
        ..HeadPage::default()
    })
}

async fn named(tx: &mut Tx, dataset: &Dataset) -> Outcome<Vec<Choice>> {
    let mut all = Vec::new();
    for path in &dataset.areas {
        let area = match ScopePath::parse(path) {
            Some(path) => areas::by_path(tx, &path).await?,
            None => None,
        };
        all.push(choice(path.clone(), area.map_or_else(|| path.clone(), |area| area.title())));
    }
    Ok(all)
}

fn components(known: &Catalogue) -> Vec<Choice> {
    let nodes = known.programme.values();
    nodes.map(|node| choice(node.code.as_str(), format!("{} · {}", node.code, node.name))).collect()
}

/// The last day on which it is reported, as people say it.
fn last_day(dataset: &Dataset) -> String {
    if dataset.until == Day::FOREVER { String::new() } else { dataset.until.plus_days(-1).short() }
}

fn deadlines(dataset: &Dataset) -> Vec<DeadlineLine> {
    let line = |one: &Deadline| DeadlineLine {
        tier: words::tier_code(one.tier).to_owned(),
        what: if one.what == DueWhat::Submission { "nop" } else { "ky" }.to_owned(),
        life: if one.life == Life::Estimate { "uoc" } else { "" }.to_owned(),
        due: words::due_text(one.due),
    };
    let mut all: Vec<DeadlineLine> = dataset.deadlines.iter().map(line).collect();
    all.resize(all.len().max(DEADLINES), DeadlineLine::default());
    all
}

pub(crate) async fn save(visit: Visit, Path(at): Path<At>, posted: Posted) -> Answer {
    let fields = &posted.fields;
    match typed(&visit, fields).await {
        Ok(typed) => {
            let edit = move |bundle: &mut Bundle| {
                typed.into(bundle);
                Ok(())
            };
            keep(&visit, &at, fields, "", edit).await
        }
        Err(failure) => {
            let places = offered(&visit, fields).await;
            let page = again(page(&visit, &at).await?, fields);
            visit.form_again(failure, &HEAD, |errors| HeadPage { places, errors, ..page })
        }
    }
}

/// The page with what was typed.
fn again(page: HeadPage, fields: &Fields) -> HeadPage {
    let deadline = |index: usize| DeadlineLine {
        tier: fields.line(&format!("d.{index}.tier")),
        what: fields.line(&format!("d.{index}.what")),
        life: fields.line(&format!("d.{index}.life")),
        due: fields.line(&format!("d.{index}.due")),
    };
    let kept = fields.many("areas");
    HeadPage {
        title: fields.line("title"),
        basis: fields.lines("basis"),
        form_title: fields.line("form_title"),
        form_basis: fields.lines("form_basis"),
        scheme: fields.line("scheme"),
        tier: fields.line("tier"),
        component: fields.line("component"),
        estimated: fields.has("estimated"),
        from: fields.line("from"),
        until: fields.line("until"),
        deadlines: (0..page.deadlines.len()).map(deadline).collect(),
        areas: page.areas.into_iter().filter(|one| kept.contains(&one.value)).collect(),
        place: fields.line("place"),
        ..page
    }
}

/// What was typed, once it can be read.
struct Typed {
    title: String,
    basis: String,
    form_title: String,
    form_basis: String,
    scheme: String,
    tier: Option<crate::model::Tier>,
    component: Option<ProgrammeNodeId>,
    estimated: bool,
    from: Day,
    until: Day,
    deadlines: Vec<Deadline>,
    areas: Vec<String>,
}

impl Typed {
    fn into(self, bundle: &mut Bundle) {
        let dataset = &mut bundle.dataset;
        dataset.title = self.title;
        dataset.basis = self.basis;
        dataset.scheme = self.scheme;
        dataset.tier = self.tier.unwrap_or(dataset.tier);
        dataset.component = self.component;
        dataset.estimated = self.estimated;
        (dataset.from, dataset.until) = (self.from, self.until);
        dataset.deadlines = self.deadlines;
        dataset.areas = self.areas;
        bundle.form.title = self.form_title;
        bundle.form.basis = self.form_basis;
    }
}

async fn typed(visit: &Visit, fields: &Fields) -> Outcome<Typed> {
    let mut problems = FormProblems::new();
    let title = short(&fields.line("title"), most::TITLE);
    problems.require(!title.is_empty(), "title", "reporting-build-title-missing");
    let from = Day::parse(fields.raw("from"));
    problems.require(from.is_some(), "from", "reporting-build-day-wrong");
    let from = from.unwrap_or(Day::FOREVER);
    let until = match fields.line("until").as_str() {
        "" => Some(Day::FOREVER),
        text => Day::parse(text).map(|last| last.plus_days(1)),
    };
    problems.require(until.is_some(), "until", "reporting-build-day-wrong");
    let mut deadlines = Vec::new();
    for index in 0..most::DEADLINES {
        let field = |name: &str| fields.line(&format!("d.{index}.{name}"));
        let due = field("due");
        if due.is_empty() {
            continue;
        }
        let at = format!("d.{index}.due");
        let rule = words::read_due(&due);
        problems.require(rule.is_some(), &at, "reporting-build-due-wrong");
        let tier = words::tier_of(&field("tier"));
        problems.require(tier.is_some(), &at, "reporting-build-due-who");
        if let (Some(due), Some(tier)) = (rule, tier) {
            let what =
                if field("what") == "ky" { DueWhat::Certification } else { DueWhat::Submission };
            let life = if field("life") == "uoc" { Life::Estimate } else { Life::Final };
            deadlines.push(Deadline { tier, life, what, due });
        }
    }
    problems.check()?;
    let mut areas: Vec<String> = fields.many("areas");
    areas.truncate(most::AREAS);
    if fields.has("place") || fields.has("place_choice") {
        areas.push(added(visit, fields).await?.as_str().to_owned());
    }
    areas.sort();
    areas.dedup();
    Ok(Typed {
        form_title: Some(short(&fields.line("form_title"), most::TITLE))
            .filter(|words| !words.is_empty())
            .unwrap_or_else(|| title.clone()),
        title,
        basis: short(&fields.lines("basis"), most::WORDS),
        form_basis: short(&fields.lines("form_basis"), most::WORDS),
        scheme: fields.line("scheme"),
        tier: words::tier_of(&fields.line("tier")),
        component: ProgrammeNodeId::parse(&fields.line("component")),
        estimated: fields.has("estimated"),
        from,
        until: until.unwrap_or(Day::FOREVER),
        deadlines,
        areas,
    })
}

/// The area that was typed: one for which the caller may define.
async fn found(visit: &Visit, fields: &Fields) -> Outcome<Place> {
    let fits = |area: &Area| visit.caller.may(&DEFINE, &area.path);
    let wanted = Wanted { level: None, fits: &fits };
    let find = async |tx: &mut Tx| place_field::find(tx, visit, fields, "place", &wanted).await;
    visit.app.db.view(find).await
}

/// The area that was typed, or the problem of the form that it is not settled.
pub(super) async fn added(visit: &Visit, fields: &Fields) -> Outcome<ScopePath> {
    match found(visit, fields).await? {
        Place::One(area) => Ok(area.path.clone()),
        Place::Several(_) => Err(place_field::undecided("place")),
    }
}

/// The areas to choose from, when what was typed may be several.
pub(super) async fn offered(visit: &Visit, fields: &Fields) -> Vec<place_field::Choice> {
    if !fields.has("place") {
        return Vec::new();
    }
    match found(visit, fields).await {
        Ok(Place::Several(choices)) => choices,
        _ => Vec::new(),
    }
}
