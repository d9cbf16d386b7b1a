//! The statement that tells who worked with the program in some days. What follows from it is not here.

use kernel::{
    clock::{Day, Timestamp},
    db::{DbError, Tx},
    row_struct,
    scope::ScopePath,
    sql,
};

use crate::model::role::ADMINISTRATOR;

row_struct! {
    /// A person in one of the roles that they held.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct AtWork {
        /// Whose account.
        pub account: String,
        /// Where the person works.
        pub place: ScopePath,
        /// One of [`crate::role`].
        pub role: String,
        /// When they last did something that is in the log; none when nothing in these days.
        pub last: Option<Timestamp>,
    }
}

/// People with an open account who held a role on a day, other than looking after accounts, one row a role; with what
/// they last did since `from` and before `until`. A refused sign-in is nothing done.
pub(crate) async fn at_work(
    tx: &mut Tx,
    on: Day,
    (from, until): (Day, Day),
) -> Result<Vec<AtWork>, DbError> {
    tx.all(
            sql!(
                "select held.account, held.place, held.role, \
                 (select max(l.at) from identity_audit l where l.account = held.account and l.at >= $1 and l.at < $2 \
                 and l.action <> 'identity.sign-in-refused') as last \
                 from (select distinct a.id as account, a.place, g.role, a.status from identity_accounts a \
                 join identity_grants g on g.account = a.id and g.from_day <= $3 and g.until_day > $3 \
                 where g.role <> $4 and a.status = 'active') held order by held.place, held.account, held.role"
            ),
            &[from.start().into(), until.start().into(), on.into(), ADMINISTRATOR.into()],
        )
        .await
}
