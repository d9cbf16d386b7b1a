//! Keeping the roster of prestigious persons. Names stay here; serial, village and days travel up.

use areas::{Area, AreaId, AreaLevel};
use identity::audit;
use kernel::{
    app::NodeRole,
    caller::Caller,
    clock::Day,
    db::{Db, Tx},
    problem::{Failure, FormProblems, INVALID_FORM, OrMissing, Outcome, Problem},
};

use super::{HANDED_OVER, KEEP_ROSTER, KEPT_ELSEWHERE, PERSON_ENDED, PERSON_NOT_FOUND};
use crate::{
    model::{
        Place, list,
        person::{CONSENT_RECEIPTS, END_REASONS, PURPOSES, Person, PersonDraft, PersonId},
    },
    records,
    store::{
        cards, handover,
        people::{self, Entry, Known},
    },
};

/// Finds the commune whose roster is asked for, and asks whether the caller may keep it.
pub(crate) async fn open_commune(tx: &mut Tx, caller: &Caller, id: &AreaId) -> Outcome<Area> {
    let commune = areas::find(tx, id).await?.or_missing(&areas::NOT_FOUND)?;
    caller.must(&KEEP_ROSTER, &commune.path)?;
    if commune.level != AreaLevel::Commune {
        return Err((&areas::NOT_FOUND).into());
    }
    Ok(commune)
}

/// The persons of a commune, for who may know them. That somebody looked is written down.
pub(crate) async fn read_roster(
    tx: &mut Tx,
    caller: &Caller,
    commune: &Area,
    folded: &str,
) -> Outcome<Vec<Known>> {
    caller.must(&KEEP_ROSTER, &commune.path)?;
    let people = people::list(tx, &commune.path, folded, tx.now().day()).await?;
    audit(tx, caller, "reach.roster.read", commune.id.as_str(), &people.len().to_string()).await?;
    Ok(people)
}

/// One person, for who may know them. That somebody looked is written down.
pub(crate) async fn read_person(tx: &mut Tx, caller: &Caller, id: &PersonId) -> Outcome<Known> {
    let person = people::find(tx, id).await?.or_missing(&PERSON_NOT_FOUND)?;
    caller.must(&KEEP_ROSTER, &person.path)?;
    audit(tx, caller, "reach.person.read", id.as_str(), "").await?;
    Ok(person)
}

/// Puts a person on the roster; they get the commune's next serial.
pub async fn add_person(
    db: &Db,
    role: NodeRole,
    caller: &Caller,
    commune: &AreaId,
    draft: &PersonDraft,
) -> Outcome<PersonId> {
    db.change(async |tx| {
        let commune = open_commune(tx, caller, commune).await?;
        let person = draft.check(tx.now().day())?;
        let village = village_of(tx, &commune, &draft.village).await?;
        add(tx, role, caller, &commune, &village, &person).await
    })
    .await
}

async fn add(
    tx: &mut Tx,
    role: NodeRole,
    caller: &Caller,
    commune: &Area,
    village: &Area,
    person: &Person,
) -> Outcome<PersonId> {
    let own = people::own_register(tx, &commune.path).await?;
    if own.is_none() && people::is_kept_elsewhere(tx, &commune.path).await? {
        return Err((&KEPT_ELSEWHERE).into());
    }
    // People go on being numbered where this node began to, also after a merger.
    let register = own.unwrap_or_else(|| commune.id.to_string());
    if handover::is_given(tx, &register).await? {
        return Err((&HANDED_OVER).into());
    }
    let serial = people::last_serial(tx, &register).await? + 1;
    let entry = Entry {
        commune: register,
        serial,
        village: village.id.as_str().to_owned(),
        path: village.path.clone(),
        from_day: person.from,
        until_day: Day::FOREVER,
        origin: String::new(),
        hand: 0,
    };
    people::put_entry(tx, &entry).await?;
    let id: PersonId = tx.new_id();
    people::insert(tx, &id, &entry, person).await?;
    for purpose in &person.consents {
        cards::give_consent(tx, &id, purpose).await?;
    }
    audit(tx, caller, "reach.person.added", id.as_str(), "").await?;
    tell(tx, role, &entry).await?;
    Ok(id)
}

/// Writes a person anew. A changed village moves them from now on; frozen denominators stay.
pub async fn change_person(
    db: &Db,
    role: NodeRole,
    caller: &Caller,
    id: &PersonId,
    draft: &PersonDraft,
) -> Outcome<()> {
    db.change(async |tx| {
        let known = people::find(tx, id).await?.or_missing(&PERSON_NOT_FOUND)?;
        caller.must(&KEEP_ROSTER, &known.path)?;
        must_be_kept_here(tx, &known.commune, known.serial).await?;
        if known.until_day <= tx.now().day() {
            return Err((&PERSON_ENDED).into());
        }
        let mut person = draft.check(tx.now().day())?;
        if !caller.may(&super::SEE_SENSITIVE, &known.path) {
            // Who may not see the field cannot have meant to empty it.
            person.ethnic_group = known.ethnic_group;
        }
        let commune =
            AreaId::parse(&Place::of(&known.path).commune).or_missing(&areas::NOT_FOUND)?;
        let commune = areas::find(tx, &commune).await?.or_missing(&areas::NOT_FOUND)?;
        let village = village_of(tx, &commune, &draft.village).await?;
        let before =
            people::entry(tx, &known.commune, known.serial).await?.or_missing(&PERSON_NOT_FOUND)?;
        let entry = Entry {
            village: village.id.as_str().to_owned(),
            path: village.path,
            from_day: person.from,
            ..before.clone()
        };
        people::update(tx, id, &person).await?;
        for purpose in PURPOSES {
            if person.consents.iter().any(|given| given == purpose) {
                cards::give_consent(tx, id, purpose).await?;
            } else {
                cards::withdraw_consent(tx, id, purpose).await?;
            }
        }
        if !person.consents.iter().any(|given| given == CONSENT_RECEIPTS) {
            cards::revoke_cards(tx, id, "consent_withdrawn").await?;
        }
        audit(tx, caller, "reach.person.changed", id.as_str(), "").await?;
        if entry != before {
            people::put_entry(tx, &entry).await?;
            tell(tx, role, &entry).await?;
        }
        Ok(())
    })
    .await
}

