//! What the board says, for whoever counts on with it: coverage by theme, audience, rung and province against
//! the frozen denominators, and village meetings. Figures of persons are told per province and only where the
//! board would show them to somebody above the commune.

use std::collections::BTreeMap;

use kernel::{clock::Day, db::Tx, problem::Outcome, scope::ScopePath};

use super::succession::{by_theme_between, lies_now};
use crate::{
    model::{
        COUNTED, Place, Rung,
        suppression::{Column, hide},
        table::{Contacts, Count, Sheet},
    },
    store::{counts, meetings},
};

/// The rungs that everybody in the denominator could climb; *understood* and *verified* are samples.
pub const RUNGS: [Rung; 5] =
    [Rung::OnNode, Rung::Shown, Rung::Opened, Rung::Completed, Rung::Confirmed];

/// Coverage of a theme for an audience in a province.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covered {
    /// The theme's code.
    pub theme: String,
    /// The audience's code.
    pub audience: &'static str,
    /// The province's id.
    pub province: String,
    /// Persons of the audience, over all items of the theme, as far as known.
    pub denominator: i64,
    /// Persons on each rung, over all items.
    pub rungs: Vec<(Rung, i64)>,
}

/// Coverage over what was published on these days. A theme of a province is left out where the board would hide
/// any of these figures from somebody above the commune, and where nobody knows the denominator.
pub async fn coverage(tx: &mut Tx, from: Day, until: Day) -> Outcome<Vec<Covered>> {
    let mut all = Vec::new();
    for audience in COUNTED {
        let root = ScopePath::root();
        let rows = by_theme_between(tx, audience, (from, until), counts::COMMUNE, &root).await?;
        let mut themes: BTreeMap<String, Vec<Count>> = BTreeMap::new();
        for row in rows {
            themes.entry(row.theme).or_default().push(row.count);
        }
        for (theme, rows) in themes {
            // How well a place can be heard does not change what is known of it.
            let sheet = Sheet::of(&rows, audience, &Contacts::Here);
            all.extend(of_theme(&theme, audience, &sheet));
        }
    }
    Ok(all)
}

fn of_theme(theme: &str, audience: &'static str, sheet: &Sheet) -> Vec<Covered> {
    let columns = std::iter::once(Rung::Published).chain(RUNGS);
    let plans: Vec<_> = columns.map(|rung| hide(&sheet.measured(|tally| tally.on(rung)))).collect();
    let shown = sheet.communes.keys().filter(|province| {
        !province.is_empty() && plans.iter().all(|plan| !plan.province(province))
    });
    shown
        .filter_map(|province| {
            let tally = sheet.province(province);
            Some(Covered {
                theme: theme.to_owned(),
                audience,
                province: province.clone(),
                denominator: tally.denominator()?,
                rungs: RUNGS.map(|rung| (rung, tally.on(rung))).to_vec(),
            })
        })
        .collect()
}

/// Village meetings of a commune.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The commune's path.
    pub commune: ScopePath,
    /// How many meetings.
    pub meetings: i64,
}

/// Village meetings on these days: how many, by commune; and persons who came, by province, where these may be
/// shown above the commune. Who came twice counts twice. Meetings that were taken back do not count.
pub async fn meetings_held(
    tx: &mut Tx,
    from: Day,
    until: Day,
) -> Outcome<(Vec<Held>, Vec<(String, i64)>)> {
    let steps = areas::steps(tx).await?;
    let mut held: BTreeMap<ScopePath, i64> = BTreeMap::new();
    let mut heads = Column::new();
    for row in meetings::held(tx, from, until).await? {
        let place = Place::of(&lies_now(&steps, &row.path));
        *held.entry(place.commune_path()).or_default() += row.meetings;
        let communes = heads.entry(place.province).or_default();
        *communes.entry(place.commune).or_default() += row.heads;
    }
    let hidden = hide(&heads);
    let shown = heads.iter().filter(|(province, _)| !hidden.province(province));
    let people = shown.map(|(province, communes)| (province.clone(), communes.values().sum()));
    let people = people.collect();
    let held = held.into_iter().map(|(commune, meetings)| Held { commune, meetings }).collect();
    Ok((held, people))
}
