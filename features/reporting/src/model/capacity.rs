//! In which capacity somebody signs (NĐ 30/2020/NĐ-CP Điều 13): as the head of the unit, as who was
//! given the head's powers (*quyền*), in the head's place as a deputy (*ký thay*), also one in charge of the unit, on the head's order (*thừa lệnh*), or with the head's written authority (*thừa ủy quyền*).

use super::Tier;

/// The fewest and the most characters of a post.
const POST_CHARS: std::ops::RangeInclusive<usize> = 3..=100;

/// In which capacity a report is signed. Whoever signs on order or with authority says what post they hold; that of a
/// deputy follows from the unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Capacity {
    /// *Người đứng đầu ký*.
    #[default]
    Head,
    /// *Q.*: who was given the powers of the head.
    Acting,
    /// *KT.*
    Deputy,
    /// *TL.*, with the post.
    OnOrder(String),
    /// *TUQ.*, with the post.
    Authorised(String),
}

impl Capacity {
    /// From its code and, where it needs one, a post; none for an unknown code.
    pub fn of(code: &str, post: &str) -> Option<Self> {
        match code {
            "" => Some(Self::Head),
            "q" => Some(Self::Acting),
            "kt" => Some(Self::Deputy),
            "tl" => Some(Self::OnOrder(post.to_owned())),
            "tuq" => Some(Self::Authorised(post.to_owned())),
            _ => None,
        }
    }

    /// Its code: nothing for the head of the unit.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Head => "",
            Self::Acting => "q",
            Self::Deputy => "kt",
            Self::OnOrder(_) => "tl",
            Self::Authorised(_) => "tuq",
        }
    }

    /// The post of who signs, where it is theirs to say.
    pub fn post(&self) -> Option<&str> {
        match self {
            Self::Head | Self::Acting | Self::Deputy => None,
            Self::OnOrder(post) | Self::Authorised(post) => Some(post),
        }
    }

    /// True when it says what post whoever signs holds, where it must.
    pub fn is_whole(&self) -> bool {
        self.post().is_none_or(|post| POST_CHARS.contains(&post.chars().count()))
    }

    /// As it is kept and travels: `kt`, `tl:Chánh Văn phòng`; nothing for the head of the unit.
    pub fn text(&self) -> String {
        match self.post() {
            None => self.code().to_owned(),
            Some(post) => format!("{}:{post}", self.code()),
        }
    }

    /// Reads [`Capacity::text`]. What a later program may say beside this stands as it was always read: as signed by
    /// the head.
    pub fn parse(text: &str) -> Self {
        let (code, post) = text.split_once(':').unwrap_or((text, ""));
        Self::of(code, post).unwrap_or_default()
    }

    /// The lines above a signature, in capitals: *TM. ỦY BAN NHÂN DÂN*, *KT. CHỦ TỊCH*, *PHÓ CHỦ TỊCH* (Phụ lục I
    /// mục II.7). A ministry is led by one person and signs in nobody's name.
    pub fn lines(&self, tier: Tier) -> Vec<String> {
        let (all, head, deputy) = match tier {
            Tier::Ministry => (None, "BỘ TRƯỞNG", "THỨ TRƯỞNG"),
            Tier::Commune | Tier::Province => {
                (Some("TM. ỦY BAN NHÂN DÂN"), "CHỦ TỊCH", "PHÓ CHỦ TỊCH")
            }
        };
        let all = all.map(str::to_owned);
        let own = match self {
            Self::Head => vec![head.to_owned()],
            Self::Acting => vec![format!("Q. {head}")],
            Self::Deputy => vec![format!("KT. {head}"), deputy.to_owned()],
            // They sign for the head, not for the whole committee.
            Self::OnOrder(post) => return vec![format!("TL. {head}"), post.to_uppercase()],
            Self::Authorised(post) => return vec![format!("TUQ. {head}"), post.to_uppercase()],
        };
        all.into_iter().chain(own).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_back() {
        let post = || "Trưởng phòng: Kinh tế".to_owned();
        for one in [
            Capacity::Head,
            Capacity::Acting,
            Capacity::Deputy,
            Capacity::OnOrder(post()),
            Capacity::Authorised(post()),
        ] {
            assert_eq!(Capacity::parse(&one.text()), one);
        }
        assert_eq!(Capacity::Head.text(), "");
        assert_eq!(Capacity::parse("xx:Thư ký"), Capacity::Head);
        assert_eq!(Capacity::of("xyz", ""), None);
    }

    #[test]
    fn the_lines_above_a_signature_are_those_of_the_decree() {
        let post = || "Chánh Văn phòng".to_owned();
        for (capacity, tier, lines) in [
            (Capacity::Head, Tier::Commune, &["TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"][..]),
            (
                Capacity::Deputy,
                Tier::Commune,
                &["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"],
            ),
            (Capacity::Acting, Tier::Commune, &["TM. ỦY BAN NHÂN DÂN", "Q. CHỦ TỊCH"]),
            (Capacity::OnOrder(post()), Tier::Province, &["TL. CHỦ TỊCH", "CHÁNH VĂN PHÒNG"]),
            (Capacity::Head, Tier::Ministry, &["BỘ TRƯỞNG"]),
            (Capacity::Deputy, Tier::Ministry, &["KT. BỘ TRƯỞNG", "THỨ TRƯỞNG"]),
            (Capacity::Authorised(post()), Tier::Ministry, &["TUQ. BỘ TRƯỞNG", "CHÁNH VĂN PHÒNG"]),
        ] {
            assert_eq!(capacity.lines(tier), lines, "{capacity:?}");
        }
    }
}
