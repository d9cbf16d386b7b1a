//! Reading a question from an address, with what the fields offer. Everything left out has a sensible answer:
//! the asker's own area, the latest period with figures, the main figures of its data set.

use std::sync::Arc;

use areas::{Area, AreaId, AreaLevel};
use kernel::{
    clock::Day,
    db::Tx,
    problem::{OrMissing, Outcome},
    web::{Fields, Visit},
};

use super::{
    files,
    view::{About, Choice, Field, Group, dx_name, form},
};
use crate::{
    actions::{
        PERIOD_NOT_FOUND, SEE,
        analysis::public,
        catalogue::{self, Catalogue},
        map, problem,
    },
    model::{
        CellKey, DatasetId, ElementId, Life, Period,
        analysis::{Answer, BAD_QUESTION, Dx, Question, RateKind},
    },
};

/// Most different figures in one table of a page.
pub(super) const DX_MOST: usize = 12;
/// Most periods on a page.
const PERIODS_MOST: u16 = 40;

/// A question as asked, and what the fields offer.
#[derive(Clone)]
pub struct Setting {
    /// What is defined.
    pub catalogue: Arc<Catalogue>,
    /// The area.
    pub area: Area,
    /// Areas to choose from: above, itself, below.
    pub areas: Vec<Area>,
    /// The period, and whether it was asked for.
    pub period: Period,
    /// True when the address names a period.
    pub period_named: bool,
    /// Periods with figures, the latest first.
    pub known: Vec<Period>,
    /// How many periods.
    pub count: u16,
    /// What was asked for; empty for the page's own choice.
    pub dx: Vec<Dx>,
    /// What was asked for beyond what a page shows.
    pub left_out: Vec<Dx>,
    /// Estimated or final.
    pub life: Life,
    /// Only what was approved.
    pub approved_only: bool,
    /// The day whose geography is wanted.
    pub frame: Option<Day>,
    /// The rung asked for.
    pub by: Option<AreaLevel>,
    /// True for a file: it has all of what a page shows the first of.
    pub whole: bool,
    /// Other fields.
    pub fields: Fields,
}

impl Setting {
    /// Reads it.
    pub async fn read(visit: &Visit, pairs: &[(String, String)]) -> Outcome<Self> {
        let fields = Fields::from_pairs(pairs.iter().cloned());
        let catalogue = catalogue::current(&visit.app).await?;
        let bad = |what: &str| problem(&BAD_QUESTION, "what", what);
        let mut dx = Vec::new();
        for text in fields.many("dx").iter().filter(|text| !text.is_empty()) {
            let one = Dx::parse(text).ok_or_else(|| bad(text))?;
            if !dx.contains(&one) {
                dx.push(one);
            }
        }
        let left_out = dx.split_off(dx.len().min(DX_MOST));
        let frame = match fields.raw("khung") {
            "" => None,
            text => Some(Day::parse(text).ok_or_else(|| bad(text))?),
        };
        let by = match fields.raw("cap") {
            "" => None,
            text => Some(AreaLevel::from_code(text).ok_or_else(|| bad(text))?),
        };
        let wanted = match fields.raw("o") {
            "" => home(visit),
            text => AreaId::parse(text).or_missing(&areas::NOT_FOUND)?,
        };
        let named = fields.raw("ky").to_owned();
        let (area, list, known) = visit
            .app
            .db
            .view(async |tx| {
                let area = areas::find(tx, &wanted).await?.or_missing(&areas::NOT_FOUND)?;
                map::must(tx, &visit.caller, &SEE, &area).await?;
                let list = choices(tx, visit, &area).await?;
                Ok((area, list, public::periods(tx).await?))
            })
            .await?;
        let period = if named.is_empty() {
            latest(&catalogue, &known, &dx, visit.app.now().day())
        } else {
            Period::parse(&named)
        };
        let period = period.or_missing(&PERIOD_NOT_FOUND)?;
        let count = fields.number("so").and_then(|count| u16::try_from(count).ok());
        Ok(Self {
            catalogue,
            area,
            areas: list,
            period,
            period_named: !named.is_empty(),
            known,
            count: count.unwrap_or(8).clamp(1, PERIODS_MOST),
            dx,
            left_out,
            life: Life::from_slug(fields.raw("doi")),
            approved_only: fields.has("duyet"),
            frame,
            by,
            whole: false,
            fields,
        })
    }

