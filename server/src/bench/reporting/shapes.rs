//! The eighteen questions that DHIS2's own load test asks of its aggregate analytics
//! (`dhis2/performance-tests-gatling`, `hmis/analytics-speed-get-test.json`), put to our analytics for programs.
//! Their bounds there (v42 on PostgreSQL, mean of one user) stand beside ours: another machine and other data,
//! but the same shape.

use std::fmt::Write;

use kernel::problem::Outcome;
use serde_json::{Map, Value, json};

use super::{
    country::{COLUMNS, Country, DATASET, LONG},
    site::Site,
};
use crate::bench::spread;

/// A question: so many figures, when, for which units.
struct Shape {
    name: &'static str,
    /// DHIS2's bound in milliseconds.
    theirs: u32,
    dx: usize,
    rates: bool,
    when: When,
    area: Where,
    level: &'static str,
}

#[derive(Clone, Copy)]
enum When {
    /// The last so many of the months with whole reports.
    Months(usize),
    /// So many of the five years.
    Years(usize),
    /// Twelve months and five years.
    MonthsAndYears,
    /// Twelve months and six half-years: eighteen periods.
    Eighteen,
}

#[derive(Clone, Copy)]
enum Where {
    Country,
    Province,
}

const fn shape(
    name: &'static str,
    theirs: u32,
    dx: usize,
    when: When,
    area: Where,
    level: &'static str,
) -> Shape {
    Shape { name, theirs, dx, rates: false, when, area, level }
}

const SHAPES: [Shape; 18] = [
    shape(
        "7 dx × (12 months + 5 years), one province as filter",
        165_000,
        7,
        When::MonthsAndYears,
        Where::Province,
        "province",
    ),
    shape(
        "7 dx × this month × own unit (country)",
        175_000,
        7,
        When::Months(1),
        Where::Country,
        "country",
    ),
    shape(
        "4 dx × this month × own unit (country)",
        180_000,
        4,
        When::Months(1),
        Where::Country,
        "country",
    ),
    shape("3 dx × last 6 months × country", 140_000, 3, When::Months(6), Where::Country, "country"),
    shape(
        "1 dx × last 5 years × grandchildren (3,321 communes)",
        230_000,
        1,
        When::Years(5),
        Where::Country,
        "commune",
    ),
    Shape {
        name: "pivot: 10 dx with report counts × 18 periods × provinces",
        theirs: 3_500,
        dx: 7,
        rates: true,
        when: When::Eighteen,
        area: Where::Country,
        level: "province",
    },
    shape(
        "4 dx × last 12 periods × country",
        2_500,
        4,
        When::Months(12),
        Where::Country,
        "country",
    ),
    shape(
        "1 dx × 12 months × one level (34 provinces)",
        1_800,
        1,
        When::Months(12),
        Where::Country,
        "province",
    ),
    shape(
        "1 dx × 12 months × grandchildren (3,321 communes)",
        1_250,
        1,
        When::Months(12),
        Where::Country,
        "commune",
    ),
    shape("2 dx × last 5 years × country", 850, 2, When::Years(5), Where::Country, "country"),
    Shape {
        name: "expected, actual, on-time reports × 12 months × country",
        theirs: 245,
        dx: 0,
        rates: true,
        when: When::Months(12),
        area: Where::Country,
        level: "country",
    },
    shape("1 dx × this month × country", 105, 1, When::Months(1), Where::Country, "country"),
    shape("2 dx × this month × provinces", 120, 2, When::Months(1), Where::Country, "province"),
    shape("3 dx × this month × provinces", 140, 3, When::Months(1), Where::Country, "province"),
    shape("4 dx × 12 months × provinces", 180, 4, When::Months(12), Where::Country, "province"),
    shape("5 dx × 12 months × provinces", 235, 5, When::Months(12), Where::Country, "province"),
    shape(
        "1 dx × 12 months × communes of the largest province",
        235,
        1,
        When::Months(12),
        Where::Province,
        "commune",
    ),
    shape(
        "5 dx × this month × communes of the largest province",
        235,
        5,
        When::Months(1),
        Where::Province,
        "commune",
    ),
];

