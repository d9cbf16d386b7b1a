//! What whoever installs and looks after a machine meets: every refusal says in Vietnamese what is wrong and
//! what to do, and nothing is made or lost by it; a backup made while somebody writes comes back whole.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use kernel::problem::Failure;
use nhipcau::{
    cli::NodeArgs,
    config::{Config, NodeFile, hold, node_seed},
    keeping,
    start::open_database,
};

use crate::{machine::fresh_folder, town::statement};

fn run(words: &[&str], data: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_nhipcau"))
        .args(words)
        .arg("--data")
        .arg(data)
        .output()
        .expect("the program runs")
}

/// It refuses, and says these things.
fn refuses(words: &[&str], data: &Path, told: &[&str]) {
    let output = run(words, data);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{words:?} went through: {said}");
    for expected in told {
        assert!(said.contains(expected), "{words:?} does not say “{expected}”:\n{said}");
    }
}

fn code(failure: &Failure) -> &'static str {
    failure.problem().map_or("a fault", |problem| problem.kind.code)
}

/// A node of this program's schema, without the country.
async fn node(data: &Path) -> Config {
    let config = NodeArgs::at(data).config();
    let mut file = NodeFile::new_hub();
    file.settle_engine(&config).expect("node.json is written");
    node_seed(data).expect("a key");
    let db = open_database(&config).await.expect("the database opens");
    let modules = nhipcau::modules::modules();
    let migrations: Vec<_> = modules.iter().flat_map(|module| module.migrations).copied().collect();
    db.migrate(&migrations).await.expect("the schema");
    db.close().await;
    config
}

#[test]
fn a_mistyped_folder_is_refused_and_not_made() {
    let data = fresh_folder().join("nothing-here");
    let there = data.display().to_string();
    for words in [
        ["doctor", "--data", &there].as_slice(),
        &["admin", "--data", &there, "first", "ha"],
        &["admin", "--data", &there, "rescue", "ha"],
        &["backup", "--data", &there, "/nowhere/at/all"],
    ] {
        let program = Command::new(env!("CARGO_BIN_EXE_nhipcau")).args(words).output();
        let output = program.expect("the program runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{words:?}");
        assert!(said.contains("Chưa có máy nào trong thư mục"), "{words:?}: {said}");
        assert!(said.contains("--data"), "{words:?}: {said}");
        assert!(!data.exists(), "{words:?} made a folder");
    }
}

#[tokio::test]
async fn a_file_of_figures_that_cannot_be_taken_says_why() {
    let data = fresh_folder();
    std::fs::create_dir_all(&data).expect("a folder");
    let odd = data.join("so-lieu.txt");
    std::fs::write(&odd, "dataElement,period,orgUnit,value\n").expect("a file");
    let odd = odd.display().to_string();
    let nowhere = data.join("khong-co.csv").display().to_string();
    let folder = data.display().to_string();
    for (words, told) in [
        (["figures", "import", &nowhere].as_slice(), "Không mở được tệp số liệu"),
        (&["figures", "import", "--format", "csv", &folder], "Không mở được tệp số liệu"),
        (&["figures", "import", &odd], "--format csv"),
        // A folder without a node is not made one.
        (&["figures", "import", "--format", "csv", &odd], "Chưa có máy nào trong thư mục"),
        (&["figures", "import", &odd, "--paper", "12/BC-UBND"], "--by"),
    ] {
        refuses(words, &data, &[told]);
    }
    assert!(!data.join("node.json").exists());
}

