//! The spoken labels, as files that browsers may keep for ever.

use kernel::{
    axum::{
        body::Body,
        extract::Path,
        http::{HeaderValue, header},
        response::Response,
    },
    problem::OrMissing,
    web::Answer,
};

use crate::{NOT_FOUND, model::voice};

/// `/kiot/tieng/{language}/{label}.ogg`. The address that pages use carries a hash of the content.
pub(crate) async fn speak(Path((language, file)): Path<(String, String)>) -> Answer {
    let name = file.strip_suffix(".ogg").or_missing(&NOT_FOUND)?;
    let label = voice::find(&language, name).or_missing(&NOT_FOUND)?;
    let mut response = Response::new(Body::from(label.bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("audio/ogg; codecs=opus"));
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000, immutable"),
    );
    Ok(response)
}
