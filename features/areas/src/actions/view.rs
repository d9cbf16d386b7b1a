//! Asking for a conversion, as pages and programs do: days named by a frame or by a date, rungs by their
//! code. Reading only, open to everybody.

use kernel::{
    clock::Day,
    db::Tx,
    problem::{FormProblems, Outcome},
};
use serde::Deserialize;

use crate::{
    model::{
        AreaLevel,
        view::{Conversion, Place, Span},
    },
    store::flows,
};

/// The name of the day on which somebody asks.
pub const TODAY: &str = "today";

/// What is asked for, as typed.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct WantedSpan {
    /// A frame's id, `today`, or a day.
    #[serde(default)]
    pub from: String,
    /// The same.
    #[serde(default)]
    pub to: String,
    /// The rung of the result.
    #[serde(default)]
    pub level: String,
    /// The rung of the figures; the same when left out.
    #[serde(default)]
    pub of: String,
}

/// Reads what was asked for; a form problem on each field that cannot be read.
pub async fn span(tx: &mut Tx, wanted: &WantedSpan) -> Outcome<Span> {
    let frames = flows::frame_choices(tx).await?;
    let today = tx.now().day();
    let day = |text: &str| {
        let named = frames.iter().find(|frame| frame.id == text).map(|frame| frame.as_of);
        named.or_else(|| (text == TODAY).then_some(today)).or_else(|| Day::parse(text))
    };
    let level = |text: &str| AreaLevel::from_code(text);
    let of = if wanted.of.is_empty() { &wanted.level } else { &wanted.of };
    let mut problems = FormProblems::new();
    let (from, to) = (day(wanted.from.trim()), day(wanted.to.trim()));
    let (of, by) = (level(of.trim()), level(wanted.level.trim()));
    problems.require(from.is_some(), "from", "areas-convert-day");
    problems.require(to.is_some(), "to", "areas-convert-day");
    // A rung left out is that of the result: wrong once, told once.
    let told = wanted.of.is_empty() && by.is_none();
    problems.require(told || of.is_some(), "of", "areas-query-level");
    problems.require(by.is_some(), "level", "areas-query-level");
    problems.check()?;
    let missing = || kernel::problem::Failure::from(&kernel::problem::BAD_REQUEST);
    Ok(Span {
        from: from.ok_or_else(missing)?,
        to: to.ok_or_else(missing)?,
        of: of.ok_or_else(missing)?,
        by: by.ok_or_else(missing)?,
    })
}

/// The conversion that was asked for. A day without any unit of the rung is a problem of its field: districts
/// after 30 June 2025, or a day before the first frame.
pub async fn conversion(tx: &mut Tx, wanted: &WantedSpan) -> Outcome<Conversion> {
    let span = span(tx, wanted).await?;
    let made = flows::conversion_between(tx, span).await?;
    let has = |places: &[Place], level| places.iter().any(|place| place.level == level);
    let mut problems = FormProblems::new();
    problems.require(has(made.sources(), span.of), "of", "areas-convert-no-level");
    problems.require(has(made.targets(), span.by), "level", "areas-convert-no-level");
    problems.check()?;
    Ok(made)
}
