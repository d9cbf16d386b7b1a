//! Finding areas by what people type. The index gives candidates, `model::search` judges them, and
//! old units are followed to what they became.

use std::collections::{HashMap, HashSet};

use kernel::{
    clock::Day,
    db::{DbError, FromRow, Row, Tx, Value},
    sql,
};

use super::{facts_of_today, padded, successors_of_many, within};
use crate::model::{
    Area, AreaId, AreaLevel, Fact,
    plan::succession_known_from,
    search::{self, Asked, Became, Candidate, HITS_MAX, Hit, Query, RUNS_MAX},
};

/// The most rows one statement brings; a single letter matches thousands of names.
const ROWS_MAX: i64 = 100;

impl FromRow for Candidate {
    fn from_row(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            area: Area::from_row(row)?,
            context: row.get("context_search")?,
            name_search: row.get("name_search")?,
            name_sort: row.get("name_sort")?,
        })
    }
}

// `cross join` is an ordinary join whose order SQLite keeps: first what is typed, then what it names. Left to
// judge by the words asked for, it read every fact of the country for a common one ("hòa bình": 65 ms
// instead of 2).
macro_rules! candidates {
    ($from:literal, $rest:literal) => {
        sql!(concat!(
            "select f.unit, w.level, f.code, f.name, f.full_name, f.area_type, f.parent, f.path, \
             f.valid_from, f.valid_to, f.context_search, f.name_search, f.name_sort ",
            $from,
            " where f.unit = w.unit and f.valid_from = w.valid_from \
             and f.superseded_at is null and ($1 = '' or w.level = $1) \
             and w.valid_from <= $2 and w.valid_to > $3 and ",
            $rest
        ))
    };
}

/// What fits, best first. Old names are found too and say what they became.
pub async fn search(tx: &mut Tx, query: &Query) -> Result<Vec<Hit>, DbError> {
    let Some(asked) = Asked::read(&query.text) else { return Ok(Vec::new()) };
    let (areas, _) = judged(tx, &asked, query).await?;
    followed(tx, areas).await
}

/// The areas that fit, and how many of the typed words they leave unexplained.
async fn judged(tx: &mut Tx, asked: &Asked, query: &Query) -> Result<(Vec<Area>, usize), DbError> {
    let today = tx.now().day();
    let limit = if query.limit == 0 { HITS_MAX } else { query.limit.min(HITS_MAX) };
    for span in spans(query.at) {
        let found = gather(tx, asked, query, &span).await?;
        let (areas, missed) = search::best(asked, found, today, limit);
        if !areas.is_empty() {
            return Ok((areas, missed));
        }
    }
    Ok((Vec::new(), usize::MAX))
}

/// Adds where the areas lie, and what became of those that have ended.
async fn followed(tx: &mut Tx, areas: Vec<Area>) -> Result<Vec<Hit>, DbError> {
    let today = tx.now().day();
    let became = follow(tx, &areas, today).await?;
    told(tx, areas, became).await
}

/// What a search gave, and whether what was typed had to be mended for it.
#[derive(Debug, Default)]
pub struct Searched {
    /// What fits, best first.
    pub hits: Vec<Hit>,
    /// True when these fit better than anything does as typed, with one letter mended.
    pub mended: bool,
}

/// [`search`]; where nothing explains every word, looks again for names that differ from what was typed in
/// one letter, and takes them when they leave fewer words unexplained.
pub async fn search_or_mend(tx: &mut Tx, query: &Query) -> Result<Searched, DbError> {
    let Some(asked) = Asked::read(&query.text) else { return Ok(Searched::default()) };
    let (areas, missed) = judged(tx, &asked, query).await?;
    if missed > 0 {
        let mut names = HashSet::new();
        for word in asked.clues() {
            names.extend(names_with(tx, word).await?);
        }
        for text in asked.mended(names.iter().map(String::as_str)) {
            let Some(asked) = Asked::read(&text) else { continue };
            let (areas, left) = judged(tx, &asked, query).await?;
            if !areas.is_empty() && left < missed {
                return Ok(Searched { hits: followed(tx, areas).await?, mended: true });
            }
        }
    }
    Ok(Searched { hits: followed(tx, areas).await?, mended: false })
}

