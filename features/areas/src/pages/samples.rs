//! Every page with what it must survive: nothing, the usual, the longest, the hostile.

use kernel::{clock::Day, minijinja::context, web::Sample};

use super::{
    Counted, Crumb, Errors,
    area::{Chapter, Child, SHOW, Show, Step},
    biography::{Linked, Mark, Namesake},
    compare::{self, COMPARE, Compare, Count, End, ProvinceRow},
    finder::{Card, FINDER, Finder, Heir, Typed, levels},
    map::{self, MAP, MapPage},
    population::{CountForm, Counts, POPULATION},
    questions::{self, Decide, Line, QUESTION, QUESTIONS, Questions, Tab},
    tree::{Jump, Node, TREE, Tree},
    villages::{VILLAGES, VillageForm, VillageRow, Villages, kinds},
};

/// All samples.
pub fn all() -> Vec<Sample> {
    let mut samples = finders();
    samples.extend(shows());
    samples.extend(forms());
    samples.extend(super::samples_villages::all());
    samples.extend(super::convert::samples::all(
        HOSTILE,
        errors(&[("table", HOSTILE), ("law", "Chọn")]),
    ));
    samples.extend(trees());
    samples.extend(comparisons());
    samples.extend(maps());
    samples.extend(super::decree::samples::all());
    samples.extend(worklists());
    samples
}

pub(super) const HOSTILE: &str = "<script>alert(1)</script> \"' & \u{202e}rtl {{ 7*7 }}";

pub(super) fn day(year: i16, month: i8, day: i8) -> Day {
    Day::new(year, month, day).unwrap_or(Day::FOREVER)
}

pub(super) fn errors(fields: &[(&str, &str)]) -> Errors {
    fields.iter().map(|(field, text)| context! { field => *field, text => *text }).collect()
}

fn finders() -> Vec<Sample> {
    let reform = day(2025, 7, 1);
    let heir = |whole| Heir {
        href: "/dia-ban/01969.2025".into(),
        title: "Xã Phủ Thông".into(),
        within: "Tỉnh Thái Nguyên".into(),
        whole,
        on: reform,
        instrument: if whole {
            "Nghị quyết số 1683/NQ-UBTVQH15".into()
        } else {
            String::new()
        },
    };
    let card = |state, became| Card {
        href: "/dia-ban/01990.2024".into(),
        title: "Xã Lục Bình".into(),
        within: "Huyện Bạch Thông, tỉnh Bắc Kạn".into(),
        code: Some("01990".into()),
        state,
        from: day(2024, 6, 30),
        born_here: false,
        last: (state != "current").then_some(day(2025, 6, 30)),
        became,
    };
    let typed = |q: &str| Typed { q: q.into(), at: "30/06/2025".into(), level: "commune".into() };
    let hits = vec![
        card("ended", vec![heir(true)]),
        card("ended", vec![heir(false), heir(false)]),
        card("current", Vec::new()),
        card("unknown", Vec::new()),
        card("abolished", Vec::new()),
    ];
    vec![
        FINDER.sample(&Finder { levels: levels(), ..Finder::default() }),
        FINDER.sample(&Finder {
            asked: true,
            wanted: typed("luc binh"),
            hits,
            levels: levels(),
            ..Finder::default()
        }),
        FINDER.sample(&Finder {
            asked: true,
            mended: true,
            wanted: typed(HOSTILE),
            hits: vec![card("ended", vec![heir(true)])],
            levels: levels(),
            ..Finder::default()
        }),
        FINDER.sample(&Finder {
            asked: true,
            wanted: typed(HOSTILE),
            levels: levels(),
            ..Finder::default()
        }),
        FINDER.sample(&Finder {
            wanted: typed(&"dài ".repeat(60)),
            levels: levels(),
            errors: errors(&[("q", "Câu hỏi quá dài"), ("at", HOSTILE)]),
            ..Finder::default()
        }),
    ]
}

pub(super) fn counted() -> Counted {
    Counted {
        people: 3_120,
        households: 745,
        on: day(2026, 10, 1),
        source: "Sổ hộ khẩu của xã".into(),
    }
}

pub(super) fn crumbs() -> Vec<Crumb> {
    vec![Crumb::link("Trang nhất".into(), "/"), Crumb::here("Xã Phủ Thông".into())]
}

