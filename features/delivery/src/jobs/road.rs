//! What both tasks of a point share: the session with the hub, the clock, and what went wrong.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};

use kernel::{
    app::AppRef,
    problem::{Failure, NO_SPACE, Outcome},
    records,
};
use sync::{
    NodeId, PublicKeys,
    clock::{TimeFloor, Trust as Standing},
    session::{Greeted, Hello, PROTO, Session, SessionId, greeted},
    statement::Signed,
    upstream::{ChainHash, UpHead},
    vector::Cursor,
};
use tokio::sync::{Mutex, Notify, watch};

use crate::{
    model::Trouble,
    store,
    transport::{RoadFault, Transport, Trust},
};

/// A point on the road to its hub.
pub struct Walker {
    pub app: AppRef,
    pub url: String,
    pub hub: PublicKeys,
    /// Something new to fetch or send may be there.
    pub nudge: Notify,
    /// True while something is coming down: whatever can wait, waits.
    pub receiving: AtomicBool,
    /// The latest time the hub had proven when we started, in milliseconds since 1970.
    time_floor: u64,
    session: Mutex<Option<Session>>,
    /// Milliseconds of the app's clock at which we last wrote down that the hub answered.
    contact_noted: AtomicU64,
    in_trouble: AtomicBool,
    listening: Way,
    carrying: Way,
    /// No road waits less before it tries again, unless it is called. Nothing by day.
    pub alone_least_ms: u64,
}

/// Which of a point's two roads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What comes down.
    Listening,
    /// What goes up, and files.
    Carrying,
}

/// What the roads know of each other: a warning does not wait for the listener's own next try, up to a minute away,
/// when reports go up already.
struct Way {
    /// It stumbled over the line and has not been answered since.
    lost: AtomicBool,
    caller: Caller,
}

impl Way {
    fn begun(lost: bool) -> Self {
        Self { lost: AtomicBool::new(lost), caller: Caller::default() }
    }
}

/// Calls one road.
#[derive(Default)]
pub struct Caller(watch::Sender<()>);

impl Caller {
    pub fn call(&self) {
        self.0.send_replace(());
    }

    /// The calls from now on.
    pub fn calls(&self) -> Calls {
        Calls(self.0.subscribe())
    }
}

/// The calls to one road. None is lost while the road is busy; a clone hears the same ones.
#[derive(Clone)]
pub struct Calls(watch::Receiver<()>);

impl Calls {
    /// Calls that came before now say nothing about what is tried next.
    pub fn forget(&mut self) {
        self.0.mark_unchanged();
    }

    /// Waits for a call, or has heard one already.
    pub async fn heard(&mut self) {
        if self.0.changed().await.is_err() {
            // Whoever calls is gone: nobody will.
            std::future::pending::<()>().await;
        }
    }
}

/// Why a stretch of road could not be walked.
#[derive(Debug)]
pub enum Stumble {
    /// The line.
    Road(RoadFault),
    /// The hub answered with this status.
    Status(u16),
    /// What arrived was damaged or forged, or no hub speaks there.
    Damaged,
    /// The hub believes that this box is a copy, or has revoked it.
    Refused,
    /// The line opened for the other road while we waited for an answer, perhaps on a dead connection.
    Overtaken,
    /// Ours.
    Own(Failure),
}

impl From<RoadFault> for Stumble {
    fn from(fault: RoadFault) -> Self {
        Self::Road(fault)
    }
}

impl From<Failure> for Stumble {
    fn from(failure: Failure) -> Self {
        Self::Own(failure)
    }
}

impl Stumble {
    /// True when the line may be at fault, or whoever stands in it: then its opening is worth a try.
    pub const fn is_of_the_line(&self) -> bool {
        !matches!(self, Self::Refused | Self::Status(403 | 404) | Self::Own(_))
    }

    /// What the keeper's page says of it; nothing of what is no trouble.
    fn trouble(&self) -> Option<Trouble> {
        Some(match self {
            Self::Overtaken => return None,
            Self::Road(RoadFault::Unreachable(_)) => Trouble::Unreachable,
            Self::Road(RoadFault::Untrusted(_)) => Trouble::Untrusted,
            Self::Road(_) => Trouble::Broken,
            Self::Status(403 | 404) | Self::Refused => Trouble::Refused,
            Self::Status(500..) => Trouble::HubFailing,
            Self::Status(_) => Trouble::Stranger,
            Self::Damaged => Trouble::Damaged,
            Self::Own(failure) if failure.is(&NO_SPACE) => Trouble::DiskFull,
            Self::Own(_) => Trouble::Own,
        })
    }
}

