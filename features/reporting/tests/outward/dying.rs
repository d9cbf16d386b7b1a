//! The program dies between handing something over and noting how that ended: nothing is lost, what had arrived
//! arrives again under the same name, and what ends the program each time is not tried for ever.

use std::sync::{Arc, Mutex};

use reporting::{Carried, Carry, Mail, Mailer, Reply, actions::outward};
use tokio::sync::Notify;

use super::{HOUR_MS, Out};
use crate::cast::PLACE;

/// A claim lasts ten minutes.
const CLAIM_MS: i64 = 600_000;

/// The other side of a program that dies while it waits for the answer to some letters.
#[derive(Default)]
struct Deadly {
    taken: Mutex<Vec<Mail>>,
    /// To whom a letter is deadly, and how often.
    kills: Mutex<Vec<(String, usize)>>,
    /// True when it has the letter before the program dies.
    takes_first: bool,
    reached: Notify,
}

impl Deadly {
    fn new(to: &str, times: usize, takes_first: bool) -> Arc<Self> {
        let kills = Mutex::new(vec![(to.to_owned(), times)]);
        Arc::new(Self { kills, takes_first, ..Self::default() })
    }

    fn kills(&self, to: &str) -> bool {
        let mut kills = self.kills.lock().expect("nobody panics");
        match kills.iter_mut().find(|(whom, left)| whom == to && *left > 0) {
            Some((_, left)) => {
                *left -= 1;
                true
            }
            None => false,
        }
    }

    /// What has arrived, by whom it was for.
    fn taken(&self) -> Vec<Mail> {
        self.taken.lock().expect("nobody panics").clone()
    }

    fn to(&self, whom: &str) -> Vec<Mail> {
        self.taken().into_iter().filter(|letter| letter.to == whom).collect()
    }
}

impl Carry<Mail> for Deadly {
    fn carry<'a>(&'a self, letter: &'a Mail) -> Carried<'a> {
        Box::pin(async move {
            let kills = self.kills(&letter.to);
            if !kills || self.takes_first {
                self.taken.lock().expect("nobody panics").push(letter.clone());
            }
            if kills {
                self.reached.notify_one();
                std::future::pending::<()>().await;
            }
            Reply::Taken("250 ok".to_owned())
        })
    }
}

const MAI: &str = "mai@xa.gov.vn";
const HUNG: &str = "hung@xa.gov.vn";

/// Two people to be reminded, and letters that leave by the given side from now on. It is nine in the morning of the
/// day on which they are.
async fn waiting(builder: testkit::KitBuilder, side: &Arc<Deadly>) -> Out {
    let mut out = Out::start(builder).await;
    out.reader("mai", "commune_officer", PLACE).await;
    out.reader("hung", "commune_leader", PLACE).await;
    let mailer = Mailer { site: "https://nhipcau.example.gov.vn".to_owned(), by: side.clone() };
    let app = Arc::get_mut(&mut out.kit.app).expect("nobody else holds it");
    app.ports = std::mem::take(&mut app.ports).offer(mailer);
    reporting::begin_reminders(&out.kit.app).await.expect("queued");
    out.kit.clock.advance(17 * super::DAY_MS + 19 * HOUR_MS);
    out
}

/// Works until the program dies in the middle of a letter: what it was doing is gone where it stood, its
/// transactions that were not ended with it, and nobody notes anything.
async fn works_until_it_dies(out: &Out, side: &Deadly) {
    tokio::select! {
        () = out.kit.settle() => panic!("it should have died"),
        () = side.reached.notified() => {}
    }
}

/// What a start does.
async fn starts_again(out: &Out) {
    outward::begin(&out.kit.app).await.expect("queued");
    out.kit.settle().await;
}

