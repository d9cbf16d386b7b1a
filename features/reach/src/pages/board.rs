//! The board: area × theme × audience × rung against the targets.

use std::collections::{BTreeMap, HashMap};

use kernel::{
    axum::extract::Query,
    db::Tx,
    problem::Outcome,
    scope::ScopePath,
    web::{Answer, Template, Visit},
};
use serde::{Deserialize, Serialize};

use super::{
    Choice, Link, board_area,
    figures::{self, Bar, Plan, TableOf, UnitRow, Veil},
    trail, word, works_inside,
};
use crate::{
    actions::succession::{by_theme as by_theme_today, is_meant},
    model::{
        COUNTED, PRESTIGIOUS_PERSON, Period, Rung, Target,
        table::{Count, Sheet},
    },
    store::{counts, publications},
};

/// The themes of QĐ 414, in its order.
const THEMES: [&str; 6] = ["cdcs", "khcn", "yte", "rung", "thien", "antt"];

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    dia_ban: String,
    #[serde(default)]
    chu_de: String,
    #[serde(default)]
    doi_tuong: String,
    #[serde(default)]
    nac: String,
    #[serde(default)]
    ky: String,
}

/// One theme's line.
#[derive(Debug, Serialize)]
pub(super) struct ThemeRow {
    pub(super) name: String,
    pub(super) href: String,
    pub(super) current: bool,
    pub(super) denominator: String,
    pub(super) bar: Bar,
    pub(super) target: Option<i64>,
    pub(super) source: String,
}

/// A publication's line.
#[derive(Debug, Serialize)]
pub(super) struct Item {
    pub(super) href: String,
    pub(super) title: String,
    pub(super) day: String,
}

#[derive(Debug, Serialize)]
pub(super) struct Context {
    pub(super) trail: Vec<Link>,
    pub(super) area: String,
    pub(super) audience: String,
    pub(super) rung: String,
    pub(super) theme: String,
    pub(super) as_of: i64,
    pub(super) audiences: Vec<Choice>,
    pub(super) rungs: Vec<Choice>,
    pub(super) periods: Vec<Choice>,
    pub(super) chosen: Chosen,
    pub(super) themes: Vec<ThemeRow>,
    pub(super) units: Vec<UnitRow>,
    pub(super) rest: Vec<Link>,
    pub(super) unit_target: Option<i64>,
    pub(super) items: Vec<Item>,
    pub(super) restricted: bool,
}

/// What is chosen in the filters, as codes.
#[derive(Debug, Serialize)]
pub(super) struct Chosen {
    pub(super) area: String,
    pub(super) audience: String,
    pub(super) rung: String,
    pub(super) period: String,
    pub(super) theme: String,
}

pub(super) const BOARD: Template<Context> = Template::new("reach/board.html");

pub(crate) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    let context = visit.app.db.view(async |tx| context(tx, &visit, &asked).await).await?;
    visit.page(&BOARD, &context)
}

