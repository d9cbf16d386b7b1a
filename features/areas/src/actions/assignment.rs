//! Where the villages of a commune go that was divided or is no more: the only place in which a village
//! changes its commune. Who is asked, and what follows for other houses, is in `questions`.

use std::collections::BTreeSet;

use kernel::{
    app::NodeRole,
    caller::Caller,
    clock::Day,
    db::{Db, Tx},
    problem::{OrMissing, Outcome},
};

use super::{
    MANAGE_VILLAGES, check_commune,
    decree::VILLAGE_SETTLED,
    questions::{self, Decision},
    say,
};
use crate::{
    NOT_FOUND,
    model::{
        Area, AreaId, AreaLevel,
        question::VILLAGE_QUESTION,
        wire::{PLACED_KIND, PlacedBody, encode},
    },
    store::{self, decree as decrees},
};

/// Says to which commune a village belongs whose own commune was divided or is no more, and tells the
/// other nodes. Asked of somebody who manages the villages of the new commune.
pub async fn assign_village(
    db: &Db,
    role: NodeRole,
    caller: &Caller,
    village: &AreaId,
    commune: &AreaId,
) -> Outcome<()> {
    db.change(async |tx| {
        let commune = store::find(tx, commune).await?.or_missing(&NOT_FOUND)?;
        caller.must(&MANAGE_VILLAGES, &commune.path)?;
        check_commune(tx, &commune)?;
        let village = store::find(tx, village).await?.or_missing(&NOT_FOUND)?;
        let waiting = questions::open_question(tx, VILLAGE_QUESTION, village.id.as_str()).await?;
        if let Some(asked) = waiting {
            let decision = Decision::To(commune.id.clone());
            questions::answer_in(tx, role, caller, &asked.id, &decision).await?;
            return Ok(());
        }
        if !put_village(tx, &village, &commune, caller.id()).await? {
            return Err((&VILLAGE_SETTLED).into());
        }
        let body = encode(&PlacedBody::settled(&village, &commune));
        say(tx, role, PLACED_KIND, &commune.path, body).await
    })
    .await
}

/// Puts a waiting village into a commune; false when it does not wait, or not for this commune.
pub(crate) async fn put_village(
    tx: &mut Tx,
    village: &Area,
    commune: &Area,
    by: &str,
) -> Outcome<bool> {
    let Some(old) = village.parent.clone().filter(|_| village.level == AreaLevel::Village) else {
        return Ok(false);
    };
    let Some(life) = store::life(tx, &old).await? else { return Ok(false) };
    let heirs = store::successors(tx, &old).await?;
    let offered = heirs.is_empty() || heirs.iter().any(|heir| heir.area.id == commune.id);
    if old == commune.id || life.ended_on == Day::FOREVER || !offered {
        return Ok(false);
    }
    let turn = decrees::turn(tx).await?;
    rehang(tx, &village.id, &old, &commune.id, life.ended_on.max(commune.from), turn).await?;
    decrees::note_act(tx, turn, None, "assign", by).await?;
    Ok(true)
}

/// A village that was recorded under a commune which ends (offline, or before the day) goes with it, through
/// every change since.
pub(crate) async fn follow_commune(tx: &mut Tx, village: &AreaId, commune: &AreaId) -> Outcome<()> {
    let mut commune = commune.clone();
    let mut seen = BTreeSet::from([commune.clone()]);
    loop {
        let Some(life) = store::life(tx, &commune).await? else { return Ok(()) };
        if life.ended_on == Day::FOREVER {
            return Ok(());
        }
        let heirs = store::successors(tx, &commune).await?;
        let [heir] = heirs.as_slice() else { return Ok(()) };
        let next = heir.area.id.clone();
        if !heir.whole || !seen.insert(next.clone()) {
            return Ok(());
        }
        let turn = decrees::turn(tx).await?;
        rehang(tx, village, &commune, &next, life.ended_on, turn).await?;
        decrees::note_act(tx, turn, None, "assign", "system").await?;
        commune = next;
    }
}

async fn rehang(
    tx: &mut Tx,
    village: &AreaId,
    old: &AreaId,
    commune: &AreaId,
    from: Day,
    turn: i64,
) -> Outcome<()> {
    let mut world = decrees::load_village(tx, from, village, commune).await?;
    world.change(village, from, |piece| {
        let follows = piece.parent.as_ref() == Some(old);
        if follows {
            piece.parent = Some(commune.clone());
        }
        follows
    });
    // Nothing but the village was touched, and villages may hang on what is no more.
    let _ = world.settle();
    // It belongs to the decree that ended the old commune: undoing that takes this back, too.
    let added_by = decrees::ended_by(tx, old).await?.map_or(0, |(_, decree_turn, _)| decree_turn);
    if let Some(unit) = world.unit(village) {
        decrees::write_pieces(tx, village, from, &unit.pieces, (turn, added_by)).await?;
    }
    Ok(())
}
