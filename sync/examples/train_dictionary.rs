//! Trains the shared knowledge of a codec from text files:
//! `cargo run -p sync --example train_dictionary -- OUT_DIRECTORY FILES…`
//!
//! Writes `vi-1.words` (syllables by frequency, then every syllable Vietnamese spelling allows)
//! and `vi-1.zstd`. The checked-in files were made from the Universal Declaration of Human Rights
//! in Vietnamese, four news articles, and every second line of the 2025 list of merged communes;
//! tables (`.tsv`) give their even lines, the odd ones are kept for measuring. The result depends
//! on the files and the zstd version only. A table once released is never trained again: new
//! knowledge gets a new number.

use std::{collections::BTreeMap, env, fs, path::Path, process::ExitCode};
use sync::words::{TABLE_MOST, Words};
use unicode_normalization::UnicodeNormalization;

const DICTIONARY_BYTES: usize = 16 * 1024;
/// News and law speak more like our publications than lists of communes do.
const PROSE_WEIGHT: u64 = 16;
const SHUFFLED_SAMPLES: u64 = 1000;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [out, files @ ..] = arguments.as_slice() else {
        eprintln!("usage: train_dictionary OUT_DIRECTORY FILES…");
        return ExitCode::FAILURE;
    };
    match train(Path::new(out), files) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("failed to train: {error}");
            ExitCode::FAILURE
        }
    }
}

fn train(out: &Path, files: &[String]) -> std::io::Result<()> {
    let mut prose = Vec::new();
    let mut lists = Vec::new();
    for file in files {
        let text: String = fs::read_to_string(file)?.nfc().collect();
        let is_list = Path::new(file).extension().is_some_and(|extension| extension == "tsv");
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
            match is_list {
                true if number % 2 == 0 => lists.push(line.to_owned()),
                true => {}
                false => prose.push(line.to_owned()),
            }
        }
    }
    let table = word_table(&prose, &lists);
    fs::write(out.join("vi-1.words"), &table)?;
    let words = Words::new(&table);

    let mut samples: Vec<Vec<u8>> = Vec::new();
    for line in prose.iter().chain(&lists) {
        samples.push(words.shorten(&as_payload(line, samples.len())));
    }
    // Shuffled words teach the entropy tables what text that was never seen looks like.
    let vocabulary: Vec<&str> = prose.iter().flat_map(|line| line.split_whitespace()).collect();
    let mut state = 88_172_645_463_325_252;
    for _ in 0..SHUFFLED_SAMPLES {
        let mut text = String::new();
        while text.len() < 1000 {
            text.push_str(vocabulary[next(&mut state) % vocabulary.len()]);
            text.push(' ');
        }
        samples.push(words.shorten(&as_payload(&text, samples.len())));
    }
    let dictionary = zstd::dict::from_samples(&samples, DICTIONARY_BYTES)?;
    println!("{} syllables, {} bytes of dictionary", table.lines().count(), dictionary.len());
    fs::write(out.join("vi-1.zstd"), dictionary)
}

/// Xorshift: the same numbers on every machine.
fn next(state: &mut u64) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    usize::try_from(*state % u64::from(u32::MAX)).expect("below 2^32")
}

/// The text as the payload of a signed record carries it (see `record`).
fn as_payload(text: &str, number: usize) -> Vec<u8> {
    let number = u16::try_from(number).unwrap_or(u16::MAX);
    let mut payload = vec![0xa6, 0x01, 0x1a, 0x6b, 0x40, 0x10, 0x20, 0x02, 0x19];
    payload.extend(number.to_be_bytes());
    payload.extend([0x03, 0x02, 0x04, 0x05, 0x05, 0x81, 0x76]);
    payload.extend(b"/vn/19@2025/01969@2025");
    payload.extend([0x07, 0x59]);
    payload.extend(u16::try_from(text.len()).unwrap_or(u16::MAX).to_be_bytes());
    payload.extend(text.as_bytes());
    payload
}

