//! Everything that is defined: read from the database into typed values, kept in memory until something
//! changes. Shipped definitions are planted on start and stay as they are once somebody changed them here.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
};

use kernel::{
    app::App,
    db::{Db, Tx},
    problem::{Failure, OrMissing, Outcome},
    scope::ScopePath,
};
use serde::{Serialize, de::DeserializeOwned};

use super::{DATASET_NOT_FOUND, PERIOD_NOT_FOUND};
use crate::{
    model::{
        DataElement, Dataset, DatasetId, Dimension, ElementId, Indicator, IndicatorId, Period,
        ProgrammeNodeId,
        bundle::{Bundle, Known},
        definition::Defined,
        form::Form,
        programme::ProgrammeNode,
        target::Target,
    },
    store::definitions::{self, Definition},
};

/// Kinds of definitions, as stored.
pub mod kind {
    /// Nodes of programmes.
    pub const PROGRAMME: &str = "programme";
    /// Dimensions.
    pub const DIMENSION: &str = "dimension";
    /// Data elements.
    pub const ELEMENT: &str = "element";
    /// Indicators.
    pub const INDICATOR: &str = "indicator";
    /// Targets.
    pub const TARGET: &str = "target";
    /// Data sets.
    pub const DATASET: &str = "dataset";
    /// Forms.
    pub const FORM: &str = "form";
}

/// Everything that is defined, newest versions; of forms every version.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// Programmes with all below them, by code.
    pub programme: BTreeMap<ProgrammeNodeId, ProgrammeNode>,
    /// Dimensions by code.
    pub dimensions: BTreeMap<String, Dimension>,
    /// Data elements by code.
    pub elements: BTreeMap<ElementId, DataElement>,
    /// Indicators by code.
    pub indicators: BTreeMap<IndicatorId, Indicator>,
    /// Targets.
    pub targets: Vec<Target>,
    /// Data sets by code.
    pub datasets: BTreeMap<DatasetId, Dataset>,
    /// Forms by data set and version.
    pub forms: BTreeMap<(DatasetId, u32), Form>,
    /// The version of each form in force: the newest that people made, else the newest that ships.
    pub in_force: BTreeMap<DatasetId, u32>,
}

