//! What the `type` column says.

/// A row's type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    BeginGroup,
    EndGroup,
    BeginRepeat,
    EndRepeat,
    /// A whole number.
    Integer,
    /// A number with decimals.
    Decimal,
    /// Words.
    Text,
    /// Something to read.
    Note,
    Day,
    /// Computed from other answers.
    Calculate,
    /// One of a list.
    One(String),
    /// A picture or a file.
    File,
    /// What the program notes itself: who, when, from which device.
    Automatic,
    /// Something that our forms do not hold.
    Foreign,
    /// Nothing that XLSForm knows.
    Unknown,
}

/// Reads it, in the spellings that are used.
pub(super) fn kind(text: &str) -> Kind {
    let text = text.trim().to_lowercase();
    let flat = text.replace(['_', '-'], " ");
    let words: Vec<&str> = flat.split_whitespace().collect();
    match words[..] {
        ["begin", "group", ..] => Kind::BeginGroup,
        ["end", "group", ..] => Kind::EndGroup,
        ["begin", "repeat" | "loop", ..] => Kind::BeginRepeat,
        ["end", "repeat" | "loop", ..] => Kind::EndRepeat,
        ["integer" | "int"] => Kind::Integer,
        ["decimal" | "range"] => Kind::Decimal,
        ["text" | "string"] => Kind::Text,
        ["note"] => Kind::Note,
        ["date"] => Kind::Day,
        ["calculate"] => Kind::Calculate,
        ["select", "one", "from", "file", ..] | ["select", "multiple", ..] | ["rank", ..] => {
            Kind::Foreign
        }
        ["select", "one", ..] | ["select1", ..] => Kind::One(list_of(&text)),
        ["image" | "photo" | "file"] => Kind::File,
        [
            "start" | "end" | "today" | "deviceid" | "username" | "email" | "phonenumber" | "audit"
            | "subscriberid" | "simserial",
        ]
        | ["start", "geopoint"]
        | ["background", ..] => Kind::Automatic,
        [
            "geopoint" | "geotrace" | "geoshape" | "audio" | "video" | "barcode" | "acknowledge"
            | "trigger" | "time" | "datetime" | "hidden",
        ]
        | ["csv" | "xml", "external"] => Kind::Foreign,
        _ => Kind::Unknown,
    }
}

/// The list's name keeps its own spelling apart from case.
fn list_of(text: &str) -> String {
    text.split_whitespace()
        .find(|word| !["select_one", "select", "one", "select1"].contains(word))
        .unwrap_or_default()
        .to_owned()
}
