//! The two roads of a point, walked at once over a line that answers as a test wants: the road that opens first calls
//! the other, whatever that one is doing. A road that is not called waits an hour here, so none comes by itself.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use delivery::Probe;
use kernel::{
    axum::{
        body::{Body, Bytes},
        extract::{Request, State},
        http::StatusCode,
        middleware::{Next, from_fn_with_state},
        response::{IntoResponse, Response},
    },
    problem::Outcome,
};
use testkit::{
    Kit, KitBuilder, on_both_engines,
    tokio::{
        self,
        sync::{Notify, watch},
        time::timeout,
    },
};

use super::{
    bridge::{COMMUNE, Hub, hub, received, waiting_up},
    crossing::{emit_up, forget_inbox},
};

/// Longer than any machine needs, shorter than a poll's own patience.
const LONG: Duration = Duration::from_secs(40);

/// What becomes of one request.
enum Fate {
    Passes,
    Refused,
    /// It reaches the hub when the gate is told to.
    Waits,
    /// It is refused when the gate is told to.
    WaitsAndIsRefused,
    /// The answer begins, and breaks when the gate is told to.
    Breaks,
    /// As on a connection that died without a word.
    NeverAnswered,
}

/// Where requests of one kind pass. After the fates that were written down every request reaches the hub.
struct Gate {
    fates: Mutex<VecDeque<Fate>>,
    told: Arc<Notify>,
    seen: watch::Sender<usize>,
}

impl Gate {
    fn new() -> Self {
        Self { fates: Mutex::default(), told: Arc::default(), seen: watch::Sender::new(0) }
    }

    /// What becomes of the next requests; counts them anew.
    fn next(&self, fates: impl IntoIterator<Item = Fate>) {
        *self.fates.lock().expect("no test panicked") = fates.into_iter().collect();
        self.seen.send_replace(0);
    }

    async fn has_seen(&self, count: usize) {
        let mut seen = self.seen.subscribe();
        let seen = timeout(LONG, seen.wait_for(|seen| *seen >= count)).await;
        seen.expect("a road tries").expect("the gate stands");
    }

    async fn pass(&self, request: Request, next: Next) -> Response {
        self.seen.send_modify(|seen| *seen += 1);
        let fate = self.fates.lock().expect("no test panicked").pop_front();
        let refused = || StatusCode::SERVICE_UNAVAILABLE.into_response();
        match fate {
            None | Some(Fate::Passes) => next.run(request).await,
            Some(Fate::Refused) => refused(),
            Some(Fate::Waits) => {
                self.told.notified().await;
                next.run(request).await
            }
            Some(Fate::WaitsAndIsRefused) => {
                self.told.notified().await;
                refused()
            }
            Some(Fate::Breaks) => {
                let told = self.told.clone();
                Response::new(Body::from_stream(futures_util::stream::once(async move {
                    told.notified().await;
                    Err::<Bytes, _>(std::io::Error::other("the line is cut"))
                })))
            }
            Some(Fate::NeverAnswered) => std::future::pending().await,
        }
    }
}

/// The line between a point and its hub; what is no poll and no batch passes.
struct Line {
    polls: Gate,
    batches: Gate,
}

impl Line {
    /// A line to a hub, whose address is from now on at this end of it.
    async fn to(hub: &mut Hub) -> Arc<Self> {
        let line = Arc::new(Self { polls: Gate::new(), batches: Gate::new() });
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        hub.address = listener.local_addr().expect("an address");
        let site = hub.kit.site().layer(from_fn_with_state(line.clone(), cross));
        #[expect(clippy::disallowed_methods, reason = "the line carries while the point asks")]
        tokio::spawn(async move { kernel::axum::serve(listener, site).await });
        line
    }
}

async fn cross(State(line): State<Arc<Line>>, request: Request, next: Next) -> Response {
    match request.uri().path() {
        "/v1/sync" => line.polls.pass(request, next).await,
        path if path.starts_with("/v1/up/") => line.batches.pass(request, next).await,
        _ => next.run(request).await,
    }
}

async fn until(what: &str, holds: impl AsyncFn() -> bool) {
    let waits = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(LONG, waits).await.unwrap_or_else(|_| panic!("{what}"));
}

async fn in_trouble(point: &Kit) -> bool {
    let status = delivery::road_status(&point.app).await.expect("a status");
    status.is_some_and(|status| status.trouble.is_some())
}

/// Walks both roads until the story is told.
async fn walk(probe: &mut Probe, story: impl Future<Output = ()>) {
    tokio::select! {
        () = Box::pin(probe.walk()) => {}
        () = Box::pin(story) => {}
    }
}

/// Reports that go up, each answered before the next is written.
async fn report(point: &Kit, times: usize) {
    for _ in 0..times {
        emit_up(point, 1).await;
        until("the report goes up", async || waiting_up(point).await == 0).await;
    }
}

async fn hears(point: &Kit) {
    until("what the hub says is heard", async || received(point).await == 1).await;
}

