//! Answers: a page, JSON, a redirect, or a problem that a layer turns into words.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::form::KeptFields;
use crate::{
    locale::Lang,
    locale::Words,
    problem::{Failure, INTERNAL, Problem, ProblemKind},
};

/// What a handler gives back.
pub type Answer = Result<Response, Failure>;

/// What was typed into the form of this request, if any.
#[derive(Clone, Default)]
pub struct Kept(pub(super) KeptFields);

/// A problem on its way out; the layer gives it words in the visitor's language.
#[derive(Clone, Debug)]
pub(super) struct Told(pub(super) Problem);

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let problem = match self {
            Failure::Problem(problem) => *problem,
            Failure::Fault(fault) => {
                tracing::error!("failed to {fault}");
                metrics::counter!("nhipcau_faults_total").increment(1);
                Problem::of(&INTERNAL)
            }
        };
        let status =
            StatusCode::from_u16(problem.kind.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        response.extensions_mut().insert(Told(problem));
        response
    }
}

/// A redirect after a POST (303).
pub fn see_other(to: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    // Only our own paths: `//evil.example` and line breaks are not.
    let safe = to.starts_with('/')
        && !to.starts_with("//")
        && !to.contains('\\')
        && !to.contains(char::is_control);
    let target = HeaderValue::from_str(if safe { to } else { "/" });
    response
        .headers_mut()
        .insert(header::LOCATION, target.unwrap_or(HeaderValue::from_static("/")));
    response
}

/// JSON for an API. Written into one piece of memory: an answer may have forty thousand rows.
pub fn json<T: Serialize>(value: &T) -> Answer {
    let body = serde_json::to_vec(value).map_err(|error| Failure::fault("write JSON", error))?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body)
        .into_response())
}

/// The key of what to do next. Words that promise what was typed have a second form (`.next-bare`) for answers
/// that hold nothing of it.
pub(super) fn next_key(kind: &ProblemKind, words: &Words, lang: Lang, is_kept: bool) -> String {
    let bare = format!("problem-{}.next-bare", kind.code);
    if !is_kept && words.knows(lang, &bare) {
        return bare;
    }
    format!("problem-{}.next", kind.code)
}

/// A problem as `application/problem+json` (RFC 9457).
pub fn problem_json(problem: &Problem, words: &Words, lang: Lang) -> Response {
    let key = format!("problem-{}", problem.kind.code);
    let next = next_key(problem.kind, words, lang, false);
    let fields: Vec<_> = problem
        .fields
        .iter()
        .map(|at| serde_json::json!({ "field": at.field, "text": words.say(lang, at.key, &at.args) }))
        .collect();
    let body = serde_json::json!({
        "type": format!("urn:nhipcau:problem:{}", problem.kind.code),
        "title": words.say(lang, &key, &problem.args),
        "detail": words.say(lang, &next, &problem.args),
        "status": problem.kind.status,
        "errors": fields,
    });
    let status =
        StatusCode::from_u16(problem.kind.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, body.to_string()).into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::{SIGN_IN_NEEDED, STALE_FORM, TOO_LARGE};

    #[test]
    fn what_was_typed_is_promised_only_where_it_is_held() {
        let words = Words::load(crate::module().locales).expect("the kernel's words load");
        for kind in [&SIGN_IN_NEEDED, &STALE_FORM] {
            for (lang, promise) in [(Lang::Vi, "giữ ở bên dưới"), (Lang::En, "kept below")]
            {
                let next = |is_kept| words.say(lang, &next_key(kind, &words, lang, is_kept), &[]);
                assert!(
                    next(true).contains(promise) && !next(false).contains(promise),
                    "{}",
                    kind.code
                );
            }
        }
        assert_eq!(next_key(&TOO_LARGE, &words, Lang::Vi, false), "problem-too-large.next");
    }
}
