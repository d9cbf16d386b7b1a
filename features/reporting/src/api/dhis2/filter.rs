//! DHIS2's filters: `property:operator:value`, e.g. `level:eq:2`, `name:ilike:phú`, `id:in:[a,b]`,
//! `parent.id:eq:x`.

use kernel::text::fold;

/// A condition on a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Which, with dots between it and the properties of what it names.
    pub property: String,
    operator: Operator,
    values: Vec<String>,
    negated: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    SameLetters,
    Like,
    Starts,
    Ends,
    In,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Null,
    Empty,
    Token,
}

impl Filter {
    /// Reads it; `None` for an operator that is not known.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, ':');
        let property = parts.next()?.trim().to_owned();
        let word = parts.next()?.trim();
        let value = parts.next().unwrap_or_default();
        let (word, negated) = match word.strip_prefix('!').or_else(|| {
            word.strip_prefix("n").filter(|rest| matches!(*rest, "like" | "ilike" | "in"))
        }) {
            Some(rest) => (rest, true),
            None => (word, false),
        };
        let (operator, negated) = match word {
            "eq" => (Operator::Equal, negated),
            "ne" | "neq" => (Operator::Equal, true),
            "ieq" => (Operator::SameLetters, negated),
            "like" | "ilike" => (Operator::Like, negated),
            "$like" | "$ilike" | "startsWith" => (Operator::Starts, negated),
            "like$" | "ilike$" | "endsWith" => (Operator::Ends, negated),
            "in" => (Operator::In, negated),
            "gt" => (Operator::Greater, negated),
            "ge" => (Operator::GreaterOrEqual, negated),
            "lt" => (Operator::Less, negated),
            "le" => (Operator::LessOrEqual, negated),
            "null" => (Operator::Null, negated),
            "empty" => (Operator::Empty, negated),
            "token" => (Operator::Token, negated),
            _ => return None,
        };
        let values = if operator == Operator::In {
            let inside = value.trim().trim_start_matches('[').trim_end_matches(']');
            inside.split(',').map(|one| one.trim().to_owned()).collect()
        } else {
            vec![value.to_owned()]
        };
        (!property.is_empty()).then_some(Self { property, operator, values, negated })
    }

    /// True when what a thing has there fits: any of them when it has several.
    pub fn fits(&self, has: &[String]) -> bool {
        let found = match self.operator {
            Operator::Null => has.is_empty(),
            Operator::Empty => has.iter().all(String::is_empty),
            _ => has.iter().any(|one| self.holds(one)),
        };
        found != self.negated
    }

    fn holds(&self, one: &str) -> bool {
        let wanted = self.values.first().map_or("", String::as_str);
        let compared = || match (one.parse::<f64>(), wanted.parse::<f64>()) {
            (Ok(one), Ok(wanted)) => one.partial_cmp(&wanted),
            _ => Some(one.cmp(wanted)),
        };
        // Letters of either case, with or without Vietnamese marks: people look for names as they can type.
        match self.operator {
            Operator::Equal => one == wanted,
            Operator::SameLetters => fold(one) == fold(wanted),
            Operator::Like => one.contains(wanted) || fold(one).contains(&fold(wanted)),
            Operator::Starts => fold(one).starts_with(&fold(wanted)),
            Operator::Ends => fold(one).ends_with(&fold(wanted)),
            Operator::Token => fold(wanted).split_whitespace().all(|word| fold(one).contains(word)),
            Operator::In => self.values.iter().any(|value| value == one),
            Operator::Greater => compared().is_some_and(std::cmp::Ordering::is_gt),
            Operator::GreaterOrEqual => compared().is_some_and(std::cmp::Ordering::is_ge),
            Operator::Less => compared().is_some_and(std::cmp::Ordering::is_lt),
            Operator::LessOrEqual => compared().is_some_and(std::cmp::Ordering::is_le),
            Operator::Null | Operator::Empty => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_hold_as_dhis2_has_them() {
        let has = |text: &str| vec![text.to_owned()];
        for (filter, value, holds) in [
            ("level:eq:2", "2", true),
            ("level:!eq:2", "2", false),
            ("level:gt:2", "10", true),
            ("name:ilike:phu thong", "Xã Phủ Thông", true),
            ("name:like:/abc", "/x/abc/d", true),
            ("name:!ilike:tày", "Xã Phủ Thông", true),
            ("id:in:[a,b]", "b", true),
            ("id:in:[a,b]", "c", false),
            ("id:!in:[a,b]", "c", true),
            ("name:$ilike:xa", "Xã Phủ Thông", true),
            ("name:token:thông phủ", "Xã Phủ Thông", true),
        ] {
            assert_eq!(
                Filter::parse(filter).expect("a filter").fits(&has(value)),
                holds,
                "{filter} {value}"
            );
        }
        assert!(Filter::parse("code:null").expect("a filter").fits(&[]));
        assert!(!Filter::parse("code:!null").expect("a filter").fits(&[]));
        assert_eq!(Filter::parse("level:about:2"), None);
    }
}
