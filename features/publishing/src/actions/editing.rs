//! Writing: beginning, saving, translating, correcting. Two people who save at once never lose a
//! word: the second text is kept beside the first.

use areas::AreaId;
use kernel::{
    caller::Caller,
    db::{Db, Tx},
    problem::{FormProblems, OrMissing, Outcome, Problem},
};
use serde::{Deserialize, Serialize};

use super::{EDIT, discarding::on_desk, name_of, newest, note};
use crate::{
    model::{
        ConflictId, PublicationId, SOURCE_LANGUAGE,
        draft::{Draft, Known, Translation, text_digest},
        version::{BEING_CORRECTED, Phase, TargetArea, Version},
    },
    store::{
        discards, history,
        reading::folded_words,
        reference, sounds,
        texts::{self, TextRow},
        versions::{self, Edit, NewPublication},
    },
};

/// What became of a save.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    /// It is the text of the version now.
    Done {
        /// The version's new revision.
        revision: u32,
    },
    /// Somebody else had saved first: their text stands, this one is kept under the id.
    Kept(ConflictId),
}

/// A text that was kept because somebody else had saved first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeptText {
    /// A whole draft.
    Draft(Box<Draft>),
    /// A translation.
    Translation(Translation),
}

/// A publication to be begun.
#[derive(Clone, Debug)]
pub struct Begin {
    /// The area in whose name it is published.
    pub home: AreaId,
    /// What is known of it so far.
    pub draft: Draft,
}

/// Begins a publication: version 1, a draft.
pub async fn begin(db: &Db, caller: &Caller, begin: Begin) -> Outcome<PublicationId> {
    db.change(async |tx| {
        let home = areas::find(tx, &begin.home).await?.or_missing(&areas::NOT_FOUND)?;
        caller.must(&EDIT, &home.path)?;
        let targets = check(tx, caller, &begin.draft).await?;
        let id: PublicationId = tx.new_id();
        let new = NewPublication {
            id: &id,
            home_area: home.id.as_str(),
            home: &home.path,
            publisher: &home.full_name,
        };
        versions::insert_publication(tx, &new, caller.id()).await?;
        versions::insert_version(tx, &id, 1, caller.id(), name_of(caller)).await?;
        let edit = Edit {
            id: &id,
            number: 1,
            base_revision: 0,
            account: caller.id(),
            name: name_of(caller),
        };
        write(tx, &edit, &begin.draft, &targets, 1).await?;
        note(tx, caller, (&id, 1), "begun", "").await?;
        Ok(id)
    })
    .await
}

/// A draft to be saved upon the revision its editor saw.
#[derive(Clone, Debug)]
pub struct Save {
    /// The publication; its newest version is meant.
    pub publication: PublicationId,
    /// The revision the editor began from.
    pub base_revision: u32,
    /// What the editor wants it to be.
    pub draft: Draft,
    /// A kept text that is used up by this save.
    pub uses: Option<ConflictId>,
}

/// Saves a draft.
pub async fn save(db: &Db, caller: &Caller, save: Save) -> Outcome<Saved> {
    db.change(async |tx| {
        let version = on_desk(tx, caller, &save.publication).await?;
        caller.must(&EDIT, &version.publication.home)?;
        version.must_be_draft()?;
        let targets = check(tx, caller, &save.draft).await?;
        let edit = Edit {
            id: &save.publication,
            number: version.number,
            base_revision: save.base_revision,
            account: caller.id(),
            name: name_of(caller),
        };
        let source_version = source_version(tx, &version, &save.draft).await?;
        if !write(tx, &edit, &save.draft, &targets, source_version).await? {
            if same_draft(&version.draft, &save.draft) {
                return Ok(Saved::Done { revision: version.revision });
            }
            let kept = KeptText::Draft(Box::new(save.draft.clone()));
            return keep(tx, caller, &edit, &kept).await.map(Saved::Kept);
        }
        if let Some(conflict) = &save.uses {
            history::drop_conflict(tx, &save.publication, conflict).await?;
        }
        note(tx, caller, (&save.publication, version.number), "edited", "").await?;
        Ok(Saved::Done { revision: save.base_revision + 1 })
    })
    .await
}

async fn keep(
    tx: &mut Tx,
    caller: &Caller,
    edit: &Edit<'_>,
    kept: &KeptText,
) -> Outcome<ConflictId> {
    let json = serde_json::to_string(kept)
        .map_err(|error| kernel::problem::Failure::fault("keep a text", error))?;
    let id = history::keep_conflict(tx, edit, &json).await?;
    note(tx, caller, (edit.id, edit.number), "kept", "").await?;
    Ok(id)
}

