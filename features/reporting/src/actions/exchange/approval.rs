//! Where a report stands, for programs that ask whether its figures are approved.

use areas::AreaLevel;
use kernel::{
    app::App,
    caller::Caller,
    problem::{OrMissing, Outcome},
};

use super::{World, directory::UnitNo};
use crate::{
    actions::{APPROVE, REVIEW, SEE, entry::Which},
    model::{Tier, submission::State},
    store::submissions,
};

/// A report's standing and what the asker may do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whether units of this rung report the data set at all.
    pub owed: bool,
    /// Where it stands; none while nothing was written.
    pub state: Option<State>,
    /// True when the asker may take it in.
    pub may_accept: bool,
    /// True when the asker may approve it.
    pub may_approve: bool,
}

/// Tells it, to whoever may see the unit's reports.
pub async fn standing(
    app: &App,
    caller: &Caller,
    world: &World,
    which: &Which,
) -> Outcome<Standing> {
    let no: UnitNo = world.areas.of_area(&which.area).or_missing(&areas::NOT_FOUND)?;
    let path = &world.areas.units[no].path;
    caller.must(&SEE, path)?;
    let dataset = world.catalogue.dataset(&which.dataset)?;
    let rung = match dataset.tier {
        Tier::Commune => AreaLevel::Commune,
        Tier::Province => AreaLevel::Province,
        Tier::Ministry => AreaLevel::Country,
    };
    let level = match world.areas.units[no].level {
        1 => AreaLevel::Country,
        2 => AreaLevel::Province,
        _ => AreaLevel::Commune,
    };
    let found = app.db.view(async |tx| Ok(submissions::find(tx, &which.id()).await?)).await?;
    let state = found.map(|one| one.state);
    Ok(Standing {
        owed: rung == level,
        state,
        may_accept: state == Some(State::Submitted) && caller.may(&REVIEW, path),
        may_approve: state == Some(State::Accepted) && caller.may(&APPROVE, path),
    })
}
