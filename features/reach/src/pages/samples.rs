//! Every page with what it must survive: nothing at all, an ordinary day, the longest, the hostile.

use kernel::{
    minijinja::{Value, context},
    web::{Paging, Sample},
};

use super::{
    Choice, Finder, Link, Named, board, cards,
    figures::{Bar, UnitRow},
    handover, import, inspections, ladder, meetings, person_form, roster,
};
use crate::model::card::CardCode;

const HOSTILE: &str = "<script>alert(1)</script> “&'\"";
const LONG: &str = "thôn Nà Cù Khuổi Lặng Pác Nặm Bản Mạch Thượng Phja Đén Tân Thành Hoà Bình";
const AT: i64 = 1_795_330_800_000;

/// Everything that must render.
pub(crate) fn all() -> Vec<Sample> {
    let mut samples = roster_pages();
    samples.extend(handover_pages());
    samples.extend(card_pages());
    samples.extend(meeting_pages());
    samples.extend(inspection_pages());
    samples.extend(reach_pages());
    samples
}

fn commune() -> Named {
    Named { id: "01969.2025".to_owned(), name: "xã Phủ Thông".to_owned() }
}

fn error(field: &str) -> Value {
    context! { field, text => HOSTILE }
}

fn choices() -> Vec<Choice> {
    vec![Choice::new("a", LONG).hinting(HOSTILE.to_owned()), Choice::new("b", HOSTILE)]
}

fn finder() -> Finder {
    Finder {
        typed: HOSTILE.to_owned(),
        choices: vec![areas::place_field::Choice {
            value: "/vn/19.2025/01969.2025/".to_owned(),
            label: LONG.to_owned(),
            hint: HOSTILE.to_owned(),
        }],
        errors: Vec::new(),
    }
}

fn handover_pages() -> Vec<Sample> {
    let empty = || handover::HandoverContext { commune: Some(commune()), ..Default::default() };
    let taker = |way, given_at| handover::Taker {
        order: "o1".to_owned(),
        commune: HOSTILE.to_owned(),
        people: 38,
        given_at,
        way,
    };
    let at = Some(kernel::clock::Timestamp::from_millis(AT));
    vec![
        handover::HANDOVER.sample(&empty()),
        handover::HANDOVER.sample(&handover::HandoverContext {
            takers: vec![
                taker("whole", at),
                taker("part", at),
                taker("back", at),
                taker("part", None),
            ],
            givers: vec![HOSTILE.to_owned(), LONG.to_owned()],
            returners: vec![LONG.to_owned()],
            errors: vec![error("file")],
            ..empty()
        }),
    ]
}

