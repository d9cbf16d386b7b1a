//! Writing down a village meeting, and withdrawing a record that was wrong.

use areas::{Area, AreaId, AreaLevel};
use identity::audit;
use kernel::{
    app::NodeRole,
    caller::Caller,
    clock::Day,
    db::{Db, Tx},
    problem::{FormProblems, OrMissing, Outcome},
    scope::ScopePath,
};

use super::{
    MEETING_NOT_FOUND, RECORD_MEETING,
    evidence::{apply_meeting, apply_void},
    succession::{is_meant, register},
};
use crate::{
    model::{
        Numbered, Place, join_attendants,
        meeting::{Item, Meeting, MeetingDraft, MeetingId, Village},
        person::CONSENT_RECEIPTS,
    },
    records,
    store::{
        cards, handover,
        meetings::{self, MeetingRow},
        people::{self, Known},
        publications,
    },
};

/// The persons of a commune who may be ticked on a meeting's record: on the list on that day, and agreed
/// to be noted by name.
pub(crate) async fn attendants(tx: &mut Tx, commune: &ScopePath, day: Day) -> Outcome<Vec<Known>> {
    let mut fit = Vec::new();
    let register = register(tx, commune).await?;
    for person in people::list(tx, commune, "", day).await? {
        let ours = person.commune == register || handover::is_taken(tx, &person.commune).await?;
        let listed = ours && person.from_day <= day && day < person.until_day;
        let consents = if listed { cards::consents(tx, &person.id).await? } else { Vec::new() };
        if consents.iter().any(|one| one.purpose == CONSENT_RECEIPTS && one.withdrawn_on.is_none())
        {
            fit.push(person);
        }
    }
    Ok(fit)
}

/// Writes a meeting down; it counts at once.
pub async fn record_meeting(
    db: &Db,
    role: NodeRole,
    caller: &Caller,
    draft: &MeetingDraft,
) -> Outcome<MeetingId> {
    db.change(async |tx| {
        let today = tx.now().day();
        let id = AreaId::parse(&draft.village);
        let village = match &id {
            Some(id) => areas::find(tx, id).await?.filter(|area| area.level == AreaLevel::Village),
            None => None,
        };
        let Some(village) = village else {
            caller.must_somewhere(&RECORD_MEETING)?;
            let mut wrong = FormProblems::new();
            wrong.add("village", "reach-error-village-missing");
            return Err(wrong.check().err().unwrap_or_else(|| (&areas::NOT_FOUND).into()));
        };
        caller.must(&RECORD_MEETING, &village.path)?;
        let day = Day::parse(&draft.held_on).unwrap_or(today);
        let commune = Place::of(&village.path).commune_path();
        let own = register(tx, &commune).await?;
        let known = known(tx, &village, &own, day).await?;
        let mut meeting = draft.check(&known, today)?;
        meeting.items = items_told(tx, &meeting, &village.path).await?;
        if !draft.again {
            ask_about_twin(tx, village.id.as_str(), &meeting).await?;
        }
        let row = MeetingRow {
            id: tx.new_id(),
            village: village.id.as_str().to_owned(),
            commune: own.clone(),
            path: village.path,
            held_on: meeting.held_on,
            language: meeting.language,
            head_count: meeting.head_count,
            serials: join_attendants(&own, &meeting.serials, &meeting.others),
            witness: Some(meeting.witness),
            witness_standing: Some(meeting.witness_standing).filter(|text| !text.is_empty()),
            officer: caller.who().map(|person| person.name.clone()),
            note: Some(meeting.note).filter(|text| !text.is_empty()),
            origin: String::new(),
            recorded_at: tx.now(),
            voided_at: None,
            void_why: None,
        };
        apply_meeting(tx, &row, &meeting.items).await?;
        audit(tx, caller, "reach.meeting.recorded", row.id.as_str(), &row.village).await?;
        if role == NodeRole::Point {
            let told = records::meetings::Told::of(&row, &meeting.items);
            tx.emit_up(records::MEETING, told.encode()?).await?;
        }
        Ok(row.id)
    })
    .await
}

