//! Reads Ogg (RFC 3533) with Opus (RFC 7845) or Vorbis in it, straight from the uploaded bytes.
//!
//! Only the first sound stream is followed, so that nothing a file claims about itself costs
//! memory. How pages are found is told in `ogg_pages`; writing Ogg, in `opus_out`.

use symphonia::core::codecs::audio::well_known::CODEC_ID_VORBIS;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::packet::PacketRef;
use symphonia::core::units::{Duration, Timestamp};
use symphonia::default::codecs::VorbisDecoder;

use super::AudioProblem;
use super::ogg_pages::{BEGINS, Broken, CONTINUED, ENDS, Page, Pages};
use super::opus_in::{self, OpusStream};
use super::source::{Defects, Source, mix_down};
use super::vorbis_setup;

pub(super) fn open(upload: &[u8]) -> Result<Box<dyn Source + '_>, AudioProblem> {
    let mut pages = Pages::of(upload);
    let mut foreign = None;
    // All streams of a file begin before any of them goes on (RFC 3533 §4).
    while let Some(Ok(page)) = pages.next().filter(|p| p.as_ref().is_ok_and(|p| p.is(BEGINS))) {
        match page.body {
            body if body.starts_with(b"OpusHead") => {
                let stream = Box::new(OpusStream::open(body)?);
                return Ok(Box::new(OggIn::new(page.serial, upload, Codec::Opus(stream))));
            }
            body if body.starts_with(b"\x01vorbis") && body.len() >= 16 => {
                let rate = u32::from_le_bytes([body[12], body[13], body[14], body[15]]);
                let codec =
                    Codec::VorbisHeaders { ident: body.to_vec(), rate, comment_seen: false };
                return Ok(Box::new(OggIn::new(page.serial, upload, codec)));
            }
            body if body.starts_with(b"\x7fFLAC") => foreign = Some("Ogg FLAC"),
            body if body.starts_with(b"Speex   ") => foreign = Some("Speex"),
            body if body.starts_with(b"\x80theora") => foreign = foreign.or(Some("Ogg Theora")),
            _ => {}
        }
    }
    Err(foreign.map_or(AudioProblem::Damaged, |format| AudioProblem::Unsupported { format }))
}

enum Codec {
    Opus(Box<OpusStream>),
    /// Vorbis needs its first and third packet together before it can begin.
    VorbisHeaders {
        ident: Vec<u8>,
        rate: u32,
        comment_seen: bool,
    },
    Vorbis(Box<VorbisDecoder>, u32),
}

struct OggIn<'a> {
    pages: Pages<'a>,
    serial: u32,
    codec: Codec,
    /// Whether the packet to come is still a header of Opus (`OpusTags`).
    tags_due: bool,
    sequence: Option<u32>,
    /// Beginning of a packet that goes on over a page's end.
    partial: Vec<u8>,
    /// Samples decoded, encoder delay included: what granule positions count.
    decoded: u64,
    /// Granule position at which this file begins; recordings of a live stream do not begin at 0.
    start: Option<u64>,
    ended: bool,
    defects: Defects,
    interleaved: Vec<f32>,
}

impl<'a> OggIn<'a> {
    fn new(serial: u32, upload: &'a [u8], codec: Codec) -> Self {
        Self {
            pages: Pages::of(upload),
            serial,
            tags_due: matches!(codec, Codec::Opus(_)),
            codec,
            sequence: None,
            partial: Vec::new(),
            decoded: 0,
            start: None,
            ended: false,
            defects: Defects::default(),
            interleaved: Vec::new(),
        }
    }

    fn page(&mut self, page: &Page<'a>, mono: &mut Vec<f32>) -> Result<(), AudioProblem> {
        let before = mono.len();
        let mut lost = self.sequence.is_some_and(|last| last.wrapping_add(1) != page.sequence);
        self.sequence = Some(page.sequence);
        if lost {
            self.defects.gap()?;
        }
        if lost || !page.is(CONTINUED) {
            self.partial.clear();
        }
        // The end of a packet whose beginning was lost is of no use.
        lost = page.is(CONTINUED) && self.partial.is_empty();
        let mut from = 0;
        let mut to = 0;
        for lacing in page.lacing {
            to += usize::from(*lacing);
            if *lacing == 255 {
                continue;
            }
            let piece = &page.body[from..to];
            from = to;
            if std::mem::take(&mut lost) {
                continue;
            }
            if self.partial.is_empty() {
                self.packet(piece, mono)?;
            } else {
                let mut whole = std::mem::take(&mut self.partial);
                whole.extend_from_slice(piece);
                self.packet(&whole, mono)?;
            }
        }
        if !lost {
            self.partial.extend_from_slice(&page.body[from..to]);
        }
        self.count(page, before, mono);
        Ok(())
    }