impl Catalogue {
    /// What rules of definitions look at.
    pub const fn defined(&self) -> Defined<'_> {
        Defined {
            programme: &self.programme,
            dimensions: &self.dimensions,
            elements: &self.elements,
            indicators: &self.indicators,
        }
    }

    /// A data set, or 404.
    pub fn dataset(&self, code: &DatasetId) -> Outcome<&Dataset> {
        self.datasets.get(code).or_missing(&DATASET_NOT_FOUND)
    }

    /// The form of a data set in force, or 404.
    pub fn form(&self, code: &DatasetId) -> Outcome<&Form> {
        let version = self.in_force.get(code).copied();
        if let Some(form) = version.and_then(|version| self.forms.get(&(code.clone(), version))) {
            return Ok(form);
        }
        let range = (code.clone(), 0)..=(code.clone(), u32::MAX);
        let newest = self.forms.range(range).next_back().map(|(_, form)| form);
        newest.or_missing(&DATASET_NOT_FOUND)
    }

    /// The form of a data set in one version. A report may arrive in a version that this node does not know: it
    /// is shown by the form in force, for its cells mean the same in every version. 404 without any form.
    pub fn form_of(&self, code: &DatasetId, version: u32) -> Outcome<&Form> {
        match self.forms.get(&(code.clone(), version)) {
            Some(form) => Ok(form),
            None => self.form(code),
        }
    }

    /// With a bundle over it, as it will be once that is published.
    pub fn with(&self, bundle: &Bundle) -> Self {
        let mut it = self.clone();
        for one in &bundle.dimensions {
            it.dimensions.insert(one.code.clone(), one.clone());
        }
        for one in &bundle.elements {
            it.elements.insert(one.code.clone(), one.clone());
        }
        let code = &bundle.dataset.code;
        let version = it.forms.range((code.clone(), 0)..=(code.clone(), u32::MAX)).next_back();
        let version = version.map_or(1, |((_, version), _)| version + 1);
        it.datasets.insert(code.clone(), bundle.dataset.clone());
        it.forms.insert((code.clone(), version), Form { version, ..bundle.form.clone() });
        it.in_force.insert(code.clone(), version);
        it
    }

    /// A period of a data set, or 404 when its id is of another scheme.
    pub fn period(&self, dataset: &Dataset, id: &str) -> Outcome<Period> {
        let period = Period::parse(id).filter(|period| period.scheme.code() == dataset.scheme);
        period.or_missing(&PERIOD_NOT_FOUND)
    }

    /// The programme's nodes directly below one.
    pub fn below<'a>(
        &'a self,
        node: &'a ProgrammeNodeId,
    ) -> impl Iterator<Item = &'a ProgrammeNode> + 'a {
        self.programme.values().filter(move |one| one.parent.as_ref() == Some(node))
    }

    /// From the stored definitions. What cannot be read is left out and told in the log: one wrong definition
    /// must not take the others along.
    fn read(all: &[Definition]) -> Self {
        let mut newest: HashMap<(&str, &str), &Definition> = HashMap::new();
        for one in all {
            // Once people have changed a definition, what ships with a program no longer counts.
            let stands = newest.get(&(one.kind.as_str(), one.code.as_str()));
            if one.origin != "shipped" || stands.is_none_or(|stands| stands.origin == "shipped") {
                newest.insert((&one.kind, &one.code), one);
            }
        }
        let mut it = Self::default();
        for one in newest.values() {
            it.take(one);
        }
        for one in all.iter().filter(|one| one.kind == kind::FORM) {
            if let Some(mut form) = parsed::<Form>(one) {
                form.version = one.version;
                if newest.get(&(kind::FORM, one.code.as_str())) == Some(&one) {
                    it.in_force.insert(form.dataset.clone(), one.version);
                }
                it.forms.insert((form.dataset.clone(), one.version), form);
            }
        }
        it.targets
            .sort_by(|a, b| (&a.indicator, a.year, &a.id).cmp(&(&b.indicator, b.year, &b.id)));
        it
    }

    fn take(&mut self, one: &Definition) {
        fn put<K: Ord, T>(map: &mut BTreeMap<K, T>, value: Option<T>, key: impl FnOnce(&T) -> K) {
            if let Some(value) = value {
                map.insert(key(&value), value);
            }
        }
        match one.kind.as_str() {
            kind::PROGRAMME => {
                put(&mut self.programme, parsed(one), |node: &ProgrammeNode| node.code.clone());
            }
            kind::DIMENSION => {
                put(&mut self.dimensions, parsed(one), |d: &Dimension| d.code.clone());
            }
            kind::ELEMENT => put(&mut self.elements, parsed(one), |e: &DataElement| e.code.clone()),
            kind::INDICATOR => {
                put(&mut self.indicators, parsed(one), |i: &Indicator| i.code.clone());
            }
            // What holds no longer is read from its versions only.
            kind::TARGET => self.targets.extend(parsed::<Target>(one).filter(|one| !one.ended)),
            kind::DATASET => put(&mut self.datasets, parsed(one), |d: &Dataset| d.code.clone()),
            _ => {}
        }
    }
}

impl Known for Catalogue {
    fn element(&self, code: &ElementId) -> Option<&DataElement> {
        self.elements.get(code)
    }

    fn dimension(&self, code: &str) -> Option<&Dimension> {
        self.dimensions.get(code)
    }

    fn dataset(&self, code: &DatasetId) -> Option<&Dataset> {
        self.datasets.get(code)
    }

    fn component(&self, code: &ProgrammeNodeId) -> bool {
        self.programme.contains_key(code)
    }
}

/// True for a body that can be read as what it says it is.
pub(crate) fn is_readable(one: &Definition) -> bool {
    match one.kind.as_str() {
        kind::PROGRAMME => parsed::<ProgrammeNode>(one).is_some(),
        kind::DIMENSION => parsed::<Dimension>(one).is_some(),
        kind::ELEMENT => parsed::<DataElement>(one).is_some(),
        kind::INDICATOR => parsed::<Indicator>(one).is_some(),
        kind::TARGET => parsed::<Target>(one).is_some(),
        kind::DATASET => parsed::<Dataset>(one).is_some(),
        kind::FORM => parsed::<Form>(one).is_some(),
        _ => false,
    }
}

/// Adds versions that people made and says them to every node under `targets`, in this transaction. Refuses when
/// somebody wrote the same version in the moment between.
pub async fn define(tx: &mut Tx, fresh: &[Definition], targets: &[ScopePath]) -> Outcome<()> {
    if definitions::add(tx, fresh).await? != fresh.len() as u64 {
        return Err((&kernel::problem::CONFLICT).into());
    }
    for one in fresh {
        crate::records::definitions::send(tx, one, targets).await?;
    }
    Ok(())
}

