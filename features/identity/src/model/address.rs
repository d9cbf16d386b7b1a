//! Addresses of e-mail: what is taken for one, and how long a code that confirms it lives.

/// How long a code may be typed, in seconds.
pub(crate) const CODE_LIVES_S: i64 = 24 * 3_600;
/// Wrong codes after which a new one must be asked for: eight digits cannot be guessed in five.
pub(crate) const WRONG_MOST: i64 = 5;
/// Codes that one person may have sent in a day, so that nobody floods a stranger's letter box.
pub(crate) const SENT_MOST: i64 = 5;

/// An address as it is kept: RFC 5321 in its plain form, `name@host.example`, ASCII, at most 254 characters.
/// Quoted names, comments and address literals exist on paper only and are refused.
pub(crate) fn read_address(text: &str) -> Option<String> {
    let text = text.trim();
    let (name, host) = text.rsplit_once('@')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c);
    let name_fits = (1..=64).contains(&name.len())
        && name.chars().all(plain)
        && !name.starts_with('.')
        && !name.ends_with('.')
        && !name.contains("..");
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    let labels: Vec<&str> = host.split('.').collect();
    let ends_in_letters = labels.last().is_some_and(|top| !top.chars().all(|c| c.is_ascii_digit()));
    let host_fits = labels.len() >= 2 && ends_in_letters && labels.into_iter().all(label);
    (text.len() <= 254 && name_fits && host_fits)
        .then(|| format!("{name}@{}", host.to_ascii_lowercase()))
}

/// An address as a page that others may look at over one's shoulder shows it: `ma…@thainguyen.gov.vn`.
pub(crate) fn veiled(address: &str) -> String {
    let (name, host) = address.split_once('@').unwrap_or((address, ""));
    let kept: String = name.chars().take(2).collect();
    format!("{kept}…@{host}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_addresses_are_taken() {
        for good in ["mai@xa.gov.vn", "lan.pt+nhac@ThaiNguyen.GOV.vn", " a@b.vn "] {
            assert!(read_address(good).is_some(), "{good}");
        }
        assert_eq!(read_address("Mai@XA.gov.vn").as_deref(), Some("Mai@xa.gov.vn"));
        let long = format!("{}@b.vn", "a".repeat(65));
        for bad in [
            "",
            "mai",
            "mai@",
            "@xa.gov.vn",
            "mai@localhost",
            "mai@127.0.0.1",
            "mai@[127.0.0.1]",
            "\"mai\"@xa.vn",
            "mai@xa.vn\r\nBcc: all@xa.vn",
            "a,b@xa.vn",
            "Mai <mai@xa.vn>",
            "mái@xa.vn",
            "mai@-xa.vn",
            "m..ai@xa.vn",
            &long,
        ] {
            assert_eq!(read_address(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_veiled_address_does_not_tell_the_name() {
        assert_eq!(veiled("maipt@xa.gov.vn"), "ma…@xa.gov.vn");
    }
}
