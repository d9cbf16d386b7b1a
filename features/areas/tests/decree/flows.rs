//! Flows of figures are kept in memory while the map stands, and made anew when a decree changes it.

use std::sync::Arc;

use areas::{
    AreaLevel,
    view::{Conversion, Span},
};
use testkit::Kit;

use super::{apply, day, id, kept, today, undo};

const HEAD: &str = "Mã cũ,Hình thức,Mã mới,Tên mới,Loại mới,Mã cấp trên mới,Tỷ lệ,Căn cứ\n";
const MERGE: &str = "01969,,01969,,,,,\n01942,,01969,,,,,\n";

async fn flow(kit: &Kit, from: &str, to: &str) -> Arc<Conversion> {
    let (of, by) = (AreaLevel::Commune, AreaLevel::Commune);
    let span = Span { from: day(from), to: day(to), of, by };
    kit.db().view(async |tx| Ok(areas::flow(tx, span).await?)).await.expect("a flow")
}

testkit::on_both_engines! {
    async fn days_between_which_nothing_changed_share_one_flow(builder: KitBuilder) {
        let kit = today(builder).await;
        let one = flow(&kit, "2025-01-01", "2026-01-01").await;
        let same = flow(&kit, "2025-03-08", "2026-02-02").await;
        assert!(Arc::ptr_eq(&one, &same));
        let other = flow(&kit, "2025-07-01", "2026-01-01").await;
        assert_ne!(one.sources().len(), other.sources().len());
        // What is asked for is what is told, whatever days are alike.
        let asked = kit.db().view(async |tx| {
            Ok(areas::conversion(tx, day("2025-03-08"), day("2026-02-02"), AreaLevel::Commune).await?)
        });
        let asked = asked.await.expect("a conversion");
        assert_eq!((asked.span.from, asked.span.to), (day("2025-03-08"), day("2026-02-02")));
        assert_eq!(asked.grades(), one.grades());
    }

    async fn a_decree_makes_flows_anew_and_so_does_its_undoing(builder: KitBuilder) {
        let kit = today(builder).await;
        let before = flow(&kit, "2025-07-01", "2026-12-01").await;
        assert!(before.target(&id("01942.2025")).is_some());
        let decree = kept(&kit, "2026-11-01", &format!("{HEAD}{MERGE}")).await;
        apply(&kit, &decree).await;
        let after = flow(&kit, "2025-07-01", "2026-12-01").await;
        assert!(after.target(&id("01942.2025")).is_none());
        undo(&kit, &decree).await;
        let again = flow(&kit, "2025-07-01", "2026-12-01").await;
        assert_eq!(again.targets().len(), before.targets().len());
        assert!(again.target(&id("01942.2025")).is_some());
    }
}
