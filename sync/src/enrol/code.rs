//! A one-time code that a person can read aloud and type: fourteen characters of seventy random
//! bits and one that catches typing errors, in three groups of five, in Crockford's alphabet.

use std::{fmt, str::FromStr};

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const RANDOM_LEN: usize = 14;
const CODE_LEN: usize = RANDOM_LEN + 1;
const GROUP_LEN: usize = 5;

/// The text is not a code: a character is missing, too many, not in the alphabet, or mistyped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not an enrolment code")]
pub struct MalformedCode;

/// A one-time enrolment code. Printing it for debugging prints nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct EnrolCode([u8; CODE_LEN]);

impl EnrolCode {
    /// The code made of nine random bytes, of which seventy bits are used.
    pub fn from_entropy(entropy: &[u8; 9]) -> Self {
        let mut bits = entropy.iter().fold(0_u128, |bits, &byte| bits << 8 | u128::from(byte));
        let mut digits = [0; RANDOM_LEN];
        for digit in &mut digits {
            *digit = (bits & 31) as u8;
            bits >>= 5;
        }
        let check = check_digit(&digits);
        let mut letters = [0; CODE_LEN];
        for (letter, digit) in letters.iter_mut().zip(digits.into_iter().chain([check])) {
            *letter = ALPHABET[usize::from(digit)];
        }
        Self(letters)
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for EnrolCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, group) in self.0.chunks(GROUP_LEN).enumerate() {
            if index > 0 {
                f.write_str("-")?;
            }
            group.iter().try_for_each(|&letter| write!(f, "{}", char::from(letter)))?;
        }
        Ok(())
    }
}

impl fmt::Debug for EnrolCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EnrolCode(secret)")
    }
}

impl FromStr for EnrolCode {
    type Err = MalformedCode;

    /// Reads a code as people type it: in either case, with any spaces and dashes, with O for 0
    /// and I or L for 1.
    fn from_str(text: &str) -> Result<Self, MalformedCode> {
        let typed = text.chars().filter(|letter| !letter.is_whitespace() && *letter != '-');
        let mut digits = [0; CODE_LEN];
        let mut count = 0;
        for letter in typed {
            *digits.get_mut(count).ok_or(MalformedCode)? = digit_of(letter)?;
            count += 1;
        }
        let (random, check) = digits.split_at(RANDOM_LEN);
        if count != CODE_LEN || check != [check_digit(random)] {
            return Err(MalformedCode);
        }
        Ok(Self(digits.map(|digit| ALPHABET[usize::from(digit)])))
    }
}

fn digit_of(letter: char) -> Result<u8, MalformedCode> {
    let letter = match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let place = ALPHABET.iter().position(|&known| char::from(known) == letter);
    place.and_then(|place| u8::try_from(place).ok()).ok_or(MalformedCode)
}

/// Σ αⁱ·dᵢ over GF(32): catches every single wrong character and every two that changed places.
fn check_digit(digits: &[u8]) -> u8 {
    // Horner's rule; the least significant digit also gets a factor, or it could change places
    // with the check digit unseen.
    digits.iter().fold(0, |sum, &digit| times_alpha(sum ^ digit))
}

/// Multiplies by the root of x⁵ + x² + 1, which generates GF(32).
const fn times_alpha(value: u8) -> u8 {
    let doubled = value << 1;
    if doubled & 32 == 0 { doubled } else { (doubled ^ 0b10_0101) & 31 }
}
