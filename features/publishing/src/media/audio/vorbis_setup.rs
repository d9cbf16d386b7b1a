//! Looks through a Vorbis setup header before the decoder does.
//!
//! A hundred bytes can declare a codebook of 16 MB, and a header may hold 256 of them. So the
//! codebooks (Vorbis I, section 3.2.1) are walked here without building anything, and a header
//! that asks for more than real encoders ever do is refused.

/// Numbers all codebooks together may unfold into; libvorbis needs some 100,000.
const MAX_VALUES: u64 = 2 << 20;

/// Whether the codebooks are well-formed and of a size that real encoders use.
pub(super) fn is_modest(setup: &[u8]) -> bool {
    setup.strip_prefix(b"\x05vorbis").is_some_and(|body| {
        let mut bits = Bits { data: body, at: 0 };
        unfolded_values(&mut bits).is_some_and(|values| values <= MAX_VALUES)
    })
}

fn unfolded_values(bits: &mut Bits<'_>) -> Option<u64> {
    let books = bits.take(8)? + 1;
    let mut values = 0;
    for _ in 0..books {
        values += codebook(bits)?;
        if values > MAX_VALUES {
            break;
        }
    }
    Some(values)
}

fn codebook(bits: &mut Bits<'_>) -> Option<u64> {
    if bits.take(24)? != 0x56_43_42 {
        return None;
    }
    let dimensions = bits.take(16)?;
    let entries = bits.take(24)?;
    if bits.take(1)? == 1 {
        ordered_lengths(bits, entries)?;
    } else {
        let sparse = bits.take(1)? == 1;
        for _ in 0..entries {
            if !sparse || bits.take(1)? == 1 {
                bits.take(5)?;
            }
        }
    }
    let lookup = bits.take(4)?;
    if lookup > 2 {
        return None;
    }
    if lookup == 0 {
        return Some(u64::from(entries));
    }
    bits.take(32)?;
    bits.take(32)?;
    let value_bits = bits.take(4)? + 1;
    bits.take(1)?;
    let stored = if lookup == 1 {
        root(entries, dimensions)?
    } else {
        u64::from(entries) * u64::from(dimensions)
    };
    bits.skip(stored * u64::from(value_bits))?;
    Some(u64::from(entries) * u64::from(dimensions.max(1)))
}

fn ordered_lengths(bits: &mut Bits<'_>, entries: u32) -> Option<()> {
    bits.take(5)?;
    let mut done = 0;
    while done < entries {
        done += bits.take(32 - (entries - done).leading_zeros())?;
    }
    (done == entries).then_some(())
}

/// The greatest number whose `dimensions`-th power does not exceed `entries`.
fn root(entries: u32, dimensions: u32) -> Option<u64> {
    if dimensions == 0 {
        return None;
    }
    let fits = |value: u64| value.checked_pow(dimensions).is_some_and(|p| p <= u64::from(entries));
    // One dimension gives the entries themselves, which a search from below would crawl to.
    if dimensions == 1 {
        return Some(u64::from(entries));
    }
    Some((1..=u64::from(entries)).take_while(|value| fits(*value)).last().unwrap_or(0))
}

/// Reads bits from the low end of each byte upward, as Vorbis packs them.
struct Bits<'a> {
    data: &'a [u8],
    at: u64,
}

impl Bits<'_> {
    fn take(&mut self, count: u32) -> Option<u32> {
        let mut value = 0;
        for bit in 0..count {
            let byte = self.data.get(usize::try_from(self.at / 8).ok()?)?;
            value |= u32::from(byte >> (self.at % 8) & 1) << bit;
            self.at += 1;
        }
        Some(value)
    }

    fn skip(&mut self, count: u64) -> Option<()> {
        self.at = self.at.checked_add(count)?;
        (self.at <= self.data.len() as u64 * 8).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Packs numbers of the given widths as Vorbis does.
    fn pack(fields: &[(u32, u32)]) -> Vec<u8> {
        let mut bits = Vec::new();
        for (value, width) in fields {
            bits.extend((0..*width).map(|bit| value >> bit & 1 == 1));
        }
        bits.chunks(8)
            .map(|byte| byte.iter().enumerate().fold(0, |b, (n, bit)| b | u8::from(*bit) << n))
            .collect()
    }

    /// A whole tree of 131,072 words of 17 bits, 32 numbers each: 16 MB out of a few bytes.
    const BOMB: [(u32, u32); 12] = [
        (0x56_43_42, 24),
        (32, 16),
        (131_072, 24),
        (1, 1),
        (16, 5),
        (131_072, 18),
        (1, 4),
        (0, 32),
        (0, 32),
        (0, 4),
        (0, 1),
        (0, 1),
    ];

    #[test]
    fn codebooks_that_unfold_into_gigabytes_are_refused() {
        let mut fields = vec![(255, 8)];
        for _ in 0..256 {
            fields.extend(BOMB);
        }
        let header = [b"\x05vorbis".to_vec(), pack(&fields)].concat();
        assert!(header.len() < 8_000);
        assert!(!is_modest(&header));
    }

    #[test]
    fn a_small_codebook_passes_and_a_cut_one_does_not() {
        let mut fields = vec![(0, 8)];
        fields.extend([(0x56_43_42, 24), (1, 16), (4, 24), (0, 1), (0, 1)]);
        fields.extend([(1, 5); 4]);
        fields.extend([(0, 4)]);
        let header = [b"\x05vorbis".to_vec(), pack(&fields)].concat();
        assert!(is_modest(&header));
        assert!(!is_modest(&header[..header.len() - 2]));
        assert!(!is_modest(b"\x03vorbis"));
    }
}
