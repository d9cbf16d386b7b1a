//! Deciding, one POST each: submit, approve, send back, correct, withdraw.

use kernel::{
    axum::{extract::Path, http::StatusCode},
    clock::{Day, Timestamp},
    problem::{Failure, FormProblems, Outcome},
    web::{Answer, Fields, Visit},
};

use super::{
    EditorForm, StaffForm,
    desk::{self, Typed},
    edit, id_of,
};
use crate::{
    actions::{
        deciding::{self, Approval},
        discarding, editing,
    },
    model::PublicationId,
};

pub(super) async fn submit(
    Path(id): Path<String>,
    EditorForm(visit, fields): EditorForm,
) -> Answer {
    submit_saved(&visit, &id_of(&id)?, &fields).await
}

/// Submits what is saved; what is missing is shown in the long form.
pub(super) async fn submit_saved(visit: &Visit, id: &PublicationId, fields: &Fields) -> Answer {
    let old_sound = fields.has("old_sound");
    match deciding::submit_with(&visit.app.db, &visit.caller, id, old_sound).await {
        Ok(()) => visit.done(&format!("/bien-tap/{id}"), "publishing-done-submitted"),
        Err(failure) => {
            let shown = edit::Shown { old_sound, ..edit::Shown::default() };
            edit::again(visit, id, failure, shown).await
        }
    }
}

/// A day and a time, both or neither.
fn publish_at(fields: &Fields) -> Outcome<Option<Timestamp>> {
    let (day, time) = (fields.line("publish_day"), fields.line("publish_time"));
    if day.is_empty() && time.is_empty() {
        return Ok(None);
    }
    let mut problems = FormProblems::new();
    let parsed_day = Day::parse(&day);
    let minutes = minutes_of(if time.is_empty() { "07:00" } else { &time });
    let wrong_day =
        if day.is_empty() { "publishing-wrong-day-missing" } else { "publishing-wrong-day" };
    problems.require(parsed_day.is_some(), "publish_day", wrong_day);
    problems.require(minutes.is_some(), "publish_time", "publishing-wrong-time");
    problems.check()?;
    Ok(parsed_day.zip(minutes).map(|(day, minutes)| day.start().plus_seconds(minutes * 60)))
}

/// `14:30` as minutes of the day.
fn minutes_of(time: &str) -> Option<i64> {
    let (hours, minutes) = time.split_once([':', 'h', 'g'])?;
    let (hours, minutes) = (hours.trim().parse::<i64>().ok()?, minutes.trim().parse::<i64>().ok()?);
    ((0..24).contains(&hours) && (0..60).contains(&minutes)).then_some(hours * 60 + minutes)
}

pub(super) async fn approve(Path(id): Path<String>, StaffForm(visit, fields): StaffForm) -> Answer {
    let id = id_of(&id)?;
    let app = &visit.app;
    let revision = fields.number("revision").and_then(|number| u32::try_from(number).ok());
    let done = match publish_at(&fields) {
        Ok(publish_at) => {
            let approval = Approval {
                publication: id.clone(),
                revision: revision.unwrap_or(u32::MAX),
                publish_at,
            };
            let old_sound = fields.has("old_sound");
            deciding::approve_with(&app.db, &app.files, &visit.caller, &approval, old_sound)
                .await
                .map(|()| publish_at.is_some())
        }
        Err(failure) => Err(failure),
    };
    let to = format!("/bien-tap/{id}");
    match done {
        Ok(true) => visit.done(&to, "publishing-done-scheduled"),
        Ok(false) => visit.done(&to, "publishing-done-published"),
        Err(failure) => again(&visit, &id, failure, &fields).await,
    }
}

pub(super) async fn send_back(
    Path(id): Path<String>,
    StaffForm(visit, fields): StaffForm,
) -> Answer {
    let id = id_of(&id)?;
    let remark = fields.line("remark");
    match deciding::send_back(&visit.app.db, &visit.caller, &id, &remark).await {
        Ok(()) => visit.done(&format!("/bien-tap/{id}"), "publishing-done-returned"),
        Err(failure) => again(&visit, &id, failure, &fields).await,
    }
}

pub(super) async fn withdraw(
    Path(id): Path<String>,
    StaffForm(visit, fields): StaffForm,
) -> Answer {
    let id = id_of(&id)?;
    let reason = fields.line("reason");
    match deciding::withdraw(&visit.app.db, &visit.caller, &id, &reason).await {
        Ok(()) => visit.done(&format!("/bien-tap/{id}"), "publishing-done-withdrawn"),
        Err(failure) => again(&visit, &id, failure, &fields).await,
    }
}

/// Lets a draft go. It waits among the discarded ones.
pub(super) async fn discard(Path(id): Path<String>, EditorForm(visit, _): EditorForm) -> Answer {
    discarding::discard(&visit.app.db, &visit.caller, &id_of(&id)?).await?;
    visit.done("/bien-tap?muc=da-bo", "publishing-done-discarded")
}

/// Takes a discarded draft back.
pub(super) async fn restore(Path(id): Path<String>, EditorForm(visit, _): EditorForm) -> Answer {
    let id = id_of(&id)?;
    discarding::restore(&visit.app.db, &visit.caller, &id).await?;
    visit.done(&format!("/bien-tap/{id}"), "publishing-done-restored")
}

pub(super) async fn correct(Path(id): Path<String>, EditorForm(visit, _): EditorForm) -> Answer {
    let id = id_of(&id)?;
    editing::correct(&visit.app.db, &visit.caller, &id).await?;
    visit.done(&format!("/bien-tap/{id}"), "publishing-done-correcting")
}

/// The desk again, with what was wrong; any other failure passes through.
async fn again(visit: &Visit, id: &PublicationId, failure: Failure, fields: &Fields) -> Answer {
    match failure {
        Failure::Problem(problem) if !problem.fields.is_empty() => {
            let typed = Typed {
                publish_day: fields.line("publish_day"),
                publish_time: fields.line("publish_time"),
                remark: fields.line("remark"),
                reason: fields.line("reason"),
                old_sound: fields.has("old_sound"),
            };
            let context = desk::page(visit, id, visit.errors(&problem.fields), typed).await?;
            let mut response = visit.page(&desk::DESK, &context)?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
        failure => Err(failure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_without_a_day_asks_for_the_day() {
        let problem_of = |day: &str, time: &str| {
            let fields = Fields::from_pairs([("publish_day", day), ("publish_time", time)]);
            let refused = publish_at(&fields).err();
            let problem = refused.as_ref().and_then(Failure::problem).map(|it| it.fields.clone());
            problem.unwrap_or_default().into_iter().map(|it| (it.field, it.key)).collect::<Vec<_>>()
        };
        let day = "publish_day".to_owned();
        assert_eq!(problem_of("", "14:30"), [(day.clone(), "publishing-wrong-day-missing")]);
        assert_eq!(problem_of("31/02/2027", "14:30"), [(day, "publishing-wrong-day")]);
        assert_eq!(problem_of("28/02/2027", "14:30"), []);
        assert_eq!(problem_of("", ""), []);
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        assert_eq!(minutes_of("14:30"), Some(870));
        assert_eq!(minutes_of("7h05"), Some(425));
        for wrong in ["25:00", "12:60", "-1:00", "mai", "12"] {
            assert_eq!(minutes_of(wrong), None, "{wrong}");
        }
    }
}
