//! Registers of people pass from point to point: whole, when a unit has ended; in part, when a unit was divided;
//! and back, when the decree behind it is undone. Names never go by way of the hub: the officer makes a file that
//! only the other machine can open, carries it there, and it is taken in. From then on the other point writes in
//! these entries, and the one that gave them no longer does.

use identity::audit;
use kernel::{
    app::{App, NodeRole},
    caller::Caller,
    clock::{Day, Timestamp},
    db::Tx,
    events::Doing,
    problem::{Failure, OrMissing, Outcome},
    scope::ScopePath,
};
use sync::{
    keys::PublicKeys,
    parcel::{self, ParcelRefused},
};

use super::{
    HANDOVER_DAMAGED, HANDOVER_ELSEWHERE, HANDOVER_OLD, HANDOVER_UNREADABLE, KEEP_ROSTER, NO_HEIR,
    NO_PREDECESSOR, roster,
};
use crate::{
    model::{
        handed::{Handed, HandedPerson},
        person::{CardId, PersonId},
    },
    store::{
        handover::{self as store, Kept},
        people::{self, Entry},
    },
};

/// What reach asks of whoever knows the nodes, as the hub has said it.
#[derive(Clone, Copy)]
pub struct Succession {
    /// The nodes to which people pass from here.
    pub takers: for<'a> fn(&'a mut Tx) -> Doing<'a, Vec<Taker>>,
    /// The nodes from which people pass here.
    pub givers: for<'a> fn(&'a mut Tx) -> Doing<'a, Vec<Giver>>,
}

/// Who passes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Passing {
    /// Everybody: the taker takes this node's place.
    Everybody,
    /// Those who live below this path: the taker stands in another heir of a divided unit.
    Part(ScopePath),
    /// Those who live below this path, back to where they came from: a decree was undone.
    Back(ScopePath),
}

/// A node to which people pass from here.
#[derive(Clone, Debug)]
pub struct Taker {
    /// Its pinned keys.
    pub keys: PublicKeys,
    /// Its commune, as people read it.
    pub commune: String,
    /// The register in which this node's own numbers are counted everywhere else.
    pub register: String,
    /// The name of the order.
    pub order: String,
    /// Who passes on.
    pub passing: Passing,
}

/// A node from which people pass here.
#[derive(Clone, Debug)]
pub struct Giver {
    /// Its pinned keys.
    pub keys: PublicKeys,
    /// Its commune, as people read it.
    pub commune: String,
    /// The registers that it may hand over.
    pub registers: Vec<String>,
    /// The name of the order.
    pub order: String,
    /// True when they come back.
    pub is_return: bool,
}

/// What can be handed over here, for the page.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// To whom.
    pub takers: Vec<Waiting>,
    /// The communes of the nodes from which people pass here, and whether they come back.
    pub givers: Vec<(String, bool)>,
}

/// A node to which people pass from here, for the page.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The name of the order.
    pub order: String,
    /// The node's commune.
    pub commune: String,
    /// How many people pass on.
    pub people: usize,
    /// When a file was made for it last.
    pub given_at: Option<Timestamp>,
    /// True for a part, or those who go back.
    pub is_part: bool,
    /// True for those who go back.
    pub is_return: bool,
}

/// A handover file.
#[derive(Debug)]
pub struct Made {
    /// The sealed bytes.
    pub bytes: Vec<u8>,
    /// How many people are in it.
    pub people: usize,
}

/// What came of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Persons that are kept here from now on.
    pub fresh: usize,
    /// Persons that were taken before, and stay as they are.
    pub known: usize,
}

async fn takers(app: &App, tx: &mut Tx) -> Outcome<Vec<Taker>> {
    match app.port::<Succession>() {
        Some(port) => (port.takers)(tx).await,
        None => Ok(Vec::new()),
    }
}

async fn givers(app: &App, tx: &mut Tx) -> Outcome<Vec<Giver>> {
    match app.port::<Succession>() {
        Some(port) => (port.givers)(tx).await,
        None => Ok(Vec::new()),
    }
}

/// The people who pass on to one taker. Who lives where another takes a part is that one's.
async fn passing(tx: &mut Tx, taker: &Taker, all: &[Taker]) -> Outcome<Vec<Kept>> {
    let mut kept = store::everybody(tx, &taker.keys.node_id().to_string()).await?;
    kept.retain(|one| match &taker.passing {
        Passing::Part(place) | Passing::Back(place) => place.contains(&one.path),
        Passing::Everybody => !all.iter().any(|other| match &other.passing {
            Passing::Part(place) | Passing::Back(place) => place.contains(&one.path),
            Passing::Everybody => false,
        }),
    });
    Ok(kept)
}

