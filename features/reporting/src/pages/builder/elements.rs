//! What a draft counts that nothing counted before: new elements with their sheet.

use areas::view::Law;
use kernel::{
    axum::extract::{Path, Query},
    problem::{BAD_REQUEST, FormProblems},
    web::{Answer, FieldError, Fields, Posted, Template, Visit},
};
use serde::{Deserialize, Serialize};

use super::{At, Choice, Head, choice, keep, open, short, words};
use crate::{
    actions::catalogue::Catalogue,
    model::{
        DataElement, ElementId,
        amount::unit,
        bundle::{Bundle, most},
        element::{Mark, Sheet},
    },
};

pub(super) const ELEMENTS: Template<ElementsPage> = Template::new("reporting/build_elements.html");

/// The page.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct ElementsPage {
    pub(super) head: Head,
    pub(super) list: Vec<ElementLine>,
    pub(super) form: ElementForm,
    pub(super) units: Vec<Choice>,
    pub(super) laws: Vec<Choice>,
    pub(super) dimensions: Vec<Choice>,
    pub(super) errors: Vec<FieldError>,
}

/// An element of the draft.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct ElementLine {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) unit: String,
    pub(super) law: String,
}

/// An element as it is typed.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct ElementForm {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) unit: String,
    pub(super) decimals: String,
    pub(super) law: String,
    pub(super) dimensions: Vec<String>,
    pub(super) concept: String,
    pub(super) method: String,
    pub(super) source: String,
    pub(super) owner: String,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    ma: String,
}

pub(crate) async fn show(visit: Visit, Path(at): Path<At>, Query(asked): Query<Asked>) -> Answer {
    let (known, draft) = open(&visit, &at).await?;
    let chosen = ElementId::parse(&asked.ma).and_then(|code| known.elements.get(&code).cloned());
    let blank = ElementForm {
        law: Law::Additive.code().to_owned(),
        decimals: "0".to_owned(),
        ..ElementForm::default()
    };
    let form = chosen.as_ref().map_or(blank, filled);
    let page = page(&visit, &known, Head::of(&visit, &draft), &draft.bundle);
    visit.page(&ELEMENTS, &ElementsPage { form, ..page })
}

fn filled(one: &DataElement) -> ElementForm {
    ElementForm {
        code: one.code.to_string(),
        name: one.name.clone(),
        unit: one.unit.clone(),
        decimals: one.decimals.to_string(),
        law: one.law.code().to_owned(),
        dimensions: one.dimensions.clone(),
        concept: one.sheet.concept.clone(),
        method: one.sheet.method.clone(),
        source: one.sheet.source.clone(),
        owner: one.sheet.owner.clone(),
    }
}

fn page(visit: &Visit, known: &Catalogue, head: Head, bundle: &Bundle) -> ElementsPage {
    let line = |one: &DataElement| ElementLine {
        code: one.code.to_string(),
        name: one.name.clone(),
        unit: crate::pages::entry::unit_name(&one.unit),
        law: words::law_name(visit, one.law),
    };
    let dimensions = known.dimensions.values();
    ElementsPage {
        head,
        list: bundle.elements.iter().map(line).collect(),
        units: words::unit_choices(),
        laws: words::laws(visit),
        dimensions: dimensions
            .map(|one| choice(one.code.clone(), one.title(visit.lang())))
            .collect(),
        ..ElementsPage::default()
    }
}

fn typed(fields: &Fields) -> ElementForm {
    ElementForm {
        code: fields.line("code"),
        name: short(&fields.line("name"), most::TITLE + 1),
        unit: fields.line("unit"),
        decimals: fields.line("decimals"),
        law: fields.line("law"),
        dimensions: fields.many("dimensions"),
        concept: short(&fields.lines("concept"), most::WORDS + 1),
        method: short(&fields.lines("method"), most::WORDS + 1),
        source: short(&fields.line("source"), most::WORDS + 1),
        owner: short(&fields.line("owner"), most::WORDS + 1),
    }
}

/// Adds an element, changes one of the draft's own, or takes one out.
pub(crate) async fn save(visit: Visit, Path(at): Path<At>, posted: Posted) -> Answer {
    let fields = &posted.fields;
    if fields.has("remove") {
        let code = fields.line("remove");
        let edit = move |bundle: &mut Bundle| {
            bundle.elements.retain(|one| one.code.as_str() != code);
            Ok(())
        };
        return keep(&visit, &at, fields, "/chi-tieu", edit).await;
    }
    let form = typed(fields);
    let code = ElementId::parse(&form.code);
    let law = Law::from_code(&form.law);
    let unit_code = words::unit_code(&form.unit);
    let mut problems = FormProblems::new();
    problems.require(code.is_some(), "code", "reporting-build-element-code");
    problems.require(!form.name.is_empty(), "name", "reporting-build-title-missing");
    problems.require(unit(&unit_code).is_some(), "unit", "reporting-build-unit-wrong");
    problems.require(law.is_some(), "law", "reporting-build-law-missing");
    let (Some(code), Some(law), true) = (code, law, problems.is_empty()) else {
        let (known, draft) = open(&visit, &at).await?;
        let page = page(&visit, &known, Head::of(&visit, &draft), &draft.bundle);
        let Err(failure) = problems.check() else { return Err((&BAD_REQUEST).into()) };
        return visit.form_again(failure, &ELEMENTS, |errors| ElementsPage {
            form,
            errors,
            ..page
        });
    };
    // Another name of what others count too stays what it is in everything else.
    let (known, _) = open(&visit, &at).await?;
    let before = known.elements.get(&code);
    let one = DataElement {
        component: before.and_then(|one| one.component.clone()),
        mark: before.map_or(Mark::Derived, |one| one.mark),
        code,
        name: form.name,
        unit: unit_code,
        decimals: form.decimals.parse().unwrap_or(0),
        law,
        dimensions: form.dimensions,
        sheet: Sheet {
            periodicity: before.map_or_else(String::new, |one| one.sheet.periodicity.clone()),
            concept: form.concept,
            method: form.method,
            source: form.source,
            owner: form.owner,
        },
    };
    let edit = move |bundle: &mut Bundle| {
        bundle.elements.retain(|other| other.code != one.code);
        bundle.elements.push(one);
        Ok(())
    };
    keep(&visit, &at, fields, "/chi-tieu", edit).await
}
