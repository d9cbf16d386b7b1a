//! Other systems: signing in with every request, what they list, figures in and out in every format, handing
//! in, sums.

mod comments;

use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::axum::{
    body::Body,
    http::{Method, Request, header},
};
use reporting::{
    actions::counts,
    model::{
        Coords,
        exchange::{Kind, combo_uid, uid},
        submission::Step,
    },
};
use serde_json::{Value, json};
use testkit::Kit;
use tower::ServiceExt;

use crate::analysis::put;
use crate::cast::{
    COMMUNE, edit, leader, officer, province, province_leader, started, step, typed, which,
};

const OFFICER: &str = "Mai|commune_officer|/vn/19.2025/01969.2025/";
const LEADER: &str = "Hùng|commune_leader|/vn/19.2025/01969.2025/";
const PROVINCE: &str = "Lan|province_officer|/vn/19.2025/";
const ELSEWHERE: &str = "Xa|commune_officer|/vn/04.2025/";

fn commune() -> String {
    uid(Kind::Unit, COMMUNE)
}

fn element(code: &str) -> String {
    uid(Kind::Element, code)
}

async fn get(kit: &Kit, who: &str, path: &str) -> (u16, Value) {
    let page = kit.get(who, path).await;
    (page.status, serde_json::from_str(&page.text).unwrap_or(Value::Null))
}

async fn send(kit: &Kit, who: &str, path: &str, kind: &str, body: String) -> (u16, Value) {
    let request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::COOKIE, format!("phien={}", cookie(who)))
        .header(header::CONTENT_TYPE, kind)
        .header("x-csrf", kit.csrf(who))
        .body(Body::from(body))
        .expect("a request");
    read(kit, request).await
}

