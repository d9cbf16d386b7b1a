//! One visit: who came, how they like to read, and the ways to answer them.

use axum::{
    extract::{FromRequestParts, OriginalUri},
    http::{HeaderMap, header, request::Parts},
    response::{Html, IntoResponse, Response},
};
use cookie::{Cookie, SameSite};
use serde::Serialize;

use super::{
    cache::Cacheable,
    pages::{NavCount, NavEntry, Template},
    respond::{Answer, Kept},
};
use crate::{
    app::AppRef,
    caller::Caller,
    locale::Lang,
    problem::{Failure, FieldProblem, Outcome},
};

/// How somebody likes to read; three small cookies, no account needed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Preferences {
    /// Language of the interface.
    pub lang: Lang,
    /// Text size: 0 small, 1 normal, 2 large.
    pub text_size: u8,
    /// High contrast.
    pub contrast: bool,
}

impl Preferences {
    /// The words that stand for the sizes in URLs, cookies and HTML.
    pub const SIZES: [&'static str; 3] = ["nho", "vua", "lon"];

    pub(super) fn read(headers: &HeaderMap) -> Self {
        let mut preferences = Self { text_size: 1, ..Self::default() };
        for cookie in cookies(headers) {
            match (cookie.name(), cookie.value()) {
                ("tieng", tag) => preferences.lang = Lang::from_tag(tag).unwrap_or_default(),
                ("co", size) => {
                    let at = Self::SIZES.iter().position(|known| *known == size);
                    preferences.text_size = at.and_then(|at| u8::try_from(at).ok()).unwrap_or(1);
                }
                ("tuong_phan", value) => preferences.contrast = value == "cao",
                _ => {}
            }
        }
        preferences
    }
}

/// Cookies of a request.
pub(super) fn cookies(headers: &HeaderMap) -> impl Iterator<Item = Cookie<'_>> {
    headers
        .get_all(header::COOKIE)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| Cookie::split_parse_encoded(line).filter_map(Result::ok))
}

/// A request in the eyes of a handler. The first argument of every page handler.
#[derive(Clone)]
pub struct Visit {
    /// The program.
    pub app: AppRef,
    /// Who is asking.
    pub caller: Caller,
    /// How they read.
    pub preferences: Preferences,
    /// Path and query as asked for.
    pub path: String,
    /// The address the request came from, as far as we know it.
    pub address: String,
    /// The session token in the cookie, valid or not.
    pub session: Option<String>,
    visitor: Option<String>,
    /// What waits behind entries of the menu, by their address.
    waiting: Vec<(&'static str, u64)>,
    kept: Kept,
    headers: HeaderMap,
}

impl Visit {
    /// A view of the program for somebody who is not here: what a letter tells them is made as their pages
    /// are, by the same code and with the same refusals. It belongs to no session and holds no form.
    pub fn away(app: &AppRef, caller: Caller) -> Self {
        Self {
            app: app.clone(),
            caller,
            preferences: Preferences { text_size: 1, ..Preferences::default() },
            path: "/".to_owned(),
            address: String::new(),
            session: None,
            visitor: None,
            waiting: Vec::new(),
            kept: Kept::default(),
            headers: HeaderMap::new(),
        }
    }

    /// A page as text, for a letter.
    pub fn written<C: Serialize>(&self, template: &Template<C>, context: &C) -> Outcome<String> {
        let context = super::pages::as_value(context);
        self.app.pages.render(template.name, &self.page_value(None), &context)
    }

    /// The language of the interface.
    pub fn lang(&self) -> Lang {
        self.preferences.lang
    }

    /// The words for a key in the visitor's language.
    pub fn say(&self, key: &str, args: &[(&str, String)]) -> String {
        self.app.words.say(self.lang(), key, args).into_owned()
    }

    /// A header of the request, when it is readable text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// A cookie of the request.
    pub fn cookie(&self, name: &str) -> Option<String> {
        cookies(&self.headers)
            .find(|cookie| cookie.name() == name)
            .map(|cookie| cookie.value().to_owned())
    }

