//! Every line of the audit log has words: what the sources write into it stands in the locales, in both
//! languages, so that no administrator reads `publishing.published`.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use kernel::locale::{Lang, Locale, Words};
use nhipcau::modules::modules;

/// Actions whose names are put together from a code, by the argument that stands in the source.
const PUT_TOGETHER: [(&str, &[&str]); 5] = [
    // These two hand on what `note` was given, which is read itself.
    ("action", &[]),
    ("&format!(\"publishing.{deed}\")", &[]),
    ("DEFINE.code", &["reporting.define"]),
    (
        "&about",
        &["reporting.deadline-excuse", "reporting.deadline-extend", "reporting.deadline-revoke"],
    ),
    (
        "&format!(\"reporting.{}\", step.code())",
        &[
            "reporting.certify",
            "reporting.reopen",
            "reporting.submit",
            "reporting.return",
            "reporting.accept",
            "reporting.approve",
            "reporting.approve-part",
            "reporting.correct",
        ],
    ),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The arguments of a call, from behind its opening bracket.
fn arguments(call: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    let (mut depth, mut quoted, mut escaped) = (0_u32, false, false);
    for c in call.chars() {
        match c {
            _ if escaped => {}
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => break,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                all.push(String::new());
                continue;
            }
            _ => {}
        }
        escaped = quoted && c == '\\' && !escaped;
        if let Some(last) = all.last_mut() {
            last.push(c);
        }
    }
    all.iter().map(|one| one.trim().to_owned()).collect()
}

/// The calls of a function in a source, not its own head.
fn calls<'a>(source: &'a str, name: &'a str) -> impl Iterator<Item = Vec<String>> + 'a {
    source.match_indices(name).filter_map(move |(at, _)| {
        let before = &source[..at];
        let inside = before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let call = source[at + name.len()..].strip_prefix('(')?;
        (!inside && !before.ends_with("fn ")).then(|| arguments(call))
    })
}

/// What one source writes into the audit log.
fn written(path: &str, source: &str, actions: &mut BTreeSet<String>) {
    let literal = |text: &str| {
        text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).map(str::to_owned)
    };
    for call in calls(source, "audit") {
        let Some(action) = call.get(2) else { continue };
        if let Some(action) = literal(action) {
            actions.insert(action);
            continue;
        }
        let known = PUT_TOGETHER.iter().find(|(argument, _)| argument == action);
        let (_, known) = known.unwrap_or_else(|| panic!("{path}: say what {action} can be"));
        actions.extend(known.iter().map(|&action| action.to_owned()));
    }
    // The two features that note a deed with a word of their own.
    if path.contains("features/publishing/src/actions") {
        let deeds = calls(source, "note").filter_map(|call| literal(call.get(3)?));
        actions.extend(deeds.map(|deed| format!("publishing.{deed}")));
    }
    if path.contains("features/identity/src/actions") {
        actions.extend(calls(source, "note").filter_map(|call| literal(call.get(1)?)));
        let lines =
            source.match_indices("action: \"").map(|(at, begin)| &source[at + begin.len()..]);
        actions.extend(lines.filter_map(|rest| rest.split('"').next()).map(str::to_owned));
    }
}

#[test]
fn every_action_of_the_audit_log_has_words_in_both_languages() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut paths = Vec::new();
    sources(&root.join("features"), &mut paths);
    sources(&root.join("server/src"), &mut paths);
    let mut actions = BTreeSet::new();
    for path in paths {
        let source = std::fs::read_to_string(&path).expect("a source");
        let path = path.display().to_string().replace('\\', "/");
        if path.contains("/src/") {
            written(&path, &source, &mut actions);
        }
    }
    let locales: Vec<Locale> =
        modules().iter().flat_map(|module| module.locales).copied().collect();
    let words = Words::load(&locales).unwrap_or_else(|wrong| panic!("{}", wrong.join("\n")));
    let mut without = Vec::new();
    for action in &actions {
        // As the page of the log asks for them (identity/src/pages.rs).
        let key = action.replacen('.', "-audit-", 1).replace('.', "-");
        let lacks = Lang::ALL.into_iter().filter(|lang| !words.knows(*lang, &key));
        without.extend(lacks.map(|lang| format!("{key} has no words in {}", lang.tag())));
    }
    assert!(actions.len() > 80, "only {} actions were found: {actions:?}", actions.len());
    assert!(without.is_empty(), "{}", without.join("\n"));
}

#[test]
fn calls_are_read_with_their_arguments() {
    let source =
        "async fn audit(tx: &mut Tx) {}\nnote_audit(a);\naudit(tx, &f(1, 2), \"a.\\\"b\", [x, y])";
    let read: Vec<_> = calls(source, "audit").collect();
    assert_eq!(read, [["tx", "&f(1, 2)", "\"a.\\\"b\"", "[x, y]"]]);
}
