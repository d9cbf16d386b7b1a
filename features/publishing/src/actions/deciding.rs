//! Deciding: submitting, approving, returning, withdrawing. Who wrote does not approve.

use kernel::{
    app::App,
    caller::Caller,
    clock::Timestamp,
    db::{Db, Tx},
    files::Files,
    jobs::JobKind,
    problem::{CONFLICT, FormProblems, OrMissing, Outcome, Problem},
    records::{Lane, Outgoing},
};

use super::{APPROVE, EDIT, must_over_targets, newest, note, release};
use crate::{
    Withdrawn,
    model::{
        PublicationId,
        record::{WITHDRAWAL, WithdrawalRecord},
        version::{Phase, Version},
    },
    store::{
        reference,
        sounds::{self, SoundRow},
        versions,
    },
};

/// Longest remark or reason, in characters.
const REMARK_CHARS_MAX: usize = 500;
/// Furthest a publication may be scheduled, in days.
const SCHEDULE_DAYS_MAX: i64 = 366;

/// Publishes what was approved for a later time.
pub(crate) const PUBLISH_DUE: JobKind = JobKind {
    name: "publishing.publish_due",
    run: |app, payload| Box::pin(publish_due(app, payload)),
};

/// Hands a draft to a second person. Everything readers need must be there (rule 3).
pub async fn submit(db: &Db, caller: &Caller, id: &PublicationId) -> Outcome<()> {
    submit_with(db, caller, id, false).await
}

/// The same by somebody who may have ticked that recordings of an older text go along.
pub async fn submit_with(
    db: &Db,
    caller: &Caller,
    id: &PublicationId,
    old_sound_is_meant: bool,
) -> Outcome<()> {
    db.change(async |tx| {
        let version = newest(tx, id).await?;
        caller.must(&EDIT, &version.publication.home)?;
        must_over_targets(caller, &EDIT, &version)?;
        version.must_be_draft()?;
        let mut problems = FormProblems::new();
        let kinds = reference::kinds(tx).await?;
        version.draft.check_complete(&kinds, tx.now().day(), &mut problems);
        let recordings = sounds::all(tx, id, version.number).await?;
        let waiting = recordings.iter().any(|sound| sound.state == "waiting");
        let failed = recordings.iter().any(|sound| sound.state == "failed");
        problems.require(!waiting, "sounds", "publishing-wrong-sound-waiting");
        problems.require(!failed, "sounds", "publishing-wrong-sound-failed");
        check_old_sound(&version, &recordings, old_sound_is_meant, &mut problems);
        problems.check()?;
        release::must_fit(tx, &version).await?;
        let by = caller.id().to_owned();
        move_to(tx, &version, &Phase::Submitted { by, at: tx.now() }).await?;
        note(tx, caller, (id, version.number), "submitted", "").await
    })
    .await
}

/// A recording that reads an older text is published only where somebody says that it is meant (rule 7).
fn check_old_sound(
    version: &Version,
    recordings: &[SoundRow],
    is_meant: bool,
    problems: &mut FormProblems,
) {
    let digest = version.draft.text_digest();
    let has_old = recordings.iter().any(|sound| sound.source_digest != digest);
    problems.require(is_meant || !has_old, "old_sound", "publishing-wrong-old-sound");
}

/// An approval.
#[derive(Clone, Debug)]
pub struct Approval {
    /// The publication; its newest version is meant.
    pub publication: PublicationId,
    /// The revision the approver has read: another one was changed behind their back.
    pub revision: u32,
    /// When it is to be published; at once when not told.
    pub publish_at: Option<Timestamp>,
}

/// Approves a version: published at once, or when its time comes.
pub async fn approve(db: &Db, files: &Files, caller: &Caller, approval: &Approval) -> Outcome<()> {
    approve_with(db, files, caller, approval, false).await
}

/// The same by somebody who may have ticked that recordings of an older text go along.
pub async fn approve_with(
    db: &Db,
    files: &Files,
    caller: &Caller,
    approval: &Approval,
    old_sound_is_meant: bool,
) -> Outcome<()> {
    db.change(async |tx| {
        let version = newest(tx, &approval.publication).await?;
        must_over_targets(caller, &APPROVE, &version)?;
        version.must_be_approvable_by(caller.id())?;
        if version.revision != approval.revision {
            return Err(Problem::of(&CONFLICT).into());
        }
        let id = &approval.publication;
        let mut problems = FormProblems::new();
        let recordings = sounds::all(tx, id, version.number).await?;
        check_old_sound(&version, &recordings, old_sound_is_meant, &mut problems);
        if let Some(at) = approval.publish_at {
            check_schedule(&version, at, tx.now(), &mut problems);
        }
        problems.check()?;
        let Some(at) = approval.publish_at else {
            note(tx, caller, (id, version.number), "approved", "").await?;
            return release::release(tx, files, caller, &version).await;
        };
        let by = caller.id().to_owned();
        move_to(tx, &version, &Phase::Approved { by, publish_at: at }).await?;
        tx.queue(&PUBLISH_DUE, &format!("{id}:{}", version.number), at).await?;
        note(tx, caller, (id, version.number), "scheduled", &at.short()).await
    })
    .await
}

