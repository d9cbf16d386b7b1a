//! Answers a poll: looks up what the point has not read, packs it into frames, or holds the request
//! until there is something.

use std::{collections::BTreeMap, convert::Infallible, time::Duration};

use bytes::Bytes;
use futures_util::stream;
use kernel::{
    app::AppRef,
    axum::{body::Body, response::Response},
    clock::Timestamp,
    db::Tx,
    problem::{BAD_REQUEST, Failure, Outcome},
    records::{self, Lane, NodeId},
    scope::ScopePath,
};
use sync::{
    downstream::{Closing, LaneLog, Need, Rows, Sender, Step},
    history::{Beacon, EpochChange, Turn},
    poll::Poll,
    record::SignedRecord,
    session::Session,
    statement::Signed,
    vector::{Cursor, StateVector},
};
use tokio::sync::mpsc;

use crate::{
    actions,
    store::{self, nodes::NodeRow},
};

/// No request is held longer, whatever the point asks for: some carriers forget a silent connection
/// after ten minutes.
const HOLD_S_MAX: u32 = 9 * 60;
/// Answers up to this size are sent with their length; larger ones stream.
const WHOLE_BYTES_MAX: usize = 256 * 1024;
/// Rows read from the log at a time.
const ROWS: usize = 500;

const LANES: [Lane; 5] = [Lane::Alert, Lane::Control, Lane::Text, Lane::Audio, Lane::Video];

/// Who asks, and what for.
struct Asked {
    poll: Poll,
    session: Session,
    node: NodeId,
    reach: Hearing,
}

/// Which records are for a point: those that touch where it lies; those that touched where it lay before the
/// map changed, said before that or for nobody else; and those for a unit that has become part of where it lies.
#[derive(Clone)]
struct Hearing {
    path: ScopePath,
    former: Vec<ScopePath>,
    /// Every path of earlier days that led to where it lies.
    joined: Vec<ScopePath>,
    moved_at: Option<Timestamp>,
}

impl Hearing {
    async fn of(tx: &mut Tx, row: &NodeRow) -> Outcome<Self> {
        let joined = areas::steps(tx).await?.before(&row.path);
        let (path, former) = (row.path.clone(), row.former());
        Ok(Self { path, former, joined, moved_at: row.moved_at })
    }

    fn is_for(&self, row: &records::DownRow) -> bool {
        let early = self.moved_at.is_some_and(|moved_at| row.at <= moved_at);
        let heard_before = |target: &ScopePath| {
            let mut lay = self.former.iter();
            lay.any(|path| path.contains(target) || (early && path.touches(target)))
        };
        let targets = records::read_targets(&row.targets);
        let is_joined = |target: &ScopePath| self.joined.iter().any(|path| path.contains(target));
        targets
            .iter()
            .any(|target| target.touches(&self.path) || heard_before(target) || is_joined(target))
    }
}

#[expect(clippy::disallowed_methods, reason = "how long a request is held is not wall time")]
pub(super) async fn answer(app: AppRef, body: &[u8]) -> Outcome<Response> {
    let asked = read(&app, body).await?;
    let mut fresh = app.db.wake().on_records();
    let hold = Duration::from_secs(asked.poll.wait_s.min(HOLD_S_MAX).into());
    let deadline = tokio::time::Instant::now() + hold;
    loop {
        let mut sending = Sending::begin(&app, &asked).await?;
        let bytes = sending.up_to(WHOLE_BYTES_MAX).await?;
        if sending.sent_records || tokio::time::Instant::now() >= deadline {
            return Ok(respond(bytes, sending));
        }
        // Woken by a commit of this process; another process of the same hub is noticed in time too.
        let until = deadline.min(tokio::time::Instant::now() + Duration::from_secs(5));
        let _ = tokio::time::timeout_at(until, fresh.changed()).await;
    }
}

fn respond(bytes: Vec<u8>, sending: Sending) -> Response {
    if sending.done {
        return super::whole(bytes);
    }
    let (send, receive) = mpsc::channel::<Bytes>(4);
    #[expect(clippy::disallowed_methods, reason = "ends with the response it feeds")]
    tokio::spawn(sending.on(send));
    let rest = stream::unfold(receive, async |mut receive| {
        let bytes = receive.recv().await?;
        Some((Ok::<_, Infallible>(bytes), receive))
    });
    let first = stream::once(std::future::ready(Ok::<_, Infallible>(Bytes::from(bytes))));
    Response::new(Body::from_stream(futures_util::StreamExt::chain(first, rest)))
}

