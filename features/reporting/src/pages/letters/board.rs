//! A dashboard as a letter: asked anew for its reader, at the moment at which it leaves.

use kernel::{
    app::AppRef,
    caller::Caller,
    problem::{Failure, Outcome},
    web::Visit,
};

use super::letter::Letter;
use crate::{
    actions::{SEE, analysis::dashboards::Saved, outward::MailFile},
    model::sheets::Kind,
    pages::analysis::{
        boards,
        files::{self, Paper},
        view::Block,
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
        let pictures: Vec<bool> =
            (0..table.head.len()).map(|at| files::is_picture(table, at)).collect();
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

/// The tables as a file, as the pages give them; none when it would be too large, or there are none.
pub(super) fn file(visit: &Visit, letter: &Letter, kind: &str) -> Outcome<Option<MailFile>> {
    let tables = || letter.blocks.iter().flat_map(|block| &block.tables);
    let Some(kind) = Kind::of(kind).filter(|_| tables().next().is_some()) else {
        return Ok(None);
    };
    let when = kernel::clock::Timestamp::from_millis(letter.as_of);
    let mut lines = vec![visit.say("reporting-letter-as-of", &[("when", when.short())])];
    lines.extend(letter.basis.iter().cloned());
    let paper = Paper { title: &letter.title, lines, blocks: &letter.blocks };
    let bytes = files::made(&files::sheets(visit, &paper, kind), kind)?;
    let name = kernel::text::slug(&letter.title, 60);
    let name = format!("{name}-{}.{}", when.day().iso(), kind.ending());
    let fits = bytes.len() <= FILE_MOST;
    Ok(fits.then(|| MailFile { name, kind: kind.media_type(), bytes }))
}
