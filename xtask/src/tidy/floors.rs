//! Who may import whom. A feature is a crate, so its `Cargo.toml` is the rule's whole evidence.
//! Which feature stands where is data: `xtask/floors.txt`.

use super::manifests::{Dependency, dependencies};
use super::{Report, Tree};

/// Where the floors are written down.
pub const FLOORS_FILE: &str = "xtask/floors.txt";

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Floor {
    Ground,
    Middle,
    Top,
}

struct Floors {
    /// In the order of the file: on the ground floor that order is itself a rule.
    features: Vec<(String, Floor)>,
}

impl Floors {
    fn read(text: &str) -> Floors {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let features = lines.filter_map(|line| {
            let (floor, name) = line.split_once(' ')?;
            let floor = match floor {
                "ground" => Floor::Ground,
                "middle" => Floor::Middle,
                "top" => Floor::Top,
                _ => return None,
            };
            Some((name.trim().to_owned(), floor))
        });
        Floors { features: features.collect() }
    }

    fn place(&self, name: &str) -> Option<(usize, Floor)> {
        let place = self.features.iter().position(|(feature, _)| feature == name)?;
        Some((place, self.features[place].1))
    }

    /// Why `from` may not import `to`, or nothing when it may.
    fn objection(&self, from: &str, to: &str) -> Option<&'static str> {
        let ((from_place, from_floor), (to_place, to_floor)) = (self.place(from)?, self.place(to)?);
        match (from_floor, to_floor) {
            (Floor::Ground, Floor::Ground) if to_place < from_place => None,
            (Floor::Ground, Floor::Ground) => {
                Some("on the ground floor a feature imports only those listed above it")
            }
            (Floor::Middle, Floor::Middle) => Some(
                "middle features never meet: announce an event and wire it in \
                 server/src/reactions.rs, or let a feature of the top floor put both together",
            ),
            (_, Floor::Top) => Some("nobody imports the top floor but the server"),
            (from, to) if from < to => {
                Some("arrows point down only: announce an event, or move the code up")
            }
            _ => None,
        }
    }
}

/// Crates of this workspace that are not features.
const OWN: [&str; 5] = ["kernel", "sync", "server", "testkit", "xtask"];

/// Crates that would bring I/O into the pure protocol.
const INPUT_OUTPUT: [&str; 7] =
    ["tokio", "sqlx", "axum", "hyper", "tower", "tower-http", "hyper-util"];

/// The rule.
pub fn check(tree: &Tree, report: &mut Report) {
    let floors = Floors::read(tree.text(FLOORS_FILE).unwrap_or_default());
    for (path, text) in tree.texts_ending("/Cargo.toml") {
        check_manifest(tree, report, &floors, path, text);
    }
    for feature in tree.features() {
        report.count();
        if floors.place(feature).is_none() {
            report.fail(
                &format!("features/{feature}"),
                None,
                "the feature stands on no floor",
                format!("give it a line in {FLOORS_FILE} (cargo xtask new-feature does)"),
            );
        }
    }
    check_front_doors(tree, report);
}

fn check_manifest(tree: &Tree, report: &mut Report, floors: &Floors, path: &str, text: &str) {
    let folder = path.trim_end_matches("/Cargo.toml");
    let me = folder.rsplit('/').next().unwrap_or(folder);
    let names = tree.features();
    for dependency in dependencies(text) {
        report.count();
        let Dependency { name, line, for_tests, .. } = &dependency;
        let is_feature = names.contains(&name.as_str());
        let objection = match me {
            "server" | "testkit" => None,
            "xtask" => Some("xtask uses the standard library only: it must start in seconds"),
            "sync" if is_feature || OWN.contains(&name.as_str()) => {
                Some("sync knows nothing of ours: bytes, keys and time are passed in")
            }
            "sync" if INPUT_OUTPUT.contains(&name.as_str()) && !for_tests => {
                Some("sync does no input or output: the driver in features/delivery does")
            }
            "kernel" if is_feature => Some("the kernel knows no feature: move the code up"),
            _ if name == "testkit" && !for_tests => {
                Some("testkit is for tests: put it under [dev-dependencies]")
            }
            _ if ["server", "nhipcau", "xtask"].contains(&name.as_str()) => {
                Some("nobody imports the server or xtask")
            }
            _ => floors.objection(me, name),
        };
        if let Some(instead) = objection {
            report.fail(path, Some(*line), format!("{me} may not import {name}"), instead);
        }
    }
}

