//! What is typed by people who mean harm, or by a cat on the keyboard.

use areas::{Query, reference};
use kernel::axum::{body::Body, http::Method};

fn escaped(text: &str) -> String {
    let hex = kernel::chance::hex(text.as_bytes());
    (0..hex.len()).step_by(2).flat_map(|at| ["%", &hex[at..at + 2]]).collect()
}

testkit::on_both_engines! {
    async fn hostile_questions_get_a_calm_answer(builder: KitBuilder) {
        let kit = builder.with([areas::module()]).start().await;
        reference::load_only(kit.db(), &["04"]).await.expect("the province loads");
        let questions = [
            "'; drop table areas_units; --", "\" or 1=1", "%' escape '\\", "%%%%", "____", "cao%", "<script>alert(1)</script>",
            "a\r\nSet-Cookie: x=y", "a\0b", "🐈🐈🐈", "\u{202e}gnab oac", "\u{10ffff}", "{{ 7*7 }}", "${jndi:ldap}", "$1", "?",
            "ꪎꪳ ꪼꪕ", "ខ្មែរ", "   ", "", "-", "a", "\u{301}\u{301}\u{301}",
        ];
        for question in questions {
            for path in [format!("/dia-ban?q={}", escaped(question)), format!("/api/v1/areas?q={}", escaped(question))] {
                let page = kit.get("", &path).await;
                assert_eq!(page.status, 200, "{question:?}: {}", page.text);
                assert!(!page.text.contains("<script>alert"), "{question:?}");
                assert!(page.headers.get("set-cookie").is_none_or(|line| !line.to_str().unwrap_or("").contains("x=y")));
            }
        }
        for path in ["/dia-ban", "/api/v1/areas"] {
            let long = kit.get("", &format!("{path}?q={}", "a".repeat(10_000))).await;
            assert_eq!(long.status, 422, "{path}");
            let broken = kit.get("", &format!("{path}?q=%FF%FE&q=%zz")).await;
            assert!(broken.status == 400 || broken.status == 200, "{path}: {}", broken.status);
        }
        for id in ["..%2F..%2Fetc%2Fpasswd", "%00", "vn%27", "a%0d%0ab", "04.2024%20", &"9".repeat(5000)] {
            assert_eq!(kit.get("", &format!("/dia-ban/{id}")).await.status, 404, "{id}");
        }
        let still = kit.get("", "/api/v1/areas?q=cao+bang").await;
        assert!(still.text.contains("Cao Bằng"));
    }

    async fn a_form_from_elsewhere_changes_nothing(builder: KitBuilder) {
        let kit = builder.with([areas::module()]).start().await;
        reference::load_only(kit.db(), &["04"]).await.expect("the province loads");
        let admin = "A|administrator|/";
        let form = "application/x-www-form-urlencoded";
        let kind = Some(form);
        let body = Body::from("csrf=guessed&kind=thon&name=A");
        let page = kit.send(admin, Method::POST, "/dia-ban/01273.2025/thon", kind, body).await;
        assert_eq!(page.status, 403);
        let query = Query { level: Some(areas::AreaLevel::Village), ..Query::new("A") };
        let found = kit.db().view(async |tx| Ok(areas::search(tx, &query).await?)).await.expect("searched");
        assert_eq!(found, []);
    }
}
