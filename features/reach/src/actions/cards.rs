//! Personal cards: given out, found again by their code, revoked.

use identity::audit;
use kernel::{
    caller::Caller,
    db::{Db, Tx},
    problem::{OrMissing, Outcome},
    scope::ScopePath,
};

use super::{CARD_REVOKED, KEEP_ROSTER, NO_CONSENT, PERSON_ENDED, PERSON_NOT_FOUND};
use crate::{
    model::{
        Place,
        card::CardCode,
        person::{CONSENT_RECEIPTS, PersonId, initials},
    },
    store::{cards, people},
};

/// Who holds a card, as far as a kiosk may know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The person's entry on this node.
    pub person: PersonId,
    /// Their number in the commune.
    pub serial: u32,
    /// The commune's id.
    pub commune: String,
    /// The village's id.
    pub village: String,
    /// The village's path.
    pub path: ScopePath,
    /// `H. V. P.`: enough to see that it is one's own card.
    pub display_initials: String,
}

/// A card that was just given out. The code is nowhere else: what is not printed now is lost.
#[derive(Debug)]
pub struct IssuedCard {
    /// What the picture holds.
    pub code: CardCode,
    /// The number printed on it, e.g. `01969-0012-2`.
    pub number: String,
    /// The holder's name.
    pub name: String,
    /// The holder's village.
    pub village: String,
    /// The holder's commune.
    pub commune: String,
}

/// Whose card this is; `None` for a code that was never given out here, 410 when it holds no more.
pub async fn card_holder(tx: &mut Tx, code: &str) -> Outcome<Option<Holder>> {
    let Some(code) = CardCode::read(code) else { return Ok(None) };
    let Some(card) = cards::card_by_hash(tx, &code.hash()).await? else { return Ok(None) };
    if card.revoked_at.is_some() {
        return Err((&CARD_REVOKED).into());
    }
    let person = people::find(tx, &card.person).await?.or_missing(&PERSON_NOT_FOUND)?;
    if person.until_day <= tx.now().day() {
        return Err((&CARD_REVOKED).into());
    }
    Ok(Some(Holder {
        person: person.id,
        serial: person.serial,
        commune: person.commune,
        village: person.village,
        path: person.path,
        display_initials: initials(&person.name),
    }))
}

/// Gives out a card; one that was given out before is revoked.
pub async fn issue_card(db: &Db, caller: &Caller, id: &PersonId) -> Outcome<IssuedCard> {
    db.change(async |tx| {
        let person = people::find(tx, id).await?.or_missing(&PERSON_NOT_FOUND)?;
        caller.must(&KEEP_ROSTER, &person.path)?;
        if person.until_day <= tx.now().day() {
            return Err((&PERSON_ENDED).into());
        }
        super::roster::must_be_kept_here(tx, &person.commune, person.serial).await?;
        let consents = cards::consents(tx, id).await?;
        if !consents.iter().any(|one| one.purpose == CONSENT_RECEIPTS && one.withdrawn_on.is_none())
        {
            return Err((&NO_CONSENT).into());
        }
        cards::revoke_cards(tx, id, "reissued").await?;
        let nth = cards::cards(tx, id).await?.len() + 1;
        // The commune's code without its frame's year, the serial, and which card of this person it is.
        let code = person.commune.split('.').next().unwrap_or(&person.commune);
        let number = format!("{code}-{:04}-{nth}", person.serial);
        let number = super::handover::free_number(tx, &number, &person.commune).await?;
        let drawn = CardCode::draw(tx.chance());
        cards::insert_card(tx, &tx.new_id(), id, &number, &drawn.hash()).await?;
        audit(tx, caller, "reach.card.issued", id.as_str(), &number).await?;
        let named =
            |area: Option<areas::Area>| area.map_or_else(String::new, |area| area.full_name);
        let village = named(area(tx, &person.village).await?);
        let commune = named(area(tx, &Place::of(&person.path).commune).await?);
        Ok(IssuedCard { code: drawn, number, name: person.name, village, commune })
    })
    .await
}

async fn area(tx: &mut Tx, id: &str) -> Outcome<Option<areas::Area>> {
    match areas::AreaId::parse(id) {
        Some(id) => Ok(areas::find(tx, &id).await?),
        None => Ok(None),
    }
}

/// Revokes whatever card a person holds: lost, stolen, or handed back. Gives how many were revoked.
pub async fn revoke_card(db: &Db, caller: &Caller, id: &PersonId) -> Outcome<u64> {
    db.change(async |tx| {
        let person = people::find(tx, id).await?.or_missing(&PERSON_NOT_FOUND)?;
        caller.must(&KEEP_ROSTER, &person.path)?;
        let revoked = cards::revoke_cards(tx, id, "lost").await?;
        audit(tx, caller, "reach.card.revoked", id.as_str(), "lost").await?;
        Ok(revoked)
    })
    .await
}
