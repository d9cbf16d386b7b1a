//! Files of a report: a page for each section that takes them. What comes back is always a download: nothing of
//! it is ever shown as a page of ours.

use kernel::{
    app::NodeRole,
    axum::{
        extract::Path,
        http::{HeaderValue, header},
        response::IntoResponse,
    },
    problem::{FormProblems, NOT_FOUND, OrMissing, Outcome},
    web::{Answer, FieldError, Multipart, Posted, Template, Visit},
};
use serde::Serialize;

use super::{At, Head, grid::Ground, href};
use crate::{
    actions::{
        arrival::came_with_report,
        attach::{self, FILE_MOST, NewFile},
        entry::{self, Which},
    },
    model::form::SectionBody,
    store::words::AttachmentId,
};

/// The page.
pub(super) const FILES: Template<FilesPage> = Template::new("reporting/files.html");

/// Files as a report shows them.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Files {
    pub(super) list: Vec<File>,
    pub(super) most: u32,
    /// Where files are added and taken out; empty when they cannot be.
    pub(super) change: String,
}

/// A file.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question that the template asks")]
pub(crate) struct File {
    pub(super) href: String,
    /// False while it is still on its way from where the report is written.
    pub(super) here: bool,
    /// True when it lies with the tier above: it was attached at a box that is there no more.
    pub(super) above: bool,
    /// True when it was asked for again and again and never came whole.
    pub(super) lost: bool,
    pub(super) name: String,
    pub(super) caption: String,
    pub(super) bytes: i64,
    /// True when it came with a report of another node: that tells who signed, not who attached it.
    pub(super) came_signed: bool,
    pub(super) by: String,
    pub(super) at: String,
}

/// What the page shows.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct FilesPage {
    pub(super) head: Head,
    pub(super) action: String,
    pub(super) section: String,
    pub(super) files: Vec<File>,
    pub(super) most: u32,
    pub(super) open: bool,
    pub(super) caption: String,
    pub(super) most_bytes: usize,
    pub(super) errors: Vec<FieldError>,
}

/// The files of a section.
pub(super) fn view(ground: &Ground<'_>, section: &str, most: u32) -> Files {
    let base = format!("{}/tep/{section}", href(ground.which));
    Files {
        list: list_of(ground.visit, ground.which, ground.sheet, (section, &base)),
        most,
        change: if ground.sheet.closed.is_none() { base } else { String::new() },
    }
}

pub(super) fn list_of(
    visit: &Visit,
    which: &Which,
    sheet: &entry::Sheet,
    (section, base): (&str, &str),
) -> Vec<File> {
    let at_point = visit.app.role == NodeRole::Point;
    let report = which.id();
    let own = sheet.attachments.iter().filter(|one| one.section == section);
    own.map(|one| File {
        href: format!("{base}/{}", one.id),
        here: !one.media_type.is_empty(),
        above: at_point && one.media_type.is_empty(),
        lost: sheet.lost_files.contains(&one.file),
        name: one.name.clone(),
        caption: one.caption.clone(),
        bytes: one.bytes,
        came_signed: !one.by_name.is_empty() && came_with_report(&report, one),
        by: one.by_name.clone(),
        at: one.at.short(),
    })
    .collect()
}

async fn page(visit: &Visit, at: &At, caption: String) -> Outcome<FilesPage> {
    let which = at.which()?;
    let (catalogue, sheet) = entry::open(&visit.app, &visit.caller, &which).await?;
    let form = catalogue.form_of(&which.dataset, sheet.form_version)?;
    let section = form.sections.iter().find(|one| one.code == at.section).or_missing(&NOT_FOUND)?;
    let SectionBody::Attachments { max_files } = section.body else {
        return Err((&NOT_FOUND).into());
    };
    let base = format!("{}/tep/{}", href(&which), at.section);
    Ok(FilesPage {
        head: Head::read(visit, &catalogue, &which, &sheet).await?,
        files: list_of(visit, &which, &sheet, (&at.section, &base)),
        action: base,
        section: section.title.clone(),
        most: max_files,
        open: sheet.closed.is_none(),
        caption,
        most_bytes: FILE_MOST >> 20,
        errors: Vec::new(),
    })
}

pub(crate) async fn list(visit: Visit, Path(at): Path<At>) -> Answer {
    let page = page(&visit, &at, String::new()).await?;
    visit.page(&FILES, &page)
}

pub(crate) async fn add(visit: Visit, Path(at): Path<At>, sent: Multipart) -> Answer {
    let which = at.which()?;
    let caption = sent.fields.line("caption");
    let chosen = sent.uploads.iter().find(|one| one.field == "file");
    let outcome = if let Some(upload) = chosen {
        let file = NewFile {
            section: &at.section,
            name: &upload.file_name,
            caption: &caption,
            bytes: &upload.bytes,
        };
        attach::attach(&visit.app, &visit.caller, &which, &file).await.map(drop)
    } else {
        let mut wrong = FormProblems::new();
        wrong.add("file", "reporting-file-missing");
        wrong.check()
    };
    match outcome {
        Ok(()) => {
            visit.done(&format!("{}/tep/{}", href(&which), at.section), "reporting-done-file")
        }
        Err(failure) if failure.problem().is_some_and(|problem| !problem.fields.is_empty()) => {
            let page = page(&visit, &at, caption).await?;
            visit.form_again(failure, &FILES, |errors| FilesPage { errors, ..page })
        }
        Err(other) => Err(other),
    }
}

pub(crate) async fn remove(visit: Visit, Path(at): Path<At>, _posted: Posted) -> Answer {
    let which = at.which()?;
    let id = AttachmentId::parse(&at.file).or_missing(&NOT_FOUND)?;
    attach::detach(&visit.app, &visit.caller, &which, &id).await?;
    visit.done(&format!("{}/tep/{}", href(&which), at.section), "reporting-done-removed")
}

pub(crate) async fn download(visit: Visit, Path(at): Path<At>) -> Answer {
    let which = at.which()?;
    let id = AttachmentId::parse(&at.file).or_missing(&NOT_FOUND)?;
    let (file, bytes) = attach::fetch(&visit.app, &visit.caller, &which, &id).await?;
    let plain = kernel::text::slug(&file.name, 60);
    let ending = file.name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let ending: String = ending.chars().filter(char::is_ascii_alphanumeric).take(5).collect();
    let stem = plain.strip_suffix(&format!("-{ending}")).unwrap_or(&plain);
    let told = format!(
        "attachment; filename=\"{stem}.{ending}\"; filename*=UTF-8''{}",
        escaped(&file.name)
    );
    let told = HeaderValue::from_str(&told).unwrap_or(HeaderValue::from_static("attachment"));
    let kind = HeaderValue::from_str(&file.media_type)
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, told),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    Ok((headers, bytes).into_response())
}

/// A name in a header (RFC 8187 §3.2.1).
fn escaped(name: &str) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(name.len() * 3);
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}
