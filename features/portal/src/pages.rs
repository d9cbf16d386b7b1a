//! Pages for readers, and what they share: addresses with parameters, items of lists, the names of
//! themes, kinds and languages. One room a page in `pages/`.

mod about;
mod article;
mod confirm;
mod documents;
mod feed;
mod home;
mod kiosk;
mod list;
pub(crate) mod samples;
mod search;

use areas::{Area, AreaId};
use kernel::{
    app::AppRef,
    axum::{Router, routing::get},
    db::Tx,
    problem::Outcome,
    web::{PAGE_SIZE, Paging, Visit},
};
use publishing::{ALERT, Headline, Kind, Language, SOURCE_LANGUAGE, Theme};
use serde::Serialize;

use crate::model;

/// Every address of the portal.
pub(crate) fn routes() -> Router<AppRef> {
    Router::new()
        .route("/", get(home::own))
        .route("/khu-vuc/{id}", get(home::of_area))
        .route("/tin", get(list::show))
        .route("/tin/{key}", get(article::show))
        .route("/tin/{key}/xac-nhan", get(confirm::ask).post(confirm::send))
        .route("/van-ban", get(documents::show))
        .route("/van-ban/{key}", get(article::show))
        .route("/tim-kiem", get(search::show))
        .route("/rss.xml", get(feed::show))
        .route("/robots.txt", get(feed::robots))
        .route("/so-do-trang", get(about::map))
        .route("/ve", get(about::about))
        .route("/tro-nang", get(about::access))
        .route("/kiot", get(kiosk::start::show))
        .route("/kiot/muc/{tile}", get(kiosk::list::show))
        .route("/kiot/nghe/{id}", get(kiosk::item::show))
        .route("/kiot/xac-nhan/{id}", get(kiosk::confirm::ask).post(kiosk::confirm::send))
        .route("/kiot/cam-on", get(kiosk::confirm::thanks))
        .route("/kiot/tieng/{language}/{file}", get(kiosk::voice::speak))
        .route("/kiot/{*unknown}", get(kiosk::trouble::nowhere))
        .route("/tv", get(kiosk::tv::show))
}

/// Themes, kinds and languages of today.
pub(crate) struct Reference {
    pub themes: Vec<Theme>,
    pub kinds: Vec<Kind>,
    pub languages: Vec<Language>,
}

impl Reference {
    pub async fn load(tx: &mut Tx) -> Outcome<Self> {
        Ok(Self {
            themes: publishing::themes(tx).await?,
            kinds: publishing::kinds(tx).await?,
            languages: publishing::languages(tx).await?,
        })
    }

    /// The name of a language, without the word “tiếng”; its tag when we do not know it.
    pub fn language<'a>(&'a self, tag: &'a str) -> &'a str {
        let find = |tag: &str| self.languages.iter().find(|language| language.tag == tag);
        let base = tag.split('-').next().unwrap_or_default();
        find(tag).or_else(|| find(base)).map_or(tag, |language| &language.name)
    }

    fn theme(&self, codes: &[String]) -> Option<&Theme> {
        self.themes.iter().find(|theme| codes.contains(&theme.code))
    }

    fn kind(&self, code: &str) -> Option<&Kind> {
        self.kinds.iter().find(|kind| kind.code == code)
    }
}

/// A link with its words.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Link {
    pub href: String,
    pub label: String,
}

impl Link {
    pub fn new(href: impl Into<String>, label: impl Into<String>) -> Self {
        Self { href: href.into(), label: label.into() }
    }
}

/// A step of the path at the top of a page; the last has no address.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Crumb {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub href: Option<String>,
    pub label: String,
}

impl Crumb {
    pub fn link(href: impl Into<String>, label: impl Into<String>) -> Self {
        Self { href: Some(href.into()), label: label.into() }
    }

    pub fn here(label: impl Into<String>) -> Self {
        Self { href: None, label: label.into() }
    }
}

/// A language to choose, as the pattern book wants it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct LanguageLink {
    pub href: String,
    pub label: String,
    pub lang: String,
    pub current: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// A choice of a select.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Choice {
    pub value: String,
    pub label: String,
}

/// An item of a list, as the pattern book wants it.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct News {
    pub href: String,
    pub title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub theme: Option<String>,
    pub icon: String,
    pub date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen_href: Option<String>,
    pub listen_seconds: u64,
    pub languages: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flag: Option<String>,
}

/// Letters of a search that are looked at.
const TYPED_LETTERS: usize = 200;
/// Letters of a summary shown in a list.
const SUMMARY_LETTERS: usize = 220;

