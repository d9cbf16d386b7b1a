//! Results beside targets: bullet bars, what was decided and what is only proposed, numbers judged by the
//! comparator and words left to people. Who judges what is `beside`'s to say.

use kernel::{problem::Outcome, web::Visit};

use super::{
    view::{
        Block, CellView, Part, RowView, TableView, dx_decimals, dx_name, dx_unit, figure,
        source_href, words,
    },
    wanted::Setting,
};
use crate::{
    actions::analysis::ask::ask,
    model::{
        Period, Scheme,
        amount::{Unit, unit},
        analysis::{
            Dx, Judged, Shown,
            beside::{Beside, Figure, beside},
            chart, judge, reach,
        },
        formula::Rational,
        target::{Comparator, Goal, Target},
    },
};

/// The page.
pub async fn part(visit: &Visit, setting: &Setting) -> Outcome<Part> {
    let catalogue = &setting.catalogue;
    let period = period(setting);
    let mut dx: Vec<Dx> = setting.dx.clone();
    if dx.is_empty() {
        for target in &catalogue.targets {
            let one = Dx::Indicator(target.indicator.clone());
            if !dx.contains(&one) && !of(setting, &one, &period).is_empty() {
                dx.push(one);
            }
        }
    }
    let question = setting.question(dx.clone(), vec![period.clone()], setting.area.level);
    let answer = ask(&visit.app, &visit.caller, &question).await?;
    let mut rows = Vec::new();
    for (at, one) in dx.iter().enumerate() {
        let Some(shown) = answer.at(at, 0, 0) else { continue };
        let name = format!("{} ({})", dx_name(visit, catalogue, one), dx_unit(catalogue, one));
        let href = source_href(one, &period, setting.area.id.as_str(), setting);
        let value = figure(visit, shown, dx_decimals(catalogue, one), href);
        let told = Told { visit, shown, period: &period, name: &name };
        let targets = of(setting, one, &period);
        for (target, how) in &targets {
            let mut cells = vec![value.clone()];
            cells.extend(told.cells(target, *how));
            cells.push(words(target.legal_basis.clone()));
            rows.push(RowView { title: name.clone(), href: String::new(), cells });
        }
        if targets.is_empty() {
            let dash = || words("–");
            let cells = vec![value, dash(), dash(), dash(), dash()];
            rows.push(RowView { title: name, href: String::new(), cells });
        }
    }
    Ok(Part {
        title: visit.say("reporting-analysis-muc-tieu", &[]),
        lede: visit.say("reporting-analysis-muc-tieu-lede", &[]),
        fields: Setting { period: period.clone(), ..setting.clone() }.fields(
            visit,
            &["o", "ky", "doi", "duyet"],
            &[],
        ),
        blocks: vec![block(visit, setting, &period, rows)],
        basis: setting.basis(visit, &answer),
        about: setting.about(visit, &answer),
    })
}

/// Targets are set for years; another period that was asked for is kept.
fn period(setting: &Setting) -> Period {
    let year = Scheme::parse("y").and_then(|scheme| scheme.containing(setting.period.last_day()));
    match year {
        Some(year) if !setting.period_named => year,
        _ => setting.period.clone(),
    }
}

fn block(visit: &Visit, setting: &Setting, period: &Period, rows: Vec<RowView>) -> Block {
    let args = [("area", setting.area.title()), ("period", period.within(visit.lang()))];
    if rows.is_empty() {
        return Block {
            text: vec![visit.say("reporting-targets-none", &args)],
            ..Block::default()
        };
    }
    let head = [
        "reporting-result",
        "reporting-target",
        "reporting-verdict",
        "reporting-picture",
        "reporting-legal-basis",
    ];
    let table = TableView {
        caption: visit.say("reporting-targets-table", &args),
        corner: visit.say("reporting-indicator", &[]),
        head: head.map(|key| visit.say(key, &[])).to_vec(),
        rows,
    };
    Block {
        text: vec![visit.say("reporting-targets-note", &[])],
        tables: vec![table],
        ..Block::default()
    }
}

/// The targets that stand beside an indicator of the area over a period.
fn of<'s>(setting: &'s Setting, dx: &Dx, period: &Period) -> Vec<(&'s Target, Beside)> {
    let Dx::Indicator(id) = dx else { return Vec::new() };
    let known = setting.catalogue.indicators.get(id);
    let is_share = known.and_then(|one| unit(&one.unit)).is_some_and(Unit::is_share);
    let figure = Figure { area: setting.area.id.as_str(), period, is_share };
    beside(setting.catalogue.targets.iter().filter(|one| one.indicator == *id), figure)
}

/// Target, verdict and picture of the one target that says most about a figure.
pub fn goal_cells(
    visit: &Visit,
    setting: &Setting,
    dx: &Dx,
    period: &Period,
    shown: &Shown,
) -> Vec<CellView> {
    let name = dx_name(visit, &setting.catalogue, dx);
    let mut all = of(setting, dx, period);
    all.retain(|(_, how)| *how != Beside::Proposed);
    let first = all.iter().find(|(_, how)| *how == Beside::Judges).or(all.first());
    first.map_or_else(
        || vec![words("–"), words("–"), words("–")],
        |(one, how)| Told { visit, shown, period, name: &name }.cells(one, *how),
    )
}

