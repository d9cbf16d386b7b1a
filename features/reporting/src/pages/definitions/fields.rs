//! The fields of the four forms: what they offer and what stands in them.

use std::collections::{BTreeMap, BTreeSet};

use kernel::web::{Fields, Visit};

use super::{
    Choice, FormField, Kind,
    facts::{Defined, kind_name},
    node_choices,
};
use crate::{
    actions::catalogue::Catalogue,
    model::{
        Period, ProgrammeNodeId, Scheme,
        amount::{print_amount, units},
        definition::DECIMALS_MAX,
        element::{LAWS, Mark, Sheet},
        programme::NodeKind,
        target::{Comparator, Goal, Target},
    },
};

/// What stands in the fields.
pub(super) type Values = BTreeMap<&'static str, Vec<String>>;

pub(super) const MARKS: [(&str, Mark); 3] =
    [("found", Mark::Found), ("memory", Mark::Memory), ("derived", Mark::Derived)];
pub(super) const COMPARATORS: [(&str, Comparator); 6] = [
    ("at-least", Comparator::AtLeast),
    ("more-than", Comparator::MoreThan),
    ("at-most", Comparator::AtMost),
    ("less-than", Comparator::LessThan),
    ("about", Comparator::About),
    ("exactly", Comparator::Exactly),
];
/// Goals that are no comparison.
pub(super) const RANGE: &str = "range";
pub(super) const FRACTION: &str = "fraction";
pub(super) const WORDS: &str = "words";

