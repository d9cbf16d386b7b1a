//! What persons agreed to, and the cards they hold.

use kernel::{
    clock::{Day, Timestamp},
    db::{DbError, Tx},
    row_struct, sql,
};

use crate::model::person::{CardId, PersonId};

row_struct! {
    /// A consent as it stands.
    #[derive(Clone, Debug)]
    pub struct Consent {
        pub purpose: String,
        pub given_on: Day,
        pub withdrawn_on: Option<Day>,
    }

    /// A card as it stands.
    #[derive(Clone, Debug)]
    pub struct Card {
        pub id: CardId,
        pub person: PersonId,
        pub number: String,
        pub issued_at: Timestamp,
        pub revoked_at: Option<Timestamp>,
        pub revoked_why: Option<String>,
    }
}

/// The consents of a person.
pub async fn consents(tx: &mut Tx, id: &PersonId) -> Result<Vec<Consent>, DbError> {
    tx.all(
        sql!("select purpose, given_on, withdrawn_on from reach_consents where person = $1 order by purpose"),
        &[id.into()],
    )
    .await
}

/// Notes a consent given again or for the first time.
pub async fn give_consent(tx: &mut Tx, id: &PersonId, purpose: &str) -> Result<(), DbError> {
    let today = tx.now().day();
    tx.run(
        sql!("insert into reach_consents (person, purpose, given_on, withdrawn_on) values ($1, $2, $3, null) \
              on conflict (person, purpose) do update set given_on = case when reach_consents.withdrawn_on is null \
              then reach_consents.given_on else excluded.given_on end, withdrawn_on = null"),
        &[id.into(), purpose.into(), today.into()],
    )
    .await?;
    Ok(())
}

/// Notes that a consent was withdrawn.
pub async fn withdraw_consent(tx: &mut Tx, id: &PersonId, purpose: &str) -> Result<(), DbError> {
    let today = tx.now().day();
    tx.run(
        sql!("update reach_consents set withdrawn_on = $3 where person = $1 and purpose = $2 and withdrawn_on is null"),
        &[id.into(), purpose.into(), today.into()],
    )
    .await?;
    Ok(())
}

/// The cards of a person, newest first.
pub async fn cards(tx: &mut Tx, id: &PersonId) -> Result<Vec<Card>, DbError> {
    tx.all(
        sql!("select id, person, number, issued_at, revoked_at, revoked_why from reach_cards where person = $1 \
              order by issued_at desc, id desc"),
        &[id.into()],
    )
    .await
}

/// The card with this hash, revoked or not.
pub async fn card_by_hash(tx: &mut Tx, hash: &str) -> Result<Option<Card>, DbError> {
    tx.maybe(
        sql!("select id, person, number, issued_at, revoked_at, revoked_why from reach_cards where code_hash = $1"),
        &[hash.into()],
    )
    .await
}

/// Notes a printed card.
pub async fn insert_card(
    tx: &mut Tx,
    id: &CardId,
    person: &PersonId,
    number: &str,
    hash: &str,
) -> Result<(), DbError> {
    tx.run(
        sql!("insert into reach_cards (id, person, number, code_hash, issued_at) values ($1, $2, $3, $4, $5)"),
        &[id.into(), person.into(), number.into(), hash.into(), tx.now().into()],
    )
    .await?;
    Ok(())
}

/// Revokes whatever card of the person still holds; gives how many did.
pub async fn revoke_cards(tx: &mut Tx, person: &PersonId, why: &str) -> Result<u64, DbError> {
    tx.run(
        sql!("update reach_cards set revoked_at = $2, revoked_why = $3 where person = $1 and revoked_at is null"),
        &[person.into(), tx.now().into(), why.into()],
    )
    .await
}
