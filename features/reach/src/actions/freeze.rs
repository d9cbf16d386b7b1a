//! Denominators: who should be reached is counted once, when something is published, and then stands.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use areas::{Area, AreaId, AreaLevel, Population};
use kernel::{
    clock::{Day, Timestamp},
    db::{DbError, Tx},
    problem::Outcome,
    scope::ScopePath,
};
use serde::{Deserialize, Serialize};

use super::evidence::{frozen_counts, recount};
use crate::{
    model::{COUNTED, Denominator, Numbered, PEOPLE, PRESTIGIOUS_PERSON, Place, Rung},
    store::{
        counts, evidence, people,
        publications::{self, PublicationRow},
    },
};

/// What reach must know of a publication.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPublication {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: u32,
    /// Its title.
    pub title: String,
    /// Theme codes.
    pub themes: Vec<String>,
    /// Audience codes.
    pub audiences: Vec<String>,
    /// Languages in which it is there.
    pub languages: Vec<String>,
    /// Areas, each with everything below it.
    pub areas: Vec<ScopePath>,
    /// When it was published.
    pub at: Timestamp,
}

impl NewPublication {
    /// The same publication as a node of a smaller area needs it: targets clipped to the area, so that a
    /// commune's point does not keep the denominators of the whole country.
    pub fn within(mut self, scope: &ScopePath) -> Self {
        let clip = |target: &ScopePath| {
            if target.contains(scope) {
                return Some(scope.clone());
            }
            scope.contains(target).then(|| target.clone())
        };
        let mut clipped: Vec<ScopePath> = self.areas.iter().filter_map(clip).collect();
        clipped.sort();
        clipped.dedup();
        self.areas = clipped;
        self
    }
}

/// How many persons of an audience live somewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AudienceCount {
    /// The audience's code.
    pub audience: String,
    /// Persons in the places that have been counted; `None` when none has.
    pub count: Option<i64>,
    /// Places asked about.
    pub villages: i64,
    /// Places that nobody has counted.
    pub unknown_villages: i64,
}

/// A publication was taken back up to a version: it leaves the boards and the village meetings' list. What
/// was counted stays, and its own page says since when.
pub async fn withdraw(tx: &mut Tx, id: &str, version: u32, at: Timestamp) -> Outcome<()> {
    Ok(publications::withdraw(tx, id, version, at).await?)
}

/// Freezes the denominators of a publication's version. Freezing it again changes nothing.
pub async fn freeze(tx: &mut Tx, new: NewPublication) -> Outcome<()> {
    let lines: Vec<&str> = new.areas.iter().map(ScopePath::as_str).collect();
    let row = PublicationRow {
        id: new.id,
        version: new.version,
        title: new.title,
        audiences: new.audiences.join(" "),
        languages: new.languages.join(" "),
        areas: lines.join("\n"),
        at: new.at,
    };
    publications::take_turn(tx, &row.id, row.version).await?;
    if !publications::insert_publication(tx, &row, &new.themes).await? {
        return Ok(());
    }
    let denominators = denominators(tx, &new.areas, &new.audiences, new.at.day()).await?;
    evidence::freeze(tx, &row.id, row.version, &denominators).await?;
    for (scope, at) in publications::early(tx, &row.id, row.version).await? {
        evidence::mark_on_node(tx, &row.id, row.version, &scope, at).await?;
    }
    // Evidence may have come before its publication: a stick with receipts, a hub that was restored.
    rebuild(tx, &row.id, row.version).await
}

/// Counts a version anew from its evidence. The live count must always equal it.
pub async fn rebuild(tx: &mut Tx, publication: &str, version: u32) -> Outcome<()> {
    counts::clear(tx, publication, version).await?;
    // Evidence about something that is not known here waits until it is.
    if publications::publication(tx, publication, version).await?.is_some() {
        let all = recount(tx, publication, version).await?;
        counts::write(tx, publication, version, &all).await?;
    }
    Ok(())
}

