//! The tool's page with what it must survive.

use kernel::{clock::Day, web::Sample};

use super::{CONVERT, CellLine, Choice, Convert, ConvertForm, Converted, Group, Part, Row};
use crate::{model::view::Law, pages::Crumb};

/// All samples of the page.
pub fn all(hostile: &str, errors: super::Errors) -> Vec<Sample> {
    let choice = |value: &str, label: &str| Choice { value: value.into(), label: label.into() };
    let blank = Convert {
        crumbs: vec![Crumb::link("Địa bàn".into(), "/dia-ban"), Crumb::here("Quy đổi".into())],
        frames: vec![choice("2024", "Trước 01/07/2025"), choice("today", "Hiện nay")],
        levels: super::levels(),
        laws: Law::ALL.iter().map(|law| law.code()).collect(),
        form: ConvertForm {
            from: "2024".into(),
            to: "today".into(),
            of: "commune".into(),
            level: "commune".into(),
            law: "additive".into(),
            ..ConvertForm::default()
        },
        ..Convert::default()
    };
    let part = |title: &str, how: &str| Part {
        href: "/dia-ban/01990.2024".into(),
        title: title.into(),
        code: "01990".into(),
        figure: "120".into(),
        how: how.into(),
        by: "Nghị quyết số 1".into(),
    };
    let row = |grade, title: &str| Row {
        href: "/dia-ban/01969.2025".into(),
        title: title.into(),
        code: "01969".into(),
        figure: if grade == "undefined" { String::new() } else { "1.234,5".into() },
        grade,
        quality: "ước tính (theo dân số, từ 34 đến 100)".into(),
        reported: if grade == "exact" {
            String::new()
        } else {
            "7/9 nguồn có số liệu".into()
        },
        made_of: "120 + 80 từ xã A, xã B".into(),
        parts: vec![part("Xã Lục Bình", "toàn bộ"), part(hostile, hostile)],
        more_parts: if grade == "exact" { 0 } else { 1_200 },
    };
    let group = |names: &str| Group {
        names: names.into(),
        figure: "1.234".into(),
        note: "tổng của nhóm là chính xác".into(),
    };
    let result = Converted {
        from: Day::new(2024, 6, 30),
        to: Day::new(2025, 7, 1),
        exact: "2.906".into(),
        estimated: "0".into(),
        undefined: "415".into(),
        unshared: "415".into(),
        before: Some("200".into()),
        after: Some("200".into()),
        rest: None,
        rows: vec![row("exact", "Xã Phủ Thông")],
        ..Converted::default()
    };
    let everything = Converted {
        rest: Some("34".into()),
        all: Some("3.321".into()),
        rows: vec![row("exact", hostile), row("estimated", "Xã B"), row("undefined", "Xã C")],
        groups: vec![group("Xã A (00001), xã B (00002)"), group(""), group(hostile)],
        more_groups: 12,
        ..result.clone()
    };
    let nothing = Converted { before: None, after: None, rows: Vec::new(), ..result.clone() };
    let typed =
        ConvertForm { table: hostile.into(), from_day: hostile.into(), ..blank.form.clone() };
    let cell = CellLine { address: "B2".into(), text: hostile.into() };
    let samples = [
        blank.clone(),
        Convert { result: Some(result), ..blank.clone() },
        Convert { result: Some(everything), form: typed.clone(), ..blank.clone() },
        Convert { result: Some(nothing), ..blank.clone() },
        Convert { form: typed, cells: vec![cell], more_cells: 3, errors, ..blank },
    ];
    samples.iter().map(|page| CONVERT.sample(page)).collect()
}
