//! What the pages of entry say around handing in: what waits at a point, remarks that stand unanswered, what was
//! explained, when figures were last saved, what has to be filled in.

use std::sync::{Arc, Mutex};

use kernel::{clock::Timestamp, problem::INVALID_FORM};
use reporting::{
    Queue, Waiting,
    actions::{
        answers,
        attach::{self, NewFile},
        entry::{Changes, RowBecame, RowEdit, Which, open, save},
        exchange::complete,
        figures::Edit,
        steps::{Said, take},
    },
    model::{
        DatasetId,
        submission::{State, Step},
    },
};
use testkit::{Kit, Page};

use crate::cast::{COMMUNE, cell, edit, leader, officer, province, started, step, typed, which};

const OFFICER: &str = "Mai|commune_officer|/vn/19.2025/01969.2025/";
const LEADER: &str = "Hùng|commune_leader|/vn/19.2025/01969.2025/";
const PROVINCE: &str = "Lan|province_officer|/vn/19.2025/";
const REPORT: &str = "/bao-cao/diem-ho-tro/nd09q-2026-4/01969.2025/chinh-thuc";
const HOUR_MS: i64 = 3_600_000;

fn at(rest: &str) -> String {
    format!("{REPORT}{rest}")
}

/// A page's text; slashes are escaped in it.
fn read(page: &Page) -> String {
    page.text.replace("&#x2f;", "/")
}

async fn shown(kit: &Kit, who: &str, path: &str) -> String {
    let page = kit.get(who, path).await;
    assert_eq!(page.status, 200, "{path}: {}", page.text);
    read(&page)
}

/// What the next page says after a form was sent.
fn flash(page: &Page) -> String {
    let cookies = page.headers.get_all("set-cookie").iter();
    cookies.filter_map(|one| one.to_str().ok()).collect::<Vec<_>>().join("; ")
}

async fn state(kit: &Kit) -> State {
    let (_, sheet) = open(&kit.app, &officer(kit), &which(COMMUNE)).await.expect("it opens");
    sheet.submission.expect("a report").state
}

/// The figures without which nobody signs.
async fn filled_in(kit: &Kit, visits: i64) {
    let edits = vec![
        edit("10.5b", 0, 2),
        edit("10.6", 0, visits),
        edit("10.3a", 0, 6),
        edit("10.6kp", 0, 1),
    ];
    typed(kit, &officer(kit), &which(COMMUNE), edits).await;
}

async fn handed_in(kit: &Kit) {
    filled_in(kit, 198).await;
    step(kit, &leader(kit), &which(COMMUNE).id(), Step::Certify, 1).await;
    step(kit, &officer(kit), &which(COMMUNE).id(), Step::Submit, 1).await;
}

/// Given back with a remark on each of these cells.
async fn given_back(kit: &Kit, cells: &[&str]) {
    let remark = |cell: &&str| ((*cell).to_owned(), "Đề nghị kiểm tra lại".to_owned());
    let said = Said { revision: 1, remarks: cells.iter().map(remark).collect(), ..Said::default() };
    take(&kit.app, &province(kit), &which(COMMUNE).id(), Step::Return, &said)
        .await
        .expect("given back");
}

async fn answered(kit: &Kit, cell: &str) {
    answers::answer(&kit.app, &officer(kit), &which(COMMUNE), cell, "Đã đối chiếu sổ theo dõi")
        .await
        .expect("answered");
}

/// What waits on the road of one point.
#[derive(Clone, Default)]
struct Road(Arc<Mutex<Option<Queue>>>);

impl Road {
    fn holds(&self, queue: Option<Queue>) {
        *self.0.lock().expect("nobody broke it") = queue;
    }
}

fn asked() -> Waiting {
    Waiting(|app| {
        Box::pin(async move {
            Ok(*app.port::<Road>().expect("a road").0.lock().expect("nobody broke it"))
        })
    })
}

