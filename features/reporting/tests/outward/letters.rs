//! Letters: to whoever holds the duty today, when they are awake, once; tried again and given up aloud.

use reporting::Reply;

use super::{DAY_MS, HOUR_MS, Out};
use crate::cast::PLACE;

testkit::on_both_engines! {
    async fn a_reminder_reaches_who_holds_the_duty_by_day_and_once(builder: KitBuilder) {
        let out = Out::start(builder).await;
        out.reader("mai", "commune_officer", PLACE).await;
        out.person("khong.thu", "commune_leader", PLACE).await;
        out.reader("nguoi.khac", "editor", PLACE).await;
        let before = out.post.brought().len();
        // Due on 16/12/2026; today is 22/11, the clock shows 14:00 in Vietnam.
        reporting::begin_reminders(&out.kit.app).await.expect("queued");
        out.after(17 * DAY_MS + 10 * HOUR_MS).await;
        assert!(out.letters(before).is_empty(), "at midnight nobody is told");
        out.after(9 * HOUR_MS).await;
        let letters = out.letters(before);
        assert_eq!(letters.len(), 1, "the officer alone has an address and the duty");
        let letter = &letters[0];
        assert_eq!((letter.to.as_str(), letter.subject.as_str()), ("mai@xa.gov.vn", "Nhắc gửi báo cáo"));
        assert!(letter.text.contains("hạn gửi 16/12/2026"), "{}", letter.text);
        assert!(letter.html.replace("&#x2f;", "/").contains("https://nhipcau.example.gov.vn/bao-cao/han"), "{}", letter.html);
        assert_eq!(letter.settings, "https://nhipcau.example.gov.vn/bao-cao/nhac");
        reporting::begin_reminders(&out.kit.app).await.expect("queued");
        reporting::begin_outward(&out.kit.app).await.expect("queued");
        out.after(HOUR_MS).await;
        assert_eq!(out.letters(before).len(), 1, "a restart sends nothing twice");
    }

    async fn whoever_rests_is_told_afterwards_and_whoever_said_no_is_not(builder: KitBuilder) {
        let out = Out::start(builder).await;
        let mai = out.reader("mai", "commune_officer", PLACE).await;
        let hung = out.reader("hung", "commune_leader", PLACE).await;
        let rest = [("thu", "1"), ("tu", "6"), ("den", "13")];
        assert_eq!(out.kit.post(&mai, "/bao-cao/nhac", &rest).await.status, 303);
        assert_eq!(out.kit.post(&hung, "/bao-cao/nhac", &[("tu", "20"), ("den", "7")]).await.status, 303);
        let wrong = out.kit.post(&hung, "/bao-cao/nhac", &[("tu", "25"), ("den", "7")]).await;
        assert_eq!(wrong.status, 422);
        let before = out.post.brought().len();
        reporting::begin_reminders(&out.kit.app).await.expect("queued");
        out.after(17 * DAY_MS + 19 * HOUR_MS).await;
        assert!(out.letters(before).is_empty(), "nine in the morning is within the rest");
        out.after(5 * HOUR_MS).await;
        let to: Vec<String> = out.letters(before).into_iter().map(|one| one.to).collect();
        assert_eq!(to, ["mai@xa.gov.vn"]);
    }

    async fn a_failed_try_waits_longer_each_time_and_ends_by_arriving_or_aloud(builder: KitBuilder) {
        let out = Out::start(builder).await;
        out.reader("mai", "commune_officer", PLACE).await;
        out.reader("hung", "commune_leader", PLACE).await;
        let before = out.post.brought().len();
        let later = || Reply::Later { why: "451 4.7.1 try later".to_owned(), down: false };
        out.post.will_say(vec![later(), Reply::Never("550 5.1.1 <hung@xa.gov.vn> unknown".to_owned()), later()]);
        reporting::begin_reminders(&out.kit.app).await.expect("queued");
        out.after(17 * DAY_MS + 19 * HOUR_MS).await;
        assert_eq!(out.letters(before).len(), 2, "each is tried once at first");
        out.after(73_000).await;
        assert_eq!(out.letters(before).len(), 3, "the one that was put off is tried after a minute");
        out.after(30_000).await;
        assert_eq!(out.letters(before).len(), 3, "and not before its next wait is over");
        out.after(120_000).await;
        let all = out.letters(before);
        assert_eq!(all.len(), 4);
        assert!(all[0].key == all[2].key && all[2].key == all[3].key, "a letter keeps its name");
        let states = out.states().await;
        let refused: Vec<_> = states.iter().filter(|(state, _)| state == "refused").collect();
        assert_eq!(refused.len(), 1);
        assert_eq!(refused[0].1, "550 5.1.1 … unknown", "why is shown, the address is not");
        assert!(states.iter().all(|(state, _)| state != "waiting"), "{states:?}");
    }

    async fn a_way_that_is_down_is_not_hammered_and_nothing_is_lost(builder: KitBuilder) {
        let out = Out::start(builder).await;
        for name in ["mai", "lan.anh", "bich.ngoc"] {
            out.reader(name, "commune_officer", PLACE).await;
        }
        let before = out.post.brought().len();
        let down = || Reply::Later { why: "connection refused".to_owned(), down: true };
        out.post.will_say(vec![down(), down()]);
        reporting::begin_reminders(&out.kit.app).await.expect("queued");
        out.after(17 * DAY_MS + 19 * HOUR_MS).await;
        assert_eq!(out.letters(before).len(), 1, "one try tells that nobody is there");
        for _ in 0..20 {
            out.after(60_000).await;
        }
        let mut taken: Vec<String> = out.letters(before).into_iter().skip(2).map(|one| one.to).collect();
        taken.sort();
        assert_eq!(taken, ["bich.ngoc@xa.gov.vn", "lan.anh@xa.gov.vn", "mai@xa.gov.vn"]);
    }

    async fn a_power_cut_while_sending_means_a_second_try_under_the_same_name(builder: KitBuilder) {
        use reporting::actions::outward;
        let out = Out::start(builder).await;
        let mai = out.reader("mai", "commune_officer", PLACE).await;
        let before = out.post.brought().len();
        let letter = identity::CodeLetter { account: mai, subject: "Thử".to_owned(), lines: Vec::new() };
        // A code for which nobody waits any more: it is claimed and the program dies.
        out.kit.db().change(async |tx| outward::post_code(tx, &letter).await).await.expect("posted");
        out.kit.settle().await;
        assert!(out.letters(before).is_empty());
        assert!(out.states().await.iter().any(|(state, _)| state == "dropped"), "no address waits for it");
        reporting::begin_reminders(&out.kit.app).await.expect("queued");
        out.post.will_say(vec![Reply::Later { why: "cut after the last dot".to_owned(), down: true }]);
        out.after(17 * DAY_MS + 19 * HOUR_MS).await;
        let first = out.letters(before);
        out.after(11 * 60_000).await;
        let all = out.letters(before);
        assert_eq!((first.len(), all.len()), (1, 2));
        assert_eq!(all[0].key, all[1].key, "mail programs know the second copy by its name");
    }
}
