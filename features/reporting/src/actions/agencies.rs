//! Agencies that carry the programme out, as reporting knows them. Who works there and what they did, identity knows;
//! the server's bridges put both together and count. What becomes of the count is `analysis::computed`'s.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{
    clock::{Day, Timestamp},
    db::Tx,
    problem::Outcome,
    scope::ScopePath,
};

use super::{CERTIFY, ENTER, REVIEW};
use crate::store::agencies as store;

/// What reporting knows of agencies within some days.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Units that owe a report for the last of the days.
    pub owing: BTreeSet<ScopePath>,
    /// Since when a reminder stood in the program for the people of a path.
    pub told: BTreeMap<ScopePath, Timestamp>,
    /// Units whose people signed or handed in a report at their own node.
    pub signed_elsewhere: BTreeSet<ScopePath>,
    /// Accounts whose letter or notification was taken by the other side.
    pub reached: BTreeSet<String>,
}

/// Reads it, for the days from the first until the second; units are those of `on`.
pub async fn known(tx: &mut Tx, on: Day, (from, until): (Day, Day)) -> Outcome<Known> {
    let told = store::told(tx, from, until).await?;
    Ok(Known {
        owing: store::owing(tx, on).await?.into_iter().collect(),
        told: told.into_iter().map(|one| (one.scope, one.at)).collect(),
        signed_elsewhere: store::signed_elsewhere(tx, from, until).await?.into_iter().collect(),
        reached: store::reached(tx, from, until).await?.into_iter().collect(),
    })
}

/// True for roles whose pages show reminders.
pub fn reads_reminders(role: &str) -> bool {
    [&ENTER, &CERTIFY, &REVIEW].iter().any(|one| one.roles.contains(&role))
}

/// The agency that works at a place: a commune for whatever lies in it, the ministry for the country.
pub fn agency_at(place: &ScopePath) -> ScopePath {
    let above = place.ancestors();
    match above.len() {
        0 | 1 => ScopePath::root().child(areas::AreaId::country().as_str()),
        _ => above.get(3).cloned().unwrap_or_else(|| place.clone()),
    }
}

/// The option of the dimension of tiers for whoever reports at a path: `/vn/` is the country, not the root above it.
pub fn tier_at(path: &ScopePath) -> &'static str {
    match path.ancestors().len() {
        0..=2 => "tw",
        3 => "tinh",
        _ => "xa",
    }
}

#[cfg(test)]
mod tests {
    use kernel::scope::ScopePath;

    use super::{agency_at, tier_at};

    #[test]
    fn the_tier_is_told_by_how_deep_a_unit_lies() {
        for (path, tier) in [
            ("/", "tw"),
            ("/vn/", "tw"),
            ("/vn/19.2025/", "tinh"),
            ("/vn/19.2025/01969.2025/", "xa"),
        ] {
            assert_eq!(tier_at(&ScopePath::parse(path).expect("a path")), tier, "{path}");
        }
    }

    #[test]
    fn whoever_works_within_a_commune_works_for_it() {
        for (place, agency) in [
            ("/", "/vn/"),
            ("/vn/", "/vn/"),
            ("/vn/19.2025/", "/vn/19.2025/"),
            ("/vn/19.2025/01969.2025/", "/vn/19.2025/01969.2025/"),
            ("/vn/19.2025/01969.2025/v1/", "/vn/19.2025/01969.2025/"),
        ] {
            let place = ScopePath::parse(place).expect("a path");
            assert_eq!(agency_at(&place).as_str(), agency);
        }
    }
}
