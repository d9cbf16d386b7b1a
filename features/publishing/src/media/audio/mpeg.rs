//! MPEG frame headers and ID3 tags: just enough to know an MP3 or AAC stream when one is seen.
//!
//! Decoding them is done elsewhere.

/// What a chain of MPEG headers turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MpegKind {
    /// MPEG 1, 2 or 2.5 Layer III.
    LayerThree,
    /// Layers I and II.
    OtherLayer,
    /// AAC in ADTS frames.
    Adts,
}

const LAYER3_V1_KBPS: [u32; 15] =
    [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const LAYER3_V2_KBPS: [u32; 15] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const LAYER2_V1_KBPS: [u32; 15] =
    [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384];

/// The sound without the tags around it (ID3v2 in front, ID3v1 behind), which may hold pictures.
pub(super) fn without_id3(mut data: &[u8]) -> &[u8] {
    while let Some(rest) = data.strip_prefix(b"ID3").filter(|rest| rest.len() >= 7) {
        let size =
            rest[3..7].iter().fold(0usize, |size, byte| size << 7 | usize::from(byte & 0x7f));
        let footer = if rest[2] & 0x10 == 0 { 0 } else { 10 };
        data = data.get(10 + size + footer..).unwrap_or_default();
    }
    if data.len() > 128 && data[data.len() - 128..].starts_with(b"TAG") {
        data = &data[..data.len() - 128];
    }
    data
}

/// Finds three headers that follow one another (or run to the end) within the first 8 KiB.
pub(super) fn recognise(data: &[u8]) -> Option<MpegKind> {
    let window = data.len().min(8192);
    (0..window).find_map(|start| chain(&data[start..]))
}

fn chain(data: &[u8]) -> Option<MpegKind> {
    let (kind, mut at) = header(data)?;
    for _ in 0..2 {
        if at == data.len() {
            break;
        }
        let (next, length) = header(data.get(at..)?)?;
        if next != kind {
            return None;
        }
        at += length;
    }
    Some(kind)
}

/// Kind and length in bytes of the frame that begins here (ISO/IEC 11172-3, 13818-3, 13818-7).
fn header(data: &[u8]) -> Option<(MpegKind, usize)> {
    let h: [u8; 4] = data.get(..4)?.try_into().ok()?;
    if h[0] != 0xff || h[1] & 0xe0 != 0xe0 {
        return None;
    }
    let version = (h[1] >> 3) & 3;
    let layer = (h[1] >> 1) & 3;
    if layer == 0 {
        return adts(data, h).map(|length| (MpegKind::Adts, length));
    }
    let bitrate = usize::from(h[2] >> 4);
    let rate_index = usize::from((h[2] >> 2) & 3);
    if version == 1 || bitrate == 0 || bitrate == 15 || rate_index == 3 {
        return None;
    }
    let divisor = [4, 0, 2, 1][usize::from(version)];
    let rate = [44_100, 48_000, 32_000][rate_index] / divisor;
    let padding = u32::from((h[2] >> 1) & 1);
    let (kind, length) = match (layer, version) {
        (1, 3) => (MpegKind::LayerThree, 144_000 * LAYER3_V1_KBPS[bitrate] / rate + padding),
        (1, _) => (MpegKind::LayerThree, 72_000 * LAYER3_V2_KBPS[bitrate] / rate + padding),
        (2, 3) => (MpegKind::OtherLayer, 144_000 * LAYER2_V1_KBPS[bitrate] / rate + padding),
        (2, _) => (MpegKind::OtherLayer, 144_000 * LAYER3_V2_KBPS[bitrate] / rate + padding),
        // Layer I is too rare to be worth its table; it is called unknown.
        _ => return None,
    };
    Some((kind, length as usize))
}

fn adts(data: &[u8], h: [u8; 4]) -> Option<usize> {
    let rate_index = (h[2] >> 2) & 15;
    if h[1] & 0xf0 != 0xf0 || rate_index > 12 {
        return None;
    }
    let length = usize::from(h[3] & 3) << 11
        | usize::from(*data.get(4)?) << 3
        | usize::from(*data.get(5)? >> 5);
    (length > 7).then_some(length)
}
