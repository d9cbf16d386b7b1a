//! Counts put together: what a unit's row of a board or a ladder says, with what is not known.

use std::collections::BTreeMap;

use kernel::{clock::Timestamp, scope::ScopePath};

use super::{
    Channel, PEOPLE, Place, Rung, SILENT_AFTER_MS, SURPLUS, UNMEASURED, ladder, suppression,
};

/// One row of the live count, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// Where.
    pub place: Place,
    /// Which audience.
    pub audience: String,
    /// Which rung; `None` counts villages whose denominator nobody knows.
    pub rung: Option<Rung>,
    /// By which channel.
    pub channel: Channel,
    /// Persons (or devices, or villages).
    pub people: i64,
}

/// The code under which villages without a denominator are counted.
pub const UNCOUNTED: u8 = 20;

/// What is known of one audience in one unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Persons by rung and channel.
    pub counts: BTreeMap<(Rung, Channel), i64>,
    /// Places whose denominator nobody knows.
    pub uncounted: i64,
    /// Persons of places that were silent too long, by rung: neither reached nor missed.
    pub unheard: BTreeMap<Rung, i64>,
    /// Places that can be heard, and all places.
    pub places: (i64, i64),
    /// Heads of meetings in places whose denominator nobody knows: beside the figure, never in it.
    pub unmeasured: i64,
    /// Heads of meetings above a denominator: beside the figure, never in it.
    pub surplus: i64,
}

/// True when a row belongs to what is told of an audience: in its figures, or beside them.
pub fn belongs(audience: &str, mine: &str) -> bool {
    mine == audience || (audience == PEOPLE && [UNMEASURED, SURPLUS].contains(&mine))
}

impl Tally {
    /// Adds a row of the count.
    pub fn add(&mut self, count: &Count) {
        match count.rung {
            _ if count.audience == UNMEASURED => self.unmeasured += count.people,
            _ if count.audience == SURPLUS => self.surplus += count.people,
            Some(rung) => *self.counts.entry((rung, count.channel)).or_default() += count.people,
            None => self.uncounted += count.people,
        }
    }

    /// Persons on a rung, over all channels.
    pub fn on(&self, rung: Rung) -> i64 {
        self.counts.iter().filter(|((seen, _), _)| *seen == rung).map(|(_, people)| people).sum()
    }

    /// The frozen denominator as far as it is known; `None` when no place has one.
    pub fn denominator(&self) -> Option<i64> {
        let known = self.counts.keys().any(|(rung, _)| *rung == Rung::Published);
        known.then(|| self.on(Rung::Published))
    }

    /// Persons on a rung by channel, largest first.
    pub fn channels(&self, rung: Rung) -> Vec<(Channel, i64)> {
        let here = self.counts.iter().filter(|((seen, _), people)| *seen == rung && **people > 0);
        let mut channels: Vec<_> = here.map(|((_, channel), people)| (*channel, *people)).collect();
        channels.sort_by_key(|(channel, people)| (-people, *channel));
        channels
    }

    /// Whoever used the machine of a place proves that it has the item: no rung above is shown higher than that.
    pub fn settle(&mut self) {
        let there = |channel: &Channel| matches!(channel, Channel::Card | Channel::Tap);
        let shown = self.counts.iter().filter(|((rung, by), _)| *rung == Rung::Shown && there(by));
        let proven: i64 = shown.map(|(_, people)| people).sum();
        let missing = proven - self.on(Rung::OnNode);
        if missing > 0 && self.denominator().is_some() {
            *self.counts.entry((Rung::OnNode, Channel::Node)).or_default() += missing;
        }
    }

    /// Notes that the place was silent: whoever is not on a rung there is unknown, not missing.
    pub fn silence(&mut self) {
        let Some(whole) = self.denominator() else { return };
        for rung in Rung::LADDER.into_iter().skip(1) {
            self.unheard.insert(rung, (whole - self.on(rung)).max(0));
        }
    }

    /// Puts another place's tally on top of this one.
    pub fn merge(&mut self, other: &Self) {
        for (at, people) in &other.counts {
            *self.counts.entry(*at).or_default() += people;
        }
        for (rung, people) in &other.unheard {
            *self.unheard.entry(*rung).or_default() += people;
        }
        self.uncounted += other.uncounted;
        self.unmeasured += other.unmeasured;
        self.surplus += other.surplus;
        self.places.0 += other.places.0;
        self.places.1 += other.places.1;
    }

    /// The share on a rung.
    pub fn share(&self, rung: Rung) -> Share {
        let people = self.on(rung);
        if let Some(base) = rung.sample_of() {
            let asked = self.on(base);
            let (low, high) = ladder::wilson(people, asked).unwrap_or((0, 100));
            let percent = ladder::percent(people, asked);
            return Share {
                people,
                whole: Some(asked),
                percent,
                unknown: 0,
                range: percent.map(|_| (low, high)),
            };
        }
        let whole = self.denominator();
        let percent = whole.and_then(|whole| ladder::percent(people, whole));
        let unheard = self.unheard.get(&rung).copied().unwrap_or(0);
        let unknown = whole.and_then(|whole| ladder::percent(unheard, whole)).unwrap_or(0);
        Share { people, whole, percent, unknown, range: None }
    }

