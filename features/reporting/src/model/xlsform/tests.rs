//! Workbooks as people write them, and as nobody should.

use std::collections::BTreeMap;

use kernel::clock::Day;
use proptest::prelude::*;
use rust_xlsxwriter::Workbook;

use super::*;
use crate::{
    model::{
        form::{ColumnKind, SectionBody},
        formula::Formula,
    },
    reference::shipped,
};

type Rows<'a> = &'a [&'a [&'a str]];

fn workbook(sheets: &[(&str, Rows<'_>)]) -> Vec<u8> {
    let mut book = Workbook::new();
    for (name, rows) in sheets {
        let sheet = book.add_worksheet().set_name(*name).expect("a sheet");
        for (r, row) in rows.iter().enumerate() {
            for (c, text) in row.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
                let (r, c) = (u32::try_from(r).expect("few"), u16::try_from(c).expect("few"));
                sheet.write_string(r, c, *text).expect("a cell");
            }
        }
    }
    book.save_to_buffer().expect("a workbook")
}

fn read_bytes(bytes: &[u8]) -> Result<(Bundle, Vec<Note>), Vec<Trouble>> {
    let elements: BTreeMap<_, _> =
        shipped().elements.iter().map(|one| (one.code.clone(), one.clone())).collect();
    let dimensions: BTreeMap<_, _> =
        shipped().dimensions.iter().map(|one| (one.code.clone(), one.clone())).collect();
    let from = Day::new(2027, 1, 1).expect("a day");
    super::read(bytes, Ground { elements: &elements, dimensions: &dimensions, from })
}

fn good(sheets: &[(&str, Rows<'_>)]) -> (Bundle, Vec<Note>) {
    read_bytes(&workbook(sheets)).unwrap_or_else(|troubles| panic!("{troubles:?}"))
}

fn bad(sheets: &[(&str, Rows<'_>)]) -> Vec<(String, u32, String, &'static str)> {
    let troubles = read_bytes(&workbook(sheets)).expect_err("troubles");
    troubles.into_iter().map(|one| (one.sheet, one.row, one.column, one.what)).collect()
}

const SURVEY: Rows<'static> = &[
    &[
        "type",
        "name",
        "label::English (en)",
        "label::Tiếng Việt (vi)",
        "hint",
        "required",
        "constraint",
        "constraint_message",
        "relevant",
        "calculation",
        "repeat_count",
        "nhipcau::element",
        "nhipcau::unit",
        "nhipcau::coords",
        "appearance",
    ],
    &["start", "start"],
    &["begin group", "nguoi", "People", "Người tham gia", "Tính cả người đi cùng"],
    &[
        "integer",
        "tong",
        "All",
        "Tổng số người",
        "Đếm theo sổ",
        "yes",
        ". >= 0",
        "",
        "",
        "",
        "",
        "",
        "nguoi",
    ],
    &[
        "integer",
        "nu",
        "Women",
        "Trong đó nữ",
        "",
        "",
        ". <= ${tong}",
        "Số nữ lớn hơn tổng số",
        "",
        "",
        "",
        "",
        "nguoi",
    ],
    &[
        "decimal",
        "tien",
        "Money",
        "Kinh phí",
        "",
        "",
        "",
        "",
        "${tong} > 0",
        "",
        "",
        "",
        "trieu-dong",
    ],
    &["calculate", "tb", "", "", "", "", "", "", "", "${tien} div ${tong}"],
    &["text", "nhanxet", "Remarks", "Nhận xét", "", "true"],
    &["image", "anh", "Picture", "Ảnh"],
    &["end group"],
    &["begin repeat", "lop", "Classes", "Các lớp", "", "", "", "", "", "", "40"],
    &["text", "ten", "Name", "Tên lớp", "", "yes"],
    &["date", "ngay", "Day", "Ngày mở"],
    &["select_one loai", "loai", "Kind", "Loại"],
    &[
        "integer",
        "hv",
        "Learners",
        "Học viên",
        "",
        "",
        ". > 0",
        "",
        "",
        "",
        "",
        "10.6",
        "luot-nguoi",
    ],
    &["geopoint", "noi", "Place", "Nơi mở"],
    &["end repeat"],
    &[
        "integer",
        "phunu",
        "Women served",
        "Lượt nữ dùng điểm",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "10.6",
        "",
        "gt=nu",
    ],
    &["select_one loai", "ngoai", "Outside", "Ngoài bảng"],
    &["select_multiple loai", "nhieu", "Many", "Nhiều"],
];
const CHOICES: Rows<'static> = &[
    &["list_name", "name", "label::Tiếng Việt (vi)"],
    &["loai", "ngan", "Ngắn hạn"],
    &["loai", "dai", "Dài hạn"],
];
const SETTINGS: Rows<'static> = &[
    &["form_title", "form_id", "version", "nhipcau::scheme"],
    &["Theo dõi lớp học", "lop-hoc", "3", "m"],
];

#[test]
fn a_form_as_people_write_it_becomes_sections_tables_and_rules() {
    let (bundle, notes) = good(&[("survey", SURVEY), ("choices", CHOICES), ("settings", SETTINGS)]);
    assert_eq!(
        (
            bundle.dataset.code.as_str(),
            bundle.dataset.scheme.as_str(),
            bundle.dataset.title.as_str()
        ),
        ("lop-hoc", "m", "Theo dõi lớp học")
    );
    let titles: Vec<&str> = bundle.form.sections.iter().map(|one| one.title.as_str()).collect();
    assert_eq!(
        titles,
        [
            "Người tham gia",
            "Nhận xét",
            "Người tham gia: tài liệu, hình ảnh",
            "Các lớp",
            "Theo dõi lớp học"
        ]
    );
    let SectionBody::Table(people) = &bundle.form.sections[0].body else { panic!("a table") };
    assert_eq!(people.rows.len(), 3);
    assert!(people.rows[0].required && !people.rows[1].required);
    assert_eq!(bundle.form.sections[0].hint, "Tính cả người đi cùng");
    let codes: Vec<&str> = bundle.elements.iter().map(|one| one.code.as_str()).collect();
    assert_eq!(codes, ["lop-hoc.nu", "lop-hoc.tien", "lop-hoc.tong"], "10.6 is known");
    let money = &bundle.elements[1];
    assert_eq!(
        (money.unit.as_str(), money.decimals, money.name.as_str()),
        ("trieu-dong", 2, "Kinh phí")
    );
    assert_eq!(bundle.elements[2].sheet.concept, "Đếm theo sổ");
    let SectionBody::Rows(classes) = &bundle.form.sections[3].body else { panic!("rows") };
    assert_eq!(classes.max_rows, 40);
    assert_eq!(
        classes.columns.iter().map(|one| one.code.as_str()).collect::<Vec<_>>(),
        ["ten", "ngay", "loai", "hv"]
    );
    assert!(
        matches!(&classes.columns[2].kind, ColumnKind::Choice(all) if all[1].name == "Dài hạn")
    );
    assert!(
        matches!(&classes.columns[3].kind, ColumnKind::Number { element: Some(id), .. } if id.as_str() == "10.6")
    );
    let SectionBody::Table(known) = &bundle.form.sections[4].body else { panic!("a table") };
    assert_eq!(known.rows[0].coords.text(), "gt=nu");
    // `. >= 0` is checked of every count; the other became a rule that parses.
    assert_eq!(bundle.form.rules.len(), 1);
    assert_eq!(bundle.form.rules[0].check, "([lop-hoc.nu] <= [lop-hoc.tong])");
    assert_eq!(bundle.form.rules[0].message, "Số nữ lớn hơn tổng số");
    Formula::parse(&bundle.form.rules[0].check).expect("a formula");
    // Nothing is left out in silence.
    let told: Vec<(u32, &str, &str)> = notes
        .iter()
        .filter(|one| one.sheet == "survey")
        .map(|one| (one.row, one.column.as_str(), one.what))
        .collect();
    for expected in [
        (1, "appearance", "reporting-xlsform-column-unused"),
        (2, "", "reporting-xlsform-automatic"),
        (6, "relevant", "reporting-xlsform-cell-unused"),
        (7, "calculation", "reporting-xlsform-computed"),
        (15, "constraint", "reporting-xlsform-cell-unused"),
        (16, "", "reporting-xlsform-foreign"),
        (19, "", "reporting-xlsform-one-outside"),
        (20, "", "reporting-xlsform-foreign"),
    ] {
        assert!(told.contains(&expected), "{expected:?} in {told:?}");
    }
}

#[test]
fn shares_do_not_add_up_and_what_is_counted_does() {
    use areas::view::Law;
    let survey: Rows<'_> = &[
        &["type", "name", "label", "nhipcau::unit"],
        &["decimal", "ty_le", "Tỷ lệ hộ có nước sạch", "phan-tram"],
        &["integer", "ho", "Hộ có nước sạch", "ho"],
    ];
    let settings: Rows<'_> = &[&["form_title", "form_id"], &["Nước sạch", "nuoc"]];
    let (bundle, _) = good(&[("survey", survey), ("settings", settings)]);
    let laws: Vec<(&str, Law)> =
        bundle.elements.iter().map(|one| (one.unit.as_str(), one.law)).collect();
    assert_eq!(laws, [("ho", Law::Additive), ("phan-tram", Law::NonAdditive)]);
}

#[test]
fn what_a_repeat_says_of_its_columns_is_taken_where_it_means_the_same() {
    use crate::model::form::Bounds;
    let survey: Rows<'_> = &[
        &["type", "name", "label", "constraint", "nhipcau::unit"],
        &["begin repeat", "lop", "Các lớp"],
        &["integer", "nu", "Nữ", "(. <= ${tong_so}) and . >= 0", "nguoi"],
        &["integer", "tong_so", "Tổng số", ".<=60", "nguoi"],
        &["integer", "khac", "Khác", ". <= ${tong_so} + 1", "nguoi"],
        &["integer", "tu", "Tự nó", ". <= ${tu}", "nguoi"],
        &["text", "ten", "Tên", ". <= 3"],
        &["integer", "tien", "Kinh phí", ". <= ${tong_so}", "trieu-dong"],
        &["integer", "chu", "Chữ", ". <= ${ten}", "nguoi"],
        &["end repeat"],
    ];
    let settings: Rows<'_> = &[&["form_title", "form_id"], &["Lớp", "lop"]];
    let (bundle, notes) = good(&[("survey", survey), ("settings", settings)]);
    let SectionBody::Rows(table) = &bundle.form.sections[0].body else { panic!("rows") };
    let bounds: Vec<&Bounds> = table.columns.iter().map(|one| &one.bounds).collect();
    let none = Bounds::default();
    let part = Bounds { part_of: Some(table.columns[1].code.clone()), ..Bounds::default() };
    let most = Bounds { most: Some(60), ..Bounds::default() };
    assert_eq!(bounds, [&part, &most, &none, &none, &none, &none, &none]);
    let told: Vec<u32> =
        notes.iter().filter(|one| one.column == "constraint").map(|one| one.row).collect();
    assert_eq!(told, [5, 6, 7, 8, 9]);
}