fn show(state: &'static str) -> Show {
    Show {
        title: "Xã Phủ Thông".into(),
        crumbs: crumbs(),
        within: "Tỉnh Thái Nguyên".into(),
        level: "commune",
        code: Some("01969".into()),
        state,
        from: day(2025, 7, 1),
        born_here: true,
        last: None,
        today_href: None,
        population: None,
        sum: None,
        classes: Vec::new(),
        became: Vec::new(),
        came_from: Vec::new(),
        history: Vec::new(),
        marks: Vec::new(),
        namesakes: Vec::new(),
        below: "village",
        children: Vec::new(),
        manage_href: None,
        bring_href: None,
    }
}

fn shows() -> Vec<Sample> {
    let step = |whole, title: &str| Step {
        href: "/dia-ban/01990.2024".into(),
        title: title.into(),
        within: "Huyện Bạch Thông, tỉnh Bắc Kạn".into(),
        whole,
        share: (!whole).then(|| "3/5".into()),
        on: day(2025, 7, 1),
        kind: "redistribute",
        instrument: "Nghị quyết số 202/2025/QH15".into(),
        confirmed: whole,
    };
    let chapter = || Chapter {
        href: "/dia-ban/01969.2025?at=2025-07-01".into(),
        title: HOSTILE.into(),
        from: day(2025, 7, 1),
        born_here: true,
        last: Some(day(2026, 4, 29)),
        changes: vec!["renamed", "reclassified", "reparented", "recoded"],
        instrument: String::new(),
    };
    let linked = || Linked {
        href: "/dia-ban/01990.2024?at=2024-06-30".into(),
        title: HOSTILE.into(),
        within: "huyện Bạch Thông, tỉnh Bắc Kạn".into(),
    };
    let mark = |state, units, gaps| Mark {
        label: "Từ 01/07/2025".into(),
        day: day(2025, 7, 1),
        state,
        units,
        gaps,
    };
    let namesake = |last, related| Namesake {
        href: "/dia-ban/01990.2021?at=2021-01-01".into(),
        title: HOSTILE.into(),
        within: String::new(),
        from: day(2021, 1, 1),
        born_here: related,
        last,
        related,
        known: related,
    };
    let child = |people: Option<&str>| Child {
        href: "/dia-ban/0190".into(),
        title: "Thôn Nà Pài".into(),
        code: None,
        became: if people.is_none() { "xã Phủ Thông".into() } else { String::new() },
        people: people.map(str::to_owned),
        households: people.map(str::to_owned),
        counted_on: people.map(|_| day(2026, 10, 1)),
    };
    vec![
        SHOW.sample(&show("current")),
        SHOW.sample(&Show { code: None, level: "village", ..show("unknown") }),
        SHOW.sample(&Show {
            level: "district",
            below: "commune",
            last: Some(day(2025, 6, 30)),
            children: vec![child(None)],
            ..show("abolished")
        }),
        SHOW.sample(&Show {
            today_href: Some("/dia-ban/x".into()),
            last: Some(day(2026, 4, 29)),
            ..show("past")
        }),
        SHOW.sample(&Show {
            title: HOSTILE.into(),
            last: Some(day(2025, 6, 30)),
            population: Some(counted()),
            sum: Some(super::samples_villages::sum()),
            classes: vec![super::samples_villages::class()],
            became: vec![step(true, "Xã Phủ Thông"), step(false, HOSTILE)],
            came_from: vec![step(true, "Xã Lục Bình"), step(false, HOSTILE)],
            history: vec![
                Chapter { changes: Vec::new(), instrument: "Nghị quyết".into(), ..chapter() },
                chapter(),
            ],
            marks: vec![
                mark("unknown", Vec::new(), true),
                mark("earlier", vec![linked(), linked()], true),
                mark("own", vec![linked()], false),
                mark("later", vec![linked()], false),
                mark("gone", Vec::new(), false),
            ],
            namesakes: vec![namesake(Some(day(2024, 6, 29)), false), namesake(None, true)],
            children: vec![child(Some("1.250")), child(None)],
            manage_href: Some("/dia-ban/01969.2025/thon".into()),
            bring_href: Some("/dia-ban/01969.2025/thon/nhap".into()),
            ..show("ended")
        }),
    ]
}

