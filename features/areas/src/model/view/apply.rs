//! Carrying the figures of one indicator over.

use std::collections::HashMap;

use super::{
    AMOUNT_MAX, AreaEvent, AreaId, Bases, Conversion, Figure, Fraction, Grade, Law, Link, Place,
    Quality, Share, ViewProblem, Why, share::divided,
};

/// One or two numbers that are carried alike: an amount; a numerator and a denominator; a sum and a count.
type Pair = [i128; 2];

/// The figure of one unit, as seen through a conversion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The unit.
    pub unit: AreaId,
    /// The figure; none when it is undefined.
    pub figure: Option<Figure>,
    /// How good it is.
    pub quality: Quality,
    /// How many of its sources have reported.
    pub reported: usize,
    /// How many sources it has.
    pub sources: usize,
}

/// A known figure that cannot be told apart among some units (or is not known to lie in any).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Together {
    /// The units that have it between them; empty for what is not known to lie anywhere.
    pub units: Vec<AreaId>,
    /// True when a part of it may lie in no unit that is known.
    pub beyond: bool,
    /// The figure of those that reported.
    pub figure: Figure,
    /// True when this is surely all they have: nothing was estimated, no part and no report is missing.
    pub exact: bool,
    /// How many of the sources have reported.
    pub reported: usize,
    /// How many sources there are.
    pub sources: usize,
}

/// How a source came into a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source<'v> {
    /// The unit that reported (or did not).
    pub place: &'v Place,
    /// What it reported.
    pub figure: Option<Figure>,
    /// What of it is counted here; none for an unknown share and where nothing was reported.
    pub part: Option<Figure>,
    /// How much of it lies here.
    pub share: Share,
    /// The events on the way.
    pub events: Vec<&'v AreaEvent>,
}

/// The figures of one indicator in the units of another day.
#[derive(Clone, Debug)]
pub struct View<'c> {
    conversion: &'c Conversion,
    law: Law,
    /// Every target, in the conversion's order.
    pub results: Vec<Seen>,
    /// What no single unit can be given. With the figures of `results` it makes up the sum of all sources.
    pub together: Vec<Together>,
    given: Vec<Option<Pair>>,
    texts: Vec<Option<String>>,
    parts: Vec<Pair>,
}

impl Conversion {
    /// Carries the figures of one indicator over. What is not given stays missing, and is never a zero.
    pub fn apply(
        &self,
        law: Law,
        figures: &HashMap<AreaId, Figure>,
    ) -> Result<View<'_>, ViewProblem> {
        let mut view = View {
            conversion: self,
            law,
            results: Vec::with_capacity(self.targets.len()),
            together: Vec::new(),
            given: vec![None; self.sources.len()],
            texts: vec![None; self.sources.len()],
            parts: vec![[0; 2]; self.links.len()],
        };
        for (id, figure) in figures {
            let at = self.source_at(id).ok_or_else(|| ViewProblem::Stranger(id.clone()))?;
            if let (Law::NonAdditive, Figure::Text(text)) = (law, figure) {
                view.texts[at] = Some(text.clone());
            } else {
                let pair = pair(law, figure).ok_or_else(|| ViewProblem::Misfit(id.clone()))?;
                view.given[at] = Some(pair);
            }
        }
        if law == Law::NonAdditive {
            view.results = (0..self.targets.len()).map(|target| view.only_one(target)).collect();
        } else {
            view.share_out();
        }
        Ok(view)
    }
}

fn pair(law: Law, figure: &Figure) -> Option<Pair> {
    let (pair, signed) = match (law, figure) {
        (Law::Additive | Law::Stock, Figure::Amount(amount)) => ([*amount, 0], true),
        (Law::Ratio, Figure::Ratio { numerator, denominator }) => {
            ([*numerator, *denominator], *denominator >= 0)
        }
        (Law::Mean, Figure::Mean { sum, n }) => ([*sum, *n], *n >= 0),
        _ => return None,
    };
    (signed && pair.iter().all(|amount| amount.abs() <= AMOUNT_MAX)).then_some(pair)
}

