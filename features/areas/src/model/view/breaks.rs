//! Codes that kept their name and changed their territory: the splice that other systems make silently.

use std::collections::HashMap;

use serde::Serialize;

use super::{AreaId, Place};

/// A code and full name that mean one territory on one day and another on the other. Two series under it
/// must not be joined without a mark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Break {
    /// The code of both.
    pub code: String,
    /// The full name of both.
    pub full_name: String,
    /// The territory of the first day.
    pub before: AreaId,
    /// The territory of the second.
    pub after: AreaId,
}

/// Every such pair between two days, by code.
pub fn breaks(before: &[Place], after: &[Place]) -> Vec<Break> {
    let named: HashMap<(&str, &str), &Place> = before
        .iter()
        .filter_map(|place| Some(((place.code.as_deref()?, place.full_name.as_str()), place)))
        .collect();
    let mut found: Vec<Break> = after
        .iter()
        .filter_map(|place| {
            let code = place.code.as_deref()?;
            let old = named.get(&(code, place.full_name.as_str()))?;
            (old.id != place.id && old.level == place.level).then(|| Break {
                code: code.to_owned(),
                full_name: place.full_name.clone(),
                before: old.id.clone(),
                after: place.id.clone(),
            })
        })
        .collect();
    found.sort_by(|one, other| one.code.cmp(&other.code));
    found
}
