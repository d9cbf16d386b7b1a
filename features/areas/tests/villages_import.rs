//! A whole table of villages: what is found wrong where, what is recorded, and that twice changes nothing.

use std::{fmt::Write as _, time::Instant};

use areas::{
    AreaId, AreaType, IMPORT_GONE, IMPORT_STALE,
    actions::{
        self, NewVillage,
        village_import::{self, Checked, NewTable, Recorded},
    },
    model::village_table::{self, Table, whole_number},
    reference,
};
use kernel::{
    app::NodeRole,
    axum::{body::Body, http::Method},
    caller::Caller,
    clock::Day,
    db::Tx,
    events::Doing,
    problem::{FORBIDDEN, INVALID_FORM},
    records,
    scope::ScopePath,
};
use proptest::prelude::*;
use testkit::{Kit, KitBuilder, TestEngine, caller};

use crate::html;

const PLACE: &str = "/vn/19.2025/01969.2025/";
const HEAD: &str = "Mã xã;Tên xã;Loại;Tên thôn;Số hộ;Số dân";

async fn started(builder: KitBuilder) -> Kit {
    let kit = builder.with([areas::module()]).start().await;
    reference::load_only(kit.db(), &["19"]).await.expect("the province loads");
    kit
}

fn id(text: &str) -> AreaId {
    AreaId::parse(text).expect("an id")
}

fn mai() -> Caller {
    caller("Mai", "commune_officer", PLACE)
}

fn table<'a>(place: &str, bytes: &'a [u8]) -> NewTable<'a> {
    NewTable {
        place: id(place),
        file_name: "thon.csv".to_owned(),
        bytes: Some(bytes),
        on: Day::new(2026, 10, 1),
        source: "Rà soát".to_owned(),
        instrument: String::new(),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a figure is printed; nothing depends on it but a wide bound"
)]
fn now() -> Instant {
    Instant::now()
}

async fn look(kit: &Kit, who: &Caller, draft: NewTable<'_>) -> (String, Checked) {
    let place = draft.place.clone();
    let kept = village_import::keep_table(&kit.app, who, draft).await.expect("kept");
    let seen = village_import::check_table(&kit.app, who, &place, &kept).await;
    (kept, seen.expect("looked at"))
}

async fn record(kit: &Kit, who: &Caller, draft: NewTable<'_>) -> Recorded {
    let place = draft.place.clone();
    let (kept, seen) = look(kit, who, draft).await;
    assert_eq!(seen.plan.problems, []);
    let done = village_import::record_table(&kit.app, who, &place, &kept, &seen.seal);
    done.await.expect("recorded")
}

fn told(seen: &Checked) -> Vec<(String, &'static str)> {
    seen.plan.problems.iter().map(|one| (one.address.clone(), one.key)).collect()
}