/// A time that has passed is a slip of the hand, most often in the day or the year: nothing is published upon it.
fn check_schedule(version: &Version, at: Timestamp, now: Timestamp, problems: &mut FormProblems) {
    if at <= now {
        let field = if at.day() < now.day() { "publish_day" } else { "publish_time" };
        problems.add_with(field, "publishing-wrong-schedule-past", vec![("at", at.short())]);
    }
    let far = now.plus_seconds(SCHEDULE_DAYS_MAX * 24 * 3600);
    problems.require(at <= far, "publish_day", "publishing-wrong-schedule-far");
    let expired = version.draft.expires.is_some_and(|day| day <= at.day());
    problems.require(!expired, "publish_day", "publishing-wrong-schedule-expired");
}

/// Runs when a scheduled time has come. A version that went back to the desk stays there.
async fn publish_due(app: &std::sync::Arc<App>, payload: &str) -> Outcome<()> {
    let Some((id, number)) = payload.split_once(':') else { return Ok(()) };
    let (Some(id), Ok(number)) = (PublicationId::parse(id), number.parse()) else { return Ok(()) };
    app.db
        .change(async |tx| {
            let Some(version) = versions::find(tx, &id, number).await? else { return Ok(()) };
            let due = matches!(&version.phase, Phase::Approved { publish_at, .. } if *publish_at <= tx.now());
            if !due {
                return Ok(());
            }
            let system = Caller::system(tx.now());
            release::release(tx, &app.files, &system, &version).await
        })
        .await
}

/// Sends a version back to the desk, with a remark for its editors. Whoever wrote it may take it
/// back too.
pub async fn send_back(db: &Db, caller: &Caller, id: &PublicationId, remark: &str) -> Outcome<()> {
    db.change(async |tx| {
        let version = newest(tx, id).await?;
        let own = version.hands.iter().any(|hand| hand == caller.id())
            && caller.may(&EDIT, &version.publication.home);
        if !own {
            must_over_targets(caller, &APPROVE, &version)?;
        }
        version.must_be_returnable()?;
        let mut problems = FormProblems::new();
        let short = remark.chars().count() <= REMARK_CHARS_MAX;
        problems.require(own || !remark.is_empty(), "remark", "publishing-wrong-remark-missing");
        problems.require(short, "remark", "publishing-wrong-remark-long");
        problems.check()?;
        move_to(tx, &version, &Phase::Draft).await?;
        note(tx, caller, (id, version.number), "returned", remark).await
    })
    .await
}

/// Takes back what readers see, here and on every node (rule 8).
pub async fn withdraw(db: &Db, caller: &Caller, id: &PublicationId, reason: &str) -> Outcome<()> {
    db.change(async |tx| {
        let current = newest(tx, id).await?.publication.public_version;
        let version = versions::find(tx, id, current).await?;
        let Some(version) = version else {
            caller.must_somewhere(&APPROVE)?;
            return Err(Problem::of(&crate::model::version::NOT_PUBLIC).into());
        };
        must_over_targets(caller, &APPROVE, &version)?;
        version.must_be_public()?;
        let mut problems = FormProblems::new();
        problems.require(!reason.is_empty(), "reason", "publishing-wrong-reason-missing");
        let short = reason.chars().count() <= REMARK_CHARS_MAX;
        problems.require(short, "reason", "publishing-wrong-remark-long");
        problems.check()?;
        let at = tx.now();
        versions::put_withdrawn(tx, id, version.number, reason, at).await?;
        let record = WithdrawalRecord {
            id: id.clone(),
            version: version.number,
            at,
            reason: reason.to_owned(),
        };
        tx.emit_down(Outgoing {
            lane: Lane::Control,
            kind: WITHDRAWAL,
            targets: version.targets.iter().map(|target| target.path.clone()).collect(),
            body: record.to_bytes(),
        })
        .await?;
        let event = Withdrawn {
            publication: id.clone(),
            version: version.number,
            reason: reason.to_owned(),
            at,
        };
        tx.announce(&event).await?;
        note(tx, caller, (id, version.number), "withdrawn", reason).await
    })
    .await
}

/// Moves a version on, unless somebody moved it meanwhile.
async fn move_to(tx: &mut Tx, version: &Version, phase: &Phase) -> Outcome<()> {
    versions::put_phase(tx, version, phase).await?.then_some(()).or_missing(&CONFLICT)
}
