//! The pages of entry as people use them: an officer, a leader, the province, the neighbours, nobody; forms
//! without any script, and what the script sends.

use kernel::axum::{
    body::{Body, to_bytes},
    http::{Method, Request, header},
};
use reporting::{
    actions::{
        entry::{Changes, open, save},
        steps::{Said, take},
    },
    model::{
        CellState,
        submission::{State, Step},
    },
};
use serde_json::{Value, json};
use testkit::{Kit, Page};
use tower::ServiceExt;

use crate::cast::{cell, edit, leader, officer, province, started, typed, which};

const OFFICER: &str = "Mai|commune_officer|/vn/19.2025/01969.2025/";
const LEADER: &str = "Hùng|commune_leader|/vn/19.2025/01969.2025/";
const OTHER: &str = "Tâm|commune_officer|/vn/19.2025/01969.2025/";
const NEIGHBOUR: &str = "Xa|commune_officer|/vn/19.2025/01942.2025/";
const PROVINCE: &str = "Lan|province_officer|/vn/19.2025/";
const COMMUNE: &str = "01969.2025";
const REPORT: &str = "/bao-cao/diem-ho-tro/nd09q-2026-4/01969.2025/chinh-thuc";

fn at(rest: &str) -> String {
    format!("{REPORT}{rest}")
}

/// Sends JSON as the page's script does.
pub async fn script(
    kit: &Kit,
    session: &str,
    path: &str,
    token: &str,
    body: &Value,
) -> (u16, Value) {
    let hex: Vec<String> = session.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let cookie = hex.concat();
    let request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::HOST, "test")
        .header(header::COOKIE, format!("phien={cookie}"))
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "application/json")
        .header("x-csrf", token)
        .body(Body::from(body.to_string()))
        .expect("a request");
    let response = kit.site().oneshot(request).await.expect("an answer");
    let status = response.status().as_u16();
    let bytes = to_bytes(response.into_body(), usize::MAX).await.expect("a body");
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

async fn state_of(kit: &Kit, text: &str) -> Option<CellState> {
    let (_, sheet) = open(&kit.app, &officer(kit), &which(COMMUNE)).await.expect("it opens");
    sheet.held.get(&cell(text)).map(|held| held.state.clone())
}

/// A page's text; slashes are escaped in it.
fn read(page: &Page) -> String {
    page.text.replace("&#x2f;", "/")
}

fn stays_outside(page: &Page) -> bool {
    page.status == 401 || (page.status == 303 && page.location().starts_with("/dang-nhap"))
}

pub async fn upload(kit: &Kit, path: &str, name: &str, caption: &str, bytes: &[u8]) -> Page {
    let csrf = kit.csrf(OFFICER);
    let mut body = Vec::new();
    for (field, value) in [("csrf", csrf.as_str()), ("caption", caption)] {
        body.extend(
            format!("--x\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n")
                .bytes(),
        );
    }
    body.extend(
        format!(
            "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
        )
        .bytes(),
    );
    body.extend(bytes);
    body.extend(b"\r\n--x--\r\n");
    let kind = Some("multipart/form-data; boundary=x");
    kit.send(OFFICER, Method::POST, path, kind, Body::from(body)).await
}

