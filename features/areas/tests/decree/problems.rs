//! Everything that can be wrong with a table, told with its line and cell, and nothing half-applied.

use std::fmt::Write as _;

use areas::{
    DECREE_BUILT_ON, DECREE_STALE, LineProblem,
    actions::{
        self, NewVillage,
        decree::{self, Proposal},
    },
};
use kernel::{
    app::NodeRole,
    caller::Caller,
    problem::{FORBIDDEN, INVALID_FORM, SIGN_IN_NEEDED},
};
use testkit::caller;

use super::{administrator, apply, hash_of, heading, id, kept, propose, state, today, undo, wrong};

const HEAD: &str = "Mã cũ,Tên cũ,Hình thức,Mã mới,Tên mới,Loại mới,Mã cấp trên mới,Tỷ lệ,Căn cứ\n";
/// Two living communes of Thái Nguyên become one.
const MERGE: &str = "01969,,,01969,Phủ Thông,xã,19,,\n01942,,,01969,,,,,\n";
const NEXT_YEAR: &str = "2027-01-01";

/// Line, cell, words.
type Told<'t> = (u32, Option<&'t str>, &'t str);

/// Where each problem was seen and what it is.
fn told(problems: &[LineProblem]) -> Vec<Told<'_>> {
    problems.iter().map(|one| (one.line, one.cell.as_deref(), one.key)).collect()
}

