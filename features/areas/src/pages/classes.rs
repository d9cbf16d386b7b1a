//! The classes and flags of a place: what holds, what held, and the form with which the province says so.

use std::collections::HashMap;

use kernel::{
    app::NodeRole,
    axum::extract::Path,
    clock::Day,
    db::Tx,
    problem::{INVALID_FORM, OrMissing, Outcome},
    web::{Answer, Fields, Posted, Template, Visit},
};
use serde::Serialize;

use super::{Crumb, Errors, crumbs, href, known, told};
use crate::{
    NOT_FOUND,
    actions::{
        MANAGE_VILLAGES, NOT_A_COMMUNE,
        classes::{self, CLASSIFY, NewClassing},
    },
    model::{
        Area, AreaId, AreaLevel,
        class::{Class, ClassFact, Mark, spans},
    },
    store::{self, village_imports::below},
};

/// The page of a place's classes.
pub const CLASSES: Template<Classes> = Template::new("areas/classes.html");

/// What the page shows.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Classes {
    /// The place's full name.
    pub title: String,
    /// The form's address.
    pub action: String,
    /// The way here.
    pub crumbs: Vec<Crumb>,
    /// What holds and held, by mark, newest first.
    pub spans: Vec<ClassRow>,
    /// All that was said, newest first; only shown when it differs from what holds.
    pub statements: Vec<ClassRow>,
    /// What lies below, with its classes of today.
    pub below: Vec<PlaceRow>,
    /// The choices of the form, each `mark` or `mark:class`; empty for who may only read.
    pub choices: Vec<ClassChoice>,
    /// True at a commune's point, where classes only arrive.
    pub from_above: bool,
    /// What was typed.
    pub form: ClassForm,
    /// What is wrong with it.
    pub errors: Errors,
}

/// A class with its dates, as a row or a tag.
#[derive(Clone, Debug, Serialize)]
pub struct ClassRow {
    /// Words of the mark: Fluent key.
    pub mark: &'static str,
    /// Words of the class: Fluent key.
    pub class: String,
    /// First day.
    pub from: Day,
    /// Last day, when one is known.
    pub last: Option<Day>,
    /// The instrument.
    pub instrument: String,
    /// True when the instrument itself was seen.
    pub confirmed: bool,
    /// When it was recorded.
    pub recorded: Day,
}

impl From<ClassFact> for ClassRow {
    fn from(ClassFact { said, recorded_at, .. }: ClassFact) -> Self {
        Self {
            mark: mark_key(said.mark),
            class: class_key(said.class),
            from: said.from,
            last: known(said.until).map(|day| day.plus_days(-1)),
            instrument: said.instrument,
            confirmed: said.confirmed,
            recorded: recorded_at.day(),
        }
    }
}

/// A place below with its classes.
#[derive(Clone, Debug, Serialize)]
pub struct PlaceRow {
    /// Its page of classes.
    pub href: String,
    /// Its full name.
    pub title: String,
    /// Its classes of today.
    pub classes: Vec<ClassRow>,
}

/// A choice of the form.
#[derive(Clone, Debug, Serialize)]
pub struct ClassChoice {
    /// `region:region_1`, `border:none`.
    pub value: String,
    /// The words.
    pub label: String,
}

/// The form's fields.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ClassForm {
    /// The choice.
    pub mark: String,
    /// First day.
    pub from: String,
    /// Last day.
    pub last: String,
    /// The instrument.
    pub instrument: String,
    /// Ticked when the instrument was seen.
    pub confirmed: bool,
}

/// The words of a mark.
pub const fn mark_key(mark: Mark) -> &'static str {
    match mark {
        Mark::Region => "areas-mark-region",
        Mark::Hardship => "areas-mark-hardship",
        Mark::Border => "areas-mark-border",
        Mark::SafeZone => "areas-mark-safe-zone",
    }
}

/// The words of a class.
pub fn class_key(class: Option<Class>) -> String {
    let code = class.map_or("none", Class::code).replace('_', "-");
    format!("areas-class-{code}")
}

/// The tags of a place of today, for other pages.
pub async fn tags(tx: &mut Tx, area: &AreaId, day: Day) -> Outcome<Vec<ClassRow>> {
    let facts = store::classes_on(tx, area, day).await?;
    Ok(facts.into_iter().map(ClassRow::from).collect())
}

/// `GET /dia-ban/{id}/phan-loai`
pub async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let page = gather(&visit, &id).await?;
    visit.page(&CLASSES, &page)
}

