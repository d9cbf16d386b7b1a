//! What a good password is here, and how a one-time password is made. Hashing is an action: it costs
//! memory and must be rationed.
//!
//! Length and "not one of the usual ones" are asked for, not character classes (NIST SP 800-63B §5.1.1.2):
//! a line of a folk song with spaces and marks is a fine password.

use std::{collections::BTreeSet, sync::OnceLock};

use kernel::{chance::Chance, problem::FormProblems, text};
use unicode_normalization::UnicodeNormalization;

const LETTERS_MIN: usize = 10;
/// Longer input is refused before it is hashed.
const BYTES_MAX: usize = 512;
/// A one-time password works for this many days.
pub(crate) const ONE_TIME_DAYS: i64 = 7;

/// The bytes that are hashed: the same whether the keyboard composed the marks or not.
pub(crate) fn normal_form(password: &str) -> String {
    password.nfc().collect()
}

/// True for input that cannot be anybody's password.
pub(crate) fn is_long(password: &str) -> bool {
    password.len() > BYTES_MAX
}

/// Notes under `field` what is wrong with a new password, if anything.
pub(crate) fn check_password(
    problems: &mut FormProblems,
    field: &str,
    password: &str,
    username: &str,
) {
    let password = normal_form(password);
    if is_long(&password) {
        problems.add(field, "identity-password-long");
    } else if password.chars().count() < LETTERS_MIN {
        problems.add(field, "identity-password-short");
    } else if names_the_person(&password, username) {
        problems.add(field, "identity-password-is-username");
    } else if is_common(&password) {
        problems.add(field, "identity-password-common");
    }
}

fn squeeze(text: &str) -> String {
    text::fold(text).replace(' ', "")
}

/// The username, or the username with digits and signs around it.
fn names_the_person(password: &str, username: &str) -> bool {
    let username = squeeze(username);
    let password = squeeze(password);
    let bare = password.trim_matches(|c: char| c.is_ascii_digit());
    !username.is_empty() && (password == username || bare == username)
}

/// One of the usual passwords, also with digits behind it (`matkhau2026`), a run along the keyboard or
/// the alphabet, or a few letters over and over.
fn is_common(password: &str) -> bool {
    let bare = squeeze(password);
    let stem = bare.trim_end_matches(|c: char| c.is_ascii_digit());
    let few_letters = bare.chars().collect::<BTreeSet<_>>().len() < 4;
    few_letters
        || usual().contains(bare.as_str())
        || usual().contains(stem)
        || RUNS.iter().any(|run| runs_along(&bare, run))
}

const RUNS: [&str; 4] = [
    "0123456789012345678901234567890",
    "9876543210987654321098765432109",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
];

fn runs_along(password: &str, run: &str) -> bool {
    password.len() >= 6 && run.contains(password)
}

/// The usual passwords, folded; `passwords.txt` says where they come from.
fn usual() -> &'static BTreeSet<&'static str> {
    static USUAL: OnceLock<BTreeSet<&'static str>> = OnceLock::new();
    USUAL.get_or_init(|| {
        include_str!("passwords.txt")
            .lines()
            .filter(|line| !line.starts_with('#'))
            .flat_map(str::split_whitespace)
            .collect()
    })
}

/// A password to be read out or written on a slip: three groups of four letters and digits without
/// look-alikes (no 0/o, 1/l/i), 59 bits.
pub fn one_time_password(chance: &Chance) -> String {
    groups(chance.bytes())
}

/// Twelve bytes as three readable groups.
pub(crate) fn groups(bytes: [u8; 12]) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789x";
    let letters: Vec<char> =
        bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(password: &str, username: &str) -> Option<&'static str> {
        let mut problems = FormProblems::new();
        check_password(&mut problems, "password", password, username);
        let failure = problems.check().err()?;
        failure.problem().and_then(|problem| problem.fields.first()).map(|at| at.key)
    }

    #[test]
    fn a_long_password_in_plain_vietnamese_is_accepted() {
        for good in
            ["suối Tà Lùng nước trong", "chợ phiên thứ bảy", "ríu rít trên nương", "kx4m-7pqa-9wzd"]
        {
            assert_eq!(refusal(good, "mai"), None, "{good}");
        }
    }

    #[test]
    fn what_everybody_uses_is_refused() {
        for usual in [
            "1234567890",
            "mật khẩu 2026",
            "matkhau123",
            "Anh Yêu Em 1990",
            "aaaaaaaaaaaa",
            "qwertyuiop",
            "abcdefghijkl",
            "password123",
            "9876543210",
            "abababababab",
        ] {
            assert_eq!(refusal(usual, "mai"), Some("identity-password-common"), "{usual}");
        }
        assert_eq!(refusal("ngắn quá", "mai"), Some("identity-password-short"));
        assert_eq!(refusal(&"dài ".repeat(200), "mai"), Some("identity-password-long"));
    }

    #[test]
    fn ones_own_username_is_no_password() {
        for weak in ["y.bham.daklak", "YBhamDakLak2026", "123ybhamdaklak"] {
            assert_eq!(
                refusal(weak, "y.bham.daklak"),
                Some("identity-password-is-username"),
                "{weak}"
            );
        }
    }

    #[test]
    fn both_unicode_forms_are_one_password() {
        let composed = "nước trong xanh";
        let decomposed: String = composed.nfd().collect();
        assert_ne!(composed, decomposed);
        assert_eq!(normal_form(composed), normal_form(&decomposed));
    }

    #[test]
    fn one_time_passwords_can_be_read_out_and_pass_our_own_rule() {
        for seed in 0..50 {
            let password = one_time_password(&Chance::seeded(seed));
            assert_eq!(password.len(), 14);
            assert!(!password.contains(['0', 'o', '1', 'l', 'i']), "{password}");
            assert_eq!(refusal(&password, "mai"), None);
        }
    }
}
