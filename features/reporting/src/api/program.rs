//! One request of a program: who it speaks for, what it asks, and how it is answered.

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use kernel::{
    app::AppRef,
    axum::{
        Json,
        extract::FromRequestParts,
        http::{HeaderValue, StatusCode, header, request::Parts},
        response::{IntoResponse, Response},
    },
    caller::Caller,
    problem::{FORBIDDEN, Failure, INVALID_FORM, Outcome, Problem, SIGN_IN_NEEDED, STALE_FORM},
    web::Visit,
};
use serde_json::{Value, json};

use crate::actions::exchange::{Exchange, import::problem_in_words};

/// How long a program that signed in is known by its name and password alone: a thousand requests cost one
/// slow hash. The session behind it still ends when it is ended, or the account is suspended.
const KNOWN_MS: i64 = 10 * 60_000;
/// Most programs that are known so.
const KNOWN_MOST: usize = 500;
/// Longest `Authorization` that is looked at.
const BASIC_BYTES_MAX: usize = 1_000;

/// A request of a program.
pub(super) struct Program {
    pub visit: Visit,
    pub caller: Caller,
    /// What stands after `?`, in order.
    pub query: Vec<(String, String)>,
    /// What the address ends in: `json`, `csv`, `xml`, `adx`, `geojson`; none when it says nothing.
    pub suffix: Option<String>,
    /// True when it came with a session of our own pages, and so must prove that it comes from them.
    by_cookie: bool,
}

impl FromRequestParts<AppRef> for Program {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &AppRef) -> Result<Self, Response> {
        let visit =
            Visit::from_request_parts(parts, app).await.map_err(IntoResponse::into_response)?;
        let (path, query) = visit.path.split_once('?').unwrap_or((&visit.path, ""));
        let query = serde_urlencoded::from_str(query).unwrap_or_default();
        let last = path.rsplit('/').next().unwrap_or_default();
        let suffix = last.rsplit_once('.').map(|(_, suffix)| suffix.to_owned());
        let mut it = Self { caller: visit.caller.clone(), by_cookie: true, query, suffix, visit };
        if !version_is_number(it.visit.path.as_str()) {
            return Err(Failure::from(&kernel::problem::NOT_FOUND).into_response());
        }
        if let Some(basic) = it.visit.header(header::AUTHORIZATION.as_str()).map(str::to_owned) {
            it.by_cookie = false;
            it.caller = match signed_in(&it.visit, &basic).await {
                Ok(caller) => caller,
                Err(failure) => return Err(it.refuse(failure)),
            };
        }
        if it.caller.who().is_none() && !it.visit.path.starts_with("/sdmx/") {
            return Err(it.refuse(Problem::of(&SIGN_IN_NEEDED).into()));
        }
        Ok(it)
    }
}

/// DHIS2's addresses may name a version after `/api/`; other words there belong to others.
fn version_is_number(path: &str) -> bool {
    let Some(rest) = path.strip_prefix("/api/") else { return true };
    let bare = rest.split('?').next().unwrap_or_default();
    let first = bare.split('/').next().unwrap_or_default();
    let second_word_is_ours = super::dhis2::is_path(bare);
    second_word_is_ours
        || (!first.is_empty() && first.len() <= 3 && first.bytes().all(|b| b.is_ascii_digit()))
}

