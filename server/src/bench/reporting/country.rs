//! The country that is measured, and the law its figures follow.
//!
//! The law: every commune of today reports [`WIDE`] data elements for [`FULL_MONTHS`] legal months, and the
//! first [`LONG`] of them for five years, each as a total and in two parts. The amount of cell `c` of commune `p`
//! in month `m` is `(c·7919 + p·104729 + m·1299709) mod 1000`; where that sum (before `mod`) is a multiple of 97
//! nothing occurred, else of 193 nobody knows. For 3,321 communes that is 35.9 million figures. Five years lie
//! ahead, so that all of them are figures of today's units: what other geographies cost is measured apart.

use std::{collections::BTreeMap, fmt::Write, path::Path};

use areas::{AreaId, AreaLevel};
use kernel::{
    app::AppRef,
    clock::Day,
    problem::{Failure, Outcome},
    scope::ScopePath,
};
use reporting::{
    actions::{
        catalogue::{self, kind},
        import::Importer,
    },
    model::{
        CellKey, CellState, Coords, DataElement, Dataset, DatasetId, Life, Period, Tier,
        dataset::{Deadline, DueRule, DueWhat},
        element::{Mark, Sheet},
        form::{FixedTable, Form, Section, SectionBody, TableColumn, TableRow},
    },
};

/// The data set.
pub const DATASET: &str = "do-tai";
/// Data elements of a monthly report.
pub const WIDE: usize = 220;
/// Those of them that are reported for all five years.
pub const LONG: usize = 20;
/// Months with whole reports.
pub const FULL_MONTHS: usize = 12;
/// Months altogether.
const MONTHS: u16 = 60;
/// The first month.
const FIRST: &str = "nd09m-2027-01";
/// The last month.
const LAST: &str = "nd09m-2031-12";
/// Columns of the form: the total and two parts.
pub const COLUMNS: [&str; 3] = ["", "gt=nu", "dtts=dtts"];
/// In whose name figures are invented.
const INVENTED: (&str, &str) = ("do-tai", "Đo tải");

/// What is measured.
pub struct Country {
    /// The node.
    pub app: AppRef,
    /// The data set.
    pub dataset: Dataset,
    /// Its communes, by path.
    pub communes: Vec<(AreaId, ScopePath)>,
    /// The cells of a whole report: those of long series first.
    pub cells: Vec<CellKey>,
    /// Five years of months.
    pub months: Vec<Period>,
}

/// A fault of the measurement itself.
pub fn wrong(what: &'static str) -> Failure {
    Failure::fault("measure reports", what)
}

fn day(year: i16, month: i8, day: i8) -> Outcome<Day> {
    Day::new(year, month, day).ok_or_else(|| wrong("no such day"))
}

/// A legal month by its id.
pub fn month(id: &str) -> Outcome<Period> {
    Period::parse(id).ok_or_else(|| wrong("no such month"))
}

impl Country {
    /// The country with the data set that is measured; defined anew when it is there already.
    pub async fn settle(app: AppRef) -> Outcome<Self> {
        let elements: Vec<DataElement> = (0..WIDE).map(element).collect();
        let dataset = dataset()?;
        let form = form(&elements, &dataset);
        let mut shipped = Vec::new();
        for one in &elements {
            let code = one.code.as_str();
            shipped.push(catalogue::definition(kind::ELEMENT, code, 1, one, "shipped", "")?);
        }
        shipped.push(catalogue::definition(kind::DATASET, DATASET, 1, &dataset, "shipped", "")?);
        shipped.push(catalogue::definition(kind::FORM, DATASET, 1, &form, "shipped", "")?);
        catalogue::plant(&app.db, shipped).await?;
        let root = ScopePath::root();
        let (from, until) = (day(2026, 1, 1)?, day(2026, 1, 2)?);
        let units = app
            .db
            .view(async |tx| {
                Ok(areas::units_between(tx, AreaLevel::Commune, &root, from, until).await?)
            })
            .await?;
        let communes = units.into_iter().map(|unit| (unit.id, unit.path)).collect();
        let cells = elements
            .iter()
            .flat_map(|one| COLUMNS.iter().filter_map(|text| one.cell(Coords::parse(text)?)))
            .collect();
        let months = month(LAST)?.last_n(MONTHS);
        if months.first().map(Period::id) != Some(FIRST) {
            return Err(wrong("the months are not those of the law"));
        }
        Ok(Self { app, dataset, communes, cells, months })
    }

    /// What one commune reports for one month by the law.
    pub fn report(&self, place: usize, month: usize) -> BTreeMap<CellKey, CellState> {
        let cells = if month < FULL_MONTHS { self.cells.len() } else { LONG * COLUMNS.len() };
        self.report_of(cells, place, month)
    }

    /// The first cells of a report, by the law.
    pub fn report_of(
        &self,
        cells: usize,
        place: usize,
        month: usize,
    ) -> BTreeMap<CellKey, CellState> {
        let figure = |(at, key): (usize, &CellKey)| (key.clone(), state(at, place, month));
        self.cells[..cells].iter().enumerate().map(figure).collect()
    }