fn roster_pages() -> Vec<Sample> {
    let line = |name: &str, ended: Option<&str>| roster::Line {
        href: "/nguoi-co-uy-tin/x".to_owned(),
        serial: 12,
        name: name.to_owned(),
        village: LONG.to_owned(),
        languages: "Tày, phổ thông (Việt)".to_owned(),
        reads_vietnamese: false,
        card: ended.is_none().then(|| "01969-0012-1".to_owned()),
        ended: ended.map(str::to_owned),
    };
    let list = |commune, lines, no_villages| roster::ListContext {
        commune,
        finder: finder(),
        communes: vec![roster::CommuneLine {
            href: "/x".to_owned(),
            name: HOSTILE.to_owned(),
            entries: 38,
        }],
        q: HOSTILE.to_owned(),
        lines,
        active: 38,
        no_villages,
        hands_over: !no_villages,
        paging: Paging::new("/nguoi-co-uy-tin", 2, 60),
    };
    let fact = |key: &str| roster::Fact { key: key.to_owned(), value: HOSTILE.to_owned() };
    let person = |ended: Option<&str>, card: Option<&str>| roster::PersonContext {
        id: "x".to_owned(),
        name: HOSTILE.to_owned(),
        serial: 12,
        commune: commune(),
        facts: vec![fact("Thôn"), fact("Tiếng")],
        consents: if ended.is_some() { Vec::new() } else { vec![fact("Gọi điện")] },
        card: card.map(str::to_owned),
        may_have_card: card.is_none() && ended.is_none(),
        ended: ended.map(str::to_owned),
        end_reason: ended.map(|_| "Đã qua đời".to_owned()),
    };
    let form = |person: Option<&str>, errors| person_form::FormContext {
        commune: commune(),
        person: person.map(str::to_owned),
        form: person_form::Draft {
            name: HOSTILE.to_owned(),
            languages: vec!["a".to_owned()],
            consents: vec!["b".to_owned()],
            from: "01/03/2025".to_owned(),
            ..person_form::Draft::default()
        },
        villages: choices(),
        genders: choices(),
        standings: choices(),
        languages: choices(),
        purposes: choices(),
        sensitive: person.is_some(),
        errors,
    };
    vec![
        roster::LIST.sample(&list(None, Vec::new(), false)),
        roster::LIST.sample(&list(Some(commune()), Vec::new(), true)),
        roster::LIST.sample(&list(
            Some(commune()),
            vec![line("Hoàng Văn Páo", None), line(HOSTILE, Some("01/01/2026"))],
            false,
        )),
        roster::PERSON.sample(&person(None, Some("01969-0012-1"))),
        roster::PERSON.sample(&person(Some("01/01/2026"), None)),
        person_form::FORM.sample(&form(None, Vec::new())),
        person_form::FORM.sample(&form(
            Some("x"),
            vec![error("name"), error("village"), error("consents"), error("")],
        )),
        person_form::END.sample(&person_form::EndContext {
            id: "x".to_owned(),
            name: HOSTILE.to_owned(),
            until: HOSTILE.to_owned(),
            reason: "a".to_owned(),
            reasons: choices(),
            errors: vec![error("until")],
        }),
        import::IMPORT.sample(&import::ImportContext {
            commune: commune(),
            list: HOSTILE.to_owned(),
            from: "01/03/2025".to_owned(),
            villages: vec![LONG.to_owned(), HOSTILE.to_owned()],
            errors: vec![error("list"), error("list")],
        }),
    ]
}

fn card_pages() -> Vec<Sample> {
    let card = |revoked: Option<&str>| cards::CardLine {
        number: "01969-0012-2".to_owned(),
        issued_at: AT,
        revoked: revoked.map(str::to_owned),
    };
    let state = |current: Option<&str>, cards| cards::CardContext {
        id: "x".to_owned(),
        name: HOSTILE.to_owned(),
        current: current.map(str::to_owned),
        cards,
    };
    let picture = CardCode::read("123451234512345123451234512345")
        .map_or_else(String::new, |code| code.picture());
    vec![
        cards::CARD.sample(&state(None, Vec::new())),
        cards::CARD.sample(&state(Some("01969-0012-2"), vec![card(None), card(Some(HOSTILE))])),
        cards::PRINT.sample(&cards::PrintContext {
            id: "x".to_owned(),
            name: HOSTILE.to_owned(),
            village: LONG.to_owned(),
            commune: "xã Phủ Thông".to_owned(),
            number: "01969-0012-2".to_owned(),
            spoken: "12345 12345 12345 12345 12345 12345".to_owned(),
            picture: Value::from_safe_string(picture),
        }),
    ]
}

