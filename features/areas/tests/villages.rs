//! A commune keeps its villages: who may, what is refused, what is counted.

use areas::{
    AreaId, AreaType, MANAGE_VILLAGES, NOT_A_COMMUNE, NOT_FOUND, NOT_IN_FORCE,
    actions::{self, NewPopulation, NewVillage},
    reference,
};
use kernel::{
    app::NodeRole,
    caller::Caller,
    clock::Day,
    problem::{FORBIDDEN, INVALID_FORM, SIGN_IN_NEEDED},
};
use testkit::{Kit, KitBuilder, caller};

use crate::html;

const PLACE: &str = "/vn/19.2025/01969.2025/";

async fn started(builder: KitBuilder) -> Kit {
    let kit = builder.with([areas::module()]).start().await;
    reference::load_only(kit.db(), &["19"]).await.expect("the province loads");
    kit
}

fn id(text: &str) -> AreaId {
    AreaId::parse(text).expect("an id")
}

fn village(commune: &str, kind: AreaType, name: &str) -> NewVillage {
    NewVillage { commune: id(commune), kind: Some(kind), name: name.to_owned() }
}

fn count(area: &AreaId, on: &str, people: i64, households: i64) -> NewPopulation {
    NewPopulation {
        area: area.clone(),
        on: Day::parse(on),
        people: Some(people),
        households: Some(households),
        source: "Rà soát của xã".to_owned(),
    }
}