    /// The question as an address has it; without the period when it is to stay the latest.
    pub fn query(&self, for_saving: bool) -> String {
        let texts: Vec<String> = self.dx.iter().map(Dx::text).collect();
        let count = self.count.to_string();
        let frame = self.frame.map_or_else(String::new, Day::iso);
        let mut pairs: Vec<(&str, &str)> = vec![("o", self.area.id.as_str())];
        pairs.extend(texts.iter().map(|text| ("dx", text.as_str())));
        if !for_saving || self.period_named {
            pairs.push(("ky", self.period.id()));
        }
        // What nobody chose stays each page's own choice.
        if !self.fields.raw("so").is_empty() {
            pairs.push(("so", &count));
        }
        if self.life == Life::Estimate {
            pairs.push(("doi", self.life.slug()));
        }
        if self.approved_only {
            pairs.push(("duyet", "1"));
        }
        pairs.push(("khung", &frame));
        pairs.push(("cap", self.by.map_or("", AreaLevel::code)));
        for name in ["hang", "cot", "bo"] {
            pairs.push((name, self.fields.raw(name)));
        }
        form(&pairs)
    }

    /// A question about this area.
    pub fn question(&self, dx: Vec<Dx>, periods: Vec<Period>, by: AreaLevel) -> Question {
        Question {
            dx,
            periods,
            area: self.area.id.clone(),
            by,
            frame: self.frame,
            life: self.life,
            approved_only: self.approved_only,
        }
    }

    /// The periods up to the one asked for.
    pub fn periods(&self) -> Vec<Period> {
        self.period.last_n(self.count)
    }

    /// The same question with a period in which the form that was chosen is reported: a campaign has its own days, a
    /// yearly form is asked about in a quarter for the quarter's year.
    pub fn of_chosen_form(&self) -> Self {
        let chosen = DatasetId::parse(self.fields.raw("bo"));
        let chosen = chosen.and_then(|code| self.catalogue.datasets.get(&code));
        // A period of the form's own scheme stays, unless it is another campaign's.
        let strange = chosen
            .filter(|one| one.scheme != self.period.scheme.code() || one.campaign().is_some());
        let own = strange.and_then(|one| one.period_on(self.period.last_day()));
        Self { period: own.unwrap_or_else(|| self.period.clone()), ..self.clone() }
    }

    /// The rung below the area, or the one asked for.
    pub fn below(&self) -> AreaLevel {
        let below = match self.area.level {
            AreaLevel::Country => AreaLevel::Province,
            _ => AreaLevel::Commune,
        };
        self.by.filter(|by| *by >= self.area.level).unwrap_or(below)
    }

    /// What was asked for, or the main figures of a data set of the period's scheme.
    pub fn dx_or_main(&self, most: usize) -> Vec<Dx> {
        if !self.dx.is_empty() {
            return self.dx.clone();
        }
        main_figures(&self.catalogue, &self.period, most)
    }

