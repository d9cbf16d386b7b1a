//! Deadlines that the tier above excused or extended: neither late nor missing, and the point hears of it.

use kernel::{clock::Day, db::Tx, problem::FORBIDDEN};
use reporting::{
    actions::{
        counts,
        excuses::{self, Kind},
        obligations::{self, Owed},
    },
    model::{Life, ObligationId},
};
use testkit::{Kit, KitBuilder, TestEngine, caller};

use super::{decreed, settled, two_provinces, undone};
use crate::{
    cast::{COMMUNE, PROVINCE, started},
    review::{LAN, NEIGHBOUR, sent},
};

const LATE: &str = "nd09q-2026-3";

async fn of(kit: &Kit, area: &str, quarter: &str) -> Owed {
    let found = kit
        .db()
        .view(async |tx: &mut Tx| {
            let root = kernel::scope::ScopePath::root();
            obligations::owed(tx, &root, "diem-ho-tro", quarter, Life::Final).await
        })
        .await
        .expect("read");
    found.into_iter().find(|one| one.area.as_str() == area).expect("it is owed")
}

async fn rates(kit: &Kit, quarter: &str) -> (i64, i64, i64, i64) {
    let found = kit
        .db()
        .view(async |tx: &mut Tx| {
            counts::rates(tx, "diem-ho-tro", Life::Final, &[quarter.to_owned()]).await
        })
        .await
        .expect("rates");
    let (_, one) = found.into_iter().next().expect("a province");
    assert!(one.reported <= one.expected && one.on_time <= one.reported);
    assert!(counts::rates_are_true(kit.db()).await.expect("counted anew"));
    (one.expected, one.reported, one.on_time, one.excused)
}

async fn said(kit: &Kit, whose: &[ObligationId], kind: Kind) -> usize {
    let lan = caller("Lan", "province_officer", PROVINCE);
    excuses::say(&kit.app, &lan, whose, kind, "Lũ quét làm mất điện toàn xã").await.expect("said")
}