/// The order in which areas and codes were ticked does not make another draft.
fn same_draft(one: &Draft, other: &Draft) -> bool {
    let sorted = |draft: &Draft| {
        let mut draft = draft.clone();
        draft.areas.sort();
        draft.themes.sort();
        draft.audiences.sort();
        draft.languages.sort();
        draft
    };
    sorted(one) == sorted(other)
}

/// Lets a kept text go, once somebody has seen that nothing in it is missing.
pub async fn drop_kept(
    db: &Db,
    caller: &Caller,
    publication: &PublicationId,
    conflict: &ConflictId,
) -> Outcome<()> {
    db.change(async |tx| {
        let version = newest(tx, publication).await?;
        caller.must(&EDIT, &version.publication.home)?;
        let dropped = history::drop_conflict(tx, publication, conflict).await?;
        (dropped > 0).then_some(()).or_missing(&crate::model::version::NOT_FOUND)
    })
    .await
}

/// A form's worth of checks; gives the target areas with their paths.
async fn check(tx: &mut Tx, caller: &Caller, draft: &Draft) -> Outcome<Vec<TargetArea>> {
    let kinds = reference::kinds(tx).await?;
    let themes: Vec<String> = reference::themes(tx).await?.into_iter().map(|t| t.code).collect();
    let audiences: Vec<String> =
        reference::audiences(tx).await?.into_iter().map(|a| a.code).collect();
    let languages = language_tags(tx).await?;
    let known =
        Known { kinds: &kinds, themes: &themes, audiences: &audiences, languages: &languages };
    let mut problems = FormProblems::new();
    draft.check(&known, &mut problems);
    let targets = if problems.is_empty() {
        resolve(tx, caller, &draft.areas, &mut problems).await?
    } else {
        Vec::new()
    };
    problems.check()?;
    Ok(targets)
}

/// Tags of every language of content.
pub(crate) async fn language_tags(tx: &mut Tx) -> Outcome<Vec<String>> {
    Ok(reference::languages(tx).await?.into_iter().map(|language| language.tag).collect())
}

/// Area ids as target areas: they must live today and lie where the caller may edit (rule 4).
pub(crate) async fn resolve(
    tx: &mut Tx,
    caller: &Caller,
    ids: &[String],
    problems: &mut FormProblems,
) -> Outcome<Vec<TargetArea>> {
    let today = tx.now().day();
    let mut targets: Vec<TargetArea> = Vec::new();
    for id in ids {
        let area = match AreaId::parse(id) {
            Some(id) => areas::find(tx, &id).await?,
            None => None,
        };
        let Some(area) = area else {
            problems.add("areas", "publishing-wrong-area-unknown");
            continue;
        };
        let args = vec![("area", area.full_name.clone())];
        if area.until <= today {
            problems.add_with("areas", "publishing-wrong-area-ended", args);
        } else if !caller.may(&EDIT, &area.path) {
            problems.add_with("areas", "publishing-wrong-area-not-yours", args);
        } else {
            let name = area.full_name;
            targets.push(TargetArea { area: area.id.to_string(), path: area.path, name });
        }
    }
    Ok(targets)
}

/// Which version of the Vietnamese text this is: a new one only when the words have changed.
async fn source_version(tx: &mut Tx, version: &Version, draft: &Draft) -> Outcome<u32> {
    let texts = texts::all(tx, &version.publication.id, version.number).await?;
    let before = texts.iter().find(|text| text.language == SOURCE_LANGUAGE);
    let same = before.filter(|text| text.source_digest == draft.text_digest());
    Ok(same.map_or(version.number, |text| text.source_version))
}

async fn write(
    tx: &mut Tx,
    edit: &Edit<'_>,
    draft: &Draft,
    targets: &[TargetArea],
    source_version: u32,
) -> Outcome<bool> {
    let folded = folded_words(&[
        &draft.title,
        &draft.summary,
        &draft.body,
        &draft.document.number,
        &draft.document.subject,
    ]);
    if !versions::save(tx, edit, draft, targets, &folded).await? {
        return Ok(false);
    }
    let text = TextRow {
        language: SOURCE_LANGUAGE.to_owned(),
        title: draft.title.clone(),
        summary: draft.summary.clone(),
        body: draft.body.clone(),
        source_version,
        source_digest: draft.text_digest(),
        file: String::new(),
        edited_by: edit.account.to_owned(),
        edited_at: tx.now(),
    };
    texts::put(tx, edit.id, edit.number, &text).await?;
    Ok(true)
}

