//! What ODK Collect reads from a QR code to know its server: settings in JSON, packed with zlib and written in
//! base64 (docs.getodk.org, *Making your own QR code*), and the address in them. Pure.

use std::io::Write;

use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::{Compression, write::ZlibEncoder};
use qrcode::{EcLevel, QrCode, render::svg};
use serde_json::json;

/// The number of the one project, as addresses name it.
pub const PROJECT: &str = "1";

/// An address of ours as others reach it: by the host that they asked for, when it is one.
pub fn address(host: Option<&str>, https: bool, path: &str) -> String {
    let plain =
        |host: &&str| host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b));
    let host = host.filter(plain).unwrap_or("localhost");
    let scheme = if https { "https" } else { "http" };
    format!("{scheme}://{host}{path}")
}

/// The path of the one project for a phone with a key.
pub fn key_path(key: &str) -> String {
    format!("/v1/key/{key}/projects/{PROJECT}")
}

/// Settings for one project: Collect has exactly the forms that the server lists, and sends on any network.
pub fn settings(server_url: &str, project: &str) -> String {
    json!({
        "general": {
            "server_url": server_url,
            "form_update_mode": "match_exactly",
            "autosend": "wifi_and_cellular",
        },
        "admin": {},
        "project": { "name": project },
    })
    .to_string()
}

/// What the QR code holds.
fn packed(settings: &str) -> std::io::Result<String> {
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::best());
    packer.write_all(settings.as_bytes())?;
    Ok(STANDARD.encode(packer.finish()?))
}

/// The QR code as SVG; none when the settings are longer than one can hold.
pub fn picture(settings: &str) -> Option<String> {
    let text = packed(settings).ok()?;
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    let drawn = code.render::<svg::Color<'_>>().min_dimensions(280, 280).quiet_zone(true).build();
    drawn.find("<svg").map(|at| drawn[at..].to_owned())
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn a_phone_unpacks_what_was_packed() {
        let url = "https://nhipcau.example/v1/key/0123456789abcdef/projects/1";
        let text = packed(&settings(url, "Nhịp Cầu – xã Phủ Thông")).expect("packed");
        let bytes = STANDARD.decode(text).expect("base64");
        let mut json = String::new();
        flate2::read::ZlibDecoder::new(&bytes[..]).read_to_string(&mut json).expect("zlib");
        let told: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(told["general"]["server_url"], url);
        assert_eq!(told["general"]["form_update_mode"], "match_exactly");
        assert_eq!(told["project"]["name"], "Nhịp Cầu – xã Phủ Thông");
        assert!(told["admin"].is_object(), "Collect wants it");
    }

    #[test]
    fn the_picture_is_drawn_and_what_is_too_long_is_not() {
        let drawn = picture(&settings("https://nhipcau.example", "Nhịp Cầu")).expect("a picture");
        assert!(drawn.starts_with("<svg") && !drawn.contains("style="), "{drawn}");
        // Hashes do not pack.
        let long: String =
            (0..200_u32).map(|at| blake3::hash(&at.to_be_bytes()).to_hex().to_string()).collect();
        assert_eq!(picture(&long), None);
    }
}