/// A point in the scope has this version: everybody below it stands one rung higher. A point may say so before the
/// denominators are frozen (the hub's worker may lag behind its polls): it is remembered, and counts then.
pub async fn on_node(
    tx: &mut Tx,
    scope: &ScopePath,
    publication: &str,
    version: u32,
) -> Outcome<()> {
    if publications::publication(tx, publication, version).await?.is_none() {
        publications::take_turn(tx, publication, version).await?;
        // Whoever was freezing it when we looked has ended by now.
        if publications::publication(tx, publication, version).await?.is_none() {
            return Ok(publications::note_early(tx, publication, version, scope).await?);
        }
    }
    let at = tx.now();
    for frozen in evidence::mark_on_node(tx, publication, version, scope, at).await? {
        for count in
            frozen_counts(&frozen).into_iter().filter(|count| count.rung == Some(Rung::OnNode))
        {
            counts::bump(tx, publication, version, &count).await?;
        }
    }
    Ok(())
}

/// A point was heard from: what it says about its villages is fresh again.
pub async fn note_contact(tx: &mut Tx, scope: &ScopePath, at: Timestamp) -> Outcome<()> {
    let now = tx.now();
    // A contact from the future would make a dead point look alive for years.
    publications::note_contact(tx, scope, at.min(now)).await?;
    Ok(())
}

/// Whom a publication would reach today.
pub async fn census(
    tx: &mut Tx,
    areas: &[ScopePath],
    audiences: &[String],
) -> Outcome<Vec<AudienceCount>> {
    let day = tx.now().day();
    let rows = denominators(tx, areas, audiences, day).await?;
    let count = |audience: &String| {
        let mine: Vec<_> = rows.iter().filter(|row| row.audience == audience).collect();
        let known: Vec<i64> = mine.iter().filter_map(|row| row.people).collect();
        AudienceCount {
            audience: audience.clone(),
            count: (!known.is_empty()).then(|| known.iter().sum()),
            villages: length(mine.len()),
            unknown_villages: length(mine.len() - known.len()),
        }
    };
    Ok(audiences.iter().map(count).collect())
}

