//! Administrators: what they may do, and where it ends.

use identity::{
    AccountId,
    actions::{
        ABOVE_YOU, MANAGE_ACCOUNTS, NOT_YOURSELF, NewAccount, create_account, end_role, grant_role,
        reset_password, suspend,
    },
    role,
};
use kernel::{caller::Caller, problem::FORBIDDEN};
use testkit::Kit;

use crate::{account, browser::Browser, caller_of, path, role_over, start, system};

const PROVINCE: &str = "/vn/19.2025/";
const COMMUNE: &str = "/vn/19.2025/01969.2025/";
const ELSEWHERE: &str = "/vn/1.2025/";

async fn signed_in(kit: &Kit, username: &str) -> Caller {
    let mut browser = Browser::new(kit);
    browser.sign_in(username).await;
    caller_of(kit, &browser).await.expect("signed in")
}

fn new_at(kit: &Kit, place: &str, role: &str, scope: &str) -> NewAccount {
    NewAccount {
        username: "moi.vao".to_owned(),
        name: "Người mới".to_owned(),
        place: path(place),
        password: None,
        roles: vec![role_over(kit, role, scope)],
    }
}

testkit::on_both_engines! {
    async fn a_province_administrator_cannot_grant_outside_or_above(builder: KitBuilder) {
        let kit = start(builder).await;
        account(&kit, "tinh", role::ADMINISTRATOR, PROVINCE).await;
        let officer = account(&kit, "xa", role::COMMUNE_OFFICER, COMMUNE).await;
        let stranger = account(&kit, "noi.khac", role::EDITOR, ELSEWHERE).await;
        let tinh = signed_in(&kit, "tinh").await;
        let db = kit.db();
        grant_role(&tinh, db, &officer, &role_over(&kit, role::KEEPER, COMMUNE)).await.expect("inside");
        for scope in [ELSEWHERE, "/vn/", "/", "/vn/19.20250/"] {
            let refused = grant_role(&tinh, db, &officer, &role_over(&kit, role::KEEPER, scope)).await;
            assert!(refused.expect_err(scope).is(&FORBIDDEN), "{scope}");
        }
        let refused = grant_role(&tinh, db, &stranger, &role_over(&kit, role::KEEPER, COMMUNE)).await;
        assert!(refused.expect_err("another province's account").is(&FORBIDDEN));
        for (place, scope) in [(ELSEWHERE, ELSEWHERE), (PROVINCE, "/vn/"), ("/vn/", COMMUNE)] {
            let new = new_at(&kit, place, role::ADMINISTRATOR, scope);
            assert!(create_account(&tinh, db, new).await.expect_err(place).is(&FORBIDDEN));
        }
        let new = new_at(&kit, COMMUNE, role::ADMINISTRATOR, COMMUNE);
        create_account(&tinh, db, new).await.expect("an administrator of a commune inside");
    }

    async fn authority_cannot_be_handed_on_for_longer_than_it_lasts(builder: KitBuilder) {
        let kit = start(builder).await;
        let id = account(&kit, "tinh", role::KEEPER, PROVINCE).await;
        let end = kit.app.now().day().plus_days(30);
        let mut limited = role_over(&kit, role::ADMINISTRATOR, PROVINCE);
        limited.until = end;
        grant_role(&system(&kit), kit.db(), &id, &limited).await.expect("granted");
        let officer = account(&kit, "xa", role::KEEPER, COMMUNE).await;
        let tinh = signed_in(&kit, "tinh").await;
        let forever = role_over(&kit, role::EDITOR, COMMUNE);
        let refused = grant_role(&tinh, kit.db(), &officer, &forever).await.expect_err("too long");
        let fields = &refused.problem().expect("a problem").fields;
        assert_eq!(fields[0].key, "identity-role-longer-than-yours");
        let mut short = forever;
        short.until = end;
        grant_role(&tinh, kit.db(), &officer, &short).await.expect("as long as one's own");
        // The account holds something without end: taking it over would outlive the administrator.
        let refused = reset_password(&tinh, kit.db(), &officer).await.expect_err("would last longer");
        assert!(refused.is(&ABOVE_YOU));
    }

    async fn nobody_takes_over_an_account_that_reaches_further(builder: KitBuilder) {
        let kit = start(builder).await;
        account(&kit, "tinh", role::ADMINISTRATOR, PROVINCE).await;
        // Works in the province, but edits for the whole country from next month on.
        let id = account(&kit, "bientap", role::EDITOR, PROVINCE).await;
        let mut later = role_over(&kit, role::EDITOR, "/vn/");
        later.from = kit.app.now().day().plus_days(30);
        grant_role(&system(&kit), kit.db(), &id, &later).await.expect("granted");
        let tinh = signed_in(&kit, "tinh").await;
        assert!(reset_password(&tinh, kit.db(), &id).await.expect_err("above").is(&ABOVE_YOU));
        assert!(suspend(&tinh, kit.db(), &id).await.expect_err("above").is(&ABOVE_YOU));
        let editor = signed_in(&kit, "bientap").await;
        assert!(reset_password(&editor, kit.db(), &id).await.expect_err("no role").is(&FORBIDDEN));
    }

    async fn an_administrator_always_remains(builder: KitBuilder) {
        let kit = start(builder).await;
        let id = account(&kit, "chi", role::KEEPER, "/").await;
        let own = grant_role(&system(&kit), kit.db(), &id, &role_over(&kit, role::ADMINISTRATOR, "/")).await;
        let chi = signed_in(&kit, "chi").await;
        assert!(suspend(&chi, kit.db(), &id).await.expect_err("oneself").is(&NOT_YOURSELF));
        let refused = end_role(&chi, kit.db(), &id, &own.expect("granted")).await;
        assert!(refused.expect_err("oneself").is(&NOT_YOURSELF));
        assert!(chi.may(&MANAGE_ACCOUNTS, &path("/")));
    }

    async fn a_username_is_taken_in_every_spelling(builder: KitBuilder) {
        let kit = start(builder).await;
        account(&kit, "lan.pt", role::EDITOR, "/vn/").await;
        for spelling in ["lan.pt", "LAN-PT", "la\u{301}n.pt", "Lan_PT"] {
            let mut new = new_at(&kit, "/vn/", role::EDITOR, "/vn/");
            new.username = spelling.to_owned();
            let refused = create_account(&system(&kit), kit.db(), new).await.expect_err(spelling);
            assert_eq!(refused.problem().expect("a problem").fields[0].key, "identity-username-taken");
        }
    }

    async fn a_role_is_held_in_at_most_eight_places(builder: KitBuilder) {
        let kit = start(builder).await;
        let id = account(&kit, "mai", role::EDITOR, "/vn/1.2025/").await;
        for place in 2..=8 {
            let role = role_over(&kit, role::EDITOR, &format!("/vn/{place}.2025/"));
            grant_role(&system(&kit), kit.db(), &id, &role).await.expect("granted");
        }
        let ninth = role_over(&kit, role::EDITOR, "/vn/9.2025/");
        let refused = grant_role(&system(&kit), kit.db(), &id, &ninth).await.expect_err("the ninth");
        assert_eq!(refused.problem().expect("a problem").fields[0].key, "identity-role-places");
        let other = role_over(&kit, role::APPROVER, "/vn/9.2025/");
        grant_role(&system(&kit), kit.db(), &id, &other).await.expect("another role");
    }

    async fn an_account_is_opened_cared_for_and_closed_on_the_pages(builder: KitBuilder) {
        let kit = start(builder).await;
        account(&kit, "chi", role::ADMINISTRATOR, "/").await;
        let mut chi = Browser::new(&kit);
        chi.sign_in("chi").await;
        chi.get("/quan-tri/tai-khoan/moi").await;
        let fields = [
            ("username", "y.bham"), ("name", "Y Bhăm Niê"), ("place", "Mọi địa bàn"), ("role", "keeper"),
            ("until", "31/12/2026"),
        ];
        let slip = chi.post("/quan-tri/tai-khoan/moi", &fields).await;
        assert_eq!(slip.status, 200, "{}", slip.text);
        assert!(slip.text.contains("Y Bhăm Niê"));
        assert_eq!(slip.headers.get("cache-control").expect("a header"), "no-store");
        let once = password_on(&slip.text);
        let list = chi.get("/quan-tri/tai-khoan?q=y+bham").await;
        let here = list.text.split("href=\"").filter_map(|rest| rest.split('"').next());
        let mut rows = here.filter(|href| href.starts_with("/quan-tri/tai-khoan/") && !href.ends_with("moi"));
        let here = rows.next().expect("a row").to_owned();
        assert!(!chi.get(&here).await.text.contains(&once), "the slip is shown once");
        let asked = Browser::new(&kit).sign_in_with("y.bham", &once).await;
        assert_eq!(asked.status, 200);
        let page = chi.get(&here).await;
        assert!(page.text.contains("31/12/2026") && page.text.contains("Đang có hiệu lực"), "{}", page.text);
        let given = chi.post(&format!("{here}/vai-tro"), &[("role", "editor"), ("place", "/")]).await;
        assert_eq!(given.status, 303, "{}", given.text);
        let wrong = chi
            .post(&format!("{here}/vai-tro"), &[("role", "editor"), ("place", "/"), ("until", "31/02/2027")])
            .await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.text.contains("31/02/2027"), "what was typed stays");
        for (button, status) in [("tam-khoa", 303), ("mo-khoa", 303), ("mat-khau", 200)] {
            assert_eq!(chi.post(&format!("{here}/{button}"), &[]).await.status, status, "{button}");
        }
        let log = chi.get("/quan-tri/nhat-ky").await;
        for words in ["Mở tài khoản", "Cấp vai trò", "Tạm khóa tài khoản", "Cấp mật khẩu dùng một lần"] {
            assert!(log.text.matches(words).count() >= 2, "{words} in a line, not only in the filter");
        }
        assert!(!log.text.contains(&once), "no password in the log");
    }

    async fn an_administrator_sees_the_accounts_and_lines_of_their_place_only(builder: KitBuilder) {
        let kit = start(builder).await;
        account(&kit, "tinh", role::ADMINISTRATOR, PROVINCE).await;
        account(&kit, "trong.tinh", role::EDITOR, COMMUNE).await;
        let outside: AccountId = account(&kit, "ngoai.tinh", role::EDITOR, ELSEWHERE).await;
        Browser::new(&kit).sign_in("ngoai.tinh").await;
        Browser::new(&kit).sign_in("trong.tinh").await;
        let mut tinh = Browser::new(&kit);
        tinh.sign_in("tinh").await;
        for page in ["/quan-tri/tai-khoan", "/quan-tri/nhat-ky"] {
            let seen = tinh.get(page).await;
            assert!(seen.text.contains("Người dùng trong.tinh"), "{page}: {}", seen.text);
            assert!(!seen.text.contains("Người dùng ngoai.tinh"), "{page}");
        }
        assert_eq!(tinh.get(&format!("/quan-tri/tai-khoan/{outside}")).await.status, 403);
        assert_eq!(tinh.get("/quan-tri/tai-khoan/0000").await.status, 404);
    }

    async fn a_place_is_typed_by_name_and_chosen_where_several_have_it(builder: KitBuilder) {
        let kit = start(builder).await;
        areas::reference::load(kit.db()).await.expect("the areas are loaded");
        account(&kit, "chi", role::ADMINISTRATOR, "/").await;
        let officer = account(&kit, "hoa", role::KEEPER, COMMUNE).await;
        let mut chi = Browser::new(&kit);
        chi.sign_in("chi").await;
        let form = format!("/quan-tri/tai-khoan/{officer}/vai-tro");
        let page = format!("/quan-tri/tai-khoan/{officer}");
        let given = chi.post(&form, &[("role", "commune_officer"), ("place", "xa phu thong")]).await;
        assert_eq!(given.status, 303, "{}", given.text);
        assert!(chi.get(&page).await.text.contains("Xã Phủ Thông"));
        let asked = chi.post(&form, &[("role", "commune_officer"), ("place", "Tân Lập")]).await;
        assert_eq!(asked.status, 422, "several communes have this name");
        assert!(asked.text.contains("href=\"#place_choice\""));
        let values = asked.text.split("name=\"place_choice\" value=\"").skip(1);
        let values: Vec<&str> = values.filter_map(|rest| rest.split('"').next()).collect();
        assert!(values.len() > 1, "{values:?}");
        let chosen = values[1].to_owned();
        let fields = [
            ("role", "commune_officer"), ("place", "Tân Lập"), ("place_before", "Tân Lập"),
            ("place_choice", chosen.as_str()),
        ];
        assert_eq!(chi.post(&form, &fields).await.status, 303);
        assert!(chi.get(&page).await.text.contains("Tân Lập"));
        let unknown = chi.post(&form, &[("role", "keeper"), ("place", "không có nơi nào thế này")]).await;
        assert_eq!(unknown.status, 422);
        // An administrator of one province finds only what lies in it.
        account(&kit, "tinh", role::ADMINISTRATOR, ELSEWHERE).await;
        let mut tinh = Browser::new(&kit);
        tinh.sign_in("tinh").await;
        tinh.get("/quan-tri/tai-khoan/moi").await;
        for place in ["xã Phủ Thông", COMMUNE, "/", "Mọi địa bàn"] {
            let fields = [("username", "an.an"), ("name", "An"), ("place", place), ("role", "keeper")];
            let seen = tinh.post("/quan-tri/tai-khoan/moi", &fields).await;
            assert_eq!(seen.status, 422, "{place}: {}", seen.text);
        }
    }

    async fn pages_of_administrators_are_closed_to_others(builder: KitBuilder) {
        let kit = start(builder).await;
        let id = account(&kit, "mai", role::EDITOR, "/").await;
        let mut nobody = Browser::new(&kit);
        let mut mai = Browser::new(&kit);
        mai.sign_in("mai").await;
        nobody.get("/dang-nhap").await;
        let one = format!("/quan-tri/tai-khoan/{id}");
        for page in ["/quan-tri/tai-khoan", "/quan-tri/tai-khoan/moi", &one, "/quan-tri/nhat-ky"] {
            assert_eq!(mai.get(page).await.status, 403, "{page}");
            let sent = nobody.get(page).await;
            assert!(sent.status == 303 && sent.location().starts_with("/dang-nhap?tiep="), "{page}");
        }
        for form in ["moi", &format!("{id}/vai-tro"), &format!("{id}/vai-tro/x/thu-hoi"), &format!("{id}/tam-khoa"),
            &format!("{id}/mo-khoa"), &format!("{id}/mat-khau")]
        {
            let path = format!("/quan-tri/tai-khoan/{form}");
            let fields = [("role", "administrator"), ("place", "/"), ("username", "abc"), ("name", "Abc")];
            let expected = if form.ends_with("thu-hoi") { 404 } else { 403 };
            assert_eq!(mai.post(&path, &fields).await.status, expected, "{path}");
            let expected = if form.ends_with("thu-hoi") { 404 } else { 401 };
            assert_eq!(nobody.post(&path, &fields).await.status, expected, "{path}");
        }
    }
}

/// The one-time password on a slip: three groups of four.
fn password_on(html: &str) -> String {
    let words = html.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    let is_one = |word: &&str| word.len() == 14 && word.split('-').map(str::len).eq([4, 4, 4]);
    words.into_iter().find(is_one).expect("a one-time password").to_owned()
}
