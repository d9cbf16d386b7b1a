//! Works told by several reports: once, or not at all before somebody has decided.

use std::collections::BTreeMap;

use areas::AreaId;
use kernel::problem::FORBIDDEN;
use reporting::{
    actions::{
        catalogue,
        counts::{self, ProvinceSum},
        entry::{Changes, RowEdit, Which, open, save},
        review,
        works::{self, Register, Verdict},
    },
    model::{DatasetId, Life, submission::Step, work::Standing},
};
use testkit::{Kit, caller};

use super::NEIGHBOUR;
use crate::cast::{COMMUNE, PROVINCE, cell, edit, officer, started, step, typed};

fn which(dataset: &str, area: &str) -> Which {
    Which {
        dataset: DatasetId::parse(dataset).expect("a code"),
        period: "y-2026".to_owned(),
        life: Life::Estimate,
        area: AreaId::parse(area).expect("an id"),
    }
}

fn row(work: &str, million: &str) -> RowEdit {
    let cells = [
        ("ma", work),
        ("ten", "Đường vào thôn Nà Cù"),
        ("noidung", "1719.da4"),
        ("diadiem", "thôn Nà Cù"),
        ("chudautu", "UBND xã"),
        ("tongmuc", million),
        ("tinhtrang", "dang"),
    ];
    let cells: BTreeMap<String, String> =
        cells.iter().map(|(code, text)| ((*code).to_owned(), (*text).to_owned())).collect();
    RowEdit { section: "congtrinh".to_owned(), id: None, position: 1, cells: Some(cells), base: 0 }
}

/// The same with what is planned and spent this year.
fn with_money(work: &str) -> RowEdit {
    let mut row = row(work, "1200");
    if let Some(cells) = &mut row.cells {
        for (code, million) in [("khnstwdt", "800"), ("khnsdptinh", "400"), ("gnnstwdt", "700")] {
            cells.insert(code.to_owned(), million.to_owned());
        }
    }
    row
}

/// A report of a unit with these works, handed in.
async fn told(kit: &Kit, dataset: &str, area: &str, rows: Vec<RowEdit>) -> Which {
    let which = which(dataset, area);
    let province = area == "19.2025";
    let place = if province { PROVINCE.to_owned() } else { format!("/vn/19.2025/{area}/") };
    let (officer, leader) = if province {
        (caller("Vy", "province_officer", &place), caller("Bình", "province_leader", &place))
    } else {
        (caller("Mai", "commune_officer", &place), caller("Hùng", "commune_leader", &place))
    };
    save(&kit.app, &officer, &which, Changes { rows, ..Changes::default() }).await.expect("saved");
    step(kit, &leader, &which.id(), Step::Certify, 1).await;
    step(kit, &leader, &which.id(), Step::Submit, 1).await;
    which
}

async fn register(kit: &Kit) -> Register {
    let catalogue = catalogue::current(&kit.app).await.expect("definitions");
    let columns = works::figure_columns(&catalogue);
    let column = columns.iter().find(|one| one.code == "tongmuc").expect("the column").clone();
    kit.db()
        .view(async |tx| {
            let id = AreaId::parse("19.2025").expect("an id");
            let area = areas::find(tx, &id).await?.expect("the province");
            works::register(tx, area, "y-2026", Life::Estimate, Some(&column)).await
        })
        .await
        .expect("the register is read")
}

/// What the province is counted to have planned and spent, whatever the period and life.
async fn money(kit: &Kit) -> Vec<ProvinceSum> {
    let mut all = Vec::new();
    for (element, life) in ["von.kehoach", "von.giaingan"]
        .into_iter()
        .flat_map(|one| [(one, Life::Estimate), (one, Life::Final)])
    {
        let periods = ["y-2026", "nd09q-2026-4"].map(str::to_owned);
        let sums = kit.db().view(async |tx| counts::sums(tx, &cell(element), &periods, life).await);
        all.extend(sums.await.expect("counted"));
    }
    all
}

