//! Every template renders with every sample, in both languages, and lets nothing hostile through.

use std::sync::Arc;

use kernel::{
    locale::Words,
    minijinja::{Value, context},
    web::Pages,
};

fn shell(lang: &str) -> Value {
    context! {
        lang, path => "/bien-tap", text_size => "vua", contrast => false, csrf => "x",
        signed_in => true, person_name => "Mai", owner => context! { name => "UBND", parent => "", official => true },
        site_title => "Nhịp Cầu", site_tagline => "", role => "hub", nav => Vec::<Value>::new(), now => 0,
        date_in_words => "", flash => Value::UNDEFINED, asset_css => "/a.css", asset_js => "/a.js",
    }
}

#[test]
fn every_template_renders_its_samples_in_both_languages() {
    let modules = [kernel::module(), publishing::module()];
    let locales: Vec<_> = modules.iter().flat_map(|module| module.locales).copied().collect();
    let words = Words::load(&locales).unwrap_or_else(|wrong| panic!("{}", wrong.join("\n")));
    let sources = modules.iter().flat_map(|module| module.templates).copied();
    let pages = Pages::load(sources, Arc::new(words)).unwrap_or_else(|error| panic!("{error}"));
    let samples = (modules[1].samples)();
    let rendered: Vec<&str> = samples.iter().map(|sample| sample.template).collect();
    for template in modules[1].templates {
        let part = ["publishing/parts.html", "publishing/reading.html"].contains(&template.name);
        assert!(part || rendered.contains(&template.name), "{} has no sample", template.name);
    }
    for lang in ["vi", "en"] {
        for sample in &samples {
            let html = pages
                .render(sample.template, &shell(lang), &sample.context)
                .unwrap_or_else(|failure| panic!("{} in {lang}: {failure}", sample.template));
            assert!(!html.contains("<script>"), "{} lets a script through", sample.template);
            assert!(!html.contains("<img src=x"), "{}", sample.template);
            assert!(
                !html.contains("⟦") && !html.contains("718270000"),
                "{}: {html}",
                sample.template
            );
            assert_eq!(html.matches("<h1").count(), 1, "{}: one heading", sample.template);
            assert!(!html.contains(" style=") && !html.contains("javascript:"));
        }
    }
}

#[test]
fn every_problem_and_every_said_key_has_words() {
    let modules = [kernel::module(), publishing::module()];
    let locales: Vec<_> = modules.iter().flat_map(|module| module.locales).copied().collect();
    let words = Words::load(&locales).unwrap_or_else(|wrong| panic!("{}", wrong.join("\n")));
    let mut keys: Vec<String> = Vec::new();
    for problem in modules[1].problems {
        keys.push(format!("problem-{}", problem.code));
        keys.push(format!("problem-{}.next", problem.code));
    }
    let sources = [
        include_str!("../src/model/draft.rs"),
        include_str!("../src/actions/deciding.rs"),
        include_str!("../src/actions/editing.rs"),
        include_str!("../src/actions/uploads.rs"),
        include_str!("../src/pages/edit.rs"),
        include_str!("../src/pages/form.rs"),
        include_str!("../src/pages/decide.rs"),
        include_str!("../src/pages/conflict.rs"),
        include_str!("../src/pages/upload.rs"),
        include_str!("../src/pages/desk.rs"),
        include_str!("../src/pages/translation.rs"),
    ];
    for source in sources {
        let after = source.split("\"publishing-").skip(1);
        let said = after.filter_map(|rest| rest.split('"').next()).filter(|key| !key.contains('{'));
        keys.extend(said.map(|key| format!("publishing-{key}")));
    }
    let deeds = [
        "begun",
        "edited",
        "kept",
        "translated",
        "untranslated",
        "sound-added",
        "sound-removed",
        "picture-added",
        "picture-removed",
        "submitted",
        "approved",
        "scheduled",
        "returned",
        "published",
        "correcting",
        "withdrawn",
    ];
    keys.extend(deeds.map(|deed| format!("publishing-deed-{deed}")));
    let troubles = ["empty", "large", "not-audio", "unsupported", "damaged", "long", "encoder"];
    keys.extend(troubles.map(|trouble| format!("publishing-trouble-{trouble}")));
    for key in keys {
        assert!(words.knows(kernel::locale::Lang::Vi, &key), "{key}");
    }
}
