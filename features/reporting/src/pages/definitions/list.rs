//! What is defined: by kind, found by name and code, within a programme.

use std::collections::BTreeSet;

use kernel::{
    axum::extract::Query,
    text::fold,
    web::{Answer, PAGE_SIZE, Paging, Visit},
};
use serde::Deserialize;

use super::{HERE, Kind, LIST, Line, ListView, NEW, Tab, Tag, Tree, mark_tag, node_choices};
use crate::{
    actions::{
        DEFINE,
        catalogue::{self, Catalogue},
        define::may_define,
    },
    model::{
        ProgrammeNodeId, amount::unit, definition::descendants, programme::ProgrammeNode,
        target::Target,
    },
    pages::{
        analysis::{targets::goal, view::form},
        place::Names,
    },
};

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    loai: String,
    #[serde(default)]
    q: String,
    #[serde(default)]
    nut: String,
    #[serde(default)]
    trang: Option<usize>,
}

/// Every node with its depth, each after the one above it.
pub(super) fn walk(catalogue: &Catalogue) -> Vec<(usize, &ProgrammeNode)> {
    let mut all = Vec::new();
    let mut left: Vec<(usize, &ProgrammeNode)> = catalogue
        .programme
        .values()
        .filter(|node| node.parent.is_none())
        .map(|node| (0, node))
        .rev()
        .collect();
    let mut seen = BTreeSet::new();
    while let Some((depth, node)) = left.pop() {
        // Definitions from elsewhere may go in circles; each node is walked once.
        if seen.insert(&node.code) {
            all.push((depth, node));
            let below: Vec<_> =
                catalogue.below(&node.code).map(|child| (depth + 1, child)).collect();
            left.extend(below.into_iter().rev());
        }
    }
    all
}

/// `GET /so-lieu/danh-muc?loai=&q=&nut=&trang=`
pub(super) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    let catalogue = catalogue::current(&visit.app).await?;
    let kind = Kind::ALL.into_iter().find(|kind| kind.slug() == asked.loai);
    let kind = kind.unwrap_or(Kind::Programme);
    let node = ProgrammeNodeId::parse(&asked.nut).filter(|id| catalogue.programme.contains_key(id));
    let wanted = Wanted::of(&catalogue, &asked.q, node.as_ref());
    // Names of places are looked up for what is found by them, otherwise for the lines of one page.
    let named = |all: &[Target]| all.iter().map(|one| one.area.clone()).collect::<Vec<_>>();
    let searched = if wanted.words.is_empty() { Vec::new() } else { named(&catalogue.targets) };
    let places = Names::of(&visit, searched.iter().map(String::as_str)).await?;
    let found = Kind::ALL.map(|kind| lines(&visit, &catalogue, &places, kind, &wanted));
    let address = |kind: Kind| {
        let query = form(&[("loai", kind.slug()), ("q", asked.q.trim()), ("nut", &asked.nut)]);
        format!("{HERE}?{query}")
    };
    let tabs = Kind::ALL.iter().zip(&found).map(|(one, lines)| Tab {
        href: address(*one),
        label: one.label(&visit),
        count: lines.len(),
        current: *one == kind,
    });
    let tabs: Vec<Tab> = tabs.collect();
    let at = Kind::ALL.iter().position(|one| *one == kind).unwrap_or(0);
    let mut lines = found.into_iter().nth(at).unwrap_or_default();
    let page = asked.trang.unwrap_or(1);
    let mut paging = Paging::default();
    let mut trees = Vec::new();
    if kind == Kind::Programme {
        for line in lines.drain(..) {
            match (line.depth, trees.last_mut()) {
                (0, _) | (_, None) => trees.push(Tree { top: line, lines: Vec::new() }),
                (_, Some(tree)) => tree.lines.push(line),
            }
        }
    } else {
        paging = Paging::new(&address(kind), page, lines.len());
        lines = lines.into_iter().skip(Paging::offset(page)).take(PAGE_SIZE).collect();
        let places = Names::of(&visit, lines.iter().map(|line| line.area.as_str())).await?;
        for line in lines.iter_mut().filter(|line| !line.area.is_empty()) {
            line.note = format!("{} · {}", line.note, places.name(&visit, &line.area));
        }
    }
    let may = if kind == Kind::Target {
        visit.caller.may_somewhere(&DEFINE)
    } else {
        may_define(&visit.caller)
    };
    let view = ListView {
        kind: kind.slug(),
        tabs,
        asked: asked.q.trim().to_owned(),
        nodes: node_choices(&catalogue),
        node: node.map_or_else(String::new, |node| node.to_string()),
        trees,
        lines,
        paging,
        add: if may { format!("{}/sua", kind.href(NEW)) } else { String::new() },
        import: if may && kind == Kind::Target {
            format!("{HERE}/nhap-muc-tieu")
        } else {
            String::new()
        },
    };
    visit.public_page(&LIST, &view)
}

