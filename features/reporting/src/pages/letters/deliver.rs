//! Letters and notifications: made for their reader at the moment at which they leave, and handed over.

use kernel::{
    app::AppRef,
    problem::{Failure, Outcome},
    web::Visit,
};

use super::{
    board,
    letter::{Envelope, Letter, written},
};
use crate::{
    actions::{
        SEE,
        analysis::dashboards::Saved,
        outward::{Mail, Mailer, Notification, Pusher, Reply, handing::Ended},
    },
    model::{
        PushId, ScheduleId,
        outward::{Content, Way},
    },
    store::{analysis, outbox::Outgoing, outward},
};

/// Makes one ready and hands it over.
pub(super) async fn one(app: &AppRef, row: &Outgoing) -> Outcome<Ended> {
    let content: Content = serde_json::from_str(&row.body)
        .map_err(|error| Failure::fault("read what leaves", error))?;
    match (Way::from_code(&row.way), content) {
        (Some(Way::Code | Way::Mail), content) => letter(app, row, content).await,
        (Some(Way::Push), Content::Notice { line, link }) => notice(app, row, &line, &link).await,
        _ => Ok(Ended::Nobody("không rõ nội dung")),
    }
}

async fn letter(app: &AppRef, row: &Outgoing, content: Content) -> Outcome<Ended> {
    let Some(mailer) = app.port::<Mailer>() else { return Ok(Ended::NoWay) };
    let code = row.way == Way::Code.code();
    let account = row.recipient.as_str();
    let (reader, to, ways) = app
        .db
        .view(async |tx| {
            let to = if code {
                identity::asked_address_of(tx, account).await?
            } else {
                identity::address_of(tx, account).await?
            };
            let reader = identity::caller_of(tx, account).await?;
            Ok((reader, to, outward::ways(tx, account).await?))
        })
        .await?;
    let (Some(reader), Some(to)) = (reader, to) else {
        return Ok(Ended::Nobody("người nhận không còn tài khoản hoặc địa chỉ"));
    };
    let now = app.now();
    // Whoever waits for a code is awake.
    if !code && ways.wakes_at(now) > now {
        return Ok(Ended::Asleep(ways.wakes_at(now)));
    }
    let visit = Visit::away(app, reader.clone());
    let mut files = Vec::new();
    let letter = match content {
        Content::Words { lines, count, link } => {
            let more = count.saturating_sub(lines.len());
            Letter { title: row.subject.clone(), lines, more, link, ..Letter::default() }
        }
        Content::Board { schedule } => {
            let Some((saved, file)) = saved(app, &schedule).await? else {
                return Ok(Ended::Nobody("lịch gửi không còn"));
            };
            let Some(mut letter) = board::told(app, reader, &saved).await? else {
                return Ok(Ended::Nobody("người nhận không còn được xem số liệu này"));
            };
            match board::file(&visit, &letter, &file)? {
                Some(made) => files.push(made),
                None if file.is_empty() => {}
                None => letter.lines.push(visit.say("reporting-letter-file-too-large", &[])),
            }
            letter
        }
        Content::Notice { .. } | Content::Report { .. } => {
            return Ok(Ended::Nobody("không rõ nội dung"));
        }
    };
    let settings = if code { "/tai-khoan/thu" } else { "/bao-cao/nhac" };
    let letter = Letter {
        site: mailer.site.clone(),
        settings: settings.to_owned(),
        from: app.site.owner_name.clone(),
        ..letter
    };
    let mail: Mail = written(&visit, &letter, Envelope { key: row.id.to_string(), to, files })?;
    Ok(Ended::Told(mailer.by.carry(&mail).await))
}

/// The dashboard of a schedule, and the file that comes along. None when its owner may not see figures any more:
/// what somebody set up does not outlive their duty.
async fn saved(app: &AppRef, schedule: &ScheduleId) -> Outcome<Option<(Saved, String)>> {
    app.db
        .view(async |tx| {
            let Some(found) = outward::schedule(tx, schedule).await? else { return Ok(None) };
            let owner = identity::caller_of(tx, &found.owner).await?;
            let may = owner.is_some_and(|owner| owner.may_somewhere(&SEE));
            let row = analysis::dashboard(tx, &found.dashboard).await?.filter(|_| may);
            Ok(row.map(|row| (Saved::of(row), found.file)))
        })
        .await
}

async fn notice(app: &AppRef, row: &Outgoing, words: &str, link: &str) -> Outcome<Ended> {
    let Some(pusher) = app.port::<Pusher>() else { return Ok(Ended::NoWay) };
    let Some(id) = PushId::parse(&row.recipient) else { return Ok(Ended::Nobody("không rõ")) };
    let found = app
        .db
        .view(async |tx| {
            let Some(to) = outward::subscription(tx, &id).await? else { return Ok(None) };
            let reader = identity::caller_of(tx, &to.account).await?;
            let ways = outward::ways(tx, &to.account).await?;
            Ok(reader.map(|_| (to, ways)))
        })
        .await?;
    let Some((to, ways)) = found else {
        return Ok(Ended::Nobody("trình duyệt không còn nhận"));
    };
    let now = app.now();
    if ways.wakes_at(now) > now {
        return Ok(Ended::Asleep(ways.wakes_at(now)));
    }
    let payload =
        serde_json::json!({ "title": row.subject, "line": words, "link": link }).to_string();
    let reply = pusher.by.carry(&Notification { to, payload }).await;
    if let Reply::Gone(_) = &reply {
        app.db.change(async |tx| Ok(outward::unsubscribe(tx, &id).await?)).await?;
    }
    Ok(Ended::Told(reply))
}
