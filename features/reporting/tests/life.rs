//! The life of a report: typed, signed, handed in, given back, taken, approved; at one node and across the
//! bridge.

use kernel::{
    db::Tx,
    problem::FORBIDDEN,
    records::{up_after, up_head},
};
use reporting::{
    actions::{
        self, LOCKED, OWN_WORK,
        counts::{self, ProvinceSum},
        entry::{Changes, open, save},
        figures::Became,
        steps::{Said, take},
    },
    model::{
        CellState, Life,
        submission::{State, Step, WRONG_STATE},
    },
};
use testkit::{Kit, KitBuilder, caller};

use crate::cast::{
    COMMUNE, PLACE, POINT, PROVINCE, cell, edit, leader, officer, province, province_leader,
    said_by, started, step, taken, typed, which,
};

async fn sum(kit: &Kit, key: &str) -> ProvinceSum {
    let all = kit
        .db()
        .view(async |tx: &mut Tx| {
            counts::sums(tx, &cell(key), &["nd09q-2026-4".to_owned()], Life::Final).await
        })
        .await
        .expect("sums are read");
    all.into_iter().next().expect("a sum")
}

async fn state(kit: &Kit, area: &str) -> State {
    let (_, sheet) = open(&kit.app, &officer(kit), &which(area)).await.expect("it opens");
    sheet.submission.expect("a report").state
}

