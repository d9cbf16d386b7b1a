//! Everything that follows from something else, on one screen: what happened → what follows.

use areas::{AreaEventId, QuestionAnswered, Step, Succeeded, Unsucceeded, VILLAGE_QUESTION};
use kernel::{clock::Day, db::Tx, events::Reaction, problem::Outcome, reaction};
use reach::actions::succession::todays;

/// The table.
pub fn reactions() -> Vec<Reaction> {
    vec![
        reaction!(publishing::Published, "reach freezes the denominators", freeze_published),
        reaction!(publishing::Withdrawn, "reach takes it off the boards", take_off),
        reaction!(publishing::Arrived, "reach freezes them at the point too", freeze_arrived),
        reaction!(areas::Succeeded, "what hangs on the units follows them", succeeded),
        reaction!(areas::Unsucceeded, "what followed is taken back", unsucceeded),
        reaction!(areas::QuestionAnswered, "what waited for a decision goes on", answered),
        reaction!(delivery::PointJoined, "a point is told what is held of its unit", joined),
    ]
}

async fn take_off(tx: &mut Tx, fact: publishing::Withdrawn) -> Outcome<()> {
    reach::actions::withdraw(tx, fact.publication.as_str(), fact.version, fact.at).await
}

async fn freeze_published(tx: &mut Tx, fact: publishing::Published) -> Outcome<()> {
    let new = counted(tx, fact.0).await?;
    reach::actions::freeze(tx, new).await
}

/// A point counts its own people, not the rest of the country; and what has arrived is on the node.
async fn freeze_arrived(tx: &mut Tx, fact: publishing::Arrived) -> Outcome<()> {
    let new = counted(tx, fact.0).await?;
    let Some(scope) = delivery::scope_of(tx).await? else {
        return reach::actions::freeze(tx, new).await;
    };
    let (id, version) = (new.id.clone(), new.version);
    reach::actions::freeze(tx, new.within(&scope)).await?;
    reach::on_node(tx, &scope, &id, version).await
}

/// What reach must know of a version, where it is meant for as the map lies today.
async fn counted(tx: &mut Tx, release: publishing::Release) -> Outcome<reach::NewPublication> {
    // What was drafted before the map changed is meant for the heirs too.
    let publishing::Release { publication, version, .. } = &release;
    publishing::actions::succession::follow_version(tx, publication, *version).await?;
    Ok(reach::NewPublication {
        id: release.publication.to_string(),
        version: release.version,
        title: release.title,
        themes: release.themes,
        audiences: release.audiences,
        languages: release.languages,
        areas: todays(tx, release.areas).await?,
        at: release.at,
    })
}

/// The map has changed: everything that hangs on a path follows, in one transaction. Areas come first and
/// tell which steps are new, so that a change told twice is followed once.
async fn succeeded(tx: &mut Tx, fact: Succeeded) -> Outcome<()> {
    let steps = areas::note_steps(tx, &fact).await?;
    follow(tx, &fact.event, &fact.instrument, fact.effective_on, &steps).await
}

async fn follow(
    tx: &mut Tx,
    event: &AreaEventId,
    instrument: &str,
    effective_on: Day,
    steps: &[Step],
) -> Outcome<()> {
    identity::actions::succession::follow_steps(tx, event, instrument, effective_on, steps).await?;
    publishing::actions::succession::follow_steps(tx, event, steps).await?;
    if delivery::scope_of(tx).await?.is_none() {
        publishing::actions::succession::say_again(tx, steps).await?;
    }
    reach::actions::succession::follow_steps(tx, event, steps).await?;
    // Last: the staff of a point goes where the point went, and identity has asked about them by now.
    delivery::actions::succession::follow_steps(tx, event, steps).await?;
    // Reports compare everything with the map as it is, once the whole decree was heard.
    reporting::map_changed(tx).await
}

async fn unsucceeded(tx: &mut Tx, fact: Unsucceeded) -> Outcome<()> {
    delivery::actions::succession::unfollow(tx, &fact.event).await?;
    reach::actions::succession::unfollow(tx, &fact.event, &fact.steps).await?;
    publishing::actions::succession::unfollow(tx, &fact.event).await?;
    identity::actions::succession::unfollow(tx, &fact.event).await?;
    areas::forget_steps(tx, &fact.event).await?;
    reporting::map_changed(tx).await
}

/// The new box of a commune has nothing of what the old one wrote.
async fn joined(tx: &mut Tx, fact: delivery::PointJoined) -> Outcome<()> {
    reporting::point_joined(tx, &fact.path).await
}

/// An officer has decided. A village takes everything along that hangs on it; other things go alone.
async fn answered(tx: &mut Tx, fact: QuestionAnswered) -> Outcome<()> {
    let village = areas::AreaId::parse(&fact.subject);
    if let (VILLAGE_QUESTION, Some(village), Some(heir)) = (fact.kind.as_str(), village, &fact.heir)
    {
        let step = areas::village_step(&village, &fact.from_path, heir);
        let today = tx.now().day();
        return follow(tx, &fact.event, "", today, &[step]).await;
    }
    identity::actions::succession::hear_answer(tx, &fact).await?;
    reach::actions::succession::hear_answer(tx, &fact).await?;
    delivery::actions::succession::hear_answer(tx, &fact).await
}
