//! Scope paths: where in a tree something lies. Being inside is a prefix test, in Rust and in SQL alike.

use serde::{Deserialize, Serialize};

/// A path of ids from the root, each followed by `/`: `/vn/19@2025/01969@2025/`.
///
/// The closing slash makes prefixes exact: `/vn/1/` does not contain `/vn/19/`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ScopePath(String);

impl ScopePath {
    /// The whole tree.
    pub fn root() -> Self {
        Self("/".to_owned())
    }

    /// Reads a stored path; anything without its slashes is refused.
    pub fn parse(text: &str) -> Option<Self> {
        let well_formed = text.starts_with('/')
            && text.ends_with('/')
            && text.len() <= 300
            && text[1..].split_terminator('/').all(crate::ids::is_well_formed);
        well_formed.then(|| Self(text.to_owned()))
    }

    /// One step down.
    pub fn child(&self, id: &str) -> Self {
        Self(format!("{}{id}/", self.0))
    }

    /// True when `other` is this place or lies below it.
    pub fn contains(&self, other: &ScopePath) -> bool {
        other.0.starts_with(&self.0)
    }

    /// True when either contains the other: a notice for the village concerns its commune's node,
    /// and a notice for the province concerns it too.
    pub fn touches(&self, other: &ScopePath) -> bool {
        self.contains(other) || other.contains(self)
    }

    /// As stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last id on the path; `None` at the root.
    pub fn last(&self) -> Option<&str> {
        self.0.trim_matches('/').rsplit('/').next().filter(|id| !id.is_empty())
    }

    /// This place and everything above it, root first.
    pub fn ancestors(&self) -> Vec<ScopePath> {
        let ends = self.0.char_indices().filter(|(_, c)| *c == '/');
        ends.map(|(at, _)| Self(self.0[..=at].to_owned())).collect()
    }

    /// Bounds for `path >= $1 and path < $2` that select this place and everything below it.
    ///
    /// `0` follows `/` in ASCII, so the half-open range is exactly the prefix on every engine.
    pub fn range(&self) -> (String, String) {
        (self.0.clone(), format!("{}0", self.0.trim_end_matches('/')))
    }
}

impl std::fmt::Display for ScopePath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&ScopePath> for crate::db::Value {
    fn from(path: &ScopePath) -> Self {
        path.0.as_str().into()
    }
}

impl crate::db::Column for ScopePath {
    fn read(row: &crate::db::Row, name: &str) -> Result<Self, crate::db::DbError> {
        let text: String = crate::db::Column::read(row, name)?;
        Self::parse(&text).ok_or_else(|| crate::db::DbError::unreadable(name, "not a scope path"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sibling_with_a_longer_number_is_outside() {
        let one = ScopePath::root().child("vn").child("1");
        let nineteen = ScopePath::root().child("vn").child("19");
        assert!(!one.contains(&nineteen) && !nineteen.contains(&one));
        assert!(ScopePath::root().contains(&one));
        let (low, high) = one.range();
        assert!(!(low.as_str()..high.as_str()).contains(&nineteen.as_str()));
        assert!((low.as_str()..high.as_str()).contains(&one.child("x").as_str()));
    }

    #[test]
    fn ancestors_run_from_the_root() {
        let path = ScopePath::parse("/vn/19/01969/").expect("a path");
        let all: Vec<_> = path.ancestors().iter().map(|p| p.as_str().to_owned()).collect();
        assert_eq!(all, ["/", "/vn/", "/vn/19/", "/vn/19/01969/"]);
        assert_eq!(path.last(), Some("01969"));
    }
}
