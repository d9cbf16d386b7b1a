//! Reading amounts as officials type them. Numbers are in Vietnamese notation, dots between thousands and a
//! comma before decimals; what is written otherwise is refused with the readings it could have had.

use areas::view::{Decimal, Notation};
use kernel::text::fold;
use unicode_normalization::UnicodeNormalization;

use super::{
    AMOUNT_MAX,
    digits::{Misread, comma_is_clear, read_number, too_fine, too_many_decimals},
    offer::offered,
    unit::{Unit, rescaled},
    worth::worth,
};

/// An amount that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read {
    /// In the cell's unit, with its decimals.
    pub amount: i64,
    /// True when words said another unit or scale than the cell's: `2,5 tỷ` where millions are asked for. The
    /// page then shows what became of it.
    pub restated: bool,
}

/// Why a text is no amount: words for the person who typed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmountProblem {
    /// Fluent key of the words: `reporting-amount-…`.
    pub key: &'static str,
    /// Arguments of the words; `text` is always what was typed, shortened.
    pub args: Vec<(&'static str, String)>,
}

impl AmountProblem {
    pub(super) fn new(key: &'static str, typed: &str) -> Self {
        let text: String = typed.trim().chars().take(SHOWN_MAX).collect();
        Self { key, args: vec![("text", text)] }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.args.push((name, value.into()));
        self
    }

    /// The same problem, told of what another was found in.
    pub(super) fn about(mut self, found: &Self) -> Self {
        for arg in self.args.iter_mut().filter(|arg| arg.0 == "text") {
            found.arg("text").unwrap_or_default().clone_into(&mut arg.1);
        }
        self
    }

    /// An argument of the words.
    pub fn arg(&self, name: &str) -> Option<&str> {
        self.args.iter().find(|arg| arg.0 == name).map(|arg| arg.1.as_str())
    }
}

/// Longer texts are no figures.
const TEXT_MAX: usize = 120;
/// So much of a wrong text is shown again.
const SHOWN_MAX: usize = 40;
/// *Không phát sinh*, as typed or as tables draw it.
const NIL: [&str; 8] =
    ["-", "–", "—", "\u{2212}", "khong", "khong co", "khong phat sinh", "khong ps"];
/// *Không có số liệu*, as statistical tables write it.
const NO_DATA: [&str; 3] = ["...", "..", "khong co so lieu"];

/// Reads what stands in a cell for amounts in `of`, of which so many decimals are kept. The unit, another of
/// its kind, or a scale may follow the number: `306.105 triệu`, `2,5 tỷ`, `98 %`, `1,2 nghìn người`. A problem
/// offers only readings that the same cell takes.
pub fn read_amount(typed: &str, of: &Unit, decimals: u32) -> Result<Read, AmountProblem> {
    let read = |text: &str| understood(text, of, decimals);
    read(typed).map_err(|wrong| offered(wrong, read))
}

/// The same, with every reading that the text may have had, whether the cell takes it or not.
fn understood(typed: &str, of: &Unit, decimals: u32) -> Result<Read, AmountProblem> {
    let wrong = |key| AmountProblem::new(key, typed);
    let text = plain_characters(typed).ok_or_else(|| wrong("reporting-amount-not-number"))?;
    if let Some(key) = known_otherwise(&text) {
        return Err(wrong(key));
    }
    let (negative, unsigned) = sign(&text);
    let end = unsigned.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',' | ' ')));
    let (number, words) = unsigned.split_at(end.unwrap_or(unsigned.len()));
    let number = number.trim_end();
    if !number.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(wrong("reporting-amount-not-number"));
    }
    let worth = worth(words, of).map_err(|unknown| unknown.told(typed, of))?;
    let restated = worth.is_some();
    let behind = &unsigned[number.len()..];
    let told = |misread: Misread| misread.told(typed, behind, of, decimals);
    let value = read_number(number, negative).map_err(told)?;
    let number = if negative { format!("-{number}") } else { number.to_owned() };
    comma_is_clear(&number, decimals, restated).map_err(told)?;
    let scaled = rescaled(value.0, value.1, worth.unwrap_or((1, 1)), decimals)
        .map_err(|_| told(Misread::TooLarge))?;
    let amount = scaled.ok_or_else(|| told(too_fine(&number, restated)))?;
    Ok(Read { amount, restated })
}

