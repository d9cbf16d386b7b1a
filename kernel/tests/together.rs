//! Changes that share a commit stand alone all the same: what lasts, what is undone and who is told.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use futures_util::future::join_all;
use kernel::{
    db::{Db, Engine, Tx},
    problem::{BAD_REQUEST, Failure, Outcome},
    sql,
};
use testkit::{KitBuilder, TestEngine, on_both_engines};

/// So many changes at once: more than share one commit.
const MANY: usize = 150;

async fn write(tx: &mut Tx, name: &str, value: &str) -> Outcome<()> {
    let text = sql!("insert into kernel_settings (name, value) values ($1, $2)");
    tx.run(text, &[name.into(), value.into()]).await?;
    Ok(())
}

async fn names(db: &Db) -> Vec<String> {
    let text = sql!("select name as value from kernel_settings order by name");
    db.view(async |tx| Ok(tx.all(text, &[]).await?)).await.expect("reads")
}

fn name(at: usize) -> String {
    format!("name-{at:03}")
}

on_both_engines! {
    async fn each_lasts_or_leaves_no_trace(builder: KitBuilder) {
        let kit = builder.start().await;
        let db = kit.db();
        let fails = |at: usize| at.is_multiple_of(7);
        let kept = Arc::new(AtomicUsize::new(0));
        let told = join_all((0..MANY).map(|at| {
            let kept = kept.clone();
            async move {
                let outcome = db.change_together(async |tx| {
                    write(tx, &name(at), "x").await?;
                    tx.once_it_lasts(move || { kept.fetch_add(1, Ordering::Relaxed); });
                    if fails(at) { Err(Failure::from(&BAD_REQUEST)) } else { Ok(at) }
                }).await;
                // Whoever is told that it lasts sees it, and so does everybody.
                let there = names(db).await.contains(&name(at));
                assert_eq!(there, outcome.is_ok(), "{at}: {outcome:?}");
                outcome
            }
        })).await;
        for (at, outcome) in told.iter().enumerate() {
            assert_eq!(outcome.is_err(), fails(at));
        }
        let last: Vec<String> = (0..MANY).filter(|at| !fails(*at)).map(name).collect();
        assert_eq!(names(db).await, last);
        assert_eq!(kept.load(Ordering::Relaxed), last.len(), "memory keeps what lasts and nothing else");
    }

    async fn a_statement_that_fails_takes_back_its_own_change_alone(builder: KitBuilder) {
        let kit = builder.start().await;
        let db = kit.db();
        let told = join_all((0..MANY).map(|at| async move {
            db.change_together(async |tx| {
                write(tx, &name(at), "x").await?;
                // All but the first of every third trip over a key that is taken.
                if at.is_multiple_of(3) { write(tx, "taken", "x").await } else { Ok(()) }
            }).await
        })).await;
        let done: Vec<usize> = (0..MANY).filter(|at| told[*at].is_ok()).collect();
        let there = names(db).await;
        for at in 0..MANY {
            assert_eq!(there.contains(&name(at)), done.contains(&at), "{at}");
        }
        assert_eq!(done.len(), MANY - MANY / 3 + 1, "{done:?}");
    }

    async fn who_goes_away_in_the_middle_takes_nothing_along(builder: KitBuilder) {
        let kit = builder.start().await;
        let db = kit.db();
        let one = |at: usize| async move {
            let (begun, has_begun) = tokio::sync::oneshot::channel();
            let change = db.change_together(async |tx| {
                write(tx, &name(at), "x").await?;
                if at.is_multiple_of(5) {
                    begun.send(()).expect("somebody waits");
                    std::future::pending::<()>().await;
                }
                Ok(())
            });
            tokio::select! {
                done = change => done.expect("lasts"),
                Ok(()) = has_begun => {}
            }
        };
        join_all((0..MANY).map(one)).await;
        db.change_together(async |tx| write(tx, "the next", "x").await).await.expect("the line goes on");
        let last = (0..MANY).filter(|at| !at.is_multiple_of(5)).map(name).chain(["the next".to_owned()]);
        assert_eq!(names(db).await, last.collect::<Vec<_>>());
    }

    async fn changes_of_both_kinds_take_turns(builder: KitBuilder) {
        let kit = builder.start().await;
        let db = kit.db();
        join_all((0..MANY).map(|at| async move {
            if at.is_multiple_of(4) {
                db.change(async |tx| write(tx, &name(at), "x").await).await
            } else {
                db.change_together(async |tx| write(tx, &name(at), "x").await).await
            }.expect("lasts");
        })).await;
        assert_eq!(names(db).await, (0..MANY).map(name).collect::<Vec<_>>());
    }
}

/// A SQLite database in a folder of its own.
async fn on_sqlite() -> testkit::Kit {
    KitBuilder::on(TestEngine::Sqlite).start().await
}

#[test]
fn they_share_the_log_of_one_commit() {
    testkit::run(async {
        let log_after = async |together: bool| {
            let kit = on_sqlite().await;
            let db = kit.db();
            join_all((0..64).map(|at| async move {
                let work = async |tx: &mut Tx| write(tx, &name(at), "x").await;
                if together { db.change_together(work).await } else { db.change(work).await }
                    .expect("lasts");
            }))
            .await;
            std::fs::metadata(kit.folder.join("test.db-wal")).expect("a log").len()
        };
        let (alone, together) = (log_after(false).await, log_after(true).await);
        assert!(together * 3 < alone * 2, "{together} bytes together, {alone} bytes alone");
    });
}

#[test]
fn a_full_disk_fails_who_was_told_so_and_nobody_else() {
    testkit::run(async {
        let kit = on_sqlite().await;
        let db = kit.db();
        assert_eq!(db.engine(), Engine::Sqlite);
        db.change(async |tx| {
            let pages: i64 =
                tx.one(sql!("select page_count as value from pragma_page_count()"), &[]).await?;
            assert!(pages < 400, "room for some of them: {pages}");
            tx.run(sql!("pragma max_page_count = 400"), &[]).await?;
            Ok(())
        })
        .await
        .expect("a small disk");
        let large = "x".repeat(9_000);
        let told = join_all((0..MANY * 3).map(|at| {
            let large = &large;
            async move { db.change_together(async |tx| write(tx, &name(at), large).await).await }
        }))
        .await;
        let there = names(db).await;
        for (at, outcome) in told.iter().enumerate() {
            assert_eq!(there.contains(&name(at)), outcome.is_ok(), "{at}: {outcome:?}");
        }
        let failed = told.iter().filter(|outcome| outcome.is_err()).count();
        assert!(failed > 0 && failed < told.len(), "{failed} of {} failed", told.len());
        // Room again: the line goes on.
        db.change(async |tx| Ok(tx.run(sql!("pragma max_page_count = 4000"), &[]).await?))
            .await
            .expect("a larger disk");
        db.change_together(async |tx| write(tx, "the next", "x").await).await.expect("goes on");
    });
}
