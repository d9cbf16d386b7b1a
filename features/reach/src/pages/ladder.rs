//! The ladder of one publication: how far it came, where, by which way, and what to do next.

use kernel::{
    axum::extract::{Path, Query},
    db::Tx,
    problem::{OrMissing, Outcome},
    scope::ScopePath,
    text::thousands,
    web::{Answer, Template, Visit},
};
use serde::{Deserialize, Serialize};

use super::{
    Link, board_area,
    figures::{self, Plan, TableOf, UnitRow, Veil},
    trail, word, works_inside,
};
use crate::{
    actions::{
        PUBLICATION_NOT_FOUND,
        inspections::{must_be_independent, of_item},
        succession::counts_of,
    },
    model::{
        COUNTED, Channel, DEVICE, OUTSIDE, Place, Rung,
        table::{Sheet, Tally},
    },
    store::{
        counts,
        inspections::InspectionRow,
        publications::{self, PublicationRow},
    },
};

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    dia_ban: String,
    #[serde(default)]
    doi_tuong: String,
    #[serde(default)]
    ban: Option<u32>,
}

/// One rung, as the pattern draws it.
#[derive(Debug, Serialize)]
pub(super) struct RungView {
    pub(super) label: String,
    pub(super) value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) percent: Option<i64>,
    pub(super) percent_text: String,
    pub(super) unknown: i64,
    pub(super) kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) low: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) high: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Context {
    pub(super) trail: Vec<Link>,
    pub(super) title: String,
    pub(super) area: String,
    pub(super) audience: String,
    pub(super) audience_code: String,
    pub(super) themes: String,
    pub(super) languages: String,
    pub(super) published_on: String,
    pub(super) withdrawn_on: String,
    pub(super) as_of: i64,
    pub(super) tabs: Vec<Link>,
    pub(super) versions: Vec<Link>,
    pub(super) denominator: String,
    pub(super) uncounted: i64,
    pub(super) target: Option<i64>,
    pub(super) target_source: String,
    pub(super) rungs: Vec<RungView>,
    pub(super) notes: Vec<String>,
    pub(super) units: Vec<UnitRow>,
    pub(super) rest: Vec<Link>,
    pub(super) restricted: bool,
    pub(super) meeting_href: Option<String>,
    pub(super) inspection_href: Option<String>,
}

pub(super) const LADDER: Template<Context> = Template::new("reach/ladder.html");

pub(crate) async fn show(
    visit: Visit,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let context = visit.app.db.view(async |tx| context(tx, &visit, &id, &asked).await).await?;
    visit.page(&LADDER, &context)
}

