//! What the page's script asks for: saving cells as they are typed, verdicts on figures that are not saved yet,
//! and the checks themselves, so that a page without a connection judges alike.

use std::collections::{BTreeMap, HashMap};

use kernel::{
    axum::extract::Path,
    problem::{BAD_REQUEST, Outcome},
    web::{Answer, Sent, Visit, json},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    At, clock, grid, href, report,
    save::{SentCells, edits_of, known_cell, past_of},
    shown, spelled,
    typed::{Choice, Typed},
    verdict_words,
};
use crate::{
    actions::{
        TOO_MUCH,
        catalogue::Catalogue,
        check,
        entry::{self, Changes, EDITS_MOST, Saved, Sheet, Which, WordsBecame},
        figures::{Became, Edit},
        problem,
    },
    model::{
        CellKey, CellState,
        form::{Form, Severity},
        rule::{Arg, Verdict},
    },
};

/// What a script sends.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Wanted {
    edits: Vec<Change>,
    /// Section, words, the version that was seen.
    narratives: Vec<(String, String, i64)>,
}

/// What was typed into one cell.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Change {
    cell: String,
    base: i64,
    text: Option<String>,
    nil: Option<String>,
    no_data: Option<String>,
    empty: bool,
}

impl Change {
    fn typed(&self, seen: Option<&CellState>) -> Typed {
        let chosen = |choice, why: &str| Typed {
            choice: Some(choice),
            reason: why.to_owned(),
            ..Typed::default()
        };
        match (&self.text, &self.nil, &self.no_data) {
            (_, Some(why), _) => chosen(Choice::Nil, why),
            (_, _, Some(why)) => chosen(Choice::NoData, why),
            // What a cell said instead of a number goes with the new number, or with nothing.
            (Some(text), ..) if !self.empty => {
                let choice = (Choice::of(seen) != Choice::Value).then_some(Choice::Value);
                Typed { text: text.clone(), choice, ..Typed::default() }
            }
            _ => Typed { choice: Some(Choice::Value), ..Typed::default() },
        }
    }
}

/// What became of one cell.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Done {
    cell: String,
    became: &'static str,
    version: i64,
    shown: String,
    words: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    problem: String,
    /// Where two figures are settled.
    #[serde(skip_serializing_if = "String::is_empty")]
    href: String,
}

/// What a script's edits come to, before they are saved.
struct Read {
    edits: Vec<Edit>,
    problems: Vec<Done>,
}

async fn read(
    visit: &Visit,
    which: &Which,
    catalogue: &Catalogue,
    form: &Form,
    sheet: &Sheet,
    wanted: &Wanted,
) -> Outcome<Read> {
    if wanted.edits.len() > EDITS_MOST {
        return Err(problem(&TOO_MUCH, "most", EDITS_MOST.to_string()));
    }
    let mut sent = SentCells { cells: BTreeMap::new(), strange: 0 };
    let mut problems = Vec::new();
    for one in &wanted.edits {
        match known_cell(catalogue, form, &one.cell) {
            Some(key) => {
                let seen = sheet.held.get(&key).map(|held| &held.state);
                sent.cells.insert(key, (one.typed(seen), one.base));
            }
            None => problems.push(Done {
                cell: one.cell.chars().take(200).collect(),
                became: "problem",
                problem: visit.say("reporting-entry-strange-cell", &[]),
                ..Done::default()
            }),
        }
    }
    let past = past_of(visit, which, sheet, &sent).await?;
    let (mut edits, wrong) = edits_of(visit, catalogue, sheet, &past, &sent);
    problems.extend(wrong.into_iter().map(|(key, left)| Done {
        cell: key.text(),
        became: "problem",
        version: left.base,
        shown: left.typed.text,
        problem: left.problem,
        ..Done::default()
    }));
    // What was sent as it stands is answered too: the script waits for every cell.
    for (key, (_, base)) in &sent.cells {
        let known = edits.iter().any(|edit| edit.key == *key)
            || problems.iter().any(|one| one.cell == key.text());
        if !known {
            let state = sheet.held.get(key).map(|held| held.state.clone());
            edits.push(Edit { key: key.clone(), base: (*base).max(sheet.version(key)), state });
        }
    }
    grid::spread(form, sheet, &mut edits);
    Ok(Read { edits, problems })
}

/// Saves what a script sent.
pub(super) async fn save(visit: &Visit, which: &Which, wanted: &Wanted) -> Answer {
    let (catalogue, sheet) = entry::open(&visit.app, &visit.caller, which).await?;
    let form = catalogue.form_of(&which.dataset, sheet.form_version)?;
    let Read { edits, problems } = read(visit, which, &catalogue, form, &sheet, wanted).await?;
    let states: HashMap<CellKey, Option<CellState>> =
        edits.iter().map(|edit| (edit.key.clone(), edit.state.clone())).collect();
    let changes = Changes { edits, narratives: wanted.narratives.clone(), ..Changes::default() };
    let saved = if changes == Changes::default() {
        Saved::default()
    } else {
        entry::save(&visit.app, &visit.caller, which, changes).await?
    };
    let mut cells: Vec<Done> = saved
        .cells
        .iter()
        .map(|(key, became)| {
            done(visit, which, &catalogue, key, became, states.get(key).and_then(Option::as_ref))
        })
        .collect();
    cells.extend(problems);
    let (catalogue, sheet) = entry::open(&visit.app, &visit.caller, which).await?;
    let form = catalogue.form_of(&which.dataset, sheet.form_version)?;
    let narratives: Vec<Value> =
        saved.words.iter().map(|(section, became)| words_done(section, became)).collect();
    json(&json!({
        "cells": cells,
        "narratives": narratives,
        "verdicts": verdict_list(visit, &report::verdicts(&catalogue, form, &sheet)),
        "savedAt": clock(visit.app.now()),
    }))
}

