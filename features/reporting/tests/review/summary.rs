//! Summaries: closed, approved by another, compared with now, issued again.

use areas::AreaId;
use kernel::problem::FORBIDDEN;
use reporting::{
    actions::{
        OWN_WORK,
        consolidation::{self, NOTHING_TO_SUM, Summary, Wanted, differences},
        review::{self, Decision},
        steps::Said,
    },
    model::{
        Capacity, Life, Period,
        submission::{Step, WRONG_STATE},
    },
};
use testkit::{Kit, caller};

use super::{LAN, NEIGHBOUR, accepted, sent};
use crate::cast::{COMMUNE, PROVINCE, edit, leader, officer, started, step, typed, which};

fn wanted() -> Wanted {
    Wanted {
        dataset: which(COMMUNE).dataset,
        period: Period::parse("nd09q-2026-4").expect("a period"),
        life: Life::Final,
    }
}

fn thai_nguyen() -> AreaId {
    AreaId::parse("19.2025").expect("an id")
}

async fn now(kit: &Kit) -> Summary {
    let catalogue = reporting::actions::catalogue::current(&kit.app).await.expect("definitions");
    kit.db()
        .view(async |tx| {
            let area = areas::find(tx, &thai_nguyen()).await?.expect("the province");
            consolidation::sum_up(tx, &catalogue, &wanted(), &area).await
        })
        .await
        .expect("it is summed up")
}

fn sum(of: &Summary, cell: &str) -> Option<(Option<i64>, i64)> {
    of.sums.iter().find(|sum| sum.cell == cell).map(|sum| (sum.sum, sum.count))
}

