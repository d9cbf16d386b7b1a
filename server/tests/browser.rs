//! The main job on a real screen: written, refused, approved, found on the kiosk and confirmed with a
//! finger and with a card; readable without scripts, on a small phone, and without a word of complaint
//! in the browser's console.

mod ended;

use identity::role;
use testkit::{
    TestEngine,
    webdriver::{Browser, is_left_out},
};

use crate::{
    bridge::{Bridge, PASSWORD, Plan, account, approve, write},
    town::number,
};

/// Runs a story with both nodes working by themselves, and a browser. The browser's calls block, so
/// they have a thread of their own.
fn on_screen(story: impl FnOnce(&Bridge, &Browser) + Send + 'static) {
    if is_left_out() {
        println!("left out: TEST_SKIP_BROWSER=1");
        return;
    }
    testkit::run(async {
        let plan = Plan { engine: TestEngine::Sqlite, drift_ms: 0, by_itself: true };
        let bridge = Bridge::built(&plan).await;
        let told = tokio::task::spawn_blocking(move || {
            let browser = Browser::start();
            story(&bridge, &browser);
            drop(browser);
            bridge
        });
        drop(told.await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic())));
    });
}

/// Waits until the point says that something public has come down to it.
fn until_arrived(bridge: &Bridge) {
    let app = &bridge.point.app;
    let mut told = app.db.wake().on_events();
    let public = "select count(*) as value from publishing_publications where public_version > withdrawn_version";
    tokio::runtime::Handle::current().block_on(async {
        while number(app, public).await == 0 {
            let soon = std::time::Duration::from_secs(30);
            let told = tokio::time::timeout(soon, told.changed()).await;
            told.expect("the item comes to the kiosk").expect("the point runs");
        }
    });
}

fn at(bridge: &Bridge, path: &str) -> String {
    format!("http://{}{path}", bridge.hub_machine.address())
}

fn at_point(bridge: &Bridge, path: &str) -> String {
    format!("http://{}{path}", bridge.point_machine.address())
}

fn sign_in(browser: &Browser, url: &str, name: &str) {
    browser.open(url);
    browser.type_into("#username", name);
    browser.type_into("#password", PASSWORD);
    browser.press("main button[type=submit]");
    browser.until("document.querySelector('.who')");
}

/// Signs out, and waits until that has come about: whoever goes on at once would overtake it.
fn sign_out(browser: &Browser) {
    browser.press(".who button");
    browser.until("!document.querySelector('.who') && document.readyState === 'complete'");
}

/// Nothing in the console except the refusals that the story provokes itself.
fn nothing_to_complain_about(browser: &Browser, provoked: &[&str]) {
    let complaints = browser.complaints();
    let other: Vec<_> = complaints
        .iter()
        .filter(|line| !provoked.iter().any(|known| line.contains(known)))
        .collect();
    assert!(other.is_empty(), "the console says: {other:#?}");
}

