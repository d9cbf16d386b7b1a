//! Targets for many areas out of one table (XLSX, CSV): first a look that names every problem by its cell, then
//! the word to propose them all, or none.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use areas::AreaId;
use kernel::{
    app::AppRef,
    caller::Caller,
    db::Tx,
    problem::{Failure, FieldProblem, Outcome, Problem, ProblemKind},
    scope::ScopePath,
    sheet::{Held, Limits, Sheet, SheetProblem, SheetRow},
    text::sounds,
};

use super::{
    country, must_be_hub,
    target::{free_id, period_said, replaced, same_thing},
    target_places::Places,
};
use crate::{
    actions::{
        BAD_DEFINITION, DEFINE, TOO_MUCH,
        catalogue::{self, Catalogue, definition, kind},
    },
    model::{
        Indicator, IndicatorId, TargetId,
        amount::{plain_amount, print_amount, read_amount, read_plain, unit},
        definition::{Change, Changed, DECIMALS_MAX, check_target},
        element::Mark,
        target::{Baseline, Comparator, Goal, Target},
    },
    records,
    store::definitions,
};

/// What is wrong with a cell: the key of the words, and what they name.
pub type Wrong = (&'static str, Vec<(&'static str, String)>);

/// Most targets of one table.
pub const ROWS_MOST: usize = 12_000;
/// What a table of targets may cost.
const LIMITS: Limits =
    Limits { file_bytes: 8 << 20, unpacked_bytes: 64 << 20, rows: ROWS_MOST, columns: 40 };

/// The columns, with the headings under which each is found.
pub const COLUMNS: [(&str, &[&str]); 9] = [
    ("chi-tieu", &["Mã chỉ tiêu", "Chỉ tiêu", "indicator"]),
    ("dia-ban", &["Địa bàn", "Mã địa bàn", "area"]),
    ("nam", &["Năm", "year"]),
    ("ky", &["Kỳ", "Mã kỳ", "period"]),
    ("so-sanh", &["So sánh", "comparator"]),
    ("gia-tri", &["Giá trị", "Mục tiêu", "value"]),
    ("gia-tri-den", &["Đến", "Giá trị đến", "to"]),
    ("van-ban", &["Căn cứ", "Văn bản", "basis"]),
    ("goc", &["Giá trị gốc", "Gốc", "baseline"]),
];

/// The columns that hold amounts.
const AMOUNTS: [&str; 3] = ["gia-tri", "gia-tri-den", "goc"];

/// The comparators as tables write them; the first of each is how a table to be filled in writes it.
pub const COMPARATORS: [(&str, Comparator); 12] = [
    ("≥", Comparator::AtLeast),
    (">=", Comparator::AtLeast),
    ("từ", Comparator::AtLeast),
    (">", Comparator::MoreThan),
    ("trên", Comparator::MoreThan),
    ("≤", Comparator::AtMost),
    ("<=", Comparator::AtMost),
    ("không quá", Comparator::AtMost),
    ("<", Comparator::LessThan),
    ("dưới", Comparator::LessThan),
    ("=", Comparator::Exactly),
    ("khoảng", Comparator::About),
];

/// A table as it was brought: a file, or the text of one that was looked at.
#[derive(Clone, Debug, Default)]
pub struct Brought {
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Brought {
    /// A file.
    pub fn file(bytes: Vec<u8>) -> Self {
        Self { bytes }
    }

    /// The table with every cell as people write it, and the same as text.
    fn read(&self) -> Outcome<(Sheet, String)> {
        let read = |bytes: &[u8]| Sheet::read(bytes, LIMITS).map_err(|wrong| refused(&wrong));
        let text = as_text(&read(&self.bytes)?)?;
        Ok((read(text.as_bytes())?, text))
    }
}

/// A problem in a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The cell as the spreadsheet names it: `C12`.
    pub at: String,
    /// The key of its words.
    pub key: &'static str,
    /// Their arguments.
    pub args: Vec<(&'static str, String)>,
}

/// What a look at a table found.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// Targets that would be proposed, with the row they stand in and the area's name.
    pub fresh: Vec<(u32, String, Target)>,
    /// How many stand already as the table has them.
    pub same: usize,
    /// How many rows give no value: of a template only some are filled in.
    pub empty: usize,
    /// What is wrong.
    pub troubles: Vec<Trouble>,
    /// The table as text, rows at their numbers, to be sent back with the word.
    pub text: String,
}