testkit::on_both_engines! {
    async fn a_closed_summary_never_changes_and_shows_what_did(builder: KitBuilder) {
        let kit = started(builder).await;
        let lan = caller("Lan", "province_officer", PROVINCE);
        let empty = consolidation::close(&kit.app, &lan, &wanted(), &thai_nguyen()).await.expect_err("nothing was accepted");
        assert!(empty.is(&NOTHING_TO_SUM));
        let one = sent(&kit, COMMUNE, 198).await;
        let two = sent(&kit, NEIGHBOUR, 50).await;
        accepted(&kit, &one).await;
        let first = now(&kit).await;
        assert_eq!(sum(&first, "10.6"), Some((Some(198), 1)), "what was only handed in is not in it");
        assert_eq!((first.included.len(), first.expected()), (1, 92));
        accepted(&kit, &two).await;
        // The lines stand as on the form, not by their codes.
        let page = kit.get(LAN, "/bao-cao/tong-hop/diem-ho-tro/nd09q-2026-4/chinh-thuc").await.text;
        let at = |line: &str| page.find(line).expect("a line");
        assert!(at("Lượt người dùng điểm hỗ trợ") < at("Cuộc phổ biến, giáo dục pháp luật"), "10.6 is asked before 10.3a");
        let closed = consolidation::close(&kit.app, &lan, &wanted(), &thai_nguyen()).await.expect("closed");
        let again = consolidation::close(&kit.app, &lan, &wanted(), &thai_nguyen()).await.expect("the same");
        assert_eq!((closed.number, &closed.id), (1, &again.id));
        let then = Summary::decode(&closed.body).expect("it is read back");
        assert_eq!(sum(&then, "10.6"), Some((Some(248), 2)));
        assert_eq!(closed.hash, blake3::hash(&closed.body).as_bytes());

        let refused = consolidation::approve(&kit.app, &lan, &closed.id, &Capacity::Head).await.expect_err("an officer");
        assert!(refused.is(&FORBIDDEN));
        let same = caller("Lan", "province_leader", PROVINCE);
        assert!(consolidation::approve(&kit.app, &same, &closed.id, &Capacity::Head).await.expect_err("their own").is(&OWN_WORK));
        let binh = caller("Bình", "province_leader", PROVINCE);
        let approved = consolidation::approve(&kit.app, &binh, &closed.id, &Capacity::Head).await.expect("approved");
        assert_eq!(approved.approved_by.as_deref(), Some("Bình"));
        assert!(consolidation::approve(&kit.app, &binh, &closed.id, &Capacity::Head).await.expect_err("twice").is(&WRONG_STATE));

        // A correction after approval: the copy stays, the difference shows, a new one is issued.
        let said = Said { revision: 1, ..Said::default() };
        let decision = Decision { step: Some(Step::Approve), said, ..Decision::default() };
        review::decide(&kit.app, &binh, &one, &decision).await.expect("approved");
        step(&kit, &leader(&kit), &one, Step::Correct, 1).await;
        typed(&kit, &officer(&kit), &which(COMMUNE), vec![edit("10.6", 1, 205)]).await;
        let during = now(&kit).await;
        assert_eq!(sum(&during, "10.6"), Some((Some(248), 2)), "what was approved counts until the correction is accepted");
        step(&kit, &leader(&kit), &one, Step::Certify, 2).await;
        step(&kit, &officer(&kit), &one, Step::Submit, 2).await;
        review::decide(&kit.app, &lan, &one, &crate::review::accept(2)).await.expect("the correction is accepted");
        let later = now(&kit).await;
        let difference = differences(&then, &later);
        assert_eq!(difference.cells, [("10.6".to_owned(), Some(248), Some(255))]);
        assert_eq!(difference.reports.len(), 1);
        assert_eq!((difference.reports[0].then, difference.reports[0].now), (Some(1), Some(2)));
        let page = kit.get(LAN, &format!("/bao-cao/tong-hop/ban/{}", closed.id)).await;
        assert!(page.text.contains("248") && page.text.contains("255"), "{}", page.text);
        let second = consolidation::close(&kit.app, &lan, &wanted(), &thai_nguyen()).await.expect("issued again");
        assert_eq!(second.number, 2);
        let old = consolidation::approve(&kit.app, &caller("Cao", "province_leader", PROVINCE), &closed.id, &Capacity::Head).await;
        assert!(old.expect_err("it is not the newest").is(&WRONG_STATE));
        let ministry = kit.get("Nam|programme_officer|/vn/", "/bao-cao/tong-hop/diem-ho-tro/nd09q-2026-4/chinh-thuc").await;
        assert!(ministry.text.contains("Tỉnh Thái Nguyên – Bản số 2"), "{}", ministry.text);
        let own = kit.get(LAN, "/bao-cao/tong-hop/diem-ho-tro/nd09q-2026-4/chinh-thuc").await;
        assert!(own.status == 200 && own.text.contains("2/92"));
        let stranger = kit.get("Xa|province_officer|/vn/04.2025/", &format!("/bao-cao/tong-hop/ban/{}", closed.id)).await;
        assert_eq!(stranger.status, 403);
        let foreign = kit.post("Xa|province_officer|/vn/04.2025/", "/bao-cao/tong-hop/diem-ho-tro/nd09q-2026-4/chinh-thuc", &[("dia_ban", "19.2025")]).await;
        assert_eq!(foreign.status, 403);
    }

    async fn places_stand_in_the_order_of_the_register(builder: KitBuilder) {
        let kit = started(builder).await;
        let register: Vec<String> = {
            let today = kit.app.now().day();
            let all = kit.db().view(async |tx| Ok(areas::children(tx, &thai_nguyen(), today).await?)).await;
            all.expect("read").iter().map(areas::Area::title).collect()
        };
        let by_code = {
            let summary = now(&kit).await;
            summary.missing.into_iter().map(|one| one.1).collect::<Vec<_>>()
        };
        assert_ne!(by_code, register, "otherwise this proves nothing");
        let page = kit.get(LAN, "/bao-cao/tong-hop/diem-ho-tro/nd09q-2026-4/chinh-thuc").await;
        let listed = |text: &str| -> Vec<String> {
            let items = text.split("<li>").skip(1).filter_map(|item| item.split("</li>").next());
            items.filter(|item| register.iter().any(|name| name == item)).map(str::to_owned).collect()
        };
        assert_eq!(listed(&page.text), register);
        // A closed copy lists them so as well: those that are in it and those that are missing.
        let one = sent(&kit, COMMUNE, 198).await;
        let two = sent(&kit, NEIGHBOUR, 50).await;
        accepted(&kit, &one).await;
        accepted(&kit, &two).await;
        let lan = caller("Lan", "province_officer", PROVINCE);
        let closed = consolidation::close(&kit.app, &lan, &wanted(), &thai_nguyen()).await.expect("closed");
        let page = kit.get(LAN, &format!("/bao-cao/tong-hop/ban/{}", closed.id)).await;
        let missing = listed(&page.text);
        assert_eq!(missing.len(), register.len() - 2);
        let rest: Vec<String> = register.iter().filter(|name| missing.contains(name)).cloned().collect();
        assert_eq!(missing, rest);
        // So does the board of the reports that come in, after those that wait to be approved.
        let board = kit.get(LAN, "/bao-cao/duyet?bo=diem-ho-tro").await;
        let mut at: Vec<(usize, &String)> = register.iter().filter_map(|name| Some((board.text.find(&format!(">{name}<"))?, name))).collect();
        let waits = |name: &str| name.contains("Phủ Thông") || name.contains("Bằng Vân");
        let mut in_register = at.clone();
        in_register.sort_by_key(|(_, name)| !waits(name));
        at.sort_unstable();
        assert!(at.len() > 10 && at == in_register, "{at:?}");
    }
}
