//! Names for the codes that the fields of a draft hold, as pages say them.

use std::collections::BTreeMap;

use areas::AreaId;
use kernel::{db::Tx, problem::Outcome};

use crate::store::reference;

/// Names by field and code.
pub(super) struct FieldNames(BTreeMap<&'static str, BTreeMap<String, String>>);

impl FieldNames {
    /// Every name that reference data knows today, and those of these areas.
    pub(super) async fn load(tx: &mut Tx, area_ids: &[String]) -> Outcome<Self> {
        let kinds = reference::kinds(tx).await?.into_iter().map(|one| (one.code, one.name));
        let themes = reference::themes(tx).await?.into_iter().map(|one| (one.code, one.name));
        let audiences = reference::audiences(tx).await?.into_iter().map(|one| (one.code, one.name));
        let languages = reference::languages(tx).await?.into_iter().map(|one| (one.tag, one.name));
        let mut names = BTreeMap::from([
            ("kind", kinds.collect()),
            ("themes", themes.collect()),
            ("audiences", audiences.collect()),
            ("languages", languages.collect()),
        ]);
        let mut places = BTreeMap::new();
        for id in area_ids.iter().filter_map(|id| AreaId::parse(id)) {
            let area = areas::find(tx, &id).await?;
            places.extend(area.map(|area| (id.to_string(), area.full_name)));
        }
        names.insert("areas", places);
        Ok(Self(names))
    }

    /// What a field's value is called: its name, or itself where it is no code.
    pub(super) fn of<'a>(&'a self, field: &str, value: &'a str) -> &'a str {
        self.0.get(field).and_then(|names| names.get(value)).map_or(value, String::as_str)
    }
}
