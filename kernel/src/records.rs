//! The node's log: what it says to other nodes, in the order it said it. One writer each: this node.
//!
//! *Down* (hub → points) every record is signed on its own, so that any relay may carry it. *Up*
//! (point → hub) rows wait here until `delivery` batches, seals and signs them. How bytes travel is
//! not decided here; which feature understands which kind is listed in its `Module`.

use std::sync::Arc;

use sync::{keys::NodeKeys, record::Record};
pub use sync::{keys::NodeId, record::Lane};

use crate::{
    clock::Timestamp,
    db::{DbError, Tx},
    events::Doing,
    problem::{Failure, Outcome},
    row_struct,
    scope::ScopePath,
    sql,
};

/// The keys with which a node signs what it says.
#[derive(Clone)]
pub struct Stamp(pub Arc<NodeKeys>);

/// A kind of record, and what to do with one that arrived. Numbers are for ever.
#[derive(Clone, Copy)]
pub struct RecordKind {
    /// The number on the wire.
    pub kind: u16,
    /// A name for logs and for people who look at the wire.
    pub name: &'static str,
    /// Applies one that arrived, in the transaction that moves the cursor. Applying twice must change nothing.
    pub apply: for<'a> fn(&'a mut Tx, &'a Incoming) -> Doing<'a, ()>,
    /// Turns many bodies of this kind into one dense block, and back; for kinds that come in thousands.
    pub packing: Option<Packing>,
}

/// Lossless column packing of many bodies.
#[derive(Clone, Copy)]
pub struct Packing {
    /// Many bodies into one block.
    pub pack: fn(&[&[u8]]) -> Vec<u8>,
    /// The same bodies back, in order; `None` when the block is damaged.
    pub unpack: fn(&[u8]) -> Option<Vec<Vec<u8>>>,
}

/// A record that arrived and whose signature was verified.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// Who said it.
    pub origin: NodeId,
    /// The area the origin speaks for (its scope), as this node knows it.
    pub scope: ScopePath,
    /// The origin's stream epoch.
    pub epoch: u32,
    /// Its number in the stream.
    pub seq: u64,
    /// What it is.
    pub kind: u16,
    /// For whom (empty when it came up).
    pub targets: Vec<ScopePath>,
    /// Its content, as the feature wrote it.
    pub body: Vec<u8>,
}

/// A record to be said downward.
#[derive(Debug)]
pub struct Outgoing {
    /// How urgent.
    pub lane: Lane,
    /// What it is.
    pub kind: u16,
    /// For which areas, each with everything below it.
    pub targets: Vec<ScopePath>,
    /// Its content.
    pub body: Vec<u8>,
}

row_struct! {
    struct Head {
        epoch: u32,
        head: u64,
    }
    /// A signed row of the downward log.
    #[derive(Clone, Debug)]
    pub struct DownRow {
        /// Its stream epoch.
        pub epoch: u32,
        /// Its number in its lane.
        pub seq: u64,
        /// Target paths, one a line.
        pub targets: String,
        /// The signed bytes, exactly as they travel.
        pub signed: Vec<u8>,
        /// When it was said.
        pub at: Timestamp,
    }
    /// A waiting row of the upward log.
    #[derive(Clone, Debug)]
    pub struct UpRow {
        /// Its number.
        pub seq: u64,
        /// What it is.
        pub kind: u16,
        /// Its content.
        pub body: Vec<u8>,
        /// When it was said.
        pub at: Timestamp,
    }
}

impl Tx {
    /// Says something to the points below: numbered, signed and logged in this transaction.
    pub async fn emit_down(&mut self, outgoing: Outgoing) -> Outcome<u64> {
        let Some(Stamp(keys)) = self.stamp() else {
            return Err(Failure::fault("sign a record", "this node has no keys yet"));
        };
        let lane = outgoing.lane as u8;
        let head = self.next(&format!("down:{lane}")).await?;
        let targets: Vec<String> = outgoing.targets.iter().map(|path| path.as_str().to_owned()).collect();
        let joined = targets.join("\n");
        let record = Record {
            origin: keys.node_id(),
            epoch: head.epoch,
            seq: head.head,
            lane: outgoing.lane,
            kind: outgoing.kind,
            targets,
            body: outgoing.body,
        };
        let signed = record.sign(&keys).map_err(|error| Failure::fault("sign a record", error))?;
        self.run(
            sql!("insert into kernel_records_down (lane, epoch, seq, kind, targets, signed, at) values ($1, $2, $3, $4, $5, $6, $7)"),
            &[
                lane.into(),
                head.epoch.into(),
                head.head.into(),
                outgoing.kind.into(),
                joined.into(),
                signed.as_bytes().into(),
                self.now().into(),
            ],
        )
        .await?;
        self.mark_emitted();
        Ok(head.head)
    }

