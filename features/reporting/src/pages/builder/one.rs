//! One data set: what it is, its versions, who owes it; beginning the next version, ending a campaign early.

use kernel::{
    app::App,
    axum::extract::Path,
    clock::Day,
    db::Tx,
    locale::Lang,
    problem::{OrMissing, Outcome},
    scope::ScopePath,
    web::{Answer, FieldError, Posted, Template, Visit},
};
use serde::{Deserialize, Serialize};

use super::{
    href,
    list::{DraftLine, SetLine, draft_line, is_running, set_line},
    words,
};
use crate::{
    actions::{
        DATASET_NOT_FOUND, DEFINE, SEE,
        builder::{self, must_be_hub},
        catalogue::{self, Catalogue, kind},
        counts,
    },
    model::{Dataset, DatasetId, Life, Period, dataset::Ended, form::Form},
    store::{definitions, obligations, rollups::Rate},
};

pub(super) const ONE: Template<OnePage> = Template::new("reporting/build_one.html");

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
    /// That the campaign was ended early: when, by whom, why; empty when it was not.
    pub(super) ended: String,
    /// How many of a campaign that was not ended handed in.
    pub(super) answered: String,
    /// True when this person may end the campaign now.
    pub(super) may_end: bool,
    pub(super) reason: String,
    pub(super) errors: Vec<FieldError>,
}

/// A version of the form.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct VersionLine {
    pub(super) version: u32,
    pub(super) by: String,
    pub(super) at: String,
    pub(super) in_force: bool,
}

/// What is owed for a period, or was until the campaign ended.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct OwedLine {
    pub(super) period: String,
    /// How many owe it; of an ended campaign how many handed it in and how many need not any more.
    pub(super) words: String,
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

pub(crate) async fn show(visit: Visit, Path(which): Path<Which>) -> Answer {
    visit.caller.must_somewhere(&SEE)?;
    let code = DatasetId::parse(&which.dataset).or_missing(&DATASET_NOT_FOUND)?;
    let page = one_page(&visit, &code).await?;
    visit.page(&ONE, &page)
}

async fn one_page(visit: &Visit, code: &DatasetId) -> Outcome<OnePage> {
    let known = catalogue::current(&visit.app).await?;
    let one = known.dataset(code)?;
    let form = known.form(code)?;
    let today = visit.app.now().day();
    let runs = must_be_hub(&visit.app).is_ok() && one.may_end_early(today);
    let (versions, owed, areas, drafts, rate, may_end) = visit
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
            let drafts = builder::list(tx, &visit.caller).await?;
            let rate = answered(tx, one, &owed).await?;
            let may_end = runs && builder::may_end(tx, &visit.caller, one).await?;
            Ok((versions, owed, names, drafts, rate, may_end))
        })
        .await?;
    let version = |row: definitions::Version| VersionLine {
        version: row.version,
        by: match row.origin.as_str() {
            "shipped" => visit.say("reporting-version-shipped", &[]),
            _ => row.author,
        },
        at: row.at.short(),
        in_force: row.version == form.version && is_running(one, today),
    };
    let drafts = drafts.into_iter().filter(|row| row.dataset == *code);
    let drafts = drafts.map(|row| draft_line(visit, row));
    let drafts = drafts.collect();
    let answered = rate.map_or_else(String::new, |rate| answered_words(visit, one, &rate));
    let owed = owed.iter().take(24).map(|row| match &one.ended {
        Some(_) => OwedLine { words: answered.clone(), ..owed_line(visit, code, row) },
        None => owed_line(visit, code, row),
    });
    Ok(OnePage {
        set: set_line(visit, one, today),
        basis: one.basis.clone(),
        from: one.from.short(),
        until: last_day(one),
        areas,
        deadlines: one.deadlines.iter().map(|due| words::deadline(visit, due)).collect(),
        versions: versions.into_iter().map(version).collect(),
        owed: owed.collect(),
        sheets: sheets(visit, &known, form),
        drafts,
        may_define: one.ended.is_none()
            && must_be_hub(&visit.app).is_ok()
            && builder::places(one).iter().all(|place| visit.caller.may(&DEFINE, place)),
        ended: ended(visit, one),
        answered: if one.ended.is_none() { answered } else { String::new() },
        may_end,
        reason: String::new(),
        errors: Vec::new(),
    })
}

