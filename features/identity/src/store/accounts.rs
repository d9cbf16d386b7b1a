//! Statements about accounts.

use kernel::{
    clock::Timestamp,
    db::{DbError, Tx, Value},
    row_struct,
    scope::ScopePath,
    sql,
};

use super::within_held_places;
use crate::model::{AccountId, PLACES_MAX, Status, maximal};

row_struct! {
    /// An account without its password.
    #[derive(Clone, Debug)]
    pub(crate) struct Account {
        pub id: AccountId,
        pub username: String,
        pub name: String,
        pub place: ScopePath,
        pub status: Status,
        pub must_change_password: bool,
        pub password_until: Option<Timestamp>,
        pub created_at: Timestamp,
    }

    /// What signing in looks at.
    pub(crate) struct Credentials {
        pub id: AccountId,
        pub username: String,
        pub name: String,
        pub place: ScopePath,
        pub status: Status,
        pub password: String,
        pub password_until: Option<Timestamp>,
        pub must_change_password: bool,
    }
}

/// The places over which a caller holds a permission, as list queries want them.
pub(crate) struct HeldPlaces(Vec<Value>);

impl HeldPlaces {
    /// At most [`PLACES_MAX`] separate places: more are never granted, and what does not fit is not shown.
    pub(crate) fn of<'a>(scopes: impl IntoIterator<Item = &'a ScopePath>) -> Self {
        let places = maximal(scopes);
        let ranges = places.iter().take(PLACES_MAX).map(ScopePath::range);
        // An empty range for every unused slot.
        let padded = ranges.chain(std::iter::repeat((String::new(), String::new())));
        let slots = padded.take(PLACES_MAX).flat_map(|(low, high)| [low.into(), high.into()]);
        Self(slots.collect())
    }

    /// The sixteen values, followed by the statement's own.
    pub(crate) fn with(&self, more: impl IntoIterator<Item = Value>) -> Vec<Value> {
        self.0.iter().cloned().chain(more).collect()
    }
}

/// Adds an account; a username that is taken is [`DbError::Duplicate`].
pub(crate) async fn insert_account(
    tx: &mut Tx,
    account: &Account,
    key: &str,
    password: &str,
    by: &str,
) -> Result<(), DbError> {
    let search = format!("{} {key}", kernel::text::fold(&account.name));
    tx.run(
        sql!(
            "insert into identity_accounts (id, username, username_key, name, search, name_sort, place, status, \
             password, password_set_at, password_until, must_change_password, created_at, created_by) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $10, $13)"
        ),
        &[
            (&account.id).into(),
            account.username.as_str().into(),
            key.into(),
            account.name.as_str().into(),
            search.into(),
            kernel::text::sort_key(&account.name).into(),
            (&account.place).into(),
            account.status.as_str().into(),
            password.into(),
            account.created_at.into(),
            account.password_until.into(),
            account.must_change_password.into(),
            by.into(),
        ],
    )
    .await?;
    Ok(())
}

/// One account.
pub(crate) async fn find_account(tx: &mut Tx, id: &AccountId) -> Result<Option<Account>, DbError> {
    tx.maybe(
        sql!(
            "select id, username, name, place, status, must_change_password, password_until, created_at \
             from identity_accounts where id = $1"
        ),
        &[id.into()],
    )
    .await
}

/// Since when the password of an open account stands; none while its one-time password was not changed.
pub(crate) async fn password_set_at(
    tx: &mut Tx,
    id: &AccountId,
) -> Result<Option<Timestamp>, DbError> {
    let at: Option<i64> = tx
        .maybe(
            sql!(
                "select password_set_at as value from identity_accounts \
                 where id = $1 and status = 'active' and must_change_password = $2"
            ),
            &[id.into(), false.into()],
        )
        .await?;
    Ok(at.map(Timestamp::from_millis))
}

