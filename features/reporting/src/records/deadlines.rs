//! Deadlines that were excused or extended (52), down to the units they are about.

use kernel::{
    clock::{Day, Timestamp},
    db::Tx,
    problem::Outcome,
    records::{Incoming, RecordKind},
};
use serde::{Deserialize, Serialize};

use super::{encode, pass_over};
use crate::{
    actions::{excuses, steps::send_down},
    model::ObligationId,
    store::{excuses::Excuse, obligations::Obligation},
};

/// Kind of what the tier above says about a deadline.
pub const EXCUSE: u16 = 52;
/// A deadline that was excused or extended.
pub(crate) const EXCUSES: RecordKind = RecordKind {
    kind: EXCUSE,
    name: "miễn, gia hạn báo cáo",
    apply: |tx, incoming| Box::pin(apply_excuse(tx, incoming)),
    packing: None,
};
/// What was said about a deadline: id, obligation, kind, new deadline, why, by whom, when (ms).
#[derive(Debug, Serialize, Deserialize)]
struct Said(String, String, String, Option<String>, String, String, i64);

/// Tells the units below what was said about a deadline of theirs.
pub(crate) async fn tell_excuse(tx: &mut Tx, one: &Obligation, said: &Excuse) -> Outcome<()> {
    let said = Said(
        said.id.to_string(),
        said.obligation.to_string(),
        said.kind.clone(),
        said.until_day.map(Day::iso),
        said.why.clone(),
        said.by_name.clone(),
        said.at.millis(),
    );
    send_down(tx, &one.path, EXCUSE, encode(&said)?).await
}

async fn apply_excuse(tx: &mut Tx, record: &Incoming) -> Outcome<()> {
    let Ok(Said(id, obligation, kind, until, why, by, at)) =
        ciborium::from_reader::<Said, _>(record.body.as_slice())
    else {
        pass_over("not an excuse", record);
        return Ok(());
    };
    let Some(obligation) = ObligationId::parse(&obligation) else {
        pass_over("an excuse of nobody", record);
        return Ok(());
    };
    let said = Excuse {
        id: kernel::ids::Id::from_text(id),
        obligation,
        kind,
        until_day: until.and_then(|day| Day::parse(&day)),
        why,
        by_account: record.origin.to_string(),
        by_name: by,
        at: Timestamp::from_millis(at),
    };
    excuses::arrived(tx, &said).await
}
