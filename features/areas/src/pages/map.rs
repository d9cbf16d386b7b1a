//! The provinces coloured by what is counted of their communes, villages and people; beside it the same
//! figures as a table, and as a picture to download.

use std::collections::HashMap;

use kernel::{
    axum::extract::Query as Params,
    clock::Day,
    db::Tx,
    problem::{Failure, FormProblems, Outcome},
    text::thousands,
    web::{Answer, Made, Template, Visit},
};
use serde::{Deserialize, Serialize};

use super::{Errors, href, told};
use crate::{
    model::{
        AreaId, AreaLevel, AreaType,
        map::{ChoroplethMap, Classing, Drawing, Figure, Ground, PictureWords},
        plan::restructured_on,
    },
    store,
};

/// The map's page.
pub const MAP: Template<MapPage> = Template::new("areas/map.html");

/// What the map's page shows.
#[derive(Debug, Default, Serialize)]
pub struct MapPage {
    /// `34` or `63`.
    pub ground: String,
    /// The measure's code.
    pub measure: String,
    /// The classing's code.
    pub classing: String,
    /// Measures to choose from.
    pub measures: Vec<&'static str>,
    /// What is counted, on which day.
    pub caption: String,
    /// The day the figures hold for.
    pub day: Option<Day>,
    /// The map.
    pub map: Drawing,
    /// Where the provinces lead, by code.
    pub links: HashMap<String, String>,
    /// The same figures, largest first.
    pub rows: Vec<Row>,
    /// All of them together, where that means something.
    pub total: Option<String>,
    /// The picture.
    pub png_href: String,
    /// What is wrong with the question.
    pub errors: Errors,
}

/// One province in the table.
#[derive(Debug, Serialize)]
pub struct Row {
    /// Its page.
    pub href: String,
    /// Its full name.
    pub title: String,
    /// The figure.
    pub text: Option<String>,
    /// Its class on the map; 0 for none.
    pub class: usize,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Measure {
    Communes,
    Rural,
    Wards,
    Changed,
    Villages,
    People,
}

impl Measure {
    const ALL: [Self; 6] =
        [Self::Communes, Self::Rural, Self::Wards, Self::Changed, Self::Villages, Self::People];

    const fn code(self) -> &'static str {
        match self {
            Self::Communes => "cap-xa",
            Self::Rural => "xa",
            Self::Wards => "phuong",
            Self::Changed => "thay-doi",
            Self::Villages => "thon",
            Self::People => "so-dan",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|measure| measure.code() == code)
    }

    /// What nobody has entered is unknown; what the frame counts is known, and may be 0.
    const fn blank_is_unknown(self) -> bool {
        matches!(self, Self::Villages | Self::People)
    }
}

/// Parameters as they came.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Wanted {
    nen: Option<String>,
    so: Option<String>,
    cach: Option<String>,
}

#[derive(Clone, Debug)]
struct Asked {
    ground: &'static str,
    measure: Measure,
    classing: &'static str,
    day: Day,
}

impl Wanted {
    fn read(&self, today: Day) -> Outcome<Asked> {
        let choice = |value: &Option<String>, first: &'static str| {
            let value = value.as_deref().map(str::trim).filter(|value| !value.is_empty());
            value.unwrap_or(first).to_owned()
        };
        let known =
            |value: &str, all: &[&'static str]| all.iter().find(|one| **one == value).copied();
        let ground = known(&choice(&self.nen, "34"), &["34", "63"]);
        let measure = Measure::from_code(&choice(&self.so, Measure::Communes.code()));
        let classing = known(&choice(&self.cach, "so-luong"), &["so-luong", "khoang"]);
        let mut wrong = FormProblems::new();
        wrong.require(ground.is_some(), "nen", "areas-map-choice");
        wrong.require(measure.is_some(), "so", "areas-map-choice");
        wrong.require(classing.is_some(), "cach", "areas-map-choice");
        wrong.check()?;
        let ground = ground.unwrap_or("34");
        Ok(Asked {
            ground,
            measure: measure.unwrap_or(Measure::Communes),
            classing: classing.unwrap_or("so-luong"),
            day: if ground == "63" { restructured_on().plus_days(-1) } else { today },
        })
    }
}

/// The figures of a map, and the provinces they belong to.
struct Counted {
    figures: HashMap<String, Figure>,
    provinces: Vec<crate::Area>,
    total: Option<i64>,
}

async fn count(tx: &mut Tx, asked: &Asked) -> Outcome<Counted> {
    let provinces = store::children(tx, &AreaId::country(), asked.day).await?;
    let mut amounts: HashMap<String, i64> = HashMap::new();
    let mut add = |path: &kernel::scope::ScopePath, amount: i64| {
        if let Some(province) = path.as_str().trim_matches('/').split('/').nth(1) {
            *amounts.entry(province.to_owned()).or_insert(0) += amount;
        }
    };
    match asked.measure {
        Measure::People => {
            for (path, people) in store::frames::people_of_villages(tx, asked.day).await? {
                add(&path, people);
            }
        }
        measure => {
            let level =
                if measure == Measure::Villages { AreaLevel::Village } else { AreaLevel::Commune };
            for unit in store::frames::units_of(tx, level, asked.day).await? {
                if counts(measure, &unit, asked.day) {
                    add(&unit.path, 1);
                }
            }
        }
    }
    let figure = |amount: i64| Figure { amount: precise(amount), text: thousands(amount) };
    let of = |area: &crate::Area| {
        let amount = amounts.get(area.id.as_str()).copied();
        let blank = (!asked.measure.blank_is_unknown()).then_some(0);
        Some((area.code.clone()?, figure(amount.or(blank)?)))
    };
    let figures: HashMap<String, Figure> = provinces.iter().filter_map(of).collect();
    let total = (!figures.is_empty()).then(|| amounts.values().sum());
    Ok(Counted { figures, provinces, total })
}

