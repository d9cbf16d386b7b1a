//! Reviewing: what a province sees and decides, what it sums up, works that are told twice, reminders.

mod differences;
mod merger;
mod on_paper;
pub mod parts;
mod reminders;
mod summary;
mod works;

use kernel::{caller::Caller, clock::Day, problem::FORBIDDEN};
use reporting::{
    actions::{
        OWN_WORK,
        review::{self, CHANGED_MEANWHILE, Decision},
        steps::Said,
    },
    model::{
        SubmissionId,
        submission::{State, Step},
    },
};
use testkit::{Kit, caller};

use crate::cast::{COMMUNE, PLACE, PROVINCE, edit, leader, officer, started, step, typed, which};

pub const LAN: &str = "Lan|province_officer|/vn/19.2025/";
pub const BINH: &str = "Bình|province_leader|/vn/19.2025/";
pub const NEIGHBOUR: &str = "01942.2025";
const NEIGHBOUR_PLACE: &str = "/vn/19.2025/01942.2025/";

/// The quarterly report of a commune, handed in with so many visits.
pub async fn sent(kit: &Kit, area: &str, visits: i64) -> SubmissionId {
    sent_from(kit, area, area, visits).await
}

/// The same, typed and signed by people of the commune that has authority over it today.
pub async fn sent_from(kit: &Kit, authority: &str, area: &str, visits: i64) -> SubmissionId {
    let place = format!("/vn/19.2025/{authority}/");
    let (officer, leader) =
        (caller("Mai", "commune_officer", &place), caller("Hùng", "commune_leader", &place));
    let which = which(area);
    let edits = vec![
        edit("10.5b", 0, 2),
        edit("10.6", 0, visits),
        edit("10.3a", 0, 6),
        edit("10.6kp", 0, 1),
    ];
    typed(kit, &officer, &which, edits).await;
    step(kit, &leader, &which.id(), Step::Certify, 1).await;
    step(kit, &officer, &which.id(), Step::Submit, 1).await;
    which.id()
}

pub fn accept(revision: i64) -> Decision {
    let said = Said { revision, ..Said::default() };
    Decision { step: Some(Step::Accept), said, ..Decision::default() }
}

pub async fn accepted(kit: &Kit, id: &SubmissionId) {
    let lan = caller("Lan", "province_officer", PROVINCE);
    let after = review::decide(&kit.app, &lan, id, &accept(1)).await.expect("it is accepted");
    assert_eq!(after.state, State::Accepted);
}

/// What stands between two marks of a page.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let from = text.find(before).expect("the mark stands there") + before.len();
    let len = text[from..].find(after).expect("it ends");
    &text[from..from + len]
}