testkit::on_both_engines! {
    async fn a_table_is_recorded_once_and_the_same_table_changes_nothing(builder: KitBuilder) {
        let kit = started(builder).await;
        let text = format!("{HEAD};Tày;Dân tộc Dao;Số hộ Dao\n01969;Phủ Thông;Thôn;Nà Pài;70;1.312;1.000;12;3\n1969;;;Bản Nà Phải;0;0;;;\n;xã phủ thông;tổ dân phố;3;;;;;\n");
        let done = record(&kit, &mai(), table("01969.2025", text.as_bytes())).await;
        assert_eq!(done, Recorded { added: 3, counted: 2, classed: 0 });
        kit.db().view(async |tx| {
            let names: Vec<String> = areas::villages_of(tx, &id("01969.2025")).await?.into_iter().map(|area| area.full_name).collect();
            assert_eq!(names, ["tổ dân phố 3", "thôn Nà Pài", "bản Nà Phải"]);
            let sum = areas::rollup(tx, &ScopePath::parse(PLACE).expect("a path"), Day::FOREVER.plus_days(-1)).await?;
            assert_eq!((sum.people, sum.households, sum.counted, sum.villages), (1312, 70, 2, 3));
            let groups: i64 = tx.one(kernel::sql!("select cast(sum(people) as bigint) as value from areas_group_counts"), &[]).await?;
            assert_eq!(groups, 1012);
            Ok(())
        }).await.expect("read");
        let (_, again) = look(&kit, &mai(), table("01969.2025", text.as_bytes())).await;
        assert_eq!((again.plan.unchanged(), again.plan.is_ready()), (3, false));
        let corrected = text.replace("1.312", "1.313");
        let done = record(&kit, &mai(), table("01969.2025", corrected.as_bytes())).await;
        assert_eq!(done, Recorded { added: 0, counted: 1, classed: 0 });
    }

    async fn every_wrong_cell_is_named_and_nothing_is_recorded(builder: KitBuilder) {
        let kit = started(builder).await;
        let text = "STT;Mã xã;Tên xã;Loại;Tên thôn;Số hộ;Số dân;Tính đến ngày;Tày;Màu\n\
            1;99999;;thôn;A;1;5;;;\n2;01990;Lục Bình;thôn;B;1;5;;;\n3;;Lục Bình;thôn;C;1;5;;;\n4;01969;Xã Khác;thôn;D;1;5;;;\n\
            5;01969;;phường;E;1;5;;;\n6;01969;;thôn;F;9;5;;;\n7;01969;;thôn;G;-1;5;;;\n8;01969;;thôn;H;1,5;5;;;\n9;01969;;thôn;I;1;nhiều;;;\n\
            10;01969;;thôn;K;1;5;31/02/2026;;\n11;01969;;thôn;L;1;5;01/01/2027;;\n12;01969;;thôn;M;1;#REF!;;;\n13;01969;;thôn;N;1;;;;\n\
            14;01969;;thôn;O;1;5;;6;\n15;01969;;;P;1;5;;;\n16;01969;;thôn;Q;1;5;;;đỏ\n17;01969;;thôn;thôn q;1;5;;;\n18;01969;;thôn;;1;5;;;\n19;01942;;thôn;X;1;5;;;\n";
        let hai = caller("Hà", "commune_officer", PLACE);
        let (kept, seen) = look(&kit, &hai, table("01969.2025", text.as_bytes())).await;
        assert_eq!(told(&seen).into_iter().map(|(at, key)| format!("{at} {}", key.trim_start_matches("areas-"))).collect::<Vec<_>>(), [
            "D6 import-kind-unknown", "F8 import-negative", "F9 import-decimal", "G10 import-not-a-number", "H11 import-day-unreadable",
            "H12 import-day-future", "G13 import-formula", "19 import-name-missing",
            "B2 import-code-unknown", "B3 import-commune-old", "C4 import-commune-old", "B5 import-code-other-name",
            "E6 import-kind-missing", "F7 import-households-odd", "G8 import-half-a-count", "G9 import-half-a-count", "F10 import-half-a-count",
            "F13 import-half-a-count", "F14 import-half-a-count", "15 import-groups-exceed", "E16 import-kind-missing", "E18 import-village-twice",
            "B20 import-code-unknown",
        ]);
        assert_eq!(seen.plan.unused, ["Màu"]);
        let offer = seen.plan.problems.iter().find(|one| one.key == "areas-import-commune-old").expect("an offer");
        assert!(offer.args.iter().any(|(_, text)| text == "xã Phủ Thông (01969)"), "{offer:?}");
        let forced = village_import::record_table(&kit.app, &hai, &id("01969.2025"), &kept, &seen.seal).await;
        assert!(forced.expect_err("refused").is(&IMPORT_STALE));
        kit.db().view(async |tx| {
            assert_eq!(areas::villages_of(tx, &id("01969.2025")).await?, []);
            Ok(())
        }).await.expect("read");
    }

    async fn what_was_looked_at_is_what_is_recorded_or_nothing(builder: KitBuilder) {
        let kit = started(builder).await;
        let place = id("01969.2025");
        let (kept, seen) = look(&kit, &mai(), table("01969.2025", format!("{HEAD}\n;;thôn;Nà Pài;70;300\n").as_bytes())).await;
        let record = async |who: &Caller, place: &AreaId, seal: &str| village_import::record_table(&kit.app, who, place, &kept, seal).await;
        let lan = caller("Lan", "administrator", "/");
        assert!(record(&lan, &place, &seen.seal).await.expect_err("somebody else's table").is(&IMPORT_GONE));
        assert!(record(&lan, &id("01942.2025"), &seen.seal).await.expect_err("another place").is(&IMPORT_GONE));
        assert!(record(&mai(), &id("01942.2025"), &seen.seal).await.expect_err("no authority").is(&FORBIDDEN));
        let draft = NewVillage { commune: place.clone(), kind: Some(AreaType::Thon), name: "Nà Pài".to_owned() };
        actions::add_village(kit.db(), NodeRole::Hub, &mai(), draft).await.expect("somebody was quicker");
        assert!(record(&mai(), &place, &seen.seal).await.expect_err("changed meanwhile").is(&IMPORT_STALE));
        let seen = village_import::check_table(&kit.app, &mai(), &place, &kept).await.expect("again");
        assert_eq!((seen.plan.added(), seen.plan.recorded()), (0, 1));
        record(&mai(), &place, &seen.seal).await.expect("recorded");
        assert!(record(&mai(), &place, &seen.seal).await.expect_err("twice").is(&IMPORT_GONE));
    }

    async fn flags_need_the_province_and_an_instrument(builder: KitBuilder) {
        let kit = started(builder).await;
        let text = "Tên thôn;Loại;ĐBKK;ATK\nNà Pài;thôn;x;0\n";
        let (_, seen) = look(&kit, &mai(), table("01969.2025", text.as_bytes())).await;
        assert_eq!((seen.plan.flags_left_out, seen.plan.classed(), seen.plan.added()), (true, 0, 1));
        let admin = caller("Q", "administrator", "/vn/19.2025/");
        let (_, seen) = look(&kit, &admin, table("01969.2025", text.as_bytes())).await;
        assert_eq!(told(&seen), [(String::new(), "areas-import-instrument-missing")]);
        let with = || NewTable { instrument: "QĐ 612".to_owned(), ..table("01969.2025", text.as_bytes()) };
        assert_eq!(record(&kit, &admin, with()).await.classed, 2);
        assert!(!look(&kit, &admin, with()).await.1.plan.is_ready());
        let village = kit.db().view(async |tx| {
            let village = areas::villages_of(tx, &id("01969.2025")).await?.remove(0);
            Ok(areas::classes_on(tx, &village.id, Day::new(2026, 11, 1).expect("a day")).await?)
        }).await.expect("read");
        assert_eq!(village.iter().filter_map(|fact| fact.said.class).collect::<Vec<_>>(), [areas::Class::Hardship]);
    }

    async fn the_prefilled_table_comes_back_unchanged_in_both_formats(builder: KitBuilder) {
        let kit = started(builder).await;
        let officer = "Mai|commune_officer|/vn/19.2025/01969.2025/";
        for name in ["Nà Pài", "=1+1"] {
            let draft = NewVillage { commune: id("01969.2025"), kind: Some(AreaType::Ban), name: name.to_owned() };
            actions::add_village(kit.db(), NodeRole::Hub, &mai(), draft).await.expect("added");
        }
        for kind in ["xlsx", "csv"] {
            let path = format!("/dia-ban/01969.2025/thon/mau.{kind}");
            let file = kit.get(officer, &path).await;
            assert_eq!(file.status, 200, "{}", file.text);
            assert!(kind == "xlsx" || file.text.contains("'=1+1"), "{}", file.text);
            let (_, seen) = look(&kit, &mai(), table("01969.2025", &file.bytes)).await;
            assert_eq!((told(&seen), seen.plan.unchanged(), seen.plan.steps.len()), (vec![], 2, 2), "{kind}");
            assert_eq!(seen.plan.unused, Vec::<String>::new());
            assert_eq!(kit.get("", &path).await.status, 303);
            assert_eq!(kit.get("E|editor|/vn/", &path).await.status, 403);
        }
        let whole = kit.get("Q|administrator|/vn/19.2025/", "/dia-ban/19.2025/thon/mau.xlsx").await;
        let (_, seen) = look(&kit, &caller("Q", "administrator", "/vn/19.2025/"), table("19.2025", &whole.bytes)).await;
        assert_eq!((told(&seen), seen.plan.steps.len()), (vec![], 2), "communes without villages are passed over");
    }

    async fn the_pages_lead_from_the_file_to_the_record(builder: KitBuilder) {
        let kit = started(builder).await;
        let officer = "Mai|commune_officer|/vn/19.2025/01969.2025/";
        let path = "/dia-ban/01969.2025/thon/nhap";
        assert_eq!(kit.get(officer, path).await.status, 200);
        assert_eq!(kit.get("", path).await.status, 303);
        let send = async |content: &str, on: &str| {
            let mut body = String::new();
            for (name, value) in [("csrf", kit.csrf(officer).as_str()), ("on", on), ("source", "Xã <b>")] {
                write!(body, "--bien\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").expect("text");
            }
            write!(body, "--bien\r\nContent-Disposition: form-data; name=\"file\"; filename=\"<i>thôn.csv\"\r\n\r\n{content}\r\n--bien--\r\n").expect("text");
            kit.send(officer, Method::POST, path, Some("multipart/form-data; boundary=bien"), Body::from(body)).await
        };
        let wrong = send("", "01/13/2026").await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.text.contains("Nhập ngày") && wrong.text.contains("Xã &lt;b&gt;"), "{}", wrong.text);
        let kept = send(&format!("{HEAD}\n;;thôn;<script>;70;300\n"), "01/10/2026").await;
        assert_eq!(kept.status, 303, "{}", kept.text);
        let check = kit.get(officer, kept.location()).await;
        assert!(check.text.contains("Thôn &lt;script&gt;") && !check.text.contains("<i>thôn"), "{}", check.text);
        let seal = check.text.split("name=\"seal\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a seal").to_owned();
        let stale = kit.post(officer, kept.location(), &[("seal", "0")]).await;
        assert!(stale.text.contains("chưa ghi gì"), "{}", stale.text);
        let done = kit.post(officer, kept.location(), &[("seal", &seal)]).await;
        assert_eq!((done.status, done.location()), (303, "/dia-ban/01969.2025/thon"), "{}", done.text);
        assert!(html(&kit.get(officer, "/dia-ban/01969.2025/thon").await).contains("1/1 thôn có số liệu"));
        assert_eq!(kit.get(officer, kept.location()).await.status, 404);
        assert_eq!(kit.get(officer, &format!("{path}/khong-co")).await.status, 404);
    }

    async fn five_thousand_villages_of_a_province_take_seconds(builder: KitBuilder) {
        let kit = started(builder).await;
        let admin = caller("Q", "administrator", "/vn/19.2025/");
        let codes: Vec<String> = kit.db().view(async |tx| Ok(areas::children(tx, &id("19.2025"), tx.now().day()).await?)).await.expect("read")
            .into_iter().filter_map(|area| area.code).collect();
        let mut text = format!("{HEAD};Tày;Nùng\n");
        for line in 0..5_000 {
            writeln!(text, "{};;thôn;Thôn số {line};{};{};{};5", codes[line % codes.len()], 20 + line % 90, 200 + line % 700, 100 + line % 90).expect("text");
        }
        let start = now();
        let (kept, seen) = look(&kit, &admin, table("19.2025", text.as_bytes())).await;
        let looked = start.elapsed();
        assert_eq!((told(&seen), seen.plan.added(), seen.plan.recorded()), (vec![], 5_000, 5_000));
        village_import::record_table(&kit.app, &admin, &id("19.2025"), &kept, &seen.seal).await.expect("recorded");
        println!("looked in {looked:?}, looked and recorded in {:?}", start.elapsed());
        let (_, again) = look(&kit, &admin, table("19.2025", text.as_bytes())).await;
        assert_eq!(again.plan.unchanged(), 5_000);
        assert!(start.elapsed().as_secs() < 120, "even unoptimised on a busy machine: {:?}", start.elapsed());
    }

    async fn a_file_that_is_no_table_is_told_in_words(builder: KitBuilder) {
        let kit = started(builder).await;
        for bytes in [&b""[..], b"PK\x03\x04 broken", &[0xD0, 0xCF, 0x11, 0xE0], &[0xFF, 0xFF, b'a']] {
            let refused = village_import::keep_table(&kit.app, &mai(), table("01969.2025", bytes)).await;
            assert!(refused.expect_err("no table").is(&INVALID_FORM), "{bytes:?}");
        }
        let none = NewTable { bytes: None, source: String::new(), on: None, ..table("01969.2025", b"") };
        let refused = village_import::keep_table(&kit.app, &mai(), none).await.expect_err("nothing");
        assert_eq!(refused.problem().expect("a problem").fields.len(), 3);
        let (_, seen) = look(&kit, &mai(), table("01969.2025", b"a;b\n1;2\n")).await;
        assert_eq!(told(&seen), [("1".to_owned(), "areas-import-no-name-column")]);
    }
}

