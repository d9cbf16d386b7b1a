//! Bodies too large, files that are not what they say, and texts that must survive.

use kernel::axum::{
    body::Body,
    http::{Method, Request, header},
};
use testkit::{Kit, KitBuilder, Page, TestEngine};
use tower::ServiceExt;

use super::{EDITOR, OFFICER, first_words, is_calm, ready};
use testkit::html;

use crate::town;

#[test]
fn a_body_declared_far_too_large_is_refused_before_it_is_read() {
    testkit::run(async {
        let (kit, names) = ready(KitBuilder::on(TestEngine::Sqlite)).await;
        let sound = format!("/bien-tap/{}/am-thanh", names["draft"]);
        for (path, kind) in [
            (sound.as_str(), "multipart/form-data; boundary=x"),
            ("/dang-nhap", "application/x-www-form-urlencoded"),
            ("/bien-tap/moi", "application/x-www-form-urlencoded"),
        ] {
            // The body would never end: whoever reads it hangs, and the test with it.
            let endless = Body::from_stream(futures_util::stream::pending::<
                std::io::Result<hyper::body::Bytes>,
            >());
            let request = Request::builder()
                .method(Method::POST)
                .uri(path)
                .header(header::HOST, "test")
                .header(header::COOKIE, "phien=editor%7Ceditor%7C%2Fvn%2F")
                .header(header::CONTENT_TYPE, kind)
                .header(header::CONTENT_LENGTH, "2147483648")
                .body(endless)
                .expect("a request");
            let answer = kit.site().oneshot(request);
            let answer = tokio::time::timeout(std::time::Duration::from_secs(5), answer).await;
            let response = answer.expect("it is answered at once").expect("an answer");
            assert_eq!(response.status().as_u16(), 413, "{path}");
            let page = kernel::axum::body::to_bytes(response.into_body(), 1 << 20).await;
            let page = String::from_utf8(page.expect("a page").to_vec()).expect("text");
            assert!(page.contains("256 MB"), "the limit is named: {}", first_words(&page));
        }
        let body = testkit::form(&[("csrf", &kit.csrf(EDITOR)), ("title", &"x".repeat(6 << 20))]);
        let kind = Some("application/x-www-form-urlencoded");
        let page = kit.send(EDITOR, Method::POST, "/bien-tap/moi", kind, Body::from(body)).await;
        assert_eq!(page.status, 413, "{}", first_words(&page.text));
    });
}

/// A form with one file.
async fn upload(kit: &Kit, path: &str, fields: &[(&str, &str)], file: (&str, &str, &[u8])) -> Page {
    let (field, name, bytes) = file;
    let csrf = kit.csrf(EDITOR);
    let mut body = Vec::new();
    for (name, value) in [("csrf", csrf.as_str())].iter().chain(fields) {
        body.extend(
            format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                .bytes(),
        );
    }
    let head = format!(
        "--x\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\r\n"
    );
    body.extend(head.bytes());
    body.extend(bytes);
    body.extend(b"\r\n--x--\r\n");
    kit.send(EDITOR, Method::POST, path, Some("multipart/form-data; boundary=x"), Body::from(body))
        .await
}

#[test]
fn sound_that_is_no_sound_and_pictures_that_are_bombs_are_refused_in_words() {
    testkit::run(async {
        let (kit, names) = ready(KitBuilder::on(TestEngine::Sqlite)).await;
        let desk = format!("/bien-tap/{}", names["draft"]);
        let fields = [("sound_language", "vi"), ("voice", "Bà Liên")];
        let not_sound: [(&str, &[u8]); 7] = [
            ("thuyet-minh.mp3", b"<html><script>alert(1)</script></html>"),
            ("a.ogg", b"OggS\0\x02\0\0\0\0\0\0\0\0\xff\xff\xff\xff\0\0\0\0\0\0\0\0\xff"),
            ("a.wav", b"RIFF\x30\0\0\0WAVEfmt \x10\0\0\0\x99\x99\x01\0\x80\xbb\0\0\0\0\0\0\0\0\0\0data\x04\0\0\0abcd"),
            ("a.m4a", b"\0\0\0\x20ftypM4A \0\0\0\0M4A mp42isom\0\0\0\0"),
            ("../../etc/passwd", b"root:x:0:0"),
            ("rong.mp3", b""),
            ("a.flac", b"fLaC\0\0\0\x22\xff\xff\xff\xff\xff\xff\xff\xff"),
        ];
        for (name, bytes) in not_sound {
            let page =
                upload(&kit, &format!("{desk}/am-thanh"), &fields, ("sound", name, bytes)).await;
            is_calm(&page, name);
            // What only decoding can tell may be found by the job that decodes; then it must say so.
            if page.status == 303 {
                kit.settle().await;
                let ready =
                    "select count(*) as value from publishing_renditions where modality = 'audio'";
                assert_eq!(town::number(&kit.app, ready).await, 0, "{name} became a recording");
            } else {
                assert_eq!(page.status, 422, "{name}: {}", first_words(&page.text));
            }
        }
        let bomb = png_header(60_000, 60_000);
        let mut lying = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xc0\0\x11\x08\xff\xff\xff\xff\x03\x01\x11\0\x02\x11\0\x03\x11\0".to_vec();
        lying.extend([0; 64]);
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".as_slice();
        let not_picture: [(&str, &[u8]); 4] = [
            ("bom.png", &bomb),
            ("a.jpg", &lying),
            ("a.svg", svg),
            ("a.png", b"\x89PNG\r\n\x1a\n"),
        ];
        for (name, bytes) in not_picture {
            let words = [("picture_words", "Ảnh <b>đẹp</b>")];
            let page = upload(&kit, &format!("{desk}/anh"), &words, ("picture", name, bytes)).await;
            is_calm(&page, name);
            assert_eq!(page.status, 422, "{name}: {}", first_words(&page.text));
        }
    });
}

