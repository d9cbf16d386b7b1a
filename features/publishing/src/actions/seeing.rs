//! Looking: the editors' list, a publication on the desk, whom a target reaches, who may have a file.

use kernel::{
    app::App,
    caller::{Caller, Permission},
    db::Tx,
    files::FileHash,
    problem::{OrMissing, Outcome, Problem},
    scope::ScopePath,
};

use super::{EDIT, VIEW, newest};
use crate::{
    Census, Denominator,
    model::{
        PublicationId,
        reading::Article,
        version::{FILE_NOT_HERE, NOT_FOUND, Version},
        view::{ArticleView, Names},
    },
    store::{
        desk::{self as desk_rows, DeskCounts, DeskRow},
        discards,
        files::{self, FileRow},
        history::{self, ConflictRow, DeedRow},
        reading::word_patterns,
        reference,
        sounds::{self, SoundRow},
        texts::{self, TextRow},
        versions,
    },
};

/// Everything about a publication's newest version that its desk shows.
pub(crate) struct Desk {
    pub version: Version,
    pub texts: Vec<TextRow>,
    pub sounds: Vec<SoundRow>,
    pub history: Vec<DeedRow>,
    pub conflicts: Vec<ConflictRow>,
    /// Versions that were let go, the newest first.
    pub discarded: Vec<u32>,
}

/// One version that was let go, as somebody on the desk may look at it again.
pub(crate) struct Discarded {
    pub version: Version,
    /// True while nothing came after it: it may be taken back.
    pub may_come_back: bool,
}

/// A version that was let go. It is on nobody's desk, but it is not gone.
pub(crate) async fn discarded(
    tx: &mut Tx,
    caller: &Caller,
    id: &PublicationId,
    number: u32,
) -> Outcome<Discarded> {
    let version = versions::find(tx, id, number).await?.or_missing(&NOT_FOUND)?;
    caller.must(&VIEW, &version.publication.home)?;
    if !discards::all(tx, id).await?.contains(&number) {
        return Err((&NOT_FOUND).into());
    }
    let may_edit = caller.may(&EDIT, &version.publication.home);
    let may_come_back = may_edit && discards::newest(tx, id).await? == Some(number);
    Ok(Discarded { version, may_come_back })
}

/// A publication on the desk, for those who may see it there.
pub(crate) async fn desk(tx: &mut Tx, caller: &Caller, id: &PublicationId) -> Outcome<Desk> {
    let version = newest(tx, id).await?;
    caller.must(&VIEW, &version.publication.home)?;
    Ok(Desk {
        texts: texts::all(tx, id, version.number).await?,
        sounds: sounds::all(tx, id, version.number).await?,
        history: history::all(tx, id).await?,
        conflicts: history::conflicts(tx, id).await?,
        discarded: discards::all(tx, id).await?,
        version,
    })
}

/// The subtrees over which a permission is held, none inside another.
pub(crate) fn scopes(caller: &Caller, permission: &Permission) -> Vec<ScopePath> {
    let mut held: Vec<ScopePath> = if caller.is_system() {
        vec![ScopePath::root()]
    } else {
        caller.scopes_for(permission).cloned().collect()
    };
    held.sort();
    held.dedup();
    let all = held.clone();
    held.retain(|scope| !all.iter().any(|other| other != scope && other.contains(scope)));
    held
}

/// One page of the editors' list, and how much lies in each tab.
pub(crate) async fn list(
    tx: &mut Tx,
    caller: &Caller,
    tab: &str,
    asked: &str,
    (offset, limit): (usize, usize),
) -> Outcome<(Vec<DeskRow>, DeskCounts)> {
    caller.must_somewhere(&VIEW)?;
    // One word is enough to find an item on a desk; more would need their own placeholders.
    let patterns = word_patterns(asked);
    let first = patterns.first().map_or("%", String::as_str);
    let mut counts = DeskCounts::default();
    let mut rows = Vec::new();
    for scope in scopes(caller, &VIEW) {
        let here = desk_rows::desk_counts(tx, &scope, first).await?;
        counts.draft += here.draft;
        counts.waiting += here.waiting;
        counts.public += here.public;
        counts.gone += here.gone;
        counts.discarded += here.discarded;
        rows.extend(desk_rows::desk(tx, &scope, tab, first, offset + limit).await?);
    }
    rows.sort_by(|one, other| {
        (other.edited_at, &other.publication).cmp(&(one.edited_at, &one.publication))
    });
    Ok((rows.into_iter().skip(offset).take(limit).collect(), counts))
}

/// Whom a target reaches: what would be frozen if it were published now. Unknown stays unknown.
pub(crate) async fn reached(
    app: &App,
    tx: &mut Tx,
    targets: &[ScopePath],
    audiences: &[String],
) -> Outcome<Vec<Denominator>> {
    if targets.is_empty() || audiences.is_empty() {
        return Ok(Vec::new());
    }
    match app.port::<Census>() {
        Some(Census(count)) => count(tx, targets, audiences).await,
        None => Ok(audiences
            .iter()
            .map(|audience| Denominator {
                audience: audience.clone(),
                count: None,
                villages: 0,
                unknown_villages: 0,
            })
            .collect()),
    }
}

/// A file that this caller may have: of a public version, or of one they may see on the desk.
pub(crate) async fn file(tx: &mut Tx, caller: &Caller, hash: FileHash) -> Outcome<FileRow> {
    let hex = hash.hex();
    let row = files::find(tx, &hex).await?.or_missing(&NOT_FOUND)?;
    let allowed = files::is_public(tx, &hex).await? || {
        let homes = files::homes(tx, &hex).await?;
        homes.iter().any(|home| caller.may(&VIEW, home))
    };
    // Whoever may not have it does not learn that it exists.
    allowed.then_some(()).or_missing(&NOT_FOUND)?;
    if row.arrived_at.is_none() {
        return Err(Problem::of(&FILE_NOT_HERE).into());
    }
    Ok(row)
}

/// An article made ready for a page: names instead of codes, players instead of files.
pub async fn view(tx: &mut Tx, article: &Article, language: &str) -> Outcome<ArticleView> {
    let kinds = reference::kinds(tx).await?;
    let themes = reference::themes(tx).await?;
    let languages = reference::languages(tx).await?;
    let names = Names { kinds: &kinds, themes: &themes, languages: &languages };
    Ok(ArticleView::of(article, language, &names))
}
