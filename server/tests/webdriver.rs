//! A real browser: headless Chromium driven over the WebDriver protocol (W3C WebDriver, with
//! chromedriver's own extensions for phone sizes and switching scripts off).

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::machine::{free_port, fresh_folder};

/// A browser with one window.
pub struct Browser {
    driver: Child,
    address: SocketAddr,
    session: String,
    profile: PathBuf,
}

/// The name under which the protocol tells an element (W3C WebDriver §12.2).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// How long something on a page may take to come about.
const SOON: Duration = Duration::from_secs(20);

/// True when whoever runs the tests has said that there is no browser.
pub fn is_left_out() -> bool {
    std::env::var("TEST_SKIP_BROWSER").is_ok_and(|value| value == "1")
}

impl Browser {
    /// Starts a fresh one.
    pub fn start() -> Self {
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
        let profile = fresh_folder();
        let mut browser = Self { driver, address, session: String::new(), profile };
        until("chromedriver answers", || TcpStream::connect(address).is_ok());
        let mut options = json!({ "args": [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-dev-shm-usage", "--autoplay-policy=no-user-gesture-required", "--mute-audio",
            "--window-size=1280,900", format!("--user-data-dir={}", browser.profile.display()),
        ] });
        if let Ok(path) = std::env::var("TEST_BROWSER") {
            options["binary"] = json!(path);
        }
        let wishes = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": { "browser": "ALL" },
            // A page that asks before leaving must not stop the story.
            "unhandledPromptBehavior": "accept",
        } } });
        let made = browser.call("POST", "/session", &wishes);
        made["sessionId"].as_str().expect("a session").clone_into(&mut browser.session);
        browser
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

    /// Types into whatever has the focus, as a reader of cards does: fast, with Enter at the end.
    pub fn keys(&self, text: &str) {
        let keys = text.chars().flat_map(|key| {
            [
                json!({ "type": "keyDown", "value": key.to_string() }),
                json!({ "type": "keyUp", "value": key.to_string() }),
            ]
        });
        let actions = json!({ "actions": [{ "type": "key", "id": "reader", "actions": keys.collect::<Vec<_>>() }] });
        self.ask("POST", "/actions", &actions);
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

    /// What the console said since it was last asked, except what is only information.
    pub fn complaints(&self) -> Vec<String> {
        let lines = self.ask("POST", "/se/log", &json!({ "type": "browser" }));
        let lines = lines.as_array().cloned().unwrap_or_default().into_iter();
        lines
            .filter(|line| line["level"] == "SEVERE" || line["level"] == "WARNING")
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

fn until(what: &str, mut so: impl FnMut() -> bool) {
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
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}
