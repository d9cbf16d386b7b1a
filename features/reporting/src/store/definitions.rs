//! Definitions: programmes, dimensions, data elements, indicators, targets, data sets, forms; every version.

use kernel::{
    clock::Timestamp,
    db::{DbError, Tx, Value},
    row_struct, sql,
};

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
    /// How much there is: changes whenever a definition is added.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Extent {
        pub count: i64,
        pub newest: i64,
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

/// Something that changes whenever a definition does.
pub async fn extent(tx: &mut Tx) -> Result<Extent, DbError> {
    tx.one(
        sql!("select count(*) as count, cast(coalesce(max(at), 0) as bigint) as newest from reporting_definitions"),
        &[],
    )
    .await
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
    tx.insert_many(
        "insert into reporting_definitions (kind, code, version, body, origin, author, at) values",
        "on conflict (kind, code, version) do nothing",
        &rows,
    )
    .await
}
