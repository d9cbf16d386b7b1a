//! The pages of workbooks with what they must survive.

use kernel::web::Sample;

use super::{CHECK, Check, Crumb, EditRow, IMPORT, Import, RowRow, WordsRow};

const HOSTILE: &str = "<script>alert(1)</script> \"' & \u{202e}rtl {{ 7*7 }}";

/// All samples.
pub fn all() -> Vec<Sample> {
    let mut all = forms();
    all.extend(checks());
    all
}

fn crumbs() -> Vec<Crumb> {
    let link = |label: &str| Crumb { label: label.into(), href: Some("/bao-cao".into()) };
    vec![link("Báo cáo"), link(HOSTILE), Crumb { label: "Nhập từ Excel".into(), href: None }]
}

fn forms() -> Vec<Sample> {
    let form = Import {
        title: "Điểm hỗ trợ và tuyên truyền".into(),
        area: "Xã Phủ Thông, tỉnh Thái Nguyên".into(),
        period: "Quý IV/2026 (15/9 – 14/12/2026)".into(),
        crumbs: crumbs(),
        action: "/bao-cao/a/b/c/d/nhap".into(),
        template_href: "/bao-cao/a/b/c/d/mau.xlsx".into(),
        ..Import::default()
    };
    vec![
        IMPORT.sample(&form),
        IMPORT.sample(&Import { nothing: true, ..form.clone() }),
        IMPORT.sample(&Import { closed: Some("reporting-import-closed-locked"), ..form.clone() }),
        IMPORT.sample(&Import { closed: Some("reporting-import-closed-point"), ..form.clone() }),
        IMPORT.sample(&Import {
            closed: Some("reporting-import-closed-other"),
            title: HOSTILE.into(),
            ..form
        }),
    ]
}

fn checks() -> Vec<Sample> {
    let empty = Check {
        title: "Điểm hỗ trợ và tuyên truyền".into(),
        area: "Xã Phủ Thông, tỉnh Thái Nguyên".into(),
        period: "Quý IV/2026".into(),
        crumbs: crumbs(),
        action: "/bao-cao/a/b/c/d/nhap/ghi".into(),
        again_href: "/bao-cao/a/b/c/d/nhap".into(),
        changed: "0".into(),
        unchanged: "11".into(),
        whole: true,
        ..Check::default()
    };
    let edit = |old: Option<&str>, new: Option<&str>, clash| EditRow {
        place: "Trang tính “Số liệu” ô D7".into(),
        label: "Lượt người dùng điểm hỗ trợ – Nữ".into(),
        old: old.map(str::to_owned),
        new: new.map(str::to_owned),
        clash,
    };
    let row = |what, clash| RowRow { place: HOSTILE.into(), what, words: HOSTILE.repeat(9), clash };
    let full = Check {
        file_name: HOSTILE.into(),
        ready: true,
        changes: format!("{{\"w\":[[\"{}\"]]}}", HOSTILE.replace('"', "'")),
        changed: "6".into(),
        edits: vec![
            edit(None, Some("198"), false),
            edit(Some("198"), None, false),
            edit(Some("1"), Some("KPS: chưa đến kỳ"), true),
        ],
        more_edits: Some("1.200".into()),
        words: vec![
            WordsRow {
                place: "Trang tính “Khó khăn” ô B8".into(),
                title: HOSTILE.into(),
                words: "Đường xa.\nMưa lũ.".into(),
                clash: true,
            },
            WordsRow { words: HOSTILE.repeat(40), ..WordsRow::default() },
        ],
        rows: vec![row("new", false), row("changed", true), row("gone", false)],
        more_rows: Some("9.800".into()),
        whole: false,
        problems: vec![HOSTILE.into()],
        more_problems: Some("3".into()),
        notes: vec!["Trang tính “Số liệu” ô D7: “306.105 triệu” được hiểu là 306.105.".into()],
        more_notes: Some("3".into()),
        clashes: true,
        ..empty.clone()
    };
    vec![
        CHECK.sample(&empty),
        CHECK.sample(&Check { refused: Some(HOSTILE.into()), whole: false, ..empty.clone() }),
        CHECK.sample(&Check { whole: false, notes: vec![HOSTILE.into()], ..empty.clone() }),
        CHECK.sample(&Check { whole: false, problems: vec![HOSTILE.into()], ..empty.clone() }),
        CHECK.sample(&full),
    ]
}
