//! What lies where, worked out once for a pair of days and used for any number of indicators.

use std::collections::{BTreeMap, HashMap};

use super::{
    AreaEvent, AreaId, Atlas, Fraction, Grade, Place, Share, Span,
    graph::{Ends, NOWHERE, Portion, standing, walk},
};

/// A part (or all) of one source that lies in one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Index of the unit figures are carried from.
    pub(super) source: usize,
    /// Index of the unit they are carried to; none where nobody knows.
    pub(super) target: Option<usize>,
    /// How much of it.
    pub share: Share,
    /// Indexes of the events on the way, in the order they took effect.
    pub(super) events: Vec<usize>,
}

/// The flow of figures between the units of two days.
#[derive(Clone, Debug)]
pub struct Conversion {
    /// Between what.
    pub span: Span,
    pub(super) sources: Vec<Place>,
    pub(super) targets: Vec<Place>,
    pub(super) events: Vec<AreaEvent>,
    /// Source by source, and for each in the order of the targets.
    pub(super) links: Vec<Link>,
    /// Where the links of each source begin; one more than there are sources.
    pub(super) begins: Vec<usize>,
    /// The links into each target.
    pub(super) into: Vec<Vec<usize>>,
    /// What is left of a source beside its known parts.
    pub(super) rests: Vec<Fraction>,
    /// Targets of which every part is accounted for.
    pub(super) complete: Vec<bool>,
    /// Targets that share sources divided nobody knows how: only together they have a figure.
    pub(super) groups: Vec<Vec<usize>>,
    /// The group of a target.
    pub(super) group_of: Vec<Option<usize>>,
    by_source: HashMap<AreaId, usize>,
    by_target: HashMap<AreaId, usize>,
}

impl Conversion {
    /// Works out the flow. A conversion of the whole country takes some milliseconds; applying it to an
    /// indicator takes less.
    pub fn between(span: Span, atlas: Atlas) -> Self {
        let sources = standing(&atlas.before, span.of);
        let targets = standing(&atlas.after, span.by);
        let walked = walk(&span, &atlas, &sources, &targets);
        let mut made = Self {
            span,
            links: Vec::new(),
            begins: vec![0],
            into: vec![Vec::new(); targets.len()],
            rests: Vec::new(),
            complete: walked.complete,
            groups: Vec::new(),
            group_of: vec![None; targets.len()],
            by_source: indexed(&sources),
            by_target: indexed(&targets),
            events: atlas.events,
            sources,
            targets,
        };
        for (source, ends) in walked.ends.into_iter().enumerate() {
            made.add(source, ends);
        }
        made.group();
        made
    }

    fn add(&mut self, source: usize, ends: Ends) {
        let whole = ends.len() == 1;
        let rest = ends.values().try_fold(Fraction::ONE, |left, (portion, _)| match portion {
            Portion::Known(fraction, _) => left_of(left, *fraction),
            Portion::Unknown => Some(left),
        });
        for (target, (portion, events)) in ends {
            let share = match portion {
                _ if whole => Share::Whole,
                // Without an exact rest nothing can be given out exactly.
                Portion::Known(fraction, bases) if rest.is_some() => {
                    Share::Part { fraction, bases }
                }
                _ => Share::Unknown,
            };
            let mut events: Vec<usize> = events.into_iter().collect();
            events.sort_by_key(|at| (self.events[*at].effective_on, *at));
            let target = (target != NOWHERE).then_some(target);
            if let Some(target) = target {
                self.into[target].push(self.links.len());
            }
            self.links.push(Link { source, target, share, events });
        }
        self.begins.push(self.links.len());
        self.rests.push(rest.unwrap_or(Fraction::ONE));
    }

