//! Going over to another version of a form: what has a cell there is carried over, what has none is told before and
//! kept, what was handed in once stays as it is.

use std::collections::BTreeMap;

use kernel::records::{up_after, up_head};
use proptest::prelude::*;
use reporting::{
    actions::{
        attach::{self, NewFile},
        counts,
        entry::{Changes, NOTHING_TO_MOVE_TO, RowEdit, crossing, history, save, take_over},
        review::{self, CHANGED_MEANWHILE},
        steps::{Said, take},
    },
    model::form::{ColumnKind, TableColumn},
};

use super::*;
use crate::cast::province_leader;

/// Publishes the next version of a form, changed so.
async fn next_version(
    kit: &Kit,
    code: &str,
    edit: impl FnOnce(&mut Bundle) -> kernel::problem::Outcome<()> + Send,
) {
    let id = draft_of(kit, code).await;
    builder::change(&kit.app, &author(), (&id, 1), edit).await.expect("saved");
    builder::publish(&kit.app, &second(), &id).await.expect("published");
}

/// Without 10.6 and without rules.
#[expect(clippy::unnecessary_wraps, reason = "every change of a draft may be refused")]
fn without_visits(bundle: &mut Bundle) -> kernel::problem::Outcome<()> {
    for section in &mut bundle.form.sections {
        if let SectionBody::Table(table) = &mut section.body {
            table.rows.retain(|row| row.element.as_ref().is_none_or(|one| one.as_str() != "10.6"));
            table.rows.reverse();
        }
    }
    bundle.form.rules.clear();
    Ok(())
}

async fn begun(kit: &Kit) {
    let edits = vec![
        edit("10.5b", 0, 2),
        edit("10.6", 0, 198),
        edit("10.6:gt=nu", 0, 90),
        edit("10.3a", 0, 6),
        edit("10.6kp", 0, 306_105_000),
    ];
    typed(kit, &officer(kit), &which(COMMUNE), edits).await;
}

async fn sum(kit: &Kit, key: &str) -> i64 {
    let period = ["nd09q-2026-4".to_owned()];
    let sums = async |tx: &mut Tx| counts::sums(tx, &cell(key), &period, Life::Final).await;
    kit.db().view(sums).await.expect("sums").iter().map(|one| one.sum).sum()
}

async fn moved(kit: &Kit, who: &Caller, which: &Which) {
    let (way, _) = crossing(&kit.app, who, which).await.expect("a look");
    let seen = way.expect("a way").seen;
    take_over(&kit.app, who, which, &seen).await.expect("it went over");
}

