//! Authority through changes of the map: it follows what went whole, waits where a unit was divided, and is
//! as it was when the event is undone.

use areas::{AreaEventId, AreaId, Decision, Heir, QuestionAnswered, Step, Succeeded};
use identity::{AccountId, actions::succession, role};
use kernel::{app::NodeRole, caller::Caller, events::Doing, ids::Id};
use testkit::{Kit, KitBuilder, caller};

use crate::{account, browser::Browser, caller_of, path};

/// Real sessions, and test sessions such as `Hà|province_officer|/vn/19/`.
async fn start(builder: KitBuilder) -> Kit {
    let modules = [areas::module(), identity::module()];
    builder.with(modules).resolving(resolve).start().await
}

fn resolve<'a>(app: &'a kernel::app::AppRef, token: &'a str) -> Doing<'a, Option<Caller>> {
    Box::pin(async move {
        match token.split('|').collect::<Vec<_>>()[..] {
            [name, role, scope] => Ok(Some(caller(name, role, scope))),
            _ => identity::resolve_caller(app, token).await,
        }
    })
}

fn event() -> AreaEventId {
    Id::from_text("e1".to_owned())
}

fn heir(unit: &str) -> Heir {
    Heir { unit: Id::from_text(unit.to_owned()), path: path(&format!("/vn/19/{unit}/")) }
}

fn step(from: &str, heirs: &[&str]) -> Step {
    let unit: AreaId = Id::from_text(from.to_owned());
    let heirs = heirs.iter().map(|unit| heir(unit)).collect();
    Step { from: unit, from_path: path(&format!("/vn/19/{from}/")), heirs }
}

/// What the server does when areas tell of a change.
async fn tell(kit: &Kit, steps: Vec<Step>) {
    let effective_on = kit.app.now().day().plus_days(-2);
    let fact = Succeeded { event: event(), instrument: "NQ 1".to_owned(), effective_on, steps };
    kit.db()
        .change(async |tx| {
            let new = areas::note_steps(tx, &fact).await?;
            succession::follow_steps(tx, &fact.event, &fact.instrument, effective_on, &new).await
        })
        .await
        .expect("authority follows");
}

async fn undo(kit: &Kit) {
    kit.db()
        .change(async |tx| {
            succession::unfollow(tx, &event()).await?;
            areas::forget_steps(tx, &event()).await
        })
        .await
        .expect("it is undone");
}

fn statement(text: &str) -> &'static kernel::db::Statement {
    let text: &'static str = Box::leak(text.to_owned().into_boxed_str());
    Box::leak(Box::new(kernel::db::Statement { text, file: file!(), line: line!() }))
}

/// Grants and places, in order.
async fn tables(kit: &Kit) -> Vec<String> {
    let grants = statement(
        "select account || ' ' || role || ' ' || scope || ' ' || from_day || ' ' || until_day || ' ' \
         || coalesce(ended_by, '') as value from identity_grants order by id",
    );
    let places = statement("select id || ' ' || place as value from identity_accounts order by id");
    kit.db()
        .view(async |tx| {
            let mut all: Vec<String> = tx.all(grants, &[]).await?;
            all.extend(tx.all::<String>(places, &[]).await?);
            Ok(all)
        })
        .await
        .expect("they are read")
}

async fn may(kit: &Kit, browser: &Browser<'_>, place: &str) -> bool {
    let caller: Caller = caller_of(kit, browser).await.expect("the session stands");
    caller.grants().any(|grant| grant.scope == path(place))
}