testkit::on_both_engines! {
    async fn a_commune_sees_its_own_reports_and_nobody_elses(builder: KitBuilder) {
        let kit = started(builder).await;
        let pages = ["/bao-cao".to_owned(), at(""), at("/gui"), at("/in"), at("/o/10.6"), at("/o/10.6:gt=nu"), at("/o/~"), at("/phan-to/solieu.2"), at("/tep/minhchung"), at("/kiem")];
        for page in &pages {
            assert!(stays_outside(&kit.get("", page).await), "nobody: {page}");
            let mine = kit.get(OFFICER, page).await;
            assert_eq!(mine.status, 200, "{page}: {}", read(&mine));
            if page != "/bao-cao" {
                assert_eq!(kit.get(NEIGHBOUR, page).await.status, 403, "neighbour: {page}");
            }
        }
        for page in [at(""), at("/gui"), at("/in"), at("/o/10.6"), at("/tep/minhchung")] {
            assert_eq!(kit.get(PROVINCE, &page).await.status, 200, "province: {page}");
        }
        assert_eq!(kit.post(OFFICER, &at("/luu"), &[("c.10.6", "4")]).await.status, 303, "a report to be refused");
        for post in ["/luu", "/buoc", "/o/10.6", "/phan-to/solieu.2"] {
            let page = at(post);
            let fields = [("c.10.6", "5"), ("step", "certify"), ("do", "write"), ("text", "5"), ("d.dichvu", "khac")];
            assert!(stays_outside(&kit.post("", &page, &fields).await), "nobody: {page}");
            let refused = kit.post(NEIGHBOUR, &page, &fields).await.status;
            assert!(refused == 403 || refused == 404, "neighbour: {page}: {refused}");
            let above = kit.post(PROVINCE, &page, &fields).await.status;
            assert!([403, 404, 409, 422].contains(&above) || above == 303, "province: {page}: {above}");
        }
        let home = read(&kit.get(OFFICER, "/bao-cao").await);
        assert!(home.contains("Điểm hỗ trợ và tuyên truyền") && home.contains("hạn 16/12, còn 24 ngày"), "{home}");
        assert!(!home.contains("/bao-cao/duyet") && read(&kit.get(PROVINCE, "/bao-cao").await).contains("/bao-cao/duyet"));
        let other = read(&kit.get(OFFICER, "/bao-cao?bieu=diem-ho-tro").await);
        assert!(other.contains("/bao-cao/diem-ho-tro/nd09q-2026-3/01969.2025/chinh-thuc"));
        assert_eq!(kit.get(OFFICER, "/bao-cao?xa=01942.2025").await.status, 403);
    }

    async fn a_province_does_not_type_into_a_communes_report_at_its_point_only(builder: KitBuilder) {
        let kit = started(builder.offering(reporting::WrittenElsewhere(|_, all| Box::pin(async { Ok(all.iter().cloned().collect()) })))).await;
        let page = kit.get(OFFICER, REPORT).await;
        assert!(page.status == 200 && read(&page).contains("điểm của xã lập") && !read(&page).contains("name=\"c.10.6\""));
        let refused = kit.post(OFFICER, &at("/luu"), &[("c.10.6", "198"), ("v.10.6", "0")]).await;
        assert_eq!(refused.status, 409);
        assert!(read(&refused).contains("198"), "what was typed comes back");
        assert_eq!(state_of(&kit, "10.6").await, None);
    }

    async fn addresses_that_name_nothing_are_not_found(builder: KitBuilder) {
        let kit = started(builder).await;
        for page in [
            "/bao-cao/khong-co/nd09q-2026-4/01969.2025/chinh-thuc", "/bao-cao/diem-ho-tro/y-2026/01969.2025/chinh-thuc",
            "/bao-cao/diem-ho-tro/nd09q-2026-4/01969.2025/uoc", "/bao-cao/diem-ho-tro/nd09q-2026-4/01969.2025/x",
            "/bao-cao/diem-ho-tro/nd09q-2026-4/19.2025/chinh-thuc", "/bao-cao/diem-ho-tro/nd09q-2026-4/%3Cscript%3E/chinh-thuc",
        ] {
            assert_eq!(kit.get(PROVINCE, page).await.status, 404, "{page}");
        }
        for page in ["/o/9.9", "/o/10.6:gt=xx", "/o/%3Cb%3E", "/phan-to/solieu.0", "/phan-to/solieu.99", "/phan-to/x", "/dong/solieu", "/tep/solieu", "/tep/minhchung/x"] {
            assert_eq!(kit.get(OFFICER, &at(page)).await.status, 404, "{page}");
        }
        let future = "/bao-cao/diem-ho-tro/nd09q-2031-1/01969.2025/chinh-thuc/luu";
        assert_eq!(kit.post(OFFICER, future, &[("c.10.6", "1"), ("v.10.6", "0")]).await.status, 404);
    }

    async fn the_grid_carries_what_the_script_and_a_screen_reader_need(builder: KitBuilder) {
        let kit = started(builder).await;
        let before = reporting::actions::entry::Which { period: "nd09q-2026-3".to_owned(), ..which(COMMUNE) };
        typed(&kit, &officer(&kit), &before, vec![edit("10.6", 0, 176), edit("10.6kp", 0, 84_500)]).await;
        typed(&kit, &officer(&kit), &which(COMMUNE), vec![edit("10.6", 0, 198), edit("10.6:gt=nu", 0, 214), edit("10.6kp", 0, 306_105)]).await;
        let page = read(&kit.get(OFFICER, REPORT).await);
        for part in [
            "data-entry", "data-base-revision=\"1\"", "data-cell=\"10.6:gt=nu\"", "data-previous=\"176\"",
            "name=\"c.10.6\" value=\"198\"", "name=\"v.10.6\" value=\"1\"", "cell--wrong", "name=\"s.10.6\"", "name=\"r.10.6\"",
            "84,5", "value=\"306,105\"", "ba trăm linh sáu triệu một trăm linh năm nghìn đồng", "href=\"#c.10.6\"",
            "aria-label=\"Lượt người dùng điểm hỗ trợ – Nữ, lượt người\"",
        ] {
            assert!(page.contains(part), "{part} in {page}");
        }
        assert!(page.contains("lớn hơn tổng"), "the rule says what is wrong");
    }

    async fn a_report_lives_its_whole_life_by_forms_alone(builder: KitBuilder) {
        let kit = started(builder).await;
        let empty = read(&kit.get(OFFICER, &at("/gui")).await);
        assert!(empty.contains("phải sửa trước khi xác thực"), "{empty}");
        let fields = [
            ("c.10.5a", "2"), ("v.10.5a", "0"), ("c.10.5b", "2"), ("v.10.5b", "0"), ("c.10.6", "198"), ("v.10.6", "0"),
            ("c.10.6:gt=nu", "90"), ("v.10.6:gt=nu", "0"), ("c.10.6:dtts=dtts", ""), ("v.10.6:dtts=dtts", "0"),
            ("s.10.3a", "nil"), ("r.10.3a", "mưa lũ"), ("c.10.3a", ""), ("v.10.3a", "0"),
            ("s.10.3b", "nil"), ("r.10.3b", "mưa lũ"), ("c.10.3b", ""), ("v.10.3b", "0"), ("c.10.3b:gt=nu", ""), ("v.10.3b:gt=nu", "0"),
            ("c.10.6kp", "306,105"), ("v.10.6kp", "0"), ("t.khokhan", "Đường sạt lở.\nĐề nghị hỗ trợ."), ("tv.khokhan", "0"),
        ];
        let saved = kit.post(OFFICER, &at("/luu"), &fields).await;
        assert_eq!((saved.status, saved.location()), (303, REPORT), "{}", read(&saved));
        assert_eq!(state_of(&kit, "10.6").await, Some(CellState::Value(198)));
        assert_eq!(state_of(&kit, "10.6kp").await, Some(CellState::Value(306_105)));
        let nil = Some(CellState::Nil("mưa lũ".to_owned()));
        assert_eq!((state_of(&kit, "10.3a").await, state_of(&kit, "10.3b:gt=nu").await), (nil.clone(), nil), "the row follows its first cell");
        assert_eq!(state_of(&kit, "10.6:dtts=dtts").await, None, "an empty cell is not reported");
        let page = read(&kit.get(OFFICER, REPORT).await);
        assert!(page.contains("Đường sạt lở.") && page.contains("Không phát sinh: mưa lũ"));

        let part = kit.post(OFFICER, &at("/phan-to/solieu.2"), &[("d.dt", "tay"), ("d.gt", "nu"), ("text", "60")]).await;
        assert_eq!(part.status, 303, "{}", read(&part));
        assert_eq!(state_of(&kit, "10.6:dt=tay,gt=nu").await, Some(CellState::Value(60)));
        let twice = kit.post(OFFICER, &at("/phan-to/solieu.2"), &[("d.dt", "tay"), ("d.gt", "nu"), ("text", "61")]).await;
        assert_eq!(twice.status, 422);
        assert!(read(&kit.get(OFFICER, REPORT).await).contains("name=\"c.10.6:dt=tay,gt=nu\""));

        let officer_signs = kit.post(OFFICER, &at("/buoc"), &[("step", "certify"), ("revision", "1")]).await;
        assert_eq!(officer_signs.status, 403);
        let review = read(&kit.get(LEADER, &at("/gui")).await);
        assert!(review.contains("value=\"certify\"") && !review.contains("phải sửa trước"), "{review}");
        let waits = "chờ lãnh đạo xã xác thực";
        assert!(!review.contains(waits) && read(&kit.get(OFFICER, &at("/gui")).await).contains(waits));
        let signed = kit.post(LEADER, &at("/buoc"), &[("step", "certify"), ("revision", "1"), ("note", "Đã kiểm tra, số đúng")]).await;
        assert_eq!((signed.status, signed.location()), (303, at("/gui").as_str()), "{}", read(&signed));
        let locked = kit.post(OFFICER, &at("/luu"), &[("c.10.6", "777"), ("v.10.6", "1")]).await;
        assert!(locked.status == 409 && read(&locked).contains("777"), "what was typed comes back");
        assert_eq!(kit.post(LEADER, &at("/buoc"), &[("step", "reopen"), ("revision", "1")]).await.status, 303);
        assert_eq!(kit.post(OFFICER, &at("/luu"), &[("c.10.6", "200"), ("v.10.6", "1")]).await.status, 303);
        let fields = [("step", "certify"), ("revision", "1"), ("note", "Đã kiểm tra, số đúng")];
        assert_eq!(kit.post(LEADER, &at("/buoc"), &fields).await.status, 303);
        let sent = kit.post(OFFICER, &at("/buoc"), &[("step", "submit"), ("revision", "1")]).await;
        assert_eq!((sent.status, sent.location()), (303, "/bao-cao"), "{}", read(&sent));
        assert!(!read(&kit.get(OFFICER, &at("/gui")).await).contains(waits));
        assert!(read(&kit.get(OFFICER, REPORT).await).contains("đã gửi cấp trên nên số liệu được khóa"));
        let home = read(&kit.get(OFFICER, "/bao-cao").await);
        assert!(home.contains("Đã gửi"));

        let said = Said { revision: 1, remarks: vec![("10.6".to_owned(), "Cao hơn quý trước, đề nghị kiểm tra".to_owned())], ..Said::default() };
        take(&kit.app, &province(&kit), &which(COMMUNE).id(), Step::Return, &said).await.expect("given back");
        let home = read(&kit.get(OFFICER, "/bao-cao").await);
        assert!(home.contains("Bị trả lại, cần sửa") && home.contains("1 ý kiến chưa trả lời"), "{home}");
        let page = read(&kit.get(OFFICER, REPORT).await);
        assert!(page.contains("Cao hơn quý trước") && page.contains("/o/10.6\""));
        let answer = [("do", "answer"), ("answer", "Có hai đợt tuyên truyền <b>lớn</b>")];
        assert_eq!(kit.post(OFFICER, &at("/o/10.6"), &answer).await.status, 303);
        let about = read(&kit.get(OFFICER, &at("/o/10.6")).await);
        assert!(about.contains("Có hai đợt tuyên truyền &lt;b&gt;lớn&lt;") && about.contains("198"), "{about}");
        assert!(!read(&kit.get(OFFICER, "/bao-cao").await).contains("ý kiến chưa trả lời"));

        let paper = read(&kit.get(LEADER, &at("/in")).await);
        for part in ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "ỦY BAN NHÂN DÂN XÃ PHỦ THÔNG", "Kính gửi: Ủy ban nhân dân tỉnh Thái Nguyên", "/BC-UBND", "TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH", "Nơi nhận:", "306,105", "DỰ THẢO"] {
            assert!(paper.contains(part), "{part} in {paper}");
        }
    }

    async fn nothing_at_all_is_a_report_too_and_a_late_one_says_why(builder: KitBuilder) {
        let kit = started(builder).await;
        let late = "/bao-cao/diem-ho-tro/nd09q-2026-2/01969.2025/chinh-thuc";
        let step = format!("{late}/buoc");
        let bare = kit.post(LEADER, &step, &[("step", "certify"), ("revision", "1"), ("nil", "1")]).await;
        assert!(bare.status == 422 && read(&bare).contains("Ghi lý do cả kỳ không phát sinh"), "{}", read(&bare));
        let signed = kit.post(LEADER, &step, &[("step", "certify"), ("revision", "1"), ("nil", "1"), ("note", "Điểm hỗ trợ chưa hoạt động")]).await;
        assert_eq!(signed.status, 303, "{}", read(&signed));
        let silent = kit.post(LEADER, &step, &[("step", "submit"), ("revision", "1")]).await;
        assert!(silent.status == 422 && read(&silent).contains("late_reason"), "{}", read(&silent));
        let told = kit.post(LEADER, &step, &[("step", "submit"), ("revision", "1"), ("late_reason", "Mất điện do bão")]).await;
        assert_eq!(told.status, 303, "{}", read(&told));
        assert!(read(&kit.get(OFFICER, &format!("{late}/in")).await).contains("Điểm hỗ trợ chưa hoạt động"));
    }

    async fn what_cannot_be_read_stays_in_its_field_and_the_rest_is_saved(builder: KitBuilder) {
        let kit = started(builder).await;
        let fields = [
            ("c.10.6", "２１０"), ("v.10.6", "0"), ("c.10.6kp", "306.105 triệu"), ("v.10.6kp", "0"), ("c.10.5b", "1,2 hay 1.200"), ("v.10.5b", "0"),
            ("c.10.2", "<script>alert(1)</script>"), ("v.10.2", "0"), ("c.10.5a", "=1+1"), ("v.10.5a", "0"),
            ("s.10.3a", "no-data"), ("r.10.3a", ""), ("c.9.99", "5"), ("c.10.6:gt=xx", "5"), ("c.", "5"),
            ("s.10.3b", "nil"), ("r.10.3b", "<img src=x onerror=alert(1)>"), ("c.10.3b", ""), ("v.10.3b", "0"),
        ];
        let page = kit.post(OFFICER, &at("/luu"), &fields).await;
        assert_eq!(page.status, 422);
        assert_eq!(state_of(&kit, "10.6").await, Some(CellState::Value(210)), "full-width digits are digits");
        assert_eq!(state_of(&kit, "10.6kp").await, Some(CellState::Value(306_105_000)), "dots stand between thousands");
        assert_eq!(state_of(&kit, "10.2").await, None);
        for part in ["value=\"1,2 hay 1.200\"", "&lt;script&gt;", "ba trăm linh sáu tỷ một trăm linh năm triệu đồng", "value=\"=1+1\"", "3 ô không có trong biểu", "Ghi lý do không phát sinh"] {
            assert!(read(&page).contains(part), "{part} in {}", read(&page));
        }
        assert!(!read(&page).contains("<script>alert") && !read(&page).contains("<img src=x"));
        let again = read(&kit.get(OFFICER, REPORT).await);
        assert!(!again.contains("<img src=x") && again.contains("&lt;img"));
        // The same form once more, with the versions it was shown, changes nothing.
        let same = kit.post(OFFICER, &at("/luu"), &[("c.10.6", "210"), ("v.10.6", "1")]).await;
        assert_eq!(same.status, 303);
        let (_, sheet) = open(&kit.app, &officer(&kit), &which(COMMUNE)).await.expect("it opens");
        assert_eq!(sheet.held[&cell("10.6")].version, 1);
    }

    async fn twenty_thousand_fields_neither_break_nor_slip_in(builder: KitBuilder) {
        let kit = started(builder).await;
        let names: Vec<(String, String)> = (0..19_999).map(|n| (format!("c.10.6:dt=x{n}"), "1".to_owned())).collect();
        let fields: Vec<(&str, &str)> = names.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain([("c.10.6", "5"), ("v.10.6", "0")]).collect();
        let page = kit.post(OFFICER, &at("/luu"), &fields).await;
        assert_eq!(page.status, 422);
        assert_eq!(state_of(&kit, "10.6").await, Some(CellState::Value(5)));
        let more: Vec<(&str, &str)> = fields.iter().copied().chain([("c.10.7", "1"), ("c.10.8", "1")]).collect();
        assert_eq!(kit.post(OFFICER, &at("/luu"), &more).await.status, 413);
    }

    async fn an_older_page_overwrites_nothing_and_two_figures_are_settled_by_a_person(builder: KitBuilder) {
        let kit = started(builder).await;
        typed(&kit, &officer(&kit), &which(COMMUNE), vec![edit("10.6", 0, 198), edit("10.2", 0, 7)]).await;
        typed(&kit, &officer(&kit), &which(COMMUNE), vec![edit("10.2", 1, 8)]).await;
        // Tâm's page is from before both: 10.2 untouched as it was shown then, 10.6 typed anew.
        let stale = kit.post(OTHER, &at("/luu"), &[("c.10.6", "210"), ("v.10.6", "0"), ("c.10.2", "7"), ("v.10.2", "1")]).await;
        assert_eq!(stale.status, 303, "{}", read(&stale));
        assert_eq!(state_of(&kit, "10.6").await, Some(CellState::Value(198)));
        assert_eq!(state_of(&kit, "10.2").await, Some(CellState::Value(8)), "what was not touched is no edit");
        let page = read(&kit.get(OFFICER, REPORT).await);
        assert!(page.contains("cell--conflict") && page.contains("1 ô có hai số khác nhau"), "{page}");
        let about = read(&kit.get(OFFICER, &at("/o/10.6")).await);
        assert!(about.contains("Giữ 198") && about.contains("Lấy 210") && about.contains("Tâm"), "{about}");
        let early = kit.post(LEADER, &at("/buoc"), &[("step", "certify"), ("revision", "1"), ("note", "Đã kiểm tra, số đúng")]).await;
        assert!(early.status == 422 && read(&early).contains("có hai số khác nhau, cần chọn một"), "nobody signs two figures");
        let id = about.split("name=\"conflict\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("an id");
        assert_eq!(kit.post(OFFICER, &at("/o/10.6"), &[("do", "take"), ("conflict", "nobody")]).await.status, 404);
        // Somebody has typed again since the page was opened: what was chosen is asked once more.
        let take = |version| [("do", "take"), ("conflict", id), ("base", version), ("waiting", "1")];
        typed(&kit, &officer(&kit), &which(COMMUNE), vec![edit("10.6", 1, 199)]).await;
        let moved = kit.post(OFFICER, &at("/o/10.6"), &take("1")).await;
        assert!(moved.status == 422 && read(&moved).contains("vừa có người nhập hoặc chọn số khác"), "{}", read(&moved));
        assert!(read(&moved).contains("Giữ 199") && read(&moved).contains("Lấy 210"), "{}", read(&moved));
        assert_eq!(state_of(&kit, "10.6").await, Some(CellState::Value(199)));
        let taken = kit.post(OFFICER, &at("/o/10.6"), &take("2")).await;
        assert_eq!(taken.status, 303, "{}", read(&taken));
        assert_eq!(state_of(&kit, "10.6").await, Some(CellState::Value(210)));
        let settled = read(&kit.get(OFFICER, &at("/o/10.6")).await);
        assert!(!settled.contains("Giữ ") && settled.contains("198"), "the other is in the history");
        let words = [("do", "write"), ("base", "3"), ("text", "hai trăm"), ("choice", "value")];
        assert_eq!(kit.post(OFFICER, &at("/o/10.6"), &words).await.status, 422);
        let none = [("do", "write"), ("base", "3"), ("text", ""), ("choice", "no-data"), ("reason", "Mất sổ")];
        let written = kit.post(OFFICER, &at("/o/10.6"), &none).await;
        assert_eq!(written.status, 303, "{}", read(&written));
        assert_eq!(state_of(&kit, "10.6").await, Some(CellState::NoData("Mất sổ".to_owned())));
    }

    async fn the_script_saves_cells_and_is_told_what_became_of_each(builder: KitBuilder) {
        let kit = started(builder).await;
        let token = kit.csrf(OFFICER);
        let save_at = at("/luu");
        let body = json!({ "edits": [
            {"cell": "10.6", "base": 0, "text": "198"}, {"cell": "10.6:gt=nu", "base": 0, "text": "214"},
            {"cell": "10.6kp", "base": 0, "text": "306,105"}, {"cell": "10.3a", "base": 0, "nil": "mưa lũ"},
            {"cell": "10.2", "base": 0, "text": "chín"}, {"cell": "9.9", "base": 0, "text": "1"},
        ], "narratives": [["khokhan", "Đường sạt lở", 0]] });
        let (status, answer) = script(&kit, OFFICER, &save_at, "wrong", &body).await;
        assert_eq!((status, &answer["type"]), (403, &json!("urn:nhipcau:problem:stale-form")));
        let (status, answer) = script(&kit, OFFICER, &save_at, &token, &body).await;
        assert_eq!(status, 200, "{answer}");
        let of = |answer: &Value, key: &str| answer["cells"].as_array().expect("cells").iter().find(|one| one["cell"] == key).cloned().expect("the cell");
        assert_eq!((&of(&answer, "10.6")["became"], &of(&answer, "10.6")["version"]), (&json!("stands"), &json!(1)));
        assert_eq!(of(&answer, "10.6kp")["words"], "ba trăm linh sáu triệu một trăm linh năm nghìn đồng");
        assert_eq!((&of(&answer, "10.2")["became"], &of(&answer, "9.9")["became"]), (&json!("problem"), &json!("problem")));
        assert!(of(&answer, "10.2")["problem"].as_str().expect("words").contains("chín"));
        assert!(answer["verdicts"].as_array().expect("verdicts").iter().any(|one| one["severity"] == "error"), "{answer}");
        assert_eq!(answer["narratives"][0]["version"], 1);
        assert!(answer["savedAt"].as_str().expect("a time").len() == 8);
        let stale = json!({ "edits": [{"cell": "10.6", "base": 0, "text": "210"}], "narratives": [["khokhan", "Khác", 0]] });
        let (_, answer) = script(&kit, OTHER, &save_at, &kit.csrf(OTHER), &stale).await;
        assert_eq!((&of(&answer, "10.6")["became"], &answer["narratives"][0]["became"]), (&json!("conflict"), &json!("stale")));
        // Emptied and typed again over the version that was emptied.
        let (_, answer) = script(&kit, OFFICER, &save_at, &token, &json!({"edits": [{"cell": "10.6:gt=nu", "base": 1, "empty": true}]})).await;
        let version = of(&answer, "10.6:gt=nu")["version"].clone();
        let (_, answer) = script(&kit, OFFICER, &save_at, &token, &json!({"edits": [{"cell": "10.6:gt=nu", "base": version, "text": "90"}]})).await;
        assert_eq!(of(&answer, "10.6:gt=nu")["became"], "stands");
        assert_eq!(state_of(&kit, "10.6:gt=nu").await, Some(CellState::Value(90)));
        let (status, answer) = script(&kit, OFFICER, &at("/kiem"), &token, &json!({"edits": [{"cell": "10.6:gt=nu", "base": 2, "text": "999"}]})).await;
        assert!(status == 200 && answer["verdicts"].as_array().expect("verdicts").iter().any(|one| one["cells"][1] == "10.6:gt=nu"), "{answer}");
        assert_eq!(state_of(&kit, "10.6:gt=nu").await, Some(CellState::Value(90)), "checking saves nothing");
        assert_eq!(script(&kit, NEIGHBOUR, &save_at, &kit.csrf(NEIGHBOUR), &body).await.0, 403);
        let checks: Value = serde_json::from_str(&read(&kit.get(OFFICER, &at("/kiem")).await)).expect("JSON");
        assert!(checks["checks"].as_array().expect("checks").len() > 7);
    }

    async fn rows_of_growing_tables_are_added_changed_and_taken_out(builder: KitBuilder) {
        let kit = started(builder).await;
        let report = "/bao-cao/bm-08/nd09q-2026-4/01969.2025/chinh-thuc";
        let form = format!("{report}/dong/cuoc");
        assert_eq!(kit.get(OFFICER, &form).await.status, 200);
        assert_eq!(kit.post(OFFICER, &form, &[("version", "0")]).await.status, 422, "an empty row is none");
        let wrong = kit.post(OFFICER, &form, &[("k.ten", "Tập huấn"), ("k.ngay", "31/2/2026"), ("k.nguoi", "nhiều"), ("k.loai", "tiec")]).await;
        assert!(wrong.status == 422 && read(&wrong).contains("31/2/2026") && read(&wrong).contains("nhiều"), "{}", read(&wrong));
        let fields = [("version", "0"), ("k.ten", "Tập huấn <b>số</b>"), ("k.loai", "taphuan"), ("k.hinhthuc", "tructuyen"), ("k.ngay", "1/10/2026"), ("k.donvi", "UBND xã"), ("k.nguoi", "1.234"), ("k.kinhphi", "12,5")];
        let added = kit.post(OFFICER, &form, &fields).await;
        assert_eq!(added.status, 303, "{}", read(&added));
        let page = read(&kit.get(OFFICER, report).await);
        assert!(page.contains("Tập huấn &lt;b&gt;") && page.contains("01/10/2026") && page.contains("1.234") && page.contains("12,5"), "{page}");
        let id = page.split("/dong/cuoc/").nth(1).and_then(|rest| rest.split('"').next()).expect("a row").to_owned();
        let row = format!("{form}/{id}");
        assert!(read(&kit.get(OFFICER, &row).await).contains("value=\"1\""));
        let changed: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, if *name == "version" { "1" } else if *name == "k.nguoi" { "30" } else { *value })).collect();
        assert_eq!(kit.post(OFFICER, &row, &changed).await.status, 303);
        assert!(read(&kit.get(OFFICER, report).await).contains(">30<"));
        assert_eq!(kit.post(NEIGHBOUR, &row, &[("remove", "1")]).await.status, 403);
        assert_eq!(kit.post(OFFICER, &row, &[("remove", "1"), ("version", "2")]).await.status, 303);
        let page = read(&kit.get(OFFICER, report).await);
        let (now, before) = page.split_once("Nội dung trước đây").expect("what was taken out is kept");
        assert!(!now.contains("Tập huấn &lt;b&gt;") && before.contains("Tập huấn &lt;b&gt;"), "{page}");
    }

    async fn files_are_told_by_what_they_hold_and_come_back_as_downloads(builder: KitBuilder) {
        let kit = started(builder).await;
        let path = at("/tep/minhchung");
        for (name, bytes) in [("a.pdf", &b"MZ\x90 program"[..]), ("a.pdf", b"<html><script>"), ("a.docx", b"PK\x03\x04nothing"), ("a.pdf", b"")] {
            assert_eq!(upload(&kit, &path, name, "Biên bản", bytes).await.status, 422, "{name}");
        }
        let nameless = upload(&kit, &path, "a.pdf", "", b"%PDF-1.7 x").await;
        assert_eq!(nameless.status, 422);
        let taken = upload(&kit, &path, "..\\biên bản.html", "Biên bản <i>họp</i>", b"%PDF-1.7 noi dung").await;
        assert_eq!(taken.status, 303, "{}", read(&taken));
        let page = read(&kit.get(OFFICER, &path).await);
        assert!(page.contains("Biên bản &lt;i&gt;") && page.contains("biên bản.pdf"), "{page}");
        let file = page.split("/tep/minhchung/").nth(1).and_then(|rest| rest.split(['"', '/']).next()).expect("a file").to_owned();
        let got = kit.get(PROVINCE, &format!("{path}/{file}")).await;
        assert_eq!((got.status, got.bytes.as_slice()), (200, &b"%PDF-1.7 noi dung"[..]));
        let told = got.headers[header::CONTENT_DISPOSITION].to_str().expect("text").to_owned();
        assert!(told.starts_with("attachment; filename=\"bien-ban.pdf\"") && told.contains("filename*=UTF-8''bi%C3%AAn%20b%E1%BA%A3n.pdf"), "{told}");
        assert_eq!(got.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(kit.get(NEIGHBOUR, &format!("{path}/{file}")).await.status, 403);
        assert_eq!(kit.post(NEIGHBOUR, &format!("{path}/{file}/go"), &[]).await.status, 403);
        assert_eq!(kit.post(OFFICER, &format!("{path}/{file}/go"), &[]).await.status, 303);
        assert_eq!(kit.get(PROVINCE, &format!("{path}/{file}")).await.status, 404);
    }

    async fn a_correction_after_handing_in_is_begun_by_the_leader_alone(builder: KitBuilder) {
        let kit = started(builder).await;
        typed(&kit, &officer(&kit), &which(COMMUNE), vec![edit("10.5b", 0, 2), edit("10.6", 0, 198), edit("10.3a", 0, 6), edit("10.6kp", 0, 1)]).await;
        for step in [Step::Certify, Step::Submit] {
            crate::cast::step(&kit, &leader(&kit), &which(COMMUNE).id(), step, 1).await;
        }
        assert!(!read(&kit.get(OFFICER, REPORT).await).contains("value=\"correct\""));
        assert!(read(&kit.get(LEADER, REPORT).await).contains("value=\"correct\""));
        let fields = [("step", "correct"), ("revision", "1")];
        assert_eq!(kit.post(OFFICER, &at("/buoc"), &fields).await.status, 403);
        assert_eq!(kit.post(LEADER, &at("/buoc"), &fields).await.status, 303);
        let (_, sheet) = open(&kit.app, &officer(&kit), &which(COMMUNE)).await.expect("it opens");
        let one = sheet.submission.expect("a report");
        assert_eq!((one.state, one.revision), (State::Draft, 2));
        assert_eq!(kit.post(LEADER, &at("/buoc"), &fields).await.status, 409, "the step was taken");
        assert_eq!(kit.post(LEADER, &at("/buoc"), &[("step", "nonsense"), ("revision", "2")]).await.status, 409);
        save(&kit.app, &officer(&kit), &which(COMMUNE), Changes { edits: vec![edit("10.6", 1, 205)], ..Changes::default() }).await.expect("open again");
    }
}
