//! Dimensions that officials make: used in the draft at once, published with it, known at the points; more options
//! later, none taken away.

use reporting::{
    actions::builder::TypedDimension,
    model::{
        Coords, Dimension, ElementId, bundle::Bundle, definition::read_options,
        dimension::DimensionOption, form::TableColumn,
    },
};

use super::*;

fn household() -> Dimension {
    Dimension {
        code: "loaiho".to_owned(),
        name: "Loại hộ".to_owned(),
        name_en: "Household type".to_owned(),
        sensitive: false,
        partition: true,
        options: read_options("Hộ nghèo | Poor\nHộ cận nghèo\nHộ khác", &[]),
    }
}

fn fresh(dimension: Dimension, divides: &[&str]) -> TypedDimension {
    let divides = divides.iter().filter_map(|code| ElementId::parse(code)).collect();
    TypedDimension { dimension, is_new: true, divides }
}

/// A column of its own for poor households, in the row of 10.6 only.
#[expect(clippy::unnecessary_wraps, reason = "every change of a draft may be refused")]
fn with_column(bundle: &mut Bundle) -> kernel::problem::Outcome<()> {
    for section in &mut bundle.form.sections {
        let SectionBody::Table(table) = &mut section.body else { continue };
        let coords = Coords::total().with("loaiho", "hongheo");
        table.columns.push(TableColumn { title: "Hộ nghèo".to_owned(), coords });
        let last = table.columns.len() - 1;
        for row in &mut table.rows {
            if row.element.as_ref().is_none_or(|one| one.as_str() != "10.6") {
                row.without.push(last);
            }
        }
    }
    Ok(())
}

/// Publishes a form of support points that is divided by the new dimension.
async fn divided(kit: &Kit) {
    let id = draft_of(kit, "diem-ho-tro").await;
    let new = fresh(household(), &["10.6"]);
    let put = builder::put_dimension(&kit.app, &author(), (&id, 1), new).await.expect("kept");
    assert_eq!(put, Kept::Here);
    builder::change(&kit.app, &author(), (&id, 2), with_column).await.expect("saved");
    builder::publish(&kit.app, &second(), &id).await.expect("published");
}