testkit::on_both_engines! {
    async fn what_is_handed_in_at_a_point_says_that_it_waits_until_it_has_gone_up(builder: KitBuilder) {
        let road = Road::default();
        let kit = started(builder.point(7).offering(asked()).offering(road.clone())).await;
        filled_in(&kit, 198).await;
        step(&kit, &leader(&kit), &which(COMMUNE).id(), Step::Certify, 1).await;
        let waits = "đang chờ trong hàng đợi của điểm";
        assert!(!shown(&kit, OFFICER, REPORT).await.contains(waits), "nothing was handed in");
        let sent = kit.post(OFFICER, &at("/buoc"), &[("step", "submit"), ("revision", "1")]).await;
        assert!(sent.status == 303 && flash(&sent).contains("reporting-done-submit-here"), "{}", flash(&sent));
        let now = kit.app.now();
        let held = |oldest: Option<Timestamp>| Queue { rows: u64::from(oldest.is_some()), oldest };
        for queue in [None, Some(held(Some(now))), Some(held(Some(now.plus_seconds(-60))))] {
            road.holds(queue);
            assert!(shown(&kit, OFFICER, REPORT).await.contains(waits), "{queue:?}");
            assert!(shown(&kit, OFFICER, "/bao-cao").await.contains("Đang chờ ở điểm"), "{queue:?}");
        }
        for queue in [held(None), held(Some(now.plus_seconds(1)))] {
            road.holds(Some(queue));
            assert!(!shown(&kit, OFFICER, REPORT).await.contains(waits), "{queue:?}");
            assert!(!shown(&kit, OFFICER, "/bao-cao").await.contains("Đang chờ ở điểm"), "{queue:?}");
        }
    }

    async fn at_the_hub_nothing_waits_at_a_point(builder: KitBuilder) {
        let kit = started(builder).await;
        filled_in(&kit, 198).await;
        step(&kit, &leader(&kit), &which(COMMUNE).id(), Step::Certify, 1).await;
        let sent = kit.post(OFFICER, &at("/buoc"), &[("step", "submit"), ("revision", "1")]).await;
        assert!(sent.status == 303 && !flash(&sent).contains("submit-here"), "{}", flash(&sent));
        assert!(!shown(&kit, OFFICER, REPORT).await.contains("hàng đợi của điểm"));
        assert!(!shown(&kit, OFFICER, "/bao-cao").await.contains("Đang chờ ở điểm"));
    }

    async fn with_unanswered_remarks_one_goes_on_only_after_a_tick(builder: KitBuilder) {
        let kit = started(builder).await;
        handed_in(&kit).await;
        given_back(&kit, &["10.6", "10.3a"]).await;
        let page = shown(&kit, LEADER, &at("/gui")).await;
        assert!(page.contains("2 ý kiến của cấp trên về ô số liệu chưa trả lời"), "{page}");
        assert!(page.contains(&at("/o/10.6\"")) && page.contains(&at("/o/10.3a\"")), "{page}");
        assert!(page.contains("name=\"despite_remarks\"") && !page.contains("value=\"1\" checked"), "{page}");
        let refused = take(&kit.app, &leader(&kit), &which(COMMUNE).id(), Step::Certify, &Said { revision: 1, ..Said::default() }).await;
        assert!(refused.expect_err("nobody said that they were seen").is(&INVALID_FORM));
        let certify = [("step", "certify"), ("revision", "1"), ("note", "Đã kiểm tra, số đúng")];
        let nil = [("step", "certify"), ("revision", "1"), ("note", "Không phát sinh gì"), ("nil", "1")];
        for fields in [&certify[..], &nil[..]] {
            let refused = kit.post(LEADER, &at("/buoc"), fields).await;
            assert!(refused.status == 422 && read(&refused).contains("Còn 2 ý kiến của cấp trên chưa trả lời"), "{}", read(&refused));
            assert_eq!(read(&refused).matches("id=\"despite_remarks\"").count(), 1, "the summary leads to one field");
        }
        assert_eq!(state(&kit).await, State::Returned);
        answered(&kit, "10.6").await;
        let ticked: Vec<_> = certify.into_iter().chain([("despite_remarks", "1")]).collect();
        let signed = kit.post(LEADER, &at("/buoc"), &ticked).await;
        assert_eq!(signed.status, 303, "{}", read(&signed));
        let page = shown(&kit, OFFICER, &at("/gui")).await;
        assert!(page.contains("1 ý kiến của cấp trên về ô số liệu") && page.contains("name=\"despite_remarks\""), "{page}");
        let submit = [("step", "submit"), ("revision", "2")];
        let refused = kit.post(OFFICER, &at("/buoc"), &submit).await;
        assert!(refused.status == 422 && read(&refused).contains("Còn 1 ý kiến"), "{}", read(&refused));
        assert_eq!(state(&kit).await, State::Certified);
        let ticked = [("step", "submit"), ("revision", "2"), ("despite_remarks", "1")];
        assert_eq!(kit.post(OFFICER, &at("/buoc"), &ticked).await.status, 303);
        assert_eq!(state(&kit).await, State::Submitted);
        assert!(!shown(&kit, OFFICER, &at("/gui")).await.contains("chưa trả lời"), "it is with the tier above now");
    }

    async fn who_answered_every_remark_is_asked_for_no_tick(builder: KitBuilder) {
        let kit = started(builder).await;
        handed_in(&kit).await;
        given_back(&kit, &["10.6", "10.3a"]).await;
        for cell in ["10.6", "10.3a"] {
            answered(&kit, cell).await;
        }
        let page = shown(&kit, LEADER, &at("/gui")).await;
        assert!(!page.contains("despite_remarks"), "{page}");
        for (step, revision) in [("certify", "1"), ("submit", "2")] {
            let done = kit.post(LEADER, &at("/buoc"), &[("step", step), ("revision", revision)]).await;
            assert_eq!(done.status, 303, "{step}: {}", read(&done));
        }
    }

    async fn another_system_hands_in_over_unanswered_remarks_with_words_only(builder: KitBuilder) {
        let kit = started(builder).await;
        handed_in(&kit).await;
        given_back(&kit, &["10.6"]).await;
        let refused = complete::complete(&kit.app, &leader(&kit), &which(COMMUNE), "").await;
        assert!(refused.expect_err("no word").is(&INVALID_FORM));
        complete::complete(&kit.app, &leader(&kit), &which(COMMUNE), "Số liệu đã đối chiếu").await.expect("handed in");
        assert_eq!(state(&kit).await, State::Submitted);
    }

    async fn an_explanation_stands_again_beside_the_figure_that_it_explains(builder: KitBuilder) {
        let kit = started(builder).await;
        let before = Which { period: "nd09q-2026-3".to_owned(), ..which(COMMUNE) };
        typed(&kit, &officer(&kit), &before, vec![edit("10.6", 0, 20)]).await;
        filled_in(&kit, 198).await;
        let words = "Có hai đợt tuyên truyền <lớn> trong quý";
        let page = shown(&kit, OFFICER, &at("/gui")).await;
        assert!(page.contains("1 chỗ cần xem lại; nếu số đúng thì giải trình") && page.contains(&at("#muc-solieu")), "{page}");
        let fields = [("step", "certify"), ("revision", "1"), ("note", words)];
        assert_eq!(kit.post(LEADER, &at("/buoc"), &fields).await.status, 303);
        for (who, path) in [(OFFICER, REPORT.to_owned()), (PROVINCE, REPORT.to_owned()), (OFFICER, at("/gui"))] {
            let page = shown(&kit, who, &path).await;
            assert!(page.contains("1 chỗ đã giải trình") && page.contains("Giải trình khi ký xác thực: Hùng"), "{path}: {page}");
            let beside = usize::from(path == REPORT);
            assert_eq!(page.matches("tuyên truyền &lt;lớn&gt; trong quý").count(), 1 + beside, "{path}: {page}");
            assert_eq!(page.matches("href=\"#giai-trinh\"").count(), beside, "{path}");
            assert!(!page.contains("#muc-solieu"), "nothing is offered to be changed in a locked report: {page}");
        }
        // Given back and doubtful still: what was said stands there while it is asked for anew.
        step(&kit, &officer(&kit), &which(COMMUNE).id(), Step::Submit, 1).await;
        given_back(&kit, &["10.6"]).await;
        let page = shown(&kit, OFFICER, REPORT).await;
        assert!(page.contains("1 chỗ cần xem lại; nếu số đúng thì giải trình khi ký") && page.contains("id=\"giai-trinh\""), "{page}");
        typed(&kit, &officer(&kit), &which(COMMUNE), vec![edit("10.6", 1, 25)]).await;
        assert!(!shown(&kit, OFFICER, REPORT).await.contains("giai-trinh"), "nothing is doubtful any more");
    }

    async fn a_doubt_names_its_part_and_asks_no_more_once_it_was_explained(builder: KitBuilder) {
        let kit = started(builder).await;
        let before = Which { period: "nd09q-2026-3".to_owned(), ..which(COMMUNE) };
        let past = vec![edit("10.6", 0, 190), edit("10.6:gt=nu", 0, 12)];
        typed(&kit, &officer(&kit), &before, past).await;
        filled_in(&kit, 198).await;
        typed(&kit, &officer(&kit), &which(COMMUNE), vec![edit("10.6:gt=nu", 0, 60)]).await;
        let told = "– Nữ” kỳ này là 60, kỳ trước là 12.";
        for path in [REPORT.to_owned(), at("/gui")] {
            let page = shown(&kit, OFFICER, &path).await;
            assert!(page.contains(&format!("{told} Nếu đúng, đề nghị giải trình.")), "{path}: {page}");
        }
        let fields = [("step", "certify"), ("revision", "1"), ("note", "Nhiều chị em đến đợt đầu")];
        assert_eq!(kit.post(LEADER, &at("/buoc"), &fields).await.status, 303);
        step(&kit, &officer(&kit), &which(COMMUNE).id(), Step::Submit, 1).await;
        for (who, path) in [(OFFICER, REPORT.to_owned()), (PROVINCE, REPORT.to_owned()), (OFFICER, at("/gui"))] {
            let page = shown(&kit, who, &path).await;
            assert!(page.contains(&format!("{told} Đã giải trình.")) && !page.contains("đề nghị giải trình"), "{path}: {page}");
        }
        // Beside its own row the figure is not named again.
        let review = format!("/bao-cao/duyet/{}", which(COMMUNE).id());
        let page = shown(&kit, PROVINCE, &review).await;
        assert!(page.contains("Kỳ này là 60, kỳ trước là 12.") && !page.contains("– Nữ” kỳ"), "{page}");
        assert!(page.contains("Đã giải trình</") && page.contains("Nhiều chị em đến đợt đầu"), "{page}");
        assert!(!page.contains("Cần xem") && !page.contains("đề nghị giải trình"), "{page}");
        // Given back, it is asked anew, whoever looks at it.
        given_back(&kit, &["10.6"]).await;
        for (who, path) in [(OFFICER, REPORT.to_owned()), (PROVINCE, REPORT.to_owned()), (OFFICER, at("/gui"))] {
            let page = shown(&kit, who, &path).await;
            assert!(page.contains(&format!("{told} Nếu đúng, đề nghị giải trình.")), "{path}: {page}");
        }
        assert!(shown(&kit, PROVINCE, &review).await.contains("Cần xem"));
    }

    async fn a_doubt_that_came_up_after_the_signature_was_explained_by_nobody(builder: KitBuilder) {
        let kit = started(builder).await;
        let before = Which { period: "nd09q-2026-3".to_owned(), ..which(COMMUNE) };
        let past = vec![edit("10.6", 0, 190), edit("10.6:gt=nu", 0, 12), edit("10.3a", 0, 6)];
        typed(&kit, &officer(&kit), &before, past).await;
        filled_in(&kit, 198).await;
        typed(&kit, &officer(&kit), &which(COMMUNE), vec![edit("10.6:gt=nu", 0, 60)]).await;
        let fields = [("step", "certify"), ("revision", "1"), ("note", "Nhiều chị em đến đợt đầu")];
        assert_eq!(kit.post(LEADER, &at("/buoc"), &fields).await.status, 303);
        step(&kit, &officer(&kit), &which(COMMUNE).id(), Step::Submit, 1).await;
        // The period before is corrected: another figure jumps now, which nobody was asked about.
        typed(&kit, &officer(&kit), &before, vec![edit("10.6", 1, 20)]).await;
        for (who, path) in [(OFFICER, REPORT.to_owned()), (PROVINCE, REPORT.to_owned()), (OFFICER, at("/gui"))] {
            let page = shown(&kit, who, &path).await;
            assert!(page.contains("– Nữ” kỳ này là 60, kỳ trước là 12. Đã giải trình."), "{path}: {page}");
            assert!(page.contains("kỳ này là 198, kỳ trước là 20. Khi ký xác thực chưa có cảnh báo này."), "{path}: {page}");
            assert!(page.contains("2 chỗ cần xem lại, trong đó có chỗ đã giải trình"), "{path}: {page}");
            let beside = usize::from(path == REPORT);
            assert_eq!(page.matches("href=\"#giai-trinh\"").count(), beside, "beside what it explains alone: {page}");
        }
        let review = shown(&kit, PROVINCE, &format!("/bao-cao/duyet/{}", which(COMMUNE).id())).await;
        assert_eq!(review.matches("Đã giải trình</").count(), 1, "{review}");
        assert!(review.contains("Kỳ này là 198, kỳ trước là 20. Khi ký xác thực chưa có cảnh báo này."), "{review}");
        // What was explained holds no more: only what came up since is left.
        typed(&kit, &officer(&kit), &before, vec![edit("10.6:gt=nu", 1, 59)]).await;
        let page = shown(&kit, OFFICER, REPORT).await;
        assert!(page.contains("1 chỗ cần xem lại, khi ký xác thực chưa có cảnh báo"), "{page}");
        assert!(!page.contains("Đã giải trình") && !page.contains("giai-trinh"), "{page}");
    }

    async fn the_foot_tells_when_figures_were_saved_and_not_when_the_report_came_back(builder: KitBuilder) {
        let kit = started(builder).await;
        let hour = |kit: &Kit| {
            let time = kit.app.now().civil().time();
            format!("Đã lưu lúc {:02}:{:02}:{:02}", time.hour(), time.minute(), time.second())
        };
        assert!(!shown(&kit, OFFICER, REPORT).await.contains(&hour(&kit)), "nothing was saved");
        handed_in(&kit).await;
        let saved = hour(&kit);
        kit.clock.advance(HOUR_MS);
        given_back(&kit, &["10.6"]).await;
        let page = shown(&kit, OFFICER, REPORT).await;
        assert!(page.contains(&saved) && !page.contains(&hour(&kit)), "{page}");
        kit.clock.advance(HOUR_MS);
        let emptied = Edit { key: cell("10.3a"), base: 1, state: None };
        let changes = Changes { edits: vec![emptied], ..Changes::default() };
        save(&kit.app, &officer(&kit), &which(COMMUNE), changes).await.expect("emptied");
        assert!(shown(&kit, OFFICER, REPORT).await.contains(&hour(&kit)), "an emptied cell was saved too");
    }

    async fn taking_a_row_or_a_file_out_is_saved_as_much_as_putting_it_in(builder: KitBuilder) {
        let kit = started(builder).await;
        let (app, who) = (&kit.app, officer(&kit));
        let dataset = DatasetId::parse("bm-07").expect("a code");
        let which = Which { dataset, ..which(COMMUNE) };
        let is_saved_now = async || {
            let (_, sheet) = open(app, &who, &which).await.expect("it opens");
            sheet.saved_at() == Some(app.now())
        };
        let cells = [("doan", "Đoàn của tỉnh"), ("ngay", "2026-10-02"), ("noidung", "Nước sạch"), ("trangthai", "dang")];
        let cells = cells.map(|(column, text)| (column.to_owned(), text.to_owned())).into();
        let put = RowEdit { section: "cuoc".to_owned(), id: None, position: 0, cells: Some(cells), base: 0 };
        let rows = |rows| Changes { rows, ..Changes::default() };
        let saved = save(app, &who, &which, rows(vec![put.clone()])).await.expect("saved");
        assert!(is_saved_now().await);
        kit.clock.advance(HOUR_MS);
        let file = NewFile { section: "tep", name: "a.pdf", caption: "Biên bản giám sát", bytes: b"%PDF-1.7 noi dung" };
        let file = attach::attach(app, &who, &which, &file).await.expect("attached");
        assert!(is_saved_now().await);
        kit.clock.advance(HOUR_MS);
        assert!(!is_saved_now().await, "to look is not to save");
        attach::detach(app, &who, &which, &file).await.expect("taken out");
        assert!(is_saved_now().await);
        kit.clock.advance(HOUR_MS);
        let RowBecame::Stands(id, base) = saved.rows[0].clone() else { panic!("it stands") };
        let out = RowEdit { id: Some(id), cells: None, base, ..put };
        save(app, &who, &which, rows(vec![out])).await.expect("taken out");
        assert!(is_saved_now().await);
    }

    async fn rows_that_have_to_be_filled_in_are_marked_where_they_can_be(builder: KitBuilder) {
        let kit = started(builder).await;
        let page = shown(&kit, OFFICER, REPORT).await;
        assert_eq!(page.matches("Dòng có dấu * là dòng bắt buộc nhập").count(), 1, "{page}");
        assert_eq!(page.matches("(bắt buộc)</span></th>").count(), 4, "{page}");
        assert!(!shown(&kit, PROVINCE, REPORT).await.contains("(bắt buộc)"), "who only reads needs no marks");
    }
}
