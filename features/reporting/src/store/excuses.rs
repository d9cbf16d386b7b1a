//! Deadlines that the tier above excused or extended: what was said, in the order of saying.

use kernel::{
    clock::{Day, Timestamp},
    db::{DbError, Tx, Value},
    row_struct, sql,
};

use crate::model::{ExcuseId, ObligationId};

row_struct! {
    /// What was said about a deadline.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Excuse {
        pub id: ExcuseId,
        pub obligation: ObligationId,
        /// `excuse`, `extend` or `revoke`.
        pub kind: String,
        /// The new deadline, of an extension.
        pub until_day: Option<Day>,
        pub why: String,
        pub by_account: String,
        pub by_name: String,
        pub at: Timestamp,
    }
}

/// Writes down what was said; false when it is known.
pub async fn say(tx: &mut Tx, one: &Excuse) -> Result<bool, DbError> {
    let touched = tx
        .run(
            sql!("insert into reporting_excuses (id, obligation, kind, until_day, why, by_account, by_name, at) \
                  values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do nothing"),
            &[
                (&one.id).into(),
                (&one.obligation).into(),
                (&one.kind).into(),
                one.until_day.into(),
                (&one.why).into(),
                (&one.by_account).into(),
                (&one.by_name).into(),
                one.at.into(),
            ],
        )
        .await?;
    Ok(touched == 1)
}

/// Everything that was said about some obligations, oldest first.
pub async fn of(tx: &mut Tx, obligations: &[ObligationId]) -> Result<Vec<Excuse>, DbError> {
    let list: Vec<Value> = obligations.iter().map(Value::from).collect();
    let mut all: Vec<Excuse> = tx
        .all_in(
            "select id, obligation, kind, until_day, why, by_account, by_name, at from reporting_excuses \
             where obligation in",
            &[],
            &list,
        )
        .await?;
    all.sort_by(|a, b| (a.at, a.id.as_str()).cmp(&(b.at, b.id.as_str())));
    Ok(all)
}