async fn read(kit: &Kit, request: Request<Body>) -> (u16, Value) {
    let response = kit.site().oneshot(request).await.expect("the site answers");
    let status = response.status().as_u16();
    let bytes =
        kernel::axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a body");
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

fn cookie(session: &str) -> String {
    session
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

fn figures(values: &[(&str, &str, &str)]) -> Value {
    let all: Vec<Value> = values
        .iter()
        .map(|(code, combo, value)| {
            json!({
                "dataElement": element(code), "period": "nd09q-2026-4", "orgUnit": commune(),
                "categoryOptionCombo": combo, "value": value,
            })
        })
        .collect();
    json!({ "dataValues": all })
}

async fn post(kit: &Kit, who: &str, path: &str, body: &Value) -> (u16, Value) {
    send(kit, who, path, "application/json", body.to_string()).await
}

testkit::on_both_engines! {
    async fn nobody_reads_or_writes_and_a_stranger_only_his_own(builder: KitBuilder) {
        let kit = started(builder).await;
        for path in ["/api/system/info", "/api/me", "/api/organisationUnits.json", "/api/42/dataElements", "/api/analytics?dimension=dx:x", "/api/dataValueSets"] {
            let (status, body) = get(&kit, "", path).await;
            assert_eq!((status, &body["status"]), (401, &json!("ERROR")), "{path} {body}");
        }
        let address = format!("/api/dataValueSets?dataSet=diem-ho-tro&period=nd09q-2026-4&orgUnit={}", commune());
        assert_eq!(get(&kit, OFFICER, &address).await.0, 200);
        assert_eq!(get(&kit, ELSEWHERE, &address).await.0, 403);
        let body = figures(&[("10.6", "", "5")]);
        let (status, told) = post(&kit, ELSEWHERE, "/api/dataValueSets", &body).await;
        assert_eq!((status, &told["conflicts"][0]["errorCode"]), (409, &json!("E7617")), "{told}");
        // A browser that another site makes send something has no token of ours.
        let page = kit.send(OFFICER, Method::POST, "/api/dataValueSets", Some("application/json"), Body::from(body.to_string())).await;
        assert_eq!(page.status, 403);
        assert_eq!(get(&kit, OFFICER, "/api/x1/dataElements").await.0, 404);
        assert_eq!(get(&kit, OFFICER, "/api/v1/nothing").await.0, 404);
    }

    async fn the_tier_above_sends_figures_of_a_unit_only_from_a_paper(builder: KitBuilder) {
        const LAN: &str = "Lan|province_officer|/vn/19.2025/";
        let kit = started(builder).await;
        let body = figures(&[("10.6", "", "5")]);
        let (status, told) = post(&kit, LAN, "/api/dataValueSets", &body).await;
        assert_eq!((status, &told["conflicts"][0]["errorCode"]), (409, &json!("E7617")), "{told}");
        assert_eq!(post(&kit, LAN, "/api/dataValueSets?paper=x", &body).await.0, 409, "too short for a number");
        let (status, told) = post(&kit, LAN, "/api/dataValueSets?dryRun=true&paper=12/BC-UBND", &body).await;
        assert_eq!((status, &told["importCount"]["imported"]), (200, &json!(1)), "{told}");
        let address = "/bao-cao/diem-ho-tro/nd09q-2026-4/01969.2025/chinh-thuc";
        assert!(!kit.get(LAN, address).await.text.contains("12/BC-UBND"), "a dry run leaves no trace");
        let (status, told) = post(&kit, LAN, "/api/dataValueSets?paper=12/BC-UBND", &body).await;
        assert_eq!((status, &told["importCount"]["imported"]), (200, &json!(1)), "{told}");
        assert!(kit.get(LAN, address).await.text.contains("12/BC-UBND"));
        // Another unit's report stays closed to whoever stands elsewhere, paper or not; the unit's own people need none.
        assert_eq!(post(&kit, ELSEWHERE, "/api/dataValueSets?paper=12/BC-UBND", &body).await.0, 409);
        let own = figures(&[("10.6", "", "6")]);
        assert_eq!(post(&kit, OFFICER, "/api/dataValueSets?paper=13/BC-UBND", &own).await.0, 200);
        assert!(!kit.get(LAN, address).await.text.contains("13/BC-UBND"));
    }

    async fn units_are_listed_with_fields_filters_and_pages(builder: KitBuilder) {
        let kit = started(builder).await;
        let (status, all) = get(&kit, OFFICER, "/api/organisationUnits.json?filter=level:eq:3&fields=id,name,code,path,ancestors[id,name],parent[name]&pageSize=10&page=2&totalPages=True").await;
        assert_eq!(status, 200, "{all}");
        assert_eq!((all["pager"]["page"].as_u64(), all["organisationUnits"].as_array().map(Vec::len)), (Some(2), Some(10)));
        assert!(all["pager"]["total"].as_u64().expect("a total") > 90);
        let one = &all["organisationUnits"][0];
        assert_eq!(one["ancestors"].as_array().map(Vec::len), Some(2), "{one}");
        assert_eq!(one["path"].as_str().map(|path| path.split('/').count()), Some(4));
        let (_, found) = get(&kit, OFFICER, "/api/organisationUnits?query=phu%20thong&fields=id,level&paging=false").await;
        assert_eq!(found["organisationUnits"], json!([{ "id": commune(), "level": 3 }]));
        let (_, one) = get(&kit, OFFICER, &format!("/api/40/organisationUnits/{}.json?fields=code,displayName", commune())).await;
        assert_eq!(one, json!({ "code": "01969", "displayName": "Xã Phủ Thông" }));
        let province = uid(Kind::Unit, "19.2025");
        let (_, below) = get(&kit, OFFICER, &format!("/api/organisationUnits/{province}?fields=id,children[id,children]")).await;
        assert!(below["children"].as_array().expect("children").len() > 90);
        let (_, levels) = get(&kit, OFFICER, "/api/organisationUnitLevels?fields=level&fields=name&paging=false").await;
        assert_eq!(levels["organisationUnitLevels"][2]["level"], json!(3));
        let (_, sets) = get(&kit, OFFICER, "/api/dataSets?filter=code:eq:diem-ho-tro&fields=periodType,dataSetElements[dataElement[id,categoryCombo[id]]]").await;
        assert_eq!(sets["dataSets"][0]["periodType"], json!("Nd09q"));
        assert!(!sets["dataSets"][0]["dataSetElements"].as_array().expect("elements").is_empty());
        let (status, wrong) = get(&kit, OFFICER, "/api/dataElements?filter=name:about:x").await;
        assert_eq!((status, wrong["httpStatusCode"].as_u64()), (409, Some(409)));
    }

    async fn figures_come_in_and_go_out_in_every_format_and_a_replay_changes_nothing(builder: KitBuilder) {
        let kit = started(builder).await;
        let women = combo_uid(&Coords::total().with("gt", "nu"));
        let body = figures(&[("10.6", "", "198"), ("10.6", &women, "90"), ("10.5b", "", "2")]);
        let (status, told) = post(&kit, OFFICER, "/api/dataValueSets?dryRun=True", &body).await;
        assert_eq!((status, told["importCount"]["imported"].as_u64()), (200, Some(3)), "{told}");
        let address = format!("dataSet=diem-ho-tro&period=nd09q-2026-4&orgUnit={}", commune());
        let (_, none) = get(&kit, OFFICER, &format!("/api/dataValueSets?{address}")).await;
        assert_eq!(none["dataValues"], json!([]), "a dry run leaves nothing behind");
        let (_, told) = post(&kit, OFFICER, "/api/dataValueSets", &body).await;
        assert_eq!((&told["status"], &told["response"]["importCount"]), (&json!("OK"), &json!({ "imported": 3, "updated": 0, "ignored": 0, "deleted": 0 })));
        let (_, again) = post(&kit, OFFICER, "/api/dataValueSets", &body).await;
        assert_eq!(again["importCount"], json!({ "imported": 0, "updated": 0, "ignored": 3, "deleted": 0 }));
        let (_, found) = get(&kit, OFFICER, &format!("/api/dataValueSets.json?{address}")).await;
        let values = found["dataValues"].as_array().expect("values").clone();
        assert_eq!(values.len(), 3);
        assert!(values.iter().any(|one| one["value"] == json!("90") && one["categoryOptionCombo"] == json!(women) && one["storedBy"] == json!("Mai")));
        // What goes out in a format comes in again and is the same.
        for (ending, kind) in [("csv", "application/csv"), ("xml", "application/xml"), ("adx", "application/adx+xml")] {
            let out = kit.get(OFFICER, &format!("/api/dataValueSets.{ending}?{address}")).await;
            assert_eq!(out.status, 200, "{}", out.text);
            let (status, told) = send(&kit, OFFICER, "/api/dataValueSets", kind, out.text.clone()).await;
            assert_eq!((status, told["importCount"]["ignored"].as_u64(), &told["conflicts"]), (200, Some(3), &json!([])), "{ending} {told} {}", out.text);
            let changed = out.text.replace("198", "199");
            let (_, told) = send(&kit, OFFICER, "/api/dataValueSets", kind, changed).await;
            assert_eq!((told["importCount"]["updated"].as_u64(), told["importCount"]["ignored"].as_u64()), (Some(1), Some(2)), "{ending} {told}");
            let (_, told) = post(&kit, OFFICER, "/api/dataValueSets", &body).await;
            assert_eq!(told["updated"].as_u64(), Some(1));
        }
        let (_, told) = post(&kit, OFFICER, "/api/dataValueSets?importStrategy=DELETE", &figures(&[("10.5b", "", "2")])).await;
        assert_eq!(told["importCount"]["deleted"].as_u64(), Some(1));
        assert!(counts::are_true(kit.db()).await.expect("counted anew"));
    }

    async fn figures_in_csv_are_taken_as_programs_and_as_vietnamese_spreadsheets_write_them(builder: KitBuilder) {
        let kit = started(builder).await;
        let unit = commune();
        let money = element("10.6kp");
        let for_people = format!("\u{feff}dataElement;period;orgUnit;value;comment\r\n{money};nd09q-2026-4;{unit};306105,5;\"a;b, c\"\r\n");
        let (status, told) = send(&kit, OFFICER, "/api/dataValueSets", "application/csv", for_people).await;
        assert_eq!((status, told["importCount"]["imported"].as_u64()), (200, Some(1)), "{told}");
        let out = kit.get(OFFICER, &format!("/api/dataValueSets.csv?dataSet=diem-ho-tro&period=nd09q-2026-4&orgUnit={unit}")).await;
        assert!(out.text.starts_with("dataelement,period,") && out.text.contains(",306105.5"), "{}", out.text);
        assert_eq!(out.text.lines().count(), out.text.matches("\r\n").count(), "{}", out.text);
        let (_, again) = send(&kit, OFFICER, "/api/dataValueSets", "text/csv", out.text.clone()).await;
        assert_eq!(again["importCount"]["ignored"].as_u64(), Some(1), "{again}");
        // What stood beside the number is a note on the cell, by the program that sent it, once however often it comes.
        assert!(out.text.contains(",\"a;b, c\""), "{}", out.text);
        let about = kit.get(OFFICER, "/bao-cao/diem-ho-tro/nd09q-2026-4/01969.2025/chinh-thuc/o/10.6kp").await;
        assert_eq!(about.text.matches("a;b, c").count(), 1, "{}", about.text);
        assert!(about.text.contains("Mai · ") && about.text.contains(" · ghi chú"), "{}", about.text);
        // A point of a Vietnamese spreadsheet may divide thousands: it is told as it stands, and nothing is written.
        let pointed = format!("dataElement;period;orgUnit;value;comment\r\n{money};nd09q-2026-4;{unit};306.5;\r\n");
        let (_, told) = send(&kit, OFFICER, "/api/dataValueSets", "text/csv", pointed).await;
        assert_eq!((told["importCount"]["ignored"].as_u64(), &told["conflicts"][0]["errorCode"]), (Some(1), &json!("E7619")), "{told}");
        assert!(told["conflicts"][0]["value"].as_str().is_some_and(|words| words.contains("306.5")), "{told}");
        let out = kit.get(OFFICER, &format!("/api/dataValueSets.csv?dataSet=diem-ho-tro&period=nd09q-2026-4&orgUnit={unit}")).await;
        assert!(out.text.contains(",306105.5"), "{}", out.text);
    }

    async fn a_parameter_that_is_not_understood_is_told_by_its_name(builder: KitBuilder) {
        let kit = started(builder).await;
        for (address, words) in [
            ("/api/dataValueSets?dataSet=diem-ho-tro&period=nd09q-2026-4&orgUnit=khong-co", "“khong-co” ở tham số “orgUnit”"),
            ("/api/dataValueSets?dataSet=khong-co&period=nd09q-2026-4", "“khong-co” ở tham số “dataSet”"),
            ("/api/dataValueSets?dataSet=diem-ho-tro&orgUnit=01969.2025", "period"),
            ("/api/analytics?dimension=dx:10.6&dimension=ou:khong-co&dimension=pe:nd09q-2026-4", "“khong-co” ở tham số “ou”"),
            ("/sdmx/data/diem-ho-tro?startPeriod=2026-Q9", "“2026-Q9” ở tham số “startPeriod”"),
        ] {
            let (status, told) = get(&kit, OFFICER, address).await;
            assert_eq!(status, 409, "{address}: {told}");
            assert!(told["message"].as_str().is_some_and(|message| message.contains(words)), "{address}: {told}");
        }
    }

    async fn what_cannot_be_taken_is_told_figure_by_figure_and_the_rest_is_written(builder: KitBuilder) {
        let kit = started(builder).await;
        let mut body = figures(&[("10.6", "", "198"), ("10.6", "", "12 người"), ("khong-co", "", "1"), ("10.6", "AAAAAAAAAAA", "1"), ("10.5b", "", "99999999999999999")]);
        let more = [
            json!({ "dataElement": "10.3a", "period": "2026Q4", "orgUnit": "01969.2025", "value": "1" }),
            json!({ "dataElement": "10.3a", "period": "nd09q-2027-4", "orgUnit": "01969.2025", "value": "1" }),
            json!({ "dataElement": "10.3a", "period": "nd09q-2026-4", "orgUnit": "99999.2025", "value": "1" }),
            json!({ "dataElement": "10.3a", "period": "nd09q-2026-4", "orgUnit": "01969.2025", "value": "6" }),
        ];
        body["dataValues"].as_array_mut().expect("values").extend(more);
        let (status, told) = post(&kit, OFFICER, "/api/dataValueSets", &body).await;
        assert_eq!((status, &told["status"]), (200, &json!("WARNING")), "{told}");
        assert_eq!(told["importCount"], json!({ "imported": 2, "updated": 0, "ignored": 7, "deleted": 0 }));
        assert_eq!(told["response"]["rejectedIndexes"], json!([1, 2, 3, 4, 5, 6, 7]));
        let codes: Vec<&str> = told["conflicts"].as_array().expect("conflicts").iter().filter_map(|one| one["errorCode"].as_str()).collect();
        assert_eq!(codes, ["E7619", "E7610", "E7613", "E7619", "E7611", "E7641", "E7612"]);
        assert!(told["conflicts"][0]["value"].as_str().expect("words").contains("12 người"));
        // All or nothing.
        let (status, told) = post(&kit, OFFICER, "/api/dataValueSets?atomic=true", &figures(&[("10.6", "", "7"), ("khong-co", "", "1")])).await;
        assert_eq!((status, told["importCount"]["ignored"].as_u64()), (409, Some(2)), "{told}");
        let (_, value) = get(&kit, OFFICER, &format!("/api/dataValues?de={}&pe=nd09q-2026-4&ou={}", element("10.6"), commune())).await;
        assert_eq!(value, json!(["198"]));
        // Not readable at all.
        assert_eq!(send(&kit, OFFICER, "/api/dataValueSets", "application/json", "{".to_owned()).await.0, 400);
        assert_eq!(send(&kit, OFFICER, "/api/dataValueSets", "application/adx+xml", "<!DOCTYPE a><adx/>".to_owned()).await.0, 400);
    }

    async fn a_report_that_was_signed_takes_no_figures_and_is_handed_in_by_those_who_may(builder: KitBuilder) {
        let kit = started(builder).await;
        typed(&kit, &officer(&kit), &which(COMMUNE), vec![edit("10.5b", 0, 2), edit("10.6", 0, 198), edit("10.3a", 0, 6), edit("10.6kp", 0, 306_105_000)]).await;
        let registration = json!({ "completeDataSetRegistrations": [{
            "dataSet": uid(Kind::Dataset, "diem-ho-tro"), "period": "nd09q-2026-4", "organisationUnit": commune(),
            "completed": true, "comment": "Đã kiểm tra số liệu",
        }] });
        let (status, told) = post(&kit, OFFICER, "/api/completeDataSetRegistrations", &registration).await;
        assert_eq!(status, 409, "an officer does not sign: {told}");
        let (status, told) = post(&kit, LEADER, "/api/completeDataSetRegistrations", &registration).await;
        assert_eq!((status, &told["status"]), (200, &json!("OK")), "{told}");
        let (_, again) = post(&kit, LEADER, "/api/completeDataSetRegistrations", &registration).await;
        assert_eq!(again["status"], json!("OK"));
        let (_, all) = get(&kit, PROVINCE, &format!("/api/completeDataSetRegistrations?dataSet=diem-ho-tro&period=nd09q-2026-4&orgUnit={}&children=true", uid(Kind::Unit, "19.2025"))).await;
        assert_eq!(all["completeDataSetRegistrations"].as_array().map(Vec::len), Some(1), "{all}");
        let (status, told) = post(&kit, OFFICER, "/api/dataValueSets", &figures(&[("10.6", "", "7")])).await;
        assert_eq!((status, &told["conflicts"][0]["errorCode"]), (409, &json!("E8030")), "{told}");
    }

    async fn sums_are_there_as_soon_as_a_figure_is(builder: KitBuilder) {
        let kit = started(builder).await;
        post(&kit, OFFICER, "/api/dataValueSets", &figures(&[("10.6", "", "198")])).await;
        let neighbour = "Lan|commune_officer|/vn/19.2025/01942.2025/";
        let other = json!({ "dataValues": [{ "dataElement": element("10.6"), "period": "nd09q-2026-4", "orgUnit": uid(Kind::Unit, "01942.2025"), "value": "2" }] });
        post(&kit, neighbour, "/api/dataValueSets", &other).await;
        let province = uid(Kind::Unit, "19.2025");
        let dx = element("10.6");
        let set = uid(Kind::Dataset, "diem-ho-tro");
        let (status, told) = get(&kit, PROVINCE, &format!("/api/analytics.json?dimension=dx:{dx};{set}.EXPECTED_REPORTS&dimension=pe:THIS_QUARTER&dimension=ou:{province}")).await;
        assert_eq!(status, 200, "{told}");
        assert_eq!(told["rows"][0], json!([dx, "nd09q-2026-4", province, "200"]));
        assert!(told["rows"][1][3].as_str().and_then(|text| text.parse::<i64>().ok()).expect("a count") > 90);
        assert_eq!(told["headers"][3]["name"], json!("value"));
        let (_, told) = get(&kit, PROVINCE, &format!("/api/analytics?dimension=dx:{dx}&dimension=ou:LEVEL-3&filter=pe:nd09q-2026-4")).await;
        assert_eq!(told["height"].as_u64(), Some(2), "{told}");
        let (_, told) = get(&kit, OFFICER, &format!("/api/analytics?dimension=dx:{dx}&dimension=ou:USER_ORGUNIT&dimension=pe:LAST_4_QUARTERS;THIS_QUARTER")).await;
        assert_eq!(told["rows"], json!([[dx, commune(), "nd09q-2026-4", "198"]]), "{told}");
        let (status, _) = get(&kit, OFFICER, &format!("/api/analytics?dimension=dx:{dx}&dimension=ou:{province}&dimension=pe:THIS_QUARTER")).await;
        assert_eq!(status, 403, "the sum of the province is not the commune's to see");
        let (status, _) = get(&kit, OFFICER, "/api/analytics?dimension=dx:AAAAAAAAAAA&dimension=ou:USER_ORGUNIT&dimension=pe:THIS_QUARTER").await;
        assert_eq!(status, 409);
    }

    async fn sums_for_other_systems_keep_the_roll_up_laws_of_our_own_pages(builder: KitBuilder) {
        let kit = started(builder).await;
        let (first, second) = ("01969.2025", "01942.2025");
        let (one, two) = ("/vn/19.2025/01969.2025/", "/vn/19.2025/01942.2025/");
        put(&kit, &[
            // Counts add up; 10.6 and of it women in two quarters.
            (first, one, "nd09q-2026-3", "10.6", 100), (first, one, "nd09q-2026-3", "10.6:gt=nu", 10),
            (first, one, "nd09q-2026-4", "10.6", 100), (first, one, "nd09q-2026-4", "10.6:gt=nu", 30),
            (second, two, "nd09q-2026-4", "10.6", 300), (second, two, "nd09q-2026-4", "10.6:gt=nu", 240),
            // A stock: what stood at the end of each quarter.
            (first, one, "nd09q-2026-3", "10.5b", 4), (first, one, "nd09q-2026-4", "10.5b", 5),
            (second, two, "nd09q-2026-4", "10.5b", 7),
            // People reached, told by two communes: nobody knows who is in both.
            (first, one, "nd09q-2026-4", "bm09.nguoi", 50), (second, two, "nd09q-2026-4", "bm09.nguoi", 60),
        ]).await;
        let province = uid(Kind::Unit, "19.2025");
        let told = async |dx: &str, rest: &str| {
            let (status, told) = get(&kit, PROVINCE, &format!("/api/analytics?dimension=dx:{dx}&{rest}")).await;
            assert_eq!(status, 200, "{dx} {rest}: {told}");
            told["rows"].as_array().and_then(|rows| rows.first()?.as_array()?.last()?.as_str().map(str::to_owned))
        };
        let both = "filter=pe:nd09q-2026-3;nd09q-2026-4";
        let last = "dimension=pe:nd09q-2026-4";
        let here = format!("dimension=ou:{province}");
        let communes = format!("filter=ou:{};{}", uid(Kind::Unit, first), uid(Kind::Unit, second));
        for (dx, rest, wanted) in [
            ("10.6", format!("{here}&{last}"), Some("400")),
            ("10.6", format!("{here}&{both}"), Some("500")),
            ("10.5b", format!("{here}&{last}"), Some("12")),
            // Not 16: the last quarter's stock.
            ("10.5b", format!("{here}&{both}"), Some("12")),
            ("10.5b", format!("{communes}&{both}"), Some("12")),
            ("bm09.nguoi", format!("{here}&{last}"), None),
            ("bm09.nguoi", format!("{communes}&{last}"), None),
            ("bm09.nguoi", format!("dimension=ou:{}&{last}", uid(Kind::Unit, first)), Some("50")),
            // 270 of 400, not the mean of 30 % and 80 %.
            ("TD-nu", format!("{here}&{last}"), Some("67.5")),
            ("TD-nu", format!("{communes}&{last}"), Some("67.5")),
            // 280 of 500.
            ("TD-nu", format!("{here}&{both}"), Some("56")),
        ] {
            assert_eq!(told(dx, &rest).await.as_deref(), wanted, "{dx} {rest}");
        }
        // The same as the analysis pages say, for every one of them.
        let caller = testkit::caller("Lan", "province_officer", "/vn/19.2025/");
        for dx in ["10.6", "10.6:gt=nu", "10.5b", "bm09.nguoi", "*TD-nu"] {
            let question = reporting::model::analysis::Question {
                dx: vec![reporting::model::analysis::Dx::parse(dx).expect("known")],
                periods: vec![reporting::model::Period::parse("nd09q-2026-4").expect("a quarter")],
                area: areas::AreaId::parse("19.2025").expect("an id"),
                by: areas::AreaLevel::Province,
                frame: None,
                life: reporting::model::Life::Final,
                approved_only: false,
            };
            let answer = reporting::actions::analysis::ask::ask(&kit.app, &caller, &question).await.expect("answered");
            let ours = answer.at(0, 0, 0).and_then(|shown| shown.number).and_then(reporting::model::formula::Rational::as_decimal);
            let name = match dx.split_once(':') {
                Some((code, coords)) => format!("{}.{}", element(code), combo_uid(&Coords::parse(coords).expect("coords"))),
                None => dx.trim_start_matches('*').to_owned(),
            };
            assert_eq!(told(&name, &format!("{here}&{last}")).await, ours, "{dx}");
        }
        // A total that is no sum is not published as one either.
        let open = kit.get("", "/sdmx/data/bm-09/all").await;
        assert_eq!(open.status, 200);
        assert!(!open.text.contains("value=\"110\""), "{}", open.text);
    }

    async fn programs_are_told_where_a_report_stands_and_that_units_change_by_decree(builder: KitBuilder) {
        let kit = started(builder).await;
        let officer = officer(&kit);
        typed(&kit, &officer, &which(COMMUNE), vec![edit("10.5b", 0, 2), edit("10.6", 0, 198), edit("10.3a", 0, 6), edit("10.6kp", 0, 306_105_000)]).await;
        let set = uid(Kind::Dataset, "diem-ho-tro");
        let address = format!("/api/dataApprovals?ds={set}&pe=nd09q-2026-4&ou={}", commune());
        let state = async |who: &str| get(&kit, who, &address).await;
        assert_eq!(state(OFFICER).await.1["state"], json!("UNAPPROVED_WAITING"));
        let id = which(COMMUNE).id();
        step(&kit, &leader(&kit), &id, Step::Certify, 1).await;
        step(&kit, &officer, &id, Step::Submit, 1).await;
        let (_, told) = state(PROVINCE).await;
        assert_eq!((&told["state"], &told["mayAccept"]), (&json!("UNAPPROVED_READY"), &json!(true)), "{told}");
        assert_eq!(state(OFFICER).await.1["mayAccept"], json!(false));
        step(&kit, &province(&kit), &id, Step::Accept, 1).await;
        step(&kit, &province_leader(&kit), &id, Step::Approve, 1).await;
        assert_eq!(state(OFFICER).await.1["state"], json!("APPROVED_HERE"));
        assert_eq!(state(ELSEWHERE).await.0, 403);
        assert_eq!(get(&kit, "", &address).await.0, 401);
        let above = format!("/api/dataApprovals?ds={set}&pe=nd09q-2026-4&ou={}", uid(Kind::Unit, "19.2025"));
        assert_eq!(get(&kit, PROVINCE, &above).await.1["state"], json!("UNAPPROVABLE"), "provinces do not report it");
        assert_eq!(get(&kit, PROVINCE, "/api/dataApprovals?pe=x").await.0, 409);
        for step in ["merge", "split"] {
            let (status, told) = post(&kit, PROVINCE, &format!("/api/organisationUnits/{step}"), &json!({ "sources": [commune()] })).await;
            assert_eq!(status, 409, "{told}");
        }
    }

    async fn whoever_does_not_sign_in_gets_only_approved_totals_of_the_country(builder: KitBuilder) {
        let kit = started(builder).await;
        let officer = officer(&kit);
        typed(&kit, &officer, &which(COMMUNE), vec![edit("10.5b", 0, 2), edit("10.6", 0, 198), edit("10.6:gt=nu", 0, 90), edit("10.3a", 0, 6), edit("10.6kp", 0, 306_105_000)]).await;
        let before = kit.get("", "/sdmx/data/diem-ho-tro/all").await;
        assert!(before.status == 200 && !before.text.contains("gen:Series"), "{}", before.text);
        let seen = kit.get(OFFICER, "/sdmx/data/diem-ho-tro/all").await;
        assert!(seen.text.contains("value=\"198\"") && seen.text.contains("value=\"90\""), "{}", seen.text);
        let id = which(COMMUNE).id();
        step(&kit, &leader(&kit), &id, Step::Certify, 1).await;
        step(&kit, &officer, &id, Step::Submit, 1).await;
        step(&kit, &province(&kit), &id, Step::Accept, 1).await;
        step(&kit, &province_leader(&kit), &id, Step::Approve, 1).await;
        let after = kit.get("", "/sdmx/data/diem-ho-tro/all").await.text;
        assert!(after.contains("value=\"198\"") && after.contains("value=\"vn\""), "{after}");
        assert!(!after.contains("value=\"90\""), "no divisions: {after}");
        assert!(!after.contains("<gen:ObsValue value=\"2\"/>"), "no small totals: {after}");
        assert!(!after.contains("01969"), "no smaller areas: {after}");
        let structure = kit.get("", "/sdmx/dataflow/NHIPCAU/diem-ho-tro/latest?references=all").await;
        assert!(structure.status == 200 && structure.text.contains("TimeDimension"));
        assert_eq!(kit.get("", "/sdmx/data/khong-co/all").await.status, 404);
        assert_eq!(kit.get("", "/sdmx/data/diem-ho-tro/a.b").await.status, 404);
    }

    async fn a_program_signs_in_with_its_name_and_password_and_is_known_for_a_while(builder: KitBuilder) {
        let kit = started(builder.resolving(identity::resolve_caller)).await;
        crate::foreign::account(&kit, "canbo", "commune_officer", crate::cast::PLACE).await;
        let ask = |pair: &str| {
            let basic = format!("Basic {}", STANDARD.encode(pair));
            Request::builder().uri("/api/me").header(header::AUTHORIZATION, basic).body(Body::empty()).expect("a request")
        };
        let (status, me) = read(&kit, ask("canbo:con duong qua deo da noi hai bo")).await;
        assert_eq!((status, &me["organisationUnits"][0]["id"]), (200, &json!(commune())), "{me}");
        assert_eq!(read(&kit, ask("canbo:sai")).await.0, 401);
        assert_eq!(read(&kit, ask("khongco:con duong qua deo da noi hai bo")).await.0, 401);
        let sessions = || async {
            kit.db().view(async |tx: &mut kernel::db::Tx| {
                let counted: i64 = tx.one(kernel::sql!("select count(*) as value from identity_sessions"), &[]).await?;
                Ok(counted)
            }).await.expect("counted")
        };
        let before = sessions().await;
        for _ in 0..20 {
            assert_eq!(read(&kit, ask("canbo:con duong qua deo da noi hai bo")).await.0, 200);
        }
        assert_eq!(sessions().await, before, "twenty requests are no twenty sign-ins");
        let writes = Request::builder().method(Method::POST).uri("/api/dataValueSets")
            .header(header::AUTHORIZATION, format!("Basic {}", STANDARD.encode("canbo:con duong qua deo da noi hai bo")))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(figures(&[("10.6", "", "5")]).to_string())).expect("a request");
        assert_eq!(read(&kit, writes).await.0, 200);
    }
}
