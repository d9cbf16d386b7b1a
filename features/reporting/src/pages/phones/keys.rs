//! Keys of one's own phones: made and shown once as a QR code that ODK Collect reads, and taken back.

use kernel::{
    axum::{extract::Path, http::header},
    clock::Timestamp,
    minijinja::Value,
    problem::Outcome,
    web::{Answer, Posted, Sample, Template, Visit},
};
use serde::Serialize;

use super::{HERE, PHONES, Phones};
use crate::{
    actions::openrosa::keys,
    model::collect::{address, key_path, picture, settings},
};

/// A key that was just made.
const MADE: Template<Made> = Template::new("reporting/phone_key.html");

/// A key that holds.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct KeyLine {
    id: String,
    name: String,
    made: String,
    until: String,
    /// Empty while it was never used.
    used: String,
}

/// What is shown once.
#[derive(Clone, Debug, Default, Serialize)]
struct Made {
    name: String,
    until: String,
    /// The QR code; empty when the address is too long for one.
    picture: Value,
    /// To be typed where the camera cannot be used.
    address: String,
    /// True where the address is reached without TLS: Collect asks for it.
    plain: bool,
}

/// One's own keys.
pub(super) async fn own(visit: &Visit) -> Outcome<Vec<KeyLine>> {
    let all = keys::own(&visit.app, &visit.caller).await?;
    let lines = all.into_iter().map(|one| KeyLine {
        id: one.id.to_string(),
        name: one.name,
        made: one.made_at.day().short(),
        until: one.until.day().short(),
        used: one.used_at.map(Timestamp::short).unwrap_or_default(),
    });
    Ok(lines.collect())
}

/// `POST /bao-cao/tu-dien-thoai/ma`
pub(super) async fn make(visit: Visit, Posted { fields }: Posted) -> Answer {
    let name = fields.line("ten");
    match keys::make(&visit.app, &visit.caller, &name).await {
        Ok(made) => {
            let host = visit.header(header::HOST.as_str());
            let address = address(host, visit.app.https, &key_path(&made.secret));
            let drawn = picture(&settings(&address, &visit.app.site.title));
            let made = Made {
                name: made.key.name,
                until: made.key.until.day().short(),
                picture: drawn.map_or_else(|| Value::from(""), Value::from_safe_string),
                address,
                plain: !visit.app.https,
            };
            visit.page(&MADE, &made)
        }
        Err(failure) => {
            let page = super::view(&visit).await?;
            visit.form_again(failure, &PHONES, |errors| Phones { name, errors, ..page })
        }
    }
}

/// `POST /bao-cao/tu-dien-thoai/ma/{key}/thu-hoi`
pub(super) async fn end(visit: Visit, Path(key): Path<String>, _: Posted) -> Answer {
    keys::end(&visit.app, &visit.caller, &key).await?;
    visit.done(HERE, "reporting-phone-key-ended")
}

/// Keys with what they must survive.
pub(super) fn sample_lines(hostile: &str) -> Vec<KeyLine> {
    let used = KeyLine {
        id: "00000000000000000000000001".to_owned(),
        name: hostile.to_owned(),
        made: "22/11/2026".to_owned(),
        until: "22/11/2027".to_owned(),
        used: "10:00 22/11/2026".to_owned(),
    };
    vec![KeyLine { used: String::new(), ..used.clone() }, used]
}

/// The page that is shown once, with what it must survive.
pub(super) fn samples(hostile: &str) -> Vec<Sample> {
    let address = "https://nhipcau.example/v1/key/0123456789abcdef/projects/1".to_owned();
    let drawn = picture(&settings(&address, "Nhịp Cầu")).unwrap_or_default();
    let made = Made {
        name: hostile.to_owned(),
        until: "22/11/2027".to_owned(),
        picture: Value::from_safe_string(drawn),
        address,
        plain: false,
    };
    let without = Made { picture: Value::from(""), plain: true, ..made.clone() };
    vec![MADE.sample(&made), MADE.sample(&without)]
}
