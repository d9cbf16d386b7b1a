//! The kiosk: three taps to the newest item in one's language, a card that counts once, evidence that
//! claims no more than happened.

use areas::{AreaId, AreaType, model::village::NewVillage};
use kernel::app::NodeRole;
use publishing::PublicationId;
use reach::model::person::{CONSENT_RECEIPTS, PersonDraft, PersonId};
use testkit::{Kit, Page};

use crate::cast::{COMMUNE, draft, evidence, html, hub, links, point, publish, withdraw};

/// The proof of opening that an item's screen carries on to its confirmation.
fn proof(item: &Page) -> String {
    let href = links(item, "href").into_iter().find(|href| href.contains("/kiot/xac-nhan/"));
    let href = href.expect("a way to confirm");
    href.split("mo=").nth(1).expect("a proof").to_owned()
}

async fn open(kit: &Kit, id: &PublicationId) -> String {
    let item = kit.get("", &format!("/kiot/nghe/{id}")).await;
    assert_eq!(item.status, 200, "{}", item.text);
    proof(&item)
}

async fn confirm(kit: &Kit, id: &PublicationId, way: &str, card: &str, opened: &str) -> Page {
    kit.post("", &format!("/kiot/xac-nhan/{id}"), &[("cach", way), ("card", card), ("mo", opened)])
        .await
}

/// Somebody of the commune who agreed to be noted, with a card.
async fn card_holder(kit: &Kit) -> (PersonId, String) {
    let officer = testkit::caller("Cán bộ", "commune_officer", "/");
    let commune = AreaId::parse(COMMUNE).expect("an id");
    let village = NewVillage {
        commune: commune.clone(),
        kind: Some(AreaType::Thon),
        name: "Nà Pái".to_owned(),
    };
    let village = areas::actions::add_village(kit.db(), NodeRole::Point, &officer, village)
        .await
        .expect("a village");
    let person = PersonDraft {
        name: "Hoàng Văn Páo".to_owned(),
        village: village.to_string(),
        from: "01/01/2025".to_owned(),
        consents: vec![CONSENT_RECEIPTS.to_owned()],
        ..PersonDraft::default()
    };
    let id = reach::actions::add_person(kit.db(), NodeRole::Point, &officer, &commune, &person)
        .await
        .expect("a person");
    let card = reach::actions::issue_card(kit.db(), &officer, &id).await.expect("a card");
    (id, card.code.text())
}