async fn context(tx: &mut Tx, visit: &Visit, id: &str, asked: &Asked) -> Outcome<Context> {
    let area = board_area(tx, visit, &asked.dia_ban).await?;
    let versions = publications::versions(tx, id).await?;
    let wanted = versions.iter().find(|row| asked.ban.is_none_or(|version| row.version == version));
    let row = wanted.cloned().or_missing(&PUBLICATION_NOT_FOUND)?;
    let counted: Vec<&'static str> = COUNTED
        .into_iter()
        .filter(|code| row.audiences.split_whitespace().any(|mine| mine == *code))
        .collect();
    let first = counted.first().copied().unwrap_or(COUNTED[0]);
    let audience = counted.iter().copied().find(|code| *code == asked.doi_tuong).unwrap_or(first);
    let restricted = !works_inside(visit, &area.path);
    let covered = if restricted { ScopePath::root() } else { area.path.clone() };
    let rows = counts_of(tx, &row.id, row.version, counts::COMMUNE, &covered).await?;
    let contacts = figures::contacts(tx, visit).await?;
    let sheet = Sheet::of(&rows, audience, &contacts);
    let tally = figures::tally_of(&sheet, &area.path);
    let themes = publications::themes(tx, &row.id, row.version).await?;
    let targets = publications::targets(tx, row.at.day()).await?;
    let mut fitting: Vec<_> = targets
        .into_iter()
        .filter(|target| target.audience == audience && themes.contains(&target.theme))
        .collect();
    fitting.sort_by_key(|target| -target.percent);
    let target = fitting.into_iter().next();
    let plan = restricted.then(|| Plan::of(&sheet, Rung::Confirmed));
    let villages = if super::depth(&area.path) >= 3 {
        counts_of(tx, &row.id, row.version, counts::VILLAGE, &area.path).await?
    } else {
        Vec::new()
    };
    let there: Vec<&str> = row.languages.split_whitespace().collect();
    let missing = if restricted {
        std::collections::HashMap::new()
    } else {
        figures::missing_languages(tx, &area, audience, &there).await?
    };
    let base = format!("/do-phu/{}?ban={}&doi_tuong={audience}&", row.id, row.version);
    let table = TableOf {
        area: &area,
        audience,
        rung: Rung::Confirmed,
        target: target.as_ref().map(|target| target.percent),
        base: base.clone(),
        plan: plan.as_ref(),
        contacts: &contacts,
        missing: &missing,
    };
    let units = figures::unit_rows(tx, visit, &table, &sheet, &villages).await?;
    let whole_veil = plan.as_ref().map_or_else(Veil::default, |plan| plan.veil(&area.path));
    let rungs = Rung::LADDER.map(|rung| {
        let veil =
            if restricted { Plan::of(&sheet, rung).veil(&area.path) } else { Veil::default() };
        rung_view(visit, &tally, rung, veil)
    });
    let languages: Vec<String> = there.iter().map(|tag| super::language_name(visit, tag)).collect();
    let named: Vec<String> = themes.iter().map(|code| word(visit, "theme", code)).collect();
    let device = figures::tally_of(&Sheet::of(&rows, DEVICE, &contacts), &area.path);
    let outside = figures::tally_of(&Sheet::of(&rows, OUTSIDE, &contacts), &area.path);
    let tab = |code: &&'static str| Link {
        href: Some(format!(
            "/do-phu/{}?ban={}&doi_tuong={code}&dia_ban={}",
            row.id, row.version, area.id
        )),
        label: word(visit, "audience", code),
        current: *code == audience,
    };
    let withdrawn_at = publications::withdrawn_at(tx, &row.id, row.version).await?;
    let may_meet = visit.caller.may(&crate::actions::RECORD_MEETING, &area.path)
        && super::depth(&area.path) == 3
        && withdrawn_at.is_none();
    let may_inspect = must_be_independent(&visit.caller, &area.path).is_ok()
        && super::depth(&area.path) >= 3
        && withdrawn_at.is_none();
    let commune = Place::of(&area.path).commune;
    let mut notes = notes(visit, &tally, &device, &outside, restricted);
    let inspections = of_item(tx, &row.id, row.version, audience, &area.path).await?;
    notes.extend(inspected(visit, &inspections));
    Ok(Context {
        trail: trail(tx, visit, &area, &base).await?,
        area: area.title(),
        audience: word(visit, "audience", audience),
        audience_code: audience.to_owned(),
        themes: named.join(", "),
        languages: languages.join(", "),
        published_on: row.at.day().short(),
        withdrawn_on: withdrawn_at.map_or_else(String::new, |at| at.day().short()),
        as_of: tx.now().millis(),
        tabs: counted.iter().map(tab).collect(),
        versions: version_links(visit, &versions, &row, &area.id, audience),
        denominator: figures::denominator(visit, &tally, whole_veil),
        uncounted: tally.uncounted,
        target: target.as_ref().map(|target| target.percent),
        target_source: target.map_or_else(String::new, |target| target.source),
        rungs: rungs.into_iter().collect(),
        notes,
        units: units.rows,
        rest: units.rest,
        restricted,
        meeting_href: may_meet
            .then(|| format!("/hop-thon/moi?xa={}&tin={}:{}", area.id, row.id, row.version)),
        inspection_href: may_inspect.then(|| {
            let item = format!("{}:{}", row.id, row.version);
            format!("/kiem-chung/moi?xa={commune}&tin={item}&doi_tuong={audience}")
        }),
        title: row.title,
    })
}

fn version_links(
    visit: &Visit,
    versions: &[PublicationRow],
    current: &PublicationRow,
    area: &areas::AreaId,
    audience: &str,
) -> Vec<Link> {
    if versions.len() < 2 {
        return Vec::new();
    }
    let link = |row: &PublicationRow| Link {
        href: Some(format!(
            "/do-phu/{}?ban={}&doi_tuong={audience}&dia_ban={area}",
            row.id, row.version
        )),
        label: visit.say(
            "reach-version",
            &[("version", row.version.to_string()), ("day", row.at.day().short())],
        ),
        current: row.version == current.version,
    };
    versions.iter().map(link).collect()
}

