//! Statements about registers that pass from one point to another.

use kernel::{
    clock::{Day, Timestamp},
    db::{DbError, Tx},
    row_struct,
    scope::ScopePath,
    sql, text,
};

use super::people::Entry;
use crate::model::{
    handed::{HandedCard, HandedPerson},
    person::{CardId, PersonId},
};

row_struct! {
    struct PersonRow {
        id: PersonId,
        register: String,
        serial: u32,
        village: String,
        from_day: Day,
        until_day: Day,
        name: String,
        gender: Option<String>,
        birth_year: Option<i64>,
        ethnic_group: Option<String>,
        standing: Option<String>,
        languages: String,
        reads_vietnamese: bool,
        phone: Option<String>,
        end_reason: Option<String>,
        path: ScopePath,
        hand: u32,
        given: bool,
    }
    /// The last time that the keeping of an entry has passed to or from this node.
    pub struct Passed {
        pub way: String,
        pub node: String,
    }
    /// A person of this node, by number.
    pub struct Numbered {
        pub id: PersonId,
        pub register: String,
        pub serial: u32,
        pub hand: u32,
    }
    struct ConsentRow {
        person: PersonId,
        purpose: String,
        given_on: Day,
        withdrawn_on: Option<Day>,
    }
    struct CardRow {
        person: PersonId,
        id: CardId,
        number: String,
        code_hash: String,
        issued_at: Timestamp,
        revoked_at: Option<Timestamp>,
        revoked_why: Option<String>,
    }
}

impl Passed {
    /// True when another node keeps the entry now.
    pub fn is_given(&self) -> bool {
        self.way == GIVEN
    }
}

const GIVEN: &str = "given";
const TAKEN: &str = "taken";

/// Somebody who may pass on.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Everything about them.
    pub person: HandedPerson,
    /// Where they live.
    pub path: ScopePath,
    /// True when they were given to the same node before: the file is only made anew.
    pub given: bool,
}

/// The registers that this node keeps, its own and those it has taken.
pub async fn kept(tx: &mut Tx) -> Result<Vec<String>, DbError> {
    tx.all(
        sql!(
            "select commune as value from reach_roster where origin = '' \
              union select register as value from reach_taken order by value"
        ),
        &[],
    )
    .await
}

/// True when this node has given a register to another.
pub async fn is_given(tx: &mut Tx, register: &str) -> Result<bool, DbError> {
    let at: Option<i64> = tx
        .maybe(sql!("select at as value from reach_given where register = $1"), &[register.into()])
        .await?;
    Ok(at.is_some())
}

/// True when this node goes on with a register that another began.
pub async fn is_taken(tx: &mut Tx, register: &str) -> Result<bool, DbError> {
    let at: Option<i64> = tx
        .maybe(sql!("select at as value from reach_taken where register = $1"), &[register.into()])
        .await?;
    Ok(at.is_some())
}

/// When this node gave something to another last; none when it never did.
pub async fn given_at(tx: &mut Tx, node: &str) -> Result<Option<Timestamp>, DbError> {
    let at: Option<i64> = tx
        .maybe(
            sql!(
                "select at as value from reach_passed where way = 'given' and node = $1 \
                  union select at as value from reach_given where successor = $1 order by value desc limit 1"
            ),
            &[node.into()],
        )
        .await?;
    Ok(at.map(Timestamp::from_millis))
}

/// Registers that were given to a node go on here again.
pub async fn reopen(tx: &mut Tx, node: &str) -> Result<(), DbError> {
    tx.run(sql!("delete from reach_given where successor = $1"), &[node.into()]).await?;
    Ok(())
}

/// The last time that the keeping of an entry has passed to or from this node.
pub async fn passed(tx: &mut Tx, register: &str, serial: u32) -> Result<Option<Passed>, DbError> {
    tx.maybe(
        sql!("select way, node from reach_passed where register = $1 and serial = $2"),
        &[register.into(), serial.into()],
    )
    .await
}

/// The ids of everybody whose keeping this node ever took or gave.
pub async fn ever_passed(tx: &mut Tx) -> Result<Vec<String>, DbError> {
    tx.all(
        sql!(
            "select p.id as value from reach_passed d join reach_people p \
              on p.commune = d.register and p.serial = d.serial order by p.id"
        ),
        &[],
    )
    .await
}

