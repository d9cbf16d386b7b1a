//! Approved reports to other systems by HTTPS: one POST each, signed in with a token or a password from a file,
//! under a name by which the other side can tell a second try (`Idempotency-Key`).

use std::{collections::BTreeMap, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::{clock::Day, scope::ScopePath};
use reporting::{Carried, Carry, Format, Names, Outlet, Parcel, Reply};

use super::{
    road::{Answer, Reach, Road, Sending},
    secret_in,
};
use crate::config::{OutletFormat, OutletSettings};

/// How to reach one system.
struct Door {
    url: String,
    authorization: Option<String>,
    dhis2: bool,
}

/// The way to all of them.
pub struct Doors {
    all: BTreeMap<String, Door>,
    road: Road,
}

/// The systems that the operator named.
///
/// # Errors
/// What cannot be right, with the name of the system.
pub fn outlets(settings: &[OutletSettings], data: &Path) -> Result<(Vec<Outlet>, Doors), String> {
    let mut doors = BTreeMap::new();
    let mut all = Vec::new();
    for one in settings {
        let wrong = |why: String| format!("outlet {:?}: {why}", one.name);
        if !kernel::ids::is_well_formed(&one.name) || doors.contains_key(&one.name) {
            return Err(wrong("its name must be short, plain and its own".to_owned()));
        }
        let door = door(one, data).map_err(wrong)?;
        doors.insert(one.name.clone(), door);
        all.push(outlet(one).map_err(wrong)?);
    }
    Ok((all, Doors { all: doors, road: Road::new(Reach::Operator)? }))
}

fn outlet(one: &OutletSettings) -> Result<Outlet, String> {
    let names = &one.names;
    Ok(Outlet {
        name: one.name.clone(),
        datasets: one.datasets.clone(),
        scope: ScopePath::parse(&one.scope).ok_or("scope is no path of an area")?,
        since: Day::parse(&one.from).ok_or("from is no day (YYYY-MM-DD)")?,
        format: match one.format {
            OutletFormat::Nhipcau => Format::Own,
            OutletFormat::Dhis2 => Format::Dxf,
            OutletFormat::Adx => Format::Adx,
        },
        dry_run: one.dry_run,
        names: Names {
            datasets: names.datasets.clone(),
            units: names.units.clone(),
            elements: names.elements.clone(),
            combos: names.coordinates.clone(),
        },
    })
}

fn door(one: &OutletSettings, data: &Path) -> Result<Door, String> {
    let uri: http::Uri = one.url.parse().map_err(|_| "url is no address".to_owned())?;
    let host = uri.host().ok_or("url names no host")?;
    let local = ["localhost", "127.0.0.1", "[::1]"].contains(&host);
    match uri.scheme_str() {
        Some("https") => {}
        Some("http") if local => {}
        _ => return Err("url must be https".to_owned()),
    }
    let authorization = match (&one.bearer_file, &one.password_file) {
        (Some(path), None) => Some(format!("Bearer {}", secret_in(data, path)?)),
        (None, Some(path)) if !one.user.is_empty() && !one.user.contains(':') => {
            Some(basic(&one.user, &secret_in(data, path)?))
        }
        (None, None) => None,
        _ => return Err("name bearer_file, or user and password_file".to_owned()),
    };
    if authorization.as_ref().is_some_and(|one| http::HeaderValue::try_from(one).is_err()) {
        return Err("the secret holds what no header can".to_owned());
    }
    let dhis2 = one.format == OutletFormat::Dhis2;
    Ok(Door { url: one.url.clone(), authorization, dhis2 })
}

/// Basic (RFC 7617).
fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

impl Doors {
    async fn bring(&self, parcel: &Parcel) -> Reply {
        let Some(door) = self.all.get(&parcel.outlet) else {
            return Reply::Later {
                why: "hệ thống này không còn được khai".to_owned(), down: true
            };
        };
        let mut headers = vec![
            ("content-type", parcel.kind.to_owned()),
            ("accept", "application/json, */*;q=0.1".to_owned()),
            ("idempotency-key", format!("\"{}\"", parcel.key)),
        ];
        headers.extend(door.authorization.clone().map(|one| ("authorization", one)));
        let sending = Sending { url: &door.url, headers, body: parcel.body.clone() };
        match self.road.post(sending).await {
            Err(why) => Reply::Later { why, down: true },
            Ok(answer) => said(&answer, door.dhis2),
        }
    }
}

/// What an answer means. Who may not come in is no fault of the report: a person mends the settings and it goes on.
fn said(answer: &Answer, dhis2: bool) -> Reply {
    let words = format!("HTTP {} {}", answer.status, answer.text);
    // Some versions of DHIS2 refuse with a 200 that says so.
    let refused = dhis2 && {
        let told: serde_json::Value = serde_json::from_str(&answer.text).unwrap_or_default();
        let status = told["status"].as_str().or_else(|| told["response"]["status"].as_str());
        status == Some("ERROR")
    };
    match answer.status {
        200..=299 if refused => Reply::Never(words),
        200..=299 => Reply::Taken(words),
        401 | 403 | 407 | 503 => Reply::Later { why: words, down: true },
        408 | 425 | 429 | 500..=599 => Reply::Later { why: words, down: false },
        _ => Reply::Never(words),
    }
}

impl Carry<Parcel> for Doors {
    fn carry<'a>(&'a self, what: &'a Parcel) -> Carried<'a> {
        Box::pin(self.bring(what))
    }
}

#[cfg(test)]
mod tests {
    use super::basic;

    #[test]
    fn the_example_of_the_standard_comes_out() {
        // RFC 7617, section 2.
        assert_eq!(basic("Aladdin", "open sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    }
}
