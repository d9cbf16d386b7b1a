//! Takes from WAV, FLAC and MP4 what decoders need, and refuses the rest before they see it.
//!
//! Tags, pictures and tables can make a decoder spend many times their own size in memory.

use super::AudioProblem;

/// Everything in an MP4 that is not sound must fit in this; an hour needs less than 1 MiB.
const MAX_MP4_TABLES: usize = 16 << 20;

/// A WAV file reduced to its format and its samples.
pub(super) struct Wav<'a> {
    pub(super) header: Vec<u8>,
    pub(super) data: &'a [u8],
    pub(super) declared_frames: Option<u64>,
}

impl<'a> Wav<'a> {
    pub(super) fn find(upload: &'a [u8]) -> Result<Self, AudioProblem> {
        let mut rest = upload.get(12..).unwrap_or_default();
        let mut format: Option<&[u8]> = None;
        while rest.len() >= 8 {
            let stated = u32::from_le_bytes([rest[4], rest[5], rest[6], rest[7]]);
            let size = stated as usize;
            let body = &rest[8..];
            match (&rest[..4], format) {
                (b"fmt ", _) => format = body.get(..size).filter(|f| (16..=256).contains(&f.len())),
                (b"data", Some(format)) => return Self::reduce(format, stated, body),
                _ => {}
            }
            rest = body.get(size + size % 2..).unwrap_or_default();
        }
        Err(AudioProblem::Damaged)
    }

    fn reduce(format: &[u8], stated: u32, body: &'a [u8]) -> Result<Self, AudioProblem> {
        refuse_compressed(u16::from_le_bytes([format[0], format[1]]))?;
        let block = u64::from(u16::from_le_bytes([format[12], format[13]]));
        if block == 0 {
            return Err(AudioProblem::Damaged);
        }
        // Recorders that stream write 0 or a huge number, and mean "to the end".
        let is_stated = stated != 0 && stated < 0x7fff_0000;
        let length = if is_stated { body.len().min(stated as usize) } else { body.len() };
        let data = &body[..length];
        let mut header = b"RIFF\0\0\0\0WAVEfmt ".to_vec();
        let four = |size: usize| u32::try_from(size).unwrap_or(u32::MAX).to_le_bytes();
        header.extend(four(format.len()));
        header.extend(format);
        header.extend(&[0][..format.len() % 2]);
        header.extend(b"data");
        header.extend(four(length));
        let riff_size = four(header.len() - 8 + length);
        header[4..8].copy_from_slice(&riff_size);
        let declared_frames = is_stated.then(|| u64::from(stated) / block);
        Ok(Self { header, data, declared_frames })
    }
}

/// WAV is a coat for many formats; uncompressed and telephone samples are read.
fn refuse_compressed(tag: u16) -> Result<(), AudioProblem> {
    let format = match tag {
        0x0001 | 0x0003 | 0x0006 | 0x0007 | 0xfffe => return Ok(()),
        0x0002 | 0x0011 => "WAV with ADPCM",
        0x0031 => "WAV with GSM 6.10",
        0x0050 | 0x0055 => "WAV with MPEG sound",
        _ => "WAV with compressed sound",
    };
    Err(AudioProblem::Unsupported { format })
}

/// `STREAMINFO` as the only metadata, and the frames behind all the rest (RFC 9639 §8).
pub(super) fn flac_without_tags(flac: &[u8]) -> Result<(Vec<u8>, &[u8]), AudioProblem> {
    let info =
        flac.get(8..42).filter(|_| matches!(flac[4], 0 | 0x80)).ok_or(AudioProblem::Damaged)?;
    let mut header = b"fLaC\x80\0\0\x22".to_vec();
    header.extend(info);
    let mut at = 4;
    loop {
        let block = flac.get(at..at + 4).ok_or(AudioProblem::Damaged)?;
        at += 4 + u32::from_be_bytes([0, block[1], block[2], block[3]]) as usize;
        if block[0] & 0x80 != 0 {
            return Ok((header, flac.get(at..).unwrap_or_default()));
        }
    }
}

/// Whether the tables that say where the sound lies (`moov`) are there to their end, and all
/// top-level boxes but the sound itself are of a sensible size. Phones write `moov` last, so an
/// upload that was cut off has none.
pub(super) fn mp4_is_whole_and_modest(upload: &[u8]) -> bool {
    let mut rest = upload;
    let mut tables = 0usize;
    let mut has_moov = false;
    while let Some((head, _)) = rest.split_first_chunk::<8>() {
        let short = u32::from_be_bytes([head[0], head[1], head[2], head[3]]);
        let size = match short {
            0 => rest.len() as u64,
            1 => rest.get(8..16).map_or(u64::MAX, |wide| {
                wide.iter().fold(0, |size, byte| size << 8 | u64::from(*byte))
            }),
            size => u64::from(size),
        };
        has_moov |= head.ends_with(b"moov") && size <= rest.len() as u64;
        let size = usize::try_from(size).unwrap_or(usize::MAX).clamp(8, rest.len());
        if !matches!(&head[4..], b"mdat" | b"free" | b"skip" | b"wide") {
            tables += size;
        }
        rest = &rest[size..];
    }
    has_moov && tables <= MAX_MP4_TABLES
}
