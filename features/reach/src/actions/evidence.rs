//! How evidence moves the count: what an actor or a village was worth before, what it is worth now,
//! and the difference. Both sides are functions of the stored set, so order never matters.

use std::collections::BTreeMap;

use kernel::{
    clock::Timestamp,
    db::{DbError, Tx},
    scope::ScopePath,
};

use crate::{
    model::{
        Channel, DEVICE, Evidence, Numbered, OUTSIDE, PEOPLE, PRESTIGIOUS_PERSON, Place, Rung,
        SURPLUS, UNMEASURED, ladder, meeting::MeetingId, split_numbered, table::Count,
    },
    store::{
        counts,
        evidence::{self, Frozen, ReceiptRow},
        inspections::{self, InspectionRow},
        meetings::{self, MeetingRow},
        publications,
    },
};

/// The actor of a person: `p:<commune>:<serial>`.
pub fn person_actor(commune: &str, serial: u32) -> String {
    format!("p:{commune}:{serial}")
}

/// The reverse of [`person_actor`]; `None` for a device.
fn person_of(actor: &str) -> Option<Numbered> {
    let (register, serial) = actor.strip_prefix("p:")?.rsplit_once(':')?;
    Some(Numbered { register: register.to_owned(), serial: serial.parse().ok()? })
}

/// Which audience an actor counts for, and where.
struct Stand {
    audience: &'static str,
    place: Place,
}

/// Takes in one receipt; false when it was there already.
pub async fn apply_receipt(tx: &mut Tx, row: &ReceiptRow) -> Result<bool, DbError> {
    let counted = publications::publication(tx, &row.publication, row.version).await?.is_some();
    let before = worth(tx, row).await?;
    if !evidence::insert_receipt(tx, row).await? {
        return Ok(false);
    }
    if counted {
        let after = worth(tx, row).await?;
        let stand = stand(tx, row).await?;
        move_count(tx, &row.publication, row.version, &stand, &before, &after).await?;
    }
    Ok(true)
}

async fn worth(tx: &mut Tx, row: &ReceiptRow) -> Result<Vec<(Rung, Channel)>, DbError> {
    let all = evidence::evidence(tx, &row.publication, row.version, &row.actor).await?;
    Ok(credit_of(row.serial, &all))
}

fn credit_of(serial: Option<u32>, all: &[Evidence]) -> Vec<(Rung, Channel)> {
    if serial.is_some() { ladder::credit(all) } else { ladder::credit_device(all) }
}

async fn stand(tx: &mut Tx, row: &ReceiptRow) -> Result<Stand, DbError> {
    let Some(serial) = row.serial else {
        return Ok(Stand { audience: DEVICE, place: Place::of(&row.place) });
    };
    let here = Place::of(&row.place).commune;
    let numbered = Numbered { register: row.commune.clone(), serial };
    let frozen =
        evidence::frozen_person(tx, &row.publication, row.version, &numbered, &here).await?;
    Ok(frozen.map_or_else(|| outside(&row.place), |frozen| counted_at(&frozen.path)))
}

/// Counted among the prestigious persons of a village.
fn counted_at(path: &ScopePath) -> Stand {
    Stand { audience: PRESTIGIOUS_PERSON, place: Place::of(path) }
}

/// Recognised after the denominator was frozen: told for the commune, in no percentage.
fn outside(path: &ScopePath) -> Stand {
    Stand { audience: OUTSIDE, place: Place::of(&Place::of(path).commune_path()) }
}

async fn move_count(
    tx: &mut Tx,
    publication: &str,
    version: u32,
    stand: &Stand,
    before: &[(Rung, Channel)],
    after: &[(Rung, Channel)],
) -> Result<(), DbError> {
    let gone = before.iter().filter(|credit| !after.contains(credit)).map(|credit| (*credit, -1));
    let come = after.iter().filter(|credit| !before.contains(credit)).map(|credit| (*credit, 1));
    for ((rung, channel), people) in gone.chain(come).collect::<Vec<_>>() {
        let count = Count {
            place: stand.place.clone(),
            audience: stand.audience.to_owned(),
            rung: Some(rung),
            channel,
            people,
        };
        counts::bump(tx, publication, version, &count).await?;
    }
    Ok(())
}

/// Takes in a meeting: its head-count for the residents, its ticks for the prestigious persons.
/// False when it was there already.
pub async fn apply_meeting(
    tx: &mut Tx,
    row: &MeetingRow,
    items: &[(String, u32)],
) -> Result<bool, DbError> {
    let mut before = Vec::new();
    for (publication, version) in items {
        before.push(meetings::heads_in(tx, publication, *version, &row.village).await?);
    }
    if !meetings::insert(tx, row, items).await? {
        return Ok(false);
    }
    for ((publication, version), before) in items.iter().zip(before) {
        move_heads(tx, publication, *version, &row.village, &before).await?;
        for one in split_numbered(&row.serials, &row.commune) {
            apply_receipt(tx, &told(row, publication, *version, &one)).await?;
        }
    }
    Ok(true)
}

