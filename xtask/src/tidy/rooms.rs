//! The order of the rooms inside a feature, and the purity of the model. It reads paths
//! (`crate::store`, `super::pages`), not meanings. Tables and SQL are the business of `tables.rs`.

use super::rust_source::{RustSource, closing, is_word, places_of, skip_space, word_at};
use super::tree::{feature_of, line_at};
use super::{Report, Tree};

/// The rooms with the step they stand on; a room sees only lower steps.
const ROOMS: [(&str, u8); 7] = [
    ("model", 0),
    ("store", 1),
    ("actions", 2),
    ("records", 2),
    ("pages", 3),
    ("api", 3),
    ("jobs", 3),
];

/// Two rooms on one step that see each other: an action says what travels, and what travels in
/// calls an action.
const SIDE_BY_SIDE: [&str; 2] = ["actions", "records"];

/// What a pure model never mentions.
const IMPURE: [&str; 9] =
    ["async", "await", "sqlx", "axum", "tokio", "std::fs", "TcpStream", "UdpSocket", "sql"];

/// Ways to write a file that a power cut leaves half written.
/// (Appending to a part that is checked when it is read again is another matter.)
const CARELESS_WRITES: [&str; 2] = ["fs::write", "File::create"];

/// The room that a path inside a feature belongs to: `src/store/songs.rs` is in `store`.
pub fn room_of(inside: &str) -> Option<&str> {
    let rest = inside.strip_prefix("src/")?;
    let first = rest.split('/').next()?;
    Some(first.strip_suffix(".rs").unwrap_or(first))
}

fn step(room: &str) -> Option<u8> {
    ROOMS.iter().find(|(name, _)| *name == room).map(|(_, step)| *step)
}

/// The rule.
pub fn check(tree: &Tree, report: &mut Report) {
    let features = tree.features();
    for (path, text) in tree.texts_ending(".rs") {
        let Some((feature, inside)) = feature_of(path) else { continue };
        let Some(room) = room_of(inside) else { continue };
        let source = RustSource::read(text);
        report.count();
        check_other_stores(report, &features, feature, path, &source.code);
        check_writes(report, path, &source.code);
        if room == "lib" {
            continue;
        }
        // A test may look wherever its story leads.
        let tested = source.code.split("#[cfg(test)]").next().unwrap_or_default();
        check_order(report, room, path, inside, tested);
        if room == "model" {
            check_purity(report, path, &source.code);
        }
    }
    check_unknown_rooms(tree, report);
}

fn check_order(report: &mut Report, room: &str, path: &str, inside: &str, code: &str) {
    // A room we have no name for may stand beside the actions: above the store, below the pages.
    let my_step = step(room).unwrap_or(2);
    for (offset, seen) in references(code, module_depth(inside)) {
        let Some(seen_step) = step(&seen) else { continue };
        let beside = SIDE_BY_SIDE.contains(&room) && SIDE_BY_SIDE.contains(&seen.as_str());
        if seen != room && seen_step >= my_step && !beside {
            report.fail(
                path,
                Some(line_at(code, offset)),
                format!("the room {room} looks into {seen}"),
                "a room sees only those to its left: model <- store <- actions, records <- \
                 pages, api, jobs; move what both need to the left",
            );
        }
    }
}

fn check_purity(report: &mut Report, path: &str, code: &str) {
    for word in IMPURE {
        let Some(offset) = places_of(code, word).into_iter().next() else { continue };
        report.fail(
            path,
            Some(line_at(code, offset)),
            format!("the model mentions {word}"),
            "a model is nouns and rules: no database, network, disk or waiting; \
             move this to store or actions and pass the value in",
        );
    }
}

fn check_writes(report: &mut Report, path: &str, code: &str) {
    for way in CARELESS_WRITES {
        for offset in places_of(code, way) {
            report.fail(
                path,
                Some(line_at(code, offset)),
                format!("a feature writes a file by itself ({way})"),
                "kernel::files writes beside, syncs and renames: a power cut loses nothing",
            );
        }
    }
}

fn check_other_stores(report: &mut Report, features: &[&str], me: &str, path: &str, code: &str) {
    for other in features.iter().filter(|other| **other != me) {
        for offset in places_of(code, other) {
            if code[offset + other.len()..].starts_with("::store") {
                report.fail(
                    path,
                    Some(line_at(code, offset)),
                    format!("{me} looks into the store of {other}"),
                    format!("ask {other} at its front door, or have it add a `pub use` there"),
                );
            }
        }
    }
}

fn check_unknown_rooms(tree: &Tree, report: &mut Report) {
    let mut told = Vec::new();
    for path in tree.paths() {
        let Some((feature, inside)) = feature_of(path) else { continue };
        let Some(room) = room_of(inside) else { continue };
        let known = room == "lib" || step(room).is_some();
        let room = format!("features/{feature}/src/{room}");
        if !known && path.ends_with(".rs") && !told.contains(&room) {
            report.warn(
                &room,
                None,
                "not one of the rooms every house has",
                "a newcomer will not look here: could it be a file in model/, store/, actions/ or jobs/?",
            );
            told.push(room);
        }
    }
}

