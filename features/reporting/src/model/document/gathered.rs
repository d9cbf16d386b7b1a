//! What only the summary of many reports says: its sums and the words where there is none, figures for which the form
//! has no cell, who is missing, and how many units a sum comes from when not every report has it.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    blocks::{Block, Cell, Mark, Paragraph, Table},
    heading,
};
use crate::model::cell::CellKey;

/// From which reports the figures of a document are summed up, in the words of the summary's page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gathered {
    /// How many reports of how many are in it, as of when.
    pub from: String,
    /// How many reports are in it.
    pub reports: i64,
    /// True when the figures have two lives, so that the final ones are named as such.
    pub twice: bool,
    /// That nobody owes it any more; empty while somebody does.
    pub note: String,
    /// How many units are missing; empty when none is.
    pub missing_title: String,
    /// Which.
    pub missing: Vec<Missing>,
    /// The sums, in the order of the page.
    pub sums: BTreeMap<CellKey, Summed>,
}

/// Units that are missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Missing {
    /// Where they lie; empty when the document is of that place.
    pub under: String,
    /// Their names.
    pub units: Vec<String>,
}

/// The sum of a cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summed {
    /// What is counted.
    pub name: String,
    /// In what.
    pub unit: String,
    /// The sum.
    pub sum: Option<i64>,
    /// Why there is none.
    pub gap: String,
    /// How many decimals it has.
    pub decimals: u32,
    /// Units with a figure in it, and units that say they have none.
    pub units: (i64, i64),
}

impl Gathered {
    /// What stands in a cell; `...` for what no report says.
    pub(super) fn figure(&self, key: &CellKey) -> Paragraph {
        self.sums.get(key).map_or_else(|| Paragraph::cell("...", Mark::Figure), Summed::figure)
    }
}

impl Summed {
    fn figure(&self) -> Paragraph {
        match self.sum {
            Some(sum) => Paragraph::amount(sum, self.decimals),
            None => Paragraph::gap(&self.gap),
        }
    }
}

/// The parts below the tables of the form, in which these cells are shown.
pub(super) fn add(parts: &mut Vec<Vec<Block>>, gathered: &Gathered, shown: &BTreeSet<CellKey>) {
    let outside: Vec<&Summed> =
        gathered.sums.iter().filter(|(key, _)| !shown.contains(*key)).map(|(_, sum)| sum).collect();
    if !outside.is_empty() {
        let rows = outside.iter().map(|sum| vec![vec![sum.figure()]]);
        let table = listed(&outside, &["Tổng"], rows);
        parts.push(vec![heading(parts.len(), "Số liệu ngoài các dòng của biểu"), table]);
    }
    if !gathered.sums.is_empty() {
        let mut part = vec![heading(parts.len(), "Số đơn vị có số liệu")];
        part.extend(coverage(gathered));
        parts.push(part);
    }
    if !gathered.missing.is_empty() {
        let mut part = vec![heading(parts.len(), "Đơn vị chưa có trong báo cáo")];
        part.push(Block::Paragraph(Paragraph::body(&format!("{}:", gathered.missing_title))));
        part.extend(gathered.missing.iter().map(|one| Block::Paragraph(named(one))));
        parts.push(part);
    }
}

fn named(one: &Missing) -> Paragraph {
    let count = one.units.len();
    let mut units = one.units.iter().map(|unit| within(unit)).collect::<Vec<_>>();
    // Nothing stands before the first one: it begins the sentence.
    if let (true, Some(first), Some(whole)) =
        (one.under.is_empty(), units.first_mut(), one.units.first())
    {
        first.clone_from(whole);
    }
    let units = units.join(", ");
    Paragraph::body(&match one.under.as_str() {
        "" => format!("{units}."),
        under => format!("{under} ({count}): {units}."),
    })
}

/// A unit within a sentence: *xã Phủ Thông*.
fn within(unit: &str) -> String {
    let kinds = ["Xã ", "Phường ", "Đặc khu ", "Tỉnh ", "Thành phố "];
    match kinds.iter().find_map(|kind| Some((kind, unit.strip_prefix(kind)?))) {
        Some((kind, name)) => format!("{}{name}", kind.to_lowercase()),
        None => unit.to_owned(),
    }
}

/// Which sums do not come from every report.
fn coverage(gathered: &Gathered) -> Vec<Block> {
    let all = gathered.reports;
    let is_partial = |sum: &&Summed| sum.units.0 < all;
    let partial: Vec<&Summed> = gathered.sums.values().filter(is_partial).collect();
    if partial.is_empty() {
        let words = match all {
            1 => "Báo cáo có số liệu ở mọi ô.".to_owned(),
            _ => format!("Ô nào cũng có số liệu của cả {all} báo cáo."),
        };
        return vec![Block::Paragraph(Paragraph::body(&words))];
    }
    let words = if partial.len() == gathered.sums.len() {
        format!("Trong {all} báo cáo, số đơn vị có số liệu ở từng ô:")
    } else if all == 1 {
        "Các ô dưới đây không có số liệu; các ô còn lại có đủ.".to_owned()
    } else {
        format!("Các ô dưới đây không có số liệu ở đủ {all} báo cáo; các ô còn lại có đủ.")
    };
    let count = |count: i64| vec![Paragraph::amount(count, 0)];
    let rows = partial.iter().map(|sum| vec![count(sum.units.0), count(sum.units.1)]);
    let heads = ["Số đơn vị có số liệu", "Số đơn vị báo không có số liệu"];
    vec![Block::Paragraph(Paragraph::body(&words)), listed(&partial, &heads, rows)]
}

/// A table of what is counted, and what is said of it.
fn listed(sums: &[&Summed], heads: &[&str], said: impl Iterator<Item = Vec<Cell>>) -> Block {
    let cell = |text: &str, mark| vec![Paragraph::cell(text, mark)];
    let each = 46 / u32::try_from(heads.len()).unwrap_or(1).max(1);
    let mut widths = vec![7, 33, 14];
    widths.extend(heads.iter().map(|_| each));
    let titles = ["TT", "Nội dung", "Đơn vị tính"].iter().chain(heads);
    let it =
        Table::ruled(widths).head(titles.map(|title| cell(title, Mark::Heading)).collect()).stub(3);
    let rows = (1..).zip(sums).zip(said);
    Block::Table(rows.fold(it, |it, ((number, sum), said): ((u32, _), _)| {
        let mut cells = vec![
            cell(&number.to_string(), Mark::Centred),
            cell(&sum.name, Mark::Plain),
            cell(&sum.unit, Mark::Plain),
        ];
        cells.extend(said);
        it.row(cells)
    }))
}
