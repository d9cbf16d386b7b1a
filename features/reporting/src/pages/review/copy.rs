//! A kept copy of a report as a file that other programs read.

use std::collections::BTreeMap;

use kernel::{
    axum::extract::Path,
    problem::{Failure, NOT_FOUND, OrMissing},
    web::{Answer, Made, Visit},
};
use serde::Serialize;

use super::decimals;
use crate::{
    actions::{SUBMISSION_NOT_FOUND, catalogue, content::Content, review as actions},
    model::{CellKey, CellState, SubmissionId},
};

/// A copy as other programs read it.
#[derive(Serialize)]
struct CopyFile {
    report: String,
    dataset: String,
    #[serde(rename = "formVersion")]
    form_version: u32,
    period: String,
    life: &'static str,
    area: String,
    revision: i64,
    occasion: String,
    at: String,
    blake3: String,
    nil: Option<String>,
    #[serde(rename = "certifiedBy")]
    certified_by: Option<String>,
    #[serde(rename = "certifiedAs", skip_serializing_if = "str::is_empty")]
    certified_as: String,
    #[serde(rename = "submittedBy")]
    submitted_by: Option<String>,
    figures: BTreeMap<String, FileFigure>,
    narratives: BTreeMap<String, String>,
    rows: Vec<FileRow>,
}

#[derive(Serialize)]
struct FileFigure {
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nil: Option<String>,
    #[serde(rename = "noData", skip_serializing_if = "Option::is_none")]
    no_data: Option<String>,
}

#[derive(Serialize)]
struct FileRow {
    section: String,
    id: String,
    cells: BTreeMap<String, String>,
}

pub(super) async fn copy(visit: Visit, Path((id, name)): Path<(String, String)>) -> Answer {
    let id = SubmissionId::parse(&id).or_missing(&SUBMISSION_NOT_FOUND)?;
    let mut parts = name.split('.');
    let revision: i64 = parts.next().and_then(|text| text.parse().ok()).or_missing(&NOT_FOUND)?;
    let occasion = parts.next().or_missing(&NOT_FOUND)?;
    let (known, copy) = actions::copy(&visit.app, &visit.caller, &id, revision, occasion).await?;
    let content = Content::decode(&copy.body).or_missing(&NOT_FOUND)?;
    let catalogue = catalogue::current(&visit.app).await?;
    let figure = |(key, state): (CellKey, CellState)| {
        let plain = |amount| crate::model::amount::plain_amount(amount, decimals(&catalogue, &key));
        let (value, nil, no_data) = match state {
            CellState::Value(amount) => (Some(plain(amount)), None, None),
            CellState::Nil(why) => (None, Some(why), None),
            CellState::NoData(why) => (None, None, Some(why)),
        };
        (key.text(), FileFigure { value, nil, no_data })
    };
    let file = CopyFile {
        report: id.to_string(),
        dataset: content.dataset.clone(),
        form_version: content.form_version,
        period: content.period.clone(),
        life: content.life.slug(),
        area: content.area.clone(),
        revision: copy.revision,
        occasion: copy.occasion.clone(),
        at: copy.at.rfc3339(),
        blake3: kernel::chance::hex(&copy.hash),
        nil: content.nil.clone(),
        certified_by: content.certified.as_ref().map(|one| one.0.clone()),
        certified_as: content.capacity.clone(),
        submitted_by: content.submitted.as_ref().map(|one| one.0.clone()),
        figures: content.cells().into_iter().map(figure).collect(),
        narratives: content.narratives.iter().cloned().collect(),
        rows: content
            .rows
            .iter()
            .map(|(section, row, _, body)| FileRow {
                section: section.clone(),
                id: row.clone(),
                cells: serde_json::from_str(body).unwrap_or_default(),
            })
            .collect(),
    };
    let bytes =
        serde_json::to_vec_pretty(&file).map_err(|error| Failure::fault("write a copy", error))?;
    visit.made(Made {
        kind: "application/json",
        name: Some(format!("{}-{revision}-{occasion}.json", known.id)),
        bytes,
    })
}
