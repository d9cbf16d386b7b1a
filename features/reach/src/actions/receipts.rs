//! Receipts from the phone page and the kiosk: by card, or by a finger that nobody knows.

use areas::AreaId;
use kernel::{
    app::NodeRole,
    caller::Caller,
    clock::Timestamp,
    db::{Db, Tx},
    problem::{OrMissing, Outcome, TOO_MANY},
    scope::ScopePath,
};

use super::{
    CARD_UNKNOWN, KEEP_ROSTER, NO_CONSENT, PUBLICATION_NOT_FOUND, RUNG_REFUSED,
    cards::{Holder, card_holder},
    evidence::{apply_receipt, person_actor, plausible},
    succession::register,
};
use crate::{
    model::{Channel, Place, Rung, person::CONSENT_RECEIPTS},
    records,
    store::{
        cards,
        evidence::{self, ReceiptRow},
        handover, people, publications,
    },
};

/// Anonymous receipts that one publication takes in a minute: a full kiosk queue stays far below it.
const PER_MINUTE: i64 = 240;
/// Two taps on one device within this time are one tap.
const SAME_TAP_MS: i64 = 20_000;

/// Something that somebody did with a publication.
#[derive(Clone, Debug)]
pub struct NewReceipt {
    /// The publication's id.
    pub publication: String,
    /// Its version.
    pub version: u32,
    /// How far.
    pub rung: Rung,
    /// By which way.
    pub channel: Channel,
    /// The person's serial, for a caller who may speak for the roster; `None` for a phone or a tap.
    pub person: Option<u32>,
    /// The village, when it is known.
    pub village: Option<AreaId>,
    /// The place of the node, when the village is not known.
    pub place: Option<ScopePath>,
    /// The language in which it was heard or read.
    pub language: String,
    /// When.
    pub at: Timestamp,
    /// The anonymous visitor token of the device.
    pub visitor: Option<String>,
}

/// What a card's confirmation came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmed {
    /// Who holds the card, as the kiosk may say it.
    pub holder: Holder,
    /// True when it had been confirmed before; nothing was counted twice.
    pub already: bool,
}

/// Takes in a receipt. Phones and taps need no account; a device's second tap changes nothing.
///
/// Gives whether it was new. A person may be named only by who keeps the roster there (401/403).
pub async fn record(
    tx: &mut Tx,
    role: NodeRole,
    caller: &Caller,
    new: NewReceipt,
) -> Outcome<bool> {
    publications::publication(tx, &new.publication, new.version)
        .await?
        .or_missing(&PUBLICATION_NOT_FOUND)?;
    let mut place = new.place.clone().unwrap_or_else(|| ScopePath::root().child("vn"));
    if let Some(village) = &new.village {
        place = areas::find(tx, village).await?.or_missing(&areas::NOT_FOUND)?.path;
    }
    let commune = register(tx, &Place::of(&place).commune_path()).await?;
    let at = plausible(new.at, tx.now());
    let (actor, channel) = match new.person {
        Some(serial) => {
            caller.must(&KEEP_ROSTER, &place)?;
            people::entry(tx, &commune, serial).await?.or_missing(&super::PERSON_NOT_FOUND)?;
            (person_actor(&commune, serial), new.channel)
        }
        None => (anonymous(tx, &new, at).await?, new.channel),
    };
    let row = ReceiptRow {
        publication: new.publication,
        version: new.version,
        actor,
        rung: new.rung,
        source: String::new(),
        channel,
        commune,
        serial: new.person,
        place,
        language: language(&new.language),
        at,
    };
    store_and_tell(tx, role, &row).await
}

