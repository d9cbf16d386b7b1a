//! The page for entry in a real browser: typed, pasted, taken back, judged, kept while there is no network, sent
//! once. The page is a sample that keeps the contract of the real one, so that the server can be stopped, refuse
//! and be asked what it was told.

#![expect(clippy::unwrap_used, reason = "the sample page and its server are part of the test")]

mod desk;

use serde_json::{Value, json};

use desk::Desk;
use testkit::webdriver::{Browser, CTRL, Profile, SHIFT, is_left_out, until};

/// Most bytes of all scripts of a page for entry, as they travel.
const SCRIPTS_MAX: u64 = 25 * 1024;

const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";
const DELETE: &str = "\u{e017}";
const LEFT: &str = "\u{e012}";
const UP: &str = "\u{e013}";
const RIGHT: &str = "\u{e014}";
const DOWN: &str = "\u{e015}";
const TAB: &str = "\u{e004}";
const F2: &str = "\u{e032}";

/// Runs a story at a desk. The browser's calls block, so they have a thread of their own.
fn at_desk(story: impl FnOnce(&mut Desk, Browser, &Profile) + Send + 'static) {
    if is_left_out() {
        println!("left out: TEST_SKIP_BROWSER=1");
        return;
    }
    testkit::run(async {
        let mut desk = Desk::open().await;
        let told = tokio::task::spawn_blocking(move || {
            let profile = Profile::fresh();
            let browser = Browser::on(&profile);
            open(&browser, &desk);
            story(&mut desk, browser, &profile);
            desk.stop();
            desk
        });
        drop(told.await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic())));
    });
}

/// Opens the page and waits until its script is ready.
fn open(browser: &Browser, desk: &Desk) {
    browser.open(&desk.url());
    browser.until("document.querySelector('form[data-ready]')");
}

/// The input of a cell, in a script.
fn input(cell: &str) -> String {
    format!("document.getElementById('o-{cell}')")
}

fn go(browser: &Browser, cell: &str) {
    browser.run(&format!("document.activeElement.blur(); {}.focus()", input(cell)));
}

fn value(browser: &Browser, cell: &str) -> String {
    browser.told(&format!("{}.value", input(cell)))
}

fn until_looks(browser: &Browser, cell: &str, look: &str) {
    browser.until(&format!("{}.closest('td').classList.contains('cell--{look}')", input(cell)));
}

fn at(browser: &Browser) -> String {
    browser.told("document.activeElement.name ?? ''")
}

fn paste(browser: &Browser, text: &str) {
    browser.run_on(
        "const it = new DataTransfer(); it.setData('text/plain', args[0]); document.activeElement.dispatchEvent(\
         new ClipboardEvent('paste', { clipboardData: it, bubbles: true, cancelable: true }))",
        &[&json!(text)],
    );
}

fn copied(browser: &Browser) -> String {
    browser.told(
        "(() => { const it = new DataTransfer(); document.activeElement.dispatchEvent(new ClipboardEvent('copy', \
         { clipboardData: it, bubbles: true, cancelable: true })); return it.getData('text/plain') })()",
    )
}

