//! What became of paths, and what an officer must decide because a unit was divided. Pure: what hangs on
//! the paths belongs to other houses, which ask here and hear the answer.

use std::{collections::HashMap, sync::Arc};

use kernel::{clock::Timestamp, events::Event, scope::ScopePath, typed_ids};
use serde::{Deserialize, Serialize};

use super::{AreaEventId, AreaId, succession::Heir};

typed_ids! {
    /// One thing to be decided.
    QuestionId
}

/// The kind of question about a village of a divided commune.
pub const VILLAGE_QUESTION: &str = "areas.village";

/// What a house asks, because it cannot follow a divided unit by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The event that divided the unit.
    pub event: AreaEventId,
    /// Whose question it is and about what: `identity.grant`. Its words are `areas-question-…` in the locales.
    pub kind: &'static str,
    /// The thing, as its house knows it. One question per event, kind and subject.
    pub subject: String,
    /// How the officer recognises it. Nothing that they may not see.
    pub label: String,
    /// The key of a word that says more, such as a role; empty when there is none.
    pub detail: String,
    /// The unit that ended.
    pub from: AreaId,
    /// Its path until then.
    pub from_path: ScopePath,
    /// The heirs to choose from.
    pub heirs: Vec<Heir>,
    /// True when nothing has to be decided, only seen.
    pub is_note: bool,
}

/// A question as it waits, or as it was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Which.
    pub id: QuestionId,
    /// The event.
    pub event: AreaEventId,
    /// See [`Question::kind`].
    pub kind: String,
    /// See [`Question::subject`].
    pub subject: String,
    /// See [`Question::label`].
    pub label: String,
    /// See [`Question::detail`].
    pub detail: String,
    /// The unit that ended.
    pub from: AreaId,
    /// Its path until then.
    pub from_path: ScopePath,
    /// The heirs to choose from.
    pub heirs: Vec<Heir>,
    /// True when nothing has to be decided, only seen.
    pub is_note: bool,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// By whom, as colleagues read the name.
    pub answered_name: Option<String>,
    /// The heir that was chosen; empty when it goes nowhere, or nothing was decided yet.
    pub answer: String,
}

/// An officer has decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuestionAnswered {
    /// Which question.
    pub question: QuestionId,
    /// See [`Question::kind`].
    pub kind: String,
    /// See [`Question::subject`].
    pub subject: String,
    /// The event that divided the unit.
    pub event: AreaEventId,
    /// The path of the unit that ended.
    pub from_path: ScopePath,
    /// Where it goes; none when it goes nowhere.
    pub heir: Option<Heir>,
}

impl Event for QuestionAnswered {
    const KIND: &'static str = "areas.question_answered";
}

/// Where a path of some earlier day lies today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Today {
    /// Here: unchanged, or moved with a unit that went whole.
    At(ScopePath),
    /// The unit above it was divided, and nobody has said yet where it belongs.
    Divided(Vec<Heir>),
    /// The unit above it was abolished.
    Nowhere,
}

impl Today {
    /// The place, when there is exactly one.
    pub fn place(self) -> Option<ScopePath> {
        match self {
            Self::At(path) => Some(path),
            _ => None,
        }
    }
}

/// One row of what was told: a path and one of its heirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The event.
    pub event: AreaEventId,
    /// The order of telling.
    pub order: i64,
    /// The path that ended or moved.
    pub from: ScopePath,
    /// An heir; none for a unit that was abolished.
    pub heir: Option<Heir>,
}

/// Every step that was told, in the order of telling: enough to say where any old path lies today, and
/// from where something came that lies somewhere today. Cloning shares them.
#[derive(Clone, Debug, Default)]
pub struct Steps(Arc<Known>);

#[derive(Debug, Default)]
struct Known {
    told: Vec<Told>,
    /// Where in `told` the steps of a path begin, one place for each telling.
    at: HashMap<ScopePath, Vec<usize>>,
}

impl Steps {
    /// From the rows, whatever their order.
    pub fn new(mut told: Vec<Told>) -> Self {
        told.sort_by(|one, other| {
            let length = |told: &Told| std::cmp::Reverse(told.from.as_str().len());
            (one.order, length(one), &one.from).cmp(&(other.order, length(other), &other.from))
        });
        let mut at: HashMap<ScopePath, Vec<usize>> = HashMap::new();
        for (index, step) in told.iter().enumerate() {
            let before = index.checked_sub(1).and_then(|before| told.get(before));
            if before.is_none_or(|one| (one.order, &one.from) != (step.order, &step.from)) {
                at.entry(step.from.clone()).or_default().push(index);
            }
        }
        Self(Arc::new(Known { told, at }))
    }

