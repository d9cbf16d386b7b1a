//! What happens when somebody reads: the place a page is about is found, openings are counted without
//! a visitor, and receipts go to `reach` (in `receipts`).

pub(crate) mod receipts;

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use areas::{Area, AreaId};
use kernel::{
    app::AppRef,
    clock::Timestamp,
    db::Tx,
    problem::{OrMissing, Outcome},
    scope::ScopePath,
};
use publishing::{Article, Headline, ListQuery, PublicationId};

use crate::{NOT_FOUND, Place, store};

/// The area a page is about.
#[derive(Clone, Debug)]
pub(crate) struct Here {
    /// The area; nothing when its data is not loaded yet.
    pub area: Option<Area>,
    /// What lists are narrowed to; nothing for the whole country.
    pub path: Option<ScopePath>,
}

/// The node's own scope: the commune of a point, nothing at a hub.
pub(crate) async fn own_scope(app: &AppRef) -> Outcome<Option<ScopePath>> {
    match app.port::<Place>() {
        Some(Place(ask)) => ask(app).await,
        None => Ok(None),
    }
}

/// The area somebody asked for by id, or the node's own place.
pub(crate) async fn here(app: &AppRef, asked: Option<&str>) -> Outcome<Here> {
    let own = match asked {
        Some(_) => None,
        None => own_scope(app).await?,
    };
    app.db
        .view(async |tx| match (asked, own) {
            (Some(id), _) => {
                let id = AreaId::parse(id).or_missing(&areas::NOT_FOUND)?;
                let area = areas::find(tx, &id).await?.or_missing(&areas::NOT_FOUND)?;
                let path = (area.id != AreaId::country()).then(|| area.path.clone());
                Ok(Here { area: Some(area), path })
            }
            (None, Some(path)) => {
                Ok(Here { area: areas::by_path(tx, &path).await?, path: Some(path) })
            }
            (None, None) => {
                Ok(Here { area: areas::find(tx, &AreaId::country()).await?, path: None })
            }
        })
        .await
}

/// The public version of a publication, or 404.
pub(crate) async fn article(tx: &mut Tx, id: Option<PublicationId>) -> Outcome<Article> {
    let id = id.or_missing(&NOT_FOUND)?;
    publishing::article(tx, &id).await?.or_missing(&NOT_FOUND)
}

/// Days over which "most read" is counted, and after which counts are forgotten.
const READ_DAYS: i32 = 14;
/// How many of the newest items may become "most read".
const CANDIDATES: usize = 100;

/// What was opened most in the last two weeks among what is public in a place.
pub(crate) async fn most_read(
    tx: &mut Tx,
    place: Option<&ScopePath>,
    limit: usize,
) -> Outcome<Vec<Headline>> {
    let since = tx.now().day().plus_days(-READ_DAYS);
    let reads = store::most_read(tx, since, CANDIDATES).await?;
    if reads.is_empty() {
        return Ok(Vec::new());
    }
    let query = ListQuery { place: place.cloned(), limit: CANDIDATES, ..ListQuery::default() };
    let mut public: HashMap<String, Headline> = publishing::latest(tx, &query)
        .await?
        .into_iter()
        .map(|headline| (headline.publication.to_string(), headline))
        .collect();
    Ok(reads.iter().filter_map(|row| public.remove(&row.publication)).take(limit).collect())
}

/// Counts kept in memory until there is enough to write. The server offers one; without it nothing is
/// counted. It holds publications and numbers, nothing about who asked.
///
/// Every commit empties the page cache, so counts are written at most once a minute. A page that is
/// answered from the cache does not reach us: an opening stands for "opened within some five
/// seconds", which ranks items fairly and cannot be driven up by reloading.
#[derive(Debug, Default)]
pub struct Counters(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    reads: HashMap<String, u32>,
    since: Option<Timestamp>,
    shown: HashMap<String, Timestamp>,
}

/// How long counts wait in memory, in milliseconds.
const FLUSH_MS: i64 = 60_000;
/// How often an item on the kiosk's screen counts as shown, in milliseconds.
const SHOWN_MS: i64 = 3_600_000;

impl Counters {
    /// Counts one opening; gives what should be written now, if it is time.
    fn opened(&self, publication: &str, now: Timestamp) -> Vec<(String, u32)> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.reads.entry(publication.to_owned()).or_default() += 1;
        let since = *counts.since.get_or_insert(now);
        // A clock that was set back must not hold the counts for ever.
        if (0..FLUSH_MS).contains(&now.since(since)) {
            return Vec::new();
        }
        counts.since = None;
        counts.reads.drain().collect()
    }

    /// Keeps those that were not shown within the last hour, and notes them as shown.
    fn newly_shown(&self, ids: impl Iterator<Item = String>, now: Timestamp) -> Vec<String> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.shown.retain(|_, at| (0..SHOWN_MS).contains(&now.since(*at)));
        let new = ids.filter(|id| !counts.shown.contains_key(id)).collect::<Vec<_>>();
        counts.shown.extend(new.iter().map(|id| (id.clone(), now)));
        new
    }
}

/// Counts that an article was opened. A count that cannot be written is no reason to refuse the page.
pub(crate) async fn count_reading(app: &AppRef, id: &PublicationId) {
    let Some(counters) = app.port::<Counters>() else { return };
    let due = counters.opened(id.as_str(), app.now());
    if due.is_empty() {
        return;
    }
    let written = app
        .db
        .change(async |tx| {
            let today = tx.now().day();
            for (publication, reads) in &due {
                store::add_reads(tx, publication, today, *reads).await?;
            }
            Ok(store::forget_reads(tx, today.plus_days(-READ_DAYS)).await?)
        })
        .await;
    if let Err(failure) = written {
        kernel::tracing::warn!("openings were not counted: {failure}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn openings_wait_a_minute_and_are_written_together() {
        let counters = Counters::default();
        let start = Timestamp::from_millis(1_000_000);
        for second in 0..59 {
            assert!(counters.opened("a", start.plus_seconds(second)).is_empty());
        }
        let mut due = counters.opened("b", start.plus_seconds(60));
        due.sort();
        assert_eq!(due, [("a".to_owned(), 59), ("b".to_owned(), 1)]);
        assert!(counters.opened("a", start.plus_seconds(61)).is_empty(), "counting begins anew");
    }

    #[test]
    fn a_clock_set_back_does_not_hold_the_counts() {
        let counters = Counters::default();
        counters.opened("a", Timestamp::from_millis(9_000_000));
        assert_eq!(counters.opened("a", Timestamp::from_millis(1_000)), [("a".to_owned(), 2)]);
    }

    #[test]
    fn an_item_counts_as_shown_once_an_hour() {
        let counters = Counters::default();
        let ids = || ["a", "b"].into_iter().map(str::to_owned);
        let start = Timestamp::from_millis(1_000_000);
        assert_eq!(counters.newly_shown(ids(), start), ["a", "b"]);
        assert!(counters.newly_shown(ids(), start.plus_seconds(3599)).is_empty());
        assert_eq!(counters.newly_shown(ids(), start.plus_seconds(3600)), ["a", "b"]);
    }
}
