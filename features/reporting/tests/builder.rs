//! Building data sets: drafts of two people, publishing by a second one, what a new version leaves as it was, what
//! points are told, campaigns from the question to the count.

mod analysed;
mod dimensions;
mod ending;
mod pages;
mod versions;

use kernel::{
    app::AppRef,
    caller::Caller,
    clock::Day,
    db::Tx,
    problem::{FORBIDDEN, INVALID_FORM},
    records::{Incoming, Lane, down_after},
    scope::ScopePath,
};
use reporting::{
    actions::{
        OWN_WORK,
        builder::{self, Campaign, DEFINED_ABOVE, DRAFT_CHANGED, Kept},
        catalogue,
        content::Content,
        entry::{Which, open},
        obligations,
    },
    model::{
        CellKey, CellState, DatasetId, DraftId, Life, Tier, bundle::Bundle, form::SectionBody,
        submission::Step,
    },
};
use testkit::{Kit, KitBuilder, TestEngine, caller};

use crate::cast::{
    COMMUNE, PLACE, POINT, PROVINCE, cell, edit, leader, officer, piece, province, said_by,
    signed_content, started, step, taken, typed, which,
};

fn author() -> Caller {
    caller("An", "programme_officer", "/vn/")
}

fn second() -> Caller {
    caller("Bảo", "programme_officer", "/vn/")
}

fn dataset(code: &str) -> DatasetId {
    DatasetId::parse(code).expect("a code")
}

async fn draft_of(kit: &Kit, code: &str) -> DraftId {
    builder::copy(&kit.app, &author(), &dataset(code), None).await.expect("a draft")
}

async fn read(kit: &Kit, id: &DraftId) -> builder::Draft {
    kit.db().view(async |tx| builder::open(tx, &author(), id).await).await.expect("it opens")
}

async fn known(app: &AppRef) -> std::sync::Arc<catalogue::Catalogue> {
    catalogue::current(app).await.expect("the catalogue")
}

fn title(words: &str) -> impl FnOnce(&mut Bundle) -> kernel::problem::Outcome<()> + Send + use<> {
    let words = words.to_owned();
    move |bundle: &mut Bundle| {
        bundle.form.title = words;
        Ok(())
    }
}

/// A campaign in one province with one figure and one question.
fn campaign() -> Campaign {
    Campaign {
        title: "Thiệt hại do mưa lũ".to_owned(),
        basis: "Công văn số 12/BDTTG ngày 20/11/2026".to_owned(),
        questions:
            "Số hộ bị thiệt hại | hộ\nDiện tích lúa mất trắng | ha\nKhó khăn lớn nhất hiện nay?"
                .to_owned(),
        areas: vec![ScopePath::parse(PROVINCE).expect("a path")],
        tier: Some(Tier::Commune),
        deadlines: vec![(Tier::Commune, Day::new(2026, 12, 4).expect("a day"))],
        ..Campaign::default()
    }
}

async fn published(kit: &Kit, asked: Campaign) -> DatasetId {
    let id = builder::begin_campaign(&kit.app, &author(), asked).await.expect("a draft");
    let code = read(kit, &id).await.bundle.dataset.code;
    builder::publish(&kit.app, &second(), &id).await.expect("published");
    code
}

fn answer(code: &DatasetId) -> Which {
    Which {
        dataset: code.clone(),
        period: "campaign-20261122-20261204".to_owned(),
        life: Life::Final,
        area: areas::AreaId::parse(COMMUNE).expect("an id"),
    }
}

async fn owed(kit: &Kit, code: &DatasetId) -> Vec<obligations::Owed> {
    let period = "campaign-20261122-20261204";
    let country = ScopePath::root();
    kit.db()
        .view(async |tx: &mut Tx| {
            obligations::owed(tx, &country, code.as_str(), period, Life::Final).await
        })
        .await
        .expect("what is owed")
}