// Long because it is one visit, told in the order in which it happens.
#[test]
fn an_item_is_written_approved_heard_and_confirmed_on_screen() {
    on_screen(|bridge, browser| {
        // Written, and refused inline while it is empty.
        sign_in(browser, &at(bridge, "/dang-nhap"), "mai");
        browser.open(&at(bridge, "/bien-tap/moi"));
        browser.press(
            "#bien-tap-moi button[type=submit], form[action='/bien-tap/moi'] button[type=submit]",
        );
        browser.until("document.querySelector('#title-error')");
        assert!(
            browser.has("#title[aria-invalid=true], #title[aria-describedby]"),
            "the field says that it is wrong"
        );
        assert!(
            browser.has("[class*=error-summary] a[href='#title']"),
            "the summary leads to the field"
        );
        browser.type_into("#title", "Vay vốn cho hộ nghèo");
        browser.press("form[action='/bien-tap/moi'] button[type=submit]");
        browser.until("document.querySelector('#body')");
        let desk = browser.url();
        let desk = desk.split(['#', '?']).next().unwrap_or_default().to_owned();
        browser.press("button[name=then][value=submit]");
        browser.until("document.querySelector('#body-error')");
        assert!(browser.has("#themes-error"), "every missing part is told at once");
        browser.type_into("#body", "Bà con mang giấy tờ đến trụ sở xã.");
        browser.press("input[name=areas]");
        browser.press("input[name=themes]");
        browser.press("button[name=then][value=submit]");
        browser.until("!document.querySelector('#body')");
        assert!(!browser.has("form[action$='/duyet']"), "authors do not approve their own work");
        sign_out(browser);

        // Approved by a second person.
        sign_in(browser, &at(bridge, "/dang-nhap"), "binh");
        browser.open(&desk);
        browser.press("form[action$='/duyet'] button[type=submit]");
        browser.until("document.querySelector('[data-flash=done]')");
        nothing_to_complain_about(browser, &["422"]);
        browser.forget_cookies();

        // On the kiosk: at most three touches from the first screen to the sound or text.
        until_arrived(bridge);
        browser.open(&at_point(bridge, "/kiot"));
        assert!(browser.text("main").contains("Vay vốn"));
        let mut touches = 0;
        while !browser.url().contains("/kiot/nghe/") {
            browser.press(".tile__link, .kiosk-item");
            touches += 1;
            assert!(touches <= 3, "more than three touches to the newest item");
        }
        assert!(browser.text("main").contains("Bà con mang giấy tờ"));

        // Confirmed with a finger; while the program starts again, the screen waits for it.
        browser.before_each_page(
            "{ const really = fetch; window.isDown = false; window.tries = 0; window.fetch = (...what) => { \
             tries++; return isDown ? Promise.reject(new Error()) : really(...what) } }",
        );
        browser.press(".kiosk-action--primary");
        browser.until_at("/kiot/xac-nhan/");
        let confirmation = browser.url();
        browser.run("isDown = true");
        browser.press(".kiosk-action--done");
        browser.until("tries > 1");
        assert_eq!(browser.url(), confirmation);
        browser.run("isDown = false");
        browser.until_at("/kiot/cam-on");

        // And with a card: the reader types wherever the focus is, and presses Enter.
        browser.open(&confirmation);
        browser.until("document.activeElement && document.activeElement.name === 'card'");
        browser.keys(&format!("{}\u{e007}", bridge.card));
        browser.until_at("/kiot/cam-on");
        browser.open(&confirmation);
        browser.until("document.activeElement && document.activeElement.name === 'card'");
        browser.keys("NC1:123456789012345678901234567890\u{e007}");
        browser.until("document.querySelector('.notice--danger')");
        nothing_to_complain_about(browser, &["422"]);

        // The hub's board rises by itself.
        sign_in(browser, &at(bridge, "/dang-nhap"), "lan");
        let id = desk.rsplit('/').next().unwrap_or_default();
        browser.open(&at(bridge, &format!("/do-phu/{id}")));
        assert!(browser.text("main").contains("Vay vốn cho hộ nghèo"));
        nothing_to_complain_about(browser, &[]);
    });
}

/// However deep a page lies and however long the names above it: one line, the first and the parent.
fn crumbs_fit(browser: &Browser, url: &str) {
    browser.open(url);
    let told = browser.run(
        "const list = document.querySelector('.breadcrumbs ol'), step = list.firstElementChild; \
         return [1, 2, 3, 4, 5, 6].map(deep => { list.replaceChildren(...Array.from({ length: deep }, (_, at) => { \
         const one = step.cloneNode(true); one.firstElementChild.textContent = 'Chương trình mục tiêu quốc gia số ' + at; \
         return one })); const seen = [...list.children].filter(one => one.offsetParent); \
         return [document.documentElement.scrollWidth, seen.length, new Set(seen.map(one => one.offsetTop)).size].join(' ') \
         }).join(', ')",
    );
    assert_eq!(told, "360 1 1, 360 1 1, 360 2 1, 360 2 1, 360 2 1, 360 2 1");
}

