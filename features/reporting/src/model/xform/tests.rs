//! What is written is read again; numbers as phones write them; hostile instances.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::{
    model::{CellKey, CellState, DataElement, ElementId},
    reference::shipped,
};

fn elements() -> BTreeMap<ElementId, DataElement> {
    shipped().elements.iter().map(|one| (one.code.clone(), one.clone())).collect()
}

fn depth_and_tags(xml: &str) -> Tree {
    Tree::parse(xml).expect("an instance")
}

#[test]
fn numbers_with_exponents_are_read_to_the_last_digit() {
    for (text, plain) in [
        ("5", "5"),
        ("-5.50", "-5.5"),
        ("3.06105E8", "306105000"),
        ("1.0E7", "10000000"),
        ("1.25E-2", "0.0125"),
        ("007", "7"),
        ("0.0", "0"),
        ("9.9999999999999E13", "99999999999999"),
    ] {
        assert_eq!(plain_number(text).as_deref(), Some(plain), "{text}");
    }
    for wrong in ["", "E5", "1E", "1,5", "1.2.3", "--1", "1E99", "NaN", "Infinity", "0x1F", "１"] {
        assert_eq!(plain_number(wrong), None, "{wrong}");
    }
}

#[test]
fn every_cell_of_every_shipped_form_has_a_question_and_comes_back() {
    let elements = elements();
    for form in &shipped().forms {
        let layout = Layout::of(form);
        let xml = write(&Asked { layout: &layout, elements: &elements });
        assert_eq!(xml, write(&Asked { layout: &Layout::of(form), elements: &elements }));
        let cells: std::collections::BTreeSet<CellKey> =
            form.tables().flat_map(|(_, table)| table.cells()).map(|placed| placed.key).collect();
        let paths = layout.paths();
        assert_eq!(paths.len(), cells.len(), "{}", form.dataset);
        for path in paths.values() {
            assert_eq!(xml.matches(&format!("nodeset=\"{path}\"")).count(), 1, "{path}");
            assert_eq!(xml.matches(&format!("<input ref=\"{path}\"")).count(), 1, "{path}");
        }
        // Every question answered with its number.
        let mut answers = String::new();
        for (at, path) in paths.values().enumerate() {
            let name = path.rsplit('/').next().expect("a name");
            answers.extend(["<", name, ">", &at.to_string(), "</", name, ">"]);
        }
        let instance = format!(
            "<data id=\"{}\" version=\"1\"><baocao>x</baocao><g>{answers}</g><meta><instanceID>uuid:1</instanceID></meta></data>",
            form.dataset
        );
        let filled = read(&layout, &elements, &depth_and_tags(&instance));
        assert_eq!(filled.misread, Vec::new(), "{}", form.dataset);
        assert_eq!(filled.figures.len(), cells.len());
        for (key, state) in &filled.figures {
            let at = paths.keys().position(|known| *known == key).expect("a cell");
            let decimals = elements[&key.element].decimals;
            let amount = i64::try_from(at).expect("few") * 10_i64.pow(decimals);
            assert_eq!(*state, CellState::Value(amount), "{}", key.text());
        }
    }
}

#[test]
fn rules_of_the_form_hold_on_the_phone_too() {
    let elements = elements();
    let form = shipped()
        .forms
        .iter()
        .find(|one| one.dataset.as_str() == "diem-ho-tro")
        .expect("the form")
        .clone();
    let xml = write(&Asked { layout: &Layout::of(&form), elements: &elements });
    let rule = "(. &lt;= /data/s_solieu/r_2/c_10.6)";
    assert!(xml.contains(rule), "{xml}");
    assert!(xml.contains("số nữ lớn hơn tổng số"));
}

