//! Vietnamese text: normal form, folding for search, sort keys, slugs.
//!
//! Both engines get Vietnamese wrong (`lower('ĐẮK')`, `unicode61` and đ, C-locale order), so text is
//! folded here and the results are stored in columns of their own. `đ` has no canonical decomposition:
//! every "remove accents" in the world misses it.

use std::fmt::Write;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Text as we store it: NFC, ends trimmed, runs of spaces and control characters folded to one space.
///
/// Line feeds are kept in long text ([`tidy_lines`]); here they become spaces too. NUL never survives,
/// since PostgreSQL cannot hold it.
pub fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfc() {
        let c = if c.is_control() || c.is_whitespace() || is_invisible(c) { ' ' } else { c };
        if c != ' ' || !(out.is_empty() || out.ends_with(' ')) {
            out.push(c);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Like [`tidy`], line by line: keeps paragraphs, drops carriage returns and trailing spaces.
pub fn tidy_lines(text: &str) -> String {
    let nfc: String = text.nfc().filter(|c| *c == '\n' || *c == '\t' || !c.is_control()).collect();
    let lines: Vec<&str> = nfc.split('\n').map(str::trim_end).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

/// Direction overrides and zero-width marks hide text from the person who approves it.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Text for searching: no marks, lower case, `đ`→`d`, punctuation to spaces.
///
/// `fold("Đắk Lắk") == "dak lak"`, `fold("330/QĐ-UBDT") == "330 qd ubdt"`. Folding twice changes nothing.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let bare = text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    for c in bare.nfd().filter(|c| !is_combining_mark(*c)) {
        let c = match c {
            'đ' | 'ð' => 'd',
            'ƀ' => 'b',
            'ł' => 'l',
            'ı' => 'i',
            c if c.is_alphanumeric() => c,
            // Apostrophes sit inside names (H'Mông, H'Hen): joined, not split.
            '\'' | '’' | 'ʼ' => continue,
            _ => ' ',
        };
        if c != ' ' || !(out.is_empty() || out.ends_with(' ')) {
            out.push(c);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// The five written tones after the level one, in dictionary order: huyền, hỏi, ngã, sắc, nặng.
const TONES: [char; 5] = ['\u{300}', '\u{309}', '\u{303}', '\u{301}', '\u{323}'];
/// The alphabet in dictionary order; other letters of the highlands stand beside their Latin base.
const ALPHABET: &str = "aăâbƀcčdđeĕêfghiĭjklmnñoŏôơpqrstuŭưvwxyz";

/// Text for sorting by plain byte order: letters in Vietnamese dictionary order (CLDR `vi`), tones only
/// as a tie-break over the whole text, digits before letters and by value.
///
/// The result is ASCII, so every engine and every collation agrees on it.
pub fn sort_key(text: &str) -> String {
    let mut letters = String::new();
    let mut tones = String::new();
    let mut number = String::new();
    let lower: String = text.to_lowercase().nfc().collect();
    for c in lower.chars() {
        if let Some(digit) = c.to_digit(10) {
            number.push(char::from(b'0' + u8::try_from(digit).unwrap_or(0)));
            continue;
        }
        flush_number(&mut number, &mut letters);
        let (letter, tone) = split_tone(c);
        let Some(letter) = letter else { continue };
        if let Some(at) = ALPHABET.chars().position(|known| known == letter) {
            letters.push(char::from(b'A' + u8::try_from(at).unwrap_or(57)));
            tones.push(char::from(b'0' + tone));
        } else if letter.is_whitespace() || letter.is_ascii_punctuation() {
            if !letters.ends_with(' ') {
                letters.push(' ');
            }
        } else {
            // Other scripts sort after Latin, by code point.
            let _ = write!(letters, "~{:06x}", u32::from(letter));
        }
    }
    flush_number(&mut number, &mut letters);
    format!("{}!{tones}", letters.trim())
}

/// Numbers compare by value: their length first, then their digits.
fn flush_number(number: &mut String, key: &mut String) {
    let digits = number.trim_start_matches('0');
    if !number.is_empty() {
        let length = char::from(b'0' + u8::try_from(digits.len().min(9)).unwrap_or(9));
        key.push(length);
        key.push_str(digits);
        number.clear();
    }
}

/// Splits a letter into its base as the alphabet knows it (ă, â, đ, ê, ô, ơ, ư kept) and its tone.
/// A lone combining mark gives no letter.
fn split_tone(c: char) -> (Option<char>, u8) {
    let mut tone = 0;
    let mut rest = String::new();
    for part in std::iter::once(c).nfd() {
        match TONES.iter().position(|mark| *mark == part) {
            Some(at) => tone = u8::try_from(at + 1).unwrap_or(0),
            None => rest.push(part),
        }
    }
    let letter = rest.nfc().next().filter(|letter| !is_combining_mark(*letter));
    (letter, tone)
}

/// A name for a URL: `Hỗ trợ nước sinh hoạt` → `ho-tro-nuoc-sinh-hoat`, at most `limit` bytes.
pub fn slug(text: &str, limit: usize) -> String {
    let mut out = String::new();
    for word in fold(text).split(' ') {
        let word: String = word.chars().filter(char::is_ascii_alphanumeric).collect();
        if word.is_empty() || out.len() + word.len() + 1 > limit {
            continue;
        }
        if !out.is_empty() {
            out.push('-');
        }
        out.push_str(&word);
    }
    if out.is_empty() { "tin".to_owned() } else { out }
}

/// Compares two spellings of one name: other tone placement (Hoà/Hòa), other Unicode form, other case.
pub fn same_name(one: &str, other: &str) -> bool {
    sounds(one) == sounds(other)
}

/// Lower-case letters with the tone of each syllable told once at its end, wherever it was written: the same for
/// spellings of one name, to look it up among many.
pub fn sounds(text: &str) -> String {
    let lower: String = tidy(text).to_lowercase();
    let syllables = lower.split(|c: char| !c.is_alphanumeric() && !is_combining_mark(c));
    let spelt = syllables.filter(|s| !s.is_empty()).map(|syllable| {
        let mut tone = 0;
        let mut letters = String::new();
        for c in syllable.nfc() {
            let (letter, mark) = split_tone(c);
            letters.extend(letter);
            tone = tone.max(mark);
        }
        format!("{letters}{tone}")
    });
    spelt.collect::<Vec<_>>().join(" ")
}

/// `1250000` → `1.250.000`.
pub fn thousands(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('.');
        }
        out.push(digit);
    }
    if number < 0 { format!("-{out}") } else { out }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn folding_knows_the_letters_that_libraries_miss() {
        let folded = [
            ("Đắk Lắk", "dak lak"),
            ("ĐẮK", "dak"),
            ("Điện Biên", "dien bien"),
            ("330/QĐ-UBDT", "330 qd ubdt"),
            ("Ƀuôn Ama Thuột", "buon ama thuot"),
            ("Čư̆ M'gar", "cu mgar"),
            ("H’Hen Niê", "hhen nie"),
            ("  Hoà   Bình ", "hoa binh"),
        ];
        for (text, expected) in folded {
            assert_eq!(fold(text), expected);
            let nfd: String = text.nfd().collect();
            assert_eq!(fold(&nfd), expected, "NFD of {text}");
        }
    }

    #[test]
    fn sorting_follows_the_vietnamese_dictionary() {
        // The order PostgreSQL gives with ICU's vi collation.
        let expected = [
            "An", "Ánh", "Ăn", "Âu", "ba", "bà", "bả", "bã", "bá", "bạ", "Bình", "Cường", "Dũng",
            "Dương", "Đạt", "Đức", "Em",
        ];
        let mut sorted = expected.to_vec();
        sorted.reverse();
        sorted.sort_by_key(|word| sort_key(word));
        assert_eq!(sorted, expected);
    }

    #[test]
    fn numbers_in_names_sort_by_value() {
        let mut names = ["Phường 10", "Phường 2", "Phường 1", "Phường 02b"];
        names.sort_by_key(|name| sort_key(name));
        assert_eq!(names, ["Phường 1", "Phường 2", "Phường 02b", "Phường 10"]);
    }

    #[test]
    fn tone_placement_and_unicode_form_do_not_make_another_name() {
        assert!(same_name("Hoà Bình", "Hòa Bình"));
        assert!(same_name("Thuỷ", "Thủy"));
        assert!(same_name("Hòa", &"Hoà".nfd().collect::<String>()));
        assert!(!same_name("Hoa", "Hoà") && !same_name("Đông", "Dông"));
    }

    #[test]
    fn slugs_are_plain_and_never_empty() {
        assert_eq!(slug("Hỗ trợ nước sinh hoạt: ai được?", 40), "ho-tro-nuoc-sinh-hoat-ai-duoc");
        assert_eq!(slug("ꪁꪫꪱꪣ", 40), "tin");
        assert!(slug(&"dài ".repeat(50), 30).len() <= 30);
    }

    #[test]
    fn thousands_are_dotted() {
        assert_eq!(thousands(1_250_000), "1.250.000");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(-1_000), "-1.000");
        assert_eq!(thousands(i64::MIN), "-9.223.372.036.854.775.808");
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,60}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn folding_does_not_depend_on_the_unicode_form(text in "\\PC{0,60}") {
            prop_assert_eq!(fold(&text.nfc().collect::<String>()), fold(&text.nfd().collect::<String>()));
        }

        #[test]
        fn tidying_twice_changes_nothing_and_leaves_no_control(text in any::<String>()) {
            let once = tidy(&text);
            prop_assert_eq!(tidy(&once), once.clone());
            prop_assert!(!once.chars().any(char::is_control));
            let lines = tidy_lines(&text);
            prop_assert_eq!(tidy_lines(&lines), lines.clone());
            prop_assert!(!lines.contains('\r') && !lines.contains('\0'));
        }

        #[test]
        fn sort_keys_are_ascii_so_that_every_engine_agrees(text in any::<String>()) {
            prop_assert!(sort_key(&text).is_ascii());
        }

        #[test]
        fn slugs_fit_urls(text in any::<String>(), limit in 3usize..80) {
            let slug = slug(&text, limit);
            prop_assert!(slug.len() <= limit.max(3));
            prop_assert!(slug.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
        }
    }
}