    /// True when nobody has counted the people of a place and there is no evidence either.
    pub fn says_nothing(&self, rung: Rung) -> bool {
        self.denominator().is_none() && self.on(rung) + self.unmeasured + self.surplus == 0
    }

    /// True when nothing at all can be said about a rung: silent, and no evidence from before.
    pub fn is_unknown(&self, rung: Rung) -> bool {
        let silent = self.places.1 > 0 && self.places.0 == 0;
        self.denominator().is_none() || (silent && self.on(rung) == 0)
    }
}

/// A share with everything without which it may not be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Persons on the rung.
    pub people: i64,
    /// The denominator; the sample's size on a sampled rung.
    pub whole: Option<i64>,
    /// Whole percent.
    pub percent: Option<i64>,
    /// Percent of the denominator that is unknown.
    pub unknown: i64,
    /// The interval of a sampled rung, in percent.
    pub range: Option<(i64, i64)>,
}

impl Share {
    /// True when there are more persons than the denominator has: no share can be told, and it is said.
    pub fn is_over(&self) -> bool {
        self.whole.is_some_and(|whole| self.people > whole)
    }
}

/// When points were last heard from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contacts {
    /// We are the point: what happens here is known here.
    Here,
    /// Scopes with the time of their last contact, and the present.
    Heard(Vec<(ScopePath, Timestamp)>, Timestamp),
}

/// How well a place can be heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contact {
    /// Heard within the last seven days.
    Fresh,
    /// Not heard since.
    Silent(Timestamp),
    /// No point stands there.
    Never,
}

impl Contacts {
    /// How well a place can be heard.
    pub fn of(&self, path: &ScopePath) -> Contact {
        let Self::Heard(heard, now) = self else { return Contact::Fresh };
        let mine = heard.iter().filter(|(scope, _)| scope.contains(path) || path.contains(scope));
        match mine.map(|(_, at)| *at).max() {
            None => Contact::Never,
            Some(at) if now.since(at) > SILENT_AFTER_MS => Contact::Silent(at),
            Some(_) => Contact::Fresh,
        }
    }
}

/// Tallies of one audience by unit, for one page.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// By province and commune.
    pub communes: BTreeMap<String, BTreeMap<String, Tally>>,
}

impl Sheet {
    /// Puts the commune-level counts of one audience into a sheet.
    pub fn of(counts: &[Count], audience: &str, contacts: &Contacts) -> Self {
        let mut sheet = Self::default();
        let mut paths: BTreeMap<(String, String), ScopePath> = BTreeMap::new();
        for count in counts.iter().filter(|count| belongs(audience, &count.audience)) {
            let place = &count.place;
            let tally = sheet.communes.entry(place.province.clone()).or_default();
            tally.entry(place.commune.clone()).or_default().add(count);
            paths.insert((place.province.clone(), place.commune.clone()), place.commune_path());
        }
        for ((province, commune), path) in paths {
            if let Some(tally) =
                sheet.communes.get_mut(&province).and_then(|all| all.get_mut(&commune))
            {
                hear(tally, contacts.of(&path));
            }
        }
        sheet
    }

    /// A province's tally.
    pub fn province(&self, id: &str) -> Tally {
        let mut sum = Tally::default();
        self.communes.get(id).into_iter().flat_map(BTreeMap::values).for_each(|one| sum.merge(one));
        sum
    }

    /// The whole country's (or the whole scope's) tally.
    pub fn whole(&self) -> Tally {
        let mut sum = Tally::default();
        self.communes.values().flat_map(BTreeMap::values).for_each(|one| sum.merge(one));
        sum
    }

    /// One figure of the places that have a denominator: where nobody has counted there is no cell to hide, and
    /// none to hide behind.
    pub fn measured(&self, figure: impl Fn(&Tally) -> i64) -> suppression::Column {
        let mut measured = self.clone();
        for communes in measured.communes.values_mut() {
            communes.retain(|_, tally| tally.denominator().is_some());
        }
        measured.communes.retain(|_, communes| !communes.is_empty());
        measured.column(figure)
    }

    /// One figure as a column, to decide what is hidden of it.
    pub fn column(&self, figure: impl Fn(&Tally) -> i64) -> suppression::Column {
        let communes = |all: &BTreeMap<String, Tally>| {
            all.iter().map(|(id, tally)| (id.clone(), figure(tally))).collect()
        };
        self.communes.iter().map(|(province, all)| (province.clone(), communes(all))).collect()
    }
}

