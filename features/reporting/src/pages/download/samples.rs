//! The page of downloads with what it must survive.

use kernel::web::Sample;

use super::{Choice, FORM, Form};
use crate::pages::place::Asked;

const HOSTILE: &str = "<script>alert(1)</script> \"' & \u{202e}rtl {{ 7*7 }}";

/// All samples.
pub fn all() -> Vec<Sample> {
    let choice = |value: &str, label: &str| Choice { value: value.into(), label: label.into() };
    let begun = Form {
        datasets: vec![choice("diem-ho-tro", "Điểm hỗ trợ"), choice(HOSTILE, HOSTILE)],
        area: Asked { typed: "Xã Phủ Thông".into(), chosen: "/vn/".into(), ..Asked::default() },
        ..Form::default()
    };
    let chosen = Form {
        dataset: "diem-ho-tro".into(),
        title: HOSTILE.into(),
        periods: vec![
            choice("nd09q-2026-4", "Quý IV/2026 (15/9 – 14/12/2026)"),
            choice("x", HOSTILE),
        ],
        estimated: true,
        area: Asked { typed: HOSTILE.into(), ..Asked::default() },
        ..begun.clone()
    };
    vec![FORM.sample(&Form::default()), FORM.sample(&begun), FORM.sample(&chosen)]
}
