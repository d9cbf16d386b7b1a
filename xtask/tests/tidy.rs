//! The rules of the house, tried on this very checkout: a rule that is only a task can be forgotten.

use std::path::Path;

#[test]
fn the_checkout_keeps_the_rules_of_the_house() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let report = xtask::tidy::check_repository(&root).unwrap();
    assert!(report.failures.is_empty(), "\n{}", report.in_words(false));
}

#[test]
fn every_rule_found_something_to_look_at() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let report = xtask::tidy::check_repository(&root).unwrap();
    // A rule that looks at nothing proves nothing: a renamed folder would silence it.
    let idle: Vec<_> = report.checked.iter().filter(|(_, number)| *number == 0).collect();
    assert!(idle.is_empty(), "these rules looked at nothing: {idle:?}");
}
