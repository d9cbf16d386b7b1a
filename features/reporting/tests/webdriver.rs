//! A real browser for the page for entry: headless Chromium over the WebDriver protocol, which can be killed and
//! opened again with what it kept. The stories of the whole program have their own in the server's tests.

#![expect(
    clippy::disallowed_methods,
    reason = "a test finds its browser by the environment and waits for it"
)]
#![expect(clippy::unwrap_used, reason = "what drives the browser is part of the test")]

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

/// How long something on a page may take to come about.
const SOON: Duration = Duration::from_secs(25);

/// A browser with one window.
pub struct Browser {
    driver: Child,
    address: SocketAddr,
    session: String,
    process: u64,
}

/// True when whoever runs the tests has said that there is no browser.
pub fn is_left_out() -> bool {
    std::env::var("TEST_SKIP_BROWSER").is_ok_and(|value| value == "1")
}

/// An address that nobody uses at the moment.
pub fn free_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// What a browser keeps; thrown away at the end.
pub struct Profile(PathBuf);

impl Profile {
    /// An empty one.
    pub fn fresh() -> Self {
        let name = format!("nhipcau-entry-{}-{}", std::process::id(), free_port().port());
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Browser {
    /// Starts one on a profile.
    pub fn start(profile: &Profile) -> Self {
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
        let mut browser = Self { driver, address, session: String::new(), process: 0 };
        until("chromedriver answers", || TcpStream::connect(address).is_ok());
        let made = browser.call("POST", "/session", &wishes(&profile.0));
        made["sessionId"].as_str().unwrap().clone_into(&mut browser.session);
        browser.process = made["capabilities"]["goog:processID"].as_u64().unwrap();
        browser
    }

    /// Ends it from outside, at once, without a word.
    pub fn kill(mut self) {
        let told = Command::new("kill").args(["-9", &self.process.to_string()]).status().unwrap();
        assert!(told.success(), "the browser was running");
        self.session.clear();
    }

    /// Opens an address and waits until the page's script is ready.
    pub fn open(&self, url: &str) {
        self.ask("POST", "/url", &json!({ "url": url }));
        self.until("document.querySelector('form[data-ready]')");
    }

    /// Goes on in a new tab.
    pub fn new_tab(&self) {
        let made = self.ask("POST", "/window/new", &json!({ "type": "tab" }));
        self.ask("POST", "/window", &json!({ "handle": made["handle"] }));
    }

    /// Runs a script's `return …`.
    pub fn run(&self, script: &str) -> Value {
        self.ask("POST", "/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Runs an asynchronous function's body on arguments.
    pub fn run_on(&self, script: &str, args: &[&Value]) -> Value {
        let script = format!(
            "const done = arguments[arguments.length - 1]; (async (...args) => {{ {script} }})(...[...arguments].slice(0, -1))\
             .then(done, (error) => done(`${{error}}`))"
        );
        self.ask("POST", "/execute/async", &json!({ "script": script, "args": args }))
    }

    /// Types into whatever has the focus. Shift and Ctrl hold until the end of the keys.
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

    /// What a script's expression gives, as text.
    pub fn told(&self, expression: &str) -> String {
        let value = self.run(&format!("return {expression}"));
        value.as_str().map_or_else(|| value.to_string(), str::to_owned)
    }

    /// Waits until the script's expression is true.
    pub fn until(&self, expression: &str) {
        let script = format!("return Boolean({expression})");
        until(expression, || self.run(&script) == json!(true));
    }

    /// What the console said since it was last asked, except what is only information.
    pub fn complaints(&self) -> Vec<String> {
        let lines = self.ask("POST", "/se/log", &json!({ "type": "browser" }));
        let lines = lines.as_array().cloned().unwrap_or_default().into_iter();
        let bad = |line: &Value| line["level"] == "SEVERE" || line["level"] == "WARNING";
        lines.filter(bad).map(|line| line["message"].as_str().unwrap_or("").to_owned()).collect()
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        self.call(method, &format!("/session/{}{path}", self.session), body)
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = self
            .exchange(method, path, body)
            .unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        if let Some(error) = answer["value"]["error"].as_str() {
            panic!("{method} {path} {body}: {error}: {}", answer["value"]["message"]);
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
        let mut buffer = [0; 16_384];
        // chromedriver keeps the connection open; the length says where the answer ends.
        while !is_whole(&answer) {
            let count = stream.read(&mut buffer)?;
            if count == 0 {
                break;
            }
            answer.extend_from_slice(&buffer[..count]);
        }
        let start = answer.windows(4).position(|four| four == b"\r\n\r\n");
        let start = start.map_or(answer.len(), |at| at + 4);
        serde_json::from_slice(&answer[start..]).map_err(std::io::Error::other)
    }
}

/// Holds while the keys after it are pressed.
pub const SHIFT: char = '\u{e008}';
/// Holds while the keys after it are pressed.
pub const CTRL: char = '\u{e009}';

fn wishes(profile: &Path) -> Value {
    let mut options = json!({ "args": [
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--disable-dev-shm-usage", "--window-size=1280,900",
        format!("--user-data-dir={}", profile.display()),
    ] });
    if let Ok(path) = std::env::var("TEST_BROWSER") {
        options["binary"] = json!(path);
    }
    json!({ "capabilities": { "alwaysMatch": {
        "browserName": "chrome",
        "goog:chromeOptions": options,
        "goog:loggingPrefs": { "browser": "ALL" },
        "unhandledPromptBehavior": "accept",
    } } })
}

fn is_whole(answer: &[u8]) -> bool {
    let Some(head) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let told = String::from_utf8_lossy(&answer[..head]).to_ascii_lowercase();
    let length = told.split("content-length:").nth(1).and_then(|rest| rest.lines().next());
    length
        .and_then(|length| length.trim().parse::<usize>().ok())
        .is_some_and(|length| answer.len() >= head + 4 + length)
}

/// Waits until something is so.
pub fn until(what: &str, mut so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !so() {
        assert!(started.elapsed() < SOON, "this did not come about within {SOON:?}: {what}");
        std::thread::sleep(Duration::from_millis(40));
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
