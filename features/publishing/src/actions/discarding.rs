//! Letting a draft go, and taking it back. Nothing is lost by it: texts, recordings and history stay, the draft
//! is only on nobody's desk any more. What readers have seen cannot be discarded; it is withdrawn.

use kernel::{
    caller::Caller,
    db::{Db, Tx},
    problem::{OrMissing, Outcome},
};

use super::{EDIT, newest, note};
use crate::{
    model::{
        PublicationId,
        version::{NOT_FOUND, Version},
    },
    store::{discards, versions},
};

/// Lets a draft go: a publication that never came out, or the correction of one that did.
pub async fn discard(db: &Db, caller: &Caller, id: &PublicationId) -> Outcome<()> {
    db.change(async |tx| {
        let version = newest(tx, id).await?;
        caller.must(&EDIT, &version.publication.home)?;
        version.must_be_draft()?;
        let now = tx.now();
        discards::put(tx, id, version.number, Some(now)).await?;
        note(tx, caller, (id, version.number), "discarded", "").await
    })
    .await
}

/// Takes a discarded draft back, while no later version was begun.
pub async fn restore(db: &Db, caller: &Caller, id: &PublicationId) -> Outcome<()> {
    db.change(async |tx| {
        taken_back(tx, caller, id).await?.or_missing(&NOT_FOUND)?;
        Ok(())
    })
    .await
}

/// The version that a save is meant for. Whoever saves upon a draft that somebody else has let go meanwhile
/// takes it back: nothing that was typed is lost.
pub(super) async fn on_desk(tx: &mut Tx, caller: &Caller, id: &PublicationId) -> Outcome<Version> {
    match taken_back(tx, caller, id).await? {
        Some(version) => Ok(version),
        None => newest(tx, id).await,
    }
}

async fn taken_back(tx: &mut Tx, caller: &Caller, id: &PublicationId) -> Outcome<Option<Version>> {
    let Some(number) = discards::newest(tx, id).await? else { return Ok(None) };
    let version = versions::find(tx, id, number).await?.or_missing(&NOT_FOUND)?;
    caller.must(&EDIT, &version.publication.home)?;
    discards::put(tx, id, number, None).await?;
    note(tx, caller, (id, number), "restored", "").await?;
    Ok(Some(version))
}
