//! One definition: its sheet, what it belongs to, every version with what it changed.

use kernel::{
    axum::extract::Path,
    problem::{OrMissing, Outcome},
    web::{Answer, Visit},
};

use super::{
    Choice, Fact, FootForm, Group, Kind, Link, SHEET, SheetView, VersionLine, crumbs,
    facts::{Defined, differences, facts},
    list::standing_tag,
    mark_tag,
};
use crate::{
    actions::{
        DEFINE,
        catalogue::{self, Catalogue},
        define::{self, DEFINITION_NOT_FOUND, country, may_define, target},
    },
    model::{
        CellKey, Indicator, IndicatorId,
        definition::{below_lines, change_of, indicator_formula},
        element::Mark,
        formula::Input,
        target::Standing,
    },
    pages::{
        analysis::{targets::goal, view::cell_name},
        place::Names,
    },
    store::definitions::Written,
};

/// Versions that are shown with what they changed.
const VERSIONS_MOST: usize = 60;
/// Links of one group.
const LINKS_MOST: usize = 200;

fn version_lines(
    visit: &Visit,
    (catalogue, places): (&Catalogue, &Names),
    kind: Kind,
    code: &str,
    versions: &[Written],
) -> Vec<VersionLine> {
    let told: Vec<Vec<Fact>> = versions
        .iter()
        .take(VERSIONS_MOST + 1)
        .map(|one| {
            Defined::read(kind, &one.body)
                .map_or_else(|_| Vec::new(), |read| facts(visit, catalogue, places, &read))
        })
        .collect();
    let line = |(at, one): (usize, &Written)| {
        let change = change_of(&one.body);
        let who = match one.origin.as_str() {
            "shipped" => visit.say("reporting-definition-shipped", &[]),
            _ if change.by.is_empty() => one.author.clone(),
            _ => change.by,
        };
        VersionLine {
            version: one.version,
            href: if at == 0 {
                kind.href(code)
            } else {
                format!("{}/ban/{}", kind.href(code), one.version)
            },
            when: one.at.short(),
            who,
            reason: change.reason,
            differences: told
                .get(at + 1)
                .map_or_else(Vec::new, |before| differences(before, &told[at])),
        }
    };
    versions.iter().enumerate().take(VERSIONS_MOST).map(line).collect()
}

fn group(
    visit: &Visit,
    key: &str,
    links: impl IntoIterator<Item = (Kind, String, String)>,
) -> Option<Group> {
    let links: Vec<Link> = links
        .into_iter()
        .take(LINKS_MOST)
        .map(|(kind, code, label)| Link { href: kind.href(&code), label, current: false })
        .collect();
    (!links.is_empty()).then(|| Group { title: visit.say(key, &[]), links })
}

fn named(code: &str, name: &str) -> String {
    format!("{code} – {name}")
}

/// What belongs to a definition.
fn groups(visit: &Visit, catalogue: &Catalogue, places: &Names, one: &Defined) -> Vec<Group> {
    let all = match one {
        Defined::Programme(one) => vec![
            group(
                visit,
                "reporting-definition-children",
                catalogue
                    .below(&one.code)
                    .map(|node| (Kind::Programme, node.code.to_string(), node.name.clone())),
            ),
            group(
                visit,
                "reporting-definitions-chi-tieu",
                catalogue
                    .indicators
                    .values()
                    .filter(|it| it.component.as_ref() == Some(&one.code))
                    .map(|it| {
                        (Kind::Indicator, it.code.to_string(), named(it.code.as_str(), &it.name))
                    }),
            ),
            group(
                visit,
                "reporting-definitions-so-lieu",
                catalogue
                    .elements
                    .values()
                    .filter(|it| it.component.as_ref() == Some(&one.code))
                    .map(|it| {
                        (Kind::Element, it.code.to_string(), named(it.code.as_str(), &it.name))
                    }),
            ),
        ],
        Defined::Indicator(one) => indicator_groups(visit, catalogue, places, one),
        Defined::Element(one) => vec![group(
            visit,
            "reporting-definition-used-by",
            using(
                catalogue,
                |input| matches!(input.cell(), Some(CellKey { element, .. }) if *element == one.code),
            ),
        )],
        Defined::Target(one) => {
            let same = catalogue
                .targets
                .iter()
                .filter(|it| it.id != one.id && it.indicator == one.indicator)
                .filter(|it| it.area == one.area)
                .map(|it| {
                    let words = format!("{}: {}", it.year, goal(visit, &it.goal));
                    let standing = standing_tag(visit, it).text;
                    (Kind::Target, it.id.to_string(), format!("{words} ({standing})"))
                });
            vec![
                group(
                    visit,
                    "reporting-definition-indicator",
                    catalogue.indicators.get(&one.indicator).map(|it| {
                        (Kind::Indicator, it.code.to_string(), named(it.code.as_str(), &it.name))
                    }),
                ),
                group(visit, "reporting-definition-other-targets", same),
            ]
        }
    };
    all.into_iter().flatten().collect()
}

