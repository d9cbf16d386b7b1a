//! A reversible shorthand for Vietnamese: one or two bytes a syllable, before general compression.
//! A syllable is three to seven bytes of UTF-8 but carries about nine bits; a general compressor
//! pays some eighteen for each reference. Any bytes at all may be written in this shorthand, only
//! Vietnamese becomes shorter. The table's order is part of the wire format and never changes.

use crate::wire::Malformed;
use std::collections::HashMap;

/// The next byte says how many bytes (1..=255) stand verbatim after it.
const VERBATIM: u8 = 0x80;
/// Marks before a syllable are `0x80 + ` a sum of these; only the five sums of [`Shape`] exist.
const MARK: u8 = 0x80;
const CAPITAL: u8 = 1;
const NO_SPACE: u8 = 2;
const UPPER: u8 = 4;
/// The first byte that stands for a frequent syllable on its own.
const SHORT: u8 = 0x88;
/// The first byte of the two-byte codes.
const LONG: u8 = 0xc0;
const SHORT_COUNT: usize = (LONG - SHORT) as usize;
/// How many syllables the table can hold.
pub const TABLE_MOST: usize = SHORT_COUNT + (0x100 - LONG as usize) * 0x100;

/// How a syllable is written where it occurs, as the sum of its marks.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Shape(u8);

impl Shape {
    const ALL_MARKS: [u8; 5] = [CAPITAL, NO_SPACE, CAPITAL | NO_SPACE, UPPER, UPPER | NO_SPACE];

    /// The syllable of the table dressed in this shape.
    fn dress(self, syllable: &str) -> String {
        let mut out = String::with_capacity(syllable.len() + 1);
        if self.0 & NO_SPACE == 0 {
            out.push(' ');
        }
        let mut letters = syllable.chars();
        if self.0 & CAPITAL != 0 {
            out.extend(letters.next().into_iter().flat_map(char::to_uppercase));
        }
        if self.0 & UPPER == 0 {
            out.push_str(letters.as_str());
        } else {
            out.extend(letters.flat_map(char::to_uppercase));
        }
        out
    }
}

/// A table of syllables in order of frequency.
pub struct Words {
    syllables: Vec<String>,
    places: HashMap<String, usize>,
}

impl Words {
    /// Reads a table: lower-case syllables, one a line, the most frequent first. Lines past
    /// [`TABLE_MOST`] have no code and are ignored.
    pub fn new(table: &str) -> Self {
        let syllables: Vec<String> = table.lines().take(TABLE_MOST).map(str::to_owned).collect();
        let places = syllables.iter().cloned().zip(0..).collect();
        Self { syllables, places }
    }