    /// Field problems as the form macros want them: `[{field, text}]`.
    pub fn errors(&self, problems: &[FieldProblem]) -> Vec<FieldError> {
        let told = problems.iter().map(|problem| {
            let args: Vec<_> =
                problem.args.iter().map(|(name, value)| (*name, value.clone())).collect();
            FieldError { field: problem.field.clone(), text: self.say(problem.key, &args) }
        });
        told.collect()
    }

    /// Answers with a page for this visitor. It may hold forms, so it is never cached.
    pub fn page<C: Serialize>(&self, template: &Template<C>, context: &C) -> Answer {
        let visitor = self.visitor.clone().unwrap_or_else(|| self.app.chance().token());
        let page = self.page_value(Some(&self.csrf_for(&visitor)));
        let context = super::pages::as_value(context);
        let html = self.app.pages.render(template.name, &page, &context)?;
        let mut response = Html(html).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
        if self.visitor.is_none() && self.session.is_none() {
            let cookie = self.cookie_for(self.name("khach"), visitor, None);
            set_cookie(headers, &cookie);
        }
        Ok(response)
    }

    /// Answers with a page that is the same for every anonymous visitor with these preferences: it is
    /// kept compressed until something changes, and revalidated by ETag. It must hold no form to post.
    pub fn public_page<C: Serialize>(&self, template: &Template<C>, context: &C) -> Answer {
        if self.caller.who().is_some() {
            return self.page(template, context);
        }
        let page = self.page_value(None);
        let html = self.app.pages.render(template.name, &page, &super::pages::as_value(context))?;
        let mut response = Html(html).into_response();
        response.extensions_mut().insert(Cacheable);
        Ok(response)
    }

    /// Shows a form again with what was wrong (422); any other failure passes through.
    pub fn form_again<C: Serialize>(
        &self,
        failure: Failure,
        template: &Template<C>,
        context: impl FnOnce(Vec<FieldError>) -> C,
    ) -> Answer {
        match failure {
            Failure::Problem(problem) if !problem.fields.is_empty() => {
                let context = context(self.errors(&problem.fields));
                let mut response = self.page(template, &context)?;
                *response.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
                Ok(response)
            }
            other => Err(other),
        }
    }

    /// Sends the visitor on after a successful POST, with a line that the next page shows.
    pub fn done(&self, to: &str, flash_key: &str) -> Answer {
        let mut response = super::respond::see_other(to);
        let cookie = self.cookie_for("bao".to_owned(), flash_key.to_owned(), Some(60));
        set_cookie(response.headers_mut(), &cookie);
        Ok(response)
    }

    /// The session cookie's name: `__Host-` where only HTTPS reaches us, plainly named on a commune's LAN.
    pub fn session_cookie_name(&self) -> String {
        self.name("phien")
    }

    /// Starts (or, with an empty token, ends) the session on an answer.
    pub fn with_session(&self, mut response: Response, token: &str, seconds: i64) -> Response {
        let cookie = self.cookie_for(self.session_cookie_name(), token.to_owned(), Some(seconds));
        set_cookie(response.headers_mut(), &cookie);
        response
    }

    /// Sets one more cookie on an answer: HttpOnly, SameSite=Lax, for the whole site.
    pub fn with_cookie(
        &self,
        mut response: Response,
        name: &str,
        value: &str,
        seconds: i64,
    ) -> Response {
        let cookie = self.cookie_for(name.to_owned(), value.to_owned(), Some(seconds));
        set_cookie(response.headers_mut(), &cookie);
        response
    }

    /// The same visit, now with this session: for the page that answers a successful sign-in.
    pub fn signed_in(&self, token: &str, caller: Caller) -> Self {
        Self { session: Some(token.to_owned()), caller, ..self.clone() }
    }

