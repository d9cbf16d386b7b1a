//! What is asked for with a report: its data set, its form, its period, and its unit as it was then.

use areas::{Area, AreaId};
use kernel::{
    clock::Day,
    db::Tx,
    problem::{OrMissing, Outcome},
    scope::ScopePath,
};

use super::{
    super::{NOT_THEN, PERIOD_NOT_FOUND, catalogue::Catalogue, map, problem},
    Which,
};
use crate::{
    model::{Dataset, Period, Tier, form::Form},
    store::submissions::Submission,
};

/// Everything about a report that was asked for and may be: what its form, its period and its unit are.
pub struct Asked<'c> {
    /// The data set.
    pub dataset: &'c Dataset,
    /// The form it is, or would be, filled in with.
    pub form: &'c Form,
    /// The period.
    pub period: Period,
    /// The unit as it was in the period.
    pub area: Area,
    /// The place that has authority over its papers today.
    pub authority: ScopePath,
}

/// Finds what is asked for, or 404; a unit that did not exist in the period is told apart.
pub async fn asked<'c>(
    tx: &mut Tx,
    catalogue: &'c Catalogue,
    which: &Which,
    known: Option<&Submission>,
) -> Outcome<Asked<'c>> {
    let all = asked_many(tx, catalogue, &[(which, known)]).await?;
    all.into_iter().next().or_missing(&PERIOD_NOT_FOUND)?
}

/// The same for many, in their order. What cannot be found of one is its problem alone.
pub(crate) async fn asked_many<'c>(
    tx: &mut Tx,
    catalogue: &'c Catalogue,
    wanted: &[(&Which, Option<&Submission>)],
) -> Outcome<Vec<Outcome<Asked<'c>>>> {
    let lives = areas::lives(tx, wanted.iter().map(|(which, _)| &which.area)).await?;
    let defined = wanted.iter().map(|(which, known)| {
        let defined = Defined::find(catalogue, which, *known)?;
        let life = lives.get(&which.area).or_missing(&areas::NOT_FOUND)?;
        let day = day_looked_at(&defined.period, life)?;
        Ok((defined, day))
    });
    let defined: Vec<Outcome<(Defined<'c>, Day)>> = defined.collect();
    let found = || wanted.iter().map(|(which, _)| &which.area).zip(&defined);
    let days = found().filter_map(|(area, one)| Some((area, one.as_ref().ok()?.1)));
    let days: Vec<(&AreaId, Day)> = days.collect();
    let areas = areas::find_many_at(tx, &days).await?;
    let authorities = map::authorities(tx, days.iter().map(|(area, _)| *area)).await?;
    let asked = |((which, _), one): (&(&Which, _), Outcome<(Defined<'c>, Day)>)| {
        let (Defined { dataset, form, period }, day) = one?;
        let area = areas.get(&(which.area.clone(), day)).cloned().or_missing(&areas::NOT_FOUND)?;
        if dataset.tier != tier_of(&area) {
            return Err((&areas::NOT_FOUND).into());
        }
        let authority = authorities.get(&which.area).unwrap_or(&area.path).clone();
        Ok(Asked { dataset, form, period, area, authority })
    };
    Ok(wanted.iter().zip(defined).map(asked).collect())
}

/// What is defined of a report that is asked for.
struct Defined<'c> {
    dataset: &'c Dataset,
    form: &'c Form,
    period: Period,
}

impl<'c> Defined<'c> {
    fn find(catalogue: &'c Catalogue, which: &Which, known: Option<&Submission>) -> Outcome<Self> {
        let dataset = catalogue.dataset(&which.dataset)?;
        let period = catalogue.period(dataset, &which.period)?;
        if !dataset.lives().contains(&which.life) {
            return Err((&PERIOD_NOT_FOUND).into());
        }
        let form = match known {
            Some(known) => catalogue.form_of(&which.dataset, known.form_version)?,
            None => catalogue.form(&which.dataset)?,
        };
        Ok(Self { dataset, form, period })
    }
}

/// The day of the period on which a unit is best looked at: its last one in it.
fn day_looked_at(period: &Period, life: &areas::Life) -> Outcome<Day> {
    if life.ended_on <= period.from || life.born_on >= period.until {
        return Err(problem(&NOT_THEN, "period", period.within_vi()));
    }
    let last = period.until.plus_days(-1);
    Ok(last.min(life.ended_on.plus_days(-1)).max(life.born_on))
}

/// The tier whose unit an area is.
pub fn tier_of(area: &Area) -> Tier {
    match area.level {
        areas::AreaLevel::Country => Tier::Ministry,
        areas::AreaLevel::Province => Tier::Province,
        _ => Tier::Commune,
    }
}
