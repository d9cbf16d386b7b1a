//! The forms that make and change definitions, and the one that ends a node of a programme.

use areas::Area;
use kernel::{
    axum::extract::Path,
    problem::{Failure, FormProblems, OrMissing, Outcome},
    web::{Answer, Fields, Posted, Visit},
};

use super::{
    Choice, EDIT, EditView, Kind, NEW, SHEET, SheetView, TrialView, crumbs,
    facts::{Defined, differences, facts},
    fields::{self, Values},
    read::Reader,
    sheet,
};
use crate::{
    actions::{
        DEFINE, PERIOD_NOT_FOUND, SEE,
        analysis::public,
        catalogue::{self, Catalogue},
        define::{
            self, Said, country, must_be_hub,
            target::{self, may_propose},
        },
    },
    model::{
        CellKey, Indicator, Period, ProgrammeNodeId,
        amount::unit,
        analysis::Shown,
        definition::{below_lines, indicator_formula},
        formula::Input,
        target::Target,
    },
    pages::{
        analysis::view::gap,
        place::{self, Asked, Names},
        review::as_values,
    },
    store::definitions::Written,
};

/// Periods to try a formula in.
const PERIODS_MOST: usize = 40;

/// What is changed: nothing yet, or a definition in its newest version.
struct Standing {
    one: Option<Defined>,
    versions: Vec<Written>,
}

impl Standing {
    /// Finds it; refuses whoever may not change it.
    async fn open(visit: &Visit, kind: Kind, code: &str) -> Outcome<Self> {
        if kind == Kind::Target {
            visit.caller.must_somewhere(&DEFINE)?;
        } else {
            visit.caller.must(&DEFINE, &country())?;
        }
        must_be_hub(&visit.app)?;
        if code == NEW {
            return Ok(Self { one: None, versions: Vec::new() });
        }
        let versions = define::versions(&visit.app, kind.code(), code).await?;
        let newest = versions.first().or_missing(&define::DEFINITION_NOT_FOUND)?;
        Ok(Self { one: Some(Defined::read(kind, &newest.body)?), versions })
    }

    fn version(&self) -> u32 {
        self.versions.first().map_or(0, |newest| newest.version)
    }

    fn target(&self) -> Option<&Target> {
        match &self.one {
            Some(Defined::Target(target)) => Some(target),
            _ => None,
        }
    }
}

/// `GET /so-lieu/danh-muc/{kind}/{code}/sua`; the code `moi` makes something new.
pub(super) async fn show(visit: Visit, Path((slug, code)): Path<(String, String)>) -> Answer {
    let kind = Kind::read(&slug)?;
    let standing = Standing::open(&visit, kind, &code).await?;
    let catalogue = catalogue::current(&visit.app).await?;
    let mut values = standing.one.as_ref().map_or_else(Values::new, fields::values);
    if standing.one.is_none() {
        values.insert("can-cu", vec!["derived".to_owned()]);
        values.insert("thap-phan", vec!["0".to_owned()]);
    }
    let mut view = form(&visit, &catalogue, kind, &code, &standing, &mut values).await?;
    view.seen = standing.version();
    if view.can_try {
        view.try_place = place::own(&visit, &SEE).await?;
    }
    if kind == Kind::Target && standing.one.is_none() && !may_propose(&visit.caller, &country()) {
        view.place = place::own(&visit, &DEFINE).await?;
    }
    visit.page(&EDIT, &view)
}

async fn form(
    visit: &Visit,
    catalogue: &Catalogue,
    kind: Kind,
    code: &str,
    standing: &Standing,
    values: &mut Values,
) -> Outcome<EditView> {
    let is_new = standing.one.is_none();
    if let Some(one) = &standing.one {
        stays(visit, catalogue, one, values).await?;
    }
    let word = if is_new { "new" } else { "change" };
    let can_try = kind == Kind::Indicator && visit.caller.may_somewhere(&SEE);
    let try_periods = if can_try { periods(visit, catalogue, standing).await? } else { Vec::new() };
    Ok(EditView {
        crumbs: crumbs(visit, Some(kind)),
        kind: kind.slug(),
        title: visit.say(&format!("reporting-defining-{word}-{}", kind.slug()), &[]),
        lede: visit.say(&format!("reporting-defining-lede-{}", kind.slug()), &[]),
        action: format!("{}/sua", kind.href(code)),
        fields: fields::shown(visit, catalogue, kind, values, is_new),
        try_period: try_periods.first().map_or_else(String::new, |one| one.value.clone()),
        try_periods,
        can_try,
        ..EditView::default()
    })
}

/// What a definition keeps for good stands in its fields in words.
async fn stays(
    visit: &Visit,
    catalogue: &Catalogue,
    one: &Defined,
    values: &mut Values,
) -> Outcome<()> {
    let own = fields::values(one);
    values.extend(own.get("ma").cloned().map(|code| ("ma", code)));
    if let Defined::Target(one) = one {
        let names = Names::of(visit, [one.area.as_str()]).await?;
        let name = catalogue.indicators.get(&one.indicator).map_or("", |it| it.name.as_str());
        values.insert("chi-tieu", vec![format!("{} – {name}", one.indicator)]);
        values.insert("dia-ban", vec![names.name(visit, &one.area)]);
    }
    Ok(())
}

