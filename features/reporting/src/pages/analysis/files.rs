//! Tables of a page as files: what it shows, from the same question, the figures as numbers and everything that is said
//! of them beside. Letters with dashboards are written by the same functions.

use kernel::{
    axum::extract::{Path, Query as Params},
    problem::{Failure, Outcome},
    text::{slug, thousands},
    web::{Answer, Visit},
};

use super::{
    Pairs, known, part, see_other_answer,
    view::{Block, CellView, Link, Part, RowView, TableView, form},
    wanted::Setting,
};
use crate::{
    actions::SEE,
    model::{
        Period,
        analysis::{self, Dx},
        sheets::{Cell, Kind, Number, Sheet, sheet_name, written},
    },
    pages::{parameters, private_file},
};

/// Most sheets of a file; more tables stand below each other on one.
const SHEETS_MOST: usize = 60;

/// What a file is made of.
pub(crate) struct Paper<'p> {
    /// Its title.
    pub(crate) title: &'p str,
    /// Under which conditions its figures hold, one line each.
    pub(crate) lines: Vec<String>,
    /// What it shows.
    pub(crate) blocks: &'p [Block],
}

/// Where a page is had as files; nowhere when it shows no table.
pub(super) fn links(visit: &Visit, page: &str, setting: &Setting, part: &Part) -> Vec<Link> {
    let shows = |table: &TableView| !table.rows.is_empty();
    if !part.blocks.iter().flat_map(|block| &block.tables).any(shows) {
        return Vec::new();
    }
    // As it was asked: what nobody chose stays the page's own choice.
    let asked: Vec<(&str, &str)> =
        setting.fields.iter().filter(|(name, _)| *name != "dang").collect();
    let link = |kind: Kind| {
        let mut pairs = asked.clone();
        pairs.push(("dang", kind.ending()));
        Link {
            href: format!("/so-lieu/{page}/tai?{}", form(&pairs)),
            label: visit.say(&format!("reporting-file-{}", kind.ending()), &[]),
            current: false,
        }
    };
    Kind::ALL.map(link).to_vec()
}

/// `GET /so-lieu/{page}/tai?…&dang=xlsx|csv|ods`: what the page shows for the same question.
pub(super) async fn sent(visit: Visit, Path(page): Path<String>, Params(pairs): Pairs) -> Answer {
    let page = known(&page)?;
    if !visit.caller.may_somewhere(&SEE) {
        return see_other_answer("/so-lieu/cong-khai");
    }
    let setting = Setting { whole: true, ..Setting::read(&visit, &pairs).await? };
    let kind = match setting.fields.raw("dang") {
        "" => Kind::Xlsx,
        other => Kind::of(other).ok_or_else(|| parameters::wrong("dang", other))?,
    };
    let part = part(&visit, page, &setting).await?;
    let paper = Paper { title: &part.title, lines: lines(&visit, &part), blocks: &part.blocks };
    let sheets = sheets(&visit, &paper, kind);
    let name = name(page, &part, kind);
    let bytes = tokio::task::spawn_blocking(move || made(&sheets, kind)).await;
    let bytes = bytes.map_err(|error| Failure::fault("write tables", error))??;
    private_file(&visit, kind.media_type(), Some(name), bytes)
}

/// The sheets as a file.
pub(crate) fn made(sheets: &[Sheet], kind: Kind) -> Outcome<Vec<u8>> {
    written(sheets, kind).map_err(|error| Failure::fault("write tables", error))
}

/// In plain letters: the page, the area, the period.
fn name(page: &str, part: &Part, kind: Kind) -> String {
    let mut periods: Vec<&str> = ends(&part.about.periods).into_iter().map(Period::id).collect();
    periods.insert(0, page);
    let area = slug(&part.about.area, 60);
    periods.insert(1, &area);
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let name: String = periods.join("-").chars().map(plain).collect();
    format!("{name}.{}", kind.ending())
}

/// The first and the last period; the one where there is one.
fn ends(periods: &[Period]) -> Vec<&Period> {
    let last = periods.last().filter(|_| periods.len() > 1);
    periods.first().into_iter().chain(last).collect()
}

