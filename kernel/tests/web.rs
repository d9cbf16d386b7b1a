//! Forms come from our own pages, problems have words, preferences need no script.

use kernel::{
    axum::{Router, body::Body, http::Method, routing},
    locale::Lang,
    module::Module,
    problem::{KERNEL_PROBLEMS, SIGN_IN_NEEDED},
    web::{Answer, Posted, Visit},
};
use testkit::{KitBuilder, TestEngine, form};

async fn save(visit: Visit, Posted { fields }: Posted) -> Answer {
    if visit.caller.who().is_none() {
        return Err((&SIGN_IN_NEEDED).into());
    }
    visit.done(&format!("/xem/{}", fields.line("title")), "kernel-save")
}

async fn boom() -> Answer {
    panic!("a handler with a bug")
}

fn module() -> Module {
    Module {
        routes: || {
            Router::new().route("/luu", routing::post(save)).route("/no", routing::get(boom))
        },
        ..Module::new("test")
    }
}

async fn kit() -> testkit::Kit {
    KitBuilder::on(TestEngine::Sqlite).with([module()]).start().await
}

const MAI: &str = "Mai|editor|/vn/";

#[test]
fn a_form_from_another_site_is_refused() {
    testkit::run(async {
        let kit = kit().await;
        let kind = Some("application/x-www-form-urlencoded");
        let body = || Body::from(form(&[("title", "x")]));
        assert_eq!(kit.send(MAI, Method::POST, "/luu", kind, body()).await.status, 403);
        let wrong = Body::from(form(&[("csrf", &kit.csrf("somebody|else|/")), ("title", "x")]));
        assert_eq!(kit.send(MAI, Method::POST, "/luu", kind, wrong).await.status, 403);
        let page = kit.post(MAI, "/luu", &[("title", "x")]).await;
        assert_eq!((page.status, page.location()), (303, "/xem/x"));
    });
}

#[test]
fn line_breaks_in_a_field_cannot_forge_headers() {
    testkit::run(async {
        let kit = kit().await;
        let page = kit.post(MAI, "/luu", &[("title", "x\r\nset-cookie: evil=1")]).await;
        assert_eq!(page.status, 303);
        assert!(
            page.headers
                .get_all("set-cookie")
                .iter()
                .all(|cookie| !cookie.as_bytes().starts_with(b"evil"))
        );
    });
}

#[test]
fn what_was_typed_is_kept_when_the_session_has_ended() {
    testkit::run(async {
        let kit = kit().await;
        let long = "Bà con ta <b>chú ý</b> ".repeat(200);
        let typed = [("title", long.as_str()), ("theme", "cdcs"), ("password", "qua cau")];
        let page = kit.post("ended", "/luu", &typed).await;
        assert_eq!(page.status, 401);
        assert!(page.text.contains("giu.title"), "the text goes on to the sign-in form");
        assert!(page.text.contains("Bà con ta &lt;b&gt;"), "and is shown, escaped");
        assert!(page.text.contains("giu.theme"), "what was chosen goes on, too");
        assert!(!page.text.contains(">cdcs<") && !page.text.contains(">qua cau<"), "{}", page.text);
    });
}

#[test]
fn problems_have_words_in_every_language() {
    testkit::run(async {
        let kit = kit().await;
        for kind in KERNEL_PROBLEMS {
            for lang in Lang::ALL {
                for key in [format!("problem-{}", kind.code), format!("problem-{}.next", kind.code)]
                {
                    assert!(kit.app.words.knows(lang, &key), "{} lacks {key}", lang.tag());
                }
            }
        }
    });
}

#[test]
fn a_missing_page_a_wrong_method_and_a_bug_are_told_calmly() {
    testkit::run(async {
        let kit = kit().await;
        for (method, path, status, words) in [
            (Method::GET, "/khong-co", 404, "Không tìm thấy trang này"),
            (Method::DELETE, "/luu", 405, "không nhận thao tác"),
            (Method::GET, "/no", 500, "sự cố"),
            (Method::GET, "/tinh/%FF/x", 400, "Không đọc được"),
        ] {
            let page = kit.send("", method, path, None, Body::empty()).await;
            assert_eq!(page.status, status, "{path}");
            assert!(page.text.contains(words), "{path}: {}", page.text);
            assert!(page.headers.contains_key("content-security-policy"), "{path}");
        }
        let json = kit.get("", "/api/v1/nothing").await;
        assert_eq!(json.headers["content-type"], "application/problem+json");
    });
}

#[test]
fn preferences_live_in_cookies_and_lead_back_only_to_our_own_pages() {
    testkit::run(async {
        let kit = kit().await;
        let page = kit.get("", "/tuy-chon?co=lon&ve=/dia-ban%3Fq%3Dx").await;
        assert_eq!((page.status, page.location()), (303, "/dia-ban?q=x"));
        assert!(page.headers["set-cookie"].to_str().expect("text").starts_with("co=lon"));
        for evil in ["//evil.example", "https://evil.example", "/%5Cevil.example"] {
            let page = kit.get("", &format!("/tuy-chon?ve={evil}")).await;
            assert_eq!(page.location(), "/", "{evil}");
        }
    });
}

#[test]
fn a_page_tells_its_script_whose_drafts_are_whose_and_nothing_of_the_account() {
    testkit::run(async {
        let kit = kit().await;
        let mark = async |session: &str| {
            let page = kit.get(session, "/khong-co").await;
            let mark = page.text.split(" data-account=\"").nth(1)?.split('"').next()?;
            Some(mark.to_owned())
        };
        let mai = mark(MAI).await.expect("a mark");
        assert_eq!(mark(MAI).await.as_ref(), Some(&mai), "the same on every page");
        assert_ne!(mark("Bình|editor|/vn/").await.expect("a mark"), mai);
        assert_eq!(mark("").await, None, "nobody has none");
        assert!(mai.len() == 16 && mai.bytes().all(|byte| byte.is_ascii_hexdigit()), "{mai}");
    });
}
