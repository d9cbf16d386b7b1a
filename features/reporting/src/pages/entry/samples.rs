//! Every page of entry with what it must survive: nothing at all, an ordinary day, the longest, the hostile.

mod excerpts;
mod versions;

use kernel::web::Sample;

use crate::pages::paper::Said;

pub(crate) use self::excerpts::{differing, file, growing};
use self::versions::versions;
use super::{
    Crumb, Head,
    cell::{self, CellPage, Other},
    detail::{self, Axis, Choice, Detail},
    earlier::Earlier,
    explained::Explained,
    files::{self, File, Files, FilesPage},
    grid::{Cell, Row, RowChoice, Table},
    home::{self, Home, Line, Unit},
    print::{self, Paper, PaperRow, Part},
    report::{self, RemarkLine, Report, SectionView, Told, Words},
    rows::{self, Field, Growing, RowPage, Theirs},
    steps::{self, Review},
    version::{self, VersionPage},
};

const HOSTILE: &str = "<script>alert(1)</script> “&'\"";
const LONG: &str = "Lượt người có uy tín trong đồng bào dân tộc thiểu số được cung cấp thông tin, tập huấn, bồi dưỡng kiến thức pháp luật";

/// Everything that must render.
pub(crate) fn all() -> Vec<Sample> {
    let mut all = report_pages();
    all.extend(small_pages());
    all
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn head() -> Head {
    Head {
        base: text("/bao-cao/diem-ho-tro/nd09q-2026-4/01969.2025/chinh-thuc"),
        title: text(LONG),
        area: text("Xã Phủ Thông"),
        period: text("Quý IV/2026 (15/9 – 14/12/2026)"),
        life: text("Ước thực hiện"),
        due: text("hạn 16/12, còn 24 ngày"),
        late: true,
        state: text("Bị trả lại"),
        kind: "danger",
        basis: text("Biểu làm việc – chưa phải biểu ban hành"),
        crumbs: vec![
            Crumb { href: text("/bao-cao"), label: text("Báo cáo") },
            Crumb { href: text("/bao-cao/x"), label: text(HOSTILE) },
        ],
    }
}

fn told(words: &str) -> Told {
    Told { field: text("c.10.6:gt=nu"), text: text(words) }
}

fn explained() -> Explained {
    let at = text("22/11/2026 14:05");
    Explained { words: text(HOSTILE), by: text(HOSTILE), at }
}

fn remark(answer: &str) -> RemarkLine {
    RemarkLine {
        place: text(LONG),
        href: text("/bao-cao/x/o/10.6"),
        words: text(HOSTILE),
        by: text("Lan"),
        at: text("22/11/2026 14:05"),
        answer: text(answer),
        waits: answer.is_empty(),
        note: false,
    }
}

fn figure(look: &'static str, owner: &str) -> Cell {
    // A page has each cell once.
    let number = ["saved", "wrong", "doubt", "conflict"].iter().position(|one| *one == look);
    Cell {
        key: format!("10.{}:gt=nu", number.unwrap_or(9)),
        href: text("/bao-cao/x/o/10.6:gt=nu"),
        label: text(LONG),
        column: text("Dân tộc thiểu số"),
        text: text(HOSTILE),
        placeholder: "–",
        version: 3,
        unit: text("luot-nguoi"),
        previous: text("176"),
        estimate: text("180"),
        usual: text("120–240"),
        look,
        words: text("ba trăm linh sáu triệu một trăm linh năm nghìn đồng"),
        problem: if look == "wrong" { text(HOSTILE) } else { String::new() },
        owner: text(owner),
        remarks: usize::from(look == "doubt"),
        notes: usize::from(look == "saved"),
        ..Cell::default()
    }
}

fn table() -> Table {
    let row = |choice: Option<RowChoice>, cells| Row {
        number: text("1.1"),
        label: text(LONG),
        indent: 2,
        required: true,
        unit: text("lượt người"),
        explained: text(HOSTILE),
        previous: text("1.234.567"),
        usual: text("120–240"),
        cells,
        choice,
        more: text("/bao-cao/x/phan-to/solieu.2"),
        ..Row::default()
    };
    let choice = RowChoice {
        key: text("10.6"),
        chosen: "nil",
        reason: text(HOSTILE),
        told: text(HOSTILE),
        problem: String::new(),
    };
    Table {
        columns: vec![text("Tổng số"), text(LONG), text(HOSTILE)],
        rows: vec![
            Row { heading: true, number: text("A"), label: text(HOSTILE), ..Row::default() },
            row(Some(choice), vec![Some(figure("saved", "")), Some(figure("wrong", "")), None]),
            row(
                None,
                vec![
                    Some(figure("doubt", HOSTILE)),
                    Some(figure("conflict", "")),
                    Some(figure("", "")),
                ],
            ),
        ],
        width: 7,
        required: true,
    }
}

fn earlier() -> Earlier {
    Earlier { told: text(LONG), words: text(HOSTILE) }
}

fn sections(open: bool) -> Vec<SectionView> {
    let section = |code: &str| SectionView {
        code: text(code),
        title: text(LONG),
        hint: text(HOSTILE),
        ..SectionView::default()
    };
    let words = Words {
        text: text(HOSTILE),
        version: 2,
        by: text(HOSTILE),
        most: 2000,
        required: open,
        own: open.then(|| text(HOSTILE)),
        problem: text(HOSTILE),
        stale: true,
    };
    vec![
        SectionView {
            table: Some(table()),
            approved: Some(text(HOSTILE)),
            approved_before: Some(text(HOSTILE)),
            ..section("solieu")
        },
        SectionView {
            growing: Some(growing(if open { "/bao-cao/x/dong/c/1" } else { "" })),
            ..section("congtrinh")
        },
        SectionView {
            growing: Some(Growing {
                take: text(if open { "/bao-cao/x/tu-uoc/trong" } else { "" }),
                estimated: 12,
                ..Growing::default()
            }),
            ..section("trong")
        },
        SectionView {
            narrative: Some(words),
            earlier: vec![earlier(), earlier()],
            ..section("khokhan")
        },
        SectionView {
            files: Some(Files {
                list: vec![file(), File { here: false, above: true, came_signed: true, ..file() }],
                most: 10,
                change: text(if open { "/x" } else { "" }),
            }),
            ..section("minhchung")
        },
        SectionView {
            files: Some(Files::default()),
            approved_before: Some(text(HOSTILE)),
            ..section("tep")
        },
    ]
}

fn report_pages() -> Vec<Sample> {
    let full = |open: bool| Report {
        version_note: text(HOSTILE),
        version_changes: if open { vec![text(HOSTILE), text(LONG)] } else { Vec::new() },
        has_versions: true,
        ended: text(HOSTILE),
        preview: if open { String::new() } else { text("/bao-cao/bieu/nhap/x") },
        script: open.then(|| super::report::Script {
            href: "/bao-cao/tinh/0/entry.js".to_owned(),
            person: "01".to_owned(),
            rules: "{}".to_owned(),
            words: "{}".to_owned(),
        }),
        head: head(),
        steps: vec![text("Gửi: Mai, 22/11/2026 14:05"), text(HOSTILE)],
        closed: if open { String::new() } else { text(HOSTILE) },
        revision: 2,
        open,
        nil: if open { String::new() } else { text(HOSTILE) },
        remarks: vec![remark(""), remark(HOSTILE)],
        conflicts: vec![told(HOSTILE)],
        errors: vec![told(HOSTILE)],
        warnings: vec![told(LONG)],
        warnings_heading: "reporting-warnings-mixed",
        explained: Some(explained()),
        waits_here: !open,
        problems: if open {
            vec![told(HOSTILE), Told { field: String::new(), text: text(LONG) }]
        } else {
            Vec::new()
        },
        sections: sections(open),
        may_type_for: !open,
        field_errors: Vec::new(),
        paper: if open { String::new() } else { text(HOSTILE) },
        may_reopen: !open,
        may_correct: !open,
        may_go_on: true,
        saved_at: text("14:05:12"),
    };
    let part = |title: &str| Part { number: text("I"), title: text(title), ..Part::default() };
    let row = |heading| PaperRow {
        heading,
        number: text("1"),
        label: text(LONG),
        indent: 1,
        unit: text("lượt người"),
        cells: vec![text("198"), text("x"), text(HOSTILE)],
        note: text(HOSTILE),
    };
    let many = || Growing { columns: vec![text(LONG); 9], ..growing("") };
    let paper = |draft| Paper {
        head: head(),
        office: text("ỦY BAN NHÂN DÂN XÃ PHỦ THÔNG"),
        symbol: text("/BC-UBND"),
        place: text("Phủ Thông"),
        date: text("ngày … tháng … năm 2026"),
        to: text(HOSTILE),
        signed_as: vec![text("TM. ỦY BAN NHÂN DÂN"), text("KT. CHỦ TỊCH"), text(HOSTILE)],
        signer: text(HOSTILE),
        draft,
        subject: text(HOSTILE),
        said: Said {
            again: text("(Bản đính chính, lần gửi thứ 2)"),
            nil: text(HOSTILE),
            late: text(HOSTILE),
            behalf: text(HOSTILE),
            empty: text("Không phát sinh."),
            no_files: text("Không có."),
        },
        sections: vec![
            Part {
                columns: vec![text("Tổng số"), text("Nữ"), text(LONG)],
                rows: vec![row(true), row(false)],
                ..part(LONG)
            },
            Part { growing: Some(growing("")), ..part(HOSTILE) },
            Part { growing: Some(many()), ..part(HOSTILE) },
            Part { growing: Some(Growing::default()), ..part(HOSTILE) },
            Part { files: vec![text(HOSTILE)], ..part(LONG) },
            Part { words: text(HOSTILE), ..part(LONG) },
        ],
    };
    vec![
        report::REPORT.sample(&Report {
            head: Head { crumbs: head().crumbs, ..Head::default() },
            ..Report::default()
        }),
        report::REPORT.sample(&full(true)),
        report::REPORT.sample(&full(false)),
        version::VERSION.sample(&VersionPage {
            head: Head { crumbs: head().crumbs, ..Head::default() },
            ..VersionPage::default()
        }),
        version::VERSION.sample(&versions(true)),
        version::VERSION.sample(&versions(false)),
        print::PRINT.sample(&Paper::default()),
        print::PRINT.sample(&paper(true)),
        print::PRINT.sample(&paper(false)),
    ]
}

// Long because every small page stands here once.
fn small_pages() -> Vec<Sample> {
    let unit = |value: &str| Unit { value: text(value), label: text(HOSTILE) };
    let line = |kind| Line {
        href: text("/bao-cao/x"),
        title: text(LONG),
        period: text("Quý IV/2026 (15/9 – 14/12/2026)"),
        due: text("hạn 16/12, quá hạn 3 ngày"),
        late: true,
        state: text(HOSTILE),
        kind,
        remarks: 2,
        waits_here: kind == "done",
        note: String::new(),
    };
    let home = Home {
        area: text(HOSTILE),
        area_id: text("01969.2025"),
        units: vec![unit("01969.2025"), unit("19.2025")],
        reviews: true,
        phones: 2,
        enters: true,
        returned: vec![line("danger")],
        todo: vec![line(""), line("quiet")],
        free: vec![Line { note: text(HOSTILE), due: String::new(), late: false, ..line("") }],
        done: vec![line("done")],
        datasets: vec![unit("bm-03")],
        dataset: text(HOSTILE),
        periods: vec![unit("/bao-cao/bm-03/nd09q-2026-4/01969.2025/chinh-thuc")],
    };
    let other = || Other {
        id: text("x"),
        value: text(HOSTILE),
        by: text("Tâm"),
        at: text("22/11/2026 14:05"),
    };
    let cell_page = |name: &str, open| CellPage {
        version: 3,
        head: head(),
        action: text("/bao-cao/x/o/10.6"),
        name: text(name),
        unit: text("lượt người"),
        value: text("198"),
        words: text(HOSTILE),
        by: text("Mai"),
        at: text("22/11/2026 14:05"),
        came_signed: open,
        approved: text("190"),
        others: vec![other()],
        past: vec![other()],
        remarks: vec![
            remark(""),
            remark(HOSTILE),
            RemarkLine { note: true, waits: false, ..remark("") },
        ],
        unanswered: true,
        open,
        may_note: open,
        owned: !open,
        draft: cell::Draft {
            text: text(HOSTILE),
            choice: text("nil"),
            reason: text(HOSTILE),
            answer: text(HOSTILE),
            body: text(HOSTILE),
        },
        errors: Vec::new(),
    };
    let review = |certify: bool| Review {
        head: head(),
        steps: vec![text(HOSTILE)],
        revision: 2,
        summary: vec![steps::Line {
            key: text(LONG),
            value: text(HOSTILE),
            href: text("/bao-cao/x#muc-a"),
        }],
        differences: Some(differing()),
        wrong: if certify { Vec::new() } else { vec![told(HOSTILE)] },
        doubtful: vec![told(HOSTILE)],
        doubtful_heading: "reporting-warnings-since",
        explained: Some(explained()),
        unanswered: vec![remark("")],
        may_certify: certify,
        is_filled: false,
        may_submit: !certify,
        may_reopen: !certify,
        waits: !certify,
        late: true,
        has_capacity: true,
        draft: steps::Draft {
            note: text(HOSTILE),
            nil: !certify,
            late_reason: text(HOSTILE),
            despite_remarks: certify,
            capacity: text("tl"),
            post: text(HOSTILE),
        },
        errors: Vec::new(),
    };
    let choice = || Choice { value: text("tay"), label: text(HOSTILE) };
    let field = |kind| Field {
        name: format!("k.{kind}"),
        label: text(LONG),
        kind,
        unit: text("triệu đồng"),
        value: text(HOSTILE),
        required: kind == "text",
        options: vec![choice()],
    };
    vec![
        home::HOME.sample(&Home::default()),
        home::HOME.sample(&Home { area: text("Xã Phủ Thông"), ..Home::default() }),
        home::HOME.sample(&home),
        cell::CELL.sample(&cell_page(LONG, true)),
        cell::CELL.sample(&cell_page(HOSTILE, false)),
        cell::CELL.sample(&cell_page("", true)),
        steps::REVIEW.sample(&Review { head: head(), ..Review::default() }),
        steps::REVIEW.sample(&review(true)),
        steps::REVIEW.sample(&review(false)),
        // Said to be nothing at all, and refused.
        steps::REVIEW.sample(&Review {
            draft: steps::Draft { nil: true, despite_remarks: true, ..steps::Draft::default() },
            ..review(true)
        }),
        detail::DETAIL.sample(&Detail {
            head: head(),
            action: text("/x"),
            name: text(HOSTILE),
            unit: text("lượt người"),
            dimensions: vec![Axis {
                field: text("d.dt"),
                label: text(LONG),
                options: vec![choice()],
                value: text("tay"),
            }],
            text: text(HOSTILE),
            errors: Vec::new(),
        }),
        rows::ROW.sample(&RowPage {
            head: head(),
            action: text("/x"),
            section: text(HOSTILE),
            hint: text(HOSTILE),
            fresh: false,
            version: 3,
            fields: vec![field("text"), field("number"), field("day"), field("choice")],
            errors: Vec::new(),
            problem: text(HOSTILE),
            choosing: true,
            theirs: vec![
                Theirs { label: text(LONG), saved: text(HOSTILE), own: text("45") },
                Theirs { label: text(LONG), own: text(HOSTILE), ..Theirs::default() },
            ],
            earlier: vec![earlier()],
        }),
        files::FILES.sample(&FilesPage {
            head: head(),
            section: text(LONG),
            most: 10,
            open: true,
            ..FilesPage::default()
        }),
        files::FILES.sample(&FilesPage {
            head: head(),
            action: text("/x"),
            section: text(HOSTILE),
            files: vec![file(), File { here: false, above: true, came_signed: true, ..file() }],
            most: 10,
            open: true,
            caption: text(HOSTILE),
            most_bytes: 10,
            errors: Vec::new(),
        }),
    ]
}