/// A figure as it is held against targets.
struct Told<'t> {
    visit: &'t Visit,
    shown: &'t Shown,
    period: &'t Period,
    name: &'t str,
}

impl Told<'_> {
    /// Target, verdict, picture.
    fn cells(&self, target: &Target, how: Beside) -> Vec<CellView> {
        let goal = goal(self.visit, &target.goal);
        let judges = how == Beside::Judges;
        let svg = if judges { self.bullet(target, &goal) } else { String::new() };
        let aim = CellView {
            text: goal,
            note: self.standing(target, how),
            href: crate::pages::definitions::Kind::Target.href(target.id.as_str()),
            ..CellView::default()
        };
        let verdict = if judges { self.verdict(target) } else { self.unjudged(how) };
        vec![aim, verdict, CellView { svg, ..CellView::default() }]
    }

    /// For when and for whom it is, and whether it is decided.
    fn standing(&self, target: &Target, how: Beside) -> String {
        let visit = self.visit;
        let own = target.period.as_deref().and_then(Period::parse);
        let year = || visit.say("reporting-target-year", &[("year", target.year.to_string())]);
        let when = own.map_or_else(year, |own| own.label(visit.lang()));
        if how == Beside::Nation {
            return visit.say("reporting-target-nation", &[("when", when)]);
        }
        let key =
            if target.approved { "reporting-target-approved" } else { "reporting-target-proposed" };
        visit.say(key, &[("when", when)])
    }

    /// The verdict with how complete the figure is that it rests on.
    fn verdict(&self, target: &Target) -> CellView {
        let judged = judge(&target.goal, self.shown.number);
        let mark = match judged {
            Judged::Met => "met",
            Judged::Short => "short",
            Judged::Open => "",
        };
        CellView {
            text: self.visit.say(&format!("reporting-judged-{}", judged.code()), &[]),
            note: if judged == Judged::Open { String::new() } else { self.completeness() },
            mark,
            ..CellView::default()
        }
    }

    /// What a verdict rests on: all units, or some of them; a period that is over, or one that still runs.
    fn completeness(&self) -> String {
        let (visit, shown) = (self.visit, self.shown);
        let args = [
            ("reported", kernel::text::thousands(shown.reported)),
            ("expected", kernel::text::thousands(shown.expected)),
        ];
        let running = self.period.until > visit.app.now().day();
        let mut all = Vec::new();
        if shown.is_partial() || running {
            all.push(visit.say("reporting-judged-provisional", &[]));
        }
        if shown.expected > 1 {
            all.push(visit.say("reporting-judged-units", &args));
        }
        if running {
            all.push(visit.say("reporting-judged-running", &[]));
        }
        all.join(", ")
    }

    /// No verdict, and why.
    fn unjudged(&self, how: Beside) -> CellView {
        let code = match how {
            Beside::Judges => return CellView::default(),
            Beside::Proposed => "proposed",
            Beside::PartOfYear => "part",
            Beside::Later => "later",
            Beside::Nation => "nation",
        };
        CellView {
            text: self.visit.say("reporting-judged-open", &[]),
            note: self.visit.say(&format!("reporting-unjudged-{code}"), &[]),
            ..CellView::default()
        }
    }

    fn bullet(&self, target: &Target, goal: &str) -> String {
        let Some((low, high)) = reach(&target.goal) else { return String::new() };
        let number = self.shown.number;
        let result = number.map_or_else(|| "–".to_owned(), |one| one.words(2));
        let args =
            [("what", self.name.to_owned()), ("result", result), ("target", goal.to_owned())];
        let title = self.visit.say("reporting-bullet-title", &args);
        let ends = (chart::drawn(low), chart::drawn(high));
        chart::bullet(&title, number.map(chart::drawn), Some(ends))
    }
}

/// A target in words: *từ 98 trở lên*, *2,5 – 3*.
pub fn goal(visit: &Visit, goal: &Goal) -> String {
    let number = |one: Rational| one.words(4);
    match goal {
        Goal::Compare { comparator, value } => {
            let code = match comparator {
                Comparator::AtLeast => "at-least",
                Comparator::MoreThan => "more-than",
                Comparator::AtMost => "at-most",
                Comparator::LessThan => "less-than",
                Comparator::About => "about",
                Comparator::Exactly => "exactly",
            };
            let value = reach(goal).map_or_else(|| value.clone(), |(one, _)| number(one));
            visit.say(&format!("reporting-goal-{code}"), &[("value", value)])
        }
        Goal::Range { low, high } => {
            let (low, high) = reach(goal).map_or_else(
                || (low.clone(), high.clone()),
                |(one, two)| (number(one), number(two)),
            );
            visit.say("reporting-goal-range", &[("low", low), ("high", high)])
        }
        Goal::Fraction { numerator, denominator, of } => visit.say(
            "reporting-goal-fraction",
            &[
                ("numerator", numerator.to_string()),
                ("denominator", denominator.to_string()),
                ("of", of.clone()),
            ],
        ),
        Goal::Qualitative { words } => words.clone(),
    }
}
