//! A law over many evenings: whatever happens in whatever order, the live count equals a count made
//! anew, and nobody is counted twice.

use kernel::{app::NodeRole, chance::Chance};
use reach::{Rung, actions, model::meeting::MeetingId};

use crate::cast::{self, card, counted, path, person, publish, started, village};

testkit::on_both_engines! {
    async fn the_live_count_equals_the_rebuilt_one(builder: KitBuilder) {
        let kit = started(builder).await;
        let chance = Chance::seeded(20_261_122);
        let pick = |below: u64| usize::try_from(chance.below(below)).expect("small");
        let villages = [village(&kit, "Nà Cù", Some(100)).await, village(&kit, "Khuổi Lặng", Some(40)).await, village(&kit, "Pác Nặm", None).await];
        let mut cards = Vec::new();
        for (at, name) in ["Hoàng Văn Páo", "Bàn Thị Mủi", "Nông Văn Tài", "Lý A Sùng", "Đặng Thị Ánh"].into_iter().enumerate() {
            let one = person(&kit, name, &villages[at % 3]).await;
            cards.push(card(&kit, &one).await);
        }
        publish(&kit, "p0").await;
        publish(&kit, "p1").await;
        let late = person(&kit, "Triệu Văn Lưu", &villages[0]).await;
        cards.push(card(&kit, &late).await);
        let mut held: Vec<MeetingId> = Vec::new();
        for step in 0..90 {
            kit.clock.advance(i64::try_from(chance.below(90_000)).expect("small"));
            let key = ["p0", "p1"][pick(2)];
            match chance.below(10) {
                0..=5 => {
                    let rung = [Rung::Shown, Rung::Opened, Rung::Completed, Rung::Confirmed, Rung::Asked, Rung::Understood][pick(6)];
                    let code = &cards[pick(6)];
                    actions::climb_by_card(kit.db(), NodeRole::Hub, code, key, 1, rung, "tyz").await.expect("climbed");
                }
                6 | 7 => {
                    let serials = (1..=6).filter(|_| chance.below(3) == 0).collect();
                    let heads = 7 + i64::try_from(chance.below(30)).expect("small");
                    let draft = crate::meetings::held(&villages[pick(3)], heads, vec!["p0:1".to_owned(), "p1:1".to_owned()], serials);
                    held.push(actions::record_meeting(kit.db(), NodeRole::Hub, &cast::officer(), &draft).await.expect("recorded"));
                }
                8 if !held.is_empty() => {
                    let id = held.swap_remove(pick(held.len() as u64));
                    actions::void_meeting(kit.db(), NodeRole::Hub, &cast::officer(), &id, "Ghi nhầm").await.expect("withdrawn");
                }
                _ => {
                    kit.db().change(async |tx| reach::on_node(tx, &path(cast::PLACE), key, 1).await).await.expect("noted");
                }
            }
            if step % 15 == 14 {
                for key in ["p0", "p1"] {
                    let all = counted(&kit, key).await;
                    let of = |audience: &str, rung: Rung| all.iter().filter(|(a, r, ..)| a == audience && r == rung.word()).map(|one| one.3).sum::<i64>();
                    for audience in ["prestigious_person", "people"] {
                        for rung in Rung::CLIMBED {
                            assert!(of(audience, rung) <= of(audience, Rung::Published));
                        }
                        assert!(of(audience, Rung::Confirmed) <= of(audience, Rung::Opened));
                    }
                    assert!(all.iter().all(|one| one.3 > 0), "nothing below zero, nothing left at zero");
                }
            }
        }
    }
}
