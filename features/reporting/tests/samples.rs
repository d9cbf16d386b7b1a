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
    let modules = [kernel::module(), areas::module(), identity::module(), reporting::module()];
    let locales: Vec<_> = modules.iter().flat_map(|module| module.locales).copied().collect();
    Words::load(&locales).unwrap_or_else(|wrong| panic!("{}", wrong.join("\n")))
}

#[test]
fn every_sample_renders_in_both_languages() {
    let modules = [kernel::module(), areas::module(), reporting::module()];
    let sources = modules.iter().flat_map(|module| module.templates).copied();
    let pages = Pages::load(sources, Arc::new(words())).unwrap_or_else(|error| panic!("{error}"));
    let samples = (reporting::module().samples)();
    assert!(samples.len() >= 15);
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
fn every_page_has_a_sample_and_every_problem_has_words() {
    let samples = (reporting::module().samples)();
    for source in reporting::module().templates {
        // Parts stand in other pages.
        let known = samples.iter().any(|sample| sample.template == source.name);
        assert!(known || source.name == "reporting/parts.html", "{}", source.name);
    }
    let words = words();
    for lang in Lang::ALL {
        for problem in reporting::module().problems {
            for key in
                [format!("problem-{}", problem.code), format!("problem-{}.next", problem.code)]
            {
                assert!(words.knows(lang, &key), "{key} in {}", lang.tag());
            }
        }
        for state in reporting::model::submission::State::ALL {
            assert!(words.knows(lang, &format!("reporting-state-{}", state.code())), "{state:?}");
        }
    }
}
