//! Two people saved at once: both texts side by side, and a form that carries the kept one.

use kernel::{
    axum::{extract::Path, http::StatusCode},
    clock::Timestamp,
    problem::{Failure, OrMissing},
    web::{Answer, Template, Visit},
};
use serde::Serialize;

use super::{Choice, EditorForm, Staff, form::DraftForm, id_of, names::FieldNames};
use crate::{
    actions::{EDIT, editing, editing::KeptText, seeing},
    model::{
        ConflictId, PublicationId,
        version::{NOT_FOUND, Phase},
    },
};

pub(super) const CONFLICT: Template<ConflictPage> = Template::new("publishing/conflict.html");

/// Both texts of a conflict, and a form that carries the kept one.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ConflictPage {
    pub id: String,
    pub conflict: String,
    pub action: String,
    pub there: Side,
    pub kept: Side,
    /// What the form sends so that the kept text takes the other's place.
    pub fields: Vec<SentField>,
    pub edit_href: String,
    pub may_send: bool,
}

/// A hidden field of the form.
#[derive(Clone, Debug, Serialize)]
pub(super) struct SentField {
    pub name: String,
    pub value: String,
}

/// One of two texts.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Side {
    pub name: String,
    pub at: i64,
    pub language: String,
    pub rows: Vec<Difference>,
}

/// One field of one of two texts.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Difference {
    pub field: String,
    pub value: String,
    pub differs: bool,
}

pub(super) async fn show(
    Staff(visit): Staff,
    Path((id, conflict)): Path<(String, String)>,
) -> Answer {
    let id = id_of(&id)?;
    let conflict = ConflictId::parse(&conflict).or_missing(&NOT_FOUND)?;
    show_conflict(&visit, &id, &conflict, StatusCode::OK).await
}

/// Shows both texts; with 409 right after the save that came second.
pub(super) async fn show_conflict(
    visit: &Visit,
    id: &PublicationId,
    conflict: &ConflictId,
    status: StatusCode,
) -> Answer {
    let context = visit
        .app
        .db
        .view(async |tx| {
            let desk = seeing::desk(tx, &visit.caller, id).await?;
            let kept = desk.conflicts.iter().find(|kept| kept.id == *conflict);
            let kept = kept.or_missing(&NOT_FOUND)?;
            let text: KeptText = serde_json::from_str(&kept.draft)
                .map_err(|error| Failure::fault("read a kept text", error))?;
            let areas = match &text {
                KeptText::Draft(draft) => {
                    [&desk.version.draft.areas[..], &draft.areas[..]].concat()
                }
                KeptText::Translation(_) => Vec::new(),
            };
            let names = FieldNames::load(tx, &areas).await?;
            Ok(conflict_page(visit, &desk, &names, conflict, (&kept.name, kept.at), &text))
        })
        .await?;
    let mut response = visit.page(&CONFLICT, &context)?;
    *response.status_mut() = status;
    Ok(response)
}

