//! Approving some sections of a report without the others: what counts as approved then, who may, and how the rest
//! follows.

use areas::{AreaId, AreaLevel};
use kernel::{
    caller::{Caller, Person},
    clock::Day,
    db::Tx,
    problem::{FORBIDDEN, INVALID_FORM},
};
use reporting::{
    actions::{
        OWN_WORK,
        analysis::ask::ask,
        counts,
        entry::{Changes, open, save},
        review::{self, CHANGED_MEANWHILE, Decision},
        steps::Said,
    },
    model::{
        CellState, Life, Period, SubmissionId,
        analysis::{Dx, Question},
        submission::{State, Step, WRONG_STATE},
    },
};
use testkit::{Kit, caller};

use super::{BINH, LAN, between};
use crate::{
    cast::{
        PLACE, PROVINCE, cell, edit, leader, officer, province, province_leader, started, step,
        typed,
    },
    totals::{meeting, meetings},
};

const QUARTER: &str = "nd09q-2026-4";
/// Figures of every section that has some: rows that add up, a table with a cell that somebody added, another table.
const ROWS: [&str; 2] = ["bm08.nguoi", "bm08.kp"];
const TABLE: [&str; 3] = ["bm08.cuoc", "bm08.cuoc:ht=tructuyen", "bm08.cuoc:loaihop=taphuan"];
const OTHER: [&str; 2] = ["bm08.nguoi:gt=nu", "bm08.nguoi:dtts=dtts"];

/// Meetings of the quarter, typed in, signed and handed in.
pub async fn handed_in(kit: &Kit) -> SubmissionId {
    let rows = vec![meeting("Một", "70", "12.5"), meeting("Hai", "30", "1")];
    let changes = Changes { rows, ..Changes::default() };
    save(&kit.app, &officer(kit), &meetings(), changes).await.expect("saved");
    let edits = vec![
        edit(TABLE[0], 0, 2),
        edit(TABLE[1], 0, 2),
        edit(TABLE[2], 0, 1),
        edit(OTHER[0], 0, 40),
        edit(OTHER[1], 0, 60),
    ];
    typed(kit, &officer(kit), &meetings(), edits).await;
    let id = meetings().id();
    step(kit, &leader(kit), &id, Step::Certify, 1).await;
    step(kit, &officer(kit), &id, Step::Submit, 1).await;
    id
}

async fn accepted(kit: &Kit) -> SubmissionId {
    let id = handed_in(kit).await;
    step(kit, &province(kit), &id, Step::Accept, 1).await;
    id
}

pub fn parts(sections: &[&str], revision: i64) -> Decision {
    let said = Said { revision, ..Said::default() };
    let in_order = sections.iter().map(|one| (*one).to_owned()).collect();
    Decision { step: Some(Step::ApprovePart), said, in_order, ..Decision::default() }
}

/// What is approved of some cells in the report.
pub async fn approved(kit: &Kit, keys: &[&str]) -> Vec<Option<i64>> {
    let (_, sheet) = open(&kit.app, &province(kit), &meetings()).await.expect("it opens");
    keys.iter().map(|key| sheet.held.get(&cell(key)).and_then(|held| held.approved)).collect()
}

/// The same as the counts of the province have it: how many places, and their sum.
async fn counted(kit: &Kit, key: &str) -> (i64, i64) {
    let all = kit
        .db()
        .view(async |tx: &mut Tx| {
            counts::sums(tx, &cell(key), &[QUARTER.to_owned()], Life::Final).await
        })
        .await
        .expect("sums are read");
    all.first().map_or((0, 0), |one| (one.approved_count, one.approved_sum))
}

/// What an answer says that takes approved figures alone.
async fn approved_only(kit: &Kit, dx: &str) -> Option<String> {
    let question = Question {
        dx: vec![Dx::parse(dx).expect("a figure")],
        periods: vec![Period::parse(QUARTER).expect("a period")],
        area: AreaId::parse("19.2025").expect("an id"),
        by: AreaLevel::Province,
        frame: None,
        life: Life::Final,
        approved_only: true,
    };
    let ministry = caller("Vụ", "programme_officer", "/vn/");
    let answer = ask(&kit.app, &ministry, &question).await.expect("answered");
    answer.at(0, 0, 0)?.number?.as_decimal()
}

/// Reports of the quarter that count as approved.
async fn rate(kit: &Kit) -> i64 {
    let quarter = [QUARTER.to_owned()];
    let read = async |tx: &mut Tx| counts::rates(tx, "bm-08", Life::Final, &quarter).await;
    let rates = kit.db().view(read).await.expect("rates");
    rates.iter().map(|(_, rate)| rate.approved).sum()
}