/// The last day on which it is reported, as people say it: the day of its end when it was ended early. A template,
/// and what is reported until further notice, has none.
fn last_day(one: &Dataset) -> String {
    match &one.ended {
        Some(ended) => ended.at.day().short(),
        None => Some(one.until)
            .filter(|until| *until > one.from && *until < Day::FOREVER)
            .map_or_else(String::new, |until| until.plus_days(-1).short()),
    }
}

/// How many units answered a campaign, in words.
fn answered_words(visit: &Visit, one: &Dataset, rate: &Rate) -> String {
    let key = match one.ended {
        Some(_) => "reporting-campaign-answered-ended",
        None => "reporting-campaign-answered",
    };
    let count = |name, count: i64| (name, count.to_string());
    let args = [
        count("reported", rate.reported),
        count("expected", rate.expected),
        count("excused", rate.excused),
    ];
    visit.say(key, &args)
}

/// That a data set was ended early, in words; empty when it was not.
pub(crate) fn ended(visit: &Visit, one: &Dataset) -> String {
    ended_in(&visit.app, visit.lang(), one)
}

/// The same in a language.
pub(crate) fn ended_in(app: &App, lang: Lang, one: &Dataset) -> String {
    one.ended.as_ref().map_or_else(String::new, |ended| words_of(app, lang, ended))
}

/// That a campaign was ended early, in words.
pub(crate) fn ended_words(visit: &Visit, ended: &Ended) -> String {
    words_of(&visit.app, visit.lang(), ended)
}

fn words_of(app: &App, lang: Lang, ended: &Ended) -> String {
    let args = [
        ("day", ended.at.day().short()),
        ("by", ended.by.clone()),
        ("reason", ended.reason.clone()),
    ];
    app.words.say(lang, "reporting-campaign-ended", &args).into_owned()
}

/// How many units a campaign was handed in by; none for what is no campaign.
async fn answered(tx: &mut Tx, one: &Dataset, owed: &[obligations::Owed]) -> Outcome<Option<Rate>> {
    let Some(period) = owed.first().filter(|_| one.scheme == "campaign") else { return Ok(None) };
    let (period, life) = ([period.period.clone()], Life::from_code(period.life));
    let all = counts::rates(tx, one.code.as_str(), life, &period).await?;
    let mut sum = Rate::default();
    for (_, rate) in all {
        sum.expected += rate.expected;
        sum.reported += rate.reported;
        sum.excused += rate.excused;
    }
    Ok(Some(sum))
}

/// Ends a campaign early.
pub(crate) async fn end(visit: Visit, Path(which): Path<Which>, posted: Posted) -> Answer {
    let code = DatasetId::parse(&which.dataset).or_missing(&DATASET_NOT_FOUND)?;
    let reason = posted.fields.line("reason");
    match builder::end_campaign(&visit.app, &visit.caller, &code, &reason).await {
        Ok(_) => visit.done(&format!("/bao-cao/bieu/{code}"), "reporting-campaign-end-done"),
        Err(failure) if failure.problem().is_some_and(|problem| !problem.fields.is_empty()) => {
            let page = one_page(&visit, &code).await?;
            visit.form_again(failure, &ONE, |errors| OnePage { reason, errors, ..page })
        }
        Err(failure) => Err(failure),
    }
}

fn owed_line(visit: &Visit, code: &DatasetId, row: &obligations::Owed) -> OwedLine {
    let life = Life::from_code(row.life);
    let period = Period::parse(&row.period)
        .map_or_else(|| row.period.clone(), |period| period.label(visit.lang()));
    OwedLine {
        period,
        words: visit.say("reporting-build-owed-count", &[("count", row.count.to_string())]),
        href: format!(
            "/bao-cao/duyet?bo={code}&ky={}",
            crate::pages::review::period_value(&row.period, life)
        ),
    }
}

fn sheets(visit: &Visit, known: &Catalogue, form: &Form) -> Vec<SheetLine> {
    let codes = form.elements();
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
