//! Parameters of an address that programs ask: what is missing or wrong is refused by its name, never ignored.

use kernel::problem::{Failure, FieldProblem, INVALID_FORM, Problem};

/// A parameter is needed and was not given.
pub(crate) fn missing(name: &'static str) -> Failure {
    refused(name, "reporting-parameter-missing", "")
}

/// A parameter says what cannot be.
pub(crate) fn wrong(name: &'static str, value: &str) -> Failure {
    refused(name, "reporting-parameter-wrong", value)
}

fn refused(name: &'static str, key: &'static str, value: &str) -> Failure {
    let value = value.chars().take(100).collect::<String>();
    let args = vec![("name", name.to_owned()), ("value", value)];
    let field = FieldProblem { field: name.to_owned(), key, args };
    Problem { kind: &INVALID_FORM, args: Vec::new(), fields: vec![field] }.into()
}