fn forms() -> Vec<Sample> {
    let row = |people: Option<&str>| VillageRow {
        href: "/dia-ban/a".into(),
        count_href: "/dia-ban/a/dan-so".into(),
        title: HOSTILE.into(),
        people: people.map(str::to_owned),
        households: people.map(str::to_owned),
        on: people.map(|_| day(2026, 10, 1)),
        change_href: "/dia-ban/a/sua".into(),
        classes: vec![super::samples_villages::class()],
    };
    let villages = Villages {
        title: "Xã Phủ Thông".into(),
        action: "/dia-ban/01969.2025/thon".into(),
        crumbs: crumbs(),
        kinds: kinds(),
        ..Villages::default()
    };
    let counts = Counts {
        title: "Thôn Nà Pài".into(),
        action: Some("/dia-ban/a/dan-so".into()),
        crumbs: crumbs(),
        ..Counts::default()
    };
    let form = CountForm {
        on: HOSTILE.into(),
        people: "-1".into(),
        households: "x".into(),
        source: HOSTILE.into(),
        ..CountForm::default()
    };
    vec![
        VILLAGES.sample(&villages),
        VILLAGES.sample(&Villages {
            rows: vec![row(Some("312")), row(None)],
            form: VillageForm { kind: "ban".into(), name: HOSTILE.into() },
            errors: errors(&[("name", "Xã đã có thôn này"), ("kind", "Chọn loại")]),
            ..villages
        }),
        POPULATION.sample(&counts),
        POPULATION.sample(&Counts {
            earlier: vec![counted()],
            form,
            errors: errors(&[("on", "Nhập ngày"), ("people", "Nhập số")]),
            ..counts
        }),
    ]
}

fn jump(current: bool) -> Jump {
    Jump { href: "/dia-ban/cay?ngay=2025-07-01".into(), label: "Từ 01/07/2025".into(), current }
}

fn trees() -> Vec<Sample> {
    let node = |id: &str, children: Option<Vec<Node>>| Node {
        id: id.into(),
        href: format!("/dia-ban/{id}?at=2025-07-01"),
        title: HOSTILE.into(),
        code: children.is_some().then(|| "19".into()),
        below: if children.is_some() { 92 } else { 0 },
        turn_href: children.is_some().then(|| format!("/dia-ban/cay?ngay=2025-07-01#{id}")),
        children,
    };
    let closed = Node {
        below: 12,
        turn_href: Some("/dia-ban/cay?ngay=2025-07-01&mo=22.2024#22.2024".into()),
        ..node("22.2024", None)
    };
    let nodes = vec![node("19.2025", Some(vec![node("01969.2025", None)])), closed];
    let frames = || vec![jump(true), jump(false)];
    vec![
        TREE.sample(&Tree::default()),
        TREE.sample(&Tree { day: "01/07/2025".into(), frames: frames(), nodes, ..Tree::default() }),
        TREE.sample(&Tree {
            day: HOSTILE.into(),
            frames: frames(),
            errors: errors(&[("ngay", HOSTILE)]),
            ..Tree::default()
        }),
    ]
}

fn comparisons() -> Vec<Sample> {
    let counts = || {
        let kinds = ["same", "renamed", "reclassified", "reparented", "ended", "began"];
        kinds.into_iter().map(|kind| Count { kind, count: 9_462 }).collect::<Vec<_>>()
    };
    let end = |whole| End {
        href: "/dia-ban/01990.2024?at=2025-06-30".into(),
        title: HOSTILE.into(),
        code: if whole { "01990".into() } else { String::new() },
        whole,
    };
    let row = |before, after, parties, unknown| compare::Row {
        kinds: vec!["renamed", "reparented"],
        before,
        after,
        parties,
        instrument: if unknown { String::new() } else { "Nghị quyết".into() },
        unknown,
    };
    let whole = || Compare {
        from: "30/06/2025".into(),
        to: "22/11/2026".into(),
        level: "commune".into(),
        levels: vec!["province", "district", "commune"],
        counts: counts(),
        csv_href: "/dia-ban/so-sanh.csv".into(),
        whole_href: "/dia-ban/so-sanh".into(),
        ..Compare::default()
    };
    let province =
        ProvinceRow { href: "/dia-ban/so-sanh".into(), title: HOSTILE.into(), counts: counts() };
    let inside = |rows| Compare {
        place: "19.2025".into(),
        place_title: "Tỉnh Thái Nguyên".into(),
        kinds: vec![jump(true), jump(false)],
        kind: "ended",
        instrument: "Nghị quyết".into(),
        gaps: true,
        unshared: "441".into(),
        rows,
        ..whole()
    };
    vec![
        COMPARE.sample(&Compare::default()),
        COMPARE.sample(&Compare { provinces: vec![province], ..whole() }),
        COMPARE.sample(&inside(Vec::new())),
        COMPARE.sample(&inside(vec![
            row(Some(end(true)), None, vec![end(true), end(false)], false),
            row(Some(end(true)), None, Vec::new(), true),
            row(None, Some(end(true)), vec![end(false)], false),
            row(None, Some(end(true)), Vec::new(), true),
            row(Some(end(true)), Some(end(true)), Vec::new(), false),
        ])),
        COMPARE.sample(&Compare {
            level: "district".into(),
            ..inside(vec![row(Some(end(true)), None, Vec::new(), true)])
        }),
        COMPARE.sample(&Compare {
            from: HOSTILE.into(),
            errors: errors(&[("tu", HOSTILE), ("den", "Ngày"), ("cap", "Cấp")]),
            ..Compare::default()
        }),
    ]
}

