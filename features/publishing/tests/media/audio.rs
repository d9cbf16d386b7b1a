//! Recordings as people bring them.

use publishing::media::audio::{AudioProblem, OpusFile, Spoken, Tags, Warning, transcode};

use super::listening::{
    MATERIAL, TAGS, as_i16, babble, hear, likeness_nearby, mono_wav, rhythm, rms, settings, wav,
};

fn spoken(upload: &[u8]) -> Spoken {
    transcode(upload, TAGS, &settings()).expect("a good recording")
}

fn first(upload: &[u8]) -> OpusFile {
    spoken(upload).files.swap_remove(0)
}

#[test]
fn every_accepted_format_becomes_two_files_that_play_as_long_and_can_be_heard() {
    for (name, upload, expected_ms) in MATERIAL {
        let spoken = transcode(upload, TAGS, &settings());
        let spoken = spoken.unwrap_or_else(|problem| panic!("{name}: {problem}"));
        assert_eq!(spoken.warnings, [], "{name}");
        assert_eq!(spoken.files.len(), 2, "{name}");
        for file in &spoken.files {
            // AAC keeps its encoder's delay and padding: up to two frames of 1,024 samples.
            let off = file.duration_ms.abs_diff(expected_ms);
            assert!(
                off <= if ["m4a", "aac"].contains(&name) { 93 } else { 20 },
                "{name}: {} ms for {expected_ms}",
                file.duration_ms
            );
            let heard = hear(&file.bytes);
            let heard_ms = heard.samples.len() as u64 / 48;
            assert!(heard_ms.abs_diff(file.duration_ms) <= 20, "{name}: {heard_ms} ms");
            assert!(rms(&heard.samples) > 0.03, "{name} is too quiet: {}", rms(&heard.samples));
        }
        assert!(spoken.files[0].bytes.len() < spoken.files[1].bytes.len(), "{name}");
    }
}

#[test]
fn all_formats_speak_the_same_sentence() {
    let mut rhythms = MATERIAL.iter().filter(|(_, _, ms)| *ms >= 2_000).map(|(name, upload, _)| {
        let heard = hear(&first(upload).bytes);
        (*name, rhythm(&heard.samples[..96_000 - 4_800]))
    });
    let (_, reference) = rhythms.next().expect("material");
    for (name, rhythm) in rhythms {
        let off: f64 = reference.iter().zip(&rhythm).map(|(a, b)| (a - b).abs()).sum();
        let off = off / reference.len() as f64;
        assert!(off < 0.25, "{name} is {off} away");
    }
}

#[test]
fn the_finished_file_is_ogg_opus_as_rfc_7845_asks() {
    let samples = babble(44_100, 180.0, 2.5, 0.3);
    let spoken = spoken(&mono_wav(44_100, &samples));
    for (file, (serial, bitrate)) in spoken.files.iter().zip([(7, 16_000), (8, 24_000)]) {
        let heard = hear(&file.bytes);
        assert_eq!((heard.serial, file.bitrate_bps), (serial, bitrate));
        assert_eq!(&heard.head[..10], b"OpusHead\x01\x01");
        assert_eq!(&heard.head[12..], [0x44, 0xac, 0, 0, 0, 0, 0], "44,100 Hz, no gain, family 0");
        assert_eq!(heard.comments, ["TITLE=Khám bệnh miễn phí cho người cao tuổi", "LANGUAGE=vi"]);
        assert!(heard.closed);
        // A page each second, counted from the encoder's first sample, and the last one exact.
        assert_eq!(heard.page_ends, [48_000, 96_000, heard.pre_skip + 120_000]);
        assert_eq!(file.duration_ms, 2_500);
    }
}

#[test]
fn recordings_of_any_length_end_exactly_where_they_should() {
    // Around the borders of frames (960) and pages (48,000), encoder delay included.
    for count in [1, 2, 300, 647, 648, 649, 959, 960, 961, 47_687, 47_688, 47_689, 48_000, 48_001] {
        let samples = vec![0.25; count];
        let file = first(&mono_wav(48_000, &samples));
        assert_eq!(hear(&file.bytes).samples.len(), count);
    }
}

#[test]
fn the_same_upload_gives_the_same_bytes() {
    let upload = mono_wav(16_000, &babble(16_000, 150.0, 1.0, 0.5));
    assert_eq!(spoken(&upload), spoken(&upload));
}

