//! Numbers in Vietnamese words, as official papers write them: *linh* and not *lẻ*, *nghìn* and not *ngàn*;
//! *mốt*, *tư* and *lăm* after *mươi*.

use super::unit::{Unit, unit};

const DIGITS: [&str; 10] = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"];
/// Decimals up to so many, after the zeros they begin with, are read as one number.
const DECIMALS_AS_NUMBER: usize = 3;

/// An amount with its unit. Money is told in đồng whatever the unit of the cell: 306,105 triệu đồng is *ba trăm
/// linh sáu triệu một trăm linh năm nghìn đồng*.
pub fn in_words(amount: i64, decimals: u32, of: &Unit) -> String {
    let base = unit("dong").filter(|_| of.is_money());
    let (said, worth) = base.map_or((&of.said, 1), |base| (&base.said, of.num));
    let mut text = decimal(i128::from(amount).saturating_mul(worth), decimals);
    if !said.is_empty() {
        text.push(' ');
        text.push_str(said);
    }
    text
}

/// A whole number: 24 is *hai mươi tư*, 1.005 *một nghìn không trăm linh năm*.
pub fn number_in_words(number: i64) -> String {
    decimal(i128::from(number), 0)
}

fn decimal(digits: i128, decimals: u32) -> String {
    let decimals = usize::try_from(decimals).unwrap_or(0);
    let text = format!("{:0>width$}", digits.unsigned_abs(), width = decimals + 1);
    let (whole, part) = text.split_at(text.len() - decimals);
    let part = part.trim_end_matches('0');
    let mut all = Vec::new();
    if digits < 0 {
        all.push("âm");
    }
    number(whole.parse().unwrap_or(0), &mut all);
    if !part.is_empty() {
        all.push("phẩy");
        fraction(part, &mut all);
    }
    all.join(" ")
}

fn number(value: u128, all: &mut Vec<&'static str>) {
    if value == 0 {
        all.push(DIGITS[0]);
    } else {
        spell(value, false, all);
    }
}

/// The digits after the comma: the zeros they begin with one by one, the rest as a number while it is short.
fn fraction(part: &str, all: &mut Vec<&'static str>) {
    let rest = part.trim_start_matches('0');
    all.extend(std::iter::repeat_n(DIGITS[0], part.len() - rest.len()));
    if rest.len() <= DECIMALS_AS_NUMBER {
        number(rest.parse().unwrap_or(0), all);
    } else {
        all.extend(rest.bytes().map(|byte| DIGITS[usize::from(byte - b'0')]));
    }
}

/// Groups of nine digits are told before *tỷ*, of which there may be several: *một nghìn tỷ*, *một tỷ tỷ*.
/// `after` something larger was told, hundreds are told even when there are none. A number is above zero here.
fn spell(value: u128, after: bool, all: &mut Vec<&'static str>) {
    const BILLION: u128 = 1_000_000_000;
    let mut after = after;
    if value >= BILLION {
        spell(value / BILLION, after, all);
        all.push("tỷ");
        after = true;
    }
    for (size, name) in [(1_000_000, "triệu"), (1_000, "nghìn"), (1, "")] {
        let group = usize::try_from(value % BILLION / size % 1_000).unwrap_or(0);
        if group > 0 {
            hundreds(group, after, all);
            if !name.is_empty() {
                all.push(name);
            }
            after = true;
        }
    }
}

fn hundreds(group: usize, after: bool, all: &mut Vec<&'static str>) {
    let (hundred, ten, one) = (group / 100, group / 10 % 10, group % 10);
    let told = after || hundred > 0;
    if told {
        all.extend([DIGITS[hundred], "trăm"]);
    }
    match ten {
        0 if told && one > 0 => all.push("linh"),
        0 => {}
        1 => all.push("mười"),
        _ => all.extend([DIGITS[ten], "mươi"]),
    }
    match (ten, one) {
        (_, 0) => {}
        (2.., 1) => all.push("mốt"),
        (2.., 4) => all.push("tư"),
        (1.., 5) => all.push("lăm"),
        _ => all.push(DIGITS[one]),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn numbers_are_said_as_official_papers_say_them() {
        let table = [
            (0, "không"),
            (5, "năm"),
            (10, "mười"),
            (11, "mười một"),
            (14, "mười bốn"),
            (15, "mười lăm"),
            (20, "hai mươi"),
            (21, "hai mươi mốt"),
            (24, "hai mươi tư"),
            (25, "hai mươi lăm"),
            (55, "năm mươi lăm"),
            (100, "một trăm"),
            (101, "một trăm linh một"),
            (104, "một trăm linh bốn"),
            (105, "một trăm linh năm"),
            (110, "một trăm mười"),
            (111, "một trăm mười một"),
            (115, "một trăm mười lăm"),
            (121, "một trăm hai mươi mốt"),
            (1_000, "một nghìn"),
            (1_005, "một nghìn không trăm linh năm"),
            (1_015, "một nghìn không trăm mười lăm"),
            (1_024, "một nghìn không trăm hai mươi tư"),
            (10_000_000, "mười triệu"),
            (1_000_001, "một triệu không trăm linh một"),
            (1_050_000, "một triệu không trăm năm mươi nghìn"),
            (21_000_000, "hai mươi mốt triệu"),
            (306_105_000, "ba trăm linh sáu triệu một trăm linh năm nghìn"),
            (1_000_000_005, "một tỷ không trăm linh năm"),
            (2_500_000_000_000, "hai nghìn năm trăm tỷ"),
            (1_000_000_000_000_000_000, "một tỷ tỷ"),
            (-24, "âm hai mươi tư"),
        ];
        for (number, words) in table {
            assert_eq!(number_in_words(number), words, "{number}");
        }
        assert!(number_in_words(i64::MIN).starts_with("âm chín tỷ"));
    }

    #[test]
    fn amounts_are_said_with_their_unit_and_money_in_dong() {
        let table = [
            (306_105, 3, "trieu-dong", "ba trăm linh sáu triệu một trăm linh năm nghìn đồng"),
            (306_105, 0, "trieu-dong", "ba trăm linh sáu tỷ một trăm linh năm triệu đồng"),
            (25, 1, "ty-dong", "hai tỷ năm trăm triệu đồng"),
            (5, 1, "dong", "không phẩy năm đồng"),
            (24, 0, "ho", "hai mươi tư hộ"),
            (1_250, 2, "ha", "mười hai phẩy năm héc-ta"),
            (1_205, 2, "km", "mười hai phẩy không năm ki-lô-mét"),
            (5_555, 2, "phan-tram", "năm mươi lăm phẩy năm mươi lăm phần trăm"),
            (195, 3, "tan", "không phẩy một trăm chín mươi lăm tấn"),
            (1_414_213, 6, "m", "một phẩy bốn một bốn hai một ba mét"),
            (-5, 1, "diem-phan-tram", "âm không phẩy năm điểm phần trăm"),
            (7, 0, "so", "bảy"),
            (0, 3, "trieu-dong", "không đồng"),
        ];
        for (amount, decimals, code, words) in table {
            assert_eq!(in_words(amount, decimals, unit(code).unwrap()), words);
        }
    }

    #[test]
    fn different_numbers_are_said_differently() {
        let near = 0..30_000_i64;
        let far = (0..3_000_i64).map(|n| 1_000_000_000 + n * 1_001_001);
        let all: HashSet<String> = near.chain(far).map(number_in_words).collect();
        assert_eq!(all.len(), 33_000);
    }
}
