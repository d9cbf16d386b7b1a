//! The pages of reviewing with what they must survive: nothing at all, an ordinary day, the longest, the hostile.

use kernel::{
    minijinja::{Value, context},
    web::{Paging, Sample},
};

use super::{
    consolidation,
    entry::{self, Explained},
    late, review, works,
};

const HOSTILE: &str = "<script>alert(1)</script> “&'\"";
const LONG: &str = "Tổng số điểm hỗ trợ đồng bào dân tộc thiểu số ứng dụng công nghệ thông tin tại Ủy ban nhân dân cấp xã được thiết lập";
const AT: i64 = 1_795_330_800_000;

/// Everything that must render.
pub(crate) fn all() -> Vec<Sample> {
    let mut samples = review_pages();
    samples.extend(one_report());
    samples.extend(consolidations());
    samples.extend(others());
    samples
}

fn choices() -> Vec<review::Choice> {
    let choice = |label: &str| review::Choice { value: "a".to_owned(), label: label.to_owned() };
    vec![choice(LONG), choice(HOSTILE)]
}

fn shown(state: &'static str) -> review::Shown {
    review::Shown { state, text: "999.999.999.999,999".to_owned(), reason: HOSTILE.to_owned() }
}

fn share(percent: Option<i64>) -> review::Share {
    review::Share {
        label: HOSTILE.to_owned(), percent, text: "100 % (92/92 đơn vị)".to_owned()
    }
}

fn tabs() -> Vec<review::Tab> {
    let tab = |current| review::Tab {
        href: "/bao-cao/duyet?loc=da-gui".to_owned(),
        label: HOSTILE.to_owned(),
        count: Some(12),
        current,
    };
    vec![tab(true), tab(false)]
}

fn unit_row(state: &'static str, full: bool) -> review::UnitRow {
    review::UnitRow {
        href: "/bao-cao/duyet/x".to_owned(),
        name: if full { HOSTILE } else { "Xã Phủ Thông" }.to_owned(),
        id: "x".to_owned(),
        revision: 2,
        state,
        state_label: HOSTILE.to_owned(),
        sent: full.then(|| "14:05 22/11/2026".to_owned()),
        late: full,
        due: "16/12/2026".to_owned(),
        late_reason: if full { HOSTILE.to_owned() } else { String::new() },
        nil: full,
        remarks: if full { 7 } else { 0 },
        doubts: full.then_some(3),
        figures: vec![shown("value"), shown("none"), shown("missing")],
        may_pick: full,
    }
}

fn review_pages() -> Vec<Sample> {
    let empty = || review::ListContext {
        area: HOSTILE.to_owned(),
        area_id: "19.2025".to_owned(),
        datasets: choices(),
        dataset: "a".to_owned(),
        periods: choices(),
        period: "a".to_owned(),
        title: LONG.to_owned(),
        ended: String::new(),
        tabs: tabs(),
        filter: "tat-ca",
        keys: vec![LONG.to_owned(), HOSTILE.to_owned(), "Lượt người".to_owned()],
        shares: vec![share(Some(100)), share(None)],
        rows: Vec::new(),
        paging: None,
        provinces: Vec::new(),
        totals: vec!["1".to_owned(), "2".to_owned(), "3".to_owned()],
        total_label: HOSTILE.to_owned(),
        as_of: AT,
        summary_href: "/bao-cao/tong-hop/a/b/chinh-thuc".to_owned(),
        may_approve: true,
        nothing: false,
    };
    let rows = ["draft", "certified", "submitted", "returned", "accepted", "approved"];
    let full = review::ListContext {
        rows: rows.into_iter().map(|state| unit_row(state, state != "draft")).collect(),
        paging: Some(Paging::new("/bao-cao/duyet?bo=a&ky=b&dia_ban=c&loc=tat-ca", 2, 92)),
        ended: HOSTILE.to_owned(),
        ..empty()
    };
    let country = review::ListContext {
        provinces: vec![review::ProvinceRow {
            href: "/bao-cao/duyet".to_owned(),
            name: HOSTILE.to_owned(),
            reported: share(Some(99)),
            on_time: share(Some(0)),
            approved: share(None),
            figures: vec!["1".to_owned(), "2".to_owned(), "3".to_owned()],
        }],
        ..empty()
    };
    let done = |rows| review::DoneContext { rows, done: 1, back: "/bao-cao/duyet".to_owned() };
    let row = |done| review::DoneRow {
        href: "/bao-cao/duyet/x".to_owned(),
        name: HOSTILE.to_owned(),
        done,
        text: HOSTILE.to_owned(),
    };
    vec![
        review::LIST.sample(&empty()),
        review::LIST.sample(&review::ListContext { nothing: true, ..empty() }),
        review::LIST.sample(&full),
        review::LIST.sample(&country),
        review::DONE.sample(&done(Vec::new())),
        review::DONE.sample(&done(vec![row(true), row(false)])),
    ]
}

