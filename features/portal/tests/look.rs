//! temporary: writes pages for looking at them.
use testkit::KitBuilder;
use crate::cast::{draft, point, publish, hub, COMMUNE};
use publishing::Draft;

#[test]
fn look() {
    testkit::run(async {
        let kit = point(KitBuilder::on(testkit::TestEngine::Sqlite)).await;
        publish(&kit, draft("Lịch tiêm chủng tháng 12 tại trạm y tế và các thôn", "yte"), &["vi"]).await;
        let doc = Draft { kind: "legal_document".into(), document: publishing::Document{ number: "330/QĐ-UBDT".into(), authority: "Ủy ban Dân tộc".into(), issued: kernel::clock::Day::new(2023,5,12), effective: kernel::clock::Day::new(2023,5,12), subject: "Phê duyệt Đề án chuyển đổi số và ứng dụng công nghệ thông tin trong triển khai Chương trình mục tiêu quốc gia".into()}, ..draft("Phê duyệt Đề án chuyển đổi số và ứng dụng công nghệ thông tin", "cdcs")};
        let d = publish(&kit, doc, &[]).await;
        let nuoc = publish(&kit, draft("Hỗ trợ nước sinh hoạt phân tán: ai được, được bao nhiêu, hỏi ở đâu", "thien"), &["vi","tyz"]).await;
        publish(&kit, draft("Giá hồi, giá quế tuần này ở chợ Phủ Thông", "khcn"), &[]).await;
        publish(&kit, draft("Điểm hỗ trợ ứng dụng công nghệ thông tin: bà con được dùng những gì?", "cdcs"), &["vi","tyz","nut"]).await;
        let a = Draft { kind: "alert".into(), summary: "Các thôn ven suối Vi Hương: chuyển người già, trẻ em đến nhà văn hóa trước 17 giờ.".into(), ..draft("Cảnh báo lũ quét mức 3", "thien")};
        publish(&kit, a, &["vi"]).await;
        for _ in 0..3 { kit.clock.advance(61000); kit.get("", &format!("/tin/x-{nuoc}")).await; }
        kit.clock.advance(61000);
        std::fs::create_dir_all("/tmp/nc/portal-look").unwrap();
        let item = format!("/kiot/nghe/{nuoc}?tieng=tyz&muc=moi");
        let conf = format!("/kiot/xac-nhan/{nuoc}");
        for (name, path) in [("home","/".to_string()),("list","/tin".into()),("article",format!("/tin/x-{nuoc}?tieng=tyz")),("document",format!("/van-ban/x-{d}")),("documents","/van-ban".into()),("search","/tim-kiem?q=vi+huong".into()),("confirm",format!("/tin/{nuoc}/xac-nhan")),("province","/khu-vuc/19.2025".into()),("map","/so-do-trang".into()),("access","/tro-nang".into()),("kiosk","/kiot".into()),("kiosk-list","/kiot/muc/thien-nhien".into()),("kiosk-item",item),("kiosk-confirm",conf.clone()),("kiosk-thanks","/kiot/cam-on".into()),("tv","/tv?trang=2".into())] {
            let page = kit.get("", &path).await;
            save(&kit, name, page).await;
        }
        save(&kit, "kiosk-refused", kit.post("", &conf, &[("cach","the"),("card","x"),("mo","")]).await).await;
        let _ = (hub, COMMUNE);
    });
}
async fn save(_kit: &testkit::Kit, name: &str, page: testkit::Page) {
    let mut html = page.text.replace("&#x2f;", "/");
    for ext in ["css","js"] { if let Some(at) = html.find("/tinh/") { let end = at + html[at..].find('"').unwrap(); let href = html[at..end].to_string(); if href.ends_with(ext) { html = html.replace(&href, &format!("nhipcau.{ext}")); } } }
    html = html.replace("http-equiv=\"refresh\"", "data-refresh");
    std::fs::write(format!("/tmp/nc/portal-look/{name}.html"), html).unwrap();
}