testkit::on_both_engines! {
    async fn the_second_save_of_a_stale_draft_loses_nothing(builder: KitBuilder) {
        let kit = started(builder).await;
        let id = draft_of(&kit, "diem-ho-tro").await;
        let first = builder::change(&kit.app, &author(), (&id, 1), title("Của An")).await.expect("saved");
        assert_eq!(first, Kept::Here);
        let late = builder::change(&kit.app, &second(), (&id, 1), title("Của Bảo")).await.expect("kept");
        let Kept::Aside(own) = late else { panic!("it stands beside: {late:?}") };
        assert_eq!(read(&kit, &id).await.bundle.form.title, "Của An");
        assert_eq!(read(&kit, &own).await.bundle.form.title, "Của Bảo");
        let stale = builder::discard(&kit.app, &author(), (&id, 1)).await.expect_err("seen before");
        assert!(stale.is(&DRAFT_CHANGED));
        builder::discard(&kit.app, &author(), (&id, 2)).await.expect("gone");
        assert_eq!(known(&kit.app).await.form(&dataset("diem-ho-tro")).expect("a form").version, 1, "nothing of a draft is seen");
    }

    async fn whoever_wrote_it_does_not_publish_it_and_neither_does_the_wrong_province(builder: KitBuilder) {
        let kit = started(builder).await;
        let id = draft_of(&kit, "diem-ho-tro").await;
        builder::change(&kit.app, &second(), (&id, 1), title("Sửa một chữ")).await.expect("saved");
        for hand in [author(), second()] {
            let refused = builder::publish(&kit.app, &hand, &id).await.expect_err("own work");
            assert!(refused.is(&OWN_WORK), "{refused}");
        }
        for wrong in [caller("Bình", "province_leader", PROVINCE), caller("Lan", "province_officer", "/vn/"), officer(&kit)] {
            assert!(builder::publish(&kit.app, &wrong, &id).await.expect_err("not theirs").is(&FORBIDDEN));
        }
        let third = caller("Chi", "programme_officer", "/vn/");
        let stale = builder::publish_seen(&kit.app, &third, &id, Some(1)).await.expect_err("seen before");
        assert!(stale.is(&DRAFT_CHANGED));
        builder::publish_seen(&kit.app, &third, &id, Some(2)).await.expect("published");
        let narrow = caller("Tỉnh", "programme_officer", PROVINCE);
        let refused = builder::copy(&kit.app, &narrow, &dataset("diem-ho-tro"), None).await.expect_err("the country's");
        assert!(refused.is(&FORBIDDEN), "{refused}");
    }

    async fn a_province_asks_only_its_own_units(builder: KitBuilder) {
        let kit = started(builder).await;
        let narrow = caller("Tỉnh", "programme_officer", PROVINCE);
        let asked = Campaign { areas: Vec::new(), ..campaign() };
        let id = builder::begin_campaign(&kit.app, &narrow, asked).await.expect("a draft");
        assert_eq!(read(&kit, &id).await.bundle.dataset.areas, [PROVINCE]);
        let elsewhere = Campaign { areas: vec![ScopePath::parse("/vn/04.2025/").expect("a path")], ..campaign() };
        let refused = builder::begin_campaign(&kit.app, &narrow, elsewhere).await.expect_err("another province");
        assert!(refused.is(&FORBIDDEN));
        builder::publish(&kit.app, &caller("Bình", "province_leader", PROVINCE), &id).await.expect("published");
    }

    async fn a_new_version_keeps_the_meaning_of_every_cell_and_of_what_was_begun(builder: KitBuilder) {
        let kit = started(builder).await;
        let code = dataset("diem-ho-tro");
        typed(&kit, &officer(&kit), &which(COMMUNE), vec![edit("10.6", 0, 198)]).await;
        let id = draft_of(&kit, "diem-ho-tro").await;
        let drop_first = |bundle: &mut Bundle| {
            for section in &mut bundle.form.sections {
                if let SectionBody::Table(table) = &mut section.body {
                    table.rows.retain(|row| row.element.as_ref().is_none_or(|one| one.as_str() != "10.6"));
                    table.rows.reverse();
                }
            }
            bundle.form.rules.clear();
            Ok(())
        };
        builder::change(&kit.app, &author(), (&id, 1), drop_first).await.expect("saved");
        builder::publish(&kit.app, &second(), &id).await.expect("published");
        let now = known(&kit.app).await;
        assert_eq!(now.form(&code).expect("a form").version, 2);
        let (_, sheet) = open(&kit.app, &officer(&kit), &which(COMMUNE)).await.expect("it opens");
        assert_eq!(sheet.form_version, 1, "begun in the first version");
        assert_eq!(sheet.held[&cell("10.6")].state, CellState::Value(198));
        let neighbour = caller("Xa", "commune_officer", "/vn/19.2025/01942.2025/");
        let (_, fresh) = open(&kit.app, &neighbour, &which("01942.2025")).await.expect("it opens");
        assert_eq!(fresh.form_version, 2);
    }

    async fn a_draft_with_flaws_is_refused_and_each_is_told_where_it_is(builder: KitBuilder) {
        let kit = started(builder).await;
        let id = draft_of(&kit, "diem-ho-tro").await;
        let spoil = |bundle: &mut Bundle| {
            bundle.dataset.areas = vec!["/vn/19.2025/99999/".to_owned()];
            bundle.form.sections[0].title.clear();
            let known = bundle.form.elements().into_iter().next().cloned().expect("an element");
            let all = reporting::reference::shipped();
            let element = all.element(&known).expect("shipped").clone();
            bundle.elements = vec![reporting::model::DataElement { unit: "ha".to_owned(), ..element }];
            Ok(())
        };
        builder::change(&kit.app, &author(), (&id, 1), spoil).await.expect("a draft may be anything");
        let refused = builder::publish(&kit.app, &second(), &id).await.expect_err("flaws");
        assert!(refused.is(&INVALID_FORM));
        let told: Vec<&str> = refused.problem().expect("a problem").fields.iter().map(|one| one.key).collect();
        for key in ["reporting-flaw-no-words", "reporting-flaw-element-stays", "reporting-flaw-area"] {
            assert!(told.contains(&key), "{key}: {told:?}");
        }
    }

    async fn another_deadline_moves_what_is_owed_and_not_what_was_handed_in(builder: KitBuilder) {
        let kit = started(builder).await;
        let code = published(&kit, campaign()).await;
        assert!(owed(&kit, &code).await.iter().all(|one| one.due_on == Day::new(2026, 12, 4)));
        let id = draft_of(&kit, code.as_str()).await;
        let later = |bundle: &mut Bundle| {
            for one in &mut bundle.dataset.deadlines {
                one.due = reporting::model::dataset::DueRule::On { day: Day::new(2026, 12, 3).expect("a day") };
            }
            Ok(())
        };
        builder::change(&kit.app, &author(), (&id, 1), later).await.expect("saved");
        builder::publish(&kit.app, &second(), &id).await.expect("published");
        let all = owed(&kit, &code).await;
        assert!(!all.is_empty() && all.iter().all(|one| one.due_on == Day::new(2026, 12, 3)));
        // Fewer units are asked: the others owe it no longer, and the rate knows.
        let id = draft_of(&kit, code.as_str()).await;
        let fewer = |bundle: &mut Bundle| {
            bundle.dataset.areas = vec![PLACE.to_owned()];
            Ok(())
        };
        builder::change(&kit.app, &author(), (&id, 1), fewer).await.expect("saved");
        builder::publish(&kit.app, &second(), &id).await.expect("published");
        let all = owed(&kit, &code).await;
        assert_eq!(all.iter().map(|one| one.path.as_str()).collect::<Vec<_>>(), [PLACE]);
        let period = ["campaign-20261122-20261204".to_owned()];
        let rates = async |tx: &mut Tx| reporting::actions::counts::rates(tx, code.as_str(), Life::Final, &period).await;
        let rates = kit.db().view(rates).await.expect("rates");
        assert_eq!(rates.iter().map(|(_, one)| one.expected).sum::<i64>(), 1);
        // Its days are its period and stay.
        let id = draft_of(&kit, code.as_str()).await;
        let longer = |bundle: &mut Bundle| {
            bundle.dataset.until = bundle.dataset.until.plus_days(5);
            Ok(())
        };
        builder::change(&kit.app, &author(), (&id, 1), longer).await.expect("saved");
        assert!(builder::publish(&kit.app, &second(), &id).await.expect_err("other days").is(&INVALID_FORM));
    }

    async fn a_campaign_goes_from_the_question_to_the_count(builder: KitBuilder) {
        let kit = started(builder).await;
        let code = published(&kit, campaign()).await;
        let all = owed(&kit, &code).await;
        let inside = ScopePath::parse(PROVINCE).expect("a path");
        assert!(all.len() > 90 && all.iter().all(|one| inside.contains(&one.path)), "{}", all.len());
        let which = answer(&code);
        let hurt = format!("{code}.1");
        let edits = vec![edit(&hurt, 0, 31), edit(&format!("{code}.2"), 0, 1_250)];
        typed(&kit, &officer(&kit), &which, edits).await;
        let early = reporting::actions::steps::take(&kit.app, &leader(&kit), &which.id(), Step::Certify, &reporting::actions::steps::Said { revision: 1, ..Default::default() }).await;
        assert!(early.is_err(), "the question in words is not answered");
        let words = vec![("cau1".to_owned(), "Đường vào bản Nà Muồng còn sạt lở".to_owned(), 0)];
        let changes = reporting::actions::entry::Changes { narratives: words, ..Default::default() };
        reporting::actions::entry::save(&kit.app, &officer(&kit), &which, changes).await.expect("saved");
        step(&kit, &leader(&kit), &which.id(), Step::Certify, 1).await;
        step(&kit, &officer(&kit), &which.id(), Step::Submit, 1).await;
        step(&kit, &province(&kit), &which.id(), Step::Accept, 1).await;
        let period = [which.period.clone()];
        let (sums, rates) = kit
            .db()
            .view(async |tx: &mut Tx| {
                let key = CellKey::parse(&hurt).expect("a cell");
                let sums = reporting::actions::counts::sums(tx, &key, &period, Life::Final).await?;
                Ok((sums, reporting::actions::counts::rates(tx, code.as_str(), Life::Final, &period).await?))
            })
            .await
            .expect("counted");
        assert_eq!(sums.iter().map(|one| one.sum).sum::<i64>(), 31);
        let rate = &rates.first().expect("a rate").1;
        assert_eq!((rate.reported, rate.expected), (1, i64::try_from(all.len()).expect("few")));
    }

    async fn questions_without_a_day_a_unit_or_words_are_told_at_their_field(builder: KitBuilder) {
        let kit = started(builder).await;
        let wrong = [
            (Campaign { title: String::new(), ..campaign() }, "title"),
            (Campaign { questions: String::new(), ..campaign() }, "questions"),
            (Campaign { questions: "Bao nhiêu | con rồng".to_owned(), ..campaign() }, "questions"),
            (Campaign { from: Some(dataset("bm-14")), ..campaign() }, "questions"),
            (Campaign { deadlines: Vec::new(), ..campaign() }, "due_commune"),
            (Campaign { deadlines: vec![(Tier::Commune, Day::new(2026, 11, 1).expect("a day"))], ..campaign() }, "due_commune"),
        ];
        for (asked, field) in wrong {
            let refused = builder::begin_campaign(&kit.app, &author(), asked).await.expect_err(field);
            let told = &refused.problem().expect("a problem").fields;
            assert!(told.iter().any(|one| one.field == field), "{field}: {told:?}");
        }
        let template = Campaign { from: Some(dataset("bm-14")), questions: String::new(), ..campaign() };
        let code = published(&kit, template).await;
        assert!(known(&kit.app).await.form(&code).expect("a form").sections.len() >= 9);
        // Units are known by what people call them, and files may be added to a form that asks for none.
        let called = Campaign { questions: "Chi hỗ trợ | Triệu đồng\nSố ca | truong hop\nKinh phí | trieu-dong".to_owned(), ..campaign() };
        let code = published(&kit, called).await;
        let units: Vec<String> = known(&kit.app).await.elements.values().filter(|one| one.code.as_str().starts_with(code.as_str())).map(|one| one.unit.clone()).collect();
        assert_eq!(units, ["trieu-dong", "truong-hop", "trieu-dong"]);
        let with_files = Campaign { from: Some(code), questions: String::new(), files: true, ..campaign() };
        let code = published(&kit, with_files).await;
        let page = kit.get("Lan|province_officer|/vn/19.2025/", &format!("/so-lieu/tai?bieu={code}")).await;
        assert!(page.text.contains("value=\"campaign-20261122-20261204\""), "its figures can be fetched: {}", page.text);
        let form = known(&kit.app).await.form(&code).expect("a form").clone();
        assert!(form.sections.iter().any(|one| matches!(one.body, reporting::model::form::SectionBody::Attachments { .. })));
    }

    async fn a_point_takes_what_was_published_once_in_whatever_order(builder: KitBuilder) {
        let hub = started(builder).await;
        let code = published(&hub, campaign()).await;
        let point = started(KitBuilder::on(TestEngine::Sqlite).point(9)).await;
        let mut said = told(&hub).await;
        assert!(said.len() >= 4, "two elements, a form, a data set");
        said.reverse();
        for record in said.iter().chain(&said) {
            taken(&point, record).await;
        }
        point.settle().await;
        let now = known(&point.app).await;
        assert_eq!(now.form(&code).expect("a form"), known(&hub.app).await.form(&code).expect("a form"));
        assert!(owed(&point, &code).await.iter().any(|one| one.area.as_str() == COMMUNE));
        let refused = builder::begin_campaign(&point.app, &author(), campaign()).await.expect_err("a point");
        assert!(refused.is(&DEFINED_ABOVE));
        // The next version; then the first once more.
        let id = draft_of(&hub, code.as_str()).await;
        builder::change(&hub.app, &author(), (&id, 1), title("Thiệt hại do mưa lũ, bổ sung")).await.expect("saved");
        builder::publish(&hub.app, &second(), &id).await.expect("published");
        for record in told(&hub).await.iter().rev() {
            taken(&point, record).await;
        }
        assert_eq!(known(&point.app).await.form(&code).expect("a form").title, "Thiệt hại do mưa lũ, bổ sung");
        // What no one can read, and what comes from below, is passed over.
        let mut broken = said[0].clone();
        broken.body = vec![0xff; 90];
        taken(&point, &broken).await;
        let below = Incoming { targets: Vec::new(), ..said[0].clone() };
        taken(&hub, &below).await;
        // The point fills it in.
        let which = answer(&code);
        typed(&point, &officer(&point), &which, vec![edit(&format!("{code}.1"), 0, 7)]).await;
    }

    async fn a_large_form_travels_in_parts_and_what_people_made_stands_over_what_ships(builder: KitBuilder) {
        let hub = started(builder).await;
        let point = started(KitBuilder::on(TestEngine::Sqlite).point(9)).await;
        // A later program brought another second version to the point before the hub's arrived.
        let code = dataset("bm-04");
        let mut shipped = known(&point.app).await.form(&code).expect("a form").clone();
        shipped.title = String::from("Bản của phần mềm sau");
        let later = catalogue::definition("form", "bm-04", 1, &shipped, "shipped", "").expect("written");
        catalogue::plant(point.db(), vec![later]).await.expect("planted");
        assert_eq!(known(&point.app).await.form(&code).expect("a form").title, shipped.title);
        let id = draft_of(&hub, "bm-04").await;
        builder::change(&hub.app, &author(), (&id, 1), title("Bản của Bộ")).await.expect("saved");
        builder::publish(&hub.app, &second(), &id).await.expect("published");
        let said = told(&hub).await;
        assert!(said.len() > 3, "the form came in parts: {}", said.len());
        for record in said.iter().rev() {
            taken(&point, record).await;
        }
        let now = known(&point.app).await;
        let form = now.form(&code).expect("a form");
        assert_eq!((form.version, form.title.as_str()), (2, "Bản của Bộ"));
    }

    async fn a_report_in_a_version_that_nobody_knows_here_is_kept_and_shown(builder: KitBuilder) {
        let kit = started(builder).await;
        for (name, version, element) in [("diem-ho-tro", 77, "10.6"), ("dx-20261101-1", 3, "10.2")] {
            let which = Which { dataset: dataset(name), ..which(COMMUNE) };
            taken(&kit, &report(&which, version, element)).await;
        }
        let (_, sheet) = open(&kit.app, &province(&kit), &which(COMMUNE)).await.expect("it opens");
        assert_eq!(sheet.held[&cell("10.6")].state, CellState::Value(198));
        assert_eq!((sheet.form_version, sheet.submission.map(|one| one.form_version)), (1, Some(77)));
        let page = kit.get("Lan|province_officer|/vn/19.2025/", "/bao-cao/diem-ho-tro/nd09q-2026-4/01969.2025/chinh-thuc").await;
        assert!(page.status == 200 && page.text.contains("77"), "it is said: {}", page.status);
        // The other one waits for its data set; once that is defined, everything is there.
        let which = Which { dataset: dataset("dx-20261101-1"), ..which(COMMUNE) };
        assert!(open(&kit.app, &province(&kit), &which).await.is_err());
        let as_new = Some((which.dataset.clone(), "Biểu gửi sau".to_owned()));
        let id = builder::copy(&kit.app, &author(), &dataset("diem-ho-tro"), as_new).await.expect("a draft");
        builder::publish(&kit.app, &second(), &id).await.expect("published");
        let (_, sheet) = open(&kit.app, &province(&kit), &which).await.expect("it opens");
        assert!(sheet.submission.is_some());
        assert_eq!(sheet.held[&cell("10.2")].state, CellState::Value(198));
    }
}

/// What the hub said about definitions, as it arrives.
async fn told(hub: &Kit) -> Vec<Incoming> {
    let rows = hub
        .db()
        .view(async |tx: &mut Tx| Ok(down_after(tx, Lane::Control, 0, 0, 500).await?))
        .await
        .expect("the log is read");
    let keys = &hub.app.keys;
    let record = |row: kernel::records::DownRow| {
        let signed = sync::record::SignedRecord::from_bytes(row.signed).expect("a record");
        let record = signed.verify(keys.node_id(), keys.public()).expect("genuine");
        Incoming {
            origin: record.origin,
            scope: ScopePath::root(),
            targets: record.targets.iter().filter_map(|path| ScopePath::parse(path)).collect(),
            ..said_by(POINT, record.kind, record.body)
        }
    };
    rows.into_iter().map(record).filter(|record| record.kind == 50).collect()
}

/// A report that a point hands in, in some version of its form.
fn report(which: &Which, version: u32, element: &str) -> Incoming {
    let content = Content {
        form_version: version,
        figures: [(element.to_owned(), [(String::new(), CellState::Value(198))].into())].into(),
        ..signed_content(which, 1)
    };
    said_by(POINT, 60, piece(which, &content))
}
