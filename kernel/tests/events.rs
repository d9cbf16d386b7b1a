//! Events are handled once, in one transaction with what follows; jobs are tried again.

use kernel::{
    db::Tx,
    events::{Event, Reaction},
    jobs::JobKind,
    module::Module,
    problem::{Failure, Outcome},
    serde::{Deserialize, Serialize},
    sql,
};
use testkit::{Kit, on_both_engines};

#[derive(Serialize, Deserialize)]
#[serde(crate = "kernel::serde")]
struct Rung {
    by: String,
}

impl Event for Rung {
    const KIND: &'static str = "test.rung";
}

async fn note(tx: &mut Tx, event: Rung) -> Outcome<()> {
    tx.run(
        sql!("insert into kernel_settings (name, value) values ($1, '1') on conflict (name) do update set value = kernel_settings.value || '1'"),
        &[event.by.into()],
    )
    .await?;
    Ok(())
}

/// Fails until the clock has passed a minute after the event.
async fn stumble(tx: &mut Tx, event: Rung) -> Outcome<()> {
    let late = tx.now().millis() > 1_795_330_800_000 + 1_000;
    if event.by == "stumbles" && !late { Err(Failure::fault("react", "not yet")) } else { Ok(()) }
}

static REACTIONS: &[Reaction] = &[
    kernel::reaction!(Rung, "note who rang", note),
    kernel::reaction!(Rung, "stumble at first", stumble),
];

static JOB: JobKind = JobKind {
    name: "test.job",
    run: |app, payload| {
        Box::pin(async move {
            let now = app.now().millis();
            app.db.change(async |tx| note(tx, Rung { by: payload.to_owned() }).await).await?;
            if now < 1_795_330_800_000 + 1_000 {
                Err(Failure::fault("work", "not yet"))
            } else {
                Ok(())
            }
        })
    },
};

fn jobs_module() -> Module {
    Module { jobs: std::slice::from_ref(&JOB), ..Module::new("test") }
}

async fn value(kit: &Kit, name: &'static str) -> Option<String> {
    let read = kit.db().view(async |tx| {
        Ok(tx
            .maybe(sql!("select value from kernel_settings where name = $1"), &[name.into()])
            .await?)
    });
    read.await.expect("reads")
}

on_both_engines! {
    async fn an_event_of_a_failed_change_never_happened(builder: KitBuilder) {
        let kit = builder.reacting(REACTIONS).start().await;
        let failed = kit.db().change(async |tx| -> Outcome<()> {
            tx.announce(&Rung { by: "ghost".to_owned() }).await?;
            Err(Failure::fault("go on", "stopped"))
        }).await;
        assert!(failed.is_err());
        kit.settle().await;
        assert_eq!(value(&kit, "ghost").await, None);
    }

    async fn a_reaction_that_fails_undoes_the_others_and_is_tried_again(builder: KitBuilder) {
        let kit = builder.reacting(REACTIONS).start().await;
        kit.db().change(async |tx| Ok(tx.announce(&Rung { by: "stumbles".to_owned() }).await?)).await.expect("announces");
        kit.settle().await;
        assert_eq!(value(&kit, "stumbles").await, None, "the first reaction was rolled back with the second");
        kit.clock.advance(5_000);
        kit.settle().await;
        kit.settle().await;
        assert_eq!(value(&kit, "stumbles").await.as_deref(), Some("1"), "once, however often we ask");
    }

    async fn a_job_is_tried_again_later_and_then_done(builder: KitBuilder) {
        let kit = builder.with([jobs_module()]).start().await;
        kit.db().change(async |tx| { let at = tx.now(); Ok(tx.queue(&JOB, "work", at).await?) }).await.expect("queues");
        kit.settle().await;
        assert_eq!(value(&kit, "work").await.as_deref(), Some("1"), "tried once, failed");
        kit.clock.advance(60_000);
        kit.settle().await;
        kit.clock.advance(60_000_000);
        kit.settle().await;
        assert_eq!(value(&kit, "work").await.as_deref(), Some("11"), "tried twice, done, never again");
    }
}
