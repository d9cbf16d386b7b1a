//! Cards: given out once, confirmed with, lost.

use reach::actions::{self, CARD_REVOKED, CARD_UNKNOWN, NO_CONSENT, PUBLICATION_NOT_FOUND};

use crate::cast::{self, OFFICER, card, confirm, counted, on, person, publish, started, village};

testkit::on_both_engines! {
    async fn a_second_tap_of_the_same_card_counts_once(builder: KitBuilder) {
        let kit = started(builder).await;
        let pao = person(&kit, "Hoàng Văn Páo", &village(&kit, "Nà Cù", Some(180)).await).await;
        publish(&kit, "p1").await;
        let code = card(&kit, &pao).await;
        let first = confirm(&kit, &code, "p1").await.expect("confirmed");
        assert!(!first.already && first.holder.display_initials == "H. V. P." && first.holder.serial == 1);
        kit.clock.advance(5_000);
        assert!(confirm(&kit, &code.to_lowercase(), "p1").await.expect("confirmed again").already);
        assert_eq!(on(&kit, "p1", "prestigious_person", "confirmed").await, 1);
        assert_eq!(on(&kit, "p1", "prestigious_person", "opened").await, 1);
    }

    async fn a_lost_card_is_refused_and_the_new_one_holds(builder: KitBuilder) {
        let kit = started(builder).await;
        let pao = person(&kit, "Hoàng Văn Páo", &village(&kit, "Nà Cù", Some(180)).await).await;
        publish(&kit, "p1").await;
        let old = card(&kit, &pao).await;
        actions::revoke_card(kit.db(), &cast::officer(), &pao).await.expect("revoked");
        assert!(confirm(&kit, &old, "p1").await.expect_err("revoked").is(&CARD_REVOKED));
        let new = card(&kit, &pao).await;
        assert!(confirm(&kit, &old, "p1").await.expect_err("still revoked").is(&CARD_REVOKED));
        confirm(&kit, &new, "p1").await.expect("the new one holds");
        assert!(confirm(&kit, "NC1:000000000000000000000000000000", "p1").await.expect_err("never given out").is(&CARD_UNKNOWN));
        assert!(confirm(&kit, &new, "nothing").await.expect_err("never published").is(&PUBLICATION_NOT_FOUND));
    }

    async fn without_consent_there_is_no_card_and_taking_it_back_ends_the_card(builder: KitBuilder) {
        let kit = started(builder).await;
        let village = village(&kit, "Nà Cù", Some(180)).await;
        let pao = person(&kit, "Hoàng Văn Páo", &village).await;
        publish(&kit, "p1").await;
        let code = card(&kit, &pao).await;
        let silent = reach::model::person::PersonDraft { consents: Vec::new(), ..cast::draft("Hoàng Văn Páo", &village) };
        actions::change_person(kit.db(), cast::HUB, &cast::officer(), &pao, &silent).await.expect("changed");
        assert!(confirm(&kit, &code, "p1").await.expect_err("withdrawn").is(&CARD_REVOKED));
        let failure = actions::issue_card(kit.db(), &cast::officer(), &pao).await.expect_err("no consent");
        assert!(failure.is(&NO_CONSENT));
    }

    async fn the_printed_card_shows_the_name_and_its_picture_does_not(builder: KitBuilder) {
        let kit = started(builder).await;
        let pao = person(&kit, "Hoàng Văn Páo", &village(&kit, "Nà Cù", Some(180)).await).await;
        let url = format!("/nguoi-co-uy-tin/{pao}/the");
        let printed = kit.post(OFFICER, &url, &[]).await;
        assert_eq!(printed.status, 200, "{}", printed.text);
        assert!(printed.text.contains("Hoàng Văn Páo") && printed.text.contains("01969-0001-1"));
        assert!(printed.headers.get("cache-control").is_some_and(|value| value == "no-store"));
        let page = kit.get(OFFICER, &url).await;
        assert!(page.text.contains("01969-0001-1") && !page.text.contains("NC1:"));
        let again = kit.post(OFFICER, &url, &[]).await;
        assert!(again.text.contains("01969-0001-2"));
    }

    async fn one_question_makes_a_sample(builder: KitBuilder) {
        let kit = started(builder).await;
        let village = village(&kit, "Nà Cù", Some(180)).await;
        publish(&kit, "early").await;
        for (at, rightly) in [true, false, true].into_iter().enumerate() {
            let name = ["Hoàng Văn Páo", "Bàn Thị Mủi", "Nông Văn Tài"][at];
            let one = person(&kit, name, &village).await;
            if at == 0 {
                publish(&kit, "p0").await;
            }
            let code = card(&kit, &one).await;
            actions::answer_by_card(kit.db(), cast::HUB, &code, "p0", 1, rightly).await.expect("answered");
        }
        let all = counted(&kit, "p0").await;
        let of = |audience: &str, rung: &str| all.iter().filter(|(a, r, ..)| a == audience && r == rung).map(|one| one.3).sum::<i64>();
        // Only the first was on the roster when the denominator was frozen.
        assert_eq!((of("prestigious_person", "understood"), of("prestigious_person", "asked")), (1, 1));
        assert_eq!((of("outside", "understood"), of("outside", "asked")), (1, 2));
        assert_eq!(of("prestigious_person", "confirmed"), 0, "an answer is no confirmation");
    }
}
