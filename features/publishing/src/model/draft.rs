//! What an editor types, and what must be true of it: loosely while it is a draft, fully when it is
//! submitted.

use kernel::{
    clock::Day,
    problem::{FormProblems, Outcome},
};
use serde::{Deserialize, Serialize};

use super::reference::Kind;

/// Longest title, in characters: three lines on a phone.
pub(crate) const TITLE_CHARS_MAX: usize = 220;
/// Longest summary (sapo), in characters.
pub(crate) const SUMMARY_CHARS_MAX: usize = 800;
/// Longest body, in characters.
pub(crate) const BODY_CHARS_MAX: usize = 120_000;
/// Longest value of the short fields, in characters.
const LINE_CHARS_MAX: usize = 300;
/// Most areas one publication may name; an area stands for everything below it.
pub(crate) const AREAS_MAX: usize = 60;
/// Most languages one publication may ask for.
const LANGUAGES_MAX: usize = 24;

/// Where a text was taken from, when it is not our own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Who published it first.
    pub name: String,
    /// Where; `https://…` or empty.
    pub url: String,
    /// On which day.
    pub date: Option<Day>,
}

/// What a legal document is known by (NĐ 42/2022/NĐ-CP asks portals to show these).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Số, ký hiệu: `330/QĐ-UBDT`.
    pub number: String,
    /// Cơ quan ban hành.
    pub authority: String,
    /// Ngày ban hành.
    pub issued: Option<Day>,
    /// Ngày có hiệu lực.
    pub effective: Option<Day>,
    /// Trích yếu nội dung.
    pub subject: String,
}

/// Everything about a version that its editor decides, with the Vietnamese text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Kind code.
    pub kind: String,
    /// Title.
    pub title: String,
    /// Summary (sapo).
    pub summary: String,
    /// Body in Markdown.
    pub body: String,
    /// Area ids; each stands for itself and everything below it.
    pub areas: Vec<String>,
    /// Theme codes.
    pub themes: Vec<String>,
    /// Audience codes.
    pub audiences: Vec<String>,
    /// Language tags it is meant to be heard or read in.
    pub languages: Vec<String>,
    /// Where it was taken from.
    pub source: Source,
    /// For legal documents.
    pub document: Document,
    /// First day on which it is no longer shown.
    pub expires: Option<Day>,
    /// Goes before ordinary texts (bản tin ưu tiên, Circular 39/2020/TT-BTTTT).
    pub is_urgent: bool,
}

impl Default for Draft {
    fn default() -> Self {
        Self {
            kind: "news".to_owned(),
            title: String::new(),
            summary: String::new(),
            body: String::new(),
            areas: Vec::new(),
            themes: Vec::new(),
            audiences: vec!["prestigious_person".to_owned(), "people".to_owned()],
            languages: vec![super::SOURCE_LANGUAGE.to_owned()],
            source: Source::default(),
            document: Document::default(),
            expires: None,
            is_urgent: false,
        }
    }
}

/// The codes that reference data knows today.
pub(crate) struct Known<'a> {
    pub kinds: &'a [Kind],
    pub themes: &'a [String],
    pub audiences: &'a [String],
    pub languages: &'a [String],
}

impl Draft {
    /// What must hold even of a draft: a title to find it by, and nothing too long or unknown.
    pub(crate) fn check(&self, known: &Known<'_>, problems: &mut FormProblems) {
        problems.require(!self.title.is_empty(), "title", "publishing-wrong-title-missing");
        within(problems, "title", &self.title, TITLE_CHARS_MAX);
        within(problems, "summary", &self.summary, SUMMARY_CHARS_MAX);
        within(problems, "body", &self.body, BODY_CHARS_MAX);
        within(problems, "source_name", &self.source.name, LINE_CHARS_MAX);
        within(problems, "source_url", &self.source.url, LINE_CHARS_MAX);
        within(problems, "document_number", &self.document.number, LINE_CHARS_MAX);
        within(problems, "document_authority", &self.document.authority, LINE_CHARS_MAX);
        within(problems, "document_subject", &self.document.subject, SUMMARY_CHARS_MAX);
        let kind_known = known.kinds.iter().any(|kind| kind.code == self.kind);
        problems.require(kind_known, "kind", "publishing-wrong-kind");
        all_known(problems, "themes", &self.themes, known.themes);
        all_known(problems, "audiences", &self.audiences, known.audiences);
        all_known(problems, "languages", &self.languages, known.languages);
        problems.require(self.areas.len() <= AREAS_MAX, "areas", "publishing-wrong-areas-many");
        problems.require(
            self.languages.len() <= LANGUAGES_MAX,
            "languages",
            "publishing-wrong-languages-many",
        );
        let url = &self.source.url;
        problems.require(
            url.is_empty() || is_web_address(url),
            "source_url",
            "publishing-wrong-url",
        );
    }

