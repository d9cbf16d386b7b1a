//! Looking after a node from its own machine: joining, backing up, bringing back, examining.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

use areas::Area;
use identity::actions::FirstAdministrator;
use kernel::{
    app::{AppRef, NodeRole},
    caller::Caller,
    files::FileHash,
    problem::{OrMissing, Outcome},
    records, sql,
};

use crate::{
    cli::in_words,
    config::{Config, NodeFile, hold, make_folder, write_whole},
    outward::PUSH_KEY_FILE,
    start::{AUTHORITIES_FILE, open_database, read_authorities, start},
    trouble::{self, about},
};

/// Joins a hub; afterwards the data folder belongs to a point. Gives the commune's name. `hub_ca` is a file of
/// certificate authorities that vouch for the hub beside the public ones; it is kept in the data folder.
pub async fn join(
    config: &Config,
    url: &str,
    code: &str,
    hub_ca: Option<&Path>,
) -> Outcome<String> {
    let own = match hub_ca {
        Some(path) => {
            let text = std::fs::read(path).map_err(|error| trouble::damaged(path, error))?;
            read_authorities(path, &text)?;
            Some(text)
        }
        None => None,
    };
    let _held = hold(&config.data)?;
    if let Some(text) = own {
        write_whole(&config.data.join(AUTHORITIES_FILE), &text)?;
    }
    let app = start(config).await?;
    // A folder where joining failed before is a hub that nobody has set up: it may still become a point.
    if app.role == NodeRole::Hub && identity::setup_code(&app).await?.is_none() {
        return Err(about(&trouble::HUB_THERE, &config.data).into());
    }
    let joined = delivery::join(&app, url, code).await?;
    let records = NodeFile::read(&config.data)?.and_then(|node| node.records);
    let node = NodeFile { records, ..NodeFile::new_point(&joined.commune, &joined.province) };
    node.write(&config.data)?;
    app.db.close().await;
    Ok(joined.commune)
}

/// Opens the node that lives in the data folder; refuses where there is none, so that a mistyped path does not
/// make a new one.
pub async fn open(config: &Config) -> Outcome<AppRef> {
    must_live(config)?;
    start(config).await
}

fn must_live(config: &Config) -> Outcome<()> {
    if NodeFile::read(&config.data)?.is_none() {
        return Err(about(&trouble::NO_NODE, &config.data).into());
    }
    Ok(())
}

/// Makes the first administrator with a fresh password; gives the password.
pub async fn make_first_administrator(app: &AppRef, username: &str) -> Outcome<String> {
    let password = one_time_password(app);
    match identity::actions::ensure_first_administrator(&app.db, username, username, &password)
        .await?
    {
        FirstAdministrator::Created(_) => Ok(password),
        FirstAdministrator::AlreadyThere => Err((&trouble::ADMINISTRATOR_THERE).into()),
    }
}

/// Makes an account an administrator of everything again, with a fresh password; gives the password.
pub async fn rescue_administrator(app: &AppRef, username: &str) -> Outcome<String> {
    let password = one_time_password(app);
    identity::actions::rescue_administrator(&app.db, username, &password).await?;
    Ok(password)
}

/// Four groups of hex: 64 bits, easy to read out.
fn one_time_password(app: &AppRef) -> String {
    let hex = kernel::chance::hex(&app.chance().bytes::<8>());
    hex.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join("-")
}

/// A one-time code for the point of the commune with this code today.
pub async fn enrolment_code(app: &AppRef, commune: &str) -> Outcome<String> {
    let area = commune_today(app, commune).await?;
    delivery::actions::make_enrolment_code(app, &Caller::system(app.now()), &area.id).await
}

/// How many points the commune has already. Two that write for it overwrite each other's reports.
pub async fn points_of(app: &AppRef, commune: &str) -> Outcome<usize> {
    let area = commune_today(app, commune).await?;
    let caller = Caller::system(app.now());
    Ok(delivery::actions::before_a_code(app, &caller, &area.id).await?.len())
}

async fn commune_today(app: &AppRef, code: &str) -> Outcome<Area> {
    let today = app.now().day();
    let area = app.db.view(async |tx| Ok(areas::by_code(tx, code, today).await?)).await?;
    area.or_missing(&areas::NOT_FOUND)
}

