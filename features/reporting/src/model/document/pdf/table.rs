//! Tables in their columns: how wide each is by what stands in it, when a page must be turned or the letters
//! made smaller, and their rows as strips. Lengths are points.

use std::rc::Rc;

use super::{
    super::blocks::{Align, Cell, Table},
    letters::{Letters, Style},
    setting::{Strip, kind, length, points, set},
    tags::{Kind, Tag, Tree},
};

/// Free at both sides of what stands in a cell.
const SIDE: f32 = 4.0;
/// Free above and below it.
const ABOVE: f32 = 1.5;
const BELOW: f32 = 3.0;
/// A word of a cell that is longer is divided.
const LONGEST: f32 = 110.0;
/// Words of a cell that are wider altogether may go into several lines.
const ROOMY: f32 = 64.0;
/// What names a row asks for more, and columns of figures are made equally wide when none is wider than this.
const NAMING: f32 = 130.0;
const LEVEL: f32 = 84.0;
/// A column of figures in which somebody can write.
const WRITTEN: f32 = 48.0;
/// A cell asks for no more than this, however much it says.
const WHOLE: f32 = 420.0;
/// The largest part of a page that a row takes before it may be divided, and the pieces it then goes into.
const UNDIVIDED: f32 = 0.4;
const PIECE: f32 = 0.2;
/// How large letters are in a table, by what has room: 12, 11, 10 and, turned, 9 points.
const UPRIGHT: [f32; 3] = [1.0, 11.0 / 12.0, 10.0 / 12.0];
const TURNED: [f32; 4] = [1.0, 11.0 / 12.0, 10.0 / 12.0, 9.0 / 12.0];

/// How wide and high the text of a page is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    pub width: f32,
    pub height: f32,
}

/// The lines of a table, and its heading as it comes again on a further page.
#[derive(Clone, Debug, Default)]
pub(super) struct Frame {
    /// Where its columns begin, and the last one ends.
    pub edges: Vec<f32>,
    pub head: Option<Strip>,
}

/// Some columns of a table with their widths.
#[derive(Clone, Debug)]
struct Fit {
    columns: Vec<usize>,
    widths: Vec<f32>,
    scale: f32,
}

/// How a table is set.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// True when it needs a turned page.
    pub turned: bool,
    /// One, or several with the first columns again; empty when it is told in words.
    fits: Vec<Fit>,
}

impl Plan {
    pub fn is_told(&self) -> bool {
        self.fits.is_empty()
    }
}

/// What stands in a column.
#[derive(Clone, Copy, Debug, Default)]
struct Column {
    /// Its widest word, and its widest cell.
    word: f32,
    whole: f32,
    /// True when it holds words that may go into several lines.
    wordy: bool,
    /// True when it is one of those that name the row.
    names: bool,
}

impl Column {
    fn needs(self, scale: f32) -> f32 {
        let roomy = if self.names && self.wordy { NAMING } else { ROOMY };
        2.0 * SIDE + scale * self.word.min(LONGEST).max(self.whole.min(roomy))
    }

    fn likes(self, scale: f32) -> f32 {
        2.0 * SIDE + scale * self.whole.min(WHOLE)
    }
}

/// How a ruled table is set on pages of these kinds.
pub(super) fn plan(letters: &mut Letters, table: &Table, upright: Room, turned: Room) -> Plan {
    let columns = measured(letters, table);
    let all: Vec<usize> = (0..columns.len()).collect();
    let tries = UPRIGHT.map(|scale| (false, upright.width, scale)).into_iter();
    for (is_turned, width, scale) in tries.chain(TURNED.map(|scale| (true, turned.width, scale))) {
        if let Some(widths) = spread(&columns, &all, width, scale) {
            return Plan { turned: is_turned, fits: vec![Fit { columns: all, widths, scale }] };
        }
    }
    if table.told.is_some() {
        return Plan { turned: false, fits: Vec::new() };
    }
    Plan { turned: true, fits: parts(&columns, table.stub, turned.width) }
}