/// Periods with figures to try a formula in; those in which its figures are reported first.
async fn periods(
    visit: &Visit,
    catalogue: &Catalogue,
    standing: &Standing,
) -> Outcome<Vec<Choice>> {
    let known = visit.app.db.view(async |tx| public::periods(tx).await).await?;
    let owners = crate::actions::analysis::owners(catalogue);
    let named = match &standing.one {
        Some(Defined::Indicator(one)) => first_cell(one),
        _ => None,
    };
    let fits = |period: &Period| {
        named.as_ref().is_some_and(|key| {
            let parts = owners.parts(&key.element, period);
            parts.len() > 1 || owners.dataset(&key.element, period).is_some()
        })
    };
    let mut all: Vec<Period> = known;
    all.sort_by_key(|period| !fits(period));
    let choice = |one: &Period| Choice {
        value: one.id().to_owned(),
        label: one.label(visit.lang()),
        selected: false,
    };
    Ok(all.iter().take(PERIODS_MOST).map(choice).collect())
}

fn first_cell(one: &Indicator) -> Option<CellKey> {
    let formula = indicator_formula(one)?;
    formula.inputs().into_iter().find_map(Input::cell).cloned()
}

/// What a form said, read; nothing is kept by reading it.
fn read(
    kind: Kind,
    catalogue: &Catalogue,
    standing: &Standing,
    code: &str,
    values: &Values,
) -> Outcome<Defined> {
    let reader = Reader::of(values);
    let known = standing.one.as_ref().map(|_| code);
    Ok(match kind {
        Kind::Programme => Defined::Programme(reader.node_of(known)?),
        Kind::Indicator => Defined::Indicator(reader.indicator(known)?),
        Kind::Element => Defined::Element(reader.element(known)?),
        Kind::Target => Defined::Target(reader.target(catalogue, standing.target())?),
    })
}

/// `POST /so-lieu/danh-muc/{kind}/{code}/sua`: keeps it, or with `buoc=thu` tries a formula.
pub(super) async fn keep(
    visit: Visit,
    Path((slug, code)): Path<(String, String)>,
    Posted { fields }: Posted,
) -> Answer {
    let kind = Kind::read(&slug)?;
    let standing = Standing::open(&visit, kind, &code).await?;
    let catalogue = catalogue::current(&visit.app).await?;
    let mut values = fields::posted(kind, &fields);
    let seen = fields.number("phien-ban").and_then(|it| u32::try_from(it).ok()).unwrap_or(0);
    let said = Said { seen, reason: fields.lines("ly-do") };
    let tries = fields.raw("buoc") == "thu" && kind == Kind::Indicator;
    let period = fields.line("thu-ky");
    let (try_place, area) = if tries {
        place::find(&visit, &fields, "thu-dia-ban", &SEE).await
    } else {
        (typed_place(&fields, "thu-dia-ban"), Err((&areas::NOT_FOUND).into()))
    };
    let is_new_target = kind == Kind::Target && standing.one.is_none();
    let (place, settled) = target_place(&visit, &fields, is_new_target).await;
    let done: Outcome<Done> = async {
        if let Some(area) = settled? {
            values.insert("dia-ban", vec![area.id.to_string()]);
        }
        let one = read(kind, &catalogue, &standing, &code, &values)?;
        match one {
            Defined::Indicator(one) if tries => {
                Ok(Done::Tried(Box::new(tried(&visit, &one, area, &period).await?)))
            }
            one => Ok(Done::Kept(kept(&visit, &one, &said).await?)),
        }
    }
    .await;
    let mut view = form(&visit, &catalogue, kind, &code, &standing, &mut values).await?;
    view.place = place;
    view.seen = seen;
    view.reason.clone_from(&said.reason);
    view.try_place = try_place;
    view.try_period = period;
    match done {
        Ok(Done::Kept(code)) => visit.done(&kind.href(&code), "reporting-definition-kept"),
        Ok(Done::Tried(trial)) => {
            view.trial = Some(*trial);
            visit.page(&EDIT, &view)
        }
        Err(failure) => {
            let stale = failure.problem().is_some_and(|problem| {
                problem.fields.iter().any(|field| field.field == "phien-ban")
            });
            if stale {
                view.meanwhile = meanwhile(&visit, &catalogue, kind, &standing, seen).await?;
                // Keeping it once more is then over what the person has seen.
                view.seen = standing.version();
            }
            visit.form_again(failure, &EDIT, |errors| EditView {
                errors: as_values(&errors),
                ..view
            })
        }
    }
}

/// What a place's field holds, as it was typed.
fn typed_place(fields: &Fields, name: &str) -> Asked {
    let chosen = if fields.line(&format!("{name}_before")) == fields.line(name) {
        fields.line(&format!("{name}_choice"))
    } else {
        String::new()
    };
    Asked { typed: fields.line(name), chosen, ..Asked::default() }
}