/// Everybody who was given to a node.
pub async fn given_to(tx: &mut Tx, node: &str) -> Result<Vec<Numbered>, DbError> {
    tx.all(
        sql!(
            "select p.id, p.commune as register, p.serial, r.hand from reach_passed d \
              join reach_people p on p.commune = d.register and p.serial = d.serial \
              join reach_roster r on r.commune = p.commune and r.serial = p.serial \
              where d.way = 'given' and d.node = $1 order by p.commune, p.serial"
        ),
        &[node.into()],
    )
    .await
}

/// Notes that the keeping of an entry has passed to a node, with the count that it has from then on.
pub async fn note_passed_to(
    tx: &mut Tx,
    register: &str,
    serial: u32,
    hand: u32,
    node: &str,
) -> Result<(), DbError> {
    tx.run(
        sql!("update reach_roster set hand = $3 where commune = $1 and serial = $2"),
        &[register.into(), serial.into(), hand.into()],
    )
    .await?;
    note_passed(tx, register, serial, GIVEN, node).await
}

/// Notes that the keeping of an entry has passed to this node.
pub async fn note_passed_from(
    tx: &mut Tx,
    register: &str,
    serial: u32,
    node: &str,
) -> Result<(), DbError> {
    note_passed(tx, register, serial, TAKEN, node).await
}

async fn note_passed(
    tx: &mut Tx,
    register: &str,
    serial: u32,
    way: &str,
    node: &str,
) -> Result<(), DbError> {
    tx.run(
        sql!(
            "insert into reach_passed (register, serial, way, node, at) values ($1, $2, $3, $4, $5) \
              on conflict (register, serial) do update set way = excluded.way, node = excluded.node, at = excluded.at"
        ),
        &[register.into(), serial.into(), way.into(), node.into(), tx.now().into()],
    )
    .await?;
    Ok(())
}

/// Somebody here by their id.
pub async fn find_person(tx: &mut Tx, id: &PersonId) -> Result<Option<Numbered>, DbError> {
    tx.maybe(
        sql!(
            "select p.id, p.commune as register, p.serial, r.hand from reach_people p \
              join reach_roster r on r.commune = p.commune and r.serial = p.serial where p.id = $1"
        ),
        &[id.into()],
    )
    .await
}

/// True when this node numbers people in a register itself.
pub async fn is_own(tx: &mut Tx, register: &str) -> Result<bool, DbError> {
    let serial: Option<i64> = tx
        .maybe(
            sql!(
                "select serial as value from reach_roster where commune = $1 and origin = '' \
                  and commune not in (select register from reach_taken) limit 1"
            ),
            &[register.into()],
        )
        .await?;
    Ok(serial.is_some())
}

/// Notes that a register was given to another node.
pub async fn note_given(tx: &mut Tx, register: &str, successor: &str) -> Result<(), DbError> {
    tx.run(
        sql!(
            "insert into reach_given (register, successor, at) values ($1, $2, $3) \
              on conflict (register) do update set successor = excluded.successor, at = excluded.at"
        ),
        &[register.into(), successor.into(), tx.now().into()],
    )
    .await?;
    Ok(())
}

/// Notes that this node goes on with a register; false when it did already.
pub async fn note_taken(tx: &mut Tx, register: &str, predecessor: &str) -> Result<bool, DbError> {
    let fresh = tx
        .run(
            sql!("insert into reach_taken (register, predecessor, at) values ($1, $2, $3) on conflict (register) do nothing"),
            &[register.into(), predecessor.into(), tx.now().into()],
        )
        .await?;
    Ok(fresh == 1)
}

