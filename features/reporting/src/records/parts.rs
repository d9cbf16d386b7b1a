//! What is too large for one record goes in several, a part in each, and waits until all of them are here. What a record
//! says besides its part is its own kind's.

use kernel::{db::Tx, problem::Outcome, records::Incoming};

use super::pass_over;
use crate::{model::SubmissionId, store::parts as waiting};

/// Bytes of a part that goes up; the rest of what a row may hold (48 KiB) is left for its heading.
pub(crate) const UP_BYTES: usize = 40_000;
/// Bytes of a part that goes down; the rest of what a record may hold (15 KiB) is left for its heading.
pub(super) const DOWN_BYTES: usize = 12_000;
/// Most parts of one thing: forty megabytes are no report.
const PARTS_MOST: u32 = 1_000;

/// A part of something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// Its number, from 0.
    pub at: u32,
    /// How many there are.
    pub count: u32,
    /// Its bytes.
    pub body: Vec<u8>,
}

/// The parts of something, of so many bytes each.
pub(super) fn cut(whole: &[u8], bytes: usize) -> Vec<Part> {
    let count = u32::try_from(whole.len().div_ceil(bytes)).unwrap_or(u32::MAX);
    let part = |(at, chunk): (u32, &[u8])| Part { at, count, body: chunk.to_vec() };
    (0..).zip(whole.chunks(bytes)).map(part).collect()
}

/// Everything, once every part of a revision of something is here that a node says. What can be no part is passed over.
pub(super) async fn joined(
    tx: &mut Tx,
    record: &Incoming,
    (name, revision): (&SubmissionId, i64),
    part: Part,
) -> Outcome<Option<Vec<u8>>> {
    let Part { at, count, body } = part;
    if at >= count || count > PARTS_MOST {
        pass_over("not a part of anything", record);
        return Ok(None);
    }
    let origin = record.origin.to_string();
    let key = (name, revision, origin.as_str());
    let whole = if count == 1 {
        body
    } else {
        let part = waiting::Part { part: at.into(), parts: count.into(), body };
        waiting::keep(tx, key, &part).await?;
        let all = waiting::all(tx, key, count.into()).await?;
        if all.len() < count as usize {
            return Ok(None);
        }
        all.into_iter().flat_map(|part| part.body).collect()
    };
    waiting::drop_all(tx, key).await?;
    Ok(Some(whole))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_parts_of_something_are_all_of_it_in_order(
            whole in prop::collection::vec(any::<u8>(), 0..300),
            bytes in 1_usize..50,
        ) {
            let parts = cut(&whole, bytes);
            prop_assert!(parts.iter().all(|part| part.body.len() <= bytes && part.count as usize == parts.len()));
            prop_assert!((0..).zip(&parts).all(|(at, part)| part.at == at));
            prop_assert_eq!(parts.into_iter().flat_map(|part| part.body).collect::<Vec<_>>(), whole);
        }
    }
}