/// Reads a number as programs and spreadsheets store it, `1234.5`; the noise of binary arithmetic after ten
/// decimals is rounded away.
pub fn read_plain(text: &str, decimals: u32) -> Result<i64, AmountProblem> {
    let wrong = |key| AmountProblem::new(key, text);
    let value = Decimal::parse(text, Notation::Plain)
        .filter(|_| !text.trim().contains(|c: char| c == ',' || c.is_whitespace()))
        .ok_or_else(|| wrong("reporting-amount-not-number"))?;
    if value.decimals() > decimals {
        return Err(too_many_decimals(text, decimals));
    }
    let amount = value.at_scale(decimals).and_then(|amount| i64::try_from(amount).ok());
    amount
        .filter(|amount| (-AMOUNT_MAX..=AMOUNT_MAX).contains(amount))
        .ok_or_else(|| wrong("reporting-amount-too-large"))
}

/// Full-width forms made plain, spaces of every width one space. None for digits that stand for something
/// else (`10²`, `①`, other scripts) and for lines below each other.
fn plain_characters(typed: &str) -> Option<String> {
    let typed = typed.trim();
    let mut before = ' ';
    for c in typed.chars() {
        let power = matches!(c, '²' | '³') && before.is_alphabetic();
        let full_width = ('\u{ff10}'..='\u{ff19}').contains(&c);
        if c.is_control() || (c.is_numeric() && !c.is_ascii_digit() && !full_width && !power) {
            return None;
        }
        before = c;
    }
    let text: String = typed.nfkc().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    (text.chars().count() <= TEXT_MAX).then(|| text.trim().to_owned())
}

/// What is typed into cells for figures and is none, although it has a meaning.
fn known_otherwise(text: &str) -> Option<&'static str> {
    let folded = fold(text);
    if text.is_empty() {
        Some("reporting-amount-empty")
    } else if text.starts_with('=') || is_sum(text) {
        Some("reporting-amount-formula")
    } else if NO_DATA.contains(&text) || NO_DATA.contains(&folded.as_str()) {
        Some("reporting-amount-no-data")
    } else if NIL.contains(&text) || NIL.contains(&folded.as_str()) {
        Some("reporting-amount-nil")
    } else if is_date(text) {
        Some("reporting-amount-date")
    } else if is_range(text) {
        Some("reporting-amount-range")
    } else {
        None
    }
}

/// Digits on both sides of `+`, `*`, `×`, `^` or `:`.
fn is_sum(text: &str) -> bool {
    let mut parts = text.split(['+', '*', '×', '^']);
    parts.next().is_some_and(|first| first.contains(|c: char| c.is_ascii_digit()))
        && parts.any(|part| part.trim_start().starts_with(|c: char| c.is_ascii_digit()))
}

