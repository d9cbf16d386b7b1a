//! Many receipts in few bytes: turned from rows into columns. Each column is a table of the values that
//! occur and, for every row, an index just wide enough for that table; a column with one value costs
//! nothing per row. Losslessly back, for any bodies whatever.
//!
//! Block: `0` · count · (length · bytes)… for bodies that are not receipts, or
//! `1` · count · eight columns in the order of [`Receipt`]'s fields, times as steps from the row before.

use std::collections::BTreeMap;

use super::receipts::Receipt;

/// More receipts than any node sends in one batch: a damaged count must not fill the memory.
const COUNT_MAX: usize = 20_000;
const PLAIN: u8 = 0;
const COLUMNS: u8 = 1;

/// Many bodies into one block.
pub fn pack(bodies: &[&[u8]]) -> Vec<u8> {
    let receipts: Option<Vec<Receipt>> = bodies.iter().map(|body| Receipt::decode(body)).collect();
    match receipts {
        Some(receipts) if !receipts.is_empty() && receipts.len() <= COUNT_MAX => {
            pack_columns(&receipts)
        }
        _ => pack_plain(bodies),
    }
}

/// The same bodies back, in order; `None` when the block is damaged.
pub fn unpack(block: &[u8]) -> Option<Vec<Vec<u8>>> {
    let (kind, mut rest) = block.split_first()?;
    let count = usize::try_from(take_number(&mut rest)?).ok()?;
    match *kind {
        PLAIN => unpack_plain(rest, count),
        COLUMNS if (1..=COUNT_MAX).contains(&count) => unpack_columns(rest, count),
        _ => None,
    }
}

fn pack_plain(bodies: &[&[u8]]) -> Vec<u8> {
    let mut out = vec![PLAIN];
    put_number(&mut out, bodies.len() as u64);
    for body in bodies {
        put_number(&mut out, body.len() as u64);
        out.extend_from_slice(body);
    }
    out
}

fn unpack_plain(mut rest: &[u8], count: usize) -> Option<Vec<Vec<u8>>> {
    let mut bodies = Vec::new();
    for _ in 0..count {
        let length = usize::try_from(take_number(&mut rest)?).ok()?;
        let (body, after) = rest.split_at_checked(length)?;
        bodies.push(body.to_vec());
        rest = after;
    }
    rest.is_empty().then_some(bodies)
}

fn pack_columns(receipts: &[Receipt]) -> Vec<u8> {
    let mut out = vec![COLUMNS];
    put_number(&mut out, receipts.len() as u64);
    let texts: [fn(&Receipt) -> &String; 3] = [|r| &r.publication, |r| &r.unit, |r| &r.language];
    for column in texts {
        put_column(&mut out, receipts.iter().map(column), |out, text| put_text(out, text));
    }
    let numbers: [fn(&Receipt) -> u64; 4] =
        [|r| r.version, |r| r.rung, |r| r.channel, |r| r.serial];
    for column in numbers {
        put_column(&mut out, receipts.iter().map(column), |out, number| put_number(out, *number));
    }
    let mut before = 0;
    let mut steps = receipts.iter().map(|receipt| {
        let step = receipt.minute.wrapping_sub(before);
        before = receipt.minute;
        fold_sign(step)
    });
    // The first step is the time itself; in the table it would make every index wider.
    put_number(&mut out, steps.next().unwrap_or(0));
    let steps: Vec<u64> = steps.collect();
    put_column(&mut out, steps.iter().copied(), |out, number| put_number(out, *number));
    out
}

fn unpack_columns(mut rest: &[u8], count: usize) -> Option<Vec<Vec<u8>>> {
    let rest = &mut rest;
    let publications = take_column(rest, count, take_text)?;
    let units = take_column(rest, count, take_text)?;
    let languages = take_column(rest, count, take_text)?;
    let versions = take_column(rest, count, take_number)?;
    let rungs = take_column(rest, count, take_number)?;
    let channels = take_column(rest, count, take_number)?;
    let serials = take_column(rest, count, take_number)?;
    let mut minute = unfold_sign(take_number(rest)?);
    let steps = take_column(rest, count - 1, take_number)?;
    let mut bodies = Vec::with_capacity(count);
    for at in 0..count {
        if at > 0 {
            minute = minute.wrapping_add(unfold_sign(steps[at - 1]));
        }
        let receipt = Receipt {
            publication: publications[at].clone(),
            version: versions[at],
            rung: rungs[at],
            channel: channels[at],
            serial: serials[at],
            unit: units[at].clone(),
            language: languages[at].clone(),
            minute,
        };
        bodies.push(receipt.encode());
    }
    rest.is_empty().then_some(bodies)
}

