//! How a tally is said: never a percentage without its rung, its denominator and its date, never a
//! small number above the commune, and the unknown as unknown. Shared by the board and the ladder.

use std::collections::{BTreeMap, HashMap};

use areas::Area;
use kernel::{db::Tx, problem::Outcome, scope::ScopePath, text::thousands, web::Visit};
use serde::Serialize;

use super::{Link, depth};
use crate::{
    actions::succession,
    model::{
        PRESTIGIOUS_PERSON, Place, Rung,
        suppression::{self, Hidden},
        table::{self, Contact, Contacts, Count, Share, Sheet, Tally},
    },
};

/// A bar in a table's cell, with its words.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Bar {
    /// Whole percent; absent when unknown or hidden.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) percent: Option<i64>,
    /// What stands beside it.
    pub(super) text: String,
    /// Percent of the denominator that is unknown.
    pub(super) unknown: i64,
}

/// One unit in a table.
#[derive(Clone, Debug, Serialize)]
pub(super) struct UnitRow {
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) href: Option<String>,
    pub(super) denominator: String,
    pub(super) bar: Bar,
    pub(super) channel: String,
    pub(super) todo: String,
    pub(super) urgent: bool,
}

/// The units of a table: those that have something to say, and the names of the rest.
#[derive(Debug, Default)]
pub(super) struct Units {
    pub(super) rows: Vec<UnitRow>,
    /// Without a point, without a denominator, without a word from anybody.
    pub(super) rest: Vec<Link>,
}

/// What a reader may see of one figure.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each hides a part of the figure by itself")]
pub(super) struct Veil {
    /// The persons on the rung are hidden.
    pub(super) people: bool,
    /// The denominator is hidden.
    pub(super) whole: bool,
    /// Something below is hidden, so that the size of the unknown part could tell it.
    pub(super) below: bool,
    /// What is told beside the figure is hidden.
    pub(super) beside: bool,
}

/// When points were heard from, in the eyes of this node.
pub(super) async fn contacts(tx: &mut Tx, visit: &Visit) -> Outcome<Contacts> {
    Ok(match visit.app.role {
        kernel::app::NodeRole::Point => Contacts::Here,
        kernel::app::NodeRole::Hub => Contacts::Heard(succession::contacts(tx).await?, tx.now()),
    })
}

/// A tally in one line and a bar.
pub(super) fn bar(visit: &Visit, tally: &Tally, rung: Rung, veil: Veil) -> Bar {
    if tally.denominator().is_none() && rung.sample_of().is_none() {
        // Where nobody has counted there is no small cell to hide.
        let (unmeasured, _) = heads_beside(tally, rung, veil);
        let people = unmeasured + if veil.people { 0 } else { tally.on(rung) };
        return Bar { percent: None, text: told_alone(visit, people), unknown: 0 };
    }
    let figure = measured_bar(visit, tally, rung, veil);
    match beside(visit, tally, rung, veil) {
        Some(words) => Bar { text: format!("{} {words}", figure.text), ..figure },
        None => figure,
    }
}

/// Persons of whom nobody knows of how many they are; unknown when there are none.
fn told_alone(visit: &Visit, people: i64) -> String {
    if people == 0 {
        return visit.say("kernel-unknown", &[]);
    }
    visit.say("reach-people-no-denominator", &[("people", thousands(people))])
}

/// Heads of meetings that are in no denominator: of places nobody has counted, and above the frozen number. The same
/// for every rung that a meeting proves.
pub(super) fn heads_beside(tally: &Tally, rung: Rung, veil: Veil) -> (i64, i64) {
    if veil.beside || !Rung::CLIMBED.contains(&rung) {
        return (0, 0);
    }
    (tally.unmeasured, tally.surplus)
}