fn remark(answered: bool) -> review::RemarkRow {
    review::RemarkRow {
        words: HOSTILE.to_owned(),
        by: HOSTILE.to_owned(),
        at: "14:05 22/11/2026".to_owned(),
        revision: 1,
        answered,
        note: !answered,
        answer: if answered { HOSTILE.to_owned() } else { String::new() },
    }
}

fn section(kind: &'static str, mark: u8) -> review::SectionRow {
    let cell = |state, changed: bool| review::CellRow {
        key: "10.6:gt=nu".to_owned(),
        label: LONG.to_owned(),
        unit: "lượt người".to_owned(),
        now: shown(state),
        before: shown("unknown"),
        changed: changed.then(|| shown("value")),
        doubts: [true, false]
            .into_iter()
            .filter(|_| changed)
            .map(|explained| review::DoubtRow {
                words: HOSTILE.to_owned(),
                explained,
                is_since: !explained,
            })
            .collect(),
        remarks: if changed { vec![remark(true), remark(false)] } else { Vec::new() },
        typed: HOSTILE.to_owned(),
    };
    review::SectionRow {
        code: kind.to_owned(),
        title: HOSTILE.to_owned(),
        cells: vec![
            cell("value", true),
            cell("none", false),
            cell("missing", false),
            cell("unknown", false),
        ],
        growing: (mark != 0).then(|| entry::samples::growing("/x")),
        words: if mark == 0 { String::new() } else { HOSTILE.to_owned() },
        files: if mark == 0 { Vec::new() } else { vec![entry::samples::file()] },
        kind,
        in_order: (mark == 1).then(|| HOSTILE.to_owned()),
        changed_since: (mark == 2).then(|| HOSTILE.to_owned()),
        approved: (mark == 3).then(|| HOSTILE.to_owned()),
        approved_before: (mark == 2).then(|| HOSTILE.to_owned()),
        ticked: mark == 1,
    }
}

fn one_report() -> Vec<Sample> {
    let nothing = || review::ShowContext {
        id: "x".to_owned(),
        title: LONG.to_owned(),
        area: HOSTILE.to_owned(),
        period: "Quý IV/2026".to_owned(),
        part: None,
        back: "/bao-cao/duyet".to_owned(),
        href: "/bao-cao/x".to_owned(),
        due: "Hạn gửi 16/12/2026".to_owned(),
        late: false,
        ended: String::new(),
        state: "draft",
        state_label: "Chưa gửi".to_owned(),
        revision: 1,
        seen: String::new(),
        nil: None,
        late_reason: String::new(),
        sections: vec![
            section("figures", 0),
            section("rows", 0),
            section("words", 0),
            section("files", 0),
        ],
        compared: None,
        doubts: 0,
        row_doubts: Vec::new(),
        explained: None,
        general: Vec::new(),
        steps: Vec::new(),
        copies: Vec::new(),
        before_merger: Vec::new(),
        may_return: false,
        may_accept: false,
        may_approve: false,
        parts: None,
        note: String::new(),
        errors: Vec::new(),
    };
    let error: Value = context! { field => "note", text => HOSTILE };
    let full = review::ShowContext {
        part: Some(HOSTILE.to_owned()),
        late: true,
        ended: HOSTILE.to_owned(),
        state: "submitted",
        nil: Some(HOSTILE.to_owned()),
        late_reason: HOSTILE.to_owned(),
        sections: vec![
            section("figures", 1),
            section("rows", 2),
            section("words", 1),
            section("files", 3),
        ],
        compared: Some(entry::samples::differing()),
        doubts: 3,
        row_doubts: vec![HOSTILE.to_owned()],
        explained: Some(Explained {
            words: HOSTILE.to_owned(),
            by: HOSTILE.to_owned(),
            at: "14:05 22/11/2026".to_owned(),
        }),
        general: vec![remark(true), remark(false)],
        steps: vec![review::StepLine {
            when: "14:05 22/11/2026".to_owned(),
            who: HOSTILE.to_owned(),
            text: HOSTILE.to_owned(),
            kind: "warn",
        }],
        copies: vec![review::CopyRow {
            href: "/bao-cao/duyet/x/ban-luu/1.approved.json".to_owned(),
            revision: 1,
            occasion: HOSTILE.to_owned(),
            at: "14:05 22/11/2026".to_owned(),
            hash: "af".repeat(32),
        }],
        before_merger: vec![review::BeforeRow {
            href: "/bao-cao/duyet/y".to_owned(),
            name: HOSTILE.to_owned(),
            state: "Đã duyệt".to_owned(),
            approved: Some(HOSTILE.to_owned()),
        }],
        may_return: true,
        may_accept: true,
        may_approve: true,
        parts: Some(HOSTILE.to_owned()),
        note: HOSTILE.to_owned(),
        errors: vec![error],
        ..nothing()
    };
    vec![review::SHOW.sample(&nothing()), review::SHOW.sample(&full)]
}

