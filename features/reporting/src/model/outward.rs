//! What leaves the program, as values: what a waiting letter is made of, when a person is left in peace, when
//! a dashboard is due again, how long a failed try waits.

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use kernel::clock::{Day, Timestamp};
use serde::{Deserialize, Serialize};

use super::{DatasetId, ScheduleId, SubmissionId};

/// The ways out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// A letter with a code, to an address that is not confirmed yet.
    Code,
    /// A letter to a person's confirmed address.
    Mail,
    /// A notification in a browser.
    Push,
    /// A report to another system.
    Outlet,
}

impl Way {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Code, Self::Mail, Self::Push, Self::Outlet];

    /// As stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Mail => "mail",
            Self::Push => "push",
            Self::Outlet => "outlet",
        }
    }

    /// From what is stored.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }
}

/// What a row of the outbox is made of when it leaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Content {
    /// Words that are ready.
    Words {
        /// Lines of the letter.
        lines: Vec<String>,
        /// How much there is, when the lines do not say all of it.
        count: usize,
        /// Where it leads, as a path of this site.
        link: String,
    },
    /// A dashboard, with the figures of the moment at which it leaves, as its reader may see them then.
    Board {
        /// Which schedule.
        schedule: ScheduleId,
    },
    /// A notification: no figures, no names of people.
    Notice {
        /// What it says: *3 báo cáo, hạn gần nhất 16/12/2026*.
        line: String,
        /// Where it leads, as a path of this site.
        link: String,
    },
    /// An approved report.
    Report {
        /// Which.
        submission: SubmissionId,
        /// The approved revision.
        revision: i64,
    },
}

/// How a person wants to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ways {
    /// By letter, to a confirmed address.
    pub mail: bool,
    /// In the browsers that were subscribed.
    pub push: bool,
    /// The hour from which nothing is sent.
    pub quiet_from: i8,
    /// The hour from which it is again; the same as `quiet_from` for no rest at all.
    pub quiet_until: i8,
}

impl Default for Ways {
    /// Whoever gave an address gave it for this; the night is quiet.
    fn default() -> Self {
        Self { mail: true, push: true, quiet_from: 20, quiet_until: 7 }
    }
}

impl Ways {
    /// The next moment at which this person may be told: now, or when their rest is over.
    pub fn wakes_at(&self, now: Timestamp) -> Timestamp {
        let (from, until, hour) = (self.quiet_from, self.quiet_until, now.civil().hour());
        let resting = match from.cmp(&until) {
            std::cmp::Ordering::Equal => false,
            std::cmp::Ordering::Less => (from..until).contains(&hour),
            std::cmp::Ordering::Greater => hour >= from || hour < until,
        };
        if !resting {
            return now;
        }
        let day = if hour < until { now.day() } else { now.day().plus_days(1) };
        day.start().plus_seconds(i64::from(until) * 3_600)
    }
}

/// How often a dashboard is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rhythm {
    /// Every week, on this day: 1 is Monday.
    Week(i32),
    /// Every month, on this day; on the last of a month that is shorter.
    Month(i8),
    /// On the day after each deadline of a data set.
    Due(DatasetId),
}

impl Rhythm {
    /// As stored.
    pub fn text(&self) -> String {
        match self {
            Self::Week(day) => format!("week:{day}"),
            Self::Month(day) => format!("month:{day}"),
            Self::Due(dataset) => format!("due:{dataset}"),
        }
    }

    /// Reads what is stored or what a form sent.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, which) = text.split_once(':')?;
        match kind {
            "week" => which.parse().ok().filter(|day| (1..=7).contains(day)).map(Self::Week),
            "month" => which.parse().ok().filter(|day| (1..=31).contains(day)).map(Self::Month),
            "due" => DatasetId::parse(which).map(Self::Due),
            _ => None,
        }
    }

    /// The first moment after `now` at which it is due. `deadline` tells the next deadline on or after a day,
    /// when one is known; without one there is no moment.
    pub fn after(
        &self,
        now: Timestamp,
        hour: i8,
        deadline: impl Fn(Day) -> Option<Day>,
    ) -> Option<Timestamp> {
        let at = |day: Day| day.start().plus_seconds(i64::from(hour) * 3_600);
        let today = now.day();
        match self {
            Self::Week(wanted) => (0..=7)
                .map(|days| today.plus_days(days))
                .find(|day| weekday(*day) == *wanted && at(*day) > now)
                .map(at),
            Self::Month(wanted) => (0..=62)
                .map(|days| today.plus_days(days))
                .find(|day| is_day_of_month(*day, *wanted) && at(*day) > now)
                .map(at),
            Self::Due(_) => {
                let due = deadline(today.plus_days(-1))?;
                let first = at(due.plus_days(1));
                if first > now {
                    return Some(first);
                }
                Some(at(deadline(today)?.plus_days(1)))
            }
        }
    }
}