    /// The usual fields; of figures those are chosen that the page shows, whoever chose them.
    pub fn fields(&self, visit: &Visit, with: &[&'static str], shown: &[Dx]) -> Vec<Field> {
        with.iter().filter_map(|name| self.field(visit, name, shown)).collect()
    }

    fn field(&self, visit: &Visit, name: &'static str, shown: &[Dx]) -> Option<Field> {
        let label = visit.say(&format!("reporting-field-{name}"), &[]);
        let choice =
            |value: String, label: String, selected: bool| Choice { value, label, selected };
        let choices = match name {
            "o" => self
                .areas
                .iter()
                .map(|one| choice(one.id.to_string(), one.title(), one.id == self.area.id))
                .collect(),
            "ky" => {
                let mut all = self.known.clone();
                if !all.contains(&self.period) {
                    all.insert(0, self.period.clone());
                }
                let label = |one: &Period| one.label(visit.lang());
                all.iter()
                    .map(|one| choice(one.id().to_owned(), label(one), *one == self.period))
                    .collect()
            }
            "so" => ["1", "4", "8", "12", "20"]
                .into_iter()
                .map(|count| {
                    choice(count.to_owned(), count.to_owned(), self.count.to_string() == count)
                })
                .collect(),
            "cap" => [AreaLevel::Country, AreaLevel::Province, AreaLevel::Commune]
                .into_iter()
                .filter(|level| *level >= self.area.level)
                .map(|level| {
                    let label = visit.say(&format!("areas-level-{}", level.code()), &[]);
                    choice(level.code().to_owned(), label, level == self.below())
                })
                .collect(),
            "doi" => [Life::Final, Life::Estimate]
                .into_iter()
                .map(|life| {
                    let key = match life {
                        Life::Final => "reporting-life-final",
                        Life::Estimate => "reporting-life-estimate",
                    };
                    let label = visit.say(key, &[]);
                    choice(life.slug().to_owned(), label, life == self.life)
                })
                .collect(),
            "duyet" => vec![choice("1".to_owned(), String::new(), self.approved_only)],
            "khung" => {
                let day = self.frame.map_or_else(String::new, Day::iso);
                let mut all = vec![choice(
                    String::new(),
                    visit.say("reporting-frame-today", &[]),
                    day.is_empty(),
                )];
                for (value, key) in [
                    ("2025-06-30", "reporting-frame-2025-06"),
                    ("2021-01-01", "reporting-frame-2021"),
                ] {
                    all.push(choice(value.to_owned(), visit.say(key, &[]), day == value));
                }
                if !day.is_empty() && !all.iter().any(|one| one.selected) {
                    all.push(choice(
                        day.clone(),
                        self.frame.map_or_else(String::new, Day::short),
                        true,
                    ));
                }
                all
            }
            "dx" => Vec::new(),
            "dx1" => self.one_dx(visit, shown.first()),
            "bo" => self
                .catalogue
                .datasets
                .values()
                .map(|one| {
                    choice(
                        one.code.to_string(),
                        one.title.clone(),
                        one.code.as_str() == self.fields.raw("bo"),
                    )
                })
                .collect(),
            _ => return None,
        };
        let kind = match name {
            "duyet" => "check",
            "dx" => return Some(self.list_of_dx(visit, label, shown)),
            _ => "select",
        };
        let name = if name == "dx1" { "dx" } else { name };
        Some(Field { name, label, kind, choices, ..Field::default() })
    }

    /// What is chosen, and everything else that can be: indicators, what is counted, who has reported.
    fn list_of_dx(&self, visit: &Visit, label: String, chosen: &[Dx]) -> Field {
        let known = self.known_dx();
        let group = |(title, all): (&str, Vec<Dx>)| Group {
            title: visit.say(title, &[]),
            choices: all
                .iter()
                .filter(|dx| !chosen.contains(dx))
                .map(|dx| self.dx_choice(visit, dx, false))
                .collect(),
        };
        Field {
            name: "dx",
            label,
            kind: "list",
            choices: chosen.iter().map(|dx| self.dx_choice(visit, dx, true)).collect(),
            groups: known.into_iter().map(group).collect(),
            note: self.said_of_left_out(visit),
        }
    }

    /// What is not shown of what was ticked; empty when everything is.
    fn said_of_left_out(&self, visit: &Visit) -> String {
        if self.left_out.is_empty() {
            return String::new();
        }
        let names = self.left_out.iter().map(|dx| dx_name(visit, &self.catalogue, dx));
        let names: Vec<String> = names.collect();
        let args = [
            ("ticked", (self.dx.len() + self.left_out.len()).to_string()),
            ("most", DX_MOST.to_string()),
            ("names", names.join("; ")),
        ];
        visit.say("reporting-field-dx-left-out", &args)
    }

    /// One of everything that can be asked of.
    fn one_dx(&self, visit: &Visit, chosen: Option<&Dx>) -> Vec<Choice> {
        let is_part = |dx: &&Dx| matches!(dx, Dx::Cell(key) if !key.coords.is_total());
        let mut all: Vec<Dx> = chosen.filter(is_part).cloned().into_iter().collect();
        all.extend(self.known_dx().into_iter().flat_map(|(_, all)| all));
        all.iter().map(|dx| self.dx_choice(visit, dx, chosen == Some(dx))).collect()
    }

    fn dx_choice(&self, visit: &Visit, dx: &Dx, selected: bool) -> Choice {
        Choice { value: dx.text(), label: dx_name(visit, &self.catalogue, dx), selected }
    }

    /// Everything that can be asked of, under headings.
    fn known_dx(&self) -> [(&'static str, Vec<Dx>); 3] {
        let known = &self.catalogue;
        let total = |code: &ElementId| Dx::Cell(CellKey::total(code.clone()));
        let rates = |code: &DatasetId| RateKind::ALL.map(|kind| Dx::Rate(code.clone(), kind));
        [
            (
                "reporting-field-dx-indicators",
                known.indicators.keys().cloned().map(Dx::Indicator).collect(),
            ),
            ("reporting-field-dx-elements", known.elements.keys().map(total).collect()),
            ("reporting-field-dx-rates", known.datasets.keys().flat_map(rates).collect()),
        ]
    }

    /// What the figures of an answer are of, and how many units have reported them.
    pub fn about(&self, visit: &Visit, answer: &Answer) -> About {
        About {
            area: self.area.title(),
            periods: answer.periods.clone(),
            complete: files::complete(visit, answer),
        }
    }

    /// Under which conditions the figures hold, in a sentence.
    pub fn basis(&self, visit: &Visit, answer: &Answer) -> String {
        visit.say(
            "reporting-analysis-basis",
            &[
                ("asof", answer.as_of.short()),
                ("frame", answer.frame.short()),
                ("life", visit.say(&format!("reporting-life-{}", self.life.slug()), &[])),
                (
                    "approved",
                    visit.say(
                        if self.approved_only {
                            "reporting-only-approved"
                        } else {
                            "reporting-all-figures"
                        },
                        &[],
                    ),
                ),
            ],
        )
    }
}

/// The main figures of the first data set of the period's scheme: the totals its form asks for.
fn main_figures(catalogue: &Catalogue, period: &Period, most: usize) -> Vec<Dx> {
    let scheme = period.scheme.code();
    let of = |dataset: &&crate::model::Dataset| dataset.scheme == scheme;
    // The data set of the support points is the one everybody has.
    let mut sets: Vec<_> = catalogue.datasets.values().filter(of).collect();
    sets.sort_by_key(|one| one.code.as_str() != "diem-ho-tro");
    let mut all = Vec::new();
    for dataset in sets {
        let Ok(form) = catalogue.form(&dataset.code) else { continue };
        for placed in form.tables().flat_map(|(_, table)| table.cells()) {
            let dx = Dx::Cell(CellKey::total(placed.key.element.clone()));
            if !all.contains(&dx) {
                all.push(dx);
            }
        }
        if !all.is_empty() {
            break;
        }
    }
    all.truncate(most);
    all
}

/// The latest period that has figures, of the scheme of what is asked for; the running quarter when there is
/// none.
fn latest(catalogue: &Catalogue, known: &[Period], dx: &[Dx], today: Day) -> Option<Period> {
    let owners = crate::actions::analysis::owners(catalogue);
    let fits = |period: &&Period| match dx.first() {
        Some(Dx::Cell(key)) => owners.parts(&key.element, period).len() == 1,
        Some(Dx::Rate(dataset, _)) => catalogue
            .datasets
            .get(dataset)
            .is_some_and(|dataset| dataset.scheme == period.scheme.code()),
        _ => true,
    };
    let main = |period: &&Period| period.scheme.code() == "nd09q";
    let fitting: Vec<&Period> = known.iter().filter(fits).collect();
    let best = fitting.iter().find(|one| main(one)).or(fitting.first()).copied().cloned();
    best.or_else(|| crate::model::Scheme::parse("nd09q")?.containing(today))
}

/// The widest area whose figures the asker may see.
fn home(visit: &Visit) -> AreaId {
    let widest = visit.caller.scopes_for(&SEE).min_by_key(|scope| scope.as_str().len());
    widest.and_then(|scope| scope.last()).and_then(AreaId::parse).unwrap_or_else(AreaId::country)
}

/// Areas to choose from: those above that the asker may see, the provinces, and the communes of the province.
async fn choices(tx: &mut Tx, visit: &Visit, area: &Area) -> Outcome<Vec<Area>> {
    let today = tx.now().day();
    let mut all = areas::ancestors(tx, area).await?;
    all.retain(|one| one.level == AreaLevel::Country || one.level == AreaLevel::Province);
    let province = match area.level {
        AreaLevel::Province => Some(area.id.clone()),
        AreaLevel::Commune => area.parent.clone(),
        _ => None,
    };
    if area.level == AreaLevel::Country {
        all.push(area.clone());
    }
    // `/vn/`: what an officer of the ministry is given, not the root above it.
    if visit.caller.may(&SEE, &kernel::scope::ScopePath::root().child("vn")) {
        all.extend(areas::children(tx, &AreaId::country(), today).await?);
    }
    if area.level == AreaLevel::Province {
        all.push(area.clone());
    }
    if let Some(province) = province {
        all.extend(areas::children(tx, &province, today).await?);
    }
    if area.level == AreaLevel::Commune {
        all.push(area.clone());
    }
    let mut seen = std::collections::BTreeSet::new();
    // The area that is shown stays chosen, a former one too: whoever reads this may see it.
    let may_see = |one: &Area| one.id == area.id || visit.caller.may(&SEE, &one.path);
    all.retain(|one| may_see(one) && seen.insert(one.id.clone()));
    Ok(all)
}
