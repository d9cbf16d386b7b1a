//! What a first visit costs, counted from the HTML: bytes are gates here, times are not.

use std::io::Write;

use publishing::Draft;
use testkit::{Kit, KitBuilder, Page};

use crate::cast::{draft, links, point, publish};

/// HTML after gzip, in bytes.
const HTML_MAX: usize = 14 * 1024;
/// The stylesheet after gzip.
const CSS_MAX: usize = 12 * 1024;
/// The script after gzip; no page needs it.
const JS_MAX: usize = 25 * 1024;
/// The page itself, its stylesheet, script and picture.
const REQUESTS_MAX: usize = 4;

fn gzip(bytes: &[u8]) -> usize {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(8));
    encoder.write_all(bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it").len()
}

/// What a browser fetches by itself for this page. Sound is fetched only when somebody presses.
fn requests(page: &Page) -> usize {
    let sheets = page.text.matches("rel=\"stylesheet\"").count();
    let scripts = page.text.matches("<script").count();
    let pictures = page.text.matches("<img ").count();
    1 + sheets + scripts + pictures
}

/// A node with as much as fits on a page, every text as long as editors write them.
async fn full(builder: KitBuilder) -> (Kit, String) {
    let kit = point(builder).await;
    let sentence = "Đồng bào dân tộc thiểu số được hỗ trợ nước sinh hoạt phân tán theo quy định. ";
    let mut last = String::new();
    for at in 0..24 {
        let text = Draft {
            summary: sentence.repeat(3),
            body: vec![format!("Đoạn của tin {at}: {sentence}"); 40].join("\n\n"),
            ..draft(
                &format!(
                    "{at}. Hỗ trợ nước sinh hoạt phân tán: ai được, được bao nhiêu, hỏi ở đâu"
                ),
                "thien",
            )
        };
        last = publish(&kit, text, if at > 20 { &["vi", "tyz"] } else { &[] }).await.to_string();
    }
    (kit, last)
}

testkit::on_both_engines! {
    async fn every_page_fits_its_budget(builder: KitBuilder) {
        let (kit, id) = full(builder).await;
        for path in ["/", "/tin", "/van-ban", "/tim-kiem?q=nuoc", "/khu-vuc/19.2025", "/so-do-trang", "/kiot", "/kiot/muc/thien-nhien", "/tv",
            &format!("/tin/x-{id}"), &format!("/tin/{id}/xac-nhan"), &format!("/kiot/nghe/{id}"), &format!("/kiot/xac-nhan/{id}")] {
            let page = kit.get("", path).await;
            assert_eq!(page.status, 200, "{path}");
            let weight = gzip(page.text.as_bytes());
            assert!(weight <= HTML_MAX, "{path} weighs {weight} B");
            let requests = requests(&page);
            assert!(requests <= REQUESTS_MAX, "{path} needs {requests} requests");
        }
        let home = kit.get("", "/").await;
        let assets = links(&home, "href").into_iter().chain(links(&home, "src")).filter(|href| href.starts_with("/tinh/"));
        for asset in assets {
            let weight = gzip(&kit.get("", &asset).await.bytes);
            let most = if asset.contains(".css") { CSS_MAX } else { JS_MAX };
            assert!(weight <= most, "{asset} weighs {weight} B");
        }
    }
}