/// What is looked for.
struct Wanted {
    words: String,
    /// The node chosen and all below it.
    within: Option<BTreeSet<ProgrammeNodeId>>,
}

impl Wanted {
    fn of(catalogue: &Catalogue, words: &str, node: Option<&ProgrammeNodeId>) -> Self {
        let within = node.map(|node| {
            let mut all = descendants(node, &catalogue.programme);
            all.insert(node.clone());
            all
        });
        Self { words: fold(words.trim()), within }
    }

    fn fits(&self, code: &str, name: &str, component: Option<&ProgrammeNodeId>) -> bool {
        let said = self.words.is_empty() || fold(&format!("{code} {name}")).contains(&self.words);
        let inside =
            self.within.as_ref().is_none_or(|all| component.is_some_and(|it| all.contains(it)));
        said && inside
    }
}

/// The years of a node.
pub(super) fn years(node: &ProgrammeNode) -> String {
    let told = |year: Option<i16>| year.map_or_else(|| "…".to_owned(), |year| year.to_string());
    match (node.from_year, node.until_year) {
        (None, None) => String::new(),
        (from, until) => format!("{}–{}", told(from), told(until)),
    }
}

fn unit_name(code: &str) -> String {
    unit(code).map_or_else(|| code.to_owned(), |unit| unit.name.clone())
}

/// Where a target stands, as a tag.
pub(super) fn standing_tag(visit: &Visit, target: &Target) -> Tag {
    let code = target.standing().code();
    let kind = if code == "approved" { "done" } else { "warn" };
    Tag { text: visit.say(&format!("reporting-target-standing-{code}"), &[]), kind }
}

fn lines(
    visit: &Visit,
    catalogue: &Catalogue,
    places: &Names,
    kind: Kind,
    wanted: &Wanted,
) -> Vec<Line> {
    let line = |code: &str, name: &str, note: String, tags: Vec<Tag>, depth: usize| Line {
        href: kind.href(code),
        code: code.to_owned(),
        name: name.to_owned(),
        note,
        tags,
        depth,
        area: String::new(),
    };
    let measured =
        |code: &str, name: &str, component: Option<&ProgrammeNodeId>, unit: &str, mark| {
            let tags = vec![mark_tag(visit, mark)];
            let fits = wanted.fits(code, name, component);
            fits.then(|| line(code, name, unit_name(unit), tags, 0))
        };
    match kind {
        Kind::Programme => walk(catalogue)
            .into_iter()
            .filter(|(_, node)| wanted.fits(node.code.as_str(), &node.name, Some(&node.code)))
            .map(|(depth, node)| {
                line(
                    node.code.as_str(),
                    &node.name,
                    years(node),
                    vec![mark_tag(visit, node.mark)],
                    depth,
                )
            })
            .collect(),
        Kind::Indicator => {
            let all = catalogue.indicators.values();
            all.filter_map(|one| {
                measured(one.code.as_str(), &one.name, one.component.as_ref(), &one.unit, one.mark)
            })
            .collect()
        }
        Kind::Element => {
            let all = catalogue.elements.values();
            all.filter_map(|one| {
                measured(one.code.as_str(), &one.name, one.component.as_ref(), &one.unit, one.mark)
            })
            .collect()
        }
        Kind::Target => catalogue
            .targets
            .iter()
            .filter_map(|one| Some((one, catalogue.indicators.get(&one.indicator)?)))
            .filter(|(one, indicator)| {
                let code = format!("{} {} {}", one.id, one.area, one.year);
                let name = format!("{} {}", indicator.name, places.name(visit, &one.area));
                wanted.fits(&code, &name, indicator.component.as_ref())
            })
            .map(|(one, indicator)| {
                let unit = unit_name(&indicator.unit);
                let args = [
                    ("year", one.year.to_string()),
                    ("goal", goal(visit, &one.goal)),
                    ("unit", unit),
                ];
                let note = visit.say("reporting-target-line", &args);
                let tags = vec![standing_tag(visit, one)];
                let line = line(one.id.as_str(), &indicator.name, note, tags, 0);
                Line { area: one.area.clone(), ..line }
            })
            .collect(),
    }
}
