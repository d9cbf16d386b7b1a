//! What an upload is, told from its first bytes and never from its name.

use super::AudioProblem;
use super::mpeg::{self, MpegKind};

/// Containers that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Wav,
    Flac,
    Mp3,
    Adts,
    Mp4,
    Ogg,
    Matroska,
}

/// Sound formats that people do bring and that are refused by name.
const REFUSED: [(&[u8], &str); 12] = [
    (b"#!AMR", "AMR"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "WMA"),
    (b"caff", "CAF"),
    (b"MThd", "MIDI"),
    (b"MAC ", "Monkey's Audio"),
    (b"wvpk", "WavPack"),
    (b".snd", "Sun AU"),
    (b"DSD ", "DSD"),
    (b".RMF", "RealMedia"),
    (b"#!SILK", "SILK"),
    (b"RF64", "RF64"),
    (b"TTA1", "True Audio"),
];

/// Recognises an upload.
///
/// # Errors
/// [`AudioProblem::Unsupported`] for a known format that is not read,
/// [`AudioProblem::NotAudio`] for everything else.
pub(super) fn of(upload: &[u8]) -> Result<Kind, AudioProblem> {
    let unsupported = |format| Err(AudioProblem::Unsupported { format });
    if let Some((_, format)) = REFUSED.iter().find(|(magic, _)| upload.starts_with(magic)) {
        return unsupported(format);
    }
    let form = upload.get(8..12).unwrap_or_default();
    if upload.starts_with(b"RIFF") {
        return if form == b"WAVE" { Ok(Kind::Wav) } else { Err(AudioProblem::NotAudio) };
    }
    if upload.starts_with(b"FORM") && (form == b"AIFF" || form == b"AIFC") {
        return unsupported("AIFF");
    }
    if upload.starts_with(b"OggS") {
        return Ok(Kind::Ogg);
    }
    if upload.starts_with(b"\x1a\x45\xdf\xa3") {
        return Ok(Kind::Matroska);
    }
    match upload.get(4..8).unwrap_or_default() {
        b"ftyp" if is_still_picture(form) => return Err(AudioProblem::NotAudio),
        b"ftyp" | b"moov" => return Ok(Kind::Mp4),
        _ => {}
    }
    let sound = mpeg::without_id3(upload);
    if sound.starts_with(b"fLaC") {
        return Ok(Kind::Flac);
    }
    match mpeg::recognise(sound) {
        Some(MpegKind::LayerThree) => Ok(Kind::Mp3),
        Some(MpegKind::Adts) => Ok(Kind::Adts),
        Some(MpegKind::OtherLayer) => unsupported("MPEG Layer II"),
        None => Err(AudioProblem::NotAudio),
    }
}

/// HEIC and AVIF pictures wear the same coat as MP4.
fn is_still_picture(brand: &[u8]) -> bool {
    matches!(brand, b"heic" | b"heix" | b"heif" | b"mif1" | b"msf1" | b"avif" | b"avis")
}