// Long because it is one visit, told in the order in which it happens.
#[test]
fn figures_are_typed_read_judged_saved_and_taken_back_by_keys_alone() {
    at_desk(|desk, browser, _| {
        go(&browser, "10.6");
        browser.keys(&format!("198{RIGHT}"));
        assert_eq!(at(&browser), "c.10.6:gt=nu", "an arrow leaves while typing");
        desk.until_held("10.6", "198");
        until_looks(&browser, "10.6", "saved");
        browser.keys(&format!("214{ENTER}"));
        assert_eq!(at(&browser), "c.20.1:gt=nu", "Enter goes to the next figure below");
        until_looks(&browser, "10.6:gt=nu", "wrong");
        browser.until(
            "document.querySelector('[data-entry-summary]').innerText.includes('Nữ lớn hơn tổng')",
        );
        let described = "document.getElementById(document.getElementById('o-10.6:gt=nu').getAttribute('aria-describedby')).textContent";
        assert!(
            browser.told(described).contains("Nữ lớn hơn tổng"),
            "the reason is told with the field"
        );
        desk.until_held("10.6:gt=nu", "214");
        let wanting = "[...document.querySelectorAll('[data-entry-summary] a')].find((one) => one.textContent.includes('Còn 1 ô bắt buộc'))";
        browser.run(&format!("{wanting}.click()"));
        assert_eq!(at(&browser), "c.20.1", "what is wanting leads to its first cell");

        // Taken back and done again; both are saved.
        browser.keys(&format!("{CTRL}z"));
        assert_eq!(
            (value(&browser, "10.6:gt=nu").as_str(), at(&browser).as_str()),
            ("", "c.10.6:gt=nu")
        );
        browser.until("document.querySelector('[data-entry-summary]').hidden");
        browser.keys(&format!("{CTRL}y"));
        assert_eq!(value(&browser, "10.6:gt=nu"), "214");
        browser.until("!document.querySelector('[data-entry-summary]').hidden");
        browser.keys(&format!("183{ESCAPE}"));
        assert_eq!(value(&browser, "10.6:gt=nu"), "214", "Escape gives back what stood there");
        browser.keys(&format!("{F2}\u{e003}{LEFT}{LEFT}1{ENTER}"));
        assert_eq!(value(&browser, "10.6:gt=nu"), "121", "within a figure after F2");
        browser.until("document.querySelector('[data-entry-summary]').hidden");
        desk.until_held("10.6:gt=nu", "121");

        // Numbers are shown as they were read, and in words; what can be read in two ways is told, and not sent.
        go(&browser, "10.8");
        browser.keys(&format!("0,306105 tỷ{UP}"));
        assert_eq!(value(&browser, "10.8"), "306,105");
        browser.until("document.getElementById('note-10.8')?.textContent.includes('ba trăm linh sáu triệu một trăm linh năm nghìn đồng')");
        go(&browser, "10.5");
        browser.keys(&format!("1.5{TAB}"));
        assert_eq!(at(&browser), "c.10.6");
        until_looks(&browser, "10.5", "wrong");
        assert_eq!(value(&browser, "10.5"), "1.5", "nothing typed is taken back");
        browser.until(
            "document.querySelector('[data-entry-summary]').innerText.includes('thì viết 1.500.')",
        );
        browser.keys(&format!("{CTRL}\u{e011}"));
        assert_eq!(at(&browser), "c.10.5", "Ctrl+Home is the first cell");
        browser.keys(&format!("{CTRL}\u{e010}"));
        assert_eq!(at(&browser), "c.20.3:dt=tay", "Ctrl+End the last one");

        // Nothing occurred, with the reason; and words.
        browser.run("const s = document.querySelector('[name=\"s.10.7\"]'); s.value = 'nil'; s.dispatchEvent(new Event('input', { bubbles: true })); \
                     s.dispatchEvent(new Event('change', { bubbles: true })); document.querySelector('[name=\"r.10.7\"]').focus()");
        browser.keys("mưa lũ");
        until("the reason was sent", || {
            desk.known().taken.iter().any(|body| body["edits"][0]["nil"] == "mưa lũ")
        });
        browser.run("document.getElementById('kho-khan').focus()");
        browser.keys("Đường sạt lở");
        until("the words were sent", || {
            desk.known()
                .taken
                .iter()
                .any(|body| body["narratives"][0] == json!(["khokhan", "Đường sạt lở", 0]))
        });
        assert_eq!(desk.times_sent("10.5", "1.5"), 0);

        // All scripts of the page, as they travel. The browser names them; what came out of the worker's store has no
        // size there, so the server is asked.
        let scripts = browser.run(
            "return [...new Set(performance.getEntriesByType('resource').map(e => new URL(e.name).pathname)\
             .filter(path => path.endsWith('.js') && !path.endsWith('/sw.js')))]",
        );
        let scripts = scripts.as_array().unwrap().clone();
        assert!(scripts.len() >= 8, "{scripts:?}");
        let bytes: u64 = scripts.iter().map(|path| desk.weight(path.as_str().unwrap())).sum();
        println!("scripts of the page: {bytes} bytes");
        assert!(bytes <= SCRIPTS_MAX, "{bytes} bytes of scripts");
        let complaints = browser.complaints();
        assert!(complaints.is_empty(), "the console says: {complaints:#?}");
    });
}

