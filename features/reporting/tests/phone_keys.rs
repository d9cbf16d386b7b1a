//! Keys of phones: made once, read from a QR code, good for sending and for nothing else, ended by their maker, by a
//! changed password, by a closed account; guessing makes one wait.

use identity::actions::{reopen, reset_password, suspend};
use kernel::{
    axum::http::{Method, header},
    caller::Caller,
};
use serde_json::{Value, json};
use testkit::{Kit, KitBuilder};

use crate::{
    cast::{PLACE, started},
    foreign::account,
    openrosa::{REPORT, ask, get, instance, submit_to},
};

const PASSWORD: &str = "con duong qua deo da noi hai bo";
const PAGE: &str = "/bao-cao/tu-dien-thoai";

async fn begun(builder: KitBuilder) -> Kit {
    let kit = started(builder.resolving(identity::resolve_caller)).await;
    account(&kit, "canbo", "commune_officer", PLACE).await;
    account(&kit, "lan", "commune_officer", "/vn/19.2025/01942.2025/").await;
    account(&kit, "bientap", "editor", PLACE).await;
    kit
}

/// A session of our own pages.
async fn session(kit: &Kit, name: &str) -> String {
    let body = json!({ "email": name, "password": PASSWORD }).to_string().into_bytes();
    let signed = ask(kit, Method::POST, "", "/v1/sessions", "application/json", body).await;
    let told: Value = serde_json::from_str(&signed.text).expect("JSON");
    told["token"].as_str().expect("a session").to_owned()
}

/// Makes a key; gives the address that the phone gets.
async fn key(kit: &Kit, session: &str, name: &str) -> String {
    let made = kit.post(session, &format!("{PAGE}/ma"), &[("ten", name)]).await;
    assert_eq!(made.status, 200, "{}", made.text);
    assert!(made.text.contains("<svg") && made.text.contains("chỉ hiện một lần"), "{}", made.text);
    let text = testkit::html::unescape(&made.text);
    let at = text.find("/v1/key/").expect("the address");
    let address: String = text[at..].chars().take_while(|c| *c != '<').collect();
    assert!(address.ends_with("/projects/1"), "{address}");
    address
}

/// The ids of the keys that a page lists.
fn listed(page: &str) -> Vec<String> {
    let page = testkit::html::unescape(page);
    let before = format!("{PAGE}/ma/");
    let starts = page.split(&before).skip(1);
    starts.filter_map(|rest| rest.split_once("/thu-hoi").map(|(id, _)| id.to_owned())).collect()
}

