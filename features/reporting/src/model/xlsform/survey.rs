//! The rows of the survey as a tree of groups, repeats and questions.

use std::collections::BTreeSet;

use super::{
    Telling, Told,
    kinds::{Kind, kind},
    sheets::Line,
};

/// Deepest nesting that is read.
const DEPTH_MOST: usize = 12;

/// A question, a group or a repeat.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub line: Line,
    pub kind: Kind,
    /// What stands in a group or repeat.
    pub items: Vec<Item>,
}

/// Reads the tree. What does not close, closes twice, has no name or one that is taken is told.
pub(super) fn tree(survey: &[Line], telling: &mut Telling) -> Vec<Item> {
    let root = Item { line: Line::default(), kind: Kind::BeginGroup, items: Vec::new() };
    let mut open = vec![root];
    let mut names = BTreeSet::new();
    for line in survey {
        let yes =
            |text: &str| ["yes", "true", "true()", "1"].contains(&text.to_lowercase().as_str());
        if line.get("type").is_empty() {
            if !line.get("name").is_empty() || !line.get("label").is_empty() {
                telling.trouble(line.told("type", "reporting-xlsform-no-type"));
            }
            continue;
        }
        if yes(line.get("disabled")) {
            continue;
        }
        let kind = kind(line.get("type"));
        match kind {
            Kind::EndGroup | Kind::EndRepeat => {
                let fits = open
                    .last()
                    .is_some_and(|top| (top.kind == Kind::BeginGroup) == (kind == Kind::EndGroup));
                if open.len() < 2 || !fits {
                    telling.trouble(line.told("type", "reporting-xlsform-end-without-begin"));
                } else {
                    close(&mut open);
                }
                continue;
            }
            Kind::Unknown => {
                let told = line.told("type", "reporting-xlsform-type-unknown");
                telling.trouble(told.with("type", line.get("type")));
                continue;
            }
            _ => {}
        }
        name(line, &kind, &mut names, telling);
        let item = Item { line: line.clone(), kind, items: Vec::new() };
        if matches!(item.kind, Kind::BeginGroup | Kind::BeginRepeat) {
            if open.len() >= DEPTH_MOST {
                telling.trouble(line.told("type", "reporting-xlsform-too-deep"));
                return Vec::new();
            }
            open.push(item);
        } else if let Some(top) = open.last_mut() {
            top.items.push(item);
        }
    }
    for left in open.iter().skip(1) {
        telling.trouble(left.line.told("type", "reporting-xlsform-not-closed"));
    }
    while open.len() > 1 {
        close(&mut open);
    }
    open.pop().map(|root| root.items).unwrap_or_default()
}

fn close(open: &mut Vec<Item>) {
    if let Some(done) = open.pop()
        && let Some(above) = open.last_mut()
    {
        above.items.push(done);
    }
}

fn name(line: &Line, kind: &Kind, names: &mut BTreeSet<String>, telling: &mut Telling) {
    let name = line.get("name");
    let quiet = matches!(kind, Kind::Automatic | Kind::Note);
    if name.is_empty() {
        if !quiet {
            telling.trouble(line.told("name", "reporting-xlsform-no-name"));
        }
    } else if !names.insert(name.to_owned()) && !quiet {
        telling.trouble(Told::with(
            line.told("name", "reporting-xlsform-name-twice"),
            "name",
            name,
        ));
    }
}
