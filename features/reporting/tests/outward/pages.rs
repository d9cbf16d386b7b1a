//! The pages: how one is told, browsers, what left; addresses that are somebody's own.

use kernel::axum::{
    body::Body,
    http::{Method, Request, header},
};
use reporting::Reply;
use tower::ServiceExt;

use super::{DAY_MS, HOUR_MS, Out};
use crate::cast::PLACE;

/// The example of RFC 8291, section 5, at a push service of ours.
fn offered(endpoint: &str) -> String {
    serde_json::json!({
        "endpoint": endpoint,
        "expirationTime": null,
        "keys": {
            "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            "auth": "BTBZMqHH6r4Tts7J_aSIgg",
        },
    })
    .to_string()
}

async fn subscribe(out: &Out, account: &str, endpoint: &str) -> u16 {
    let request = Request::builder()
        .method(Method::POST)
        .uri("/bao-cao/nhac/trinh-duyet")
        .header(header::HOST, "test")
        .header(header::COOKIE, format!("phien={account}"))
        .header(header::CONTENT_TYPE, "application/json")
        .header("x-csrf", out.kit.csrf(account))
        .body(Body::from(offered(endpoint)))
        .expect("a request");
    out.kit.site().oneshot(request).await.expect("an answer").status().as_u16()
}

/// A page's text; slashes are escaped in it.
fn read(text: &str) -> String {
    text.replace("&#x2f;", "/")
}

testkit::on_both_engines! {
    async fn a_browser_is_told_how_much_is_owed_and_no_more(builder: KitBuilder) {
        let out = Out::start(builder).await;
        let mai = out.person("mai", "commune_officer", PLACE).await;
        for bad in ["https://evil.example/x", "http://push.example/x", "https://127.0.0.1/x", "https://push.example:22/x"] {
            assert_eq!(subscribe(&out, &mai, bad).await, 422, "{bad}");
        }
        assert_eq!(subscribe(&out, &mai, "https://push.example/send/1").await, 200);
        assert_eq!(subscribe(&out, &mai, "https://push.example/send/1").await, 200);
        let page = out.kit.get(&mai, "/bao-cao/nhac").await;
        assert!(page.text.contains("đã đăng ký 1 trình duyệt"), "{}", page.text);
        reporting::begin_reminders(&out.kit.app).await.expect("queued");
        out.after(17 * DAY_MS + 19 * HOUR_MS).await;
        let told = out.push.brought();
        assert_eq!(told.len(), 1, "one browser is told once");
        assert!(told[0].payload.contains("hạn gần nhất 16/12/2026"), "{}", told[0].payload);
        assert!(!told[0].payload.contains("Phủ Thông"), "no place, no name, no figure: {}", told[0].payload);
        // The push service says that the browser is gone.
        out.push.will_say(vec![Reply::Gone("410".to_owned())]);
        out.after(5 * DAY_MS).await;
        assert_eq!(out.push.brought().len(), 2);
        let page = out.kit.get(&mai, "/bao-cao/nhac").await;
        assert!(page.text.contains("Chưa có trình duyệt nào"), "{}", page.text);
        out.after(2 * DAY_MS).await;
        assert_eq!(out.push.brought().len(), 2, "nothing goes where nobody is");
    }

    async fn an_address_is_taken_with_its_code_and_shown_to_nobody_else(builder: KitBuilder) {
        let out = Out::start(builder).await;
        let mai = out.person("mai", "commune_officer", PLACE).await;
        let ask = async |address: &str| out.kit.post(&mai, "/tai-khoan/thu", &[("address", address)]).await.status;
        for bad in ["", "mai", "mai@xa.vn\r\nBcc: all@xa.vn", "Mai <mai@xa.vn>"] {
            assert_eq!(ask(bad).await, 422, "{bad:?}");
        }
        assert_eq!(ask("mai@xa.gov.vn").await, 303);
        out.kit.settle().await;
        let letter = out.post.brought().pop().expect("a letter");
        let code: String = letter.text.chars().filter(char::is_ascii_digit).take(8).collect();
        let confirm = async |code: &str| out.kit.post(&mai, "/tai-khoan/thu/xac-nhan", &[("ma", code)]).await.status;
        let wrong = if code == "00000000" { "00000001" } else { "00000000" };
        for _ in 0..5 {
            assert_eq!(confirm(wrong).await, 422);
        }
        assert_eq!(confirm(&code).await, 422, "after five wrong codes the right one is worth nothing");
        assert_eq!(ask("mai@xa.gov.vn").await, 303);
        out.kit.settle().await;
        let letter = out.post.brought().pop().expect("a letter");
        let code: String = letter.text.chars().filter(char::is_ascii_digit).take(8).collect();
        assert_eq!(confirm(&code).await, 303);
        let page = out.kit.get(&mai, "/tai-khoan/thu").await;
        assert!(page.text.contains("ma…@xa.gov.vn") && !page.text.contains("mai@xa.gov.vn"));
        let kept: Vec<String> = out
            .kit
            .db()
            .view(async |tx| {
                let system = kernel::caller::Caller::system(tx.now());
                let all = reporting::actions::outward::list(tx, &system, "", 100, 0).await?.0;
                Ok(all.into_iter().map(|one| format!("{}{}{}{}", one.recipient, one.subject, one.body, one.answer)).collect())
            })
            .await
            .expect("the outbox is read");
        assert!(kept.iter().all(|one| !one.contains('@') && !one.contains(&code)), "{kept:?}");
        for _ in 0..3 {
            assert_eq!(ask("khac@xa.gov.vn").await, 303);
        }
        assert_eq!(ask("khac@xa.gov.vn").await, 422, "five codes a day");
        assert_eq!(out.kit.post(&mai, "/tai-khoan/thu/bo", &[]).await.status, 303);
        let gone = out.kit.db().view(async |tx| identity::address_of(tx, &mai).await).await.expect("read");
        assert_eq!(gone, None);
    }

    async fn what_was_refused_is_shown_to_an_administrator_and_sent_again(builder: KitBuilder) {
        let out = Out::start(builder).await;
        out.reader("mai", "commune_officer", PLACE).await;
        let admin = out.person("quantri", "administrator", "/").await;
        let other = out.person("quantri.tinh", "administrator", "/vn/19.2025/").await;
        let before = out.post.brought().len();
        out.post.will_say(vec![Reply::Never("552 hộp thư đầy".to_owned())]);
        reporting::begin_reminders(&out.kit.app).await.expect("queued");
        out.after(17 * DAY_MS + 19 * HOUR_MS).await;
        assert_eq!(out.kit.get(&other, "/bao-cao/gui-di").await.status, 403);
        let page = out.kit.get(&admin, "/bao-cao/gui-di?loc=refused").await;
        assert!(page.status == 200 && page.text.contains("552 hộp thư đầy"), "{}", page.text);
        let again = read(&page.text);
        let again = again.split("/bao-cao/gui-di/").find_map(|rest| rest.split_once("/gui-lai")).map(|(id, _)| id.to_owned());
        let again = format!("/bao-cao/gui-di/{}/gui-lai", again.expect("a button"));
        assert_eq!(out.kit.post(&other, &again, &[]).await.status, 403);
        assert_eq!(out.kit.post(&admin, &again, &[]).await.status, 303);
        out.kit.settle().await;
        assert_eq!(out.letters(before).len(), 2);
        assert_eq!(out.kit.post(&admin, &again, &[]).await.status, 404, "what has left is not sent again");
    }
}
