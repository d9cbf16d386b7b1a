//! The table of targets to be filled in, as a workbook, and the form that asks for it. Its first sheet is read back
//! as it is (`actions/define/target_sheet.rs`).

use areas::{Area, AreaId, AreaLevel};
use kernel::{
    axum::extract::Query as Params,
    problem::{Failure, Outcome},
    scope::ScopePath,
    web::{Answer, Fields, Visit},
};
use rust_xlsxwriter::{
    Color, DataValidation, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};
use serde::Serialize;

use crate::{
    actions::{
        DEFINE, catalogue,
        define::{
            country,
            target_sheet::{COLUMNS, COMPARATORS},
            target_template::{self, For, Row},
        },
    },
    model::{
        IndicatorId, Scheme,
        amount::unit,
        file_kind::FileKind,
        target::{Comparator, Goal},
    },
    pages::{analysis::view::Choice, parameters::wrong, private_file},
};

/// Years for which targets are given.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;
/// The columns in their order: the name of one that is read back, or the heading of one for people; its width.
const LAYOUT: [(Result<&str, &str>, f64); 11] = [
    (Ok("chi-tieu"), 13.0),
    (Err("Tên chỉ tiêu"), 48.0),
    (Err("Đơn vị tính"), 13.0),
    (Ok("dia-ban"), 36.0),
    (Ok("nam"), 8.0),
    (Ok("ky"), 16.0),
    (Ok("so-sanh"), 10.0),
    (Ok("gia-tri"), 16.0),
    (Ok("gia-tri-den"), 16.0),
    (Ok("goc"), 16.0),
    (Ok("van-ban"), 42.0),
];
/// What may stand under *So sánh*.
const SIGNS: [Comparator; 6] = [
    Comparator::AtLeast,
    Comparator::MoreThan,
    Comparator::AtMost,
    Comparator::LessThan,
    Comparator::Exactly,
    Comparator::About,
];

/// The form that asks for a table.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct TemplateForm {
    indicators: Vec<Choice>,
    places: Vec<Choice>,
    year: i32,
}

impl TemplateForm {
    /// For looking at the page.
    pub(super) fn sample(words: &str) -> Self {
        let choice =
            || Choice { value: "MT02".to_owned(), label: words.to_owned(), selected: false };
        Self { indicators: vec![choice()], places: vec![choice()], year: 2027 }
    }
}

/// What the form offers: every indicator, and the places for which this person may give targets.
pub(super) async fn form(visit: &Visit) -> Outcome<TemplateForm> {
    let all = catalogue::current(&visit.app).await?;
    let choice =
        |value: &str, label: String| Choice { value: value.to_owned(), label, selected: false };
    let mut indicators = vec![choice("", visit.say("reporting-target-template-all", &[]))];
    let named = all.indicators.values();
    indicators
        .extend(named.map(|one| choice(one.code.as_str(), format!("{} – {}", one.code, one.name))));
    let today = visit.app.now().day();
    let provinces = visit
        .app
        .db
        .view(async |tx| Ok(areas::below(tx, &country(), AreaLevel::Province, today).await?));
    let provinces = provinces.await?;
    let may = |path: &ScopePath| visit.caller.may(&DEFINE, path);
    let mine: Vec<&Area> = provinces.iter().filter(|one| may(&one.path)).collect();
    let mut places = Vec::new();
    match mine[..] {
        [] => {}
        [own] => places.push(choice("tinh", own.title())),
        _ => places.push(choice("tinh", visit.say("reporting-target-template-provinces", &[]))),
    }
    if may(&country()) {
        places.push(choice("ca-nuoc", visit.say("reporting-target-template-country", &[])));
    }
    for one in mine {
        let args = [("province", one.full_name.clone())];
        places
            .push(choice(one.id.as_str(), visit.say("reporting-target-template-communes", &args)));
    }
    // Targets are given for the year to come.
    let this_year = Scheme::parse("nd09y").and_then(|scheme| scheme.containing(today));
    let year = this_year.map_or(*YEARS.start(), |year| year.year() + 1);
    Ok(TemplateForm { indicators, places, year })
}

/// `GET /so-lieu/danh-muc/nhap-muc-tieu/mau.xlsx?chi-tieu=&noi=&nam=`
pub(super) async fn download(visit: Visit, Params(pairs): Params<Vec<(String, String)>>) -> Answer {
    let fields = Fields::from_pairs(pairs);
    let code = fields.line("chi-tieu");
    let indicator = match code.as_str() {
        "" => None,
        code => Some(IndicatorId::parse(code).ok_or_else(|| wrong("chi-tieu", code))?),
    };
    let place = fields.line("noi");
    let whose = match place.as_str() {
        "ca-nuoc" => For::Country,
        "" | "tinh" => For::Provinces,
        id => For::CommunesOf(AreaId::parse(id).ok_or_else(|| wrong("noi", id))?),
    };
    let said = fields.line("nam");
    let year = said.parse::<i16>().ok().filter(|year| YEARS.contains(&i32::from(*year)));
    let year = year.ok_or_else(|| wrong("nam", &said))?;
    let rows =
        target_template::rows(&visit.app, &visit.caller, indicator.as_ref(), &whose, year).await?;
    let guide = visit.say("reporting-target-sheet-columns", &[]);
    let bytes = workbook(&rows, year, &guide)
        .map_err(|error: XlsxError| Failure::fault("write a table of targets", error))?;
    private_file(&visit, FileKind::Xlsx.media_type(), Some(format!("muc-tieu-{year}.xlsx")), bytes)
}

