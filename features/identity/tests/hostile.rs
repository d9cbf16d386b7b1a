//! Input that means harm, and names as they really are.

use identity::{
    actions::{NewAccount, create_account},
    role,
};

use crate::{PASSWORD, account, browser::Browser, path, start, system};

const HOSTILE: [&str; 7] = [
    "'; drop table identity_accounts; --",
    "<script>alert(1)</script>",
    "mai\r\nSet-Cookie: phien=x",
    "mai\0admin",
    "{{ 7*7 }}",
    "%' or '1'='1",
    "\u{202e}iam",
];

testkit::on_both_engines! {
    async fn hostile_text_is_only_ever_text(builder: KitBuilder) {
        let kit = start(builder).await;
        account(&kit, "chi", role::ADMINISTRATOR, "/").await;
        let mut chi = Browser::new(&kit);
        chi.sign_in("chi").await;
        for (index, text) in HOSTILE.into_iter().enumerate() {
            let mut stranger = Browser::new(&kit).at(u8::try_from(index).expect("few"));
            let seen = stranger.sign_in_with(text, text).await;
            assert_eq!(seen.status, 422, "{text:?}");
            assert!(!seen.text.contains("<script>alert"), "{text:?}");
            assert!(!seen.headers.contains_key("phien") && stranger.session().is_none());
            chi.get("/quan-tri/tai-khoan/moi").await;
            let fields = [("username", text), ("name", text), ("place", text), ("role", text), ("until", text)];
            let seen = chi.post("/quan-tri/tai-khoan/moi", &fields).await;
            assert_eq!(seen.status, 422, "{text:?}: {}", seen.text);
            assert!(!seen.text.contains("<script>alert"), "{text:?}");
            let query = testkit::form(&[("q", text), ("nguoi", text), ("viec", text), ("trang", text)]);
            for page in ["/quan-tri/tai-khoan", "/quan-tri/nhat-ky"] {
                let seen = chi.get(&format!("{page}?{query}")).await;
                assert_eq!(seen.status, 200, "{page} {text:?}");
                assert!(!seen.text.contains("<script>alert"), "{page} {text:?}");
            }
        }
        assert_eq!(chi.get("/quan-tri/tai-khoan/..%2f..%2fetc").await.status, 404);
    }

    async fn a_hostile_name_is_shown_as_it_is(builder: KitBuilder) {
        let kit = start(builder).await;
        account(&kit, "chi", role::ADMINISTRATOR, "/").await;
        let new = NewAccount {
            username: "moi".to_owned(),
            name: "<b>Mai</b>\r\nX: y\u{202e}\0".to_owned(),
            place: path("/"),
            password: Some(PASSWORD.to_owned()),
            roles: Vec::new(),
        };
        create_account(&system(&kit), kit.db(), new).await.expect("a name may hold anything printable");
        let mut chi = Browser::new(&kit);
        chi.sign_in("chi").await;
        let list = chi.get("/quan-tri/tai-khoan").await.text;
        assert!(list.contains("&lt;b&gt;Mai&lt;/b&gt; X: y"), "{list}");
        assert!(!list.contains('\u{202e}') && !list.contains('\0'));
    }

    async fn people_are_found_in_either_unicode_form_and_without_marks(builder: KitBuilder) {
        let kit = start(builder).await;
        account(&kit, "chi", role::ADMINISTRATOR, "/").await;
        let new = NewAccount {
            username: "h.hen".to_owned(),
            // Decomposed, as one brand of phone sends it.
            name: "Đỗ Thị Thu\u{309}y H'Hen".to_owned(),
            place: path("/"),
            password: Some(PASSWORD.to_owned()),
            roles: Vec::new(),
        };
        create_account(&system(&kit), kit.db(), new).await.expect("opened");
        let mut chi = Browser::new(&kit);
        chi.sign_in("chi").await;
        for typed in ["do thi thuy", "Thủy", "ĐỖ", "hhen", "h.hen"] {
            let query = testkit::form(&[("q", typed)]);
            let list = chi.get(&format!("/quan-tri/tai-khoan?{query}")).await.text;
            assert!(list.contains("Thủy"), "{typed}");
            assert!(!list.contains(">Người dùng chi</a>"), "{typed}");
        }
    }

    async fn over_long_input_is_refused_without_work(builder: KitBuilder) {
        let kit = start(builder).await;
        account(&kit, "mai", role::EDITOR, "/").await;
        let long = "đ".repeat(100_000);
        let mut browser = Browser::new(&kit);
        for (username, password) in [("mai", long.as_str()), (&long, PASSWORD), (&long, &long)] {
            let seen = browser.sign_in_with(username, password).await;
            assert_eq!(seen.status, 422);
            assert!(seen.text.len() < 40_000, "it is not echoed");
        }
    }
}
