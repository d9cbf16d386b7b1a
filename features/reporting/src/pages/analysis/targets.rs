//! Results beside targets: bullet bars, what was decided and what is only proposed, numbers judged by the
//! comparator and words left to people.

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
        analysis::{Dx, Judged, Shown, chart, judge, reach},
        formula::Rational,
        target::{Comparator, Goal, Target},
    },
};

/// The page.
pub async fn part(visit: &Visit, setting: &Setting) -> Outcome<Part> {
    let catalogue = &setting.catalogue;
    let mut dx: Vec<Dx> = if setting.dx.is_empty() {
        catalogue.targets.iter().map(|one| Dx::Indicator(one.indicator.clone())).collect()
    } else {
        setting.dx.clone()
    };
    dx.dedup();
    // Targets are set for years; another period that was asked for is kept.
    let year = Scheme::parse("y").and_then(|scheme| scheme.containing(setting.period.last_day()));
    let period = match year {
        Some(year) if !setting.period_named => year,
        _ => setting.period.clone(),
    };
    let periods: Vec<Period> = period.last_n(1);
    let question = setting.question(dx.clone(), periods, setting.area.level);
    let answer = ask(&visit.app, &visit.caller, &question).await?;
    let mut rows = Vec::new();
    for (at, one) in dx.iter().enumerate() {
        let Some(shown) = answer.at(at, 0, 0) else { continue };
        let name = format!("{} ({})", dx_name(visit, catalogue, one), dx_unit(catalogue, one));
        let href = source_href(one, &period, setting.area.id.as_str(), setting);
        let value = figure(visit, shown, dx_decimals(catalogue, one), href);
        let mut any = false;
        for target in of_area(setting, one) {
            any = true;
            let mut cells = vec![value.clone()];
            cells.extend(told(visit, target, shown, &name));
            cells.push(words(target.legal_basis.clone()));
            rows.push(RowView { title: name.clone(), href: String::new(), cells });
        }
        if !any {
            let dash = || words("–");
            rows.push(RowView {
                title: name,
                href: String::new(),
                cells: vec![value, dash(), dash(), dash(), dash()],
            });
        }
    }
    let head = [
        "reporting-result",
        "reporting-target",
        "reporting-verdict",
        "reporting-picture",
        "reporting-legal-basis",
    ];
    let table = TableView {
        caption: visit.say(
            "reporting-targets-table",
            &[("area", setting.area.title()), ("period", period.label(visit.lang()))],
        ),
        corner: visit.say("reporting-indicator", &[]),
        head: head.map(|key| visit.say(key, &[])).to_vec(),
        rows,
    };
    Ok(Part {
        title: visit.say("reporting-analysis-muc-tieu", &[]),
        lede: visit.say("reporting-analysis-muc-tieu-lede", &[]),
        fields: setting.fields(visit, &["o", "ky", "doi", "duyet"]),
        blocks: vec![Block {
            text: vec![visit.say("reporting-targets-note", &[])],
            tables: vec![table],
            ..Block::default()
        }],
        basis: setting.basis(visit, &answer),
    })
}

/// The targets of an indicator for the area or the whole country.
fn of_area<'s>(setting: &'s Setting, dx: &Dx) -> impl Iterator<Item = &'s Target> {
    let id = match dx {
        Dx::Indicator(id) => Some(id.clone()),
        _ => None,
    };
    let area = setting.area.id.as_str().to_owned();
    setting.catalogue.targets.iter().filter(move |one| {
        Some(&one.indicator) == id.as_ref() && (one.area.is_empty() || one.area == area)
    })
}

/// Target, verdict and picture of the target that is due next.
pub fn goal_cells(
    visit: &Visit,
    setting: &Setting,
    dx: &Dx,
    period: &Period,
    shown: &Shown,
) -> Vec<CellView> {
    let due = of_area(setting, dx).filter(|one| one.approved).min_by_key(|one| {
        (i32::from(one.year) < period.year(), (i32::from(one.year) - period.year()).abs())
    });
    let name = dx_name(visit, &setting.catalogue, dx);
    due.map_or_else(
        || vec![words("–"), words("–"), words("–")],
        |one| told(visit, one, shown, &name),
    )
}

fn told(visit: &Visit, target: &Target, shown: &Shown, name: &str) -> Vec<CellView> {
    let verdict = judge(&target.goal, shown.number);
    let mark = match verdict {
        Judged::Met => "met",
        Judged::Short => "short",
        Judged::Open => "",
    };
    let goal = goal(visit, &target.goal);
    let status =
        if target.approved { "reporting-target-approved" } else { "reporting-target-proposed" };
    let note = visit.say(status, &[("year", target.year.to_string())]);
    let ends = reach(&target.goal);
    let value = shown.number.map(chart::drawn);
    let svg = if ends.is_some() {
        let result = shown.number.map_or_else(|| "–".to_owned(), |one| one.words(2));
        let args = [("what", name.to_owned()), ("result", result), ("target", goal.clone())];
        let title = visit.say("reporting-bullet-title", &args);
        chart::bullet(
            &title,
            value,
            ends.map(|(low, high)| (chart::drawn(low), chart::drawn(high))),
        )
    } else {
        String::new()
    };
    vec![
        CellView {
            text: goal,
            note,
            href: crate::pages::definitions::Kind::Target.href(target.id.as_str()),
            ..CellView::default()
        },
        CellView {
            text: visit.say(&format!("reporting-judged-{}", verdict.code()), &[]),
            mark,
            ..CellView::default()
        },
        CellView { svg, ..CellView::default() },
    ]
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