// Long because of its list of pages; each is measured in the same way.
#[test]
fn pages_work_without_scripts_and_fit_a_small_phone() {
    on_screen(|bridge, browser| {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let id = runtime.block_on(async {
            let (mut mai, mut binh) = (bridge.at_hub(), bridge.at_hub());
            mai.sign_in("mai", PASSWORD).await;
            binh.sign_in("binh", PASSWORD).await;
            let long = "Mộtchữrấtdàikhôngcókhoảngtrắngnàocảđểxemcótrànmànhìnhkhông và những chữ bình thường";
            let id = write(&mut mai, long).await;
            approve(&mut binh, &id).await;
            id
        });

        // Text size and contrast are links to the server: no script is needed.
        browser.scripts(false);
        browser.open(&at(bridge, "/"));
        let size = || {
            browser.run("return parseFloat(getComputedStyle(document.querySelector('main p, main h1')).fontSize)")
        };
        let normal = size().as_f64().unwrap_or_default();
        browser.press("button[name=co][value=lon]");
        browser.until("document.documentElement.dataset.text === 'lon'");
        let large = size().as_f64().unwrap_or_default();
        assert!(large > normal, "{normal} → {large}");
        browser.press("button[name=tuong_phan]");
        browser.until("document.documentElement.dataset.contrast === 'cao'");
        browser.press("button[name=tieng][value=en]");
        browser.until("document.documentElement.lang === 'en'");
        browser.scripts(true);
        browser.forget_cookies();

        // 360 CSS pixels: the smallest phone still sold here. In the largest text, too.
        browser.screen(Some((360, 740)));
        let everybody = [
            "/",
            "/tin",
            "/van-ban",
            "/tim-kiem?q=xa",
            "/dia-ban",
            "/dia-ban/01969.2025",
            "/ve",
            "/tro-nang",
            "/so-do-trang",
            "/dang-nhap",
            "/kiot",
            "/khong-co-trang-nay",
        ];
        crumbs_fit(browser, &at(bridge, "/dia-ban/01969.2025"));
        let item =
            [format!("/tin/{id}"), format!("/tin/{id}/xac-nhan"), format!("/kiot/nghe/{id}")];
        let mut wide = Vec::new();
        let mut measure = |path: &str| {
            browser.open(&at(bridge, path));
            let width = browser
                .run("return document.documentElement.scrollWidth")
                .as_i64()
                .unwrap_or(i64::MAX);
            if width > 360 {
                let who = browser.run(
                    "return [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > 361)\
                     .slice(0, 3).map(e => [e, e.parentElement, e.parentElement?.parentElement]\
                     .map(x => x?.tagName + '.' + x?.getAttribute('class')).join(' < '))",
                );
                wide.push(format!("{path}: {width} px, {who}"));
            }
        };
        for path in everybody.iter().copied().chain(item.iter().map(String::as_str)) {
            measure(path);
        }
        browser.open(&at(bridge, "/tuy-chon?co=lon"));
        for path in ["/", "/tin", item[0].as_str()] {
            measure(path);
        }
        nothing_to_complain_about(browser, &["404"]);
        sign_in(browser, &at(bridge, "/dang-nhap"), "mai");
        for path in ["/bien-tap", "/bien-tap/moi", "/do-phu", "/tai-khoan", "/tai-khoan/mat-khau"] {
            measure(path);
        }
        measure(&format!("/bien-tap/{id}"));
        measure(&format!("/do-phu/{id}"));
        assert!(wide.is_empty(), "wider than the screen:\n{}", wide.join("\n"));
        nothing_to_complain_about(browser, &[]);
    });
}

#[test]
fn a_draft_that_waited_in_the_browser_does_not_stand_over_what_another_editor_saved() {
    on_screen(|bridge, browser| {
        let ha = account(&bridge.hub.app, "ha", role::EDITOR, "/vn/");
        tokio::runtime::Handle::current().block_on(ha);
        sign_in(browser, &at(bridge, "/dang-nhap"), "mai");
        browser.open(&at(bridge, "/bien-tap/moi"));
        browser.type_into("#title", "Tin của hai người");
        browser.press("form[action='/bien-tap/moi'] button[type=submit]");
        browser.until("document.querySelector('#body')");
        let desk = browser.url();
        browser.type_into("#body", "Mai viết dở.");
        browser.until("Object.values(localStorage).some(v => v.includes('Mai viết dở'))");
        browser.forget_cookies();
        let save = |words: &str| {
            browser.run("document.querySelector('#body').value = ''");
            browser.type_into("#body", words);
            browser.press("button[name=then][value=save]");
            browser.until("document.querySelector('[data-flash=done]')");
        };
        // Hà has no draft of her own at this desk: it is another person's browser.
        let mine =
            browser.run("const kept = { ...localStorage }; localStorage.clear(); return kept");
        sign_in(browser, &at(bridge, "/dang-nhap"), "ha");
        browser.open(&desk);
        save("Hà đã viết xong.");
        browser.forget_cookies();
        browser.run_on("Object.assign(localStorage, args[0])", &[&mine]);

        sign_in(browser, &at(bridge, "/dang-nhap"), "mai");
        browser.open(&desk);
        browser.until("document.querySelector('#body').value === 'Mai viết dở.'");
        browser.press("button[name=then][value=save]");
        browser.until("!document.querySelector('#body')");
        let both = browser.text("main");
        assert!(both.contains("Hà đã viết xong.") && both.contains("Mai viết dở."), "{both}");
        nothing_to_complain_about(browser, &["409"]);
    });
}

