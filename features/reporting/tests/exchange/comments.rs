//! What messages say beside numbers: notes on cells, in and out in every format.

use reporting::actions::remark;
use serde_json::{Value, json};

use super::{OFFICER, commune, figures, get, post, send};
use crate::cast::{COMMUNE, officer, started, which};

testkit::on_both_engines! {
    async fn a_comment_beside_a_number_becomes_a_note_and_comes_back(builder: KitBuilder) {
        let kit = started(builder).await;
        let address = format!("dataSet=diem-ho-tro&period=nd09q-2026-4&orgUnit={}", commune());
        let with = |value: &str, comment: &str| {
            let mut body = figures(&[("10.6", "", value), ("10.5b", "", "2")]);
            body["dataValues"][0]["comment"] = json!(comment);
            body
        };
        let comments = async || {
            let (_, found) = get(&kit, OFFICER, &format!("/api/dataValueSets.json?{address}")).await;
            let all = found["dataValues"].as_array().expect("values").iter();
            all.map(|one| one["comment"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
        };
        let count = |told: &Value| ["imported", "updated", "ignored"].map(|name| told["importCount"][name].as_u64().expect("a count"));
        let (_, told) = post(&kit, OFFICER, "/api/dataValueSets?dryRun=true", &with("198", "Theo sổ của trạm")).await;
        assert_eq!(count(&told), [2, 0, 0]);
        let (_, told) = post(&kit, OFFICER, "/api/dataValueSets", &with("198", "Theo sổ của trạm")).await;
        assert_eq!(count(&told), [2, 0, 0], "{told}");
        let said = comments().await;
        assert!(said.contains(&"Theo sổ của trạm".to_owned()) && said.contains(&String::new()), "{said:?}");
        // The same message again; the same number with other words; an older message once more.
        kit.clock.advance(1_000);
        for (comment, wanted) in [("Theo sổ của trạm", [0, 0, 2]), (" Đã gọi\n hỏi lại ", [0, 1, 1]), ("Đã gọi hỏi lại", [0, 0, 2]), ("Theo sổ của trạm", [0, 0, 2])] {
            let (_, told) = post(&kit, OFFICER, "/api/dataValueSets", &with("198", comment)).await;
            assert_eq!(count(&told), wanted, "{comment}: {told}");
        }
        let all = remark::of_report(&kit.app, &officer(&kit), &which(COMMUNE)).await.expect("read");
        assert!(all.iter().all(|one| one.cell == "10.6" && one.by_name == "Mai" && !one.is_return));
        assert_eq!(all.iter().map(|one| one.words.as_str()).collect::<Vec<_>>(), ["Theo sổ của trạm", "Đã gọi hỏi lại"]);
        assert!(comments().await.contains(&"Đã gọi hỏi lại".to_owned()), "the latest");
        let mut last = "Đã gọi hỏi lại".to_owned();
        for (ending, kind) in [("csv", "application/csv"), ("xml", "application/xml"), ("adx", "application/adx+xml")] {
            let out = kit.get(OFFICER, &format!("/api/dataValueSets.{ending}?{address}")).await;
            assert!(out.text.contains(&last), "{ending}: {}", out.text);
            let (_, told) = send(&kit, OFFICER, "/api/dataValueSets", kind, out.text.clone()).await;
            assert_eq!(count(&told), [0, 0, 2], "{ending}: {told}");
            kit.clock.advance(1_000);
            // What formats beside JSON say is kept, too.
            let (_, told) = send(&kit, OFFICER, "/api/dataValueSets", kind, out.text.replace(&last, &format!("Từ {ending}"))).await;
            assert_eq!(count(&told), [0, 1, 1], "{ending}: {told}");
            last = format!("Từ {ending}");
            assert!(comments().await.contains(&last), "{ending}");
        }
        // What is too long is told and nothing of it is written; the state of a figure is no note.
        let (_, told) = post(&kit, OFFICER, "/api/dataValueSets", &with("199", &"ô ".repeat(600))).await;
        assert_eq!((count(&told), &told["conflicts"][0]["errorCode"]), ([0, 0, 2], &json!("E7620")), "{told}");
        post(&kit, OFFICER, "/api/dataValueSets", &with("0", "[nil] mưa lũ")).await;
        let all = remark::of_report(&kit.app, &officer(&kit), &which(COMMUNE)).await.expect("read");
        assert_eq!(all.len(), 5);
        assert!(comments().await.contains(&"[nil] mưa lũ".to_owned()));
    }
}
