//! Every page is rendered with nothing, the usual, the longest and the hostile, in both languages.

use std::sync::Arc;

use kernel::{
    locale::{Lang, Words},
    minijinja::context,
    web::Pages,
};

fn modules() -> [kernel::module::Module; 2] {
    [kernel::module(), portal::module()]
}

fn words() -> Words {
    let locales: Vec<_> = modules().iter().flat_map(|module| module.locales).copied().collect();
    Words::load(&locales).unwrap_or_else(|wrong| panic!("{}", wrong.join("\n")))
}

#[test]
fn every_sample_of_every_page_renders_in_both_languages() {
    let modules = modules();
    let sources = modules.iter().flat_map(|module| module.templates).copied();
    let pages = Pages::load(sources, Arc::new(words())).expect("the templates compile");
    let samples = (portal::module().samples)();
    for lang in Lang::ALL {
        let page = context! {
            lang => lang.tag(), path => "/", text_size => "vua", contrast => false, csrf => "c",
            signed_in => false, owner => context! { name => "UBND xã Phủ Thông", official => true },
            site_title => "Nhịp Cầu", site_tagline => "", nav => Vec::<String>::new(), now => 0,
            date_in_words => "Chủ nhật", asset_css => "/a.css", asset_js => "/a.js",
        };
        for sample in &samples {
            let html = pages.render(sample.template, &page, &sample.context);
            let html = html.unwrap_or_else(|failure| {
                panic!("{} in {}: {failure}", sample.template, lang.tag())
            });
            assert_eq!(html.matches("<h1").count(), 1, "{} has one heading", sample.template);
            assert!(!html.contains("<script>alert"), "{} lets a script through", sample.template);
            assert!(!html.contains(" style=") && !html.contains("⟦"), "{}", sample.template);
        }
    }
    let templates = portal::module().templates;
    for template in templates.iter().filter(|template| template.name != "portal/base.html") {
        let with_name = samples.iter().filter(|sample| sample.template == template.name);
        assert!(with_name.count() >= 1, "{} has no sample", template.name);
    }
}

#[test]
fn every_problem_says_what_to_do_next() {
    let words = words();
    for problem in portal::module().problems {
        let key = format!("problem-{}", problem.code);
        for lang in Lang::ALL {
            assert!(words.knows(lang, &key) && words.knows(lang, &format!("{key}.next")), "{key}");
        }
    }
}