/// Looks at a table; writes nothing.
pub async fn look(app: &AppRef, caller: &Caller, brought: &Brought) -> Outcome<Look> {
    caller.must_somewhere(&DEFINE)?;
    must_be_hub(app)?;
    let (sheet, text) = brought.read()?;
    let look = app.db.view(async |tx| looked(tx, caller, &sheet).await).await?;
    Ok(Look { text, ..look })
}

/// A table with tabs between its cells and an empty line for each row that was left out. Amounts that a workbook
/// holds as numbers stand as people write them, so that the unit decides what *75 %* is worth.
fn as_text(sheet: &Sheet) -> Outcome<String> {
    let fault = |error: &dyn std::fmt::Display| Failure::fault("write a table as text", error);
    let line = |cells: &[String]| -> Outcome<String> {
        let mut out = csv::WriterBuilder::new().delimiter(b'\t').from_writer(Vec::new());
        let plain: Vec<String> =
            cells.iter().map(|cell| cell.replace(['\t', '\r', '\n'], " ")).collect();
        out.write_record(&plain).map_err(|error| fault(&error))?;
        let bytes = out.into_inner().map_err(|error| fault(&error))?;
        String::from_utf8(bytes).map_err(|error| fault(&error))
    };
    let width = sheet.headings().len();
    let of = columns_of(sheet);
    let amounts: Vec<usize> = AMOUNTS.iter().filter_map(|name| of.get(name).copied()).collect();
    let cell = |row: &SheetRow, column: usize| {
        if amounts.contains(&column) {
            amount_said(row, column)
        } else {
            row.cell(column).to_owned()
        }
    };
    let mut text = line(sheet.headings())?;
    let mut at = 1;
    for row in sheet.rows() {
        while at + 1 < row.number {
            text.push('\n');
            at += 1;
        }
        at += 1;
        text.push_str(&line(&(0..width).map(|column| cell(row, column)).collect::<Vec<_>>())?);
    }
    Ok(text)
}

/// An amount as people write it: a number of a workbook with a comma, a percentage with its sign.
fn amount_said(row: &SheetRow, column: usize) -> String {
    let text = row.cell(column);
    let (decimals, sign) = match row.held(column) {
        Held::Text => return text.to_owned(),
        Held::Number => (DECIMALS_MAX, ""),
        // Two decimals of the number stand before the comma of what is shown.
        Held::Share => (DECIMALS_MAX + 2, "%"),
    };
    match read_plain(text, decimals) {
        Ok(amount) => format!("{}{sign}", print_amount(amount, DECIMALS_MAX)),
        // Finer or larger than is carried: refused on its cell, as the file holds it.
        Err(_) => text.to_owned(),
    }
}

fn columns_of(sheet: &Sheet) -> HashMap<&'static str, usize> {
    let found = |(name, headings): &(&'static str, &[&str])| Some((*name, sheet.column(headings)?));
    COLUMNS.iter().filter_map(found).collect()
}

fn refused(wrong: &SheetProblem) -> Failure {
    let (kind, key): (&'static ProblemKind, _) = match wrong {
        SheetProblem::TooLarge => (&TOO_MUCH, "reporting-target-sheet-large"),
        SheetProblem::NotATable => (&BAD_DEFINITION, "reporting-target-sheet-unreadable"),
        SheetProblem::NotUnicode => (&BAD_DEFINITION, "reporting-target-sheet-encoding"),
        SheetProblem::Empty => (&BAD_DEFINITION, "reporting-target-sheet-empty"),
    };
    let mut problem = Problem::of(kind);
    problem.fields.push(FieldProblem { field: "tep".to_owned(), key, args: Vec::new() });
    problem.into()
}

