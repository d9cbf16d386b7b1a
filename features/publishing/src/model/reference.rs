//! Reference data of publishing: themes with their targets, audiences, kinds, languages. They are
//! rows with days of validity, since the law that names them moves; nothing here lists them.

use kernel::row_struct;
use serde::Serialize;

/// Documents of this kind are legal documents: number, authority and dates are told apart.
pub const LEGAL_DOCUMENT: &str = "legal_document";
/// Publications of this kind are warnings of danger and go before everything else.
pub const ALERT: &str = "alert";

row_struct! {
    /// A theme of information (nhóm thông tin).
    #[derive(Clone, Debug, Serialize, PartialEq, Eq)]
    pub struct Theme {
        /// Stable code, e.g. `cdcs`.
        pub code: String,
        /// As the decision words it.
        pub name: String,
        /// For narrow places.
        pub short_name: String,
        /// Name in the pattern book.
        pub pictogram: String,
        /// The decision that set it.
        pub source: String,
    }
    /// The share of an audience that a theme must reach, by decision.
    #[derive(Clone, Debug, Serialize, PartialEq, Eq)]
    pub struct ThemeTarget {
        /// Theme code.
        pub theme: String,
        /// Audience code.
        pub audience: String,
        /// Per cent.
        pub percent: i64,
        /// The decision and its year.
        pub source: String,
    }
    /// For whom something is meant.
    #[derive(Clone, Debug, Serialize, PartialEq, Eq)]
    pub struct Audience {
        /// Stable code, e.g. `prestigious_person`.
        pub code: String,
        /// As people say it.
        pub name: String,
        /// Name in the pattern book.
        pub pictogram: String,
    }
    /// What sort of publication it is.
    #[derive(Clone, Debug, Serialize, PartialEq, Eq)]
    pub struct Kind {
        /// Stable code, e.g. `news`.
        pub code: String,
        /// As people say it.
        pub name: String,
        /// Name in the pattern book.
        pub pictogram: String,
        /// True when number, authority and dates of a document belong to it.
        pub has_document: bool,
    }
    /// A language of content.
    #[derive(Clone, Debug, Serialize, PartialEq, Eq)]
    pub struct Language {
        /// BCP 47 tag, e.g. `tyz`.
        pub tag: String,
        /// In Vietnamese, without the word “tiếng”.
        pub name: String,
        /// True for those offered first.
        pub is_common: bool,
    }
}