/// What is needed to check a password, by the folded username.
pub(crate) async fn credentials(tx: &mut Tx, key: &str) -> Result<Option<Credentials>, DbError> {
    tx.maybe(
        sql!(
            "select id, username, name, place, status, password, password_until, must_change_password \
             from identity_accounts where username_key = $1"
        ),
        &[key.into()],
    )
    .await
}

/// Accounts of the held places whose name or username contains `text` (folded), by name.
pub(crate) async fn list_accounts(
    tx: &mut Tx,
    held: &HeldPlaces,
    text: &str,
    limit: usize,
    offset: usize,
) -> Result<Vec<Account>, DbError> {
    tx.all(
        sql!(within_held_places!(
            "select a.id, a.username, a.name, a.place, a.status, a.must_change_password, a.password_until, \
             a.created_at from identity_accounts a \
             where exists (select 1 from held where a.place >= held.low and a.place < held.high) \
             and a.search like $17 order by a.name_sort, a.id limit $18 offset $19"
        )),
        &held.with([contains(text), limit.into(), offset.into()]),
    )
    .await
}

/// How many accounts [`list_accounts`] has in all.
pub(crate) async fn count_accounts(
    tx: &mut Tx,
    held: &HeldPlaces,
    text: &str,
) -> Result<usize, DbError> {
    let count: i64 = tx
        .one(
            sql!(within_held_places!(
                "select cast(count(*) as bigint) as value from identity_accounts a \
                 where exists (select 1 from held where a.place >= held.low and a.place < held.high) \
                 and a.search like $17"
            )),
            &held.with([contains(text)]),
        )
        .await?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// A pattern for folded columns: folding leaves no `%` and no `_` behind.
pub(super) fn contains(text: &str) -> Value {
    format!("%{}%", kernel::text::fold(text)).into()
}

/// Replaces the password.
pub(crate) async fn set_password(
    tx: &mut Tx,
    id: &AccountId,
    password: &str,
    until: Option<Timestamp>,
) -> Result<(), DbError> {
    tx.run(
        sql!(
            "update identity_accounts set password = $2, password_set_at = $3, password_until = $4, \
             must_change_password = $5 where id = $1"
        ),
        &[id.into(), password.into(), tx.now().into(), until.into(), until.is_some().into()],
    )
    .await?;
    Ok(())
}

/// Opens or closes an account.
pub(crate) async fn set_status(tx: &mut Tx, id: &AccountId, status: Status) -> Result<(), DbError> {
    tx.run(
        sql!("update identity_accounts set status = $2 where id = $1"),
        &[id.into(), status.as_str().into()],
    )
    .await?;
    Ok(())
}

/// True once the first administrator has been made, also when that account is closed today.
pub(crate) async fn there_was_a_first(tx: &mut Tx) -> Result<bool, DbError> {
    let id: Option<String> =
        tx.maybe(sql!("select id as value from identity_first where id = 'first'"), &[]).await?;
    Ok(id.is_some())
}

/// Marks that the first administrator exists; a second time is [`DbError::Duplicate`].
pub(crate) async fn mark_first(tx: &mut Tx, id: &AccountId) -> Result<(), DbError> {
    tx.run(
        sql!("insert into identity_first (id, account, at) values ('first', $1, $2)"),
        &[id.into(), tx.now().into()],
    )
    .await?;
    Ok(())
}

/// Marks that there is an administrator, unless that is known already.
pub(crate) async fn note_first(tx: &mut Tx, id: &AccountId) -> Result<(), DbError> {
    tx.run(
        sql!(
            "insert into identity_first (id, account, at) values ('first', $1, $2) on conflict (id) do nothing"
        ),
        &[id.into(), tx.now().into()],
    )
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use kernel::{
        caller::{Caller, Grant, Person},
        clock::{Day, Timestamp},
    };
    use proptest::{
        prelude::*,
        strategy::ValueTree,
        test_runner::{Config, TestRunner},
    };

    use super::*;
    use crate::{
        actions::{MANAGE_ACCOUNTS, READ_AUDIT},
        model::role,
        store::{AuditFilter, NewAudit, append, list_audit},
    };

    /// Ids that are prefixes of each other, which careless prefix tests confuse.
    fn places() -> impl Strategy<Value = ScopePath> {
        let id = prop::sample::select(vec!["1", "19", "19.2025", "1_", "vn", "0", "-", "@"]);
        prop::collection::vec(id, 0..5)
            .prop_map(|ids| ids.iter().fold(ScopePath::root(), |path, id| path.child(id)))
    }

    fn grants() -> impl Strategy<Value = Vec<Grant>> {
        let held = (places(), any::<bool>(), -2_i32..2, -1_i32..3);
        prop::collection::vec(held, 0..PLACES_MAX + 1).prop_map(|all| {
            let today = Timestamp::from_millis(1_795_330_800_000).day();
            let grant =
                |(scope, is_administrator, from, until): (ScopePath, bool, i32, i32)| Grant {
                    role: if is_administrator { role::ADMINISTRATOR } else { role::EDITOR }
                        .to_owned(),
                    scope,
                    from: today.plus_days(from),
                    until: if until == 2 { Day::FOREVER } else { today.plus_days(until) },
                };
            all.into_iter().map(grant).collect()
        })
    }

    testkit::on_both_engines! {
        async fn lists_show_exactly_what_one_may(builder: KitBuilder) {
            let kit = builder.with([crate::module()]).start().await;
            let mut runner = TestRunner::deterministic();
            let some = prop::collection::vec(places(), 60);
            let placed = some.new_tree(&mut runner).expect("places").current();
            kit.db()
                .change(async |tx| {
                    for (index, place) in placed.iter().enumerate() {
                        let name = format!("nguoi{index:02}");
                        let account = Account {
                            id: tx.new_id(),
                            username: name.clone(),
                            name: name.clone(),
                            place: place.clone(),
                            status: Status::Active,
                            must_change_password: false,
                            password_until: None,
                            created_at: tx.now(),
                        };
                        insert_account(tx, &account, &name, "", "system").await?;
                        let line = NewAudit {
                            account: account.id.as_str(),
                            name: &name,
                            action: "test.did",
                            subject: "",
                            detail: "",
                            address: None,
                        };
                        append(tx, &line).await?;
                    }
                    Ok(())
                })
                .await
                .expect("people are placed");
            let cases = Config::default().cases.min(150);
            for _ in 0..cases {
                let grants = grants().new_tree(&mut runner).expect("grants").current();
                let person = Person { id: "a".to_owned(), name: "A".to_owned() };
                let caller = Caller::person(person, grants, kit.app.now());
                check(&kit, &caller, &placed).await;
            }
        }
    }

    async fn check(kit: &testkit::Kit, caller: &Caller, placed: &[ScopePath]) {
        let accounts = HeldPlaces::of(caller.scopes_for(&MANAGE_ACCOUNTS));
        let lines = HeldPlaces::of(caller.scopes_for(&READ_AUDIT));
        let (listed, count, logged) = kit
            .db()
            .view(async |tx| {
                let listed = list_accounts(tx, &accounts, "", 100, 0).await?;
                let count = count_accounts(tx, &accounts, "").await?;
                let logged = list_audit(tx, &lines, &AuditFilter::default(), 100, 0).await?;
                Ok((listed, count, logged))
            })
            .await
            .expect("the lists are read");
        let expected = |permission| -> Vec<String> {
            let mine = placed.iter().enumerate().filter(|(_, place)| caller.may(permission, place));
            mine.map(|(index, _)| format!("nguoi{index:02}")).collect()
        };
        let mut names: Vec<String> = listed.iter().map(|account| account.name.clone()).collect();
        names.sort();
        assert_eq!(names, expected(&MANAGE_ACCOUNTS), "{:?}", caller.grants().collect::<Vec<_>>());
        assert_eq!(count, names.len());
        let mut names: Vec<String> = logged.into_iter().map(|line| line.name).collect();
        names.sort();
        assert_eq!(names, expected(&READ_AUDIT));
    }
}