async fn looked(tx: &mut Tx, caller: &Caller, sheet: &Sheet) -> Outcome<Look> {
    let all = catalogue::read(tx).await?;
    let columns = columns_of(sheet);
    let mut look = Look::default();
    for needed in ["chi-tieu", "nam", "gia-tri"] {
        if !columns.contains_key(needed) {
            let headings = COLUMNS.iter().find(|(name, _)| *name == needed);
            let heading = headings.and_then(|(_, all)| all.first()).copied().unwrap_or_default();
            look.troubles.push(Trouble {
                at: "A1".to_owned(),
                key: "reporting-target-sheet-column",
                args: vec![("name", heading.to_owned())],
            });
        }
    }
    if !look.troubles.is_empty() {
        return Ok(look);
    }
    let named: BTreeSet<&str> = match columns.get("dia-ban") {
        Some(column) => sheet.rows().iter().map(|row| row.cell(*column)).collect(),
        None => BTreeSet::new(),
    };
    let places = Places::read(tx, &named).await?;
    let reader = Reader { all: &all, by_name: by_name(&all), columns, places, caller };
    let mut seen: BTreeMap<(String, String, i16, Option<String>), u32> = BTreeMap::new();
    for row in sheet.rows() {
        if reader.gives_nothing(row) {
            look.empty += 1;
            continue;
        }
        let Some((title, mut target)) = reader.row(row, &mut look.troubles) else { continue };
        let thing =
            (target.indicator.to_string(), target.area.clone(), target.year, target.period.clone());
        if let Some(before) = seen.insert(thing, row.number) {
            look.troubles.push(Trouble {
                at: row.address(reader.column("chi-tieu").unwrap_or(0)),
                key: "reporting-target-sheet-twice",
                args: vec![("row", before.to_string())],
            });
            continue;
        }
        keep_baseline(&all.targets, &mut target);
        if all.targets.iter().any(|one| says_the_same(one, &target)) {
            look.same += 1;
        } else {
            look.fresh.push((row.number, title, target));
        }
    }
    Ok(look)
}

fn says_the_same(one: &Target, other: &Target) -> bool {
    let told = |it: &Target| (it.goal.clone(), it.baseline.clone(), it.legal_basis.clone());
    same_thing(one, other) && told(one) == told(other)
}

/// A table cannot tell a baseline of another year than the one before: where it gives none, the one that stands stays:
/// of what says the same, else of the proposal that waits, else of what was decided.
fn keep_baseline(all: &[Target], target: &mut Target) {
    if target.baseline.is_some() {
        return;
    }
    let standing = || all.iter().filter(|one| same_thing(one, target));
    let same =
        standing().find(|one| (&one.goal, &one.legal_basis) == (&target.goal, &target.legal_basis));
    let told = || standing().filter(|one| one.baseline.is_some()).min_by_key(|one| one.approved);
    target.baseline = same.or_else(told).and_then(|one| one.baseline.clone());
}

/// Indicators by how their names sound; none where several have the name.
fn by_name(all: &Catalogue) -> HashMap<String, Option<&Indicator>> {
    let mut named = HashMap::new();
    for one in all.indicators.values() {
        let place = named.entry(sounds(&one.name));
        place.and_modify(|found| *found = None).or_insert(Some(one));
    }
    named
}

/// Rows to targets.
struct Reader<'a> {
    all: &'a Catalogue,
    by_name: HashMap<String, Option<&'a Indicator>>,
    columns: HashMap<&'static str, usize>,
    places: Places,
    caller: &'a Caller,
}

