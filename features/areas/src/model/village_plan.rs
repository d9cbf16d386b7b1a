//! What recording a table of villages would do, line by line, given what is already known: add a village,
//! record a head count, state a flag, or nothing. Pure; nothing is written here.

use std::collections::{HashMap, HashSet};

use kernel::{
    clock::Day,
    text::{fold, same_name},
};
use serde::Serialize;

use super::{
    Area, AreaId, AreaType,
    class::{Class, Mark},
    ethnic::{GroupCount, check_groups},
    village::{Count, NAME_CHARS_MAX},
    village_table::{Cell, CellProblem, Line, Lines},
};

/// A commune that ended and went to one of today's.
#[derive(Clone, Debug)]
pub struct FormerCommune {
    /// The code it had.
    pub code: String,
    /// Its bare name.
    pub name: String,
    /// Its full name.
    pub full_name: String,
    /// The commune of today that took it over, whole or in part.
    pub now: AreaId,
}

/// A head count that stands in the book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownCount {
    /// People.
    pub people: i64,
    /// Households.
    pub households: i64,
    /// By ethnic group, in the order of the codes.
    pub groups: Vec<GroupCount>,
}

/// What is known of the place a table is for.
#[derive(Debug, Default)]
pub struct Known {
    /// The communes of the place that live today.
    pub communes: Vec<Area>,
    /// Those of them whose villages the caller may keep.
    pub may_manage: HashSet<AreaId>,
    /// Those of them whose villages are written by a point that stands there.
    pub at_point: HashSet<AreaId>,
    /// Those of them whose villages the caller may class.
    pub may_classify: HashSet<AreaId>,
    /// Communes that ended and went to these.
    pub former: Vec<FormerCommune>,
    /// Today's villages by commune.
    pub villages: HashMap<AreaId, Vec<Area>>,
    /// The count in force of every village and day.
    pub counts: HashMap<(AreaId, Day), KnownCount>,
    /// What holds of a village on the table's day: a class, or "none" when that was said.
    pub classes: HashMap<(AreaId, Mark), Option<Class>>,
}

/// What holds for the whole table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The day of the counts where a line has none of its own, and the first day of the flags.
    pub on: Day,
    /// Who counted.
    pub source: String,
    /// The instrument of the flags; empty when none was given.
    pub instrument: String,
}

/// What one line does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The line.
    pub line: u32,
    /// The commune.
    pub commune: AreaId,
    /// The village, when it is there already.
    pub village: Option<AreaId>,
    /// Its kind's code.
    pub kind: &'static str,
    /// Its bare name.
    pub name: String,
    /// The head count to record.
    pub count: Option<StepCount>,
    /// The flags to state; no class says "not".
    pub flags: Vec<(Mark, Option<Class>)>,
}

/// A head count to record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepCount {
    /// The day.
    pub on: Day,
    /// People.
    pub people: i64,
    /// Households.
    pub households: i64,
    /// By ethnic group.
    pub groups: Vec<GroupCount>,
}

impl Step {
    /// The kind.
    pub fn area_type(&self) -> AreaType {
        AreaType::from_code(self.kind).unwrap_or(AreaType::Thon)
    }

    /// True when there is nothing to write.
    pub fn is_idle(&self) -> bool {
        self.village.is_some() && self.count.is_none() && self.flags.is_empty()
    }
}

/// What a table would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// Line by line, as far as lines can be right.
    pub steps: Vec<Step>,
    /// What cannot be right.
    pub problems: Vec<CellProblem>,
    /// Headings that nobody understands.
    pub unused: Vec<String>,
    /// True when flags were left out because the caller may not state them here.
    pub flags_left_out: bool,
}

impl Plan {
    /// Steps that add a village.
    pub fn added(&self) -> usize {
        self.steps.iter().filter(|step| step.village.is_none()).count()
    }

    /// Steps that record a head count.
    pub fn recorded(&self) -> usize {
        self.steps.iter().filter(|step| step.count.is_some()).count()
    }

    /// Statements on flags.
    pub fn classed(&self) -> usize {
        self.steps.iter().map(|step| step.flags.len()).sum()
    }

    /// Lines that change nothing.
    pub fn unchanged(&self) -> usize {
        self.steps.iter().filter(|step| step.is_idle()).count()
    }