#[test]
fn words_typed_by_one_person_are_never_offered_to_the_next_at_the_same_browser() {
    on_screen(|bridge, browser| {
        let ha = account(&bridge.hub.app, "ha", role::EDITOR, "/vn/");
        tokio::runtime::Handle::current().block_on(ha);
        let kept = "Object.values(localStorage).some(v => v.includes('người chứng kiến'))";
        let still_kept = || browser.run(&format!("return {kept}")) == serde_json::json!(true);
        let form = at(bridge, "/bien-tap/moi");
        let typed = "Bà Lan là người chứng kiến";
        let title = || {
            browser.open(&form);
            // The page's script has put back what it would by then.
            browser.until("document.querySelector('#title') && document.readyState === 'complete'");
            browser.told("document.querySelector('#title').value")
        };
        sign_in(browser, &at(bridge, "/dang-nhap"), "mai");
        browser.open(&form);
        browser.type_into("#title", typed);
        browser.until(kept);
        // A session that ended by itself keeps the words, for their owner alone.
        browser.forget_cookies();
        sign_in(browser, &at(bridge, "/dang-nhap"), "ha");
        assert_eq!(title(), "", "nothing of another person's");
        sign_out(browser);
        assert!(still_kept(), "who signs out drops their own drafts alone");
        sign_in(browser, &at(bridge, "/dang-nhap"), "mai");
        assert_eq!(title(), typed, "they come back to whoever typed them");
        // Who signs out leaves none.
        browser.open(&at(bridge, "/"));
        assert!(still_kept());
        sign_out(browser);
        browser.until(&format!("!({kept})"));
        sign_in(browser, &at(bridge, "/dang-nhap"), "mai");
        assert_eq!(title(), "");
        // Nobody has touched a form into which a draft came back by itself.
        nothing_to_complain_about(browser, &["beforeunload"]);
    });
}

#[test]
fn words_typed_for_one_report_are_not_offered_on_the_page_of_another() {
    on_screen(|bridge, browser| {
        let lien =
            account(&bridge.hub.app, "lien", role::COMMUNE_OFFICER, "/vn/19.2025/01942.2025/");
        tokio::runtime::Handle::current().block_on(lien);
        sign_in(browser, &at(bridge, "/dang-nhap"), "lien");
        let name = "document.querySelector('#row [name=\"k.ten\"]')";
        let meeting_of = |quarter: &str| {
            let which = format!("bm-08/nd09q-2026-{quarter}/01942.2025/chinh-thuc");
            browser.open(&at(bridge, &format!("/bao-cao/{which}/dong/cuoc")));
            browser.until(name);
        };
        meeting_of("3");
        browser.type_into("#row [name=\"k.ten\"]", "Tập huấn thôn Nà Ít");
        browser.until("Object.values(localStorage).some(v => v.includes('Nà Ít'))");
        meeting_of("2");
        assert_eq!(browser.told(&format!("{name}.value")), "");
        meeting_of("3");
        browser.until(&format!("{name}.value === 'Tập huấn thôn Nà Ít'"));
        nothing_to_complain_about(browser, &[]);
    });
}