/// What a tick on a meeting's record says about a person.
fn told(row: &MeetingRow, publication: &str, version: u32, one: &Numbered) -> ReceiptRow {
    ReceiptRow {
        publication: publication.to_owned(),
        version,
        actor: person_actor(&one.register, one.serial),
        rung: Rung::Confirmed,
        source: row.id.as_str().to_owned(),
        channel: Channel::Meeting,
        commune: one.register.clone(),
        serial: Some(one.serial),
        place: row.path.clone(),
        language: row.language.clone(),
        at: row.held_on.start().plus_seconds(12 * 3600),
    }
}

/// Withdraws a meeting's record and everything that rested on it. False when it was withdrawn already.
pub async fn apply_void(tx: &mut Tx, row: &MeetingRow, why: &str) -> Result<bool, DbError> {
    let items = meetings::items(tx, &row.id).await?;
    let mut before = Vec::new();
    for item in &items {
        before.push(meetings::heads_in(tx, &item.publication, item.version, &row.village).await?);
    }
    if !meetings::void(tx, &row.id, why).await? {
        return Ok(false);
    }
    for (item, before) in items.iter().zip(before) {
        move_heads(tx, &item.publication, item.version, &row.village, &before).await?;
    }
    take_back(tx, row, &row.id).await?;
    Ok(true)
}

async fn take_back(tx: &mut Tx, row: &MeetingRow, id: &MeetingId) -> Result<(), DbError> {
    for (publication, version, actor) in evidence::told_at(tx, id.as_str()).await? {
        let Some(one) = person_of(&actor) else { continue };
        let probe = told(row, &publication, version, &one);
        let before = worth(tx, &probe).await?;
        evidence::remove_told(tx, &publication, version, &actor, id.as_str()).await?;
        if publications::publication(tx, &publication, version).await?.is_some() {
            let after = worth(tx, &probe).await?;
            let stand = stand(tx, &probe).await?;
            move_count(tx, &publication, version, &stand, &before, &after).await?;
        }
    }
    Ok(())
}

/// Takes in what an inspection found. False when it was there already.
pub async fn apply_inspection(tx: &mut Tx, row: &InspectionRow) -> Result<bool, DbError> {
    if !inspections::insert(tx, row).await? {
        return Ok(false);
    }
    move_sample(tx, row, 1).await?;
    Ok(true)
}

/// Withdraws an inspection's record and its figures. False when it was withdrawn already.
pub async fn apply_inspection_void(
    tx: &mut Tx,
    row: &InspectionRow,
    why: &str,
) -> Result<bool, DbError> {
    if !inspections::void(tx, &row.id, why).await? {
        return Ok(false);
    }
    move_sample(tx, row, -1).await?;
    Ok(true)
}

async fn move_sample(tx: &mut Tx, row: &InspectionRow, times: i64) -> Result<(), DbError> {
    if publications::publication(tx, &row.publication, row.version).await?.is_some() {
        for count in sample_counts(row) {
            let count = Count { people: count.people * times, ..count };
            counts::bump(tx, &row.publication, row.version, &count).await?;
        }
    }
    Ok(())
}

/// A sample stands for itself: those who knew among those who were asked. Several samples of one place are
/// added, for each was drawn anew.
fn sample_counts(row: &InspectionRow) -> [Count; 2] {
    let count = |rung, people| Count {
        place: Place::of(&row.path),
        audience: row.audience.clone(),
        rung: Some(rung),
        channel: Channel::Visit,
        people,
    };
    [count(Rung::Verified, row.knew), count(Rung::CalledBack, row.asked)]
}

async fn move_heads(
    tx: &mut Tx,
    publication: &str,
    version: u32,
    village: &str,
    before: &[i64],
) -> Result<(), DbError> {
    let Some(frozen) = evidence::frozen_people(tx, publication, version, village).await? else {
        return Ok(());
    };
    let after = meetings::heads_in(tx, publication, version, village).await?;
    let change = heads_worth(&frozen, &after).less(&heads_worth(&frozen, before));
    for count in heads_counts(&frozen, &change) {
        counts::bump(tx, publication, version, &count).await?;
    }
    Ok(())
}

/// What the meetings of a village are worth: persons in its denominator, and those beside it.
#[derive(Debug, PartialEq, Eq)]
struct Heads {
    /// Within the frozen number.
    within: i64,
    /// Of a village that nobody had counted.
    unmeasured: i64,
    /// Above the frozen number.
    surplus: i64,
}