    /// The next telling after one that takes hold of a path, as the place of its step: the longest that
    /// contains the path.
    fn next(&self, path: &ScopePath, after: Option<i64>) -> Option<usize> {
        let told = &self.0.told;
        let later = |index: &&usize| after.is_none_or(|after| told[**index].order > after);
        path.ancestors()
            .iter()
            .filter_map(|above| self.0.at.get(above)?.iter().find(later).copied())
            .min_by_key(|index| {
                let step = &told[*index];
                (step.order, std::cmp::Reverse(step.from.as_str().len()))
            })
    }

    /// The rows of one step: one for each heir.
    fn rows(&self, first: usize) -> impl Iterator<Item = &Told> {
        let step = &self.0.told[first];
        self.0.told[first..]
            .iter()
            .take_while(|told| (told.order, &told.from) == (step.order, &step.from))
    }

    /// True when the map has never changed here.
    pub fn is_empty(&self) -> bool {
        self.0.told.is_empty()
    }

    /// Where a path of an earlier day lies today. In every event the longest step that contains the path
    /// counts, and later events go on from there.
    pub fn today(&self, path: &ScopePath) -> Today {
        let mut at = path.clone();
        let mut lost: Option<Today> = None;
        let mut after = None;
        while let Some(index) = self.next(&at, after) {
            let first = &self.0.told[index];
            after = Some(first.order);
            let heirs: Vec<&Heir> =
                self.rows(index).filter_map(|told| told.heir.as_ref()).collect();
            match heirs.as_slice() {
                [heir] => {
                    at = moved(&at, &first.from, &heir.path).unwrap_or(at);
                    lost = None;
                }
                [] => lost = Some(Today::Nowhere),
                several => {
                    lost =
                        Some(Today::Divided(several.iter().map(|heir| (*heir).clone()).collect()));
                }
            }
        }
        lost.unwrap_or(Today::At(at))
    }

    /// Everywhere that a path has led to since, whole or divided alike: each place with the event that led
    /// there. What lies below a divided unit is taken to lead to every heir.
    pub fn onward(&self, path: &ScopePath) -> Vec<(AreaEventId, ScopePath)> {
        let mut open = vec![path.clone()];
        let mut found: Vec<(AreaEventId, ScopePath)> = Vec::new();
        let mut after = None;
        loop {
            let ahead: Vec<Option<usize>> = open.iter().map(|at| self.next(at, after)).collect();
            let order_of = |index: &usize| self.0.told[*index].order;
            let Some(order) = ahead.iter().flatten().map(order_of).min() else { break };
            after = Some(order);
            let mut next: Vec<ScopePath> = Vec::new();
            for (at, index) in open.iter().zip(ahead) {
                let Some(index) = index.filter(|index| order_of(index) == order) else {
                    next.push(at.clone());
                    continue;
                };
                let same: Vec<&Told> = self.rows(index).collect();
                for (told, heir) in same.iter().filter_map(|told| Some((told, told.heir.as_ref()?)))
                {
                    let whole = same.len() == 1;
                    let there = if whole { moved(at, &told.from, &heir.path) } else { None };
                    let place = there.unwrap_or_else(|| heir.path.clone());
                    if place != *path && !found.iter().any(|(_, known)| *known == place) {
                        found.push((told.event.clone(), place.clone()));
                    }
                    next.push(place);
                }
            }
            open = next;
        }
        found
    }

    /// The paths of earlier days from which something came that lies in a place (or above it) today,
    /// units that were divided included. The place itself is not among them.
    pub fn before(&self, place: &ScopePath) -> Vec<ScopePath> {
        let mut open = vec![place.clone()];
        let mut found: Vec<ScopePath> = Vec::new();
        for told in self.0.told.iter().rev() {
            let Some(heir) = &told.heir else { continue };
            let mut new: Vec<ScopePath> = Vec::new();
            for at in &open {
                if at.contains(&heir.path) {
                    new.push(told.from.clone());
                } else if heir.path.contains(at) {
                    let deeper = moved(at, &heir.path, &told.from);
                    new.extend(deeper);
                }
            }
            for path in new {
                if path != *place && !found.contains(&path) {
                    open.push(path.clone());
                    found.push(path);
                }
            }
        }
        found.sort();
        found
    }

