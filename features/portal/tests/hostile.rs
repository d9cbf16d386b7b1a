//! What strangers send and what editors mistype: shown as text, refused calmly, never obeyed.

use publishing::{Document, Draft};

use crate::cast::{draft, html, hub, publish};

const HOSTILE: &str = "\"><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7*7 }}";

testkit::on_both_engines! {
    async fn nothing_that_was_typed_runs(builder: KitBuilder) {
        let kit = hub(builder).await;
        let news = Draft {
            title: HOSTILE.to_owned(),
            summary: HOSTILE.to_owned(),
            body: format!("{HOSTILE}\n\n[a](javascript:alert(3))"),
            ..draft("x", "yte")
        };
        let document = Draft {
            kind: "legal_document".to_owned(),
            document: Document { number: HOSTILE.to_owned(), subject: HOSTILE.to_owned(), authority: HOSTILE.to_owned(), ..Document::default() },
            ..news.clone()
        };
        let document = Draft { document: Document { issued: kernel::clock::Day::new(2023, 5, 12), ..document.document.clone() }, ..document };
        let news = publish(&kit, news, &[]).await;
        let document = publish(&kit, document, &[]).await;
        for path in ["/", "/tin", "/van-ban", "/tim-kiem?q=alert", "/rss.xml", "/kiot", "/kiot/muc/suc-khoe", "/tv",
            &format!("/tin/x-{news}"), &format!("/van-ban/x-{document}"), &format!("/tin/{news}/xac-nhan"),
            &format!("/kiot/nghe/{news}"), &format!("/kiot/xac-nhan/{news}")] {
            let page = kit.get("", path).await;
            assert_eq!(page.status, 200, "{path}");
            for live in ["<script>alert", "<img src=x", "href=\"javascript:"] {
                assert!(!page.text.contains(live), "{path}: {live}");
            }
            let shown = html(&page);
            assert!(shown.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && shown.contains("{{"), "{path}: {shown}");
        }
    }

    async fn addresses_that_mean_nothing_are_not_found(builder: KitBuilder) {
        let kit = hub(builder).await;
        for path in ["/tin/khong-co", "/tin/0190af0190af0190af0190af0190af01", "/tin/%00", "/tin/..%2f..%2fetc", "/van-ban/x-y",
            "/tin/khong-co/xac-nhan", "/kiot/nghe/x", "/kiot/nghe/%3Cscript%3E", "/kiot/xac-nhan/0", "/khu-vuc/khong-co",
            "/khu-vuc/'%20or%201=1", "/tin?dia-ban=khong-co", "/kiot?dia-ban=zz"] {
            let page = kit.get("", path).await;
            assert_eq!(page.status, 404, "{path}: {}", page.text);
            assert!(!page.text.contains("<script>"), "{path}");
        }
    }

    async fn queries_of_every_kind_are_answered_calmly(builder: KitBuilder) {
        let kit = hub(builder).await;
        publish(&kit, draft("Tin thường", "yte"), &[]).await;
        let long = "a".repeat(5_000);
        for q in [HOSTILE, "%", "_", "'; drop table portal_reads; --", "\r\nSet-Cookie: a=b", &long, "\u{202e}", "//////", "ễ ộ ằ", "\0"] {
            let query = testkit::form(&[("q", q), ("chu-de", q), ("trang", q), ("tieng", q)]);
            for path in ["/tin", "/van-ban", "/tim-kiem", "/kiot", "/tv", "/kiot/muc/moi", "/kiot/cam-on"] {
                let page = kit.get("", &format!("{path}?{query}")).await;
                assert_eq!(page.status, 200, "{path} {q}: {}", page.text);
                assert!(!page.text.contains("<script>alert"), "{path} {q}");
                assert!(!page.headers.contains_key("a"), "{path} {q}");
            }
        }
        let far = kit.get("", "/tin?trang=9999").await;
        assert_eq!(far.status, 200);
    }
}
