//! Files that the program makes when they are asked for: tables, pictures, exports. Browsers and programs
//! keep them and ask again by ETag; uploads and other stored files are not here.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{respond::Answer, visit::Visit};
use crate::problem::Failure;

/// A whole file, made just now.
pub struct Made {
    /// Its media type, with the charset for text.
    pub kind: &'static str,
    /// The name it is saved under, ASCII; without one the browser shows it.
    pub name: Option<String>,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Made {
    /// The entity tag: it changes with the content and with nothing else.
    pub fn etag(&self) -> String {
        format!("\"{}\"", &blake3::hash(&self.bytes).to_hex()[..20])
    }
}

impl Visit {
    /// Answers with a file, or with 304 when the asker has the same one (RFC 9110 §13.1.2).
    pub fn made(&self, file: Made) -> Answer {
        let etag = file.etag();
        let known =
            self.header(header::IF_NONE_MATCH.as_str()).is_some_and(|list| names(list, &etag));
        let unfit = |error: header::InvalidHeaderValue| Failure::fault("name a file", error);
        let mut response = if known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            Response::new(Body::from(file.bytes))
        };
        let headers = response.headers_mut();
        headers.insert(header::ETAG, HeaderValue::from_str(&etag).map_err(unfit)?);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        if known {
            return Ok(response);
        }
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.kind));
        if let Some(name) = file.name {
            let told = format!("attachment; filename=\"{name}\"");
            headers
                .insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&told).map_err(unfit)?);
        }
        Ok(response)
    }
}

/// True when the list of an `If-None-Match` names the tag, weak or strong, or is `*`.
fn names(list: &str, etag: &str) -> bool {
    let mut tags = list.split(',').map(str::trim);
    tags.any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_known_alone_in_a_list_weak_or_as_a_star() {
        let file = Made { kind: "text/plain", name: None, bytes: b"x".to_vec() };
        let etag = file.etag();
        assert!(names(&etag, &etag) && names("*", &etag));
        assert!(names(&format!("\"a\", W/{etag}"), &etag));
        assert!(!names("\"a\"", &etag) && !names("", &etag));
    }
}