testkit::on_both_engines! {
    async fn each_mistake_is_told_on_its_line_and_nothing_changes(builder: KitBuilder) {
        let kit = today(builder).await;
        let before = state(&kit).await;
        let cases: &[(&str, Told<'_>)] = &[
            ("99999,,,01969,,,,,\n", (2, Some("A2"), "areas-decree-old-unknown")),
            ("1969,,,01969,,,,,\n", (2, Some("A2"), "areas-decree-old-zeros")),
            ("01990,,,01969,,,,,\n", (2, Some("A2"), "areas-decree-old-gone")),
            ("01969,xã Cẩm Giàng,,01942,,,,,\n", (2, Some("B2"), "areas-decree-name-differs")),
            (",phường Không Có,,01942,,,,,\n", (2, Some("B2"), "areas-decree-name-unknown")),
            ("01969,,bay đi,01942,,,,,\n", (2, Some("C2"), "areas-decree-kind-unknown")),
            ("01969,,chia,01969,,,,,\n", (2, Some("C2"), "areas-decree-kind-one-row")),
            ("01969,,nhập,01969,,,,,\n01969,,nhập,01942,,,,,\n01942,,,01942,,,,,\n", (2, Some("C2"), "areas-decree-kind-many-rows")),
            ("01969,,giải thể,,,,,,\n01969,,,01942,,,,,\n", (3, Some("A3"), "areas-decree-twice")),
            ("01969,,,01969,,,,,\n01969,,,01969,,,,,\n", (3, Some("D3"), "areas-decree-pair-twice")),
            ("01969,,,01969,,,,,\n", (2, Some("C2"), "areas-decree-one-to-one")),
            ("01969,,,01942,,,,,\n01942,,,01969,,,,,\n", (2, Some("D2"), "areas-decree-ring")),
            ("01969,,,01960,,,,,\n01942,,,01960,,,,,\n", (2, Some("D2"), "areas-decree-code-in-use")),
            ("01969,,,1969,,,,,\n01942,,,1969,,,,,\n", (2, Some("D2"), "areas-decree-new-code")),
            ("01969,,,01969,A,,,,\n01942,,,01969,B,,,,\n", (3, Some("E3"), "areas-decree-differs")),
            ("01969,,,01969,,huyện,,,\n01942,,,01969,,,,,\n", (2, Some("F2"), "areas-decree-type-level")),
            ("01969,,,01969,,bản làng,,,\n01942,,,01969,,,,,\n", (2, Some("F2"), "areas-decree-type-unknown")),
            ("01969,,,01969,,,06,,\n01942,,,01969,,,,,\n", (2, Some("G2"), "areas-decree-parent-ended")),
            ("01969,,,01969,,,98,,\n01942,,,01969,,,,,\n", (2, Some("G2"), "areas-decree-parent-unknown")),
            ("01969,,,01969,,,01960,,\n01942,,,01969,,,,,\n", (2, Some("G2"), "areas-decree-parent-above")),
            ("01969,,đổi cấp trên,,,,19,,\n", (2, Some("G2"), "areas-decree-nothing-changes")),
            ("01969,,đổi tên,,Phủ Thông,,,,\n", (2, Some("E2"), "areas-decree-nothing-changes")),
            ("01969,,,01969,,,,1/2,dân số\n01942,,,01969,,,,,\n", (2, Some("H2"), "areas-decree-share-of-whole")),
            ("01969,,,01969,,,,một nửa,dân số\n01969,,,01942,,,,1/2,dân số\n01942,,,01942,,,,,\n", (2, Some("H2"), "areas-decree-share-unread")),
            ("01969,,,01969,,,,1/2,\n01969,,,01942,,,,1/2,dân số\n01942,,,01942,,,,,\n", (2, Some("I2"), "areas-decree-basis-missing")),
            ("01969,,,01969,,,,1/2,dân số\n01969,,,01942,,,,1/2,diện tích\n01942,,,01942,,,,,\n", (2, Some("I2"), "areas-decree-basis-mixed")),
            ("01969,,,01969,,,,1/2,dân số\n01969,,,01942,,,,,\n01942,,,01942,,,,,\n", (3, Some("H3"), "areas-decree-share-partly")),
            ("01969,,,01969,,,,1/3,dân số\n01969,,,01942,,,,0.666666666,dân số\n01942,,,01942,,,,,\n", (2, Some("H2"), "areas-decree-share-sum")),
            ("19,,giải thể,,,,,,\n", (2, None, "areas-decree-orphan")),
            ("01969,,giữ nguyên,01969,,,,,\n", (2, Some("D2"), "areas-decree-equivalent-none")),
            ("01969,,giải thể,01942,,,,,\n", (2, Some("D2"), "areas-decree-abolish-has-new")),
            ("01969,,nhập,,,,,,\n", (2, Some("D2"), "areas-decree-new-missing")),
            ("=HYPERLINK(\"x\"),,,01942,,,,,\n", (2, Some("A2"), "areas-decree-formula")),
        ];
        for (rows, expected) in cases {
            let problems = wrong(&kit, NEXT_YEAR, &format!("{HEAD}{rows}")).await;
            assert!(told(&problems).contains(expected), "{rows}: {:?}", told(&problems));
            assert!(problems.iter().all(|one| !kit.app.words.say(kernel::locale::Lang::Vi, one.key, &one.args).contains("⟦")), "{rows}");
        }
        assert_eq!(state(&kit).await, before);
        // All at once, in the order of the lines.
        let all = wrong(&kit, NEXT_YEAR, &format!("{HEAD}99999,,,01969,,,,,\n01969,,bay đi,01942,,,,,\n01942,,,1,,,,,\n")).await;
        assert_eq!(all.iter().map(|one| one.line).collect::<Vec<_>>(), [2, 3, 4]);
    }

    async fn a_parent_that_comes_later_is_not_there_yet(builder: KitBuilder) {
        let kit = crate::decree::before_2025(builder, &["19"]).await;
        // District 171 of 2024 is known from 30 June 2024 on; before, only that of 2021.
        let rows = "05569.2021,,,05569,Chợ Chu,thị trấn,167.2024,,\n05536.2021,,,05569,,,,,\n";
        let problems = wrong(&kit, "2023-01-01", &format!("{HEAD}{rows}")).await;
        assert!(told(&problems).contains(&(2, Some("G2"), "areas-decree-parent-later")), "{problems:?}");
        let problems = wrong(&kit, "2020-01-01", &format!("{HEAD}{rows}")).await;
        assert!(told(&problems).contains(&(2, Some("A2"), "areas-decree-old-unknown")), "{problems:?}");
    }

    async fn names_are_compared_without_marks_and_in_any_spelling(builder: KitBuilder) {
        let kit = today(builder).await;
        // NFD, the old tone placement, with and without the type; the columns in English.
        let table = "old_code,old_name,kind,new_code,new_name\n01969,Xa\u{303} Phu\u{309} Tho\u{302}ng,rename,,Phủ Thông Mới\n";
        let renamed = kept(&kit, NEXT_YEAR, table).await;
        apply(&kit, &renamed).await;
        let found = kit.db().view(async |tx| Ok(areas::find_at(tx, &id("01969.2025"), crate::decree::day(NEXT_YEAR)).await?)).await.expect("it is read").expect("the commune");
        assert_eq!(found.name, "Phủ Thông Mới");
        let history = kit.db().view(async |tx| Ok(areas::history(tx, &id("01969.2025")).await?)).await.expect("a history");
        assert_eq!(history.last().expect("a fact").instrument, "Nghị quyết số 1/NQ-UBTVQH15");
    }

    async fn what_another_decree_did_is_not_done_again(builder: KitBuilder) {
        let kit = today(builder).await;
        let first = kept(&kit, NEXT_YEAR, &format!("{HEAD}{MERGE}")).await;
        let second = kept(&kit, NEXT_YEAR, &format!("{HEAD}{MERGE}")).await;
        let before = state(&kit).await;
        apply(&kit, &first).await;
        let hash = hash_of(&kit, &second).await;
        let refused = decree::apply(kit.db(), NodeRole::Hub, &administrator(), &second, &hash).await.expect_err("it does not fit");
        assert!(refused.is(&areas::DECREE_UNFIT), "{refused}");
        let problems = wrong(&kit, "2027-06-01", &format!("{HEAD}01942,,,01942,,,,,\n01960,,,01942,,,,,\n")).await;
        assert_eq!(told(&problems), [(2, Some("A2"), "areas-decree-old-gone")]);
        let problems = wrong(&kit, "2026-12-01", &format!("{HEAD}01942,,,01942,,,,,\n01960,,,01942,,,,,\n")).await;
        assert!(told(&problems).contains(&(2, Some("A2"), "areas-decree-ended-by")), "{problems:?}");
        assert!(problems[0].args.iter().any(|(_, value)| value == "Nghị quyết số 1/NQ-UBTVQH15"), "{problems:?}");
        undo(&kit, &first).await;
        assert_eq!(state(&kit).await, before);
        apply(&kit, &second).await;
    }

    async fn a_decree_that_others_build_on_is_not_undone(builder: KitBuilder) {
        let kit = today(builder).await;
        let first = kept(&kit, "2026-11-01", &format!("{HEAD}{MERGE}")).await;
        apply(&kit, &first).await;
        let merged = id("01969.20261101");
        let second = kept(&kit, NEXT_YEAR, &format!("{HEAD}01969,,đổi loại,,,phường,,,\n")).await;
        apply(&kit, &second).await;
        let refused = decree::undo(kit.db(), NodeRole::Hub, &administrator(), &first).await.expect_err("built on");
        assert!(refused.is(&DECREE_BUILT_ON), "{refused}");
        undo(&kit, &second).await;
        let draft = NewVillage { commune: merged.clone(), kind: Some(areas::AreaType::Thon), name: "Nà Pài".into() };
        actions::add_village(kit.db(), NodeRole::Hub, &Caller::system(kit.app.now()), draft).await.expect("added");
        let refused = decree::undo(kit.db(), NodeRole::Hub, &administrator(), &first).await.expect_err("a village hangs on it");
        let problem = refused.problem().expect("a problem");
        assert!(problem.args.iter().any(|(_, value)| value == "thôn Nà Pài"), "{problem:?}");
    }

    async fn only_administrators_of_the_country_may_and_only_at_the_hub(builder: KitBuilder) {
        let kit = today(builder).await;
        let file = format!("{HEAD}{MERGE}");
        for (who, kind) in [
            (Caller::nobody(kit.app.now()), &SIGN_IN_NEEDED),
            (caller("Lan", "administrator", "/vn/19.2025/"), &FORBIDDEN),
            (caller("Tú", "province_officer", "/vn/"), &FORBIDDEN),
        ] {
            let refused = decree::propose(kit.db(), NodeRole::Hub, &who, heading(NEXT_YEAR), file.as_bytes()).await.expect_err("refused");
            assert!(refused.is(kind), "{refused}");
        }
        let at_point = decree::propose(kit.db(), NodeRole::Point, &administrator(), heading(NEXT_YEAR), file.as_bytes()).await.expect_err("refused");
        assert!(at_point.is(&areas::DECREE_AT_HUB));
    }

    async fn what_was_checked_is_what_is_applied_and_only_once(builder: KitBuilder) {
        let kit = today(builder).await;
        let decree_id = kept(&kit, NEXT_YEAR, &format!("{HEAD}{MERGE}")).await;
        let other = decree::apply(kit.db(), NodeRole::Hub, &administrator(), &decree_id, &"0".repeat(64)).await.expect_err("another table");
        assert!(other.is(&DECREE_STALE));
        apply(&kit, &decree_id).await;
        let hash = hash_of(&kit, &decree_id).await;
        let again = decree::apply(kit.db(), NodeRole::Hub, &administrator(), &decree_id, &hash).await.expect_err("applied");
        assert!(again.is(&DECREE_STALE));
        undo(&kit, &decree_id).await;
        let again = decree::undo(kit.db(), NodeRole::Hub, &administrator(), &decree_id).await.expect_err("undone");
        assert!(again.is(&DECREE_STALE));
    }

    async fn files_that_are_no_tables_are_told_on_the_form(builder: KitBuilder) {
        let kit = today(builder).await;
        let large = vec![b'x'; 10 << 20];
        let files: [&[u8]; 5] = [b"", b"PK\x03\x04 broken", &[0xD0, 0xCF, 0x11, 0xE0, 1], b"a\xFF\xFE,b\n", &large];
        for file in files {
            let refused = decree::propose(kit.db(), NodeRole::Hub, &administrator(), heading(NEXT_YEAR), file).await.expect_err("no table");
            let problem = refused.problem().expect("a problem");
            assert!(problem.kind.code == INVALID_FORM.code && problem.fields[0].field == "file", "{problem:?}");
        }
        let mut bad = heading("1/13/2027");
        bad.instrument = String::new();
        let refused = decree::propose(kit.db(), NodeRole::Hub, &administrator(), bad, HEAD.as_bytes()).await.expect_err("no day");
        let fields: Vec<&str> = refused.problem().expect("a problem").fields.iter().map(|field| field.field.as_str()).collect();
        assert_eq!(fields, ["instrument", "effective_on"]);
        assert!(matches!(propose(&kit, NEXT_YEAR, HEAD).await.expect("read"), Proposal::Wrong(_)));
    }

    async fn sixty_thousand_wrong_rows_are_told_boundedly(builder: KitBuilder) {
        let kit = today(builder).await;
        let mut table = HEAD.to_owned();
        for row in 0..59_999 {
            let to = row % 3_000;
            let _ = writeln!(table, "{row:05},Tên sai,nhập,{to:05},Tên,xã,19,,");
        }
        let problems = wrong(&kit, NEXT_YEAR, &table).await;
        assert!(problems.len() <= 500, "{}", problems.len());
    }
}
