//! Reading and writing the small integers and byte strings that every message is made of.
//! A reader never reads past its end, never allocates for a length it has not seen, and accepts
//! exactly one spelling of each number, so that a message has exactly one encoding.

/// Why a message could not be read: too short, a number spelled in a longer way than needed, or a
/// value outside its range. Where it went wrong is of no use to anybody over a radio link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the message is malformed")]
pub struct Malformed;

/// Appends `value` as LEB128: seven bits a byte, least significant first.
pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(low_byte(value) | 0x80);
        value >>= 7;
    }
    out.push(low_byte(value));
}

/// Appends a length and then the bytes.
pub(crate) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// How many bytes [`put_varint`] writes for `value`.
pub(crate) fn varint_len(value: u64) -> usize {
    let bits = 64 - (value | 1).leading_zeros() as usize;
    bits.div_ceil(7)
}

fn low_byte(value: u64) -> u8 {
    (value & 0xff) as u8
}

/// A signed difference folded into an unsigned number, small either way.
pub(crate) fn zigzag(from: u64, to: u64) -> u64 {
    let difference = to.wrapping_sub(from).cast_signed();
    ((difference << 1) ^ (difference >> 63)).cast_unsigned()
}

/// The number that lies the folded difference away from `from`.
pub(crate) fn unzigzag(from: u64, folded: u64) -> u64 {
    let difference = (folded >> 1) ^ (folded & 1).wrapping_neg();
    from.wrapping_add(difference)
}

/// A cursor over bytes of unknown origin. Public only because a trait speaks of it; this module
/// is not.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        self.bytes
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Everything was read; anything left over is an error.
    pub(crate) fn finish(self) -> Result<(), Malformed> {
        if self.bytes.is_empty() { Ok(()) } else { Err(Malformed) }
    }

    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let (head, tail) = self.bytes.split_at_checked(length).ok_or(Malformed)?;
        self.bytes = tail;
        Ok(head)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        self.take(N)?.try_into().map_err(|_| Malformed)
    }

    pub(crate) fn byte(&mut self) -> Result<u8, Malformed> {
        Ok(self.array::<1>()?[0])
    }

    pub(crate) fn varint(&mut self) -> Result<u64, Malformed> {
        let mut value = 0_u64;
        for shift in (0..).step_by(7) {
            let byte = self.byte()?;
            let part = u64::from(byte & 0x7f);
            // Ten bytes are the longest spelling, and the tenth may only carry one bit.
            if shift > 63 || (shift == 63 && part > 1) {
                return Err(Malformed);
            }
            value |= part << shift;
            if byte & 0x80 == 0 {
                // A final zero byte would be a second spelling of the same number.
                return if byte == 0 && shift > 0 { Err(Malformed) } else { Ok(value) };
            }
        }
        Err(Malformed)
    }

    pub(crate) fn varint_u32(&mut self) -> Result<u32, Malformed> {
        u32::try_from(self.varint()?).map_err(|_| Malformed)
    }

    pub(crate) fn varint_u16(&mut self) -> Result<u16, Malformed> {
        u16::try_from(self.varint()?).map_err(|_| Malformed)
    }

    /// A length of at most `most` and that many bytes.
    pub(crate) fn bytes(&mut self, most: usize) -> Result<&'a [u8], Malformed> {
        let length = usize::try_from(self.varint()?).map_err(|_| Malformed)?;
        if length > most {
            return Err(Malformed);
        }
        self.take(length)
    }
}

/// Two lower-case hexadecimal digits a byte.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble & 0x0f)]);
    bytes.iter().flat_map(|&byte| [digit(byte >> 4), digit(byte)]).collect()
}

/// The bytes spelled by `text`, which must be exactly `2 * N` hexadecimal digits.
pub(crate) fn from_hex<const N: usize>(text: &str) -> Result<[u8; N], Malformed> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return Err(Malformed);
    }
    let nibble = |digit: u8| {
        let value = char::from(digit).to_digit(16).ok_or(Malformed)?;
        u8::try_from(value).map_err(|_| Malformed)
    };
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Ok(bytes)
}