fn meeting_pages() -> Vec<Sample> {
    let line = |voided| meetings::Line {
        href: "/hop-thon/x".to_owned(),
        village: if voided { String::new() } else { HOSTILE.to_owned() },
        held_on: "20/11/2026".to_owned(),
        head_count: 1_062,
        items: 3,
        language: "Tày".to_owned(),
        voided,
    };
    let list = |lines| meetings::ListContext { lines, paging: Paging::new("/hop-thon", 1, 2) };
    let form = |commune: Option<Named>, villages: Vec<Choice>, items: Vec<Choice>, errors| {
        meetings::FormContext {
            commune,
            finder: finder(),
            villages,
            items,
            people: choices(),
            languages: choices(),
            form: meetings::Draft {
                note: HOSTILE.to_owned(),
                items: vec!["a".to_owned()],
                people: vec!["b".to_owned()],
                ..meetings::Draft::default()
            },
            errors,
        }
    };
    let record = |elsewhere: bool, voided: Option<&str>, errors| meetings::MeetingContext {
        id: "x".to_owned(),
        village: LONG.to_owned(),
        commune: "xã Phủ Thông".to_owned(),
        held_on: "20/11/2026".to_owned(),
        held_on_words: "Thứ sáu, ngày 20 tháng 11 năm 2026".to_owned(),
        language: "Tày".to_owned(),
        head_count: 62,
        items: vec![HOSTILE.to_owned(), LONG.to_owned()],
        people: if elsewhere { Vec::new() } else { vec![HOSTILE.to_owned()] },
        people_count: 1,
        witness: (!elsewhere).then(|| HOSTILE.to_owned()),
        witness_standing: None,
        officer: (!elsewhere).then(|| "Hoàng Thị Mai".to_owned()),
        note: (!elsewhere).then(|| format!("{HOSTILE}\n{LONG}")),
        recorded_at: AT,
        elsewhere,
        may_void: !elsewhere,
        voided: voided.map(str::to_owned),
        errors,
    };
    vec![
        meetings::LIST.sample(&list(Vec::new())),
        meetings::LIST.sample(&list(vec![line(false), line(true)])),
        meetings::FORM.sample(&form(None, Vec::new(), Vec::new(), Vec::new())),
        meetings::FORM.sample(&form(Some(commune()), Vec::new(), choices(), Vec::new())),
        meetings::FORM.sample(&form(Some(commune()), choices(), Vec::new(), Vec::new())),
        meetings::FORM.sample(&form(
            Some(commune()),
            choices(),
            choices(),
            vec![error("head_count"), error("items")],
        )),
        meetings::MEETING.sample(&record(false, None, vec![error("why")])),
        meetings::MEETING.sample(&record(true, Some(HOSTILE), Vec::new())),
    ]
}

fn inspection_pages() -> Vec<Sample> {
    let line = |voided| inspections::Line {
        href: "/kiem-chung/x".to_owned(),
        title: HOSTILE.to_owned(),
        place: if voided { String::new() } else { LONG.to_owned() },
        asked_on: "20/11/2026".to_owned(),
        asked: 1_030,
        knew: 24,
        team: HOSTILE.to_owned(),
        voided,
    };
    let form = |commune: Option<Named>, items: Vec<Choice>, errors| inspections::FormContext {
        commune,
        finder: finder(),
        units: choices(),
        items,
        audiences: choices(),
        methods: choices(),
        form: inspections::Draft {
            note: HOSTILE.to_owned(),
            unit: "b".to_owned(),
            ..inspections::Draft::default()
        },
        errors,
    };
    let record = |elsewhere: bool, voided: Option<&str>, errors| inspections::InspectionContext {
        id: "x".to_owned(),
        title: HOSTILE.to_owned(),
        ladder: "/do-phu/x".to_owned(),
        place: LONG.to_owned(),
        audience: "đồng bào".to_owned(),
        asked_on: "Thứ sáu, ngày 20 tháng 11 năm 2026".to_owned(),
        asked: 30,
        knew: 24,
        method: "Đi từng hộ, cách đều".to_owned(),
        team: HOSTILE.to_owned(),
        inspector: (!elsewhere).then(|| HOSTILE.to_owned()),
        note: (!elsewhere).then(|| format!("{HOSTILE}\n{LONG}")),
        recorded_at: AT,
        elsewhere,
        may_void: !elsewhere,
        voided: voided.map(str::to_owned),
        errors,
    };
    vec![
        inspections::LIST.sample(&inspections::ListContext { lines: Vec::new() }),
        inspections::LIST
            .sample(&inspections::ListContext { lines: vec![line(false), line(true)] }),
        inspections::FORM.sample(&form(None, Vec::new(), Vec::new())),
        inspections::FORM.sample(&form(Some(commune()), Vec::new(), Vec::new())),
        inspections::FORM.sample(&form(
            Some(commune()),
            choices(),
            vec![error("asked"), error("knew")],
        )),
        inspections::INSPECTION.sample(&record(false, None, vec![error("why")])),
        inspections::INSPECTION.sample(&record(true, Some(HOSTILE), Vec::new())),
    ]
}

fn unit(name: &str, percent: Option<i64>, href: bool) -> UnitRow {
    UnitRow {
        name: name.to_owned(),
        href: href.then(|| "/do-phu?dia_ban=x".to_owned()),
        denominator: "38".to_owned(),
        bar: Bar { percent, text: "36 / 38 · 94 %".to_owned(), unknown: 5 },
        channel: "Họp thôn".to_owned(),
        todo: HOSTILE.to_owned(),
        urgent: percent.is_none(),
    }
}