/// What became of a narrative. A stale one is answered with what stands, so that a person can choose.
fn words_done(section: &str, became: &WordsBecame) -> Value {
    match became {
        WordsBecame::Stands(version) => {
            json!({ "section": section, "became": "stands", "version": version })
        }
        WordsBecame::Stale(theirs) => json!({
            "section": section,
            "became": "stale",
            "version": theirs.version,
            "shown": theirs.words,
            "theirs": { "words": theirs.words },
            "by": theirs.by_name,
            "when": theirs.at.short(),
        }),
    }
}

fn done(
    visit: &Visit,
    which: &Which,
    catalogue: &Catalogue,
    key: &CellKey,
    became: &Became,
    state: Option<&CellState>,
) -> Done {
    let element = catalogue.elements.get(&key.element);
    let it = Done {
        cell: key.text(),
        shown: element.map_or_else(String::new, |element| shown(state, element)),
        words: element.map_or_else(String::new, |element| spelled(state, element)),
        ..Done::default()
    };
    match became {
        Became::Stands(version) => Done { became: "stands", version: *version, ..it },
        Became::Conflict => Done {
            became: "conflict",
            problem: visit.say("reporting-entry-conflict", &[]),
            href: format!("{}/o/{}", href(which), key.text()),
            ..it
        },
        Became::Owned(_) => {
            Done { became: "owned", problem: visit.say("reporting-entry-owned", &[]), ..it }
        }
    }
}

/// Verdicts as a script reads them.
fn verdict_list(visit: &Visit, verdicts: &[Verdict]) -> Vec<Value> {
    let one = |verdict: &Verdict| {
        json!({
            "rule": verdict.rule,
            "cells": verdict.cells.iter().map(CellKey::text).collect::<Vec<_>>(),
            "severity": verdict.severity,
            "message": verdict_words(visit, verdict),
        })
    };
    // That something is still missing is told when the report is handed in.
    verdicts.iter().filter(|verdict| verdict.rule != "required").map(one).collect()
}

/// Verdicts on figures as they would be; nothing is saved.
pub(crate) async fn check(visit: Visit, Path(at): Path<At>, sent: Sent<Wanted>) -> Answer {
    let which = at.which()?;
    let Sent::Json(wanted) = sent else { return Err((&BAD_REQUEST).into()) };
    let (catalogue, sheet) = entry::open(&visit.app, &visit.caller, &which).await?;
    let form = catalogue.form_of(&which.dataset, sheet.form_version)?;
    let Read { edits, problems } = read(&visit, &which, &catalogue, form, &sheet, &wanted).await?;
    let mut states = sheet.states();
    let mut cells = Vec::new();
    for edit in edits {
        let element = catalogue.elements.get(&edit.key.element);
        cells.push(Done {
            cell: edit.key.text(),
            became: "read",
            version: edit.base,
            shown: element.map_or_else(String::new, |element| shown(edit.state.as_ref(), element)),
            words: element
                .map_or_else(String::new, |element| spelled(edit.state.as_ref(), element)),
            ..Done::default()
        });
        match edit.state {
            Some(state) => states.insert(edit.key, state),
            None => states.remove(&edit.key),
        };
    }
    cells.extend(problems);
    let verdicts = check::of_figures(&catalogue, form, &states, &sheet.before, &sheet.usual);
    json(&json!({ "cells": cells, "verdicts": verdict_list(&visit, &verdicts) }))
}

/// The checks of a report's form as programs, with what they read of the period before. Messages hold their
/// arguments in braces: `{sum}`.
pub(crate) async fn checks(visit: Visit, Path(at): Path<At>) -> Answer {
    let which = at.which()?;
    let (catalogue, sheet) = entry::open(&visit.app, &visit.caller, &which).await?;
    let form = catalogue.form_of(&which.dataset, sheet.form_version)?;
    let all = check::checks(&catalogue, form, sheet.held.keys(), &sheet.usual);
    let programs: Vec<Value> = all
        .all
        .iter()
        .filter_map(|one| {
            let program = one.program()?;
            let blanks: Vec<(&str, String)> =
                one.args.iter().map(|(name, _)| (*name, format!("{{{name}}}"))).collect();
            let args = one.args.iter().map(|(name, arg)| match arg {
                Arg::Text(text) => json!({ "name": name, "text": text }),
                Arg::Number(formula, decimals) => {
                    json!({ "name": name, "program": formula.compile(), "decimals": decimals })
                }
            });
            Some(json!({
                "rule": one.code,
                "severity": match one.severity { Severity::Error => "error", Severity::Warning => "warning" },
                "cells": one.cells.iter().map(CellKey::text).collect::<Vec<_>>(),
                "message": visit.say(one.words, &blanks),
                "args": args.collect::<Vec<_>>(),
                "program": program,
            }))
        })
        .collect();
    let before: BTreeMap<String, Option<i64>> =
        sheet.before.iter().map(|(key, state)| (key.text(), state.amount())).collect();
    let decimals: BTreeMap<&str, u32> = form
        .elements()
        .into_iter()
        .filter_map(|code| Some((code.as_str(), catalogue.elements.get(code)?.decimals)))
        .collect();
    json(
        &json!({ "checks": programs, "previous": before, "decimals": decimals, "period": told_period(&visit, &sheet) }),
    )
}

fn told_period(visit: &Visit, sheet: &Sheet) -> String {
    sheet.period.label(visit.lang())
}
