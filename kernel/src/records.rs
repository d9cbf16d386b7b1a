//! The node's log: what it says to other nodes, in the order it said it. One writer each: this node.
//!
//! *Down* (hub → points) every record is signed on its own, so that any relay may carry it. *Up*
//! (point → hub) rows wait here until `delivery` batches, seals and signs them. How bytes travel is
//! not decided here; which feature understands which kind is listed in its `Module`.

use std::sync::Arc;

pub use sync::{keys::NodeId, record::Lane};
use sync::{keys::NodeKeys, record::Record, upstream::ChainHash};

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
    /// Where that area lay before the map changed, the path it joined with first. Empty when it never did.
    pub former: Vec<ScopePath>,
    /// The scopes under which nodes joined whose place the origin has taken: it may go on with what they
    /// numbered. Empty for almost every node.
    pub inherited: Vec<ScopePath>,
    /// True when it stands in a log that was handed over: it was said to another node before, which may have answered.
    pub handed_over: bool,
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

impl Incoming {
    /// True for places inside the origin's area as it is, or as it was when the origin had not heard yet
    /// that the map changed.
    pub fn speaks_for(&self, place: &ScopePath) -> bool {
        self.scope.contains(place) || self.former.iter().any(|scope| scope.contains(place))
    }

    /// The scope under which the origin joined. What it numbers, it numbers within this one for ever.
    pub fn joined_as(&self) -> &ScopePath {
        self.former.first().unwrap_or(&self.scope)
    }
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
        chain: Option<Vec<u8>>,
    }
    struct Waiting {
        count: u64,
        oldest: Option<Timestamp>,
    }
    /// A stream that went on under a new epoch.
    #[derive(Clone, Debug)]
    pub struct Turned {
        /// The stream: `down:0` … `down:4`, or `up`.
        pub stream: String,
        /// The epoch that ended.
        pub old_epoch: u32,
        /// The last number of it that this node still had.
        pub kept: u64,
        /// The epoch that began.
        pub new_epoch: u32,
        /// When.
        pub at: Timestamp,
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
        /// The running hash of the log up to and including this row.
        pub chain: Vec<u8>,
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
        let targets: Vec<String> =
            outgoing.targets.iter().map(|path| path.as_str().to_owned()).collect();
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
        let Some(Stamp(keys)) = self.stamp() else {
            return Err(Failure::fault("write to the log", "this node has no keys yet"));
        };
        let head = self.next("up").await?;
        let before = head.chain.and_then(|chain| chain.try_into().ok()).map(ChainHash);
        let before = before.unwrap_or_else(|| ChainHash::genesis(keys.node_id(), head.epoch));
        let chain = before.next(kind, &body);
        self.run(
            sql!("insert into kernel_records_up (epoch, seq, kind, body, chain, at) values ($1, $2, $3, $4, $5, $6)"),
            &[
                head.epoch.into(),
                head.head.into(),
                kind.into(),
                body.into(),
                chain.0.as_slice().into(),
                self.now().into(),
            ],
        )
        .await?;
        self.run(
            sql!("update kernel_streams set chain = $1 where name = 'up'"),
            &[chain.0.as_slice().into()],
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
                      on conflict (name) do update set head = kernel_streams.head + 1 returning epoch, head, chain"),
                &[stream.into(), epoch.into()],
            )
            .await?)
    }
}

/// A stream's epoch is the second at which it was begun: a later beginning is always larger.
fn epoch_at(now: Timestamp) -> u32 {
    u32::try_from(now.millis() / 1000).unwrap_or(1).max(1)
}

/// Begins every stream of this node anew, numbered from one: after a restore, numbers that were
/// given out since the backup must never be given out again under the same epoch. `at_least` is the
/// highest epoch that others are known to have seen.
pub async fn begin_new_epoch(tx: &mut Tx, at_least: u32) -> Result<(), DbError> {
    let epoch = epoch_at(tx.now()).max(at_least);
    let at = tx.now();
    // Lanes that said nothing yet begin anew too, or a reader could not tell them from a lost history.
    for stream in ["up", "down:0", "down:1", "down:2", "down:3", "down:4"] {
        tx.run(
            sql!("insert into kernel_streams (name, epoch, head) values ($1, 0, 0) on conflict do nothing"),
            &[stream.into()],
        )
        .await?;
    }
    tx.run(
        sql!("insert into kernel_turns (stream, old_epoch, kept, new_epoch, at) \
              select name, epoch, head, case when epoch >= $1 then epoch + 1 else $1 end, $2 from kernel_streams"),
        &[epoch.into(), at.into()],
    )
    .await?;
    tx.run(
        sql!("update kernel_streams set epoch = case when epoch >= $1 then epoch + 1 else $1 end, head = 0, chain = null"),
        &[epoch.into()],
    )
    .await?;
    Ok(())
}

/// Every new beginning of this node's streams, oldest first.
pub async fn turns(tx: &mut Tx) -> Result<Vec<Turned>, DbError> {
    tx.all(sql!("select stream, old_epoch, kept, new_epoch, at from kernel_turns order by at, stream, new_epoch"), &[]).await
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
    let head: Option<Head> = tx
        .maybe(
            sql!("select epoch, head, chain from kernel_streams where name = $1"),
            &[stream.into()],
        )
        .await?;
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
pub async fn up_after(
    tx: &mut Tx,
    epoch: u32,
    seq: u64,
    limit: usize,
) -> Result<Vec<UpRow>, DbError> {
    tx.all(
        sql!("select seq, kind, body, chain, at from kernel_records_up where epoch = $1 and seq > $2 order by seq limit $3"),
        &[epoch.into(), seq.into(), limit.into()],
    )
    .await
}

/// How many rows of the upward log come after `seq`, and when the oldest of them was written.
pub async fn waiting_up(
    tx: &mut Tx,
    epoch: u32,
    seq: u64,
) -> Result<(u64, Option<Timestamp>), DbError> {
    let waiting: Waiting = tx
        .one(
            sql!("select count(*) as count, min(at) as oldest from kernel_records_up where epoch = $1 and seq > $2"),
            &[epoch.into(), seq.into()],
        )
        .await?;
    Ok((waiting.count, waiting.oldest))
}

/// The running hash of the upward log after row `seq`; none when there is no such row.
pub async fn up_chain_at(tx: &mut Tx, epoch: u32, seq: u64) -> Result<Option<Vec<u8>>, DbError> {
    tx.maybe(
        sql!("select chain as value from kernel_records_up where epoch = $1 and seq = $2"),
        &[epoch.into(), seq.into()],
    )
    .await
}

/// Splits a stored target list back into paths.
pub fn read_targets(joined: &str) -> Vec<ScopePath> {
    joined.lines().filter_map(ScopePath::parse).collect()
}
