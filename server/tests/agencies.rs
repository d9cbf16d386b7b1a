//! Which agencies use the program and hear from it, and how much open data there is: figures that the platform counts
//! from its own tables. Whoever did nothing here counts as an agency and as nothing more.

use areas::AreaLevel;
use identity::{actions::Attempt, role};
use kernel::{caller::Caller, clock::Timestamp, problem::Outcome};
use reporting::{
    actions::{
        analysis::computed,
        entry::{Changes, Which, save},
        figures::Edit,
        obligations,
        reminders::{self, Ladder},
        steps::{Said, take},
    },
    model::{CellKey, CellState, DatasetId, Life, submission::Step},
};
use testkit::Kit;

use crate::{
    bridge::{PASSWORD, account},
    computed::{figure, figure_of},
    town::{self, area, statement},
};

const COMMUNE: &str = "/vn/19.2025/01969.2025/";
const OTHER: &str = "/vn/19.2025/01942.2025/";
const DAY_MS: i64 = 86_400_000;

/// The program with what everybody owes in two provinces.
async fn country(builder: testkit::KitBuilder) -> Kit {
    let kit = town::whole(builder.offering(nhipcau::bridges::counting())).await;
    obligations::keep(kit.db(), None).await.expect("obligations are made");
    kit
}

async fn sign_in(kit: &Kit, username: &str, password: &str) -> bool {
    let attempt = Attempt {
        username,
        password,
        device: None,
        old_session: None,
        address: "10.0.0.7",
        user_agent: "thử",
    };
    identity::actions::sign_in(&kit.app, &attempt).await.is_ok()
}

/// All agencies, those that used the program, those that heard from it; of a tier of the province.
async fn counted(kit: &Kit, tier: &str) -> [Option<String>; 3] {
    computed::keep(&kit.app).await.expect("it counts");
    let mut all = [const { None }; 3];
    for (at, element) in ["td.coquan", "td.coquan.dung", "td.coquan.nhan"].iter().enumerate() {
        all[at] = figure(kit, &format!("{element}:cap={tier}")).await;
    }
    all
}

fn three(all: &str, used: &str, told: &str) -> [Option<String>; 3] {
    [all, used, told].map(|one| Some(one.to_owned()))
}

/// Writes something that no page writes by itself.
async fn write(kit: &Kit, text: String) {
    let text = statement(text);
    let written: Outcome<u64> = kit.db().change(async |tx| Ok(tx.run(text, &[]).await?)).await;
    written.expect("written");
}

/// A report of the commune with one figure, approved.
async fn approved(kit: &Kit) {
    let which = Which {
        dataset: DatasetId::parse("diem-ho-tro").expect("a code"),
        period: "nd09q-2026-4".to_owned(),
        life: Life::Final,
        area: area("01969.2025"),
    };
    let system = Caller::system(kit.app.now());
    let amounts = [("10.5b", 2), ("10.6", 120), ("10.3a", 2), ("10.6kp", 2)];
    let edit = |(code, amount): (&str, i64)| {
        let key = CellKey::parse(code).expect("a cell");
        Edit { key, base: 0, state: Some(CellState::Value(amount)) }
    };
    let edits = amounts.into_iter().map(edit).collect();
    save(&kit.app, &system, &which, Changes { edits, ..Changes::default() }).await.expect("saved");
    let said =
        Said { revision: 1, note: "Đã kiểm tra số liệu".to_owned(), ..Said::default() };
    for step in [Step::Certify, Step::Submit, Step::Accept, Step::Approve] {
        take(&kit.app, &system, &which.id(), step, &said)
            .await
            .unwrap_or_else(|failure| panic!("{step:?}: {failure}"));
    }
}