fn parsed<T: DeserializeOwned>(one: &Definition) -> Option<T> {
    match serde_json::from_str(&one.body) {
        Ok(value) => Some(value),
        Err(error) => {
            kernel::tracing::warn!(kind = %one.kind, code = %one.code, %error, "a definition cannot be read");
            None
        }
    }
}

/// The catalogue in memory, shared by every request; read again when a definition has been added.
#[derive(Default)]
pub struct Catalogues(Mutex<Option<(i64, Arc<Catalogue>)>>);

/// What is defined, as this transaction sees it.
pub async fn read(tx: &mut Tx) -> Outcome<Catalogue> {
    Ok(Catalogue::read(&definitions::all(tx).await?))
}

/// What is defined: from memory while nothing was added.
pub async fn current(app: &App) -> Outcome<Arc<Catalogue>> {
    let Some(kept) = app.port::<Catalogues>() else {
        return Ok(Arc::new(app.db.view(async |tx| read(tx).await).await?));
    };
    app.db
        .view(async |tx| {
            let additions = definitions::additions(tx).await?;
            let known = kept.0.lock().ok().and_then(|kept| kept.clone());
            if let Some((at, catalogue)) = known
                && at == additions
            {
                return Ok(catalogue);
            }
            let fresh = Arc::new(read(tx).await?);
            if let Ok(mut kept) = kept.0.lock() {
                *kept = Some((additions, fresh.clone()));
            }
            Ok(fresh)
        })
        .await
}

/// A definition to be stored.
pub fn definition(
    kind: &'static str,
    code: &str,
    version: u32,
    body: &impl Serialize,
    origin: &str,
    author: &str,
) -> Outcome<Definition> {
    let body =
        serde_json::to_string(body).map_err(|error| Failure::fault("write a definition", error))?;
    Ok(Definition {
        kind: kind.to_owned(),
        code: code.to_owned(),
        version,
        body,
        origin: origin.to_owned(),
        author: author.to_owned(),
    })
}

/// Plants everything that ships with the program.
pub async fn plant_shipped(db: &Db) -> Outcome<u64> {
    let all = crate::reference::shipped();
    let mut shipped = Vec::new();
    for one in &all.programmes {
        shipped.push(definition(kind::PROGRAMME, one.code.as_str(), 1, one, "shipped", "")?);
    }
    for one in &all.dimensions {
        shipped.push(definition(kind::DIMENSION, &one.code, 1, one, "shipped", "")?);
    }
    for one in &all.elements {
        shipped.push(definition(kind::ELEMENT, one.code.as_str(), 1, one, "shipped", "")?);
    }
    for one in &all.indicators {
        shipped.push(definition(kind::INDICATOR, one.code.as_str(), 1, one, "shipped", "")?);
    }
    for one in &all.targets {
        shipped.push(definition(kind::TARGET, one.id.as_str(), 1, one, "shipped", "")?);
    }
    for one in &all.datasets {
        shipped.push(definition(kind::DATASET, one.code.as_str(), 1, one, "shipped", "")?);
    }
    for one in &all.forms {
        shipped.push(definition(kind::FORM, one.dataset.as_str(), 1, one, "shipped", "")?);
    }
    plant(db, shipped).await
}

/// Plants definitions that come with the program. A code whose newest version was made by people stays as it
/// is; one that was shipped before and is shipped differently now gets a new version.
pub async fn plant(db: &Db, shipped: Vec<Definition>) -> Outcome<u64> {
    let known = db.view(async |tx| Ok(definitions::all(tx).await?)).await?;
    let mut newest: HashMap<(&str, &str), &Definition> = HashMap::new();
    for one in &known {
        newest.insert((&one.kind, &one.code), one);
    }
    let mut fresh = Vec::new();
    for mut one in shipped {
        match newest.get(&(one.kind.as_str(), one.code.as_str())) {
            None => fresh.push(one),
            Some(known) if known.origin == "shipped" && known.body != one.body => {
                one.version = known.version + 1;
                fresh.push(one);
            }
            Some(_) => {}
        }
    }
    if fresh.is_empty() {
        return Ok(0);
    }
    db.change(async |tx| Ok(definitions::add(tx, &fresh).await?)).await
}
