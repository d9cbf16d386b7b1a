//! Reminders: each rung once, nobody at night, supervisors after the deadline; the calendar and its table.

use reporting::{Ladder, actions::reminders};
use testkit::{Kit, caller};

use super::{LAN, sent};
use crate::cast::{COMMUNE, officer, province, started};

const DAY_MS: i64 = 86_400_000;

async fn told(kit: &Kit) -> usize {
    reminders::remind(&kit.app, &Ladder::default()).await.expect("it runs")
}

async fn count(kit: &Kit, who: &kernel::caller::Caller) -> i64 {
    kit.db().view(async |tx| reminders::count_for(tx, who).await).await.expect("counted")
}

testkit::on_both_engines! {
    async fn each_rung_is_told_once_and_handing_in_ends_it(builder: KitBuilder) {
        let kit = started(builder).await;
        assert_eq!(told(&kit).await, 0, "three weeks before the deadline nobody is told");
        // Due on 16/12/2026, today is 22/11.
        kit.clock.advance(17 * DAY_MS);
        let first = told(&kit).await;
        assert!(first >= 92, "{first}");
        assert_eq!(told(&kit).await, 0, "the same rung is told once");
        kit.clock.advance(DAY_MS);
        assert_eq!(told(&kit).await, 0, "and not again the next day");
        let before = count(&kit, &officer(&kit)).await;
        assert!(before >= 1);
        assert_eq!(count(&kit, &province(&kit)).await, 0, "a province is not told before the deadline");
        sent(&kit, COMMUNE, 198).await;
        assert_eq!(count(&kit, &officer(&kit)).await, before - 1, "what was handed in is told no more");
        // The power was out for a week: only the highest rung that is due is told.
        kit.clock.advance(10 * DAY_MS);
        let late = told(&kit).await;
        assert!(late < first, "{late} of {first}");
        assert_eq!(told(&kit).await, 0);
        let below = count(&kit, &province(&kit)).await;
        assert!(below >= 91, "{below}");
        let ministry = caller("Nam", "programme_officer", "/vn/");
        assert_eq!(count(&kit, &ministry).await, 0);
        kit.clock.advance(8 * DAY_MS);
        told(&kit).await;
        assert!(count(&kit, &ministry).await >= 91);
    }

    async fn the_calendar_shows_what_is_late_and_goes_away_as_a_table(builder: KitBuilder) {
        let kit = started(builder).await;
        sent(&kit, COMMUNE, 198).await;
        kit.clock.advance(40 * DAY_MS);
        let late = kit.get(LAN, "/bao-cao/han?bo=diem-ho-tro&loc=tre").await;
        assert_eq!(late.status, 200, "{}", late.text);
        assert!(late.text.contains("Trễ 199 ngày") && late.text.contains("1–20 trong 275"), "{}", late.text);
        let table = kit.get(LAN, "/bao-cao/han.csv?bo=diem-ho-tro&loc=tat-ca").await;
        assert_eq!(table.text.lines().count(), 1 + 3 * 92, "three quarters of 92 communes and a heading");
        assert!(table.text.contains("Gửi ngày 22/11/2026"));
        let head = table.text.lines().next().expect("a heading");
        assert!(head.starts_with('\u{feff}') && head.matches(';').count() == 8 && !head.contains(','), "for a spreadsheet: {head}");
        let mine = kit.get("Mai|commune_officer|/vn/19.2025/01969.2025/", "/bao-cao/han").await;
        assert!(mine.status == 200 && !mine.text.contains("Xã Bạch Thông"));
        let other = kit.get("Mai|commune_officer|/vn/19.2025/01969.2025/", "/bao-cao/han?dia_ban=01942.2025").await;
        assert_eq!(other.status, 403);
        assert_ne!(kit.get("", "/bao-cao/han").await.status, 200);
    }
}
