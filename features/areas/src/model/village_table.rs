//! The table a commune or province brings: which column means what, and what each line says, with the
//! address of every cell that cannot be right. Pure: what is already known comes in `village_plan`.

use kernel::{
    clock::Day,
    sheet::{Limits, Sheet, SheetProblem, column_letters},
    text::{fold, tidy},
};
use serde::{Deserialize, Serialize};

use super::{
    AreaType,
    ethnic::{self, GroupCount},
    village::PEOPLE_MAX,
};

/// What a table of villages may cost.
pub const LIMITS: Limits =
    Limits { file_bytes: 4 << 20, unpacked_bytes: 48 << 20, rows: 12_000, columns: 120 };
/// Longest text of a cell that is kept, in characters; beyond it nothing valid begins.
const CELL_CHARS_MAX: usize = 300;

/// A table as it is kept between checking and recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// The headings.
    pub headings: Vec<String>,
    /// Number as the spreadsheet shows it, cells.
    pub rows: Vec<(u32, Vec<String>)>,
}

impl Table {
    /// Reads a file by its content.
    pub fn read(bytes: &[u8]) -> Result<Self, SheetProblem> {
        let sheet = Sheet::read(bytes, LIMITS)?;
        let width = sheet.headings().len();
        let cut = |cell: &str| {
            let cell = tidy(&cell.chars().take(CELL_CHARS_MAX).collect::<String>());
            // The apostrophe with which our own tables keep a cell from being a formula.
            match cell.strip_prefix('\'') {
                Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest.to_owned(),
                _ => cell,
            }
        };
        let rows = sheet
            .rows()
            .iter()
            .map(|row| (row.number, (0..width).map(|column| cut(row.cell(column))).collect()));
        Ok(Self {
            headings: sheet.headings().iter().map(|heading| cut(heading)).collect(),
            rows: rows
                .filter(|(_, cells): &(u32, Vec<String>)| cells.iter().any(|cell| !cell.is_empty()))
                .collect(),
        })
    }
}

/// Something wrong in a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CellProblem {
    /// The cell as the spreadsheet names it; the line alone when no single cell is to blame.
    pub address: String,
    /// Fluent key of the words.
    pub key: &'static str,
    /// Arguments of the words.
    pub args: Vec<(&'static str, String)>,
}

impl CellProblem {
    /// A problem without arguments.
    pub fn at(address: impl Into<String>, key: &'static str) -> Self {
        Self { address: address.into(), key, args: Vec::new() }
    }

    /// With an argument.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.args.push((name, value.into()));
        self
    }
}

/// What a column tells.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Role {
    CommuneCode,
    CommuneName,
    VillageId,
    Kind,
    Name,
    People,
    Households,
    Day,
    Hardship,
    Border,
    SafeZone,
    GroupPeople(String),
    GroupHouseholds(String),
    /// Known and of no use here: the running number, remarks.
    Ignored,
}

const HEADINGS: &[(Role, &[&str])] = &[
    (Role::CommuneCode, &["ma xa", "ma xa phuong", "ma dvhc", "ma dvhc cap xa", "commune code"]),
    (Role::CommuneName, &["ten xa", "xa", "xa phuong", "xa phuong dac khu", "phuong", "commune"]),
    (Role::VillageId, &["ma thon", "ma thon trong he thong", "ma noi bo", "village id"]),
    (Role::Kind, &["loai", "loai thon", "loai hinh", "kind"]),
    (
        Role::Name,
        &["ten thon", "thon", "ten thon ban", "thon ban", "ten", "ten thon to dan pho", "village"],
    ),
    (
        Role::People,
        &["so dan", "so nguoi", "dan so", "nhan khau", "so khau", "so nhan khau", "people"],
    ),
    (Role::Households, &["so ho", "ho", "ho dan", "tong so ho", "households"]),
    (Role::Day, &["ngay", "tinh den ngay", "ngay so lieu", "thoi diem", "date"]),
    (Role::Hardship, &["dbkk", "thon dbkk", "dac biet kho khan", "thon dac biet kho khan"]),
    (Role::Border, &["bien gioi", "thon bien gioi", "bg"]),
    (Role::SafeZone, &["atk", "an toan khu", "thon atk"]),
    (Role::Ignored, &["stt", "tt", "so thu tu", "ghi chu", "note"]),
];

fn role_of(heading: &str) -> Option<Role> {
    let folded = fold(&heading.replace('_', " "));
    if let Some((role, _)) = HEADINGS.iter().find(|(_, names)| names.contains(&folded.as_str())) {
        return Some(role.clone());
    }
    for start in ["so ho ", "ho "] {
        if let Some(found) = folded.strip_prefix(start).and_then(ethnic::by_heading) {
            return Some(Role::GroupHouseholds(found.code.clone()));
        }
    }
    let people = ["so nguoi ", "so dan "].iter().find_map(|start| folded.strip_prefix(start));
    let found = ethnic::by_heading(people.unwrap_or(heading))?;
    Some(Role::GroupPeople(found.code.clone()))
}

