//! Problems (for people) and faults (for us).
//!
//! A problem is something a person can be told and can do something about: a stable code, an HTTP
//! status, words in the locales (`problem-<code>` and its `.next`). A fault is ours: it is logged
//! with its cause and shown as one calm page. "Not found" is an `Option` in stores and becomes a
//! problem in actions.

use crate::db::DbError;

/// What an action gives back.
pub type Outcome<T> = Result<T, Failure>;

/// One kind of problem. Declared by features as a `static`; listed in their `Module`.
#[derive(Debug, PartialEq, Eq)]
pub struct ProblemKind {
    /// Stable code in kebab-case, e.g. `areas-not-found`; its words are `problem-areas-not-found`.
    pub code: &'static str,
    /// HTTP status.
    pub status: u16,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:literal;)+) => {
        $($(#[$doc])* pub static $name: ProblemKind = ProblemKind { code: $code, status: $status };)+
        /// The kernel's own problems.
        pub static KERNEL_PROBLEMS: &[&ProblemKind] = &[$(&$name),+];
    };
}

kinds! {
    /// No such page or thing.
    NOT_FOUND = "not-found", 404;
    /// The person must sign in first.
    SIGN_IN_NEEDED = "sign-in-needed", 401;
    /// The person may not do this here.
    FORBIDDEN = "forbidden", 403;
    /// A form has something to mend; the fields say what.
    INVALID_FORM = "invalid-form", 422;
    /// The form was not sent from our own page, or the page is too old.
    STALE_FORM = "stale-form", 403;
    /// Somebody else changed the thing meanwhile.
    CONFLICT = "conflict", 409;
    /// The body is larger than is accepted here.
    TOO_LARGE = "too-large", 413;
    /// The body is larger than anything accepts (`max`, in MB).
    BODY_TOO_LARGE = "body-too-large", 413;
    /// The request itself cannot be read.
    BAD_REQUEST = "bad-request", 400;
    /// Too many tries.
    TOO_MANY = "too-many", 429;
    /// The disk is full or the quota is used up.
    NO_SPACE = "no-space", 507;
    /// The address does not accept this method.
    METHOD_NOT_ALLOWED = "method-not-allowed", 405;
    /// Something failed on our side.
    INTERNAL = "internal", 500;
}

/// A problem on one field of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProblem {
    /// The form field's name.
    pub field: String,
    /// Fluent key of the words.
    pub key: &'static str,
    /// Arguments of the words.
    pub args: Vec<(&'static str, String)>,
}

/// A problem to be told to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Which kind.
    pub kind: &'static ProblemKind,
    /// Arguments of its words.
    pub args: Vec<(&'static str, String)>,
    /// What is wrong where, for forms.
    pub fields: Vec<FieldProblem>,
}

/// Why an action did not succeed.
#[derive(Debug)]
pub enum Failure {
    /// To be told to the person.
    Problem(Box<Problem>),
    /// Ours: logged, and shown without detail.
    Fault(Fault),
}

/// A failure on our side, with what we were trying to do.
#[derive(Debug, thiserror::Error)]
#[error("{doing}: {cause}")]
pub struct Fault {
    /// What was being done, a lower-case fragment: "write a file".
    pub doing: String,
    /// Why it failed.
    pub cause: String,
}

impl Problem {
    /// A problem of this kind.
    pub fn of(kind: &'static ProblemKind) -> Self {
        Self { kind, args: Vec::new(), fields: Vec::new() }
    }

    /// Adds an argument for the words.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.args.push((name, value.into()));
        self
    }
}

impl Failure {
    /// A fault: `doing` reads after "failed to".
    pub fn fault(doing: impl Into<String>, cause: impl std::fmt::Display) -> Self {
        Self::Fault(Fault { doing: doing.into(), cause: cause.to_string() })
    }

    /// The problem inside, when it is one.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Problem(problem) => Some(problem),
            Self::Fault(_) => None,
        }
    }

    /// True when this is a problem of the given kind.
    pub fn is(&self, kind: &'static ProblemKind) -> bool {
        self.problem().is_some_and(|problem| problem.kind.code == kind.code)
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Problem(problem) => {
                write!(f, "{}", problem.kind.code)?;
                problem.fields.iter().try_for_each(|at| write!(f, " [{}: {}]", at.field, at.key))
            }
            Self::Fault(fault) => write!(f, "failed to {fault}"),
        }
    }
}

impl std::error::Error for Failure {}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

impl From<&'static ProblemKind> for Failure {
    fn from(kind: &'static ProblemKind) -> Self {
        Problem::of(kind).into()
    }
}

impl From<DbError> for Failure {
    fn from(error: DbError) -> Self {
        if matches!(error, DbError::Full) {
            return Problem::of(&NO_SPACE).into();
        }
        Self::fault("use the database", error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::StorageFull {
            return Problem::of(&NO_SPACE).into();
        }
        Self::fault("read or write a file", error)
    }
}

/// Turns "there is none" into a problem of the given kind.
pub trait OrMissing<T> {
    /// The value, or the problem.
    fn or_missing(self, kind: &'static ProblemKind) -> Outcome<T>;
}

impl<T> OrMissing<T> for Option<T> {
    fn or_missing(self, kind: &'static ProblemKind) -> Outcome<T> {
        self.ok_or_else(|| kind.into())
    }
}

/// Collects what is wrong with a form, field by field, before refusing it as a whole.
#[derive(Debug, Default)]
pub struct FormProblems(Vec<FieldProblem>);

impl FormProblems {
    /// Nothing wrong yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes a problem on a field; `key` names its words.
    pub fn add(&mut self, field: impl Into<String>, key: &'static str) -> &mut Self {
        self.add_with(field, key, Vec::new())
    }

    /// Notes a problem whose words take arguments.
    pub fn add_with(
        &mut self,
        field: impl Into<String>,
        key: &'static str,
        args: Vec<(&'static str, String)>,
    ) -> &mut Self {
        self.0.push(FieldProblem { field: field.into(), key, args });
        self
    }

    /// Notes the problem unless the claim holds.
    pub fn require(&mut self, holds: bool, field: &str, key: &'static str) -> &mut Self {
        if !holds {
            self.add(field, key);
        }
        self
    }

    /// True when nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Refuses when anything is wrong.
    pub fn check(self) -> Outcome<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        let problem = Problem { kind: &INVALID_FORM, args: Vec::new(), fields: self.0 };
        Err(problem.into())
    }
}