/// What is known about a village and its people on the day of a meeting.
async fn known(tx: &mut Tx, village: &Area, own: &str, day: Day) -> Outcome<Village> {
    let place = Place::of(&village.path);
    let commune = place.commune_path();
    let commune_people = match AreaId::parse(&place.commune) {
        Some(id) => areas::population(tx, &id, day).await?.map(|count| count.people),
        None => None,
    };
    let (ours, others): (Vec<Known>, Vec<Known>) =
        attendants(tx, &commune, day).await?.into_iter().partition(|person| person.commune == own);
    let numbered = |one: Known| Numbered { register: one.commune, serial: one.serial };
    let today = tx.now().day();
    let listed = people::list(tx, &commune, "", today).await?;
    let names = listed.into_iter().map(|one| {
        let number = Numbered { register: one.commune, serial: one.serial };
        (number.within(own), one.name)
    });
    Ok(Village {
        people: areas::population(tx, &village.id, day).await?.map(|count| count.people),
        serials: ours.iter().map(|person| person.serial).collect(),
        others: others.into_iter().map(numbered).collect(),
        commune_people,
        names: names.collect(),
    })
}

/// Every item must be something that was published for this village, and in a version that was there on the day of
/// the meeting: what was published again since was heard as it was then.
async fn items_told(
    tx: &mut Tx,
    meeting: &Meeting,
    village: &ScopePath,
) -> Outcome<Vec<(String, u32)>> {
    let mut wrong = FormProblems::new();
    let mut told = Vec::new();
    let steps = areas::steps(tx).await?;
    for (publication, ticked) in &meeting.items {
        let mut versions = publications::versions(tx, publication).await?;
        versions.retain(|row| row.version <= *ticked && is_meant(&steps, &row.areas, village));
        let Some(newest) = versions.first().filter(|row| row.version == *ticked) else {
            wrong.add("items", "reach-error-items");
            continue;
        };
        let title = newest.title.clone();
        let days = versions.iter().map(|row| (row.version, row.at.day()));
        let item = Item { title, versions: days.collect() };
        let version = item.told_on(meeting.held_on, &mut wrong);
        told.extend(version.map(|version| (publication.clone(), version)));
    }
    wrong.check()?;
    told.sort();
    told.dedup();
    Ok(told)
}

/// The very same record a second time is asked about before it is written: sent twice, most often.
async fn ask_about_twin(tx: &mut Tx, village: &str, meeting: &Meeting) -> Outcome<()> {
    let mut wrong = FormProblems::new();
    let alike =
        meetings::alike(tx, village, meeting.held_on, meeting.head_count, &meeting.witness).await?;
    for id in alike {
        let items = meetings::items(tx, &id).await?;
        let items = items.into_iter().map(|item| (item.publication, item.version));
        if items.eq(meeting.items.iter().cloned()) {
            wrong.add("again", "reach-error-meeting-again");
            break;
        }
    }
    wrong.check()
}

/// Withdraws a record that was wrong: the number goes, the record stays readable with the reason.
pub async fn void_meeting(
    db: &Db,
    role: NodeRole,
    caller: &Caller,
    id: &MeetingId,
    why: &str,
) -> Outcome<()> {
    db.change(async |tx| {
        let row = meetings::find(tx, id).await?.or_missing(&MEETING_NOT_FOUND)?;
        caller.must(&RECORD_MEETING, &row.path)?;
        if !row.origin.is_empty() {
            return Err((&super::KEPT_ELSEWHERE).into());
        }
        let why = kernel::text::tidy(why);
        let mut wrong = FormProblems::new();
        wrong.require((3..=200).contains(&why.chars().count()), "why", "reach-error-void-why");
        wrong.check()?;
        if !apply_void(tx, &row, &why).await? {
            return Ok(());
        }
        audit(tx, caller, "reach.meeting.voided", id.as_str(), "").await?;
        if role == NodeRole::Point {
            let told =
                records::meetings::Told { voided: true, ..records::meetings::Told::of(&row, &[]) };
            tx.emit_up(records::MEETING, told.encode()?).await?;
        }
        Ok(())
    })
    .await
}
