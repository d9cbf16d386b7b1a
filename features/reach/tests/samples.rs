//! Every page renders with every sample, in both languages, without a hole.

use std::sync::Arc;

use kernel::{
    locale::{Lang, Words},
    minijinja::{Value, context},
    web::Pages,
};

fn page(lang: Lang) -> Value {
    context! {
        lang => lang.tag(), path => "/", text_size => "vua", contrast => false, csrf => "abc",
        signed_in => true, person_name => "Mai", owner => context! { name => "UBND", parent => "", official => true },
        site_title => "Nhịp Cầu", site_tagline => "", role => "hub", nav => Vec::<Value>::new(), now => 0,
        date_in_words => "", flash => None::<Value>, asset_css => "/a.css", asset_js => "/a.js",
    }
}

fn words() -> Words {
    let modules = [kernel::module(), areas::module(), identity::module(), reach::module()];
    let locales: Vec<_> = modules.iter().flat_map(|module| module.locales).copied().collect();
    Words::load(&locales).unwrap_or_else(|wrong| panic!("{}", wrong.join("\n")))
}

#[test]
fn every_sample_renders_in_both_languages() {
    let modules = [kernel::module(), reach::module()];
    let sources = modules.iter().flat_map(|module| module.templates).copied();
    let pages = Pages::load(sources, Arc::new(words())).unwrap_or_else(|error| panic!("{error}"));
    let samples = (reach::module().samples)();
    assert!(samples.len() >= 20);
    for sample in samples {
        for lang in Lang::ALL {
            let html = pages.render(sample.template, &page(lang), &sample.context).unwrap_or_else(
                |failure| panic!("{} in {}: {failure}", sample.template, lang.tag()),
            );
            assert!(!html.contains("<script>alert"), "{}", sample.template);
            assert_eq!(html.matches("<h1").count(), 1, "{} has one heading", sample.template);
            assert!(!html.contains("style=") && !html.contains('⟦'), "{}", sample.template);
        }
    }
}

#[test]
fn every_template_has_a_sample() {
    let samples = (reach::module().samples)();
    for source in reach::module().templates {
        assert!(samples.iter().any(|sample| sample.template == source.name), "{}", source.name);
    }
}

#[test]
fn every_problem_and_every_choice_has_words() {
    let words = words();
    for lang in Lang::ALL {
        for problem in reach::module().problems {
            assert!(words.knows(lang, &format!("problem-{}", problem.code)), "{}", problem.code);
            assert!(
                words.knows(lang, &format!("problem-{}.next", problem.code)),
                "{}",
                problem.code
            );
        }
        let key = |family: &str, code: &str| format!("reach-{family}-{}", code.replace('_', "-"));
        for rung in reach::Rung::LADDER {
            assert!(words.knows(lang, &key("rung", rung.word())), "{rung}");
        }
        for channel in reach::Channel::ALL {
            for family in ["channel", "channel-of"] {
                assert!(words.knows(lang, &key(family, channel.word())), "{channel}");
            }
        }
        let lists: [(&str, &[&str]); 4] = [
            ("standing", &reach::model::person::STANDINGS),
            ("end", &reach::model::person::END_REASONS),
            ("consent", &reach::model::person::PURPOSES),
            ("consent-hint", &reach::model::person::PURPOSES),
        ];
        for (family, codes) in lists {
            for code in codes {
                assert!(words.knows(lang, &key(family, code)), "{family} {code}");
            }
        }
    }
}
