//! Opus packets to samples, whichever container brought them.

use ropus::{Channels, DecodeMode, Decoder};

use super::AudioProblem;
use super::source::{Defects, mix_down};

/// Opus always counts in this, whatever the microphone did (RFC 7845 §4).
pub(super) const RATE_HZ: u32 = 48_000;

/// 120 ms, the longest an Opus packet can be.
const MAX_PACKET_FRAMES: usize = 5_760;

/// Decodes one stream to mono.
pub(super) struct OpusStream {
    decoder: Decoder,
    buffer: Vec<f32>,
    /// Samples of encoder delay still to be dropped.
    skip: usize,
    last_len: usize,
}

impl OpusStream {
    /// Opens a stream by its identification header (RFC 7845 §5.1).
    pub(super) fn open(head: &[u8]) -> Result<Self, AudioProblem> {
        let fields = head.strip_prefix(b"OpusHead").filter(|fields| fields.len() >= 11);
        let fields = fields.ok_or(AudioProblem::Damaged)?;
        let (version, channels, family) = (fields[0], fields[1], fields[10]);
        if version & 0xf0 != 0 || channels == 0 {
            return Err(AudioProblem::Damaged);
        }
        if family != 0 || channels > 2 {
            return Err(AudioProblem::Unsupported { format: "Opus surround" });
        }
        // In MP4 the same fields are big-endian; `open_mp4` turns them round.
        let pre_skip = u16::from_le_bytes([fields[2], fields[3]]);
        let gain = i16::from_le_bytes([fields[8], fields[9]]);
        let mut decoder =
            Decoder::new(RATE_HZ, Channels::Mono).map_err(|_| AudioProblem::Damaged)?;
        decoder.set_gain(i32::from(gain)).map_err(|_| AudioProblem::Damaged)?;
        Ok(Self {
            decoder,
            buffer: vec![0.0; MAX_PACKET_FRAMES],
            skip: usize::from(pre_skip),
            last_len: 0,
        })
    }

    /// Opens a stream by the `dOps` box of MP4, magic put in front: big-endian, version 0.
    pub(super) fn open_mp4(box_data: &[u8]) -> Result<Self, AudioProblem> {
        let mut head = box_data.to_vec();
        if head.len() < 19 {
            return Err(AudioProblem::Damaged);
        }
        head[10..12].reverse();
        head[12..16].reverse();
        head[16..18].reverse();
        Self::open(&head)
    }

    /// Appends the samples of one packet, and says how many there were before the encoder delay
    /// was dropped. An unreadable packet becomes silence as long as the one before.
    pub(super) fn decode(
        &mut self,
        packet: &[u8],
        defects: &mut Defects,
        mono: &mut Vec<f32>,
    ) -> Result<usize, AudioProblem> {
        // An empty packet means "lost" to the decoder, which would then invent 120 ms.
        let decoded = if packet.is_empty() {
            None
        } else {
            self.decoder.decode_float(packet, &mut self.buffer, DecodeMode::Normal).ok()
        };
        if let Some(len) = decoded {
            defects.good += 1;
            self.last_len = len.min(self.buffer.len());
        } else {
            defects.gap()?;
            self.buffer[..self.last_len].fill(0.0);
        }
        let dropped = self.skip.min(self.last_len);
        self.skip -= dropped;
        mix_down(&self.buffer[dropped..self.last_len], 1, mono);
        Ok(self.last_len)
    }
}