/// Reads the poll, proves it, and notes what it tells about the point.
async fn read(app: &AppRef, body: &[u8]) -> Outcome<Asked> {
    let unreadable = |_| Failure::from(&BAD_REQUEST);
    let id = Poll::session_of(body).map_err(unreadable)?;
    let (session, row, node, reach) = app
        .db
        .view(async |tx| {
            let (session, row, node) = actions::session_of(tx, id).await?;
            let reach = Hearing::of(tx, &row).await?;
            Ok((session, row, node, reach))
        })
        .await?;
    let poll = Poll::decode(body, &session).map_err(unreadable)?;
    let mut contact = row.contact();
    let first_use = contact.uses(id);
    let moved = row.state_vector() != poll.vector;
    let quiet = row.last_seen_at.is_none_or(|seen| app.now().since(seen) > 60_000);
    // A poll that says nothing new costs no write.
    if first_use || moved || quiet {
        let before = row.state_vector();
        app.db
            .change(async |tx| {
                if first_use {
                    store::nodes::save_contact(tx, node, &contact).await?;
                }
                store::nodes::note_seen(tx, node, Some(&poll.vector), None).await?;
                reach::actions::note_contact(tx, &row.path, tx.now()).await?;
                if moved {
                    note_delivered(app, tx, &reach, &before, &poll.vector).await?;
                }
                Ok(())
            })
            .await?;
    }
    Ok(Asked { poll, session, node, reach })
}

/// The point has read further: what it has now counts as *on node*.
async fn note_delivered(
    app: &AppRef,
    tx: &mut Tx,
    hearing: &Hearing,
    before: &StateVector,
    now: &StateVector,
) -> Outcome<()> {
    let own = app.node_id();
    for lane in LANES {
        let Some(to) = now.get(own, lane) else { continue };
        let mut from = before.get(own, lane).unwrap_or_default();
        while (from.epoch, from.seq) < (to.epoch, to.seq) {
            let rows = records::down_after(tx, lane, from.epoch, from.seq, ROWS).await?;
            let Some(last) = rows.last() else { break };
            from = Cursor::new(last.epoch, last.seq);
            let read = rows.iter().filter(|row| (row.epoch, row.seq) <= (to.epoch, to.seq));
            for row in read.filter(|row| hearing.is_for(row)) {
                note_row(app, tx, hearing, row).await?;
            }
        }
    }
    Ok(())
}

async fn note_row(
    app: &AppRef,
    tx: &mut Tx,
    hearing: &Hearing,
    row: &records::DownRow,
) -> Outcome<()> {
    let signed = SignedRecord::from_bytes(row.signed.clone()).ok();
    let record = signed.and_then(|signed| signed.verify(app.node_id(), app.keys.public()).ok());
    let Some(record) = record.filter(|record| record.kind == publishing::PUBLICATION_KIND) else {
        return Ok(());
    };
    if let Some((publication, version, title)) = publishing::named_in(&record.body) {
        kernel::tracing::info!(target: "crossing", "⇣ đã về điểm: «{title}» (bản {version})");
        // Denominators that were frozen before the map changed lie where the point lay then.
        for path in hearing.former.iter().chain([&hearing.path]) {
            reach::actions::on_node(tx, path, publication.as_str(), version).await?;
        }
    }
    Ok(())
}

/// One answer being written.
struct Sending {
    app: AppRef,
    hearing: Hearing,
    sender: Sender,
    sent_records: bool,
    done: bool,
}

