//! The task `cargo xtask new-feature`: builds a house with all its rooms and passing tests, and puts
//! it on every list it must be on. The texts of the rooms are in `xtask/house`; the edits of the
//! lists are in `lists.rs`.

mod lists;

use std::path::Path;
use std::process::{Command, ExitCode};

use crate::command_line::{self, Given};

const HELP: &str = "\
cargo xtask new-feature NAME --floor ground|middle|top [--noun Noun] [--vi WORDS] [--en WORDS]
                        [--path ADDRESS]

Builds features/NAME with every room: model, store, actions, pages, api, records, jobs; a
migration, two templates, words in vi and en, a README, and tests that pass on both engines.
Nobody copies a folder by hand.

    --floor   ground: what every other feature stands on
              middle: the features people come for; they never import each other
              top:    puts several together; only the server imports it
    --noun    the noun of the house in English, e.g. HeritageItem   (default: NAME + Item)
    --vi      the same in Vietnamese, e.g. \"di sản\"                 (default: the name)
    --en      the same in English words                            (default: from the noun)
    --path    the public address, Vietnamese first, e.g. di-san    (default: from the name)

    cargo xtask new-feature heritage --floor middle --noun HeritageItem --vi \"di sản\" --path di-san

It also writes one line each in: Cargo.toml, server/Cargo.toml, server/src/modules.rs,
xtask/floors.txt and GLOSSARY.md. Nothing is written when one of them cannot be.
";

/// The rooms: where each goes in the house, and its text with names to fill in.
const ROOMS: [(&str, &str); 16] = [
    ("Cargo.toml", include_str!("../../house/Cargo.toml.in")),
    ("README.md", include_str!("../../house/README.md.in")),
    ("migrations/0001_items.sql", include_str!("../../house/migrations/0001_items.sql.in")),
    ("locales/vi.ftl", include_str!("../../house/locales/vi.ftl.in")),
    ("locales/en.ftl", include_str!("../../house/locales/en.ftl.in")),
    ("templates/__name__/list.html", include_str!("../../house/templates/list.html.in")),
    ("templates/__name__/form.html", include_str!("../../house/templates/form.html.in")),
    ("src/lib.rs", include_str!("../../house/src/lib.rs.in")),
    ("src/model.rs", include_str!("../../house/src/model.rs.in")),
    ("src/store.rs", include_str!("../../house/src/store.rs.in")),
    ("src/actions.rs", include_str!("../../house/src/actions.rs.in")),
    ("src/pages.rs", include_str!("../../house/src/pages.rs.in")),
    ("src/api.rs", include_str!("../../house/src/api.rs.in")),
    ("src/records.rs", include_str!("../../house/src/records.rs.in")),
    ("src/jobs.rs", include_str!("../../house/src/jobs.rs.in")),
    ("tests/main.rs", include_str!("../../house/tests/main.rs.in")),
];

/// The test files beside `tests/main.rs`.
const TESTS: [(&str, &str); 2] = [
    ("tests/pages.rs", include_str!("../../house/tests/pages.rs.in")),
    ("tests/records.rs", include_str!("../../house/tests/records.rs.in")),
];

/// Names that are Rust's, cargo's or ours already.
const TAKEN: [&str; 14] = [
    "kernel",
    "sync",
    "server",
    "testkit",
    "xtask",
    "core",
    "std",
    "alloc",
    "test",
    "proc_macro",
    "crate",
    "self",
    "super",
    "nhipcau",
];

/// What a new house is called, in every form a file needs.
#[derive(Debug, Clone, PartialEq, Eq)]
struct House {
    /// The folder, the crate, the prefix of tables: `support_points`.
    name: String,
    floor: String,
    /// The noun: `SupportPoint`.
    noun: String,
    vi: String,
    en: String,
    /// The public address without its slash: `diem-ho-tro`.
    path: String,
}

impl House {
    fn read(given: &Given) -> Result<House, String> {
        let [name] = given.words.as_slice() else {
            return Err(
                "say the name of one feature: cargo xtask new-feature heritage --floor middle"
                    .to_owned(),
            );
        };
        let snake = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let well_formed = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(snake)
            && !name.ends_with('_')
            && !name.contains("__");
        if !well_formed || TAKEN.contains(&name.as_str()) {
            return Err(format!(
                "{name} cannot be the name of a feature: a plural English noun in snake_case that \
                 is not taken, e.g. support_points"
            ));
        }
        let floor = given.value("floor").unwrap_or_default();
        if !["ground", "middle", "top"].contains(&floor) {
            return Err("say where it stands: --floor ground, middle or top; see --help".to_owned());
        }
        let noun = given.value("noun").map_or_else(|| camel(name) + "Item", str::to_owned);
        let camel_case = noun.starts_with(|c: char| c.is_ascii_uppercase())
            && noun.chars().all(|c| c.is_ascii_alphanumeric());
        if !camel_case {
            return Err(format!("--noun {noun}: an English noun in CamelCase, e.g. HeritageItem"));
        }
        let en = given.value("en").map_or_else(|| separated(&noun, ' '), str::to_owned);
        let vi = given.value("vi").map_or_else(|| name.replace('_', " "), str::to_owned);
        let path = given.value("path").map_or_else(|| name.replace('_', "-"), str::to_owned);
        let plain =
            |words: &str| !words.is_empty() && !words.contains(['\n', '{', '}', '|', '"', '`']);
        if !plain(&vi) || !plain(&en) {
            return Err("--vi and --en are plain words on one line".to_owned());
        }
        if path.is_empty() || !path.chars().all(|c| c == '-' || c.is_ascii_alphanumeric()) {
            return Err(format!("--path {path}: letters without marks and hyphens, e.g. di-san"));
        }
        Ok(House { name: name.clone(), floor: floor.to_owned(), noun, vi, en, path })
    }

