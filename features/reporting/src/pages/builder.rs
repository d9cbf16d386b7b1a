//! The pages on which officials build data sets and campaigns: the list of data sets, drafts and their parts,
//! the look at what the reporter will see. All of it is plain forms; what they share stands here.

mod campaign;
mod dimensions;
mod draft;
mod elements;
mod head;
mod list;
mod one;
mod preview;
mod rules;
pub(crate) mod samples;
mod section;
mod words;

use kernel::{
    app::AppRef,
    axum::{
        Router,
        routing::{get, post},
    },
    problem::{OrMissing, Outcome},
    web::{Answer, Fields, Visit, see_other},
};
use serde::{Deserialize, Serialize};

pub(crate) use draft::section_kind;
pub(crate) use one::{ended, ended_in, ended_words};
pub(crate) use words::{changes, parts};

use crate::{
    actions::{
        builder::{self, DRAFT_NOT_FOUND, Draft, Kept},
        catalogue::{self, Catalogue},
    },
    model::{DraftId, bundle::Bundle},
};

/// Every page of the builder.
pub(crate) fn routes() -> Router<AppRef> {
    Router::new()
        .route("/bao-cao/bieu", get(list::show))
        .route("/bao-cao/bieu/moi", get(list::ask).post(list::begin))
        .route("/bao-cao/bieu/dot-xuat", get(campaign::ask).post(campaign::begin))
        .route("/bao-cao/bieu/{dataset}", get(one::show).post(one::next_version))
        .route("/bao-cao/bieu/{dataset}/ket-thuc", post(one::end))
        .route("/bao-cao/bieu/nhap/{draft}", get(draft::show).post(draft::act))
        .route("/bao-cao/bieu/nhap/{draft}/chung", get(head::show).post(head::save))
        .route("/bao-cao/bieu/nhap/{draft}/muc/{section}", get(section::show).post(section::save))
        .route("/bao-cao/bieu/nhap/{draft}/chi-tieu", get(elements::show).post(elements::save))
        .route("/bao-cao/bieu/nhap/{draft}/phan-to", get(dimensions::show).post(dimensions::save))
        .route("/bao-cao/bieu/nhap/{draft}/rang-buoc", get(rules::show).post(rules::save))
        .route("/bao-cao/bieu/nhap/{draft}/ban-hanh", post(draft::publish))
        .route("/bao-cao/bieu/nhap/{draft}/xem", get(preview::show))
        .route("/bao-cao/bieu/nhap/{draft}/xem/in", get(preview::paper))
}

/// Which draft an address names, and which of its sections.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct At {
    draft: String,
    #[serde(default)]
    section: String,
}

impl At {
    fn id(&self) -> Outcome<DraftId> {
        DraftId::parse(&self.draft).or_missing(&DRAFT_NOT_FOUND)
    }
}

/// The address of a draft.
fn href(id: &DraftId) -> String {
    format!("/bao-cao/bieu/nhap/{id}")
}

/// What stands above every page of one draft.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Head {
    base: String,
    title: String,
    code: String,
    version: i64,
    /// Who changed it last, and when.
    by: String,
    may_write: bool,
}

impl Head {
    fn of(visit: &Visit, draft: &Draft) -> Self {
        let at = draft.at.short();
        let may_write = builder::writes(&visit.caller, draft);
        Self {
            base: href(&draft.id),
            title: draft.bundle.dataset.title.clone(),
            code: draft.bundle.dataset.code.to_string(),
            version: draft.version,
            by: visit.say("reporting-build-by", &[("name", draft.changed_by.clone()), ("at", at)]),
            may_write,
        }
    }
}

/// Something to choose.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Choice {
    value: String,
    label: String,
}

fn choice(value: impl Into<String>, label: impl Into<String>) -> Choice {
    Choice { value: value.into(), label: label.into() }
}

/// A line of words that may lead somewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Line {
    href: String,
    text: String,
}

/// A draft with everything it may name.
async fn open(visit: &Visit, at: &At) -> Outcome<(Catalogue, Draft)> {
    let id = at.id()?;
    let known = catalogue::current(&visit.app).await?;
    let open = async |tx: &mut kernel::db::Tx| builder::open(tx, &visit.caller, &id).await;
    let draft = visit.app.db.view(open).await?;
    Ok((known.with(&draft.bundle), draft))
}

/// The version of the draft that a form was made from.
fn seen(fields: &Fields) -> i64 {
    fields.number("version").unwrap_or(0)
}

/// Keeps a change and goes on; where somebody else changed the draft meanwhile, to the draft that was made for it.
async fn keep(
    visit: &Visit,
    at: &At,
    fields: &Fields,
    to: &str,
    edit: impl FnOnce(&mut Bundle) -> Outcome<()> + Send,
) -> Answer {
    let id = at.id()?;
    match builder::change(&visit.app, &visit.caller, (&id, seen(fields)), edit).await? {
        Kept::Here => visit.done(&format!("{}{to}", href(&id)), "reporting-build-saved"),
        Kept::Aside(own) => Ok(see_other(&format!("{}?canh={id}", href(&own)))),
    }
}

/// The first letters of what somebody typed.
fn short(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
