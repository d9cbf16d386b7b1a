//! Compression with knowledge both ends share: the syllable table of `words` and a zstd
//! dictionary trained on Vietnamese records. Both are checked in under `dictionaries/`, both are
//! part of the wire format under one pinned number, and neither ever changes under that number.
//!
//! Expanding is safe on any input: the length is declared in front, refused above the caller's
//! limit before anything is allocated, and enforced.

use crate::{wire::Malformed, words::Words};
use std::{cell::RefCell, sync::LazyLock};
use zstd::{
    bulk::{Compressor, Decompressor},
    dict::{DecoderDictionary, EncoderDictionary},
    zstd_safe::{self, CParameter},
};

/// Slow to write, quick to read, as small as zstd gets at frames of this size.
const LEVEL: i32 = 19;

/// Every zstd frame begins with these four bytes, so they are not sent.
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

static WORDS_VI_1: LazyLock<Words> =
    LazyLock::new(|| Words::new(include_str!("../dictionaries/vi-1.words")));

const DICTIONARY_VI_1: &[u8] = include_bytes!("../dictionaries/vi-1.zstd");

static ENCODER_VI_1: LazyLock<EncoderDictionary<'static>> =
    LazyLock::new(|| EncoderDictionary::copy(DICTIONARY_VI_1, LEVEL));

static DECODER_VI_1: LazyLock<DecoderDictionary<'static>> =
    LazyLock::new(|| DecoderDictionary::copy(DICTIONARY_VI_1));

/// How a block of bytes was made smaller. Numbers are pinned for ever; a reader refuses a number
/// that it does not know, and a sender uses only what the reader's protocol version has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// Not at all.
    Stored,
    /// zstd without a dictionary, for scripts and data that the dictionary does not know.
    Plain,
    /// Syllable shorthand and then zstd with the first Vietnamese dictionary.
    Vietnamese1,
}

impl Codec {
    /// The number on the wire.
    pub const fn number(self) -> u8 {
        match self {
            Self::Stored => 0,
            Self::Plain => 1,
            Self::Vietnamese1 => 2,
        }
    }

    /// The codec of that number, if there is one.
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Stored),
            1 => Some(Self::Plain),
            2 => Some(Self::Vietnamese1),
            _ => None,
        }
    }
}

/// The bytes made small, and how. The same bytes always give the same result, because a cut
/// transfer is continued by compressing again.
pub fn compress(raw: &[u8]) -> (Codec, Vec<u8>) {
    let short = WORDS_VI_1.shorten(raw);
    // Text in another script grows in shorthand. The choice is a plain rule, not the better of
    // two results, because level 19 twice would halve what a hub can serve.
    let (codec, small) = if short.len() <= raw.len() {
        (Codec::Vietnamese1, zstd(&short, true))
    } else {
        (Codec::Plain, zstd(raw, false))
    };
    match small {
        Some(small) if small.len() < raw.len() => (codec, small),
        _ => (Codec::Stored, raw.to_vec()),
    }
}

/// The bytes in full again.
///
/// # Errors
/// If they are damaged, or would be longer than `most` bytes in full.
pub fn expand(codec: Codec, small: &[u8], most: usize) -> Result<Vec<u8>, Malformed> {
    match codec {
        Codec::Stored if small.len() <= most => Ok(small.to_vec()),
        Codec::Stored => Err(Malformed),
        Codec::Plain => unzstd(small, most, false),
        Codec::Vietnamese1 => WORDS_VI_1.expand(&unzstd(small, most, true)?, most),
    }
}

/// None if zstd refuses, which it does for want of memory only; the bytes are then stored.
fn zstd(bytes: &[u8], with_dictionary: bool) -> Option<Vec<u8>> {
    thread_local! {
        // A compressor at this level is some megabytes of tables, too dear to build per frame.
        static PLAIN: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
        static VI_1: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    }
    let compress = |slot: &RefCell<Option<Compressor<'static>>>| {
        let mut slot = slot.borrow_mut();
        if slot.is_none() {
            *slot = Some(compressor(with_dictionary).ok()?);
        }
        let whole = slot.as_mut()?.compress(bytes).ok()?;
        whole.strip_prefix(&MAGIC).map(<[u8]>::to_vec)
    };
    if with_dictionary { VI_1.with(compress) } else { PLAIN.with(compress) }
}

fn compressor(with_dictionary: bool) -> std::io::Result<Compressor<'static>> {
    let mut compressor = if with_dictionary {
        Compressor::with_prepared_dictionary(&ENCODER_VI_1)?
    } else {
        Compressor::new(LEVEL)?
    };
    // Our own header names the dictionary and our own check covers the whole frame.
    compressor.set_parameter(CParameter::DictIdFlag(false))?;
    compressor.set_parameter(CParameter::ChecksumFlag(false))?;
    compressor.set_parameter(CParameter::ContentSizeFlag(true))?;
    Ok(compressor)
}

fn unzstd(small: &[u8], most: usize, with_dictionary: bool) -> Result<Vec<u8>, Malformed> {
    let whole = [&MAGIC, small].concat();
    let declared = zstd_safe::get_frame_content_size(&whole).ok().flatten().ok_or(Malformed)?;
    let declared = usize::try_from(declared).map_err(|_| Malformed)?;
    // One frame and nothing after it: a second one would be a second spelling.
    if declared > most || zstd_safe::find_frame_compressed_size(&whole) != Ok(whole.len()) {
        return Err(Malformed);
    }
    let mut decompressor = if with_dictionary {
        Decompressor::with_prepared_dictionary(&DECODER_VI_1)
    } else {
        Decompressor::new()
    }
    .map_err(|_| Malformed)?;
    // Expanding into memory of the declared size needs no window, so a large window declared by
    // a bomb costs nothing.
    let bytes = decompressor.decompress(&whole, declared).map_err(|_| Malformed)?;
    if bytes.len() == declared { Ok(bytes) } else { Err(Malformed) }
}