    /// Says something to the hub above; it waits in the log until the hub has acknowledged it.
    pub async fn emit_up(&mut self, kind: u16, body: Vec<u8>) -> Outcome<u64> {
        let head = self.next("up").await?;
        self.run(
            sql!("insert into kernel_records_up (epoch, seq, kind, body, at) values ($1, $2, $3, $4, $5)"),
            &[head.epoch.into(), head.head.into(), kind.into(), body.into(), self.now().into()],
        )
        .await?;
        self.mark_emitted();
        Ok(head.head)
    }

    /// Takes the next number of a stream. The row lock makes numbers visible in their own order.
    async fn next(&mut self, stream: &str) -> Outcome<Head> {
        let epoch = epoch_at(self.now());
        Ok(self
            .one(
                sql!("insert into kernel_streams (name, epoch, head) values ($1, $2, 1) \
                      on conflict (name) do update set head = kernel_streams.head + 1 returning epoch, head"),
                &[stream.into(), epoch.into()],
            )
            .await?)
    }
}

/// A stream's epoch is the second at which it was begun: a later beginning is always larger.
fn epoch_at(now: Timestamp) -> u32 {
    u32::try_from(now.millis() / 1000).unwrap_or(1).max(1)
}

/// Begins every stream of this node anew: after a restore, numbers that were given out since the
/// backup must never be given out again under the same epoch.
pub async fn begin_new_epoch(tx: &mut Tx) -> Result<(), DbError> {
    let epoch = epoch_at(tx.now());
    tx.run(sql!("update kernel_streams set epoch = case when epoch >= $1 then epoch + 1 else $1 end"), &[epoch.into()]).await?;
    Ok(())
}

/// The current epoch and head of a downward lane; none before anything was said in it.
pub async fn down_head(tx: &mut Tx, lane: Lane) -> Result<Option<(u32, u64)>, DbError> {
    head(tx, &format!("down:{}", lane as u8)).await
}

/// The current epoch and head of the upward log.
pub async fn up_head(tx: &mut Tx) -> Result<Option<(u32, u64)>, DbError> {
    head(tx, "up").await
}

async fn head(tx: &mut Tx, stream: &str) -> Result<Option<(u32, u64)>, DbError> {
    let head: Option<Head> =
        tx.maybe(sql!("select epoch, head from kernel_streams where name = $1"), &[stream.into()]).await?;
    Ok(head.map(|head| (head.epoch, head.head)))
}

/// Rows of a downward lane after a cursor, oldest first, across epochs.
pub async fn down_after(
    tx: &mut Tx,
    lane: Lane,
    epoch: u32,
    seq: u64,
    limit: usize,
) -> Result<Vec<DownRow>, DbError> {
    tx.all(
        sql!("select epoch, seq, targets, signed, at from kernel_records_down \
              where lane = $1 and (epoch > $2 or (epoch = $2 and seq > $3)) order by epoch, seq limit $4"),
        &[(lane as u8).into(), epoch.into(), seq.into(), limit.into()],
    )
    .await
}

/// Waiting rows of the upward log after `seq`, oldest first.
pub async fn up_after(tx: &mut Tx, epoch: u32, seq: u64, limit: usize) -> Result<Vec<UpRow>, DbError> {
    tx.all(
        sql!("select seq, kind, body, at from kernel_records_up where epoch = $1 and seq > $2 order by seq limit $3"),
        &[epoch.into(), seq.into(), limit.into()],
    )
    .await
}

/// Splits a stored target list back into paths.
pub fn read_targets(joined: &str) -> Vec<ScopePath> {
    joined.lines().filter_map(ScopePath::parse).collect()
}