fn length(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The roster under one target, by commune and village.
type Roster = BTreeMap<String, BTreeMap<String, Vec<Numbered>>>;

async fn denominators(
    tx: &mut Tx,
    targets: &[ScopePath],
    audiences: &[String],
    day: Day,
) -> Result<Vec<Denominator>, DbError> {
    let wanted: Vec<&'static str> =
        COUNTED.into_iter().filter(|known| audiences.iter().any(|code| code == known)).collect();
    let mut rows = Vec::new();
    let mut seen = BTreeSet::new();
    for target in targets {
        let Some(ground) = ground(tx, target, day).await? else { continue };
        let Ground { communes, mut villages, people, keepers, mut roster } = ground;
        for commune in communes {
            let listed = roster.remove(commune.id.as_str()).unwrap_or_default();
            let own = villages.remove(&commune.id).unwrap_or_default();
            for (path, village, serials) in places(&commune, own, target, listed) {
                if !seen.insert(path.clone()) {
                    continue;
                }
                for audience in &wanted {
                    let count = match (*audience, &village) {
                        // A commune that keeps a list has nobody where the list names nobody.
                        (PRESTIGIOUS_PERSON, _) => {
                            keepers.contains(commune.id.as_str()).then(|| length(serials.len()))
                        }
                        (PEOPLE, Some(id)) => people.get(id).map(|count| count.people),
                        _ => None,
                    };
                    let serials =
                        if *audience == PRESTIGIOUS_PERSON { serials.clone() } else { Vec::new() };
                    let place = Place::of(&path);
                    rows.push(Denominator { place, audience, people: count, serials });
                }
            }
        }
    }
    Ok(rows)
}

/// Everything that is known under one target, asked for in a handful of statements: the target may be the
/// whole country.
struct Ground {
    communes: Vec<Area>,
    villages: BTreeMap<AreaId, Vec<Area>>,
    people: HashMap<AreaId, Population>,
    /// Communes that keep a roster at all.
    keepers: BTreeSet<String>,
    roster: Roster,
}

async fn ground(tx: &mut Tx, target: &ScopePath, day: Day) -> Result<Option<Ground>, DbError> {
    // A village's commune counts for it.
    let commune_path = Place::of(target).commune_path();
    let is_inside = commune_path.contains(target) && !Place::of(target).commune.is_empty();
    let path = if is_inside { &commune_path } else { target };
    let Some(area) = areas::by_path(tx, path).await? else { return Ok(None) };
    let mut communes = match area.level {
        AreaLevel::Commune => vec![area],
        AreaLevel::Village => Vec::new(),
        _ => areas::below(tx, path, AreaLevel::Commune, day).await?,
    };
    communes.sort_by(|one, other| one.id.cmp(&other.id));
    let mut roster = Roster::new();
    for entry in people::entries(tx, target, day).await? {
        roster
            .entry(Place::of(&entry.path).commune)
            .or_default()
            .entry(entry.village)
            .or_default()
            .push(Numbered { register: entry.commune, serial: entry.serial });
    }
    let today = tx.now().day();
    let mut villages: BTreeMap<AreaId, Vec<Area>> = BTreeMap::new();
    for village in areas::below(tx, target, AreaLevel::Village, today).await? {
        if let Some(commune) = village.parent.clone() {
            villages.entry(commune).or_default().push(village);
        }
    }
    let keepers = people::keepers(tx, path).await?;
    let people = areas::populations_under(tx, target, day).await?;
    Ok(Some(Ground { communes, villages, people, keepers, roster }))
}

/// A place to count in: its path, its village when it is one, and the serials that live there.
type Counted = (ScopePath, Option<AreaId>, Vec<Numbered>);

/// The villages of a commune that a target covers. Where nobody has listed them, the commune itself
/// stands for them; persons whose village is not listed here are counted with it.
fn places(
    commune: &Area,
    villages: Vec<Area>,
    target: &ScopePath,
    mut listed: BTreeMap<String, Vec<Numbered>>,
) -> Vec<Counted> {
    let mut places = Vec::new();
    for village in villages {
        let serials = listed.remove(village.id.as_str()).unwrap_or_default();
        places.push((village.path, Some(village.id), serials));
    }
    let rest: Vec<Numbered> = listed.into_values().flatten().collect();
    if target.contains(&commune.path) && (places.is_empty() || !rest.is_empty()) {
        places.push((commune.path.clone(), None, rest));
    }
    places
}

/// The live count of a version under a path, as (audience, rung, channel, persons): for open checks
/// that it equals what [`rebuild`] makes.
pub async fn snapshot(
    db: &kernel::db::Db,
    publication: &str,
    version: u32,
    scope: &ScopePath,
) -> Outcome<Vec<(String, String, String, i64)>> {
    let rows = db
        .view(async |tx| {
            let mut rows = counts::of(tx, publication, version, counts::COMMUNE, scope).await?;
            let villages = counts::of(tx, publication, version, counts::VILLAGE, scope).await?;
            let whole = |rows: &[crate::model::table::Count]| {
                rows.iter().map(|row| row.people).sum::<i64>()
            };
            if whole(&rows) != whole(&villages) {
                return Err(kernel::problem::Failure::fault(
                    "count",
                    "villages and communes disagree",
                ));
            }
            rows.sort_by(|one, other| {
                (&one.audience, one.rung, one.channel).cmp(&(
                    &other.audience,
                    other.rung,
                    other.channel,
                ))
            });
            Ok(rows)
        })
        .await?;
    let told = rows.into_iter().map(|row| {
        let rung = row.rung.map_or("uncounted", Rung::word).to_owned();
        (row.audience, rung, row.channel.word().to_owned(), row.people)
    });
    Ok(told.collect())
}