testkit::on_both_engines! {
    async fn a_phone_with_a_key_fetches_its_forms_and_sends_them_without_a_password(builder: KitBuilder) {
        let kit = begun(builder).await;
        let officer = session(&kit, "canbo").await;
        let base = key(&kit, &officer, "Máy đi bản").await;
        let list = get(&kit, "", &format!("{base}/formList")).await;
        assert_eq!(list.status, 200, "{}", list.text);
        let form = format!("{base}/forms/diem-ho-tro");
        assert!(list.text.contains(&format!("<downloadUrl>http://nhipcau.example{form}.xml</downloadUrl>")), "the phone stays with its key: {}", list.text);
        assert_eq!(get(&kit, "", &format!("{form}.xml")).await.status, 200);
        assert_eq!(get(&kit, "", &form).await.status, 404);
        let manifest = get(&kit, "", &format!("{form}/manifest")).await;
        assert!(manifest.text.contains(&format!("http://nhipcau.example{form}/attachments/baocao.csv")), "{}", manifest.text);
        let reports = get(&kit, "", &format!("{form}/attachments/baocao.csv")).await;
        assert!(reports.text.contains(REPORT) && !reports.text.contains("01942"), "{}", reports.text);
        assert_eq!(ask(&kit, Method::HEAD, "", &format!("{base}/submission"), "", Vec::new()).await.status, 204);
        let answers = "<s_solieu><r_2><c_10.6>198</c_10.6></r_2></s_solieu>";
        let address = format!("{base}/submission");
        let sent = submit_to(&kit, "", &address, &instance("uuid:1", "", REPORT, answers), &[]).await;
        assert_eq!(sent.status, 201, "{}", sent.text);
        let other = REPORT.replace("01969", "01942");
        let refused = submit_to(&kit, "", &address, &instance("uuid:2", "", &other, answers), &[]).await;
        assert_eq!(refused.status, 403, "its maker's area and no other");
        // Nothing but what a phone needs.
        assert_eq!(get(&kit, "", &format!("{form}/submissions")).await.status, 404);
        assert_eq!(get(&kit, "", &base.replace("/projects/1", "/users/current")).await.status, 404);
        assert_eq!(get(&kit, "", &format!("{}/formList", base.replace("/projects/1", "/projects/2"))).await.status, 404);
        let secret = base.split('/').nth(3).expect("the key");
        assert_eq!(get(&kit, secret, "/v1/projects").await.status, 401, "it is no session");
        let page = kit.get(&officer, PAGE).await;
        assert!(page.text.contains("Máy đi bản") && !page.text.contains(secret), "{}", page.text);
        assert!(kit.get(&officer, "/bao-cao").await.text.contains("/bao-cao/tu-dien-thoai#ma"));
    }

    async fn a_key_ends_when_it_is_taken_back_or_its_maker_may_no_more(builder: KitBuilder) {
        let kit = begun(builder).await;
        let officer = session(&kit, "canbo").await;
        let base = key(&kit, &officer, "Máy một").await;
        let second = key(&kit, &officer, "Máy hai").await;
        let status = async |base: &str| get(&kit, "", &format!("{base}/formList")).await.status;
        assert_eq!((status(&base).await, status(&second).await), (200, 200));
        let neighbour = session(&kit, "lan").await;
        let ids = listed(&kit.get(&officer, PAGE).await.text);
        assert_eq!(ids.len(), 2);
        assert!(listed(&kit.get(&neighbour, PAGE).await.text).is_empty());
        let end = async |who: &str, id: &str| kit.post(who, &format!("{PAGE}/ma/{id}/thu-hoi"), &[]).await.status;
        assert_eq!(end(&neighbour, &ids[0]).await, 404, "another's key");
        assert_eq!(end(&officer, "khong-co").await, 404);
        for id in &ids {
            assert_eq!(end(&officer, id).await, 303);
        }
        assert_eq!(end(&officer, &ids[0]).await, 404, "it is ended already");
        let gone = get(&kit, "", &format!("{base}/formList")).await;
        assert_eq!(gone.status, 401, "{}", gone.text);
        assert!(gone.text.contains("OpenRosaResponse") && !gone.headers.contains_key(header::WWW_AUTHENTICATE));
        // A closed account, and a password that was changed.
        let base = key(&kit, &officer, "Máy ba").await;
        let id = kit.db().view(async |tx| identity::account_named(tx, "canbo").await).await.expect("found").expect("an account");
        let id = identity::AccountId::parse(&id).expect("an id");
        let system = Caller::system(kit.app.now());
        suspend(&system, kit.db(), &id).await.expect("closed");
        assert_eq!(status(&base).await, 401);
        reopen(&system, kit.db(), &id).await.expect("open again");
        assert_eq!(status(&base).await, 200);
        kit.clock.advance(1);
        reset_password(&system, kit.db(), &id).await.expect("a new password");
        assert_eq!(status(&base).await, 401, "what the old password opened is closed");
        // A year goes by.
        let other = session(&kit, "lan").await;
        let base = key(&kit, &other, "Máy bốn").await;
        kit.clock.advance(364 * 24 * 3_600_000);
        assert_eq!(status(&base).await, 200);
        kit.clock.advance(2 * 24 * 3_600_000);
        assert_eq!(status(&base).await, 401);
    }

    async fn who_reports_nothing_makes_no_key_and_nobody_makes_many(builder: KitBuilder) {
        let kit = begun(builder).await;
        let editor = session(&kit, "bientap").await;
        assert_eq!(kit.post(&editor, &format!("{PAGE}/ma"), &[("ten", "Máy")]).await.status, 403);
        assert_eq!(kit.post("", &format!("{PAGE}/ma"), &[("ten", "Máy")]).await.status, 401);
        let officer = session(&kit, "canbo").await;
        for name in ["", "   ", &"x".repeat(61)] {
            let page = kit.post(&officer, &format!("{PAGE}/ma"), &[("ten", name)]).await;
            assert_eq!(page.status, 422);
            assert!(page.text.contains("id=\"ten-error\""), "{}", page.text);
        }
        for at in 0..10 {
            key(&kit, &officer, &format!("Máy {at}")).await;
        }
        let more = kit.post(&officer, &format!("{PAGE}/ma"), &[("ten", "Máy nữa")]).await;
        assert_eq!(more.status, 422);
        assert!(more.text.contains("Máy nữa") && more.text.contains("10 mã"), "{}", more.text);
    }

    async fn whoever_guesses_waits_and_a_phone_beside_them_does_not(builder: KitBuilder) {
        let kit = begun(builder).await;
        let officer = session(&kit, "canbo").await;
        let base = key(&kit, &officer, "Máy đi bản").await;
        let mut statuses = Vec::new();
        for at in 0..7_u8 {
            let guess = format!("{at:02x}").repeat(32);
            statuses.push(get(&kit, "", &format!("/v1/key/{guess}/projects/1/formList")).await.status);
        }
        assert_eq!(statuses, [401, 401, 401, 401, 401, 429, 429]);
        assert_eq!(get(&kit, "", &format!("{base}/formList")).await.status, 200, "at the same address");
        kit.clock.advance(2_000);
        let later = get(&kit, "", "/v1/key/sai/projects/1/formList").await;
        assert_eq!(later.status, 401, "{}", later.text);
    }
}
