//! *Xã tôi bây giờ là gì?* The old address in, the new one out.

use kernel::{
    axum::extract::Query as Params,
    clock::Day,
    web::{Answer, Template, Visit},
};
use serde::Serialize;

use super::{Errors, href, is_birth, known, told};
use crate::{
    model::{
        AreaLevel, capitalised,
        plan::succession_known_from,
        search::{Became, Hit, Wanted},
    },
    store,
};

/// The finder's page.
pub const FINDER: Template<Finder> = Template::new("areas/finder.html");

/// What the finder shows.
#[derive(Debug, Default, Serialize)]
pub struct Finder {
    /// What was typed, to be shown again.
    pub wanted: Typed,
    /// True once something was asked.
    pub asked: bool,
    /// What was found.
    pub hits: Vec<Card>,
    /// True when nothing has the name as it was typed, and these differ from it in one letter.
    pub mended: bool,
    /// The levels to choose from.
    pub levels: Vec<&'static str>,
    /// What is wrong with the question.
    pub errors: Errors,
}

/// What was typed.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Typed {
    /// The name or address.
    pub q: String,
    /// The day.
    pub at: String,
    /// The level's code.
    pub level: String,
}

/// Something found.
#[derive(Debug, Serialize)]
pub struct Card {
    /// Its page.
    pub href: String,
    /// Its full name.
    pub title: String,
    /// Where it lies.
    pub within: String,
    /// Its code.
    pub code: Option<String>,
    /// `current`, `ended` or `unknown` (ended, and nobody knows what it became).
    pub state: &'static str,
    /// Since when.
    pub from: Day,
    /// False when the unit is older than the first frame we have of it.
    pub born_here: bool,
    /// Until when (the last day).
    pub last: Option<Day>,
    /// What it became.
    pub became: Vec<Heir>,
}

/// A unit of today that an old one went to.
#[derive(Debug, Serialize)]
pub struct Heir {
    /// Its page.
    pub href: String,
    /// Its full name.
    pub title: String,
    /// Where it lies.
    pub within: String,
    /// True when the whole old unit is in it.
    pub whole: bool,
    /// Since when.
    pub on: Day,
    /// By which instrument; empty when none is known.
    pub instrument: String,
}

impl Card {
    fn of(hit: Hit, today: Day) -> Self {
        let Hit { area, within, became } = hit;
        let ended = area.until <= today;
        let abolished = area.level == AreaLevel::District && area.from >= succession_known_from();
        let state = match (ended, became.is_empty()) {
            (false, _) => "current",
            (true, false) => "ended",
            (true, true) if abolished => "abolished",
            (true, true) => "unknown",
        };
        Self {
            href: href(&area),
            title: area.title(),
            within: capitalised(&within),
            code: area.code.clone(),
            state,
            from: area.from,
            born_here: is_birth(area.from),
            last: known(area.until).map(|day| day.plus_days(-1)),
            became: became.into_iter().map(Heir::of).collect(),
        }
    }
}

impl Heir {
    fn of(Became { area, within, whole, on, instrument }: Became) -> Self {
        Self { href: href(&area), title: area.title(), within, whole, on, instrument }
    }
}

/// The levels people look for.
pub(super) fn levels() -> Vec<&'static str> {
    AreaLevel::ALL
        .into_iter()
        .filter(|level| *level != AreaLevel::Country)
        .map(AreaLevel::code)
        .collect()
}

/// `GET /dia-ban?q=&at=&level=`
pub async fn show(visit: Visit, Params(wanted): Params<Wanted>) -> Answer {
    let typed = Typed {
        q: wanted.q.clone().unwrap_or_default(),
        at: wanted.at.clone().unwrap_or_default(),
        level: wanted.level.clone().unwrap_or_default(),
    };
    let query = match wanted.query() {
        Ok(query) => query,
        Err(failure) => {
            return visit.form_again(failure, &FINDER, |errors| Finder {
                wanted: typed,
                levels: levels(),
                errors: told(errors),
                ..Finder::default()
            });
        }
    };
    let today = visit.app.now().day();
    let asked = !query.text.trim().is_empty();
    let store::Searched { hits, mended } =
        visit.app.db.view(async |tx| Ok(store::search_or_mend(tx, &query).await?)).await?;
    let hits = hits.into_iter().map(|hit| Card::of(hit, today)).collect();
    visit.public_page(
        &FINDER,
        &Finder { wanted: typed, asked, hits, mended, levels: levels(), errors: Errors::default() },
    )
}
