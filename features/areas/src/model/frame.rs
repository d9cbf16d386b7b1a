//! A whole tree of a day, how it is named in addresses and written out, and how two of them differ. Pure.

mod compare;
mod export;

use kernel::clock::Day;
use serde::Serialize;

pub use compare::{Change, Compared, Difference, Onward, Party, Summary, summaries};
pub use export::{Format, csv, geojson, rows};

/// A frame that this node has loaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KnownFrame {
    /// `2021`, `2024`, `2025-07`, `2026-09`.
    pub id: String,
    /// What people call it.
    pub label: String,
    /// The day it shows.
    pub as_of: Day,
    /// Where it was taken from.
    pub source: String,
    /// How many communes it has.
    pub communes: i64,
}

/// The day that a frame's name in an address means: its id, `today`, or a day from the first frame on.
/// None for anything else.
pub fn day_named(name: &str, frames: &[KnownFrame], today: Day) -> Option<Day> {
    if name == "today" {
        return Some(today);
    }
    if let Some(frame) = frames.iter().find(|frame| frame.id == name) {
        return Some(frame.as_of);
    }
    let first = frames.first()?.as_of;
    Day::parse(name).filter(|day| *day >= first && *day < Day::FOREVER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_named_by_id_by_today_or_by_a_day_that_the_data_reaches() {
        let day = |text| Day::parse(text).expect("a day");
        let frame = |id: &str, as_of| KnownFrame {
            id: id.to_owned(),
            label: String::new(),
            as_of: day(as_of),
            source: String::new(),
            communes: 1,
        };
        let frames = [frame("2021", "2021-01-01"), frame("2025-07", "2025-07-01")];
        let today = day("2026-11-22");
        let named = |name| day_named(name, &frames, today);
        assert_eq!(named("today"), Some(today));
        assert_eq!(named("2025-07"), Some(day("2025-07-01")));
        assert_eq!(named("2023-05-06"), Some(day("2023-05-06")));
        for wrong in ["2020-12-31", "9999-12-31", "2025", "", "../2021", "31/02/2025"] {
            assert_eq!(named(wrong), None, "{wrong}");
        }
        assert_eq!(day_named("2023-05-06", &[], today), None);
    }
}
