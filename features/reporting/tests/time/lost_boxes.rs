//! Stories of boxes that are lost at any moment, over a bridge that carries in one direction, in the other, or tells
//! everything once more: whatever reached the hub is kept there, what was approved stays approved, and whoever still
//! works at the commune ends up with the same report as the hub.

use std::collections::BTreeSet;

use kernel::db::Tx;
use proptest::prelude::*;
use reporting::{
    actions::{
        content::Content,
        counts,
        entry::{Sheet, Which},
        steps::{Said, take},
    },
    model::{
        CellState,
        submission::{State, Step},
    },
};
use testkit::{Kit, KitBuilder, TestEngine};

use super::{
    applied, applied_from,
    deadlines::said_down,
    homecoming::{joins, sheet, signed_and_sent, stands},
    travelling::log,
};
use crate::cast::{
    COMMUNE, PLACE, cell, edit, holds, leader, officer, province, province_leader, started, step,
    typed, which,
};

/// What happens.
#[derive(Clone, Debug)]
enum Event {
    /// The commune types this figure, in a correction where the report was handed in, signs and hands in.
    Writes(i64),
    /// The bridge carries what waits, up or down; what was said before may be told once more.
    Carries { up: bool, down: bool, again: bool },
    /// The province gives the report back.
    Returns,
    /// The province checks the report and approves it.
    Approves,
    /// The commune's box is lost with everything on it, and another one comes.
    BoxLost,
}

kernel::row_struct! {
    struct Kept {
        occasion: String,
        body: Vec<u8>,
    }
}

/// A commune's box: its number as a node, how far its log and the hub's have been carried.
struct Point {
    kit: Kit,
    node: u8,
    up: usize,
    down: usize,
    has_joined: bool,
}

impl Point {
    async fn set_up(node: u8) -> Self {
        let kit = started(KitBuilder::on(TestEngine::Sqlite).point(node)).await;
        Self { kit, node, up: 0, down: 0, has_joined: false }
    }
}

struct World {
    hub: Kit,
    point: Point,
    which: Which,
    /// Figures that reached the hub, the last one last.
    arrived: Vec<i64>,
    /// Figures that were approved.
    approved: BTreeSet<i64>,
}

/// The figure of a report that the stories are about.
fn figure(content: &Content) -> Option<i64> {
    content.figures.get("10.6")?.get("").and_then(CellState::amount)
}

impl World {
    async fn happens(&mut self, event: &Event) {
        match event {
            Event::Writes(number) => self.writes(*number).await,
            Event::Carries { up, down, again } => self.carries(*up, *down, *again).await,
            Event::Returns => {
                let revision = self.held().await.submission.map_or(0, |one| one.revision);
                let note = "Đề nghị kiểm tra lại".to_owned();
                let said = Said { revision, note, ..Said::default() };
                let (app, who) = (&self.hub.app, province(&self.hub));
                // Nothing was handed in, or it was approved.
                let _ = take(app, &who, &self.which.id(), Step::Return, &said).await;
            }
            Event::Approves => self.approves().await,
            Event::BoxLost => self.point = Point::set_up(self.point.node + 1).await,
        }
    }

    async fn held(&self) -> Sheet {
        sheet(&self.hub, &self.which).await
    }

    async fn writes(&self, number: i64) {
        let (kit, id) = (&self.point.kit, self.which.id());
        let before = sheet(kit, &self.which).await;
        if let Some(one) = before.submission.as_ref().filter(|one| one.state.is_reported()) {
            step(kit, &leader(kit), &id, Step::Correct, one.revision).await;
        }
        let here = sheet(kit, &self.which).await;
        let cells = [("10.5b", 2), ("10.6", number), ("10.3a", 6), ("10.6kp", 1)];
        let edits = cells.map(|(key, amount)| edit(key, here.version(&cell(key)), amount));
        typed(kit, &officer(kit), &self.which, edits.into()).await;
        let revision = sheet(kit, &self.which).await.submission.map_or(0, |one| one.revision);
        signed_and_sent(kit, &self.which, revision).await;
    }

