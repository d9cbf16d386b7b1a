//! Notes: what people who work with a report write beside a cell, or on the whole, without giving it back.

use reporting::{
    actions::{
        entry::{Sheet, open},
        steps::{Said, take},
    },
    model::submission::{State, Step},
};
use testkit::{Kit, Page};

use crate::cast::{COMMUNE, edit, leader, officer, province, started, typed, which};

const OFFICER: &str = "Mai|commune_officer|/vn/19.2025/01969.2025/";
const LAN: &str = "Lan|province_officer|/vn/19.2025/";
const BINH: &str = "Bình|province_leader|/vn/19.2025/";
const REPORT: &str = "/bao-cao/diem-ho-tro/nd09q-2026-4/01969.2025/chinh-thuc";
const WORDS: &str = "Số theo sổ trực, <b>chưa</b> gồm điểm Nà Phặc";

/// A page's text; slashes are escaped in it.
fn read(page: &Page) -> String {
    page.text.replace("&#x2f;", "/")
}

async fn sheet(kit: &Kit) -> Sheet {
    open(&kit.app, &officer(kit), &which(COMMUNE)).await.expect("it opens").1
}

async fn noted(kit: &Kit, who: &str, cell: &str, words: &str) -> Page {
    kit.post(who, &format!("{REPORT}/o/{cell}"), &[("do", "note"), ("body", words)]).await
}

async fn filled(kit: &Kit) {
    let edits = [("10.5b", 2), ("10.6", 198), ("10.3a", 6), ("10.6kp", 1)];
    let edits = edits.map(|(key, amount)| edit(key, 0, amount)).to_vec();
    typed(kit, &officer(kit), &which(COMMUNE), edits).await;
}

async fn taken(kit: &Kit, who: &kernel::caller::Caller, step: Step) {
    // Nobody says that they have seen unanswered remarks: there are none.
    let said =
        Said { revision: 1, note: "Đã kiểm tra số liệu".to_owned(), ..Said::default() };
    take(&kit.app, who, &which(COMMUNE).id(), step, &said).await.expect("the step is taken");
}