testkit::on_both_engines! {
    async fn an_officer_adds_a_village_and_it_lies_in_the_commune(builder: KitBuilder) {
        let kit = started(builder).await;
        let mai = caller("Mai", "commune_officer", PLACE);
        let added = actions::add_village(kit.db(), NodeRole::Hub, &mai, village("01969.2025", AreaType::Thon, " Thôn  Nà Pài ")).await.expect("the village is added");
        kit.db().view(async |tx| {
            let area = areas::find(tx, &added).await?.expect("the village");
            assert_eq!((area.name.as_str(), area.full_name.as_str()), ("Nà Pài", "thôn Nà Pài"));
            assert_eq!(area.path.as_str(), format!("{PLACE}{added}/"));
            assert_eq!(area.from, Day::new(2025, 7, 1).expect("a day"));
            assert_eq!(areas::villages_of(tx, &id("01969.2025")).await?, [area]);
            Ok(())
        }).await.expect("the village can be read");
    }

    async fn only_the_communes_own_officers_and_administrators_may(builder: KitBuilder) {
        let kit = started(builder).await;
        let now = kit.app.now();
        let draft = || village("01969.2025", AreaType::Ban, "Nà Phải");
        let refused = [
            (Caller::nobody(now), &SIGN_IN_NEEDED),
            (caller("Lan", "commune_officer", "/vn/19.2025/01942.2025/"), &FORBIDDEN),
            (caller("Hà", "province_officer", "/vn/19.2025/"), &FORBIDDEN),
            (caller("Bình", "editor", "/vn/"), &FORBIDDEN),
        ];
        for (who, kind) in refused {
            let failure = actions::add_village(kit.db(), NodeRole::Hub, &who, draft()).await.expect_err("refused");
            assert!(failure.is(kind), "{}: {failure}", who.id());
            let failure = actions::record_population(kit.db(), NodeRole::Hub, &who, count(&id("01969.2025"), "2026-10-01", 10, 2)).await.expect_err("refused");
            assert!(failure.is(kind), "{}: {failure}", who.id());
        }
        let admin = caller("Quản", "administrator", "/vn/");
        actions::add_village(kit.db(), NodeRole::Hub, &admin, draft()).await.expect("an administrator may");
        assert!(admin.may_somewhere(&MANAGE_VILLAGES));
    }

    async fn a_village_needs_a_living_commune_a_kind_and_a_name_of_its_own(builder: KitBuilder) {
        let kit = started(builder).await;
        let admin = caller("Quản", "administrator", "/");
        let add = async |draft| actions::add_village(kit.db(), NodeRole::Hub, &admin, draft).await;
        add(village("01969.2025", AreaType::Thon, "Hoà Bình")).await.expect("the first");
        let cases = [
            (village("99999.2025", AreaType::Thon, "A"), &NOT_FOUND),
            (village("19.2025", AreaType::Thon, "A"), &NOT_A_COMMUNE),
            (village("01990.2024", AreaType::Thon, "A"), &NOT_IN_FORCE),
            (village("01969.2025", AreaType::RuralCommune, "A"), &INVALID_FORM),
            (village("01969.2025", AreaType::Thon, "  \u{200b} "), &INVALID_FORM),
            (village("01969.2025", AreaType::Thon, "!!!"), &INVALID_FORM),
            (village("01969.2025", AreaType::Thon, &"a".repeat(81)), &INVALID_FORM),
            (village("01969.2025", AreaType::Thon, "thôn Hòa Bình"), &INVALID_FORM),
            (NewVillage { kind: None, ..village("01969.2025", AreaType::Thon, "A") }, &INVALID_FORM),
        ];
        for (draft, kind) in cases {
            let name = draft.name.clone();
            let failure = add(draft).await.expect_err(&name);
            assert!(failure.is(kind), "{name}: {failure}");
        }
        add(village("01969.2025", AreaType::Ban, "Hòa Bình")).await.expect("another kind is another village");
    }

    async fn head_counts_are_dated_and_a_later_record_corrects(builder: KitBuilder) {
        let kit = started(builder).await;
        let admin = caller("Quản", "administrator", "/");
        let area = actions::add_village(kit.db(), NodeRole::Hub, &admin, village("01969.2025", AreaType::Thon, "Nà Pài")).await.expect("added");
        let record = async |draft| actions::record_population(kit.db(), NodeRole::Hub, &admin, draft).await;
        record(count(&area, "2026-10-01", 312, 70)).await.expect("the first count");
        record(count(&area, "2025-12-31", 300, 68)).await.expect("an earlier day, entered later");
        kit.clock.advance(60_000);
        record(count(&area, "2026-10-01", 321, 71)).await.expect("a correction");
        let on = |date: &str| Day::parse(date).expect("a day");
        kit.db().view(async |tx| {
            let people = async |tx: &mut kernel::db::Tx, date| Ok::<_, kernel::db::DbError>(areas::population(tx, &area, date).await?.map(|count| count.people));
            assert_eq!(people(tx, on("2026-11-22")).await?, Some(321));
            assert_eq!(people(tx, on("2026-09-30")).await?, Some(300));
            assert_eq!(people(tx, on("2025-12-30")).await?, None);
            Ok(())
        }).await.expect("the counts can be read");
        let wrong = [
            count(&area, "2026-11-23", 1, 1), count(&area, "31/02/2026", 1, 1), count(&area, "1900-01-01", 1, 1),
            count(&area, "2026-10-01", -1, 0), count(&area, "2026-10-01", 3, 4), count(&area, "2026-10-01", 5, 0),
            count(&area, "2026-10-01", i64::MAX, 4), NewPopulation { source: " ".to_owned(), ..count(&area, "2026-10-01", 5, 1) },
            NewPopulation { people: None, ..count(&area, "2026-10-01", 5, 1) },
        ];
        for draft in wrong {
            let words = format!("{draft:?}");
            assert!(record(draft).await.expect_err(&words).is(&INVALID_FORM), "{words}");
        }
        record(count(&area, "2026-10-01", 0, 0)).await.expect("an empty village is a fact too");
        let province = record(count(&id("19.2025"), "2026-10-01", 5, 1)).await.expect_err("not for provinces");
        assert!(province.is(&NOT_A_COMMUNE));
    }

    async fn the_form_keeps_what_was_typed_and_says_what_is_wrong(builder: KitBuilder) {
        let kit = started(builder).await;
        let officer = "Mai|commune_officer|/vn/19.2025/01969.2025/";
        let path = "/dia-ban/01969.2025/thon";
        assert_eq!(kit.get("", path).await.location(), "/dang-nhap?tiep=%2Fdia-ban%2F01969.2025%2Fthon");
        assert_eq!(kit.get("Lan|commune_officer|/vn/19.2025/01942.2025/", path).await.status, 403);
        assert!(html(&kit.get(officer, "/dia-ban/01969.2025").await).contains("/dia-ban/01969.2025/thon"));
        assert!(!html(&kit.get("", "/dia-ban/01969.2025").await).contains("/dia-ban/01969.2025/thon"));
        let again = kit.post(officer, path, &[("kind", "xa"), ("name", "<b>Nà Pài</b>\r\nSet-Cookie: a=b")]).await;
        assert_eq!(again.status, 422);
        assert!(again.text.contains("Chọn loại: thôn") && again.text.contains("&lt;b&gt;Nà Pài"), "{}", again.text);
        let done = kit.post(officer, path, &[("kind", "ban"), ("name", "Nà Pài")]).await;
        assert_eq!((done.status, done.location()), (303, path));
        let list = kit.get(officer, path).await;
        assert!(list.text.contains("Bản Nà Pài"), "{}", list.text);
        let text = html(&list);
        let at = text.find("/dan-so").expect("a link to the head count");
        let start = text[..at].rfind('"').expect("its beginning") + 1;
        let count_path = text[start..at + "/dan-so".len()].to_owned();
        assert_eq!(kit.get(officer, &count_path).await.status, 200);
        let wrong = kit.post(officer, &count_path, &[("on", "1/13/2026"), ("people", "nhiều"), ("households", "70"), ("source", "")]).await;
        assert_eq!(wrong.status, 422);
        assert!(html(&wrong).contains("value=\"1/13/2026\"") && wrong.text.contains("value=\"nhiều\""), "{}", wrong.text);
        let good = kit.post(officer, &count_path, &[("on", "01/10/2026"), ("people", "1.312"), ("households", "270"), ("source", "Xã")]).await;
        assert_eq!((good.status, good.location()), (303, path));
        assert!(kit.get("", "/dia-ban/01969.2025").await.text.contains("1.312"));
        assert_eq!(kit.get(officer, "/dia-ban/01990.2024/thon").await.status, 403);
        assert_eq!(kit.get("A|administrator|/", "/dia-ban/01990.2024/thon").await.status, 422);
        assert_eq!(kit.get("A|administrator|/", "/dia-ban/khong-co/thon").await.status, 404);
    }
}
