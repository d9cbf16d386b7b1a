//! What a draft divides by that nothing was divided by before: new dimensions with their options, and options
//! more for those that officials made.

use std::collections::BTreeSet;

use kernel::{
    axum::extract::{Path, Query},
    problem::Outcome,
    web::{Answer, FieldError, Fields, Posted, Template, Visit, see_other},
};
use serde::{Deserialize, Serialize};

use super::{At, Choice, Head, choice, href, keep, open, seen, short};
use crate::{
    actions::{
        builder::{self, Draft, Kept, TypedDimension},
        catalogue::{self, Catalogue},
    },
    model::{
        Dimension, ElementId,
        bundle::{Bundle, most},
        definition::{code_of, read_options},
        dimension::DimensionOption,
    },
};

pub(super) const DIMENSIONS: Template<DimensionsPage> =
    Template::new("reporting/build_dimensions.html");

/// Characters of options that are typed or pasted at once: 300 lines of ordinary names.
const MORE_MOST: usize = 60_000;

/// The page.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct DimensionsPage {
    pub(super) head: Head,
    /// Those of the draft.
    pub(super) list: Vec<DimensionLine>,
    /// Those that officials made before and that may be given more options.
    pub(super) others: Vec<Choice>,
    pub(super) form: DimensionForm,
    /// What the draft counts: what can be divided on the spot.
    pub(super) elements: Vec<Tick>,
    pub(super) errors: Vec<FieldError>,
}

/// A dimension of the draft.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct DimensionLine {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) options: String,
    /// True when the catalogue does not know it yet.
    pub(super) fresh: bool,
}

/// A dimension as it is typed.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a box of the form or a question about one"
)]
pub(super) struct DimensionForm {
    /// True for one that shall be made.
    pub(super) fresh: bool,
    /// True for one that was published: how it divides stays.
    pub(super) published: bool,
    pub(super) code: String,
    pub(super) name: String,
    pub(super) name_en: String,
    pub(super) partition: bool,
    pub(super) sensitive: bool,
    pub(super) options: Vec<OptionLine>,
    /// Options that are typed or pasted, one a line.
    pub(super) more: String,
}

/// An option that is there.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct OptionLine {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) name_en: String,
    pub(super) ended: bool,
    /// True for one that was published: it is ended, never taken out.
    pub(super) published: bool,
}

/// An element that may be divided.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Tick {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) on: bool,
    /// True when it stands divided in the catalogue and stays so.
    pub(super) fixed: bool,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    ma: String,
}

/// What the page is about: the draft, what it may name, what stands in the catalogue without it.
struct Ground {
    known: Catalogue,
    current: std::sync::Arc<Catalogue>,
    own: BTreeSet<String>,
    draft: Draft,
}

async fn ground(visit: &Visit, at: &At) -> Outcome<Ground> {
    let (known, draft) = open(visit, at).await?;
    let current = catalogue::current(&visit.app).await?;
    let own = visit.app.db.view(async |tx| builder::own_dimensions(tx).await).await?;
    Ok(Ground { known, current, own, draft })
}

pub(crate) async fn show(visit: Visit, Path(at): Path<At>, Query(asked): Query<Asked>) -> Answer {
    let it = ground(&visit, &at).await?;
    let drafted = it.draft.bundle.dimensions.iter().any(|one| one.code == asked.ma);
    let chosen = it.known.dimensions.get(&asked.ma);
    let chosen = chosen.filter(|one| drafted || it.own.contains(&one.code));
    let form = chosen.map_or_else(blank, |one| filled(&it, one));
    visit.page(&DIMENSIONS, &page(&visit, &it, form))
}

fn blank() -> DimensionForm {
    DimensionForm { fresh: true, partition: true, ..DimensionForm::default() }
}

fn filled(it: &Ground, one: &Dimension) -> DimensionForm {
    let before = it.current.dimensions.get(&one.code);
    let option = |option: &DimensionOption| OptionLine {
        code: option.code.clone(),
        name: option.name.clone(),
        name_en: option.name_en.clone(),
        ended: option.ended,
        published: before.is_some_and(|before| before.option(&option.code).is_some()),
    };
    DimensionForm {
        fresh: false,
        published: before.is_some(),
        code: one.code.clone(),
        name: one.name.clone(),
        name_en: one.name_en.clone(),
        partition: one.partition,
        sensitive: one.sensitive,
        options: one.options.iter().map(option).collect(),
        more: String::new(),
    }
}

fn page(visit: &Visit, it: &Ground, form: DimensionForm) -> DimensionsPage {
    let bundle = &it.draft.bundle;
    let lang = visit.lang();
    let line = |one: &Dimension| {
        let names: Vec<&str> = one.offered().map(|option| option.title(lang)).collect();
        DimensionLine {
            code: one.code.clone(),
            name: one.title(lang).to_owned(),
            options: names.join(", "),
            fresh: !it.current.dimensions.contains_key(&one.code),
        }
    };
    let drafted = |code: &String| bundle.dimensions.iter().any(|one| one.code == *code);
    let others = it.own.iter().filter(|code| !drafted(code));
    let others = others.filter_map(|code| it.current.dimensions.get(code));
    DimensionsPage {
        head: Head::of(visit, &it.draft),
        list: bundle.dimensions.iter().map(line).collect(),
        others: others.map(|one| choice(one.code.clone(), one.title(lang))).collect(),
        elements: ticks(bundle, &it.current, &form.code),
        form,
        errors: Vec::new(),
    }
}