#[test]
fn a_block_is_pasted_copied_filled_emptied_and_taken_back_whole() {
    at_desk(|desk, browser, _| {
        go(&browser, "20.1");
        paste(&browser, "1.200\t700\t500\r\n\"300\"\t\t150 hộ\r\n10,5\t5\t\"5\n6\"\tthừa\r\n");
        let block = [
            "20.1",
            "20.1:gt=nu",
            "20.1:dt=tay",
            "20.2",
            "20.2:gt=nu",
            "20.2:dt=tay",
            "20.3",
            "20.3:gt=nu",
        ];
        let values = |browser: &Browser| block.map(|cell| value(browser, cell));
        let pasted = ["1.200", "700", "500", "300", "", "150", "10,5", "5"];
        assert_eq!(values(&browser), pasted);
        assert_ne!(value(&browser, "20.3:dt=tay"), "56", "two lines are not one number");
        until_looks(&browser, "20.3:dt=tay", "wrong");
        let notice = browser.told("document.querySelector('[data-entry-notice]').innerText");
        assert!(notice.contains("1 giá trị") && notice.contains("thừa"), "{notice}");
        desk.until_held("20.1", "1.200");
        desk.until_held("20.3:gt=nu", "5");

        // A block of what is shown goes out as it came in.
        go(&browser, "20.1");
        browser.keys(&format!("{SHIFT}{RIGHT}{DOWN}"));
        assert_eq!(copied(&browser), "1.200\t700\n300\t");
        assert_eq!(browser.told("document.querySelectorAll('.cell--block').length"), "4");
        browser.keys(&format!("{CTRL}d"));
        assert_eq!([value(&browser, "20.2"), value(&browser, "20.2:gt=nu")], ["1.200", "700"]);
        browser.keys(DELETE);
        assert_eq!([value(&browser, "20.1"), value(&browser, "20.2:gt=nu")], ["", ""]);
        for _ in 0..2 {
            browser.keys(&format!("{CTRL}z"));
        }
        assert_eq!(values(&browser), pasted, "taken back step by step");
        browser.keys(&format!("{CTRL}z"));
        assert_eq!(values(&browser), [""; 8], "the paste is one step");
        browser.keys(&format!("{CTRL}y"));
        desk.until_held("20.1", "1.200");

        // A block written 1,234.5 is read so, and that is said.
        go(&browser, "20.3");
        paste(&browser, "1,234.5\t12.5");
        assert_eq!([value(&browser, "20.3"), value(&browser, "20.3:gt=nu")], ["1.234,5", "12,5"]);
        assert!(
            browser
                .told("document.querySelector('[data-entry-notice]').innerText")
                .contains("1,234.5")
        );
        desk.until_held("20.3", "1.234,5");
        assert!(browser.complaints().is_empty());
    });
}

