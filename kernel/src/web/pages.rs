//! Templates: typed contexts, words, and the few filters that say numbers and times in Vietnamese.

use std::{borrow::Cow, collections::HashMap, fmt::Write, marker::PhantomData, sync::Arc};

use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, State, Value,
    syntax::SyntaxConfig,
    value::{Kwargs, Serde},
};
use serde::Serialize;

use crate::{
    caller::{Caller, Permission},
    clock::{Day, Timestamp},
    db::Tx,
    events::Doing,
    locale::{Lang, Words},
    problem::{Failure, Outcome},
    text,
};

/// A template's text, embedded in the program.
#[derive(Clone, Copy, Debug)]
pub struct TemplateSource {
    /// Its name, e.g. `areas/show.html`.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// Lists a feature's templates: `templates!("areas/show.html", …)` under its `templates/` folder.
#[macro_export]
macro_rules! templates {
    ($($name:literal),* $(,)?) => {
        &[$($crate::web::TemplateSource {
            name: $name,
            text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/", $name)),
        }),*]
    };
}

/// A page: the template's name together with the only type it can be rendered with.
pub struct Template<C> {
    /// The template's name.
    pub name: &'static str,
    context: PhantomData<fn(C)>,
}

impl<C: Serialize> Template<C> {
    /// Declares a page: `const SHOW: Template<ShowContext> = Template::new("areas/show.html");`
    pub const fn new(name: &'static str) -> Self {
        Self { name, context: PhantomData }
    }

    /// A sample for the test that renders everything.
    pub fn sample(&self, context: &C) -> Sample {
        Sample { template: self.name, context: as_value(context) }
    }
}

/// A page with content that it must survive: empty, typical, longest, hostile.
pub struct Sample {
    /// The template's name.
    pub template: &'static str,
    /// Its context.
    pub context: Value,
}

/// An entry of the menu; shown to those who hold the permission somewhere (or to all).
#[derive(Debug)]
pub struct NavEntry {
    /// Where it leads.
    pub href: &'static str,
    /// Fluent key of its label.
    pub key: &'static str,
    /// Who sees it; `None` for everybody.
    pub permission: Option<&'static Permission>,
    /// Shown only on this kind of node; `None` for both.
    pub role: Option<crate::app::NodeRole>,
}

/// How many things wait for a person behind an entry of the menu. It is asked for every page of whoever sees
/// the entry, so it must be one quick statement on an index.
#[derive(Debug)]
pub struct NavCount {
    /// The entry's address.
    pub href: &'static str,
    /// Counts what waits for this person.
    pub count: for<'a> fn(&'a mut Tx, &'a Caller) -> Doing<'a, u64>,
}

/// A context as templates see it.
pub(super) fn as_value<C: Serialize>(context: &C) -> Value {
    Value::from(Serde(context))
}

/// All templates. Each is compiled when it is first rendered: a point shows few of them, and compiled ones take ten
/// times the room of their text.
pub struct Pages(Environment<'static>);

impl Pages {
    /// Takes the templates in; gives what is wrong with their syntax as such. That each of them compiles is for the
    /// test that renders everything.
    pub fn load(
        sources: impl IntoIterator<Item = TemplateSource>,
        words: Arc<Words>,
    ) -> Result<Self, String> {
        let mut env = Environment::new();
        env.set_undefined_behavior(minijinja::UndefinedBehavior::SemiStrict);
        env.set_auto_escape_callback(|name| match name.rsplit('.').next() {
            Some("html" | "svg" | "xml") => AutoEscape::Html,
            _ => AutoEscape::None,
        });
        env.set_formatter(super::escape::print);
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        env.set_syntax(syntax.map_err(|error| say(&error))?);
        let texts: HashMap<_, _> = sources.into_iter().map(|one| (one.name, one.text)).collect();
        env.set_loader(move |name| Ok(texts.get(name).copied()));
        env.add_function("t", move |state: &State<'_, '_>, key: Cow<'_, str>, kwargs: Kwargs| {
            translate(&words, state, &key, &kwargs)
        });
        env.add_filter("day", |value: Value| day(&value));
        env.add_filter("day_in_words", |value: Value| parse_day(&value).map(Day::in_words));
        env.add_filter("moment", |value: i64| Timestamp::from_millis(value).short());
        env.add_filter("rfc3339", |value: i64| Timestamp::from_millis(value).rfc3339());
        env.add_filter("thousands", text::thousands);
        env.add_filter("size", size_in_words);
        env.add_filter("minutes", length_in_words);
        env.add_filter("fold", |value: Cow<'_, str>| text::fold(&value));
        Ok(Self(env))
    }

    /// Renders a template with `page` (what every page needs) beside the context's own fields.
    pub fn render(&self, name: &str, page: &Value, context: &Value) -> Outcome<String> {
        let doing = || format!("render {name}");
        let template =
            self.0.get_template(name).map_err(|error| Failure::fault(doing(), say(&error)))?;
        let whole = minijinja::context! { page => page, ..context.clone() };
        template.render(whole).map_err(|error| Failure::fault(doing(), say(&error)))
    }
}

/// An error with where it happened and what caused it.
fn say(error: &Error) -> String {
    let mut text = format!("{error}");
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let _ = write!(text, " ← {inner}");
        cause = inner.source();
    }
    text
}

fn translate(
    words: &Words,
    state: &State<'_, '_>,
    key: &str,
    kwargs: &Kwargs,
) -> Result<String, Error> {
    let page = state.lookup("page").unwrap_or_default();
    let tag = page.get_attr("lang").ok();
    let lang =
        tag.as_ref().and_then(|tag| tag.as_str()).and_then(Lang::from_tag).unwrap_or_default();
    let mut args = Vec::new();
    for name in kwargs.args() {
        args.push((name, kwargs.get::<Value>(name)?.to_string()));
    }
    kwargs.assert_all_used()?;
    if !words.knows(lang, key) {
        return Err(Error::new(
            ErrorKind::UndefinedError,
            format!("no words for {key} in {}", lang.tag()),
        ));
    }
    Ok(words.say(lang, key, &args).into_owned())
}

fn parse_day(value: &Value) -> Result<Day, Error> {
    value
        .as_str()
        .and_then(Day::parse)
        .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, format!("{value} is not a day")))
}

/// A day, or the day of an instant, as `22/11/2026`.
fn day(value: &Value) -> Result<String, Error> {
    match value.as_i64() {
        Some(millis) => Ok(Timestamp::from_millis(millis).day().short()),
        None => parse_day(value).map(Day::short),
    }
}

/// `18 KB`, `1,4 MB`.
fn size_in_words(bytes: i64) -> String {
    match bytes {
        ..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{} KB", (bytes + 512) / 1024),
        _ => {
            let tenths = bytes * 10 / 1_048_576;
            format!("{},{} MB", text::thousands(tenths / 10), tenths % 10)
        }
    }
}

/// `2 phút 40 giây` from seconds.
fn length_in_words(seconds: i64) -> String {
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} giây"),
        (minutes, 0) => format!("{minutes} phút"),
        (minutes, seconds) => format!("{minutes} phút {seconds} giây"),
    }
}
