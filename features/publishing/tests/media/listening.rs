//! What the tests hear with: recordings written by hand, and finished files taken apart again.

use std::io::Cursor;

use ogg::PacketReader;
use publishing::media::audio::{Settings, Tags};
use ropus::{Channels, DecodeMode, Decoder};

pub const TAGS: Tags<'static> =
    Tags { title: "Khám bệnh miễn phí cho người cao tuổi", language: "vi" };

/// The usual settings.
pub fn settings() -> Settings {
    Settings::for_serial(7)
}

/// A tone that swells and fades four times a second, somewhat like syllables.
pub fn babble(rate: u32, hz: f64, seconds: f64, amplitude: f64) -> Vec<f64> {
    let count = (f64::from(rate) * seconds).round() as u32;
    (0..count)
        .map(|n| {
            let t = f64::from(n) / f64::from(rate);
            let swell = 0.55 - 0.45 * (t * 4.0 * std::f64::consts::TAU).cos();
            let tone = (t * hz * std::f64::consts::TAU).sin()
                + 0.4 * (t * 2.0 * hz * std::f64::consts::TAU).sin();
            amplitude * swell * tone / 1.4
        })
        .collect()
}

pub fn as_i16(samples: &[f64]) -> Vec<u8> {
    samples.iter().flat_map(|s| ((s * 32_767.0) as i16).to_le_bytes()).collect()
}

/// A WAV file. `tag` 1 is PCM, 3 is floating point.
pub fn wav(tag: u16, channels: u16, rate: u32, bits: u16, data: &[u8]) -> Vec<u8> {
    let block = channels * bits / 8;
    let mut file = b"RIFF".to_vec();
    file.extend((36 + data.len() as u32).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16u32.to_le_bytes());
    file.extend(tag.to_le_bytes());
    file.extend(channels.to_le_bytes());
    file.extend(rate.to_le_bytes());
    file.extend((rate * u32::from(block)).to_le_bytes());
    file.extend(block.to_le_bytes());
    file.extend(bits.to_le_bytes());
    file.extend(b"data");
    file.extend((data.len() as u32).to_le_bytes());
    file.extend(data);
    file
}

/// 16-bit mono, the commonest kind.
pub fn mono_wav(rate: u32, samples: &[f64]) -> Vec<u8> {
    wav(1, 1, rate, 16, &as_i16(samples))
}

/// A finished file, taken apart.
pub struct Heard {
    pub head: Vec<u8>,
    pub comments: Vec<String>,
    pub serial: u32,
    /// Granule position of each page that ends with a sound packet.
    pub page_ends: Vec<u64>,
    pub closed: bool,
    pub pre_skip: u64,
    /// 48 kHz, encoder delay and end padding cut off as the file says.
    pub samples: Vec<f32>,
}

/// Reads a finished file with an Ogg reader and a decoder that had no part in making it.
pub fn hear(file: &[u8]) -> Heard {
    let mut reader = PacketReader::new(Cursor::new(file));
    let head = reader.read_packet().expect("as the test made it").expect("a first packet");
    assert!(head.first_in_stream() && head.last_in_page());
    let tags = reader.read_packet().expect("as the test made it").expect("a second packet");
    assert!(tags.last_in_page());
    let pre_skip = u64::from(u16::from_le_bytes([head.data[10], head.data[11]]));
    let mut decoder = Decoder::new(48_000, Channels::Mono).expect("as the test made it");
    let (mut all, mut page_ends, mut closed) = (Vec::new(), Vec::new(), false);
    while let Some(packet) = reader.read_packet().expect("as the test made it") {
        assert!(!closed, "nothing follows the end");
        let mut frame = vec![0.0; 5_760];
        let length = decoder
            .decode_float(&packet.data, &mut frame, DecodeMode::Normal)
            .expect("as the test made it");
        all.extend_from_slice(&frame[..length]);
        if packet.last_in_page() {
            page_ends.push(packet.absgp_page());
        }
        closed = packet.last_in_stream();
    }
    let end = *page_ends.last().expect("at least one page of sound");
    assert!(all.len() as u64 >= end && all.len() as u64 - end < 960, "padding is under a frame");
    let samples = all[usize::try_from(pre_skip).expect("as the test made it")
        ..usize::try_from(end).expect("as the test made it")]
        .to_vec();
    Heard {
        comments: comments(&tags.data),
        serial: head.stream_serial(),
        head: head.data,
        page_ends,
        closed,
        pre_skip,
        samples,
    }
}

fn comments(packet: &[u8]) -> Vec<String> {
    let mut rest = packet.strip_prefix(b"OpusTags").expect("the magic of the tags");
    let number = |rest: &mut &[u8]| {
        let (four, after) = rest.split_first_chunk::<4>().expect("a length");
        *rest = after;
        u32::from_le_bytes(*four) as usize
    };
    let vendor = number(&mut rest);
    rest = &rest[vendor..];
    let count = number(&mut rest);
    let fields = (0..count)
        .map(|_| {
            let length = number(&mut rest);
            let (text, after) = rest.split_at(length);
            rest = after;
            String::from_utf8(text.to_vec()).expect("UTF-8")
        })
        .collect();
    assert!(rest.is_empty());
    fields
}

pub fn rms(samples: &[f32]) -> f64 {
    let sum: f64 = samples.iter().map(|s| f64::from(*s).powi(2)).sum();
    (sum / samples.len() as f64).sqrt()
}

/// How alike two recordings are, whatever their level and up to half a millisecond of delay
/// either way: 1 is the same.
pub fn likeness_nearby(a: &[f32], b: &[f64]) -> f64 {
    let shifts = (0..=24).step_by(4);
    let late = shifts.clone().map(|by| likeness(&a[by..], b));
    let early = shifts.map(|by| likeness(a, &b[by..]));
    late.chain(early).fold(-1.0, f64::max)
}

fn likeness(a: &[f32], b: &[f64]) -> f64 {
    let dot: f64 = a.iter().zip(b).map(|(a, b)| f64::from(*a) * b).sum();
    let aa: f64 = a.iter().map(|a| f64::from(*a).powi(2)).sum();
    let bb: f64 = b.iter().map(|b| b.powi(2)).sum();
    dot / (aa * bb).sqrt()
}

/// How loud each tenth of a second is, relative to the whole.
pub fn rhythm(samples: &[f32]) -> Vec<f64> {
    let whole = rms(samples);
    samples.chunks(4_800).map(|tenth| rms(tenth) / whole).collect()
}

pub const MATERIAL: [(&str, &[u8], u64); 9] = [
    ("mp3", include_bytes!("../material/speech.mp3"), 3_000),
    ("m4a", include_bytes!("../material/speech.m4a"), 2_000),
    ("aac", include_bytes!("../material/speech.aac"), 2_000),
    ("flac", include_bytes!("../material/speech.flac"), 600),
    ("vorbis", include_bytes!("../material/speech_vorbis.ogg"), 3_000),
    ("opus", include_bytes!("../material/speech_opus.ogg"), 3_000),
    ("webm", include_bytes!("../material/speech_opus.webm"), 3_000),
    ("live webm", include_bytes!("../material/speech_live.webm"), 3_000),
    ("opus in mp4", include_bytes!("../material/speech_opus.mp4"), 3_000),
];
