//! Letters and the pages about them with what they must survive: nothing, the usual, the hostile.

use kernel::{
    minijinja::{Value, context},
    web::{Paging, Sample},
};

use super::{
    analysis::view::{Block, CellView, RowView, Stat, TableView},
    letters::{LETTER, Letter},
    outbox, review, schedules, ways,
};

const HOSTILE: &str = "<script>alert(1)</script> “&'\" {{ 7*7 }}";
const AT: i64 = 1_795_330_800_000;

fn choices() -> Vec<review::Choice> {
    vec![review::Choice { value: "7".to_owned(), label: HOSTILE.to_owned() }]
}

fn errors(fields: &[&str]) -> Value {
    let one = |field: &&str| context! { field => *field, text => HOSTILE };
    Value::from(fields.iter().map(one).collect::<Vec<_>>())
}

/// All samples.
pub(crate) fn all() -> Vec<Sample> {
    let mut all = letters();
    all.extend(settings());
    all.extend(leaving());
    all
}

fn letters() -> Vec<Sample> {
    let cell = CellView {
        text: "1.234,5".to_owned(),
        href: "/so-lieu/nguon?dx=10.6".to_owned(),
        note: HOSTILE.to_owned(),
        number: true,
        ..CellView::default()
    };
    let table = TableView {
        caption: HOSTILE.to_owned(),
        corner: HOSTILE.to_owned(),
        head: vec![HOSTILE.to_owned(), "Quý IV".to_owned()],
        rows: vec![RowView {
            title: HOSTILE.to_owned(),
            cells: vec![cell.clone(), cell],
            ..RowView::default()
        }],
    };
    let block = Block {
        title: HOSTILE.to_owned(),
        text: vec![HOSTILE.to_owned()],
        stats: vec![Stat {
            value: "98,5 %".to_owned(),
            label: HOSTILE.to_owned(),
            note: HOSTILE.to_owned(),
        }],
        tables: vec![table],
        ..Block::default()
    };
    vec![
        LETTER.sample(&Letter::default()),
        LETTER.sample(&Letter {
            site: "https://nhipcau.example.gov.vn".to_owned(),
            title: HOSTILE.to_owned(),
            lines: vec![HOSTILE.to_owned()],
            more: 12,
            blocks: vec![block],
            basis: vec![HOSTILE.to_owned()],
            as_of: AT,
            link: "/bao-cao/han".to_owned(),
            settings: "/bao-cao/nhac".to_owned(),
            from: HOSTILE.to_owned(),
        }),
    ]
}

fn settings() -> Vec<Sample> {
    vec![
        ways::PAGE.sample(&ways::Context::default()),
        ways::PAGE.sample(&ways::Context {
            mail: true,
            push: true,
            from: "20".to_owned(),
            until: "7".to_owned(),
            hours: choices(),
            has_mail: true,
            has_address: false,
            push_key: "BCVxsr7N".to_owned(),
            worker: "/bao-cao/nhac/thong-bao.js",
            script: "/bao-cao/tinh/0/push.js".to_owned(),
            browsers: 2,
            errors: errors(&["tu", "den"]),
        }),
        schedules::PAGE.sample(&schedules::Context::default()),
        schedules::PAGE.sample(&schedules::Context {
            title: HOSTILE.to_owned(),
            here: "/so-lieu/bang-theo-doi/1/gui".to_owned(),
            board: "/so-lieu/bang-theo-doi/1".to_owned(),
            rows: vec![
                schedules::Row {
                    rhythm: HOSTILE.to_owned(),
                    readers: HOSTILE.to_owned(),
                    file: "xlsx".to_owned(),
                    next: Some(AT),
                    last: Some(AT),
                    end: "/so-lieu/bang-theo-doi/1/gui/2/bo".to_owned(),
                },
                schedules::Row::default(),
            ],
            rhythms: choices(),
            hours: choices(),
            files: choices(),
            rhythm: "week:1".to_owned(),
            hour: "7".to_owned(),
            file: "csv".to_owned(),
            readers: HOSTILE.to_owned(),
            has_mail: true,
            errors: errors(&["nguoi", "nhip", "gio"]),
        }),
    ]
}

fn leaving() -> Vec<Sample> {
    let row = |state: &str, way: &str| outbox::Row {
        id: "0193a5".to_owned(),
        subject: HOSTILE.to_owned(),
        way: way.to_owned(),
        state: state.to_owned(),
        at: AT,
        next_at: (state == "waiting").then_some(AT),
        done_at: (state != "waiting").then_some(AT),
        tries: 3,
        answer: HOSTILE.to_owned(),
        may_repeat: state == "refused",
    };
    vec![
        outbox::PAGE.sample(&outbox::Context::default()),
        outbox::PAGE.sample(&outbox::Context {
            tabs: vec![review::Tab {
                href: "/bao-cao/gui-di?loc=".to_owned(),
                label: HOSTILE.to_owned(),
                count: Some(4),
                current: true,
            }],
            rows: vec![
                row("waiting", "mail"),
                row("sent", "push"),
                row("refused", "outlet"),
                row("dropped", "code"),
            ],
            paging: Some(Paging::new("/bao-cao/gui-di?loc=", 1, 90)),
        }),
    ]
}
