//! Definitions read back out of their forms; what cannot be read is told at its field.

use areas::view::Law;
use kernel::problem::{FormProblems, Outcome};

use super::fields::{COMPARATORS, FRACTION, MARKS, RANGE, Values, WORDS, node_kinds};
use crate::{
    actions::{
        catalogue::Catalogue,
        define::{target::period_said, target_sheet::trimmed},
    },
    model::{
        DataElement, ElementId, Indicator, IndicatorId, ProgrammeNodeId, TargetId,
        amount::{plain_amount, read_amount, unit},
        definition::{DECIMALS_MAX, kinds_below},
        element::{Mark, Sheet},
        programme::ProgrammeNode,
        target::{Baseline, Goal, Target},
    },
};

/// A form's values on their way to a definition.
pub(super) struct Reader<'v> {
    values: &'v Values,
    problems: FormProblems,
}

impl<'v> Reader<'v> {
    pub(super) fn of(values: &'v Values) -> Self {
        Self { values, problems: FormProblems::new() }
    }

    fn line(&self, name: &str) -> String {
        self.values.get(name).and_then(|all| all.first()).cloned().unwrap_or_default()
    }

    fn mark(&self) -> Mark {
        let code = self.line("can-cu");
        MARKS.iter().find(|(one, _)| *one == code).map_or(Mark::Derived, |(_, mark)| *mark)
    }

    fn node(&mut self, name: &'static str) -> Option<ProgrammeNodeId> {
        let text = self.line(name);
        let read = ProgrammeNodeId::parse(&text);
        self.problems.require(
            text.is_empty() || read.is_some(),
            name,
            "reporting-definition-no-node",
        );
        read
    }

    fn year(&mut self, name: &'static str) -> Option<i16> {
        let text = self.line(name);
        let read = text.parse::<i16>().ok();
        self.problems.require(text.is_empty() || read.is_some(), name, "reporting-definition-year");
        read
    }

    fn decimals(&mut self) -> u32 {
        let read = self.line("thap-phan").parse::<u32>().ok().filter(|it| *it <= DECIMALS_MAX);
        self.problems.require(read.is_some(), "thap-phan", "reporting-definition-decimals");
        read.unwrap_or(0)
    }

    fn sheet(&self) -> Sheet {
        Sheet {
            concept: self.line("khai-niem"),
            method: self.line("phuong-phap"),
            periodicity: self.line("ky-cong-bo"),
            source: self.line("nguon"),
            owner: self.line("co-quan"),
        }
    }

    /// The code: of what is changed, or the one typed.
    fn code<T>(&mut self, known: Option<&str>, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let typed = self.line("ma");
        let text = known.unwrap_or(&typed);
        let code = parse(text).filter(|_| known.is_some() || text != super::NEW);
        self.problems.require(code.is_some(), "ma", "reporting-definition-code");
        code
    }

    fn done<T>(self, read: Option<T>) -> Outcome<T> {
        self.problems.check()?;
        // Without a problem everything was read.
        read.ok_or_else(|| (&crate::actions::BAD_DEFINITION).into())
    }

    pub(super) fn node_of(mut self, known: Option<&str>) -> Outcome<ProgrammeNode> {
        let code = self.code(known, ProgrammeNodeId::parse);
        let typed = self.line("loai");
        let kinds = node_kinds();
        let kind = kinds.iter().find(|(code, _)| *code == typed).map(|(_, kind)| *kind);
        self.problems.require(kind.is_some(), "loai", "reporting-definition-kind");
        let (parent, from, until) =
            (self.node("cap-tren"), self.year("tu-nam"), self.year("den-nam"));
        let node = code.zip(kind).map(|(code, kind)| ProgrammeNode {
            code,
            parent: parent.filter(|_| !kinds_below(None).contains(&kind)),
            kind,
            name: self.line("ten"),
            owner: self.line("co-quan"),
            from_year: from,
            until_year: until,
            legal_basis: self.line("van-ban"),
            mark: self.mark(),
        });
        self.done(node)
    }

    pub(super) fn indicator(mut self, known: Option<&str>) -> Outcome<Indicator> {
        let code = self.code(known, IndicatorId::parse);
        let (decimals, component) = (self.decimals(), self.node("hop-phan"));
        let indicator = code.map(|code| Indicator {
            code,
            name: self.line("ten"),
            unit: self.line("don-vi"),
            decimals,
            numerator: self.line("tu-so"),
            denominator: self.line("mau-so"),
            lower_is_better: !self.line("thap-hon").is_empty(),
            component,
            sheet: self.sheet(),
            mark: self.mark(),
        });
        self.done(indicator)
    }