#[test]
fn what_was_typed_without_a_network_is_kept_shown_after_a_reload_and_sent_once() {
    at_desk(|desk, browser, _| {
        browser.until("document.documentElement.dataset.atHand !== undefined");
        desk.stop();
        go(&browser, "20.1");
        browser.keys(&format!("12{DOWN}34{ENTER}"));
        until_looks(&browser, "20.1", "unsent");
        let told = browser.told("document.getElementById('note-20.1').textContent");
        assert_eq!(told.trim(), "Chưa lưu.", "nothing here is about handing in");
        browser.until("document.querySelector('[data-entry-strip]').innerText.includes('Đang ngoại tuyến. 2 ô')");

        // The page itself is at hand; what waits stands in it, in every tab.
        open(&browser, desk);
        assert_eq!([value(&browser, "20.1"), value(&browser, "20.2")], ["12", "34"]);
        until_looks(&browser, "20.2", "unsent");
        browser.new_tab();
        open(&browser, desk);
        assert_eq!(value(&browser, "20.1"), "12");
        go(&browser, "20.1");
        browser.keys(&format!("13{ENTER}"));
        browser.until("document.querySelector('[data-entry-strip]').innerText.includes('2 ô')");

        desk.start();
        desk.until_held("20.1", "13");
        desk.until_held("20.2", "34");
        until_looks(&browser, "20.1", "saved");
        browser.until("document.querySelector('[data-entry-strip]').innerText.includes('Đã lưu')");
        // One more figure goes the same way: whatever was still to be sent has gone before it.
        go(&browser, "20.2");
        browser.keys(&format!("35{ENTER}"));
        desk.until_held("20.2", "35");
        assert_eq!(desk.times_sent("20.1", "12"), 0, "the newer figure took its place");
        assert_eq!([desk.times_sent("20.1", "13"), desk.times_sent("20.2", "34")], [1, 1]);

        // The page that was kept is older than what was sent since; it shows the newer figures all the same.
        desk.stop();
        open(&browser, desk);
        assert_eq!([value(&browser, "20.1"), value(&browser, "20.2")], ["13", "35"]);
        desk.start();
    });
}

#[test]
fn what_was_typed_survives_the_end_of_the_browser() {
    at_desk(|desk, browser, profile| {
        desk.stop();
        go(&browser, "20.1");
        browser.keys(&format!("12{RIGHT}7"));
        browser.until("document.querySelector('[data-entry-strip]').innerText.includes('2 ô')");
        browser.kill();
        desk.start();
        let browser = Browser::on(profile);
        open(&browser, desk);
        assert_eq!([value(&browser, "20.1"), value(&browser, "20.1:gt=nu")], ["12", "7"]);
        desk.until_held("20.1:gt=nu", "7");
        assert_eq!([desk.times_sent("20.1", "12"), desk.times_sent("20.1:gt=nu", "7")], [1, 1]);
    });
}

/// As private windows and some phones do it.
const NO_DATABASE: &str =
    "Object.defineProperty(window, 'indexedDB', { get() { throw new Error('denied') } });";
const NO_STORAGE: &str = "Storage.prototype.setItem = () => { throw new Error('denied') };";

#[test]
fn what_was_typed_is_kept_where_the_browser_has_no_database() {
    at_desk(|desk, browser, _| {
        browser.until("document.documentElement.dataset.atHand !== undefined");
        browser.before_each_page(NO_DATABASE);
        open(&browser, desk);
        desk.stop();
        go(&browser, "20.1");
        browser.keys(&format!("12{DOWN}34{ENTER}"));
        until_looks(&browser, "20.2", "unsent");
        open(&browser, desk);
        assert_eq!([value(&browser, "20.1"), value(&browser, "20.2")], ["12", "34"]);
        desk.start();
        desk.until_held("20.1", "12");
        desk.until_held("20.2", "34");
        until_looks(&browser, "20.2", "saved");
        assert_eq!([desk.times_sent("20.1", "12"), desk.times_sent("20.2", "34")], [1, 1]);
    });
}

#[test]
fn a_page_that_may_keep_nothing_says_what_would_be_lost_and_sends_it() {
    at_desk(|desk, browser, _| {
        browser.until("document.documentElement.dataset.atHand !== undefined");
        browser.before_each_page(&format!("{NO_DATABASE}{NO_STORAGE}"));
        open(&browser, desk);
        desk.stop();
        go(&browser, "20.1");
        browser.keys(&format!("12{ENTER}"));
        let strip = "document.querySelector('[data-entry-strip]').innerText";
        browser.until(&format!("{strip}.includes('1 ô chưa lưu sẽ mất nếu đóng trang')"));
        desk.start();
        desk.until_held("20.1", "12");
        browser.until(&format!("{strip}.includes('Đã lưu')"));
    });
}

