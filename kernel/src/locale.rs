//! Words: Fluent messages in Vietnamese and English, one file per feature and language.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap},
};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use fluent_syntax::{ast, parser};
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
    vi: Spoken,
    en: Spoken,
}

impl Words {
    /// Reads every locale file. Gives what is wrong with them, line by line, when anything is:
    /// a key told twice, a syntax error, a key that one language lacks.
    pub fn load(locales: &[Locale]) -> Result<Self, Vec<String>> {
        let mut wrong = Vec::new();
        let mut words = Self { vi: Spoken::new(Lang::Vi), en: Spoken::new(Lang::En) };
        for locale in locales {
            let told = |what: String| format!("{}: {what}", locale.name);
            let read = parser::parse_runtime(locale.text).unwrap_or_else(|(read, errors)| {
                wrong.extend(errors.iter().map(|error| told(error.to_string())));
                read
            });
            let spoken = if locale.lang == Lang::Vi { &mut words.vi } else { &mut words.en };
            wrong.extend(read.body.into_iter().filter_map(|entry| spoken.learn(entry)).map(told));
        }
        let (vi, en) = (words.vi.keys(), words.en.keys());
        wrong.extend(vi.difference(&en).map(|key| format!("en lacks {key}")));
        wrong.extend(en.difference(&vi).map(|key| format!("vi lacks {key}")));
        if wrong.is_empty() { Ok(words) } else { Err(wrong) }
    }

    /// The words for a key; the key itself in brackets when there are none, so that it is seen.
    pub fn say<'a>(&'a self, lang: Lang, key: &str, args: &[(&str, String)]) -> Cow<'a, str> {
        let spoken = self.of(lang);
        match spoken.find(key) {
            None => Cow::Owned(format!("⟦{key}⟧")),
            Some(Said::Text(text)) => Cow::Borrowed(text),
            Some(Said::Pattern(pattern)) => {
                let mut values = FluentArgs::new();
                for (name, value) in args {
                    // Always text: a code such as 01969 or a year must never be "formatted" as a number.
                    values.set(*name, FluentValue::from(value.as_str()));
                }
                let said = spoken.fluent.format_pattern(pattern, Some(&values), &mut Vec::new());
                Cow::Owned(said.into_owned())
            }
        }
    }

    /// True when the key has words in the language.
    pub fn knows(&self, lang: Lang, key: &str) -> bool {
        self.of(lang).find(key).is_some()
    }

    fn of(&self, lang: Lang) -> &Spoken {
        if lang == Lang::Vi { &self.vi } else { &self.en }
    }
}

/// The words of one language. Fluent's own resources keep several times the room that their text needs, and there
/// are seven thousand messages in the memory of every point: so the patterns are kept here, and Fluent resolves
/// them.
struct Spoken {
    messages: HashMap<&'static str, Message>,
    fluent: FluentBundle<FluentResource>,
}

