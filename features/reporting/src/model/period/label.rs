//! Periods as people call them, in both languages: *Quý IV/2026 (15/9 – 14/12/2026)*.

use kernel::{clock::Day, locale::Lang};

use super::{Period, PeriodPart, parts};

const ROMAN: [&str; 4] = ["I", "II", "III", "IV"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl Period {
    /// Its name: *Quý IV/2026*, *6 tháng đầu năm 2026*, *Năm học 2025 – 2026*.
    pub fn title(&self, lang: Lang) -> String {
        self.named(lang, "/")
    }

    /// Its title with what stands before the year: *Quý IV/2026*, *Quý IV năm 2026*.
    fn named(&self, lang: Lang, slash: &str) -> String {
        let Some((year, place)) = self.scheme.place_in_year(self.number) else {
            let stretch = window(self.from, self.last_day());
            return match lang {
                Lang::Vi => format!("Đợt {stretch}"),
                Lang::En => format!("Campaign {stretch}"),
            };
        };
        match (self.scheme.size(), lang) {
            (Some(size), _) => months_title(size, (year, slash), place, lang),
            (None, _) if self.scheme.is_day() => match lang {
                Lang::Vi => format!("Ngày {}", self.from.short()),
                Lang::En => self.from.short(),
            },
            (None, Lang::Vi) if self.scheme.is_week() => format!("Tuần {place}{slash}{year}"),
            (None, Lang::En) if self.scheme.is_week() => format!("Week {place}/{year}"),
            (None, Lang::Vi) if self.scheme.is_school() => {
                format!("Năm học {year} – {}", year + 1)
            }
            (None, Lang::En) if self.scheme.is_school() => {
                format!("School year {year} – {}", year + 1)
            }
            (None, Lang::Vi) => format!("Năm ngân sách {year}"),
            (None, Lang::En) => format!("Budget year {year}"),
        }
    }

    /// Its name and, where the name does not say it to everybody, its days: *Quý IV/2026 (15/9 – 14/12/2026)*.
    pub fn label(&self, lang: Lang) -> String {
        self.dated(self.title(lang))
    }

    /// [`Period::label`] within a sentence of Vietnamese: *quý IV năm 2026 (15/9 – 14/12/2026)*.
    pub fn within_vi(&self) -> String {
        let title = self.named(Lang::Vi, " năm ");
        let mut letters = title.chars();
        let first = letters.next().into_iter().flat_map(char::to_lowercase);
        self.dated(first.chain(letters).collect())
    }

    /// [`Period::label`] within a sentence.
    pub fn within(&self, lang: Lang) -> String {
        match lang {
            Lang::Vi => self.within_vi(),
            Lang::En => self.label(lang),
        }
    }

    fn dated(&self, title: String) -> String {
        if self.scheme.is_legal() || self.scheme.is_week() {
            format!("{title} ({})", self.window())
        } else {
            title
        }
    }

    /// [`Period::label`] in Vietnamese.
    pub fn label_vi(&self) -> String {
        self.label(Lang::Vi)
    }

    /// [`Period::label`] in English.
    pub fn label_en(&self) -> String {
        self.label(Lang::En)
    }

    /// Its first and last day: *15/9 – 14/12/2026*.
    pub fn window(&self) -> String {
        window(self.from, self.last_day())
    }
}

impl PeriodPart {
    /// The period, and which days of it when not all: *Tháng 7/2025, phần từ 15/6 – 30/6/2025*.
    pub fn label(&self, lang: Lang) -> String {
        if self.is_whole() {
            return self.period.label(lang);
        }
        let (title, stretch) = (self.period.title(lang), self.window());
        match lang {
            Lang::Vi => format!("{title}, phần {stretch}"),
            Lang::En => format!("{title}, the part {stretch}"),
        }
    }

    /// Its first and last day.
    pub fn window(&self) -> String {
        window(self.from, self.last_day())
    }
}

fn months_title(size: i32, (year, slash): (i32, &str), place: i32, lang: Lang) -> String {
    let at = usize::try_from(place - 1).unwrap_or(0);
    match (size, lang) {
        (1, Lang::Vi) => format!("Tháng {place}{slash}{year}"),
        (1, Lang::En) => format!("{} {year}", MONTHS.get(at).unwrap_or(&"")),
        (3, Lang::Vi) => format!("Quý {}{slash}{year}", ROMAN.get(at).unwrap_or(&"")),
        (3, Lang::En) => format!("Q{place} {year}"),
        (6, Lang::Vi) if place == 1 => format!("6 tháng đầu năm {year}"),
        (6, Lang::Vi) => format!("6 tháng cuối năm {year}"),
        (6, Lang::En) if place == 1 => format!("First half of {year}"),
        (6, Lang::En) => format!("Second half of {year}"),
        (_, Lang::Vi) => format!("Năm {year}"),
        (_, Lang::En) => format!("Year {year}"),
    }
}

/// From a day to another, both counted; the year is told once when it is the same.
fn window(first: Day, last: Day) -> String {
    let ((y1, m1, d1), (y2, m2, d2)) = (parts(first), parts(last));
    if first == last {
        format!("{d2}/{m2}/{y2}")
    } else if y1 == y2 {
        format!("{d1}/{m1} – {d2}/{m2}/{y2}")
    } else {
        format!("{d1}/{m1}/{y1} – {d2}/{m2}/{y2}")
    }
}
