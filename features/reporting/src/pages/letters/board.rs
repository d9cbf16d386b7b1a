//! A dashboard as a letter: asked anew for its reader, at the moment at which it leaves.

use kernel::{
    app::AppRef,
    caller::Caller,
    problem::{Failure, Outcome},
    web::Visit,
};
use rust_xlsxwriter::{Format, Workbook};

use super::letter::Letter;
use crate::{
    actions::{SEE, analysis::dashboards::Saved, outward::MailFile},
    model::{
        file_kind::FileKind,
        table_text::{Dialect, harmless},
    },
    pages::analysis::{
        boards,
        view::{Block, TableView},
    },
};

/// Largest file that comes along, in bytes: many mail servers take ten megabytes and base64 adds a third.
const FILE_MOST: usize = 4_000_000;

/// The dashboard as this reader may see it now; none when they may see nothing of it any more.
pub(super) async fn told(app: &AppRef, reader: Caller, saved: &Saved) -> Outcome<Option<Letter>> {
    if !reader.may_somewhere(&SEE) {
        return Ok(None);
    }
    let visit = Visit::away(app, reader);
    let mut letter = Letter {
        title: saved.row.title.clone(),
        link: format!("/so-lieu/bang-theo-doi/{}", saved.row.id),
        as_of: app.now().millis(),
        ..Letter::default()
    };
    let mut seen = 0;
    for kept in &saved.parts {
        match boards::told(&visit, kept).await {
            Ok(part) => {
                seen += 1;
                letter.blocks.extend(part.blocks.into_iter().map(without_pictures));
                if !part.basis.is_empty() && !letter.basis.contains(&part.basis) {
                    letter.basis.push(part.basis);
                }
            }
            Err(Failure::Problem(_)) => letter.blocks.push(Block {
                title: kept.title.clone(),
                text: vec![visit.say("reporting-board-unseen", &[])],
                ..Block::default()
            }),
            Err(fault) => return Err(fault),
        }
    }
    Ok((seen > 0).then_some(letter))
}

/// True when somebody may see every part of a dashboard.
pub(crate) async fn sees_all(app: &AppRef, reader: &Caller, saved: &Saved) -> Outcome<bool> {
    if !reader.may_somewhere(&SEE) {
        return Ok(false);
    }
    let visit = Visit::away(app, reader.clone());
    for kept in &saved.parts {
        match boards::told(&visit, kept).await {
            Ok(_) => {}
            Err(Failure::Problem(_)) => return Ok(false),
            Err(fault) => return Err(fault),
        }
    }
    Ok(true)
}

/// Charts and maps stay on the pages: letter boxes show no SVG. Columns that hold nothing else go too.
fn without_pictures(mut block: Block) -> Block {
    block.charts.clear();
    block.map = None;
    for table in &mut block.tables {
        let pictures: Vec<bool> = (0..table.head.len())
            .map(|at| {
                let cells = || table.rows.iter().filter_map(|row| row.cells.get(at));
                cells().any(|cell| !cell.svg.is_empty()) && !cells().any(super::letter::said)
            })
            .collect();
        let stays = |at: usize| !pictures.get(at).copied().unwrap_or(false);
        let mut at = 0..;
        table.head.retain(|_| at.next().is_some_and(stays));
        for row in &mut table.rows {
            let mut at = 0..;
            row.cells.retain(|_| at.next().is_some_and(stays));
            for cell in &mut row.cells {
                cell.svg.clear();
            }
        }
    }
    block
}

/// The tables as a file; none when it would be too large, or there are none.
pub(super) fn file(letter: &Letter, kind: &str) -> Outcome<Option<MailFile>> {
    let tables: Vec<&TableView> = letter.blocks.iter().flat_map(|block| &block.tables).collect();
    if tables.is_empty() {
        return Ok(None);
    }
    let day = kernel::clock::Timestamp::from_millis(letter.as_of).day().iso();
    let name = kernel::text::slug(&letter.title, 60);
    let (name, kind, bytes) = match kind {
        "xlsx" => {
            (format!("{name}-{day}.xlsx"), FileKind::Xlsx.media_type(), workbook(letter, &tables)?)
        }
        "csv" => (format!("{name}-{day}.csv"), "text/csv", table(&tables)?),
        _ => return Ok(None),
    };
    Ok((bytes.len() <= FILE_MOST).then_some(MailFile { name, kind, bytes }))
}

/// One sheet a table: what the letter shows, with the flags of each figure in a column of their own.
fn workbook(letter: &Letter, tables: &[&TableView]) -> Outcome<Vec<u8>> {
    let unfit = |error: rust_xlsxwriter::XlsxError| Failure::fault("write a workbook", error);
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    for (at, table) in tables.iter().enumerate() {
        let sheet = book.add_worksheet();
        sheet.set_name(format!("Bang {}", at + 1)).map_err(unfit)?;
        sheet.write_with_format(0, 0, table.caption.as_str(), &bold).map_err(unfit)?;
        for (row, cells) in rows(table).iter().enumerate() {
            let line = u32::try_from(row + 2).unwrap_or(u32::MAX);
            for (column, text) in cells.iter().enumerate() {
                let column = u16::try_from(column).unwrap_or(u16::MAX);
                sheet.write_string(line, column, text.as_str()).map_err(unfit)?;
            }
        }
        let after = u32::try_from(table.rows.len() + 4).unwrap_or(u32::MAX);
        for (more, line) in (0..).zip(&letter.basis) {
            sheet.write_string(after.saturating_add(more), 0, line.as_str()).map_err(unfit)?;
        }
    }
    book.save_to_buffer().map_err(unfit)
}

/// All tables one below the other, as Excel in Vietnam reads CSV.
fn table(tables: &[&TableView]) -> Outcome<Vec<u8>> {
    let unfit = |error: csv::Error| Failure::fault("write a table", error);
    let mut out = Dialect::People.writer();
    for table in tables {
        out.write_record([&*harmless(&table.caption)]).map_err(unfit)?;
        for row in rows(table) {
            out.write_record(row.iter().map(|text| harmless(text).into_owned())).map_err(unfit)?;
        }
    }
    out.into_inner().map_err(|error| Failure::fault("write a table", error))
}

/// The lines of a table: its heading first, flags beside figures.
fn rows(table: &TableView) -> Vec<Vec<String>> {
    let mut head = vec![table.corner.clone()];
    for one in &table.head {
        head.extend([one.clone(), String::new()]);
    }
    let mut all = vec![head];
    for row in &table.rows {
        let mut line = vec![row.title.clone()];
        for cell in &row.cells {
            line.extend([cell.text.clone(), cell.note.clone()]);
        }
        all.push(line);
    }
    all
}
