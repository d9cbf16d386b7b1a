//! The ladder of reach: rungs, channels, what one person's evidence is worth, shares and intervals.

use std::fmt;

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $code:literal, $word:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $name { $($(#[$variant_doc])* $variant = $code),+ }

        impl $name {
            /// All of them, in order of their codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The number that is stored and sent; for ever.
            pub fn code(self) -> u8 {
                self as u8
            }

            /// From the number.
            pub fn from_code(code: u8) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }

            /// The word in addresses, keys of the locales and JSON.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// From the word.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.word() == word)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}

codes! {
    /// How far something has come towards a person.
    Rung {
        /// Signed and sent (*đã đăng*): the denominator itself.
        Published = 0, "published";
        /// A point in the area has it (*đã về điểm*).
        OnNode = 1, "on_node";
        /// It was on a screen or a loudspeaker (*đã hiện, đã phát*).
        Shown = 2, "shown";
        /// Somebody opened it (*đã mở*).
        Opened = 3, "opened";
        /// It was heard or read to at least four fifths (*nghe hết*).
        Completed = 4, "completed";
        /// The person said so, or a witness attests it (*đã xác nhận*).
        Confirmed = 5, "confirmed";
        /// The one question about it was answered rightly (*hiểu đúng*, a sample).
        Understood = 6, "understood";
        /// Somebody independent asked afterwards and it was so (*đã kiểm chứng*, a sample).
        Verified = 7, "verified";
        /// Was asked the question: the size of the sample for `Understood`.
        Asked = 8, "asked";
        /// Was called back: the size of the sample for `Verified`.
        CalledBack = 9, "called_back";
    }
}

codes! {
    /// By which way the evidence came.
    Channel {
        /// Nobody's: the denominator, or a node's own word.
        Node = 0, "node";
        /// A personal QR card at a kiosk.
        Card = 1, "card";
        /// A finger on a kiosk, without a card.
        Tap = 2, "tap";
        /// A phone's page.
        Phone = 3, "phone";
        /// A village meeting with a witness.
        Meeting = 4, "meeting";
        /// A call-back or a visit.
        Visit = 5, "visit";
    }
}

impl Rung {
    /// The rungs in the order they are shown.
    pub const LADDER: [Self; 8] = [
        Self::Published,
        Self::OnNode,
        Self::Shown,
        Self::Opened,
        Self::Completed,
        Self::Confirmed,
        Self::Understood,
        Self::Verified,
    ];
    /// The rungs that a person climbs: whoever stands on one stands on all below it.
    pub const CLIMBED: [Self; 4] = [Self::Shown, Self::Opened, Self::Completed, Self::Confirmed];

    /// For a sampled rung: the rung that holds the size of its sample.
    pub fn sample_of(self) -> Option<Self> {
        match self {
            Self::Understood => Some(Self::Asked),
            Self::Verified => Some(Self::CalledBack),
            _ => None,
        }
    }
}

/// One piece of evidence about one actor and one version of a publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// How far.
    pub rung: Rung,
    /// How we know.
    pub channel: Channel,
    /// When, in milliseconds.
    pub at: i64,
}

/// What a person's evidence is worth: each rung reached, once, by the channel that proved it first.
///
/// It depends on the set of evidence only, not on the order in which it arrived, so that a rebuild and
/// a count kept by deltas must agree.
pub fn credit(evidence: &[Evidence]) -> Vec<(Rung, Channel)> {
    let first = |counts: &dyn Fn(Rung) -> bool| {
        let fitting = evidence.iter().filter(|one| counts(one.rung));
        fitting.min_by_key(|one| (one.at, one.channel)).map(|one| one.channel)
    };
    let mut credits = Vec::new();
    for rung in Rung::CLIMBED {
        let reached = |seen: Rung| Rung::CLIMBED.contains(&seen) && seen >= rung;
        credits.extend(first(&reached).map(|channel| (rung, channel)));
    }
    for rung in [Rung::Understood, Rung::Verified] {
        let base = rung.sample_of().unwrap_or(rung);
        credits.extend(first(&|seen| seen == rung).map(|channel| (rung, channel)));
        credits.extend(first(&|seen| seen == rung || seen == base).map(|channel| (base, channel)));
    }
    credits
}

/// What one anonymous device or tap is worth: each event as itself. A device is not a person, so
/// nothing is concluded from it.
pub fn credit_device(evidence: &[Evidence]) -> Vec<(Rung, Channel)> {
    let mut credits: Vec<_> = evidence.iter().map(|one| (one.rung, one.channel)).collect();
    credits.sort_unstable();
    credits.dedup();
    credits
}

/// A share in whole percent, rounded half up but never up to 100 nor down to 0 while it is neither:
/// “100 %” is said only when nobody is missing. A part that is not within the whole has no share of it.
pub fn percent(part: i64, whole: i64) -> Option<i64> {
    if whole <= 0 || !(0..=whole).contains(&part) {
        return None;
    }
    let rounded = (part * 200 + whole) / (whole * 2);
    Some(match rounded {
        100 if part < whole => 99,
        0 if part > 0 => 1,
        rounded => rounded,
    })
}

/// The Wilson score interval at 95 % for `right` of `asked`, in whole percent (low, high).
///
/// E. B. Wilson, “Probable inference, the law of succession, and statistical inference”, JASA 22 (1927).
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "samples are far below 2^52 and the result lies in 0..=100"
)]
pub fn wilson(right: i64, asked: i64) -> Option<(i64, i64)> {
    const Z: f64 = 1.959_964;
    if asked <= 0 {
        return None;
    }
    let n = asked as f64;
    let p = right.clamp(0, asked) as f64 / n;
    let middle = p + Z * Z / (2.0 * n);
    let spread = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 100.0 / (1.0 + Z * Z / n);
    let low = ((middle - spread) * scale).clamp(0.0, 100.0);
    let high = ((middle + spread) * scale).clamp(0.0, 100.0);
    Some((low.floor() as i64, high.ceil() as i64))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seen(rung: Rung, channel: Channel, at: i64) -> Evidence {
        Evidence { rung, channel, at }
    }

    #[test]
    fn whoever_confirmed_stands_on_every_rung_below_once() {
        let evidence =
            [seen(Rung::Opened, Channel::Card, 5), seen(Rung::Confirmed, Channel::Meeting, 9)];
        let credits = credit(&evidence);
        assert_eq!(
            credits,
            [
                (Rung::Shown, Channel::Card),
                (Rung::Opened, Channel::Card),
                (Rung::Completed, Channel::Meeting),
                (Rung::Confirmed, Channel::Meeting),
            ]
        );
    }

    #[test]
    fn a_wrong_answer_enlarges_the_sample_and_nothing_else() {
        assert_eq!(credit(&[seen(Rung::Asked, Channel::Card, 1)]), [(Rung::Asked, Channel::Card)]);
        let right = credit(&[seen(Rung::Understood, Channel::Card, 1)]);
        assert_eq!(right, [(Rung::Understood, Channel::Card), (Rung::Asked, Channel::Card)]);
    }

    #[test]
    fn a_hundred_percent_means_nobody_is_missing() {
        assert_eq!(percent(999, 1000), Some(99));
        assert_eq!(percent(1000, 1000), Some(100));
        assert_eq!(percent(1, 1000), Some(1));
        assert_eq!(percent(0, 1000), Some(0));
        assert_eq!(percent(12, 31), Some(39));
        assert_eq!(percent(3, 0), None);
        assert_eq!(percent(1900, 800), None, "never cut down to 100 in silence");
    }

    #[test]
    fn the_interval_is_wilsons() {
        // 29 of 60 by Wilson's own formula: 36,2 % to 60,7 %.
        assert_eq!(wilson(29, 60), Some((36, 61)));
        assert_eq!(wilson(0, 10).map(|(low, _)| low), Some(0));
        assert_eq!(wilson(10, 10).map(|(_, high)| high), Some(100));
        assert_eq!(wilson(0, 0), None);
    }

    fn any_evidence() -> impl Strategy<Value = Evidence> {
        (0..Rung::ALL.len(), 0..Channel::ALL.len(), 0i64..20)
            .prop_map(|(rung, channel, at)| seen(Rung::ALL[rung], Channel::ALL[channel], at))
    }

    proptest! {
        #[test]
        fn the_order_of_arrival_never_matters(mut evidence in prop::collection::vec(any_evidence(), 0..12), turn in 0usize..12) {
            let before = credit(&evidence);
            if !evidence.is_empty() {
                let at = turn % evidence.len();
                evidence.rotate_left(at);
            }
            prop_assert_eq!(credit(&evidence), before);
        }

        #[test]
        fn nobody_is_counted_twice_on_a_rung(evidence in prop::collection::vec(any_evidence(), 0..20)) {
            let mut rungs: Vec<_> = credit(&evidence).into_iter().map(|(rung, _)| rung).collect();
            let all = rungs.len();
            rungs.sort_unstable();
            rungs.dedup();
            prop_assert_eq!(rungs.len(), all);
        }

        #[test]
        fn codes_and_words_lead_back(code in 0u8..=255) {
            if let Some(rung) = Rung::from_code(code) {
                prop_assert_eq!(rung.code(), code);
                prop_assert_eq!(Rung::from_word(rung.word()), Some(rung));
            }
        }
    }
}