/// The place of a new target: none is the country.
async fn target_place(
    visit: &Visit,
    fields: &Fields,
    is_new: bool,
) -> (Asked, Outcome<Option<Area>>) {
    if !is_new {
        return (Asked::default(), Ok(None));
    }
    if !fields.has("dia-ban") {
        let mut wrong = FormProblems::new();
        let may = may_propose(&visit.caller, &country());
        wrong.require(may, "dia-ban", "reporting-definition-not-country");
        return (Asked::default(), wrong.check().map(|()| None));
    }
    let (shown, found) = place::find(visit, fields, "dia-ban", &DEFINE).await;
    (shown, found.map(Some))
}

enum Done {
    Kept(String),
    Tried(Box<TrialView>),
}

async fn kept(visit: &Visit, one: &Defined, said: &Said) -> Outcome<String> {
    let (app, caller) = (&visit.app, &visit.caller);
    Ok(match one {
        Defined::Programme(one) => {
            define::keep_node(app, caller, one, said).await?;
            one.code.to_string()
        }
        Defined::Indicator(one) => {
            define::keep_indicator(app, caller, one, said).await?;
            one.code.to_string()
        }
        Defined::Element(one) => {
            define::keep_element(app, caller, one, said).await?;
            one.code.to_string()
        }
        Defined::Target(one) => target::propose(app, caller, one.clone(), said).await?.to_string(),
    })
}

/// What somebody else changed since the version that was seen.
async fn meanwhile(
    visit: &Visit,
    catalogue: &Catalogue,
    kind: Kind,
    standing: &Standing,
    seen: u32,
) -> Outcome<Vec<super::Difference>> {
    let places = Names::of(visit, standing.target().map(|one| one.area.as_str())).await?;
    let told = |version: u32| {
        let body = standing.versions.iter().find(|one| one.version == version)?;
        Some(facts(visit, catalogue, &places, &Defined::read(kind, &body.body).ok()?))
    };
    Ok(match (told(seen), told(standing.version())) {
        (Some(before), Some(after)) => differences(&before, &after),
        _ => Vec::new(),
    })
}

async fn tried(
    visit: &Visit,
    one: &Indicator,
    area: Outcome<Area>,
    period: &str,
) -> Outcome<TrialView> {
    let area = area?.id;
    let mut wrong = FormProblems::new();
    let period = Period::parse(period);
    wrong.require(period.is_some(), "thu-ky", "reporting-definition-period");
    wrong.check()?;
    let period = period.or_missing(&PERIOD_NOT_FOUND)?;
    let told = define::try_indicator(&visit.app, &visit.caller, one, &area, &period).await?;
    let unit = unit(&one.unit).map_or_else(String::new, |unit| unit.name.clone());
    let words = |shown: &Shown| match shown.number {
        Some(number) => format!("{} {unit}", number.words(one.decimals)),
        None => gap(visit, shown),
    };
    let below = below_lines(one);
    let notes = if below.is_empty() {
        Vec::new()
    } else {
        vec![visit.say("reporting-definition-may-be-zero", &[("below", below.join("; "))])]
    };
    Ok(TrialView {
        area: told.area,
        period: told.period.label(visit.lang()),
        before: told.before.as_ref().map(words),
        after: words(&told.after),
        unit: unit.clone(),
        notes,
    })
}

/// `POST /so-lieu/danh-muc/chuong-trinh/{code}/ket-thuc`: ends a node and what would run longer below it.
pub(super) async fn end(
    visit: Visit,
    Path((slug, code)): Path<(String, String)>,
    Posted { fields }: Posted,
) -> Answer {
    let kind = Kind::read(&slug)?;
    let node = ProgrammeNodeId::parse(&code).filter(|_| kind == Kind::Programme);
    let node = node.or_missing(&kernel::problem::NOT_FOUND)?;
    let seen = fields.number("phien-ban").and_then(|it| u32::try_from(it).ok()).unwrap_or(0);
    let said = Said { seen, reason: fields.lines("ly-do") };
    let year = fields.line("nam");
    let done = match year.parse::<i16>() {
        Ok(year) => define::end_node(&visit.app, &visit.caller, &node, year, &said).await,
        // A year that is none ends before anything begins.
        Err(_) => define::end_node(&visit.app, &visit.caller, &node, i16::MIN, &said).await,
    };
    match done {
        Ok(_) => visit.done(&kind.href(&code), "reporting-definition-ended"),
        Err(failure) => foot_again(&visit, kind, &code, failure, &year, &said.reason).await,
    }
}

/// The sheet again with what was wrong in the form at its foot.
pub(super) async fn foot_again(
    visit: &Visit,
    kind: Kind,
    code: &str,
    failure: Failure,
    year: &str,
    reason: &str,
) -> Answer {
    if failure.problem().is_none_or(|problem| problem.fields.is_empty()) {
        return Err(failure);
    }
    let mut view = sheet::view(visit, kind, code).await?;
    if let Some(foot) = &mut view.foot {
        year.clone_into(&mut foot.year);
        reason.clone_into(&mut foot.reason);
    }
    visit.form_again(failure, &SHEET, |errors| SheetView { errors: as_values(&errors), ..view })
}