#[test]
fn phones_know_what_the_columns_of_growing_tables_hold() {
    use crate::model::form::{Bounds, ColumnKind, RowColumn, RowTable, Section, SectionBody};
    let elements = elements();
    let mut form = shipped().forms.first().expect("a form").clone();
    let column = |code: &str, unit: &str, decimals, bounds| RowColumn {
        code: code.into(),
        title: format!("Cột {code}"),
        kind: ColumnKind::Number { unit: unit.into(), decimals, element: None },
        required: false,
        bounds,
    };
    let most = Bounds { most: Some(60), ..Bounds::default() };
    let part = Bounds { part_of: Some("tong".into()), ..Bounds::default() };
    let day = RowColumn {
        code: "ngay".into(),
        title: "Ngày".into(),
        kind: ColumnKind::Day,
        required: true,
        bounds: Bounds { in_period: true, ..Bounds::default() },
    };
    let columns = vec![
        column("tong", "trieu-dong", 1, Bounds::default()),
        column("rieng", "ty-dong", 3, part.clone()),
        column("cung", "trieu-dong", 1, part),
        column("nguoi", "hoc-vien", 0, most),
        column("phan", "phan-tram", 1, Bounds::default()),
        day,
    ];
    form.sections = vec![Section {
        code: "lop".into(),
        title: "Lớp".into(),
        hint: String::new(),
        body: SectionBody::Rows(RowTable { columns, max_rows: 20 }),
    }];
    let layout = Layout::of(&form);
    let xml = write(&Asked { layout: &layout, elements: &elements });
    let bind = |name: &str| {
        let at = format!("<bind nodeset=\"/data/s_lop/q_lop_{name}\"");
        let line = xml.lines().find(|line| line.starts_with(&at));
        line.unwrap_or_else(|| panic!("{name} in {xml}")).to_owned()
    };
    assert!(bind("tong").contains("constraint=\"(. &gt;= 0)\""), "{}", bind("tong"));
    // One of the one is a thousand of the other: compared in whole numbers, as phones count in floating point.
    let said = bind("rieng");
    let factors = said.split("or round(. * ").nth(1).expect("a comparison");
    let (own, rest) = factors.split_once(") &lt;= round(../q_lop_tong * ").expect("both sides");
    let other = rest.split(')').next().expect("its end");
    let numbers: (f64, f64) = (own.parse().expect("a number"), other.parse().expect("a number"));
    let fits = |part: f64, whole: f64| (part * numbers.0).round() <= (whole * numbers.1).round();
    // Unrounded, 0.067 * 1e9 is more than 67 * 1e6.
    assert!(fits(0.067, 67.0) && fits(0.066, 66.1) && !fits(0.068, 67.9), "{said}");
    assert!(said.contains("Không được lớn hơn “Cột tong”"), "{said}");
    let said = bind("cung");
    assert!(said.contains("(../q_lop_tong = '' or . &lt;= ../q_lop_tong)"), "{said}");
    let said = bind("nguoi");
    assert!(said.contains("(. &gt;= 0) and (. mod 1 = 0) and (. &lt;= 60)"), "{said}");
    assert!(said.contains("Nhiều nhất là 60 học viên"), "{said}");
    assert!(bind("phan").contains("(. &lt;= 100)"), "{}", bind("phan"));
    // A phone can only refuse; a day outside the period may be right.
    assert_eq!(
        bind("ngay"),
        "<bind nodeset=\"/data/s_lop/q_lop_ngay\" type=\"date\" required=\"true()\"/>"
    );
}

#[test]
fn what_is_no_instance_is_refused() {
    for wrong in [
        "",
        "text",
        "<a>",
        "<a></b>",
        "<a/><b/>",
        "<!DOCTYPE a><a/>",
        "<a>&x;</a>",
        "<a b=\"1\" b=\"2\"/>",
        "<a/>after",
    ] {
        assert!(Tree::parse(wrong).is_err(), "{wrong}");
    }
    let deep = format!("{}{}", "<a>".repeat(13), "</a>".repeat(13));
    assert!(Tree::parse(&deep).is_err());
    let tree = depth_and_tags(
        "\u{feff}<?xml version='1.0'?><a x='1'>b<!-- c --><c>1 &lt; <![CDATA[2 & 3]]></c></a>",
    );
    assert_eq!((tree.attribute("x"), tree.said("c")), ("1", "1 < 2 & 3"));
}

proptest! {
    #[test]
    fn nothing_that_is_sent_breaks_the_reader(text in ".{0,400}", inner in "(<[a-z]{1,3}>|</[a-z]{1,3}>|[a-z0-9&;.]{0,5}){0,40}") {
        let form = &shipped().forms[0];
        let layout = Layout::of(form);
        for text in [text.clone(), format!("<data>{inner}</data>")] {
            if let Ok(tree) = Tree::parse(&text) {
                let _ = read(&layout, &BTreeMap::new(), &tree);
            }
        }
    }

    #[test]
    fn plain_numbers_stay_what_they_are(whole in 0_u64..1_000_000_000_000, part in 1_u32..1000) {
        let text = format!("{whole}.{part}");
        let plain = plain_number(&text).expect("a number");
        prop_assert_eq!(plain, text.trim_end_matches('0').trim_end_matches('.'));
    }
}
