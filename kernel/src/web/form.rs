//! Forms: what people sent, cleaned and checked to come from our own pages.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::header,
};
use serde::{Serialize, de::DeserializeOwned};

use super::{respond::Kept, visit::Visit};
use crate::{
    app::AppRef,
    problem::{BAD_REQUEST, Failure, Outcome, Problem, STALE_FORM, TOO_LARGE},
    text,
};

/// The fields of a form: Unicode-normal, without control characters, in the order they came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Fields(BTreeMap<String, Vec<String>>);

impl Fields {
    /// One line of text; empty when the field is missing.
    pub fn line(&self, name: &str) -> String {
        text::tidy(self.raw(name))
    }

    /// Text of several lines.
    pub fn lines(&self, name: &str) -> String {
        text::tidy_lines(self.raw(name))
    }

    /// A field exactly as sent (passwords).
    pub fn raw(&self, name: &str) -> &str {
        self.0.get(name).and_then(|values| values.first()).map_or("", String::as_str)
    }

    /// Every value of a field that may be ticked several times.
    pub fn many(&self, name: &str) -> Vec<String> {
        self.0
            .get(name)
            .map_or_else(Vec::new, |values| values.iter().map(|value| text::tidy(value)).collect())
    }

    /// True when a box was ticked or a button pressed.
    pub fn has(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|values| values.iter().any(|value| !value.is_empty()))
    }

    /// A whole number, written plainly or with dots (`1.250`).
    pub fn number(&self, name: &str) -> Option<i64> {
        let plain: String = self.line(name).chars().filter(|c| *c != '.' && *c != ' ').collect();
        plain.parse().ok()
    }

    /// All fields, for keeping what was typed.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().flat_map(|(name, values)| {
            values.iter().map(move |value| (name.as_str(), value.as_str()))
        })
    }

    /// From pairs, as tests and kept forms give them.
    pub fn from_pairs<N: Into<String>, V: Into<String>>(
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let mut fields = Self::default();
        for (name, value) in pairs {
            fields.push(name.into(), value.into());
        }
        fields
    }

    fn push(&mut self, name: String, value: String) {
        self.0.entry(name).or_default().push(value);
    }
}

/// A form that was posted from one of our own pages. There is no other way to its fields.
pub struct Posted {
    /// What was sent.
    pub fields: Fields,
}

impl FromRequest<AppRef> for Posted {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &AppRef) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let visit = Visit::of(&mut parts, app).await?;
        let request = Request::from_parts(parts, body);
        let body =
            Bytes::from_request(request, app).await.map_err(|_| Failure::from(&TOO_LARGE))?;
        let pairs: Vec<(String, String)> =
            serde_urlencoded::from_bytes(&body).map_err(|_| Failure::from(&BAD_REQUEST))?;
        let fields = Fields::from_pairs(pairs);
        check(&visit, &fields)?;
        Ok(Self { fields })
    }
}

/// What one of our own pages sent: its form, or JSON by its script. The script gives the form token of the page
/// in the header `x-csrf`.
pub enum Sent<T> {
    /// A form.
    Form(Fields),
    /// JSON.
    Json(T),
}

impl<T: DeserializeOwned> FromRequest<AppRef> for Sent<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &AppRef) -> Result<Self, Failure> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        if !kind.is_some_and(|kind| kind.starts_with("application/json")) {
            return Ok(Self::Form(Posted::from_request(request, app).await?.fields));
        }
        let (mut parts, body) = request.into_parts();
        let visit = Visit::of(&mut parts, app).await?;
        check_token(&visit, visit.header("x-csrf").unwrap_or_default())?;
        let request = Request::from_parts(parts, body);
        let body =
            Bytes::from_request(request, app).await.map_err(|_| Failure::from(&TOO_LARGE))?;
        let value = serde_json::from_slice(&body).map_err(|_| Failure::from(&BAD_REQUEST))?;
        Ok(Self::Json(value))
    }
}

/// A file that came with a form, held in memory up to the route's body limit.
#[derive(Clone, Debug)]
pub struct Upload {
    /// The form field.
    pub field: String,
    /// The name it had on the sender's machine; only ever shown, never used as a path.
    pub file_name: String,
    /// Its content.
    pub bytes: Bytes,
}

/// A form with files, posted from one of our own pages.
pub struct Multipart {
    /// The plain fields.
    pub fields: Fields,
    /// The files that were really chosen.
    pub uploads: Vec<Upload>,
}

impl FromRequest<AppRef> for Multipart {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &AppRef) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let visit = Visit::of(&mut parts, app).await?;
        let request = Request::from_parts(parts, body);
        let mut parts = axum::extract::Multipart::from_request(request, app)
            .await
            .map_err(|_| Failure::from(&BAD_REQUEST))?;
        let mut form = Self { fields: Fields::default(), uploads: Vec::new() };
        while let Some(part) = parts.next_field().await.map_err(|error| unreadable(&error))? {
            let name = part.name().unwrap_or_default().to_owned();
            let file_name = part.file_name().map(text::tidy);
            let bytes = part.bytes().await.map_err(|error| unreadable(&error))?;
            match file_name {
                Some(file_name) if !file_name.is_empty() || !bytes.is_empty() => {
                    form.uploads.push(Upload { field: name, file_name, bytes });
                }
                Some(_) => {}
                None => form.fields.push(name, String::from_utf8_lossy(&bytes).into_owned()),
            }
        }
        check(&visit, &form.fields)?;
        Ok(form)
    }
}

fn unreadable(error: &axum::extract::multipart::MultipartError) -> Failure {
    let kind = if error.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
        &TOO_LARGE
    } else {
        &BAD_REQUEST
    };
    Problem::of(kind).into()
}

/// Refuses a form that another site sent, and keeps what was typed in case the sender must sign in. What the
/// browser says another site sent was typed by nobody here: to offer it for sending would be to send it for them.
fn check(visit: &Visit, fields: &Fields) -> Outcome<()> {
    if !is_cross_site(visit) {
        visit.kept().keep(&visit.path, fields);
    }
    check_token(visit, fields.raw("csrf"))
}

/// Refuses what another site sent.
fn check_token(visit: &Visit, token: &str) -> Outcome<()> {
    let foreign = visit.header(header::ORIGIN.as_str()).is_some_and(|origin| {
        let host = visit.header(header::HOST.as_str()).unwrap_or_default();
        origin.split_once("://").map_or(origin, |(_, host)| host) != host
    });
    if foreign || is_cross_site(visit) || !visit.csrf_is_ours(token) {
        return Err(Problem::of(&STALE_FORM).into());
    }
    Ok(())
}

fn is_cross_site(visit: &Visit) -> bool {
    visit.header("sec-fetch-site").is_some_and(|site| site == "cross-site")
}

/// Fields shared between the extractor that read them and the layer that may have to show them again.
pub(super) type KeptFields = Arc<std::sync::Mutex<Option<(String, Fields)>>>;

impl Kept {
    pub(super) fn keep(&self, path: &str, fields: &Fields) {
        if let Ok(mut slot) = self.0.lock() {
            *slot = Some((path.to_owned(), fields.clone()));
        }
    }
}
