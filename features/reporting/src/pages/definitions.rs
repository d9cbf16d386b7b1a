//! The pages under `/so-lieu/danh-muc`: what is defined, for everybody to read, with every version and what
//! changed between them; for officials the forms to change it. Data sets and forms have pages of their own.

mod edit;
mod facts;
mod fields;
mod list;
mod read;
pub(crate) mod samples;
mod sheet;
mod target_table;
mod targets;

use kernel::{
    app::AppRef,
    axum::{
        Router,
        extract::DefaultBodyLimit,
        routing::{get, post},
    },
    minijinja::Value,
    problem::{NOT_FOUND, OrMissing, Outcome},
    web::{Template, Visit},
};
use serde::Serialize;

use target_table::TemplateForm;

use super::{
    analysis::view::{Choice, Link},
    place::Asked,
};
use crate::{
    actions::catalogue::{Catalogue, kind},
    model::{element::Mark, period::Period},
};

/// Where these pages stand.
pub(crate) const HERE: &str = "/so-lieu/danh-muc";
/// In addresses: something that does not exist yet.
const NEW: &str = "moi";
/// Bytes of a posted form; tables are refused in words before.
const BODY_MAX: usize = 16 << 20;

pub(crate) const LIST: Template<ListView> = Template::new("reporting/definitions.html");
pub(crate) const SHEET: Template<SheetView> = Template::new("reporting/definition.html");
pub(crate) const EDIT: Template<EditView> = Template::new("reporting/definition_edit.html");
pub(crate) const IMPORT: Template<ImportView> = Template::new("reporting/definition_import.html");

pub(crate) fn routes() -> Router<AppRef> {
    Router::new()
        .route("/so-lieu/danh-muc", get(list::show))
        .route(
            "/so-lieu/danh-muc/nhap-muc-tieu",
            get(targets::bring).post(targets::look).layer(DefaultBodyLimit::max(BODY_MAX)),
        )
        .route("/so-lieu/danh-muc/nhap-muc-tieu/mau.xlsx", get(target_table::download))
        .route(
            "/so-lieu/danh-muc/nhap-muc-tieu/ghi",
            post(targets::propose_all).layer(DefaultBodyLimit::max(BODY_MAX)),
        )
        .route("/so-lieu/danh-muc/{kind}/{code}", get(sheet::show))
        .route("/so-lieu/danh-muc/{kind}/{code}/ban/{version}", get(sheet::version))
        .route("/so-lieu/danh-muc/{kind}/{code}/sua", get(edit::show).post(edit::keep))
        .route("/so-lieu/danh-muc/{kind}/{code}/ket-thuc", post(edit::end))
        .route("/so-lieu/danh-muc/{kind}/{code}/quyet", post(targets::decide))
}

/// Kinds of definitions that have pages here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Programme,
    Indicator,
    Element,
    Target,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Programme, Self::Indicator, Self::Element, Self::Target];

    /// In addresses and in the names of words.
    pub(crate) const fn slug(self) -> &'static str {
        match self {
            Self::Programme => "chuong-trinh",
            Self::Indicator => "chi-tieu",
            Self::Element => "so-lieu",
            Self::Target => "muc-tieu",
        }
    }

    /// As stored.
    const fn code(self) -> &'static str {
        match self {
            Self::Programme => kind::PROGRAMME,
            Self::Indicator => kind::INDICATOR,
            Self::Element => kind::ELEMENT,
            Self::Target => kind::TARGET,
        }
    }

    fn read(slug: &str) -> Outcome<Self> {
        Self::ALL.into_iter().find(|kind| kind.slug() == slug).or_missing(&NOT_FOUND)
    }

    /// Where one of them is read.
    pub(crate) fn href(self, code: &str) -> String {
        format!("{HERE}/{}/{code}", self.slug())
    }

    fn label(self, visit: &Visit) -> String {
        visit.say(&format!("reporting-definitions-{}", self.slug()), &[])
    }
}

/// The way to a page.
fn crumbs(visit: &Visit, kind: Option<Kind>) -> Vec<Link> {
    let link = |href: String, label: String| Link { href, label, current: false };
    let mut all = vec![link(HERE.to_owned(), visit.say("reporting-definitions", &[]))];
    all.extend(kind.map(|kind| link(format!("{HERE}?loai={}", kind.slug()), kind.label(visit))));
    all
}

/// How sure we are, in words and in the colour of a tag.
fn mark_tag(visit: &Visit, mark: Mark) -> Tag {
    let (code, kind) = match mark {
        Mark::Found => ("found", "done"),
        Mark::Memory => ("memory", "warn"),
        Mark::Derived => ("derived", ""),
        Mark::Computed => ("computed", ""),
    };
    Tag { text: visit.say(&format!("reporting-mark-{code}"), &[]), kind }
}

/// A period's name; what is none stays as it is.
fn period_name(visit: &Visit, id: &str) -> String {
    Period::parse(id).map_or_else(|| id.to_owned(), |period| period.label(visit.lang()))
}

/// Nodes of programmes to choose from, each after the one above it, set in by its depth.
fn node_choices(catalogue: &Catalogue) -> Vec<Choice> {
    list::walk(catalogue)
        .into_iter()
        .map(|(depth, node)| Choice {
            value: node.code.to_string(),
            label: format!("{}{}", "– ".repeat(depth), node.name),
            selected: false,
        })
        .collect()
}

/// A tag.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Tag {
    pub(crate) text: String,
    pub(crate) kind: &'static str,
}

