//! What is let go and what is kept: discarded drafts, and files that nothing names any more.

use kernel::{files::FileHash, orphans, problem::FORBIDDEN, sql};
use publishing::{
    NOT_DRAFT, NOT_FOUND, PublicationId,
    actions::{discarding, editing, uploads},
};
use testkit::{Kit, caller};

use crate::stage::{
    MAI, approve, article, begin, draft, first_file, hung, mai, phu_thong, plain, publish, stage,
    submit,
};

async fn record(kit: &Kit, id: &PublicationId, bytes: &[u8]) -> publishing::SoundId {
    let new = uploads::NewSound {
        language: "tyz".to_owned(),
        voice: String::new(),
        file_name: "ghi âm".to_owned(),
        bytes: bytes.to_vec(),
    };
    let sound = uploads::add_sound(&kit.app, &mai(), id, new).await.expect("kept");
    settle(kit).await;
    sound
}

/// Runs what is due now; what is due in a week is not.
async fn settle(kit: &Kit) {
    kit.settle().await;
}

async fn here(kit: &Kit, hash: &str) -> bool {
    kit.app.files.has(FileHash::parse(hash).expect("a hash")).await
}

testkit::on_both_engines! {
    async fn a_discarded_draft_leaves_the_desk_and_comes_back_whole(builder: KitBuilder) {
        let kit = stage(builder).await;
        let id = begin(&kit, draft(&phu_thong(&kit).await)).await;
        let form = kit.get(MAI, &format!("/bien-tap/{id}")).await;
        assert!(form.text.contains("Bỏ bản nháp"), "{}", form.text);
        let gone = kit.post(MAI, &format!("/bien-tap/{id}/bo-nhap"), &[]).await;
        assert_eq!((gone.status, gone.location()), (303, "/bien-tap?muc=da-bo"));
        assert_eq!(kit.get(MAI, &format!("/bien-tap/{id}")).await.status, 404);
        assert!(!kit.get(MAI, "/bien-tap").await.text.contains("Hỗ trợ nước sinh hoạt"));
        let list = plain(&kit.get(MAI, "/bien-tap?muc=da-bo").await);
        assert!(list.contains("Hỗ trợ nước sinh hoạt") && list.contains(&format!("/bien-tap/{id}/khoi-phuc")), "{list}");
        let back = kit.post(MAI, &format!("/bien-tap/{id}/khoi-phuc"), &[]).await;
        assert_eq!(back.status, 303, "{}", back.text);
        let form = kit.get(MAI, &format!("/bien-tap/{id}")).await;
        assert!(form.text.contains("Ai được hỗ trợ") && form.text.contains("Lấy lại bản nháp số 1"), "{}", form.text);
        submit(&kit, &id).await;
        approve(&kit, &id).await;
        assert!(article(&kit, &id).await.is_some());
    }

    async fn a_correction_can_be_discarded_and_readers_notice_nothing(builder: KitBuilder) {
        let kit = stage(builder).await;
        let id = publish(&kit, draft(&phu_thong(&kit).await)).await;
        let published = discarding::discard(kit.db(), &mai(), &id).await.expect_err("readers have seen it");
        assert!(published.is(&NOT_DRAFT), "{published}");
        assert_eq!(editing::correct(kit.db(), &mai(), &id).await.expect("a correction"), 2);
        discarding::discard(kit.db(), &mai(), &id).await.expect("discarded");
        assert!(article(&kit, &id).await.is_some());
        // The next correction is another one, and the discarded cannot come back beside it.
        assert_eq!(editing::correct(kit.db(), &mai(), &id).await.expect("another"), 3);
        let late = discarding::restore(kit.db(), &mai(), &id).await.expect_err("too late");
        assert!(late.is(&NOT_FOUND), "{late}");
        submit(&kit, &id).await;
        approve(&kit, &id).await;
        assert_eq!(article(&kit, &id).await.expect("an article").version, 3);
    }

    async fn what_was_discarded_can_still_be_read_and_a_later_correction_does_not_hide_it(builder: KitBuilder) {
        let kit = stage(builder).await;
        let id = publish(&kit, draft(&phu_thong(&kit).await)).await;
        editing::correct(kit.db(), &mai(), &id).await.expect("a correction");
        let mut other = draft(&phu_thong(&kit).await);
        other.body.push_str(" Câu của bản đính chính đã bỏ.");
        let save = editing::Save { publication: id.clone(), base_revision: 1, draft: other, uses: None };
        editing::save(kit.db(), &mai(), save).await.expect("saved");
        discarding::discard(kit.db(), &mai(), &id).await.expect("discarded");
        let list = kit.get(MAI, "/bien-tap?muc=da-bo").await;
        let page = format!("/bien-tap/{id}/xem?ban=2");
        assert!(list.text.contains(&page), "{}", list.text);
        let shown = plain(&kit.get(MAI, &page).await);
        assert!(shown.contains("Câu của bản đính chính đã bỏ.") && shown.contains("Bản số 2 đã bỏ") && shown.contains("khoi-phuc"), "{shown}");
        assert_eq!(kit.get("Lê|editor|/vn/22.2024/", &page).await.status, 403);
        assert_eq!(kit.get(MAI, &format!("/bien-tap/{id}/xem?ban=1")).await.status, 404, "what came out was not discarded");
        // Another correction is begun: the discarded one cannot come back, and is still to be read.
        editing::correct(kit.db(), &mai(), &id).await.expect("another");
        assert!(kit.get(MAI, &format!("/bien-tap/{id}")).await.text.contains(&page), "the desk names it");
        let shown = plain(&kit.get(MAI, &page).await);
        assert!(shown.contains("Câu của bản đính chính đã bỏ.") && !shown.contains("khoi-phuc"), "{shown}");
    }

    async fn whoever_saves_upon_a_discarded_draft_takes_it_back(builder: KitBuilder) {
        let kit = stage(builder).await;
        let area = phu_thong(&kit).await;
        let id = begin(&kit, draft(&area)).await;
        discarding::discard(kit.db(), &mai(), &id).await.expect("discarded");
        let mut longer = draft(&area);
        longer.body.push_str(" Gõ thêm một câu.");
        let save = editing::Save { publication: id.clone(), base_revision: 1, draft: longer, uses: None };
        editing::save(kit.db(), &mai(), save).await.expect("saved");
        assert!(kit.get(MAI, &format!("/bien-tap/{id}")).await.text.contains("Gõ thêm một câu."));
    }

    async fn only_editors_of_the_place_discard_and_take_back(builder: KitBuilder) {
        let kit = stage(builder).await;
        let id = begin(&kit, draft(&phu_thong(&kit).await)).await;
        let stranger = caller("Lê", "editor", "/vn/22.2024/");
        for who in [&hung(), &stranger] {
            assert!(discarding::discard(kit.db(), who, &id).await.expect_err("refused").is(&FORBIDDEN));
        }
        discarding::discard(kit.db(), &mai(), &id).await.expect("discarded");
        for who in [&hung(), &stranger] {
            assert!(discarding::restore(kit.db(), who, &id).await.expect_err("refused").is(&FORBIDDEN));
        }
    }

    async fn a_file_whose_row_a_crash_prevented_goes_a_week_later_and_no_other(builder: KitBuilder) {
        let kit = stage(builder).await;
        let id = begin(&kit, draft(&phu_thong(&kit).await)).await;
        let sound = include_bytes!("material/speech.mp3");
        record(&kit, &id, sound).await;
        let named = first_file(&kit, MAI, &format!("/bien-tap/{id}")).await;
        // The process died between the file and its row: another process has put it there, this one knows nothing.
        let lost = b"a recording whose row was never written";
        let hash = FileHash::of(lost);
        let path = kit.app.files.path(hash);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, lost).expect("written");
        let day = 24 * 3_600_000;
        for (days, there) in [(0, true), (6, true), (2, false)] {
            kit.clock.advance(days * day);
            orphans::collect(&kit.app).await.expect("looked");
            assert_eq!(kit.app.files.has(hash).await, there, "after {days} more days");
        }
        assert!(here(&kit, &named).await && here(&kit, &FileHash::of(sound).hex()).await, "what rows name stays");
        let noted: i64 = kit.db().view(async |tx| Ok(tx.one(sql!("select count(*) as value from kernel_loose_files"), &[]).await?)).await.expect("counted");
        assert_eq!(noted, 0);
    }

    async fn a_file_that_is_being_taken_in_is_never_an_orphan(builder: KitBuilder) {
        let kit = stage(builder).await;
        let again = b"brought once, lost its row, brought again";
        let hash = FileHash::of(again);
        let path = kit.app.files.path(hash);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, again).expect("written");
        orphans::collect(&kit.app).await.expect("looked");
        kit.clock.advance(8 * 24 * 3_600_000);
        // The same bytes come once more; their row is about to be written when the round comes.
        assert_eq!(kit.app.files.put(again).await.expect("kept"), hash);
        assert_eq!(orphans::collect(&kit.app).await.expect("looked"), 0);
        assert!(kit.app.files.has(hash).await);
        // It never got one: some rounds later it goes.
        let mut gone = 0;
        for _ in 0..3 {
            kit.clock.advance(24 * 3_600_000);
            gone += orphans::collect(&kit.app).await.expect("looked");
        }
        assert_eq!((gone, kit.app.files.has(hash).await), (1, false));
    }

    async fn files_of_a_replaced_version_go_a_week_later_and_no_others(builder: KitBuilder) {
        let kit = stage(builder).await;
        let id = begin(&kit, draft(&phu_thong(&kit).await)).await;
        record(&kit, &id, include_bytes!("material/speech.mp3")).await;
        let first = first_file(&kit, MAI, &format!("/bien-tap/{id}")).await;
        submit(&kit, &id).await;
        approve(&kit, &id).await;
        editing::correct(kit.db(), &mai(), &id).await.expect("a correction");
        record(&kit, &id, include_bytes!("material/speech_opus.ogg")).await;
        let second = first_file(&kit, MAI, &format!("/bien-tap/{id}")).await;
        assert_ne!(first, second);
        kit.clock.advance(30 * 24 * 3_600_000);
        settle(&kit).await;
        assert!(here(&kit, &first).await, "readers still hear it while the correction is being written");
        submit(&kit, &id).await;
        approve(&kit, &id).await;
        kit.clock.advance(6 * 24 * 3_600_000);
        settle(&kit).await;
        assert!(here(&kit, &first).await, "a point may be fetching it");
        let (before, _) = kit.app.files.usage();
        kit.clock.advance(2 * 24 * 3_600_000);
        settle(&kit).await;
        assert!(!here(&kit, &first).await && here(&kit, &second).await);
        assert!(kit.app.files.usage().0 < before, "its bytes are free again");
        assert_eq!(kit.get("", &format!("/tep/{second}")).await.status, 200);
        assert_eq!(kit.get(MAI, &format!("/tep/{first}")).await.status, 404);
    }

    async fn a_discarded_draft_keeps_its_recording_and_a_removed_one_goes(builder: KitBuilder) {
        let kit = stage(builder).await;
        let id = begin(&kit, draft(&phu_thong(&kit).await)).await;
        let sound = record(&kit, &id, include_bytes!("material/speech.mp3")).await;
        let hash = first_file(&kit, MAI, &format!("/bien-tap/{id}")).await;
        discarding::discard(kit.db(), &mai(), &id).await.expect("discarded");
        kit.clock.advance(30 * 24 * 3_600_000);
        settle(&kit).await;
        assert!(here(&kit, &hash).await, "it can be taken back with everything");
        discarding::restore(kit.db(), &mai(), &id).await.expect("taken back");
        uploads::remove_sound(&kit.app, &mai(), &id, &sound).await.expect("removed");
        kit.clock.advance(8 * 24 * 3_600_000);
        settle(&kit).await;
        assert!(!here(&kit, &hash).await);
        assert_eq!(kit.app.files.usage().0, 0, "the recording as it was brought in is gone too");
        // Brought in once more, it is there again.
        record(&kit, &id, include_bytes!("material/speech.mp3")).await;
        assert!(here(&kit, &hash).await);
    }
}
