//! Hostile words in every field: stored as they are, shown as text, never run.

use publishing::{Document, Draft, Source};
use testkit::on_both_engines;

use crate::stage::{
    HUNG, MAI, approve, article, begin, draft, phu_thong, plain, stage, submit, titles,
};

const EVIL: &str =
    "<script>alert(1)</script>'\"; drop table publishing_versions; -- {{ 71827*10000 }}";

on_both_engines! {
    async fn injection_in_every_field_stays_text(builder: KitBuilder) {
        let kit = stage(builder).await;
        let area = phu_thong(&kit).await;
        let evil = Draft {
            title: EVIL.to_owned(),
            summary: EVIL.to_owned(),
            body: format!("{EVIL}\n\n[x](javascript:alert(1)) <img src=x onerror=alert(1)>\r\nSet-Cookie: a=b"),
            source: Source { name: EVIL.to_owned(), url: "https://x.vn/\"><script>".to_owned(), date: None },
            document: Document { number: EVIL.to_owned(), authority: EVIL.to_owned(), subject: EVIL.to_owned(), ..Document::default() },
            ..draft(&area)
        };
        let id = begin(&kit, evil).await;
        let returned = format!("/bien-tap/{id}/tra-lai");
        submit(&kit, &id).await;
        assert_eq!(kit.post(HUNG, &returned, &[("remark", EVIL)]).await.status, 303);
        submit(&kit, &id).await;
        approve(&kit, &id).await;
        let article = article(&kit, &id).await.expect("an article");
        assert_eq!(article.text("vi").expect("a text").title, EVIL, "kept as it was typed");
        for address in [format!("/bien-tap/{id}"), format!("/bien-tap/{id}/xem"), "/bien-tap?muc=da-dang".to_owned()] {
            let page = kit.get(HUNG, &address).await;
            assert_eq!(page.status, 200, "{address}");
            for raw in ["<script>", "<img src=x", "href=\"javascript", "718270000"] {
                assert!(!page.text.contains(raw), "{address} holds {raw}");
            }
        }
        assert_eq!(titles(&kit, None, "'; drop table publishing_versions; --").await.len(), 1);
        let list = kit.get(MAI, "/bien-tap?muc=%27--&q=%27%22%3Cscript%3E&trang=999999999").await;
        assert!(list.status == 200 && !list.text.contains("<script>"));
    }

    async fn a_title_typed_in_decomposed_letters_is_the_same_title(builder: KitBuilder) {
        let kit = stage(builder).await;
        let area = phu_thong(&kit).await;
        let nfd = "Hô\u{303} trơ\u{323} nươ\u{301}c\u{0} sa\u{323}ch\r\nX: y";
        let form = [("title", nfd), ("kind", "news"), ("home", area.id.as_str())];
        let begun = kit.post(MAI, "/bien-tap/moi", &form).await;
        assert_eq!(begun.status, 303, "{}", begun.text);
        let page = kit.get(MAI, begun.location()).await;
        assert!(page.text.contains("Hỗ trợ nước sạch X: y"));
    }

    async fn a_refused_form_keeps_what_was_typed(builder: KitBuilder) {
        let kit = stage(builder).await;
        let id = begin(&kit, draft(&phu_thong(&kit).await)).await;
        let long = "chữ ".repeat(100);
        let form = [
            ("revision", "1"), ("kind", "khong-co"), ("title", long.as_str()), ("body", "Không được mất đoạn này"),
            ("expires", "31/02/2027"), ("source_url", "javascript:alert(1)"), ("themes", "' or 1=1"),
        ];
        let page = kit.post(MAI, &format!("/bien-tap/{id}"), &form).await;
        assert_eq!(page.status, 422);
        assert!(page.text.contains("Không được mất đoạn này") && plain(&page).contains("31/02/2027"));
        assert!(page.text.contains("Ngày không đúng"));
        let form = [
            ("revision", "1"), ("kind", "khong-co"), ("title", long.as_str()), ("body", "Không được mất đoạn này"),
            ("source_url", "javascript:alert(1)"), ("themes", "' or 1=1"), ("areas", "../../x"),
        ];
        let page = kit.post(MAI, &format!("/bien-tap/{id}"), &form).await;
        assert_eq!(page.status, 422);
        for words in ["tối đa 220", "Chọn loại nội dung", "Địa chỉ phải bắt đầu", "Không được mất đoạn này"] {
            assert!(page.text.contains(words), "{words}");
        }
    }

    async fn a_form_from_elsewhere_is_refused(builder: KitBuilder) {
        let kit = stage(builder).await;
        let id = begin(&kit, draft(&phu_thong(&kit).await)).await;
        let form = kernel::axum::body::Body::from("csrf=wrong&title=x");
        let kind = Some("application/x-www-form-urlencoded");
        let page = kit.send(MAI, kernel::axum::http::Method::POST, &format!("/bien-tap/{id}/gui"), kind, form).await;
        assert_eq!(page.status, 403);
    }
}
