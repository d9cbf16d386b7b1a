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

use super::{
    encode,
    parts::{self, Part},
    pass_over,
};
use crate::{
    actions::{
        catalogue::{self, kind},
        obligations::KEEP_OBLIGATIONS,
    },
    model::SubmissionId,
    store::definitions::{self, Definition},
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

/// A definition, or a part of one: kind, code, version, author, when (ms), number of this part, number of parts,
/// bytes of its JSON.
#[derive(Debug, Serialize, Deserialize)]
struct Said(String, String, u32, String, i64, u32, u32, #[serde(with = "super::bytes")] Vec<u8>);

/// Says a version to every node under `targets`, in the transaction that publishes it.
pub(crate) async fn send(tx: &mut Tx, one: &Definition, targets: &[ScopePath]) -> Outcome<()> {
    let at = tx.now().millis();
    for part in parts::cut(one.body.as_bytes(), parts::DOWN_BYTES) {
        let said = Said(
            one.kind.clone(),
            one.code.clone(),
            one.version,
            one.author.clone(),
            at,
            part.at,
            part.count,
            part.body,
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
    let Said(kind, code, version, author, when, at, count, body) = said;
    if !kernel::ids::is_well_formed(&code) || kind.len() > 20 || version == 0 {
        pass_over("a definition without a name", record);
        return Ok(());
    }
    let name = SubmissionId::from_text(format!("def.{kind}.{code}"));
    let revision = (&name, i64::from(version));
    let Some(body) = parts::joined(tx, record, revision, Part { at, count, body }).await? else {
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
    let fresh = definitions::take_in(tx, &one, Timestamp::from_millis(when)).await?;
    if fresh && one.kind == kind::DATASET {
        let now = tx.now();
        tx.queue(&KEEP_OBLIGATIONS, &format!("{}.{}", one.code, one.version), now).await?;
    }
    Ok(())
}
