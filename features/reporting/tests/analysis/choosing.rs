//! The forms around the figures: choosing among many indicators, keeping a page in a dashboard.

use kernel::axum;
use testkit::{
    KitBuilder, TestEngine,
    webdriver::{Browser, free_port, is_left_out},
};

use super::PROVINCE_OFFICER;
use crate::cast::{COMMUNE, edit, officer, started, typed, which};

testkit::on_both_engines! {
    async fn a_name_that_is_too_long_comes_back_with_everything_that_was_typed(builder: KitBuilder) {
        let kit = started(builder).await;
        let long = "Bảng theo dõi rất dài ".repeat(8);
        let fields = [
            ("trang", "xep-hang"), ("truy-van", "o=19.2025&dx=10.6"), ("tieu-de", "Lượt người"), ("ten", &long), ("chung", "19.2025"),
        ];
        let again = kit.post(PROVINCE_OFFICER, "/so-lieu/bang-theo-doi", &fields).await;
        assert_eq!(again.status, 422, "{}", again.text);
        assert_eq!(testkit::html::broken(&again.text, "vi"), Vec::<String>::new());
        let page = again.text.replace("&#x2f;", "/");
        assert!(page.contains("href=\"#ten\"") && page.contains("không quá 120 ký tự"), "{page}");
        assert!(page.contains(long.trim()) && page.contains("value=\"Lượt người\""), "{page}");
        let shared = page.split("name=\"chung\"").nth(1).and_then(|rest| rest.split('>').next());
        assert!(shared.is_some_and(|rest| rest.contains("checked")), "{page}");
        assert!(page.contains("name=\"trang\" value=\"xep-hang\"") && page.contains("dx=10.6"), "{page}");
        // Shorter, it is kept.
        let kept = fields.map(|(name, value)| (name, if name == "ten" { "Ngắn" } else { value }));
        assert_eq!(kit.post(PROVINCE_OFFICER, "/so-lieu/bang-theo-doi", &kept).await.status, 303);
    }

    async fn more_than_a_page_shows_is_named_and_the_rest_is_shown(builder: KitBuilder) {
        let kit = started(builder).await;
        let codes = ["10.6", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "1.8", "2.1", "2.2", "3.1", "3.2", "3.4"];
        let asked: Vec<String> = codes.iter().map(|code| format!("&dx={code}")).collect();
        let page = kit.get(PROVINCE_OFFICER, &format!("/so-lieu/bang?o=19.2025{}", asked.concat())).await;
        assert_eq!(page.status, 200, "{}", page.text);
        assert_eq!(testkit::html::broken(&page.text, "vi"), Vec::<String>::new());
        assert!(page.text.contains("Đã chọn 14 mục, mỗi lần chỉ xem được 12 mục."), "{}", page.text);
        let list = page.text.split("data-finder").nth(1).and_then(|rest| rest.split("</fieldset>").next()).expect("the list");
        assert_eq!(list.matches(" checked").count(), 12, "{list}");
        assert!(list.starts_with(" open>"), "what is left out is seen: {list}");
    }

    async fn many_indicators_are_chosen_under_headings_without_a_script(builder: KitBuilder) {
        let kit = started(builder).await;
        let page = kit.get(PROVINCE_OFFICER, "/so-lieu/bang?o=19.2025&dx=10.6&dx=10.2").await;
        assert_eq!(testkit::html::broken(&page.text, "vi"), Vec::<String>::new());
        let list = page.text.split("data-finder").nth(1).and_then(|rest| rest.split("</fieldset>").next()).expect("the list");
        let (chosen, rest) = list.split_once("<details").expect("what is not chosen");
        assert_eq!(chosen.matches(" checked").count(), 2, "{chosen}");
        let line = chosen.split("</summary>").next().expect("a line");
        assert!(line.starts_with("><summary>") && line.contains("(2): "), "closed, it says what is chosen: {line}");
        assert!(chosen.contains("value=\"10.6\"") && !rest.contains(" checked") && !rest.contains("value=\"10.6\""), "{list}");
        for heading in ["Chỉ tiêu tổng hợp (", "Chỉ tiêu đầu vào (", "Tình hình nộp báo cáo ("] {
            assert!(rest.contains(heading), "{heading}: {rest}");
        }
    }

    async fn what_a_page_chose_itself_is_ticked(builder: KitBuilder) {
        let kit = started(builder).await;
        let whose = which(COMMUNE);
        typed(&kit, &officer(&kit), &whose, vec![edit("10.6", 0, 200), edit("10.2", 0, 3)]).await;
        let list = async |page: &str| {
            let page = kit.get(PROVINCE_OFFICER, &format!("/so-lieu/{page}?o=19.2025")).await;
            assert_eq!((page.status, testkit::html::broken(&page.text, "vi")), (200, Vec::new()));
            let list = page.text.split("data-finder").nth(1).and_then(|rest| rest.split("</fieldset>").next());
            list.expect("the list").to_owned()
        };
        let ticked = |list: &str| -> Vec<String> {
            let boxes = list.split("<input type=\"checkbox\"").filter(|one| one.split('>').next().is_some_and(|tag| tag.contains(" checked")));
            boxes.filter_map(|one| Some(one.split("value=\"").nth(1)?.split('"').next()?.to_owned())).collect()
        };
        let series = list("chuoi").await;
        assert_eq!(ticked(&series), ["ds.ho", "ds.ho:ng=ngheo"], "{series}");
        assert_eq!(ticked(&list("dien-bien").await).len(), 1);
        assert_eq!(ticked(&list("bang").await).len(), 4);
        let lives = list("uoc-chinh-thuc").await;
        let line = lives.split("</summary>").next().expect("a line");
        assert!(ticked(&lives).is_empty() && !line.contains('('), "nothing is shown: {lives}");
    }
}

