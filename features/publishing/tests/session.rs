//! What was typed in the editors' room outlives the session of whoever typed it.

use kernel::axum::{
    body::Body,
    http::{Method, Request, header},
};
use testkit::{form, on_both_engines};
use tower::ServiceExt;

use crate::stage::{MAI, begin, draft, phu_thong, stage};

const FORM: Option<&str> = Some("application/x-www-form-urlencoded");

on_both_engines! {
    async fn every_text_is_kept_when_the_session_has_ended(builder: KitBuilder) {
        let kit = stage(builder).await;
        let id = begin(&kit, draft(&phu_thong(&kit).await)).await;
        let words = "Viết cả buổi sáng, <b>không</b> được mất.";
        let forms = [
            ("/bien-tap/moi".to_owned(), "title"),
            (format!("/bien-tap/{id}"), "body"),
            (format!("/bien-tap/{id}/ban-dich/tyz"), "body"),
            (format!("/bien-tap/{id}/tra-lai"), "remark"),
            (format!("/bien-tap/{id}/duyet"), "publish_day"),
            (format!("/bien-tap/{id}/go"), "reason"),
        ];
        for (path, field) in &forms {
            // The session has ended here, and its cookie is still sent; or the cookie has run out, and with it
            // the token of the form.
            let ended = kit.post("ended", path, &[(field, words)]).await;
            let token = kit.csrf(MAI);
            let body = Body::from(form(&[("csrf", &token), (field, words)]));
            let without_cookie = kit.send("", Method::POST, path, FORM, body).await;
            for page in [ended, without_cookie] {
                assert_eq!(page.status, 401, "{path}");
                assert!(page.text.contains(&format!("name=\"giu.{field}\"")), "{path}: {}", page.text);
                assert!(page.text.contains("Viết cả buổi sáng, &lt;b&gt;không"), "{path}");
                assert!(page.text.contains("giữ ở bên dưới"), "{path}");
                let to = page.text.replace("&#x2f;", "/");
                assert!(to.contains(&format!("name=\"tiep\" value=\"{path}\"")), "{path}: {to}");
            }
        }
    }

    async fn what_another_site_sent_is_not_offered_for_sending(builder: KitBuilder) {
        let kit = stage(builder).await;
        let id = begin(&kit, draft(&phu_thong(&kit).await)).await;
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("/bien-tap/{id}/go"))
            .header(header::HOST, "test")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "cross-site")
            .body(Body::from(form(&[("reason", "Do trang khác gửi")])))
            .expect("a request");
        let response = kit.site().oneshot(request).await.expect("an answer");
        assert_eq!(response.status().as_u16(), 401);
        let body = kernel::axum::body::to_bytes(response.into_body(), usize::MAX).await;
        let page = String::from_utf8_lossy(&body.expect("a body")).into_owned();
        assert!(!page.contains("Do trang khác gửi") && !page.contains("giữ ở bên dưới"), "{page}");
    }
}
