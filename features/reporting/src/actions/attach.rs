//! Files of a report: what is taken, where it is kept, who may fetch it.

use identity::audit;
use kernel::{
    app::App,
    caller::Caller,
    files::FileHash,
    problem::{FORBIDDEN, FormProblems, NOT_FOUND, OrMissing, Outcome},
};

use super::{
    LOCKED, OF_UNIT, WRITTEN_AT_POINT, catalogue,
    entry::{self, Closed, Which},
    problem,
};
use crate::{
    model::{
        file_kind::{FileKind, recognise},
        form::SectionBody,
    },
    store::words::{self, Attachment, AttachmentId},
};

/// Most bytes of one file.
pub const FILE_MOST: usize = 10 << 20;

/// A file that somebody adds.
pub struct NewFile<'a> {
    /// The section it belongs to.
    pub section: &'a str,
    /// The name it had.
    pub name: &'a str,
    /// What it shows, in words.
    pub caption: &'a str,
    /// Its content.
    pub bytes: &'a [u8],
}

/// Adds a file. What it is is told by its content, never by its name.
pub async fn attach(
    app: &App,
    caller: &Caller,
    which: &Which,
    file: &NewFile<'_>,
) -> Outcome<AttachmentId> {
    let (_, sheet) = entry::open(app, caller, which).await?;
    match sheet.closed {
        Some(Closed::Locked) => return Err((&LOCKED).into()),
        Some(Closed::AtPoint) => return Err((&WRITTEN_AT_POINT).into()),
        Some(Closed::NotYours) => return Err((&FORBIDDEN).into()),
        Some(Closed::OfUnit) => return Err((&OF_UNIT).into()),
        None => {}
    }
    let caption: String = kernel::text::tidy(file.caption).chars().take(300).collect();
    let mut wrong = FormProblems::new();
    wrong.require(!file.bytes.is_empty(), "file", "reporting-file-missing");
    wrong.require(file.bytes.len() <= FILE_MOST, "file", "reporting-file-too-large");
    wrong.require(caption.chars().count() >= 3, "caption", "reporting-file-needs-caption");
    let kind = recognise(file.bytes);
    wrong.require(file.bytes.is_empty() || kind.is_some(), "file", "reporting-file-unknown-kind");
    wrong.check()?;
    let kind = kind.unwrap_or(FileKind::Pdf);
    let catalogue = catalogue::current(app).await?;
    let hash = app.files.put(file.bytes).await?;
    app.db
        .change(async |tx| {
            let (submission, asked) =
                entry::for_writing(tx, app, &catalogue, caller, which).await?;
            let section = asked.form.sections.iter().find(|one| one.code == file.section);
            let most = section.and_then(|one| match one.body {
                SectionBody::Attachments { max_files } => Some(max_files as usize),
                _ => None,
            });
            let most = most.or_missing(&NOT_FOUND)?;
            let there = words::attachments(tx, &submission.id).await?;
            if there.iter().filter(|one| one.section == file.section).count() >= most {
                return Err(problem(&super::TOO_MUCH, "most", most.to_string()));
            }
            let one = Attachment {
                id: tx.new_id(),
                section: file.section.to_owned(),
                file: hash.hex(),
                name: kind.named(file.name),
                media_type: kind.media_type().to_owned(),
                bytes: i64::try_from(file.bytes.len()).unwrap_or(i64::MAX),
                caption,
                by_name: caller.who().map(|person| person.name.clone()).unwrap_or_default(),
                at: tx.now(),
            };
            words::attach(tx, &submission.id, &one).await?;
            audit(tx, caller, "reporting.file.added", submission.id.as_str(), &one.name).await?;
            entry::note_saved(tx, submission).await?;
            Ok(one.id)
        })
        .await
}

/// Takes a file out of a report.
pub async fn detach(app: &App, caller: &Caller, which: &Which, id: &AttachmentId) -> Outcome<()> {
    let catalogue = catalogue::current(app).await?;
    app.db
        .change(async |tx| {
            let (submission, _) = entry::for_writing(tx, app, &catalogue, caller, which).await?;
            if words::detach(tx, &submission.id, id).await? == 0 {
                return Err((&NOT_FOUND).into());
            }
            audit(tx, caller, "reporting.file.removed", submission.id.as_str(), id.as_str())
                .await?;
            entry::note_saved(tx, submission).await
        })
        .await
}

/// A file of a report with its content. A file that stayed at the commune's point is not found here.
pub async fn fetch(
    app: &App,
    caller: &Caller,
    which: &Which,
    id: &AttachmentId,
) -> Outcome<(Attachment, Vec<u8>)> {
    let (_, sheet) = entry::open(app, caller, which).await?;
    let aside = app.db.view(async |tx| Ok(words::shelved(tx, &which.id()).await?)).await?;
    let mut all = sheet.attachments.into_iter().chain(aside);
    let one = all.find(|one| one.id == *id).or_missing(&NOT_FOUND)?;
    let hash = FileHash::parse(&one.file).or_missing(&NOT_FOUND)?;
    let bytes = app.files.get(hash).await?.or_missing(&NOT_FOUND)?;
    Ok((one, bytes))
}