    /// A text with every name filled in.
    fn fill(&self, text: &str, kind: u16) -> String {
        text.replace("__name__", &self.name)
            .replace("__key__", &self.name.replace('_', "-"))
            .replace("__Noun__", &self.noun)
            .replace("__noun__", &separated(&self.noun, '-'))
            .replace("__NOUN__", &separated(&self.noun, '_').to_ascii_uppercase())
            .replace("__vi__", &self.vi)
            .replace("__Vi__", &capital(&self.vi))
            .replace("__en__", &self.en)
            .replace("__En__", &capital(&self.en))
            .replace("__path__", &self.path)
            .replace("__kind__", &kind.to_string())
    }
}

/// `support_points` becomes `SupportPoints`.
fn camel(name: &str) -> String {
    name.split('_').map(capital).collect()
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// `HeritageItem` becomes `heritage item`, or with another sign between.
fn separated(noun: &str, sign: char) -> String {
    let mut words = String::new();
    for letter in noun.chars() {
        if letter.is_ascii_uppercase() && !words.is_empty() {
            words.push(sign);
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}

/// Every file to write, with its path from the root. Pure: `read` gives the text of a file.
fn plan(
    house: &House,
    kind: u16,
    read: &lists::Reader<'_>,
) -> Result<Vec<(String, String)>, String> {
    let mut files = Vec::new();
    for (list, edit) in lists::EDITS {
        let text = read(list).ok_or_else(|| format!("{list} is missing"))?;
        let edited = edit(&text, house, read).map_err(|why| format!("{list}: {why}"))?;
        if edited != text {
            files.push((list.to_owned(), edited));
        }
    }
    for (path, text) in ROOMS.into_iter().chain(TESTS) {
        let path = format!("features/{}/{}", house.name, house.fill(path, kind));
        files.push((path, house.fill(text, kind)));
    }
    Ok(files)
}

/// The task.
///
/// # Errors
/// A name that cannot be used, or a list that cannot be edited; nothing was written then.
pub fn run(words: &[String]) -> Result<ExitCode, String> {
    let given = command_line::read(words, &[], &["floor", "noun", "vi", "en", "path"])?;
    if given.has("help") {
        print!("{HELP}");
        return Ok(ExitCode::SUCCESS);
    }
    let house = House::read(&given)?;
    let root = crate::repository::root()?;
    if root.join("features").join(&house.name).exists() {
        return Err(format!("features/{} is already there", house.name));
    }
    let kind = lists::next_record_kind(&root)?;
    let read = |path: &str| std::fs::read_to_string(root.join(path)).ok();
    let files = plan(&house, kind, &read)?;
    for (path, text) in &files {
        write(&root.join(path), text)?;
        println!("wrote {path}");
    }
    format_sources(&root, &house.name);
    print!("{}", next_steps(&house));
    Ok(ExitCode::SUCCESS)
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    let told = |fault: std::io::Error| format!("cannot write {}: {fault}", path.display());
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(told)?;
    }
    std::fs::write(path, text).map_err(told)
}

/// Names differ in length, so the lines break elsewhere than in the texts of the rooms.
fn format_sources(root: &Path, name: &str) {
    let crate_sources =
        Command::new("cargo").current_dir(root).args(["fmt", "--package", name]).status();
    let modules = Command::new("rustfmt")
        .current_dir(root)
        .args(["--edition", "2024", lists::MODULES_FILE])
        .status();
    for outcome in [crate_sources, modules] {
        if !outcome.is_ok_and(|status| status.success()) {
            println!("(rustfmt did not run; run `cargo fmt` before the first commit)");
        }
    }
}

fn next_steps(house: &House) -> String {
    let House { name, noun, path, .. } = house;
    format!(
        "
The house stands. It keeps one noun, {noun}, at /{path}. Now make it yours:

    cargo test -p {name} sqlite       its tests, on SQLite (without `sqlite`: on both engines)
    features/{name}/README.md         say in one sentence what it is for; number its rules
    features/{name}/src/model.rs      begin here: what is a {noun}, and which rules does it keep?
    GLOSSARY.md                       the last line is yours to finish
    server/src/reactions.rs           who should hear of {noun}Added?

A room it does not need is deleted, with its line in lib.rs: an absent room is simply absent.
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(line: &str) -> Given {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        command_line::read(&words, &[], &["floor", "noun", "vi", "en", "path"]).unwrap()
    }

    #[test]
    fn names_that_cannot_be_crates_are_refused() {
        for line in [
            "--floor top",
            "a b --floor top",
            "Heritage --floor top",
            "kernel --floor top",
            "a__b --floor top",
            "heritage",
            "heritage --floor roof",
            "heritage --floor top --noun item",
            "h --floor top --path a/b",
            "h --floor top --vi a|b",
        ] {
            assert!(House::read(&given(line)).is_err(), "{line}");
        }
    }

    #[test]
    fn every_form_of_the_names_is_filled_in() {
        let house = House::read(&given("support_points --floor middle")).unwrap();
        assert_eq!(house.noun, "SupportPointsItem");
        assert_eq!(
            house.fill("__name__ __key__ __Noun__ __noun__ __NOUN__ __En__ __path__ __kind__", 7),
            "support_points support-points SupportPointsItem support-points-item \
             SUPPORT_POINTS_ITEM Support points item support-points 7"
        );
    }

    #[test]
    fn no_room_keeps_an_unfilled_name() {
        let house = House::read(&given("heritage --floor middle --vi bài")).unwrap();
        for (path, text) in ROOMS.into_iter().chain(TESTS) {
            let filled = house.fill(text, 9);
            assert!(!filled.contains("__"), "{path}: {filled}");
        }
    }
}