    /// The steps themselves.
    pub fn told(&self) -> &[Told] {
        &self.0.told
    }
}

/// The same path below another beginning; none when it does not lie there.
fn moved(path: &ScopePath, from: &ScopePath, to: &ScopePath) -> Option<ScopePath> {
    let rest = path.as_str().strip_prefix(from.as_str())?;
    ScopePath::parse(&format!("{}{rest}", to.as_str()))
}

/// The smallest place that holds all of these.
pub fn common(paths: &[ScopePath]) -> ScopePath {
    let Some((first, rest)) = paths.split_first() else { return ScopePath::root() };
    let holds_all = |above: &ScopePath| rest.iter().all(|path| above.contains(path));
    first.ancestors().into_iter().rev().find(holds_all).unwrap_or_else(ScopePath::root)
}

#[cfg(test)]
mod tests {
    use kernel::ids::Id;
    use proptest::prelude::*;

    use super::*;

    fn path(text: &str) -> ScopePath {
        ScopePath::parse(text).expect("a path")
    }

    fn told(order: i64, from: &str, heir: &str) -> Told {
        let heir = (!heir.is_empty()).then(|| Heir {
            unit: AreaId::from_text(path(heir).last().unwrap_or("x").to_owned()),
            path: path(heir),
        });
        Told { event: AreaEventId::from_text(format!("e{order}")), order, from: path(from), heir }
    }

    #[test]
    fn a_path_goes_through_several_events_and_the_longest_step_counts() {
        let steps = Steps::new(vec![
            told(1, "/vn/1/a/", "/vn/1/h/"),
            told(1, "/vn/1/a/v/", "/vn/1/k/v/"),
            told(2, "/vn/1/", "/vn/9/"),
            told(3, "/vn/9/h/", "/vn/9/x/"),
            told(3, "/vn/9/h/", "/vn/9/y/"),
        ]);
        assert_eq!(steps.today(&path("/vn/1/a/v/")), Today::At(path("/vn/9/k/v/")));
        assert_eq!(steps.today(&path("/vn/2/")), Today::At(path("/vn/2/")));
        assert!(
            matches!(steps.today(&path("/vn/1/a/w/")), Today::Divided(heirs) if heirs.len() == 2)
        );
        assert_eq!(
            steps.before(&path("/vn/9/x/")),
            [path("/vn/1/a/"), path("/vn/1/h/"), path("/vn/1/x/"), path("/vn/9/h/")]
        );
        let onward: Vec<_> =
            steps.onward(&path("/vn/1/a/")).into_iter().map(|(_, path)| path).collect();
        assert_eq!(
            onward,
            [path("/vn/1/h/"), path("/vn/9/h/"), path("/vn/9/x/"), path("/vn/9/y/")]
        );
    }

    #[test]
    fn what_was_divided_is_found_again_once_somebody_has_said_where_it_goes() {
        let mut rows = vec![told(1, "/vn/1/a/", "/vn/1/x/"), told(1, "/vn/1/a/", "/vn/1/y/")];
        let village = path("/vn/1/a/v/");
        assert!(matches!(Steps::new(rows.clone()).today(&village), Today::Divided(_)));
        rows.push(told(2, "/vn/1/a/v/", "/vn/1/y/v/"));
        assert_eq!(Steps::new(rows).today(&village), Today::At(path("/vn/1/y/v/")));
    }

    #[test]
    fn a_unit_that_moved_there_and_back_is_where_it_was() {
        let steps =
            Steps::new(vec![told(1, "/vn/1/a/", "/vn/2/a/"), told(2, "/vn/2/a/", "/vn/1/a/")]);
        assert_eq!(steps.today(&path("/vn/1/a/v/")), Today::At(path("/vn/1/a/v/")));
        assert_eq!(steps.today(&path("/vn/2/a/")), Today::At(path("/vn/1/a/")));
    }

    #[test]
    fn the_smallest_common_place_is_found() {
        assert_eq!(common(&[path("/vn/1/x/"), path("/vn/1/y/")]), path("/vn/1/"));
        assert_eq!(common(&[path("/vn/1/x/"), path("/vn/2/y/")]), path("/vn/"));
        assert_eq!(common(&[path("/vn/1/x/")]), path("/vn/1/x/"));
        assert_eq!(common(&[]), ScopePath::root());
    }