    /// Writes until there are so many figures, by the way every import takes; gives how many were written. A
    /// country that was filled before stays as it is.
    pub async fn fill(&self, figures: u64, filled: u64) -> Outcome<u64> {
        let db = &self.app.db;
        let places: Vec<usize> = (0..self.communes.len()).collect();
        let (mut at, mut written) = (0_u64, 0_u64);
        for (m, month) in self.months.iter().enumerate() {
            for chunk in places.chunks(40) {
                if at >= figures {
                    return Ok(written);
                }
                let each = if m < FULL_MONTHS { self.cells.len() } else { LONG * COLUMNS.len() };
                at += (each * chunk.len()) as u64;
                if at <= filled {
                    continue;
                }
                let count = db
                    .change(async |tx| {
                        let mut importer =
                            Importer::begin(tx, DATASET, INVENTED, &self.communes).await?;
                        let mut count = 0_usize;
                        for place in chunk {
                            let figures = self.report(*place, m);
                            let area = &self.communes[*place].0;
                            let (wrote, _) =
                                importer.write(tx, area, month, Life::Final, &figures).await?;
                            count += wrote;
                        }
                        Ok(count)
                    })
                    .await?;
                written += count as u64;
            }
            eprintln!("{} {at}", month.id());
        }
        Ok(written)
    }

    /// The communes of one province, by index: the largest one.
    pub fn largest_province(&self) -> (AreaId, Vec<usize>) {
        let mut by: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, (_, path)) in self.communes.iter().enumerate() {
            let above = path.ancestors().into_iter().nth(2);
            let name = above.and_then(|path| path.last().map(str::to_owned));
            by.entry(name.unwrap_or_default()).or_default().push(at);
        }
        let largest = by.into_iter().max_by_key(|(_, all)| all.len()).unwrap_or_default();
        (AreaId::parse(&largest.0).unwrap_or_else(AreaId::country), largest.1)
    }

    /// Writes which commune lies in which province, in the order of the law: all that another engine needs to
    /// make the same figures.
    pub fn export(&self, folder: &Path) -> Outcome<()> {
        std::fs::create_dir_all(folder)?;
        let mut text = String::from("place,commune,province\n");
        for (at, (area, path)) in self.communes.iter().enumerate() {
            let above = path.ancestors().into_iter().nth(2);
            let province = above.as_ref().and_then(ScopePath::last).unwrap_or_default();
            let _ = writeln!(text, "{at},{area},{province}");
        }
        std::fs::write(folder.join("places.csv"), text)?;
        Ok(())
    }
}

fn element(at: usize) -> DataElement {
    let dimensions = vec!["gt".to_owned(), "dtts".to_owned()];
    let plain = invented_element(format!("dt{at:03}"), format!("Chỉ tiêu đo tải số {at}"));
    DataElement { dimensions, ..plain }
}

/// A data element that only adds up.
pub fn invented_element(code: String, name: String) -> DataElement {
    DataElement {
        code: kernel::ids::Id::from_text(code),
        name,
        unit: "nguoi".to_owned(),
        decimals: 0,
        law: areas::view::Law::Additive,
        dimensions: Vec::new(),
        component: None,
        sheet: Sheet::default(),
        mark: Mark::Derived,
    }
}

fn dataset() -> Outcome<Dataset> {
    Ok(Dataset {
        code: DatasetId::parse(DATASET).ok_or_else(|| wrong("no data set"))?,
        title: "Biểu đo tải".to_owned(),
        scheme: "nd09m".to_owned(),
        tier: Tier::Commune,
        component: None,
        estimated: false,
        deadlines: vec![Deadline {
            tier: Tier::Commune,
            life: Life::Final,
            what: DueWhat::Submission,
            due: DueRule::AfterClose { days: 2 },
        }],
        from: day(2026, 1, 1)?,
        until: Day::FOREVER,
        areas: Vec::new(),
        basis: String::new(),
        mark: Mark::Derived,
        ended: None,
    })
}

fn form(elements: &[DataElement], dataset: &Dataset) -> Form {
    let column = |text: &&str| TableColumn {
        title: (*text).to_owned(),
        coords: Coords::parse(text).unwrap_or_default(),
    };
    let row = |one: &DataElement| TableRow {
        number: String::new(),
        label: String::new(),
        element: Some(one.code.clone()),
        coords: Coords::total(),
        indent: 0,
        without: Vec::new(),
        required: false,
    };
    let table = FixedTable {
        columns: COLUMNS.iter().map(column).collect(),
        rows: elements.iter().map(row).collect(),
        details: Vec::new(),
    };
    let section = Section {
        code: "a".to_owned(),
        title: "Số liệu".to_owned(),
        hint: String::new(),
        body: SectionBody::Table(table),
    };
    Form {
        dataset: dataset.code.clone(),
        version: 1,
        title: dataset.title.clone(),
        basis: String::new(),
        sections: vec![section],
        rules: Vec::new(),
    }
}

/// The stated law.
pub fn state(cell: usize, place: usize, month: usize) -> CellState {
    let mixed = cell * 7_919 + place * 104_729 + month * 1_299_709;
    if mixed.is_multiple_of(97) {
        CellState::Nil("không phát sinh".to_owned())
    } else if mixed.is_multiple_of(193) {
        CellState::NoData("chưa rà soát".to_owned())
    } else {
        CellState::Value(i64::try_from(mixed % 1_000).unwrap_or(0))
    }
}