fn conflict_page(
    visit: &Visit,
    desk: &seeing::Desk,
    names: &FieldNames,
    conflict: &ConflictId,
    (name, at): (&str, Timestamp),
    text: &KeptText,
) -> ConflictPage {
    let version = &desk.version;
    let id = &version.publication.id;
    let (there, kept, mut fields, action, edit_href) = match text {
        KeptText::Draft(draft) => {
            let there = form_fields(&DraftForm::from(&version.draft));
            let kept = form_fields(&DraftForm::from(&**draft));
            let mut fields = kept.clone();
            fields.push(Choice::new("revision", version.revision.to_string()));
            let href = format!("/bien-tap/{id}");
            (there, kept, fields, href.clone(), href)
        }
        KeptText::Translation(translation) => {
            let row = desk.texts.iter().find(|text| text.language == translation.language);
            let empty = ["title", "summary", "body"].map(|field| Choice::new(field, ""));
            let there = row.map_or(empty.to_vec(), |row| {
                vec![
                    Choice::new("title", &row.title),
                    Choice::new("summary", &row.summary),
                    Choice::new("body", &row.body),
                ]
            });
            let kept = vec![
                Choice::new("title", &translation.title),
                Choice::new("summary", &translation.summary),
                Choice::new("body", &translation.body),
            ];
            let mut fields = kept.clone();
            let base = row.map_or(0, |row| row.edited_at.millis());
            fields.push(Choice::new("base", base.to_string()));
            let href = format!("/bien-tap/{id}/ban-dich/{}", translation.language);
            (there, kept, fields, href.clone(), href)
        }
    };
    fields.push(Choice::new("uses", conflict.as_str()));
    ConflictPage {
        id: id.to_string(),
        conflict: conflict.to_string(),
        action,
        there: Side {
            name: version.edited_by_name.clone(),
            at: version.edited_at.millis(),
            language: String::new(),
            rows: differences(visit, names, &there, &kept),
        },
        kept: Side {
            name: name.to_owned(),
            at: at.millis(),
            language: String::new(),
            rows: differences(visit, names, &kept, &there),
        },
        fields: fields
            .into_iter()
            .map(|one| SentField { name: one.value, value: one.label })
            .collect(),
        edit_href,
        may_send: version.phase == Phase::Draft
            && visit.caller.may(&EDIT, &version.publication.home),
    }
}

/// A form as name and value pairs, as it is sent.
fn form_fields(form: &DraftForm) -> Vec<Choice> {
    let mut fields = vec![
        Choice::new("kind", &form.kind),
        Choice::new("title", &form.title),
        Choice::new("summary", &form.summary),
        Choice::new("body", &form.body),
        Choice::new("source_name", &form.source_name),
        Choice::new("source_url", &form.source_url),
        Choice::new("source_date", &form.source_date),
        Choice::new("document_number", &form.document_number),
        Choice::new("document_authority", &form.document_authority),
        Choice::new("document_issued", &form.document_issued),
        Choice::new("document_effective", &form.document_effective),
        Choice::new("document_subject", &form.document_subject),
        Choice::new("expires", &form.expires),
    ];
    if form.is_urgent {
        fields.push(Choice::new("is_urgent", "1"));
    }
    let lists = [
        ("areas", &form.areas),
        ("themes", &form.themes),
        ("audiences", &form.audiences),
        ("languages", &form.languages),
    ];
    for (name, values) in lists {
        fields.extend(values.iter().map(|value| Choice::new(name, value)));
    }
    fields
}

/// The fields of one side with the mark whether the other side says something else.
fn differences(
    visit: &Visit,
    names: &FieldNames,
    side: &[Choice],
    other: &[Choice],
) -> Vec<Difference> {
    let mut fields: Vec<&str> = Vec::new();
    for field in side.iter().chain(other) {
        if !fields.contains(&field.value.as_str()) {
            fields.push(&field.value);
        }
    }
    let value_of = |sent: &[Choice], field: &str| {
        let own = sent.iter().filter(|one| one.value == field);
        let mut values: Vec<String> = own
            .map(|one| match field {
                "is_urgent" => visit.say("publishing-yes", &[]),
                _ => names.of(field, &one.label).to_owned(),
            })
            .collect();
        values.sort_unstable();
        values.join("; ")
    };
    fields
        .into_iter()
        .map(|name| (name, value_of(side, name), value_of(other, name)))
        .filter(|(_, value, other)| !value.is_empty() || !other.is_empty())
        .map(|(name, value, other)| Difference {
            field: visit.say(
                &format!("publishing-field-{}", name.trim_start_matches("is_").replace('_', "-")),
                &[],
            ),
            differs: value != other,
            value,
        })
        .collect()
}

pub(super) async fn drop_kept(
    Path((id, conflict)): Path<(String, String)>,
    EditorForm(visit, _): EditorForm,
) -> Answer {
    let id = id_of(&id)?;
    let conflict = ConflictId::parse(&conflict).or_missing(&NOT_FOUND)?;
    editing::drop_kept(&visit.app.db, &visit.caller, &id, &conflict).await?;
    visit.done(&format!("/bien-tap/{id}"), "publishing-done-dropped")
}