testkit::on_both_engines! {
    async fn a_province_sees_who_sent_and_no_rate_passes_all(builder: KitBuilder) {
        let kit = started(builder).await;
        sent(&kit, COMMUNE, 198).await;
        let page = kit.get(LAN, "/bao-cao/duyet?bo=diem-ho-tro").await;
        assert_eq!(page.status, 200, "{}", page.text);
        let share = between(&page.text, "coverage__text\">", "<");
        assert!(share.contains("1,1 % (1/92 đơn vị)"), "{share}");
        let analysis = kit.get(LAN, "/so-lieu/day-du?o=19.2025&ky=nd09q-2026-4").await;
        assert!(analysis.text.contains(">1,1<"), "the same share in the same figures: {}", analysis.text);
        assert!(analysis.text.replace("&#x2f;", "/").contains(">1/92<"), "the count stands once: {}", analysis.text);
        let sent = kit.get(LAN, "/bao-cao/duyet?bo=diem-ho-tro&loc=da-gui").await;
        assert_eq!(sent.text.matches("name=\"bao_cao\"").count(), 1);
        assert!(sent.text.contains("Đã gửi, chờ xem") && sent.text.contains("198"));
        let none = kit.get(LAN, "/bao-cao/duyet?bo=diem-ho-tro&loc=da-duyet").await;
        assert_eq!(none.text.matches("name=\"bao_cao\"").count(), 0);
        for permille in [(5, 3), (3, 3), (0, 3)] {
            let rates = review::Rates { expected: permille.1, ..review::Rates::default() };
            assert!(rates.per_mille(permille.0).is_some_and(|share| share <= 1_000));
        }
        let country = kit.get("Nam|programme_officer|/vn/", "/bao-cao/duyet?bo=diem-ho-tro").await;
        assert!(country.text.contains("Tỉnh Thái Nguyên") && country.text.contains("(1/92 đơn vị)"));
        assert_eq!(kit.get("Mai|commune_officer|/vn/19.2025/01969.2025/", "/bao-cao/duyet").await.status, 403);
        assert_eq!(kit.get(LAN, "/bao-cao/duyet?dia_ban=vn").await.status, 403);
    }

    async fn a_long_list_is_read_in_pages_that_keep_its_filter(builder: KitBuilder) {
        let kit = started(builder).await;
        let id = sent(&kit, COMMUNE, 198).await;
        let mark = "<a href=\"/bao-cao/duyet/";
        let units = |text: &str| -> Vec<String> {
            text.split(mark).skip(1).filter_map(|rest| rest.split('"').next().map(str::to_owned)).collect()
        };
        let unsent = "/bao-cao/duyet?bo=diem-ho-tro&ky=nd09q-2026-4~f&dia_ban=19.2025&loc=chua-gui";
        let mut all = std::collections::BTreeSet::new();
        for (at, count) in [(1, 20), (2, 20), (3, 20), (4, 20), (5, 11)] {
            let page = kit.get(LAN, &format!("{unsent}&trang={at}")).await;
            let shown = units(&page.text);
            assert_eq!(shown.len(), count, "page {at}");
            all.extend(shown);
            assert!(page.text.contains("Cộng cả 92 đơn vị"), "the sum is not of the rows that are shown");
            assert_eq!(testkit::html::broken(&page.text, "vi"), Vec::<String>::new());
        }
        assert_eq!(all.len(), 91, "each of them once");
        let first = kit.get(LAN, unsent).await;
        assert!(first.text.contains("1–20 trong 91"), "{}", first.text);
        assert!(first.text.contains(&format!("{}&amp;trang=2", unsent.replace('&', "&amp;"))), "{}", first.text);
        let beyond = kit.get(LAN, &format!("{unsent}&trang=99")).await;
        assert_eq!(units(&beyond.text).len(), 11, "beyond the last page is the last");
        let all = kit.get(LAN, &unsent.replace("chua-gui", "tat-ca")).await;
        assert!(units(&all.text)[0].starts_with(&id.to_string()), "who waits comes first: {:?}", units(&all.text));
        let one = kit.get(LAN, &unsent.replace("chua-gui", "da-gui")).await;
        assert!(units(&one.text).len() == 1 && !one.text.contains("trang="), "a short list has no pages");
    }

    async fn a_report_goes_back_with_remarks_and_comes_again_with_what_changed(builder: KitBuilder) {
        let kit = started(builder).await;
        let id = sent(&kit, COMMUNE, 198).await;
        let address = format!("/bao-cao/duyet/{id}");
        let first = kit.get(LAN, &address).await;
        assert_eq!(first.status, 200, "{}", first.text);
        assert!(first.text.contains("name=\"n.10.6\""));
        let seen = between(&first.text, "name=\"da_xem\" value=\"", "\"").to_owned();
        let fields = [("lan", "1"), ("da_xem", seen.as_str()), ("buoc", "accept"), ("n.10.6", "Cao hơn quý trước")];
        let refused = kit.post(LAN, &address, &fields).await;
        assert_eq!(refused.status, 422, "words beside cells are not dropped");
        assert!(refused.text.contains("Cao hơn quý trước"), "nor lost");
        for words in [("n.10.6", "Cao hơn quý trước"), ("note", "Xem lại cả biểu")] {
            let fields = [("lan", "1"), ("da_xem", seen.as_str()), ("buoc", "dat"), ("dat", "khokhan"), words];
            let refused = kit.post(LAN, &address, &fields).await;
            assert!(refused.status == 422 && refused.text.contains(words.1), "noting parts keeps no words");
        }
        let fields = [("lan", "1"), ("da_xem", seen.as_str()), ("buoc", "return"), ("n.10.6", "Cao hơn quý trước"), ("dat", "khokhan")];
        assert_eq!(kit.post(LAN, &address, &fields).await.status, 303);
        let back = kit.get(LAN, &address).await;
        assert!(back.text.contains("Bị trả lại") && back.text.contains("Cao hơn quý trước"));
        let which = which(COMMUNE);
        typed(&kit, &officer(&kit), &which, vec![edit("10.6", 1, 176)]).await;
        step(&kit, &leader(&kit), &id, Step::Certify, 1).await;
        step(&kit, &officer(&kit), &id, Step::Submit, 2).await;
        let again = kit.get(LAN, &address).await;
        assert!(again.text.contains("1 ô thay đổi") && again.text.contains("Đã đổi, trước là"), "the difference is shown");
        assert!(again.text.contains("Từ đó nội dung chưa thay đổi"), "the section in order needs no second look");
        let stale = [("lan", "2"), ("da_xem", seen.as_str()), ("buoc", "accept")];
        assert_eq!(kit.post(LAN, &address, &stale).await.status, 409, "nobody accepts what they have not seen");
        let seen = between(&again.text, "name=\"da_xem\" value=\"", "\"").to_owned();
        assert_eq!(kit.post(LAN, &address, &[("lan", "2"), ("da_xem", &seen), ("buoc", "accept")]).await.status, 303);
        assert_eq!(kit.post(LAN, &address, &[("lan", "2"), ("buoc", "approve")]).await.status, 403, "an officer approves nothing");
        assert_eq!(kit.post(BINH, &address, &[("lan", "2"), ("buoc", "approve")]).await.status, 303);
        let copy = kit.get(LAN, &format!("{address}/ban-luu/2.approved.json")).await;
        assert_eq!(copy.status, 200);
        assert!(copy.text.contains("\"176\"") && copy.text.contains("\"blake3\""), "{}", copy.text);
        assert_eq!(kit.get("Xa|province_officer|/vn/04.2025/", &format!("{address}/ban-luu/2.approved.json")).await.status, 403);
        assert_eq!(kit.get(LAN, &format!("{address}/ban-luu/7.approved.json")).await.status, 404);
        assert!(kit.get(LAN, &address).await.text.contains(between(&copy.text, "\"blake3\": \"", "\"")));
    }

    async fn who_may_not_decide_is_refused(builder: KitBuilder) {
        let kit = started(builder).await;
        let id = sent(&kit, COMMUNE, 198).await;
        let decide = async |who: &Caller, revision| review::decide(&kit.app, who, &id, &accept(revision)).await.expect_err("refused");
        assert!(decide(&caller("Xa", "province_officer", "/vn/04.2025/"), 1).await.is(&FORBIDDEN), "another province");
        assert!(decide(&caller("Tí", "province_officer", PLACE), 1).await.is(&FORBIDDEN), "nobody above the commune");
        assert!(decide(&caller("Hùng", "province_officer", PROVINCE), 1).await.is(&OWN_WORK), "their own signature");
        assert!(decide(&caller("Lan", "province_officer", PROVINCE), 2).await.is(&CHANGED_MEANWHILE), "a revision that is not there");
        let mut ended = testkit::grant("province_officer", PROVINCE);
        ended.until = Day::new(2026, 11, 22).expect("a day");
        let person = kernel::caller::Person { id: "deputy".to_owned(), name: "Phó".to_owned() };
        let yesterday = Caller::person(person.clone(), vec![ended], kit.app.now());
        assert!(decide(&yesterday, 1).await.is(&FORBIDDEN), "a deputy until yesterday");
        let mut dated = testkit::grant("province_officer", PROVINCE);
        dated.from = Day::new(2026, 11, 20).expect("a day");
        dated.until = Day::new(2026, 11, 23).expect("a day");
        let deputy = Caller::person(person, vec![dated], kit.app.now());
        review::decide(&kit.app, &deputy, &id, &accept(1)).await.expect("a deputy of these days may");
    }

    async fn many_are_decided_one_by_one(builder: KitBuilder) {
        let kit = started(builder).await;
        let one = sent(&kit, COMMUNE, 198).await;
        let two = sent(&kit, NEIGHBOUR, 50).await;
        let page = kit
            .post(LAN, "/bao-cao/duyet", &[("buoc", "accept"), ("bao_cao", &format!("{one}@1")), ("bao_cao", &format!("{two}@9")), ("dia_ban", "19.2025"), ("loc", "da-gui")])
            .await;
        assert_eq!(page.status, 200, "{}", page.text);
        assert!(page.text.contains("Xong 1 trên 2") && page.text.contains("đã thay đổi sau khi"));
        assert!(page.text.contains("dia_ban=19.2025&amp;loc=da-gui"), "back to the list as it was left");
        let stranger = caller("Lan", "commune_officer", NEIGHBOUR_PLACE);
        let all = review::decide_many(&kit.app, &stranger, Step::Accept, &[(two, 1)]).await;
        assert!(all[0].1.as_ref().expect_err("not theirs").is(&FORBIDDEN));
    }
}
