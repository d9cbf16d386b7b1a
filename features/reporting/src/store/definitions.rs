//! Definitions: programmes, dimensions, data elements, indicators, targets, data sets, forms; every version.

use kernel::{
    clock::Timestamp,
    db::{DbError, Tx, Value},
    row_struct, sql,
};

use super::numbers;

/// What counts how often definitions were added.
const ADDITIONS: &str = "definitions";

row_struct! {
    /// One definition in one version.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Definition {
        pub kind: String,
        pub code: String,
        pub version: u32,
        pub body: String,
        pub origin: String,
        pub author: String,
    }
    /// One version of a definition whose kind and code are known.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Written {
        pub version: u32,
        pub body: String,
        pub origin: String,
        pub author: String,
        pub at: Timestamp,
    }
}

/// Everything, oldest version first.
pub async fn all(tx: &mut Tx) -> Result<Vec<Definition>, DbError> {
    tx.all(
        sql!("select kind, code, version, body, origin, author from reporting_definitions order by kind, code, version"),
        &[],
    )
    .await
}

/// The newest version of one definition.
pub async fn newest(tx: &mut Tx, kind: &str, code: &str) -> Result<Option<Definition>, DbError> {
    tx.maybe(
        sql!(
            "select kind, code, version, body, origin, author from reporting_definitions \
              where kind = $1 and code = $2 order by version desc limit 1"
        ),
        &[kind.into(), code.into()],
    )
    .await
}

/// Every version of one definition, the newest first.
pub async fn written(tx: &mut Tx, kind: &str, code: &str) -> Result<Vec<Written>, DbError> {
    tx.all(
        sql!(
            "select version, body, origin, author, at from reporting_definitions \
              where kind = $1 and code = $2 order by version desc"
        ),
        &[kind.into(), code.into()],
    )
    .await
}

/// When this node first had a definition.
pub async fn known_since(
    tx: &mut Tx,
    kind: &str,
    code: &str,
) -> Result<Option<Timestamp>, DbError> {
    let at: Option<i64> = tx
        .one(
            sql!(
                "select min(at) as value from reporting_definitions where kind = $1 and code = $2"
            ),
            &[kind.into(), code.into()],
        )
        .await?;
    Ok(at.map(Timestamp::from_millis))
}

/// How often definitions were added so far: what memory keeps of them holds while this stays.
pub async fn additions(tx: &mut Tx) -> Result<i64, DbError> {
    numbers::last_turn(tx, ADDITIONS).await
}

/// Adds versions; those that are there already stay as they are. Gives how many were new.
pub async fn add(tx: &mut Tx, definitions: &[Definition]) -> Result<u64, DbError> {
    let now = tx.now();
    let rows: Vec<Vec<Value>> = definitions
        .iter()
        .map(|one| {
            vec![
                (&one.kind).into(),
                (&one.code).into(),
                one.version.into(),
                (&one.body).into(),
                (&one.origin).into(),
                (&one.author).into(),
                now.into(),
            ]
        })
        .collect();
    let new = tx
        .insert_many(
            "insert into reporting_definitions (kind, code, version, body, origin, author, at) values",
            "on conflict (kind, code, version) do nothing",
            &rows,
        )
        .await?;
    if new > 0 {
        numbers::turn(tx, ADDITIONS).await?;
    }
    Ok(new)
}

row_struct! {
    /// A version that somebody published, for lists.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Version {
        pub version: u32,
        pub origin: String,
        pub author: String,
        pub at: Timestamp,
    }
}

/// The versions of one definition, newest first.
pub async fn versions(tx: &mut Tx, kind: &str, code: &str) -> Result<Vec<Version>, DbError> {
    tx.all(
        sql!("select version, origin, author, at from reporting_definitions where kind = $1 and code = $2 order by version desc"),
        &[kind.into(), code.into()],
    )
    .await
}

/// The codes of one kind that people made or changed, in order.
pub async fn made_here(tx: &mut Tx, kind: &str) -> Result<Vec<String>, DbError> {
    tx.all(
        sql!("select distinct code as value from reporting_definitions where kind = $1 and origin <> 'shipped' order by code"),
        &[kind.into()],
    )
    .await
}

/// Takes a version that the node above published. The same again changes nothing; one that only ships with this
/// program gives way. Gives true when something changed.
pub async fn take_in(tx: &mut Tx, one: &Definition, at: Timestamp) -> Result<bool, DbError> {
    let there: Option<String> = tx
        .maybe(
            sql!("select origin as value from reporting_definitions where kind = $1 and code = $2 and version = $3"),
            &[(&one.kind).into(), (&one.code).into(), one.version.into()],
        )
        .await?;
    if there.is_some_and(|origin| origin != "shipped") {
        return Ok(false);
    }
    tx.run(
        sql!("insert into reporting_definitions (kind, code, version, body, origin, author, at) values ($1, $2, $3, $4, $5, $6, $7) \
              on conflict (kind, code, version) do update set body = excluded.body, origin = excluded.origin, \
              author = excluded.author, at = excluded.at"),
        &[
            (&one.kind).into(),
            (&one.code).into(),
            one.version.into(),
            (&one.body).into(),
            (&one.origin).into(),
            (&one.author).into(),
            at.into(),
        ],
    )
    .await?;
    // Whoever keeps the catalogue in memory must notice that it is another one.
    numbers::turn(tx, ADDITIONS).await?;
    Ok(true)
}