    /// True when there is something to write and nothing wrong.
    pub fn is_ready(&self) -> bool {
        self.problems.is_empty() && self.unchanged() < self.steps.len()
    }
}

/// Plans a table.
pub fn plan(read: Lines, known: &Known, terms: &Terms) -> Plan {
    let mut planner = Planner {
        known,
        terms,
        words: Words::of(known),
        seen: HashMap::new(),
        out: Plan { problems: read.problems, unused: read.unused, ..Plan::default() },
    };
    for line in read.lines {
        if let Some(step) = planner.step(&line) {
            planner.out.steps.push(step);
        }
    }
    if planner.out.steps.iter().any(|step| !step.flags.is_empty()) && terms.instrument.is_empty() {
        planner.out.problems.push(CellProblem::at("", "areas-import-instrument-missing"));
    }
    planner.out
}

/// Names folded once, so that a table of thousands of lines is compared with few of them.
struct Words<'a> {
    communes: HashMap<String, Vec<&'a Area>>,
    former: HashMap<String, &'a FormerCommune>,
    villages: HashMap<(&'a AreaId, String), Vec<&'a Area>>,
}

impl<'a> Words<'a> {
    fn of(known: &'a Known) -> Self {
        let mut words =
            Self { communes: HashMap::new(), former: HashMap::new(), villages: HashMap::new() };
        for area in &known.communes {
            for name in [&area.name, &area.full_name] {
                words.communes.entry(fold(name)).or_default().push(area);
            }
        }
        for old in &known.former {
            for name in [&old.name, &old.full_name] {
                words.former.entry(fold(name)).or_insert(old);
            }
        }
        for (commune, villages) in &known.villages {
            for village in villages {
                let key = (commune, fold(&village.name));
                words.villages.entry(key).or_default().push(village);
            }
        }
        words
    }
}

/// A village of an earlier line: kind, name, line.
type Seen = (AreaType, String, u32);

struct Planner<'a> {
    known: &'a Known,
    terms: &'a Terms,
    words: Words<'a>,
    /// Villages of earlier lines: commune and folded name, with kind, name and line.
    seen: HashMap<(AreaId, String), Vec<Seen>>,
    out: Plan,
}

impl<'a> Planner<'a> {
    fn step(&mut self, line: &Line) -> Option<Step> {
        let commune = self.commune(line)?;
        let name = line.name.clone()?;
        if !self.known.may_manage.contains(&commune.id) {
            let key = if self.known.at_point.contains(&commune.id) {
                "areas-import-at-point"
            } else {
                "areas-import-not-yours"
            };
            let problem = CellProblem::at(line.number.to_string(), key);
            return self.refuse(problem.with("name", &commune.full_name));
        }
        let (village, kind) = self.village(line, &name, commune)?;
        self.is_first(line, &name, commune, kind).then_some(())?;
        let says_nothing =
            line.people.is_none() && line.households.is_none() && line.groups.is_empty();
        let count = if says_nothing { None } else { Some(self.count(line)?) };
        let count = count.filter(|count| !self.is_known(village, count));
        let flags = self.flags(line, commune, village);
        Some(Step {
            line: line.number,
            commune: commune.id.clone(),
            village: village.map(|village| village.id.clone()),
            kind: kind.code(),
            name: village.map_or(name.value, |village| village.name.clone()),
            count,
            flags,
        })
    }

    fn refuse<T>(&mut self, problem: CellProblem) -> Option<T> {
        self.out.problems.push(problem);
        None
    }