/// Folded names that hold a word as one of their own.
async fn names_with(tx: &mut Tx, word: &str) -> Result<Vec<String>, DbError> {
    tx.all(
        sql!(
            "select distinct f.name_search as value from areas_words w \
              cross join areas_facts f where f.unit = w.unit and f.valid_from = w.valid_from \
              and (w.word = $1 or (w.word >= $2 and w.word < $3)) limit 1500"
        ),
        // `!` follows the space in every byte order: words that begin with this one and go on.
        &[word.into(), format!("{word} ").into(), format!("{word}!").into()],
    )
    .await
}

/// The days between which a name must have been in use: one day, or first the years whose successions
/// are known. What ended before them is found only by date, or when nothing else answers.
fn spans(at: Option<Day>) -> Vec<[Value; 2]> {
    match at {
        Some(day) => vec![[day.into(), day.into()]],
        None => [succession_known_from().iso(), String::new()]
            .map(|since| [Day::FOREVER.into(), since.into()])
            .into(),
    }
}

async fn gather(
    tx: &mut Tx,
    asked: &Asked,
    query: &Query,
    span: &[Value; 2],
) -> Result<Vec<Candidate>, DbError> {
    let of_level = |level: Option<AreaLevel>| {
        [level.map_or("", AreaLevel::code).into(), span[0].clone(), span[1].clone()]
    };
    let base = of_level(query.level);
    let mut found = whole_names(tx, asked, &base).await?;
    // Names that only begin so rank below names that are so: with enough of those, none would be shown.
    let enough = if query.limit == 0 { HITS_MAX } else { query.limit };
    let exact = |start: &String| found.iter().filter(|one| one.name_search == *start).count();
    let wanting = asked.beginnings().into_iter().filter(|start| exact(start) < enough);
    for start in wanting.collect::<Vec<_>>() {
        found.extend(names_beginning(tx, &start, &base).await?);
        if query.level.is_none() {
            // Among thousands of "ha…" the provinces must not fall off the end of the list.
            let provinces = of_level(Some(AreaLevel::Province));
            found.extend(names_beginning(tx, &start, &provinces).await?);
        }
    }
    if let Some(code) = asked.code() {
        let values: Vec<Value> = base.iter().cloned().chain([code.into()]).collect();
        found.extend(
            tx.all::<Candidate>(
                candidates!(
                    "from areas_facts f cross join areas_words w",
                    "f.code = $4 and w.whole"
                ),
                &values,
            )
            .await?,
        );
    }
    Ok(found)
}

async fn names_beginning(
    tx: &mut Tx,
    start: &str,
    base: &[Value; 3],
) -> Result<Vec<Candidate>, DbError> {
    let end = format!("{start}\u{10ffff}");
    let values: Vec<Value> =
        base.iter().cloned().chain([start.into(), end.into(), ROWS_MAX.into()]).collect();
    tx.all(
        candidates!(
            "from areas_words w cross join areas_facts f",
            "w.word >= $4 and w.word < $5 order by w.word, w.unit limit $6"
        ),
        &values,
    )
    .await
}

async fn whole_names(
    tx: &mut Tx,
    asked: &Asked,
    base: &[Value; 3],
) -> Result<Vec<Candidate>, DbError> {
    let runs: Vec<Value> = asked.runs().into_iter().map(Value::from).collect();
    let values: Vec<Value> = base.iter().cloned().chain(padded(&runs, RUNS_MAX)).collect();
    tx.all(
        candidates!(
            "from (values ($4),($5),($6),($7),($8),($9),($10),($11),($12),($13),($14),($15),($16),($17),($18),($19), \
             ($20),($21),($22),($23),($24),($25),($26),($27),($28),($29),($30),($31),($32),($33),($34), \
             ($35),($36),($37),($38),($39),($40),($41),($42),($43),($44),($45),($46),($47),($48),($49), \
             ($50),($51),($52),($53),($54),($55),($56),($57),($58),($59),($60),($61),($62),($63),($64), \
             ($65),($66),($67),($68),($69),($70),($71),($72),($73)\
             ) typed cross join areas_words w cross join areas_facts f",
            "w.whole and w.word = typed.column1"
        ),
        &values,
    )
    .await
}