fn measured(letters: &mut Letters, table: &Table) -> Vec<Column> {
    let named = |at| Column { names: at < table.stub, ..Column::default() };
    let mut columns: Vec<Column> = (0..table.widths.len()).map(named).collect();
    for (row, is_head) in rows(table) {
        for (column, cell) in columns.iter_mut().zip(row) {
            for paragraph in cell {
                let size = points(paragraph.size);
                let shaped = letters.shape(&paragraph.text, Style::of(paragraph));
                column.word = column.word.max(length(shaped.widest(), size));
                column.wordy |= !is_head && paragraph.align == Align::Left;
                // A heading goes into three lines rather than widening figures.
                let whole = length(shaped.width(), size) / if is_head { 3.0 } else { 1.0 };
                column.whole = column.whole.max(whole);
            }
        }
    }
    columns
}

fn rows(table: &Table) -> impl Iterator<Item = (&Vec<Cell>, bool)> {
    let head = table.head.iter().map(|row| (row, true));
    head.chain(table.rows.iter().map(|row| (row, false)))
}

/// Widths that fill a page, when the columns have room on it.
fn spread(columns: &[Column], which: &[usize], width: f32, scale: f32) -> Option<Vec<f32>> {
    let chosen: Vec<Column> = which.iter().filter_map(|at| columns.get(*at).copied()).collect();
    let needs: Vec<f32> = chosen.iter().map(|column| column.needs(scale)).collect();
    let likes: Vec<f32> = chosen.iter().map(|column| column.likes(scale)).collect();
    let needs = levelled(&chosen, needs, &likes, width);
    let likes: Vec<f32> =
        likes.iter().zip(&needs).map(|(likes, needs)| likes.max(*needs)).collect();
    let (least, wanted) = (needs.iter().sum::<f32>(), likes.iter().sum::<f32>());
    if least > width {
        return None;
    }
    if wanted > width {
        let share = (width - least) / (wanted - least).max(0.01);
        let each = needs.iter().zip(&likes);
        return Some(each.map(|(needs, likes)| needs + (likes - needs) * share).collect());
    }
    // What is left over goes to the columns with words.
    let wordy = |at: usize| chosen.get(at).is_some_and(|column| column.wordy);
    let any = (0..likes.len()).any(wordy);
    let weigh = |(at, wide): (usize, &f32)| if wordy(at) || !any { *wide } else { 0.0 };
    let weights: Vec<f32> = likes.iter().enumerate().map(weigh).collect();
    let share = (width - wanted) / weights.iter().sum::<f32>().max(0.01);
    Some(likes.iter().zip(weights).map(|(likes, weight)| likes + weight * share).collect())
}

/// Columns of figures are equally wide, and wide enough to write in, when there is room.
fn levelled(chosen: &[Column], needs: Vec<f32>, likes: &[f32], width: f32) -> Vec<f32> {
    let of_figures = |at: usize| chosen.get(at).is_some_and(|it| !it.wordy && !it.names);
    let figures = likes.iter().enumerate().filter(|(at, _)| of_figures(*at));
    let widest = figures.map(|(_, wide)| *wide).fold(WRITTEN, f32::max);
    let level: Vec<f32> = needs
        .iter()
        .enumerate()
        .map(|(at, wide)| if of_figures(at) { widest } else { *wide })
        .collect();
    if widest <= LEVEL && level.iter().sum::<f32>() <= width { level } else { needs }
}

/// As many tables as the columns need, each with the columns that name its rows.
fn parts(columns: &[Column], stub: usize, width: f32) -> Vec<Fit> {
    let scale = TURNED[TURNED.len() - 1];
    let stub = stub.min(columns.len());
    let mut fits = Vec::new();
    let mut next = stub;
    while next < columns.len() || fits.is_empty() {
        let mut which: Vec<usize> = (0..stub).collect();
        let mut widths = spread(columns, &which, width, scale);
        while next < columns.len() {
            which.push(next);
            let wider = spread(columns, &which, width, scale);
            if wider.is_none() && which.len() > stub + 1 {
                which.pop();
                break;
            }
            widths = wider;
            next += 1;
        }
        let widths = widths.unwrap_or_else(|| squeezed(columns, &which, width, scale));
        fits.push(Fit { columns: which, widths, scale });
    }
    fits
}

