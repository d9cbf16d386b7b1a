//! A rough reader of SQL text: words, and the tables a statement names. It knows the common
//! dialect of this repository, not SQL.

/// SQL cut into words and single signs, all in lower case; comments and quoted strings dropped.
pub fn words(sql: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut characters = sql.chars().peekable();
    while let Some(character) = characters.next() {
        if character == '-' && characters.peek() == Some(&'-') {
            for skipped in characters.by_ref() {
                if skipped == '\n' {
                    break;
                }
            }
        } else if character == '\'' {
            while characters.next().is_some_and(|inside| inside != '\'') {}
            words.push("''".to_owned());
        } else if character == '{' {
            // A column type of a migration: `{int}`.
            let inside: String = characters.by_ref().take_while(|inside| *inside != '}').collect();
            words.push(format!("{{{inside}}}"));
        } else if character.is_alphanumeric() || character == '_' || character == '$' {
            let mut word = String::from(character.to_ascii_lowercase());
            while let Some(next) = characters.peek() {
                if !(next.is_alphanumeric() || *next == '_') {
                    break;
                }
                word.push(next.to_ascii_lowercase());
                characters.next();
            }
            words.push(word);
        } else if !character.is_whitespace() && character != '"' && character != '\\' {
            words.push(character.to_string());
        }
    }
    words
}

/// The tables a statement reads or writes, without the names it gives to its own `with` parts.
pub fn tables(sql: &str) -> Vec<String> {
    let words = words(sql);
    let word = |index: usize| words.get(index).map_or("", String::as_str);
    let own = own_names(sql);
    let mut found = Vec::new();
    for index in 0..words.len() {
        let before = if index == 0 { "" } else { word(index - 1) };
        let (candidate, may_call) = match word(index) {
            // `is distinct from x` and `extract(year from x)` compare or cut, they read no table.
            "from" if before == "distinct" => continue,
            "from" | "join" => (index + 1, true),
            // `on conflict … do update set` and `for update` name no table.
            "update" if word(index + 1) == "set" || before == "for" => continue,
            // `create table if not exists x` has its name after `exists`.
            "table" if word(index + 1) == "if" => continue,
            "exists" if before != "not" || word(index.saturating_sub(2)) != "if" => continue,
            "into" | "update" | "exists" | "table" | "references" => (index + 1, false),
            _ => continue,
        };
        collect(&words, candidate, may_call, &mut found);
    }
    found.retain(|table| !own.contains(table));
    found
}

/// Takes the table at `at`, and those after a comma: `from a x, b as y`.
fn collect(words: &[String], mut at: usize, may_call: bool, found: &mut Vec<String>) {
    loop {
        let Some(table) = words.get(at) else { return };
        let named = table.chars().next().is_some_and(|first| first.is_alphabetic() || first == '_');
        let called = may_call && words.get(at + 1).is_some_and(|next| next == "(");
        if !named || called || ["select", "only", "lateral"].contains(&table.as_str()) {
            return;
        }
        found.push(table.clone());
        at += 1;
        if words.get(at).is_some_and(|next| next == "as") {
            at += 1;
        }
        if words.get(at + 1).is_some_and(|next| next == ",") && words[at] != ")" {
            at += 1;
        }
        if !may_call || words.get(at).is_none_or(|next| next != ",") {
            return;
        }
        at += 1;
    }
}

/// Names given by `with x as (…)`, `with recursive x(a, b) as (…), y as (…)`, also in a part of a
/// statement that a macro puts in front of others.
pub fn own_names(sql: &str) -> Vec<String> {
    let words = words(sql);
    let mut names = Vec::new();
    let is = |at: usize, sign: &str| words.get(at).is_some_and(|word| word == sign);
    for (at, word) in words.iter().enumerate() {
        // Every part of a `with` reads `name [(columns)] as (`: look back from `as (`.
        let opens =
            word == "as" && (is(at + 1, "(") || (is(at + 1, "materialized") && is(at + 2, "(")));
        if !opens || at == 0 {
            continue;
        }
        let mut back = at - 1;
        if words[back] == ")" {
            while back > 0 && words[back] != "(" {
                back -= 1;
            }
            back = back.saturating_sub(1);
        }
        names.push(words[back].clone());
    }
    names
}

/// Whether a string reads like a statement rather than like a sentence.
pub fn looks_like_sql(text: &str) -> bool {
    let words = words(text);
    let Some(first) = words.first() else { return false };
    let second = words.get(1).map_or("", String::as_str);
    let has = |word: &str| words.iter().any(|other| other == word);
    match first.as_str() {
        // Sentences begin with a capital and end with a full stop; statements do neither.
        "select" => has("from") && !text.trim_end().ends_with('.'),
        "insert" | "replace" => second == "into",
        "delete" => second == "from",
        "update" => has("set") && has("="),
        "create" | "drop" | "alter" => second == "table",
        "with" => has("select") && has("as") && has("("),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_found_wherever_a_statement_names_them() {
        for (sql, expected) in [
            (
                "select a from areas_units u, areas_names as n where 1",
                vec!["areas_units", "areas_names"],
            ),
            (
                "select * from areas_a x join identity_b on x.id = identity_b.id",
                vec!["areas_a", "identity_b"],
            ),
            (
                "insert into areas_a (id) values ($1) on conflict (id) do update set b = excluded.b",
                vec!["areas_a"],
            ),
            ("update areas_a set b = 'x from y' where c is distinct from $1", vec!["areas_a"]),
            (
                "delete from areas_a where id in (select id from reach_b)",
                vec!["areas_a", "reach_b"],
            ),
            (
                "with recursive up(id) as (select id from areas_a union select 1 from up) select * from up",
                vec!["areas_a"],
            ),
            ("with a as (select 1), b as (select 2) select * from a, b, areas_c", vec!["areas_c"]),
            ("-- from nowhere\nselect 1 from (select 2 from areas_a) t", vec!["areas_a"]),
            ("select * from generate_series(1, 2)", vec![]),
            (
                "create table if not exists areas_a (b text references areas_c (id))",
                vec!["areas_a", "areas_c"],
            ),
            ("select a from areas_a for update", vec!["areas_a"]),
        ] {
            assert_eq!(tables(sql), expected, "{sql}");
        }
    }

    #[test]
    fn a_sentence_is_not_taken_for_a_statement() {
        for sql in
            ["select id from x", " insert into x values (1)", "update x set a = 1", "delete from x"]
        {
            assert!(looks_like_sql(sql), "{sql}");
        }
        for words in
            ["select one from the list.", "update the settings", "with care", "deleted from", ""]
        {
            assert!(!looks_like_sql(words), "{words}");
        }
    }
}
