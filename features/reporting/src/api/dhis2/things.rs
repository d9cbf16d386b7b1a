//! What is ours as DHIS2 knows it: organisation units, data elements, data sets, indicators, and the
//! combinations of options. A thing's properties are made when they are asked for.

mod properties;

use serde_json::{Map, Value, json};

use self::properties::{category_combo, dataset, element, indicator, options, unit};
use super::fields::{Field, Fields};
use crate::{
    actions::exchange::{World, names::combo_name},
    model::{
        Coords, DataElement, Dataset, Dimension, ElementId, Indicator,
        exchange::{DEFAULT_CATEGORY_COMBO, Kind, combo_uid, uid},
    },
};

/// Kinds of things that programs list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Units,
    Levels,
    Elements,
    Datasets,
    Indicators,
    Combos,
    CategoryCombos,
    Categories,
    Options,
}

/// Kinds that DHIS2 has and we have none of; programs ask for them all the same.
pub const EMPTY: [&str; 14] = [
    "organisationUnitGroups",
    "organisationUnitGroupSets",
    "dataElementGroups",
    "dataElementGroupSets",
    "indicatorGroups",
    "indicatorTypes",
    "optionSets",
    "programIndicators",
    "programs",
    "attributes",
    "visualizations",
    "schemas",
    "apps",
    "constants",
];

impl Class {
    pub const ALL: [Self; 9] = [
        Self::Units,
        Self::Levels,
        Self::Elements,
        Self::Datasets,
        Self::Indicators,
        Self::Combos,
        Self::CategoryCombos,
        Self::Categories,
        Self::Options,
    ];

    /// DHIS2's word for many of them.
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Units => "organisationUnits",
            Self::Levels => "organisationUnitLevels",
            Self::Elements => "dataElements",
            Self::Datasets => "dataSets",
            Self::Indicators => "indicators",
            Self::Combos => "categoryOptionCombos",
            Self::CategoryCombos => "categoryCombos",
            Self::Categories => "categories",
            Self::Options => "categoryOptions",
        }
    }

    pub fn by_plural(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.plural() == word)
    }

    /// All of a kind, in the order in which they are listed.
    pub fn all(self, world: &World) -> Vec<Thing<'_>> {
        let catalogue = &world.catalogue;
        match self {
            Self::Units => (0..world.areas.living).map(Thing::Unit).collect(),
            Self::Levels => (1..=3).map(Thing::Level).collect(),
            Self::Elements => catalogue.elements.values().map(Thing::Element).collect(),
            Self::Datasets => catalogue.datasets.values().map(Thing::Dataset).collect(),
            Self::Indicators => catalogue.indicators.values().map(Thing::Indicator).collect(),
            Self::Combos => world.names.coords.iter().map(Thing::Combo).collect(),
            Self::CategoryCombos => {
                let own = catalogue.elements.values().filter(|one| is_divided(world, &one.code));
                std::iter::once(Thing::CategoryCombo(None))
                    .chain(own.map(|one| Thing::CategoryCombo(Some(one))))
                    .collect()
            }
            Self::Categories => catalogue.dimensions.values().map(Thing::Category).collect(),
            Self::Options => {
                let all = catalogue.dimensions.values();
                all.flat_map(|d| (0..d.options.len()).map(move |at| Thing::Option(d, at))).collect()
            }
        }
    }

    /// One of a kind by its id or code.
    pub fn find<'w>(self, world: &'w World, id: &str) -> Option<Thing<'w>> {
        use crate::actions::exchange::IdScheme::Uid;
        let catalogue = &world.catalogue;
        match self {
            Self::Units => world.areas.find(id, Uid).map(Thing::Unit),
            Self::Elements => {
                let code = world.names.element(catalogue, id, Uid)?;
                catalogue.elements.get(&code).map(Thing::Element)
            }
            Self::Datasets => {
                let code = world.names.dataset(catalogue, id, Uid)?;
                catalogue.datasets.get(&code).map(Thing::Dataset)
            }
            Self::Indicators => {
                let code = world.names.indicator(catalogue, id)?;
                catalogue.indicators.get(&code).map(Thing::Indicator)
            }
            _ => self.all(world).into_iter().find(|thing| thing.uid(world) == id),
        }
    }
}

/// True when forms ask for a data element at more than its total.
fn is_divided(world: &World, element: &ElementId) -> bool {
    world
        .names
        .coords_of
        .get(element)
        .is_some_and(|all| all.iter().any(|coords| !coords.is_total()))
}