/// What is told beside a figure and stands in no percentage.
pub(super) fn beside(visit: &Visit, tally: &Tally, rung: Rung, veil: Veil) -> Option<String> {
    let (unmeasured, surplus) = heads_beside(tally, rung, veil);
    let told = [("reach-beside-unmeasured", unmeasured), ("reach-beside-surplus", surplus)];
    let there = told.into_iter().filter(|(_, people)| *people > 0);
    let words: Vec<String> =
        there.map(|(key, people)| visit.say(key, &[("people", thousands(people))])).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// More persons than the denominator has: said instead of cut.
pub(super) fn over(visit: &Visit, share: &Share) -> String {
    let whole = thousands(share.whole.unwrap_or(0));
    visit.say("reach-share-over", &[("people", thousands(share.people)), ("whole", whole)])
}

fn measured_bar(visit: &Visit, tally: &Tally, rung: Rung, veil: Veil) -> Bar {
    if veil.people {
        return Bar { percent: None, text: visit.say("kernel-figure-suppressed", &[]), unknown: 0 };
    }
    if tally.is_unknown(rung) && rung.sample_of().is_none() {
        return Bar { percent: None, text: visit.say("kernel-unknown", &[]), unknown: 0 };
    }
    let share = tally.share(rung);
    if share.is_over() && !veil.whole {
        return Bar { percent: None, text: over(visit, &share), unknown: 0 };
    }
    let (Some(percent), false) = (share.percent, veil.whole) else {
        return Bar { percent: None, text: thousands(share.people), unknown: 0 };
    };
    let whole = thousands(share.whole.unwrap_or(0));
    let mut args = vec![
        ("people", thousands(share.people)),
        ("whole", whole),
        ("percent", percent.to_string()),
    ];
    if let Some((low, high)) = share.range {
        args.extend([("low", low.to_string()), ("high", high.to_string())]);
        return Bar {
            percent: Some(percent),
            text: visit.say("reach-share-sample", &args),
            unknown: 0,
        };
    }
    let unknown = if veil.below { 0 } else { share.unknown };
    Bar { percent: Some(percent), text: visit.say("reach-share", &args), unknown }
}

/// The denominator in words.
pub(super) fn denominator(visit: &Visit, tally: &Tally, veil: Veil) -> String {
    match tally.denominator() {
        _ if veil.whole => visit.say("kernel-figure-suppressed", &[]),
        None => visit.say("kernel-unknown", &[]),
        Some(people) => thousands(people),
    }
}

/// The channel that brought most, in words.
pub(super) fn strongest(visit: &Visit, tally: &Tally, rung: Rung, veil: Veil) -> String {
    let hidden = veil.people;
    let first = tally.channels(rung).into_iter().next().filter(|_| !hidden);
    first.map_or_else(
        || "–".to_owned(),
        |(channel, _)| super::word(visit, "channel", channel.word()),
    )
}

/// What to do next in a unit, the most pressing first; and whether it presses.
pub(super) fn todo(
    visit: &Visit,
    tally: &Tally,
    rung: Rung,
    contact: Contact,
    missing: &[String],
    target: Option<i64>,
    veil: Veil,
) -> (String, bool) {
    let at_commune = tally.places.1 <= 1;
    // A hint must not tell what the figure beside it does not.
    let reached = tally.share(rung).percent.filter(|_| !veil.people && !veil.whole);
    let short = reached.is_none_or(|percent| percent < target.unwrap_or(100));
    match contact {
        Contact::Silent(at) if at_commune => {
            return (visit.say("reach-todo-silent", &[("day", at.day().short())]), true);
        }
        Contact::Never if at_commune && short => {
            return (visit.say("reach-todo-no-point", &[]), true);
        }
        _ => {}
    }
    if tally.denominator().is_none() {
        return (visit.say("reach-todo-denominator", &[]), false);
    }
    if let (Some(tag), true) = (missing.first(), short) {
        return (
            visit.say("reach-todo-language", &[("language", super::language_name(visit, tag))]),
            true,
        );
    }
    if short && at_commune && reached.is_some() && tally.on(Rung::OnNode) == 0 {
        return (visit.say("reach-todo-not-on-node", &[]), false);
    }
    if short && reached.is_some() && at_commune {
        return (visit.say("reach-todo-meeting", &[]), false);
    }
    if !at_commune && tally.places.0 < tally.places.1 {
        let unheard = (tally.places.1 - tally.places.0).to_string();
        return (visit.say("reach-todo-places", &[("places", unheard)]), false);
    }
    ("–".to_owned(), false)
}

/// What somebody may see of one audience: for whom nothing is hidden there is no plan.
pub(super) struct Plan {
    people: Hidden,
    whole: Hidden,
    beside: [Hidden; 2],
}

impl Plan {
    /// Decides over the whole country, so that no two pages contradict each other.
    pub(super) fn of(country: &Sheet, rung: Rung) -> Self {
        let hidden = |rung: Rung| {
            suppression::hide(&match rung.sample_of() {
                None => country.measured(|tally| tally.on(rung)),
                // Of whom a sample was taken has nothing to do with who was counted.
                Some(_) => country.column(|tally| tally.on(rung)),
            })
        };
        let whole = match rung.sample_of() {
            None => hidden(Rung::Published),
            Some(base) => suppression::hide(&country.column(|tally| tally.on(base))),
        };
        let beside = [
            suppression::hide(&country.column(|tally| tally.unmeasured)),
            suppression::hide(&country.column(|tally| tally.surplus)),
        ];
        Self { people: hidden(rung), whole, beside }
    }

    /// The veil over an area.
    pub(super) fn veil(&self, path: &ScopePath) -> Veil {
        let place = Place::of(path);
        let hidden = |figure: &Hidden| match depth(path) {
            0 | 1 => figure.country,
            2 => figure.province(&place.province),
            3 => figure.commune(&place.province, &place.commune),
            // Villages are for those who work in their commune.
            _ => true,
        };
        let below = |(province, communes): (&String, &BTreeMap<String, bool>)| {
            let inside = depth(path) < 2 || *province == place.province;
            inside && communes.values().any(|is_hidden| *is_hidden)
        };
        Veil {
            people: hidden(&self.people),
            whole: hidden(&self.whole),
            below: self.people.communes.iter().any(below),
            beside: self.beside.iter().any(hidden),
        }
    }
}

/// The tally of an area within a sheet that covers it.
pub(super) fn tally_of(sheet: &Sheet, path: &ScopePath) -> Tally {
    let place = Place::of(path);
    match depth(path) {
        0 | 1 => sheet.whole(),
        2 => sheet.province(&place.province),
        _ => {
            let commune =
                sheet.communes.get(&place.province).and_then(|all| all.get(&place.commune));
            commune.cloned().unwrap_or_default()
        }
    }
}

/// What a table of units is about.
pub(super) struct TableOf<'a> {
    pub(super) area: &'a Area,
    pub(super) audience: &'a str,
    pub(super) rung: Rung,
    pub(super) target: Option<i64>,
    /// Where a unit's own page is, without its id.
    pub(super) base: String,
    pub(super) plan: Option<&'a Plan>,
    pub(super) contacts: &'a Contacts,
    /// Languages that somebody of a village needs and nothing is there in.
    pub(super) missing: &'a HashMap<String, Vec<String>>,
}

