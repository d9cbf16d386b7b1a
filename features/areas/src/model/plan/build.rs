//! How a plan is made from the tables: frame by frame, with the reorganisation of 2025-07-01 and the changes
//! of type of 2026 between them.

use std::collections::{BTreeSet, HashMap};

use kernel::{clock::Day, scope::ScopePath, text};

use super::{
    Frame, Plan, PlannedEvent, PlannedFact, PlannedTransfer, PlannedUnit, SuccessionRow, Tables,
    UnitRow, day,
    groups::{event_id, group_id, group_kind, groups},
    tree::Tree,
};
use crate::model::{AreaEventId, AreaId, AreaLevel, AreaType, EventKind};

const RESTRUCTURED: (i16, i8, i8) = (2025, 7, 1);

/// The instruments behind the shipped successions, as far as the sources name them.
fn instrument(kind: EventKind, level: AreaLevel, on: Day) -> (&'static str, Option<Day>) {
    let restructured = on == day(RESTRUCTURED);
    match (level, kind) {
        (_, EventKind::Abolish) => {
            ("Luật Tổ chức chính quyền địa phương số 72/2025/QH15", Some(day((2025, 6, 16))))
        }
        (AreaLevel::Province, _) if restructured => {
            ("Nghị quyết số 202/2025/QH15", Some(day((2025, 6, 12))))
        }
        _ if restructured => (
            "Nghị quyết năm 2025 của Ủy ban Thường vụ Quốc hội về sắp xếp đơn vị hành chính cấp xã; \
             Quyết định số 19/2025/QĐ-TTg",
            None,
        ),
        (AreaLevel::Province, _) if on == day((2026, 4, 30)) => {
            ("Nghị quyết số 30/2026/QH16", None)
        }
        (_, _) if on == day((2026, 4, 30)) => ("Nghị quyết số 237/NQ-UBTVQH16", None),
        (_, _) if on == day((2026, 9, 1)) => ("Nghị quyết số 36/2026/QH16", None),
        (_, _) if on == day((2026, 9, 20)) => ("Nghị quyết số 39/2026/QH16", None),
        _ => ("", None),
    }
}

/// An identity: the code together with the year of the first frame it is seen in.
fn unit_id(code: &str, year: &str) -> AreaId {
    kernel::ids::Id::from_text(format!("{code}.{year}"))
}

const NSO: &str =
    "Danh mục đơn vị hành chính (Cục Thống kê), qua các bộ dữ liệu mở nêu trong data/README.md";

impl Plan {
    /// Plans everything the tables say.
    pub fn of(tables: &Tables) -> Self {
        let mut plan = Self::default();
        plan.add_country();
        let old = plan.add_unlinked(&tables.y2021, "2021", day((2021, 1, 1)), day((2024, 6, 30)));
        plan.add_frame("2021", "Năm 2021", day((2021, 1, 1)), old.communes());
        let mut before = plan.add_unlinked(&tables.y2024, "2024", day((2024, 6, 30)), Day::FOREVER);
        plan.add_frame("2024", "Trước 01/07/2025", day((2024, 6, 30)), before.communes());
        if tables.y2025.is_empty() {
            // The map as it was before anybody knew of the reorganisation: nothing ends.
            return plan;
        }
        let after = plan.restructure(&mut before, tables);
        plan.add_frame("2025-07", "Từ 01/07/2025", day(RESTRUCTURED), after.communes());
        plan.reclassify(&after, tables);
        plan.add_frame("2026-09", "Từ 20/09/2026", day((2026, 9, 20)), after.communes());
        plan
    }

    fn add_frame(&mut self, id: &'static str, label: &'static str, as_of: Day, communes: usize) {
        if communes > 0 {
            self.frames.push(Frame { id, label, as_of, source: NSO, communes });
        }
    }

    fn add_country(&mut self) {
        let founded = day((1945, 9, 2));
        let id = AreaId::country();
        self.units.push(PlannedUnit {
            id: id.clone(),
            level: AreaLevel::Country,
            born_on: founded,
            ended_on: Day::FOREVER,
            born_event: None,
            ended_event: None,
        });
        self.facts.push(PlannedFact {
            path: ScopePath::root().child(id.as_str()),
            unit: id,
            level: AreaLevel::Country,
            from: founded,
            until: Day::FOREVER,
            code: None,
            name: "Việt Nam".to_owned(),
            area_type: AreaType::Country,
            parent: None,
            context: String::new(),
            event: None,
            instrument: "",
        });
    }