fn rung_view(visit: &Visit, tally: &Tally, rung: Rung, veil: Veil) -> RungView {
    let label = word(visit, "rung", rung.word());
    let kind = match rung {
        Rung::Published | Rung::OnNode | Rung::Shown | Rung::Opened | Rung::Completed => "claimed",
        Rung::Confirmed => "proven",
        _ => "sample",
    };
    let plain = RungView {
        label,
        value: String::new(),
        percent: None,
        percent_text: String::new(),
        unknown: 0,
        kind,
        low: None,
        high: None,
        note: None,
    };
    if veil.people || veil.whole {
        return RungView { note: Some(visit.say("kernel-figure-suppressed", &[])), ..plain };
    }
    let share = tally.share(rung);
    if share.is_over() {
        return RungView { note: Some(figures::over(visit, &share)), ..plain };
    }
    let (Some(percent), Some(whole)) = (share.percent, share.whole) else {
        let asked = rung.sample_of().is_some();
        let note = if asked {
            visit.say("reach-not-asked", &[])
        } else {
            told_without(visit, share.people + figures::heads_beside(tally, rung, veil).0)
        };
        return RungView { note: Some(note).filter(|note| !note.is_empty()), ..plain };
    };
    if let Some((low, high)) = share.range {
        let args = [("low", low.to_string()), ("high", high.to_string())];
        return RungView {
            value: format!("{percent} %"),
            percent: Some(percent),
            percent_text: visit.say("reach-interval", &args),
            low: Some(low),
            high: Some(high),
            note: Some(visit.say("reach-sample-of", &[("whole", thousands(whole))])),
            ..plain
        };
    }
    RungView {
        value: thousands(share.people),
        percent: Some(percent),
        percent_text: format!("{percent} %"),
        unknown: if veil.below { 0 } else { share.unknown },
        // Once is enough: those who sat in a meeting stand on every rung below.
        note: if rung == Rung::Confirmed {
            figures::beside(visit, tally, rung, veil)
        } else {
            None
        },
        ..plain
    }
}

fn told_without(visit: &Visit, people: i64) -> String {
    if people == 0 {
        return String::new();
    }
    visit.say("reach-people-no-denominator", &[("people", thousands(people))])
}

/// Who looked last, and how often: what the sampled rung rests on.
fn inspected(visit: &Visit, newest_first: &[InspectionRow]) -> Option<String> {
    let last = newest_first.first()?;
    let args = [
        ("count", newest_first.len().to_string()),
        ("day", last.asked_on.short()),
        ("team", last.team.clone()),
    ];
    Some(visit.say("reach-note-inspected", &args))
}

/// What stands below the ladder: channels, the unknown, devices, the newly recognised.
fn notes(
    visit: &Visit,
    tally: &Tally,
    device: &Tally,
    outside: &Tally,
    restricted: bool,
) -> Vec<String> {
    let mut notes = Vec::new();
    let channels = tally.channels(Rung::Confirmed);
    let small = |people: i64| restricted && crate::model::suppression::is_small(people);
    if !channels.is_empty() && !channels.iter().any(|(_, people)| small(*people)) {
        let told: Vec<String> = channels
            .iter()
            .map(|(channel, people)| {
                format!("{} {}", word(visit, "channel-of", channel.word()), thousands(*people))
            })
            .collect();
        notes.push(visit.say("reach-note-channels", &[("channels", told.join(", "))]));
    }
    let unheard = tally.unheard.get(&Rung::Confirmed).copied().unwrap_or(0);
    if unheard > 0 {
        let key = if restricted { "reach-note-unheard-some" } else { "reach-note-unheard" };
        notes.push(visit.say(key, &[("people", thousands(unheard))]));
    }
    let (taps, phones) = device
        .counts
        .iter()
        .filter(|((rung, _), _)| *rung == Rung::Confirmed)
        .fold((0, 0), |(taps, phones), ((_, channel), count)| match channel {
            Channel::Tap => (taps + count, phones),
            _ => (taps, phones + count),
        });
    let args = [("taps", thousands(taps)), ("phones", thousands(phones))];
    match (taps > 0, phones > 0) {
        (true, true) => notes.push(visit.say("reach-note-devices", &args)),
        (true, false) => notes.push(visit.say("reach-note-devices-taps", &args[..1])),
        (false, true) => notes.push(visit.say("reach-note-devices-phones", &args[1..])),
        (false, false) => {}
    }
    let new = outside.on(Rung::Confirmed);
    if new > 0 && !small(new) {
        notes.push(visit.say("reach-note-outside", &[("people", thousands(new))]));
    }
    notes
}
