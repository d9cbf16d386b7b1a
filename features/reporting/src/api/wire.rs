//! Sets of figures in the formats of DHIS2: JSON, CSV, its XML (DXF 2) and ADX (IHE QRPH). Reading gives the
//! lines of a message with their names as they stand; nothing is looked up here.

pub(super) mod adx;
pub(super) mod csv;
pub(super) mod dxf;
pub(super) mod json;
pub(super) mod xml;

use kernel::problem::{Failure, Problem};

use crate::{
    actions::exchange::{UNREADABLE, import::Line},
    model::table_text::Dialect,
};

/// Most figures in one message.
pub(super) const LINES_MOST: usize = 200_000;

/// A message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Message {
    /// The data set it speaks of as a whole; empty when it names none.
    pub dataset: String,
    /// The period.
    pub period: String,
    /// The area.
    pub unit: String,
    /// True when it says that the report is complete.
    pub is_complete: bool,
    /// Its figures.
    pub lines: Vec<Line>,
    /// By what it says it names things: data elements, areas, everything. Empty for what it does not say.
    pub schemes: [String; 3],
    /// How its numbers are written.
    pub dialect: Dialect,
}

impl Message {
    /// Fills in what the whole message says where a line says nothing.
    fn settle(mut self, attribute: &str) -> Self {
        let or = |own: &mut String, whole: &str| {
            if own.is_empty() {
                whole.clone_into(own);
            }
        };
        for line in &mut self.lines {
            or(&mut line.dataset, &self.dataset);
            or(&mut line.period, &self.period);
            or(&mut line.unit, &self.unit);
            or(&mut line.attribute, attribute);
        }
        self
    }
}

/// What cannot be read, with where.
fn unreadable(what: impl Into<String>) -> Failure {
    let what: String = what.into();
    Problem::of(&UNREADABLE).with("what", what.chars().take(200).collect::<String>()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn message() -> Message {
        let line = |element: &str, value: &str, comment: &str| Line {
            dataset: "diem-ho-tro".to_owned(),
            element: element.to_owned(),
            period: "2026-09-15/P3M".to_owned(),
            unit: "01969.2025".to_owned(),
            combo: if element == "10.6" { "gt=nu".to_owned() } else { String::new() },
            attribute: String::new(),
            value: value.to_owned(),
            comment: comment.to_owned(),
            deleted: false,
        };
        Message {
            dataset: "diem-ho-tro".to_owned(),
            period: "2026-09-15/P3M".to_owned(),
            unit: "01969.2025".to_owned(),
            lines: vec![
                line("10.6", "198", ""),
                line("10.5b", "0", "[nil] Không có, \"thật\" <đấy>"),
                line("10.3a", "", "[no-data] Trạm & máy hỏng"),
            ],
            ..Message::default()
        }
    }

    #[test]
    fn the_four_formats_carry_the_same_figures() {
        let all = message();
        let json = json::read(json::write(&all.lines).to_string().as_bytes()).expect("json");
        assert_eq!(json.lines, all.lines);
        assert_eq!(csv::read(csv::write(&all.lines).as_bytes()).expect("csv").lines, all.lines);
        assert_eq!(dxf::read(&dxf::write(&all.lines)).expect("xml").lines, all.lines);
        assert_eq!(
            adx::read(&adx::write(&all.lines, "2026-11-22T00:00:00Z")).expect("adx").lines,
            all.lines
        );
    }

    #[test]
    fn entities_of_a_document_type_are_refused() {
        let bomb = "<!DOCTYPE d [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]>\
                    <dataValueSet xmlns=\"http://dhis2.org/schema/dxf/2.0\"><dataValue value=\"&b;\"/></dataValueSet>";
        assert!(dxf::read(bomb).is_err() && adx::read(bomb).is_err());
        assert!(dxf::read("<dataValueSet><dataValue value=\"&b;\"/></dataValueSet>").is_err());
    }

    proptest! {
        #[test]
        fn nothing_that_is_sent_makes_a_reader_fail_otherwise_than_by_saying_so(text in ".{0,300}", bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            for text in [text.clone(), format!("<adx xmlns=\"urn:ihe:qrph:adx:2015\">{text}</adx>"), format!("{{\"dataValues\":[{text}]}}")] {
                let _ = (json::read(text.as_bytes()), csv::read(text.as_bytes()), dxf::read(&text), adx::read(&text));
            }
            let _ = (json::read(&bytes), csv::read(&bytes));
        }

        #[test]
        fn figures_come_back_from_every_format(value in "-?[0-9]{1,9}(\\.[0-9]{1,2})?", comment in "[a-zA-ZđêếộĂ<>&\"' ,;]{0,40}") {
            let comment = comment.trim().to_owned();
            let mut all = message();
            all.lines[0].value = value;
            all.lines[1].comment = comment;
            prop_assert_eq!(&csv::read(csv::write(&all.lines).as_bytes()).expect("csv").lines, &all.lines);
            prop_assert_eq!(&dxf::read(&dxf::write(&all.lines)).expect("xml").lines, &all.lines);
            prop_assert_eq!(&adx::read(&adx::write(&all.lines, "2026-11-22T00:00:00Z")).expect("adx").lines, &all.lines);
        }
    }
}