impl News {
    /// A headline in words; `language` was asked for explicitly, if any was.
    pub fn of(headline: &Headline, reference: &Reference, language: Option<&str>) -> Self {
        let mut href = model::headline_address(headline);
        if let Some(language) = language.filter(|tag| *tag != SOURCE_LANGUAGE) {
            href = with_query(&href, &[("tieng", language)]);
        }
        let kind = reference.kind(&headline.kind);
        let theme = reference.theme(&headline.themes);
        let is_alert = headline.kind == ALERT;
        let title = if headline.document_number.is_empty() {
            headline.title.clone()
        } else {
            format!("{}: {}", headline.document_number, headline.title)
        };
        let icon = match (is_alert, theme, kind) {
            (true, _, _) => "warning",
            (false, Some(theme), _) => &theme.pictogram,
            (false, None, Some(kind)) => &kind.pictogram,
            (false, None, None) => "document",
        };
        let listen = headline.listen.as_ref();
        let summary = shortened(&headline.summary, SUMMARY_LETTERS);
        let others = headline.sounds.iter().filter(|tag| *tag != SOURCE_LANGUAGE);
        Self {
            title,
            summary: (!summary.is_empty()).then_some(summary),
            theme: theme.map(|theme| theme.short_name.clone()),
            icon: icon.to_owned(),
            date: headline.published_at.day().short(),
            listen_href: listen.map(|_| format!("{href}#nghe")),
            listen_seconds: listen.map_or(0, publishing::Rendition::seconds),
            languages: others.map(|tag| reference.language(tag).to_owned()).collect(),
            lang: (headline.language != SOURCE_LANGUAGE).then(|| headline.language.clone()),
            flag: kind.filter(|_| is_alert).map(|kind| kind.name.clone()),
            href,
        }
    }
}

/// One line that a visitor typed into an address: normal form, no control characters (PostgreSQL refuses
/// some), and no longer than anybody types.
pub(crate) fn typed(text: Option<&str>) -> String {
    kernel::text::tidy(text.unwrap_or_default()).chars().take(TYPED_LETTERS).collect()
}

/// The beginning of a text, cut between words.
pub(crate) fn shortened(text: &str, letters: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(letters) else { return text.to_owned() };
    let cut = text[..end].rfind(' ').unwrap_or(end);
    format!("{}…", text[..cut].trim_end_matches([',', ';', ':', '.', ' ']))
}

/// An address with the parameters that are not empty, each escaped.
pub(crate) fn with_query(path: &str, parameters: &[(&str, &str)]) -> String {
    let given: Vec<_> = parameters.iter().filter(|(_, value)| !value.is_empty()).collect();
    match serde_urlencoded::to_string(&given) {
        Ok(query) if !query.is_empty() => format!("{path}?{query}"),
        _ => path.to_owned(),
    }
}

/// The page of a list that was asked for, from 1.
pub(crate) fn page_number(asked: Option<&str>) -> usize {
    asked.and_then(|text| text.parse().ok()).filter(|at| (1..=10_000).contains(at)).unwrap_or(1)
}

/// Pages of a list, or nothing when one page holds it all.
pub(crate) fn paging(base: &str, at: usize, total: usize) -> Option<Paging> {
    (total > PAGE_SIZE).then(|| Paging::new(base, at, total))
}

/// Where a page stands, from the country down.
pub(crate) async fn crumbs_to(
    tx: &mut Tx,
    visit: &Visit,
    area: Option<&Area>,
) -> Outcome<Vec<Crumb>> {
    let mut crumbs = vec![Crumb::link("/", visit.say("portal-nav-home", &[]))];
    let Some(area) = area.filter(|area| area.id != AreaId::country()) else { return Ok(crumbs) };
    for above in areas::ancestors(tx, area).await? {
        if above.id != AreaId::country() {
            crumbs.push(Crumb::link(format!("/khu-vuc/{}", above.id), above.title()));
        }
    }
    crumbs.push(Crumb::link(format!("/khu-vuc/{}", area.id), area.title()));
    Ok(crumbs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_cannot_leave_its_parameter() {
        let address = with_query("/tin", &[("q", "a&b=\"<x>\r\n"), ("chu-de", "")]);
        assert_eq!(address, "/tin?q=a%26b%3D%22%3Cx%3E%0D%0A");
    }

    #[test]
    fn summaries_are_cut_between_words() {
        assert_eq!(shortened("một hai ba", 50), "một hai ba");
        assert_eq!(shortened("một hai, ba bốn", 9), "một hai…");
        assert_eq!(shortened("ddddddddddd", 4), "dddd…");
    }

    #[test]
    fn page_numbers_that_make_no_sense_are_the_first() {
        for text in ["0", "-1", "x", "99999999999999999999", ""] {
            assert_eq!(page_number(Some(text)), 1, "{text}");
        }
        assert_eq!(page_number(Some("7")), 7);
    }
}