impl Reader<'_> {
    fn column(&self, name: &str) -> Option<usize> {
        self.columns.get(name).copied()
    }

    fn cell<'r>(&self, row: &'r SheetRow, name: &str) -> &'r str {
        self.column(name).map_or("", |column| row.cell(column))
    }

    fn gives_nothing(&self, row: &SheetRow) -> bool {
        ["gia-tri", "gia-tri-den"].iter().all(|name| self.cell(row, name).is_empty())
    }

    /// By its code, or by a name that only one indicator has.
    fn indicator(&self, said: &str) -> Option<&Indicator> {
        let coded = IndicatorId::parse(said).and_then(|id| self.all.indicators.get(&id));
        coded.or_else(|| self.by_name.get(&sounds(said)).copied().flatten())
    }

    fn row(&self, row: &SheetRow, troubles: &mut Vec<Trouble>) -> Option<(String, Target)> {
        let before = troubles.len();
        let mut wrong = |name: &str, key: &'static str, args: Vec<(&'static str, String)>| {
            let column = self.column(name).or(self.column("chi-tieu")).unwrap_or(0);
            troubles.push(Trouble { at: row.address(column), key, args });
        };
        let code = self.cell(row, "chi-tieu");
        let Some(indicator) = self.indicator(code) else {
            wrong("chi-tieu", "reporting-target-sheet-no-indicator", vec![("name", shown(code))]);
            return None;
        };
        let place = self.places.find(self.cell(row, "dia-ban"));
        let (area, title) = match &place {
            Ok(Some(area)) => (area.id.to_string(), area.title()),
            _ => (String::new(), String::new()),
        };
        let path = place.map(|place| place.map_or_else(country, |area| area.path.clone()));
        match path {
            Err((key, args)) => wrong("dia-ban", key, args),
            Ok(path) if !self.caller.may(&DEFINE, &path) => {
                let name = shown(self.cell(row, "dia-ban"));
                wrong("dia-ban", "reporting-target-sheet-not-yours", vec![("name", name)]);
            }
            Ok(_) => {}
        }
        let year = self.cell(row, "nam").parse::<i16>().ok();
        if year.is_none() {
            wrong("nam", "reporting-definition-year", Vec::new());
        }
        let period = period_said(self.all, indicator, year, self.cell(row, "ky"));
        if let Err((key, args)) = &period {
            wrong("ky", key, args.clone());
        }
        let mut read = |name: &str| -> Option<String> {
            match number(self.cell(row, name), indicator) {
                Ok(value) => Some(value),
                Err((key, args)) => {
                    wrong(name, key, args);
                    None
                }
            }
        };
        let value = read("gia-tri");
        let until = (!self.cell(row, "gia-tri-den").is_empty()).then(|| read("gia-tri-den"));
        let baseline = (!self.cell(row, "goc").is_empty()).then(|| read("goc"));
        let sign = self.cell(row, "so-sanh").to_lowercase();
        let comparator = match sign.as_str() {
            "" if indicator.lower_is_better => Some(Comparator::AtMost),
            "" => Some(Comparator::AtLeast),
            sign => COMPARATORS.iter().find(|(one, _)| *one == sign).map(|(_, found)| *found),
        };
        if comparator.is_none() {
            wrong("so-sanh", "reporting-target-sheet-comparator", vec![("name", shown(&sign))]);
        }
        if troubles.len() > before {
            return None;
        }
        let (year, value, period) = (year?, value?, period.ok()?);
        let goal = match until {
            Some(high) => Goal::Range { low: value, high: high? },
            None => Goal::Compare { comparator: comparator?, value },
        };
        let target = Target {
            id: TargetId::parse("moi")?,
            indicator: indicator.code.clone(),
            area,
            year,
            goal,
            approved: false,
            legal_basis: self.cell(row, "van-ban").to_owned(),
            since: None,
            mark: Mark::Derived,
            period,
            baseline: baseline.flatten().map(|value| Baseline { year: year - 1, value }),
            replaces: None,
            ended: false,
        };
        if let Err(Failure::Problem(problem)) = check_target(&target, &self.all.defined()).check() {
            for FieldProblem { field, key, args } in problem.fields {
                let column = self.column(&field).or(self.column("chi-tieu")).unwrap_or(0);
                troubles.push(Trouble { at: row.address(column), key, args });
            }
            return None;
        }
        Some((title, target))
    }
}

