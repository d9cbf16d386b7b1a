//! A form's rule as an XPath condition that a form engine judges while typing. Only what both languages mean
//! alike; the rest is judged here when the figures have come.

use std::collections::BTreeMap;

use crate::model::{
    DataElement, ElementId,
    cell::CellKey,
    formula::{Binary, Formula, Input, Node},
};

/// The condition, as it stands at one of its cells; `None` when it cannot be said in XPath. It holds while a
/// cell it needs is empty.
pub(super) fn condition<'a>(
    formula: &Formula,
    own: &'a CellKey,
    paths: &BTreeMap<&'a CellKey, String>,
    elements: &BTreeMap<ElementId, DataElement>,
) -> Option<String> {
    // Amounts in different units are compared by what they are worth, which XPath does not know.
    let mut units = formula.elements().into_iter().map(|id| elements.get(id).map(|one| &one.unit));
    let first = units.next()??;
    if units.any(|unit| unit != Some(first)) {
        return None;
    }
    // What is being typed is the dot; its path still gives what stood there before.
    let mut paths = paths.clone();
    paths.insert(own, ".".to_owned());
    let paths = &paths;
    let mut needed = Vec::new();
    let said = say(formula.root(), paths, &mut needed)?;
    let empty = needed.iter().map(|path| format!("{path} = '' or ")).collect::<Vec<_>>().concat();
    Some(format!("{empty}{said}"))
}

fn say(
    node: &Node,
    paths: &BTreeMap<&CellKey, String>,
    needed: &mut Vec<String>,
) -> Option<String> {
    Some(match node {
        Node::Number(number) if number.denominator() == 1 => number.numerator().to_string(),
        Node::Number(number) => format!("({} div {})", number.numerator(), number.denominator()),
        Node::Input(Input::Cell(key)) => {
            let path = paths.get(key)?.clone();
            if !needed.contains(&path) {
                needed.push(path.clone());
            }
            path
        }
        Node::Neg(inner) => format!("(0 - {})", say(inner, paths, needed)?),
        Node::Not(inner) => format!("not({})", say(inner, paths, needed)?),
        Node::Abs(inner) => format!("abs({})", say(inner, paths, needed)?),
        Node::Binary(operator, left, right) => {
            let (left, right) = (say(left, paths, needed)?, say(right, paths, needed)?);
            let sign = if *operator == Binary::Div { "div" } else { operator.sign() };
            format!("({left} {sign} {right})")
        }
        Node::OrZero(inner) => match &**inner {
            Node::Input(Input::Cell(key)) => format!("coalesce({}, 0)", paths.get(key)?),
            _ => return None,
        },
        _ => return None,
    })
}
