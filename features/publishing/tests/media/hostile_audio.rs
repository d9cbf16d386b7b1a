//! Recordings made or broken to do harm: whatever comes, a named problem or a shorter recording.

use std::sync::Once;

use ogg::PacketWriter;
use ogg::writing::PacketWriteEndInfo::{EndPage, EndStream};
use proptest::prelude::*;
use publishing::media::audio::{AudioProblem, Settings, Spoken, Warning, transcode};

use super::listening::{MATERIAL, TAGS, babble, hear, mono_wav, settings, wav};

/// Panics in decoders are caught on purpose; their messages would bury the tests' own.
fn quietly() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let ours = info.location().is_some_and(|place| {
                place.file().contains("publishing") || place.file().starts_with("tests")
            });
            if ours {
                usual(info);
            }
        }));
    });
}

fn strict() -> Settings {
    Settings { max_duration_ms: 10_000, bitrates_bps: vec![16_000], ..settings() }
}

fn attempt(upload: &[u8]) -> Result<Spoken, AudioProblem> {
    quietly();
    let outcome = transcode(upload, TAGS, &strict());
    if let Ok(spoken) = &outcome {
        let heard = hear(&spoken.files[0].bytes);
        assert!(heard.samples.len() <= 480_000);
    }
    outcome
}

#[test]
fn a_recording_cut_off_anywhere_is_a_problem_or_shorter() {
    let wav = mono_wav(16_000, &babble(16_000, 200.0, 2.0, 0.3));
    let material = MATERIAL.into_iter().chain([("wav", wav.as_slice(), 2_000)]);
    for (name, upload, ms) in material {
        for sixteenth in 0..16 {
            let part = &upload[..upload.len() * sixteenth / 16];
            match attempt(part) {
                Ok(spoken) => {
                    let shorter = spoken.files[0].duration_ms;
                    assert!(shorter < ms, "{name} {sixteenth}/16: {shorter} ms");
                }
                Err(AudioProblem::Empty) => assert!(
                    sixteenth <= 2,
                    "{name} {sixteenth}/16 has sound or is broken, but is not empty"
                ),
                Err(AudioProblem::NotAudio) => assert_eq!(sixteenth, 0, "{name}"),
                Err(AudioProblem::Damaged) => {}
                Err(problem) => panic!("{name} {sixteenth}/16: {problem}"),
            }
        }
    }
}

#[test]
fn formats_that_state_their_length_are_never_published_cut_off() {
    let wav = mono_wav(16_000, &babble(16_000, 200.0, 3.0, 0.3));
    let uploads = [("wav", wav.as_slice()), ("mp3", MATERIAL[0].1), ("mp4", MATERIAL[1].1)];
    for (name, upload) in uploads {
        let half = attempt(&upload[..upload.len() / 2]);
        assert_eq!(half, Err(AudioProblem::Damaged), "{name}");
    }
}

#[test]
fn formats_that_do_not_are_passed_on_with_a_warning() {
    for (name, upload, _) in MATERIAL {
        if ["vorbis", "opus", "webm", "live webm"].contains(&name) {
            // Cut in the middle of something, with most of the recording there.
            let spoken = attempt(&upload[..upload.len() * 7 / 8 - 3]).expect(name);
            assert!(spoken.warnings.contains(&Warning::CutOff), "{name}: {:?}", spoken.warnings);
        }
    }
}

#[test]
fn a_page_lost_in_an_ogg_file_is_a_gap_and_not_the_end() {
    let upload = mono_wav(16_000, &babble(16_000, 200.0, 4.0, 0.3));
    let mut file = transcode(&upload, TAGS, &strict()).expect("good").files.swap_remove(0).bytes;
    let middle = file.len() / 2;
    file[middle] ^= 1;
    let spoken = attempt(&file).expect("three of four seconds are good");
    assert!(matches!(spoken.warnings[..], [Warning::Gaps { count: 1..=3 }]));
    assert!((2_900..=4_000).contains(&spoken.files[0].duration_ms));
}

#[test]
fn two_recordings_in_one_ogg_file_are_refused_rather_than_halved() {
    let (_, opus, _) = MATERIAL[5];
    let problem = AudioProblem::Unsupported { format: "chained Ogg" };
    assert_eq!(attempt(&[opus, opus].concat()), Err(problem));
}

#[test]
fn one_flipped_byte_never_does_harm() {
    for (_, upload, _) in MATERIAL {
        // Headers closely, the rest in larger steps.
        for place in (0..240).step_by(29).chain((240..upload.len()).step_by(2_003)) {
            let mut bent = upload.to_vec();
            bent[place] ^= 0x55;
            let _either = attempt(&bent);
        }
    }
}

#[test]
fn floating_point_that_is_no_number_becomes_silence() {
    let bad = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN_POSITIVE];
    let data: Vec<u8> = bad.repeat(4_000).iter().flat_map(|s| s.to_le_bytes()).collect();
    let spoken = attempt(&wav(3, 1, 48_000, 32, &data)).expect("readable");
    assert!(spoken.loudness_lufs.is_some_and(f64::is_finite));
    assert!(hear(&spoken.files[0].bytes).samples.iter().all(|s| s.is_finite() && s.abs() < 2.0));
}

