//! Content-addressed files: named by the BLAKE3 hash of what they hold, written atomically, counted
//! against a quota. What a file means is the features' business.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::io::AsyncWriteExt;

use crate::{
    chance::Chance,
    problem::{NO_SPACE, Outcome, Problem},
};

/// The address of a file: the BLAKE3 hash of its bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileHash(pub [u8; 32]);

impl FileHash {
    /// The address that these bytes have.
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// Reads 64 hex digits.
    pub fn parse(text: &str) -> Option<Self> {
        crate::chance::unhex(text)?.try_into().ok().map(Self)
    }

    /// 64 hex digits.
    pub fn hex(&self) -> String {
        crate::chance::hex(&self.0)
    }
}

impl std::fmt::Display for FileHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.hex())
    }
}

impl std::fmt::Debug for FileHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FileHash({})", &self.hex()[..12])
    }
}

/// A folder of content-addressed files. Cloning shares it.
#[derive(Clone)]
pub struct Files {
    root: Arc<PathBuf>,
    used: Arc<AtomicU64>,
    quota: u64,
    chance: Chance,
    given: Arc<Mutex<Given>>,
}

/// What this process was given to keep, by the round of looking for orphans in which it came: its row may be
/// still to come.
#[derive(Default)]
struct Given {
    round: u64,
    at: HashMap<FileHash, u64>,
}

impl Files {
    /// Opens (and makes) the folder; counts what is in it; removes leftovers of interrupted writes.
    pub async fn open(root: impl Into<PathBuf>, quota: u64, chance: Chance) -> Outcome<Self> {
        let root = root.into();
        for folder in ["whole", "parts", "tmp"] {
            tokio::fs::create_dir_all(root.join(folder)).await?;
        }
        let mut leftovers = tokio::fs::read_dir(root.join("tmp")).await?;
        while let Some(entry) = leftovers.next_entry().await? {
            tokio::fs::remove_file(entry.path()).await?;
        }
        let used = folder_size(&root.join("whole")).await?;
        let used = Arc::new(AtomicU64::new(used));
        let given = Arc::default();
        Ok(Self { root: Arc::new(root), used, quota, chance, given })
    }

    /// Keeps bytes; gives their address. Keeping the same bytes twice stores them once.
    pub async fn put(&self, bytes: &[u8]) -> Outcome<FileHash> {
        let hash = FileHash::of(bytes);
        self.note_given(hash);
        if self.has(hash).await {
            return Ok(hash);
        }
        self.reserve(bytes.len() as u64)?;
        let kept = self.write_whole(hash, bytes).await;
        if kept.is_err() {
            self.used.fetch_sub(bytes.len() as u64, Ordering::SeqCst);
        }
        kept.map(|()| hash)
    }

    async fn write_whole(&self, hash: FileHash, bytes: &[u8]) -> Outcome<()> {
        // Written aside, flushed to the disk, then renamed: a power cut leaves all of it or none.
        let aside = self.root.join("tmp").join(crate::chance::hex(&self.chance.bytes::<8>()));
        let mut file = tokio::fs::File::create(&aside).await?;
        file.write_all(bytes).await?;
        file.sync_all().await?;
        drop(file);
        let path = self.path(hash);
        if let Some(folder) = path.parent() {
            tokio::fs::create_dir_all(folder).await?;
        }
        tokio::fs::rename(&aside, &path).await?;
        sync_folder(&path).await;
        Ok(())
    }

    /// Moves a finished download in; the caller has verified that it hashes to `hash`.
    pub async fn adopt(&self, hash: FileHash, from: &Path) -> Outcome<()> {
        self.note_given(hash);
        let path = self.path(hash);
        if !self.has(hash).await {
            self.reserve(tokio::fs::metadata(from).await?.len())?;
        }
        if let Some(folder) = path.parent() {
            tokio::fs::create_dir_all(folder).await?;
        }
        tokio::fs::rename(from, &path).await?;
        sync_folder(&path).await;
        Ok(())
    }

