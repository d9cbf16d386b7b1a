//! Samples of the pages on which villages are changed, classed and brought as a table.

use kernel::web::Sample;

use super::{
    Sum,
    classes::{CLASSES, ClassChoice, ClassForm, ClassRow, Classes, PlaceRow},
    population::{CommuneRow, CountForm, Counts, GroupField, GroupLine, GroupTable, POPULATION},
    samples::{HOSTILE, counted, crumbs, day, errors},
    village_edit::{ChangeForm, OtherVillage, VILLAGE, Village},
    village_import::{CHECK, Check, IMPORT, Import, ProblemRow, StepRow},
    villages::kinds,
};

pub(super) fn all() -> Vec<Sample> {
    let mut samples = changes();
    samples.extend(classes());
    samples.extend(counts());
    samples.extend(tables());
    samples
}

pub(super) fn sum() -> Sum {
    Sum { people: "2.120".into(), households: "512".into(), counted: 7, villages: 9, whole: false }
}

pub(super) fn class() -> ClassRow {
    ClassRow {
        mark: "areas-mark-region",
        class: "areas-class-region-3".into(),
        from: day(2026, 1, 1),
        last: Some(day(2030, 12, 31)),
        instrument: HOSTILE.into(),
        confirmed: false,
        recorded: day(2026, 2, 4),
    }
}

fn changes() -> Vec<Sample> {
    let page = Village {
        title: "Thôn Nà Pài".into(),
        href: "/dia-ban/a".into(),
        crumbs: crumbs(),
        kinds: kinds(),
        lives: true,
        ..Village::default()
    };
    let form = ChangeForm {
        kind: "ban".into(),
        name: HOSTILE.into(),
        on: HOSTILE.into(),
        instrument: HOSTILE.into(),
        end_on: "x".into(),
        into: "b".into(),
        end_instrument: HOSTILE.into(),
    };
    vec![
        VILLAGE.sample(&Village { lives: false, ..page.clone() }),
        VILLAGE.sample(&page),
        VILLAGE.sample(&Village {
            others: vec![OtherVillage { value: "b".into(), label: HOSTILE.into() }],
            removable: true,
            form,
            errors: errors(&[("name", "Nhập tên"), ("on", HOSTILE)]),
            end_errors: errors(&[("end_into", HOSTILE)]),
            ..page
        }),
    ]
}

fn classes() -> Vec<Sample> {
    let page = Classes {
        title: "Xã Phủ Thông".into(),
        action: "/dia-ban/01969.2025/phan-loai".into(),
        crumbs: crumbs(),
        ..Classes::default()
    };
    let place = |classes| PlaceRow { href: "/dia-ban/a".into(), title: HOSTILE.into(), classes };
    let choice = ClassChoice { value: "region:region_3".into(), label: "Xã khu vực III".into() };
    vec![
        CLASSES.sample(&Classes { from_above: true, ..page.clone() }),
        CLASSES.sample(&Classes {
            spans: vec![class(), ClassRow { last: None, confirmed: true, ..class() }],
            statements: vec![class()],
            below: vec![place(vec![class()]), place(Vec::new())],
            choices: vec![choice],
            form: ClassForm {
                mark: "region:region_3".into(),
                from: HOSTILE.into(),
                last: HOSTILE.into(),
                instrument: HOSTILE.into(),
                confirmed: true,
            },
            errors: errors(&[("mark", "Chọn"), ("last", HOSTILE)]),
            ..page
        }),
    ]
}

fn counts() -> Vec<Sample> {
    let line = |name: &str, hidden: bool| GroupLine {
        name: name.into(),
        people: (!hidden).then(|| "312".into()),
        households: None,
        hidden,
    };
    let table = |hidden| GroupTable {
        rows: vec![line("Tày", false), line(HOSTILE, hidden)],
        on: Some(day(2026, 10, 1)),
        covers: None,
        hidden,
    };
    let field = |people: &str| GroupField {
        code: "02",
        name: "Tày",
        people: people.into(),
        households: people.into(),
    };
    let page = Counts {
        title: "Xã Phủ Thông".into(),
        action: Some("/dia-ban/01969.2025/dan-so".into()),
        crumbs: crumbs(),
        earlier: vec![counted()],
        sum: Some(sum()),
        groups: Some(table(false)),
        groups_below: Some(GroupTable { covers: Some((7, 9)), ..table(true) }),
        form: CountForm { groups: vec![field("")], ..CountForm::default() },
        ..Counts::default()
    };
    let empty = Sum { counted: 0, villages: 0, ..Sum::default() };
    let none = Sum { villages: 3, ..Sum::default() };
    let row = |sum| CommuneRow { href: "/dia-ban/a/dan-so".into(), title: HOSTILE.into(), sum };
    vec![
        POPULATION.sample(&page),
        POPULATION.sample(&Counts {
            form: CountForm {
                groups: vec![field(HOSTILE)],
                has_groups: true,
                ..CountForm::default()
            },
            errors: errors(&[("people_02", HOSTILE)]),
            ..page.clone()
        }),
        POPULATION.sample(&Counts {
            action: None,
            communes: vec![row(sum()), row(none), row(empty)],
            ..page
        }),
    ]
}

fn tables() -> Vec<Sample> {
    let form = Import {
        title: "Xã Phủ Thông".into(),
        action: "/dia-ban/01969.2025/thon/nhap".into(),
        crumbs: crumbs(),
        ..Import::default()
    };
    let page = Check {
        title: "Xã Phủ Thông".into(),
        action: "/dia-ban/01969.2025/thon/nhap/a".into(),
        again_href: "/dia-ban/01969.2025/thon/nhap".into(),
        crumbs: crumbs(),
        file_name: HOSTILE.into(),
        ..Check::default()
    };
    let row = |fresh: bool| StepRow {
        line: 2,
        title: HOSTILE.into(),
        commune: "xã Phủ Thông".into(),
        fresh,
        people: fresh.then(|| "312".into()),
        households: fresh.then(|| "70".into()),
        on: fresh.then(|| day(2026, 10, 1)),
        flags: if fresh { String::new() } else { "Biên giới".into() },
    };
    let problem = ProblemRow { address: "D12".into(), text: HOSTILE.into() };
    vec![
        IMPORT.sample(&form),
        IMPORT.sample(&Import {
            on: HOSTILE.into(),
            source: HOSTILE.into(),
            instrument: HOSTILE.into(),
            errors: errors(&[("file", HOSTILE), ("on", "Nhập ngày")]),
            ..form
        }),
        CHECK.sample(&page),
        CHECK.sample(&Check {
            ready: true,
            seal: "a".repeat(64),
            added: "4.800".into(),
            rows: vec![row(true), row(false)],
            more_rows: Some("4.600".into()),
            ..page.clone()
        }),
        CHECK.sample(&Check {
            problems: vec![problem.clone(), ProblemRow { address: String::new(), ..problem }],
            more_problems: Some("12".into()),
            unused: HOSTILE.into(),
            flags_left_out: true,
            stale: true,
            rows: vec![row(true)],
            ..page
        }),
    ]
}
