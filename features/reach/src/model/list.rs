//! A list of persons pasted from Excel or Word: which column is which, and what is wrong in which line.

use kernel::{
    clock::Day,
    problem::{FieldProblem, FormProblems},
    text,
};

use super::person::{Person, PersonDraft};

/// More lines than a commune can have persons.
pub const LINES_MAX: usize = 500;

/// Something wrong with one line of a pasted list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineProblem {
    /// Counted from 1, as the sender's editor counts.
    pub line: usize,
    /// What is wrong.
    pub problem: FieldProblem,
}

/// A pasted list, read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pasted {
    /// Persons with the id of their village, line by line.
    pub people: Vec<(usize, String, Person)>,
    /// What is wrong.
    pub problems: Vec<LineProblem>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Name,
    Village,
    Birth,
    Gender,
    Languages,
    Phone,
    From,
    Other,
}

/// The order when the list has no heading.
const PLAIN: [Column; 7] = [
    Column::Name,
    Column::Village,
    Column::Birth,
    Column::Gender,
    Column::Languages,
    Column::Phone,
    Column::From,
];

/// Reads a list; `villages` are (id, name) of the commune; `from` holds where a line tells no day.
///
/// Consents are never taken from a list: each person gives them in person.
pub fn read(pasted: &str, villages: &[(String, String)], from: &str, today: Day) -> Pasted {
    let mut out = Pasted::default();
    let mut columns: Option<Vec<Column>> = None;
    for (at, line) in pasted.lines().enumerate() {
        let number = at + 1;
        if text::tidy(line).is_empty() {
            continue;
        }
        if at >= LINES_MAX {
            out.problems.push(problem(number, "reach-error-too-many-lines", String::new()));
            break;
        }
        let cells = split(line);
        if columns.is_none() {
            columns = Some(heading(&cells).unwrap_or_else(|| PLAIN.to_vec()));
            if heading(&cells).is_some() {
                continue;
            }
        }
        let columns = columns.as_deref().unwrap_or(&PLAIN);
        read_line(number, columns, &cells, villages, from, today, &mut out);
    }
    if out.people.is_empty() && out.problems.is_empty() {
        out.problems.push(problem(1, "reach-error-list-empty", String::new()));
    }
    out
}

fn problem(line: usize, key: &'static str, value: String) -> LineProblem {
    let args = vec![("line", line.to_string()), ("value", value)];
    LineProblem { line, problem: FieldProblem { field: "list".to_owned(), key, args } }
}

/// Excel pastes tabs; files have semicolons or commas, a cell with a comma stands in quotes.
fn split(line: &str) -> Vec<String> {
    let mark = ['\t', ';', ','].into_iter().find(|mark| line.contains(*mark)).unwrap_or('\t');
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            c if c == mark && !quoted => cells.push(String::new()),
            c => {
                if let Some(cell) = cells.last_mut() {
                    cell.push(c);
                }
            }
        }
    }
    cells.iter().map(|cell| text::tidy(cell)).collect()
}

fn heading(cells: &[String]) -> Option<Vec<Column>> {
    let read: Vec<Column> = cells.iter().map(|cell| column(&text::fold(cell))).collect();
    (read.contains(&Column::Name) && read.contains(&Column::Village)).then_some(read)
}

fn column(folded: &str) -> Column {
    match folded {
        "ho ten" | "ho va ten" | "ten" | "name" => Column::Name,
        "thon" | "thon ban" | "ban" | "buon" | "noi cu tru" | "noi o" | "dia chi" | "village" => {
            Column::Village
        }
        "nam sinh" | "ngay sinh" | "birth year" => Column::Birth,
        "gioi tinh" | "gioi" | "gender" => Column::Gender,
        "ngon ngu" | "tieng" | "tieng noi" | "languages" => Column::Languages,
        "dien thoai" | "so dien thoai" | "sdt" | "phone" => Column::Phone,
        "tu ngay" | "ngay cong nhan" | "cong nhan tu" | "from" => Column::From,
        _ => Column::Other,
    }
}

fn read_line(
    number: usize,
    columns: &[Column],
    cells: &[String],
    villages: &[(String, String)],
    from: &str,
    today: Day,
    out: &mut Pasted,
) {
    let cell = |wanted: Column| {
        let at = columns.iter().position(|column| *column == wanted);
        at.and_then(|at| cells.get(at)).cloned().unwrap_or_default()
    };
    let told = cell(Column::Village);
    let Some((village, _)) = find_village(&told, villages) else {
        let key = if told.is_empty() {
            "reach-error-line-village-missing"
        } else {
            "reach-error-line-village"
        };
        out.problems.push(problem(number, key, told));
        return;
    };
    let gender = match text::fold(&cell(Column::Gender)).as_str() {
        "nam" | "male" => "nam",
        "nu" | "female" => "nu",
        _ => "",
    };
    let told_from = cell(Column::From);
    let draft = PersonDraft {
        name: cell(Column::Name),
        village: village.clone(),
        gender: gender.to_owned(),
        // A list may hold the whole day of birth; only the year is kept.
        birth_year: cell(Column::Birth).rsplit('/').next().unwrap_or_default().to_owned(),
        languages: cell(Column::Languages)
            .split([' ', '/', '+'])
            .filter_map(language_tag)
            .collect(),
        phone: cell(Column::Phone),
        from: if told_from.is_empty() { from.to_owned() } else { told_from },
        ..PersonDraft::default()
    };
    let mut wrong = FormProblems::new();
    let person = draft.read(today, &mut wrong);
    match (wrong.check(), person) {
        (Ok(()), Some(person)) => out.people.push((number, village.clone(), person)),
        (Err(failure), _) => {
            for at in failure.problem().into_iter().flat_map(|problem| problem.fields.clone()) {
                let key = match at.field.as_str() {
                    "name" => "reach-error-line-name",
                    "birth_year" => "reach-error-line-birth-year",
                    "phone" => "reach-error-line-phone",
                    "from" => "reach-error-line-from",
                    _ => "reach-error-line-other",
                };
                out.problems.push(problem(number, key, draft_value(&draft, &at.field)));
            }
        }
        (Ok(()), None) => out.problems.push(problem(number, "reach-error-line-from", draft.from)),
    }
}

