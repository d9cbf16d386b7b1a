//! The analysis pages with what they must survive: nothing, the usual, the hostile.

use kernel::web::Sample;

use super::view::{
    Block, CellView, Choice, Field, Group, Keeping, Link, RowView, Stat, TableView, VIEW, View,
};
use crate::model::analysis::chart::{self, Lines, Mark, Series};

const HOSTILE: &str = "<script>alert(1)</script> \"' & \u{202e}rtl {{ 7*7 }}";

fn block(words: &str) -> Block {
    let line = Lines {
        title: words.to_owned(),
        desc: words.to_owned(),
        labels: vec![words.to_owned(), "Quý IV".to_owned()],
        series: vec![Series { label: words.to_owned(), points: vec![Some(1.0), Some(2.5)] }],
        marks: vec![Mark { before: 1, text: words.to_owned() }],
        target: Some((2.0, words.to_owned())),
    };
    let cell = |text: &str, href: &str| CellView {
        text: text.to_owned(),
        href: href.to_owned(),
        note: words.to_owned(),
        number: true,
        mark: "met",
        ..CellView::default()
    };
    let picture = |svg: String| CellView { svg, ..CellView::default() };
    Block {
        title: words.to_owned(),
        text: vec![words.to_owned()],
        stats: vec![Stat {
            value: "98,5 %".to_owned(),
            label: words.to_owned(),
            note: words.to_owned(),
        }],
        charts: vec![line.svg()],
        map: None,
        tables: vec![TableView {
            caption: words.to_owned(),
            corner: words.to_owned(),
            head: vec![words.to_owned(), "Quý IV".to_owned(), "Biểu đồ".to_owned()],
            rows: vec![RowView {
                title: words.to_owned(),
                href: "/so-lieu".to_owned(),
                cells: vec![
                    cell("1.234,5", "/so-lieu/nguon?dx=10.6"),
                    cell(words, ""),
                    picture(chart::spark(words, &[Some(1.0), None, Some(3.0), Some(2.0)])),
                    picture(chart::bullet(words, Some(50.0), Some((40.0, 60.0)))),
                    picture(chart::bar("cot-0", words, 0.5, true)),
                ],
            }],
        }],
        links: vec![Link { href: "/so-lieu".to_owned(), label: words.to_owned(), current: false }],
        part: Some(0),
    }
}

/// All samples.
pub fn all() -> Vec<Sample> {
    let choice =
        |label: &str| Choice { value: "10.6".to_owned(), label: label.to_owned(), selected: true };
    let field = |name, kind, label: &str| Field {
        name,
        label: label.to_owned(),
        kind,
        choices: vec![choice(label), Choice::default()],
        groups: vec![Group { title: label.to_owned(), choices: vec![Choice::default()] }],
        note: if kind == "list" { label.to_owned() } else { String::new() },
    };
    let full = |words: &str| View {
        slug: "dien-bien",
        tabs: vec![Link {
            href: "/so-lieu/bang".to_owned(),
            label: words.to_owned(),
            current: true,
        }],
        crumbs: vec![Link { href: "/so-lieu".to_owned(), label: words.to_owned(), current: false }],
        title: words.to_owned(),
        lede: words.to_owned(),
        action: "/so-lieu/dien-bien".to_owned(),
        fields: vec![
            field("o", "select", words),
            field("dx", "list", words),
            field("duyet", "check", words),
        ],
        blocks: vec![block(words)],
        basis: words.to_owned(),
        files: vec![Link {
            href: "/so-lieu/dien-bien/tai?dang=xlsx".to_owned(),
            label: words.to_owned(),
            current: false,
        }],
        save_query: "o=19.2025&dx=10.6".to_owned(),
        boards: vec![choice(words)],
        keeping: Keeping {
            part: words.to_owned(),
            name: words.to_owned(),
            is_shared: true,
            errors: Vec::new(),
        },
        area: "19.2025".to_owned(),
        send: "/so-lieu/bang-theo-doi/1/gui".to_owned(),
        remove: "/so-lieu/bang-theo-doi/x/bo".to_owned(),
    };
    vec![
        VIEW.sample(&View { title: "Số liệu".to_owned(), ..View::default() }),
        VIEW.sample(&full("Lượt người sử dụng điểm hỗ trợ")),
        VIEW.sample(&full(HOSTILE)),
    ]
}