/// How deep below the crate's root a file's module is: `src/store.rs` 1, `src/store/songs.rs` 2.
fn module_depth(inside: &str) -> usize {
    let path = inside.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    path.split('/').count()
}

/// Every name directly under the crate's root that the code refers to, by `crate::` or `super::`.
fn references(code: &str, depth: usize) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for start in places_of(code, "crate") {
        if code[start..].starts_with("crate::") {
            let names = first_names(code, start + "crate::".len());
            found.extend(names.into_iter().map(|name| (start, name)));
        }
    }
    let inline = inline_modules(code);
    for start in places_of(code, "super") {
        // Only the first of a chain `super::super::` begins a path.
        let (mut end, mut steps) = (start, 0);
        while code[end..].starts_with("super::") {
            end += "super::".len();
            steps += 1;
        }
        let begins_path = !code[..start].ends_with("super::");
        let deeper = inline.iter().filter(|(open, close)| *open < start && start < *close).count();
        if begins_path && steps == depth + deeper {
            let names = first_names(code, end);
            found.extend(names.into_iter().map(|name| (start, name)));
        }
    }
    found
}

/// Where the bodies of modules written inside the file begin and end.
fn inline_modules(code: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for start in places_of(code, "mod") {
        let name = skip_space(code, start + "mod".len());
        let open = skip_space(code, name + word_at(code, name).len());
        if code[open..].starts_with('{') {
            found.extend(closing(code, open).map(|close| (open, close)));
        }
    }
    found
}

/// The names a path goes on with: one word, or the first words of `{a::b, c}`.
fn first_names(code: &str, offset: usize) -> Vec<String> {
    if !code[offset..].starts_with('{') {
        return vec![word_at(code, offset).to_owned()];
    }
    let Some(close) = closing(code, offset) else { return Vec::new() };
    let mut names = Vec::new();
    let (mut depth, mut at_start) = (0_usize, true);
    for (index, byte) in code[offset + 1..close].bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            b',' if depth == 0 => at_start = true,
            byte if at_start && depth == 0 && is_word(byte) => {
                names.push(word_at(code, offset + 1 + index).to_owned());
                at_start = false;
            }
            _ => {}
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failures(path: &str, text: &str) -> Vec<String> {
        let tree = Tree::of(&[(path, text), ("features/reach/src/lib.rs", "//! x")]);
        let mut report = Report::default();
        check(&tree, &mut report);
        report.failures.into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn rooms_see_those_to_their_left() {
        for (room, text) in [
            ("store", "use crate::model::Area;"),
            ("actions", "use crate::{model::{Area, pages}, store};"),
            ("pages", "use super::actions; use super::store::find;"),
            ("store/songs", "use super::Other; use super::super::model;"),
            ("jobs", "use crate::actions; // not crate::pages"),
            ("model", "use crate::Something; mod tests { use super::*; }"),
        ] {
            let path = format!("features/areas/src/{room}.rs");
            assert_eq!(failures(&path, text), Vec::<String>::new(), "{room}: {text}");
        }
    }

    #[test]
    fn rooms_do_not_look_to_their_right_or_at_their_neighbours() {
        for (room, text, seen) in [
            ("model", "use crate::store;", "store"),
            ("store", "fn f() { crate::actions::add() }", "actions"),
            ("actions", "use crate::{model, pages::Form};", "pages"),
            ("pages", "use super::api;", "api"),
            ("store", "mod tests { use super::super::pages; }", "pages"),
            ("store/songs", "use super::super::actions;", "actions"),
            ("store/mod", "use super::actions;", "actions"),
            ("audio", "use crate::pages;", "pages"),
        ] {
            let path = format!("features/areas/src/{room}.rs");
            let me = room.split('/').next().unwrap();
            assert_eq!(failures(&path, text), [format!("the room {me} looks into {seen}")]);
        }
    }

    #[test]
    fn the_model_is_pure() {
        let said = failures("features/areas/src/model/unit.rs", "async fn f() { std::fs::read() }");
        assert_eq!(said, ["the model mentions async", "the model mentions std::fs"]);
    }

    #[test]
    fn files_are_written_by_the_kernel() {
        let said = failures("features/areas/src/jobs.rs", "std::fs::write(path, bytes)");
        assert_eq!(said, ["a feature writes a file by itself (fs::write)"]);
        assert!(failures("features/areas/tests/jobs.rs", "std::fs::write(path, bytes)").is_empty());
    }

    #[test]
    fn another_feature_is_met_at_its_front_door() {
        let path = "features/areas/src/actions.rs";
        assert_eq!(failures(path, "reach::store::x()"), ["areas looks into the store of reach"]);
        assert!(failures(path, "use reach::Receipt;").is_empty());
    }

    #[test]
    fn an_unknown_room_is_warned_of_once() {
        let tree = Tree::of(&[("features/a/src/odd/x.rs", ""), ("features/a/src/odd/y.rs", "")]);
        let mut report = Report::default();
        check(&tree, &mut report);
        assert_eq!(report.warnings.len(), 1);
    }
}
