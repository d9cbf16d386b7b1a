//! A register passes from a point whose unit has ended to the point that takes its place. Names never go by
//! way of the hub: the officer makes a file that only the successor's machine can open, carries it there, and
//! it is taken in. From then on the successor writes in the register, and the predecessor no longer does.

use identity::audit;
use kernel::{
    app::App,
    caller::Caller,
    clock::{Day, Timestamp},
    db::Tx,
    events::Doing,
    problem::{Failure, OrMissing, Outcome},
    scope::ScopePath,
};
use sync::{
    keys::{NodeId, PublicKeys},
    parcel::{self, ParcelRefused},
};

use super::{
    HANDOVER_DAMAGED, HANDOVER_ELSEWHERE, HANDOVER_UNREADABLE, KEEP_ROSTER, NO_HEIR, NO_PREDECESSOR,
};
use crate::{
    model::{
        handed::{Handed, HandedPerson},
        person::{CardId, PersonId},
    },
    records,
    store::{handover as store, people::Entry},
};

/// What reach asks of whoever knows the nodes: who takes this point's place, and whose place it takes.
#[derive(Clone, Copy)]
pub struct Succession {
    /// The node that takes this one's place, once the hub has said so.
    pub heir: for<'a> fn(&'a mut Tx) -> Doing<'a, Option<Heir>>,
    /// The nodes whose place this one takes.
    pub predecessors: for<'a> fn(&'a mut Tx) -> Doing<'a, Vec<Predecessor>>,
}

/// The node that takes this one's place.
#[derive(Clone, Debug)]
pub struct Heir {
    /// Its pinned keys.
    pub keys: PublicKeys,
    /// Its commune, as people read it.
    pub commune: String,
    /// The register in which this node's own numbers are counted everywhere else.
    pub register: String,
}

/// A node whose place this one takes.
#[derive(Clone, Debug)]
pub struct Predecessor {
    /// Its pinned keys.
    pub keys: PublicKeys,
    /// Its commune, as people read it.
    pub commune: String,
    /// The registers that it may hand over.
    pub registers: Vec<String>,
}

/// What can be handed over here, for the page.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// The commune of the node that takes this one's place, with how many people pass on.
    pub heir: Option<(String, usize)>,
    /// When a file was made last.
    pub given_at: Option<Timestamp>,
    /// The communes of the nodes whose place this one takes.
    pub predecessors: Vec<String>,
}

/// A handover file.
pub struct Made {
    /// The sealed bytes.
    pub bytes: Vec<u8>,
    /// How many people are in it.
    pub people: usize,
}

/// What came of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Persons that were new here.
    pub fresh: usize,
    /// Persons that were known already, and stay as they are.
    pub known: usize,
}

async fn heir(app: &App, tx: &mut Tx) -> Outcome<Option<Heir>> {
    match app.port::<Succession>() {
        Some(port) => (port.heir)(tx).await,
        None => Ok(None),
    }
}

async fn predecessors(app: &App, tx: &mut Tx) -> Outcome<Vec<Predecessor>> {
    match app.port::<Succession>() {
        Some(port) => (port.predecessors)(tx).await,
        None => Ok(Vec::new()),
    }
}

/// What can be handed over here.
pub async fn standing(
    app: &App,
    tx: &mut Tx,
    caller: &Caller,
    commune: &ScopePath,
) -> Outcome<Standing> {
    caller.must(&KEEP_ROSTER, commune)?;
    let heir = heir(app, tx).await?;
    let people = if heir.is_some() { store::everybody(tx).await?.len() } else { 0 };
    let before = predecessors(app, tx).await?;
    Ok(Standing {
        heir: heir.map(|heir| (heir.commune, people)),
        given_at: store::given_at(tx).await?,
        predecessors: before.into_iter().map(|one| one.commune).collect(),
    })
}