impl Sending {
    async fn begin(app: &AppRef, asked: &Asked) -> Outcome<Self> {
        let own = app.node_id();
        let (logs, changes, ack) = app
            .db
            .view(async |tx| {
                let (logs, changes) = histories(tx, app).await?;
                let ack = store::inbox::newest_head(tx, asked.node).await?.map(|state| state.acked);
                Ok((logs, changes, ack))
            })
            .await?;
        let now = app.now().millis();
        let time_ms = u64::try_from(now).unwrap_or(0);
        let heads = logs.iter().filter_map(|log| Some((log.lane, *log.spans.last()?))).collect();
        // Any number that grows by one a poll will do; the second serves.
        let turn = time_ms / 1000;
        let closing = Closing { time_ms, ack };
        let mut sender =
            Sender::new(&asked.poll, asked.session.frame_key(), logs, changes, turn, closing);
        if sender.reader_is_ahead() {
            let beacon = Signed::sign(Beacon { origin: own, time_ms, heads }, &app.keys);
            sender.send_beacon(&beacon);
        }
        Ok(Self {
            app: app.clone(),
            hearing: asked.reach.clone(),
            sender,
            sent_records: false,
            done: false,
        })
    }

    /// Writes until the answer is complete or about so long.
    async fn up_to(&mut self, bytes_max: usize) -> Outcome<Vec<u8>> {
        let mut out = Vec::new();
        while !self.done && out.len() < bytes_max {
            match self.sender.step() {
                Step::Send(bytes) => out.extend_from_slice(&bytes),
                Step::Need(need) => {
                    let hearing = self.hearing.clone();
                    let rows =
                        self.app.db.view(async |tx| look_up(tx, &hearing, &need).await).await?;
                    self.sent_records |= !rows.records.is_empty();
                    self.sender.rows(rows);
                }
                Step::Done => self.done = true,
            }
        }
        Ok(out)
    }

    /// Goes on in the background, as fast as the point takes it.
    async fn on(mut self, send: mpsc::Sender<Bytes>) {
        while !self.done {
            match self.up_to(WHOLE_BYTES_MAX / 4).await {
                Ok(bytes) => {
                    if send.send(bytes.into()).await.is_err() {
                        return;
                    }
                }
                // The answer breaks off; the point keeps what it has and asks again.
                Err(failure) => return kernel::tracing::error!("an answer broke off: {failure}"),
            }
        }
    }
}

/// Every lane of our own log with its histories, and the signed word for each new beginning.
async fn histories(tx: &mut Tx, app: &AppRef) -> Outcome<(Vec<LaneLog>, Vec<Signed<EpochChange>>)> {
    let origin = app.node_id();
    let turned = records::turns(tx).await?;
    let mut logs = Vec::new();
    // One statement for everything that began anew at the same moment.
    let mut beginnings: BTreeMap<Timestamp, Vec<(Lane, Turn)>> = BTreeMap::new();
    for lane in LANES {
        let stream = format!("down:{}", lane.number());
        let mut spans: Vec<Cursor> = Vec::new();
        for turn in turned.iter().filter(|turn| turn.stream == stream) {
            let kept = Cursor::new(turn.old_epoch, turn.kept);
            if turn.old_epoch > 0 {
                spans.push(kept);
            }
            beginnings
                .entry(turn.at)
                .or_default()
                .push((lane, Turn { kept, epoch: turn.new_epoch }));
        }
        if let Some((epoch, head)) = records::down_head(tx, lane).await? {
            spans.push(Cursor::new(epoch, head));
            logs.push(LaneLog { origin, lane, spans });
        }
    }
    let changes = beginnings.into_iter().map(|(at, turns)| {
        let time_ms = u64::try_from(at.millis()).unwrap_or(0);
        Signed::sign(EpochChange { origin, time_ms, turns }, &app.keys)
    });
    Ok((logs, changes.collect()))
}

/// Rows of one history of one lane that are for this point.
async fn look_up(tx: &mut Tx, hearing: &Hearing, need: &Need) -> Outcome<Rows> {
    let mut rows = Rows { records: Vec::new(), searched_through: need.after };
    while rows.searched_through < need.through && rows.records.len() < need.limit {
        let page =
            records::down_after(tx, need.lane, need.epoch, rows.searched_through, ROWS).await?;
        let page: Vec<_> = page
            .into_iter()
            .filter(|row| row.epoch == need.epoch && row.seq <= need.through)
            .collect();
        if page.is_empty() {
            rows.searched_through = need.through;
        }
        for row in page {
            rows.searched_through = row.seq;
            if hearing.is_for(&row)
                && let Ok(signed) = SignedRecord::from_bytes(row.signed)
            {
                rows.records.push((row.seq, signed));
                if rows.records.len() >= need.limit {
                    break;
                }
            }
        }
    }
    Ok(rows)
}
