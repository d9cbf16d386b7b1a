//! A commune reports with the cable out; the province reads it within one cycle of the link, gives two cells
//! back, gets the correction, approves. Killed in the middle, nothing is lost and nothing counts twice.

use delivery::Probe;
use kernel::{
    app::{AppRef, NodeRole},
    scope::ScopePath,
};
use reporting::{
    actions::{
        answers, counts,
        entry::{Changes, Closed, Which, open, save},
        figures::Edit,
        obligations,
        steps::{Said, take},
    },
    model::{
        CellKey, CellState, DatasetId, Life,
        submission::{State, Step},
    },
};
use testkit::TestEngine;

use crate::{
    bridge::{Bridge, COMMUNE, Plan},
    machine::Machine,
    town::{area, caller_at, text},
};

const QUARTER: &str = "nd09q-2026-4";
const PROVINCE: &str = "/vn/19.2025/";

fn which() -> Which {
    Which {
        dataset: DatasetId::parse("diem-ho-tro").expect("a code"),
        period: QUARTER.to_owned(),
        life: Life::Final,
        area: area("01969.2025"),
    }
}

fn key(text: &str) -> CellKey {
    CellKey::parse(text).expect("a cell")
}

async fn type_in(app: &AppRef, figures: &[(&str, i64)]) {
    let officer = caller_at(app, "hoa", "commune_officer", COMMUNE);
    let (_, sheet) = open(app, &officer, &which()).await.expect("it opens");
    let edit = |(text, amount): &(&str, i64)| Edit {
        key: key(text),
        base: sheet.held.get(&key(text)).map_or(0, |held| held.version),
        state: Some(CellState::Value(*amount)),
    };
    let changes = Changes { edits: figures.iter().map(edit).collect(), ..Changes::default() };
    save(app, &officer, &which(), changes).await.expect("it is saved");
}

async fn step(app: &AppRef, id: &str, role: &str, scope: &str, step: Step, said: Said) {
    let who = caller_at(app, id, role, scope);
    take(app, &who, &which().id(), step, &said)
        .await
        .unwrap_or_else(|failure| panic!("{step:?}: {failure}"));
}

fn said(revision: i64) -> Said {
    let note = "Đã đối chiếu sổ theo dõi".to_owned();
    Said { revision, note, despite_remarks: true, ..Said::default() }
}

async fn revision(app: &AppRef) -> i64 {
    let who = caller_at(app, "lan", "province_officer", PROVINCE);
    let (_, sheet) = open(app, &who, &which()).await.expect("it opens");
    sheet.submission.expect("a report").revision
}

async fn hand_in(app: &AppRef) {
    step(app, "hung", "commune_leader", COMMUNE, Step::Certify, said(revision(app).await)).await;
    step(app, "hung", "commune_leader", COMMUNE, Step::Submit, said(revision(app).await)).await;
}

async fn sum(app: &AppRef) -> (i64, i64) {
    let period = [QUARTER.to_owned()];
    let all = app
        .db
        .view(async |tx| counts::sums(tx, &key("10.6"), &period, Life::Final).await)
        .await
        .expect("sums");
    all.iter().fold((0, 0), |(sum, approved), one| (sum + one.sum, approved + one.approved_sum))
}

async fn rates(app: &AppRef) -> (i64, i64, i64) {
    let period = [QUARTER.to_owned()];
    let all = app
        .db
        .view(async |tx| counts::rates(tx, "diem-ho-tro", Life::Final, &period).await)
        .await
        .expect("rates");
    all.iter().fold((0, 0, 0), |(e, r, a), (_, one)| {
        (e + one.expected, r + one.reported, a + one.approved)
    })
}

async fn state(app: &AppRef) -> State {
    let who = caller_at(app, "lan", "province_officer", PROVINCE);
    let (_, sheet) = open(app, &who, &which()).await.expect("it opens");
    sheet.submission.expect("a report").state
}

const FIGURES: [(&str, i64); 5] =
    [("10.5a", 3), ("10.5b", 2), ("10.6", 198), ("10.3a", 6), ("10.6kp", 84_500)];

