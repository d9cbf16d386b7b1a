//! A prestigious person (*người có uy tín*), as the officer of their commune keeps them.

use kernel::{
    clock::Day,
    problem::{FormProblems, Outcome},
    text,
};

pub use super::ids::{CardId, PersonId};

/// Longest name accepted, in characters.
const NAME_MAX: usize = 80;

/// The standing a person has in the community, as the provinces' lists group them.
pub const STANDINGS: [&str; 9] = [
    "gia_lang",
    "truong_dong_ho",
    "truong_thon",
    "can_bo_nghi_huu",
    "chuc_sac",
    "thay_cung",
    "tri_thuc",
    "san_xuat_gioi",
    "khac",
];

/// Why somebody leaves the list.
pub const END_REASONS: [&str; 5] = ["qua_doi", "chuyen_di", "vi_pham", "mat_tin_nhiem", "xin_rut"];

/// What a person agrees to, each for itself (Luật Bảo vệ dữ liệu cá nhân; NĐ 356/2025/NĐ-CP).
pub const PURPOSES: [&str; 3] = ["receipts", "phone_call", "ethnic_group"];
/// May we note by name what this person heard and confirmed?
pub const CONSENT_RECEIPTS: &str = "receipts";
/// May we phone this person?
pub const CONSENT_PHONE: &str = "phone_call";
/// May we keep the person's ethnic group (sensitive personal data)?
pub const CONSENT_ETHNIC: &str = "ethnic_group";

/// What the form says about a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonDraft {
    /// Full name.
    pub name: String,
    /// The village's area id.
    pub village: String,
    /// `nam`, `nu`, or empty.
    pub gender: String,
    /// Year of birth.
    pub birth_year: String,
    /// Ethnic group; empty unless consent was given.
    pub ethnic_group: String,
    /// One of [`STANDINGS`], or empty.
    pub standing: String,
    /// Language tags the person understands.
    pub languages: Vec<String>,
    /// Reads Vietnamese well enough for a notice.
    pub reads_vietnamese: bool,
    /// Phone number.
    pub phone: String,
    /// Since when recognised.
    pub from: String,
    /// Purposes the person agreed to.
    pub consents: Vec<String>,
}

/// A person who passed the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Full name.
    pub name: String,
    /// `nam` or `nu`.
    pub gender: Option<String>,
    /// Year of birth.
    pub birth_year: Option<i64>,
    /// Ethnic group.
    pub ethnic_group: Option<String>,
    /// Standing in the community.
    pub standing: Option<String>,
    /// Language tags.
    pub languages: Vec<String>,
    /// Reads Vietnamese.
    pub reads_vietnamese: bool,
    /// Phone number, digits only.
    pub phone: Option<String>,
    /// Since when recognised.
    pub from: Day,
    /// Purposes agreed to.
    pub consents: Vec<String>,
}

impl PersonDraft {
    /// Checks everything that can be checked without looking anything up.
    pub fn check(&self, today: Day) -> Outcome<Person> {
        let mut wrong = FormProblems::new();
        let person = self.read(today, &mut wrong);
        wrong.check()?;
        // Nothing was wrong, so the day could be read.
        person.ok_or_else(|| {
            kernel::problem::Failure::fault("read a person", "a day that was checked")
        })
    }