/// Small steps back and forth become small numbers (ZigZag).
fn fold_sign(step: u64) -> u64 {
    let sign = if step >> 63 == 1 { u64::MAX } else { 0 };
    (step << 1) ^ sign
}

fn unfold_sign(folded: u64) -> u64 {
    (folded >> 1) ^ (folded & 1).wrapping_neg()
}

/// A column: how many different values, the values, then one index a row.
fn put_column<T: Ord + Clone>(
    out: &mut Vec<u8>,
    values: impl Iterator<Item = T>,
    put: impl Fn(&mut Vec<u8>, &T),
) {
    let values: Vec<T> = values.collect();
    let mut table: BTreeMap<&T, usize> = values.iter().map(|value| (value, 0)).collect();
    put_number(out, table.len() as u64);
    for (at, (value, index)) in table.iter_mut().enumerate() {
        put(out, value);
        *index = at;
    }
    let width = width_for(table.len());
    let mut bits = BitWriter::default();
    for value in &values {
        bits.put(table.get(value).copied().unwrap_or(0), width);
    }
    out.extend(bits.finish());
}

fn take_column<T: Clone>(
    rest: &mut &[u8],
    count: usize,
    take: impl Fn(&mut &[u8]) -> Option<T>,
) -> Option<Vec<T>> {
    let different = usize::try_from(take_number(rest)?).ok()?;
    // Every different value is used by some row.
    if different > count || (different == 0) != (count == 0) {
        return None;
    }
    let table: Vec<T> = (0..different).map(|_| take(rest)).collect::<Option<_>>()?;
    let width = width_for(different);
    let (bits, after) = rest.split_at_checked((count * width).div_ceil(8))?;
    *rest = after;
    (0..count).map(|at| table.get(read_bits(bits, at * width, width)).cloned()).collect()
}

/// Bits for an index into a table of so many values.
fn width_for(different: usize) -> usize {
    different.max(1).next_power_of_two().trailing_zeros() as usize
}

#[derive(Default)]
struct BitWriter {
    bytes: Vec<u8>,
    free: usize,
}

impl BitWriter {
    fn put(&mut self, value: usize, width: usize) {
        for at in 0..width {
            if self.free == 0 {
                self.bytes.push(0);
                self.free = 8;
            }
            if let Some(last) = self.bytes.last_mut()
                && value >> at & 1 == 1
            {
                *last |= 1 << (8 - self.free);
            }
            self.free -= 1;
        }
    }

    fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

fn read_bits(bytes: &[u8], from: usize, width: usize) -> usize {
    (0..width).fold(0, |value, at| {
        let bit = from + at;
        let set = bytes.get(bit / 8).is_some_and(|byte| byte >> (bit % 8) & 1 == 1);
        value | usize::from(set) << at
    })
}

/// A number in seven bits a byte, least first (LEB128).
pub fn put_number(out: &mut Vec<u8>, mut number: u64) {
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}

/// The reverse of [`put_number`]; the shortest form only.
pub fn take_number(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        let part = u64::from(byte & 0x7f);
        if part << shift >> shift != part {
            return None;
        }
        number |= part << shift;
        if byte & 0x80 == 0 {
            return (shift == 0 || part != 0).then_some(number);
        }
    }
    None
}

/// Text; one that is 32 hex digits (as minted ids are) takes 16 bytes and a mark.
pub fn put_text(out: &mut Vec<u8>, text: &str) {
    let minted = text.len() == 32
        && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    if let Some(bytes) = kernel::chance::unhex(text).filter(|_| minted) {
        put_number(out, 0);
        out.extend(bytes);
    } else {
        put_number(out, text.len() as u64 + 1);
        out.extend_from_slice(text.as_bytes());
    }
}

/// The reverse of [`put_text`].
pub fn take_text(rest: &mut &[u8]) -> Option<String> {
    let length = take_number(rest)?;
    let taken = if length == 0 { 16 } else { usize::try_from(length - 1).ok()? };
    let (bytes, after) = rest.split_at_checked(taken)?;
    *rest = after;
    if length == 0 {
        Some(kernel::chance::hex(bytes))
    } else {
        String::from_utf8(bytes.to_vec()).ok()
    }
}

#[cfg(test)]
mod tests {
    use kernel::chance::Chance;
    use proptest::prelude::*;

    use super::*;

