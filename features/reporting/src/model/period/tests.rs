//! Periods against the dates of the decree, and against the laws that any calendar obeys.

use kernel::locale::Lang;
use proptest::prelude::*;

use super::*;
use crate::model::dataset::DueRule;

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn period(id: &str) -> Period {
    Period::parse(id).unwrap_or_else(|| panic!("{id} is a period"))
}

fn scheme(code: &str) -> Scheme {
    Scheme::parse(code).unwrap()
}

#[test]
fn the_legal_periods_have_the_dates_of_the_decree() {
    // NĐ 09/2019/NĐ-CP Điều 12: first and last day.
    let table = [
        ("nd09m-2026-01", "15/12/2025", "14/01/2026"),
        ("nd09m-2026-03", "15/02/2026", "14/03/2026"),
        ("nd09m-2024-03", "15/02/2024", "14/03/2024"),
        ("nd09m-2025-07", "15/06/2025", "14/07/2025"),
        ("nd09m-2026-12", "15/11/2026", "14/12/2026"),
        ("nd09q-2026-1", "15/12/2025", "14/03/2026"),
        ("nd09q-2026-2", "15/03/2026", "14/06/2026"),
        ("nd09q-2026-3", "15/06/2026", "14/09/2026"),
        ("nd09q-2026-4", "15/09/2026", "14/12/2026"),
        ("nd09h-2026-1", "15/12/2025", "14/06/2026"),
        ("nd09h-2026-2", "15/06/2026", "14/12/2026"),
        ("nd09y-2026", "15/12/2025", "14/12/2026"),
    ];
    for (id, first, last) in table {
        let it = period(id);
        assert_eq!((it.from, it.last_day()), (day(first), day(last)), "{id}");
        assert_eq!(it.year(), id[6..10].parse::<i32>().unwrap(), "{id}");
        assert_eq!(it.closes_on(), it.last_day(), "{id}");
    }
}

#[test]
fn the_other_periods_have_their_dates() {
    let table = [
        ("m-2024-02", "01/02/2024", "29/02/2024"),
        ("q-2026-4", "01/10/2026", "31/12/2026"),
        ("h-2026-1", "01/01/2026", "30/06/2026"),
        ("y-2026", "01/01/2026", "31/12/2026"),
        ("school-2025", "01/09/2025", "31/08/2026"),
        ("school0905-2025", "05/09/2025", "04/09/2026"),
        ("budget-2026", "01/01/2026", "31/12/2026"),
        ("week-2026-01", "29/12/2025", "04/01/2026"),
        ("week-2020-53", "28/12/2020", "03/01/2021"),
        ("day-2026-01-13", "13/01/2026", "13/01/2026"),
        ("campaign-20260713-20260725", "13/07/2026", "25/07/2026"),
    ];
    for (id, first, last) in table {
        let it = period(id);
        assert_eq!((it.from, it.last_day()), (day(first), day(last)), "{id}");
    }
    assert_eq!(period("budget-2026").closes_on(), day("31/01/2027"));
    assert_eq!(period("week-2026-01").year(), 2026);
}

#[test]
fn what_is_no_period_has_no_id() {
    let wrong = [
        "",
        "nd09q",
        "nd09q-",
        "nd09q-2026",
        "nd09q-2026-0",
        "nd09q-2026-5",
        "nd09q-2026-04",
        "nd09m-2026-3",
        "nd09m-2026-13",
        "m-2026-00",
        "y-2026-1",
        "y-+2026",
        "y-12026",
        "y-1899",
        "y-3000",
        "y-99999999999",
        "school-2025-1",
        "school0901-2025",
        "school0230-2025",
        "school1-2025",
        "week-2026-54",
        "week-2025-53",
        "day-2026-02-30",
        "day-13/01/2026",
        "campaign-20260725-20260713",
        "campaign-20260713",
        "campaign-2026713-20260725",
        "campaign-20260230-20260725",
        "quý-2026-1",
        "nd09q-2026-1 ",
        "-2026",
        "m-2026-+1",
    ];
    for id in wrong {
        assert_eq!(Period::parse(id), None, "{id}");
    }
}

