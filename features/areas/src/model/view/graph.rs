//! Walking from the units of one day to those of the other, along every event between them.
//!
//! Forward the steps are the transfers; backward they are turned round: all of a unit that has one
//! predecessor lies in it, and a unit of several is divided among them by how many people each had. Shares of
//! shares are multiplied exactly. Where all ways from a unit end in the same target it lies there whole, even
//! when no share on the way is known.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{AreaId, AreaLevel, Atlas, Bases, Basis, Fraction, Place, Span, Transfer};

/// The target of what goes nowhere that is known.
pub(super) const NOWHERE: usize = usize::MAX;

/// A share on the way; all of it is the fraction one without a basis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Portion {
    Known(Fraction, Bases),
    Unknown,
}

impl Portion {
    pub(super) const ALL: Self = Self::Known(Fraction::ONE, Bases(0));

    fn times(self, other: Self) -> Self {
        match (self, other) {
            (Self::Known(one, bases), Self::Known(two, more)) => {
                one.times(two).map_or(Self::Unknown, |both| Self::Known(both, bases.and(more)))
            }
            _ => Self::Unknown,
        }
    }

    fn plus(self, other: Self) -> Self {
        match (self, other) {
            (Self::Known(one, bases), Self::Known(two, more)) => {
                one.plus(two).map_or(Self::Unknown, |both| Self::Known(both, bases.and(more)))
            }
            _ => Self::Unknown,
        }
    }
}

/// Where one unit goes: portions by target (an index, or [`NOWHERE`]) with the events on the way. A single
/// target has all of it.
pub(super) type Ends = BTreeMap<usize, (Portion, BTreeSet<usize>)>;

struct Edge {
    /// The next unit; none when that part of the way is not known.
    next: Option<usize>,
    share: Portion,
    event: Option<usize>,
}

/// The units of the target day, with what stands above and below them.
struct Day<'a> {
    places: HashMap<&'a AreaId, &'a Place>,
    below: HashMap<&'a AreaId, Vec<&'a Place>>,
}

impl<'a> Day<'a> {
    fn of(places: &'a [Place]) -> Self {
        let mut below: HashMap<&AreaId, Vec<&Place>> = HashMap::new();
        for place in places {
            if let Some(parent) = &place.parent {
                below.entry(parent).or_default().push(place);
            }
        }
        Self { places: places.iter().map(|place| (&place.id, place)).collect(), below }
    }

    fn has_below(&self, id: &AreaId) -> bool {
        self.below.contains_key(id)
    }

