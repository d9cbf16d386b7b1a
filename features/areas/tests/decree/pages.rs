//! The pages of decrees: from a file to an applied decree and back, by hand.

use std::fmt::Write as _;

use kernel::axum::{body::Body, http::Method};
use testkit::{Kit, Page};

use super::{id, state, today};
use crate::html;

const ADMIN: &str = "An|administrator|/vn/";
const HEAD: &str = "Mã cũ,Tên cũ,Hình thức,Mã mới,Tên mới,Loại mới,Mã cấp trên mới,Tỷ lệ,Căn cứ\n";

async fn upload(kit: &Kit, who: &str, fields: &[(&str, &str)], file: &str) -> Page {
    let csrf = kit.csrf(who);
    let mut body = String::new();
    for (name, value) in [("csrf", csrf.as_str())].iter().chain(fields) {
        let _ = write!(
            body,
            "--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
    }
    let _ = write!(
        body,
        "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"bang.csv\"\r\n\r\n{file}\r\n--x--\r\n"
    );
    let kind = Some("multipart/form-data; boundary=x");
    kit.send(who, Method::POST, "/dia-ban/van-ban/moi", kind, Body::from(body)).await
}

testkit::on_both_engines! {
    async fn what_stayed_between_the_lists_is_drafted_with_one_press_looked_at_and_recorded(builder: KitBuilder) {
        let kit = today(builder).await;
        assert!(kit.get(ADMIN, "/dia-ban/van-ban/moi").await.text.contains("Nối danh mục 2021 với danh mục 2024"));
        let made = kit.post(ADMIN, "/dia-ban/van-ban/giu-nguyen", &[]).await;
        assert_eq!(made.status, 303, "{}", made.text);
        let path = made.location().to_owned();
        let draft = kit.get(ADMIN, &path).await;
        assert!(draft.text.contains("các đơn vị giữ nguyên"), "{}", draft.text);
        let hash: String = html(&draft).split("name=\"hash\"").nth(1).and_then(|rest| rest.split("value=\"").nth(1)).expect("the hash").chars().take(64).collect();
        assert_eq!(kit.post(ADMIN, &format!("{path}/ghi-nhan"), &[("hash", &hash)]).await.status, 303);
        let heirs = kit.db().view(async |tx| Ok(areas::successors(tx, &id("01969.2021")).await?)).await.expect("read");
        assert!(heirs.len() == 1 && heirs[0].whole && heirs[0].area.id == id("01969.2024"), "{heirs:?}");
        // A second time there is nothing left to join.
        let again = kit.post(ADMIN, "/dia-ban/van-ban/giu-nguyen", &[]).await;
        assert!(again.status == 409 && again.text.contains("đã được nối"), "{}", again.text);
    }

    async fn a_table_is_checked_applied_undone_and_applied_again_on_the_pages(builder: KitBuilder) {
        let kit = today(builder).await;
        let before = state(&kit).await;
        assert!(kit.get(ADMIN, "/dia-ban/van-ban").await.text.contains("Chưa có văn bản nào"));
        let words = [("instrument", "Nghị quyết số 9/NQ-UBTVQH16"), ("decided_on", ""), ("effective_on", "01/12/2026")];
        let bad = upload(&kit, ADMIN, &words, &format!("{HEAD}99999,,,01969,,,,,\n")).await;
        assert_eq!(bad.status, 422, "{}", bad.text);
        assert!(bad.text.contains("A2") && bad.text.contains("Không có đơn vị mã") && bad.text.contains("Nghị quyết số 9"), "{}", bad.text);
        let missing = upload(&kit, ADMIN, &[("instrument", ""), ("effective_on", "")], "").await;
        assert_eq!(missing.status, 422);
        assert!(missing.text.contains("Chọn tệp bảng sắp xếp"), "{}", missing.text);
        let good = upload(&kit, ADMIN, &words, &format!("{HEAD}01969,,,01969,,,,,\n01942,,,01969,,,,,\n")).await;
        assert_eq!(good.status, 303, "{}", good.text);
        let path = good.location().to_owned();
        let draft = kit.get(ADMIN, &path).await;
        assert!(draft.text.contains("2 đơn vị kết thúc") && draft.text.contains("1 đơn vị mới được lập"), "{}", draft.text);
        assert_eq!(state(&kit).await, before, "checking changes nothing");
        let text = html(&draft);
        let at = text.find("name=\"hash\"").expect("the hash");
        let hash: String = text[at..].split("value=\"").nth(1).expect("a value").chars().take(64).collect();
        assert_eq!(kit.post(ADMIN, &format!("{path}/ghi-nhan"), &[("hash", "khac")]).await.status, 409);
        assert_eq!(kit.post(ADMIN, &format!("{path}/ghi-nhan"), &[("hash", &hash)]).await.status, 303);
        let applied = kit.get(ADMIN, &path).await;
        assert!(applied.text.contains("Hoàn tác") && applied.text.contains("Xã Bằng Vân") && applied.text.contains("chưa đến ngày"), "{}", applied.text);
        assert_eq!(kit.post(ADMIN, &format!("{path}/xac-nhan"), &[]).await.status, 303);
        assert_eq!(kit.post(ADMIN, &format!("{path}/hoan-tac"), &[]).await.status, 303);
        assert_eq!(state(&kit).await, before);
        assert!(kit.get(ADMIN, &path).await.text.contains("Ghi nhận lại"));
        assert_eq!(kit.post(ADMIN, &format!("{path}/ghi-nhan"), &[("hash", &hash)]).await.status, 303);
        let list = kit.get("Tú|province_officer|/vn/19.2025/", "/dia-ban/van-ban").await;
        assert!(list.status == 200 && list.text.contains("đã ghi nhận"), "{}", list.text);
        let looked = kit.get("Tú|province_officer|/vn/19.2025/", &path).await;
        assert!(looked.status == 200 && !looked.text.contains("/hoan-tac"), "{}", looked.text);
    }

    async fn pages_answer_each_as_they_may(builder: KitBuilder) {
        let kit = today(builder).await;
        for path in ["/dia-ban/van-ban", "/dia-ban/van-ban/moi", "/dia-ban/van-ban/mau.csv"] {
            assert_eq!(kit.get("", path).await.status, 303, "{path}");
            assert_eq!(kit.get("Mai|commune_officer|/vn/19.2025/01969.2025/", path).await.status, 403, "{path}");
            assert_eq!(kit.get(ADMIN, path).await.status, 200, "{path}");
        }
        assert_eq!(kit.get("Tú|province_officer|/vn/", "/dia-ban/van-ban/moi").await.status, 403);
        assert_eq!(kit.get(ADMIN, "/dia-ban/van-ban/khong-co").await.status, 404);
        let blank = kit.get(ADMIN, "/dia-ban/van-ban/mau.csv").await;
        assert!(blank.text.contains("Mã cũ,Tên cũ,Hình thức,Mã mới"), "{}", blank.text);
        assert_eq!(kit.get(ADMIN, "/dia-ban/van-ban/mau.xlsx").await.status, 200);
        let draft = upload(&kit, ADMIN, &[("instrument", "Nghị quyết"), ("effective_on", "01/12/2026")], &format!("{HEAD}01969,,đổi tên,,Tên mới,,,,\n")).await;
        let path = draft.location().to_owned();
        assert_eq!(kit.post(ADMIN, &format!("{path}/bo"), &[]).await.status, 303);
        assert_eq!(kit.get(ADMIN, &path).await.status, 404);
    }
}
