//! What ODK Collect asks for: the list of forms, a form's files, whether submissions are taken, and them.

use kernel::{
    app::AppRef,
    axum::{
        extract::{FromRequest, Multipart, Path, Request},
        http::StatusCode,
        response::{IntoResponse, Response},
    },
    problem::{BAD_REQUEST, Failure, NOT_FOUND, OrMissing, Outcome, TOO_LARGE},
};
use md5::{Digest, Md5};
use serde::Deserialize;

use super::client::{Client, message, text, xml};
use crate::{
    actions::{
        ENTER,
        openrosa::{FormFile, Incoming, Listed, Receipt, form_files, form_xml, listed, receive},
    },
    model::xml::escape,
};

/// A form in an address, whatever stands before it.
#[derive(Deserialize)]
pub(super) struct FormAt {
    pub form: String,
}

/// A file of a form in an address.
#[derive(Deserialize)]
pub(super) struct FileAt {
    form: String,
    file: String,
}

/// Most files of one request.
const FILES_MOST: usize = 60;

/// MD5 in hex, by which clients know what they have already; nothing is secured by it.
pub(super) fn md5_hex(text: &str) -> String {
    Md5::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<Vec<_>>()
        .concat()
}

/// `GET …/formList`
pub(super) async fn form_list(client: Client) -> Response {
    let done = listed(&client.visit.app, &client.caller).await;
    let wanted = client.ask("formID");
    client.answer(done.map(|all| {
        let forms: String = all
            .iter()
            .filter(|one| wanted.is_none_or(|wanted| wanted == one.id.as_str()))
            .map(|one| xform(&client, one))
            .collect();
        xml(format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <xforms xmlns=\"http://openrosa.org/xforms/xformsList\">{forms}</xforms>"
        ))
    }))
}

fn xform(client: &Client, one: &Listed) -> String {
    let base = format!("/forms/{}", one.id);
    format!(
        "<xform><formID>{}</formID><name>{}</name><version>{}</version><hash>md5:{}</hash>\
         <downloadUrl>{}</downloadUrl><manifestUrl>{}</manifestUrl></xform>",
        one.id,
        escape(&one.title),
        one.version,
        md5_hex(&one.xml),
        escape(&client.project_url(&format!("{base}.xml"))),
        escape(&client.project_url(&format!("{base}/manifest"))),
    )
}

async fn files_of(client: &Client, form: &str) -> Outcome<Vec<FormFile>> {
    let app = &client.visit.app;
    let form = form_xml(app, &client.caller, form).await?;
    form_files(app, &client.caller, &form).await
}

/// `GET …/forms/{form}.xml` for a phone with a key
pub(super) async fn form(client: Client, Path(FormAt { form }): Path<FormAt>) -> Response {
    let done = async {
        let id = form.strip_suffix(".xml").or_missing(&NOT_FOUND)?;
        Ok(xml(form_xml(&client.visit.app, &client.caller, id).await?.xml))
    };
    let done = done.await;
    client.answer(done)
}

/// `GET …/forms/{form}/manifest`
pub(super) async fn manifest(client: Client, Path(FormAt { form }): Path<FormAt>) -> Response {
    let done = files_of(&client, &form).await.map(|files| {
        let all = files
            .iter()
            .map(|file| {
                let at = format!("/forms/{form}/attachments/{}", file.name);
                format!(
                    "<mediaFile><filename>{}</filename><hash>md5:{}</hash><downloadUrl>{}</downloadUrl></mediaFile>",
                    file.name,
                    md5_hex(&file.text),
                    escape(&client.project_url(&at))
                )
            })
            .collect::<Vec<_>>()
            .concat();
        xml(format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <manifest xmlns=\"http://openrosa.org/xforms/xformsManifest\">{all}</manifest>"
        ))
    });
    client.answer(done)
}

/// `GET …/forms/{form}/attachments/{file}`
pub(super) async fn file(
    client: Client,
    Path(FileAt { form, file: name }): Path<FileAt>,
) -> Response {
    let done = files_of(&client, &form).await.and_then(|files| {
        let file = files.into_iter().find(|file| file.name == name).or_missing(&NOT_FOUND)?;
        Ok(text("text/csv; charset=utf-8", file.text))
    });
    client.answer(done)
}

/// `GET`, `HEAD …/submission`: who asks may send.
pub(super) async fn ready(client: Client) -> Response {
    let may = client.caller.must_somewhere(&ENTER);
    client.answer(may.map(|()| StatusCode::NO_CONTENT.into_response()))
}

/// `POST …/submission`
pub(super) async fn submit(client: Client, request: Request) -> Response {
    let done = submitted(&client, request).await;
    client.answer(done)
}

async fn submitted(client: &Client, request: Request) -> Outcome<Response> {
    // Also what keeps other sites' forms out: they cannot send this header.
    if client.visit.header("x-openrosa-version") != Some("1.0") {
        return Err((&BAD_REQUEST).into());
    }
    let app: &AppRef = &client.visit.app;
    let device = client.ask("deviceID").unwrap_or_default().to_owned();
    let incoming = unpacked(app, request, device).await?;
    let receipt = receive(app, &client.caller, incoming).await?;
    Ok(message(201, "submit_success", &words(client, &receipt)))
}

/// What became of a submission, in words that the client shows.
pub(super) fn words(client: &Client, receipt: &Receipt) -> String {
    let page = client.url("/bao-cao/tu-dien-thoai");
    let args = [
        ("figures", receipt.figures.to_string()),
        ("left", client.words_of_left(&receipt.left)),
        ("page", page),
    ];
    let key = match (receipt.waits, receipt.left.is_empty()) {
        (Some(_), _) => "reporting-openrosa-waits",
        (None, false) => "reporting-openrosa-partly",
        (None, true) => "reporting-openrosa-taken",
    };
    client.visit.say(key, &args)
}

async fn unpacked(app: &AppRef, request: Request, device: String) -> Outcome<Incoming> {
    let bad = || Failure::from(&BAD_REQUEST);
    let mut parts = Multipart::from_request(request, app).await.map_err(|_| bad())?;
    let mut incoming =
        Incoming { xml: String::new(), form: None, edits: None, files: Vec::new(), device };
    while let Some(part) = parts.next_field().await.map_err(|error| unreadable(&error))? {
        let name = part.name().unwrap_or_default().to_owned();
        let file = part.file_name().map(str::to_owned);
        let bytes = part.bytes().await.map_err(|error| unreadable(&error))?;
        if name == "xml_submission_file" {
            if bytes.len() > super::XML_MAX {
                return Err((&TOO_LARGE).into());
            }
            incoming.xml = String::from_utf8(bytes.to_vec()).map_err(|_| bad())?;
        } else if name != "*isIncomplete*" {
            if incoming.files.len() >= FILES_MOST {
                return Err((&TOO_LARGE).into());
            }
            // Clients name the part after the file; the file's own name may be a path.
            let file = file.filter(|file| !file.is_empty()).unwrap_or_else(|| name.clone());
            let bare = file.rsplit(['/', '\\']).next().unwrap_or(&name).to_owned();
            incoming.files.push((bare, bytes.to_vec()));
        }
    }
    if incoming.xml.is_empty() {
        return Err(bad());
    }
    Ok(incoming)
}

fn unreadable(error: &kernel::axum::extract::multipart::MultipartError) -> Failure {
    let too_large = error.status() == StatusCode::PAYLOAD_TOO_LARGE;
    Failure::from(if too_large { &TOO_LARGE } else { &BAD_REQUEST })
}
