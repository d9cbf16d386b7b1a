//! What follows a report up: answers to remarks with the next revision, files after the figures.

use std::sync::atomic::{AtomicU64, Ordering};

use kernel::{
    db::Tx,
    records::{up_after, up_head},
};
use reporting::{
    Waiting,
    actions::{
        answers,
        attach::{self, NewFile},
        entry::{Which, open},
        steps::{Said, take},
    },
    model::{DatasetId, Life, submission::Step},
};
use testkit::{Kit, KitBuilder, TestEngine, caller};

use super::{applied, deadlines::down};
use crate::cast::{
    COMMUNE, PLACE, PROVINCE, cell, edit, leader, officer, province, started, step, typed, which,
};

/// Rows of the point's log, oldest first.
async fn log(point: &Kit) -> Vec<(u16, Vec<u8>)> {
    let rows = point
        .db()
        .view(async |tx: &mut Tx| match up_head(tx).await? {
            Some((epoch, _)) => Ok(up_after(tx, epoch, 0, 1_000).await?),
            None => Ok(Vec::new()),
        })
        .await
        .expect("the log is read");
    rows.into_iter().map(|row| (row.kind, row.body)).collect()
}

/// A form that takes files: which data set, which section.
async fn with_files(kit: &Kit) -> (Which, String) {
    let catalogue = reporting::actions::catalogue::current(&kit.app).await.expect("definitions");
    for dataset in catalogue.datasets.values() {
        let Ok(form) = catalogue.form(&dataset.code) else { continue };
        let takes = |one: &&reporting::model::form::Section| {
            matches!(one.body, reporting::model::form::SectionBody::Attachments { .. })
        };
        if let Some(section) = form.sections.iter().find(takes)
            && dataset.tier == reporting::model::Tier::Commune
        {
            let scheme = reporting::model::Scheme::parse(&dataset.scheme).expect("a scheme");
            let period = scheme.containing(kit.app.now().day()).expect("a period");
            let life = dataset.lives().first().copied().unwrap_or(Life::Final);
            let which = Which {
                dataset: DatasetId::parse(dataset.code.as_str()).expect("a code"),
                period: period.id().to_owned(),
                life,
                area: areas::AreaId::parse(COMMUNE).expect("an id"),
            };
            return (which, section.code.clone());
        }
    }
    panic!("no shipped form takes files");
}

static WAITING: AtomicU64 = AtomicU64::new(0);