    /// The same answers by going through every telling in turn.
    mod plainly {
        use super::*;

        pub fn today(steps: &Steps, path: &ScopePath) -> Today {
            let mut at = path.clone();
            let mut lost: Option<Today> = None;
            for telling in steps.told().chunk_by(|one, other| one.order == other.order) {
                let Some(first) = telling.iter().find(|told| told.from.contains(&at)) else {
                    continue;
                };
                let same = telling.iter().filter(|told| told.from == first.from);
                let heirs: Vec<&Heir> = same.filter_map(|told| told.heir.as_ref()).collect();
                match heirs.as_slice() {
                    [heir] => {
                        at = moved(&at, &first.from, &heir.path).unwrap_or(at);
                        lost = None;
                    }
                    [] => lost = Some(Today::Nowhere),
                    several => {
                        lost = Some(Today::Divided(several.iter().copied().cloned().collect()));
                    }
                }
            }
            lost.unwrap_or(Today::At(at))
        }

        pub fn onward(steps: &Steps, path: &ScopePath) -> Vec<(AreaEventId, ScopePath)> {
            let mut open = vec![path.clone()];
            let mut found: Vec<(AreaEventId, ScopePath)> = Vec::new();
            for telling in steps.told().chunk_by(|one, other| one.order == other.order) {
                let mut next: Vec<ScopePath> = Vec::new();
                for at in &open {
                    let Some(first) = telling.iter().find(|told| told.from.contains(at)) else {
                        next.push(at.clone());
                        continue;
                    };
                    let same: Vec<&Told> =
                        telling.iter().filter(|told| told.from == first.from).collect();
                    for told in &same {
                        let Some(heir) = &told.heir else { continue };
                        let there = (same.len() == 1).then(|| moved(at, &told.from, &heir.path));
                        let place = there.flatten().unwrap_or_else(|| heir.path.clone());
                        if place != *path && !found.iter().any(|(_, known)| *known == place) {
                            found.push((told.event.clone(), place.clone()));
                        }
                        next.push(place);
                    }
                }
                open = next;
            }
            found
        }
    }

    proptest! {
        #[test]
        fn the_index_says_what_going_through_every_telling_says(
            rows in prop::collection::vec((0_i64..7, 0_usize..8, 0_usize..9), 0..24),
            asked in 0_usize..8,
        ) {
            let places = [
                "/vn/", "/vn/1/", "/vn/1/a/", "/vn/1/a/v/", "/vn/1/b/", "/vn/2/", "/vn/2/a/", "/vn/2/a/w/", "",
            ];
            let told: Vec<Told> =
                rows.iter().map(|(order, from, heir)| told(*order, places[*from], places[*heir])).collect();
            let steps = Steps::new(told);
            let at = path(places[asked]);
            prop_assert_eq!(steps.today(&at), plainly::today(&steps, &at));
            prop_assert_eq!(steps.onward(&at), plainly::onward(&steps, &at));
        }

        #[test]
        fn whatever_is_told_looking_ahead_and_looking_back_agree(
            moves in prop::collection::vec((0_u8..6, 0_u8..6), 0..6)
        ) {
            // Communes of one province that go whole, one event after the other.
            let rows = moves.iter().enumerate().filter(|(_, (from, to))| from != to).map(|(at, (from, to))| {
                let order = i64::try_from(at).unwrap_or(0);
                told(order, &format!("/vn/1/c{from}/"), &format!("/vn/1/c{to}/"))
            });
            let steps = Steps::new(rows.collect());
            for unit in 0..6 {
                let old = path(&format!("/vn/1/c{unit}/v/"));
                let Today::At(now) = steps.today(&old) else { panic!("nothing was divided") };
                let commune = common(&[now.clone(), path(&format!("{}z/", now.as_str().trim_end_matches("v/")))]);
                if commune != path(&format!("/vn/1/c{unit}/")) {
                    let own = path(&format!("/vn/1/c{unit}/"));
                    let came_from = steps.before(&commune).contains(&own);
                    prop_assert!(came_from, "looking back from where it lies");
                    let led_to = steps.onward(&old).iter().any(|(_, place)| *place == now);
                    prop_assert!(led_to, "looking ahead from where it lay");
                }
            }
        }
    }
}