fn draft_value(draft: &PersonDraft, field: &str) -> String {
    let value = match field {
        "name" => &draft.name,
        "birth_year" => &draft.birth_year,
        "phone" => &draft.phone,
        "from" => &draft.from,
        _ => "",
    };
    value.chars().take(40).collect()
}

/// `thôn Nà Cù`, `Nà Cù` and `na cu` are one village, as long as only one fits.
fn find_village<'a>(told: &str, villages: &'a [(String, String)]) -> Option<&'a (String, String)> {
    if told.is_empty() {
        return None;
    }
    let exact: Vec<_> =
        villages.iter().filter(|(_, name)| text::same_name(&bare(name), &bare(told))).collect();
    if let [only] = exact[..] {
        return Some(only);
    }
    let folded = text::fold(&bare(told));
    let close: Vec<_> =
        villages.iter().filter(|(_, name)| text::fold(&bare(name)) == folded).collect();
    if let [only] = close[..] { Some(only) } else { None }
}

/// A village's name without its kind (*thôn, bản, buôn…*).
fn bare(name: &str) -> String {
    const KINDS: [&str; 9] =
        ["thôn", "bản", "buôn", "ấp", "phum", "sóc", "khu phố", "làng", "tổ dân phố"];
    let lower = text::tidy(name).to_lowercase();
    let kind = KINDS.into_iter().find(|kind| lower.starts_with(&format!("{kind} ")));
    kind.map_or(lower.clone(), |kind| lower[kind.len()..].trim().to_owned())
}

/// Language names as lists write them, to their tags.
fn language_tag(word: &str) -> Option<String> {
    let tag = match text::fold(word).as_str() {
        "kinh" | "viet" | "vi" | "pho" | "phothong" => "vi",
        "tay" | "tyz" => "tyz",
        "nung" | "nut" => "nut",
        "dao" | "ium" => "ium",
        "mong" | "hmong" | "hmv" => "hmv",
        "thai" | "blt" => "blt",
        "muong" | "mtq" => "mtq",
        "khmer" | "km" => "km",
        "cham" | "cjm" => "cjm",
        "ede" | "rad" => "rad",
        "giarai" | "jrai" | "jra" => "jra",
        "bana" | "bahnar" | "bdq" => "bdq",
        _ => return None,
    };
    Some(tag.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn villages() -> Vec<(String, String)> {
        [("v1", "thôn Nà Cù"), ("v2", "bản Khuổi Lặng"), ("v3", "thôn Nà Cụ")]
            .map(|(id, name)| (id.to_owned(), name.to_owned()))
            .to_vec()
    }

    fn today() -> Day {
        Day::new(2026, 11, 22).expect("a day")
    }

    #[test]
    fn a_list_pasted_from_excel_is_read_by_its_heading() {
        let pasted = "STT\tHọ và tên\tThôn\tNăm sinh\tGiới tính\tTiếng\n\
                      1\tHoàng Văn Páo\tNà Cù\t1958\tNam\tTày/Kinh\n\
                      \n\
                      2\tBàn Thị Mủi\tBản Khuổi Lặng\t12/03/1961\tNữ\tDao\n";
        let read = read(pasted, &villages(), "01/01/2026", today());
        assert_eq!(read.problems, []);
        assert_eq!(read.people.len(), 2);
        assert_eq!(read.people[0].1, "v1");
        assert_eq!(read.people[0].2.languages, ["tyz", "vi"]);
        assert_eq!(read.people[1].2.birth_year, Some(1961));
    }

    #[test]
    fn what_is_wrong_is_told_by_line() {
        let pasted = "Hoàng Văn Páo; Nà Cù\n;Nà Cù\nLý A Sùng; Pác Nặm\nBàn Thị Mủi; na cu\nX Y; Khuổi Lặng; 1800";
        let read = read(pasted, &villages(), "01/01/2026", today());
        assert_eq!(read.people.len(), 1);
        let told: Vec<_> = read.problems.iter().map(|at| (at.line, at.problem.key)).collect();
        assert_eq!(
            told,
            [
                (2, "reach-error-line-name"),
                (3, "reach-error-line-village"),
                // Without diacritics two villages fit, so we do not guess.
                (4, "reach-error-line-village"),
                (5, "reach-error-line-birth-year"),
            ]
        );
    }

    proptest! {
        #[test]
        fn whatever_is_pasted_never_panics(text in any::<String>()) {
            let _ = read(&text, &villages(), "01/01/2026", today());
        }
    }
}