/// Kinds of nodes by their names in forms.
pub(super) fn node_kinds() -> [(&'static str, NodeKind); 6] {
    [
        ("programme", NodeKind::Programme),
        ("phase", NodeKind::Phase),
        ("component", NodeKind::Component),
        ("sub_component", NodeKind::SubComponent),
        ("content", NodeKind::Content),
        ("activity", NodeKind::Activity),
    ]
}

/// A field of a form: name, kind, whether it may stay empty.
type Planned = (&'static str, &'static str, bool);

/// What everything that is measured begins with.
const MEASURED: [Planned; 6] = [
    ("ma", "text", false),
    ("ten", "text", false),
    ("khai-niem", "area", true),
    ("phuong-phap", "area", true),
    ("don-vi", "select", false),
    ("thap-phan", "text", false),
];
/// What it ends with: where its figures come from, to what it belongs, how sure we are of it.
const TOLD: [Planned; 5] = [
    ("ky-cong-bo", "text", true),
    ("nguon", "text", true),
    ("co-quan", "text", true),
    ("hop-phan", "select", true),
    ("can-cu", "select", false),
];
const OF_INDICATOR: [Planned; 3] =
    [("tu-so", "area", false), ("mau-so", "area", true), ("thap-hon", "check", true)];
const OF_ELEMENT: [Planned; 2] = [("cong-don", "select", false), ("phan-to", "checks", true)];
const OF_PROGRAMME: [Planned; 9] = [
    ("ma", "text", false),
    ("ten", "area", false),
    ("cap-tren", "select", true),
    ("loai", "select", false),
    ("co-quan", "text", true),
    ("tu-nam", "text", true),
    ("den-nam", "text", true),
    ("van-ban", "text", true),
    ("can-cu", "select", false),
];
const OF_TARGET: [Planned; 12] = [
    ("chi-tieu", "select", false),
    ("dia-ban", "place", true),
    ("nam", "text", false),
    ("ky", "listed", true),
    ("so-sanh", "select", false),
    ("gia-tri", "text", true),
    ("gia-tri-den", "text", true),
    ("loi", "area", true),
    ("nam-goc", "text", true),
    ("goc", "text", true),
    ("van-ban", "text", true),
    ("can-cu", "select", false),
];

/// The fields of a form in their order.
fn plan(kind: Kind) -> Vec<Planned> {
    match kind {
        Kind::Programme => OF_PROGRAMME.to_vec(),
        Kind::Indicator => [&MEASURED[..], &OF_INDICATOR, &TOLD].concat(),
        Kind::Element => [&MEASURED[..], &OF_ELEMENT, &TOLD].concat(),
        Kind::Target => OF_TARGET.to_vec(),
    }
}

/// The form's fields with what stands in them.
pub(super) fn shown(
    visit: &Visit,
    catalogue: &Catalogue,
    kind: Kind,
    values: &Values,
    is_new: bool,
) -> Vec<FormField> {
    let field = |(name, shape, optional): &(&'static str, &'static str, bool)| {
        let all = values.get(name).cloned().unwrap_or_default();
        let named = format!("{}-{name}", kind.slug());
        let say = |key: &str| visit.say(&format!("reporting-defining-{key}-{name}"), &[]);
        // What is the same in every form has one name; what differs has its own.
        let own = ["ten", "co-quan", "dia-ban"].contains(name);
        let label = if own {
            visit.say(&format!("reporting-defining-label-{named}"), &[])
        } else {
            say("label")
        };
        let hinted = [
            "ma",
            "tu-so",
            "mau-so",
            "thap-phan",
            "gia-tri",
            "loi",
            "dia-ban",
            "ky",
            "can-cu",
            "cong-don",
            "cap-tren",
            "goc",
        ];
        let fixed = !is_new && ["ma", "chi-tieu", "dia-ban"].contains(name);
        FormField {
            name,
            kind: if fixed { "fixed" } else { shape },
            label,
            hint: if hinted.contains(name) && !fixed { say("hint") } else { String::new() },
            value: said(visit, name, all.first().map_or("", String::as_str)),
            values: all,
            choices: choices(visit, catalogue, name),
            empty: if *shape == "select" && *optional { say("empty") } else { String::new() },
            optional: *optional && !["check", "checks"].contains(shape),
        }
    };
    plan(kind).iter().map(field).collect()
}

/// What stands in a field, as people write it: a period by its name and days, where these are read back as it. Days and
/// campaigns, which are not, keep their ids.
fn said(visit: &Visit, name: &str, value: &str) -> String {
    let period = Period::parse(value).filter(|_| name == "ky");
    let told = period.and_then(|period| {
        let words = period.told_apart(visit.lang());
        (Period::said(&words) == [period]).then_some(words)
    });
    told.unwrap_or_else(|| value.to_owned())
}

/// The periods of this year and the next of which something is reported, years left out: they are the target's own.
fn periods(visit: &Visit, catalogue: &Catalogue) -> Vec<Choice> {
    let today = visit.app.now().day();
    let schemes: BTreeSet<&str> =
        catalogue.datasets.values().map(|one| one.scheme.as_str()).collect();
    let shorter = ["nd09h", "nd09q", "nd09m", "h", "q", "m"];
    let schemes =
        shorter.into_iter().filter(|code| schemes.contains(code)).filter_map(Scheme::parse);
    let name = |one: Period| {
        let name = one.told_apart(visit.lang());
        Choice { value: name.clone(), label: name, selected: false }
    };
    let known = schemes.filter_map(|scheme| scheme.containing(today));
    let all = known.flat_map(|now| {
        let year = now.year();
        let from_now = std::iter::successors(Some(now), Period::next);
        from_now.take_while(move |one| one.year() <= year + 1)
    });
    all.map(name).collect()
}

fn choices(visit: &Visit, catalogue: &Catalogue, name: &str) -> Vec<Choice> {
    let choice =
        |value: &str, label: String| Choice { value: value.to_owned(), label, selected: false };
    match name {
        "ky" => periods(visit, catalogue),
        "don-vi" => units().iter().map(|one| choice(&one.code, one.name.clone())).collect(),
        "hop-phan" | "cap-tren" => node_choices(catalogue),
        "can-cu" => MARKS
            .iter()
            .map(|(code, _)| choice(code, visit.say(&format!("reporting-mark-{code}"), &[])))
            .collect(),
        "cong-don" => LAWS
            .iter()
            .map(|law| {
                let key = format!("reporting-definition-law-{}", law.code().replace('_', "-"));
                choice(law.code(), visit.say(&key, &[]))
            })
            .collect(),
        "loai" => {
            node_kinds().iter().map(|(code, kind)| choice(code, kind_name(visit, *kind))).collect()
        }
        "phan-to" => {
            catalogue.dimensions.values().map(|one| choice(&one.code, one.name.clone())).collect()
        }
        "chi-tieu" => catalogue
            .indicators
            .values()
            .map(|one| choice(one.code.as_str(), format!("{} – {}", one.code, one.name)))
            .collect(),
        "so-sanh" => COMPARATORS
            .iter()
            .map(|(code, _)| *code)
            .chain([RANGE, FRACTION, WORDS])
            .map(|code| choice(code, visit.say(&format!("reporting-defining-goal-{code}"), &[])))
            .collect(),
        _ => Vec::new(),
    }
}

/// What was posted.
pub(super) fn posted(kind: Kind, fields: &Fields) -> Values {
    let value = |(name, shape, _): &(&'static str, &'static str, bool)| {
        let all = match *shape {
            "checks" => fields.many(name),
            "area" => vec![fields.lines(name)],
            _ => vec![fields.line(name)],
        };
        (*name, all)
    };
    plan(kind).iter().map(value).collect()
}

/// What stands in a definition.
pub(super) fn values(one: &Defined) -> Values {
    let mut all = Values::new();
    let mut put = |name: &'static str, value: String| {
        all.insert(name, vec![value]);
    };
    let mark = |mark: Mark| {
        MARKS.iter().find(|(_, one)| *one == mark).map_or("derived", |(code, _)| code).to_owned()
    };
    let node = |code: &Option<ProgrammeNodeId>| {
        code.as_ref().map_or_else(String::new, ToString::to_string)
    };
    let year = |year: Option<i16>| year.map_or_else(String::new, |year| year.to_string());
    match one {
        Defined::Programme(one) => {
            put("ma", one.code.to_string());
            put("ten", one.name.clone());
            put("cap-tren", node(&one.parent));
            let kinds = node_kinds();
            let kind = kinds.iter().find(|(_, kind)| *kind == one.kind);
            put("loai", kind.map_or("", |(code, _)| code).to_owned());
            put("co-quan", one.owner.clone());
            put("tu-nam", year(one.from_year));
            put("den-nam", year(one.until_year));
            put("van-ban", one.legal_basis.clone());
            put("can-cu", mark(one.mark));
        }
        Defined::Indicator(one) => {
            put("ma", one.code.to_string());
            put("ten", one.name.clone());
            put_sheet(&one.sheet, &mut put);
            put("don-vi", one.unit.clone());
            put("thap-phan", one.decimals.to_string());
            put("tu-so", one.numerator.clone());
            put("mau-so", one.denominator.clone());
            put("thap-hon", if one.lower_is_better { "1" } else { "" }.to_owned());
            put("hop-phan", node(&one.component));
            put("can-cu", mark(one.mark));
        }
        Defined::Element(one) => {
            put("ma", one.code.to_string());
            put("ten", one.name.clone());
            put_sheet(&one.sheet, &mut put);
            put("don-vi", one.unit.clone());
            put("thap-phan", one.decimals.to_string());
            put("cong-don", one.law.code().to_owned());
            put("hop-phan", node(&one.component));
            put("can-cu", mark(one.mark));
            all.insert("phan-to", one.dimensions.clone());
        }
        Defined::Target(one) => put_target(one, mark(one.mark), &mut put),
    }
    all
}

