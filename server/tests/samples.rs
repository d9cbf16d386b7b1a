//! Every page with every sample in every language; and the words, numbers and names that must fit
//! together across features.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use kernel::{
    locale::{Lang, Locale, Words},
    minijinja::{Value, context},
    module::Module,
    web::Pages,
};
use nhipcau::modules::modules;

use testkit::html;

use crate::refusals;

fn words(modules: &[Module]) -> Words {
    let locales: Vec<Locale> = modules.iter().flat_map(|module| module.locales).copied().collect();
    Words::load(&locales).unwrap_or_else(|wrong| panic!("{}", wrong.join("\n")))
}

/// What every page is told besides its own context: somebody signed in at a hub.
fn page(lang: Lang) -> Value {
    context! {
        lang => lang.tag(), path => "/mẫu?a=\"1\"&b=<2>", text_size => "lon", contrast => true,
        csrf => "0123456789abcdef", signed_in => true, person_name => "Lý \"Thị\" <Lan>",
        owner => context! { name => "UBND xã Phủ Thông", parent => "tỉnh Thái Nguyên", official => true },
        site_title => "Nhịp Cầu", site_tagline => "Thông tin đến tận bản làng", role => "hub",
        nav => [
            context! { href => "/tin", label => "Tin", current => true },
            context! {
                label => "Quản trị", count => 2,
                links => [context! { href => "/tai-khoan", label => "Tài khoản", count => 2 }],
            },
        ],
        now => 1_795_330_800_000_i64, date_in_words => "Chủ nhật, ngày 22 tháng 11 năm 2026",
        flash => (), asset_css => "/tinh/0/nhipcau.css", asset_js => "/tinh/0/nhipcau.js",
    }
}

#[test]
fn every_sample_renders_in_both_languages_and_keeps_what_pages_keep() {
    let modules = modules();
    let sources: Vec<_> = modules.iter().flat_map(|module| module.templates).copied().collect();
    let pages =
        Pages::load(sources, Arc::new(words(&modules))).unwrap_or_else(|error| panic!("{error}"));
    let mut wrong = Vec::new();
    for module in &modules {
        for (nth, sample) in (module.samples)().iter().enumerate() {
            for lang in Lang::ALL {
                let name = format!("{} sample {nth} in {}", sample.template, lang.tag());
                match pages.render(sample.template, &page(lang), &sample.context) {
                    Ok(html) => {
                        let broken = html::broken(&html, lang.tag());
                        wrong.extend(broken.into_iter().map(|what| format!("{name}: {what}")));
                    }
                    Err(failure) => wrong.push(format!("{name}: {failure}")),
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} things are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_page_has_a_sample() {
    let mut without = Vec::new();
    for module in modules() {
        let samples = (module.samples)();
        let shown: BTreeSet<&str> = samples.iter().map(|sample| sample.template).collect();
        for source in module.templates {
            // Layouts and parts have no page of their own: they begin no document, or only fill one.
            let is_page = source.text.contains("{% extends");
            let is_layout = !source.text.contains("{% block main %}")
                && !source.text.contains("{% block paper %}");
            if is_page && !is_layout && !shown.contains(source.name) && module.name != "kernel" {
                without.push(source.name);
            }
        }
    }
    assert!(without.is_empty(), "no samples for {without:?}");
}

#[test]
fn every_problem_has_words_and_a_next_step_in_both_languages() {
    let modules = modules();
    let words = words(&modules);
    let mut wrong = Vec::new();
    let mut codes = BTreeMap::new();
    for module in &modules {
        for kind in module.problems {
            if let Some(other) = codes.insert(kind.code, module.name) {
                wrong.push(format!("{} is declared by {other} and by {}", kind.code, module.name));
            }
            if !(400..600).contains(&kind.status) {
                wrong.push(format!("{} has the status {}", kind.code, kind.status));
            }
            if module.name != "kernel" && !kind.code.starts_with(&format!("{}-", module.name)) {
                wrong.push(format!("{} does not begin with {}-", kind.code, module.name));
            }
            for lang in Lang::ALL {
                let key = format!("problem-{}", kind.code);
                for key in [key.clone(), format!("{key}.next")] {
                    if !words.knows(lang, &key) {
                        wrong.push(format!("{key} has no words in {}", lang.tag()));
                    }
                }
            }
        }
    }
    assert!(codes.len() > 30, "only {} problems were found", codes.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn permissions_and_record_numbers_belong_to_one_house_each() {
    let known_roles = identity::role::ALL;
    let mut permissions = BTreeMap::new();
    let mut records = BTreeMap::new();
    for module in modules() {
        for permission in module.permissions {
            let other = permissions.insert(permission.code, module.name);
            assert_eq!(other, None, "{} is declared twice", permission.code);
            let prefix = format!("{}.", module.name);
            assert!(
                permission.code.starts_with(&prefix),
                "{} is not of {}",
                permission.code,
                module.name
            );
            for role in permission.roles {
                assert!(
                    known_roles.contains(role),
                    "{} names the unknown role {role}",
                    permission.code
                );
            }
        }
        for record in module.records {
            let other = records.insert(record.kind, record.name);
            assert_eq!(
                other, None,
                "{} and {other:?} share the number {}",
                record.name, record.kind
            );
        }
    }
    assert!(permissions.len() >= 10 && records.len() >= 6, "{permissions:?} {records:?}");
}

#[test]
fn every_menu_entry_has_words_and_leads_to_a_route() {
    let modules = modules();
    let words = words(&modules);
    let routes = refusals::discovered();
    let declared: BTreeSet<&str> = modules
        .iter()
        .flat_map(|module| module.permissions)
        .map(|permission| permission.code)
        .collect();
    for entry in modules.iter().flat_map(|module| module.nav) {
        for lang in Lang::ALL {
            assert!(words.knows(lang, entry.key), "{} has no words in {}", entry.key, lang.tag());
        }
        let leads = routes.iter().any(|(method, path)| method == "GET" && path == entry.href);
        assert!(leads, "{} leads nowhere", entry.href);
        if let Some(permission) = entry.permission {
            assert!(declared.contains(permission.code), "{} is not declared", permission.code);
        }
    }
}
