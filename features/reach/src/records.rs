//! How reach travels upward: receipts (30), roster entries (31), meetings (32), inspections (33). No name is in any of
//! them: a person is a number in their commune, a witness stays where the record was written.

pub(crate) mod inspections;
pub(crate) mod meetings;
pub mod packing;
pub mod receipts;
pub(crate) mod roster;

use kernel::{
    db::Tx,
    events::Doing,
    records::{Incoming, Packing, RecordKind},
};

use crate::{
    actions::{evidence, freeze, succession::village_path},
    model::Place,
    store::people,
};

/// Kind of a receipt.
pub const RECEIPT: u16 = 30;
/// Kind of a roster entry.
pub const ROSTER_ENTRY: u16 = 31;
/// Kind of a meeting's record.
pub const MEETING: u16 = 32;
/// Kind of an inspection's record.
pub const INSPECTION: u16 = 33;

/// Receipts, in thousands.
pub(crate) const RECEIPTS: RecordKind = RecordKind {
    kind: RECEIPT,
    name: "biên nhận",
    apply: apply_receipt,
    packing: Some(Packing { pack: packing::pack, unpack: packing::unpack }),
};
/// Who is on a roster, by number.
pub(crate) const ROSTER_ENTRIES: RecordKind =
    RecordKind {
        kind: ROSTER_ENTRY, name: "người có uy tín", apply: apply_entry, packing: None
    };
/// Which village met, and how many came.
pub(crate) const MEETINGS: RecordKind =
    RecordKind {
        kind: MEETING, name: "biên bản họp thôn", apply: apply_meeting, packing: None
    };

/// What independent people found.
pub(crate) const INSPECTIONS: RecordKind = RecordKind {
    kind: INSPECTION,
    name: "kiểm chứng độc lập",
    apply: apply_inspection,
    packing: None,
};

/// A body that cannot be read is noted and passed over: it would stand in the way of all that follow.
fn pass_over(what: &str, record: &Incoming) {
    kernel::tracing::warn!(
        record.kind = record.kind,
        record.seq = record.seq,
        record.origin = %record.origin,
        "a {what} cannot be read and was passed over"
    );
}

/// The register that a record's numbers belong to: the sender's own, or one that it has taken from a node
/// whose place it takes. None when it is not the sender's to write in.
fn register_of(record: &Incoming, named: Option<&str>) -> Option<String> {
    let own = Place::of(record.joined_as()).commune;
    let Some(named) = named else { return Some(own) };
    let inherited = record.inherited.iter().any(|scope| Place::of(scope).commune == named);
    (named == own || inherited).then(|| named.to_owned())
}

fn apply_receipt<'a>(tx: &'a mut Tx, record: &'a Incoming) -> Doing<'a, ()> {
    Box::pin(async move {
        let now = tx.now();
        match receipts::Receipt::decode(&record.body).and_then(|receipt| receipt.row(record, now)) {
            Some(row) => {
                evidence::apply_receipt(tx, &row).await?;
            }
            None => pass_over("receipt", record),
        }
        Ok(())
    })
}

fn apply_entry<'a>(tx: &'a mut Tx, record: &'a Incoming) -> Doing<'a, ()> {
    Box::pin(async move {
        let Some(listed) = roster::Listed::decode(&record.body) else {
            pass_over("roster entry", record);
            return Ok(());
        };
        let path = village_path(tx, record, listed.village()).await?;
        let Some(mut entry) = listed.entry(record, path) else {
            pass_over("roster entry of a register that is another's", record);
            return Ok(());
        };
        let known = people::entry(tx, &entry.commune, entry.serial).await?;
        if let Some(known) = &known
            && known.origin == entry.origin
            && known.village == entry.village
        {
            // Where the village lies this node knows itself; the word may be older than the last change.
            entry.path = known.path.clone();
        }
        // Whose keeping has passed to the sender lives where the sender stands.
        let may_take = known
            .is_none_or(|known| known.origin == entry.origin || record.speaks_for(&known.path));
        if listed.is_passed_on() && !may_take {
            pass_over("roster entry of somebody who lives elsewhere", record);
            return Ok(());
        }
        if people::put_entry(tx, &entry).await? == 0 {
            kernel::tracing::warn!(record.origin = %record.origin, "a roster is kept by two nodes");
        }
        Ok(())
    })
}

fn apply_meeting<'a>(tx: &'a mut Tx, record: &'a Incoming) -> Doing<'a, ()> {
    Box::pin(async move {
        let Some(told) = meetings::Told::decode(&record.body) else {
            pass_over("meeting", record);
            return Ok(());
        };
        let now = tx.now();
        match crate::store::meetings::find(tx, &told.id).await? {
            // Only the node that wrote a record may withdraw it.
            Some(row) if row.origin != record.origin.to_string() => {
                pass_over("meeting of another node", record);
            }
            Some(row) if told.voided => {
                evidence::apply_void(tx, &row, "").await?;
            }
            None if !told.voided => {
                let path = village_path(tx, record, &told.village).await?;
                evidence::apply_meeting(tx, &told.row(record, path, now), &told.items).await?;
                // A point writes down only what it has itself.
                for (publication, version) in &told.items {
                    freeze::on_node(tx, &record.scope, publication, *version).await?;
                }
            }
            // Known already, or withdrawn before it ever came.
            _ => {}
        }
        Ok(())
    })
}

fn apply_inspection<'a>(tx: &'a mut Tx, record: &'a Incoming) -> Doing<'a, ()> {
    Box::pin(async move {
        let Some(told) = inspections::Told::decode(&record.body) else {
            pass_over("inspection", record);
            return Ok(());
        };
        let now = tx.now();
        match crate::store::inspections::find(tx, &told.id).await? {
            // Only the node that wrote a record may withdraw it.
            Some(row) if row.origin != record.origin.to_string() => {
                pass_over("inspection of another node", record);
            }
            Some(row) if told.voided => {
                evidence::apply_inspection_void(tx, &row, "").await?;
            }
            None if !told.voided => {
                let path = village_path(tx, record, &told.unit).await?;
                evidence::apply_inspection(tx, &told.row(record, path, now)).await?;
            }
            // Known already, or withdrawn before it ever came.
            _ => {}
        }
        Ok(())
    })
}
