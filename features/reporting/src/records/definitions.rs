//! How definitions travel: each version that people publish at the hub goes down (50) to the areas it is for. A
//! node that joins later hears them too, for the log is told from its beginning. Applying one twice changes
//! nothing, and an older version that comes late displaces no newer one: all are kept, the newest counts.

use kernel::{
    clock::Timestamp,
    db::Tx,
    ids::Id,
    problem::Outcome,
    records::{Incoming, Lane, Outgoing, RecordKind},
    scope::ScopePath,
};
use serde::{Deserialize, Serialize};

use super::{encode, pass_over, whole};
use crate::{
    actions::{
        catalogue::{self, kind},
        obligations::KEEP_OBLIGATIONS,
    },
    model::SubmissionId,
    store::{
        definitions::{self, Definition},
        parts::{self, Part},
    },
};

/// Kind of a definition.
pub const DEFINITION: u16 = 50;

/// A version of something that is defined: a data set, its form, what these need.
pub(crate) const DEFINITIONS: RecordKind = RecordKind {
    kind: DEFINITION,
    name: "định nghĩa biểu, chỉ tiêu",
    apply: |tx, incoming| Box::pin(apply(tx, incoming)),
    packing: None,
};

/// Bytes of a definition in one record; the rest of what a record may hold (15 KiB) is left for its heading.
const PART_BYTES: usize = 12_000;
/// Most parts of one definition.
const PARTS_MOST: usize = 250;

/// A definition, or a part of one: kind, code, version, author, when (ms), number of this part, number of parts,
/// bytes of its JSON.
#[derive(Debug, Serialize, Deserialize)]
struct Said(String, String, u32, String, i64, u32, u32, #[serde(with = "super::bytes")] Vec<u8>);

/// Says a version to every node under `targets`, in the transaction that publishes it.
pub(crate) async fn send(tx: &mut Tx, one: &Definition, targets: &[ScopePath]) -> Outcome<()> {
    let chunks: Vec<&[u8]> = one.body.as_bytes().chunks(PART_BYTES).collect();
    let count = u32::try_from(chunks.len()).unwrap_or(u32::MAX);
    let at = tx.now().millis();
    for (part, chunk) in (0_u32..).zip(chunks) {
        let said = Said(
            one.kind.clone(),
            one.code.clone(),
            one.version,
            one.author.clone(),
            at,
            part,
            count,
            chunk.to_vec(),
        );
        let body = encode(&said)?;
        let targets = targets.to_vec();
        tx.emit_down(Outgoing { lane: Lane::Control, kind: DEFINITION, targets, body }).await?;
    }
    Ok(())
}

async fn apply(tx: &mut Tx, record: &Incoming) -> Outcome<()> {
    let Ok(said) = ciborium::from_reader::<Said, _>(record.body.as_slice()) else {
        pass_over("not a definition", record);
        return Ok(());
    };
    // What comes up names no targets: nobody below defines for everybody.
    if record.targets.is_empty() {
        pass_over("a definition from below", record);
        return Ok(());
    }
    let Said(kind, code, version, author, at, part, count, body) = said;
    let named = kernel::ids::is_well_formed(&code) && kind.len() <= 20 && version > 0;
    if !named || count == 0 || part >= count || count as usize > PARTS_MOST {
        pass_over("not a part of a definition", record);
        return Ok(());
    }
    let key = SubmissionId::from_text(format!("def.{kind}.{code}"));
    let Some(body) = joined(tx, record, (&key, version, part, count), body).await? else {
        return Ok(());
    };
    let Ok(body) = String::from_utf8(body) else {
        pass_over("a definition that is no text", record);
        return Ok(());
    };
    let origin = record.origin.to_string();
    let one = Definition { kind, code, version, body, origin, author };
    if !catalogue::is_readable(&one) {
        pass_over("a definition that cannot be read", record);
        return Ok(());
    }
    let fresh = definitions::take_in(tx, &one, Timestamp::from_millis(at)).await?;
    if fresh && one.kind == kind::DATASET {
        let now = tx.now();
        tx.queue(&KEEP_OBLIGATIONS, &format!("{}.{}", one.code, one.version), now).await?;
    }
    Ok(())
}

/// The whole of it, once every part is here.
async fn joined(
    tx: &mut Tx,
    record: &Incoming,
    (id, version, part, count): (&SubmissionId, u32, u32, u32),
    body: Vec<u8>,
) -> Outcome<Option<Vec<u8>>> {
    if count == 1 {
        return Ok(Some(body));
    }
    let origin = record.origin.to_string();
    let key = (id, i64::from(version), origin.as_str());
    parts::keep(tx, key, &Part { part: part.into(), parts: count.into(), body }).await?;
    let all = whole(tx, key, count).await?;
    if all.is_some() {
        parts::drop_all(tx, key).await?;
    }
    Ok(all)
}