fn heading(name: &str) -> &'static str {
    let found = COLUMNS.iter().find(|(one, _)| *one == name);
    found.and_then(|(_, all)| all.first()).copied().unwrap_or_default()
}

fn workbook(rows: &[Row], year: i16, guide: &str) -> Result<Vec<u8>, XlsxError> {
    let base = || Format::new().set_font_name("Times New Roman").set_font_size(12);
    let cell = || base().set_border(FormatBorder::Thin).set_align(FormatAlign::VerticalCenter);
    let head = cell().set_bold().set_text_wrap().set_align(FormatAlign::Center);
    let told = cell().set_text_wrap();
    let open = cell().set_background_color(Color::RGB(0xFF_F8_E1)).set_text_wrap();
    let mut sheet = Worksheet::new();
    sheet.set_name("Mục tiêu")?;
    for (column, (name, width)) in (0_u16..).zip(LAYOUT) {
        sheet.set_column_width(column, width)?;
        sheet.write_string_with_format(0, column, name.map_or_else(|own| own, heading), &head)?;
    }
    sheet.set_freeze_panes(1, 4)?;
    for (at, row) in (1_u32..).zip(rows) {
        let values = values(row);
        for (column, (name, _)) in (0_u16..).zip(LAYOUT) {
            match name {
                Ok("chi-tieu") => sheet.write_string_with_format(
                    at,
                    column,
                    row.indicator.code.as_str(),
                    &told,
                )?,
                Ok("dia-ban") => sheet.write_string_with_format(at, column, &row.place, &told)?,
                Ok("nam") => sheet.write_number_with_format(at, column, year, &told)?,
                Err("Tên chỉ tiêu") => {
                    sheet.write_string_with_format(at, column, &row.indicator.name, &told)?
                }
                Err(_) => {
                    let of = unit(&row.indicator.unit).map_or("", |unit| unit.name.as_str());
                    sheet.write_string_with_format(at, column, of, &told)?
                }
                Ok(name) => match values.iter().find(|(of, _)| *of == name) {
                    Some((_, Value::Number(number))) => {
                        sheet.write_number_with_format(at, column, *number, &open)?
                    }
                    Some((_, Value::Text(text))) => {
                        sheet.write_string_with_format(at, column, text, &open)?
                    }
                    None => sheet.write_blank(at, column, &open)?,
                },
            };
        }
    }
    if let Some(last) = u32::try_from(rows.len()).ok().filter(|last| *last > 0) {
        let list = DataValidation::new().allow_list_strings(&SIGNS.map(sign))?.ignore_blank(true);
        sheet.add_data_validation(1, 6, last, 6, &list)?;
    }
    let mut words = Worksheet::new();
    words.set_name("Hướng dẫn")?;
    words.set_column_width(0, 110)?;
    words.write_string_with_format(0, 0, guide, &base().set_text_wrap())?;
    let mut book = Workbook::new();
    book.push_worksheet(sheet);
    book.push_worksheet(words);
    book.save_to_buffer()
}

/// What stands in an open cell.
enum Value {
    Number(f64),
    Text(String),
}

/// What was decided, by the names of columns; of words and fractions a table knows nothing.
fn values(row: &Row) -> Vec<(&'static str, Value)> {
    let Some(target) = &row.stands else { return Vec::new() };
    // Plain decimals of at most a few digits: a spreadsheet's number shows them as they are.
    let number =
        |text: &str| text.parse().map_or_else(|_| Value::Text(text.to_owned()), Value::Number);
    let mut all = match &target.goal {
        Goal::Compare { comparator, value } => {
            vec![("so-sanh", Value::Text(sign(*comparator).to_owned())), ("gia-tri", number(value))]
        }
        Goal::Range { low, high } => vec![("gia-tri", number(low)), ("gia-tri-den", number(high))],
        Goal::Fraction { .. } | Goal::Qualitative { .. } => return Vec::new(),
    };
    let before = target.baseline.as_ref().filter(|one| one.year == target.year - 1);
    all.extend(before.map(|one| ("goc", number(&one.value))));
    all.push(("van-ban", Value::Text(target.legal_basis.clone())));
    all
}

fn sign(comparator: Comparator) -> &'static str {
    COMPARATORS.iter().find(|(_, of)| *of == comparator).map_or("", |(sign, _)| sign)
}
