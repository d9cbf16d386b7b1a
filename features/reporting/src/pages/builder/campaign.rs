//! An ad-hoc campaign on one page: what, where, by when. What it asks is looked at on the page of its draft.

use areas::place_field;
use kernel::{
    axum::extract::Query,
    clock::Day,
    problem::{FormProblems, Outcome},
    scope::ScopePath,
    web::{Answer, FieldError, Fields, Posted, Template, Visit, see_other},
};
use serde::{Deserialize, Serialize};

use super::{
    Choice, choice,
    head::{added, offered},
    href, short, words,
};
use crate::{
    actions::{
        DEFINE,
        builder::{self, Campaign, deadline_field, must_be_hub},
        catalogue,
    },
    model::{DatasetId, DraftId, amount::units, bundle::most},
};

pub(super) const CAMPAIGN: Template<CampaignPage> = Template::new("reporting/build_campaign.html");

/// Days of notice that the page proposes.
const NOTICE_DAYS: i32 = 12;
/// Characters of the questions that are typed on the spot.
const QUESTIONS_MOST: usize = 30_000;

/// The form.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct CampaignPage {
    pub(super) title: String,
    pub(super) basis: String,
    pub(super) from: String,
    pub(super) sources: Vec<Choice>,
    pub(super) questions: String,
    /// Every unit that may be named behind a question.
    pub(super) units: Vec<&'static str>,
    pub(super) files: bool,
    pub(super) tier: String,
    pub(super) tiers: Vec<Choice>,
    pub(super) deadlines: Vec<DeadlineField>,
    /// Areas that were chosen before.
    pub(super) areas: Vec<Choice>,
    pub(super) place: String,
    pub(super) places: Vec<place_field::Choice>,
    pub(super) errors: Vec<FieldError>,
}

/// The day of a tier.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct DeadlineField {
    pub(super) name: &'static str,
    pub(super) label: String,
    pub(super) value: String,
    pub(super) optional: bool,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// The data set whose form is taken.
    #[serde(default)]
    mau: String,
}

pub(crate) async fn ask(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    must_be_hub(&visit.app)?;
    visit.caller.must_somewhere(&DEFINE)?;
    let proposed = visit.app.now().day().plus_days(NOTICE_DAYS).short();
    let page = CampaignPage {
        from: short(&asked.mau, 40),
        deadlines: days(&visit, |name| {
            if name == "due_commune" { proposed.clone() } else { String::new() }
        }),
        tier: "xa".to_owned(),
        ..base(&visit).await?
    };
    visit.page(&CAMPAIGN, &page)
}

async fn base(visit: &Visit) -> Outcome<CampaignPage> {
    let known = catalogue::current(&visit.app).await?;
    let sources = builder::sources(&known).into_iter();
    let sources =
        sources.map(|one| choice(one.code.as_str(), format!("{} · {}", one.code, one.title)));
    Ok(CampaignPage {
        sources: sources.collect(),
        units: units().iter().map(|one| one.name.as_str()).collect(),
        tiers: words::tiers(visit),
        ..CampaignPage::default()
    })
}

fn days(visit: &Visit, value: impl Fn(&str) -> String) -> Vec<DeadlineField> {
    let field = |(tier, _): &(crate::model::Tier, &str)| DeadlineField {
        name: deadline_field(*tier),
        label: visit.say("reporting-campaign-due", &[("tier", words::tier_name(visit, *tier))]),
        value: value(deadline_field(*tier)),
        optional: *tier != crate::model::Tier::Commune,
    };
    words::TIERS.iter().map(field).collect()
}

pub(crate) async fn begin(visit: Visit, posted: Posted) -> Answer {
    must_be_hub(&visit.app)?;
    visit.caller.must_somewhere(&DEFINE)?;
    let fields = &posted.fields;
    match begun(&visit, fields).await {
        Ok(Begun::Draft(id)) => Ok(see_other(&href(&id))),
        Ok(Begun::Asking(areas)) => {
            let page = again(&visit, fields, &areas).await?;
            visit.page(&CAMPAIGN, &CampaignPage { place: String::new(), ..page })
        }
        Err(failure) => {
            let places = offered(&visit, fields).await;
            let page = again(&visit, fields, &chosen(fields)).await?;
            visit.form_again(failure, &CAMPAIGN, |errors| CampaignPage { places, errors, ..page })
        }
    }
}

/// What came of a form that was sent.
enum Begun {
    Draft(DraftId),
    /// Only another area was asked for: the form goes on with these.
    Asking(Vec<ScopePath>),
}

/// The page with what was typed, and these areas.
async fn again(visit: &Visit, fields: &Fields, paths: &[ScopePath]) -> Outcome<CampaignPage> {
    let mut areas = Vec::with_capacity(paths.len());
    for path in paths {
        areas.push(named(visit, path).await?);
    }
    Ok(CampaignPage {
        title: fields.line("title"),
        basis: fields.lines("basis"),
        from: fields.line("from"),
        questions: fields.lines("questions"),
        files: fields.has("files"),
        tier: fields.line("tier"),
        deadlines: days(visit, |name| fields.line(name)),
        areas,
        place: fields.line("place"),
        ..base(visit).await?
    })
}

fn chosen(fields: &Fields) -> Vec<ScopePath> {
    let paths = fields.many("areas");
    paths.iter().take(most::AREAS).filter_map(|path| ScopePath::parse(path)).collect()
}

async fn named(visit: &Visit, path: &ScopePath) -> Outcome<Choice> {
    let find = async |tx: &mut kernel::db::Tx| Ok(areas::by_path(tx, path).await?);
    let area = visit.app.db.view(find).await?;
    let label = area.map_or_else(|| path.as_str().to_owned(), |area| area.title());
    Ok(choice(path.as_str(), label))
}

/// Settles what was sent; the place that was typed is looked up here and nowhere else.
async fn begun(visit: &Visit, fields: &Fields) -> Outcome<Begun> {
    let more = fields.line("do") == "area";
    let mut areas = chosen(fields);
    if more || fields.has("place") || fields.has("place_choice") {
        let place = added(visit, fields).await?;
        if !areas.contains(&place) {
            areas.push(place);
        }
    }
    if more {
        return Ok(Begun::Asking(areas));
    }
    let mut problems = FormProblems::new();
    let mut deadlines = Vec::new();
    for (tier, _) in words::TIERS {
        let name = deadline_field(tier);
        let text = fields.line(name);
        let day = Day::parse(&text);
        problems.require(text.is_empty() || day.is_some(), name, "reporting-build-day-wrong");
        deadlines.extend(day.map(|day| (tier, day)));
    }
    problems.check()?;
    let asked = Campaign {
        title: short(&fields.line("title"), most::TITLE),
        basis: short(&fields.lines("basis"), most::WORDS),
        from: DatasetId::parse(&fields.line("from")),
        questions: short(&fields.lines("questions"), QUESTIONS_MOST),
        files: fields.has("files"),
        areas,
        tier: words::tier_of(&fields.line("tier")),
        deadlines,
    };
    builder::begin_campaign(&visit.app, &visit.caller, asked).await.map(Begun::Draft)
}