/// A thing.
#[derive(Clone, Copy)]
pub enum Thing<'w> {
    Unit(usize),
    Level(u8),
    Element(&'w DataElement),
    Dataset(&'w Dataset),
    Indicator(&'w Indicator),
    Combo(&'w Coords),
    /// The combinations of a data element; none for DHIS2's default.
    CategoryCombo(Option<&'w DataElement>),
    Category(&'w Dimension),
    Option(&'w Dimension, usize),
    /// That a data set asks for a data element.
    Asked(&'w Dataset, &'w DataElement),
}

/// What a property holds.
pub enum Property<'w> {
    Plain(Value),
    One(Thing<'w>),
    Many(Vec<Thing<'w>>),
}

/// Most things in one answer, those inside others counted.
const THINGS_MOST: usize = 150_000;

/// Says what is wanted of things, and stops when it would become too much.
pub struct Teller<'w> {
    world: &'w World,
    left: usize,
}

impl<'w> Teller<'w> {
    pub fn new(world: &'w World) -> Self {
        Self { world, left: THINGS_MOST }
    }

    /// `None` when it becomes too much.
    pub fn tell(&mut self, thing: Thing<'w>, fields: &Fields) -> Option<Value> {
        self.left = self.left.checked_sub(1)?;
        let mut all = Map::new();
        if fields.all {
            for name in thing.properties() {
                if !fields.without.iter().any(|not| not == name) {
                    let field =
                        Field { name: (*name).to_owned(), shown: (*name).to_owned(), inner: None };
                    self.put(&mut all, thing, &field)?;
                }
            }
        }
        for field in &fields.named {
            self.put(&mut all, thing, field)?;
        }
        Some(Value::Object(all))
    }

    fn put(&mut self, all: &mut Map<String, Value>, thing: Thing<'w>, field: &Field) -> Option<()> {
        let ids = Fields::of(&["id"]);
        let inner = field.inner.as_ref().unwrap_or(&ids);
        let value = match thing.property(self.world, &field.name) {
            None | Some(Property::Plain(Value::Null)) => return Some(()),
            Some(Property::Plain(value)) => value,
            Some(Property::One(one)) => self.tell(one, inner)?,
            Some(Property::Many(many)) => {
                let mut list = Vec::with_capacity(many.len());
                for one in many {
                    list.push(self.tell(one, inner)?);
                }
                Value::Array(list)
            }
        };
        all.insert(field.shown.clone(), value);
        Some(())
    }
}

impl<'w> Thing<'w> {
    /// Its DHIS2 id.
    pub fn uid(self, world: &World) -> String {
        match self {
            Self::Unit(no) => world.areas.units[no].uid.clone(),
            Self::Level(level) => uid(Kind::Level, &level.to_string()),
            Self::Element(one) => uid(Kind::Element, one.code.as_str()),
            Self::Dataset(one) => uid(Kind::Dataset, one.code.as_str()),
            Self::Indicator(one) => uid(Kind::Indicator, one.code.as_str()),
            Self::Combo(coords) => combo_uid(coords),
            Self::CategoryCombo(None) => DEFAULT_CATEGORY_COMBO.to_owned(),
            Self::CategoryCombo(Some(one)) => uid(Kind::CategoryCombo, one.code.as_str()),
            Self::Category(one) => uid(Kind::Category, &one.code),
            Self::Option(one, at) => {
                uid(Kind::CategoryOption, &format!("{}={}", one.code, one.options[at].code))
            }
            Self::Asked(set, one) => uid(Kind::Dataset, &format!("{}/{}", set.code, one.code)),
        }
    }

    fn name(self, world: &World) -> String {
        match self {
            Self::Unit(no) => world.areas.units[no].name.clone(),
            Self::Level(1) => "Cả nước".to_owned(),
            Self::Level(2) => "Tỉnh, thành phố".to_owned(),
            Self::Level(_) => "Xã, phường, đặc khu".to_owned(),
            Self::Element(one) | Self::CategoryCombo(Some(one)) => one.name.clone(),
            Self::Dataset(one) => one.title.clone(),
            Self::Indicator(one) => one.name.clone(),
            Self::Combo(coords) => combo_name(&world.catalogue, coords),
            Self::CategoryCombo(None) => "default".to_owned(),
            Self::Category(one) => one.name.clone(),
            Self::Option(one, at) => one.options[at].name.clone(),
            Self::Asked(..) => String::new(),
        }
    }

    fn code(self, world: &World) -> Option<String> {
        match self {
            Self::Unit(no) => world.areas.units[no].code.clone(),
            Self::Element(one) => Some(one.code.to_string()),
            Self::Dataset(one) => Some(one.code.to_string()),
            Self::Indicator(one) => Some(one.code.to_string()),
            Self::Combo(coords) if coords.is_total() => Some("default".to_owned()),
            Self::Combo(coords) => Some(coords.text()),
            Self::CategoryCombo(one) => {
                Some(one.map_or("default".to_owned(), |one| one.code.to_string()))
            }
            Self::Category(one) => Some(one.code.clone()),
            Self::Option(one, at) => Some(format!("{}={}", one.code, one.options[at].code)),
            Self::Level(_) | Self::Asked(..) => None,
        }
    }

    /// The properties that `*` means.
    fn properties(self) -> &'static [&'static str] {
        match self {
            Self::Unit(_) => &[
                "id",
                "code",
                "name",
                "shortName",
                "displayName",
                "displayShortName",
                "level",
                "path",
                "parent",
                "children",
                "openingDate",
                "closedDate",
                "leaf",
                "ancestors",
            ],
            Self::Level(_) => &["id", "name", "displayName", "level"],
            Self::Element(_) => &[
                "id",
                "code",
                "name",
                "shortName",
                "displayName",
                "description",
                "valueType",
                "aggregationType",
                "domainType",
                "zeroIsSignificant",
                "categoryCombo",
                "dataSetElements",
            ],
            Self::Dataset(_) => &[
                "id",
                "code",
                "name",
                "shortName",
                "displayName",
                "periodType",
                "timelyDays",
                "dataSetElements",
                "categoryCombo",
            ],
            Self::Indicator(_) => &[
                "id",
                "code",
                "name",
                "shortName",
                "displayName",
                "description",
                "numerator",
                "denominator",
                "decimals",
                "annualized",
            ],
            Self::Combo(_) | Self::Category(_) => {
                &["id", "code", "name", "displayName", "categoryOptions"]
            }
            Self::CategoryCombo(_) => &[
                "id",
                "code",
                "name",
                "displayName",
                "isDefault",
                "dataDimensionType",
                "categoryOptionCombos",
                "categories",
            ],
            Self::Option(..) => &["id", "code", "name", "displayName"],
            Self::Asked(..) => &["dataSet", "dataElement", "categoryCombo"],
        }
    }

    /// A property; `None` when it has none of that name.
    pub fn property(self, world: &'w World, name: &str) -> Option<Property<'w>> {
        let plain = |value: Value| Some(Property::Plain(value));
        match name {
            "id" | "uid" if !matches!(self, Self::Asked(..)) => {
                return plain(json!(self.uid(world)));
            }
            "name" | "displayName" | "displayFormName" => return plain(json!(self.name(world))),
            "code" => return plain(json!(self.code(world))),
            "shortName" | "displayShortName" => {
                let short = match self {
                    Self::Unit(no) => world.areas.units[no].short_name.clone(),
                    _ => self.name(world).chars().take(50).collect(),
                };
                return plain(json!(short));
            }
            _ => {}
        }
        match self {
            Self::Unit(no) => unit(world, no, name),
            Self::Level(level) => (name == "level").then(|| Property::Plain(json!(level))),
            Self::Element(one) => element(world, one, name),
            Self::Dataset(one) => dataset(world, one, name),
            Self::Indicator(one) => indicator(one, name),
            Self::Combo(coords) => {
                (name == "categoryOptions").then(|| Property::Many(options(world, coords)))
            }
            Self::CategoryCombo(one) => category_combo(world, one, name),
            Self::Category(one) => (name == "categoryOptions").then(|| {
                Property::Many((0..one.options.len()).map(|at| Thing::Option(one, at)).collect())
            }),
            Self::Option(..) => None,
            Self::Asked(set, one) => match name {
                "dataSet" => Some(Property::One(Thing::Dataset(set))),
                "dataElement" => Some(Property::One(Thing::Element(one))),
                "categoryCombo" => element(world, one, name),
                _ => None,
            },
        }
    }

    /// What a path of properties leads to, as texts: for filters and for order.
    pub fn texts(self, world: &'w World, path: &str) -> Vec<String> {
        let (first, rest) = path.split_once('.').unwrap_or((path, "id"));
        match self.property(world, first) {
            None | Some(Property::Plain(Value::Null)) => Vec::new(),
            Some(Property::Plain(Value::String(text))) => vec![text],
            Some(Property::Plain(value)) => vec![value.to_string()],
            Some(Property::One(one)) => one.texts(world, rest),
            Some(Property::Many(many)) => {
                many.into_iter().flat_map(|one| one.texts(world, rest)).collect()
            }
        }
    }
}
