//! The personal QR card: a random code with nothing personal in it, and its picture.

use kernel::chance::Chance;
use qrcode::{EcLevel, QrCode, render::svg};

/// Thirty random digits: 99 bits. Digits only, since a QR reader types like a keyboard and a
/// Vietnamese input method would turn `AA` into `Â` and `DD` into `Đ`.
const DIGITS: usize = 30;
const PREFIX: &str = "NC1:";

/// What a card carries. Printed once, never stored; the database keeps [`CardCode::hash`].
#[derive(Clone, PartialEq, Eq)]
pub struct CardCode(String);

impl CardCode {
    /// A fresh code.
    pub fn draw(chance: &Chance) -> Self {
        let mut digits = String::with_capacity(DIGITS);
        while digits.len() < DIGITS {
            // Bytes from 250 up are thrown away, so that every digit is equally likely.
            let fair = chance.bytes::<32>().into_iter().filter(|byte| *byte < 250);
            digits.extend(fair.map(|byte| char::from(b'0' + byte % 10)));
        }
        digits.truncate(DIGITS);
        Self(digits)
    }

    /// Reads what a reader typed: with or without the prefix, with spaces or dashes between.
    pub fn read(text: &str) -> Option<Self> {
        let text: String =
            text.chars().filter(|c| !c.is_whitespace() && *c != '-').take(64).collect();
        // Some keyboard layouts turn the colon into another mark.
        let digits = match text.get(..3) {
            Some(head) if head.eq_ignore_ascii_case("NC1") => {
                text[3..].trim_start_matches(|c: char| !c.is_ascii_digit())
            }
            _ => text.as_str(),
        };
        let whole = digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
        whole.then(|| Self(digits.to_owned()))
    }

    /// The text inside the QR picture.
    pub fn text(&self) -> String {
        format!("{PREFIX}{}", self.0)
    }

    /// In groups of five, to be typed by hand when the picture is scratched.
    pub fn spoken(&self) -> String {
        let groups = self.0.as_bytes().chunks(5).map(String::from_utf8_lossy);
        groups.collect::<Vec<_>>().join(" ")
    }

    /// What is stored. The code has 99 bits of chance, so a plain hash cannot be turned back.
    pub fn hash(&self) -> String {
        kernel::chance::hex(&blake3::derive_key("nhipcau 2026 personal card", self.0.as_bytes()))
    }

    /// The QR picture as SVG: error correction Q (a quarter may be scratched away).
    pub fn picture(&self) -> String {
        let code = QrCode::with_error_correction_level(self.text(), EcLevel::Q)
            .expect("34 characters always fit into a QR code");
        let drawn =
            code.render::<svg::Color<'_>>().min_dimensions(160, 160).quiet_zone(true).build();
        drawn.find("<svg").map_or_else(String::new, |at| drawn[at..].to_owned())
    }
}

impl std::fmt::Debug for CardCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CardCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_reader_behind_a_vietnamese_keyboard_is_understood() {
        let code = CardCode::draw(&Chance::seeded(3));
        let digits = &code.text()[4..];
        for typed in [
            code.text(),
            code.text().to_lowercase(),
            format!("NC1;{digits}\r\n"),
            format!("NC1{digits}"),
            digits.to_owned(),
            code.spoken(),
        ] {
            assert_eq!(CardCode::read(&typed).as_ref(), Some(&code), "{typed}");
        }
    }

    #[test]
    fn two_cards_never_share_a_code_and_the_picture_holds_nothing_else() {
        let chance = Chance::seeded(4);
        let (one, two) = (CardCode::draw(&chance), CardCode::draw(&chance));
        assert_ne!(one, two);
        assert_ne!(one.hash(), two.hash());
        assert!(!one.hash().contains(&one.text()[4..]));
        assert!(one.picture().starts_with("<svg") && !one.picture().contains("style="));
        assert!(!format!("{one:?}").contains(char::is_numeric));
    }

    proptest! {
        #[test]
        fn whatever_is_typed_never_panics(text in "\\PC{0,80}") {
            if let Some(code) = CardCode::read(&text) {
                prop_assert_eq!(CardCode::read(&code.text()), Some(code));
            }
        }
    }
}