fn put_sheet(sheet: &Sheet, put: &mut impl FnMut(&'static str, String)) {
    put("khai-niem", sheet.concept.clone());
    put("phuong-phap", sheet.method.clone());
    put("ky-cong-bo", sheet.periodicity.clone());
    put("nguon", sheet.source.clone());
    put("co-quan", sheet.owner.clone());
}

/// A stored number as people write it: `2.5` is *2,5*.
fn spoken(text: &str) -> String {
    crate::model::amount::read_plain(text, DECIMALS_MAX)
        .map_or_else(|_| text.to_owned(), |amount| print_amount(amount, DECIMALS_MAX))
}

fn put_target(one: &Target, mark: String, put: &mut impl FnMut(&'static str, String)) {
    put("chi-tieu", one.indicator.to_string());
    put("dia-ban", one.area.clone());
    put("nam", one.year.to_string());
    put("ky", one.period.clone().unwrap_or_default());
    match &one.goal {
        Goal::Compare { comparator, value } => {
            let code = COMPARATORS.iter().find(|(_, it)| it == comparator);
            put("so-sanh", code.map_or("", |(code, _)| code).to_owned());
            put("gia-tri", spoken(value));
        }
        Goal::Range { low, high } => {
            put("so-sanh", RANGE.to_owned());
            put("gia-tri", spoken(low));
            put("gia-tri-den", spoken(high));
        }
        Goal::Fraction { numerator, denominator, of } => {
            put("so-sanh", FRACTION.to_owned());
            put("gia-tri", format!("{numerator}/{denominator}"));
            put("loi", of.clone());
        }
        Goal::Qualitative { words } => {
            put("so-sanh", WORDS.to_owned());
            put("loi", words.clone());
        }
    }
    if let Some(base) = &one.baseline {
        put("nam-goc", base.year.to_string());
        put("goc", spoken(&base.value));
    }
    put("van-ban", one.legal_basis.clone());
    put("can-cu", mark);
}
