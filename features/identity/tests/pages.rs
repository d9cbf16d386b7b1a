//! Every page renders with every sample, in both languages.

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

#[test]
fn every_sample_renders_in_both_languages() {
    let modules = [kernel::module(), areas::module(), identity::module()];
    let locales: Vec<_> = modules.iter().flat_map(|module| module.locales).copied().collect();
    let words = Words::load(&locales).unwrap_or_else(|wrong| panic!("{}", wrong.join("\n")));
    let sources = modules.iter().flat_map(|module| module.templates).copied();
    let pages = Pages::load(sources, Arc::new(words)).unwrap_or_else(|error| panic!("{error}"));
    let samples = (identity::module().samples)();
    assert!(samples.len() >= 18);
    for sample in samples {
        for lang in Lang::ALL {
            let html = pages.render(sample.template, &page(lang), &sample.context).unwrap_or_else(
                |failure| panic!("{} in {}: {failure}", sample.template, lang.tag()),
            );
            assert!(!html.contains("<script>alert"), "{}", sample.template);
            assert_eq!(html.matches("<h1").count(), 1, "{} has one heading", sample.template);
            assert!(!html.contains("style="), "{}", sample.template);
        }
    }
}

#[test]
fn every_template_has_a_sample() {
    let samples = (identity::module().samples)();
    for source in
        identity::module().templates.iter().filter(|source| source.text.contains("extends"))
    {
        assert!(samples.iter().any(|sample| sample.template == source.name), "{}", source.name);
    }
}

#[test]
fn every_problem_and_role_has_words() {
    let modules = [kernel::module(), areas::module(), identity::module()];
    let locales: Vec<_> = modules.iter().flat_map(|module| module.locales).copied().collect();
    let words = Words::load(&locales).unwrap_or_else(|wrong| panic!("{}", wrong.join("\n")));
    for lang in Lang::ALL {
        for problem in identity::module().problems {
            assert!(words.knows(lang, &format!("problem-{}", problem.code)), "{}", problem.code);
            assert!(
                words.knows(lang, &format!("problem-{}.next", problem.code)),
                "{}",
                problem.code
            );
        }
        for role in identity::role::ALL {
            assert!(words.knows(lang, &format!("identity-role-{role}.hint")), "{role}");
        }
    }
}