/// Indicators whose formula names something.
fn using(catalogue: &Catalogue, fits: impl Fn(&Input) -> bool) -> Vec<(Kind, String, String)> {
    let names = |one: &&Indicator| {
        indicator_formula(one).is_some_and(|formula| formula.inputs().into_iter().any(&fits))
    };
    let found = catalogue.indicators.values().filter(names);
    found
        .map(|one| (Kind::Indicator, one.code.to_string(), named(one.code.as_str(), &one.name)))
        .collect()
}

/// The areas that a definition and its targets name.
fn areas_of<'a>(catalogue: &'a Catalogue, one: &'a Defined) -> Vec<&'a str> {
    match one {
        Defined::Target(one) => vec![&one.area],
        Defined::Indicator(one) => {
            let targets = catalogue.targets.iter().filter(|it| it.indicator == one.code);
            targets.take(LINKS_MOST).map(|it| it.area.as_str()).collect()
        }
        Defined::Programme(_) | Defined::Element(_) => Vec::new(),
    }
}

fn indicator_groups(
    visit: &Visit,
    catalogue: &Catalogue,
    places: &Names,
    one: &Indicator,
) -> Vec<Option<Group>> {
    let mut inputs: Vec<(Kind, String, String)> = Vec::new();
    if let Some(formula) = indicator_formula(one) {
        for input in formula.inputs() {
            let line = match input {
                Input::Cell(key) | Input::Previous(key) => (
                    Kind::Element,
                    key.element.to_string(),
                    format!("{input} – {}", cell_name(catalogue, key)),
                ),
                Input::Indicator(id) | Input::Target(id) => {
                    let name = catalogue.indicators.get(id).map_or("", |one| one.name.as_str());
                    (Kind::Indicator, id.to_string(), format!("{input} – {name}"))
                }
            };
            inputs.push(line);
        }
    }
    let names = |id: &IndicatorId| *id == one.code;
    let targets = catalogue.targets.iter().filter(|it| it.indicator == one.code).map(|it| {
        let area = match it.area.as_str() {
            "" => String::new(),
            area => format!(" · {}", places.name(visit, area)),
        };
        let words = format!("{}{area}: {}", it.year, goal(visit, &it.goal));
        (Kind::Target, it.id.to_string(), format!("{words} ({})", standing_tag(visit, it).text))
    });
    vec![
        group(visit, "reporting-definition-inputs", inputs),
        group(
            visit,
            "reporting-definition-used-by",
            using(
                catalogue,
                |input| matches!(input, Input::Indicator(id) | Input::Target(id) if names(id)),
            ),
        ),
        group(visit, "reporting-definitions-muc-tieu", targets),
    ]
}

/// Words to know before reading.
fn notices(visit: &Visit, one: &Defined) -> Vec<String> {
    let mut all = Vec::new();
    match one.mark() {
        Mark::Memory => all.push(visit.say("reporting-definition-notice-memory", &[])),
        Mark::Computed => all.push(visit.say("reporting-definition-notice-computed", &[])),
        Mark::Found | Mark::Derived => {}
    }
    if let Defined::Indicator(one) = one {
        let below = below_lines(one);
        if !below.is_empty() {
            let named = [("below", below.join("; "))];
            all.push(visit.say("reporting-definition-may-be-zero", &named));
        }
    }
    all
}

/// `GET /so-lieu/danh-muc/{kind}/{code}`
pub(super) async fn show(visit: Visit, Path((slug, code)): Path<(String, String)>) -> Answer {
    let view = view(&visit, Kind::read(&slug)?, &code).await?;
    visit.public_page(&SHEET, &view)
}