#[test]
fn a_point_tells_its_table_in_few_records_and_the_hub_knows_it() {
    testkit::run(async {
        let point = started(KitBuilder::on(TestEngine::Sqlite).point(2)).await;
        let hub = started(KitBuilder::on(TestEngine::Sqlite)).await;
        let mut text = format!("{HEAD};Tày\n");
        for line in 0..300 {
            writeln!(text, ";;thôn;Thôn số {line};20;100;90").expect("text");
        }
        let place = id("01969.2025");
        let mai = mai();
        let kept =
            village_import::keep_table(&point.app, &mai, table("01969.2025", text.as_bytes()));
        let kept = kept.await.expect("kept");
        let seen = village_import::check_table(&point.app, &mai, &place, &kept).await;
        let seal = seen.expect("seen").seal;
        village_import::record_table(&point.app, &mai, &place, &kept, &seal)
            .await
            .expect("recorded");
        let rows = point.db().view(async |tx| {
            let (epoch, _) = records::up_head(tx).await?.expect("something was said");
            Ok(records::up_after(tx, epoch, 0, 1000).await?)
        });
        let rows = rows.await.expect("the log");
        let bytes: usize = rows.iter().map(|row| row.body.len()).sum();
        println!("{} records, {bytes} bytes", rows.len());
        assert!(rows.len() < 20 && rows.iter().all(|row| row.body.len() < 12 << 10));
        for row in rows {
            let record = records::Incoming {
                seq: row.seq,
                ..testkit::said_by((7, PLACE), row.kind, row.body)
            };
            hub.hear(&record).await.expect("applied");
        }
        let sum = hub.db().view(async |tx| {
            let place = ScopePath::parse(PLACE).expect("a path");
            let groups: i64 = tx
                .one(kernel::sql!("select count(*) as value from areas_group_counts"), &[])
                .await?;
            Ok((areas::rollup(tx, &place, tx.now().day()).await?, groups))
        });
        let (sum, groups) = sum.await.expect("read");
        assert_eq!((sum.people, sum.counted, sum.villages, groups), (30_000, 300, 300, 300));
    });
}