/// A tab with its count.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Tab {
    pub(crate) href: String,
    pub(crate) label: String,
    pub(crate) count: usize,
    pub(crate) current: bool,
}

/// Something defined, in a list.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Line {
    pub(crate) href: String,
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) note: String,
    pub(crate) tags: Vec<Tag>,
    /// How far below its programme.
    pub(crate) depth: usize,
    /// The area of a target, by its id.
    #[serde(skip)]
    pub(crate) area: String,
}

/// A programme with all below it.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Tree {
    pub(crate) top: Line,
    pub(crate) lines: Vec<Line>,
}

/// The list.
#[derive(Debug, Default, Serialize)]
pub(crate) struct ListView {
    pub(crate) kind: &'static str,
    pub(crate) tabs: Vec<Tab>,
    pub(crate) asked: String,
    pub(crate) nodes: Vec<Choice>,
    pub(crate) node: String,
    pub(crate) trees: Vec<Tree>,
    pub(crate) lines: Vec<Line>,
    pub(crate) paging: kernel::web::Paging,
    /// Where something new is made; empty for who may not.
    pub(crate) add: String,
    /// Where a table of targets is brought; empty for who may not.
    pub(crate) import: String,
}

/// A fact of a sheet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Fact {
    pub(crate) key: String,
    pub(crate) value: String,
}

/// What belongs to it, with links.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Group {
    pub(crate) title: String,
    pub(crate) links: Vec<Link>,
}

/// What one version changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Difference {
    pub(crate) key: String,
    pub(crate) before: String,
    pub(crate) after: String,
}

/// A version of a definition.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct VersionLine {
    pub(crate) version: u32,
    pub(crate) href: String,
    pub(crate) when: String,
    pub(crate) who: String,
    pub(crate) reason: String,
    pub(crate) differences: Vec<Difference>,
}

/// The form at the foot of a sheet: ending a node, deciding about a target.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct FootForm {
    pub(crate) action: String,
    pub(crate) seen: u32,
    pub(crate) year: String,
    pub(crate) reason: String,
    /// True when a year is asked for.
    pub(crate) ends: bool,
    /// Buttons: value and label.
    pub(crate) buttons: Vec<Choice>,
    pub(crate) note: String,
}

/// A sheet.
#[derive(Debug, Default, Serialize)]
pub(crate) struct SheetView {
    pub(crate) crumbs: Vec<Link>,
    pub(crate) kind: &'static str,
    pub(crate) title: String,
    pub(crate) code: String,
    pub(crate) tags: Vec<Tag>,
    /// Words to know before reading; the first of an old version.
    pub(crate) notices: Vec<String>,
    pub(crate) facts: Vec<Fact>,
    pub(crate) groups: Vec<Group>,
    pub(crate) versions: Vec<VersionLine>,
    /// Where it is changed; empty for who may not.
    pub(crate) edit: String,
    pub(crate) foot: Option<FootForm>,
    pub(crate) errors: Vec<Value>,
}

/// A field of a form.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct FormField {
    pub(crate) name: &'static str,
    /// `text`, `listed` (with `choices` to take words from), `area`, `place`, `select`, `checks`, `check`, `fixed`.
    pub(crate) kind: &'static str,
    pub(crate) label: String,
    pub(crate) hint: String,
    pub(crate) value: String,
    pub(crate) values: Vec<String>,
    pub(crate) choices: Vec<Choice>,
    /// The words of the empty choice; none when one must be chosen.
    pub(crate) empty: String,
    pub(crate) optional: bool,
}

/// What a formula would give.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct TrialView {
    pub(crate) area: String,
    pub(crate) period: String,
    pub(crate) unit: String,
    /// None for a new indicator.
    pub(crate) before: Option<String>,
    pub(crate) after: String,
    pub(crate) notes: Vec<String>,
}

/// A form to make or change something.
#[derive(Debug, Default, Serialize)]
pub(crate) struct EditView {
    pub(crate) crumbs: Vec<Link>,
    pub(crate) kind: &'static str,
    pub(crate) title: String,
    pub(crate) lede: String,
    pub(crate) action: String,
    pub(crate) errors: Vec<Value>,
    /// What somebody else changed meanwhile.
    pub(crate) meanwhile: Vec<Difference>,
    pub(crate) seen: u32,
    pub(crate) fields: Vec<FormField>,
    /// The place of a target that is new.
    pub(crate) place: Asked,
    /// Where and when to try a formula; none where nothing can be tried.
    pub(crate) try_place: Asked,
    pub(crate) try_periods: Vec<Choice>,
    pub(crate) try_period: String,
    pub(crate) can_try: bool,
    pub(crate) trial: Option<TrialView>,
    pub(crate) reason: String,
}

/// Bringing a table of targets.
#[derive(Debug, Default, Serialize)]
pub(crate) struct ImportView {
    /// What the form for a table to be filled in offers.
    pub(crate) template: TemplateForm,
    pub(crate) crumbs: Vec<Link>,
    pub(crate) errors: Vec<Value>,
    /// True after a look.
    pub(crate) looked: bool,
    /// Problems: cell and words.
    pub(crate) troubles: Vec<Fact>,
    pub(crate) more_troubles: usize,
    pub(crate) fresh: Vec<Line>,
    pub(crate) fresh_count: usize,
    pub(crate) more_fresh: usize,
    pub(crate) same: usize,
    pub(crate) empty: usize,
    pub(crate) text: String,
    pub(crate) reason: String,
}
