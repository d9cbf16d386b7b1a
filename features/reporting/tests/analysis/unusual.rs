//! Unusual figures: the page of a whole province and the report of one commune say the same of a figure.

use kernel::{db::Tx, sql};
use testkit::Kit;

use super::{COMMUNE_OFFICER, PROVINCE_OFFICER, put};
use crate::cast::{COMMUNE, PLACE, edit, officer, started, typed, which};

const REPORT: &str = "/bao-cao/diem-ho-tro/nd09q-2026-4/01969.2025/chinh-thuc";

/// A page as people read it.
async fn page(kit: &Kit, who: &str, address: &str) -> String {
    let page = kit.get(who, address).await;
    assert_eq!(page.status, 200, "{address}: {}", page.text);
    page.text
}

/// A cell has held these amounts in the quarters before, the last one first.
async fn held(kit: &Kit, cell: &str, amounts: &[i64]) {
    let quarters = (0..).map(|back: i32| {
        let at = 2026 * 4 + 2 - back;
        format!("nd09q-{}-{}", at.div_euclid(4), at.rem_euclid(4) + 1)
    });
    let quarters: Vec<(String, i64)> = quarters.zip(amounts.iter().copied()).collect();
    let rows: Vec<_> = quarters
        .iter()
        .map(|(quarter, amount)| (COMMUNE, PLACE, quarter.as_str(), cell, *amount))
        .collect();
    put(kit, &rows).await;
}

testkit::on_both_engines! {
    async fn a_province_and_its_commune_read_the_same_in_the_same_past(builder: KitBuilder) {
        let kit = started(builder).await;
        // Only the fourth quarters are high.
        held(&kit, "10.6", &[20, 21, 19, 200, 22, 20, 18, 210, 21, 19, 20, 190]).await;
        // Added below a row, and nothing else than usual.
        held(&kit, "10.6:dt=dao", &[5, 6, 5, 4]).await;
        held(&kit, "10.5a", &[3, 3, 3, 3]).await;
        // None of it occurred in a whole year.
        held(&kit, "10.5b", &[1, 1, 1, 1]).await;
        kit.db()
            .change(async |tx: &mut Tx| {
                tx.run(
                    sql!("update reporting_values set state = 1, amount = null where cell = (select no from reporting_cells where element = '10.5b')"),
                    &[],
                )
                .await?;
                Ok(())
            })
            .await
            .expect("it is written");
        let edits = vec![
            edit("10.6", 0, 24),
            edit("10.6:dt=dao", 0, 90),
            edit("10.5a", 0, 3),
            edit("10.5b", 0, 40),
        ];
        typed(&kit, &officer(&kit), &which(COMMUNE), edits).await;

        let report = page(&kit, COMMUNE_OFFICER, REPORT).await;
        for usual in ["Thường: 148–252", "Thường: 0<"] {
            assert!(report.contains(usual), "{usual}: {report}");
        }
        let province = page(&kit, PROVINCE_OFFICER, "/so-lieu/bat-thuong?o=19.2025&ky=nd09q-2026-4").await;
        let (_, forms) = province.split_once("name=\"bo\"").expect("forms to choose from");
        let (forms, _) = forms.split_once("</select>").expect("their end");
        assert!(forms.contains("selected>Điểm hỗ trợ và tuyên truyền"), "the form whose figures these are: {forms}");
        assert!(!forms.contains("value=\"bm-01\""), "a form of years has no quarter: {forms}");
        assert!(province.contains("Có 3 số khác thường trong 4 số đã rà soát"), "{province}");
        for why in [
            "cùng kỳ 3 năm trước thường từ 148 đến 252, kỳ này là 24",
            "trong 4 kỳ trước thường là 0, kỳ này là 40",
            "kỳ này là 90",
        ] {
            assert!(province.contains(why), "{why}: {province}");
        }
    }
}