/// What stands above the tables: what they are of, when, where, how complete, and what was left out.
fn lines(visit: &Visit, part: &Part) -> Vec<String> {
    let say = |key: &str, value: String| format!("{}: {value}", visit.say(key, &[]));
    let periods: Vec<String> =
        ends(&part.about.periods).into_iter().map(|one| one.label(visit.lang())).collect();
    let when = match periods.as_slice() {
        [from, to] => {
            visit.say("reporting-file-periods", &[("from", from.clone()), ("to", to.clone())])
        }
        all => all.concat(),
    };
    let made = [("site", visit.app.site.title.clone()), ("when", visit.app.now().short())];
    let mut all = vec![
        say("reporting-field-o", part.about.area.clone()),
        say("reporting-field-ky", when),
        part.basis.clone(),
        part.about.complete.clone(),
        visit.say("reporting-file-source", &made),
        part.lede.clone(),
    ];
    all.extend(part.fields.iter().map(|field| field.note.clone()));
    all.retain(|line| !line.is_empty());
    all
}

/// How many of those who owe the figures have reported them: of the figure that fewest reported to the one that most
/// did. Rates say it themselves.
pub(super) fn complete(visit: &Visit, answer: &analysis::Answer) -> String {
    let counted = |dx: usize, period: usize| {
        let all = (0..answer.places.len()).filter_map(|place| answer.at(dx, period, place));
        all.fold((0, 0), |(reported, expected), one| {
            (reported + one.reported, expected + one.expected)
        })
    };
    let figures = answer.dx.iter().enumerate().filter(|(_, dx)| !matches!(dx, Dx::Rate(..)));
    let mut all: Vec<(i64, i64)> = figures
        .flat_map(|(dx, _)| (0..answer.periods.len()).map(move |period| counted(dx, period)))
        .filter(|(_, expected)| *expected > 0)
        .collect();
    all.sort_by(|(a, of_a), (b, of_b)| {
        let share = |part: i64, whole: i64| i128::from(part) * i128::from(whole);
        share(*a, *of_b).cmp(&share(*b, *of_a)).then(of_a.cmp(of_b))
    });
    let said = |(reported, expected): (i64, i64)| {
        format!("{}/{}", thousands(reported), thousands(expected))
    };
    match (all.first(), all.last()) {
        (Some(least), Some(most)) if least == most => {
            visit.say("reporting-file-complete", &[("units", said(*least))])
        }
        (Some(least), Some(most)) => {
            let args = [("least", said(*least)), ("most", said(*most))];
            visit.say("reporting-file-complete-between", &args)
        }
        _ => String::new(),
    }
}

/// One sheet a table, each with all that is said of it; or all tables below each other.
pub(crate) fn sheets(visit: &Visit, paper: &Paper<'_>, kind: Kind) -> Vec<Sheet> {
    let mut head = vec![vec![Cell::Head(paper.title.to_owned())]];
    head.extend(paper.lines.iter().map(|text| line(text)));
    let (with, without): (Vec<&Block>, Vec<&Block>) =
        paper.blocks.iter().partition(|block| !block.tables.is_empty());
    head.extend(without.into_iter().flat_map(said));
    let count: usize = with.iter().map(|block| block.tables.len()).sum();
    if count == 0 || count > SHEETS_MOST || !kind.has_sheets() {
        for block in with {
            head.push(Vec::new());
            head.extend(said(block));
            for table in &block.tables {
                head.push(Vec::new());
                head.extend(rows(visit, table));
            }
        }
        return vec![Sheet { name: sheet_name(1, paper.title), rows: head, heading: None }];
    }
    let tables = with.into_iter().flat_map(|block| block.tables.iter().map(move |it| (block, it)));
    let sheet = |(at, (block, table)): (usize, (&Block, &TableView))| {
        let mut above = head.clone();
        above.extend(said(block));
        above.push(Vec::new());
        let heading = (!table.rows.is_empty()).then_some(above.len() + 1);
        above.extend(rows(visit, table));
        Sheet { name: sheet_name(at + 1, &table.caption), rows: above, heading }
    };
    tables.enumerate().map(sheet).collect()
}

