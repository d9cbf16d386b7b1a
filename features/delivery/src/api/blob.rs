//! Files by their hash, in the verified encoding, from any byte on.

use http::{HeaderValue, StatusCode, header};
use kernel::{
    app::AppRef,
    axum::{
        body::Body,
        extract::{Path, State},
        response::Response,
    },
    files::FileHash,
    problem::{NOT_FOUND, OrMissing, Outcome},
};
use sync::blob::{Outboard, encode, encoded_len};

/// `GET /v1/b/{hash}`: the bao encoding of the file; `Range: bytes=N-` goes on after a cut, and
/// `bytes=N-M` takes a piece, so that something more urgent may come between.
pub(super) async fn serve(
    State(app): State<AppRef>,
    Path(hash): Path<String>,
    headers: http::HeaderMap,
) -> Response {
    super::bare(read(&app, &hash, &headers).await)
}

async fn read(app: &AppRef, hash: &str, headers: &http::HeaderMap) -> Outcome<Response> {
    let hash = FileHash::parse(hash).or_missing(&NOT_FOUND)?;
    let content = app.files.get(hash).await?.or_missing(&NOT_FOUND)?;
    let total = encoded_len(content.len() as u64);
    let range = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    let Some((from, to)) = wanted(range, total) else {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
        return Ok(response);
    };
    let outboard = Outboard::of(&content);
    let most = usize::try_from(to - from).unwrap_or(usize::MAX);
    let mut response = Response::new(Body::from(encode(&outboard, &content, from, most)));
    if range.is_some() {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        let told = format!("bytes {from}-{}/{total}", to.saturating_sub(1));
        if let Ok(told) = HeaderValue::from_str(&told) {
            response.headers_mut().insert(header::CONTENT_RANGE, told);
        }
    }
    Ok(response)
}

/// The bytes asked for, as a half-open range; none when there are no such bytes.
fn wanted(range: Option<&str>, total: u64) -> Option<(u64, u64)> {
    let Some(range) = range else { return Some((0, total)) };
    let (from, to) = range.strip_prefix("bytes=")?.split_once('-')?;
    let from: u64 = from.parse().ok()?;
    let to =
        if to.is_empty() { total } else { to.parse::<u64>().ok()?.saturating_add(1).min(total) };
    (from < to).then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::wanted;

    #[test]
    fn ranges_that_make_no_sense_are_refused() {
        assert_eq!(wanted(None, 10), Some((0, 10)));
        assert_eq!(wanted(Some("bytes=4-"), 10), Some((4, 10)));
        assert_eq!(wanted(Some("bytes=4-6"), 10), Some((4, 7)));
        assert_eq!(wanted(Some("bytes=4-99"), 10), Some((4, 10)));
        for range in [
            "bytes=10-",
            "bytes=7-6",
            "bytes=-3",
            "items=1-2",
            "bytes=x-",
            "bytes=99999999999999999999-",
        ] {
            assert_eq!(wanted(Some(range), 10), None, "{range}");
        }
    }
}
