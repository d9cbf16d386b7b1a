//! People and households of a head count by ethnic group, and what of them may be shown to whom.
//!
//! Which group people belong to is sensitive (Law on Personal Data Protection): sums may not exceed the
//! whole, what is missing is unknown and not zero, and above the commune small cells are not shown.

use std::{collections::BTreeMap, sync::LazyLock};

use kernel::{
    problem::{FormProblems, Outcome},
    text::fold,
};
use serde::{Deserialize, Serialize};

use super::village::Count;

/// Cells below this are not shown above the commune.
pub const SHOWN_FROM: i64 = 5;

/// A group of the statistics office's list (Decision 121-TCTK/PPCĐ, 1979), or one of ours from 55 on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EthnicGroup {
    /// Two digits, as text.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Folded names it is found by; only those that belong to no other group.
    #[serde(skip)]
    known_as: Vec<String>,
}

static GROUPS: LazyLock<Vec<EthnicGroup>> = LazyLock::new(|| {
    let mut reader =
        csv::Reader::from_reader(include_str!("../../data/ethnic_groups.csv").as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().filter_map(Result::ok).collect();
    let mains: Vec<String> = rows.iter().map(|row| fold(&row[1])).collect();
    let mut used: BTreeMap<String, usize> = BTreeMap::new();
    for row in &rows {
        for name in row[2].split(';') {
            *used.entry(fold(name)).or_default() += 1;
        }
    }
    let groups = rows.iter().map(|row| {
        let own = fold(&row[1]);
        let others = row[2].split(';').map(fold);
        let alone = others.filter(|name| used[name] == 1 && !mains.contains(name));
        let known_as = std::iter::once(own).chain(alone).filter(|name| !name.is_empty()).collect();
        EthnicGroup { code: row[0].to_owned(), name: row[1].to_owned(), known_as }
    });
    let local = |code: &str, name: &str, known_as: &[&str]| EthnicGroup {
        code: code.to_owned(),
        name: name.to_owned(),
        known_as: known_as.iter().map(|name| fold(name)).collect(),
    };
    groups
        .chain([
            local("55", "Dân tộc khác", &["Dân tộc khác", "Khác"]),
            local("56", "Không xác định", &["Không xác định", "Chưa xác định"]),
        ])
        .collect()
});

/// Every group, in the order of the codes; 55 and 56 are local codes of this program.
pub fn groups() -> &'static [EthnicGroup] {
    &GROUPS
}

/// A group by its code.
pub fn group(code: &str) -> Option<&'static EthnicGroup> {
    groups().iter().find(|group| group.code == code)
}

/// The group a heading speaks of: `Tày`, `Dân tộc Tày`, `08`, `08 Hmông`.
pub fn by_heading(heading: &str) -> Option<&'static EthnicGroup> {
    let folded = fold(heading);
    let known = |name: &str| groups().iter().find(|one| one.known_as.iter().any(|own| own == name));
    if let Some(found) = known(&folded) {
        return Some(found);
    }
    let bare = ["dan toc ", "nguoi "].iter().find_map(|start| folded.strip_prefix(start));
    let bare = bare.unwrap_or(&folded);
    if let Some(found) = known(bare).or_else(|| group(bare)) {
        return Some(found);
    }
    let (code, name) = bare.split_once(' ')?;
    group(code).filter(|found| found.known_as.iter().any(|own| own == name))
}

/// What is known of one group in a head count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupCount {
    /// The group's code.
    pub ethnic: String,
    /// People.
    pub people: i64,
    /// Households; none when unknown.
    pub households: Option<i64>,
}

/// Checks that the groups fit into the whole: known codes, each once, no sum above the total.
pub fn check_groups(count: &Count, groups: &[GroupCount]) -> Outcome<()> {
    let mut wrong = FormProblems::new();
    for (at, one) in groups.iter().enumerate() {
        let field = format!("people_{}", one.ethnic);
        let again = groups[..at].iter().any(|other| other.ethnic == one.ethnic);
        let known = group(&one.ethnic).is_some() && !again;
        wrong.require(
            known && (0..=count.people).contains(&one.people),
            &field,
            "areas-group-wrong",
        );
        let households = one.households.unwrap_or(0);
        let odd = !(0..=count.households).contains(&households) || households > one.people;
        wrong.require(!odd, &format!("households_{}", one.ethnic), "areas-group-households-wrong");
    }
    let sum = |of: fn(&GroupCount) -> i64| groups.iter().map(of).fold(0_i64, i64::saturating_add);
    let told = [("sum", sum(|one| one.people)), ("total", count.people)];
    if told[0].1 > told[1].1 {
        let args = told.iter().map(|(name, value)| (*name, value.to_string())).collect();
        wrong.add_with("people", "areas-groups-exceed", args);
    }
    wrong.require(
        sum(|one| one.households.unwrap_or(0)) <= count.households,
        "households",
        "areas-groups-households-exceed",
    );
    wrong.check()
}

