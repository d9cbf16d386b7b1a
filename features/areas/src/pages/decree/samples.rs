//! The pages of decrees with what they must survive.

use kernel::{
    clock::{Day, Timestamp},
    minijinja::context,
    web::Sample,
};

use super::{Done, LIST, List, Mistake, Move, NEW, New, NewForm, Row, SHOW, Show};
use crate::pages::Crumb;

const HOSTILE: &str = "<script>alert(1)</script> \"' & \u{202e}rtl {{ 7*7 }}";

/// All samples.
pub fn all() -> Vec<Sample> {
    let mut samples = lists();
    samples.extend(forms());
    samples.extend(shows());
    samples
}

fn at() -> Timestamp {
    Timestamp::from_millis(1_795_330_800_000)
}

fn crumbs() -> Vec<Crumb> {
    vec![Crumb::link("Địa bàn".into(), "/dia-ban"), Crumb::here("Văn bản sắp xếp".into())]
}

fn lists() -> Vec<Sample> {
    let row = |status, instrument: &str| Row {
        href: "/dia-ban/van-ban/0190".into(),
        instrument: instrument.into(),
        effective_on: Day::FOREVER,
        recorded_at: at(),
        status,
        confirmed: status == "applied",
    };
    let rows = vec![
        row("draft", HOSTILE),
        row("applied", "Nghị quyết số 1683/NQ-UBTVQH15"),
        row("undone", &"Nghị quyết ".repeat(27)),
        row("aside", "Nghị quyết số 2/NQ-UBTVQH15"),
    ];
    vec![
        LIST.sample(&List { crumbs: crumbs(), ..List::default() }),
        LIST.sample(&List { crumbs: crumbs(), rows, may_manage: true }),
    ]
}

fn lines() -> Vec<Mistake> {
    let line =
        |line, cell: &str, text: &str| Mistake { line, cell: cell.into(), text: text.into() };
    vec![line(0, "", "Bảng không có dòng nào"), line(12, "C12", HOSTILE), line(60_001, "", "…")]
}

fn forms() -> Vec<Sample> {
    let form = NewForm {
        instrument: HOSTILE.into(),
        decided_on: "16/06/2025".into(),
        effective_on: "1/13/2025".into(),
    };
    let errors = vec![context! { field => "effective_on", text => HOSTILE }];
    vec![
        NEW.sample(&New { crumbs: crumbs(), ..New::default() }),
        NEW.sample(&New {
            crumbs: crumbs(),
            form,
            errors: errors.into_iter().collect(),
            problems: lines(),
        }),
    ]
}

fn shows() -> Vec<Sample> {
    let show = |status| Show {
        crumbs: crumbs(),
        action: "/dia-ban/van-ban/0190".into(),
        instrument: HOSTILE.into(),
        decided_on: Day::new(2025, 6, 16),
        effective_on: Day::new(2025, 7, 1),
        recorded_at: Some(at()),
        file_name: HOSTILE.into(),
        row_count: "11.351".into(),
        status,
        hash: "0".repeat(64),
        may_manage: true,
        acts: vec![Done { at: at(), what: "record".into(), by: HOSTILE.into() }],
        ..Show::default()
    };
    let step = |whole| Move {
        from_href: "/dia-ban/01990.2024".into(),
        from: "Xã Lục Bình".into(),
        to_href: "/dia-ban/01969.2025".into(),
        to: HOSTILE.into(),
        whole,
    };
    vec![
        SHOW.sample(&Show::default()),
        SHOW.sample(&Show { summary: vec!["2 đơn vị kết thúc".into()], ..show("draft") }),
        SHOW.sample(&Show { problems: lines(), ..show("undone") }),
        SHOW.sample(&Show {
            transfers: vec![step(true), step(false)],
            event_count: 2,
            more: true,
            future: true,
            confirmed: true,
            ..show("applied")
        }),
        SHOW.sample(&Show { may_manage: false, ..show("aside") }),
    ]
}