/// The beginning of a PNG that claims this many pixels.
fn png_header(width: u32, height: u32) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = b"IHDR".to_vec();
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    header.extend([8, 6, 0, 0, 0]);
    for (chunk, length) in [
        (header, 13_u32),
        ([b"IDAT".as_slice(), &[0x78, 0x9c, 0x63, 0, 0, 0, 1, 0, 1]].concat(), 9),
    ] {
        png.extend(length.to_be_bytes());
        png.extend(&chunk);
        png.extend(crc32(&chunk).to_be_bytes());
    }
    png
}

/// CRC-32 of PNG chunks (ISO 3309).
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 }
        })
    };
    !bytes.iter().fold(!0, step)
}

#[test]
fn a_long_text_survives_an_ended_session() {
    testkit::run(async {
        let (kit, names) = ready(KitBuilder::on(TestEngine::Sqlite)).await;
        let text = "Một đoạn dài <b>đậm</b> \"ngoặc\" ".repeat(50);
        let page = kit
            .post(
                "",
                &format!("/bien-tap/{}", names["draft"]),
                &[("title", "Tin"), ("body", &text)],
            )
            .await;
        assert_eq!(page.status, 401);
        is_calm(&page, "a form after the session ended");
        // Nobody may read another's form back; but the sender's own page still holds what was typed.
        let own = kit
            .post("ended|nobody|/", &format!("/bien-tap/{}", names["draft"]), &[("body", &text)])
            .await;
        assert_eq!(own.status, 403);
        is_calm(&own, "a form of somebody without the role");
        let meeting =
            kit.post("", "/hop-thon/moi", &[("note", &text), ("witness", "Bà Liên")]).await;
        assert_eq!(meeting.status, 401);
        let kept = html::field(&meeting.text, "giu.witness");
        assert_eq!(kept.as_deref(), Some("Bà Liên"), "{}", meeting.text);
        assert!(
            html::unescape(&meeting.text).contains(text.trim()),
            "the long note is kept for after signing in"
        );
    });
}

#[test]
fn names_typed_in_another_normal_form_are_the_same_names() {
    testkit::run(async {
        let (kit, _) = ready(KitBuilder::on(TestEngine::Sqlite)).await;
        // "Lục Bình" decomposed, and without its marks, and with the tone elsewhere.
        for typed in ["Lu%CC%A3c%20Bi%CC%80nh", "luc%20binh", "L%E1%BB%A5c%20B%C3%ACnh"] {
            let found = kit.get("", &format!("/dia-ban?q={typed}")).await;
            assert!(html::unescape(&found.text).contains("/dia-ban/01990.2024"), "{typed}");
        }
        let decomposed = [("kind", "thon"), ("name", "Ba\u{309}n Hoa\u{300}")];
        let made = kit.post(OFFICER, "/dia-ban/01969.2025/thon", &decomposed).await;
        assert_eq!(made.status, 303, "{}", made.text);
        let shown = kit.get(OFFICER, "/dia-ban/01969.2025/thon").await;
        assert!(shown.text.contains("Bản Hoà"), "it is stored composed: {}", shown.text);
        let again = kit
            .post(OFFICER, "/dia-ban/01969.2025/thon", &[("kind", "thon"), ("name", "Bản Hoà")])
            .await;
        assert_eq!(again.status, 422, "the same name in another form is the same village");
    });
}
