//! The point: records are applied once however often they come, in any order, from their own origin
//! only; files that are on their way say so.

use kernel::{
    files::FileHash,
    records::{Incoming, Lane},
    scope::ScopePath,
};
use publishing::{
    Draft, Modality, PublicationId,
    actions::{deciding, editing},
};
use sync::{keys::NodeId, record::SignedRecord};
use testkit::{Kit, KitBuilder, on_both_engines};

use crate::stage::{approve, article, draft, hung, mai, phu_thong, publish, stage, submit, titles};

/// What the hub said in a lane, as the point's sync would hand it over.
async fn said(hub: &Kit, lane: Lane) -> Vec<Incoming> {
    let rows =
        hub.db().view(async |tx| Ok(kernel::records::down_after(tx, lane, 0, 0, 100).await?)).await;
    rows.expect("a query")
        .into_iter()
        .map(|row| {
            let signed = SignedRecord::from_bytes(row.signed).expect("a record");
            let record = signed.verify(hub.app.node_id(), hub.app.keys.public());
            let record = record.expect("the hub's own signature");
            Incoming {
                origin: hub.app.node_id(),
                scope: ScopePath::parse("/vn/").expect("a path"),
                former: Vec::new(),
                inherited: Vec::new(),
                handed_over: false,
                epoch: row.epoch,
                seq: row.seq,
                kind: record.kind,
                targets: kernel::records::read_targets(&row.targets),
                body: record.body,
            }
        })
        .collect()
}

async fn apply(point: &Kit, incoming: &Incoming) {
    let kinds = publishing::module().records;
    let kind = kinds.iter().find(|kind| kind.kind == incoming.kind).expect("a kind we know");
    point.db().change(async |tx| (kind.apply)(tx, incoming).await).await.expect("applied");
}

/// A hub and a point of the same engine, both with their places.
async fn both(builder: KitBuilder) -> (Kit, Kit) {
    let hub = stage(KitBuilder::on(testkit::TestEngine::Sqlite)).await;
    let point = stage(builder.point(7)).await;
    (hub, point)
}

async fn wanted(kit: &Kit) -> Vec<publishing::Wanted> {
    kit.db().view(async |tx| publishing::wanted_files(tx).await).await.expect("a query")
}

/// Brings one file from the hub to the point, as sync does.
async fn bring(hub: &Kit, point: &Kit, hash: FileHash) {
    let bytes = hub.app.files.get(hash).await.expect("a read").expect("the hub has it");
    point.app.files.put(&bytes).await.expect("kept");
    point.db().change(async |tx| publishing::file_arrived(tx, hash).await).await.expect("noted");
    point.settle().await;
}

