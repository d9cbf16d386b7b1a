//! The long form of a publication: what was typed, as text, and what it means.

use kernel::{
    clock::Day,
    problem::{FormProblems, Outcome},
    web::Fields,
};
use serde::Serialize;

use crate::model::draft::{Document, Draft, Source};

/// A draft as the form holds it: every field as it was typed.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct DraftForm {
    pub kind: String,
    pub title: String,
    pub summary: String,
    pub body: String,
    pub areas: Vec<String>,
    pub themes: Vec<String>,
    pub audiences: Vec<String>,
    pub languages: Vec<String>,
    pub source_name: String,
    pub source_url: String,
    pub source_date: String,
    pub document_number: String,
    pub document_authority: String,
    pub document_issued: String,
    pub document_effective: String,
    pub document_subject: String,
    pub expires: String,
    pub is_urgent: bool,
}

impl From<&Draft> for DraftForm {
    fn from(draft: &Draft) -> Self {
        let day = |day: Option<Day>| day.map(Day::short).unwrap_or_default();
        Self {
            kind: draft.kind.clone(),
            title: draft.title.clone(),
            summary: draft.summary.clone(),
            body: draft.body.clone(),
            areas: draft.areas.clone(),
            themes: draft.themes.clone(),
            audiences: draft.audiences.clone(),
            languages: draft.languages.clone(),
            source_name: draft.source.name.clone(),
            source_url: draft.source.url.clone(),
            source_date: day(draft.source.date),
            document_number: draft.document.number.clone(),
            document_authority: draft.document.authority.clone(),
            document_issued: day(draft.document.issued),
            document_effective: day(draft.document.effective),
            document_subject: draft.document.subject.clone(),
            expires: day(draft.expires),
            is_urgent: draft.is_urgent,
        }
    }
}

impl DraftForm {
    /// What was typed.
    pub(crate) fn read(fields: &Fields) -> Self {
        Self {
            kind: fields.line("kind"),
            title: fields.line("title"),
            summary: fields.line("summary"),
            body: fields.lines("body"),
            areas: unique(fields.many("areas")),
            themes: unique(fields.many("themes")),
            audiences: unique(fields.many("audiences")),
            languages: unique(fields.many("languages")),
            source_name: fields.line("source_name"),
            source_url: fields.line("source_url"),
            source_date: fields.line("source_date"),
            document_number: fields.line("document_number"),
            document_authority: fields.line("document_authority"),
            document_issued: fields.line("document_issued"),
            document_effective: fields.line("document_effective"),
            document_subject: fields.line("document_subject"),
            expires: fields.line("expires"),
            is_urgent: fields.has("is_urgent"),
        }
    }

    /// What it means; days that are no days are refused.
    pub(crate) fn draft(&self) -> Outcome<Draft> {
        let mut problems = FormProblems::new();
        let mut day = |field: &str, typed: &str| -> Option<Day> {
            if typed.is_empty() {
                return None;
            }
            let day = Day::parse(typed);
            problems.require(day.is_some(), field, "publishing-wrong-day");
            day
        };
        let draft = Draft {
            kind: self.kind.clone(),
            title: self.title.clone(),
            summary: self.summary.clone(),
            body: self.body.clone(),
            areas: self.areas.clone(),
            themes: self.themes.clone(),
            audiences: self.audiences.clone(),
            languages: self.languages.clone(),
            source: Source {
                name: self.source_name.clone(),
                url: self.source_url.clone(),
                date: day("source_date", &self.source_date),
            },
            document: Document {
                number: self.document_number.clone(),
                authority: self.document_authority.clone(),
                issued: day("document_issued", &self.document_issued),
                effective: day("document_effective", &self.document_effective),
                subject: self.document_subject.clone(),
            },
            expires: day("expires", &self.expires),
            is_urgent: self.is_urgent,
        };
        problems.check()?;
        Ok(draft)
    }
}

fn unique(mut values: Vec<String>) -> Vec<String> {
    values.retain(|value| !value.is_empty());
    values.sort();
    values.dedup();
    values
}
