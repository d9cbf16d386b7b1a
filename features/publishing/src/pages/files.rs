//! `/tep/{hash}`: files by their address, whole or in part (RFC 9110 §14). What an address names
//! never changes, so browsers may keep it for ever.

use std::io::SeekFrom;

use futures_util::stream;
use kernel::{
    axum::{
        body::{Body, Bytes},
        extract::Path,
        http::{HeaderValue, StatusCode, header},
        response::{IntoResponse, Response},
    },
    files::FileHash,
    problem::{Failure, OrMissing},
    web::{Answer, Visit},
};
use tokio::io::{AsyncReadExt, AsyncSeekExt};

use crate::{
    actions::seeing,
    model::version::{FILE_NOT_HERE, NOT_FOUND},
};

/// How much of a file is in memory while it is sent.
const CHUNK_BYTES: u64 = 64 * 1024;

/// What of a file is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Whole,
    /// First byte, and one past the last.
    Range(u64, u64),
    /// Nothing of it lies within the file.
    Nowhere,
}

pub(super) async fn serve(visit: Visit, Path(hash): Path<String>) -> Answer {
    let hash = FileHash::parse(&hash).or_missing(&NOT_FOUND)?;
    let row = visit.app.db.view(async |tx| seeing::file(tx, &visit.caller, hash).await).await?;
    let etag = format!("\"{hash}\"");
    if visit.header("if-none-match").is_some_and(|known| known.contains(&etag)) {
        return Ok(with_cache(StatusCode::NOT_MODIFIED.into_response(), &etag));
    }
    let mut file = match tokio::fs::File::open(visit.app.files.path(hash)).await {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(Failure::from(&FILE_NOT_HERE));
        }
        Err(error) => return Err(error.into()),
    };
    let length = file.metadata().await?.len();
    // A range upon an older file would mix two; here an address has only one content.
    let fresh = visit.header("if-range").is_none_or(|known| known == etag);
    let asked = visit.header("range").filter(|_| fresh);
    let (from, until, status) = match part(asked, length) {
        Part::Whole => (0, length, StatusCode::OK),
        Part::Range(from, until) => (from, until, StatusCode::PARTIAL_CONTENT),
        Part::Nowhere => {
            let mut response = StatusCode::RANGE_NOT_SATISFIABLE.into_response();
            put(&mut response, header::CONTENT_RANGE, &format!("bytes */{length}"));
            return Ok(response);
        }
    };
    file.seek(SeekFrom::Start(from)).await?;
    let mut response = (status, Body::from_stream(chunks(file, until - from))).into_response();
    put(&mut response, header::CONTENT_TYPE, &row.media_type);
    put(&mut response, header::CONTENT_LENGTH, &(until - from).to_string());
    put(&mut response, header::ACCEPT_RANGES, "bytes");
    if status == StatusCode::PARTIAL_CONTENT {
        let range = format!("bytes {from}-{}/{length}", until - 1);
        put(&mut response, header::CONTENT_RANGE, &range);
    }
    Ok(with_cache(response, &etag))
}

fn with_cache(mut response: Response, etag: &str) -> Response {
    put(&mut response, header::ETAG, etag);
    put(&mut response, header::CACHE_CONTROL, "public, max-age=31536000, immutable");
    response
}

fn put(response: &mut Response, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

fn chunks(
    file: tokio::fs::File,
    left: u64,
) -> impl stream::Stream<Item = std::io::Result<Bytes>> + Send + 'static {
    stream::try_unfold((file, left), async |(mut file, left)| {
        if left == 0 {
            return Ok(None);
        }
        let mut chunk = vec![0; usize::try_from(left.min(CHUNK_BYTES)).unwrap_or(0)];
        let read = file.read(&mut chunk).await?;
        if read == 0 {
            return Ok(None);
        }
        chunk.truncate(read);
        Ok(Some((Bytes::from(chunk), (file, left - read as u64))))
    })
}

/// One range is answered; several at once, and units we do not know, get the whole file.
fn part(asked: Option<&str>, length: u64) -> Part {
    let Some(spec) = asked.and_then(|asked| asked.trim().strip_prefix("bytes=")) else {
        return Part::Whole;
    };
    let Some((first, last)) = spec.split_once('-').filter(|_| !spec.contains(',')) else {
        return Part::Whole;
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(first.trim()) || !digits(last.trim()) {
        return Part::Whole;
    }
    let number = |text: &str| text.trim().parse::<u64>().ok();
    match (number(first), number(last)) {
        (Some(from), Some(last)) if last < from => Part::Whole,
        (Some(from), _) if from >= length => Part::Nowhere,
        (Some(from), Some(last)) => Part::Range(from, last.saturating_add(1).min(length)),
        (Some(from), None) if last.trim().is_empty() => Part::Range(from, length),
        (None, Some(0)) => Part::Nowhere,
        (None, Some(_)) if length == 0 => Part::Nowhere,
        (None, Some(suffix)) => Part::Range(length.saturating_sub(suffix), length),
        _ => Part::Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_the_standard_says() {
        let cases = [
            (None, Part::Whole),
            (Some("bytes=0-0"), Part::Range(0, 1)),
            (Some("bytes=10-"), Part::Range(10, 100)),
            (Some("bytes=90-200"), Part::Range(90, 100)),
            (Some("bytes=-10"), Part::Range(90, 100)),
            (Some("bytes=-1000"), Part::Range(0, 100)),
            (Some("bytes=100-"), Part::Nowhere),
            (Some("bytes=-0"), Part::Nowhere),
            (Some("bytes=5-2"), Part::Whole),
            (Some("bytes=0-1,5-6"), Part::Whole),
            (Some("lines=1-2"), Part::Whole),
            (Some("bytes=x-y"), Part::Whole),
            (Some("bytes=-"), Part::Whole),
            (Some("bytes=99999999999999999999-"), Part::Whole),
        ];
        for (asked, expected) in cases {
            assert_eq!(part(asked, 100), expected, "{asked:?}");
        }
    }
}