#[expect(clippy::cast_precision_loss, reason = "counts of villages and people stay below 2^53")]
fn precise(amount: i64) -> f64 {
    amount as f64
}

/// True when the measure counts this unit.
fn counts(measure: Measure, unit: &store::frames::Counted, day: Day) -> bool {
    match measure {
        Measure::Rural => unit.area_type == AreaType::RuralCommune,
        Measure::Wards => unit.area_type == AreaType::Ward,
        Measure::Changed if day < restructured_on() => unit.ended_on == restructured_on(),
        Measure::Changed => unit.born_on >= restructured_on(),
        Measure::Communes | Measure::Villages | Measure::People => true,
    }
}

fn ground(asked: &Asked) -> &'static Ground {
    Ground::of_day(asked.day, restructured_on())
}

fn classing(asked: &Asked) -> Classing {
    if asked.classing == "khoang" { Classing::Equal(5) } else { Classing::Quantile(5) }
}

fn caption(visit: &Visit, asked: &Asked) -> String {
    let before = asked.measure == Measure::Changed && asked.ground == "63";
    let key =
        format!("areas-measure-{}{}", asked.measure.code(), if before { "-truoc" } else { "" });
    visit.say("areas-map-caption", &[("what", visit.say(&key, &[])), ("day", asked.day.short())])
}

/// `GET /dia-ban/ban-do?nen=&so=&cach=`
pub async fn show(visit: Visit, Params(wanted): Params<Wanted>) -> Answer {
    let measures: Vec<&'static str> = Measure::ALL.into_iter().map(Measure::code).collect();
    let asked = match wanted.read(visit.app.now().day()) {
        Ok(asked) => asked,
        Err(failure) => {
            return visit.form_again(failure, &MAP, |errors| MapPage {
                ground: "34".to_owned(),
                measures,
                errors: told(errors),
                ..MapPage::default()
            });
        }
    };
    let counted = visit.app.db.view(async |tx| count(tx, &asked).await).await?;
    let map = ChoroplethMap {
        ground: ground(&asked),
        figures: &counted.figures,
        classing: classing(&asked),
    };
    let map = map.drawing();
    let link = |area: &crate::Area| format!("{}?at={}", href(area), asked.day);
    let links = counted.provinces.iter().filter_map(|area| Some((area.code.clone()?, link(area))));
    let Asked { ground, measure, classing, .. } = &asked;
    let page = MapPage {
        ground: (*ground).to_owned(),
        measure: measure.code().to_owned(),
        classing: (*classing).to_owned(),
        measures,
        caption: caption(&visit, &asked),
        day: Some(asked.day),
        links: links.collect(),
        rows: rows(&counted, &map, link),
        total: counted.total.map(thousands),
        png_href: format!("/dia-ban/ban-do.png?nen={ground}&so={}&cach={classing}", measure.code()),
        map,
        errors: Errors::default(),
    };
    visit.public_page(&MAP, &page)
}

/// Every province of the day, the largest figure first, those without one last.
fn rows(counted: &Counted, map: &Drawing, link: impl Fn(&crate::Area) -> String) -> Vec<Row> {
    let mut rows: Vec<(Option<f64>, Row)> = counted
        .provinces
        .iter()
        .map(|area| {
            let code = area.code.as_deref().unwrap_or_default();
            let figure = counted.figures.get(code);
            let tile = map.tiles.iter().find(|tile| tile.code == code);
            let row = Row {
                href: link(area),
                title: area.title(),
                text: figure.map(|figure| figure.text.clone()),
                class: tile.map_or(0, |tile| tile.class),
            };
            (figure.map(|figure| figure.amount), row)
        })
        .collect();
    rows.sort_by(|one, other| {
        let amount = |of: &Option<f64>| of.unwrap_or(f64::NEG_INFINITY);
        amount(&other.0).total_cmp(&amount(&one.0))
    });
    rows.into_iter().map(|(_, row)| row).collect()
}

/// `GET /dia-ban/ban-do.png?nen=&so=&cach=`
pub async fn picture(visit: Visit, Params(wanted): Params<Wanted>) -> Answer {
    let asked = wanted.read(visit.app.now().day())?;
    let counted = visit.app.db.view(async |tx| count(tx, &asked).await).await?;
    let map = ChoroplethMap {
        ground: ground(&asked),
        figures: &counted.figures,
        classing: classing(&asked),
    };
    let words = PictureWords {
        title: caption(&visit, &asked),
        unit: visit.say(&format!("areas-map-legend-{}", asked.measure.code()), &[]),
        missing: visit.say("areas-map-missing", &[]),
        notes: vec![visit.say("areas-map-accuracy", &[]), visit.say("areas-map-source", &[])],
    };
    let bytes = map.png(&words).map_err(|error| Failure::fault("draw a map", error))?;
    let name = format!("ban-do-{}-{}-{}.png", asked.ground, asked.measure.code(), asked.day);
    visit.made(Made { kind: "image/png", name: Some(name), bytes })
}