#[test]
fn officials_read_the_name_they_know_and_the_days_it_means() {
    let table = [
        ("nd09m-2025-07", "Tháng 7/2025 (15/6 – 14/7/2025)", "July 2025 (15/6 – 14/7/2025)"),
        ("nd09q-2026-4", "Quý IV/2026 (15/9 – 14/12/2026)", "Q4 2026 (15/9 – 14/12/2026)"),
        ("nd09q-2026-1", "Quý I/2026 (15/12/2025 – 14/3/2026)", "Q1 2026 (15/12/2025 – 14/3/2026)"),
        (
            "nd09h-2026-1",
            "6 tháng đầu năm 2026 (15/12/2025 – 14/6/2026)",
            "First half of 2026 (15/12/2025 – 14/6/2026)",
        ),
        (
            "nd09h-2026-2",
            "6 tháng cuối năm 2026 (15/6 – 14/12/2026)",
            "Second half of 2026 (15/6 – 14/12/2026)",
        ),
        ("nd09y-2026", "Năm 2026 (15/12/2025 – 14/12/2026)", "Year 2026 (15/12/2025 – 14/12/2026)"),
        ("q-2026-4", "Quý IV/2026", "Q4 2026"),
        ("school-2025", "Năm học 2025 – 2026", "School year 2025 – 2026"),
        ("budget-2026", "Năm ngân sách 2026", "Budget year 2026"),
        ("week-2026-05", "Tuần 5/2026 (26/1 – 1/2/2026)", "Week 5/2026 (26/1 – 1/2/2026)"),
        ("day-2026-01-13", "Ngày 13/01/2026", "13/01/2026"),
        ("campaign-20260713-20260725", "Đợt 13/7 – 25/7/2026", "Campaign 13/7 – 25/7/2026"),
    ];
    for (id, vi, en) in table {
        assert_eq!((&*period(id).label_vi(), &*period(id).label_en()), (vi, en), "{id}");
    }
}

#[test]
fn communes_that_succeed_each_other_owe_the_two_parts_of_the_cut_over() {
    let cut = day("01/07/2025");
    for (id, first, last) in [
        ("nd09m-2025-07", "15/06/2025", "14/07/2025"),
        ("nd09q-2025-3", "15/06/2025", "14/09/2025"),
        ("nd09h-2025-2", "15/06/2025", "14/12/2025"),
    ] {
        let it = period(id);
        let old = it.part(day("01/01/2020"), cut).unwrap();
        let new = it.part(cut, Day::FOREVER).unwrap();
        assert_eq!((old.from, old.last_day()), (day(first), day("30/06/2025")), "{id}");
        assert_eq!((new.from, new.last_day()), (cut, day(last)), "{id}");
        assert!(!old.is_whole() && !new.is_whole(), "{id}");
    }
    let july = period("nd09m-2025-07");
    let old = july.part(day("01/01/2020"), cut).unwrap();
    assert_eq!(old.label(Lang::Vi), "Tháng 7/2025, phần 15/6 – 30/6/2025");
    assert_eq!(july.part(day("14/07/2025"), Day::FOREVER).unwrap().days(), 1);
    assert_eq!(july.part(july.until, Day::FOREVER), None);
    assert_eq!(period("nd09m-2025-06").part(cut, Day::FOREVER), None);
    assert!(period("nd09m-2025-08").part(cut, Day::FOREVER).unwrap().is_whole());
}

#[test]
fn neighbours_and_the_same_period_a_year_before_are_found() {
    let table = [
        ("nd09q-2026-1", "nd09q-2025-4", "nd09q-2025-1"),
        ("m-2026-01", "m-2025-12", "m-2025-01"),
        ("nd09y-2026", "nd09y-2025", "nd09y-2025"),
        ("school-2025", "school-2024", "school-2024"),
        ("week-2021-01", "week-2020-53", "week-2020-01"),
        ("day-2026-03-01", "day-2026-02-28", "day-2025-03-01"),
    ];
    for (id, previous, same) in table {
        assert_eq!(period(id).previous(), Some(period(previous)), "{id}");
        assert_eq!(period(previous).next(), Some(period(id)), "{id}");
        assert_eq!(period(id).same_last_year(), Some(period(same)), "{id}");
    }
    assert_eq!(period("week-2020-53").same_last_year(), None);
    assert_eq!(period("day-2024-02-29").same_last_year(), None);
    let campaign = period("campaign-20260713-20260725");
    assert_eq!((campaign.next(), campaign.same_last_year()), (None, None));
    assert_eq!(campaign.last_n(3), std::slice::from_ref(&campaign));
    assert_eq!(period("y-2999").next(), None);
    assert_eq!(period("y-1900").previous(), None);
}

