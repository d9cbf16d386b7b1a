//! Forms: who may send them, and what becomes of them when the session is over.

use identity::role;
use kernel::axum::{body::Body, http::Method};
use testkit::form;

use crate::{PASSWORD, account, browser::Browser, start};

testkit::on_both_engines! {
    async fn a_form_that_outlives_its_session_is_sent_whole_after_signing_in(builder: KitBuilder) {
        let kit = start(builder).await;
        account(&kit, "chi", role::ADMINISTRATOR, "/").await;
        let mut chi = Browser::new(&kit);
        chi.sign_in("chi").await;
        chi.get("/quan-tri/tai-khoan/moi").await;
        kit.clock.advance(30 * 60_000);
        let typed = "Hoàng Thị \"Mai\" <tổ trưởng> & Sùng A Dế";
        let fields = [("username", "mai.ht"), ("name", typed), ("place", "/"), ("role", "editor")];
        let stopped = chi.post("/quan-tri/tai-khoan/moi", &fields).await;
        assert_eq!(stopped.status, 401);
        let kept = stopped.hidden();
        assert!(kept.contains(&("giu.name".to_owned(), typed.to_owned())), "{kept:?}");
        // A wrong password first: nothing is lost.
        let wrong = post_hidden(&mut chi, &kept, "sai mất rồi nhé").await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.hidden().contains(&("giu.name".to_owned(), typed.to_owned())));
        let back = post_hidden(&mut chi, &wrong.hidden(), PASSWORD).await;
        assert_eq!(back.status, 200, "{}", back.text);
        assert!(back.text.contains("action=\"/quan-tri/tai-khoan/moi\""));
        let again = back.hidden();
        let fields: Vec<_> = again.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let csrf = fields.iter().position(|(name, _)| *name == "csrf").expect("a token");
        let body = Body::from(form(&[&fields[csrf..], &fields[..csrf]].concat()));
        let done = chi.send(Method::POST, "/quan-tri/tai-khoan/moi", &[], body).await;
        assert_eq!(done.status, 200, "{}", done.text);
        let list = chi.get("/quan-tri/tai-khoan?q=sung+a+de").await;
        assert!(list.text.contains("Sùng A Dế"), "{}", list.text);
    }

    async fn forms_without_our_token_or_from_elsewhere_are_refused(builder: KitBuilder) {
        let kit = start(builder).await;
        account(&kit, "chi", role::ADMINISTRATOR, "/").await;
        let mut chi = Browser::new(&kit);
        chi.sign_in("chi").await;
        let page = chi.get("/quan-tri/tai-khoan/moi").await;
        let csrf = page.hidden().into_iter().find(|(name, _)| name == "csrf").expect("a token").1;
        let stranger = Browser::new(&kit).get("/dang-nhap").await;
        let foreign = stranger.hidden().into_iter().find(|(name, _)| name == "csrf").expect("a token").1;
        let posts = ["/dang-nhap", "/dang-xuat", "/lan-dau", "/tai-khoan/mat-khau", "/tai-khoan/phien/x/dong",
            "/tai-khoan/phien/dong-het", "/quan-tri/tai-khoan/moi", "/quan-tri/tai-khoan/x/vai-tro",
            "/quan-tri/tai-khoan/x/vai-tro/x/thu-hoi", "/quan-tri/tai-khoan/x/tam-khoa",
            "/quan-tri/tai-khoan/x/mo-khoa", "/quan-tri/tai-khoan/x/mat-khau"];
        for path in posts {
            for body in [String::new(), form(&[("csrf", "")]), form(&[("csrf", &foreign)])] {
                let seen = chi.send(Method::POST, path, &[], Body::from(body)).await;
                assert_eq!(seen.status, 403, "{path}");
                assert!(seen.text.contains("stale-form"), "{path}");
            }
            let body = form(&[("csrf", &csrf)]);
            for header in [("origin", "https://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site")] {
                let seen = chi.send(Method::POST, path, &[header], Body::from(body.clone())).await;
                assert_eq!(seen.status, 403, "{path} {header:?}");
            }
        }
        assert!(chi.session().is_some(), "nobody was signed out by another site");
    }

    async fn signing_in_never_leads_to_another_site(builder: KitBuilder) {
        let kit = start(builder).await;
        account(&kit, "mai", role::EDITOR, "/").await;
        for to in ["https://evil.example/", "//evil.example/", "/\\evil.example", "/x\r\nset-cookie: a=b", "/dang-xuat"] {
            let mut mai = Browser::new(&kit);
            let query = form(&[("tiep", to)]);
            let page = mai.get(&format!("/dang-nhap?{query}")).await;
            let next = page.hidden().into_iter().find(|(name, _)| name == "tiep").expect("a field").1;
            assert_eq!(next, "", "{to:?}");
            let fields = [("username", "mai"), ("password", PASSWORD), ("tiep", to)];
            let seen = mai.post("/dang-nhap", &fields).await;
            assert_eq!((seen.status, seen.location()), (303, "/"), "{to:?}");
            let mut kept = Browser::new(&kit);
            kept.get("/dang-nhap").await;
            let fields = [("username", "mai"), ("password", PASSWORD), ("tiep", to), ("giu.a", "b")];
            assert_eq!(kept.post("/dang-nhap", &fields).await.location(), "/", "{to:?}");
        }
        let mut mai = Browser::new(&kit);
        let page = mai.get("/dang-nhap?tiep=%2Ftai-khoan%3Fa%3Db").await;
        let next = page.hidden().into_iter().find(|(name, _)| name == "tiep").expect("a field").1;
        let fields = [("username", "mai"), ("password", PASSWORD), ("tiep", next.as_str())];
        assert_eq!(mai.post("/dang-nhap", &fields).await.location(), "/tai-khoan?a=b");
        assert_eq!(mai.get("/dang-nhap?tiep=//evil.example").await.location(), "/");
    }
}

async fn post_hidden(
    browser: &mut Browser<'_>,
    hidden: &[(String, String)],
    password: &str,
) -> crate::browser::Seen {
    // The page holds other small forms too; of the sign-in form these matter.
    let kept = hidden.iter().filter(|(name, _)| name.starts_with("giu.") || name == "tiep");
    let mut fields: Vec<(&str, &str)> =
        kept.map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.extend([("username", "chi"), ("password", password)]);
    browser.post("/dang-nhap", &fields).await
}
