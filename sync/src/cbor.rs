//! Finding where one CBOR item ends (RFC 8949), without building it. Used to cut a sequence of
//! payloads apart; their meaning is read by `record`.

use crate::wire::{Malformed, Reader};

/// Nothing that we sign nests deeper; a bomb of brackets stops here.
const DEPTH_MOST: usize = 16;

/// The length in bytes of the first item of `bytes`. Only definite lengths are accepted, which is
/// what deterministic encoding (RFC 8949 §4.2.1) asks for.
pub(crate) fn item_len(bytes: &[u8]) -> Result<usize, Malformed> {
    let mut reader = Reader::new(bytes);
    // How many items are still owed at each open bracket.
    let mut owed = vec![1_u64];
    while let Some(last) = owed.last_mut() {
        if *last == 0 {
            owed.pop();
            continue;
        }
        *last -= 1;
        let initial = reader.byte()?;
        let argument = argument(&mut reader, initial & 0x1f)?;
        let inside = match initial >> 5 {
            0 | 1 | 7 => 0,
            2 | 3 => {
                reader.take(usize::try_from(argument).map_err(|_| Malformed)?)?;
                0
            }
            4 => argument,
            5 => argument.checked_mul(2).ok_or(Malformed)?,
            _ => 1,
        };
        if inside > 0 {
            if owed.len() == DEPTH_MOST {
                return Err(Malformed);
            }
            owed.push(inside);
        }
    }
    Ok(bytes.len() - reader.rest().len())
}

fn argument(reader: &mut Reader<'_>, additional: u8) -> Result<u64, Malformed> {
    match additional {
        0..=23 => Ok(u64::from(additional)),
        24 => Ok(u64::from(reader.byte()?)),
        25 => Ok(u64::from(u16::from_be_bytes(reader.array()?))),
        26 => Ok(u64::from(u32::from_be_bytes(reader.array()?))),
        27 => Ok(u64::from_be_bytes(reader.array()?)),
        _ => Err(Malformed),
    }
}
