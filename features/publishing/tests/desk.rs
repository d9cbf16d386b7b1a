//! The editors' room: who may do what, two people at once, schedules, corrections, withdrawals.

use areas::AreaId;
use kernel::{
    problem::{CONFLICT, FORBIDDEN, SIGN_IN_NEEDED},
    records::Lane,
};
use publishing::{
    Draft, NOT_DRAFT, NOT_FOUND, NOT_PUBLIC, OWN_WORK, TOO_MUCH, Translation,
    actions::{
        deciding::{self, Approval},
        editing::{self, Begin, Save, SaveTranslation, Saved},
    },
};
use testkit::{Kit, caller, on_both_engines};

use crate::stage::{
    HUNG, MAI, approve, article, begin, draft, hung, mai, neighbour, phu_thong, plain, publish,
    revision, set_clock, stage, submit, titles,
};

async fn approval_by(
    kit: &Kit,
    who: &kernel::caller::Caller,
    id: &publishing::PublicationId,
) -> kernel::problem::Outcome<()> {
    let revision = revision(kit, id).await;
    let approval = Approval { publication: id.clone(), revision, publish_at: None };
    deciding::approve(kit.db(), &kit.app.files, who, &approval).await
}

fn save(id: &publishing::PublicationId, base_revision: u32, draft: Draft) -> Save {
    Save { publication: id.clone(), base_revision, draft, uses: None }
}