/// Columns that have no room, all narrower by the same part.
fn squeezed(columns: &[Column], which: &[usize], width: f32, scale: f32) -> Vec<f32> {
    let needs: Vec<f32> =
        which.iter().map(|at| columns.get(*at).map_or(0.0, |it| it.needs(scale))).collect();
    let share = width / needs.iter().sum::<f32>().max(width);
    needs.iter().map(|needs| needs * share).collect()
}

/// The rows of a ruled table, handed on one by one: nobody holds a long table as strips.
pub(super) fn ruled(
    (letters, tree): (&mut Letters, &mut Tree),
    table: &Table,
    plan: &Plan,
    (room, within): (Room, Tag),
    mut place: impl FnMut(&mut Letters, Strip),
) {
    for fit in &plan.fits {
        let tag = tree.add(Kind::Table, within);
        let mut frame = Rc::new(Frame { edges: edges(&fit.widths), head: None });
        if let Some(cells) = &table.head {
            let tags = row_tags(tree, tag, fit.columns.len(), Kind::HeadCell);
            let laid = laid(letters, cells, fit, &tags);
            let strips = if height(&laid) < room.height / 3.0 {
                let heads = Strip { keep: true, heads: true, ..whole(laid, fit, true) };
                frame = Rc::new(Frame { head: Some(heads.untold()), ..(*frame).clone() });
                vec![heads]
            } else {
                // A heading that would fill the page stands once.
                pieces(laid, fit, room.height * PIECE)
            };
            for strip in strips {
                place(letters, Strip { frame: Some(frame.clone()), ..strip });
            }
        }
        for (at, cells) in table.rows.iter().enumerate() {
            let tags = row_tags(tree, tag, fit.columns.len(), Kind::Cell);
            let laid = laid(letters, cells, fit, &tags);
            // Two rows of the end stay together, as two lines of a paragraph do.
            let keep = at + 2 == table.rows.len();
            let pieces = divided(laid, fit, room.height);
            let last = pieces.len().saturating_sub(1);
            for (at, piece) in pieces.into_iter().enumerate() {
                let keep = keep && at == last;
                place(letters, Strip { frame: Some(frame.clone()), keep, ..piece });
            }
        }
    }
}

/// What stands side by side without lines. Its parts are told one after the other.
pub(super) fn bare(
    (letters, tree): (&mut Letters, &mut Tree),
    table: &Table,
    (room, within): (Room, Tag),
    mut place: impl FnMut(&mut Letters, Strip),
) {
    let columns = measured(letters, table);
    let widths = beside(&columns, &table.widths, room.width);
    let fit = Fit { columns: (0..columns.len()).collect(), widths, scale: 1.0 };
    for cells in &table.rows {
        let mut all = Vec::new();
        for (cell, width) in cells.iter().zip(&fit.widths) {
            let mut strips = Vec::new();
            let mut after = 0.0;
            for paragraph in cell {
                let tag = tree.add(kind(paragraph), within);
                let wide = (width - 2.0 * SIDE).max(1.0);
                let mut set = set(letters, paragraph, (wide, 1.0), Some(tag));
                gap(&mut set, &mut after, paragraph.after);
                strips.extend(set);
            }
            all.push(strips);
        }
        if height(&all) < room.height * 0.9 {
            place(letters, whole(all, &fit, false));
        } else {
            for piece in pieces(all, &fit, room.height * PIECE) {
                place(letters, Strip { opens: false, closes: false, ..piece });
            }
        }
    }
}

/// Widths of what stands side by side: as asked, but the last column does not divide its lines for it.
fn beside(columns: &[Column], hundredths: &[u32], width: f32) -> Vec<f32> {
    let whole: f32 = hundredths.iter().map(|part| points(*part)).sum::<f32>().max(1.0);
    let mut widths: Vec<f32> =
        hundredths.iter().map(|part| points(*part) * width / whole).collect();
    if let (Some(column), Some((last, others))) = (columns.last(), widths.split_last_mut()) {
        let wanted = (column.whole + 2.0 * SIDE + 1.0).min(width * 0.62).max(*last);
        let left: f32 = others.iter().sum::<f32>().max(1.0);
        for other in others {
            *other *= (width - wanted) / left;
        }
        *last = wanted;
    }
    widths
}