/// A number in the indicator's unit, as plain decimals.
fn number(text: &str, indicator: &Indicator) -> Result<String, Wrong> {
    let of = unit(&indicator.unit).ok_or(("reporting-definition-number", Vec::new()))?;
    let read = read_amount(text, of, DECIMALS_MAX).map_err(|wrong| (wrong.key, wrong.args))?;
    Ok(trimmed(&plain_amount(read.amount, DECIMALS_MAX)))
}

/// Without zeros behind the last decimal.
pub fn trimmed(text: &str) -> String {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text.to_owned()
    }
}

fn shown(text: &str) -> String {
    text.chars().take(60).collect()
}

/// Proposes what a look found, all of it in one transaction. The table is read again: what the look said may
/// have changed meanwhile. Gives how many were proposed.
pub async fn propose_all(
    app: &AppRef,
    caller: &Caller,
    brought: &Brought,
    reason: &str,
) -> Outcome<Result<usize, Look>> {
    caller.must_somewhere(&DEFINE)?;
    must_be_hub(app)?;
    let mut problems = kernel::problem::FormProblems::new();
    super::check_reason(reason, &mut problems);
    problems.check()?;
    let (sheet, text) = brought.read()?;
    app.db
        .change(async |tx| {
            let look = looked(tx, caller, &sheet).await?;
            if !look.troubles.is_empty() {
                return Ok(Err(Look { text: text.clone(), ..look }));
            }
            let count = look.fresh.len();
            write(tx, caller, look, reason).await?;
            Ok(Ok(count))
        })
        .await
}

async fn write(tx: &mut Tx, caller: &Caller, look: Look, reason: &str) -> Outcome<()> {
    let all = catalogue::read(tx).await?;
    let mut versions: HashMap<String, u32> = HashMap::new();
    for one in definitions::all(tx).await?.into_iter().filter(|one| one.kind == kind::TARGET) {
        versions.insert(one.code, one.version);
    }
    let by = caller.who().map_or_else(String::new, |person| person.name.clone());
    let change = Change { by, reason: reason.to_owned() };
    let ids: Vec<AreaId> =
        look.fresh.iter().filter_map(|(_, _, target)| AreaId::parse(&target.area)).collect();
    let places = areas::find_many(tx, &ids).await?;
    let mut fresh = Vec::new();
    for (_, _, mut target) in look.fresh {
        // A proposal for the same thing that still waits is changed, not doubled.
        let waiting = all.targets.iter().find(|one| !one.approved && same_thing(one, &target));
        let id = match waiting {
            Some(one) => Some(one.id.clone()),
            None => free_id(&target, |text| versions.contains_key(text)),
        };
        let Some(id) = id else { return Err((&BAD_DEFINITION).into()) };
        target.id = id;
        target.replaces = replaced(&all, &target).map(|one| one.id.clone());
        let version = versions.get(target.id.as_str()).copied().unwrap_or(0) + 1;
        let body = Changed { what: &target, change: &change };
        let code = target.id.as_str();
        let one = definition(kind::TARGET, code, version, &body, "here", caller.id())?;
        let area = AreaId::parse(&target.area);
        let place =
            area.and_then(|id| places.get(&id)).map_or_else(country, |area| area.path.clone());
        fresh.push((one, place));
        versions.insert(target.id.to_string(), version);
    }
    let (fresh, places): (Vec<_>, Vec<ScopePath>) = fresh.into_iter().unzip();
    let written = definitions::add(tx, &fresh).await?;
    if written != fresh.len() as u64 {
        return Err((&kernel::problem::CONFLICT).into());
    }
    for (one, place) in fresh.iter().zip(&places) {
        records::definitions::send(tx, one, std::slice::from_ref(place)).await?;
    }
    let told = format!("{} × {}", kind::TARGET, fresh.len());
    identity::audit(tx, caller, DEFINE.code, &told, reason).await
}
