//! A page for entry as the contract has it, and a server for it that can be stopped, can refuse, and remembers
//! what was sent.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write as _,
    io::{Read, Write as _},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
};

use kernel::{
    app::AppRef,
    axum::{
        self, Json, Router,
        extract::State,
        http::{HeaderMap, StatusCode, header},
        response::{Html, IntoResponse, Response},
        routing::{get, post},
    },
    locale::{Lang, Words},
    module::Module,
    web::asset_href,
};
use reporting::{
    model::{
        CellKey,
        amount::{in_words, print_amount, read_amount, unit},
        form::Severity,
        formula::Formula,
        rule::{Arg, Check, Checks},
    },
    rules_json, script_href, words_json,
};
use serde_json::{Value, json};
use testkit::{Kit, KitBuilder, TestEngine};
use tokio::runtime::Runtime;

use testkit::webdriver::{free_port, until};

/// Where the report is.
pub const AT: &str = "/bao-cao/diem-ho-tro/nd09q-2026-4/01969.2025/chinh-thuc";

/// What the server knows and was told.
#[derive(Default)]
pub struct Known {
    /// Version and text by cell.
    pub cells: BTreeMap<String, (i64, String)>,
    /// Version and words of the narrative.
    pub words: (i64, String),
    /// Every body that was taken.
    pub taken: Vec<Value>,
    /// The next bodies are refused with this status and title.
    pub refusing: Option<(u16, &'static str)>,
    /// The token of the session.
    pub token: &'static str,
    /// Whose session it is.
    pub person: &'static str,
}

#[derive(Clone, Default)]
struct Told(Arc<Mutex<Known>>);

/// The page with its server.
pub struct Desk {
    kit: Kit,
    told: Told,
    address: SocketAddr,
    runtime: Option<Runtime>,
}

impl Desk {
    /// Opens it.
    pub async fn open() -> Self {
        let told = Told::default();
        {
            let mut known = told.0.lock().unwrap();
            (known.token, known.person) = ("dau-1", "mai");
        }
        let page = Module { routes, ..Module::new("sample") };
        let modules = [areas::module(), identity::module(), reporting::module(), page];
        let kit =
            KitBuilder::on(TestEngine::Sqlite).with(modules).offering(told.clone()).start().await;
        let mut desk = Self { kit, told, address: free_port(), runtime: None };
        desk.start();
        desk
    }

    /// Answers again, at the same address.
    pub fn start(&mut self) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let (site, address) = (self.kit.site(), self.address);
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::bind(address).await.unwrap();
            axum::serve(listener, site).await.unwrap();
        });
        self.runtime = Some(runtime);
        until("the server answers", || std::net::TcpStream::connect(address).is_ok());
    }

    /// The cable is out: no answer, and open connections are gone.
    pub fn stop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
        let address = self.address;
        until("the server is gone", || std::net::TcpStream::connect(address).is_err());
    }

    /// The report's address.
    pub fn url(&self) -> String {
        format!("http://localhost:{}{AT}", self.address.port())
    }

    /// What the server knows.
    pub fn known(&self) -> MutexGuard<'_, Known> {
        self.told.0.lock().unwrap()
    }

    /// Waits until the server holds this in a cell.
    pub fn until_held(&self, cell: &str, text: &str) {
        until(&format!("{cell} is {text} at the server"), || {
            self.known().cells.get(cell).is_some_and(|(_, held)| held == text)
        });
    }

    /// Bytes of what lies at an address, as it travels.
    pub fn weight(&self, path: &str) -> u64 {
        let mut stream = std::net::TcpStream::connect(self.address).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nhost: localhost\r\naccept-encoding: gzip\r\nconnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
        assert!(
            head.starts_with("http/1.1 200") && head.contains("content-encoding: gzip"),
            "{head}"
        );
        let told = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        told.trim().parse().unwrap()
    }

    /// How often a text was sent for a cell.
    pub fn times_sent(&self, cell: &str, text: &str) -> usize {
        let known = self.known();
        let edits = known.taken.iter().flat_map(|body| body["edits"].as_array().unwrap());
        edits.filter(|edit| edit["cell"] == cell && edit["text"] == text).count()
    }
}

fn routes() -> Router<AppRef> {
    Router::new().route(AT, get(page)).route(&format!("{AT}/luu"), post(save))
}

async fn page(State(app): State<AppRef>) -> Html<String> {
    let told = app.port::<Told>().unwrap();
    let known = told.0.lock().unwrap();
    let words = Words::load(reporting::module().locales).unwrap();
    let say = |key: &str, args: &[(&str, String)]| words.say(Lang::Vi, key, args).into_owned();
    let rules = rules_json(&checks(), &BTreeMap::new(), &HashMap::new(), &HashMap::new(), &say);
    let mut html = include_str!("sample.html").to_owned();
    for (name, value) in [
        ("css", asset_href("nhipcau.css")),
        ("kernel", asset_href("nhipcau.js")),
        ("script", script_href()),
        ("at", AT.to_owned()),
        ("person", known.person.to_owned()),
        ("token", known.token.to_owned()),
        ("rows", rows(&known)),
        ("said", known.words.1.clone()),
        ("said-version", known.words.0.to_string()),
        ("rules", rules),
        ("words", words_json(&say)),
    ] {
        html = html.replace(&format!("@{name}@"), &value);
    }
    Html(html)
}