fn reach_pages() -> Vec<Sample> {
    let trail = || {
        vec![
            Link {
                href: Some("/do-phu?dia_ban=19.2025".to_owned()),
                label: "tỉnh Thái Nguyên".to_owned(),
                current: false,
            },
            Link { href: None, label: HOSTILE.to_owned(), current: true },
        ]
    };
    let tabs = || {
        let link = |current| Link {
            href: Some("/do-phu/x".to_owned()),
            label: HOSTILE.to_owned(),
            current,
        };
        vec![link(true), link(false)]
    };
    let theme = |percent: Option<i64>, target: Option<i64>| board::ThemeRow {
        name: "Y tế, phòng bệnh".to_owned(),
        href: "/do-phu".to_owned(),
        current: percent.is_some(),
        denominator: "1.250".to_owned(),
        bar: Bar { percent, text: HOSTILE.to_owned(), unknown: 0 },
        target,
        source: "QĐ 414/QĐ-TTg".to_owned(),
    };
    let board = |units, items, restricted| board::Context {
        trail: trail(),
        area: LONG.to_owned(),
        audience: "người có uy tín".to_owned(),
        rung: "Đã xác nhận".to_owned(),
        theme: HOSTILE.to_owned(),
        as_of: AT,
        audiences: choices(),
        rungs: choices(),
        periods: choices(),
        chosen: board::Chosen {
            area: "19.2025".to_owned(),
            audience: "a".to_owned(),
            rung: "b".to_owned(),
            period: "a".to_owned(),
            theme: "yte".to_owned(),
        },
        themes: vec![theme(Some(58), Some(90)), theme(None, None), theme(Some(100), Some(100))],
        units,
        rest: tabs(),
        unit_target: Some(90),
        items,
        restricted,
    };
    let item = board::Item {
        href: "/do-phu/x".to_owned(),
        title: HOSTILE.to_owned(),
        day: "19/11/2026".to_owned(),
    };
    let units = || {
        vec![
            unit(LONG, Some(94), true),
            unit(HOSTILE, None, false),
            unit("xã Cẩm Giàng", Some(0), true),
        ]
    };
    let rung =
        |kind: &'static str, percent: Option<i64>, range: Option<(i64, i64)>| ladder::RungView {
            label: "Đã xác nhận".to_owned(),
            value: "239".to_owned(),
            percent,
            percent_text: "58 %".to_owned(),
            unknown: 7,
            kind,
            low: range.map(|range| range.0),
            high: range.map(|range| range.1),
            note: Some(HOSTILE.to_owned()),
        };
    let page = |units, restricted: bool, target: Option<i64>| ladder::Context {
        trail: trail(),
        title: HOSTILE.to_owned(),
        area: LONG.to_owned(),
        audience: "người có uy tín".to_owned(),
        audience_code: "prestigious_person".to_owned(),
        themes: "Y tế".to_owned(),
        languages: "Tày, Dao".to_owned(),
        published_on: "19/11/2026".to_owned(),
        withdrawn_on: "20/11/2026".to_owned(),
        as_of: AT,
        tabs: tabs(),
        versions: tabs(),
        denominator: "412".to_owned(),
        uncounted: 3,
        target,
        target_source: "QĐ 414/QĐ-TTg".to_owned(),
        rungs: vec![
            rung("claimed", Some(100), None),
            rung("proven", Some(58), None),
            rung("sample", Some(48), Some((36, 61))),
            rung("sample", None, None),
        ],
        notes: vec![HOSTILE.to_owned()],
        units,
        rest: tabs(),
        restricted,
        meeting_href: target.map(|_| "/hop-thon/moi?xa=x".to_owned()),
        inspection_href: target.map(|_| "/kiem-chung/moi?xa=x".to_owned()),
    };
    vec![
        board::BOARD.sample(&board(Vec::new(), Vec::new(), false)),
        board::BOARD.sample(&board(units(), vec![item], true)),
        ladder::LADDER.sample(&page(units(), true, Some(100))),
        ladder::LADDER.sample(&page(Vec::new(), false, None)),
    ]
}
