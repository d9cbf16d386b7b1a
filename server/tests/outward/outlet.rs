//! Approved reports against another system that takes them, puts them off and refuses them.

use std::sync::{Arc, Mutex};

use kernel::axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    routing::post,
};
use nhipcau::{config::Outward, outward::outlet::outlets};
use reporting::{Carry, Parcel, Reply};
use testkit::run;

use super::folder;

type Kept = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

async fn system() -> (String, Kept) {
    let kept = Kept::default();
    let answer = |State(kept): State<Kept>,
                  Path(status): Path<u16>,
                  headers: HeaderMap,
                  body: Bytes| async move {
        kept.lock().expect("nobody panics").push((headers, body));
        let status = StatusCode::from_u16(status).expect("a status");
        (status, r#"{"status":"ERROR","message":"unknown orgUnit"}"#)
    };
    let site = Router::new().route("/in/{status}", post(answer)).with_state(kept.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { kernel::axum::serve(listener, site).await });
    (format!("http://{address}"), kept)
}

fn settings(outlets: &serde_json::Value) -> Outward {
    serde_json::from_value(serde_json::json!({ "outlets": outlets })).expect("settings")
}

fn parcel(outlet: &str) -> Parcel {
    Parcel {
        outlet: outlet.to_owned(),
        key: "0193a5f0".to_owned(),
        kind: "application/json",
        body: br#"{"dataValues":[]}"#.to_vec(),
    }
}

#[test]
fn a_report_is_signed_in_and_named_and_the_answer_is_understood() {
    run(async {
        let (system, kept) = system().await;
        let data = folder("outlets");
        std::fs::write(data.join("token"), "bi-mat\n").expect("written");
        let one = |name: &str, status: u16, format: &str| {
            serde_json::json!({ "name": name, "url": format!("{system}/in/{status}"), "format": format,
                "from": "2026-11-01", "bearer_file": "token" })
        };
        let all = serde_json::json!([
            one("nhan", 200, "nhipcau"),
            one("dhis2", 200, "dhis2"),
            one("sai", 409, "adx"),
            one("ban", 429, "nhipcau"),
            one("khoa", 401, "nhipcau"),
        ]);
        let (named, doors) = outlets(&settings(&all).outlets, &data).expect("settings");
        assert_eq!(named.len(), 5);
        let bring = async |name: &str| doors.carry(&parcel(name)).await;
        assert!(matches!(bring("nhan").await, Reply::Taken(said) if said.starts_with("HTTP 200")));
        assert!(
            matches!(bring("dhis2").await, Reply::Never(said) if said.contains("unknown orgUnit"))
        );
        assert!(matches!(bring("sai").await, Reply::Never(_)));
        assert!(matches!(bring("ban").await, Reply::Later { down: false, .. }));
        assert!(matches!(bring("khoa").await, Reply::Later { down: true, .. }));
        assert!(matches!(bring("khong-co").await, Reply::Later { down: true, .. }));
        let (headers, body) = kept.lock().expect("nobody panics")[0].clone();
        assert_eq!(headers["authorization"], "Bearer bi-mat");
        assert_eq!(headers["idempotency-key"], "\"0193a5f0\"");
        assert_eq!(headers["content-type"], "application/json");
        assert_eq!(body, parcel("nhan").body);
    });
}

#[test]
fn settings_that_cannot_be_right_are_told_with_their_name() {
    let data = folder("outlets-wrong");
    let wrong = |change: serde_json::Value| {
        let mut one = serde_json::json!({ "name": "he-thong", "url": "https://x.example/api", "from": "2026-11-01" });
        for (name, value) in change.as_object().expect("an object") {
            one[name] = value.clone();
        }
        outlets(&settings(&serde_json::json!([one])).outlets, &data).err().unwrap_or_default()
    };
    assert_eq!(wrong(serde_json::json!({})), "");
    assert!(wrong(serde_json::json!({ "url": "http://x.example/api" })).contains("https"));
    assert!(wrong(serde_json::json!({ "from": "hôm nay" })).contains("he-thong"));
    assert!(wrong(serde_json::json!({ "scope": "vn" })).contains("scope"));
    assert!(wrong(serde_json::json!({ "name": "tên có dấu" })).contains("name"));
    assert!(wrong(serde_json::json!({ "bearer_file": "khong-co" })).contains("cannot read"));
    assert!(
        wrong(serde_json::json!({ "user": "a", "bearer_file": "x", "password_file": "y" }))
            .contains("bearer_file")
    );
    let unknown =
        serde_json::json!({ "outlets": [{ "name": "a", "url": "b", "from": "c", "unknown": 1 }] });
    assert!(
        serde_json::from_value::<Outward>(unknown).is_err(),
        "a misspelt setting is not passed over"
    );
}
