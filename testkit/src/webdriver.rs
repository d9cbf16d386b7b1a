//! A real browser: headless Chromium driven over the WebDriver protocol (W3C WebDriver, with chromedriver's own
//! extensions for phone sizes and switching scripts off). It can be killed and opened again with what it kept.
//! Where the program is, and what the stories are, the tests say themselves.

#![expect(
    clippy::disallowed_methods,
    reason = "a test finds its browser by the environment and waits for it"
)]

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

/// Shift, held until the end of the keys that follow it (W3C WebDriver §17.4.2).
pub const SHIFT: char = '\u{e008}';
/// Ctrl, held likewise.
pub const CTRL: char = '\u{e009}';

/// A browser with one window.
pub struct Browser {
    driver: Child,
    address: SocketAddr,
    session: String,
    process: u64,
    _profile: Profile,
}

/// The name under which the protocol tells an element (W3C WebDriver §12.2).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// How long something on a page may take to come about.
const SOON: Duration = Duration::from_secs(25);

/// True when whoever runs the tests has said that there is no browser.
pub fn is_left_out() -> bool {
    std::env::var("TEST_SKIP_BROWSER").is_ok_and(|value| value == "1")
}

/// An address that nobody uses at the moment.
pub fn free_port() -> SocketAddr {
    let socket = TcpListener::bind("127.0.0.1:0").expect("the machine has ports");
    socket.local_addr().expect("a bound socket has an address")
}

/// What a browser keeps; thrown away when the last who holds it lets go.
#[derive(Clone)]
pub struct Profile(Arc<Folder>);

struct Folder(PathBuf);