fn word_table(prose: &[String], lists: &[String]) -> String {
    let mut count: BTreeMap<String, u64> = BTreeMap::new();
    for (lines, weight) in [(prose, PROSE_WEIGHT), (lists, 1)] {
        for word in lines.iter().flat_map(|line| line.split(|letter: char| !letter.is_alphabetic()))
        {
            if !word.is_empty() {
                *count.entry(word.to_lowercase()).or_default() += weight;
            }
        }
    }
    let mut seen: Vec<(String, u64)> = count.clone().into_iter().collect();
    seen.sort_by(|(a, times_a), (b, times_b)| times_b.cmp(times_a).then_with(|| a.cmp(b)));
    let mut table: Vec<String> = seen.into_iter().map(|(word, _)| word).collect();
    table.extend(spellable().into_iter().filter(|syllable| !count.contains_key(syllable)));
    table.truncate(TABLE_MOST);
    table.join("\n")
}

/// Every syllable that Vietnamese spelling allows, more or less: it need not be exact, it only has
/// to contain what people write.
fn spellable() -> Vec<String> {
    const ONSETS: &str = "- b c ch d đ g gh gi h k kh l m n ng ngh nh ph qu r s t th tr v x";
    const OPEN: &str = "a ai ao au ay âu ây e eo ê êu i ia iu iêu o oa oai oay oe oi ô ôi ơ ơi u \
        ua ui uê uy uya uôi ư ưa ưi ưu ươi ươu uây y yêu am an ang anh ăm ăn ăng \
        âm ân âng em en eng êm ên ênh im in inh iêm iên iêng om on ong ôm ôn ông ơm ơn um un ung \
        uôm uôn uông ưm ưn ưng ươm ươn ương oan oang oanh oăn oăng oăm oen uân uâng uên uyên \
        uynh uơ yên";
    const STOPPED: &str = "ac ach at ap ăc ăt ăp âc ât âp ec et ep êch êt êp ich it ip iêc iêt \
        iêp oc ot op ôc ôt ôp ơt ơp uc ut up uôc uôt ưc ưt ươc ươt ươp oac oach oat oăc oăt uât \
        uyêt uyt oet";
    /// Ngang, huyền, sắc, hỏi, ngã, nặng as combining marks.
    const TONES: [&str; 6] = ["", "\u{300}", "\u{301}", "\u{309}", "\u{303}", "\u{323}"];
    let mut syllables = Vec::new();
    for onset in ONSETS.split_whitespace() {
        let onset = onset.trim_matches('-');
        let front = |rime: &&str| rime.starts_with(['e', 'ê', 'i', 'y']);
        let rounded = |rime: &&str| {
            ["oa", "oă", "oe", "uâ", "uê", "uy", "uơ"].iter().any(|r| rime.starts_with(r))
        };
        let fits = |rime: &&str| match onset {
            "k" | "gh" | "ngh" => front(rime),
            "c" | "g" | "ng" => !front(rime),
            "b" | "m" | "ph" | "v" | "gi" | "r" | "n" => !rounded(rime),
            "qu" => !rime.starts_with(['o', 'ô', 'u', 'ư']),
            _ => true,
        };
        let open = OPEN.split_whitespace().filter(fits).map(|rime| (rime, &TONES[..]));
        let stopped = STOPPED.split_whitespace().filter(fits);
        let stopped = stopped.map(|rime| (rime, &[TONES[2], TONES[5]] as &[&str]));
        for (rime, tones) in open.chain(stopped) {
            for tone in tones {
                for place in tone_places(rime) {
                    let (before, after) = rime.split_at(place);
                    let syllable = format!("{onset}{before}{tone}{after}");
                    syllables.push(syllable.nfc().collect::<String>());
                }
            }
        }
    }
    syllables.sort();
    syllables.dedup();
    syllables
}

/// After which byte of the rime the tone mark may stand. Two habits exist for oa, oe and uy.
fn tone_places(rime: &str) -> Vec<usize> {
    let vowels: Vec<(usize, char)> = rime
        .char_indices()
        .filter(|(_, letter)| "aăâeêioôơuưy".contains(*letter))
        .map(|(at, letter)| (at + letter.len_utf8(), letter))
        .collect();
    let marked = vowels.iter().rev().find(|(_, letter)| "ăâêôơ".contains(*letter));
    if let Some((place, _)) = marked {
        return vec![*place];
    }
    let ends_in_vowel = vowels.last().is_some_and(|(place, _)| *place == rime.len());
    match vowels.as_slice() {
        [(only, _)] => vec![*only],
        [(first, _), (second, _)] if ends_in_vowel => match rime {
            "oa" | "oe" | "uy" => vec![*first, *second],
            _ => vec![*first],
        },
        [_, (second, _), ..] => vec![*second],
        [] => vec![],
    }
}