/// What can be handed over here.
pub async fn standing(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    commune: &ScopePath,
) -> Outcome<Standing> {
    caller.must(&KEEP_ROSTER, commune)?;
    let all = takers(app, tx).await?;
    let mut waiting = Vec::new();
    for taker in &all {
        let people = passing(tx, taker, &all).await?.len();
        waiting.push(Waiting {
            order: taker.order.clone(),
            commune: taker.commune.clone(),
            people,
            given_at: store::given_at(tx, &taker.keys.node_id().to_string()).await?,
            is_part: taker.passing != Passing::Everybody,
            is_return: matches!(taker.passing, Passing::Back(_)),
        });
    }
    let givers = givers(app, tx).await?;
    let givers = givers.into_iter().map(|one| (one.commune, one.is_return)).collect();
    Ok(Standing { takers: waiting, givers })
}

/// Makes the file for a taker, chosen by the name of the order; the only one when none is named. From now on
/// nothing about these people is changed here; making the file again is always possible.
pub async fn give(app: &App, caller: &Caller, commune: &ScopePath, order: &str) -> Outcome<Made> {
    app.db
        .change(async |tx| {
            caller.must(&KEEP_ROSTER, commune)?;
            let all = takers(app, tx).await?;
            let alone = order.is_empty() && all.len() == 1;
            let taker = all.iter().find(|one| alone || one.order == order).or_missing(&NO_HEIR)?;
            let to = taker.keys.node_id().to_string();
            let mut registers = Vec::new();
            if taker.passing == Passing::Everybody {
                // Nobody new is numbered here any more, either.
                for register in store::kept(tx).await? {
                    store::note_given(tx, &register, &to).await?;
                    registers.push(named_outside(tx, register, taker).await?);
                }
            }
            let mut persons = Vec::new();
            for Kept { mut person, given, .. } in passing(tx, taker, &all).await? {
                if !given {
                    let (register, serial) = (&person.register, person.serial);
                    store::note_passed_to(tx, register, serial, person.hand, &to).await?;
                }
                let own = std::mem::take(&mut person.register);
                person.register = named_outside(tx, own, taker).await?;
                person.ethnic_group = person.agreed_ethnic_group().map(str::to_owned);
                registers.push(person.register.clone());
                persons.push(person);
            }
            registers.sort();
            registers.dedup();
            let people = persons.len();
            let had = store::ever_passed(tx).await?;
            let content = Handed::new(taker.order.clone(), registers, persons, had)
                .encode()
                .map_err(|error| Failure::fault("write a handover file", error))?;
            let bytes = parcel::pack(&app.keys, &taker.keys, &content, &mut tx.chance().rng())
                .map_err(|error| Failure::fault("seal a handover file", error))?;
            audit(tx, caller, "reach.roster.handed", &to, &people.to_string()).await?;
            Ok(Made { bytes, people })
        })
        .await
}

/// The name under which others know a register: this node's own is counted within the scope it joined with.
async fn named_outside(tx: &mut Tx, register: String, taker: &Taker) -> Outcome<String> {
    let from_elsewhere = store::is_taken(tx, &register).await?;
    Ok(if from_elsewhere { register } else { taker.register.clone() })
}

/// Takes a file in. A file that was taken in before changes nothing.
pub async fn take(app: &App, caller: &Caller, commune: &ScopePath, file: &[u8]) -> Outcome<Taken> {
    app.db
        .change(async |tx| {
            caller.must(&KEEP_ROSTER, commune)?;
            let (sender, recipient) =
                parcel::labels(file).map_err(|_| Failure::from(&HANDOVER_UNREADABLE))?;
            if recipient != app.node_id() {
                return Err((&HANDOVER_ELSEWHERE).into());
            }
            let mut all = givers(app, tx).await?;
            all.retain(|one| one.keys.node_id() == sender);
            let keys = &all.first().or_missing(&NO_PREDECESSOR)?.keys;
            let content = parcel::unpack(file, &app.keys, keys).map_err(|why| match why {
                ParcelRefused::NotForUs => Failure::from(&HANDOVER_ELSEWHERE),
                ParcelRefused::Malformed => Failure::from(&HANDOVER_UNREADABLE),
                ParcelRefused::BadSignature | ParcelRefused::Sealed => {
                    Failure::from(&HANDOVER_DAMAGED)
                }
            })?;
            let handed = Handed::decode(&content).or_missing(&HANDOVER_UNREADABLE)?;
            // A file of an order that was ended, or given anew, would bring old knowledge back.
            let from =
                all.iter().find(|one| one.order == handed.order).or_missing(&HANDOVER_OLD)?;
            if !handed.registers.iter().all(|one| from.registers.contains(one)) {
                return Err((&HANDOVER_UNREADABLE).into());
            }
            take_in(tx, caller, commune, from, &handed).await
        })
        .await
}