/// The person behind a name and a password.
pub(super) async fn signed_in(visit: &Visit, authorization: &str) -> Outcome<Caller> {
    let refused = || Failure::from(Problem::of(&SIGN_IN_NEEDED));
    let encoded = authorization
        .split_once(' ')
        .filter(|(kind, rest)| kind.eq_ignore_ascii_case("basic") && rest.len() <= BASIC_BYTES_MAX)
        .map(|(_, rest)| rest.trim());
    let pair = encoded
        .and_then(|text| BASIC.decode(text).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let (name, password) =
        pair.as_deref().and_then(|pair| pair.split_once(':')).ok_or_else(refused)?;
    let app = &visit.app;
    let secret = app.secret("nhipcau 2026 programs that signed in");
    let key = *blake3::keyed_hash(&secret, format!("{name}\0{password}").as_bytes()).as_bytes();
    let kept = app.port::<Exchange>();
    let now = app.now();
    let known = kept.and_then(|kept| kept.sessions.lock().ok()?.get(&key).cloned());
    if let Some((at, token)) = known
        && (0..KNOWN_MS).contains(&now.since(at))
        && let Some(caller) = (app.resolve_caller)(app, &token).await?
    {
        return Ok(caller);
    }
    let attempt = identity::actions::Attempt {
        username: name,
        password,
        device: None,
        old_session: None,
        address: &visit.address,
        user_agent: visit.header(header::USER_AGENT.as_str()).unwrap_or_default(),
    };
    let signed = identity::actions::sign_in(app, &attempt).await.map_err(|failure| {
        // Too many tries and a full queue are told as they are; a wrong name or password is nobody.
        if failure.is(&INVALID_FORM) { refused() } else { failure }
    })?;
    if let Some(mut sessions) = kept.and_then(|kept| kept.sessions.lock().ok()) {
        sessions.retain(|_, (at, _)| (0..KNOWN_MS).contains(&now.since(*at)));
        if sessions.len() >= KNOWN_MOST {
            sessions.clear();
        }
        sessions.insert(key, (now, signed.token.clone()));
    }
    Ok(signed.caller)
}

/// Base64 of a name and password (RFC 7617): some programs leave the padding out.
const BASIC: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl Program {
    /// The first value of a parameter.
    pub fn ask(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Every value of a parameter, also those that stand together with commas or semicolons between them.
    pub fn all(&self, names: &[&str]) -> Vec<String> {
        let found = self.query.iter().filter(|(known, _)| names.contains(&known.as_str()));
        let parts = found.flat_map(|(_, value)| value.split([',', ';']));
        parts.map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }

    /// A truth, in any case: some programs send `True`.
    pub fn is(&self, name: &str) -> Option<bool> {
        let value = self.ask(name)?.to_ascii_lowercase();
        match value.as_str() {
            "true" | "yes" | "1" => Some(true),
            "false" | "no" | "0" => Some(false),
            _ => None,
        }
    }

    /// The format that is asked for: what the address ends in, else what is accepted.
    pub fn format(&self) -> &'static str {
        let asked = self.suffix.as_deref().unwrap_or_default();
        if let Some(known) =
            ["json", "csv", "xml", "adx", "geojson"].into_iter().find(|known| *known == asked)
        {
            return known;
        }
        let accepted = self.visit.header("accept").unwrap_or_default();
        let kinds =
            accepted.split(',').map(|kind| kind.split(';').next().unwrap_or_default().trim());
        for kind in kinds {
            match kind {
                "application/adx+xml" => return "adx",
                "application/xml" | "text/xml" => return "xml",
                "application/csv" | "text/csv" => return "csv",
                "application/json" | "*/*" => return "json",
                _ => {}
            }
        }
        "json"
    }

    /// Refuses a request that another site could have made a browser send.
    pub fn must_be_meant(&self) -> Outcome<()> {
        if !self.by_cookie {
            return Ok(());
        }
        let session = self.visit.session.as_deref().unwrap_or_default();
        let key = self.visit.app.secret("nhipcau 2026 form tokens");
        let ours = kernel::blake3_keyed_hex(&key, session.as_bytes());
        let sent = self.visit.header("x-csrf").unwrap_or_default();
        // Hashes of the two are compared, in constant time.
        if blake3::hash(ours.as_bytes()) == blake3::hash(sent.as_bytes()) {
            return Ok(());
        }
        Err(Problem::of(&STALE_FORM).into())
    }

    /// Words in the language of the account's reader.
    pub fn say(&self, key: &str, args: &[(&str, String)]) -> String {
        self.visit.say(key, args)
    }

    /// A problem in one line of words.
    pub fn words_of(&self, problem: &Problem) -> String {
        problem_in_words(problem, &self.visit.app.words, self.visit.lang())
    }

    /// An answer, or a refusal as DHIS2 words it.
    pub fn answer(&self, done: Outcome<Response>) -> Response {
        done.unwrap_or_else(|failure| self.refuse(failure))
    }

    /// A refusal as DHIS2 words it (`WebMessage`).
    pub fn refuse(&self, failure: Failure) -> Response {
        let Failure::Problem(problem) = failure else { return failure.into_response() };
        // DHIS2 knows no 422: what cannot be done is a conflict.
        let status = match problem.kind.status {
            422 => 409,
            other => other,
        };
        let words = self.words_of(&problem);
        let code = if problem.kind == &FORBIDDEN { "E1006" } else { "E1000" };
        let body = web_message(status, "ERROR", &words, code, None);
        let mut response = told(status, &body);
        if status == 401 {
            let ask = HeaderValue::from_static("Basic realm=\"Nhip Cau\", charset=\"UTF-8\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, ask);
        }
        response
    }
}

/// DHIS2's envelope.
pub(super) fn web_message(
    status: u16,
    word: &str,
    message: &str,
    code: &str,
    response: Option<Value>,
) -> Value {
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let mut body = json!({
        "httpStatus": reason.unwrap_or("Error"),
        "httpStatusCode": status,
        "status": word,
        "message": message,
    });
    if word == "ERROR" && !code.is_empty() {
        body["errorCode"] = json!(code);
    }
    if let Some(response) = response {
        body["response"] = response;
    }
    body
}

/// JSON with a status.
pub(super) fn told(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Json(body)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Text of a kind.
pub(super) fn text(kind: &'static str, body: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, body).into_response()
}

#[cfg(test)]
mod tests {
    use super::{BASIC, Engine as _};

    #[test]
    fn base64_is_read_with_and_without_padding() {
        for (text, plain) in [
            ("", ""),
            ("Zg==", "f"),
            ("Zg", "f"),
            ("Zm8=", "fo"),
            ("Zm9v", "foo"),
            ("bWFpOm3huq10", "mai:mật"),
        ] {
            assert_eq!(BASIC.decode(text).ok().as_deref(), Some(plain.as_bytes()), "{text}");
        }
        for wrong in ["Z", "Z*", "Zg==Zg", "Zm 9v"] {
            assert_eq!(BASIC.decode(wrong).ok(), None, "{wrong}");
        }
    }
}
