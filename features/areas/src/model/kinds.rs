//! The closed lists of areas: levels, types of unit with their Vietnamese words, kinds of event.

use kernel::db::{Column, DbError, Row, Value};
use serde::{Deserialize, Serialize};

/// The rung of a unit. Districts exist only before 2025-07-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AreaLevel {
    /// The country.
    Country,
    /// Tỉnh, thành phố trực thuộc trung ương.
    Province,
    /// Quận, huyện, thị xã, thành phố thuộc tỉnh (until 2025-06-30).
    District,
    /// Xã, phường, thị trấn, đặc khu.
    Commune,
    /// Thôn, bản, buôn, ấp, phum, sóc, khu phố.
    Village,
}

impl AreaLevel {
    /// All of them, from the top.
    pub const ALL: [Self; 5] =
        [Self::Country, Self::Province, Self::District, Self::Commune, Self::Village];

    /// As stored and as written in URLs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Country => "country",
            Self::Province => "province",
            Self::District => "district",
            Self::Commune => "commune",
            Self::Village => "village",
        }
    }

    /// From its code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.code() == code)
    }
}

macro_rules! area_types {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $label:literal, $level:ident;)+) => {
        /// What kind of unit an area is during one validity. For a village it is the word the people
        /// there use (its local kind).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum AreaType { $($(#[$doc])* $name),+ }

        impl AreaType {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// As stored and as written in the data files.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            /// The word before the name, in lower case.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$name => $label),+ }
            }

            /// The rung units of this type stand on.
            pub const fn level(self) -> AreaLevel {
                match self { $(Self::$name => AreaLevel::$level),+ }
            }
        }
    };
}

area_types! {
    /// Việt Nam.
    Country = "quoc_gia", "", Country;
    /// Tỉnh.
    Province = "tinh", "tỉnh", Province;
    /// Thành phố trực thuộc trung ương.
    CentralCity = "thanh_pho_trung_uong", "thành phố", Province;
    /// Quận.
    UrbanDistrict = "quan", "quận", District;
    /// Huyện.
    RuralDistrict = "huyen", "huyện", District;
    /// Thị xã.
    Town = "thi_xa", "thị xã", District;
    /// Thành phố thuộc tỉnh.
    ProvincialCity = "thanh_pho_thuoc_tinh", "thành phố", District;
    /// Phường.
    Ward = "phuong", "phường", Commune;
    /// Xã.
    RuralCommune = "xa", "xã", Commune;
    /// Thị trấn (until 2025-06-30).
    Township = "thi_tran", "thị trấn", Commune;
    /// Đặc khu (from 2025-07-01).
    SpecialZone = "dac_khu", "đặc khu", Commune;
    /// Thôn.
    Thon = "thon", "thôn", Village;
    /// Bản.
    Ban = "ban", "bản", Village;
    /// Buôn (Ê-đê, M'nông).
    Buon = "buon", "buôn", Village;
    /// Làng (Ba Na, Gia Rai).
    Lang = "lang", "làng", Village;
    /// Plei (Ba Na, Gia Rai).
    Plei = "plei", "plei", Village;
    /// Bon (M'nông).
    Bon = "bon", "bon", Village;
    /// Xóm.
    Xom = "xom", "xóm", Village;
    /// Ấp.
    Ap = "ap", "ấp", Village;
    /// Khóm.
    Khom = "khom", "khóm", Village;
    /// Phum (Khmer).
    Phum = "phum", "phum", Village;
    /// Sóc (Khmer).
    Soc = "soc", "sóc", Village;
    /// Khu phố.
    KhuPho = "khu_pho", "khu phố", Village;
    /// Tổ dân phố.
    ToDanPho = "to_dan_pho", "tổ dân phố", Village;
    /// Tiểu khu.
    TieuKhu = "tieu_khu", "tiểu khu", Village;
}

impl AreaType {
    /// From its code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }

    /// The kinds a commune can choose from for its villages.
    pub fn of_villages() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|kind| kind.level() == AreaLevel::Village)
    }

    /// The name with its type, as written within a sentence: `xã Phủ Thông`, `quận 12`.
    pub fn full_name(self, name: &str) -> String {
        if self.label().is_empty() { name.to_owned() } else { format!("{} {name}", self.label()) }
    }
}

impl Serialize for AreaType {
    fn serialize<S: serde::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(self.code())
    }
}

/// What kind of thing changed the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Several whole units became one.
    Merge,
    /// One unit became several.
    Split,
    /// Several units became several others, some of them divided.
    Redistribute,
    /// Another name, the same territory.
    Rename,
    /// Another type, the same territory.
    Reclassify,
    /// Another parent, the same territory.
    Reparent,
    /// A unit of another rung took the territory over whole (island districts that became đặc khu).
    Promote,
    /// Ended without a successor of its own (the district rung).
    Abolish,
    /// The same territory, known under another id in the frame that follows.
    Equivalent,
}

impl EventKind {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Merge,
        Self::Split,
        Self::Redistribute,
        Self::Rename,
        Self::Reclassify,
        Self::Reparent,
        Self::Promote,
        Self::Abolish,
        Self::Equivalent,
    ];

    /// As stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Split => "split",
            Self::Redistribute => "redistribute",
            Self::Rename => "rename",
            Self::Reclassify => "reclassify",
            Self::Reparent => "reparent",
            Self::Promote => "promote",
            Self::Abolish => "abolish",
            Self::Equivalent => "equivalent",
        }
    }

    /// From its code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

impl Column for AreaLevel {
    fn read(row: &Row, name: &str) -> Result<Self, DbError> {
        let code: String = row.get(name)?;
        Self::from_code(&code).ok_or_else(|| DbError::unreadable(name, "not a level"))
    }
}

impl Column for AreaType {
    fn read(row: &Row, name: &str) -> Result<Self, DbError> {
        let code: String = row.get(name)?;
        Self::from_code(&code).ok_or_else(|| DbError::unreadable(name, "not a type of area"))
    }
}

impl From<AreaLevel> for Value {
    fn from(level: AreaLevel) -> Self {
        level.code().into()
    }
}

impl From<AreaType> for Value {
    fn from(kind: AreaType) -> Self {
        kind.code().into()
    }
}