fn edges(widths: &[f32]) -> Vec<f32> {
    let mut at = 0.0;
    let mut all = vec![at];
    for width in widths {
        at += width;
        all.push(at);
    }
    all
}

fn row_tags(tree: &mut Tree, table: Tag, columns: usize, kind: Kind) -> Vec<Tag> {
    let row = tree.add(Kind::Row, table);
    (0..columns).map(|_| tree.add(kind, row)).collect()
}

/// The lines of every cell of a row.
fn laid(letters: &mut Letters, cells: &[Cell], fit: &Fit, tags: &[Tag]) -> Vec<Vec<Strip>> {
    let nothing = Cell::new();
    let mut all = Vec::new();
    for ((at, width), tag) in fit.columns.iter().zip(&fit.widths).zip(tags) {
        let mut strips = Vec::new();
        let mut after = 0.0;
        for paragraph in cells.get(*at).unwrap_or(&nothing) {
            let wide = (width - 2.0 * SIDE).max(1.0);
            let mut set = set(letters, paragraph, (wide, fit.scale), Some(*tag));
            gap(&mut set, &mut after, paragraph.after);
            strips.extend(set);
        }
        all.push(strips);
    }
    all
}

/// What a paragraph leaves free below stands above the next.
pub(super) fn gap(set: &mut [Strip], after: &mut f32, own: u32) {
    if let Some(first) = set.first_mut() {
        first.before += *after;
    }
    *after = points(own);
}

fn height(cells: &[Vec<Strip>]) -> f32 {
    let of = |strips: &Vec<Strip>| strips.iter().map(|strip| strip.before + strip.height).sum();
    cells.iter().map(of).fold(0.0, f32::max)
}

/// A row in one strip.
fn whole(cells: Vec<Vec<Strip>>, fit: &Fit, middle: bool) -> Strip {
    let inner = height(&cells);
    let mut items = Vec::new();
    let mut left = SIDE;
    for (strips, width) in cells.into_iter().zip(&fit.widths) {
        let own: f32 = strips.iter().map(|strip| strip.before + strip.height).sum();
        let mut down = ABOVE + if middle { (inner - own) / 2.0 } else { 0.0 };
        for strip in strips {
            down += strip.before;
            let tall = strip.height;
            items.extend(strip.moved(left, down));
            down += tall;
        }
        left += width;
    }
    let height = inner + ABOVE + BELOW;
    Strip { height, items, opens: true, closes: true, ..Strip::default() }
}

/// A row in one strip, or in several when it would take too much of a page.
fn divided(cells: Vec<Vec<Strip>>, fit: &Fit, page: f32) -> Vec<Strip> {
    if height(&cells) <= page * UNDIVIDED {
        return vec![whole(cells, fit, false)];
    }
    pieces(cells, fit, page * PIECE)
}

fn pieces(cells: Vec<Vec<Strip>>, fit: &Fit, tall: f32) -> Vec<Strip> {
    let mut rest: Vec<_> = cells.into_iter().map(|cell| cell.into_iter().peekable()).collect();
    let mut all: Vec<Strip> = Vec::new();
    while rest.iter_mut().any(|cell| cell.peek().is_some()) {
        let mut piece = Vec::new();
        for cell in &mut rest {
            let (mut taken, mut down) = (Vec::new(), 0.0);
            while let Some(next) =
                cell.next_if(|strip| down == 0.0 || down + strip.before + strip.height <= tall)
            {
                down += next.before + next.height;
                taken.push(next);
            }
            piece.push(taken);
        }
        all.push(Strip { opens: all.is_empty(), closes: false, ..whole(piece, fit, false) });
    }
    if let Some(last) = all.last_mut() {
        last.closes = true;
    }
    all
}
