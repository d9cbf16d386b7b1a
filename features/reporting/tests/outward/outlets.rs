//! Other systems: each approved revision once, as it was approved, in their own names; what a trial run sends.

use std::{collections::BTreeMap, sync::Arc};

use kernel::{clock::Day, scope::ScopePath};
use reporting::{
    Format, Names, Outlet, Outlets, Parcel, Reply,
    actions::{
        review::{self, Decision},
        steps::Said,
    },
    model::{SubmissionId, submission::Step},
};
use testkit::{Kit, caller};

use super::{DAY_MS, HOUR_MS, Side};
use crate::{
    cast::{COMMUNE, PROVINCE, edit, leader, officer, started, step, typed, which},
    review::{accepted, sent},
};

fn outlet(name: &str, format: Format) -> Outlet {
    let same = |own: &str, theirs: &str| BTreeMap::from([(own.to_owned(), theirs.to_owned())]);
    Outlet {
        name: name.to_owned(),
        datasets: vec!["diem-ho-tro".to_owned()],
        scope: ScopePath::parse(PROVINCE).expect("a path"),
        since: Day::new(2026, 11, 1).expect("a day"),
        format,
        dry_run: false,
        names: Names {
            datasets: same("diem-ho-tro", "DS01"),
            units: same(COMMUNE, "XA-PHU-THONG"),
            elements: same("10.6", "DE106"),
            combos: BTreeMap::new(),
        },
    }
}

async fn approved(kit: &Kit, id: &SubmissionId, revision: i64) {
    let said = Said { revision, ..Said::default() };
    let decision = Decision { step: Some(Step::Approve), said, ..Decision::default() };
    let binh = caller("Bình", "province_leader", PROVINCE);
    review::decide(&kit.app, &binh, id, &decision).await.expect("it is approved");
}

fn body(parcel: &Parcel) -> String {
    String::from_utf8(parcel.body.clone()).expect("text")
}

