//! The pages of figures on a phone, in a real browser: where they lead takes one line, opens by keyboard and needs no
//! script.

use kernel::axum;
use testkit::{
    KitBuilder, TestEngine,
    webdriver::{Browser, free_port, is_left_out},
};

use crate::cast::started;

const WHO: &str = "Lan%7Cprovince_officer%7C%2Fvn%2F19.2025%2F";
const ENTER: &str = "\u{e007}";
const TAB: &str = "\u{e004}";

/// How high what the selector finds is drawn, in pixels.
fn height(browser: &Browser, css: &str) -> f64 {
    let script = format!("return document.querySelector('{css}').getBoundingClientRect().height");
    browser.run(&script).as_f64().expect("a number")
}

fn walks(browser: &Browser, site: &str) {
    browser.open(&format!("{site}/so-lieu/cong-khai"));
    browser.run(&format!("document.cookie = 'phien={WHO}; path=/'"));
    browser.screen(Some((360, 740)));
    browser.open(&format!("{site}/so-lieu/chuoi"));
    let (menu, row) = ("main nav .menu", "main nav .tabs");
    assert!(browser.has(row), "{}", browser.text("main"));
    assert!((40.0..90.0).contains(&height(browser, menu)), "{}", height(browser, menu));
    assert!(height(browser, row) < 1.0, "the row of tabs is not drawn on a phone");
    assert_eq!(browser.told("document.documentElement.scrollWidth <= 360"), "true");
    // By keyboard: the menu opens, and the next stops are its pages.
    browser.run("document.querySelector('main nav summary').focus()");
    browser.keys(ENTER);
    browser.until("document.querySelector('main nav details').open");
    browser.keys(TAB);
    assert_eq!(browser.told("document.activeElement.closest('.menu') !== null"), "true");
    browser.keys(ENTER);
    browser.until(
        "location.pathname === '/so-lieu' && document.querySelector('.tabs [aria-current]')",
    );
    assert_eq!(browser.told("document.documentElement.scrollWidth <= 360"), "true");
    // On a screen there are all of them at once.
    browser.screen(Some((1_100, 800)));
    assert!(height(browser, menu) < 1.0 && height(browser, row) > 30.0);
}

#[test]
fn the_pages_of_figures_take_one_line_on_a_phone_and_open_by_keyboard() {
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
            walks(&browser, &format!("http://localhost:{}", address.port()));
        });
        tokio::select! {
            told = told => {
                told.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
            }
            ended = async { axum::serve(listener, site).await } => panic!("the server ended: {ended:?}"),
        }
    });
}
