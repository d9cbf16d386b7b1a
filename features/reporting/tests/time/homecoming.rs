//! A point whose box was lost: what the tier above holds comes home, and what the new box says is neither lost nor
//! written over what was decided.

use kernel::{
    db::Tx,
    records::{Incoming, NodeId},
    scope::ScopePath,
};
use reporting::{
    actions::{
        answers,
        entry::{Sheet, Which, open},
        obligations,
        steps::{Said, take},
    },
    model::submission::{State, Step},
};
use testkit::{Kit, KitBuilder, TestEngine};

use super::{applied, applied_from, deadlines::down, travelling::log};
use crate::cast::{
    COMMUNE, PLACE, POINT, cell, edit, leader, officer, province, province_leader, said_by,
    started, step, taken, typed, which,
};

/// The box that comes in the place of the first.
const NEW_BOX: (u8, &str) = (8, PLACE);

async fn new_box() -> Kit {
    started(KitBuilder::on(TestEngine::Sqlite).point(8)).await
}

/// Types a report at a point, signs it and hands it in.
async fn handed_in(point: &Kit, which: &Which, figure: i64) {
    let edits = vec![
        edit("10.5b", 0, 2),
        edit("10.6", 0, figure),
        edit("10.3a", 0, 6),
        edit("10.6kp", 0, 1),
    ];
    typed(point, &officer(point), which, edits).await;
    signed_and_sent(point, which, 1).await;
}

pub async fn signed_and_sent(point: &Kit, which: &Which, revision: i64) {
    step(point, &leader(point), &which.id(), Step::Certify, revision).await;
    let (_, sheet) = open(&point.app, &leader(point), which).await.expect("it opens");
    let revision = sheet.submission.expect("a report").revision;
    step(point, &leader(point), &which.id(), Step::Submit, revision).await;
}

/// The newest report in a point's log.
async fn sent(point: &Kit) -> Vec<u8> {
    let rows = log(point).await;
    rows.into_iter().rfind(|(kind, _)| *kind == 60).expect("a report").1
}

/// A report of the first box that was given back, corrected, accepted and approved in its second revision; then the box
/// is lost.
async fn decided(hub: &Kit, which: &Which) {
    let first = started(KitBuilder::on(TestEngine::Sqlite).point(7)).await;
    handed_in(&first, which, 198).await;
    applied(hub, 60, sent(&first).await).await;
    let said = Said {
        revision: 1,
        remarks: vec![("10.6".to_owned(), "Cao hơn quý trước, đề nghị kiểm tra".to_owned())],
        ..Said::default()
    };
    take(&hub.app, &province(hub), &which.id(), Step::Return, &said).await.expect("given back");
    for body in down(hub, 51).await {
        applied(&first, 51, body).await;
    }
    let answer = "Có hai đợt tập huấn trong quý";
    answers::answer(&first.app, &officer(&first), which, "10.6", answer).await.expect("answered");
    let corrected = open(&first.app, &officer(&first), which).await.expect("it opens").1;
    typed(
        &first,
        &officer(&first),
        which,
        vec![edit("10.6", corrected.version(&cell("10.6")), 201)],
    )
    .await;
    signed_and_sent(&first, which, 1).await;
    applied(hub, 60, sent(&first).await).await;
    step(hub, &province(hub), &which.id(), Step::Accept, 2).await;
    step(hub, &province_leader(hub), &which.id(), Step::Approve, 2).await;
}

/// A box joins: the hub looks up what it holds of the unit.
pub async fn joins(hub: &Kit) {
    let path = ScopePath::parse(PLACE).expect("a path");
    hub.db()
        .change(async |tx: &mut Tx| reporting::point_joined(tx, &path).await)
        .await
        .expect("noted");
    hub.settle().await;
}

/// The new box joins, and hears what the hub says of the reports of its unit.
async fn joined(hub: &Kit, point: &Kit) {
    joins(hub).await;
    heard(hub, point).await;
}

async fn heard(hub: &Kit, point: &Kit) {
    // Everything that was ever said is told from its beginning, and more than once.
    for _ in 0..2 {
        for kind in [51, 54] {
            for body in down(hub, kind).await {
                applied(point, kind, body).await;
            }
        }
    }
}

pub async fn sheet(kit: &Kit, which: &Which) -> Sheet {
    open(&kit.app, &province(kit), which).await.expect("it opens").1
}

/// Where a report stands: its state, its revision, one of its figures.
pub fn stands(sheet: &Sheet) -> (State, i64, Option<i64>) {
    let one = sheet.submission.as_ref().expect("a report");
    let figure = sheet.held.get(&cell("10.6")).and_then(|held| held.state.amount());
    (one.state, one.revision, figure)
}