/// `POST /dia-ban/{id}/phan-loai`
pub async fn classify(visit: Visit, Path(id): Path<String>, Posted { fields }: Posted) -> Answer {
    let (mark, class) = chosen(&fields);
    let last = fields.line("last");
    let draft = NewClassing {
        area: AreaId::parse(&id).or_missing(&NOT_FOUND)?,
        mark,
        class,
        from: Day::parse(&fields.line("from")),
        // An end that cannot be read must not pass for "no end": it is set before any first day.
        last: if last.is_empty() { None } else { Day::parse(&last).or(Day::new(1, 1, 1)) },
        instrument: fields.line("instrument"),
        confirmed: fields.has("confirmed"),
    };
    match classes::classify(&visit.app.db, visit.app.role, &visit.caller, draft).await {
        Ok(_) => visit.done(&format!("/dia-ban/{id}/phan-loai"), "areas-classified"),
        Err(failure) if failure.is(&INVALID_FORM) => {
            let page = gather(&visit, &id).await?;
            let form = ClassForm {
                mark: fields.line("mark"),
                from: fields.line("from"),
                last,
                instrument: fields.line("instrument"),
                confirmed: fields.has("confirmed"),
            };
            visit.form_again(failure, &CLASSES, |errors| Classes {
                form,
                errors: told(errors),
                ..page
            })
        }
        Err(failure) => Err(failure),
    }
}

fn chosen(fields: &Fields) -> (Option<Mark>, Option<Class>) {
    let choice = fields.line("mark");
    let Some((mark, class)) = choice.split_once(':') else { return (None, None) };
    match (Mark::from_code(mark), class, Class::from_code(class)) {
        (mark, "none", _) => (mark, None),
        (mark, _, Some(class)) => (mark, Some(class)),
        _ => (None, None),
    }
}

async fn gather(visit: &Visit, id: &str) -> Outcome<Classes> {
    visit
        .app
        .db
        .view(async |tx| {
            let id = AreaId::parse(id).or_missing(&NOT_FOUND)?;
            let area = store::find(tx, &id).await?.or_missing(&NOT_FOUND)?;
            let may_classify = visit.caller.may(&CLASSIFY, &area.path);
            if !may_classify {
                visit.caller.must(&MANAGE_VILLAGES, &area.path)?;
            }
            if !matches!(area.level, AreaLevel::Province | AreaLevel::Commune | AreaLevel::Village)
            {
                return Err((&NOT_A_COMMUNE).into());
            }
            let at_hub = visit.app.role == NodeRole::Hub;
            let said = store::classes::statements(tx, &id).await?;
            let mut way = crumbs(visit, tx, &area).await?;
            way.push(Crumb::here(visit.say("areas-classes", &[])));
            let rows = Mark::ALL.into_iter().flat_map(|mark| spans(&said, mark).into_iter().rev());
            let rows: Vec<ClassRow> = rows.map(ClassRow::from).collect();
            let statements: Vec<ClassRow> = said.into_iter().map(ClassRow::from).collect();
            Ok(Classes {
                title: area.title(),
                action: format!("{}/phan-loai", href(&area)),
                crumbs: way,
                statements: if statements.len() > rows.len() { statements } else { Vec::new() },
                spans: rows,
                below: places_below(tx, &area).await?,
                choices: if at_hub && may_classify {
                    choices(visit, area.level)
                } else {
                    Vec::new()
                },
                from_above: !at_hub,
                ..Classes::default()
            })
        })
        .await
}

fn choices(visit: &Visit, level: AreaLevel) -> Vec<ClassChoice> {
    let fitting = Mark::ALL.into_iter().filter(|mark| mark.fits(level));
    let choices = fitting.flat_map(|mark| {
        let classes = mark.classes().iter().copied().map(Some).chain([None]);
        classes.map(move |class| (mark, class))
    });
    choices
        .map(|(mark, class)| ClassChoice {
            value: format!("{}:{}", mark.code(), class.map_or("none", Class::code)),
            label: match class {
                Some(_) => visit.say(&class_key(class), &[]),
                None => visit.say(&format!("{}-none", mark_key(mark)), &[]),
            },
        })
        .collect()
}

/// The communes of a province, the villages of a commune.
async fn places_below(tx: &mut Tx, area: &Area) -> Outcome<Vec<PlaceRow>> {
    let level = match area.level {
        AreaLevel::Province => AreaLevel::Commune,
        AreaLevel::Commune => AreaLevel::Village,
        _ => return Ok(Vec::new()),
    };
    let today = tx.now().day();
    let places = below(tx, &area.path, level, today).await?;
    let mut by_place: HashMap<AreaId, Vec<ClassFact>> = HashMap::new();
    for ((unit, _), fact) in store::classes::counting_below(tx, &area.path, today).await? {
        if fact.said.class.is_some() {
            by_place.entry(unit).or_default().push(fact);
        }
    }
    let rows = places.into_iter().map(|place| {
        let mut facts = by_place.remove(&place.id).unwrap_or_default();
        facts.sort_by_key(|fact| fact.said.mark);
        PlaceRow {
            href: format!("{}/phan-loai", href(&place)),
            title: place.title(),
            classes: facts.into_iter().map(ClassRow::from).collect(),
        }
    });
    Ok(rows.collect())
}