#[test]
fn what_stands_in_the_way_of_a_start_is_said_in_words() {
    let folder = fresh_folder();
    std::fs::create_dir_all(&folder).expect("a folder");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").to_string();
    refuses(
        &["serve", "--listen", &port],
        &folder.join("a"),
        &[&port, "đang có chương trình khác dùng", "--listen"],
    );
    refuses(
        &["serve", "--listen", "192.0.2.1:80"],
        &folder.join("b"),
        &["Không mở được cổng 192.0.2.1:80"],
    );

    let file = folder.join("file");
    std::fs::write(&file, b"").expect("a file");
    refuses(
        &["serve", "--listen", "127.0.0.1:0"],
        &file.join("data"),
        &["Không ghi được vào thư mục dữ liệu"],
    );

    let running = folder.join("running");
    let held = hold(&running).expect("nobody has it");
    refuses(
        &["serve", "--listen", "127.0.0.1:0"],
        &running,
        &["tiến trình nhipcau khác", "systemctl stop"],
    );
    refuses(
        &["join", "http://127.0.0.1:9", "ABCDE-FGHJK-MNPQR"],
        &running,
        &["tiến trình nhipcau khác"],
    );
    drop(held);
    assert!(hold(&running).is_ok(), "the folder is free again");

    let mysql = ["serve", "--listen", "127.0.0.1:0", "--database-url", "mysql://u:secret@h/d"];
    refuses(&mysql, &folder.join("c"), &["--database-url không đúng", "postgres://"]);
    let nobody =
        ["serve", "--listen", "127.0.0.1:0", "--database-url", "postgres://u:secret@127.0.0.1:9/d"];
    let started = std::time::Instant::now();
    let output = run(&nobody, &folder.join("d"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("Không mở được cơ sở dữ liệu PostgreSQL"), "{said}");
    assert!(
        said.contains("refused") && !said.contains("secret"),
        "the cause, and no password: {said}"
    );
    assert!(started.elapsed().as_secs() < 30, "it does not wait a minute");
    let elsewhere = folder.join("elsewhere");
    let there = NodeFile { records: Some("postgres".to_owned()), ..NodeFile::new_hub() };
    there.write(&elsewhere).expect("node.json is written");
    refuses(
        &["serve", "--listen", "127.0.0.1:0"],
        &elsewhere,
        &["PostgreSQL", "--database-url", "node.json"],
    );

    let damaged = folder.join("damaged");
    std::fs::create_dir_all(&damaged).expect("a folder");
    std::fs::write(damaged.join("node.key"), b"abc").expect("a bad key");
    refuses(&["serve", "--listen", "127.0.0.1:0"], &damaged, &["node.key", "Đừng xóa"]);
    std::fs::write(damaged.join("node.json"), b"{").expect("a bad file");
    refuses(&["serve", "--listen", "127.0.0.1:0"], &damaged, &["node.json", "bản sao lưu"]);

    let no_pem = folder.join("ca.pem");
    std::fs::write(&no_pem, b"hello").expect("a file");
    let authority = no_pem.display().to_string();
    refuses(
        &["join", "https://127.0.0.1:9", "ABCDE-FGHJK-MNPQR", "--hub-ca", &authority],
        &folder.join("e"),
        &["ca.pem", "BEGIN CERTIFICATE"],
    );
    let _ = std::fs::remove_dir_all(&folder);
}

#[test]
fn a_backup_made_while_somebody_writes_comes_back_whole_and_never_over_something() {
    testkit::run(async {
        let folder = fresh_folder();
        let config = node(&folder.join("hub")).await;
        let sound = config.data.join("files").join("whole").join("ab");
        std::fs::create_dir_all(&sound).expect("a folder");
        std::fs::write(sound.join("abcd"), b"a sound").expect("a file");
        std::fs::write(config.data.join("hub-ca.pem"), b"an authority").expect("a file");

        let db = open_database(&config).await.expect("the database opens");
        let writer = db.clone();
        let writing = tokio::spawn(async move {
            for n in 0_i64..200 {
                let wrote = writer.change(async |tx| {
                    let name = format!("work-{n}");
                    let write = statement(
                        "insert into kernel_jobs (id, kind, payload, run_at, locked_until, attempts) \
                         values ($1, 'test', '', 0, 0, 0)",
                    );
                    tx.run(write, &[name.as_str().into()]).await?;
                    Ok(())
                });
                wrote.await.expect("a row is written");
            }
        });
        let backup: PathBuf = folder.join("backup");
        keeping::backup(&config, &backup).await.expect("a backup");
        writing.await.expect("the writer is not disturbed");
        db.close().await;
        assert_eq!(
            code(&keeping::backup(&config, &backup).await.expect_err("it is there")),
            "server-backup-there"
        );

        let fresh = NodeArgs::at(&folder.join("fresh")).config();
        keeping::restore(&fresh, &backup).await.expect("it comes back");
        for name in ["node.key", "node.json", "hub-ca.pem", "files/whole/ab/abcd"] {
            let read = |at: &Path| std::fs::read(at.join(name)).expect(name);
            assert_eq!(read(&fresh.data), read(&config.data), "{name}");
        }
        let db = open_database(&fresh).await.expect("it opens");
        assert_eq!(db.check_pages().await.expect("it is examined"), "ok");
        db.close().await;

        let again = keeping::restore(&fresh, &backup).await.expect_err("something is there");
        assert_eq!(code(&again), "server-node-there");
        let third = NodeArgs::at(&folder.join("third")).config();
        let wrong = keeping::restore(&third, &folder).await.expect_err("that is no backup");
        assert_eq!(code(&wrong), "server-no-backup");
        assert!(!third.data.exists(), "nothing was made");
        std::fs::write(backup.join("nhipcau.db"), b"not a database").expect("a bad file");
        keeping::restore(&third, &backup).await.expect_err("that is no database");
        assert!(!third.data.join("node.key").exists(), "half a restore is no node");
        assert!(!third.data.join("nhipcau.db").exists(), "nor does it stand in the way");
        let _ = std::fs::remove_dir_all(&folder);
    });
}
