//! Writing down what an independent inspection found, and withdrawing a record that was wrong.

use areas::{Area, AreaId, AreaLevel};
use identity::audit;
use kernel::{
    app::NodeRole,
    caller::Caller,
    db::{Db, Tx},
    problem::{FormProblems, OrMissing, Outcome},
    scope::ScopePath,
};

use super::{
    INSPECTION_NOT_FOUND, KEPT_ELSEWHERE, NOT_INDEPENDENT, RECORD_MEETING, VERIFY,
    evidence::{apply_inspection, apply_inspection_void},
    succession::{is_meant, ranges},
};
use crate::{
    model::inspection::{InspectionDraft, InspectionId, Known},
    records,
    store::{
        evidence,
        inspections::{self, InspectionRow},
        publications,
    },
};

/// Whoever writes the commune's own records down does not verify them.
pub(crate) fn must_be_independent(caller: &Caller, place: &ScopePath) -> Outcome<()> {
    caller.must(&VERIFY, place)?;
    if caller.may(&RECORD_MEETING, place) {
        return Err((&NOT_INDEPENDENT).into());
    }
    Ok(())
}

/// Writes an inspection down; it counts at once.
pub async fn record_inspection(
    db: &Db,
    role: NodeRole,
    caller: &Caller,
    draft: &InspectionDraft,
) -> Outcome<InspectionId> {
    db.change(async |tx| {
        let Some(area) = place(tx, &draft.unit).await? else {
            caller.must_somewhere(&VERIFY)?;
            let mut wrong = FormProblems::new();
            wrong.add("unit", "reach-error-inspected-unit");
            return Err(wrong.check().err().unwrap_or_else(|| (&areas::NOT_FOUND).into()));
        };
        must_be_independent(caller, &area.path)?;
        let (publication, version) = draft.item().unwrap_or_default();
        let known = known(tx, &publication, version, &draft.audience, &area.path).await?;
        let today = tx.now().day();
        let inspection = draft.check(&known, today)?;
        let row = InspectionRow {
            id: tx.new_id(),
            publication,
            version,
            audience: draft.audience.clone(),
            unit: area.id.as_str().to_owned(),
            path: area.path,
            asked_on: inspection.asked_on,
            asked: inspection.asked,
            knew: inspection.knew,
            method: inspection.method.to_owned(),
            team: inspection.team,
            inspector: caller.who().map(|person| person.name.clone()),
            note: Some(inspection.note).filter(|text| !text.is_empty()),
            origin: String::new(),
            recorded_at: tx.now(),
            voided_at: None,
            void_why: None,
        };
        apply_inspection(tx, &row).await?;
        audit(tx, caller, "reach.inspection.recorded", row.id.as_str(), &row.unit).await?;
        if role == NodeRole::Point {
            let told = records::inspections::Told::of(&row);
            tx.emit_up(records::INSPECTION, told.encode()?).await?;
        }
        Ok(row.id)
    })
    .await
}

/// A commune or a village: samples are taken nowhere else.
async fn place(tx: &mut Tx, unit: &str) -> Outcome<Option<Area>> {
    let Some(id) = AreaId::parse(unit) else { return Ok(None) };
    let found = areas::find(tx, &id).await?;
    Ok(found.filter(|area| matches!(area.level, AreaLevel::Commune | AreaLevel::Village)))
}

async fn known(
    tx: &mut Tx,
    publication: &str,
    version: u32,
    audience: &str,
    place: &ScopePath,
) -> Outcome<Known> {
    let today = tx.now().day();
    let row = publications::publication(tx, publication, version).await?;
    let steps = areas::steps(tx).await?;
    let is_meant = row.as_ref().is_some_and(|row| {
        is_meant(&steps, &row.areas, place)
            && row.audiences.split_whitespace().any(|mine| mine == audience)
    });
    let frozen = evidence::frozen(tx, publication, version, place).await?;
    let mine = frozen.iter().filter(|row| row.audience == audience).map(|row| row.people);
    // One place that nobody has counted makes the whole unknown; so does having none.
    let people = mine.sum::<Option<i64>>().filter(|people| *people > 0);
    Ok(Known { published_on: row.map_or(today, |row| row.at.day()), people, is_meant })
}

/// Withdraws a record that was wrong: the figures go, the record stays readable with the reason.
pub async fn void_inspection(
    db: &Db,
    role: NodeRole,
    caller: &Caller,
    id: &InspectionId,
    why: &str,
) -> Outcome<()> {
    db.change(async |tx| {
        let row = inspections::find(tx, id).await?.or_missing(&INSPECTION_NOT_FOUND)?;
        caller.must(&VERIFY, &lies(tx, &row.path).await?)?;
        if !row.origin.is_empty() {
            return Err((&KEPT_ELSEWHERE).into());
        }
        let why = kernel::text::tidy(why);
        let mut wrong = FormProblems::new();
        wrong.require((3..=200).contains(&why.chars().count()), "why", "reach-error-void-why");
        wrong.check()?;
        if !apply_inspection_void(tx, &row, &why).await? {
            return Ok(());
        }
        audit(tx, caller, "reach.inspection.voided", id.as_str(), "").await?;
        if role == NodeRole::Point {
            let told =
                records::inspections::Told { voided: true, ..records::inspections::Told::of(&row) };
            tx.emit_up(records::INSPECTION, told.encode()?).await?;
        }
        Ok(())
    })
    .await
}

/// Where a place of an earlier day lies today: an inspection is history and keeps its path.
pub(crate) async fn lies(tx: &mut Tx, path: &ScopePath) -> Outcome<ScopePath> {
    Ok(areas::today(tx, path).await?.place().unwrap_or_else(|| path.clone()))
}

/// The newest records of a place, those of what it was made of included.
pub(crate) async fn newest(
    tx: &mut Tx,
    scope: &ScopePath,
    limit: usize,
) -> Outcome<Vec<InspectionRow>> {
    let steps = areas::steps(tx).await?;
    let mut rows = Vec::new();
    for range in ranges(&steps, scope) {
        rows.extend(inspections::list(tx, &range, limit).await?);
    }
    rows.sort_by(|one, other| (&other.asked_on, &other.id).cmp(&(&one.asked_on, &one.id)));
    rows.truncate(limit);
    Ok(rows)
}

/// The records about one version in a place that stand, newest first.
pub(crate) async fn of_item(
    tx: &mut Tx,
    publication: &str,
    version: u32,
    audience: &str,
    scope: &ScopePath,
) -> Outcome<Vec<InspectionRow>> {
    let steps = areas::steps(tx).await?;
    let ranges = ranges(&steps, scope);
    let mut rows = inspections::standing(tx, publication, version).await?;
    rows.retain(|row| {
        row.audience == audience && ranges.iter().any(|range| range.contains(&row.path))
    });
    Ok(rows)
}