/// 1 for Monday.
fn weekday(day: Day) -> i32 {
    // A Monday.
    let monday = Day::new(2026, 1, 5).map_or(0, |monday| day.days_since(monday));
    monday.rem_euclid(7) + 1
}

fn is_day_of_month(day: Day, wanted: i8) -> bool {
    let civil = day.start().civil();
    let last = day.plus_days(1).start().civil().day() == 1;
    civil.day() == wanted || (last && civil.day() < wanted)
}

/// How long a try that failed waits, in seconds: a minute, doubled each time, six hours at most, a fifth of it
/// more or less by chance so that many do not come back at once. `chance` gives a number below its argument.
pub fn wait_s(tries: i64, chance: impl FnOnce(u64) -> u64) -> i64 {
    let full = 60_i64.saturating_mul(1 << tries.saturating_sub(1).clamp(0, 9)).min(6 * 3_600);
    let spread = full / 5;
    let drawn = chance(u64::try_from(2 * spread + 1).unwrap_or(1));
    full - spread + i64::try_from(drawn).unwrap_or(0)
}

/// How long something is tried before a person must look, in milliseconds: five days, as mail servers do
/// (RFC 5321 4.5.4.1).
pub const TRIED_MS: i64 = 5 * 86_400_000;

/// Longest address of a subscription.
const ADDRESS_MOST: usize = 1_000;

/// True for the address of a subscription at one of these hosts: HTTPS on its usual port, a host by name. A name
/// with a star stands for everything below it.
pub fn is_push_address(address: &str, hosts: &[String]) -> bool {
    let Some(rest) = address.strip_prefix("https://") else { return false };
    let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let plain = !host.is_empty()
        && !host.starts_with('.')
        && host.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b));
    let known = hosts.iter().any(|one| match one.strip_prefix('*') {
        Some(below) => host.ends_with(below) && host.len() > below.len(),
        None => host == one,
    });
    let fits = address.len() <= ADDRESS_MOST && path.starts_with('/');
    fits && plain && known && path.bytes().all(|b| b.is_ascii_graphic())
}

/// Base64url as browsers write keys (RFC 4648, section 5): written without padding, read with it or without.
const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The bytes behind a text in base64url; nothing when it is none.
pub fn base64url(text: &str) -> Option<Vec<u8>> {
    BASE64URL.decode(text).ok()
}

/// Bytes as base64url without padding.
pub fn to_base64url(bytes: &[u8]) -> String {
    BASE64URL.encode(bytes)
}

/// True for a public key of a subscription: an uncompressed point of P-256.
pub fn is_public_key(text: &str) -> bool {
    base64url(text).is_some_and(|key| key.len() == 65 && key[0] == 4)
}

