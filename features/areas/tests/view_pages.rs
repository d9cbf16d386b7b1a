//! The tool that carries figures over, as officers and programs meet it; and the flow as the store reads it.

use areas::{
    AreaId, AreaLevel, reference,
    view::{Figure, Grade, Law},
};
use kernel::{
    axum::{body::Body, http::Method},
    clock::Day,
    sheet::{Limits, Sheet},
};
use serde_json::{Value, json};
use testkit::{Kit, KitBuilder, Page};

use crate::html;

async fn thai_nguyen(builder: KitBuilder) -> Kit {
    let kit = builder.with([areas::module()]).start().await;
    reference::load_only(kit.db(), &["19", "22"]).await.expect("the provinces load");
    kit
}

/// What every change of the map notes; these tests change it behind the store's back.
static CHANGED: &kernel::db::Statement =
    kernel::sql!("insert into areas_map_changes (draw) values (1)");

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

fn id(text: &str) -> AreaId {
    AreaId::parse(text).expect("an id")
}

/// The form as a browser sends it; `file` is what was chosen.
async fn send(kit: &Kit, fields: &[(&str, &str)], file: Option<(&str, &[u8])>) -> Page {
    let csrf = kit.csrf("");
    let usual = [
        ("from", "2024"),
        ("to", "2025-07"),
        ("of", "commune"),
        ("level", "commune"),
        ("law", "additive"),
    ];
    let mut body = Vec::new();
    let usual = usual.iter().filter(|(name, _)| fields.iter().all(|(own, _)| own != name));
    for (name, value) in [("csrf", csrf.as_str())].iter().chain(usual).chain(fields) {
        let part =
            format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend(part.bytes());
    }
    if let Some((name, bytes)) = file {
        let head = format!(
            "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
        );
        body.extend(head.bytes());
        body.extend(bytes);
        body.extend(b"\r\n");
    }
    body.extend(b"--x--\r\n");
    let kind = Some("multipart/form-data; boundary=x");
    kit.send("", Method::POST, "/dia-ban/quy-doi", kind, Body::from(body)).await
}

async fn ask(kit: &Kit, body: &Value) -> Page {
    let kind = Some("application/json");
    kit.send("", Method::POST, "/api/v1/areas/convert", kind, Body::from(body.to_string())).await
}

fn read(page: &Page) -> Value {
    serde_json::from_str(&page.text).unwrap_or_else(|_| panic!("JSON: {}", page.text))
}