#[test]
fn relative_periods_are_told_oldest_first() {
    let ids = |all: Vec<Period>| all.iter().map(|it| it.id().to_owned()).collect::<Vec<_>>();
    assert_eq!(ids(period("nd09q-2026-1").last_n(2)), ["nd09q-2025-4", "nd09q-2026-1"]);
    assert!(period("nd09q-2026-1").last_n(0).is_empty());
    assert_eq!(
        ids(period("nd09q-2026-3").year_to_date()),
        ["nd09q-2026-1", "nd09q-2026-2", "nd09q-2026-3"]
    );
    assert_eq!(ids(period("nd09y-2026").year_to_date()), ["nd09y-2026"]);
    assert_eq!(period("week-2020-53").year_to_date().len(), 53);
    assert_eq!(
        ids(scheme("nd09m").ended(day("14/07/2026"), 2)),
        ["nd09m-2026-05", "nd09m-2026-06"]
    );
    assert_eq!(ids(scheme("nd09m").ended(day("15/07/2026"), 1)), ["nd09m-2026-07"]);
    let between = scheme("nd09q").between(day("14/12/2025"), day("16/03/2026"));
    assert_eq!(ids(between.collect()), ["nd09q-2025-4", "nd09q-2026-1", "nd09q-2026-2"]);
    assert_eq!(scheme("m").between(day("01/02/2026"), day("01/02/2026")).count(), 0);
    assert_eq!(scheme("campaign").between(day("01/02/2026"), Day::FOREVER).count(), 0);
}

#[test]
fn foreign_systems_are_understood_in_their_own_names() {
    let table = [
        ("202601", "m-2026-01", "2026-01-01/P1M"),
        ("2026Q1", "q-2026-1", "2026-01-01/P3M"),
        ("2026S2", "h-2026-2", "2026-07-01/P6M"),
        ("2026", "y-2026", "2026-01-01/P1Y"),
        ("2026W5", "week-2026-05", "2026-01-26/P7D"),
        ("20260113", "day-2026-01-13", "2026-01-13/P1D"),
    ];
    for (dhis2, id, interval) in table {
        assert_eq!(Period::from_dhis2(dhis2), Some(period(id)), "{dhis2}");
        assert_eq!(period(id).dhis2().as_deref(), Some(dhis2), "{id}");
        assert_eq!(period(id).interval(), interval, "{id}");
    }
    assert_eq!(Period::from_dhis2("2026W05"), Some(period("week-2026-05")));
    for wrong in
        ["", "202613", "2026Q5", "2026S0", "2026W54", "20260230", "2026Nov", "năm2", "20é6"]
    {
        assert_eq!(Period::from_dhis2(wrong), None, "{wrong}");
    }
    let legal = [
        ("2025-06-15/P1M", "nd09m-2025-07"),
        ("2025-09-15/P3M", "nd09q-2025-4"),
        ("2025-12-15/P1Y", "nd09y-2026"),
        ("2025-12-15/P12M", "nd09y-2026"),
        ("2025-09-01/P1Y", "school-2025"),
        ("2026-01-26/P1W", "week-2026-05"),
        ("2026-07-13/P13D", "campaign-20260713-20260725"),
    ];
    for (interval, id) in legal {
        assert_eq!(Period::from_interval(interval), Some(period(id)), "{interval}");
        assert!(id.starts_with("campaign") || period(id).interval().starts_with(&interval[..10]));
    }
    assert_eq!(period("nd09m-2025-07").dhis2(), None);
    assert_eq!(scheme("budget").of_interval("2026-01-01/P1Y"), Some(period("budget-2026")));
    assert_eq!(scheme("nd09m").of_interval("2025-06-01/P1M"), None);
    for wrong in
        ["2025-06-15", "2025-06-15/P", "2025-06-15/PT1H", "15/06/2025/P1M", "2025-06-16/P1M"]
    {
        assert_eq!(Period::from_interval(wrong), None, "{wrong}");
    }
}

