//! Every page with what it must survive: nothing, the usual, the longest, the hostile.

use kernel::{
    minijinja::{Value, value::Serde},
    web::{Paging, Sample},
};
use serde::Serialize;

use super::{
    Hidden,
    account::{ACCOUNT, AccountPage, GrantRow, RoleForm},
    accounts::{LIST, List, NEW, New, ONE_TIME, OneTime, RoleOption, Row},
    address::{ADDRESS, AddressPage},
    audit::{AUDIT, ActionOption, Audit, Line},
    first::{FIRST, First},
    me::{HeldRole, ME, Me, Session, WaitingRole},
    password::{PASSWORD, Password},
    places::Choice,
    sign_in::{SIGN_IN, SignIn},
};
use crate::model::role;

const HOSTILE: &str = "<script>alert('xin chào')</script>\" onload=x &amp; {{ 7*7 }}";
const LONG: &str = "Ủy ban nhân dân xã vùng đồng bào dân tộc thiểu số và miền núi đặc biệt khó khăn Mường Nhé Thượng";

#[derive(Serialize)]
struct Wrong {
    field: &'static str,
    text: &'static str,
}

fn errors(fields: &[&'static str]) -> Value {
    let wrong = fields.iter().map(|field| Wrong { field, text: HOSTILE });
    Value::from(Serde(wrong.collect::<Vec<_>>()))
}

fn kept() -> Vec<Hidden> {
    vec![
        Hidden { name: "giu.title".to_owned(), value: LONG.to_owned() },
        Hidden { name: HOSTILE.to_owned(), value: HOSTILE.to_owned() },
    ]
}

fn roles() -> Vec<RoleOption> {
    let option = |value| RoleOption { value, label: LONG.to_owned(), hint: HOSTILE.to_owned() };
    role::ALL.map(option).to_vec()
}

fn choices() -> Vec<Choice> {
    let choice = |text: &str| Choice {
        value: "/vn/19.2025/01969.2025/".to_owned(),
        label: text.to_owned(),
        hint: text.to_owned(),
    };
    vec![choice(LONG), choice(HOSTILE)]
}

/// Samples of every page.
pub(crate) fn samples() -> Vec<Sample> {
    [entrance(), own(), administration()].into_iter().flatten().collect()
}

fn entrance() -> Vec<Sample> {
    vec![
        SIGN_IN.sample(&SignIn::default()),
        SIGN_IN.sample(&SignIn { is_first_run: true, ..SignIn::default() }),
        SIGN_IN.sample(&SignIn {
            username: HOSTILE.to_owned(),
            next: "/do-phu?trang=2".to_owned(),
            kept: kept(),
            errors: errors(&["", "username"]),
            is_first_run: false,
        }),
        FIRST.sample(&First::default()),
        FIRST.sample(&First {
            code: HOSTILE.to_owned(),
            username: LONG.to_owned(),
            name: HOSTILE.to_owned(),
            errors: errors(&["code", "username", "name", "password"]),
        }),
        PASSWORD.sample(&Password::default()),
        PASSWORD.sample(&Password {
            is_first: true,
            next: "/bien-tap/moi".to_owned(),
            kept: kept(),
            errors: errors(&["password", "new_password", "again"]),
        }),
    ]
}

fn own() -> Vec<Sample> {
    let session = |is_this, device: &str| Session {
        id: "0193a5".to_owned(),
        device: device.to_owned(),
        address: "2001:db8:1:2::/64".to_owned(),
        since: 1_795_330_800_000,
        last_seen: 1_795_334_400_000,
        is_this,
    };
    let held = role::ALL.map(|role| HeldRole {
        role: role.to_owned(),
        place: LONG.to_owned(),
        from: "22/11/2026".to_owned(),
        until: "31/12/2026".to_owned(),
    });
    vec![
        ADDRESS.sample(&AddressPage::default()),
        ADDRESS.sample(&AddressPage { has_post: true, ..AddressPage::default() }),
        ADDRESS.sample(&AddressPage {
            confirmed: HOSTILE.to_owned(),
            asked: HOSTILE.to_owned(),
            typed: HOSTILE.to_owned(),
            has_post: true,
            errors: errors(&["address", "ma"]),
        }),
        ME.sample(&Me::default()),
        ME.sample(&Me {
            name: LONG.to_owned(),
            username: HOSTILE.to_owned(),
            roles: Vec::from(held),
            sessions: vec![session(true, "Cốc Cốc, Windows"), session(false, "")],
            must_change_password: true,
            waiting: vec![WaitingRole {
                role: role::COMMUNE_OFFICER.to_owned(),
                place: HOSTILE.to_owned(),
                heirs: LONG.to_owned(),
            }],
        }),
    ]
}

fn administration() -> Vec<Sample> {
    let row = |is_suspended, is_new, text: &str| Row {
        id: "0193a5".to_owned(),
        username: text.to_owned(),
        name: text.to_owned(),
        place: LONG.to_owned(),
        is_suspended,
        is_new,
    };
    let grant = |state, may_end| GrantRow {
        id: "0193a6".to_owned(),
        role: role::COMMUNE_OFFICER.to_owned(),
        place: LONG.to_owned(),
        from: "22/11/2026".to_owned(),
        until: HOSTILE.to_owned(),
        state,
        may_end,
    };
    let account = |is_suspended, is_oneself| AccountPage {
        id: "0193a5".to_owned(),
        username: "y.bham".to_owned(),
        name: HOSTILE.to_owned(),
        place: LONG.to_owned(),
        since: 1_795_330_800_000,
        is_suspended,
        is_new: is_suspended,
        is_oneself,
        grants: vec![grant("now", true), grant("later", true), grant("over", false)],
        form: RoleForm {
            role: role::KEEPER.to_owned(),
            roles: roles(),
            place: "Lục Bình".to_owned(),
            choices: choices(),
            from: "22/11/2026".to_owned(),
            until: HOSTILE.to_owned(),
            errors: errors(&["place", "role", "from", "until", "scope"]),
        },
    };
    let line = |name: &str| Line {
        at: 1_795_330_800_000,
        account: "0193a5".to_owned(),
        name: name.to_owned(),
        action: LONG.to_owned(),
        subject: HOSTILE.to_owned(),
        named: name == LONG,
        detail: HOSTILE.to_owned(),
        address: "10.0.0.7".to_owned(),
    };
    let action = ActionOption { value: "identity.sign-in".to_owned(), label: LONG.to_owned() };
    vec![
        LIST.sample(&List::default()),
        LIST.sample(&List {
            text: HOSTILE.to_owned(),
            accounts: vec![row(true, false, LONG), row(false, true, HOSTILE)],
            total: 212,
            pages: Paging::new("/quan-tri/tai-khoan?q=a", 3, 212),
        }),
        NEW.sample(&New::default()),
        NEW.sample(&New {
            username: HOSTILE.to_owned(),
            name: LONG.to_owned(),
            place: HOSTILE.to_owned(),
            choices: choices(),
            role: role::EDITOR.to_owned(),
            roles: roles(),
            until: "31/12/2026".to_owned(),
            errors: errors(&["username", "name", "place", "role", "until"]),
        }),
        ONE_TIME.sample(&OneTime {
            id: "0193a5".to_owned(),
            username: "y.bham".to_owned(),
            name: HOSTILE.to_owned(),
            password: "kx4m-7pqa-9wzd".to_owned(),
            days: 7,
        }),
        ACCOUNT.sample(&AccountPage::default()),
        ACCOUNT.sample(&account(false, false)),
        ACCOUNT.sample(&account(true, true)),
        AUDIT.sample(&Audit::default()),
        AUDIT.sample(&Audit {
            who: HOSTILE.to_owned(),
            action: HOSTILE.to_owned(),
            actions: vec![action],
            lines: vec![line(LONG), line("")],
            total: 1_212,
            pages: Paging::new("/quan-tri/nhat-ky", 1, 1_212),
        }),
    ]
}