fn figure(law: Law, [first, second]: Pair) -> Figure {
    match law {
        Law::Ratio => Figure::Ratio { numerator: first, denominator: second },
        Law::Mean => Figure::Mean { sum: first, n: second },
        _ => Figure::Amount(first),
    }
}

fn add(sum: &mut Pair, more: Pair) {
    sum[0] += more[0];
    sum[1] += more[1];
}

/// What came together in one target.
#[derive(Default)]
struct Sum {
    /// Whole sources and known parts.
    point: Pair,
    /// Whole sources only.
    whole: Pair,
    /// Everything of every source that reaches in.
    most: Pair,
    bases: Bases,
    reported: usize,
    sources: usize,
}

impl View<'_> {
    fn share_out(&mut self) {
        let law = self.law;
        let signed = self.given.iter().flatten().any(|pair| pair[0] < 0);
        let rests: Vec<Pair> =
            (0..self.conversion.sources.len()).map(|source| self.divide(source)).collect();
        let sums: Vec<Sum> =
            (0..self.conversion.targets.len()).map(|target| self.sum(target)).collect();
        for (target, sum) in sums.iter().enumerate() {
            let quality = self.judge(target, sum, signed);
            let known = quality.grade() != Grade::Undefined;
            self.results.push(Seen {
                unit: self.conversion.targets[target].id.clone(),
                figure: known.then(|| figure(law, sum.point)),
                quality,
                reported: sum.reported,
                sources: sum.sources,
            });
        }
        self.add_groups(&sums, &rests);
        self.add_singles(&sums);
        self.add_unplaced(&rests);
    }

    /// Gives the parts of a source to its links; returns what no single link can be given.
    fn divide(&mut self, source: usize) -> Pair {
        let made = self.conversion;
        let Some(pair) = self.given[source] else { return [0; 2] };
        let range = made.begins[source]..made.begins[source + 1];
        let mut fractions = Vec::new();
        for at in range.clone() {
            match made.links[at].share {
                Share::Whole => {
                    self.parts[at] = pair;
                    return [0; 2];
                }
                Share::Part { fraction, .. } => fractions.push((at, fraction)),
                Share::Unknown => {}
            }
        }
        let shares: Vec<Fraction> =
            fractions.iter().map(|(_, share)| *share).chain([made.rests[source]]).collect();
        let mut rest = [0; 2];
        for column in 0..self.law.columns() {
            let parts = divided(pair[column], &shares);
            for ((at, _), part) in fractions.iter().zip(&parts) {
                self.parts[*at][column] = *part;
            }
            rest[column] = parts.last().copied().unwrap_or_default();
        }
        rest
    }

    fn sum(&self, target: usize) -> Sum {
        let mut sum = Sum::default();
        for at in &self.conversion.into[target] {
            let Link { source, share, .. } = &self.conversion.links[*at];
            sum.sources += 1;
            if let Share::Part { bases, .. } = share {
                sum.bases = sum.bases.and(*bases);
            }
            let Some(given) = self.given[*source] else { continue };
            sum.reported += 1;
            add(&mut sum.point, self.parts[*at]);
            add(&mut sum.most, given);
            if *share == Share::Whole {
                add(&mut sum.whole, given);
            }
        }
        sum
    }

    fn judge(&self, target: usize, sum: &Sum, signed: bool) -> Quality {
        let made = self.conversion;
        let grade = made.grade_at(target);
        let shares = || made.into[target].iter().map(|link| made.links[*link].share);
        let all_reported = sum.reported == sum.sources;
        let why = if sum.sources == 0 {
            Some(Why::NoSource)
        } else if !made.complete[target] {
            Some(Why::SourceUnknown)
        } else if shares().any(|share| share == Share::Unknown) {
            Some(Why::ShareUnknown)
        } else if !all_reported {
            Some(Why::NotReported)
        } else if self.law.columns() == 2 && sum.point[1] == 0 {
            Some(Why::NoDenominator)
        } else {
            None
        };
        // A part of an amount that may be negative can be larger than the whole: then nothing bounds it.
        let bounded = !signed && sum.reported > 0;
        let closed = bounded && all_reported && made.complete[target];
        let (low, high) = self.bounds(sum, bounded, closed);
        match why {
            Some(why) => Quality::Undefined { why, low, high },
            None if grade == Grade::Exact => Quality::Exact,
            None => Quality::Estimated { bases: sum.bases, low, high },
        }
    }

    fn bounds(&self, sum: &Sum, bounded: bool, closed: bool) -> (Option<Figure>, Option<Figure>) {
        let law = self.law;
        if law.columns() == 1 {
            let low = bounded.then(|| figure(law, sum.whole));
            return (low, closed.then(|| figure(law, sum.most)));
        }
        // The least above the line over the most below it, and the other way round.
        let low = closed.then(|| [sum.whole[0], sum.most[1]]).filter(|pair| pair[1] > 0);
        let high = closed.then(|| [sum.most[0], sum.whole[1]]).filter(|pair| pair[1] > 0);
        (low.map(|pair| figure(law, pair)), high.map(|pair| figure(law, pair)))
    }

    /// What the units of a group surely have between them.
    fn add_groups(&mut self, sums: &[Sum], rests: &[Pair]) {
        let made = self.conversion;
        let mut amounts: Vec<Pair> = vec![[0; 2]; made.groups.len()];
        let mut exact = vec![true; made.groups.len()];
        let mut beyond = vec![false; made.groups.len()];
        let mut within: Vec<std::collections::BTreeSet<usize>> =
            vec![std::collections::BTreeSet::new(); made.groups.len()];
        for (at, group) in made.groups.iter().enumerate() {
            for target in group {
                add(&mut amounts[at], sums[*target].point);
                for link in &made.into[*target] {
                    within[at].insert(made.links[*link].source);
                    exact[at] &= !matches!(made.links[*link].share, Share::Part { .. });
                }
            }
        }
        for (source, rest) in rests.iter().enumerate() {
            let links = &made.links[made.begins[source]..made.begins[source + 1]];
            let mut unknown = links.iter().filter(|link| link.share == Share::Unknown);
            let group = unknown.find_map(|link| made.group_of[link.target?]);
            let Some(group) = group else { continue };
            add(&mut amounts[group], *rest);
            beyond[group] |=
                links.iter().any(|link| link.target.is_none() && link.share == Share::Unknown);
            exact[group] &= links.iter().all(|link| link.share == Share::Unknown);
        }
        for (at, group) in made.groups.iter().enumerate() {
            let given = |source: &&usize| self.given[**source].is_some();
            let (reported, sources) = (within[at].iter().filter(given).count(), within[at].len());
            if reported == 0 {
                continue;
            }
            let complete = group.iter().all(|target| made.complete[*target]);
            self.together.push(Together {
                units: group.iter().map(|target| made.targets[*target].id.clone()).collect(),
                beyond: beyond[at],
                figure: figure(self.law, amounts[at]),
                exact: exact[at] && !beyond[at] && complete && reported == sources,
                reported,
                sources,
            });
        }
    }

    /// What is known of single units whose figure is undefined for another reason than an unknown share.
    fn add_singles(&mut self, sums: &[Sum]) {
        let made = self.conversion;
        for (target, sum) in sums.iter().enumerate() {
            let seen = &self.results[target];
            if seen.figure.is_some() || made.group_of[target].is_some() || sum.reported == 0 {
                continue;
            }
            let mut shares = made.into[target].iter().map(|link| made.links[*link].share);
            let complete = made.complete[target] && sum.reported == sum.sources;
            self.together.push(Together {
                units: vec![seen.unit.clone()],
                beyond: false,
                figure: figure(self.law, sum.point),
                exact: complete && shares.all(|share| share == Share::Whole),
                reported: sum.reported,
                sources: sum.sources,
            });
        }
    }

    /// What is not known to lie anywhere.
    fn add_unplaced(&mut self, rests: &[Pair]) {
        let made = self.conversion;
        let (mut sum, mut exact, mut reported, mut sources) = ([0; 2], true, 0, 0);
        for (at, link) in made.links.iter().enumerate().filter(|(_, link)| link.target.is_none()) {
            // An unknown share beside unknown targets is told with their group.
            let alone = made.unknown_targets(link.source).next().is_none();
            if link.share == Share::Unknown && !alone {
                continue;
            }
            sources += 1;
            exact &= link.share == Share::Whole;
            if self.given[link.source].is_some() {
                reported += 1;
                add(&mut sum, self.parts[at]);
                if link.share == Share::Unknown {
                    add(&mut sum, rests[link.source]);
                }
            }
        }
        if reported > 0 {
            let figure = figure(self.law, sum);
            let units = Vec::new();
            self.together.push(Together { units, beyond: true, figure, exact, reported, sources });
        }
    }

    /// A figure that cannot be added: it stays with a territory that stayed the same.
    fn only_one(&self, target: usize) -> Seen {
        let made = self.conversion;
        let links = &made.into[target];
        let text = |link: &usize| self.texts[made.links[*link].source].clone();
        let undefined = |why| Quality::Undefined { why, low: None, high: None };
        let (figure, quality) = match links.as_slice() {
            [] => (None, undefined(Why::NoSource)),
            _ if !made.complete[target] => (None, undefined(Why::SourceUnknown)),
            [only] if made.links[*only].share == Share::Whole => match text(only) {
                Some(text) => (Some(Figure::Text(text)), Quality::Exact),
                None => (None, undefined(Why::NotReported)),
            },
            _ => (None, undefined(Why::NotAdditive)),
        };
        Seen {
            unit: made.targets[target].id.clone(),
            figure,
            quality,
            reported: links.iter().filter(|link| text(link).is_some()).count(),
            sources: links.len(),
        }
    }

    /// The law the figures were carried by.
    pub fn law(&self) -> Law {
        self.law
    }

    /// The figure of one unit.
    pub fn seen(&self, unit: &AreaId) -> Option<&Seen> {
        self.conversion.target_at(unit).and_then(|at| self.results.get(at))
    }

    /// What a result was made of, in the order of the sources' codes.
    pub fn sources(&self, unit: &AreaId) -> Vec<Source<'_>> {
        let made = self.conversion;
        let links = made.target_at(unit).map_or(&[][..], |at| &made.into[at]);
        links.iter().map(|at| self.source(*at)).collect()
    }

    fn source(&self, at: usize) -> Source<'_> {
        let made = self.conversion;
        let link = &made.links[at];
        let given = self.given[link.source].map(|pair| figure(self.law, pair));
        let told = given.is_some() && link.share != Share::Unknown;
        let text = self.texts[link.source].clone().map(Figure::Text);
        Source {
            place: &made.sources[link.source],
            part: told.then(|| figure(self.law, self.parts[at])).or_else(|| text.clone()),
            figure: given.or(text),
            share: link.share,
            events: made.events(link).collect(),
        }
    }

    /// What all sources reported together; none for what is not added.
    pub fn sum_of_sources(&self) -> Option<Figure> {
        (self.law != Law::NonAdditive).then(|| {
            let mut sum = [0; 2];
            self.given.iter().flatten().for_each(|pair| add(&mut sum, *pair));
            figure(self.law, sum)
        })
    }

    /// What single units were given; with [`View::sum_together`] it is [`View::sum_of_sources`].
    pub fn sum_of_results(&self) -> Option<Figure> {
        self.total(self.results.iter().filter_map(|seen| seen.figure.as_ref()))
    }

    /// What only groups of units, or nobody, can be given.
    pub fn sum_together(&self) -> Option<Figure> {
        self.total(self.together.iter().map(|together| &together.figure))
    }

    fn total<'f>(&self, figures: impl Iterator<Item = &'f Figure>) -> Option<Figure> {
        (self.law != Law::NonAdditive).then(|| {
            let mut sum = [0; 2];
            for figure in figures {
                add(&mut sum, plain(figure));
            }
            figure(self.law, sum)
        })
    }
}

fn plain(figure: &Figure) -> Pair {
    match figure {
        Figure::Amount(amount) => [*amount, 0],
        Figure::Ratio { numerator, denominator } => [*numerator, *denominator],
        Figure::Mean { sum, n } => [*sum, *n],
        Figure::Text(_) => [0; 2],
    }
}