#[test]
fn deadlines_are_told_as_stated_and_as_worked() {
    let quarter = period("nd09q-2026-4");
    let after = |days| DueRule::AfterClose { days };
    let on = |years_later, month, day| DueRule::OnDayOfYear { years_later, month, day };
    assert_eq!(due(after(2), &quarter), day("16/12/2026"));
    assert_eq!(due(on(0, 9, 10), &period("nd09y-2026")), day("10/09/2026"));
    assert_eq!(due(on(1, 1, 25), &period("y-2026")), day("25/01/2027"));
    assert_eq!(due(on(0, 2, 29), &period("y-2026")), day("28/02/2026"));
    assert_eq!(due(on(0, 13, 40), &period("y-2026")), day("31/12/2026"));
    assert_eq!(due(after(5), &period("budget-2026")), day("05/02/2027"));
    // 2 May 2026 is a Saturday; 30 April and 1 May are holidays.
    let free = [day("30/04/2026"), day("01/05/2026")];
    let stated = DueRule::On { day: free[0] };
    assert_eq!(
        Due::of(stated, &quarter, &free),
        Due { stated: free[0], working: day("04/05/2026") }
    );
    assert_eq!(working_day(day("16/12/2026"), &[]), day("16/12/2026"));
    assert!(is_possible(after(1)) && is_possible(on(0, 2, 29)) && is_possible(on(1, 1, 25)));
    assert!(!is_possible(after(-1)) && !is_possible(on(0, 2, 30)) && !is_possible(on(0, 13, 1)));
}

#[test]
fn every_scheme_has_its_code_and_a_name() {
    let words = crate::module().locales;
    for scheme in Scheme::known() {
        assert_eq!(Scheme::parse(&scheme.code()), Some(scheme));
        let has = |text: &str| text.contains(&format!("\n{} = ", scheme.name()));
        assert!(words.iter().all(|locale| has(locale.text)), "{scheme}");
    }
    assert_eq!(scheme("school0905").code(), "school0905");
    assert_eq!(Scheme::parse("school0901"), None, "it is called school");
}

#[test]
fn periods_travel_as_their_id() {
    let it = period("nd09q-2026-4");
    let json = serde_json::to_string(&it).unwrap();
    assert_eq!(json, "\"nd09q-2026-4\"");
    assert_eq!(serde_json::from_str::<Period>(&json).unwrap(), it);
    assert!(serde_json::from_str::<Period>("\"nd09q-2026-9\"").is_err());
}

fn schemes() -> impl Strategy<Value = Scheme> {
    let mut all: Vec<Scheme> = Scheme::known().filter(|scheme| !scheme.is_campaign()).collect();
    all.push(scheme("school0815"));
    proptest::sample::select(all)
}

/// Days from 1901 to 2998, so that neighbours exist.
fn days() -> impl Strategy<Value = Day> {
    (365..400_000_i32).prop_map(|later| Day::new(1900, 1, 1).unwrap().plus_days(later))
}

proptest! {
    #[test]
    fn periods_tile_the_calendar_and_read_back(scheme in schemes(), on in days()) {
        let it = scheme.containing(on).unwrap();
        let next = it.next().unwrap();
        prop_assert!(it.contains(on) && it.from < it.until);
        prop_assert_eq!(it.until, next.from);
        prop_assert_eq!(scheme.containing(next.from), Some(next.clone()));
        prop_assert_eq!(scheme.containing(it.last_day()), Some(it.clone()));
        prop_assert_eq!(next.previous(), Some(it.clone()));
        prop_assert_eq!(Period::parse(it.id()), Some(it.clone()));
        prop_assert!(it.id() < next.id(), "{} sorts before {}", it, next);
        prop_assert_eq!(scheme.of_interval(&it.interval()), Some(it));
    }

    #[test]
    fn units_that_follow_each_other_owe_the_whole_period(
        scheme in schemes(), on in days(), cuts in proptest::collection::vec(-500_i32..900, 0..6),
    ) {
        let it = scheme.containing(on).unwrap();
        let mut ends: Vec<Day> = cuts.iter().map(|later| it.from.plus_days(*later)).collect();
        ends.push(Day::FOREVER);
        ends.sort();
        let mut begin = Day::new(1, 1, 1).unwrap();
        let mut at = it.from;
        for end in ends {
            if let Some(part) = it.part(begin, end) {
                prop_assert_eq!(part.from, at);
                at = part.until;
            }
            begin = end;
        }
        prop_assert_eq!(at, it.until);
    }

    #[test]
    fn whatever_lies_between_two_days_is_enumerated_once(
        scheme in schemes(), on in days(), length in 1_i32..800,
    ) {
        let (from, until) = (on, on.plus_days(length));
        let all: Vec<Period> = scheme.between(from, until).collect();
        prop_assert!(all[0].contains(from) && all[all.len() - 1].contains(until.plus_days(-1)));
        prop_assert!(all.windows(2).all(|pair| pair[0].until == pair[1].from));
    }

    #[test]
    fn campaigns_read_back(first in days(), length in 0_i32..2_000) {
        let it = Period::campaign(first, first.plus_days(length)).unwrap();
        prop_assert_eq!(Period::parse(it.id()), Some(it.clone()));
        prop_assert_eq!(it.days(), length + 1);
    }

    #[test]
    fn working_days_are_never_before_the_day_and_never_free(
        on in days(), free in proptest::collection::vec(0_i32..30, 0..20),
    ) {
        let holidays: Vec<Day> = free.iter().map(|later| on.plus_days(*later)).collect();
        let works = working_day(on, &holidays);
        prop_assert!(works >= on && !holidays.contains(&works));
        prop_assert!(!works.in_words().starts_with("Thứ bảy"));
        prop_assert!(!works.in_words().starts_with("Chủ nhật"));
    }

    #[test]
    fn any_text_is_a_period_or_none(id: String, scheme in schemes(), rest in "[0-9Q:SWPDMY/-]{0,24}") {
        let typed = format!("{scheme}-{rest}");
        for text in [&*id, &*rest, &*typed] {
            if let Some(found) = Period::parse(text) {
                prop_assert_eq!(found.id(), text);
            }
            let _ = (Period::from_dhis2(text), Period::from_interval(text));
        }
    }
}

