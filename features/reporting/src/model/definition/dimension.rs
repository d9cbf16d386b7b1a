//! Dimensions and their options: codes and names that nobody takes for another's, and nothing taken away that
//! figures may stand at.

use kernel::{
    problem::FormProblems,
    text::{same_name, slug, tidy},
};

use crate::model::{
    Dimension,
    bundle::most,
    dimension::{DimensionOption, is_code},
};

/// Characters that a code made out of words may have.
const CODE_BYTES: usize = 24;

/// What is wrong with a dimension beside all others; `before` is the version in force.
///
/// Problems stand at `code`, `name`, `name_en` and `options`.
pub fn check<'a>(
    one: &Dimension,
    before: Option<&Dimension>,
    others: impl Iterator<Item = &'a Dimension>,
) -> FormProblems {
    let mut problems = FormProblems::new();
    problems.require(is_code(&one.code), "code", "reporting-dimension-code");
    problems.require(!one.name.trim().is_empty(), "name", "reporting-build-title-missing");
    let short = |text: &str| text.chars().count() <= most::TITLE;
    problems.require(short(&one.name), "name", "reporting-definition-long");
    problems.require(short(&one.name_en), "name_en", "reporting-definition-long");
    let mut others = others.filter(|other| other.code != one.code);
    if let Some(other) = others.find(|other| same_name(&other.name, &one.name)) {
        let named = vec![("code", other.code.clone())];
        problems.add_with("name", "reporting-dimension-name-taken", named);
    }
    options(one, &mut problems);
    if let Some(before) = before {
        let kept = before.options.iter().all(|option| one.option(&option.code).is_some());
        let same = one.partition == before.partition && (one.sensitive || !before.sensitive);
        problems.require(kept && same, "options", "reporting-dimension-stays");
    }
    problems
}

fn options(one: &Dimension, problems: &mut FormProblems) {
    if one.options.len() > most::OPTIONS {
        let many = vec![("most", most::OPTIONS.to_string())];
        problems.add_with("options", "reporting-dimension-many", many);
        return;
    }
    // With one option there is nothing to tell apart.
    problems.require(one.offered().count() >= 2, "options", "reporting-dimension-few");
    for (at, option) in one.options.iter().enumerate() {
        let named = || vec![("name", shortened(&option.name)), ("code", shortened(&option.code))];
        let earlier = &one.options[..at];
        if option.name.is_empty() {
            problems.add_with("options", "reporting-dimension-option-unnamed", named());
        } else if earlier.iter().any(|other| same_name(&other.name, &option.name)) {
            problems.add_with("options", "reporting-dimension-option-twice", named());
        }
        if option.name.chars().count() > most::TITLE || option.name_en.chars().count() > most::TITLE
        {
            problems.add_with("options", "reporting-dimension-option-long", named());
        }
        if !is_code(&option.code) {
            problems.add_with("options", "reporting-dimension-option-code", named());
        } else if earlier.iter().any(|other| other.code == option.code) {
            problems.add_with("options", "reporting-dimension-option-code-twice", named());
        }
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}

/// Reads options that were typed or pasted, one a line: `Hộ nghèo`, `ngheo: Hộ nghèo`, with the English name
/// after a bar (`ngheo: Hộ nghèo | Poor`), or as a spreadsheet's columns come (code, name, English name). A line
/// without a code gets one from its words that `there` does not have yet.
pub fn read_options(text: &str, there: &[DimensionOption]) -> Vec<DimensionOption> {
    let mut all: Vec<DimensionOption> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()).take(most::OPTIONS + 1) {
        let (code, name, name_en) = if line.contains('\t') { pasted(line) } else { typed(line) };
        let taken = |code: &str| there.iter().chain(&all).any(|one| one.code == code);
        let code = code.unwrap_or_else(|| code_of(&name, taken));
        all.push(DimensionOption { code, name, name_en, ended: false });
    }
    all
}

/// `ngheo: Hộ nghèo` is a code and a name; `Khác: ghi rõ` is a name.
fn typed(line: &str) -> (Option<String>, String, String) {
    let (said, english) = line.split_once('|').unwrap_or((line, ""));
    let coded = said.split_once(':').map(|(code, name)| (tidy(code), tidy(name)));
    match coded.filter(|(code, _)| is_code(code)) {
        Some((code, name)) => (Some(code), name, tidy(english)),
        None => (None, tidy(said), tidy(english)),
    }
}

/// A spreadsheet's columns: code, name, English name; the code may be missing.
fn pasted(line: &str) -> (Option<String>, String, String) {
    let mut columns = line.split('\t').map(tidy).filter(|column| !column.is_empty()).peekable();
    let code = columns.next_if(|first| is_code(first));
    let name = columns.next().unwrap_or_default();
    (code, name, columns.next().unwrap_or_default())
}