struct Message {
    value: Option<Said>,
    attributes: Box<[(&'static str, Said)]>,
}

/// What is said for a key: most often just a text.
enum Said {
    Text(&'static str),
    Pattern(Box<Pattern>),
}

type Pattern = ast::Pattern<&'static str>;

impl Spoken {
    fn new(lang: Lang) -> Self {
        let lang: LanguageIdentifier = lang.tag().parse().unwrap_or_default();
        let mut fluent = FluentBundle::new_concurrent(vec![lang]);
        // Bidi isolation marks would end up inside SMS, file names and URLs.
        fluent.set_use_isolating(false);
        Self { messages: HashMap::new(), fluent }
    }

    /// Takes an entry of a file in; gives what is wrong with it.
    fn learn(&mut self, entry: ast::Entry<&'static str>) -> Option<String> {
        let message = match entry {
            ast::Entry::Message(message) => message,
            ast::Entry::Term(term) => return Some(format!("-{}: no terms here", term.id.name)),
            _ => return None,
        };
        let key = message.id.name;
        let mut told = message.attributes.iter().map(|one| &one.value).chain(&message.value);
        if let Some(other) = told.find_map(referred) {
            return Some(format!("{key} refers to {other}: a message stands for itself here"));
        }
        let attributes = message.attributes.into_iter();
        let message = Message {
            value: message.value.map(Said::of),
            attributes: attributes.map(|one| (one.id.name, Said::of(one.value))).collect(),
        };
        self.messages.insert(key, message).map(|_| format!("{key} is told twice"))
    }

    fn find(&self, key: &str) -> Option<&Said> {
        match key.split_once('.') {
            None => self.messages.get(key)?.value.as_ref(),
            Some((key, name)) => {
                let attributes = &self.messages.get(key)?.attributes;
                attributes.iter().find(|(known, _)| *known == name).map(|(_, said)| said)
            }
        }
    }

    fn keys(&self) -> BTreeSet<&'static str> {
        self.messages.keys().copied().collect()
    }
}

impl Said {
    fn of(mut pattern: Pattern) -> Self {
        if let [ast::PatternElement::TextElement { value }] = pattern.elements[..] {
            return Self::Text(value);
        }
        pattern.elements.shrink_to_fit();
        Self::Pattern(Box::new(pattern))
    }
}

/// Another message or a term that a pattern refers to.
fn referred(pattern: &Pattern) -> Option<&'static str> {
    pattern.elements.iter().find_map(|element| match element {
        ast::PatternElement::TextElement { .. } => None,
        ast::PatternElement::Placeable { expression } => referred_in(expression),
    })
}

fn referred_in(expression: &ast::Expression<&'static str>) -> Option<&'static str> {
    match expression {
        ast::Expression::Select { variants, .. } => {
            variants.iter().find_map(|variant| referred(&variant.value))
        }
        ast::Expression::Inline(inline) => match inline {
            ast::InlineExpression::MessageReference { id, .. }
            | ast::InlineExpression::TermReference { id, .. } => Some(id.name),
            ast::InlineExpression::Placeable { expression } => referred_in(expression),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn vi(text: &'static str) -> Locale {
        Locale { lang: Lang::Vi, name: "thu/vi.ftl", text }
    }

    const fn en(text: &'static str) -> Locale {
        Locale { lang: Lang::En, name: "thu/en.ftl", text }
    }

    #[test]
    fn texts_arguments_choices_and_attributes_are_said() {
        let text = "a = Chào\nb = Chào { $name }, { $count ->\n    [0] không có tin\n   *[other] có { $count } tin\n  }\n    .hint = Bấm { $name }\nc =\n    Dòng một\n    dòng hai\n";
        let words = Words::load(&[vi(text), en(text)]).expect("nothing is wrong");
        let args = [("name", "Lục Bình".to_owned()), ("count", "01969".to_owned())];
        assert!(matches!(words.say(Lang::Vi, "a", &args), Cow::Borrowed("Chào")));
        assert_eq!(words.say(Lang::Vi, "b", &args), "Chào Lục Bình, có 01969 tin");
        assert_eq!(words.say(Lang::En, "b.hint", &args), "Bấm Lục Bình");
        assert_eq!(words.say(Lang::Vi, "c", &[]), "Dòng một\ndòng hai");
        assert_eq!(words.say(Lang::Vi, "d", &[]), "⟦d⟧");
        assert!(words.knows(Lang::Vi, "b.hint") && !words.knows(Lang::Vi, "a.hint"));
    }

    #[test]
    fn what_is_wrong_with_a_file_is_told() {
        let load = |text| Words::load(&[vi(text), en("a = A\n")]).err().unwrap_or_default();
        assert_eq!(load("a = A\na = B\n"), ["thu/vi.ftl: a is told twice"]);
        assert_eq!(load("a = { b }\n").len(), 2, "a refers to b, and so is no word");
        assert_eq!(load("-b = B\na = A\n"), ["thu/vi.ftl: -b: no terms here"]);
        assert_eq!(load("a = A\nb = B\n"), ["en lacks b"]);
        assert_eq!(load(""), ["vi lacks a"]);
        assert!(!load("a = { $x\n").is_empty());
    }
}