#[test]
fn within_a_sentence_a_period_begins_small_and_names_its_year() {
    for (id, label, within) in [
        ("nd09q-2026-3", "Quý III/2026 (15/6 – 14/9/2026)", "quý III năm 2026 (15/6 – 14/9/2026)"),
        ("q-2025-3", "Quý III/2025", "quý III năm 2025"),
        ("m-2025-07", "Tháng 7/2025", "tháng 7 năm 2025"),
        ("h-2025-1", "6 tháng đầu năm 2025", "6 tháng đầu năm 2025"),
        ("y-2025", "Năm 2025", "năm 2025"),
        ("day-2025-02-05", "Ngày 05/02/2025", "ngày 05/02/2025"),
    ] {
        let period = Period::parse(id).unwrap_or_else(|| panic!("{id}"));
        assert_eq!((period.label_vi().as_str(), period.within_vi().as_str()), (label, within));
        assert_eq!(period.within(Lang::En), period.label_en());
    }
}

#[test]
fn a_period_is_read_as_people_write_it() {
    let ids = |words: &str| -> Vec<String> {
        Period::said(words).iter().map(|one| one.id().to_owned()).collect()
    };
    for words in ["Quý III/2025", "quý 3 năm 2025", "quy iii 2025", "Q3 2025"] {
        assert_eq!(ids(words), ["nd09q-2025-3", "q-2025-3"], "{words}");
    }
    for words in ["tháng 9/2025", "Tháng 09 năm 2025", "9/2025", "September 2025"] {
        assert_eq!(ids(words), ["nd09m-2025-09", "m-2025-09"], "{words}");
    }
    assert_eq!(ids("6 tháng đầu năm 2025"), ["nd09h-2025-1", "h-2025-1"]);
    assert_eq!(ids("2025"), ["nd09y-2025", "y-2025"]);
    assert_eq!(ids("Năm học 2025 - 2026"), ["school-2025"]);
    assert_eq!(ids("Quý III/2025 (15/6 – 14/9/2025)"), ["nd09q-2025-3"]);
    assert_eq!(ids("Quý III/2025 (1/7 - 30/9/2025)"), ["q-2025-3"]);
    assert_eq!(ids("nd09q-2027-2"), ["nd09q-2027-2"]);
    for words in ["", "quý V/2025", "13/2025", "hôm qua", "quý III", "15/9/2025"] {
        assert!(ids(words).is_empty(), "{words}");
    }
}

proptest! {
    #[test]
    fn a_period_that_is_printed_with_its_days_is_read_back(at in 0_usize..10, number in 1_900_i32..2_900) {
        let scheme = Scheme::known().filter(|one| !one.is_day() && !one.is_campaign()).nth(at).unwrap();
        let any = scheme.containing(Day::new(i16::try_from(number).unwrap(), 5, 20).unwrap()).unwrap();
        for lang in [Lang::Vi, Lang::En] {
            let read = Period::said(&any.told_apart(lang));
            prop_assert!(read.contains(&any), "{}", any.told_apart(lang));
            prop_assert!(read.iter().all(|one| (one.from, one.until) == (any.from, any.until)));
        }
    }
}