#[test]
fn numbers_are_read_as_people_write_them() {
    let good = [
        ("0", 0),
        ("1234", 1234),
        ("1.234", 1234),
        ("1,234", 1234),
        ("1 234", 1234),
        ("999.999", 999_999),
    ];
    for (text, number) in good {
        assert_eq!(whole_number(text), Ok(number), "{text}");
    }
    let wrong = [
        ("-5", "negative"),
        ("−5", "negative"),
        ("1.5", "decimal"),
        ("12,50", "decimal"),
        ("1.2345", "decimal"),
        ("1.234,5", "decimal"),
        ("0.500", "decimal"),
        ("1e3", "not-a-number"),
        ("năm", "not-a-number"),
        ("", "not-a-number"),
        (".", "not-a-number"),
        ("1000001", "too-large"),
        ("99999999999999999999", "too-large"),
        ("१२", "not-a-number"),
    ];
    for (text, why) in wrong {
        assert!(whole_number(text).unwrap_err().ends_with(why), "{text}");
    }
}

proptest! {
    #[test]
    fn every_number_is_read_back_from_its_vietnamese_spelling(number in 0_i64..=1_000_000) {
        prop_assert_eq!(whole_number(&kernel::text::thousands(number)), Ok(number));
        prop_assert_eq!(whole_number(&number.to_string()), Ok(number));
    }

    #[test]
    fn any_bytes_give_lines_or_problems(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        village_table::fuzz(&bytes);
    }

    #[test]
    fn any_text_under_the_headings_gives_lines_or_problems(cells in proptest::collection::vec("\\PC{0,30}", 0..60)) {
        let headings: Vec<String> = ["Mã xã", "Tên xã", "Loại", "Tên thôn", "Số hộ", "Số dân", "ĐBKK", "Tày"].map(str::to_owned).to_vec();
        let rows = cells.chunks(8).zip(2..).map(|(cells, number)| (number, cells.to_vec())).collect();
        let table = Table { headings, rows };
        let read = village_table::read(&table, Day::new(2026, 11, 22).unwrap());
        prop_assert!(read.lines.len() <= table.rows.len());
        prop_assert!(read.lines.iter().all(|line| line.name.is_some() || !read.problems.is_empty()));
    }
}