/// Everybody whom this node keeps and may give to another, with what they agreed to and the cards they hold;
/// those among them whom it has given to the same node already.
pub async fn everybody(tx: &mut Tx, to: &str) -> Result<Vec<Kept>, DbError> {
    let rows: Vec<PersonRow> = tx
        .all(
            sql!("select p.id, p.commune as register, p.serial, r.village, r.from_day, r.until_day, p.name, p.gender, \
                  p.birth_year, p.ethnic_group, p.standing, p.languages, p.reads_vietnamese, p.phone, p.end_reason, \
                  r.path, r.hand, case when d.way = 'given' then true else false end as given \
                  from reach_people p join reach_roster r on r.commune = p.commune and r.serial = p.serial \
                  left join reach_passed d on d.register = p.commune and d.serial = p.serial \
                  where r.origin = '' and (d.way is null or d.way = 'taken' or d.node = $1) \
                  order by p.commune, p.serial"),
            &[to.into()],
        )
        .await?;
    let consents: Vec<ConsentRow> = tx
        .all(
            sql!("select person, purpose, given_on, withdrawn_on from reach_consents order by person, purpose"),
            &[],
        )
        .await?;
    let cards: Vec<CardRow> = tx
        .all(
            sql!("select person, id, number, code_hash, issued_at, revoked_at, revoked_why from reach_cards \
                  order by person, issued_at, id"),
            &[],
        )
        .await?;
    let person = |row: PersonRow| {
        let mine = consents.iter().filter(|consent| consent.person == row.id);
        let consents = mine
            .map(|one| {
                let withdrawn = one.withdrawn_on.map(Day::iso);
                (one.purpose.clone(), one.given_on.iso(), withdrawn)
            })
            .collect();
        let mine = cards.iter().filter(|card| card.person == row.id);
        let cards = mine
            .map(|card| HandedCard {
                id: card.id.as_str().to_owned(),
                number: card.number.clone(),
                code_hash: card.code_hash.clone(),
                issued_at: card.issued_at.millis(),
                revoked_at: card.revoked_at.map(Timestamp::millis),
                revoked_why: card.revoked_why.clone(),
            })
            .collect();
        let person = HandedPerson {
            id: row.id.as_str().to_owned(),
            register: row.register,
            serial: row.serial,
            hand: if row.given { row.hand } else { row.hand + 1 },
            village: row.village,
            from: row.from_day.iso(),
            until: row.until_day.iso(),
            name: row.name,
            gender: row.gender,
            birth_year: row.birth_year,
            ethnic_group: row.ethnic_group,
            standing: row.standing,
            languages: row.languages.split_whitespace().map(str::to_owned).collect(),
            reads_vietnamese: row.reads_vietnamese,
            phone: row.phone,
            end_reason: row.end_reason,
            consents,
            cards,
        };
        Kept { person, path: row.path, given: row.given }
    };
    Ok(rows.into_iter().map(person).collect())
}

/// True when this node knows the person behind a number.
pub async fn knows(tx: &mut Tx, register: &str, serial: u32) -> Result<bool, DbError> {
    let id: Option<String> = tx
        .maybe(
            sql!("select id as value from reach_people where commune = $1 and serial = $2"),
            &[register.into(), serial.into()],
        )
        .await?;
    Ok(id.is_some())
}