    /// Reads the draft, noting what is wrong; gives a person only when the day can be read.
    pub fn read(&self, today: Day, wrong: &mut FormProblems) -> Option<Person> {
        let name = text::tidy(&self.name);
        let named = name.chars().any(char::is_alphabetic)
            && !name.chars().any(|c| c.is_ascii_digit() || "<>@/\\".contains(c));
        if name.is_empty() {
            wrong.add("name", "reach-error-name-missing");
        } else if !named || name.chars().count() > NAME_MAX {
            wrong.add("name", "reach-error-name");
        }
        wrong.require(!self.village.is_empty(), "village", "reach-error-village-missing");
        let birth_year = self.birth_year.trim().parse::<i64>().ok();
        let this_year: i64 = today.iso()[..4].parse().unwrap_or(9999);
        let plausible =
            birth_year.is_some_and(|year| (this_year - 120..=this_year - 18).contains(&year));
        wrong.require(
            self.birth_year.trim().is_empty() || plausible,
            "birth_year",
            "reach-error-birth-year",
        );
        wrong.require(
            ["", "nam", "nu"].contains(&self.gender.as_str()),
            "gender",
            "reach-error-choice",
        );
        let known = self.standing.is_empty() || STANDINGS.contains(&self.standing.as_str());
        wrong.require(known, "standing", "reach-error-choice");
        let tags = self
            .languages
            .iter()
            .all(|tag| (2..=12).contains(&tag.len()) && kernel::ids::is_well_formed(tag));
        wrong.require(tags && self.languages.len() <= 12, "languages", "reach-error-choice");
        let phone = read_phone(&self.phone);
        wrong.require(
            self.phone.trim().is_empty() || phone.is_some(),
            "phone",
            "reach-error-phone",
        );
        let consents = self.consents.iter().all(|purpose| PURPOSES.contains(&purpose.as_str()));
        wrong.require(consents, "consents", "reach-error-choice");
        let ethnic_group = text::tidy(&self.ethnic_group);
        let agreed = self.consents.iter().any(|purpose| purpose == CONSENT_ETHNIC);
        wrong.require(
            ethnic_group.is_empty() || agreed,
            "ethnic_group",
            "reach-error-ethnic-consent",
        );
        wrong.require(ethnic_group.chars().count() <= 40, "ethnic_group", "reach-error-choice");
        let from = Day::parse(&self.from);
        let past =
            from.is_none_or(|day| day <= today.plus_days(31) && day.iso().as_str() >= "1990-01-01");
        wrong.require(from.is_some() && past, "from", "reach-error-from");
        Some(Person {
            name,
            gender: some(&self.gender),
            birth_year,
            ethnic_group: some(&ethnic_group),
            standing: some(&self.standing),
            languages: self.languages.clone(),
            reads_vietnamese: self.reads_vietnamese,
            phone,
            from: from?,
            consents: self.consents.clone(),
        })
    }
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// A Vietnamese number (`0912 345 678`, `+84 912…`) as digits with a leading zero.
pub fn read_phone(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let rest = text.chars().all(|c| c.is_ascii_digit() || " .-+()".contains(c));
    let local = digits.strip_prefix("84").map_or(digits.clone(), |rest| format!("0{rest}"));
    (rest && local.starts_with('0') && (10..=11).contains(&local.len())).then_some(local)
}

/// `Hoàng Văn Páo` → `H. V. P.`: enough for the holder to see that it is their card.
pub fn initials(name: &str) -> String {
    let first = |word: &str| {
        word.chars().find(|c| c.is_alphabetic()).map(|c| format!("{}.", c.to_uppercase()))
    };
    name.split_whitespace().filter_map(first).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> Day {
        Day::new(2026, 11, 22).expect("a day")
    }

    fn draft() -> PersonDraft {
        PersonDraft {
            name: "Hoàng Văn Páo".to_owned(),
            village: "v1".to_owned(),
            from: "01/03/2025".to_owned(),
            ..PersonDraft::default()
        }
    }

    #[test]
    fn a_person_needs_a_name_a_village_and_a_day() {
        assert!(draft().check(today()).is_ok());
        let empty = PersonDraft::default().check(today()).expect_err("nothing was said");
        let fields: Vec<_> =
            empty.problem().expect("a problem").fields.iter().map(|at| at.field.clone()).collect();
        assert_eq!(fields, ["name", "village", "from"]);
    }

    #[test]
    fn an_ethnic_group_is_kept_only_with_consent() {
        let silent = PersonDraft { ethnic_group: "Dao".to_owned(), ..draft() };
        assert!(silent.check(today()).is_err());
        let agreed = PersonDraft { consents: vec![CONSENT_ETHNIC.to_owned()], ..silent };
        assert_eq!(agreed.check(today()).expect("agreed").ethnic_group.as_deref(), Some("Dao"));
    }

    #[test]
    fn figures_and_signs_are_no_names() {
        for name in ["<script>", "Páo 2", "a@b", "..."] {
            assert!(
                PersonDraft { name: name.to_owned(), ..draft() }.check(today()).is_err(),
                "{name}"
            );
        }
        for name in ["H'Hen Niê", "Y Bhăm", "Thào A Sùng", "K’Brêu"] {
            assert!(
                PersonDraft { name: name.to_owned(), ..draft() }.check(today()).is_ok(),
                "{name}"
            );
        }
    }

    #[test]
    fn phone_numbers_are_read_as_people_write_them() {
        assert_eq!(read_phone("0912 345 678").as_deref(), Some("0912345678"));
        assert_eq!(read_phone("+84 912.345.678").as_deref(), Some("0912345678"));
        for wrong in ["912345678", "abc", "0912345678;drop", "", "0912"] {
            assert_eq!(read_phone(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn initials_do_not_give_the_name_away() {
        assert_eq!(initials("Hoàng Văn Páo"), "H. V. P.");
        assert_eq!(initials("đặng Thị Ánh"), "Đ. T. Á.");
    }
}