async fn a_quarter(engine: TestEngine) {
    let bridge = Bridge::built(&Plan { engine, drift_ms: 0, by_itself: false }).await;
    let (hub, point) = (&bridge.hub.app, &bridge.point.app);
    let province = ScopePath::parse(PROVINCE).expect("a path");
    let commune = ScopePath::parse(COMMUNE).expect("a path");
    obligations::keep(&hub.db, Some(&province)).await.expect("the province knows what it is owed");
    obligations::keep(&point.db, Some(&commune)).await.expect("the commune knows what it owes");
    let mut probe = bridge.probe().await;

    // The cable is out; the commune types, signs and hands in.
    type_in(point, &FIGURES).await;
    hand_in(point).await;
    assert_eq!(sum(point).await.0, 198);
    assert_eq!(rates(point).await, (1, 1, 0));
    assert_eq!(sum(hub).await.0, 0);

    // One cycle of the link.
    probe.send_all().await.expect("it goes up");
    bridge.hub.settle().await;
    assert_eq!(sum(hub).await, (198, 0));
    assert_eq!(rates(hub).await.1, 1);
    assert_eq!(state(hub).await, State::Submitted);
    let explained = "select note as value from reporting_steps where step = 'certify'";
    assert_eq!(text(hub, explained).await, said(1).note, "the province reads what was explained");
    the_province_types_its_own(hub).await;

    // The province gives two cells back.
    let remarks = vec![
        ("10.6".to_owned(), "Cao hơn quý trước, đề nghị kiểm tra lại".to_owned()),
        ("10.3a".to_owned(), "Đối chiếu với biên bản họp thôn".to_owned()),
    ];
    let back = Said { remarks, ..said(1) };
    step(hub, "lan", "province_officer", PROVINCE, Step::Return, back).await;
    probe.poll_all().await.expect("it comes down");
    bridge.point.settle().await;
    assert_eq!(state(point).await, State::Returned);
    let officer = caller_at(point, "hoa", "commune_officer", COMMUNE);
    let (_, sheet) = open(point, &officer, &which()).await.expect("it opens");
    let cells: Vec<&str> = sheet.remarks.iter().map(|one| one.cell.as_str()).collect();
    assert!(cells.contains(&"10.6") && cells.contains(&"10.3a"), "{cells:?}");

    // The commune corrects, answers one remark and hands in again; the province reads it and approves.
    let answer = "Đã đối chiếu: ghi trùng 22 lượt";
    answers::answer(point, &officer, &which(), "10.6", answer).await.expect("it is answered");
    type_in(point, &[("10.6", 176), ("10.3a", 5)]).await;
    hand_in(point).await;
    let second = revision(point).await;
    assert_eq!(second, 2, "what is signed again is a new revision");
    probe.send_all().await.expect("the correction goes up");
    bridge.hub.settle().await;
    assert_eq!(sum(hub).await, (176, 0));
    let reviewer = caller_at(hub, "lan", "province_officer", PROVINCE);
    let (_, sheet) = open(hub, &reviewer, &which()).await.expect("it opens");
    let told = |cell: &str| {
        let remark = sheet.remarks.iter().find(|one| one.cell == cell).expect("its remark");
        (remark.resolved_at.is_some(), remark.answer.clone())
    };
    assert_eq!(told("10.6"), (true, Some(answer.to_owned())));
    assert_eq!(told("10.3a"), (false, None), "what nobody answered stays open");
    step(hub, "lan", "province_officer", PROVINCE, Step::Accept, said(second)).await;
    step(hub, "thao", "province_leader", PROVINCE, Step::Approve, said(second)).await;
    probe.poll_all().await.expect("the verdicts come down");
    bridge.point.settle().await;
    assert_eq!(state(point).await, State::Approved);
    assert_eq!((sum(hub).await, sum(point).await), ((176, 176), (176, 176)));
    assert_eq!((rates(hub).await.1, rates(hub).await.2), (1, 1));
    for node in [hub, point] {
        assert!(counts::are_true(&node.db).await.expect("counted anew"));
    }
    another_box_takes_its_place(&bridge).await;
}

/// Lightning takes the point. Another machine joins with a new code and has what was reported and decided.
/// The commune's point writes the commune's reports; what the province reports itself is typed at the hub.
async fn the_province_types_its_own(app: &AppRef) {
    let lan = caller_at(app, "lan", "province_officer", PROVINCE);
    let own = Which {
        dataset: DatasetId::parse("bm-04-tinh").expect("a code"),
        period: "y-2026".to_owned(),
        life: Life::Estimate,
        area: area("19.2025"),
    };
    assert_eq!(open(app, &lan, &own).await.expect("it opens").1.closed, None);
    let commune = open(app, &lan, &which()).await.expect("it opens").1;
    assert_eq!(commune.closed, Some(Closed::AtPoint));
}

async fn another_box_takes_its_place(bridge: &Bridge) {
    let clock = Some(bridge.wall.beside(0));
    let machine = Machine::new(NodeRole::Point, TestEngine::Sqlite, clock, false).await;
    let bought = machine.start().await;
    let code = nhipcau::keeping::enrolment_code(&bridge.hub.app, "01969").await.expect("a code");
    let hub = format!("http://{}", bridge.link.address);
    delivery::join(&bought.app, &hub, &code).await.expect("it joins");
    bridge.hub.settle().await;
    bought.kill();
    let bought = machine.start().await;
    let mut probe = Probe::start(&bought.app).await.expect("it has joined");
    probe.poll_all().await.expect("everything comes down");
    bought.settle().await;
    assert_eq!(state(&bought.app).await, State::Approved);
    assert_eq!((revision(&bought.app).await, sum(&bought.app).await), (2, (176, 176)));
    assert!(counts::are_true(&bought.app.db).await.expect("counted anew"));
    assert_eq!(remarks(&bought.app).await, remarks(&bridge.hub.app).await);
}

/// What was said about the report, and what was answered.
async fn remarks(app: &AppRef) -> Vec<(String, String, Option<String>)> {
    let who = caller_at(app, "lan", "province_officer", PROVINCE);
    let (_, sheet) = open(app, &who, &which()).await.expect("it opens");
    assert!(!sheet.remarks.is_empty());
    sheet.remarks.into_iter().map(|one| (one.cell, one.words, one.answer)).collect()
}

#[test]
fn a_quarter_is_reported_with_the_cable_out_returned_corrected_and_approved_on_sqlite() {
    testkit::run(a_quarter(TestEngine::Sqlite));
}

#[test]
fn a_quarter_is_reported_with_the_cable_out_returned_corrected_and_approved_on_postgres() {
    testkit::run(a_quarter(TestEngine::Postgres));
}
