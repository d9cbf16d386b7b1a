//! One-time codes: right, wrong, mistyped, used, expired, and a hub that is not there.

use delivery::{ALREADY_JOINED, EXPIRED_CODE, MISTYPED_CODE, NO_HUB, USED_CODE, WRONG_CODE};
use testkit::{KitBuilder, TestEngine, on_both_engines};

use super::bridge::{hub, point};

on_both_engines! {
    async fn a_point_whose_clock_stood_still_learns_the_time_by_joining(builder: KitBuilder) {
        let hub = hub(builder).await;
        let point = point(2).await;
        point.clock.advance(-400 * 24 * 3_600_000);
        delivery::join(&point.app, &hub.url(), &hub.code().await).await.expect("joins");
        let findings = delivery::examine(&point.app).await.expect("examined");
        let clock = findings.iter().find(|(_, words)| words.contains("đồng hồ")).expect("a word on the clock");
        assert!(!clock.0 && clock.1.contains("400 ngày"), "{clock:?}");
    }

    async fn a_code_works_once_and_only_while_it_lasts(builder: KitBuilder) {
        let hub = hub(builder).await;
        let code = hub.code().await;
        let first = point(2).await;
        delivery::join(&first.app, &hub.url(), &code.to_lowercase()).await.expect("joins, however it is typed");
        delivery::join(&first.app, &hub.url(), &code).await.expect("asks again after a lost reply");
        let second = point(3).await;
        let used = delivery::join(&second.app, &hub.url(), &code).await.expect_err("used");
        assert!(used.is(&USED_CODE), "{used}");
        let old = hub.code().await;
        hub.kit.clock.advance(4 * 24 * 3_600_000);
        let expired = delivery::join(&second.app, &hub.url(), &old).await.expect_err("expired");
        assert!(expired.is(&EXPIRED_CODE), "{expired}");
        let wrong = delivery::join(&second.app, &hub.url(), "00000-00000-00000").await.expect_err("wrong");
        assert!(wrong.is(&WRONG_CODE), "{wrong}");
        let mut mistyped = hub.code().await;
        let last = mistyped.pop().expect("a letter");
        mistyped.push(if last == '7' { '8' } else { '7' });
        let mistyped = delivery::join(&second.app, &hub.url(), &mistyped).await.expect_err("mistyped");
        assert!(mistyped.is(&MISTYPED_CODE), "{mistyped}");
        let code = hub.code().await;
        delivery::join(&second.app, &hub.url(), &code).await.expect("a fresh code still works");
    }
}

#[test]
fn a_point_joins_its_own_hub_again_but_never_another() {
    testkit::run(async {
        let one = hub(KitBuilder::on(TestEngine::Sqlite)).await;
        let other = hub(KitBuilder::on(TestEngine::Sqlite).keyed(9)).await;
        let (point, _) = one.joined(2).await;
        let admin = testkit::caller("Quản trị", "administrator", "/");
        delivery::actions::revoke(&one.kit.app, &admin, point.app.node_id())
            .await
            .expect("revokes");
        delivery::join(&point.app, &one.url(), &one.code().await).await.expect("is believed again");
        let mut probe = delivery::Probe::start(&point.app).await.expect("a road");
        probe.poll(0).await.expect("reads again");
        let code = other.code().await;
        let refused =
            delivery::join(&point.app, &other.url(), &code).await.expect_err("another hub");
        assert!(refused.is(&ALREADY_JOINED), "{refused}");
        // The code was not used up by it.
        delivery::join(&super::bridge::point(4).await.app, &other.url(), &code)
            .await
            .expect("the code is still good");
    });
}

#[test]
fn a_hub_that_is_not_there_is_told_as_that() {
    testkit::run(async {
        let kit = point(2).await;
        for url in ["http://127.0.0.1:9", "nonsense", "ftp://127.0.0.1"] {
            let failure =
                delivery::join(&kit.app, url, "00000-00000-00000").await.expect_err("no hub");
            assert!(failure.is(&NO_HUB), "{url}: {failure}");
        }
    });
}