    /// Lets a file go. Nothing happens when it is not here: whoever removes may have been interrupted before.
    pub async fn remove(&self, hash: FileHash) -> Outcome<()> {
        let path = self.path(hash);
        let bytes = match tokio::fs::metadata(&path).await {
            Ok(about) => about.len(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        tokio::fs::remove_file(&path).await?;
        self.used.fetch_sub(bytes, Ordering::SeqCst);
        Ok(())
    }

    /// Every whole file that is here.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub async fn list(&self) -> Outcome<Vec<FileHash>> {
        let mut found = Vec::new();
        let mut folders = tokio::fs::read_dir(self.root.join("whole")).await?;
        while let Some(folder) = folders.next_entry().await? {
            let mut files = tokio::fs::read_dir(folder.path()).await?;
            while let Some(file) = files.next_entry().await? {
                found.extend(file.file_name().to_str().and_then(FileHash::parse));
            }
        }
        found.sort();
        Ok(found)
    }

    /// A round of looking for orphans begins; gives its number.
    pub fn begin_round(&self) -> u64 {
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        given.round += 1;
        let round = given.round;
        given.at.retain(|_, came| *came + 1 >= round);
        round
    }

    /// Lets a file go, unless this process was given it since the round before the last one began; false then.
    /// Nobody is given it while it goes.
    ///
    /// # Errors
    /// If the file cannot be removed.
    pub async fn remove_unless_new(&self, hash: FileHash, round: u64) -> Outcome<bool> {
        let files = self.clone();
        let removed = tokio::task::spawn_blocking(move || {
            let given = files.given.lock().unwrap_or_else(PoisonError::into_inner);
            if given.at.get(&hash).is_some_and(|came| *came + 1 >= round) {
                return Ok(false);
            }
            let path = files.path(hash);
            match std::fs::metadata(&path) {
                Ok(about) => {
                    std::fs::remove_file(&path)?;
                    files.used.fetch_sub(about.len(), Ordering::SeqCst);
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
            Ok(true)
        })
        .await;
        Ok(removed.map_err(|error| crate::problem::Failure::fault("remove a file", error))??)
    }

    fn note_given(&self, hash: FileHash) {
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        let round = given.round;
        given.at.insert(hash, round);
    }

    /// True when the file is here, whole.
    pub async fn has(&self, hash: FileHash) -> bool {
        tokio::fs::try_exists(self.path(hash)).await.unwrap_or(false)
    }

    /// The bytes; none when the file is not here.
    pub async fn get(&self, hash: FileHash) -> Outcome<Option<Vec<u8>>> {
        match tokio::fs::read(self.path(hash)).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Where the whole file lies (or would lie).
    pub fn path(&self, hash: FileHash) -> PathBuf {
        let hex = hash.hex();
        self.root.join("whole").join(&hex[..2]).join(hex)
    }

    /// Where an unfinished download of it lies (or would lie).
    pub fn part_path(&self, hash: FileHash) -> PathBuf {
        self.root.join("parts").join(hash.hex())
    }

    /// Bytes kept and the quota.
    pub fn usage(&self) -> (u64, u64) {
        (self.used.load(Ordering::SeqCst), self.quota)
    }

    /// Counts bytes that are about to be written; refuses when the quota does not allow them.
    fn reserve(&self, bytes: u64) -> Outcome<()> {
        let before = self.used.fetch_add(bytes, Ordering::SeqCst);
        if before + bytes > self.quota {
            self.used.fetch_sub(bytes, Ordering::SeqCst);
            return Err(Problem::of(&NO_SPACE).into());
        }
        Ok(())
    }
}

/// Makes a rename itself survive a power cut. Not every file system can; then nothing is lost but time.
async fn sync_folder(path: &Path) {
    if let Some(folder) = path.parent()
        && let Ok(folder) = tokio::fs::File::open(folder).await
    {
        let _ = folder.sync_all().await;
    }
}

async fn folder_size(root: &Path) -> Outcome<u64> {
    let mut total = 0;
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let mut entries = tokio::fs::read_dir(folder).await?;
        while let Some(entry) = entries.next_entry().await? {
            let about = entry.metadata().await?;
            if about.is_dir() {
                folders.push(entry.path());
            } else {
                total += about.len();
            }
        }
    }
    Ok(total)
}
