//! The editors' list: drafts, what waits, what readers see, what is gone.

use kernel::{
    axum::extract::Query,
    text,
    web::{Answer, PAGE_SIZE, Paging, Template, Visit},
};
use serde::{Deserialize, Serialize};

use super::Staff;
use crate::{
    actions::{EDIT, seeing},
    model::version::State,
    store::desk::DeskRow,
};

pub(super) const LIST: Template<List> = Template::new("publishing/list.html");

/// The tabs as addresses and stores know them.
const TABS: [(&str, &str); 5] = [
    ("nhap", "draft"),
    ("cho-duyet", "waiting"),
    ("da-dang", "public"),
    ("da-go", "gone"),
    ("da-bo", "discarded"),
];

#[derive(Debug, Default, Serialize)]
pub(super) struct List {
    pub asked: String,
    pub tab: String,
    pub tabs: Vec<Tab>,
    pub rows: Vec<Line>,
    pub pages: Paging,
    pub may_write: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct Tab {
    pub href: String,
    pub label: String,
    pub current: bool,
    pub count: i64,
}

#[derive(Debug, Default, Serialize)]
pub(super) struct Line {
    pub href: String,
    pub title: String,
    pub kind: String,
    pub publisher: String,
    pub edited_by: String,
    pub edited_at: i64,
    pub state: String,
    pub state_kind: String,
    pub note: String,
    /// Where a discarded draft is taken back.
    pub restore: String,
}

#[derive(Deserialize)]
pub(super) struct Wishes {
    muc: Option<String>,
    q: Option<String>,
    trang: Option<usize>,
}

pub(super) async fn show(Staff(visit): Staff, Query(wishes): Query<Wishes>) -> Answer {
    let asked = text::tidy(&wishes.q.unwrap_or_default());
    let tab = wishes.muc.and_then(|tab| TABS.into_iter().find(|(address, _)| *address == tab));
    let (address, tab) = tab.unwrap_or(TABS[0]);
    let at = wishes.trang.unwrap_or(1).clamp(1, 500);
    let ((rows, counts), kinds) = visit
        .app
        .db
        .view(async |tx| {
            let span = (Paging::offset(at), PAGE_SIZE);
            let found = seeing::list(tx, &visit.caller, tab, &asked, span).await?;
            Ok((found, crate::kinds(tx).await?))
        })
        .await?;
    let count = |tab: &str| match tab {
        "draft" => counts.draft,
        "waiting" => counts.waiting,
        "public" => counts.public,
        "discarded" => counts.discarded,
        _ => counts.gone,
    };
    let query = |address: &str| {
        let pairs = [("muc", address), ("q", asked.as_str())];
        let kept = pairs.iter().filter(|(_, value)| !value.is_empty());
        let joined: Vec<String> =
            kept.map(|(name, value)| format!("{name}={}", escape(value))).collect();
        format!("/bien-tap?{}", joined.join("&"))
    };
    let kind_name = |code: &str| {
        kinds
            .iter()
            .find(|kind| kind.code == code)
            .map_or_else(String::new, |kind| kind.name.clone())
    };
    let context = List {
        tab: address.to_owned(),
        tabs: TABS
            .iter()
            .map(|(address, tab_code)| Tab {
                href: query(address),
                label: visit.say(&format!("publishing-tab-{tab_code}"), &[]),
                current: *tab_code == tab,
                count: count(tab_code),
            })
            .collect(),
        rows: rows.iter().map(|row| line(&visit, tab, row, kind_name(&row.kind))).collect(),
        pages: Paging::new(&query(address), at, usize::try_from(count(tab)).unwrap_or(0)),
        may_write: visit.caller.may_somewhere(&EDIT),
        asked,
    };
    visit.page(&LIST, &context)
}

fn line(visit: &Visit, tab: &str, row: &DeskRow, kind: String) -> Line {
    let today = visit.app.now().day();
    let code = match (tab, row.phase.as_str()) {
        ("gone", _) if !row.withdrawn_reason.is_empty() => "withdrawn",
        ("gone", _) => "expired",
        ("discarded", _) => "discarded",
        (_, phase) => phase,
    };
    let note = match (code, row.publish_at) {
        ("withdrawn", _) => row.withdrawn_reason.clone(),
        ("approved", Some(at)) => visit.say("publishing-state-approved-at", &[("at", at.short())]),
        ("published", _) if row.expires_on.days_since(today) < 3000 => {
            visit.say("publishing-shown-until", &[("day", row.expires_on.plus_days(-1).short())])
        }
        _ => String::new(),
    };
    let restore = match code {
        "discarded" if visit.caller.may_somewhere(&EDIT) => {
            format!("/bien-tap/{}/khoi-phuc", row.publication)
        }
        _ => String::new(),
    };
    let href = match code {
        "discarded" => format!("/bien-tap/{}/xem?ban={}", row.publication, row.version),
        _ => format!("/bien-tap/{}", row.publication),
    };
    Line {
        restore,
        href,
        title: row.title.clone(),
        kind,
        publisher: row.publisher.clone(),
        edited_by: row.edited_by_name.clone(),
        edited_at: row.published_at.unwrap_or(row.edited_at).millis(),
        state: visit.say(&format!("publishing-state-{code}"), &[]),
        state_kind: state_kind(code).to_owned(),
        note,
    }
}

/// How the pattern book paints a state.
pub(super) fn state_kind(code: &str) -> &'static str {
    match code {
        "published" => "done",
        "submitted" | "approved" => "warn",
        "withdrawn" => "danger",
        _ => "quiet",
    }
}

/// The state of a version in words.
pub(super) fn state_words(visit: &Visit, state: &State) -> String {
    visit.say(&format!("publishing-state-{}", state.code()), &[])
}

/// Percent-encodes what is not plain, for a query string.
pub(super) fn escape(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}