/// Where the server lists every feature.
pub const MODULES_FILE: &str = "server/src/modules.rs";

fn check_front_doors(tree: &Tree, report: &mut Report) {
    for feature in tree.features() {
        let door = format!("features/{feature}/src/lib.rs");
        let Some(text) = tree.text(&door) else { continue };
        report.count();
        if !text.contains("pub fn module()") {
            report.fail(
                &door,
                None,
                "the front door has no `pub fn module()`",
                "describe the feature to the server there: routes, migrations, words, jobs",
            );
        }
        let listed = tree.text(MODULES_FILE).unwrap_or_default();
        if !listed.contains(&format!("{feature}::module")) {
            report.fail(
                MODULES_FILE,
                None,
                format!("{feature} is not on the list of modules"),
                format!("add {feature}::module(): a house on no list is never opened"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLOORS: &str = "# words\nground areas\nground identity\nmiddle publishing\n\
                          middle reach\ntop portal\ntop delivery\n";
    const ALL: [&str; 6] = ["areas", "identity", "publishing", "reach", "portal", "delivery"];

    fn failures(krate: &str, manifest: &str) -> Vec<String> {
        let lib = "pub fn module() -> Module {}";
        let list = ALL.map(|name| format!("{name}::module()")).join(", ");
        let paths: Vec<String> = ALL.iter().map(|n| format!("features/{n}/src/lib.rs")).collect();
        let manifest_path = if ALL.contains(&krate) {
            format!("features/{krate}/Cargo.toml")
        } else {
            format!("{krate}/Cargo.toml")
        };
        let mut files = vec![(FLOORS_FILE, FLOORS), (MODULES_FILE, list.as_str())];
        files.extend(paths.iter().map(|path| (path.as_str(), lib)));
        files.push((manifest_path.as_str(), manifest));
        let mut report = Report::default();
        report.begin("floors");
        check(&Tree::of(&files), &mut report);
        report.failures.into_iter().map(|finding| finding.what).collect()
    }

    fn importing(krate: &str, name: &str) -> Vec<String> {
        failures(krate, &format!("[dependencies]\n{name}.workspace = true\n"))
    }

    #[test]
    fn arrows_point_down() {
        for (from, to) in [
            ("identity", "areas"),
            ("publishing", "identity"),
            ("portal", "reach"),
            ("portal", "areas"),
            ("server", "portal"),
            ("testkit", "portal"),
            ("kernel", "sync"),
            ("areas", "kernel"),
        ] {
            assert_eq!(importing(from, to), Vec::<String>::new(), "{from} -> {to}");
        }
    }

    #[test]
    fn every_other_arrow_is_refused() {
        for (from, to) in [
            ("areas", "identity"),
            ("areas", "publishing"),
            ("publishing", "reach"),
            ("reach", "publishing"),
            ("publishing", "portal"),
            ("portal", "delivery"),
            ("kernel", "areas"),
            ("sync", "kernel"),
            ("sync", "areas"),
            ("sync", "tokio"),
            ("xtask", "serde"),
            ("areas", "server"),
            ("areas", "testkit"),
        ] {
            let said = importing(from, to);
            assert_eq!(said, [format!("{from} may not import {to}")]);
        }
    }

    #[test]
    fn tests_may_use_the_testkit_but_no_higher_floor() {
        assert!(failures("areas", "[dev-dependencies]\ntestkit.workspace = true\n").is_empty());
        let upward = "[dev-dependencies]\npublishing = { workspace = true }\n";
        assert_eq!(failures("areas", upward), ["areas may not import publishing"]);
    }

    #[test]
    fn a_feature_without_floor_door_or_place_on_the_list_is_found() {
        let tree = Tree::of(&[
            (FLOORS_FILE, FLOORS),
            ("features/market/src/lib.rs", "//! Market."),
            (MODULES_FILE, ""),
        ]);
        let mut report = Report::default();
        check(&tree, &mut report);
        assert_eq!(report.failures.len(), 3, "{:?}", report.failures);
    }
}
