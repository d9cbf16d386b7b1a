//! Typing in for another unit: only from a paper, only where no point writes, and never checked by the same person.

use kernel::problem::FORBIDDEN;
use reporting::{
    WrittenElsewhere,
    actions::{
        OF_UNIT, OWN_WORK, WRITTEN_AT_POINT,
        entry::{Changes, on_behalf, save},
        review,
        steps::{Said, take},
    },
    model::submission::Step,
};
use testkit::caller;

use crate::{
    cast::{COMMUNE, PROVINCE, edit, officer, started, step, typed, which},
    review::{LAN, accept},
};

testkit::on_both_engines! {
    async fn a_province_types_for_a_commune_only_from_a_paper_that_it_names(builder: KitBuilder) {
        let kit = started(builder).await;
        let lan = caller("Lan", "province_officer", PROVINCE);
        let which = which(COMMUNE);
        let edits = || Changes { edits: vec![edit("10.6", 0, 7)], ..Changes::default() };
        assert!(save(&kit.app, &lan, &which, edits()).await.expect_err("not hers").is(&OF_UNIT));
        let address = "/bao-cao/diem-ho-tro/nd09q-2026-4/01969.2025/chinh-thuc";
        let page = kit.get(LAN, address).await;
        assert!(page.text.contains("Nhập thay đơn vị") && !page.text.contains("data-entry "), "{}", page.text);
        assert_eq!(kit.post(LAN, &format!("{address}/nhap-thay"), &[("paper", "x")]).await.status, 422);
        let stranger = "Tô|province_officer|/vn/04.2024/";
        assert_eq!(kit.post(stranger, &format!("{address}/nhap-thay"), &[("paper", "12/BC-UBND")]).await.status, 403);
        assert_eq!(kit.post(LAN, &format!("{address}/nhap-thay"), &[("paper", "12/BC-UBND")]).await.status, 303);
        typed(&kit, &lan, &which, vec![edit("10.5b", 0, 2), edit("10.6", 0, 198), edit("10.3a", 0, 6), edit("10.6kp", 0, 1)]).await;
        let page = kit.get(LAN, address).await;
        assert!(page.text.contains("12/BC-UBND") && page.text.contains("Nhập thay theo văn bản"), "{}", page.text);
        // Whoever types it in signs with the paper and hands it in; somebody else checks it.
        step(&kit, &lan, &which.id(), Step::Certify, 1).await;
        step(&kit, &lan, &which.id(), Step::Submit, 1).await;
        let own = review::decide(&kit.app, &lan, &which.id(), &accept(1)).await.expect_err("her own work");
        assert!(own.is(&OWN_WORK));
        let hoa = caller("Hoa", "province_officer", PROVINCE);
        review::decide(&kit.app, &hoa, &which.id(), &accept(1)).await.expect("another pair of eyes");
        let shown = kit.get("Hoa|province_officer|/vn/19.2025/", &format!("/bao-cao/duyet/{}", which.id())).await;
        assert!(shown.text.contains("12/BC-UBND"), "{}", shown.text);
    }

    async fn where_a_point_writes_nobody_else_types_with_or_without_a_paper(builder: KitBuilder) {
        let kit = started(builder.offering(WrittenElsewhere(|_, all| Box::pin(async { Ok(all.iter().cloned().collect()) })))).await;
        let lan = caller("Lan", "province_officer", PROVINCE);
        let refused = on_behalf(&kit.app, &lan, &which(COMMUNE), "12/BC-UBND").await.expect_err("a point writes");
        assert!(refused.is(&WRITTEN_AT_POINT));
    }

    async fn the_units_own_people_need_no_paper_and_sign_as_ever(builder: KitBuilder) {
        let kit = started(builder).await;
        typed(&kit, &officer(&kit), &which(COMMUNE), vec![edit("10.6", 0, 1)]).await;
        let refused = on_behalf(&kit.app, &officer(&kit), &which(COMMUNE), "12/BC-UBND").await.expect_err("her own");
        assert!(refused.is(&FORBIDDEN));
        let said = Said { revision: 1, note: "Đã kiểm tra".to_owned(), ..Said::default() };
        let lan = caller("Lan", "province_officer", PROVINCE);
        let refused = take(&kit.app, &lan, &which(COMMUNE).id(), Step::Certify, &said).await.expect_err("not hers");
        assert!(refused.is(&FORBIDDEN));
    }
}
