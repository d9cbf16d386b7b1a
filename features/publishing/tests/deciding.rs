//! Slips of the hand before something goes out: a time that has passed, a country that nobody meant.

use publishing::actions::{deciding, deciding::Approval};
use testkit::on_both_engines;

use crate::stage::{
    HUNG, MAI, article, begin, draft, hung, phu_thong, publish, revision, stage, submit,
};

on_both_engines! {
    async fn a_time_that_has_passed_publishes_nothing(builder: KitBuilder) {
        let kit = stage(builder).await;
        let id = begin(&kit, draft(&phu_thong(&kit).await)).await;
        submit(&kit, &id).await;
        let seen = revision(&kit, &id).await;
        let now = kit.app.now();
        for (at, field) in [(now.plus_seconds(-86_400), "publish_day"), (now, "publish_time")] {
            let approval = Approval { publication: id.clone(), revision: seen, publish_at: Some(at) };
            let refused = deciding::approve(kit.db(), &kit.app.files, &hung(), &approval).await;
            let refused = refused.expect_err("it has passed");
            let told = &refused.problem().expect("a problem").fields[0];
            assert_eq!((told.field.as_str(), told.key), (field, "publishing-wrong-schedule-past"));
        }
        let (path, seen) = (format!("/bien-tap/{id}/duyet"), seen.to_string());
        let yesterday = now.day().plus_days(-1).short();
        let page = kit.post(HUNG, &path, &[("revision", &seen), ("publish_day", &yesterday)]).await;
        assert!(page.status == 422 && page.text.contains("Giờ hẹn đã qua"), "{}", page.text);
        let page = kit.post(HUNG, &path, &[("revision", &seen), ("publish_time", "23:59")]).await;
        assert!(page.status == 422 && page.text.contains("Nhập ngày đăng"), "{}", page.text);
        assert!(article(&kit, &id).await.is_none(), "it still waits");
    }

    async fn a_draft_for_the_whole_country_has_no_area_ticked(builder: KitBuilder) {
        let kit = stage(builder).await;
        let area = phu_thong(&kit).await;
        for (home, is_ticked) in [("vn", false), (area.id.as_str(), true)] {
            let form = [("title", "Tin"), ("kind", "news"), ("home", home)];
            let begun = kit.post(MAI, "/bien-tap/moi", &form).await;
            assert_eq!(begun.status, 303, "{}", begun.text);
            let page = kit.get(MAI, begun.location()).await;
            let tags = testkit::html::tags(&page.text);
            let mut boxes = tags.iter().filter(|tag| tag.get("name") == Some("areas"));
            let own = boxes.find(|tag| tag.get("value") == Some(home)).expect("the own area is offered");
            assert_eq!(own.get("checked").is_some(), is_ticked, "{home}");
        }
    }

    async fn an_area_inside_another_chosen_one_is_told_and_not_refused(builder: KitBuilder) {
        let kit = stage(builder).await;
        let area = phu_thong(&kit).await;
        let mut wide = draft(&area);
        wide.areas.push("vn".to_owned());
        let id = begin(&kit, wide).await;
        let page = kit.get(MAI, &format!("/bien-tap/{id}")).await;
        let told = format!("{} đã nằm trong ", area.full_name);
        assert_eq!(page.text.matches(&told).count(), 1, "{}", page.text);
        submit(&kit, &id).await;
        let narrow = begin(&kit, draft(&area)).await;
        let page = kit.get(MAI, &format!("/bien-tap/{narrow}")).await;
        assert!(!page.text.contains("đã nằm trong"));
    }

    async fn after_publishing_the_desk_no_longer_says_what_will_be_frozen(builder: KitBuilder) {
        let kit = stage(builder).await;
        let area = phu_thong(&kit).await;
        let (before, after) = ("được chốt làm mẫu số khi đăng", "đã chốt làm mẫu số lúc đăng");
        let waiting = begin(&kit, draft(&area)).await;
        submit(&kit, &waiting).await;
        let desk = kit.get(HUNG, &format!("/bien-tap/{waiting}")).await;
        assert!(desk.text.contains(before) && !desk.text.contains(after));
        let public = publish(&kit, draft(&area)).await;
        let desk = kit.get(HUNG, &format!("/bien-tap/{public}")).await;
        assert!(!desk.text.contains(before) && desk.text.contains(after));
    }
}