testkit::on_both_engines! {
    async fn two_communes_that_tell_of_one_work_wait_for_a_decision(builder: KitBuilder) {
        let kit = started(builder).await;
        let one = told(&kit, "bm-01", COMMUNE, vec![row("CT 01", "1200"), row("CT 02", "800.25")]).await;
        let two = told(&kit, "bm-01", NEIGHBOUR, vec![row("ct01", "1300")]).await;
        let found = register(&kit).await;
        assert_eq!((found.works.len(), found.conflicts), (2, 1));
        assert_eq!((found.works[0].standing.clone(), found.works[0].amount), (Standing::Conflict, None));
        assert_eq!(found.sums, [("1719.da4".to_owned(), 2, 800_250)], "what is in conflict is not added");
        let key = ("y-2026", Life::Estimate);
        let chosen = Verdict { submission: Some(two.id().to_string()), why: "Xã làm chủ đầu tư".to_owned() };
        let mine = caller("Mai", "commune_officer", "/vn/19.2025/01969.2025/");
        assert!(works::decide(&kit.app, &mine, key, "ct01", &chosen).await.expect_err("no reviewer").is(&FORBIDDEN));
        let lan = caller("Lan", "province_officer", PROVINCE);
        let no_reason = Verdict { why: String::new(), ..chosen.clone() };
        assert!(works::decide(&kit.app, &lan, key, "ct01", &no_reason).await.is_err());
        assert!(works::decide(&kit.app, &lan, key, "ct99", &chosen).await.expect_err("no such work").is(&works::WORK_NOT_FOUND));
        works::decide(&kit.app, &lan, key, "ct01", &chosen).await.expect("decided");
        let found = register(&kit).await;
        assert_eq!((found.conflicts, found.sums[0].2), (0, 2_100_250));
        let shares = Verdict { submission: None, why: "Mỗi xã làm một đoạn".to_owned() };
        works::decide(&kit.app, &lan, key, "ct01", &shares).await.expect("decided anew");
        assert_eq!(register(&kit).await.sums[0].2, 3_300_250);
        // A correction opens the question again.
        step(&kit, &caller("Hùng", "commune_leader", "/vn/19.2025/01969.2025/"), &one.id(), Step::Correct, 1).await;
        assert_eq!(register(&kit).await.works.len(), 1, "what is being corrected is in nobody's hands");
        let hung = caller("Hùng", "commune_leader", "/vn/19.2025/01969.2025/");
        step(&kit, &hung, &one.id(), Step::Certify, 2).await;
        step(&kit, &hung, &one.id(), Step::Submit, 2).await;
        assert_eq!(register(&kit).await.conflicts, 1);
        let page = kit.get(crate::review::LAN, "/bao-cao/cong-trinh").await;
        assert_eq!(page.status, 200);
        assert!(page.text.contains("chưa thống nhất") && page.text.contains("Đường vào thôn Nà Cù"), "{}", page.text);
        let period = "y-2026~e";
        let fields = [("ky", period), ("dia_ban", "19.2025"), ("cong_trinh", "ct01"), ("choice", "shares"), ("why", "Mỗi xã một đoạn")];
        assert_eq!(kit.post(crate::review::LAN, "/bao-cao/cong-trinh", &fields).await.status, 303);
        let bare = [("ky", period), ("dia_ban", "19.2025"), ("cong_trinh", "ct01"), ("choice", "shares"), ("why", "")];
        assert_eq!(kit.post(crate::review::LAN, "/bao-cao/cong-trinh", &bare).await.status, 422);
    }

    async fn owner_and_commune_are_never_added_up(builder: KitBuilder) {
        let kit = started(builder).await;
        told(&kit, "bm-01", COMMUNE, vec![row("CT 01", "1150")]).await;
        let owner = told(&kit, "bm-01-tinh", "19.2025", vec![row("CT01", "1200")]).await;
        let found = register(&kit).await;
        assert_eq!(found.works.len(), 1);
        assert_eq!(found.works[0].standing, Standing::BothChains);
        assert!(found.works[0].differs);
        assert_eq!(found.sums, [("1719.da4".to_owned(), 1, 1_200_000)]);
        // A province's own report is the ministry's to check.
        let other = caller("Lan", "province_officer", PROVINCE);
        let refused = review::decide(&kit.app, &other, &owner.id(), &crate::review::accept(1)).await.expect_err("the same tier");
        assert!(refused.is(&FORBIDDEN));
        let ministry = caller("Nam", "programme_officer", "/vn/");
        review::decide(&kit.app, &ministry, &owner.id(), &crate::review::accept(1)).await.expect("the ministry may");
    }

    async fn what_a_province_tells_of_its_works_is_in_no_sum_of_its_communes(builder: KitBuilder) {
        let kit = started(builder).await;
        let capital = Which { dataset: DatasetId::parse("bm-05").expect("a code"), ..crate::cast::which(COMMUNE) };
        let edits = vec![edit("von.kehoach", 0, 1_200_000), edit("von.giaingan", 0, 900_000)];
        typed(&kit, &officer(&kit), &capital, edits).await;
        told(&kit, "bm-01", COMMUNE, vec![with_money("CT 01")]).await;
        let before = money(&kit).await;
        let sums: Vec<i64> = before.iter().map(|one| one.sum).collect();
        assert_eq!(sums, [1_200_000, 900_000], "as the commune tells it: {before:?}");
        let owner = told(&kit, "bm-01-tinh", "19.2025", vec![with_money("CT 01"), with_money("CT 02")]).await;
        assert_eq!(register(&kit).await.works.len(), 2);
        assert_eq!(money(&kit).await, before);
        let vy = caller("Vy", "province_officer", PROVINCE);
        let (_, sheet) = open(&kit.app, &vy, &owner).await.expect("it opens");
        assert!(sheet.held.is_empty(), "works are listed and nothing is added up: {:?}", sheet.held);
        assert!(counts::are_true(kit.db()).await.expect("counted anew"));
    }

    async fn every_province_owes_the_works_of_its_own_departments(builder: KitBuilder) {
        let kit = started(builder).await;
        let year = "/bao-cao/bm-01-tinh/y-2026/19.2025/uoc";
        let mine = kit.get("Vy|province_officer|/vn/19.2025/", "/bao-cao").await;
        assert!(mine.text.replace("&#x2f;", "/").contains(year), "{}", mine.text);
        let page = kit.get("Vy|province_officer|/vn/19.2025/", year).await;
        assert!(page.text.contains("phần do cơ quan, đơn vị cấp tỉnh làm chủ đầu tư"), "{}", page.text);
        assert!(page.text.contains("Biểu làm việc – chưa phải biểu ban hành"), "{}", page.text);
        let commune = kit.get("Mai|commune_officer|/vn/19.2025/01969.2025/", "/bao-cao").await;
        assert!(!commune.text.contains("bm-01-tinh"), "{}", commune.text);
    }

    async fn a_long_register_is_paged_and_what_waits_for_a_decision_comes_first(builder: KitBuilder) {
        let kit = started(builder).await;
        let rows = (1..=24).map(|n| row(&format!("CT {n:02}"), "100")).collect();
        told(&kit, "bm-01", COMMUNE, rows).await;
        told(&kit, "bm-01", NEIGHBOUR, vec![row("CT 24", "300")]).await;
        let first = kit.get(crate::review::LAN, "/bao-cao/cong-trinh?dia_ban=19.2025&ky=y-2026~e").await;
        assert_eq!(first.text.matches("<section class=\"work\"").count(), 20, "{}", first.text);
        let at = |work: &str| first.text.find(work).unwrap_or(usize::MAX);
        assert!(at("CT 24") < at("CT 01"), "{}", first.text);
        let second = kit.get(crate::review::LAN, "/bao-cao/cong-trinh?dia_ban=19.2025&ky=y-2026~e&trang=2").await;
        assert_eq!(second.text.matches("<section class=\"work\"").count(), 4);
        assert!(second.text.contains("CT 23") && !second.text.contains("CT 01 "), "{}", second.text);
        assert!(second.text.contains("2.300"), "sums are of all works: {}", second.text);
    }
}
