//! Typed identifiers: one Rust type per noun, so that one kind of id can never stand in for another.
//! Minting them needs time and chance, which are passed in; nothing here reads a clock.

use crate::{
    chance::Chance,
    clock::Timestamp,
    db::{Column, DbError, Row, Value},
};

/// Any typed id: what stores bind and pages print.
pub trait Id: Sized {
    /// Wraps text that already is an id of this kind (from a database row or a signed record).
    fn from_text(text: String) -> Self;
    /// The id as it is stored and shown.
    fn as_str(&self) -> &str;
}

// One impl for every id's `Option`: features may not implement our trait for a foreign type.
impl<T: Id> Column for Option<T> {
    fn read(row: &Row, name: &str) -> Result<Self, DbError> {
        Ok(Option::<String>::read(row, name)?.map(T::from_text))
    }
}

impl<T: Id> From<Option<&T>> for Value {
    fn from(id: Option<&T>) -> Self {
        id.map(|id| id.as_str().to_owned()).into()
    }
}

/// Mints a time-ordered id (UUID version 7, RFC 9562) as 32 lower-case hex digits.
pub fn mint<T: Id>(now: Timestamp, chance: &Chance) -> T {
    let millis = u64::try_from(now.millis()).unwrap_or(0);
    let id = uuid::Builder::from_unix_timestamp_millis(millis, &chance.bytes()).into_uuid();
    T::from_text(id.simple().to_string())
}

/// True for text that can be an id at all: short, ASCII, without spaces or quotes.
///
/// Ids come back to us in URLs and forms, so everything else is refused at the door.
pub fn is_well_formed(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'@' | b'.'))
}

/// Declares id types: `typed_ids! { /// A village. VillageId }`.
#[macro_export]
macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, $crate::serde::Serialize)]
        #[serde(crate = "kernel::serde", transparent)]
        pub struct $name(String);

        impl $name {
            /// Reads an id that came from outside; `None` when it cannot be one.
            pub fn parse(text: &str) -> Option<Self> {
                $crate::ids::is_well_formed(text).then(|| Self(text.to_owned()))
            }
            /// The id as it is stored and shown.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl $crate::ids::Id for $name {
            fn from_text(text: String) -> Self {
                Self(text)
            }
            fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl From<&$name> for $crate::db::Value {
            fn from(id: &$name) -> Self {
                id.0.as_str().into()
            }
        }
        impl $crate::db::Column for $name {
            fn read(row: &$crate::db::Row, name: &str) -> Result<Self, $crate::db::DbError> {
                <String as $crate::db::Column>::read(row, name).map(Self)
            }
        }
        impl<'de> $crate::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = <String as $crate::serde::Deserialize>::deserialize(from)?;
                Self::parse(&text).ok_or_else(|| {
                    <D::Error as $crate::serde::de::Error>::custom("not an identifier")
                })
            }
        }
    )+};
}
