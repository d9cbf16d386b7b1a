//! How wrong passwords are answered: with waits that grow, counted in four places so that nobody can
//! lock out somebody else.
//!
//! * a browser from which the person has signed in before (a *known device*, OWASP "device cookies") has
//!   a counter of its own: whatever strangers do, its owner gets in;
//! * strangers are counted per name and address (waits up to 15 minutes) and per name from everywhere
//!   (waits up to one minute, so that many addresses do not help);
//! * an address as a whole is only slowed down, never refused: a commune often has one.

use std::net::IpAddr;

/// How the wait grows with the failures of one counter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Growth {
    /// Failures that cost nothing yet.
    free: i64,
    /// The longest wait, in milliseconds.
    wait_max_ms: i64,
}

/// A known device of the account.
pub(crate) const OF_DEVICE: Growth = Growth { free: 5, wait_max_ms: 5 * 60_000 };
/// Strangers at one address trying one name.
pub(crate) const OF_PAIR: Growth = Growth { free: 4, wait_max_ms: 15 * 60_000 };
/// Strangers anywhere trying one name.
pub(crate) const OF_ACCOUNT: Growth = Growth { free: 20, wait_max_ms: 60_000 };
/// Anybody trying codes for the first administrator.
pub(crate) const OF_SETUP: Growth = Growth { free: 10, wait_max_ms: 60_000 };

impl Growth {
    /// How long the next try must wait after so many failures: 2, 4, 8 … seconds beyond the free ones.
    pub(crate) fn wait_ms(self, failures: i64) -> i64 {
        match failures - self.free {
            ..=0 => 0,
            beyond => (1_000_i64 << beyond.min(20)).min(self.wait_max_ms),
        }
    }
}

/// Failures at one address that do not slow it down.
pub(crate) const ADDRESS_FREE: i64 = 100;
/// One failure of an address is forgotten after this long.
pub(crate) const ADDRESS_LEAK_MS: i64 = 6_000;

/// How long an unknown device at an address with so many recent failures is held before its password is
/// looked at: up to four seconds, and then it *is* looked at.
pub(crate) fn slow_by_ms(failures: i64) -> u64 {
    let beyond = u64::try_from(failures - ADDRESS_FREE).unwrap_or(0);
    beyond.saturating_mul(100).min(4_000)
}

/// What counts as one address: all of an IPv4 address, the network half of an IPv6 one (a household or
/// an office gets 2^64 of those).
pub(crate) fn address_group(address: &str) -> String {
    match address.parse::<IpAddr>() {
        Ok(IpAddr::V6(v6)) => {
            let [a, b, c, d, ..] = v6.segments();
            let network = format!("{a:x}:{b:x}:{c:x}:{d:x}::/64");
            v6.to_ipv4_mapped().map_or(network, |v4| v4.to_string())
        }
        Ok(IpAddr::V4(v4)) => v4.to_string(),
        Err(_) => "?".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_have_an_end() {
        assert_eq!(OF_PAIR.wait_ms(4), 0);
        assert_eq!(OF_PAIR.wait_ms(5), 2_000);
        assert_eq!(OF_PAIR.wait_ms(6), 4_000);
        assert_eq!(OF_PAIR.wait_ms(i64::MAX), 900_000);
        assert_eq!(OF_ACCOUNT.wait_ms(1_000_000), 60_000);
        for failures in 0..200 {
            assert!(OF_DEVICE.wait_ms(failures) <= OF_DEVICE.wait_ms(failures + 1));
        }
    }

    #[test]
    fn an_address_is_slowed_down_but_never_refused() {
        assert_eq!(slow_by_ms(0), 0);
        assert_eq!(slow_by_ms(ADDRESS_FREE), 0);
        assert_eq!(slow_by_ms(ADDRESS_FREE + 3), 300);
        assert_eq!(slow_by_ms(i64::MAX), 4_000);
        assert_eq!(slow_by_ms(i64::MIN + 200), 0);
    }

    #[test]
    fn an_ipv6_household_is_one_address() {
        assert_eq!(address_group("2001:db8:1:2:aaaa::1"), address_group("2001:db8:1:2:ffff::9"));
        assert_ne!(address_group("2001:db8:1:2::1"), address_group("2001:db8:1:3::1"));
        assert_eq!(address_group("::ffff:10.0.0.7"), "10.0.0.7");
        assert_eq!(address_group("not an address\r\n"), "?");
    }
}