/// A row of the table by group as somebody may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GroupCell {
    /// The group's code.
    pub ethnic: String,
    /// Its name.
    pub name: String,
    /// People; none when hidden.
    pub people: Option<i64>,
    /// Households; none when unknown or hidden.
    pub households: Option<i64>,
    /// True when it is not shown for being small, or for giving a small one away.
    pub hidden: bool,
}

/// The table by group. With `small_cells` everything is shown. Without, cells of 1 to 4 people or households
/// are hidden together with others, until the whole total no longer gives any of them away.
pub fn shown(total: i64, counts: &[GroupCount], small_cells: bool) -> Vec<GroupCell> {
    let small = |value: i64| (1..SHOWN_FROM).contains(&value);
    let mut hidden: Vec<bool> = counts
        .iter()
        .map(|one| !small_cells && (small(one.people) || one.households.is_some_and(small)))
        .collect();
    // People of no known group stand beside the groups like one more cell, whose size the totals tell.
    let rest = total - counts.iter().map(|one| one.people).sum::<i64>();
    while gives_away(counts, &hidden) {
        let visible = (0..counts.len()).filter(|at| !hidden[*at] && counts[*at].people > 0);
        match visible.min_by_key(|at| (counts[*at].people, *at)) {
            Some(next) => hidden[next] = true,
            None => break,
        }
    }
    // Nothing was left to hide behind: then no row is shown at all, not even those of nobody.
    let bare = gives_away(counts, &hidden) && rest < SHOWN_FROM;
    let rows = counts.iter().zip(hidden).map(|(one, hidden)| {
        let hidden = hidden || (bare && !small_cells);
        GroupCell {
            ethnic: one.ethnic.clone(),
            name: group(&one.ethnic).map_or_else(|| one.ethnic.clone(), |known| known.name.clone()),
            people: (!hidden).then_some(one.people),
            households: one.households.filter(|_| !hidden),
            hidden,
        }
    });
    rows.collect()
}

/// True when the sum of what is hidden would tell what is in a small cell: one cell alone, or so small (or
/// large) a sum that only one way of dividing it is left.
fn gives_away(counts: &[GroupCount], hidden: &[bool]) -> bool {
    let cells = || counts.iter().zip(hidden).filter(|(_, hidden)| **hidden).map(|(one, _)| one);
    let told = |values: Vec<i64>| {
        let (many, sum) =
            (i64::try_from(values.len()).unwrap_or(i64::MAX), values.iter().sum::<i64>());
        let all_small = values.iter().all(|value| *value < SHOWN_FROM);
        many == 1 || (many > 1 && all_small && (sum == many || sum == many * (SHOWN_FROM - 1)))
    };
    told(cells().map(|one| one.people).collect())
        || told(cells().filter_map(|one| one.households).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_has_fifty_four_groups_and_two_of_ours() {
        assert_eq!(groups().len(), 56);
        assert!(groups().iter().enumerate().all(|(at, one)| one.code == format!("{:02}", at + 1)));
    }

    #[test]
    fn headings_find_their_group_and_shared_names_find_the_main_one() {
        let code = |heading| by_heading(heading).map(|one| one.code.as_str());
        assert_eq!(code("Dân tộc Tày"), Some("02"));
        assert_eq!(code("H'Mông"), Some("08"));
        assert_eq!(code("HMÔNG"), Some("08"));
        assert_eq!(code("08 Hmông"), Some("08"));
        assert_eq!(code("Thổ"), Some("24"));
        assert_eq!(code("Khmer"), Some("05"));
        assert_eq!(code("Khác"), Some("55"));
        assert_eq!(code("08 Tày"), None);
        assert_eq!(code("Xá Lá Vàng"), None);
        assert_eq!(code("Số hộ"), None);
    }
}
