//! Saying which class a place is in, and from when. The province decides (NĐ 124/2025/NĐ-CP); what it said
//! is made at the hub and travels down to the commune.

use kernel::{
    app::NodeRole,
    caller::{Caller, Permission},
    db::{Db, Tx},
    problem::{OrMissing, Outcome, ProblemKind},
};

use super::{commune_of, tell};
use crate::{
    NOT_FOUND,
    model::{
        Area, AreaId, AreaLevel,
        class::{Classing, ClassingId},
        village_change::Note,
    },
    store::{self, classes},
};

pub use crate::model::class::NewClassing;

/// Classing communes and villages of one's area.
pub static CLASSIFY: Permission =
    Permission { code: "areas.classify", roles: &["province_officer", "administrator"] };

/// Classes are recorded where the province works, not at a commune's point.
pub static ONLY_AT_THE_HUB: ProblemKind =
    ProblemKind { code: "areas-only-at-the-hub", status: 422 };

/// Records a class or flag of a place from a day on.
pub async fn classify(
    db: &Db,
    role: NodeRole,
    caller: &Caller,
    draft: NewClassing,
) -> Outcome<ClassingId> {
    db.change(async |tx| {
        let area = store::find(tx, &draft.area).await?.or_missing(&NOT_FOUND)?;
        caller.must(&CLASSIFY, &area.path)?;
        check_place(role, &area)?;
        let life = store::life(tx, &area.id).await?.or_missing(&NOT_FOUND)?;
        let said = draft.check(&area, &life)?;
        let note = state(tx, &area.id, said, caller.id()).await?;
        let Note::Classed(id, ..) = &note else { return Err((&NOT_FOUND).into()) };
        let id = id.clone();
        let commune = commune_of(tx, &area).await?;
        tell(tx, role, &commune, vec![note]).await?;
        Ok(id)
    })
    .await
}

/// Writes a statement; gives what the other nodes are to be told.
pub(super) async fn state(tx: &mut Tx, unit: &AreaId, said: Classing, by: &str) -> Outcome<Note> {
    let (id, now): (ClassingId, _) = (tx.new_id(), tx.now());
    classes::insert(tx, &id, unit, &said, now, by).await?;
    Ok(Note::Classed(id, unit.clone(), said, now))
}

/// Places that can be in a class, at the node where classes are decided.
pub(crate) fn check_place(role: NodeRole, area: &Area) -> Outcome<()> {
    if !matches!(area.level, AreaLevel::Commune | AreaLevel::Village) {
        return Err((&super::NOT_A_COMMUNE).into());
    }
    match role {
        NodeRole::Hub => Ok(()),
        NodeRole::Point => Err((&ONLY_AT_THE_HUB).into()),
    }
}