    /// Offers to send a form again that was typed before the session ended (`giu.*` fields).
    pub fn resume(&self, path: &str, fields: &super::Fields) -> Answer {
        let kept =
            fields.iter().filter_map(|(name, value)| Some((name.strip_prefix("giu.")?, value)));
        let context = minijinja::context! {
            path,
            fields => kept.map(|(name, value)| minijinja::context! { name, value }).collect::<Vec<_>>(),
        };
        self.page(&Template::<minijinja::Value>::new("kernel/resume.html"), &context)
    }

    /// What was typed into a form whose sender must sign in first; empty otherwise.
    pub(super) fn kept(&self) -> &Kept {
        &self.kept
    }

    /// True when `token` was made for this visitor's forms.
    pub(super) fn csrf_is_ours(&self, token: &str) -> bool {
        let Some(base) = self.session.as_ref().or(self.visitor.as_ref()) else { return false };
        let ours = blake3::hash(self.csrf_for(base).as_bytes());
        // Hashes of the two are compared, in constant time.
        ours == blake3::hash(token.as_bytes())
    }

    fn csrf_for(&self, visitor: &str) -> String {
        let base = self.session.as_deref().unwrap_or(visitor);
        let key = self.app.secret("nhipcau 2026 form tokens");
        crate::blake3_keyed_hex(&key, base.as_bytes())
    }

    fn name(&self, plain: &str) -> String {
        if self.app.https { format!("__Host-{plain}") } else { plain.to_owned() }
    }