on_both_engines! {
    async fn what_the_hub_said_is_read_at_the_point_however_often_it_comes(builder: KitBuilder) {
        let (hub, point) = both(builder).await;
        let area = phu_thong(&hub).await;
        let id = publish(&hub, draft(&area)).await;
        let records = said(&hub, Lane::Text).await;
        for _ in 0..3 {
            apply(&point, &records[0]).await;
        }
        let (there, here) = (article(&hub, &id).await.expect("hub"), article(&point, &id).await.expect("point"));
        assert_eq!(there, here, "the same article on both sides");
        assert_eq!(titles(&point, Some(&area.path), "nuoc sinh hoat").await.len(), 1);
        let events: i64 = point.db().view(async |tx| {
            Ok(tx.one(kernel::sql!("select count(*) as value from kernel_events where kind = 'publishing.arrived'"), &[]).await?)
        }).await.expect("a query");
        assert_eq!(events, 1, "arrived once");
        assert_eq!(point.get(crate::stage::MAI, "/bien-tap").await.status, 404, "editing is done at the hub");
    }

    async fn a_correction_replaces_and_an_old_version_that_comes_late_does_not(builder: KitBuilder) {
        let (hub, point) = both(builder).await;
        let area = phu_thong(&hub).await;
        let id = publish(&hub, draft(&area)).await;
        editing::correct(hub.db(), &mai(), &id).await.expect("a correction");
        let save = editing::Save {
            publication: id.clone(), base_revision: 1,
            draft: Draft { title: "Bản đúng".to_owned(), ..draft(&area) }, uses: None,
        };
        editing::save(hub.db(), &mai(), save).await.expect("saved");
        submit(&hub, &id).await;
        approve(&hub, &id).await;
        let records = said(&hub, Lane::Text).await;
        apply(&point, &records[1]).await;
        apply(&point, &records[0]).await;
        assert_eq!(article(&point, &id).await.expect("an article").version, 2);
        assert_eq!(titles(&point, None, "").await, ["Bản đúng"]);
    }

    async fn a_withdrawal_that_overtakes_its_publication_still_holds(builder: KitBuilder) {
        let (hub, point) = both(builder).await;
        let id = publish(&hub, draft(&phu_thong(&hub).await)).await;
        deciding::withdraw(hub.db(), &hung(), &id, "Sai").await.expect("withdrawn");
        let (texts, control) = (said(&hub, Lane::Text).await, said(&hub, Lane::Control).await);
        apply(&point, &control[0]).await;
        apply(&point, &texts[0]).await;
        apply(&point, &control[0]).await;
        assert!(article(&point, &id).await.is_none());
    }

    async fn another_origin_can_neither_alter_nor_withdraw(builder: KitBuilder) {
        let (hub, point) = both(builder).await;
        let id = publish(&hub, draft(&phu_thong(&hub).await)).await;
        let real = said(&hub, Lane::Text).await.remove(0);
        apply(&point, &real).await;
        deciding::withdraw(hub.db(), &hung(), &id, "Sai").await.expect("withdrawn");
        let stranger = NodeId([9; 16]);
        let mut forged = said(&hub, Lane::Control).await.remove(0);
        forged.origin = stranger;
        apply(&point, &forged).await;
        assert!(article(&point, &id).await.is_some(), "not the stranger's to withdraw");
        let beyond = Incoming {
            origin: stranger, scope: ScopePath::parse("/vn/01.2024/").expect("a path"), ..real
        };
        let empty = Incoming { body: vec![0xff, 0x00], ..beyond.clone() };
        apply(&point, &beyond).await;
        apply(&point, &empty).await;
        assert_eq!(titles(&point, None, "").await.len(), 1);
    }

    async fn long_texts_and_sound_come_as_files_and_say_so_until_then(builder: KitBuilder) {
        let (hub, point) = both(builder).await;
        let area = phu_thong(&hub).await;
        let paragraph = "Bà con mang theo sổ hộ khẩu và giấy xác nhận của trưởng bản. ".repeat(20);
        let long = Draft { body: format!("{}\n\nchữ cuối cùng", [paragraph.as_str(); 12].join("\n\n")), ..draft(&area) };
        let id = crate::stage::begin(&hub, long).await;
        let sound = editing_sound(&hub, &id).await;
        submit(&hub, &id).await;
        approve(&hub, &id).await;
        let records = said(&hub, Lane::Text).await;
        assert!(records[0].body.len() < 2_000, "{} bytes", records[0].body.len());
        apply(&point, &records[0]).await;
        let article_before = article(&point, &id).await.expect("its head is here");
        assert!(!article_before.text("vi").expect("a text").has_arrived);
        assert!(article_before.sounds("vi").all(|sound| !sound.has_arrived));
        let order: Vec<Lane> = wanted(&point).await.iter().map(|file| file.lane).collect();
        assert_eq!(order, [Lane::Text, Lane::Audio, Lane::Audio]);
        assert_eq!(point.get("", &format!("/tep/{sound}")).await.status, 404);
        for file in wanted(&point).await {
            assert!(file.bytes > 0);
            bring(&hub, &point, file.hash).await;
        }
        assert!(wanted(&point).await.is_empty());
        let now = article(&point, &id).await.expect("an article");
        assert!(now.text("vi").expect("a text").html.contains("chữ cuối cùng"));
        assert!(now.renditions.iter().all(|file| file.has_arrived));
        assert_eq!(titles(&point, None, "chu cuoi cung").await.len(), 1, "found by its last words");
        assert_eq!(point.get("", &format!("/tep/{sound}")).await.status, 200);
        let view = point.db().view(async |tx| publishing::view(tx, &now, "vi").await).await.expect("a view");
        assert_eq!(view.players.len(), 1);
        assert!(now.renditions.iter().any(|file| file.modality == Modality::Text));
    }
}

/// Brings a recording in; gives the address of its smallest file.
async fn editing_sound(hub: &Kit, id: &PublicationId) -> String {
    let new = publishing::actions::uploads::NewSound {
        language: "vi".to_owned(),
        voice: String::new(),
        file_name: "a.mp3".to_owned(),
        bytes: include_bytes!("material/speech.mp3").to_vec(),
    };
    publishing::actions::uploads::add_sound(&hub.app, &mai(), id, new).await.expect("kept");
    hub.settle().await;
    crate::stage::first_file(hub, crate::stage::MAI, &format!("/bien-tap/{id}")).await
}