    /// The unit of a rung that a unit is or lies in; itself when it stands higher and is not divided.
    fn at_level(&self, place: &'a Place, level: AreaLevel) -> Option<&'a Place> {
        let mut at = place;
        // A path has as many steps as there are rungs; parents that form a ring end here too.
        for _ in AreaLevel::ALL {
            if at.level == level || (at.level < level && !self.has_below(&at.id)) {
                return Some(at);
            }
            if at.level < level {
                return None;
            }
            at = self.places.get(at.parent.as_ref()?).copied()?;
        }
        None
    }

    /// Everything below a unit that nothing lies below; the unit itself when that is so for it.
    fn leaves(&self, place: &'a Place) -> Vec<&'a Place> {
        let (mut found, mut open, mut seen) = (Vec::new(), vec![place], BTreeSet::new());
        while let Some(at) = open.pop() {
            if !seen.insert(&at.id) {
                continue;
            }
            match self.below.get(&at.id) {
                Some(below) => open.extend(below),
                None => found.push(at),
            }
        }
        found
    }
}

/// The units that stand on a rung on a day: those of the level, and higher ones that are not divided
/// (an island district without communes stands among the communes).
pub(super) fn standing(places: &[Place], level: AreaLevel) -> Vec<Place> {
    let day = Day::of(places);
    let stands =
        |place: &&Place| place.level == level || (place.level < level && !day.has_below(&place.id));
    let mut found: Vec<Place> = places.iter().filter(stands).cloned().collect();
    found.sort_by(|one, other| (&one.code, &one.id).cmp(&(&other.code, &other.id)));
    found
}

/// What was walked: where each source goes, and of which targets everything is known.
pub(super) struct Walked {
    pub ends: Vec<Ends>,
    pub complete: Vec<bool>,
}

/// Walks from every source to the targets.
pub(super) fn walk(span: &Span, atlas: &Atlas, sources: &[Place], targets: &[Place]) -> Walked {
    let mut graph = Graph::of(span, atlas);
    let after = Day::of(&atlas.after);
    let at: HashMap<&AreaId, usize> =
        targets.iter().enumerate().map(|(at, place)| (&place.id, at)).collect();
    graph.end_at(span, &after, &at, &atlas.after);
    graph.descend(&atlas.before);
    let (resolved, order) = graph.resolve();
    let complete = graph.complete(&resolved, &order);
    let own = span.of;
    let is_complete = |target: &Place| {
        let known = |place: &Place| graph.index.get(&place.id).is_some_and(|at| complete[*at]);
        if target.level == own {
            return known(target);
        }
        after.places.get(&target.id).is_some_and(|place| after.leaves(place).into_iter().all(known))
    };
    Walked {
        ends: sources.iter().map(|place| graph.ends(&resolved, &place.id)).collect(),
        complete: targets.iter().map(is_complete).collect(),
    }
}

struct Graph<'a> {
    index: HashMap<&'a AreaId, usize>,
    ids: Vec<&'a AreaId>,
    edges: Vec<Vec<Edge>>,
    /// Where a way ends: the units of the target day.
    finals: Vec<Option<Ends>>,
    /// Units of the day that figures come from.
    starts: Vec<bool>,
    /// Units of which a part is known to have come from elsewhere.
    leaky: Vec<bool>,
}

impl<'a> Graph<'a> {
    fn of(span: &Span, atlas: &'a Atlas) -> Self {
        let mut graph = Self {
            index: HashMap::new(),
            ids: Vec::new(),
            edges: Vec::new(),
            finals: Vec::new(),
            starts: Vec::new(),
            leaky: Vec::new(),
        };
        for place in &atlas.before {
            let at = graph.node(&place.id);
            graph.starts[at] = true;
        }
        for place in &atlas.after {
            graph.node(&place.id);
        }
        let (first, last) = (span.from.min(span.to), span.from.max(span.to));
        let between: Vec<&Transfer> = atlas
            .transfers
            .iter()
            .filter(|step| {
                atlas
                    .events
                    .get(step.event)
                    .is_some_and(|event| first < event.effective_on && event.effective_on <= last)
            })
            .collect();
        for step in &between {
            graph.node(&step.from);
            graph.node(&step.to);
        }
        graph.add_steps(span.from <= span.to, &between, &atlas.people);
        graph
    }

    fn node(&mut self, id: &'a AreaId) -> usize {
        if let Some(at) = self.index.get(id) {
            return *at;
        }
        let at = self.ids.len();
        self.index.insert(id, at);
        self.ids.push(id);
        self.edges.push(Vec::new());
        self.finals.push(None);
        self.starts.push(false);
        self.leaky.push(false);
        at
    }

