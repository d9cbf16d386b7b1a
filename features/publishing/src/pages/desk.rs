//! A publication on the desk when it is not being written: what it is, whom it reaches, what can be
//! decided. The preview exactly as readers see it.

use kernel::{
    axum::extract::{Path, Query},
    db::Tx,
    problem::{OrMissing, Outcome},
    web::{Answer, FieldError, Template, Visit},
};
use serde::{Deserialize, Serialize};

use super::{
    Staff,
    dossier::{self, DeskView},
    id_of,
};
use crate::{
    actions::{APPROVE, EDIT, seeing},
    model::{
        PublicationId, SOURCE_LANGUAGE,
        version::{NOT_FOUND, Phase, Version},
        view::ArticleView,
    },
    store::{reading, reference},
};

pub(super) const DESK: Template<DeskPage> = Template::new("publishing/desk.html");
pub(super) const PREVIEW: Template<PreviewPage> = Template::new("publishing/preview.html");

/// A row of the summary list.
#[derive(Clone, Debug, Serialize)]
pub(super) struct SummaryRow {
    pub key: String,
    pub value: String,
}

#[derive(Clone, Debug, Default, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each stands for one button")]
pub(super) struct DeskPage {
    pub desk: DeskView,
    pub errors: Vec<FieldError>,
    pub rows: Vec<SummaryRow>,
    pub may_edit: bool,
    pub may_approve: bool,
    pub is_own_work: bool,
    pub may_return: bool,
    pub may_withdraw: bool,
    pub may_correct: bool,
    pub publish_day: String,
    pub publish_time: String,
    pub remark: String,
    pub reason: String,
    /// The box is ticked: recordings of an older text go along.
    pub old_sound: bool,
}

/// What the desk page shows besides; `typed` keeps what a refused form held.
#[derive(Clone, Debug, Default)]
pub(super) struct Typed {
    pub publish_day: String,
    pub publish_time: String,
    pub remark: String,
    pub reason: String,
    pub old_sound: bool,
}

/// The desk page of a publication.
pub(super) async fn page(
    visit: &Visit,
    id: &PublicationId,
    errors: Vec<FieldError>,
    typed: Typed,
) -> Outcome<DeskPage> {
    visit
        .app
        .db
        .view(async |tx| {
            let caller = &visit.caller;
            let desk = seeing::desk(tx, caller, id).await?;
            let version = &desk.version;
            let paths: Vec<_> = version.targets.iter().map(|target| target.path.clone()).collect();
            let over_targets =
                !version.targets.is_empty() && paths.iter().all(|path| caller.may(&APPROVE, path));
            let submitted = matches!(version.phase, Phase::Submitted { .. });
            let approved = matches!(version.phase, Phase::Approved { .. });
            let own = version.hands.iter().any(|hand| hand == caller.id());
            let may_edit = caller.may(&EDIT, &version.publication.home);
            let rows = summary(visit, tx, version).await?;
            Ok(DeskPage {
                desk: dossier::view(visit, tx, &desk, &paths, &version.draft).await?,
                errors,
                rows,
                may_edit: may_edit && version.phase == Phase::Draft,
                may_approve: over_targets && submitted && !own,
                is_own_work: over_targets && submitted && own,
                may_return: (submitted || approved) && (over_targets || (own && may_edit)),
                may_withdraw: over_targets && version.publication.is_public(),
                may_correct: may_edit && matches!(version.phase, Phase::Published { .. }),
                publish_day: typed.publish_day,
                publish_time: typed.publish_time,
                remark: typed.remark,
                reason: typed.reason,
                old_sound: typed.old_sound,
            })
        })
        .await
}

