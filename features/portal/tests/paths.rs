//! Every link on every page leads somewhere: the site is walked as a visitor without an account would.

use std::collections::BTreeSet;

use publishing::{Document, Draft};
use testkit::Kit;

use crate::cast::{draft, hub, links, point, publish};

/// Pages looked at before the walk is called complete; the province's 92 communes are among them.
const PAGES_MAX: usize = 700;

async fn furnish(kit: &Kit) {
    publish(kit, draft("Hỗ trợ nước sinh hoạt", "thien"), &["vi", "tyz"]).await;
    let alert = Draft { kind: "alert".to_owned(), ..draft("Cảnh báo cháy rừng", "rung") };
    publish(kit, alert, &["vi"]).await;
    let document = Draft {
        kind: "legal_document".to_owned(),
        document: Document {
            number: "330/QĐ-UBDT".to_owned(),
            authority: "UBDT".to_owned(),
            issued: kernel::clock::Day::new(2023, 5, 12),
            ..Document::default()
        },
        ..draft("Đề án chuyển đổi số", "cdcs")
    };
    publish(kit, document, &[]).await;
    for at in 0..22 {
        publish(kit, draft(&format!("Tin số {at}"), "yte"), &[]).await;
    }
}

/// Follows everything from `/` that a visitor may press; gives what did not open.
async fn walk(kit: &Kit) -> (usize, Vec<String>) {
    let mut seen = BTreeSet::from(["/".to_owned(), "/kiot".to_owned(), "/tv".to_owned()]);
    let mut waiting: Vec<String> = seen.iter().cloned().collect();
    let mut broken = Vec::new();
    while let Some(path) = waiting.pop() {
        let page = kit.get("", &path).await;
        if page.status >= 400 {
            broken.push(format!("{path}: {}", page.status));
            continue;
        }
        let mut next = links(&page, "href");
        next.extend(links(&page, "src"));
        next.push(page.location().to_owned());
        for link in next.into_iter().filter(|link| link.starts_with('/')) {
            // Pages of single areas belong to another feature and are many; a few stand for all. The
            // proof of opening makes every kiosk page its own.
            let alike = link.starts_with("/khu-vuc/")
                || link.starts_with("/dia-ban/")
                || link.contains("mo=");
            let known =
                seen.iter().filter(|old| old.split('/').nth(1) == link.split('/').nth(1)).count();
            if (!alike || known < 30) && seen.len() < PAGES_MAX && seen.insert(link.clone()) {
                waiting.push(link);
            }
        }
    }
    (seen.len(), broken)
}

testkit::on_both_engines! {
    async fn every_link_of_a_point_opens(builder: KitBuilder) {
        let kit = point(builder).await;
        furnish(&kit).await;
        let (pages, broken) = walk(&kit).await;
        assert!(pages > 60, "only {pages} pages were found");
        assert!(broken.is_empty(), "{broken:#?}");
    }

    async fn every_link_of_a_hub_opens(builder: KitBuilder) {
        let kit = hub(builder).await;
        furnish(&kit).await;
        let (pages, broken) = walk(&kit).await;
        assert!(pages > 60, "only {pages} pages were found");
        assert!(broken.is_empty(), "{broken:#?}");
    }
}
