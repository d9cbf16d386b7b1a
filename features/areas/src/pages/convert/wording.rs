//! A result in words: figures as people read them, qualities, and how every source came in.

use kernel::web::Visit;

use super::{Converted, Group, Part, Row, told_results};
use crate::model::{
    capitalised,
    view::{
        Bases, Conversion, Figure, Grade, Quality, Seen, Share, Source, Together, View, Why,
        spoken_text,
    },
};

/// Results on one page; the files have all.
const ROWS_MAX: usize = 300;
/// Sources opened below a result.
const PARTS_MAX: usize = 30;
/// Terms of a written-out sum.
const TERMS_MAX: usize = 6;
/// Groups on one page, and names told of each.
const GROUPS_MAX: usize = 60;
const NAMES_MAX: usize = 8;

/// How figures of one table are told.
pub(super) struct Wording<'a> {
    pub visit: &'a Visit,
    pub scale: u32,
}

impl Wording<'_> {
    fn say(&self, key: &str, args: &[(&str, String)]) -> String {
        self.visit.say(key, args)
    }

    /// The whole result as the page shows it.
    pub fn converted(&self, made: &Conversion, view: &View<'_>) -> Converted {
        let shown: Vec<&Seen> = told_results(view).collect();
        let count = |grade| {
            let counted = shown.iter().filter(|seen| seen.quality.grade() == grade).count();
            thousands(counted)
        };
        let waits = |seen: &&&Seen| {
            matches!(seen.quality, Quality::Undefined { why: Why::ShareUnknown, .. })
        };
        let unshared = shown.iter().filter(waits).count();
        let rest = view.sum_together().filter(|_| !view.together.is_empty());
        Converted {
            from: Some(made.span.from),
            to: Some(made.span.to),
            exact: count(Grade::Exact),
            estimated: count(Grade::Estimated),
            undefined: count(Grade::Undefined),
            unshared: if unshared == 0 { String::new() } else { thousands(unshared) },
            before: view.sum_of_sources().map(|figure| self.figure(&figure)),
            after: view.sum_of_results().map(|figure| self.figure(&figure)),
            rest: rest.map(|figure| self.figure(&figure)),
            all: (shown.len() > ROWS_MAX).then(|| thousands(shown.len())),
            rows: shown.iter().take(ROWS_MAX).map(|seen| self.row(made, view, seen)).collect(),
            groups: view.together.iter().take(GROUPS_MAX).map(|it| self.group(made, it)).collect(),
            more_groups: view.together.len().saturating_sub(GROUPS_MAX),
        }
    }

    fn row(&self, made: &Conversion, view: &View<'_>, seen: &Seen) -> Row {
        let place = made.target(&seen.unit);
        let sources = view.sources(&seen.unit);
        Row {
            href: format!("/dia-ban/{}", seen.unit),
            title: place.map(|place| capitalised(&place.full_name)).unwrap_or_default(),
            code: place.and_then(|place| place.code.clone()).unwrap_or_default(),
            figure: seen.figure.as_ref().map(|figure| self.figure(figure)).unwrap_or_default(),
            grade: seen.quality.grade().code(),
            quality: self.quality(&seen.quality),
            reported: self.reported(seen.reported, seen.sources),
            made_of: self.made_of(&sources),
            parts: sources.iter().take(PARTS_MAX).map(|source| self.part(source)).collect(),
            more_parts: sources.len().saturating_sub(PARTS_MAX),
        }
    }

    /// Empty when everybody has.
    fn reported(&self, reported: usize, sources: usize) -> String {
        if reported == sources {
            return String::new();
        }
        let args = [("reported", thousands(reported)), ("sources", thousands(sources))];
        self.say("areas-convert-reported", &args)
    }

    fn made_of(&self, sources: &[Source<'_>]) -> String {
        let parts: Option<Vec<String>> =
            sources.iter().map(|source| Some(self.figure(source.part.as_ref()?))).collect();
        match parts {
            Some(parts) if (2..=TERMS_MAX).contains(&parts.len()) => {
                let names: Vec<&str> =
                    sources.iter().map(|source| source.place.full_name.as_str()).collect();
                let args = [("sum", parts.join(" + ")), ("names", names.join(", "))];
                self.say("areas-convert-made-of", &args)
            }
            _ => String::new(),
        }
    }

    pub fn part(&self, source: &Source<'_>) -> Part {
        let mut by: Vec<&str> =
            source.events.iter().map(|event| event.instrument.as_str()).collect();
        by.retain(|instrument| !instrument.is_empty());
        by.dedup();
        Part {
            href: format!("/dia-ban/{}", source.place.id),
            title: capitalised(&source.place.full_name),
            code: source.place.code.clone().unwrap_or_default(),
            figure: match &source.figure {
                Some(figure) => self.figure(figure),
                None => self.say("areas-convert-not-reported", &[]),
            },
            how: self.share(source),
            by: by.join("; "),
        }
    }

    fn share(&self, source: &Source<'_>) -> String {
        match source.share {
            Share::Whole => self.say("areas-convert-whole", &[]),
            Share::Unknown => self.say("areas-convert-unknown", &[]),
            Share::Part { fraction, bases } => {
                let args = [
                    ("share", format!("{}/{}", fraction.num(), fraction.den())),
                    ("basis", self.bases(bases)),
                    ("part", source.part.as_ref().map(|it| self.figure(it)).unwrap_or_default()),
                ];
                let told = if source.part.is_some() {
                    "areas-convert-part"
                } else {
                    "areas-convert-part-blank"
                };
                self.say(told, &args)
            }
        }
    }

    fn bases(&self, bases: Bases) -> String {
        let told = bases
            .iter()
            .map(|basis| self.say(&format!("areas-convert-basis-{}", basis.code()), &[]));
        told.collect::<Vec<_>>().join(", ")
    }

    /// `ước tính (theo dân số, từ 34 đến 100)`.
    pub fn quality(&self, quality: &Quality) -> String {
        match quality {
            Quality::Exact => self.say("areas-convert-exact", &[]),
            Quality::Estimated { bases, low, high } => {
                let mut args = vec![("basis", self.bases(*bases))];
                match (low, high) {
                    (Some(low), Some(high)) => {
                        args.extend([("low", self.brief(low)), ("high", self.brief(high))]);
                        self.say("areas-convert-estimated-between", &args)
                    }
                    _ => self.say("areas-convert-estimated", &args),
                }
            }
            Quality::Undefined { why, low, high } => {
                let mut args =
                    vec![("why", self.say(&format!("areas-convert-why-{}", why.code()), &[]))];
                match (low, high) {
                    (Some(low), Some(high)) => {
                        args.extend([("low", self.brief(low)), ("high", self.brief(high))]);
                        self.say("areas-convert-undefined-between", &args)
                    }
                    // "At least 0" says nothing.
                    (Some(low), None) if *low != Figure::Amount(0) => {
                        args.push(("low", self.brief(low)));
                        self.say("areas-convert-undefined-least", &args)
                    }
                    _ => self.say("areas-convert-undefined", &args),
                }
            }
        }
    }

    fn group(&self, made: &Conversion, together: &Together) -> Group {
        let units = &together.units;
        let names: Vec<String> = units
            .iter()
            .take(NAMES_MAX)
            .filter_map(|id| made.target(id))
            .map(|place| match &place.code {
                Some(code) => format!("{} ({code})", place.full_name),
                None => place.full_name.clone(),
            })
            .collect();
        let mut names = capitalised(&names.join(", "));
        if units.len() > NAMES_MAX {
            let more = [("more", thousands(units.len() - NAMES_MAX))];
            names = format!("{names} {}", self.say("areas-convert-more-names", &more));
        }
        let mut notes = Vec::new();
        if !together.units.is_empty() {
            let key = if together.exact {
                "areas-convert-group-exact"
            } else {
                "areas-convert-group-rough"
            };
            notes.push(self.say(key, &[]));
            if together.beyond {
                notes.push(self.say("areas-convert-group-beyond", &[]));
            }
        }
        notes.push(self.reported(together.reported, together.sources));
        notes.retain(|note| !note.is_empty());
        Group { names, figure: self.figure(&together.figure), note: notes.join("; ") }
    }

    /// A figure with what it was computed from: `37,5 % (45/120)`.
    pub fn figure(&self, figure: &Figure) -> String {
        let told = |amount: &i128| spoken_text(*amount, self.scale);
        match figure {
            Figure::Ratio { numerator: a, denominator: b } | Figure::Mean { sum: a, n: b } => {
                format!("{} ({}/{})", self.brief(figure), told(a), told(b))
            }
            _ => self.brief(figure),
        }
    }

    /// The figure alone: `37,5 %`.
    pub fn brief(&self, figure: &Figure) -> String {
        match figure {
            Figure::Amount(amount) => spoken_text(*amount, self.scale),
            Figure::Ratio { numerator, denominator } => quotient(*numerator, *denominator, 100)
                .map_or("–".to_owned(), |it| format!("{it} %")),
            Figure::Mean { sum, n } => quotient(*sum, *n, 1).unwrap_or("–".to_owned()),
            Figure::Text(text) => text.clone(),
        }
    }
}

/// A quotient with two decimals, half rounded away from zero; none without a divisor.
pub(super) fn quotient(above: i128, below: i128, times: i128) -> Option<String> {
    if below <= 0 {
        return None;
    }
    let hundredths = (above.abs() * times * 200 + below) / (2 * below);
    Some(spoken_text(if above < 0 { -hundredths } else { hundredths }, 2))
}

fn thousands(count: usize) -> String {
    kernel::text::thousands(i64::try_from(count).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::quotient;

    #[test]
    fn quotients_are_rounded_to_hundredths_and_never_divide_by_nothing() {
        assert_eq!(quotient(45, 120, 100).as_deref(), Some("37,5"));
        assert_eq!(quotient(2, 3, 1).as_deref(), Some("0,67"));
        assert_eq!(quotient(-2, 3, 1).as_deref(), Some("-0,67"));
        assert_eq!(quotient(1, 0, 1), None);
        assert_eq!(quotient(0, 7, 100).as_deref(), Some("0"));
    }
}
