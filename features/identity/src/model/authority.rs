//! Who may hand authority on: never over more land, and never for longer, than one holds it oneself.

use kernel::{
    caller::{Caller, Permission},
    clock::Day,
    scope::ScopePath,
};

/// At most this many separate places per person and role. List queries filter by that many ranges.
pub(crate) const PLACES_MAX: usize = 8;

/// True when the caller holds `permission` over the whole of `scope` at least until `until`.
///
/// This is stricter than [`Caller::may`], which looks at today only: an administrator whose own role
/// ends in June may not make, or take over, an account that lasts longer.
pub(crate) fn covers(
    caller: &Caller,
    permission: &Permission,
    scope: &ScopePath,
    until: Day,
) -> bool {
    caller.is_system()
        || caller.grants().any(|held| {
            permission.roles.contains(&held.role.as_str())
                && held.scope.contains(scope)
                && held.until >= until
        })
}

/// The places that lie inside no other place of the list, in order.
pub(crate) fn maximal<'a>(scopes: impl IntoIterator<Item = &'a ScopePath>) -> Vec<ScopePath> {
    let mut sorted: Vec<&ScopePath> = scopes.into_iter().collect();
    // Sorted by bytes, a place stands before everything inside it.
    sorted.sort();
    let mut kept: Vec<ScopePath> = Vec::new();
    for scope in sorted {
        if !kept.iter().any(|wider| wider.contains(scope)) {
            kept.push(scope.clone());
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use kernel::{
        caller::{Grant, Person},
        clock::Timestamp,
    };

    use super::*;

    static MANAGE: Permission = Permission { code: "test", roles: &["administrator"] };

    fn path(text: &str) -> ScopePath {
        ScopePath::parse(text).expect("a scope path")
    }

    #[test]
    fn authority_that_ends_in_june_cannot_be_handed_on_into_july() {
        let now = Timestamp::from_millis(1_795_330_800_000);
        let june = Day::new(2027, 6, 30).expect("a day");
        let grant = Grant {
            role: "administrator".to_owned(),
            scope: path("/vn/19/"),
            from: now.day(),
            until: june,
        };
        let person = Person { id: "a".to_owned(), name: "A".to_owned() };
        let caller = Caller::person(person, vec![grant], now);
        assert!(covers(&caller, &MANAGE, &path("/vn/19/01969/"), june));
        assert!(!covers(&caller, &MANAGE, &path("/vn/19/01969/"), june.plus_days(1)));
        assert!(!covers(&caller, &MANAGE, &path("/vn/"), june));
        assert!(!covers(&caller, &MANAGE, &path("/vn/1/"), june));
    }

    #[test]
    fn places_inside_others_add_nothing() {
        let held = [path("/vn/19/01969/"), path("/vn/19/"), path("/vn/1/"), path("/vn/19/")];
        assert_eq!(maximal(&held), [path("/vn/1/"), path("/vn/19/")]);
        assert_eq!(maximal(&[path("/vn/"), path("/")]), [path("/")]);
    }
}