fn maps() -> Vec<Sample> {
    use crate::model::map::{ChoroplethMap, Classing, Figure, Ground};
    let figures = [("01", 126.0), ("19", 92.0), ("48", 94.0), ("56", 65.0)];
    let figures = figures
        .map(|(code, amount)| (code.to_owned(), Figure { amount, text: format!("{amount}") }));
    let drawn = |ground, figures| {
        ChoroplethMap { ground, figures: &figures, classing: Classing::Quantile(5) }.drawing()
    };
    let row = |text: Option<&str>| map::Row {
        href: "/dia-ban/19.2025".into(),
        title: HOSTILE.into(),
        text: text.map(str::to_owned),
        class: usize::from(text.is_some()),
    };
    let page = || MapPage {
        ground: "34".into(),
        measure: "cap-xa".into(),
        classing: "khoang".into(),
        measures: vec!["cap-xa", "xa", "phuong", "thay-doi", "thon", "so-dan"],
        caption: "Số đơn vị hành chính cấp xã, ngày 22/11/2026".into(),
        png_href: "/dia-ban/ban-do.png?nen=34".into(),
        ..MapPage::default()
    };
    vec![
        MAP.sample(&MapPage { errors: errors(&[("so", HOSTILE)]), ..page() }),
        MAP.sample(&MapPage {
            map: drawn(Ground::of_34(), figures.into_iter().collect()),
            links: [("19".to_owned(), "/dia-ban/19.2025".to_owned())].into(),
            rows: vec![row(Some("92")), row(None)],
            total: Some("3.321".into()),
            ..page()
        }),
        MAP.sample(&MapPage {
            map: drawn(Ground::of_63(), std::collections::HashMap::new()),
            rows: vec![row(None)],
            caption: HOSTILE.into(),
            ..page()
        }),
    ]
}

fn worklists() -> Vec<Sample> {
    let choice =
        |value: &str, label: &str| questions::Choice { value: value.into(), label: label.into() };
    let heirs = vec![choice("1.2026", "Xã Phủ Thông"), choice("2.2026", "Xã Bạch Thông")];
    let line = |id: &str, label: &str| Line {
        id: id.into(),
        kind: "Thôn, bản".into(),
        hint: "Thôn này nay thuộc xã nào?".into(),
        label: label.into(),
        from: "Xã Lục Bình".into(),
        from_href: "/dia-ban/01990.2024".into(),
        heirs: heirs.clone(),
        answer: "Xã Phủ Thông".into(),
        by: "Người lan".into(),
        at: 1_795_330_800_000,
        ..Line::default()
    };
    let note = Line { is_note: true, may_stay: true, ..line("b", "Người xuân, người mai") };
    let hostile = Line { detail: HOSTILE.into(), may_stay: true, ..line("c", HOSTILE) };
    let tab =
        |current| Tab { href: "/viec-sap-xep", label: "Đang chờ".into(), count: 3, current };
    let kinds = vec![choice("areas.village", "Thôn, bản"), choice("x", HOSTILE)];
    let rows = vec![line("a", "Thôn Nà Ít"), note, hostile.clone()];
    vec![
        QUESTIONS.sample(&Questions { tabs: vec![tab(true), tab(false)], ..Questions::default() }),
        QUESTIONS.sample(&Questions {
            tabs: vec![tab(true), tab(false)],
            kinds: kinds.clone(),
            rows: rows.clone(),
            ..Questions::default()
        }),
        QUESTIONS.sample(&Questions { decided: true, kinds, rows, ..Questions::default() }),
        QUESTION.sample(&Decide {
            row: line("a", "Thôn Nà Ít"),
            errors: errors(&[("heir", "Chọn một nơi nhận")]),
        }),
        QUESTION.sample(&Decide { row: hostile.clone(), ..Decide::default() }),
        QUESTION.sample(&Decide { row: Line { is_decided: true, ..hostile }, ..Decide::default() }),
    ]
}