    /// The commune a line speaks of; the only one there is when the line does not say.
    fn commune(&mut self, line: &Line) -> Option<&'a Area> {
        let known = self.known;
        let Some(code) = &line.commune_code else { return self.commune_by_name(line) };
        // A spreadsheet that took the code for a number has eaten its zeros.
        let digits = code.value.bytes().all(|b| b.is_ascii_digit()) && code.value.len() <= 5;
        let full = if digits { format!("{:0>5}", code.value) } else { code.value.clone() };
        let named = line.commune_name.as_ref().map(|cell| cell.value.as_str());
        let now = known.communes.iter().find(|area| area.code.as_deref() == Some(full.as_str()));
        let then = || {
            known.former.iter().find(|one| {
                one.code == full
                    && named.is_none_or(|name| is_called(name, &one.name, &one.full_name))
            })
        };
        match (now, named) {
            (Some(area), Some(name)) if !is_called(name, &area.name, &area.full_name) => {
                match then() {
                    Some(old) => self.offer(&code.address, old),
                    None => self.refuse(
                        CellProblem::at(&code.address, "areas-import-code-other-name")
                            .with("code", full)
                            .with("name", &area.full_name),
                    ),
                }
            }
            (Some(area), _) => Some(area),
            (None, _) => match then() {
                Some(old) => self.offer(&code.address, old),
                None => self.refuse(
                    CellProblem::at(&code.address, "areas-import-code-unknown").with("code", full),
                ),
            },
        }
    }

    fn commune_by_name(&mut self, line: &Line) -> Option<&'a Area> {
        let known = self.known;
        let Some(cell) = &line.commune_name else {
            return match &known.communes[..] {
                [only] => Some(only),
                _ => self.refuse(CellProblem::at(
                    line.number.to_string(),
                    "areas-import-commune-missing",
                )),
            };
        };
        let word = fold(&cell.value);
        let alike = self.words.communes.get(&word).into_iter().flatten().copied();
        let found: Vec<&Area> =
            alike.filter(|area| is_called(&cell.value, &area.name, &area.full_name)).collect();
        match found[..] {
            [only] => Some(only),
            [] => {
                let old = self.words.former.get(&word).copied();
                match old {
                    Some(old) => self.offer(&cell.address, old),
                    None => self.refuse(
                        CellProblem::at(&cell.address, "areas-import-commune-unknown")
                            .with("name", &cell.value),
                    ),
                }
            }
            _ => self.refuse(
                CellProblem::at(&cell.address, "areas-import-commune-twice")
                    .with("name", &cell.value),
            ),
        }
    }

    /// Says what became of an old commune. Only its people know which part of it the village lies in.
    fn offer<T>(&mut self, address: &str, old: &FormerCommune) -> Option<T> {
        let same = |one: &&FormerCommune| one.code == old.code && one.full_name == old.full_name;
        let heirs: HashSet<&AreaId> =
            self.known.former.iter().filter(same).map(|one| &one.now).collect();
        let heirs = self.known.communes.iter().filter(|area| heirs.contains(&area.id));
        let offered: Vec<String> = heirs
            .map(|area| format!("{} ({})", area.full_name, area.code.as_deref().unwrap_or("–")))
            .collect();
        self.refuse(
            CellProblem::at(address, "areas-import-commune-old")
                .with("name", &old.full_name)
                .with("now", offered.join("; ")),
        )
    }

    /// The village, when it is there already, and the kind.
    fn village(
        &mut self,
        line: &Line,
        name: &Cell<String>,
        commune: &'a Area,
    ) -> Option<(Option<&'a Area>, AreaType)> {
        let known = self.known;
        let villages = known.villages.get(&commune.id).map_or(&[][..], Vec::as_slice);
        if let Some(cell) = &line.village_id {
            let Some(village) = villages.iter().find(|one| one.id.as_str() == cell.value) else {
                return self
                    .refuse(CellProblem::at(&cell.address, "areas-import-village-id-unknown"));
            };
            let same = same_name(&village.name, &name.value)
                && line.kind.is_none_or(|kind| kind == village.area_type);
            if !same {
                let problem = CellProblem::at(&name.address, "areas-import-renamed");
                return self.refuse(problem.with("name", &village.full_name));
            }
            return Some((Some(village), village.area_type));
        }
        let alike = self.words.villages.get(&(&commune.id, fold(&name.value)));
        let namesakes: Vec<&Area> = alike
            .into_iter()
            .flatten()
            .copied()
            .filter(|one| same_name(&one.name, &name.value))
            .collect();
        let Some(kind) = line.kind else {
            return match namesakes[..] {
                [only] => Some((Some(only), only.area_type)),
                _ => self.refuse(CellProblem::at(&name.address, "areas-import-kind-missing")),
            };
        };
        let known = namesakes.into_iter().find(|one| one.area_type == kind);
        if known.is_none() && !name.value.chars().any(char::is_alphanumeric) {
            return self.refuse(CellProblem::at(&name.address, "areas-import-name-missing"));
        }
        if known.is_none() && name.value.chars().count() > NAME_CHARS_MAX {
            return self.refuse(
                CellProblem::at(&name.address, "areas-village-name-long")
                    .with("most", NAME_CHARS_MAX.to_string()),
            );
        }
        Some((known, kind))
    }

    /// False when an earlier line speaks of the same village.
    fn is_first(
        &mut self,
        line: &Line,
        name: &Cell<String>,
        commune: &Area,
        kind: AreaType,
    ) -> bool {
        let same = self.seen.entry((commune.id.clone(), fold(&name.value))).or_default();
        let twin =
            same.iter().find(|(other, word, _)| *other == kind && same_name(word, &name.value));
        if let Some((.., first)) = twin {
            let problem = CellProblem::at(&name.address, "areas-import-village-twice")
                .with("name", kind.full_name(&name.value))
                .with("line", first.to_string());
            self.out.problems.push(problem);
            return false;
        }
        same.push((kind, name.value.clone(), line.number));
        true
    }

    /// The head count of a line that says something of one; `None` when it is wrong.
    fn count(&mut self, line: &Line) -> Option<StepCount> {
        let at = |cell: &Option<Cell<i64>>| cell.as_ref().map(|cell| cell.address.clone());
        let (people, households) = match (&line.people, &line.households) {
            (Some(people), Some(households)) => (people.value, households.value),
            (people, households) => {
                let address = at(people).or(at(households)).unwrap_or(line.number.to_string());
                return self.refuse(CellProblem::at(address, "areas-import-half-a-count"));
            }
        };
        if households > people || (households == 0 && people > 0) {
            let problem = CellProblem::at(
                at(&line.households).unwrap_or_default(),
                "areas-import-households-odd",
            );
            return self.refuse(
                problem
                    .with("people", kernel::text::thousands(people))
                    .with("households", kernel::text::thousands(households)),
            );
        }
        let on = line.on.as_ref().map_or(self.terms.on, |cell| cell.value);
        let mut groups = line.groups.clone();
        groups.sort_by(|a, b| a.ethnic.cmp(&b.ethnic));
        let count = Count { on, people, households, source: self.terms.source.clone() };
        if let Err(failure) = check_groups(&count, &groups) {
            let key = failure.problem().and_then(|problem| problem.fields.last().cloned());
            let key = key.map_or("areas-group-wrong", |field| match field.key {
                "areas-groups-exceed" => "areas-import-groups-exceed",
                other => other,
            });
            return self.refuse(CellProblem::at(line.number.to_string(), key));
        }
        Some(StepCount { on, people, households, groups })
    }

    fn is_known(&self, village: Option<&Area>, count: &StepCount) -> bool {
        let known = village.and_then(|one| self.known.counts.get(&(one.id.clone(), count.on)));
        known.is_some_and(|known| {
            known.people == count.people
                && known.households == count.households
                && (count.groups.is_empty() || known.groups == count.groups)
        })
    }

    fn flags(
        &mut self,
        line: &Line,
        commune: &Area,
        village: Option<&Area>,
    ) -> Vec<(Mark, Option<Class>)> {
        let said = [
            (Mark::Hardship, Class::Hardship, line.hardship),
            (Mark::Border, Class::Border, line.border),
            (Mark::SafeZone, Class::SafeZone, line.safe_zone),
        ];
        let wanted =
            said.into_iter().filter_map(|(mark, class, yes)| Some((mark, yes?.then_some(class))));
        let fresh: Vec<(Mark, Option<Class>)> = wanted
            .filter(|(mark, class)| {
                let known =
                    village.and_then(|one| self.known.classes.get(&(one.id.clone(), *mark)));
                known != Some(class)
            })
            .collect();
        if fresh.is_empty() || self.known.may_classify.contains(&commune.id) {
            return fresh;
        }
        self.out.flags_left_out = true;
        Vec::new()
    }
}

/// True when somebody wrote the bare or the full name.
fn is_called(written: &str, name: &str, full_name: &str) -> bool {
    same_name(written, name) || same_name(written, full_name)
}
