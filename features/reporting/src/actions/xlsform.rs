//! A workbook of XLSForm that somebody brings: a look at what would become of it, and keeping that as a draft.

use kernel::{
    app::App,
    caller::Caller,
    problem::{BAD_REQUEST, Failure, Outcome},
};

use super::{
    DEFINE,
    builder::{self, must_be_hub},
    catalogue,
};
use crate::model::{
    DraftId,
    bundle::Bundle,
    xlsform::{self, Ground, Note, Trouble},
};

/// What a workbook would become, and what is to be said of it; or what keeps it from becoming a form.
pub type Looked = Result<(Bundle, Vec<Note>), Vec<Trouble>>;

/// Looks at a workbook. Nothing is written.
pub async fn look(app: &App, caller: &Caller, bytes: Vec<u8>) -> Outcome<Looked> {
    must_be_hub(app)?;
    caller.must_somewhere(&DEFINE)?;
    let catalogue = catalogue::current(app).await?;
    let from = app.now().day();
    // Reading a large workbook must not keep others waiting; a reader that gives up on a hostile file has not
    // read it.
    let read = tokio::task::spawn_blocking(move || {
        let ground =
            Ground { elements: &catalogue.elements, dimensions: &catalogue.dimensions, from };
        xlsform::read(&bytes, ground)
    });
    read.await.map_err(|_| Failure::from(&BAD_REQUEST))
}

/// Keeps what was looked at as a draft. It comes back from a page and is no more trusted than anything that is
/// typed there: it is checked like any draft before it is published.
pub async fn keep(app: &App, caller: &Caller, bundle: &str) -> Outcome<DraftId> {
    must_be_hub(app)?;
    caller.must_somewhere(&DEFINE)?;
    let bundle: Bundle = serde_json::from_str(bundle).map_err(|_| Failure::from(&BAD_REQUEST))?;
    app.db.change(async |tx| builder::keep_draft(tx, caller, None, bundle).await).await
}