/// The device behind an anonymous receipt, as a mark that leads nowhere else: another publication
/// gives the same device another mark.
async fn anonymous(tx: &mut Tx, new: &NewReceipt, at: Timestamp) -> Outcome<String> {
    let provable =
        Rung::CLIMBED.contains(&new.rung) || matches!(new.rung, Rung::Asked | Rung::Understood);
    if !provable || !matches!(new.channel, Channel::Tap | Channel::Phone) {
        return Err((&RUNG_REFUSED).into());
    }
    let since = tx.now().plus_seconds(-60);
    if evidence::anonymous_since(tx, &new.publication, since).await? >= PER_MINUTE {
        return Err((&TOO_MANY).into());
    }
    let token = new.visitor.clone().unwrap_or_else(|| tx.chance().token());
    let mut slot = 0;
    if new.channel == Channel::Tap {
        // One kiosk serves many people: only a tap repeated at once is the same tap.
        slot = at.millis().div_euclid(SAME_TAP_MS);
    }
    let told = format!("{}\n{}\n{token}\n{slot}", new.publication, new.version);
    let mark = blake3::derive_key("nhipcau 2026 anonymous receipt", told.as_bytes());
    let letter = if new.channel == Channel::Tap { 't' } else { 'v' };
    Ok(format!("{letter}:{}", kernel::chance::hex(&mark[..12])))
}

fn language(tag: &str) -> String {
    let fits = (2..=12).contains(&tag.len()) && kernel::ids::is_well_formed(tag);
    if fits { tag.to_owned() } else { "vi".to_owned() }
}

async fn store_and_tell(tx: &mut Tx, role: NodeRole, row: &ReceiptRow) -> Outcome<bool> {
    let fresh = apply_receipt(tx, row).await?;
    if fresh && role == NodeRole::Point {
        let taken = row.serial.is_some() && handover::is_taken(tx, &row.commune).await?;
        tx.emit_up(records::RECEIPT, records::receipts::Receipt::of(row, taken).encode()).await?;
    }
    Ok(fresh)
}

/// A person confirms with their card that they heard and understood: the rung `confirmed`.
///
/// 404 for a card nobody gave out here, 410 for a revoked one, 409 without the holder's consent.
pub async fn confirm_by_card(
    db: &Db,
    role: NodeRole,
    card_code: &str,
    publication: &str,
    version: u32,
    language: &str,
) -> Outcome<Confirmed> {
    climb_by_card(db, role, card_code, publication, version, Rung::Confirmed, language).await
}

/// The one question of the sample, answered by a card's holder.
pub async fn answer_by_card(
    db: &Db,
    role: NodeRole,
    card_code: &str,
    publication: &str,
    version: u32,
    rightly: bool,
) -> Outcome<Confirmed> {
    let rung = if rightly { Rung::Understood } else { Rung::Asked };
    climb_by_card(db, role, card_code, publication, version, rung, "vi").await
}

/// A card's holder reaches a rung at the kiosk.
pub async fn climb_by_card(
    db: &Db,
    role: NodeRole,
    card_code: &str,
    publication: &str,
    version: u32,
    rung: Rung,
    spoken: &str,
) -> Outcome<Confirmed> {
    let provable = Rung::CLIMBED.contains(&rung) || matches!(rung, Rung::Asked | Rung::Understood);
    if !provable {
        return Err((&RUNG_REFUSED).into());
    }
    db.change(async |tx| {
        let holder = card_holder(tx, card_code).await?.or_missing(&CARD_UNKNOWN)?;
        publications::publication(tx, publication, version)
            .await?
            .or_missing(&PUBLICATION_NOT_FOUND)?;
        let consents = cards::consents(tx, &holder.person).await?;
        if !consents.iter().any(|one| one.purpose == CONSENT_RECEIPTS && one.withdrawn_on.is_none())
        {
            return Err((&NO_CONSENT).into());
        }
        let row = ReceiptRow {
            publication: publication.to_owned(),
            version,
            actor: person_actor(&holder.commune, holder.serial),
            rung,
            source: String::new(),
            channel: Channel::Card,
            commune: holder.commune.clone(),
            serial: Some(holder.serial),
            place: holder.path.clone(),
            language: language(spoken),
            at: tx.now(),
        };
        let fresh = store_and_tell(tx, role, &row).await?;
        Ok(Confirmed { holder, already: !fresh })
    })
    .await
}