testkit::on_both_engines! {
    async fn agencies_count_as_using_the_program_when_somebody_of_theirs_does(builder: KitBuilder) {
        let kit = country(builder).await;
        let communes = town::number(
            &kit.app,
            "select cast(count(distinct path) as bigint) as value from reporting_obligations where path like '/vn/19.2025/_%'",
        ).await.to_string();
        assert_eq!(counted(&kit, "xa").await, three(&communes, "0", "0"));
        assert_eq!(counted(&kit, "tinh").await, three("1", "0", "0"));
        account(&kit.app, "lan", role::PROVINCE_OFFICER, "/vn/19.2025/").await;
        account(&kit.app, "vy", role::PROVINCE_OFFICER, "/vn/19.2025/").await;
        account(&kit.app, "mai", role::COMMUNE_OFFICER, COMMUNE).await;
        account(&kit.app, "an", role::ADMINISTRATOR, OTHER).await;
        // Nobody came yet; a wrong password is nobody's work, and looking after accounts is not the programme's.
        assert!(!sign_in(&kit, "mai", "không phải mật khẩu này").await);
        assert!(sign_in(&kit, "an", PASSWORD).await);
        assert_eq!(counted(&kit, "xa").await, three(&communes, "0", "0"));
        assert!(sign_in(&kit, "lan", PASSWORD).await && sign_in(&kit, "vy", PASSWORD).await);
        assert!(sign_in(&kit, "mai", PASSWORD).await);
        assert_eq!(counted(&kit, "xa").await, three(&communes, "1", "0"));
        assert_eq!(counted(&kit, "tinh").await, three("1", "1", "0"), "departments of a province are one");
        let all = communes.parse::<i64>().expect("a number") + 1;
        assert_eq!(figure(&kit, "td.coquan").await, Some(all.to_string()), "options add up to the whole");
        assert_eq!(figure(&kit, "td.coquan.dung").await.as_deref(), Some("2"));
        let percent = format!("{:.2}", 200.0 / f64::from(i32::try_from(all).expect("few")));
        assert_eq!(figure(&kit, "*A-01").await, Some(percent.replace('.', ",").trim_end_matches('0').to_owned()));
        assert_eq!(figure(&kit, "*A-04").await.as_deref(), Some("0"));
        // What was done before the quarter is not done in it.
        write(&kit, "update identity_audit set at = 1000000000000".to_owned()).await;
        assert_eq!(counted(&kit, "xa").await, three(&communes, "0", "0"));
    }

    async fn a_commune_that_works_at_its_point_counts_when_a_report_comes_signed_from_there(builder: KitBuilder) {
        let kit = country(builder).await;
        approved(&kit).await;
        let before = counted(&kit, "xa").await;
        assert_eq!(before[1].as_deref(), Some("0"), "what another node's people typed here is not the commune's use");
        write(&kit, "update reporting_submissions set origin = 'node:7'".to_owned()).await;
        write(&kit, "update reporting_steps set by_account = 'node:7' where step = 'certify'".to_owned()).await;
        assert_eq!(counted(&kit, "xa").await[1].as_deref(), Some("1"));
    }

    async fn agencies_were_told_when_somebody_came_after_the_reminder_or_a_letter_arrived(builder: KitBuilder) {
        let kit = country(builder).await;
        account(&kit.app, "lan", role::PROVINCE_OFFICER, "/vn/19.2025/").await;
        account(&kit.app, "mai", role::COMMUNE_OFFICER, COMMUNE).await;
        account(&kit.app, "hoa", role::EDITOR, OTHER).await;
        assert!(sign_in(&kit, "mai", PASSWORD).await);
        // A week before the quarter is due.
        let morning = Timestamp::from_millis(kit.app.now().millis());
        kit.clock.advance(DAY_MS * i64::from(kernel::clock::Day::new(2026, 12, 10).expect("a day").days_since(morning.day())));
        assert!(reminders::remind(&kit.app, &Ladder::default()).await.expect("it reminds") > 0);
        assert_eq!(counted(&kit, "xa").await[2].as_deref(), Some("0"), "it stands there and nobody has come");
        kit.clock.advance(60_000);
        assert!(sign_in(&kit, "mai", PASSWORD).await && sign_in(&kit, "hoa", PASSWORD).await);
        let now = counted(&kit, "xa").await;
        assert_eq!((now[1].as_deref(), now[2].as_deref()), (Some("2"), Some("1")), "editors are not shown reminders");
        assert_eq!(counted(&kit, "tinh").await, three("1", "0", "0"));
        let lan = town::text(&kit.app, "select id as value from identity_accounts where username = 'lan'").await;
        let at = kit.app.now().millis();
        let letter = |state: &str, way: &str| format!(
            "insert into reporting_outbox (id, once, way, recipient, subject, body, at, next_at, tries, state, done_at, answer) \
             values ('{state}{way}', '{state}{way}', '{way}', '{lan}', 'Nhắc', '', {at}, {at}, 1, '{state}', {at}, '')"
        );
        write(&kit, letter("refused", "mail")).await;
        write(&kit, letter("sent", "code")).await;
        assert_eq!(counted(&kit, "tinh").await, three("1", "0", "0"), "refused, or asked for by the person");
        write(&kit, letter("sent", "mail")).await;
        assert_eq!(counted(&kit, "tinh").await, three("1", "0", "1"));
    }

    async fn open_data_is_what_anybody_can_fetch_as_a_file(builder: KitBuilder) {
        let kit = country(builder).await;
        let country = async |dx: &str| {
            computed::keep(&kit.app).await.expect("it counts");
            figure_of(&kit, dx, "vn", AreaLevel::Country).await
        };
        assert_eq!(country("td.dulieu").await.as_deref(), Some("0"));
        approved(&kit).await;
        assert_eq!(country("td.dulieu").await.as_deref(), Some("1"));
        assert_eq!(country("*A-06").await.as_deref(), Some("1"));
        assert_eq!(country("*A-07").await.as_deref(), Some("100"));
        for end in ["csv", "json"] {
            let file = kit.get("", &format!("/so-lieu/cong-khai.{end}?dx=10.6&ky=nd09q-2026-4")).await;
            assert!(file.status == 200 && file.text.contains("120"), "{end}: {}", file.text);
        }
        // What the program counts of itself is published once the quarter is over, and makes no data set.
        kit.clock.advance(25 * DAY_MS);
        computed::keep(&kit.app).await.expect("it counts");
        assert_eq!(country("td.dulieu").await.as_deref(), Some("1"));
    }
}
