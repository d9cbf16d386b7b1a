//! Phones and programs that speak OpenRosa: the list of forms, the form, what comes back, twice, edited, hostile,
//! from elsewhere, for a report that is closed.

use kernel::axum::{
    body::Body,
    http::{HeaderMap, Method, Request, header},
};
use reporting::{
    actions::{
        attach, counts, entry,
        excuses::{self, Kind},
    },
    model::{CellState, ObligationId, submission::Step},
};
use serde_json::{Value, json};
use testkit::Kit;
use tower::ServiceExt;

use crate::cast::{
    COMMUNE, PROVINCE, cell, edit, leader, officer, province, started, step, typed, which,
};

const OFFICER: &str = "Mai|commune_officer|/vn/19.2025/01969.2025/";
const NEIGHBOUR: &str = "Lan|commune_officer|/vn/19.2025/01942.2025/";
pub const REPORT: &str = "nd09q-2026-4.01969.2025.f";

pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }
}

pub async fn ask(
    kit: &Kit,
    method: Method,
    who: &str,
    path: &str,
    kind: &str,
    body: Vec<u8>,
) -> Reply {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "nhipcau.example")
        .header("x-openrosa-version", "1.0")
        .header(header::CONTENT_TYPE, kind);
    if !who.is_empty() {
        request = request.header(header::AUTHORIZATION, format!("Bearer {who}"));
    }
    let request = request.body(Body::from(body)).expect("a request");
    let response = kit.site().oneshot(request).await.expect("the site answers");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let bytes =
        kernel::axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a body");
    Reply { status, headers, text: String::from_utf8_lossy(&bytes).into_owned() }
}

pub async fn get(kit: &Kit, who: &str, path: &str) -> Reply {
    ask(kit, Method::GET, who, path, "text/plain", Vec::new()).await
}

/// A submission as phones send it: the instance, and files.
async fn submit(kit: &Kit, who: &str, xml: &str, files: &[(&str, &[u8])]) -> Reply {
    submit_to(kit, who, "/v1/projects/1/submission", xml, files).await
}

/// The same to an address.
pub async fn submit_to(
    kit: &Kit,
    who: &str,
    address: &str,
    xml: &str,
    files: &[(&str, &[u8])],
) -> Reply {
    let mut body = Vec::new();
    let mut part = |name: &str, file: &str, kind: &str, bytes: &[u8]| {
        body.extend_from_slice(
            format!("--grenze\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\nContent-Type: {kind}\r\n\r\n")
                .as_bytes(),
        );
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    };
    part("xml_submission_file", "submission.xml", "text/xml", xml.as_bytes());
    for (name, bytes) in files {
        part(name, name, "image/jpeg", bytes);
    }
    body.extend_from_slice(b"--grenze--\r\n");
    let path = format!("{address}?deviceID=collect%3Atest");
    ask(kit, Method::POST, who, &path, "multipart/form-data; boundary=grenze", body).await
}

/// An instance of the quarterly form.
pub fn instance(id: &str, earlier: &str, report: &str, answers: &str) -> String {
    let earlier = if earlier.is_empty() {
        String::new()
    } else {
        format!("<deprecatedID>{earlier}</deprecatedID>")
    };
    format!(
        "<?xml version='1.0' ?><data id=\"diem-ho-tro\" version=\"1\" xmlns:orx=\"http://openrosa.org/xforms\">\
         <baocao>{report}</baocao>{answers}\
         <orx:meta><orx:instanceID>{id}</orx:instanceID>{earlier}</orx:meta></data>"
    )
}

fn figures(women: &str, all: &str, money: &str) -> String {
    format!(
        "<s_solieu><c_10.5b>2</c_10.5b><r_2><c_10.6>{all}</c_10.6><c_10.6_gt_nu>{women}</c_10.6_gt_nu></r_2>\
         <c_10.3a/><k_10.3a>kps</k_10.3a><l_10.3a>Quý này chưa tổ chức</l_10.3a><c_10.6kp>{money}</c_10.6kp></s_solieu>\
         <s_khokhan><n_khokhan>Đường sạt lở &amp; mất sóng</n_khokhan></s_khokhan>"
    )
}

async fn sheet(kit: &Kit) -> entry::Sheet {
    entry::open(&kit.app, &officer(kit), &which(COMMUNE)).await.expect("it opens").1
}