/// Copies everything of a node into `to`, a folder that must not exist yet.
pub async fn backup(config: &Config, to: &Path) -> Outcome<()> {
    must_live(config)?;
    if to.exists() {
        return Err(about(&trouble::BACKUP_THERE, to).into());
    }
    let made = copy_everything(config, to).await;
    if made.is_err() {
        // Half a backup must not be mistaken for one.
        let _ = std::fs::remove_dir_all(to);
    }
    let copied = made?;
    println!(
        "Đã sao lưu vào {} ({copied} tệp). Thư mục này chứa khóa bí mật của nút: cất như cất con dấu.",
        to.display()
    );
    Ok(())
}

async fn copy_everything(config: &Config, to: &Path) -> Outcome<usize> {
    if let Some(node) = NodeFile::read(&config.data)? {
        node.must_be_on(config)?;
    }
    make_folder(to)?;
    let db = open_database(config).await?;
    if config.database_url.is_none() {
        db.copy_to(&to.join("nhipcau.db").display().to_string()).await?;
    } else {
        eprintln!("Bản ghi nằm trong PostgreSQL: sao lưu bằng pg_dump cùng lúc với lệnh này.");
    }
    db.close().await;
    let copied =
        copy_tree(&config.data.join("files").join("whole"), &to.join("files").join("whole"))?;
    for name in [AUTHORITIES_FILE, PUSH_KEY_FILE, "node.json", "node.key"] {
        copy_when_there(&config.data.join(name), &to.join(name))?;
    }
    Ok(copied)
}

/// Brings a backup back into an empty data folder. Streams begin a new epoch, because numbers were
/// given out since the backup that must never be given out again.
pub async fn restore(config: &Config, from: &Path) -> Outcome<()> {
    let whole = match &config.database_url {
        None => &["node.key", "node.json", "nhipcau.db"][..],
        Some(_) => &["node.key", "node.json"],
    };
    if let Some(missing) = whole.iter().find(|name| !from.join(name).is_file()) {
        return Err(about(&trouble::NO_BACKUP, from).with("missing", *missing).into());
    }
    let there = |name: &&str| config.data.join(name).exists();
    if ["node.key", "node.json", "nhipcau.db"].iter().any(there) {
        return Err(about(&trouble::NODE_THERE, &config.data).into());
    }
    let _held = hold(&config.data)?;
    let brought = bring_back(config, from).await;
    if brought.is_err() {
        // What was half brought back must not be started, nor stand in the way of the next try.
        for name in ["node.key", "node.json", "nhipcau.db", "nhipcau.db-wal", "nhipcau.db-shm"] {
            let _ = std::fs::remove_file(config.data.join(name));
        }
        let _ = std::fs::remove_dir_all(config.data.join("files"));
    }
    brought?;
    println!(
        "Đã khôi phục vào {}. Nút bắt đầu một kỳ số mới; các nơi khác sẽ tự nhận ra.",
        config.data.display()
    );
    Ok(())
}

/// The key comes last: without it nothing of this is a node.
async fn bring_back(config: &Config, from: &Path) -> Outcome<()> {
    copy_tree(&from.join("files").join("whole"), &config.data.join("files").join("whole"))?;
    if config.database_url.is_none() {
        std::fs::copy(from.join("nhipcau.db"), config.data.join("nhipcau.db"))?;
    }
    for name in [AUTHORITIES_FILE, PUSH_KEY_FILE, "node.json"] {
        copy_when_there(&from.join(name), &config.data.join(name))?;
    }
    if let Some(node) = NodeFile::read(&config.data)? {
        node.must_be_on(config)?;
    }
    let db = open_database(config).await?;
    db.change(async |tx| {
        records::begin_new_epoch(tx, 0).await?;
        delivery::after_restore(tx).await
    })
    .await?;
    db.close().await;
    copy_when_there(&from.join("node.key"), &config.data.join("node.key"))
}

/// Copies one file, its mode with it; one that is not there is not missed.
fn copy_when_there(from: &Path, to: &Path) -> Outcome<()> {
    match std::fs::copy(from, to) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn copy_tree(from: &Path, to: &Path) -> Outcome<usize> {
    std::fs::create_dir_all(to)?;
    let mut copied = 0;
    if !from.exists() {
        return Ok(0);
    }
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copied += copy_tree(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
            copied += 1;
        }
    }
    Ok(copied)
}

/// One line of an examination.
struct Finding {
    well: bool,
    what: String,
}

fn well(what: impl Into<String>) -> Finding {
    Finding { well: true, what: what.into() }
}

fn unwell(what: impl Into<String>) -> Finding {
    Finding { well: false, what: what.into() }
}