#[test]
fn a_refusal_keeps_what_was_typed_and_two_figures_are_settled_by_a_person() {
    at_desk(|desk, browser, _| {
        let strip = "document.querySelector('[data-entry-strip]')";
        // The session has ended; after signing in again, elsewhere, the page finds its new token by itself.
        desk.known().refusing = Some((401, "Cần đăng nhập"));
        go(&browser, "20.1");
        browser.keys(&format!("12{ENTER}"));
        browser.until(&format!("{strip}.querySelector('a[href^=\"/dang-nhap\"]')"));
        until_looks(&browser, "20.1", "unsent");
        {
            let mut known = desk.known();
            (known.refusing, known.token) = (None, "dau-2");
        }
        browser.run("dispatchEvent(new Event('focus'))");
        desk.until_held("20.1", "12");

        // Somebody else's session sends nothing of this person's.
        (desk.known().token, desk.known().person) = ("dau-3", "binh");
        go(&browser, "20.2");
        browser.keys(&format!("5{ENTER}"));
        browser.until(&format!("{strip}.innerText.includes('không phải người đã gõ')"));
        (desk.known().token, desk.known().person) = ("dau-3", "mai");
        browser.run("dispatchEvent(new Event('focus'))");
        desk.until_held("20.2", "5");

        // The report was closed meanwhile: the figure stays, with the reason beside it.
        desk.known().refusing = Some((409, "Báo cáo đã khóa"));
        go(&browser, "20.1");
        browser.keys(&format!("99{ENTER}"));
        until_looks(&browser, "20.1", "wrong");
        assert_eq!(value(&browser, "20.1"), "99");
        browser
            .until("document.getElementById('note-20.1').textContent.includes('Báo cáo đã khóa')");
        open(&browser, desk);
        assert_eq!(value(&browser, "20.1"), "99", "after a reload too");
        desk.known().refusing = None;

        // Somebody else wrote first.
        desk.known().cells.insert("10.6".to_owned(), (1, "205".to_owned()));
        go(&browser, "10.6");
        browser.keys(&format!("198{ENTER}"));
        until_looks(&browser, "10.6", "conflict");
        let note = browser.told("document.getElementById('note-10.6').innerText");
        assert!(note.contains("205") && note.contains("198") && note.contains("Hà"), "{note}");
        assert_eq!(desk.known().cells["10.6"].1, "205", "nothing is overwritten");
        browser.run("document.querySelector('[id=\"note-10.6\"] button').click()");
        desk.until_held("10.6", "198");
        until_looks(&browser, "10.6", "saved");
        let settled = |body: &Value| body["edits"][0]["settle"] == json!(true);
        assert!(desk.known().taken.iter().any(settled), "the server hears that it was a choice");
    });
}

