//! Bringing a workbook of XLSForm: the look writes nothing, what is kept is a draft, troubles have their place.

use kernel::axum::{body::Body, http::Method};
use rust_xlsxwriter::Workbook;
use testkit::{Kit, Page, html};

use crate::cast::started;

const DESIGNER: &str = "Thu|programme_officer|/vn/";
const OFFICER: &str = "Mai|commune_officer|/vn/19.2025/01969.2025/";

fn workbook(rows: &[&[&str]]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("survey").expect("a sheet");
    for (r, row) in rows.iter().enumerate() {
        for (c, text) in row.iter().enumerate() {
            let (r, c) = (u32::try_from(r).expect("few"), u16::try_from(c).expect("few"));
            sheet.write_string(r, c, *text).expect("a cell");
        }
    }
    let settings = book.add_worksheet().set_name("settings").expect("a sheet");
    for (c, (heading, value)) in
        [("form_title", "Lớp học cộng đồng"), ("form_id", "lop-cd"), ("nhipcau::scheme", "nd09q")]
            .iter()
            .enumerate()
    {
        let c = u16::try_from(c).expect("few");
        settings.write_string(0, c, *heading).expect("a cell");
        settings.write_string(1, c, *value).expect("a cell");
    }
    book.save_to_buffer().expect("a workbook")
}

async fn bring(kit: &Kit, who: &str, bytes: &[u8]) -> Page {
    let csrf = kit.csrf(who);
    let mut body = format!(
        "--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n\
         --x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"lop.xlsx\"\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(bytes);
    body.extend_from_slice(b"\r\n--x--\r\n");
    let kind = Some("multipart/form-data; boundary=x");
    kit.send(who, Method::POST, "/bao-cao/bieu/xlsform", kind, Body::from(body)).await
}

testkit::on_both_engines! {
    async fn a_workbook_is_looked_at_and_kept_as_a_draft(builder: KitBuilder) {
        let kit = started(builder).await;
        let rows: &[&[&str]] = &[
            &["type", "name", "label", "nhipcau::unit", "constraint"],
            &["begin group", "lop", "Lớp học", "", ""],
            &["integer", "tong", "Học viên", "Học viên", ""],
            &["integer", "nu", "Trong đó nữ", "hoc-vien", ". <= ${tong}"],
            &["geopoint", "noi", "Nơi học", "", ""],
            &["end group", "", "", "", ""],
        ];
        assert_eq!(bring(&kit, OFFICER, &workbook(rows)).await.status, 403);
        let look = bring(&kit, DESIGNER, &workbook(rows)).await;
        assert_eq!(look.status, 200, "{}", look.text);
        for words in ["Bảng số liệu: 2 dòng, 1 cột", "Ràng buộc", "Lưu thành bản nháp", "Lớp học cộng đồng", "Trong đó nữ", "[lop-cd.nu] &lt;= [lop-cd.tong]", "dòng 5", "geopoint"] {
            assert!(look.text.contains(words), "{words}: {}", look.text);
        }
        assert!(!kit.get(DESIGNER, "/bao-cao/bieu").await.text.contains("lop-cd"), "a look keeps nothing");
        let bundle = html::field(&look.text, "bundle").expect("what goes back");
        assert_eq!(kit.post(OFFICER, "/bao-cao/bieu/xlsform/giu", &[("bundle", &bundle)]).await.status, 403);
        let kept = kit.post(DESIGNER, "/bao-cao/bieu/xlsform/giu", &[("bundle", &bundle)]).await;
        assert_eq!(kept.status, 303, "{}", kept.text);
        let draft = kit.get(DESIGNER, kept.location()).await;
        assert!(draft.status == 200 && draft.text.contains("Lớp học cộng đồng"), "{}", draft.text);
        assert!(kit.get(DESIGNER, "/bao-cao/bieu").await.text.contains("lop-cd"));
    }

    async fn what_cannot_become_a_form_is_told_where_it_stands(builder: KitBuilder) {
        let kit = started(builder).await;
        let wrong: &[&[&str]] = &[&["type", "name", "label"], &["integre", "a", "A"], &["end group", "", ""]];
        let look = bring(&kit, DESIGNER, &workbook(wrong)).await;
        assert_eq!(look.status, 200, "{}", look.text);
        assert!(look.text.contains("dòng 2, cột type") && look.text.contains("integre"), "{}", look.text);
        assert!(html::field(&look.text, "bundle").is_none(), "there is nothing to keep");
        let none = bring(&kit, DESIGNER, b"PK no workbook").await;
        assert!(none.status == 200 && none.text.contains("notice"), "{}", none.text);
    }
}
