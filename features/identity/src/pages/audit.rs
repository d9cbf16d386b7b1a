//! The audit log, as administrators read it.

use std::collections::BTreeMap;

use kernel::{
    axum::extract::Query,
    db::Tx,
    problem::Outcome,
    text::{fold, tidy},
    web::{Answer, PAGE_SIZE, Paging, Template, Visit},
};
use serde::{Deserialize, Serialize};

use super::{
    accounts::{held_places, page_number, with_query},
    action_words,
};
use crate::{
    actions::{READ_AUDIT, name_of},
    store::{self, AuditFilter, AuditLine},
};

pub(super) const AUDIT: Template<Audit> = Template::new("identity/audit.html");

/// The log.
#[derive(Debug, Default, Serialize)]
pub(super) struct Audit {
    pub who: String,
    pub action: String,
    pub actions: Vec<ActionOption>,
    pub lines: Vec<Line>,
    pub total: usize,
    pub pages: Paging,
}

/// An action to filter by.
#[derive(Debug, Serialize)]
pub(super) struct ActionOption {
    pub value: String,
    pub label: String,
}

/// One line.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    pub at: i64,
    pub account: String,
    pub name: String,
    pub action: String,
    pub subject: String,
    /// Whether the subject is a person's name, not an id.
    pub named: bool,
    pub detail: String,
    pub address: String,
}

/// Our own actions, and everything of a feature; other actions are reached by the address.
const ACTIONS: [&str; 17] = [
    "identity.sign-in",
    "identity.sign-in-refused",
    "identity.sign-out",
    "identity.sign-out-everywhere",
    "identity.session-ended",
    "identity.password-changed",
    "identity.password-reset",
    "identity.account-opened",
    "identity.account-suspended",
    "identity.account-reopened",
    "identity.role-given",
    "identity.role-ended",
    "identity.administrator-rescued",
    "publishing.",
    "reach.",
    "reporting.",
    "delivery.",
];

#[derive(Deserialize)]
pub(super) struct Asked {
    nguoi: Option<String>,
    viec: Option<String>,
    trang: Option<String>,
}

pub(super) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    visit.caller.must_somewhere(&READ_AUDIT)?;
    let short = |text: Option<String>| -> String {
        tidy(&text.unwrap_or_default()).chars().take(80).collect()
    };
    let (who, action) = (short(asked.nguoi), short(asked.viec));
    let at = page_number(asked.trang.as_deref());
    let filter = AuditFilter { who: who.clone(), action: action.clone() };
    let held = held_places(&visit, &READ_AUDIT);
    let (total, lines, names) = visit
        .app
        .db
        .view(async |tx| {
            let total = store::count_audit(tx, &held, &filter).await?;
            let lines =
                store::list_audit(tx, &held, &filter, PAGE_SIZE, Paging::offset(at)).await?;
            let names = names_of(tx, &lines).await?;
            Ok((total, lines, names))
        })
        .await?;
    let lines = lines.into_iter().map(|line| Line {
        at: line.at.millis(),
        account: line.account,
        name: line.name,
        action: action_words(&visit, &line.action),
        named: names.contains_key(&line.subject),
        subject: names.get(&line.subject).cloned().unwrap_or(line.subject),
        detail: detail_words(&visit, line.detail),
        address: line.address,
    });
    let base = with_query("/quan-tri/nhat-ky", &[("nguoi", &who), ("viec", &action)]);
    let context = Audit {
        actions: options(&visit, &action),
        lines: lines.collect(),
        total,
        pages: Paging::new(&base, at, total),
        who,
        action,
    };
    visit.page(&AUDIT, &context)
}

/// The people that lines of ours speak of, by account id.
async fn names_of(tx: &mut Tx, lines: &[AuditLine]) -> Outcome<BTreeMap<String, String>> {
    let mut names = BTreeMap::new();
    for line in lines.iter().filter(|line| line.action.starts_with("identity.")) {
        if let Some(name) = name_of(tx, &line.subject).await? {
            names.insert(line.subject.clone(), name);
        }
    }
    Ok(names)
}

/// Our own short codes in words; anything else as it was written.
fn detail_words(visit: &Visit, detail: String) -> String {
    let key = format!("identity-refused-{detail}");
    if visit.app.words.knows(visit.lang(), &key) { visit.say(&key, &[]) } else { detail }
}

fn options(visit: &Visit, chosen: &str) -> Vec<ActionOption> {
    let known = ACTIONS.contains(&chosen) || fold(chosen).is_empty();
    let extra = (!known).then_some(chosen);
    let all = ACTIONS.into_iter().chain(extra);
    all.map(|action| ActionOption {
        value: action.to_owned(),
        label: match action {
            "publishing." | "reach." | "reporting." | "delivery." => {
                visit.say(&format!("identity-audit-of-{}", action.trim_end_matches('.')), &[])
            }
            _ => action_words(visit, action),
        },
    })
    .collect()
}
