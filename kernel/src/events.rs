//! What happened, told to whoever must react: an outbox in the same transaction as the change.
//! Who reacts to what is one table in the server; features never call each other sideways.

use std::{future::Future, pin::Pin};

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    db::{Db, DbError, Tx, Value},
    problem::{Failure, Outcome},
    row_struct, sql, typed_ids,
};

typed_ids! {
    /// One thing that happened.
    EventId
}

/// Something that happened, as its feature declares it at its front door.
pub trait Event: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Stable name, e.g. `publishing.published`.
    const KIND: &'static str;
}

/// A boxed future that borrows its transaction.
pub type Doing<'a, T> = Pin<Box<dyn Future<Output = Outcome<T>> + Send + 'a>>;

/// What follows from an event.
#[derive(Clone, Copy)]
pub struct Reaction {
    /// The event's kind.
    pub kind: &'static str,
    /// A name for logs, e.g. `reach freezes the denominators`.
    pub name: &'static str,
    /// Does it, in the transaction that marks the event handled.
    pub react: for<'a> fn(&'a mut Tx, &'a str) -> Doing<'a, ()>,
}

/// Declares a reaction: `reaction!(Published, "freeze the denominators", |tx, fact| async … )`.
#[macro_export]
macro_rules! reaction {
    ($event:ty, $name:literal, $action:path) => {
        $crate::events::Reaction {
            kind: <$event as $crate::events::Event>::KIND,
            name: $name,
            react: |tx, payload| {
                Box::pin(async move {
                    let event: $event = $crate::events::read(payload)?;
                    $action(tx, event).await
                })
            },
        }
    };
}

/// Reads an event's payload back.
pub fn read<E: Event>(payload: &str) -> Outcome<E> {
    serde_json::from_str(payload)
        .map_err(|error| Failure::fault(format!("read a {} event", E::KIND), error))
}

impl Tx {
    /// Tells that something happened; the reactions run after the commit, at least once and
    /// each time in one transaction with the mark that they ran.
    pub async fn announce<E: Event>(&mut self, event: &E) -> Result<(), DbError> {
        let payload = serde_json::to_string(event).map_err(|e| DbError::Engine(e.to_string()))?;
        let id: EventId = self.new_id();
        let now: Value = self.now().into();
        self.run(
            sql!("insert into kernel_events (id, kind, payload, at, attempts, next_at) values ($1, $2, $3, $4, 0, $4)"),
            &[(&id).into(), E::KIND.into(), payload.into(), now],
        )
        .await?;
        self.mark_announced();
        Ok(())
    }
}

row_struct! {
    struct Waiting {
        id: EventId,
        kind: String,
        payload: String,
        attempts: i64,
    }
}

/// Handles what is due; gives how many events were handled. Call it again while it gives more than 0.
pub async fn handle_due(db: &Db, reactions: &[Reaction]) -> Outcome<usize> {
    let now = db.clock().now();
    let due: Vec<Waiting> = db
        .view(async |tx| {
            Ok(tx
                .all(
                    sql!("select id, kind, payload, attempts from kernel_events where handled_at is null and next_at <= $1 order by at, id limit 100"),
                    &[now.into()],
                )
                .await?)
        })
        .await?;
    let mut handled = 0;
    for event in due {
        handled += usize::from(handle(db, reactions, &event).await?);
    }
    Ok(handled)
}

async fn handle(db: &Db, reactions: &[Reaction], event: &Waiting) -> Outcome<bool> {
    let done = db
        .change(async |tx| {
            // Another process may have been quicker: only the one that marks it may react.
            let mine = tx
                .run(
                    sql!("update kernel_events set handled_at = $2 where id = $1 and handled_at is null"),
                    &[(&event.id).into(), tx.now().into()],
                )
                .await?;
            if mine == 1 {
                for reaction in reactions.iter().filter(|reaction| reaction.kind == event.kind) {
                    (reaction.react)(tx, &event.payload).await?;
                }
            }
            Ok(mine == 1)
        })
        .await;
    match done {
        Ok(mine) => Ok(mine),
        Err(failure) => {
            tracing::error!(event.id = %event.id, event.kind = event.kind, "a reaction failed: {failure}");
            postpone(db, event, &failure).await?;
            Ok(false)
        }
    }
}

/// Tries again later and later, up to an hour apart; an event is never dropped.
async fn postpone(db: &Db, event: &Waiting, failure: &Failure) -> Outcome<()> {
    let wait_s = 1_i64 << event.attempts.clamp(0, 12);
    db.change(async |tx| {
        let next = tx.now().plus_seconds(wait_s.min(3600));
        tx.run(
            sql!("update kernel_events set attempts = attempts + 1, next_at = $2, trouble = $3 where id = $1"),
            &[event.id.as_str().into(), next.into(), failure.to_string().into()],
        )
        .await?;
        Ok(())
    })
    .await
}
