//! The five lanes of urgency.

/// How urgent a record is, and which budget it draws on (Circular 39/2020/TT-BTTTT's three
/// bulletin levels are the first three; media follow).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// An emergency (khẩn cấp): before everything, always.
    Alert,
    /// Keys, revocations, withdrawals, areas, and priority notices (ưu tiên).
    Control,
    /// Ordinary texts and metadata (thông thường).
    Text,
    /// Announcements of sound files.
    Audio,
    /// Announcements of films, archives and lesson packs.
    Video,
}

impl Lane {
    /// All lanes, most urgent first.
    pub const ALL: [Self; 5] = [Self::Alert, Self::Control, Self::Text, Self::Audio, Self::Video];

    /// The number on the wire, zero for the most urgent.
    pub const fn number(self) -> u8 {
        match self {
            Self::Alert => 0,
            Self::Control => 1,
            Self::Text => 2,
            Self::Audio => 3,
            Self::Video => 4,
        }
    }

    /// The lane of that number, if there is one.
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Alert),
            1 => Some(Self::Control),
            2 => Some(Self::Text),
            3 => Some(Self::Audio),
            4 => Some(Self::Video),
            _ => None,
        }
    }
}
