//! What other houses hear when the map changes, so that whatever hangs on a unit follows it: authority,
//! rosters, points, obligations. How a decree is planned and written is not here.

use kernel::{clock::Day, events::Event, scope::ScopePath};
use serde::{Deserialize, Serialize};

use super::{AreaEventId, AreaId};

/// One unit at the end of a step: which territory, and where it hangs from that day on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heir {
    /// The territory.
    pub unit: AreaId,
    /// Its path from the day of the event on.
    pub path: ScopePath,
}

/// What became of one path of the tree.
///
/// Steps of one [`Succeeded`] are told with the whole effect of its event: `from_path` is the path before,
/// the heirs' paths are those after. Something stored under a longer path (a village, a roster entry of
/// one) follows the step with the longest `from_path` that contains it: the rest of its path stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The territory that ended, or was given another place in the tree.
    pub from: AreaId,
    /// Its path until the day of the event.
    pub from_path: ScopePath,
    /// Where its people, papers and powers go: one heir when it went whole (itself, when only its
    /// parent changed), several when it was divided, none when it was abolished.
    pub heirs: Vec<Heir>,
}

impl Step {
    /// The single heir of a unit that went whole.
    pub fn whole(&self) -> Option<&Heir> {
        match self.heirs.as_slice() {
            [heir] => Some(heir),
            _ => None,
        }
    }

    /// Where something stored under `path` hangs afterwards, when the unit above it went whole.
    pub fn moved(&self, path: &ScopePath) -> Option<ScopePath> {
        let heir = self.whole()?;
        let rest = path.as_str().strip_prefix(self.from_path.as_str())?;
        ScopePath::parse(&format!("{}{rest}", heir.path.as_str()))
    }
}

/// An event of the map has taken effect: told once, on its day or, when it was recorded late, at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Succeeded {
    /// The event.
    pub event: AreaEventId,
    /// The instrument, as cited.
    pub instrument: String,
    /// The first day on which the new order holds.
    pub effective_on: Day,
    /// What became of what, the longest `from_path` first.
    pub steps: Vec<Step>,
}

impl Event for Succeeded {
    const KIND: &'static str = "areas.succeeded";
}

/// A decree that had taken effect was undone: the steps are those to go back, heirs and sources exchanged.
/// What followed from [`Succeeded`] by itself is taken back by the event's id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsucceeded {
    /// The event that is no more.
    pub event: AreaEventId,
    /// The same steps that were told with it.
    pub steps: Vec<Step>,
}

impl Event for Unsucceeded {
    const KIND: &'static str = "areas.unsucceeded";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_below_a_whole_unit_follows_it_and_nothing_else_does() {
        let path = |text| ScopePath::parse(text).expect("a path");
        let heir =
            Heir { unit: kernel::ids::Id::from_text("b".to_owned()), path: path("/vn/9/b/") };
        let mut step = Step {
            from: kernel::ids::Id::from_text("a".to_owned()),
            from_path: path("/vn/1/a/"),
            heirs: vec![heir.clone()],
        };
        assert_eq!(step.moved(&path("/vn/1/a/v1/")), Some(path("/vn/9/b/v1/")));
        assert_eq!(step.moved(&path("/vn/1/")), None);
        step.heirs.push(heir);
        assert_eq!(step.moved(&path("/vn/1/a/")), None);
    }
}
