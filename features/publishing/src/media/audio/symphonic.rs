//! MP3, AAC, MP4, WAV and FLAC, through the symphonia decoders.
//!
//! Each file is handed over without what only costs memory: see `stripped`.
//! symphonia has no Opus decoder; Opus in MP4 goes to ours.

use std::io::{Cursor, Read};

use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::well_known::{
    CODEC_ID_AAC, CODEC_ID_AC3, CODEC_ID_ALAC, CODEC_ID_EAC3, CODEC_ID_OPUS,
};
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream, ReadOnlySource};
use symphonia::default::formats::{AdtsReader, FlacReader, IsoMp4Reader, MpaReader, WavReader};

use super::AudioProblem;
use super::kind::Kind;
use super::mpeg::without_id3;
use super::opus_in::{self, OpusStream};
use super::source::{Defects, Source, mix_down};
use super::stripped::{Wav, flac_without_tags, mp4_is_whole_and_modest};

/// Packets of other tracks (a film's pictures) to pass over before giving up.
const MAX_FOREIGN_PACKETS: u32 = 5_000_000;

/// Longest silence put in for one unreadable packet, in samples.
const MAX_GAP_FRAMES: usize = 8_192;

pub(super) fn open(kind: Kind, upload: &[u8]) -> Result<Box<dyn Source + '_>, AudioProblem> {
    let mut declared = None;
    let options = FormatOptions::default();
    let reader: Result<Box<dyn FormatReader + '_>, Error> = match kind {
        Kind::Wav => {
            let wav = Wav::find(upload)?;
            declared = wav.declared_frames;
            let sound = Cursor::new(wav.header).chain(Cursor::new(wav.data));
            WavReader::try_new(forward_only(sound), options).map(|reader| Box::new(reader) as _)
        }
        Kind::Flac => {
            let (header, frames) = flac_without_tags(without_id3(upload))?;
            let sound = Cursor::new(header).chain(Cursor::new(frames));
            FlacReader::try_new(forward_only(sound), options).map(|reader| Box::new(reader) as _)
        }
        Kind::Adts => AdtsReader::try_new(forward_only(Cursor::new(without_id3(upload))), options)
            .map(|reader| Box::new(reader) as _),
        // Read forward only, it does not guess a length from the first bit rate.
        Kind::Mp3 => MpaReader::try_new(forward_only(Cursor::new(without_id3(upload))), options)
            .map(|reader| Box::new(reader) as _),
        Kind::Mp4 | Kind::Ogg | Kind::Matroska => {
            if !mp4_is_whole_and_modest(upload) {
                return Err(AudioProblem::Damaged);
            }
            IsoMp4Reader::try_new(stream(Box::new(Cursor::new(upload))), options)
                .map(|reader| Box::new(reader) as _)
        }
    };
    let reader = reader.map_err(|error| match error {
        Error::Unsupported(_) => AudioProblem::Unsupported { format: unsupported_name(upload) },
        _ => AudioProblem::Damaged,
    })?;
    Symphonic::open(reader, declared, upload).map(|source| Box::new(source) as _)
}

fn stream<'a>(source: Box<dyn MediaSource + 'a>) -> MediaSourceStream<'a> {
    MediaSourceStream::new(source, symphonia::core::io::MediaSourceStreamOptions::default())
}

fn forward_only<'a>(source: impl Read + Send + Sync + 'a) -> MediaSourceStream<'a> {
    stream(Box::new(ReadOnlySource::new(source)))
}

enum Codec {
    Symphonia(Box<dyn AudioDecoder>),
    Opus(Box<OpusStream>),
}

struct Symphonic<'a> {
    reader: Box<dyn FormatReader + 'a>,
    codec: Codec,
    track: u32,
    rate: u32,
    declared_frames: Option<u64>,
    /// Sound of the first packet, which had to be decoded to know the rate.
    first: Vec<f32>,
    interleaved: Vec<f32>,
    last_len: usize,
    foreign: u32,
    defects: Defects,
}

impl<'a> Symphonic<'a> {
    fn open(
        reader: Box<dyn FormatReader + 'a>,
        declared: Option<u64>,
        upload: &[u8],
    ) -> Result<Self, AudioProblem> {
        let unsupported = || AudioProblem::Unsupported { format: unsupported_name(upload) };
        let track = reader.first_track_known_codec(TrackType::Audio);
        let track =
            track.or_else(|| reader.first_track(TrackType::Audio)).ok_or_else(unsupported)?;
        let Some(CodecParameters::Audio(parameters)) = &track.codec_params else {
            return Err(unsupported());
        };
        let codec = decoder(parameters, unsupported)?;
        let declared_frames = declared.or(track.num_frames.filter(|_| {
            // In MP4 only the sound's own clock counts samples.
            let rate = parameters.sample_rate;
            track.time_base.is_none_or(|base| Some(base.denom.get()) == rate)
        }));
        let mut source = Self {
            track: track.id,
            codec,
            rate: parameters.sample_rate.unwrap_or(0),
            declared_frames,
            first: Vec::new(),
            interleaved: Vec::new(),
            last_len: 0,
            foreign: 0,
            defects: Defects::default(),
            reader,
        };
        source.begin()?;
        Ok(source)
    }