#[test]
fn what_cannot_become_a_form_is_told_with_its_cell() {
    let head: &[&str] = &[
        "type",
        "name",
        "label",
        "constraint",
        "calculation",
        "nhipcau::element",
        "nhipcau::unit",
        "nhipcau::coords",
    ];
    let troubles = bad(&[
        (
            "survey",
            &[
                head,
                &["integer", "a", "A", "", "", "", "thùng"],
                &["integer", "a", "Again"],
                &["integre", "b", "B"],
                &["integer", "", "no name"],
                &["", "c", "no type"],
                &["integer", "d", "D", "", "", "10.6", "nguoi"],
                &["integer", "e", "E", "", "", "", "", "gt=la"],
                &["integer", "f", "F", "", "", "10.5b", "", "gt=nu"],
                &["integer", "g", "G", "", "", "co dau"],
                &["integer", "h", "H", "${i} > 0"],
                &["calculate", "i", "", "", "${j}"],
                &["calculate", "j", "", "", "${i} + 1"],
                &["begin repeat", "k", "K"],
                &["select_one thieu", "l", "L"],
                &["end group"],
                &["begin group", "m", "M"],
            ],
        ),
        (
            "choices",
            &[
                &["list_name", "name", "label"],
                &["x", "1", "Một"],
                &["x", "1", "Một nữa"],
                &["x", "", "Không mã"],
            ],
        ),
    ]);
    for expected in [
        ("survey", 2, "nhipcau::unit", "reporting-xlsform-unit-unknown"),
        ("survey", 3, "name", "reporting-xlsform-name-twice"),
        ("survey", 4, "type", "reporting-xlsform-type-unknown"),
        ("survey", 5, "name", "reporting-xlsform-no-name"),
        ("survey", 6, "type", "reporting-xlsform-no-type"),
        ("survey", 7, "nhipcau::unit", "reporting-xlsform-unit-differs"),
        ("survey", 8, "nhipcau::coords", "reporting-xlsform-coords"),
        ("survey", 9, "nhipcau::coords", "reporting-xlsform-not-divided"),
        ("survey", 10, "nhipcau::element", "reporting-xlsform-element-code"),
        ("survey", 11, "constraint", "reporting-xlsform-cycle"),
        ("survey", 16, "type", "reporting-xlsform-end-without-begin"),
        ("survey", 17, "type", "reporting-xlsform-not-closed"),
        ("choices", 3, "name", "reporting-xlsform-choice-twice"),
        ("choices", 4, "name", "reporting-xlsform-choice-no-name"),
    ] {
        let expected = (expected.0.to_owned(), expected.1, expected.2.to_owned(), expected.3);
        assert!(troubles.contains(&expected), "{expected:?} in {troubles:?}");
    }
    assert!(troubles.iter().any(|one| one.3 == "reporting-xlsform-no-list"), "{troubles:?}");
}