testkit::on_both_engines! {
    async fn over_a_unit_that_went_whole_a_role_goes_on_over_the_heir(builder: KitBuilder) {
        let kit = start(builder).await;
        account(&kit, "lan", role::COMMUNE_OFFICER, "/vn/19/a/").await;
        account(&kit, "tu", role::KEEPER, "/vn/19/a/v/").await;
        account(&kit, "mai", role::COMMUNE_OFFICER, "/vn/19/b/").await;
        account(&kit, "ha", role::PROVINCE_OFFICER, "/vn/19/").await;
        let mut lan = Browser::new(&kit);
        lan.sign_in("lan").await;
        let before = tables(&kit).await;
        tell(&kit, vec![step("a", &["h"]), step("b", &["h"])]).await;
        assert!(may(&kit, &lan, "/vn/19/h/").await && !may(&kit, &lan, "/vn/19/a/").await);
        let after = tables(&kit).await;
        assert!(after.iter().any(|row| row.contains("keeper /vn/19/h/v/")), "{after:?}");
        assert!(after.iter().any(|row| row.ends_with(" /vn/19/h/")), "places follow: {after:?}");
        // Told again, nothing moves again.
        tell(&kit, vec![step("a", &["h"]), step("b", &["h"])]).await;
        assert_eq!(tables(&kit).await, after);
        // The officer above reads who shares the new commune.
        let list = kit.get("Hà|province_officer|/vn/19/", "/viec-sap-xep").await;
        assert!(list.text.contains("Người dùng lan, Người dùng mai"), "{}", list.text);
        undo(&kit).await;
        assert_eq!(tables(&kit).await, before);
        assert!(may(&kit, &lan, "/vn/19/a/").await);
    }

    async fn over_a_divided_unit_a_role_waits_until_somebody_has_decided(builder: KitBuilder) {
        let kit = start(builder).await;
        account(&kit, "lan", role::COMMUNE_OFFICER, "/vn/19/a/").await;
        let mut lan = Browser::new(&kit);
        lan.sign_in("lan").await;
        let before = tables(&kit).await;
        tell(&kit, vec![step("a", &["x", "y"])]).await;
        assert!(!may(&kit, &lan, "/vn/19/x/").await && !may(&kit, &lan, "/vn/19/a/").await);
        let own = lan.get("/tai-khoan").await;
        assert!(own.text.contains("đang chờ sắp xếp"), "{}", own.text);
        // Over one heir alone nobody decides.
        let half = "Xuân|commune_officer|/vn/19/x/";
        assert!(!kit.get(half, "/viec-sap-xep").await.text.contains("Người dùng lan"));
        let above = "Hà|province_officer|/vn/19/";
        let list = kit.get(above, "/viec-sap-xep").await.text.replace("&#x2f;", "/");
        let at = list.split("href=\"/viec-sap-xep/").nth(1).expect("a question");
        let at = format!("/viec-sap-xep/{}", at.split('"').next().expect("its id"));
        assert_eq!(kit.post(half, &at, &[("heir", "x")]).await.status, 403);
        assert_eq!(kit.post(above, &at, &[("heir", "z")]).await.status, 422);
        assert_eq!(kit.post(above, &at, &[]).await.status, 422);
        let id = Id::from_text(at.rsplit('/').next().expect("an id").to_owned());
        let officer = caller("Hà", "province_officer", "/vn/19/");
        let decision = Decision::To(Id::from_text("y".to_owned()));
        let fact: QuestionAnswered =
            areas::actions::questions::answer(kit.db(), NodeRole::Hub, &officer, &id, &decision)
                .await
                .expect("it is decided");
        for _ in 0..2 {
            kit.db().change(async |tx| succession::hear_answer(tx, &fact).await).await.expect("heard");
        }
        assert!(may(&kit, &lan, "/vn/19/y/").await && !may(&kit, &lan, "/vn/19/x/").await);
        assert_eq!(kit.post(above, &at, &[("heir", "x")]).await.status, 409);
        undo(&kit).await;
        assert_eq!(tables(&kit).await, before);
        assert_eq!(kit.get(above, &at).await.status, 404, "the question has gone with its event");
    }

    async fn whatever_happens_undone_it_never_happened(builder: KitBuilder) {
        let kit = start(builder).await;
        let units = ["a", "b", "c", "d"];
        let mut seed = 7_u64;
        let mut draw = |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        };
        for at in 0..10_u64 {
            let unit = units[usize::try_from(draw(4)).expect("small")];
            let scope = match draw(3) {
                0 => format!("/vn/19/{unit}/"),
                1 => format!("/vn/19/{unit}/v{at}/"),
                _ => "/vn/19/".to_owned(),
            };
            let role = role::ALL[usize::try_from(draw(6)).expect("small")];
            let _: AccountId = account(&kit, &format!("nguoi{at}"), role, &scope).await;
        }
        for _ in 0..12 {
            let before = tables(&kit).await;
            let mut steps: Vec<Step> = Vec::new();
            for unit in units {
                match draw(4) {
                    0 => steps.push(step(unit, &["h"])),
                    1 => steps.push(step(unit, &["h", "k"])),
                    2 => steps.push(step(unit, &[])),
                    _ => {}
                }
            }
            tell(&kit, steps.clone()).await;
            undo(&kit).await;
            assert_eq!(tables(&kit).await, before, "{steps:?}");
        }
    }
}
