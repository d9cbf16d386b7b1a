//! Words on screen: both languages hold the same keys, and a key tells its owner. Whether a
//! template asks for a key that exists is tested where templates are rendered.

use std::collections::BTreeMap;

use super::{Report, Tree};

/// A message: the line it begins on, and the variables it mentions.
#[derive(Debug, Default, PartialEq, Eq)]
struct Message {
    line: usize,
    variables: Vec<String>,
}

/// The rule.
pub fn check(tree: &Tree, report: &mut Report) {
    let mut folders: Vec<&str> = tree
        .paths()
        .filter(|path| path.ends_with(".ftl"))
        .filter_map(|path| path.rsplit_once('/'))
        .map(|(folder, _)| folder)
        .collect();
    folders.dedup();
    for folder in folders {
        check_folder(tree, report, folder);
    }
}

fn check_folder(tree: &Tree, report: &mut Report, folder: &str) {
    let read = |report: &mut Report, language: &str| {
        let path = format!("{folder}/{language}.ftl");
        let Some(text) = tree.text(&path) else {
            report.fail(&path, None, "the file is missing", "every word has a vi and an en form");
            return BTreeMap::new();
        };
        messages(report, &path, text)
    };
    let (vi, en) = (read(report, "vi"), read(report, "en"));
    for (mine, yours, here, there) in [(&vi, &en, "vi", "en"), (&en, &vi, "en", "vi")] {
        for (key, message) in mine {
            report.count();
            let path = format!("{folder}/{here}.ftl");
            let Some(other) = yours.get(key) else {
                report.fail(
                    &path,
                    Some(message.line),
                    format!("{key} is missing in {there}.ftl"),
                    format!("say it in {there}.ftl too"),
                );
                continue;
            };
            for variable in message.variables.iter().filter(|name| !other.variables.contains(name))
            {
                report.warn(
                    &path,
                    Some(message.line),
                    format!("{key} mentions ${variable}, {there}.ftl does not"),
                    "one of the two readers is told less",
                );
            }
            check_owner(report, &path, key, message.line);
        }
    }
}

/// The start of a key names the crate whose words these are.
fn check_owner(report: &mut Report, path: &str, key: &str, line: usize) {
    let owner = path.split_once("/locales/").map_or("", |(folder, _)| folder);
    let owner = owner.rsplit('/').next().unwrap_or_default();
    let prefixes: Vec<String> = match owner {
        "kernel" => vec!["kernel-".into(), "problem-".into()],
        // Fluent keys are written with hyphens; `support_points-` is accepted as well. The words of a
        // problem are found by its code: `problem-areas-not-found`.
        name => [name.replace('_', "-"), name.to_owned()]
            .into_iter()
            .flat_map(|name| [format!("{name}-"), format!("problem-{name}-")])
            .collect(),
    };
    if !prefixes.iter().any(|prefix| key.starts_with(prefix)) {
        report.fail(
            path,
            Some(line),
            format!("the key {key} does not say whose it is"),
            format!("begin it with {} or {}", prefixes[0], prefixes[1]),
        );
    }
}

/// Every message of a Fluent file; attributes count as `key.attribute`, terms are left out.
fn messages(report: &mut Report, path: &str, text: &str) -> BTreeMap<String, Message> {
    let mut found: BTreeMap<String, Message> = BTreeMap::new();
    let (mut message, mut current) = (String::new(), String::new());
    for (index, line) in text.lines().enumerate() {
        let begins = line.starts_with(|first: char| first.is_ascii_alphabetic());
        let attribute = line.trim_start().strip_prefix('.').filter(|_| !message.is_empty());
        let named = if begins { Some(line) } else { attribute };
        if let Some((name, _)) = named.and_then(|line| line.split_once('=')) {
            current = if begins {
                message = name.trim().to_owned();
                message.clone()
            } else {
                format!("{message}.{}", name.trim())
            };
            let new = Message { line: index + 1, variables: Vec::new() };
            if found.insert(current.clone(), new).is_some() {
                report.fail(
                    path,
                    Some(index + 1),
                    format!("{current} is said twice"),
                    "keep one: the second silently wins",
                );
            }
        } else if line.starts_with('-') {
            (message, current) = (String::new(), String::new());
        }
        if line.starts_with('#') {
            continue;
        }
        if let Some(message) = found.get_mut(&current) {
            message.variables.extend(variables(line));
        }
    }
    found
}

fn variables(line: &str) -> Vec<String> {
    let starts = line.match_indices('$').map(|(at, _)| &line[at + 1..]);
    let word = |rest: &str| -> String {
        rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_' || *c == '-').collect()
    };
    starts.map(word).filter(|name| !name.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(folder: &str, vi: &str, en: &str) -> Report {
        let (vi_path, en_path) = (format!("{folder}/vi.ftl"), format!("{folder}/en.ftl"));
        let mut report = Report::default();
        check(&Tree::of(&[(&vi_path, vi), (&en_path, en)]), &mut report);
        report
    }

    fn failures(folder: &str, vi: &str, en: &str) -> Vec<String> {
        report(folder, vi, en).failures.into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn both_languages_hold_the_same_keys() {
        let areas = "features/areas/locales";
        let vi = "# Từ\nareas-title = Địa bàn\n    .hint = Gõ tên\nareas-n = { $n ->\n  *[other] { $n } xã\n }\n";
        let en = "areas-title = Areas\n    .hint = Type\nareas-n = { $n } communes\n";
        assert_eq!(failures(areas, vi, en), Vec::<String>::new());
        assert_eq!(
            failures(areas, vi, "areas-title = Areas\nareas-n = { $n }\nareas-extra = x\n"),
            ["areas-title.hint is missing in en.ftl", "areas-extra is missing in vi.ftl"]
        );
        assert_eq!(
            failures(areas, "areas-a = x\nareas-a = y\n", "areas-a = z\n"),
            ["areas-a is said twice"]
        );
    }

    #[test]
    fn a_key_begins_with_its_owner() {
        assert_eq!(
            failures("features/areas/locales", "title = x\n", "title = y\n").len(),
            2,
            "once for each language"
        );
        assert!(
            failures("kernel/locales", "problem-missing = x\n", "problem-missing = y\n").is_empty()
        );
        let areas = "features/areas/locales";
        assert!(failures(areas, "problem-areas-gone = x\n", "problem-areas-gone = y\n").is_empty());
        assert_eq!(failures(areas, "problem-gone = x\n", "problem-gone = y\n").len(), 2);
        let points = "features/support_points/locales";
        assert!(failures(points, "support-points-a = x\n", "support-points-a = y\n").is_empty());
    }

    #[test]
    fn a_missing_language_fails_and_a_missing_variable_warns() {
        let mut report_of_one = Report::default();
        check(&Tree::of(&[("kernel/locales/vi.ftl", "kernel-a = x\n")]), &mut report_of_one);
        assert_eq!(report_of_one.failures.len(), 2);
        let told_less = report("kernel/locales", "kernel-a = { $n } xã\n", "kernel-a = communes\n");
        assert_eq!((told_less.failures.len(), told_less.warnings.len()), (0, 1));
    }
}
