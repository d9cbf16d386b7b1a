//! Tables of targets beside what stands: baselines of other years, and what their form refuses.

use reporting::{actions::define::target_sheet::look, model::target::Baseline};

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