    /// Units of a frame that nothing is known to lead to.
    fn add_unlinked<'t>(
        &mut self,
        rows: &'t [UnitRow],
        year: &str,
        from: Day,
        until: Day,
    ) -> Tree<'t> {
        let mut tree = Tree::new(rows);
        for code in tree.codes() {
            let row = tree.rows[code];
            let id = unit_id(code, year);
            tree.ids.insert(code, id.clone());
            self.units.push(PlannedUnit {
                id,
                level: row.area_type.level(),
                born_on: from,
                ended_on: until,
                born_event: None,
                ended_event: None,
            });
            self.facts.push(tree.fact(row, from, until));
        }
        tree
    }

    /// The reorganisation of 2025-07-01: who lives on, who ends, who begins.
    fn restructure<'t>(&mut self, before: &mut Tree<'t>, tables: &'t Tables) -> Tree<'t> {
        let on = day(RESTRUCTURED);
        let mut after = Tree::new(&tables.y2025);
        let steps: Vec<&SuccessionRow> =
            tables.successions.iter().filter(|row| row.on == on).collect();
        let lives_on: HashMap<&str, &str> = steps
            .iter()
            .filter(|row| row.keeps_identity())
            .map(|row| (row.new_code.as_str(), row.old_code.as_str()))
            .collect();
        for code in after.codes() {
            let id = match lives_on.get(code) {
                Some(old) => before.ids[*old].clone(),
                None => unit_id(code, "2025"),
            };
            after.ids.insert(code, id);
        }
        let groups = groups(&steps);
        let event_of = self.add_events(&groups, before, on);
        self.add_transfers(&groups, before, &after, on);
        self.end_units(before, &lives_on, &event_of, on);
        let kinds: HashMap<&str, &SuccessionRow> =
            steps.iter().map(|row| (row.new_code.as_str(), *row)).collect();
        for code in after.codes() {
            let row = after.rows[code];
            let mut fact = after.fact(row, on, Day::FOREVER);
            let step = kinds.get(code).copied();
            if lives_on.contains_key(code) {
                let kind = step.map_or(EventKind::Reparent, SuccessionRow::event_kind);
                (fact.instrument, _) = instrument(kind, fact.level, on);
                fact.event = Some(self.event_for(kind, &fact.unit, fact.level, on));
            } else if let Some(event) = event_of.get(&format!("+{code}")) {
                fact.event = Some(event.clone());
                (fact.instrument, _) = instrument(
                    step.map_or(EventKind::Merge, SuccessionRow::event_kind),
                    fact.level,
                    on,
                );
                self.units.push(PlannedUnit {
                    id: fact.unit.clone(),
                    level: fact.level,
                    born_on: on,
                    ended_on: Day::FOREVER,
                    born_event: Some(event.clone()),
                    ended_event: None,
                });
            } else {
                continue;
            }
            self.facts.push(fact);
        }
        after
    }

    /// Closes what ended: units without a life after `on`, and the facts of those that live on changed.
    fn end_units(
        &mut self,
        before: &Tree<'_>,
        lives_on: &HashMap<&str, &str>,
        event_of: &HashMap<String, AreaEventId>,
        on: Day,
    ) {
        let surviving: BTreeSet<&str> = lives_on.values().copied().collect();
        let mut ended: HashMap<&AreaId, Option<AreaEventId>> = HashMap::new();
        for code in before.rows.keys() {
            if !surviving.contains(code) {
                ended.insert(&before.ids[code], event_of.get(&format!("-{code}")).cloned());
            }
        }
        for unit in &mut self.units {
            if let Some(event) = ended.get(&unit.id) {
                unit.ended_on = on;
                unit.ended_event.clone_from(event);
            }
        }
        let year = ".2024";
        for fact in &mut self.facts {
            if fact.unit.as_str().ends_with(year) && fact.until == Day::FOREVER {
                fact.until = on;
            }
        }
    }

    /// One event per group of units that had to change together; returns who belongs to which
    /// (`-old` and `+new` codes).
    fn add_events(
        &mut self,
        groups: &[Vec<&SuccessionRow>],
        before: &Tree<'_>,
        on: Day,
    ) -> HashMap<String, AreaEventId> {
        let mut event_of = HashMap::new();
        for group in groups {
            let kind = group_kind(group);
            let level =
                before.rows.get(group[0].old_code.as_str()).map(|row| row.area_type.level());
            let id = group_id(group, on);
            for row in group {
                event_of.insert(format!("-{}", row.old_code), id.clone());
                if !row.new_code.is_empty() {
                    event_of.insert(format!("+{}", row.new_code), id.clone());
                }
            }
            self.add_event(id, kind, level.unwrap_or(AreaLevel::Commune), on);
        }
        event_of
    }

    fn add_event(&mut self, id: AreaEventId, kind: EventKind, level: AreaLevel, on: Day) {
        let (instrument, decided_on) = instrument(kind, level, on);
        self.events.push(PlannedEvent {
            id,
            kind,
            instrument,
            decided_on,
            effective_on: on,
            confirmed: false,
        });
    }

    /// The event behind a change that keeps the identity; one for all that only got another parent.
    fn event_for(
        &mut self,
        kind: EventKind,
        unit: &AreaId,
        level: AreaLevel,
        on: Day,
    ) -> AreaEventId {
        let what = match kind {
            EventKind::Reparent => format!("{}.{}", kind.code(), level.code()),
            _ => format!("{}.{unit}", kind.code()),
        };
        let id = event_id(on, &what);
        if self.events.iter().rev().all(|event| event.id != id) {
            self.add_event(id.clone(), kind, level, on);
        }
        id
    }

    fn add_transfers(
        &mut self,
        groups: &[Vec<&SuccessionRow>],
        before: &Tree<'_>,
        after: &Tree<'_>,
        on: Day,
    ) {
        for group in groups {
            let event = group_id(group, on);
            for row in group.iter().filter(|row| !row.new_code.is_empty()) {
                let ends =
                    before.ids.get(row.old_code.as_str()).zip(after.ids.get(row.new_code.as_str()));
                let Some((from, to)) = ends else { continue };
                self.transfers.push(PlannedTransfer {
                    event: event.clone(),
                    from: from.clone(),
                    to: to.clone(),
                    whole: row.kind != "split",
                });
            }
        }
    }

    /// The changes of 2026: other types on the same territories.
    fn reclassify(&mut self, after: &Tree<'_>, tables: &Tables) {
        let later: HashMap<&str, &UnitRow> =
            tables.y2026.iter().map(|row| (row.code.as_str(), row)).collect();
        let kind = EventKind::Reclassify;
        for step in tables.successions.iter().filter(|row| row.on > day(RESTRUCTURED)) {
            let ends = after.ids.get(step.old_code.as_str()).zip(later.get(step.new_code.as_str()));
            let Some((id, row)) = ends else { continue };
            let Some(open) = self.facts.iter_mut().rfind(|fact| fact.unit == *id) else { continue };
            open.until = step.on;
            let mut fact = PlannedFact { from: step.on, until: Day::FOREVER, ..open.clone() };
            fact.name.clone_from(&row.name);
            fact.area_type = row.area_type;
            (fact.instrument, _) = instrument(kind, fact.level, step.on);
            fact.event = Some(self.event_for(kind, id, fact.level, step.on));
            self.facts.push(fact);
        }
        self.refresh_contexts();
    }

    /// A province that became a city is looked for by either word: contexts name both.
    fn refresh_contexts(&mut self) {
        let mut kinds: HashMap<AreaId, Vec<String>> = HashMap::new();
        for fact in self.facts.iter().filter(|fact| fact.level == AreaLevel::Province) {
            kinds.entry(fact.unit.clone()).or_default().push(text::fold(&fact.full_name()));
        }
        kinds.retain(|_, names| names.len() > 1);
        for fact in self.facts.iter_mut().filter(|fact| fact.until == Day::FOREVER) {
            for name in
                fact.parent.as_ref().and_then(|parent| kinds.get(parent)).into_iter().flatten()
            {
                if !fact.context.contains(name.as_str()) {
                    fact.context.push(' ');
                    fact.context.push_str(name);
                }
            }
        }
    }
}
