//! Deciding, one POST each: submit, approve, send back, correct, withdraw.

use kernel::{
    axum::{extract::Path, http::StatusCode},
    clock::{Day, Timestamp},
    problem::{Failure, FormProblems, Outcome},
    web::{Answer, Fields, Posted, Visit},
};

use super::{
    Editor, Staff,
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

pub(super) async fn submit(Editor(visit): Editor, Path(id): Path<String>, _: Posted) -> Answer {
    submit_saved(&visit, &id_of(&id)?).await
}

/// Submits what is saved; what is missing is shown in the long form.
pub(super) async fn submit_saved(visit: &Visit, id: &PublicationId) -> Answer {
    match deciding::submit(&visit.app.db, &visit.caller, id).await {
        Ok(()) => visit.done(&format!("/bien-tap/{id}"), "publishing-done-submitted"),
        Err(failure) => edit::again(visit, id, failure, edit::Shown::default()).await,
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
    problems.require(parsed_day.is_some(), "publish_day", "publishing-wrong-day");
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

pub(super) async fn approve(
    Staff(visit): Staff,
    Path(id): Path<String>,
    Posted { fields }: Posted,
) -> Answer {
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
            deciding::approve(&app.db, &app.files, &visit.caller, &approval)
                .await
                .map(|()| publish_at.is_some_and(|at| at > app.now()))
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
    Staff(visit): Staff,
    Path(id): Path<String>,
    Posted { fields }: Posted,
) -> Answer {
    let id = id_of(&id)?;
    let remark = fields.line("remark");
    match deciding::send_back(&visit.app.db, &visit.caller, &id, &remark).await {
        Ok(()) => visit.done(&format!("/bien-tap/{id}"), "publishing-done-returned"),
        Err(failure) => again(&visit, &id, failure, &fields).await,
    }
}

pub(super) async fn withdraw(
    Staff(visit): Staff,
    Path(id): Path<String>,
    Posted { fields }: Posted,
) -> Answer {
    let id = id_of(&id)?;
    let reason = fields.line("reason");
    match deciding::withdraw(&visit.app.db, &visit.caller, &id, &reason).await {
        Ok(()) => visit.done(&format!("/bien-tap/{id}"), "publishing-done-withdrawn"),
        Err(failure) => again(&visit, &id, failure, &fields).await,
    }
}

/// Lets a draft go. It waits among the discarded ones.
pub(super) async fn discard(Editor(visit): Editor, Path(id): Path<String>, _: Posted) -> Answer {
    discarding::discard(&visit.app.db, &visit.caller, &id_of(&id)?).await?;
    visit.done("/bien-tap?muc=da-bo", "publishing-done-discarded")
}

/// Takes a discarded draft back.
pub(super) async fn restore(Editor(visit): Editor, Path(id): Path<String>, _: Posted) -> Answer {
    let id = id_of(&id)?;
    discarding::restore(&visit.app.db, &visit.caller, &id).await?;
    visit.done(&format!("/bien-tap/{id}"), "publishing-done-restored")
}

pub(super) async fn correct(Editor(visit): Editor, Path(id): Path<String>, _: Posted) -> Answer {
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
    fn times_are_read_as_people_write_them() {
        assert_eq!(minutes_of("14:30"), Some(870));
        assert_eq!(minutes_of("7h05"), Some(425));
        for wrong in ["25:00", "12:60", "-1:00", "mai", "12"] {
            assert_eq!(minutes_of(wrong), None, "{wrong}");
        }
    }
}