    /// What must hold before anybody is asked to approve it (rule 3).
    pub(crate) fn check_complete(&self, kinds: &[Kind], today: Day, problems: &mut FormProblems) {
        problems.require(!self.title.is_empty(), "title", "publishing-wrong-title-missing");
        problems.require(!self.body.is_empty(), "body", "publishing-wrong-body-missing");
        problems.require(!self.areas.is_empty(), "areas", "publishing-wrong-areas-missing");
        problems.require(!self.themes.is_empty(), "themes", "publishing-wrong-themes-missing");
        problems.require(
            !self.audiences.is_empty(),
            "audiences",
            "publishing-wrong-audiences-missing",
        );
        problems.require(
            !self.languages.is_empty(),
            "languages",
            "publishing-wrong-languages-missing",
        );
        let expired = self.expires.is_some_and(|day| day <= today);
        problems.require(!expired, "expires", "publishing-wrong-expires-past");
        let has_document = kinds.iter().any(|kind| kind.code == self.kind && kind.has_document);
        if has_document {
            let document = &self.document;
            problems
                .require(
                    !document.number.is_empty(),
                    "document_number",
                    "publishing-wrong-number-missing",
                )
                .require(
                    !document.authority.is_empty(),
                    "document_authority",
                    "publishing-wrong-authority-missing",
                )
                .require(
                    document.issued.is_some(),
                    "document_issued",
                    "publishing-wrong-issued-missing",
                );
        }
    }

    /// Tells whether the Vietnamese text is still the one a translation was made from.
    pub(crate) fn text_digest(&self) -> String {
        text_digest(&self.title, &self.summary, &self.body)
    }
}

/// A fingerprint of a Vietnamese text: translations and recordings remember it (rule 7).
pub(crate) fn text_digest(title: &str, summary: &str, body: &str) -> String {
    let whole = format!("{title}\u{1f}{summary}\u{1f}{body}");
    kernel::files::FileHash::of(whole.as_bytes()).hex()[..16].to_owned()
}

/// A text in another language, as its translator typed it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Translation {
    /// Language tag.
    pub language: String,
    /// Title.
    pub title: String,
    /// Summary.
    pub summary: String,
    /// Body in Markdown.
    pub body: String,
}

impl Translation {
    /// What must hold of a translation before it is kept.
    pub(crate) fn check(&self, languages: &[String]) -> Outcome<()> {
        let mut problems = FormProblems::new();
        problems.require(!self.title.is_empty(), "title", "publishing-wrong-title-missing");
        problems.require(!self.body.is_empty(), "body", "publishing-wrong-body-missing");
        within(&mut problems, "title", &self.title, TITLE_CHARS_MAX);
        within(&mut problems, "summary", &self.summary, SUMMARY_CHARS_MAX);
        within(&mut problems, "body", &self.body, BODY_CHARS_MAX);
        let is_other = self.language != super::SOURCE_LANGUAGE;
        problems.require(
            is_other && languages.contains(&self.language),
            "language",
            "publishing-wrong-language",
        );
        problems.check()
    }
}

fn within(problems: &mut FormProblems, field: &str, text: &str, chars_max: usize) {
    let chars = text.chars().count();
    if chars > chars_max {
        let args = vec![("max", chars_max.to_string()), ("count", chars.to_string())];
        problems.add_with(field, "publishing-wrong-too-long", args);
    }
}

fn all_known(problems: &mut FormProblems, field: &str, codes: &[String], known: &[String]) {
    let all = codes.iter().all(|code| known.contains(code));
    problems.require(all, field, "publishing-wrong-choice");
}

/// `http://` or `https://`, one line, no spaces.
fn is_web_address(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        !rest.is_empty() && !rest.contains(|c: char| c.is_whitespace() || c.is_control())
    })
}