async fn context(tx: &mut Tx, visit: &Visit, asked: &Asked) -> Outcome<Context> {
    let area = board_area(tx, visit, &asked.dia_ban).await?;
    let audience =
        COUNTED.into_iter().find(|code| *code == asked.doi_tuong).unwrap_or(PRESTIGIOUS_PERSON);
    let rung = Rung::from_word(&asked.nac)
        .filter(|rung| Rung::LADDER.contains(rung))
        .unwrap_or(Rung::Confirmed);
    let period = Period::read(&asked.ky);
    let since = period.from(tx.now().day());
    let restricted = !works_inside(visit, &area.path);
    // What is hidden is decided over the whole country, whatever part of it is looked at.
    let covered = if restricted { ScopePath::root() } else { area.path.clone() };
    let mut by_theme: BTreeMap<String, Vec<Count>> = BTreeMap::new();
    for row in by_theme_today(tx, audience, since, counts::COMMUNE, &covered).await? {
        by_theme.entry(row.theme).or_default().push(row.count);
    }
    let theme = chosen_theme(&asked.chu_de, &by_theme);
    let contacts = figures::contacts(tx, visit).await?;
    let sheets: BTreeMap<&str, Sheet> = by_theme
        .iter()
        .map(|(code, rows)| (code.as_str(), Sheet::of(rows, audience, &contacts)))
        .collect();
    let targets = publications::targets(tx, tx.now().day()).await?;
    let chosen = Chosen {
        area: area.id.as_str().to_owned(),
        audience: audience.to_owned(),
        rung: rung.word().to_owned(),
        period: period.code().to_owned(),
        theme: theme.clone(),
    };
    let mut codes: Vec<&str> = THEMES.to_vec();
    codes.extend(sheets.keys().filter(|code| !THEMES.contains(code)));
    let mut themes = Vec::new();
    for code in codes {
        themes.push(theme_row(
            visit,
            &chosen,
            code,
            sheets.get(code),
            &area.path,
            rung,
            restricted,
            &targets,
        ));
    }
    let empty = Sheet::default();
    let sheet = sheets.get(theme.as_str()).unwrap_or(&empty);
    let plan = restricted.then(|| Plan::of(sheet, rung));
    let villages: Vec<Count> = if super::depth(&area.path) >= 3 {
        let rows = by_theme_today(tx, audience, since, counts::VILLAGE, &area.path).await?;
        rows.into_iter().filter(|row| row.theme == theme).map(|row| row.count).collect()
    } else {
        Vec::new()
    };
    let unit_target = target_of(&targets, &theme, audience).map(|target| target.percent);
    let table = TableOf {
        area: &area,
        audience,
        rung,
        target: unit_target,
        base: format!("{}&", link(&chosen, &theme, None)),
        plan: plan.as_ref(),
        contacts: &contacts,
        missing: &HashMap::new(),
    };
    let units = figures::unit_rows(tx, visit, &table, sheet, &villages).await?;
    let recent = publications::recent(tx, since, &theme, 30).await?;
    let steps = areas::steps(tx).await?;
    let touching = recent.into_iter().filter(|row| is_meant(&steps, &row.areas, &area.path));
    let item = |row: publications::PublicationRow| Item {
        href: format!("/do-phu/{}?dia_ban={}&doi_tuong={audience}", row.id, area.id),
        title: row.title,
        day: row.at.day().short(),
    };
    Ok(Context {
        trail: trail(tx, visit, &area, &format!("{}&", link(&chosen, &theme, None))).await?,
        area: area.title(),
        audience: word(visit, "audience", audience),
        rung: word(visit, "rung", rung.word()),
        theme: word(visit, "theme", &theme),
        as_of: tx.now().millis(),
        audiences: COUNTED.map(|code| Choice::new(code, word(visit, "audience", code))).to_vec(),
        rungs: Rung::LADDER[1..]
            .iter()
            .map(|rung| Choice::new(rung.word(), word(visit, "rung", rung.word())))
            .collect(),
        periods: Period::ALL
            .map(|period| Choice::new(period.code(), word(visit, "period", period.code())))
            .to_vec(),
        items: touching.take(12).map(item).collect(),
        chosen,
        themes,
        units: units.rows,
        rest: units.rest,
        unit_target,
        restricted,
    })
}

/// The theme asked for; else the first one about which there is something.
fn chosen_theme(asked: &str, there: &BTreeMap<String, Vec<Count>>) -> String {
    if kernel::ids::is_well_formed(asked) {
        return asked.to_owned();
    }
    let first = THEMES.into_iter().find(|code| there.contains_key(*code));
    first.unwrap_or(THEMES[0]).to_owned()
}

fn target_of<'a>(targets: &'a [Target], theme: &str, audience: &str) -> Option<&'a Target> {
    targets.iter().find(|target| target.theme == theme && target.audience == audience)
}

fn link(chosen: &Chosen, theme: &str, area: Option<&str>) -> String {
    let mut href = format!(
        "/do-phu?chu_de={theme}&doi_tuong={}&nac={}&ky={}",
        chosen.audience, chosen.rung, chosen.period
    );
    if let Some(area) = area {
        href.push_str("&dia_ban=");
        href.push_str(area);
    }
    href
}

#[expect(clippy::too_many_arguments, reason = "one line of one table, read in one place")]
fn theme_row(
    visit: &Visit,
    chosen: &Chosen,
    code: &str,
    sheet: Option<&Sheet>,
    path: &ScopePath,
    rung: Rung,
    restricted: bool,
    targets: &[Target],
) -> ThemeRow {
    let target = target_of(targets, code, &chosen.audience);
    let tally = sheet.map(|sheet| figures::tally_of(sheet, path)).unwrap_or_default();
    let veil = match (sheet, restricted) {
        (Some(sheet), true) => Plan::of(sheet, rung).veil(path),
        _ => Veil::default(),
    };
    let nothing = tally.counts.is_empty() && tally.uncounted == 0;
    let bar = if nothing {
        Bar { percent: None, text: visit.say("reach-nothing-published", &[]), unknown: 0 }
    } else {
        figures::bar(visit, &tally, rung, veil)
    };
    ThemeRow {
        name: word(visit, "theme", code),
        href: link(chosen, code, Some(&chosen.area)),
        current: code == chosen.theme,
        denominator: if nothing {
            "–".to_owned()
        } else {
            figures::denominator(visit, &tally, veil)
        },
        bar,
        target: target.map(|target| target.percent),
        source: target.map_or_else(String::new, |target| target.source.clone()),
    }
}