/// What is known of each unit directly below an area.
fn below(
    table: &TableOf<'_>,
    sheet: &Sheet,
    villages: &[Count],
) -> BTreeMap<String, (Tally, ScopePath)> {
    let mut units: BTreeMap<String, (Tally, ScopePath)> = BTreeMap::new();
    match depth(&table.area.path) {
        0 | 1 => {
            for province in sheet.communes.keys().filter(|id| !id.is_empty()) {
                units.insert(
                    province.clone(),
                    (sheet.province(province), table.area.path.child(province)),
                );
            }
        }
        2 => {
            let communes = sheet.communes.get(&Place::of(&table.area.path).province);
            for (commune, tally) in communes.into_iter().flatten() {
                units.insert(commune.clone(), (tally.clone(), table.area.path.child(commune)));
            }
        }
        _ => {
            for count in
                villages.iter().filter(|count| table::belongs(table.audience, &count.audience))
            {
                let path = count.place.path.clone();
                units
                    .entry(count.place.unit.clone())
                    .or_insert_with(|| (Tally::default(), path))
                    .0
                    .add(count);
            }
            for (tally, path) in units.values_mut() {
                table::hear(tally, table.contacts.of(path));
            }
        }
    }
    units
}

/// The units directly below an area: provinces, communes, or the villages of a commune.
pub(super) async fn unit_rows(
    tx: &mut Tx,
    visit: &Visit,
    table: &TableOf<'_>,
    sheet: &Sheet,
    villages: &[Count],
) -> Outcome<Units> {
    let units = below(table, sheet, villages);
    let names = super::names(tx, units.keys().cloned()).await?;
    let name = |id: &str| {
        names.get(id).map_or_else(|| id.to_owned(), |name| areas::model::capitalised(name))
    };
    let href = |id: &str, path: &ScopePath| {
        (depth(path) < 4).then(|| format!("{}dia_ban={id}", table.base))
    };
    let row = |id: &str, tally: &Tally, path: &ScopePath| {
        let veil = table.plan.map_or_else(Veil::default, |plan| plan.veil(path));
        let contact = table.contacts.of(path);
        let missing = table.missing.get(id).map_or(&[][..], Vec::as_slice);
        let (todo, urgent) = todo(visit, tally, table.rung, contact, missing, table.target, veil);
        UnitRow {
            name: name(id),
            href: href(id, path),
            denominator: denominator(visit, tally, veil),
            bar: bar(visit, tally, table.rung, veil),
            channel: strongest(visit, tally, table.rung, veil),
            todo,
            urgent,
        }
    };
    let mut rows = Vec::new();
    let mut rest = Vec::new();
    for (id, (tally, path)) in &units {
        let has_point = table.contacts.of(path) != Contact::Never;
        if !has_point && depth(path) < 4 && tally.says_nothing(table.rung) {
            rest.push(Link { href: href(id, path), label: name(id), current: false });
        } else {
            rows.push((has_point, row(id, tally, path)));
        }
    }
    // What can be heard comes first: a province has a hundred communes.
    rows.sort_by_cached_key(|(has_point, row)| (!has_point, kernel::text::sort_key(&row.name)));
    rest.sort_by_cached_key(|one| kernel::text::sort_key(&one.label));
    Ok(Units { rows: rows.into_iter().map(|(_, row)| row).collect(), rest })
}

/// Languages that prestigious persons of a village understand and a publication lacks. Known only on
/// the node that keeps the roster: languages tell of origin and never travel.
pub(super) async fn missing_languages(
    tx: &mut Tx,
    area: &Area,
    audience: &str,
    there: &[&str],
) -> Outcome<HashMap<String, Vec<String>>> {
    let mut missing: HashMap<String, Vec<String>> = HashMap::new();
    if audience != PRESTIGIOUS_PERSON || depth(&area.path) < 3 {
        return Ok(missing);
    }
    let today = tx.now().day();
    let commune = Place::of(&area.path).commune_path();
    for person in crate::store::people::list(tx, &commune, "", today).await? {
        let mut understood = person.languages.split_whitespace();
        let mother = person.languages.split_whitespace().find(|tag| *tag != "vi");
        if let (false, Some(mother)) = (understood.any(|tag| there.contains(&tag)), mother) {
            missing.entry(person.village).or_default().push(mother.to_owned());
        }
    }
    Ok(missing)
}
