//! Rules of what readers see: addresses, the kiosk's tiles, which recording comes first, when
//! something counts as heard to its end. Pure. Spoken labels are in `voice`.

pub(crate) mod voice;

use kernel::{
    clock::Timestamp,
    text::{fold, slug},
};
use publishing::{Article, Headline, LEGAL_DOCUMENT, PublicationId, Rendition};

/// Letters of a title that go into an address.
const SLUG_LETTERS: usize = 60;

/// The share of a recording that must have had time to play before it counts as heard, in percent.
pub(crate) const HEARD_PERCENT: i64 = 80;

/// How long an opened item may wait for its confirmation, in milliseconds. Later, only the
/// confirmation itself counts.
const OPEN_MS_MAX: i64 = 6 * 3600 * 1000;

/// The address of a publication: its title for people, its id for us.
pub(crate) fn address(kind: &str, title: &str, id: &PublicationId) -> String {
    let folder = if kind == LEGAL_DOCUMENT { "van-ban" } else { "tin" };
    format!("/{folder}/{}-{id}", slug(title, SLUG_LETTERS))
}

/// The address of what a headline announces.
pub(crate) fn headline_address(headline: &Headline) -> String {
    address(&headline.kind, &headline.title, &headline.publication)
}

/// The id at the end of an address; the words before it are not looked at.
pub(crate) fn id_in(address: &str) -> Option<PublicationId> {
    PublicationId::parse(address.rsplit_once('-').map_or(address, |(_, id)| id))
}

/// A way into the kiosk: one pictogram, one spoken label, some themes.
#[derive(Debug)]
pub(crate) struct Tile {
    /// In addresses, and the name of its spoken label.
    pub name: &'static str,
    /// In the pattern book.
    pub pictogram: &'static str,
    /// In the pattern book.
    pub colour: &'static str,
    /// Fluent key of its words; `.note` are the small ones.
    pub key: &'static str,
    /// Themes behind it.
    pub themes: &'static [&'static str],
}

/// The kiosk's tiles below the newest item: with it six, as many as fit a screen and a memory.
/// The themes are those of Decision 414/QĐ-TTg; one that a later decision adds is heard through the
/// newest items until it gets a pictogram of its own.
pub(crate) static TILES: [Tile; 5] = [
    Tile {
        name: "chinh-sach",
        pictogram: "policy",
        colour: "indigo",
        key: "portal-tile-policy",
        themes: &["cdcs"],
    },
    Tile {
        name: "thien-nhien",
        pictogram: "water",
        colour: "water",
        key: "portal-tile-nature",
        themes: &["rung", "thien"],
    },
    Tile {
        name: "suc-khoe",
        pictogram: "health",
        colour: "plum",
        key: "portal-tile-health",
        themes: &["yte"],
    },
    Tile {
        name: "san-xuat",
        pictogram: "crops",
        colour: "earth",
        key: "portal-tile-crops",
        themes: &["khcn"],
    },
    Tile {
        name: "an-ninh",
        pictogram: "security",
        colour: "moss",
        key: "portal-tile-security",
        themes: &["antt"],
    },
];

/// The tile whose list an item belongs to first.
pub(crate) fn tile_of(themes: &[String]) -> Option<&'static Tile> {
    TILES.iter().find(|tile| themes.iter().any(|theme| tile.themes.contains(&theme.as_str())))
}

/// The recordings a reader is offered: in the wanted language, else in Vietnamese, else in any; the
/// smallest first. Gives the language too. A line beside them tells of those that follow an older text.
pub(crate) fn recordings<'a>(article: &'a Article, wanted: &str) -> (String, Vec<&'a Rendition>) {
    recordings_that(article, wanted, |_| true)
}

/// The recordings that the kiosk plays by itself: here, and of the text as it is now. Most who listen
/// there cannot read the line that tells of an older text, and would take its figures for today's.
pub(crate) fn playable<'a>(article: &'a Article, wanted: &str) -> (String, Vec<&'a Rendition>) {
    recordings_that(article, wanted, is_playable)
}

/// True when the kiosk may play this recording.
pub(crate) fn is_playable(sound: &Rendition) -> bool {
    sound.has_arrived && !sound.is_stale
}

fn recordings_that<'a>(
    article: &'a Article,
    wanted: &str,
    fits: impl Fn(&Rendition) -> bool,
) -> (String, Vec<&'a Rendition>) {
    let fitting = |file: &&Rendition| file.modality == publishing::Modality::Audio && fits(file);
    let any = article.renditions.iter().find(fitting);
    let tags = [wanted, publishing::SOURCE_LANGUAGE, any.map_or("", |file| file.language.as_str())];
    for tag in tags {
        let found: Vec<_> = article.sounds(tag).filter(fitting).collect();
        if !found.is_empty() {
            return (tag.to_owned(), found);
        }
    }
    (wanted.to_owned(), Vec::new())
}

/// True when enough time passed since opening for the recording to have played.
pub(crate) fn had_time_to_hear(opened: Timestamp, now: Timestamp, duration_ms: u64) -> bool {
    let passed = now.since(opened);
    let duration = i64::try_from(duration_ms).unwrap_or(i64::MAX);
    duration > 0
        && (0..=OPEN_MS_MAX).contains(&passed)
        && passed.saturating_mul(100) >= duration.saturating_mul(HEARD_PERCENT)
}

/// A proof that this node showed this version in this language at this moment: carried in the form,
/// made with the node's own key, so that nobody can claim to have listened longer than they did.
pub(crate) fn opening_proof(
    key: &[u8; 32],
    publication: &PublicationId,
    version: u32,
    language: &str,
    opened: Timestamp,
) -> String {
    let text = format!("{publication}/{version}/{language}/{}", opened.millis());
    format!("{}.{}", opened.millis(), kernel::blake3_keyed_hex(key, text.as_bytes()))
}