async fn take_in(
    tx: &mut Tx,
    caller: &Caller,
    commune: &ScopePath,
    from: &Giver,
    handed: &Handed,
) -> Outcome<Taken> {
    let sender = from.keys.node_id().to_string();
    for register in &handed.registers {
        // What this node began and another has kept meanwhile is its own again.
        if !store::is_own(tx, register).await? {
            store::note_taken(tx, register, &sender).await?;
        }
    }
    let mut taken = Taken { fresh: 0, known: 0 };
    for person in &handed.persons {
        if take_person(tx, commune, &sender, person).await? {
            taken.fresh += 1;
        } else {
            taken.known += 1;
        }
    }
    if from.is_return {
        taken.fresh += take_back_unfetched(tx, &sender, handed).await?;
        store::reopen(tx, &sender).await?;
    }
    let detail = format!("{} + {}", taken.fresh, taken.known);
    audit(tx, caller, "reach.roster.taken", &sender, &detail).await?;
    Ok(taken)
}

/// Takes one person in, new or as they were changed elsewhere; false when the file knows nothing later.
async fn take_person(
    tx: &mut Tx,
    commune: &ScopePath,
    sender: &str,
    person: &HandedPerson,
) -> Outcome<bool> {
    let id = PersonId::parse(&person.id).or_missing(&HANDOVER_UNREADABLE)?;
    let here = store::find_person(tx, &id).await?;
    if here.as_ref().is_some_and(|here| here.hand >= person.hand) {
        return Ok(false);
    }
    let is_new = here.is_none();
    if is_new && store::knows(tx, &person.register, person.serial).await? {
        return Ok(false);
    }
    // Somebody of this node's own register came back under the name that others have for it.
    let (register, serial) = here.map_or_else(
        || (person.register.clone(), person.serial),
        |here| (here.register, here.serial),
    );
    let entry = entry_of(tx, commune, person, (register, serial)).await?;
    store::keep_here(tx, &entry).await?;
    store::note_passed_from(tx, &entry.commune, entry.serial, sender).await?;
    store::put_person(tx, &id, &entry, person).await?;
    for card in &person.cards {
        if store::card_is_known(tx, card).await? {
            store::revoke_known(tx, card).await?;
            continue;
        }
        let card_id = CardId::parse(&card.id).or_missing(&HANDOVER_UNREADABLE)?;
        let number = free_number(tx, &card.number, &person.register).await?;
        store::insert_card(tx, &card_id, &id, &number, card).await?;
    }
    // The hub learns who keeps the entry from now on.
    roster::tell(tx, NodeRole::Point, &entry).await?;
    Ok(true)
}

/// Whom the other never fetched is kept here again, as they were: a file was made, and the decree undone
/// before anybody took it in.
async fn take_back_unfetched(tx: &mut Tx, sender: &str, handed: &Handed) -> Outcome<usize> {
    let mut back = 0;
    for given in store::given_to(tx, sender).await? {
        if handed.had.iter().any(|id| id == given.id.as_str()) {
            continue;
        }
        let known = people::entry(tx, &given.register, given.serial).await?;
        let Some(known) = known else { continue };
        let entry = Entry { hand: given.hand + 1, ..known };
        store::keep_here(tx, &entry).await?;
        store::note_passed_from(tx, &given.register, given.serial, sender).await?;
        roster::tell(tx, NodeRole::Point, &entry).await?;
        back += 1;
    }
    Ok(back)
}

/// Where a person who came by hand lies: where the predecessor's log said, else where the village lies today,
/// else below this point's commune.
async fn entry_of(
    tx: &mut Tx,
    commune: &ScopePath,
    person: &HandedPerson,
    (register, serial): (String, u32),
) -> Outcome<Entry> {
    let told = store::lies_at(tx, &register, serial, &person.village).await?;
    let known = match areas::AreaId::parse(&person.village) {
        Some(id) => areas::find(tx, &id).await?,
        None => None,
    };
    let today = match known {
        Some(area) => areas::today(tx, &area.path).await?.place().or(Some(area.path)),
        None => None,
    };
    let path = [told, today].into_iter().flatten().find(|path| commune.contains(path));
    let day = |text: &str| Day::parse(text).unwrap_or(Day::FOREVER);
    Ok(Entry {
        commune: register,
        serial,
        village: person.village.clone(),
        path: path.unwrap_or_else(|| commune.child(&person.village)),
        from_day: day(&person.from),
        until_day: day(&person.until),
        origin: String::new(),
        hand: person.hand,
    })
}

/// A number that no other card here bears: those of two registers may be alike.
pub(super) async fn free_number(tx: &mut Tx, number: &str, register: &str) -> Outcome<String> {
    if store::number_is_used(tx, number).await? {
        return Ok(format!("{number}/{register}"));
    }
    Ok(number.to_owned())
}