/// Rows: element, unit, decimals, columns that it has.
const ROWS: [(&str, &str, u32, &[&str]); 7] = [
    ("10.5", "diem", 0, &[""]),
    ("10.6", "luot", 0, &["", ":gt=nu", ":dt=tay"]),
    ("10.7", "cuoc", 0, &[""]),
    ("10.8", "trieu-dong", 3, &[""]),
    ("20.1", "ho", 0, &["", ":gt=nu", ":dt=tay"]),
    ("20.2", "ho", 0, &["", ":gt=nu", ":dt=tay"]),
    ("20.3", "ha", 1, &["", ":gt=nu", ":dt=tay"]),
];

fn rows(known: &Known) -> String {
    let mut rows = String::new();
    for (element, unit, decimals, columns) in ROWS {
        let mut row = format!("<tr><td>Chỉ tiêu {element}</td><td>{unit}</td><td>176</td>");
        for column in ["", ":gt=nu", ":dt=tay"] {
            if !columns.contains(&column) {
                row.push_str("<td></td>");
                continue;
            }
            let key = format!("{element}{column}");
            let (version, text) = known.cells.get(&key).cloned().unwrap_or_default();
            let saved = if version > 0 { " cell--saved" } else { "" };
            let _ = write!(
                row,
                "<td class=\"cell{saved}\" data-cell=\"{key}\" data-version=\"{version}\" data-decimals=\"{decimals}\" \
                 data-unit=\"{unit}\"><input id=\"o-{key}\" name=\"c.{key}\" value=\"{text}\" inputmode=\"decimal\" \
                 autocomplete=\"off\" aria-label=\"Chỉ tiêu {key}\"><input type=\"hidden\" name=\"v.{key}\" \
                 value=\"{version}\"></td>"
            );
        }
        let choice = format!(
            "<select name=\"s.{element}\" aria-label=\"Trạng thái {element}\"><option value=\"value\">Có số\
             <option value=\"nil\">Không phát sinh<option value=\"no-data\">Không có số liệu</select>\
             <input name=\"r.{element}\" aria-label=\"Lý do {element}\">"
        );
        let note = if element == "10.7" { choice } else { String::new() };
        let _ = writeln!(rows, "{row}<td>{note}</td></tr>");
    }
    rows
}

fn checks() -> Checks {
    let cell = |text: &str| CellKey::parse(text).unwrap();
    let message = Arg::Text("Nữ lớn hơn tổng".to_owned());
    let check = Check {
        code: "nu".to_owned(),
        severity: Severity::Error,
        words: "reporting-check-rule",
        args: vec![("message", message)],
        cells: vec![cell("10.6:gt=nu"), cell("10.6")],
        formula: Some(Formula::parse("[10.6{gt=nu}] <= [10.6]").unwrap()),
    };
    let names = ["element", "section"];
    let required = Check {
        code: "required".to_owned(),
        severity: Severity::Error,
        words: "reporting-check-required",
        args: names.map(|name| (name, Arg::Text("Chỉ tiêu 20.1".to_owned()))).into(),
        cells: vec![cell("20.1")],
        formula: None,
    };
    Checks { all: vec![required, check], broken: Vec::new() }
}

async fn save(State(app): State<AppRef>, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    let told = app.port::<Told>().unwrap();
    let mut known = told.0.lock().unwrap();
    let refused = |status: u16, title: &str| {
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        (StatusCode::from_u16(status).unwrap(), kind, json!({ "title": title }).to_string())
            .into_response()
    };
    if let Some((status, title)) = known.refusing {
        return refused(status, title);
    }
    if headers.get("x-csrf").is_none_or(|token| token != known.token) {
        return refused(403, "Trang đã cũ");
    }
    known.taken.push(body.clone());
    let cells: Vec<Value> =
        body["edits"].as_array().unwrap().iter().map(|edit| known.take(edit)).collect();
    let narratives: Vec<Value> =
        body["narratives"].as_array().unwrap().iter().map(|one| known.take_words(one)).collect();
    Json(json!({ "cells": cells, "narratives": narratives, "verdicts": [], "savedAt": "14:05:12" }))
        .into_response()
}

impl Known {
    fn take_words(&mut self, sent: &Value) -> Value {
        let (version, held) = self.words.clone();
        let text = sent[1].as_str().unwrap();
        if sent[2] != version && held != text {
            return json!({
                "section": sent[0], "became": "stale", "version": version, "shown": held,
                "theirs": { "words": held }, "by": "Hoa", "when": "14:05 22/11/2026",
            });
        }
        if held != text {
            self.words = (version + 1, text.to_owned());
        }
        json!({ "section": sent[0], "became": "stands", "version": self.words.0 })
    }

    fn take(&mut self, edit: &Value) -> Value {
        let cell = edit["cell"].as_str().unwrap();
        let (version, held) = self.cells.get(cell).cloned().unwrap_or_default();
        let text = edit["text"].as_str().unwrap_or("").to_owned();
        if text == held {
            return json!({ "cell": cell, "became": "stands", "version": version, "shown": text });
        }
        if edit["base"] != version {
            return json!({
                "cell": cell, "became": "conflict", "version": version, "shown": held,
                "theirs": { "text": held }, "by": "Hà", "problem": "Hai người ghi khác nhau",
            });
        }
        let row = ROWS.iter().find(|row| cell.split(':').next() == Some(row.0)).unwrap();
        let (of, decimals) = (unit(row.1).unwrap(), row.2);
        let read = read_amount(&text, of, decimals);
        let (shown, words) = read.map_or_else(
            |_| Default::default(),
            |read| (print_amount(read.amount, decimals), in_words(read.amount, decimals, of)),
        );
        self.cells.insert(cell.to_owned(), (version + 1, text));
        json!({ "cell": cell, "became": "stands", "version": version + 1, "shown": shown, "words": words })
    }
}