    /// Fits what was decoded to the granule position the page ends with (RFC 7845 §4).
    fn count(&mut self, page: &Page<'a>, before: usize, mono: &mut Vec<f32>) {
        let Ok(granule) = u64::try_from(page.granule) else { return };
        if self.decoded == 0 {
            return;
        }
        let early = if page.is(ENDS) { 0 } else { granule.saturating_sub(self.decoded) };
        let start = *self.start.get_or_insert(early);
        if page.is(ENDS) {
            let excess = self.decoded.saturating_sub(granule.saturating_sub(start));
            let here = mono.len() - before;
            let cut = usize::try_from(excess).unwrap_or(usize::MAX).min(here);
            mono.truncate(mono.len() - cut);
        }
    }

    fn packet(&mut self, packet: &[u8], mono: &mut Vec<f32>) -> Result<(), AudioProblem> {
        match &mut self.codec {
            Codec::Opus(_) if packet.starts_with(b"OpusHead") => Ok(()),
            Codec::Opus(_) if std::mem::take(&mut self.tags_due) => Ok(()),
            Codec::Opus(stream) => {
                self.decoded += stream.decode(packet, &mut self.defects, mono)? as u64;
                Ok(())
            }
            Codec::VorbisHeaders { .. } if packet.starts_with(b"\x01vorbis") => Ok(()),
            Codec::VorbisHeaders { comment_seen, .. } if !*comment_seen => {
                *comment_seen = true;
                Ok(())
            }
            Codec::VorbisHeaders { ident, rate, .. } => {
                let rate = *rate;
                let decoder = vorbis_decoder(ident, packet)?;
                self.codec = Codec::Vorbis(Box::new(decoder), rate);
                Ok(())
            }
            Codec::Vorbis(decoder, _) => {
                let packet = PacketRef::new(0, Timestamp::ZERO, Duration::ZERO, packet);
                if let Ok(sound) = decoder.decode_ref(&packet) {
                    self.defects.good += 1;
                    sound.copy_to_vec_interleaved::<f32>(&mut self.interleaved);
                    let before = mono.len();
                    mix_down(&self.interleaved, sound.num_planes(), mono);
                    self.decoded += (mono.len() - before) as u64;
                    Ok(())
                } else {
                    // The granule positions tell how long; a lost block is 20 ms or so.
                    self.defects.gap()
                }
            }
        }
    }

    /// Another stream after the end would be another recording, silently left out.
    fn is_chained(&self) -> bool {
        matches!(self.pages.clone().next(), Some(Ok(page)) if page.is(BEGINS))
    }
}

fn vorbis_decoder(ident: &[u8], setup: &[u8]) -> Result<VorbisDecoder, AudioProblem> {
    if !vorbis_setup::is_modest(setup) {
        return Err(AudioProblem::Damaged);
    }
    let mut parameters = AudioCodecParameters::new();
    parameters
        .for_codec(CODEC_ID_VORBIS)
        .with_extra_data([ident, setup].concat().into_boxed_slice());
    VorbisDecoder::try_new(&parameters, &AudioDecoderOptions::default())
        .map_err(|_| AudioProblem::Damaged)
}

impl Source for OggIn<'_> {
    fn rate(&self) -> u32 {
        match &self.codec {
            Codec::Opus(_) => opus_in::RATE_HZ,
            Codec::VorbisHeaders { rate, .. } | Codec::Vorbis(_, rate) => *rate,
        }
    }

    fn declared_frames(&self) -> Option<u64> {
        None
    }

    fn read(&mut self, mono: &mut Vec<f32>) -> Result<bool, AudioProblem> {
        if self.ended {
            return Ok(false);
        }
        match self.pages.next() {
            None => {
                self.ended = true;
                self.defects.cut_off = true;
                return Ok(false);
            }
            Some(Err(Broken)) => self.defects.gap()?,
            Some(Ok(page)) if page.serial == self.serial => {
                self.page(&page, mono)?;
                if page.is(ENDS) {
                    self.ended = true;
                    if self.is_chained() {
                        return Err(AudioProblem::Unsupported { format: "chained Ogg" });
                    }
                }
            }
            Some(Ok(_)) => {}
        }
        Ok(true)
    }

    fn defects(&self) -> Defects {
        self.defects
    }
}