/// A point that was switched off while it could not reach its hub.
async fn cut_off(builder: KitBuilder) -> (Hub, Arc<Line>, Kit, Probe) {
    let mut hub = hub(builder).await;
    let line = Line::to(&mut hub).await;
    let (point, mut probe) = hub.joined(2).await;
    line.polls.next([Fate::Refused]);
    let lost = until("the point notes its trouble", async || in_trouble(&point).await);
    walk(&mut probe, lost).await;
    drop(probe);
    let probe = Probe::start(&point.app).await.expect("a road");
    (hub, line, point, probe)
}

on_both_engines! {
    async fn a_report_that_goes_up_calls_the_road_that_waits_to_listen(builder: KitBuilder) {
        let mut hub = hub(builder).await;
        let line = Line::to(&mut hub).await;
        let (point, mut probe) = hub.joined(2).await;
        hub.say(COMMUNE, "cảnh báo").await;
        line.polls.next([Fate::Refused]);
        walk(&mut probe, async {
            until("the listener stumbles", async || in_trouble(&point).await).await;
            report(&point, 1).await;
            hears(&point).await;
        }).await;
    }

    async fn an_answered_poll_calls_the_road_that_waits_to_report(builder: KitBuilder) {
        let mut hub = hub(builder).await;
        let line = Line::to(&mut hub).await;
        let (point, mut probe) = hub.joined(2).await;
        emit_up(&point, 1).await;
        line.polls.next([Fate::Waits]);
        line.batches.next([Fate::Refused]);
        walk(&mut probe, async {
            until("the report stumbles", async || in_trouble(&point).await).await;
            // Nothing comes down: what arrives would send the other road off by itself.
            line.polls.told.notify_one();
            until("the report goes up", async || waiting_up(&point).await == 0).await;
        }).await;
    }

    async fn a_call_during_a_poll_that_then_breaks_is_not_lost(builder: KitBuilder) {
        let (hub, line, point, mut probe) = cut_off(builder).await;
        hub.say(COMMUNE, "tin").await;
        line.polls.next([Fate::Breaks]);
        line.batches.next([Fate::Passes, Fate::NeverAnswered]);
        walk(&mut probe, async {
            line.polls.has_seen(1).await;
            report(&point, 1).await;
            // Before the second is sent, the answer to the first has called; nothing calls any more.
            emit_up(&point, 1).await;
            line.batches.has_seen(2).await;
            line.polls.told.notify_one();
            hears(&point).await;
        }).await;
    }

    async fn a_call_during_a_report_that_then_fails_is_not_lost(builder: KitBuilder) {
        let (_hub, line, point, mut probe) = cut_off(builder).await;
        emit_up(&point, 1).await;
        line.polls.next([Fate::Waits, Fate::NeverAnswered]);
        line.batches.next([Fate::WaitsAndIsRefused]);
        walk(&mut probe, async {
            line.batches.has_seen(1).await;
            line.polls.told.notify_one();
            // Before the second poll, the answer to the first has called. It brought nothing: that would be a nudge.
            line.polls.has_seen(2).await;
            line.batches.told.notify_one();
            until("the report goes up", async || waiting_up(&point).await == 0).await;
        }).await;
    }

    async fn a_poll_on_a_dead_connection_is_made_anew_when_a_report_goes_up(builder: KitBuilder) {
        let (hub, line, point, mut probe) = cut_off(builder).await;
        hub.say(COMMUNE, "tin").await;
        line.polls.next([Fate::NeverAnswered]);
        walk(&mut probe, async {
            line.polls.has_seen(1).await;
            report(&point, 1).await;
            hears(&point).await;
            assert!(*line.polls.seen.borrow() <= 3, "the dead one, its answer, and one to hold");
        }).await;
    }

    async fn a_poll_that_was_made_anew_is_left_to_run_though_more_reports_go_up(builder: KitBuilder) {
        let (hub, line, point, mut probe) = cut_off(builder).await;
        hub.say(COMMUNE, "tin").await;
        line.polls.next([Fate::NeverAnswered, Fate::Waits, Fate::NeverAnswered, Fate::NeverAnswered]);
        walk(&mut probe, async {
            line.polls.has_seen(1).await;
            report(&point, 1).await;
            line.polls.has_seen(2).await;
            report(&point, 3).await;
            line.polls.told.notify_one();
            hears(&point).await;
        }).await;
    }

    async fn a_hub_that_takes_nothing_of_a_report_opens_no_road(builder: KitBuilder) {
        let hub = hub(builder).await;
        let (point, mut probe) = hub.joined(2).await;
        emit_up(&point, 5).await;
        probe.send_all().await.expect("sends");
        let forgotten: Outcome<()> = hub.kit.db().change(async |tx| forget_inbox(tx).await).await;
        forgotten.expect("the hub lost what it held, and does not know it");
        let contact = async || {
            let status = delivery::road_status(&point.app).await.expect("a status");
            status.and_then(|status| status.last_contact_at)
        };
        let before = contact().await;
        point.clock.advance(120_000);
        emit_up(&point, 1).await;
        assert!(probe.send_all().await.is_err(), "there is a gap");
        assert_eq!(contact().await, before, "an answer that takes nothing calls nobody");
        assert_eq!(waiting_up(&point).await, 1, "and nothing is lost");
    }
}
