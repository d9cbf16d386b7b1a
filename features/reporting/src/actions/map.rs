//! What the map says about reports: where a place lay on which days (`seating`), who has authority over its papers
//! today (`authority`), and which days it owes. The map changes late as well as in time and is undone
//! again; therefore nothing here follows single changes. [`settle`] compares everything with the map as it is now and
//! puts right what differs.
//!
//! Once is enough. Whatever comes to be while it works (the place of a former province, what a new unit owes) is made
//! as the map has it, so that nothing is left for a second time.

mod authority;
mod seating;

use areas::{Area, Stretch};
use kernel::{
    app::AppRef,
    caller::{Caller, Permission},
    clock::Day,
    db::{Db, Tx},
    events::Doing,
    jobs::JobKind,
    problem::Outcome,
    scope::ScopePath,
};

use super::obligations;
use crate::{model::Period, store::numbers};

pub(crate) use authority::settle_papers;
pub use authority::{authorities, authority};
pub use seating::{place, places};

/// Puts everything in order with the map.
pub const FOLLOW_MAP: JobKind =
    JobKind { name: "reporting.follow_map", run: |app, turn| follow(app, turn) };

/// The name under which changes of the map are numbered.
const WORK: &str = "map";
/// Places put in order in one transaction.
const STRETCH: usize = 400;

fn follow<'a>(app: &'a AppRef, turn: &'a str) -> Doing<'a, ()> {
    Box::pin(async move {
        // A decree has many events: only the last that was heard is worth the work.
        let last = app.db.view(async |tx| Ok(numbers::last_turn(tx, WORK).await?)).await?;
        if turn.parse::<i64>().is_ok_and(|turn| turn < last) {
            return Ok(());
        }
        let home = obligations::home(app).await?;
        settle(&app.db, Some(&home)).await.map(drop)
    })
}

/// The map has changed, or a change was taken back: asks for everything to be put in order. Called in the
/// transaction that hears of it.
pub async fn changed(tx: &mut Tx) -> Outcome<()> {
    let now = tx.now();
    let turn = numbers::turn(tx, WORK).await?;
    tx.queue(&FOLLOW_MAP, &turn.to_string(), now).await?;
    Ok(())
}

/// What was put right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// Places that lay elsewhere on some day than was believed.
    pub places: usize,
    /// Units whose papers went under another path.
    pub papers: usize,
    /// Obligations that were made, cut or taken back.
    pub obligations: u64,
}

/// Puts seats, counts, paths and obligations in order with the map, in one go: a second time finds nothing to do.
/// `home` as in [`keep`](super::obligations::keep).
pub async fn settle(db: &Db, home: Option<&ScopePath>) -> Outcome<Settled> {
    let places = seating::settle_seats(db).await?;
    let papers = settle_papers(db).await?;
    let obligations = obligations::settle(db, home).await?;
    Ok(Settled { places, papers, obligations })
}

/// Refuses whoever may not do something over an area: over the place that has authority over it today.
pub async fn must(
    tx: &mut Tx,
    caller: &Caller,
    permission: &Permission,
    area: &Area,
) -> Outcome<()> {
    let path = authority(tx, &area.id).await?.unwrap_or_else(|| area.path.clone());
    caller.must(permission, &path)
}

/// Where an area stands in lists of places: in the order of the register, which is by the name without its type, in
/// dictionary order. `title` stands in for the name of an area that the map does not know.
pub fn register_key(area: Option<&Area>, id: &str, title: &str) -> (String, String) {
    (kernel::text::sort_key(area.map_or(title, |area| &area.name)), id.to_owned())
}

/// The days of a period on which a unit existed: the first, and the first after them. None when there was none.
pub fn days_in(known: &[Stretch], period: &Period) -> Option<(Day, Day)> {
    let from = known.first()?.valid_from.max(period.from);
    let until = known.last()?.valid_to.min(period.until);
    (from < until).then_some((from, until))
}