impl Profile {
    /// An empty one.
    pub fn fresh() -> Self {
        let name = format!("nhipcau-browser-{}-{}", std::process::id(), free_port().port());
        Self(Arc::new(Folder(std::env::temp_dir().join(name))))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What is asked of the driver for a session.
fn wishes(profile: &Profile) -> Value {
    let mut options = json!({ "args": [
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--disable-dev-shm-usage", "--autoplay-policy=no-user-gesture-required", "--mute-audio",
        "--window-size=1280,900", format!("--user-data-dir={}", profile.0.0.display()),
    ] });
    if let Ok(path) = std::env::var("TEST_BROWSER") {
        options["binary"] = json!(path);
    }
    json!({ "capabilities": { "alwaysMatch": {
        "browserName": "chrome",
        "goog:chromeOptions": options,
        "goog:loggingPrefs": { "browser": "ALL" },
        // A page that asks before leaving must not stop the story.
        "unhandledPromptBehavior": "accept",
    } } })
}

impl Browser {
    /// Starts a fresh one.
    pub fn start() -> Self {
        Self::on(&Profile::fresh())
    }

    /// Starts one on a profile, which another may have left.
    pub fn on(profile: &Profile) -> Self {
        let told = |name: &str, otherwise: &str| {
            std::env::var(name).unwrap_or_else(|_| otherwise.to_owned())
        };
        let program = told("TEST_CHROMEDRIVER", "chromedriver");
        let address = free_port();
        let driver = Command::new(&program)
            .arg(format!("--port={}", address.port()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("{program}: {error}; set TEST_CHROMEDRIVER, or TEST_SKIP_BROWSER=1")
            });
        let session = String::new();
        let mut browser = Self { driver, address, session, process: 0, _profile: profile.clone() };
        until("chromedriver answers", || TcpStream::connect(address).is_ok());
        let made = browser.call("POST", "/session", &wishes(profile));
        made["sessionId"].as_str().expect("a session").clone_into(&mut browser.session);
        browser.process = made["capabilities"]["goog:processID"].as_u64().unwrap_or(0);
        browser
    }

    /// Ends it from outside, at once, without a word.
    pub fn kill(mut self) {
        let told = Command::new("kill").args(["-9", &self.process.to_string()]).status();
        assert!(told.is_ok_and(|told| told.success()), "the browser was running");
        self.session.clear();
    }

    /// Goes on in a new tab.
    pub fn new_tab(&self) {
        let made = self.ask("POST", "/window/new", &json!({ "type": "tab" }));
        self.ask("POST", "/window", &json!({ "handle": made["handle"] }));
    }

    /// Runs an asynchronous function's body on arguments.
    pub fn run_on(&self, script: &str, args: &[&Value]) -> Value {
        let script = format!(
            "const done = arguments[arguments.length - 1]; (async (...args) => {{ {script} }})(...[...arguments].slice(0, -1))\
             .then(done, (error) => done(`${{error}}`))"
        );
        self.ask("POST", "/execute/async", &json!({ "script": script, "args": args }))
    }

    /// What a script's expression gives, as text.
    pub fn told(&self, expression: &str) -> String {
        let value = self.run(&format!("return {expression}"));
        value.as_str().map_or_else(|| value.to_string(), str::to_owned)
    }

    /// Opens an address.
    pub fn open(&self, url: &str) {
        self.ask("POST", "/url", &json!({ "url": url }));
    }

    /// Where it is.
    pub fn url(&self) -> String {
        self.ask("GET", "/url", &Value::Null).as_str().unwrap_or_default().to_owned()
    }

    /// Runs a script's `return …`.
    pub fn run(&self, script: &str) -> Value {
        self.ask("POST", "/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Presses what the selector finds first, as a finger or mouse does.
    pub fn press(&self, css: &str) {
        let element = self.find(css);
        self.run(&format!(
            "document.querySelector({}).scrollIntoView({{block: 'center'}})",
            json!(css)
        ));
        self.ask("POST", &format!("/element/{element}/click"), &json!({}));
    }

    /// Types into a field.
    pub fn type_into(&self, css: &str, text: &str) {
        let element = self.find(css);
        self.ask("POST", &format!("/element/{element}/value"), &json!({ "text": text }));
    }

    /// Types into whatever has the focus, as a reader of cards does: fast. Shift and Ctrl hold until the end.
    pub fn keys(&self, text: &str) {
        let key = |kind: &str, key: char| json!({ "type": kind, "value": key.to_string() });
        let held = |key: &char| matches!(*key, SHIFT | CTRL);
        let mut actions = Vec::new();
        for one in text.chars() {
            actions.push(key("keyDown", one));
            if !held(&one) {
                actions.push(key("keyUp", one));
            }
        }
        actions.extend(text.chars().filter(held).map(|one| key("keyUp", one)));
        let source = json!({ "type": "key", "id": "keys", "actions": actions });
        self.ask("POST", "/actions", &json!({ "actions": [source] }));
    }

    /// The text that somebody sees at the selector.
    pub fn text(&self, css: &str) -> String {
        self.run(&format!("return document.querySelector({})?.innerText ?? ''", json!(css)))
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// True when the selector finds something.
    pub fn has(&self, css: &str) -> bool {
        self.run(&format!("return document.querySelector({}) !== null", json!(css))) == json!(true)
    }

    /// Waits until the script's expression is true.
    pub fn until(&self, expression: &str) {
        until(expression, || self.run(&format!("return Boolean({expression})")) == json!(true));
    }

    /// Waits until the address contains this.
    pub fn until_at(&self, part: &str) {
        until(&format!("{part} in {}", self.url()), || self.url().contains(part));
    }

    /// What the console said since it was last asked, except what is only information, and what the browser says of
    /// pages of its own, such as the one that it begins with.
    pub fn complaints(&self) -> Vec<String> {
        let lines = self.ask("POST", "/se/log", &json!({ "type": "browser" }));
        let lines = lines.as_array().cloned().unwrap_or_default().into_iter();
        lines
            .filter(|line| line["level"] == "SEVERE" || line["level"] == "WARNING")
            .filter(|line| !line["message"].as_str().unwrap_or("").starts_with("chrome://"))
            .map(|line| {
                format!(
                    "{}: {}",
                    line["level"].as_str().unwrap_or(""),
                    line["message"].as_str().unwrap_or("")
                )
            })
            .collect()
    }

    /// A screen of this size, in CSS pixels; `None` for the window's own.
    pub fn screen(&self, size: Option<(u32, u32)>) {
        match size {
            Some((width, height)) => self.devtools(
                "Emulation.setDeviceMetricsOverride",
                &json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": true }),
            ),
            None => self.devtools("Emulation.clearDeviceMetricsOverride", &json!({})),
        }
    }

    /// Switches the pages' scripts off or on.
    pub fn scripts(&self, on: bool) {
        self.devtools("Emulation.setScriptExecutionDisabled", &json!({ "value": !on }));
    }

    /// Runs a script before those of every page that is opened from now on.
    pub fn before_each_page(&self, script: &str) {
        let source = json!({ "source": script });
        self.devtools("Page.addScriptToEvaluateOnNewDocument", &source);
    }

    /// Forgets all cookies: the session is over.
    pub fn forget_cookies(&self) {
        self.ask("DELETE", "/cookie", &Value::Null);
    }

    fn devtools(&self, command: &str, parameters: &Value) {
        self.ask("POST", "/goog/cdp/execute", &json!({ "cmd": command, "params": parameters }));
    }

    fn find(&self, css: &str) -> String {
        let wanted = json!({ "using": "css selector", "value": css });
        let mut found = None;
        until(&format!("{css} at {}", self.url()), || {
            let path = format!("/session/{}/element", self.session);
            let answer = self.exchange("POST", &path, &wanted).unwrap_or_default();
            found = answer["value"][ELEMENT].as_str().map(str::to_owned);
            found.is_some()
        });
        found.unwrap_or_default()
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        self.call(method, &format!("/session/{}{path}", self.session), body)
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = self
            .exchange(method, path, body)
            .unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        if let Some(error) = answer["value"]["error"].as_str() {
            panic!(
                "{method} {path} {body}: {error}: {}",
                answer["value"]["message"].as_str().unwrap_or("")
            );
        }
        answer["value"].clone()
    }

    fn exchange(&self, method: &str, path: &str, body: &Value) -> std::io::Result<Value> {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{text}",
            self.address.port(),
            text.len()
        )?;
        let mut answer = Vec::new();
        // chromedriver keeps the connection open; the length says where the answer ends.
        let mut buffer = [0; 16_384];
        loop {
            let count = stream.read(&mut buffer)?;
            answer.extend_from_slice(&buffer[..count]);
            if count == 0 || is_whole(&answer) {
                break;
            }
        }
        let start = answer
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .map_or(answer.len(), |at| at + 4);
        serde_json::from_slice(&answer[start..]).map_err(std::io::Error::other)
    }
}

fn is_whole(answer: &[u8]) -> bool {
    let Some(head) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let told = String::from_utf8_lossy(&answer[..head]).to_ascii_lowercase();
    let length = told.split("content-length:").nth(1).and_then(|rest| rest.lines().next());
    length
        .and_then(|length| length.trim().parse::<usize>().ok())
        .is_some_and(|length| answer.len() >= head + 4 + length)
}

/// Waits until something is so; panics when it does not come about.
pub fn until(what: &str, mut so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !so() {
        assert!(started.elapsed() < SOON, "this did not come about within {SOON:?}: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            let _ = self.exchange("DELETE", &format!("/session/{}", self.session), &Value::Null);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
