//! Works (*công trình*) told of by several reports: owners tell of everything they build, communes of
//! everything that happens on their territory, so one work stands in both chains. It is recognised by its id
//! and counted once. Pure.

use std::collections::BTreeSet;

/// Most characters of a work's id.
pub const ID_MOST: usize = 60;

/// A work's id as it is compared: `CT 01-2026` and `ct01-2026` are one work. Empty when there is none.
pub fn work_key(written: &str) -> String {
    let folded = kernel::text::fold(written);
    folded.chars().filter(|c| !c.is_whitespace()).take(ID_MOST).collect()
}

/// A row that tells of a work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told<'a> {
    /// The report.
    pub submission: &'a str,
    /// Its revision.
    pub revision: i64,
    /// Whose report it is.
    pub area: &'a str,
    /// True for a commune's report on its territory, false for an owner's above it.
    pub is_territory: bool,
    /// When it was told, to prefer the newest of one unit's reports.
    pub at: i64,
}

/// What a person decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice<'a> {
    /// This report's row counts.
    One(&'a str),
    /// Each report tells its own share; they are added.
    Shares,
}

/// How rows about one work become one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// One report tells of it.
    Once,
    /// Owner and territory both do: the owner's figures count.
    BothChains,
    /// Several do who cannot all be right; nothing counts before a person has decided.
    Conflict,
    /// Somebody decided which one counts.
    Chosen,
    /// Somebody decided that each tells a share.
    Shared,
}

/// The reports that a decision is about: when another comes, or one is corrected, it is open again.
pub fn basis(rows: &[Told<'_>]) -> String {
    let all: BTreeSet<String> =
        rows.iter().map(|row| format!("{}@{}", row.submission, row.revision)).collect();
    all.into_iter().collect::<Vec<_>>().join(" ")
}

/// Makes one of the rows about a work: how they stand to each other, and which rows count.
pub fn reconcile(rows: &[Told<'_>], decided: Option<Choice<'_>>) -> (Standing, Vec<usize>) {
    // Of one unit's reports on the same work (annual and completion) the newest counts.
    let mut counted: Vec<usize> = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let same = counted.iter().position(|other| {
            rows[*other].area == row.area && rows[*other].submission != row.submission
        });
        match same {
            Some(other) if rows[counted[other]].at < row.at => counted[other] = at,
            Some(_) => {}
            None => counted.push(at),
        }
    }
    let of = |territory: bool| -> Vec<usize> {
        counted.iter().copied().filter(|at| rows[*at].is_territory == territory).collect()
    };
    let (territory, owners) = (of(true), of(false));
    match (owners.len(), territory.len()) {
        (0, 1) | (1, 0) => return (Standing::Once, counted),
        (1, 1) => return (Standing::BothChains, owners),
        _ => {}
    }
    match decided {
        Some(Choice::One(submission)) => {
            let found: Vec<usize> =
                counted.into_iter().filter(|at| rows[*at].submission == submission).collect();
            // A report that names the work twice settles nothing.
            if found.len() == 1 {
                (Standing::Chosen, found)
            } else {
                (Standing::Conflict, Vec::new())
            }
        }
        Some(Choice::Shares) => {
            // Shares are the communes'; an owner's figure is the whole of them.
            let shares = if territory.is_empty() { owners } else { territory };
            (Standing::Shared, shares)
        }
        None => (Standing::Conflict, Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row<'a>(submission: &'a str, area: &'a str, is_territory: bool) -> Told<'a> {
        Told { submission, revision: 1, area, is_territory, at: 0 }
    }

    #[test]
    fn spelling_does_not_make_another_work() {
        assert_eq!(work_key(" CT 01-2026 "), work_key("ct01-2026"));
        assert_eq!(work_key("Đường Nà Cù"), "duongnacu");
        assert_eq!(work_key("  "), "");
    }

    #[test]
    fn owner_and_territory_are_counted_once_with_the_owners_figures() {
        let rows = [row("xa", "01969", true), row("so", "19", false)];
        assert_eq!(reconcile(&rows, None), (Standing::BothChains, vec![1]));
    }

    #[test]
    fn two_communes_count_for_nothing_until_somebody_decides() {
        let rows = [row("a", "1", true), row("b", "2", true)];
        assert_eq!(reconcile(&rows, None), (Standing::Conflict, vec![]));
        assert_eq!(reconcile(&rows, Some(Choice::One("b"))), (Standing::Chosen, vec![1]));
        assert_eq!(reconcile(&rows, Some(Choice::Shares)), (Standing::Shared, vec![0, 1]));
        assert_eq!(reconcile(&rows, Some(Choice::One("c"))), (Standing::Conflict, vec![]));
    }

    #[test]
    fn of_one_units_reports_the_newest_counts_and_a_row_written_twice_is_a_conflict() {
        let older = row("year", "1", true);
        let newer = Told { at: 5, ..row("end", "1", true) };
        assert_eq!(reconcile(&[older.clone(), newer], None), (Standing::Once, vec![1]));
        assert_eq!(reconcile(&[older.clone(), older], None), (Standing::Conflict, vec![]));
    }

    #[test]
    fn a_correction_opens_a_decision_again() {
        let rows = [row("a", "1", true), row("b", "2", true)];
        let corrected = [row("a", "1", true), Told { revision: 2, ..row("b", "2", true) }];
        assert_ne!(basis(&rows), basis(&corrected));
    }
}
