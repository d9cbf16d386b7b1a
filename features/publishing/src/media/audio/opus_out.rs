//! Encodes speech to Opus and wraps it in Ogg (RFC 7845): header pages, one page a second,
//! granule positions that cut the padding off the end.

use ogg::PacketWriter;
use ogg::writing::PacketWriteEndInfo;
use ropus::{Application, Bitrate, Channels, Encoder, Signal};

use super::{AudioProblem, OUTPUT_RATE_HZ, OpusFile, Tags};

/// 20 ms at 48 kHz.
const FRAME: usize = 960;

/// One second on a page: what a cut download loses, at 77 bytes of header a second.
const PACKETS_PER_PAGE: u64 = 50;

/// Tens of milliseconds of CPU for a second of speech; higher values cannot be heard in speech.
const COMPLEXITY: u8 = 9;

/// Largest Opus packet of one frame (RFC 6716 §3.4), with room.
const MAX_PACKET_BYTES: usize = 1_500;

const MAX_TITLE_CHARS: usize = 500;

/// One file being made.
pub(super) struct Voice {
    encoder: Encoder,
    writer: PacketWriter<'static, Vec<u8>>,
    serial: u32,
    bitrate_bps: u32,
    pre_skip: u64,
    waiting: Vec<f32>,
    /// The newest packet, kept back because only the last one may close the stream.
    newest: Option<Vec<u8>>,
    written: u64,
}

impl Voice {
    pub(super) fn new(
        bitrate_bps: u32,
        serial: u32,
        source_rate: u32,
        tags: Tags<'_>,
    ) -> Result<Self, AudioProblem> {
        if !(6_000..=128_000).contains(&bitrate_bps) {
            return Err(AudioProblem::Encoder);
        }
        let encoder = Encoder::builder(OUTPUT_RATE_HZ, Channels::Mono, Application::Voip)
            .bitrate(Bitrate::Bits(bitrate_bps))
            .complexity(COMPLEXITY)
            .signal(Signal::Voice)
            .vbr(true)
            .build()
            .map_err(|_| AudioProblem::Encoder)?;
        let pre_skip = u16::try_from(encoder.lookahead()).map_err(|_| AudioProblem::Encoder)?;
        let mut voice = Self {
            encoder,
            writer: PacketWriter::new(Vec::new()),
            serial,
            bitrate_bps,
            pre_skip: u64::from(pre_skip),
            waiting: Vec::with_capacity(FRAME),
            newest: None,
            written: 0,
        };
        voice.write(head(pre_skip, source_rate), PacketWriteEndInfo::EndPage, 0)?;
        voice.write(comments(tags), PacketWriteEndInfo::EndPage, 0)?;
        Ok(voice)
    }

    /// Encodes what fills whole frames and keeps the rest.
    pub(super) fn push(&mut self, mut samples: &[f32]) -> Result<(), AudioProblem> {
        while !samples.is_empty() {
            let room = FRAME - self.waiting.len();
            let (now, later) = samples.split_at(room.min(samples.len()));
            self.waiting.extend_from_slice(now);
            samples = later;
            if self.waiting.len() == FRAME {
                self.frame()?;
            }
        }
        Ok(())
    }

    fn frame(&mut self) -> Result<(), AudioProblem> {
        let mut packet = vec![0; MAX_PACKET_BYTES];
        let length = self
            .encoder
            .encode_float(&self.waiting, &mut packet)
            .map_err(|_| AudioProblem::Encoder)?;
        packet.truncate(length);
        self.waiting.clear();
        if let Some(before) = self.newest.replace(packet) {
            self.written += 1;
            let end = if self.written.is_multiple_of(PACKETS_PER_PAGE) {
                PacketWriteEndInfo::EndPage
            } else {
                PacketWriteEndInfo::NormalPacket
            };
            self.write(before, end, self.written * FRAME as u64)?;
        }
        Ok(())
    }

    /// Presses the encoder's delay out with silence and closes the stream at `total` samples.
    pub(super) fn finish(mut self, total: u64, duration_ms: u64) -> Result<OpusFile, AudioProblem> {
        let needed = (self.pre_skip + total).div_ceil(FRAME as u64);
        while self.written + u64::from(self.newest.is_some()) < needed {
            self.waiting.resize(FRAME, 0.0);
            self.frame()?;
        }
        let last = self.newest.take().ok_or(AudioProblem::Empty)?;
        self.write(last, PacketWriteEndInfo::EndStream, self.pre_skip + total)?;
        let bytes = self.writer.into_inner();
        Ok(OpusFile { bytes, bitrate_bps: self.bitrate_bps, duration_ms })
    }

    fn write(
        &mut self,
        packet: Vec<u8>,
        end: PacketWriteEndInfo,
        granule: u64,
    ) -> Result<(), AudioProblem> {
        self.writer
            .write_packet(packet, self.serial, end, granule)
            .map_err(|_| AudioProblem::Encoder)
    }
}

/// RFC 7845 §5.1, one channel, no output gain: the level is already right.
fn head(pre_skip: u16, source_rate: u32) -> Vec<u8> {
    let mut head = b"OpusHead\x01\x01".to_vec();
    head.extend(pre_skip.to_le_bytes());
    head.extend(source_rate.to_le_bytes());
    head.extend([0, 0, 0]);
    head
}

/// RFC 7845 §5.2. No gain tags: players that obey them would turn speech down again.
fn comments(tags: Tags<'_>) -> Vec<u8> {
    let title: String = plain(tags.title).take(MAX_TITLE_CHARS).collect();
    let language: String = plain(tags.language).take(35).collect();
    let mut packet = b"OpusTags".to_vec();
    let mut text = |text: &str| {
        packet.extend(u32::try_from(text.len()).unwrap_or(0).to_le_bytes());
        packet.extend(text.as_bytes());
    };
    text("nhipcau");
    let mut fields = Vec::new();
    for field in [format!("TITLE={title}"), format!("LANGUAGE={language}")] {
        fields.extend(u32::try_from(field.len()).unwrap_or(0).to_le_bytes());
        fields.extend(field.as_bytes());
    }
    packet.extend(2u32.to_le_bytes());
    packet.extend(fields);
    packet
}

/// One line of text: control characters end some players' displays.
fn plain(text: &str) -> impl Iterator<Item = char> {
    text.chars().map(|c| if c.is_control() { ' ' } else { c })
}
