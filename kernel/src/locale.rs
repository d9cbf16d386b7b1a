//! Words: Fluent messages in Vietnamese and English, one file per feature and language.

use std::{borrow::Cow, collections::BTreeSet};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use serde::Serialize;
use unic_langid::LanguageIdentifier;

/// A language of the interface. Languages of content are tags on the content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Vietnamese, the default.
    #[default]
    Vi,
    /// English.
    En,
}

impl Lang {
    /// All of them.
    pub const ALL: [Lang; 2] = [Lang::Vi, Lang::En];

    /// `vi` or `en`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Vi => "vi",
            Self::En => "en",
        }
    }

    /// From a tag.
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lang| lang.tag() == tag)
    }
}

/// One feature's words in one language.
#[derive(Clone, Copy, Debug)]
pub struct Locale {
    /// The language.
    pub lang: Lang,
    /// The file's name, for messages.
    pub name: &'static str,
    /// The Fluent text.
    pub text: &'static str,
}

/// Lists a feature's words: `locales!("areas")` reads `locales/vi.ftl` and `locales/en.ftl`.
#[macro_export]
macro_rules! locales {
    ($feature:literal) => {
        &[
            $crate::locale::Locale {
                lang: $crate::locale::Lang::Vi,
                name: concat!($feature, "/vi.ftl"),
                text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/locales/vi.ftl")),
            },
            $crate::locale::Locale {
                lang: $crate::locale::Lang::En,
                name: concat!($feature, "/en.ftl"),
                text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/locales/en.ftl")),
            },
        ]
    };
}

/// All words of the program.
pub struct Words {
    vi: FluentBundle<FluentResource>,
    en: FluentBundle<FluentResource>,
}

impl Words {
    /// Reads every locale file. Gives what is wrong with them, line by line, when anything is:
    /// a key told twice, a syntax error, a key that one language lacks.
    pub fn load(locales: &[Locale]) -> Result<Self, Vec<String>> {
        let mut wrong = Vec::new();
        let mut words = Self { vi: bundle("vi"), en: bundle("en") };
        let mut keys: [BTreeSet<String>; 2] = Default::default();
        for locale in locales {
            let resource =
                FluentResource::try_new(locale.text.to_owned()).unwrap_or_else(|(read, errors)| {
                    wrong.extend(errors.iter().map(|error| format!("{}: {error}", locale.name)));
                    read
                });
            keys[locale.lang as usize].extend(message_keys(&resource));
            let bundle = if locale.lang == Lang::Vi { &mut words.vi } else { &mut words.en };
            if let Err(errors) = bundle.add_resource(resource) {
                wrong.extend(errors.iter().map(|error| format!("{}: {error}", locale.name)));
            }
        }
        wrong.extend(keys[0].difference(&keys[1]).map(|key| format!("en lacks {key}")));
        wrong.extend(keys[1].difference(&keys[0]).map(|key| format!("vi lacks {key}")));
        if wrong.is_empty() { Ok(words) } else { Err(wrong) }
    }

    /// The words for a key; the key itself in brackets when there are none, so that it is seen.
    pub fn say<'a>(&'a self, lang: Lang, key: &str, args: &[(&str, String)]) -> Cow<'a, str> {
        let mut values = FluentArgs::new();
        for (name, value) in args {
            // Always text: a code such as 01969 or a year must never be "formatted" as a number.
            values.set(*name, FluentValue::from(value.as_str()));
        }
        self.find(lang, key, Some(&values)).unwrap_or_else(|| Cow::Owned(format!("⟦{key}⟧")))
    }

    /// True when the key has words in the language.
    pub fn knows(&self, lang: Lang, key: &str) -> bool {
        self.find(lang, key, None).is_some()
    }

    fn find<'a>(
        &'a self,
        lang: Lang,
        key: &str,
        args: Option<&FluentArgs<'_>>,
    ) -> Option<Cow<'a, str>> {
        let bundle = if lang == Lang::Vi { &self.vi } else { &self.en };
        let (id, attribute) = key.split_once('.').map_or((key, None), |(id, at)| (id, Some(at)));
        let message = bundle.get_message(id)?;
        let pattern = match attribute {
            None => message.value()?,
            Some(name) => message.get_attribute(name)?.value(),
        };
        Some(Cow::Owned(bundle.format_pattern(pattern, args, &mut Vec::new()).into_owned()))
    }
}

fn bundle(tag: &str) -> FluentBundle<FluentResource> {
    let lang: LanguageIdentifier = tag.parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![lang]);
    // Bidi isolation marks would end up inside SMS, file names and URLs.
    bundle.set_use_isolating(false);
    bundle
}

fn message_keys(resource: &FluentResource) -> Vec<String> {
    resource
        .source()
        .lines()
        .filter_map(|line| {
            let key = line.split_once('=')?.0.trim_end();
            let starts = key.starts_with(|c: char| c.is_ascii_lowercase());
            (starts && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'))
                .then(|| key.to_owned())
        })
        .collect()
}