/// Makes the file for the successor. From now on nothing in these registers is changed here; making the file
/// again is always possible.
pub async fn give(app: &App, caller: &Caller, commune: &ScopePath) -> Outcome<Made> {
    app.db
        .change(async |tx| {
            caller.must(&KEEP_ROSTER, commune)?;
            let heir = heir(app, tx).await?.or_missing(&NO_HEIR)?;
            let to = heir.keys.node_id().to_string();
            let mut registers = Vec::new();
            for register in store::kept(tx).await? {
                store::note_given(tx, &register, &to).await?;
                registers.push(named_outside(tx, register, &heir).await?);
            }
            let mut persons = store::everybody(tx).await?;
            for person in &mut persons {
                let own = std::mem::take(&mut person.register);
                person.register = named_outside(tx, own, &heir).await?;
                person.ethnic_group = person.agreed_ethnic_group().map(str::to_owned);
            }
            registers.sort();
            registers.dedup();
            let people = persons.len();
            let content = Handed::new(registers, persons)
                .encode()
                .map_err(|error| Failure::fault("write a handover file", error))?;
            let bytes = parcel::pack(&app.keys, &heir.keys, &content, &mut tx.chance().rng())
                .map_err(|error| Failure::fault("seal a handover file", error))?;
            audit(tx, caller, "reach.roster.handed", &to, &people.to_string()).await?;
            Ok(Made { bytes, people })
        })
        .await
}

/// The name under which others know a register: this node's own is counted within the scope it joined with.
async fn named_outside(tx: &mut Tx, register: String, heir: &Heir) -> Outcome<String> {
    let taken = store::is_taken(tx, &register).await?;
    Ok(if taken { register } else { heir.register.clone() })
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
            let all = predecessors(app, tx).await?;
            let from = all
                .into_iter()
                .find(|one| one.keys.node_id() == sender)
                .or_missing(&NO_PREDECESSOR)?;
            let content = parcel::unpack(file, &app.keys, &from.keys).map_err(|why| match why {
                ParcelRefused::NotForUs => Failure::from(&HANDOVER_ELSEWHERE),
                ParcelRefused::Malformed => Failure::from(&HANDOVER_UNREADABLE),
                ParcelRefused::BadSignature | ParcelRefused::Sealed => {
                    Failure::from(&HANDOVER_DAMAGED)
                }
            })?;
            let handed = Handed::decode(&content)
                .filter(|handed| handed.registers.iter().all(|one| from.registers.contains(one)))
                .or_missing(&HANDOVER_UNREADABLE)?;
            take_in(tx, caller, commune, sender, &handed).await
        })
        .await
}

async fn take_in(
    tx: &mut Tx,
    caller: &Caller,
    commune: &ScopePath,
    sender: NodeId,
    handed: &Handed,
) -> Outcome<Taken> {
    let sender = sender.to_string();
    for register in &handed.registers {
        store::note_taken(tx, register, &sender).await?;
    }
    let mut taken = Taken { fresh: 0, known: 0 };
    for person in &handed.persons {
        let id = PersonId::parse(&person.id).or_missing(&HANDOVER_UNREADABLE)?;
        if store::knows(tx, &person.register, person.serial).await?
            || store::person_is_known(tx, &id).await?
        {
            taken.known += 1;
            continue;
        }
        let entry = entry_of(tx, commune, person).await?;
        store::put_passed_on(tx, &entry).await?;
        store::insert(tx, &id, person).await?;
        for card in &person.cards {
            if store::card_is_known(tx, card).await? {
                continue;
            }
            let card_id = CardId::parse(&card.id).or_missing(&HANDOVER_UNREADABLE)?;
            let number = free_number(tx, &card.number, &person.register).await?;
            store::insert_card(tx, &card_id, &id, &number, card).await?;
        }
        // The hub learns who keeps the entry from now on.
        let listed = records::roster::Listed::of(&entry).in_register(&entry.commune);
        tx.emit_up(records::ROSTER_ENTRY, listed.encode()?).await?;
        taken.fresh += 1;
    }
    let detail = format!("{} + {}", taken.fresh, taken.known);
    audit(tx, caller, "reach.roster.taken", &sender, &detail).await?;
    Ok(taken)
}

/// Where a person who came by hand lies: where the predecessor's log said, else where the village lies today,
/// else below this point's commune.
async fn entry_of(tx: &mut Tx, commune: &ScopePath, person: &HandedPerson) -> Outcome<Entry> {
    let told = store::lies_at(tx, &person.register, person.serial).await?;
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
        commune: person.register.clone(),
        serial: person.serial,
        village: person.village.clone(),
        path: path.unwrap_or_else(|| commune.child(&person.village)),
        from_day: day(&person.from),
        until_day: day(&person.until),
        origin: String::new(),
    })
}

/// A number that no other card here bears: those of two registers may be alike.
pub(super) async fn free_number(tx: &mut Tx, number: &str, register: &str) -> Outcome<String> {
    if store::number_is_used(tx, number).await? {
        return Ok(format!("{number}/{register}"));
    }
    Ok(number.to_owned())
}