async fn summary(visit: &Visit, tx: &mut Tx, version: &Version) -> Outcome<Vec<SummaryRow>> {
    let kinds = reference::kinds(tx).await?;
    let themes = reference::themes(tx).await?;
    let audiences = reference::audiences(tx).await?;
    let languages = reference::languages(tx).await?;
    let draft = &version.draft;
    let named = |codes: &[String], names: Vec<(String, String)>| {
        let name = |code: &String| {
            names
                .iter()
                .find(|(known, _)| known == code)
                .map_or_else(|| code.clone(), |(_, name)| name.clone())
        };
        codes.iter().map(name).collect::<Vec<_>>().join("; ")
    };
    let kind = kinds.iter().find(|kind| kind.code == draft.kind);
    let areas: Vec<&str> = version.targets.iter().map(|target| target.name.as_str()).collect();
    let mut rows = vec![
        ("kind", kind.map(|kind| kind.name.clone()).unwrap_or_default()),
        ("areas", areas.join("; ")),
        ("themes", named(&draft.themes, themes.into_iter().map(|t| (t.code, t.name)).collect())),
        (
            "audiences",
            named(&draft.audiences, audiences.into_iter().map(|a| (a.code, a.name)).collect()),
        ),
        (
            "languages",
            named(&draft.languages, languages.into_iter().map(|l| (l.tag, l.name)).collect()),
        ),
    ];
    if kind.is_some_and(|kind| kind.has_document) {
        rows.push(("document_number", draft.document.number.clone()));
        rows.push(("document_authority", draft.document.authority.clone()));
    }
    if !draft.source.name.is_empty() {
        rows.push(("source_name", draft.source.name.clone()));
    }
    if let Some(day) = draft.expires {
        rows.push(("expires", day.short()));
    }
    if draft.is_urgent {
        rows.push(("urgent", visit.say("publishing-yes", &[])));
    }
    let rows = rows.into_iter().map(|(key, value)| SummaryRow {
        key: visit.say(&format!("publishing-field-{}", key.replace('_', "-")), &[]),
        value,
    });
    Ok(rows.collect())
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct PreviewPage {
    pub id: String,
    pub article: ArticleView,
    /// The number of a version that was let go; 0 for the one on the desk.
    pub discarded: u32,
    /// Where it is taken back; empty when that is not possible.
    pub restore: String,
}

#[derive(Deserialize)]
pub(super) struct PreviewWishes {
    tieng: Option<String>,
    /// A version that was let go.
    ban: Option<u32>,
}

pub(super) async fn preview(
    Staff(visit): Staff,
    Path(id): Path<String>,
    Query(wishes): Query<PreviewWishes>,
) -> Answer {
    let id = id_of(&id)?;
    let language = wishes.tieng.unwrap_or_else(|| SOURCE_LANGUAGE.to_owned());
    let context = visit
        .app
        .db
        .view(async |tx| {
            if let Some(number) = wishes.ban {
                let found = seeing::discarded(tx, &visit.caller, &id, number).await?;
                return let_go(tx, &id, &found, &language).await;
            }
            let desk = seeing::desk(tx, &visit.caller, &id).await?;
            let published_at = match desk.version.phase {
                Phase::Published { at } => Some(at),
                _ => None,
            };
            let article =
                reading::version_as_article(tx, &id, desk.version.number, published_at).await?;
            let article = article.or_missing(&NOT_FOUND)?;
            let article = seeing::view(tx, &article, &language).await?;
            Ok(PreviewPage { id: id.to_string(), article, discarded: 0, restore: String::new() })
        })
        .await?;
    visit.page(&PREVIEW, &context)
}

/// A version that was let go, as readers would have seen it.
async fn let_go(
    tx: &mut Tx,
    id: &PublicationId,
    found: &seeing::Discarded,
    language: &str,
) -> Outcome<PreviewPage> {
    let number = found.version.number;
    let article = reading::version_as_article(tx, id, number, None).await?;
    let article = article.or_missing(&NOT_FOUND)?;
    let restore =
        if found.may_come_back { format!("/bien-tap/{id}/khoi-phuc") } else { String::new() };
    Ok(PreviewPage {
        id: id.to_string(),
        article: seeing::view(tx, &article, language).await?,
        discarded: number,
        restore,
    })
}
