//! Two people with the same report open: whoever comes second sees what stands, keeps what they typed and chooses;
//! what is replaced or taken out is kept.

use kernel::axum::http::header;
use serde_json::json;
use testkit::{Kit, Page};

use crate::{cast::started, pages::script};

const HOA: &str = "Hoa|commune_officer|/vn/19.2025/01969.2025/";
const TUAN: &str = "Tuân|commune_officer|/vn/19.2025/01969.2025/";
const REPORT: &str = "/bao-cao/diem-ho-tro/nd09q-2026-4/01969.2025/chinh-thuc";
const MEETINGS: &str = "/bao-cao/bm-08/nd09q-2026-4/01969.2025/chinh-thuc";
const MINUTE_MS: i64 = 60_000;

fn read(page: &Page) -> String {
    page.text.replace("&#x2f;", "/")
}

async fn shown(kit: &Kit, path: &str) -> String {
    read(&kit.get(HOA, path).await)
}

/// What follows on the page, up to the next `end`.
fn after<'a>(page: &'a str, start: &str, end: &str) -> &'a str {
    let rest = page.split(start).nth(1).unwrap_or_else(|| panic!("{start} in {page}"));
    rest.split(end).next().unwrap_or(rest)
}

async fn say(kit: &Kit, who: &str, words: &str, base: i64) -> Page {
    let base = base.to_string();
    kit.post(who, &format!("{REPORT}/luu"), &[("t.khokhan", words), ("tv.khokhan", &base)]).await
}

/// The fields of a meeting's row.
fn meeting<'a>(name: &'a str, people: &'a str, version: &'a str) -> Vec<(&'a str, &'a str)> {
    let rest = [
        ("k.loai", "taphuan"),
        ("k.hinhthuc", "tructuyen"),
        ("k.ngay", "1/10/2026"),
        ("k.donvi", "UBND xã"),
    ];
    [("version", version), ("k.ten", name), ("k.nguoi", people)].into_iter().chain(rest).collect()
}

/// Puts a meeting in; where it is changed.
async fn put_in(kit: &Kit, name: &str) -> String {
    let add = format!("{MEETINGS}/dong/cuoc");
    let put = kit.post(HOA, &add, &meeting(name, "30", "0")).await;
    assert_eq!(put.status, 303, "{}", read(&put));
    let page = shown(kit, MEETINGS).await;
    format!("{add}/{}", after(&page, "/dong/cuoc/", "\""))
}