#[test]
fn hostile_files_are_refused_in_words() {
    assert_eq!(bad(&[("Sheet1", &[&["type"]])])[0].3, "reporting-xlsform-no-survey");
    assert_eq!(bad(&[("survey", &[])])[0].3, "reporting-xlsform-no-type");
    assert_eq!(
        bad(&[("survey", &[&["name", "label"], &["a", "b"]])])[0].3,
        "reporting-xlsform-no-type"
    );
    assert_eq!(
        bad(&[("survey", &[&["type", "name"], &["note", "a"]])])[0].3,
        "reporting-xlsform-nothing"
    );
    let many: Vec<Vec<&str>> = std::iter::once(vec!["type", "name"])
        .chain((0..100_000).map(|_| vec!["integer", "a"]))
        .collect();
    let many: Vec<&[&str]> = many.iter().map(Vec::as_slice).collect();
    assert_eq!(bad(&[("survey", &many)])[0].3, "reporting-xlsform-too-many-rows");
    let deep: Vec<&[&str]> = std::iter::once(&["type", "name"][..])
        .chain((0..60).map(|_| &["begin group", "g"][..]))
        .collect();
    assert!(bad(&[("survey", &deep)]).iter().any(|one| one.3 == "reporting-xlsform-too-deep"));
    for bytes in [&b"PK\x03\x04"[..], b"", b"not a workbook", &[0xD0, 0xCF, 0x11, 0xE0]] {
        let why = read_bytes(bytes).expect_err("refused");
        assert!(why[0].what.starts_with("reporting-import-"), "{why:?}");
    }
}

