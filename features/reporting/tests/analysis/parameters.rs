//! What programs ask with a parameter missing or wrong is refused by its name.

use super::{PROVINCE_OFFICER, QUARTER};
use crate::cast::started;

testkit::on_both_engines! {
    async fn a_missing_or_wrong_parameter_is_told_by_its_name(builder: KitBuilder) {
        let kit = started(builder).await;
        let api = "/api/v1/reporting/analytics";
        for (address, field) in [
            (format!("{api}?period={QUARTER}"), "dx"),
            (format!("{api}?dx=10.6"), "period"),
            (format!("{api}?dx=10.6&period=2026-13"), "period"),
            (format!("{api}?dx=10.6&period={QUARTER}&level=ward"), "level"),
            (format!("{api}?dx=10.6&period={QUARTER}&frame=tomorrow"), "frame"),
            (format!("{api}?dx=10.6&period={QUARTER}&life=both"), "life"),
            (format!("{api}?dx=10.6&period={QUARTER}&approved=maybe"), "approved"),
        ] {
            let refused = kit.get(PROVINCE_OFFICER, &address).await;
            let told: serde_json::Value = serde_json::from_str(&refused.text).expect("a problem in JSON");
            assert_eq!((refused.status, &told["errors"][0]["field"]), (422, &field.into()), "{address}: {}", refused.text);
            assert!(told["errors"][0]["text"].as_str().is_some_and(|text| text.contains(&format!("“{field}”"))), "{}", refused.text);
        }
        let refused = kit.get("", "/so-lieu/cong-khai.json?dx=10.6&ky=2026-13").await;
        assert!(refused.status == 422 && refused.text.contains("Tham số “ky” không đúng"), "{}", refused.text);
    }
}