fn closed(approved: bool) -> consolidation::ClosedRow {
    consolidation::ClosedRow {
        href: "/bao-cao/tong-hop/ban/x".to_owned(),
        area: HOSTILE.to_owned(),
        number: 2,
        at: "14:05 22/11/2026".to_owned(),
        by: HOSTILE.to_owned(),
        included: 90,
        expected: 92,
        approved: approved.then(|| HOSTILE.to_owned()),
        hash: "af".repeat(32),
    }
}

fn papers(of: &'static str) -> consolidation::Papers {
    let at = |ending: &str| format!("/bao-cao/tong-hop/ban/x/tong-hop.{ending}");
    consolidation::Papers { of, docx: at("docx"), pdf: at("pdf"), xlsx: at("xlsx") }
}

fn consolidations() -> Vec<Sample> {
    let sum = |sum: Option<&str>| consolidation::SumRow {
        label: LONG.to_owned(),
        unit: HOSTILE.to_owned(),
        sum: sum.map(str::to_owned),
        gap: "reporting-not-added",
        count: 90,
        no_data: 2,
    };
    let show = |full: bool| consolidation::ShowContext {
        title: LONG.to_owned(),
        area: HOSTILE.to_owned(),
        area_id: "19.2025".to_owned(),
        period: "Quý IV/2026".to_owned(),
        action: "/bao-cao/tong-hop/a/b/chinh-thuc".to_owned(),
        back: "/bao-cao/duyet".to_owned(),
        ended: if full { HOSTILE.to_owned() } else { String::new() },
        as_of: "14:05 22/11/2026".to_owned(),
        included: 90,
        expected: 92,
        missing: if full { vec![HOSTILE.to_owned(), LONG.to_owned()] } else { Vec::new() },
        sums: if full { vec![sum(Some("306.105.000")), sum(None)] } else { Vec::new() },
        closed: if full { vec![closed(true), closed(false)] } else { Vec::new() },
        below: if full { vec![closed(true)] } else { Vec::new() },
        papers: full.then(|| papers("reporting-papers-standing")),
        may_close: full,
        same_as_newest: false,
    };
    let change = |then: Option<&str>, now: Option<&str>| consolidation::ChangeRow {
        label: HOSTILE.to_owned(),
        then: then.map(str::to_owned),
        now: now.map(str::to_owned),
    };
    let copy = |full: bool| consolidation::ClosedContext {
        id: "x".to_owned(),
        title: LONG.to_owned(),
        area: HOSTILE.to_owned(),
        period: "Quý IV/2026".to_owned(),
        back: "/bao-cao/tong-hop/a/b/chinh-thuc".to_owned(),
        ended: if full { HOSTILE.to_owned() } else { String::new() },
        one: closed(full),
        sums: vec![sum(Some("1")), sum(None)],
        included: vec![HOSTILE.to_owned()],
        missing: if full { vec![HOSTILE.to_owned()] } else { Vec::new() },
        cells: if full {
            vec![change(Some("1"), Some("2")), change(None, Some("2"))]
        } else {
            Vec::new()
        },
        reports: if full { vec![change(Some("lần 1"), None)] } else { Vec::new() },
        now: "14:05 22/11/2026".to_owned(),
        newest: !full,
        papers: papers("reporting-papers-approved"),
        may_approve: !full,
        draft: consolidation::Draft { capacity: "tl".to_owned(), post: HOSTILE.to_owned() },
        errors: Vec::new(),
    };
    vec![
        consolidation::SHOW.sample(&show(false)),
        consolidation::SHOW.sample(&show(true)),
        consolidation::SHOW
            .sample(&consolidation::ShowContext { same_as_newest: true, ..show(true) }),
        consolidation::CLOSED.sample(&copy(false)),
        consolidation::CLOSED.sample(&copy(true)),
    ]
}