/// When the item was opened, if the proof is ours and not from another day.
pub(crate) fn read_proof(
    key: &[u8; 32],
    publication: &PublicationId,
    version: u32,
    language: &str,
    proof: &str,
    now: Timestamp,
) -> Option<Timestamp> {
    let opened = Timestamp::from_millis(proof.split_once('.')?.0.parse().ok()?);
    let ours = opening_proof(key, publication, version, language, opened);
    // Keyed hashes of both are compared, so that timing tells nothing about ours.
    let same = kernel::blake3_keyed_hex(key, ours.as_bytes())
        == kernel::blake3_keyed_hex(key, proof.as_bytes());
    (same && (0..=OPEN_MS_MAX).contains(&now.since(opened))).then_some(opened)
}

/// How long the road has been cut, in the largest unit that fits: a Fluent key and a number.
pub(crate) fn offline_words(since: Timestamp, now: Timestamp) -> (&'static str, i64) {
    let minutes = (now.since(since) / 60_000).max(1);
    match minutes {
        ..60 => ("portal-offline-minutes", minutes),
        60..2880 => ("portal-offline-hours", minutes / 60),
        _ => ("portal-offline-days", minutes / 1440),
    }
}

/// True when the typed words look like the number of a document: digits and a slash.
pub(crate) fn is_document_number(text: &str) -> bool {
    text.contains('/') && text.bytes().any(|byte| byte.is_ascii_digit()) && !fold(text).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> PublicationId {
        PublicationId::parse("0190af").expect("an id")
    }

    #[test]
    fn the_words_of_an_address_do_not_matter() {
        let written = address("news", "Hỗ trợ nước sinh hoạt: ai được?", &id());
        assert_eq!(written, "/tin/ho-tro-nuoc-sinh-hoat-ai-duoc-0190af");
        assert_eq!(id_in("ho-tro-nuoc-0190af"), Some(id()));
        assert_eq!(id_in("quite-other-words-0190af"), Some(id()));
        assert_eq!(id_in("0190af"), Some(id()));
        assert_eq!(id_in("tin-"), None);
        assert_eq!(id_in("tin-<script>"), None);
        assert_eq!(address(LEGAL_DOCUMENT, "ꪁꪫꪱꪣ", &id()), "/van-ban/tin-0190af");
    }

    #[test]
    fn four_fifths_of_the_time_must_have_passed() {
        let opened = Timestamp::from_millis(1_000_000);
        assert!(!had_time_to_hear(opened, opened.plus_seconds(79), 100_000));
        assert!(had_time_to_hear(opened, opened.plus_seconds(80), 100_000));
        assert!(!had_time_to_hear(opened, opened.plus_seconds(-5), 100_000));
        assert!(
            !had_time_to_hear(opened, opened.plus_seconds(500), 0),
            "there was nothing to hear"
        );
        assert!(!had_time_to_hear(opened, opened.plus_seconds(7 * 3600), 100_000), "another day");
    }

    #[test]
    fn a_proof_of_opening_cannot_be_moved_back_or_to_another_item() {
        let (key, now) = ([7; 32], Timestamp::from_millis(50_000_000));
        let opened = now.plus_seconds(-60);
        let proof = opening_proof(&key, &id(), 2, "tyz", opened);
        assert_eq!(read_proof(&key, &id(), 2, "tyz", &proof, now), Some(opened));
        let earlier = proof.replacen(
            &opened.millis().to_string(),
            &(opened.millis() - 90_000).to_string(),
            1,
        );
        assert_eq!(read_proof(&key, &id(), 2, "tyz", &earlier, now), None);
        assert_eq!(read_proof(&key, &id(), 3, "tyz", &proof, now), None);
        assert_eq!(read_proof(&key, &id(), 2, "vi", &proof, now), None);
        assert_eq!(read_proof(&[8; 32], &id(), 2, "tyz", &proof, now), None);
        for garbage in ["", ".", "x.y", "99999999999999999999.a"] {
            assert_eq!(read_proof(&key, &id(), 2, "tyz", garbage, now), None);
        }
    }

    #[test]
    fn time_without_the_hub_is_said_in_one_unit() {
        let now = Timestamp::from_millis(1_795_330_800_000);
        let ago = |minutes: i64| offline_words(now.plus_seconds(-60 * minutes), now);
        assert_eq!(ago(0), ("portal-offline-minutes", 1));
        assert_eq!(ago(59), ("portal-offline-minutes", 59));
        assert_eq!(ago(185), ("portal-offline-hours", 3));
        assert_eq!(ago(47 * 60), ("portal-offline-hours", 47));
        assert_eq!(ago(14 * 1440), ("portal-offline-days", 14));
        assert_eq!(offline_words(now.plus_seconds(600), now), ("portal-offline-minutes", 1));
    }

    #[test]
    fn document_numbers_are_told_from_dates_in_words() {
        assert!(is_document_number("330/QD-UBDT"));
        assert!(!is_document_number("nước sinh hoạt"));
        assert!(!is_document_number("và/hoặc"));
    }

    #[test]
    fn every_tile_has_a_voice_and_no_theme_stands_behind_two() {
        let mut themes: Vec<_> = TILES.iter().flat_map(|tile| tile.themes).collect();
        let all = themes.len();
        themes.sort_unstable();
        themes.dedup();
        assert_eq!(themes.len(), all);
        assert!(TILES.iter().all(|tile| voice::find("vi", tile.name).is_some()));
        assert_eq!(tile_of(&["thien".to_owned()]).map(|tile| tile.name), Some("thien-nhien"));
    }
}
