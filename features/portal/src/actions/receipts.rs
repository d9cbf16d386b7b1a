//! Evidence that something was shown, opened, heard or understood, handed to `reach`. Nothing here
//! knows a person: a card is told to reach by its code, everybody else is a device or a finger.

use kernel::{
    app::AppRef,
    caller::Caller,
    problem::{Failure, Outcome},
    scope::ScopePath,
};
use publishing::PublicationId;
use reach::{Channel, NewReceipt, Rung};

use super::Counters;

/// One version of a publication, heard or read in a language.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub publication: PublicationId,
    pub version: u32,
    pub language: String,
}

/// Who says it: a device, by a mark that leads nowhere else, or a finger on the kiosk.
#[derive(Clone, Debug)]
pub(crate) struct Witness {
    pub channel: Channel,
    pub visitor: Option<String>,
    pub place: Option<ScopePath>,
}

/// Records that an item reached some rungs; all or none.
pub(crate) async fn record(
    app: &AppRef,
    caller: &Caller,
    item: &Item,
    witness: &Witness,
    rungs: &[Rung],
) -> Outcome<()> {
    app.db
        .change(async |tx| {
            for rung in rungs {
                reach::actions::record(tx, app.role, caller, receipt(item, witness, *rung, caller))
                    .await?;
            }
            Ok(())
        })
        .await
}

fn receipt(item: &Item, witness: &Witness, rung: Rung, caller: &Caller) -> NewReceipt {
    NewReceipt {
        publication: item.publication.to_string(),
        version: item.version,
        rung,
        channel: witness.channel,
        person: None,
        village: None,
        place: witness.place.clone(),
        language: item.language.clone(),
        at: caller.now(),
        visitor: witness.visitor.clone(),
    }
}

/// Items on the kiosk's screen: each counts as shown once an hour. Evidence that cannot be kept is no
/// reason to refuse the screen.
pub(crate) async fn shown(
    app: &AppRef,
    caller: &Caller,
    items: &[Item],
    place: Option<&ScopePath>,
) {
    let Some(counters) = app.port::<Counters>() else { return };
    let ids = items.iter().map(|item| item.publication.to_string());
    let new = counters.newly_shown(ids, caller.now());
    let witness = Witness { channel: Channel::Tap, visitor: None, place: place.cloned() };
    let fresh = items.iter().filter(|item| new.iter().any(|id| id == item.publication.as_str()));
    for item in fresh {
        note_failure(record(app, caller, item, &witness, &[Rung::Shown]).await);
    }
}

/// Somebody opened an item on the kiosk.
pub(crate) async fn opened(app: &AppRef, caller: &Caller, item: &Item, witness: &Witness) {
    note_failure(record(app, caller, item, witness, &[Rung::Opened]).await);
}

fn note_failure(recorded: Outcome<()>) {
    if let Err(failure) = recorded {
        kernel::tracing::warn!("evidence was not kept: {failure}");
    }
}

/// A card was held to the reader: its holder heard and understood.
pub(crate) async fn confirm_by_card(app: &AppRef, item: &Item, code: &str) -> Result<(), Failure> {
    let id = item.publication.as_str();
    reach::actions::confirm_by_card(&app.db, app.role, code, id, item.version, &item.language)
        .await?;
    Ok(())
}