    /// Decodes up to the first sound: headers may be wrong about the rate, the decoder is not.
    fn begin(&mut self) -> Result<(), AudioProblem> {
        let stated = std::mem::take(&mut self.rate);
        let mut first = Vec::new();
        while first.is_empty() && self.decode_next(&mut first)? {}
        if self.rate != stated {
            self.declared_frames = None;
        }
        if first.is_empty() {
            // Without sound any rate will do; with sound, none does but the decoder's.
            self.rate = opus_in::RATE_HZ;
        }
        self.first = first;
        Ok(())
    }

    fn decode_next(&mut self, mono: &mut Vec<f32>) -> Result<bool, AudioProblem> {
        let packet = match self.reader.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) | Err(Error::ResetRequired) => return Ok(false),
            Err(Error::IoError(error)) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                self.defects.cut_off = true;
                return Ok(false);
            }
            Err(_) => return Err(AudioProblem::Damaged),
        };
        if packet.track_id != self.track {
            self.foreign += 1;
            let too_many = self.foreign > MAX_FOREIGN_PACKETS;
            return if too_many { Err(AudioProblem::Damaged) } else { Ok(true) };
        }
        let decoder = match &mut self.codec {
            Codec::Symphonia(decoder) => decoder,
            Codec::Opus(stream) => {
                self.rate = opus_in::RATE_HZ;
                stream.decode(&packet.data, &mut self.defects, mono)?;
                return Ok(true);
            }
        };
        match decoder.decode(&packet) {
            Ok(sound) if self.rate == 0 || sound.spec().rate() == self.rate => {
                self.rate = sound.spec().rate();
                self.defects.good += 1;
                self.last_len = sound.frames().min(MAX_GAP_FRAMES);
                sound.copy_to_vec_interleaved::<f32>(&mut self.interleaved);
                mix_down(&self.interleaved, sound.num_planes(), mono);
            }
            // A packet that cannot be read, or one that suddenly claims another rate.
            _ => {
                self.defects.gap()?;
                mono.resize(mono.len() + self.last_len, 0.0);
            }
        }
        Ok(true)
    }
}

fn decoder(
    parameters: &AudioCodecParameters,
    unsupported: impl Fn() -> AudioProblem,
) -> Result<Codec, AudioProblem> {
    if parameters.codec == CODEC_ID_OPUS {
        let head = parameters.extra_data.as_deref().ok_or(AudioProblem::Damaged)?;
        return OpusStream::open_mp4(head).map(|stream| Codec::Opus(Box::new(stream)));
    }
    let made = symphonia::default::get_codecs()
        .make_audio_decoder(parameters, &AudioDecoderOptions::default());
    made.map(Codec::Symphonia).map_err(|error| match (error, parameters.codec) {
        // Only the low-complexity profile is decoded.
        (Error::Unsupported(_), CODEC_ID_AAC) => AudioProblem::Unsupported { format: "HE-AAC" },
        (Error::Unsupported(_), CODEC_ID_ALAC) => AudioProblem::Unsupported { format: "ALAC" },
        (Error::Unsupported(_), CODEC_ID_AC3) => AudioProblem::Unsupported { format: "AC-3" },
        (Error::Unsupported(_), CODEC_ID_EAC3) => AudioProblem::Unsupported { format: "E-AC-3" },
        (Error::Unsupported(_), _) => unsupported(),
        _ => AudioProblem::Damaged,
    })
}

impl Source for Symphonic<'_> {
    fn rate(&self) -> u32 {
        self.rate
    }

    fn declared_frames(&self) -> Option<u64> {
        self.declared_frames
    }

    fn read(&mut self, mono: &mut Vec<f32>) -> Result<bool, AudioProblem> {
        if !self.first.is_empty() {
            mono.append(&mut self.first);
            return Ok(true);
        }
        self.decode_next(mono)
    }

    fn defects(&self) -> Defects {
        self.defects
    }
}

/// What an MP4 or 3GP holds that is not read here; looked for only after reading has failed.
fn unsupported_name(upload: &[u8]) -> &'static str {
    const NAMES: [(&[u8; 4], &str); 5] = [
        (b"samr", "3GP with AMR"),
        (b"sawb", "3GP with AMR-WB"),
        (b"alac", "ALAC"),
        (b"ec-3", "E-AC-3"),
        (b"ac-3", "AC-3"),
    ];
    let is_mp4 = upload.get(4..8).is_some_and(|name| name == b"ftyp" || name == b"moov");
    if !is_mp4 {
        return "this kind of sound file";
    }
    let holds = |name: &[u8; 4]| upload.windows(4).any(|four| four == name);
    NAMES.iter().find(|(name, _)| holds(name)).map_or("MP4 without AAC sound", |(_, name)| name)
}