/// Writes an entry that this node keeps from now on, whoever kept it.
pub async fn keep_here(tx: &mut Tx, entry: &Entry) -> Result<(), DbError> {
    tx.run(
        sql!("insert into reach_roster (commune, serial, village, path, from_day, until_day, origin, hand) \
              values ($1, $2, $3, $4, $5, $6, '', $7) on conflict (commune, serial) do update \
              set village = excluded.village, path = excluded.path, from_day = excluded.from_day, \
              until_day = excluded.until_day, origin = '', hand = excluded.hand"),
        &[
            (&entry.commune).into(),
            entry.serial.into(),
            (&entry.village).into(),
            (&entry.path).into(),
            entry.from_day.into(),
            entry.until_day.into(),
            entry.hand.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Writes a person who came by hand, or came back with what was changed elsewhere; the entry must stand
/// already.
pub async fn put_person(
    tx: &mut Tx,
    id: &PersonId,
    entry: &Entry,
    person: &HandedPerson,
) -> Result<(), DbError> {
    let now = tx.now();
    tx.run(
        sql!("insert into reach_people (id, commune, serial, name, name_fold, name_sort, gender, birth_year, \
              ethnic_group, standing, languages, reads_vietnamese, phone, end_reason, created_at, changed_at) \
              values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15) \
              on conflict (id) do update set name = excluded.name, name_fold = excluded.name_fold, \
              name_sort = excluded.name_sort, gender = excluded.gender, birth_year = excluded.birth_year, \
              ethnic_group = excluded.ethnic_group, standing = excluded.standing, \
              languages = excluded.languages, reads_vietnamese = excluded.reads_vietnamese, \
              phone = excluded.phone, end_reason = excluded.end_reason, changed_at = excluded.changed_at"),
        &[
            id.into(),
            (&entry.commune).into(),
            entry.serial.into(),
            (&person.name).into(),
            text::fold(&person.name).into(),
            text::sort_key(&person.name).into(),
            person.gender.clone().into(),
            person.birth_year.into(),
            person.agreed_ethnic_group().map(str::to_owned).into(),
            person.standing.clone().into(),
            person.languages.join(" ").into(),
            person.reads_vietnamese.into(),
            person.phone.clone().into(),
            person.end_reason.clone().into(),
            now.into(),
        ],
    )
    .await?;
    for (purpose, given, withdrawn) in &person.consents {
        tx.run(
            sql!("insert into reach_consents (person, purpose, given_on, withdrawn_on) values ($1, $2, $3, $4) \
                  on conflict (person, purpose) do update set given_on = excluded.given_on, \
                  withdrawn_on = excluded.withdrawn_on"),
            &[
                id.into(),
                purpose.into(),
                Day::parse(given).unwrap_or(Day::FOREVER).into(),
                withdrawn.as_deref().and_then(Day::parse).into(),
            ],
        )
        .await?;
    }
    Ok(())
}

/// Writes a card that came by hand.
pub async fn insert_card(
    tx: &mut Tx,
    id: &CardId,
    person: &PersonId,
    number: &str,
    card: &HandedCard,
) -> Result<(), DbError> {
    tx.run(
        sql!("insert into reach_cards (id, person, number, code_hash, issued_at, revoked_at, revoked_why) \
              values ($1, $2, $3, $4, $5, $6, $7)"),
        &[
            id.into(),
            person.into(),
            number.into(),
            (&card.code_hash).into(),
            Timestamp::from_millis(card.issued_at).into(),
            card.revoked_at.map(Timestamp::from_millis).into(),
            card.revoked_why.clone().into(),
        ],
    )
    .await?;
    Ok(())
}

/// A card that is known here was revoked elsewhere; one that was revoked here stays so.
pub async fn revoke_known(tx: &mut Tx, card: &HandedCard) -> Result<(), DbError> {
    tx.run(
        sql!(
            "update reach_cards set revoked_at = $2, revoked_why = $3 \
              where code_hash = $1 and revoked_at is null"
        ),
        &[
            (&card.code_hash).into(),
            card.revoked_at.map(Timestamp::from_millis).into(),
            card.revoked_why.clone().into(),
        ],
    )
    .await?;
    Ok(())
}

/// True when a card with this printed number, id or code is known here already.
pub async fn card_is_known(tx: &mut Tx, card: &HandedCard) -> Result<bool, DbError> {
    let id: Option<String> = tx
        .maybe(
            sql!("select id as value from reach_cards where id = $1 or code_hash = $2 limit 1"),
            &[(&card.id).into(), (&card.code_hash).into()],
        )
        .await?;
    Ok(id.is_some())
}

/// True when a number is printed on a card that is known here.
pub async fn number_is_used(tx: &mut Tx, number: &str) -> Result<bool, DbError> {
    let id: Option<String> = tx
        .maybe(sql!("select id as value from reach_cards where number = $1"), &[number.into()])
        .await?;
    Ok(id.is_some())
}

/// The path of an entry of a village that stands here; none when nobody told of it.
pub async fn lies_at(
    tx: &mut Tx,
    register: &str,
    serial: u32,
    village: &str,
) -> Result<Option<ScopePath>, DbError> {
    let path: Option<String> = tx
        .maybe(
            sql!("select path as value from reach_roster where commune = $1 and serial = $2 and village = $3"),
            &[register.into(), serial.into(), village.into()],
        )
        .await?;
    Ok(path.as_deref().and_then(ScopePath::parse))
}
