//! Homes, lists, articles, documents and search, with real places and real publications.

use kernel::clock::Day;
use publishing::{Document, Draft};

use crate::cast::{COMMUNE, draft, evidence, html, hub, links, point, publish, withdraw};

fn document() -> Draft {
    Draft {
        kind: "legal_document".to_owned(),
        document: Document {
            number: "330/QĐ-UBDT".to_owned(),
            authority: "Ủy ban Dân tộc".to_owned(),
            issued: Day::new(2023, 5, 12),
            effective: Day::new(2023, 5, 12),
            subject: "Phê duyệt Đề án chuyển đổi số".to_owned(),
        },
        ..draft("Đề án chuyển đổi số", "cdcs")
    }
}

testkit::on_both_engines! {
    async fn an_empty_node_has_a_calm_home_and_lists(builder: KitBuilder) {
        let kit = point(builder).await;
        for path in ["/", "/tin", "/van-ban", "/tim-kiem", "/tim-kiem?q=khong+co", "/kiot", "/kiot/muc/moi", "/tv", "/so-do-trang", "/ve", "/tro-nang"] {
            let page = kit.get("", path).await;
            assert_eq!(page.status, 200, "{path}: {}", page.text);
        }
        let home = kit.get("", "/").await;
        assert!(home.text.contains("Xã Phủ Thông"), "the home is the commune's own");
        assert!(html(&home).contains("Vi Hương"), "former names are told: {}", home.text);
    }

    async fn what_is_published_stands_on_every_way_to_it(builder: KitBuilder) {
        let kit = point(builder).await;
        let id = publish(&kit, draft("Hỗ trợ nước sinh hoạt", "thien"), &["vi", "tyz"]).await;
        let address = format!("/tin/ho-tro-nuoc-sinh-hoat-{id}");
        for path in ["/", "/tin", "/tin?chu-de=thien", "/tin?q=nuoc+sinh", "/tin?tieng=tyz", "/tim-kiem?q=n%C6%B0%E1%BB%9Bc",
            &format!("/khu-vuc/{COMMUNE}"), "/khu-vuc/19.2025", &format!("/tin?dia-ban={COMMUNE}")] {
            let page = kit.get("", path).await;
            assert!(html(&page).contains(&address), "{path} leads there: {}", page.text);
        }
        for path in ["/tin?chu-de=yte", "/tin?q=khac+hoan+toan", "/tin?tieng=km", "/van-ban"] {
            let page = kit.get("", path).await;
            assert!(page.status == 200 && !html(&page).contains(&address), "{path} does not");
        }
        let article = kit.get("", &address).await;
        let text = html(&article);
        for part in ["<b>Tóm tắt: Hỗ trợ nước sinh hoạt</b>", "Mặt trận", "20/05/2023", "https://example.vn/a?b=1&c=2",
            "<audio", "Nghe tiếng Việt", "Bà Lan", "?tieng=tyz", "rel=\"canonical\""] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains("<form class=\"form\""), "an article holds no form");
        let spoken = kit.get("", &format!("{address}?tieng=tyz")).await;
        assert!(spoken.text.contains("Nghe tiếng Tày"), "{}", spoken.text);
        let sound = links(&article, "src").into_iter().find(|src| src.starts_with("/tep/")).expect("a recording");
        assert_eq!(kit.get("", &sound).await.status, 200);
        let other_words = kit.get("", &format!("/tin/chu-khac-{id}")).await;
        assert_eq!(other_words.status, 200, "the words of an address do not matter");
        assert!(html(&other_words).contains(&format!("rel=\"canonical\" href=\"{address}\"")));
    }

    async fn what_is_withdrawn_or_past_its_time_is_gone_everywhere(builder: KitBuilder) {
        let kit = hub(builder).await;
        let withdrawn = publish(&kit, draft("Tin sẽ gỡ", "yte"), &[]).await;
        let today = kit.app.now().day();
        let short = Draft { expires: Some(today.plus_days(2)), ..draft("Tin ngắn hạn", "yte") };
        let expiring = publish(&kit, short, &[]).await;
        assert_eq!(kit.get("", &format!("/tin/x-{withdrawn}")).await.status, 200);
        assert_eq!(kit.get("", &format!("/tin/x-{expiring}")).await.status, 200);
        withdraw(&kit, &withdrawn).await;
        kit.clock.advance(3 * 24 * 3600 * 1000);
        for id in [&withdrawn, &expiring] {
            for path in [format!("/tin/x-{id}"), format!("/tin/{id}/xac-nhan"), format!("/kiot/nghe/{id}"), format!("/kiot/xac-nhan/{id}")] {
                assert_eq!(kit.get("", &path).await.status, 404, "{path}");
            }
        }
        for path in ["/", "/tin", "/tim-kiem?q=tin", "/rss.xml", "/kiot", "/kiot/muc/suc-khoe", "/tv"] {
            let page = kit.get("", path).await;
            assert!(!page.text.contains("Tin sẽ gỡ") && !page.text.contains("Tin ngắn hạn"), "{path}");
        }
    }

    async fn a_document_is_found_by_its_number_in_any_spelling(builder: KitBuilder) {
        let kit = hub(builder).await;
        let id = publish(&kit, document(), &[]).await;
        let address = format!("/van-ban/de-an-chuyen-doi-so-{id}");
        for q in ["330/QĐ-UBDT", "330/QD-UBDT", "330/qd-ubdt", "330", "330 qd", "chuyen doi so"] {
            let q = testkit::form(&[("q", q)]);
            for path in [format!("/van-ban?{q}"), format!("/tim-kiem?{q}")] {
                assert!(html(&kit.get("", &path).await).contains(&address), "{path}");
            }
        }
        let list = html(&kit.get("", "/van-ban").await);
        for part in ["330/QĐ-UBDT", "Ủy ban Dân tộc", "12/05/2023", "Phê duyệt Đề án chuyển đổi số"] {
            assert!(list.contains(part), "{part}");
        }
        let page = html(&kit.get("", &address).await);
        for part in ["Thuộc tính văn bản", "Trích yếu", "Ngày có hiệu lực", "Cơ quan ban hành"] {
            assert!(page.contains(part), "{part}");
        }
        let elsewhere = kit.get("", &format!("/tin/x-{id}")).await;
        assert_eq!((elsewhere.status, elsewhere.location()), (303, address.as_str()));
    }

    async fn an_alert_stands_above_everything_and_only_once(builder: KitBuilder) {
        let kit = hub(builder).await;
        let alert = Draft { kind: "alert".to_owned(), is_urgent: true, ..draft("Cảnh báo lũ quét mức 3", "thien") };
        publish(&kit, alert, &["vi"]).await;
        publish(&kit, draft("Tin thường", "yte"), &[]).await;
        let home = kit.get("", "/").await;
        assert!(home.text.contains("class=\"alert\""), "{}", home.text);
        assert_eq!(home.text.matches("Cảnh báo lũ quét mức 3").count(), 2, "title and summary of the banner");
        let kiosk = kit.get("", "/kiot").await;
        assert!(kiosk.text.contains("Cảnh báo lũ quét mức 3"));
    }

    async fn the_most_read_are_counted_without_a_visitor_and_written_once_a_minute(builder: KitBuilder) {
        let kit = hub(builder).await;
        let dull = publish(&kit, draft("Tin ít đọc", "yte"), &[]).await;
        let loved = publish(&kit, draft("Tin đọc nhiều", "yte"), &[]).await;
        let generation = kit.db().wake().generation();
        kit.get("", &format!("/tin/x-{dull}")).await;
        for _ in 0..3 {
            kit.clock.advance(6_000);
            assert_eq!(kit.get("", &format!("/tin/x-{loved}")).await.status, 200);
        }
        assert_eq!(kit.db().wake().generation(), generation, "reading writes nothing yet");
        assert!(!kit.get("", "/").await.text.contains("Đọc nhiều"));
        kit.clock.advance(60_000);
        kit.get("", &format!("/tin/y-{loved}")).await;
        let home = kit.get("", "/").await.text;
        let box_text = home.split("Đọc nhiều").nth(1).expect("the box is there");
        let (first, second) = (box_text.find("Tin đọc nhiều"), box_text.find("Tin ít đọc"));
        assert!(first.is_some() && first < second, "most read first: {box_text}");
        kit.clock.advance(20 * 24 * 3600 * 1000);
        assert!(!kit.get("", "/").await.text.contains("Đọc nhiều"), "forgotten after two weeks");
    }

    async fn a_phone_confirms_once_without_a_name(builder: KitBuilder) {
        let kit = point(builder).await;
        let id = publish(&kit, draft("Lịch tiêm chủng", "yte"), &["vi"]).await;
        let path = format!("/tin/{id}/xac-nhan");
        let ask = kit.get("", &path).await;
        assert!(ask.status == 200 && html(&ask).contains(&format!("action=\"{path}\"")), "{}", ask.text);
        assert!(evidence(&kit, &id).await.is_empty(), "looking at the question is no evidence");
        for _ in 0..3 {
            let sent = kit.post("", &path, &[]).await;
            assert_eq!((sent.status, sent.location()), (303, format!("/tin/lich-tiem-chung-{id}").as_str()));
            kit.clock.advance(60_000);
        }
        assert_eq!(evidence(&kit, &id).await, ["3:3", "3:5"], "phone: opened and confirmed, once");
    }

    async fn areas_stand_beside_what_is_found(builder: KitBuilder) {
        let kit = hub(builder).await;
        let found = html(&kit.get("", "/tim-kiem?q=vi+huong").await);
        assert!(found.contains("Vi Hương") && found.contains(&format!("/dia-ban/{COMMUNE}")), "{found}");
        let former = kit.get("", "/khu-vuc/01990.2024").await;
        assert_eq!((former.status, former.location()), (303, "/dia-ban/01990.2024"), "a former unit has its own page");
    }

    async fn the_feed_holds_what_is_new(builder: KitBuilder) {
        let kit = hub(builder).await;
        let id = publish(&kit, draft("Tin & <lạ>", "yte"), &[]).await;
        let feed = kit.get("", "/rss.xml").await;
        assert!(feed.headers["content-type"].to_str().expect("text").starts_with("application/rss+xml"));
        assert!(feed.text.contains("<title>Tin &amp; &lt;lạ&gt;</title>"), "{}", feed.text);
        assert!(feed.text.contains(&format!("<link>http://test/tin/tin-la-{id}</link>")), "{}", feed.text);
        let robots = kit.get("", "/robots.txt").await;
        assert!(robots.status == 200 && robots.text.starts_with("User-agent: *"));
    }
}
