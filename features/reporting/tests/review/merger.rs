//! A merger of communes: what was approved stays approved, and each unit owes its part of the period.

use areas::{
    AreaId, NewDecree,
    actions::decree::{self, Proposal},
};
use kernel::{app::NodeRole, clock::Day};
use reporting::{
    actions::{
        obligations,
        review::{self, Decision},
        steps::Said,
    },
    model::{Period, submission::Step},
};
use testkit::{Kit, KitBuilder, caller};

use super::{LAN, NEIGHBOUR, accepted, sent_from};
use crate::cast::{PROVINCE, which};

const CSV: &str = "Mã cũ,Hình thức,Mã mới,Tên mới,Loại mới,Mã cấp trên mới,Tỷ lệ,Căn cứ\n\
    01969,,01969,,,,,\n01942,,01969,,,,,\n";

async fn merged(builder: KitBuilder) -> Kit {
    let modules = [areas::module(), identity::module(), reporting::module()];
    let kit = builder
        .with(modules)
        .offering(reporting::Catalogues::default())
        .offering(reporting::Phones::default())
        .start()
        .await;
    areas::reference::load_only(kit.db(), &["19"]).await.expect("the province loads");
    reporting::actions::catalogue::plant_shipped(kit.db()).await.expect("definitions are planted");
    let administrator = caller("An", "administrator", "/vn/");
    let new = NewDecree {
        instrument: "Nghị quyết số 1/NQ-UBTVQH15".to_owned(),
        decided_on: String::new(),
        effective_on: "2026-11-01".to_owned(),
        file_name: "bang.csv".to_owned(),
    };
    let kept = decree::propose(kit.db(), NodeRole::Hub, &administrator, new, CSV.as_bytes()).await;
    let id = match kept.expect("it is read") {
        Proposal::Kept(id) => id,
        Proposal::Wrong(problems) => panic!("{problems:#?}"),
    };
    let hash = kit.db().view(async |tx| Ok(areas::decree(tx, &id).await?)).await.expect("read");
    let hash = hash.expect("the decree").content_hash;
    decree::apply(kit.db(), NodeRole::Hub, &administrator, &id, &hash).await.expect("applied");
    obligations::keep(kit.db(), None).await.expect("obligations are made");
    kit
}

testkit::on_both_engines! {
    async fn what_an_ended_commune_had_approved_stands_beside_its_heirs_report(builder: KitBuilder) {
        let kit = merged(builder).await;
        let today = Day::new(2026, 11, 22).expect("a day");
        let heir = kit.db().view(async |tx| Ok(areas::by_code(tx, "01969", today).await?)).await.expect("read").expect("the heir");
        assert_ne!(heir.id, AreaId::parse("01969.2025").expect("an id"));
        let old = sent_from(&kit, heir.id.as_str(), NEIGHBOUR, 50).await;
        accepted(&kit, &old).await;
        let said = Said { revision: 1, ..Said::default() };
        let decision = Decision { step: Some(Step::Approve), said, ..Decision::default() };
        review::decide(&kit.app, &caller("Bình", "province_leader", PROVINCE), &old, &decision).await.expect("approved");
        let page = kit.get(LAN, &format!("/bao-cao/duyet/{}", which(heir.id.as_str()).id())).await;
        assert_eq!(page.status, 200, "{}", page.text);
        assert!(page.text.contains("đã duyệt bởi đơn vị trước sáp nhập") && page.text.contains("Bình"), "{}", page.text);
        let list = kit.get(LAN, "/bao-cao/duyet?bo=diem-ho-tro&loc=da-duyet").await;
        assert!(list.text.contains(old.as_str()), "it stays in the list");
        let due = kit.get(LAN, "/bao-cao/han.csv?bo=diem-ho-tro&loc=tat-ca").await.text;
        let period = Period::parse("nd09q-2026-4").expect("a period");
        let cut = Day::new(2026, 11, 1).expect("a day");
        let (before, after) = (period.part(period.from, cut).expect("a part"), period.part(cut, period.until).expect("a part"));
        assert_eq!(due.matches(before.window().as_str()).count(), 2, "two communes owe the days before: {due}");
        assert_eq!(due.matches(after.window().as_str()).count(), 1, "their heir those after");
    }
}
