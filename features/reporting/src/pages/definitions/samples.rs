//! The pages of definitions with what they must survive: nothing, the usual, the hostile.

use kernel::{
    minijinja::context,
    web::{Paging, Sample},
};

use super::{
    Choice, Difference, EDIT, EditView, Fact, FootForm, FormField, Group, IMPORT, ImportView, LIST,
    Line, Link, ListView, SHEET, SheetView, Tab, Tag, TemplateForm, Tree, TrialView, VersionLine,
};
use crate::pages::place::Asked;

const HOSTILE: &str = "<script>alert(1)</script> \"' & \u{202e}rtl {{ 7*7 }}";

fn choice(words: &str) -> Choice {
    Choice { value: "3.4".to_owned(), label: words.to_owned(), selected: true }
}

fn line(words: &str, depth: usize) -> Line {
    Line {
        href: "/so-lieu/danh-muc/chi-tieu/MT02".to_owned(),
        code: "MT02".to_owned(),
        name: words.to_owned(),
        note: words.to_owned(),
        tags: vec![Tag { text: words.to_owned(), kind: "warn" }],
        depth,
        area: String::new(),
    }
}

fn place(words: &str) -> Asked {
    let choice = areas::place_field::Choice {
        value: "/vn/19.2025/".to_owned(),
        label: words.to_owned(),
        hint: words.to_owned(),
    };
    Asked { typed: words.to_owned(), chosen: String::new(), choices: vec![choice] }
}

fn link(words: &str) -> Link {
    Link { href: "/so-lieu/danh-muc".to_owned(), label: words.to_owned(), current: false }
}

fn fact(words: &str) -> Fact {
    Fact { key: words.to_owned(), value: words.to_owned() }
}

fn difference(words: &str) -> Difference {
    Difference { key: words.to_owned(), before: words.to_owned(), after: String::new() }
}

fn list(words: &str, tree: bool) -> ListView {
    let depths = [1, 2, 3, 1, 2];
    let trees = vec![Tree {
        top: line(words, 0),
        lines: depths.iter().map(|depth| line(words, *depth)).collect(),
    }];
    ListView {
        kind: "muc-tieu",
        tabs: vec![Tab {
            href: "/so-lieu/danh-muc?loai=chi-tieu".to_owned(),
            label: words.to_owned(),
            count: 96,
            current: true,
        }],
        asked: words.to_owned(),
        nodes: vec![choice(words)],
        node: "3.4".to_owned(),
        trees: if tree { trees } else { Vec::new() },
        lines: vec![line(words, 0)],
        paging: Paging::new("/so-lieu/danh-muc?loai=chi-tieu", 2, 96),
        add: "/so-lieu/danh-muc/muc-tieu/moi/sua".to_owned(),
        import: "/so-lieu/danh-muc/nhap-muc-tieu".to_owned(),
    }
}

fn sheet(words: &str, ends: bool) -> SheetView {
    SheetView {
        crumbs: vec![link(words)],
        kind: "chi-tieu",
        title: words.to_owned(),
        code: "MT02".to_owned(),
        tags: vec![Tag { text: words.to_owned(), kind: "done" }],
        notices: vec![words.to_owned()],
        facts: vec![fact(words)],
        groups: vec![Group { title: words.to_owned(), links: vec![link(words)] }],
        versions: vec![VersionLine {
            version: 2,
            href: "/so-lieu/danh-muc/chi-tieu/MT02/ban/2".to_owned(),
            when: "22/11/2026".to_owned(),
            who: words.to_owned(),
            reason: words.to_owned(),
            differences: vec![difference(words)],
        }],
        edit: "/so-lieu/danh-muc/chi-tieu/MT02/sua".to_owned(),
        foot: Some(FootForm {
            action: "/so-lieu/danh-muc/muc-tieu/x/quyet".to_owned(),
            seen: 2,
            year: words.to_owned(),
            reason: words.to_owned(),
            ends,
            buttons: vec![choice(words), choice(words)],
            note: words.to_owned(),
        }),
        errors: vec![context! { field => "ly-do", text => words }],
    }
}

fn edit(words: &str) -> EditView {
    let field = |name, kind| FormField {
        name,
        kind,
        label: words.to_owned(),
        hint: words.to_owned(),
        value: words.to_owned(),
        values: vec![words.to_owned()],
        choices: vec![choice(words)],
        empty: words.to_owned(),
        optional: true,
    };
    EditView {
        crumbs: vec![link(words)],
        kind: "chi-tieu",
        title: words.to_owned(),
        lede: words.to_owned(),
        action: "/so-lieu/danh-muc/chi-tieu/MT02/sua".to_owned(),
        errors: vec![
            context! { field => "tu-so", text => words },
            context! { field => "phien-ban", text => words },
        ],
        meanwhile: vec![difference(words)],
        seen: 2,
        fields: vec![
            field("ma", "fixed"),
            field("ten", "text"),
            field("tu-so", "area"),
            field("don-vi", "select"),
            field("phan-to", "checks"),
            field("thap-hon", "check"),
            field("dia-ban", "place"),
            field("ky", "listed"),
        ],
        place: place(words),
        try_place: place(words),
        try_periods: vec![choice(words)],
        try_period: "3.4".to_owned(),
        can_try: true,
        trial: Some(TrialView {
            area: words.to_owned(),
            period: words.to_owned(),
            unit: words.to_owned(),
            before: Some(words.to_owned()),
            after: words.to_owned(),
            notes: vec![words.to_owned()],
        }),
        reason: words.to_owned(),
    }
}

fn import(words: &str, wrong: bool) -> ImportView {
    ImportView {
        crumbs: vec![link(words)],
        errors: vec![context! { field => "tep", text => words }],
        template: TemplateForm::sample(words),
        looked: true,
        troubles: if wrong { vec![fact(words)] } else { Vec::new() },
        more_troubles: 3,
        fresh: vec![line(words, 0)],
        fresh_count: 201,
        more_fresh: 1,
        same: 4,
        empty: 2,
        text: words.to_owned(),
        reason: words.to_owned(),
    }
}

/// All samples.
pub(crate) fn all() -> Vec<Sample> {
    let usual = "Tỷ lệ hộ nghèo đồng bào dân tộc thiểu số";
    vec![
        LIST.sample(&ListView { kind: "chi-tieu", ..ListView::default() }),
        LIST.sample(&list(usual, true)),
        LIST.sample(&list(HOSTILE, false)),
        SHEET.sample(&SheetView { title: usual.to_owned(), ..SheetView::default() }),
        SHEET.sample(&sheet(usual, true)),
        SHEET.sample(&sheet(HOSTILE, false)),
        EDIT.sample(&EditView { kind: "muc-tieu", title: usual.to_owned(), ..EditView::default() }),
        EDIT.sample(&edit(HOSTILE)),
        IMPORT.sample(&ImportView::default()),
        IMPORT.sample(&import(usual, true)),
        IMPORT.sample(&ImportView { looked: false, ..import(usual, false) }),
        IMPORT.sample(&ImportView { looked: false, ..import(HOSTILE, false) }),
        IMPORT.sample(&import(HOSTILE, false)),
    ]
}
