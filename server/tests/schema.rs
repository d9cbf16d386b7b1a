//! The two engines end up with the same tables, columns, keys and indexes.

use std::collections::BTreeSet;

use kernel::{app::AppRef, db::Engine, row_struct};
use testkit::{KitBuilder, TestEngine};

use crate::town;

row_struct! {
    struct Line { value: String }
}

/// Everything about the schema that both engines can tell, one line each.
async fn schema(engine: TestEngine) -> BTreeSet<String> {
    let kit = KitBuilder::on(engine).with(town::features()).start().await;
    let (columns, indexes) = match kit.db().engine() {
        Engine::Sqlite => (SQLITE_COLUMNS, SQLITE_INDEXES),
        Engine::Postgres => (POSTGRES_COLUMNS, POSTGRES_INDEXES),
    };
    let mut lines = lines(&kit.app, columns).await;
    lines.extend(self::lines(&kit.app, indexes).await);
    lines
}

async fn lines(app: &AppRef, query: &str) -> BTreeSet<String> {
    let asked = town::statement(query);
    let rows: Vec<Line> =
        app.db.view(async |tx| Ok(tx.all(asked, &[]).await?)).await.expect("the catalogue answers");
    rows.into_iter().map(|line| line.value).collect()
}

const SQLITE_COLUMNS: &str = "
    select cast(m.name || '.' || c.name || ' '
        || case lower(c.type) when 'integer' then 'bigint' when 'blob' then 'bytea'
               when 'real' then 'double precision' else lower(c.type) end
        || case when c.\"notnull\" = 1 or c.pk > 0 then ' not null' else '' end
        || case when c.pk > 0 then ' key ' || c.pk else '' end as text) as value
    from sqlite_master m join pragma_table_info(m.name) c
    where m.type = 'table' and m.name not like 'sqlite_%'";

const POSTGRES_COLUMNS: &str = "
    select cast(c.table_name || '.' || c.column_name || ' ' || c.data_type
        || case when c.is_nullable = 'NO' then ' not null' else '' end
        || coalesce(' key ' || k.ordinal_position, '') as text) as value
    from information_schema.columns c
    left join (
        select u.table_name, u.column_name, u.ordinal_position
        from information_schema.key_column_usage u
        join information_schema.table_constraints t
          on t.constraint_schema = u.constraint_schema and t.constraint_name = u.constraint_name
         and t.table_name = u.table_name
        where t.constraint_type = 'PRIMARY KEY' and t.table_schema = current_schema()
    ) k on k.table_name = c.table_name and k.column_name = c.column_name
    where c.table_schema = current_schema()";

const SQLITE_INDEXES: &str = "
    select cast('index ' || name || ' on ' || tbl_name as text) as value
    from sqlite_master where type = 'index' and name not like 'sqlite_%'";

const POSTGRES_INDEXES: &str = "
    select cast('index ' || indexname || ' on ' || tablename as text) as value
    from pg_indexes
    where schemaname = current_schema()
      and indexname not in (select constraint_name from information_schema.table_constraints
                            where table_schema = current_schema())";

#[test]
fn both_engines_have_the_same_tables_columns_keys_and_indexes() {
    testkit::run(async {
        let sqlite = schema(TestEngine::Sqlite).await;
        let postgres = schema(TestEngine::Postgres).await;
        let only_sqlite: Vec<_> = sqlite.difference(&postgres).collect();
        let only_postgres: Vec<_> = postgres.difference(&sqlite).collect();
        assert!(
            only_sqlite.is_empty() && only_postgres.is_empty(),
            "only in SQLite: {only_sqlite:#?}\nonly in PostgreSQL: {only_postgres:#?}"
        );
        for house in
            ["kernel_", "areas_", "identity_", "publishing_", "reach_", "delivery_", "portal_"]
        {
            assert!(sqlite.iter().any(|line| line.starts_with(house)), "no table of {house}");
        }
    });
}

testkit::on_both_engines! {
    async fn migrating_again_changes_nothing(builder: KitBuilder) {
        let kit = builder.with(town::features()).start().await;
        let counted = "select count(*) as value from kernel_migrations";
        let before = town::number(&kit.app, counted).await;
        assert!(before >= 6, "{before} migrations");
        let all: Vec<_> = kit.app.modules.iter().flat_map(|module| module.migrations).copied().collect();
        kit.db().migrate(&all).await.expect("nothing is left to do");
        assert_eq!(town::number(&kit.app, counted).await, before);
    }
}
