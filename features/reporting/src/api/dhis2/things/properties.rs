//! The properties that things of each kind have besides their ids, names and codes.

use std::collections::BTreeSet;

use kernel::clock::Day;
use serde_json::{Value, json};

use super::{Property, Thing, is_divided};
use crate::{
    actions::exchange::World,
    model::{Coords, DataElement, Dataset, ElementId, Indicator, exchange::period_type},
};

pub(super) fn options<'w>(world: &'w World, coords: &Coords) -> Vec<Thing<'w>> {
    let named = coords.iter().filter_map(|(dimension, option)| {
        let dimension = world.catalogue.dimensions.get(dimension)?;
        let at = dimension.options.iter().position(|one| one.code == option)?;
        Some(Thing::Option(dimension, at))
    });
    named.collect()
}

pub(super) fn unit<'w>(world: &'w World, no: usize, name: &str) -> Option<Property<'w>> {
    let areas = &world.areas;
    let unit = &areas.units[no];
    let plain = |value: Value| Some(Property::Plain(value));
    match name {
        "level" => plain(json!(unit.level)),
        "path" => plain(json!(areas.path(no))),
        "parent" => unit.parent.map(|parent| Property::One(Thing::Unit(parent))),
        "children" => Some(Property::Many(areas.children(no).map(Thing::Unit).collect())),
        "ancestors" => Some(Property::Many(areas.above(no).into_iter().map(Thing::Unit).collect())),
        "openingDate" => plain(json!(format!("{}T00:00:00.000", unit.from))),
        "closedDate" if unit.until < Day::FOREVER => {
            plain(json!(format!("{}T00:00:00.000", unit.until.plus_days(-1))))
        }
        "leaf" => plain(json!(areas.children(no).next().is_none())),
        "childCount" => plain(json!(areas.children(no).count())),
        "organisationUnitGroups" | "attributeValues" | "translations" => plain(json!([])),
        "featureType" => plain(json!("NONE")),
        _ => None,
    }
}

pub(super) fn element<'w>(
    world: &'w World,
    one: &'w DataElement,
    name: &str,
) -> Option<Property<'w>> {
    let plain = |value: Value| Some(Property::Plain(value));
    match name {
        "description" => plain(json!(one.sheet.concept)),
        "valueType" => plain(json!(if one.decimals == 0 { "INTEGER" } else { "NUMBER" })),
        "aggregationType" => plain(json!("SUM")),
        "domainType" => plain(json!("AGGREGATE")),
        "zeroIsSignificant" => plain(json!(true)),
        "unit" => plain(json!(one.unit)),
        "categoryCombo" => {
            let own = is_divided(world, &one.code).then_some(one);
            Some(Property::One(Thing::CategoryCombo(own)))
        }
        "dataSetElements" => {
            let sets = world.names.datasets_of(&world.catalogue, &one.code);
            Some(Property::Many(sets.map(|set| Thing::Asked(set, one)).collect()))
        }
        "dataElementGroups" | "attributeValues" | "translations" | "legendSets" => plain(json!([])),
        _ => None,
    }
}

pub(super) fn dataset<'w>(world: &'w World, one: &'w Dataset, name: &str) -> Option<Property<'w>> {
    let plain = |value: Value| Some(Property::Plain(value));
    match name {
        "periodType" => plain(json!(period_type(&one.scheme))),
        "description" => plain(json!(one.basis)),
        "timelyDays" | "expiryDays" | "openFuturePeriods" => plain(json!(0)),
        "categoryCombo" => Some(Property::One(Thing::CategoryCombo(None))),
        "dataSetElements" => {
            let form = world.catalogue.form(&one.code).ok()?;
            let elements: BTreeSet<&ElementId> = form.elements();
            let all = elements.into_iter().filter_map(|code| world.catalogue.elements.get(code));
            Some(Property::Many(all.map(|element| Thing::Asked(one, element)).collect()))
        }
        "organisationUnits" => {
            let level = match one.tier {
                crate::model::Tier::Commune => 3,
                crate::model::Tier::Province => 2,
                crate::model::Tier::Ministry => 1,
            };
            let all =
                (0..world.areas.living).filter(move |no| world.areas.units[*no].level == level);
            Some(Property::Many(all.map(Thing::Unit).collect()))
        }
        _ => None,
    }
}

pub(super) fn indicator(one: &Indicator, name: &str) -> Option<Property<'static>> {
    let plain = |value: Value| Some(Property::Plain(value));
    match name {
        "description" => plain(json!(one.sheet.concept)),
        "numerator" => plain(json!(one.numerator)),
        "denominator" => {
            plain(json!(if one.denominator.is_empty() { "1" } else { &one.denominator }))
        }
        "decimals" => plain(json!(one.decimals)),
        "annualized" => plain(json!(false)),
        _ => None,
    }
}

pub(super) fn category_combo<'w>(
    world: &'w World,
    one: Option<&'w DataElement>,
    name: &str,
) -> Option<Property<'w>> {
    let total = || world.names.coords.iter().find(|coords| coords.is_total());
    match name {
        "isDefault" | "default" => Some(Property::Plain(json!(one.is_none()))),
        "dataDimensionType" => Some(Property::Plain(json!("DISAGGREGATION"))),
        "categoryOptionCombos" => {
            let own = one.and_then(|one| world.names.coords_of.get(&one.code));
            let all: Vec<Thing<'w>> = match own {
                Some(own) => own.iter().map(Thing::Combo).collect(),
                None => total().into_iter().map(Thing::Combo).collect(),
            };
            Some(Property::Many(all))
        }
        "categories" => {
            let own = one.map_or(&[][..], |one| one.dimensions.as_slice());
            let all = own.iter().filter_map(|code| world.catalogue.dimensions.get(code));
            Some(Property::Many(all.map(Thing::Category).collect()))
        }
        _ => None,
    }
}