async fn state(kit: &Kit) -> State {
    let (_, sheet) = open(&kit.app, &province(kit), &meetings()).await.expect("it opens");
    sheet.submission.expect("a report").state
}

/// Counted anew, everything is what it was.
async fn counts_are_true(kit: &Kit) {
    assert!(counts::are_true(kit.db()).await.expect("counted anew"));
    assert!(counts::rates_are_true(kit.db()).await.expect("counted anew"));
}

testkit::on_both_engines! {
    async fn the_figures_of_ticked_sections_alone_count_as_approved(builder: KitBuilder) {
        let kit = started(builder).await;
        let id = accepted(&kit).await;
        let address = format!("/bao-cao/duyet/{id}");
        let page = kit.get(BINH, &address).await;
        assert!(page.text.contains("Duyệt các phần đã đánh dấu") && page.text.contains("Trả lại, duyệt các phần đã đánh dấu"), "{}", page.text);
        assert!(!kit.get(LAN, &address).await.text.contains("Duyệt các phần"), "an officer approves nothing");
        let seen = between(&page.text, "name=\"da_xem\" value=\"", "\"").to_owned();
        let fields = [("lan", "1"), ("da_xem", seen.as_str()), ("buoc", "approve-part"), ("dat", "cuoc"), ("dat", "hinhthuc")];
        let done = kit.post(BINH, &address, &fields).await;
        assert_eq!(done.status, 303, "{}", done.text);

        assert_eq!(approved(&kit, &ROWS).await, [Some(100), Some(13_500)]);
        assert_eq!(approved(&kit, &TABLE).await, [Some(2), Some(2), Some(1)]);
        assert_eq!(approved(&kit, &OTHER).await, [None, None]);
        assert_eq!((counted(&kit, ROWS[0]).await, counted(&kit, OTHER[0]).await), ((1, 100), (0, 0)));
        assert_eq!(approved_only(&kit, "bm08.cuoc").await.as_deref(), Some("2"));
        assert_eq!(approved_only(&kit, "bm08.nguoi:gt=nu").await, None);
        assert_eq!((state(&kit).await, rate(&kit).await), (State::Accepted, 0), "the report is not approved");
        counts_are_true(&kit).await;
        counts::rebuild(kit.db()).await.expect("rebuilt");
        assert_eq!(counted(&kit, TABLE[0]).await, (1, 2));

        let page = kit.get(BINH, &address).await;
        assert!(page.text.contains("Đã duyệt 2/4 phần") || page.text.contains("Đã duyệt 2&#x2f;4 phần"), "{}", page.text);
        assert_eq!(page.text.matches("Phần này đã duyệt: Bình").count(), 2);
        assert!(!page.text.contains("value=\"cuoc\"") && page.text.contains("value=\"nguoi\""), "what is approved is not ticked again");
        let step = "Duyệt một số phần (lần 1): Hội nghị, hội thảo, tập huấn đã tổ chức; Số cuộc theo hình thức";
        assert!(page.text.contains(step), "{}", page.text);
        assert_eq!(testkit::html::broken(&page.text, "vi"), Vec::<String>::new());
        let own = kit.get("Mai|commune_officer|/vn/19.2025/01969.2025/", "/bao-cao/bm-08/nd09q-2026-4/01969.2025/chinh-thuc").await;
        assert!(own.text.replace("&#x2f;", "/").contains("Đã duyệt 2/4 phần, lần gần nhất: Bình,"), "{}", own.text);
        assert_eq!(own.text.matches("Phần này đã duyệt: Bình").count(), 2);
        let before_signing = kit.get("Mai|commune_officer|/vn/19.2025/01969.2025/", "/bao-cao/bm-08/nd09q-2026-4/01969.2025/chinh-thuc/gui").await;
        assert!(before_signing.text.replace("&#x2f;", "/").contains("Đã duyệt 2/4 phần, lần gần nhất: Bình,"), "{}", before_signing.text);
    }

    async fn who_may_not_approve_approves_no_section(builder: KitBuilder) {
        let kit = started(builder).await;
        let id = handed_in(&kit).await;
        let decide = async |who: &Caller, decision: Decision| review::decide(&kit.app, who, &id, &decision).await.expect_err("refused");
        let one = || parts(&["hinhthuc"], 1);
        assert!(decide(&province_leader(&kit), one()).await.is(&WRONG_STATE), "nobody has checked it");
        step(&kit, &province(&kit), &id, Step::Accept, 1).await;
        assert!(decide(&caller("Xa", "province_leader", "/vn/04.2025/"), one()).await.is(&FORBIDDEN), "another province");
        assert!(decide(&province(&kit), one()).await.is(&FORBIDDEN), "an officer");
        assert!(decide(&leader(&kit), one()).await.is(&FORBIDDEN), "nobody above the commune");
        assert!(decide(&caller("Tí", "province_leader", PLACE), one()).await.is(&FORBIDDEN), "nor in the leader's role");
        assert!(decide(&caller("Hùng", "province_leader", PROVINCE), one()).await.is(&OWN_WORK), "their own signature");
        assert!(decide(&province_leader(&kit), parts(&["hinhthuc"], 2)).await.is(&CHANGED_MEANWHILE), "another revision");
        assert!(decide(&province_leader(&kit), Decision { seen: "khác".to_owned(), ..one() }).await.is(&CHANGED_MEANWHILE));
        assert!(decide(&province_leader(&kit), parts(&[], 1)).await.is(&INVALID_FORM), "nothing is ticked");
        assert!(decide(&province_leader(&kit), parts(&["khong-co"], 1)).await.is(&INVALID_FORM), "nothing of this form");
        let mut ended = testkit::grant("province_leader", PROVINCE);
        ended.until = Day::new(2026, 11, 22).expect("a day");
        let person = Person { id: "deputy".to_owned(), name: "Phó".to_owned() };
        assert!(decide(&Caller::person(person, vec![ended], kit.app.now()), one()).await.is(&FORBIDDEN), "a deputy until yesterday");
        // An officer who gives it back approves nothing on the way, and it is not given back either.
        let back = Decision { step: Some(Step::Return), approves_them: true, ..one() };
        let words = |decision: Decision| Decision { said: Said { note: "Sửa phần người dự".to_owned(), ..decision.said.clone() }, ..decision };
        assert!(decide(&province(&kit), words(back.clone())).await.is(&FORBIDDEN));
        assert!(decide(&province_leader(&kit), back).await.is(&INVALID_FORM), "given back without a word");
        assert_eq!(state(&kit).await, State::Accepted);
        assert_eq!(approved(&kit, &TABLE).await, [None, None, None]);
        let page = kit.get(BINH, &format!("/bao-cao/duyet/{id}")).await;
        assert!(!page.text.contains("Duyệt một số phần (") && !page.text.contains("Phần này đã"), "nothing of it is kept");
        counts_are_true(&kit).await;
    }

    async fn what_is_remarked_on_goes_back_unapproved_though_it_is_ticked(builder: KitBuilder) {
        let kit = started(builder).await;
        let id = handed_in(&kit).await;
        review::decide(&kit.app, &province(&kit), &id, &crate::review::accept(1)).await.expect("taken in");
        let address = format!("/bao-cao/duyet/{id}");
        let ticked = ["cuoc", "hinhthuc", "nguoi", "minhchung"].map(|code| ("dat", code));
        // Whoever took the report in found every section in order, and the ticks still stand.
        let page = kit.get(BINH, &address).await;
        assert_eq!(page.text.matches("name=\"dat\"").count(), 4, "{}", page.text);
        assert_eq!(page.text.matches(" checked>").count(), 4, "{}", page.text);
        let step = [("lan", "1"), ("buoc", "return-part")];
        let whole = [("note", "Đếm lại số cuộc")];
        let refused = kit.post(BINH, &address, &[&step[..], &ticked, &whole].concat()).await;
        assert!(refused.status == 422 && refused.text.contains("không còn phần nào để trả lại"), "{}", refused.text);
        assert_eq!((state(&kit).await, approved(&kit, &OTHER).await), (State::Accepted, vec![None, None]));

        let remark = [("n.bm08.cuoc", "Đếm lại số cuộc")];
        let back = kit.post(BINH, &address, &[&step[..], &ticked, &remark].concat()).await;
        assert_eq!(back.status, 303, "{}", back.text);
        assert_eq!(state(&kit).await, State::Returned);
        assert_eq!((approved(&kit, &TABLE).await, approved(&kit, &OTHER).await), (vec![None, None, None], vec![Some(40), Some(60)]));
        let page = kit.get(BINH, &address).await;
        assert!(page.text.replace("&#x2f;", "/").contains("Đã duyệt 3/4 phần"), "{}", page.text);
        assert!(page.text.contains("timeline--danger"), "a return stands out among the steps: {}", page.text);
        counts_are_true(&kit).await;
    }

    async fn the_rest_goes_back_is_corrected_and_then_the_whole_is_approved(builder: KitBuilder) {
        let kit = started(builder).await;
        let id = accepted(&kit).await;
        let address = format!("/bao-cao/duyet/{id}");
        let fields = [("lan", "1"), ("buoc", "return-part"), ("dat", "cuoc"), ("dat", "minhchung"), ("dat", "nguoi"), ("n.bm08.cuoc", "Đếm lại số cuộc")];
        let back = kit.post(BINH, &address, &fields).await;
        assert_eq!(back.status, 303, "{}", back.text);
        assert_eq!(state(&kit).await, State::Returned);
        assert_eq!((approved(&kit, &ROWS).await, approved(&kit, &OTHER).await), (vec![Some(100), Some(13_500)], vec![Some(40), Some(60)]));
        assert_eq!(approved(&kit, &TABLE).await, [None, None, None]);

        let own = "/bao-cao/bm-08/nd09q-2026-4/01969.2025/chinh-thuc";
        // The unit corrects what was remarked, and another section besides.
        typed(&kit, &officer(&kit), &meetings(), vec![edit(TABLE[0], 1, 3), edit(OTHER[0], 1, 41)]).await;
        let page = kit.get("Mai|commune_officer|/vn/19.2025/01969.2025/", own).await;
        assert!(page.text.replace("&#x2f;", "/").contains("Đã duyệt 2/4 phần"), "{}", page.text);
        assert!(page.text.contains("Bình đã duyệt phần này lúc"), "what was approved is not what stands: {}", page.text);
        assert_eq!(approved(&kit, &OTHER).await, [Some(40), Some(60)], "as it was approved last");
        assert_eq!(counted(&kit, OTHER[0]).await, (1, 40));
        step(&kit, &leader(&kit), &id, Step::Certify, 1).await;
        step(&kit, &officer(&kit), &id, Step::Submit, 2).await;
        step(&kit, &province(&kit), &id, Step::Accept, 2).await;
        let page = kit.get(BINH, &address).await;
        assert_eq!(page.text.matches("Phần này đã duyệt: Bình").count(), 2, "{}", page.text);
        assert!(page.text.contains("value=\"nguoi\"") && !page.text.contains("value=\"cuoc\""));

        // Whoever takes a tick away takes back no approval; the last sections make the whole.
        let note = Decision { step: None, ..parts(&[], 2) };
        review::decide(&kit.app, &province_leader(&kit), &id, &note).await.expect("noted");
        let after = review::decide(&kit.app, &province_leader(&kit), &id, &parts(&["nguoi"], 2)).await.expect("a third");
        assert_eq!((after.state, approved(&kit, &OTHER).await), (State::Accepted, vec![Some(41), Some(60)]));
        let after = review::decide(&kit.app, &province_leader(&kit), &id, &parts(&["hinhthuc"], 2)).await.expect("the last");
        assert_eq!((after.state, rate(&kit).await), (State::Approved, 1));
        assert_eq!(approved(&kit, &TABLE).await, [Some(3), Some(2), Some(1)]);
        assert_eq!(kit.get(BINH, &format!("{address}/ban-luu/2.approved.json")).await.status, 200, "an unchanging copy is kept");
        let page = kit.get(BINH, &address).await;
        assert!(page.text.contains("Phê duyệt (lần 2)") && !page.text.replace("&#x2f;", "/").contains("/4 phần"), "{}", page.text);
        counts_are_true(&kit).await;

        // What says again what was approved before something else was is not what is approved.
        step(&kit, &leader(&kit), &id, Step::Correct, 2).await;
        typed(&kit, &officer(&kit), &meetings(), vec![edit(OTHER[0], 2, 40)]).await;
        step(&kit, &leader(&kit), &id, Step::Certify, 3).await;
        step(&kit, &officer(&kit), &id, Step::Submit, 3).await;
        step(&kit, &province(&kit), &id, Step::Accept, 3).await;
        let page = kit.get(BINH, &address).await;
        assert_eq!(page.text.matches("Phần này đã duyệt: Bình").count(), 3, "{}", page.text);
        assert_eq!(approved(&kit, &OTHER).await, [Some(41), Some(60)]);
        let (_, sheet) = open(&kit.app, &province(&kit), &meetings()).await.expect("it opens");
        assert_eq!(sheet.held[&cell(OTHER[0])].state, CellState::Value(40));
        counts_are_true(&kit).await;
    }
}
