//! What crosses the bridge costs no more than was promised, counted at the socket with HTTP included. The
//! same figures as `nhipcau bench sync`; times are never asserted.

use serde_json::Value;

fn number(figures: &Value, path: &str) -> f64 {
    let at = path.split('.').fold(figures, |value, name| &value[name]);
    at.as_f64().unwrap_or_else(|| panic!("{path} is not measured: {figures}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bridge_costs_no_more_bytes_than_promised() {
    let figures = nhipcau::bench::bytes_on_wire().await.expect("measured");
    let budgets = [
        ("on_loopback.one_item_warm.random_words.bytes_on_wire", 700.0),
        ("on_loopback.one_item_warm.real_text.bytes_on_wire", 700.0),
        ("on_loopback.one_item_cold_bytes", 2_500.0),
        ("on_loopback.bulk.bytes_per_item", 330.0),
        ("on_loopback.no_op_poll_bytes", 250.0),
        ("on_loopback.receipts.batch_of_100.bytes_each", 8.0),
        ("on_loopback.receipts.batch_of_1000.bytes_each", 5.0),
        // A group of 16 KiB is proven at its end; the last piece fed may hold 15 bytes more.
        ("tampering.noticed_within_bytes", 16_400.0),
        ("tampering.unverified_releases", 0.0),
    ];
    for (path, most) in budgets {
        let measured = number(&figures, path);
        assert!(measured <= most, "{path}: {measured} of {most}");
    }
    for cuts in ["cuts_5", "cuts_20"] {
        let of = |name: &str| number(&figures, &format!("cuts.{cuts}.{name}"));
        assert!(of("wasted_bytes") <= of("allowed_bytes"), "{cuts}: {figures}");
        assert!((of("arrived") - 1_000.0).abs() < 0.5, "{cuts}: {figures}");
    }
}
