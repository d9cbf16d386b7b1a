//! The areas as other systems see them: three rungs (country, provinces, communes), each unit that ever was,
//! with its code of today and its DHIS2 id.

use std::collections::HashMap;

use areas::{Area, AreaId, AreaLevel};
use kernel::{clock::Day, db::Tx, problem::Outcome, scope::ScopePath};

use super::IdScheme;
use crate::model::exchange::{Kind, uid};

/// Where a unit stands in [`Directory::units`].
pub type UnitNo = usize;

/// A unit.
#[derive(Clone, Debug)]
pub struct Unit {
    /// The territory.
    pub id: AreaId,
    /// Its DHIS2 id.
    pub uid: String,
    /// Its statistical code of today; none for a unit that has ended.
    pub code: Option<String>,
    /// Its full name at the start of a line.
    pub name: String,
    /// Its bare name.
    pub short_name: String,
    /// 1 the country, 2 provinces, 3 communes.
    pub level: u8,
    /// Where it hangs, or hung last.
    pub path: ScopePath,
    /// The unit above it.
    pub parent: Option<UnitNo>,
    /// First day on which it is known to exist.
    pub from: Day,
    /// First day on which it no longer does.
    pub until: Day,
}

/// Every unit.
#[derive(Default)]
pub struct Directory {
    /// The units of today first, in the order of their places; then those that have ended.
    pub units: Vec<Unit>,
    /// How many exist today.
    pub living: usize,
    children: HashMap<UnitNo, Vec<UnitNo>>,
    by_uid: HashMap<String, UnitNo>,
    by_id: HashMap<AreaId, UnitNo>,
    by_code: HashMap<String, UnitNo>,
}

impl Directory {
    /// Reads it.
    pub async fn read(tx: &mut Tx) -> Outcome<Self> {
        let today = tx.now().day();
        let mut it = Self::default();
        let Some(country) = areas::find_at(tx, &AreaId::country(), today).await? else {
            return Ok(it);
        };
        let provinces = areas::children(tx, &country.id, today).await?;
        it.add(living(&country, 1, None));
        for province in provinces.iter().filter(|area| area.level == AreaLevel::Province) {
            let no = it.add(living(province, 2, Some(0)));
            for commune in areas::children(tx, &province.id, today).await? {
                if commune.level == AreaLevel::Commune {
                    it.add(living(&commune, 3, Some(no)));
                }
            }
        }
        it.living = it.units.len();
        let first = Day::new(1900, 1, 1).unwrap_or(today);
        for (level, rung) in [(AreaLevel::Province, 2), (AreaLevel::Commune, 3)] {
            for unit in
                areas::units_between(tx, level, &ScopePath::root(), first, today.plus_days(1))
                    .await?
            {
                if it.by_id.contains_key(&unit.id) {
                    continue;
                }
                let above = unit.path.ancestors().into_iter().nth(2);
                let above = above.and_then(|path| AreaId::parse(path.last()?));
                let parent = above.and_then(|id| it.by_id.get(&id).copied()).filter(|_| rung == 3);
                let name = areas_title(&unit.full_name);
                it.add(Unit {
                    uid: uid(Kind::Unit, unit.id.as_str()),
                    code: None,
                    short_name: name.clone(),
                    name,
                    level: rung,
                    parent: parent.or(Some(0)),
                    path: unit.path,
                    from: unit.from,
                    until: unit.until,
                    id: unit.id,
                });
            }
        }
        Ok(it)
    }

    fn add(&mut self, unit: Unit) -> UnitNo {
        let no = self.units.len();
        self.by_uid.insert(unit.uid.clone(), no);
        self.by_id.insert(unit.id.clone(), no);
        if let Some(code) = &unit.code {
            self.by_code.insert(code.clone(), no);
        }
        if let Some(parent) = unit.parent {
            self.children.entry(parent).or_default().push(no);
        }
        self.units.push(unit);
        no
    }

    /// A unit by what a message calls it. Our own ids are understood too, whatever the scheme.
    pub fn find(&self, name: &str, scheme: IdScheme) -> Option<UnitNo> {
        let own = || self.by_id.get(&AreaId::parse(name)?).copied();
        let found = match scheme {
            IdScheme::Uid => self.by_uid.get(name).copied(),
            IdScheme::Code => self.by_code.get(name).copied(),
            // Names are not unique: only one that is here once names a unit.
            IdScheme::Name => {
                let mut all = (0..self.living).filter(|no| self.units[*no].name == name);
                all.next().filter(|_| all.next().is_none())
            }
        };
        found.or_else(own)
    }

    /// A unit by its own id.
    pub fn of_area(&self, id: &AreaId) -> Option<UnitNo> {
        self.by_id.get(id).copied()
    }

    /// The units directly below one that exist today.
    pub fn children(&self, no: UnitNo) -> impl Iterator<Item = UnitNo> + '_ {
        let all = self.children.get(&no).map_or(&[][..], Vec::as_slice);
        all.iter().copied().filter(|no| *no < self.living)
    }

    /// Everything above a unit, the country first.
    pub fn above(&self, no: UnitNo) -> Vec<UnitNo> {
        let mut all: Vec<UnitNo> =
            std::iter::successors(self.units[no].parent, |at| self.units[*at].parent)
                .take(4)
                .collect();
        all.reverse();
        all
    }

    /// DHIS2's path: the ids from the country down.
    pub fn path(&self, no: UnitNo) -> String {
        let all = self.above(no).into_iter().chain([no]);
        all.flat_map(|at| ["/", self.units[at].uid.as_str()]).collect()
    }
}

fn living(area: &Area, level: u8, parent: Option<UnitNo>) -> Unit {
    Unit {
        id: area.id.clone(),
        uid: uid(Kind::Unit, area.id.as_str()),
        code: area.code.clone(),
        name: area.title(),
        short_name: area.name.clone(),
        level,
        path: area.path.clone(),
        parent,
        from: area.from,
        until: area.until,
    }
}

fn areas_title(full_name: &str) -> String {
    let mut letters = full_name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
