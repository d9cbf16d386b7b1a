//! Who sees, gives back and approves reports of units that moved, merged or ended; what such units owe.

use areas::AreaId;
use kernel::{clock::Day, db::Tx, problem::FORBIDDEN};
use reporting::{
    actions::{
        counts, obligations,
        review::{self, Decision},
        steps::Said,
    },
    model::{
        Life,
        submission::{State, Step},
    },
};
use testkit::{Kit, caller};

use super::{CAO_BANG, decreed, settled, two_provinces, undone};
use crate::{
    cast::which,
    review::{NEIGHBOUR, accepted, sent},
};

/// What communes owe of the quarter: unit, days, whether it was met.
async fn owed(kit: &Kit) -> Vec<(String, Day, Day, bool)> {
    let found = kit
        .db()
        .view(async |tx: &mut Tx| {
            let root = kernel::scope::ScopePath::root();
            obligations::owed(tx, &root, "diem-ho-tro", "nd09q-2026-4", Life::Final).await
        })
        .await
        .expect("read");
    let mut all: Vec<_> = found
        .into_iter()
        .map(|one| (one.area.to_string(), one.from_day, one.until_day, one.met_at.is_some()))
        .collect();
    all.sort();
    all
}

async fn rates(kit: &Kit) -> (i64, i64) {
    let found = kit
        .db()
        .view(async |tx: &mut Tx| {
            counts::rates(tx, "diem-ho-tro", Life::Final, &["nd09q-2026-4".to_owned()]).await
        })
        .await
        .expect("rates");
    found.iter().fold((0, 0), |(e, r), (_, rate)| (e + rate.expected, r + rate.reported))
}

async fn approved(kit: &Kit, id: &reporting::model::SubmissionId) {
    let said = Said { revision: 1, ..Said::default() };
    let decision = Decision { step: Some(Step::Approve), said, ..Decision::default() };
    let leader = caller("Bình", "province_leader", "/vn/19.2025/");
    review::decide(&kit.app, &leader, id, &decision).await.expect("approved");
}