testkit::on_both_engines! {
    async fn the_newest_item_in_ones_language_plays_within_three_taps(builder: KitBuilder) {
        let kit = point(builder).await;
        publish(&kit, draft("Tin cũ có tiếng Tày", "yte"), &["vi", "tyz"]).await;
        publish(&kit, draft("Tin mới chỉ tiếng Việt", "cdcs"), &["vi"]).await;
        let start = kit.get("", "/kiot").await;
        assert!(html(&start).contains("đang ngoại tuyến 3 giờ"), "{}", start.text);
        // First tap: the language.
        let pill = links(&start, "href").into_iter().find(|href| href == "/kiot?tieng=tyz").expect("a pill for Tày");
        let start = kit.get("", &pill).await;
        // Second tap: the newest.
        let tile = links(&start, "href").into_iter().find(|href| href.starts_with("/kiot/nghe/")).expect("the tile");
        let item = kit.get("", &tile).await;
        assert!(item.text.contains("Tin cũ có tiếng Tày"), "newest in Tày: {}", item.text);
        assert!(item.text.contains("Nghe tiếng Tày") && item.text.contains(" autoplay"), "{}", item.text);
        let sound = links(&item, "src").into_iter().find(|src| src.starts_with("/tep/")).expect("a recording");
        assert_eq!(kit.get("", &sound).await.status, 200);
        // In Vietnamese the newest of all, in two.
        let start = kit.get("", "/kiot").await;
        let tile = links(&start, "href").into_iter().find(|href| href.starts_with("/kiot/nghe/")).expect("the tile");
        assert!(kit.get("", &tile).await.text.contains("Tin mới chỉ tiếng Việt"));
    }

    async fn an_address_that_leads_nowhere_leads_back_to_the_start(builder: KitBuilder) {
        let kit = point(builder).await;
        let lost = kit.get("", "/kiot/loi-tat/cu?tieng=tyz").await;
        assert_eq!(lost.status, 404);
        assert!(lost.text.contains("Máy chưa làm được việc này"), "{}", lost.text);
        assert!(lost.text.contains(r#"http-equiv="refresh" content="12;url=/kiot?tieng=tyz""#), "{}", lost.text);
    }

    async fn what_is_just_out_stands_in_front_until_it_is_two_days_old(builder: KitBuilder) {
        let kit = point(builder).await;
        publish(&kit, draft("Tin cũ nghe được", "yte"), &["vi"]).await;
        publish(&kit, draft("Tin mới chưa có tiếng", "cdcs"), &[]).await;
        let front = async || {
            let start = kit.get("", "/kiot").await;
            let tile = links(&start, "href").into_iter().find(|href| href.starts_with("/kiot/nghe/"));
            kit.get("", &tile.expect("the tile")).await.text
        };
        assert!(front().await.contains("Tin mới chưa có tiếng"));
        kit.clock.advance(2 * 24 * 3_600_000);
        assert!(front().await.contains("Tin cũ nghe được"));
    }

    async fn the_next_item_is_one_tap_away_and_tiles_hold_their_themes(builder: KitBuilder) {
        let kit = point(builder).await;
        let older = publish(&kit, draft("Cháy rừng mùa khô", "rung"), &["vi"]).await;
        let newer = publish(&kit, draft("Bão số 9", "thien"), &[]).await;
        publish(&kit, draft("Giá hồi, giá quế", "khcn"), &[]).await;
        let list = kit.get("", "/kiot/muc/thien-nhien").await;
        let found: Vec<_> = links(&list, "href").into_iter().filter(|href| href.starts_with("/kiot/nghe/")).collect();
        assert_eq!(found.len(), 2, "{found:?}");
        let item = kit.get("", &found[0]).await;
        assert!(item.text.contains("Bão số 9") && item.text.contains("chưa có âm thanh"));
        let next = format!("/kiot/nghe/{older}?muc=thien-nhien");
        assert!(links(&item, "href").contains(&next), "{:?}", links(&item, "href"));
        assert!(!links(&kit.get("", &next).await, "href").iter().any(|href| href.contains(newer.as_str())));
        assert_eq!(kit.get("", "/kiot/muc/khong-co").await.status, 404);
    }

    async fn a_card_counts_once_and_a_strange_or_revoked_one_stays_at_the_kiosk(builder: KitBuilder) {
        let kit = point(builder).await;
        let id = publish(&kit, draft("Chính sách mới", "cdcs"), &["vi"]).await;
        let (person, card) = card_holder(&kit).await;
        let opened = open(&kit, &id).await;
        for code in ["NC1:000000000000000000000000000000", "không phải thẻ", "", "'; drop table reach_receipts; --"] {
            let refused = confirm(&kit, &id, "the", code, &opened).await;
            assert_eq!(refused.status, 422, "{code}");
            assert!(refused.text.contains("Thẻ này chưa dùng được") && refused.text.contains("the-sai.ogg"), "{}", refused.text);
            assert!(refused.text.contains("data-card-reader") && refused.text.contains("Tôi hiểu rồi"), "the way on stays open");
        }
        for _ in 0..2 {
            let taken = confirm(&kit, &id, "the", &card, &opened).await;
            assert_eq!((taken.status, taken.location()), (303, "/kiot/cam-on"), "{}", taken.text);
        }
        let cards = evidence(&kit, &id).await.into_iter().filter(|one| one.starts_with("1:")).collect::<Vec<_>>();
        assert_eq!(cards, ["1:5"], "one person, one confirmation");
        let officer = testkit::caller("Cán bộ", "commune_officer", "/");
        reach::actions::revoke_card(kit.db(), &officer, &person).await.expect("revoked");
        let refused = confirm(&kit, &id, "the", &card, &opened).await;
        assert!(refused.status == 422 && refused.text.contains("Thẻ này chưa dùng được"));
    }

    async fn a_finger_completes_only_what_had_time_to_play(builder: KitBuilder) {
        let kit = point(builder).await;
        let hasty = publish(&kit, draft("Tin bấm vội", "cdcs"), &["vi"]).await;
        let patient = publish(&kit, draft("Tin nghe hết", "cdcs"), &["vi"]).await;
        let unsure = publish(&kit, draft("Tin khó hiểu", "cdcs"), &["vi"]).await;
        let opened = open(&kit, &hasty).await;
        assert_eq!(confirm(&kit, &hasty, "hieu", "", &opened).await.location(), "/kiot/cam-on");
        let opened = open(&kit, &patient).await;
        kit.clock.advance(5_000);
        assert_eq!(confirm(&kit, &patient, "hieu", "", &opened).await.status, 303);
        let opened = open(&kit, &unsure).await;
        kit.clock.advance(5_000);
        let asks = confirm(&kit, &unsure, "hoi-lai", "", &opened).await;
        assert_eq!(asks.location(), "/kiot/cam-on?cach=hoi-lai");
        assert!(kit.get("", asks.location()).await.text.contains("trưởng thôn"));
        assert_eq!(evidence(&kit, &hasty).await, ["2:3", "2:5"], "opened, confirmed");
        assert_eq!(evidence(&kit, &patient).await, ["2:3", "2:4", "2:5"], "opened, completed, confirmed");
        assert_eq!(evidence(&kit, &unsure).await, ["2:3", "2:4"], "heard, but not understood");
    }

    async fn a_forged_proof_of_listening_proves_nothing(builder: KitBuilder) {
        let kit = point(builder).await;
        let id = publish(&kit, draft("Tin giả mạo", "cdcs"), &["vi"]).await;
        for forged in ["1.abc", "", "0.00000000000000000000000000000000", "x"] {
            assert_eq!(confirm(&kit, &id, "hieu", "", forged).await.status, 303);
            kit.clock.advance(30_000);
        }
        assert!(!evidence(&kit, &id).await.contains(&"2:4".to_owned()), "nothing counts as heard to the end");
        let foreign = kit.send("", kernel::axum::http::Method::POST, &format!("/kiot/xac-nhan/{id}"),
            Some("application/x-www-form-urlencoded"), "cach=hieu".into()).await;
        assert_eq!(foreign.status, 403, "a form from elsewhere");
        assert!(foreign.text.contains("http-equiv=\"refresh\"") && foreign.text.contains("stale-form"), "{}", foreign.text);
        assert!(!foreign.text.contains("<audio"), "a machine that fails does not talk: {}", foreign.text);
    }

    async fn what_stands_on_the_screen_counts_as_shown_once_an_hour(builder: KitBuilder) {
        let kit = point(builder).await;
        let id = publish(&kit, draft("Tin trên màn hình", "cdcs"), &[]).await;
        for path in ["/kiot", "/kiot/muc/moi", "/kiot/muc/chinh-sach", "/tv", "/kiot"] {
            assert_eq!(kit.get("", path).await.status, 200);
            kit.clock.advance(10_000);
        }
        assert_eq!(evidence(&kit, &id).await, ["2:2"]);
        kit.clock.advance(3_600_000);
        kit.get("", "/tv").await;
        assert_eq!(evidence(&kit, &id).await, ["2:2", "2:2"]);
    }

    async fn a_preview_at_the_hub_records_nothing(builder: KitBuilder) {
        let kit = hub(builder).await;
        let id = publish(&kit, draft("Tin xem thử", "cdcs"), &["vi"]).await;
        let start = kit.get("", &format!("/kiot?dia-ban={COMMUNE}")).await;
        assert!(start.text.contains("Điểm hỗ trợ xã Phủ Thông") && start.text.contains("xem thử"), "{}", start.text);
        let item = links(&start, "href").into_iter().find(|href| href.starts_with("/kiot/nghe/")).expect("the tile");
        assert!(item.contains(&format!("dia-ban={COMMUNE}")), "the place travels along: {item}");
        let opened = proof(&kit.get("", &item).await);
        let page = kit.get("", &format!("/kiot/xac-nhan/{id}?mo={opened}")).await;
        assert!(!page.text.contains("<form method=\"post\""), "{}", page.text);
        assert_eq!(confirm(&kit, &id, "hieu", "", &opened).await.location(), format!("/kiot/xac-nhan/{id}"));
        assert!(evidence(&kit, &id).await.is_empty());
    }

    async fn an_item_that_goes_under_a_finger_leads_back_to_the_start(builder: KitBuilder) {
        let kit = point(builder).await;
        let id = publish(&kit, draft("Tin sẽ gỡ", "cdcs"), &["vi"]).await;
        let opened = open(&kit, &id).await;
        withdraw(&kit, &id).await;
        let (item, sent) = (format!("/kiot/nghe/{id}"), format!("/kiot/xac-nhan/{id}"));
        for page in [
            kit.get("", &item).await,
            kit.get("", &format!("{sent}?ban=1&mo={opened}")).await,
            confirm(&kit, &id, "hieu", "", &opened).await,
            confirm(&kit, &id, "the", "NC1:000000000000000000000000000000", &opened).await,
        ] {
            let text = html(&page);
            assert_eq!(page.status, 404, "{text}");
            assert!(text.contains("Tin này không còn nữa") && text.contains("class=\"kiosk\""), "{text}");
            assert!(text.contains("http-equiv=\"refresh\" content=\"12;url=/kiot\""), "by itself: {text}");
            assert!(text.contains("hoi-can-bo.ogg") && text.contains(" autoplay"), "spoken: {text}");
            assert!(links(&page, "href").contains(&"/kiot".to_owned()), "by one button: {text}");
            assert!(!text.contains("portal-not-found"), "{text}");
        }
        let in_tay = kit.get("", &format!("{item}?tieng=tyz&muc=moi")).await;
        assert!(links(&in_tay, "href").contains(&"/kiot?tieng=tyz".to_owned()), "{}", in_tay.text);
        let strange = kit.get("", "/kiot?dia-ban=99999.2025").await;
        assert_eq!(strange.status, 404);
        assert!(html(&strange).contains("content=\"12;url=/kiot\""), "an unknown place is left: {}", strange.text);
    }

    async fn the_sign_of_playing_stands_only_where_something_is_heard(builder: KitBuilder) {
        const PLAY: &str = "M10 4v40l33-20z";
        let kit = point(builder).await;
        publish(&kit, draft("Tin có tiếng", "cdcs"), &["vi"]).await;
        let silent = publish(&kit, draft("Tin chỉ có chữ", "cdcs"), &[]).await;
        let list = kit.get("", "/kiot/muc/moi").await;
        assert_eq!(list.text.matches(PLAY).count(), 1, "{}", list.text);
        assert_eq!(list.text.matches("kiosk-item__end").count(), 2, "{}", list.text);
        let tv = kit.get("", "/tv").await;
        assert!(tv.text.contains("kiosk-item") && !tv.text.contains(PLAY), "nobody presses a television: {}", tv.text);
        let item = kit.get("", &format!("/kiot/nghe/{silent}")).await;
        assert!(item.text.contains("Đọc xong, bấm “Đã đọc xong”"), "{}", item.text);
        assert!(!item.text.contains("Nghe lại") && !item.text.contains("Đã nghe xong"), "{}", item.text);
    }

    async fn spoken_labels_may_be_kept_for_ever(builder: KitBuilder) {
        let kit = hub(builder).await;
        let start = kit.get("", "/kiot").await;
        let labels: Vec<_> = links(&start, "href").into_iter().filter(|href| href.starts_with("/kiot/tieng/")).collect();
        assert_eq!(labels.len(), 6, "every tile speaks: {labels:?}");
        for label in labels {
            let sound = kit.get("", &label).await;
            assert_eq!((sound.status, &sound.bytes[..4]), (200, b"OggS".as_slice()), "{label}");
            assert!(sound.headers["cache-control"].to_str().expect("text").contains("immutable"));
        }
        assert_eq!(kit.get("", "/kiot/tieng/tyz/moi.ogg").await.status, 200, "spoken in Vietnamese until recorded");
        for path in ["/kiot/tieng/vi/khong-co.ogg", "/kiot/tieng/vi/moi", "/kiot/tieng/..%2f..%2f/moi.ogg.ogg"] {
            assert_eq!(kit.get("", path).await.status, 404, "{path}");
        }
    }
}
