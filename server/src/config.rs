//! What a node is told about itself: by the command line, and by `node.json` in its data folder.

use std::{
    collections::BTreeMap,
    fs::{File, TryLockError},
    io::Write,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
};

use kernel::{
    app::{NodeRole, Site},
    chance::{Chance, hex, unhex},
    problem::{Failure, NO_SPACE, Outcome, Problem},
};
use serde::{Deserialize, Serialize};

use crate::trouble::{self, about, damaged};

/// How a node is run.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where everything of this node lies.
    pub data: PathBuf,
    /// `postgres://…`, or none for SQLite in the data folder.
    pub database_url: Option<String>,
    /// Where it listens.
    pub listen: SocketAddr,
    /// True when people reach it by HTTPS only (a proxy in front ends TLS).
    pub https: bool,
    /// The operator's own proxy, whose `X-Forwarded-For` is believed.
    pub trusted_proxy: Option<IpAddr>,
    /// How many bytes of files it may keep.
    pub files_quota: u64,
}

/// What a node remembers of itself between starts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NodeFile {
    /// `hub` or `point`.
    pub role: String,
    /// Who runs it.
    pub owner_name: String,
    /// Under whom.
    pub owner_parent: String,
    /// The masthead.
    pub title: String,
    /// The area a hub answers for, as a path: a province's hub owes and asks for its own communes' reports.
    /// The whole country when none.
    #[serde(default)]
    pub home: Option<String>,
    /// Which engine holds its records, written down at the first start: a command that names the other one
    /// would find an empty node.
    #[serde(default)]
    pub records: Option<String>,
    /// What leaves this node for people and other systems; nothing when none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outward: Option<Outward>,
}

/// What leaves a node. Secrets stand in files of their own, named by path: absolute, or inside the data folder.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Outward {
    /// The address at which people reach this site, for links: `https://nhipcau.example.gov.vn`.
    pub public_url: String,
    /// The mail server.
    pub mail: Option<MailServer>,
    /// Notifications in browsers.
    pub push: Option<PushSettings>,
    /// Other systems that are told what was approved.
    pub outlets: Vec<OutletSettings>,
}

/// Another system that is told what was approved.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutletSettings {
    /// What it is called here. It must stay: what it was told already is known by it.
    pub name: String,
    /// Where reports are posted.
    pub url: String,
    /// In which form.
    #[serde(default)]
    pub format: OutletFormat,
    /// The first day of approval that is told, `YYYY-MM-DD`.
    pub from: String,
    /// The data sets that are told; all when empty.
    #[serde(default)]
    pub datasets: Vec<String>,
    /// Units below this path.
    #[serde(default = "country")]
    pub scope: String,
    /// The file with a token (`Authorization: Bearer`).
    #[serde(default)]
    pub bearer_file: Option<PathBuf>,
    /// Who signs in (`Authorization: Basic`), with the password in a file.
    #[serde(default)]
    pub user: String,
    /// The file with the password.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// Make everything ready, note it, and send nothing.
    #[serde(default)]
    pub dry_run: bool,
    /// What the system calls things, by our names.
    #[serde(default)]
    pub names: OutletNames,
}

/// In which form another system is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OutletFormat {
    /// Our own JSON.
    #[default]
    Nhipcau,
    /// A data value set of DHIS2.
    Dhis2,
    /// ADX (IHE QRPH).
    Adx,
}

/// Another system's names by ours.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OutletNames {
    /// Data sets.
    pub datasets: BTreeMap<String, String>,
    /// Units, by their ids.
    pub units: BTreeMap<String, String>,
    /// Data elements.
    pub elements: BTreeMap<String, String>,
    /// Coordinates: `gt=nu`; the empty name for totals.
    pub coordinates: BTreeMap<String, String>,
}

fn country() -> String {
    "/vn/".to_owned()
}

/// Notifications in browsers (Web Push).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PushSettings {
    /// Whom a push service may ask about us: `mailto:…` or `https://…`.
    pub contact: String,
    /// The hosts of push services that may be called; a star at the beginning stands for everything below. Those
    /// of the usual browsers when none.
    #[serde(default = "usual_push_hosts")]
    pub hosts: Vec<String>,
}

/// The push services of Chromium, Firefox, Safari and Edge.
fn usual_push_hosts() -> Vec<String> {
    [
        "fcm.googleapis.com",
        "*.push.services.mozilla.com",
        "*.push.apple.com",
        "*.notify.windows.com",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// A mail server that takes letters (SMTP, RFC 5321).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailServer {
    /// Its name, e.g. `smtp.example.gov.vn`.
    pub server: String,
    /// Its port; 465, 587 or 25 by the kind of encryption when none.
    #[serde(default)]
    pub port: Option<u16>,
    /// How the connection is kept from others.
    #[serde(default)]
    pub encryption: Encryption,
    /// Who signs in; nobody when empty.
    #[serde(default)]
    pub user: String,
    /// The file that holds the password.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// The sender: `Nhịp Cầu <nhipcau@example.gov.vn>`.
    pub from: String,
    /// A certificate authority of one's own (PEM), for a server inside an office.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
}

/// How a connection to a mail server is kept from others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encryption {
    /// TLS from the first byte (RFC 8314), port 465.
    #[default]
    Tls,
    /// TLS after STARTTLS, which must be offered, port 587.
    Starttls,
    /// None: for a mail server on this machine only, port 25.
    None,
}

