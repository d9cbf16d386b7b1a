//! What is kept on the disk although one feature alone would let it go: files that another names too.

use kernel::{files::FileHash, orphans};

use crate::town::{statement, whole};

testkit::on_both_engines! {
    async fn an_attachment_of_a_report_is_no_orphan_and_its_file_goes_with_its_row(builder: KitBuilder) {
        let kit = whole(builder).await;
        let hash = lay(&kit, b"%PDF-1.7 minutes");
        let insert = format!(
            "insert into reporting_attachments (id, submission, section, file, name, media_type, bytes, caption, by_name, at) \
             values ('a1', 's1', 'minutes', '{hash}', 'bien-ban.pdf', 'application/pdf', 16, 'Biên bản', 'Mai', 0)"
        );
        run(&kit, &insert).await;
        look_for_days(&kit, 30).await;
        assert!(kit.app.files.has(hash).await, "a row names it");
        run(&kit, "delete from reporting_attachments where id = 'a1'").await;
        look_for_days(&kit, 9).await;
        assert!(!kit.app.files.has(hash).await, "nobody does any more");
    }

    async fn the_same_bytes_may_be_two_features_and_go_with_the_last_row(builder: KitBuilder) {
        let kit = whole(builder).await;
        let hash = lay(&kit, b"%PDF-1.7 shared");
        run(&kit, &format!(
            "insert into reporting_attachments (id, submission, section, file, name, media_type, bytes, caption, by_name, at) \
             values ('a1', 's1', 'minutes', '{hash}', 'bien-ban.pdf', 'application/pdf', 15, 'Biên bản', 'Mai', 0)"
        )).await;
        // Publishing knew the file once; nothing of it names it any more, so it lets it go.
        run(&kit, &format!("insert into publishing_files (hash, media_type, bytes, arrived_at) values ('{hash}', 'audio/ogg', 15, 0)")).await;
        let collect = publishing::module().jobs.iter().find(|job| job.name == "publishing.collect_files").expect("the job");
        (collect.run)(&kit.app, "").await.expect("collected");
        assert!(kit.app.files.has(hash).await, "the attachment still needs it");
    }
}

/// A file as another process left it.
fn lay(kit: &testkit::Kit, bytes: &[u8]) -> FileHash {
    let hash = FileHash::of(bytes);
    let path = kit.app.files.path(hash);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(&path, bytes).expect("written");
    hash
}

async fn run(kit: &testkit::Kit, text: &str) {
    let statement = statement(text);
    kit.db().change(async |tx| Ok(tx.run(statement, &[]).await.map(drop)?)).await.expect("written");
}

async fn look_for_days(kit: &testkit::Kit, days: u32) {
    for _ in 0..days {
        kit.clock.advance(24 * 3_600_000);
        orphans::collect(&kit.app).await.expect("looked");
    }
}