testkit::on_both_engines! {
    async fn figures_go_over_by_what_they_count_and_the_rest_is_told_before_and_kept(builder: KitBuilder) {
        let kit = started(builder).await;
        let which = which(COMMUNE);
        begun(&kit).await;
        next_version(&kit, "diem-ho-tro", without_visits).await;
        let mine = "Mai|commune_officer|/vn/19.2025/01969.2025/";
        let base = "/bao-cao/diem-ho-tro/nd09q-2026-4/01969.2025/chinh-thuc";
        let page = kit.get(mine, base).await;
        assert!(page.text.contains("phiên bản 2") && page.text.contains("Không hỏi nữa"), "what changed is told");
        assert!(page.text.contains(&format!("{base}/phien-ban")));
        assert_eq!(testkit::html::broken(&page.text, "vi"), Vec::<String>::new());
        let look = kit.get(mine, &format!("{base}/phien-ban")).await;
        assert!(look.status == 200 && look.text.contains("198 lượt"), "listed before: {}", look.text);
        assert!(look.text.contains("<p>3 ô số liệu.</p>"), "what there is none of is left out: {}", look.text);
        assert!(look.text.contains("<h2>Nội dung phiên bản mới không còn hỏi</h2>"), "{}", look.text);
        assert_eq!(testkit::html::broken(&look.text, "vi"), Vec::<String>::new());
        let (way, before) = crossing(&kit.app, &officer(&kit), &which).await.expect("a look");
        let way = way.expect("a way");
        assert!((way.from, way.to, before.len()) == (1, 2, 0) && way.kept.figures.len() == 3);
        let left: Vec<String> = way.left.figures.iter().map(|one| one.key.text()).collect();
        assert_eq!(left, ["10.6", "10.6:gt=nu"]);
        let done = kit.post(mine, &format!("{base}/phien-ban"), &[("seen", &way.seen)]).await;
        assert_eq!((done.status, done.location()), (303, base), "{}", done.text);
        let (_, sheet) = open(&kit.app, &officer(&kit), &which).await.expect("it opens");
        assert_eq!((sheet.form_version, sheet.submission.as_ref().map(|one| one.form_version)), (2, Some(2)));
        assert_eq!(sheet.held[&cell("10.3a")].state, CellState::Value(6));
        assert_eq!(sheet.held[&cell("10.3a")].version, 1, "nothing of it was written anew");
        assert!(!sheet.held.contains_key(&cell("10.6")), "nobody signs what nobody sees");
        assert_eq!((sum(&kit, "10.6").await, sum(&kit, "10.5b").await), (0, 2));
        assert!(counts::are_true(kit.db()).await.expect("counted anew"));
        // Kept in the history of the cell, in the copy, on the page.
        let past = history(&kit.app, &officer(&kit), &which, &cell("10.6")).await.expect("history");
        assert!(past.iter().any(|(state, by, _)| *state == Some(CellState::Value(198)) && by == "Mai"));
        let (_, copy) = review::copy(&kit.app, &province(&kit), &which.id(), 1, "v1").await.expect("a copy");
        let copy = Content::decode(&copy.body).expect("it reads");
        assert_eq!((copy.form_version, &copy.cells()[&cell("10.6:gt=nu")]), (1, &CellState::Value(90)));
        let look = kit.get(mine, &format!("{base}/phien-ban")).await;
        assert!(look.text.contains("198 lượt") && look.text.contains("Mai"), "still there to see");
        assert!(kit.get(mine, base).await.text.contains("đã chuyển phiên bản"));
        let review = kit.get("Lan|province_officer|/vn/19.2025/", &format!("/bao-cao/duyet/{}", which.id())).await;
        assert!(review.text.contains("trước khi rời phiên bản 1"), "{}", review.status);
        assert_eq!(testkit::html::broken(&review.text, "vi"), Vec::<String>::new());
        // It is signed and handed in by the new version.
        step(&kit, &leader(&kit), &which.id(), Step::Certify, 1).await;
        step(&kit, &officer(&kit), &which.id(), Step::Submit, 1).await;
        let again = take_over(&kit.app, &officer(&kit), &which, &way.seen).await.expect_err("it is there");
        assert!(again.is(&NOTHING_TO_MOVE_TO));
    }

    async fn what_was_signed_or_handed_in_once_keeps_its_version(builder: KitBuilder) {
        let kit = started(builder).await;
        let which = which(COMMUNE);
        let id = which.id();
        begun(&kit).await;
        step(&kit, &leader(&kit), &id, Step::Certify, 1).await;
        next_version(&kit, "diem-ho-tro", without_visits).await;
        let version = async || {
            let (way, _) = crossing(&kit.app, &officer(&kit), &which).await.expect("a look");
            let refused = take_over(&kit.app, &officer(&kit), &which, "").await.expect_err("it stays");
            let (_, sheet) = open(&kit.app, &officer(&kit), &which).await.expect("it opens");
            (way.is_some(), refused.is(&NOTHING_TO_MOVE_TO), sheet.form_version)
        };
        let stays = (false, true, 1);
        assert_eq!(version().await, stays, "signed");
        step(&kit, &leader(&kit), &id, Step::Submit, 1).await;
        assert_eq!(version().await, stays, "handed in");
        let said = Said { revision: 1, note: "Đề nghị kiểm tra lại".to_owned(), ..Said::default() };
        take(&kit.app, &province(&kit), &id, Step::Return, &said).await.expect("given back");
        assert_eq!(version().await, stays, "given back: the remarks are about its cells");
        let page = kit.get("Mai|commune_officer|/vn/19.2025/01969.2025/", "/bao-cao/diem-ho-tro/nd09q-2026-4/01969.2025/chinh-thuc").await;
        assert!(page.text.contains("đã gửi một lần nên vẫn theo phiên bản 1"), "and says so");
        step(&kit, &leader(&kit), &id, Step::Certify, 1).await;
        step(&kit, &leader(&kit), &id, Step::Submit, 2).await;
        step(&kit, &province(&kit), &id, Step::Accept, 2).await;
        step(&kit, &province_leader(&kit), &id, Step::Approve, 2).await;
        assert_eq!(version().await, stays, "approved");
        step(&kit, &leader(&kit), &id, Step::Correct, 2).await;
        assert_eq!(version().await, stays, "a correction corrects what was said in that version");
        assert_eq!(sum(&kit, "10.6").await, 198);
        // One whose signature was taken back before it was handed in is a draft as before.
        let neighbour = caller("Xa", "commune_officer", "/vn/19.2025/01942.2025/");
        let theirs = crate::cast::which("01942.2025");
        let stranger = take_over(&kit.app, &neighbour, &which, "").await.expect_err("another commune");
        assert!(stranger.is(&FORBIDDEN));
        let nothing = take_over(&kit.app, &neighbour, &theirs, "").await.expect_err("not begun");
        assert!(nothing.is(&NOTHING_TO_MOVE_TO));
    }

    async fn what_was_typed_after_the_look_is_told_before_it_goes(builder: KitBuilder) {
        let kit = started(builder).await;
        let which = which(COMMUNE);
        begun(&kit).await;
        // Two figures for one cell wait to be chosen, and the cell goes away.
        let tam = caller("Tâm", "commune_officer", PLACE);
        typed(&kit, &tam, &which, vec![edit("10.6", 0, 210)]).await;
        next_version(&kit, "diem-ho-tro", without_visits).await;
        let (way, _) = crossing(&kit.app, &officer(&kit), &which).await.expect("a look");
        let way = way.expect("a way");
        assert_eq!(way.left.waiting, [(cell("10.6"), Some(CellState::Value(210)))]);
        typed(&kit, &tam, &which, vec![edit("10.6:gt=nu", 1, 95)]).await;
        let stale = take_over(&kit.app, &officer(&kit), &which, &way.seen).await.expect_err("another list");
        assert!(stale.is(&CHANGED_MEANWHILE));
        let (_, sheet) = open(&kit.app, &officer(&kit), &which).await.expect("it opens");
        assert_eq!((sheet.form_version, sheet.held.len()), (1, 5), "nothing was touched");
        let mine = "Mai|commune_officer|/vn/19.2025/01969.2025/";
        let again = kit.post(mine, "/bao-cao/diem-ho-tro/nd09q-2026-4/01969.2025/chinh-thuc/phien-ban", &[("seen", &way.seen)]).await;
        assert!(again.status == 409 && again.text.contains("95 lượt"), "the new list is shown: {}", again.status);
        moved(&kit, &officer(&kit), &which).await;
        let (_, sheet) = open(&kit.app, &officer(&kit), &which).await.expect("it opens");
        assert!(sheet.conflicts.is_empty(), "nobody has to choose for a cell that is gone");
        step(&kit, &leader(&kit), &which.id(), Step::Certify, 1).await;
    }

    async fn rows_words_and_files_go_over_or_are_kept(builder: KitBuilder) {
        let kit = started(builder).await;
        let which = Which { dataset: dataset("bm-07"), ..which(COMMUNE) };
        let cells = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(column, text)| ((*column).to_owned(), (*text).to_owned())).collect()
        };
        let row = |position, cells| RowEdit { section: "cuoc".to_owned(), id: None, position, cells: Some(cells), base: 0 };
        let rows = vec![
            row(0, cells(&[("doan", "Đoàn của tỉnh"), ("ngay", "2026-10-02"), ("noidung", "Nước sạch"), ("kiennghi", "Sửa bể"), ("trangthai", "dang")])),
            row(1, cells(&[("doan", "Đoàn của xã"), ("ngay", "2026-10-09"), ("noidung", "Đường"), ("trangthai", "xong")])),
        ];
        save(&kit.app, &officer(&kit), &which, Changes { rows, ..Changes::default() }).await.expect("saved");
        let file = NewFile { section: "tep", name: "a.pdf", caption: "Biên bản giám sát", bytes: b"%PDF-1.7 noi dung" };
        let file = attach::attach(&kit.app, &officer(&kit), &which, &file).await.expect("attached");
        next_version(&kit, "bm-07", |bundle| {
            bundle.form.sections.retain(|section| section.code != "tep");
            for section in &mut bundle.form.sections {
                if let SectionBody::Rows(table) = &mut section.body {
                    table.columns.retain(|column| column.code != "kiennghi");
                    for column in &mut table.columns {
                        if let ColumnKind::Choice(all) = &mut column.kind {
                            all.retain(|one| one.code != "xong");
                        }
                    }
                }
            }
            Ok(())
        }).await;
        let (way, _) = crossing(&kit.app, &officer(&kit), &which).await.expect("a look");
        let left = way.expect("a way").left;
        let lost: Vec<&BTreeMap<String, String>> = left.rows.iter().map(|row| &row.cells).collect();
        assert_eq!(lost, [&cells(&[("kiennghi", "Sửa bể")]), &cells(&[("trangthai", "xong")])]);
        assert_eq!(left.files.len(), 1);
        moved(&kit, &officer(&kit), &which).await;
        let (_, sheet) = open(&kit.app, &officer(&kit), &which).await.expect("it opens");
        assert!(sheet.attachments.is_empty() && sheet.rows.len() == 2);
        let first: BTreeMap<String, String> = serde_json::from_str(&sheet.rows[0].body).expect("a row");
        assert_eq!((first.get("trangthai").map(String::as_str), first.get("kiennghi")), (Some("dang"), None));
        let (_, bytes) = attach::fetch(&kit.app, &officer(&kit), &which, &file).await.expect("the file is kept");
        assert_eq!(bytes, b"%PDF-1.7 noi dung");
        attach::detach(&kit.app, &officer(&kit), &which, &file).await.expect_err("and nobody takes it out");
        let page = kit.get("Mai|commune_officer|/vn/19.2025/01969.2025/", "/bao-cao/bm-07/nd09q-2026-4/01969.2025/chinh-thuc/phien-ban").await;
        assert!(page.text.contains("Sửa bể") && page.text.contains(&format!("/tep/~tep/{file}")), "{}", page.status);
        assert!(page.text.contains("Khắc phục: Đã khắc phục") && !page.text.contains("Khắc phục: xong"), "choices by their names: {}", page.text);
        let fetched = kit.get("Mai|commune_officer|/vn/19.2025/01969.2025/", &format!("/bao-cao/bm-07/nd09q-2026-4/01969.2025/chinh-thuc/tep/~tep/{file}")).await;
        assert_eq!(fetched.status, 200);
    }

    async fn it_goes_over_at_a_point_without_a_network_and_the_hub_takes_it(builder: KitBuilder) {
        let hub = started(builder).await;
        let point = started(KitBuilder::on(TestEngine::Sqlite).point(9)).await;
        begun(&point).await;
        next_version(&hub, "diem-ho-tro", without_visits).await;
        for record in &told(&hub).await {
            taken(&point, record).await;
        }
        point.settle().await;
        let which = which(COMMUNE);
        moved(&point, &officer(&point), &which).await;
        step(&point, &leader(&point), &which.id(), Step::Certify, 1).await;
        step(&point, &leader(&point), &which.id(), Step::Submit, 1).await;
        let rows = async |tx: &mut Tx| {
            let (epoch, _) = up_head(tx).await?.expect("a log");
            Ok(up_after(tx, epoch, 0, 100).await?)
        };
        let sent = point.db().view(rows).await.expect("the log is read");
        for row in sent.into_iter().filter(|row| row.kind == 60) {
            let record = Incoming { body: row.body, ..report(&which, 1, "10.6") };
            taken(&hub, &record).await;
        }
        let (_, sheet) = open(&hub.app, &province(&hub), &which).await.expect("it opens");
        assert_eq!(sheet.submission.map(|one| one.form_version), Some(2));
        assert!(sheet.held.len() == 3 && !sheet.held.contains_key(&cell("10.6")), "{:?}", sheet.held.keys());
        assert_eq!(sum(&hub, "10.5b").await, 2);
    }
}