    fn cookie_for(&self, name: String, value: String, seconds: Option<i64>) -> Cookie<'static> {
        let mut cookie = Cookie::build((name, value))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self.app.https);
        if let Some(seconds) = seconds {
            cookie = cookie.max_age(cookie::time::Duration::seconds(seconds));
        }
        cookie.build()
    }

    /// What every page needs to know.
    pub(super) fn page_value(&self, csrf: Option<&str>) -> minijinja::Value {
        let app = &self.app;
        let nav = self.menu();
        let flash = self.cookie("bao").filter(|key| app.words.knows(self.lang(), key));
        minijinja::context! {
            lang => self.lang().tag(),
            path => self.path.clone(),
            text_size => Preferences::SIZES[usize::from(self.preferences.text_size.min(2))],
            contrast => self.preferences.contrast,
            csrf,
            signed_in => self.caller.who().is_some(),
            account => self.account_mark(),
            person_name => self.caller.who().map(|person| &person.name),
            owner => minijinja::context! {
                name => app.site.owner_name.clone(), parent => app.site.owner_parent.clone(), official => true,
            },
            site_title => app.site.title.clone(),
            site_tagline => app.site.tagline.clone(),
            role => super::pages::as_value(&app.role),
            nav,
            now => app.now().millis(),
            date_in_words => app.now().day().in_words(),
            flash => flash.map(|key| minijinja::context! { kind => "done", text => self.say(&key, &[]) }),
            asset_css => super::asset_href("nhipcau.css"),
            asset_js => super::asset_href("nhipcau.js"),
        }
    }

    /// Tells a page's script whose drafts these are: a mark that only this node can make, nothing of the account.
    fn account_mark(&self) -> Option<String> {
        let person = self.caller.who()?;
        let key = self.app.secret("nhipcau 2026 whose drafts");
        Some(crate::blake3_keyed_hex(&key, person.id.as_bytes())[..16].to_owned())
    }

    /// The menu of this person. A feature of which they see several pages is one entry that opens, so that the
    /// menu of somebody with many duties still fits one line.
    fn menu(&self) -> Vec<minijinja::Value> {
        // The top floor is what most people come for, so the menu begins there.
        let floors = self.app.modules.iter().rev();
        let seen: Vec<(&str, Vec<&NavEntry>)> = floors
            .map(|module| (module.name, module.nav.iter().filter(|it| self.sees(it)).collect()))
            .collect();
        let bare = self.path.split('?').next().unwrap_or("/");
        let within = |href: &str| {
            bare.strip_prefix(href).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        // `/bao-cao/duyet` stands below `/bao-cao`: only the nearest entry is where we are.
        let every = seen.iter().flat_map(|(_, entries)| entries);
        let here =
            every.map(|it| it.href).filter(|href| within(href)).max_by_key(|href| href.len());
        let mut menu = Vec::new();
        for (name, entries) in seen {
            let group = format!("{name}-nav-group");
            let links: Vec<_> = entries.iter().map(|entry| self.menu_link(entry, here)).collect();
            if links.len() < 2 || !self.app.words.knows(self.lang(), &group) {
                menu.extend(links);
                continue;
            }
            let count: u64 = entries.iter().map(|entry| self.waits_behind(entry.href)).sum();
            let current = entries.iter().any(|entry| here == Some(entry.href));
            menu.push(
                minijinja::context! { label => self.say(&group, &[]), current, count, links },
            );
        }
        menu
    }

    fn menu_link(&self, entry: &NavEntry, here: Option<&str>) -> minijinja::Value {
        minijinja::context! {
            href => entry.href, label => self.say(entry.key, &[]),
            current => here == Some(entry.href), count => self.waits_behind(entry.href),
        }
    }

    fn sees(&self, entry: &NavEntry) -> bool {
        entry.role.is_none_or(|role| role == self.app.role)
            && entry.permission.is_none_or(|needed| self.caller.may_somewhere(needed))
    }

    fn waits_behind(&self, href: &str) -> u64 {
        self.waiting.iter().find(|(known, _)| *known == href).map_or(0, |(_, count)| *count)
    }

    pub(super) async fn of(parts: &mut Parts, app: &AppRef) -> Outcome<Self> {
        let original = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |uri| &uri.0);
        let path = original.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let address = parts
            .extensions
            .get::<super::Connected>()
            .map_or_else(String::new, |peer| peer.address(&parts.headers));
        let mut visit = Self {
            app: app.clone(),
            caller: Caller::nobody(app.now()),
            preferences: Preferences::read(&parts.headers),
            path,
            address,
            session: None,
            visitor: None,
            waiting: Vec::new(),
            kept: parts.extensions.get::<Kept>().cloned().unwrap_or_default(),
            headers: parts.headers.clone(),
        };
        visit.visitor = visit.cookie(&visit.name("khach")).filter(|value| value.len() == 64);
        visit.session =
            visit.cookie(&visit.session_cookie_name()).filter(|token| !token.is_empty());
        if let Some(token) = &visit.session
            && let Some(caller) = (app.resolve_caller)(app, token).await?
        {
            visit.caller = caller;
        }
        if parts.method == axum::http::Method::GET && visit.caller.who().is_some() {
            visit.waiting = visit.waiting().await?;
        }
        Ok(visit)
    }

    /// What waits for this person behind the entries of their menu.
    async fn waiting(&self) -> Outcome<Vec<(&'static str, u64)>> {
        let seen = |href: &str| {
            self.app.modules.iter().flat_map(|module| module.nav).any(|entry| {
                entry.href == href
                    && entry.permission.is_none_or(|needed| self.caller.may_somewhere(needed))
            })
        };
        let counts = self.app.modules.iter().flat_map(|module| module.nav_counts);
        let asked: Vec<&NavCount> = counts.filter(|one| seen(one.href)).collect();
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        self.app
            .db
            .view(async |tx| {
                let mut waiting = Vec::new();
                for one in &asked {
                    waiting.push((one.href, (one.count)(tx, &self.caller).await?));
                }
                Ok(waiting)
            })
            .await
    }
}

/// One line of the error summary.
#[derive(Clone, Debug, Serialize)]
pub struct FieldError {
    field: String,
    text: String,
}

impl FieldError {
    /// The same in a form whose fields all begin so, because another form stands on the same page.
    pub fn in_form(self, prefix: &str) -> Self {
        Self { field: format!("{prefix}{}", self.field), ..self }
    }
}

pub(super) fn set_cookie(headers: &mut HeaderMap, cookie: &Cookie<'_>) {
    if let Ok(value) = cookie.to_string().parse() {
        headers.append(header::SET_COOKIE, value);
    }
}

impl FromRequestParts<AppRef> for Visit {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &AppRef) -> Result<Self, Failure> {
        Self::of(parts, app).await
    }
}
