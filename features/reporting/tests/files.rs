//! Figures from a file on the machine's own disk: in every format, as long as it may be, twice, with lines that
//! nobody can read.

use std::{fmt::Write, path::PathBuf};

use kernel::{caller::Caller, sql};
use reporting::{
    FileFormat, FileTaken,
    actions::{
        counts, entry,
        exchange::{IdScheme, import::Options},
    },
    model::CellState,
    take_file,
};
use testkit::Kit;

use crate::cast::{COMMUNE, cell, officer, province, started, which};

const HEAD: &str = "dataElement,period,orgUnit,categoryOptionCombo,value,comment\n";

/// A file that goes when the test ends.
struct Paper(PathBuf);

impl Paper {
    fn new(name: &str, bytes: impl AsRef<[u8]>) -> Self {
        let chance = kernel::chance::hex(&kernel::chance::Chance::system().bytes::<6>());
        let path = std::env::temp_dir().join(format!("nhipcau-{chance}-{name}"));
        std::fs::write(&path, bytes).expect("a file is written");
        Self(path)
    }
}

impl Drop for Paper {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// What became of it, and what was refused: where, by DHIS2's code.
type Became = (FileTaken, Vec<(Vec<u64>, &'static str)>);

async fn taken(kit: &Kit, who: &Caller, paper: &Paper, options: &Options) -> Became {
    let format = FileFormat::of(&paper.0).expect("its ending is known");
    let mut refused = Vec::new();
    let told = take_file(&kit.app, who, (&paper.0, format), None, options, |_, more| {
        refused.extend(more.iter().map(|one| (one.at.clone(), one.conflict.code)));
    })
    .await
    .expect("it is read");
    (told, refused)
}

fn system(kit: &Kit) -> Caller {
    Caller::system(kit.app.now())
}

async fn amount(kit: &Kit, key: &str) -> Option<CellState> {
    let (_, sheet) = entry::open(&kit.app, &officer(kit), &which(COMMUNE)).await.expect("it opens");
    sheet.held.get(&cell(key)).map(|held| held.state.clone())
}

async fn noted(kit: &Kit) -> i64 {
    kit.db()
        .view(async |tx| {
            Ok(tx.one(sql!("select count(*) as value from identity_audit where action = 'reporting.exchange.file'"), &[]).await?)
        })
        .await
        .expect("counted")
}

fn line(element: &str, combo: &str, value: &str) -> String {
    format!("{element},nd09q-2026-4,{COMMUNE},{combo},{value},\n")
}

testkit::on_both_engines! {
    async fn a_file_is_taken_in_a_trial_leaves_nothing_and_a_second_time_changes_nothing(builder: KitBuilder) {
        let kit = started(builder).await;
        let text = format!("{HEAD}{}{}{}", line("10.6", "", "198"), line("10.6", "gt=nu", "90"), line("10.5b", "", "2"));
        let paper = Paper::new("so-lieu-cu.csv", &text);
        let system = system(&kit);
        let trial = Options { dry_run: true, ..Options::default() };
        let (told, refused) = taken(&kit, &system, &paper, &trial).await;
        assert_eq!((told, refused), (FileTaken { read: 3, imported: 3, ..FileTaken::default() }, vec![]));
        assert_eq!((amount(&kit, "10.6").await, noted(&kit).await), (None, 0));
        let (told, _) = taken(&kit, &system, &paper, &Options::default()).await;
        assert_eq!(told, FileTaken { read: 3, imported: 3, ..FileTaken::default() });
        assert_eq!((amount(&kit, "10.6").await, noted(&kit).await), (Some(CellState::Value(198)), 1));
        let (told, _) = taken(&kit, &system, &paper, &Options::default()).await;
        assert_eq!(told, FileTaken { read: 3, unchanged: 3, ..FileTaken::default() });
        let changed = Paper::new("so-lieu-cu.csv", text.replace("198", "199"));
        let (told, _) = taken(&kit, &system, &changed, &Options::default()).await;
        assert_eq!(told, FileTaken { read: 3, updated: 1, unchanged: 2, ..FileTaken::default() });
        assert_eq!(noted(&kit).await, 2, "what changed nothing is not noted");
        assert!(counts::are_true(kit.db()).await.expect("counted anew"));
    }

    async fn broken_lines_are_told_by_their_number_and_the_others_are_in(builder: KitBuilder) {
        let kit = started(builder).await;
        // Line ends of two systems, an empty line, a remark over two lines, bytes that are no text.
        let mut text = format!("\u{feff}{HEAD}{}\r\n", line("10.6", "", "198").trim_end()).into_bytes();
        text.extend_from_slice(line("khong-co", "", "1").as_bytes());
        text.extend_from_slice(b"\n");
        text.extend_from_slice(format!("10.3a,nd09q-2026-4,{COMMUNE},,,\"[no-data] Mất\nđiện\"\n").as_bytes());
        text.extend_from_slice(line("10.5b", "", "hai").as_bytes());
        text.extend_from_slice(b"10.5b,nd09q-2026-4,\xff\xfe,,2,\n");
        text.extend_from_slice(line("10.5b", "", "2").trim_end().as_bytes());
        let (told, refused) = taken(&kit, &system(&kit), &Paper::new("x.csv", text), &Options::default()).await;
        assert_eq!(refused, [(vec![3], "E7610"), (vec![7], "E7619"), (vec![8], "E7619")]);
        assert_eq!(told, FileTaken { read: 6, imported: 3, refused: 3, ..FileTaken::default() });
        assert_eq!(amount(&kit, "10.5b").await, Some(CellState::Value(2)));
        assert_eq!(amount(&kit, "10.3a").await, Some(CellState::NoData("Mất\nđiện".to_owned())));
    }

    async fn every_format_is_taken_and_one_that_is_cut_off_leaves_nothing(builder: KitBuilder) {
        let kit = started(builder).await;
        let json = r#"{"dataValues":[{"dataElement":"10.6","value":198},{"dataElement":"x","value":1}],"period":"nd09q-2026-4","orgUnit":"01969","orgUnitIdScheme":"code"}"#.to_owned();
        let adx = format!("<adx xmlns=\"urn:ihe:qrph:adx:2015\"><group dataSet=\"diem-ho-tro\" period=\"2026-09-15/P3M\" orgUnit=\"{COMMUNE}\"><dataValue dataElement=\"x\" value=\"1\"/><dataValue dataElement=\"10.5b\" value=\"2\"/></group></adx>");
        let system = system(&kit);
        for (name, whole, key, at) in [("x.json", json, "10.6", 2), ("x.adx", adx, "10.5b", 1)] {
            let cut = Paper::new(name, &whole[..whole.len() - 2]);
            let format = FileFormat::of(&cut.0).expect("known");
            let failure = take_file(&kit.app, &system, (&cut.0, format), None, &Options::default(), |_, _| ()).await.expect_err("cut off");
            assert_eq!(failure.problem().map(|problem| problem.kind.code), Some("reporting-unreadable"));
            assert_eq!(amount(&kit, key).await, None, "{name}");
            let (told, refused) = taken(&kit, &system, &Paper::new(name, &whole), &Options::default()).await;
            assert_eq!((told.imported, told.refused, refused), (1, 1, vec![(vec![at], "E7610")]), "{name}");
            assert!(amount(&kit, key).await.is_some(), "{name}");
        }
    }

    async fn somebody_writes_what_they_may_and_from_a_paper_for_others(builder: KitBuilder) {
        let kit = started(builder).await;
        let paper = Paper::new("x.csv", format!("{HEAD}{}", line("10.6", "", "198")));
        let (told, refused) = taken(&kit, &province(&kit), &paper, &Options::default()).await;
        assert_eq!((told.refused, refused), (1, vec![(vec![2], "E7617")]), "the tier above needs a paper");
        let from = Options { paper: Some("12/BC-UBND".to_owned()), ..Options::default() };
        assert_eq!(taken(&kit, &province(&kit), &paper, &from).await.0.imported, 1);
        let nobody = Caller::nobody(kit.app.now());
        let refused = take_file(&kit.app, &nobody, (&paper.0, FileFormat::Csv), None, &Options::default(), |_, _| ()).await;
        assert_eq!(refused.expect_err("nobody may").problem().map(|problem| problem.kind.status), Some(401));
    }

    async fn a_file_longer_than_a_batch_is_whole(builder: KitBuilder) {
        let kit = started(builder).await;
        // The same figure again and again, and each time another number: the last one stands.
        let mut text = HEAD.to_owned();
        for at in 0..25_000 {
            let _ = write!(text, "{}", line("10.6", "", &at.to_string()));
        }
        text.push_str(&line("khong-co", "", "1"));
        let mut far = Vec::new();
        let paper = Paper::new("x.csv", text);
        let names = Some(IdScheme::Code);
        let told = take_file(&kit.app, &system(&kit), (&paper.0, FileFormat::Csv), names, &Options::default(), |taken, _| far.push(taken.read)).await.expect("it is read");
        assert_eq!(far, [10_000, 20_000, 25_001]);
        assert_eq!(told, FileTaken { read: 25_001, imported: 1, updated: 2, unchanged: 24_997, refused: 1, ..FileTaken::default() });
        assert_eq!(amount(&kit, "10.6").await, Some(CellState::Value(24_999)));
    }
}
