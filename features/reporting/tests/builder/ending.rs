//! Ending a campaign early: who may, what becomes of what is owed, of what was handed in, of points that hear later.

use reporting::{
    actions::{
        builder::NOT_RUNNING,
        counts,
        excuses::{self, Kind},
    },
    model::ObligationId,
};

use super::*;
use crate::cast::{province_leader, step};

const REASON: &str = "Đã có đủ số liệu từ sở chuyên ngành";

async fn rate(kit: &Kit, code: &DatasetId) -> (i64, i64, i64) {
    let period = ["campaign-20261122-20261204".to_owned()];
    let rates = async |tx: &mut Tx| counts::rates(tx, code.as_str(), Life::Final, &period).await;
    let rates = kit.db().view(rates).await.expect("rates");
    assert!(counts::rates_are_true(kit.db()).await.expect("counted anew"));
    rates.iter().fold((0, 0, 0), |(e, r, x), (_, one)| {
        assert!(one.reported <= one.expected && one.on_time <= one.reported, "{one:?}");
        (e + one.expected, r + one.reported, x + one.excused)
    })
}

/// Answers the campaign for the commune and hands it in.
async fn answered(kit: &Kit, code: &DatasetId) {
    let which = answer(code);
    let edits = vec![edit(&format!("{code}.1"), 0, 31), edit(&format!("{code}.2"), 0, 1_250)];
    typed(kit, &officer(kit), &which, edits).await;
    let words = vec![("cau1".to_owned(), "Đường vào bản còn sạt lở".to_owned(), 0)];
    let changes = reporting::actions::entry::Changes { narratives: words, ..Default::default() };
    reporting::actions::entry::save(&kit.app, &officer(kit), &which, changes).await.expect("saved");
    step(kit, &leader(kit), &which.id(), Step::Certify, 1).await;
    step(kit, &officer(kit), &which.id(), Step::Submit, 1).await;
}

