//! Transactions, values and errors mean the same on both engines.

use kernel::{
    clock::Day,
    db::{DbError, Engine},
    problem::{BAD_REQUEST, Failure},
    records::{self, Lane, Outgoing},
    row_struct,
    scope::ScopePath,
    sql,
};
use testkit::on_both_engines;

row_struct! {
    #[derive(Debug, PartialEq)]
    struct Setting {
        name: String,
        value: String,
    }
}

row_struct! {
    #[derive(Debug)]
    struct Dated {
        day: Day,
    }
}

on_both_engines! {
    async fn a_change_that_fails_leaves_no_trace(builder: KitBuilder) {
        let kit = builder.start().await;
        let failed = kit.db().change(async |tx| -> Result<(), Failure> {
            tx.run(sql!("insert into kernel_settings (name, value) values ($1, $2)"), &["a".into(), "1".into()]).await?;
            Err((&BAD_REQUEST).into())
        }).await;
        assert!(failed.is_err_and(|failure| failure.is(&BAD_REQUEST)));
        let kept: Vec<Setting> = kit.db().view(async |tx| {
            Ok(tx.all(sql!("select name, value from kernel_settings order by name nulls last"), &[]).await?)
        }).await.expect("reads");
        assert_eq!(kept, []);
    }

    async fn reading_transactions_refuse_to_write(builder: KitBuilder) {
        let kit = builder.start().await;
        let refused = kit.db().view(async |tx| {
            tx.run(sql!("insert into kernel_settings (name, value) values ('b', '1')"), &[]).await?;
            Ok(())
        }).await;
        assert!(refused.is_err());
    }

    async fn a_taken_key_is_told_apart_from_other_errors(builder: KitBuilder) {
        let kit = builder.start().await;
        let error: Failure = kit.db().change(async |tx| -> Result<(), Failure> {
            let statement = sql!("insert into kernel_settings (name, value) values ('twice', 'x')");
            tx.run(statement, &[]).await?;
            match tx.run(statement, &[]).await {
                Err(DbError::Duplicate(_)) => Err((&BAD_REQUEST).into()),
                other => Err(Failure::fault("see a duplicate", format!("{other:?}"))),
            }
        }).await.expect_err("a duplicate");
        assert!(error.is(&BAD_REQUEST), "{error}");
    }

    async fn many_rows_go_in_with_few_statements(builder: KitBuilder) {
        let kit = builder.start().await;
        let rows: Vec<_> = (0..5_000).map(|n| vec![format!("name-{n:05}").into(), n.to_string().into()]).collect();
        let touched = kit.db().change(async |tx| {
            Ok(tx.insert_many("insert into kernel_settings (name, value) values", "on conflict do nothing", &rows).await?)
        }).await.expect("inserts");
        assert_eq!(touched, 5_000);
        let count: i64 = kit.db().view(async |tx| {
            Ok(tx.one(sql!("select count(*) as value from kernel_settings"), &[]).await?)
        }).await.expect("reads");
        assert_eq!(count, 5_000);
        // Every second of them under its own value, the others under one that they do not have.
        let asked: Vec<_> = (0..5_000)
            .map(|n| vec![format!("name-{n:05}").into(), (n / 2 * 2).to_string().into()])
            .collect();
        let (found, none) = kit.db().view(async |tx| {
            let head = "with asked (name, value) as (values";
            let tail = ") select s.name, s.value from asked a cross join kernel_settings s \
                        where s.name = a.name and s.value = a.value";
            let found: Vec<Setting> = tx.all_of_rows(head, tail, &asked).await?;
            Ok((found, tx.all_of_rows::<Setting>(head, tail, &[]).await?))
        }).await.expect("reads");
        assert_eq!((found.len(), none.len()), (2_500, 0));
        assert!(found.iter().all(|one| one.name == format!("name-{:0>5}", one.value)), "{found:?}");
    }

    async fn a_row_that_cannot_be_read_is_told_and_the_transaction_goes_on(builder: KitBuilder) {
        let kit = builder.start().await;
        let rows: Vec<_> = (1..400).map(|day| vec![format!("{day:03}").into(), if day == 3 { "hôm nay" } else { "2026-11-23" }.into()]).collect();
        let (told, count) = kit.db().change(async |tx| {
            tx.insert_many("insert into kernel_settings (name, value) values", "", &rows).await?;
            let days: Result<Vec<Dated>, DbError> =
                tx.all(sql!("select value as day from kernel_settings order by name"), &[]).await;
            let count: i64 = tx.one(sql!("select count(*) as value from kernel_settings"), &[]).await?;
            Ok((days, count))
        }).await.expect("it goes on");
        assert!(matches!(&told, Err(DbError::Unreadable { column, .. }) if column == "day"), "{told:?}");
        assert_eq!(count, 399);
    }

    async fn rows_that_come_often_fill_few_sizes_of_statement(builder: KitBuilder) {
        let kit = builder.start().await;
        let head = "insert into kernel_settings (name, value) values";
        let tail = "on conflict (name) do update set value = kernel_settings.value || excluded.value";
        for many in [0, 1, 2, 3, 5, 96, 97, 129, 192, 193, 250, 256, 257, 449, 700] {
            let row = |at: usize, value: &str| vec![format!("{many}-{at}").into(), value.into()];
            let rows: Vec<_> = (0..many).map(|at| row(at, "x")).collect();
            let statements = kit.db().change(async |tx| {
                for _ in 0..2 {
                    tx.insert_often(head, tail, &rows, &row(0, "")).await?;
                }
                Ok(tx.statements())
            }).await.expect("inserts");
            // 700 are 256, 256, 128, 32, 16, 8 and 4.
            assert!(statements <= 14, "{many}: {statements}");
            let kept: Vec<String> = kit.db().view(async |tx| {
                Ok(tx.all(sql!("select value from kernel_settings where name like $1"), &[format!("{many}-%").into()]).await?)
            }).await.expect("reads");
            assert_eq!(kept, vec!["xx"; many], "{many}");
        }
    }

    async fn text_is_compared_by_bytes_whatever_the_collation(builder: KitBuilder) {
        let kit = builder.start().await;
        let rows: Vec<_> = ["b", "B", "a~", "a b", "a1"].iter().map(|n| vec![(*n).into(), "".into()]).collect();
        let names: Vec<Setting> = kit.db().change(async |tx| {
            tx.insert_many("insert into kernel_settings (name, value) values", "", &rows).await?;
            Ok(tx.all(sql!("select name, value from kernel_settings order by name"), &[]).await?)
        }).await.expect("reads");
        let names: Vec<_> = names.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["B", "a b", "a1", "a~", "b"]);
    }

    // A plan for all values compares each row with each name of a long list (measured: docs/benchmarks.md).
    async fn postgresql_plans_statements_with_their_values(builder: KitBuilder) {
        let kit = builder.start().await;
        if kit.db().engine() == Engine::Sqlite {
            return;
        }
        let told: Vec<Setting> = kit.db().view(async |tx| {
            Ok(tx.all(sql!("select name, setting as value from pg_settings where name = 'plan_cache_mode'"), &[]).await?)
        }).await.expect("reads");
        assert_eq!(told[0].value, "force_custom_plan");
    }

    async fn records_are_numbered_without_gaps_and_verify(builder: KitBuilder) {
        let kit = builder.start().await;
        let target = ScopePath::parse("/vn/19.2025/").expect("a path");
        for n in 0..3_u8 {
            let outcome = kit.db().change(async |tx| {
                let seq = tx.emit_down(Outgoing { lane: Lane::Text, kind: 20, targets: vec![target.clone()], body: vec![n] }).await?;
                if n == 1 { return Err((&BAD_REQUEST).into()); }
                Ok(seq)
            }).await;
            assert_eq!(outcome.is_err(), n == 1);
        }
        let rows = kit.db().view(async |tx| Ok(records::down_after(tx, Lane::Text, 0, 0, 10).await?)).await.expect("reads");
        assert_eq!(rows.iter().map(|row| row.seq).collect::<Vec<_>>(), [1, 2]);
        for (row, body) in rows.iter().zip([0_u8, 2]) {
            let signed = sync::record::SignedRecord::from_bytes(row.signed.clone()).expect("reads back");
            let record = signed.verify(kit.app.node_id(), kit.app.keys.public()).expect("our own signature");
            assert_eq!(record.body, [body]);
            assert_eq!(record.targets, [target.as_str()]);
        }
    }

    async fn a_new_epoch_is_always_larger(builder: KitBuilder) {
        let kit = builder.start().await;
        let epochs = kit.db().change(async |tx| {
            tx.emit_up(30, vec![1]).await?;
            let before = records::up_head(tx).await?;
            records::begin_new_epoch(tx, 0).await?;
            tx.emit_up(30, vec![2]).await?;
            Ok((before, records::up_head(tx).await?))
        }).await.expect("emits");
        let (before, after) = (epochs.0.expect("a head"), epochs.1.expect("a head"));
        assert!(after.0 > before.0, "{before:?} {after:?}");
        assert_eq!((before.1, after.1), (1, 1), "numbers begin at one again");
    }
}