/// A code out of some words: letters and digits, none that is taken.
pub fn code_of(words: &str, taken: impl Fn(&str) -> bool) -> String {
    let stem: String = slug(words, CODE_BYTES).chars().filter(|c| *c != '-').collect();
    if !taken(&stem) {
        return stem;
    }
    let room = stem.len().min(CODE_BYTES - 3);
    let numbered = |number: u32| format!("{}{number}", &stem[..room]);
    (2..1_000).map(numbered).find(|code| !taken(code)).unwrap_or(stem)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::reference::shipped;

    fn household(options: &str) -> Dimension {
        Dimension {
            code: "loaiho".to_owned(),
            name: "Loại hộ".to_owned(),
            name_en: "Household type".to_owned(),
            sensitive: false,
            partition: true,
            options: read_options(options, &[]),
        }
    }

    fn told(one: &Dimension, before: Option<&Dimension>) -> Vec<(String, &'static str)> {
        let problems = check(one, before, shipped().dimensions.iter());
        match problems.check() {
            Ok(()) => Vec::new(),
            Err(failure) => {
                let fields = failure.problem().expect("a problem").fields.clone();
                fields.into_iter().map(|one| (one.field, one.key)).collect()
            }
        }
    }

    #[test]
    fn options_are_read_as_people_type_and_paste_them() {
        let typed = "Hộ nghèo\ncan: Hộ cận nghèo | Near-poor\n\n  Khác: ghi rõ \nmoi\tHộ mới thoát nghèo\tOut of poverty\nHộ nghèo";
        let read = read_options(typed, &[]);
        let lines: Vec<(&str, &str, &str)> = read
            .iter()
            .map(|one| (one.code.as_str(), one.name.as_str(), one.name_en.as_str()))
            .collect();
        assert_eq!(
            lines,
            [
                ("hongheo", "Hộ nghèo", ""),
                ("can", "Hộ cận nghèo", "Near-poor"),
                ("khacghiro", "Khác: ghi rõ", ""),
                ("moi", "Hộ mới thoát nghèo", "Out of poverty"),
                ("hongheo2", "Hộ nghèo", ""),
            ]
        );
        let beside = read_options("Hộ nghèo", &read);
        assert_eq!(beside[0].code, "hongheo3", "no code that is there already");
    }

    #[test]
    fn each_refusal_stands_at_its_field() {
        assert_eq!(told(&household("Hộ nghèo\nHộ cận nghèo\nHộ khác"), None), []);
        let cases: Vec<(Dimension, &str, &str)> = vec![
            (
                Dimension { code: "Loại".to_owned(), ..household("a\nb") },
                "code",
                "reporting-dimension-code",
            ),
            (
                Dimension { name: " ".to_owned(), ..household("a\nb") },
                "name",
                "reporting-build-title-missing",
            ),
            (
                Dimension { name: "GIỚI TÍNH".to_owned(), ..household("a\nb") },
                "name",
                "reporting-dimension-name-taken",
            ),
            (household(""), "options", "reporting-dimension-few"),
            (household("Hộ nghèo"), "options", "reporting-dimension-few"),
            (household("Hộ nghèo\nhộ  nghèo"), "options", "reporting-dimension-option-twice"),
            (household("a: Một\na: Hai"), "options", "reporting-dimension-option-code-twice"),
            (household("a:\nb: Hai\nc: Ba"), "options", "reporting-dimension-option-unnamed"),
            (household(&"Bản\n".repeat(400)), "options", "reporting-dimension-many"),
        ];
        for (one, field, key) in cases {
            let told = told(&one, None);
            assert!(told.contains(&(field.to_owned(), key)), "{key}: {told:?}");
        }
    }

    #[test]
    fn an_option_is_ended_and_never_taken_away() {
        let before = household("Hộ nghèo\nHộ cận nghèo\nHộ khác");
        let mut ended = before.clone();
        ended.options[2].ended = true;
        assert_eq!(told(&ended, Some(&before)), []);
        ended.options[1].ended = true;
        let few = ("options".to_owned(), "reporting-dimension-few");
        assert!(told(&ended, Some(&before)).contains(&few), "one option is no division");
        let mut gone = before.clone();
        gone.options.pop();
        let stays = ("options".to_owned(), "reporting-dimension-stays");
        assert!(told(&gone, Some(&before)).contains(&stays));
        let apart = Dimension { partition: false, ..before.clone() };
        assert!(told(&apart, Some(&before)).contains(&stays));
    }

    proptest! {
        #[test]
        fn whatever_is_pasted_becomes_options_with_codes_of_their_own(text in "(\\PC{0,12}[\t|:]?\\PC{0,12}\n){0,6}") {
            let read = read_options(&text, &[]);
            prop_assert!(read.len() <= text.lines().count());
            for (at, one) in read.iter().enumerate() {
                prop_assert!(is_code(&one.code), "{:?}", one);
                // A code that was made is nobody else's; one that stands there twice was typed.
                let twice = read[..at].iter().any(|other| other.code == one.code);
                prop_assert!(!twice || text.contains(&one.code), "{:?}", one);
            }
        }
    }
}