/// `12/5/2026`, `12/5`, `2026-11-22`, `12-5-2026`, `12.5.2026`; a fraction cannot be told from `12/5`.
fn is_date(text: &str) -> bool {
    let numbers = |mark: char| {
        let parts: Vec<&str> = text.split(mark).map(str::trim).collect();
        let digits = |part: &&str| {
            (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        parts.iter().all(digits).then(|| parts.iter().map(|part| part.len()).collect::<Vec<_>>())
    };
    let of = |mark| numbers(mark).unwrap_or_default();
    matches!(of('/')[..], [_, _] | [_, _, _])
        || of('-').len() == 3
        || matches!(of('.')[..], [1 | 2, 1 | 2, 2 | 4])
}

/// `3-5`, `3 – 5`.
fn is_range(text: &str) -> bool {
    let mut ends = text.splitn(2, ['-', '–', '—', '~']).map(str::trim);
    let digit = |c: char| c.is_ascii_digit();
    ends.next().is_some_and(|low| low.ends_with(digit))
        && ends.next().is_some_and(|high| high.starts_with(digit))
}

/// The sign, and what stands right behind it: `- 5` may be an item of a list.
fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix(['-', '\u{2212}', '–']) {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::{print_amount, unit, units},
        *,
    };

    fn of(code: &str) -> &'static Unit {
        unit(code).unwrap()
    }

    #[test]
    fn a_problem_shows_only_the_beginning_of_what_was_typed() {
        let long = "nhiều ".repeat(1_000);
        let problem = read_amount(&long, of("ho"), 0).unwrap_err();
        assert!(problem.arg("text").unwrap().chars().count() <= SHOWN_MAX);
        assert_eq!(problem.key, "reporting-amount-not-number");
    }

    #[test]
    fn numbers_of_programs_are_read_as_programs_write_them() {
        assert_eq!(read_plain("1234.5", 2), Ok(123_450));
        assert_eq!(read_plain("0.30000000000000004", 1), Ok(3));
        assert_eq!(read_plain("-7", 0), Ok(-7));
        for wrong in ["1.5", "1,234", "1 234", "", "1e3", "1000000000000000", "NaN"] {
            assert!(read_plain(wrong, 0).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_problem_has_words_in_both_languages() {
        let ours = include_str!("read.rs").split("mod tests").next().unwrap();
        let sources =
            [ours, include_str!("digits.rs"), include_str!("offer.rs"), include_str!("worth.rs")];
        let keys: Vec<&str> = sources
            .iter()
            .flat_map(|source| source.split('"'))
            .filter(|text| text.starts_with("reporting-amount-") && text.is_ascii())
            .collect();
        assert!(keys.len() > 14);
        for locale in crate::module().locales {
            for key in &keys {
                assert!(locale.text.contains(&format!("\n{key} = ")), "{}: {key}", locale.name);
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_as_the_same(
            amount in -AMOUNT_MAX..=AMOUNT_MAX, decimals in 0_u32..=6,
            of in proptest::sample::select(units()),
        ) {
            let printed = print_amount(amount, decimals);
            let plain = Read { amount, restated: false };
            prop_assert_eq!(read_amount(&printed, &of, decimals), Ok(plain));
            let with_unit = format!("{printed} {}", of.name);
            prop_assert_eq!(read_amount(&with_unit, &of, decimals), Ok(plain));
            let spaced = printed.replace('.', "\u{a0}");
            prop_assert_eq!(read_amount(&spaced, &of, decimals), Ok(plain));
        }

        #[test]
        fn what_is_typed_in_another_scale_is_worth_the_same(millions in -9_999_999_i64..=9_999_999) {
            let typed = format!("{} tỷ", print_amount(millions, 3));
            let read = read_amount(&typed, of("trieu-dong"), 0).unwrap();
            prop_assert_eq!(read, Read { amount: millions, restated: true });
        }

        #[test]
        fn what_is_offered_is_taken_and_keeps_the_words_behind_the_number(
            number in "-?[0-9]{1,4}([.,][0-9]{1,4}){0,2}",
            words in "( ?(nghìn|triệu|tỷ|nghìn tỷ|đồng|ha|%|hộ))?", decimals in 0_u32..=6,
            of in proptest::sample::select(units()),
        ) {
            let typed = format!("{number}{words}");
            if let Err(problem) = read_amount(&typed, &of, decimals) {
                for offered in ["one", "other"].into_iter().filter_map(|name| problem.arg(name)) {
                    prop_assert!(read_amount(offered, &of, decimals).is_ok(), "{problem:?}");
                    prop_assert!(offered.ends_with(&words), "{problem:?}");
                }
            }
        }

        #[test]
        fn any_text_is_an_amount_within_bounds_or_a_problem(
            text: String, typed in "[-+=]?[0-9., ]{0,12}(triệu|tỷ|đ|%|ha| )?", decimals in 0_u32..=6,
            of in proptest::sample::select(units()),
        ) {
            for text in [text, typed] {
                match read_amount(&text, &of, decimals) {
                    Ok(read) => prop_assert!((-AMOUNT_MAX..=AMOUNT_MAX).contains(&read.amount)),
                    Err(problem) => prop_assert!(problem.arg("text").is_some()),
                }
                let _ = read_plain(&text, decimals);
            }
        }
    }
}