fn value(sheet: &entry::Sheet, key: &str) -> Option<CellState> {
    sheet.held.get(&cell(key)).map(|held| held.state.clone())
}

testkit::on_both_engines! {
    async fn a_phone_finds_its_forms_fills_one_in_and_sends_it(builder: KitBuilder) {
        let kit = started(builder).await;
        let nobody = get(&kit, "", "/v1/projects/1/formList").await;
        assert_eq!((nobody.status, nobody.headers[header::WWW_AUTHENTICATE].to_str().expect("text").starts_with("Basic ")), (401, true));
        let list = get(&kit, OFFICER, "/v1/projects/1/formList").await;
        assert_eq!(list.status, 200, "{}", list.text);
        assert_eq!(list.headers["x-openrosa-version"], "1.0");
        let at = list.text.find("<formID>diem-ho-tro</formID>").expect("the form is listed");
        let entry = &list.text[at..];
        let hash = entry.split("<hash>md5:").nth(1).and_then(|rest| rest.get(..32)).expect("a hash").to_owned();
        assert!(entry.contains("<downloadUrl>http://nhipcau.example/v1/projects/1/forms/diem-ho-tro.xml</downloadUrl>"), "{entry}");
        assert_eq!(get(&kit, OFFICER, "/formList").await.text, list.text);
        let form = get(&kit, OFFICER, "/v1/projects/1/forms/diem-ho-tro.xml").await;
        assert_eq!(form.status, 200);
        assert_eq!(md5(&form.text), hash, "a client knows by the hash that it has the form");
        assert!(form.text.contains("<data id=\"diem-ho-tro\" version=\"1\">"));
        let manifest = get(&kit, OFFICER, "/v1/projects/1/forms/diem-ho-tro/manifest").await;
        assert!(manifest.text.contains("<filename>baocao.csv</filename>"), "{}", manifest.text);
        let reports = get(&kit, OFFICER, "/v1/projects/1/forms/diem-ho-tro/attachments/baocao.csv").await;
        assert!(reports.text.contains(&format!("{REPORT},Xã Phủ Thông – Quý IV/2026")), "{}", reports.text);
        assert!(!reports.text.contains("01942"), "no other unit's: {}", reports.text);
        assert_eq!(ask(&kit, Method::HEAD, OFFICER, "/v1/projects/1/submission", "", Vec::new()).await.status, 204);

        let xml = instance("uuid:1", "", REPORT, &figures("90", "198", "3.06105E8"));
        let sent = submit(&kit, OFFICER, &xml, &[]).await;
        assert_eq!(sent.status, 201, "{}", sent.text);
        assert!(sent.text.contains("http://openrosa.org/http/response") && sent.text.contains("nature=\"submit_success\""));
        let after = sheet(&kit).await;
        assert_eq!(value(&after, "10.6"), Some(CellState::Value(198)));
        assert_eq!(value(&after, "10.6:gt=nu"), Some(CellState::Value(90)));
        assert_eq!(value(&after, "10.3a"), Some(CellState::Nil("Quý này chưa tổ chức".to_owned())));
        assert_eq!(value(&after, "10.6kp"), Some(CellState::Value(306_105_000_000)), "as Java prints large numbers");
        assert_eq!(value(&after, "10.2"), None, "an empty answer reports nothing");
        assert_eq!(after.narratives[0].words, "Đường sạt lở & mất sóng");
        assert!(counts::are_true(kit.db()).await.expect("counted anew"), "the live counts have it");
        // The network broke off after the server had it: the phone sends it again.
        let again = submit(&kit, OFFICER, &xml, &[]).await;
        assert_eq!(again.status, 201);
        let twice = sheet(&kit).await;
        assert_eq!(twice.held[&cell("10.6")].version, after.held[&cell("10.6")].version);
        let other = instance("uuid:1", "", REPORT, &figures("91", "198", "3"));
        assert_eq!(submit(&kit, OFFICER, &other, &[]).await.status, 409, "same id, other content");
    }

    async fn an_edit_goes_on_from_what_was_sent_and_nothing_else_is_overwritten(builder: KitBuilder) {
        let kit = started(builder).await;
        assert_eq!(submit(&kit, OFFICER, &instance("uuid:1", "", REPORT, &figures("90", "198", "5000000")), &[]).await.status, 201);
        // Somebody types over one of the figures in the meantime.
        let version = sheet(&kit).await.held[&cell("10.6:gt=nu")].version;
        typed(&kit, &officer(&kit), &which(COMMUNE), vec![edit("10.6:gt=nu", version, 88)]).await;
        let edited = instance("uuid:2", "uuid:1", REPORT, &figures("91", "200", ""));
        let sent = submit(&kit, OFFICER, &edited, &[]).await;
        assert_eq!(sent.status, 201, "{}", sent.text);
        let after = sheet(&kit).await;
        assert_eq!(value(&after, "10.6"), Some(CellState::Value(200)));
        assert_eq!(value(&after, "10.6kp"), None, "the edit emptied it");
        assert_eq!(value(&after, "10.6:gt=nu"), Some(CellState::Value(88)), "what nobody saw stays");
        assert_eq!(after.conflicts.len(), 1, "and the other figure waits beside it");
        let old = instance("uuid:3", "uuid:1", REPORT, &figures("1", "2", "3"));
        assert_eq!(submit(&kit, OFFICER, &old, &[]).await.status, 409, "not an edit of the current version");
        let unknown = instance("uuid:4", "uuid:9", REPORT, &figures("1", "2", "3"));
        assert_eq!(submit(&kit, OFFICER, &unknown, &[]).await.status, 404);
        // A new form, not an edit, over figures that stand.
        let fresh = instance("uuid:5", "", REPORT, &figures("88", "300", ""));
        let sent = submit(&kit, OFFICER, &fresh, &[]).await;
        assert!(sent.status == 201 && sent.text.contains("10.6"), "{}", sent.text);
        assert_eq!(value(&sheet(&kit).await, "10.6"), Some(CellState::Value(200)));
        let page = kit.get(OFFICER, "/bao-cao/tu-dien-thoai").await;
        assert!(page.text.contains("Lượt người dùng điểm hỗ trợ"), "{}", page.text);
        assert!(kit.get(OFFICER, "/bao-cao").await.text.contains("/bao-cao/tu-dien-thoai"));
    }

    async fn a_report_that_was_excused_is_not_asked_of_a_phone_unless_somebody_began_it(builder: KitBuilder) {
        let kit = started(builder).await;
        let asked = async || {
            let reports = get(&kit, OFFICER, "/v1/projects/1/forms/diem-ho-tro/attachments/baocao.csv").await;
            reports.text.contains(REPORT)
        };
        assert!(asked().await);
        let id = ObligationId::parse(which(COMMUNE).id().as_str()).expect("an id");
        let say = async |kind| {
            let whose = std::slice::from_ref(&id);
            excuses::say(&kit.app, &province(&kit), whose, kind, "Lũ quét làm mất điện toàn xã").await.expect("said")
        };
        assert_eq!(say(Kind::Excuse).await, 1);
        assert!(!asked().await);
        assert_eq!(say(Kind::Revoke).await, 1);
        assert!(asked().await);
        typed(&kit, &officer(&kit), &which(COMMUNE), vec![edit("10.5b", 0, 2)]).await;
        assert_eq!(say(Kind::Excuse).await, 1);
        assert!(asked().await, "whoever began it may go on");
        assert!(get(&kit, OFFICER, "/v1/projects/1/formList").await.text.contains("<formID>diem-ho-tro</formID>"));
    }

    async fn a_form_for_a_closed_report_is_kept_for_a_person(builder: KitBuilder) {
        let kit = started(builder).await;
        typed(&kit, &officer(&kit), &which(COMMUNE), vec![edit("10.5b", 0, 2), edit("10.6", 0, 198), edit("10.3a", 0, 6), edit("10.6kp", 0, 306_105_000)]).await;
        let id = which(COMMUNE).id();
        step(&kit, &leader(&kit), &id, Step::Certify, 1).await;
        let xml = instance("uuid:1", "", REPORT, "<s_solieu><r_5><c_10.2>7</c_10.2></r_5></s_solieu>");
        let sent = submit(&kit, OFFICER, &xml, &[]).await;
        assert_eq!(sent.status, 201, "{}", sent.text);
        assert!(sent.text.contains("chưa ghi") && sent.text.contains("khóa"), "{}", sent.text);
        assert_eq!(value(&sheet(&kit).await, "10.2"), None);
        let reports = get(&kit, OFFICER, "/v1/projects/1/forms/diem-ho-tro/attachments/baocao.csv").await;
        assert!(!reports.text.contains(REPORT), "a signed report is not offered");
        let page = kit.get(OFFICER, "/bao-cao/tu-dien-thoai").await;
        assert!(page.text.contains("uuid:1"), "{}", page.text);
        assert!(!kit.get(NEIGHBOUR, "/bao-cao/tu-dien-thoai").await.text.contains("uuid:1"));
        let closed = kit.post(OFFICER, "/bao-cao/tu-dien-thoai", &[("instance", "uuid:1"), ("apply", "1")]).await;
        assert_eq!(closed.status, 409, "still closed: {}", closed.text);
        assert_eq!(kit.post(NEIGHBOUR, "/bao-cao/tu-dien-thoai", &[("instance", "uuid:1")]).await.status, 403);
        step(&kit, &leader(&kit), &id, Step::Reopen, 1).await;
        let done = kit.post(OFFICER, "/bao-cao/tu-dien-thoai", &[("instance", "uuid:1"), ("apply", "1")]).await;
        assert_eq!(done.status, 303, "{}", done.text);
        assert_eq!(value(&sheet(&kit).await, "10.2"), Some(CellState::Value(7)));
        assert!(!kit.get(OFFICER, "/bao-cao/tu-dien-thoai").await.text.contains("uuid:1"));
        assert_eq!(submit(&kit, OFFICER, &xml, &[]).await.status, 201, "the phone may send it once more");
    }

    async fn whoever_may_not_and_what_cannot_be_is_refused_with_words(builder: KitBuilder) {
        let kit = started(builder).await;
        let refused = async |who: &str, xml: &str, status: u16, words: &str| {
            let sent = submit(&kit, who, xml, &[]).await;
            assert_eq!(sent.status, status, "{}", sent.text);
            assert!(sent.text.contains("OpenRosaResponse") && sent.text.contains(words), "{}", sent.text);
        };
        let good = figures("90", "198", "5");
        refused("", &instance("uuid:1", "", REPORT, &good), 401, "").await;
        refused(NEIGHBOUR, &instance("uuid:1", "", REPORT, &good), 403, "").await;
        refused("Mai|editor|/vn/", &instance("uuid:1", "", REPORT, &good), 403, "").await;
        refused(OFFICER, &instance("uuid:1", "", "", &good), 422, "Chưa chọn báo cáo").await;
        refused(OFFICER, &instance("uuid:1", "", "nd09q-2026-4.99999.2025.f", &good), 404, "").await;
        refused(OFFICER, &instance("uuid:1", "", "nd09q-2024-4.01969.2025.f", &good), 422, "không tồn tại trong kỳ").await;
        refused(OFFICER, &instance("uuid:1", "", "nd09q-2027-4.01969.2025.f", &good), 404, "Không có kỳ").await;
        refused(OFFICER, &instance("uuid:1", "", REPORT, &good).replace("version=\"1\"", "version=\"9\""), 404, "bản biểu").await;
        refused(OFFICER, &instance("uuid:1", "", REPORT, &good).replace("diem-ho-tro", "khong-co"), 404, "").await;
        refused(OFFICER, &instance("", "", REPORT, &good), 422, "").await;
        // Hostile XML.
        let bomb = format!("<!DOCTYPE d [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>{}", instance("uuid:1", "", REPORT, "<x>&b;</x>"));
        refused(OFFICER, &bomb, 400, "DOCTYPE").await;
        refused(OFFICER, &instance("uuid:1", "", REPORT, "<x>&b;</x>"), 400, "").await;
        refused(OFFICER, &instance("uuid:1", "", REPORT, &format!("{}{}", "<a>".repeat(50), "</a>".repeat(50))), 400, "").await;
        refused(OFFICER, &instance("uuid:1", "", REPORT, &"<a/>".repeat(70_000)), 400, "").await;
        refused(OFFICER, &instance("uuid:1", "", REPORT, "<a>"), 400, "").await;
        refused(OFFICER, &instance("uuid:1", "", REPORT, &"x".repeat(5 << 20)), 413, "").await;
        refused(OFFICER, "", 400, "").await;
        assert!(sheet(&kit).await.submission.is_none(), "none of this began a report");
        // A page of another site can send a form, but no header of its own.
        let xml = instance("uuid:1", "", REPORT, &good);
        let body = format!("--x\r\nContent-Disposition: form-data; name=\"xml_submission_file\"; filename=\"a\"\r\n\r\n{xml}\r\n--x--\r\n");
        let foreign = kit.send(OFFICER, Method::POST, "/submission", Some("multipart/form-data; boundary=x"), Body::from(body)).await;
        assert_eq!(foreign.status, 401, "a cookie does not send");
    }

    async fn answers_that_cannot_be_read_are_told_and_the_rest_is_written(builder: KitBuilder) {
        let kit = started(builder).await;
        let answers = "<s_solieu><c_10.5b>hai</c_10.5b><r_2><c_10.6>198.5</c_10.6><c_10.6_gt_nu>90</c_10.6_gt_nu></r_2><c_10.5a>99999999999999999999</c_10.5a><k_10.3a>kps</k_10.3a></s_solieu><la>lạ</la>";
        let sent = submit(&kit, OFFICER, &instance("uuid:1", "", REPORT, answers), &[]).await;
        assert_eq!(sent.status, 201, "{}", sent.text);
        for what in ["10.5b", "10.6", "10.5a", "10.3a", "lạ"] {
            assert!(sent.text.contains(what), "{what}: {}", sent.text);
        }
        let after = sheet(&kit).await;
        assert_eq!(value(&after, "10.6:gt=nu"), Some(CellState::Value(90)));
        assert_eq!(after.held.len(), 1);
        assert_eq!(kit.post(OFFICER, "/bao-cao/tu-dien-thoai", &[("instance", "uuid:1")]).await.status, 303);
        assert!(!kit.get(OFFICER, "/bao-cao/tu-dien-thoai").await.text.contains("uuid:1"));
    }

    async fn files_come_with_the_form_or_after_it_and_are_attached_once(builder: KitBuilder) {
        let kit = started(builder).await;
        let answers = "<s_minhchung><tep>a.jpg</tep><chuthich>Lớp học ở Nà Phải</chuthich></s_minhchung>\
                       <s_minhchung><tep>b.jpg</tep><chuthich>Đường vào bản</chuthich></s_minhchung>\
                       <s_minhchung><tep>c.jpg</tep><chuthich>Không phải ảnh</chuthich></s_minhchung>";
        let xml = instance("uuid:1", "", REPORT, answers);
        let jpeg = |last: u8| vec![0xff, 0xd8, 0xff, 0xe0, 0, 16, last];
        let (a, b) = (jpeg(1), jpeg(2));
        assert_eq!(submit(&kit, OFFICER, &xml, &[("a.jpg", &a)]).await.status, 201);
        assert_eq!(sheet(&kit).await.attachments.len(), 1);
        // Large submissions come in several requests, each with the same instance.
        let rest = submit(&kit, OFFICER, &xml, &[("a.jpg", &a), ("b.jpg", &b), ("c.jpg", b"MZ no picture"), ("strange.jpg", &b)]).await;
        assert_eq!(rest.status, 201, "{}", rest.text);
        assert!(rest.text.contains("c.jpg"), "{}", rest.text);
        submit(&kit, OFFICER, &xml, &[("a.jpg", &a), ("b.jpg", &b)]).await;
        let files = sheet(&kit).await.attachments;
        assert_eq!(files.len(), 2, "each picture once: {files:?}");
        assert!(files.iter().any(|one| one.caption == "Đường vào bản"));
        let first = files.iter().find(|one| one.caption == "Lớp học ở Nà Phải").expect("the first picture");
        let (_, bytes) = attach::fetch(&kit.app, &officer(&kit), &which(COMMUNE), &first.id).await.expect("the file");
        assert_eq!(bytes, a);
    }

    async fn rows_of_growing_tables_come_and_are_edited(builder: KitBuilder) {
        let kit = started(builder).await;
        let mut of = which(COMMUNE);
        of.dataset = reporting::model::DatasetId::parse("bm-08").expect("a code");
        let form = get(&kit, OFFICER, "/v1/projects/1/forms/bm-08.xml").await.text;
        let (section, columns) = first_repeat(&form);
        assert!(columns.len() > 2, "{columns:?}");
        let text = columns.iter().find(|(_, kind)| kind == "string").expect("a column of words").0.clone();
        let row = |words: &str| format!("<{section}><{text}>{words}</{text}></{section}>");
        let xml = |id: &str, earlier: &str, rows: &str| instance(id, earlier, REPORT, rows).replace("diem-ho-tro", "bm-08");
        let sent = submit(&kit, OFFICER, &xml("uuid:1", "", &(row("Lớp một") + &row("Lớp hai") + &row("Lớp ba"))), &[]).await;
        assert_eq!(sent.status, 201, "{}", sent.text);
        let rows = async || entry::open(&kit.app, &officer(&kit), &of).await.expect("it opens").1.rows;
        let before = rows().await;
        assert_eq!(before.len(), 3);
        let sent = submit(&kit, OFFICER, &xml("uuid:2", "uuid:1", &(row("Lớp một") + &row("Lớp hai, sửa"))), &[]).await;
        assert_eq!(sent.status, 201, "{}", sent.text);
        let after = rows().await;
        assert_eq!(after.len(), 2, "the third was taken out");
        assert_eq!(after[1].id, before[1].id);
        assert!(after[1].body.contains("Lớp hai, sửa"), "{}", after[1].body);
    }

    async fn a_row_that_somebody_changed_or_took_out_is_sent_as_a_row_of_its_own_and_told(builder: KitBuilder) {
        let kit = started(builder).await;
        let mut of = which(COMMUNE);
        of.dataset = reporting::model::DatasetId::parse("bm-08").expect("a code");
        let (section, columns) = first_repeat(&get(&kit, OFFICER, "/v1/projects/1/forms/bm-08.xml").await.text);
        let text = columns.iter().find(|(_, kind)| kind == "string").expect("a column of words").0.clone();
        let row = |words: &str| format!("<{section}><{text}>{words}</{text}></{section}>");
        let xml = |id: &str, earlier: &str, rows: &str| instance(id, earlier, REPORT, rows).replace("diem-ho-tro", "bm-08");
        let rows = async || entry::open(&kit.app, &officer(&kit), &of).await.expect("it opens").1.rows;
        submit(&kit, OFFICER, &xml("uuid:1", "", &(row("Lớp một") + &row("Lớp hai"))), &[]).await;
        let before = rows().await;
        let edit = |of: usize, words: Option<&str>| entry::RowEdit {
            section: before[of].section.clone(),
            id: Some(before[of].id.clone()),
            position: before[of].position,
            cells: words.map(|words| serde_json::from_str(&before[of].body.replace("Lớp một", words)).expect("cells")),
            base: 1,
        };
        let meanwhile = vec![edit(0, Some("Lớp của lãnh đạo")), edit(1, None)];
        let changes = entry::Changes { rows: meanwhile, ..entry::Changes::default() };
        entry::save(&kit.app, &leader(&kit), &of, changes).await.expect("saved");
        let sent = submit(&kit, OFFICER, &xml("uuid:2", "uuid:1", &(row("Lớp một, sửa") + &row("Lớp hai"))), &[]).await;
        assert_eq!(sent.status, 201, "{}", sent.text);
        assert!(sent.text.contains("thêm thành dòng riêng") && sent.text.contains("thêm thành dòng mới"), "{}", sent.text);
        let after = rows().await;
        assert_eq!(after.len(), 3);
        assert!(after[0].body.contains("Lớp của lãnh đạo"), "{}", after[0].body);
    }

    async fn programs_use_the_central_api(builder: KitBuilder) {
        let kit = started(builder).await;
        assert_eq!(get(&kit, OFFICER, "/v1/users/current").await.json()["displayName"], json!("Mai"));
        assert_eq!(get(&kit, OFFICER, "/v1/projects").await.json()[0]["id"], json!(1));
        assert_eq!(get(&kit, OFFICER, "/v1/projects/2/forms").await.status, 404);
        let forms = get(&kit, OFFICER, "/v1/projects/1/forms").await.json();
        assert!(forms.as_array().expect("forms").iter().any(|one| one["xmlFormId"] == json!("diem-ho-tro")));
        let base = "/v1/projects/1/forms/diem-ho-tro";
        let xml = instance("uuid:1", "", REPORT, &figures("90", "198", "5"));
        let create = |kind: &'static str| ask(&kit, Method::POST, OFFICER, "/v1/projects/1/forms/diem-ho-tro/submissions", kind, xml.clone().into_bytes());
        assert_eq!(create("text/plain").await.status, 400, "another site's form could send this kind");
        assert_eq!(create("application/xml").await.json()["instanceId"], json!("uuid:1"));
        let wrong = ask(&kit, Method::POST, OFFICER, "/v1/projects/1/forms/bm-03/submissions", "application/xml", xml.clone().into_bytes()).await;
        assert_eq!(wrong.status, 404);
        let edited = instance("uuid:2", "uuid:1", REPORT, &figures("91", "198", "5"));
        let put = ask(&kit, Method::PUT, OFFICER, &format!("{base}/submissions/uuid:1"), "application/xml", edited.clone().into_bytes()).await;
        assert_eq!((put.status, &put.json()["reviewState"]), (200, &json!("edited")), "{}", put.text);
        let list = get(&kit, OFFICER, &format!("{base}/submissions")).await.json();
        assert_eq!(list.as_array().map(Vec::len), Some(1), "one submission in two versions");
        assert_eq!(get(&kit, OFFICER, &format!("{base}/submissions/uuid:1.xml")).await.text, edited);
        assert_eq!(get(&kit, NEIGHBOUR, &format!("{base}/submissions/uuid:1")).await.status, 403);
        assert_eq!(get(&kit, NEIGHBOUR, &format!("{base}/submissions")).await.json(), json!([]));
        let table = get(&kit, OFFICER, &format!("{base}.svc/Submissions?$top=1&$count=true")).await.json();
        assert_eq!((&table["@odata.count"], &table["value"][0]["s_solieu"]["r_2"]["c_10.6"]), (&json!(1), &json!("198")), "{table}");
        assert_eq!(get(&kit, OFFICER, &format!("{base}.svc/Submissions?$filter=x")).await.status, 400);
        let said = ask(&kit, Method::POST, OFFICER, &format!("{base}/submissions/uuid:1/comments"), "application/json", json!({ "body": "Đã đối chiếu sổ" }).to_string().into_bytes()).await;
        assert_eq!(said.status, 200, "{}", said.text);
        assert_eq!(get(&kit, OFFICER, &format!("{base}/submissions/uuid:1/comments")).await.json()[0]["body"], json!("Đã đối chiếu sổ"));
        // Taken as checked, by whoever may and once it was handed in.
        let reviewer = format!("Lan|province_officer|{PROVINCE}");
        let approve = async |who: &str| ask(&kit, Method::PATCH, who, &format!("{base}/submissions/uuid:1"), "application/json", json!({ "reviewState": "approved" }).to_string().into_bytes()).await;
        assert_eq!(approve(&reviewer).await.status, 409, "it was not handed in");
        let id = which(COMMUNE).id();
        step(&kit, &leader(&kit), &id, Step::Certify, 1).await;
        step(&kit, &officer(&kit), &id, Step::Submit, 1).await;
        assert_eq!(approve(OFFICER).await.status, 403);
        let done = approve(&reviewer).await;
        assert_eq!((done.status, &done.json()["reviewState"]), (200, &json!("approved")), "{}", done.text);
    }

    async fn giving_a_report_back_needs_words_and_takes_them_with_it(builder: KitBuilder) {
        let kit = started(builder).await;
        let base = "/v1/projects/1/forms/diem-ho-tro/submissions/uuid:1";
        let xml = instance("uuid:1", "", REPORT, &figures("90", "198", "5"));
        assert_eq!(submit(&kit, OFFICER, &xml, &[]).await.status, 201);
        let reviewer = format!("Lan|province_officer|{PROVINCE}");
        let patch = async |who: &str, body: Value| ask(&kit, Method::PATCH, who, base, "application/json", body.to_string().into_bytes()).await;
        let rejected = json!({ "reviewState": "rejected" });
        assert_eq!(patch(&reviewer, rejected.clone()).await.status, 409, "it was not handed in");
        let id = which(COMMUNE).id();
        step(&kit, &leader(&kit), &id, Step::Certify, 1).await;
        step(&kit, &officer(&kit), &id, Step::Submit, 1).await;
        assert_eq!(patch(OFFICER, rejected.clone()).await.status, 403);
        let mute = patch(&reviewer, rejected.clone()).await;
        assert_eq!(mute.status, 422, "{}", mute.text);
        assert!(mute.text.contains("phải kèm ý kiến"), "{}", mute.text);
        let say = async |who: &str, words: &str| ask(&kit, Method::POST, who, &format!("{base}/comments"), "application/json", json!({ "body": words }).to_string().into_bytes()).await.status;
        assert_eq!(say(OFFICER, "Xã đã kiểm tra lại").await, 200);
        assert_eq!(patch(&reviewer, rejected.clone()).await.status, 422, "words of somebody else are not theirs");
        assert_eq!(say(&reviewer, "Số lượt nữ chưa khớp sổ").await, 200);
        let done = patch(&reviewer, rejected.clone()).await;
        assert_eq!((done.status, &done.json()["reviewState"]), (200, &json!("rejected")), "{}", done.text);
        let remarks = sheet(&kit).await.remarks;
        let mut told: Vec<_> = remarks.iter().map(|one| (one.is_return, one.words.as_str())).collect();
        told.sort_unstable();
        assert_eq!(told, [(false, "Xã đã kiểm tra lại"), (true, "Số lượt nữ chưa khớp sổ")], "said once");
        assert_eq!(patch(&reviewer, rejected).await.status, 200, "it was given back already");
        // Handed in again; the words stand beside the state.
        step(&kit, &leader(&kit), &id, Step::Certify, 1).await;
        step(&kit, &officer(&kit), &id, Step::Submit, 2).await;
        assert_eq!(patch(&reviewer, json!({ "reviewState": "rejected" })).await.status, 422, "earlier words were of another revision");
        let beside = patch(&reviewer, json!({ "reviewState": "rejected", "comment": "Vẫn chưa khớp" })).await;
        assert_eq!((beside.status, &beside.json()["reviewState"]), (200, &json!("rejected")), "{}", beside.text);
    }

    async fn a_session_begun_by_a_program_is_identitys_own(builder: KitBuilder) {
        let kit = started(builder.resolving(identity::resolve_caller)).await;
        crate::foreign::account(&kit, "canbo", "commune_officer", crate::cast::PLACE).await;
        let sign_in = async |password: &str| {
            let body = json!({ "email": "canbo", "password": password }).to_string().into_bytes();
            ask(&kit, Method::POST, "", "/v1/sessions", "application/json", body).await
        };
        assert_eq!(sign_in("sai").await.status, 401);
        let token = sign_in("con duong qua deo da noi hai bo").await.json()["token"].as_str().expect("a token").to_owned();
        assert_eq!(get(&kit, &token, "/v1/projects/1/forms").await.status, 200);
        let other = sign_in("con duong qua deo da noi hai bo").await.json()["token"].as_str().expect("a token").to_owned();
        let ended = ask(&kit, Method::DELETE, &other, &format!("/v1/sessions/{token}"), "application/json", Vec::new()).await;
        assert_eq!(ended.status, 200, "{}", ended.text);
        assert_eq!(get(&kit, &token, "/v1/projects/1/forms").await.status, 401);
        assert_eq!(get(&kit, "xyz", "/v1/projects/1/forms").await.status, 401);
    }
}

/// The name of the first repeat of a form, and its questions with their types.
fn first_repeat(form: &str) -> (String, Vec<(String, String)>) {
    let at = form.split("<repeat nodeset=\"/data/").nth(1).expect("a repeat");
    let section = at.split('"').next().expect("a name").to_owned();
    let binds = form.split("<bind nodeset=\"").skip(1);
    let own = binds.filter_map(|bind| {
        let path = bind.split('"').next()?;
        let name = path.strip_prefix(&format!("/data/{section}/"))?;
        let kind = bind.split("type=\"").nth(1)?.split('"').next()?;
        Some((name.to_owned(), kind.to_owned()))
    });
    let own = own.collect();
    (section, own)
}

/// MD5 after RFC 1321, as the clients compute it.
fn md5(text: &str) -> String {
    use md5::{Digest, Md5};
    Md5::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<Vec<_>>()
        .concat()
}
