//! What follows a report up: answers to remarks with the next revision, files after the figures.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use kernel::{
    db::Tx,
    records::{up_after, up_head},
};
use reporting::{
    Queue, Waiting,
    actions::{
        answers,
        attach::{self, NewFile},
        content::Content,
        entry::{Which, open},
        steps::{Said, take},
    },
    model::{CellState, DatasetId, Life, submission::Step},
};
use testkit::{Kit, KitBuilder, TestEngine, caller};

use super::{applied, applied_from, deadlines::down, homecoming::joins};
use crate::cast::{
    COMMUNE, PLACE, PROVINCE, cell, edit, leader, officer, piece, province, signed_content,
    started, step, typed, which,
};

/// Rows of the point's log, oldest first.
pub async fn log(point: &Kit) -> Vec<(u16, Vec<u8>)> {
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

/// How much waits on the road of one point. Each point has its own: tests run beside each other.
#[derive(Clone, Default)]
struct Road(Arc<AtomicU64>);

impl Road {
    fn waits(&self, rows: u64) {
        self.0.store(rows, Ordering::SeqCst);
    }

    /// A point that asks this road.
    async fn point(&self) -> Kit {
        let asked = Waiting(|app| {
            Box::pin(async move {
                let rows = app.port::<Road>().expect("a road").0.load(Ordering::SeqCst);
                Ok(Some(Queue { rows, oldest: None }))
            })
        });
        let point = KitBuilder::on(TestEngine::Sqlite).point(7);
        started(point.offering(asked).offering(self.clone())).await
    }
}

/// A file of a few parts.
fn pdf(bytes: u32) -> Vec<u8> {
    let mut all = b"%PDF-1.7\n".to_vec();
    all.extend((0..bytes).map(|n| u8::try_from(n * 7 % 251).expect("small")));
    all
}

/// A report without figures and with a file, handed in at a point; what was attached stands in the log afterwards.
async fn handed_in(point: &Kit, which: &Which, section: &str, bytes: &[u8]) {
    let file =
        NewFile { section, name: "bien-ban.pdf", caption: "Biên bản có đóng dấu", bytes };
    attach::attach(&point.app, &officer(point), which, &file).await.expect("attached");
    let note = || Said {
        revision: 1,
        nil: true,
        note: "Không phát sinh trong kỳ".to_owned(),
        ..Said::default()
    };
    take(&point.app, &leader(point), &which.id(), Step::Certify, &note()).await.expect("signed");
    take(&point.app, &leader(point), &which.id(), Step::Submit, &note()).await.expect("handed in");
}

/// Lets a point send what it has; gives the parts that entered its log since a row.
async fn parts_after(point: &Kit, row: usize) -> Vec<Vec<u8>> {
    for _ in 0..4 {
        point.settle().await;
        point.clock.advance(2_000);
    }
    log(point).await.split_off(row).into_iter().map(|(_, body)| body).collect()
}

/// Parts reach the hub, each once.
async fn arrive(hub: &Kit, parts: &[Vec<u8>]) {
    for body in parts {
        applied(hub, 61, body.clone()).await;
    }
    hub.settle().await;
}

/// A node of another commune.
const STRANGER: (u8, &str) = (9, "/vn/19.2025/01942.2025/");

/// A report of the stranger's commune that names somebody else's file.
fn naming(which: &Which, section: &str, bytes: &[u8]) -> Vec<u8> {
    let which = Which { area: areas::AreaId::parse("01942.2025").expect("an id"), ..which.clone() };
    let size = i64::try_from(bytes.len()).expect("small");
    let file = kernel::files::FileHash::of(bytes).to_string();
    let content = Content {
        files: vec![(section.to_owned(), file, "a.pdf".to_owned(), String::new(), size)],
        ..signed_content(&which, 1)
    };
    piece(&which, &content)
}

/// A report's record as so many records that each hold a part of it; with other content, under the same name.
fn in_parts(body: &[u8], content: Option<&[u8]>, parts: usize) -> Vec<Vec<u8>> {
    use ciborium::Value;
    let Ok(Value::Array(mut piece)) = ciborium::from_reader(body) else { panic!("a piece") };
    let own = piece.pop().and_then(|bytes| bytes.into_bytes().ok()).expect("bytes");
    let content = content.unwrap_or(&own);
    let chunks = content.chunks(content.len().div_ceil(parts)).enumerate();
    let number = |number: usize| Value::from(u64::try_from(number).expect("small"));
    chunks
        .map(|(at, chunk)| {
            let mut one = piece.clone();
            one[2..].clone_from_slice(&[number(at), number(parts)]);
            one.push(Value::from(chunk));
            let mut record = Vec::new();
            ciborium::into_writer(&Value::Array(one), &mut record).expect("written");
            record
        })
        .collect()
}

/// The same with the last byte of its file's bytes turned.
fn turned(part: &[u8]) -> Vec<u8> {
    let mut wrong = part.to_vec();
    *wrong.last_mut().expect("bytes") ^= 1;
    wrong
}

/// What the hub shows of the one file: its kind, empty while it is not here, and whether it is told as lost.
async fn shown(hub: &Kit, which: &Which) -> (String, bool) {
    let (_, sheet) = open(&hub.app, &province(hub), which).await.expect("it opens");
    let file = &sheet.attachments[0];
    (file.media_type.clone(), sheet.lost_files.contains(&file.file))
}

/// Parts that a hub keeps.
async fn kept(hub: &Kit) -> i64 {
    let count = hub.db().view(async |tx: &mut Tx| {
        let statement = kernel::sql!("select count(*) as value from reporting_file_parts");
        let count: i64 = tx.one(statement, &[]).await?;
        Ok(count)
    });
    count.await.expect("read")
}

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
        let road = Road::default();
        let point = road.point().await;
        let (which, section) = with_files(&point).await;
        let bytes = pdf(700_000);
        handed_in(&point, &which, &section, &bytes).await;
        assert_eq!(log(&point).await.iter().map(|row| row.0).collect::<Vec<_>>(), [60], "figures first");
        // Whatever waits on the road goes before the next part.
        road.waits(1);
        point.settle().await;
        assert_eq!(log(&point).await.len(), 1);
        road.waits(0);
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
        assert_eq!(kept(&hub).await, 0, "no part is kept twice");
        assert!(cell("10.6").coords.text().is_empty() && PLACE.starts_with(PROVINCE));
    }

    async fn a_file_that_is_not_what_the_report_says_is_asked_for_again_and_comes(builder: KitBuilder) {
        let hub = started(builder).await;
        let point = started(KitBuilder::on(TestEngine::Sqlite).point(7)).await;
        let (which, section) = with_files(&point).await;
        let bytes = pdf(300_000);
        handed_in(&point, &which, &section, &bytes).await;
        let parts = parts_after(&point, 1).await;
        assert_eq!(parts.len(), bytes.len().div_ceil(40_000));
        applied(&hub, 60, log(&point).await[0].1.clone()).await;
        // One byte of one part is wrong; something that is no part at all changes nothing.
        let mut wrong = parts.clone();
        wrong[3] = turned(&wrong[3]);
        applied(&hub, 61, vec![0xff; 90]).await;
        arrive(&hub, &wrong).await;
        assert_eq!((shown(&hub, &which).await, kept(&hub).await), ((String::new(), false), 0));
        let asked = down(&hub, 53).await;
        assert_eq!(asked.len(), 1);
        // Nothing comes before the point has heard of it, and however often it hears of it, all comes once.
        assert!(parts_after(&point, 1 + parts.len()).await.is_empty());
        applied(&point, 53, asked[0].clone()).await;
        let again = parts_after(&point, 1 + parts.len()).await;
        assert_eq!(again, parts, "from the first part to the last");
        applied(&point, 53, asked[0].clone()).await;
        assert!(parts_after(&point, 1 + 2 * parts.len()).await.is_empty());
        // While it comes again nobody asks for more.
        arrive(&hub, &again[..3]).await;
        assert_eq!((kept(&hub).await, down(&hub, 53).await.len()), (3, 1));
        arrive(&hub, &again[3..]).await;
        assert_eq!(shown(&hub, &which).await, ("application/pdf".to_owned(), false));
        let (_, sheet) = open(&hub.app, &province(&hub), &which).await.expect("it opens");
        let lan = caller("Lan", "province_officer", PROVINCE);
        let (_, got) = attach::fetch(&hub.app, &lan, &which, &sheet.attachments[0].id).await.expect("it is here");
        assert_eq!(got, bytes);
        assert_eq!((kept(&hub).await, down(&hub, 53).await.len()), (0, 1));
    }

    async fn a_part_that_never_came_is_asked_for_and_what_is_broken_each_time_is_told_as_lost(builder: KitBuilder) {
        let hub = started(builder).await;
        let point = started(KitBuilder::on(TestEngine::Sqlite).point(7)).await;
        let (which, section) = with_files(&point).await;
        handed_in(&point, &which, &section, &pdf(100_000)).await;
        let parts = parts_after(&point, 1).await;
        assert_eq!(parts.len(), 3);
        let report = log(&point).await[0].1.clone();
        applied(&hub, 60, report).await;
        arrive(&hub, &parts[..1]).await;
        assert_eq!((kept(&hub).await, down(&hub, 53).await.len()), (1, 0), "it is on its way");
        arrive(&hub, &parts[2..]).await;
        assert_eq!((kept(&hub).await, down(&hub, 53).await.len()), (0, 1), "the middle is missing");
        let wrong = [parts[0].clone(), turned(&parts[1]), parts[2].clone()];
        for asked in [2, 3, 3] {
            assert_eq!(shown(&hub, &which).await, (String::new(), false));
            arrive(&hub, &wrong).await;
            assert_eq!(down(&hub, 53).await.len(), asked);
        }
        assert_eq!(shown(&hub, &which).await, (String::new(), true));
        assert_eq!(down(&hub, 53).await.len(), 3, "it is not asked for for ever");
        let address = format!("/bao-cao/{}/{}/{COMMUNE}/{}/tep/{section}", which.dataset, which.period, which.life.slug());
        let page = hub.get("Lan|province_officer|/vn/19.2025/", &address).await;
        assert!(page.text.contains("đề nghị xã đính kèm lại") && !page.text.contains("đang gửi lên"), "{}", page.text);
        // Should the right ones come all the same, they are taken.
        arrive(&hub, &parts).await;
        assert_eq!(shown(&hub, &which).await, ("application/pdf".to_owned(), false));
    }

    async fn what_another_node_sends_under_the_name_of_a_file_does_not_spoil_it(builder: KitBuilder) {
        let hub = started(builder).await;
        let point = started(KitBuilder::on(TestEngine::Sqlite).point(7)).await;
        let (which, section) = with_files(&point).await;
        let bytes = pdf(100_000);
        handed_in(&point, &which, &section, &bytes).await;
        let parts = parts_after(&point, 1).await;
        let report = log(&point).await[0].1.clone();
        applied(&hub, 60, report).await;
        applied_from(&hub, STRANGER, 60, naming(&which, &section, &bytes)).await;
        // The stranger's parts come between those of the commune, more often than a file is asked for again.
        arrive(&hub, &parts[..1]).await;
        for part in (0..5).flat_map(|_| &parts) {
            applied_from(&hub, STRANGER, 61, turned(part)).await;
            hub.settle().await;
        }
        assert_eq!(shown(&hub, &which).await, (String::new(), false), "its own is on its way");
        assert_eq!(kept(&hub).await, 1, "what the commune sent is here");
        arrive(&hub, &parts[1..]).await;
        assert_eq!(shown(&hub, &which).await, ("application/pdf".to_owned(), false));
        assert_eq!(kept(&hub).await, 0);
    }

    async fn a_stranger_who_sends_a_report_under_anothers_name_throws_no_part_of_it_away(builder: KitBuilder) {
        let hub = started(builder).await;
        let point = started(KitBuilder::on(TestEngine::Sqlite).point(7)).await;
        let which = which(COMMUNE);
        typed(&point, &officer(&point), &which, vec![edit("10.5b", 0, 2), edit("10.6", 0, 198), edit("10.3a", 0, 6), edit("10.6kp", 0, 1)]).await;
        step(&point, &leader(&point), &which.id(), Step::Certify, 1).await;
        step(&point, &leader(&point), &which.id(), Step::Submit, 1).await;
        let (_, body) = log(&point).await.remove(0);
        let halves = |content: Option<&[u8]>| in_parts(&body, content, 2);
        let own = halves(None);
        applied(&hub, 60, own[0].clone()).await;
        for half in halves(Some(b"nothing that anybody can read")) {
            applied_from(&hub, STRANGER, 60, half).await;
        }
        applied(&hub, 60, own[1].clone()).await;
        let (_, sheet) = open(&hub.app, &province(&hub), &which).await.expect("it opens");
        assert_eq!(sheet.state(), reporting::model::submission::State::Submitted);
    }

    async fn a_point_that_was_set_up_anew_may_send_a_revision_once_more_in_other_parts(builder: KitBuilder) {
        let hub = started(builder).await;
        let which = which(COMMUNE);
        let said = |figure: i64, words: usize| {
            let amount = [(String::new(), CellState::Value(figure))].into();
            let content = Content {
                figures: [("10.6".to_owned(), amount)].into(),
                explained: "a".repeat(words),
                ..signed_content(&which, 1)
            };
            piece(&which, &content)
        };
        // The first way got as far as its last part but one; then the box died.
        let lost = in_parts(&said(7, 300), None, 5);
        for part in &lost[..4] {
            applied(&hub, 60, part.clone()).await;
        }
        for part in in_parts(&said(8, 100), None, 2) {
            applied(&hub, 60, part).await;
        }
        let (_, sheet) = open(&hub.app, &province(&hub), &which).await.expect("it opens");
        assert_eq!(sheet.held[&cell("10.6")].state, CellState::Value(8));
        let left = hub.db().view(async |tx: &mut Tx| {
            let count: i64 = tx.one(kernel::sql!("select count(*) as value from reporting_parts"), &[]).await?;
            Ok(count)
        });
        assert_eq!(left.await.expect("read"), 0);
    }

    async fn at_a_new_box_files_say_who_signed_where_they_lie_and_what_taking_them_out_means(builder: KitBuilder) {
        let hub = started(builder).await;
        let point = started(KitBuilder::on(TestEngine::Sqlite).point(7)).await;
        let (which, section) = with_files(&point).await;
        let base = format!("/bao-cao/{}/{}/{COMMUNE}/{}", which.dataset, which.period, which.life.slug());
        let address = format!("{base}/tep/{section}");
        let officer = "Mai|commune_officer|/vn/19.2025/01969.2025/";
        handed_in(&point, &which, &section, &pdf(50_000)).await;
        let page = point.get(officer, &address).await;
        assert!(page.text.contains("Mai, ") && !page.text.contains("theo báo cáo"), "{}", page.text);
        let parts = parts_after(&point, 1).await;
        applied(&hub, 60, log(&point).await[0].1.clone()).await;
        arrive(&hub, &parts).await;
        let page = hub.get("Lan|province_officer|/vn/19.2025/", &address).await;
        assert!(page.text.contains("theo báo cáo Hùng xác thực lúc") && !page.text.contains("lưu ở cấp trên"), "{}", page.text);
        let new = started(KitBuilder::on(TestEngine::Sqlite).point(8)).await;
        joins(&hub).await;
        for body in down(&hub, 54).await {
            applied(&new, 54, body).await;
        }
        for path in [&base, &address] {
            let page = new.get(officer, path).await;
            let told = ["theo báo cáo Hùng xác thực lúc", "lưu ở cấp trên", "Mở được tại trang báo cáo này ở cấp tỉnh"];
            assert!(told.iter().all(|words| page.text.contains(words)), "{path}: {}", page.text);
            assert!(!page.text.contains("Bỏ tệp khỏi lần gửi này"), "{path}: {}", page.text);
        }
        step(&new, &leader(&new), &which.id(), Step::Correct, 1).await;
        let page = new.get(officer, &address).await;
        assert!(page.text.contains("Bỏ tệp khỏi lần gửi này") && page.text.contains("thì phải có tệp gốc"), "{}", page.text);
    }

    async fn a_file_that_the_disk_has_broken_does_not_travel_and_may_be_attached_anew(builder: KitBuilder) {
        let point = started(builder.point(7)).await;
        let (which, section) = with_files(&point).await;
        let bytes = pdf(50_000);
        handed_in(&point, &which, &section, &bytes).await;
        let hash = kernel::files::FileHash::of(&bytes);
        std::fs::write(point.app.files.path(hash), turned(&bytes)).expect("the disk breaks it");
        assert!(parts_after(&point, 1).await.is_empty());
        assert_eq!(point.app.files.put(&bytes).await.expect("kept"), hash);
        let whole = point.app.files.get(hash).await.expect("read");
        assert_eq!(whole.as_deref(), Some(bytes.as_slice()), "what was broken does not stand for what is whole");
    }
}
