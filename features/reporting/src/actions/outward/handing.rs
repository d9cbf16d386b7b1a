//! Handing over what waits. A row is claimed before it is tried, so that two workers do not send it twice.
//! Whoever is asleep waits, whoever may not see it any more gets nothing, and what is refused stays for a person to
//! look at.
//!
//! **At least once.** Between handing something over and noting that it was taken the power may go. Then the claim
//! runs out after [`CLAIM_S`] seconds and it is tried again under the same name: nothing is lost, and what had arrived
//! arrives a second time. The other side can tell by the name: a letter's Message-ID, a parcel's key. A browser shows
//! the notification again. What ended so [`UNENDED`] times in a row is not tried once more, since it may be what ends
//! the program: it is put where a person sees it and can send it again.

use std::collections::BTreeSet;

use kernel::{app::AppRef, clock::Timestamp, events::Doing, problem::Outcome, tracing::warn};

use super::{DELIVER, OUTLETS, Reply, wake};
use crate::{
    model::outward::{TRIED_MS, Way, wait_s},
    store::outbox::{self, Outgoing},
};

/// Tried in one run: other jobs wait for this one.
const BATCH: usize = 20;
/// So long a claim lasts, in seconds; a try takes half a minute at most.
const CLAIM_S: i64 = 600;
/// What is said of something while it is tried: of the first try, and of those after tries of which nobody knows how
/// they ended.
const UNENDED: [&str; 3] = ["đang gửi", "đang gửi lại", "đang gửi lại lần nữa"];
/// What is said of it after that.
const NEVER_ENDED: &str = "chương trình dừng giữa chừng mỗi lần gửi; chưa rõ đã đến nơi hay chưa";
/// How long what waits behind a way that is down is left alone, in seconds.
const PAUSE_S: i64 = 60;
/// How long letters that have ended are kept, in days: who was told within a quarter is counted until some weeks after it.
const KEPT_DAYS: i32 = 120;

/// How a try ended.
pub enum Ended {
    /// As the other side said.
    Told(Reply),
    /// Its reader is left in peace until then.
    Asleep(Timestamp),
    /// Nobody may have it any more, or there is no way to them.
    Nobody(&'static str),
    /// This program has no such way out today.
    NoWay,
}

/// Makes something ready and hands it over.
pub type Try = for<'a> fn(&'a AppRef, &'a Outgoing) -> Doing<'a, Ended>;

/// One run: a batch of what goes to people, or to other systems, and when to look again.
pub async fn round(app: &AppRef, outlets: bool, one: Try) -> Outcome<()> {
    let now = app.now();
    let due = app.db.view(async |tx| Ok(outbox::due(tx, outlets, now, BATCH).await?)).await?;
    let mut down: BTreeSet<String> = BTreeSet::new();
    for row in &due {
        // An outlet is a way of its own.
        let way = if outlets { &row.recipient } else { &row.way };
        if down.contains(way) {
            continue;
        }
        if !claimed(app, row).await? {
            continue;
        }
        // A failure on our own side must not hold up the others.
        let ended = match one(app, row).await {
            Ok(ended) => ended,
            Err(failure) => {
                warn!(outbox.id = %row.id, "something could not be made ready to leave: {failure}");
                let why = "không lập được nội dung".to_owned();
                Ended::Told(Reply::Later { why, down: false })
            }
        };
        if matches!(&ended, Ended::NoWay | Ended::Told(Reply::Later { down: true, .. })) {
            down.insert(way.clone());
            let until = app.now().plus_seconds(PAUSE_S);
            app.db.change(async |tx| Ok(outbox::put_off(tx, row, until).await?)).await?;
        }
        settle(app, row, ended).await?;
    }
    let kind = if outlets { OUTLETS } else { DELIVER };
    app.db
        .change(async |tx| {
            let old = tx.now().day().plus_days(-KEPT_DAYS).start();
            outbox::forget(tx, old).await?;
            if let Some(next) = outbox::next_due(tx, outlets).await? {
                let at = next.max(tx.now());
                wake(tx, kind, at).await?;
            }
            Ok(())
        })
        .await
}

/// Takes something for a try; false when another worker was quicker, or when it was tried often enough without an end.
async fn claimed(app: &AppRef, row: &Outgoing) -> Outcome<bool> {
    let before = UNENDED.iter().position(|said| *said == row.answer);
    let Some(said) = UNENDED.get(before.map_or(0, |at| at + 1)) else {
        warn!(outbox.id = %row.id, "no try to send something ever ended: it is left to a person");
        settle(app, row, Ended::Told(Reply::Never(NEVER_ENDED.to_owned()))).await?;
        return Ok(false);
    };
    let until = app.now().plus_seconds(CLAIM_S);
    app.db.change(async |tx| Ok(outbox::claim(tx, row, until, said).await?)).await
}

/// Notes how it ended.
async fn settle(app: &AppRef, row: &Outgoing, ended: Ended) -> Outcome<()> {
    let wait = wait_s(row.tries + 1, |most| app.chance().below(most));
    // A code is a secret: it is not kept where it has left or will never leave.
    let body = (row.way == Way::Code.code()).then_some("{}");
    app.db
        .change(async |tx| {
            let now = tx.now();
            let done = match &ended {
                Ended::Asleep(until) => {
                    return Ok(outbox::wait(tx, &row.id, *until, "").await?);
                }
                Ended::NoWay => {
                    let until = now.plus_seconds(wait);
                    return Ok(outbox::wait(tx, &row.id, until, "chưa có đường gửi").await?);
                }
                Ended::Told(Reply::Later { why, .. }) if now.since(row.at) < TRIED_MS => {
                    let why = shortened(why);
                    return Ok(outbox::wait(tx, &row.id, now.plus_seconds(wait), &why).await?);
                }
                Ended::Told(Reply::Later { why, .. } | Reply::Never(why)) => {
                    ("refused", why.as_str())
                }
                Ended::Told(Reply::Taken(answer)) => ("sent", answer.as_str()),
                Ended::Told(Reply::Gone(why)) => ("dropped", why.as_str()),
                Ended::Nobody(why) => ("dropped", *why),
            };
            Ok(outbox::settle(tx, &row.id, done.0, &shortened(done.1), body).await?)
        })
        .await
}

/// What the other side said, as far as it is kept: one line, and no address of a person in it.
fn shortened(answer: &str) -> String {
    let words = answer.split_whitespace();
    let safe = words.map(|word| if word.contains('@') { "…" } else { word });
    let line: Vec<&str> = safe.collect();
    kernel::text::tidy(&line.join(" ")).chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn an_answer_is_kept_without_addresses() {
        assert_eq!(
            shortened("550 5.1.1 <mai@xa.gov.vn>:\r\nuser unknown"),
            "550 5.1.1 … user unknown"
        );
        assert_eq!(shortened(&"a".repeat(500)).len(), 300);
    }
}