/// True for the secret of a subscription: 16 bytes.
pub fn is_secret(text: &str) -> bool {
    base64url(text).is_some_and(|key| key.len() == 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, hour: i64) -> Timestamp {
        Day::parse(text).expect("a day").start().plus_seconds(hour * 3_600)
    }

    #[test]
    fn a_night_ends_in_the_morning_and_a_nap_at_noon() {
        let night = Ways::default();
        assert_eq!(night.wakes_at(at("2026-12-16", 12)), at("2026-12-16", 12));
        assert_eq!(night.wakes_at(at("2026-12-16", 22)), at("2026-12-17", 7));
        assert_eq!(night.wakes_at(at("2026-12-16", 3)), at("2026-12-16", 7));
        let nap = Ways { quiet_from: 11, quiet_until: 14, ..night };
        assert_eq!(nap.wakes_at(at("2026-12-16", 13)), at("2026-12-16", 14));
        assert_eq!(nap.wakes_at(at("2026-12-16", 14)), at("2026-12-16", 14));
        let never = Ways { quiet_from: 7, quiet_until: 7, ..night };
        assert_eq!(never.wakes_at(at("2026-12-16", 3)), at("2026-12-16", 3));
    }

    #[test]
    fn a_dashboard_is_due_on_its_day_and_once() {
        let none = |_: Day| None;
        // 22/11/2026 is a Sunday.
        let now = at("2026-11-22", 9);
        let monday = Rhythm::parse("week:1").expect("a rhythm");
        assert_eq!(monday.after(now, 7, none), Some(at("2026-11-23", 7)));
        assert_eq!(monday.after(at("2026-11-23", 7), 7, none), Some(at("2026-11-30", 7)));
        let last = Rhythm::parse("month:31").expect("a rhythm");
        assert_eq!(last.after(now, 7, none), Some(at("2026-11-30", 7)));
        assert_eq!(last.after(at("2027-01-31", 8), 7, none), Some(at("2027-02-28", 7)));
        let due = Rhythm::parse("due:diem-ho-tro").expect("a rhythm");
        let days = [Day::parse("2026-12-16"), Day::parse("2027-03-17")];
        let deadline = |from: Day| days.into_iter().flatten().find(|day| *day >= from);
        assert_eq!(due.after(now, 7, deadline), Some(at("2026-12-17", 7)));
        assert_eq!(due.after(at("2026-12-17", 7), 7, deadline), Some(at("2027-03-18", 7)));
        assert_eq!(due.after(at("2027-03-18", 7), 7, deadline), None, "no deadline is known");
        for text in ["week:0", "week:8", "month:0", "month:32", "due:", "year:1", "week", "due:a b"]
        {
            assert_eq!(Rhythm::parse(text), None, "{text}");
        }
        for one in [monday, last, due] {
            assert_eq!(Rhythm::parse(&one.text()), Some(one));
        }
    }

    #[test]
    fn waits_grow_to_six_hours_and_are_spread() {
        assert_eq!((wait_s(1, |_| 0), wait_s(1, |most| most - 1)), (48, 72));
        assert_eq!(wait_s(4, |most| most / 2), 480);
        for tries in [10, 100, i64::MAX] {
            let wait = wait_s(tries, |most| most - 1);
            assert!(wait <= 6 * 3_600 * 6 / 5, "{wait}");
        }
    }

    #[test]
    fn what_waits_is_read_back() {
        let all = [
            Content::Words {
                lines: vec!["a".to_owned()],
                count: 1,
                link: "/bao-cao/han".to_owned(),
            },
            Content::Notice { line: "a".to_owned(), link: "/".to_owned() },
        ];
        for one in all {
            let text = serde_json::to_string(&one).expect("it is written");
            assert_eq!(serde_json::from_str::<Content>(&text).expect("it is read"), one);
        }
    }

    #[test]
    fn a_subscription_leads_to_a_push_service_and_nowhere_else() {
        let hosts = ["push.example".to_owned(), "*.notify.example".to_owned()];
        for good in ["https://push.example/send/abc", "https://wns2.notify.example/w/?token=a%2b"] {
            assert!(is_push_address(good, &hosts), "{good}");
        }
        let long = format!("https://push.example/{}", "a".repeat(1_000));
        for bad in [
            "http://push.example/send/abc",
            "https://push.example",
            "https://push.example:8443/a",
            "https://push.example@10.0.0.1/a",
            "https://10.0.0.1/a",
            "https://[::1]/a",
            "https://evil.example/push.example",
            "https://notify.example/a",
            "https://.notify.example/a",
            "https://evilnotify.example/a",
            "https://push.example.evil.example/a",
            "https://push.example#@evil.example/",
            "https://push.example\\.evil.example/",
            "https://push.example/a b",
            "https://push.example/a\r\nHost: x",
            "",
            &long,
        ] {
            assert!(!is_push_address(bad, &hosts), "{bad}");
        }
    }

    #[test]
    fn keys_have_their_lengths() {
        let key = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
        assert!(is_public_key(key) && !is_public_key(&key[1..]) && !is_public_key("a b"));
        assert!(is_secret("BTBZMqHH6r4Tts7J_aSIgg") && !is_secret("BTBZ"));
        assert_eq!(base64url("aGk").as_deref(), Some(b"hi".as_slice()));
        assert_eq!(base64url("aGk=").as_deref(), Some(b"hi".as_slice()));
        assert_eq!(base64url("a+b"), None);
        assert_eq!(to_base64url(b"hi"), "aGk");
    }
}