impl Walker {
    /// Reads where the hub is; none when this machine has not joined one.
    pub async fn start(app: &AppRef) -> Outcome<Option<Self>> {
        let Some(road) = app.db.view(async |tx| Ok(store::road::find(tx).await?)).await? else {
            return Ok(None);
        };
        let hub =
            road.hub().ok_or_else(|| Failure::fault("read the hub's keys", "they are damaged"))?;
        set_clock(app, road.time_floor, road.clock_offset);
        Ok(Some(Self {
            app: app.clone(),
            url: road.url,
            hub,
            nudge: Notify::new(),
            receiving: AtomicBool::new(false),
            time_floor: road.time_floor,
            session: Mutex::new(None),
            contact_noted: AtomicU64::new(0),
            in_trouble: AtomicBool::new(road.trouble.is_some()),
            listening: Way::begun(road.trouble.is_some()),
            carrying: Way::begun(road.trouble.is_some()),
            alone_least_ms: 0,
        }))
    }

    /// A connection of its own.
    pub fn transport(&self) -> Result<Transport, Stumble> {
        let trust = Trust {
            authorities: self.app.port(),
            clock: self.app.clock().clone(),
            floor_ms: self.time_floor,
        };
        Transport::new(&self.url, &trust)
            .ok_or_else(|| Failure::fault("reach the hub", "its address is wrong").into())
    }

    /// The session with the hub; says hello when there is none.
    pub async fn session(&self, transport: &mut Transport) -> Result<Session, Stumble> {
        let mut slot = self.session.lock().await;
        if let Some(session) = &*slot {
            return Ok(session.clone());
        }
        let mut answering = [0; 16];
        // A hub that is not sure asks once more; more often means that something is wrong.
        for _ in 0..3 {
            let hello = self.hello(answering).await?;
            let signed = Signed::sign(hello.clone(), &self.app.keys);
            let patience = Duration::from_secs(60);
            let answer = transport.post("/v1/hello", signed.as_bytes().to_vec(), patience).await?;
            if answer.status != 200 {
                return Err(Stumble::Status(answer.status));
            }
            let answer = Signed::from_bytes(&answer.body).map_err(|_| Stumble::Damaged)?;
            match greeted(&answer, &hello, &self.app.keys, &self.hub)
                .map_err(|_| Stumble::Damaged)?
            {
                Greeted::Welcome { session, held, time_ms, .. } => {
                    self.app
                        .db
                        .change(async |tx| Ok(store::road::save_session(tx, session.id()).await?))
                        .await?;
                    self.learn_time(time_ms).await?;
                    super::listen::hear_held(self, held).await?;
                    *slot = Some(session.clone());
                    return Ok(session);
                }
                Greeted::Challenge(challenge) => answering = challenge,
                Greeted::Refused => return Err(Stumble::Refused),
            }
        }
        Err(Stumble::Refused)
    }

    /// Forgets a session that the hub no longer knows.
    pub async fn drop_session(&self, id: SessionId) {
        let mut slot = self.session.lock().await;
        if slot.as_ref().is_some_and(|session| session.id() == id) {
            *slot = None;
        }
    }

    async fn hello(&self, answering: [u8; 16]) -> Outcome<Hello> {
        let node = self.app.node_id();
        let (last_session, up) = self
            .app
            .db
            .view(async |tx| {
                let road = store::road::find(tx).await?;
                let up = match records::up_head(tx).await? {
                    Some((epoch, seq)) => {
                        let chain = records::up_chain_at(tx, epoch, seq).await?;
                        let chain = chain.and_then(|chain| chain.try_into().ok()).map(ChainHash);
                        let hash = chain.unwrap_or_else(|| ChainHash::genesis(node, epoch));
                        UpHead { cursor: Cursor::new(epoch, seq), hash }
                    }
                    None => UpHead::empty(node, 0),
                };
                Ok((road.map(|road| road.session()).unwrap_or_default(), up))
            })
            .await?;
        let time_ms = u64::try_from(self.app.clock().uncorrected().millis()).unwrap_or(0);
        Ok(Hello {
            proto: PROTO,
            node,
            nonce: self.app.chance().bytes(),
            time_ms,
            last_session,
            answering,
            up,
        })
    }

