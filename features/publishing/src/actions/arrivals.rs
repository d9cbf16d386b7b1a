//! Files on their way to this node: which are wanted, and what follows when one has come.

use std::sync::Arc;

use kernel::{app::App, db::Tx, files::FileHash, jobs::JobKind, problem::Outcome, tracing};

use crate::{
    model::{
        reading::{Modality, Wanted},
        record,
    },
    store::{files, reading::folded_words, texts},
};

/// Reads a long text out of its file once it has come.
pub(crate) const TAKE_IN_TEXT: JobKind = JobKind {
    name: "publishing.take_in_text",
    run: |app, payload| Box::pin(take_in_text(app, payload)),
};

/// Files that public versions name and that are not here yet, in the order in which they are
/// wanted: texts, then the smallest recordings, then the larger ones and pictures.
pub async fn wanted_files(tx: &mut Tx) -> Outcome<Vec<Wanted>> {
    let rows = files::wanted(tx).await?;
    let wanted = rows.iter().filter_map(|row| {
        let lane = Modality::from_code(&row.modality)?.lane();
        Some(Wanted { hash: FileHash::parse(&row.hash)?, bytes: row.bytes, lane })
    });
    Ok(wanted.collect())
}

/// Notes that a file has come whole and verified; long texts are read out of it soon after.
pub async fn file_arrived(tx: &mut Tx, hash: FileHash) -> Outcome<()> {
    let kind = files::put_arrived(tx, &hash.hex()).await?;
    if kind.as_deref() == Some(Modality::Text.media_type()) {
        tx.queue(&TAKE_IN_TEXT, &hash.hex(), tx.now()).await?;
    }
    Ok(())
}

async fn take_in_text(app: &Arc<App>, payload: &str) -> Outcome<()> {
    let Some(hash) = FileHash::parse(payload) else { return Ok(()) };
    let Some(bytes) = app.files.get(hash).await? else { return Ok(()) };
    let Some((summary, body)) = record::read_text_file(&bytes) else {
        tracing::warn!(file.hash = %hash, "a text file makes no sense; passed over");
        return Ok(());
    };
    app.db
        .change(async |tx| {
            let folded = folded_words(&[&summary, &body]);
            texts::fill_from_file(tx, &hash.hex(), &summary, &body, &folded).await?;
            Ok(())
        })
        .await
}