#[test]
fn every_sample_rate_keeps_length_and_pitch() {
    for rate in [8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 44_056, 48_000, 96_000] {
        let file = first(&mono_wav(rate, &babble(rate, 200.0, 1.5, 0.4)));
        let heard = hear(&file.bytes);
        assert!(heard.samples.len().abs_diff(72_000) <= 3, "{rate}: {}", heard.samples.len());
        // Compared with the same sound made at 48 kHz: the codec's own
        // filters shift it by a third of a millisecond, and half a millisecond would fail this.
        let alike = likeness_nearby(&heard.samples, &babble(48_000, 200.0, 1.5, 0.4));
        assert!(alike > 0.95, "{rate} Hz: {alike}");
    }
}

#[test]
fn all_kinds_of_wav_samples_are_read_alike() {
    let sound = babble(24_000, 200.0, 1.0, 0.5);
    let stereo: Vec<f64> = sound.iter().flat_map(|s| [*s, *s]).collect();
    let per = |to: fn(f64) -> Vec<u8>| sound.iter().flat_map(|s| to(*s)).collect::<Vec<u8>>();
    let uploads = [
        mono_wav(24_000, &sound),
        wav(1, 2, 24_000, 16, &as_i16(&stereo)),
        wav(1, 1, 24_000, 8, &per(|s| vec![(s * 127.0 + 128.0) as u8])),
        wav(1, 1, 24_000, 24, &per(|s| ((s * 8_388_607.0) as i32).to_le_bytes()[..3].to_vec())),
        wav(1, 1, 24_000, 32, &per(|s| ((s * 2_147_483_647.0) as i32).to_le_bytes().to_vec())),
        wav(3, 1, 24_000, 32, &per(|s| (s as f32).to_le_bytes().to_vec())),
        wav(3, 1, 24_000, 64, &per(|s| s.to_le_bytes().to_vec())),
    ];
    for (kind, upload) in uploads.iter().enumerate() {
        let heard = hear(&first(upload).bytes);
        let alike = likeness_nearby(&heard.samples, &babble(48_000, 200.0, 1.0, 0.5));
        assert!(alike > 0.95, "kind {kind}: {alike}");
    }
}

#[test]
fn a_voice_on_one_channel_only_is_heard_as_loud() {
    let sound = babble(48_000, 200.0, 2.0, 0.2);
    let one_sided: Vec<f64> = sound.iter().flat_map(|s| [*s, 0.0]).collect();
    let both = rms(&hear(&first(&mono_wav(48_000, &sound)).bytes).samples);
    let one = wav(1, 2, 48_000, 16, &as_i16(&one_sided));
    let one = rms(&hear(&first(&one).bytes).samples);
    assert!((both / one - 1.0).abs() < 0.05, "{both} {one}");
}

#[test]
fn quiet_and_loud_speakers_come_out_equally_loud_and_never_clipped() {
    let mut levels = Vec::new();
    for amplitude in [0.04, 0.1, 0.5, 1.0] {
        let upload = mono_wav(22_050, &babble(22_050, 300.0, 3.0, amplitude));
        let heard = hear(&first(&upload).bytes);
        let peak = heard.samples.iter().fold(0f32, |peak, s| peak.max(s.abs()));
        assert!(peak < 1.0, "{amplitude}: {peak}");
        levels.push(20.0 * rms(&heard.samples).log10());
    }
    let spread = levels.iter().fold(f64::MIN, |a, b| a.max(*b))
        - levels.iter().fold(f64::MAX, |a, b| a.min(*b));
    assert!(spread < 1.0, "{levels:?}");
    // A 300 Hz tone weighs about what BS.1770 says of full scale: −16 LUFS is near −15 dB RMS.
    assert!(levels.iter().all(|level| (-19.0..-13.0).contains(level)), "{levels:?}");
}

#[test]
fn silence_is_passed_on_with_a_warning() {
    let spoken = spoken(&mono_wav(16_000, &vec![0.0; 16_000]));
    assert_eq!(spoken.warnings, [Warning::Silent]);
    assert_eq!(spoken.loudness_lufs, None);
    assert!(rms(&hear(&spoken.files[0].bytes).samples) < 1e-4);
}

#[test]
fn bit_rates_are_the_callers_choice_and_impossible_ones_are_refused() {
    let upload = mono_wav(16_000, &babble(16_000, 200.0, 1.0, 0.3));
    let mut settings = settings();
    settings.bitrates_bps = vec![12_000, 32_000, 48_000];
    let spoken = transcode(&upload, TAGS, &settings).expect("three voices");
    let sizes: Vec<usize> = spoken.files.iter().map(|file| file.bytes.len()).collect();
    assert!(sizes.is_sorted() && sizes[0] * 2 < sizes[2], "{sizes:?}");
    settings.bitrates_bps = vec![0];
    assert_eq!(transcode(&upload, TAGS, &settings), Err(AudioProblem::Encoder));
}