testkit::on_both_engines! {
    async fn a_new_dimension_is_used_in_the_draft_at_once_and_travels_with_what_is_published(builder: KitBuilder) {
        let hub = started(builder).await;
        divided(&hub).await;
        let all = known(&hub.app).await;
        assert_eq!(all.dimensions["loaiho"], household());
        let element = &all.elements[&ElementId::parse("10.6").expect("a code")];
        assert!(element.dimensions.contains(&"loaiho".to_owned()));
        let point = started(KitBuilder::on(TestEngine::Sqlite).point(9)).await;
        let mut said = told(&hub).await;
        said.reverse();
        for record in &said {
            taken(&point, record).await;
        }
        point.settle().await;
        assert_eq!(known(&point.app).await.dimensions["loaiho"], household());
        typed(&point, &officer(&point), &which(COMMUNE), vec![edit("10.6:loaiho=hongheo", 0, 31)]).await;
        let (_, sheet) = open(&point.app, &officer(&point), &which(COMMUNE)).await.expect("it opens");
        assert_eq!(sheet.held[&cell("10.6:loaiho=hongheo")].state, CellState::Value(31));
    }

    async fn options_are_added_or_ended_in_a_new_version_and_none_is_taken_away(builder: KitBuilder) {
        let kit = started(builder).await;
        divided(&kit).await;
        typed(&kit, &officer(&kit), &which(COMMUNE), vec![edit("10.6:loaiho=hongheo", 0, 31)]).await;
        let id = draft_of(&kit, "diem-ho-tro").await;
        let changed = |options: Vec<DimensionOption>| TypedDimension {
            dimension: Dimension { options, ..household() },
            is_new: false,
            divides: std::collections::BTreeSet::new(),
        };
        let mut fewer = household().options;
        fewer.remove(0);
        let refused = builder::put_dimension(&kit.app, &author(), (&id, 1), changed(fewer)).await.expect_err("used");
        let keys: Vec<&str> = refused.problem().expect("a problem").fields.iter().map(|one| one.key).collect();
        assert_eq!(keys, ["reporting-dimension-stays"]);
        let mut more = household().options;
        more.extend(read_options("Hộ mới thoát nghèo", &more));
        more[2].ended = true;
        builder::put_dimension(&kit.app, &author(), (&id, 1), changed(more.clone())).await.expect("kept");
        // What is ended is asked for by no new column.
        let asks = |bundle: &mut Bundle| {
            for section in &mut bundle.form.sections {
                if let SectionBody::Table(table) = &mut section.body {
                    table.columns[3].coords = Coords::total().with("loaiho", "hokhac");
                }
            }
            Ok(())
        };
        builder::change(&kit.app, &author(), (&id, 2), asks).await.expect("a draft may be anything");
        let refused = builder::publish(&kit.app, &second(), &id).await.expect_err("ended");
        let keys: Vec<&str> = refused.problem().expect("a problem").fields.iter().map(|one| one.key).collect();
        assert!(keys.contains(&"reporting-flaw-option-ended"), "{keys:?}");
        builder::discard(&kit.app, &author(), (&id, 3)).await.expect("gone");
        let id = draft_of(&kit, "diem-ho-tro").await;
        builder::put_dimension(&kit.app, &author(), (&id, 1), changed(more.clone())).await.expect("kept");
        builder::publish(&kit.app, &second(), &id).await.expect("published");
        assert_eq!(known(&kit.app).await.dimensions["loaiho"].options, more);
        let (_, sheet) = open(&kit.app, &officer(&kit), &which(COMMUNE)).await.expect("it opens");
        assert_eq!(sheet.held[&cell("10.6:loaiho=hongheo")].state, CellState::Value(31), "what was reported stays");
    }

    async fn a_code_that_is_taken_and_what_ships_are_refused_at_their_field(builder: KitBuilder) {
        let kit = started(builder).await;
        let id = draft_of(&kit, "diem-ho-tro").await;
        let named = |code: &str, name: &str| Dimension { code: code.to_owned(), name: name.to_owned(), ..household() };
        let sex = known(&kit.app).await.dimensions["gt"].clone();
        let wider = Dimension { options: [sex.options.clone(), read_options("Khác nữa", &sex.options)].concat(), ..sex };
        let cases = [
            (fresh(named("gt", "Loại hộ"), &[]), "code", "reporting-dimension-taken"),
            (fresh(named("loaiho", "giới tính"), &[]), "name", "reporting-dimension-name-taken"),
            (TypedDimension { is_new: false, ..fresh(wider, &[]) }, "code", "reporting-dimension-shipped"),
            (TypedDimension { is_new: false, ..fresh(household(), &[]) }, "code", "reporting-dimension-gone"),
        ];
        for (one, field, key) in cases {
            let refused = builder::put_dimension(&kit.app, &author(), (&id, 1), one).await.expect_err(key);
            assert!(refused.is(&INVALID_FORM));
            let told = &refused.problem().expect("a problem").fields;
            assert!(told.iter().any(|one| (one.field.as_str(), one.key) == (field, key)), "{key}: {told:?}");
        }
        let stranger = builder::put_dimension(&kit.app, &officer(&kit), (&id, 1), fresh(household(), &[])).await;
        assert!(stranger.expect_err("a commune").is(&FORBIDDEN));
        builder::put_dimension(&kit.app, &author(), (&id, 1), fresh(household(), &[])).await.expect("kept");
        let twice = builder::put_dimension(&kit.app, &author(), (&id, 2), fresh(household(), &[])).await;
        assert!(twice.expect_err("in this draft already").is(&INVALID_FORM));
        // Somebody else changed the draft meanwhile: nothing of either is lost.
        let late = TypedDimension { is_new: false, ..fresh(household(), &["10.6"]) };
        let aside = builder::put_dimension(&kit.app, &second(), (&id, 1), late).await.expect("kept");
        assert!(matches!(aside, Kept::Aside(_)), "{aside:?}");
    }

    async fn the_page_makes_a_dimension_of_pasted_lines_and_offers_it_in_the_sections(builder: KitBuilder) {
        let kit = started(builder).await;
        let an = "An|programme_officer|/vn/";
        let base = format!("/bao-cao/bieu/nhap/{}", draft_of(&kit, "diem-ho-tro").await);
        let page = format!("{base}/phan-to");
        assert_eq!(kit.get("Mai|commune_officer|/vn/19.2025/01969.2025/", &page).await.status, 403);
        let empty = kit.post(an, &page, &[("version", "1"), ("fresh", "1"), ("name", "Loại hộ"), ("more", "Hộ nghèo\nhộ nghèo")]).await;
        assert!(empty.status == 422 && empty.text.contains("có hai lần"), "{}", empty.status);
        assert!(empty.text.contains("hộ nghèo</textarea>"), "what was typed is there");
        let lines = "Hộ nghèo | Poor\nHộ cận nghèo\nkhac: Hộ khác";
        let fields = [("version", "1"), ("fresh", "1"), ("name", "Loại hộ"), ("name_en", "Household type"), ("partition", "1"), ("more", lines), ("divides", "10.6")];
        let made = kit.post(an, &page, &fields).await;
        assert_eq!((made.status, made.location()), (303, format!("{page}?ma=loaiho").as_str()), "{}", made.text);
        let shown = kit.get(an, made.location()).await;
        assert!(shown.text.contains("hocanngheo") && shown.text.contains("Hộ khác"));
        assert_eq!(testkit::html::broken(&shown.text, "vi"), Vec::<String>::new());
        let section = kit.get(an, &format!("{base}/muc/solieu")).await;
        assert!(section.text.contains("loaiho=khac"), "offered in the sections");
        let draft = kit.get(an, &base).await;
        assert!(draft.text.contains("Phân tổ mới “Loại hộ”: Hộ nghèo, Hộ cận nghèo, Hộ khác"), "the publisher sees it");
        assert!(draft.text.contains("chia thêm theo: Loại hộ"));
        // An option of the draft's own may be taken out again, and so may the whole.
        let fewer = [
            ("version", "2"), ("code", "loaiho"), ("name", "Loại hộ"), ("partition", "1"), ("more", "Hộ mới thoát nghèo"),
            ("o.0.code", "hongheo"), ("o.0.name", "Hộ nghèo"), ("o.1.code", "hocanngheo"), ("o.1.name", "Hộ cận nghèo"),
            ("o.2.code", "khac"), ("o.2.name", "Hộ khác"), ("o.2.remove", "1"), ("divides", "10.6"),
        ];
        assert_eq!(kit.post(an, &page, &fewer).await.status, 303);
        let draft = kit.get(an, &base).await;
        assert!(draft.text.contains("Hộ nghèo, Hộ cận nghèo, Hộ mới thoát nghèo"));
        assert_eq!(kit.post(an, &page, &[("version", "3"), ("remove", "loaiho")]).await.status, 303);
        let draft = kit.get(an, &base).await;
        assert!(!draft.text.contains("Loại hộ"), "nothing of it is left");
    }
}
