//! What stands behind a figure: the units and people it comes from, the way through other geographies, the
//! formula step by step, how complete and how far approved it is.

use areas::{
    Area, AreaId, AreaLevel,
    view::{Figure, Law, Share},
};
use kernel::{
    app::App,
    caller::Caller,
    clock::{Day, Timestamp},
    db::Tx,
    problem::{OrMissing, Outcome},
};

use super::{
    ask::{answer, frame_of},
    book::Book,
};
use crate::{
    actions::{
        SEE,
        catalogue::{self, Catalogue},
        entry::Which,
        map, problem,
    },
    model::{
        CellKey, CellState, Period,
        analysis::{Answer, BAD_QUESTION, Dx, Gap, Question, Shown},
        formula::{Input, Outcome as Computed, Trace},
        submission::State,
    },
    store::{
        analysis::{self as store, Sourced},
        numbers, submissions,
        values::{self, Past, Spot},
    },
};

/// A step of a formula, with what it was computed from.
#[derive(Clone, Debug)]
pub struct Traced {
    /// The part, as text.
    pub text: String,
    /// The figure it is, to be opened; none for a computed part and for targets.
    pub dx: Option<(Dx, Period)>,
    /// What it gave.
    pub outcome: Computed,
    /// Why it gave nothing, where something it needs is missing.
    pub gap: Option<Gap>,
}

/// A unit whose figure came into this one, through another geography.
#[derive(Clone, Debug)]
pub struct Brought {
    /// The unit that reported.
    pub area: AreaId,
    /// Its full name.
    pub title: String,
    /// What it reported, in the element's last decimal.
    pub amount: Option<i64>,
    /// Why it reported nothing; none when it did.
    pub gap: Option<Gap>,
    /// What of it is counted here.
    pub part: Option<i64>,
    /// True when all of it is.
    pub whole: bool,
    /// The instruments on the way.
    pub instruments: Vec<String>,
}

/// A single reported figure with its provenance.
#[derive(Clone, Debug)]
pub struct Single {
    /// What stands there and who wrote it.
    pub now: Sourced,
    /// What stood there before, the latest first.
    pub before: Vec<Past>,
    /// The report it belongs to, and where that stands.
    pub report: Option<(Which, State, i64, Vec<submissions::StepRow>)>,
}

impl Single {
    /// What stands there.
    pub fn state(&self) -> CellState {
        CellState::stored(self.now.state, self.now.amount, self.now.reason.clone())
    }

    /// True when there is a number in it that counts.
    fn counts(&self, approved_only: bool) -> bool {
        if approved_only { self.now.approved.is_some() } else { self.state().amount().is_some() }
    }
}

/// Everything behind a figure.
#[derive(Clone, Debug)]
pub struct Explained {
    /// Of what.
    pub dx: Dx,
    /// When.
    pub period: Period,
    /// Where.
    pub area: Area,
    /// The figure.
    pub figure: Shown,
    /// The day whose geography it is shown in.
    pub frame: Day,
    /// When it was read.
    pub as_of: Timestamp,
    /// The formula, step by step, for indicators.
    pub trace: Vec<Traced>,
    /// Shorter periods it is made of.
    pub parts: Vec<Period>,
    /// What of it is approved; none where nothing is, and where only that is asked for.
    pub approved: Option<Answer>,
    /// The units below, when it is their sum.
    pub below: Option<Answer>,
    /// What of them is approved.
    pub approved_below: Option<Answer>,
    /// Units of another geography it came from.
    pub brought: Vec<Brought>,
    /// The single report it is.
    pub single: Option<Single>,
}

/// Explains the one figure a question asks for.
pub async fn explain(app: &App, caller: &Caller, question: &Question) -> Outcome<Explained> {
    let catalogue = catalogue::current(app).await?;
    app.db
        .view(async |tx| {
            let area = areas::find(tx, &question.area).await?.or_missing(&areas::NOT_FOUND)?;
            map::must(tx, caller, &SEE, &area).await?;
            of(tx, &catalogue, question, area).await
        })
        .await
}

async fn of(
    tx: &mut Tx,
    catalogue: &Catalogue,
    question: &Question,
    area: Area,
) -> Outcome<Explained> {
    let nothing = || problem(&BAD_QUESTION, "what", "");
    let (Some(dx), Some(period)) = (question.dx.first(), question.periods.first()) else {
        return Err(nothing());
    };
    let question = Question {
        dx: vec![dx.clone()],
        periods: vec![period.clone()],
        by: area.level,
        ..question.clone()
    };
    // The same checks and the same number as everywhere else.
    let told = answer(tx, catalogue, &question, &area).await?;
    let frame = frame_of(tx, &question, &area);
    let book = Book::open(tx, catalogue, &question, &area, frame).await?;
    let figure = told
        .at(0, 0, 0)
        .cloned()
        .ok_or_else(|| problem(&BAD_QUESTION, "what", area.id.as_str()))?;
    let mut it = Explained {
        dx: dx.clone(),
        period: period.clone(),
        figure,
        frame,
        as_of: tx.now(),
        trace: Vec::new(),
        parts: Vec::new(),
        approved: None,
        below: None,
        approved_below: None,
        brought: Vec::new(),
        single: None,
        area,
    };
    it.approved = approved(tx, catalogue, &question, &it).await?;
    if let Dx::Indicator(id) = dx {
        it.trace = traced(&book, &book.indicator(id, period, 0).1, period);
    }
    if let Dx::Cell(key) = dx {
        it.parts = book.parts(key, period);
        if it.parts.len() > 1 {
            return Ok(it);
        }
        it.brought = brought(&book, key, period, &it.area)?;
        let own = it.brought.is_empty() || book.ground.reports_itself(period.id(), &it.area.id);
        if it.area.level == AreaLevel::Commune && own {
            it.single = single(tx, catalogue, &question, key, period, &it.area).await?;
        }
        // A unit that was there for a part of the period only and reported itself: what stood before it counts beside
        // that only where two parts of a period add up.
        let counts = it.single.as_ref().is_some_and(|one| one.counts(question.approved_only));
        let adds = book.law(key) == Law::Additive;
        if counts && (!adds || it.brought.iter().all(|one| one.amount.is_none())) {
            it.brought.clear();
        }
    }
    let below = match it.area.level {
        AreaLevel::Country => Some(AreaLevel::Province),
        AreaLevel::Province => Some(AreaLevel::Commune),
        _ => None,
    };
    if let Some(by) = below {
        let question = Question { by, ..question.clone() };
        it.below = Some(answer(tx, catalogue, &question, &it.area).await?);
        it.approved_below = approved(tx, catalogue, &question, &it).await?;
    }
    Ok(it)
}