testkit::on_both_engines! {
    async fn a_stale_narrative_is_answered_with_the_words_that_stand_and_whose_they_are(builder: KitBuilder) {
        let kit = started(builder).await;
        let path = format!("{REPORT}/luu");
        let send = async |who: &str, words: &str, base: i64| {
            let body = json!({ "narratives": [["khokhan", words, base]] });
            let (status, answer) = script(&kit, who, &path, &kit.csrf(who), &body).await;
            assert_eq!(status, 200, "{answer}");
            answer["narratives"][0].clone()
        };
        assert_eq!(send(HOA, "Hoa viết trước", 0).await, json!({ "section": "khokhan", "became": "stands", "version": 1 }));
        let at = kit.app.now().short();
        kit.clock.advance(5 * MINUTE_MS);
        let stale = send(TUAN, "Tuân viết sau", 0).await;
        let theirs = json!({ "section": "khokhan", "became": "stale", "version": 1, "shown": "Hoa viết trước",
            "theirs": { "words": "Hoa viết trước" }, "by": "Hoa", "when": at });
        assert_eq!(stale, theirs);
        assert_eq!(send(TUAN, "Hoa viết trước", 0).await["became"], "stands", "the same words are nobody's change");
        assert!(!shown(&kit, REPORT).await.contains("Nội dung trước đây"));
        assert_eq!(send(TUAN, "Tuân viết sau", 1).await["version"], 2, "he has seen them and chose");
        let page = shown(&kit, REPORT).await;
        let earlier = after(&page, "Nội dung trước đây (1)", "</details>");
        for part in ["Hoa viết trước", &format!("Bản của Hoa, lúc {at}; Tuân thay lúc {}", kit.app.now().short())] {
            assert!(earlier.contains(part), "{part} in {earlier}");
        }
        // Going on with one's own words replaces nothing; taking some away does.
        send(TUAN, "Tuân viết sau, dài hơn", 2).await;
        assert!(shown(&kit, REPORT).await.contains("Nội dung trước đây (1)"));
        send(TUAN, "Ngắn", 3).await;
        assert!(shown(&kit, REPORT).await.contains("Nội dung trước đây (2)"));
    }

    async fn a_figure_that_cannot_be_read_stays_over_the_version_that_its_author_saw(builder: KitBuilder) {
        let kit = started(builder).await;
        let save = async |who: &str, figure: &str, base: &str| {
            kit.post(who, &format!("{REPORT}/luu"), &[("c.10.6", figure), ("v.10.6", base)]).await
        };
        assert_eq!(save(HOA, "198", "0").await.status, 303);
        // Tuân opened the page before and mistypes: mended, his figure meets hers, and a person chooses.
        for text in ["hai trăm", "21o"] {
            let again = save(TUAN, text, "0").await;
            let page = read(&again);
            assert_eq!(again.status, 422);
            assert!(page.contains(&format!("name=\"c.10.6\" value=\"{text}\"")), "{page}");
            assert!(page.contains("name=\"v.10.6\" value=\"0\""), "he has not seen hers: {page}");
        }
        let body = json!({ "edits": [{ "cell": "10.6", "text": "21o", "base": 0 }] });
        let (_, told) = script(&kit, TUAN, &format!("{REPORT}/luu"), &kit.csrf(TUAN), &body).await;
        assert_eq!((&told["cells"][0]["became"], &told["cells"][0]["version"]), (&json!("problem"), &json!(0)), "{told}");
        assert_eq!(save(TUAN, "210", "0").await.status, 303);
        let page = shown(&kit, REPORT).await;
        assert!(page.contains("name=\"c.10.6\" value=\"198\"") && page.contains("cell--conflict"), "{page}");
    }

    async fn without_scripts_both_texts_stand_on_the_page_until_one_is_saved(builder: KitBuilder) {
        let kit = started(builder).await;
        assert_eq!(say(&kit, HOA, "Hoa viết trước", 0).await.status, 303);
        let stale = say(&kit, TUAN, "Tuân viết sau", 0).await;
        let page = read(&stale);
        assert_eq!(stale.status, 422);
        assert!(page.contains("Hoa đã lưu nội dung khác ở phần này lúc"), "{page}");
        assert!(page.contains("<b>Nội dung Hoa đã lưu</b>") && page.contains("Nội dung bạn vừa nhập"), "{page}");
        assert!(page.contains("trong ô dưới đây thay cho nội dung Hoa đã lưu"), "what Save does is said: {page}");
        assert!(page.contains("bỏ nội dung vừa nhập</a>"), "{page}");
        assert!(!page.contains("readonly") && page.matches("name=\"t.khokhan\"").count() == 1, "one of them is a field: {page}");
        assert_eq!(testkit::html::broken(&stale.text, "vi"), Vec::<String>::new());
        assert!(after(&page, "t.khokhan-saved\">", "<").contains("Hoa viết trước"));
        assert!(after(&page, "data-narrative=\"khokhan\">", "<").contains("Tuân viết sau"));
        assert!(page.contains("name=\"tv.khokhan\" value=\"1\""));
        // An emptied field is what was typed, too.
        let emptied = read(&say(&kit, TUAN, "", 0).await);
        assert!(emptied.contains("data-narrative=\"khokhan\"></textarea>") && emptied.contains("Hoa viết trước"), "{emptied}");
        assert_eq!(say(&kit, TUAN, "Tuân viết sau", 1).await.status, 303);
        assert!(after(&shown(&kit, REPORT).await, "Nội dung trước đây (1)", "</details>").contains("Hoa viết trước"));
        // A page from before, with the words as it was shown them, changes nothing.
        assert_eq!(say(&kit, HOA, "Hoa viết trước", 1).await.status, 303);
        assert!(after(&shown(&kit, REPORT).await, "data-narrative=\"khokhan\">", "<").contains("Tuân viết sau"));
        // What is too long and stale shows both as well.
        let long = read(&say(&kit, HOA, &"dài ".repeat(3_000), 1).await);
        assert!(long.contains("dài quá") && after(&long, "t.khokhan-saved\">", "<").contains("Tuân viết sau"));
    }

    async fn a_row_that_somebody_changed_meanwhile_is_not_taken_out(builder: KitBuilder) {
        let kit = started(builder).await;
        let row = put_in(&kit, "Tập huấn").await;
        assert_eq!(kit.post(HOA, &row, &meeting("Tập huấn lớn", "300", "1")).await.status, 303);
        let refused = kit.post(TUAN, &row, &[("remove", "1"), ("version", "1")]).await;
        let page = read(&refused);
        assert_eq!(refused.status, 409);
        assert!(page.contains("Hoa đã sửa dòng này lúc") && page.contains("nên chưa bỏ"), "{page}");
        assert!(page.contains("value=\"Tập huấn lớn\"") && page.contains("name=\"version\" value=\"2\""), "{page}");
        assert!(shown(&kit, MEETINGS).await.contains("Tập huấn lớn"));
        assert_eq!(kit.post(TUAN, &row, &[("remove", "1"), ("version", "2")]).await.status, 303);
        let page = shown(&kit, MEETINGS).await;
        let earlier = after(&page, "Nội dung trước đây (2)", "</details>");
        assert!(earlier.contains("Tập huấn lớn") && earlier.contains("Tuân bỏ lúc") && earlier.contains("Hoa thay lúc"), "{earlier}");
        assert_eq!(kit.post(HOA, &row, &[("remove", "1"), ("version", "2")]).await.status, 303, "gone is gone");
    }

    async fn what_was_typed_into_a_row_that_somebody_took_out_is_a_new_row_when_it_is_saved_again(builder: KitBuilder) {
        let kit = started(builder).await;
        let row = put_in(&kit, "Tập huấn").await;
        assert_eq!(kit.post(HOA, &row, &[("remove", "1"), ("version", "1")]).await.status, 303);
        let refused = kit.post(TUAN, &row, &meeting("Tập huấn của Tuân", "45", "1")).await;
        let page = read(&refused);
        assert_eq!(refused.status, 409);
        assert!(page.contains("Hoa đã bỏ dòng này lúc"), "{page}");
        assert!(page.contains("value=\"Tập huấn của Tuân\"") && page.contains("value=\"45\""), "{page}");
        let add = format!("{MEETINGS}/dong/cuoc");
        assert!(page.contains(&format!("action=\"{add}\"")) && page.contains("name=\"version\" value=\"0\""), "{page}");
        let none = shown(&kit, MEETINGS).await;
        assert!(!none.contains("Tập huấn của Tuân"), "only what a person chose");
        assert_eq!(kit.post(TUAN, &add, &meeting("Tập huấn của Tuân", "45", "0")).await.status, 303);
        assert!(shown(&kit, MEETINGS).await.contains("Tập huấn của Tuân"));
    }

    async fn the_second_of_two_who_change_a_row_sees_the_first_and_chooses(builder: KitBuilder) {
        let kit = started(builder).await;
        let row = put_in(&kit, "Tập huấn").await;
        assert_eq!(kit.post(HOA, &row, &meeting("Tập huấn", "50", "1")).await.status, 303);
        let refused = kit.post(TUAN, &row, &meeting("Tập huấn", "45", "1")).await;
        let page = read(&refused);
        assert_eq!(refused.status, 409);
        let told = after(&page, "Hoa đã sửa dòng này lúc", "</table>");
        assert!(told.contains("data-label=\"Đã lưu\">50<") && told.contains("data-label=\"Bạn nhập\">45<"), "{told}");
        assert_eq!(told.matches("<tr>").count(), 2, "nothing but what differs, under its heads: {told}");
        assert!(after(told, "chỉ ghi những cột khác nhau", "Số lượt người").contains("<table"), "the choice is told first: {told}");
        assert_eq!(testkit::html::broken(&refused.text, "vi"), Vec::<String>::new());
        assert!(page.contains("value=\"45\"") && page.contains("name=\"seen\" value=\"2\""), "{page}");
        assert_eq!(shown(&kit, MEETINGS).await.matches("/dong/cuoc/").count(), 1, "nothing is put beside it");
        // Somebody was faster once more.
        assert_eq!(kit.post(HOA, &row, &meeting("Tập huấn", "51", "2")).await.status, 303);
        let chosen = |seen| meeting("Tập huấn", "45", "1").into_iter().chain([("seen", seen)]).collect::<Vec<_>>();
        let again = kit.post(TUAN, &row, &chosen("2")).await;
        assert!(again.status == 409 && read(&again).contains("data-label=\"Đã lưu\">51<"), "{}", read(&again));
        assert_eq!(kit.post(TUAN, &row, &chosen("3")).await.status, 303);
        let page = shown(&kit, MEETINGS).await;
        assert!(page.contains(">45<") && page.matches("/dong/cuoc/").count() == 1, "{page}");
        let earlier = shown(&kit, &row).await;
        let earlier = after(&earlier, "Nội dung trước đây (3)", "</details>");
        assert!(earlier.contains(": 51") && earlier.contains(": 50") && earlier.contains("Tuân thay lúc"), "{earlier}");
        // The same again is nobody's change.
        assert_eq!(kit.post(HOA, &row, &meeting("Tập huấn", "45", "3")).await.status, 303);
    }

    async fn a_row_comes_back_with_what_was_typed_when_the_report_was_closed_meanwhile(builder: KitBuilder) {
        let kit = started(builder).await;
        let row = put_in(&kit, "Tập huấn").await;
        let leader = "Hùng|commune_leader|/vn/19.2025/01969.2025/";
        let filled = [("c.bm08.cuoc", "1"), ("v.bm08.cuoc", "0")];
        assert_eq!(kit.post(HOA, &format!("{MEETINGS}/luu"), &filled).await.status, 303);
        let step = [("step", "certify"), ("revision", "1"), ("note", "Đã kiểm tra, số đúng")];
        let signed = kit.post(leader, &format!("{MEETINGS}/buoc"), &step).await;
        assert_eq!(signed.status, 303, "{}", read(&signed));
        let refused = kit.post(TUAN, &row, &meeting("Tập huấn của Tuân", "45", "1")).await;
        assert!(refused.status == 409 && read(&refused).contains("value=\"Tập huấn của Tuân\""), "{}", read(&refused));
    }

    async fn a_workbook_whose_rows_somebody_changed_puts_them_beside_and_says_so(builder: KitBuilder) {
        let kit = started(builder).await;
        let row = put_in(&kit, "Tập huấn").await;
        let id = row.rsplit('/').next().expect("an id");
        assert_eq!(kit.post(HOA, &row, &meeting("Tập huấn", "50", "1")).await.status, 303);
        let cells = json!({ "ten": "Từ tệp", "nguoi": "45" });
        let changes = json!({ "r": [{ "s": "cuoc", "i": id, "p": 1, "b": 1, "c": cells }] });
        let done = kit.post(TUAN, &format!("{MEETINGS}/nhap/ghi"), &[("changes", &changes.to_string())]).await;
        assert_eq!(done.status, 303, "{}", read(&done));
        let told = done.headers[header::SET_COOKIE].to_str().expect("text");
        assert!(told.contains("reporting-import-recorded-beside"), "{told}");
        let page = shown(&kit, MEETINGS).await;
        assert!(page.contains("Từ tệp") && page.contains(">50<"), "{page}");
    }
}