testkit::on_both_engines! {
    async fn four_communes_become_phu_thong_with_their_sources_in_words(builder: KitBuilder) {
        let kit = thai_nguyen(builder).await;
        let blank = kit.get("", "/dia-ban/quy-doi").await;
        assert_eq!(blank.status, 200, "{}", blank.text);
        assert!(html(&blank).contains("Trước 01/07/2025") && blank.text.contains("Hiện nay"));
        let made_of = kit.get("", "/api/v1/areas/01969.2025/predecessors").await;
        let made_of = read(&made_of);
        let codes: Vec<&str> =
            made_of["items"].as_array().expect("items").iter().map(|it| it["area"]["code"].as_str().expect("a code")).collect();
        assert_eq!(codes.len(), 4);
        let table = format!("mã\tgiá trị\n{}\t1.120\n{}\t80\n{}\t0\n{}\t5\n", codes[0], codes[1], codes[2], codes[3]);
        let page = send(&kit, &[("table", &table)], None).await;
        assert_eq!(page.status, 200, "{}", page.text);
        assert!(page.text.contains("Xã Phủ Thông") && page.text.contains("1.205"), "{}", page.text);
        assert!(page.text.contains("Tổng trước và sau khi quy đổi bằng nhau."), "{}", page.text);
        assert!(html(&page).contains("href=\"/dia-ban/01990.2024\"") && page.text.contains("xã Lục Bình"));
        // One is silent: the sum is no longer the figure of the commune.
        let table = format!("mã;giá trị\n{};120\n{};80\n{};\n", codes[0], codes[1], codes[2]);
        let page = send(&kit, &[("table", &table)], None).await;
        assert!(html(&page).contains("2/4 nguồn có số liệu"), "{}", page.text);
        assert!(page.text.contains("chưa xác định: chưa đủ nguồn có số liệu; ít nhất 200"), "{}", page.text);
    }

    async fn wrong_cells_are_told_by_their_address_and_nothing_is_converted(builder: KitBuilder) {
        let kit = thai_nguyen(builder).await;
        let table = "mã,giá trị\n01990,12\n99999,5\n01990,3\n01969,mười\n,7\n";
        let page = send(&kit, &[("table", table)], None).await;
        assert_eq!(page.status, 422, "{}", page.text);
        for (address, words) in [("B5", "không phải là số"), ("A6", "thiếu mã")] {
            assert!(page.text.contains(&format!("<b>{address}</b>")), "{address}: {}", page.text);
            assert!(page.text.contains(words), "{words}: {}", page.text);
        }
        let table = "mã,giá trị\n01990,12\n99999,5\n01990,3\n";
        let page = send(&kit, &[("table", table)], None).await;
        for (address, words) in [("A3", "99999"), ("A4", "đã có ở một dòng trên")] {
            assert!(page.text.contains(&format!("<b>{address}</b>")), "{address}: {}", page.text);
            assert!(page.text.contains(words), "{words}: {}", page.text);
        }
        assert!(!page.text.contains("id=\"ket-qua\""));
        let refused = [
            (vec![("table", "")], "Dán bảng số liệu hoặc chọn tệp"),
            (vec![("table", "tên,số\na,1\n")], "Thiếu cột “mã”"),
            (vec![("table", "mã,tên\n01990,1\n")], "Thiếu cột “giá trị”"),
            (vec![("table", "mã,giá trị\n01990,1\n"), ("law", "median")], "Chọn loại số liệu"),
            (vec![("table", "mã,giá trị\n01990,1\n"), ("from", "1999")], "Chọn một thời kỳ"),
            (vec![("table", "mã,giá trị\n01990,1\n"), ("to_day", "31/02/2026")], "Chọn một thời kỳ"),
            (vec![("table", "mã,giá trị\n01990,1\n"), ("level", "district")], "không có đơn vị cấp đã chọn"),
            (vec![("table", "mã,giá trị\n01990,1\n"), ("from_day", "01/01/1900")], "không có đơn vị cấp đã chọn"),
            (vec![("table", "mã,tử số,mẫu số\n01990,1,-1\n"), ("law", "ratio")], "không được âm"),
            (vec![("table", "mã,tử số,mẫu số\n01990,1,\n"), ("law", "ratio")], "Thiếu một nửa"),
        ];
        for (fields, words) in refused {
            let page = send(&kit, &fields, None).await;
            assert_eq!(page.status, 422, "{fields:?}: {}", page.text);
            assert!(page.text.contains(words), "{fields:?} {words}: {}", page.text);
        }
        let page = send(&kit, &[], Some(("a.xls", &[0xD0, 0xCF, 0x11, 0xE0, 0]))).await;
        assert_eq!(page.status, 422);
        assert!(page.text.contains(".xlsx"), "{}", page.text);
    }

    async fn a_workbook_in_gives_a_workbook_out_with_every_source(builder: KitBuilder) {
        let kit = thai_nguyen(builder).await;
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        for (column, head) in (0_u16..).zip(["Mã", "Tử số", "Mẫu số"]) {
            sheet.write_string(0, column, head).expect("a heading");
        }
        // The spreadsheet dropped the zero of the code and holds a real decimal.
        sheet.write_number(1, 0, 1990.0).expect("a code");
        sheet.write_number(1, 1, 12.5).expect("a number");
        sheet.write_number(1, 2, 50.0).expect("a number");
        let bytes = book.save_to_buffer().expect("a workbook");
        let fields = [("law", "ratio"), ("level", "province"), ("then", "xlsx")];
        let page = send(&kit, &fields, Some(("so-lieu.xlsx", &bytes))).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let out = Sheet::read(&page.bytes, Limits::TABLE).expect("a workbook comes out");
        assert_eq!(out.rows().len(), 1);
        let cell = |name| out.rows()[0].cell(out.column(&[name]).unwrap_or_else(|| panic!("{name}")));
        assert_eq!((cell("mã"), cell("tên")), ("19", "tỉnh Thái Nguyên"));
        // Not all communes of the province have reported: no figure, and how many have.
        assert_eq!((cell("tử số"), cell("nguồn có số liệu")), ("", "1"));
        let fields = [("law", "ratio"), ("then", "csv"), ("to", "2024")];
        let page = send(&kit, &fields, Some(("so-lieu.xlsx", &bytes))).await;
        let out = Sheet::read(&page.bytes, Limits::TABLE).expect("a table comes out");
        let cell = |name| out.rows()[0].cell(out.column(&[name]).unwrap_or_else(|| panic!("{name}")));
        assert_eq!((cell("mã"), cell("tử số"), cell("mẫu số"), cell("tỷ lệ")), ("01990", "12.5", "50", "25 %"));
        assert_eq!(cell("mức tin cậy"), "Chính xác");
    }

    async fn text_that_a_spreadsheet_would_run_is_kept_from_it(builder: KitBuilder) {
        let kit = thai_nguyen(builder).await;
        let table = "mã,giá trị\n01990,\"=cmd|' /C calc'!A0\"\n";
        let fields = [("table", table), ("law", "non_additive"), ("to", "2024"), ("then", "csv")];
        let page = send(&kit, &fields, None).await;
        assert_eq!(page.status, 200, "{}", page.text);
        assert!(page.text.contains("'=cmd|") && !page.text.contains(",=cmd"), "{}", page.text);
    }

    async fn programs_read_the_flow_and_convert_without_losing_a_unit(builder: KitBuilder) {
        let kit = thai_nguyen(builder).await;
        let flows = read(&kit.get("", "/api/v1/areas/flows?from=2024-06-30&to=2025-07-01&level=commune").await);
        let list = flows["flows"].as_array().expect("flows");
        let link = list.iter().find(|link| link["from"] == "01990.2024").expect("Lục Bình");
        assert_eq!(*link, json!({ "from": "01990.2024", "to": "01969.2025", "share": "whole" }));
        let divided = list.iter().find(|link| link["share"] == "unknown").expect("a divided commune");
        let body = json!({
            "from": "2024", "to": "2025-07", "level": "commune", "law": "additive",
            "figures": [{ "unit": divided["from"], "value": "100.5" }, { "unit": "01990.2024", "value": 7 }],
        });
        let answer = read(&ask(&kit, &body).await);
        assert_eq!(answer["sum_of_sources"]["value"], "107.5");
        assert_eq!(answer["sum_together"]["value"], "107.5", "{answer:#}");
        let group = answer["together"].as_array().expect("groups").iter().find(|group| group["figure"]["value"] == "100.5");
        assert!(group.expect("the divided commune's group")["units"].as_array().expect("units").len() > 1);
        let province = json!({
            "from": "2024", "to": "today", "of": "commune", "level": "country", "law": "stock",
            "figures": [{ "unit": "01990.2024", "value": "7" }],
        });
        let answer = read(&ask(&kit, &province).await);
        assert_eq!(answer["results"][0]["why"], "not_reported");
        assert_eq!(answer["results"][0]["low"]["value"], "7");
        for (change, field) in [
            (json!({ "law": "median" }), "law"),
            (json!({ "from": "x" }), "from"),
            (json!({ "level": "xa" }), "level"),
            (json!({ "figures": [{ "unit": "nope", "value": 1 }] }), "figures.0"),
            (json!({ "figures": [{ "unit": "01990.2024", "value": "1,5" }] }), "figures.0"),
            (json!({ "figures": [{ "unit": "01990.2024", "value": 1e300 }] }), "figures.0"),
            (json!({ "figures": [{ "unit": "01990.2024", "value": 1 }, { "unit": "01990.2024", "value": 1 }] }), "figures.1"),
        ] {
            let mut wrong = body.clone();
            for (name, value) in change.as_object().expect("an object") {
                wrong[name] = value.clone();
            }
            let page = ask(&kit, &wrong).await;
            assert_eq!(page.status, 422, "{change}: {}", page.text);
            assert_eq!(read(&page)["errors"][0]["field"], field, "{}", page.text);
        }
        for broken in ["", "{", "[]", "{\"law\":\"additive\"}"] {
            let kind = Some("application/json");
            let page = kit.send("", Method::POST, "/api/v1/areas/convert", kind, Body::from(broken)).await;
            assert_eq!(page.status, 400, "{broken}: {}", page.text);
        }
    }

    async fn an_undone_event_carries_nothing(builder: KitBuilder) {
        let kit = thai_nguyen(builder).await;
        let (old, new) = (day("2024-06-30"), day("2025-07-01"));
        let grade = async || {
            let made = kit.db().view(async |tx| Ok(areas::conversion(tx, old, new, AreaLevel::Commune).await?)).await;
            made.expect("a conversion").grade(&id("01969.2025"))
        };
        assert_eq!(grade().await, Grade::Exact);
        kit.db()
            .change(async |tx| {
                let undo = kernel::sql!("update areas_events set status = 'undone' where id in \
                    (select event from areas_transfers where from_unit = '01990.2024')");
                tx.run(undo, &[]).await?;
                Ok(tx.run(CHANGED, &[]).await?)
            })
            .await
            .expect("undone");
        assert_eq!(grade().await, Grade::Undefined);
    }

    async fn backward_figures_are_shared_by_the_people_each_unit_had(builder: KitBuilder) {
        let kit = thai_nguyen(builder).await;
        let (old, new) = (day("2024-06-30"), day("2025-07-01"));
        let into: Vec<AreaId> = kit
            .db()
            .view(async |tx| Ok(areas::predecessors(tx, &id("01969.2025")).await?))
            .await
            .expect("predecessors")
            .into_iter()
            .map(|step| step.area.id)
            .collect();
        let figures = std::collections::HashMap::from([(id("01969.2025"), Figure::Amount(100))]);
        let backward = async || {
            let made = kit.db().view(async |tx| Ok(areas::conversion(tx, new, old, AreaLevel::Commune).await?)).await;
            made.expect("a conversion")
        };
        let made = backward().await;
        let view = made.apply(Law::Additive, &figures).expect("they fit");
        assert!(into.iter().all(|unit| view.seen(unit).is_some_and(|seen| seen.figure.is_none())));
        assert_eq!(view.sum_together(), Some(Figure::Amount(100)));
        kit.db()
            .change(async |tx| {
                for (at, unit) in (1_i64..).zip(&into) {
                    let head = "insert into areas_populations (id, unit, on_day, people, households, source, recorded_at, recorded_by) values";
                    let row = vec![
                        format!("count{at}").into(), unit.into(), "2024-01-01".into(), (at * 1_000).into(),
                        0_i64.into(), "Niên giám".into(), 0_i64.into(), "test".into(),
                    ];
                    tx.insert_many(head, "", &[row]).await?;
                }
                tx.run(CHANGED, &[]).await?;
                Ok(())
            })
            .await
            .expect("counted");
        let made = backward().await;
        let view = made.apply(Law::Additive, &figures).expect("they fit");
        let shares: Vec<Option<Figure>> =
            into.iter().map(|unit| view.seen(unit).and_then(|seen| seen.figure.clone())).collect();
        assert_eq!(shares, [10, 20, 30, 40].map(|part| Some(Figure::Amount(part))));
        assert!(into.iter().all(|unit| made.grade(unit) == Grade::Estimated));
        let gone = kit.db().view(async |tx| Ok(areas::breaks(tx, old, new).await?)).await.expect("breaks");
        assert!(gone.iter().all(|one| one.before != one.after) && !gone.is_empty());
    }
}