    /// An evening at a commune's kiosk: people come one after another, most with a card, choose one of
    /// what is new, open it, hear it out, confirm; some leave in between. Some tap without a card, and
    /// phones on the point's Wi-Fi read along.
    fn evening(receipts: usize, publications: usize, people: u64) -> Vec<Vec<u8>> {
        let chance = Chance::seeded(414);
        let ids: Vec<String> =
            (0..publications).map(|_| kernel::chance::hex(&chance.bytes::<16>())).collect();
        let mut minute = 29_922_180;
        let mut bodies = Vec::new();
        while bodies.len() < receipts {
            let (serial, channel) = match chance.below(10) {
                0 => (0, 2),
                1 => (0, 3),
                _ => (1 + chance.below(people), 1),
            };
            let language = ["tyz", "vi", "ium"][usize::try_from(chance.below(3)).expect("small")];
            for _ in 0..=chance.below(3) {
                let publication =
                    ids[usize::try_from(chance.below(publications as u64)).expect("small")].clone();
                for rung in 3..=(3 + chance.below(3)) {
                    let receipt = Receipt {
                        publication: publication.clone(),
                        version: 1 + u64::from(chance.below(12) == 0),
                        rung,
                        channel,
                        serial,
                        unit: String::new(),
                        language: language.to_owned(),
                        minute,
                    };
                    bodies.push(receipt.encode());
                    minute += chance.below(3);
                }
            }
            minute += chance.below(4);
        }
        bodies.truncate(receipts);
        bodies
    }

    fn bytes_per_receipt(bodies: &[Vec<u8>]) -> f64 {
        let slices: Vec<&[u8]> = bodies.iter().map(Vec::as_slice).collect();
        let block = pack(&slices);
        assert_eq!(unpack(&block).as_deref(), Some(bodies));
        let bytes = f64::from(u32::try_from(block.len()).expect("small"));
        bytes / f64::from(u32::try_from(bodies.len()).expect("small"))
    }

    #[test]
    fn a_hundred_receipts_of_an_evening_take_five_and_a_half_bytes_each() {
        let each = bytes_per_receipt(&evening(100, 8, 38));
        println!("{each} bytes per receipt at 100");
        assert!(each <= 5.5, "{each}");
    }

    #[test]
    fn a_thousand_receipts_take_three_and_six_tenths_bytes_each() {
        let each = bytes_per_receipt(&evening(1_000, 24, 38));
        println!("{each} bytes per receipt at 1,000");
        assert!(each <= 3.6, "{each}");
    }

    #[test]
    fn a_count_that_lies_is_refused_before_it_costs_anything() {
        let mut block = vec![COLUMNS];
        put_number(&mut block, u64::MAX);
        assert_eq!(unpack(&block), None);
        assert_eq!(unpack(&[]), None);
        assert_eq!(unpack(&[7, 1]), None);
        let honest = pack(&[evening(1, 1, 1)[0].as_slice()]);
        for cut in 0..honest.len() {
            assert_eq!(unpack(&honest[..cut]), None, "cut at {cut}");
        }
    }

    fn any_receipt() -> impl Strategy<Value = Vec<u8>> {
        let text = prop_oneof!["[0-9a-f]{32}", "[a-z0-9.]{0,12}"];
        (
            text.clone(),
            text,
            any::<u8>(),
            0u64..12,
            0u64..6,
            prop_oneof![0u64..50, any::<u64>()],
            any::<u64>(),
        )
            .prop_map(|(publication, unit, version, rung, channel, serial, minute)| {
                let language = "tyz".to_owned();
                Receipt {
                    publication,
                    version: version.into(),
                    rung,
                    channel,
                    serial,
                    unit,
                    language,
                    minute,
                }
                .encode()
            })
    }

    proptest! {
        #[test]
        fn packing_and_unpacking_gives_the_same_bodies(bodies in prop::collection::vec(any_receipt(), 0..60)) {
            let slices: Vec<&[u8]> = bodies.iter().map(Vec::as_slice).collect();
            prop_assert_eq!(unpack(&pack(&slices)), Some(bodies));
        }

        #[test]
        fn bodies_that_are_no_receipts_come_back_too(bodies in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..20)) {
            let slices: Vec<&[u8]> = bodies.iter().map(Vec::as_slice).collect();
            prop_assert_eq!(unpack(&pack(&slices)), Some(bodies));
        }

        #[test]
        fn hostile_bytes_never_panic(block in prop::collection::vec(any::<u8>(), 0..300), kind in 0u8..2, count in 0u8..200) {
            let _ = unpack(&block);
            let mut headed = vec![kind, count];
            headed.extend(&block);
            if let Some(bodies) = unpack(&headed) {
                prop_assert!(bodies.len() <= COUNT_MAX);
            }
            let _ = Receipt::decode(&block);
        }

        #[test]
        fn one_flipped_bit_never_panics(at in any::<prop::sample::Index>(), bit in 0u8..8) {
            let bodies = evening(50, 4, 9);
            let slices: Vec<&[u8]> = bodies.iter().map(Vec::as_slice).collect();
            let mut block = pack(&slices);
            let at = at.index(block.len());
            block[at] ^= 1 << bit;
            let _ = unpack(&block);
        }
    }
}
