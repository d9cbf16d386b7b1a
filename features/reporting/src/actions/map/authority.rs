//! Who has authority over a unit's papers today: where it lies, or where what it became lies.

use std::collections::{BTreeSet, HashMap};

use areas::AreaId;
use kernel::{
    db::{Db, Tx},
    problem::Outcome,
    scope::ScopePath,
};

use super::STRETCH;
use crate::store::{
    lying::{self, Lying},
    numbers,
};

/// How many mergers in a row are followed: the country has seen three in a century.
const GENERATIONS: usize = 40;

/// Lays papers under who has authority over them today; gives how many units' went elsewhere. Seats and obligations
/// know their days beforehand; this alone must be done again on the first day of a decree that was recorded earlier.
pub(crate) async fn settle_papers(db: &Db) -> Outcome<usize> {
    let moved: Vec<(Lying, ScopePath)> = db
        .view(async |tx| {
            let all = lying::all(tx).await?;
            let units: BTreeSet<AreaId> = all.iter().map(|one| one.area.clone()).collect();
            let today = authorities(tx, units.iter()).await?;
            let moved = all.into_iter().filter_map(|one| {
                let to = today.get(&one.area).filter(|to| **to != one.path)?.clone();
                Some((one, to))
            });
            Ok(moved.collect())
        })
        .await?;
    for some in moved.chunks(STRETCH) {
        db.change(async |tx| {
            for (one, to) in some {
                lying::put(tx, one, to, &numbers::province_path(to)).await?;
            }
            Ok(())
        })
        .await?;
    }
    Ok(moved.len())
}

/// The place that has authority over an area's papers today: where it lies, or where what it became lies. What
/// was divided lies under the smallest place that holds all its heirs. None for areas the map does not know.
pub async fn authority(tx: &mut Tx, area: &AreaId) -> Outcome<Option<ScopePath>> {
    Ok(authorities(tx, [area]).await?.remove(area))
}

/// The same for many.
pub async fn authorities(
    tx: &mut Tx,
    areas: impl IntoIterator<Item = &AreaId>,
) -> Outcome<HashMap<AreaId, ScopePath>> {
    let wanted: BTreeSet<AreaId> = areas.into_iter().cloned().collect();
    let today = tx.now().day();
    let mut ends: HashMap<AreaId, End> = HashMap::new();
    let mut open: BTreeSet<AreaId> = wanted.clone();
    for _ in 0..GENERATIONS {
        if open.is_empty() {
            break;
        }
        let stretches = areas::stretches(tx, open.iter()).await?;
        let mut ended: Vec<AreaId> = Vec::new();
        let mut lasts: Vec<(AreaId, ScopePath)> = Vec::new();
        for (id, known) in stretches {
            let holds = known.iter().find(|one| one.valid_from <= today && one.valid_to > today);
            let future = || known.first().filter(|one| one.valid_from > today);
            if let Some(one) = holds.or_else(future) {
                ends.insert(id, End::Lives(one.path.clone()));
            } else if let Some(last) = known.last() {
                ended.push(id.clone());
                lasts.push((id, last.path.clone()));
            }
        }
        let mut heirs = areas::successors_of_many(tx, &ended).await?;
        let mut next: BTreeSet<AreaId> = BTreeSet::new();
        for (id, path) in lasts {
            let heirs: BTreeSet<AreaId> =
                heirs.remove(&id).unwrap_or_default().into_iter().map(|one| one.area.id).collect();
            let above = path.ancestors().into_iter().rev().nth(1);
            let above = above.and_then(|above| AreaId::parse(above.last()?));
            next.extend(heirs.iter().cloned());
            next.extend(above.iter().filter(|_| heirs.is_empty()).cloned());
            ends.insert(id, End::Ended { heirs, above, path });
        }
        next.retain(|id| !ends.contains_key(id));
        open = next;
    }
    let found = wanted.into_iter().filter_map(|id| {
        let path = resolve(&ends, &id, GENERATIONS)?;
        Some((id, path))
    });
    Ok(found.collect())
}

/// What became of a unit.
enum End {
    Lives(ScopePath),
    Ended { heirs: BTreeSet<AreaId>, above: Option<AreaId>, path: ScopePath },
}

fn resolve(ends: &HashMap<AreaId, End>, id: &AreaId, left: usize) -> Option<ScopePath> {
    match ends.get(id)? {
        End::Lives(path) => Some(path.clone()),
        End::Ended { path, .. } if left == 0 => Some(path.clone()),
        // Nobody knows what became of it: it stays under what became of the unit above it.
        End::Ended { heirs, above, path } if heirs.is_empty() => {
            let above = above.as_ref().and_then(|above| resolve(ends, above, left - 1));
            Some(above.map_or_else(|| path.clone(), |above| above.child(id.as_str())))
        }
        End::Ended { heirs, path, .. } => {
            let mut paths: Vec<ScopePath> =
                heirs.iter().filter_map(|heir| resolve(ends, heir, left - 1)).collect();
            paths.sort();
            paths.dedup();
            Some(match paths.as_slice() {
                [] => path.clone(),
                [one] => one.clone(),
                several => areas::common(several).child(id.as_str()),
            })
        }
    }
}
