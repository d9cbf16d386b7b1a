//! The first administrator.

use identity::{
    actions::{
        ACCOUNT_NOT_FOUND, FIRST_EXISTS, FirstAdministrator, MANAGE_ACCOUNTS,
        ensure_first_administrator, first_run, rescue_administrator, reset_password_locally,
        suspend,
    },
    role, setup_code,
};

use crate::{PASSWORD, account, browser::Browser, caller_of, path, start, system};

testkit::on_both_engines! {
    async fn the_first_run_needs_the_servers_code_and_happens_once(builder: KitBuilder) {
        let kit = start(builder).await;
        let code = setup_code(&kit.app).await.expect("asked").expect("there is no administrator yet");
        assert_eq!(setup_code(&kit.app).await.expect("asked"), Some(code.clone()), "the same on every start");
        let mut chi = Browser::new(&kit);
        let entrance = chi.get("/dang-nhap").await;
        assert!(entrance.text.contains("href=\"/lan-dau\""));
        assert!(!chi.get("/lan-dau").await.text.contains(&code));
        let fields = |code| [("code", code), ("username", "chi"), ("name", "Chi"), ("password", PASSWORD)];
        let wrong = chi.post("/lan-dau", &fields("abcd-efgh-jkmn")).await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.text.contains("Mã cài đặt chưa đúng") && !wrong.text.contains(PASSWORD));
        let shouted = code.to_uppercase();
        let done = chi.post("/lan-dau", &fields(&shouted)).await;
        assert_eq!((done.status, done.location()), (303, "/dang-nhap"), "{}", done.text);
        chi.sign_in("chi").await;
        let caller = caller_of(&kit, &chi).await.expect("signed in");
        assert!(caller.may(&MANAGE_ACCOUNTS, &path("/")));
        assert_eq!(setup_code(&kit.app).await.expect("asked"), None);
        assert_eq!(chi.get("/lan-dau").await.status, 404);
        assert_eq!(chi.post("/lan-dau", &fields(&code)).await.status, 404);
    }

    async fn two_people_cannot_both_be_first(builder: KitBuilder) {
        let kit = start(builder).await;
        let code = setup_code(&kit.app).await.expect("asked").expect("a code");
        let one = first_run(&kit.app, &code, "chi", "Chi", PASSWORD);
        let other = first_run(&kit.app, &code, "dung", "Dung", PASSWORD);
        let (one, other) = testkit::tokio::join!(one, other);
        assert!(one.is_ok() != other.is_ok(), "exactly one");
        let refused = one.err().or(other.err()).expect("one is refused");
        assert!(refused.is(&FIRST_EXISTS), "{refused}");
    }

    async fn codes_cannot_be_tried_for_ever(builder: KitBuilder) {
        let kit = start(builder).await;
        let mut stranger = Browser::new(&kit);
        stranger.get("/lan-dau").await;
        let fields = [("code", "aaaa-aaaa-aaaa"), ("username", "chi"), ("name", "Chi"), ("password", PASSWORD)];
        let mut statuses = Vec::new();
        for _ in 0..12 {
            statuses.push(stranger.post("/lan-dau", &fields).await.status);
        }
        assert_eq!(statuses.last(), Some(&429), "{statuses:?}");
    }

    async fn an_administrator_made_by_other_means_closes_the_first_run_too(builder: KitBuilder) {
        let kit = start(builder).await;
        account(&kit, "chi", role::ADMINISTRATOR, "/vn/19.2025/").await;
        assert_eq!(setup_code(&kit.app).await.expect("asked"), None);
        assert_eq!(Browser::new(&kit).get("/lan-dau").await.status, 404);
    }

    async fn the_command_line_makes_one_and_brings_one_back(builder: KitBuilder) {
        let kit = start(builder).await;
        let made = ensure_first_administrator(kit.db(), "chi", "chi", PASSWORD).await.expect("made");
        let FirstAdministrator::Created(id) = made else { panic!("there was none before") };
        let again = ensure_first_administrator(kit.db(), "dung", "dung", PASSWORD).await.expect("looked");
        assert_eq!(again, FirstAdministrator::AlreadyThere);
        suspend(&system(&kit), kit.db(), &id).await.expect("suspended");
        let new = "quên thì nhờ máy chủ";
        assert_eq!(rescue_administrator(kit.db(), "Chi", new).await.expect("rescued"), id);
        let mut chi = Browser::new(&kit);
        assert_eq!(chi.sign_in_with("chi", new).await.status, 303);
        assert!(caller_of(&kit, &chi).await.expect("signed in").may(&MANAGE_ACCOUNTS, &path("/")));
        rescue_administrator(kit.db(), "khac", new).await.expect("a new one");
        assert_eq!(Browser::new(&kit).sign_in_with("khac", new).await.status, 303);
        assert!(rescue_administrator(kit.db(), "chi", "1234567890").await.is_err(), "rules hold here too");
        let once = reset_password_locally(&kit.app, "khac").await.expect("a one-time password");
        assert_eq!(Browser::new(&kit).sign_in_with("khac", &once).await.status, 200, "asked for a new one");
        let refused = reset_password_locally(&kit.app, "khong.co").await.expect_err("no such account");
        assert!(refused.is(&ACCOUNT_NOT_FOUND));
    }
}
