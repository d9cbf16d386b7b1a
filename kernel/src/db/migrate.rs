//! Migrations: forward only, numbered per feature, one file for both engines.

use super::{Db, DbError, Tx, Value};
use crate::sql;

/// One step of a feature's schema.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// The feature it belongs to.
    pub feature: &'static str,
    /// File name, e.g. `0001_units.sql`; its order within the feature.
    pub name: &'static str,
    /// The statements, with `{int} {text} {bytes} {bool} {real}` as column types.
    pub text: &'static str,
}

/// Lists a feature's migrations: `migrations!("areas": "0001_units.sql", …)`.
#[macro_export]
macro_rules! migrations {
    ($feature:literal: $($name:literal),* $(,)?) => {
        &[$($crate::db::Migration {
            feature: $feature,
            name: $name,
            text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/", $name)),
        }),*]
    };
}

impl Db {
    /// Applies what has not been applied yet, each step in a transaction of its own.
    ///
    /// A step that was applied with another text is a fault: history is never rewritten.
    pub async fn migrate(&self, migrations: &[Migration]) -> Result<usize, DbError> {
        let mut tx = self.begin().await?;
        let table = self.engine().column_types(
            "create table if not exists kernel_migrations (feature {text} not null, name {text} not null, \
             digest {text} not null, applied_at {int} not null, primary key (feature, name))",
        );
        tx.script(&table).await?;
        tx.commit().await?;
        let mut applied = 0;
        for migration in migrations {
            applied += usize::from(self.apply(migration).await?);
        }
        Ok(applied)
    }

    async fn apply(&self, migration: &Migration) -> Result<bool, DbError> {
        let digest = blake3::hash(migration.text.as_bytes()).to_hex().to_string();
        let mut tx = self.begin().await?;
        let before: Option<String> = tx
            .maybe(
                sql!(
                    "select digest as value from kernel_migrations where feature = $1 and name = $2"
                ),
                &[migration.feature.into(), migration.name.into()],
            )
            .await?;
        match before {
            Some(known) if known == digest => return Ok(false),
            Some(_) => {
                let what = format!(
                    "{}/{} was changed after it was applied",
                    migration.feature, migration.name
                );
                return Err(DbError::Engine(what));
            }
            None => {}
        }
        let text = self.engine().column_types(migration.text);
        tx.script(&text).await.map_err(|error| {
            DbError::Engine(format!("{}/{}: {error}", migration.feature, migration.name))
        })?;
        note(&mut tx, migration, digest).await?;
        tx.commit().await?;
        Ok(true)
    }
}

async fn note(tx: &mut Tx, migration: &Migration, digest: String) -> Result<(), DbError> {
    let now: Value = tx.now().into();
    tx.run(
        sql!("insert into kernel_migrations (feature, name, digest, applied_at) values ($1, $2, $3, $4)"),
        &[migration.feature.into(), migration.name.into(), digest.into(), now],
    )
    .await?;
    Ok(())
}
