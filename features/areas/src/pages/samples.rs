//! Every page with what it must survive: nothing, the usual, the longest, the hostile.

use kernel::{clock::Day, minijinja::context, web::Sample};

use super::{
    Counted, Crumb, Errors,
    area::{Chapter, Child, SHOW, Show, Step},
    finder::{Card, FINDER, Finder, Heir, Typed, levels},
    population::{CountForm, Counts, POPULATION},
    questions::{self, Decide, Line, QUESTION, QUESTIONS, Questions, Tab},
    villages::{VILLAGES, VillageForm, VillageRow, Villages, kinds},
};

/// All samples.
pub fn all() -> Vec<Sample> {
    let mut samples = finders();
    samples.extend(shows());
    samples.extend(forms());
    samples.extend(worklists());
    samples
}

const HOSTILE: &str = "<script>alert(1)</script> \"' & \u{202e}rtl {{ 7*7 }}";

fn day(year: i16, month: i8, day: i8) -> Day {
    Day::new(year, month, day).unwrap_or(Day::FOREVER)
}

fn errors(fields: &[(&str, &str)]) -> Errors {
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

fn counted() -> Counted {
    Counted {
        people: 3_120,
        households: 745,
        on: day(2026, 10, 1),
        source: "Sổ hộ khẩu của xã".into(),
    }
}

fn crumbs() -> Vec<Crumb> {
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
        became: Vec::new(),
        came_from: Vec::new(),
        history: Vec::new(),
        below: "village",
        children: Vec::new(),
        manage_href: None,
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
    let chapter = Chapter {
        href: "/dia-ban/01969.2025?at=2025-07-01".into(),
        title: HOSTILE.into(),
        from: day(2025, 7, 1),
        born_here: true,
        last: Some(day(2026, 4, 29)),
        instrument: String::new(),
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
            became: vec![step(true, "Xã Phủ Thông"), step(false, HOSTILE)],
            came_from: vec![step(true, "Xã Lục Bình"), step(false, HOSTILE)],
            history: vec![chapter],
            children: vec![child(Some("1.250")), child(None)],
            manage_href: Some("/dia-ban/01969.2025/thon".into()),
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
        action: "/dia-ban/a/dan-so".into(),
        crumbs: crumbs(),
        ..Counts::default()
    };
    let form = CountForm {
        on: HOSTILE.into(),
        people: "-1".into(),
        households: "x".into(),
        source: HOSTILE.into(),
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