testkit::on_both_engines! {
    async fn what_was_approved_is_told_once_and_a_correction_again(builder: KitBuilder) {
        let side: Arc<Side<Parcel>> = Arc::default();
        let all = vec![outlet("bo", Format::Own), outlet("dhis2", Format::Dxf), outlet("adx", Format::Adx)];
        let kit = started(builder.offering(Outlets { all, by: side.clone() })).await;
        let id = sent(&kit, COMMUNE, 198).await;
        accepted(&kit, &id).await;
        kit.settle().await;
        assert!(side.brought().is_empty(), "what was only accepted is nobody else's business");
        side.will_say(vec![Reply::Later { why: "HTTP 503".to_owned(), down: true }]);
        approved(&kit, &id, 1).await;
        kit.settle().await;
        assert_eq!(side.brought().len(), 3, "one system is down, the others are told");
        // Figures that change afterwards are not what was approved.
        step(&kit, &leader(&kit), &id, Step::Correct, 1).await;
        typed(&kit, &officer(&kit), &which(COMMUNE), vec![edit("10.6", 1, 176)]).await;
        kit.clock.advance(HOUR_MS);
        kit.settle().await;
        let told = side.brought();
        assert_eq!(told.len(), 4);
        assert_eq!((&told[0].outlet, &told[0].key), (&told[3].outlet, &told[3].key), "a second try has the same name");
        assert_eq!(body(&told[0]), body(&told[3]));
        let of = |name: &str| body(told.iter().find(|one| one.outlet == name).expect("it was told"));
        let own: serde_json::Value = serde_json::from_str(&of("bo")).expect("JSON");
        assert_eq!((&own["format"], &own["dataSet"], &own["unit"]), (&"nhipcau-report/1".into(), &"DS01".into(), &"XA-PHU-THONG".into()));
        assert_eq!((&own["revision"], &own["period"]["id"], &own["life"]), (&1.into(), &"nd09q-2026-4".into(), &"final".into()));
        let figures = own["figures"].as_array().expect("figures");
        let visits = figures.iter().find(|one| one["element"] == "DE106" && one["coordinates"] == "").expect("it is there");
        assert_eq!((&visits["value"], &visits["state"]), (&"198".into(), &"value".into()));
        assert_eq!(own["blake3"].as_str().map(str::len), Some(64));
        let dxf: serde_json::Value = serde_json::from_str(&of("dhis2")).expect("JSON");
        assert_eq!((&dxf["dataSet"], &dxf["orgUnit"]), (&"DS01".into(), &"XA-PHU-THONG".into()));
        let value = dxf["dataValues"].as_array().expect("values").iter().find(|one| one["dataElement"] == "DE106").expect("it is there").clone();
        assert_eq!((&value["value"], &value["categoryOptionCombo"]), (&"198".into(), &"default".into()));
        assert!(of("adx").contains("orgUnit=\"XA-PHU-THONG\"") && of("adx").contains("dataElement=\"DE106\" value=\"198\""), "{}", of("adx"));
        reporting::begin_outward(&kit.app).await.expect("queued");
        kit.clock.advance(DAY_MS);
        kit.settle().await;
        assert_eq!(side.brought().len(), 4, "a restart tells nothing twice");
        step(&kit, &leader(&kit), &id, Step::Certify, 2).await;
        step(&kit, &officer(&kit), &id, Step::Submit, 2).await;
        let said = Said { revision: 2, ..Said::default() };
        let accept = Decision { step: Some(Step::Accept), said, ..Decision::default() };
        review::decide(&kit.app, &caller("Lan", "province_officer", PROVINCE), &id, &accept).await.expect("accepted");
        approved(&kit, &id, 2).await;
        kit.settle().await;
        let again = side.brought();
        assert_eq!(again.len(), 7);
        assert!(body(&again[4]).contains("176") && again[4].key != again[0].key);
    }

    async fn a_system_named_later_is_told_what_it_missed_and_a_trial_sends_nothing(builder: KitBuilder) {
        let side: Arc<Side<Parcel>> = Arc::default();
        let mut kit = started(builder).await;
        let id = sent(&kit, COMMUNE, 198).await;
        accepted(&kit, &id).await;
        approved(&kit, &id, 1).await;
        let late = Outlet { since: Day::new(2027, 1, 1).expect("a day"), ..outlet("sau", Format::Own) };
        let other = Outlet { datasets: vec!["bieu-khac".to_owned()], ..outlet("khac", Format::Own) };
        let elsewhere = Outlet { scope: ScopePath::parse("/vn/04.2025/").expect("a path"), ..outlet("xa", Format::Own) };
        let trial = Outlet { dry_run: true, ..outlet("thu", Format::Dxf) };
        let all = vec![late, other, elsewhere, trial, outlet("bo", Format::Own)];
        let app = Arc::get_mut(&mut kit.app).expect("nobody else holds it");
        app.ports = std::mem::take(&mut app.ports).offer(Outlets { all, by: side.clone() });
        for _ in 0..2 {
            reporting::begin_outward(&kit.app).await.expect("queued");
            kit.settle().await;
        }
        let told: Vec<String> = side.brought().into_iter().map(|one| one.outlet).collect();
        assert_eq!(told, ["bo"], "too early, another data set, another province, a trial: none of them");
        let system = kernel::caller::Caller::system(kit.app.now());
        let rows = kit.db().view(async |tx| reporting::actions::outward::list(tx, &system, "", 10, 0).await).await.expect("read").0;
        assert_eq!(rows.len(), 2);
        assert!(rows.iter().any(|one| one.recipient == "thu" && one.state == "sent" && one.answer.contains("chạy thử, không gửi")), "{rows:?}");
        assert_eq!(reporting::actions::outward::outlets::catch_up(&kit.app).await.expect("looked"), 0);
    }
}
