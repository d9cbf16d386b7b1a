//! The lists a new house must be on, and how one line is added to each. Every edit is a function
//! from text to text that says why when it cannot.

use std::path::Path;

use super::House;

/// Reads another file of the checkout.
pub(super) type Reader<'a> = dyn Fn(&str) -> Option<String> + 'a;

type Edit = fn(&str, &House, &Reader<'_>) -> Result<String, String>;

/// Each list with its edit.
pub(super) const EDITS: [(&str, Edit); 5] = [
    ("Cargo.toml", add_to_workspace),
    ("server/Cargo.toml", add_to_server),
    (MODULES_FILE, add_to_modules),
    (FLOORS_FILE, add_to_floors),
    ("GLOSSARY.md", add_to_glossary),
];

const FLOORS_FILE: &str = crate::tidy::FLOORS_FILE;

/// Where the server lists every feature.
pub(super) const MODULES_FILE: &str = crate::tidy::MODULES_FILE;

fn add_to_workspace(text: &str, house: &House, _: &Reader<'_>) -> Result<String, String> {
    let line = format!("{0} = {{ path = \"features/{0}\" }}", house.name);
    after_last(text, &line, |line| line.contains("path = \"features/"))
        .ok_or_else(|| format!("no feature stands there yet; add this line by hand: {line}"))
}

fn add_to_server(text: &str, house: &House, read: &Reader<'_>) -> Result<String, String> {
    let features = features_by_floor(read);
    let line = format!("{}.workspace = true", house.name);
    let is_feature = |line: &str| {
        features.iter().any(|(_, name)| line.trim() == format!("{name}.workspace = true"))
    };
    after_last(text, &line, is_feature)
        .ok_or_else(|| format!("no feature stands there yet; add this line by hand: {line}"))
}

/// The list of modules is in floor order: after the last one of the same floor or a lower one.
fn add_to_modules(text: &str, house: &House, read: &Reader<'_>) -> Result<String, String> {
    let mine = format!("{}::module", house.name);
    let my_height = height(&house.floor);
    let mut below: Vec<String> = features_by_floor(read)
        .into_iter()
        .filter(|(floor, name)| height(floor) <= my_height && *name != house.name)
        .map(|(_, name)| format!("{name}::module"))
        .collect();
    below.push("kernel::module".to_owned());
    let places = below.iter().filter_map(|entry| Some((last_word(text, entry)?, entry)));
    let (at, entry) = places.max().ok_or_else(|| {
        format!("no other module is listed there; add {mine}() by hand, in floor order")
    })?;
    // The list holds calls, `areas::module()`, or the functions themselves.
    let end = at + entry.len();
    let call = if text[end..].starts_with("()") { "()" } else { "" };
    let end = end + call.len();
    Ok(format!("{}, {mine}{call}{}", &text[..end], &text[end..]))
}

/// Where `entry` last stands as a whole path.
fn last_word(text: &str, entry: &str) -> Option<usize> {
    let starts_word = |at: usize| {
        let before = text[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
    };
    text.match_indices(entry).map(|(at, _)| at).filter(|at| starts_word(*at)).last()
}

fn add_to_floors(text: &str, house: &House, _: &Reader<'_>) -> Result<String, String> {
    for line in text.lines() {
        match line.split_once(' ') {
            Some((floor, name)) if name == house.name && floor == house.floor => {
                return Ok(text.to_owned());
            }
            Some((floor, name)) if name == house.name && !floor.starts_with('#') => {
                return Err(format!("{name} is planned on the {floor} floor, not {}", house.floor));
            }
            _ => {}
        }
    }
    let line = format!("{} {}", house.floor, house.name);
    let same_floor = format!("{} ", house.floor);
    after_last(text, &line, |line| line.starts_with(&same_floor))
        .ok_or_else(|| format!("the {} floor is not there", house.floor))
}

fn add_to_glossary(text: &str, house: &House, _: &Reader<'_>) -> Result<String, String> {
    let identifier = format!("`{}`", house.noun);
    if text.contains(&identifier) {
        return Ok(text.to_owned());
    }
    let is_row = |line: &str| line.starts_with('|') && line.contains('`');
    let last = text.lines().rfind(|line| is_row(line)).unwrap_or_default();
    let columns = last.matches('|').count().saturating_sub(1).max(3);
    let mut cells =
        vec![house.vi.clone(), identifier, format!("*one sentence: what a {} is*", house.en)];
    cells.resize(columns, String::new());
    let line = format!("| {} |", cells.join(" | "));
    after_last(text, &line, is_row)
        .ok_or_else(|| format!("there is no table; add this line by hand: {line}"))
}

/// The text with a line put in after the last line that answers.
fn after_last(text: &str, line: &str, answers: impl Fn(&str) -> bool) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let at = lines.iter().rposition(|line| answers(line))?;
    let mut edited = lines[..=at].to_vec();
    edited.push(line);
    edited.extend(&lines[at + 1..]);
    Some(edited.join("\n") + "\n")
}

fn features_by_floor(read: &Reader<'_>) -> Vec<(String, String)> {
    let text = read(FLOORS_FILE).unwrap_or_default();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| line.split_once(' '))
        .map(|(floor, name)| (floor.to_owned(), name.trim().to_owned()))
        .collect()
}