    /// The hub's proven time: corrects this machine's clock when it is noticeably wrong.
    async fn learn_time(&self, time_ms: u64) -> Outcome<()> {
        let clock = self.app.clock();
        let hub_ms = i64::try_from(time_ms).unwrap_or(i64::MAX);
        let offset = hub_ms.saturating_sub(clock.uncorrected().millis());
        let offset = if offset.abs() > 2_000 { offset } else { 0 };
        clock.correct(offset);
        self.app.db.change(async |tx| Ok(store::road::save_time(tx, time_ms, offset).await?)).await
    }

    /// The hub answered: written down at most once a minute, to spare the card. The other road is called when either
    /// had lost the line.
    pub async fn note_contact(&self, side: Side) -> Outcome<()> {
        let now = u64::try_from(self.app.now().millis()).unwrap_or(0);
        let noted = self.contact_noted.load(Ordering::SeqCst);
        let was_in_trouble = self.in_trouble.swap(false, Ordering::SeqCst);
        if was_in_trouble || now.saturating_sub(noted) > 60_000 {
            self.contact_noted.store(now, Ordering::SeqCst);
            self.app.db.change(async |tx| Ok(store::road::note_contact(tx).await?)).await?;
        }
        if was_in_trouble {
            kernel::tracing::info!(target: "crossing", "∞ đã liên lạc lại với trung tâm");
        }
        let (own, other) = self.ways(side);
        if own.lost.swap(false, Ordering::SeqCst) || other.lost.load(Ordering::SeqCst) {
            other.caller.call();
        }
        Ok(())
    }

    /// The calls to a road, from now on.
    pub fn calls(&self, to: Side) -> Calls {
        self.ways(to).0.caller.calls()
    }

    /// A road and the other one.
    const fn ways(&self, side: Side) -> (&Way, &Way) {
        match side {
            Side::Listening => (&self.listening, &self.carrying),
            Side::Carrying => (&self.carrying, &self.listening),
        }
    }

    /// Something went wrong: remembered for the keeper's page, with the time of the next try.
    pub async fn note_trouble(&self, side: Side, stumble: &Stumble, wait_ms: u64) {
        let Some(trouble) = stumble.trouble() else { return };
        if stumble.is_of_the_line() {
            self.ways(side).0.lost.store(true, Ordering::SeqCst);
        }
        if !self.in_trouble.swap(true, Ordering::SeqCst) {
            kernel::tracing::info!(target: "crossing", "✂ không đến được trung tâm, mọi thứ được giữ lại ở điểm");
        }
        kernel::tracing::debug!("on the road: {stumble:?}");
        if let Stumble::Own(failure) = stumble {
            kernel::tracing::error!("on the road: {failure}");
        }
        let next = self.app.now().plus_millis(i64::try_from(wait_ms).unwrap_or(0));
        let noted = self
            .app
            .db
            .change(async |tx| Ok(store::road::note_trouble(tx, trouble, next).await?))
            .await;
        if let Err(failure) = noted {
            kernel::tracing::error!("a trouble could not be written down: {failure}");
        }
    }

    /// Whose records we believe.
    pub fn origins(&self) -> std::collections::BTreeMap<NodeId, PublicKeys> {
        [(self.hub.node_id(), self.hub)].into()
    }
}

/// A box with an empty clock battery wakes up years away: what is proven corrects it until the hub
/// answers.
fn set_clock(app: &AppRef, floor: u64, offset: i64) {
    let clock = app.clock();
    let floor_time = TimeFloor::new(floor);
    let wall = clock.uncorrected().millis();
    let judge = |millis: i64| floor_time.judge(u64::try_from(millis).unwrap_or(0));
    match (judge(wall), judge(wall.saturating_add(offset))) {
        (Standing::Behind(_) | Standing::FarAhead(_), Standing::Plausible) => clock.correct(offset),
        (Standing::Behind(by), _) => clock.correct(i64::try_from(by).unwrap_or(0)),
        _ => {}
    }
}