testkit::on_both_engines! {
    async fn who_works_with_a_report_writes_a_note_on_a_cell_and_nobody_else(builder: KitBuilder) {
        let kit = started(builder).await;
        // A report that nobody began can be noted on, too; the grid leads there.
        let page = read(&kit.get(OFFICER, REPORT).await);
        assert!(page.contains(&format!("href=\"{REPORT}/o/10.6\">Ghi chú ô “")), "{page}");
        let about = read(&kit.get(OFFICER, &format!("{REPORT}/o/10.6")).await);
        assert!(about.contains("name=\"do\" value=\"note\"") && about.contains("Lưu ghi chú"), "{about}");
        let done = noted(&kit, OFFICER, "10.6", WORDS).await;
        assert_eq!((done.status, done.location()), (303, format!("{REPORT}/o/10.6").as_str()), "{}", done.text);
        let outside = noted(&kit, "", "10.6", WORDS).await;
        assert!(outside.status == 401 || outside.location().starts_with("/dang-nhap"), "nobody");
        for stranger in ["Xa|commune_officer|/vn/19.2025/01942.2025/", "Xa|province_officer|/vn/04.2025/", "An|administrator|/vn/"] {
            assert_eq!(noted(&kit, stranger, "10.6", WORDS).await.status, 403, "{stranger}");
        }
        let administrator = read(&kit.get("An|administrator|/vn/", &format!("{REPORT}/o/10.6")).await);
        assert!(administrator.contains("Nà Phặc") && !administrator.contains("value=\"note\""));
        assert_eq!(noted(&kit, OFFICER, "9.9", WORDS).await.status, 404);
        assert_eq!(kit.post(OFFICER, &format!("{}/o/10.6", REPORT.replace("2026-4", "2031-1")), &[("do", "note"), ("body", WORDS)]).await.status, 404);
        for words in ["x", &"dài ".repeat(300)] {
            let refused = noted(&kit, OFFICER, "10.6", words).await;
            assert!(refused.status == 422 && refused.text.contains(words.trim()), "what was typed comes back");
        }
        assert_eq!(sheet(&kit).await.remarks.len(), 1);
        let about = read(&kit.get(OFFICER, &format!("{REPORT}/o/10.6")).await);
        assert!(about.contains("&lt;b&gt;chưa") && about.contains("Mai · ") && about.contains(" · ghi chú</p>"), "{about}");
        assert!(!about.contains("name=\"answer\"") && !about.contains("chờ trả lời"), "{about}");
        assert_eq!(testkit::html::broken(&about, "vi"), Vec::<String>::new());
    }

    async fn a_note_waits_for_nobody_and_holds_up_no_step(builder: KitBuilder) {
        let kit = started(builder).await;
        filled(&kit).await;
        assert_eq!(noted(&kit, OFFICER, "10.6", WORDS).await.status, 303);
        assert_eq!(noted(&kit, OFFICER, "~", "Quý này mất điện mười ngày").await.status, 303);
        let page = read(&kit.get(OFFICER, REPORT).await);
        assert!(page.contains(">1 ghi chú</a>") && !page.contains(">1 ý kiến</a>"), "{page}");
        assert!(page.contains("Ý kiến, ghi chú (2)"), "{page}");
        assert_eq!(testkit::html::broken(&page, "vi"), Vec::<String>::new());
        assert!(!read(&kit.get(OFFICER, "/bao-cao").await).contains("ý kiến chưa trả lời"));
        assert!(!read(&kit.get(OFFICER, &format!("{REPORT}/gui")).await).contains("despite_remarks"));
        taken(&kit, &leader(&kit), Step::Certify).await;
        assert_eq!(noted(&kit, OFFICER, "10.3a", "Có biên bản kèm theo").await.status, 303, "signed means locked for figures");
        taken(&kit, &officer(&kit), Step::Submit).await;
        let list = read(&kit.get(LAN, "/bao-cao/duyet?bo=diem-ho-tro&loc=da-gui").await);
        assert!(!list.contains("ý kiến chưa trả lời"), "{list}");
        // Given back with a remark on the same cell: that one waits, the note does not, and only it is answered.
        let said = Said { revision: 1, remarks: vec![("10.6".to_owned(), "Cao hơn quý trước".to_owned())], ..Said::default() };
        take(&kit.app, &province(&kit), &which(COMMUNE).id(), Step::Return, &said).await.expect("given back");
        let home = read(&kit.get(OFFICER, "/bao-cao").await);
        assert!(home.contains("1 ý kiến chưa trả lời"), "{home}");
        let list = read(&kit.get(LAN, "/bao-cao/duyet?bo=diem-ho-tro&loc=bi-tra").await);
        assert!(list.contains("1 ý kiến chưa trả lời"), "{list}");
        assert!(read(&kit.get(OFFICER, REPORT).await).contains(">1 ý kiến</a>"));
        let answer = [("do", "answer"), ("answer", "Có hai đợt tuyên truyền")];
        assert_eq!(kit.post(OFFICER, &format!("{REPORT}/o/10.6"), &answer).await.status, 303);
        let all = sheet(&kit).await.remarks;
        let answered: Vec<_> = all.iter().filter(|one| one.resolved_at.is_some()).map(|one| one.words.as_str()).collect();
        assert_eq!((all.len(), answered), (4, vec!["Cao hơn quý trước"]));
    }

    async fn a_reviewer_reads_notes_and_writes_them_without_giving_the_report_back(builder: KitBuilder) {
        let kit = started(builder).await;
        filled(&kit).await;
        noted(&kit, OFFICER, "10.6", WORDS).await;
        taken(&kit, &leader(&kit), Step::Certify).await;
        taken(&kit, &officer(&kit), Step::Submit).await;
        let address = format!("/bao-cao/duyet/{}", which(COMMUNE).id());
        let page = read(&kit.get(LAN, &address).await);
        assert!(page.contains("&lt;b&gt;chưa") && page.contains(" · lần 1 · ghi chú"), "{page}");
        assert_eq!(testkit::html::broken(&page, "vi"), Vec::<String>::new());
        assert!(read(&kit.get(LAN, &format!("{REPORT}/o/10.6")).await).contains("&lt;b&gt;chưa"));
        let seen = page.split("name=\"da_xem\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("what was seen").to_owned();
        let form = |rest: &[(&'static str, &'static str)]| [("lan", "1"), ("da_xem", seen.as_str()), ("buoc", "ghi-chu")].into_iter().chain(rest.iter().copied()).map(|(a, b)| (a.to_owned(), b.to_owned())).collect::<Vec<_>>();
        let send = async |who: &str, fields: Vec<(String, String)>| {
            let fields: Vec<(&str, &str)> = fields.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
            kit.post(who, &address, &fields).await
        };
        assert_eq!(send(LAN, form(&[])).await.status, 422, "nothing to keep");
        assert_eq!(send("Xa|province_officer|/vn/04.2025/", form(&[("n.10.6", "Đã gọi hỏi xã")])).await.status, 403);
        assert_eq!(send(LAN, form(&[("n.9.9", "Đã gọi hỏi xã")])).await.status, 422, "no cell of the form");
        let done = send(LAN, form(&[("n.10.6", "Đã gọi hỏi xã, số đúng"), ("note", "Gửi sớm hơn quý trước"), ("dat", "khokhan")])).await;
        assert_eq!((done.status, done.location()), (303, address.as_str()), "{}", done.text);
        let now = sheet(&kit).await;
        assert_eq!(now.state(), State::Submitted, "nothing is decided");
        let told: Vec<_> = now.remarks.iter().map(|one| (one.cell.as_str(), one.by_name.as_str(), one.is_return)).collect();
        assert_eq!(told.len(), 3);
        assert!(told.contains(&("10.6", "Lan", false)) && told.contains(&("", "Lan", false)), "{told:?}");
        let page = read(&kit.get(LAN, &address).await);
        assert!(page.contains("Phần này đã đạt") && page.contains("Đã gọi hỏi xã, số đúng"), "no tick is lost: {page}");
        let commune = read(&kit.get(OFFICER, &format!("{REPORT}/o/10.6")).await);
        assert!(commune.contains("Đã gọi hỏi xã, số đúng") && commune.contains("Lan · "), "{commune}");
        // What was decided is noted on at the cell's page.
        let id = which(COMMUNE).id();
        take(&kit.app, &province(&kit), &id, Step::Accept, &Said { revision: 1, ..Said::default() }).await.expect("accepted");
        take(&kit.app, &crate::cast::province_leader(&kit), &id, Step::Approve, &Said { revision: 1, ..Said::default() }).await.expect("approved");
        let page = read(&kit.get(BINH, &address).await);
        assert!(page.contains(&format!("href=\"{REPORT}/o/10.6\" aria-label=\"Ghi chú về")), "{page}");
        assert_eq!(noted(&kit, BINH, "10.6", "Quý sau xem lại cách đếm").await.status, 303);
        assert_eq!(sheet(&kit).await.state(), State::Approved);
        let audited: i64 = kit.db().view(async |tx: &mut kernel::db::Tx| {
            Ok(tx.one(kernel::sql!("select count(*) as value from identity_audit where action = 'reporting.remark.added'"), &[]).await?)
        }).await.expect("read");
        assert_eq!(audited, 4);
    }

    async fn a_report_holds_so_many_notes_and_no_more(builder: KitBuilder) {
        let kit = started(builder).await;
        let id = which(COMMUNE).id();
        let said: Vec<_> = (0..499).map(|at| ("10.6".to_owned(), format!("Ghi chú {at}"))).collect();
        let add = async |said: &[(String, String)]| reporting::actions::remark::add(&kit.app, &officer(&kit), &which(COMMUNE), said, "body").await;
        assert_eq!(add(&said).await.expect("room").len(), 499);
        assert!(add(&said[..2]).await.is_err(), "both or none: {id}");
        add(&said[..1]).await.expect("room for one");
        let full = noted(&kit, OFFICER, "10.6", WORDS).await;
        assert!(full.status == 422 && full.text.contains("không thêm được nữa"), "{}", full.text);
    }
}
