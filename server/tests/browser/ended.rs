//! A session that ends while a long text is open, on a real screen: nothing is lost, and nothing comes back twice.

use super::{at, nothing_to_complain_about, on_screen, sign_in};
use crate::bridge::PASSWORD;

#[test]
fn a_long_text_is_still_there_after_the_session_has_ended() {
    on_screen(|bridge, browser| {
        sign_in(browser, &at(bridge, "/dang-nhap"), "mai");
        browser.open(&at(bridge, "/bien-tap/moi"));
        browser.type_into("#title", "Tin viết lâu");
        browser.press("form[action='/bien-tap/moi'] button[type=submit]");
        browser.until("document.querySelector('#body')");
        let desk = browser.url();
        browser.type_into("#body", "Một đoạn dài đã viết cả buổi sáng.");
        browser.until(
            "Object.keys(localStorage).some(k => (localStorage[k] || '').includes('cả buổi sáng'))",
        );
        // The session ends while the text is open; saving is refused, the words are not lost.
        browser.forget_cookies();
        browser.press("button[name=then][value=save]");
        browser.until("!document.querySelector('#body')");
        assert!(
            browser.run("return Object.keys(localStorage).some(k => (localStorage[k] || '').includes('cả buổi sáng'))")
                == serde_json::json!(true),
            "the draft stays in the browser"
        );
        browser.screen(Some((360, 740)));
        browser.until("document.documentElement.scrollWidth <= 360");
        browser.screen(None);
        sign_in(browser, &at(bridge, "/dang-nhap"), "mai");
        browser.open(&desk);
        browser.until("document.querySelector('#body').value.includes('cả buổi sáng')");
        browser.press("button[name=then][value=save]");
        browser.until("document.querySelector('[data-flash=done]')");
        assert!(
            browser.run("return document.querySelector('#body').value")
                == serde_json::json!("Một đoạn dài đã viết cả buổi sáng.")
        );

        // Ended once more: signed in on the page that says so and sent on from there, the words are saved, and nothing
        // is left in the browser to be put back over them.
        browser.type_into("#body", " Thêm một câu.");
        browser.forget_cookies();
        browser.press("button[name=then][value=save]");
        browser.type_into("#username", "mai");
        browser.type_into("#password", PASSWORD);
        browser.press("main button[type=submit]");
        browser.until("document.body.innerText.includes('Gửi lại nội dung này')");
        browser.press("main form button[type=submit]");
        browser.until("document.querySelector('[data-flash=done]')");
        assert!(browser.told("document.querySelector('#body').value").ends_with("Thêm một câu."));
        assert!(!browser.has("form .notice--warn"), "{}", browser.text("main form .notice--warn"));
        browser.until("!Object.keys(localStorage).some(k => (localStorage[k] || '').includes('cả buổi sáng'))");
        nothing_to_complain_about(browser, &["401", "403"]);
    });
}