/// Puts a place's tally in order, and notes how well it can be heard.
pub fn hear(tally: &mut Tally, contact: Contact) {
    tally.settle();
    tally.places = (i64::from(contact == Contact::Fresh), 1);
    if contact != Contact::Fresh {
        tally.silence();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(path: &str, rung: Rung, channel: Channel, people: i64) -> Count {
        let place = Place::of(&ScopePath::parse(path).expect("a path"));
        Count {
            place,
            audience: "prestigious_person".to_owned(),
            rung: Some(rung),
            channel,
            people,
        }
    }

    #[test]
    fn people_under_a_silent_point_are_unknown_and_not_missing() {
        let now = Timestamp::from_millis(100 * 24 * 3_600_000);
        let path = |text: &str| ScopePath::parse(text).expect("a path");
        let counts = [
            count("/vn/19/a/", Rung::Published, Channel::Node, 38),
            count("/vn/19/a/", Rung::Confirmed, Channel::Meeting, 30),
            count("/vn/19/b/", Rung::Published, Channel::Node, 29),
            count("/vn/19/c/", Rung::Published, Channel::Node, 10),
        ];
        let heard = vec![
            (path("/vn/19/a/"), now),
            (path("/vn/19/b/"), now.plus_millis(-SILENT_AFTER_MS - 1)),
        ];
        let contacts = Contacts::Heard(heard, now);
        let sheet = Sheet::of(&counts, "prestigious_person", &contacts);
        let whole = sheet.province("19");
        assert_eq!(whole.denominator(), Some(77));
        assert_eq!(whole.unheard[&Rung::Confirmed], 39);
        assert!(sheet.communes["19"]["b"].is_unknown(Rung::Confirmed));
        assert!(!sheet.communes["19"]["a"].is_unknown(Rung::Confirmed));
        assert_eq!(contacts.of(&path("/vn/19/c/")), Contact::Never);
    }

    #[test]
    fn a_sampled_rung_is_measured_against_its_sample() {
        let mut tally = Tally::default();
        for count in [
            count("/vn/19/a/", Rung::Published, Channel::Node, 412),
            count("/vn/19/a/", Rung::Asked, Channel::Card, 60),
            count("/vn/19/a/", Rung::Understood, Channel::Card, 29),
        ] {
            tally.add(&count);
        }
        let share = tally.share(Rung::Understood);
        assert_eq!((share.whole, share.percent, share.range), (Some(60), Some(48), Some((36, 61))));
    }

    fn people_of(path: &str, audience: &str, rung: Rung, people: i64) -> Count {
        Count { audience: audience.to_owned(), ..count(path, rung, Channel::Meeting, people) }
    }

    #[test]
    fn heads_without_a_denominator_are_beside_the_figure_at_every_level() {
        let counts = [
            people_of("/vn/19/a/", PEOPLE, Rung::Published, 800),
            people_of("/vn/19/a/", PEOPLE, Rung::Confirmed, 800),
            people_of("/vn/19/a/", SURPLUS, Rung::Confirmed, 20),
            people_of("/vn/19/b/", UNMEASURED, Rung::Confirmed, 1_900),
        ];
        let sheet = Sheet::of(&counts, PEOPLE, &Contacts::Here);
        let whole = sheet.province("19");
        let share = whole.share(Rung::Confirmed);
        assert_eq!((share.people, share.whole, share.percent), (800, Some(800), Some(100)));
        assert_eq!((whole.unmeasured, whole.surplus), (1_900, 20));
        let cells = sheet.measured(|tally| tally.on(Rung::Confirmed));
        assert_eq!(
            cells["19"].keys().collect::<Vec<_>>(),
            ["a"],
            "nothing to hide where nobody counted"
        );
    }

    #[test]
    fn who_used_the_machine_of_a_place_proves_that_the_item_is_there() {
        let counts = [
            count("/vn/19/a/", Rung::Published, Channel::Node, 38),
            count("/vn/19/a/", Rung::Shown, Channel::Card, 7),
            count("/vn/19/a/", Rung::Shown, Channel::Meeting, 9),
            count("/vn/19/b/", Rung::Published, Channel::Node, 38),
            count("/vn/19/b/", Rung::Shown, Channel::Meeting, 9),
        ];
        let sheet = Sheet::of(&counts, "prestigious_person", &Contacts::Here);
        assert_eq!(sheet.communes["19"]["a"].on(Rung::OnNode), 7);
        assert_eq!(sheet.communes["19"]["b"].on(Rung::OnNode), 0, "a meeting needs no machine");
    }

    #[test]
    fn more_persons_than_the_denominator_are_said_and_not_cut() {
        let mut tally = Tally::default();
        tally.add(&count("/vn/19/a/", Rung::Published, Channel::Node, 800));
        tally.add(&count("/vn/19/a/", Rung::Confirmed, Channel::Meeting, 1_900));
        let share = tally.share(Rung::Confirmed);
        assert!(share.is_over() && share.percent.is_none(), "{share:?}");
    }

    #[test]
    fn without_a_denominator_there_is_no_percentage() {
        let mut tally = Tally::default();
        tally.add(&count("/vn/19/a/", Rung::Confirmed, Channel::Meeting, 5));
        assert_eq!(tally.share(Rung::Confirmed).percent, None);
        assert!(tally.is_unknown(Rung::Confirmed));
    }
}