/// Takes a person off the roster from a day on; their card no longer holds.
pub async fn end_person(
    db: &Db,
    role: NodeRole,
    caller: &Caller,
    id: &PersonId,
    on: &str,
    reason: &str,
) -> Outcome<()> {
    db.change(async |tx| {
        let known = people::find(tx, id).await?.or_missing(&PERSON_NOT_FOUND)?;
        caller.must(&KEEP_ROSTER, &known.path)?;
        must_be_kept_here(tx, &known.commune, known.serial).await?;
        let today = tx.now().day();
        let mut wrong = FormProblems::new();
        let day = Day::parse(on);
        let fits = day.is_some_and(|day| day > known.from_day && day <= today);
        wrong.require(fits, "until", "reach-error-until");
        wrong.require(END_REASONS.contains(&reason), "reason", "reach-error-choice");
        wrong.check()?;
        let before =
            people::entry(tx, &known.commune, known.serial).await?.or_missing(&PERSON_NOT_FOUND)?;
        let entry = Entry { until_day: day.unwrap_or(today), ..before };
        people::put_entry(tx, &entry).await?;
        people::note_end(tx, id, reason).await?;
        cards::revoke_cards(tx, id, "ended").await?;
        audit(tx, caller, "reach.person.ended", id.as_str(), reason).await?;
        tell(tx, role, &entry).await
    })
    .await
}

/// Takes in a pasted list: all of it, or none and every line that is wrong.
pub async fn import_list(
    db: &Db,
    role: NodeRole,
    caller: &Caller,
    commune: &AreaId,
    pasted: &str,
    from: &str,
) -> Outcome<usize> {
    db.change(async |tx| {
        let commune = open_commune(tx, caller, commune).await?;
        let villages = areas::villages_of(tx, &commune.id).await?;
        let named: Vec<(String, String)> = villages
            .iter()
            .map(|area| (area.id.as_str().to_owned(), area.full_name.clone()))
            .collect();
        let mut read = list::read(pasted, &named, from, tx.now().day());
        let known = people::list(tx, &commune.path, "", tx.now().day()).await?;
        let today = tx.now().day();
        for (line, village, person) in &read.people {
            let same = |one: &&Known| {
                one.until_day > today
                    && one.village == *village
                    && kernel::text::same_name(&one.name, &person.name)
                    && one.birth_year == person.birth_year
            };
            if known.iter().any(|one| same(&one)) {
                let args = vec![("line", line.to_string()), ("value", person.name.clone())];
                let problem = kernel::problem::FieldProblem {
                    field: "list".to_owned(),
                    key: "reach-error-line-twice",
                    args,
                };
                read.problems.push(list::LineProblem { line: *line, problem });
            }
        }
        read.problems.sort_by_key(|problem| problem.line);
        if !read.problems.is_empty() {
            let fields = read.problems.into_iter().map(|line| line.problem).collect();
            return Err(Failure::Problem(Box::new(Problem {
                fields,
                ..Problem::of(&INVALID_FORM)
            })));
        }
        let count = read.people.len();
        for (_, village, person) in read.people {
            let village = villages
                .iter()
                .find(|area| area.id.as_str() == village)
                .or_missing(&areas::NOT_FOUND)?;
            add(tx, role, caller, &commune, village, &person).await?;
        }
        Ok(count)
    })
    .await
}

/// The village of a form: one of this commune's, or a problem on the field.
async fn village_of(tx: &mut Tx, commune: &Area, id: &str) -> Outcome<Area> {
    let found = match AreaId::parse(id) {
        Some(id) => areas::find(tx, &id).await?,
        None => None,
    };
    let mine =
        found.filter(|area| area.level == AreaLevel::Village && commune.path.contains(&area.path));
    mine.ok_or_else(|| {
        let mut wrong = FormProblems::new();
        wrong.add("village", "reach-error-village-missing");
        wrong.check().err().unwrap_or_else(|| (&areas::NOT_FOUND).into())
    })
}

/// Refuses to change an entry that was handed over: it has one writer.
pub(super) async fn must_be_kept_here(tx: &mut Tx, register: &str, serial: u32) -> Outcome<()> {
    if handover::passed(tx, register, serial).await?.is_some_and(|passed| passed.is_given()) {
        return Err((&HANDED_OVER).into());
    }
    Ok(())
}

/// What this node says of an entry that it keeps.
pub(super) async fn tell(tx: &mut Tx, role: NodeRole, entry: &Entry) -> Outcome<()> {
    if role == NodeRole::Point {
        let mut listed = records::roster::Listed::of(entry);
        // A register of another is named; this node's own is the one that it joined with.
        if handover::is_taken(tx, &entry.commune).await? {
            listed = listed.in_register(&entry.commune);
        }
        tx.emit_up(records::ROSTER_ENTRY, listed.encode()?).await?;
    }
    Ok(())
}