    async fn carries(&mut self, up: bool, down: bool, again: bool) {
        if !self.point.has_joined {
            joins(&self.hub).await;
            self.point.has_joined = true;
        }
        if up {
            let rows = log(&self.point.kit).await;
            let from = if again { 0 } else { self.point.up };
            for (at, (kind, body)) in
                rows.iter().enumerate().skip(from).filter(|(_, row)| row.0 == 60)
            {
                applied_from(&self.hub, (self.point.node, PLACE), *kind, body.clone()).await;
                if at >= self.point.up {
                    let figure = self.held().await.held[&cell("10.6")].state.amount();
                    self.arrived.extend(figure);
                }
            }
            self.point.up = rows.len();
            self.hub.settle().await;
        }
        if down {
            let said = said_down(&self.hub).await;
            let from = if again { 0 } else { self.point.down };
            for (kind, body) in said.iter().skip(from).filter(|(kind, _)| [51, 54].contains(kind)) {
                applied(&self.point.kit, *kind, body.clone()).await;
            }
            self.point.down = said.len();
            self.point.kit.settle().await;
        }
    }

    async fn approves(&mut self) {
        let Some(one) = self.held().await.submission else { return };
        if one.state == State::Submitted {
            step(&self.hub, &province(&self.hub), &one.id, Step::Accept, one.revision).await;
        }
        if matches!(one.state, State::Submitted | State::Accepted) {
            step(&self.hub, &province_leader(&self.hub), &one.id, Step::Approve, one.revision)
                .await;
            self.approved.extend(stands(&self.held().await).2);
        }
    }

    /// The copies that the hub keeps for an occasion.
    async fn copies(&self, occasion: &str) -> BTreeSet<i64> {
        let id = self.which.id();
        let kept: Vec<Kept> = self
            .hub
            .db()
            .view(async |tx: &mut Tx| {
                let every = kernel::sql!(
                    "select occasion, body from reporting_snapshots where submission = $1"
                );
                Ok(tx.all(every, &[(&id).into()]).await?)
            })
            .await
            .expect("read");
        let own = kept.iter().filter(|one| one.occasion == occasion);
        own.filter_map(|one| figure(&Content::decode(&one.body)?)).collect()
    }
}

async fn plays_out(story: &[Event]) {
    let hub = started(KitBuilder::on(TestEngine::Sqlite)).await;
    let (arrived, approved) = (Vec::new(), BTreeSet::new());
    let point = Point::set_up(7).await;
    let mut world = World { hub, point, which: which(COMMUNE), arrived, approved };
    for event in story {
        world.happens(event).await;
    }
    for _ in 0..2 {
        world.carries(true, true, false).await;
    }
    let handed_in = world.copies("submitted").await;
    assert!(
        world.arrived.iter().all(|figure| handed_in.contains(figure)),
        "{story:?}: {handed_in:?}"
    );
    let approved = world.copies("approved").await;
    assert!(world.approved.is_subset(&approved), "{story:?}: {approved:?}");
    let above = world.held().await;
    if above.submission.is_some() {
        assert_eq!(stands(&above).2, world.arrived.last().copied(), "{story:?}");
        assert_eq!(
            stands(&sheet(&world.point.kit, &world.which).await),
            stands(&above),
            "{story:?}"
        );
    }
    for kit in [&world.hub, &world.point.kit] {
        assert!(counts::are_true(kit.db()).await.expect("counted anew"), "{story:?}");
    }
}

fn stories() -> impl Strategy<Value = Vec<Event>> {
    let carries =
        || {
            (any::<bool>(), any::<bool>(), any::<bool>())
                .prop_map(|(up, down, again)| Event::Carries { up, down, again })
        };
    let event = prop_oneof![
        4 => (100..400_i64).prop_map(Event::Writes),
        4 => carries(),
        2 => Just(Event::Carries { up: true, down: true, again: false }),
        1 => Just(Event::Returns),
        2 => Just(Event::Approves),
        1 => Just(Event::BoxLost),
    ];
    prop::collection::vec(event, 4..14)
}

#[test]
fn whenever_a_box_is_lost_nothing_that_arrived_is_and_both_ends_agree() {
    holds(&stories(), 10, |story| async move { plays_out(&story).await });
}
