//! How long a session lasts, and how it ends.

use identity::role;

use crate::{PASSWORD, account, browser::Browser, caller_of, start};

const MINUTE_MS: i64 = 60_000;

testkit::on_both_engines! {
    async fn a_session_ends_when_nobody_uses_it(builder: KitBuilder) {
        let kit = start(builder).await;
        account(&kit, "mai", role::EDITOR, "/vn/").await;
        let mut mai = Browser::new(&kit);
        mai.sign_in("mai").await;
        kit.clock.advance(19 * MINUTE_MS);
        assert!(caller_of(&kit, &mai).await.is_some(), "still here after 19 minutes");
        kit.clock.advance(19 * MINUTE_MS);
        assert!(caller_of(&kit, &mai).await.is_some(), "each use begins the wait anew");
        kit.clock.advance(20 * MINUTE_MS);
        assert!(caller_of(&kit, &mai).await.is_none());
    }

    async fn a_session_ends_after_four_hours_however_busy(builder: KitBuilder) {
        let kit = start(builder).await;
        account(&kit, "mai", role::EDITOR, "/vn/").await;
        let mut mai = Browser::new(&kit);
        mai.sign_in("mai").await;
        for _ in 0..23 {
            kit.clock.advance(10 * MINUTE_MS);
            assert!(caller_of(&kit, &mai).await.is_some());
        }
        kit.clock.advance(10 * MINUTE_MS);
        assert!(caller_of(&kit, &mai).await.is_none());
    }

    async fn looking_up_a_session_writes_at_most_once_a_minute(builder: KitBuilder) {
        let kit = start(builder).await;
        account(&kit, "mai", role::EDITOR, "/vn/").await;
        let mut mai = Browser::new(&kit);
        mai.sign_in("mai").await;
        let before = kit.db().wake().generation();
        for _ in 0..50 {
            caller_of(&kit, &mai).await.expect("signed in");
        }
        assert_eq!(kit.db().wake().generation(), before);
        kit.clock.advance(MINUTE_MS);
        for _ in 0..50 {
            caller_of(&kit, &mai).await.expect("signed in");
        }
        assert_eq!(kit.db().wake().generation(), before + 1);
    }

    async fn a_session_from_a_clock_that_was_wrong_is_not_believed(builder: KitBuilder) {
        let kit = start(builder).await;
        account(&kit, "mai", role::EDITOR, "/vn/").await;
        let ten_years = 10 * 365 * 24 * 60 * MINUTE_MS;
        kit.clock.advance(ten_years);
        let mut mai = Browser::new(&kit);
        mai.sign_in("mai").await;
        kit.clock.advance(-ten_years);
        assert!(caller_of(&kit, &mai).await.is_none());
        mai.sign_in("mai").await;
        assert!(caller_of(&kit, &mai).await.is_some());
    }

    async fn signing_in_again_makes_the_old_token_worthless(builder: KitBuilder) {
        let kit = start(builder).await;
        account(&kit, "mai", role::EDITOR, "/vn/").await;
        let mut mai = Browser::new(&kit);
        mai.sign_in("mai").await;
        let old = mai.clone();
        let seen = mai.sign_in_with("mai", PASSWORD).await;
        assert_eq!(seen.status, 303);
        assert_ne!(old.session(), mai.session());
        assert!(caller_of(&kit, &old).await.is_none());
        assert!(caller_of(&kit, &mai).await.is_some());
    }

    async fn a_planted_session_or_device_token_is_never_taken_over(builder: KitBuilder) {
        let kit = start(builder).await;
        account(&kit, "mai", role::EDITOR, "/vn/").await;
        let planted = "a".repeat(64);
        let mut mai = Browser::new(&kit);
        mai.cookies.insert("phien".to_owned(), planted.clone());
        mai.cookies.insert("thiet-bi".to_owned(), planted.clone());
        mai.get("/lan-dau").await;
        mai.sign_in("mai").await;
        assert_ne!(mai.session().as_deref(), Some(planted.as_str()));
        assert_ne!(mai.cookies.get("thiet-bi"), Some(&planted));
    }

    async fn signing_out_ends_the_session_on_the_server_too(builder: KitBuilder) {
        let kit = start(builder).await;
        account(&kit, "mai", role::EDITOR, "/vn/").await;
        let mut mai = Browser::new(&kit);
        mai.sign_in("mai").await;
        let copied = mai.clone();
        let seen = mai.post("/dang-xuat", &[]).await;
        assert_eq!((seen.status, seen.location()), (303, "/"));
        assert_eq!(mai.session(), None);
        assert!(caller_of(&kit, &copied).await.is_none());
    }

    async fn one_sees_and_ends_ones_own_sessions_and_nobody_elses(builder: KitBuilder) {
        let kit = start(builder).await;
        account(&kit, "mai", role::EDITOR, "/vn/").await;
        account(&kit, "lan", role::EDITOR, "/vn/").await;
        let (mut office, mut home, mut lan) = (Browser::new(&kit), Browser::new(&kit).at(5), Browser::new(&kit));
        office.sign_in("mai").await;
        home.sign_in("mai").await;
        lan.sign_in("lan").await;
        let page = office.get("/tai-khoan").await;
        assert!(page.text.contains("203.0.113.5") && page.text.contains("Máy này"));
        let end = page.text.split("/tai-khoan/phien/").skip(1).find(|rest| rest.contains("/dong\""));
        let id = end.and_then(|rest| rest.split("/dong\"").next()).expect("a button").to_owned();
        let by_lan = lan.post(&format!("/tai-khoan/phien/{id}/dong"), &[]).await;
        assert_eq!(by_lan.status, 404);
        assert!(caller_of(&kit, &home).await.is_some());
        let by_mai = office.post(&format!("/tai-khoan/phien/{id}/dong"), &[]).await;
        assert_eq!(by_mai.status, 303);
        assert!(caller_of(&kit, &home).await.is_none());
        home.cookies.remove("phien");
        home.get("/dang-nhap").await;
        home.sign_in("mai").await;
        office.post("/tai-khoan/phien/dong-het", &[]).await;
        assert!(caller_of(&kit, &home).await.is_none() && caller_of(&kit, &lan).await.is_some());
        assert_eq!(office.session(), None);
    }

    async fn changing_the_password_ends_the_other_sessions(builder: KitBuilder) {
        let kit = start(builder).await;
        account(&kit, "mai", role::EDITOR, "/vn/").await;
        let (mut here, mut there) = (Browser::new(&kit), Browser::new(&kit).at(5));
        here.sign_in("mai").await;
        there.sign_in("mai").await;
        let new = "ríu rít trên nương";
        let wrong = here
            .post("/tai-khoan/mat-khau", &[("password", "nhầm rồi nhé"), ("new_password", new), ("again", new)])
            .await;
        assert_eq!(wrong.status, 422);
        assert!(caller_of(&kit, &there).await.is_some());
        let done = here
            .post("/tai-khoan/mat-khau", &[("password", PASSWORD), ("new_password", new), ("again", new)])
            .await;
        assert_eq!(done.status, 303, "{}", done.text);
        assert!(caller_of(&kit, &here).await.is_some() && caller_of(&kit, &there).await.is_none());
    }

    async fn things_that_are_no_tokens_are_nobody(builder: KitBuilder) {
        let kit = start(builder).await;
        for token in ["", "x", "' or 1=1 --", &"g".repeat(64), &"a".repeat(64), &"a".repeat(10_000)] {
            let caller = identity::resolve_caller(&kit.app, token).await.expect("looked up");
            assert!(caller.is_none(), "{token}");
        }
    }
}