/// Examines a node; the exit code says whether everything is well.
pub async fn doctor(config: &Config) -> Outcome<ExitCode> {
    must_live(config)?;
    let mut findings = vec![examine_folder(config)];
    match start(config).await {
        Ok(app) => {
            findings.push(well("cơ sở dữ liệu mở được, lược đồ đúng phiên bản"));
            findings.extend(examine_database(&app, config).await?);
            findings.extend(examine_files(&app, config)?);
            let road = delivery::examine(&app).await?;
            findings.extend(road.into_iter().map(|(well, what)| Finding { well, what }));
            findings.extend(examine_outward(&app, config).await?);
            app.db.close().await;
        }
        Err(failure) => {
            findings.push(unwell(format!("không khởi động được: {}", in_words(&failure))));
        }
    }
    let mut out = std::io::stdout();
    for finding in &findings {
        // Whoever reads only the first lines (`| head`) has read enough.
        if writeln!(out, "{} {}", if finding.well { "✓" } else { "✗" }, finding.what).is_err() {
            break;
        }
    }
    let all_well = findings.iter().all(|finding| finding.well);
    Ok(if all_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn examine_folder(config: &Config) -> Finding {
    let probe = config.data.join(".doctor");
    let written = std::fs::File::create(&probe).and_then(|_| std::fs::remove_file(&probe));
    match written {
        Ok(()) => well(format!("ghi được vào {}", config.data.display())),
        Err(error) => unwell(format!("không ghi được vào {}: {error}", config.data.display())),
    }
}

async fn examine_database(app: &AppRef, config: &Config) -> Outcome<Vec<Finding>> {
    let mut findings = Vec::new();
    if config.database_url.is_none() {
        // Only SQLite has a page structure that a power cut on a cheap card may have hurt.
        let check = app.db.check_pages().await?;
        findings.push(if check == "ok" {
            well("tệp dữ liệu nguyên vẹn")
        } else {
            unwell(format!("tệp dữ liệu hỏng: {check}"))
        });
    }
    let (waiting, given_up): (i64, i64) = app
        .db
        .view(async |tx| {
            let waiting = tx.one(sql!("select count(*) as value from kernel_events where handled_at is null and attempts > 0"), &[]).await?;
            let given_up = tx.one(sql!("select count(*) as value from kernel_jobs where given_up_at is not null"), &[]).await?;
            Ok((waiting, given_up))
        })
        .await?;
    findings.push(match waiting {
        0 => well("mọi phản ứng đã chạy xong"),
        n => unwell(format!("{n} sự kiện chưa xử lý được, đang thử lại")),
    });
    findings.push(match given_up {
        0 => well("không có việc nền nào bị bỏ dở"),
        n => unwell(format!("{n} việc nền đã thử nhiều lần không được")),
    });
    Ok(findings)
}

/// Looks at the ways out, and at what waits to leave.
async fn examine_outward(app: &AppRef, config: &Config) -> Outcome<Vec<Finding>> {
    let settings = NodeFile::read(&config.data)?.and_then(|node| node.outward);
    let ways = crate::outward::examine(settings.as_ref(), &config.data).await;
    let mut findings: Vec<Finding> =
        ways.into_iter().map(|(well, what)| Finding { well, what }).collect();
    let (waiting, refused) =
        app.db.view(async |tx| reporting::waiting_and_refused(tx).await).await?;
    findings.push(match refused {
        0 => well(format!("{waiting} thứ đang chờ gửi ra ngoài, không thứ nào bị từ chối")),
        n => unwell(format!("{n} thứ gửi ra ngoài bị từ chối: xem trang /bao-cao/gui-di")),
    });
    Ok(findings)
}

/// Reads every file back and compares it with its name, which is its hash.
fn examine_files(app: &AppRef, config: &Config) -> Outcome<Vec<Finding>> {
    let mut damaged = Vec::new();
    let mut count = 0;
    let mut folders: Vec<PathBuf> = vec![config.data.join("files").join("whole")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
                continue;
            }
            count += 1;
            let name = entry.file_name().to_string_lossy().into_owned();
            if FileHash::of(&std::fs::read(entry.path())?).hex() != name {
                damaged.push(name);
            }
        }
    }
    let (used, quota) = app.files.usage();
    let share = used * 100 / quota.max(1);
    let room = format!("đã dùng {share} % chỗ dành cho tệp");
    let files = match damaged.len() {
        0 => well(format!("{count} tệp nguyên vẹn")),
        n => unwell(format!("{n} trong {count} tệp bị hỏng: {}", damaged.join(", "))),
    };
    Ok(vec![files, if share < 90 { well(room) } else { unwell(room) }])
}