    /// Writes any bytes in shorthand.
    pub fn shorten(&self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len() / 2);
        let mut verbatim = Vec::new();
        let mut rest = bytes;
        while let Some(&first) = rest.first() {
            let word = word_at(rest);
            let taken = if let Some(code) = self.code(word) {
                flush(&mut out, &mut verbatim);
                out.extend_from_slice(&code);
                word.len()
            } else if first < 0x80 {
                flush(&mut out, &mut verbatim);
                out.push(first);
                1
            } else {
                verbatim.push(first);
                1
            };
            rest = &rest[taken..];
        }
        flush(&mut out, &mut verbatim);
        out
    }

    /// The code of a word as it stands in the text, if the table has its syllable.
    fn code(&self, word: &[u8]) -> Option<Vec<u8>> {
        let word = str::from_utf8(word).ok()?;
        let bare = word.strip_prefix(' ').unwrap_or(word);
        let lower = bare.to_lowercase();
        let &place = self.places.get(&lower)?;
        let space = if bare.len() == word.len() { NO_SPACE } else { 0 };
        let case = if bare == lower {
            0
        } else if bare.chars().skip(1).all(char::is_lowercase) {
            CAPITAL
        } else {
            UPPER
        };
        let shape = Shape(space | case);
        // Letters whose cases do not pair one to one are simply not shortened.
        if shape.dress(&lower) != word {
            return None;
        }
        let mut code = Vec::with_capacity(3);
        if shape.0 != 0 {
            code.push(MARK + shape.0);
        }
        if let Some(page) = place.checked_sub(SHORT_COUNT) {
            code.push(LONG + u8::try_from(page >> 8).ok()?);
            code.push(u8::try_from(page & 0xff).ok()?);
        } else {
            code.push(SHORT + u8::try_from(place).ok()?);
        }
        // A lone short ASCII word gains nothing over its own letters.
        (code.len() < word.len()).then_some(code)
    }

    /// Writes shorthand out in full again.
    ///
    /// # Errors
    /// If it is not shorthand, or is longer than `most` bytes in full.
    pub fn expand(&self, short: &[u8], most: usize) -> Result<Vec<u8>, Malformed> {
        let mut out = Vec::with_capacity(short.len().saturating_mul(2).min(most));
        let mut bytes = short.iter().copied();
        while let Some(byte) = bytes.next() {
            match byte {
                0..0x80 => out.push(byte),
                VERBATIM => {
                    let length = bytes.next().filter(|&n| n > 0).ok_or(Malformed)?;
                    for _ in 0..length {
                        out.push(bytes.next().ok_or(Malformed)?);
                    }
                }
                _ => {
                    let (shape, first) = if byte < SHORT {
                        (Shape(byte - MARK), bytes.next().ok_or(Malformed)?)
                    } else {
                        (Shape(0), byte)
                    };
                    if shape.0 != 0 && !Shape::ALL_MARKS.contains(&shape.0) {
                        return Err(Malformed);
                    }
                    let place = match first {
                        SHORT..LONG => usize::from(first - SHORT),
                        LONG.. => {
                            let page = usize::from(first - LONG) << 8;
                            SHORT_COUNT + page + usize::from(bytes.next().ok_or(Malformed)?)
                        }
                        _ => return Err(Malformed),
                    };
                    let syllable = self.syllables.get(place).ok_or(Malformed)?;
                    out.extend_from_slice(shape.dress(syllable).as_bytes());
                }
            }
            if out.len() > most {
                return Err(Malformed);
            }
        }
        Ok(out)
    }
}

/// No Vietnamese syllable has more letters (nghiêng has seven). Looking no further also keeps the
/// work linear on an endless run of letters.
const LETTERS_MOST: usize = 8;

/// The run of letters at the start of `bytes`, with one space before it if there is one, as far as
/// a syllable may go. Empty if there is no letter.
fn word_at(bytes: &[u8]) -> &[u8] {
    let mut end = usize::from(bytes[0] == b' ');
    let start = end;
    for _ in 0..LETTERS_MOST {
        let Some(letter) = letter_len(&bytes[end..]) else { break };
        end += letter;
    }
    if end == start { &[] } else { &bytes[..end] }
}

/// The length of the Latin letter at the start of `bytes`, if there is one. Every letter that
/// Vietnamese needs is below U+1F00, in at most three bytes.
fn letter_len(bytes: &[u8]) -> Option<usize> {
    let length = match bytes.first()? {
        b'a'..=b'z' | b'A'..=b'Z' => return Some(1),
        0xc3..=0xc6 => 2,
        0xe1 => 3,
        _ => return None,
    };
    let letter = str::from_utf8(bytes.get(..length)?).ok()?;
    letter.chars().all(char::is_alphabetic).then_some(length)
}

fn flush(out: &mut Vec<u8>, verbatim: &mut Vec<u8>) {
    for run in verbatim.chunks(255) {
        out.push(VERBATIM);
        out.push(u8::try_from(run.len()).expect("chunks of 255 have a length below 256"));
        out.extend_from_slice(run);
    }
    verbatim.clear();
}