impl NodeFile {
    /// A hub that nobody has named yet.
    pub fn new_hub() -> Self {
        Self {
            role: "hub".to_owned(),
            owner_name: "Bộ Dân tộc và Tôn giáo".to_owned(),
            owner_parent: String::new(),
            title: "Nhịp Cầu".to_owned(),
            home: None,
            outward: None,
            records: None,
        }
    }

    /// A point in a commune.
    pub fn new_point(commune: &str, parent: &str) -> Self {
        Self {
            role: "point".to_owned(),
            owner_name: format!("UBND {commune}"),
            owner_parent: parent.to_owned(),
            title: format!("Nhịp Cầu · {commune}"),
            home: None,
            outward: None,
            records: None,
        }
    }

    /// Reads it; none in a folder where no node has lived yet.
    pub fn read(data: &Path) -> Outcome<Option<Self>> {
        let path = data.join("node.json");
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                serde_json::from_str(&text).map(Some).map_err(|error| damaged(&path, error))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(damaged(&path, error)),
        }
    }

    /// Writes it.
    pub fn write(&self, data: &Path) -> Outcome<()> {
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| Failure::fault("write node.json", error))?;
        write_whole(&data.join("node.json"), text.as_bytes())
    }

    /// Refuses a command that looks for the records in the other engine.
    pub fn must_be_on(&self, config: &Config) -> Outcome<()> {
        match self.records.as_deref() {
            Some(known) if known != engine_of(config) => {
                let engine = if known == POSTGRES { "PostgreSQL" } else { "SQLite" };
                Err(Problem::of(&trouble::OTHER_ENGINE).with("engine", engine).into())
            }
            _ => Ok(()),
        }
    }

    /// Writes down where the records are, when nobody has yet; only once the database was opened.
    pub fn settle_engine(&mut self, config: &Config) -> Outcome<()> {
        if self.records.is_some() {
            return Ok(());
        }
        self.records = Some(engine_of(config).to_owned());
        self.write(&config.data)
    }

    /// Hub or point.
    pub fn role(&self) -> NodeRole {
        if self.role == "point" { NodeRole::Point } else { NodeRole::Hub }
    }

    /// As pages show it.
    pub fn site(&self) -> Site {
        Site {
            owner_name: self.owner_name.clone(),
            owner_parent: self.owner_parent.clone(),
            title: self.title.clone(),
            tagline: "Thông tin đến tận bản làng".to_owned(),
        }
    }
}

const SQLITE: &str = "sqlite";
const POSTGRES: &str = "postgres";

fn engine_of(config: &Config) -> &'static str {
    if config.database_url.is_some() { POSTGRES } else { SQLITE }
}

/// Makes the data folder when it is not there.
pub fn make_folder(data: &Path) -> Outcome<()> {
    std::fs::create_dir_all(data).map_err(|error| shut(data, &error))
}

/// The folder cannot be used, and why; a full disk is told as such.
fn shut(data: &Path, error: &std::io::Error) -> Failure {
    if error.kind() == std::io::ErrorKind::StorageFull {
        return Problem::of(&NO_SPACE).into();
    }
    about(&trouble::FOLDER_SHUT, data).with("why", error.to_string()).into()
}

/// A data folder held by this process alone; given back when this is dropped, or when the process dies.
pub struct Held(#[expect(dead_code, reason = "the lock lives as long as the file is open")] File);

/// Takes the data folder, or says that another process works on it: two would give the same numbers to
/// different records.
pub fn hold(data: &Path) -> Outcome<Held> {
    make_folder(data)?;
    let path = data.join("node.lock");
    let file = File::options().create(true).truncate(false).write(true).open(path);
    let file = file.map_err(|error| shut(data, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(Held(file)),
        Err(TryLockError::WouldBlock) => Err(about(&trouble::NODE_RUNS, data).into()),
        // Some network drives know no locks; the rule then stands in the operator's guide only.
        Err(TryLockError::Error(error)) if error.kind() == std::io::ErrorKind::Unsupported => {
            Ok(Held(file))
        }
        Err(TryLockError::Error(error)) => Err(shut(data, &error)),
    }
}

/// The node's secret: 32 bytes from which every key of it is derived. Made on first use.
pub fn node_seed(data: &Path) -> Outcome<[u8; 32]> {
    let path = data.join("node.key");
    match std::fs::read_to_string(&path) {
        Ok(text) => unhex(text.trim())
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or_else(|| damaged(&path, "not 64 hex digits")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let seed = Chance::system().bytes::<32>();
            write_whole(&path, hex(&seed).as_bytes())?;
            Ok(seed)
        }
        Err(error) => Err(damaged(&path, error)),
    }
}

/// Writes a small file so that a power cut leaves the old one or the new one; readable by us alone.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Outcome<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    make_folder(folder)?;
    write_through(path, bytes).map_err(|error| shut(folder, &error))
}

fn write_through(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let aside = path.with_extension("new");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&aside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&aside, path)?;
    // The new name must survive the power cut too.
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}
