//! The ids of reach. Written out here since `kernel::typed_ids!` also implements kernel traits for
//! `Option` of an id, which only the kernel itself may do.

use kernel::db::{Column, DbError, Row, Value};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Reads an id that came from outside; `None` when it cannot be one.
            pub fn parse(text: &str) -> Option<Self> {
                kernel::ids::is_well_formed(text).then(|| Self(text.to_owned()))
            }

            /// The id as it is stored and shown.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl kernel::ids::Id for $name {
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

        impl From<&$name> for Value {
            fn from(id: &$name) -> Self {
                id.0.as_str().into()
            }
        }

        impl Column for $name {
            fn read(row: &Row, name: &str) -> Result<Self, DbError> {
                String::read(row, name).map(Self)
            }
        }
    )+};
}

ids! {
    /// A prestigious person's entry on the node of their commune.
    PersonId,
    /// One printed card.
    CardId,
    /// The record of one village meeting.
    MeetingId,
}