testkit::on_both_engines! {
    async fn whoever_opened_it_or_approves_such_campaigns_ends_it_and_nobody_else(builder: KitBuilder) {
        let kit = started(builder).await;
        // An administrator drafts and does not publish.
        let opener = caller("Quý", "administrator", PROVINCE);
        let id = builder::begin_campaign(&kit.app, &opener, campaign()).await.expect("a draft");
        let code = read(&kit, &id).await.bundle.dataset.code;
        builder::publish(&kit.app, &second(), &id).await.expect("published");
        let others = [
            caller("Khánh", "administrator", PROVINCE), caller("Xa", "province_leader", "/vn/04.2025/"),
            province(&kit), leader(&kit),
        ];
        for other in others {
            let refused = builder::end_campaign(&kit.app, &other, &code, REASON).await.expect_err("not theirs");
            assert!(refused.is(&FORBIDDEN), "{refused}");
        }
        for wrong in ["", "thôi", &"dài ".repeat(100)] {
            let refused = builder::end_campaign(&kit.app, &opener, &code, wrong).await.expect_err("no reason");
            assert!(refused.is(&INVALID_FORM), "{wrong}: {refused}");
        }
        let all = owed(&kit, &code).await.len() as u64;
        assert_eq!(builder::end_campaign(&kit.app, &opener, &code, REASON).await.expect("ended"), all);
        let again = builder::end_campaign(&kit.app, &province_leader(&kit), &code, REASON).await.expect_err("over");
        assert!(again.is(&NOT_RUNNING));
        let quarterly = builder::end_campaign(&kit.app, &second(), &dataset("diem-ho-tro"), REASON).await;
        assert!(quarterly.expect_err("no campaign").is(&NOT_RUNNING));
        // Its approver may as well.
        let code = published(&kit, campaign()).await;
        builder::end_campaign(&kit.app, &province_leader(&kit), &code, REASON).await.expect("ended");
    }

    async fn nobody_owes_it_any_more_what_was_handed_in_stays_and_no_rate_passes_the_whole(builder: KitBuilder) {
        let kit = started(builder).await;
        let code = published(&kit, campaign()).await;
        answered(&kit, &code).await;
        let all = i64::try_from(owed(&kit, &code).await.len()).expect("few");
        let neighbour = caller("Xa", "commune_officer", "/vn/19.2025/01942.2025/");
        let theirs = Which { area: areas::AreaId::parse("01942.2025").expect("an id"), ..answer(&code) };
        typed(&kit, &neighbour, &theirs, vec![edit(&format!("{code}.1"), 0, 4)]).await;
        let stale = draft_of(&kit, code.as_str()).await;
        assert_eq!(rate(&kit, &code).await, (all, 1, 0));
        let ended = builder::end_campaign(&kit.app, &second(), &code, REASON).await.expect("ended");
        assert_eq!(ended, u64::try_from(all - 1).expect("few"));
        assert_eq!(rate(&kit, &code).await, (1, 1, all - 1));
        let list = kit.get("Lan|province_officer|/vn/19.2025/", &format!("/bao-cao/duyet?bo={code}")).await;
        assert!(list.text.contains("Được miễn báo cáo"), "{}", list.text);
        let unsent = kit.get("Lan|province_officer|/vn/19.2025/", &format!("/bao-cao/duyet?bo={code}&loc=chua-gui")).await;
        assert!(!unsent.text.contains("Được miễn báo cáo"), "who owes nothing is not missing");
        let pages = [
            format!("/bao-cao/duyet?bo={code}"),
            format!("/bao-cao/duyet/{}", theirs.id()),
            format!("/bao-cao/tong-hop/{code}/{}/chinh-thuc", theirs.period),
        ];
        for path in &pages {
            let page = kit.get("Lan|province_officer|/vn/19.2025/", path).await;
            assert!(page.text.contains("Đã kết thúc sớm") && page.text.contains(REASON), "{path}: {}", page.text);
            assert_eq!(testkit::html::broken(&page.text, "vi"), Vec::<String>::new());
        }
        let summary = kit.get("Lan|province_officer|/vn/19.2025/", &pages[2]).await;
        assert!(summary.text.contains("Gồm 0/1 báo cáo"), "who owes nothing is not missing: {}", summary.text);
        // What was handed in is reviewed as ever.
        step(&kit, &province(&kit), &answer(&code).id(), Step::Accept, 1).await;
        // The daily work, the map and a word about one deadline bring nothing back.
        obligations::keep(kit.db(), None).await.expect("kept");
        obligations::settle(kit.db(), None).await.expect("settled");
        let one = ObligationId::parse(theirs.id().as_str()).expect("an id");
        let said = excuses::say(&kit.app, &province(&kit), &[one], Kind::Revoke, "Vẫn phải báo cáo").await;
        assert_eq!(said.expect("nothing to say"), 0);
        assert_eq!(rate(&kit, &code).await, (1, 1, all - 1));
        // A draft from before does not bring it back either.
        builder::change(&kit.app, &author(), (&stale, 1), title("Bổ sung")).await.expect("saved");
        let refused = builder::publish(&kit.app, &second(), &stale).await.expect_err("it is over");
        let keys: Vec<&str> = refused.problem().expect("a problem").fields.iter().map(|one| one.key).collect();
        assert_eq!(keys, ["reporting-flaw-ended"]);
        let copy = Some((dataset("dx-moi-1"), "Thiệt hại do mưa lũ, đợt hai".to_owned()));
        let copy = builder::copy(&kit.app, &author(), &code, copy).await.expect("a draft");
        assert_eq!(read(&kit, &copy).await.bundle.dataset.ended, None, "another campaign is another");
        // Whoever hands in all the same is taken and counted.
        let words = vec![("cau1".to_owned(), "Không có".to_owned(), 0)];
        let changes = reporting::actions::entry::Changes {
            edits: vec![edit(&format!("{code}.2"), 0, 0)],
            narratives: words,
            ..Default::default()
        };
        reporting::actions::entry::save(&kit.app, &neighbour, &theirs, changes).await.expect("saved");
        let head = caller("Hà", "commune_leader", "/vn/19.2025/01942.2025/");
        step(&kit, &head, &theirs.id(), Step::Certify, 1).await;
        step(&kit, &head, &theirs.id(), Step::Submit, 1).await;
        assert_eq!(rate(&kit, &code).await, (2, 2, all - 2));
    }

    async fn a_point_hears_of_the_end_and_tells_it_in_plain_words(builder: KitBuilder) {
        let hub = started(builder).await;
        let code = published(&hub, campaign()).await;
        let point = started(KitBuilder::on(TestEngine::Sqlite).point(9)).await;
        for record in &told(&hub).await {
            taken(&point, record).await;
        }
        point.settle().await;
        let mine = "Mai|commune_officer|/vn/19.2025/01969.2025/";
        let list = kit_list(&point, mine).await;
        assert!(list.contains("Thiệt hại do mưa lũ") && !list.contains("Không phải báo cáo nữa"));
        builder::end_campaign(&hub.app, &second(), &code, REASON).await.expect("ended");
        let said = told(&hub).await;
        // Twice, and the end before the beginning.
        for record in said.iter().rev().chain(&said) {
            taken(&point, record).await;
        }
        point.settle().await;
        let here = owed(&point, &code).await;
        assert!(here.iter().all(|one| one.excused && one.met_at.is_none()), "{here:?}");
        assert_eq!(rate(&point, &code).await.0, 0);
        let list = kit_list(&point, mine).await;
        assert!(list.contains("Không phải báo cáo nữa") && list.contains(REASON), "the commune reads why");
        let report = point.get(mine, &format!("/bao-cao/{code}/campaign-20261122-20261204/01969.2025/chinh-thuc")).await;
        assert!(report.status == 200 && report.text.contains("Đã kết thúc sớm") && report.text.contains(REASON));
        assert_eq!(testkit::html::broken(&report.text, "vi"), Vec::<String>::new());
        // Nothing of it is forgotten at the hub's page.
        let page = hub.get(mine, &format!("/bao-cao/bieu/{code}")).await;
        assert!(page.text.contains("Đã kết thúc sớm") && page.text.contains("Bảo"), "by whom");
    }

    async fn the_button_stands_on_the_page_of_a_running_campaign_only(builder: KitBuilder) {
        let kit = started(builder).await;
        let code = published(&kit, campaign()).await;
        let (bao, page) = ("Bảo|programme_officer|/vn/", format!("/bao-cao/bieu/{code}"));
        let shown = kit.get(bao, &page).await;
        assert!(shown.text.contains(&format!("{page}/ket-thuc")) && shown.text.contains("đơn vị báo cáo"));
        for (who, path) in [(bao, "/bao-cao/bieu/bm-03"), ("Mai|commune_officer|/vn/19.2025/01969.2025/", page.as_str())] {
            assert!(!kit.get(who, path).await.text.contains("/ket-thuc"), "{path}");
        }
        let empty = kit.post(bao, &format!("{page}/ket-thuc"), &[("reason", "")]).await;
        assert!(empty.status == 422 && empty.text.contains("Hãy ghi lý do"), "{}", empty.status);
        assert_eq!(testkit::html::broken(&empty.text, "vi"), Vec::<String>::new());
        let done = kit.post(bao, &format!("{page}/ket-thuc"), &[("reason", REASON)]).await;
        assert_eq!((done.status, done.location()), (303, page.as_str()), "{}", done.text);
        let shown = kit.get(bao, &page).await;
        assert!(!shown.text.contains("/ket-thuc") && shown.text.contains(REASON));
        for open in ["Đang áp dụng", "<h2>Hạn báo cáo</h2>", "Nghĩa vụ báo cáo", "đến 04/12/2026"] {
            assert!(!shown.text.contains(open), "nothing of it is open any more: {open}");
        }
        assert_eq!(shown.text.matches("Đã kết thúc sớm").count(), 1, "said once");
        for over in ["đến 22/11/2026", "không còn hiệu lực", "đơn vị không phải báo cáo nữa"] {
            assert!(shown.text.contains(over), "{over}: {}", shown.text);
        }
        assert_eq!(testkit::html::broken(&shown.text, "vi"), Vec::<String>::new());
    }
}

async fn kit_list(kit: &Kit, who: &str) -> String {
    let page = kit.get(who, "/bao-cao").await;
    assert_eq!(page.status, 200);
    assert_eq!(testkit::html::broken(&page.text, "vi"), Vec::<String>::new());
    page.text
}