/// Whether a point stands in a commune: here only in Phủ Thông.
fn stands<'a>(_: &'a mut Tx, commune: &'a ScopePath) -> Doing<'a, bool> {
    Box::pin(async move { Ok(commune.as_str() == PLACE) })
}

testkit::on_both_engines! {
    async fn a_province_officer_brings_villages_only_where_no_point_writes_them(builder: KitBuilder) {
        let kit = builder.offering(areas::CommunePoint(stands)).with([areas::module()]).start().await;
        reference::load_only(kit.db(), &["19"]).await.expect("the province loads");
        let lan = caller("Lan", "province_officer", "/vn/19.2025/");
        let row = format!("{HEAD}\n01942;;thôn;Khuổi Lót;20;90\n");
        let done = record(&kit, &lan, table("01942.2025", row.as_bytes())).await;
        assert_eq!(done.added, 1, "nobody writes them there");
        // In the commune that has a point the point is the writer: refused at the door, and on the line.
        let row = format!("{HEAD}\n01969;;thôn;Nà Ít;20;90\n01942;;thôn;Bản Mới;20;90\n");
        let refused = village_import::keep_table(&kit.app, &lan, table("01969.2025", row.as_bytes())).await;
        let refused = refused.expect_err("the point writes them");
        assert!(refused.is(&areas::VILLAGES_AT_POINT), "{refused:?}");
        let (_, seen) = look(&kit, &lan, table("19.2025", row.as_bytes())).await;
        assert_eq!(told(&seen), [("2".to_owned(), "areas-import-at-point")]);
        // Who keeps the commune's villages themselves is not asked; other provinces are not theirs.
        look(&kit, &mai(), table("01969.2025", row.as_bytes())).await;
        let ha = caller("Hà", "province_officer", "/vn/01.2025/");
        let refused = village_import::keep_table(&kit.app, &ha, table("01942.2025", row.as_bytes())).await;
        assert!(refused.expect_err("not theirs").is(&kernel::problem::FORBIDDEN));
        let page = kit.get("Lan|province_officer|/vn/19.2025/", "/dia-ban/01942.2025").await;
        assert!(page.text.contains("/dia-ban/01942.2025/thon/nhap"), "{}", page.text);
        let page = kit.get("Lan|province_officer|/vn/19.2025/", "/dia-ban/01969.2025/thon/nhap").await;
        assert_eq!(page.status, 409);
        assert!(page.text.contains("điểm hỗ trợ"), "{}", page.text);
    }
}