fn height(floor: &str) -> u8 {
    match floor {
        "ground" => 0,
        "middle" => 1,
        _ => 2,
    }
}

/// The next free number for a kind of record. Numbers are for ever, so none is used twice.
pub(super) fn next_record_kind(root: &Path) -> Result<u16, String> {
    let mut highest = 0;
    for path in crate::repository::files(root)? {
        let in_feature = path.starts_with("features/") && path.contains("/src/");
        if in_feature && Path::new(&path).extension().is_some_and(|ending| ending == "rs") {
            let text = std::fs::read_to_string(root.join(&path)).unwrap_or_default();
            highest = highest.max(highest_kind(&text));
        }
    }
    Ok(highest + 1)
}

/// The highest number written as `kind: 7` or `const …: u16 = 7;` in a source.
fn highest_kind(text: &str) -> u16 {
    let after = |marker: &str| -> Vec<u16> {
        let places =
            text.match_indices(marker).map(|(at, _)| text[at + marker.len()..].trim_start());
        let digits =
            places.map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next().unwrap_or(""));
        digits.filter_map(|number| number.parse().ok()).collect()
    };
    let numbers = after("kind:").into_iter().chain(after(": u16 ="));
    // Other 16-bit constants (ports, limits) are larger; kinds are counted from one.
    numbers.filter(|number| *number < 1000).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLOORS: &str = "# words\nground areas\nmiddle publishing\nmiddle heritage\ntop portal\n";

    fn house(name: &str, floor: &str) -> House {
        House {
            name: name.to_owned(),
            floor: floor.to_owned(),
            noun: "Song".to_owned(),
            vi: "bài hát".to_owned(),
            en: "song".to_owned(),
            path: "bai-hat".to_owned(),
        }
    }

    fn read(path: &str) -> Option<String> {
        (path == FLOORS_FILE).then(|| FLOORS.to_owned())
    }

    #[test]
    fn the_workspace_and_the_server_get_one_line_beside_the_other_features() {
        let root = "[workspace.dependencies]\nareas = { path = \"features/areas\" }\ntestkit = { path = \"testkit\" }\n";
        let edited = add_to_workspace(root, &house("songs", "middle"), &read).unwrap();
        assert!(edited.contains("areas\" }\nsongs = { path = \"features/songs\" }\ntestkit"));
        let server = "[dependencies]\nkernel.workspace = true\nareas.workspace = true\nclap.workspace = true\n";
        let edited = add_to_server(server, &house("songs", "middle"), &read).unwrap();
        assert!(edited.contains("areas.workspace = true\nsongs.workspace = true\nclap"));
        assert!(add_to_workspace("[workspace]\n", &house("songs", "middle"), &read).is_err());
    }

    #[test]
    fn modules_stay_in_floor_order() {
        let calls =
            "    vec![kernel::module(), areas::module(), publishing::module(), portal::module()]\n";
        for (floor, before, after) in [
            ("ground", "areas::module(), songs::module(), publishing", "portal::module()]"),
            ("middle", "publishing::module(), songs::module(), portal", "vec![kernel"),
            ("top", "portal::module(), songs::module()]", "vec![kernel"),
        ] {
            let edited = add_to_modules(calls, &house("songs", floor), &read).unwrap();
            assert!(edited.contains(before) && edited.contains(after), "{edited}");
        }
        let functions = "[areas::module,\n portal::module,\n]";
        let edited = add_to_modules(functions, &house("songs", "middle"), &read).unwrap();
        assert_eq!(edited, "[areas::module, songs::module,\n portal::module,\n]");
        assert!(add_to_modules("nothing", &house("songs", "top"), &read).is_err());
    }

    #[test]
    fn a_planned_feature_keeps_its_floor_and_a_new_one_gets_a_line() {
        let edited = add_to_floors(FLOORS, &house("songs", "middle"), &read).unwrap();
        assert!(edited.contains("middle heritage\nmiddle songs\ntop portal\n"));
        assert_eq!(add_to_floors(FLOORS, &house("heritage", "middle"), &read).unwrap(), FLOORS);
        assert!(add_to_floors(FLOORS, &house("heritage", "top"), &read).is_err());
    }

    #[test]
    fn the_glossary_gets_the_noun_once() {
        let text =
            "# Words\n\n| vi | id | meaning |\n|---|---|---|\n| xã | `Commune` | x |\n\nEnd.\n";
        let edited = add_to_glossary(text, &house("songs", "middle"), &read).unwrap();
        assert!(edited.contains("| xã | `Commune` | x |\n| bài hát | `Song` |"), "{edited}");
        assert_eq!(add_to_glossary(&edited, &house("songs", "middle"), &read).unwrap(), edited);
    }

    #[test]
    fn the_next_kind_is_above_every_one_in_use() {
        assert_eq!(
            highest_kind("RecordKind { kind: 12, x }\nconst A: u16 = 31;\nconst PORT: u16 = 8080;"),
            31
        );
        assert_eq!(highest_kind("kind: RECORD, kind: String"), 0);
    }
}