/// A sheet with everything around it.
pub(super) async fn view(visit: &Visit, kind: Kind, code: &str) -> Outcome<SheetView> {
    let catalogue = catalogue::current(&visit.app).await?;
    let versions = define::versions(&visit.app, kind.code(), code).await?;
    let newest = versions.first().or_missing(&DEFINITION_NOT_FOUND)?;
    let one = Defined::read(kind, &newest.body)?;
    let may = match &one {
        Defined::Target(one) => {
            one.standing() == Standing::Proposed && visit.caller.may_somewhere(&DEFINE)
        }
        _ => may_define(&visit.caller) && one.mark() != Mark::Computed,
    };
    let mut tags = vec![mark_tag(visit, one.mark())];
    if let Defined::Target(target) = &one {
        tags.insert(0, standing_tag(visit, target));
    }
    let places = Names::of(visit, areas_of(&catalogue, &one)).await?;
    Ok(SheetView {
        crumbs: crumbs(visit, Some(kind)),
        kind: kind.slug(),
        title: one.title(&catalogue),
        code: code.to_owned(),
        tags,
        notices: notices(visit, &one),
        facts: facts(visit, &catalogue, &places, &one),
        groups: groups(visit, &catalogue, &places, &one),
        versions: version_lines(visit, (&catalogue, &places), kind, code, &versions),
        edit: if may { format!("{}/sua", kind.href(code)) } else { String::new() },
        foot: foot(visit, kind, code, &one, &versions).await?,
        errors: Vec::new(),
    })
}

async fn foot(
    visit: &Visit,
    kind: Kind,
    code: &str,
    one: &Defined,
    versions: &[Written],
) -> Outcome<Option<FootForm>> {
    let seen = versions.first().map_or(0, |newest| newest.version);
    match one {
        Defined::Programme(_) if may_define(&visit.caller) => Ok(Some(FootForm {
            action: format!("{}/ket-thuc", kind.href(code)),
            seen,
            ends: true,
            ..FootForm::default()
        })),
        Defined::Target(target) if target.standing() == Standing::Proposed => {
            let area = visit
                .app
                .db
                .view(async |tx| target::area_of(tx, target).await)
                .await?
                .map_or_else(country, |area| area.path);
            let mut buttons = Vec::new();
            let button = |value: &str| Choice {
                value: value.to_owned(),
                label: visit.say(&format!("reporting-target-{value}"), &[]),
                selected: false,
            };
            let decides = target::may_decide(&visit.caller, &area, versions);
            if decides {
                buttons.extend([button("duyet"), button("tu-choi")]);
            }
            if target::may_propose(&visit.caller, &area) {
                buttons.push(button("rut"));
            }
            let note =
                if decides { "reporting-target-decide-note" } else { "reporting-target-own-note" };
            Ok((!buttons.is_empty()).then(|| FootForm {
                action: format!("{}/quyet", kind.href(code)),
                seen,
                buttons,
                note: visit.say(note, &[]),
                ..FootForm::default()
            }))
        }
        _ => Ok(None),
    }
}

/// `GET /so-lieu/danh-muc/{kind}/{code}/ban/{version}`
pub(super) async fn version(
    visit: Visit,
    Path((slug, code, version)): Path<(String, String, u32)>,
) -> Answer {
    let kind = Kind::read(&slug)?;
    let catalogue = catalogue::current(&visit.app).await?;
    let versions = define::versions(&visit.app, kind.code(), &code).await?;
    let old = versions.iter().find(|one| one.version == version);
    let old = old.or_missing(&DEFINITION_NOT_FOUND)?;
    let one = Defined::read(kind, &old.body)?;
    let newest = versions.first().map_or(version, |newest| newest.version);
    let mut told = Vec::new();
    if newest != version {
        let args = [("version", version.to_string()), ("newest", newest.to_string())];
        told.push(visit.say("reporting-definition-old", &args));
    }
    told.extend(notices(&visit, &one));
    let places = Names::of(&visit, areas_of(&catalogue, &one)).await?;
    let view = SheetView {
        crumbs: crumbs(&visit, Some(kind)),
        kind: kind.slug(),
        title: one.title(&catalogue),
        tags: vec![mark_tag(&visit, one.mark())],
        notices: told,
        facts: facts(&visit, &catalogue, &places, &one),
        versions: version_lines(&visit, (&catalogue, &places), kind, &code, &versions),
        code,
        ..SheetView::default()
    };
    visit.public_page(&SHEET, &view)
}