testkit::on_both_engines! {
    async fn who_is_excused_is_neither_late_nor_missing_and_may_report_all_the_same(builder: KitBuilder) {
        let kit = started(builder).await;
        let (expected, _, _, excused) = rates(&kit, LATE).await;
        assert_eq!(excused, 0);
        let whose = [of(&kit, COMMUNE, LATE).await.id, of(&kit, NEIGHBOUR, LATE).await.id];
        assert_eq!(said(&kit, &whose, Kind::Excuse).await, 2);
        assert_eq!(said(&kit, &whose, Kind::Excuse).await, 0, "said once");
        assert_eq!(rates(&kit, LATE).await, (expected - 2, 0, 0, 2));
        let late = kit.get(LAN, "/bao-cao/han.csv?bo=diem-ho-tro&loc=tre").await.text;
        assert!(!late.lines().any(|line| line.contains("Phủ Thông") && line.contains("III")), "{late}");
        let page = kit.get(LAN, "/bao-cao/han?bo=diem-ho-tro&loc=mien-gia-han").await;
        assert!(page.text.contains("Được miễn báo cáo") && page.text.contains("Lũ quét") && page.text.contains("Lan"), "{}", page.text);
        let board = kit.get(LAN, &format!("/bao-cao/duyet?bo=diem-ho-tro&ky={LATE}")).await;
        assert!(board.text.contains("2 báo cáo được miễn"), "{}", board.text);
        // Taken back, it is owed again.
        assert_eq!(said(&kit, &whose[1..], Kind::Revoke).await, 1);
        assert_eq!(rates(&kit, LATE).await, (expected - 1, 0, 0, 1));
    }

    async fn a_report_that_comes_although_it_was_excused_counts_in_time(builder: KitBuilder) {
        let kit = started(builder).await;
        let (expected, ..) = rates(&kit, "nd09q-2026-4").await;
        let one = of(&kit, NEIGHBOUR, "nd09q-2026-4").await;
        said(&kit, std::slice::from_ref(&one.id), Kind::Excuse).await;
        assert_eq!(rates(&kit, "nd09q-2026-4").await, (expected - 1, 0, 0, 1));
        sent(&kit, NEIGHBOUR, 50).await;
        assert_eq!(rates(&kit, "nd09q-2026-4").await, (expected, 1, 1, 0));
        assert_eq!(said(&kit, &[one.id], Kind::Excuse).await, 0, "what is here needs no excuse");
    }

    async fn a_whole_province_gets_more_time_at_once_and_only_from_above(builder: KitBuilder) {
        let kit = started(builder).await;
        let fields = |kind: &'static str, until: &'static str, why: &'static str| {
            vec![("dia_ban", "19.2025"), ("bo", "diem-ho-tro"), ("loc", "tre"), ("tat_ca", "1"), ("kind", kind), ("until", until), ("why", why)]
        };
        for (kind, until, why) in [("extend", "", "Lũ quét"), ("extend", "2020-01-01", "Lũ quét"), ("excuse", "", "x")] {
            let answer = kit.post(LAN, "/bao-cao/han", &fields(kind, until, why)).await;
            assert_eq!(answer.status, 422, "{kind} {until} {why}");
        }
        let mine = "Mai|commune_officer|/vn/19.2025/01969.2025/";
        assert_eq!(kit.post(mine, "/bao-cao/han", &fields("excuse", "", "Lũ quét lớn")).await.status, 403);
        let one = of(&kit, COMMUNE, LATE).await;
        let own = caller("Mai", "commune_officer", "/vn/19.2025/01969.2025/");
        let refused = excuses::say(&kit.app, &own, std::slice::from_ref(&one.id), Kind::Excuse, "Lũ quét lớn").await;
        assert!(refused.expect_err("nobody excuses themselves").is(&FORBIDDEN));
        let other = caller("Tô", "province_officer", "/vn/04.2024/");
        let refused = excuses::say(&kit.app, &other, std::slice::from_ref(&one.id), Kind::Excuse, "Lũ quét lớn").await;
        assert!(refused.expect_err("another province").is(&FORBIDDEN));
        let done = kit.post(LAN, "/bao-cao/han", &fields("extend", "2026-12-31", "Lũ quét toàn tỉnh")).await;
        assert_eq!(done.status, 303, "{}", done.text);
        let after = of(&kit, COMMUNE, LATE).await;
        assert_eq!((after.due_on, after.due_was), (Day::new(2026, 12, 31), one.due_on));
        let late = kit.get(LAN, "/bao-cao/han.csv?bo=diem-ho-tro&loc=tre").await.text;
        assert!(!late.contains("Phủ Thông"), "{late}");
    }

    async fn what_was_said_about_a_deadline_reaches_the_point_whenever_it_makes_it(builder: KitBuilder) {
        let hub = started(builder).await;
        let said_at = said(&hub, &[of(&hub, COMMUNE, LATE).await.id], Kind::Extend(Day::new(2026, 12, 31).expect("a day"))).await;
        assert_eq!(said_at, 1);
        let point = started(KitBuilder::on(TestEngine::Sqlite).point(7)).await;
        let bodies = down(&hub, 52).await;
        assert_eq!(bodies.len(), 1);
        for _ in 0..2 {
            heard(&point, bodies[0].clone()).await;
        }
        assert_eq!(of(&point, COMMUNE, LATE).await.due_on, Day::new(2026, 12, 31));
        heard(&point, vec![0xff; 40]).await;
        // Heard before the obligation was made, it holds when it is.
        let late = two_provinces(KitBuilder::on(TestEngine::Sqlite).point(8)).await;
        heard(&late, bodies[0].clone()).await;
        made(&late).await;
        assert_eq!(of(&late, COMMUNE, LATE).await.due_on, Day::new(2026, 12, 31));
        assert!(counts::rates_are_true(late.db()).await.expect("counted anew"));
        // And it survives that the map takes the unit away and gives it back.
        let decree = decreed(&hub, "2026-01-01", "01969,,01969,,,,,\n01942,,01969,,,,,\n").await;
        settled(&hub).await;
        undone(&hub, &decree).await;
        settled(&hub).await;
        let again = of(&hub, COMMUNE, LATE).await;
        assert_eq!(again.due_on, Day::new(2026, 12, 31));
        assert!(counts::rates_are_true(hub.db()).await.expect("counted anew"));
    }
}

async fn made(kit: &Kit) {
    use reporting::actions::catalogue;
    let code = reporting::model::DatasetId::parse("diem-ho-tro").expect("a code");
    kit.db()
        .change(async |tx| {
            let all = catalogue::read(tx).await?;
            let period = reporting::model::Period::parse(LATE).expect("a quarter");
            let country = kernel::scope::ScopePath::root();
            obligations::make(tx, &all, all.dataset(&code)?, &period, &country).await
        })
        .await
        .expect("made");
}

/// What the hub said down, of a kind.
pub async fn down(hub: &Kit, kind: u16) -> Vec<Vec<u8>> {
    let all = said_down(hub).await;
    all.into_iter().filter(|one| one.0 == kind).map(|one| one.1).collect()
}

/// Everything that the hub said down, oldest first: of which kind, and what.
pub async fn said_down(hub: &Kit) -> Vec<(u16, Vec<u8>)> {
    let rows = hub
        .db()
        .view(async |tx: &mut Tx| {
            Ok(kernel::records::down_after(tx, kernel::records::Lane::Control, 0, 0, 500).await?)
        })
        .await
        .expect("the log is read");
    let keys = &hub.app.keys;
    let read = |row: kernel::records::DownRow| {
        let signed = sync::record::SignedRecord::from_bytes(row.signed).expect("a record");
        let one = signed.verify(keys.node_id(), keys.public()).expect("genuine");
        (one.kind, one.body)
    };
    rows.into_iter().map(read).collect()
}

async fn heard(point: &Kit, body: Vec<u8>) {
    super::applied(point, 52, body).await;
}