    pub(super) fn element(mut self, known: Option<&str>) -> Outcome<DataElement> {
        let code = self.code(known, ElementId::parse);
        let (decimals, component) = (self.decimals(), self.node("hop-phan"));
        let law = Law::from_code(&self.line("cong-don"));
        self.problems.require(law.is_some(), "cong-don", "reporting-definition-law");
        let dimensions = self.values.get("phan-to").cloned().unwrap_or_default();
        let element = code.zip(law).map(|(code, law)| DataElement {
            code,
            name: self.line("ten"),
            unit: self.line("don-vi"),
            decimals,
            law,
            dimensions: dimensions.into_iter().filter(|one| !one.is_empty()).collect(),
            component,
            sheet: self.sheet(),
            mark: self.mark(),
        });
        self.done(element)
    }

    /// A number in a unit, as plain decimals; none with its problem noted.
    fn number(&mut self, name: &'static str, unit_code: Option<&str>) -> Option<String> {
        let text = self.line(name);
        let Some(of) = unit_code.and_then(unit) else {
            self.problems.add("chi-tieu", "reporting-definition-no-indicator");
            return None;
        };
        match read_amount(&text, of, DECIMALS_MAX) {
            Ok(read) => Some(trimmed(&plain_amount(read.amount, DECIMALS_MAX))),
            Err(wrong) => {
                self.problems.add_with(name, wrong.key, wrong.args);
                None
            }
        }
    }

    fn goal(&mut self, unit_code: Option<&str>) -> Option<Goal> {
        let code = self.line("so-sanh");
        match code.as_str() {
            RANGE => {
                let low = self.number("gia-tri", unit_code);
                let high = self.number("gia-tri-den", unit_code);
                low.zip(high).map(|(low, high)| Goal::Range { low, high })
            }
            FRACTION => {
                let text = self.line("gia-tri");
                let parts = text.split_once('/').and_then(|(above, below)| {
                    Some((above.trim().parse().ok()?, below.trim().parse().ok()?))
                });
                self.problems.require(parts.is_some(), "gia-tri", "reporting-definition-fraction");
                let of = self.line("loi");
                parts.map(|(numerator, denominator)| Goal::Fraction { numerator, denominator, of })
            }
            WORDS => Some(Goal::Qualitative { words: self.line("loi") }),
            code => {
                let found = COMPARATORS.iter().find(|(one, _)| *one == code).map(|(_, it)| *it);
                self.problems.require(
                    found.is_some(),
                    "so-sanh",
                    "reporting-definition-comparator",
                );
                let value = self.number("gia-tri", unit_code);
                found.zip(value).map(|(comparator, value)| Goal::Compare { comparator, value })
            }
        }
    }

    /// The period, when the target is not for the year as a whole.
    fn period(
        &mut self,
        catalogue: &Catalogue,
        indicator: Option<&Indicator>,
        year: Option<i16>,
    ) -> Option<String> {
        match period_said(catalogue, indicator?, year, &self.line("ky")) {
            Ok(period) => period,
            Err((key, args)) => {
                self.problems.add_with("ky", key, args);
                None
            }
        }
    }

    /// A proposal; `known` is the one that is changed, whose indicator and area stay.
    pub(super) fn target(
        mut self,
        catalogue: &Catalogue,
        known: Option<&Target>,
    ) -> Outcome<Target> {
        let code = match known {
            Some(known) => Some(known.indicator.clone()),
            None => IndicatorId::parse(&self.line("chi-tieu")),
        };
        let indicator = code.as_ref().and_then(|code| catalogue.indicators.get(code));
        let unit_code = indicator.map(|one| one.unit.clone());
        let goal = self.goal(unit_code.as_deref());
        let year = self.year("nam");
        self.problems.require(year.is_some(), "nam", "reporting-definition-year");
        let period = self.period(catalogue, indicator, year);
        let baseline = if self.line("goc").is_empty() {
            None
        } else {
            let value = self.number("goc", unit_code.as_deref());
            let at = self.year("nam-goc");
            self.problems.require(at.is_some(), "nam-goc", "reporting-definition-baseline-year");
            at.zip(value).map(|(year, value)| Baseline { year, value })
        };
        let area = match known {
            Some(known) => known.area.clone(),
            None => Some(self.line("dia-ban")).filter(|text| text != "vn").unwrap_or_default(),
        };
        let id = known.map_or_else(|| TargetId::parse(super::NEW), |known| Some(known.id.clone()));
        let target = (|| {
            Some(Target {
                id: id?,
                indicator: code?,
                area,
                year: year?,
                goal: goal?,
                approved: false,
                legal_basis: self.line("van-ban"),
                since: known.and_then(|known| known.since),
                mark: self.mark(),
                period,
                baseline,
                replaces: None,
                ended: false,
            })
        })();
        self.done(target)
    }
}
