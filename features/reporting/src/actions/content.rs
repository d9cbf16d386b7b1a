//! The whole content of a report in one value: what is kept when it is approved, what travels to the hub.

use std::collections::BTreeMap;

use areas::AreaId;
use kernel::{
    db::Tx,
    problem::{Failure, Outcome},
};
use serde::{Deserialize, Serialize};

use super::{entry::Which, steps::snapshot};
use crate::{
    model::{CellKey, CellState, DatasetId, Life},
    store::{
        numbers,
        remarks::{self, Remark},
        submissions::{self, Signed, StepRow, Submission},
        values::{self, Spot},
        words::{self, Attachment, GrowingRow, Narrative},
    },
};

/// A report's content in one revision. Field names are short: this is what crosses the bridge.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// The data set's code.
    #[serde(rename = "d")]
    pub dataset: String,
    /// The form's version.
    #[serde(rename = "v")]
    pub form_version: u32,
    /// The area's id.
    #[serde(rename = "a")]
    pub area: String,
    /// The period's id.
    #[serde(rename = "p")]
    pub period: String,
    /// The life of the figures.
    #[serde(rename = "l")]
    pub life: Life,
    /// The revision.
    #[serde(rename = "r")]
    pub revision: i64,
    /// Why nothing occurred at all, when that is what the report says.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub nil: Option<String>,
    /// Why it is late.
    #[serde(rename = "w", default, skip_serializing_if = "String::is_empty")]
    pub late_reason: String,
    /// Who signed, and when (milliseconds since 1970).
    #[serde(rename = "c")]
    pub certified: Option<(String, i64)>,
    /// Who handed it in, and when.
    #[serde(rename = "s")]
    pub submitted: Option<(String, i64)>,
    /// What whoever signed said about the doubts of the checks.
    #[serde(rename = "e", default, skip_serializing_if = "String::is_empty")]
    pub explained: String,
    /// What was doubtful as it was signed, by its marks: that, and no other doubt, was explained.
    #[serde(rename = "ed", default, skip_serializing_if = "Option::is_none")]
    pub doubts: Option<String>,
    /// Figures by element, then by coordinates.
    #[serde(rename = "f")]
    pub figures: BTreeMap<String, BTreeMap<String, CellState>>,
    /// Narratives: section, words.
    #[serde(rename = "t", default, skip_serializing_if = "Vec::is_empty")]
    pub narratives: Vec<(String, String)>,
    /// Rows of growing tables: section, id, position, cells as JSON.
    #[serde(rename = "o", default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<(String, String, i64, String)>,
    /// Files that are kept where the report was written: section, hash, name, caption, bytes.
    #[serde(rename = "x", default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<(String, String, String, String, i64)>,
    /// Remarks that were answered: id, answer, when (milliseconds since 1970). An answer is given before the report
    /// is handed in again, so it travels with the revision that it explains.
    #[serde(rename = "q", default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<(String, String, i64)>,
    /// The paper it was typed in from, when it was typed in for the unit, and by whom.
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    pub behalf: Option<(String, String)>,
    /// In which capacity it was signed (`Capacity::text`); empty for the head of the unit.
    #[serde(rename = "g", default, skip_serializing_if = "String::is_empty")]
    pub capacity: String,
}

