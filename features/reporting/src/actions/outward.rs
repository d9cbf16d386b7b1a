//! What leaves the program. Whatever wants to leave is put into the outbox in the transaction of its cause; a
//! job makes it and hands it over, and notes how that ended. The carriers (SMTP, Web Push, HTTPS) stand behind
//! ports: a program without them keeps everything inside.

pub mod handing;
pub mod outlets;
pub mod reminding;
pub mod schedules;
pub mod ways;

use std::{pin::Pin, sync::Arc};

use kernel::{
    app::App,
    caller::{Caller, Permission},
    clock::{Day, Timestamp},
    db::Tx,
    problem::{Failure, OrMissing, Outcome, ProblemKind},
    scope::ScopePath,
};

use crate::{
    model::{
        OutboxId,
        outward::{Content, Way},
    },
    store::outbox::{self, Outgoing},
};

pub use crate::store::outward::Subscription;

/// Seeing what leaves the program and what could not, over everything; sending it again.
pub static OUTWARD: Permission =
    Permission { code: "reporting.outward", roles: &[identity::role::ADMINISTRATOR] };

/// The job that hands over what waits.
pub const DELIVER: &str = "reporting.deliver";
/// The job that hands over what goes to other systems.
pub const OUTLETS: &str = "reporting.outlets";
/// The job that looks which dashboards are due.
pub const SCHEDULES: &str = "reporting.schedules";

/// No such thing in the outbox, or none that was refused.
pub static NOTHING_TO_SEND: ProblemKind =
    ProblemKind { code: "reporting-nothing-to-send", status: 404 };

/// What the other side said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// It has it; with its words.
    Taken(String),
    /// Not now. `down` when nothing else will get through either.
    Later {
        /// Why.
        why: String,
        /// True when the other side could not be reached at all.
        down: bool,
    },
    /// It will not have it, whenever it is sent.
    Never(String),
    /// Whom it was for is not there any more.
    Gone(String),
}

/// A reply that is waited for.
pub type Carried<'a> = Pin<Box<dyn Future<Output = Reply> + Send + 'a>>;

/// Takes something to the other side.
pub trait Carry<T>: Send + Sync {
    /// Takes it there, or says why not. May take half a minute, never much longer.
    fn carry<'a>(&'a self, what: &'a T) -> Carried<'a>;
}

/// A file in a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailFile {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub kind: &'static str,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// A letter, ready to leave.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// The same for each try: the letter's Message-ID is made of it.
    pub key: String,
    /// Where to.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// Its words.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// Files.
    pub files: Vec<MailFile>,
    /// Where its reader says that no more shall come.
    pub settings: String,
}

/// Letters leave by this; offered where a mail server is named.
pub struct Mailer {
    /// The address of this site, without a slash at its end.
    pub site: String,
    /// The way.
    pub by: Arc<dyn Carry<Mail>>,
}

/// A notification, ready to leave.
#[derive(Clone, PartialEq, Eq)]
pub struct Notification {
    /// The browser.
    pub to: Subscription,
    /// What it is told, as JSON: `title`, `line`, `link`.
    pub payload: String,
}

/// Notifications leave by this.
pub struct Pusher {
    /// Our public key as browsers want it (VAPID, RFC 8292): base64url.
    pub key: String,
    /// The hosts of push services that are believed: `push.example`, `*.push.example`.
    pub hosts: Vec<String>,
    /// The way.
    pub by: Arc<dyn Carry<Notification>>,
}

/// Something that is put into the outbox.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// What of and for whom: the same is never put in twice.
    pub once: String,
    /// How it leaves.
    pub way: Way,
    /// An account, a subscription or an outlet.
    pub recipient: String,
    /// What a list shows of it.
    pub subject: String,
    /// What it is made of.
    pub content: Content,
}

/// Puts something for people into the outbox and wakes the job; false when the same is there already.
pub async fn put(tx: &mut Tx, wanted: Wanted) -> Outcome<bool> {
    let new = put_quietly(tx, wanted).await?;
    if new {
        let now = tx.now();
        wake(tx, DELIVER, now).await?;
    }
    Ok(new)
}

/// The same without waking anybody.
async fn put_quietly(tx: &mut Tx, wanted: Wanted) -> Outcome<bool> {
    let body = serde_json::to_string(&wanted.content)
        .map_err(|error| Failure::fault("write what leaves", error))?;
    let now = tx.now();
    let one = Outgoing {
        id: tx.new_id(),
        once: wanted.once,
        way: wanted.way.code().to_owned(),
        recipient: wanted.recipient,
        subject: wanted.subject.chars().take(200).collect(),
        body,
        at: now,
        next_at: now,
        tries: 0,
        state: "waiting".to_owned(),
        done_at: None,
        answer: String::new(),
    };
    Ok(outbox::put(tx, &one).await?)
}

/// Wakes one of the jobs of this room at a moment, unless it will be awake by then.
pub async fn wake(tx: &mut Tx, kind: &'static str, at: Timestamp) -> Outcome<()> {
    Ok(tx.queue_once(kind, at).await?)
}

/// A letter with a code, to an address that is not confirmed. Identity asks for it.
pub async fn post_code(tx: &mut Tx, letter: &identity::CodeLetter) -> Outcome<()> {
    let occasion: OutboxId = tx.new_id();
    let content = Content::Words {
        lines: letter.lines.clone(),
        count: letter.lines.len(),
        link: "/tai-khoan/thu".to_owned(),
    };
    let wanted = Wanted {
        once: format!("code:{occasion}"),
        way: Way::Code,
        recipient: letter.account.clone(),
        subject: letter.subject.clone(),
        content,
    };
    put(tx, wanted).await.map(drop)
}

/// A page of what leaves, for an administrator of everything.
pub async fn list(
    tx: &mut Tx,
    caller: &Caller,
    state: &str,
    limit: usize,
    offset: usize,
) -> Outcome<(Vec<Outgoing>, i64)> {
    caller.must(&OUTWARD, &ScopePath::root())?;
    Ok((outbox::list(tx, state, limit, offset).await?, outbox::count(tx, state).await?))
}

/// Tries something again that was refused.
pub async fn again(app: &App, caller: &Caller, id: &OutboxId) -> Outcome<()> {
    caller.must(&OUTWARD, &ScopePath::root())?;
    app.db
        .change(async |tx| {
            let moved = outbox::again(tx, id).await?;
            moved.then_some(()).or_missing(&NOTHING_TO_SEND)?;
            let now = tx.now();
            wake(tx, DELIVER, now).await?;
            wake(tx, OUTLETS, now).await?;
            identity::audit(tx, caller, "reporting.sent-again", id.as_str(), "").await
        })
        .await
}

/// Wakes the jobs, on every start: what was claimed when the power went is tried again when its lease is over.
pub async fn begin(app: &App) -> Outcome<()> {
    outlets::catch_up(app).await?;
    app.db
        .change(async |tx| {
            let now = tx.now();
            wake(tx, DELIVER, now).await?;
            wake(tx, OUTLETS, now).await?;
            wake(tx, SCHEDULES, now).await
        })
        .await
}

/// How many things wait, and how many were refused so far.
pub async fn waiting_and_refused(tx: &mut Tx) -> Outcome<(i64, i64)> {
    Ok((outbox::count(tx, "waiting").await?, outbox::count(tx, "refused").await?))
}

/// A day as letters write it.
pub(crate) fn day_words(day: Option<Day>) -> String {
    day.map(Day::short).unwrap_or_default()
}