    /// Joins the targets that an unknown division keeps from being told apart.
    fn group(&mut self) {
        let mut leader: Vec<usize> = (0..self.targets.len()).collect();
        for source in 0..self.sources.len() {
            let mut unknown = self.unknown_targets(source);
            let Some(first) = unknown.next() else { continue };
            let others: Vec<usize> = unknown.collect();
            for other in others {
                let (one, two) = (head(&mut leader, first), head(&mut leader, other));
                leader[one.max(two)] = one.min(two);
            }
        }
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for target in 0..self.targets.len() {
            if self.into[target].iter().any(|link| self.links[*link].share == Share::Unknown) {
                groups.entry(head(&mut leader, target)).or_default().push(target);
            }
        }
        for (at, group) in groups.into_values().enumerate() {
            for target in &group {
                self.group_of[*target] = Some(at);
            }
            self.groups.push(group);
        }
    }

    /// The targets of which nobody knows how much of a source they have.
    pub(super) fn unknown_targets(&self, source: usize) -> impl Iterator<Item = usize> + '_ {
        let links = &self.links[self.begins[source]..self.begins[source + 1]];
        links.iter().filter(|link| link.share == Share::Unknown).filter_map(|link| link.target)
    }

    /// The units that figures are carried from.
    pub fn sources(&self) -> &[Place] {
        &self.sources
    }

    /// The units that they are carried to.
    pub fn targets(&self) -> &[Place] {
        &self.targets
    }

    /// One of the units that figures are carried from.
    pub fn source(&self, id: &AreaId) -> Option<&Place> {
        self.by_source.get(id).map(|at| &self.sources[*at])
    }

    /// One of the units that they are carried to.
    pub fn target(&self, id: &AreaId) -> Option<&Place> {
        self.by_target.get(id).map(|at| &self.targets[*at])
    }

    pub(super) fn source_at(&self, id: &AreaId) -> Option<usize> {
        self.by_source.get(id).copied()
    }

    pub(super) fn target_at(&self, id: &AreaId) -> Option<usize> {
        self.by_target.get(id).copied()
    }

    /// Where a unit's figures go; no target where nobody knows.
    pub fn flow(&self, source: &AreaId) -> impl Iterator<Item = (Option<&Place>, &Link)> {
        let at = self.source_at(source);
        let links = at.map_or(&[][..], |at| &self.links[self.begins[at]..self.begins[at + 1]]);
        links.iter().map(|link| (link.target.map(|at| &self.targets[at]), link))
    }

    /// Every flow: a unit, where it goes (nowhere known: none), and how.
    pub fn flows(&self) -> impl Iterator<Item = (&Place, Option<&Place>, &Link)> {
        self.links
            .iter()
            .map(|link| (&self.sources[link.source], link.target.map(|at| &self.targets[at]), link))
    }

    /// The events that a link passed through.
    pub fn events(&self, link: &Link) -> impl Iterator<Item = &AreaEvent> {
        link.events.iter().map(|at| &self.events[*at])
    }

    /// The best quality that figures of a unit can have here, all sources having reported.
    pub fn grade(&self, target: &AreaId) -> Grade {
        self.target_at(target).map_or(Grade::Undefined, |at| self.grade_at(at))
    }

    pub(super) fn grade_at(&self, target: usize) -> Grade {
        let links = || self.into[target].iter().map(|link| self.links[*link].share);
        if !self.complete[target]
            || self.into[target].is_empty()
            || links().any(|share| share == Share::Unknown)
        {
            Grade::Undefined
        } else if links().all(|share| share == Share::Whole) {
            Grade::Exact
        } else {
            Grade::Estimated
        }
    }

    /// How many units can have figures of each grade: exact, estimated, undefined.
    pub fn grades(&self) -> [usize; 3] {
        let mut counts = [0; 3];
        for target in 0..self.targets.len() {
            counts[self.grade_at(target) as usize] += 1;
        }
        counts
    }
}

fn left_of(left: Fraction, part: Fraction) -> Option<Fraction> {
    let (num, den) = (left.num() * part.den() - part.num() * left.den(), left.den() * part.den());
    Fraction::new(num, den)
}

fn indexed(places: &[Place]) -> HashMap<AreaId, usize> {
    places.iter().enumerate().map(|(at, place)| (place.id.clone(), at)).collect()
}

fn head(leader: &mut [usize], of: usize) -> usize {
    let mut at = of;
    while leader[at] != at {
        leader[at] = leader[leader[at]];
        at = leader[at];
    }
    at
}