testkit::on_both_engines! {
    async fn what_had_not_arrived_when_the_program_died_arrives_once(builder: KitBuilder) {
        let side = Deadly::new(MAI, 1, false);
        let out = waiting(builder, &side).await;
        works_until_it_dies(&out, &side).await;
        assert!(side.to(MAI).is_empty());
        starts_again(&out).await;
        assert!(side.to(MAI).is_empty(), "somebody else may still be at it: the claim lasts");
        assert_eq!(side.to(HUNG).len(), 1, "what nobody was at does not wait");
        assert!(out.states().await.iter().any(|(state, _)| state == "waiting"));
        out.after(CLAIM_MS).await;
        assert_eq!((side.to(MAI).len(), side.to(HUNG).len()), (1, 1));
        assert!(out.states().await.iter().all(|(state, _)| state == "sent"), "{:?}", out.states().await);
        out.after(24 * HOUR_MS).await;
        assert_eq!((side.to(MAI).len(), side.to(HUNG).len()), (1, 1));
    }

    async fn what_had_arrived_when_the_program_died_arrives_again_under_its_name(builder: KitBuilder) {
        let side = Deadly::new(MAI, 1, true);
        let out = waiting(builder, &side).await;
        works_until_it_dies(&out, &side).await;
        assert_eq!(side.to(MAI).len(), 1);
        starts_again(&out).await;
        out.after(CLAIM_MS).await;
        let both = side.to(MAI);
        assert_eq!(both.len(), 2, "at least once");
        assert_eq!((&both[0].key, &both[0].text), (&both[1].key, &both[1].text), "and it can be told");
        out.after(24 * HOUR_MS).await;
        assert_eq!((side.to(MAI).len(), side.to(HUNG).len()), (2, 1), "not for ever");
    }

    async fn what_ends_the_program_each_time_is_left_to_a_person_and_stops_nobody(builder: KitBuilder) {
        let side = Deadly::new(MAI, 100, true);
        let out = waiting(builder, &side).await;
        for death in 1..=3 {
            works_until_it_dies(&out, &side).await;
            assert_eq!(side.to(MAI).len(), death);
            outward::begin(&out.kit.app).await.expect("queued");
            out.kit.clock.advance(CLAIM_MS);
        }
        for _ in 0..20 {
            starts_again(&out).await;
            out.after(CLAIM_MS).await;
        }
        assert_eq!((side.to(MAI).len(), side.to(HUNG).len()), (3, 1));
        let refused: Vec<_> = out.states().await.into_iter().filter(|(state, _)| state != "sent").collect();
        assert_eq!(refused.len(), 1, "{refused:?}");
        assert!(refused[0].0 == "refused" && refused[0].1.contains("chưa rõ đã đến nơi hay chưa"), "{refused:?}");
        // Whoever looked may have it tried again: as often as anything else.
        let system = kernel::caller::Caller::system(out.kit.app.now());
        let all = out.kit.db().view(async |tx| outward::list(tx, &system, "refused", 10, 0).await).await.expect("read").0;
        outward::again(&out.kit.app, &system, &all[0].id).await.expect("again");
        works_until_it_dies(&out, &side).await;
        assert_eq!(side.to(MAI).len(), 4);
    }

    async fn a_code_that_was_under_way_when_the_program_died_is_still_sent(builder: KitBuilder) {
        let side = Deadly::new(MAI, 1, false);
        let mut out = Out::start(builder).await;
        let mai = out.person("mai", "commune_officer", PLACE).await;
        let mailer = Mailer { site: "https://nhipcau.example.gov.vn".to_owned(), by: side.clone() };
        let app = Arc::get_mut(&mut out.kit.app).expect("nobody else holds it");
        app.ports = std::mem::take(&mut app.ports).offer(mailer);
        let asked = out.kit.post(&mai, "/tai-khoan/thu", &[("address", MAI)]).await;
        assert_eq!(asked.status, 303, "{}", asked.text);
        works_until_it_dies(&out, &side).await;
        starts_again(&out).await;
        out.after(CLAIM_MS).await;
        let letters = side.to(MAI);
        assert_eq!(letters.len(), 1);
        let code: String = letters[0].text.chars().filter(char::is_ascii_digit).take(8).collect();
        let done = out.kit.post(&mai, "/tai-khoan/thu/xac-nhan", &[("ma", &code)]).await;
        assert_eq!(done.status, 303, "{}", done.text);
    }
}