#[test]
fn titles_cannot_break_out_of_their_field() {
    let tags = Tags { title: "Dòng một\nARTIST=giả\0", language: "vi\r" };
    let upload = mono_wav(16_000, &[0.1; 1_600]);
    let spoken = transcode(&upload, tags, &settings()).expect("a good recording");
    assert_eq!(
        hear(&spoken.files[0].bytes).comments,
        ["TITLE=Dòng một ARTIST=giả ", "LANGUAGE=vi "]
    );
    let long = "ữ".repeat(2_000);
    let tags = Tags { title: &long, language: "vi" };
    let spoken = transcode(&upload, tags, &settings()).expect("a good recording");
    assert_eq!(hear(&spoken.files[0].bytes).comments[0].chars().count(), 506);
}

#[test]
fn length_is_limited_whether_or_not_the_file_admits_it() {
    let mut settings = settings();
    settings.max_duration_ms = 1_000;
    let too_long = Err(AudioProblem::TooLong { limit_ms: 1_000 });
    let mut upload = mono_wav(8_000, &vec![0.1; 8_008]);
    assert_eq!(transcode(&upload, TAGS, &settings), too_long);
    // "Until the end", as recorders write that stream.
    upload[40..44].fill(0xff);
    assert_eq!(transcode(&upload, TAGS, &settings), too_long);
    for (name, upload, ms) in MATERIAL {
        if ms > 1_000 {
            assert_eq!(transcode(upload, TAGS, &settings), too_long, "{name}");
        }
    }
    let fits = mono_wav(8_000, &vec![0.1; 8_000]);
    assert!(transcode(&fits, TAGS, &settings).is_ok());
}

#[test]
fn size_is_limited_before_anything_is_read() {
    let mut settings = settings();
    settings.max_upload_bytes = 10;
    let problem = AudioProblem::TooLarge { limit_bytes: 10 };
    assert_eq!(transcode(&[0; 11], TAGS, &settings), Err(problem));
}

#[test]
fn no_sound_is_its_own_problem() {
    for upload in [vec![], mono_wav(48_000, &[])] {
        assert_eq!(transcode(&upload, TAGS, &settings()), Err(AudioProblem::Empty));
    }
}

#[test]
fn what_is_not_sound_is_called_so_whatever_its_name_was() {
    let uploads: [&[u8]; 8] = [
        b"x",
        b"<!doctype html><p>speech.mp3",
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        b"PK\x03\x04\x14\0\0\0\x08\0",
        b"\xff\xd8\xff\xe0\0\x10JFIF\0",
        b"\0\0\0\x18ftypheic\0\0\0\0",
        b"RIFF\x10\0\0\0WEBPVP8 ",
        "Thông báo khám bệnh".as_bytes(),
    ];
    for upload in uploads {
        assert_eq!(transcode(upload, TAGS, &settings()), Err(AudioProblem::NotAudio));
    }
}

#[test]
fn formats_that_are_not_read_are_refused_by_name() {
    let adpcm = wav(0x11, 1, 8_000, 8, &[0; 64]);
    let uploads: [(&[u8], &str); 7] = [
        (b"#!AMR\n\x3c\0\0", "AMR"),
        (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9", "WMA"),
        (b"FORM\0\0\0\x20AIFFCOMM", "AIFF"),
        (&adpcm, "WAV with ADPCM"),
        (include_bytes!("../material/refused_alac.m4a"), "ALAC"),
        (include_bytes!("../material/refused_layer2.mp2"), "MPEG Layer II"),
        (b"RF64\xff\xff\xff\xffWAVEds64", "RF64"),
    ];
    for (upload, format) in uploads {
        let problem = AudioProblem::Unsupported { format };
        assert_eq!(transcode(upload, TAGS, &settings()), Err(problem));
    }
}

#[test]
fn pictures_in_tags_are_passed_over() {
    let (_, mp3, _) = MATERIAL[0];
    // Another tag in front, with 100 kB in it that look like frames of sound.
    let mut upload = b"ID3\x04\0\0\0\x06\x0d\x20".to_vec();
    upload.extend([0xff, 0xfb, 0x90, 0x64].repeat(25_000));
    upload.extend(mp3);
    upload.extend(b"TAG");
    upload.extend([b'x'; 125]);
    assert_eq!(first(&upload), first(mp3));
}