/// A unit of today that an old one went to, before it is told where it lies.
struct Reached {
    area: Area,
    whole: bool,
    on: Day,
    instrument: String,
}

/// Follows ended units from event to event to those that live today.
async fn follow(
    tx: &mut Tx,
    areas: &[Area],
    today: Day,
) -> Result<HashMap<AreaId, Vec<Reached>>, DbError> {
    // Six reorganisations on end would be more than the last fifty years have seen.
    const STEPS_MAX: usize = 6;
    let ended: Vec<AreaId> =
        areas.iter().filter(|area| area.until <= today).map(|area| area.id.clone()).collect();
    let mut ways: Vec<(AreaId, AreaId, bool, Day)> =
        ended.iter().map(|id| (id.clone(), id.clone(), true, Day::FOREVER)).collect();
    let mut reached: HashMap<AreaId, Vec<Reached>> = HashMap::new();
    for _ in 0..STEPS_MAX {
        let heads: HashSet<AreaId> = ways.iter().map(|way| way.1.clone()).collect();
        if heads.is_empty() {
            break;
        }
        let steps = successors_of_many(tx, &heads.into_iter().collect::<Vec<_>>()).await?;
        let mut onward = Vec::new();
        for (origin, head, whole, _) in ways {
            for step in steps.get(&head).into_iter().flatten() {
                let whole = whole && step.whole;
                let on = step.event.effective_on;
                if step.area.until <= today {
                    onward.push((origin.clone(), step.area.id.clone(), whole, on));
                } else {
                    let list = reached.entry(origin.clone()).or_default();
                    if list.iter().all(|known| known.area.id != step.area.id) {
                        list.push(Reached {
                            area: step.area.clone(),
                            whole,
                            on,
                            instrument: step.event.instrument.clone(),
                        });
                    }
                }
            }
        }
        ways = onward;
    }
    add_renamed(tx, &ended, &mut reached).await?;
    Ok(reached)
}

/// A name or type of earlier years may belong to a unit that lives on under its facts of today.
async fn add_renamed(
    tx: &mut Tx,
    ended: &[AreaId],
    reached: &mut HashMap<AreaId, Vec<Reached>>,
) -> Result<(), DbError> {
    let alone: Vec<&AreaId> = ended.iter().filter(|id| !reached.contains_key(id)).collect();
    for Fact { area, instrument, .. } in facts_of_today(tx, alone).await? {
        let on = area.from;
        reached.insert(area.id.clone(), vec![Reached { area, whole: true, on, instrument }]);
    }
    Ok(())
}

/// Adds where everything lies.
async fn told(
    tx: &mut Tx,
    areas: Vec<Area>,
    mut became: HashMap<AreaId, Vec<Reached>>,
) -> Result<Vec<Hit>, DbError> {
    let mut lists: Vec<Vec<Reached>> =
        areas.iter().map(|area| became.remove(&area.id).unwrap_or_default()).collect();
    for list in &mut lists {
        list.sort_by_cached_key(|one| kernel::text::sort_key(&one.area.name));
    }
    let all: Vec<&Area> =
        areas.iter().chain(lists.iter().flatten().map(|reached| &reached.area)).collect();
    let mut places = within(tx, &all).await?.into_iter();
    let own: Vec<String> = places.by_ref().take(areas.len()).collect();
    let hits = areas.into_iter().zip(own).zip(lists).map(|((area, within), list)| {
        let became = list.into_iter().map(|Reached { area, whole, on, instrument }| Became {
            area,
            within: places.next().unwrap_or_default(),
            whole,
            on,
            instrument,
        });
        Hit { area, within, became: became.collect() }
    });
    Ok(hits.collect())
}