    fn add_steps(&mut self, forward: bool, steps: &[&'a Transfer], people: &HashMap<AreaId, i64>) {
        let mut by_from: BTreeMap<&AreaId, Vec<usize>> = BTreeMap::new();
        let mut by_to: BTreeMap<&AreaId, Vec<usize>> = BTreeMap::new();
        for (at, step) in steps.iter().enumerate() {
            by_from.entry(&step.from).or_default().push(at);
            by_to.entry(&step.to).or_default().push(at);
        }
        let mut shares = vec![Portion::Unknown; steps.len()];
        for (from, own) in &by_from {
            let parts: Vec<&Transfer> = own.iter().map(|at| steps[*at]).collect();
            let (portions, rest) = forward_shares(&parts);
            let node = self.index[*from];
            for (at, portion) in own.iter().zip(portions) {
                shares[*at] = portion;
                if forward {
                    let edge = Edge {
                        next: Some(self.index[&steps[*at].to]),
                        share: portion,
                        event: Some(steps[*at].event),
                    };
                    self.edges[node].push(edge);
                }
            }
            if let Some(share) = rest {
                if forward {
                    self.edges[node].push(Edge { next: None, share, event: None });
                } else {
                    self.leaky[node] = true;
                }
            }
        }
        if forward {
            return;
        }
        for (to, own) in &by_to {
            let parts: Vec<_> = own.iter().map(|at| (steps[*at], shares[*at])).collect();
            let node = self.index[*to];
            for (at, share) in own.iter().zip(backward_shares(&parts, people)) {
                let next = Some(self.index[&steps[*at].from]);
                self.edges[node].push(Edge { next, share, event: Some(steps[*at].event) });
            }
        }
    }

    /// Ends the ways at the units of the target day.
    fn end_at(
        &mut self,
        span: &Span,
        after: &Day<'a>,
        at: &HashMap<&AreaId, usize>,
        places: &'a [Place],
    ) {
        for place in places {
            let node = self.index[&place.id];
            self.edges[node].clear();
            let found: BTreeSet<usize> = match after.at_level(place, span.by) {
                Some(target) => at.get(&target.id).copied().into_iter().collect(),
                None if place.level < span.by => {
                    let leaves = after.leaves(place).into_iter();
                    let targets = leaves.filter_map(|leaf| after.at_level(leaf, span.by));
                    targets.filter_map(|target| at.get(&target.id).copied()).collect()
                }
                None => BTreeSet::new(),
            };
            let ends =
                found.into_iter().map(|target| (target, (Portion::Unknown, BTreeSet::new())));
            self.finals[node] = Some(whole_if_single(ends.collect()));
        }
    }

    /// A unit that ended without a word on it went where the units below it went.
    fn descend(&mut self, before: &'a [Place]) {
        for place in before {
            let Some(parent) = place.parent.as_ref().and_then(|id| self.index.get(id)) else {
                continue;
            };
            let (parent, next) = (*parent, self.index[&place.id]);
            let told = self.edges[parent].iter().any(|edge| edge.event.is_some());
            if self.finals[parent].is_none() && !told && parent != next {
                let share = Portion::Unknown;
                self.edges[parent].push(Edge { next: Some(next), share, event: None });
            }
        }
    }

    /// Where every unit goes, ends first. Units on a ring of events, and what leads only there, stay
    /// unresolved. Gives also the order in which they were resolved.
    fn resolve(&self) -> (Vec<Option<Ends>>, Vec<usize>) {
        let mut waiting: Vec<usize> =
            self.edges.iter().map(|edges| next_of(edges).count()).collect();
        let mut back: Vec<Vec<usize>> = vec![Vec::new(); self.edges.len()];
        for (at, edges) in self.edges.iter().enumerate() {
            for next in next_of(edges) {
                back[next].push(at);
            }
        }
        let mut ready: Vec<usize> = (0..waiting.len()).filter(|at| waiting[*at] == 0).collect();
        let mut resolved: Vec<Option<Ends>> = vec![None; waiting.len()];
        let mut order = Vec::with_capacity(waiting.len());
        while let Some(at) = ready.pop() {
            resolved[at] = Some(self.ends_of(at, &resolved));
            order.push(at);
            for before in &back[at] {
                waiting[*before] -= 1;
                if waiting[*before] == 0 {
                    ready.push(*before);
                }
            }
        }
        (resolved, order)
    }

    fn ends_of(&self, at: usize, resolved: &[Option<Ends>]) -> Ends {
        if let Some(ends) = &self.finals[at] {
            return ends.clone();
        }
        let mut sums = Ends::new();
        let mut add = |target: usize, portion: Portion, events: &BTreeSet<usize>, event| {
            let slot = sums
                .entry(target)
                .and_modify(|(sum, _)| *sum = sum.plus(portion))
                .or_insert_with(|| (portion, BTreeSet::new()));
            slot.1.extend(events.iter().copied().chain(event));
        };
        for edge in &self.edges[at] {
            match edge.next.and_then(|next| resolved[next].as_ref()) {
                Some(ends) => {
                    for (target, (portion, events)) in ends {
                        add(*target, edge.share.times(*portion), events, edge.event);
                    }
                }
                None => add(NOWHERE, edge.share, &BTreeSet::new(), edge.event),
            }
        }
        whole_if_single(sums)
    }

    /// Of which units everything is known: they are of the first day, or all they came from is known.
    fn complete(&self, resolved: &[Option<Ends>], order: &[usize]) -> Vec<bool> {
        let mut back: Vec<Vec<usize>> = vec![Vec::new(); self.edges.len()];
        for (at, edges) in self.edges.iter().enumerate() {
            for next in next_of(edges) {
                back[next].push(at);
            }
        }
        let mut complete = vec![false; self.ids.len()];
        for at in order.iter().rev().copied() {
            let whole = self.starts[at]
                || (!self.leaky[at]
                    && !back[at].is_empty()
                    && back[at].iter().all(|from| complete[*from] && resolved[*from].is_some()));
            complete[at] = whole;
        }
        complete
    }

    fn ends(&self, resolved: &[Option<Ends>], id: &AreaId) -> Ends {
        let found = self.index.get(id).and_then(|at| resolved[*at].clone());
        found.unwrap_or_else(|| whole_if_single(Ends::new()))
    }
}

fn next_of(edges: &[Edge]) -> impl Iterator<Item = usize> {
    edges.iter().filter_map(|edge| edge.next)
}

/// What has one end lies there whole; what has none goes nowhere.
fn whole_if_single(mut ends: Ends) -> Ends {
    if ends.is_empty() {
        ends.insert(NOWHERE, (Portion::ALL, BTreeSet::new()));
    }
    if ends.len() == 1 {
        for (portion, _) in ends.values_mut() {
            *portion = Portion::ALL;
        }
    }
    ends
}

/// The shares of one unit's transfers, and what they leave unsaid. Weights that do not sum to one, and two
/// transfers of which one says "all of it", say nothing that can be relied on.
fn forward_shares(parts: &[&Transfer]) -> (Vec<Portion>, Option<Portion>) {
    let known = |step: &&Transfer| {
        let bases = Bases::of(step.basis.unwrap_or(Basis::Other));
        let fraction = step.weight.and_then(Fraction::of)?;
        Some(Portion::Known(fraction, bases))
    };
    match parts {
        [only] if only.whole => (vec![Portion::ALL], None),
        [only] => match known(only) {
            Some(Portion::Known(Fraction::ONE, _)) => (vec![Portion::ALL], None),
            Some(Portion::Known(part, bases)) => {
                let rest = part.rest().map_or(Portion::Unknown, |left| Portion::Known(left, bases));
                (vec![Portion::Known(part, bases)], Some(rest))
            }
            _ => (vec![Portion::Unknown], Some(Portion::Unknown)),
        },
        _ => {
            let portions: Option<Vec<Portion>> =
                parts.iter().map(|step| known(step).filter(|_| !step.whole)).collect();
            let sums_to_one = |portions: &Vec<Portion>| {
                let nothing = Portion::Known(Fraction::ZERO, Bases::default());
                let sum = portions.iter().fold(nothing, |sum, portion| sum.plus(*portion));
                matches!(sum, Portion::Known(Fraction::ONE, _))
            };
            let unknown = vec![Portion::Unknown; parts.len()];
            (portions.filter(sums_to_one).unwrap_or(unknown), None)
        }
    }
}

/// How a unit's figure divides among those it was made of: by the people each brought.
fn backward_shares(parts: &[(&Transfer, Portion)], people: &HashMap<AreaId, i64>) -> Vec<Portion> {
    if parts.len() == 1 {
        return vec![Portion::ALL];
    }
    let brought = |(step, share): &(&Transfer, Portion)| {
        let people = Fraction::new(i128::from(*people.get(&step.from)?), 1)?;
        let Portion::Known(fraction, bases) = *share else { return None };
        Some((people.times(fraction)?, bases.and(Bases::of(Basis::Population))))
    };
    let shares = || {
        let parts: Vec<(Fraction, Bases)> = parts.iter().map(brought).collect::<Option<_>>()?;
        let sum = parts.iter().try_fold(Fraction::ZERO, |sum, (part, _)| sum.plus(*part))?;
        let share =
            |(part, bases): &(Fraction, Bases)| Some(Portion::Known(part.over(sum)?, *bases));
        parts.iter().map(share).collect::<Option<Vec<_>>>()
    };
    shares().unwrap_or_else(|| vec![Portion::Unknown; parts.len()])
}
