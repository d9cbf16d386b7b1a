//! Tables of targets beside what stands: baselines of other years, and what their form refuses.

use reporting::{
    actions::define::target_sheet::look,
    model::target::{Baseline, Comparator, Goal},
};
use testkit::{KitBuilder, TestEngine};

use super::*;

testkit::on_both_engines! {
    async fn a_baseline_that_a_table_cannot_tell_stays_when_the_table_comes_back(builder: KitBuilder) {
        let kit = started(builder).await;
        let dung = caller("Dung", "programme_officer", "/vn/19.2025/");
        let mut proposal = target("2027", "4", "19.2025", "Phấn đấu");
        proposal.extend(pairs(&[("nam-goc", "2020"), ("goc", "10")]));
        let proposed = send(&kit, PROVINCE, &format!("{HERE}/muc-tieu/moi/sua"), &proposal).await;
        assert_eq!(proposed.status, 303, "{}", proposed.text);
        let word = pairs(&[("buoc", "duyet"), ("phien-ban", "1"), ("ly-do", "Đã xem xét")]);
        let decided = send(&kit, PROVINCE_LEADER, &format!("{}/quyet", proposed.location()), &word).await;
        assert_eq!(decided.status, 303, "{}", decided.text);
        let template = format!("{HERE}/nhap-muc-tieu/mau.xlsx?chi-tieu=MT02&noi=tinh&nam=2027");
        let table = kit.get(PROVINCE, &template).await;
        let back = look(&kit.app, &dung, &Brought::file(table.bytes)).await.expect("it is looked at");
        assert_eq!((back.same, back.fresh.len(), back.troubles.len()), (1, 0, 0), "{:?}", back.fresh);
        let changed = async |baseline: &str| {
            let text = format!("Mã chỉ tiêu\tĐịa bàn\tNăm\tGiá trị\tGiá trị gốc\nMT02\tTỉnh Thái Nguyên\t2027\t6\t{baseline}\n");
            let told = look(&kit.app, &dung, &Brought::file(text.into_bytes())).await.expect("it is looked at");
            assert!(told.troubles.is_empty(), "{:?}", told.troubles);
            told.fresh.first().and_then(|(_, _, target)| target.baseline.clone())
        };
        assert_eq!(changed("").await, Some(Baseline { year: 2020, value: "10".to_owned() }));
        assert_eq!(changed("11").await, Some(Baseline { year: 2026, value: "11".to_owned() }));
    }

    async fn the_form_of_the_table_names_ones_own_province_and_refuses_what_is_none(builder: KitBuilder) {
        let kit = started(builder).await;
        let first = async |who: &str| {
            let page = read(&kit.get(who, &format!("{HERE}/nhap-muc-tieu")).await);
            let option = page.split("<option value=\"tinh\"").nth(1).and_then(|rest| rest.split("</option>").next());
            option.and_then(|rest| rest.split_once('>')).map(|(_, words)| words.to_owned())
        };
        assert_eq!(first(PROVINCE).await.as_deref(), Some("Tỉnh Thái Nguyên"));
        let template = format!("{HERE}/nhap-muc-tieu/mau.xlsx");
        for (wrong, words) in [
            ("noi=01969.2025&nam=2027", "“01969.2025” không phải mã của tỉnh, thành phố nào"),
            ("noi=99.1900&nam=2027", "“99.1900” không phải mã của tỉnh, thành phố nào"),
            ("noi=tinh&chi-tieu=KHONG&nam=2027", "Không có chỉ tiêu nào tên hoặc mã là “KHONG”"),
        ] {
            let page = kit.get(MINISTRY, &format!("{template}?{wrong}")).await;
            assert_eq!(page.status, 422, "{wrong}");
            assert!(page.text.contains(words), "{wrong}: {}", page.text);
        }
        let table = kit.get(MINISTRY, &format!("{template}?noi=tinh&nam=2027")).await;
        assert_eq!(table.status, 200);
        let name = table.headers.get("content-disposition").and_then(|it| it.to_str().ok());
        assert!(name.is_some_and(|name| name.contains("muc-tieu-2027.xlsx")), "{name:?}");
    }
}

/// A program of others (PyPI: `openpyxl`) opens the table, finds its lists and what is fixed, fills five places in
/// and saves it. Skipped unless `TEST_FOREIGN_READERS` names a Python that has it.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "tests are told by the environment where the packages are"
)]
fn a_foreign_program_fills_the_table_in() {
    let Some(python) = std::env::var("TEST_FOREIGN_READERS").ok().filter(|one| !one.is_empty())
    else {
        eprintln!("skipped: TEST_FOREIGN_READERS names no Python with openpyxl");
        return;
    };
    testkit::run(async move {
        let kit = started(KitBuilder::on(TestEngine::Sqlite)).await;
        let address = format!("{HERE}/nhap-muc-tieu/mau.xlsx?chi-tieu=MT02&noi=19.2025&nam=2027");
        let (from, to) = (kit.folder.join("mau.xlsx"), kit.folder.join("dien.xlsx"));
        std::fs::write(&from, kit.get(PROVINCE, &address).await.bytes).expect("written");
        let script = format!("{}/tests/foreign/targets_py.py", env!("CARGO_MANIFEST_DIR"));
        let output = std::process::Command::new(python).arg(script).args([&from, &to]).output();
        let output = output.expect("the program runs");
        let words = [output.stdout, output.stderr]
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .join("\n");
        assert!(output.status.success(), "{words}");
        let dung = caller("Dung", "programme_officer", "/vn/19.2025/");
        let filled = Brought::file(std::fs::read(&to).expect("it was saved"));
        let told = look(&kit.app, &dung, &filled).await.expect("it is looked at");
        assert!(told.troubles.is_empty(), "{:?}", told.troubles);
        assert_eq!((told.same, told.empty, told.fresh.len()), (0, 87, 5));
        let compare =
            |comparator, value: &str| Goal::Compare { comparator, value: value.to_owned() };
        let range = Goal::Range { low: "2".to_owned(), high: "3.5".to_owned() };
        let goals: Vec<&Goal> = told.fresh.iter().map(|(_, _, target)| &target.goal).collect();
        let expected = [
            compare(Comparator::AtMost, "4.5"),
            compare(Comparator::AtLeast, "75"),
            range,
            compare(Comparator::LessThan, "3"),
            compare(Comparator::AtLeast, "2.25"),
        ];
        assert_eq!(goals, expected.iter().collect::<Vec<_>>());
        let (row, _, first) = &told.fresh[0];
        assert_eq!((*row, first.legal_basis.as_str()), (2, "Nghị quyết 12/NQ-HĐND"));
        assert_eq!(first.baseline, Some(Baseline { year: 2026, value: "6.1".to_owned() }));
    });
}
