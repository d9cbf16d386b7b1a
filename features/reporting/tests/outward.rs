//! What leaves the program: letters to whoever holds a duty, once and awake; dashboards that are sent again and
//! again; what is refused; browsers. The other side is a pretended one that remembers.

mod boards;
mod dying;
mod letters;
mod outlets;
mod pages;

use std::sync::{Arc, Mutex};

use identity::actions::{NewAccount, NewRole, create_account};
use kernel::{app::AppRef, caller::Caller, clock::Day, db::Tx, events::Doing, scope::ScopePath};
use reporting::{Carried, Carry, Mail, Mailer, Notification, Pusher, Reply};
use testkit::{Kit, KitBuilder};

use crate::cast::started;

pub const DAY_MS: i64 = 86_400_000;
pub const HOUR_MS: i64 = 3_600_000;

/// The other side: keeps what it is brought and answers as it was told to, then that it has it.
pub struct Side<T> {
    kept: Mutex<Vec<T>>,
    answers: Mutex<Vec<Reply>>,
}

impl<T> Default for Side<T> {
    fn default() -> Self {
        Self { kept: Mutex::default(), answers: Mutex::default() }
    }
}

impl<T: Clone> Side<T> {
    /// What was brought, also what was not taken.
    pub fn brought(&self) -> Vec<T> {
        self.kept.lock().expect("nobody panics").clone()
    }

    /// The next answers, in order.
    pub fn will_say(&self, mut answers: Vec<Reply>) {
        answers.reverse();
        *self.answers.lock().expect("nobody panics") = answers;
    }
}

impl<T: Clone + Send + Sync> Carry<T> for Side<T> {
    fn carry<'a>(&'a self, what: &'a T) -> Carried<'a> {
        Box::pin(async move {
            self.kept.lock().expect("nobody panics").push(what.clone());
            let next = self.answers.lock().expect("nobody panics").pop();
            next.unwrap_or_else(|| Reply::Taken("250 ok".to_owned()))
        })
    }
}

/// A program with both ways out.
pub struct Out {
    pub kit: Kit,
    pub post: Arc<Side<Mail>>,
    pub push: Arc<Side<Notification>>,
}

fn post_code<'a>(tx: &'a mut Tx, letter: &'a identity::CodeLetter) -> Doing<'a, ()> {
    Box::pin(reporting::post_code(tx, letter))
}

/// A session is the id of its account.
fn by_account<'a>(app: &'a AppRef, token: &'a str) -> Doing<'a, Option<Caller>> {
    Box::pin(app.db.view(async move |tx| identity::caller_of(tx, token).await))
}

impl Out {
    pub async fn start(builder: KitBuilder) -> Self {
        let (post, push) = (Arc::new(Side::default()), Arc::new(Side::default()));
        let pusher = Pusher {
            key: "BCVxsr7N".to_owned(),
            hosts: vec!["push.example".to_owned()],
            by: push.clone(),
        };
        let mailer = Mailer { site: "https://nhipcau.example.gov.vn".to_owned(), by: post.clone() };
        let builder = builder
            .offering(mailer)
            .offering(pusher)
            .offering(identity::Post(post_code))
            .resolving(by_account);
        Self { kit: started(builder).await, post, push }
    }

    /// Somebody with an account and a role.
    pub async fn person(&self, username: &str, role: &str, place: &str) -> String {
        let place = ScopePath::parse(place).expect("a path");
        let new = NewAccount {
            username: username.to_owned(),
            name: username.to_owned(),
            place: place.clone(),
            password: Some("mot mat khau kha dai".to_owned()),
            roles: vec![NewRole {
                role: role.to_owned(),
                scope: place,
                from: self.kit.app.now().day(),
                until: Day::FOREVER,
            }],
        };
        let system = Caller::system(self.kit.app.now());
        create_account(&system, self.kit.db(), new).await.expect("an account").id.to_string()
    }

    pub async fn caller(&self, account: &str) -> Caller {
        let found = self.kit.db().view(async |tx| identity::caller_of(tx, account).await).await;
        found.expect("the database answers").expect("an open account")
    }

    /// The same with an address that was confirmed the way people do it.
    pub async fn reader(&self, username: &str, role: &str, place: &str) -> String {
        let id = self.person(username, role, place).await;
        let address = format!("{username}@xa.gov.vn");
        let asked = self.kit.post(&id, "/tai-khoan/thu", &[("address", &address)]).await;
        assert_eq!(asked.status, 303, "{}", asked.text);
        self.kit.settle().await;
        let letter = self.post.brought().pop().expect("a letter with a code");
        assert_eq!(letter.to, address);
        let code: String = letter.text.chars().filter(char::is_ascii_digit).take(8).collect();
        let done = self.kit.post(&id, "/tai-khoan/thu/xac-nhan", &[("ma", &code)]).await;
        assert_eq!(done.status, 303, "{}", done.text);
        id
    }

    /// Moves the clock and lets the jobs work.
    pub async fn after(&self, millis: i64) {
        self.kit.clock.advance(millis);
        self.kit.settle().await;
    }

    /// Letters that are no codes, from the given one on.
    pub fn letters(&self, from: usize) -> Vec<Mail> {
        self.post.brought().split_off(from)
    }

    /// The state of everything in the outbox, with its answer.
    pub async fn states(&self) -> Vec<(String, String)> {
        let system = Caller::system(self.kit.app.now());
        let all = self
            .kit
            .db()
            .view(async |tx| reporting::actions::outward::list(tx, &system, "", 500, 0).await)
            .await
            .expect("the outbox is read");
        all.0.into_iter().map(|one| (one.state, one.answer)).collect()
    }
}