const WHO: &str = "Lan%7Cprovince_officer%7C%2Fvn%2F19.2025%2F";

fn looks_for(browser: &Browser, site: &str) {
    browser.open(&format!("{site}/so-lieu/cong-khai"));
    browser.run(&format!("document.cookie = 'phien={WHO}; path=/'"));
    browser.screen(Some((360, 740)));
    browser.open(&format!("{site}/so-lieu/bang?o=19.2025&dx=10.6"));
    let shown = "[...document.querySelectorAll('[data-finder] li')].filter((one) => one.checkVisibility()).length";
    assert_eq!(browser.told(shown), "0", "the figures come first");
    let line = "document.querySelector('[data-finder] > summary')";
    let height = format!("{line}.offsetHeight >= 44 && {line}.offsetHeight <= 60");
    assert_eq!(browser.told(&height), "true", "one line");
    assert_eq!(browser.told("document.documentElement.scrollWidth <= 360"), "true");
    browser.run(&format!("{line}.focus()"));
    browser.keys("\u{e007}");
    browser.until(&format!("{shown} === 1"));
    browser.type_into("[data-finder] input[type=search]", "can bo TAP huan");
    assert_eq!(
        browser.told("document.querySelector('[data-finder] :checked').checkVisibility()"),
        "true"
    );
    let fits = "[...document.querySelectorAll('[data-finder] li:not([hidden])')].slice(1).every((one) => \
                one.textContent.toLowerCase().includes('cán bộ') && one.textContent.toLowerCase().includes('tập huấn'))";
    assert_eq!(browser.told(fits), "true");
    browser.until(&format!("{shown} > 1 && {shown} < 20"));
    browser.keys("\u{e007}");
    assert!(browser.url().contains("dx=10.6"), "Enter sends nothing");
    assert_eq!(browser.told("document.documentElement.scrollWidth <= 360"), "true");
    browser.type_into("[data-finder] input[type=search]", " khongco");
    browser.until("document.querySelector('[data-none]').textContent.includes('Không có')");
    // What is ticked is told in the line, and closed again it is one.
    browser.run("document.querySelector('[data-finder] li input:not(:checked)').click()");
    assert_eq!(browser.told(&format!("{line}.textContent.includes('(2): ')")), "true");
    browser.run(&format!("{line}.click()"));
    assert_eq!(browser.told(&height), "true");
    // In a wide table the words where there is no figure stand on one line.
    browser.open(&format!("{site}/so-lieu/bang?o={COMMUNE}&dx=10.6&so=8&cot=ky"));
    let gaps = "[...document.querySelectorAll('td a')].filter((one) => one.textContent === 'Chưa báo cáo')";
    let lines =
        format!("{gaps}.length > 1 && {gaps}.every((one) => one.getClientRects().length === 1)");
    browser.until(&lines);
    assert_eq!(
        browser.told("document.documentElement.scrollWidth <= 360"),
        "true",
        "it scrolls in its own box"
    );
}

#[test]
fn an_indicator_is_found_by_parts_of_its_name_with_or_without_marks() {
    if is_left_out() {
        println!("left out: TEST_SKIP_BROWSER=1");
        return;
    }
    testkit::run(async {
        let kit = started(KitBuilder::on(TestEngine::Sqlite)).await;
        let address = free_port();
        let listener = tokio::net::TcpListener::bind(address).await.expect("a free port");
        let site = kit.site();
        let told = tokio::task::spawn_blocking(move || {
            let browser = Browser::start();
            looks_for(&browser, &format!("http://localhost:{}", address.port()));
        });
        tokio::select! {
            told = told => {
                told.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
            }
            ended = async { axum::serve(listener, site).await } => panic!("the server ended: {ended:?}"),
        }
    });
}
