//! Approving: which figures count as approved, all of a report's or those of some of its sections, and which sections
//! stand as they were approved. Who may, from which state, and what else happens then is [`steps`](super::steps)'s.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{app::App, caller::Caller, db::Tx, problem::Outcome};

use super::{
    SEE,
    catalogue::{self, Catalogue},
    content::Content,
    entry::{self, Which},
    figures,
    review::section_hashes,
};
use crate::{
    model::{form::Section, submission::State},
    store::{
        numbers,
        review::{self as store, SectionMark},
        submissions::{StepRow, Submission},
    },
};

/// The sections of a report that were approved, with the whole or before it, each with who approved it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Approved {
    /// Those that say what was approved.
    pub standing: BTreeMap<String, SectionMark>,
    /// Those that say something else by now; what of them is approved is what they said then.
    pub changed: BTreeMap<String, SectionMark>,
}

impl Approved {
    /// Of what was noted about sections, and what they say now.
    pub(super) fn of(marks: &[SectionMark], hashes: &BTreeMap<String, String>) -> Self {
        let mut it = Self::default();
        for mark in marks.iter().filter(|mark| mark.approved_at.is_some()) {
            let now = hashes.get(&mark.section);
            let into = if now == Some(&mark.hash) { &mut it.standing } else { &mut it.changed };
            if now.is_some() {
                into.insert(mark.section.clone(), mark.clone());
            }
        }
        it
    }

    /// The section of a report that was approved last without the others; none once the whole is, and none of a
    /// correction before some of its own sections are.
    pub fn last_alone(&self, known: &Submission) -> Option<&SectionMark> {
        let before = known.approved.as_ref().map(|signed| signed.at);
        let all = self.standing.values().chain(self.changed.values());
        all.max_by_key(|mark| mark.approved_at)
            .filter(|mark| known.state != State::Approved && mark.approved_at > before)
    }
}

/// The sections of a report that were approved. Most reports have none, and are not read for it.
pub async fn approved(app: &App, caller: &Caller, known: &Submission) -> Outcome<Approved> {
    caller.must(&SEE, &known.path)?;
    let catalogue = catalogue::current(app).await?;
    app.db
        .view(async |tx| {
            let marks = store::marks(tx, &known.id).await?;
            if marks.iter().all(|mark| mark.approved_at.is_none()) {
                return Ok(Approved::default());
            }
            Ok(Approved::of(&marks, &hashes(tx, &catalogue, known).await?))
        })
        .await
}

async fn hashes(
    tx: &mut Tx,
    catalogue: &Catalogue,
    known: &Submission,
) -> Outcome<BTreeMap<String, String>> {
    let form = catalogue.form_of(&known.dataset, known.form_version)?;
    Ok(section_hashes(form, &Content::of(tx, known).await?))
}

/// The whole report is approved as it stands.
pub(super) async fn whole(
    tx: &mut Tx,
    catalogue: &Catalogue,
    known: &Submission,
    row: &StepRow,
) -> Outcome<()> {
    all_figures(tx, catalogue, known).await?;
    let hashes = hashes(tx, catalogue, known).await?;
    note(tx, known, hashes.iter(), row).await
}

/// Some sections are approved as they stand, and their figures with them; those that are approved already stay so. Gives
/// those that were not.
pub(super) async fn sections<'c>(
    tx: &mut Tx,
    catalogue: &'c Catalogue,
    known: &Submission,
    wanted: &[String],
    row: &StepRow,
) -> Outcome<Vec<&'c Section>> {
    let form = catalogue.form_of(&known.dataset, known.form_version)?;
    let hashes = hashes(tx, catalogue, known).await?;
    let standing = Approved::of(&store::marks(tx, &known.id).await?, &hashes).standing;
    let is_new = |one: &&Section| wanted.contains(&one.code) && !standing.contains_key(&one.code);
    let new: Vec<&Section> = form.sections.iter().filter(is_new).collect();
    let own = hashes.iter().filter(|(code, _)| new.iter().any(|one| one.code == **code));
    note(tx, known, own, row).await?;
    // What two growing tables add up to is approved with the second of them.
    let among: BTreeSet<String> =
        new.iter().map(|one| one.code.clone()).chain(standing.into_keys()).collect();
    let which = Which::from(known);
    let asked = entry::asked(tx, catalogue, &which, Some(known)).await?;
    let ground = entry::ground(tx, &which, &asked).await?;
    let owner = numbers::owner_no(tx, which.dataset.as_str()).await?;
    let told = form.told_by(&among, ground.held.keys());
    figures::approve(tx, &ground, owner, |key| told.contains(key)).await?;
    Ok(new)
}

async fn note(
    tx: &mut Tx,
    known: &Submission,
    sections: impl Iterator<Item = (&String, &String)>,
    row: &StepRow,
) -> Outcome<()> {
    for (section, hash) in sections {
        let mark = SectionMark {
            section: section.clone(),
            revision: known.revision,
            hash: hash.clone(),
            by_account: row.by_account.clone(),
            by_name: row.by_name.clone(),
            at: row.at,
            approved_by: None,
            approved_at: None,
        };
        store::approve(tx, &known.id, &mark).await?;
    }
    Ok(())
}

/// All its figures count as approved as they stand.
pub(super) async fn all_figures(
    tx: &mut Tx,
    catalogue: &Catalogue,
    known: &Submission,
) -> Outcome<()> {
    let which = Which::from(known);
    let asked = entry::asked(tx, catalogue, &which, Some(known)).await?;
    let ground = entry::ground(tx, &which, &asked).await?;
    let owner = numbers::owner_no(tx, which.dataset.as_str()).await?;
    figures::approve(tx, &ground, owner, |_| true).await
}

#[cfg(test)]
mod tests {
    use kernel::clock::Timestamp;

    use super::*;

    fn mark(section: &str, hash: &str, approved: Option<i64>) -> SectionMark {
        SectionMark {
            section: section.to_owned(),
            revision: 1,
            hash: hash.to_owned(),
            by_account: String::new(),
            by_name: String::new(),
            at: Timestamp::from_millis(0),
            approved_by: approved.map(|_| "Bình".to_owned()),
            approved_at: approved.map(Timestamp::from_millis),
        }
    }

    #[test]
    fn a_section_stands_approved_while_it_says_what_was_approved() {
        let now = |text: &str| (text.to_owned(), "now".to_owned());
        let hashes = BTreeMap::from([now("a"), now("b"), now("c")]);
        let marks = [
            mark("a", "now", Some(1)),
            mark("b", "then", Some(2)),
            mark("b", "now", None),
            mark("c", "now", None),
            mark("gone", "now", Some(3)),
        ];
        let it = Approved::of(&marks, &hashes);
        assert_eq!(it.standing.keys().collect::<Vec<_>>(), ["a"]);
        assert_eq!(it.changed.keys().collect::<Vec<_>>(), ["b"], "in order, and not approved so");
    }
}