/// Cells that a version may ask for: of a row, with or without its columns.
const ROWS: [&str; 4] = ["10.5a", "10.6", "10.3b", "10.2"];
const TYPED: [&str; 6] = ["10.5a", "10.6", "10.6:gt=nu", "10.3b", "10.3b:dtts=dtts", "10.2:gt=nu"];

/// Which figures are typed, which rows and columns each of the next versions has.
type Story = (Vec<(usize, i64)>, Vec<([bool; 4], [bool; 2])>);

async fn plays_out(builder: KitBuilder, (figures, versions): Story) {
    let kit = started(builder).await;
    let which = which(COMMUNE);
    let typed_in: BTreeMap<&str, i64> =
        figures.iter().map(|(at, amount)| (TYPED[*at], *amount)).collect();
    let edits = typed_in.iter().map(|(key, amount)| edit(key, 0, *amount)).collect();
    typed(&kit, &officer(&kit), &which, edits).await;
    for (rows, columns) in &versions {
        next_version(&kit, "diem-ho-tro", |bundle| {
            bundle.form.rules.clear();
            let shipped = reporting::reference::shipped().form(&dataset("diem-ho-tro"));
            let mut form = shipped.expect("it ships").clone();
            for section in &mut form.sections {
                let SectionBody::Table(table) = &mut section.body else { continue };
                let keeps = |element: &str| {
                    ROWS.iter().position(|one| *one == element).is_none_or(|at| rows[at])
                };
                table
                    .rows
                    .retain(|row| row.element.as_ref().is_some_and(|one| keeps(one.as_str())));
                let all = std::mem::take(&mut table.columns);
                let kept: Vec<usize> =
                    (0..all.len()).filter(|at| *at == 0 || columns[at - 1]).collect();
                table.columns =
                    kept.iter().map(|at| all[*at].clone()).collect::<Vec<TableColumn>>();
                for row in &mut table.rows {
                    let place = |old: &usize| kept.iter().position(|one| one == old);
                    row.without = row.without.iter().filter_map(place).collect();
                }
            }
            bundle.form.sections = form.sections;
            Ok(())
        })
        .await;
        let (way, _) = crossing(&kit.app, &officer(&kit), &which).await.expect("a look");
        // No two steps are taken in the same moment.
        kit.clock.advance(60_000);
        if way.is_some() {
            moved(&kit, &officer(&kit), &which).await;
        }
    }
    let (all, sheet) = open(&kit.app, &officer(&kit), &which).await.expect("it opens");
    let (_, behind) = crossing(&kit.app, &officer(&kit), &which).await.expect("a look");
    let form = all.form(&dataset("diem-ho-tro")).expect("a form");
    for (key, amount) in &typed_in {
        let key = cell(key);
        let stands =
            sheet.held.get(&key).map(|held| &held.state) == Some(&CellState::Value(*amount));
        let told = behind.iter().flat_map(|one| &one.left.figures);
        let told =
            told.filter(|one| one.key == key && one.state == CellState::Value(*amount)).count();
        assert_eq!(usize::from(stands) + told, 1, "{} stands or was told, once", key.text());
        assert!(!stands || form.section_of(&key).is_some(), "what stands can be seen");
        if !stands {
            let past = history(&kit.app, &officer(&kit), &which, &key).await.expect("history");
            assert!(past.iter().any(|(state, ..)| *state == Some(CellState::Value(*amount))));
        }
    }
    assert!(counts::are_true(kit.db()).await.expect("counted anew"));
}

fn stories() -> impl Strategy<Value = Story> {
    let figures = prop::collection::vec((0..6_usize, 0..900_i64), 1..6);
    let version = (prop::array::uniform4(any::<bool>()), prop::array::uniform2(any::<bool>()));
    (figures, prop::collection::vec(version, 1..3))
}

#[test]
fn through_whatever_versions_no_figure_is_lost() {
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 6,
        max_shrink_iters: 8,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let run = |story: Story| {
        testkit::run(plays_out(KitBuilder::on(TestEngine::Sqlite), story));
        Ok(())
    };
    runner.run(&stories(), run).expect("the law holds");
}
