//! What a node is told about itself: by the command line, and by `node.json` in its data folder.

use std::{
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
};

use kernel::{
    app::{NodeRole, Site},
    chance::{Chance, hex, unhex},
    problem::{Failure, Outcome},
};
use serde::{Deserialize, Serialize};

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
        }
    }

    /// Reads it; none in a folder where no node has lived yet.
    pub fn read(data: &Path) -> Outcome<Option<Self>> {
        match std::fs::read_to_string(data.join("node.json")) {
            Ok(text) => serde_json::from_str(&text)
                .map(Some)
                .map_err(|error| Failure::fault("read node.json", error)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes it.
    pub fn write(&self, data: &Path) -> Outcome<()> {
        std::fs::create_dir_all(data)?;
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| Failure::fault("write node.json", error))?;
        write_whole(&data.join("node.json"), text.as_bytes())
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

/// The node's secret: 32 bytes from which every key of it is derived. Made on first use.
pub fn node_seed(data: &Path) -> Outcome<[u8; 32]> {
    let path = data.join("node.key");
    match std::fs::read_to_string(&path) {
        Ok(text) => unhex(text.trim())
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or_else(|| Failure::fault("read node.key", "it is not 64 hex digits")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            std::fs::create_dir_all(data)?;
            let seed = Chance::system().bytes::<32>();
            write_whole(&path, hex(&seed).as_bytes())?;
            Ok(seed)
        }
        Err(error) => Err(error.into()),
    }
}

/// Writes a small file so that a power cut leaves the old one or the new one; readable by us alone.
fn write_whole(path: &Path, bytes: &[u8]) -> Outcome<()> {
    use std::io::Write;
    let aside = path.with_extension("new");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&aside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&aside, path)?;
    Ok(())
}
