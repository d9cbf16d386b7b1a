//! The rows of a table of targets to be filled in: for every indicator and place one, with the target that stands.
//! What comes of the table when it is brought back: `target_sheet`.

use std::collections::HashMap;

use areas::{Area, AreaId, AreaLevel};
use kernel::{
    app::AppRef,
    caller::Caller,
    problem::{Failure, FormProblems, Outcome, Problem, ProblemKind},
    text::thousands,
};

use super::{country, must_be_hub, target_sheet::ROWS_MOST};
use crate::{
    actions::{DEFINE, catalogue},
    model::{Indicator, IndicatorId, target::Target},
};

/// More rows than a table of targets is taken back with.
pub static TOO_MANY_ROWS: ProblemKind =
    ProblemKind { code: "reporting-target-table-large", status: 422 };

/// For which places targets are to be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum For {
    /// One for the whole country.
    Country,
    /// One for each province.
    Provinces,
    /// One for each commune of a province.
    CommunesOf(AreaId),
}

/// A row.
#[derive(Clone, Debug)]
pub struct Row {
    /// Of what.
    pub indicator: Indicator,
    /// Where, as the table is read again.
    pub place: String,
    /// What was decided for the year.
    pub stands: Option<Target>,
}

/// The rows for one indicator, or for all, in a year; of places for which the caller may give targets.
///
/// # Errors
/// When the caller may give none there, there is no such indicator or province, or the table would not be taken back
/// for its size.
pub async fn rows(
    app: &AppRef,
    caller: &Caller,
    indicator: Option<&IndicatorId>,
    whose: &For,
    year: i16,
) -> Outcome<Vec<Row>> {
    caller.must_somewhere(&DEFINE)?;
    must_be_hub(app)?;
    let all = catalogue::current(app).await?;
    let mut problems = FormProblems::new();
    if let Some(id) = indicator.filter(|id| !all.indicators.contains_key(*id)) {
        let key = "reporting-target-sheet-no-indicator";
        problems.add_with("chi-tieu", key, vec![("name", id.to_string())]);
    }
    problems.check()?;
    let places = app.db.view(async |tx| places(tx, caller, whose).await).await?;
    let mut standing: HashMap<(&IndicatorId, &str), &Target> = HashMap::new();
    let decided = |one: &&Target| one.approved && one.year == year && one.period.is_none();
    for one in all.targets.iter().filter(decided) {
        standing.insert((&one.indicator, &one.area), one);
    }
    let asked = all.indicators.values().filter(|one| indicator.is_none_or(|id| one.code == *id));
    let asked: Vec<&Indicator> = asked.collect();
    check_size(asked.len() * places.len())?;
    let row = |(one, (id, place)): (&Indicator, &(String, String))| Row {
        indicator: one.clone(),
        place: place.clone(),
        stands: standing.get(&(&one.code, id.as_str())).map(|one| (*one).clone()),
    };
    let pairs = asked.iter().flat_map(|one| places.iter().map(move |place| (*one, place)));
    Ok(pairs.map(row).collect())
}

fn check_size(rows: usize) -> Outcome<()> {
    if rows <= ROWS_MOST {
        return Ok(());
    }
    let told = |count: usize| thousands(i64::try_from(count).unwrap_or(i64::MAX));
    let problem = Problem::of(&TOO_MANY_ROWS).with("rows", told(rows));
    Err(problem.with("most", told(ROWS_MOST)).into())
}

/// Ids, empty for the country, with names that mean only this place.
async fn places(
    tx: &mut kernel::db::Tx,
    caller: &Caller,
    whose: &For,
) -> Outcome<Vec<(String, String)>> {
    let today = tx.now().day();
    let (found, within): (Vec<Area>, String) = match whose {
        For::Country => {
            caller.must(&DEFINE, &country())?;
            return Ok(vec![(String::new(), "Cả nước".to_owned())]);
        }
        For::Provinces => {
            (areas::below(tx, &country(), AreaLevel::Province, today).await?, String::new())
        }
        For::CommunesOf(id) => {
            let found = areas::find(tx, id).await?;
            let Some(province) = found.filter(|one| one.level == AreaLevel::Province) else {
                let mut problems = FormProblems::new();
                let args = vec![("name", id.to_string())];
                problems.add_with("noi", "reporting-target-template-no-province", args);
                return problems.check().map(|()| Vec::new());
            };
            let communes = areas::below(tx, &province.path, AreaLevel::Commune, today).await?;
            (communes, format!(", {}", province.full_name))
        }
    };
    let mine: Vec<Area> =
        found.into_iter().filter(|area| caller.may(&DEFINE, &area.path)).collect();
    if mine.is_empty() {
        return Err(Failure::from(&kernel::problem::FORBIDDEN));
    }
    Ok(mine
        .into_iter()
        .map(|one| (one.id.to_string(), format!("{}{within}", one.title())))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_would_not_be_taken_back_is_refused_with_both_numbers() {
        assert!(check_size(ROWS_MOST).is_ok());
        let refused = check_size(ROWS_MOST + 600).expect_err("too many");
        assert!(refused.is(&TOO_MANY_ROWS));
        let args = refused.problem().map(|problem| problem.args.clone());
        assert_eq!(args, Some(vec![("rows", "12.600".to_owned()), ("most", "12.000".to_owned())]));
    }
}
