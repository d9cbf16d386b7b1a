//! How the schema may grow: numbered files without gaps, in the common dialect's column types.

use super::sql_text::words;
use super::tables::owner_of_migration;
use super::{Report, Tree};

/// Column types that mean the same on both engines; `kernel::db` turns each into the engine's own.
const TYPES: [&str; 6] = ["{id}", "{text}", "{int}", "{bool}", "{real}", "{bytes}"];

/// What a migration never says: each engine would mean something else by it.
const REFUSED: [(&str, &str); 4] = [
    ("trigger", "do it in the feature's action, in the same transaction"),
    ("function", "compute it in Rust"),
    ("autoincrement", "ids are text, made by the caller"),
    ("collate", "fold and sort in Rust (kernel::text), compare the folded column"),
];

/// The rule.
pub fn check(tree: &Tree, report: &mut Report) {
    let mut folders: Vec<&str> = tree
        .paths()
        .filter(|path| owner_of_migration(path).is_some() && path.ends_with(".sql"))
        .filter_map(|path| path.rsplit_once('/'))
        .map(|(folder, _)| folder)
        .collect();
    folders.dedup();
    for folder in folders {
        check_numbers(tree, report, folder, ".sql");
    }
    check_numbers(tree, report, "docs/adr", ".md");
    for (path, text) in tree.texts_ending(".sql") {
        if let Some(owner) = owner_of_migration(path) {
            report.count();
            check_words(report, path, owner, &words(text));
        }
    }
}

/// `0001_…`, `0002_…`; one number may have a file per engine (`0007_x.sqlite.sql`).
fn check_numbers(tree: &Tree, report: &mut Report, folder: &str, ending: &str) {
    let prefix = format!("{folder}/");
    let mut expected = 1;
    let mut last_name = String::new();
    for path in tree.paths().filter(|path| path.ends_with(ending)) {
        let Some(file) = path.strip_prefix(&prefix).filter(|file| !file.contains('/')) else {
            continue;
        };
        if file.eq_ignore_ascii_case("README.md") {
            continue;
        }
        report.count();
        let (number, name) = file.split_at_checked(4).unwrap_or((file, ""));
        let base = name.split('.').next().unwrap_or_default().to_owned();
        let for_engine = file.contains(".sqlite.") || file.contains(".postgres.");
        let numbered = number.parse::<usize>().ok().filter(|_| name.starts_with(['_', '-']));
        match numbered {
            Some(number) if number == expected => expected += 1,
            Some(number) if number + 1 == expected && for_engine && base == last_name => {}
            Some(number) => report.fail(
                path,
                None,
                format!("number {number:04} where {expected:04} comes next"),
                "number without gaps or repeats; somebody may have taken your number: rename yours",
            ),
            None => report.fail(
                path,
                None,
                "the name does not begin with four digits",
                format!("call it {expected:04}_what_it_does{ending}"),
            ),
        }
        last_name = base;
    }
}

fn check_words(report: &mut Report, path: &str, owner: &str, words: &[String]) {
    for (word, instead) in REFUSED {
        if words.iter().any(|other| other == word) {
            report.fail(path, None, format!("the migration says {word}"), instead);
        }
    }
    for (column, kind) in columns(words) {
        if !TYPES.contains(&kind.as_str()) {
            report.fail(
                path,
                None,
                format!("the column {column} has the type {kind}"),
                "use {id}, {text}, {int}, {bool}, {real} or {bytes}: the kernel makes both engines agree",
            );
        }
    }
    for (at, word) in words.iter().enumerate() {
        let word_at = |index: usize| words.get(index).map_or("", String::as_str);
        if word != "index" || !["create", "unique"].contains(&word_at(at.saturating_sub(1))) {
            continue;
        }
        let name = if word_at(at + 1) == "if" { word_at(at + 4) } else { word_at(at + 1) };
        if !name.starts_with(&format!("{owner}_")) {
            report.fail(
                path,
                None,
                format!("the index {name} does not say whose it is"),
                format!("index names share one space: begin it with {owner}_"),
            );
        }
    }
}

/// Every column that is created or added, with its type.
fn columns(words: &[String]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let word = |index: usize| words.get(index).map_or("", String::as_str);
    for at in 0..words.len() {
        if word(at) == "add" && word(at + 1) == "column" {
            found.push((word(at + 2).to_owned(), word(at + 3).to_owned()));
        }
        if word(at) == "table" && at > 0 && word(at - 1) == "create" {
            let open = words[at..].iter().position(|word| word == "(").map(|open| at + open);
            found.extend(open.map_or_else(Vec::new, |open| columns_inside(&words[open..])));
        }
    }
    found
}

fn columns_inside(words: &[String]) -> Vec<(String, String)> {
    const CONSTRAINTS: [&str; 5] = ["primary", "unique", "check", "foreign", "constraint"];
    let mut found = Vec::new();
    let (mut depth, mut at_start) = (0_usize, false);
    for (at, word) in words.iter().enumerate() {
        match word.as_str() {
            "(" => {
                depth += 1;
                at_start = depth == 1;
            }
            ")" => {
                depth -= 1;
                if depth == 0 {
                    break;
                }
            }
            "," if depth == 1 => at_start = true,
            name if at_start => {
                at_start = false;
                if !CONSTRAINTS.contains(&name) {
                    let kind = words.get(at + 1).cloned().unwrap_or_default();
                    found.push((name.to_owned(), kind));
                }
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failures(files: &[(&str, &str)]) -> Vec<String> {
        let mut report = Report::default();
        check(&Tree::of(files), &mut report);
        report.failures.into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn numbers_run_without_gaps() {
        let good = [
            ("features/areas/migrations/0001_units.sql", ""),
            ("features/areas/migrations/0002_names.postgres.sql", ""),
            ("features/areas/migrations/0002_names.sqlite.sql", ""),
            ("features/areas/migrations/0003_x.sql", ""),
            ("docs/adr/0001-one.md", ""),
        ];
        assert_eq!(failures(&good), Vec::<String>::new());
        let gap = [("kernel/migrations/0001_a.sql", ""), ("kernel/migrations/0003_b.sql", "")];
        assert_eq!(failures(&gap), ["number 0003 where 0002 comes next"]);
        let twice = [("kernel/migrations/0001_a.sql", ""), ("kernel/migrations/0001_b.sql", "")];
        assert_eq!(failures(&twice), ["number 0001 where 0002 comes next"]);
        assert_eq!(failures(&[("kernel/migrations/init.sql", "")]).len(), 1);
    }

    #[test]
    fn columns_have_common_types() {
        let path = "features/areas/migrations/0001_units.sql";
        let good = "create table areas_units (\n id {id} primary key, -- serial\n n {int} not null \
                    check (n in (1, 2)), x {real}, primary key (id, n));\n\
                    alter table areas_units add column y {bool};\n\
                    create unique index if not exists areas_units_by_n on areas_units (n);";
        assert_eq!(failures(&[(path, good)]), Vec::<String>::new());
        let bad = "create table areas_units (id serial, t text, n {text});\n\
                   alter table areas_units add column j jsonb; create index by_n on areas_units (n);";
        assert_eq!(
            failures(&[(path, bad)]),
            [
                "the column id has the type serial",
                "the column t has the type text",
                "the column j has the type jsonb",
                "the index by_n does not say whose it is"
            ]
        );
    }

    #[test]
    fn triggers_and_collations_are_refused() {
        let text = "create trigger x after insert on areas_units begin end;";
        let said = failures(&[("features/areas/migrations/0001_x.sql", text)]);
        assert_eq!(said, ["the migration says trigger"]);
    }
}
