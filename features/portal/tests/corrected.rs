//! An item is corrected after people heard it: nobody is told the old figures as if they were today's,
//! and nobody is counted for a text that they did not hear.

use publishing::{Draft, PublicationId};
use testkit::{Kit, Page};

use crate::cast::{correct, draft, evidence, html, hub, links, point, publish};

/// The same item, told with this much fertiliser.
fn ration(kilos: u32) -> Draft {
    let body = format!("Mỗi hộ được nhận {kilos} kg phân bón.");
    Draft { body, languages: tags(&["vi", "tyz"]), ..draft("Nhận phân bón", "khcn") }
}

fn tags(tags: &[&str]) -> Vec<String> {
    tags.iter().map(|tag| (*tag).to_owned()).collect()
}

fn recordings(page: &Page) -> Vec<String> {
    links(page, "src").into_iter().filter(|src| src.starts_with("/tep/")).collect()
}

fn way_to_confirm(page: &Page) -> String {
    let found = links(page, "href").into_iter().find(|href| href.starts_with("/kiot/xac-nhan/"));
    found.expect("a way to confirm")
}

async fn item(kit: &Kit, id: &PublicationId, language: &str) -> Page {
    let page = kit.get("", &format!("/kiot/nghe/{id}?tieng={language}")).await;
    assert_eq!(page.status, 200, "{}", page.text);
    page
}

testkit::on_both_engines! {
    async fn a_recording_of_the_text_before_is_not_played_at_the_kiosk(builder: KitBuilder) {
        let kit = point(builder).await;
        let id = publish(&kit, ration(5), &["vi"]).await;
        assert_eq!(recordings(&item(&kit, &id, "vi").await).len(), 1);
        correct(&kit, &id, ration(7), &[]).await;
        let page = item(&kit, &id, "vi").await;
        assert!(page.text.contains("7 kg") && recordings(&page).is_empty(), "{}", page.text);
        assert!(html(&page).contains("hoi-can-bo.ogg"), "it is said where to ask: {}", page.text);
        for words in ["Hỏi cán bộ trực điểm", "Đã đọc xong", "Đọc xong, bấm"] {
            assert!(page.text.contains(words), "{words}: {}", page.text);
        }
        assert!(!page.text.contains("Nghe lại") && !page.text.contains("Đã nghe xong"), "{}", page.text);
        let list = kit.get("", "/kiot/muc/moi").await;
        assert!(list.text.contains("chỉ có chữ"), "{}", list.text);
        // A phone's reader can read the line that tells of it, and decide.
        let article = kit.get("", &format!("/tin/x-{id}")).await;
        assert!(article.text.contains("Âm thanh đọc theo bản trước") && recordings(&article).len() == 1);
    }

    async fn what_was_read_is_confirmed_as_read_however_long_the_old_recording_is(builder: KitBuilder) {
        let kit = point(builder).await;
        let id = publish(&kit, ration(5), &["vi"]).await;
        correct(&kit, &id, ration(7), &[]).await;
        let page = item(&kit, &id, "vi").await;
        let href = way_to_confirm(&page);
        let confirmation = kit.get("", &href).await;
        assert!(confirmation.text.contains("Đọc lại") && !confirmation.text.contains("Nghe lại"));
        kit.clock.advance(60_000);
        let proof = href.split("mo=").nth(1).expect("a proof");
        let fields = [("cach", "hieu"), ("ban", "2"), ("mo", proof)];
        let done = kit.post("", &format!("/kiot/xac-nhan/{id}"), &fields).await;
        assert_eq!((done.status, done.location()), (303, "/kiot/cam-on"), "{}", done.text);
        assert_eq!(evidence(&kit, &id).await, ["2:3", "2:5"], "opened and confirmed, not heard to the end");
    }

    async fn another_language_that_was_recorded_anew_is_played_instead(builder: KitBuilder) {
        let kit = point(builder).await;
        let id = publish(&kit, ration(5), &["vi", "tyz"]).await;
        assert!(item(&kit, &id, "tyz").await.text.contains("Nghe tiếng Tày"));
        correct(&kit, &id, ration(7), &["vi"]).await;
        let page = item(&kit, &id, "tyz").await;
        assert_eq!(recordings(&page).len(), 1);
        assert!(page.text.contains("Nghe tiếng Việt") && page.text.contains("mới có tiếng Việt"), "{}", page.text);
    }

    async fn who_listened_to_the_text_before_hears_it_anew_before_it_counts(builder: KitBuilder) {
        let kit = point(builder).await;
        let id = publish(&kit, ration(5), &["vi"]).await;
        let href = way_to_confirm(&item(&kit, &id, "vi").await);
        assert_eq!(kit.get("", &href).await.status, 200);
        correct(&kit, &id, ration(7), &["vi"]).await;
        let anew = format!("/kiot/nghe/{id}");
        let asked = kit.get("", &href).await;
        assert_eq!((asked.status, asked.location()), (303, anew.as_str()));
        let proof = href.split("mo=").nth(1).expect("a proof");
        let fields = [("cach", "hieu"), ("ban", "1"), ("mo", proof)];
        let sent = kit.post("", &format!("/kiot/xac-nhan/{id}"), &fields).await;
        assert_eq!((sent.status, sent.location()), (303, anew.as_str()));
        assert_eq!(evidence(&kit, &id).await, ["2:3"], "opened once, and nothing more");
        // What they hear now they can confirm.
        let href = way_to_confirm(&kit.get("", &anew).await);
        assert_eq!(kit.get("", &href).await.status, 200);
    }

    async fn an_article_says_when_it_appeared_and_when_it_was_corrected(builder: KitBuilder) {
        let kit = hub(builder).await;
        let first = kit.app.now().day().short();
        let id = publish(&kit, ration(5), &[]).await;
        let address = format!("/tin/x-{id}");
        assert!(!kit.get("", &address).await.text.contains("ính chính"));
        kit.clock.advance(3 * 24 * 3_600_000);
        let then = kit.app.now().day().short();
        correct(&kit, &id, ration(7), &[]).await;
        let page = html(&kit.get("", &address).await);
        assert!(page.contains(&format!("Đăng {first}, đính chính {then}")), "{page}");
    }
}
