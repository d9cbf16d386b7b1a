//! Dimensions that a draft brings along: new ones, and options more for those that officials made before. What
//! ships with the program is told apart by everybody in the same way and stays as it is.

use std::collections::BTreeSet;

use kernel::{
    app::App,
    caller::Caller,
    db::Tx,
    problem::{FormProblems, Outcome},
};

use super::{Kept, change};
use crate::{
    actions::catalogue::{self, Catalogue, kind},
    model::{
        DataElement, Dimension, DraftId, ElementId,
        bundle::{Bundle, most},
        definition::check_dimension,
        element::Mark,
    },
    store::definitions,
};

/// A dimension as somebody typed it.
#[derive(Clone, Debug)]
pub struct TypedDimension {
    /// What it is.
    pub dimension: Dimension,
    /// True when it shall be a new one, so that its code may not be taken.
    pub is_new: bool,
    /// The elements of the draft that shall be divided by it.
    pub divides: BTreeSet<ElementId>,
}

/// The codes of dimensions that people made, which may be given more options.
pub async fn own_dimensions(tx: &mut Tx) -> Outcome<BTreeSet<String>> {
    Ok(definitions::made_here(tx, kind::DIMENSION).await?.into_iter().collect())
}

/// Puts a dimension into a draft as it was seen, over an earlier word of the draft about it, and divides the
/// chosen elements by it. Refused at the field that is wrong.
pub async fn put_dimension(
    app: &App,
    caller: &Caller,
    seen: (&DraftId, i64),
    typed: TypedDimension,
) -> Outcome<Kept> {
    let known = catalogue::current(app).await?;
    let own = app.db.view(async |tx| own_dimensions(tx).await).await?;
    change(app, caller, seen, move |bundle| {
        judged(bundle, &known, &own, &typed).check()?;
        let code = typed.dimension.code.clone();
        bundle.dimensions.retain(|one| one.code != code);
        // Only what differs from what stands is a new version.
        if known.dimensions.get(&code) != Some(&typed.dimension) {
            bundle.dimensions.push(typed.dimension);
        }
        divide(bundle, &known, &code, &typed.divides);
        Ok(())
    })
    .await
}

fn judged(
    bundle: &Bundle,
    known: &Catalogue,
    own: &BTreeSet<String>,
    typed: &TypedDimension,
) -> FormProblems {
    let one = &typed.dimension;
    let before = known.dimensions.get(&one.code);
    let drafted = bundle.dimensions.iter().any(|other| other.code == one.code);
    let others = known.dimensions.values().chain(&bundle.dimensions);
    let mut problems = check_dimension(one, before.filter(|_| !typed.is_new), others);
    if typed.is_new {
        let called = before.or_else(|| bundle.dimensions.iter().find(|d| d.code == one.code));
        if let Some(other) = called {
            let named = vec![("name", other.name.clone())];
            problems.add_with("code", "reporting-dimension-taken", named);
        }
    } else if before.is_some() && !own.contains(&one.code) {
        problems.add("code", "reporting-dimension-shipped");
    } else {
        let is_there = before.is_some() || drafted;
        problems.require(is_there, "code", "reporting-dimension-gone");
    }
    let fits = drafted || bundle.dimensions.len() < most::DIMENSIONS;
    if !fits {
        let many = vec![("most", most::DIMENSIONS.to_string())];
        problems.add_with("code", "reporting-dimension-too-many", many);
    }
    problems
}

/// The elements that a draft asks for or brings along, as they will be: what can be divided on the spot. What the
/// platform counts itself is divided by nobody.
pub fn dividable<'a>(bundle: &'a Bundle, known: &'a Catalogue) -> Vec<&'a DataElement> {
    let mut codes = bundle.form.elements();
    codes.extend(bundle.elements.iter().map(|one| &one.code));
    let found = |code: &&ElementId| {
        let own = bundle.elements.iter().find(|one| one.code == **code);
        own.or_else(|| known.elements.get(*code)).filter(|one| one.mark != Mark::Computed)
    };
    codes.iter().filter_map(found).collect()
}

/// Divides the chosen elements of the draft. An element that stands divided in the catalogue stays so: figures
/// may stand there.
fn divide(bundle: &mut Bundle, known: &Catalogue, code: &str, chosen: &BTreeSet<ElementId>) {
    let has = |one: &DataElement| one.dimensions.iter().any(|own| own == code);
    let all: Vec<DataElement> = dividable(bundle, known).into_iter().cloned().collect();
    for now in all {
        let stands = known.elements.get(&now.code);
        let wanted = chosen.contains(&now.code) || stands.is_some_and(has);
        if wanted == has(&now) {
            continue;
        }
        let mut after = now;
        after.dimensions.retain(|own| own != code);
        if wanted {
            after.dimensions.push(code.to_owned());
        }
        bundle.elements.retain(|one| one.code != after.code);
        if stands != Some(&after) {
            bundle.elements.push(after);
        }
    }
}

/// Takes a dimension out of a draft again, and out of the draft's own elements where nobody else knows it.
pub fn take_out(bundle: &mut Bundle, known: &Catalogue, code: &str) {
    bundle.dimensions.retain(|one| one.code != code);
    if !known.dimensions.contains_key(code) {
        divide(bundle, known, code, &BTreeSet::new());
    }
}