testkit::on_both_engines! {
    async fn a_new_box_has_what_the_lost_one_wrote_and_what_was_decided(builder: KitBuilder) {
        let hub = started(builder).await;
        let which = which(COMMUNE);
        decided(&hub, &which).await;
        let point = new_box().await;
        joined(&hub, &point).await;
        let here = sheet(&point, &which).await;
        assert_eq!(stands(&here), (State::Approved, 2, Some(201)));
        let one = here.submission.as_ref().expect("a report");
        assert_eq!(one.approved, sheet(&hub, &which).await.submission.expect("a report").approved);
        assert_eq!(here.held[&cell("10.6")].approved, Some(201));
        assert_eq!(here.remarks.len(), 1);
        assert_eq!(here.remarks[0].answer.as_deref(), Some("Có hai đợt tập huấn trong quý"));
        let met = point.db().view(async |tx: &mut Tx| obligations::is_late(tx, one).await).await;
        assert!(!met.expect("read"));
        let page = point.get("Mai|commune_officer|/vn/19.2025/01969.2025/", "/bao-cao").await;
        assert!(page.text.contains("Đã duyệt"), "{}", page.text);
        // The next correction goes up as the third revision, from the new box.
        step(&point, &leader(&point), &which.id(), Step::Correct, 2).await;
        let version = sheet(&point, &which).await.version(&cell("10.6"));
        typed(&point, &officer(&point), &which, vec![edit("10.6", version, 205)]).await;
        signed_and_sent(&point, &which, 3).await;
        applied_from(&hub, NEW_BOX, 60, sent(&point).await).await;
        assert_eq!(stands(&sheet(&hub, &which).await), (State::Submitted, 3, Some(205)));
        let origin = sheet(&hub, &which).await.submission.expect("a report").origin;
        assert_eq!(origin, NodeId([8; 16]).to_string());
    }

    async fn a_box_that_counts_from_one_again_overwrites_nothing_that_was_decided(builder: KitBuilder) {
        let hub = started(builder).await;
        let which = which(COMMUNE);
        decided(&hub, &which).await;
        // Nobody has told the new box of it when the officer types the quarter once more.
        let point = new_box().await;
        handed_in(&point, &which, 333).await;
        for _ in 0..2 {
            applied_from(&hub, NEW_BOX, 60, sent(&point).await).await;
            assert_eq!(stands(&sheet(&hub, &which).await), (State::Submitted, 3, Some(333)));
        }
        assert_eq!(sheet(&hub, &which).await.held[&cell("10.6")].approved, Some(201), "approved is approved");
        heard(&hub, &point).await;
        assert_eq!(stands(&sheet(&point, &which).await), (State::Submitted, 3, Some(333)));
        // Both speak of the same revision: what is given back arrives.
        let said = Said { revision: 3, note: "Số đã duyệt là 201".to_owned(), ..Said::default() };
        take(&hub.app, &province(&hub), &which.id(), Step::Return, &said).await.expect("given back");
        heard(&hub, &point).await;
        assert_eq!(stands(&sheet(&point, &which).await).0, State::Returned);
    }

    async fn what_was_typed_at_a_new_box_before_it_heard_stays_as_the_next_revision(builder: KitBuilder) {
        let hub = started(builder).await;
        let which = which(COMMUNE);
        decided(&hub, &which).await;
        let point = new_box().await;
        typed(&point, &officer(&point), &which, vec![edit("10.6", 0, 207)]).await;
        joined(&hub, &point).await;
        assert_eq!(stands(&sheet(&point, &which).await), (State::Draft, 3, Some(207)));
        let edits = vec![edit("10.5b", 0, 2), edit("10.3a", 0, 6), edit("10.6kp", 0, 1)];
        typed(&point, &officer(&point), &which, edits).await;
        signed_and_sent(&point, &which, 3).await;
        applied_from(&hub, NEW_BOX, 60, sent(&point).await).await;
        assert_eq!(stands(&sheet(&hub, &which).await), (State::Submitted, 3, Some(207)));
    }

    async fn of_what_came_with_a_report_nobody_says_that_its_signer_typed_it(builder: KitBuilder) {
        let hub = started(builder).await;
        let which = which(COMMUNE);
        decided(&hub, &which).await;
        let point = new_box().await;
        joined(&hub, &point).await;
        let source = "/so-lieu/nguon?dx=10.6&ky=nd09q-2026-4&o=01969.2025";
        for kit in [&hub, &point] {
            let here = sheet(kit, &which).await;
            assert!(here.held.values().all(|one| one.came_signed && one.author == "Hùng"));
            let page = kit.get("Lan|province_officer|/vn/19.2025/", source).await;
            assert!(page.text.contains("Theo báo cáo Hùng xác thực"), "{}", page.text);
        }
        // What somebody types here is theirs again.
        step(&point, &leader(&point), &which.id(), Step::Correct, 2).await;
        let version = sheet(&point, &which).await.version(&cell("10.6"));
        typed(&point, &officer(&point), &which, vec![edit("10.6", version, 205)]).await;
        let here = sheet(&point, &which).await;
        let typed = &here.held[&cell("10.6")];
        assert!(!typed.came_signed && typed.author == "Mai");
        assert!(here.held[&cell("10.3a")].came_signed);
        let page = point.get("Lan|province_officer|/vn/19.2025/", source).await;
        assert!(page.text.contains("Mai") && page.text.contains("Theo báo cáo Hùng xác thực"), "{}", page.text);
    }

    async fn an_old_revision_in_a_log_that_was_handed_over_is_just_old(builder: KitBuilder) {
        let heir = started(builder).await;
        let which = which(COMMUNE);
        let hub = started(KitBuilder::on(TestEngine::Sqlite)).await;
        decided(&hub, &which).await;
        joined(&hub, &heir).await;
        let before = stands(&sheet(&heir, &which).await);
        assert_eq!(before, (State::Approved, 2, Some(201)));
        let first = started(KitBuilder::on(TestEngine::Sqlite).point(7)).await;
        handed_in(&first, &which, 150).await;
        let said = said_by(POINT, 60, sent(&first).await);
        let record = Incoming { handed_over: true, ..said };
        taken(&heir, &record).await;
        assert_eq!(stands(&sheet(&heir, &which).await), before);
    }

    async fn nobody_below_says_what_is_held_above(builder: KitBuilder) {
        let hub = started(KitBuilder::on(TestEngine::Sqlite)).await;
        let which = which(COMMUNE);
        decided(&hub, &which).await;
        joined(&hub, &new_box().await).await;
        let other = started(builder).await;
        for body in down(&hub, 54).await {
            let record = Incoming { targets: Vec::new(), ..said_by(POINT, 54, body) };
            taken(&other, &record).await;
        }
        assert!(sheet(&other, &which).await.submission.is_none());
    }
}