testkit::on_both_engines! {
    async fn answers_to_remarks_travel_with_the_revision_that_they_explain(builder: KitBuilder) {
        let hub = started(builder).await;
        let point = started(KitBuilder::on(TestEngine::Sqlite).point(7)).await;
        let which = which(COMMUNE);
        let id = which.id();
        typed(&point, &officer(&point), &which, vec![edit("10.5b", 0, 2), edit("10.6", 0, 198), edit("10.3a", 0, 6), edit("10.6kp", 0, 1)]).await;
        step(&point, &leader(&point), &id, Step::Certify, 1).await;
        step(&point, &leader(&point), &id, Step::Submit, 1).await;
        for (kind, body) in log(&point).await {
            applied(&hub, kind, body).await;
        }
        let said = Said {
            revision: 1,
            remarks: vec![("10.6".to_owned(), "Cao hơn quý trước, đề nghị kiểm tra".to_owned()), ("10.3a".to_owned(), "Ghi rõ số cuộc".to_owned())],
            ..Said::default()
        };
        take(&hub.app, &province(&hub), &id, Step::Return, &said).await.expect("given back");
        for body in down(&hub, 51).await {
            applied(&point, 51, body).await;
        }
        answers::answer(&point.app, &officer(&point), &which, "10.6", "Có hai đợt tập huấn trong quý").await.expect("answered");
        step(&point, &leader(&point), &id, Step::Certify, 1).await;
        step(&point, &leader(&point), &id, Step::Submit, 2).await;
        let sent = log(&point).await;
        for _ in 0..2 {
            let (kind, body) = sent.last().expect("a report").clone();
            applied(&hub, kind, body).await;
        }
        let (_, sheet) = open(&hub.app, &province(&hub), &which).await.expect("it opens");
        let answered: Vec<_> = sheet.remarks.iter().filter(|one| one.resolved_at.is_some()).collect();
        assert_eq!(answered.len(), 1, "{:?}", sheet.remarks);
        assert_eq!((answered[0].cell.as_str(), answered[0].answer.as_deref()), ("10.6", Some("Có hai đợt tập huấn trong quý")));
        let page = hub.get("Lan|province_officer|/vn/19.2025/", &format!("/bao-cao/duyet/{id}")).await;
        assert!(page.text.contains("Có hai đợt tập huấn"), "{}", page.text);
    }

    async fn files_follow_the_figures_in_parts_and_are_believed_when_they_are_whole(builder: KitBuilder) {
        let hub = started(builder).await;
        WAITING.store(0, Ordering::SeqCst);
        let asked = Waiting(|_| Box::pin(async { Ok(WAITING.load(Ordering::SeqCst)) }));
        let point = started(KitBuilder::on(TestEngine::Sqlite).point(7).offering(asked)).await;
        let (which, section) = with_files(&point).await;
        let mut bytes = b"%PDF-1.7\n".to_vec();
        bytes.extend((0..700_000_u32).map(|n| u8::try_from(n * 7 % 251).expect("small")));
        let file = NewFile { section: &section, name: "bien-ban.pdf", caption: "Biên bản có đóng dấu", bytes: &bytes };
        attach::attach(&point.app, &officer(&point), &which, &file).await.expect("attached");
        let note = || Said { revision: 1, nil: true, note: "Không phát sinh trong kỳ".to_owned(), ..Said::default() };
        take(&point.app, &leader(&point), &which.id(), Step::Certify, &note()).await.expect("signed");
        take(&point.app, &leader(&point), &which.id(), Step::Submit, &note()).await.expect("handed in");
        assert_eq!(log(&point).await.iter().map(|row| row.0).collect::<Vec<_>>(), [60], "figures first");
        // Whatever waits on the road goes before the next part.
        WAITING.store(1, Ordering::SeqCst);
        point.settle().await;
        assert_eq!(log(&point).await.len(), 1);
        WAITING.store(0, Ordering::SeqCst);
        point.clock.advance(61_000);
        point.settle().await;
        assert_eq!(log(&point).await.len(), 9, "eight parts at a time");
        for _ in 0..4 {
            point.clock.advance(2_000);
            point.settle().await;
        }
        let rows = log(&point).await;
        let parts = bytes.len().div_ceil(40_000);
        assert_eq!(rows.len(), 1 + parts, "each part once");
        // Parts that no report names are not kept.
        applied(&hub, rows[1].0, rows[1].1.clone()).await;
        applied(&hub, rows[0].0, rows[0].1.clone()).await;
        let (_, sheet) = open(&hub.app, &province(&hub), &which).await.expect("it opens");
        assert_eq!((sheet.attachments.len(), sheet.attachments[0].media_type.as_str()), (1, ""));
        let lan = caller("Lan", "province_officer", PROVINCE);
        let id = sheet.attachments[0].id.clone();
        assert!(attach::fetch(&hub.app, &lan, &which, &id).await.is_err(), "it is on its way");
        let page = hub.get("Lan|province_officer|/vn/19.2025/", &format!("/bao-cao/{}/{}/{COMMUNE}/{}/tep/{section}", which.dataset, which.period, which.life.slug())).await;
        assert!(page.text.contains("đang gửi lên"), "{}", page.text);
        for (kind, body) in rows.iter().skip(1).rev() {
            applied(&hub, *kind, body.clone()).await;
            applied(&hub, *kind, body.clone()).await;
        }
        hub.settle().await;
        let (file, got) = attach::fetch(&hub.app, &lan, &which, &id).await.expect("it is here");
        assert!(got == bytes && file.media_type == "application/pdf" && file.caption == "Biên bản có đóng dấu");
        let left: i64 = hub.db().view(async |tx: &mut Tx| Ok(tx.one(kernel::sql!("select count(*) as value from reporting_file_parts"), &[]).await?)).await.expect("read");
        assert_eq!(left, 0, "no part is kept twice");
        assert!(cell("10.6").coords.text().is_empty() && PLACE.starts_with(PROVINCE));
    }

    async fn a_file_that_is_not_what_the_report_says_is_let_go(builder: KitBuilder) {
        let hub = started(builder).await;
        let point = started(KitBuilder::on(TestEngine::Sqlite).point(7)).await;
        let (which, section) = with_files(&point).await;
        let bytes = b"%PDF-1.7\nmot trang".to_vec();
        let file = NewFile { section: &section, name: "a.pdf", caption: "Biên bản", bytes: &bytes };
        attach::attach(&point.app, &officer(&point), &which, &file).await.expect("attached");
        let note = || Said { revision: 1, nil: true, note: "Không phát sinh trong kỳ".to_owned(), ..Said::default() };
        take(&point.app, &leader(&point), &which.id(), Step::Certify, &note()).await.expect("signed");
        take(&point.app, &leader(&point), &which.id(), Step::Submit, &note()).await.expect("handed in");
        point.settle().await;
        let rows = log(&point).await;
        assert_eq!(rows.len(), 2);
        applied(&hub, 60, rows[0].1.clone()).await;
        let mut wrong = rows[1].1.clone();
        let last = wrong.len() - 1;
        wrong[last] ^= 1;
        applied(&hub, 61, wrong).await;
        applied(&hub, 61, vec![0xff; 90]).await;
        hub.settle().await;
        let (_, sheet) = open(&hub.app, &province(&hub), &which).await.expect("it opens");
        assert_eq!(sheet.attachments[0].media_type, "");
        // The genuine one is taken afterwards.
        applied(&hub, 61, rows[1].1.clone()).await;
        hub.settle().await;
        let (_, sheet) = open(&hub.app, &province(&hub), &which).await.expect("it opens");
        assert_eq!(sheet.attachments[0].media_type, "application/pdf");
    }
}
