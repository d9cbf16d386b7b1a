//! Accounts: their state, and what a username and a person's name may look like.

use kernel::{problem::FormProblems, text};
use serde::Serialize;

/// Whether an account may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// In use.
    Active,
    /// Closed by an administrator until opened again; nothing is deleted.
    Suspended,
}

impl Status {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }
}

impl kernel::db::Column for Status {
    fn read(row: &kernel::db::Row, name: &str) -> Result<Self, kernel::db::DbError> {
        match row.get::<String>(name)?.as_str() {
            "active" => Ok(Self::Active),
            "suspended" => Ok(Self::Suspended),
            _ => Err(kernel::db::DbError::unreadable(name, "not an account status")),
        }
    }
}

const USERNAME_LETTERS_MIN: usize = 2;
const USERNAME_LETTERS_MAX: usize = 40;
const NAME_LETTERS_MAX: usize = 80;

/// What two spellings of one username have in common: case, marks and punctuation do not count.
///
/// Over-long text gives no key: nobody is called so, and folding it would cost for nothing.
pub fn username_key(typed: &str) -> Option<String> {
    (typed.len() <= 400).then(|| text::fold(typed)).filter(|key| !key.is_empty())
}

/// A username: 2–40 letters or digits, also `. - _ @`, readable without Vietnamese marks.
///
/// Letters of other alphabets are refused since some of them look like ours (`а` of Cyrillic).
pub(crate) fn check_username(problems: &mut FormProblems, username: &str) {
    let letters = username.chars().count();
    let length_fits = (USERNAME_LETTERS_MIN..=USERNAME_LETTERS_MAX).contains(&letters);
    let plain = username.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '@'));
    let latin = text::fold(username).bytes().all(|b| b.is_ascii_alphanumeric() || b == b' ');
    let has_letter = username.chars().any(char::is_alphabetic);
    problems.require(
        length_fits && plain && latin && has_letter,
        "username",
        "identity-username-wrong",
    );
}

/// A person's name as colleagues read it.
pub(crate) fn check_name(problems: &mut FormProblems, name: &str) {
    problems.require(!name.is_empty(), "name", "identity-name-missing");
    problems.require(name.chars().count() <= NAME_LETTERS_MAX, "name", "identity-name-long");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(username: &str) -> bool {
        let mut problems = FormProblems::new();
        check_username(&mut problems, username);
        problems.is_empty()
    }

    #[test]
    fn spellings_of_one_username_share_a_key() {
        let key = username_key("lan.pt");
        for spelling in ["Lan.PT", "LẤN-PT", "la\u{301}n pt", " lan_pt "] {
            assert_eq!(username_key(spelling), key, "{spelling}");
        }
        assert_ne!(username_key("lan.pt2"), key);
        assert_eq!(username_key("…"), None);
        assert_eq!(username_key(&"a".repeat(500)), None);
    }

    #[test]
    fn usernames_that_could_deceive_are_refused() {
        for good in ["an", "mai", "y.bham", "sokha-02", "ubnd@phuthong", "đức.anh"] {
            assert!(accepted(good), "{good}");
        }
        let long = "a".repeat(41);
        for bad in
            ["", "a", "m\u{430}i", "mai lan", "<b>mai</b>", "mai\r\nx", "' or 1=1 --", "123", &long]
        {
            assert!(!accepted(bad), "{bad}");
        }
    }
}