impl Heads {
    fn less(&self, other: &Self) -> Self {
        Self {
            within: self.within - other.within,
            unmeasured: self.unmeasured - other.unmeasured,
            surplus: self.surplus - other.surplus,
        }
    }
}

/// What several meetings of one village prove together: nobody knows who sat in two of them, so it is
/// the largest, never the sum. Who is in no denominator is in no numerator either.
fn heads_worth(frozen: &Frozen, heads: &[i64]) -> Heads {
    let largest = heads.iter().copied().max().unwrap_or(0);
    match frozen.people {
        None => Heads { within: 0, unmeasured: largest, surplus: 0 },
        Some(people) => {
            Heads { within: largest.min(people), unmeasured: 0, surplus: (largest - people).max(0) }
        }
    }
}

/// Whoever sat in the meeting saw, heard and attested: every rung up to the confirmed one. What is told beside the
/// denominator is the same for all of them and stands on the last alone.
fn heads_counts(frozen: &Frozen, heads: &Heads) -> Vec<Count> {
    let place = Place::of(&frozen.path);
    let count = |audience: &str, rung, people| Count {
        place: place.clone(),
        audience: audience.to_owned(),
        rung: Some(rung),
        channel: Channel::Meeting,
        people,
    };
    let mut counts = Rung::CLIMBED.map(|rung| count(PEOPLE, rung, heads.within)).to_vec();
    counts.push(count(UNMEASURED, Rung::Confirmed, heads.unmeasured));
    counts.push(count(SURPLUS, Rung::Confirmed, heads.surplus));
    counts
}

/// The denominator itself, and what a point's having it is worth.
pub fn frozen_counts(frozen: &Frozen) -> Vec<Count> {
    let place = Place::of(&frozen.path);
    let count = |rung, people| Count {
        place: place.clone(),
        audience: frozen.audience.clone(),
        rung,
        channel: Channel::Node,
        people,
    };
    match frozen.people {
        None => vec![count(None, 1)],
        Some(people) if frozen.on_node_at.is_some() => {
            vec![count(Some(Rung::Published), people), count(Some(Rung::OnNode), people)]
        }
        Some(people) => vec![count(Some(Rung::Published), people)],
    }
}

/// Everything that a version's count must be, from the evidence alone.
pub async fn recount(tx: &mut Tx, publication: &str, version: u32) -> Result<Vec<Count>, DbError> {
    let frozen = evidence::frozen(tx, publication, version, &ScopePath::root()).await?;
    let mut all: Vec<Count> = frozen.iter().flat_map(frozen_counts).collect();
    let mut people: BTreeMap<(String, u32), &Frozen> = BTreeMap::new();
    for row in frozen.iter().filter(|row| row.audience == PRESTIGIOUS_PERSON) {
        let commune = Place::of(&row.path).commune;
        people.extend(
            split_numbered(&row.serials, &commune)
                .into_iter()
                .map(|one| ((one.register, one.serial), row)),
        );
    }
    let receipts = evidence::receipts(tx, publication, version).await?;
    for mine in receipts.chunk_by(|one, other| one.actor == other.actor) {
        let Some(first) = mine.first() else { continue };
        let seen: Vec<Evidence> = mine
            .iter()
            .map(|row| Evidence { rung: row.rung, channel: row.channel, at: row.at.millis() })
            .collect();
        let stand = match first.serial {
            None => Stand { audience: DEVICE, place: Place::of(&first.place) },
            Some(serial) => people
                .get(&(first.commune.clone(), serial))
                .map_or_else(|| outside(&first.place), |frozen| counted_at(&frozen.path)),
        };
        let count = |(rung, channel)| Count {
            place: stand.place.clone(),
            audience: stand.audience.to_owned(),
            rung: Some(rung),
            channel,
            people: 1,
        };
        all.extend(credit_of(first.serial, &seen).into_iter().map(count));
    }
    let mut heads: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for told in meetings::heads(tx, publication, version).await? {
        heads.entry(told.village).or_default().push(told.head_count);
    }
    for row in frozen.iter().filter(|row| row.audience == PEOPLE) {
        if let Some(heads) = heads.get(&row.village) {
            all.extend(heads_counts(row, &heads_worth(row, heads)));
        }
    }
    for row in inspections::standing(tx, publication, version).await? {
        all.extend(sample_counts(&row));
    }
    Ok(all)
}

/// The instant of a receipt, held within a day of the present: a point's clock may be years off.
pub fn plausible(at: Timestamp, now: Timestamp) -> Timestamp {
    if at > now.plus_seconds(24 * 3600) { now } else { at }
}
