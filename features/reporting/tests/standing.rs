//! What the pages of entry say of where a report stands: which revision it is and which one is approved, by when it is
//! due, whom to ask when figures are locked.

use kernel::{clock::Day, problem::INVALID_FORM};
use reporting::{
    actions::{entry::Which, excuses, obligations},
    model::submission::Step,
};
use testkit::Kit;

use crate::cast::{
    COMMUNE, edit, leader, officer, province, province_leader, started, step, typed, which,
};

const OFFICER: &str = "Mai|commune_officer|/vn/19.2025/01969.2025/";
const LEADER: &str = "Hùng|commune_leader|/vn/19.2025/01969.2025/";

/// A quarter that was due long before the day of the tests.
const PAST: &str = "nd09q-2026-1";

fn address(which: &Which) -> String {
    format!("/bao-cao/{}/{}/{COMMUNE}/chinh-thuc", which.dataset, which.period)
}

/// A page's text; slashes are escaped in it.
async fn shown(kit: &Kit, who: &str, path: &str) -> String {
    let page = kit.get(who, path).await;
    assert_eq!(page.status, 200, "{path}: {}", page.text);
    page.text.replace("&#x2f;", "/")
}

/// What the list of reports says about one of them.
async fn listed(kit: &Kit, which: &Which) -> String {
    let page = shown(kit, OFFICER, "/bao-cao").await;
    let mark = format!("href=\"{}\"", address(which));
    let (_, rest) = page.split_once(&mark).unwrap_or_else(|| panic!("{mark} is listed: {page}"));
    rest.split_once("</li>").map_or(rest, |(line, _)| line).to_owned()
}

async fn filled_in(kit: &Kit, which: &Which) {
    let cells = [("10.5b", 2), ("10.6", 198), ("10.3a", 6), ("10.6kp", 1)];
    let edits = cells.map(|(key, amount)| edit(key, 0, amount));
    typed(kit, &officer(kit), which, edits.into()).await;
}

async fn signed_and_sent(kit: &Kit, which: &Which, revision: i64) {
    step(kit, &leader(kit), &which.id(), Step::Certify, revision).await;
    step(kit, &officer(kit), &which.id(), Step::Submit, revision).await;
}

async fn approved(kit: &Kit, which: &Which, revision: i64) {
    step(kit, &province(kit), &which.id(), Step::Accept, revision).await;
    step(kit, &province_leader(kit), &which.id(), Step::Approve, revision).await;
}

testkit::on_both_engines! {
    async fn a_correction_that_waits_does_not_look_approved(builder: KitBuilder) {
        let kit = started(builder).await;
        let which = which(COMMUNE);
        filled_in(&kit, &which).await;
        signed_and_sent(&kit, &which, 1).await;
        approved(&kit, &which, 1).await;
        let page = shown(&kit, OFFICER, &address(&which)).await;
        assert!(page.contains("Duyệt: Bình") && !page.contains("Lần 1"), "{page}");
        let before = "Lần 1 đã được Bình duyệt lúc";
        for (revision, state) in [(2, "draft"), (2, "sent"), (3, "draft")] {
            if state == "draft" {
                step(&kit, &leader(&kit), &which.id(), Step::Correct, revision - 1).await;
            } else {
                signed_and_sent(&kit, &which, revision).await;
            }
            for path in [address(&which), format!("{}/gui", address(&which))] {
                let page = shown(&kit, OFFICER, &path).await;
                assert!(page.contains(&format!("Lần {revision}</span>")), "{path}: {page}");
                assert!(page.contains(before) && !page.contains("Duyệt: Bình"), "{path}: {page}");
            }
        }
        signed_and_sent(&kit, &which, 3).await;
        approved(&kit, &which, 3).await;
        let page = shown(&kit, OFFICER, &address(&which)).await;
        assert!(page.contains("Lần 3</span>") && page.contains("Duyệt: Bình") && !page.contains(before), "{page}");
    }

    async fn who_may_not_correct_is_told_whom_to_ask(builder: KitBuilder) {
        let kit = started(builder).await;
        let which = which(COMMUNE);
        filled_in(&kit, &which).await;
        signed_and_sent(&kit, &which, 1).await;
        let (mine, ask) = ("Muốn sửa thì đính chính báo cáo", "đề nghị lãnh đạo xã đính chính báo cáo");
        let says = async |why: &str| {
            let (officer, leader) = (shown(&kit, OFFICER, &address(&which)).await, shown(&kit, LEADER, &address(&which)).await);
            assert!(officer.contains(why) && officer.contains(ask) && !officer.contains(mine), "{officer}");
            assert!(leader.contains(why) && leader.contains(mine) && !leader.contains(ask), "{leader}");
        };
        says("Báo cáo đã gửi cấp trên nên").await;
        step(&kit, &province(&kit), &which.id(), Step::Accept, 1).await;
        says("Cấp trên đã tiếp nhận báo cáo nên").await;
        step(&kit, &province_leader(&kit), &which.id(), Step::Approve, 1).await;
        says("Báo cáo đã được duyệt nên").await;
    }

    async fn the_list_and_the_report_tell_the_same_deadline_of_what_nobody_owes_here(builder: KitBuilder) {
        let kit = started(builder).await;
        let which = Which { period: PAST.to_owned(), ..which(COMMUNE) };
        let owed = kit.db().view(async |tx| obligations::of(tx, &which).await).await.expect("read");
        assert!(owed.is_none(), "it was due before this node knew of it");
        typed(&kit, &officer(&kit), &which, vec![edit("10.6", 0, 198)]).await;
        let due = "hạn 16/03<";
        for told in [listed(&kit, &which).await, shown(&kit, OFFICER, &address(&which)).await] {
            assert!(told.contains(due) && !told.contains("quá hạn") && !told.contains("không quy định"), "{told}");
        }
    }

    async fn a_deadline_that_was_extended_or_excused_is_told_on_the_report_too(builder: KitBuilder) {
        let kit = started(builder).await;
        let which = Which { period: "nd09q-2026-3".to_owned(), ..which(COMMUNE) };
        let late = shown(&kit, OFFICER, &address(&which)).await;
        assert!(late.contains("quá hạn") && listed(&kit, &which).await.contains("quá hạn"), "{late}");
        let owed = kit.db().view(async |tx| obligations::of(tx, &which).await).await.expect("read");
        let owed = [owed.expect("it is owed").id];
        let until = excuses::Kind::Extend(Day::new(2026, 12, 31).expect("a day"));
        excuses::say(&kit.app, &province(&kit), &owed, until, "Lũ quét toàn tỉnh").await.expect("extended");
        let sooner = excuses::Kind::Extend(Day::new(2026, 12, 20).expect("a day"));
        let sooner = excuses::say(&kit.app, &province(&kit), &owed, sooner, "Lũ quét toàn tỉnh").await;
        assert!(sooner.expect_err("no extension").is(&INVALID_FORM), "said, and not passed over in silence");
        for told in [listed(&kit, &which).await, shown(&kit, OFFICER, &address(&which)).await] {
            assert!(told.contains("hạn 31/12, còn") && !told.contains("quá hạn"), "{told}");
        }
        excuses::say(&kit.app, &province(&kit), &owed, excuses::Kind::Excuse, "Lũ quét toàn tỉnh").await.expect("excused");
        let told = shown(&kit, OFFICER, &address(&which)).await;
        assert!(told.contains("Được miễn báo cáo") && !told.contains("hạn 31/12"), "{told}");
    }
}
