//! Filling frames: how many records go into one. Compressing is the dear part of serving a poll, so
//! a guess that learns makes most frames fit at the first attempt.

use super::{FRAME_MOST, Frame, FrameKey, RAW_MOST, RecordsFrame, Stretch};
use crate::{keys::SIGNATURE_LEN, record::SignedRecord};

/// Packs as many of `records`, ascending numbers of one lane of one history, as fit in one frame.
/// Returns the frame and how many it took. `through` is how far the log was searched; a frame that
/// takes all records covers the stretch to there, any other to its last record.
pub fn pack(
    stretch: Stretch,
    records: &[(u64, SignedRecord)],
    key: &FrameKey,
    guess: &mut PackGuess,
) -> Option<(Vec<u8>, usize)> {
    let mut take = guess.take(records);
    // What is known to fit, and the smallest number known not to.
    let mut fits: Option<(Vec<u8>, usize)> = None;
    let mut too_many = records.len() + 1;
    for _ in 0..PackGuess::TRIES_MOST {
        let through = match records.get(take) {
            None => stretch.through,
            Some(_) => take.checked_sub(1).map_or(stretch.after, |last| records[last].0),
        };
        let chosen = records[..take].iter().map(|(_, record)| record.clone()).collect();
        let stretch = Stretch { through, ..stretch };
        let frame = Frame::Records(RecordsFrame { stretch, records: chosen });
        if let Some(bytes) = frame.encode(key) {
            guess.learn(&records[..take], bytes.len());
            let full = bytes.len() * 100 >= FRAME_MOST * PackGuess::FULL_PERCENT;
            fits = Some((bytes, take));
            if full || take + 1 >= too_many {
                break;
            }
            take = guess.take(records).clamp(take + 1, too_many - 1);
        } else {
            too_many = take;
            guess.shrink();
            let least = fits.as_ref().map_or(1, |(_, fit)| fit + 1);
            if least >= too_many {
                break;
            }
            take = guess.take(records).clamp(least, too_many - 1);
        }
    }
    fits
}

/// How well records have compressed so far, to pack most frames at the first attempt.
#[derive(Debug, Clone)]
pub struct PackGuess {
    /// Compressed bytes per hundred bytes of payload.
    percent: usize,
}

impl Default for PackGuess {
    fn default() -> Self {
        Self { percent: 30 }
    }
}

impl PackGuess {
    const TRIES_MOST: usize = 12;
    /// A frame this full is not worth another attempt.
    const FULL_PERCENT: usize = 88;
    /// A little below full, because a frame that overflows costs an attempt.
    const AIM: usize = FRAME_MOST * 96 / 100 - 64;

    /// How many records to try: at least one, at most all, never more than [`RAW_MOST`] bytes.
    fn take(&self, records: &[(u64, SignedRecord)]) -> usize {
        let (mut raw, mut size, mut count) = (0, 0, 0);
        for (_, record) in records {
            raw += record.payload().len();
            size += SIGNATURE_LEN + (record.payload().len() * self.percent).div_ceil(100);
            if count > 0 && (raw > RAW_MOST || size > Self::AIM) {
                break;
            }
            count += 1;
        }
        count
    }

    fn learn(&mut self, taken: &[(u64, SignedRecord)], frame: usize) {
        let raw: usize = taken.iter().map(|(_, record)| record.payload().len()).sum();
        let small = frame.saturating_sub(40 + taken.len() * SIGNATURE_LEN);
        if let Some(percent) = (small * 100).checked_div(raw) {
            self.percent = (percent + 1).clamp(1, 110);
        }
    }

    fn shrink(&mut self) {
        self.percent = (self.percent * 5 / 4 + 1).min(110);
    }
}