#[test]
fn a_place_that_the_server_has_taken_does_not_come_back_into_its_field() {
    on_screen(|bridge, browser| {
        let nga = account(&bridge.hub.app, "nga", role::PROGRAMME_OFFICER, "/vn/");
        tokio::runtime::Handle::current().block_on(nga);
        sign_in(browser, &at(bridge, "/dang-nhap"), "nga");
        let page = at(bridge, "/bao-cao/bieu/dot-xuat");
        browser.open(&page);
        browser.type_into("#title", "Thiệt hại do mưa lũ");
        browser.type_into("#place", "xã Phủ Thông");
        let kept = "Object.values(localStorage).some(v => v.includes('mưa lũ'))";
        browser.until(kept);
        browser.press("button[name=do][value=area]");
        browser.until("document.querySelector('input[name=areas][value$=\"/01969.2025/\"]')");
        assert_eq!(browser.told("document.querySelector('#title').value"), "Thiệt hại do mưa lũ");
        assert_eq!(browser.told("document.querySelector('#place').value"), "");
        // Words come back into a page that is opened anew; the place does not.
        browser.type_into("#basis", "Công văn của Bộ");
        browser.type_into("#place", "xã Yên Thịnh");
        browser.until("Object.values(localStorage).some(v => v.includes('Công văn'))");
        browser.open(&page);
        browser.until("document.querySelector('#basis').value === 'Công văn của Bộ'");
        assert_eq!(browser.told("document.querySelector('#place').value"), "");
        nothing_to_complain_about(browser, &[]);
    });
}

/// Where the keyboard is in the tree: rung, place among its siblings, opened or not.
fn in_the_tree(browser: &Browser) -> String {
    let told = browser.run(
        "const e = document.activeElement; return [e.getAttribute('role'), e.ariaLevel, e.ariaPosInSet, \
         e.getAttribute('aria-expanded') ?? '-'].join(' ')",
    );
    told.as_str().unwrap_or_default().to_owned()
}

#[test]
fn the_tree_of_places_is_walked_by_keyboard_alone() {
    // The keys as WebDriver names them.
    let [up, down, left, right] = ["\u{e013}", "\u{e015}", "\u{e012}", "\u{e014}"];
    let [home, end, enter] = ["\u{e011}", "\u{e010}", "\u{e007}"];
    on_screen(move |bridge, browser| {
        browser.open(&at(bridge, "/dia-ban/cay"));
        browser.until("document.querySelector('[role=tree] [role=treeitem][tabindex=\"0\"]')");
        let stops =
            browser.run("return document.querySelectorAll('[role=tree] [tabindex=\"0\"]').length");
        assert_eq!(stops, serde_json::json!(1), "one stop for Tab");
        browser.run("document.querySelector('[role=treeitem][tabindex=\"0\"]').focus()");
        assert_eq!(in_the_tree(browser), "treeitem 1 1 false");
        browser.keys(right);
        browser.until("document.activeElement.getAttribute('aria-expanded') === 'true'");
        let communes =
            "document.activeElement.querySelectorAll(':scope > ul > [role=treeitem]').length";
        browser.until(&format!("{communes} > 1"));
        let last = browser.run(&format!("return {communes}"));
        let (first, last) = ("treeitem 2 1 -", format!("treeitem 2 {last} -"));
        let walk = [
            (right, first),
            (down, "treeitem 2 2 -"),
            (up, first),
            (end, last.as_str()),
            (down, last.as_str()),
            (home, "treeitem 1 1 true"),
            (up, "treeitem 1 1 true"),
            (down, first),
            (left, "treeitem 1 1 true"),
            (left, "treeitem 1 1 false"),
            (end, "treeitem 1 1 false"),
        ];
        for (step, (key, stands)) in walk.into_iter().enumerate() {
            browser.keys(key);
            assert_eq!(in_the_tree(browser), stands, "step {step}");
        }
        // A name is jumped to by its first letters, typed without marks; Enter opens its page.
        browser.keys(right);
        browser.keys("phu thong");
        let label = browser.run("return document.activeElement.ariaLabel");
        assert!(label.as_str().is_some_and(|label| label.contains("Phủ Thông")), "{label}");
        browser.keys(enter);
        browser.until_at("/dia-ban/01969.2025");
        nothing_to_complain_about(browser, &[]);
    });
}