/// Asks every shape: once after a start (the first of its kind, nothing in memory but what the shapes before it
/// left), then again and again with other data elements.
pub async fn measure(country: &Country, site: &Site, rounds: usize) -> Outcome<Value> {
    let (province, _) = country.largest_province();
    let mut by_shape = Map::new();
    let mut all = Vec::new();
    let mut within = 0;
    for shape in &SHAPES {
        let mut millis = Vec::new();
        let (mut rows, mut bytes) = (0, 0);
        for round in 0..=rounds {
            let address = address(country, shape, province.as_str(), round);
            let answer = site.get(&address).await?;
            if answer.status != 200 {
                let text: String = answer.text().chars().take(300).collect();
                by_shape.insert(
                    shape.name.to_owned(),
                    json!({ "status": answer.status, "said": text }),
                );
                break;
            }
            if round == 0 {
                let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
                rows = body["rows"].as_array().map_or(0, Vec::len);
                let known = body["rows"].as_array().into_iter().flatten();
                let known = known.filter(|row| !row["value"].is_null()).count();
                bytes = answer.body.len();
                by_shape.insert(shape.name.to_owned(), json!({ "known": known }));
            }
            millis.push(answer.millis);
        }
        if millis.len() <= rounds {
            continue;
        }
        let cold = millis.remove(0);
        all.extend(millis.iter().copied());
        let times = spread(millis);
        within += usize::from(times["p95_ms"].as_f64().is_some_and(|ms| ms <= 100.0));
        let known = by_shape[shape.name]["known"].clone();
        eprintln!("{}: cold {cold:.1} ms, {times}", shape.name);
        by_shape.insert(
            shape.name.to_owned(),
            json!({ "first_ms": cold, "warm": times, "rows": rows, "rows_with_a_number": known,
                "bytes": bytes, "dhis2_42_postgresql_bound_ms": shape.theirs }),
        );
    }
    Ok(
        json!({ "shapes": by_shape, "all_warm": spread(all), "shapes_with_p95_within_100_ms": within }),
    )
}

fn address(country: &Country, shape: &Shape, province: &str, round: usize) -> String {
    let mut address = String::from("/api/v1/reporting/analytics?");
    // Years are only there for the long series; other elements each round, so that no answer is a repetition.
    let pool = LONG * COLUMNS.len();
    for at in 0..shape.dx {
        let key = &country.cells[(round * 7 + at * 3) % pool];
        let _ = write!(address, "dx={}&", key.text().replace('=', "%3D"));
    }
    if shape.rates {
        for kind in ["nop", "dung-han", "duyet"] {
            let _ = write!(address, "dx=~{DATASET}~{kind}&");
        }
    }
    for period in periods(country, shape.when) {
        let _ = write!(address, "period={period}&");
    }
    if matches!(shape.area, Where::Province) {
        let _ = write!(address, "area={province}&");
    }
    let _ = write!(address, "level={}", shape.level);
    address
}

fn periods(country: &Country, when: When) -> Vec<String> {
    let months = |count: usize| -> Vec<String> {
        let full = super::country::FULL_MONTHS;
        country.months[full - count..full].iter().map(|one| one.id().to_owned()).collect()
    };
    let years = |count: usize| (2027..=2031).take(count).map(|year| format!("nd09y-{year}"));
    match when {
        When::Months(count) => months(count),
        When::Years(count) => years(count).collect(),
        When::MonthsAndYears => months(12).into_iter().chain(years(5)).collect(),
        When::Eighteen => {
            let halves =
                (2028..=2030).flat_map(|year| [1, 2].map(|half| format!("nd09h-{year}-{half}")));
            months(12).into_iter().chain(halves).collect()
        }
    }
}