fn others() -> Vec<Sample> {
    let due = |kind: &'static str, full: bool| late::Row {
        href: "/bao-cao/duyet/x".to_owned(),
        unit: HOSTILE.to_owned(),
        dataset: LONG.to_owned(),
        period: "Quý IV/2026".to_owned(),
        part: full.then(|| HOSTILE.to_owned()),
        certify_by: full.then(|| "10/09/2026".to_owned()),
        due: full.then(|| "15/09/2026".to_owned()),
        kind,
        status: "Trễ 12 ngày".to_owned(),
        reason: if full { HOSTILE.to_owned() } else { String::new() },
        reminded: i64::from(full) * 3,
        id: "x".to_owned(),
        may_excuse: full,
        picked: full,
        was: full.then(|| "10/09/2026".to_owned()),
    };
    let calendar = |full: bool| late::Context {
        area: HOSTILE.to_owned(),
        area_id: "19.2025".to_owned(),
        datasets: choices(),
        dataset: String::new(),
        filter: "con-no",
        tabs: tabs(),
        rows: if full {
            ["late", "soon", "open", "came-late", "met", "nil", "excused"]
                .into_iter()
                .map(|kind| due(kind, kind != "open"))
                .collect()
        } else {
            Vec::new()
        },
        paging: Paging::new("/bao-cao/han?x=y", 2, 60),
        notices: if full {
            vec![late::NoticeRow {
                text: HOSTILE.to_owned(),
                late: true,
                href: "/bao-cao/a".to_owned(),
            }]
        } else {
            Vec::new()
        },
        notice_count: 12,
        csv: "/bao-cao/han.csv?x=y".to_owned(),
        as_of: AT,
        may_excuse: full,
        at: 2,
        kinds: choices(),
        draft: late::Draft {
            kind: "extend".to_owned(),
            until: String::new(),
            why: HOSTILE.to_owned(),
            all: full,
        },
        errors: Vec::new(),
    };
    let source = |counts: bool| works::SourceRow {
        submission: "x".to_owned(),
        href: "/bao-cao/duyet/x".to_owned(),
        unit: HOSTILE.to_owned(),
        owner: if counts { HOSTILE.to_owned() } else { String::new() },
        revision: 1,
        amount: counts.then(|| "306.105".to_owned()),
        counts,
    };
    let work = |standing: &'static str, full: bool| works::WorkLine {
        key: HOSTILE.to_owned(),
        shown: HOSTILE.to_owned(),
        name: if full { LONG.to_owned() } else { String::new() },
        component: HOSTILE.to_owned(),
        standing,
        standing_label: HOSTILE.to_owned(),
        amount: full.then(|| "306.105".to_owned()),
        differs: full,
        decided: full.then(|| HOSTILE.to_owned()),
        may_decide: full,
        sources: vec![source(true), source(false)],
    };
    let register = |works: Vec<works::WorkLine>, errors: Vec<Value>| works::Context {
        area: HOSTILE.to_owned(),
        area_id: "19.2025".to_owned(),
        periods: choices(),
        period: "y-2026~e".to_owned(),
        columns: choices(),
        column: "tongmuc".to_owned(),
        column_title: LONG.to_owned(),
        unit: "triệu đồng".to_owned(),
        works,
        sums: vec![works::SumLine {
            component: String::new(),
            works: 3,
            sum: "306.105".to_owned(),
        }],
        conflicts: 2,
        paging: Paging::new("/bao-cao/cong-trinh?x=y", 2, 60),
        at: 2,
        as_of: "14:05 22/11/2026".to_owned(),
        deciding: HOSTILE.to_owned(),
        why: HOSTILE.to_owned(),
        errors,
    };
    let error: Value = context! { field => "why", text => HOSTILE };
    vec![
        late::PAGE.sample(&calendar(false)),
        late::PAGE.sample(&calendar(true)),
        works::PAGE.sample(&register(Vec::new(), Vec::new())),
        works::PAGE.sample(&register(
            vec![
                work("once", false),
                work("both", true),
                work("conflict", true),
                work("chosen", true),
            ],
            vec![error],
        )),
    ]
}
