//! Tables as text (CSV) in the two dialects that leave this house: one for people with a Vietnamese spreadsheet, one for
//! programs. Readers take both.

use std::{borrow::Cow, io::Read};

/// How a table is written down as text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// For Excel in Vietnam: marked as UTF-8, semicolons, a comma before decimals.
    People,
    #[default]
    /// RFC 4180: no mark, commas, a point before decimals.
    Programs,
}

impl Dialect {
    /// What stands before everything else.
    pub const fn mark(self) -> &'static str {
        match self {
            Self::People => "\u{feff}",
            Self::Programs => "",
        }
    }

    const fn separator(self) -> u8 {
        match self {
            Self::People => b';',
            Self::Programs => b',',
        }
    }

    /// A writer of a whole table.
    pub fn writer(self) -> csv::Writer<Vec<u8>> {
        self.going_on(self.mark().as_bytes().to_vec())
    }

    /// A writer of lines that follow others.
    pub fn going_on(self, before: Vec<u8>) -> csv::Writer<Vec<u8>> {
        csv::WriterBuilder::new()
            .delimiter(self.separator())
            .terminator(csv::Terminator::CRLF)
            .flexible(true)
            .from_writer(before)
    }

    /// The dialect that a text is in, by its first line.
    pub fn of(text: &str) -> Self {
        let first = text.lines().next().unwrap_or_default();
        let count = |mark| first.matches(mark).count();
        if count(';') > count(',') { Self::People } else { Self::Programs }
    }

    /// A reader of a text in this dialect; headings are rows.
    pub fn reader<R: Read>(self, text: R) -> csv::Reader<R> {
        csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.separator())
            .from_reader(text)
    }

    /// A number as programs write it: people's have a comma before decimals. What is no number stays. None where
    /// people have a point between digits: it may divide thousands, and is not guessed.
    pub fn plain(self, text: &str) -> Option<Cow<'_, str>> {
        if self == Self::Programs {
            return Some(text.into());
        }
        let is_digit = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
        let between = |(at, _): (usize, &str)| at > 0 && is_digit(at - 1) && is_digit(at + 1);
        if text.match_indices('.').any(between) {
            return None;
        }
        let digits = text.strip_prefix('-').unwrap_or(text);
        let is_whole = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let is_number = digits.split_once(',').is_some_and(|(a, b)| is_whole(a) && is_whole(b));
        Some(if is_number { text.replace(',', ".").into() } else { text.into() })
    }
}

/// A text that a spreadsheet takes for text: what looks like a formula gets an apostrophe in front. Negative numbers stay
/// numbers, but only what is a number to its end: `-1+HYPERLINK(…)` begins like one.
pub fn harmless(text: &str) -> Cow<'_, str> {
    let is_formula =
        text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_negative_number(text);
    if is_formula { format!("'{text}").into() } else { text.into() }
}

/// A minus, then a digit, then nothing but digits and what stands between and behind them.
fn is_negative_number(text: &str) -> bool {
    let of_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | ' ' | '%');
    text.strip_prefix('-').is_some_and(|rest| {
        rest.starts_with(|c: char| c.is_ascii_digit()) && rest.chars().all(of_number)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(dialect: Dialect) -> String {
        let mut out = dialect.writer();
        out.write_record(["Xã Phủ Thông", "a;b,c"]).expect("written");
        out.write_record(["1"]).expect("written");
        String::from_utf8(out.into_inner().expect("whole")).expect("UTF-8")
    }

    #[test]
    fn each_dialect_has_its_mark_separator_and_line_ends() {
        assert_eq!(written(Dialect::People), "\u{feff}Xã Phủ Thông;\"a;b,c\"\r\n1\r\n");
        assert_eq!(written(Dialect::Programs), "Xã Phủ Thông,\"a;b,c\"\r\n1\r\n");
    }

    #[test]
    fn a_dialect_is_told_by_the_first_line() {
        for (text, dialect) in [
            ("a;b;c\r\n1,2;3;4", Dialect::People),
            ("x;202601;y;1,5", Dialect::People),
            ("a,b,c\n1;2,3,4", Dialect::Programs),
            ("", Dialect::Programs),
        ] {
            assert_eq!(Dialect::of(text), dialect, "{text}");
        }
    }

    #[test]
    fn a_comma_before_decimals_becomes_a_point() {
        let plain = |text| Dialect::People.plain(text).expect("it is clear").into_owned();
        assert_eq!(
            ["12,5", "-3,25", "198", "a,b", "1,2,3", "5.", ".5", ".", ",", ""].map(plain),
            ["12.5", "-3.25", "198", "a,b", "1,2,3", "5.", ".5", ".", ",", ""]
        );
        assert_eq!(Dialect::Programs.plain("12,5").as_deref(), Some("12,5"));
    }

    #[test]
    fn a_point_between_digits_of_people_is_not_guessed() {
        for text in ["1.234", "-1.234", "1.234,5", "12.5", "1.234.567", "1.5 người"] {
            assert_eq!(Dialect::People.plain(text), None, "{text}");
            assert_eq!(Dialect::Programs.plain(text).as_deref(), Some(text));
        }
    }

    #[test]
    fn nothing_becomes_a_formula_in_a_spreadsheet() {
        assert_eq!(harmless("=HYPERLINK(\"x\")"), "'=HYPERLINK(\"x\")");
        assert_eq!(harmless("-cmd"), "'-cmd");
        for payload in [
            "-2+3+cmd|' /C calc'!A0",
            "-1+HYPERLINK(\"x\")",
            "--1",
            "-",
            "+84912345678",
            "@SUM(1)",
            "\t=1",
            "\r=1",
            "-1\t+1",
            "-.5+1",
        ] {
            assert_eq!(harmless(payload), format!("'{payload}"));
        }
        for number in ["-12,5", "-7", "-1.234,5", "-1 234", "-5%", "-5 %"] {
            assert_eq!(harmless(number), number);
        }
        assert_eq!(harmless("Mất điện"), "Mất điện");
    }
}
