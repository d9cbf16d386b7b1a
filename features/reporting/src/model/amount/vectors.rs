//! The vectors of `tests/vectors/amounts.json`: what is typed, and what comes of it. Whatever else reads amounts,
//! the page's script above all, is held to the same file.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use kernel::locale::{Lang, Words};
use serde::{Deserialize, Serialize};

use super::{in_words, print_amount, read_amount, unit};

/// What is typed, into a cell of which unit, and how many decimals it keeps.
const TYPED: &[(&str, &str, u32)] = &[
    // As officials write.
    ("306.105 triệu", "trieu-dong", 3),
    ("306.105 triệu đồng", "trieu-dong", 0),
    ("306.105", "trieu-dong", 3),
    ("306,105", "trieu-dong", 3),
    ("1.234,5", "ha", 2),
    ("1 234", "ho", 0),
    ("1\u{a0}234,50", "ha", 1),
    ("12\u{202f}345\u{202f}678", "dong", 0),
    ("1234567", "dong", 0),
    ("  42  ", "ho", 0),
    ("007", "ho", 0),
    ("0", "ho", 0),
    ("-0", "ho", 0),
    ("0,0", "ho", 0),
    ("5,00", "ho", 0),
    ("0,5", "ha", 2),
    ("24 hộ", "ho", 0),
    ("24 hộ gia đình", "ho", 0),
    ("24 HO", "ho", 0),
    ("12,5 m²", "m2", 1),
    ("12,5m2", "m2", 1),
    ("98 %", "phan-tram", 1),
    ("98,25%", "phan-tram", 2),
    ("2,5 %", "diem-phan-tram", 1),
    ("3 CLB", "clb", 0),
    ("+7", "nguoi", 0),
    ("-12", "nguoi", 0),
    ("\u{2212}1,5", "diem-phan-tram", 1),
    ("–3", "nguoi", 0),
    // Full-width characters.
    ("１２３４", "ho", 0),
    ("１．２３４，５", "ha", 1),
    ("－９８％", "phan-tram", 0),
    // Another unit or scale of the same kind.
    ("2,5 tỷ", "trieu-dong", 0),
    ("2,5 tỉ đồng", "trieu-dong", 3),
    ("2,5 ty", "trieu-dong", 0),
    ("500k", "dong", 0),
    ("1,2 nghìn tỷ", "ty-dong", 0),
    ("1,2 nghìn tỷ đồng", "trieu-dong", 0),
    ("15tr", "dong", 0),
    ("306.105.000 đ", "trieu-dong", 3),
    ("306.105.000₫", "trieu-dong", 3),
    ("306.105.000 VNĐ", "trieu-dong", 3),
    ("500 đồng", "trieu-dong", 4),
    ("1,2 nghìn người", "nguoi", 0),
    ("2 nghìn", "ho", 0),
    ("1,5 ha", "m2", 0),
    ("3 tạ", "kg", 0),
    ("800 m", "km", 1),
    ("5‰", "phan-tram", 1),
    // What could be read in two ways, or is written otherwise.
    ("1.5", "ha", 2),
    ("1.5", "ho", 0),
    ("-12.50", "ha", 2),
    ("0.500", "ha", 3),
    ("0.5", "ha", 2),
    ("0.3 tỷ", "trieu-dong", 0),
    ("0.3tỷ", "trieu-dong", 3),
    ("-0.3 tỷ đồng", "trieu-dong", 0),
    ("1.5 tỷ", "trieu-dong", 0),
    ("1.5 triệu", "trieu-dong", 0),
    ("1.5 đồng", "trieu-dong", 4),
    ("1.5 đồng", "trieu-dong", 0),
    ("1,234.5 tỷ", "ty-dong", 1),
    ("98.5%", "phan-tram", 1),
    ("1.5 nghìn", "nguoi", 0),
    ("0.500", "ho", 0),
    ("001.234", "ho", 0),
    ("0.5", "ho", 0),
    ("1.25", "ha", 1),
    ("-1.5", "ho", 0),
    ("1,234.5", "ho", 0),
    ("1234.56", "ha", 1),
    ("999.99 nghìn tỷ", "dong", 0),
    ("1.2345", "ha", 4),
    ("1234.5", "ha", 1),
    ("1,234.5", "ha", 1),
    ("1,234,567", "dong", 0),
    ("1,234", "ho", 0),
    ("1,234", "ha", 2),
    ("1,234", "ha", 3),
    ("5,000", "ho", 0),
    ("1,250", "ha", 2),
    ("306,100", "trieu-dong", 3),
    ("1,500 tỷ", "trieu-dong", 0),
    ("-1,500 tỷ", "trieu-dong", 0),
    ("-5,000", "ho", 0),
    ("100,000 đ", "trieu-dong", 3),
    ("1,234 tỷ", "trieu-dong", 0),
    ("5,0", "ho", 0),
    ("1.234,500", "ha", 1),
    // More decimals than are kept.
    ("12,5", "ho", 0),
    ("12,345", "ha", 2),
    ("1,12345678", "ha", 6),
    ("0,30000000000000004", "ha", 2),
    ("500 đồng", "trieu-dong", 3),
    // Too large.
    ("999.999.999.999.999", "dong", 0),
    ("1.000.000.000.000.000", "dong", 0),
    ("999.999.999.999.999", "dong", 1),
    ("99999999999999999999999999", "dong", 0),
    ("9.999.999 nghìn tỷ", "dong", 0),
    // What has a meaning, but is no figure.
    ("", "ho", 0),
    ("=A1+B1", "ho", 0),
    ("=1", "ho", 0),
    ("12+5", "ho", 0),
    ("3*4", "ho", 0),
    ("12/5/2026", "ho", 0),
    ("12/5", "ho", 0),
    ("2026-11-22", "ho", 0),
    ("12.5.2026", "ho", 0),
    ("3-5", "ho", 0),
    ("3 – 5", "ho", 0),
    ("-", "ho", 0),
    ("Không", "ho", 0),
    ("…", "ho", 0),
    // Thousands of what is counted, and more of it than people count in.
    ("3 nghìn", "luot", 0),
    ("1,2 ngàn lượt", "luot-nguoi", 0),
    ("306.105 triệu", "cuoc", 0),
    ("306.105 trieu", "cuoc", 0),
    ("1,2 triệu người", "nguoi", 0),
    ("0.3 tỷ", "ho", 0),
    ("2 nghìn tỷ", "so", 0),
    ("2 triệu", "phan-tram", 1),
    ("2 triệu đồng", "ho", 0),
    // Words that say something else.
    ("24 người", "ho", 0),
    ("24 người", "luot-nguoi", 0),
    ("5 ha", "km", 0),
    ("5 điểm", "phan-tram", 0),
    ("2 nghìn %", "phan-tram", 0),
    ("1tr5", "dong", 0),
    ("5 tỷ 300 triệu", "dong", 0),
    ("5 tá", "kg", 0),
    ("5 hộ?", "ho", 0),
    ("khoảng 5", "ho", 0),
    ("5 (ước)", "ho", 0),
    ("100 USD", "trieu-dong", 0),
    // What is no number.
    ("abc", "ho", 0),
    ("--5", "ho", 0),
    ("- 5", "ho", 0),
    ("5-", "ho", 0),
    ("(5)", "ho", 0),
    ("1.23.4", "ha", 1),
    ("1.23,4", "ha", 1),
    ("12 34", "ho", 0),
    ("1.234 567", "ho", 0),
    ("0.500.000", "dong", 0),
    (",5", "ha", 1),
    ("5,", "ha", 1),
    ("5.", "ha", 1),
    ("1e9", "ho", 0),
    ("NaN", "ho", 0),
    ("10²", "ho", 0),
    ("①", "ho", 0),
    ("½", "ha", 1),
    ("١٢", "ho", 0),
    ("1\n234", "ho", 0),
    ("1\t234", "ho", 0),
    ("#REF!", "ho", 0),
];

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Vector {
    text: String,
    unit: String,
    decimals: u32,
    #[serde(flatten)]
    outcome: Outcome,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Outcome {
    Read { amount: i64, restated: bool, printed: String, words: String },
    Problem { problem: String, args: BTreeMap<String, String> },
}

fn vector(&(text, code, decimals): &(&str, &str, u32)) -> Vector {
    let of = unit(code).unwrap();
    let outcome = match read_amount(text, of, decimals) {
        Ok(read) => Outcome::Read {
            amount: read.amount,
            restated: read.restated,
            printed: print_amount(read.amount, decimals),
            words: in_words(read.amount, decimals, of),
        },
        Err(problem) => Outcome::Problem {
            problem: problem.key.to_owned(),
            args: problem.args.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        },
    };
    Vector { text: text.to_owned(), unit: code.to_owned(), decimals, outcome }
}

#[test]
fn amounts_are_read_as_the_vectors_say() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/amounts.json");
    let now: Vec<Vector> = TYPED.iter().map(vector).collect();
    let kept: Vec<Vector> = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    for (now, kept) in now.iter().zip(&kept) {
        assert_eq!(now, kept);
    }
    assert_eq!(now.len(), kept.len());
}

#[test]
fn every_problem_is_told_in_both_languages_with_all_it_has_to_say() {
    let words = Words::load(crate::module().locales).unwrap();
    let typed = TYPED.iter().map(|(text, code, decimals)| (text, unit(code).unwrap(), *decimals));
    let problems = typed.filter_map(|(text, of, decimals)| read_amount(text, of, decimals).err());
    let mut keys = BTreeSet::new();
    for problem in problems {
        for lang in Lang::ALL {
            let told = words.say(lang, problem.key, &problem.args);
            assert!(!told.contains(['{', '$', '⟦']), "{told}");
        }
        keys.insert(problem.key);
    }
    assert_eq!(keys.len(), 18, "every kind of problem stands in the vectors: {keys:?}");
}