testkit::on_both_engines! {
    async fn a_decree_that_was_recorded_late_cuts_what_is_owed_and_loses_nothing(builder: KitBuilder) {
        let kit = two_provinces(builder).await;
        obligations::keep(kit.db(), None).await.expect("made");
        let before = owed(&kit).await;
        let (expected, _) = rates(&kit).await;
        sent(&kit, NEIGHBOUR, 50).await;
        let decree = decreed(&kit, "2026-11-01", "01969,,01969,,,,,\n01942,,01969,,,,,\n").await;
        settled(&kit).await;
        let cut = Day::new(2026, 11, 1).expect("a day");
        let after = owed(&kit).await;
        let of = |all: &[(String, Day, Day, bool)], code: &str| -> Vec<(String, Day, Day, bool)> {
            all.iter().filter(|one| one.0.starts_with(code)).cloned().collect()
        };
        let neighbour = of(&after, "01942");
        assert_eq!((neighbour.len(), neighbour[0].2, neighbour[0].3), (1, cut, true), "it owes its days, and met them");
        let heirs = of(&after, "01969");
        assert_eq!(heirs.len(), 2, "{heirs:?}");
        assert!(heirs.iter().any(|one| one.1 == cut) && heirs.iter().any(|one| one.2 == cut), "{heirs:?}");
        assert_eq!(rates(&kit).await, (expected + 1, 1));
        assert!(counts::rates_are_true(kit.db()).await.expect("counted anew"));
        // What the heir hands in counts for the heir.
        let heir = heirs.iter().find(|one| one.1 == cut).expect("the heir").0.clone();
        undone(&kit, &decree).await;
        settled(&kit).await;
        let back = owed(&kit).await;
        let plain = |all: &[(String, Day, Day, bool)]| -> Vec<(String, Day, Day)> {
            all.iter().map(|one| (one.0.clone(), one.1, one.2)).collect()
        };
        assert_eq!(plain(&back), plain(&before), "{heir} owes nothing any more");
        assert_eq!(rates(&kit).await, (expected, 1));
        assert!(counts::rates_are_true(kit.db()).await.expect("counted anew"));
    }

    async fn what_was_handed_in_for_a_unit_meets_its_obligation_whenever_that_is_made(builder: KitBuilder) {
        let kit = two_provinces(builder).await;
        let id = sent(&kit, NEIGHBOUR, 50).await;
        accepted(&kit, &id).await;
        approved(&kit, &id).await;
        obligations::keep(kit.db(), None).await.expect("made");
        assert_eq!(rates(&kit).await.1, 1);
        assert!(counts::rates_are_true(kit.db()).await.expect("counted anew"));
    }

    async fn a_commune_that_moved_is_checked_by_its_new_province(builder: KitBuilder) {
        let kit = two_provinces(builder).await;
        obligations::keep(kit.db(), None).await.expect("made");
        let id = sent(&kit, NEIGHBOUR, 50).await;
        decreed(&kit, "2026-11-01", "01942,đổi cấp trên,,,,04,,\n").await;
        settled(&kit).await;
        let (old, new) = ("Lan|province_officer|/vn/19.2025/", "Tô|province_officer|/vn/04.2024/");
        let page = format!("/bao-cao/duyet/{id}");
        assert_eq!(kit.get(new, &page).await.status, 200);
        assert_eq!(kit.get(old, &page).await.status, 403);
        let list = kit.get(new, "/bao-cao/duyet?bo=diem-ho-tro&loc=da-gui").await;
        assert!(list.text.contains(id.as_str()), "{}", list.text);
        let said = Said { revision: 1, note: "Đề nghị ghi rõ số cuộc".to_owned(), ..Said::default() };
        let decision = Decision { step: Some(Step::Return), said, ..Decision::default() };
        let lan = caller("Lan", "province_officer", "/vn/19.2025/");
        let refused = review::decide(&kit.app, &lan, &id, &decision).await.expect_err("no longer theirs");
        assert!(refused.is(&FORBIDDEN));
        let to = caller("Tô", "province_officer", CAO_BANG);
        let after = review::decide(&kit.app, &to, &id, &decision).await.expect("given back");
        assert_eq!(after.state, State::Returned);
        // The commune goes on where it lies now.
        let mai = "Mai|commune_officer|/vn/04.2024/01942.2025/";
        let sheet = kit.get(mai, "/bao-cao/diem-ho-tro/nd09q-2026-4/01942.2025/chinh-thuc").await;
        assert!(sheet.status == 200 && sheet.text.contains("data-entry"), "{}", sheet.text);
    }

    async fn approvals_survive_a_merger_of_provinces_and_of_communes(builder: KitBuilder) {
        let kit = two_provinces(builder).await;
        obligations::keep(kit.db(), None).await.expect("made");
        let id = sent(&kit, NEIGHBOUR, 50).await;
        accepted(&kit, &id).await;
        approved(&kit, &id).await;
        // The communes merge, then their province goes into its neighbour.
        decreed(&kit, "2026-11-01", "01969,,01969,,,,,\n01942,,01969,,,,,\n").await;
        let merged = decreed(&kit, "2026-11-10", "19,,04,,,,,\n04,,04,,,,,\n").await;
        settled(&kit).await;
        let today = kit.app.now().day();
        let province = kit.db().view(async |tx: &mut Tx| Ok(areas::by_code(tx, "04", today).await?)).await.expect("read").expect("the new province");
        assert_ne!(province.id, AreaId::parse("04.2024").expect("an id"));
        let officer = format!("Vi|province_officer|{}", province.path);
        let commune = kit.db().view(async |tx: &mut Tx| Ok(areas::by_code(tx, "01969", today).await?)).await.expect("read").expect("the heir");
        let heir = format!("Mai|commune_officer|{}", commune.path);
        for who in [officer.as_str(), heir.as_str()] {
            let page = format!("/bao-cao/diem-ho-tro/nd09q-2026-4/{NEIGHBOUR}/chinh-thuc");
            let page = kit.get(who, &page).await;
            assert!(page.status == 200 && page.text.contains("Bình") && page.text.contains("50"), "{who} {}", page.text);
            let copy = kit.get(who, &format!("/bao-cao/duyet/{id}/ban-luu/1.approved.json")).await;
            assert!(copy.status == 200 && copy.text.contains("10.6"), "{who} {} {}", copy.status, copy.text);
        }
        let list = kit.get(&officer, "/bao-cao/duyet?bo=diem-ho-tro&loc=da-duyet").await;
        assert!(list.status == 200 && list.text.contains(id.as_str()), "{}", list.text);
        let stranger = "Lan|province_officer|/vn/19.2025/";
        assert_eq!(kit.get(stranger, &format!("/bao-cao/duyet/{id}")).await.status, 403);
        // The new province opens the figures of the former one. Its own count waits for the other half.
        let figures = kit.get(&officer, "/so-lieu?o=19.2025&dx=10.6&ky=nd09q-2026-4").await;
        assert!(figures.status == 200 && figures.text.contains(">50<"), "{}", figures.text);
        let heirs = kit.get(&heir, &format!("/bao-cao/duyet/{}", which(commune.id.as_str()).id())).await;
        assert_eq!(heirs.status, 403, "the heir's own people do not check");
        assert!(counts::are_true(kit.db()).await.expect("counted anew"));
        assert!(counts::rates_are_true(kit.db()).await.expect("counted anew"));
        undone(&kit, &merged).await;
        settled(&kit).await;
        assert_eq!(kit.get(stranger, &format!("/bao-cao/duyet/{id}")).await.status, 200, "as it was");
        assert!(counts::are_true(kit.db()).await.expect("counted anew"));
    }
}
