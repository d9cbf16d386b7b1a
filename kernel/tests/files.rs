//! Files are whole or absent, stored once, and never beyond the quota.

use kernel::{
    chance::Chance,
    files::{FileHash, Files},
    problem::NO_SPACE,
};
use testkit::{KitBuilder, TestEngine};

#[test]
fn the_same_bytes_are_kept_once_and_the_quota_holds() {
    testkit::run(async {
        let kit = KitBuilder::on(TestEngine::Sqlite).start().await;
        let root = kit.folder.join("small");
        let files = Files::open(&root, 1_000, Chance::seeded(1)).await.expect("opens");
        let first = files.put(&[7; 600]).await.expect("fits");
        assert_eq!(files.put(&[7; 600]).await.expect("is there already"), first);
        assert_eq!(files.usage(), (600, 1_000));
        let refused = files.put(&[8; 600]).await.expect_err("too much");
        assert!(refused.is(&NO_SPACE));
        assert_eq!(files.usage(), (600, 1_000), "a refused file counts nothing");
        assert_eq!(files.get(first).await.expect("reads"), Some(vec![7; 600]));
        assert_eq!(files.get(FileHash::of(b"other")).await.expect("reads"), None);
    });
}

#[test]
fn leftovers_of_a_power_cut_are_removed_and_whole_files_counted() {
    testkit::run(async {
        let kit = KitBuilder::on(TestEngine::Sqlite).start().await;
        let root = kit.folder.join("again");
        let files = Files::open(&root, 10_000, Chance::seeded(1)).await.expect("opens");
        let hash = files.put(b"whole").await.expect("fits");
        std::fs::write(root.join("tmp").join("half"), b"ha").expect("a leftover");
        let files = Files::open(&root, 10_000, Chance::seeded(1)).await.expect("opens again");
        assert_eq!(files.usage().0, 5);
        assert!(files.has(hash).await);
        assert_eq!(std::fs::read_dir(root.join("tmp")).expect("reads").count(), 0);
    });
}