impl Content {
    /// The content of a report as it stands.
    pub async fn of(tx: &mut Tx, one: &Submission) -> Outcome<Self> {
        let mut figures: BTreeMap<String, BTreeMap<String, CellState>> = BTreeMap::new();
        for (key, state) in figures_of(tx, one).await? {
            figures.entry(key.element.to_string()).or_default().insert(key.coords.text(), state);
        }
        let signed = |signed: &Option<Signed>| {
            signed.as_ref().map(|signed| (signed.by.clone(), signed.at.millis()))
        };
        let narrative = |one: Narrative| (one.section, one.words);
        let row = |one: GrowingRow| (one.section, one.id.to_string(), one.position, one.body);
        let file = |one: Attachment| (one.section, one.file, one.name, one.caption, one.bytes);
        let steps = submissions::steps(tx, &one.id).await?;
        let certified = |step: &&StepRow| step.step == "certify" && step.revision == one.revision;
        let signature = steps.iter().rev().find(certified);
        let explained = signature.map(|step| step.note.clone());
        let answer = |one: Remark| {
            let words: String = one.answer?.chars().take(1_000).collect();
            Some((one.id.to_string(), words, one.resolved_at?.millis()))
        };
        Ok(Self {
            dataset: one.dataset.to_string(),
            form_version: one.form_version,
            area: one.area.to_string(),
            period: one.period.clone(),
            life: one.life,
            revision: one.revision,
            nil: one.nil.then(|| one.nil_reason.clone()),
            late_reason: one.late_reason.clone(),
            certified: signed(&one.certified),
            submitted: signed(&one.submitted),
            explained: explained.unwrap_or_default(),
            doubts: signature.and_then(|step| step.doubts.clone()),
            figures,
            narratives: words::narratives(tx, &one.id).await?.into_iter().map(narrative).collect(),
            rows: words::rows(tx, &one.id).await?.into_iter().map(row).collect(),
            files: words::attachments(tx, &one.id).await?.into_iter().map(file).collect(),
            answers: remarks::of(tx, &one.id).await?.into_iter().filter_map(answer).collect(),
            behalf: one.behalf.clone(),
            capacity: one.certified.as_ref().map(|one| one.capacity.text()).unwrap_or_default(),
        })
    }

    /// In CBOR (RFC 8949).
    pub fn encode(&self) -> Outcome<Vec<u8>> {
        let mut body = Vec::new();
        ciborium::into_writer(self, &mut body)
            .map_err(|error| Failure::fault("write a report", error))?;
        Ok(body)
    }

    /// Reads what another node wrote; `None` when it is none.
    pub fn decode(body: &[u8]) -> Option<Self> {
        ciborium::from_reader(body).ok()
    }

    /// What it reports on; none when that can be nothing.
    pub fn which(&self) -> Option<Which> {
        Some(Which {
            dataset: DatasetId::parse(&self.dataset)?,
            period: self.period.clone(),
            life: self.life,
            area: AreaId::parse(&self.area)?,
        })
    }

    /// Its figures by cell; what cannot be a cell is left out.
    pub fn cells(&self) -> BTreeMap<CellKey, CellState> {
        let all = self.figures.iter().flat_map(|(element, by)| {
            by.iter().filter_map(move |(coords, state)| {
                let text =
                    if coords.is_empty() { element.clone() } else { format!("{element}:{coords}") };
                Some((CellKey::parse(&text)?, state.clone()))
            })
        });
        all.collect()
    }
}

/// The figures that a report's data set owns.
pub async fn figures_of(tx: &mut Tx, one: &Submission) -> Outcome<BTreeMap<CellKey, CellState>> {
    let place = numbers::known_place(tx, &one.area).await?;
    let period = numbers::known_period(tx, &one.period).await?;
    let owner = numbers::owner_no_known(tx, one.dataset.as_str()).await?;
    let (Some(place), Some(period), Some(owner)) = (place, period, owner) else {
        return Ok(BTreeMap::new());
    };
    let held = values::of_spot(tx, Spot { period, place: place.no, life: one.life }).await?;
    let own = held.into_values().filter(|held| held.owner == owner);
    Ok(own.map(|held| (held.key, held.state)).collect())
}

/// Keeps an unchanging copy of a report.
pub async fn keep(tx: &mut Tx, one: &Submission, occasion: &str) -> Outcome<()> {
    let body = Content::of(tx, one).await?.encode()?;
    let copy = snapshot(one.revision, occasion, body, tx.now());
    Ok(submissions::keep_snapshot(tx, &one.id, &copy).await?)
}