fn line(text: &str) -> Vec<Cell> {
    vec![Cell::words(text)]
}

/// What a section says apart from its tables. Charts are drawn from the tables.
fn said(block: &Block) -> Vec<Vec<Cell>> {
    let mut all: Vec<Vec<Cell>> = Vec::new();
    if !block.title.is_empty() {
        all.push(vec![Cell::Head(block.title.clone())]);
    }
    all.extend(block.text.iter().map(|text| line(text)));
    for stat in &block.stats {
        let note = if stat.note.is_empty() { String::new() } else { format!(" ({})", stat.note) };
        all.push(line(&format!("{}: {}{note}", stat.label, stat.value)));
    }
    // Without a table its links are what it names; beside one they only lead on.
    if block.tables.is_empty() && !block.links.is_empty() {
        let names: Vec<&str> = block.links.iter().map(|one| one.label.as_str()).collect();
        all.push(line(&names.join("; ")));
    }
    all
}

/// A table: its caption, its headings, its rows.
fn rows(visit: &Visit, table: &TableView) -> Vec<Vec<Cell>> {
    let mut all = vec![vec![Cell::Head(table.caption.clone())]];
    if table.rows.is_empty() {
        all.push(vec![Cell::words(visit.say("reporting-analysis-nothing", &[]))]);
        return all;
    }
    let columns: Vec<Column> =
        (0..table.head.len()).filter_map(|at| Column::of(visit, table, at)).collect();
    let mut head = vec![Cell::Head(table.corner.clone())];
    head.extend(columns.iter().flat_map(|one| &one.heads).cloned().map(Cell::Head));
    all.push(head);
    for row in &table.rows {
        let mut line = vec![Cell::words(row.title.as_str())];
        for column in &columns {
            column.cells(row, &mut line);
        }
        all.push(line);
    }
    all
}

/// A column of a page, which is one or several of a file.
struct Column {
    at: usize,
    /// The headings of what it says; of what is said beside it last.
    heads: Vec<String>,
    has_notes: bool,
}

impl Column {
    /// None for a column of pictures.
    fn of(visit: &Visit, table: &TableView, at: usize) -> Option<Self> {
        if is_picture(table, at) {
            return None;
        }
        let cells = || table.rows.iter().filter_map(|row| row.cells.get(at));
        let title = table.head.get(at)?;
        let mut heads = vec![title.clone()];
        if let Some(several) = cells().find(|cell| !cell.parts.is_empty()) {
            heads = several.parts.iter().map(|(head, _)| head.clone()).collect();
        }
        let has_notes = cells().any(|cell| !cell.note.is_empty());
        if has_notes {
            heads.push(visit.say("reporting-file-note", &[("head", title.clone())]));
        }
        Some(Self { at, heads, has_notes })
    }

    fn cells(&self, row: &RowView, line: &mut Vec<Cell>) {
        let ends = line.len() + self.heads.len() - usize::from(self.has_notes);
        let none = CellView::default();
        let cell = row.cells.get(self.at).unwrap_or(&none);
        if cell.parts.is_empty() {
            line.push(figure(cell.number, &cell.text));
        }
        line.extend(cell.parts.iter().map(|(_, text)| figure(true, text)));
        line.resize(ends, Cell::Empty);
        if self.has_notes {
            line.push(Cell::words(cell.note.as_str()));
        }
    }
}

fn figure(is_number: bool, text: &str) -> Cell {
    let number = if is_number { Number::read(text) } else { None };
    number.map_or_else(|| Cell::words(text), Cell::Number)
}

/// True for a column that shows pictures and says nothing.
pub(crate) fn is_picture(table: &TableView, at: usize) -> bool {
    let cells = || table.rows.iter().filter_map(|row| row.cells.get(at));
    let says = |cell: &CellView| !cell.text.is_empty() || !cell.note.is_empty();
    cells().any(|cell| !cell.svg.is_empty()) && !cells().any(says)
}