/// A number of a line with the cell it stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell<T> {
    /// Where it stands.
    pub address: String,
    /// What it says.
    pub value: T,
}

/// What one line says; what is blank is not said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// As the spreadsheet numbers it.
    pub number: u32,
    /// The commune's code.
    pub commune_code: Option<Cell<String>>,
    /// The commune's name.
    pub commune_name: Option<Cell<String>>,
    /// The village's id, as a prefilled table brings it.
    pub village_id: Option<Cell<String>>,
    /// The village's kind.
    pub kind: Option<AreaType>,
    /// The village's bare name.
    pub name: Option<Cell<String>>,
    /// People.
    pub people: Option<Cell<i64>>,
    /// Households.
    pub households: Option<Cell<i64>>,
    /// The day of the count, where it differs from the table's.
    pub on: Option<Cell<Day>>,
    /// Thôn đặc biệt khó khăn.
    pub hardship: Option<bool>,
    /// Biên giới.
    pub border: Option<bool>,
    /// An toàn khu.
    pub safe_zone: Option<bool>,
    /// By ethnic group.
    pub groups: Vec<GroupCount>,
}

/// What a table says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// Line by line.
    pub lines: Vec<Line>,
    /// What cannot be right whatever is already known.
    pub problems: Vec<CellProblem>,
    /// Headings that nobody understands; told, not refused.
    pub unused: Vec<String>,
    /// True when there is a column of flags.
    pub has_flags: bool,
}

/// Reads every line. `today` bounds the dates.
pub fn read(table: &Table, today: Day) -> Lines {
    let mut out = Lines::default();
    let mut roles: Vec<Option<Role>> = Vec::new();
    for (column, heading) in table.headings.iter().enumerate() {
        let role = if heading.is_empty() { Some(Role::Ignored) } else { role_of(heading) };
        match &role {
            None => out.unused.push(heading.clone()),
            Some(Role::Ignored) => {}
            Some(known) if roles.iter().flatten().any(|other| other == known) => {
                let address = format!("{}1", column_letters(column));
                out.problems.push(
                    CellProblem::at(address, "areas-import-heading-twice").with("name", heading),
                );
            }
            Some(_) => {}
        }
        roles.push(role);
    }
    if !roles.contains(&Some(Role::Name)) {
        out.problems.push(CellProblem::at("1", "areas-import-no-name-column"));
        return out;
    }
    let flags = [Role::Hardship, Role::Border, Role::SafeZone];
    out.has_flags = flags.iter().any(|flag| roles.contains(&Some(flag.clone())));
    for (number, cells) in &table.rows {
        out.lines.extend(read_line(*number, cells, &roles, today, &mut out.problems));
    }
    out
}

fn read_line(
    number: u32,
    cells: &[String],
    roles: &[Option<Role>],
    today: Day,
    problems: &mut Vec<CellProblem>,
) -> Option<Line> {
    let known = problems.len();
    let mut line = Line { number, ..Line::default() };
    let mut kind_cell = None;
    for (column, (text, role)) in cells.iter().zip(roles).enumerate() {
        let (Some(role), false) = (role, text.is_empty()) else { continue };
        let address = format!("{}{number}", column_letters(column));
        if is_error(text) && *role != Role::Ignored {
            problems.push(CellProblem::at(address, "areas-import-formula").with("text", text));
            continue;
        }
        let told = || Some(Cell { address: address.clone(), value: text.clone() });
        match role {
            Role::Ignored => {}
            Role::CommuneCode => line.commune_code = told(),
            Role::CommuneName => line.commune_name = told(),
            Role::VillageId => line.village_id = told(),
            Role::Name => line.name = told(),
            Role::Kind => kind_cell = told(),
            Role::People => line.people = whole(text, &address, problems),
            Role::Households => line.households = whole(text, &address, problems),
            Role::Day => line.on = day(text, &address, today, problems),
            Role::Hardship => line.hardship = flag(text, &address, problems),
            Role::Border => line.border = flag(text, &address, problems),
            Role::SafeZone => line.safe_zone = flag(text, &address, problems),
            Role::GroupPeople(code) => {
                if let Some(cell) = whole(text, &address, problems) {
                    group_of(&mut line.groups, code).people = cell.value;
                }
            }
            Role::GroupHouseholds(code) => {
                if let Some(cell) = whole(text, &address, problems) {
                    group_of(&mut line.groups, code).households = Some(cell.value);
                }
            }
        }
    }
    // A prefilled line of a commune of which nobody wrote anything.
    let blank = Line {
        number,
        commune_code: line.commune_code.clone(),
        commune_name: line.commune_name.clone(),
        ..Line::default()
    };
    if kind_cell.is_none() && line == blank && problems.len() == known {
        return None;
    }
    settle_name(&mut line, kind_cell, problems);
    Some(line)
}

