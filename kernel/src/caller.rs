//! Who is asking: the person, what they hold where, in which language, at what time.
//! Deciding is here and only here; what a role is called belongs to the features.

use crate::{
    clock::{Day, Timestamp},
    problem::{FORBIDDEN, Outcome, Problem, SIGN_IN_NEEDED},
    scope::ScopePath,
};

/// Something a person may be allowed to do, and the roles that carry it. Declared by features.
#[derive(Debug)]
pub struct Permission {
    /// Stable name, e.g. `publishing.approve`.
    pub code: &'static str,
    /// Roles that hold it.
    pub roles: &'static [&'static str],
}

/// A role held over a subtree of areas between two days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The role's stable name.
    pub role: String,
    /// The subtree it is held over.
    pub scope: ScopePath,
    /// First day it holds.
    pub from: Day,
    /// First day it no longer holds.
    pub until: Day,
}

/// The person behind a request, or nobody.
#[derive(Clone, Debug)]
pub struct Caller {
    person: Option<Person>,
    grants: Vec<Grant>,
    now: Timestamp,
}

/// A signed-in person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The account's id.
    pub id: String,
    /// How the person is shown to colleagues.
    pub name: String,
}

impl Caller {
    /// Somebody who has not signed in.
    pub fn nobody(now: Timestamp) -> Self {
        Self { person: None, grants: Vec::new(), now }
    }

    /// A signed-in person with the grants that were loaded for them.
    pub fn person(person: Person, grants: Vec<Grant>, now: Timestamp) -> Self {
        Self { person: Some(person), grants, now }
    }

    /// The program itself, acting on a job or a reaction; it may do everything.
    pub fn system(now: Timestamp) -> Self {
        let person = Person { id: "system".to_owned(), name: "Hệ thống".to_owned() };
        Self { person: Some(person), grants: Vec::new(), now }
    }

    /// The time this request is judged by.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The signed-in person, if any.
    pub fn who(&self) -> Option<&Person> {
        self.person.as_ref()
    }

    /// The account id, for audit lines: `nobody` when not signed in.
    pub fn id(&self) -> &str {
        self.person.as_ref().map_or("nobody", |person| &person.id)
    }

    /// The grants in force on the day of this request.
    pub fn grants(&self) -> impl Iterator<Item = &Grant> {
        let today = self.now.day();
        self.grants.iter().filter(move |grant| grant.from <= today && today < grant.until)
    }

    /// True when some grant in force carries the permission over this place.
    pub fn may(&self, permission: &Permission, place: &ScopePath) -> bool {
        self.is_system() || self.scopes_for(permission).any(|scope| scope.contains(place))
    }

    /// True when the person holds the permission anywhere at all (to show a menu entry).
    pub fn may_somewhere(&self, permission: &Permission) -> bool {
        self.is_system() || self.scopes_for(permission).next().is_some()
    }

    /// Refuses unless [`Caller::may`]: 401 for nobody, 403 for somebody else's place.
    pub fn must(&self, permission: &Permission, place: &ScopePath) -> Outcome<()> {
        self.allow(self.may(permission, place), permission)
    }

    /// Refuses unless [`Caller::may_somewhere`].
    pub fn must_somewhere(&self, permission: &Permission) -> Outcome<()> {
        self.allow(self.may_somewhere(permission), permission)
    }

    /// The subtrees over which the permission is held; list queries filter by these.
    pub fn scopes_for<'a>(
        &'a self,
        permission: &'a Permission,
    ) -> impl Iterator<Item = &'a ScopePath> + 'a {
        let held = |grant: &&Grant| permission.roles.contains(&grant.role.as_str());
        self.grants().filter(held).map(|grant| &grant.scope)
    }

    /// True for the program itself.
    pub fn is_system(&self) -> bool {
        self.person.as_ref().is_some_and(|person| person.id == "system")
    }

    fn allow(&self, allowed: bool, permission: &Permission) -> Outcome<()> {
        match (allowed, &self.person) {
            (true, _) => Ok(()),
            (false, None) => Err(Problem::of(&SIGN_IN_NEEDED).into()),
            (false, Some(_)) => {
                Err(Problem::of(&FORBIDDEN).with("permission", permission.code).into())
            }
        }
    }
}