/// A translation to be saved upon the text its translator saw.
#[derive(Clone, Debug)]
pub struct SaveTranslation {
    /// The publication; its newest version is meant.
    pub publication: PublicationId,
    /// When the text the translator saw was saved, in ms; 0 when there was none.
    pub base: i64,
    /// The translation.
    pub translation: Translation,
    /// A kept text that is used up by this save.
    pub uses: Option<ConflictId>,
}

/// Saves a translation. It remembers the Vietnamese text it was made from (rule 7).
pub async fn translate(db: &Db, caller: &Caller, save: SaveTranslation) -> Outcome<Saved> {
    db.change(async |tx| {
        let version = on_desk(tx, caller, &save.publication).await?;
        caller.must(&EDIT, &version.publication.home)?;
        version.must_be_draft()?;
        save.translation.check(&language_tags(tx).await?)?;
        let edit = Edit {
            id: &save.publication,
            number: version.number,
            base_revision: version.revision,
            account: caller.id(),
            name: name_of(caller),
        };
        let rows = texts::all(tx, edit.id, edit.number).await?;
        let there = rows.iter().find(|text| text.language == save.translation.language);
        if there.map_or(0, |text| text.edited_at.millis()) != save.base {
            let kept = KeptText::Translation(save.translation.clone());
            return keep(tx, caller, &edit, &kept).await.map(Saved::Kept);
        }
        let source = rows.iter().find(|text| text.language == SOURCE_LANGUAGE);
        let text = translated(&save.translation, source, caller.id(), tx);
        texts::put(tx, edit.id, edit.number, &text).await?;
        versions::touch(tx, &edit).await?;
        if let Some(conflict) = &save.uses {
            history::drop_conflict(tx, &save.publication, conflict).await?;
        }
        note(tx, caller, (edit.id, edit.number), "translated", &save.translation.language).await?;
        Ok(Saved::Done { revision: version.revision })
    })
    .await
}

fn translated(
    translation: &Translation,
    source: Option<&TextRow>,
    account: &str,
    tx: &Tx,
) -> TextRow {
    let digest = source.map_or_else(
        || text_digest("", "", ""),
        |text| text_digest(&text.title, &text.summary, &text.body),
    );
    TextRow {
        language: translation.language.clone(),
        title: translation.title.clone(),
        summary: translation.summary.clone(),
        body: translation.body.clone(),
        source_version: source.map_or(1, |text| text.source_version),
        source_digest: digest,
        file: String::new(),
        edited_by: account.to_owned(),
        edited_at: tx.now(),
    }
}

/// Removes the text of one language.
pub async fn remove_translation(
    db: &Db,
    caller: &Caller,
    id: &PublicationId,
    language: &str,
) -> Outcome<()> {
    db.change(async |tx| {
        let version = newest(tx, id).await?;
        caller.must(&EDIT, &version.publication.home)?;
        version.must_be_draft()?;
        let removed = texts::remove(tx, id, version.number, language).await?;
        (removed > 0).then_some(()).or_missing(&crate::model::version::NOT_FOUND)?;
        note(tx, caller, (id, version.number), "untranslated", language).await
    })
    .await
}

/// Begins the next version of what readers see (or saw): a draft with everything in it (rule 8).
pub async fn correct(db: &Db, caller: &Caller, id: &PublicationId) -> Outcome<u32> {
    db.change(async |tx| {
        let version = newest(tx, id).await?;
        caller.must(&EDIT, &version.publication.home)?;
        if !matches!(version.phase, Phase::Published { .. }) {
            return Err(Problem::of(&BEING_CORRECTED).into());
        }
        let (from, to) = (version.number, discards::last_number(tx, id).await? + 1);
        versions::insert_version(tx, id, to, caller.id(), name_of(caller)).await?;
        texts::copy(tx, id, from, to).await?;
        let edit =
            Edit { id, number: to, base_revision: 0, account: caller.id(), name: name_of(caller) };
        let source_version = source_version(tx, &version, &version.draft).await?;
        write(tx, &edit, &version.draft, &version.targets, source_version).await?;
        sounds::copy(tx, id, from, to).await?;
        versions::put_picture_words(tx, id, to, &version.picture_words).await?;
        note(tx, caller, (id, to), "correcting", "").await?;
        Ok(to)
    })
    .await
}