testkit::on_both_engines! {
    async fn a_figure_is_in_every_count_as_soon_as_it_is_saved(builder: KitBuilder) {
        let kit = started(builder).await;
        let saved = typed(&kit, &officer(&kit), &which(COMMUNE), vec![edit("10.6", 0, 198), edit("10.6:gt=nu", 0, 90)]).await;
        assert!(saved.cells.iter().all(|(_, became)| *became == Became::Stands(1)));
        let counted = sum(&kit, "10.6").await;
        assert_eq!((counted.sum, counted.count, counted.approved_count), (198, 1, 0));
        typed(&kit, &officer(&kit), &which(COMMUNE), vec![edit("10.6", 1, 200)]).await;
        assert_eq!(sum(&kit, "10.6").await.sum, 200);
        let second = "01942.2025";
        let neighbour = caller("Lan", "commune_officer", "/vn/19.2025/01942.2025/");
        typed(&kit, &neighbour, &which(second), vec![edit("10.6", 0, 50)]).await;
        assert_eq!((sum(&kit, "10.6").await.sum, sum(&kit, "10.6").await.count), (250, 2));
        assert!(counts::are_true(kit.db()).await.expect("counted anew"));
        counts::rebuild(kit.db()).await.expect("rebuilt");
        assert_eq!(sum(&kit, "10.6").await.sum, 250);
    }

    async fn two_people_who_type_into_one_cell_lose_nothing(builder: KitBuilder) {
        let kit = started(builder).await;
        typed(&kit, &officer(&kit), &which(COMMUNE), vec![edit("10.6", 0, 198)]).await;
        let other = caller("Tâm", "commune_officer", PLACE);
        let saved = typed(&kit, &other, &which(COMMUNE), vec![edit("10.6", 0, 210), edit("10.2", 0, 4)]).await;
        assert_eq!(saved.cells[1].1, Became::Conflict, "{:?}", saved.cells);
        assert_eq!(saved.cells[0].1, Became::Stands(1));
        let (_, sheet) = open(&kit.app, &officer(&kit), &which(COMMUNE)).await.expect("it opens");
        assert_eq!(sheet.held[&cell("10.6")].state, CellState::Value(198));
        assert_eq!(sheet.conflicts.len(), 1);
        assert_eq!((sheet.conflicts[0].state.clone(), sheet.conflicts[0].author.as_str()), (Some(CellState::Value(210)), "Tâm"));
        let chosen = |waiting| {
            let seen = actions::entry::Beheld { version: 1, waiting };
            let chosen = Some(CellState::Value(210));
            let (kit, by) = (&kit, officer(&kit));
            async move { actions::entry::settle(&kit.app, &by, &which(COMMUNE), (&cell("10.6"), seen), chosen).await }
        };
        assert!(chosen(0).await.is_err(), "whoever has not seen the other figure has not chosen");
        chosen(1).await.expect("it is settled");
        let (_, sheet) = open(&kit.app, &officer(&kit), &which(COMMUNE)).await.expect("it opens");
        assert!(sheet.conflicts.is_empty());
        assert_eq!(sheet.held[&cell("10.6")].state, CellState::Value(210));
        let past = actions::entry::history(&kit.app, &officer(&kit), &which(COMMUNE), &cell("10.6")).await.expect("history");
        assert_eq!(past[0].0, Some(CellState::Value(198)));
    }

    async fn a_report_goes_from_draft_to_approved_and_each_step_has_its_people(builder: KitBuilder) {
        let kit = started(builder).await;
        let which = which(COMMUNE);
        let id = which.id();
        typed(&kit, &officer(&kit), &which, vec![edit("10.5b", 0, 2), edit("10.6", 0, 198), edit("10.3a", 0, 6), edit("10.6kp", 0, 306_105_000)]).await;
        let said = Said { revision: 1, ..Said::default() };
        let refused = take(&kit.app, &officer(&kit), &id, Step::Certify, &said).await.expect_err("not the leader");
        assert!(refused.is(&FORBIDDEN));
        let early = take(&kit.app, &leader(&kit), &id, Step::Submit, &said).await.expect_err("not signed");
        assert!(early.is(&WRONG_STATE));
        step(&kit, &leader(&kit), &id, Step::Certify, 1).await;
        let locked = save(&kit.app, &officer(&kit), &which, Changes { edits: vec![edit("10.6", 1, 1)], ..Changes::default() }).await;
        assert!(locked.expect_err("signed").is(&LOCKED));
        step(&kit, &officer(&kit), &id, Step::Submit, 1).await;
        step(&kit, &province(&kit), &id, Step::Accept, 1).await;
        let stranger = caller("Xa", "province_leader", "/vn/04.2025/");
        assert!(take(&kit.app, &stranger, &id, Step::Approve, &said).await.expect_err("another province").is(&FORBIDDEN));
        step(&kit, &province_leader(&kit), &id, Step::Approve, 1).await;
        assert_eq!(state(&kit, COMMUNE).await, State::Approved);
        let counted = sum(&kit, "10.6").await;
        assert_eq!((counted.approved_sum, counted.approved_count), (198, 1));
        // A correction after approval is a new revision; what was approved stays counted until the next approval.
        step(&kit, &leader(&kit), &id, Step::Correct, 1).await;
        typed(&kit, &officer(&kit), &which, vec![edit("10.6", 1, 205)]).await;
        let counted = sum(&kit, "10.6").await;
        assert_eq!((counted.sum, counted.approved_sum), (205, 198));
        assert!(counts::are_true(kit.db()).await.expect("counted anew"));
        let rates = kit.db().view(async |tx: &mut Tx| counts::rates(tx, "diem-ho-tro", Life::Final, &["nd09q-2026-4".to_owned()]).await).await.expect("rates");
        let (_, rate) = rates.into_iter().next().expect("a rate");
        assert_eq!((rate.reported, rate.on_time, rate.approved), (1, 1, 1));
        assert!(rate.expected > 90 && rate.reported <= rate.expected);
    }

    async fn nobody_checks_what_they_signed_themselves(builder: KitBuilder) {
        let kit = started(builder).await;
        let which = which(COMMUNE);
        typed(&kit, &officer(&kit), &which, vec![edit("10.5b", 0, 2), edit("10.6", 0, 198), edit("10.3a", 0, 6), edit("10.6kp", 0, 1)]).await;
        let both = testkit::caller("Hùng", "commune_leader", PLACE);
        step(&kit, &both, &which.id(), Step::Certify, 1).await;
        step(&kit, &both, &which.id(), Step::Submit, 1).await;
        let same = caller("Hùng", "province_officer", PROVINCE);
        let said = Said { revision: 1, ..Said::default() };
        let refused = take(&kit.app, &same, &which.id(), Step::Accept, &said).await.expect_err("own work");
        assert!(refused.is(&OWN_WORK));
    }

    async fn a_report_crosses_the_bridge_and_its_verdict_comes_back(builder: KitBuilder) {
        let hub = started(builder).await;
        let point = started(KitBuilder::on(testkit::TestEngine::Sqlite).point(7)).await;
        let which = which(COMMUNE);
        let id = which.id();
        typed(&point, &officer(&point), &which, vec![edit("10.5b", 0, 2), edit("10.6", 0, 198), edit("10.3a", 0, 6), edit("10.6kp", 0, 1)]).await;
        step(&point, &leader(&point), &id, Step::Certify, 1).await;
        step(&point, &leader(&point), &id, Step::Submit, 1).await;
        let sent = waiting(&point).await;
        assert_eq!(sent.len(), 1);
        for body in [&sent[0], &sent[0]] {
            apply(&hub, 60, body.clone()).await;
        }
        assert_eq!(sum(&hub, "10.6").await.sum, 198);
        assert_eq!(state(&hub, COMMUNE).await, State::Submitted);
        let refused = save(&hub.app, &officer(&hub), &which, Changes { edits: vec![edit("10.6", 1, 7)], ..Changes::default() }).await;
        assert!(refused.expect_err("written at the point").is(&actions::WRITTEN_AT_POINT));
        let said = Said {
            revision: 1,
            remarks: vec![("10.6".to_owned(), "Cao hơn quý trước nhiều, đề nghị kiểm tra".to_owned()), ("10.3a".to_owned(), "Ghi rõ số cuộc".to_owned())],
            ..Said::default()
        };
        take(&hub.app, &province(&hub), &id, Step::Return, &said).await.expect("given back");
        apply_down(&hub, &point).await;
        assert_eq!(state(&point, COMMUNE).await, State::Returned);
        let (_, sheet) = open(&point.app, &officer(&point), &which).await.expect("it opens");
        assert_eq!(sheet.remarks.len(), 2);
        assert!(counts::are_true(hub.db()).await.expect("counted anew"));
    }
}

pub async fn waiting(point: &Kit) -> Vec<Vec<u8>> {
    let rows = point
        .db()
        .view(async |tx: &mut Tx| {
            let (epoch, _) = up_head(tx).await?.expect("a log");
            Ok(up_after(tx, epoch, 0, 100).await?)
        })
        .await
        .expect("the log is read");
    rows.into_iter().filter(|row| row.kind == 60).map(|row| row.body).collect()
}

async fn apply(kit: &Kit, kind: u16, body: Vec<u8>) {
    taken(kit, &said_by(POINT, kind, body)).await;
}

/// Carries what the hub said down to the point.
async fn apply_down(hub: &Kit, point: &Kit) {
    let rows = hub
        .db()
        .view(async |tx: &mut Tx| {
            Ok(kernel::records::down_after(tx, kernel::records::Lane::Control, 0, 0, 100).await?)
        })
        .await
        .expect("the log is read");
    for row in rows {
        let keys = &hub.app.keys;
        let signed = sync::record::SignedRecord::from_bytes(row.signed).expect("a record");
        let record = signed.verify(keys.node_id(), keys.public()).expect("genuine");
        apply(point, record.kind, record.body).await;
    }
}