on_both_engines! {
    async fn what_a_second_person_approved_is_read(builder: KitBuilder) {
        let kit = stage(builder).await;
        let area = phu_thong(&kit).await;
        let id = begin(&kit, draft(&area)).await;
        assert!(article(&kit, &id).await.is_none(), "a draft is nobody's reading");
        submit(&kit, &id).await;
        approve(&kit, &id).await;
        let article = article(&kit, &id).await.expect("an article");
        assert_eq!(article.version, 1);
        assert_eq!(article.areas, vec![area.path.clone()]);
        let text = article.text("tyz").expect("Vietnamese stands in");
        assert!(text.html.contains("<h3>Ai được hỗ trợ</h3>"), "{}", text.html);
        let rows = kit.db().view(async |tx| {
            Ok(kernel::records::down_after(tx, Lane::Text, 0, 0, 10).await?)
        }).await.expect("a query");
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].targets, area.path.as_str());
        assert!(rows[0].signed.len() < 700, "{} bytes", rows[0].signed.len());
    }

    async fn who_wrote_does_not_approve(builder: KitBuilder) {
        let kit = stage(builder).await;
        let id = begin(&kit, draft(&phu_thong(&kit).await)).await;
        submit(&kit, &id).await;
        let both = kernel::caller::Caller::person(
            mai().who().expect("Mai").clone(),
            vec![testkit::grant("editor", "/vn/"), testkit::grant("approver", "/vn/")],
            kit.app.now(),
        );
        let refused = approval_by(&kit, &both, &id).await.expect_err("her own work");
        assert!(refused.is(&OWN_WORK));
        // A translator's hand counts as well.
        deciding::send_back(kit.db(), &hung(), &id, "Dịch thêm tiếng Tày").await.expect("returned");
        let other = caller("Lý", "editor", "/vn/");
        let translation = Translation {
            language: "tyz".to_owned(),
            title: "Nặm kin".to_owned(),
            body: "Nặm".to_owned(),
            ..Translation::default()
        };
        let save = SaveTranslation { publication: id.clone(), base: 0, translation, uses: None };
        editing::translate(kit.db(), &other, save).await.expect("translated");
        submit(&kit, &id).await;
        let both = kernel::caller::Caller::person(
            other.who().expect("Lý").clone(),
            vec![testkit::grant("approver", "/vn/")],
            kit.app.now(),
        );
        assert!(approval_by(&kit, &both, &id).await.expect_err("her own words").is(&OWN_WORK));
        approve(&kit, &id).await;
    }

    async fn an_approver_of_another_place_is_refused(builder: KitBuilder) {
        let kit = stage(builder).await;
        let (area, other) = (phu_thong(&kit).await, neighbour(&kit).await);
        let mut wide = draft(&area);
        wide.areas.push(other.id.to_string());
        let id = begin(&kit, wide).await;
        submit(&kit, &id).await;
        // Holds one of the two target areas: not enough.
        let local = caller("Sín", "approver", area.path.as_str());
        let refused = approval_by(&kit, &local, &id).await.expect_err("not all of it is his");
        assert!(refused.is(&FORBIDDEN));
        let session = format!("Sín|approver|{}", area.path);
        let page = kit.post(&session, &format!("/bien-tap/{id}/duyet"), &[("revision", "1")]).await;
        assert_eq!(page.status, 403);
        let nobody = kernel::caller::Caller::nobody(kit.app.now());
        assert!(approval_by(&kit, &nobody, &id).await.expect_err("nobody").is(&SIGN_IN_NEEDED));
    }

    async fn an_editor_of_another_place_sees_and_changes_nothing(builder: KitBuilder) {
        let kit = stage(builder).await;
        let (area, other) = (phu_thong(&kit).await, neighbour(&kit).await);
        let home = Begin { home: area.id.clone(), draft: draft(&area) };
        let id = editing::begin(kit.db(), &mai(), home).await.expect("begun for Phủ Thông");
        let stranger = format!("Páo|editor|{}", other.path);
        for address in ["", "/xem", "/ban-dich/tyz"] {
            let page = kit.get(&stranger, &format!("/bien-tap/{id}{address}")).await;
            assert_eq!(page.status, 403, "{address}");
            assert!(!page.text.contains("nước sinh hoạt"), "{address}");
        }
        let page = kit.post(&stranger, &format!("/bien-tap/{id}"), &[("title", "x")]).await;
        assert_eq!(page.status, 403);
        let list = kit.get(&stranger, "/bien-tap").await;
        assert!(list.status == 200 && !list.text.contains("nước sinh hoạt"));
        let own = kit.get(&format!("Sín|editor|{}", area.path), "/bien-tap").await;
        assert!(own.text.contains("nước sinh hoạt"), "the home's own editor sees it");
        assert_eq!(kit.get("", &format!("/bien-tap/{id}")).await.status, 303, "nobody signs in first");
        assert_eq!(kit.get(MAI, "/bien-tap/khong-co").await.status, 404);
        let missing = publishing::PublicationId::parse("khong-co").expect("an id");
        assert!(deciding::submit(kit.db(), &mai(), &missing).await.expect_err("none").is(&NOT_FOUND));
    }

    async fn an_editor_aims_only_where_they_may(builder: KitBuilder) {
        let kit = stage(builder).await;
        let (area, other) = (phu_thong(&kit).await, neighbour(&kit).await);
        let local = caller("Sín", "editor", area.path.as_str());
        let begin = Begin { home: area.id.clone(), draft: draft(&other) };
        let refused = editing::begin(kit.db(), &local, begin).await.expect_err("not his area");
        let fields = &refused.problem().expect("a problem").fields;
        assert_eq!(fields[0].key, "publishing-wrong-area-not-yours");
        let begin = Begin { home: other.id.clone(), draft: draft(&area) };
        assert!(editing::begin(kit.db(), &local, begin).await.expect_err("not his home").is(&FORBIDDEN));
    }

    async fn the_second_of_two_editors_loses_nothing(builder: KitBuilder) {
        let kit = stage(builder).await;
        let area = phu_thong(&kit).await;
        let id = begin(&kit, draft(&area)).await;
        let mut first = draft(&area);
        first.title = String::from("Bản của người thứ nhất");
        let saved = editing::save(kit.db(), &mai(), save(&id, 1, first.clone())).await.expect("saved");
        assert_eq!(saved, Saved::Done { revision: 2 });
        // Saving the same again is no conflict.
        let again = editing::save(kit.db(), &mai(), save(&id, 1, first)).await.expect("the same");
        assert_eq!(again, Saved::Done { revision: 2 });
        let form = [
            ("revision", "1"), ("kind", "news"), ("title", "Bản của người thứ hai"),
            ("body", "Không được mất chữ nào."), ("areas", area.id.as_str()), ("themes", "yte"),
        ];
        let page = kit.post("Lý|editor|/vn/", &format!("/bien-tap/{id}"), &form).await;
        assert_eq!(page.status, 409);
        for words in ["Bản của người thứ nhất", "Bản của người thứ hai", "Không được mất chữ nào."] {
            assert!(page.text.contains(words), "{words}");
        }
        // Side by side, in names.
        assert!(page.text.contains("columns--even"));
        assert!(page.text.contains("data-kept"), "the browser need not keep it any longer");
        assert!(page.text.contains(&format!("<p>{}</p>", area.full_name)), "{}", page.text);
        for code in ["news", "cdcs", "yte", "prestigious_person", area.id.as_str()] {
            assert!(!page.text.contains(&format!("<p>{code}")), "{code}");
        }
        // It waits on the desk, and takes the other's place when its writer says so.
        let desk = kit.get(MAI, &format!("/bien-tap/{id}")).await;
        let desk = plain(&desk);
        let conflict = desk.split("/xung-dot/").nth(1).and_then(|rest| rest.split('"').next());
        let conflict = conflict.expect("a link to the kept text").to_owned();
        let form = [("revision", "2"), ("uses", conflict.as_str()), ("kind", "news"),
            ("title", "Bản của người thứ hai"), ("body", "Không được mất chữ nào.")];
        let page = kit.post("Lý|editor|/vn/", &format!("/bien-tap/{id}"), &form).await;
        assert_eq!(page.status, 303);
        let desk = plain(&kit.get(MAI, &format!("/bien-tap/{id}")).await);
        assert!(desk.contains("Bản của người thứ hai") && !desk.contains("/xung-dot/"));
    }

    async fn two_translators_at_once_lose_nothing(builder: KitBuilder) {
        let kit = stage(builder).await;
        let id = begin(&kit, draft(&phu_thong(&kit).await)).await;
        let address = format!("/bien-tap/{id}/ban-dich/tyz");
        let first = kit.post(MAI, &address, &[("base", "0"), ("title", "Một"), ("body", "Chữ một")]).await;
        assert_eq!(first.status, 303);
        let second = kit.post(MAI, &address, &[("base", "0"), ("title", "Hai"), ("body", "Chữ hai")]).await;
        assert_eq!(second.status, 409);
        assert!(second.text.contains("Chữ một") && second.text.contains("Chữ hai"));
    }

    async fn more_than_a_record_holds_is_told_when_it_is_handed_in(builder: KitBuilder) {
        let kit = stage(builder).await;
        let id = begin(&kit, draft(&phu_thong(&kit).await)).await;
        let languages = kit.db().view(async |tx| Ok(publishing::languages(tx).await?)).await.expect("languages");
        for language in languages.iter().filter(|language| language.tag != "vi").take(40) {
            let translation = Translation {
                language: language.tag.clone(),
                title: "ộ".repeat(220),
                summary: String::new(),
                body: "Nặm kin".to_owned(),
            };
            let long = SaveTranslation { publication: id.clone(), base: 0, translation, uses: None };
            editing::translate(kit.db(), &mai(), long).await.expect("translated");
        }
        let refused = deciding::submit(kit.db(), &mai(), &id).await.expect_err("more than a record holds");
        assert!(refused.is(&TOO_MUCH), "{refused}");
        assert!(deciding::submit(kit.db(), &mai(), &id).await.is_err(), "still a draft, still too much");
    }

    async fn an_approval_of_a_text_that_moved_is_refused(builder: KitBuilder) {
        let kit = stage(builder).await;
        let id = begin(&kit, draft(&phu_thong(&kit).await)).await;
        submit(&kit, &id).await;
        let seen = revision(&kit, &id).await;
        deciding::send_back(kit.db(), &mai(), &id, "").await.expect("Mai takes it back");
        submit(&kit, &id).await;
        let approval = Approval { publication: id.clone(), revision: seen, publish_at: None };
        let refused = deciding::approve(kit.db(), &kit.app.files, &hung(), &approval).await;
        assert!(refused.expect_err("another text").is(&CONFLICT));
    }

    async fn a_scheduled_version_waits_for_its_time(builder: KitBuilder) {
        let kit = stage(builder).await;
        let id = begin(&kit, draft(&phu_thong(&kit).await)).await;
        submit(&kit, &id).await;
        let at = kit.app.now().plus_seconds(3600);
        let revision = revision(&kit, &id).await;
        let approval = Approval { publication: id.clone(), revision, publish_at: Some(at) };
        deciding::approve(kit.db(), &kit.app.files, &hung(), &approval).await.expect("scheduled");
        kit.settle().await;
        assert!(article(&kit, &id).await.is_none(), "not yet");
        set_clock(&kit, at.plus_seconds(1));
        kit.settle().await;
        assert_eq!(article(&kit, &id).await.map(|article| article.version), Some(1));
    }

    async fn a_schedule_that_was_called_off_does_not_publish(builder: KitBuilder) {
        let kit = stage(builder).await;
        let id = begin(&kit, draft(&phu_thong(&kit).await)).await;
        submit(&kit, &id).await;
        let at = kit.app.now().plus_seconds(3600);
        let revision = revision(&kit, &id).await;
        let approval = Approval { publication: id.clone(), revision, publish_at: Some(at) };
        deciding::approve(kit.db(), &kit.app.files, &hung(), &approval).await.expect("scheduled");
        deciding::send_back(kit.db(), &hung(), &id, "Chờ số liệu mới").await.expect("called off");
        set_clock(&kit, at.plus_seconds(1));
        kit.settle().await;
        assert!(article(&kit, &id).await.is_none());
    }

    async fn a_correction_takes_the_place_and_translations_grow_stale(builder: KitBuilder) {
        let kit = stage(builder).await;
        let area = phu_thong(&kit).await;
        let id = begin(&kit, draft(&area)).await;
        let translation = Translation {
            language: "tyz".to_owned(),
            title: "Nặm kin".to_owned(),
            summary: String::new(),
            body: "Mọi lườn đảy 3 triệu.".to_owned(),
        };
        let tyz = SaveTranslation { publication: id.clone(), base: 0, translation, uses: None };
        editing::translate(kit.db(), &mai(), tyz).await.expect("translated");
        submit(&kit, &id).await;
        approve(&kit, &id).await;
        assert!(!article(&kit, &id).await.expect("an article").text("tyz").expect("Tày").is_stale);

        assert_eq!(editing::correct(kit.db(), &mai(), &id).await.expect("a correction"), 2);
        assert_eq!(article(&kit, &id).await.expect("still there").version, 1);
        assert!(editing::correct(kit.db(), &mai(), &id).await.is_err(), "one at a time");
        let mut corrected = draft(&area);
        corrected.body = String::from("Mỗi hộ được hỗ trợ **5 triệu đồng**.");
        editing::save(kit.db(), &mai(), save(&id, 1, corrected)).await.expect("saved");
        submit(&kit, &id).await;
        approve(&kit, &id).await;
        let now = article(&kit, &id).await.expect("an article");
        assert_eq!(now.version, 2);
        let (vi, tyz) = (now.text("vi").expect("vi"), now.text("tyz").expect("tyz"));
        assert!(!vi.is_stale && vi.source_version == 2 && vi.html.contains("5 triệu"));
        assert!(tyz.is_stale && tyz.source_version == 1);
        let desk = kit.get(HUNG, &format!("/bien-tap/{id}")).await;
        assert!(desk.text.contains("Đăng bản số 1") && desk.text.contains("Đăng bản số 2"));
    }

    async fn what_is_withdrawn_is_gone_and_said_downward(builder: KitBuilder) {
        let kit = stage(builder).await;
        let id = publish(&kit, draft(&phu_thong(&kit).await)).await;
        let no_reason = deciding::withdraw(kit.db(), &hung(), &id, "").await.expect_err("why?");
        assert_eq!(no_reason.problem().expect("a problem").fields[0].field, "reason");
        assert!(deciding::withdraw(kit.db(), &mai(), &id, "x").await.expect_err("not hers").is(&FORBIDDEN));
        deciding::withdraw(kit.db(), &hung(), &id, "Sai số liệu").await.expect("withdrawn");
        assert!(article(&kit, &id).await.is_none());
        assert!(titles(&kit, None, "").await.is_empty());
        let again = deciding::withdraw(kit.db(), &hung(), &id, "Sai").await.expect_err("once");
        assert!(again.is(&NOT_PUBLIC));
        let said = kit.db().view(async |tx| {
            Ok(kernel::records::down_after(tx, Lane::Control, 0, 0, 10).await?)
        }).await.expect("a query");
        assert_eq!(said.len(), 1);
        let list = kit.get(HUNG, "/bien-tap?muc=da-go").await;
        assert!(list.text.contains("Sai số liệu"));
    }

    async fn a_submitted_version_is_not_edited(builder: KitBuilder) {
        let kit = stage(builder).await;
        let area = phu_thong(&kit).await;
        let id = begin(&kit, draft(&area)).await;
        submit(&kit, &id).await;
        let refused = editing::save(kit.db(), &mai(), save(&id, 1, draft(&area))).await;
        assert!(refused.expect_err("not a draft").is(&NOT_DRAFT));
    }

    async fn an_incomplete_draft_is_not_submitted(builder: KitBuilder) {
        let kit = stage(builder).await;
        let bare = Draft {
            title: "Quyết định 330".to_owned(), kind: "legal_document".to_owned(), ..Draft::default()
        };
        let id = begin(&kit, bare).await;
        let page = kit.post(MAI, &format!("/bien-tap/{id}/gui"), &[]).await;
        assert_eq!(page.status, 422);
        for words in ["Nhập toàn văn", "Chọn ít nhất một địa bàn", "Nhập số, ký hiệu văn bản"] {
            assert!(page.text.contains(words), "{words}");
        }
    }

    async fn the_preview_counts_whom_it_reaches_without_saving(builder: KitBuilder) {
        let census = publishing::Census(|_, areas, audiences| {
            let known = areas.len() == 1;
            let audiences = audiences.to_vec();
            Box::pin(async move {
                Ok(audiences.into_iter().map(|audience| publishing::Denominator {
                    count: (known && audience == "people").then_some(1_234),
                    audience, villages: 12, unknown_villages: 2,
                }).collect())
            })
        });
        let kit = stage(builder.offering(census)).await;
        let area = phu_thong(&kit).await;
        let id = begin(&kit, draft(&area)).await;
        let form = [
            ("revision", "1"), ("kind", "news"), ("title", "Chưa lưu"), ("body", "Chữ **đậm**"),
            ("areas", area.id.as_str()), ("audiences", "people"), ("audiences", "official"), ("then", "preview"),
        ];
        let page = kit.post(MAI, &format!("/bien-tap/{id}"), &form).await;
        assert_eq!(page.status, 200);
        for words in ["1.234", "Trong 12 địa bàn (thôn, bản;", "Còn 2 địa bàn chưa biết", "Chưa biết", "<strong>đậm</strong>"] {
            assert!(page.text.contains(words), "{words}");
        }
        let desk = kit.get(MAI, &format!("/bien-tap/{id}/xem")).await;
        assert!(!desk.text.contains("Chưa lưu"));
    }

    async fn an_area_is_found_by_its_name_and_ticked(builder: KitBuilder) {
        let kit = stage(builder).await;
        let area = phu_thong(&kit).await;
        let id = begin(&kit, Draft { title: "Tin".to_owned(), ..Draft::default() }).await;
        let form = [("revision", "1"), ("kind", "news"), ("title", "Tin"), ("area_query", "phu thong"), ("then", "find")];
        let page = kit.post(MAI, &format!("/bien-tap/{id}"), &form).await;
        assert!(page.text.contains(&format!("value=\"{}\"", area.id)), "{}", page.text);
    }

    async fn an_old_address_offers_the_unit_that_took_its_place(builder: KitBuilder) {
        let kit = stage(builder).await;
        let area = phu_thong(&kit).await;
        let id = begin(&kit, Draft { title: "Tin".to_owned(), ..Draft::default() }).await;
        let form = [("revision", "1"), ("kind", "news"), ("title", "Tin"), ("area_query", "luc binh bach thong"), ("then", "find")];
        let page = kit.post(MAI, &format!("/bien-tap/{id}"), &form).await;
        assert!(page.text.contains(&format!("value=\"{}\"", area.id)), "{}", page.text);
        assert!(page.text.contains("Trước đây: xã Lục Bình, huyện Bạch Thông"), "{}", page.text);
        assert!(!page.text.contains("value=\"01990.2024\""), "an ended unit is not offered");
    }

    async fn an_area_that_has_ended_cannot_be_aimed_at(builder: KitBuilder) {
        let kit = stage(builder).await;
        let old = kit.db().view(async |tx| {
            Ok(areas::by_code(tx, "01990", kernel::clock::Day::new(2024, 6, 30).expect("a day")).await?)
        }).await.expect("a query");
        let Some(old) = old else { panic!("an old commune of Thái Nguyên") };
        let begun = editing::begin(kit.db(), &mai(), Begin { home: AreaId::country(), draft: draft(&old) }).await;
        let failure = begun.expect_err("it has ended");
        assert_eq!(failure.problem().expect("a problem").fields[0].key, "publishing-wrong-area-ended");
    }

    async fn every_page_of_the_desk_answers(builder: KitBuilder) {
        let kit = stage(builder).await;
        let area = phu_thong(&kit).await;
        let new = kit.get(MAI, "/bien-tap/moi").await;
        assert_eq!(new.status, 200);
        let form = [("title", "Thông báo họp thôn"), ("kind", "notice"), ("home", area.id.as_str())];
        let begun = kit.post(MAI, "/bien-tap/moi", &form).await;
        assert_eq!(begun.status, 303, "{}", begun.text);
        let address = begun.location().to_owned();
        for tail in ["", "?muc=ho-so", "/xem", "/ban-dich/tyz"] {
            assert_eq!(kit.get(MAI, &format!("{address}{tail}")).await.status, 200, "{tail}");
        }
        let empty = kit.post(MAI, "/bien-tap/moi", &[("title", ""), ("kind", "news"), ("home", "vn")]).await;
        assert_eq!(empty.status, 422);
        assert!(empty.text.contains("Nhập tiêu đề"));
        for tab in ["nhap", "cho-duyet", "da-dang", "da-go"] {
            assert_eq!(kit.get(MAI, &format!("/bien-tap?muc={tab}&q=hop")).await.status, 200);
        }
    }
}