fn group_of<'a>(groups: &'a mut Vec<GroupCount>, code: &str) -> &'a mut GroupCount {
    let at = groups.iter().position(|one| one.ethnic == code).unwrap_or_else(|| {
        // −1 marks a group whose households alone were given; refused with the sums.
        groups.push(GroupCount { ethnic: code.to_owned(), people: -1, households: None });
        groups.len() - 1
    });
    &mut groups[at]
}

/// The kind from its own column, else from the word before the name.
fn settle_name(line: &mut Line, kind: Option<Cell<String>>, problems: &mut Vec<CellProblem>) {
    let by_word = |word: &str| {
        let word = fold(word);
        let mut kinds = AreaType::of_villages();
        kinds.find(|kind| fold(kind.label()) == word || fold(kind.code()) == word)
    };
    if let Some(cell) = kind {
        line.kind = by_word(&cell.value);
        if line.kind.is_none() {
            problems.push(
                CellProblem::at(cell.address, "areas-import-kind-unknown").with("text", cell.value),
            );
        }
    }
    let Some(name) = &mut line.name else {
        problems.push(CellProblem::at(line.number.to_string(), "areas-import-name-missing"));
        return;
    };
    // The longest label first: "tổ dân phố 3" is not of a kind "tổ".
    let mut labels: Vec<AreaType> = AreaType::of_villages().collect();
    labels.sort_by_key(|kind| std::cmp::Reverse(kind.label().len()));
    for kind in labels {
        let words = kind.label().split(' ').count();
        let mut parts = name.value.splitn(words + 1, ' ');
        let head: Vec<&str> = parts.by_ref().take(words).collect();
        let Some(rest) = parts.next() else { continue };
        if kernel::text::same_name(&head.join(" "), kind.label())
            && line.kind.is_none_or(|own| own == kind)
        {
            line.kind = Some(kind);
            name.value = rest.to_owned();
            return;
        }
    }
}

/// What a spreadsheet leaves in a cell whose formula failed.
fn is_error(text: &str) -> bool {
    text.starts_with('#')
        && ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"]
            .iter()
            .any(|known| text.eq_ignore_ascii_case(known))
}

/// A whole number as people here write it: `1234`, `1.234`, `1 234`; with a reason when it is none.
pub fn whole_number(text: &str) -> Result<i64, &'static str> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if text.starts_with(['-', '−', '–']) {
        return Err("areas-import-negative");
    }
    let groups: Vec<&str> = text.split(['.', ',']).collect();
    if groups.iter().any(|part| part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit())) {
        return Err("areas-import-not-a-number");
    }
    let mixed = text.contains('.') && text.contains(',');
    let thousands = (1..=3).contains(&groups[0].len())
        && !groups[0].starts_with('0')
        && groups[1..].iter().all(|part| part.len() == 3);
    if groups.len() > 1 && (mixed || !thousands) {
        return Err("areas-import-decimal");
    }
    let number: i64 = groups.concat().parse().map_err(|_| "areas-import-too-large")?;
    if number > PEOPLE_MAX { Err("areas-import-too-large") } else { Ok(number) }
}

fn whole(text: &str, address: &str, problems: &mut Vec<CellProblem>) -> Option<Cell<i64>> {
    match whole_number(text) {
        Ok(value) => Some(Cell { address: address.to_owned(), value }),
        Err(key) => {
            problems.push(CellProblem::at(address, key).with("text", text));
            None
        }
    }
}

fn day(
    text: &str,
    address: &str,
    today: Day,
    problems: &mut Vec<CellProblem>,
) -> Option<Cell<Day>> {
    let key = match Day::parse(text) {
        None => "areas-import-day-unreadable",
        Some(on) if on > today => "areas-import-day-future",
        Some(on) if Day::new(1975, 4, 30).is_some_and(|first| on < first) => {
            "areas-import-day-early"
        }
        Some(on) => return Some(Cell { address: address.to_owned(), value: on }),
    };
    problems.push(CellProblem::at(address, key).with("text", text));
    None
}

fn flag(text: &str, address: &str, problems: &mut Vec<CellProblem>) -> Option<bool> {
    match fold(text).as_str() {
        "x" | "co" | "1" | "true" | "dung" => Some(true),
        "khong" | "0" | "false" | "sai" => Some(false),
        _ => {
            problems
                .push(CellProblem::at(address, "areas-import-flag-unreadable").with("text", text));
            None
        }
    }
}

/// Entry for fuzzing: whatever comes in, lines or problems come out.
pub fn fuzz(bytes: &[u8]) {
    if let (Ok(table), Some(today)) = (Table::read(bytes), Day::new(2026, 11, 22)) {
        let lines = read(&table, today);
        assert!(lines.lines.len() <= LIMITS.rows, "no line comes from nowhere");
    }
}
