//! Sound and pictures through the pages: good ones become files, bad ones are told why, and files
//! are served whole and in part, to those who may have them.

use kernel::{
    axum::{
        body::Body,
        http::{Method, Request, header},
    },
    files::FileHash,
};
use testkit::{Kit, on_both_engines};
use tower::ServiceExt;

use crate::media::hostile_picture::png_claiming;
use crate::stage::{
    HUNG, MAI, approve, article, begin, draft, first_file, phu_thong, revision, stage, submit,
};

/// A form with one file, as a browser sends it.
async fn upload(
    kit: &Kit,
    session: &str,
    path: &str,
    fields: &[(&str, &str)],
    file: (&str, &[u8]),
) -> testkit::Page {
    let mut body = Vec::new();
    let csrf = kit.csrf(session);
    for (name, value) in fields.iter().chain(&[("csrf", csrf.as_str())]) {
        body.extend(
            format!("--bien\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                .bytes(),
        );
    }
    let (name, bytes) = file;
    body.extend(format!("--bien\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"ghi âm.bin\"\r\nContent-Type: application/octet-stream\r\n\r\n").bytes());
    body.extend(bytes);
    body.extend(b"\r\n--bien--\r\n");
    kit.send(
        session,
        Method::POST,
        path,
        Some("multipart/form-data; boundary=bien"),
        Body::from(body),
    )
    .await
}

async fn fetch(
    kit: &Kit,
    path: &str,
    headers: &[(&str, &str)],
) -> (u16, kernel::axum::http::HeaderMap, Vec<u8>) {
    let mut request = Request::builder().uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = kit
        .site()
        .oneshot(request.body(Body::empty()).expect("a request"))
        .await
        .expect("an answer");
    let (parts, body) = response.into_parts();
    let bytes = kernel::axum::body::to_bytes(body, usize::MAX).await.expect("a body").to_vec();
    (parts.status.as_u16(), parts.headers, bytes)
}

on_both_engines! {
    async fn a_recording_becomes_two_small_files_that_readers_can_fetch_in_part(builder: KitBuilder) {
        let kit = stage(builder).await;
        let id = begin(&kit, draft(&phu_thong(&kit).await)).await;
        let sound = include_bytes!("material/speech.mp3");
        let fields = [("sound_language", "tyz"), ("voice", "Bà Hoàng Thị Lan")];
        let page = upload(&kit, MAI, &format!("/bien-tap/{id}/am-thanh"), &fields, ("sound", sound)).await;
        assert_eq!(page.status, 303, "{}", page.text);
        let waiting = kit.post(MAI, &format!("/bien-tap/{id}/gui"), &[]).await;
        assert_eq!(waiting.status, 422, "not submitted while it is being prepared");
        assert!(waiting.text.contains("đang xử lý"));
        kit.settle().await;
        let desk = kit.get(MAI, &format!("/bien-tap/{id}")).await.text;
        assert!(desk.contains("Tải lên bản nghe: ") && !desk.contains("Tải lên bản nghe: tyz"));
        let hash = first_file(&kit, MAI, &format!("/bien-tap/{id}")).await;
        assert_eq!(kit.get("", &format!("/tep/{hash}")).await.status, 404, "nobody hears a draft");
        assert_eq!(kit.get(HUNG, &format!("/tep/{hash}")).await.status, 200, "the approver does");
        submit(&kit, &id).await;
        approve(&kit, &id).await;
        let article = article(&kit, &id).await.expect("an article");
        let sounds: Vec<_> = article.sounds("tyz").collect();
        assert_eq!(sounds.iter().map(|sound| sound.bitrate_bps).collect::<Vec<_>>(), [16_000, 24_000]);
        assert!(sounds.iter().all(|sound| sound.has_arrived && !sound.is_stale && sound.duration_ms > 0));

        let address = format!("/tep/{hash}");
        let (status, headers, whole) = fetch(&kit, &address, &[]).await;
        assert_eq!(status, 200);
        assert_eq!(headers[header::CONTENT_TYPE], "audio/ogg; codecs=opus");
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert!(headers[header::CACHE_CONTROL].to_str().expect("text").contains("immutable"));
        assert_eq!(FileHash::of(&whole).hex(), hash);
        let (status, headers, some) = fetch(&kit, &address, &[("range", "bytes=10-19")]).await;
        assert_eq!((status, some.as_slice()), (206, &whole[10..20]));
        assert_eq!(headers[header::CONTENT_RANGE], format!("bytes 10-19/{}", whole.len()));
        let (status, _, tail) = fetch(&kit, &address, &[("range", "bytes=-5")]).await;
        assert_eq!((status, tail.as_slice()), (206, &whole[whole.len() - 5..]));
        let far = format!("bytes={}-", whole.len());
        let (status, headers, _) = fetch(&kit, &address, &[("range", &far)]).await;
        assert_eq!((status, headers[header::CONTENT_RANGE].to_str().expect("text")), (416, format!("bytes */{}", whole.len()).as_str()));
        let etag = format!("\"{hash}\"");
        assert_eq!(fetch(&kit, &address, &[("if-none-match", &etag)]).await.0, 304);
        let (status, _, body) = fetch(&kit, &address, &[("range", "bytes=0-1"), ("if-range", "\"other\"")]).await;
        assert_eq!((status, body.len()), (200, whole.len()));
        let unknown = FileHash::of(b"nothing").hex();
        assert_eq!(fetch(&kit, &format!("/tep/{unknown}"), &[]).await.0, 404);
        assert_eq!(fetch(&kit, "/tep/..%2f..%2fetc%2fpasswd", &[]).await.0, 404);
    }

    async fn a_recording_grows_stale_when_the_text_moves(builder: KitBuilder) {
        let kit = stage(builder).await;
        let area = phu_thong(&kit).await;
        let id = begin(&kit, draft(&area)).await;
        let sound = include_bytes!("material/speech_opus.ogg");
        upload(&kit, MAI, &format!("/bien-tap/{id}/am-thanh"), &[("sound_language", "vi")], ("sound", sound)).await;
        kit.settle().await;
        let mut moved = draft(&area);
        moved.body.push_str("\n\nThêm một câu.");
        let save = publishing::actions::editing::Save {
            publication: id.clone(), base_revision: 1, draft: moved, uses: None,
        };
        publishing::actions::editing::save(kit.db(), &crate::stage::mai(), save).await.expect("saved");
        let desk = kit.get(MAI, &format!("/bien-tap/{id}")).await;
        assert!(desk.text.contains("Theo bản cũ"));
        // Whoever hands it in, and whoever approves it, says that it goes along all the same (rule 7).
        let (submit, approve) = (format!("/bien-tap/{id}/gui"), format!("/bien-tap/{id}/duyet"));
        let asked = kit.post(MAI, &submit, &[]).await;
        assert_eq!(asked.status, 422);
        assert!(asked.text.contains("name=\"old_sound\"") && asked.text.contains("đánh dấu là vẫn đăng kèm"));
        assert_eq!(kit.post(MAI, &submit, &[("old_sound", "1")]).await.status, 303);
        let revision = revision(&kit, &id).await.to_string();
        let asked = kit.post(HUNG, &approve, &[("revision", &revision)]).await;
        assert_eq!(asked.status, 422);
        assert!(asked.text.contains("name=\"old_sound\"") && asked.text.contains("đánh dấu là vẫn đăng kèm"));
        let done = kit.post(HUNG, &approve, &[("revision", &revision), ("old_sound", "1")]).await;
        assert_eq!(done.status, 303);
        assert!(article(&kit, &id).await.expect("an article").sounds("vi").all(|sound| sound.is_stale));
    }

    async fn what_is_no_sound_is_told_in_vietnamese(builder: KitBuilder) {
        let kit = stage(builder).await;
        let id = begin(&kit, draft(&phu_thong(&kit).await)).await;
        let address = format!("/bien-tap/{id}/am-thanh");
        let page = upload(&kit, MAI, &address, &[("sound_language", "vi")], ("sound", b"<html>not a sound</html>")).await;
        assert_eq!(page.status, 303);
        kit.settle().await;
        let desk = kit.get(MAI, &format!("/bien-tap/{id}")).await;
        assert!(desk.text.contains("Tệp này không phải là âm thanh."), "the reason is shown");
        let refused = kit.post(MAI, &format!("/bien-tap/{id}/gui"), &[]).await;
        assert!(refused.status == 422 && refused.text.contains("không dùng được"));
        let none = upload(&kit, MAI, &address, &[("sound_language", "vi")], ("sound", b"")).await;
        assert!(none.status == 422 && none.text.contains("Tệp đã chọn rỗng"), "a file was chosen");
        let fields = [("sound_language", "tyz"), ("voice", "Bà Hoàng Thị Lan")];
        let other = upload(&kit, MAI, &address, &fields, ("khac", b"x")).await;
        assert!(other.status == 422 && other.text.contains("Chọn tệp âm thanh"));
        assert!(other.text.contains("value=\"Bà Hoàng Thị Lan\"") && other.text.contains("value=\"tyz\" selected"));
        let tongue = upload(&kit, MAI, &address, &[("sound_language", "xx'--")], ("sound", b"x")).await;
        assert_eq!(tongue.status, 422);
    }

    async fn two_gigabytes_are_refused_before_they_are_read(builder: KitBuilder) {
        let kit = stage(builder).await;
        let id = begin(&kit, draft(&phu_thong(&kit).await)).await;
        for (length, session) in [("2147483648", MAI), ("90000000", MAI)] {
            let request = Request::builder()
                .method(Method::POST)
                .uri(format!("/bien-tap/{id}/am-thanh"))
                .header(header::COOKIE, format!("phien={}", session.replace('|', "%7C")))
                .header(header::CONTENT_TYPE, "multipart/form-data; boundary=bien")
                .header(header::CONTENT_LENGTH, length)
                .header(header::HOST, "hub.vn")
                .header(header::REFERER, format!("https://hub.vn/bien-tap/{id}"))
                .body(if length == "90000000" { Body::from(vec![b'-'; 90_000_000]) } else { Body::empty() })
                .expect("a request");
            let response = kit.site().oneshot(request).await.expect("an answer");
            let status = response.status().as_u16();
            assert!(status == 413 || (length == "90000000" && status == 400), "{length}: {status}");
            if length == "2147483648" {
                let body = kernel::axum::body::to_bytes(response.into_body(), usize::MAX).await;
                let page = String::from_utf8_lossy(&body.expect("a body")).replace("&#x2f;", "/");
                assert!(page.contains(&format!("href=\"/bien-tap/{id}\"")), "it leads back: {page}");
            }
        }
    }

    async fn a_stranger_is_refused_before_the_body_is_looked_at(builder: KitBuilder) {
        let kit = stage(builder).await;
        let id = begin(&kit, draft(&phu_thong(&kit).await)).await;
        let page = upload(&kit, HUNG, &format!("/bien-tap/{id}/am-thanh"), &[("sound_language", "vi")], ("sound", b"x")).await;
        assert_eq!(page.status, 403, "an approver brings no sound");
        let page = upload(&kit, "", &format!("/bien-tap/{id}/anh"), &[], ("picture", b"x")).await;
        assert_eq!(page.status, 401);
        assert!(!page.text.contains("giữ ở bên dưới"), "nothing was kept, and nothing is claimed");
    }

    async fn a_file_over_the_limit_ends_on_its_form_with_the_limit(builder: KitBuilder) {
        let kit = stage(builder).await;
        let id = begin(&kit, draft(&phu_thong(&kit).await)).await;
        let long = vec![b'a'; 61 << 20];
        let page = upload(&kit, MAI, &format!("/bien-tap/{id}/am-thanh"), &[("sound_language", "vi")], ("sound", &long)).await;
        assert_eq!(page.status, 413);
        assert!(page.text.contains("lớn hơn 60 MB") && page.text.contains("id=\"am-thanh\""));
    }

    async fn a_picture_bomb_and_what_is_no_picture_are_refused(builder: KitBuilder) {
        let kit = stage(builder).await;
        let id = begin(&kit, draft(&phu_thong(&kit).await)).await;
        let address = format!("/bien-tap/{id}/anh");
        let words = [("picture_words", "Ruộng bậc thang")];
        let page = upload(&kit, MAI, &address, &words, ("picture", b"GIF89a....")).await;
        assert!(page.status == 422 && page.text.contains("Chưa đọc được ảnh GIF"));
        assert!(page.text.contains("value=\"Ruộng bậc thang\""), "the words are not typed twice");
        let page = upload(&kit, MAI, &address, &words, ("picture", b"")).await;
        assert!(page.status == 422 && page.text.contains("Tệp đã chọn rỗng"));
        let page = upload(&kit, MAI, &address, &words, ("picture", &png_claiming(60_000, 60_000))).await;
        assert_eq!(page.status, 422);
        assert!(page.text.contains("Ảnh quá lớn (60.000 × 60.000 điểm ảnh). Tối đa 52 triệu điểm ảnh"), "{}", page.text);
        let page = upload(&kit, MAI, &address, &[("picture_words", "")], ("picture", b"x")).await;
        assert!(page.status == 422 && page.text.contains("Viết chú thích ảnh"));
    }
}
