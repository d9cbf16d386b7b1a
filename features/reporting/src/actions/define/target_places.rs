//! The areas that a table of targets names: by the names of today, with or without marks and with the province
//! behind them where they need one, or by their ids. Nobody is asked which of several is meant, as a field of a page
//! does (`pages/place.rs`): a table is refused there, and former names are not taken.

use std::collections::{BTreeSet, HashMap};

use areas::{Area, AreaId, AreaLevel};
use kernel::{
    db::Tx,
    problem::Outcome,
    text::{fold, same_name},
};

use super::{country, target_sheet::Wrong};

/// Names that are told when one may mean several places.
const TOLD_MOST: usize = 4;

/// What a name may mean: how it is spelt, and the area.
type Spelt = (String, usize);

/// The areas of a table.
#[derive(Default)]
pub(super) struct Places {
    by_id: HashMap<String, Area>,
    /// Every unit of today, with its name as it is told apart.
    units: Vec<(Area, String)>,
    by_name: HashMap<String, Vec<Spelt>>,
}

impl Places {
    /// Looks up what stands in the cells of a column.
    pub(super) async fn read(tx: &mut Tx, named: &BTreeSet<&str>) -> Outcome<Self> {
        let ids: Vec<AreaId> = named.iter().filter_map(|text| AreaId::parse(text)).collect();
        let found = areas::find_many(tx, &ids).await?;
        let by_id: HashMap<String, Area> =
            found.into_iter().map(|(id, area)| (id.to_string(), area)).collect();
        let mut places = Self { by_id, ..Self::default() };
        if named.iter().any(|text| {
            !text.is_empty() && !areas::names_the_country(text) && !places.by_id.contains_key(*text)
        }) {
            let today = tx.now().day();
            let provinces = areas::below(tx, &country(), AreaLevel::Province, today).await?;
            let communes = areas::below(tx, &country(), AreaLevel::Commune, today).await?;
            places.name(provinces, communes);
        }
        Ok(places)
    }

    fn name(&mut self, provinces: Vec<Area>, communes: Vec<Area>) {
        let within: HashMap<AreaId, (String, String)> = provinces
            .iter()
            .map(|one| (one.id.clone(), (one.name.clone(), one.full_name.clone())))
            .collect();
        for area in provinces.into_iter().chain(communes) {
            let at = self.units.len();
            let above = area.parent.as_ref().and_then(|id| within.get(id));
            let own = [area.name.clone(), area.full_name.clone()];
            let mut spelt: Vec<String> = own.to_vec();
            let mut title = area.title();
            if let Some((name, full)) = above {
                let of = |one: &String| [format!("{one}, {name}"), format!("{one}, {full}")];
                spelt.extend(own.iter().flat_map(of));
                title = format!("{title}, {full}");
            }
            for one in spelt {
                self.by_name.entry(fold(&one)).or_default().push((one, at));
            }
            self.units.push((area, title));
        }
    }

    /// The area that a cell names, none for the country; or why none is meant.
    pub(super) fn find(&self, text: &str) -> Result<Option<&Area>, Wrong> {
        if text.is_empty() || areas::names_the_country(text) {
            return Ok(None);
        }
        if let Some(area) = self.by_id.get(text) {
            return Ok(Some(area));
        }
        let all = self.by_name.get(&fold(text)).map_or(&[][..], Vec::as_slice);
        let exact: Vec<usize> =
            all.iter().filter(|(spelt, _)| same_name(spelt, text)).map(|(_, at)| *at).collect();
        // Wrong marks are another name; no marks may be any.
        let meant = if exact.is_empty() && text.is_ascii() {
            all.iter().map(|(_, at)| *at).collect()
        } else {
            exact
        };
        let name = ("name", text.chars().take(60).collect::<String>());
        match meant[..] {
            [one] => Ok(self.units.get(one).map(|(area, _)| area)),
            [] => Err(("reporting-target-sheet-no-area", vec![name])),
            _ => {
                let told = meant.iter().take(TOLD_MOST).filter_map(|at| self.units.get(*at));
                let told: Vec<&str> = told.map(|(_, title)| title.as_str()).collect();
                let all = format!(
                    "{}{}",
                    told.join("; "),
                    if meant.len() > TOLD_MOST { "; …" } else { "" }
                );
                Err(("reporting-target-sheet-which-area", vec![name, ("all", all)]))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::{clock::Day, ids::Id, scope::ScopePath};

    use super::*;

    fn area(id: &str, level: AreaLevel, kind: &str, name: &str, parent: Option<&str>) -> Area {
        let path = match parent {
            Some(parent) => format!("/vn/{parent}/{id}/"),
            None => format!("/vn/{id}/"),
        };
        Area {
            id: Id::from_text(id.to_owned()),
            level,
            code: None,
            name: name.to_owned(),
            full_name: format!("{kind} {name}"),
            area_type: if parent.is_some() {
                areas::AreaType::RuralCommune
            } else {
                areas::AreaType::Province
            },
            parent: Some(parent.map_or_else(AreaId::country, |id| Id::from_text(id.to_owned()))),
            path: ScopePath::parse(&path).unwrap(),
            from: Day::new(2025, 7, 1).unwrap(),
            until: Day::FOREVER,
        }
    }

    #[test]
    fn a_name_of_several_places_is_told_with_their_provinces_and_wrong_marks_are_another_name() {
        let provinces = vec![
            area("19", AreaLevel::Province, "tỉnh", "Thái Nguyên", None),
            area("44", AreaLevel::Province, "tỉnh", "Quảng Trị", None),
        ];
        let communes = vec![
            area("1", AreaLevel::Commune, "xã", "Tân Lập", Some("19")),
            area("2", AreaLevel::Commune, "xã", "Tân Lập", Some("44")),
            area("3", AreaLevel::Commune, "xã", "Tân An", Some("19")),
            area("4", AreaLevel::Commune, "xã", "Tân Ân", Some("19")),
        ];
        let mut places = Places::default();
        places.name(provinces, communes);
        let id = |text: &str| places.find(text).map(|found| found.map(|area| area.id.to_string()));
        let one =
            |text: &str, wanted: &str| assert_eq!(id(text), Ok(Some(wanted.to_owned())), "{text}");
        assert_eq!((id(""), id("Cả nước"), id("vn")), (Ok(None), Ok(None), Ok(None)));
        one("tinh thai nguyen", "19");
        one("Thái Nguyên", "19");
        one("Tân Lập, Quảng Trị", "2");
        one("xa tan lap tinh thai nguyen", "1");
        one("Xã Tân Ân", "4");
        let (key, args) = id("Xã Tân Lập").unwrap_err();
        assert_eq!(key, "reporting-target-sheet-which-area");
        assert_eq!(args[1].1, "Xã Tân Lập, tỉnh Thái Nguyên; Xã Tân Lập, tỉnh Quảng Trị");
        assert_eq!(id("tan an").unwrap_err().0, "reporting-target-sheet-which-area");
        assert_eq!(id("Xã Tấn Lấp").unwrap_err().0, "reporting-target-sheet-no-area");
    }
}
