//! Under which path a unit's reports, obligations, works and consolidations lie: the place that has authority over
//! them today. One path for all of a unit's papers.

use areas::AreaId;
use kernel::{
    db::{DbError, Tx},
    row_struct,
    scope::ScopePath,
    sql,
};

row_struct! {
    /// Papers of a unit under a path.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub struct Lying {
        pub area: AreaId,
        pub path: ScopePath,
    }
}

/// Every unit that has papers, with the paths they lie under.
pub async fn all(tx: &mut Tx) -> Result<Vec<Lying>, DbError> {
    tx.all(
        sql!("select area, path from reporting_places union select area, path from reporting_submissions \
              union select area, path from reporting_obligations union select area, path from reporting_works \
              union select area, path from reporting_consolidations order by area, path"),
        &[],
    )
    .await
}

/// Lays a unit's papers under another path, its reminders under the new units' and provinces' names.
pub async fn put(
    tx: &mut Tx,
    from: &Lying,
    to: &ScopePath,
    province: &ScopePath,
) -> Result<(), DbError> {
    let values = [(&from.area).into(), (&from.path).into(), to.into()];
    let whose = [(&from.area).into(), to.into(), province.into()];
    tx.run(sql!("update reporting_places set path = $3 where area = $1 and path = $2"), &values)
        .await?;
    tx.run(
        sql!("update reporting_submissions set path = $3 where area = $1 and path = $2"),
        &values,
    )
    .await?;
    tx.run(sql!("update reporting_works set path = $3 where area = $1 and path = $2"), &values)
        .await?;
    tx.run(
        sql!("update reporting_consolidations set path = $3 where area = $1 and path = $2"),
        &values,
    )
    .await?;
    tx.run(
        sql!("update reporting_obligations set path = $3 where area = $1 and path = $2"),
        &values,
    )
    .await?;
    tx.run(
        sql!("update reporting_notices set scope = case when audience = 'unit' then $2 else $3 end \
              where audience <> 'ministry' and obligation in (select id from reporting_obligations where area = $1)"),
        &whose,
    )
    .await?;
    Ok(())
}