fn ticks(bundle: &Bundle, current: &Catalogue, code: &str) -> Vec<Tick> {
    let has = |one: &crate::model::DataElement| one.dimensions.iter().any(|own| own == code);
    let tick = |one: &crate::model::DataElement| Tick {
        value: one.code.to_string(),
        label: format!("{} · {}", one.code, one.name),
        on: has(one),
        fixed: current.elements.get(&one.code).is_some_and(has),
    };
    builder::dividable(bundle, current).into_iter().map(tick).collect()
}

/// The form as it was sent.
fn typed(fields: &Fields, published: &BTreeSet<String>) -> DimensionForm {
    let mut options = Vec::new();
    for index in 0..=most::OPTIONS {
        let field = |name: &str| fields.line(&format!("o.{index}.{name}"));
        let code = field("code");
        if code.is_empty() {
            break;
        }
        let published = published.contains(&code);
        if !published && fields.has(&format!("o.{index}.remove")) {
            continue;
        }
        options.push(OptionLine {
            name: short(&field("name"), most::TITLE + 1),
            name_en: short(&field("en"), most::TITLE + 1),
            ended: fields.has(&format!("o.{index}.ended")),
            published,
            code,
        });
    }
    DimensionForm {
        fresh: fields.has("fresh"),
        published: false,
        code: fields.line("code"),
        name: short(&fields.line("name"), most::TITLE + 1),
        name_en: short(&fields.line("name_en"), most::TITLE + 1),
        partition: fields.has("partition"),
        sensitive: fields.has("sensitive"),
        options,
        more: short(&fields.lines("more"), MORE_MOST),
    }
}

fn dimension(form: &DimensionForm, before: Option<&Dimension>, taken: &Catalogue) -> Dimension {
    let option = |one: &OptionLine| DimensionOption {
        code: one.code.clone(),
        name: one.name.clone(),
        name_en: one.name_en.clone(),
        ended: one.ended,
    };
    let mut options: Vec<DimensionOption> = form.options.iter().map(option).collect();
    options.extend(read_options(&form.more, &options));
    let code = if form.code.is_empty() && !form.name.is_empty() {
        code_of(&form.name, |code| taken.dimensions.contains_key(code))
    } else {
        form.code.clone()
    };
    Dimension {
        code,
        name: form.name.clone(),
        name_en: form.name_en.clone(),
        // How a published one divides stays, whatever the form says.
        sensitive: form.sensitive || before.is_some_and(|before| before.sensitive),
        partition: before.map_or(form.partition, |before| before.partition),
        options,
    }
}

/// Adds a dimension, gives one more options, or takes one out of the draft.
pub(crate) async fn save(visit: Visit, Path(at): Path<At>, posted: Posted) -> Answer {
    let fields = &posted.fields;
    let it = ground(&visit, &at).await?;
    if fields.has("remove") {
        let code = fields.line("remove");
        let current = it.current.clone();
        let edit = move |bundle: &mut Bundle| {
            builder::take_out(bundle, &current, &code);
            Ok(())
        };
        return keep(&visit, &at, fields, "/phan-to", edit).await;
    }
    let before = it.current.dimensions.get(&fields.line("code"));
    let before = before.filter(|_| !fields.has("fresh"));
    let there = before.iter().flat_map(|one| &one.options).map(|one| one.code.clone()).collect();
    let form = typed(fields, &there);
    let one = dimension(&form, before, &it.known);
    let code = one.code.clone();
    let divides = fields.many("divides").iter().filter_map(|code| ElementId::parse(code)).collect();
    let change = TypedDimension { dimension: one, is_new: form.fresh, divides };
    let id = at.id()?;
    match builder::put_dimension(&visit.app, &visit.caller, (&id, seen(fields)), change).await {
        Ok(Kept::Here) => {
            let to = format!("{}/phan-to?ma={code}", href(&id));
            visit.done(&to, "reporting-build-saved")
        }
        Ok(Kept::Aside(own)) => Ok(see_other(&format!("{}?canh={id}", href(&own)))),
        Err(failure) => {
            let form = DimensionForm { published: before.is_some(), ..form };
            let chosen: BTreeSet<String> = fields.many("divides").into_iter().collect();
            let mut page = page(&visit, &it, form);
            for tick in &mut page.elements {
                tick.on = tick.fixed || chosen.contains(&tick.value);
            }
            visit.form_again(failure, &DIMENSIONS, |errors| DimensionsPage { errors, ..page })
        }
    }
}
