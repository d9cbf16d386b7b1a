//! Periods read as people write them: *Quý III/2025*, *quý 3 năm 2025*, *9/2025*, *6 tháng đầu năm 2025*, *2025*.
//! What is read is what is printed: every period of the year is named in both languages, and the words compared.

use kernel::{locale::Lang, text::fold};

use super::{Period, Scheme, scheme};

impl Period {
    /// The periods that some words may mean, an id its own alone; none when they name no period. Words that say
    /// the days too, as [`Period::told_apart`] does, mean one period.
    pub fn said(words: &str) -> Vec<Self> {
        let words = words.trim();
        if let Some(one) = Self::parse(words) {
            return vec![one];
        }
        let (name, days) = words.split_once('(').unwrap_or((words, ""));
        let (name, days) = (tokens(name), tokens(days));
        let years =
            name.iter().filter_map(|token| token.parse().ok().filter(|it| scheme::is_year(*it)));
        let Some(year) = years.min() else { return Vec::new() };
        // A month is often written by its number alone.
        let month = match name.first() {
            Some(first) if name.len() == 2 && first.parse::<i32>().is_ok() => {
                [vec!["thang".to_owned()], name.clone()].concat()
            }
            _ => name.clone(),
        };
        let called = |one: &Self| {
            [Lang::Vi, Lang::En].into_iter().any(|lang| {
                let title = tokens(&one.title(lang));
                title == name || title == month
            })
        };
        let lasts = |one: &Self| days.is_empty() || tokens(&one.window()) == days;
        of_year(year).filter(|one| called(one) && lasts(one)).collect()
    }

    /// Its name with its days: what tells it apart from periods of other schemes that have the same name.
    pub fn told_apart(&self, lang: Lang) -> String {
        format!("{} ({})", self.title(lang), self.window())
    }
}

/// The periods that are called after a year, of every scheme but days and campaigns, which nobody names so.
fn of_year(year: i32) -> impl Iterator<Item = Period> {
    Scheme::known().filter(|scheme| !scheme.is_day()).flat_map(move |scheme| {
        let periods = (1..=53)
            .filter_map(move |place| Period::numbered(scheme, scheme.number_of(year, place)?));
        // A scheme with one period a year gives it for every place.
        let mut all: Vec<Period> = periods.filter(|one| one.year() == year).collect();
        all.dedup();
        all
    })
}

/// The words that tell periods apart, without marks; roman numbers and leading zeros plain.
fn tokens(words: &str) -> Vec<String> {
    let plain = |token: &str| match token {
        "i" => "1".to_owned(),
        "ii" => "2".to_owned(),
        "iii" => "3".to_owned(),
        "iv" => "4".to_owned(),
        token => {
            token.parse::<u32>().map_or_else(|_| token.to_owned(), |number| number.to_string())
        }
    };
    let folded = fold(words);
    let telling = folded.split(' ').filter(|token| !["", "nam", "year", "of"].contains(token));
    telling.map(plain).collect()
}
