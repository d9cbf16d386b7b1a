//! A report as the tier above holds it (54), down: for a point that was set up anew and has lost what it wrote, and for
//! one that counted its revisions from the beginning again. What becomes of it there is `actions::homecoming`'s.

use kernel::{
    db::Tx,
    ids::Id,
    problem::Outcome,
    records::{Incoming, RecordKind},
};

use super::{Piece, encode, parts, pass_over};
use crate::{
    actions::{
        homecoming::{self, Held},
        steps::send_down,
    },
    model::SubmissionId,
    store::submissions::Submission,
};

/// Kind of a report as the tier above holds it.
pub const HELD: u16 = 54;

/// A report as the tier above holds it.
pub(crate) const HELD_REPORTS: RecordKind = RecordKind {
    kind: HELD,
    name: "báo cáo cấp trên đang giữ",
    apply: |tx, incoming| Box::pin(apply(tx, incoming)),
    packing: None,
};

/// Tells the nodes of a report's unit how it stands here.
pub(crate) async fn send(tx: &mut Tx, one: &Submission) -> Outcome<()> {
    let body = encode(&Held::of(tx, one).await?)?;
    for part in parts::cut(&body, parts::DOWN_BYTES) {
        let piece = Piece::new(&one.id, one.revision, part);
        send_down(tx, &one.path, HELD, encode(&piece)?).await?;
    }
    Ok(())
}

async fn apply(tx: &mut Tx, record: &Incoming) -> Outcome<()> {
    // What comes up names no targets: nobody below says what is held above.
    if record.targets.is_empty() {
        pass_over("a report that is held above, from below", record);
        return Ok(());
    }
    let Some((id, revision, part)) = Piece::read(record) else { return Ok(()) };
    // Parts of what comes down wait under another name than those of what goes up.
    let name = SubmissionId::from_text(format!("held.{id}"));
    let Some(body) = parts::joined(tx, record, (&name, revision), part).await? else {
        return Ok(());
    };
    let Ok(held) = ciborium::from_reader::<Held, _>(body.as_slice()) else {
        pass_over("a report that cannot be read", record);
        return Ok(());
    };
    if let Err(why) = homecoming::hear(tx, &id, &held).await? {
        pass_over(why, record);
    }
    Ok(())
}
