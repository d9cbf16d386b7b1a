//! The spoken labels of the kiosk, embedded. They were made by a speech synthesiser (espeak-ng,
//! Vietnamese) as a stopgap; a voice of the place should replace them: see `assets/voice/README.md`.

use std::sync::OnceLock;

use kernel::files::FileHash;

/// One spoken label.
pub(crate) struct Label {
    /// Language tag.
    pub language: &'static str,
    /// What it says, as a slug.
    pub name: &'static str,
    /// Ogg/Opus.
    pub bytes: &'static [u8],
}

/// The language every label is spoken in, for languages that nobody has recorded yet.
const FALLBACK: &str = "vi";

macro_rules! labels {
    ($language:literal: $($name:literal),+ $(,)?) => {
        &[$(Label {
            language: $language,
            name: $name,
            bytes: include_bytes!(concat!(
                env!("CARGO_MANIFEST_DIR"), "/assets/voice/", $language, "/", $name, ".ogg"
            )),
        }),+]
    };
}

/// All labels. Another language is another folder and another list here.
pub(crate) static LABELS: &[Label] = labels!(
    "vi": "moi", "chinh-sach", "thien-nhien", "suc-khoe", "san-xuat", "an-ninh", "canh-bao",
    "nghe-lai", "da-nghe", "tiep", "hieu", "hoi-lai", "the", "the-sai", "cam-on", "hoi-can-bo", "trong",
);

/// A label in a language, or in Vietnamese; nothing when there is no such label.
pub(crate) fn find(language: &str, name: &str) -> Option<&'static Label> {
    let spoken =
        |tag: &str| LABELS.iter().find(|label| label.language == tag && label.name == name);
    spoken(language).or_else(|| spoken(FALLBACK))
}

/// Where a label is fetched: its content's hash is in it, so that it may be kept for ever. Empty when
/// there is no such label.
pub(crate) fn href(language: &str, name: &str) -> String {
    static HASHES: OnceLock<Vec<String>> = OnceLock::new();
    let hashes = HASHES.get_or_init(|| {
        LABELS.iter().map(|label| FileHash::of(label.bytes).hex()[..8].to_owned()).collect()
    });
    let Some(label) = find(language, name) else { return String::new() };
    let at = LABELS.iter().position(|known| std::ptr::eq(known, label));
    let hash = at.map_or("0", |at| &hashes[at]);
    format!("/kiot/tieng/{}/{}.ogg?b={hash}", label.language, label.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_small_opus_files() {
        for label in LABELS {
            assert!(label.bytes.starts_with(b"OggS"), "{}", label.name);
            assert!(label.bytes.windows(8).any(|part| part == b"OpusHead"), "{}", label.name);
            assert!(
                label.bytes.len() <= 5 * 1024,
                "{} has {} bytes",
                label.name,
                label.bytes.len()
            );
        }
    }

    #[test]
    fn a_language_nobody_recorded_is_spoken_in_vietnamese() {
        assert_eq!(href("tyz", "moi"), href("vi", "moi"));
        assert!(href("vi", "moi").starts_with("/kiot/tieng/vi/moi.ogg?b="));
        assert_eq!(href("vi", "khong-co"), "");
    }
}
