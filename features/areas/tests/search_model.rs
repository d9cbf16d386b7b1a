//! The pure half of search: reading what was typed never panics and judges the same for every spelling.

use areas::model::{plan::index_words, search::Asked};
use kernel::text::fold;
use proptest::prelude::*;

#[test]
fn a_name_is_indexed_from_each_of_its_words_on() {
    let words =
        |name| index_words(&fold(name)).map(|(word, _)| word.to_owned()).collect::<Vec<_>>();
    assert_eq!(words("Bà Rịa - Vũng Tàu"), ["ba ria vung tau", "ria vung tau", "vung tau", "tau"]);
    assert_eq!(words("Cư M'gar"), ["cu mgar", "mgar"]);
    assert_eq!(words("12"), ["12"]);
    assert_eq!(words("🐈"), Vec::<String>::new());
}

#[test]
fn runs_of_words_hold_every_name_that_can_be_in_an_address() {
    let asked = Asked::read("Xã Lục Bình, H. Bạch Thông").expect("words");
    let runs = asked.runs();
    for name in ["luc binh", "bach thong", "xa luc binh h bach"] {
        assert!(runs.iter().any(|run| run == name), "{name}");
    }
    assert_eq!(asked.beginnings(), ["xa luc binh h bach thong", "luc binh h bach thong"]);
    assert_eq!(Asked::read("01969").expect("words").code(), Some("01969"));
    assert_eq!(Asked::read("019699").expect("words").code(), None);
    assert_eq!(Asked::read(" - , ; "), None);
}

proptest! {
    #[test]
    fn anything_typed_can_be_read(text in any::<String>()) {
        if let Some(asked) = Asked::read(&text) {
            prop_assert!(asked.runs().len() <= areas::model::search::RUNS_MAX);
            prop_assert!(asked.beginnings().iter().all(|start| !start.is_empty()));
            prop_assert!(!text.contains('\0') || asked.runs().iter().all(|run| !run.contains('\0')));
        }
    }
}