#[test]
fn conditions_mean_the_same_in_both_languages_or_are_refused() {
    let mut name = |name: &str| match name {
        "a" => Ok("[1.1]".to_owned()),
        "b" => Ok("[1.2{gt=nu}]".to_owned()),
        other => Err(other.to_owned()),
    };
    for (theirs, ours) in [
        (". >= 0", "([1] >= 0)"),
        (".>=0 and . <= 100", "(([1] >= 0) and ([1] <= 100))"),
        ("${a} + ${b} <= 2 * ${a}", "(([1.1] + [1.2{gt=nu}]) <= (2 * [1.1]))"),
        ("${a} div ${b} > 0.5", "(([1.1] / [1.2{gt=nu}]) > 0.5)"),
        ("not(${a} = 1) or . = -1", "((not ([1.1] = 1)) or ([1] = (-1)))"),
        (
            "if(${a} > 1, ${a}, ${b}) >= coalesce(${a}, 0)",
            "(if(([1.1] > 1), [1.1], [1.2{gt=nu}]) >= orzero([1.1]))",
        ),
        ("round(${a}, 1) = 5", "(round([1.1], 1) = 5)"),
    ] {
        let said = expression::translate(theirs, Some("[1]"), &mut name);
        assert_eq!(said.as_ref().map(|said| said.0.as_str()), Ok(ours), "{theirs}");
    }
    for foreign in [
        "regex(., '^[0-9]+$')",
        "selected(${a}, 'x')",
        "${a} = 'x'",
        "${c} > 1",
        "../a > 1",
        "${a} mod 2 = 0",
        "count(${a}) > 1",
        "today() > .",
        "",
        "(",
        "${a",
        ". >",
        "1 +",
        "${a} ${b}",
        "string-length(.) < 5",
        "pulldata('a','b','c','d')",
        "orx(1)",
        "not(1)",
        "if(1)",
    ] {
        assert!(expression::translate(foreign, Some("[1]"), &mut name).is_err(), "{foreign}");
    }
    let deep = format!("{}1{} > 0", "(".repeat(500), ")".repeat(500));
    assert!(expression::translate(&deep, Some("[1]"), &mut name).is_err());
    let negative = format!("{}1 > 0", "-".repeat(500));
    assert!(expression::translate(&negative, Some("[1]"), &mut name).is_err());
}

proptest! {
    #[test]
    fn no_condition_breaks_the_translator(text in "[-+*/<>=!(){}$a-c0-9., '\u{e0}]{0,60}|.{0,80}") {
        let mut name = |_: &str| Ok("[1.1]".to_owned());
        if let Ok((said, _)) = expression::translate(&text, Some("[1]"), &mut name) {
            prop_assert!(Formula::parse(&said).is_ok());
        }
    }

}

proptest! {
    // Each case writes a workbook and unpacks it again.
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_sheet_breaks_the_importer(cells in proptest::collection::vec(
        (0_usize..14, "integer|text|begin group|end group|begin repeat|end repeat|select_one x|note|calculate|[a-z]{1,3}|\\$\\{[a-c]\\}|.{0,6}"), 0..60)
    ) {
        let mut rows: Vec<Vec<String>> = vec![["type", "name", "label", "constraint", "calculation"].map(str::to_owned).to_vec()];
        for chunk in cells.chunks(5) {
            rows.push(chunk.iter().map(|(_, text)| text.chars().filter(|c| !c.is_control()).collect()).collect());
        }
        let rows: Vec<Vec<&str>> = rows.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
        let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
        let _ = read_bytes(&workbook(&[("survey", &rows)]));
    }
}
