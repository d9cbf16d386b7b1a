//! The places and people that the tests share.

use areas::AreaId;
use kernel::{caller::Caller, clock::Timestamp, records::Incoming};
use proptest::{prelude::*, test_runner::TestRunner};
use reporting::{
    actions::{
        content::Content,
        entry::{Changes, Saved, Which, save},
        figures::Edit,
        steps::{Said, take},
    },
    model::{CellKey, CellState, DatasetId, Life, SubmissionId, submission::Step},
};
use testkit::{Kit, KitBuilder, caller};

pub const COMMUNE: &str = "01969.2025";
pub const PLACE: &str = "/vn/19.2025/01969.2025/";
pub const PROVINCE: &str = "/vn/19.2025/";

pub async fn started(builder: KitBuilder) -> Kit {
    let kit = builder
        .with([areas::module(), identity::module(), reporting::module()])
        .offering(reporting::Catalogues::default())
        .offering(reporting::Phones::default())
        .offering(reporting::Exchange::default())
        .start()
        .await;
    areas::reference::load_only(kit.db(), &["19"]).await.expect("the province loads");
    reporting::actions::catalogue::plant_shipped(kit.db()).await.expect("definitions are planted");
    reporting::actions::obligations::keep(kit.db(), None).await.expect("obligations are made");
    past_quarters(&kit).await;
    kit
}

/// What the communes owed before this node knew of it: two quarters that are late.
async fn past_quarters(kit: &Kit) {
    use reporting::actions::{catalogue, obligations};
    let code = DatasetId::parse("diem-ho-tro").expect("a code");
    kit.db()
        .change(async |tx| {
            let all = catalogue::read(tx).await?;
            let dataset = all.dataset(&code)?;
            for quarter in ["nd09q-2026-2", "nd09q-2026-3"] {
                let period = reporting::model::Period::parse(quarter).expect("a quarter");
                let country = kernel::scope::ScopePath::root();
                obligations::make(tx, &all, dataset, &period, &country).await?;
            }
            Ok(())
        })
        .await
        .expect("obligations are made");
}

pub fn officer(kit: &Kit) -> Caller {
    at(caller("Mai", "commune_officer", PLACE), kit)
}

pub fn leader(kit: &Kit) -> Caller {
    at(caller("Hùng", "commune_leader", PLACE), kit)
}

pub fn province(kit: &Kit) -> Caller {
    at(caller("Lan", "province_officer", PROVINCE), kit)
}

pub fn province_leader(kit: &Kit) -> Caller {
    at(caller("Bình", "province_leader", PROVINCE), kit)
}

fn at(caller: Caller, _kit: &Kit) -> Caller {
    caller
}

/// The quarterly report on support points of the commune, for the quarter that runs on the kit's day.
pub fn which(area: &str) -> Which {
    Which {
        dataset: DatasetId::parse("diem-ho-tro").expect("a code"),
        period: "nd09q-2026-4".to_owned(),
        life: Life::Final,
        area: AreaId::parse(area).expect("an id"),
    }
}

pub fn cell(text: &str) -> CellKey {
    CellKey::parse(text).expect("a cell")
}

pub fn edit(key: &str, base: i64, amount: i64) -> Edit {
    Edit { key: cell(key), base, state: Some(CellState::Value(amount)) }
}

pub async fn typed(kit: &Kit, who: &Caller, which: &Which, edits: Vec<Edit>) -> Saved {
    let changes = Changes { edits, ..Changes::default() };
    save(&kit.app, who, which, changes).await.expect("it is saved")
}

pub async fn step(kit: &Kit, who: &Caller, id: &SubmissionId, step: Step, revision: i64) {
    let note = "Đã kiểm tra số liệu".to_owned();
    let said = Said { revision, note, despite_remarks: true, ..Said::default() };
    take(&kit.app, who, id, step, &said)
        .await
        .unwrap_or_else(|failure| panic!("{step:?}: {failure}"));
}

/// What a report says that the commune's leader signed and handed in, before its figures.
pub fn signed_content(which: &Which, revision: i64) -> Content {
    let signed = Some(("Hùng".to_owned(), 1_795_330_000_000));
    Content {
        dataset: which.dataset.to_string(),
        form_version: 1,
        area: which.area.to_string(),
        period: which.period.clone(),
        life: which.life,
        revision,
        certified: signed.clone(),
        submitted: signed,
        ..Content::default()
    }
}

/// A report's content as the body of the record that carries it.
pub fn piece(which: &Which, content: &Content) -> Vec<u8> {
    let bytes = content.encode().expect("written");
    reporting::piece(&which.id(), content.revision, &bytes).expect("a piece")
}

/// A record as some node says it that speaks for a place; what comes down names whom it is for.
pub fn said_by((node, place): (u8, &str), kind: u16, body: Vec<u8>) -> Incoming {
    let said = testkit::said_by((node, place), kind, body);
    let targets = if kind < 60 { vec![said.scope.clone()] } else { Vec::new() };
    Incoming { targets, ..said }
}

/// The node of the commune's point, and the place for which it speaks.
pub const POINT: (u8, &str) = (7, PLACE);

/// Applies a record.
pub async fn taken(kit: &Kit, record: &Incoming) {
    kit.hear(record).await.expect("applied");
}

/// Plays random stories, each against a database of its own; one that breaks the law is told as short as it can be.
pub fn holds<S: Strategy, P: Future<Output = ()>>(
    stories: &S,
    cases: u32,
    play: impl Fn(S::Value) -> P,
) {
    let mut runner = TestRunner::new(ProptestConfig {
        cases,
        max_shrink_iters: 8,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let run = |story: S::Value| {
        testkit::run(play(story));
        Ok(())
    };
    runner.run(stories, run).expect("the law holds");
}

#[allow(dead_code, reason = "used where a test needs another time")]
pub fn now(kit: &Kit) -> Timestamp {
    kit.app.now()
}