#[test]
fn words_that_somebody_else_saved_stand_beside_and_only_what_a_person_chose_is_saved() {
    at_desk(|desk, browser, _| {
        let area = "document.getElementById('kho-khan')";
        let choice = "document.querySelector('.cell__choice')";
        let strip = "document.querySelector('[data-entry-strip]')";
        let unsaved = format!("{strip}.innerText.includes('Còn 1 phần nội dung chưa lưu')");
        let type_words = |words: &str| {
            browser.run(&format!("{area}.focus(); {area}.setSelectionRange(1e6, 1e6)"));
            browser.keys(words);
        };
        let stands = |desk: &Desk, words: &str| {
            until(&format!("{words:?} stands at the server"), || desk.known().words.1 == words);
        };
        // A figure typed now is sent in the next round: words that would go with it have gone by then.
        let until_a_round_is_over = |desk: &Desk, figure: &str| {
            go(&browser, "10.6");
            browser.keys(&format!("{figure}{ENTER}"));
            desk.until_held("10.6", figure);
        };
        let press = |which: usize| {
            browser.run(&format!("{choice}.querySelectorAll('button')[{which}].click()"));
        };
        // Hoa has saved since this page was opened.
        desk.known().words = (1, "Hoa viết trước".to_owned());
        type_words("Tuân viết sau");
        browser.until(&format!("{choice}?.innerText.includes('Hoa viết trước')"));
        let told = browser.told(&format!("{choice}.innerText"));
        assert!(told.contains("Hoa đã lưu") && told.contains("14:05 22/11/2026"), "{told}");
        browser.until(&unsaved);
        type_words(" nữa");
        until_a_round_is_over(desk, "11");
        assert_eq!(desk.known().words.1, "Hoa viết trước", "nobody has chosen yet");

        // The fresh page has her version; the kept words are still of the older one.
        open(&browser, desk);
        assert_eq!(browser.told(&format!("{area}.value")), "Tuân viết sau nữa");
        browser.until(&format!("{choice}?.innerText.includes('Hoa viết trước')"));
        browser.until(&unsaved);
        type_words("!");
        until_a_round_is_over(desk, "12");
        assert_eq!(desk.known().words.1, "Hoa viết trước", "a reload is no choice");
        press(0);
        stands(desk, "Tuân viết sau nữa!");
        browser.until(&format!("!{choice} && !({unsaved})"));

        // What waits without a network keeps its version over a reload, too.
        desk.stop();
        type_words(" Mất mạng");
        browser.until(&format!("{strip}.innerText.includes('Đang ngoại tuyến')"));
        desk.known().words = (3, "Hoa sửa lại".to_owned());
        desk.start();
        open(&browser, desk);
        type_words("?");
        browser.until(&format!("{choice}?.innerText.includes('Hoa sửa lại')"));
        assert_eq!(desk.known().words, (3, "Hoa sửa lại".to_owned()));
        press(1);
        browser.until(&format!("{area}.value === 'Hoa sửa lại' && !({unsaved})"));
        open(&browser, desk);
        assert_eq!(browser.told(&format!("{area}.value")), "Hoa sửa lại");
        assert_eq!(desk.known().words, (3, "Hoa sửa lại".to_owned()), "hers stays hers");
    });
}

#[test]
fn the_page_reads_figures_and_judges_as_the_golden_vectors_say() {
    at_desk(|_, browser, _| {
        let amounts: Value = serde_json::from_str(include_str!("vectors/amounts.json")).unwrap();
        let formulas: Value = serde_json::from_str(include_str!("vectors/formulas.json")).unwrap();
        let base = reporting::script_href().replace("entry.js", "");
        let told = browser.run_on(
            "const [amounts, formulas, base] = args;
             const { read, print, unitOf } = await import(base + 'amount.js');
             const { run } = await import(base + 'formula.js');
             const { judge } = await import(base + 'checks.js');
             const never = { inputs: [], ops: [{ number: '1' }, { number: '2' }, { do: 'gt' }] };
             const rule = (code, severity, cells) => ({ code, severity, message: code, cells, program: never });
             const rules = [rule('own', 'error', ['a', 'b']), rule('parts', 'error', ['b', 'a']), rule('other', 'error', ['a']), rule('doubt', 'warning', ['a', 'b'])];
             return [
               amounts.map(({ text, unit, decimals }) => {
                 const told = read(text, unitOf(unit), decimals);
                 return 'problem' in told ? told : { amount: Number(told.amount), restated: told.restated, printed: print(told.amount, decimals) };
               }),
               formulas.map(({ program, readings }) => run(program, readings)),
               judge({ rules, previous: {} }, () => null, () => true, { zero: '', large: '' }).map((one) => one.code),
             ]",
            &[&amounts, &formulas, &json!(base)],
        );
        // As `Checks::judge` does: what a form's own rule says is not said again in other words.
        assert_eq!(told[2], json!(["own", "other", "doubt"]));
        let (amounts, formulas) = (amounts.as_array().unwrap(), formulas.as_array().unwrap());
        assert_eq!(told[0].as_array().unwrap().len(), amounts.len());
        for (told, wanted) in told[0].as_array().unwrap().iter().zip(amounts) {
            for (name, value) in told.as_object().unwrap() {
                assert_eq!(value, &wanted[name], "{wanted}");
            }
            assert_eq!(told.get("problem").is_some(), wanted.get("problem").is_some(), "{wanted}");
        }
        assert_eq!(told[1].as_array().unwrap().len(), formulas.len());
        for (told, wanted) in told[1].as_array().unwrap().iter().zip(formulas) {
            assert_eq!(told, &wanted["outcome"], "{wanted}");
        }
    });
}
