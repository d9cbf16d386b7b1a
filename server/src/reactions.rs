//! Everything that follows from something else, on one screen: what happened → what follows.

use kernel::{db::Tx, events::Reaction, problem::Outcome, reaction};

/// The table.
pub fn reactions() -> Vec<Reaction> {
    vec![
        reaction!(publishing::Published, "reach freezes the denominators", freeze_published),
        reaction!(publishing::Arrived, "reach freezes them at the point too", freeze_arrived),
    ]
}

async fn freeze_published(tx: &mut Tx, fact: publishing::Published) -> Outcome<()> {
    let new = reach::NewPublication {
        id: fact.publication.to_string(),
        version: fact.version,
        title: fact.title,
        themes: fact.themes,
        audiences: fact.audiences,
        languages: fact.languages,
        areas: fact.areas,
        at: fact.at,
    };
    reach::actions::freeze(tx, new).await
}

/// A point counts its own people, not the rest of the country; and what has arrived is on the node.
async fn freeze_arrived(tx: &mut Tx, fact: publishing::Arrived) -> Outcome<()> {
    let new = reach::NewPublication {
        id: fact.publication.to_string(),
        version: fact.version,
        title: fact.title,
        themes: fact.themes,
        audiences: fact.audiences,
        languages: fact.languages,
        areas: fact.areas,
        at: fact.at,
    };
    let Some(scope) = delivery::scope_of(tx).await? else {
        return reach::actions::freeze(tx, new).await;
    };
    let (id, version) = (new.id.clone(), new.version);
    reach::actions::freeze(tx, new.within(&scope)).await?;
    reach::on_node(tx, &scope, &id, version).await
}