#[test]
fn impossible_wav_headers_are_damage() {
    for (channels, rate, bits) in [
        (0, 48_000, 16),
        (1, 0, 16),
        (1, 1, 16),
        (1, u32::MAX, 16),
        (1, 48_000, 0),
        (65_535, 8_000, 8),
    ] {
        let mut upload = wav(1, 1, 8_000, 16, &[1; 4_000]);
        upload[22..24].copy_from_slice(&u16::to_le_bytes(channels));
        upload[24..28].copy_from_slice(&u32::to_le_bytes(rate));
        upload[34..36].copy_from_slice(&u16::to_le_bytes(bits));
        let outcome = attempt(&upload);
        assert!(
            matches!(outcome, Err(AudioProblem::Damaged | AudioProblem::Unsupported { .. })),
            "{channels} {rate} {bits}: {outcome:?}"
        );
    }
}

#[test]
fn sizes_of_terabytes_cost_nothing() {
    let huge_block =
        b"fLaC\0\0\0\x22".iter().copied().chain([0x10; 34]).chain([0x84, 255, 255, 255]);
    let uploads: [Vec<u8>; 5] = [
        // An EBML element of 2^55 bytes.
        b"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff\x63\xa2\x01\x7f\xff\xff\xff\xff\xff\xff"
            .to_vec(),
        // An MP4 box of 2^62 bytes.
        b"\0\0\0\x10ftypM4A \0\0\0\0\0\0\0\x01moov\x40\0\0\0\0\0\0\0".to_vec(),
        // A sample table of four thousand million entries.
        b"\0\0\0\x10ftypM4A \0\0\0\0\0\0\0\x24moov\0\0\0\x1cstsz\0\0\0\0\0\0\0\0\xff\xff\xff\xff\0\0\0\0"
            .to_vec(),
        huge_block.collect(),
        b"ID3\x04\0\0\x7f\x7f\x7f\x7fxx".to_vec(),
    ];
    for upload in uploads {
        let outcome = attempt(&upload);
        assert!(
            matches!(
                outcome,
                Err(AudioProblem::Damaged
                    | AudioProblem::NotAudio
                    | AudioProblem::Unsupported { .. })
            ),
            "{outcome:?}"
        );
    }
}

#[test]
fn a_vorbis_header_of_gigabytes_is_refused_unread() {
    // 200 codebooks of 131,072 entries in 32 dimensions: 3 GB out of a page or two.
    let mut bits: Vec<bool> = Vec::new();
    let mut put = |value: u64, width: u32| bits.extend((0..width).map(|n| value >> n & 1 == 1));
    put(199, 8);
    for _ in 0..200 {
        for (value, width) in [
            (0x56_43_42, 24),
            (32, 16),
            (131_072, 24),
            (1, 1),
            (16, 5),
            (131_072, 18),
            (1, 4),
            (0, 60),
            (0, 9),
        ] {
            put(value, width);
        }
    }
    let mut setup = b"\x05vorbis".to_vec();
    setup.extend(
        bits.chunks(8).map(|byte| {
            byte.iter().enumerate().fold(0u8, |sum, (n, bit)| sum | u8::from(*bit) << n)
        }),
    );
    let ident = b"\x01vorbis\0\0\0\0\x01\x44\xac\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xb8\x01".to_vec();
    let mut file = Vec::new();
    let mut writer = PacketWriter::new(&mut file);
    writer.write_packet(ident, 1, EndPage, 0).expect("writes to memory");
    writer
        .write_packet(b"\x03vorbis\0\0\0\0\0\0\0\0\x01".to_vec(), 1, EndPage, 0)
        .expect("writes to memory");
    writer.write_packet(setup, 1, EndPage, 0).expect("writes to memory");
    writer.write_packet(vec![0; 50], 1, EndStream, 1_000).expect("writes to memory");
    assert!(file.len() < 10_000);
    assert_eq!(attempt(&file), Err(AudioProblem::Damaged));
}

const MAGICS: [&[u8]; 9] = [
    b"",
    b"ID3\x04\0\0\0\0\0\x02xx\xff\xfb\x90\x64",
    b"\xff\xf1\x50\x80\x02\x1f\xfc",
    b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\0\0\0\0",
    b"fLaC\0\0\0\x22",
    b"OggS\0\x02\0\0\0\0\0\0\0\0",
    b"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff",
    b"\0\0\0\x10ftypM4A \0\0\0\0",
    b"#!AMR",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(
        magic in 0..MAGICS.len(),
        noise in proptest::collection::vec(any::<u8>(), 0..4_000),
    ) {
        let _either = attempt(&[MAGICS[magic], &noise].concat());
    }

    #[test]
    fn recordings_with_pieces_overwritten_moved_or_left_out_never_panic(
        which in 0..MATERIAL.len(),
        from in 0.0..1.0f64,
        length in 1usize..300,
        noise in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        let (_, upload, _) = MATERIAL[which];
        let from = (upload.len() as f64 * from) as usize;
        let to = (from + length).min(upload.len());
        let _either = attempt(&[&upload[..from], &noise, &upload[to..]].concat());
    }
}
