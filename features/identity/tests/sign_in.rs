//! Getting in, and not getting in.

use identity::{
    actions::{NewAccount, create_account, end_role, grant_role, reopen, suspend},
    role,
};
use kernel::caller::Permission;

use crate::{PASSWORD, account, browser::Browser, caller_of, path, role_over, start, system};

static EDIT: Permission = Permission { code: "test.edit", roles: &[role::EDITOR] };
const DAY_MS: i64 = 24 * 3_600_000;

testkit::on_both_engines! {
    async fn the_right_password_opens_a_session_with_what_one_holds(builder: KitBuilder) {
        let kit = start(builder).await;
        let id = account(&kit, "mai", role::EDITOR, "/vn/19.2025/").await;
        let mut mai = Browser::new(&kit);
        assert!(caller_of(&kit, &mai).await.is_none());
        mai.sign_in("mai").await;
        let caller = caller_of(&kit, &mai).await.expect("she is signed in");
        assert_eq!(caller.id(), id.as_str());
        assert!(caller.may(&EDIT, &path("/vn/19.2025/01969.2025/")));
        assert!(!caller.may(&EDIT, &path("/vn/1.2025/")));
        let page = mai.get("/tai-khoan").await;
        assert!(page.text.contains("Người dùng mai"), "{}", page.text);
    }

    async fn a_wrong_password_and_an_unknown_name_are_answered_alike(builder: KitBuilder) {
        let kit = start(builder).await;
        account(&kit, "mai", role::EDITOR, "/vn/").await;
        let mut known = Browser::new(&kit);
        let mut unknown = Browser::new(&kit).at(9);
        let wrong = known.sign_in_with("mai", "không phải thế này").await;
        let nobody = unknown.sign_in_with("lan", "không phải thế này").await;
        assert_eq!((wrong.status, nobody.status), (422, 422));
        let words = "Tên đăng nhập hoặc mật khẩu chưa đúng";
        assert!(wrong.text.contains(words) && nobody.text.contains(words));
        let bare = |seen: &crate::browser::Seen, name: &str| {
            let csrf = &seen.hidden().iter().find(|(name, _)| name == "csrf").expect("a token").1.clone();
            seen.text.replace(csrf.as_str(), "").replace(&format!("value=\"{name}\""), "")
        };
        assert_eq!(bare(&wrong, "mai"), bare(&nobody, "lan"));
        assert!(known.session().is_none() && unknown.session().is_none());
        assert!(!wrong.text.contains("không phải thế này"), "a password is never shown again");
    }

    async fn names_may_be_typed_with_marks_and_capitals(builder: KitBuilder) {
        let kit = start(builder).await;
        account(&kit, "y.bham", role::COMMUNE_OFFICER, "/vn/").await;
        let mut browser = Browser::new(&kit);
        browser.sign_in("Y-Bhấm").await;
        assert!(caller_of(&kit, &browser).await.is_some());
    }

    async fn a_suspended_person_is_out_at_once_and_stays_out(builder: KitBuilder) {
        let kit = start(builder).await;
        let id = account(&kit, "mai", role::EDITOR, "/vn/").await;
        let mut mai = Browser::new(&kit);
        mai.sign_in("mai").await;
        suspend(&system(&kit), kit.db(), &id).await.expect("suspended");
        assert!(caller_of(&kit, &mai).await.is_none());
        let wrong = Browser::new(&kit).sign_in_with("mai", "không phải thế này").await;
        assert!(!wrong.text.contains("tạm khóa"), "only who knows the password learns it");
        let refused = mai.sign_in_with("mai", PASSWORD).await;
        assert_eq!(refused.status, 422);
        assert!(refused.text.contains("tạm khóa"));
        reopen(&system(&kit), kit.db(), &id).await.expect("reopened");
        mai.sign_in("mai").await;
        assert!(caller_of(&kit, &mai).await.is_some());
    }

    async fn a_role_holds_from_its_first_day_to_its_last(builder: KitBuilder) {
        let kit = start(builder).await;
        let id = account(&kit, "mai", role::KEEPER, "/vn/").await;
        let tomorrow = kit.app.now().day().plus_days(1);
        let mut role = role_over(&kit, role::EDITOR, "/vn/19.2025/");
        (role.from, role.until) = (tomorrow, tomorrow.plus_days(1));
        grant_role(&system(&kit), kit.db(), &id, &role).await.expect("granted");
        let place = path("/vn/19.2025/");
        for expected in [false, true, false] {
            let mut mai = Browser::new(&kit);
            mai.sign_in("mai").await;
            let caller = caller_of(&kit, &mai).await.expect("signed in");
            assert_eq!(caller.may(&EDIT, &place), expected, "on {}", kit.app.now().day());
            kit.clock.advance(DAY_MS);
        }
    }

    async fn a_role_that_was_ended_is_gone_from_open_sessions(builder: KitBuilder) {
        let kit = start(builder).await;
        let id = account(&kit, "mai", role::KEEPER, "/vn/").await;
        let given = grant_role(&system(&kit), kit.db(), &id, &role_over(&kit, role::EDITOR, "/vn/")).await;
        let given = given.expect("granted");
        let mut mai = Browser::new(&kit);
        mai.sign_in("mai").await;
        assert!(caller_of(&kit, &mai).await.expect("signed in").may_somewhere(&EDIT));
        end_role(&system(&kit), kit.db(), &id, &given).await.expect("ended");
        assert!(!caller_of(&kit, &mai).await.expect("signed in").may_somewhere(&EDIT));
    }

    async fn a_one_time_password_leads_to_a_new_one_before_anything_else(builder: KitBuilder) {
        let kit = start(builder).await;
        let new = NewAccount {
            username: "lan".to_owned(),
            name: "Lan".to_owned(),
            place: path("/vn/"),
            password: None,
            roles: vec![role_over(&kit, role::EDITOR, "/vn/")],
        };
        let made = create_account(&system(&kit), kit.db(), new).await.expect("opened");
        let once = made.one_time_password.expect("a one-time password");
        let mut lan = Browser::new(&kit);
        let asked = lan.sign_in_with("lan", &once).await;
        assert_eq!(asked.status, 200);
        assert!(asked.text.contains("action=\"/tai-khoan/mat-khau\""), "{}", asked.text);
        let before = caller_of(&kit, &lan).await.expect("known");
        assert!(!before.may_somewhere(&EDIT), "no role before the password is changed");
        let fields = |new| [("password", once.as_str()), ("new_password", new), ("again", new)];
        let weak = lan.post("/tai-khoan/mat-khau", &fields("matkhau2026")).await;
        assert_eq!(weak.status, 422);
        let done = lan.post("/tai-khoan/mat-khau", &fields("chợ phiên thứ bảy")).await;
        assert_eq!(done.status, 303, "{}", done.text);
        assert!(caller_of(&kit, &lan).await.expect("still signed in").may_somewhere(&EDIT));
        let old = Browser::new(&kit).sign_in_with("lan", &once).await;
        assert_eq!(old.status, 422, "the one-time password works once");
    }

    async fn a_one_time_password_ends_after_seven_days(builder: KitBuilder) {
        let kit = start(builder).await;
        let new = NewAccount {
            username: "lan".to_owned(),
            name: "Lan".to_owned(),
            place: path("/vn/"),
            password: None,
            roles: Vec::new(),
        };
        let made = create_account(&system(&kit), kit.db(), new).await.expect("opened");
        kit.clock.advance(7 * DAY_MS);
        let late = Browser::new(&kit).sign_in_with("lan", &made.one_time_password.expect("one")).await;
        assert_eq!(late.status, 422);
        assert!(late.text.contains("đã hết hạn"));
    }

    async fn what_is_tried_is_logged_without_what_was_typed(builder: KitBuilder) {
        let kit = start(builder).await;
        account(&kit, "chi", role::ADMINISTRATOR, "/").await;
        let mut stranger = Browser::new(&kit).at(66);
        stranger.sign_in_with("MatKhauToiGoNham", "bí mật của tôi").await;
        stranger.sign_in_with("chi", "bí mật của tôi").await;
        let mut chi = Browser::new(&kit);
        chi.sign_in("chi").await;
        let log = chi.get("/quan-tri/nhat-ky").await;
        assert_eq!(log.text.matches("Đăng nhập không thành công").count(), 3, "two lines and the filter");
        assert!(log.text.contains("203.0.113.66") && log.text.contains("Sai mật khẩu"));
        assert!(!log.text.contains("bí mật") && !log.text.to_lowercase().contains("matkhautoigonham"));
        let filtered = chi.get("/quan-tri/nhat-ky?viec=identity.sign-in-refused&nguoi=chi").await;
        assert!(filtered.text.contains("Sai mật khẩu") && !filtered.text.contains("Không có tên đăng nhập này"));
    }
}
