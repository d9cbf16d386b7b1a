//! Whole trees as files: right, revalidated, and refused where there are none.

use areas::reference;
use kernel::axum::{body::Body, http::Request};
use testkit::{Kit, KitBuilder};
use tower::ServiceExt;

async fn thai_nguyen(builder: KitBuilder) -> Kit {
    let kit = builder.with([areas::module()]).start().await;
    reference::load_only(kit.db(), &["19", "22"]).await.expect("the provinces load");
    kit
}

fn header<'p>(page: &'p testkit::Page, name: &str) -> &'p str {
    page.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

testkit::on_both_engines! {
    async fn every_frame_is_listed_and_written_as_csv_json_and_geojson(builder: KitBuilder) {
        let kit = thai_nguyen(builder).await;
        let list: serde_json::Value = serde_json::from_str(&kit.get("", "/api/v1/frames").await.text).expect("JSON");
        let ids: Vec<_> = list["items"].as_array().expect("items").iter().map(|one| one["id"].as_str().unwrap_or("")).collect();
        assert_eq!(ids, ["2021", "2024", "2025-07", "2026-09", "today"]);
        for one in list["items"].as_array().expect("items") {
            let csv = kit.get("", one["csv"].as_str().expect("an address")).await;
            assert_eq!(csv.status, 200);
            assert!(header(&csv, "content-type").starts_with("text/csv; charset=utf-8"));
            let rows = csv::Reader::from_reader(csv.bytes.as_slice()).into_records().map(|row| row.expect("a row")).collect::<Vec<_>>();
            let communes = rows.iter().filter(|row| ["xa", "phuong", "thi_tran", "dac_khu"].contains(&&row[3])).count();
            assert_eq!(Some(communes as u64), one["communes"].as_u64(), "{}", one["id"]);
            let json: serde_json::Value = serde_json::from_str(&kit.get("", one["json"].as_str().expect("an address")).await.text).expect("JSON");
            assert_eq!(json["items"].as_array().map(Vec::len), Some(rows.len()));
            assert_eq!(json["items"][0]["code"], rows[0][0]);
        }
        let now = kit.get("", "/api/v1/frames/today.csv").await;
        assert!(now.text.starts_with("code,name,full_name,type,parent_code,unit,parent_unit,valid_from,valid_to\n"), "{}", &now.text[..90]);
        assert!(now.text.contains("\n01969,Phủ Thông,xã Phủ Thông,xa,19,01969.2025,19.2025,2025-07-01,9999-12-31\n"));
        assert!(header(&now, "content-disposition").contains("dia-ban-"));
        let then = kit.get("", "/api/v1/frames/2025-06-30.csv").await;
        assert!(then.text.contains("\n01990,Lục Bình,xã Lục Bình,xa,063,01990.2024,063.2024,2024-06-30,2025-07-01\n")
            || then.text.contains("\n01990,Lục Bình,xã Lục Bình,xa,"), "Lục Bình stands in the tree of the day before");
        let map = kit.get("", "/api/v1/frames/today.geojson").await;
        assert_eq!(header(&map, "content-type"), "application/geo+json");
        let map: serde_json::Value = serde_json::from_str(&map.text).expect("JSON");
        let province = map["features"].as_array().expect("features").iter().find(|one| one["id"] == "19.2025").expect("Thái Nguyên");
        assert_eq!(province["properties"]["full_name"], "tỉnh Thái Nguyên");
        assert_eq!(province["geometry"]["type"], "MultiPolygon");
        let old: serde_json::Value = serde_json::from_str(&kit.get("", "/api/v1/frames/2024.geojson").await.text).expect("JSON");
        let names: Vec<_> = old["features"].as_array().expect("features").iter().map(|one| one["properties"]["name"].as_str().unwrap_or("")).collect();
        assert!(names.contains(&"Bắc Kạn") && old["features"].as_array().is_some_and(|all| all.iter().all(|one| !one["geometry"].is_null())));
    }

    async fn an_unchanged_frame_costs_no_bytes_and_a_changed_one_is_sent_again(builder: KitBuilder) {
        let kit = thai_nguyen(builder).await;
        let first = kit.get("", "/api/v1/frames/2025-07.csv").await;
        let etag = header(&first, "etag").to_owned();
        assert!(etag.starts_with('"') && etag.ends_with('"'), "{etag}");
        assert_eq!(header(&kit.get("", "/api/v1/frames/2025-07-01.csv").await, "etag"), etag, "the same day, the same content");
        assert_ne!(header(&kit.get("", "/api/v1/frames/2024.csv").await, "etag"), etag);
        for (known, status) in [(etag.as_str(), 304), ("\"other\"", 200), ("*", 304)] {
            let request = Request::get("/api/v1/frames/2025-07.csv").header("if-none-match", known).body(Body::empty()).expect("a request");
            let answer = kit.site().oneshot(request).await.expect("an answer");
            assert_eq!(answer.status().as_u16(), status, "{known}");
            assert_eq!(answer.headers().get("etag").and_then(|tag| tag.to_str().ok()), Some(etag.as_str()));
        }
    }

    async fn a_frame_that_is_not_there_is_a_problem_in_words(builder: KitBuilder) {
        let kit = thai_nguyen(builder).await;
        for path in ["2020-12-31.csv", "2025.csv", "today.xlsx", "today", ".csv", "2025-13-01.json", "..%2Ftoday.csv", "9999-12-31.csv"] {
            let page = kit.get("", &format!("/api/v1/frames/{path}")).await;
            assert_eq!(page.status, 404, "{path}");
            assert!(page.text.contains("areas-no-frame"), "{path}: {}", page.text);
        }
    }
}
