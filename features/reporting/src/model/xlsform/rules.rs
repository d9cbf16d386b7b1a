//! Constraints as rules of the form; computations as formulas to be told, or within rules.

use std::collections::BTreeSet;

use super::{
    build::{Builder, label},
    expression,
};
use crate::model::{
    form::{Rule, Severity},
    formula,
};

impl Builder<'_, '_> {
    /// Constraints as rules; computations that nothing uses as words.
    pub(super) fn rules(&mut self) -> Vec<Rule> {
        let mut rules = Vec::new();
        let mut used = BTreeSet::new();
        for (line, own) in std::mem::take(&mut self.constraints) {
            let text = line.get("constraint").to_owned();
            let outcome = self.translated(&text, own.as_deref(), &mut Vec::new(), &mut used);
            let said = match outcome {
                Ok((said, formula::Kind::Truth)) => said,
                Ok(_) => {
                    self.telling.note(
                        line.told("constraint", "reporting-xlsform-no-rule").with("text", text),
                    );
                    continue;
                }
                Err(Wrong::Foreign(what)) => {
                    let told = line.told("constraint", "reporting-xlsform-no-rule");
                    self.telling.note(told.with("text", what));
                    continue;
                }
                Err(Wrong::Cycle(name)) => {
                    let told = line.told("constraint", "reporting-xlsform-cycle");
                    self.telling.trouble(told.with("name", name));
                    continue;
                }
            };
            // Sums and counts are never negative anyway.
            if own.as_ref().is_some_and(|own| said == format!("({own} >= 0)")) {
                continue;
            }
            let message = line.get("constraint_message");
            rules.push(Rule {
                code: format!("k{}", rules.len() + 1),
                check: said,
                message: if message.is_empty() {
                    format!("{}: không đúng điều kiện của biểu", label(&line))
                } else {
                    message.to_owned()
                },
                severity: Severity::Error,
            });
        }
        let computed = self.computed.clone();
        for (name, line) in computed {
            let text = line.get("calculation").to_owned();
            match self.translated(&text, None, &mut vec![name.clone()], &mut BTreeSet::new()) {
                Ok((said, _)) if used.contains(&name) => {
                    self.telling.note(
                        line.told("calculation", "reporting-xlsform-computed-used")
                            .with("text", said),
                    );
                }
                Ok((said, _)) => {
                    self.telling.note(
                        line.told("calculation", "reporting-xlsform-computed").with("text", said),
                    );
                }
                Err(Wrong::Foreign(what)) => {
                    self.telling.note(
                        line.told("calculation", "reporting-xlsform-not-computed")
                            .with("text", what),
                    );
                }
                Err(Wrong::Cycle(name)) => {
                    self.telling.trouble(
                        line.told("calculation", "reporting-xlsform-cycle").with("name", name),
                    );
                }
            }
        }
        rules
    }

    fn translated(
        &self,
        text: &str,
        own: Option<&str>,
        within: &mut Vec<String>,
        used: &mut BTreeSet<String>,
    ) -> Result<(String, formula::Kind), Wrong> {
        let mut cycle = None;
        let mut name = |name: &str| -> Result<String, String> {
            if let Some(cell) = self.figures.get(name) {
                return Ok(cell.clone());
            }
            let Some(line) = self.computed.get(name) else { return Err(format!("${{{name}}}")) };
            if within.iter().any(|outer| outer == name) || within.len() > 20 {
                cycle = Some(name.to_owned());
                return Err(name.to_owned());
            }
            used.insert(name.to_owned());
            within.push(name.to_owned());
            let inner = self.translated(line.get("calculation"), None, within, used);
            within.pop();
            match inner {
                Ok((said, _)) => Ok(format!("({said})")),
                Err(Wrong::Foreign(what)) => Err(what),
                Err(Wrong::Cycle(name)) => {
                    cycle = Some(name.clone());
                    Err(name)
                }
            }
        };
        let said = expression::translate(text, own, &mut name);
        said.map_err(|what| cycle.map_or(Wrong::Foreign(what), Wrong::Cycle))
    }
}

/// Why an expression did not become a formula.
enum Wrong {
    /// A part of it has no like here.
    Foreign(String),
    /// A computation needs itself.
    Cycle(String),
}