/// The same with approved figures only, as far as there are any beside others.
async fn approved(
    tx: &mut Tx,
    catalogue: &Catalogue,
    question: &Question,
    it: &Explained,
) -> Outcome<Option<Answer>> {
    let is_rate = matches!(it.dx, Dx::Rate(..));
    if question.approved_only || is_rate || it.figure.approved == 0 {
        return Ok(None);
    }
    let question = Question { approved_only: true, ..question.clone() };
    Ok(Some(answer(tx, catalogue, &question, &it.area).await?))
}

fn traced(book: &Book<'_>, trace: &Trace, period: &Period) -> Vec<Traced> {
    let named = |input: &Option<Input>| match input.as_ref()? {
        Input::Cell(key) => Some((Dx::Cell(key.clone()), period.clone())),
        Input::Previous(key) => Some((Dx::Cell(key.clone()), period.previous()?)),
        Input::Indicator(id) => Some((Dx::Indicator(id.clone()), period.clone())),
        Input::Target(_) => None,
    };
    let mut told: Vec<Traced> = Vec::new();
    for step in &trace.steps {
        let gap = matches!(step.outcome, Computed::Missing(_)).then(|| match &step.input {
            Some(input) => book.gap(input, period, 0),
            None => Gap::of_computed(step.parts.iter().filter_map(|at| told.get(*at)?.gap)),
        });
        told.push(Traced {
            text: step.text.clone(),
            dx: named(&step.input),
            outcome: step.outcome.clone(),
            gap,
        });
    }
    told
}

/// The units of another day whose figures make up this one.
fn brought(book: &Book<'_>, key: &CellKey, period: &Period, area: &Area) -> Outcome<Vec<Brought>> {
    let sources = book.ground.flows_into(period.id(), &area.id);
    let (Some(conversion), false) = (book.ground.conversion_of(period.id()), sources.is_empty())
    else {
        return Ok(Vec::new());
    };
    let facts = book.owed_facts(key, period);
    let reported = |id: &AreaId| facts?.of(book.ground.units(), id);
    let is_owed_known = facts.is_some_and(|facts| facts.is_owed_known);
    let figures = sources
        .iter()
        .filter_map(|id| {
            let amount = reported(id)?.amount?;
            Some((id.clone(), Figure::Amount(amount.into())))
        })
        .collect();
    let law = book.law(key);
    let law = if law == Law::Stock { Law::Stock } else { Law::Additive };
    let fault = |error| kernel::problem::Failure::fault("explain a figure", error);
    let view = conversion.apply(law, &figures).map_err(fault)?;
    let whole = |figure: &Option<Figure>| match figure {
        Some(Figure::Amount(amount)) => i64::try_from(*amount).ok(),
        _ => None,
    };
    let gap = |id: &AreaId| match reported(id) {
        Some(fact) if fact.no_data > 0 => Gap::NoData,
        fact if is_owed_known && fact.is_none_or(|one| one.expected == 0) => Gap::NotOwed,
        _ => Gap::NotReported,
    };
    let told = view.sources(&area.id).into_iter().map(|source| Brought {
        area: source.place.id.clone(),
        title: areas::model::capitalised(&source.place.full_name),
        amount: whole(&source.figure),
        gap: source.figure.is_none().then(|| gap(&source.place.id)),
        part: whole(&source.part),
        whole: source.share == Share::Whole,
        instruments: source.events.iter().map(|event| event.instrument.clone()).collect(),
    });
    Ok(told.collect())
}

async fn single(
    tx: &mut Tx,
    catalogue: &Catalogue,
    question: &Question,
    key: &CellKey,
    period: &Period,
    area: &Area,
) -> Outcome<Option<Single>> {
    let cells = numbers::known_cells(tx, &[key.clone()].into()).await?;
    let (Some(cell), Some(no), Some(place)) = (
        cells.get(key).copied(),
        numbers::known_period(tx, period.id()).await?,
        numbers::known_place(tx, &area.id).await?,
    ) else {
        return Ok(None);
    };
    let Some(now) = store::sourced(tx, (no, place.no, cell), question.life).await? else {
        return Ok(None);
    };
    let spot = Spot { period: no, place: place.no, life: question.life };
    let before = values::past(tx, spot, cell).await?;
    let dataset = catalogue.datasets.keys().find(|code| code.as_str() == now.owner_name).cloned();
    let mut report = None;
    if let Some(dataset) = dataset {
        let which = Which {
            dataset,
            period: period.id().to_owned(),
            life: question.life,
            area: area.id.clone(),
        };
        let id = which.id();
        if let Some(found) = submissions::find(tx, &id).await? {
            let steps = submissions::steps(tx, &id).await?;
            report = Some((which, found.state, found.revision, steps));
        }
    }
    Ok(Some(Single { now, before, report }))
}
